//! How far a running campaign is.

use std::time::Duration;

/// How far a running campaign is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// The number of programs that were run.
    pub programs: u64,
    /// Programs a second, in this session.
    pub rate: f64,
    /// The time since the start, earlier sessions included.
    pub elapsed: Duration,
    /// The time that the campaign will still take, if that is known.
    pub left: Option<Duration>,
    /// The number of programs that disagreed.
    pub disagreements: u64,
    /// The number of distinct findings.
    pub findings: u64,
    /// How many of the machine's mnemonics were generated, and how many there are.
    pub instructions: (u64, u64),
    /// How many of the machine's clauses were applied, and how many there are.
    pub clauses: (u64, u64),
    /// How far the reduction of the findings is; `None` while programs are still run.
    pub reducing: Option<ReductionProgress>,
}

/// How far the reduction of the findings is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReductionProgress {
    /// The number of findings that are done.
    pub done: usize,
    /// The number of findings to reduce.
    pub all: usize,
    /// The number of programs that were tried.
    pub tried: u64,
}
