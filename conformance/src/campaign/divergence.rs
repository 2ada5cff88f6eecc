//! The first step at which the runs of two engines differ.

use serde::{Deserialize, Serialize};

/// The first step after which two traced runs of a program differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Divergence {
    /// The number of the step in the run, from 1.
    pub step: u64,
    /// The place of the instruction, in the form of [`Observation::at`](crate::engine::Observation::at).
    pub at: String,
    /// The instruction: its source line, or its name in a binary file.
    pub instruction: String,
    /// What both machines held before it.
    pub before: Vec<String>,
    /// What follows in the run of the oracle.
    pub expected: Next,
    /// What follows in the run of the other engine.
    pub found: Next,
}

/// What follows a step of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Next {
    /// Another instruction.
    Step {
        /// The place of that instruction.
        at: String,
        /// What the machine holds before it.
        state: Vec<String>,
    },
    /// The end of the run: its ending, then fault and value if there are any.
    End(String),
}
