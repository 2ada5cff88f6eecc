//! Steps: the ways to make a case smaller.

use super::weight::Weight;
use crate::case::Case;

/// How cases of one form, such as text of one machine, are reduced.
pub(super) struct Form {
    /// Returns the weight of a case, which every step must lessen.
    pub(super) weigh: fn(&Case) -> Weight,
    /// Returns true if a case is well-formed. If the case to reduce is, candidates that are not are
    /// never run.
    pub(super) is_sound: fn(&Case) -> bool,
    /// The passes, in the order in which they are tried.
    pub(super) passes: &'static [Pass],
}

/// Returns the steps of one kind that apply to a case, in ascending order of their places.
pub(super) type Pass = for<'a> fn(&'a Case) -> Steps<'a>;

/// Steps, produced one by one.
pub(super) type Steps<'a> = Box<dyn Iterator<Item = Step<'a>> + 'a>;

/// A way to make a case smaller.
pub(super) struct Step<'a> {
    /// Where in the case the step applies; large steps come first. After a step is taken, its pass
    /// continues from its place.
    pub(super) place: u64,
    /// Returns the smaller case; `None` if the step turns out not to apply.
    pub(super) take: Box<dyn FnOnce() -> Option<Case> + 'a>,
}

impl<'a> Step<'a> {
    /// Returns a step at a place.
    pub(super) fn new(place: u64, take: impl FnOnce() -> Option<Case> + 'a) -> Step<'a> {
        Step {
            place,
            take: Box::new(take),
        }
    }
}
