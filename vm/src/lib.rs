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

#[cfg(test)]
mod tests {
    use crate::base::{self, FaultCode, Host, Limits, LoadError};
    use crate::{mmm, py, sc};
    use std::fmt::Display;

    type Load<P> = fn(&mut dyn Host, &str, &Limits) -> Result<P, LoadError>;

    /// Compiles if a machine has the shape that all of them have.
    fn check_shape<P, V, F: FaultCode, L, S, N: Display>(
        _load: Load<P>,
        _run: fn(&'static P, &mut dyn Host, &Limits) -> base::Outcome<V, F, L>,
        _trace: fn(&'static P, &mut dyn Host, &Limits, usize) -> base::Trace<L, S>,
        _location: fn(&'static P, L) -> N,
    ) where
        P: Send + Sync + 'static,
    {
    }

    #[test]
    fn machines_have_the_same_shape() {
        check_shape(mmm::load, mmm::run, mmm::trace, mmm::Program::location);
        check_shape(sc::load, sc::run, sc::trace, sc::Program::location);
    }

    fn check_shared<P: Send + Sync>(_load: Load<P>) {}

    #[test]
    fn programs_can_be_shared_between_threads() {
        check_shared(mmm::load);
        check_shared(sc::load);
        check_shared(py::load);
    }
}
