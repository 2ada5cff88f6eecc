//! `mmm dis` and `mmm asm`.

use super::args::{Asm, Dis};
use super::console::{self, Status, show};
use super::entry;
use conformance::engines::load;
use conformance::machine::Machine;
use std::io;
use std::path::Path;
use vm::base::{Diagnostic, DirHost, Limits};

pub(crate) fn dis(args: &Dis) -> Result<Status, Diagnostic> {
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
    let entry = entry::find(&args.file, None, &args.kind, Limits::default())?;
    Err(match entry.loading.machine {
        Machine::Mmm => {
            Diagnostic::error("a .mmm program has no binary form: its text is what runs")
                .help(format!("run it as it is: mmm run {}", args.file.display()))
        }
        Machine::Sc | Machine::Py => load::absent(entry.loading.machine),
    })
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
