//! The harness has teeth: what a reference evaluator is made to get wrong is found by the corpus
//! alone, and by a campaign; engines that hang, crash or answer nonsense are called that.

use crate::common::Folder;
use conformance::campaign::{self, Contender, Finding, Options};
use conformance::case::Case;
use conformance::compare::Kind;
use conformance::conform::{CaseReport, Report, Verdict};
use conformance::corpus;
use conformance::engine::{Ending, Engine, Observation, StartError};
use conformance::engines::reference::{Reference, ask};
use conformance::machine::Machine;
use conformance::reference::quirks::{self, Quirk};
use conformance::reference::{Evidence, HitFilter, Query};
use conformance::report::conform::{Advice, MAX_CLAUSES, conform_text};
use conformance::report::html::html;
use conformance::report::paint::Paint;
use conformance::report::results::{Conformance, Results};
use conformance::spec;
use conformance::teeth::{Hunt, Jaw, hunt};
use std::collections::{BTreeMap, BTreeSet};
use vm::base::ColorChoice;

const MACHINES: [Machine; 2] = [Machine::Mmm, Machine::Sc];

fn cases(machine: Machine) -> Vec<Case> {
    let cases = corpus::embedded().into_iter();
    cases.filter(|case| case.machine == machine).collect()
}

#[test]
fn the_corpus_alone_kills_every_quirk_and_names_its_clause() {
    let mut problems = Vec::new();
    for machine in MACHINES {
        let jaw = Jaw::new(machine);
        for quirk in quirks::of(machine) {
            let Quirk { name, clause, .. } = quirk;
            let bite = jaw.bite(quirk);
            if bite.cases.is_empty() {
                problems.push(format!(
                    "{machine} {name}: survives, it {}",
                    quirk.description
                ));
            } else if bite.naming == 0 {
                let cases = &bite.cases[..bite.cases.len().min(5)];
                problems.push(format!(
                    "{machine} {name}: no case of {clause}, but {cases:?}"
                ));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// What somebody reads whose VM has one of these mistakes: the sentence about the clause.
#[test]
fn the_report_on_a_quirky_machine_names_the_clause() {
    for machine in MACHINES {
        let jaw = Jaw::new(machine);
        let quirks = quirks::of(machine);
        let halves = quirks.chunks(quirks.len().div_ceil(2));
        let problems: Vec<String> = std::thread::scope(|scope| {
            let work: Vec<_> = halves
                .map(|half| {
                    scope.spawn(|| half.iter().filter_map(|of| unnamed(&jaw, of)).collect())
                })
                .collect();
            let done = work.into_iter().map(|work| work.join().unwrap());
            done.flat_map(|found: Vec<String>| found).collect()
        });
        assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
    }
}

/// What is wrong with the report on a quirk, if anything is.
fn unnamed(jaw: &Jaw, quirk: &'static Quirk) -> Option<String> {
    let report = jaw.report(quirk);
    let advice = |_: &CaseReport| Advice {
        rerun: String::new(),
        program: None,
    };
    let text = conform_text(&report, advice, Paint(ColorChoice::Never));
    let mut parts = text.split("\n\n");
    let told = parts.find(|part| part.starts_with("does not conform to"));
    let told = told.unwrap_or("no clause at all");
    let id = format!("[{}]", quirk.clause);
    let everywhere = report.clauses_that("", Verdict::Fails) > MAX_CLAUSES;
    // Of a VM that fails everywhere the page tells all.
    let named = told.contains(&id) || everywhere && fails_on_its_page(report, quirk.clause);
    (!named).then(|| format!("{} {id}:\n{told}", quirk.name))
}

fn fails_on_its_page(report: Report, clause: &str) -> bool {
    let mut whole = Results::new(String::new());
    whole.conformance.push(Conformance {
        report,
        rerun: String::new(),
    });
    let page = html(&whole);
    let row = page.split(&format!("id=\"clause-{clause}\"")).nth(1);
    let row = row.and_then(|row| row.split("</tr>").next());
    row.is_some_and(|row| row.contains("✗ <span class=\"word\">fails"))
}

#[test]
fn marks_name_clauses_and_what_is_shown_of_them() {
    let question = Query {
        hits: HitFilter::First,
        ..Query::default()
    };
    for machine in MACHINES {
        let clauses = spec::clauses(machine).expect("the specification reads");
        let clauses: BTreeSet<&str> = clauses.iter().map(|clause| &*clause.id).collect();
        let mut seen: BTreeMap<&str, BTreeSet<Evidence>> = BTreeMap::new();
        for case in cases(machine) {
            let answer = ask(&case, &question);
            assert_eq!(
                answer.run.observation,
                Reference.observe(&case),
                "{}",
                case.name
            );
            for mark in answer.hits {
                assert!(
                    clauses.contains(mark.clause),
                    "there is no clause {}",
                    mark.clause
                );
                seen.entry(mark.clause).or_default().insert(mark.evidence);
            }
        }
        let all = clauses
            .iter()
            .filter(|id| !id.contains(".text.") && !id.contains(".check."));
        let never: Vec<_> = all.filter(|id| !seen.contains_key(**id)).collect();
        println!("{machine}: {} clauses marked, never {never:?}", seen.len());
    }
}

#[test]
fn a_refused_program_has_no_steps() {
    let case = Case::single(Machine::Mmm, "a.mmm", "function main\n int 1\n");
    let answer = ask(
        &case,
        &Query {
            max_steps: 9,
            ..Query::default()
        },
    );
    assert_eq!(answer.run.observation.ending, Ending::Refused);
    assert!(answer.steps.is_empty());
}

/// One quirk in so many is looked for here; `mmm teeth` looks for all of them.
const SAMPLE: usize = 5;
/// Programs that a campaign may take to find one.
const SHORT: u64 = 3_000;

#[test]
fn a_short_campaign_finds_most_quirks_from_nothing() {
    let short = Hunt {
        runs: Some(SHORT),
        ..Hunt::default()
    };
    for machine in MACHINES {
        let findable = quirks::of(machine).iter();
        let findable = findable.filter(|quirk| quirk.corpus_only.is_none());
        let sample: Vec<&Quirk> = findable.step_by(SAMPLE).collect();
        let mut missed = Vec::new();
        for &quirk in &sample {
            match hunt(quirk, &short).expect("there are programs") {
                Some(found) => assert!(found.instructions <= Some(40), "{}", quirk.name),
                None => missed.push(&*quirk.name),
            }
        }
        println!("{machine}: {missed:?} of {} are not found", sample.len());
        assert!(missed.len() * 5 <= sample.len(), "{machine}: {missed:?}");
    }
}

/// An engine that is no good, in one way or another.
#[derive(Clone, Copy, Debug)]
enum Bad {
    /// Panics at some programs.
    Crash,
    /// Is given up at some programs, as a process that does not answer is.
    Hang,
    /// Answers something else than it was asked.
    Garbage,
    /// Prints a line that nobody asked for.
    Chatter,
    /// Is wrong every other time.
    Flicker(bool),
}

impl Engine for Bad {
    fn name(&self) -> &str {
        "bad"
    }

    fn run(&mut self, case: &Case) -> Result<Observation, StartError> {
        let seen = Reference.observe(case);
        let loops = seen.output.len() > 20;
        Ok(match self {
            Bad::Crash if loops => panic!("no more"),
            Bad::Hang if loops => Observation::of(Ending::Hung),
            Bad::Garbage => Observation::of(Ending::Garbled).with_detail("{]"),
            Bad::Chatter => {
                let output = [b"ready\n", &seen.output[..]].concat();
                Observation { output, ..seen }
            }
            Bad::Flicker(wrong) => {
                *wrong = !*wrong;
                match wrong {
                    true => Observation::of(Ending::Returned),
                    false => seen,
                }
            }
            Bad::Crash | Bad::Hang => seen,
        })
    }
}

/// The first finding of a campaign against a bad engine.
fn finding(bad: Bad) -> Finding {
    let options = Options {
        max_findings: 1,
        ..Options::new(Machine::Mmm, 1, 200)
    };
    let engines = || Ok(vec![Contender::new(bad)]);
    let summary = campaign::run(&options, &engines, &mut |_| {}).expect("there are programs");
    assert!(summary.disagreements > 0, "{bad:?}");
    summary.findings.into_iter().next().expect("a finding")
}

#[track_caller]
fn check_bad(bad: Bad, kind: Kind, ending: Ending) {
    let finding = finding(bad);
    assert_eq!(finding.difference.kind, kind, "{bad:?}");
    assert_eq!(finding.found.ending, ending, "{bad:?}");
}

#[test]
fn bad_engines_are_called_what_they_are() {
    check_bad(Bad::Crash, Kind::Ending, Ending::Crashed);
    check_bad(Bad::Hang, Kind::Ending, Ending::Hung);
    check_bad(Bad::Garbage, Kind::Ending, Ending::Garbled);
    assert_eq!(finding(Bad::Chatter).difference.kind, Kind::Output);
    // It may not be wrong a second time; what was seen is kept all the same.
    let flicker = finding(Bad::Flicker(false));
    assert_ne!(flicker.expected, flicker.found);
}

#[test]
fn the_command_shows_what_is_noticed() {
    let folder = Folder::of(&[]);
    let seen = folder.run("teeth --machine mmm --quirk int-wraps --seconds 1 --jobs 1");
    assert_eq!(seen.status, Some(0), "{}", seen.err);
    assert!(seen.out.contains("mmm.bin_op.int.1"), "{}", seen.out);
    assert!(
        seen.out.contains("1 of 1 quirks are detected"),
        "{}",
        seen.out
    );
    let seen = folder.run("teeth --quirk print-tabs --seconds 0 --json");
    assert!(
        seen.out.contains("\"clause\":\"sc.func.print.1\""),
        "{}",
        seen.out
    );
    let seen = folder.run("teeth --quirk int-warps");
    assert_eq!(seen.status, Some(2));
    assert!(
        seen.err.contains("did you mean 'int-wraps'?"),
        "{}",
        seen.err
    );
}
