//! The result of compiling a file: flat code, and the tables that it refers to.

use super::functions::Function;
use super::ir::{Code, CodeIndex, NONE, Origin, Slot};
use super::kind::Kind;

/// A constant in the frame.
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
    /// The function; `None` if the host has no function with this name.
    pub(super) function: Option<usize>,
    /// Its arguments, as a range of [`Compiled::arguments`].
    pub(super) arguments: std::ops::Range<u32>,
}

/// A FOR loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counter {
    pub(super) var: Slot,
    /// The slot of the hidden counter; the next slot holds the end value.
    pub(super) count: Slot,
    pub(super) exit: CodeIndex,
}

/// What the interpreter executes.
#[derive(Clone, Debug, Default)]
pub(super) struct Compiled {
    pub(super) code: Vec<Code>,
    pub(super) origin: Vec<Origin>,
    /// For each instruction of the file, the index of its code.
    pub(super) begins: Vec<CodeIndex>,
    pub(super) variables: u32,
    pub(super) literals: Vec<Literal>,
    /// For each literal that is the right operand of mod, the slot of its reciprocal: 2^64 divided
    /// by it, rounded up. [`NONE`] for the other literals.
    pub(super) reciprocals: Vec<Slot>,
    /// The number of slots for hidden counters.
    pub(super) counts: u32,
    /// The number of temporaries of each kind.
    pub(super) temporaries: u32,
    /// The kinds of the slots before the temporaries.
    pub(super) kinds: Vec<Kind>,
    /// The FOR loops.
    pub(super) counters: Vec<Counter>,
    pub(super) sites: Vec<Site>,
    pub(super) arguments: Vec<Slot>,
    pub(super) functions: Vec<Function>,
}

impl Compiled {
    /// Returns the number of slots of the frame.
    pub(super) fn slots(&self) -> usize {
        self.first_temporary() as usize + self.temporaries as usize * KINDS.len()
    }

    /// Returns the slot of the first hidden counter.
    pub(super) fn first_count(&self) -> Slot {
        self.variables + self.literals.len() as u32
    }

    /// Returns the slot of the first temporary.
    pub(super) fn first_temporary(&self) -> Slot {
        self.first_count() + self.counts
    }

    /// Returns the temporary of a kind at a height of the stack.
    pub(super) fn temporary(&self, at: u32, kind: Kind) -> Slot {
        self.first_temporary() + at * KINDS.len() as u32 + kind as u32
    }

    /// Returns the kind of a slot.
    pub(super) fn kind(&self, slot: Slot) -> Kind {
        match self.kinds.get(slot as usize) {
            Some(kind) => *kind,
            None => KINDS[(slot - self.first_temporary()) as usize % KINDS.len()],
        }
    }

    /// Returns the slot of 2^64 divided by the value in `slot`, rounded up, if there is one.
    pub(super) fn reciprocal(&self, slot: Slot) -> Option<Slot> {
        let literal = slot.checked_sub(self.variables)?;
        let found = self.reciprocals.get(literal as usize)?;
        (*found != NONE).then_some(*found)
    }

    /// Returns the kind that all of these slots have.
    pub(super) fn kind_of_all(&self, slots: &[Slot]) -> Kind {
        let kind = self.kind(slots[0]);
        match slots.iter().all(|&slot| self.kind(slot) == kind) {
            true => kind,
            false => Kind::Any,
        }
    }
}

/// The kinds of the temporaries at each height of the stack.
const KINDS: [Kind; 3] = [Kind::Any, Kind::Int, Kind::Float];
