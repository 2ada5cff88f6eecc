//! The predicate of `mmm reduce`: engines disagree on the program, a command crashes on it, or a
//! script accepts it.

use super::args::{self, Reduce};
use super::input::{Input, is_ours};
use super::subject::{not_started, one_shot, subject, unfit};
use conformance::campaign::{self, Contender, Identity};
use conformance::case::Case;
use conformance::compare::Verdict;
use conformance::conform::start;
use conformance::engine::{Engine, Expectation, Observation, judge};
use conformance::engines::EngineSpec;
use conformance::engines::process::CommandLine;
use conformance::reduce::Predicate;
use conformance::reduce::predicate::{Command, CommandEnd};
use vm::base::Diagnostic;

/// What keeps a program interesting.
pub(crate) struct Interest {
    /// Makes a predicate; each thread of the reduction has its own.
    pub(crate) make_predicate: Box<dyn Fn() -> Predicate + Sync>,
    /// What the predicate looks for, in words.
    pub(crate) about: String,
}

/// Returns the predicate that the flags describe.
pub(crate) fn interest(args: &Reduce, input: &Input) -> Result<Interest, Diagnostic> {
    if let Some(command) = &args.crash_of {
        return crash(command, args, input);
    }
    if let Some(command) = &args.interesting {
        return acceptance(command, args, input);
    }
    let mut subject = subject(&args.vm)?;
    start(&mut subject, &[input.case.machine]).map_err(unfit)?;
    match &args.against {
        Some(oracle) => divergence(subject, oracle, args, input),
        None => disagreement(subject, args, input),
    }
}

/// A command crashes, hangs or fails, always in the same way.
fn crash(command: &str, args: &Reduce, input: &Input) -> Result<Interest, Diagnostic> {
    let watched = Command {
        vm: one_shot("--crash-of", command, &args.vm)?,
        packed: input.packed.clone(),
    };
    let CommandEnd::Crash(death) = watched.run(&input.case).map_err(not_started)? else {
        let shown = args.file.display();
        return Err(Diagnostic::error(format!(
            "the command does not fail on '{shown}': its exit status is 0"
        ))
        .help("run it by hand; to find a hang, set --timeout"));
    };
    Ok(Interest {
        about: death.to_string(),
        make_predicate: Box::new(move || {
            let (watched, death) = (watched.clone(), death.clone());
            Box::new(move |case| {
                let fate = watched.run(case);
                fate.is_ok_and(|fate| fate == CommandEnd::Crash(death.clone()))
            })
        }),
    })
}

/// A command exits with status 0.
fn acceptance(command: &str, args: &Reduce, input: &Input) -> Result<Interest, Diagnostic> {
    let whole = CommandLine::parse(command).map_err(not_started)?;
    let command = match whole.takes_file() {
        true => command.to_owned(),
        false => format!("{command} {}", CommandLine::FILE),
    };
    let watched = Command {
        vm: one_shot("--interesting", &command, &args.vm)?,
        packed: input.packed.clone(),
    };
    // Reports a command that cannot be started.
    watched.run(&input.case).map_err(not_started)?;
    Ok(Interest {
        about: format!("exit status 0 of: {command}"),
        make_predicate: Box::new(move || {
            let watched = watched.clone();
            Box::new(move |case| {
                watched
                    .run(case)
                    .is_ok_and(|fate| fate == CommandEnd::Success)
            })
        }),
    })
}

/// A VM and the reference evaluator disagree, always in the same way.
fn disagreement(subject: EngineSpec, args: &Reduce, input: &Input) -> Result<Interest, Diagnostic> {
    let machine = input.case.machine;
    if !machine.has_reference() {
        return Err(
            Diagnostic::error(format!("{machine} has no reference evaluator")).help(
                "name a VM to compare with: --against 'python3.9 {file}'; or use \
             --crash-of 'COMMAND {file}' or --interesting 'COMMAND {file}'",
            ),
        );
    }
    let name = if is_ours(args) { "mmm" } else { "vm" };
    let contender = move || [Contender::named(name, subject.engine())];
    let whole = campaign::judge(&input.case, &mut contender());
    let identity = whole.ok_or_else(|| no_disagreement(args))?.identity;
    Ok(Interest {
        about: in_words(&identity),
        make_predicate: Box::new(move || {
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
        "the engines agree on '{}', so there is nothing to reduce",
        args.file.display()
    ))
    .help("name a VM: --vm 'COMMAND {file}'; or use --interesting 'COMMAND {file}'")
}

/// Describes the identity of a disagreement in words.
fn in_words(identity: &Identity) -> String {
    let mut words = format!("different {}", identity.kind);
    if !identity.instruction.is_empty() {
        words += &format!(", at {}", identity.instruction);
    }
    if !identity.clause.is_empty() {
        words += &format!(" [{}]", identity.clause);
    }
    words
}

/// A VM and another one disagree, always in the same way: in the same kind of difference, and with
/// the same two endings.
fn divergence(
    subject: EngineSpec,
    oracle: &str,
    args: &Reduce,
    input: &Input,
) -> Result<Interest, Diagnostic> {
    let named = CommandLine::parse(oracle).map_err(not_started)?;
    let mut oracle = super::subject::subject(&args::Vm {
        vm: named.takes_file().then(|| oracle.to_owned()),
        vm_serve: None,
        engine: (!named.takes_file()).then(|| oracle.to_owned()),
        ..args.vm.clone()
    })?;
    start(&mut oracle, &[input.case.machine]).map_err(unfit)?;
    let pair = move || {
        let (mut oracle, mut theirs) = (oracle.engine(), subject.engine());
        move |case: &Case| {
            let expected = observe(&mut *oracle, case)?;
            let expectation = Expectation::Computed(&expected);
            let judgement = judge(&mut *theirs, case, expectation).ok()?;
            let found = judgement.observation?;
            match judgement.verdict {
                // An output that changes with each run, as addresses and times do, is not a difference.
                Verdict::Diverge(_) if observe(&mut *oracle, case)? != expected => None,
                Verdict::Diverge(difference) => {
                    let ends = match [&found, &expected].map(Observation::ended) {
                        [found, expected] if found == expected => format!("both {found}"),
                        different => different.join(", not "),
                    };
                    Some(format!("different {}: {ends}", difference.kind.name()))
                }
                Verdict::Agree | Verdict::Inconclusive(_) => None,
            }
        }
    };
    let about = pair()(&input.case).ok_or_else(|| no_disagreement(args))?;
    Ok(Interest {
        about: about.clone(),
        make_predicate: Box::new(move || {
            let (mut pair, about) = (pair(), about.clone());
            Box::new(move |case| pair(case).as_ref() == Some(&about))
        }),
    })
}

/// Returns the oracle's result; `None` if the case does not apply to it or it does not start.
fn observe(oracle: &mut dyn Engine, case: &Case) -> Option<Observation> {
    judge(oracle, case, Expectation::Unknown).ok()?.observation
}
