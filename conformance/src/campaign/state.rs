//! A saved campaign, `campaign.json`: it can be resumed, or merged with others.

use super::curve::{Curve, Sample};
use super::error::Error;
use super::finding::Finding;
use super::folder::Folder;
use super::ledger::Ledger;
use super::options::Options;
use super::saved::{
    SavedCounts, SavedFinding, check_count, check_time, in_millis, millis, optional_millis,
};
use super::settings::Settings;
use super::shard::Shard;
use crate::case::Case;
use crate::generate::generator;
use crate::machine::Machine;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The number of the file's format; it changes when a reader has to.
const FORMAT: u32 = 1;

/// A saved campaign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    format: u32,
    /// What was run.
    pub settings: Settings,
    /// The parts of the campaign that were run, and how far each is.
    pub parts: Vec<Part>,
    #[serde(with = "millis")]
    elapsed_ms: Duration,
    counts: SavedCounts,
    curve: Vec<SavedSample>,
    findings: Vec<SavedFinding>,
}

/// A part of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Part {
    /// The index of the part, from 0.
    pub index: u64,
    /// The number of parts.
    pub count: u64,
    /// The number of programs of the whole campaign, if that ends it.
    pub runs: Option<u64>,
    /// The time limit, if that ends it.
    #[serde(rename = "time_ms", with = "optional_millis")]
    pub time: Option<Duration>,
    /// The first turn that was never started.
    pub next: u64,
    /// The turns before that one which are not done, as pairs of start and end.
    pub undone: Vec<(u64, u64)>,
}

impl Part {
    /// Returns the shard that the part is.
    pub fn shard(&self) -> Shard {
        Shard {
            index: self.index,
            count: self.count.max(1),
        }
    }

    /// Returns true if all programs of the part are done.
    pub fn is_done(&self) -> bool {
        let end = self.runs.map(|runs| self.shard().turns(runs));
        self.undone.is_empty() && end.is_some_and(|end| self.next >= end)
    }

    /// Checks that the part is one that a campaign can have.
    fn check(&self) -> Result<(), Error> {
        let invalid = |why: &str| Err(Error::invalid("parts", why));
        if self.index >= self.count {
            return invalid("the index of a part is not below the number of parts");
        }
        if self.next > self.shard().max_turns() {
            return invalid("a part has more turns than there are programs");
        }
        let mut undone = self.undone.clone();
        undone.sort_unstable();
        let is_sound = |&(start, end): &(u64, u64)| start < end && end <= self.next;
        let is_apart = |pair: &[(u64, u64)]| pair[0].1 <= pair[1].0;
        if !undone.iter().all(is_sound) || !undone.windows(2).all(is_apart) {
            return invalid("the undone turns of a part are not separate ranges before 'next'");
        }
        check_time("parts.time_ms", self.time.unwrap_or_default())
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedSample {
    #[serde(with = "millis")]
    elapsed_ms: Duration,
    programs: u64,
    clauses: u64,
    findings: u64,
}

impl State {
    /// Returns the state of a campaign with one part.
    pub(super) fn of(options: &Options, ledger: &Ledger) -> State {
        let ledger = ledger.at_rest();
        let Shard { index, count } = options.shard;
        let undone = ledger.undone.iter().map(|turns| (turns.start, turns.end));
        let part = Part {
            index,
            count,
            runs: options.runs,
            time: options.time.map(in_millis),
            next: ledger.next,
            undone: undone.collect(),
        };
        State::new(Settings::of(options), vec![part], &ledger)
    }

    /// Returns the state of a campaign.
    pub(super) fn new(settings: Settings, parts: Vec<Part>, ledger: &Ledger) -> State {
        let words = words(Machine::from_name(&settings.machine));
        let sample = |sample: &Sample| SavedSample {
            elapsed_ms: in_millis(sample.elapsed),
            programs: sample.programs,
            clauses: sample.clauses,
            findings: sample.findings,
        };
        State {
            format: FORMAT,
            settings,
            parts,
            elapsed_ms: in_millis(ledger.elapsed),
            counts: SavedCounts::of(&ledger.counts, words),
            curve: ledger.curve.samples().iter().map(sample).collect(),
            findings: ledger.findings.values().map(SavedFinding::of).collect(),
        }
    }

    /// Returns the machine of the campaign, if there is one of that name.
    pub fn machine(&self) -> Option<Machine> {
        Machine::from_name(&self.settings.machine)
    }

    /// Returns the time that the campaign took so far.
    pub fn elapsed(&self) -> Duration {
        self.elapsed_ms
    }

    /// Returns the number of distinct findings.
    pub fn findings(&self) -> usize {
        self.findings.len()
    }

    /// Reads the states in a folder of findings: one for each machine that has one there. Nothing
    /// in them is run or opened.
    pub fn read_all(findings: &Path) -> Result<Vec<State>, Error> {
        let states = Machine::ALL
            .into_iter()
            .map(|machine| State::read(findings, machine));
        let states: Result<Vec<Option<State>>, Error> = states.collect();
        Ok(states?.into_iter().flatten().collect())
    }

    /// Reads the state of a machine's campaign; `None` if there is none.
    fn read(findings: &Path, machine: Machine) -> Result<Option<State>, Error> {
        let folder = Folder::new(findings, machine);
        let Some(bytes) = folder.read_state()? else {
            return Ok(None);
        };
        State::from_slice(&bytes, machine)
            .map(Some)
            .map_err(|error| match error {
                Error::Parse { source, .. } => Error::Parse {
                    path: folder.state_path(),
                    source,
                },
                error => error,
            })
    }

    /// Parses a state and checks that it is one that a campaign of this machine can have.
    pub(super) fn from_slice(bytes: &[u8], machine: Machine) -> Result<State, Error> {
        let state: State = serde_json::from_slice(bytes).map_err(|source| Error::Parse {
            path: PathBuf::new(),
            source,
        })?;
        state.check(machine)?;
        Ok(state)
    }

    /// Checks that the state is one that a campaign of this machine can have.
    fn check(&self, machine: Machine) -> Result<(), Error> {
        if self.format != FORMAT {
            let why = format!("this version reads format {FORMAT}, not {}", self.format);
            return Err(Error::invalid("format", why));
        }
        if self.machine() != Some(machine) {
            let why = format!("it is in the folder of {machine}");
            return Err(Error::invalid("settings.machine", why));
        }
        self.settings.check()?;
        self.parts.iter().try_for_each(Part::check)?;
        self.restore(machine).map(drop)
    }

    /// Writes the state into a folder of findings. If that fails, an older state stays.
    pub fn save(&self, findings: &Path) -> Result<(), Error> {
        let machine = self.machine().ok_or_else(|| unknown_machine(self))?;
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::invalid("state", error.to_string()))?;
        bytes.push(b'\n');
        Folder::new(findings, machine).write_state(&bytes)
    }

    /// Returns the ledger, if the state is one of a campaign with these options.
    pub(super) fn ledger(&self, options: &Options) -> Result<Ledger, Error> {
        if let Some((what, left, right)) = self.settings.difference(&Settings::of(options)) {
            return Err(Error::Different {
                what,
                folders: None,
                left,
                right,
            });
        }
        let [part] = &self.parts[..] else {
            return Err(Error::SeveralParts);
        };
        if part.shard() != options.shard {
            return Err(Error::Different {
                what: "part",
                folders: None,
                left: part.shard().to_string(),
                right: options.shard.to_string(),
            });
        }
        let mut ledger = self.restore(options.machine)?;
        ledger.next = part.next;
        let range = |&(start, end): &(u64, u64)| -> Range<u64> { start..end };
        ledger.undone = part.undone.iter().map(range).collect();
        if let Some(findings) = &options.findings {
            let folder = Folder::new(findings, options.machine);
            for identity in self
                .findings
                .iter()
                .filter_map(SavedFinding::saved_identity)
            {
                if let Some(finding) = ledger.findings.get_mut(identity) {
                    finding.folder = Some(folder.finding_path(&finding.case));
                }
            }
        }
        Ok(ledger)
    }

    /// Returns a ledger with the counts and the findings, after checking them.
    pub(super) fn restore(&self, machine: Machine) -> Result<Ledger, Error> {
        check_time("elapsed_ms", self.elapsed_ms)?;
        let mut samples = Vec::new();
        for sample in &self.curve {
            check_time("curve.elapsed_ms", sample.elapsed_ms)?;
            for count in [sample.programs, sample.clauses, sample.findings] {
                check_count("curve", count)?;
            }
            samples.push(Sample {
                elapsed: sample.elapsed_ms,
                programs: sample.programs,
                clauses: sample.clauses,
                findings: sample.findings,
            });
        }
        let findings = self.restore_findings(machine)?.into_iter();
        Ok(Ledger {
            counts: self.counts.restore(words(Some(machine)))?,
            findings: findings
                .map(|finding| (finding.identity.clone(), finding))
                .collect(),
            curve: Curve::from_samples(samples),
            elapsed: self.elapsed_ms,
            ..Ledger::default()
        })
    }

    fn restore_findings(&self, machine: Machine) -> Result<Vec<Finding>, Error> {
        let findings = self.findings.iter();
        findings
            .map(|saved| saved.restore(machine, self.settings.seed))
            .collect()
    }

    /// Returns the cases that were saved in a folder of findings, by name; none if its state cannot
    /// be read.
    pub(super) fn saved_cases(findings: &Path, machine: Machine) -> BTreeMap<String, Case> {
        let state = State::read(findings, machine).ok().flatten();
        let findings = state.map(|state| state.restore_findings(machine));
        let findings = findings
            .and_then(Result::ok)
            .unwrap_or_default()
            .into_iter();
        findings
            .map(|finding| (finding.case.name.clone(), finding.case))
            .collect()
    }
}

/// Returns the vocabulary of a machine's generator.
fn words(machine: Option<Machine>) -> Vec<String> {
    let words = machine.and_then(generator).map(|known| (known.words)());
    words.unwrap_or_default()
}

/// Returns the error for a machine that does not exist.
pub(super) fn unknown_machine(state: &State) -> Error {
    let why = format!("there is no machine {:?}", state.settings.machine);
    Error::invalid("settings.machine", why)
}
