//! Output of a generated or reduced program: printed, or written as files into a folder.

use super::console::{self, Status, fail};
use conformance::case::Case;
use conformance::generate::text_from_case;
use std::io::Write;
use std::path::Path;
use std::{fs, io};
use vm::base::{Diagnostic, resolve};

/// Prints a program, or writes it into a folder and prints how to run it.
pub(crate) fn print_or_write(case: &Case, folder: Option<&Path>) -> Status {
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

/// Returns the error for a folder that cannot be written.
pub(crate) fn cannot_write(folder: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(format!("cannot write into '{}': {error}", folder.display()))
}

/// Writes a program's files into a folder.
pub(crate) fn write(case: &Case, folder: &Path) -> io::Result<()> {
    for (name, bytes) in &case.files {
        let name = resolve("", name).ok_or(io::ErrorKind::InvalidFilename)?;
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// Prints a program: a single file as it is, several packed into one text.
fn print(case: &Case) -> Status {
    if case.files.len() > 1 {
        let _ = writeln!(
            io::stderr(),
            "this text packs several files: run it with --packed"
        );
    }
    console::print(&text_from_case(case))
}

/// Prints the command that runs the program.
fn show_how_to_run(case: &Case, folder: &str) {
    let quote = |text: &str| shell_words::quote(text).into_owned();
    if !case.machine.is_executed() {
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
    for (flag, limit) in [
        ("--fuel", case.limits.fuel),
        ("--max-depth", case.limits.call_depth),
        ("--max-output", case.limits.output_bytes),
        ("--max-memory", case.limits.heap_bytes),
    ] {
        if let Some(limit) = limit {
            command += &format!(" {flag} {limit}");
        }
    }
    let file = quote(&format!("{folder}/{}", case.entry));
    let _ = writeln!(io::stderr(), "to run it: {command} {file}");
}
