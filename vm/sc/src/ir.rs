//! The flat code that a file is compiled to.

/// The index of a slot of the frame.
pub(super) type Slot = u32;
/// The index of an instruction of the flat code.
pub(super) type CodeIndex = u32;

/// An instruction of the flat code. If it reads or computes a variable whose kind is known, the
/// variable is set: a CheckSet precedes it where necessary.
#[rustfmt::skip]
#[derive(Clone, Copy, Debug)]
pub(super) enum Code {
    /// Begins a block, and takes the fuel for all of it.
    Charge { cost: u64 },
    /// Ends the program.
    Finish,
    /// Faults if the variable is not set.
    CheckSet { slot: Slot },
    Move { dst: Slot, from: Slot },
    /// Drops the value of a temporary.
    Drop { slot: Slot },
    Add { dst: Slot, a: Slot, b: Slot },
    /// Like Add, but may take the text out of the variable `a`, which the instruction assigns and
    /// does not read again.
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
    /// Begins a FOR, or continues at its exit if the loop has no iterations.
    ForEnter { start: Slot, stop: Slot, counter: u32 },
    /// Continues at `to` with the next iteration, if there is one, and pays `cost` for it. A Charge
    /// at `to - 1` pays when the loop is entered.
    ForNext { cost: u8, counter: u32, var: Slot, to: CodeIndex },
    Jump { to: CodeIndex },
    /// Like ForNext, if the condition holds.
    If { cost: u8, a: Slot, to: CodeIndex },
    IfLt { cost: u8, a: Slot, b: Slot, to: CodeIndex },
    IfLe { cost: u8, a: Slot, b: Slot, to: CodeIndex },
    IfEq { cost: u8, a: Slot, b: Slot, to: CodeIndex },
    IfNe { cost: u8, a: Slot, b: Slot, to: CodeIndex },
}

impl Code {
    /// Returns where a test continues if it holds, and what that costs.
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
    /// Returns the slots that an instruction reads, arguments of a call excepted, and the slot that
    /// it writes, the variable of a FOR excepted. [`NONE`] fills up.
    #[rustfmt::skip]
    pub(super) fn slots(self) -> ([Slot; 2], Slot) {
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

/// The source of a piece of code: an instruction of the file, and an ast instruction of one of its
/// asts, or [`NONE`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub(super) insn: u32,
    pub(super) ast: u32,
    pub(super) op: u32,
}

/// No slot, ast or ast instruction.
pub(super) const NONE: u32 = u32::MAX;
