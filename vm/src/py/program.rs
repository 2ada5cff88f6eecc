//! A program: a file that was read or assembled, and verified.

use super::check::check;
use super::pyc::Pyc;
use super::text;
use crate::base::{Diagnostic, Host, Limits, ReadError};

/// A verified program.
#[derive(Clone, Debug)]
pub struct Program {
    pyc: Pyc,
    findings: Vec<Diagnostic>,
}

/// Loads the program in the file `entry` under the host's root: a `.pyc` file, or text.
pub fn load(
    host: &mut dyn Host,
    entry: &str,
    limits: &Limits,
) -> Result<Program, Vec<Diagnostic>> {
    let bytes = host.read(entry, limits.source_bytes()).map_err(|error| {
        let found = match error {
            ReadError::TooLong => Diagnostic::error(format!(
                "{entry} is longer than the limit of {} bytes",
                limits.source_bytes()
            )),
            ReadError::Denied(why) => Diagnostic::error(format!("cannot read {entry}: {why}")),
        };
        vec![found]
    })?;
    load_bytes(entry, &bytes)
}
