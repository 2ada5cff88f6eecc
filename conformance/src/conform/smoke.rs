//! The smoke test of an external VM: a few of the simplest programs of each machine, before the work
//! begins. A VM that runs none of them is reported once, and not once for each case; and where a VM
//! does not declare which machines it has, it has those of which it runs a program.

use crate::case::Case;
use crate::engine::{Ending, Observation, Placement, StartError};
use crate::engines::EngineSpec;
use crate::engines::external::ExternalVm;
use crate::engines::protocol::{Request, request_line};
use crate::machine::Machine;
use std::error::Error;
use std::fmt::{self, Write as _};
use std::thread;

/// After this many programs that hung, the remaining ones of a machine are not run.
const MAX_HANGS: usize = 2;

/// Returns the simplest programs of a machine, and what each prints.
fn programs(machine: Machine) -> impl Iterator<Item = (Case, &'static str)> {
    let row = machine.row();
    let entry = format!("simple.{}", row.text_ending);
    row.smoke.iter().map(move |program| {
        let case = Case::single(machine, &entry, program.text);
        (case, program.output)
    })
}

/// A VM does not run the simplest programs, or does not start.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unfit {
    /// What is wrong, in one line.
    pub message: String,
    /// What the VM wrote to its standard error; may be empty.
    pub said: String,
    /// What to do about it.
    pub help: String,
    /// True if the VM started and failed; false if it did not even start.
    pub started: bool,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Unfit {}

impl From<StartError> for Unfit {
    fn from(error: StartError) -> Unfit {
        Unfit {
            message: error.message,
            said: String::new(),
            help: error.help,
            started: false,
        }
    }
}

/// Starts a VM and runs the simplest programs of these machines. If the VM did not declare which
/// machines it has, it has those of which it ran a program. Our own machines are not tested.
///
/// # Errors
///
/// Returns an error if the VM runs no program of any of the machines.
pub fn start(spec: &mut EngineSpec, machines: &[Machine]) -> Result<(), Unfit> {
    let Some(external) = spec.external() else {
        return Ok(());
    };
    let declared = external.capabilities.machines.clone();
    let tested: Vec<Machine> = machines
        .iter()
        .copied()
        .filter(|&machine| external.capabilities.has(machine))
        .collect();
    if let (true, Some(declared)) = (tested.is_empty() && !machines.is_empty(), &declared) {
        return Err(lacks(machines, declared));
    }
    let failures = test_all(spec, &tested)?;
    let results = || tested.iter().copied().zip(&failures);
    let passed = results().filter(|(_, failure)| failure.is_none());
    let passed: Vec<Machine> = passed.map(|(machine, _)| machine).collect();
    match results().find_map(|(machine, failure)| Some((machine, failure.as_ref()?))) {
        Some((machine, failure)) if passed.is_empty() => {
            Err(unfit(spec, external, machine, &tested, failure))
        }
        _ => {
            if let (Some(external), None) = (spec.external_mut(), declared) {
                external.capabilities.machines = Some(passed);
            }
            Ok(())
        }
    }
}

/// Runs the programs of all machines, each machine on a thread of its own.
fn test_all(
    spec: &EngineSpec,
    machines: &[Machine],
) -> Result<Vec<Option<Observation>>, StartError> {
    thread::scope(|scope| {
        let run = |&machine| scope.spawn(move || test(spec, machine));
        let running: Vec<_> = machines.iter().map(run).collect();
        let ended = running.into_iter().map(|one| match one.join() {
            Ok(found) => found,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        ended.collect()
    })
}

/// Runs the programs of a machine; returns the last result if all of them failed.
fn test(spec: &EngineSpec, machine: Machine) -> Result<Option<Observation>, StartError> {
    let mut engine = spec.engine();
    let mut last = None;
    let mut hung = 0;
    for (case, output) in programs(machine) {
        let seen = engine.run(&case)?;
        let is_right = !output.is_empty() && seen.output == output.as_bytes();
        if is_right || seen.ending == Ending::Returned {
            return Ok(None);
        }
        hung += usize::from(seen.ending == Ending::Hung);
        last = Some(seen);
        if hung == MAX_HANGS {
            break;
        }
    }
    Ok(last)
}

/// Joins names: `mmm`, `mmm or sc`, `mmm, sc or py`.
fn names(machines: &[Machine]) -> String {
    let names: Vec<&str> = machines.iter().map(|machine| machine.name()).collect();
    match &names[..] {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => names.concat(),
    }
}

fn lacks(machines: &[Machine], declared: &[Machine]) -> Unfit {
    Unfit {
        message: format!(
            "the VM declares that it does not have the machine {}",
            names(machines)
        ),
        said: String::new(),
        help: match declared {
            [] => "its hello names no machine that is known here".to_owned(),
            declared => format!("it has: {}", names(declared)),
        },
        started: false,
    }
}

/// Describes a VM that failed on all programs.
fn unfit(
    spec: &EngineSpec,
    external: &ExternalVm,
    machine: Machine,
    tested: &[Machine],
    failure: &Observation,
) -> Unfit {
    let detail = failure.detail.as_deref().unwrap_or("");
    let (why, said) = detail.split_once('\n').unwrap_or((detail, ""));
    let why = match why.is_empty() {
        true => failure.ending.name().to_owned(),
        false => format!("{}, {why}", failure.ending.name()),
    };
    // A one-shot VM that is missing can only be recognised by its exit status.
    let missing = match spec.placement() {
        Placement::Serving => Ending::Crashed,
        Placement::InProcess | Placement::OneShot => Ending::Faulted,
    };
    Unfit {
        message: format!(
            "the VM fails on the simplest programs of {}: {why}",
            names(tested)
        ),
        said: said.to_owned(),
        help: by_hand(spec, external, machine),
        started: failure.ending != missing,
    }
}

/// Returns a command that shows the same by hand.
fn by_hand(spec: &EngineSpec, external: &ExternalVm, machine: Machine) -> String {
    let mut help = "run it by hand:\n".to_owned();
    let Some((case, _)) = programs(machine).nth(1) else {
        return help;
    };
    let handed = external.lowered(&case);
    let command = external.command.to_string();
    if spec.placement() == Placement::Serving {
        let line = request_line(1, &Request::of(&handed.case));
        let line = String::from_utf8_lossy(&line);
        let _ = write!(help, "printf '%s\\n' '{}' | {command}", line.trim_end());
        return help;
    }
    let entry = &handed.case.entry;
    let bytes = handed.case.files.get(entry);
    let bytes = bytes.map_or(&[][..], |bytes| bytes);
    let write = match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => format!("printf '{}'", text.replace('\n', "\\n")),
        _ => format!("echo {} | base64 -d", data_encoding::BASE64.encode(bytes)),
    };
    let command = command.replace("{file}", entry);
    let _ = write!(help, "{write} > {entry}; {command}");
    help
}

#[cfg(test)]
mod tests {
    use super::programs;
    use crate::engine::Ending;
    use crate::engines::local::{Local, needs_extensions};
    use crate::engines::lower::lower;
    use crate::machine::Machine;

    #[test]
    fn the_simplest_programs_run() {
        for machine in Machine::ALL {
            for (case, printed) in programs(machine) {
                assert!(!needs_extensions(&case), "{case:?}");
                assert!(lower(&case).is_some(), "{case:?}");
                let seen = Local.observe(&case);
                if machine.is_executed() {
                    assert_eq!(seen.ending, Ending::Returned, "{case:?}");
                    assert_eq!(seen.output, printed.as_bytes());
                }
            }
        }
    }
}
