//! Reference evaluators: the specifications of the machines `mmm` and `sc` as executable code.
//!
//! A reference is written to be obviously right, not to be fast. It follows the specification
//! clause by clause, has a parser or decoder of its own, and never uses anything of the machine
//! that it judges, so a mistake that it shares with the machine must be made twice.
//!
//! # Running a case
//!
//! [`run`] runs a [`Case`] and returns what an observer of the machine must see. [`query`] also
//! returns which clauses of the specification the run applied, and its first steps, and can make
//! the reference misbehave in one known way (a [quirk](quirks)) to test the suite itself.
//!
//! ```
//! use mmm_case::{Case, Machine};
//! use mmm_reference::{HitFilter, Query, query, run};
//!
//! let text = "function main\n    int 6\n    int 7\n    bin_op *\n    ret\nend\n";
//! let case = Case::single(Machine::Mmm, "main.mmm", text);
//! let result = run(&case);
//! assert_eq!(result.observation.value.as_deref(), Some("42"));
//! assert_eq!(result.steps, 4);
//!
//! let answer = query(
//!     &case,
//!     &Query {
//!         hits: HitFilter::First,
//!         ..Query::default()
//!     },
//! );
//! assert!(answer.hits.iter().any(|hit| hit.clause == "mmm.ret.1"));
//! ```
//!
//! # Reading a reference
//!
//! To learn how the `.mmm` machine works, read `mmm/source.rs` (which files a program has),
//! `mmm/text.rs`, `mmm/words.rs` and `mmm/instruction.rs` (from text to instructions), `mmm/run.rs`
//! with `mmm/calls.rs` and `mmm/output.rs` (how they execute), and `mmm/literal.rs`,
//! `mmm/arithmetic.rs` and `mmm/value.rs` (their values). For the `.Sc.` machine read
//! `sc/program.rs`, `sc/decode.rs` and `sc/check.rs` (from bytes to a checked program), `sc/run.rs`
//! and `sc/eval.rs` (instructions and asts), and `sc/operators.rs`, `sc/compare.rs`,
//! `sc/functions.rs` and `sc/value.rs`.
//!
//! Two kinds of calls are scattered over that code and do not change what it does. A call such as
//! `obs.holds("mmm.ret.3")` or `obs.breaks("mmm.ret.1", …)` records the clause of the specification
//! that is applied at this place. A condition `obs.has_quirk(…)` is false unless the query asks for
//! that mistake.

mod mmm;
mod observe;
pub mod quirks;
pub mod sc;

use mmm_case::Case;
use mmm_case::Machine;
use mmm_case::{Ending, Observation, Step};
use observe::Recorder;
pub use observe::{ClauseHit, Evidence, HitFilter};
use quirks::{Id, Quirk};

/// What a reference saw of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceRun {
    /// What an observer of the machine must see.
    pub observation: Observation,
    /// The number of instructions that ran; for `sc`, the fuel that they took.
    pub steps: u64,
}

/// Runs a case on the reference of its machine.
///
/// The reference of `sc` takes binary files only: its text form must be assembled before. `py` has
/// no reference; its cases end as [`Ending::Garbled`] with an explanation.
pub fn run(case: &Case) -> ReferenceRun {
    match case.machine {
        Machine::Mmm => mmm::run(case),
        Machine::Sc => sc::run(case),
        Machine::Py => ReferenceRun {
            observation: Observation::of(Ending::Garbled)
                .with_detail(format!("{} has no reference evaluator", case.machine)),
            steps: 0,
        },
    }
}

/// What to record of a run, and how it must misbehave.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query {
    /// The clause hits to record.
    pub hits: HitFilter,
    /// How many of the run's first steps to record.
    pub max_steps: usize,
    /// The mistake to make. A quirk of another machine than the case's has no effect.
    pub quirk: Option<&'static Quirk>,
}

/// The result of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What the reference saw.
    pub run: ReferenceRun,
    /// The clause hits that [`Query::hits`] selects.
    pub hits: Vec<ClauseHit>,
    /// The first [`Query::max_steps`] steps of the run.
    pub steps: Vec<Step>,
}

/// Runs a case as [`run`] does, and records what the query asks for.
pub fn query(case: &Case, query: &Query) -> Answer {
    let &Query {
        hits,
        max_steps,
        quirk,
    } = query;
    let id = quirk.map(|quirk| quirk.id);
    let (run, (hits, steps)) = match case.machine {
        Machine::Mmm => {
            let quirk = match id {
                Some(Id::Mmm(quirk)) => Some(quirk),
                _ => None,
            };
            let recorder = Recorder::new(quirk, hits, max_steps);
            (mmm::run_observed(case, &recorder), recorder.finish())
        }
        Machine::Sc => {
            let quirk = match id {
                Some(Id::Sc(quirk)) => Some(quirk),
                _ => None,
            };
            let recorder = Recorder::new(quirk, hits, max_steps);
            (sc::run_observed(case, &recorder), recorder.finish())
        }
        Machine::Py => (run(case), Default::default()),
    };
    Answer { run, hits, steps }
}

/// Clauses that are applied whenever an instruction succeeds, or whenever one fails. They say
/// nothing about why: other clauses of the same step do.
const UNSPECIFIC: [&str; 13] = [
    "mmm.load.refuse.1",
    "mmm.load.refuse.2",
    "mmm.load.report.1",
    "mmm.load.bad.1",
    "mmm.literal.when.1",
    "mmm.value.type.1",
    "mmm.value.stack.3",
    "mmm.bin_op.stack.2",
    "mmm.bin_op.stack.3",
    "sc.insn.eval.1",
    "sc.insn.order.1",
    "sc.value.variable.1",
    "sc.value.variable.2",
];

/// Returns the clause that decided a step, or the last step of the run if `step` is `None`.
///
/// This is the last clause applied in the step, ignoring those that say how a run is observed,
/// those of limits that were not exceeded, and, if possible, those that apply to every instruction.
pub fn deciding_clause(case: &Case, step: Option<u64>) -> Option<&'static str> {
    let filter = step.map_or(HitFilter::LastStep, HitFilter::Step);
    let asked = Query {
        hits: filter,
        ..Query::default()
    };
    let hits = query(case, &asked).hits;
    let is_general = |hit: &ClauseHit| {
        let mut parts = hit.clause.split('.').skip(1);
        match (parts.next(), parts.next()) {
            (Some("observe"), _) | (Some("fault"), Some("stop" | "kept")) => true,
            // A limit that was not exceeded did not decide anything.
            (Some("limit"), _) => hit.evidence != Evidence::Breaks,
            _ => false,
        }
    };
    let candidates = || hits.iter().rev().filter(|hit| !is_general(hit));
    let specific = candidates().find(|hit| !UNSPECIFIC.contains(&hit.clause));
    specific
        .or_else(|| candidates().next())
        .map(|hit| hit.clause)
}
