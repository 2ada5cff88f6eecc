//! A line that tells a person at a terminal how far something is.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Written to stderr, if that is a terminal; gone when dropped.
pub(crate) struct Progress {
    last: Option<Mutex<Option<Instant>>>,
}

impl Progress {
    const PAUSE: Duration = Duration::from_millis(100);

    pub(crate) fn new() -> Progress {
        Progress {
            last: io::stderr().is_terminal().then(Mutex::default),
        }
    }

    /// Shows a text in place of the one before, unless that has only just been shown.
    pub(crate) fn show(&self, text: impl FnOnce() -> String) {
        let Some(Ok(mut last)) = self.last.as_ref().map(Mutex::try_lock) else {
            return;
        };
        if last.is_none_or(|last| last.elapsed() >= Progress::PAUSE) {
            *last = Some(Instant::now());
            let _ = write!(io::stderr(), "\r\x1b[K{}", text());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(last) = &self.last
            && last.lock().is_ok_and(|last| last.is_some())
        {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
