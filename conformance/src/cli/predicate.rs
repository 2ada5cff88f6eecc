//! What makes a program interesting to a person: a VM disagrees over it, a command dies of it, or
//! a script says so.

use super::args;
use super::args::Reduce;
use super::reduce::{Input, is_ours};
use super::subject::{not_started, one_shot, subject, unfit};
use conformance::campaign::{self, Contender, Identity};
use conformance::case::Case;
use conformance::compare::Verdict;
use conformance::conform::{Subject, comparison, engine, start};
use conformance::engine::Observation;
use conformance::engines::machines::MACHINES;
use conformance::engines::process::CommandLine;
use conformance::reduce::Judge;
use conformance::reduce::predicate::{Fate, Watched};
use vm::base::Diagnostic;

/// What tells whether a program is interesting.
pub(crate) struct Interest {
    /// Makes somebody who can tell.
    pub(crate) hire: Box<dyn Fn() -> Judge + Sync>,
    /// What they look for, in words.
    pub(crate) about: String,
}

/// What the flags say.
pub(crate) fn interest(args: &Reduce, input: &Input) -> Result<Interest, Diagnostic> {
    if let Some(command) = &args.crash_of {
        return death(command, args, input);
    }
    if let Some(command) = &args.interesting {
        return approval(command, args, input);
    }
    let mut subject = subject(&args.vm)?;
    start(&mut subject, &[input.case.machine]).map_err(unfit)?;
    match &args.against {
        Some(norm) => parting(subject, norm, args, input),
        None => disagreement(subject, args, input),
    }
}

/// A command dies, always in the same way.
fn death(command: &str, args: &Reduce, input: &Input) -> Result<Interest, Diagnostic> {
    let watched = Watched {
        foreign: one_shot("--crash-of", command, &args.vm)?,
        packed: input.packed.clone(),
    };
    let Fate::Died(death) = watched.run(&input.case).map_err(not_started)? else {
        let shown = args.file.display();
        return Err(Diagnostic::error(format!(
            "the command ends well over '{shown}': exit status 0"
        ))
        .help("run it by hand; a command that takes long to hang may need --timeout"));
    };
    Ok(Interest {
        about: death.to_string(),
        hire: Box::new(move || {
            let (watched, death) = (watched.clone(), death.clone());
            Box::new(move |case| {
                let fate = watched.run(case);
                fate.is_ok_and(|fate| fate == Fate::Died(death.clone()))
            })
        }),
    })
}

/// A command ends well.
fn approval(command: &str, args: &Reduce, input: &Input) -> Result<Interest, Diagnostic> {
    let whole = CommandLine::parse(command).map_err(not_started)?;
    let command = match whole.takes_file() {
        true => command.to_owned(),
        false => format!("{command} {}", CommandLine::FILE),
    };
    let watched = Watched {
        foreign: one_shot("--interesting", &command, &args.vm)?,
        packed: input.packed.clone(),
    };
    // So that it is said if it cannot be started at all.
    watched.run(&input.case).map_err(not_started)?;
    Ok(Interest {
        about: format!("exit status 0 of: {command}"),
        hire: Box::new(move || {
            let watched = watched.clone();
            Box::new(move |case| watched.run(case).is_ok_and(|fate| fate == Fate::Well))
        }),
    })
}

/// A VM and the reference disagree, always in the same way.
fn disagreement(subject: Subject, args: &Reduce, input: &Input) -> Result<Interest, Diagnostic> {
    let machine = input.case.machine;
    if !MACHINES.contains(&machine) {
        return Err(Diagnostic::error(format!(
            "'{machine}' has no reference evaluator to disagree with"
        ))
        .help(
            "name a VM that is right: --against 'python3.9 {file}'; or say what is interesting: \
             --crash-of 'COMMAND {file}', --interesting 'COMMAND {file}'",
        ));
    }
    let name = if is_ours(args) { "mmm" } else { "vm" };
    let contender = move || {
        [Contender::named(
            name,
            engine(&subject),
            comparison(&subject),
        )]
    };
    let whole = campaign::judge(&input.case, &mut contender());
    let identity = whole.ok_or_else(|| no_disagreement(args))?.identity;
    Ok(Interest {
        about: in_words(&identity),
        hire: Box::new(move || {
            let (mut contenders, identity) = (contender(), identity.clone());
            Box::new(move |case| {
                let found = campaign::judge(case, &mut contenders);
                found.is_some_and(|found| found.identity == identity)
            })
        }),
    })
}

fn no_disagreement(args: &Reduce) -> Diagnostic {
    Diagnostic::error(format!(
        "there is no disagreement on '{}', so nothing to keep while it gets smaller",
        args.file.display()
    ))
    .help(
        "say what is interesting about it: --interesting 'COMMAND {file}', or name a VM: \
         --vm 'COMMAND {file}'",
    )
}

/// What a disagreement is known by, in words.
fn in_words(identity: &Identity) -> String {
    let mut words = format!("another {}", identity.kind);
    if !identity.instruction.is_empty() {
        words += &format!(", at {}", identity.instruction);
    }
    if !identity.clause.is_empty() {
        words += &format!(" [{}]", identity.clause);
    }
    words
}

/// A VM and another one disagree, always in the same way: in the same kind of thing, both having
/// ended as they did.
fn parting(
    subject: Subject,
    norm: &str,
    args: &Reduce,
    input: &Input,
) -> Result<Interest, Diagnostic> {
    let named = CommandLine::parse(norm).map_err(not_started)?;
    let mut norm = super::subject::subject(&args::Vm {
        vm: named.takes_file().then(|| norm.to_owned()),
        vm_serve: None,
        engine: (!named.takes_file()).then(|| norm.to_owned()),
        ..args.vm.clone()
    })?;
    start(&mut norm, &[input.case.machine]).map_err(unfit)?;
    let pair = move || {
        let (mut norm, mut theirs, compare) =
            (engine(&norm), engine(&subject), comparison(&subject));
        move |case: &Case| {
            let expected = norm.observe(case);
            let found = theirs.observe(case);
            match compare(&expected, &found) {
                // What is another each time is nobody's fault: an address, a time.
                Verdict::Diverge(_) if norm.observe(case) != expected => None,
                Verdict::Diverge(difference) => {
                    let ends = match [&found, &expected].map(Observation::ended) {
                        [found, expected] if found == expected => format!("both {found}"),
                        different => different.join(", not "),
                    };
                    Some(format!("another {}: {ends}", difference.kind.name()))
                }
                Verdict::Agree | Verdict::Inconclusive => None,
            }
        }
    };
    let about = pair()(&input.case).ok_or_else(|| no_disagreement(args))?;
    Ok(Interest {
        about: about.clone(),
        hire: Box::new(move || {
            let (mut pair, about) = (pair(), about.clone());
            Box::new(move |case| pair(case).as_ref() == Some(&about))
        }),
    })
}
