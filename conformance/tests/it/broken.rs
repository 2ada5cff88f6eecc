//! Broken VMs, and the words that a person reads about each; what a file of settings changes.

use crate::common::{Folder, MMM, Seen};
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
fn one_shot(script: &str, status: i32, words: &[&str]) {
    let vm = format!("sh -c {} sh {{file}}", shell_words::quote(script));
    let flags = format!("{SOME} -j 1 --vm {}", shell_words::quote(&vm));
    judge(&Folder::of(&[]), &flags, status, words);
}

/// A VM that is a shell script and serves.
#[track_caller]
fn serving(script: &str, status: i32, words: &[&str]) {
    let vm = format!("sh -c {}", shell_words::quote(script));
    let flags = format!("{SOME} -j 1 --vm-serve {}", shell_words::quote(&vm));
    judge(&Folder::of(&[]), &flags, status, words);
}

#[test]
fn one_that_runs_nothing_is_told_so_before_the_first_case() {
    let nothing = "the VM fails on the simplest programs of mmm: ";
    let none = "0 agree, 0 differ, 5 not compared";
    one_shot(
        "kill -SEGV $$",
        1,
        &[
            nothing,
            "crashed, killed by signal 11 (segmentation fault)",
            none,
        ],
    );
    serving(
        "echo '<html>'; cat",
        1,
        &[nothing, "not a JSON object: \"<html>\"", none],
    );
    serving(
        "while read -r line; do n=$((n + 1)); echo \"{\\\"id\\\":$n,\\\"output\\\":\\\"\\\",\\\"ending\\\":\\\"limited\\\"}\"; done",
        1,
        &[nothing, "limited", none],
    );
    // One that is not there, whatever it is that is missing.
    serving(
        "exit 3",
        2,
        &[
            nothing,
            "crashed, ended instead of answering: exit status 3",
        ],
    );
    serving(
        "echo no libfoo >&2; exit 1",
        2,
        &[
            "ended",
            "note: no libfoo",
            "printf '%s\\n' '{\"id\":1,\"machine\":\"mmm\"",
        ],
    );
    one_shot(
        "exit 127",
        2,
        &["exit status 127 (in a shell: command not found)"],
    );
    one_shot(
        "echo no libfoo >&2; exit 1",
        2,
        &[
            "note: no libfoo",
            "by hand:",
            "printf 'function main\\nend\\n' > simple.mmm; sh",
        ],
    );
    let folder = Folder::of(&[("mmm.toml", "[engine.it]\nserve = 'false'\nhello = true\n")]);
    judge(
        &folder,
        "--engine it",
        2,
        &["'false' does not say what it can do: ended"],
    );
}

#[test]
fn one_that_prints_right_and_ends_wrong_is_judged() {
    one_shot(
        "MMM run \"$1\"; exit 1",
        1,
        &[
            "all 5 programs had the same result: faulted: exit status 1",
            "2 agree, 3 differ",
        ],
    );
}

#[test]
fn nothing_compared_is_no_pass() {
    let folder = Folder::of(&[(
        "mmm.toml",
        "[engine.it]\nserve = 'MMM serve'\nmachine = 'mmm'\nskip = ['*']\n",
    )]);
    let text = std::fs::read_to_string(folder.path().join("mmm.toml")).unwrap();
    folder.put("mmm.toml", text.replace("MMM", MMM));
    let words = ["no case could be compared, so this run does not count as a pass"];
    judge(&folder, "--engine it --filter void", 1, &words);
    let words = [
        "the VM declares that it does not have the machine py",
        "it has: mmm or sc",
    ];
    folder.put(
        "mmm.toml",
        format!("[engine.it]\nserve = '{MMM} serve'\nhello = true\n"),
    );
    judge(&folder, "--engine it --machine py", 2, &words);
}

#[test]
fn one_that_is_broken_at_times_is_told_when() {
    serving(
        "echo ready.; exec MMM serve",
        1,
        &["not a JSON object: \"ready.\" (messages for people belong on the standard error)"],
    );
    serving(
        "while read -r line; do n=$((n + 1)); answer=$(printf '%s\\n' \"$line\" | MMM serve); \
         printf '%s\\n' \"$answer\"; test $((n % 3)) = 0 && printf '%s\\n' \"$answer\"; done",
        1,
        &[
            "which is that of an earlier request (answer each request once, in order)",
            "retried   a second run, in a fresh process, agrees",
        ],
    );
    serving(
        "for i in 1 2; do read -r line; printf '%s\\n' \"$line\" | MMM serve; done",
        1,
        &[
            "ended instead of answering: exit status 0",
            "retried   a second run, in a fresh process, agrees",
        ],
    );
    one_shot(
        "if test -e mark; then rm mark; exec MMM run \"$1\"; fi; touch mark; echo odd",
        1,
        &["retried   a second run agrees: the engine is nondeterministic"],
    );
    one_shot(
        "head -c 9 /dev/urandom",
        1,
        &["retried   a second run differs in another way"],
    );
}

/// A VM for each program that does something of its own to all but the simplest, in which `$1` is
/// the program's file, and is ours else.
fn but_for_the_simplest(script: &str) -> String {
    let vm = format!("case $1 in */simple.mmm) ;; *) {script} ;; esac; exec {MMM} run \"$1\"");
    let vm = format!("sh -c {} sh {{file}}", shell_words::quote(&vm));
    format!(
        "--machine mmm --timeout 0.3 --vm {}",
        shell_words::quote(&vm)
    )
}

#[test]
fn one_that_hangs_is_given_up_soon() {
    let folder = Folder::of(&[]);
    let begun = Instant::now();
    let all = [
        "was not done after 0.3 s and was stopped",
        "cases in a row hung: ",
        "not run",
        "0 agree, 3",
    ];
    let vm = but_for_the_simplest("sleep 60 & sleep 60");
    judge(&folder, &format!("-j 4 {vm}"), 1, &all);
    // Those of one topic say nothing of another.
    let vm = but_for_the_simplest("grep -q 'call ' $1 && sleep 60");
    let some = ["cases not run, as many of their topic hung", "✓ char"];
    judge(&folder, &format!("-j 1 --filter 'mmm/c*' {vm}"), 1, &some);
    let simplest = [
        "the VM fails on the simplest programs of mmm: hung, was not done after 0.2 s",
        "0 agree, 0 differ, 5 not compared",
    ];
    let vm = "--vm-serve \"sh -c 'timeout=$(cat); sleep 60'\"";
    judge(&folder, &format!("{SOME} --timeout 0.2 {vm}"), 1, &simplest);
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[test]
fn one_that_takes_too_much_is_stopped() {
    let folder = Folder::of(&[]);
    let flags = but_for_the_simplest("exec yes").replace("--timeout 0.3", "--engine flood");
    let (_, command) = flags.split_once("--vm ").unwrap();
    let command = &shell_words::split(command).unwrap()[0];
    let settings = format!("[engine.flood]\ncommand = {command:?}\noutput = 1\n");
    folder.put("mmm.toml", settings);
    let words = ["printed more than 1 MiB and was stopped"];
    judge(&folder, &format!("{SOME} --engine flood"), 1, &words);
    folder.put(
        "mmm.toml",
        "[engine.line]\nserve = \"sh -c 'yes | tr -d \\\"\\\\n\\\"'\"\noutput = 0.5\n",
    );
    let words = ["wrote more than 524288 bytes without ending its line"];
    judge(&folder, &format!("{SOME} --engine line"), 1, &words);
    if cfg!(target_os = "linux") {
        let vm = but_for_the_simplest("exec tail /dev/zero").replace("0.3", "10 --memory 64");
        let words = ["(its memory is capped at 64 MiB: see --memory)"];
        judge(&folder, &format!("--filter mmm/void {vm}"), 1, &words);
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
        "agrees    although the VM's settings expect it to differ: remove it from the expected",
        "agree although they were expected to differ",
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
        "--engine typo --machine sc",
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
    let readme = include_str!("../../../README.md");
    let (_, settings) = readme.split_once("```toml\n").unwrap();
    let (settings, _) = settings.split_once("```").unwrap();
    let config = Config::parse("README.md", settings).unwrap();
    assert!(config.engine("mine").unwrap().serves);
}
