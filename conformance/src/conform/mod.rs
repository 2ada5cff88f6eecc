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
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// After so many cases that hung, the next ones are given little time each.
const HURRY: usize = 5;

/// After so many in a row of one topic, no more of that topic are run.
const LEAVE: usize = 8;

/// After so many in a row of whatever topics, no more are run at all.
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

/// Judges an engine that runs in this process.
pub fn of_engine(cases: &[(Case, Observation)], engine: &mut dyn Engine) -> Report {
    let name = EngineName {
        name: engine.name().to_owned(),
        command: None,
    };
    let begun = Instant::now();
    let reports = cases.iter().map(|(case, expected)| {
        let found = crate::campaign::observe(engine, case);
        let judged = Judged::by(crate::compare::exactly(expected, &found), found);
        case_report(case, expected, judged.kept(), Duration::ZERO)
    });
    Report::of(name, reports.collect(), begun.elapsed())
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
        hangs: Mutex::new(Hangs::default()),
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
    let hangs = lock(&run.hangs).row;
    report.stopped = match (run.stop.into_inner(), hangs >= GIVE_UP) {
        (false, _) => nothing_compared(&report),
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

/// Of a stranger's VM of which nothing was compared nothing is known: that is not to pass.
fn nothing_compared(report: &Report) -> Option<String> {
    let foreign = report.engine.command.is_some();
    let none = report.tally().not_compared == report.cases.len();
    (foreign && none && !report.cases.is_empty())
        .then(|| "nothing was compared, so nothing is known of this VM".to_owned())
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
    hangs: Mutex<Hangs<'a>>,
    stop: AtomicBool,
    judged: Mutex<Vec<Option<(Judged, Duration)>>>,
    failed: Mutex<Option<StartError>>,
}

/// How many cases hung.
#[derive(Default)]
struct Hangs<'a> {
    all: usize,
    /// Since one answered.
    row: usize,
    /// Since one of the same topic answered.
    of_topic: HashMap<&'a str, usize>,
}

/// Machine and topic of a case.
fn topic(case: &Case) -> &str {
    case.name.rsplit_once('/').map_or("", |(topic, _)| topic)
}

impl<'a> Run<'a> {
    fn work(&self, subject: &Subject) {
        let mut judge = Judge::of(subject, &self.options.expectations);
        while !self.stop.load(Ordering::Relaxed) {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((case, expected)) = self.cases.get(at) else {
                break;
            };
            let timeout = subject.timeout();
            let (hung, of_topic) = self.hung(case);
            if of_topic >= LEAVE {
                self.note(at, Judged::given_up(), Duration::ZERO);
                continue;
            }
            let hurry = hung >= HURRY && timeout > LITTLE_TIME;
            judge.be_patient(if hurry { LITTLE_TIME } else { timeout });
            let begun = Instant::now();
            match judge.judge(case, expected) {
                Ok(judged) => {
                    self.count_hangs(case, judged.hung());
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

    /// How many cases hung so far, and how many of this one's topic in a row.
    fn hung(&self, case: &Case) -> (usize, usize) {
        let hangs = lock(&self.hangs);
        let of_topic = hangs.of_topic.get(topic(case));
        (hangs.all, of_topic.copied().unwrap_or(0))
    }

    /// A VM that hangs on much shall not take hours to say so.
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
        if hangs.row >= GIVE_UP {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn note(&self, at: usize, judged: Judged, elapsed: Duration) {
        let fails = judged.score.fails();
        let judged = judged.kept();
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
        found_left_out: judged.left_out,
        elapsed,
        case: case.clone(),
    }
}
