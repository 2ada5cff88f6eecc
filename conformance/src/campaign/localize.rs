//! Fault localization: the first instruction after which two runs differ, and the clause that the
//! reference applied there.

use super::contender::Contender;
use super::crash;
use super::divergence::{Divergence, Next};
use super::fuel::{self, MAX_STEPS};
use super::oracle::describe_output_difference;
use crate::case::Case;
use crate::compare::{Difference, Kind};
use crate::engine::{Ending, Engine, Observation, Step};
use crate::engines::machines;
use crate::engines::reference::{self, Reference};
use crate::panics;
use crate::reference::Evidence;

/// A trace with this many bytes of state is assumed to be cut off.
const MAX_STATE_BYTES: usize = 1 << 20;

/// Where a disagreement comes from, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Location {
    /// The mnemonic of the instruction.
    pub(super) instruction: String,
    /// The clause that the reference applied last at that step; empty if unknown.
    pub(super) clause: String,
    /// How the reference applied that clause.
    pub(super) evidence: Option<Evidence>,
    /// In what the runs differ first.
    pub(super) kind: String,
    /// The step, if both engines have traces.
    pub(super) divergence: Option<Divergence>,
}

/// Two runs of one program: the oracle's, and one that differs from it.
struct Pair<'a> {
    case: &'a Case,
    expected: &'a Observation,
    found: &'a Observation,
    /// The steps of the reference.
    reference: Vec<Step>,
    /// The steps of the engine, if it has traces.
    engine: Option<Vec<Step>>,
}

/// Finds out where a disagreement with the oracle comes from.
pub(super) fn locate(
    case: &Case,
    contender: &mut Contender,
    expected: &Observation,
    found: &Observation,
    difference: &Difference,
) -> Location {
    if !case.machine.has_reference() {
        return without_reference(expected, found, difference);
    }
    let reference = panics::guarded(|| Reference.trace(case, MAX_STEPS));
    let mut pair = Pair {
        case,
        expected,
        found,
        reference: reference.ok().flatten().unwrap_or_default(),
        engine: None,
    };
    if found.ending.is_odd() {
        let step = fuel::crash_step(case, contender, found);
        let step = step.filter(|&step| step < pair.reference.len());
        pair.engine = step.map(|_| Vec::new());
        return Location {
            kind: crash::signature(found),
            ..pair.location(step)
        };
    }
    let engine = panics::guarded(|| contender.engine.trace(case, MAX_STEPS));
    pair.engine = engine.ok().flatten();
    let (step, kind) = pair.first_difference(difference);
    let step = step.filter(|&step| step < pair.reference.len());
    let mut location = pair.location(step);
    location.kind = kind.to_owned();
    if step.is_none() && expected.ending != Ending::Refused {
        location.kind = format!("{kind}: {}, not {}", found.ended(), expected.ended());
    }
    location
}

/// Describes a disagreement on a machine without a reference, where no steps are known.
fn without_reference(
    expected: &Observation,
    found: &Observation,
    difference: &Difference,
) -> Location {
    let kind = difference.kind;
    let kind = match kind {
        _ if found.ending.is_odd() => crash::signature(found),
        Kind::Output => format!(
            "{}: {}",
            kind.name(),
            describe_output_difference(expected, found)
        ),
        _ => format!(
            "{}: {}, not {}",
            kind.name(),
            found.ended(),
            expected.ended()
        ),
    };
    Location {
        kind,
        ..Location::default()
    }
}

impl Pair<'_> {
    /// Returns the index of the first step after which the runs differ, if it is known, and in
    /// what they differ.
    fn first_difference(&self, difference: &Difference) -> (Option<usize>, &'static str) {
        let printing = fuel::printing_step(self.case, self.expected, self.found);
        let diverging = self
            .engine
            .as_ref()
            .and_then(|engine| diverging_step(&self.reference, engine));
        let field = difference.kind.name();
        let diverging = diverging.map(|(step, kind)| match kind {
            "end" => (step, field),
            kind => (step, kind),
        });
        match (diverging, printing) {
            // A wrong print leaves no mark in the state, so the earlier of the two counts.
            (Some((step, kind)), Some(printing)) if step < printing => (Some(step), kind),
            (_, Some(printing)) => (Some(printing), Kind::Output.name()),
            (Some((step, kind)), None) => (Some(step), kind),
            (None, None) => (self.likeliest_step(difference), field),
        }
    }

    /// Returns the step that is most likely the cause, where traces do not show it.
    fn likeliest_step(&self, difference: &Difference) -> Option<usize> {
        let last = self.reference.len().checked_sub(1);
        if self.reference.len() >= MAX_STEPS {
            return None;
        }
        if self.engine.is_some() && difference.kind != Kind::Output {
            return last;
        }
        // The reference continued where the other engine stopped.
        let stopped = self.found.at.as_ref();
        let passed = stopped.and_then(|at| self.reference.iter().position(|step| step.at == *at));
        match (passed, self.expected.ending) {
            (Some(step), _) => Some(step),
            (None, Ending::Faulted) => last,
            (None, _) if difference.kind == Kind::Value => last,
            (None, _) => None,
        }
    }

    /// Returns what is known of a step: its instruction, its clause, and what follows it in both
    /// runs.
    fn location(&self, step: Option<usize>) -> Location {
        let mut location = Location::default();
        if let Some(step) = step {
            let here = &self.reference[step];
            let written = machines::instruction_at(self.case, &here.at).unwrap_or_default();
            location.instruction = machines::mnemonic(self.case.machine, &written).to_owned();
            location.divergence = self.engine.as_deref().map(|engine| Divergence {
                step: step as u64 + 1,
                at: here.at.clone(),
                instruction: written,
                before: here.state.clone(),
                expected: next(&self.reference, step, self.expected),
                found: next(engine, step, self.found),
            });
        }
        let refused = self.expected.ending == Ending::Refused;
        let number = match step {
            Some(step) => Some(step as u64 + 1),
            None => refused.then_some(0),
        };
        let hit = number
            .and_then(|number| panics::guarded(|| reference::deciding(self.case, number)).ok()?);
        if let Some(hit) = hit {
            location.clause = hit.clause.to_owned();
            location.evidence = Some(hit.evidence);
        }
        location
    }
}

/// Returns the index of the step after which two traces differ, and in what: `state`, `path` or
/// `end`. `None` if they are equal or the end of one is not known.
fn diverging_step(expected: &[Step], found: &[Step]) -> Option<(usize, &'static str)> {
    let differs = expected.iter().zip(found).position(|(a, b)| a != b);
    if let Some(step) = differs {
        let kind = match expected[step].at == found[step].at {
            true => "state",
            false => "path",
        };
        return Some((step.checked_sub(1)?, kind));
    }
    let shorter = match expected.len() <= found.len() {
        true => expected,
        false => found,
    };
    let last = shorter.len().checked_sub(1)?;
    is_whole(shorter).then_some((last, "end"))
}

/// Returns true if a trace was not cut off.
fn is_whole(steps: &[Step]) -> bool {
    let bytes = steps.iter().flat_map(|step| &step.state).map(String::len);
    steps.len() < MAX_STEPS && bytes.sum::<usize>() < MAX_STATE_BYTES
}

/// Returns what follows a step of a run.
fn next(steps: &[Step], step: usize, seen: &Observation) -> Next {
    match steps.get(step + 1) {
        Some(next) => Next::Step {
            at: next.at.clone(),
            state: next.state.clone(),
        },
        None => {
            let mut end = seen.ending.name().to_owned();
            for more in [&seen.fault, &seen.value].into_iter().flatten() {
                end += " ";
                end += more;
            }
            Next::End(end)
        }
    }
}
