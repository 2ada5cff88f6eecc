//! A line on the terminal that shows progress.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Shows progress on stderr. On a terminal each text replaces the one before, and dropping this
/// removes the last one. Elsewhere, lines are written at long intervals or not at all.
pub(crate) struct Progress {
    terminal: bool,
    /// The time between two texts.
    pause: Duration,
    /// The time of the last text; `None` if texts are never shown.
    last: Option<Mutex<Option<Instant>>>,
}

impl Progress {
    const PAUSE: Duration = Duration::from_millis(100);
    /// The time between two lines that are not replaced.
    const LONG_PAUSE: Duration = Duration::from_secs(10);

    /// Returns a display for terminals only.
    pub(crate) fn new() -> Progress {
        let terminal = io::stderr().is_terminal();
        Progress {
            terminal,
            pause: Progress::PAUSE,
            last: terminal.then(Mutex::default),
        }
    }

    /// Returns a display for terminals, files and pipes.
    pub(crate) fn with_lines() -> Progress {
        let terminal = io::stderr().is_terminal();
        let (pause, last) = match terminal {
            true => (Progress::PAUSE, None),
            // Short work needs no lines.
            false => (Progress::LONG_PAUSE, Some(Instant::now())),
        };
        Progress {
            terminal,
            pause,
            last: Some(Mutex::new(last)),
        }
    }

    /// Shows a text, unless another was shown a moment ago.
    pub(crate) fn show(&self, text: impl FnOnce() -> String) {
        let Some(Ok(mut last)) = self.last.as_ref().map(Mutex::try_lock) else {
            return;
        };
        if last.is_none_or(|last| last.elapsed() >= self.pause) {
            *last = Some(Instant::now());
            let _ = match self.terminal {
                // Cuts what is too wide: the beginning of a wrapped line could not be removed.
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
