//! The program `mmm` as its user sees it: status, stdout, stderr.

use crate::common::{Folder, MMM};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::Duration;

const HELLO: &str = "function main\n\tstring \"hello\"\n\tprintn *\nend\n";
const FAULT: &str = "function main\n\tint 7\n\tprintn *\n\tint 0\n\tbin_op /\nend\n";
const BROKEN: &str = "function main\n    prntn *\nend\n";
const FOREVER: &str = "function main\n\tcall main.mmm#f\nend\nfunction f\n\tint 1\n\tprintn *\n\tvoid\n\tcall main.mmm#f\nend\n";

/// A folder with a program in `main.mmm`.
fn program(text: &str) -> Folder {
    Folder::of(&[("main.mmm", text)])
}

#[track_caller]
fn check_run(text: &str, flags: &str, status: i32, out: &str, err: &str) {
    program(text)
        .run(&format!("run main.mmm {flags}"))
        .is(status, out, err);
}

#[test]
fn the_exit_status_depends_on_the_ending() {
    check_run(HELLO, "", 0, "\"hello\"\n", "");
    check_run(FAULT, "", 1, "7\n", "divide-by-zero");
    check_run(BROKEN, "", 2, "", "did you mean 'printn'?");
    check_run(HELLO, "--fuel 1", 1, "", "out-of-fuel");
    check_run(HELLO, "--fuel 2", 0, "\"hello\"\n", "");
    check_run(HELLO, "--max-output 7", 1, "", "output-limit");
    check_run(HELLO, "--max-output 8", 0, "\"hello\"\n", "");
    check_run(FOREVER, "--max-depth 3", 1, "1\n1\n", "call-depth");
    check_run(FOREVER, "--fuel 2", 1, "", "out-of-fuel");
    check_run(
        FOREVER,
        "--max-memory 100 --max-output 1_000",
        1,
        "1\n1\n1\n1\n",
        "memory-limit",
    );
    check_run("function f\nend\n", "", 2, "", "main");
    check_run("", "", 2, "", "main");
}

#[test]
fn a_fault_shows_the_line_and_the_calls() {
    let folder = Folder::of(&[
        ("main.mmm", "function main\n\tcall lib/a.mmm#f\nend\n"),
        ("lib/a.mmm", "function f\n\tpop\nend\n"),
    ]);
    let seen = folder.run("run main.mmm");
    assert!(seen.err.contains(" --> lib/a.mmm:2:2"), "{}", seen.err);
    assert!(
        seen.err
            .contains("  lib/a.mmm#f:2\n      main.mmm#main:2\n"),
        "{}",
        seen.err
    );
}

#[track_caller]
fn check_json(text: &str, flags: &str, status: i32, object: &str) {
    let seen = program(text).run(&format!("run --json main.mmm {flags}"));
    assert_eq!(seen.status, Some(status), "{seen:#?}");
    assert_eq!(seen.out, format!("{object}\n"), "{seen:#?}");
}

#[test]
fn json_is_one_object_for_every_ending() {
    check_json(
        "function main\n\tstring \"a\\\"b\"\n\tprintn *\n\tret\nend\n",
        "",
        0,
        r#"{"output":"\"a\\\"b\"\n","ending":"returned","value":"\"a\\\"b\"","fault":null,"at":null}"#,
    );
    check_json(
        FAULT,
        "",
        1,
        r#"{"output":"7\n","ending":"faulted","value":null,"fault":"divide-by-zero","at":"main.mmm#main:5"}"#,
    );
    check_json(
        HELLO,
        "--fuel 1",
        1,
        r#"{"output":"","ending":"limited","value":null,"fault":"out-of-fuel","at":"main.mmm#main:3"}"#,
    );
    let refused = r#"{"output":"","ending":"refused","value":null,"fault":null,"at":null}"#;
    check_json(BROKEN, "", 2, refused);
    check_json(HELLO, "--root /usr/bin", 2, refused);
    let seen = program("").run("run --json nowhere.mmm");
    seen.is(2, &format!("{refused}\n"), "there is no file 'nowhere.mmm'");
}

#[test]
fn json_neither_reads_nor_shows_the_debugger() {
    let text = "function main\n\tbreakpoint\n\tint 1\n\tret\nend\n";
    let seen = program(text).run_with("run --json main.mmm", "quit\n");
    seen.is(
        0,
        "{\"output\":\"\",\"ending\":\"returned\",\"value\":\"1\",\"fault\":null,\"at\":null}\n",
        "",
    );
}

#[test]
fn no_file_outside_of_the_root_is_opened() {
    let folder = Folder::of(&[
        ("app/main.mmm", "function main\n\tcall /lib/a.mmm#f\nend\n"),
        (
            "app/up.mmm",
            "function main\n\tint 1\n\tprintn *\n\tcall ../lib/a.mmm#f\nend\n",
        ),
        ("lib/a.mmm", "function f\n\tint 1\n\tpop\n\tpop\nend\n"),
    ]);
    folder.run("run app/main.mmm").is(1, "", "file-access");
    folder.run("run app/up.mmm").is(1, "1\n", "file-access");
    folder
        .run("run --root . app/main.mmm")
        .is(1, "", "stack-size");
    folder
        .run("run --root app app/up.mmm")
        .is(1, "1\n", "file-access");
    folder
        .run("run --root app/.. app/up.mmm")
        .is(1, "1\n", "stack-size");
    folder
        .run("run --root lib app/main.mmm")
        .is(2, "", "is not in the root folder");
    folder
        .run("run --root nowhere app/main.mmm")
        .is(2, "", "nowhere");
    folder
        .run("run --root lib/a.mmm app/main.mmm")
        .is(2, "", "not a folder");
    let seen = folder.run("run --json --root . app/main.mmm");
    assert!(seen.out.contains(r#""at":"lib/a.mmm#f:4""#), "{seen:#?}");
}

#[test]
fn links_do_not_lead_outside_of_the_root() {
    let folder = Folder::of(&[
        ("secret.mmm", "function f\n\tint 1\n\tret\nend\n"),
        (
            "in/main.mmm",
            "function main\n\tcall link.mmm#f\n\tret\nend\n",
        ),
        ("in/near.mmm", HELLO),
    ]);
    symlink("../secret.mmm", folder.path().join("in/link.mmm")).unwrap();
    folder.run("run in/main.mmm").is(1, "", "symbolic link");
    folder.run("run --root . in/main.mmm").is(0, "", "");
    // A link on the command line means its target.
    symlink("in/near.mmm", folder.path().join("outer.mmm")).unwrap();
    folder.run("run outer.mmm").is(0, "\"hello\"\n", "");
    folder
        .run("run --root in outer.mmm")
        .is(0, "\"hello\"\n", "");
    symlink("../in/near.mmm", folder.path().join("in/far.mmm")).unwrap();
    folder.run("run in/far.mmm").is(0, "\"hello\"\n", "");
    symlink("gone.mmm", folder.path().join("dead.mmm")).unwrap();
    folder
        .run("run dead.mmm")
        .is(2, "", "a symbolic link to a file that does not exist");
    symlink("loop.mmm", folder.path().join("loop.mmm")).unwrap();
    folder
        .run("run loop.mmm")
        .is(2, "", "cannot read 'loop.mmm'");
}

#[track_caller]
fn check_unusable(line: &str, err: &str) {
    let folder = Folder::of(&[
        ("main.mmm", HELLO),
        ("notes.txt", "buy bread\n"),
        ("sub/main.mmm", HELLO),
    ]);
    folder.run(line).is(2, "", err);
}

#[test]
fn bad_usage_says_what_to_do() {
    check_unusable("run", "<FILE>");
    check_unusable("run man.mmm", "did you mean 'main.mmm'?");
    check_unusable("run sub", "did you mean 'sub/main.mmm'?");
    check_unusable("run -", "cannot be read from standard input");
    check_unusable("run notes.txt", "--machine mmm");
    check_unusable("run main.mmm/x", "is a file, not a folder");
    check_unusable("run main.mmm --machine mm", "a similar value exists: 'mmm'");
    check_unusable("run main.mmm --fuel -1", "--fuel");
    check_unusable("run main.mmm --fuel=ten", "expected a whole number");
    check_unusable(
        "run main.mmm --fuel 18446744073709551616",
        "the largest number is",
    );
    check_unusable(
        "run main.mmm --machine py",
        "unknown instruction 'function'",
    );
    check_unusable(
        "fuzz --machine py",
        "py has no reference evaluator and no interpreter yet",
    );
    check_unusable("run /dev/null --machine mmm", "is not a file");
    check_unusable("run /dev/stdin --machine mmm", "is not a file");
    check_unusable("rnu main.mmm", "Did you mean 'mmm run'?");
    check_unusable("chek main.mmm", "a similar subcommand exists: 'check'");
    check_unusable("main.mmm", "mmm run main.mmm");
    check_unusable("asm main.mmm -o x", "its text is what runs");
    check_unusable("dis nowhere.mmm", "there is no file");
    check_unusable("dis main.mmm -o no/such/folder", "cannot write");
    check_unusable("check", "<FILES>");
    check_unusable("serve now", "unexpected argument");
    check_unusable("completions tcsh", "possible values");
}

#[test]
fn any_file_runs_if_its_machine_is_named() {
    let folder = Folder::of(&[("notes.txt", HELLO)]);
    folder
        .run("run notes.txt --machine mmm")
        .is(0, "\"hello\"\n", "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::of(&[("main.mmm", HELLO)]);
    let name = std::ffi::OsStr::from_bytes(b"b\xffd.mmm");
    std::fs::write(folder.path().join(name), HELLO).unwrap();
    let output = folder.mmm().arg("run").arg(name).output().unwrap();
    crate::common::Seen::from(output).is(2, "", "not UTF-8");
    // A folder's name is nobody's business.
    let name = std::ffi::OsStr::from_bytes(b"d\xffr");
    std::fs::create_dir(folder.path().join(name)).unwrap();
    std::fs::write(folder.path().join(name).join("a.mmm"), HELLO).unwrap();
    let output = folder
        .mmm()
        .arg("run")
        .arg(folder.path().join(name).join("a.mmm"))
        .output();
    crate::common::Seen::from(output.unwrap()).is(0, "\"hello\"\n", "");
}

#[test]
fn check_reports_each_file() {
    let folder = Folder::of(&[
        ("good.mmm", HELLO),
        (
            "odd.mmm",
            "function main\n\tint 99999999999\n\tcall no.mmm#f\nend\n",
        ),
        ("bad.mmm", BROKEN),
    ]);
    folder.run("check good.mmm").is(0, "good.mmm: ok\n", "");
    folder
        .run("check odd.mmm")
        .is(1, "odd.mmm: 2 findings\n", "odd.mmm:2:6");
    let all = "good.mmm: ok\nodd.mmm: 2 findings\nbad.mmm: does not load\nno.mmm: does not load\n";
    folder
        .run("check good.mmm odd.mmm bad.mmm no.mmm")
        .is(2, all, "there is no file 'no.mmm'");
    folder
        .run("check bad.mmm odd.mmm")
        .complains("did you mean 'printn'?");
    let seen = folder.run("check --json good.mmm odd.mmm bad.mmm");
    assert_eq!(seen.status, Some(2));
    let lines: Vec<serde_json::Value> = seen
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["verdict"], "ok");
    assert_eq!(lines[1]["diagnostics"][0]["line"], 2);
    assert_eq!(lines[1]["verdict"], "findings");
    assert_eq!(lines[2]["diagnostics"][0]["help"], "did you mean 'printn'?");
    assert_eq!(lines[2]["verdict"], "refused");
    assert_eq!(seen.err, "");
}

#[test]
fn dis_prints_what_loads_again() {
    let folder = program("function main # a comment\n   int   1\n\n ret\nend");
    let tidy = "function main\n\tint 1\n\tret\nend\n";
    folder.run("dis main.mmm").is(0, tidy, "");
    folder.run("dis main.mmm -o tidy.mmm").is(0, "", "");
    folder.run("dis tidy.mmm").is(0, tidy, "");
}

#[test]
fn sc_programs_run_from_text_and_bytes() {
    let text = "s = 0\nfor i = 0 to 10\n    s = s + i\nend\nprint(s)\n";
    let folder = Folder::of(&[
        ("sum.sca", text),
        ("bad.sca", "x = 1 / 0\n"),
        ("no.sca", "x = = 1\n"),
    ]);
    folder.run("run sum.sca").is(0, "45\n", "");
    folder.run("asm sum.sca -o sum.sc").is(0, "", "");
    folder.run("run sum.sc").is(0, "45\n", "");
    folder.run("dis sum.sc -o again.sca").is(0, "", "");
    folder.run("asm again.sca -o again.sc").is(0, "", "");
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert_eq!(read("sum.sc"), read("again.sc"));
    folder
        .run("check sum.sca sum.sc")
        .is(0, "sum.sca: ok\nsum.sc: ok\n", "");
    folder.run("run bad.sca").is(1, "", "divide-by-zero");
    folder.run("run no.sca").is(2, "", "no.sca:1");
    folder.run("asm no.sca -o x.sc").is(2, "", "no.sca:1");
    folder.run("asm sum.sc -o x.sc").is(0, "", "");
    assert_eq!(read("x.sc"), read("sum.sc"));
    folder
        .run("run --strict sum.sca")
        .is(2, "", "is an extension");
    folder
        .run("asm --strict sum.sca -o x.sc")
        .is(2, "", "is an extension");
    // What a file is, its content says first.
    std::fs::rename(folder.path().join("sum.sc"), folder.path().join("sum.bin")).unwrap();
    folder.run("run sum.bin --fuel 1_000").is(0, "45\n", "");
    let seen = folder.run("run --json bad.sca");
    let object: serde_json::Value = serde_json::from_str(&seen.out).unwrap();
    assert_eq!(
        (&object["fault"], &object["value"]),
        (&"divide-by-zero".into(), &serde_json::Value::Null)
    );
    assert_eq!(object["at"], "bad.sca:0");
}

const MODULE: &str = "DEFINE main\nLOAD_CONST f\nLOAD_CONST 'f'\nMAKE_FUNCTION 0\nSTORE_NAME f\nLOAD_CONST None\nRETURN_VALUE\nEND\nDEFINE f\nLOAD_CONST 'it''s'\nRETURN_VALUE\nEND\n";

#[test]
fn python_programs_go_from_text_to_bytes_and_back() {
    let folder = Folder::of(&[
        ("main.cpyasm", MODULE),
        ("bad.cpyasm", "DEFINE main\nLOAD_CNST 1\nEND\n"),
        ("broken.pyc", "a\r\r\n"),
    ]);
    folder.run("asm main.cpyasm -o main.pyc").is(0, "", "");
    let seen = folder.run("dis main.pyc");
    assert!(
        seen.out.contains("DEFINE f\n    FIRST_LINE 9\n"),
        "{}",
        seen.out
    );
    folder.run("dis main.pyc -o again.cpyasm").is(0, "", "");
    folder.run("asm again.cpyasm -o again.pyc").is(0, "", "");
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert_eq!(bytes("main.pyc"), bytes("again.pyc"));
    let object = "DEFINE f\n    FIRST_LINE 9\n\n    LINE 10\n        LOAD_CONST          'its'\n\n    LINE 11\n        RETURN_VALUE\nEND\n";
    folder.run("dis main.pyc --object f").is(0, object, "");
    folder
        .run("dis main.pyc --object g")
        .is(2, "", "has no code object 'g'");
    folder
        .run("dis broken.pyc")
        .is(2, "", "the file ends inside the header");
    folder
        .run("asm bad.cpyasm -o bad.pyc")
        .is(2, "", "did you mean 'LOAD_CONST'?");
    let seen = folder.run("dis --verify main.pyc");
    assert!(
        seen.out.starts_with("1 of 1 files are restored"),
        "{}",
        seen.out
    );
    assert_eq!(folder.run("dis --verify .").status, Some(2));
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let text = FOREVER.replace(
        "call main.mmm#f\nend\nfunction f",
        "call main.mmm#g\nend\nfunction g\n\tcall main.mmm#f\n\tcall main.mmm#g\nend\nfunction f",
    );
    let folder = program(&text);
    for flags in [&["run", "main.mmm"][..], &["run", "--json", "main.mmm"]] {
        let mut child = folder
            .mmm()
            .args(flags)
            .args(["--max-depth", "1000000"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = vec![0; 10];
        let mut out = BufReader::new(child.stdout.take().unwrap());
        std::io::Read::read_exact(&mut out, &mut line).unwrap();
        drop(out);
        let output = child.wait_with_output().unwrap();
        let seen = crate::common::Seen::from(output);
        assert_eq!((seen.status, seen.err.as_str()), (Some(0), ""), "{flags:?}");
    }
}

#[test]
fn a_full_disk_is_reported() {
    let folder = program(HELLO);
    for line in [
        "run main.mmm",
        "run --json main.mmm",
        "dis main.mmm",
        "check main.mmm",
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let Ok(full) = full else { return };
        let output = folder
            .mmm()
            .args(line.split(' '))
            .stdout(full)
            .output()
            .unwrap();
        let seen = crate::common::Seen::from(output);
        assert_eq!(seen.status, Some(2), "{line}: {seen:#?}");
        assert!(
            seen.err.contains("cannot write to standard output"),
            "{line}: {seen:#?}"
        );
    }
}

#[test]
fn a_closed_output_does_not_cause_a_panic() {
    let folder = program(HELLO);
    let output = Command::new("sh")
        .current_dir(folder.path())
        .args(["-c", &format!("{MMM} run main.mmm >&- 2>&-")])
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(101));
    assert_eq!(output.stdout, b"");
}

#[test]
fn what_was_printed_is_there_before_the_end() {
    let folder = program("function main\n\tstring \"now\"\n\tprintn *\n\tbreakpoint\nend\n");
    let mut child = folder
        .mmm()
        .args(["run", "main.mmm"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    // The program waits at its breakpoint: this line does not come at its end.
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "\"now\"\n");
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// What the corpus holds is far more than a test of flags needs.
const SOME: &str = "--filter mmm/void";

#[test]
fn conform_runs_on_our_own_machines() {
    let folder = Folder::of(&[]);
    let seen = folder.run("conform");
    assert_eq!((seen.status, seen.err.as_str()), (Some(0), ""), "{seen:#?}");
    assert!(seen.out.contains(" agree, 0 differ, "), "{seen:#?}");
    // What is only loaded agrees with nothing.
    assert!(
        seen.out
            .contains(" cases loaded as they should be, but not run\n"),
        "{seen:#?}"
    );
    assert!(!seen.out.contains('\u{1b}'), "{seen:#?}");
    folder
        .run("conform --filter xyzzy")
        .is(2, "", "no case for any machine has 'xyzzy'");
    for (filter, said) in [
        ("mmm/prntn", "did you mean 'mmm/printn'?"),
        ("operand-surplu*x", "* matches anything"),
        ("stakdump", "did you mean"),
    ] {
        folder
            .run(&format!("conform --filter '{filter}'"))
            .is(2, "", said);
    }
    let seen = folder.run("conform --filter 'void/*surplus'");
    assert!(seen.out.starts_with("1 case of mmm "), "{seen:#?}");
    folder
        .run("conform --corpus .")
        .is(2, "", "there are no cases");
    folder.put("x.mmm", HELLO);
    folder
        .run("conform --corpus .")
        .is(2, "", "is not a corpus");
}

#[test]
fn conform_agrees_with_our_own_program_as_a_vm() {
    let folder = Folder::of(&[]);
    for flags in [
        "--machine mmm --vm 'MMM run {file}'",
        "--machine sc --vm 'MMM run {file}'",
        "--vm-serve 'MMM serve' -j 3",
    ] {
        let seen = folder.run(&format!("conform {}", flags.replace("MMM", MMM)));
        assert_eq!((seen.status, seen.err.as_str()), (Some(0), ""), "{seen:#?}");
        assert!(seen.out.contains(" agree, 0 differ, "), "{seen:#?}");
        assert!(seen.out.contains("not compared: "), "{seen:#?}");
    }
}

/// Two programs import modules that the interpreter does not have yet: `os` and `__future__`.
#[test]
fn the_interpreter_of_python_conforms_but_for_missing_modules() {
    let folder = Folder::of(&[]);
    let flags = "--machine py --vm 'MMM run {file}'".replace("MMM", MMM);
    let seen = folder.run(&format!("conform {flags}"));
    let tally = "430 agree, 2 differ, 29 not compared";
    assert!(seen.out.contains(tally), "{seen:#?}");
    for case in ["✗ py/cpython/annotations", "✗ py/import_name/first_package"] {
        assert!(seen.out.contains(case), "{case}: {seen:#?}");
    }
}

#[test]
fn conform_reports_what_differs() {
    let folder = Folder::of(&[]);
    let vm = "--vm \"sh -c 'MMM run $1 | tac' sh {file}\"".replace("MMM", MMM);
    let seen = folder.run(&format!("conform {SOME} {vm} --save saved"));
    assert_eq!(seen.status, Some(1), "{seen:#?}");
    for part in [
        "✗ mmm/void/operand-surplus",
        "clauses   mmm.",
        "expected  ending refused (exit status other than 0)",
        "found     ending returned",
        "is one operand too many",
        "rerun     mmm conform --vm 'sh -c",
        "sh {file}' --filter mmm/void/operand-surplus",
        "2 differ, 0 not compared",
    ] {
        assert!(seen.out.contains(part), "{part:?} is not in {seen:#?}");
    }
    let saved = seen
        .out
        .lines()
        .filter_map(|line| line.trim().strip_prefix("program   "));
    let saved: Vec<&str> = saved.collect();
    assert_eq!(saved.len(), 2, "{seen:#?}");
    for file in saved {
        assert_ne!(folder.run(&format!("run {file}")).status, Some(0), "{file}");
    }
}

#[test]
fn conform_reports_a_vm_that_does_not_start() {
    check_unusable(
        "conform --vm 'no-such-vm {file}'",
        "cannot start 'no-such-vm'",
    );
    check_unusable(
        "conform --vm-serve 'no-such-vm'",
        "cannot start 'no-such-vm'",
    );
    check_unusable("conform --vm './main.mmm {file}'", "chmod +x");
    check_unusable("conform --vm 'vm'", "add it: --vm 'vm {file}'");
    check_unusable("conform --vm ''", "the command is empty");
    check_unusable("conform --vm \"'vm {file}\"", "quote is not closed");
    check_unusable(
        "conform --vm 'no-such-vm {file}' --vm-serve b",
        "cannot start 'no-such-vm'",
    );
    check_unusable("conform --timeout 0", "a time in seconds");
    check_unusable("conform --jobs 0", "--jobs");
}

#[test]
fn fuzz_finds_nothing_and_says_how_to_look_again() {
    let folder = Folder::of(&[]);
    let seen = folder.run("fuzz --machine mmm --runs 500 --seed 7 --jobs 2");
    assert_eq!((seen.status, seen.err.as_str()), (Some(0), ""), "{seen:#?}");
    assert!(seen.out.contains("500 programs in"), "{seen:#?}");
    assert!(
        seen.out
            .contains("again: mmm fuzz --machine mmm --seed 7 --runs 500\n"),
        "{seen:#?}"
    );
    assert!(!folder.path().join("findings").exists());
    let flags = format!("--runs 64 --seed 1 --vm-serve '{MMM} serve'");
    let seen = folder.run(&format!("fuzz --machine mmm {flags}"));
    assert_eq!(seen.status, Some(0), "{seen:#?}");
    let shard = |flag: &str| {
        folder.run(&format!(
            "fuzz --machine mmm --runs 100 --seed 1 --shard {flag}"
        ))
    };
    assert!(shard("1/3").out.contains("33 programs"));
    assert!(shard("3/3").out.contains("34 programs"));
    assert!(shard("0/3").out.contains("34 programs"));
}

#[test]
fn fuzz_saves_what_it_finds() {
    let folder = Folder::of(&[]);
    let flags = "--machine mmm --runs 20 --seed 1 --aim overflow --findings found";
    let seen = folder.run(&format!("fuzz {flags} --vm 'true {{file}}'"));
    assert_eq!(seen.status, Some(1), "{seen:#?}");
    let found = std::fs::read_dir(folder.path().join("found/mmm")).unwrap();
    let found = found.map(|entry| entry.unwrap().path());
    let found: Vec<_> = found.filter(|path| path.is_dir()).collect();
    assert!(!found.is_empty());
    for finding in &found {
        assert!(finding.join("FINDING.md").exists());
    }
    for part in [
        "mmm and reference agree; true is alone",
        "[mmm.bin_op.",
        "again: mmm fuzz --machine mmm --seed 1 --runs 20 --aim overflow --vm 'true {file}'",
    ] {
        check_says(&seen, 1, part);
    }
    // One screen, with nothing above what was found.
    let lines: Vec<&str> = seen.out.lines().collect();
    assert!(lines[0].starts_with("✗ mmm: "), "{seen:#?}");
    assert!(lines.len() <= 5 + 4 * found.len(), "{seen:#?}");
    // A finding is a case as it is, and so are all of them.
    let all = folder.run("conform --corpus found --vm 'true {file}'");
    check_says(&all, 1, &format!("{} differ", found.len()));
    let one = format!("conform --corpus {}", found[0].display());
    check_says(&folder.run(&one), 0, "1 agree, 0 differ");
}

/// Checks status and a part of what was said.
#[track_caller]
fn check_says(seen: &crate::common::Seen, status: i32, part: &str) {
    let said = seen.out.contains(part) || seen.err.contains(part);
    assert!(
        said && seen.status == Some(status),
        "{part:?} and {status} in {seen:#?}"
    );
}

/// A campaign in parts, one of them in two sessions, comes to what the whole does.
#[test]
fn parts_of_a_campaign_are_merged() {
    let folder = Folder::of(&[]);
    let fuzz = |flags: &str| folder.run(&format!("fuzz --machine mmm --seed 5 --jobs 2 {flags}"));
    let line = |seen: &crate::common::Seen, with: &str| {
        let mut lines = seen.out.lines();
        lines
            .find(|line| line.contains(with))
            .unwrap_or("")
            .to_owned()
    };
    let whole = fuzz("--runs 900 --findings whole --histograms");
    check_says(&whole, 0, "900 programs");
    check_says(
        &fuzz("--runs 900 --shard 1/3 --findings out/1"),
        0,
        "--shard 1/3",
    );
    // As a batch system has it, that counts from 0 and starts again what was ended.
    check_says(
        &fuzz("--runs 300 --shard 0/3 --resume out/0"),
        0,
        "100 programs",
    );
    check_says(
        &fuzz("--runs 900 --shard 0/3 --resume out/0"),
        0,
        "300 programs",
    );
    check_says(
        &fuzz("--runs 900 --shard 2/3 --findings out/2"),
        0,
        "--shard 2/3",
    );
    let merged = folder.run("merge out/0 out/1 out/2 -o all --histograms");
    for word in ["constexpr", "returned", "overflow", "stack-size"] {
        assert_eq!(line(&merged, word), line(&whole, word));
        assert!(line(&merged, word).contains('#'), "{word} in {merged:#?}");
    }
    check_says(&merged, 0, "900 programs");
    check_says(&merged, 0, "3 folders in 'all'\n");
    let run = |command: &str| folder.run(command);
    run("fuzz --machine sc --seed 5 --runs 9 --findings sc");
    for (command, status, part) in [
        ("merge out/0 out/2 -o few", 0, "missing: part 1/3"),
        (
            "merge out/0 whole -o no",
            2,
            "ran some of the same programs",
        ),
        ("merge out/0 sc -o no", 2, "campaigns of different machines"),
        (
            "merge out/0 nowhere -o no",
            2,
            "there is no campaign in 'nowhere'",
        ),
        (
            "fuzz --resume out/0 --seed 6",
            2,
            "its seed is different: 5",
        ),
        ("fuzz --resume all", 2, "merged from several parts"),
        (
            "fuzz --resume nowhere",
            2,
            "there is no campaign in 'nowhere'",
        ),
    ] {
        check_says(&run(command), status, part);
    }
}

#[test]
fn an_interrupted_campaign_still_reports() {
    let folder = Folder::of(&[]);
    let child = folder
        .mmm()
        .args([
            "fuzz",
            "--machine",
            "mmm",
            "--jobs",
            "1",
            "--seconds",
            "600",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Long enough to be at work, however busy the computer is.
    std::thread::sleep(Duration::from_secs(2));
    let mut kill = Command::new("kill");
    assert!(
        kill.args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let seen = crate::common::Seen::from(child.wait_with_output().unwrap());
    assert_eq!(seen.status, Some(0), "{seen:#?}");
    assert!(seen.out.contains("no disagreement"), "{seen:#?}");
}

#[test]
fn bad_usage_of_the_generator_says_what_to_do() {
    check_unusable("fuzz --seconds 1 --runs 1", "cannot be used with");
    check_unusable(
        "fuzz --machine py",
        "py has no reference evaluator and no interpreter yet",
    );
    check_unusable(
        "fuzz --runs 1 --without-ours",
        "there is no engine to compare",
    );
    check_unusable("fuzz --shard 4/3", "such as 1/4");
    check_unusable("fuzz --shard 1", "such as 1/4");
    check_unusable("fuzz --shard 0/0", "such as 1/4");
    check_unusable("fuzz --runs 1 --vm-serve no-such-vm", "cannot start");
    check_unusable("fuzz --runs 1 --aim overflo", "did you mean 'overflow'?");
    check_unusable("gen --aim nonsense", "the endings are: ");
    check_unusable(
        "gen --machine py --aim KeyErorr",
        "did you mean 'KeyError'?",
    );
    check_unusable("gen --output main.mmm", "cannot write into 'main.mmm'");
    check_unusable("reduce main.mmm", "the engines agree on 'main.mmm'");
    check_unusable("reduce nowhere.mmm", "there is no file");
    check_unusable(
        "reduce main.mmm --interesting 'false {file}'",
        "is not interesting",
    );
    check_unusable(
        "reduce main.mmm --interesting 'no-such-thing {file}'",
        "cannot start",
    );
}

#[test]
fn gen_makes_the_same_program_again() {
    let folder = Folder::of(&[]);
    let first = folder.run("gen --seed 7 --number 3 --aim divide-by-zero -o a");
    assert_eq!(first.status, Some(0), "{first:#?}");
    folder
        .run("gen --seed 7 --number 3 --aim divide-by-zero -o b")
        .is(0, "", "to run it: mmm run");
    let command = first.err.trim().strip_prefix("to run it: mmm ").unwrap();
    folder.run(command).complains("divide-by-zero");
    let diff = Command::new("diff")
        .current_dir(folder.path())
        .args(["-r", "a", "b"])
        .output();
    assert!(diff.unwrap().status.success());
    assert_eq!(
        folder.run("gen --seed 7").out,
        folder.run("gen --seed 7").out
    );
    assert!(folder.run("gen").err.contains("seed "));
}

#[test]
fn without_a_command_it_runs_the_corpus_and_a_campaign() {
    let folder = Folder::of(&[]);
    let seen = folder.run("");
    assert_eq!((seen.status, seen.err.as_str()), (Some(0), ""), "{seen:#?}");
    assert!(seen.out.contains("everything agrees; next:"), "{seen:#?}");
    assert!(seen.out.lines().count() < 24, "{seen:#?}");
}

/// The commands that a help text gives as examples.
fn examples(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Examples:")
        .filter_map(|line| line.strip_prefix("  mmm"))
        .map(|line| line.split("   ").next().unwrap_or("").to_owned())
        .map(|line| line.split(" | ").next().unwrap_or("").to_owned())
        .map(|line| line.split(" > ").next().unwrap_or("").to_owned())
        .map(|line| line.split(" < ").next().unwrap_or("").to_owned())
        .collect()
}

#[test]
fn every_help_has_examples_that_are_understood() {
    let folder = Folder::of(&[]);
    let help = folder.run("--help");
    let listed = help
        .out
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1);
    let commands: Vec<&str> = listed
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|word| !word.is_empty() && *word != "help")
        .collect();
    assert!(commands.len() >= 7, "{commands:?}");
    let mut all = examples(&help.out);
    for command in commands {
        let help = folder.run(&format!("{command} --help"));
        let found = examples(&help.out);
        assert!(!found.is_empty(), "mmm {command} --help has no examples");
        assert!(
            help.out.lines().all(|line| line.chars().count() <= 100),
            "{}",
            help.out
        );
        all.extend(found);
    }
    for example in all {
        // Asking for help as well means that the rest is parsed and nothing is done.
        let asked = match example.split_once(" -- ") {
            Some((example, rest)) => format!("{example} --help -- {rest}"),
            None => format!("{example} --help"),
        };
        let seen = folder.run(&asked);
        assert_eq!(seen.status, Some(0), "mmm {example}: {seen:#?}");
    }
}

#[test]
fn completions_are_scripts() {
    let folder = Folder::of(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let seen = folder.run(&format!("completions {shell}"));
        assert_eq!(seen.status, Some(0));
        assert!(seen.out.contains("conform"), "{shell}");
    }
}
