//! The engines that take part in a campaign.

use crate::compare::{Verdict, exactly};
use crate::engine::{Engine, Observation};
use std::io;

/// The name of the reference evaluator in reports.
pub const REFERENCE: &str = "reference";
/// The name in reports of the ending that the generator intended.
pub(super) const GENERATOR: &str = "generator";

/// Compares an engine's observation with the oracle's, which comes first.
pub type Compare = Box<dyn Fn(&Observation, &Observation) -> Verdict>;

/// An engine that takes part in a campaign.
pub struct Contender {
    /// Its name in reports; no two engines of a campaign have the same.
    pub name: String,
    /// The engine that runs the programs.
    pub engine: Box<dyn Engine>,
    /// Compares what the engine observed.
    pub compare: Compare,
}

impl Contender {
    /// Returns an engine under its own name whose observations are compared exactly.
    pub fn new(engine: impl Engine + 'static) -> Contender {
        let name = engine.name().to_owned();
        Contender::named(&name, Box::new(engine), exactly)
    }

    /// Returns an engine under another name, with a comparison of its own.
    pub fn named(
        name: &str,
        engine: Box<dyn Engine>,
        compare: impl Fn(&Observation, &Observation) -> Verdict + 'static,
    ) -> Contender {
        Contender {
            name: name.to_owned(),
            engine,
            compare: Box::new(compare),
        }
    }
}

/// Makes the engines of one thread.
pub type Engines<'a> = &'a (dyn Fn() -> io::Result<Vec<Contender>> + Sync);
