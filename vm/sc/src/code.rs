//! What a file is compiled to: flat code, and what it needs beside itself.

use super::file::ConstantRef;
use super::functions::Function;
use super::quick::QuickCode;

/// A place in the frame.
pub(super) type Slot = u32;
/// An index of [`Compiled::code`].
pub(super) type Pc = u32;

/// What a place of the frame holds, whenever it holds anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Values of any type.
    Any,
    /// Int, and nothing else.
    Int,
    /// Float, and nothing else.
    Float,
}

impl Kind {
    pub(super) fn of_constant(constant: ConstantRef) -> Kind {
        match constant {
            ConstantRef::Int(_) => Kind::Int,
            ConstantRef::Float(_) => Kind::Float,
            ConstantRef::Nil | ConstantRef::Bool(_) | ConstantRef::Str(_) => Kind::Any,
        }
    }
}

/// One instruction of the flat code. Where it reads a variable whose kind is known, the variable
/// is set: a CheckSet is before it if need be. Where it computes such a variable, that is set too.
#[rustfmt::skip]
#[derive(Clone, Copy, Debug)]
pub(super) enum Code {
    /// Begins a block: takes its fuel.
    Charge { cost: u64 },
    /// The program's end.
    Finish,
    /// Faults if the variable is unset.
    CheckSet { slot: Slot },
    Move { dst: Slot, from: Slot },
    /// Drops what a temporary holds.
    Drop { slot: Slot },
    Add { dst: Slot, a: Slot, b: Slot },
    /// As Add, and may take the text out of the variable `a`: the instruction assigns it anew, and
    /// does not read it again.
    AddTaking { dst: Slot, a: Slot, b: Slot },
    Sub { dst: Slot, a: Slot, b: Slot },
    Mul { dst: Slot, a: Slot, b: Slot },
    Div { dst: Slot, a: Slot, b: Slot },
    Mod { dst: Slot, a: Slot, b: Slot },
    Lt { dst: Slot, a: Slot, b: Slot },
    Le { dst: Slot, a: Slot, b: Slot },
    Eq { dst: Slot, a: Slot, b: Slot },
    Ne { dst: Slot, a: Slot, b: Slot },
    And { dst: Slot, a: Slot, b: Slot },
    Or { dst: Slot, a: Slot, b: Slot },
    Not { dst: Slot, a: Slot },
    Neg { dst: Slot, a: Slot },
    Call { dst: Slot, site: u32 },
    /// Evaluates an ast that is compiled once for several instructions.
    Gosub { to: Pc },
    Return,
    /// Begins a FOR, or goes to its exit if there is no turn.
    ForEnter { start: Slot, stop: Slot, counter: u32 },
    /// The next turn at `to`, if there is one, paying `cost`; what begins there is paid before by
    /// a Charge at `to - 1`.
    ForNext { cost: u8, counter: u32, var: Slot, to: Pc },
    Jump { to: Pc },
    /// As ForNext, if the condition holds.
    If { cost: u8, a: Slot, to: Pc },
    IfLt { cost: u8, a: Slot, b: Slot, to: Pc },
    IfLe { cost: u8, a: Slot, b: Slot, to: Pc },
    IfEq { cost: u8, a: Slot, b: Slot, to: Pc },
    IfNe { cost: u8, a: Slot, b: Slot, to: Pc },
}

impl Code {
    /// Where a test leads if it holds, and what that costs.
    pub(super) fn turn(self) -> Option<(u8, Pc)> {
        match self {
            Code::ForNext { cost, to, .. }
            | Code::If { cost, to, .. }
            | Code::IfLt { cost, to, .. }
            | Code::IfLe { cost, to, .. }
            | Code::IfEq { cost, to, .. }
            | Code::IfNe { cost, to, .. } => Some((cost, to)),
            Code::Charge { .. }
            | Code::Finish
            | Code::CheckSet { .. }
            | Code::Move { .. }
            | Code::Drop { .. }
            | Code::Add { .. }
            | Code::AddTaking { .. }
            | Code::Sub { .. }
            | Code::Mul { .. }
            | Code::Div { .. }
            | Code::Mod { .. }
            | Code::Lt { .. }
            | Code::Le { .. }
            | Code::Eq { .. }
            | Code::Ne { .. }
            | Code::And { .. }
            | Code::Or { .. }
            | Code::Not { .. }
            | Code::Neg { .. }
            | Code::Call { .. }
            | Code::Gosub { .. }
            | Code::Return
            | Code::ForEnter { .. }
            | Code::Jump { .. } => None,
        }
    }
}

impl Code {
    /// The places that an instruction reads, [`NONE`] for none, but for the arguments of a call;
    /// and the one that it writes, but for the variable of a FOR.
    #[rustfmt::skip]
    pub(super) fn places(self) -> ([Slot; 2], Slot) {
        match self {
            Code::Add { dst, a, b }
            | Code::AddTaking { dst, a, b }
            | Code::Sub { dst, a, b }
            | Code::Mul { dst, a, b }
            | Code::Div { dst, a, b }
            | Code::Mod { dst, a, b }
            | Code::Lt { dst, a, b }
            | Code::Le { dst, a, b }
            | Code::Eq { dst, a, b }
            | Code::Ne { dst, a, b }
            | Code::And { dst, a, b }
            | Code::Or { dst, a, b } => ([a, b], dst),
            Code::Move { dst, from: a } | Code::Not { dst, a } | Code::Neg { dst, a } => ([a, NONE], dst),
            Code::IfLt { a, b, .. }
            | Code::IfLe { a, b, .. }
            | Code::IfEq { a, b, .. }
            | Code::IfNe { a, b, .. } => ([a, b], NONE),
            Code::If { a, .. } => ([a, NONE], NONE),
            Code::Call { dst, .. } => ([NONE, NONE], dst),
            Code::ForEnter { start, stop, .. } => ([start, stop], NONE),
            Code::ForNext { .. }
            | Code::Charge { .. }
            | Code::Finish
            | Code::CheckSet { .. }
            | Code::Drop { .. }
            | Code::Gosub { .. }
            | Code::Return
            | Code::Jump { .. } => ([NONE, NONE], NONE),
        }
    }
}

/// Which instruction of the file a piece of code comes from, and which ast instruction of which
/// of its asts ([`NONE`] if none).
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub(super) insn: u32,
    pub(super) ast: u32,
    pub(super) op: u32,
}

/// Not a place, an ast or an ast instruction.
pub(super) const NONE: u32 = u32::MAX;

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
    pub(super) exit: Pc,
}

/// What [`super::run`] executes.
#[derive(Clone, Debug, Default)]
pub(super) struct Compiled {
    pub(super) code: Vec<Code>,
    pub(super) origin: Vec<Origin>,
    /// For each instruction of the file, where its code begins.
    pub(super) begins: Vec<Pc>,
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
    /// The code once more, for the loop.
    pub(super) quick: QuickCode,
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
