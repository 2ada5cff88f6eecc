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
    /// An operation on a text costs more than the fuel that is left, unless the fuel that its block
    /// has paid for later instructions is enough.
    Short { cost: u64 },
    /// The host did not accept the output.
    Host(io::Error),
}

impl Stop {
    pub(super) fn host(error: io::Error) -> Box<Stop> {
        Box::new(Stop::Host(error))
    }
}

/// How many bytes of text an operation reads or writes for a unit of fuel.
const BYTES_PER_FUEL: u64 = 64;

/// Takes the fuel for an operation that reads or writes `bytes` bytes of text.
#[inline]
pub(super) fn charge_text(fuel: &mut u64, bytes: u64) -> Result<(), Box<Stop>> {
    let cost = bytes / BYTES_PER_FUEL;
    match fuel.checked_sub(cost) {
        Some(left) => {
            *fuel = left;
            Ok(())
        }
        None => Err(Box::new(Stop::Short { cost })),
    }
}

impl From<Fault> for Box<Stop> {
    #[cold]
    fn from(fault: Fault) -> Box<Stop> {
        Box::new(Stop::Fault(fault))
    }
}
