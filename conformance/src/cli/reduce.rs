//! `mmm reduce`.

use super::args::Reduce;
use super::console::{self, Status, fail};
use super::entry;
use super::fuzz::processors;
use super::interrupt::stop_gently;
use super::output::{cannot_write, deliver, write};
use super::predicate::{Interest, interest};
use super::progress::Progress;
use conformance::case::Case;
use conformance::engines::gather::gather;
use conformance::generate::mutate::{case_from_text, text_from_case};
use conformance::machine::Machine;
use conformance::reduce::{self, Options, Reduced, Refused, Size, reduce_together};
use conformance::report::paint::grouped;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::Ordering;
use vm::base::{Diagnostic, Limits};

/// What is to become smaller.
pub(crate) struct Input {
    pub(crate) case: Case,
    /// Nothing is known about it but its bytes.
    plain: bool,
    /// The name of the one file that several are packed in.
    pub(crate) packed: Option<String>,
}

pub(crate) fn reduce_program(args: &Reduce) -> Result<Status, Diagnostic> {
    let input = read(args)?;
    // Told before the work, not after it.
    if let Some(folder) = &args.output {
        fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    }
    let Interest { hire, about } = interest(args, &input)?;
    say(&format!("keeping: {about}"));
    let options = Options {
        tries: args.tries,
        time: args.seconds,
        stop: stop_gently(),
        plain: input.plain,
        checks: if is_ours(args) { 1 } else { 2 },
    };
    // A script may not expect company.
    let jobs = match (args.jobs, &args.interesting) {
        (Some(jobs), _) => usize::from(jobs),
        (None, Some(_)) => 1,
        (None, None) => processors(),
    };
    let before = Size::of(&input.case, input.plain);
    let progress = Progress::new();
    let mut show = |so_far: reduce::Progress| {
        progress.show(|| {
            let now = Size::of(so_far.best, input.plain);
            format!(
                "{} of {}, {} tried, {:.1} s",
                in_words(now),
                in_words(before),
                grouped(so_far.tried),
                so_far.elapsed.as_secs_f64()
            )
        });
    };
    let reduced = reduce_together(&input.case, &options, jobs, &*hire, &mut show);
    drop(progress);
    let reduced = reduced.map_err(|refused| not_reduced(args, refused, &about))?;
    sum_up(
        &options,
        before,
        Size::of(&reduced.case, input.plain),
        &reduced,
    );
    Ok(hand_over(args, &input, &reduced.case))
}

/// True if nobody else's program is run.
pub(crate) fn is_ours(args: &Reduce) -> bool {
    let vm = &args.vm;
    let commands = [
        &args.crash_of,
        &args.interesting,
        &vm.vm,
        &vm.vm_serve,
        &vm.engine,
        &args.against,
    ];
    commands.iter().all(|command| command.is_none())
}

// ----------------------------------------------------------------------------------- the input

fn read(args: &Reduce) -> Result<Input, Diagnostic> {
    let bytes = || fs::read(&args.file).map_err(|error| entry::unreadable(&args.file, &error));
    let name = args.file.file_name().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    if args.packed {
        let bytes = bytes()?;
        let machine = args.kind.machine.or(Machine::of_file(&name, &bytes));
        let mut case = case_from_text(machine.unwrap_or(Machine::Mmm), &bytes);
        case.limits = Default::default();
        return Ok(Input {
            case,
            plain: false,
            packed: Some(name),
        });
    }
    // A command takes anything; whatever else judges a program has to know what it is for.
    let anything = args.crash_of.is_some() || args.interesting.is_some();
    if anything && args.kind.machine.is_none() && !args.file.is_dir() {
        let bytes = bytes()?;
        let machine = Machine::of_file(&name, &bytes);
        if machine.is_none() {
            return Ok(Input {
                case: Case::single(Machine::Mmm, &name, bytes),
                plain: true,
                packed: None,
            });
        }
    }
    let root = args.root.as_deref();
    let entry = entry::find(&args.file, root, &args.kind, Limits::untrusted())?;
    let case = gather(&entry.root, &entry.name, &entry.loading)
        .map_err(|error| entry::unreadable(&args.file, &error))?;
    Ok(Input {
        case,
        plain: false,
        packed: None,
    })
}

fn not_reduced(args: &Reduce, refused: Refused, about: &str) -> Diagnostic {
    let shown = args.file.display();
    match refused {
        Refused::NotInteresting if args.interesting.is_some() => Diagnostic::error(format!(
            "'{shown}' is not interesting: the command does not end with exit status 0"
        ))
        .help("run the command by hand and see what it says"),
        Refused::NotInteresting => flickers(&shown.to_string(), 1, 2, about),
        Refused::Flickers { held, of } => flickers(&shown.to_string(), held, of, about),
    }
}

fn flickers(shown: &str, held: u32, of: u32, about: &str) -> Diagnostic {
    Diagnostic::error(format!(
        "'{shown}' is interesting only now and then: {held} of {of} times"
    ))
    .note(format!("looked for: {about}"))
    .help("let a script of --interesting try a few times, or give it a longer --timeout")
}

// ---------------------------------------------------------------------------------- the result

fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn in_words(size: Size) -> String {
    let many = |count: u64, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{} {what}s", grouped(count)),
    };
    let mut words = many(size.bytes, "byte");
    if size.files > 1 {
        words += &format!(" in {}", many(size.files, "file"));
    }
    match size.instructions {
        Some(count) => format!("{words} ({})", many(count, "instruction")),
        None => words,
    }
}

fn sum_up(options: &Options, before: Size, after: Size, reduced: &Reduced) {
    let end = match reduced.minimal {
        true => "nothing more can be taken away",
        false if options.stop.load(Ordering::Relaxed) => "interrupted: more might be taken away",
        false => "the bound is reached: more might be taken away",
    };
    say(&format!(
        "{} -> {}: {} tried in {:.1} s, {end}",
        in_words(before),
        in_words(after),
        grouped(reduced.tried),
        reduced.elapsed.as_secs_f64()
    ));
    if !reduced.steady {
        say("warning: the result was interesting, and when looked at again it was not");
    }
}

fn hand_over(args: &Reduce, input: &Input, case: &Case) -> Status {
    let folder = args.output.as_deref();
    let single = match &input.packed {
        Some(name) => Some((name, text_from_case(case))),
        None if input.plain => Some((&case.entry, case.files[&case.entry].clone())),
        None => None,
    };
    match (single, folder) {
        (Some((_, bytes)), None) => console::print(&bytes),
        (Some((name, bytes)), Some(folder)) => {
            keep(&Case::single(case.machine, name, bytes), folder)
        }
        (None, None) if case.files.len() == 1 => print(case),
        (None, _) => match (listing(case), folder) {
            (Some(text), Some(folder)) => {
                let status = keep(case, folder);
                console::print(text.as_bytes()).max(status)
            }
            _ => deliver(case, folder),
        },
    }
}

/// Bytes are shown as text to a person, and beside what goes into a file.
fn print(case: &Case) -> Status {
    let bytes = &case.files[&case.entry];
    match listing(case) {
        Some(text) if std::io::stdout().is_terminal() => {
            say("this is the text of a binary file; -o DIR writes the file");
            console::print(text.as_bytes())
        }
        Some(text) => {
            say(text.trim_end());
            console::print(bytes)
        }
        None => console::print(bytes),
    }
}

/// The text of a binary file, if that can be read.
fn listing(case: &Case) -> Option<String> {
    let bytes = case.files.get(&case.entry)?;
    if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) {
        return None;
    }
    match case.machine {
        Machine::Mmm => None,
        Machine::Sc => vm::sc::disassemble(&case.entry, bytes).ok(),
        Machine::Py => {
            let pyc = vm::py::pyc::Pyc::read(&case.entry, bytes).ok()?;
            Some(vm::py::text::disassemble(&pyc))
        }
    }
}

/// Writes what is no program as it stands.
fn keep(case: &Case, folder: &Path) -> Status {
    match write(case, folder) {
        Ok(()) => {
            say(&format!("written: {}", folder.join(&case.entry).display()));
            Status::Fine
        }
        Err(error) => fail(&cannot_write(folder, &error)),
    }
}
