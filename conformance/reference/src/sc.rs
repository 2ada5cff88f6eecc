//! The `.Sc.` machine, as its specification describes it.
//!
//! Asts are evaluated in the order in which the file stores them, on a stack of values. An
//! instruction is found by its index, a variable by its name. Nothing here recurses.

mod check;
mod compare;
mod decode;
mod eval;
mod functions;
mod operators;
mod program;
mod run;
mod stop;
mod value;

use crate::ReferenceRun;
use crate::observe::{NoObserver, Observer};
use crate::quirks::sc::Quirk;
use mmm_case::Case;
use mmm_case::{Ending, Observation};
use program::Program;
use run::Run;

/// Runs a case whose entry is a binary file.
pub(crate) fn run(case: &Case) -> ReferenceRun {
    run_observed(case, NoObserver)
}

/// Runs a case whose entry is a binary file, and reports to an observer.
pub(crate) fn run_observed(case: &Case, obs: impl Observer<Quirk>) -> ReferenceRun {
    let name = case.rooted_entry();
    let limits = case.limits();
    let refused = |why: &str| {
        obs.breaks("sc.observe.refused.1", ());
        let ending = match obs.has_quirk(Quirk::RefusedFaults) {
            true => Ending::Faulted,
            false => Ending::Refused,
        };
        ReferenceRun {
            observation: Observation::of(ending).with_detail(format!("{name}: {why}")),
            steps: 0,
        }
    };
    let Some(bytes) = case.files.get(&case.entry) else {
        return refused("there is no such file");
    };
    if bytes.len() as u64 > limits.source_bytes() {
        return refused(obs.breaks("sc.limit.source.1", "it is longer than the limit"));
    }
    match Program::load(bytes, obs) {
        Ok(program) if case.strict && program.is_extended(obs) => refused("it has extensions"),
        Ok(program) => Run::new(&program, limits, obs).execute(name),
        Err(why) => refused(why),
    }
}

/// Checks that a binary file loads.
///
/// # Errors
///
/// Returns why it does not.
pub fn check(bytes: &[u8]) -> Result<(), &'static str> {
    Program::load(bytes, NoObserver).map(drop)
}

#[cfg(test)]
mod tests;
