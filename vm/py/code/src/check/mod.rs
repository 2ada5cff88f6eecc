//! The verifier: checks that code can be run without harm. CPython does not, and crashes.
//!
//! Every code object is checked by itself, along every path, including those to its handlers.
//! Instructions that no path reaches are not checked.
//!
//! # What is checked
//!
//! - Opcodes are defined and arguments in range. Jumps lead to the beginning of an instruction,
//!   which is its first prefix, and no path leads past the last instruction.
//! - Paths that meet agree on the depth of the data stack, on the block stack, and on the slots
//!   whose items may be no objects: what `LOAD_METHOD` left, and the exception state that a
//!   handler restores.
//! - Items below a block stay on the stack until the block is left; only some instructions read
//!   them. Wherever an instruction may raise, the lowest three items of a handler can be restored.
//! - The data stack is never deeper than `co_stacksize`, nor the block stack than 20.
//! - `RERAISE`, `END_ASYNC_FOR` and `POP_EXCEPT` find the items with which a handler was entered.
//! - Only generators and coroutines yield. `co_nlocals` is the number of `co_varnames`. The
//!   outermost code object has no free variables.
//! - Where CPython trusts the compiler, items are of the kind that an instruction needs:
//!   `LIST_EXTEND` has a list, `FOR_ITER` and `YIELD_FROM` an iterator, `MAKE_FUNCTION` a name, a
//!   code object, a closure that fits and defaults in a tuple, `CALL_FUNCTION_KW` a tuple of names.
//!
//! [`check_strict`] also checks what only a debug build of CPython asserts: that every instruction
//! that adds to a container has one of its kind, and that annotations and keyword-only defaults are
//! dicts.
//!
//! # What is left to the run
//!
//! A code object can reach a program as a value, for instance from `co_consts`. What the program
//! then makes of it, such as a function without the right closure, is not checked here.
//!
//! ```
//! use vm_py_code::check::check;
//! use vm_py_code::object::{Object, Pool};
//!
//! let mut pool = Pool::new();
//! let root = pool.add(Object::None);
//! // There is no code object that could be wrong.
//! assert!(check(&pool, root)?.shapes.is_empty());
//! # Ok::<(), vm_py_code::check::CheckError>(())
//! ```

mod flow;
mod kinds;
mod messages;
mod ops;
mod plist;
mod slot;
mod state;
mod table;

use crate::object::{Code, Id, Object, Pool};
use kinds::Kinds;
use messages::Reporter;
use state::{Body, Flow};
use std::error::Error;
use std::fmt;
use vm_base::{Diagnostic, Level, Place};

/// The greatest depth of the block stack.
pub const MAX_BLOCKS: u32 = 20;

/// The greatest number of findings of each level.
const MAX_FINDINGS: usize = 20;

/// What is wrong with an instruction: the current one, or that at an offset.
type Fault = vm_base::Problem<Option<u32>>;

type Result<T> = std::result::Result<T, Box<Fault>>;

/// What a code object needs to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shape {
    /// The code object.
    pub code: Id,
    /// The greatest depth of its data stack; `co_stacksize` may be larger by any amount.
    pub depth: u32,
    /// The greatest depth of its block stack.
    pub blocks: u32,
}

/// The result of checking the code objects of a file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Checked {
    /// What each code object needs, in the order of their ids.
    pub shapes: Vec<Shape>,
    /// What is unusual in them, but harmless.
    pub warnings: Vec<Finding>,
}

/// The errors in the code objects of a file: at least one, at most 20.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckError {
    findings: Vec<Finding>,
}

impl CheckError {
    /// Returns the errors, in the order of the ids of their code objects.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.findings.iter().enumerate() {
            let between = if index == 0 { "" } else { "\n" };
            write!(f, "{between}{finding}")?;
        }
        Ok(())
    }
}

impl Error for CheckError {}

/// An error in a code object, or a warning about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Error or warning.
    pub level: Level,
    /// The code object.
    pub code: Id,
    /// The qualified name of the code object, such as `f.<locals>.g`.
    pub object: String,
    /// The offset of the opcode; `None` if the finding is about the code object as a whole.
    pub offset: Option<u32>,
    /// The line of the instruction.
    pub line: Option<i64>,
    /// The instruction as text.
    pub instruction: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset {
            Some(offset) => write!(f, "{} at {offset}: {}", self.object, self.message),
            None => write!(f, "{}: {}", self.object, self.message),
        }
    }
}

/// Checks all code objects of a pool. `root` is the one that is run.
///
/// # Errors
///
/// Returns an error with what is wrong in which code object and at which instruction.
pub fn check(pool: &Pool, root: Id) -> std::result::Result<Checked, CheckError> {
    check_all(pool, root, false)
}

/// Checks all code objects of a pool as [`check`] does, and also what only a debug build of CPython
/// asserts.
///
/// # Errors
///
/// Returns an error with what is wrong in which code object and at which instruction.
pub fn check_strict(pool: &Pool, root: Id) -> std::result::Result<Checked, CheckError> {
    check_all(pool, root, true)
}

fn check_all(pool: &Pool, root: Id, strict: bool) -> std::result::Result<Checked, CheckError> {
    let mut flow = Flow::new(pool);
    let mut kinds = Kinds::new(pool, strict);
    let codes = || {
        (0..pool.len() as u32).filter_map(|at| match pool.get(Id(at)) {
            Object::Code(code) => Some((Id(at), &**code)),
            _ => None,
        })
    };
    for (id, code) in codes() {
        let body = Body::new(pool, code);
        if kinds::has_parameter(pool, &body)
            && check_fields(pool, code, id == root).is_none()
            && let Ok((_, needs)) = flow.check(id, code, &mut Vec::new())
        {
            kinds.find_comprehension(id, &body, needs, &flow.seen);
        }
    }
    let (mut shapes, mut warnings, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    for (id, code) in codes() {
        let reporter = Reporter { pool, id, code };
        let result = match check_fields(pool, code, id == root) {
            Some(message) => Err(Box::new(reporter.object(message))),
            None => flow.check(id, code, &mut warnings),
        };
        let result = result.and_then(|(shape, needs)| {
            if needs.kinds {
                let checked = kinds.check(&Body::new(pool, code), needs, &flow.seen);
                checked.map_err(|(offset, fault)| Box::new(reporter.fault(offset, *fault)))?;
            }
            Ok(shape)
        });
        match result {
            Ok(shape) => shapes.push(shape),
            Err(finding) => findings.push(*finding),
        }
        if findings.len() == MAX_FINDINGS {
            break;
        }
    }
    warnings.truncate(MAX_FINDINGS);
    match findings.is_empty() {
        true => Ok(Checked { shapes, warnings }),
        false => Err(CheckError { findings }),
    }
}

/// Returns what is wrong with the fields of a code object other than its instructions.
fn check_fields(pool: &Pool, code: &Code, outermost: bool) -> Option<String> {
    let count = |id| pool.tuple(id).map_or(0, <[Id]>::len);
    let fields = [
        (pool.bytes(code.code).is_some(), "co_code is not bytes"),
        (pool.bytes(code.lnotab).is_some(), "co_lnotab is not bytes"),
        (
            pool.tuple(code.consts).is_some(),
            "co_consts is not a tuple",
        ),
        (
            pool.is_strings(code.names),
            "co_names is not a tuple of strings",
        ),
        (
            pool.is_strings(code.varnames),
            "co_varnames is not a tuple of strings",
        ),
        (
            pool.is_strings(code.freevars),
            "co_freevars is not a tuple of strings",
        ),
        (
            pool.is_strings(code.cellvars),
            "co_cellvars is not a tuple of strings",
        ),
        (pool.str(code.name).is_some(), "co_name is not a string"),
        (
            pool.str(code.filename).is_some(),
            "co_filename is not a string",
        ),
    ];
    if let Some((_, message)) = fields.iter().find(|(fits, _)| !fits) {
        return Some((*message).to_owned());
    }
    let (locals, free) = (count(code.varnames), count(code.freevars));
    if code.nlocals as usize != locals {
        return Some(format!(
            "co_nlocals is {}, but co_varnames has {locals} names",
            code.nlocals
        ));
    }
    if code.parameters() > locals as u64 {
        return Some(format!(
            "the code object has {} parameters, but co_varnames has {locals} names",
            code.parameters()
        ));
    }
    if code.posonlyargcount > code.argcount {
        return Some(format!(
            "co_posonlyargcount is {}, which is more than co_argcount, {}",
            code.posonlyargcount, code.argcount
        ));
    }
    if outermost && free > 0 {
        return Some("co_freevars is not empty, but a module has no free variables".to_owned());
    }
    None
}

impl Finding {
    /// Returns the finding as a diagnostic.
    ///
    /// `file` has the name and the bytes of the file that the objects were read from, and the
    /// offset of each object in it, by id.
    pub fn diagnostic(&self, pool: &Pool, file: Option<(&str, &[u8], &[u32])>) -> Diagnostic {
        let mut message = self.message.clone();
        if let Some(instruction) = &self.instruction {
            // Bytes that are not an instruction have no mnemonic.
            let mnemonic = instruction.split(' ').next().unwrap_or("");
            if mnemonic.starts_with(|c: char| c.is_ascii_uppercase()) {
                message = format!("{mnemonic}: {message}");
            }
        }
        let mut found = Diagnostic {
            level: self.level,
            ..Diagnostic::error(message)
        };
        if let Some((name, bytes, offsets)) = file
            && let Some(code) = pool.code(self.code)
        {
            let start = |id: Id| offsets.get(id.0 as usize).map_or(0, |&at| at as usize);
            let range = match self.offset {
                // The bytes follow their type code and their size.
                Some(offset) => {
                    let at = start(code.code) + 5 + offset as usize;
                    at..at + 2
                }
                None => start(self.code)..start(self.code) + 1,
            };
            found = found.at(Place::in_bytes(name, bytes, range, self.object.as_str()));
        }
        let context = match (self.offset, self.line, &self.instruction) {
            (Some(offset), Some(line), Some(instruction)) => {
                format!(
                    "in {}, line {line}, at {offset}: {instruction}",
                    self.object
                )
            }
            _ => format!("in the code object {}", self.object),
        };
        found.notes.push(context);
        found.help.clone_from(&self.help);
        found
    }
}
