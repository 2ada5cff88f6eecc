//! What commands make of programs: that one dies, in which way; that a script says that a program is
//! interesting. (Disagreements of engines are [`crate::campaign::judge`]'s.)

use crate::case::Case;
use crate::engines::external::{ExternalVm, lay_out};
use crate::engines::process::{Caps, Process, Pumped, StartError, describe};
use crate::generate::mutate::text_from_case;
use std::fmt;
use std::process::ExitStatus;
use std::time::Instant;

/// A command that is given programs.
#[derive(Clone, Debug)]
pub struct Watched {
    /// How it is started and what it may take.
    pub foreign: ExternalVm,
    /// The name of the one file that it is given, if several are packed in it.
    pub packed: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It ended well.
    Well,
    /// It died.
    Died(Death),
}

/// How a command died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// By what.
    pub by: By,
    /// The first line in which a panic, a sanitizer or the like says what it was, without anything
    /// that is another each time.
    pub words: Option<String>,
}

/// What a command died by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// It ended itself, with that status.
    Status(ExitStatus),
    /// It took too long.
    Time,
    /// It printed too much.
    Output,
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            By::Status(status) => f.write_str(&describe(status))?,
            By::Time => f.write_str("hangs")?,
            By::Output => f.write_str("prints without end")?,
        }
        match &self.words {
            Some(words) => write!(f, ", {words}"),
            None => Ok(()),
        }
    }
}

impl Watched {
    /// Runs it on a program.
    pub fn run(&self, case: &Case) -> Result<Fate, StartError> {
        let no_room = |error: &dyn fmt::Display| StartError {
            message: format!("cannot write the program's files: {error}"),
            help: "is there room in the folder for temporary files?".to_owned(),
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
        let foreign = &self.foreign;
        let deadline = Instant::now() + foreign.timeout;
        let caps = Caps {
            memory: foreign.memory,
            processor_seconds: None,
        };
        let mut process = Process::start(&foreign.command, Some(file), caps)?;
        let pumped = process.pump(&[], deadline, foreign.output, |_| false);
        let by = match pumped {
            Pumped::Flooded => By::Output,
            Pumped::Late => By::Time,
            Pumped::Ended | Pumped::Enough => match process.finish(deadline) {
                Some(status) if status.success() => return Ok(Fate::Well),
                Some(status) => By::Status(status),
                None => By::Time,
            },
        };
        let words = match by {
            By::Status(_) => last_words(&String::from_utf8_lossy(process.errors())),
            By::Time | By::Output => None,
        };
        Ok(Fate::Died(Death { by, words }))
    }
}

/// What begins the part of a line that says what a process died of: what comes before it is another
/// each time.
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

/// The first line that says what a process died of, without what is another each time: numbers of
/// threads and processes, addresses, and values that a panic's words quote.
///
/// ```
/// use conformance::reduce::predicate::last_words;
///
/// let said = "note\nthread 'main' (77) panicked at src/run.rs:10:5:\nindex is 7\n";
/// assert_eq!(last_words(said).as_deref(), Some("panicked at src/run.rs:10:5"));
/// let said = "==9==ERROR: AddressSanitizer: SEGV on unknown address 0x7f01 (pc 0x55 T0)\n";
/// let known = "ERROR: AddressSanitizer: SEGV on unknown address";
/// assert_eq!(last_words(said).as_deref(), Some(known));
/// assert_eq!(last_words("it did not work"), None);
/// ```
pub fn last_words(errors: &str) -> Option<String> {
    let headline = |line: &str| {
        let starts = HEADLINES.iter().filter_map(|words| line.find(words));
        starts.min().map(|at| line[at..].to_owned())
    };
    let line = errors.lines().find_map(headline)?;
    // Older panics have their words before the place.
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
