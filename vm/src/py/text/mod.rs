//! The text form of `.pyc` files, `*.cpyasm`.

mod line;
mod parse;
pub mod unit;
mod words;
mod wrong;

pub use parse::parse;
