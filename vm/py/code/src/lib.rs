//! The code objects of CPython 3.9: opcodes, objects, line tables, marshal, `.pyc` files and the
//! verifier.

pub mod check;
pub mod insn;
pub mod lnotab;
pub mod marshal;
pub mod object;
pub mod pyc;
#[doc(hidden)]
pub mod walk;
pub mod wordcode;
