//! `mmm run`.

use super::args::Run;
use super::console::{self, Output, Status, fail, show};
use super::debugger::Console;
use super::entry::{self, Entry};
use super::json::JsonString;
use super::output;
use conformance::engine::Ending;
use conformance::engines::machines::{self, Summary};
use conformance::generate::case_from_text;
use conformance::machine::Machine;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use tempfile::TempDir;
use vm::base::{Diagnostic, DirHost};

pub(crate) fn run(args: &Run) -> Status {
    let limits = args.limits.limits();
    let (entry, _unpacked) = match args.packed {
        false => {
            let found = entry::find(&args.file, args.root.as_deref(), &args.kind, limits);
            (found, None)
        }
        true => match unpack(args) {
            Ok((file, folder)) => {
                let found = entry::find(&file, Some(folder.path()), &args.kind, limits);
                (found, Some(folder))
            }
            Err(error) => (Err(console::unreadable(&args.file, &error)), None),
        },
    };
    match (entry, args.json) {
        (Ok(entry), false) => run_with_output(args, &entry),
        (Ok(entry), true) => run_with_json(args, &entry),
        (Err(why), json) => refuse(&[why], json),
    }
}

/// Writes the files that are packed in one into a temporary folder; returns the entry's path.
fn unpack(args: &Run) -> io::Result<(PathBuf, TempDir)> {
    let machine = args.kind.machine.unwrap_or(Machine::Mmm);
    let case = case_from_text(machine, &fs::read(&args.file)?);
    let folder = tempfile::tempdir()?;
    output::write(&case, folder.path())?;
    Ok((folder.path().join(&case.entry), folder))
}

/// Reports why the program does not run.
fn refuse(diagnostics: &[Diagnostic], json: bool) -> Status {
    diagnostics.iter().for_each(show);
    if !json {
        return Status::Unusable;
    }
    let mut out = Output::to_stdout();
    let written = begin(&mut out).and_then(|()| end(&mut out, Ending::Refused, None));
    finish(out, written, Status::Unusable)
}

fn run_with_output(args: &Run, entry: &Entry) -> Status {
    let out = Output::to_stdout();
    let host = match DirHost::new(&entry.root, out.clone()) {
        Ok(host) => host,
        Err(error) => return fail(&console::unreadable(&entry.root, &error)),
    };
    let mut host = host.with_debugger(Console::new());
    let program = match machines::load(&mut host, &entry.name, &entry.loading) {
        Ok(program) => program,
        Err(error) => return refuse(error.diagnostics(), false),
    };
    let Some(run) = program.run(&mut host, &entry.loading.limits) else {
        return refuse(&[machines::absent(entry.loading.machine)], false);
    };
    drop(host);
    let status = out.finish(status(run.summary().ending));
    report(args, &run);
    status
}

fn run_with_json(args: &Run, entry: &Entry) -> Status {
    let mut out = Output::to_stdout();
    let mut printed = JsonString::new(out.clone());
    let mut host = match DirHost::new(&entry.root, &mut printed) {
        Ok(host) => host,
        Err(error) => return refuse(&[console::unreadable(&entry.root, &error)], true),
    };
    let program = match machines::load(&mut host, &entry.name, &entry.loading) {
        Ok(program) => program,
        Err(error) => return refuse(error.diagnostics(), true),
    };
    if !entry.loading.machine.is_executed() {
        return refuse(&[machines::absent(entry.loading.machine)], true);
    }
    let begun = begin(&mut out);
    let run = program.run(&mut host, &entry.loading.limits);
    let run = run.expect("this build runs the machine's programs");
    drop(host);
    let summary = run.summary();
    let written = begun
        .and_then(|()| printed.finish())
        .and_then(|_| end(&mut out, summary.ending, Some(&summary)));
    let status = finish(out, written, status(summary.ending));
    report(args, &run);
    status
}

/// Writes the beginning of the JSON object, before the program's output.
fn begin(out: &mut Output) -> io::Result<()> {
    out.write_all(b"{\"output\":\"")
}

/// Writes the end of the JSON object, after the program's output.
fn end(out: &mut Output, ending: Ending, summary: Option<&Summary>) -> io::Result<()> {
    let json = |text: Option<&str>| serde_json::to_string(&text);
    writeln!(
        out,
        "\",\"ending\":\"{}\",\"value\":{},\"fault\":{},\"at\":{}}}",
        ending.name(),
        json(summary.and_then(|summary| summary.value.as_deref()))?,
        json(summary.and_then(|summary| summary.fault.as_deref()))?,
        json(summary.and_then(|summary| summary.at.as_deref()))?,
    )
}

fn finish(out: Output, written: io::Result<()>, status: Status) -> Status {
    // The output keeps its first error.
    drop(written);
    out.finish(status)
}

fn status(ending: Ending) -> Status {
    match ending {
        Ending::Faulted | Ending::Limited => Status::Found,
        // If the output failed, finishing it reports the error, except for a closed pipe, and sets
        // the status.
        _ => Status::Fine,
    }
}

/// Reports why the program stopped and how many instructions it executed.
fn report(args: &Run, run: &machines::Run<'_>) {
    if let Some(why) = run.explain() {
        show(&why);
    }
    if args.steps {
        let steps = conformance::report::paint::counted(run.steps() as usize, "instruction");
        let _ = writeln!(io::stderr(), "{steps} ran");
    }
}
