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
//! - *Settings and files* (`files`): strict loading, files that nothing needs, folders. *Limits*
//!   (`limits`) go or become smaller; where fewer instructions are left, the fuel becomes less in
//!   the same step, for a run that a limit ends shall still end where it did.
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
//! - *The `py` machine* (`py`), on the code objects of a `.pyc` file or of its text: those first that
//!   nothing needs, then runs of instructions from one depth of the stack to the same, what makes an
//!   item together with what takes it, the parts of blocks and jumps that mean nothing alone; an
//!   item becomes `None`, a function part of its caller. What does not load is not run.
//! - *Literals* (`weight`) become 0, 1, "", shorter, rounder; names become short.
//! - *Anything else* (`plain`): runs of lines, of words, of letters or bytes, large ones first.
//!
//! Every step makes a case lighter (`Weight`): that is why it ends. A machine's steps
//! stand in a file of their own, as a `Form`: a weight and a list of passes.
//!
//! Candidates can be looked at several at a time ([`reduce_together`]): so many of the next ones are
//! run, and the first in order that is interesting is taken, whichever is done first. What is known
//! of those behind it is kept for when their turn comes. The result is the same.

mod files;
mod generic;
mod limits;
mod mmm;
mod pool;
pub mod predicate;
mod py;
mod sc;
mod weight;

pub use pool::{Judge, reduce_together};

use crate::case::{Case, CaseLimits};
use crate::engine::{Engine, Step as Seen};
use crate::engines::reference::Reference;
use crate::machine::Machine;
use crate::panics::guarded;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use weight::Weight;

/// Enough for a program with loops to show what is interesting about it. A candidate that loops for
/// ever because of what was taken away shall not do so for long.
const FUEL: u64 = 20_000;
/// The same for text that grows.
const HEAP_BYTES: u64 = 1 << 20;
/// And for what is printed: a loop that prints a long text costs seconds otherwise.
const OUTPUT_BYTES: u64 = 1 << 20;

/// Values that are longer, as they print, are not written down as literals.
const LONGEST_VALUE: usize = 4096;

/// How a kind of program is taken apart.
struct Form {
    /// How much there is to a case.
    weigh: fn(&Case) -> Weight,
    /// Whether it is worth a run where all that was interesting so far is.
    sound: fn(&Case) -> bool,
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
        _ if plain => &generic::FORM,
        Machine::Mmm => &mmm::FORM,
        Machine::Sc => sc::form(case),
        Machine::Py => py::form(case),
    }
}

/// Every case that is one step away, in the order in which they are tried.
pub fn neighbours(case: &Case, plain: bool) -> impl Iterator<Item = Case> {
    let form = form(case, plain);
    let weight = (form.weigh)(case);
    let sound = is_sound(case, plain);
    form.passes
        .iter()
        .flat_map(move |pass| candidates(case, *pass, plain))
        .map(|(_, candidate)| candidate)
        .filter(move |candidate| weigh(candidate, plain) < weight)
        .filter(move |candidate| !sound || is_sound(candidate, plain))
}

/// What the steps of one kind make of a case, each with its place.
fn candidates(case: &Case, pass: Pass, plain: bool) -> impl Iterator<Item = (u64, Case)> {
    pass(case).flat_map(move |Step { place, take }| {
        let made = take().into_iter();
        let made = made.flat_map(move |candidate| limits::with_less(case, candidate, plain));
        made.map(move |candidate| (place, candidate))
    })
}

fn is_sound(case: &Case, plain: bool) -> bool {
    (form(case, plain).sound)(case)
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
    /// `end`, of `sc` the instructions and the ast instructions, of `py` those of all code objects.
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
                Machine::Py => py::instructions(case),
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
    search(case, options, &mut Judges::One(interesting), progress)
}

/// Those who tell whether candidates are interesting.
enum Judges<'a> {
    One(Interesting<'a>),
    Pool(&'a pool::Pool),
}

impl Judges<'_> {
    /// How many candidates they look at at a time.
    fn count(&self) -> usize {
        match self {
            Judges::One(_) => 1,
            Judges::Pool(crew) => crew.size(),
        }
    }

    fn ask(&mut self, cases: Vec<Case>) -> Vec<bool> {
        match self {
            Judges::One(interesting) => cases.iter().map(&mut **interesting).collect(),
            Judges::Pool(crew) => crew.ask(cases),
        }
    }
}

fn search(
    case: &Case,
    options: &Options,
    judges: &mut Judges,
    progress: &mut dyn FnMut(Progress),
) -> Result<Reduced, Refused> {
    let mut reducer = Reducer {
        best: unbounded(case),
        weight: weigh(case, options.plain),
        sound: is_sound(case, options.plain),
        options,
        judges,
        progress,
        bounded: true,
        seen: HashMap::new(),
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
    let steady = options.checks < 2 || reducer.is_stopped() || {
        let best = reducer.best.clone();
        reducer.ask_one(&best) || reducer.is_stopped()
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

struct Reducer<'a, 'j> {
    best: Case,
    weight: Weight,
    /// Whether candidates have to be sound.
    sound: bool,
    options: &'a Options,
    judges: &'a mut Judges<'j>,
    progress: &'a mut dyn FnMut(Progress),
    /// Whether candidates run within [`FUEL`], [`HEAP_BYTES`] and [`OUTPUT_BYTES`].
    bounded: bool,
    /// The candidates that were met, by their hashes: what is known of those that were run before
    /// their turn.
    seen: HashMap<u64, Option<bool>>,
    tried: u64,
    started: Instant,
}

/// A case that is lighter than the best.
struct Candidate {
    place: u64,
    case: Case,
    weight: Weight,
    identity: u64,
    /// Whether it is interesting, if that is known.
    answer: Option<bool>,
}

impl Reducer<'_, '_> {
    /// Sees whether the case is interesting at all, and always.
    fn check(&mut self) -> Result<(), Refused> {
        let case = self.best.clone();
        let mut first = self.ask_one(&case);
        if !first && bounded(&case) != case {
            self.bounded = false;
            first = self.ask_one(&case);
        }
        self.seen.insert(self.identity(&case), None);
        let more = self.options.checks.saturating_sub(1);
        let again = (0..more).map(|_| u32::from(self.ask_one(&case)));
        let held = u32::from(first) + again.sum::<u32>();
        match held {
            _ if held == more + 1 || self.is_stopped() => Ok(()),
            0 => Err(Refused::NotInteresting),
            _ => Err(Refused::Flickers { held, of: more + 1 }),
        }
    }

    /// What tells candidates apart, as they are run.
    fn identity(&self, case: &Case) -> u64 {
        match self.bounded {
            true => identity(&bounded(case)),
            false => identity(case),
        }
    }

    /// Whether it may not go on.
    fn is_over(&self) -> bool {
        let options = self.options;
        self.is_stopped()
            || options.tries.is_some_and(|tries| self.tried >= tries)
            || options
                .time
                .is_some_and(|time| self.started.elapsed() >= time)
    }

    fn is_stopped(&self) -> bool {
        self.options.stop.load(Ordering::Relaxed)
    }

    fn ask_one(&mut self, case: &Case) -> bool {
        self.count_one();
        self.ask(vec![case.clone()])[0]
    }

    fn count_one(&mut self) {
        self.tried += 1;
        (self.progress)(Progress {
            best: &self.best,
            tried: self.tried,
            elapsed: self.started.elapsed(),
        });
    }

    /// Who was stopped says nothing: what ran was ended.
    fn ask(&mut self, mut cases: Vec<Case>) -> Vec<bool> {
        if self.bounded {
            cases.iter_mut().for_each(|case| *case = bounded(case));
        }
        let mut answers = self.judges.ask(cases);
        if self.is_stopped() {
            answers.fill(false);
        }
        answers
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
            let made = candidates(&best, pass, self.options.plain);
            let Some(taken) = self.first(&mut made.skip_while(|(place, _)| *place < from)) else {
                return better;
            };
            better = true;
            from = taken;
        }
    }

    /// Tries candidates up to the first that is interesting, which becomes the best case; its place.
    fn first(&mut self, made: &mut dyn Iterator<Item = (u64, Case)>) -> Option<u64> {
        loop {
            let batch = self.batch(made);
            if batch.is_empty() || self.is_stopped() {
                return None;
            }
            let mut batch = self.answered(batch).into_iter();
            let taken = batch.find_map(|candidate| {
                self.count_one();
                candidate.answer.filter(|&answer| answer)?;
                Some(candidate)
            });
            // Their turn did not come.
            for Candidate {
                identity, answer, ..
            } in batch
            {
                self.seen.insert(identity, answer);
            }
            if let Some(candidate) = taken {
                self.weight = candidate.weight;
                self.best = candidate.case;
                return Some(candidate.place);
            }
        }
    }

    /// The next candidates that are lighter than the best case and have not had their turn, as many
    /// as are looked at at a time.
    fn batch(&mut self, made: &mut dyn Iterator<Item = (u64, Case)>) -> Vec<Candidate> {
        let tries = self.options.tries.unwrap_or(u64::MAX);
        let most = tries.saturating_sub(self.tried);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let most = self.judges.count().min(most);
        let mut batch = Vec::new();
        while batch.len() < most && !self.is_over() {
            let Some((place, case)) = made.next() else {
                break;
            };
            let identity = self.identity(&case);
            let known = self.seen.get(&identity).copied();
            if known == Some(None) {
                continue;
            }
            let weight = weigh(&case, self.options.plain);
            if weight >= self.weight || self.sound && !is_sound(&case, self.options.plain) {
                continue;
            }
            self.seen.insert(identity, None);
            batch.push(Candidate {
                place,
                case,
                weight,
                identity,
                answer: known.flatten(),
            });
        }
        batch
    }

    /// Looks at those of whom nothing is known yet.
    fn answered(&mut self, mut batch: Vec<Candidate>) -> Vec<Candidate> {
        let open = batch.iter_mut();
        let mut open: Vec<&mut Candidate> = open.filter(|each| each.answer.is_none()).collect();
        let answers = self.ask(open.iter().map(|each| each.case.clone()).collect());
        for (candidate, answer) in open.iter_mut().zip(answers) {
            candidate.answer = Some(answer);
        }
        batch
    }

    /// Gives the result the bounds within which it was interesting, unless it is without.
    fn unbind(&mut self) {
        let within = bounded(&self.best);
        if !self.bounded || within == self.best {
            return;
        }
        self.tried += 1;
        let free = self.judges.ask(vec![self.best.clone()])[0];
        if !free || self.is_stopped() {
            self.best = within;
        }
    }
}

/// The first steps of a case's run, as the reference saw them: guesses for moments, which need not
/// be right.
fn trace(case: &Case, most: usize) -> Vec<Seen> {
    let mut case = case.clone();
    case.limits.fuel = Some(case.limits.fuel.unwrap_or(FUEL).min(FUEL));
    let told = guarded(|| Reference.trace(&case, most));
    let mut steps = told.ok().flatten().unwrap_or_default();
    // A megabyte as a literal is no smaller program.
    steps.retain(|step: &Seen| step.state.iter().all(|value| value.len() <= LONGEST_VALUE));
    steps
}

/// The case with limits, if it has none of its own.
fn bounded(case: &Case) -> Case {
    let mut case = case.clone();
    case.limits.fuel.get_or_insert(FUEL);
    case.limits.heap_bytes.get_or_insert(HEAP_BYTES);
    case.limits.output_bytes.get_or_insert(OUTPUT_BYTES);
    case
}

/// The case without limits that are those of any candidate.
fn unbounded(case: &Case) -> Case {
    let mut case = case.clone();
    case.limits.fuel = case.limits.fuel.filter(|&fuel| fuel != FUEL);
    case.limits.heap_bytes = case.limits.heap_bytes.filter(|&bytes| bytes != HEAP_BYTES);
    case.limits.output_bytes = case
        .limits
        .output_bytes
        .filter(|&bytes| bytes != OUTPUT_BYTES);
    case
}

/// What tells cases apart.
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
