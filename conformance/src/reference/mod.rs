//! Reference evaluators: the specification once more, told as plainly as can be.
//!
//! A reference is slow, small and obvious, and has a parser of its own, so that a fault in the
//! machine's parser shows too. A reference never uses anything of the machine that it judges.

pub mod mmm;
pub mod sc;

use crate::case::Case;
use crate::engine::{Ending, Observation};
use crate::machine::Machine;

/// What a reference saw of a run, and how many instructions ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What it saw.
    pub seen: Observation,
    /// How many instructions ran.
    pub steps: u64,
}

/// Runs a case on the reference of its machine. It takes sc in binary only: what is text comes
/// here by way of [`crate::engines::reference`].
pub fn read(case: &Case) -> Reading {
    match case.machine {
        Machine::Mmm => mmm::read(case),
        Machine::Sc => sc::read(case),
        Machine::Py => Reading {
            seen: Observation::of(Ending::Garbled)
                .with_detail(format!("{} has no reference evaluator", case.machine)),
            steps: 0,
        },
    }
}
