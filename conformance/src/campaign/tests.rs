use super::{Options, Shard, Summary, run};
use crate::case::Case;
use crate::compare::Kind;
use crate::engine::{Ending, Engine, Observation};
use crate::generate::Aim;
use crate::machine::Machine;
use crate::reference;
use std::fs;

/// The reference with a mistake.
struct Mistaken(fn(&mut Observation));

impl Engine for Mistaken {
    fn name(&self) -> &str {
        "mistaken"
    }

    fn observe(&mut self, case: &Case) -> Observation {
        let mut seen = reference::read(case).seen;
        (self.0)(&mut seen);
        seen
    }
}

fn forgets_overflow(seen: &mut Observation) {
    if seen.fault.as_deref() == Some("overflow") {
        *seen = Observation::of(Ending::Returned);
    }
}

fn panics_at_a_mismatch(seen: &mut Observation) {
    assert_ne!(seen.fault.as_deref(), Some("type-mismatch"), "oh no");
}

fn campaign(options: &Options, mistake: fn(&mut Observation)) -> Summary {
    let engines = move || Ok(vec![Box::new(Mistaken(mistake)) as Box<dyn Engine>]);
    run(options, &engines, &mut |_| {}).expect("nothing is saved")
}

#[test]
fn a_mistake_is_found_and_reduced() {
    let summary = campaign(&Options::new(Machine::Mmm, 1, 500), forgets_overflow);
    let [finding] = &summary.findings[..] else {
        panic!("{:?}", summary.findings);
    };
    assert_eq!(finding.difference.kind, Kind::Ending);
    assert_eq!(finding.expected.fault.as_deref(), Some("overflow"));
    assert_eq!(finding.times, summary.disagreements);
    let text = String::from_utf8_lossy(&finding.case.files[&finding.case.entry]);
    assert_eq!(text.lines().count(), 6, "{text}");
}

#[test]
fn a_panic_is_a_crash() {
    let summary = campaign(&Options::new(Machine::Mmm, 1, 500), panics_at_a_mismatch);
    let [finding] = &summary.findings[..] else {
        panic!("{:?}", summary.findings);
    };
    assert_eq!(finding.found.ending, Ending::Crashed);
    let detail = finding.found.detail.as_deref().unwrap_or("");
    assert!(
        detail.contains("oh no") && detail.contains("tests.rs"),
        "{detail}"
    );
}

#[test]
fn jobs_and_shards_divide_the_same_programs() {
    let whole = campaign(&Options::new(Machine::Mmm, 5, 1000), forgets_overflow);
    let jobs = Options {
        jobs: 3,
        ..Options::new(Machine::Mmm, 5, 1000)
    };
    let jobs = campaign(&jobs, forgets_overflow);
    assert_eq!(jobs.mnemonics, whole.mnemonics);
    assert_eq!(jobs.boundaries, whole.boundaries);
    assert_eq!(jobs.faults, whole.faults);
    assert_eq!(jobs.findings[0].number, whole.findings[0].number);
    assert_eq!(jobs.findings[0].case, whole.findings[0].case);
    let shards = [0, 1, 2].map(|index| {
        let options = Options {
            shard: Shard { index, count: 3 },
            ..Options::new(Machine::Mmm, 5, 1000)
        };
        campaign(&options, forgets_overflow)
    });
    let sum = |of: fn(&Summary) -> u64| shards.iter().map(of).sum::<u64>();
    assert_eq!(sum(|shard| shard.programs), whole.programs);
    assert_eq!(sum(|shard| shard.disagreements), whole.disagreements);
    assert_eq!(sum(|shard| shard.mnemonics[0].1), whole.mnemonics[0].1);
}

/// Saves what a campaign of that mistake finds; the corpus reads back what was saved.
#[track_caller]
fn check_saved(name: &str, aim: Aim, mistake: fn(&mut Observation)) -> Vec<String> {
    let folder = std::env::temp_dir().join(format!("mmm-findings-{}-{name}", std::process::id()));
    let options = Options {
        aim,
        // Where a case of a topic would stand in the corpus.
        findings: Some(folder.join("mmm")),
        ..Options::new(Machine::Mmm, 1, 2_000)
    };
    let summary = campaign(&options, mistake);
    assert!(!summary.findings.is_empty());
    let mut files = Vec::new();
    for finding in &summary.findings {
        let saved = finding.folder.as_ref().expect("it is saved");
        let page = fs::read_to_string(saved.join("FINDING.md")).expect("the page");
        assert!(page.contains(&finding.difference.found), "{page}");
        fs::remove_file(saved.join("FINDING.md")).expect("it can be removed");
        for file in walkdir::WalkDir::new(saved).into_iter().flatten() {
            files.push(file.file_name().to_string_lossy().into_owned());
        }
    }
    let cases = crate::corpus::read(&folder).expect("cases");
    fs::remove_dir_all(&folder).expect("it can be removed");
    assert_eq!(cases.len(), summary.findings.len());
    for finding in &summary.findings {
        let ends = |case: &&Case| case.name.ends_with(&format!("/{}", finding.case.name));
        let case = cases.iter().find(ends).expect("it is there");
        assert_eq!(case.files, finding.case.files);
        let mut expected = reference::read(case).seen;
        assert_eq!(expected, finding.expected);
        mistake(&mut expected);
        assert_eq!(expected, finding.found);
    }
    files
}

#[test]
fn findings_are_saved_as_cases() {
    let files = check_saved("file", Aim::Any, forgets_overflow);
    assert!(files.iter().any(|file| file == "mmm-1-30.mmm"), "{files:?}");
    check_saved("limit", Aim::Fault("call-depth"), |seen| seen.fault = None);
    check_saved("folder", Aim::Fault("bad-file"), |seen| {
        if seen.at.as_deref().is_some_and(|at| at.starts_with("lib/")) {
            seen.at = None;
        }
    });
    check_saved("flicker", Aim::Fault("file-access"), |seen| {
        if seen.at.as_deref().is_some_and(|at| at.starts_with("app/")) {
            seen.value = Some("1".to_owned());
        }
    });
}

#[test]
fn the_report_names_what_was_found() {
    let summary = campaign(&Options::new(Machine::Mmm, 1, 500), forgets_overflow);
    let text = crate::report::campaign::campaign_text(&summary);
    for part in [
        "  printn ",
        "  returned ",
        "  overflow ",
        "mistaken says returned",
        "500 programs",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}
