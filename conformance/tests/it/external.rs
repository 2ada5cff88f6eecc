//! Somebody else's VM, good and bad: the stand-ins here return, fault, hang, crash, flood, print
//! garbage and refuse to start.

use crate::common::{Folder, MMM};
use conformance::case::Case;
use conformance::conform::{Options, conform};
use conformance::engine::{Ending, Engine, Observation};
use conformance::engines::EngineSpec;
use conformance::engines::external::{ExternalVm, OneShot, Serving};
use conformance::engines::local::Local;
use conformance::engines::process::CommandLine;
use conformance::machine::Machine;
use std::time::{Duration, Instant};

fn program(text: &str) -> Case {
    Case::single(Machine::Mmm, "main.mmm", text)
}

fn hello() -> Case {
    program("function main\n\tstring \"hello\"\n\tprintn *\nend\n")
}

fn foreign(command: &str) -> ExternalVm {
    ExternalVm {
        timeout: Duration::from_secs(20),
        ..ExternalVm::new(CommandLine::parse(command).unwrap())
    }
}

/// A command that a shell carries out.
fn shell(script: &str) -> ExternalVm {
    foreign(&format!("sh -c {} sh {{file}}", shell_words::quote(script)))
}

#[track_caller]
fn check_one_shot(script: &str, ending: Ending, output: &str, detail: &str) {
    let seen = OneShot::new(shell(script)).run(&hello()).unwrap();
    check_seen(seen, ending, output, detail);
}

#[track_caller]
fn check_seen(seen: Observation, ending: Ending, output: &str, detail: &str) {
    assert_eq!(seen.ending, ending, "{seen:?}");
    assert_eq!(String::from_utf8_lossy(&seen.output), output, "{seen:?}");
    let found = seen.detail.unwrap_or_default();
    assert!(found.contains(detail), "{detail:?} is not in {found:?}");
}

#[test]
fn the_end_of_a_process_is_told() {
    check_one_shot("echo '\"hello\"'", Ending::Returned, "\"hello\"\n", "");
    check_one_shot("cat \"$1\" | head -c 8", Ending::Returned, "function", "");
    check_one_shot("printf x; exit 3", Ending::Faulted, "x", "exit status 3");
    check_one_shot("no-such-thing", Ending::Faulted, "", "not found");
    check_one_shot("echo why >&2; exit 1", Ending::Faulted, "", "why");
    check_one_shot(
        "printf x; kill -9 $$",
        Ending::Crashed,
        "x",
        "killed by signal 9 (kill)",
    );
    check_one_shot("kill -SEGV $$", Ending::Crashed, "", "segmentation fault");
    check_one_shot("yes", Ending::Garbled, "", "more than 64 MiB");
    check_one_shot("yes >&2 & sleep 0.1; exit 0", Ending::Returned, "", "y");
    // It reads nothing, waits for nothing, and what it leaves behind does not hold us up.
    check_one_shot("read line || echo none", Ending::Returned, "none\n", "");
    check_one_shot("sleep 100 & echo x", Ending::Returned, "x\n", "");
    check_one_shot("exec >&-; exit 4", Ending::Faulted, "", "exit status 4");
}

#[test]
fn a_process_that_hangs_is_ended_with_all_its_children() {
    let folder = Folder::of(&[]);
    let mark = folder.path().join("alive");
    for script in [
        "sleep 60",
        "sleep 60 & wait",
        "exec >&-; sleep 60",
        "trap '' TERM; sleep 60",
    ] {
        let mut foreign = shell(&format!("(sleep 1; touch {}) & {script}", mark.display()));
        foreign.timeout = Duration::from_millis(300);
        let begun = Instant::now();
        let seen = OneShot::new(foreign).run(&hello()).unwrap();
        check_seen(seen, Ending::Hung, "", "was not done after 0.3 s");
        assert!(begun.elapsed() < Duration::from_secs(10), "{script}");
    }
    std::thread::sleep(Duration::from_millis(1300));
    assert!(!mark.exists(), "a child of the stopped process lived on");
}

#[test]
fn the_files_lie_side_by_side() {
    let mut case = program("function main\nend\n");
    case.files.insert("lib/a.mmm".to_owned(), b"x".to_vec());
    let script = "cd \"$(dirname \"$1\")\" && find . -type f | sort";
    let seen = OneShot::new(shell(script)).run(&case).unwrap();
    check_seen(seen, Ending::Returned, "./lib/a.mmm\n./main.mmm\n", "");
}

#[test]
fn a_command_that_does_not_start_says_so() {
    #[track_caller]
    fn check(command: &str, message: &str, help: &str) {
        let error = OneShot::new(foreign(command)).run(&hello()).unwrap_err();
        assert!(error.message.contains(message), "{error:?}");
        assert!(error.help.contains(help), "{error:?}");
    }
    check(
        "no-such-program-anywhere {file}",
        "cannot start 'no-such",
        "PATH",
    );
    check(
        "./no/such/program {file}",
        "No such file",
        "current directory",
    );
    check("/dev/null {file}", "Permission denied", "chmod +x");
    assert!(CommandLine::parse("").is_err());
    assert!(CommandLine::parse("''").is_err());
    assert!(CommandLine::parse("a 'b").is_err());
}

/// A serving stand-in: for each line of requests the shell does something.
fn serving(script: &str) -> Serving {
    Serving::new(foreign(&format!("sh -c {}", shell_words::quote(script))))
}

#[track_caller]
fn check_serving(script: &str, ending: Ending, detail: &str) {
    let mut engine = serving(script);
    // The second time it is as bad as the first, and not worse.
    for _ in 0..2 {
        check_seen(engine.run(&hello()).unwrap(), ending, "", detail);
    }
}

#[test]
fn a_server_that_answers_badly_is_told() {
    let answer = |text: &str| {
        format!(
            "read line; echo {}; cat >/dev/null",
            shell_words::quote(text)
        )
    };
    check_serving(
        "exit 3",
        Ending::Crashed,
        "instead of answering: exit status 3",
    );
    check_serving("echo why >&2; kill -9 $$", Ending::Crashed, "why");
    check_serving("exec >&-; sleep 60", Ending::Crashed, "");
    check_serving(
        &answer("ready."),
        Ending::Garbled,
        "is not a JSON object: \"ready.\"",
    );
    check_serving(&answer("{\"id\":"), Ending::Garbled, "not an answer");
    check_serving(&answer("[1]"), Ending::Garbled, "not a JSON object");
    check_serving(&answer("{}"), Ending::Garbled, "the id null");
    check_serving(&answer("{\"id\": 77}"), Ending::Garbled, "with the id 77");
    check_serving(
        "yes | tr -d '\\n'",
        Ending::Garbled,
        "without ending its line",
    );
    check_serving("yes", Ending::Garbled, "not a JSON object: \"y\"");
    let first = |rest: &str| {
        Serving::new(foreign(&format!(
            "sh -c {}",
            shell_words::quote(&format!(
                "read line; echo {}; cat >/dev/null",
                shell_words::quote(&format!("{{\"id\": 1, {rest}}}"))
            ),)
        )))
        .run(&hello())
        .unwrap()
    };
    let garbled = |rest: &str, detail: &str| check_seen(first(rest), Ending::Garbled, "", detail);
    garbled("\"output\": \"\"", "without an \"ending\"");
    garbled("\"ending\": \"returned\"", "without an \"output\"");
    garbled("\"ending\": \"exploded\", \"output\": \"\"", "'exploded'");
    garbled("\"ending\": \"crashed\", \"output\": \"\"", "'crashed'");
    garbled("\"ending\": 1, \"output\": \"\"", "not an answer");
    garbled(
        "\"error\": \"no such machine\"",
        "refused the request: no such machine",
    );
    let good = first("\"ending\": \"returned\", \"output\": \"\", \"value\": null, \"more\": 1");
    check_seen(good, Ending::Returned, "", "");
}

#[test]
fn a_server_that_hangs_is_started_anew() {
    let folder = Folder::of(&[]);
    let mark = folder.path().join("mark");
    let mark = mark.display();
    // It hangs the first time it is started, and serves the next.
    let script =
        format!("if test -e {mark}; then exec {MMM} serve; else touch {mark}; sleep 60; fi");
    let mut foreign = foreign(&format!("sh -c {}", shell_words::quote(&script)));
    foreign.timeout = Duration::from_secs(2);
    let mut engine = Serving::new(foreign);
    check_seen(
        engine.run(&hello()).unwrap(),
        Ending::Hung,
        "",
        "was not done after 2 s",
    );
    check_seen(
        engine.run(&hello()).unwrap(),
        Ending::Returned,
        "\"hello\"\n",
        "",
    );
    check_seen(
        engine.run(&hello()).unwrap(),
        Ending::Returned,
        "\"hello\"\n",
        "",
    );
}

#[test]
fn an_interrupt_leaves_nothing_behind() {
    let folder = Folder::of(&[]);
    let script = "echo $$ > pid; echo \"$1\" > file; sleep 60";
    let vm = format!("sh -c {} sh {{file}}", shell_words::quote(script));
    let mut child = folder
        .mmm()
        .args([
            "conform", "--filter", "mmm/void", "--jobs", "1", "--vm", &vm,
        ])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let written = |name: &str| {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
        text.ends_with('\n').then(|| text.trim().to_owned())
    };
    while written("file").is_none() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let kill = |signal: &str, pid: &str| {
        let mut command = std::process::Command::new("kill");
        command
            .args([signal, pid])
            .stderr(std::process::Stdio::null());
        command.status().unwrap().success()
    };
    let pid = written("pid").unwrap();
    assert!(kill("-0", &pid));
    assert!(kill("-INT", &child.id().to_string()));
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!std::path::Path::new(&written("file").unwrap()).exists());
    // It is dead, though perhaps not yet buried by whoever inherited it.
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(!kill("-0", &pid) || state.contains(") Z "), "{state}");
}

#[test]
fn our_own_program_is_somebody_else_s_vm() {
    let texts = [
        "function main\n\tint 4\n\tprintn *\n\tret\nend\n",
        "function main\n\tstring \"\\u{7}é\"\n\tprintn 0\n\tpop\n\tpop\nend\n",
        "function main\n",
        "function main\n\tbreakpoint\n\tstack_size\n\tret\nend\n",
        "function main\n\tint 3\n\tstack_dump\n\tret\nend\n",
        "function main\n\tcall main.mmm#main\nend\n",
    ];
    let mut cases: Vec<Case> = texts.map(program).to_vec();
    cases.push(Case::single(Machine::Mmm, "bytes.mmm", b"\xff".to_vec()));
    let mut limited = program("function main\n\tnop\n\tnop\nend\n");
    limited.limits.fuel = Some(1);
    cases.push(limited);
    let cases: Vec<_> = cases
        .into_iter()
        .map(|case| (case.clone(), Local.observe(&case)))
        .collect();
    let count = |subject: &EngineSpec| {
        let options = Options {
            jobs: 2,
            ..Default::default()
        };
        let report = conform(&cases, subject, &options, &|_, _| ()).unwrap();
        assert_eq!(report.cases.len(), cases.len());
        for case in &report.cases {
            assert!(!case.score.fails(), "{case:?}");
        }
        report.tally().agree
    };
    assert_eq!(count(&EngineSpec::Ours), 8);
    assert_eq!(
        count(&EngineSpec::Serving(foreign(&format!("{MMM} serve")))),
        // The layout of a dump is nobody else's affair.
        7
    );
    // Limits, layouts and the debugger are not for strangers.
    assert_eq!(
        count(&EngineSpec::OneShot(foreign(&format!(
            "{MMM} run {{file}}"
        )))),
        4
    );
}
