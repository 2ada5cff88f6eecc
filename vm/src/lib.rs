//! Stack machines for bytecode, one module each, on a common ground floor.
//!
//! | module | machine | files |
//! |---|---|---|
//! | [`mmm`] | a typed text stack machine | `*.mmm` |
//! | [`sc`] | a binary format of constants, asts and loops | `*.sc`, `*.sca` |
//! | [`py`] | CPython 3.9 bytecode | `*.pyc`, `*.cpyasm` |
//!
//! Each machine offers `load` (which gives a program or diagnostics) and `run` (which gives an
//! [`base::Outcome`]). A machine reaches the world only through a [`base::Host`].
//!
//! # What keeps it so
//!
//! - A machine never imports another machine.
//! - [`base`] never touches `std::fs`, `std::env` or `std::time`, but in its directory host.
//! - A parser never knows how to run; a runner never parses.
//! - What was checked at load is never checked again at run.
//! - Nothing here recurses on Rust's stack to a depth that a program chooses.

pub use vm_base as base;
pub use vm_mmm as mmm;
pub use vm_py as py;
pub use vm_sc as sc;
