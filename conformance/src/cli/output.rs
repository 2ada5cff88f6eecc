//! A program that was made here, on its way to a person: printed, or as files in a folder.

use super::console::{self, Status, fail};
use conformance::case::Case;
use conformance::generate::mutate::text_from_case;
use conformance::machine::Machine;
use std::io::Write;
use std::path::Path;
use std::{fs, io};
use vm::base::{Diagnostic, resolve};

/// Hands a program over.
pub(crate) fn deliver(case: &Case, folder: Option<&Path>) -> Status {
    match folder {
        None => print(case),
        Some(folder) => match write(case, folder) {
            Ok(()) => {
                show_how_to_run(case, &folder.display().to_string());
                Status::Fine
            }
            Err(error) => fail(&cannot_write(folder, &error)),
        },
    }
}

pub(crate) fn cannot_write(folder: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(format!("cannot write into '{}': {error}", folder.display()))
}

/// Writes a program's files under a folder.
pub(crate) fn write(case: &Case, folder: &Path) -> io::Result<()> {
    for (name, bytes) in &case.files {
        let name = resolve("", name).ok_or(io::ErrorKind::InvalidFilename)?;
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// A program of one file prints as it is, a larger one packed.
fn print(case: &Case) -> Status {
    if case.files.len() > 1 {
        let _ = writeln!(io::stderr(), "several files in one: run it with --packed");
    }
    console::print(&text_from_case(case))
}

/// Says how a program is run that needs more than its file's name.
fn show_how_to_run(case: &Case, folder: &str) {
    let quote = |text: &str| shell_words::quote(text).into_owned();
    if case.machine == Machine::Py {
        let text = format!("{folder}/{}", case.entry);
        let binary = text.replace(".cpyasm", ".pyc");
        let (text, binary) = (quote(&text), quote(&binary));
        let command = format!("mmm asm {text} -o {binary} && python3.9 {binary}");
        let _ = writeln!(io::stderr(), "to run it: {command}");
        return;
    }
    let mut command = "mmm run".to_owned();
    if case.root && case.entry.contains('/') {
        command += &format!(" --root {}", quote(folder));
    }
    if case.strict {
        command += " --strict";
    }
    for (flag, most) in [
        ("--fuel", case.limits.fuel),
        ("--max-depth", case.limits.call_depth),
        ("--max-output", case.limits.output_bytes),
        ("--max-memory", case.limits.heap_bytes),
    ] {
        if let Some(most) = most {
            command += &format!(" {flag} {most}");
        }
    }
    let file = quote(&format!("{folder}/{}", case.entry));
    let _ = writeln!(io::stderr(), "to run it: {command} {file}");
}
