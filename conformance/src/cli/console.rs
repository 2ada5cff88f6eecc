//! What the program says, and to whom.

use std::cell::RefCell;
use std::io::{self, BufWriter, IsTerminal, LineWriter, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::rc::Rc;
use vm::base::{ColorChoice, Diagnostic};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// All is well.
    Fine,
    /// The program faulted, or something was found.
    Found,
    /// Bad usage, or input that cannot be used.
    Unusable,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(status as u8)
    }
}

/// How to draw on a stream: colours are for terminals, and for those who want them.
pub(crate) fn look(stream: &impl IsTerminal) -> ColorChoice {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    match stream.is_terminal() && !set("NO_COLOR") && !dumb {
        true => ColorChoice::Always,
        false => ColorChoice::Never,
    }
}

/// Shows a diagnostic on stderr. If even that does not work, there is nobody to tell.
pub(crate) fn show(diagnostic: &Diagnostic) {
    let text = diagnostic.render(look(&io::stderr()));
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Shows what cannot be helped, and ends so.
pub(crate) fn fail(diagnostic: &Diagnostic) -> Status {
    show(diagnostic);
    Status::Unusable
}

/// Prints a whole text on stdout.
pub(crate) fn print(bytes: &[u8]) -> Status {
    let mut out = Output::to_stdout();
    let _ = out.write_all(bytes);
    out.finish(Status::Fine)
}

/// Standard output without a buffer.
pub(crate) fn raw_stdout() -> impl Write {
    match io::stdout().as_fd().try_clone_to_owned() {
        Ok(fd) => Box::new(std::fs::File::from(fd)) as Box<dyn Write>,
        // It was closed before we began.
        Err(_) => Box::new(io::sink()),
    }
}

/// Buffered standard output that remembers how it failed. Clones are the same output.
#[derive(Clone)]
pub(crate) struct Output(Rc<RefCell<Inner>>);

struct Inner {
    to: Box<dyn Write>,
    error: Option<io::Error>,
}

impl Output {
    /// Line by line for a person who looks on, in larger pieces for a file or pipe.
    pub(crate) fn to_stdout() -> Output {
        let to: Box<dyn Write> = match io::stdout().is_terminal() {
            true => Box::new(LineWriter::new(raw_stdout())),
            false => Box::new(BufWriter::with_capacity(1 << 16, raw_stdout())),
        };
        Output(Rc::new(RefCell::new(Inner { to, error: None })))
    }

    /// The same on standard error, where nothing is held back.
    pub(crate) fn to_stderr() -> Output {
        let to: Box<dyn Write> = Box::new(LineWriter::new(io::stderr()));
        Output(Rc::new(RefCell::new(Inner { to, error: None })))
    }

    /// Hands on what is held back, and says how the program ends if it would have ended as
    /// `status`: a reader who has gone away is no failure, a full disk is.
    pub(crate) fn finish(mut self, status: Status) -> Status {
        let _ = self.flush();
        let error = self.0.borrow_mut().error.take();
        match error {
            None => status,
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => status,
            Some(error) => fail(
                &Diagnostic::error(format!("cannot write to standard output: {error}"))
                    .help("what was printed is not complete"),
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
