//! The reference evaluators as an engine.

use crate::case::Case;
use crate::engine::{Ending, Engine, Observation, StartError, Step};
use crate::machine::Machine;
use crate::reference::quirks::Quirk;
use crate::reference::{self, Answer, ClauseHit, HitFilter, Query, ReferenceRun};
use std::borrow::Cow;

/// The reference evaluators.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl Reference {
    /// Runs a case on the reference evaluator of its machine.
    pub fn observe(&self, case: &Case) -> Observation {
        read(case).observation
    }
}

impl Engine for Reference {
    fn name(&self) -> &str {
        "reference"
    }

    fn run(&mut self, case: &Case) -> Result<Observation, StartError> {
        Ok(self.observe(case))
    }

    fn trace(&mut self, case: &Case, max_steps: usize) -> Option<Vec<Step>> {
        let query = Query {
            max_steps,
            ..Query::default()
        };
        Some(ask(case, &query).steps)
    }
}

/// The reference evaluators with one deliberate mistake.
#[derive(Clone, Copy, Debug)]
pub struct Quirky(pub &'static Quirk);

impl Engine for Quirky {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn run(&mut self, case: &Case) -> Result<Observation, StartError> {
        let query = Query {
            quirk: Some(self.0),
            ..Query::default()
        };
        Ok(ask(case, &query).run.observation)
    }

    fn trace(&mut self, case: &Case, max_steps: usize) -> Option<Vec<Step>> {
        let query = Query {
            max_steps,
            quirk: Some(self.0),
            ..Query::default()
        };
        Some(ask(case, &query).steps)
    }
}

/// Runs a case on the reference evaluator of its machine. The text form of a binary format is
/// assembled first, by the machine itself. A text that does not assemble is refused by definition; an
/// error of the assembler shows only in other cases.
pub fn read(case: &Case) -> ReferenceRun {
    match lowered(case) {
        Ok(case) => reference::run(&case),
        Err(why) => ReferenceRun {
            observation: Observation::of(Ending::Refused).with_detail(why),
            steps: 0,
        },
    }
}

/// Runs a case as [`read`] does, and answers a query about the run.
pub fn ask(case: &Case, query: &Query) -> Answer {
    match lowered(case) {
        Ok(case) => reference::query(&case, query),
        Err(why) => Answer {
            run: ReferenceRun {
                observation: Observation::of(Ending::Refused).with_detail(why),
                steps: 0,
            },
            hits: Vec::new(),
            steps: Vec::new(),
        },
    }
}

/// Returns the clause that decided a step, and how it was applied. Step 0 is the loading of the
/// program.
pub fn deciding(case: &Case, step: u64) -> Option<ClauseHit> {
    let case = lowered(case).ok()?;
    let clause = reference::deciding_clause(&case, Some(step))?;
    let query = Query {
        hits: HitFilter::Step(step),
        ..Query::default()
    };
    let hits = reference::query(&case, &query).hits;
    hits.into_iter().rev().find(|hit| hit.clause == clause)
}

/// Returns the case with its entry in the form that the machine executes. The file keeps its name.
///
/// # Errors
///
/// Returns the diagnostics if the entry does not assemble.
pub fn lowered(case: &Case) -> Result<Cow<'_, Case>, String> {
    let Some(bytes) = case.files.get(&case.entry) else {
        return Ok(Cow::Borrowed(case));
    };
    let text = match case.machine {
        Machine::Mmm | Machine::Py => false,
        Machine::Sc => !case.machine.is_binary(bytes) && !case.machine.names_binary(&case.entry),
    };
    if !text {
        return Ok(Cow::Borrowed(case));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let assembled =
        vm::sc::assemble(case.rooted_entry(), text).map_err(|error| format!("{error}\n"))?;
    let mut case = case.clone();
    case.files.insert(case.entry.clone(), assembled);
    Ok(Cow::Owned(case))
}
