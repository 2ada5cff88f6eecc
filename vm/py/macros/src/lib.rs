//! Macros that rewrite bytecode.
//!
//! A macro is a function that changes a [`Unit`]. A unit has names, labels and constants instead of
//! indices and offsets, so instructions can be inserted and removed anywhere.
//! [`assemble_unit`](vm_py_text::assemble_unit) then computes the stack size, the prefixes and the
//! line table.
//!
//! [`ALL`] lists the macros of this crate. To write another one, use these modules: [`pairs`] for a
//! code object as a list of instructions and arguments in text, [`rewrite`] to find and make
//! instructions, and [`flow`] for the state of the stacks at each instruction.
//!
//! ```
//! use vm_py_macros::{Request, find};
//! use vm_py_text::{parse, print};
//!
//! let text = "DEFINE main\nLOAD_NAME LIMIT\nRETURN_VALUE\nEND\n";
//! let mut unit = parse("main.cpyasm", text)?;
//! let set = vec![("LIMIT".to_owned(), Some("3".to_owned()))];
//! let request = Request { function: None, set };
//! let places = (find("const").unwrap().apply)(&mut unit, &request)?;
//! assert_eq!(places, 1);
//! assert!(print(&unit).contains("LOAD_CONST          3"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod flow;
pub mod pairs;
pub mod rewrite;

mod c_for;
mod constant;
mod goto;
mod parameter;
mod trace;
mod unused;

#[doc(hidden)]
pub use rewrite as edit;

pub use c_for::c_for;
pub use constant::constant;
pub use goto::goto;
pub use parameter::parameter;
use std::error::Error;
use std::fmt;
pub use trace::trace;
pub use unused::{Unused, unused};
use vm_base::{Diagnostic, closest};
use vm_py_code::object::{Id, Pool};
use vm_py_text::unit::{CodeObject, Unit, is_main};

/// A macro of this crate.
#[derive(Clone, Copy)]
pub struct Macro {
    /// Its name.
    pub name: &'static str,
    /// A summary in one line.
    pub summary: &'static str,
    /// Source to which it applies, and the result.
    pub example: &'static str,
    /// What it needs in [`Request::set`].
    pub takes: Takes,
    /// Applies it; returns the number of places that it changed.
    pub apply: fn(&mut Unit, &Request) -> Result<usize, MacroError>,
}

/// What a macro needs in [`Request::set`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// Names, each with a literal.
    Values,
    /// One name, with or without a literal.
    Name,
}

/// All macros of this crate.
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
        summary: "replace global names by constants, and drop branches that they decide",
        example: constant::EXAMPLE,
        takes: Takes::Values,
        apply: constant,
    },
    Macro {
        name: "param",
        summary: "turn a global name that a function reads into a parameter",
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

/// Returns the macro with this name.
pub fn find(name: &str) -> Option<&'static Macro> {
    ALL.iter().find(|known| known.name == name)
}

/// The options of a macro.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The label or the name of the code object to change; all of them by default.
    pub function: Option<String>,
    /// Names, with or without the text of a literal.
    pub set: Vec<(String, Option<String>)>,
}

/// The reason why a macro cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MacroError {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl MacroError {
    /// Returns an error with a message.
    pub fn new(message: impl Into<String>) -> MacroError {
        MacroError {
            message: message.into(),
            help: None,
        }
    }

    /// Returns the error with a remedy.
    pub fn help(mut self, help: impl Into<String>) -> MacroError {
        self.help = Some(help.into());
        self
    }

    /// Returns the error as a diagnostic.
    pub fn diagnostic(self) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.message);
        match self.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

impl fmt::Display for MacroError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for MacroError {}

impl Request {
    /// Returns the indices of the code objects to change.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no code object with the given label or name.
    pub fn objects(&self, unit: &Unit) -> Result<Vec<usize>, MacroError> {
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
        let error = MacroError::new(format!("there is no code object '{wanted}'"));
        Err(match closest(wanted, labels) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error,
        })
    }

    /// Returns the names that are set with their values, which are added to `pool`.
    ///
    /// # Errors
    ///
    /// Returns an error if a value is not a literal.
    pub fn values(&self, pool: &mut Pool) -> Result<Vec<(&str, Option<Id>)>, MacroError> {
        let mut found = Vec::new();
        for (name, text) in &self.set {
            let value = match text {
                None => None,
                Some(text) => Some(vm_py_text::literal::parse(pool, text).map_err(|error| {
                    let found = MacroError::new(format!("{name}={text}: {}", error.message));
                    match error.help {
                        Some(help) => found.help(help),
                        None => found,
                    }
                })?),
            };
            found.push((&**name, value));
        }
        Ok(found)
    }
}

/// Returns true if an object has this label or name.
fn is_called(object: &CodeObject, wanted: &str) -> bool {
    object.label == wanted
        || is_main(&object.label) && is_main(wanted)
        || object.said.name.as_ref().and_then(|name| name.as_str()) == Some(wanted)
}
