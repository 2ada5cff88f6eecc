//! The debugger, on a terminal and from plain lines.

use crate::common::terminal::Terminal;
use crate::common::{Folder, MMM};
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

/// Starts a shell command on a terminal; `MMM` in it is the program.
fn terminal(folder: &Folder, line: &str) -> Terminal {
    let mut command = Command::new("sh");
    command
        .current_dir(folder.path())
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .args(["-c", &line.replace("MMM", MMM)]);
    Terminal::start(&command)
}

fn expect(terminal: &mut Terminal, texts: &[&str]) {
    for text in texts {
        terminal.expect(text);
    }
}

fn enter(terminal: &mut Terminal, line: &str) {
    expect(terminal, &["mmm> "]);
    terminal.press(&format!("{line}\n"));
}

#[test]
fn commands_show_the_state_and_step() {
    let folder = Folder::of(&[("main.mmm", PROGRAM)]);
    let mut t = terminal(&folder, "MMM run main.mmm; echo status $?");
    expect(&mut t, &["stopped at main.mmm#main:3", "(c)ontinue"]);
    enter(&mut t, "help");
    expect(&mut t, &["continue", "run on"]);
    enter(&mut t, "stack");
    expect(&mut t, &["40"]);
    enter(&mut t, "step");
    expect(&mut t, &["stopped at main.mmm#main:4"]);
    enter(&mut t, "step");
    expect(&mut t, &["stopped at main.mmm#two:10"]);
    enter(&mut t, "calls");
    expect(&mut t, &["main.mmm#main:4"]);
    enter(&mut t, "source");
    expect(&mut t, &["function two"]);
    enter(&mut t, "out");
    expect(&mut t, &["stopped at main.mmm#main:5"]);
    enter(&mut t, "next");
    expect(&mut t, &["stopped at main.mmm#main:6"]);
    enter(&mut t, "sourc");
    expect(&mut t, &["did you mean 'source'?"]);
    enter(&mut t, "c");
    expect(&mut t, &["42", "status 0"]);
}

#[test]
fn lines_can_be_edited_and_recalled() {
    let folder = Folder::of(&[("main.mmm", PROGRAM)]);
    let mut t = terminal(&folder, "MMM run main.mmm; echo status $?");
    expect(&mut t, &["mmm> "]);
    // A typing mistake and a backspace; then the same line from the history.
    t.press("stex\x7fp\r");
    expect(&mut t, &["stopped at main.mmm#main:4", "mmm> "]);
    t.press("\x1b[A\r");
    expect(&mut t, &["stopped at main.mmm#two:10"]);
    enter(&mut t, "quit");
    expect(&mut t, &["quit", "status 1"]);
}

#[test]
fn the_end_of_input_continues_and_an_interrupt_quits() {
    let folder = Folder::of(&[("main.mmm", PROGRAM)]);
    let mut t = terminal(&folder, "MMM run main.mmm; echo status $?");
    expect(&mut t, &["mmm> "]);
    t.press("\x04");
    expect(&mut t, &["42", "status 0"]);
    let mut t = terminal(&folder, "MMM run main.mmm; echo status $?");
    expect(&mut t, &["mmm> "]);
    t.press("\x03");
    expect(&mut t, &["fault quit", "status 1"]);
}

#[test]
fn the_output_of_the_program_does_not_contain_the_debugger() {
    let folder = Folder::of(&[("main.mmm", PROGRAM)]);
    let mut t = terminal(&folder, "MMM run main.mmm > out.txt; echo status $?");
    enter(&mut t, "step");
    expect(&mut t, &["stopped at main.mmm#main:4"]);
    enter(&mut t, "continue");
    expect(&mut t, &["status 0"]);
    let out = std::fs::read_to_string(folder.path().join("out.txt")).unwrap();
    assert_eq!(out, "42\n");
    // If stderr is not a terminal, it reads plain lines from the terminal.
    let mut t = terminal(
        &folder,
        "MMM run main.mmm > out.txt 2> err.txt; echo status $?",
    );
    t.press("stack\nquit\n");
    expect(&mut t, &["status 1"]);
    let out = std::fs::read_to_string(folder.path().join("out.txt")).unwrap();
    let err = std::fs::read_to_string(folder.path().join("err.txt")).unwrap();
    assert_eq!(out, "");
    assert!(err.contains("mmm> ") && err.contains("40"), "{err}");
    assert!(!err.contains('\u{1b}'), "{err:?}");
}

#[test]
fn only_terminals_without_no_color_get_colours() {
    let folder = Folder::of(&[("main.mmm", "function main\n\tpop\nend\n")]);
    let colour = "\u{1b}[1;31merror";
    let shown = |line: &str| {
        let mut t = terminal(&folder, &format!("{line}; echo over"));
        t.expect("over")
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
fn commands_can_come_from_a_pipe() {
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
        "unknown command 'what'",
    );
    check_lines("quit\n", 1, "", "fault quit");
    check_lines(&"x".repeat(1 << 20), 0, "42\n", "unknown command");
}
