//! A module that may be run.

use super::check::{Shape, check};
use super::object::{Id, Pool};
use super::pyc::Pyc;
use crate::base::Diagnostic;

/// A file that was read and verified.
#[derive(Clone, Debug)]
pub struct Program {
    /// The file.
    pub pyc: Pyc,
    /// What each of its code objects needs, in the order of their ids.
    pub shapes: Vec<Shape>,
    /// What is odd in it, and harmless.
    pub warnings: Vec<Diagnostic>,
}

/// Reads a `.pyc` file and verifies all of its code.
pub fn load(name: &str, bytes: &[u8]) -> Result<Program, Vec<Diagnostic>> {
    let pyc = Pyc::read(name, bytes).map_err(|found| vec![*found])?;
    let tell = |problems: Vec<super::check::Problem>, pyc: &Pyc| {
        let file = Some((name, bytes, pyc.offsets.as_slice()));
        let told = problems
            .iter()
            .map(|found| found.diagnostic(&pyc.pool, file));
        told.collect::<Vec<_>>()
    };
    match check(&pyc.pool, pyc.code) {
        Ok((shapes, warnings)) => Ok(Program {
            warnings: tell(warnings, &pyc),
            pyc,
            shapes,
        }),
        Err(problems) => Err(tell(problems, &pyc)),
    }
}

impl Program {
    /// The objects.
    pub fn pool(&self) -> &Pool {
        &self.pyc.pool
    }

    /// The module's code object.
    pub fn code(&self) -> Id {
        self.pyc.code
    }

    /// What a code object needs to run.
    pub fn shape(&self, code: Id) -> Option<Shape> {
        let at = self.shapes.binary_search_by_key(&code, |shape| shape.code);
        at.ok().map(|at| self.shapes[at])
    }
}
