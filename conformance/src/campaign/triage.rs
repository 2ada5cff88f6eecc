//! Makes findings of disagreements.

use super::consensus::{EngineRun, Groups};
use super::contender::{Contender, GENERATOR, REFERENCE};
use super::finding::{Finding, Identity};
use super::localize::{Location, locate};
use super::oracle::{Runs, is_runnable, oracle, run_all};
use crate::case::Case;
use crate::compare::{Difference, Verdict, exactly};
use crate::engine::{Judgement, Observation};
use crate::generate::Expected;
use std::time::Duration;

/// Returns the finding in the results of a program, if any engine differs from the oracle.
pub(super) fn finding(
    case: &Case,
    expected: &Observation,
    contenders: &mut [Contender],
    runs: &[Judgement],
) -> Option<Finding> {
    let mut runs_by_index = runs.iter().enumerate();
    let (index, found, difference) = runs_by_index.find_map(|(index, run)| match &run.verdict {
        Verdict::Diverge(difference) => Some((index, run.observation.as_ref()?, difference)),
        Verdict::Agree | Verdict::Inconclusive(_) => None,
    })?;
    let oracle = oracle(case.machine, contenders).to_owned();
    let groups = Groups::new(case, contenders, runs, &oracle);
    let Location {
        instruction,
        clause,
        evidence,
        kind,
        divergence,
    } = locate(case, &mut contenders[index], expected, found, difference);
    // If the oracle is an engine, it is the first of them.
    let reference = (oracle == REFERENCE).then_some((REFERENCE, Some(expected)));
    let engines = contenders.iter().zip(runs);
    let engines = engines.map(|(contender, run)| (&*contender.name, run.observation.as_ref()));
    let crashed = found.ending.is_odd();
    Some(Finding {
        identity: Identity {
            against: groups.against(&oracle),
            instruction,
            clause: if crashed {
                String::new()
            } else {
                clause.clone()
            },
            kind,
        },
        groups,
        clause,
        evidence,
        divergence,
        runs: reference.into_iter().chain(engines).map(run).collect(),
        ..unlocated(
            &contenders[index].name,
            case,
            expected,
            found.clone(),
            difference.clone(),
        )
    })
}

/// Returns the finding of a program that did not end as the generator intended.
pub(super) fn unintended_ending(
    case: &Case,
    intended: Expected,
    expected: &Observation,
) -> Finding {
    let intended = Observation {
        fault: intended.fault.map(str::to_owned),
        ending: intended.ending,
        ..expected.clone()
    };
    let difference = match exactly(expected, &intended) {
        Verdict::Diverge(difference) => difference,
        Verdict::Agree | Verdict::Inconclusive(_) => unreachable!("they end differently"),
    };
    unlocated(GENERATOR, case, expected, intended, difference)
}

/// Returns a finding of one engine against the reference, without looking for its place.
pub(super) fn unlocated(
    engine: &str,
    case: &Case,
    expected: &Observation,
    found: Observation,
    difference: Difference,
) -> Finding {
    let kind = format!(
        "{}: {}, not {}",
        difference.kind.name(),
        found.ended(),
        expected.ended()
    );
    Finding {
        number: 0,
        programs: 0,
        elapsed: Duration::ZERO,
        identity: Identity {
            against: vec![vec![engine.to_owned()]],
            instruction: String::new(),
            clause: String::new(),
            kind,
        },
        groups: Groups::of_two(engine),
        clause: String::new(),
        evidence: None,
        engine: engine.to_owned(),
        difference,
        case: case.clone(),
        expected: expected.clone(),
        runs: vec![
            run((REFERENCE, Some(expected))),
            run((engine, Some(&found))),
        ],
        found,
        divergence: None,
        occurrences: 1,
        reduced: false,
        reproducible: true,
        folder: None,
    }
}

fn run((name, seen): (&str, Option<&Observation>)) -> EngineRun {
    EngineRun {
        name: name.to_owned(),
        seen: seen.cloned(),
    }
}

/// Runs a program on all engines and returns the finding, if any of them differs from the oracle.
///
/// A program that is reduced has to keep the [`identity`](Finding::identity) of its finding.
pub fn judge(case: &Case, contenders: &mut [Contender]) -> Option<Finding> {
    if !is_runnable(case) {
        return None;
    }
    let Runs {
        oracle, engines, ..
    } = run_all(case, contenders, false);
    finding(case, &oracle.observation, contenders, &engines)
}

/// Runs a damaged file and returns the finding, if our machine differs from the reference.
pub(super) fn judge_file(case: &Case, contenders: &mut [Contender]) -> Option<Finding> {
    let Runs {
        oracle, engines, ..
    } = run_all(case, contenders, false);
    let Judgement {
        verdict,
        observation,
    } = engines.into_iter().next()?;
    match verdict {
        Verdict::Diverge(difference) => Some(unlocated(
            &contenders[0].name,
            case,
            &oracle.observation,
            observation?,
            difference,
        )),
        Verdict::Agree | Verdict::Inconclusive(_) => None,
    }
}
