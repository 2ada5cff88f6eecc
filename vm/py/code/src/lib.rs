//! The code objects of CPython 3.9: opcodes, objects, line tables, marshal, `.pyc` files and the
//! verifier.
//!
//! ```
//! use vm_py_code::pyc::Pyc;
//!
//! // Any bytes can be read; what is wrong is an error.
//! let error = Pyc::read("x.pyc", b"import sys").unwrap_err();
//! assert!(error.to_string().contains("not a .pyc file"));
//! ```

pub mod check;
pub mod insn;
pub mod lnotab;
pub mod marshal;
pub mod object;
pub mod pyc;
pub mod wordcode;
