//! `mmm reduce`.

use super::args::Reduce;
use super::console::{self, Status, fail};
use super::fuzz::processors;
use super::input::{Input, is_ours, read};
use super::interrupt::stop_gently;
use super::output::{cannot_write, print_or_write, write};
use super::predicate::{Interest, interest};
use super::progress::Progress;
use conformance::case::Case;
use conformance::engines::machines;
use conformance::generate::text_from_case;
use conformance::reduce::{self, Options, ReduceError, Reduced, Size, reduce_together};
use conformance::report::paint::grouped;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::Ordering;
use vm::base::Diagnostic;

/// Runs `mmm reduce`.
pub(crate) fn reduce_program(args: &Reduce) -> Result<Status, Diagnostic> {
    let input = read(args)?;
    // A folder that cannot be written is reported before the work, not after it.
    if let Some(folder) = &args.output {
        fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    }
    let Interest {
        make_predicate,
        about,
    } = interest(args, &input)?;
    note(&format!("keeping: {about}"));
    let options = Options {
        max_tries: args.tries,
        max_time: args.seconds,
        stop: stop_gently(),
        generic: input.plain,
        checks: if is_ours(args) { 1 } else { 2 },
    };
    // A script may not be safe to run in parallel.
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
    let reduced = reduce_together(&input.case, &options, jobs, &*make_predicate, &mut show);
    drop(progress);
    let reduced = reduced.map_err(|refused| not_reduced(args, refused, &about))?;
    report(
        &options,
        before,
        Size::of(&reduced.case, input.plain),
        &reduced,
    );
    Ok(output(args, &input, &reduced.case))
}

fn not_reduced(args: &Reduce, refused: ReduceError, about: &str) -> Diagnostic {
    let shown = args.file.display();
    match refused {
        ReduceError::NotInteresting if args.interesting.is_some() => Diagnostic::error(format!(
            "'{shown}' is not interesting: the command does not exit with status 0"
        ))
        .help("run the command by hand to see why"),
        ReduceError::NotInteresting => not_every_time(&shown.to_string(), 1, 2, about),
        ReduceError::Flaky {
            interesting,
            checks,
        } => not_every_time(&shown.to_string(), interesting, checks, about),
    }
}

fn not_every_time(shown: &str, held: u32, of: u32, about: &str) -> Diagnostic {
    Diagnostic::error(format!(
        "'{shown}' is not interesting every time: {held} of {of} times"
    ))
    .note(format!("expected: {about}"))
    .help("repeat the test in a script of --interesting, or allow a longer --timeout")
}

// ---------------------------------------------------------------------------------- the result

fn note(text: &str) {
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

fn report(options: &Options, before: Size, after: Size, reduced: &Reduced) {
    let end = match reduced.minimal {
        true => "nothing more can be removed",
        false if options.stop.load(Ordering::Relaxed) => "interrupted: more might be removable",
        false => "stopped at the limit: more might be removable",
    };
    note(&format!(
        "{} -> {}: {} tried in {:.1} s, {end}",
        in_words(before),
        in_words(after),
        grouped(reduced.tried),
        reduced.elapsed.as_secs_f64()
    ));
    if !reduced.confirmed {
        note("warning: the result was interesting, but not when it was tested again");
    }
}

fn output(args: &Reduce, input: &Input, case: &Case) -> Status {
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
            _ => print_or_write(case, folder),
        },
    }
}

/// Prints a program of one file. Of a binary file, prints the text to a terminal; prints the bytes
/// elsewhere, and the text to stderr.
fn print(case: &Case) -> Status {
    let bytes = &case.files[&case.entry];
    match listing(case) {
        Some(text) if std::io::stdout().is_terminal() => {
            note("the text of a binary file; -o DIR writes the file itself");
            console::print(text.as_bytes())
        }
        Some(text) => {
            note(text.trim_end());
            console::print(bytes)
        }
        None => console::print(bytes),
    }
}

/// Returns the text of a binary file, if it can be disassembled.
fn listing(case: &Case) -> Option<String> {
    let bytes = case.files.get(&case.entry)?;
    if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) {
        return None;
    }
    machines::text_form(&case.entry, bytes)
}

/// Writes the files as they are.
fn keep(case: &Case, folder: &Path) -> Status {
    match write(case, folder) {
        Ok(()) => {
            note(&format!("written: {}", folder.join(&case.entry).display()));
            Status::Fine
        }
        Err(error) => fail(&cannot_write(folder, &error)),
    }
}
