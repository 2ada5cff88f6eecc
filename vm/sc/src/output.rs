//! The output of a run.

use super::stop::Stop;
use super::value::Value;
use std::io::Write as _;
use vm_base::{Host, Limit};

/// The output, with what is left of its limit.
pub(super) struct Output<'h> {
    host: &'h mut dyn Host,
    left: u64,
    line: Vec<u8>,
}

impl<'h> Output<'h> {
    /// Longer texts are written without being copied into the line.
    const LONG_TEXT: usize = 1 << 16;

    pub(super) fn new(host: &'h mut dyn Host, most: Option<u64>) -> Output<'h> {
        Output {
            host,
            left: most.unwrap_or(u64::MAX),
            line: Vec::new(),
        }
    }

    /// Returns the number of bytes that [`Output::print`] writes for these values.
    pub(super) fn line_length<'v>(&mut self, values: impl Iterator<Item = &'v Value>) -> u64 {
        let mut length: u64 = 0;
        for value in values {
            length += match value {
                Value::Str(text) => text.len() as u64 + 1,
                Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                    self.line.clear();
                    let _ = write!(self.line, "{value}");
                    self.line.len() as u64 + 1
                }
            };
        }
        length.max(1)
    }

    /// Prints values separated by blanks, and a newline; prints nothing if the limit does not allow
    /// for all of it.
    pub(super) fn print<'v>(
        &mut self,
        values: impl Iterator<Item = &'v Value>,
        length: u64,
    ) -> Result<(), Box<Stop>> {
        match self.left.checked_sub(length) {
            Some(left) => self.left = left,
            None => return Err(Box::new(Stop::Limit(Limit::OutputLimit))),
        }
        self.line.clear();
        for (number, value) in values.enumerate() {
            if number > 0 {
                self.line.push(b' ');
            }
            match value {
                Value::Str(text) if text.len() > Output::LONG_TEXT => {
                    self.flush()?;
                    self.host.write(text.as_bytes()).map_err(Stop::host)?;
                }
                Value::Str(text) => self.line.extend_from_slice(text.as_bytes()),
                Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                    let _ = write!(self.line, "{value}");
                }
            }
            if self.line.len() > Output::LONG_TEXT {
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
