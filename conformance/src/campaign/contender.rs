//! The engines that take part in a campaign.

use crate::engine::Engine;
use std::io;

/// The name of the reference evaluator in reports.
pub const REFERENCE: &str = "reference";
/// The name in reports of the ending that the generator intended.
pub(super) const GENERATOR: &str = "generator";

/// An engine that takes part in a campaign.
pub struct Contender {
    /// Its name in reports; no two engines of a campaign have the same.
    pub name: String,
    /// The engine that runs the programs.
    pub engine: Box<dyn Engine>,
}

impl Contender {
    /// Returns an engine under its own name.
    pub fn new(engine: impl Engine + 'static) -> Contender {
        let name = engine.name().to_owned();
        Contender::named(&name, Box::new(engine))
    }

    /// Returns an engine under another name.
    pub fn named(name: &str, engine: Box<dyn Engine>) -> Contender {
        Contender {
            name: name.to_owned(),
            engine,
        }
    }
}

/// Makes the engines of one thread.
pub type Engines<'a> = &'a (dyn Fn() -> io::Result<Vec<Contender>> + Sync);
