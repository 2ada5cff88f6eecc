//! The person at the debugger: a line editor on a terminal, plain lines from elsewhere. What is
//! shown goes to stderr.

use rustyline::config::Behavior;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor};
use std::io::{self, IsTerminal, Read, Write};
use vm::base::DebugPort;

/// The longest line that is read from a file or pipe.
const LONGEST: usize = 1 << 12;

/// Where choices come from.
pub(crate) enum Console {
    /// Nothing was asked yet.
    Unopened,
    /// A terminal, with history and editing.
    Terminal(Box<Editor<(), MemHistory>>),
    /// Lines of a file or pipe.
    Lines,
}

impl Console {
    pub(crate) fn new() -> Console {
        Console::Unopened
    }

    /// An editor, if a person sits at a terminal that it can draw on. It draws on the terminal
    /// itself, never on standard output, which is the program's.
    fn open() -> Console {
        let (stdin, stderr) = (io::stdin(), io::stderr());
        // The terminal that the editor opens by name is this one only if it controls us.
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
                // Who interrupts wants out of the program, as anywhere else.
                Err(ReadlineError::Interrupted) => Some("quit".to_owned()),
                Err(_) => None,
            },
            Console::Lines | Console::Unopened => {
                self.show(prompt);
                let line = read_line();
                // What was typed shows up by itself on a terminal only.
                if !io::stdin().is_terminal() {
                    self.show("\n");
                }
                line
            }
        }
    }
}

/// A line of standard input; `None` at its end. A longer one than is sensible is cut.
fn read_line() -> Option<String> {
    let mut line = Vec::new();
    let mut any = false;
    for byte in io::stdin().lock().bytes() {
        let byte = byte.ok()?;
        any = true;
        if byte == b'\n' {
            break;
        }
        if line.len() < LONGEST {
            line.push(byte);
        }
    }
    any.then(|| {
        String::from_utf8_lossy(&line)
            .trim_end_matches('\r')
            .to_owned()
    })
}
