//! The text form of `.pyc` files, `*.cpyasm`.

mod assemble;
mod edit;
mod lift;
pub(in crate::py) mod line;
mod parse;
mod print;
pub mod unit;
mod words;
mod wrong;

pub use parse::parse;
pub use print::{print, print_object};

use super::object::{Id, Pool};
use super::pyc::Pyc;
use crate::base::{Diagnostic, Place};
use unit::{CodeObject, Unit};

/// Reads a text and puts the file together that it describes. `file` is what messages call it,
/// and `co_filename` where the text names no other.
pub fn assemble(file: &str, text: &[u8]) -> Result<Pyc, Vec<Diagnostic>> {
    let text = str::from_utf8(text).map_err(|error| {
        let at = error.valid_up_to();
        let bad = at..at + error.error_len().unwrap_or(1);
        let place = Place::in_bytes(file, text, bad, "no UTF-8");
        vec![Diagnostic::error("the text is not UTF-8").at(place)]
    })?;
    let unit = parse(file, text)?;
    assemble::assemble(&unit, file).map_err(|wrong| wrong::diagnostics(wrong, file, text))
}

/// Puts a unit together that need not come from a text. `file` is `co_filename` where the unit
/// names no other.
pub fn assemble_unit(unit: &Unit, file: &str) -> Result<Pyc, Vec<Diagnostic>> {
    assemble::assemble(unit, file).map_err(wrong::without_text)
}

/// Takes a file apart. Few files have no text: those with a constant that holds itself or a code
/// object, or is longer as text than anybody could read; no compiler makes one.
pub fn lift(pyc: Pyc) -> Result<Unit, Box<Diagnostic>> {
    lift::lift(pyc)
}

/// Takes a file apart to be changed: all jumps go to labels, and the file that is put together
/// of it again need not be the same, byte for byte, even if nothing is changed.
pub fn lift_to_change(pyc: Pyc) -> Result<Unit, Box<Diagnostic>> {
    lift::lift_to_change(pyc)
}

/// The text of a file; a file that has none has its reason as a comment.
pub fn disassemble(pyc: &Pyc) -> String {
    match lift(pyc.clone()) {
        Ok(unit) => print(&unit),
        Err(why) => format!("# {}\n", why.message),
    }
}

/// The object that a path leads to: its label, or its qualified name as Python has it
/// (`Class.method.<locals>.function`).
pub fn find<'u>(unit: &'u Unit, path: &str) -> Option<&'u CodeObject> {
    let label = path.replace(".<locals>", "");
    let main = matches!(path, "<module>").then(|| unit.main()).flatten();
    main.or_else(|| unit.object(&label))
}

/// The instruction at `offset` of a code object as its text has it, cut if it is very long. It is
/// found by any of its bytes, prefixes too.
///
/// ```
/// use vm::py::text::{assemble, instruction};
/// let text = b"DEFINE main\nLOAD_CONST 'x'\nSTORE_NAME here\nLOAD_CONST None\nRETURN_VALUE\nEND";
/// let pyc = assemble("main.cpyasm", text).unwrap();
/// assert_eq!(instruction(&pyc.pool, pyc.code, 2).unwrap(), "STORE_NAME here");
/// assert_eq!(instruction(&pyc.pool, pyc.code, 8), None);
/// ```
pub fn instruction(pool: &Pool, code: Id, offset: u32) -> Option<String> {
    lift::instruction(pool, code, offset)
}

/// The labels of a file's code objects.
pub fn labels(pyc: &Pyc) -> Vec<(Id, String)> {
    lift::labels(&pyc.pool, pyc.code)
}
