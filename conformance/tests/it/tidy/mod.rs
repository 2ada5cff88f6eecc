//! What keeps the code in its order: which files may use which, no long functions, plain English,
//! a case for every clause, an outcome for every case, tables and dictionaries as in the code.

mod circles;
mod corpus;
mod dictionaries;
mod functions;
mod imports;
mod lex;
mod modules;
mod prose;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Returns the folder of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads a file of the repository. Sources that test encodings are not UTF-8.
fn read(name: &str) -> String {
    let bytes = fs::read(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the names of the files in a folder that end so.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let root = root();
    let is_hidden = |name: &str| name.starts_with('.') || name == "target";
    let files = WalkDir::new(root.join(folder)).sort_by_file_name();
    let files = files.into_iter().filter_entry(|entry| {
        entry.depth() == 0 || !is_hidden(&entry.file_name().to_string_lossy())
    });
    files
        .map(|entry| entry.expect("a folder can be read").into_path())
        .filter(|path| path.to_string_lossy().ends_with(ending) && path.is_file())
        .map(|path| {
            let name = path.strip_prefix(&root).expect("it is in the repository");
            name.to_string_lossy().into_owned()
        })
        .collect()
}

#[track_caller]
fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// Checks a file that is made from a table of the code. With `UPDATE_TABLES` set, writes it.
fn check_file(name: &str, expected: &str) {
    if std::env::var_os("UPDATE_TABLES").is_some() {
        fs::write(root().join(name), expected).expect("the file can be written");
        return;
    }
    let found = read(name);
    let mut lines = found.lines().zip(expected.lines()).enumerate();
    let different = lines.find(|(_, (found, expected))| found != expected);
    let different = different.map_or(String::new(), |(at, (found, expected))| {
        format!("line {}:\n- {found}\n+ {expected}\n", at + 1)
    });
    assert!(
        found == expected,
        "{name} is not as in the code; {different}run this test with UPDATE_TABLES=1 and review what changed"
    );
}
