//! A campaign: random programs on every engine, compared with the reference and each other.
//!
//! Program `n` of a seed is the same everywhere and for ever; shards and jobs only divide the
//! numbers among them. What disagrees is put down to the first instruction at which the runs part
//! and the clause that the reference applied there, reduced while it stays that, and saved as a
//! case that the corpus can keep.
//!
//! ```
//! use conformance::campaign::{Contender, Options, run};
//! use conformance::engines::local::Local;
//! use conformance::machine::Machine;
//!
//! let options = Options {
//!     most_findings: 1,
//!     ..Options::new(Machine::Mmm, 7, 100)
//! };
//! let summary = run(&options, &|| Ok(vec![Contender::new(Local)]), &mut |_| {})?;
//! assert_eq!((summary.programs, summary.findings.len()), (100, 0));
//! # Ok::<(), std::io::Error>(())
//! ```

mod consensus;
mod crash;
mod ledger;
mod localize;
mod merge;
pub mod mutation;
mod oracle;
mod page;
mod reduction;
mod save;
mod state;
#[cfg(test)]
mod tests;
mod triage;

use crate::case::Case;
use crate::compare::{Difference, Verdict};
use crate::engine::{Ending, Observation};
use crate::generate::{Aim, Entropy, Generated, Generator};
use crate::machine::Machine;
use crate::reduce::Size;
use crate::reference::{ClauseHit, Evidence, ReferenceRun};
use crate::spec;
use ledger::{Counts, Ledger};
use oracle::Runs;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

pub use localize::{Divergence, Next};

pub use crate::panics::observe;
pub use consensus::{Compare, Contender, EngineRun, Groups, REFERENCE};
pub use ledger::Identity;
pub use merge::{Merged, merge};
pub use state::{Settings, State};
pub use triage::judge;

/// How often the caller hears of the progress.
const HEARTBEAT: Duration = Duration::from_millis(200);
/// So long after the time is over an engine may still be at work.
const GRACE: Duration = Duration::from_secs(1);
/// A thread takes so many programs at a time that it is back about this often.
const TURN: Duration = Duration::from_millis(50);
/// How often the state is saved, for whatever may end this process.
const CHECKPOINT: Duration = Duration::from_secs(10);
/// So many programs are each asked which clauses they show.
const ALL_ASKED: u64 = 2048;
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
    /// The time that it may take, with what an earlier session took. A part of it is for making what
    /// is found smaller.
    pub time: Option<Duration>,
    /// Damaged binary files in place of programs, on our own machine.
    pub mutated: bool,
    /// Leaves out programs whose output has a layout of this project's own.
    pub portable: bool,
    /// Which clauses a program shows is asked of the first few thousand programs and then of one in
    /// so many, as asking takes time; 0 asks none.
    pub marks: u64,
    /// It is over when there are so many different findings.
    pub most_findings: usize,
    /// Makes each finding as small as it can be.
    pub reduce: bool,
    /// The folder to save findings under, if they are to be saved.
    pub findings: Option<PathBuf>,
    /// Keeps the campaign's state there too, so that it can be gone on with.
    pub keep_state: bool,
    /// The flags that name the engines, each with its value, for the commands that are told.
    pub flags: Vec<String>,
    /// The flags with which `mmm conform` and `mmm reduce` take each of the engines, by its name.
    pub commands: BTreeMap<String, String>,
    /// No more programs are begun once this is true.
    pub stop: &'static AtomicBool,
    /// Ends what engines are at when nobody waits for it any more.
    pub hurry: fn(),
}

/// What stops nothing.
static NEVER: AtomicBool = AtomicBool::new(false);

/// One of several equal parts: the numbers that leave `index` when divided by `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// Which, from 0.
    pub index: u64,
    /// Of how many; at least 1.
    pub count: u64,
}

impl Shard {
    /// All there is.
    pub const WHOLE: Shard = Shard { index: 0, count: 1 };

    /// How many of the programs below `runs` are its.
    fn turns(self, runs: u64) -> u64 {
        runs.saturating_sub(self.index).div_ceil(self.count.max(1))
    }

    /// The number of its program of that turn.
    fn number(self, turn: u64) -> u64 {
        turn.saturating_mul(self.count.max(1))
            .saturating_add(self.index)
    }
}

/// As it is asked for: the last part has the number of parts in front.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let which = if self.index == 0 {
            self.count
        } else {
            self.index
        };
        write!(f, "{which}/{}", self.count)
    }
}

impl Options {
    /// A campaign of `runs` programs, on one thread, saved nowhere.
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
            marks: 64,
            most_findings: 8,
            reduce: true,
            findings: None,
            keep_state: false,
            flags: Vec::new(),
            commands: BTreeMap::new(),
            stop: &NEVER,
            hurry: || {},
        }
    }

    /// The first turn that is not part of it.
    fn end(&self) -> u64 {
        let most = u64::MAX / self.shard.count.max(1) - 1;
        let end = self.runs.map(|runs| self.shard.turns(runs));
        end.unwrap_or(most).min(most)
    }
}

/// How far a campaign has come.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Programs run.
    pub programs: u64,
    /// Programs a second, in this session.
    pub rate: f64,
    /// Since the start, with earlier sessions.
    pub elapsed: Duration,
    /// How long it will still take, if that can be told.
    pub left: Option<Duration>,
    /// Programs that disagreed.
    pub disagreements: u64,
    /// Different findings.
    pub findings: u64,
    /// How many of the mnemonics were met, and how many there are.
    pub instructions: (u64, u64),
    /// How many clauses were applied, and how many there are.
    pub clauses: (u64, u64),
    /// How far the reduction of what was found is; none while programs are run.
    pub reducing: Option<Shrinking>,
}

/// How far the reduction of what was found is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shrinking {
    /// Findings that are done.
    pub done: usize,
    /// Findings that are to be reduced.
    pub all: usize,
    /// Programs that were tried.
    pub tried: u64,
}

/// A moment of a campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sample {
    /// Since the start.
    pub elapsed: Duration,
    /// Programs run.
    pub programs: u64,
    /// Clauses that were applied, by the programs that were asked.
    pub clauses: u64,
    /// Different findings.
    pub findings: u64,
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
    /// How long it took, reduction included.
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
    /// Programs that were asked which clauses they show.
    pub marked: u64,
    /// How many of these showed each clause to hold, to be violated, at its boundary.
    pub clauses: BTreeMap<String, [u64; 3]>,
    /// How far it was, over time: at most a few hundred moments.
    pub curve: Vec<Sample>,
    /// Programs that disagreed.
    pub disagreements: u64,
    /// What disagreed, each in its own way, by the program's number.
    pub findings: Vec<Finding>,
    /// True if it ended before all of its programs were run, for whatever reason.
    pub unfinished: bool,
    /// Why not everything that was found could be saved, if so.
    pub unsaved: Option<String>,
}

impl Summary {
    /// Programs a second, while programs were run.
    pub fn rate(&self) -> f64 {
        let known = self.curve.last().filter(|last| last.programs > 0);
        let (programs, time) = known.map_or((self.programs, self.elapsed), |last| {
            (last.programs, last.elapsed)
        });
        programs as f64 / time.as_secs_f64().max(1e-9)
    }
}

/// A disagreement.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The program's number.
    pub number: u64,
    /// How many programs of the shard came before it and with it.
    pub programs: u64,
    /// When it was met first, since the start.
    pub elapsed: Duration,
    /// What makes it differ from others.
    pub identity: Identity,
    /// Who says what.
    pub camps: Groups,
    /// The clause that the reference applied last where the runs part; empty if none is known.
    pub clause: String,
    /// How the clause was applied, if one is known.
    pub how: Option<Evidence>,
    /// The first engine that disagreed with the reference.
    pub engine: String,
    /// The first difference of these two.
    pub difference: Difference,
    /// The program, reduced.
    pub case: Case,
    /// What the reference saw of it.
    pub expected: Observation,
    /// What that engine saw of it.
    pub found: Observation,
    /// What each engine saw of it, the reference first.
    pub voices: Vec<EngineRun>,
    /// Where the two runs part, if both told of their steps.
    pub parting: Option<Divergence>,
    /// How many programs of the campaign disagreed in this way.
    pub times: u64,
    /// Whether the program is as small as it can be.
    pub reduced: bool,
    /// Whether it disagreed in the same way when it was run again.
    pub steady: bool,
    /// Where it was saved.
    pub folder: Option<PathBuf>,
}

impl Finding {
    /// Who says what the program has to do, in a sentence.
    pub fn norm(&self) -> String {
        match self.voices.first() {
            Some(first) if first.name != REFERENCE => first.name.clone(),
            _ => format!("the {REFERENCE}"),
        }
    }

    /// How large its program is: instructions, or bytes where those cannot be counted.
    pub fn size(&self) -> u64 {
        let size = Size::of(&self.case, self.case.machine == Machine::Py);
        size.instructions.unwrap_or(size.bytes)
    }
}

/// Makes the engines of a thread, which are compared with the reference.
pub type Engines<'a> = &'a (dyn Fn() -> io::Result<Vec<Contender>> + Sync);

/// Runs a campaign. Errors are those of making engines and of saving findings.
pub fn run(
    options: &Options,
    engines: Engines,
    progress: &mut dyn FnMut(&Progress),
) -> io::Result<Summary> {
    go_on(options, Ledger::default(), engines, progress)
}

/// Goes on with a campaign that was put away: with the programs that are not done yet.
pub fn resume(
    options: &Options,
    state: &State,
    engines: Engines,
    progress: &mut dyn FnMut(&Progress),
) -> io::Result<Summary> {
    let ledger = state.ledger(options)?;
    go_on(options, ledger, engines, progress)
}

fn go_on(
    options: &Options,
    ledger: Ledger,
    engines: Engines,
    progress: &mut dyn FnMut(&Progress),
) -> io::Result<Summary> {
    let unsupported = |why: String| io::Error::new(io::ErrorKind::Unsupported, why);
    let generator = crate::generate::generator(options.machine)
        .ok_or_else(|| unsupported(format!("there is no generator for {} yet", options.machine)))?;
    if options.mutated && options.machine != Machine::Sc {
        let why = format!("{} has no binary files to damage", options.machine);
        return Err(unsupported(why));
    }
    let mut ledger = ledger;
    ledger.closed = ledger.findings.len() >= options.most_findings.max(1);
    let campaign = Campaign {
        options,
        generator,
        started: Instant::now(),
        before: ledger.elapsed,
        programs_before: ledger.counts.programs,
        clauses: spec::clauses(options.machine).map_or(0, |clauses| clauses.len() as u64),
        found: AtomicBool::new(!ledger.findings.is_empty()),
        deadline: AtomicU64::new(NO_DEADLINE),
        ledger: Mutex::new(ledger),
    };
    if let Some(folder) = campaign.state_folder()
        && options.keep_state
    {
        // What cannot be written to is told at once, and what is killed at once can be gone on with.
        State::of(options, &campaign.put_away()).save(folder)?;
    }
    campaign.spread(engines, progress)?;
    let settled = campaign.settle(engines, progress);
    let mut ledger = campaign.ledger();
    ledger.elapsed = campaign.elapsed();
    let mut summary = ledger.sum_up(generator, options.mutated);
    let stopped = options.stop.load(Ordering::Relaxed) || ledger.closed;
    summary.unfinished = match options.runs {
        Some(_) => ledger.done() < options.end(),
        None => stopped,
    };
    let findings = ledger.findings.values().cloned();
    summary.findings = campaign.first(findings.collect());
    if let Some(folder) = campaign.state_folder()
        && (options.keep_state || summary.unfinished || !summary.findings.is_empty())
    {
        let saved = settled.and(State::of(options, &ledger).save(folder));
        summary.unsaved = saved.err().map(|error| error.to_string());
    } else {
        settled?;
    }
    Ok(summary)
}

struct Campaign<'a> {
    options: &'a Options,
    generator: &'static Generator,
    started: Instant,
    /// What earlier sessions took and ran.
    before: Duration,
    programs_before: u64,
    /// How many clauses the machine's specification has.
    clauses: u64,
    /// Whether there is anything to reduce.
    found: AtomicBool,
    /// When what is done now has to be over, in milliseconds since the start.
    deadline: AtomicU64,
    ledger: Mutex<Ledger>,
}

/// It may take as long as it takes.
const NO_DEADLINE: u64 = u64::MAX;

impl Campaign<'_> {
    /// What a thread that panicked leaves behind is still good: it changes hands whole.
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn elapsed(&self) -> Duration {
        self.before + self.started.elapsed()
    }

    /// Where the state is kept.
    fn state_folder(&self) -> Option<&PathBuf> {
        self.options.findings.as_ref()
    }

    /// The first findings, as many as are asked for, by their programs' numbers.
    fn first(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        findings.sort_by_key(|finding| finding.number);
        findings.truncate(self.options.most_findings);
        findings
    }

    /// Runs the threads to their ends.
    fn spread(&self, engines: Engines, progress: &mut dyn FnMut(&Progress)) -> io::Result<()> {
        let (done, finished) = mpsc::channel();
        let mut saved = Instant::now();
        self.deadline(self.options.time);
        self.beat();
        thread::scope(|scope| {
            for _ in 0..self.options.jobs.max(1) {
                let done = done.clone();
                scope.spawn(move || {
                    let worked = engines().map(|contenders| self.work(contenders));
                    if worked.is_err() {
                        self.ledger().closed = true;
                    }
                    drop(done.send(worked));
                });
            }
            drop(done);
            let result = self.attend(&finished, || {
                self.beat();
                progress(&self.progress(None));
                if let Some(folder) = self.state_folder()
                    && saved.elapsed() >= CHECKPOINT
                    && self.options.keep_state
                {
                    State::of(self.options, &self.put_away()).save(folder)?;
                    saved = Instant::now();
                }
                Ok(())
            });
            self.beat();
            progress(&self.progress(None));
            result
        })
    }

    /// Waits for threads to end, with something to do meanwhile. Engines that nobody has the time to
    /// wait for are ended.
    fn attend(
        &self,
        finished: &mpsc::Receiver<io::Result<()>>,
        mut meanwhile: impl FnMut() -> io::Result<()>,
    ) -> io::Result<()> {
        let mut result = Ok(());
        loop {
            match finished.recv_timeout(HEARTBEAT) {
                Ok(worked) => result = result.and(worked),
                Err(mpsc::RecvTimeoutError::Disconnected) => return result,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    if self.is_cut_short() {
                        (self.options.hurry)();
                    }
                    if result.is_ok() {
                        result = meanwhile();
                        self.ledger().closed |= result.is_err();
                    }
                }
            }
        }
    }

    /// Says when what is done now has to be over, since the start.
    fn deadline(&self, time: Option<Duration>) {
        let time = time.map_or(NO_DEADLINE, |time| time.as_millis() as u64);
        self.deadline.store(time, Ordering::Relaxed);
    }

    /// Whether nobody waits any more for what engines are at; what they did last does not count.
    fn is_cut_short(&self) -> bool {
        let deadline = self.deadline.load(Ordering::Relaxed);
        let late = || self.elapsed() >= Duration::from_millis(deadline) + GRACE;
        self.options.stop.load(Ordering::Relaxed) || (deadline != NO_DEADLINE && late())
    }

    /// The ledger as it would be if everything stopped here.
    fn put_away(&self) -> Ledger {
        let mut ledger = self.ledger().at_rest();
        ledger.elapsed = self.elapsed();
        ledger
    }

    fn beat(&self) {
        let elapsed = self.elapsed();
        let mut ledger = self.ledger();
        let sample = ledger.sample(elapsed);
        ledger.curve.beat(sample);
    }

    fn progress(&self, reducing: Option<Shrinking>) -> Progress {
        let elapsed = self.elapsed();
        let ledger = self.ledger();
        let here = self.started.elapsed().as_secs_f64();
        let rate = (ledger.counts.programs - self.programs_before) as f64 / here.max(1e-9);
        let deadline = self.deadline.load(Ordering::Relaxed);
        let deadline = (deadline != NO_DEADLINE).then_some(Duration::from_millis(deadline));
        let by_time = deadline.map(|deadline| deadline.saturating_sub(elapsed));
        let runs = self.options.runs.filter(|_| reducing.is_none());
        let by_runs = runs.map(|_| {
            let left = self.options.end().saturating_sub(ledger.done()) as f64;
            Duration::try_from_secs_f64(left / rate).unwrap_or(Duration::MAX)
        });
        let mnemonics = ledger.counts.words.iter().take(self.generator.mnemonics);
        Progress {
            programs: ledger.counts.programs,
            rate,
            elapsed,
            left: [by_time, by_runs].into_iter().flatten().min(),
            disagreements: ledger.counts.disagreements,
            findings: ledger.findings.len() as u64,
            instructions: (
                mnemonics.filter(|&&count| count > 0).count() as u64,
                self.generator.mnemonics as u64,
            ),
            clauses: (ledger.counts.clauses.len() as u64, self.clauses),
            reducing,
        }
    }

    /// Whether no more programs are to be begun.
    fn over(&self) -> bool {
        let late = |time: Duration| {
            let kept = match self.options.reduce && self.found.load(Ordering::Relaxed) {
                true => reduction::kept(time.saturating_sub(self.before)),
                false => Duration::ZERO,
            };
            self.elapsed() >= time.saturating_sub(kept)
        };
        self.options.stop.load(Ordering::Relaxed) || self.options.time.is_some_and(late)
    }

    /// The next turns, if it is not over.
    fn take(&self, most: u64) -> Option<Range<u64>> {
        match self.over() {
            true => None,
            false => self.ledger().take(self.options.end(), most),
        }
    }

    fn work(&self, contenders: Vec<Contender>) {
        let mut worker = Worker {
            campaign: self,
            contenders,
            heard: Vec::new(),
            counts: Counts::new((self.generator.words)().len()),
            findings: Vec::new(),
        };
        let mut litter = mutation::Batch::default();
        let mut most = 1;
        while let Some(turns) = self.take(most) {
            let begun = Instant::now();
            let done = match self.options.mutated {
                true => worker.judge_files(&turns, &mut litter),
                false => worker.judge_all(&turns),
            };
            let findings = std::mem::take(&mut worker.findings);
            if !findings.is_empty() {
                self.found.store(true, Ordering::Relaxed);
            }
            let enough = self.options.most_findings;
            let mut ledger = self.ledger();
            ledger.give_back(&turns, done, &worker.counts, findings, enough);
            drop(ledger);
            worker.counts.clear();
            most = match begun.elapsed() < TURN {
                true => (most * 2).min(ledger::BATCH),
                false => (most / 2).max(1),
            };
        }
    }
}

/// A thread's part of a campaign.
struct Worker<'a> {
    campaign: &'a Campaign<'a>,
    contenders: Vec<Contender>,
    /// What they saw of the program at hand.
    heard: Vec<(Observation, Verdict)>,
    /// What came of the turns at hand.
    counts: Counts,
    findings: Vec<Finding>,
}

impl Worker<'_> {
    /// Runs the programs of some turns; the turn it did not come to any more.
    fn judge_all(&mut self, turns: &Range<u64>) -> u64 {
        let (options, generator) = (self.campaign.options, self.campaign.generator);
        for turn in turns.clone() {
            if turn > turns.start && self.campaign.over() {
                return turn;
            }
            let number = options.shard.number(turn);
            let entropy = Entropy::seeded(options.seed, number);
            let generated = (generator.generate)(entropy, options.aim);
            let unportable = |word| generator.unportable.contains(word);
            if options.portable && generated.words.iter().any(unportable) {
                self.counts.left_out += 1;
            } else if !self.judge(turn, &generated) {
                return turn;
            }
        }
        turns.end
    }

    /// Runs one program everywhere; false if an interrupt may have spoilt what was seen.
    fn judge(&mut self, turn: u64, generated: &Generated) -> bool {
        let options = self.campaign.options;
        let case = &generated.case;
        let asked = options.marks > 0 && (turn < ALL_ASKED || turn.is_multiple_of(options.marks));
        let Runs {
            reading,
            marks,
            engines,
        } = oracle::hear(case, &mut self.contenders, asked);
        self.heard = engines;
        let agree = self
            .heard
            .iter()
            .all(|(_, verdict)| *verdict == Verdict::Agree);
        if !agree && self.campaign.is_cut_short() {
            return false;
        }
        let finding = match agree {
            true => None,
            false => triage::finding(
                case,
                &reading.observation,
                &mut self.contenders,
                &self.heard,
            ),
        };
        if finding.is_some() && self.campaign.is_cut_short() {
            return false;
        }
        self.count(generated, &reading, asked.then_some(&marks[..]));
        let mut disagrees = finding.is_some();
        self.keep(turn, finding);
        disagrees |= self.surprise(turn, generated, &reading.observation);
        self.counts.disagreements += u64::from(disagrees);
        true
    }

    fn count(
        &mut self,
        generated: &Generated,
        reading: &ReferenceRun,
        marks: Option<&[ClauseHit]>,
    ) {
        self.counts.programs += 1;
        self.counts
            .program(&generated.words, &reading.observation, reading.steps);
        if let Some(marks) = marks {
            self.counts.marked += 1;
            for mark in marks {
                self.counts.clause(mark.clause, mark.evidence);
            }
        }
    }

    /// Keeps what was found, and counts who had nothing to say.
    fn keep(&mut self, turn: u64, finding: Option<Finding>) {
        let inconclusive = |(_, verdict): &&(_, Verdict)| *verdict == Verdict::Inconclusive;
        self.counts.inconclusive += self.heard.iter().filter(inconclusive).count() as u64;
        if let Some(mut finding) = finding {
            self.met(&mut finding, turn);
            self.findings.push(finding);
        }
    }

    /// Looks at whether a program ended as was foreseen.
    fn surprise(&mut self, turn: u64, generated: &Generated, expected: &Observation) -> bool {
        // Where an engine is the norm, it may have faults of its own.
        let known = generated.case.machine.has_reference();
        let Some(foreseen) = generated.expected.filter(|_| known) else {
            return false;
        };
        if (foreseen.ending, foreseen.fault) == (expected.ending, expected.fault.as_deref()) {
            return false;
        }
        let mut finding = triage::surprise(&generated.case, foreseen, expected);
        self.met(&mut finding, turn);
        self.findings.push(finding);
        true
    }

    /// Says when a finding was met.
    fn met(&self, finding: &mut Finding, turn: u64) {
        let options = self.campaign.options;
        finding.number = options.shard.number(turn);
        finding.programs = turn + 1;
        finding.elapsed = self.campaign.elapsed();
        let case = std::mem::replace(&mut finding.case, Case::single(options.machine, "", ""));
        finding.case = save::named(options, finding.number, case);
    }
}
