//! The options of a campaign.

use super::shard::Shard;
use crate::generate::Aim;
use crate::machine::Machine;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// What a campaign runs, and for how long.
#[derive(Clone, Debug)]
pub struct Options {
    /// The machine whose programs are generated.
    pub machine: Machine,
    /// The seed of the programs.
    pub seed: u64,
    /// The ending that the programs aim at.
    pub aim: Aim,
    /// The part of the campaign's programs to run.
    pub shard: Shard,
    /// The number of threads.
    pub jobs: usize,
    /// The number of programs of the whole campaign; `None` goes on until the time is over.
    pub runs: Option<u64>,
    /// The time limit of the whole campaign, reduction and earlier sessions included.
    pub time: Option<Duration>,
    /// Runs damaged binary files instead of generated programs, on our own machine.
    pub mutated: bool,
    /// Skips programs whose output has a layout of this project's own.
    pub portable: bool,
    /// The clauses that a program shows are recorded for the first few thousand programs, and
    /// then for one program in this many, because recording takes time; 0 records none.
    pub clause_sampling: u64,
    /// The number of distinct findings that ends the campaign.
    pub max_findings: usize,
    /// Reduces each finding to a program that is as small as possible.
    pub reduce: bool,
    /// The folder to save findings in, if they are to be saved.
    pub findings: Option<PathBuf>,
    /// Saves the campaign's state in that folder even if there are no findings, so that the
    /// campaign can be resumed.
    pub keep_state: bool,
    /// The flags that name the engines, each with its value, for the commands in reports.
    pub flags: Vec<String>,
    /// The flags with which `mmm conform` and `mmm reduce` take each engine, by the engine's name.
    pub engine_flags: BTreeMap<String, String>,
    /// Starts no more programs once this is true.
    pub stop: &'static AtomicBool,
    /// Ends whatever the engines are running when its result is no longer needed.
    pub kill_engines: fn(),
}

/// A stop flag that is never set.
static NEVER: AtomicBool = AtomicBool::new(false);

impl Options {
    /// Returns the options of a campaign of `runs` programs on one thread that saves nothing.
    pub fn new(machine: Machine, seed: u64, runs: u64) -> Options {
        Options {
            machine,
            seed,
            aim: Aim::Any,
            shard: Shard::WHOLE,
            jobs: 1,
            runs: Some(runs),
            time: None,
            mutated: false,
            portable: false,
            clause_sampling: 64,
            max_findings: 8,
            reduce: true,
            findings: None,
            keep_state: false,
            flags: Vec::new(),
            engine_flags: BTreeMap::new(),
            stop: &NEVER,
            kill_engines: || {},
        }
    }

    /// Returns the first turn that is not part of the campaign.
    pub(super) fn end(&self) -> u64 {
        let max = self.shard.max_turns();
        let end = self.runs.map(|runs| self.shard.turns(runs));
        end.unwrap_or(max).min(max)
    }
}
