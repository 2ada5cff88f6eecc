//! Runs a campaign, from its beginning or from where it was saved.

use super::clock::Clock;
use super::contender::Engines;
use super::error::Error;
use super::finding::Finding;
use super::ledger::Ledger;
use super::options::Options;
use super::progress::{Progress, ReductionProgress};
use super::reduction::Reduction;
use super::state::State;
use super::summary::Summary;
use super::supervise::supervise;
use super::worker::Worker;
use crate::case::Case;
use crate::generate::Generator;
use crate::machine::Machine;
use crate::spec;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// A thread takes as many programs at a time as it runs in about this long.
const BATCH_TIME: Duration = Duration::from_millis(50);
/// The maximal number of programs that a thread takes at a time.
const MAX_BATCH: u64 = 64;
/// How often the state is saved, so that a process that is killed loses little.
const CHECKPOINT: Duration = Duration::from_secs(10);

/// Runs a campaign. `engines` makes the engines of each thread; `progress` is called several times
/// a second.
///
/// Returns the summary, or an error if the campaign could not run at all. If it ran and could not
/// be saved, [`Summary::unsaved`] says why.
pub fn run(
    options: &Options,
    engines: Engines,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Summary, Error> {
    run_from(options, Ledger::default(), engines, progress)
}

/// Resumes a campaign that was saved: runs the programs that are not done yet.
///
/// Returns an error if the state is not one of a campaign with these options. The engines are those
/// that `engines` makes; the state only has their names.
pub fn resume(
    options: &Options,
    state: &State,
    engines: Engines,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Summary, Error> {
    run_from(options, state.ledger(options)?, engines, progress)
}

fn run_from(
    options: &Options,
    mut ledger: Ledger,
    engines: Engines,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Summary, Error> {
    let machine = options.machine;
    let generator = crate::generate::generator(machine).ok_or(Error::NoGenerator(machine))?;
    if options.mutated && machine != Machine::Sc {
        return Err(Error::NoBinaryFormat(machine));
    }
    ledger.closed = ledger.findings.len() >= options.max_findings.max(1);
    let previous = match &options.findings {
        Some(findings) => State::saved_cases(findings, machine),
        None => BTreeMap::new(),
    };
    let session = Session {
        options,
        generator,
        clock: Clock::start(options, ledger.elapsed, !ledger.findings.is_empty()),
        programs_before: ledger.counts.programs,
        clauses: spec::clauses(machine).map_or(0, |clauses| clauses.len() as u64),
        previous,
        ledger: Mutex::new(ledger),
    };
    if let Some(folder) = session.kept_state_folder() {
        // A folder that cannot be written to is reported at once, and a campaign that is killed at
        // once can be resumed.
        State::of(options, &session.at_rest()).save(folder)?;
    }
    session.run_programs(engines, progress)?;
    let reduced = session.reduce_findings(engines, progress);
    session.finish(reduced)
}

/// A running campaign.
struct Session<'a> {
    options: &'a Options,
    generator: &'static Generator,
    clock: Clock<'a>,
    /// The number of programs that earlier sessions ran.
    programs_before: u64,
    /// The number of clauses of the machine's specification.
    clauses: u64,
    /// The cases that earlier sessions saved, by name.
    previous: BTreeMap<String, Case>,
    ledger: Mutex<Ledger>,
}

impl Session<'_> {
    /// Locks the ledger, which a thread that panics leaves in a consistent state.
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the folder of findings, if the state is saved in any case.
    fn kept_state_folder(&self) -> Option<&PathBuf> {
        let folder = self.options.findings.as_ref();
        folder.filter(|_| self.options.keep_state)
    }

    /// Runs the programs on all threads.
    fn run_programs(
        &self,
        engines: Engines,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<(), Error> {
        let (done, finished) = mpsc::channel();
        let mut saved = Instant::now();
        self.clock.set_deadline(self.options.time);
        self.record_sample();
        thread::scope(|scope| {
            for _ in 0..self.options.jobs.max(1) {
                let done = done.clone();
                scope.spawn(move || {
                    let worked = self.work(engines);
                    if worked.is_err() {
                        self.ledger().closed = true;
                    }
                    drop(done.send(worked));
                });
            }
            drop(done);
            let result = supervise(self.options, &self.clock, &finished, || {
                self.record_sample();
                progress(&self.progress(None));
                if let Some(folder) = self.kept_state_folder()
                    && saved.elapsed() >= CHECKPOINT
                {
                    let checkpoint = State::of(self.options, &self.at_rest()).save(folder);
                    self.ledger().closed |= checkpoint.is_err();
                    checkpoint?;
                    saved = Instant::now();
                }
                Ok(())
            });
            self.record_sample();
            progress(&self.progress(None));
            result
        })
    }

    /// Runs programs on one thread until the campaign is over.
    fn work(&self, engines: Engines) -> Result<(), Error> {
        let contenders = engines().map_err(Error::Engines)?;
        let mut worker = Worker::new(self.options, self.generator, &self.clock, contenders);
        let mut batch = 1;
        while !self.clock.is_over() {
            let Some(turns) = self.ledger().take(self.options.end(), batch) else {
                break;
            };
            let started = Instant::now();
            let done = worker.run(&turns);
            let findings = std::mem::take(&mut worker.findings);
            if !findings.is_empty() {
                self.clock.reserve_reduction();
            }
            let max = self.options.max_findings;
            self.ledger()
                .give_back(&turns, done, &worker.counts, findings, max);
            worker.counts.clear();
            batch = match started.elapsed() < BATCH_TIME {
                true => (batch * 2).min(MAX_BATCH),
                false => (batch / 2).max(1),
            };
        }
        Ok(())
    }

    /// Reduces and saves the findings.
    fn reduce_findings(
        &self,
        engines: Engines,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<(), Error> {
        let findings = self.first_findings();
        let reduction = Reduction::new(
            self.options,
            &self.clock,
            &self.ledger,
            &self.previous,
            findings,
        );
        reduction.run(engines, &mut |stage| {
            progress(&self.progress(Some(stage)));
        })
    }

    /// Saves the state and returns the summary.
    fn finish(&self, reduced: Result<(), Error>) -> Result<Summary, Error> {
        let options = self.options;
        let ledger = self.at_rest();
        let mut summary = ledger.summary(self.generator, options.mutated);
        let is_stopped = || {
            let closed = self.ledger().closed;
            options.stop.load(Ordering::Relaxed) || closed
        };
        summary.unfinished = match options.runs {
            Some(_) => ledger.done() < options.end(),
            None => is_stopped(),
        };
        summary.findings = self.first_findings();
        let is_worth_saving =
            options.keep_state || summary.unfinished || !summary.findings.is_empty();
        match options.findings.as_ref().filter(|_| is_worth_saving) {
            Some(folder) => {
                let saved = reduced.and_then(|()| State::of(options, &ledger).save(folder));
                summary.unsaved = saved.err().map(|error| error.to_string());
            }
            None => reduced?,
        }
        Ok(summary)
    }

    /// Returns the first findings by the number of their programs, at most as many as are wanted.
    fn first_findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.ledger().findings.values().cloned().collect();
        findings.sort_by_key(|finding| finding.number);
        findings.truncate(self.options.max_findings);
        findings
    }

    /// Returns the ledger as it would be if the campaign stopped now.
    fn at_rest(&self) -> Ledger {
        let mut ledger = self.ledger().at_rest();
        ledger.elapsed = self.clock.elapsed();
        ledger
    }

    /// Adds a sample to the curve.
    fn record_sample(&self) {
        let elapsed = self.clock.elapsed();
        let mut ledger = self.ledger();
        let sample = ledger.sample(elapsed);
        ledger.curve.offer(sample);
    }

    fn progress(&self, reducing: Option<ReductionProgress>) -> Progress {
        let elapsed = self.clock.elapsed();
        let ledger = self.ledger();
        let programs = ledger.counts.programs - self.programs_before;
        let rate = programs as f64 / self.clock.session().as_secs_f64().max(1e-9);
        let by_time = self
            .clock
            .deadline()
            .map(|deadline| deadline.saturating_sub(elapsed));
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
}
