//! A campaign: random programs on every engine, compared with the reference.
//!
//! Program `n` of a seed is the same everywhere and for ever; shards and jobs only divide the
//! numbers among them. What disagrees is reduced and saved as a case that the corpus can keep.

mod guard;
pub mod mutated;
mod save;

use crate::case::Case;
use crate::compare::{Difference, Kind, Verdict};
use crate::engine::{Ending, Engine, Observation};
use crate::generate::{Aim, Entropy, Generated, Generator};
use crate::machine::Machine;
use crate::reduce::reduce;
use crate::reference::Reading;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) use guard::guarded;
pub use guard::observe;

/// Programs that a thread takes at a time.
const BATCH: u64 = 64;
/// How often the caller hears of the progress.
const HEARTBEAT: Duration = Duration::from_millis(200);
/// A program that runs so many instructions has done something.
pub const A_WHILE: u64 = 10;

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The machine whose programs are generated.
    pub machine: Machine,
    /// Where the programs come from.
    pub seed: u64,
    /// What the programs are to end in.
    pub aim: Aim,
    /// Which part of the programs.
    pub shard: Shard,
    /// Threads.
    pub jobs: usize,
    /// The campaign is programs 0 up to this one; `None` goes on until the time is over.
    pub runs: Option<u64>,
    /// The time after which no more programs are begun.
    pub time: Option<Duration>,
    /// How an engine's observation is compared with the reference's.
    pub compare: fn(&Observation, &Observation) -> Verdict,
    /// Damaged binary files in place of programs, on our own machine.
    pub mutated: bool,
    /// Leaves out programs whose output has a layout of this project's own.
    pub portable: bool,
    /// It is over when there are so many different findings.
    pub most_findings: usize,
    /// The folder to save findings under, if they are to be saved.
    pub findings: Option<PathBuf>,
    /// No more programs are begun once this is true.
    pub stop: &'static AtomicBool,
}

/// What stops nothing.
static NEVER: AtomicBool = AtomicBool::new(false);

/// One of several equal parts: the numbers that leave `index` when divided by `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 0.
    pub index: u64,
    /// Of how many; at least 1.
    pub count: u64,
}

impl Shard {
    /// All there is.
    pub const WHOLE: Shard = Shard { index: 0, count: 1 };
}

impl Options {
    /// A campaign of `runs` programs, on one thread, compared to the letter, saved nowhere.
    pub fn new(machine: Machine, seed: u64, runs: u64) -> Options {
        Options {
            machine,
            seed,
            aim: Aim::Any,
            shard: Shard::WHOLE,
            jobs: 1,
            runs: Some(runs),
            time: None,
            compare: crate::compare::exactly,
            mutated: false,
            portable: false,
            most_findings: 8,
            findings: None,
            stop: &NEVER,
        }
    }
}

/// How far a campaign has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Programs run.
    pub programs: u64,
    /// Since the start.
    pub elapsed: Duration,
    /// Programs that disagreed.
    pub disagreements: u64,
}

/// What a campaign came to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Programs run.
    pub programs: u64,
    /// Programs that were left out, as not portable.
    pub left_out: u64,
    /// If it was a campaign of damaged files: how many of them load.
    pub loaded: Option<u64>,
    /// How long it took.
    pub elapsed: Duration,
    /// Programs that ran a while and were not refused.
    pub substantial: u64,
    /// How often each mnemonic stands in the programs.
    pub mnemonics: Vec<(String, u64)>,
    /// How often each operand at a boundary does.
    pub boundaries: Vec<(String, u64)>,
    /// How the programs ended, by the reference.
    pub endings: BTreeMap<Ending, u64>,
    /// The faults and limits that ended them.
    pub faults: BTreeMap<String, u64>,
    /// Comparisons in which a limit left nothing to say.
    pub inconclusive: u64,
    /// Programs that disagreed.
    pub disagreements: u64,
    /// What disagreed, each in its own way, by the program's number.
    pub findings: Vec<Finding>,
}

/// A disagreement.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The program's number.
    pub number: u64,
    /// The engine that disagreed with the reference.
    pub engine: String,
    /// The first difference.
    pub difference: Difference,
    /// The program, reduced.
    pub case: Case,
    /// What the reference saw of it.
    pub expected: Observation,
    /// What the engine saw of it.
    pub found: Observation,
    /// How many programs of the campaign disagreed in this way.
    pub times: u64,
    /// Where it was saved.
    pub folder: Option<PathBuf>,
}

/// Makes the engines of a thread, which are compared with the reference.
pub type Engines<'a> = &'a (dyn Fn() -> io::Result<Vec<Box<dyn Engine>>> + Sync);

/// Runs a campaign. Errors are those of making engines and of saving findings.
pub fn run(
    options: &Options,
    engines: Engines,
    progress: &mut dyn FnMut(&Progress),
) -> io::Result<Summary> {
    let generator = crate::generate::generator(options.machine).ok_or_else(|| {
        let why = format!("there is no generator for {} yet", options.machine);
        io::Error::new(io::ErrorKind::Unsupported, why)
    })?;
    if options.mutated && options.machine != Machine::Sc {
        let why = format!("{} has no binary files to damage", options.machine);
        return Err(io::Error::new(io::ErrorKind::Unsupported, why));
    }
    let campaign = Campaign {
        options,
        generator,
        started: Instant::now(),
        next: AtomicU64::new(0),
        programs: AtomicU64::new(0),
        disagreements: AtomicU64::new(0),
        raw: Mutex::new(BTreeMap::new()),
    };
    let tallies = campaign.spread(engines, progress)?;
    let mut summary = campaign.sum_up(tallies);
    let raw = campaign.raw.into_inner();
    let raw = raw.unwrap_or_else(PoisonError::into_inner);
    let mut raw: Vec<(Identity, Raw)> = raw.into_iter().collect();
    raw.sort_by_key(|(_, raw)| raw.number);
    raw.truncate(options.most_findings);
    let mut engines = match options.mutated {
        true => vec![Box::new(mutated::RoundTrip) as Box<dyn Engine>],
        false => engines()?,
    };
    for (identity, raw) in raw {
        let mut finding = settle(options, &identity, raw, &mut engines);
        if let Some(folder) = &options.findings {
            finding.folder = Some(save::save(options, &finding, folder)?);
        }
        summary.findings.push(finding);
    }
    summary.elapsed = campaign.started.elapsed();
    Ok(summary)
}

/// What makes two disagreements the same one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    engine: usize,
    kind: Kind,
    expected: (Ending, Option<String>),
    found: (Ending, Option<String>),
}

impl Identity {
    fn new(engine: usize, kind: Kind, expected: &Observation, found: &Observation) -> Identity {
        let how = |seen: &Observation| (seen.ending, seen.fault.clone());
        Identity {
            engine,
            kind,
            expected: how(expected),
            found: how(found),
        }
    }
}

/// A disagreement as it was met.
struct Raw {
    number: u64,
    case: Case,
    expected: Observation,
    found: Observation,
    difference: Difference,
    times: u64,
}

/// The engine in a disagreement of the reference with what the generator foresaw.
const GENERATOR: usize = usize::MAX;

/// What one thread counted.
struct Tally {
    left_out: u64,
    loaded: u64,
    substantial: u64,
    inconclusive: u64,
    words: Vec<u64>,
    endings: BTreeMap<Ending, u64>,
    faults: BTreeMap<String, u64>,
}

struct Campaign<'a> {
    options: &'a Options,
    generator: &'static Generator,
    started: Instant,
    /// The next of this shard's programs to be taken.
    next: AtomicU64,
    programs: AtomicU64,
    disagreements: AtomicU64,
    raw: Mutex<BTreeMap<Identity, Raw>>,
}

impl Campaign<'_> {
    /// Runs the threads to their ends.
    fn spread(
        &self,
        engines: Engines,
        progress: &mut dyn FnMut(&Progress),
    ) -> io::Result<Vec<Tally>> {
        let (done, finished) = mpsc::channel();
        let (failed, failures) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..self.options.jobs.max(1) {
                let (done, failed) = (done.clone(), failed.clone());
                scope.spawn(move || match engines() {
                    Ok(engines) => drop(done.send(self.work(engines))),
                    Err(error) => {
                        self.stop();
                        drop(failed.send(error));
                    }
                });
            }
            drop((done, failed));
            let mut tallies = Vec::new();
            loop {
                match finished.recv_timeout(HEARTBEAT) {
                    Ok(tally) => tallies.push(tally),
                    Err(mpsc::RecvTimeoutError::Timeout) => progress(&self.progress()),
                    Err(mpsc::RecvTimeoutError::Disconnected) => break,
                }
            }
            progress(&self.progress());
            match failures.try_recv() {
                Ok(error) => Err(error),
                Err(_) => Ok(tallies),
            }
        })
    }

    fn progress(&self) -> Progress {
        Progress {
            programs: self.programs.load(Ordering::Relaxed),
            elapsed: self.started.elapsed(),
            disagreements: self.disagreements.load(Ordering::Relaxed),
        }
    }

    /// Hands out no more programs.
    fn stop(&self) {
        self.next.store(u64::MAX / 2, Ordering::Relaxed);
    }

    /// The next programs of this shard, by their numbers; none when it is over.
    fn batch(&self) -> Option<Vec<u64>> {
        let Options {
            shard, runs, time, ..
        } = self.options;
        let stopped = self.options.stop.load(Ordering::Relaxed);
        if stopped || time.is_some_and(|time| self.started.elapsed() >= time) {
            return None;
        }
        let first = self.next.fetch_add(BATCH, Ordering::Relaxed);
        if first >= u64::MAX / 2 {
            return None;
        }
        let number = |turn: u64| {
            turn.checked_mul(shard.count.max(1))?
                .checked_add(shard.index)
        };
        let numbers = (first..first + BATCH).map_while(number);
        let batch: Vec<u64> = match *runs {
            Some(runs) => numbers.take_while(|&number| number < runs).collect(),
            None => numbers.collect(),
        };
        (!batch.is_empty()).then_some(batch)
    }

    fn work(&self, mut engines: Vec<Box<dyn Engine>>) -> Tally {
        let mut tally = Tally {
            left_out: 0,
            loaded: 0,
            substantial: 0,
            inconclusive: 0,
            words: vec![0; (self.generator.words)().len()],
            endings: BTreeMap::new(),
            faults: BTreeMap::new(),
        };
        let mut litter = mutated::Litter::default();
        while let Some(batch) = self.batch() {
            if self.options.mutated {
                self.judge_files(&batch, &mut litter, &mut tally);
                self.programs
                    .fetch_add(batch.len() as u64, Ordering::Relaxed);
                continue;
            }
            let mut ran = 0;
            for number in batch {
                let entropy = Entropy::seeded(self.options.seed, number);
                let generated = (self.generator.generate)(entropy, self.options.aim);
                let unportable = |word| self.generator.unportable.contains(word);
                if self.options.portable && generated.words.iter().any(unportable) {
                    tally.left_out += 1;
                } else {
                    self.judge(number, &generated, &mut engines, &mut tally);
                    ran += 1;
                }
            }
            self.programs.fetch_add(ran, Ordering::Relaxed);
        }
        tally
    }

    /// Runs one program everywhere.
    fn judge(
        &self,
        number: u64,
        generated: &Generated,
        engines: &mut [Box<dyn Engine>],
        tally: &mut Tally,
    ) {
        let case = &generated.case;
        let Reading {
            seen: expected,
            steps,
        } = guard::read(case);
        tally.count(&generated.words, &expected, steps);
        let mut agrees = true;
        if let Some(foreseen) = generated.expected {
            let foreseen = Observation {
                fault: foreseen.fault.map(str::to_owned),
                output: expected.output.clone(),
                value: expected.value.clone(),
                at: expected.at.clone(),
                ..Observation::of(foreseen.ending)
            };
            let verdict = crate::compare::exactly(&foreseen, &expected);
            if let Verdict::Diverge(difference) = verdict {
                self.note(GENERATOR, number, case, &foreseen, &expected, difference);
                agrees = false;
            }
        }
        for (index, engine) in engines.iter_mut().enumerate() {
            let found = observe(&mut **engine, case);
            match (self.options.compare)(&expected, &found) {
                Verdict::Agree => {}
                Verdict::Inconclusive => tally.inconclusive += 1,
                Verdict::Diverge(difference) => {
                    self.note(index, number, case, &expected, &found, difference);
                    agrees = false;
                }
            }
        }
        if !agrees {
            self.disagreements.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Keeps a disagreement, if it is the first of its kind by its program's number.
    fn note(
        &self,
        engine: usize,
        number: u64,
        case: &Case,
        expected: &Observation,
        found: &Observation,
        difference: Difference,
    ) {
        let new = || Raw {
            number,
            case: case.clone(),
            expected: expected.clone(),
            found: found.clone(),
            difference: difference.clone(),
            times: 1,
        };
        let identity = Identity::new(engine, difference.kind, expected, found);
        let mut raw = self.raw.lock().unwrap_or_else(PoisonError::into_inner);
        match raw.entry(identity) {
            Entry::Vacant(entry) => {
                entry.insert(new());
            }
            Entry::Occupied(mut entry) => {
                let times = entry.get().times + 1;
                if number < entry.get().number {
                    entry.insert(new());
                }
                entry.get_mut().times = times;
            }
        }
        // Batches are handed out in order and each is finished, so that what has been found by
        // now holds the first findings there are, however many threads look.
        if raw.len() >= self.options.most_findings.max(1) {
            self.stop();
        }
    }

    fn sum_up(&self, tallies: Vec<Tally>) -> Summary {
        let words = (self.generator.words)();
        let mut counts = vec![0; words.len()];
        let mut summary = Summary {
            programs: self.programs.load(Ordering::Relaxed),
            disagreements: self.disagreements.load(Ordering::Relaxed),
            loaded: self.options.mutated.then_some(0),
            ..Summary::default()
        };
        for tally in tallies {
            summary.left_out += tally.left_out;
            if let Some(loaded) = &mut summary.loaded {
                *loaded += tally.loaded;
            }
            summary.substantial += tally.substantial;
            summary.inconclusive += tally.inconclusive;
            for (sum, count) in counts.iter_mut().zip(tally.words) {
                *sum += count;
            }
            for (ending, count) in tally.endings {
                *summary.endings.entry(ending).or_default() += count;
            }
            for (fault, count) in tally.faults {
                *summary.faults.entry(fault).or_default() += count;
            }
        }
        if self.options.mutated {
            return summary;
        }
        let mut words = words.into_iter().zip(counts);
        let mnemonics = words.by_ref().take(self.generator.mnemonics);
        summary.mnemonics = mnemonics.collect();
        summary.boundaries = words.collect();
        summary
    }
}

impl Tally {
    fn count(&mut self, words: &[u16], seen: &Observation, steps: u64) {
        for &word in words {
            self.words[usize::from(word)] += 1;
        }
        *self.endings.entry(seen.ending).or_default() += 1;
        if let Some(fault) = &seen.fault {
            match self.faults.get_mut(fault) {
                Some(count) => *count += 1,
                None => drop(self.faults.insert(fault.clone(), 1)),
            }
        }
        self.substantial += u64::from(steps >= A_WHILE && seen.ending != Ending::Refused);
    }
}

/// Reduces a disagreement to the smallest program that disagrees in the same way.
fn settle(
    options: &Options,
    identity: &Identity,
    raw: Raw,
    engines: &mut [Box<dyn Engine>],
) -> Finding {
    let mut finding = Finding {
        number: raw.number,
        engine: "generator".to_owned(),
        difference: raw.difference,
        case: save::named(options, raw.number, raw.case),
        expected: raw.expected,
        found: raw.found,
        times: raw.times,
        folder: None,
    };
    let Some(engine) = engines.get_mut(identity.engine) else {
        return finding;
    };
    finding.engine = engine.name().to_owned();
    let mut judge = |case: &Case| {
        let expected = guard::read(case).seen;
        let found = observe(&mut **engine, case);
        match (options.compare)(&expected, &found) {
            Verdict::Diverge(difference) => Some((expected, found, difference)),
            Verdict::Agree | Verdict::Inconclusive => None,
        }
    };
    let mut same = |case: &Case| {
        judge(case).is_some_and(|(expected, found, difference)| {
            Identity::new(identity.engine, difference.kind, &expected, &found) == *identity
        })
    };
    // One that does not disagree a second time is kept as it is: that says something, too.
    if let Some(case) = reduce(&finding.case, &mut same) {
        let one_file = save::as_one_file(&case).filter(|case| same(case));
        finding.case = one_file.unwrap_or(case);
        if let Some((expected, found, difference)) = judge(&finding.case) {
            (finding.expected, finding.found) = (expected, found);
            finding.difference = difference;
        }
    }
    finding
}

#[cfg(test)]
mod tests;
