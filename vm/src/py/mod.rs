//! The Python machine: code objects of CPython 3.9, as `.pyc` files and as text.

pub mod check;
pub mod insn;
pub mod lines;
pub mod marshal;
pub mod object;
mod program;
pub mod pyc;
pub mod wordcode;

pub use program::{Program, load};
