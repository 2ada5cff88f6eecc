//! Findings: what a disagreement comes to.

use super::Finding;
use super::consensus::{Contender, EngineRun, GENERATOR, Groups, REFERENCE};
use super::ledger::Identity;
use super::localize::{Location, blame};
use super::oracle::{Runs, can_be_asked, hear, norm};
use crate::case::Case;
use crate::compare::{Verdict, exactly};
use crate::engine::Observation;
use crate::generate::Expected;
use std::time::Duration;

/// The finding in what was heard of a program, if anybody differs from the reference.
pub(super) fn finding(
    case: &Case,
    expected: &Observation,
    contenders: &mut [Contender],
    heard: &[(Observation, Verdict)],
) -> Option<Finding> {
    let mut differing = heard.iter().enumerate();
    let (index, found, difference) = differing.find_map(|(index, (found, verdict))| {
        let Verdict::Diverge(difference) = verdict else {
            return None;
        };
        Some((index, found, difference.clone()))
    })?;
    let norm = norm(case.machine, contenders).to_owned();
    let camps = Groups::new(contenders, heard, &norm);
    let odd = found.ending.is_odd();
    let Location {
        instruction,
        clause,
        how,
        kind,
        parting,
    } = blame(case, &mut contenders[index], expected, found, &difference);
    // Where the norm is an engine, it is the first of them.
    let reference = (norm == REFERENCE).then_some((REFERENCE, expected));
    let others = contenders.iter().zip(heard);
    let others = others.map(|(contender, (seen, _))| (contender.name.as_str(), seen));
    let voice = |(name, seen): (&str, &Observation)| EngineRun {
        name: name.to_owned(),
        seen: seen.clone(),
    };
    Some(Finding {
        number: 0,
        programs: 0,
        elapsed: Duration::ZERO,
        identity: Identity {
            against: camps.against(&norm),
            instruction,
            clause: if odd { String::new() } else { clause.clone() },
            kind,
        },
        camps,
        clause,
        how,
        engine: contenders[index].name.clone(),
        difference,
        case: case.clone(),
        expected: expected.clone(),
        found: found.clone(),
        voices: reference.into_iter().chain(others).map(voice).collect(),
        parting,
        times: 1,
        reduced: false,
        steady: true,
        folder: None,
    })
}

/// The finding that a program did not end as was foreseen when it was made.
pub(super) fn surprise(case: &Case, foreseen: Expected, expected: &Observation) -> Finding {
    let foreseen = Observation {
        fault: foreseen.fault.map(str::to_owned),
        ending: foreseen.ending,
        ..expected.clone()
    };
    plain(GENERATOR, case, expected, foreseen)
}

/// A finding of one engine against the reference, put down to nothing.
pub(super) fn plain(
    engine: &str,
    case: &Case,
    expected: &Observation,
    found: Observation,
) -> Finding {
    let difference = match exactly(expected, &found) {
        Verdict::Diverge(difference) => difference,
        Verdict::Agree | Verdict::Inconclusive => unreachable!("they differ"),
    };
    let how = |seen: &Observation| {
        let fault = seen.fault.as_deref().unwrap_or_default();
        format!("{} {fault}", seen.ending.name())
            .trim_end()
            .to_owned()
    };
    let voice = |name: &str, seen: &Observation| EngineRun {
        name: name.to_owned(),
        seen: seen.clone(),
    };
    Finding {
        number: 0,
        programs: 0,
        elapsed: Duration::ZERO,
        identity: Identity {
            against: vec![vec![engine.to_owned()]],
            instruction: String::new(),
            clause: String::new(),
            kind: format!(
                "{}: {}, not {}",
                difference.kind.name(),
                how(&found),
                how(expected)
            ),
        },
        camps: Groups::of_two(engine),
        clause: String::new(),
        how: None,
        engine: engine.to_owned(),
        difference,
        case: case.clone(),
        expected: expected.clone(),
        voices: vec![voice(REFERENCE, expected), voice(engine, &found)],
        found,
        parting: None,
        times: 1,
        reduced: false,
        steady: true,
        folder: None,
    }
}

/// What a program shows of engines, if any of them differs from the reference: while it is reduced,
/// the finding's identity has to stay the same.
pub fn judge(case: &Case, contenders: &mut [Contender]) -> Option<Finding> {
    again(case, contenders, false)
}

/// Runs a program everywhere once more.
pub(super) fn again(case: &Case, contenders: &mut [Contender], mutated: bool) -> Option<Finding> {
    if !can_be_asked(case) {
        return None;
    }
    let Runs {
        reading,
        engines: heard,
        ..
    } = hear(case, contenders, false);
    let expected = reading.observation;
    if mutated {
        let (found, verdict) = heard.into_iter().next()?;
        let differs = matches!(verdict, Verdict::Diverge(_));
        return differs.then(|| plain(&contenders[0].name, case, &expected, found));
    }
    finding(case, &expected, contenders, &heard)
}
