//! What runs a case, and what it tells of it.

use crate::case::Case;
pub use mmm_case::{Ending, Observation, Step};

/// Something that runs programs: ours, a reference evaluator, somebody's process.
pub trait Engine {
    /// What reports call it.
    fn name(&self) -> &str;

    /// Runs a case to its end, however bad that is.
    fn observe(&mut self, case: &Case) -> Observation;

    /// The first `most` steps of a run, if this engine can tell of them.
    fn trace(&mut self, _case: &Case, _most: usize) -> Option<Vec<Step>> {
        None
    }
}
