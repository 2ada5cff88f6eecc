//! A disagreement between engines.

use super::consensus::{EngineRun, Groups};
use super::contender::REFERENCE;
use super::divergence::Divergence;
use crate::case::Case;
use crate::compare::Difference;
use crate::engine::Observation;
use crate::machine::SizeUnit;
use crate::reduce::Size;
use crate::reference::Evidence;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// What two disagreements have in common if they are the same finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The engines that differ from the oracle, grouped by equal results.
    pub against: Vec<Vec<String>>,
    /// The mnemonic of the first instruction after which the runs differ; empty if unknown.
    pub instruction: String,
    /// The clause that the reference applied there last; empty if unknown, and if an engine
    /// crashed there, because a crash does not depend on the clause.
    pub clause: String,
    /// In what the runs differ: `state`, `path`, a field of the observation, or the message of a
    /// crash.
    pub kind: String,
}

/// A program on which engines disagree.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The program's number.
    pub number: u64,
    /// The number of programs of the shard up to and including this one.
    pub programs: u64,
    /// When the finding was first met, since the start of the campaign.
    pub elapsed: Duration,
    /// What makes this finding differ from others.
    pub identity: Identity,
    /// The engines, grouped by equal results.
    pub groups: Groups,
    /// The clause that the reference applied last at the divergence; empty if unknown.
    pub clause: String,
    /// How the reference applied that clause, if it is known.
    pub evidence: Option<Evidence>,
    /// The first engine that disagrees with the oracle.
    pub engine: String,
    /// The first difference between the oracle and that engine.
    pub difference: Difference,
    /// The program, reduced if [`Finding::reduced`] is true.
    pub case: Case,
    /// What the oracle observed.
    pub expected: Observation,
    /// What [`Finding::engine`] observed.
    pub found: Observation,
    /// What each engine observed, the oracle first.
    pub runs: Vec<EngineRun>,
    /// The first step after which the two runs differ, if both engines have traces.
    pub divergence: Option<Divergence>,
    /// The number of programs of the campaign with this finding.
    pub occurrences: u64,
    /// True if the program is as small as it can be.
    pub reduced: bool,
    /// True if the program disagreed in the same way when it was run again.
    pub reproducible: bool,
    /// The folder in which the finding was saved.
    pub folder: Option<PathBuf>,
}

impl Finding {
    /// Returns the name of the oracle as it is used in a sentence: `the reference`, or an
    /// engine's name.
    pub fn oracle(&self) -> String {
        match self.runs.first() {
            Some(first) if first.name != REFERENCE => first.name.clone(),
            _ => format!("the {REFERENCE}"),
        }
    }

    /// Returns the size of the program: its instructions, or its bytes where instructions cannot
    /// be counted.
    pub fn size(&self) -> u64 {
        let size = Size::of(&self.case, self.case.machine.row().unit == SizeUnit::Byte);
        size.instructions.unwrap_or(size.bytes)
    }
}
