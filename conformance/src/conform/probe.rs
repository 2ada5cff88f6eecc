//! Which machines a stranger's VM has, where nobody says.

use super::judge::{Judge, Judged};
use super::{Expectations, Subject};
use crate::case::Case;
use crate::engine::{Ending, Observation};
use crate::machine::Machine;
use std::collections::BTreeSet;

/// How many programs of a machine are tried.
const TRIES: usize = 3;

/// Finds out which of the machines that cases are for a VM has, unless it is known already. It
/// does not have one if none of a few programs that should return does, while those of another
/// machine do. Of a VM that runs nothing at all, or hangs, nothing is found out.
pub fn find_machines(subject: &mut Subject, cases: &[(Case, Observation)]) {
    let machines: BTreeSet<Machine> = cases.iter().map(|(case, _)| case.machine).collect();
    let known = subject
        .foreign()
        .is_none_or(|foreign| foreign.abilities.machines.is_some());
    if known || machines.len() < 2 {
        return;
    }
    let expectations = Expectations::default();
    let mut judge = Judge::of(subject, &expectations);
    let mut found = Vec::new();
    for machine in machines {
        let returning = cases.iter().filter(|(case, expected)| {
            case.machine == machine && expected.ending == Ending::Returned
        });
        let mut judged = returning.filter_map(|(case, expected)| judge.once(case, expected));
        let has = judged.by_ref().take(TRIES).try_fold(false, |has, judged| {
            let Judged { found, .. } = judged;
            let ending = found.map(|found| found.ending);
            match ending {
                Some(Ending::Returned) => Ok(true),
                Some(Ending::Hung) => Err(()),
                _ => Ok(has),
            }
        });
        match has {
            Ok(true) => found.push(machine),
            Ok(false) => {}
            Err(()) => return,
        }
    }
    if let (Some(foreign), false) = (subject.foreign_mut(), found.is_empty()) {
        foreign.abilities.machines = Some(found);
    }
}
