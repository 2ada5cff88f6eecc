//! What a disagreement is about: the first instruction at which two runs part, and the clause that
//! the reference applied there.

use super::consensus::Contender;
use super::crash;
use super::oracle::difference_in_words;
use crate::case::Case;
use crate::compare::{Difference, Kind};
use crate::engine::{Ending, Engine, Observation, Step};
use crate::engines::reference::{self, Reference, lowered};
use crate::machine::Machine;
use crate::panics;
use crate::reference::Evidence;
use serde::{Deserialize, Serialize};

/// Steps of a run that are looked at.
const MOST_STEPS: usize = 1000;
/// Bytes of state after which a trace is taken to have been cut.
const MOST_STATE: usize = 1 << 20;

/// What a disagreement is about, as far as that can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Location {
    /// The instruction: its mnemonic.
    pub(super) instruction: String,
    /// The clause that the reference applied last at that step, and how; empty if none is known.
    pub(super) clause: String,
    pub(super) how: Option<Evidence>,
    /// In what the runs differ first.
    pub(super) kind: String,
    /// The step, where both told of theirs.
    pub(super) parting: Option<Divergence>,
}

/// Where two runs part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Divergence {
    /// The instruction is the run's `number`th, from 1.
    pub number: usize,
    /// Where it stands.
    pub at: String,
    /// The instruction as it is written, or its name.
    pub instruction: String,
    /// What both machines held before it.
    pub before: Vec<String>,
    /// What the reference came to behind it.
    pub expected: Next,
    /// What the other came to.
    pub found: Next,
}

/// What a run came to behind an instruction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Next {
    /// Another instruction: where it is, and what the machine holds.
    Step(String, Vec<String>),
    /// The end of the run, in words.
    End(String),
}

/// Finds out what a disagreement with the reference is about.
pub(super) fn blame(
    case: &Case,
    contender: &mut Contender,
    expected: &Observation,
    found: &Observation,
    difference: &Difference,
) -> Location {
    if !case.machine.has_reference() {
        return unexplained(expected, found, difference);
    }
    let reference = panics::guarded(|| Reference.trace(case, MOST_STEPS));
    let reference = reference.ok().flatten().unwrap_or_default();
    if found.ending.is_odd() {
        let step = crash::step(case, contender, found);
        let step = step.filter(|&step| step < reference.len());
        let theirs = step.map(|_| Vec::new());
        let mut blame = put_down(case, step, &reference, theirs.as_deref(), expected, found);
        blame.kind = crash::words(found);
        return blame;
    }
    let theirs = panics::guarded(|| contender.engine.trace(case, MOST_STEPS));
    let theirs = theirs.ok().flatten();
    let printing = printing_step(case, expected, found);
    let parted = match &theirs {
        Some(theirs) => part(&reference, theirs),
        None => None,
    };
    // A print that goes wrong leaves no other trace.
    let (step, mut kind) = match (parted, printing) {
        (Some((step, kind)), Some(printing)) if step < printing => (Some(step), kind),
        (_, Some(printing)) => (Some(printing), Kind::Output.name()),
        (Some((step, kind)), None) => (Some(step), kind),
        (None, None) => {
            let known = theirs.is_some();
            let step = last_resort(&reference, expected, found, difference, known);
            (step, difference.kind.name())
        }
    };
    if kind == "end" {
        kind = difference.kind.name();
    }
    let step = step.filter(|&step| step < reference.len());
    let mut blame = put_down(case, step, &reference, theirs.as_deref(), expected, found);
    blame.kind = kind.to_owned();
    if step.is_none() && expected.ending != Ending::Refused {
        blame.kind = format!("{kind}: {}, not {}", found.ended(), expected.ended());
    }
    blame
}

/// What a disagreement is about where nobody knows the steps.
fn unexplained(expected: &Observation, found: &Observation, difference: &Difference) -> Location {
    let kind = difference.kind;
    let kind = match kind {
        _ if found.ending.is_odd() => crash::words(found),
        Kind::Output => format!("{}: {}", kind.name(), difference_in_words(expected, found)),
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

/// What there is at a step, and what both came to behind it if the other told of its steps.
fn put_down(
    case: &Case,
    step: Option<usize>,
    reference: &[Step],
    theirs: Option<&[Step]>,
    expected: &Observation,
    found: &Observation,
) -> Location {
    let mut blame = Location::default();
    if let Some(step) = step {
        let here = &reference[step];
        let written = instruction(case, &here.at);
        blame.instruction = name(case.machine, &written);
        blame.parting = theirs.map(|theirs| Divergence {
            number: step + 1,
            at: here.at.clone(),
            instruction: written,
            before: here.state.clone(),
            expected: next(reference, step, expected),
            found: next(theirs, step, found),
        });
    }
    let refused = expected.ending == Ending::Refused;
    let applied = match step {
        Some(step) => Some(step as u64 + 1),
        None => refused.then_some(0),
    };
    let applied =
        applied.and_then(|step| panics::guarded(|| reference::deciding(case, step)).ok()?);
    if let Some(mark) = applied {
        blame.clause = mark.clause.to_owned();
        blame.how = Some(mark.evidence);
    }
    blame
}

/// The step at which two runs part, counted from 0, and in what; none if they never do.
fn part(expected: &[Step], found: &[Step]) -> Option<(usize, &'static str)> {
    let differs = expected.iter().zip(found).position(|(a, b)| a != b);
    if let Some(step) = differs {
        let kind = match expected[step].at == found[step].at {
            true => "state",
            false => "path",
        };
        return Some((step.checked_sub(1)?, kind));
    }
    let shorter = expected.len().min(found.len());
    let whole = |steps: &[Step]| {
        let bytes = steps.iter().flat_map(|step| &step.state).map(String::len);
        steps.len() < MOST_STEPS && bytes.sum::<usize>() < MOST_STATE
    };
    let known = match expected.len() <= found.len() {
        true => whole(expected),
        false => whole(found),
    };
    known
        .then(|| Some((shorter.checked_sub(1)?, "end")))
        .flatten()
}

/// The step of the reference that printed the first byte that the other did not print so; none if
/// one merely printed more than the other and both may have ended early.
fn printing_step(case: &Case, expected: &Observation, found: &Observation) -> Option<usize> {
    let same = expected.output.iter().zip(&found.output);
    let same = same.take_while(|(a, b)| a == b).count();
    if same == expected.output.len() {
        return None;
    }
    let both_returned = [expected, found]
        .iter()
        .all(|seen| seen.ending == Ending::Returned);
    if same == found.output.len() && !both_returned {
        return None;
    }
    // The least fuel with which so much is printed: with one less, the run ends before that print.
    let enough = |fuel: u64| {
        panics::read(&with_fuel(case, fuel))
            .observation
            .output
            .len()
            > same
    };
    let (mut low, mut high) = (0, panics::read(case).steps);
    while low < high {
        let middle = low + (high - low) / 2;
        match enough(middle) {
            true => high = middle,
            false => low = middle + 1,
        }
    }
    step_behind(case, low.checked_sub(1)?)
}

/// The step for which there is no more fuel if there is so much.
pub(super) fn step_behind(case: &Case, fuel: u64) -> Option<usize> {
    let case = with_fuel(case, fuel);
    let steps = panics::guarded(|| Reference.trace(&case, MOST_STEPS)).ok()??;
    (steps.len() < MOST_STEPS).then_some(steps.len())
}

/// The case with so much fuel.
pub(super) fn with_fuel(case: &Case, fuel: u64) -> Case {
    let mut case = case.clone();
    case.limits.fuel = Some(fuel);
    case
}

/// The step that is the likeliest, where traces do not tell.
fn last_resort(
    reference: &[Step],
    expected: &Observation,
    found: &Observation,
    difference: &Difference,
    traced: bool,
) -> Option<usize> {
    let last = reference.len().checked_sub(1);
    if reference.len() >= MOST_STEPS {
        return None;
    }
    if traced && difference.kind != Kind::Output {
        return last;
    }
    // The reference went past the place where the other stopped.
    let stopped = found.at.as_ref();
    let passed = stopped.and_then(|at| reference.iter().position(|step| step.at == *at));
    match (passed, expected.ending) {
        (Some(step), _) => Some(step),
        (None, Ending::Faulted) => last,
        (None, _) if difference.kind == Kind::Value => last,
        (None, _) => None,
    }
}

/// What a run came to behind a step.
fn next(steps: &[Step], step: usize, seen: &Observation) -> Next {
    match steps.get(step + 1) {
        Some(next) => Next::Step(next.at.clone(), next.state.clone()),
        None => {
            let mut words = seen.ending.name().to_owned();
            for more in [&seen.fault, &seen.value].into_iter().flatten() {
                words += " ";
                words += more;
            }
            Next::End(words)
        }
    }
}

/// The instruction at a place: the line of a text, the name of a binary one.
fn instruction(case: &Case, at: &str) -> String {
    find_instruction(case, at).unwrap_or_default()
}

fn find_instruction(case: &Case, at: &str) -> Option<String> {
    let (place, index) = at.rsplit_once(':')?;
    let index: usize = index.parse().ok()?;
    match case.machine {
        Machine::Mmm | Machine::Py => {
            let (file, _) = place.rsplit_once('#')?;
            let bytes = case.files.get(&format!("{}{file}", case.root_prefix()))?;
            let line = bytes
                .split(|&byte| byte == b'\n')
                .nth(index.checked_sub(1)?)?;
            Some(String::from_utf8_lossy(line).trim().to_owned())
        }
        Machine::Sc => {
            let case = lowered(case).ok()?;
            let file = vm::sc::decode("", case.files.get(&case.entry)?, false).ok()?;
            Some(file.row(file.instructions.get(index)?).name.to_owned())
        }
    }
}

/// What an instruction is known by: its mnemonic.
fn name(machine: Machine, written: &str) -> String {
    match machine {
        Machine::Mmm => written.split([' ', '\t']).next().unwrap_or_default(),
        Machine::Sc | Machine::Py => written,
    }
    .to_owned()
}
