//! The memory that a run may use.

use super::stop::Stop;
use super::value::Value;
use vm_base::Limit;

/// What a variable that is set counts for, besides the text of its value.
const VARIABLE: u64 = 16;

/// The memory that is left. Variables that are set, their texts, and texts that an ast made on its
/// stack are counted.
#[derive(Debug)]
pub(super) struct Heap {
    left: u64,
}

impl Heap {
    pub(super) fn new(bytes: u64) -> Heap {
        Heap { left: bytes }
    }

    /// Returns an error if `bytes` more would exceed the limit.
    pub(super) fn check(&self, bytes: u64) -> Result<(), Box<Stop>> {
        match bytes <= self.left {
            true => Ok(()),
            false => Err(Box::new(Stop::Limit(Limit::MemoryLimit))),
        }
    }

    pub(super) fn take(&mut self, bytes: u64) -> Result<(), Box<Stop>> {
        self.check(bytes)?;
        self.left -= bytes;
        Ok(())
    }

    pub(super) fn give(&mut self, bytes: u64) {
        self.left = self.left.saturating_add(bytes);
    }

    /// Returns what a variable with this value counts for.
    pub(super) fn of_variable(value: &Option<Value>) -> u64 {
        match value {
            Some(value) => VARIABLE + value.text_bytes(),
            None => 0,
        }
    }
}
