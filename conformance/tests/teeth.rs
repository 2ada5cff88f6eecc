//! The harness has teeth: what a reference evaluator is made to get wrong is found by the corpus
//! alone, and by a campaign; engines that hang, crash or answer nonsense are called that.

use conformance::case::Case;
use conformance::corpus;
use conformance::engine::{Ending, Engine};
use conformance::engines::reference::{Reference, ask};
use conformance::machine::Machine;
use conformance::reference::quirks::{self, Quirk};
use conformance::reference::{Marks, Question, Showing};
use conformance::spec;
use conformance::teeth::Jaw;
use std::collections::{BTreeMap, BTreeSet};

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
                problems.push(format!("{machine} {name}: survives, it {}", quirk.what));
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
