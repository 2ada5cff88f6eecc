//! The engine that the flags `--vm`, `--vm-serve` and `--engine` name.

use super::args;
use super::interrupt::clean_up_on_interrupt;
use conformance::conform::{Expectations, Unfit};
use conformance::engine::StartError;
use conformance::engines::EngineSpec;
use conformance::engines::config::{self, Config};
use conformance::engines::external::ExternalVm;
use conformance::engines::process::CommandLine;
use conformance::machine::Machine;
use std::path::{Path, PathBuf};
use std::time::Duration;
use vm::base::Diagnostic;

/// An engine, and what its configuration declares.
pub(crate) struct Chosen {
    pub(crate) subject: EngineSpec,
    /// The only machine that it implements, if that is declared.
    pub(crate) machine: Option<Machine>,
    pub(crate) expectations: Expectations,
}

/// Returns the engine that the flags name; our own machines if they name none.
pub(crate) fn chosen(args: &args::Vm) -> Result<Chosen, Diagnostic> {
    clean_up_on_interrupt();
    if let Some(name) = &args.engine {
        return named(name, args);
    }
    let subject = match (&args.vm, &args.vm_serve) {
        (Some(command), _) => EngineSpec::OneShot(one_shot("--vm", command, args)?),
        (None, Some(command)) => EngineSpec::Serving(foreign(command, args)?),
        (None, None) => EngineSpec::Ours,
    };
    Ok(Chosen {
        subject,
        machine: None,
        expectations: Expectations::default(),
    })
}

/// Returns the engine that the flags name, without what its configuration declares.
pub(crate) fn subject(args: &args::Vm) -> Result<EngineSpec, Diagnostic> {
    chosen(args).map(|chosen| chosen.subject)
}

/// Returns an engine of the configuration file.
fn named(name: &str, args: &args::Vm) -> Result<Chosen, Diagnostic> {
    let file = args.engines.clone();
    let config = Config::read(&file.unwrap_or_else(|| PathBuf::from(config::FILE)))?;
    let mut named = config.engine(name)?.clone();
    named.external = capped(named.external, args);
    Ok(Chosen {
        subject: EngineSpec::named(&named).map_err(not_started)?,
        machine: named.machine,
        expectations: Expectations {
            skip: named.skip,
            failures: named.expected_failures,
        },
    })
}

/// Returns the engine of a command that runs one program, which must contain `{file}`.
pub(crate) fn one_shot(
    flag: &str,
    command: &str,
    args: &args::Vm,
) -> Result<ExternalVm, Diagnostic> {
    clean_up_on_interrupt();
    let foreign = foreign(command, args)?;
    match foreign.command.takes_file() {
        true => Ok(foreign),
        false => Err(Diagnostic::error(format!(
            "the command has no {{file}} for the program: {command}"
        ))
        .help(format!("add it: {flag} '{command} {{file}}'"))),
    }
}

fn foreign(command: &str, args: &args::Vm) -> Result<ExternalVm, Diagnostic> {
    let command = CommandLine::parse(command).map_err(not_started)?;
    Ok(capped(ExternalVm::new(command), args))
}

/// Applies the flags, which override the configuration.
fn capped(mut foreign: ExternalVm, args: &args::Vm) -> ExternalVm {
    foreign.timeout = args.timeout.unwrap_or(foreign.timeout);
    foreign.memory = args.memory.map(|mib| mib << 20).or(foreign.memory);
    foreign
}

/// Returns the error for a command that did not start.
pub(crate) fn not_started(error: StartError) -> Diagnostic {
    Diagnostic::error(error.message).help(error.help)
}

/// Returns the error for an engine that cannot be tested.
pub(crate) fn unfit(why: Unfit) -> Diagnostic {
    let error = Diagnostic::error(why.message);
    let error = match why.said.is_empty() {
        true => error,
        false => error.note(why.said),
    };
    error.help(why.help)
}

/// Returns the flags as typed in a shell.
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
