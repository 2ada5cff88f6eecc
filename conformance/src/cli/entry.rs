//! The root and the entry of a program, from the file on the command line.

use super::args::Kind;
use super::console::{not_plain, unreadable};
use conformance::engines::machines::LoadOptions;
use conformance::machine::Machine;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use vm::base::{Diagnostic, Limits};

/// A program to load.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The folder that contains all its files.
    pub(crate) root: PathBuf,
    /// The entry's path from the root.
    pub(crate) name: String,
    /// How to load it.
    pub(crate) loading: LoadOptions,
}

/// Returns the program that a file on the command line names.
pub(crate) fn find(
    file: &Path,
    root: Option<&Path>,
    kind: &Kind,
    limits: Limits,
) -> Result<Entry, Diagnostic> {
    if file == Path::new("-") {
        return Err(
            Diagnostic::error("a program cannot be read from standard input")
                .help("write it to a file: a program can have several files"),
        );
    }
    let real = fs::canonicalize(file).map_err(|error| unreadable(file, &error))?;
    let (root, name) = locate(file, &real, root)?;
    let metadata = fs::metadata(&real).map_err(|error| unreadable(file, &error))?;
    if metadata.is_dir() {
        return Err(directory(file, &real));
    }
    let name = name.into_os_string().into_string().map_err(|name| {
        Diagnostic::error(format!("the file's name is not UTF-8: {}", name.display()))
            .help("rename it: programs call each other by UTF-8 names")
    })?;
    if !metadata.is_file() {
        return Err(not_plain(file));
    }
    let machine = match kind.machine {
        Some(machine) => machine,
        None => recognise(file, &name)?,
    };
    Ok(Entry {
        root,
        name,
        loading: LoadOptions {
            machine,
            strict: kind.strict,
            limits,
        },
    })
}

/// Returns the root, and the file's path from there.
fn locate(file: &Path, real: &Path, root: Option<&Path>) -> Result<(PathBuf, PathBuf), Diagnostic> {
    // A symbolic link keeps the name on the command line. Its folder is the real one.
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let folder = fs::canonicalize(folder).map_err(|error| unreadable(folder, &error))?;
    let named = file.file_name().map(|name| folder.join(name));
    let named = named.as_deref().unwrap_or(real);
    let Some(root) = root else {
        // A link to a file in another folder means that file, with the files beside it.
        let place = if real.starts_with(&folder) {
            named
        } else {
            real
        };
        let parent = place.parent().unwrap_or(Path::new("/")).to_path_buf();
        let name = place.file_name().map(PathBuf::from).unwrap_or_default();
        return Ok((parent, name));
    };
    let shown = root.display();
    let root = fs::canonicalize(root).map_err(|error| unreadable(root, &error))?;
    if !root.is_dir() {
        return Err(
            Diagnostic::error(format!("the root '{shown}' is not a folder"))
                .help("give --root the folder that contains the program's files"),
        );
    }
    let name = named
        .strip_prefix(&root)
        .or_else(|_| real.strip_prefix(&root));
    match name {
        Ok(name) if real.starts_with(&root) => {
            let name = name.to_path_buf();
            Ok((root, name))
        }
        _ => Err(Diagnostic::error(format!(
            "'{}' is not in the root folder '{shown}'",
            file.display()
        ))
        .help("give --root a folder that contains the program's file, or omit it")),
    }
}

/// Returns the machine of a file, by its content or its extension.
fn recognise(file: &Path, name: &str) -> Result<Machine, Diagnostic> {
    let mut head = Vec::new();
    File::open(file)
        .and_then(|file| file.take(4096).read_to_end(&mut head))
        .map_err(|error| unreadable(file, &error))?;
    Machine::of_file(name, &head).ok_or_else(|| {
        let endings: Vec<String> = Machine::ALL
            .iter()
            .flat_map(|machine| machine.endings())
            .map(|ending| format!(".{ending}"))
            .collect();
        Diagnostic::error(format!(
            "cannot recognise the kind of program in '{}'",
            file.display()
        ))
        .note(format!(
            "its name does not end in any of {}",
            endings.join(", ")
        ))
        .help("name its machine: --machine mmm")
    })
}

/// Returns the error for a folder in place of a program; suggests a file in it.
fn directory(file: &Path, real: &Path) -> Diagnostic {
    let shown = file.display();
    let refused = Diagnostic::error(format!("'{shown}' is a folder"));
    let entry = Machine::ALL
        .iter()
        .flat_map(|machine| machine.endings())
        .map(|ending| format!("main.{ending}"))
        .find(|name| real.join(name).is_file());
    match entry {
        Some(name) => refused.help(format!("did you mean '{}'?", file.join(name).display())),
        None => refused.help("name the file in it that contains 'function main'"),
    }
}
