//! `mmm run` on Python programs: output, standard error, standard input, arguments, exit status.

use crate::common::{Folder, Seen};
use std::process::Stdio;

const EXIT: &str = "DEFINE main
    LINE 1
    LOAD_NAME print
    LOAD_CONST 'hi'
    CALL_FUNCTION 1
    POP_TOP
    LINE 2
    LOAD_CONST 0
    LOAD_CONST None
    IMPORT_NAME sys
    STORE_NAME sys
    LINE 3
    LOAD_NAME sys
    LOAD_METHOD exit
    LOAD_NAME len
    LOAD_NAME sys
    LOAD_ATTR argv
    CALL_FUNCTION 1
    CALL_METHOD 1
    RETURN_VALUE
END
";

const RAISE: &str = "DEFINE main
    LINE 7
    LOAD_NAME nope
    RETURN_VALUE
END
";

const LOOP: &str = "DEFINE main
    LABEL again
    JUMP_ABSOLUTE again
END
";

const TRACEBACK: &str = "Traceback (most recent call last):
  File \"raise.cpyasm\", line 7, in <module>
NameError: name 'nope' is not defined
";

#[track_caller]
fn check(file: &str, words: &[&str], status: i32, stdout: &str, stderr: &str) {
    let files = [
        ("exit.cpyasm", EXIT),
        ("raise.cpyasm", RAISE),
        ("loop.cpyasm", LOOP),
    ];
    let folder = Folder::of(&files);
    let mut mmm = folder.mmm();
    let mmm = mmm.arg("run").args(words).arg(file).stdin(Stdio::null());
    let seen = Seen::from(mmm.output().expect("mmm starts"));
    seen.is(status, stdout, stderr);
}

#[test]
fn the_exit_status_is_the_program_s() {
    check("exit.cpyasm", &[], 1, "hi\n", "");
    let folder = Folder::of(&[("exit.cpyasm", EXIT)]);
    let mut mmm = folder.mmm();
    let mmm = mmm.args(["run", "exit.cpyasm", "--", "a", "b", "c"]);
    Seen::from(mmm.output().expect("mmm starts")).is(4, "hi\n", "");
}

#[test]
fn an_uncaught_exception_prints_its_traceback() {
    check("raise.cpyasm", &[], 1, "", TRACEBACK);
    let json = "{\"output\":\"\",\"ending\":\"faulted\",\"value\":null,\"fault\":\"NameError\",\
                \"at\":\"raise.cpyasm#<module>:7\"}\n";
    check("raise.cpyasm", &["--json"], 1, json, TRACEBACK);
}

#[test]
fn a_limit_ends_the_run() {
    let stderr = "error: limit out-of-fuel: the program was stopped";
    check("loop.cpyasm", &["--fuel", "1000"], 1, "", stderr);
}

#[test]
fn only_python_programs_take_arguments() {
    let folder = Folder::of(&[("a.mmm", "function main\nend\n")]);
    let mut mmm = folder.mmm();
    let mmm = mmm.args(["run", "a.mmm", "--", "one"]);
    let help = "only Python programs take arguments";
    Seen::from(mmm.output().expect("mmm starts")).is(2, "", help);
}
