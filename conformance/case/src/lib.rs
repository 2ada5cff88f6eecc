//! A case, and what an engine saw of it: the types that the harness and its reference evaluators
//! share.

mod case;
mod machine;
mod observation;

pub use case::*;
pub use machine::Machine;
pub use observation::{Ending, Observation, Step};
