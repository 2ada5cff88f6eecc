//! Every case has a recorded outcome and shows a clause; every clause is shown by cases.

use super::{assert_none, files, read, root};
use conformance::case::Case;
use conformance::corpus;
use conformance::engine::Ending;
use conformance::machine::Machine;
use conformance::record::recorded;
use conformance::spec::{self, Clause, Shown};
use std::collections::{BTreeMap, BTreeSet};

fn cases() -> Vec<Case> {
    corpus::read(&root().join("conformance/corpus")).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the recorded outcomes by the names of their cases.
fn outcomes() -> BTreeMap<String, String> {
    let outcome = |file: String| {
        let name = file.strip_prefix("snapshots/").unwrap_or(&file);
        let name = name.trim_end_matches(".snap").to_owned();
        (name, snapshots::body(&read(&file)).to_owned())
    };
    files("snapshots", ".snap")
        .into_iter()
        .map(outcome)
        .collect()
}

#[test]
fn every_case_has_an_outcome_and_every_outcome_a_case() {
    let cases: BTreeSet<String> = cases().into_iter().map(|case| case.name).collect();
    let outcomes: BTreeSet<String> = outcomes().into_keys().collect();
    let unrecorded = cases.difference(&outcomes);
    let orphans = outcomes.difference(&cases);
    let problems: Vec<String> = unrecorded
        .map(|name| format!("{name}: the case has no recorded outcome"))
        .chain(orphans.map(|name| format!("snapshots/{name}.snap: there is no such case")))
        .collect();
    assert_none(&problems);
}

#[test]
fn every_clause_is_shown_and_every_case_shows_a_clause() {
    let cases = cases();
    let outcomes = outcomes();
    let mut problems = Vec::new();
    for machine in Machine::ALL {
        let clauses = spec::clauses(machine).unwrap_or_else(|error| panic!("{error}"));
        let cases: Vec<&Case> = cases
            .iter()
            .filter(|case| case.machine == machine)
            .collect();
        for case in &cases {
            problems.extend(wrong_header(case, &clauses, &outcomes));
        }
        problems.extend(
            clauses
                .iter()
                .filter_map(|clause| not_shown(clause, &cases)),
        );
    }
    assert_none(&problems);
}

/// Returns what is wrong with the clauses in a case's header.
fn wrong_header(
    case: &Case,
    clauses: &[Clause],
    outcomes: &BTreeMap<String, String>,
) -> Vec<String> {
    let name = &case.name;
    let mut problems = Vec::new();
    if case.header.clauses().next().is_none() {
        problems.push(format!("{name}: the header names no clause"));
    }
    for id in case.header.clauses() {
        if !clauses.iter().any(|clause| clause.id == id) {
            problems.push(format!("{name}: there is no clause {id}"));
        }
    }
    let outcome = outcomes.get(name).and_then(|text| recorded(text));
    let returned = outcome.is_some_and(|outcome| outcome.ending == Ending::Returned);
    if returned && !case.header.breaks.is_empty() {
        problems.push(format!(
            "{name}: the header says that it breaks a clause, but it returns"
        ));
    }
    problems
}

/// Returns what no case shows of a clause.
fn not_shown(clause: &Clause, cases: &[&Case]) -> Option<String> {
    let id = &clause.id;
    let holds = cases.iter().any(|case| case.header.holds.contains(id));
    let breaks = cases.iter().any(|case| case.header.breaks.contains(id));
    let (wants_holds, wants_breaks) = match clause.shown {
        Shown::Both => (true, true),
        Shown::HoldsOnly => (true, false),
        Shown::BreaksOnly => (false, true),
        Shown::Not(_) => (false, false),
    };
    let missing = match (wants_holds && !holds, wants_breaks && !breaks) {
        (false, false) => return None,
        (true, false) => "that it holds",
        (false, true) => "that it is violated",
        (true, true) => "that it holds or that it is violated",
    };
    Some(format!("{id}: no case shows {missing}"))
}
