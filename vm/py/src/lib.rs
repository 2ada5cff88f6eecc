//! The Python machine: code objects of CPython 3.9, as `.pyc` files and as text.

mod program;

pub use program::{Program, assemble, load, load_bytes};
#[doc(hidden)]
pub use vm_py_code::walk;
pub use vm_py_code::{check, insn, lnotab, marshal, object, pyc, wordcode};
pub use vm_py_data::{float, hash};
pub use vm_py_macros as macros;
pub use vm_py_text as text;
pub use vm_py_text::{cpython_dis, json, literal, repr};

// The names that some modules had before.
#[doc(hidden)]
pub use vm_py_code::lnotab as lines;
#[doc(hidden)]
pub use vm_py_text::cpython_dis as like_python;

/// The former module of small slices.
#[doc(hidden)]
pub mod small {
    pub use vm_py_code::object::{Bytes, Ids};
    pub use vm_py_data::SmallSlice as Small;
}
