//! Findings and counts as `campaign.json` holds them.
//!
//! Whatever is read back is checked, because the file may come from someone else: names and paths
//! are never taken from it, and every number is within bounds that no campaign reaches.

use super::consensus::{EngineRun, Groups};
use super::counts::Counts;
use super::divergence::Divergence;
use super::error::Error;
use super::finding::{Finding, Identity};
use super::naming::{name, named};
use crate::case::{Case, CaseLimits, Header};
use crate::compare::{Difference, Kind};
use crate::engine::{Ending, Observation};
use crate::machine::Machine;
use crate::reference::Evidence;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The maximal value of a count, so that sums of counts cannot overflow.
const MAX_COUNT: u64 = 1 << 48;
/// The maximal time of a campaign: 100 years.
const MAX_TIME: Duration = Duration::from_secs(100 * 366 * 86_400);
/// The maximal length of a file's name, in bytes.
const MAX_NAME_BYTES: usize = 200;

/// The counts of a campaign.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedCounts {
    programs: u64,
    not_portable: u64,
    loaded: u64,
    substantial: u64,
    inconclusive: u64,
    disagreements: u64,
    words: BTreeMap<String, u64>,
    endings: BTreeMap<String, u64>,
    faults: BTreeMap<String, u64>,
    sampled: u64,
    clauses: BTreeMap<String, [u64; 3]>,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedFinding {
    number: u64,
    programs: u64,
    #[serde(with = "millis")]
    elapsed_ms: Duration,
    identity: Identity,
    groups: Groups,
    clause: String,
    evidence: Option<String>,
    engine: String,
    difference: SavedDifference,
    case: SavedCase,
    runs: Vec<SavedRun>,
    divergence: Option<Divergence>,
    occurrences: u64,
    reduced: bool,
    reproducible: bool,
    /// True if the finding has a folder.
    saved: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedDifference {
    kind: String,
    expected: String,
    found: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedCase {
    entry: String,
    files: BTreeMap<String, String>,
    files_base64: BTreeMap<String, String>,
    root: bool,
    strict: bool,
    limits: BTreeMap<String, u64>,
    holds: Vec<String>,
    breaks: Vec<String>,
    boundary: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedRun {
    engine: String,
    /// The text form of the observation; `None` if the program was not run.
    observation: Option<String>,
    detail: Option<String>,
}

const EVIDENCE: [(Evidence, &str); 3] = [
    (Evidence::Holds, "holds"),
    (Evidence::Breaks, "breaks"),
    (Evidence::Boundary, "boundary"),
];

const KINDS: [Kind; 5] = [
    Kind::Ending,
    Kind::Fault,
    Kind::Output,
    Kind::Value,
    Kind::At,
];

impl SavedCounts {
    /// Returns counts in their saved form; `words` is the vocabulary of the generator.
    pub(super) fn of(counts: &Counts, words: Vec<String>) -> SavedCounts {
        let endings = counts.endings.iter();
        SavedCounts {
            programs: counts.programs,
            not_portable: counts.not_portable,
            loaded: counts.loaded,
            substantial: counts.substantial,
            inconclusive: counts.inconclusive,
            disagreements: counts.disagreements,
            words: words
                .into_iter()
                .zip(counts.words.iter().copied())
                .collect(),
            endings: endings
                .map(|(ending, &count)| (ending.name().to_owned(), count))
                .collect(),
            faults: counts.faults.clone(),
            sampled: counts.sampled,
            clauses: counts.clauses.clone(),
        }
    }

    /// Checks the counts and returns them, for the vocabulary of the generator.
    pub(super) fn restore(&self, words: Vec<String>) -> Result<Counts, Error> {
        let mut endings = BTreeMap::new();
        for (name, &count) in &self.endings {
            let ending = Ending::from_name(name)
                .ok_or_else(|| Error::invalid("counts.endings", format!("{name:?} is unknown")))?;
            endings.insert(ending, count);
        }
        let counts = Counts {
            programs: self.programs,
            not_portable: self.not_portable,
            loaded: self.loaded,
            substantial: self.substantial,
            inconclusive: self.inconclusive,
            disagreements: self.disagreements,
            words: words
                .into_iter()
                .map(|word| self.words.get(&word).copied().unwrap_or(0))
                .collect(),
            endings,
            faults: self.faults.clone(),
            sampled: self.sampled,
            clauses: self.clauses.clone(),
        };
        let single = [
            self.programs,
            self.not_portable,
            self.loaded,
            self.substantial,
            self.inconclusive,
            self.disagreements,
            self.sampled,
        ];
        let all = single
            .iter()
            .chain(&counts.words)
            .chain(counts.endings.values())
            .chain(counts.faults.values())
            .chain(counts.clauses.values().flatten());
        for &count in all {
            check_count("counts", count)?;
        }
        Ok(counts)
    }
}

impl SavedFinding {
    /// Returns a finding in its saved form.
    pub(super) fn of(finding: &Finding) -> SavedFinding {
        let Difference {
            kind,
            expected,
            found,
        } = &finding.difference;
        let name = |how: Evidence| EVIDENCE.iter().find(|(known, _)| *known == how);
        let run = |run: &EngineRun| SavedRun {
            engine: run.name.clone(),
            observation: run.seen.as_ref().map(Observation::to_text),
            detail: run.seen.as_ref().and_then(|seen| seen.detail.clone()),
        };
        SavedFinding {
            number: finding.number,
            programs: finding.programs,
            elapsed_ms: in_millis(finding.elapsed),
            identity: finding.identity.clone(),
            groups: finding.groups.clone(),
            clause: finding.clause.clone(),
            evidence: finding
                .evidence
                .and_then(name)
                .map(|(_, name)| (*name).to_owned()),
            engine: finding.engine.clone(),
            difference: SavedDifference {
                kind: kind.name().to_owned(),
                expected: expected.clone(),
                found: found.clone(),
            },
            case: SavedCase::of(&finding.case),
            runs: finding.runs.iter().map(run).collect(),
            divergence: finding.divergence.clone(),
            occurrences: finding.occurrences,
            reduced: finding.reduced,
            reproducible: finding.reproducible,
            saved: finding.folder.is_some(),
        }
    }

    /// Returns the finding's identity if it had a folder when it was saved.
    pub(super) fn saved_identity(&self) -> Option<&Identity> {
        self.saved.then_some(&self.identity)
    }

    /// Checks the finding and returns it; it has no folder.
    pub(super) fn restore(&self, machine: Machine, seed: u64) -> Result<Finding, Error> {
        let invalid = |field: &str, why: &str| {
            let name = name(machine, seed, self.number);
            Error::invalid(format!("findings.{field}"), format!("{why}, in {name}"))
        };
        check_count("findings.programs", self.programs)?;
        check_count("findings.occurrences", self.occurrences)?;
        check_time("findings.elapsed_ms", self.elapsed_ms)?;
        if self.occurrences == 0 {
            return Err(invalid("occurrences", "0 is not a number of occurrences"));
        }
        let mut runs = Vec::new();
        for run in &self.runs {
            let mut seen = None;
            if let Some(text) = &run.observation {
                let observation = Observation::from_text(text);
                let mut observation =
                    observation.ok_or_else(|| invalid("runs", "a run is not an observation"))?;
                observation.detail.clone_from(&run.detail);
                seen = Some(observation);
            }
            runs.push(EngineRun {
                name: run.engine.clone(),
                seen,
            });
        }
        let first = runs.first().and_then(|run| run.seen.clone());
        let found = runs.iter().find(|run| run.name == self.engine);
        let found = found.and_then(|run| run.seen.clone());
        let (Some(expected), Some(found)) = (first, found) else {
            return Err(invalid("runs", "an engine has no run"));
        };
        let kind = KINDS
            .into_iter()
            .find(|known| known.name() == self.difference.kind)
            .ok_or_else(|| invalid("difference", "its kind is unknown"))?;
        let evidence = match &self.evidence {
            None => None,
            Some(how) => {
                let known = EVIDENCE.iter().find(|(_, name)| name == how);
                Some(known.ok_or_else(|| invalid("evidence", "it is unknown"))?.0)
            }
        };
        let case = self.case.restore(machine)?;
        Ok(Finding {
            number: self.number,
            programs: self.programs,
            elapsed: self.elapsed_ms,
            identity: self.identity.clone(),
            groups: self.groups.clone(),
            clause: self.clause.clone(),
            evidence,
            engine: self.engine.clone(),
            difference: Difference {
                kind,
                expected: self.difference.expected.clone(),
                found: self.difference.found.clone(),
            },
            case: named(seed, self.number, case),
            expected,
            found,
            runs,
            divergence: self.divergence.clone(),
            occurrences: self.occurrences,
            reduced: self.reduced,
            reproducible: self.reproducible,
            folder: None,
        })
    }
}

impl SavedCase {
    fn of(case: &Case) -> SavedCase {
        let (mut files, mut files_base64) = (BTreeMap::new(), BTreeMap::new());
        for (name, bytes) in &case.files {
            match std::str::from_utf8(bytes) {
                Ok(text) => drop(files.insert(name.clone(), text.to_owned())),
                Err(_) => drop(files_base64.insert(name.clone(), BASE64.encode(bytes))),
            }
        }
        let mut limits = case.limits;
        let limits = limits.fields().into_iter();
        let Header {
            holds,
            breaks,
            boundary,
            ..
        } = case.header.clone();
        SavedCase {
            entry: case.entry.clone(),
            files,
            files_base64,
            root: case.root,
            strict: case.strict,
            limits: limits
                .filter_map(|(name, max)| Some((name.to_owned(), (*max)?)))
                .collect(),
            holds,
            breaks,
            boundary,
        }
    }

    fn restore(&self, machine: Machine) -> Result<Case, Error> {
        let invalid = |why: String| Error::invalid("findings.case", why);
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (name, text) in &self.files {
            files.insert(name.clone(), text.clone().into_bytes());
        }
        for (name, text) in &self.files_base64 {
            let bytes = BASE64.decode(text.as_bytes());
            let bytes =
                bytes.map_err(|error| invalid(format!("{name:?} is not base64: {error}")))?;
            files.insert(name.clone(), bytes);
        }
        if let Some(name) = files.keys().find(|name| !is_plain_path(name)) {
            return Err(invalid(format!("{name:?} is not a plain relative path")));
        }
        if let Some(name) = files
            .keys()
            .find(|name| files.keys().any(|file| is_below(file, name)))
        {
            return Err(invalid(format!("{name:?} is both a file and a folder")));
        }
        if !files.contains_key(&self.entry) {
            return Err(invalid(format!("there is no file {:?}", self.entry)));
        }
        let clauses = [&self.holds, &self.breaks, &self.boundary];
        if let Some(id) = clauses.into_iter().flatten().find(|id| !is_clause_id(id)) {
            return Err(invalid(format!("{id:?} is not the id of a clause")));
        }
        Ok(Case {
            name: String::new(),
            machine,
            entry: self.entry.clone(),
            files,
            root: self.root,
            strict: self.strict,
            limits: self.restore_limits(machine)?,
            header: Header {
                about: Vec::new(),
                holds: self.holds.clone(),
                breaks: self.breaks.clone(),
                boundary: self.boundary.clone(),
            },
        })
    }

    /// Returns the limits, which may only be lower than those of a case that names none.
    fn restore_limits(&self, machine: Machine) -> Result<CaseLimits, Error> {
        let default = Case::single(machine, "", "").limits();
        let max = |name: &str| match name {
            "fuel" => default.fuel.unwrap_or(u64::MAX),
            "call_depth" => default.call_depth,
            "output_bytes" => default.output_bytes.unwrap_or(u64::MAX),
            _ => default.heap_bytes,
        };
        let mut limits = CaseLimits::default();
        for (name, &limit) in &self.limits {
            let mut fields = limits.fields().into_iter();
            let field = fields.find(|(known, _)| known == name);
            let (Some((_, field)), true) = (field, limit <= max(name)) else {
                let why = format!("the limit {name}={limit} is not one of a campaign");
                return Err(Error::invalid("findings.case.limits", why));
            };
            *field = Some(limit);
        }
        Ok(limits)
    }
}

/// Returns true for a relative path of plain components, which means the same everywhere.
fn is_plain_path(path: &str) -> bool {
    let is_plain = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part != "case.header"
            && !part.contains(|c: char| c.is_control() || "\\:".contains(c))
    };
    path.len() <= MAX_NAME_BYTES && path.split('/').all(is_plain)
}

/// Returns true if `file` is the path of something in the folder `folder`.
fn is_below(file: &str, folder: &str) -> bool {
    file.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// Returns true for text that can be the id of a clause.
fn is_clause_id(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !text.is_empty() && text.len() <= MAX_NAME_BYTES && text.chars().all(is_plain)
}

/// Checks that a count is within the bounds of a campaign.
pub(super) fn check_count(field: &str, count: u64) -> Result<(), Error> {
    match count <= MAX_COUNT {
        true => Ok(()),
        false => Err(Error::invalid(field, format!("{count} is too large"))),
    }
}

/// Checks that a time is within the bounds of a campaign.
pub(super) fn check_time(field: &str, time: Duration) -> Result<(), Error> {
    match time <= MAX_TIME {
        true => Ok(()),
        false => Err(Error::invalid(field, format!("{time:?} is too long"))),
    }
}

/// Returns a time without what [`millis`] does not save.
pub(super) fn in_millis(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// Durations as whole milliseconds.
pub(super) mod millis {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    pub(in super::super) fn serialize<S: Serializer>(
        time: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

/// Durations as whole milliseconds, or `null`.
pub(super) mod optional_millis {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::time::Duration;

    pub(in super::super) fn serialize<S: Serializer>(
        time: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        time.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
            .serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let millis = Option::<u64>::deserialize(deserializer)?;
        Ok(millis.map(Duration::from_millis))
    }
}
