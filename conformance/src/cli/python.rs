//! `mmm dis`, `mmm asm` and `mmm macro` of `.pyc` files and their text.

use super::args::Kind;
use super::console::{self, Output, Status};
use super::entry;
use conformance::machine::Machine;
use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use vm::base::{Diagnostic, Limits, closest};
use vm::py::cpython_dis::{self, Stop};
use vm::py::json;
use vm::py::pyc::{MAGIC, Pyc};
use vm::py::text::{self, unit::Unit};

/// Which listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// What Python's own `dis` prints.
    LikePython,
    /// One JSON object.
    Json,
}

/// Whether a file is the Python machine's, by what was said or by what it holds.
pub(crate) fn is_python(file: &Path, kind: &Kind) -> Result<bool, Diagnostic> {
    if let Some(machine) = kind.machine {
        return Ok(machine == Machine::Py);
    }
    let name = file.to_string_lossy();
    let mut head = Vec::new();
    // A folder is told of elsewhere.
    if let Ok(opened) = File::open(file) {
        let _ = opened.take(4).read_to_end(&mut head);
    }
    Ok(Machine::of_file(&name, &head) == Some(Machine::Py))
}

/// What a file holds.
fn contents(file: &Path) -> Result<Vec<u8>, Diagnostic> {
    let most = Limits::default().source_bytes();
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(|error| entry::unreadable(file, &error))?;
    if bytes.len() as u64 > most {
        let message = format!(
            "cannot read '{}': it is longer than a program may be",
            file.display()
        );
        return Err(Diagnostic::error(message));
    }
    Ok(bytes)
}

/// Whether it is to be read as bytecode; that it is another Python's is told then.
fn is_bytecode(file: &Path, bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC) || file.extension().is_some_and(|ending| ending == "pyc")
}

/// A `.pyc` file, or what its text stands for.
fn load(file: &Path) -> Result<Pyc, Vec<Diagnostic>> {
    let bytes = contents(file).map_err(|why| vec![why])?;
    let shown = file.display().to_string();
    if is_bytecode(file, &bytes) {
        return Pyc::read(&shown, &bytes).map_err(|why| vec![*why]);
    }
    text::assemble(&shown, &bytes)
}

/// The bytes of a `.pyc` file.
pub(crate) fn assemble(file: &Path) -> Result<Vec<u8>, Vec<Diagnostic>> {
    Ok(load(file)?.write())
}

/// The text of a `.pyc` file, or of one of its objects.
pub(crate) fn disassemble(file: &Path, object: Option<&str>) -> Result<String, Vec<Diagnostic>> {
    let unit = text::lift(load(file)?).map_err(|why| vec![*why])?;
    let Some(path) = object else {
        return Ok(text::print(&unit));
    };
    let Some(object) = text::find(&unit, path) else {
        let labels = unit.objects.iter().map(|object| &*object.label);
        let message = format!("'{}' has no object '{path}'", file.display());
        let found = Diagnostic::error(message);
        return Err(vec![match closest(path, labels) {
            Some(near) => found.help(format!("did you mean '{near}'?")),
            None => found.help("mmm dis FILE | grep DEFINE shows what there is"),
        }]);
    };
    let mut out = String::new();
    text::print_object(&unit, object, &mut out);
    Ok(out)
}

/// Says that a file is not Python's.
pub(crate) fn foreign(file: &Path) -> Diagnostic {
    let message = format!(
        "'{}' is no bytecode of Python's, nor its text",
        file.display()
    );
    Diagnostic::error(message).help(
        match file.extension().is_some_and(|ending| ending == "py") {
            true => "compile it first: python3.9 -m py_compile FILE",
            false => "the name of bytecode ends in .pyc, that of its text in .cpyasm",
        },
    )
}

/// A `.pyc` file or its text, to be changed.
pub(crate) fn unit(file: &Path) -> Result<Unit, Vec<Diagnostic>> {
    let bytes = contents(file).map_err(|why| vec![why])?;
    let shown = file.display().to_string();
    if is_bytecode(file, &bytes) {
        let pyc = Pyc::read(&shown, &bytes).map_err(|why| vec![*why])?;
        return text::lift_to_change(pyc).map_err(|why| vec![*why]);
    }
    if Machine::of_file(&shown, &bytes) != Some(Machine::Py) {
        return Err(vec![foreign(file)]);
    }
    match str::from_utf8(&bytes) {
        Ok(text) => text::parse(&shown, text),
        Err(_) => Err(vec![Diagnostic::error(format!("'{shown}' is not UTF-8"))]),
    }
}

/// What is to be written for a unit: its text if the file is called so, else bytecode.
pub(crate) fn written(unit: &Unit, file: &Path, output: &Path) -> Result<Vec<u8>, Vec<Diagnostic>> {
    if output.extension().is_some_and(|ending| ending == "cpyasm") {
        return Ok(text::print(unit).into_bytes());
    }
    Ok(text::assemble_unit(unit, &file.display().to_string())?.write())
}

/// Prints the listing of a `.pyc` file, on stdout or to `output`.
pub(crate) fn listing(
    file: &Path,
    output: Option<&Path>,
    form: Form,
) -> Result<Status, Diagnostic> {
    let pyc = match load(file) {
        Ok(pyc) => pyc,
        Err(wrong) => {
            wrong.iter().for_each(console::show);
            return Ok(Status::Unusable);
        }
    };
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
        Form::LikePython => cpython_dis::write(&pyc.pool, pyc.code, &mut out),
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
