//! The flat code that a file is compiled to.

/// A place in the frame.
pub(super) type Slot = u32;
/// The index of an instruction of the flat code.
pub(super) type CodeIndex = u32;

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
    Gosub { to: CodeIndex },
    Return,
    /// Begins a FOR, or goes to its exit if there is no turn.
    ForEnter { start: Slot, stop: Slot, counter: u32 },
    /// The next turn at `to`, if there is one, paying `cost`; what begins there is paid before by
    /// a Charge at `to - 1`.
    ForNext { cost: u8, counter: u32, var: Slot, to: CodeIndex },
    Jump { to: CodeIndex },
    /// As ForNext, if the condition holds.
    If { cost: u8, a: Slot, to: CodeIndex },
    IfLt { cost: u8, a: Slot, b: Slot, to: CodeIndex },
    IfLe { cost: u8, a: Slot, b: Slot, to: CodeIndex },
    IfEq { cost: u8, a: Slot, b: Slot, to: CodeIndex },
    IfNe { cost: u8, a: Slot, b: Slot, to: CodeIndex },
}

impl Code {
    /// Where a test leads if it holds, and what that costs.
    pub(super) fn turn(self) -> Option<(u8, CodeIndex)> {
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
