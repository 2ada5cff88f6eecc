//! Which step of a run does something: found by bisecting on fuel.
//!
//! A run with less fuel is a prefix of the same run, so the least fuel with which something happens
//! names the step that does it. This works for engines that cannot trace their steps.

use super::contender::Contender;
use crate::case::Case;
use crate::engine::{Ending, Engine, Observation};
use crate::engines::reference::Reference;
use crate::panics::{self, observe};

/// The maximal number of steps of a run that are traced.
pub(super) const MAX_STEPS: usize = 1000;

/// Longer runs are not bisected, because each try would take too long.
const MAX_BISECTED_STEPS: u64 = 1_000_000;

/// Returns the index of the step at which an engine crashes: the first one for which it needs fuel
/// to crash. `None` if it crashes before the first step, or does not respect fuel.
pub(super) fn crash_step(
    case: &Case,
    contender: &mut Contender,
    found: &Observation,
) -> Option<usize> {
    // Each try on a hanging engine takes the whole time limit.
    if found.ending == Ending::Hung {
        return None;
    }
    let mut crashes = |fuel: u64| {
        let case = with_fuel(case, fuel);
        observe(&mut *contender.engine, &case).ending == found.ending
    };
    let steps = panics::read(case).steps;
    if steps == 0 || steps > MAX_BISECTED_STEPS || crashes(0) || !crashes(steps) {
        return None;
    }
    let least = least_fuel(1, steps, crashes);
    unpaid_step(case, least - 1)
}

/// Returns the index of the reference's step that printed the first byte that the other run lacks
/// or has differently; `None` if one run merely printed more and both may have ended early.
pub(super) fn printing_step(
    case: &Case,
    expected: &Observation,
    found: &Observation,
) -> Option<usize> {
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
    let prints_it = |fuel: u64| {
        panics::read(&with_fuel(case, fuel))
            .observation
            .output
            .len()
            > same
    };
    let steps = panics::read(case).steps;
    if steps > MAX_BISECTED_STEPS {
        return None;
    }
    let least = least_fuel(0, steps, prints_it);
    unpaid_step(case, least.checked_sub(1)?)
}

/// Returns the least number in `low..=high` for which `holds` returns true, given that it does for
/// `high`.
fn least_fuel(mut low: u64, mut high: u64, mut holds: impl FnMut(u64) -> bool) -> u64 {
    while low < high {
        let middle = low + (high - low) / 2;
        match holds(middle) {
            true => high = middle,
            false => low = middle + 1,
        }
    }
    low
}

/// Returns the index of the first step that `fuel` does not pay for.
fn unpaid_step(case: &Case, fuel: u64) -> Option<usize> {
    let case = with_fuel(case, fuel);
    let steps = panics::guarded(|| Reference.trace(&case, MAX_STEPS)).ok()??;
    (steps.len() < MAX_STEPS).then_some(steps.len())
}

/// Returns the case with another limit on fuel.
fn with_fuel(case: &Case, fuel: u64) -> Case {
    let mut case = case.clone();
    case.limits.fuel = Some(fuel);
    case
}
