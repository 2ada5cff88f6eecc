//! `mmm dis` and `mmm asm`.

use super::args::{Asm, Dis};
use super::console::{self, Status, show};
use super::entry;
use super::{python, verify};
use conformance::engines::machines;
use std::io;
use std::path::Path;
use vm::base::{Diagnostic, DirHost, Host, Limits, ReadError};

pub(crate) fn dis(args: &Dis) -> Result<Status, Diagnostic> {
    if let Some(form) = args.form() {
        if args.file.is_file() && !python::is_python(&args.file, &args.kind)? {
            return Err(python::foreign(&args.file));
        }
        return python::listing(&args.file, args.output.as_deref(), form);
    }
    if args.verify {
        return Ok(verify::verify(
            std::iter::once(&args.file).chain(&args.more),
        ));
    }
    if python::is_python(&args.file, &args.kind)? {
        let object = args.object.as_deref();
        return match python::disassemble(&args.file, object) {
            Ok(text) => write(args.output.as_deref(), text.as_bytes()),
            Err(diagnostics) => Ok(refuse(&diagnostics)),
        };
    }
    if args.object.is_some() {
        let found = Diagnostic::error("only .pyc and .cpyasm files have named objects");
        return Err(found.help("omit --object"));
    }
    let entry = entry::find(&args.file, None, &args.kind, Limits::default())?;
    let mut host = DirHost::new(&entry.root, io::sink())
        .map_err(|error| console::unreadable(&args.file, &error))?;
    match machines::load(&mut host, &entry.name, &entry.loading) {
        Ok(program) => write(args.output.as_deref(), program.listing().as_bytes()),
        Err(error) => Ok(refuse(error.diagnostics())),
    }
}

/// Reports why a file is not loaded or assembled.
pub(crate) fn refuse(diagnostics: &[Diagnostic]) -> Status {
    diagnostics.iter().for_each(show);
    Status::Unusable
}

pub(crate) fn asm(args: &Asm) -> Result<Status, Diagnostic> {
    if python::is_python(&args.file, &args.kind)? {
        return match python::assemble(&args.file) {
            Ok(bytes) => write(Some(&args.output), &bytes),
            Err(diagnostics) => Ok(refuse(&diagnostics)),
        };
    }
    let limits = Limits::default();
    let entry = entry::find(&args.file, None, &args.kind, limits.clone())?;
    let host = DirHost::new(&entry.root, io::sink());
    let mut host = host.map_err(|error| console::unreadable(&args.file, &error))?;
    let text = host
        .read(&entry.name, limits.source_bytes())
        .map_err(|error| {
            let why = match error {
                ReadError::TooLong => "it is larger than a program may be".to_owned(),
                ReadError::Denied(why) => why,
            };
            Diagnostic::error(format!("cannot read '{}': {why}", args.file.display()))
        })?;
    match machines::assemble(&entry.name, &text, &entry.loading) {
        Ok(bytes) => write(Some(&args.output), &bytes),
        Err(error) => Ok(refuse(error.diagnostics())),
    }
}

/// Writes to a file, or to stdout.
pub(crate) fn write(file: Option<&Path>, bytes: &[u8]) -> Result<Status, Diagnostic> {
    let Some(file) = file else {
        return Ok(console::print(bytes));
    };
    std::fs::write(file, bytes).map_err(|error| {
        Diagnostic::error(format!("cannot write '{}': {error}", file.display()))
    })?;
    Ok(Status::Fine)
}
