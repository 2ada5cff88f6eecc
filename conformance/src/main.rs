//! `mmm`: flags, files, exit status.

mod cli;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match cli::args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return cli::bad_usage(&error),
    };
    cli::dispatch(cli)
}
