//! The corpus on an engine: the score of each case, and the verdict on each clause.

mod judge;
mod report;
mod smoke;

pub use crate::engine::EngineName;
pub use report::{CaseReport, ClauseReport, Reason, Report, Score, Tally, TopicReport, Verdict};
pub use smoke::{Unfit, start};

use crate::case::Case;
use crate::engine::{Engine, Expectation, Observation, StartError};
use crate::engines::EngineSpec;
use crate::engines::config::Pattern;
use crate::engines::reference::Reference;
use crate::panics;
use crate::record::recorded;
use judge::{Judge, Scored};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// After this many cases that hung, each further case has only [`LITTLE_TIME`].
const MAX_PATIENT_HANGS: usize = 5;

/// After this many cases in a row that hung, no more cases of their topic are run.
const MAX_TOPIC_HANGS: usize = 8;

/// After this many cases in a row that hung, whatever their topics, no more cases are run.
const MAX_HANGS: usize = 30;

/// The time for a case after many that hung.
const LITTLE_TIME: Duration = Duration::from_secs(1);

/// How cases are run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many cases are run at a time.
    pub jobs: usize,
    /// Stop after the first case that fails.
    pub fail_fast: bool,
    /// What is known of the engine beforehand.
    pub expectations: Expectations,
}

impl Default for Options {
    /// Returns options that run one case at a time, all of them, and expect no failure.
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
    /// The cases that are not run.
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

/// Returns what a case is expected to do: what is on record for it or, for a case without a record,
/// the reference evaluator's result.
pub fn expected(case: &Case) -> Observation {
    snapshots::snapshot(&case.name)
        .and_then(recorded)
        .unwrap_or_else(|| Reference.observe(case))
}

/// Runs every case on an engine in this process, one after the other. An engine that panics, or does
/// not start, has crashed.
pub fn of_engine(cases: &[(Case, Observation)], engine: &mut dyn Engine) -> Report {
    let name = EngineName {
        name: engine.name().to_owned(),
        command: None,
    };
    let begun = Instant::now();
    let reports = cases.iter().map(|(case, expected)| {
        let judgement = panics::judge(engine, case, Expectation::Recorded(expected));
        let scored = Scored::of(judgement).cut();
        case_report(case, expected, scored, Duration::ZERO)
    });
    Report::of(name, reports.collect(), begun.elapsed())
}

/// Runs every case on an engine and scores it. `progress` is called with the number of cases that are
/// done, and of those that failed. The cases of the report are in the order given.
///
/// # Errors
///
/// Returns an error if the engine does not start.
pub fn conform(
    cases: &[(Case, Observation)],
    spec: &EngineSpec,
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
        hangs: Mutex::new(Hangs::default()),
        stop: AtomicBool::new(false),
        scored: Mutex::new(vec![None; cases.len()]),
        failed: Mutex::new(None),
    };
    thread::scope(|scope| {
        for _ in 0..options.jobs.clamp(1, cases.len().max(1)) {
            scope.spawn(|| run.work(spec));
        }
    });
    if let Some(error) = lock(&run.failed).take() {
        return Err(error);
    }
    let scored = std::mem::take(&mut *lock(&run.scored));
    let reports = cases.iter().zip(scored).map(|((case, expected), scored)| {
        let (scored, elapsed) =
            scored.unwrap_or((Scored::not_compared(Reason::NotRun), Duration::ZERO));
        case_report(case, expected, scored, elapsed)
    });
    let mut report = Report::of(spec.name(), reports.collect(), begun.elapsed());
    report.not_compared_fields = spec.not_compared();
    let not_run = Score::NotCompared {
        reason: Reason::NotRun,
    };
    let not_run = report.cases.iter().filter(|case| case.score == not_run);
    let not_run = not_run.count();
    let hangs = lock(&run.hangs).row;
    report.stopped = match (run.stop.into_inner(), hangs >= MAX_HANGS) {
        (false, _) => nothing_compared(&report),
        (true, true) => Some(format!(
            "stopped because {hangs} cases in a row hung: {not_run} were not run (--timeout SECONDS \
             sets how long a case may take, --filter TEXT selects cases)"
        )),
        (true, false) => Some(format!(
            "stopped after the first case that fails: {not_run} were not run"
        )),
    };
    Ok(report)
}

/// Returns why a run does not count as a pass if no case of an external VM could be compared.
fn nothing_compared(report: &Report) -> Option<String> {
    let is_external = report.engine.command.is_some();
    let none = report.tally().not_compared == report.cases.len();
    (is_external && none && !report.cases.is_empty())
        .then(|| "no case could be compared, so this run does not count as a pass".to_owned())
}

/// Returns the report on a VM that failed the smoke test, so that no case was run.
pub fn not_begun(cases: &[(Case, Observation)], spec: &EngineSpec, why: &Unfit) -> Report {
    let not_run = |(case, expected): &(Case, Observation)| {
        let scored = Scored::not_compared(Reason::NotRun);
        case_report(case, expected, scored, Duration::ZERO)
    };
    let cases = cases.iter().map(not_run).collect();
    let mut report = Report::of(spec.name(), cases, Duration::ZERO);
    let parts = [&why.message, &why.said, &why.help];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    let parts: Vec<&str> = parts.map(String::as_str).collect();
    report.stopped = Some(parts.join("\n"));
    report
}

/// A run of cases, shared by the threads that work on it.
struct Run<'a> {
    cases: &'a [(Case, Observation)],
    options: &'a Options,
    progress: &'a (dyn Fn(usize, usize) + Sync),
    done: AtomicUsize,
    failing: AtomicUsize,
    next: AtomicUsize,
    hangs: Mutex<Hangs<'a>>,
    stop: AtomicBool,
    scored: Mutex<Vec<Option<(Scored, Duration)>>>,
    failed: Mutex<Option<StartError>>,
}

/// How many cases hung.
#[derive(Default)]
struct Hangs<'a> {
    all: usize,
    /// Those after the last case that did not hang.
    row: usize,
    /// Those after the last case of the same topic that did not hang.
    of_topic: HashMap<&'a str, usize>,
}

/// Returns the machine and topic of a case.
fn topic(case: &Case) -> &str {
    case.name.rsplit_once('/').map_or("", |(topic, _)| topic)
}

impl<'a> Run<'a> {
    fn work(&self, spec: &EngineSpec) {
        let mut engine = spec.engine();
        let mut judge = Judge::new(&mut *engine, &self.options.expectations);
        while !self.stop.load(Ordering::Relaxed) {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((case, expected)) = self.cases.get(at) else {
                break;
            };
            let timeout = spec.timeout();
            let (hung, of_topic) = self.hung(case);
            if of_topic >= MAX_TOPIC_HANGS {
                self.note(at, Scored::not_compared(Reason::GivenUp), Duration::ZERO);
                continue;
            }
            let is_hurried = hung >= MAX_PATIENT_HANGS && timeout > LITTLE_TIME;
            judge.set_timeout(if is_hurried { LITTLE_TIME } else { timeout });
            let begun = Instant::now();
            match judge.score(case, expected) {
                Ok(scored) => {
                    self.count_hangs(case, scored.hung());
                    let scored = match scored.hung() {
                        Some(true) if is_hurried => scored.with_little_time(),
                        _ => scored,
                    };
                    self.note(at, scored, begun.elapsed());
                }
                Err(error) => {
                    self.stop.store(true, Ordering::Relaxed);
                    lock(&self.failed).get_or_insert(error);
                }
            }
        }
    }

    /// Returns how many cases hung so far, and how many of this case's topic in a row.
    fn hung(&self, case: &Case) -> (usize, usize) {
        let hangs = lock(&self.hangs);
        let of_topic = hangs.of_topic.get(topic(case));
        (hangs.all, of_topic.copied().unwrap_or(0))
    }

    /// Counts a case that hung or did not, and stops a run that would take hours.
    fn count_hangs(&self, case: &'a Case, hung: Option<bool>) {
        let mut hangs = lock(&self.hangs);
        match hung {
            Some(true) => {
                hangs.all += 1;
                hangs.row += 1;
                *hangs.of_topic.entry(topic(case)).or_default() += 1;
            }
            Some(false) => {
                hangs.row = 0;
                hangs.of_topic.remove(topic(case));
            }
            None => {}
        }
        if hangs.row >= MAX_HANGS {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn note(&self, at: usize, scored: Scored, elapsed: Duration) {
        let fails = scored.score.fails();
        let scored = scored.cut();
        lock(&self.scored)[at] = Some((scored, elapsed));
        if fails && self.options.fail_fast {
            self.stop.store(true, Ordering::Relaxed);
        }
        let fails = usize::from(fails);
        let failing = self.failing.fetch_add(fails, Ordering::Relaxed) + fails;
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.progress)(done, failing);
    }
}

/// Locks a mutex. A thread that panicked does no harm: each case has a place of its own.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn case_report(
    case: &Case,
    expected: &Observation,
    scored: Scored,
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
        score: scored.score,
        expected: expected.clone(),
        found: scored.found,
        found_left_out: scored.left_out,
        elapsed,
        case: case.clone(),
    }
}
