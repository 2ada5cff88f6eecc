use super::{Options, Shard, Summary, run};
use crate::case::Case;
use crate::compare::Kind;
use crate::engine::{Ending, Engine, Observation};
use crate::engines::reference::lowered;
use crate::generate::Aim;
use crate::generate::sc::file::{Constant, File, Insn, Op};
use crate::machine::Machine;
use crate::reference;
use std::borrow::Cow;
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

/// The reference on a file of the sc machine in which something is taken for something else.
struct Misread(Misreading);

type Misreading = fn(&mut File);

impl Engine for Misread {
    fn name(&self) -> &str {
        "misread"
    }

    fn observe(&mut self, case: &Case) -> Observation {
        let mut case = lowered(case).map_or_else(|_| case.clone(), Cow::into_owned);
        if let Some(bytes) = case.files.get_mut(&case.entry)
            && let Some(mut file) = File::decode(bytes)
        {
            (self.0)(&mut file);
            *bytes = file.encode();
        }
        reference::read(&case).seen
    }
}

/// Takes one operator for another.
fn operators(file: &mut File, from: u8, to: u8) {
    for op in file.asts.iter_mut().flat_map(|ast| &mut ast.ops) {
        if *op == Op::Operator(from) {
            *op = Op::Operator(to);
        }
    }
}

fn jumps(file: &mut File, stop_only: bool) {
    for at in 0..file.insns.len() {
        if let Insn::Jump(to) = file.insns[at] {
            file.insns[at] = match file.insns.get_mut(to as usize) {
                Some(Insn::End(head)) if stop_only => Insn::Jump(*head),
                Some(head) if !stop_only => Insn::Jump(head.target().map_or(to, |end| *end)),
                _ => Insn::Jump(to),
            };
        }
    }
}

fn constants(file: &mut File, change: fn(&mut Constant)) {
    file.constants.iter_mut().for_each(change);
}

fn loops(file: &mut File, change: fn(&mut [u64; 4])) {
    for insn in &mut file.insns {
        if let Insn::For(fields) = insn {
            change(fields);
        }
    }
}

#[test]
fn every_misreading_is_found() {
    let misreadings: [(&str, Misreading); 18] = [
        ("sub adds", |file| operators(file, 0x05, 0x03)),
        ("mul adds", |file| operators(file, 0x04, 0x03)),
        ("div is mod", |file| operators(file, 0x06, 0x07)),
        ("mod is div", |file| operators(file, 0x07, 0x06)),
        ("lt is le", |file| operators(file, 0x0a, 0x0b)),
        ("le is lt", |file| operators(file, 0x0b, 0x0a)),
        ("gt is ge", |file| operators(file, 0x0c, 0x0d)),
        ("ge is gt", |file| operators(file, 0x0d, 0x0c)),
        ("eq is ge", |file| operators(file, 0x08, 0x0d)),
        ("and is or", |file| operators(file, 0x0f, 0x10)),
        ("or is and", |file| operators(file, 0x10, 0x0f)),
        ("stop proceeds", |file| jumps(file, true)),
        ("proceed stops", |file| jumps(file, false)),
        ("for ends at once", |file| {
            loops(file, |fields| fields[2] = fields[1])
        }),
        ("for starts at its end", |file| {
            loops(file, |fields| fields.swap(1, 2))
        }),
        ("no negative zero", |file| {
            constants(file, |constant| {
                if *constant == Constant::Float(1 << 63) {
                    *constant = Constant::Float(0);
                }
            })
        }),
        ("ints have 63 bits", |file| {
            constants(file, |constant| {
                if let Constant::Int(value) = constant {
                    *value = *value << 1 >> 1;
                }
            })
        }),
        ("texts are ASCII", |file| {
            constants(file, |constant| {
                if let Constant::Str(text) = constant {
                    text.retain(|c| c.is_ascii());
                }
            })
        }),
    ];
    for (what, misreading) in misreadings {
        let options = Options {
            most_findings: 1,
            ..Options::new(Machine::Sc, 1, 3000)
        };
        let engines = move || Ok(vec![Box::new(Misread(misreading)) as Box<dyn Engine>]);
        let summary = run(&options, &engines, &mut |_| {}).expect("nothing is saved");
        assert_eq!(summary.findings.len(), 1, "{what}");
        let case = &summary.findings[0].case;
        let bytes = &case.files[&case.entry];
        let lines = String::from_utf8_lossy(bytes).lines().count();
        assert!(lines <= 14, "{what}:\n{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn damaged_files_are_counted() {
    let options = Options {
        mutated: true,
        ..Options::new(Machine::Sc, 1, 5000)
    };
    let summary = campaign(&options, forgets_overflow);
    assert_eq!((summary.programs, summary.disagreements), (5000, 0));
    let loaded = summary.loaded.expect("it counts them");
    assert!((500..4500).contains(&loaded), "{loaded}");
    let text = crate::report::campaign::campaign_text(&summary);
    assert!(text.contains("5 000 damaged files"), "{text}");
    let options = Options {
        machine: Machine::Mmm,
        ..options
    };
    assert!(run(&options, &|| Ok(Vec::new()), &mut |_| {}).is_err());
}
