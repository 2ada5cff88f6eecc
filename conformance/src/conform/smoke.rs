//! Whether a stranger's VM is any good at all, asked before the work begins: a few of the simplest
//! programs of each machine. Of a VM that runs none of them one word is said, and not one for each
//! case; and where nobody says which machines a VM has, it is seen here.

use super::Subject;
use crate::case::Case;
use crate::engine::{Ending, Observation};
use crate::engines::external::{ExternalVm, OneShot, Serving};
use crate::engines::process::StartError;
use crate::engines::protocol::{Request, request_line};
use crate::machine::Machine;
use std::fmt::Write as _;
use std::thread;

/// After so many programs that hung, the others would as well.
const HANGS: usize = 2;

/// The simplest programs of a machine, and what each prints. They do without extensions.
fn programs(machine: Machine) -> Vec<(Case, &'static str)> {
    let (entry, texts): (&str, &[(&str, &str)]) = match machine {
        Machine::Mmm => (
            "simple.mmm",
            &[
                ("function main\n    int 7\n    printn *\nend\n", "7\n"),
                ("function main\nend\n", ""),
                ("function main\n    nop\nend\n", ""),
            ],
        ),
        Machine::Sc => (
            "simple.sca",
            &[("", ""), ("pass\n", ""), ("for i = 0 to 3\nend\n", "")],
        ),
        Machine::Py => (
            "simple.cpyasm",
            &[
                (
                    "DEFINE main\n    LOAD_NAME print\n    LOAD_CONST 7\n    CALL_FUNCTION 1\n    \
                     RETURN_VALUE\nEND\n",
                    "7\n",
                ),
                (
                    "DEFINE main\n    LOAD_CONST None\n    RETURN_VALUE\nEND\n",
                    "",
                ),
                (
                    "DEFINE main\n    NOP\n    LOAD_CONST None\n    RETURN_VALUE\nEND\n",
                    "",
                ),
            ],
        ),
    };
    let case = |&(text, printed)| (Case::single(machine, entry, text), printed);
    texts.iter().map(case).collect()
}

/// A VM that runs none of the simplest programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// What is wrong, in one line.
    pub message: String,
    /// What it said itself, if anything.
    pub said: String,
    /// What to do.
    pub help: String,
    /// It is there, and does something, but no good. One that is not has not even been started.
    pub started: bool,
}

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

/// Starts the subject and sees if it runs the simplest programs of one of these machines at least.
/// Where it did not say which machines it has, it has those of which it ran one.
pub fn start(subject: &mut Subject, machines: &[Machine]) -> Result<(), Unfit> {
    let Some(foreign) = subject.foreign() else {
        return Ok(());
    };
    let said = foreign.capabilities.machines.clone();
    let asked: Vec<Machine> = machines
        .iter()
        .copied()
        .filter(|machine| said.as_ref().is_none_or(|said| said.contains(machine)))
        .collect();
    if let (true, Some(said)) = (asked.is_empty() && !machines.is_empty(), &said) {
        return Err(lacks(machines, said));
    }
    let tries = try_all(subject, &asked)?;
    let alive = |&(_, bad): &(Machine, &Option<Observation>)| bad.is_none();
    let tried = || asked.iter().copied().zip(&tries);
    let found: Vec<Machine> = tried().filter(alive).map(|(machine, _)| machine).collect();
    match tried().find_map(|(machine, bad)| bad.as_ref().map(|bad| (machine, bad))) {
        Some((machine, bad)) if found.is_empty() => Err(unfit(subject, machine, &asked, bad)),
        _ => {
            if let (Some(foreign), None) = (subject.foreign_mut(), said) {
                foreign.capabilities.machines = Some(found);
            }
            Ok(())
        }
    }
}

/// What the VM does with each machine's programs, all machines at a time.
fn try_all(
    subject: &Subject,
    machines: &[Machine],
) -> Result<Vec<Option<Observation>>, StartError> {
    thread::scope(|scope| {
        let run = |&machine| scope.spawn(move || try_one(subject, machine));
        let running: Vec<_> = machines.iter().map(run).collect();
        let ended = running.into_iter().map(|one| match one.join() {
            Ok(found) => found,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        ended.collect()
    })
}

/// Runs a program, if the VM can be started.
type Tried<'a> = dyn FnMut(&Case) -> Result<Observation, StartError> + 'a;

/// What came of the last of a machine's simplest programs, if nothing good came of any.
fn try_one(subject: &Subject, machine: Machine) -> Result<Option<Observation>, StartError> {
    let mut vm: Box<Tried<'_>> = match subject {
        Subject::Ours => return Ok(None),
        Subject::OneShot(foreign) => {
            let mut vm = OneShot::new(foreign.clone());
            Box::new(move |case| vm.try_observe(case))
        }
        Subject::Serving(foreign) => {
            let mut vm = Serving::new(foreign.clone());
            Box::new(move |case| vm.try_observe(case))
        }
    };
    let mut last = None;
    let mut hung = 0;
    for (case, printed) in programs(machine) {
        let seen = vm(&case)?;
        let right = !printed.is_empty() && seen.output == printed.as_bytes();
        if right || seen.ending == Ending::Returned {
            return Ok(None);
        }
        hung += usize::from(seen.ending == Ending::Hung);
        last = Some(seen);
        if hung == HANGS {
            break;
        }
    }
    Ok(last)
}

/// `mmm`, `mmm or sc`, `mmm, sc or py`.
fn names(machines: &[Machine]) -> String {
    let names: Vec<&str> = machines.iter().map(|machine| machine.name()).collect();
    match &names[..] {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => names.concat(),
    }
}

fn lacks(machines: &[Machine], said: &[Machine]) -> Unfit {
    Unfit {
        message: format!(
            "the VM says that it does not have the machine {}",
            names(machines)
        ),
        said: String::new(),
        help: match said {
            [] => "its hello names no machine that is known here".to_owned(),
            said => format!("it has: {}", names(said)),
        },
        started: false,
    }
}

/// Says what is wrong with a VM that runs nothing.
fn unfit(subject: &Subject, machine: Machine, asked: &[Machine], bad: &Observation) -> Unfit {
    let detail = bad.detail.as_deref().unwrap_or("");
    let (why, said) = detail.split_once('\n').unwrap_or((detail, ""));
    let why = match why.is_empty() {
        true => bad.ending.name().to_owned(),
        false => format!("{}, {why}", bad.ending.name()),
    };
    // Of a process for each program an exit status is all there is of one that is not there.
    let absent = match subject {
        Subject::Serving(_) => Ending::Crashed,
        Subject::Ours | Subject::OneShot(_) => Ending::Faulted,
    };
    Unfit {
        message: format!(
            "the VM runs not even the simplest programs of {}: {why}",
            names(asked)
        ),
        said: said.to_owned(),
        help: subject
            .foreign()
            .map_or_else(String::new, |foreign| by_hand(subject, foreign, machine)),
        started: bad.ending != absent,
    }
}

/// How to see the same by hand.
fn by_hand(subject: &Subject, foreign: &ExternalVm, machine: Machine) -> String {
    let mut help = "see what it does by itself:\n".to_owned();
    let programs = programs(machine);
    let Some((case, _)) = programs.get(1) else {
        return help;
    };
    let handed = foreign.hand(case);
    let command = foreign.command.to_string();
    if matches!(subject, Subject::Serving(_)) {
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
    use crate::engine::{Ending, Engine};
    use crate::engines::local::{Local, needs_extensions};
    use crate::engines::lower::lower;
    use crate::machine::Machine;

    #[test]
    fn the_simplest_programs_are_good() {
        for machine in Machine::ALL {
            for (case, printed) in programs(machine) {
                assert!(!needs_extensions(&case), "{case:?}");
                assert!(lower(&case).is_some(), "{case:?}");
                let seen = Local.observe(&case);
                if seen.ending != Ending::Loaded {
                    assert_eq!(seen.ending, Ending::Returned, "{case:?}");
                    assert_eq!(seen.output, printed.as_bytes());
                }
            }
        }
    }
}
