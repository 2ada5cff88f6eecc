//! The crates that this one stands on, named in one place.

pub(crate) use vm_base::{Host, Limit, Limits, ReadError};
pub(crate) use vm_py::check::check;
pub(crate) use vm_py::float;
pub(crate) use vm_py::insn::{self, Op};
pub(crate) use vm_py::lines;
pub(crate) use vm_py::marshal;
pub(crate) use vm_py::object::{Code as RawCode, Id, Object, Pool, Str, flags};
pub(crate) use vm_py::wordcode;
pub use vm_py::{Program, load_bytes};
pub(crate) use vm_py_format as format;
pub(crate) use vm_py_unicode as unicode;
