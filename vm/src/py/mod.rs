//! The Python machine: code objects of CPython 3.9, as `.pyc` files and as text.

pub mod insn;
pub mod lines;
pub mod object;
pub mod text;
pub mod wordcode;
