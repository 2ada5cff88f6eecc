//! `mmm dis` and `mmm asm`.

use super::args::{Asm, Dis};
use super::console::{self, Status, show};
use super::entry;
use super::python;
use conformance::engines::load;
use std::io;
use std::path::Path;
use vm::base::{Diagnostic, DirHost, Host, Limits, ReadError};

pub(crate) fn dis(args: &Dis) -> Result<Status, Diagnostic> {
    if let Some(form) = args.form() {
        return python::listing(&args.file, args.output.as_deref(), form);
    }
    let entry = entry::find(&args.file, None, &args.kind, Limits::default())?;
    let mut host = DirHost::new(&entry.root, io::sink())
        .map_err(|error| entry::unreadable(&args.file, &error))?;
    match load::load(&mut host, &entry.name, &entry.loading) {
        Ok(program) => write(args.output.as_deref(), program.listing().as_bytes()),
        Err(diagnostics) => {
            diagnostics.iter().for_each(show);
            Ok(Status::Unusable)
        }
    }
}

pub(crate) fn asm(args: &Asm) -> Result<Status, Diagnostic> {
    let limits = Limits::default();
    let entry = entry::find(&args.file, None, &args.kind, limits.clone())?;
    let host = DirHost::new(&entry.root, io::sink());
    let mut host = host.map_err(|error| entry::unreadable(&args.file, &error))?;
    let text = host
        .read(&entry.name, limits.source_bytes())
        .map_err(|error| {
            let why = match error {
                ReadError::TooLong => "it is longer than a program may be".to_owned(),
                ReadError::Denied(why) => why,
            };
            Diagnostic::error(format!("cannot read '{}': {why}", args.file.display()))
        })?;
    match load::assemble(&entry.name, &text, &entry.loading) {
        Ok(bytes) => write(Some(&args.output), &bytes),
        Err(diagnostics) => {
            diagnostics.iter().for_each(show);
            Ok(Status::Unusable)
        }
    }
}

/// Writes to the file that was named, or to stdout.
fn write(file: Option<&Path>, bytes: &[u8]) -> Result<Status, Diagnostic> {
    let Some(file) = file else {
        return Ok(console::print(bytes));
    };
    std::fs::write(file, bytes).map_err(|error| {
        Diagnostic::error(format!("cannot write '{}': {error}", file.display()))
    })?;
    Ok(Status::Fine)
}
