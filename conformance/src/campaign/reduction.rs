//! Findings get as small as they can be, within the time that there is.
//!
//! Programs are run for most of a campaign's time; a part of it is kept for what was found. What is
//! not done when the time is over stays as small as it is by then, and says so.

use super::consensus::{Contender, GENERATOR};
use super::triage::again;
use super::{Campaign, Engines, Finding, Shrinking, State, mutation, save};
use crate::case::Case;
use crate::reduce::{self, ReduceError, reduce_with};
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// A campaign without a time takes no longer than this over a finding.
const LONGEST: Duration = Duration::from_secs(60);
/// Nor are more programs tried, whatever the time.
const MOST_TRIES: u64 = 20_000;
/// However late it is, so long is taken over what was found.
const LEAST: Duration = Duration::from_secs(2);
/// One part in so many of a campaign's time is kept for what was found, but no more than the most.
const PART: u32 = 5;
const MOST: Duration = Duration::from_secs(60);

/// How much of so much time is kept for what was found.
pub(super) fn kept(time: Duration) -> Duration {
    (time / PART).min(MOST)
}

/// What is waiting to be reduced.
struct Work {
    waiting: Mutex<VecDeque<Finding>>,
    /// The end of it all, since the start.
    deadline: Option<Duration>,
    all: usize,
    done: AtomicUsize,
    tried: AtomicU64,
}

impl Campaign<'_> {
    /// Reduces and saves what was found.
    pub(super) fn settle(
        &self,
        engines: Engines,
        progress: &mut dyn FnMut(&super::Progress),
    ) -> io::Result<()> {
        let findings = self.ledger().findings.values().cloned().collect();
        let mut findings: Vec<Finding> = self.first(findings);
        let unsettled = |finding: &Finding| !finding.reduced || finding.folder.is_none();
        findings.retain(unsettled);
        if findings.is_empty() {
            return Ok(());
        }
        let started = self.elapsed();
        let deadline = self.options.time.map(|time| {
            let least = kept(time.saturating_sub(self.before)).max(LEAST);
            time.max(started + least)
        });
        self.deadline(deadline);
        let work = Work {
            all: findings.len(),
            waiting: Mutex::new(findings.into()),
            deadline,
            done: AtomicUsize::new(0),
            tried: AtomicU64::new(0),
        };
        let shown = || Shrinking {
            done: work.done.load(Ordering::Relaxed),
            all: work.all,
            tried: work.tried.load(Ordering::Relaxed),
        };
        progress(&self.progress(Some(shown())));
        let (done, finished) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..self.options.jobs.clamp(1, work.all) {
                let (done, work) = (done.clone(), &work);
                scope.spawn(move || drop(done.send(self.settle_some(work, engines))));
            }
            drop(done);
            self.attend(&finished, || {
                progress(&self.progress(Some(shown())));
                Ok(())
            })
        })
    }

    /// Reduces and saves one finding after another until none is left.
    fn settle_some(&self, work: &Work, engines: Engines) -> io::Result<()> {
        let mut contenders = match self.options.mutated {
            true => vec![Contender::new(mutation::RoundTrip)],
            false => engines()?,
        };
        loop {
            let mut waiting = work.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let rounds = waiting.len().div_ceil(self.options.jobs.max(1)).max(1) as u32;
            let Some(mut finding) = waiting.pop_front() else {
                return Ok(());
            };
            drop(waiting);
            let left = work.deadline.map_or(LONGEST, |deadline| {
                deadline.saturating_sub(self.elapsed()) / rounds
            });
            if self.options.reduce && !finding.reduced {
                self.shrink(&mut finding, &mut contenders, left, &work.tried);
            }
            if let Some(folder) = &self.options.findings {
                finding.folder = Some(save::save(self.options, &finding, folder)?);
            }
            let mut ledger = self.ledger();
            ledger.findings.insert(finding.identity.clone(), finding);
            // Held, so that an older state never takes the place of a newer one.
            if let Some(folder) = self.state_folder() {
                let mut ledger = ledger.at_rest();
                ledger.elapsed = self.elapsed();
                State::of(self.options, &ledger).save(folder)?;
            }
            drop(ledger);
            work.done.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Reduces a finding to the smallest program that disagrees in the same way, or as far as it
    /// comes in the time.
    fn shrink(
        &self,
        finding: &mut Finding,
        contenders: &mut [Contender],
        time: Duration,
        tried: &AtomicU64,
    ) {
        if finding.engine == GENERATOR {
            finding.reduced = true;
            return;
        }
        let started = Instant::now();
        // The smallest by now, as it was when it was looked at.
        let mut last = None;
        let mut judge = |case: &Case| {
            tried.fetch_add(1, Ordering::Relaxed);
            let found = again(case, contenders, self.options.mutated)?;
            let same = found.identity == finding.identity && !self.is_cut_short();
            same.then_some(found)
        };
        let options = reduce::Options {
            stop: self.options.stop,
            max_time: Some(time),
            max_tries: Some(MOST_TRIES),
            ..reduce::Options::default()
        };
        let mut interesting = |case: &Case| {
            let found = judge(case);
            let same = found.is_some();
            last = found.or(last.take());
            same
        };
        let reduced = reduce_with(&finding.case, &options, &mut interesting, &mut |_| {});
        let reduced = match reduced {
            Ok(reduced) => reduced,
            // One that does not disagree a second time is kept as it is: that says something, too.
            Err(ReduceError::NotInteresting | ReduceError::Flaky { .. }) => {
                finding.steady = self.is_cut_short() || started.elapsed() >= time;
                finding.reduced = !finding.steady;
                return;
            }
        };
        let case = save::with_clause(reduced.case, &finding.clause, finding.how);
        let one_file = save::as_one_file(&case).and_then(|case| judge(&case));
        let smaller = one_file.or_else(|| judge(&case));
        // If there is no time to look once more, it is as it was.
        let smaller = smaller.or(last.map(|last| Finding { case, ..last }));
        finding.reduced = reduced.minimal;
        if let Some(smaller) = smaller {
            *finding = Finding {
                number: finding.number,
                programs: finding.programs,
                elapsed: finding.elapsed,
                times: finding.times,
                reduced: finding.reduced,
                folder: finding.folder.take(),
                ..smaller
            };
        }
    }
}
