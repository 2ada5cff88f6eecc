//! Input of the debugger: a line editor on a terminal, plain lines from a file or pipe. Output goes
//! to stderr.

use rustyline::config::Behavior;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor};
use std::io::{self, IsTerminal, Read, Write};
use vm::base::DebugPort;

/// The length at which a line of a file or pipe is cut.
const MAX_LINE: usize = 1 << 12;

/// The source of the debugger's commands.
pub(crate) enum Console {
    /// No command was read yet.
    Unopened,
    /// A terminal, with history and editing.
    Terminal(Box<Editor<(), MemHistory>>),
    /// Lines of a file or pipe.
    Lines,
}

impl Console {
    /// Returns a console that opens at the first command.
    pub(crate) fn new() -> Console {
        Console::Unopened
    }

    /// Opens a line editor if stdin and stderr are a terminal. It draws on the terminal itself, never
    /// on standard output, which belongs to the program.
    fn open() -> Console {
        let (stdin, stderr) = (io::stdin(), io::stderr());
        // The editor opens the controlling terminal, which must be this one.
        let ours = rustix::termios::tcgetpgrp(&stdin).is_ok();
        if !(stdin.is_terminal() && stderr.is_terminal() && ours) {
            return Console::Lines;
        }
        let config = Config::builder()
            .behavior(Behavior::PreferTerm)
            .auto_add_history(true)
            .build();
        match Editor::with_history(config, MemHistory::new()) {
            Ok(editor) => Console::Terminal(Box::new(editor)),
            Err(_) => Console::Lines,
        }
    }
}

impl DebugPort for Console {
    fn show(&mut self, text: &str) {
        let _ = io::stderr().write_all(text.as_bytes());
    }

    fn read_line(&mut self, prompt: &str) -> Option<String> {
        if matches!(self, Console::Unopened) {
            *self = Console::open();
        }
        match self {
            Console::Terminal(editor) => match editor.readline(prompt) {
                Ok(line) => Some(line),
                // An interrupt ends the program, as usual.
                Err(ReadlineError::Interrupted) => Some("quit".to_owned()),
                Err(_) => None,
            },
            Console::Lines | Console::Unopened => {
                self.show(prompt);
                let line = read_line();
                // Only a terminal echoes what is typed.
                if !io::stdin().is_terminal() {
                    self.show("\n");
                }
                line
            }
        }
    }
}

/// Reads a line of standard input; returns `None` at its end. A very long line is cut.
fn read_line() -> Option<String> {
    let mut line = Vec::new();
    let mut any = false;
    for byte in io::stdin().lock().bytes() {
        let byte = byte.ok()?;
        any = true;
        if byte == b'\n' {
            break;
        }
        if line.len() < MAX_LINE {
            line.push(byte);
        }
    }
    any.then(|| {
        String::from_utf8_lossy(&line)
            .trim_end_matches('\r')
            .to_owned()
    })
}
