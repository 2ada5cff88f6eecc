//! The engine: what runs a case, and the one rule by which its result is judged.
//!
//! An [`Engine`] is anything that runs programs: our own machines, a reference evaluator, somebody
//! else's VM. For a case and what is [expected](Expectation) of it, an engine
//!
//! 1. says whether the case [applies](Engine::applies) to it and, if not, why;
//! 2. [runs](Engine::run) it, or reports that it did not start;
//! 3. [compares](Engine::compare) its result with the expected one.
//!
//! [`judge`] takes these three steps. The corpus, campaigns, the reducer and mutation testing all go
//! through it, so they cannot disagree about what counts as a difference.
//!
//! ```
//! use conformance::case::Case;
//! use conformance::compare::Verdict;
//! use conformance::engine::{Expectation, judge};
//! use conformance::engines::{local::Local, reference::Reference};
//! use conformance::machine::Machine;
//!
//! let case = Case::single(Machine::Mmm, "a.mmm", "function main\n int 1\n printn *\nend\n");
//! let expected = Reference.observe(&case);
//! let judgement = judge(&mut Local, &case, Expectation::Computed(&expected))?;
//! assert_eq!(judgement.verdict, Verdict::Agree);
//! assert_eq!(judgement.observation.unwrap().output, b"1\n");
//! # Ok::<(), conformance::engine::StartError>(())
//! ```

use crate::case::{Case, CaseLimits};
use crate::compare::{self, NotCompared, Verdict};
use serde::Serialize;
use std::error::Error;
use std::fmt;
use std::time::Duration;

pub use crate::case::{Ending, Observation, Step};

/// Something that runs programs.
///
/// An engine that runs in this process needs only [`Engine::name`] and [`Engine::run`]: by default
/// every case applies to it, and all fields of an observation are compared.
pub trait Engine {
    /// Returns the name of the engine in reports.
    fn name(&self) -> &str;

    /// Returns an error if the case means nothing to this engine, so that it is not run.
    fn applies(&self, _case: &Case, _expectation: Expectation<'_>) -> Result<(), NotCompared> {
        Ok(())
    }

    /// Runs a case to its end, however bad that is: that an engine crashes or hangs is an
    /// observation. The observation has only fields that the engine is able to report.
    fn run(&mut self, case: &Case) -> Result<Observation, StartError>;

    /// Compares an observation of this engine's with the expected one.
    fn compare(&self, _case: &Case, expected: &Observation, found: &Observation) -> Verdict {
        compare::exactly(expected, found)
    }

    /// Returns the first `max_steps` steps of a run; `None` if the engine cannot report steps.
    fn trace(&mut self, _case: &Case, _max_steps: usize) -> Option<Vec<Step>> {
        None
    }

    /// Returns where programs run, which decides whether a second run can differ from the first.
    fn placement(&self) -> Placement {
        Placement::InProcess
    }

    /// Ends what the engine keeps between programs, so that the next one has a fresh process.
    fn restart(&mut self) {}

    /// Sets how long each program may take from now on. An engine in this process counts
    /// instructions instead.
    fn set_timeout(&mut self, _timeout: Duration) {}
}

/// Where an engine runs programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// In this process, which keeps nothing from one program to the next.
    InProcess,
    /// In a process for each program.
    OneShot,
    /// In one process for many programs.
    Serving,
}

/// What a case is expected to do, as far as that is known before an engine runs it.
#[derive(Clone, Copy, Debug)]
pub enum Expectation<'a> {
    /// The case is one of a corpus, and this is on record. The limits that such a case sets are part
    /// of what it shows.
    Recorded(&'a Observation),
    /// The program was generated, and this is the oracle's result. Its limits only make sure that
    /// it ends.
    Computed(&'a Observation),
    /// Nothing is known: the engine is the oracle.
    Unknown,
}

impl<'a> Expectation<'a> {
    /// Returns the expected observation, if one is known.
    pub fn observation(self) -> Option<&'a Observation> {
        match self {
            Expectation::Recorded(expected) | Expectation::Computed(expected) => Some(expected),
            Expectation::Unknown => None,
        }
    }

    /// Returns true if an engine without limits cannot do what is expected, or would show nothing
    /// by doing it.
    pub fn is_about_limits(self, case: &Case) -> bool {
        let is_limited = |seen: &Observation| seen.ending == Ending::Limited;
        self.observation().is_some_and(is_limited)
            || matches!(self, Expectation::Recorded(_)) && case.limits != CaseLimits::default()
    }
}

/// The result of a case on an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What was observed; `None` if the case does not apply to the engine, which did not run it.
    pub observation: Option<Observation>,
    /// How that compares with what is expected.
    pub verdict: Verdict,
}

impl Judgement {
    /// Returns the result of a case that was not run.
    pub fn not_compared(reason: NotCompared) -> Judgement {
        Judgement {
            observation: None,
            verdict: Verdict::Inconclusive(reason),
        }
    }

    /// Returns the result of a run, compared as the engine compares it. If nothing is expected,
    /// whatever the engine did agrees.
    pub fn of(
        engine: &dyn Engine,
        case: &Case,
        expectation: Expectation<'_>,
        found: Observation,
    ) -> Judgement {
        let verdict = match expectation.observation() {
            Some(expected) => engine.compare(case, expected, &found),
            None => Verdict::Agree,
        };
        Judgement {
            observation: Some(found),
            verdict,
        }
    }
}

/// Runs a case on an engine, if it applies, and compares the result with what is expected.
///
/// # Errors
///
/// Returns an error if the engine did not start.
pub fn judge(
    engine: &mut dyn Engine,
    case: &Case,
    expectation: Expectation<'_>,
) -> Result<Judgement, StartError> {
    if let Err(reason) = engine.applies(case, expectation) {
        return Ok(Judgement::not_compared(reason));
    }
    let found = engine.run(case)?;
    Ok(Judgement::of(engine, case, expectation, found))
}

/// An engine's command could not be used or started.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StartError {
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl StartError {
    /// Returns an error with a message and a remedy.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> StartError {
        StartError {
            message: message.into(),
            help: help.into(),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.help)
    }
}

impl Error for StartError {}

/// The name of an engine in reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EngineName {
    /// Its name; may be empty if it has a command.
    pub name: String,
    /// How it is started; `None` for our own machines.
    pub command: Option<String>,
}

impl EngineName {
    /// Returns the shortest text that distinguishes it from other engines.
    pub fn short(&self) -> &str {
        match (&*self.name, &self.command) {
            ("", Some(command)) => command,
            (name, _) => name,
        }
    }
}

impl fmt::Display for EngineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&*self.name, &self.command) {
            ("", Some(command)) => write!(f, "'{command}'"),
            (name, Some(command)) => write!(f, "{name} ('{command}')"),
            (name, None) => f.write_str(name),
        }
    }
}
