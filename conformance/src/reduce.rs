//! Test-case reduction: makes a case as small as possible while it stays interesting.
//!
//! The caller says what is interesting: with a closure, or with one of the [`predicate`]s that the
//! command `mmm reduce` has. The reducer knows *steps*, each of which makes a smaller case from a
//! case. It takes a step if the result is still interesting, and ends when there is no step left to
//! take. So the result is minimal: none of its [`neighbours`] is interesting. The order of the steps
//! is fixed, and no candidate is tried twice.
//!
//! # The steps
//!
//! Code for a stack machine does not reduce well line by line: an instruction cannot be removed
//! without the ones that produce its operands, nor without those that use its result. So the steps
//! follow the flow of values.
//!
//! - *Settings and files* (`files`): strict loading, unneeded files and folders are removed. *Limits*
//!   (`limits`) are removed or lowered. Where a step removes instructions, it also lowers the fuel
//!   by as much, so that a run that a limit ends can still end at the same place.
//! - *The `mmm` machine* (`mmm`): as there are no jumps, the producers of every operand are known.
//!   *Extraction* turns one instruction of a traced run into a program of its own, with literals
//!   for the values on the stack and a look at the result; this alone makes most programs small at
//!   once. Then functions are removed together with their calls, runs of statements between two
//!   points at which the stack is empty, and the tree of instructions that produced a value together
//!   with the instruction that uses it. `A B op` becomes A or B, a tree becomes a literal of the
//!   value it was seen to have, a call becomes the callee's body, a callee becomes the program, and
//!   several files become one.
//! - *The `sc` machine* (`sc`), on the content of a binary file or of its text: extraction as well
//!   (the variables that an instruction reads become constants), runs of instructions, loops with
//!   and without their bodies, variables replaced by the assigned expression, expressions replaced
//!   by their parts, and parts by constants.
//! - *The `py` machine* (`py`), on the code objects of a `.pyc` file or of its text: unneeded code
//!   objects first, then runs of instructions that leave the stack as deep as it was, the producers
//!   of an item together with its user, and the parts of blocks and jumps that depend on each other.
//!   An item becomes `None`, a function becomes part of its caller. Candidates that do not load are
//!   not run.
//! - *Literals* (`weight`) become 0, 1, "", shorter or rounder; names become short.
//! - *Anything else* (`generic`): runs of lines, of words, of characters or bytes, large ones first.
//!
//! Every step makes a case lighter (`Weight`), so the search ends. The steps of a machine are in a
//! module of their own, as a `Form`: a weight and a list of passes.
//!
//! Candidates can be evaluated in parallel ([`reduce_together`]). Of those that run at the same
//! time, the first in order that is interesting is taken, whichever is finished first, and the
//! answers for the ones after it are kept for their turn. So the result is the same.

mod bounds;
mod files;
mod generic;
mod limits;
mod mmm;
mod pool;
pub mod predicate;
mod py;
mod ranges;
mod sc;
mod search;
mod step;
mod trace;
mod weight;

pub use pool::{Predicate, reduce_together};

use crate::case::Case;
use crate::machine::Machine;
use search::{Sequential, search};
use std::error::Error;
use std::fmt;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use step::{Form, Pass, Step};
use weight::Weight;

/// Returns true if a case is interesting.
pub type PredicateRef<'a> = &'a mut dyn FnMut(&Case) -> bool;

/// Returns the smallest interesting case found, from which nothing more can be removed; `None` if
/// `case` is not interesting.
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
pub fn reduce(case: &Case, is_interesting: PredicateRef) -> Option<Case> {
    let reduced = reduce_with(case, &Options::default(), is_interesting, &mut |_| {});
    reduced.ok().map(|reduced| reduced.case)
}

/// Reduces a case as [`reduce`] does, within the bounds of `options`, and reports its progress.
///
/// # Errors
///
/// Returns why there is nothing to reduce.
pub fn reduce_with(
    case: &Case,
    options: &Options,
    is_interesting: PredicateRef,
    progress: &mut dyn FnMut(Progress),
) -> Result<Reduced, ReduceError> {
    search(case, options, &mut Sequential(is_interesting), progress)
}

/// Bounds of a reduction, and what it assumes.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many candidates are tried at most.
    pub max_tries: Option<u64>,
    /// The time after which no candidate is tried.
    pub max_time: Option<Duration>,
    /// No candidate is tried once this is true.
    pub stop: &'static AtomicBool,
    /// Treats the files as lines and bytes, whatever the machine is.
    pub generic: bool,
    /// How often the case must be interesting before it is reduced, at least once. If more than
    /// once, the result is evaluated once more in the end, too.
    pub checks: u32,
}

/// A flag that stops nothing.
static NEVER: AtomicBool = AtomicBool::new(false);

impl Default for Options {
    fn default() -> Options {
        Options {
            max_tries: None,
            max_time: None,
            stop: &NEVER,
            generic: false,
            checks: 1,
        }
    }
}

/// The result of a reduction.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// The smallest case.
    pub case: Case,
    /// How many candidates were tried, the case itself included.
    pub tried: u64,
    /// How long the reduction took.
    pub elapsed: Duration,
    /// True if nothing more can be removed; false if the reduction was stopped before.
    pub minimal: bool,
    /// False if the smallest case was interesting, but not when it was evaluated once more.
    pub confirmed: bool,
}

/// Why there is nothing to reduce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReduceError {
    /// The case is not interesting.
    NotInteresting,
    /// The case is not interesting each time.
    Flaky {
        /// How often it was interesting.
        interesting: u32,
        /// How often it was evaluated.
        checks: u32,
    },
}

impl fmt::Display for ReduceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReduceError::NotInteresting => f.write_str("the case is not interesting"),
            ReduceError::Flaky {
                interesting,
                checks,
            } => write!(
                f,
                "the case is interesting only {interesting} of {checks} times"
            ),
        }
    }
}

impl Error for ReduceError {}

/// The progress of a reduction.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The smallest interesting case so far.
    pub best: &'a Case,
    /// How many candidates were tried.
    pub tried: u64,
    /// The time since the start.
    pub elapsed: Duration,
}

/// Returns every case that is one step away, in the order in which they are tried. With `generic`,
/// the files are lines and bytes.
pub fn neighbours(case: &Case, generic: bool) -> impl Iterator<Item = Case> {
    let form = form(case, generic);
    let weight = (form.weigh)(case);
    let sound = is_sound(case, generic);
    form.passes
        .iter()
        .flat_map(move |pass| candidates(case, *pass, generic))
        .map(|(_, candidate)| candidate)
        .filter(move |candidate| weigh(candidate, generic) < weight)
        .filter(move |candidate| !sound || is_sound(candidate, generic))
}

/// The size of a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// The number of files.
    pub files: u64,
    /// The number of bytes in all files.
    pub bytes: u64,
    /// The number of instructions, if the files can be parsed: for `mmm` the lines except `function`
    /// and `end`, for `sc` the instructions and the ast instructions, for `py` those of all code
    /// objects.
    pub instructions: Option<u64>,
}

impl Size {
    /// Returns the size of a case. With `generic`, its instructions are not counted.
    pub fn of(case: &Case, generic: bool) -> Size {
        Size {
            files: case.files.len() as u64,
            bytes: case.files.values().map(|bytes| bytes.len() as u64).sum(),
            instructions: match case.machine {
                _ if generic => None,
                Machine::Mmm => Some(mmm::instructions(case)),
                Machine::Sc => sc::instructions(case),
                Machine::Py => py::instructions(case),
            },
        }
    }
}

/// Returns how to reduce a case.
fn form(case: &Case, generic: bool) -> &'static Form {
    match case.machine {
        _ if generic => &generic::FORM,
        Machine::Mmm => &mmm::FORM,
        Machine::Sc => sc::form(case),
        Machine::Py => py::form(case),
    }
}

/// Returns the cases that the steps of a pass make, each with the place of its step.
fn candidates(case: &Case, pass: Pass, generic: bool) -> impl Iterator<Item = (u64, Case)> {
    pass(case).flat_map(move |Step { place, take }| {
        let made = take().into_iter();
        let made = made.flat_map(move |candidate| limits::with_less_fuel(case, candidate, generic));
        made.map(move |candidate| (place, candidate))
    })
}

fn is_sound(case: &Case, generic: bool) -> bool {
    (form(case, generic).is_sound)(case)
}

fn weigh(case: &Case, generic: bool) -> Weight {
    (form(case, generic).weigh)(case)
}

#[cfg(test)]
mod tests;
