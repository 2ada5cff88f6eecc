//! Predicates that run a command on a program: it crashes in the same way, or it exits with status
//! 0. (Whether engines disagree is decided by [`crate::campaign::judge`].)

use crate::case::Case;
use crate::engine::StartError;
use crate::engines::external::{ExternalVm, lay_out};
use crate::engines::process::{Caps, Process, Pumped, describe};
use crate::generate::text_from_case;
use std::fmt;
use std::process::ExitStatus;
use std::time::Instant;

/// A command to run on programs.
#[derive(Clone, Debug)]
pub struct Command {
    /// How it is started, and its limits.
    pub vm: ExternalVm,
    /// The name of the one file that the program is packed in; `None` if each of its files is
    /// written separately.
    pub packed: Option<String>,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandEnd {
    /// It exited with status 0.
    Success,
    /// It ended in another way.
    Crash(Crash),
}

/// How a command crashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    /// What ended it.
    pub cause: CrashCause,
    /// The line in which a panic, a sanitizer or the like says what happened, as
    /// [`crash_headline`] returns it.
    pub headline: Option<String>,
}

/// What ended a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrashCause {
    /// It exited with this status, or a signal killed it.
    Status(ExitStatus),
    /// It was killed because it took too long.
    Timeout,
    /// It was killed because it printed too much.
    OutputLimit,
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause {
            CrashCause::Status(status) => f.write_str(&describe(status))?,
            CrashCause::Timeout => f.write_str("hangs")?,
            CrashCause::OutputLimit => f.write_str("prints without end")?,
        }
        match &self.headline {
            Some(headline) => write!(f, ", {headline}"),
            None => Ok(()),
        }
    }
}

impl Command {
    /// Runs the command on a program.
    ///
    /// # Errors
    ///
    /// Returns why the command could not be started.
    pub fn run(&self, case: &Case) -> Result<CommandEnd, StartError> {
        let no_room = |error: &dyn fmt::Display| {
            StartError::new(
                format!("cannot write the program's files: {error}"),
                "is there room in the folder for temporary files?",
            )
        };
        let packed = self.packed.as_ref().map(|name| {
            let text = text_from_case(case);
            Case::single(case.machine, name, text)
        });
        let case = packed.as_ref().unwrap_or(case);
        let folder = lay_out(case).map_err(|error| no_room(&error))?;
        let file = folder.path().join(&case.entry);
        let file = file
            .to_str()
            .ok_or_else(|| no_room(&"a name that is not UTF-8"))?;
        let vm = &self.vm;
        let deadline = Instant::now() + vm.timeout;
        let caps = Caps {
            memory: vm.memory,
            processor_seconds: None,
        };
        let mut process = Process::start(&vm.command, Some(file), caps)?;
        let pumped = process.pump(&[], deadline, vm.output, |_| false);
        let cause = match pumped {
            Pumped::Flooded => CrashCause::OutputLimit,
            Pumped::Late => CrashCause::Timeout,
            Pumped::Ended | Pumped::Enough => match process.finish(deadline) {
                Some(status) if status.success() => return Ok(CommandEnd::Success),
                Some(status) => CrashCause::Status(status),
                None => CrashCause::Timeout,
            },
        };
        let headline = match cause {
            CrashCause::Status(_) => crash_headline(&String::from_utf8_lossy(process.errors())),
            CrashCause::Timeout | CrashCause::OutputLimit => None,
        };
        Ok(CommandEnd::Crash(Crash { cause, headline }))
    }
}

/// What begins the part of a line that says why a process crashed. The text before it differs from
/// run to run.
const HEADLINES: [&str; 11] = [
    "panicked at ",
    "has overflowed its stack",
    "Fatal Python error: ",
    "SUMMARY: ",
    "ERROR: AddressSanitizer: ",
    "ERROR: LeakSanitizer: ",
    "ERROR: libFuzzer: ",
    "runtime error: ",
    "fatal error: ",
    "Assertion ",
    "terminate called ",
];

/// Returns the first line of a standard error that says why a process crashed, without what differs
/// from run to run: numbers of threads and processes, addresses, and the values in a panic's message.
///
/// ```
/// use conformance::reduce::predicate::crash_headline;
///
/// let panic = "note\nthread 'main' (77) panicked at src/run.rs:10:5:\nindex is 7\n";
/// assert_eq!(crash_headline(panic).as_deref(), Some("panicked at src/run.rs:10:5"));
/// let fault = "==9==ERROR: AddressSanitizer: SEGV on unknown address 0x7f01 (pc 0x55 T0)\n";
/// let expected = "ERROR: AddressSanitizer: SEGV on unknown address";
/// assert_eq!(crash_headline(fault).as_deref(), Some(expected));
/// assert_eq!(crash_headline("it did not work"), None);
/// ```
pub fn crash_headline(errors: &str) -> Option<String> {
    let headline = |line: &str| {
        let starts = HEADLINES.iter().filter_map(|words| line.find(words));
        starts.min().map(|at| line[at..].to_owned())
    };
    let line = errors.lines().find_map(headline)?;
    // In older versions of Rust, the message of a panic comes before its location.
    let line = match (line.strip_prefix("panicked at '"), line.rsplit_once("', ")) {
        (Some(_), Some((_, place))) => format!("panicked at {place}"),
        _ => line,
    };
    let address = [" 0x", "(0x", "+0x"]
        .iter()
        .filter_map(|mark| line.find(mark))
        .min();
    let line = &line[..address.unwrap_or(line.len())];
    let line = line.trim_end_matches([':', ' ', '(']);
    Some(line.chars().take(200).collect())
}
