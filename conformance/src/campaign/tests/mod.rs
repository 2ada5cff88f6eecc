mod hostile;

use super::{Contender, Finding, Options, Shard, State, Summary, merge, resume, run};
use crate::case::Case;
use crate::compare::Kind;
use crate::engine::{Ending, Engine, Observation, StartError, Step};
use crate::engines::local::Local;
use crate::engines::reference::{Reference, lowered};
use crate::generate::Aim;
use crate::generate::sc::file::{Constant, File, Insn, Op};
use crate::machine::Machine;
use crate::reference;
use crate::report::paint::Paint;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use vm::base::ColorChoice;

/// The reference with a mistake in its observations.
struct Mistaken(fn(&mut Observation));

impl Engine for Mistaken {
    fn name(&self) -> &str {
        "mistaken"
    }

    fn run(&mut self, case: &Case) -> Result<Observation, StartError> {
        let mut seen = reference::run(case).observation;
        (self.0)(&mut seen);
        Ok(seen)
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
    let engines = move || Ok(vec![Contender::new(Mistaken(mistake))]);
    run(options, &engines, &mut |_| {}).expect("it runs")
}

#[test]
fn a_mistake_is_found_and_reduced() {
    let summary = campaign(&Options::new(Machine::Mmm, 1, 500), forgets_overflow);
    let occurrences = |finding: &Finding| finding.occurrences;
    assert_eq!(
        summary.findings.iter().map(occurrences).sum::<u64>(),
        summary.disagreements
    );
    for finding in &summary.findings {
        assert_eq!(finding.difference.kind, Kind::Ending);
        assert_eq!(finding.expected.fault.as_deref(), Some("overflow"));
        assert_eq!(finding.programs, finding.number + 1);
        assert!(finding.reduced && finding.size() == 3, "{:?}", finding.case);
    }
    assert!(!summary.findings.is_empty());
}

#[test]
fn a_panic_is_a_crash() {
    let summary = campaign(&Options::new(Machine::Mmm, 1, 500), panics_at_a_mismatch);
    let [finding] = &summary.findings[..] else {
        panic!("{:?}", summary.findings);
    };
    assert_eq!(finding.found.ending, Ending::Crashed);
    // It crashes in the same way for several clauses; the instruction is found by fuel.
    let identity = &finding.identity;
    assert_eq!((&*identity.instruction, &*identity.clause), ("bin_op", ""));
    assert!(
        finding.clause.starts_with("mmm.bin_op.type."),
        "{finding:?}"
    );
    assert!(
        identity.kind.starts_with("crashed: mistaken panicked at "),
        "{identity:?}"
    );
    assert!(finding.divergence.is_some() && finding.reproducible);
    let detail = finding.found.detail.as_deref().unwrap_or("");
    assert!(
        detail.contains("oh no") && detail.contains("tests/mod.rs"),
        "{detail}"
    );
}

/// The reference with a mistake, which takes its time.
struct Slow;

impl Engine for Slow {
    fn name(&self) -> &str {
        "slow"
    }

    fn run(&mut self, case: &Case) -> Result<Observation, StartError> {
        std::thread::sleep(Duration::from_millis(300));
        Mistaken(forgets_overflow).run(case)
    }
}

#[test]
fn reduction_ends_when_the_time_is_over() {
    let options = Options {
        aim: Aim::Fault("overflow"),
        time: Some(Duration::from_secs(2)),
        ..Options::new(Machine::Mmm, 1, 1000)
    };
    let engines = || Ok(vec![Contender::new(Slow)]);
    let started = Instant::now();
    let summary = run(&options, &engines, &mut |_| {}).expect("it runs");
    assert!(started.elapsed() < Duration::from_secs(20), "{started:?}");
    assert!(!summary.findings.is_empty());
    for finding in &summary.findings {
        assert!(!finding.reduced && finding.reproducible, "{finding:?}");
    }
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

/// Saves the findings of a campaign and reads them back as a corpus.
#[track_caller]
fn check_saved(name: &str, aim: Aim, mistake: fn(&mut Observation)) -> Vec<String> {
    let folder = std::env::temp_dir().join(format!("mmm-findings-{}-{name}", std::process::id()));
    let options = Options {
        aim,
        findings: Some(folder.clone()),
        ..Options::new(Machine::Mmm, 1, 2_000)
    };
    let summary = campaign(&options, mistake);
    assert!(!summary.findings.is_empty());
    let mut files = Vec::new();
    for finding in &summary.findings {
        let saved = finding.folder.as_ref().expect("it is saved");
        let page = fs::read_to_string(saved.join("FINDING.md")).expect("the page");
        assert!(page.contains(&finding.difference.found), "{page}");
        for file in walkdir::WalkDir::new(saved).into_iter().flatten() {
            files.push(file.file_name().to_string_lossy().into_owned());
        }
    }
    let cases = crate::corpus::read(&folder).expect("cases");
    fs::remove_dir_all(&folder).expect("it can be removed");
    assert_eq!(cases.len(), summary.findings.len());
    for finding in &summary.findings {
        let ends = |case: &&Case| case.name.ends_with(&format!("/{}", finding.case.name));
        let case = cases.iter().find(ends).expect("the case");
        assert_eq!(case.files, finding.case.files);
        let mut expected = reference::run(case).observation;
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
    let text = crate::report::campaign::campaign_text(
        Machine::Mmm,
        &summary,
        true,
        Paint(ColorChoice::Never),
    );
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

/// The reference for sc, which misreads a part of each file.
struct Misread(Misreading);

type Misreading = fn(&mut File);

impl Engine for Misread {
    fn name(&self) -> &str {
        "misread"
    }

    fn run(&mut self, case: &Case) -> Result<Observation, StartError> {
        let mut case = lowered(case).map_or_else(|_| case.clone(), Cow::into_owned);
        if let Some(bytes) = case.files.get_mut(&case.entry)
            && let Some(mut file) = File::decode(bytes)
        {
            (self.0)(&mut file);
            *bytes = file.encode();
        }
        Ok(reference::run(&case).observation)
    }
}

/// Replaces an operator by another.
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
            max_findings: 1,
            ..Options::new(Machine::Sc, 1, 3000)
        };
        let engines = move || Ok(vec![Contender::new(Misread(misreading))]);
        let summary = run(&options, &engines, &mut |_| {}).expect("it runs");
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
    let text = crate::report::campaign::campaign_text(
        Machine::Mmm,
        &summary,
        true,
        Paint(ColorChoice::Never),
    );
    assert!(text.contains("5 000 damaged files"), "{text}");
    let options = Options {
        machine: Machine::Mmm,
        ..options
    };
    assert!(run(&options, &|| Ok(Vec::new()), &mut |_| {}).is_err());
}

/// The reference with a mistake in its observations and one in its traces.
struct Traced {
    name: &'static str,
    mistake: fn(&mut Observation),
    stray: fn(&mut Vec<Step>),
}

impl Engine for Traced {
    fn name(&self) -> &str {
        self.name
    }

    fn run(&mut self, case: &Case) -> Result<Observation, StartError> {
        let mut seen = crate::engines::reference::read(case).observation;
        (self.mistake)(&mut seen);
        Ok(seen)
    }

    fn trace(&mut self, case: &Case, most: usize) -> Option<Vec<Step>> {
        let mut steps = Engine::trace(&mut Reference, case, most)?;
        (self.stray)(&mut steps);
        Some(steps)
    }
}

/// Returns the page of a finding.
fn page(finding: &Finding) -> String {
    let folder = finding.folder.as_ref().expect("it is saved");
    fs::read_to_string(folder.join("FINDING.md")).expect("the page")
}

struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str) -> Temporary {
        let name = format!("mmm-campaign-{}-{name}", std::process::id());
        Temporary(std::env::temp_dir().join(name))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_engine_that_is_alone_is_named() {
    let folder = Temporary::new("alone");
    let options = Options {
        findings: Some(folder.0.clone()),
        engine_flags: [("theirs".to_owned(), "--vm-serve ./theirs".to_owned())].into(),
        ..Options::new(Machine::Mmm, 1, 500)
    };
    let engines = || {
        Ok(vec![
            Contender::new(Local),
            Contender::new(Traced {
                name: "theirs",
                mistake: forgets_overflow,
                stray: |_| {},
            }),
        ])
    };
    let summary = run(&options, &engines, &mut |_| {}).expect("it can be saved");
    let finding = summary.findings.first().expect("a finding");
    let sentence = "vm and reference agree; theirs is alone";
    assert_eq!(finding.groups.to_string(), sentence);
    assert_eq!(finding.engine, "theirs");
    assert_eq!(finding.runs.len(), 3);
    let page = page(finding);
    for part in [
        sentence,
        "≠ ending: returned",
        "ended: faulted overflow",
        " --vm-serve ./theirs\n",
        "mmm gen --machine mmm --seed 1 --number",
    ] {
        assert!(page.contains(part), "{part} in\n{page}");
    }
    assert!(finding.clause.starts_with("mmm.bin_op."), "{page}");
    assert!(
        page.contains(&format!("**[{}]**", finding.clause)),
        "{page}"
    );
    // The folder of a finding is a corpus of one case.
    let cases = crate::corpus::read(finding.folder.as_ref().expect("it is saved"));
    let cases = cases.expect("a part of a corpus");
    assert_eq!(
        cases[0].header.breaks,
        std::slice::from_ref(&finding.clause)
    );
}

/// Prints the name of an exception for programs that contain a word, and a number for others.
struct Looks(&'static str, &'static str);

impl Engine for Looks {
    fn name(&self) -> &str {
        self.0
    }

    fn run(&mut self, case: &Case) -> Result<Observation, StartError> {
        let text = String::from_utf8_lossy(&case.files[&case.entry]);
        Ok(Observation {
            output: match text.contains(self.1) {
                true => "'KeyError'\n".into(),
                false => "1\n".into(),
            },
            ..Observation::of(Ending::Returned)
        })
    }
}

#[test]
fn without_a_reference_the_first_engine_is_the_oracle() {
    let engines = || {
        let all = [("one", "?"), ("two", "?"), ("three", "POP_EXCEPT")];
        Ok(all
            .map(|(name, word)| Contender::new(Looks(name, word)))
            .into())
    };
    let folder = Temporary::new("norm");
    let options = Options {
        findings: Some(folder.0.clone()),
        engine_flags: [
            ("one", "--engine one --engines 'my vms.toml'"),
            ("two", "--vm 'two {file}'"),
            ("three", "--vm './three {file}' --timeout 5"),
        ]
        .map(|(name, flags)| (name.to_owned(), flags.to_owned()))
        .into(),
        ..Options::new(Machine::Py, 1, 20)
    };
    let summary = run(&options, &engines, &mut |_| {}).expect("it can be saved");
    let [finding] = &summary.findings[..] else {
        panic!("{:?}", summary.findings);
    };
    assert_eq!(
        finding.groups.to_string(),
        "one and two agree; three is alone"
    );
    assert_eq!(finding.identity.kind, "output: KeyError, not a value");
    assert_eq!((&*finding.oracle(), finding.occurrences), ("one", 20));
    let names: Vec<&str> = finding.runs.iter().map(|voice| &*voice.name).collect();
    assert_eq!(names, ["one", "two", "three"]);
    // The reduced program still passes the verifier.
    assert!(finding.reduced && crate::engines::local::loads(&finding.case));
    let page = page(finding);
    let says = r#"one has `line 1: "1\n"`, three has `line 1: "'KeyError'\n"`"#;
    assert!(page.contains(says), "{page}");
    assert!(!page.contains("reference"), "{page}");
    let reduce =
        ".cpyasm --vm './three {file}' --timeout 5 --against one --engines 'my vms.toml' -o ";
    assert!(page.contains(reduce), "{page}");
}

/// One wrong result at several instructions.
#[test]
fn findings_differ_by_their_clause() {
    let summary = campaign(&Options::new(Machine::Mmm, 3, 2_000), |seen| {
        if seen.fault.as_deref() == Some("stack-size") {
            seen.fault = Some("out-of-range".to_owned());
        }
    });
    let clauses: Vec<&str> = summary
        .findings
        .iter()
        .map(|finding| finding.clause.as_str())
        .collect();
    for clause in ["mmm.pop.2", "mmm.ret.1", "mmm.bin_op.stack.1"] {
        assert!(clauses.contains(&clause), "{clauses:?}");
    }
}

#[test]
fn runs_diverge_at_their_first_different_step() {
    let engines = || {
        Ok(vec![Contender::new(Traced {
            name: "theirs",
            mistake: |seen| {
                if !seen.output.is_empty() {
                    seen.value = Some("?".to_owned());
                }
            },
            stray: |steps| {
                if let Some(step) = steps.get_mut(3) {
                    step.state.push("?".to_owned());
                }
            },
        })])
    };
    let options = Options {
        max_findings: 1,
        reduce: false,
        ..Options::new(Machine::Mmm, 1, 500)
    };
    let summary = run(&options, &engines, &mut |_| {}).expect("it runs");
    let divergence = summary.findings[0]
        .divergence
        .as_ref()
        .expect("both have traces");
    assert_eq!(divergence.step, 3);
    assert_eq!(summary.findings[0].identity.kind, "state");
}

/// Our machines and their references have the same traces.
#[test]
fn traces_are_the_same_everywhere() {
    for machine in [Machine::Mmm, Machine::Sc] {
        let generator = crate::generate::generator(machine).expect("there is one");
        for number in 0..300 {
            let entropy = crate::generate::Entropy::seeded(11, number);
            let case = (generator.generate)(entropy, Aim::Any).case;
            let expected = Reference.trace(&case, 200);
            assert_eq!(
                Local.trace(&case, 200),
                expected,
                "{machine} {number}: {case:?}"
            );
        }
    }
}

/// An engine that sets a flag when it has run a number of programs.
struct Interrupting {
    inner: Mistaken,
    left: Arc<AtomicU64>,
    flag: &'static AtomicBool,
}

impl Engine for Interrupting {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn run(&mut self, case: &Case) -> Result<Observation, StartError> {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.flag.store(true, Ordering::Relaxed);
        }
        self.inner.run(case)
    }
}

/// Returns what has to be the same however a campaign was divided.
fn essence(summary: &Summary) -> impl PartialEq + std::fmt::Debug + use<> {
    let findings: Vec<_> = summary
        .findings
        .iter()
        .map(|finding| {
            (
                finding.identity.clone(),
                finding.number,
                finding.occurrences,
                finding.case.clone(),
            )
        })
        .collect();
    (
        (
            summary.programs,
            summary.disagreements,
            summary.sampled,
            summary.unfinished,
        ),
        (summary.mnemonics.clone(), summary.boundaries.clone()),
        (
            summary.endings.clone(),
            summary.faults.clone(),
            summary.clauses.clone(),
        ),
        findings,
    )
}

#[track_caller]
fn check_resumed(name: &str, after: u64, jobs: usize) {
    let options = |findings: Option<PathBuf>| Options {
        jobs,
        max_findings: 50,
        findings,
        keep_state: true,
        ..Options::new(Machine::Mmm, 5, 1000)
    };
    let whole = campaign(&options(None), forgets_overflow);
    let folder = Temporary::new(name);
    let stop: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(false)));
    let left = Arc::new(AtomicU64::new(after));
    let engines = || {
        Ok(vec![Contender::new(Interrupting {
            inner: Mistaken(forgets_overflow),
            left: left.clone(),
            flag: stop,
        })])
    };
    let interrupted = Options {
        stop,
        ..options(Some(folder.0.clone()))
    };
    let first = run(&interrupted, &engines, &mut |_| {}).expect("it can be saved");
    assert!(
        first.unfinished && first.programs < 1000,
        "{}",
        first.programs
    );
    let states = State::read_all(&folder.0).expect("a state");
    let rest = options(Some(folder.0.clone()));
    let engines = || Ok(vec![Contender::new(Mistaken(forgets_overflow))]);
    let second = resume(&rest, &states[0], &engines, &mut |_| {}).expect("it can be resumed");
    assert_eq!(essence(&second), essence(&whole));
    assert!(second.elapsed > first.elapsed);
    // Resuming a campaign that is done changes nothing.
    let states = State::read_all(&folder.0).expect("a state");
    let third = resume(&rest, &states[0], &engines, &mut |_| {}).expect("it can be resumed");
    assert_eq!(essence(&third), essence(&whole));
    let other = Options {
        seed: 6,
        ..rest.clone()
    };
    let refused = resume(&other, &states[0], &engines, &mut |_| {});
    let why = refused.expect_err("another seed").to_string();
    assert!(why.contains("another seed: 5, not 6"), "{why}");
}

#[test]
fn an_interrupted_campaign_has_the_same_result() {
    check_resumed("early", 1, 1);
    check_resumed("middle", 333, 1);
    check_resumed("jobs", 500, 3);
}

#[test]
fn merged_shards_are_the_whole() {
    let folder = Temporary::new("shards");
    let options = |shard, name: &str| Options {
        shard,
        max_findings: 50,
        findings: Some(folder.0.join(name)),
        keep_state: true,
        ..Options::new(Machine::Mmm, 5, 1000)
    };
    let whole = campaign(&options(Shard::WHOLE, "whole"), forgets_overflow);
    let mut states = Vec::new();
    for index in 0..3 {
        let name = index.to_string();
        let options = options(Shard { index, count: 3 }, &name);
        campaign(&options, forgets_overflow);
        let place = folder.0.join(name);
        let mut read = State::read_all(&place).expect("a state");
        states.push((place, read.remove(0)));
    }
    let out = folder.0.join("out");
    let two = merge(&states[..2], &out).expect("they are parts of one campaign");
    assert_eq!(two.missing, [Shard { index: 2, count: 3 }]);
    let merged = merge(&states, &out).expect("they are parts of one campaign");
    assert_eq!((merged.missing.len(), merged.unfinished), (0, 0));
    let counts = |summary: &Summary| {
        let findings = summary.findings.iter();
        let findings: BTreeMap<_, _> = findings
            .map(|finding| (finding.identity.clone(), finding.occurrences))
            .collect();
        (
            summary.programs,
            summary.mnemonics.clone(),
            summary.faults.clone(),
            findings,
        )
    };
    assert_eq!(counts(&merged.summary), counts(&whole));
    for finding in &merged.summary.findings {
        let same = |other: &&Finding| other.identity == finding.identity;
        let one = whole.findings.iter().find(same).expect("the whole has it");
        assert!(finding.size() <= one.size());
        assert!(page(finding).contains(&finding.difference.found));
    }
    let kept = State::read_all(&out).expect("a state").remove(0);
    assert_eq!(kept, merged.state);
    // Parts that overlap, and parts of other campaigns, are refused.
    let refused = |states: &[(PathBuf, State)], words: &str| {
        let error = merge(states, &out).expect_err("they are not parts of one campaign");
        let why = error.to_string();
        assert!(why.contains(words), "{why}");
    };
    let twice = [states[0].clone(), states[1].clone(), states[0].clone()];
    refused(&twice, "(part 3/3) ran some of the same programs");
    let mut other = states.clone();
    other[1].1.settings.seed = 6;
    refused(&other, "campaigns of different seed: 5 and 6");
    other[1].1.settings.seed = 5;
    other[1].1.settings.version = "0".to_owned();
    refused(&other, "campaigns of different version");
    let whole = State::read_all(&folder.0.join("whole")).expect("a state");
    let mixed = [
        states[0].clone(),
        (folder.0.join("whole"), whole[0].clone()),
    ];
    refused(&mixed, "the whole of a campaign");
}

#[test]
fn progress_is_one_line() {
    let mut seen = Vec::new();
    let options = Options {
        time: Some(Duration::from_secs(600)),
        ..Options::new(Machine::Mmm, 1, 500)
    };
    let engines = || Ok(vec![Contender::new(Mistaken(forgets_overflow))]);
    run(&options, &engines, &mut |progress| seen.push(*progress)).expect("it runs");
    let text = |progress| crate::report::campaign::progress_text(Machine::Mmm, progress);
    let lines: Vec<String> = seen.iter().map(text).collect();
    let searched = |line: &String| {
        line.starts_with("mmm: 500 programs, ")
            && line.contains(" left; 17 of 17 instructions; ")
            && line.ends_with(" clauses")
    };
    assert!(lines.iter().any(searched), "{lines:?}");
    let reduced = |line: &String| line.contains(" findings, 0 of 3 reduced, ");
    assert!(lines.iter().any(reduced), "{lines:?}");
}
