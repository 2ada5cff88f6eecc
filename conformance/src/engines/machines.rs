//! The machines behind one door: which module loads and runs a program of which machine.

use crate::engine::{Ending, Step};
use crate::machine::Machine;
use vm::base::{self, Diagnostic, FaultCode, Host, HostError, Limits, LoadError};

/// A loaded program, whatever its machine.
#[derive(Debug)]
pub enum Program {
    /// For the text machine.
    Mmm(vm::mmm::Program),
    /// For the binary format of loops and asts.
    Sc(Box<vm::sc::Program>),
    /// CPython's bytecode, which is verified and not run.
    Py(Box<vm::py::Program>),
}

/// The machines whose programs this build runs. It loads and checks those of all.
pub const MACHINES: [Machine; 2] = [Machine::Mmm, Machine::Sc];

/// How a program is loaded.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// The machine it is for.
    pub machine: Machine,
    /// Refuse the extensions of the machine's format, where it has some.
    pub strict: bool,
    /// What it may use up.
    pub limits: Limits,
}

/// Loads the program whose entry is the file `entry` under the host's root; or says why not.
pub fn load(host: &mut dyn Host, entry: &str, loading: &LoadOptions) -> Result<Program, LoadError> {
    match loading.machine {
        Machine::Mmm => vm::mmm::load(host, entry, &loading.limits).map(Program::Mmm),
        Machine::Sc => vm::sc::load_with(host, entry, &sc_options(loading), &loading.limits)
            .map(|program| Program::Sc(Box::new(program))),
        Machine::Py => {
            vm::py::load(host, entry, &loading.limits).map(|program| Program::Py(Box::new(program)))
        }
    }
}

fn sc_options(loading: &LoadOptions) -> vm::sc::Options {
    vm::sc::Options {
        strict: loading.strict,
        ..Default::default()
    }
}

/// The binary form of a program's text; or says why there is none.
pub fn assemble(name: &str, text: &[u8], loading: &LoadOptions) -> Result<Vec<u8>, LoadError> {
    match loading.machine {
        Machine::Mmm => Err(Diagnostic::error(
            "a .mmm program has no binary form: its text is what runs",
        )
        .help("run it as it is: mmm run FILE")
        .into()),
        // What is in binary form already is checked, and written as its parts say.
        Machine::Sc if Machine::of_file("", text) == Some(Machine::Sc) => {
            vm::sc::decode(name, text, loading.strict).map(|file| vm::sc::encode(&file))
        }
        Machine::Sc => {
            // This also says what is wrong with bytes that are no text.
            vm::sc::load_bytes(name, text, &sc_options(loading))?;
            vm::sc::assemble(name, &String::from_utf8_lossy(text))
        }
        Machine::Py => vm::py::assemble(name, text),
    }
}

/// A binary file as text; nothing if it does not load, or is none.
pub fn text_form(name: &str, bytes: &[u8]) -> Option<String> {
    match Machine::of_file(name, bytes)? {
        Machine::Mmm => None,
        Machine::Sc => vm::sc::disassemble(name, bytes).ok(),
        Machine::Py => {
            let pyc = vm::py::pyc::Pyc::read(name, bytes).ok()?;
            Some(vm::py::text::disassemble(&pyc))
        }
    }
}

/// Says that this build does not run a machine's programs.
pub fn absent(machine: Machine) -> Diagnostic {
    let present: Vec<&str> = MACHINES.iter().map(|machine| machine.name()).collect();
    Diagnostic::error(format!(
        "this version of mmm does not run programs of '{machine}'"
    ))
    .note(format!("it runs those of {}", present.join(", ")))
    .help("it does check, assemble and disassemble them: mmm check, mmm asm, mmm dis")
}

/// A run of a program that is over.
#[derive(Debug)]
pub enum Run<'p> {
    /// Of the text machine.
    Mmm(&'p vm::mmm::Program, vm::mmm::Outcome),
    /// Of the binary format of loops and asts.
    Sc(&'p vm::sc::Program, vm::sc::Outcome),
}

/// What is observed of a run, in the words of the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How it ended.
    pub ending: Ending,
    /// The printing form of the program's value.
    pub value: Option<String>,
    /// The code of the fault or limit.
    pub fault: Option<String>,
    /// The instruction at which it stopped.
    pub at: Option<String>,
    /// Why the host did not accept the output, if it did not.
    pub host_error: Option<HostError>,
}

impl Run<'_> {
    /// Returns what is observed of the run.
    pub fn summary(&self) -> Summary {
        match self {
            Run::Mmm(program, outcome) => Summary {
                value: outcome
                    .value()
                    .and_then(|value| value.map(|value| program.printed(value))),
                ..summary(outcome, outcome.at().map(|&pc| program.location(pc)))
            },
            Run::Sc(program, outcome) => {
                summary(outcome, outcome.at().map(|&pc| program.location(pc)))
            }
        }
    }

    /// Returns the number of instructions that were executed.
    pub fn steps(&self) -> u64 {
        match self {
            Run::Mmm(_, outcome) => outcome.steps,
            Run::Sc(_, outcome) => outcome.steps,
        }
    }

    /// Returns a diagnostic that says why the program was stopped, if it was.
    pub fn explain(&self) -> Option<Diagnostic> {
        match self {
            Run::Mmm(program, outcome) => program.explain(outcome),
            Run::Sc(program, outcome) => program.explain(outcome),
        }
    }
}

/// Returns what is observed of an outcome, but for its value.
fn summary<V, F: FaultCode, L>(
    outcome: &base::Outcome<V, F, L>,
    at: Option<impl ToString>,
) -> Summary {
    let (ending, host_error) = match &outcome.ending {
        base::Ending::Returned(_) => (Ending::Returned, None),
        base::Ending::Faulted(_) => (Ending::Faulted, None),
        base::Ending::Limited(_) => (Ending::Limited, None),
        // The output was not accepted, for which the program is not to blame.
        base::Ending::Host(error) => (Ending::Garbled, Some(error.clone())),
    };
    Summary {
        ending,
        value: None,
        fault: outcome.code().map(str::to_owned),
        at: at.map(|at| at.to_string()),
        host_error,
    }
}

impl Program {
    /// Runs the program to its end; `None` if this build does not run its machine's programs.
    pub fn run(&self, host: &mut dyn Host, limits: &Limits) -> Option<Run<'_>> {
        match self {
            Program::Mmm(program) => Some(Run::Mmm(program, vm::mmm::run(program, host, limits))),
            Program::Sc(program) => Some(Run::Sc(program, vm::sc::run(program, host, limits))),
            Program::Py(_) => None,
        }
    }

    /// Returns the first `max_steps` steps of a run, under the same condition.
    pub fn trace(
        &self,
        host: &mut dyn Host,
        limits: &Limits,
        max_steps: usize,
    ) -> Option<Vec<Step>> {
        match self {
            Program::Mmm(program) => {
                let trace = vm::mmm::trace(program, host, limits, max_steps);
                let steps = trace.steps.into_iter().map(|step| Step {
                    at: program.location(step.at).to_string(),
                    state: step
                        .state
                        .into_iter()
                        .map(|item| program.printed(item))
                        .collect(),
                });
                Some(steps.collect())
            }
            Program::Sc(program) => {
                let trace = vm::sc::trace(program, host, limits, max_steps);
                let steps = trace.steps.into_iter().map(|step| Step {
                    at: program.location(step.at).to_string(),
                    state: step
                        .state
                        .iter()
                        .map(|(name, value)| format!("{name}={value}"))
                        .collect(),
                });
                Some(steps.collect())
            }
            Program::Py(_) => None,
        }
    }

    /// What would stop it if it came there.
    pub fn findings(&self) -> Vec<Diagnostic> {
        match self {
            Program::Mmm(program) => program.findings(),
            Program::Sc(program) => program.findings(),
            Program::Py(program) => program.findings(),
        }
    }

    /// Its text.
    pub fn listing(&self) -> String {
        match self {
            Program::Mmm(program) => program.listing(),
            Program::Sc(program) => program.listing(),
            Program::Py(program) => program.listing(),
        }
    }
}
