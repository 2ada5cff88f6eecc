//! Broken VMs, and the words that a person reads about each; what a file of settings changes.

mod common;

use common::{Folder, MMM, Seen};
use conformance::engines::config::Config;
use std::time::{Duration, Instant};

/// A few cases are enough to be broken at.
const SOME: &str = "--machine mmm --filter mmm/void";

/// Judges a VM with `flags`, in which `MMM` is our own program, and looks for words.
#[track_caller]
fn judge(folder: &Folder, flags: &str, status: i32, words: &[&str]) -> Seen {
    let seen = folder.run(&format!("conform {}", flags.replace("MMM", MMM)));
    assert_eq!(seen.status, Some(status), "{seen:#?}");
    for word in words {
        let there = seen.out.contains(word) || seen.err.contains(word);
        assert!(there, "{word:?} is not in {seen:#?}");
    }
    seen
}

/// A VM that is a shell script and is started for each program.
#[track_caller]
fn one_shot(script: &str, words: &[&str]) {
    let vm = format!("sh -c {} sh {{file}}", shell_words::quote(script));
    let flags = format!("{SOME} -j 1 --vm {}", shell_words::quote(&vm));
    judge(&Folder::of(&[]), &flags, 1, words);
}

/// A VM that is a shell script and serves.
#[track_caller]
fn serving(script: &str, words: &[&str]) {
    let vm = format!("sh -c {}", shell_words::quote(script));
    let flags = format!("{SOME} -j 1 --vm-serve {}", shell_words::quote(&vm));
    judge(&Folder::of(&[]), &flags, 1, words);
}

#[test]
fn one_that_is_broken_altogether_is_told_so() {
    let by_hand = "does the VM run a program when it is started by hand?";
    one_shot(
        "kill -SEGV $$",
        &[
            "found     ending crashed",
            "each of 5 programs came to the same: crashed: killed by signal 11 (segmentation fault)",
            by_hand,
            "mmm: conforms to 0 of",
            "0 agree, 5 differ",
        ],
    );
    serving(
        "exit 3",
        &["ended instead of answering: exit status 3", by_hand],
    );
    serving(
        "echo no libfoo >&2; exit 1",
        &["the VM    ended", "no libfoo", by_hand],
    );
    serving(
        "echo '<html>'; cat",
        &["wrote a line that is no JSON object: \"<html>\"", by_hand],
    );
    one_shot(
        "exit 127",
        &["faulted: exit status 127 (in a shell: command not found)"],
    );
}

#[test]
fn one_that_is_broken_at_times_is_told_when() {
    serving(
        "echo ready.; exec MMM serve",
        &["no JSON object: \"ready.\" (what is for people belongs on its standard error)"],
    );
    serving(
        "while read -r line; do n=$((n + 1)); answer=$(printf '%s\\n' \"$line\" | MMM serve); \
         printf '%s\\n' \"$answer\"; test $((n % 3)) = 0 && printf '%s\\n' \"$answer\"; done",
        &[
            "which was an earlier one's (one answer to a request, in order)",
            "flickers  it agrees in a fresh process, and alone",
        ],
    );
    serving(
        "for i in 1 2; do read -r line; printf '%s\\n' \"$line\" | MMM serve; done",
        &[
            "ended instead of answering: exit status 0",
            "flickers  it agrees in a fresh process",
        ],
    );
    one_shot(
        "if test -e mark; then rm mark; exec MMM run \"$1\"; fi; touch mark; echo odd",
        &["flickers  it agrees when it is tried again: what decides that?"],
    );
    one_shot(
        "head -c 9 /dev/urandom",
        &["flickers  it came to something else"],
    );
}

#[test]
fn one_that_hangs_is_given_up_soon() {
    let folder = Folder::of(&[]);
    let begun = Instant::now();
    let vm = "--vm \"sh -c 'sleep 60 & sleep 60' sh {file}\"";
    judge(
        &folder,
        &format!("--machine mmm -j 4 --timeout 0.2 {vm}"),
        1,
        &[
            "was not done after 0.2 s and was stopped",
            "cases in a row hung: ",
            "not run",
            "0 agree, 3",
        ],
    );
    assert!(begun.elapsed() < Duration::from_secs(20));
    let hello = "timeout=\"$(cat)\"; sleep 60";
    let vm = format!(
        "--vm-serve {}",
        shell_words::quote(&format!("sh -c '{hello}'"))
    );
    let words = ["after 0.2 s", "each of 5 programs came to the same: hung"];
    judge(&folder, &format!("{SOME} --timeout 0.2 {vm}"), 1, &words);
}

#[test]
fn one_that_takes_too_much_is_stopped() {
    let folder = Folder::of(&[(
        "mmm.toml",
        "[engine.flood]\ncommand = 'yes {file}'\noutput = 1\n[engine.line]\nserve = \"sh -c 'yes | tr -d \\\"\\\\n\\\"'\"\noutput = 0.5\n",
    )]);
    let words = ["printed more than 1 MiB and was stopped"];
    judge(&folder, &format!("{SOME} --engine flood"), 1, &words);
    let words = ["wrote more than 524288 bytes without ending its line"];
    judge(&folder, &format!("{SOME} --engine line"), 1, &words);
    if cfg!(target_os = "linux") {
        let vm = "--memory 64 --vm 'tail /dev/zero {file}'";
        let words = ["(its memory is capped at 64 MiB: see --memory)"];
        judge(&folder, &format!("{SOME} {vm}"), 1, &words);
    }
}

#[test]
fn settings_say_what_is_not_compared() {
    let settings = r#"
[engine.good]
serve = 'MMM serve'
machine = "mmm"
hello = true
[engine.blind]
serve = 'MMM serve'
machine = "mmm"
limits = []
at = false
value = false
faults_alike = [["overflow", "divide-by-zero"]]
skip = ["call/*", "mmm/path/*"]
[engine.theirs]
serve = "sh -c \"MMM serve | sed -u s/stack-size/StackError/\""
machine = "mmm"
fault_map = { StackError = "stack-size" }
[engine.known]
serve = "sh -c \"MMM serve | sed -u s/stack-size/StackError/\""
machine = "mmm"
expected_failures = ["pop/empty*", "mmm/pop/once-*"]
[engine.typo]
serve = 'MMM serve'
skip = ["cal/*"]
[engine.plain]
serve = 'MMM serve'
machine = "sc"
extensions = false
"#;
    let folder = Folder::of(&[("mmm.toml", &settings.replace("MMM", MMM))]);
    judge(
        &folder,
        "--engine good",
        0,
        &[" of mmm on good ('", " agree, 0 differ, "],
    );
    judge(
        &folder,
        "--engine blind",
        0,
        &[
            "skipped by the VM's settings",
            "cases about limits",
            "left out of every comparison: where it was stopped, the program's value, \
             which of overflow, divide-by-zero",
        ],
    );
    judge(
        &folder,
        "--engine theirs --clause mmm.pop",
        0,
        &["0 differ"],
    );
    judge(
        &folder,
        "--engine known --filter mmm/pop/",
        0,
        &["differ as expected", "0 differ"],
    );
    let unexpected = [
        "agrees    though it is among the expected failures of the VM's settings: strike it out",
        "agree though expected to differ",
    ];
    let text = settings
        .replace("MMM", MMM)
        .replace("size/StackError/", "size/stack-size/");
    folder.put("other.toml", text);
    judge(
        &folder,
        "--engines other.toml --engine known --filter mmm/pop/",
        1,
        &unexpected,
    );
    judge(
        &folder,
        "--engine typo",
        2,
        &["'cal/*' in the engine's skip means no case"],
    );
    judge(
        &folder,
        "--engine god",
        2,
        &["has no engine 'god'", "did you mean 'good'?"],
    );
    judge(
        &folder,
        "--engines no.toml --engine x",
        2,
        &["cannot read 'no.toml'"],
    );
    // It takes extensions, though it says that it does not.
    let words = ["with extensions, which the VM does not have", "sc/strict/"];
    judge(&folder, "--engine plain", 1, &words);
}

#[test]
fn cases_are_chosen_by_name_and_clause() {
    let folder = Folder::of(&[]);
    judge(&folder, "--clause '[mmm.ret.1]'", 0, &["✓ ret", "0 differ"]);
    judge(
        &folder,
        "--clause mmm.ret.1 --clause mmm.void",
        0,
        &["✓ ret", "✓ void"],
    );
    let words = [
        "no case shows a clause 'mmm.retn.1'",
        "did you mean 'mmm.ret.1'?",
    ];
    judge(&folder, "--clause mmm.retn.1", 2, &words);
    judge(&folder, "--clause mmm.r", 2, &["no case shows"]);
    judge(
        &folder,
        "--filter sc/ --clause mmm.ret",
        2,
        &["no case of the filter 'sc/' shows"],
    );
    let words = [
        "stopped after the first case that fails:",
        "were not run",
        "0 agree, 1 differ",
    ];
    let vm = "--vm 'cat {file}' --clause mmm.nop --fail-fast -j 1";
    judge(&folder, vm, 1, &words);
}

#[test]
fn the_readme_s_settings_are_good() {
    let readme = include_str!("../../README.md");
    let (_, settings) = readme.split_once("```toml\n").unwrap();
    let (settings, _) = settings.split_once("```").unwrap();
    let config = Config::parse("README.md", settings).unwrap();
    assert!(config.engine("mine").unwrap().serves);
}
