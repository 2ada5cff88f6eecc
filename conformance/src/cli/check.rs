//! `mmm check`.

use super::args::Check;
use super::console::{self, Output, Status, look, show};
use super::entry;
use conformance::engines::machines;
use conformance::report::paint::{Paint, counted};
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;
use vm::base::{Diagnostic, DirHost, Level, Limits, Position};

pub(crate) fn check(args: &Check) -> Status {
    let mut out = Output::to_stdout();
    let paint = Paint(look(&io::stdout()));
    let mut worst = Status::Fine;
    for file in &args.files {
        let (status, diagnostics) = check_file(file, args);
        worst = worst.max(status);
        let written = match args.json {
            true => write_json(&mut out, file, status, &diagnostics),
            false => {
                diagnostics.iter().for_each(show);
                let verdict = match status {
                    Status::Fine => paint.good("ok"),
                    Status::Found => paint.bad(&found(&diagnostics)),
                    Status::Unusable => paint.bad("does not load"),
                };
                writeln!(out, "{}: {verdict}", file.display()).and_then(|()| out.flush())
            }
        };
        if written.is_err() {
            break;
        }
    }
    out.finish(worst)
}

/// Returns the number of findings in words. A diagnostic without a place says that there are more.
fn found(diagnostics: &[Diagnostic]) -> String {
    let placed = diagnostics
        .iter()
        .filter(|each| each.place.is_some())
        .count();
    let count = counted(placed, "finding");
    match placed == diagnostics.len() {
        true => count,
        false => format!("more than {count}"),
    }
}

/// Checks one program; returns the status and what is wrong.
fn check_file(file: &Path, args: &Check) -> (Status, Vec<Diagnostic>) {
    let entry = match entry::find(file, args.root.as_deref(), &args.kind, Limits::default()) {
        Ok(entry) => entry,
        Err(why) => return (Status::Unusable, vec![why]),
    };
    let mut host = match DirHost::new(&entry.root, io::sink()) {
        Ok(host) => host,
        Err(error) => return (Status::Unusable, vec![console::unreadable(file, &error)]),
    };
    match machines::load(&mut host, &entry.name, &entry.loading) {
        Err(error) => (Status::Unusable, error.into_diagnostics()),
        Ok(program) => {
            let findings = program.findings();
            let status = match findings.is_empty() {
                true => Status::Fine,
                false => Status::Found,
            };
            (status, findings)
        }
    }
}

/// A diagnostic as JSON.
#[derive(Serialize)]
struct Finding<'a> {
    level: &'static str,
    message: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    byte: Option<u64>,
    notes: &'a [String],
    help: Option<&'a str>,
}

impl<'a> From<&'a Diagnostic> for Finding<'a> {
    fn from(diagnostic: &'a Diagnostic) -> Finding<'a> {
        let place = diagnostic.place.as_ref();
        let (line, column, byte) = match place.map(|place| place.position) {
            Some(Position::Line { line, column }) => (Some(line), Some(column), None),
            Some(Position::Offset(byte)) => (None, None, Some(byte)),
            None => (None, None, None),
        };
        Finding {
            level: match diagnostic.level {
                Level::Error => "error",
                Level::Warning => "warning",
            },
            message: &diagnostic.message,
            file: place.map(|place| place.file.as_str()),
            line,
            column,
            byte,
            notes: &diagnostic.notes,
            help: diagnostic.help.as_deref(),
        }
    }
}

fn write_json(
    out: &mut Output,
    file: &Path,
    status: Status,
    diagnostics: &[Diagnostic],
) -> io::Result<()> {
    #[derive(Serialize)]
    struct Line<'a> {
        file: &'a str,
        verdict: &'a str,
        diagnostics: Vec<Finding<'a>>,
    }
    let line = Line {
        file: &file.to_string_lossy(),
        verdict: match status {
            Status::Fine => "ok",
            Status::Found => "findings",
            Status::Unusable => "refused",
        },
        diagnostics: diagnostics.iter().map(Finding::from).collect(),
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}
