//! The reference evaluators as an engine.

use crate::case::Case;
use crate::engine::{Ending, Engine, Observation, Step};
use crate::machine::Machine;
use crate::reference::quirks::Quirk;
use crate::reference::{self, Answer, ClauseHit, HitFilter, Query, ReferenceRun};
use std::borrow::Cow;

/// The reference evaluators.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl Engine for Reference {
    fn name(&self) -> &str {
        "reference"
    }

    fn observe(&mut self, case: &Case) -> Observation {
        read(case).observation
    }

    fn trace(&mut self, case: &Case, most: usize) -> Option<Vec<Step>> {
        let question = Query {
            max_steps: most,
            ..Query::default()
        };
        Some(ask(case, &question).steps)
    }
}

/// The reference evaluators with one mistake.
#[derive(Clone, Copy, Debug)]
pub struct Quirky(pub &'static Quirk);

impl Engine for Quirky {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn observe(&mut self, case: &Case) -> Observation {
        let question = Query {
            quirk: Some(self.0),
            ..Query::default()
        };
        ask(case, &question).run.observation
    }

    fn trace(&mut self, case: &Case, most: usize) -> Option<Vec<Step>> {
        let question = Query {
            max_steps: most,
            quirk: Some(self.0),
            ..Query::default()
        };
        Some(ask(case, &question).steps)
    }
}

/// Runs a case on the reference of its machine. Text that is the machine's own affair is
/// assembled first, by the machine: what does not assemble is refused here by definition, and what
/// does not assemble as it should runs into a difference only if it was said in another way too.
pub fn read(case: &Case) -> ReferenceRun {
    match lowered(case) {
        Ok(case) => reference::run(&case),
        Err(why) => ReferenceRun {
            observation: Observation::of(Ending::Refused).with_detail(why),
            steps: 0,
        },
    }
}

/// Runs a case as [`read`] does, and answers a question.
pub fn ask(case: &Case, question: &Query) -> Answer {
    match lowered(case) {
        Ok(case) => reference::query(&case, question),
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

/// The clause that decided a step, and how it was applied; of step 0, while the program loaded.
pub fn deciding(case: &Case, step: u64) -> Option<ClauseHit> {
    let case = lowered(case).ok()?;
    let clause = reference::deciding_clause(&case, Some(step))?;
    let question = Query {
        hits: HitFilter::Step(step),
        ..Query::default()
    };
    let marks = reference::query(&case, &question).hits;
    marks.into_iter().rev().find(|mark| mark.clause == clause)
}

/// The case with its entry in the form that machines execute, under the name it has.
pub fn lowered(case: &Case) -> Result<Cow<'_, Case>, String> {
    let Some(bytes) = case.files.get(&case.entry) else {
        return Ok(Cow::Borrowed(case));
    };
    let text = match case.machine {
        Machine::Mmm | Machine::Py => false,
        Machine::Sc => !bytes.starts_with(b".Sc.") && !case.entry.ends_with(".sc"),
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
