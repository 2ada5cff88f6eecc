//! The Python machine: code objects of CPython 3.9, as `.pyc` files and as text.

pub mod check;
pub mod float;
mod hash;
pub mod insn;
pub mod json;
pub mod like_python;
pub mod lines;
pub mod literal;
pub mod macros;
pub mod marshal;
pub mod object;
mod printable;
mod program;
pub mod pyc;
pub mod repr;
pub mod small;
pub mod text;
#[doc(hidden)]
pub mod walk;
pub mod wordcode;

pub use program::{Program, assemble, load, load_bytes};

#[doc(hidden)]
pub use hash::set_order;
#[doc(hidden)]
pub use printable::is_printable;
