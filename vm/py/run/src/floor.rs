//! The crates that this one stands on, named in one place.

pub(crate) use vm_base::{Host, Limit, Limits, ReadError};
pub use vm_py::{Program, load_bytes};
pub(crate) use vm_py_code::check::check;
pub(crate) use vm_py_code::insn::{self, Op};
pub(crate) use vm_py_code::object::{Code as RawCode, Id, Object, Pool, Str, flags};
pub(crate) use vm_py_code::{lnotab, marshal, wordcode};
pub(crate) use vm_py_data::float;
pub(crate) use vm_py_format as format;
pub(crate) use vm_py_unicode as unicode;
