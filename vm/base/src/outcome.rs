//! How a run ended, and the steps that it took.

use crate::limits::Limit;
use std::error::Error;
use std::fmt;
use std::io;

/// The result of a run: how it ended, where, and how many instructions it executed.
///
/// Each machine has an alias with its own types: `V` is what a program returns, `F` the machine's
/// faults, and `L` a location in its code, which the program turns into a name. What the program
/// printed went to the host.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Outcome<V, F, L> {
    /// How the run ended.
    pub ending: Ending<V, F>,
    /// The calls that were active when the run stopped; empty if the program returned.
    pub calls: CallStack<L>,
    /// What exactly was wrong, as a sentence for a person, if the machine knows more than the
    /// fault says.
    pub detail: Option<String>,
    /// How many instructions were executed, in the machine's unit of fuel.
    pub steps: u64,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending<V, F> {
    /// The program reached its end and returned a value.
    Returned(V),
    /// An instruction failed.
    Faulted(F),
    /// A limit was reached.
    Limited(Limit),
    /// The host did not accept the output, for which the program is not to blame.
    Host(HostError),
}

/// A fault that has a code: a short name that never changes, such as `divide-by-zero`.
pub trait FaultCode: Error {
    /// Returns the code.
    fn code(&self) -> &str;
}

/// An error of the host while it took a program's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError {
    kind: io::ErrorKind,
    message: String,
}

/// The calls that were active when a run stopped. The middle of a deep stack is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallStack<L> {
    /// The innermost calls, the innermost first.
    pub inner: Vec<L>,
    /// How many calls are left out between the two parts.
    pub omitted: u64,
    /// The outermost calls, the outermost last; empty unless calls are left out.
    pub outer: Vec<L>,
}

/// The first steps of a run.
///
/// `L` is a location in the machine's code, and `S` what the machine holds at a step.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Trace<L, S> {
    /// The steps, in the order of their execution.
    pub steps: Vec<Step<L, S>>,
    /// True if the run ended within these steps; false if more would follow.
    pub is_complete: bool,
}

/// An instruction that is about to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<L, S> {
    /// The instruction.
    pub at: L,
    /// What the machine holds before the instruction runs.
    pub state: S,
}

impl<V, F> Ending<V, F> {
    /// Returns a word for it: `returned`, `faulted`, `limited` or `host-error`.
    pub fn name(&self) -> &'static str {
        match self {
            Ending::Returned(_) => "returned",
            Ending::Faulted(_) => "faulted",
            Ending::Limited(_) => "limited",
            Ending::Host(_) => "host-error",
        }
    }
}

impl<V, F, L> Outcome<V, F, L> {
    /// Returns the outcome of a run that ended so, with `calls` active, after `steps` instructions.
    pub fn new(ending: Ending<V, F>, calls: CallStack<L>, steps: u64) -> Outcome<V, F, L> {
        Outcome {
            ending,
            calls,
            detail: None,
            steps,
        }
    }

    /// Returns true if the program reached its end.
    pub fn is_returned(&self) -> bool {
        matches!(self.ending, Ending::Returned(_))
    }

    /// Returns the value of a program that reached its end.
    pub fn value(&self) -> Option<&V> {
        match &self.ending {
            Ending::Returned(value) => Some(value),
            Ending::Faulted(_) | Ending::Limited(_) | Ending::Host(_) => None,
        }
    }

    /// Returns the fault that ended the run, if one did.
    pub fn fault(&self) -> Option<&F> {
        match &self.ending {
            Ending::Faulted(fault) => Some(fault),
            Ending::Returned(_) | Ending::Limited(_) | Ending::Host(_) => None,
        }
    }

    /// Returns the limit that ended the run, if one did.
    pub fn limit(&self) -> Option<Limit> {
        match self.ending {
            Ending::Limited(limit) => Some(limit),
            Ending::Returned(_) | Ending::Faulted(_) | Ending::Host(_) => None,
        }
    }

    /// Returns the instruction at which the run stopped; `None` if the program returned.
    pub fn at(&self) -> Option<&L> {
        self.calls.inner.first()
    }
}

impl<V, F: FaultCode, L> Outcome<V, F, L> {
    /// Returns the code of the fault or limit that ended the run, if one did.
    pub fn code(&self) -> Option<&str> {
        match &self.ending {
            Ending::Faulted(fault) => Some(fault.code()),
            Ending::Limited(limit) => Some(limit.code()),
            Ending::Returned(_) | Ending::Host(_) => None,
        }
    }
}

impl<L> CallStack<L> {
    /// Returns the stack of a run in which nothing is active any more.
    pub fn empty() -> CallStack<L> {
        CallStack::from(Vec::new())
    }

    /// Returns the number of active calls, those that are left out included.
    pub fn depth(&self) -> u64 {
        self.inner.len() as u64 + self.omitted + self.outer.len() as u64
    }
}

impl<L> Default for CallStack<L> {
    fn default() -> CallStack<L> {
        CallStack::empty()
    }
}

/// Makes a stack of which nothing is left out; the innermost call comes first.
impl<L> From<Vec<L>> for CallStack<L> {
    fn from(calls: Vec<L>) -> CallStack<L> {
        CallStack {
            inner: calls,
            omitted: 0,
            outer: Vec::new(),
        }
    }
}

impl<L, S> Trace<L, S> {
    /// Returns a trace of these steps.
    pub fn new(steps: Vec<Step<L, S>>, is_complete: bool) -> Trace<L, S> {
        Trace { steps, is_complete }
    }
}

impl HostError {
    /// Returns the kind of the input/output error.
    pub fn kind(&self) -> io::ErrorKind {
        self.kind
    }
}

impl From<io::Error> for HostError {
    fn from(error: io::Error) -> HostError {
        HostError {
            kind: error.kind(),
            message: error.to_string(),
        }
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for HostError {}
