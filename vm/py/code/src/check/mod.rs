//! Whether code can be run without harm: CPython itself does not ask, and crashes.
//!
//! Each code object is looked at by itself, along every path, the handlers' too. Code that is
//! never reached is not looked at.
//!
//! # What is demanded
//!
//! - Opcodes are defined, arguments in range; jumps lead to the beginnings of instructions
//!   (prefixes belong to their instruction), and no path leads behind the last one.
//! - Paths that meet agree on the depth of the data stack, on the block stack, and on which slots
//!   hold what may be no object: what `LOAD_METHOD` left, and the exception state of a handler.
//! - What a block found on the stack stays there until the block is left; only the instructions
//!   that say so look below it. A handler's three lowest items can be restored wherever something
//!   may raise.
//! - The stack is never deeper than `co_stacksize`, nor the block stack than 20.
//! - `RERAISE`, `END_ASYNC_FOR` and `POP_EXCEPT` find what a handler was entered with.
//! - Generators alone yield; `co_nlocals` is the number of `co_varnames`; the outermost code
//!   object has no free variables.
//!
//! # What is left to the run
//!
//! An interpreter must still ask of an object what it is, where CPython does not: that `FOR_ITER`
//! and `YIELD_FROM` have an iterator, `LIST_EXTEND` and `DICT_MERGE` a list and a dict,
//! `MAKE_FUNCTION` a code object, tuples and cells that fit, `CALL_FUNCTION_KW` a tuple of names
//! that is not too long. Where these come from constants right before, they are looked at here.

mod flow;
mod ops;
mod stack;
mod words;

use super::object::{Code, Id, Object, Pool};
use flow::Flow;
use vm_base::{Diagnostic, Level, Place};
use words::Teller;

/// How deep the block stack may become.
pub const MOST_BLOCKS: u32 = 20;

/// Problems that are told at most.
const MOST_PROBLEMS: usize = 20;

/// How much a code object needs to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Which one.
    pub code: Id,
    /// How deep its data stack becomes; `co_stacksize` may be larger by any amount.
    pub depth: u32,
    /// How deep its block stack becomes.
    pub blocks: u32,
}

/// Something wrong with a code object, or odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Wrong or odd.
    pub level: Level,
    /// With which one.
    pub code: Id,
    /// What it is called: `f.<locals>.g`.
    pub object: String,
    /// At which instruction, if at one; where its opcode lies.
    pub offset: Option<u32>,
    /// The line that it comes from.
    pub line: Option<i64>,
    /// The instruction as text.
    pub instruction: Option<String>,
    /// What is wrong.
    pub message: String,
    /// More to know.
    pub notes: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
}

/// Checks every code object among the objects. `root` is the one that is run.
///
/// What is odd and harmless comes with the shapes, which are in the order of their ids.
pub fn check(pool: &Pool, root: Id) -> Result<(Vec<Shape>, Vec<Problem>), Vec<Problem>> {
    let mut flow = Flow::new(pool);
    let (mut shapes, mut warnings, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..pool.len() as u32 {
        let id = Id(at);
        let Object::Code(code) = pool.get(id) else {
            continue;
        };
        let teller = Teller { pool, id, code };
        let found = match whole(pool, code, id == root) {
            Some(message) => Err(Box::new(teller.whole(message))),
            None => flow.check(id, code, &mut warnings),
        };
        match found {
            Ok(shape) => shapes.push(shape),
            Err(problem) => problems.push(*problem),
        }
        if problems.len() == MOST_PROBLEMS {
            break;
        }
    }
    warnings.truncate(MOST_PROBLEMS);
    match problems.is_empty() {
        true => Ok((shapes, warnings)),
        false => Err(problems),
    }
}

/// What is wrong with a code object but for its instructions.
fn whole(pool: &Pool, code: &Code, outermost: bool) -> Option<String> {
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
            "co_nlocals is {}, and co_varnames has {locals} names",
            code.nlocals
        ));
    }
    if code.arguments() > locals as u64 {
        return Some(format!(
            "it takes {} arguments, and co_varnames has {locals} names",
            code.arguments()
        ));
    }
    if code.posonlyargcount > code.argcount {
        return Some(format!(
            "co_posonlyargcount is {}, and co_argcount is {}",
            code.posonlyargcount, code.argcount
        ));
    }
    if outermost && free > 0 {
        return Some("a module has no free variables, and co_freevars is not empty".to_owned());
    }
    None
}

impl Problem {
    /// The same for a person. `file` has the name and bytes that the objects were read from, and
    /// where they lie in them.
    pub fn diagnostic(&self, pool: &Pool, file: Option<(&str, &[u8], &[u32])>) -> Diagnostic {
        let mut message = self.message.clone();
        if let Some(instruction) = &self.instruction {
            // What is no instruction has no mnemonic.
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
        found.notes.extend(self.notes.iter().cloned());
        found.help.clone_from(&self.help);
        found
    }
}
