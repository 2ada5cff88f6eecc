//! `mmm dis`, `mmm asm` and `mmm macro` for `.pyc` and `.cpyasm` files.

use super::args::{Form, Kind};
use super::console::{self, Output, Status};
use conformance::machine::Machine;
use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use vm::base::{Diagnostic, Limits, LoadError, closest};
use vm::py::cpython_dis::{self, Stop};
use vm::py::json;
use vm::py::pyc::{MAGIC, Pyc};
use vm::py::text::{self, unit::Unit};

/// Returns true if a file is for the Python machine, by the flags or by its content.
pub(crate) fn is_python(file: &Path, kind: &Kind) -> Result<bool, Diagnostic> {
    if let Some(machine) = kind.machine {
        return Ok(machine == Machine::Py);
    }
    let name = file.to_string_lossy();
    let mut head = Vec::new();
    // A folder is reported elsewhere.
    if let Ok(opened) = File::open(file) {
        let _ = opened.take(4).read_to_end(&mut head);
    }
    Ok(Machine::of_file(&name, &head) == Some(Machine::Py))
}

/// Reads a file, up to the limit of a program's size.
fn contents(file: &Path) -> Result<Vec<u8>, Diagnostic> {
    let most = Limits::default().source_bytes();
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(|error| console::unreadable(file, &error))?;
    if bytes.len() as u64 > most {
        let message = format!(
            "cannot read '{}': it is larger than a program may be",
            file.display()
        );
        return Err(Diagnostic::error(message));
    }
    Ok(bytes)
}

/// Returns true if a file is read as bytecode. The reader reports an unsupported version.
fn is_bytecode(file: &Path, bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC) || file.extension().is_some_and(|ending| ending == "pyc")
}

/// Loads a `.pyc` file, or assembles a `.cpyasm` file.
fn load(file: &Path) -> Result<Pyc, Vec<Diagnostic>> {
    let bytes = contents(file).map_err(|why| vec![why])?;
    let shown = file.display().to_string();
    if is_bytecode(file, &bytes) {
        return Pyc::read(&shown, &bytes).map_err(LoadError::into_diagnostics);
    }
    text::assemble(&shown, &bytes).map_err(LoadError::into_diagnostics)
}

/// Returns the bytes of a `.pyc` file.
pub(crate) fn assemble(file: &Path) -> Result<Vec<u8>, Vec<Diagnostic>> {
    Ok(load(file)?.write())
}

/// Returns the text of a `.pyc` file, or of one of its code objects.
pub(crate) fn disassemble(file: &Path, object: Option<&str>) -> Result<String, Vec<Diagnostic>> {
    let unit = text::lift(load(file)?).map_err(LoadError::into_diagnostics)?;
    let Some(path) = object else {
        return Ok(text::print(&unit));
    };
    let Some(object) = text::find(&unit, path) else {
        let labels = unit.objects.iter().map(|object| &*object.label);
        let message = format!("'{}' has no code object '{path}'", file.display());
        let found = Diagnostic::error(message);
        return Err(vec![match closest(path, labels) {
            Some(near) => found.help(format!("did you mean '{near}'?")),
            None => found.help("mmm dis FILE | grep DEFINE lists them"),
        }]);
    };
    let mut out = String::new();
    text::print_object(&unit, object, &mut out);
    Ok(out)
}

/// Returns the error for a file that is not for the Python machine.
pub(crate) fn foreign(file: &Path) -> Diagnostic {
    let message = format!(
        "'{}' is neither Python bytecode nor its text",
        file.display()
    );
    Diagnostic::error(message).help(
        match file.extension().is_some_and(|ending| ending == "py") {
            true => "compile it first: python3.9 -m py_compile FILE",
            false => "the name of a bytecode file ends in .pyc, that of its text in .cpyasm",
        },
    )
}

/// Reads a `.pyc` or `.cpyasm` file, to be changed.
pub(crate) fn unit(file: &Path) -> Result<Unit, Vec<Diagnostic>> {
    let bytes = contents(file).map_err(|why| vec![why])?;
    let shown = file.display().to_string();
    if is_bytecode(file, &bytes) {
        let pyc = Pyc::read(&shown, &bytes).map_err(LoadError::into_diagnostics)?;
        return text::lift_to_change(pyc).map_err(LoadError::into_diagnostics);
    }
    if Machine::of_file(&shown, &bytes) != Some(Machine::Py) {
        return Err(vec![foreign(file)]);
    }
    match str::from_utf8(&bytes) {
        Ok(text) => text::parse(&shown, text).map_err(LoadError::into_diagnostics),
        Err(_) => Err(vec![Diagnostic::error(format!("'{shown}' is not UTF-8"))]),
    }
}

/// Returns the bytes to write for a unit: text if the file's name ends in `.cpyasm`, else bytecode.
pub(crate) fn encode(unit: &Unit, file: &Path, output: &Path) -> Result<Vec<u8>, Vec<Diagnostic>> {
    if output.extension().is_some_and(|ending| ending == "cpyasm") {
        return Ok(text::print(unit).into_bytes());
    }
    let pyc = text::assemble_unit(unit, &file.display().to_string());
    Ok(pyc.map_err(LoadError::into_diagnostics)?.write())
}

/// Writes the listing of a `.pyc` file to stdout or to `output`.
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
        // The stream keeps its error, which is reported at its end.
        Ok(()) | Err(Stop::Write) => return Status::Fine,
        Err(Stop::TooLong) => {
            Diagnostic::error(format!("the listing of '{}' is too long", file.display()))
                .note("constants that share parts are much longer as text")
        }
        Err(Stop::Raises {
            name,
            offset,
            message,
        }) => Diagnostic::error(format!("in '{name}', at offset {offset}: {message}"))
            .note("CPython's own dis raises IndexError here"),
    };
    console::fail(&why)
}

/// Writes text to a stream of bytes.
struct Text<'a, W>(&'a mut W);

impl<W: Write> fmt::Write for Text<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_all(text.as_bytes()).map_err(|_| fmt::Error)
    }
}
