//! The matcher of CPython 3.9's regular expressions.
//!
//! [`Program::run`] executes the code that `sre_compile` makes of an expression. Nothing recurses:
//! backtracking keeps its state on a stack of its own, whose size is limited, and every step counts
//! against a budget.
//!
//! ```
//! use vm_py_sre::{Limits, Mode, Program, Request};
//!
//! // What CPython's sre_compile makes of `(b+)c`.
//! let code = vec![18, 0, 25, 6, 1, u32::MAX, 17, 98, 1, 18, 1, 17, 99, 1];
//! let program = Program::new(code, 1);
//! let text: &[u8] = b"abbc";
//! let mut limits = Limits { steps: 1000, frames: 1000 };
//! let found = program.run(text, &Request::new(Mode::Search, text.len()), &mut limits);
//! let found = found.unwrap().unwrap();
//! assert_eq!((found.start, found.end), (1, 4));
//! assert_eq!(found.group(1), Some(1..3));
//! ```

mod charset;
mod matcher;
mod op;

use std::error::Error;
use std::fmt;
use std::ops::Range;

/// The value of `MAGIC` in the `sre_constants` whose code this runs.
pub const MAGIC: u32 = 20_171_005;

/// The highest count of a repetition, which stands for any number.
pub const MAX_REPEAT: u32 = u32::MAX;

/// The greatest number of groups.
pub const MAX_GROUPS: u32 = i32::MAX as u32;

pub use charset::{lower_ascii, lower_unicode, upper_unicode};

/// A text that is matched.
pub trait Text {
    /// Returns the number of characters.
    fn length(&self) -> usize;

    /// Returns the character at `index`, which is less than the length.
    fn at(&self, index: usize) -> u32;
}

impl Text for [u8] {
    fn length(&self) -> usize {
        self.len()
    }

    fn at(&self, index: usize) -> u32 {
        u32::from(self[index])
    }
}

impl Text for [u32] {
    fn length(&self) -> usize {
        self.len()
    }

    fn at(&self, index: usize) -> u32 {
        self[index]
    }
}

/// The code of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    code: Vec<u32>,
    groups: u32,
}

/// How an expression is applied to a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// At the start only.
    Match,
    /// From the start to the end.
    Fullmatch,
    /// At the first place where it matches.
    Search,
}

/// Where and how a text is matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// How the expression is applied.
    pub mode: Mode,
    /// The part of the text; what precedes it can be looked back at.
    pub range: Range<usize>,
    /// True if a match that is empty at the start of the range does not count.
    pub must_advance: bool,
}

impl Request {
    /// Returns the request to match a whole text of `length` characters.
    pub fn new(mode: Mode, length: usize) -> Request {
        Request {
            mode,
            range: 0..length,
            must_advance: false,
        }
    }
}

/// What a run may use. A run takes off what it used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps: instructions executed and characters compared.
    pub steps: u64,
    /// Entries on the stack of choices, of about 100 bytes each.
    pub frames: usize,
}

/// A match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Where the match starts.
    pub start: usize,
    /// Where the match ends.
    pub end: usize,
    /// The number of the group that was closed last.
    pub last_index: Option<usize>,
    marks: Vec<Option<usize>>,
}

impl Match {
    /// Returns where group `number` matched; group 0 is the whole match.
    pub fn group(&self, number: usize) -> Option<Range<usize>> {
        if number == 0 {
            return Some(self.start..self.end);
        }
        let start = self.marks.get(2 * number - 2).copied().flatten()?;
        let end = self.marks.get(2 * number - 1).copied().flatten()?;
        Some(start..end)
    }
}

/// Why a run did not come to a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunError {
    /// The code is not what `sre_compile` makes.
    InvalidCode,
    /// The steps are used up.
    OutOfSteps,
    /// The stack of choices is full.
    OutOfFrames,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RunError::InvalidCode => "invalid SRE code",
            RunError::OutOfSteps => "the steps of the match are used up",
            RunError::OutOfFrames => "the match has too many choices open",
        })
    }
}

impl Error for RunError {}

impl Program {
    /// Returns the program of `code`, in which `groups` groups are numbered from 1.
    pub fn new(code: Vec<u32>, groups: u32) -> Program {
        Program { code, groups }
    }

    /// Returns the code.
    pub fn code(&self) -> &[u32] {
        &self.code
    }

    /// Returns the number of groups.
    pub fn groups(&self) -> u32 {
        self.groups
    }

    /// Matches a text. A range that exceeds the text is cut.
    pub fn run<T: Text + ?Sized>(
        &self,
        text: &T,
        request: &Request,
        limits: &mut Limits,
    ) -> Result<Option<Match>, RunError> {
        matcher::run(self, text, request, limits)
    }
}
