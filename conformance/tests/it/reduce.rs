//! `mmm reduce` as a person types it.

use crate::common::{Folder, MMM, Seen};
use std::process::{Command, Stdio};

const PROGRAM: &str =
    "function main\n\tint 1\n\tprintn *\n\tvoid\n\tcall lib/a.mmm#f\n\tpop\nend\n";
const CALLED: &str = "function g\nend\nfunction f\n\tint 5\n\tprintn *\n\tret\nend\n";

fn folder() -> Folder {
    Folder::of(&[("main.mmm", PROGRAM), ("lib/a.mmm", CALLED)])
}

/// A command of a shell script whose `$1` is the file.
fn script(text: &str) -> String {
    let command = format!("sh -c {} sh {{file}}", shell_words::quote(text));
    shell_words::quote(&command).into_owned()
}

/// Reduces `main.mmm` with a flag that takes a script.
#[track_caller]
fn check(flag: &str, text: &str, small: &str, about: &str) -> Seen {
    let command = script(text);
    let seen = folder().run(&format!("reduce main.mmm {flag} {command}"));
    let seen = seen.is(0, small, about);
    seen.complains("nothing more can be removed")
}

#[test]
fn what_a_script_wants_stays() {
    check(
        "--interesting",
        "grep -q pop \"$1\"",
        "    pop\n",
        "keeping: exit status 0",
    );
    let seen = folder().run("reduce main.mmm --interesting 'grep -q pop'");
    seen.is(
        0,
        "    pop\n",
        "116 bytes in 2 files (8 instructions) -> 8 bytes (1 instruction)",
    );
}

#[test]
fn a_command_dies_in_the_same_way() {
    let dies = "grep -q pop \"$1\" && kill -SEGV $$; grep -q int \"$1\" && exit 3; exit 0";
    check("--crash-of", dies, "    pop\n", "killed by signal 11");
    let says = "grep -q pop \"$1\" && echo \"thread 'x' (7) panicked at a.rs:1:2:\" >&2 && exit 101
        echo \"thread 'x' (7) panicked at b.rs:1:2:\" >&2; exit 101";
    check(
        "--crash-of",
        says,
        "    pop\n",
        "exit status 101, panicked at a.rs:1:2\n",
    );
    let hangs = "grep -q pop \"$1\" || exit 1; sleep 60";
    let seen = folder().run(&format!(
        "reduce main.mmm --timeout 0.2 --crash-of {}",
        script(hangs)
    ));
    seen.is(0, "    pop\n", "keeping: hangs");
}

#[test]
fn a_folder_that_cannot_be_written_is_told_before_the_work() {
    let seen = folder().run("reduce main.mmm -o main.mmm --interesting true");
    assert!(!seen.err.contains("keeping"), "{}", seen.err);
    seen.is(2, "", "cannot write into 'main.mmm'");
}

#[test]
fn a_vm_disagrees_in_the_same_way() {
    // It prints 6 for 5: what it takes to see that is left.
    let wrong = script(&format!("{MMM} run \"$1\" | sed s/5/6/"));
    let folder = folder();
    let seen = folder.run(&format!("reduce main.mmm -o small --vm {wrong}"));
    seen.is(0, "", "keeping: different output");
    let small = std::fs::read_to_string(folder.path().join("small/main.mmm")).unwrap();
    assert!(small.lines().count() <= 5, "{small}");
    assert!(small.contains("    int 5\n    printn *\n"), "{small}");
    folder.run("run small/main.mmm").is(0, "5\n", "");
}

#[test]
fn anything_can_be_made_smaller() {
    let folder = Folder::of(&[("crash-1", "some\nthing { odd }\nhere\n")]);
    let command = script("grep -q '{.*}' \"$1\" && kill -ABRT $$; exit 0");
    let seen = folder.run(&format!("reduce crash-1 --crash-of {command}"));
    seen.is(0, "{}", "killed by signal 6");
    let seen = folder.run(&format!("reduce crash-1 -o small --crash-of {command}"));
    seen.is(0, "", "written: small/crash-1");
    let small = std::fs::read(folder.path().join("small/crash-1")).unwrap();
    assert_eq!(small, b"{}");
    folder.put("bytes.pyc", b"\x61\x0d\x0d\x0a\0\0\0\xff\0x\0\0");
    let command = script("tr -d '\\0a' < \"$1\" | grep -q x && exit 9; exit 0");
    let seen = folder.run(&format!("reduce bytes.pyc --crash-of {command}"));
    seen.is(0, "x", "exit status 9");
}

#[test]
fn files_packed_in_one_stay_packed() {
    let packed = format!("{PROGRAM}#! file lib/a.mmm\n{CALLED}");
    let folder = Folder::of(&[("crash-1", &packed)]);
    let command = script("grep -q '^#! file' \"$1\" && grep -q ret \"$1\" && exit 7; exit 0");
    let seen = folder.run(&format!(
        "reduce crash-1 --packed -o small --crash-of {command}"
    ));
    seen.is(0, "", "exit status 7");
    let small = std::fs::read_to_string(folder.path().join("small/crash-1")).unwrap();
    assert!(small.len() < 40 && small.contains("#! file"), "{small}");
}

#[test]
fn a_binary_file_becomes_text_if_it_may() {
    let folder = Folder::of(&[(
        "a.sca",
        "x = 1\nwhile x < 3\n  print(x, x + 1)\n  x = x + 1\nend\n",
    )]);
    folder.run("asm a.sca -o a.sc").is(0, "", "");
    let text = script(&format!("{MMM} run \"$1\" | grep -q '2 3'"));
    let seen = folder.run(&format!("reduce a.sc --interesting {text}"));
    seen.is(0, "print(2, 3)\n", "nothing more");
    let binary = script(&format!(
        "head -c 4 \"$1\" | grep -q Sc && {MMM} run \"$1\" | grep -q 2"
    ));
    let seen = folder.run(&format!("reduce a.sc --interesting {binary} -o small"));
    assert_eq!(seen.status, Some(0), "{seen:#?}");
    folder.run("dis small/a.sc").is(0, "print(2)\n", "");
}

#[test]
fn it_can_be_bounded() {
    let command = script("grep -q pop \"$1\"");
    let seen = folder().run(&format!(
        "reduce main.mmm --tries 3 --interesting {command}"
    ));
    assert_eq!(seen.status, Some(0), "{seen:#?}");
    assert!(seen.out.contains("pop"), "{seen:#?}");
    seen.complains("stopped at the limit");
    let slow = script("sleep 0.1; grep -q pop \"$1\"");
    let seen = folder().run(&format!(
        "reduce main.mmm --seconds 0.3 --interesting {slow}"
    ));
    seen.complains("stopped at the limit");
}

#[test]
fn an_interrupt_keeps_the_smallest_so_far() {
    let folder = folder();
    let slow = shell_words::split(&script("sleep 0.4; grep -q pop \"$1\"")).unwrap();
    let child = folder
        .mmm()
        .args(["reduce", "main.mmm", "--interesting", &slow[0]])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let mut kill = Command::new("kill");
    let killed = kill.args(["-INT", &child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    let seen = Seen::from(child.wait_with_output().unwrap());
    assert_eq!(seen.status, Some(0), "{seen:#?}");
    assert!(seen.out.contains("pop"), "{seen:#?}");
    seen.complains("more might be removable");
}

#[test]
fn what_flickers_is_refused() {
    let folder = folder();
    let flag = folder.path().join("flag").display().to_string();
    let flickers = script(&format!(
        "test -e {flag} && rm {flag} && exit 1; touch {flag}"
    ));
    let seen = folder.run(&format!("reduce main.mmm --interesting {flickers}"));
    seen.is(2, "", "not interesting every time: 1 of 2 times");
}

#[test]
fn what_cannot_be_reduced_is_said() {
    let folder = folder();
    let check = |line: &str, err: &str| {
        folder.run(line).is(2, "", err);
    };
    check(
        "reduce main.mmm --crash-of 'true {file}'",
        "does not fail on 'main.mmm'",
    );
    check(
        "reduce main.mmm --crash-of 'true'",
        "--crash-of 'true {file}'",
    );
    check(
        "reduce main.mmm --crash-of 'no-such-vm {file}'",
        "cannot start",
    );
    check(
        "reduce gone --crash-of 'true {file}'",
        "there is no file 'gone'",
    );
    check("reduce lib --crash-of 'true {file}'", "'lib' is a folder");
    check("reduce main.mmm --interesting false", "is not interesting");
    check(
        "reduce main.mmm --vm 'true {file}' --crash-of 'true {file}'",
        "cannot be used with",
    );
}
