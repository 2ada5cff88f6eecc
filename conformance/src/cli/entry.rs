//! From the file that was named to a program's root and entry.

use super::args::Kind;
use conformance::engines::machines::LoadOptions;
use conformance::machine::Machine;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use vm::base::{Diagnostic, Limits, closest};

/// Where a program is.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The folder that nothing leads out of.
    pub(crate) root: PathBuf,
    /// The entry's name under it.
    pub(crate) name: String,
    /// How to load it.
    pub(crate) loading: LoadOptions,
}

/// Finds out what to load from where.
pub(crate) fn find(
    file: &Path,
    root: Option<&Path>,
    kind: &Kind,
    limits: Limits,
) -> Result<Entry, Diagnostic> {
    if file == Path::new("-") {
        return Err(
            Diagnostic::error("a program is not read from standard input")
                .help("write it to a file and name that; a program can consist of several files"),
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
            .help("rename it: programs call each other by names in UTF-8")
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

/// The root, and the file's place under it.
fn locate(file: &Path, real: &Path, root: Option<&Path>) -> Result<(PathBuf, PathBuf), Diagnostic> {
    // The name that was given counts, so that a link is called as the person calls it; the folder
    // it lies in counts as it really is.
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let folder = fs::canonicalize(folder).map_err(|error| unreadable(folder, &error))?;
    let named = file.file_name().map(|name| folder.join(name));
    let named = named.as_deref().unwrap_or(real);
    let Some(root) = root else {
        // A link to a file elsewhere means that file, among its own neighbours.
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
                .help("give --root the folder that the program's files lie under"),
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
            "'{}' does not lie under the root '{shown}'",
            file.display()
        ))
        .help("give --root a folder above the program's file, or leave it out")),
    }
}

/// The machine that the file is for.
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
            "cannot tell what kind of program '{}' is",
            file.display()
        ))
        .note(format!("its name ends in none of {}", endings.join(", ")))
        .help("say which machine it is for: --machine mmm")
    })
}

/// Says why a file cannot be read, and which one may have been meant.
pub(crate) fn unreadable(file: &Path, error: &io::Error) -> Diagnostic {
    let shown = file.display();
    match error.kind() {
        io::ErrorKind::NotFound if fs::symlink_metadata(file).is_ok() => {
            match fs::metadata(file).is_ok() {
                true => not_plain(file),
                false => Diagnostic::error(format!("'{shown}' is a link that leads nowhere")),
            }
        }
        io::ErrorKind::NotFound => {
            let missing = Diagnostic::error(format!("there is no file '{shown}'"));
            match neighbour(file) {
                Some(near) => missing.help(format!("did you mean '{near}'?")),
                None => missing,
            }
        }
        io::ErrorKind::NotADirectory => Diagnostic::error(format!("there is no file '{shown}'"))
            .note("a part of the path is a file, not a folder"),
        _ => {
            let why = error.to_string();
            let why = why.split(" (os error").next().unwrap_or(&why);
            Diagnostic::error(format!("cannot read '{shown}': {why}"))
        }
    }
}

fn not_plain(file: &Path) -> Diagnostic {
    Diagnostic::error(format!("'{}' is not a file", file.display()))
        .help("a program is read from plain files only")
}

/// The file in the same folder whose name is nearest.
fn neighbour(file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?;
    let folder = file.parent()?;
    let listed = match folder == Path::new("") {
        true => Path::new("."),
        false => folder,
    };
    let names: Vec<String> = fs::read_dir(listed)
        .ok()?
        .take(10_000)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let near = closest(name, names.iter().map(String::as_str))?;
    Some(folder.join(near).display().to_string())
}

/// Says that a folder is no program, and which file in it may be one.
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
        None => refused.help("name the file in it that has 'function main'"),
    }
}
