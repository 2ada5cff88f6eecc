//! The commands of `mmm`.

#![expect(clippy::result_large_err, reason = "such an error ends the program")]

pub(crate) mod args;
mod check;
mod conform;
mod console;
mod coverage;
mod debugger;
mod default;
mod engines;
mod entry;
mod fuzz;
mod input;
mod interrupt;
mod json;
mod macros;
mod output;
mod predicate;
mod progress;
mod python;
mod reduce;
mod reports;
mod run;
mod subject;
mod teeth;
mod text;
mod verify;

use args::{Cli, Command};
use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use console::Status;
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::process::ExitCode;
use vm::base::{Diagnostic, closest};

/// Runs the command and returns its exit status.
pub(crate) fn dispatch(cli: Cli) -> ExitCode {
    let result = match cli.command {
        None => default::run_all(&cli.reports),
        // A Python program has an exit status of its own.
        Some(Command::Run(args)) => return run::run(&args),
        Some(Command::Check(args)) => Ok(check::check(&args)),
        Some(Command::Dis(args)) => text::dis(&args),
        Some(Command::Asm(args)) => text::asm(&args),
        Some(Command::Macro(args)) => macros::apply(&args),
        Some(Command::Conform(args)) => conform::conform(&args),
        Some(Command::Fuzz(args)) => fuzz::fuzz(&args),
        Some(Command::Merge(args)) => fuzz::merge(&args),
        Some(Command::Coverage(args)) => coverage::coverage(&args),
        Some(Command::Gen(args)) => fuzz::gen_program(&args),
        Some(Command::Reduce(args)) => reduce::reduce_program(&args),
        Some(Command::Teeth(args)) => teeth::teeth(&args),
        Some(Command::Serve) => serve(),
        Some(Command::Completions { shell }) => Ok(completions(shell)),
    };
    result.unwrap_or_else(|why| console::fail(&why)).into()
}

/// Reports what is wrong with the command line, and which command was probably meant.
pub(crate) fn bad_usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.kind() == ErrorKind::InvalidSubcommand
        && let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
    {
        let commands = Cli::command();
        let names = commands.get_subcommands().map(clap::Command::get_name);
        if Path::new(word).is_file() {
            eprintln!("\nTo run the program in that file: mmm run {word}");
        } else if error.get(ContextKind::SuggestedSubcommand).is_none()
            && let Some(near) = closest(word, names)
        {
            eprintln!("\nDid you mean 'mmm {near}'?");
        }
    }
    ExitCode::from(error.exit_code() as u8)
}

fn serve() -> Result<Status, Diagnostic> {
    let input = BufReader::with_capacity(1 << 16, std::io::stdin().lock());
    let output = BufWriter::new(console::raw_stdout());
    match conformance::engines::serve::serve(input, output) {
        Ok(()) => Ok(Status::Fine),
        // The client has gone away.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(Status::Fine),
        Err(error) => Err(Diagnostic::error(format!(
            "cannot serve any longer: {error}"
        ))),
    }
}

fn completions(shell: clap_complete::Shell) -> Status {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "mmm", &mut script);
    console::print(&script)
}
