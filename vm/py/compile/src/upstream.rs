//! Everything that this crate takes from the crates of the Python machine, in one place.

pub(crate) use vm::py::float;
pub(crate) use vm::py::insn::Op;
pub(crate) use vm::py::object::{self, Code, Id, Object, Pool, Str};
pub(crate) use vm::py::pyc;
pub(crate) use vm::py::repr;
pub(crate) use vm::py::is_printable;
pub(crate) use vm::py::set_order;
