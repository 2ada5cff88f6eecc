//! Everything that this crate takes from the crates of the Python machine, in one place.

pub(crate) use vm_py_code::insn::Op;
pub(crate) use vm_py_code::object::{self, Code, Id, Object, Pool, Str};
pub(crate) use vm_py_code::pyc;
pub(crate) use vm_py_data::{float, hash, int, quote, set_order};
pub(crate) use vm_py_unicode as unicode;
