//! What takes memory and what prints.

use crate::run::Stop;
use crate::value::Value;
use std::io::Write as _;
use vm_base::{Host, Limit};

/// What a set variable takes, besides the text of its value.
const VARIABLE: u64 = 16;

/// The memory that is left. Counted are the variables that are set, the text in them, and the
/// text of items on an ast's stack that the ast itself made.
#[derive(Debug)]
pub(crate) struct Heap {
    left: u64,
}

impl Heap {
    pub(crate) fn new(bytes: u64) -> Heap {
        Heap { left: bytes }
    }

    /// Whether `bytes` more would be too much.
    pub(crate) fn check(&self, bytes: u64) -> Result<(), Box<Stop>> {
        match bytes <= self.left {
            true => Ok(()),
            false => Err(Box::new(Stop::Limit(Limit::MemoryLimit))),
        }
    }

    pub(crate) fn take(&mut self, bytes: u64) -> Result<(), Box<Stop>> {
        self.check(bytes)?;
        self.left -= bytes;
        Ok(())
    }

    pub(crate) fn give(&mut self, bytes: u64) {
        self.left = self.left.saturating_add(bytes);
    }

    /// What a variable takes with this value in it.
    pub(crate) fn of_variable(value: &Option<Value>) -> u64 {
        match value {
            Some(value) => VARIABLE + value.text_bytes(),
            None => 0,
        }
    }
}

/// The way to the host's output.
pub(crate) struct Output<'h> {
    host: &'h mut dyn Host,
    left: u64,
    line: Vec<u8>,
}

impl<'h> Output<'h> {
    /// Texts longer than this are handed on without being copied together.
    const LONG: usize = 1 << 16;

    pub(crate) fn new(host: &'h mut dyn Host, most: Option<u64>) -> Output<'h> {
        Output {
            host,
            left: most.unwrap_or(u64::MAX),
            line: Vec::new(),
        }
    }

    /// Prints values with a blank between each two, and a newline; all of it or nothing.
    pub(crate) fn print<'v>(
        &mut self,
        values: impl Iterator<Item = &'v Value> + Clone,
    ) -> Result<(), Box<Stop>> {
        let mut length = 0;
        for value in values.clone() {
            length += match value {
                Value::Str(text) => text.len() as u64 + 1,
                Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                    self.line.clear();
                    let _ = write!(self.line, "{value}");
                    self.line.len() as u64 + 1
                }
            };
        }
        match self.left.checked_sub(length.max(1)) {
            Some(left) => self.left = left,
            None => return Err(Box::new(Stop::Limit(Limit::OutputLimit))),
        }
        self.line.clear();
        for (number, value) in values.enumerate() {
            if number > 0 {
                self.line.push(b' ');
            }
            match value {
                Value::Str(text) if text.len() > Output::LONG => {
                    self.flush()?;
                    self.host.write(text.as_bytes()).map_err(Stop::host)?;
                }
                Value::Str(text) => self.line.extend_from_slice(text.as_bytes()),
                Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                    let _ = write!(self.line, "{value}");
                }
            }
            if self.line.len() > Output::LONG {
                self.flush()?;
            }
        }
        self.line.push(b'\n');
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Box<Stop>> {
        let written = self.host.write(&self.line).map_err(Stop::host);
        self.line.clear();
        written
    }
}
