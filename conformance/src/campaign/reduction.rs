//! Reduces the findings of a campaign, within the time that is left.
//!
//! A part of the campaign's time is reserved for this. A finding that is not fully reduced when
//! the time is over is kept as small as it is by then, and marked so.

use super::clock::Clock;
use super::contender::{Contender, Engines, GENERATOR};
use super::error::Error;
use super::finding::Finding;
use super::folder::Folder;
use super::ledger::Ledger;
use super::mutation::RoundTrip;
use super::naming::{as_one_file, with_clause};
use super::options::Options;
use super::progress::ReductionProgress;
use super::state::State;
use super::supervise::supervise;
use super::triage::{judge, judge_file};
use crate::case::Case;
use crate::reduce::{self, ReduceError, Reduced, reduce_with};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// The maximal time for one finding in a campaign without a time limit.
const MAX_TIME: Duration = Duration::from_secs(60);
/// Reduction always gets at least this long.
const MIN_TIME: Duration = Duration::from_secs(2);
/// The maximal number of programs that are tried for one finding.
const MAX_TRIES: u64 = 20_000;

/// Reduces findings on several threads and saves them.
pub(super) struct Reduction<'a> {
    options: &'a Options,
    clock: &'a Clock<'a>,
    ledger: &'a Mutex<Ledger>,
    /// The cases that earlier sessions saved, by name.
    previous: &'a BTreeMap<String, Case>,
    waiting: Mutex<VecDeque<Finding>>,
    /// When all has to be over, since the start of the campaign.
    deadline: Option<Duration>,
    all: usize,
    done: AtomicUsize,
    tried: AtomicU64,
}

impl<'a> Reduction<'a> {
    /// Prepares the reduction of those findings that are not yet reduced and saved.
    pub(super) fn new(
        options: &'a Options,
        clock: &'a Clock<'a>,
        ledger: &'a Mutex<Ledger>,
        previous: &'a BTreeMap<String, Case>,
        mut findings: Vec<Finding>,
    ) -> Reduction<'a> {
        findings.retain(|finding| !finding.reduced || finding.folder.is_none());
        let started = clock.elapsed();
        Reduction {
            options,
            clock,
            ledger,
            previous,
            all: findings.len(),
            waiting: Mutex::new(findings.into()),
            deadline: options
                .time
                .map(|limit| limit.max(started + clock.reduction_time(limit).max(MIN_TIME))),
            done: AtomicUsize::new(0),
            tried: AtomicU64::new(0),
        }
    }

    /// Reduces and saves the findings.
    pub(super) fn run(
        &self,
        engines: Engines,
        progress: &mut dyn FnMut(ReductionProgress),
    ) -> Result<(), Error> {
        if self.all == 0 {
            return Ok(());
        }
        self.clock.set_deadline(self.deadline);
        progress(self.progress());
        let (done, finished) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..self.options.jobs.clamp(1, self.all) {
                let done = done.clone();
                scope.spawn(move || drop(done.send(self.reduce_waiting(engines))));
            }
            drop(done);
            supervise(self.options, self.clock, &finished, || {
                progress(self.progress());
                Ok(())
            })
        })
    }

    fn progress(&self) -> ReductionProgress {
        ReductionProgress {
            done: self.done.load(Ordering::Relaxed),
            all: self.all,
            tried: self.tried.load(Ordering::Relaxed),
        }
    }

    /// Reduces and saves one finding after another until none is waiting.
    fn reduce_waiting(&self, engines: Engines) -> Result<(), Error> {
        let mut contenders = match self.options.mutated {
            true => vec![Contender::new(RoundTrip)],
            false => engines().map_err(Error::Engines)?,
        };
        loop {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let rounds = waiting.len().div_ceil(self.options.jobs.max(1)).max(1) as u32;
            let Some(mut finding) = waiting.pop_front() else {
                return Ok(());
            };
            drop(waiting);
            let time = self.deadline.map_or(MAX_TIME, |deadline| {
                deadline.saturating_sub(self.clock.elapsed()) / rounds
            });
            if self.options.reduce && !finding.reduced {
                self.reduce(&mut finding, &mut contenders, time);
            }
            self.save(finding)?;
            self.done.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Saves a finding, if findings are to be saved, and the state with it.
    fn save(&self, mut finding: Finding) -> Result<(), Error> {
        let Some(findings) = &self.options.findings else {
            let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
            ledger.findings.insert(finding.identity.clone(), finding);
            return Ok(());
        };
        let folder = Folder::new(findings, self.options.machine);
        let previous = self.previous.get(&finding.case.name);
        finding.folder = Some(folder.write_finding(self.options, &finding, previous)?);
        // The lock is held while the state is written, so that an older state never replaces a
        // newer one.
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.findings.insert(finding.identity.clone(), finding);
        let mut at_rest = ledger.at_rest();
        at_rest.elapsed = self.clock.elapsed();
        State::of(self.options, &at_rest).save(findings)
    }

    /// Reduces a finding to the smallest program that disagrees in the same way, or as far as the
    /// time allows.
    fn reduce(&self, finding: &mut Finding, contenders: &mut [Contender], time: Duration) {
        if finding.engine == GENERATOR {
            finding.reduced = true;
            return;
        }
        let started = Instant::now();
        // The finding of the smallest program so far.
        let mut last = None;
        let mut judge = |case: &Case| {
            self.tried.fetch_add(1, Ordering::Relaxed);
            let found = match self.options.mutated {
                true => judge_file(case, contenders)?,
                false => judge(case, contenders)?,
            };
            let is_same = found.identity == finding.identity && !self.clock.is_cut_short();
            is_same.then_some(found)
        };
        let options = reduce::Options {
            stop: self.options.stop,
            max_time: Some(time),
            max_tries: Some(MAX_TRIES),
            ..reduce::Options::default()
        };
        let mut is_interesting = |case: &Case| {
            let found = judge(case);
            let is_same = found.is_some();
            last = found.or(last.take());
            is_same
        };
        let Reduced { case, minimal, .. } =
            match reduce_with(&finding.case, &options, &mut is_interesting, &mut |_| {}) {
                Ok(reduced) => reduced,
                // A finding that does not occur a second time is kept as it is, and marked so.
                Err(ReduceError::NotInteresting | ReduceError::Flaky { .. }) => {
                    let interrupted = self.clock.is_cut_short() || started.elapsed() >= time;
                    finding.reproducible = interrupted;
                    finding.reduced = !interrupted;
                    return;
                }
            };
        let case = with_clause(case, &finding.clause, finding.evidence);
        let one_file = as_one_file(&case).and_then(|case| judge(&case));
        let smaller = one_file.or_else(|| judge(&case));
        // Without time to run it once more, its last result counts.
        let smaller = smaller.or(last.map(|last| Finding { case, ..last }));
        finding.reduced = minimal;
        if let Some(smaller) = smaller {
            *finding = Finding {
                number: finding.number,
                programs: finding.programs,
                elapsed: finding.elapsed,
                occurrences: finding.occurrences,
                reduced: finding.reduced,
                folder: finding.folder.take(),
                ..smaller
            };
        }
    }
}
