//! The machines behind one door: which module loads and runs a program of which machine.

use crate::machine::Machine;
use vm::base::{Diagnostic, Host, Limits, Outcome, Step};

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
pub fn load(
    host: &mut dyn Host,
    entry: &str,
    loading: &LoadOptions,
) -> Result<Program, Vec<Diagnostic>> {
    match loading.machine {
        Machine::Mmm => vm::mmm::load(host, entry, &loading.limits).map(Program::Mmm),
        Machine::Sc => vm::sc::load(host, entry, &sc_options(loading), &loading.limits)
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
pub fn assemble(
    name: &str,
    text: &[u8],
    loading: &LoadOptions,
) -> Result<Vec<u8>, Vec<Diagnostic>> {
    match loading.machine {
        Machine::Mmm => Err(vec![
            Diagnostic::error("a .mmm program has no binary form: its text is what runs")
                .help("run it as it is: mmm run FILE"),
        ]),
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

impl Program {
    /// Runs it to its end; `None` if this build does not run its machine's programs.
    pub fn run(&self, host: &mut dyn Host, limits: &Limits) -> Option<Outcome> {
        match self {
            Program::Mmm(program) => Some(vm::mmm::run(program, host, limits)),
            Program::Sc(program) => Some(vm::sc::run(program, host, limits)),
            Program::Py(_) => None,
        }
    }

    /// The first `most` steps of a run, under the same condition.
    pub fn trace(&self, host: &mut dyn Host, limits: &Limits, most: usize) -> Option<Vec<Step>> {
        match self {
            Program::Mmm(program) => Some(vm::mmm::trace(program, host, limits, most)),
            Program::Sc(program) => Some(vm::sc::trace(program, limits, most)),
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

    /// Why it stopped, if it did not return.
    pub fn explain(&self, outcome: &Outcome) -> Option<Diagnostic> {
        match self {
            Program::Mmm(program) => program.explain(outcome),
            Program::Sc(program) => program.explain(outcome),
            Program::Py(_) => None,
        }
    }
}
