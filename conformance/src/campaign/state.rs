//! A campaign that was put away: a file from which it can be gone on with, or merged with others.

use super::ledger::{Counts, Curve, Ledger};
use super::localize::Divergence;
use super::save::{of_path, place};
use super::{EngineRun, Finding, Groups, Identity, Options, Sample, Shard};
use crate::case::{Case, CaseLimits, Header};
use crate::compare::{Difference, Kind};
use crate::engine::{Ending, Observation};
use crate::generate::{Entropy, generator};
use crate::machine::Machine;
use crate::reference::Evidence;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

/// The name of the file.
const FILE: &str = "campaign.json";

/// A campaign, as it was put away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// What was run.
    pub settings: Settings,
    /// Which parts of it, and how far each is.
    pub parts: Vec<Part>,
    elapsed: Duration,
    counts: CountsForm,
    curve: Vec<Sample>,
    findings: Vec<FindingForm>,
}

/// What has to be the same for two campaigns to be parts of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The version of this program.
    pub version: String,
    /// What its first programs are, in a number: versions between two releases can differ, too.
    pub programs: String,
    /// The machine.
    pub machine: String,
    /// The seed.
    pub seed: u64,
    /// What the programs are to end in; none for anything.
    pub aim: Option<String>,
    /// Whether they are damaged files.
    pub mutated: bool,
    /// Whether programs whose output is not portable are left out.
    pub portable: bool,
    /// The flags that name the engines.
    pub engines: Vec<String>,
    /// The flags that name each of them to other commands.
    pub commands: BTreeMap<String, String>,
}

/// A part of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which, from 0.
    pub index: u64,
    /// Of how many.
    pub count: u64,
    /// The number that the campaign's programs are below, if it ends with one.
    pub runs: Option<u64>,
    /// The time that it may take, if that ends it.
    pub time: Option<Duration>,
    /// The first turn that nobody took.
    pub next: u64,
    /// Turns before that which are not done.
    pub again: Vec<(u64, u64)>,
}

impl Part {
    /// The shard that it is.
    pub fn shard(&self) -> Shard {
        Shard {
            index: self.index,
            count: self.count.max(1),
        }
    }

    /// Whether all of its programs are done.
    pub fn is_done(&self) -> bool {
        let end = self.runs.map(|runs| self.shard().turns(runs));
        self.again.is_empty() && end.is_some_and(|end| self.next >= end)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct CountsForm {
    programs: u64,
    left_out: u64,
    loaded: u64,
    substantial: u64,
    inconclusive: u64,
    disagreements: u64,
    words: BTreeMap<String, u64>,
    endings: BTreeMap<String, u64>,
    faults: BTreeMap<String, u64>,
    marked: u64,
    clauses: BTreeMap<String, [u64; 3]>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct FindingForm {
    number: u64,
    programs: u64,
    elapsed: Duration,
    identity: Identity,
    camps: Groups,
    clause: String,
    how: Option<String>,
    engine: String,
    difference: [String; 3],
    case: CaseForm,
    voices: Vec<VoiceForm>,
    parting: Option<Divergence>,
    times: u64,
    reduced: bool,
    steady: bool,
    folder: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct CaseForm {
    name: String,
    entry: String,
    files: BTreeMap<String, String>,
    files_base64: BTreeMap<String, String>,
    root: bool,
    strict: bool,
    limits: BTreeMap<String, u64>,
    about: Vec<String>,
    holds: Vec<String>,
    breaks: Vec<String>,
    boundary: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct VoiceForm {
    name: String,
    seen: String,
    detail: Option<String>,
}

impl Settings {
    /// Those of a campaign.
    pub fn of(options: &Options) -> Settings {
        Settings {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            programs: fingerprint(options),
            machine: options.machine.name().to_owned(),
            seed: options.seed,
            aim: options.aim.name().map(str::to_owned),
            mutated: options.mutated,
            portable: options.portable,
            engines: options.flags.clone(),
            commands: options.commands.clone(),
        }
    }

    /// In what they differ, if they do: what it is, and both.
    pub fn difference(&self, other: &Settings) -> Option<(&'static str, String, String)> {
        let aim = |settings: &Settings| settings.aim.clone().unwrap_or_else(|| "any".to_owned());
        let engines = |settings: &Settings| match settings.engines.is_empty() {
            true => "our own".to_owned(),
            false => settings.engines.join(" "),
        };
        let rows = [
            ("machine", self.machine.clone(), other.machine.clone()),
            ("seed", self.seed.to_string(), other.seed.to_string()),
            ("version", self.version.clone(), other.version.clone()),
            ("aim", aim(self), aim(other)),
            (
                "--mutated",
                self.mutated.to_string(),
                other.mutated.to_string(),
            ),
            ("choice of engines", engines(self), engines(other)),
            (
                "choice of portable programs",
                self.portable.to_string(),
                other.portable.to_string(),
            ),
            ("generator", self.programs.clone(), other.programs.clone()),
        ];
        rows.into_iter().find(|(_, left, right)| left != right)
    }
}

/// A number that changes when the generator does.
fn fingerprint(options: &Options) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    if let Some(generator) = generator(options.machine) {
        for number in 0..16 {
            let entropy = Entropy::seeded(options.seed, number);
            let case = (generator.generate)(entropy, options.aim).case;
            for byte in case.files.values().flatten() {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
    }
    format!("{hash:016x}")
}

fn broken(why: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_string())
}

impl State {
    pub(super) fn of(options: &Options, ledger: &Ledger) -> State {
        let ledger = ledger.at_rest();
        let Shard { index, count } = options.shard;
        let again = ledger.again.iter().map(|turns| (turns.start, turns.end));
        let part = Part {
            index,
            count,
            runs: options.runs,
            time: options.time,
            next: ledger.next,
            again: again.collect(),
        };
        State::new(Settings::of(options), vec![part], &ledger)
    }

    pub(super) fn new(settings: Settings, parts: Vec<Part>, ledger: &Ledger) -> State {
        let counts = &ledger.counts;
        let machine = Machine::from_name(&settings.machine);
        let names = machine.and_then(generator).map(|known| (known.words)());
        let words = names.unwrap_or_default().into_iter().zip(&counts.words);
        let endings = counts.endings.iter();
        State {
            settings,
            parts,
            elapsed: ledger.elapsed,
            counts: CountsForm {
                programs: counts.programs,
                left_out: counts.left_out,
                loaded: counts.loaded,
                substantial: counts.substantial,
                inconclusive: counts.inconclusive,
                disagreements: counts.disagreements,
                words: words.map(|(word, &count)| (word, count)).collect(),
                endings: endings
                    .map(|(ending, &count)| (ending.name().to_owned(), count))
                    .collect(),
                faults: counts.faults.clone(),
                marked: counts.marked,
                clauses: counts.clauses.clone(),
            },
            curve: ledger.curve.samples().to_vec(),
            findings: ledger.findings.values().map(FindingForm::of).collect(),
        }
    }

    /// The machine it is about.
    pub fn machine(&self) -> Option<Machine> {
        Machine::from_name(&self.settings.machine)
    }

    /// How long it took so far.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// How many different findings it has.
    pub fn findings(&self) -> usize {
        self.findings.len()
    }

    /// The states in a folder of findings: one for each machine that has one there.
    pub fn read_all(findings: &Path) -> io::Result<Vec<State>> {
        let mut states = Vec::new();
        for machine in Machine::ALL {
            let path = place(findings, machine).join(FILE);
            match fs::read(&path) {
                Ok(bytes) => states.push(
                    serde_json::from_slice(&bytes)
                        .map_err(|error| broken(format_args!("{}: {error}", path.display())))?,
                ),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let why = format!("{}: {error}", path.display());
                    return Err(io::Error::new(error.kind(), why));
                }
            }
        }
        Ok(states)
    }

    /// Writes it into a folder of findings: all of it, or the old one stays.
    pub fn save(&self, findings: &Path) -> io::Result<()> {
        let machine = self.machine().ok_or_else(|| broken("of no machine"))?;
        let folder = place(findings, machine);
        let new = folder.join(format!("{FILE}.new"));
        let text = serde_json::to_vec_pretty(self)?;
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&new, text))
            .and_then(|()| fs::rename(&new, folder.join(FILE)))
            .map_err(|error| of_path(&folder, &error))
    }

    /// What was known when it was put away, if it is a campaign of these options.
    pub(super) fn ledger(&self, options: &Options) -> io::Result<Ledger> {
        if let Some((what, this, other)) = self.settings.difference(&Settings::of(options)) {
            let why = format!("it was a campaign of another {what}: {this}, not {other}");
            return Err(broken(why));
        }
        let [part] = &self.parts[..] else {
            return Err(broken(
                "it is several parts in one: go on with each by itself",
            ));
        };
        if (part.index, part.count) != (options.shard.index, options.shard.count) {
            return Err(broken("it was another part of the campaign"));
        }
        let mut ledger = self.known()?;
        ledger.next = part.next;
        ledger.again = part.again.iter().map(|&(start, end)| start..end).collect();
        let sound =
            |turns: &std::ops::Range<u64>| turns.start < turns.end && turns.end <= part.next;
        match ledger.again.iter().all(sound) {
            true => Ok(ledger),
            false => Err(broken("the turns that are left make no sense")),
        }
    }

    /// Counts and findings.
    pub(super) fn known(&self) -> io::Result<Ledger> {
        let machine = self.machine().ok_or_else(|| broken("of no machine"))?;
        let form = &self.counts;
        let mut endings = BTreeMap::new();
        for (name, &count) in &form.endings {
            let ending = Ending::from_name(name);
            endings.insert(ending.ok_or_else(|| broken("of no ending"))?, count);
        }
        let names = generator(machine).map(|known| (known.words)());
        let words = names.unwrap_or_default().into_iter();
        let mut findings = BTreeMap::new();
        for form in &self.findings {
            let finding = form.finding(machine);
            let finding = finding.ok_or_else(|| broken("a finding in it makes no sense"))?;
            findings.insert(finding.identity.clone(), finding);
        }
        Ok(Ledger {
            counts: Counts {
                programs: form.programs,
                left_out: form.left_out,
                loaded: form.loaded,
                substantial: form.substantial,
                inconclusive: form.inconclusive,
                disagreements: form.disagreements,
                words: words
                    .map(|word| form.words.get(&word).copied().unwrap_or(0))
                    .collect(),
                endings,
                faults: form.faults.clone(),
                marked: form.marked,
                clauses: form.clauses.clone(),
            },
            findings,
            curve: Curve::of(self.curve.clone()),
            elapsed: self.elapsed,
            ..Ledger::default()
        })
    }
}

const SHOWINGS: [(Evidence, &str); 3] = [
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

impl FindingForm {
    fn of(finding: &Finding) -> FindingForm {
        let Finding {
            difference:
                Difference {
                    kind,
                    expected,
                    found,
                },
            ..
        } = finding;
        let named = |how: Evidence| SHOWINGS.iter().find(|(known, _)| *known == how);
        let how = finding.how.and_then(named);
        let voice = |voice: &EngineRun| VoiceForm {
            name: voice.name.clone(),
            seen: voice.seen.to_text(),
            detail: voice.seen.detail.clone(),
        };
        FindingForm {
            number: finding.number,
            programs: finding.programs,
            elapsed: finding.elapsed,
            identity: finding.identity.clone(),
            camps: finding.camps.clone(),
            clause: finding.clause.clone(),
            how: how.map(|(_, name)| (*name).to_owned()),
            engine: finding.engine.clone(),
            difference: [kind.name().to_owned(), expected.clone(), found.clone()],
            case: CaseForm::of(&finding.case),
            voices: finding.voices.iter().map(voice).collect(),
            parting: finding.parting.clone(),
            times: finding.times,
            reduced: finding.reduced,
            steady: finding.steady,
            folder: finding.folder.clone(),
        }
    }

    fn finding(&self, machine: Machine) -> Option<Finding> {
        let mut voices = Vec::new();
        for form in &self.voices {
            let mut seen = Observation::from_text(&form.seen)?;
            seen.detail.clone_from(&form.detail);
            voices.push(EngineRun {
                name: form.name.clone(),
                seen,
            });
        }
        let [kind, expected, found] = self.difference.clone();
        let other = voices.iter().find(|voice| voice.name == self.engine)?;
        let how = self.how.as_ref();
        Some(Finding {
            number: self.number,
            programs: self.programs,
            elapsed: self.elapsed,
            identity: self.identity.clone(),
            camps: self.camps.clone(),
            clause: self.clause.clone(),
            how: how.and_then(|how| Some(SHOWINGS.iter().find(|(_, name)| name == how)?.0)),
            engine: self.engine.clone(),
            difference: Difference {
                kind: KINDS.into_iter().find(|known| known.name() == kind)?,
                expected,
                found,
            },
            case: self.case.case(machine)?,
            expected: voices.first()?.seen.clone(),
            found: other.seen.clone(),
            voices,
            parting: self.parting.clone(),
            times: self.times,
            reduced: self.reduced,
            steady: self.steady,
            folder: self.folder.clone(),
        })
    }
}

impl CaseForm {
    fn of(case: &Case) -> CaseForm {
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
            about,
            holds,
            breaks,
            boundary,
        } = case.header.clone();
        CaseForm {
            name: case.name.clone(),
            entry: case.entry.clone(),
            files,
            files_base64,
            root: case.root,
            strict: case.strict,
            limits: limits
                .filter_map(|(name, most)| Some((name.to_owned(), (*most)?)))
                .collect(),
            about,
            holds,
            breaks,
            boundary,
        }
    }

    fn case(&self, machine: Machine) -> Option<Case> {
        let mut files = BTreeMap::new();
        for (name, text) in &self.files {
            files.insert(name.clone(), text.clone().into_bytes());
        }
        for (name, text) in &self.files_base64 {
            files.insert(name.clone(), BASE64.decode(text.as_bytes()).ok()?);
        }
        let mut limits = CaseLimits::default();
        for (name, field) in limits.fields() {
            *field = self.limits.get(name).copied();
        }
        files.contains_key(&self.entry).then(|| Case {
            name: self.name.clone(),
            machine,
            entry: self.entry.clone(),
            files,
            root: self.root,
            strict: self.strict,
            limits,
            header: Header {
                about: self.about.clone(),
                holds: self.holds.clone(),
                breaks: self.breaks.clone(),
                boundary: self.boundary.clone(),
            },
        })
    }
}
