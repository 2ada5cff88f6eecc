//! The result of a campaign.

use super::curve::Sample;
use super::finding::Finding;
use crate::engine::Ending;
use std::collections::BTreeMap;
use std::time::Duration;

/// The result of a campaign.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// The number of programs that were run.
    pub programs: u64,
    /// The number of programs that were skipped because their output is not portable.
    pub not_portable: u64,
    /// The number of damaged files that load; `None` in a campaign of generated programs.
    pub loaded: Option<u64>,
    /// The time that the campaign took, reduction included.
    pub elapsed: Duration,
    /// The number of programs that executed at least [`SUBSTANTIAL_STEPS`](super::SUBSTANTIAL_STEPS)
    /// instructions and were not refused.
    pub substantial: u64,
    /// How often each mnemonic occurs in the programs.
    pub mnemonics: Vec<(String, u64)>,
    /// How often each operand at a boundary occurs in the programs.
    pub boundaries: Vec<(String, u64)>,
    /// The number of programs by their ending, as the oracle observed it.
    pub endings: BTreeMap<Ending, u64>,
    /// The number of programs by the fault or limit that ended them.
    pub faults: BTreeMap<String, u64>,
    /// The number of comparisons that a limit left without a result.
    pub inconclusive: u64,
    /// The number of programs for which the clauses were recorded.
    pub sampled: u64,
    /// How many of those show each clause to hold, to be violated, and at its boundary.
    pub clauses: BTreeMap<String, [u64; 3]>,
    /// How far the campaign was over time: at most a few hundred samples.
    pub curve: Vec<Sample>,
    /// The number of programs that disagreed.
    pub disagreements: u64,
    /// The distinct findings, by the number of their first program.
    pub findings: Vec<Finding>,
    /// True if the campaign ended before all of its programs were run.
    pub unfinished: bool,
    /// Why not everything could be saved, if so.
    pub unsaved: Option<String>,
}

impl Summary {
    /// Returns the number of programs a second, without the time for reduction.
    pub fn rate(&self) -> f64 {
        let last = self.curve.last().filter(|last| last.programs > 0);
        let (programs, time) = last.map_or((self.programs, self.elapsed), |last| {
            (last.programs, last.elapsed)
        });
        programs as f64 / time.as_secs_f64().max(1e-9)
    }

    /// Returns true if programs were run and no engine disagreed. A campaign that ran nothing
    /// shows nothing, so it does not pass.
    pub fn passes(&self) -> bool {
        self.disagreements == 0 && self.programs > 0
    }
}
