//! The crates that this one stands on, named in one place.

pub(crate) use vm::base::{Ending, Host, Limit, Limits, Outcome, ReadError};
pub(crate) use vm::py::float;
pub(crate) use vm::py::insn::{self, Op};
pub(crate) use vm::py::lines;
pub(crate) use vm::py::object::{Code as RawCode, Id, Object, Pool, flags};
pub(crate) use vm::py::wordcode;
pub use vm::py::{Program, load_bytes};
