//! How a run ended.

use super::Limit;
use std::borrow::Cow;

/// What a run came to. What it printed went to the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Why it is over.
    pub ending: Ending,
    /// The printing form of the program's value, if it has one.
    pub value: Option<String>,
    /// The instruction it stopped at, in the machine's own form (`file#function:line` …).
    pub at: Option<String>,
    /// What exactly was wrong, for a person.
    pub detail: Option<String>,
    /// The calls that were active, innermost first, as code positions of the program that ran;
    /// empty if it returned. The middle of a deep stack is left out.
    pub trace: Vec<u32>,
    /// How many calls were active, with those that the trace leaves out.
    pub depth: u64,
    /// How many instructions ran.
    pub steps: u64,
}

/// Why a run is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The program came to its end.
    Returned,
    /// An instruction could not do its work; the fault's code.
    Faulted(Cow<'static, str>),
    /// A limit was reached.
    Limited(Limit),
    /// The host would not take the output; the program is not to blame.
    Host(String),
}

/// An instruction that is about to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where it stands, in the form of [`Outcome::at`].
    pub at: String,
    /// What the machine holds, in printing form.
    pub state: Vec<String>,
}

impl Outcome {
    /// The code of the fault or limit that ended the run, if one did.
    pub fn fault(&self) -> Option<&str> {
        match &self.ending {
            Ending::Faulted(code) => Some(code),
            Ending::Limited(limit) => Some(limit.code()),
            Ending::Returned | Ending::Host(_) => None,
        }
    }
}
