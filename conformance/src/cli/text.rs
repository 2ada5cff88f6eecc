//! `mmm dis` and `mmm asm`.

use super::args::{Asm, Dis};
use super::console::{self, Status, fail, show};
use super::entry;
use conformance::engines::load;
use conformance::machine::Machine;
use std::io;
use std::path::Path;
use vm::base::{Diagnostic, DirHost, Limits};

pub(crate) fn dis(args: &Dis) -> Status {
    let entry = match entry::find(&args.file, None, &args.kind, Limits::default()) {
        Ok(entry) => entry,
        Err(why) => return fail(&why),
    };
    let mut host = match DirHost::new(&entry.root, io::sink()) {
        Ok(host) => host,
        Err(error) => return fail(&entry::unreadable(&args.file, &error)),
    };
    match load::load(&mut host, &entry.name, &entry.loading) {
        Ok(program) => write(args.output.as_deref(), program.listing().as_bytes()),
        Err(diagnostics) => {
            diagnostics.iter().for_each(show);
            Status::Unusable
        }
    }
}

pub(crate) fn asm(args: &Asm) -> Status {
    let entry = match entry::find(&args.file, None, &args.kind, Limits::default()) {
        Ok(entry) => entry,
        Err(why) => return fail(&why),
    };
    match entry.loading.machine {
        Machine::Mmm => fail(
            &Diagnostic::error("a .mmm program has no binary form: its text is what runs")
                .help(format!("run it as it is: mmm run {}", args.file.display())),
        ),
        Machine::Sc | Machine::Py => fail(&load::absent(entry.loading.machine)),
    }
}

/// Writes to the file that was named, or to stdout.
fn write(file: Option<&Path>, bytes: &[u8]) -> Status {
    let Some(file) = file else {
        return console::print(bytes);
    };
    match std::fs::write(file, bytes) {
        Ok(()) => Status::Fine,
        Err(error) => fail(&Diagnostic::error(format!(
            "cannot write '{}': {error}",
            file.display()
        ))),
    }
}
