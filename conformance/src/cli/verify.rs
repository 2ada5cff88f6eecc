//! `mmm dis --verify`: disassembles every `.pyc` file, assembles the text, and compares.

use super::console::{self, Status};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use vm::base::LoadError;
use vm::py::pyc::Pyc;
use vm::py::text;
use walkdir::WalkDir;

/// The results.
#[derive(Default)]
struct Counts {
    files: u64,
    same: u64,
    bytes: u64,
    text: u64,
    dis: Duration,
    asm: Duration,
    /// A line about each file with a problem.
    problems: Vec<String>,
    unread: u64,
}

/// Verifies files, and all files in folders whose names end in `.pyc`.
pub(crate) fn verify<'p>(paths: impl Iterator<Item = &'p PathBuf>) -> Status {
    let mut counts = Counts::default();
    for path in paths {
        for found in WalkDir::new(path).sort_by_file_name() {
            match found {
                Ok(found) if found.file_type().is_dir() => {}
                Ok(found) if found.depth() > 0 && !is_pyc(found.path()) => {}
                Ok(found) => counts.file(found.path()),
                Err(error) => counts.unread(path, &error.to_string()),
            }
        }
    }
    counts.report()
}

fn is_pyc(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "pyc")
}

impl Counts {
    fn unread(&mut self, path: &Path, why: &str) {
        self.unread += 1;
        self.problems.push(format!("{}: {why}", path.display()));
    }

    fn file(&mut self, path: &Path) {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => return self.unread(path, &error.to_string()),
        };
        let shown = path.display().to_string();
        let pyc = match Pyc::read(&shown, &bytes) {
            Ok(pyc) => pyc,
            Err(error) => return self.unread(path, first(&error)),
        };
        self.files += 1;
        self.bytes += bytes.len() as u64;
        let begun = Instant::now();
        let printed = text::lift(pyc).map(|unit| text::print(&unit));
        self.dis += begun.elapsed();
        let printed = match printed {
            Ok(printed) => printed,
            Err(error) => return self.problems.push(format!("{shown}: {}", first(&error))),
        };
        self.text += printed.len() as u64;
        let begun = Instant::now();
        let again = text::assemble(&shown, printed.as_bytes()).map(|pyc| pyc.write());
        self.asm += begun.elapsed();
        match again {
            Ok(again) if again == bytes => self.same += 1,
            Ok(_) => self
                .problems
                .push(format!("{shown}: its text assembles to different bytes")),
            Err(error) => {
                let why = first(&error);
                self.problems
                    .push(format!("{shown}: its text does not assemble: {why}"));
            }
        }
    }

    /// Prints the results.
    fn report(&self) -> Status {
        let mut out = String::new();
        for problem in &self.problems {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{problem}");
        }
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        let _ = writeln!(
            out,
            "{} of {} files are restored byte for byte; {:.1} MB, {:.1} MB as text, \
             dis {:.2} s, asm {:.2} s",
            self.same,
            self.files,
            megabytes(self.bytes),
            megabytes(self.text),
            self.dis.as_secs_f64(),
            self.asm.as_secs_f64()
        );
        let printed = console::print(out.as_bytes());
        match (self.unread, self.same == self.files) {
            (0, true) => printed,
            (0, false) => Status::Found,
            _ => Status::Unusable,
        }
    }
}

/// Returns the first message of an error.
fn first(error: &LoadError) -> &str {
    let diagnostics = error.diagnostics();
    diagnostics.first().map_or("", |first| &*first.message)
}
