//! Who says what a program has to do: the reference evaluator, or, of a machine that has none, the
//! first of the engines.

use super::consensus::{Contender, REFERENCE};
use super::observe;
use crate::case::Case;
use crate::compare::Verdict;
use crate::engine::{Ending, Observation};
use crate::engines::local::loads;
use crate::machine::Machine;
use crate::panics;
use crate::reference::{ClauseHit, ReferenceRun};

/// What was heard of a program.
pub(super) struct Runs {
    /// What the norm saw.
    pub(super) reading: ReferenceRun,
    /// Which clauses the reference applied, if it was asked.
    pub(super) marks: Vec<ClauseHit>,
    /// What each engine saw, and how that compares with the norm.
    pub(super) engines: Vec<(Observation, Verdict)>,
}

/// What reports call the norm.
pub(super) fn norm(machine: Machine, contenders: &[Contender]) -> &str {
    match contenders.first() {
        Some(first) if !machine.has_reference() => &first.name,
        _ => REFERENCE,
    }
}

/// Runs a program everywhere.
pub(super) fn hear(case: &Case, contenders: &mut [Contender], asked: bool) -> Runs {
    if !case.machine.has_reference() {
        return hear_the_first(case, contenders);
    }
    let (reading, marks) = panics::read_marked(case, asked);
    let engines = contenders.iter_mut().map(|contender| {
        let found = observe(&mut *contender.engine, case);
        let verdict = (contender.compare)(&reading.observation, &found);
        (found, verdict)
    });
    let engines = engines.collect();
    Runs {
        reading,
        marks,
        engines,
    }
}

/// The same with the first engine for a norm.
fn hear_the_first(case: &Case, contenders: &mut [Contender]) -> Runs {
    let seen: Vec<Observation> = contenders
        .iter_mut()
        .map(|contender| observe(&mut *contender.engine, case))
        .collect();
    let norm = seen.first().cloned();
    let norm =
        norm.unwrap_or_else(|| Observation::of(Ending::Garbled).with_detail("nobody is there"));
    let against = |(contender, found): (&Contender, Observation)| {
        // Whoever shows less says how to compare with one who shows more.
        let verdict = match (contenders[0].compare)(&found, &norm) {
            Verdict::Diverge(_) => (contender.compare)(&norm, &found),
            alike => alike,
        };
        (found, verdict)
    };
    let mut engines: Vec<(Observation, Verdict)> =
        contenders.iter().zip(seen).map(against).collect();
    if let Some((_, verdict)) = engines.first_mut() {
        *verdict = Verdict::Agree;
    }
    Runs {
        reading: ReferenceRun {
            observation: norm,
            steps: 0,
        },
        marks: Vec::new(),
        engines,
    }
}

/// Whether engines can be asked about a program: one that is not verified they may die of, where
/// nobody says what it has to do.
pub(super) fn can_be_asked(case: &Case) -> bool {
    case.machine.has_reference() || loads(case)
}

/// In what two outputs of a program of Python's differ first: exceptions by their names, values not.
pub(super) fn difference_in_words(expected: &Observation, found: &Observation) -> String {
    let told = |seen: &Observation| -> Vec<String> {
        let text = String::from_utf8_lossy(&seen.output);
        text.lines().map(str::to_owned).collect()
    };
    let (expected, found) = (told(expected), told(found));
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

/// Whether a line is the name of an exception as generated programs tell it.
fn is_exception(line: &str) -> bool {
    const ENDS: [&str; 4] = ["Error'", "Exception'", "Iteration'", "Exit'"];
    line.starts_with('\'') && ENDS.iter().any(|end| line.ends_with(end))
}
