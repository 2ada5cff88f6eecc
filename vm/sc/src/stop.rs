//! The reasons why a run stops before its end.

use super::insn::Fault;
use std::io;
use vm_base::Limit;

/// The reason why a run stops before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// An instruction failed.
    Fault(Fault),
    /// A limit was reached.
    Limit(Limit),
    /// The host did not accept the output.
    Host(io::Error),
}

impl Stop {
    pub(super) fn host(error: io::Error) -> Box<Stop> {
        Box::new(Stop::Host(error))
    }
}

impl From<Fault> for Box<Stop> {
    #[cold]
    fn from(fault: Fault) -> Box<Stop> {
        Box::new(Stop::Fault(fault))
    }
}
