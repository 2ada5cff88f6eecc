//! Macros on bytecode: a file is taken apart, its instructions are changed, and it is put together
//! again.
//!
//! A macro is a function from a [`Unit`] to a changed one. In a unit names, labels and constants
//! stand in place of indices and offsets, so that instructions can be put in and taken out
//! anywhere; [`assemble_unit`](vm_py_text::assemble_unit) finds stack size, prefixes and line table
//! anew. Those that ship are in [`ALL`]; `mmm macro --list` shows them. To write one's own, the modules here
//! help: [`pairs`] gives an object as a list of instructions and arguments in text, [`edit`] finds
//! instructions and unused names, [`flow`] tells what lies on the stacks.

pub mod edit;
pub mod flow;
pub mod pairs;

mod c_for;
mod constant;
mod goto;
mod parameter;
mod trace;
mod unused;

pub use c_for::c_for;
pub use constant::constant;
pub use goto::goto;
pub use parameter::parameter;
pub use trace::trace;
pub use unused::{Unused, unused};
use vm_base::{Diagnostic, closest};
use vm_py_code::object::{Id, Pool};
use vm_py_text::unit::{CodeObject, Unit, is_main};

/// A macro that ships.
#[derive(Clone, Copy)]
pub struct Macro {
    /// What it is called.
    pub name: &'static str,
    /// One line on what it does.
    pub summary: &'static str,
    /// Source that it acts on, and what becomes of it.
    pub example: &'static str,
    /// What it takes from [`Request::set`].
    pub takes: Takes,
    /// Does it; says how many places were changed.
    pub apply: fn(&mut Unit, &Request) -> Result<usize, Refusal>,
}

/// What a macro is told beside its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// Names with a literal for each.
    Values,
    /// One name, with a literal or without.
    Name,
}

/// All macros that ship.
pub static ALL: [Macro; 5] = [
    Macro {
        name: "goto",
        summary: "jump: goto('x') or goto .x goes to label('x') or label .x",
        example: goto::EXAMPLE,
        takes: Takes::Nothing,
        apply: goto,
    },
    Macro {
        name: "const",
        summary: "put constants in place of global names, and drop branches that they decide",
        example: constant::EXAMPLE,
        takes: Takes::Values,
        apply: constant,
    },
    Macro {
        name: "param",
        summary: "make a parameter of a global name that a function reads",
        example: parameter::EXAMPLE,
        takes: Takes::Name,
        apply: parameter,
    },
    Macro {
        name: "c-for",
        summary: "loop: for i in c_for(start, lambda i: …, lambda i: …) without iterator or calls",
        example: c_for::EXAMPLE,
        takes: Takes::Nothing,
        apply: c_for,
    },
    Macro {
        name: "trace",
        summary: "write a line to standard error at each call of a function",
        example: trace::EXAMPLE,
        takes: Takes::Nothing,
        apply: trace,
    },
];

/// The macro of that name.
pub fn find(name: &str) -> Option<&'static Macro> {
    ALL.iter().find(|known| known.name == name)
}

/// What is asked of a macro.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The one code object to change, by its label or its name; all of them if there is none.
    pub function: Option<String>,
    /// Names, with the text of a literal or without.
    pub set: Vec<(String, Option<String>)>,
}

/// Why a macro cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Refusal {
    /// Says what is wrong.
    pub fn new(message: impl Into<String>) -> Refusal {
        Refusal {
            message: message.into(),
            help: None,
        }
    }

    /// Says what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Refusal {
        self.help = Some(help.into());
        self
    }

    /// As it is shown to a person.
    pub fn diagnostic(self) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.message);
        match self.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

impl Request {
    /// The objects that are meant, by their index.
    pub fn objects(&self, unit: &Unit) -> Result<Vec<usize>, Refusal> {
        let Some(wanted) = &self.function else {
            return Ok((0..unit.objects.len()).collect());
        };
        let found: Vec<usize> = (0..unit.objects.len())
            .filter(|&index| is_called(&unit.objects[index], wanted))
            .collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let labels = unit.objects.iter().map(|object| &*object.label);
        let refusal = Refusal::new(format!("there is no code object '{wanted}'"));
        Err(match closest(wanted, labels) {
            Some(near) => refusal.help(format!("did you mean '{near}'?")),
            None => refusal,
        })
    }

    /// The value of each name that is set.
    pub fn values(&self, pool: &mut Pool) -> Result<Vec<(&str, Option<Id>)>, Refusal> {
        let mut found = Vec::new();
        for (name, text) in &self.set {
            let value = match text {
                None => None,
                Some(text) => Some(vm_py_text::literal::parse(pool, text).map_err(|error| {
                    let refusal = Refusal::new(format!("{name}={text}: {}", error.message));
                    match error.help {
                        Some(help) => refusal.help(help),
                        None => refusal,
                    }
                })?),
            };
            found.push((&**name, value));
        }
        Ok(found)
    }
}

/// Whether an object goes by that label or name.
fn is_called(object: &CodeObject, wanted: &str) -> bool {
    object.label == wanted
        || is_main(&object.label) && is_main(wanted)
        || object.said.name.as_ref().and_then(|name| name.as_str()) == Some(wanted)
}
