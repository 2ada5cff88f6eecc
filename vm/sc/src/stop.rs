//! Why a run stops before its end.

use super::insn::Fault;
use std::io;
use vm_base::Limit;

/// Why a run is over before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// An instruction could not do its work.
    Fault(Fault),
    /// A limit was reached.
    Limit(Limit),
    /// The host would not take the output.
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
