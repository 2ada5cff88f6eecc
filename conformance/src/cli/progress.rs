//! A line that tells a person at a terminal how far something is.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Written to stderr. At a terminal one takes the place of another, and the last is gone when this
/// is dropped; elsewhere, if at all, now and then a line is written.
pub(crate) struct Progress {
    terminal: bool,
    /// The time between two.
    pause: Duration,
    /// When something was shown last; none if nothing ever is.
    last: Option<Mutex<Option<Instant>>>,
}

impl Progress {
    const PAUSE: Duration = Duration::from_millis(100);
    /// The time between two lines that stay.
    const LONG_PAUSE: Duration = Duration::from_secs(10);

    /// For a terminal only.
    pub(crate) fn new() -> Progress {
        let terminal = io::stderr().is_terminal();
        Progress {
            terminal,
            pause: Progress::PAUSE,
            last: terminal.then(Mutex::default),
        }
    }

    /// For whatever standard error is.
    pub(crate) fn with_lines() -> Progress {
        let terminal = io::stderr().is_terminal();
        let (pause, last) = match terminal {
            true => (Progress::PAUSE, None),
            // What is over soon needs no lines.
            false => (Progress::LONG_PAUSE, Some(Instant::now())),
        };
        Progress {
            terminal,
            pause,
            last: Some(Mutex::new(last)),
        }
    }

    /// Shows a text in place of the one before, unless that has only just been shown.
    pub(crate) fn show(&self, text: impl FnOnce() -> String) {
        let Some(Ok(mut last)) = self.last.as_ref().map(Mutex::try_lock) else {
            return;
        };
        if last.is_none_or(|last| last.elapsed() >= self.pause) {
            *last = Some(Instant::now());
            let _ = match self.terminal {
                // A line that wrapped would leave its beginning behind: what is too wide is cut.
                true => write!(io::stderr(), "\r\x1b[K\x1b[?7l{}\x1b[?7h", text()),
                false => writeln!(io::stderr(), "{}", text()),
            };
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.terminal
            && let Some(last) = &self.last
            && last.lock().is_ok_and(|last| last.is_some())
        {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
