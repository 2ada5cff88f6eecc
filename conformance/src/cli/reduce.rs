//! `mmm reduce`.

use super::args::Reduce;
use super::console::{self, Status, fail};
use super::deliver::{deliver, write};
use super::entry;
use super::interrupt::stop_gently;
use super::progress::Progress;
use super::subject::{not_started, one_shot, subject, unfit};
use conformance::campaign::{self, Contender, Identity};
use conformance::case::Case;
use conformance::conform::{comparison, engine, start};
use conformance::engines::gather::gather;
use conformance::engines::load::MACHINES;
use conformance::engines::process::CommandLine;
use conformance::generate::mutate::{case_from_text, text_from_case};
use conformance::machine::Machine;
use conformance::reduce::predicate::{Fate, Watched};
use conformance::reduce::{Options, Reduced, Refused, Size, reduce_with};
use conformance::report::paint::grouped;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::Ordering;
use vm::base::{Diagnostic, Limits};

/// What is to become smaller.
struct Input {
    case: Case,
    /// Nothing is known about it but its bytes.
    plain: bool,
    /// The name of the one file that several are packed in.
    packed: Option<String>,
}

/// What tells whether a program is interesting, and what it looks for, in words.
type Predicate = (Box<dyn FnMut(&Case) -> bool>, String);

pub(crate) fn reduce_program(args: &Reduce) -> Result<Status, Diagnostic> {
    let input = read(args)?;
    let (mut interesting, about) = predicate(args, &input)?;
    say(&format!("keeping: {about}"));
    let options = Options {
        tries: args.tries,
        time: args.seconds,
        stop: stop_gently(),
        plain: input.plain,
        checks: if is_ours(args) { 1 } else { 2 },
    };
    let before = Size::of(&input.case, input.plain);
    let progress = Progress::new();
    let reduced = reduce_with(&input.case, &options, &mut interesting, &mut |so_far| {
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
    });
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
fn is_ours(args: &Reduce) -> bool {
    let vm = &args.vm;
    let commands = [
        &args.crash_of,
        &args.interesting,
        &vm.vm,
        &vm.vm_serve,
        &vm.engine,
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
        if machine.is_none_or(|machine| !MACHINES.contains(&machine)) {
            return Ok(Input {
                case: Case::single(machine.unwrap_or(Machine::Mmm), &name, bytes),
                plain: true,
                packed: None,
            });
        }
    }
    let root = args.root.as_deref();
    let entry = entry::find(&args.file, root, &args.kind, Limits::served())?;
    let case = gather(&entry.root, &entry.name, &entry.loading)
        .map_err(|error| entry::unreadable(&args.file, &error))?;
    Ok(Input {
        case,
        plain: false,
        packed: None,
    })
}

// ------------------------------------------------------------------------------- the predicate

fn predicate(args: &Reduce, input: &Input) -> Result<Predicate, Diagnostic> {
    let shown = args.file.display();
    if let Some(command) = &args.crash_of {
        let watched = Watched {
            foreign: one_shot("--crash-of", command, &args.vm)?,
            packed: input.packed.clone(),
        };
        let Fate::Died(death) = watched.run(&input.case).map_err(not_started)? else {
            return Err(Diagnostic::error(format!(
                "the command ends well over '{shown}': exit status 0"
            ))
            .help("run it by hand; a command that takes long to hang may need --timeout"));
        };
        let about = death.to_string();
        let same = move |case: &Case| {
            let fate = watched.run(case);
            fate.is_ok_and(|fate| fate == Fate::Died(death.clone()))
        };
        return Ok((Box::new(same), about));
    }
    if let Some(command) = &args.interesting {
        let whole = CommandLine::parse(command).map_err(not_started)?;
        let command = match whole.takes_file() {
            true => command.clone(),
            false => format!("{command} {}", CommandLine::FILE),
        };
        let watched = Watched {
            foreign: one_shot("--interesting", &command, &args.vm)?,
            packed: input.packed.clone(),
        };
        // So that it is said if it cannot be started at all.
        watched.run(&input.case).map_err(not_started)?;
        let about = format!("exit status 0 of: {command}");
        let holds = move |case: &Case| watched.run(case).is_ok_and(|fate| fate == Fate::Well);
        return Ok((Box::new(holds), about));
    }
    let mut subject = subject(&args.vm)?;
    start(&mut subject, &[input.case.machine]).map_err(unfit)?;
    let name = if is_ours(args) { "mmm" } else { "vm" };
    let contender = Contender::named(name, engine(&subject), comparison(&subject));
    let mut contenders = [contender];
    let whole = campaign::judge(&input.case, &mut contenders).ok_or_else(|| {
        Diagnostic::error(format!(
            "there is no disagreement on '{shown}', so nothing to keep while it gets smaller"
        ))
        .help(
            "say what is interesting about it: --interesting 'COMMAND {file}', or name a VM: \
             --vm 'COMMAND {file}'",
        )
    })?;
    let identity = whole.identity;
    let about = disagreement(&identity);
    let same = move |case: &Case| {
        let found = campaign::judge(case, &mut contenders);
        found.is_some_and(|found| found.identity == identity)
    };
    Ok((Box::new(same), about))
}

/// What a disagreement is known by, in words.
fn disagreement(identity: &Identity) -> String {
    let mut words = format!("another {}", identity.kind);
    if !identity.instruction.is_empty() {
        words += &format!(", at {}", identity.instruction);
    }
    if !identity.clause.is_empty() {
        words += &format!(" [{}]", identity.clause);
    }
    words
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
        (None, None) if case.files.len() == 1 => console::print(&case.files[&case.entry]),
        (None, _) => deliver(case, folder),
    }
}

/// Writes what is no program as it stands.
fn keep(case: &Case, folder: &Path) -> Status {
    match write(case, folder) {
        Ok(()) => {
            say(&format!("written: {}", folder.join(&case.entry).display()));
            Status::Fine
        }
        Err(error) => fail(&Diagnostic::error(format!(
            "cannot write into '{}': {error}",
            folder.display()
        ))),
    }
}
