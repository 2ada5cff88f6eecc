//! The trace of a case's run, from which single instructions are extracted.

use super::bounds::FUEL;
use crate::case::Case;
use crate::engine::{Engine, Step};
use crate::engines::reference::Reference;
use crate::panics::guarded;

/// A value with a longer printed form is not written down as a literal.
const MAX_VALUE_LENGTH: usize = 4096;

/// Returns the first `max_steps` steps of a case's run on the reference, without those that show a
/// long value: a megabyte as a literal does not make a program smaller. The steps are guesses that
/// need not be right, since every candidate is run.
pub(super) fn trace(case: &Case, max_steps: usize) -> Vec<Step> {
    let mut case = case.clone();
    case.limits.fuel = Some(case.limits.fuel.unwrap_or(FUEL).min(FUEL));
    let traced = guarded(|| Reference.trace(&case, max_steps));
    let mut steps = traced.ok().flatten().unwrap_or_default();
    let is_short = |value: &String| value.len() <= MAX_VALUE_LENGTH;
    steps.retain(|step| step.state.iter().all(is_short));
    steps
}
