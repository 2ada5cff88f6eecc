//! `mmm conform`, and `mmm` alone.

use super::args::Conform;
use super::console::{Output, Status, fail, look};
use conformance::case::Case;
use conformance::conform::{Subject, conform as run_corpus, expected};
use conformance::corpus;
use conformance::engine::Observation;
use conformance::engines::external::Foreign;
use conformance::engines::process::{CommandLine, StartError};
use conformance::machine::Machine;
use conformance::report::conform::{Tally, failures, reasons, topics};
use conformance::report::paint::{Paint, counted};
use std::io::{self, Write};
use std::time::Instant;
use vm::base::Diagnostic;

pub(crate) fn conform(args: &Conform) -> Status {
    match judge(args) {
        Ok(status) => status,
        Err(why) => fail(&why),
    }
}

fn judge(args: &Conform) -> Result<Status, Diagnostic> {
    let subject = subject(args)?;
    let cases = cases(args)?;
    let jobs = args.jobs.map_or_else(processors, usize::from);
    let begun = Instant::now();
    let scores = run_corpus(&cases, &subject, jobs).map_err(not_started)?;
    let mut out = Output::to_stdout();
    let paint = Paint(look(&io::stdout()));
    let tally = Tally::of(&scores);
    let again = |name: &str| again(args, name);
    let mut text = String::new();
    let on = match (&args.vm, &args.vm_serve) {
        (Some(command), _) | (_, Some(command)) => format!("'{command}'"),
        (None, None) => "our own machines".to_owned(),
    };
    text += &format!("{} on {on}\n\n", counted(cases.len(), "case"));
    text += &topics(&cases, &scores, paint);
    text += &failures(&cases, &scores, again, paint);
    text.push('\n');
    text += &reasons(&scores);
    text += &format!(
        "{}  {}\n",
        match tally.differ {
            0 => paint.good(&tally.line()),
            _ => paint.bad(&tally.line()),
        },
        paint.dim(&format!("({:.1} s)", begun.elapsed().as_secs_f64()))
    );
    let _ = out.write_all(text.as_bytes());
    Ok(out.finish(match tally.differ {
        0 => Status::Fine,
        _ => Status::Found,
    }))
}

/// What is to be judged.
fn subject(args: &Conform) -> Result<Subject, Diagnostic> {
    let foreign = |command: &str| {
        let command = CommandLine::parse(command).map_err(not_started)?;
        Ok(Foreign {
            command,
            timeout: args.timeout,
        })
    };
    match (&args.vm, &args.vm_serve) {
        (Some(command), _) => {
            let foreign = foreign(command)?;
            if !foreign.command.takes_file() {
                return Err(Diagnostic::error(format!(
                    "the command does not say where the program's file goes: {command}"
                ))
                .help(format!(
                    "write {{file}} in its place: --vm '{command} {{file}}'"
                )));
            }
            Ok(Subject::OneShot(foreign))
        }
        (None, Some(command)) => Ok(Subject::Serving(foreign(command)?)),
        (None, None) => Ok(Subject::Ours),
    }
}

fn not_started(error: StartError) -> Diagnostic {
    Diagnostic::error(error.message).help(error.help)
}

/// How to run one case again.
fn again(args: &Conform, name: &str) -> String {
    let quote = |text: &str| shell_words::quote(text).into_owned();
    let mut command = format!("mmm conform --filter {}", quote(name));
    if let Some(vm) = &args.vm {
        command += &format!(" --vm {}", quote(vm));
    }
    if let Some(vm) = &args.vm_serve {
        command += &format!(" --vm-serve {}", quote(vm));
    }
    if let Some(corpus) = &args.corpus {
        command += &format!(" --corpus {}", quote(&corpus.display().to_string()));
    }
    command
}

/// How many cases run at a time if nobody says so.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The cases to run, each with what it is held to.
fn cases(args: &Conform) -> Result<Vec<(Case, Observation)>, Diagnostic> {
    let all = match &args.corpus {
        None => corpus::embedded(),
        Some(folder) => corpus::read(folder).map_err(|problems| {
            let folder = folder.display();
            let what = Diagnostic::error(format!("'{folder}' is not a corpus"));
            problems
                .into_iter()
                .fold(what, Diagnostic::note)
                .help("a corpus is a folder of files MACHINE/TOPIC/NAME, as mmm/printn/all.mmm")
        })?,
    };
    let filter = args.filter.as_deref().unwrap_or("");
    let chosen: Vec<Case> = all
        .into_iter()
        .filter(|case| args.machine.is_none_or(|machine| case.machine == machine))
        .filter(|case| case.name.contains(filter))
        .collect();
    if chosen.is_empty() {
        let machine = args.machine.map_or("any machine", Machine::name);
        return Err(match filter {
            "" => Diagnostic::error(format!("there are no cases for {machine}")),
            _ => Diagnostic::error(format!("no case for {machine} has '{filter}' in its name"))
                .help("names are MACHINE/TOPIC/NAME, such as mmm/printn/all"),
        });
    }
    let held = |case: Case| {
        let expected = expected(&case);
        (case, expected)
    };
    Ok(chosen.into_iter().map(held).collect())
}

pub(crate) fn everything() -> Status {
    todo!()
}
