//! Whom the flags `--vm` and `--vm-serve` mean.

use super::args;
use super::interrupt::leave_nothing_behind;
use conformance::conform::Subject;
use conformance::engines::external::Foreign;
use conformance::engines::process::{CommandLine, StartError};
use vm::base::Diagnostic;

/// What is to be judged: somebody else's VM, or our own machines.
pub(crate) fn subject(args: &args::Vm) -> Result<Subject, Diagnostic> {
    leave_nothing_behind();
    Ok(match (&args.vm, &args.vm_serve) {
        (Some(command), _) => Subject::OneShot(one_shot("--vm", command, args)?),
        (None, Some(command)) => Subject::Serving(foreign(command, args)?),
        (None, None) => Subject::Ours,
    })
}

/// A command that is started for each program, and so must say where the program goes.
pub(crate) fn one_shot(flag: &str, command: &str, args: &args::Vm) -> Result<Foreign, Diagnostic> {
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

fn foreign(command: &str, args: &args::Vm) -> Result<Foreign, Diagnostic> {
    Ok(Foreign {
        name: String::new(),
        command: CommandLine::parse(command).map_err(not_started)?,
        timeout: args.timeout,
    })
}

/// Says why a command did not start.
pub(crate) fn not_started(error: StartError) -> Diagnostic {
    Diagnostic::error(error.message).help(error.help)
}

/// The flags again, as they are typed.
pub(crate) fn flags(args: &args::Vm) -> String {
    let flag = |name: &str, command: &Option<String>| match command {
        Some(command) => format!(" {name} {}", shell_words::quote(command)),
        None => String::new(),
    };
    flag("--vm", &args.vm) + &flag("--vm-serve", &args.vm_serve)
}
