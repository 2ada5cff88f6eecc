//! The checks of each opcode that depend on its number and argument alone.

use crate::insn::{Arg, Op};
use std::sync::LazyLock;

/// The way in which an opcode is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Undefined,
    /// Takes a fixed number of items and a fixed number more for each that the argument counts,
    /// pushes a fixed number, and goes on to the next instruction.
    Plain,
    /// Takes and pushes items by another function of the argument, and goes on to the next
    /// instruction.
    Counted,
    /// Anything else.
    Special(Act),
}

/// The effect of an instruction of class [`Class::Special`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Rotates this many items: the top item becomes the lowest.
    Rotate(u8),
    /// Pushes this many top items again.
    Duplicate(u8),
    /// Pushes something that it gets from the top item, which stays.
    Peek,
    /// Takes this many items and adds them to a container further down.
    AddTo(u8),
    Merge,
    LoadMethod,
    CallMethod,
    CallNamed,
    MakeFunction,
    ClassVariable,
    /// Takes this many items and suspends.
    Yield(u8),
    ForIter,
    JumpTo,
    JumpForward,
    JumpOrPop,
    /// Takes this many items and may jump.
    PopJump(u8),
    SetupFinally,
    SetupWith,
    SetupAsyncWith,
    PopBlock,
    PopExcept,
    Reraise,
    WithExceptStart,
    EndAsyncFor,
    Raise,
    Return,
    /// A prefix, which is never checked by itself.
    Prefix,
}

/// How an opcode is checked.
#[derive(Clone, Copy)]
pub(super) struct Check {
    pub(super) class: Class,
    /// The number of items that a plain instruction takes.
    pops: u8,
    /// The number of items that it takes more for each that its argument counts.
    each: u8,
    pub(super) pushes: u8,
    /// Whether the opcode is plain and does not always push an item of a known kind.
    pub(super) is_kindless: bool,
    /// The index of the limit that its argument must be below, among [`super::state::Body::limits`].
    pub(super) limit: u8,
}

impl Check {
    /// Returns the number of items that a plain instruction takes.
    #[inline]
    pub(super) fn takes(self, arg: u32) -> u64 {
        u64::from(self.pops) + u64::from(self.each) * u64::from(arg)
    }
}

/// The checks by opcode.
pub(super) static CHECKS: LazyLock<[Check; 256]> = LazyLock::new(|| {
    let check = |byte| {
        let Some(op) = Op::from_byte(byte as u8) else {
            return Check {
                class: Class::Undefined,
                pops: 0,
                each: 0,
                pushes: 0,
                is_kindless: false,
                limit: 0,
            };
        };
        let row = op.row();
        let class = class(op);
        let counts = match class {
            Class::Plain => {
                let pops = (row.pops)(0);
                [pops, (row.pops)(1) - pops, (row.pushes)(0)]
            }
            Class::Undefined | Class::Counted | Class::Special(_) => [0; 3],
        };
        let [pops, each, pushes] = counts.map(|count| count as u8);
        Check {
            class,
            pops,
            each,
            pushes,
            is_kindless: class == Class::Plain && !has_kind(op),
            limit: limit(row.arg) as u8,
        }
    };
    std::array::from_fn(check)
});

/// Returns the class of an opcode.
#[rustfmt::skip]
fn class(op: Op) -> Class {
    match op {
        Op::PopTop | Op::Nop | Op::UnaryPositive | Op::UnaryNegative | Op::UnaryNot
        | Op::UnaryInvert | Op::BinaryMatrixMultiply | Op::InplaceMatrixMultiply
        | Op::BinaryPower | Op::BinaryMultiply | Op::BinaryModulo | Op::BinaryAdd
        | Op::BinarySubtract | Op::BinarySubscr | Op::BinaryFloorDivide | Op::BinaryTrueDivide
        | Op::InplaceFloorDivide | Op::InplaceTrueDivide | Op::GetAiter | Op::BeforeAsyncWith
        | Op::InplaceAdd | Op::InplaceSubtract | Op::InplaceMultiply | Op::InplaceModulo
        | Op::StoreSubscr | Op::DeleteSubscr | Op::BinaryLshift | Op::BinaryRshift
        | Op::BinaryAnd | Op::BinaryXor | Op::BinaryOr | Op::InplacePower | Op::GetIter
        | Op::GetYieldFromIter | Op::PrintExpr | Op::LoadBuildClass | Op::GetAwaitable
        | Op::LoadAssertionError | Op::InplaceLshift | Op::InplaceRshift | Op::InplaceAnd
        | Op::InplaceXor | Op::InplaceOr | Op::ListToTuple | Op::ImportStar
        | Op::SetupAnnotations | Op::StoreName | Op::DeleteName | Op::StoreAttr | Op::DeleteAttr
        | Op::StoreGlobal | Op::DeleteGlobal | Op::LoadConst | Op::LoadName | Op::LoadAttr
        | Op::CompareOp | Op::ImportName | Op::LoadGlobal | Op::IsOp | Op::ContainsOp
        | Op::LoadFast | Op::StoreFast | Op::DeleteFast | Op::LoadClosure | Op::LoadDeref
        | Op::StoreDeref | Op::DeleteDeref | Op::BuildTuple | Op::BuildList | Op::BuildSet
        | Op::BuildMap | Op::BuildConstKeyMap | Op::BuildString | Op::CallFunction => Class::Plain,
        Op::UnpackSequence | Op::UnpackEx | Op::BuildSlice | Op::CallFunctionEx
        | Op::FormatValue => Class::Counted,
        Op::RotTwo => Class::Special(Act::Rotate(2)),
        Op::RotThree => Class::Special(Act::Rotate(3)),
        Op::RotFour => Class::Special(Act::Rotate(4)),
        Op::DupTop => Class::Special(Act::Duplicate(1)),
        Op::DupTopTwo => Class::Special(Act::Duplicate(2)),
        Op::GetAnext | Op::ImportFrom => Class::Special(Act::Peek),
        Op::ListAppend | Op::SetAdd | Op::ListExtend | Op::SetUpdate | Op::DictUpdate => Class::Special(Act::AddTo(1)),
        Op::MapAdd => Class::Special(Act::AddTo(2)),
        Op::DictMerge => Class::Special(Act::Merge),
        Op::LoadMethod => Class::Special(Act::LoadMethod),
        Op::CallMethod => Class::Special(Act::CallMethod),
        Op::CallFunctionKw => Class::Special(Act::CallNamed),
        Op::MakeFunction => Class::Special(Act::MakeFunction),
        Op::LoadClassderef => Class::Special(Act::ClassVariable),
        Op::YieldValue => Class::Special(Act::Yield(1)),
        Op::YieldFrom => Class::Special(Act::Yield(2)),
        Op::ForIter => Class::Special(Act::ForIter),
        Op::JumpAbsolute => Class::Special(Act::JumpTo),
        Op::JumpForward => Class::Special(Act::JumpForward),
        Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop => Class::Special(Act::JumpOrPop),
        Op::PopJumpIfFalse | Op::PopJumpIfTrue => Class::Special(Act::PopJump(1)),
        Op::JumpIfNotExcMatch => Class::Special(Act::PopJump(2)),
        Op::SetupFinally => Class::Special(Act::SetupFinally),
        Op::SetupWith => Class::Special(Act::SetupWith),
        Op::SetupAsyncWith => Class::Special(Act::SetupAsyncWith),
        Op::PopBlock => Class::Special(Act::PopBlock),
        Op::PopExcept => Class::Special(Act::PopExcept),
        Op::Reraise => Class::Special(Act::Reraise),
        Op::WithExceptStart => Class::Special(Act::WithExceptStart),
        Op::EndAsyncFor => Class::Special(Act::EndAsyncFor),
        Op::RaiseVarargs => Class::Special(Act::Raise),
        Op::ReturnValue => Class::Special(Act::Return),
        Op::ExtendedArg => Class::Special(Act::Prefix),
    }
}

/// Returns true if an opcode always pushes an item of a known kind.
fn has_kind(op: Op) -> bool {
    matches!(
        op,
        Op::LoadClosure
            | Op::BuildTuple
            | Op::BuildList
            | Op::BuildSet
            | Op::BuildMap
            | Op::BuildConstKeyMap
            | Op::ListToTuple
            | Op::GetIter
            | Op::GetYieldFromIter
            | Op::GetAwaitable
    )
}

/// Returns the index of the limit of an argument.
fn limit(arg: Arg) -> usize {
    match arg {
        Arg::None
        | Arg::JumpTo
        | Arg::JumpForward
        | Arg::Count
        | Arg::Depth
        | Arg::Unpack
        | Arg::Slice
        | Arg::Extended => 0,
        Arg::Const => 1,
        Arg::Name => 2,
        Arg::Local => 3,
        Arg::Cell => 4,
        Arg::Compare => 5,
        Arg::Is | Arg::Contains | Arg::CallEx => 6,
        Arg::Raise => 7,
        Arg::MakeFunction => 8,
        Arg::Format => 9,
    }
}
