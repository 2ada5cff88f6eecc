//! The memory that a program may use.

use super::stop::Stop;
use super::value::Value;
use vm_base::Limit;

/// What a set variable takes, besides the text of its value.
const VARIABLE: u64 = 16;

/// The memory that is left. Counted are the variables that are set, the text in them, and the
/// text of items on an ast's stack that the ast itself made.
#[derive(Debug)]
pub(super) struct Heap {
    left: u64,
}

impl Heap {
    pub(super) fn new(bytes: u64) -> Heap {
        Heap { left: bytes }
    }

    /// Whether `bytes` more would be too much.
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

    /// What a variable takes with this value in it.
    pub(super) fn of_variable(value: &Option<Value>) -> u64 {
        match value {
            Some(value) => VARIABLE + value.text_bytes(),
            None => 0,
        }
    }
}
