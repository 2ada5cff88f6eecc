//! The Python machine: the bytecode of CPython 3.9, as `.pyc` files and as text.
//!
//! - [`load`] reads a `.pyc` file or its text form and verifies its code; [`assemble`] turns text
//!   into a `.pyc` file.
//! - [`text`] has the text form: an assembler, a disassembler, and units that can be changed.
//! - [`macros`] rewrites bytecode.
//! - [`object`], [`marshal`], [`pyc`], [`insn`], [`wordcode`] and [`lnotab`] are the parts of a `.pyc`
//!   file; [`check`] is the verifier.
//!
//! ```
//! let text = "DEFINE main\nLOAD_CONST None\nRETURN_VALUE\nEND\n";
//! let bytes = vm_py::assemble("main.cpyasm", text.as_bytes())?;
//! let program = vm_py::load_bytes("main.pyc", &bytes)?;
//! assert!(program.listing().contains("LOAD_CONST          None"));
//! # Ok::<(), vm_base::LoadError>(())
//! ```

mod program;

pub use program::{Program, assemble, assemble_verified, load, load_bytes, load_bytes_strict};
pub use vm_py_code::{check, insn, lnotab, marshal, object, pyc, wordcode};
pub use vm_py_data::{float, hash};
pub use vm_py_macros as macros;
pub use vm_py_text as text;
pub use vm_py_text::{cpython_dis, json, literal, repr};

// Earlier names of these modules.
#[doc(hidden)]
pub use vm_py_code::lnotab as lines;
#[doc(hidden)]
pub use vm_py_text::cpython_dis as like_python;

/// The earlier module of small slices.
#[doc(hidden)]
pub mod small {
    pub use vm_py_code::object::{Bytes, Ids};
    pub use vm_py_data::SmallSlice as Small;
}
