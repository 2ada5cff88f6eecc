//! The corpus on an engine: what each case came to.

use crate::case::Case;
use crate::compare::{self, Difference, Verdict};
use crate::engine::{Ending, Engine, Observation};
use crate::engines::external::{Foreign, OneShot, Serving};
use crate::engines::local::Local;
use crate::engines::process::StartError;
use crate::engines::reference::Reference;
use crate::machine::Machine;
use crate::record::recorded;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// What the corpus is run on.
#[derive(Clone, Debug)]
pub enum Subject {
    /// Our own machines.
    Ours,
    /// A process for each case.
    OneShot(Foreign),
    /// A process that serves.
    Serving(Foreign),
}

/// What a case came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Score {
    /// It did what was recorded.
    Agrees,
    /// It did something else.
    Differs {
        /// The first difference.
        difference: Difference,
        /// What the engine had to say.
        detail: Option<String>,
    },
    /// What this engine does with it cannot be told right from wrong.
    NotCompared(Reason),
}

/// Why a case is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// It is about limits, which a command line of one's own cannot be told.
    Limits,
    /// It is about a root that is not the entry's folder.
    Root,
    /// It is about strict loading, which neither a command line nor the protocol asks for.
    Strict,
    /// It prints what has a layout of this project's own.
    Layout,
    /// It is about the debugger.
    Debugger,
    /// A limit of the engine's own ended it.
    OwnLimit,
}

impl Reason {
    /// All of them.
    pub const ALL: [Reason; 6] = [
        Reason::Limits,
        Reason::Root,
        Reason::Strict,
        Reason::Layout,
        Reason::Debugger,
        Reason::OwnLimit,
    ];
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Limits => "about limits",
            Reason::Root => "about --root",
            Reason::Strict => "about strict loading",
            Reason::Layout => "about a layout of this project's own",
            Reason::Debugger => "about the debugger",
            Reason::OwnLimit => "ended by a limit of the VM's own",
        })
    }
}

/// What a case is held to: what is on record for it, or what the reference evaluator makes of a
/// case that nobody recorded.
pub fn expected(case: &Case) -> Observation {
    snapshots::snapshot(&case.name)
        .and_then(recorded)
        .unwrap_or_else(|| Reference.observe(case))
}

/// Runs every case on the subject, `jobs` at a time, and scores it against what it is held
/// to. `progress` hears how many are done, and how many of those differ. The scores are in the order of the cases.
pub fn conform(
    cases: &[(Case, Observation)],
    subject: &Subject,
    jobs: usize,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<Score>, StartError> {
    let (done, differing) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let scores = Mutex::new(vec![None; cases.len()]);
    let failed = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, cases.len().max(1)) {
            scope.spawn(|| {
                let mut judge = Judge::of(subject);
                while !stop.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((case, expected)) = cases.get(at) else {
                        break;
                    };
                    match judge.score(case, expected) {
                        Ok(score) => {
                            let differs = usize::from(matches!(score, Score::Differs { .. }));
                            lock(&scores)[at] = Some(score);
                            let differing = differing.fetch_add(differs, Ordering::Relaxed);
                            let done = done.fetch_add(1, Ordering::Relaxed);
                            progress(done + 1, differing + differs);
                        }
                        Err(error) => {
                            stop.store(true, Ordering::Relaxed);
                            lock(&failed).get_or_insert(error);
                        }
                    }
                }
            });
        }
    });
    if let Some(error) = lock(&failed).take() {
        return Err(error);
    }
    let scores = std::mem::take(&mut *lock(&scores));
    Ok(scores.into_iter().flatten().collect())
}

/// What a thread that panicked leaves behind is still good here: each case has its own place.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The subject as an engine for programs that nobody recorded.
pub fn engine(subject: &Subject) -> Box<dyn Engine> {
    match subject {
        Subject::Ours => Box::new(Local),
        Subject::OneShot(foreign) => Box::new(Portable {
            engine: OneShot::new(foreign.clone()),
            debugger: false,
        }),
        Subject::Serving(foreign) => Box::new(Portable {
            engine: Serving::new(foreign.clone()),
            debugger: true,
        }),
    }
}

/// How what such an engine saw is compared with what the reference evaluator saw.
pub fn comparison(subject: &Subject) -> fn(&Observation, &Observation) -> Verdict {
    match subject {
        Subject::Ours => compare::exactly,
        Subject::OneShot(_) => by_status,
        Subject::Serving(_) => compare::within_limits,
    }
}

/// Starts the subject once, to see if that can be done.
pub fn start(subject: &Subject) -> Result<(), StartError> {
    let empty = Case::single(Machine::Mmm, "main.mmm", "function main\nend\n");
    match subject {
        Subject::Ours => Ok(()),
        Subject::OneShot(foreign) => OneShot::new(foreign.clone()).try_observe(&empty).map(drop),
        Subject::Serving(foreign) => Serving::new(foreign.clone()).try_observe(&empty).map(drop),
    }
}

/// An engine that is not asked what it cannot be told.
struct Portable<E> {
    engine: E,
    /// True if it passes over `breakpoint`.
    debugger: bool,
}

impl<E: Engine> Engine for Portable<E> {
    fn name(&self) -> &str {
        self.engine.name()
    }

    fn observe(&mut self, case: &Case) -> Observation {
        let asked =
            !roots_elsewhere(case) && !case.strict && (self.debugger || !uses(case, "breakpoint"));
        match asked {
            true => self.engine.observe(case),
            // As if it had been stopped at once: that is no agreement, and no disagreement.
            false => Observation::of(Ending::Limited),
        }
    }
}

/// An engine, and how it is to be judged.
enum Judge {
    Ours(Local),
    OneShot(OneShot),
    Serving(Serving),
}

impl Judge {
    fn of(subject: &Subject) -> Judge {
        match subject {
            Subject::Ours => Judge::Ours(Local),
            Subject::OneShot(foreign) => Judge::OneShot(OneShot::new(foreign.clone())),
            Subject::Serving(foreign) => Judge::Serving(Serving::new(foreign.clone())),
        }
    }

    fn score(&mut self, case: &Case, expected: &Observation) -> Result<Score, StartError> {
        Ok(match self {
            Judge::Ours(engine) => {
                let found = engine.observe(case);
                score(compare::exactly(expected, &found), found)
            }
            Judge::OneShot(engine) => match one_shot_reason(case, expected) {
                Some(reason) => Score::NotCompared(reason),
                None => {
                    let found = engine.try_observe(case)?;
                    score(by_status(expected, &found), found)
                }
            },
            Judge::Serving(_) if roots_elsewhere(case) => Score::NotCompared(Reason::Root),
            Judge::Serving(_) if case.strict => Score::NotCompared(Reason::Strict),
            Judge::Serving(engine) => served(case, expected, engine.try_observe(case)?),
        })
    }
}

/// Why the case means nothing to a VM of which only output and exit status are seen.
fn one_shot_reason(case: &Case, expected: &Observation) -> Option<Reason> {
    if expected.ending == Ending::Limited || case.limits != Default::default() {
        Some(Reason::Limits)
    } else if roots_elsewhere(case) {
        Some(Reason::Root)
    } else if case.strict {
        Some(Reason::Strict)
    } else if uses(case, "stack_dump") {
        Some(Reason::Layout)
    } else if uses(case, "breakpoint") {
        Some(Reason::Debugger)
    } else {
        None
    }
}

/// True if its root is not the entry's folder, which only `--root` can say.
fn roots_elsewhere(case: &Case) -> bool {
    case.root && case.entry.contains('/')
}

/// True if a line of the program begins with that instruction.
fn uses(case: &Case, mnemonic: &str) -> bool {
    case.machine == Machine::Mmm
        && case.files.values().any(|bytes| {
            bytes.split(|&byte| byte == b'\n').any(|line| {
                let line = line.trim_ascii_start();
                line.strip_prefix(mnemonic.as_bytes())
                    .is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace))
            })
        })
}

/// Compares a run with one of which only output and exit status were seen.
fn by_status(expected: &Observation, found: &Observation) -> Verdict {
    let limited = [expected.ending, found.ending].contains(&Ending::Limited);
    let visible = Observation {
        output: expected.output.clone(),
        ..Observation::of(match expected.ending {
            Ending::Refused => Ending::Faulted,
            ending => ending,
        })
    };
    let mut verdict = match limited {
        true => compare::within_limits(&visible, found),
        false => compare::exactly(&visible, found),
    };
    if let Verdict::Diverge(difference) = &mut verdict
        && difference.kind == compare::Kind::Ending
    {
        let status = match expected.ending {
            Ending::Returned => "returned (exit status 0)",
            Ending::Refused => "refused (exit status other than 0)",
            _ => "faulted (exit status other than 0)",
        };
        difference.expected = status.to_owned();
    }
    verdict
}

/// Judges an answer of the protocol's.
fn served(case: &Case, expected: &Observation, found: Observation) -> Score {
    if uses(case, "stack_dump") && matches!(found.ending, Ending::Returned | Ending::Faulted) {
        // What else is wrong with it counts; its output cannot be told right from wrong.
        let mut apart = expected.clone();
        apart.output.clone_from(&found.output);
        return match compare::exactly(&apart, &found) {
            Verdict::Agree => Score::NotCompared(Reason::Layout),
            verdict => score(verdict, found),
        };
    }
    let exact = compare::exactly(expected, &found);
    let limited = [expected.ending, found.ending].contains(&Ending::Limited);
    if exact == Verdict::Agree || !limited {
        return score(exact, found);
    }
    // Instructions, calls and bytes printed count the same everywhere on the text machine; bytes
    // of memory nowhere, and what a VM allows when it is told nothing is its own affair.
    let told = case.limits != Default::default() && case.limits.heap_bytes.is_none();
    match told && case.machine == Machine::Mmm {
        true => score(exact, found),
        false => score(compare::within_limits(expected, &found), found),
    }
}

fn score(verdict: Verdict, found: Observation) -> Score {
    match verdict {
        Verdict::Agree => Score::Agrees,
        Verdict::Diverge(difference) => Score::Differs {
            difference,
            detail: found.detail,
        },
        Verdict::Inconclusive => Score::NotCompared(Reason::OwnLimit),
    }
}

#[cfg(test)]
mod tests {
    use super::{Reason, Score, by_status, one_shot_reason, served, uses};
    use crate::case::Case;
    use crate::compare::Verdict;
    use crate::engine::{Ending, Observation};
    use crate::machine::Machine;

    fn program(text: &str) -> Case {
        Case::single(Machine::Mmm, "main.mmm", text)
    }

    #[test]
    fn an_instruction_is_found_at_the_start_of_a_line_only() {
        assert!(uses(
            &program("function main\r\n\tstack_dump\r\nend"),
            "stack_dump"
        ));
        assert!(uses(&program("breakpoint"), "breakpoint"));
        assert!(!uses(
            &program("# stack_dump\nstack_dumps\nstring \"stack_dump\""),
            "stack_dump"
        ));
    }

    #[track_caller]
    fn check_one_shot(expected: Ending, found: Ending, agrees: bool) {
        let found = by_status(&Observation::of(expected), &Observation::of(found));
        assert_eq!(found == Verdict::Agree, agrees, "{found:?}");
    }

    #[test]
    fn of_a_process_the_status_is_compared() {
        check_one_shot(Ending::Returned, Ending::Returned, true);
        check_one_shot(Ending::Faulted, Ending::Faulted, true);
        check_one_shot(Ending::Refused, Ending::Faulted, true);
        check_one_shot(Ending::Refused, Ending::Returned, false);
        check_one_shot(Ending::Refused, Ending::Crashed, false);
        check_one_shot(Ending::Faulted, Ending::Crashed, false);
        check_one_shot(Ending::Returned, Ending::Hung, false);
    }

    #[test]
    fn a_limit_is_compared_only_where_it_counts_the_same() {
        let limited = Observation::of(Ending::Limited);
        let returned = Observation::of(Ending::Returned);
        let mut case = program("");
        assert!(one_shot_reason(&case, &limited).is_some());
        case.strict = true;
        assert_eq!(one_shot_reason(&case, &returned), Some(Reason::Strict));
        case.strict = false;
        let found = served(&case, &returned, limited.clone());
        assert!(matches!(found, Score::NotCompared(_)), "{found:?}");
        case.limits.fuel = Some(3);
        let found = served(&case, &limited, returned.clone());
        assert!(matches!(found, Score::Differs { .. }), "{found:?}");
        case.limits.heap_bytes = Some(3);
        let found = served(&case, &limited, returned);
        assert!(matches!(found, Score::NotCompared(_)), "{found:?}");
    }
}
