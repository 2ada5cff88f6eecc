//! Whom the flags `--vm`, `--vm-serve` and `--engine` mean.

use super::args;
use super::interrupt::leave_nothing_behind;
use conformance::conform::{Expectations, Subject, Unfit};
use conformance::engines::config::{self, Config};
use conformance::engines::external::ExternalVm;
use conformance::engines::process::{CommandLine, StartError};
use conformance::machine::Machine;
use std::path::{Path, PathBuf};
use std::time::Duration;
use vm::base::Diagnostic;

/// An engine, and what is known of it.
pub(crate) struct Chosen {
    pub(crate) subject: Subject,
    /// The machine that it is; any, if nobody says.
    pub(crate) machine: Option<Machine>,
    pub(crate) expectations: Expectations,
}

/// What is to be judged: somebody else's VM, or our own machines.
pub(crate) fn chosen(args: &args::Vm) -> Result<Chosen, Diagnostic> {
    leave_nothing_behind();
    if let Some(name) = &args.engine {
        return named(name, args);
    }
    let subject = match (&args.vm, &args.vm_serve) {
        (Some(command), _) => Subject::OneShot(one_shot("--vm", command, args)?),
        (None, Some(command)) => Subject::Serving(foreign(command, args)?),
        (None, None) => Subject::Ours,
    };
    Ok(Chosen {
        subject,
        machine: None,
        expectations: Expectations::default(),
    })
}

/// Who is to be judged, where nothing else matters.
pub(crate) fn subject(args: &args::Vm) -> Result<Subject, Diagnostic> {
    chosen(args).map(|chosen| chosen.subject)
}

/// An engine that a file names.
fn named(name: &str, args: &args::Vm) -> Result<Chosen, Diagnostic> {
    let file = args.engines.clone();
    let config = Config::read(&file.unwrap_or_else(|| PathBuf::from(config::FILE)))?;
    let mut named = config.engine(name)?.clone();
    named.foreign = capped(named.foreign, args);
    Ok(Chosen {
        subject: Subject::named(&named).map_err(not_started)?,
        machine: named.machine,
        expectations: Expectations {
            skip: named.skip,
            failures: named.expected_failures,
        },
    })
}

/// A command that is started for each program, and so must say where the program goes.
pub(crate) fn one_shot(
    flag: &str,
    command: &str,
    args: &args::Vm,
) -> Result<ExternalVm, Diagnostic> {
    leave_nothing_behind();
    let foreign = foreign(command, args)?;
    match foreign.command.takes_file() {
        true => Ok(foreign),
        false => Err(Diagnostic::error(format!(
            "the command does not say where the program's file goes: {command}"
        ))
        .help(format!(
            "write {{file}} in its place: {flag} '{command} {{file}}'"
        ))),
    }
}

fn foreign(command: &str, args: &args::Vm) -> Result<ExternalVm, Diagnostic> {
    let command = CommandLine::parse(command).map_err(not_started)?;
    Ok(capped(ExternalVm::new(command), args))
}

/// Flags go before settings.
fn capped(mut foreign: ExternalVm, args: &args::Vm) -> ExternalVm {
    foreign.timeout = args.timeout.unwrap_or(foreign.timeout);
    foreign.memory = args.memory.map(|mib| mib << 20).or(foreign.memory);
    foreign
}

/// Says why a command did not start.
pub(crate) fn not_started(error: StartError) -> Diagnostic {
    Diagnostic::error(error.message).help(error.help)
}

/// Says why nothing is judged.
pub(crate) fn unfit(why: Unfit) -> Diagnostic {
    let error = Diagnostic::error(why.message);
    let error = match why.said.is_empty() {
        true => error,
        false => error.note(why.said),
    };
    error.help(why.help)
}

/// The flags again, as they are typed.
pub(crate) fn flags(args: &args::Vm) -> String {
    let flag = |name: &str, value: Option<&str>| match value {
        Some(value) => format!(" {name} {}", shell_words::quote(value)),
        None => String::new(),
    };
    let path = |path: &Path| path.display().to_string();
    let seconds = |time: Duration| time.as_secs_f64().to_string();
    [
        flag("--vm", args.vm.as_deref()),
        flag("--vm-serve", args.vm_serve.as_deref()),
        flag("--engine", args.engine.as_deref()),
        flag("--engines", args.engines.as_deref().map(path).as_deref()),
        flag("--timeout", args.timeout.map(seconds).as_deref()),
        flag(
            "--memory",
            args.memory.map(|mib| mib.to_string()).as_deref(),
        ),
    ]
    .concat()
}
