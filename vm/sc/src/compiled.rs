//! What a file is compiled to: flat code, and what it needs beside itself.

use super::functions::Function;
use super::ir::{Code, CodeIndex, NONE, Origin, Slot};
use super::kind::Kind;

/// A constant of the frame.
#[derive(Clone, Debug)]
pub(super) enum Literal {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
}

impl Literal {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Literal::Int(_) => Kind::Int,
            Literal::Float(_) => Kind::Float,
            Literal::Nil | Literal::Bool(_) | Literal::Str(_) => Kind::Any,
        }
    }
}

/// A call of a host function.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// The function; `None` if the host has none of that name.
    pub(super) function: Option<usize>,
    /// Its arguments, a range of [`Compiled::arguments`].
    pub(super) arguments: std::ops::Range<u32>,
}

/// A FOR loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counter {
    pub(super) var: Slot,
    /// The place of the hidden counter; where it ends is in the one behind it.
    pub(super) count: Slot,
    pub(super) exit: CodeIndex,
}

/// What [`super::run`] executes.
#[derive(Clone, Debug, Default)]
pub(super) struct Compiled {
    pub(super) code: Vec<Code>,
    pub(super) origin: Vec<Origin>,
    /// For each instruction of the file, where its code begins.
    pub(super) begins: Vec<CodeIndex>,
    pub(super) variables: u32,
    pub(super) literals: Vec<Literal>,
    /// For each literal that remainders are taken by, the place of another one: 2^64 divided by
    /// it, rounded up ([`NONE`] for the others).
    pub(super) reciprocals: Vec<Slot>,
    /// How many places the hidden counters take.
    pub(super) counts: u32,
    /// How many temporaries there are of each kind.
    pub(super) temporaries: u32,
    /// The kinds of the places before the temporaries.
    pub(super) kinds: Vec<Kind>,
    /// The FOR loops.
    pub(super) counters: Vec<Counter>,
    pub(super) sites: Vec<Site>,
    pub(super) arguments: Vec<Slot>,
    pub(super) functions: Vec<Function>,
}

impl Compiled {
    /// How many places the frame has.
    pub(super) fn places(&self) -> usize {
        self.first_temporary() as usize + self.temporaries as usize * KINDS.len()
    }

    /// The place of the first hidden counter.
    pub(super) fn first_count(&self) -> Slot {
        self.variables + self.literals.len() as u32
    }

    /// The first place of the temporaries.
    pub(super) fn first_temporary(&self) -> Slot {
        self.first_count() + self.counts
    }

    /// The temporary of a kind at a height of the stack.
    pub(super) fn temporary(&self, at: u32, kind: Kind) -> Slot {
        self.first_temporary() + at * KINDS.len() as u32 + kind as u32
    }

    /// The kind of a place.
    pub(super) fn kind(&self, slot: Slot) -> Kind {
        match self.kinds.get(slot as usize) {
            Some(kind) => *kind,
            None => KINDS[(slot - self.first_temporary()) as usize % KINDS.len()],
        }
    }

    /// The place of 2^64 divided by what is in `slot`, rounded up, if there is one.
    pub(super) fn reciprocal(&self, slot: Slot) -> Option<Slot> {
        let literal = slot.checked_sub(self.variables)?;
        let found = self.reciprocals.get(literal as usize)?;
        (*found != NONE).then_some(*found)
    }

    /// The kind that all of these places have.
    pub(super) fn kind_of_all(&self, slots: &[Slot]) -> Kind {
        let kind = self.kind(slots[0]);
        match slots.iter().all(|&slot| self.kind(slot) == kind) {
            true => kind,
            false => Kind::Any,
        }
    }
}

/// The temporaries at one height of the stack.
const KINDS: [Kind; 3] = [Kind::Any, Kind::Int, Kind::Float];
