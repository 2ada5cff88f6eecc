//! The harness has teeth: what a reference evaluator is made to get wrong is found by the corpus
//! alone, and by a campaign; engines that hang, crash or answer nonsense are called that.

use conformance::case::Case;
use conformance::compare::{Verdict, exactly};
use conformance::corpus;
use conformance::engine::{Ending, Engine, Observation};
use conformance::engines::reference::{Quirky, Reference, ask};
use conformance::machine::Machine;
use conformance::reference::quirks::{self, Quirk};
use conformance::reference::{Marks, Question, Showing};
use conformance::spec;
use std::collections::{BTreeMap, BTreeSet};

const MACHINES: [Machine; 2] = [Machine::Mmm, Machine::Sc];

/// No case needs so many steps but those that are about it; a quirk may make one go on for ever.
const FUEL: u64 = 20_000;

fn cases(machine: Machine) -> Vec<Case> {
    let cases = corpus::embedded().into_iter();
    cases.filter(|case| case.machine == machine).collect()
}

/// The cases that do something else with this quirk.
fn killers<'a>(quirk: &'static Quirk, cases: &'a [(Case, Observation)]) -> Vec<&'a Case> {
    let mut engine = Quirky(quirk);
    let differs = |case: &Case, expected: &Observation| {
        let mut case = case.clone();
        case.limits.fuel.get_or_insert(FUEL);
        exactly(expected, &engine.observe(&case)) != Verdict::Agree
    };
    let mut differs = differs;
    let found = cases
        .iter()
        .filter(|(case, expected)| differs(case, expected));
    found.map(|(case, _)| case).collect()
}

/// Each case with what the reference sees of it, those left out that take very long.
fn expectations(machine: Machine) -> Vec<(Case, Observation)> {
    let cases = cases(machine).into_iter();
    let expected = cases.map(|mut case| {
        let seen = Reference.observe(&case);
        case.limits.fuel.get_or_insert(FUEL);
        let bounded = Reference.observe(&case);
        (seen == bounded).then_some((case, seen))
    });
    expected.flatten().collect()
}

#[test]
fn the_corpus_alone_kills_every_quirk_and_names_its_clause() {
    let mut problems = Vec::new();
    for machine in MACHINES {
        let cases = expectations(machine);
        for quirk in quirks::of(machine) {
            let killers = killers(quirk, &cases);
            let clauses: BTreeSet<&str> = killers
                .iter()
                .flat_map(|case| case.header.clauses())
                .collect();
            if killers.is_empty() {
                problems.push(format!(
                    "{machine} {}: survives ({})",
                    quirk.name, quirk.what
                ));
            } else if !clauses.contains(quirk.clause) {
                let names: Vec<&str> = killers.iter().map(|case| &*case.name).take(6).collect();
                problems.push(format!(
                    "{machine} {}: no case of {} finds it, only {names:?}",
                    quirk.name, quirk.clause
                ));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn marks_name_clauses_and_what_is_shown_of_them() {
    let question = Question {
        marks: Marks::First,
        ..Question::default()
    };
    for machine in MACHINES {
        let clauses = spec::clauses(machine).expect("the specification reads");
        let clauses: BTreeSet<&str> = clauses.iter().map(|clause| &*clause.id).collect();
        let mut seen: BTreeMap<&str, BTreeSet<Showing>> = BTreeMap::new();
        for case in cases(machine) {
            let answer = ask(&case, &question);
            assert_eq!(
                answer.reading.seen,
                Reference.observe(&case),
                "{}",
                case.name
            );
            for mark in answer.marks {
                assert!(
                    clauses.contains(mark.clause),
                    "there is no clause {}",
                    mark.clause
                );
                seen.entry(mark.clause).or_default().insert(mark.how);
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
        &Question {
            steps: 9,
            ..Question::default()
        },
    );
    assert_eq!(answer.reading.seen.ending, Ending::Refused);
    assert!(answer.steps.is_empty());
}
