//! Loaded programs, and the types of their outcomes.

use super::compiled::Compiled;
use super::file::{File, Spot};
use super::functions::{Arity, Functions};
use super::insn::{Fault, Op};
use super::print::print;
use super::quicken::QuickCode;
use super::source::Source;
use super::value::Value;
use std::fmt;
use vm_base::Diagnostic;

/// How a file is loaded.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Refuses the extensions, so that only what the seed document defines is accepted.
    pub strict: bool,
    /// The functions that the program can call.
    pub functions: Functions,
}

/// The result of a run of a [`Program`].
pub type Outcome = vm_base::Outcome<(), Fault, Pc>;

/// The first steps of a run of a [`Program`], each with the variables that are set and their
/// values, in the order of their names.
pub type Trace<'p> = vm_base::Trace<Pc, Vec<(&'p str, Value)>>;

/// An instruction of a [`Program`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pc {
    /// The index of the instruction.
    pub instruction: usize,
    /// If it was stopped inside an ast: the index of the ast, and that of the ast instruction
    /// in it.
    pub ast_op: Option<(usize, usize)>,
}

impl Pc {
    /// Returns the beginning of an instruction.
    pub(super) fn of(instruction: usize) -> Pc {
        Pc {
            instruction,
            ast_op: None,
        }
    }
}

/// The place of an instruction. Its `Display` form is `file:instruction`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Location<'p> {
    /// The file's name, relative to the root.
    pub file: &'p str,
    /// The index of the instruction.
    pub instruction: usize,
}

impl fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.instruction)
    }
}

/// A checked program.
#[derive(Clone, Debug)]
pub struct Program {
    pub(super) name: String,
    pub(super) source: Source,
    pub(super) file: File,
    pub(super) compiled: Compiled,
    pub(super) quick: QuickCode,
    pub(super) functions: Functions,
}

impl Program {
    /// Returns the name that it was loaded by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the contents of its file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Returns its canonical text.
    pub fn listing(&self) -> String {
        print(&self.file)
    }

    /// Returns the place of an instruction.
    pub fn location(&self, pc: Pc) -> Location<'_> {
        Location {
            file: &self.name,
            instruction: pc.instruction,
        }
    }

    /// Returns the calls that will fault if they are reached, whatever the values: calls of
    /// functions that the host does not have, or with a wrong number of arguments. Only the first
    /// fifty are returned.
    pub fn findings(&self) -> Vec<Diagnostic> {
        const MAX_FINDINGS: usize = 50;
        let mut found = Vec::new();
        for (ast, item) in self.file.asts.iter().enumerate() {
            for (op, item) in item.ops.iter().enumerate() {
                let Op::Call { name, argc } = *item else {
                    continue;
                };
                let name = self.file.name(name).unwrap_or_default();
                let (message, help) = match self.functions.arity(name) {
                    Some(arity) if arity.takes(argc as usize) => continue,
                    Some(Arity::Any) => continue,
                    Some(Arity::Exactly(count)) => (
                        format!(
                            "function {name:?} takes {count} arguments but is called with {argc}"
                        ),
                        None,
                    ),
                    None => (
                        format!("the host has no function {name:?}"),
                        vm_base::closest(name, self.functions.names())
                            .map(|near| format!("did you mean '{near}'?")),
                    ),
                };
                let field = None;
                let spot = Spot::Op { ast, op, field };
                let place = self.source.place(&self.name, &self.file, spot, "this call");
                let mut warning = Diagnostic::warning(message).at(place);
                warning.help = help;
                found.push(warning);
                if found.len() == MAX_FINDINGS {
                    return found;
                }
            }
        }
        found
    }
}
