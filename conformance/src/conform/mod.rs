//! The corpus on an engine: what each case came to, and what that says of each clause.

mod judge;
mod report;
mod smoke;
mod subject;

pub use report::{
    CaseReport, ClauseReport, EngineName, Reason, Report, Score, Tally, TopicReport, Verdict,
};
pub use smoke::{Unfit, start};
pub use subject::{Comparison, Subject, comparison, engine};

use crate::case::Case;
use crate::engine::{Engine, Observation};
use crate::engines::config::Pattern;
use crate::engines::process::StartError;
use crate::engines::reference::Reference;
use crate::record::recorded;
use judge::{Judge, Judged};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// After so many cases in a row that hung, the next ones are given little time each.
const HURRY: usize = 5;

/// After so many, no more are run.
const GIVE_UP: usize = 30;

/// How little time that is.
const LITTLE_TIME: Duration = Duration::from_secs(1);

/// How cases are run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many at a time.
    pub jobs: usize,
    /// Stop after the first that fails.
    pub fail_fast: bool,
    /// What is known of the engine beforehand.
    pub expectations: Expectations,
}

impl Default for Options {
    /// One at a time, to the end, with nothing known.
    fn default() -> Options {
        Options {
            jobs: 1,
            fail_fast: false,
            expectations: Expectations::default(),
        }
    }
}

/// What is known of an engine beforehand.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    /// The cases that are passed over.
    pub skip: Vec<Pattern>,
    /// The cases that are known to fail.
    pub failures: Vec<Pattern>,
}

impl Expectations {
    fn skips(&self, name: &str) -> bool {
        self.skip.iter().any(|pattern| pattern.matches(name))
    }

    fn fails(&self, name: &str) -> bool {
        self.failures.iter().any(|pattern| pattern.matches(name))
    }
}

/// What a case is held to: what is on record for it, or what the reference evaluator makes of a
/// case that nobody recorded.
pub fn expected(case: &Case) -> Observation {
    snapshots::snapshot(&case.name)
        .and_then(recorded)
        .unwrap_or_else(|| Reference.observe(case))
}

/// Runs every case on the subject and judges it by what it is held to. `progress` hears how many
/// are done, and how many of those fail. The cases of the report are in the order given.
pub fn conform(
    cases: &[(Case, Observation)],
    subject: &Subject,
    options: &Options,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Report, StartError> {
    let begun = Instant::now();
    let run = Run {
        cases,
        options,
        progress,
        done: AtomicUsize::new(0),
        failing: AtomicUsize::new(0),
        next: AtomicUsize::new(0),
        hangs: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
        judged: Mutex::new(vec![None; cases.len()]),
        failed: Mutex::new(None),
    };
    thread::scope(|scope| {
        for _ in 0..options.jobs.clamp(1, cases.len().max(1)) {
            scope.spawn(|| run.work(subject));
        }
    });
    if let Some(error) = lock(&run.failed).take() {
        return Err(error);
    }
    let judged = std::mem::take(&mut *lock(&run.judged));
    let reports = cases.iter().zip(judged).map(|((case, expected), judged)| {
        let (judged, elapsed) = judged.unwrap_or((Judged::not_run(), Duration::ZERO));
        case_report(case, expected, judged, elapsed)
    });
    let mut report = Report::of(subject.name(), reports.collect(), begun.elapsed());
    report.blind = subject.blind();
    let not_run = Score::NotCompared {
        reason: Reason::NotRun,
    };
    let not_run = report.cases.iter().filter(|case| case.score == not_run);
    let not_run = not_run.count();
    let hangs = run.hangs.into_inner();
    report.stopped = match (run.stop.into_inner(), hangs >= GIVE_UP) {
        (false, _) => None,
        (true, true) => Some(format!(
            "stopped, as {hangs} cases in a row hung: {not_run} were not run (--timeout SECONDS \
             sets the patience, --filter TEXT looks elsewhere)"
        )),
        (true, false) => Some(format!(
            "stopped after the first case that fails: {not_run} were not run"
        )),
    };
    Ok(report)
}

/// The report on a VM that is there and runs nothing at all: no case was tried.
pub fn not_begun(cases: &[(Case, Observation)], subject: &Subject, why: &Unfit) -> Report {
    let not_run = |(case, expected): &(Case, Observation)| {
        case_report(case, expected, Judged::not_run(), Duration::ZERO)
    };
    let cases = cases.iter().map(not_run).collect();
    let mut report = Report::of(subject.name(), cases, Duration::ZERO);
    let parts = [&why.message, &why.said, &why.help];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    let parts: Vec<&str> = parts.map(String::as_str).collect();
    report.stopped = Some(parts.join("\n"));
    report
}

/// A run of cases, shared by those who work on it.
struct Run<'a> {
    cases: &'a [(Case, Observation)],
    options: &'a Options,
    progress: &'a (dyn Fn(usize, usize) + Sync),
    done: AtomicUsize,
    failing: AtomicUsize,
    next: AtomicUsize,
    /// How many hung since one answered.
    hangs: AtomicUsize,
    stop: AtomicBool,
    judged: Mutex<Vec<Option<(Judged, Duration)>>>,
    failed: Mutex<Option<StartError>>,
}

impl Run<'_> {
    fn work(&self, subject: &Subject) {
        let mut judge = Judge::of(subject, &self.options.expectations);
        while !self.stop.load(Ordering::Relaxed) {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((case, expected)) = self.cases.get(at) else {
                break;
            };
            let timeout = subject.timeout();
            let hurry = self.hangs.load(Ordering::Relaxed) >= HURRY && timeout > LITTLE_TIME;
            judge.be_patient(if hurry { LITTLE_TIME } else { timeout });
            let begun = Instant::now();
            match judge.judge(case, expected) {
                Ok(judged) => {
                    self.count_hangs(judged.hung());
                    let judged = match judged.hung() {
                        Some(true) if hurry => judged.with_little_time(),
                        _ => judged,
                    };
                    self.note(at, judged, begun.elapsed());
                }
                Err(error) => {
                    self.stop.store(true, Ordering::Relaxed);
                    lock(&self.failed).get_or_insert(error);
                }
            }
        }
    }

    /// A VM that hangs on everything shall not take hours to say so.
    fn count_hangs(&self, hung: Option<bool>) {
        let hangs = match hung {
            Some(true) => self.hangs.fetch_add(1, Ordering::Relaxed) + 1,
            Some(false) => return self.hangs.store(0, Ordering::Relaxed),
            None => return,
        };
        if hangs >= GIVE_UP {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn note(&self, at: usize, judged: Judged, elapsed: Duration) {
        let fails = judged.score.fails();
        lock(&self.judged)[at] = Some((judged, elapsed));
        if fails && self.options.fail_fast {
            self.stop.store(true, Ordering::Relaxed);
        }
        let fails = usize::from(fails);
        let failing = self.failing.fetch_add(fails, Ordering::Relaxed) + fails;
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.progress)(done, failing);
    }
}

/// What a thread that panicked leaves behind is still good here: each case has its own place.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn case_report(
    case: &Case,
    expected: &Observation,
    judged: Judged,
    elapsed: Duration,
) -> CaseReport {
    let header = &case.header;
    CaseReport {
        name: case.name.clone(),
        machine: case.machine,
        topic: case.name.split('/').nth(1).unwrap_or("").to_owned(),
        about: header.about.clone(),
        holds: header.holds.clone(),
        breaks: header.breaks.clone(),
        boundary: header.boundary.clone(),
        score: judged.score,
        expected: expected.clone(),
        found: judged.found,
        elapsed,
        case: case.clone(),
    }
}
