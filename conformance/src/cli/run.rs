//! `mmm run`.

use super::args::Run;
use super::console::{self, Output, Status, fail, show};
use super::debugger::Console;
use super::entry::{self, Entry};
use super::json::JsonString;
use super::output;
use conformance::engine::Ending;
use conformance::engines::machines::{self, Program, Summary};
use conformance::generate::case_from_text;
use conformance::machine::Machine;
use std::fs;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use tempfile::TempDir;
use vm::base::{Diagnostic, DirHost, Host, ReadError};

pub(crate) fn run(args: &Run) -> ExitCode {
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
        (Err(why), json) => refuse(&[why], json).into(),
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

fn run_with_output(args: &Run, entry: &Entry) -> ExitCode {
    let out = Output::to_stdout();
    let host = match DirHost::new(&entry.root, out.clone()) {
        Ok(host) => host,
        Err(error) => return fail(&console::unreadable(&entry.root, &error)).into(),
    };
    let mut host = host.with_debugger(Console::new());
    let program = match machines::load(&mut host, &entry.name, &entry.loading) {
        Ok(program) => program,
        Err(error) => return refuse(error.diagnostics(), false).into(),
    };
    if let Program::Py(program) = &program {
        let outcome = run_python(args, entry, program, host);
        return python_status(out.finish(Status::Fine), &outcome);
    }
    if let Some(why) = no_arguments(args) {
        return fail(&why).into();
    }
    let Some(run) = program.run(&mut host, &entry.loading.limits) else {
        return refuse(&[machines::absent(entry.loading.machine)], false).into();
    };
    drop(host);
    let status = out.finish(status(run.summary().ending));
    report(args, &run);
    status.into()
}

fn run_with_json(args: &Run, entry: &Entry) -> ExitCode {
    let mut out = Output::to_stdout();
    let mut printed = JsonString::new(out.clone());
    let mut host = match DirHost::new(&entry.root, &mut printed) {
        Ok(host) => host,
        Err(error) => return refuse(&[console::unreadable(&entry.root, &error)], true).into(),
    };
    let program = match machines::load(&mut host, &entry.name, &entry.loading) {
        Ok(program) => program,
        Err(error) => return refuse(error.diagnostics(), true).into(),
    };
    if !matches!(program, Program::Py(_))
        && let Some(why) = no_arguments(args)
    {
        return fail(&why).into();
    }
    let begun = begin(&mut out);
    if let Program::Py(program) = &program {
        let outcome = run_python(args, entry, program, host);
        let summary = machines::summary_of_python(&outcome);
        let written = begun
            .and_then(|()| printed.finish())
            .and_then(|_| end(&mut out, summary.ending, Some(&summary)));
        return python_status(finish(out, written, Status::Fine), &outcome);
    }
    let run = program.run(&mut host, &entry.loading.limits);
    let run = run.expect("this build runs the machine's programs");
    drop(host);
    let summary = run.summary();
    let written = begun
        .and_then(|()| printed.finish())
        .and_then(|_| end(&mut out, summary.ending, Some(&summary)));
    let status = finish(out, written, status(summary.ending));
    report(args, &run);
    status.into()
}

/// Runs a Python program with this process's standard error and standard input.
fn run_python(
    args: &Run,
    entry: &Entry,
    program: &vm::py::Program,
    host: DirHost<'_>,
) -> vm_py_run::Outcome {
    let mut host = PythonHost(host);
    let limits = &entry.loading.limits;
    let outcome = machines::run_python(program, &entry.name, &args.arguments, &mut host, limits);
    if let Some(limit) = outcome.limit {
        let code = limit.code();
        show(&Diagnostic::error(format!(
            "limit {code}: the program was stopped"
        )));
    }
    if args.steps {
        report_steps(outcome.steps);
    }
    outcome
}

/// Returns the exit status of a Python program, unless its output could not be written.
fn python_status(written: Status, outcome: &vm_py_run::Outcome) -> ExitCode {
    match written {
        Status::Fine => ExitCode::from((outcome.status & 0xff) as u8),
        Status::Found | Status::Unusable => written.into(),
    }
}

/// Returns an error if there are arguments for a program that takes none.
fn no_arguments(args: &Run) -> Option<Diagnostic> {
    let first = args.arguments.first()?;
    let error = Diagnostic::error(format!("unexpected argument '{first}'"));
    Some(error.help("only Python programs take arguments"))
}

/// A host that gives a Python program the standard error and input of this process.
struct PythonHost<'a>(DirHost<'a>);

impl Host for PythonHost<'_> {
    fn read(&mut self, path: &str, max_bytes: u64) -> Result<Vec<u8>, ReadError> {
        self.0.read(path, max_bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write(bytes)
    }

    fn write_error(&mut self, bytes: &[u8]) -> io::Result<()> {
        io::stderr().write_all(bytes)
    }

    fn read_line(&mut self) -> Option<Vec<u8>> {
        // The prompt should be visible before the answer is typed.
        let _ = self.0.flush();
        let mut line = Vec::new();
        let read = io::stdin().lock().read_until(b'\n', &mut line);
        read.is_ok_and(|length| length > 0).then_some(line)
    }
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
        report_steps(run.steps());
    }
}

fn report_steps(steps: u64) {
    let steps = conformance::report::paint::counted(steps as usize, "instruction");
    let _ = writeln!(io::stderr(), "{steps} ran");
}
