//! Loading and running programs of any machine. No other module of this crate does so.

use super::reference::lowered;
use crate::case::Case;
use crate::engine::{Ending, Step};
use crate::machine::Machine;
use vm::base::{self, Diagnostic, FaultCode, Host, HostError, Limits, LoadError};

/// A loaded program, whatever its machine.
#[derive(Debug)]
pub enum Program {
    /// A program of the text machine.
    Mmm(vm::mmm::Program),
    /// A program of the binary format of loops and asts.
    Sc(Box<vm::sc::Program>),
    /// A program of CPython's bytecode, which is verified and not run.
    Py(Box<vm::py::Program>),
}

/// How a program is loaded.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// The machine of the program.
    pub machine: Machine,
    /// Refuse the extensions of the machine's format, if it has any.
    pub strict: bool,
    /// What loading may use.
    pub limits: Limits,
}

/// Loads the program whose entry is the file `entry` in the host's root.
///
/// # Errors
///
/// Returns the diagnostics if the program is refused.
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

/// Returns the binary form of a program's text.
///
/// # Errors
///
/// Returns the diagnostics if the text does not assemble, or the machine has no binary form.
pub fn assemble(name: &str, text: &[u8], loading: &LoadOptions) -> Result<Vec<u8>, LoadError> {
    match loading.machine {
        Machine::Mmm => Err(Diagnostic::error(
            "a .mmm program has no binary form: its text is what runs",
        )
        .help("run it as it is: mmm run FILE")
        .into()),
        // A file in binary form is decoded and encoded.
        Machine::Sc if Machine::Sc.is_binary(text) => {
            vm::sc::decode(name, text, loading.strict).map(|file| vm::sc::encode(&file))
        }
        Machine::Sc => {
            // This also reports bytes that are not text.
            vm::sc::load_bytes(name, text, &sc_options(loading))?;
            vm::sc::assemble(name, &String::from_utf8_lossy(text))
        }
        Machine::Py => vm::py::assemble(name, text),
    }
}

/// Returns the text of a binary file; `None` if it is not binary or does not load.
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

/// Returns the instruction at a place of a run, as [`Step::at`] names it: a line of a text, or the name
/// of a binary instruction. Returns `None` if the place does not exist.
pub fn instruction_at(case: &Case, at: &str) -> Option<String> {
    let (place, index) = at.rsplit_once(':')?;
    let index: usize = index.parse().ok()?;
    match case.machine {
        Machine::Mmm | Machine::Py => {
            let (file, _) = place.rsplit_once('#')?;
            let bytes = case.files.get(&format!("{}{file}", case.root_prefix()))?;
            let mut lines = bytes.split(|&byte| byte == b'\n');
            let line = lines.nth(index.checked_sub(1)?)?;
            Some(String::from_utf8_lossy(line).trim().to_owned())
        }
        Machine::Sc => {
            let case = lowered(case).ok()?;
            let file = vm::sc::decode("", case.files.get(&case.entry)?, false).ok()?;
            Some(file.row(file.instructions.get(index)?).name.to_owned())
        }
    }
}

/// Returns the mnemonic of an instruction as [`instruction_at`] returns it.
pub fn mnemonic(machine: Machine, written: &str) -> &str {
    match machine {
        Machine::Mmm => written.split([' ', '\t']).next().unwrap_or_default(),
        Machine::Sc | Machine::Py => written,
    }
}

/// Returns the error that the suite does not run a machine's programs in this build.
pub fn absent(machine: Machine) -> Diagnostic {
    let present: Vec<&str> = Machine::executed().map(Machine::name).collect();
    Diagnostic::error(format!(
        "this engine does not run programs of '{machine}' yet"
    ))
    .note(format!("it runs those of {}", present.join(", ")))
    .help("mmm run, mmm check, mmm asm and mmm dis take them")
}

/// Runs a program of Python's bytecode as `python3.9` would. `entry` is its file's path under the
/// host's root, and `args` become `sys.argv[1:]`.
pub fn run_python(
    program: &vm::py::Program,
    entry: &str,
    args: &[String],
    host: &mut dyn Host,
    limits: &Limits,
) -> vm_py_run::Outcome {
    vm_py_run::run(program, entry, args, host, limits)
}

/// Returns what is observed of a run of Python's bytecode.
pub fn summary_of_python(outcome: &vm_py_run::Outcome) -> Summary {
    let (ending, fault) = match (outcome.limit, &outcome.exception) {
        (Some(limit), _) => (Ending::Limited, Some(limit.code().to_owned())),
        (None, Some(exception)) => (Ending::Faulted, Some(exception.clone())),
        (None, None) => (Ending::Returned, None),
    };
    let at = outcome.at.as_ref();
    Summary {
        ending,
        value: None,
        fault,
        at: at.map(|(file, name, line)| format!("{file}#{name}:{line}")),
        host_error: None,
    }
}

/// A finished run of a program.
#[derive(Debug)]
pub enum Run<'p> {
    /// A run of the text machine.
    Mmm(&'p vm::mmm::Program, vm::mmm::Outcome),
    /// A run of the binary format of loops and asts.
    Sc(&'p vm::sc::Program, vm::sc::Outcome),
}

/// What is observed of a run, with the names of the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How the run ended.
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

    /// Returns warnings about instructions that would stop the program if they were executed.
    pub fn findings(&self) -> Vec<Diagnostic> {
        match self {
            Program::Mmm(program) => program.findings(),
            Program::Sc(program) => program.findings(),
            Program::Py(program) => program.findings(),
        }
    }

    /// Returns the text of the program.
    pub fn listing(&self) -> String {
        match self {
            Program::Mmm(program) => program.listing(),
            Program::Sc(program) => program.listing(),
            Program::Py(program) => program.listing(),
        }
    }
}
