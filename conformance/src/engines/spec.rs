//! A description of an engine, from which it is made: each thread makes its own.

use super::config::Named;
use super::external::{ExternalVm, OneShot, Serving};
use super::local::Local;
use crate::engine::{Engine, EngineName, Placement, StartError};
use crate::machine::Machine;
use std::time::Duration;

/// Which engine to make.
#[derive(Clone, Debug)]
pub enum EngineSpec {
    /// Our own machines, in this process.
    Ours,
    /// An external VM, with a process for each program.
    OneShot(ExternalVm),
    /// An external VM, with one process that serves many programs.
    Serving(ExternalVm),
}

impl EngineSpec {
    /// Returns the engine that a settings file names. If the file says so, the server is asked for
    /// its capabilities now.
    ///
    /// # Errors
    ///
    /// Returns an error if the server does not start or does not report its capabilities.
    pub fn named(named: &Named) -> Result<EngineSpec, StartError> {
        let mut external = named.external.clone();
        if !named.serves {
            return Ok(EngineSpec::OneShot(external));
        }
        if external.hello {
            let hello = Serving::new(external.clone()).greet()?;
            external.capabilities.apply(&hello);
            // What the file declares overrides the server's hello.
            external.capabilities.apply(&named.declared);
        }
        Ok(EngineSpec::Serving(external))
    }

    /// Makes the engine. No process is started before the first program.
    pub fn engine(&self) -> Box<dyn Engine> {
        match self {
            EngineSpec::Ours => Box::new(Local),
            EngineSpec::OneShot(external) => Box::new(OneShot::new(external.clone())),
            EngineSpec::Serving(external) => Box::new(Serving::new(external.clone())),
        }
    }

    /// Returns the settings of an external VM.
    pub fn external(&self) -> Option<&ExternalVm> {
        match self {
            EngineSpec::Ours => None,
            EngineSpec::OneShot(external) | EngineSpec::Serving(external) => Some(external),
        }
    }

    /// Returns the settings of an external VM, to be changed.
    pub fn external_mut(&mut self) -> Option<&mut ExternalVm> {
        match self {
            EngineSpec::Ours => None,
            EngineSpec::OneShot(external) | EngineSpec::Serving(external) => Some(external),
        }
    }

    /// Returns where the engine runs programs.
    pub fn placement(&self) -> Placement {
        match self {
            EngineSpec::Ours => Placement::InProcess,
            EngineSpec::OneShot(_) => Placement::OneShot,
            EngineSpec::Serving(_) => Placement::Serving,
        }
    }

    /// Returns true if the engine has a machine, as far as is known.
    pub fn has(&self, machine: Machine) -> bool {
        self.external()
            .is_none_or(|external| external.capabilities.has(machine))
    }

    /// Returns how long a program may take; our own machines count instructions instead.
    pub fn timeout(&self) -> Duration {
        self.external()
            .map_or(Duration::MAX, |external| external.timeout)
    }

    /// Returns descriptions of what is not compared, as this engine does not report it.
    pub fn not_compared(&self) -> Vec<String> {
        match self {
            EngineSpec::Ours => Vec::new(),
            EngineSpec::OneShot(_) => [
                "which fault it was",
                "where it was stopped",
                "the program's value",
            ]
            .map(str::to_owned)
            .to_vec(),
            EngineSpec::Serving(external) => external.capabilities.not_compared(),
        }
    }

    /// Returns the engine's name in reports.
    pub fn name(&self) -> EngineName {
        match self.external() {
            None => EngineName {
                name: "our own machines".to_owned(),
                command: None,
            },
            Some(external) => EngineName {
                name: external.name.clone(),
                command: Some(external.command.to_string()),
            },
        }
    }
}
