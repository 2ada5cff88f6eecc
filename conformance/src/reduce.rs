//! Makes a case as small as it can be while something about it stays interesting.
//!
//! What is interesting is the caller's to say: a closure, or one of the [`predicate`]s that the
//! command `mmm reduce` has. The reducer knows *steps*, each of which makes one smaller case of a
//! case. It takes a step if what comes of it is still interesting, and ends where there is none
//! to take: the result is minimal, in that [`neighbours`] has nothing that is interesting. The
//! order of the steps is fixed, and no candidate is tried twice.
//!
//! # The steps
//!
//! Code for a stack shrinks badly by lines: an instruction cannot go without the ones that made
//! its operands, nor without those that take its result. So the steps follow the values.
//!
//! - *Settings and files* (`files`): limits, strict loading, files that nothing needs, folders.
//! - *The `mmm` machine* (`mmm`). Every instruction's producers are known, as there are no jumps.
//!   A *moment* takes one instruction out of a run that the reference traced: literals of what
//!   lay on the stack, the instruction, a look at the result, and nothing else; this alone makes
//!   most programs small at once. Then go functions with their calls, runs of statements from one
//!   empty stack to the next, the tree of instructions that made a value together with whatever
//!   takes it; `A B op` becomes A or B, a tree the literal of the value it was seen to have, a
//!   call its callee's body; a callee becomes the program; files become one.
//! - *The `sc` machine* (`sc`), on what a binary file or the text of one holds: moments as well
//!   (the variables that an instruction reads become constants), runs of instructions, loops with
//!   and without their bodies, variables into what was assigned, parts of expressions in the place
//!   of the whole, constants in the place of parts.
//! - *Literals* (`weight`) become 0, 1, "", shorter, rounder; names become short.
//! - *Anything else* (`plain`): runs of lines, of words, of letters or bytes, large ones first.
//!
//! Every step makes a case lighter (`Weight`): that is why it ends. A machine's steps
//! stand in a file of their own, as a `Form`: a weight and a list of passes.

mod files;
mod mmm;
mod plain;
pub mod predicate;
mod sc;
mod weight;

use crate::campaign::guarded;
use crate::case::{Case, CaseLimits};
use crate::engine::{Engine, Step as Seen};
use crate::engines::reference::Reference;
use crate::machine::Machine;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use weight::Weight;

/// Enough for a program with loops to show what is interesting about it. A candidate that loops for
/// ever because of what was taken away shall not do so for long.
const FUEL: u64 = 20_000;
/// The same for text that grows.
const HEAP_BYTES: u64 = 1 << 20;

/// How a kind of program is taken apart.
struct Form {
    /// How much there is to a case.
    weigh: fn(&Case) -> Weight,
    /// The steps, in the order in which they are tried.
    passes: &'static [Pass],
}

/// The steps of one kind that a case has. Their places ascend.
type Pass = for<'a> fn(&'a Case) -> Steps<'a>;

/// Steps, made one by one.
type Steps<'a> = Box<dyn Iterator<Item = Step<'a>> + 'a>;

/// A way to make a case smaller.
struct Step<'a> {
    /// Where in the case, large steps first: once this step was taken, the pass goes on from here.
    place: u64,
    /// Takes it; none if it turns out not to be there.
    take: Box<dyn FnOnce() -> Option<Case> + 'a>,
}

impl<'a> Step<'a> {
    /// A step at a place.
    fn new(place: u64, take: impl FnOnce() -> Option<Case> + 'a) -> Step<'a> {
        Step {
            place,
            take: Box::new(take),
        }
    }
}

/// How to take a case apart.
fn form(case: &Case, plain: bool) -> &'static Form {
    match case.machine {
        _ if plain => &plain::FORM,
        Machine::Mmm => &mmm::FORM,
        Machine::Sc => sc::form(case),
        Machine::Py => &plain::FORM,
    }
}

/// Every case that is one step away, in the order in which they are tried.
pub fn neighbours(case: &Case, plain: bool) -> impl Iterator<Item = Case> {
    let form = form(case, plain);
    let weight = (form.weigh)(case);
    form.passes
        .iter()
        .flat_map(move |pass| pass(case))
        .filter_map(|step| (step.take)())
        .filter(move |candidate| weigh(candidate, plain) < weight)
}

fn weigh(case: &Case, plain: bool) -> Weight {
    (form(case, plain).weigh)(case)
}

/// How large a program is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Files.
    pub files: u64,
    /// Bytes in all of them.
    pub bytes: u64,
    /// Instructions, where the files can be taken apart: of `mmm` the lines but `function` and
    /// `end`, of `sc` the instructions and the ast instructions.
    pub instructions: Option<u64>,
}

impl Size {
    /// The size of a case.
    pub fn of(case: &Case, plain: bool) -> Size {
        Size {
            files: case.files.len() as u64,
            bytes: case.files.values().map(|bytes| bytes.len() as u64).sum(),
            instructions: match case.machine {
                _ if plain => None,
                Machine::Mmm => Some(mmm::instructions(case)),
                Machine::Sc => sc::instructions(case),
                Machine::Py => None,
            },
        }
    }
}

/// How long to go on, and what to take for granted.
#[derive(Clone, Debug)]
pub struct Options {
    /// No more candidates than these are tried.
    pub tries: Option<u64>,
    /// No candidate is begun after this time.
    pub time: Option<Duration>,
    /// Nor once this is true.
    pub stop: &'static AtomicBool,
    /// Lines and bytes is all that is known about the files.
    pub plain: bool,
    /// How often the case has to be interesting before anything is believed, at least once. If
    /// more than once, the result is looked at once more in the end, too.
    pub checks: u32,
}

/// What stops nothing.
static NEVER: AtomicBool = AtomicBool::new(false);

impl Default for Options {
    fn default() -> Options {
        Options {
            tries: None,
            time: None,
            stop: &NEVER,
            plain: false,
            checks: 1,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// The smallest case.
    pub case: Case,
    /// How many candidates were tried, the case itself included.
    pub tried: u64,
    /// How long that took.
    pub elapsed: Duration,
    /// True if nothing more can be taken away; false if it was stopped before.
    pub minimal: bool,
    /// False if the smallest case was interesting, but not when it was looked at once more.
    pub steady: bool,
}

/// Why there is nothing to reduce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The case is not interesting as it is.
    NotInteresting,
    /// It is now and then.
    Flickers {
        /// How often it was.
        held: u32,
        /// How often it was looked at.
        of: u32,
    },
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The smallest case by now.
    pub best: &'a Case,
    /// How many candidates were tried.
    pub tried: u64,
    /// For how long.
    pub elapsed: Duration,
}

/// What tells whether a case is interesting.
pub type Interesting<'a> = &'a mut dyn FnMut(&Case) -> bool;

/// The smallest case found, from which no single thing can be taken away; `None` if the case is
/// not interesting as it is.
///
/// ```
/// use conformance::case::Case;
/// use conformance::machine::Machine;
/// use conformance::reduce::reduce;
///
/// let text = "function main\n    int 12\n    printn *   # here\n    pop\nend\n";
/// let case = Case::single(Machine::Mmm, "main.mmm", text);
/// let mut prints = |case: &Case| {
///     let text = String::from_utf8_lossy(&case.files["main.mmm"]);
///     text.contains("printn *")
/// };
/// let small = reduce(&case, &mut prints).expect("it prints");
/// assert_eq!(small.files["main.mmm"], b"    printn *\n");
/// ```
pub fn reduce(case: &Case, interesting: Interesting) -> Option<Case> {
    let reduced = reduce_with(case, &Options::default(), interesting, &mut |_| {});
    reduced.ok().map(|reduced| reduced.case)
}

/// The same, with a word on how long to go on, and on how far it is.
pub fn reduce_with(
    case: &Case,
    options: &Options,
    interesting: Interesting,
    progress: &mut dyn FnMut(Progress),
) -> Result<Reduced, Refused> {
    let mut reducer = Reducer {
        best: case.clone(),
        weight: weigh(case, options.plain),
        options,
        interesting,
        progress,
        bounded: true,
        seen: HashSet::new(),
        tried: 0,
        started: Instant::now(),
    };
    reducer.check()?;
    let mut minimal = true;
    loop {
        let better = reducer.round();
        if reducer.is_over() {
            minimal = false;
        }
        if !better || !minimal {
            break;
        }
    }
    let steady = options.checks < 2 || {
        let best = reducer.best.clone();
        reducer.ask(&best)
    };
    reducer.unbind();
    Ok(Reduced {
        case: reducer.best,
        tried: reducer.tried,
        elapsed: reducer.started.elapsed(),
        minimal,
        steady,
    })
}

struct Reducer<'a> {
    best: Case,
    weight: Weight,
    options: &'a Options,
    interesting: Interesting<'a>,
    progress: &'a mut dyn FnMut(Progress),
    /// Whether candidates run within [`FUEL`] and [`HEAP_BYTES`].
    bounded: bool,
    /// Hashes of the candidates that were met.
    seen: HashSet<u64>,
    tried: u64,
    started: Instant,
}

impl Reducer<'_> {
    /// Sees whether the case is interesting at all, and always.
    fn check(&mut self) -> Result<(), Refused> {
        let case = self.best.clone();
        self.seen.insert(identity(&case));
        let mut first = self.ask(&case);
        if !first && bounded(&case) != case {
            self.bounded = false;
            first = self.ask(&case);
        }
        let more = self.options.checks.saturating_sub(1);
        let held = u32::from(first) + (0..more).map(|_| u32::from(self.ask(&case))).sum::<u32>();
        match held {
            0 => Err(Refused::NotInteresting),
            _ if held == more + 1 => Ok(()),
            _ => Err(Refused::Flickers { held, of: more + 1 }),
        }
    }

    /// Whether it may not go on.
    fn is_over(&self) -> bool {
        let options = self.options;
        options.stop.load(Ordering::Relaxed)
            || options.tries.is_some_and(|tries| self.tried >= tries)
            || options
                .time
                .is_some_and(|time| self.started.elapsed() >= time)
    }

    fn ask(&mut self, case: &Case) -> bool {
        self.tried += 1;
        (self.progress)(Progress {
            best: &self.best,
            tried: self.tried,
            elapsed: self.started.elapsed(),
        });
        match self.bounded {
            true => (self.interesting)(&bounded(case)),
            false => (self.interesting)(case),
        }
    }

    /// Tries all steps once. True if any could be taken.
    fn round(&mut self) -> bool {
        let mut better = false;
        let mut next = 0;
        while let Some(&pass) = form(&self.best, self.options.plain).passes.get(next) {
            better |= self.run(pass);
            next += 1;
        }
        better
    }

    /// Takes what steps of a kind can be taken.
    fn run(&mut self, pass: Pass) -> bool {
        let mut better = false;
        let mut from = 0;
        loop {
            let best = self.best.clone();
            let mut steps = pass(&best).skip_while(|step| step.place < from);
            let taken = loop {
                if self.is_over() {
                    return better;
                }
                let Some(Step { place, take }) = steps.next() else {
                    return better;
                };
                if take().is_some_and(|candidate| self.attempt(candidate)) {
                    break place;
                }
            };
            better = true;
            from = taken;
        }
    }

    /// Tries a candidate, which becomes the best case if it is lighter and interesting.
    fn attempt(&mut self, candidate: Case) -> bool {
        let weight = weigh(&candidate, self.options.plain);
        let better =
            weight < self.weight && self.seen.insert(identity(&candidate)) && self.ask(&candidate);
        if better {
            self.weight = weight;
            self.best = candidate;
        }
        better
    }

    /// Frees the result of what keeps it from running for ever, if it is interesting without; or
    /// else gives it the bounds within which it was. Where there are loops it keeps its own.
    fn unbind(&mut self) {
        let best = self.best.clone();
        let mut free = best.clone();
        if best.machine != Machine::Sc {
            free.limits.fuel = None;
            free.limits.heap_bytes = None;
        }
        let within = match self.bounded {
            true => bounded(&best),
            false => best,
        };
        if free != within {
            self.tried += 1;
            self.best = match (self.interesting)(&free) {
                true => free,
                false => within,
            };
        }
    }
}

/// The first steps of a case's run, as the reference saw them: guesses for moments, which need not
/// be right.
fn trace(case: &Case, most: usize) -> Vec<Seen> {
    let mut case = case.clone();
    case.limits.fuel = Some(case.limits.fuel.unwrap_or(FUEL).min(FUEL));
    let told = guarded(|| Reference.trace(&case, most));
    told.ok().flatten().unwrap_or_default()
}

/// The case with limits, if it has none of its own.
fn bounded(case: &Case) -> Case {
    let mut case = case.clone();
    case.limits.fuel.get_or_insert(FUEL);
    case.limits.heap_bytes.get_or_insert(HEAP_BYTES);
    case
}

/// What tells candidates apart.
fn identity(case: &Case) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&case.files, &case.entry).hash(&mut hasher);
    (case.root, case.strict).hash(&mut hasher);
    let CaseLimits {
        fuel,
        call_depth,
        output_bytes,
        heap_bytes,
    } = case.limits;
    [fuel, call_depth, output_bytes, heap_bytes].hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
