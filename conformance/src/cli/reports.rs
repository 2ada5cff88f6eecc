//! The reports of `--json`, `--junit` and `--html`.

use super::args;
use super::console::{Output, Status};
use conformance::campaign::Summary;
use conformance::conform::{EngineName, Report};
use conformance::engines::machines;
use conformance::machine::Machine;
use conformance::report::html::html;
use conformance::report::json::json;
use conformance::report::junit::junit;
use conformance::report::results::{Campaign, Conformance, Results};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use vm::base::Diagnostic;

/// Renders a report.
type Render = fn(&Results) -> String;

/// A report to write.
struct Requested {
    render: Render,
    path: PathBuf,
    /// Its open file; `None` for stdout.
    file: Option<File>,
}

/// The reports of a run, and the results so far.
pub(crate) struct Reports {
    requested: Vec<Requested>,
    results: Results,
}

impl Reports {
    /// Opens the files before the run, so that an error does not waste it.
    pub(crate) fn open(args: &args::Reports) -> Result<Reports, Diagnostic> {
        let forms: [(_, Render); 3] =
            [(&args.json, json), (&args.junit, junit), (&args.html, html)];
        let mut requested: Vec<Requested> = Vec::new();
        for (path, render) in forms {
            let Some(path) = path else { continue };
            if requested.iter().any(|other| other.path == *path) {
                let twice = format!("two reports have the file '{}'", path.display());
                return Err(Diagnostic::error(twice).help("give each report its own file"));
            }
            let file = match path == Path::new("-") {
                true => None,
                false => Some(create(path)?),
            };
            requested.push(Requested {
                render,
                path: path.clone(),
                file,
            });
        }
        let words = std::env::args_os().skip(1);
        let words = words.map(|word| word.to_string_lossy().into_owned());
        let command = shell_words::join(std::iter::once("mmm".to_owned()).chain(words));
        Ok(Reports {
            requested,
            results: Results {
                listing: machines::text_form,
                ..Results::new(command)
            },
        })
    }

    /// Returns the output for the text: stderr if a report goes to stdout.
    pub(crate) fn output(&self) -> Output {
        match self
            .requested
            .iter()
            .any(|requested| requested.file.is_none())
        {
            true => Output::to_stderr(),
            false => Output::to_stdout(),
        }
    }

    /// Adds a run of the corpus. `again`, followed by the name of a case, runs that case again.
    pub(crate) fn conformance(&mut self, report: Report, again: String) {
        self.results.conformance.push(Conformance {
            report,
            rerun: again,
        });
    }

    /// Adds a campaign.
    pub(crate) fn campaign(
        &mut self,
        machine: Machine,
        seed: u64,
        engine: EngineName,
        again: String,
        summary: Summary,
    ) {
        self.results.campaigns.push(Campaign {
            machine,
            seed,
            engine,
            rerun: again,
            summary,
        });
    }

    /// Writes the reports. Returns `status`, or the status of a failure if writing failed.
    pub(crate) fn write(self, status: Status) -> Result<Status, Diagnostic> {
        let mut status = status;
        for requested in self.requested {
            let text = (requested.render)(&self.results);
            match requested.file {
                None => {
                    let mut out = Output::to_stdout();
                    let _ = out.write_all(text.as_bytes());
                    status = out.finish(status);
                }
                Some(mut file) => {
                    let written = file
                        .set_len(0)
                        .or_else(ignore_unsupported)
                        .and_then(|()| file.write_all(text.as_bytes()))
                        .and_then(|()| file.flush());
                    written.map_err(|error| unwritable(&requested.path, &error))?;
                }
            }
        }
        Ok(status)
    }
}

/// Ignores that a pipe or a device (`/dev/stderr`) cannot be truncated.
fn ignore_unsupported(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::InvalidInput => Ok(()),
        _ => Err(error),
    }
}

/// Opens a file without truncating it; it is written at the end of the run.
fn create(path: &Path) -> Result<File, Diagnostic> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).open(path);
    file.map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    let what = format!("cannot write the report '{}': {error}", path.display());
    Diagnostic::error(what).help("name a file in a folder that exists, or - for standard output")
}
