//! `mmm dis --like-python` and `mmm dis --json`.

use super::console::{self, Output, Status};
use super::entry;
use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use vm::base::{Diagnostic, Limits};
use vm::py::like_python::{self, Stop};
use vm::py::{json, pyc::Pyc};

/// Which listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// What Python's own `dis` prints.
    LikePython,
    /// One JSON object.
    Json,
}

/// Reads a `.pyc` file.
pub(crate) fn read(file: &Path) -> Result<Pyc, Diagnostic> {
    let most = Limits::default().source_bytes();
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(|error| entry::unreadable(file, &error))?;
    let shown = file.display().to_string();
    if bytes.len() as u64 > most {
        return Err(Diagnostic::error(format!(
            "cannot read '{shown}': it is longer than a program may be"
        )));
    }
    Pyc::read(&shown, &bytes).map_err(|why| *why)
}

/// Prints the listing of a `.pyc` file, on stdout or to `output`.
pub(crate) fn listing(
    file: &Path,
    output: Option<&Path>,
    form: Form,
) -> Result<Status, Diagnostic> {
    let pyc = read(file)?;
    let Some(output) = output else {
        let mut out = Output::to_stdout();
        let status = print(&pyc, file, form, &mut out);
        return Ok(out.finish(status));
    };
    let unwritable =
        |error| Diagnostic::error(format!("cannot write '{}': {error}", output.display()));
    let mut out = BufWriter::new(File::create(output).map_err(unwritable)?);
    let status = print(&pyc, file, form, &mut out);
    out.into_inner()
        .map_err(|error| unwritable(error.into_error()))?;
    Ok(status)
}

fn print(pyc: &Pyc, file: &Path, form: Form, out: &mut impl Write) -> Status {
    let mut out = Text(out);
    let ended = match form {
        Form::LikePython => like_python::write(&pyc.pool, pyc.code, &mut out),
        Form::Json => json::write(pyc, &mut out),
    };
    let why = match ended {
        // Whoever holds the stream tells how it failed.
        Ok(()) | Err(Stop::Write) => return Status::Fine,
        Err(Stop::TooLong) => {
            Diagnostic::error(format!("the listing of '{}' is endless", file.display()))
                .note("constants that share parts are far longer as text")
        }
        Err(Stop::Raises {
            name,
            offset,
            message,
        }) => Diagnostic::error(format!("in '{name}', at offset {offset}: {message}"))
            .note("Python's own dis raises IndexError here"),
    };
    console::fail(&why)
}

/// Text that goes where bytes go.
struct Text<'a, W>(&'a mut W);

impl<W: Write> fmt::Write for Text<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_all(text.as_bytes()).map_err(|_| fmt::Error)
    }
}
