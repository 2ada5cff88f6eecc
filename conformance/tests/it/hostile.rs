//! Folders of findings that come from someone else, and text that VMs print.

use crate::common::Folder;

/// A VM that leaves a trace of being started, and sends terminal escapes.
const MARKING: &str = "#!/bin/sh\ntouch started\nprintf '\\033[2J\\342\\200\\256x'\n\
    printf '\\033]0;taken\\007<script>' >&2\nexit 3\n";

const FLAGS: &str = "--vm 'sh marking.sh {file}'";

#[test]
fn a_recorded_command_is_never_started() {
    let folder = Folder::of(&[("marking.sh", MARKING)]);
    let begin = "fuzz --machine mmm --runs 20 --seed 1 --aim overflow --findings found";
    let seen = folder.run(&format!("{begin} {FLAGS}"));
    assert_eq!(seen.status, Some(1), "{seen:#?}");
    let started = folder.path().join("started");
    std::fs::remove_file(&started).expect("it was started");

    let seen = folder.run("fuzz --resume found --runs 40");
    assert_eq!(seen.status, Some(2), "{seen:#?}");
    for part in [
        "a recorded command is never started",
        "--resume found --vm 'sh marking.sh {file}'",
    ] {
        assert!(seen.err.contains(part), "{part} in {seen:#?}");
    }
    assert!(!started.exists());

    let seen = folder.run(&format!("fuzz --resume found --runs 40 {FLAGS}"));
    assert_eq!(seen.status, Some(1), "{seen:#?}");
    assert!(started.exists());
}

#[test]
fn what_a_vm_prints_is_visible_everywhere() {
    let folder = Folder::of(&[("marking.sh", MARKING)]);
    let begin =
        "fuzz --machine mmm --runs 20 --seed 1 --aim overflow --findings found --json r.json";
    let seen = folder.run(&format!("{begin} {FLAGS}"));
    let mut texts = vec![seen.out, seen.err];
    let judged = folder.run(&format!(
        "conform --corpus found {FLAGS} --junit r.xml --html r.html"
    ));
    texts.extend([judged.out, judged.err]);
    for entry in walkdir::WalkDir::new(folder.path()).into_iter().flatten() {
        let name = entry.file_name().to_string_lossy();
        if ["FINDING.md", "r.json", "r.xml", "r.html"].contains(&&*name) {
            texts.push(std::fs::read_to_string(entry.path()).expect("a report"));
        }
    }
    assert!(texts.len() >= 8, "{texts:?}");
    for text in &texts {
        let is_hidden = |c: char| c.is_control() && !"\n\t".contains(c) || c == '\u{202e}';
        assert!(!text.contains(is_hidden), "{text:?}");
    }
    assert!(texts.iter().any(|text| text.contains("u{202e}")));
}

#[test]
fn a_campaign_of_no_programs_is_not_a_success() {
    let folder = Folder::of(&[]);
    let seen = folder.run("fuzz --machine mmm --runs 2 --seed 1 --shard 3/5");
    assert_eq!(seen.status, Some(1), "{seen:#?}");
    assert!(seen.out.contains("nothing was compared"), "{seen:#?}");
}
