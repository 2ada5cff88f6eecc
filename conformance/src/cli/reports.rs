//! The reports that are asked for by `--json`, `--junit` and `--html`.

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

/// Makes a report of a run.
type Render = fn(&Results) -> String;

/// A report that was asked for.
struct Wanted {
    render: Render,
    path: PathBuf,
    /// Its file, already open; nothing if it goes to stdout.
    file: Option<File>,
}

/// The reports of a run, as it goes on.
pub(crate) struct Reports {
    wanted: Vec<Wanted>,
    whole: Results,
}

impl Reports {
    /// Opens the files, so that nobody waits for a run whose report cannot be written.
    pub(crate) fn open(args: &args::Reports) -> Result<Reports, Diagnostic> {
        let forms: [(_, Render); 3] =
            [(&args.json, json), (&args.junit, junit), (&args.html, html)];
        let mut wanted: Vec<Wanted> = Vec::new();
        for (path, render) in forms {
            let Some(path) = path else { continue };
            if wanted.iter().any(|other| other.path == *path) {
                let twice = format!("two reports go to '{}'", path.display());
                return Err(Diagnostic::error(twice).help("give each report a file of its own"));
            }
            let file = match path == Path::new("-") {
                true => None,
                false => Some(create(path)?),
            };
            wanted.push(Wanted {
                render,
                path: path.clone(),
                file,
            });
        }
        let words = std::env::args_os().skip(1);
        let words = words.map(|word| word.to_string_lossy().into_owned());
        let command = shell_words::join(std::iter::once("mmm".to_owned()).chain(words));
        Ok(Reports {
            wanted,
            whole: Results {
                listing: machines::text_form,
                ..Results::new(command)
            },
        })
    }

    /// Where the text for a person goes: not between the lines of a report.
    pub(crate) fn output(&self) -> Output {
        match self.wanted.iter().any(|wanted| wanted.file.is_none()) {
            true => Output::to_stderr(),
            false => Output::to_stdout(),
        }
    }

    /// Takes a run of the corpus; `again` runs a case again, once its name stands behind it.
    pub(crate) fn conformance(&mut self, report: Report, again: String) {
        self.whole.conformance.push(Conformance { report, again });
    }

    /// Takes a campaign.
    pub(crate) fn campaign(
        &mut self,
        machine: Machine,
        seed: u64,
        engine: EngineName,
        again: String,
        summary: Summary,
    ) {
        self.whole.campaigns.push(Campaign {
            machine,
            seed,
            engine,
            again,
            summary,
        });
    }

    /// Writes what was asked for; the program ends as `status` if that goes well.
    pub(crate) fn write(self, status: Status) -> Result<Status, Diagnostic> {
        let mut status = status;
        for wanted in self.wanted {
            let text = (wanted.render)(&self.whole);
            match wanted.file {
                None => {
                    let mut out = Output::to_stdout();
                    let _ = out.write_all(text.as_bytes());
                    status = out.finish(status);
                }
                Some(mut file) => {
                    let written = file
                        .set_len(0)
                        .or_else(not_cut)
                        .and_then(|()| file.write_all(text.as_bytes()))
                        .and_then(|()| file.flush());
                    written.map_err(|error| unwritable(&wanted.path, &error))?;
                }
            }
        }
        Ok(status)
    }
}

/// A pipe or a device (`/dev/stderr`) cannot be cut, and need not be.
fn not_cut(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::InvalidInput => Ok(()),
        _ => Err(error),
    }
}

/// Opens a file to be written at the end; what is in it stays until then.
fn create(path: &Path) -> Result<File, Diagnostic> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).open(path);
    file.map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    let what = format!("cannot write the report '{}': {error}", path.display());
    Diagnostic::error(what).help("name a file in a folder that is there, or - for standard output")
}
