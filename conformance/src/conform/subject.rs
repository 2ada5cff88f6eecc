//! Whom the corpus or a campaign is run on.

use super::EngineName;
use super::judge::{by_status, roots_elsewhere, uses};
use crate::case::Case;
use crate::compare::{self, Verdict};
use crate::engine::{Ending, Engine, Observation, Step};
use crate::engines::capabilities::Capabilities;
use crate::engines::config::Named;
use crate::engines::external::{ExternalVm, OneShot, Serving};
use crate::engines::local::{Local, needs_extensions};
use crate::engines::lower::lower;
use crate::engines::process::StartError;
use crate::machine::Machine;
use std::time::Duration;

/// What the corpus is run on.
#[derive(Clone, Debug)]
pub enum Subject {
    /// Our own machines.
    Ours,
    /// A process for each case.
    OneShot(ExternalVm),
    /// A process that serves.
    Serving(ExternalVm),
}

impl Subject {
    /// The engine that a file names. A server that wants to be asked what it can do is asked now.
    pub fn named(named: &Named) -> Result<Subject, StartError> {
        let mut foreign = named.foreign.clone();
        if !named.serves {
            return Ok(Subject::OneShot(foreign));
        }
        if !foreign.hello {
            return Ok(Subject::Serving(foreign));
        }
        let hello = Serving::new(foreign.clone()).greet()?;
        foreign.capabilities.apply(&hello);
        // The file has the last word.
        foreign.capabilities.apply(&named.said);
        Ok(Subject::Serving(foreign))
    }

    pub(super) fn foreign(&self) -> Option<&ExternalVm> {
        match self {
            Subject::Ours => None,
            Subject::OneShot(foreign) | Subject::Serving(foreign) => Some(foreign),
        }
    }

    pub(super) fn foreign_mut(&mut self) -> Option<&mut ExternalVm> {
        match self {
            Subject::Ours => None,
            Subject::OneShot(foreign) | Subject::Serving(foreign) => Some(foreign),
        }
    }

    /// Whether it has a machine, as far as is known.
    pub fn has(&self, machine: Machine) -> bool {
        let said = self.foreign().map(|foreign| &foreign.capabilities.machines);
        said.is_none_or(|said| said.as_ref().is_none_or(|said| said.contains(&machine)))
    }

    /// How long a program may take; our own machines count instructions instead.
    pub fn timeout(&self) -> Duration {
        self.foreign()
            .map_or(Duration::MAX, |foreign| foreign.timeout)
    }

    /// What of a run is not compared, as this engine does not tell it.
    pub fn blind(&self) -> Vec<String> {
        match self {
            Subject::Ours => Vec::new(),
            Subject::OneShot(_) => [
                "which fault it was",
                "where it was stopped",
                "the program's value",
            ]
            .map(str::to_owned)
            .to_vec(),
            Subject::Serving(foreign) => foreign.capabilities.blind(),
        }
    }

    /// What reports call it.
    pub fn name(&self) -> EngineName {
        match self {
            Subject::Ours => EngineName {
                name: "our own machines".to_owned(),
                command: None,
            },
            Subject::OneShot(foreign) | Subject::Serving(foreign) => EngineName {
                name: foreign.name.clone(),
                command: Some(foreign.command.to_string()),
            },
        }
    }
}

/// The subject as an engine for programs that nobody recorded.
pub fn engine(subject: &Subject) -> Box<dyn Engine> {
    match subject {
        Subject::Ours => Box::new(Local),
        Subject::OneShot(foreign) => Box::new(Portable {
            engine: OneShot::new(foreign.clone()),
            capabilities: foreign.capabilities.clone(),
            debugger: false,
        }),
        Subject::Serving(foreign) => Box::new(Portable {
            engine: Serving::new(foreign.clone()),
            capabilities: foreign.capabilities.clone(),
            debugger: true,
        }),
    }
}

/// How what an engine saw is compared with what the reference evaluator saw, which comes first.
pub type Comparison = Box<dyn Fn(&Observation, &Observation) -> Verdict>;

/// How what such an engine saw is compared with what the reference evaluator saw.
pub fn comparison(subject: &Subject) -> Comparison {
    match subject {
        Subject::Ours => Box::new(compare::exactly),
        Subject::OneShot(_) => Box::new(by_status),
        Subject::Serving(foreign) => {
            let capabilities = foreign.capabilities.clone();
            Box::new(move |expected, found| {
                let visible = |seen: &Observation| capabilities.visible(seen.clone());
                compare::within_limits(&visible(expected), &visible(found))
            })
        }
    }
}

/// An engine that is not asked what it cannot be told.
struct Portable<E> {
    engine: E,
    capabilities: Capabilities,
    /// True if it passes over `breakpoint`.
    debugger: bool,
}

impl<E: Engine> Engine for Portable<E> {
    fn name(&self) -> &str {
        self.engine.name()
    }

    fn observe(&mut self, case: &Case) -> Observation {
        let unknown = !self.capabilities.extensions && needs_extensions(case);
        let text_only = !self.capabilities.text_form && lower(case).is_none();
        let silent = self.debugger || !uses(case, "breakpoint");
        // Only the limits that the case sets are known before it runs.
        let limited = self.debugger
            && !self
                .capabilities
                .enforces(case, &Observation::of(Ending::Returned));
        let asked = !(roots_elsewhere(case) || case.strict || unknown || text_only || limited);
        match asked && silent {
            true => self.engine.observe(case),
            // As if it had been stopped at once: that is no agreement, and no disagreement.
            false => Observation::of(Ending::Limited),
        }
    }

    fn trace(&mut self, case: &Case, most: usize) -> Option<Vec<Step>> {
        self.engine.trace(case, most)
    }
}
