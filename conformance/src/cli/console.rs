//! Output of the program: text, diagnostics and the exit status.

use std::cell::RefCell;
use std::fs;
use std::io::{self, BufWriter, IsTerminal, LineWriter, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use vm::base::{ColorChoice, Diagnostic, closest};

/// The exit status of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// Success.
    Fine,
    /// The program faulted, or a check failed.
    Found,
    /// Bad usage or unusable input.
    Unusable,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(status as u8)
    }
}

/// Returns whether to write colours to a stream: only to a terminal, and only without `NO_COLOR`.
pub(crate) fn look(stream: &impl IsTerminal) -> ColorChoice {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    match stream.is_terminal() && !set("NO_COLOR") && !dumb {
        true => ColorChoice::Always,
        false => ColorChoice::Never,
    }
}

/// Writes a diagnostic to stderr. A failure to do so cannot be reported.
pub(crate) fn show(diagnostic: &Diagnostic) {
    let text = diagnostic.render(look(&io::stderr()));
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Writes an error to stderr; returns the status of unusable input.
pub(crate) fn fail(diagnostic: &Diagnostic) -> Status {
    show(diagnostic);
    Status::Unusable
}

/// Writes a whole text to stdout.
pub(crate) fn print(bytes: &[u8]) -> Status {
    let mut out = Output::to_stdout();
    let _ = out.write_all(bytes);
    out.finish(Status::Fine)
}

/// Returns standard output without a buffer.
pub(crate) fn raw_stdout() -> impl Write {
    match io::stdout().as_fd().try_clone_to_owned() {
        Ok(fd) => Box::new(std::fs::File::from(fd)) as Box<dyn Write>,
        // It was closed before the program started.
        Err(_) => Box::new(io::sink()),
    }
}

/// Buffered output that keeps its first error. Clones share one buffer.
#[derive(Clone)]
pub(crate) struct Output(Rc<RefCell<Inner>>);

struct Inner {
    to: Box<dyn Write>,
    error: Option<io::Error>,
}

impl Output {
    /// Returns standard output: buffered by lines on a terminal, in larger blocks elsewhere.
    pub(crate) fn to_stdout() -> Output {
        let to: Box<dyn Write> = match io::stdout().is_terminal() {
            true => Box::new(LineWriter::new(raw_stdout())),
            false => Box::new(BufWriter::with_capacity(1 << 16, raw_stdout())),
        };
        Output(Rc::new(RefCell::new(Inner { to, error: None })))
    }

    /// Returns standard error, buffered by lines.
    pub(crate) fn to_stderr() -> Output {
        let to: Box<dyn Write> = Box::new(LineWriter::new(io::stderr()));
        Output(Rc::new(RefCell::new(Inner { to, error: None })))
    }

    /// Flushes the output. Returns `status`, or the status of a failure if writing failed. A closed
    /// pipe does not count as a failure.
    pub(crate) fn finish(mut self, status: Status) -> Status {
        let _ = self.flush();
        let error = self.0.borrow_mut().error.take();
        match error {
            None => status,
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => status,
            Some(error) => fail(
                &Diagnostic::error(format!("cannot write to standard output: {error}"))
                    .help("the output is incomplete"),
            ),
        }
    }

    fn keep<T>(&self, what: impl FnOnce(&mut Inner) -> io::Result<T>) -> io::Result<T> {
        let inner = &mut *self.0.borrow_mut();
        if let Some(error) = &inner.error {
            return Err(error.kind().into());
        }
        what(inner).inspect_err(|error| {
            inner.error = Some(match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => error.kind().into(),
            });
        })
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.keep(|inner| inner.to.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.keep(|inner| inner.to.flush())
    }
}

/// Returns the error for a file that cannot be read; suggests a file with a similar name.
pub(crate) fn unreadable(file: &Path, error: &io::Error) -> Diagnostic {
    let shown = file.display();
    match error.kind() {
        io::ErrorKind::NotFound if fs::symlink_metadata(file).is_ok() => {
            match fs::metadata(file).is_ok() {
                true => not_plain(file),
                false => Diagnostic::error(format!(
                    "'{shown}' is a symbolic link to a file that does not exist"
                )),
            }
        }
        io::ErrorKind::NotFound => {
            let missing = Diagnostic::error(format!("there is no file '{shown}'"));
            match neighbour(file) {
                Some(near) => missing.help(format!("did you mean '{near}'?")),
                None => missing,
            }
        }
        io::ErrorKind::NotADirectory => Diagnostic::error(format!("there is no file '{shown}'"))
            .note("a part of the path is a file, not a folder"),
        _ => {
            let why = error.to_string();
            let why = why.split(" (os error").next().unwrap_or(&why);
            Diagnostic::error(format!("cannot read '{shown}': {why}"))
        }
    }
}

/// Returns the error for a folder, pipe or device in place of a file.
pub(crate) fn not_plain(file: &Path) -> Diagnostic {
    Diagnostic::error(format!("'{}' is not a file", file.display()))
        .help("a program is read from regular files only")
}

/// Returns the file in the same folder with the most similar name.
fn neighbour(file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?;
    let folder = file.parent()?;
    let listed = match folder == Path::new("") {
        true => Path::new("."),
        false => folder,
    };
    let names: Vec<String> = fs::read_dir(listed)
        .ok()?
        .take(10_000)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let near = closest(name, names.iter().map(String::as_str))?;
    Some(folder.join(near).display().to_string())
}
