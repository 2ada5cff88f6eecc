//! The oracle, which decides what a program has to do: the reference evaluator or, for a machine
//! without one, the first engine.

use super::contender::{Contender, REFERENCE};
use crate::case::Case;
use crate::compare::Verdict;
use crate::engine::{Ending, Expectation, Judgement, Observation};
use crate::engines::local::loads;
use crate::machine::Machine;
use crate::panics;
use crate::reference::{ClauseHit, ReferenceRun};

/// The results of all engines on one program.
pub(super) struct Runs {
    /// The oracle's result.
    pub(super) oracle: ReferenceRun,
    /// The clauses that the reference applied, if they were recorded.
    pub(super) clauses: Vec<ClauseHit>,
    /// What each engine observed, and how that compares with the oracle.
    pub(super) engines: Vec<Judgement>,
}

/// Returns the oracle's name in reports.
pub(super) fn oracle(machine: Machine, contenders: &[Contender]) -> &str {
    match contenders.first() {
        Some(first) if !machine.has_reference() => &first.name,
        _ => REFERENCE,
    }
}

/// Runs a program on the oracle and on all engines.
pub(super) fn run_all(case: &Case, contenders: &mut [Contender], record_clauses: bool) -> Runs {
    if !case.machine.has_reference() {
        return run_without_reference(case, contenders);
    }
    let (oracle, clauses) = panics::read_marked(case, record_clauses);
    let expectation = Expectation::Computed(&oracle.observation);
    let engines = contenders
        .iter_mut()
        .map(|contender| panics::judge(&mut *contender.engine, case, expectation));
    let engines = engines.collect();
    Runs {
        oracle,
        clauses,
        engines,
    }
}

/// Runs a program on all engines; the first of them is the oracle.
fn run_without_reference(case: &Case, contenders: &mut [Contender]) -> Runs {
    let mut engines: Vec<Judgement> = contenders
        .iter_mut()
        .map(|contender| panics::judge(&mut *contender.engine, case, Expectation::Unknown))
        .collect();
    let first = engines.first().cloned();
    let expected = first.as_ref().and_then(|first| first.observation.clone());
    for (contender, judgement) in contenders.iter().zip(&mut engines).skip(1) {
        let (Some(first), Some(found)) = (&first, &judgement.observation) else {
            continue;
        };
        judgement.verdict = match &expected {
            // The first engine was not run on this program, so nothing is known about it.
            None => first.verdict.clone(),
            // The engine that observes less decides how it is compared with one that observes more.
            Some(expected) => match contenders[0].engine.compare(case, found, expected) {
                Verdict::Diverge(_) => contender.engine.compare(case, expected, found),
                verdict => verdict,
            },
        };
    }
    let expected = expected.unwrap_or_else(|| {
        Observation::of(Ending::Garbled).with_detail("the campaign has no engine")
    });
    Runs {
        oracle: ReferenceRun {
            observation: expected,
            steps: 0,
        },
        clauses: Vec::new(),
        engines,
    }
}

/// Returns true if it is safe to run `case` on the engines. Without a reference, only verified
/// programs are: unverified bytecode may crash an engine, and nothing would say which engine is
/// right.
pub(super) fn is_runnable(case: &Case) -> bool {
    case.machine.has_reference() || loads(case)
}

/// Describes the first difference between two outputs of a generated Python program: exceptions by
/// their names, but not values, so that findings with the same cause have the same description.
pub(super) fn describe_output_difference(expected: &Observation, found: &Observation) -> String {
    let lines = |seen: &Observation| -> Vec<String> {
        let text = String::from_utf8_lossy(&seen.output);
        text.lines().map(str::to_owned).collect()
    };
    let (expected, found) = (lines(expected), lines(found));
    let same = expected.iter().zip(&found).take_while(|(a, b)| a == b);
    let same = same.count();
    let kind = |line: Option<&String>| match line.map(String::as_str) {
        None => "nothing".to_owned(),
        Some(line) if is_exception(line) => line.trim_matches('\'').to_owned(),
        Some(_) => "a value".to_owned(),
    };
    let (expected, found) = (kind(expected.get(same)), kind(found.get(same)));
    match expected == found {
        true => format!("another {}", expected.trim_start_matches("a ")),
        false => format!("{found}, not {expected}"),
    }
}

/// Returns true if a line is the name of an exception as generated programs print it.
fn is_exception(line: &str) -> bool {
    const ENDS: [&str; 4] = ["Error'", "Exception'", "Iteration'", "Exit'"];
    line.starts_with('\'') && ENDS.iter().any(|end| line.ends_with(end))
}
