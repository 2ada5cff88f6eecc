//! Reference evaluators: the specification once more, told as plainly as can be.
//!
//! A reference is slow, small and obvious, and has a parser of its own, so that a fault in the
//! machine's parser shows too. A reference never uses anything of the machine that it judges.

//!
//! One that is [asked](ask) tells more than what came of a run: which clauses of the specification
//! it applied, and the steps of the run. And it can be asked for one of its [`quirks`].

pub mod mmm;
mod observe;
pub mod quirks;
pub mod sc;

use mmm_case::Case;
use mmm_case::Machine;
use mmm_case::{Ending, Observation, Step};
use observe::Notes;
pub use observe::{ClauseHit, Evidence, Marks};
use quirks::{Quirk, Which};

/// What a reference saw of a run, and how many instructions ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceRun {
    /// What it saw.
    pub seen: Observation,
    /// How many instructions ran.
    pub steps: u64,
}

/// Runs a case on the reference of its machine. It takes sc in binary only: what is text comes
/// here by way of [`crate::engines::reference`].
pub fn read(case: &Case) -> ReferenceRun {
    match case.machine {
        Machine::Mmm => mmm::read(case),
        Machine::Sc => sc::read(case),
        Machine::Py => ReferenceRun {
            seen: Observation::of(Ending::Garbled)
                .with_detail(format!("{} has no reference evaluator", case.machine)),
            steps: 0,
        },
    }
}

/// What a reference is asked for, besides what it saw of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query {
    /// Which of the clauses that it applies.
    pub marks: Marks,
    /// How many of the first steps.
    pub steps: usize,
    /// A mistake to be made, of the case's own machine.
    pub quirk: Option<&'static Quirk>,
}

/// What a reference answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it saw.
    pub reading: ReferenceRun,
    /// The clauses it applied, as far as asked.
    pub marks: Vec<ClauseHit>,
    /// The steps, as far as asked.
    pub steps: Vec<Step>,
}

/// Runs a case as [`read`] does, and answers a question. A quirk of another machine is none.
pub fn ask(case: &Case, question: &Query) -> Answer {
    let &Query {
        marks,
        steps,
        quirk,
    } = question;
    let which = quirk.map(|quirk| quirk.which);
    let (reading, (marks, steps)) = match case.machine {
        Machine::Mmm => {
            let quirk = match which {
                Some(Which::Mmm(quirk)) => Some(quirk),
                _ => None,
            };
            let notes = Notes::new(quirk, marks, steps);
            (mmm::watched(case, &notes), notes.close())
        }
        Machine::Sc => {
            let quirk = match which {
                Some(Which::Sc(quirk)) => Some(quirk),
                _ => None,
            };
            let notes = Notes::new(quirk, marks, steps);
            (sc::watched(case, &notes), notes.close())
        }
        Machine::Py => (read(case), Default::default()),
    };
    Answer {
        reading,
        marks,
        steps,
    }
}

/// The clauses that a run applies, each with where it does so first.
pub fn marks(case: &Case) -> Vec<ClauseHit> {
    let question = Query {
        marks: Marks::First,
        ..Query::default()
    };
    ask(case, &question).marks
}

/// Clauses that are applied whenever an instruction does its work, or whenever it cannot, whatever
/// that was: what was wrong with it, or what came of it, is another's to say.
const FOLLOW: [&str; 13] = [
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

/// The clause that decided a step, or the last step there is: of those applied in it the last that
/// says more than how a run is observed, that it was within its limits, or what follows always.
pub fn deciding(case: &Case, step: Option<u64>) -> Option<&'static str> {
    let question = Query {
        marks: step.map_or(Marks::Last, Marks::Of),
        ..Query::default()
    };
    let marks = ask(case, &question).marks;
    let general = |mark: &ClauseHit| {
        let mut parts = mark.clause.split('.').skip(1);
        match (parts.next(), parts.next()) {
            (Some("observe"), _) | (Some("fault"), Some("stop" | "kept")) => true,
            // What a limit let pass it did not decide.
            (Some("limit"), _) => mark.how != Evidence::Breaks,
            _ => false,
        }
    };
    let telling = || marks.iter().rev().filter(|mark| !general(mark));
    let own = telling().find(|mark| !FOLLOW.contains(&mark.clause));
    own.or_else(|| telling().next()).map(|mark| mark.clause)
}
