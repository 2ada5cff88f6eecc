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

use super::pyc::Pyc;
use crate::base::Diagnostic;
use unit::Unit;

/// Reads a text and puts the file together that it describes. `file` is what messages call it,
/// and `co_filename` where the text names no other.
pub fn assemble(file: &str, text: &str) -> Result<Pyc, Vec<Diagnostic>> {
    let unit = parse(file, text)?;
    assemble::assemble(&unit, file).map_err(|wrong| wrong::diagnostics(wrong, file, text))
}

/// Puts a unit together that need not come from a text. `file` is `co_filename` where the unit
/// names no other.
pub fn assemble_unit(unit: &Unit, file: &str) -> Result<Pyc, Vec<Diagnostic>> {
    assemble::assemble(unit, file).map_err(wrong::without_text)
}

/// Takes a file apart.
pub fn lift(pyc: Pyc) -> Result<Unit, Box<Diagnostic>> {
    lift::lift(pyc)
}
