//! The debugger, through a pseudo-terminal as a person uses it, and from plain lines.

use crate::common::{Folder, MMM};
use rexpect::session::{PtySession, spawn_command};
use std::process::Command;

const PROGRAM: &str = "\
function main
\tint 40
\tbreakpoint
\tcall main.mmm#two
\tbin_op +
\tprintn *
\tret
end
function two
\tint 2
\tret
end
";

/// A person's terminal on which a shell command line was typed; `MMM` in it is the program.
fn terminal(folder: &Folder, line: &str) -> PtySession {
    let mut command = Command::new("sh");
    command
        .current_dir(folder.path())
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .args(["-c", &line.replace("MMM", MMM)]);
    spawn_command(command, Some(10_000)).unwrap()
}

fn expect(terminal: &mut PtySession, texts: &[&str]) {
    for text in texts {
        terminal.exp_string(text).unwrap();
    }
}

fn say(terminal: &mut PtySession, line: &str) {
    expect(terminal, &["mmm> "]);
    terminal.send_line(line).unwrap();
}

#[test]
fn a_person_looks_around_and_goes_on() {
    let folder = Folder::of(&[("main.mmm", PROGRAM)]);
    let mut t = terminal(&folder, "MMM run main.mmm; echo status $?");
    expect(&mut t, &["stopped at main.mmm#main:3", "(c)ontinue"]);
    say(&mut t, "help");
    expect(&mut t, &["continue", "run on"]);
    say(&mut t, "stack");
    expect(&mut t, &["40"]);
    say(&mut t, "step");
    expect(&mut t, &["stopped at main.mmm#main:4"]);
    say(&mut t, "step");
    expect(&mut t, &["stopped at main.mmm#two:10"]);
    say(&mut t, "calls");
    expect(&mut t, &["main.mmm#main:4"]);
    say(&mut t, "source");
    expect(&mut t, &["function two"]);
    say(&mut t, "out");
    expect(&mut t, &["stopped at main.mmm#main:5"]);
    say(&mut t, "next");
    expect(&mut t, &["stopped at main.mmm#main:6"]);
    say(&mut t, "sourc");
    expect(&mut t, &["did you mean 'source'?"]);
    say(&mut t, "c");
    expect(&mut t, &["42", "status 0"]);
}

#[test]
fn lines_can_be_edited_and_called_back() {
    let folder = Folder::of(&[("main.mmm", PROGRAM)]);
    let mut t = terminal(&folder, "MMM run main.mmm; echo status $?");
    expect(&mut t, &["mmm> "]);
    // A slip of the finger, taken back; then the same again from the history.
    t.send("stex\x7fp\r").unwrap();
    t.flush().unwrap();
    expect(&mut t, &["stopped at main.mmm#main:4", "mmm> "]);
    t.send("\x1b[A\r").unwrap();
    t.flush().unwrap();
    expect(&mut t, &["stopped at main.mmm#two:10"]);
    say(&mut t, "quit");
    expect(&mut t, &["quit", "status 1"]);
}

#[test]
fn the_end_of_input_goes_on_and_an_interrupt_ends() {
    let folder = Folder::of(&[("main.mmm", PROGRAM)]);
    let mut t = terminal(&folder, "MMM run main.mmm; echo status $?");
    expect(&mut t, &["mmm> "]);
    t.send_control('d').unwrap();
    expect(&mut t, &["42", "status 0"]);
    let mut t = terminal(&folder, "MMM run main.mmm; echo status $?");
    expect(&mut t, &["mmm> "]);
    t.send_control('c').unwrap();
    expect(&mut t, &["fault quit", "status 1"]);
}

#[test]
fn nothing_of_it_is_in_the_program_s_output() {
    let folder = Folder::of(&[("main.mmm", PROGRAM)]);
    let mut t = terminal(&folder, "MMM run main.mmm > out.txt; echo status $?");
    say(&mut t, "step");
    expect(&mut t, &["stopped at main.mmm#main:4"]);
    say(&mut t, "continue");
    expect(&mut t, &["status 0"]);
    let out = std::fs::read_to_string(folder.path().join("out.txt")).unwrap();
    assert_eq!(out, "42\n");
    // With its menu elsewhere too, it takes plain lines of the terminal.
    let mut t = terminal(
        &folder,
        "MMM run main.mmm > out.txt 2> err.txt; echo status $?",
    );
    t.send_line("stack").unwrap();
    t.send_line("quit").unwrap();
    expect(&mut t, &["status 1"]);
    let out = std::fs::read_to_string(folder.path().join("out.txt")).unwrap();
    let err = std::fs::read_to_string(folder.path().join("err.txt")).unwrap();
    assert_eq!(out, "");
    assert!(err.contains("mmm> ") && err.contains("40"), "{err}");
    assert!(!err.contains('\u{1b}'), "{err:?}");
}

#[test]
fn colours_are_for_terminals_and_for_those_who_want_them() {
    let folder = Folder::of(&[("main.mmm", "function main\n\tpop\nend\n")]);
    let colour = "\u{1b}[1;31merror";
    let shown = |line: &str| {
        let mut t = terminal(&folder, &format!("{line}; echo over"));
        t.exp_string("over").unwrap()
    };
    assert!(shown("MMM run main.mmm").contains(colour));
    assert!(shown("NO_COLOR= MMM run main.mmm").contains(colour));
    assert!(!shown("NO_COLOR=1 MMM run main.mmm").contains('\u{1b}'));
    assert!(!shown("TERM=dumb MMM run main.mmm").contains('\u{1b}'));
    assert!(!shown("MMM run main.mmm 2>&1 | cat").contains('\u{1b}'));
    assert!(shown("MMM conform --filter mmm/void").contains('\u{1b}'));
    assert!(!shown("NO_COLOR=1 MMM conform --filter mmm/void 2>&1 | cat").contains('\u{1b}'));
}

#[track_caller]
fn check_lines(input: &str, status: i32, out: &str, err: &str) {
    let folder = Folder::of(&[("main.mmm", PROGRAM)]);
    folder.run_with("run main.mmm", input).is(status, out, err);
}

#[test]
fn lines_from_elsewhere_are_choices_too() {
    check_lines("", 0, "42\n", "mmm> ");
    check_lines("continue\n", 0, "42\n", "stopped at main.mmm#main:3");
    check_lines("c", 0, "42\n", "(c)ontinue");
    check_lines(
        "\n\nstep\r\nstep\r\n",
        0,
        "42\n",
        "stopped at main.mmm#two:10",
    );
    check_lines(
        "next\nnext\nnext\n",
        0,
        "42\n",
        "stopped at main.mmm#main:6",
    );
    check_lines(
        "dump\ncalls\nsource\nhelp\nwhat\n",
        0,
        "42\n",
        "unknown choice 'what'",
    );
    check_lines("quit\n", 1, "", "fault quit");
    check_lines(&"x".repeat(1 << 20), 0, "42\n", "unknown choice");
}
