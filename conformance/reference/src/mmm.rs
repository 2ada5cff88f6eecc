//! The `.mmm` machine, as its specification describes it.
//!
//! An operand stays text until its instruction runs, and a call stays a name. Nothing here recurses.

mod arithmetic;
mod calls;
mod instruction;
mod literal;
mod output;
mod run;
mod source;
mod text;
mod value;
mod words;

use crate::ReferenceRun;
use crate::observe::{NoObserver, Observer};
use crate::quirks::mmm::Quirk;
use mmm_case::Case;
use mmm_case::{Ending, Observation};
use run::Run;
use source::Source;

/// Runs a case.
pub(crate) fn run(case: &Case) -> ReferenceRun {
    run_observed(case, NoObserver)
}

/// Runs a case and reports to an observer.
pub(crate) fn run_observed(case: &Case, obs: impl Observer<Quirk>) -> ReferenceRun {
    match Source::gather(case, obs) {
        Ok(files) => Run::new(&files, case.limits(), obs).finish(),
        Err(why) => {
            obs.breaks("mmm.load.refuse.1", ());
            obs.breaks("mmm.load.report.1", ());
            obs.breaks("mmm.observe.refused.1", ());
            let ending = match obs.has_quirk(Quirk::RefusedFaults) {
                true => Ending::Faulted,
                false => Ending::Refused,
            };
            ReferenceRun {
                observation: Observation::of(ending).with_detail(why),
                steps: 0,
            }
        }
    }
}

#[cfg(test)]
mod tests;
