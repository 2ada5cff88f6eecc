//! The text form of `.pyc` files, `*.cpyasm`.

mod assemble;
mod edit;
mod lift;
mod line;
mod parse;
pub mod unit;
mod words;
mod wrong;

pub use parse::parse;

use super::pyc::Pyc;

/// Experiment.
pub fn again(pyc: Pyc) -> Result<(unit::Unit, Pyc), String> {
    let unit = lift::lift(pyc).map_err(|d| d.message)?;
    let back = assemble::assemble(&unit, "").map_err(|w| w[0].message.clone())?;
    Ok((unit, back))
}
