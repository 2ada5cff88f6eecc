//! The opcode table that decoder, assembler, disassembler, verifier and documentation share.
//!
//! ```
//! use vm_py_code::insn::{Arg, Op};
//!
//! let op = Op::from_mnemonic("LOAD_CONST").unwrap();
//! assert_eq!((op as u8, op.arg()), (100, Arg::Const));
//! assert_eq!(op.stack_effect(0, false), 1);
//! ```

use std::fmt;

/// The operation of an instruction; its number is the opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs, reason = "the table below documents each")]
pub enum Op {
    PopTop = 1,
    RotTwo = 2,
    RotThree = 3,
    DupTop = 4,
    DupTopTwo = 5,
    RotFour = 6,
    Nop = 9,
    UnaryPositive = 10,
    UnaryNegative = 11,
    UnaryNot = 12,
    UnaryInvert = 15,
    BinaryMatrixMultiply = 16,
    InplaceMatrixMultiply = 17,
    BinaryPower = 19,
    BinaryMultiply = 20,
    BinaryModulo = 22,
    BinaryAdd = 23,
    BinarySubtract = 24,
    BinarySubscr = 25,
    BinaryFloorDivide = 26,
    BinaryTrueDivide = 27,
    InplaceFloorDivide = 28,
    InplaceTrueDivide = 29,
    Reraise = 48,
    WithExceptStart = 49,
    GetAiter = 50,
    GetAnext = 51,
    BeforeAsyncWith = 52,
    EndAsyncFor = 54,
    InplaceAdd = 55,
    InplaceSubtract = 56,
    InplaceMultiply = 57,
    InplaceModulo = 59,
    StoreSubscr = 60,
    DeleteSubscr = 61,
    BinaryLshift = 62,
    BinaryRshift = 63,
    BinaryAnd = 64,
    BinaryXor = 65,
    BinaryOr = 66,
    InplacePower = 67,
    GetIter = 68,
    GetYieldFromIter = 69,
    PrintExpr = 70,
    LoadBuildClass = 71,
    YieldFrom = 72,
    GetAwaitable = 73,
    LoadAssertionError = 74,
    InplaceLshift = 75,
    InplaceRshift = 76,
    InplaceAnd = 77,
    InplaceXor = 78,
    InplaceOr = 79,
    ListToTuple = 82,
    ReturnValue = 83,
    ImportStar = 84,
    SetupAnnotations = 85,
    YieldValue = 86,
    PopBlock = 87,
    PopExcept = 89,
    StoreName = 90,
    DeleteName = 91,
    UnpackSequence = 92,
    ForIter = 93,
    UnpackEx = 94,
    StoreAttr = 95,
    DeleteAttr = 96,
    StoreGlobal = 97,
    DeleteGlobal = 98,
    LoadConst = 100,
    LoadName = 101,
    BuildTuple = 102,
    BuildList = 103,
    BuildSet = 104,
    BuildMap = 105,
    LoadAttr = 106,
    CompareOp = 107,
    ImportName = 108,
    ImportFrom = 109,
    JumpForward = 110,
    JumpIfFalseOrPop = 111,
    JumpIfTrueOrPop = 112,
    JumpAbsolute = 113,
    PopJumpIfFalse = 114,
    PopJumpIfTrue = 115,
    LoadGlobal = 116,
    IsOp = 117,
    ContainsOp = 118,
    JumpIfNotExcMatch = 121,
    SetupFinally = 122,
    LoadFast = 124,
    StoreFast = 125,
    DeleteFast = 126,
    RaiseVarargs = 130,
    CallFunction = 131,
    MakeFunction = 132,
    BuildSlice = 133,
    LoadClosure = 135,
    LoadDeref = 136,
    StoreDeref = 137,
    DeleteDeref = 138,
    CallFunctionKw = 141,
    CallFunctionEx = 142,
    SetupWith = 143,
    ExtendedArg = 144,
    ListAppend = 145,
    SetAdd = 146,
    MapAdd = 147,
    LoadClassderef = 148,
    SetupAsyncWith = 154,
    FormatValue = 155,
    BuildConstKeyMap = 156,
    BuildString = 157,
    LoadMethod = 160,
    CallMethod = 161,
    ListExtend = 162,
    SetUpdate = 163,
    DictMerge = 164,
    DictUpdate = 165,
}

/// The meaning of an instruction's argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arg {
    /// No argument: its byte means nothing.
    None,
    /// An index into `co_consts`.
    Const,
    /// An index into `co_names`.
    Name,
    /// An index into `co_varnames`.
    Local,
    /// An index into `co_cellvars` followed by `co_freevars`.
    Cell,
    /// An offset in the code, in bytes from its start.
    JumpTo,
    /// An offset in the code, in bytes from the next instruction.
    JumpForward,
    /// A number of items.
    Count,
    /// The depth, from 1, of the container that the instruction adds to.
    Depth,
    /// The numbers of items before (low byte) and after (the other bytes) the list of the rest.
    Unpack,
    /// An index into the comparison operators, [`COMPARISONS`].
    Compare,
    /// `is` (0) or `is not` (1).
    Is,
    /// `in` (0) or `not in` (1).
    Contains,
    /// How many of exception and cause are on the stack: 0 to 2.
    Raise,
    /// Flags: defaults 1, keyword-only defaults 2, annotations 4, closure 8.
    MakeFunction,
    /// A number of items, 2 or 3.
    Slice,
    /// Flag 1: a mapping of keyword arguments is on the stack.
    CallEx,
    /// A conversion (0 none, 1 `str`, 2 `repr`, 3 `ascii`) and flag 4: a format specification is on
    /// the stack.
    Format,
    /// A higher byte of the next instruction's argument.
    Extended,
}

/// Where control goes after an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branch {
    /// To the next instruction.
    None,
    /// To the next instruction or to the target, where the stack differs.
    MayJump {
        /// The items that a jump takes.
        pops: u64,
        /// The items that a jump then pushes.
        pushes: u64,
    },
    /// To the target.
    Jumps,
    /// To the next instruction; an exception in the block goes to the target.
    Handler {
        /// The items taken before those for the handler are pushed.
        pops: u64,
        /// The items pushed for the handler.
        pushes: u64,
    },
    /// Out of the code: the instruction returns or raises.
    Ends,
}

/// The effect of an instruction on the block stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// No effect.
    None,
    /// The instruction opens a block.
    Push,
    /// The instruction removes a block that does not belong to a handler.
    Pop,
    /// The instruction removes the block of a handler.
    PopHandler,
}

/// A row of the opcode table.
#[derive(Clone, Copy)]
pub struct Row {
    /// The operation.
    pub op: Op,
    /// The name of the operation.
    pub mnemonic: &'static str,
    /// The meaning of its argument.
    pub arg: Arg,
    /// The number of items that it needs on the stack, by the argument; it may leave some.
    pub pops: fn(u64) -> u64,
    /// The number of items that replace them.
    pub pushes: fn(u64) -> u64,
    /// Where control goes.
    pub branch: Branch,
    /// The effect on the block stack.
    pub block: Block,
    /// A summary in one line.
    pub doc: &'static str,
}

/// The lowest opcode with an argument.
pub const HAVE_ARGUMENT: u8 = 90;

/// The operators of `COMPARE_OP`, indexed by its argument.
pub const COMPARISONS: [&str; 6] = ["<", "<=", "==", "!=", ">", ">="];

#[allow(clippy::too_many_arguments, reason = "a row is written in one line")]
const fn row(
    op: Op,
    mnemonic: &'static str,
    arg: Arg,
    pops: fn(u64) -> u64,
    pushes: fn(u64) -> u64,
    branch: Branch,
    block: Block,
    doc: &'static str,
) -> Row {
    Row {
        op,
        mnemonic,
        arg,
        pops,
        pushes,
        branch,
        block,
        doc,
    }
}

/// All operations, sorted by opcode.
#[rustfmt::skip]
pub static TABLE: [Row; 119] = [
    row(Op::PopTop, "POP_TOP", Arg::None, |_| 1, |_| 0, Branch::None, Block::None, "Drops the top item."),
    row(Op::RotTwo, "ROT_TWO", Arg::None, |_| 2, |_| 2, Branch::None, Block::None, "Swaps the two top items."),
    row(Op::RotThree, "ROT_THREE", Arg::None, |_| 3, |_| 3, Branch::None, Block::None, "Moves the top item below the next two."),
    row(Op::DupTop, "DUP_TOP", Arg::None, |_| 1, |_| 2, Branch::None, Block::None, "Pushes the top item again."),
    row(Op::DupTopTwo, "DUP_TOP_TWO", Arg::None, |_| 2, |_| 4, Branch::None, Block::None, "Pushes the two top items again, in their order."),
    row(Op::RotFour, "ROT_FOUR", Arg::None, |_| 4, |_| 4, Branch::None, Block::None, "Moves the top item below the next three."),
    row(Op::Nop, "NOP", Arg::None, |_| 0, |_| 0, Branch::None, Block::None, "Does nothing."),
    row(Op::UnaryPositive, "UNARY_POSITIVE", Arg::None, |_| 1, |_| 1, Branch::None, Block::None, "Replaces the top item by `+item`."),
    row(Op::UnaryNegative, "UNARY_NEGATIVE", Arg::None, |_| 1, |_| 1, Branch::None, Block::None, "Replaces the top item by `-item`."),
    row(Op::UnaryNot, "UNARY_NOT", Arg::None, |_| 1, |_| 1, Branch::None, Block::None, "Replaces the top item by `not item`."),
    row(Op::UnaryInvert, "UNARY_INVERT", Arg::None, |_| 1, |_| 1, Branch::None, Block::None, "Replaces the top item by `~item`."),
    row(Op::BinaryMatrixMultiply, "BINARY_MATRIX_MULTIPLY", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by `left @ right`."),
    row(Op::InplaceMatrixMultiply, "INPLACE_MATRIX_MULTIPLY", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "`left @= right`, in place where left can."),
    row(Op::BinaryPower, "BINARY_POWER", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by `left ** right`."),
    row(Op::BinaryMultiply, "BINARY_MULTIPLY", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by `left * right`."),
    row(Op::BinaryModulo, "BINARY_MODULO", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by `left % right`."),
    row(Op::BinaryAdd, "BINARY_ADD", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by `left + right`."),
    row(Op::BinarySubtract, "BINARY_SUBTRACT", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by `left - right`."),
    row(Op::BinarySubscr, "BINARY_SUBSCR", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by `left[right]`."),
    row(Op::BinaryFloorDivide, "BINARY_FLOOR_DIVIDE", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by `left // right`."),
    row(Op::BinaryTrueDivide, "BINARY_TRUE_DIVIDE", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by `left / right`."),
    row(Op::InplaceFloorDivide, "INPLACE_FLOOR_DIVIDE", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "`left //= right`, in place where left can."),
    row(Op::InplaceTrueDivide, "INPLACE_TRUE_DIVIDE", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "`left /= right`, in place where left can."),
    row(Op::Reraise, "RERAISE", Arg::None, |_| 3, |_| 0, Branch::Ends, Block::None, "Raises again the exception whose type, value and traceback are on top."),
    row(Op::WithExceptStart, "WITH_EXCEPT_START", Arg::None, |_| 7, |_| 8, Branch::None, Block::None, "Calls the exit function, seventh from the top, with the exception on top; pushes its result."),
    row(Op::GetAiter, "GET_AITER", Arg::None, |_| 1, |_| 1, Branch::None, Block::None, "Replaces the top item by the result of its `__aiter__`."),
    row(Op::GetAnext, "GET_ANEXT", Arg::None, |_| 1, |_| 2, Branch::None, Block::None, "Pushes an awaitable of the result of the top item's `__anext__`."),
    row(Op::BeforeAsyncWith, "BEFORE_ASYNC_WITH", Arg::None, |_| 1, |_| 2, Branch::None, Block::None, "Replaces a context manager by its bound `__aexit__` and the result of its `__aenter__`."),
    row(Op::EndAsyncFor, "END_ASYNC_FOR", Arg::None, |_| 7, |_| 0, Branch::None, Block::PopHandler, "Ends an `async for` if the exception on top is StopAsyncIteration; raises it again if not."),
    row(Op::InplaceAdd, "INPLACE_ADD", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "`left += right`, in place where left can."),
    row(Op::InplaceSubtract, "INPLACE_SUBTRACT", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "`left -= right`, in place where left can."),
    row(Op::InplaceMultiply, "INPLACE_MULTIPLY", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "`left *= right`, in place where left can."),
    row(Op::InplaceModulo, "INPLACE_MODULO", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "`left %= right`, in place where left can."),
    row(Op::StoreSubscr, "STORE_SUBSCR", Arg::None, |_| 3, |_| 0, Branch::None, Block::None, "`container[key] = value`: key on top, container and value below."),
    row(Op::DeleteSubscr, "DELETE_SUBSCR", Arg::None, |_| 2, |_| 0, Branch::None, Block::None, "`del container[key]`: key on top, container below."),
    row(Op::BinaryLshift, "BINARY_LSHIFT", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by `left << right`."),
    row(Op::BinaryRshift, "BINARY_RSHIFT", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by `left >> right`."),
    row(Op::BinaryAnd, "BINARY_AND", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by `left & right`."),
    row(Op::BinaryXor, "BINARY_XOR", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by `left ^ right`."),
    row(Op::BinaryOr, "BINARY_OR", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by `left | right`."),
    row(Op::InplacePower, "INPLACE_POWER", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "`left **= right`, in place where left can."),
    row(Op::GetIter, "GET_ITER", Arg::None, |_| 1, |_| 1, Branch::None, Block::None, "Replaces the top item by `iter(item)`."),
    row(Op::GetYieldFromIter, "GET_YIELD_FROM_ITER", Arg::None, |_| 1, |_| 1, Branch::None, Block::None, "Leaves a generator as it is, a coroutine too inside one; anything else becomes `iter(item)`."),
    row(Op::PrintExpr, "PRINT_EXPR", Arg::None, |_| 1, |_| 0, Branch::None, Block::None, "Hands the top item to `sys.displayhook`."),
    row(Op::LoadBuildClass, "LOAD_BUILD_CLASS", Arg::None, |_| 0, |_| 1, Branch::None, Block::None, "Pushes `builtins.__build_class__`."),
    row(Op::YieldFrom, "YIELD_FROM", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "Delegates to the iterator below the top, sending it the top item, until it ends."),
    row(Op::GetAwaitable, "GET_AWAITABLE", Arg::None, |_| 1, |_| 1, Branch::None, Block::None, "Replaces the top item by the iterator that awaiting it needs."),
    row(Op::LoadAssertionError, "LOAD_ASSERTION_ERROR", Arg::None, |_| 0, |_| 1, Branch::None, Block::None, "Pushes the built-in AssertionError."),
    row(Op::InplaceLshift, "INPLACE_LSHIFT", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "`left <<= right`, in place where left can."),
    row(Op::InplaceRshift, "INPLACE_RSHIFT", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "`left >>= right`, in place where left can."),
    row(Op::InplaceAnd, "INPLACE_AND", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "`left &= right`, in place where left can."),
    row(Op::InplaceXor, "INPLACE_XOR", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "`left ^= right`, in place where left can."),
    row(Op::InplaceOr, "INPLACE_OR", Arg::None, |_| 2, |_| 1, Branch::None, Block::None, "`left |= right`, in place where left can."),
    row(Op::ListToTuple, "LIST_TO_TUPLE", Arg::None, |_| 1, |_| 1, Branch::None, Block::None, "Replaces a list by a tuple of its items."),
    row(Op::ReturnValue, "RETURN_VALUE", Arg::None, |_| 1, |_| 0, Branch::Ends, Block::None, "Returns the top item to the caller."),
    row(Op::ImportStar, "IMPORT_STAR", Arg::None, |_| 1, |_| 0, Branch::None, Block::None, "Binds the public names of the module on top, or those of its `__all__`, in the local namespace."),
    row(Op::SetupAnnotations, "SETUP_ANNOTATIONS", Arg::None, |_| 0, |_| 0, Branch::None, Block::None, "Makes an `__annotations__` dict in the local namespace if there is none."),
    row(Op::YieldValue, "YIELD_VALUE", Arg::None, |_| 1, |_| 1, Branch::None, Block::None, "Yields the top item and replaces it by the value that is sent in."),
    row(Op::PopBlock, "POP_BLOCK", Arg::None, |_| 0, |_| 0, Branch::None, Block::Pop, "Removes the innermost block."),
    row(Op::PopExcept, "POP_EXCEPT", Arg::None, |_| 3, |_| 0, Branch::None, Block::PopHandler, "Leaves a handler: removes its block and restores the exception state from three items."),
    row(Op::StoreName, "STORE_NAME", Arg::Name, |_| 1, |_| 0, Branch::None, Block::None, "Binds a name in the local namespace."),
    row(Op::DeleteName, "DELETE_NAME", Arg::Name, |_| 0, |_| 0, Branch::None, Block::None, "Removes a name from the local namespace."),
    row(Op::UnpackSequence, "UNPACK_SEQUENCE", Arg::Count, |_| 1, |a| a, Branch::None, Block::None, "Unpacks an iterable of exactly as many items as the argument says, the first on top."),
    row(Op::ForIter, "FOR_ITER", Arg::JumpForward, |_| 1, |_| 2, Branch::MayJump { pops: 1, pushes: 0 }, Block::None, "Pushes the iterator's next item; at its end drops it and jumps."),
    row(Op::UnpackEx, "UNPACK_EX", Arg::Unpack, |_| 1, |a| (a & 0xff) + (a >> 8) + 1, Branch::None, Block::None, "Unpacks an iterable around a list of the rest: the low byte counts the items before the list, the other bytes those after it."),
    row(Op::StoreAttr, "STORE_ATTR", Arg::Name, |_| 2, |_| 0, Branch::None, Block::None, "`object.name = value`: object on top."),
    row(Op::DeleteAttr, "DELETE_ATTR", Arg::Name, |_| 1, |_| 0, Branch::None, Block::None, "`del object.name`."),
    row(Op::StoreGlobal, "STORE_GLOBAL", Arg::Name, |_| 1, |_| 0, Branch::None, Block::None, "Binds a global name."),
    row(Op::DeleteGlobal, "DELETE_GLOBAL", Arg::Name, |_| 0, |_| 0, Branch::None, Block::None, "Removes a global name."),
    row(Op::LoadConst, "LOAD_CONST", Arg::Const, |_| 0, |_| 1, Branch::None, Block::None, "Pushes a constant."),
    row(Op::LoadName, "LOAD_NAME", Arg::Name, |_| 0, |_| 1, Branch::None, Block::None, "Pushes the value of a name: local, else global, else built in."),
    row(Op::BuildTuple, "BUILD_TUPLE", Arg::Count, |a| a, |_| 1, Branch::None, Block::None, "Makes a tuple of the top items; the argument is their number."),
    row(Op::BuildList, "BUILD_LIST", Arg::Count, |a| a, |_| 1, Branch::None, Block::None, "Makes a list of the top items; the argument is their number."),
    row(Op::BuildSet, "BUILD_SET", Arg::Count, |a| a, |_| 1, Branch::None, Block::None, "Makes a set of the top items; the argument is their number."),
    row(Op::BuildMap, "BUILD_MAP", Arg::Count, |a| 2 * a, |_| 1, Branch::None, Block::None, "Makes a dict of pairs, each a key and a value above it; the argument is their number."),
    row(Op::LoadAttr, "LOAD_ATTR", Arg::Name, |_| 1, |_| 1, Branch::None, Block::None, "Replaces an object by its attribute."),
    row(Op::CompareOp, "COMPARE_OP", Arg::Compare, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by the result of comparing them."),
    row(Op::ImportName, "IMPORT_NAME", Arg::Name, |_| 2, |_| 1, Branch::None, Block::None, "Imports a module: the names wanted from it on top, the level below."),
    row(Op::ImportFrom, "IMPORT_FROM", Arg::Name, |_| 1, |_| 2, Branch::None, Block::None, "Pushes an attribute of the module on top, or its submodule."),
    row(Op::JumpForward, "JUMP_FORWARD", Arg::JumpForward, |_| 0, |_| 0, Branch::Jumps, Block::None, "Jumps forward."),
    row(Op::JumpIfFalseOrPop, "JUMP_IF_FALSE_OR_POP", Arg::JumpTo, |_| 1, |_| 0, Branch::MayJump { pops: 1, pushes: 1 }, Block::None, "Jumps and keeps the top item if it is false; drops it if not."),
    row(Op::JumpIfTrueOrPop, "JUMP_IF_TRUE_OR_POP", Arg::JumpTo, |_| 1, |_| 0, Branch::MayJump { pops: 1, pushes: 1 }, Block::None, "Jumps and keeps the top item if it is true; drops it if not."),
    row(Op::JumpAbsolute, "JUMP_ABSOLUTE", Arg::JumpTo, |_| 0, |_| 0, Branch::Jumps, Block::None, "Jumps."),
    row(Op::PopJumpIfFalse, "POP_JUMP_IF_FALSE", Arg::JumpTo, |_| 1, |_| 0, Branch::MayJump { pops: 1, pushes: 0 }, Block::None, "Drops the top item and jumps if it is false."),
    row(Op::PopJumpIfTrue, "POP_JUMP_IF_TRUE", Arg::JumpTo, |_| 1, |_| 0, Branch::MayJump { pops: 1, pushes: 0 }, Block::None, "Drops the top item and jumps if it is true."),
    row(Op::LoadGlobal, "LOAD_GLOBAL", Arg::Name, |_| 0, |_| 1, Branch::None, Block::None, "Pushes the value of a name: global, else built in."),
    row(Op::IsOp, "IS_OP", Arg::Is, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by whether they are the same object."),
    row(Op::ContainsOp, "CONTAINS_OP", Arg::Contains, |_| 2, |_| 1, Branch::None, Block::None, "Replaces the two top items by whether the upper one contains the lower one."),
    row(Op::JumpIfNotExcMatch, "JUMP_IF_NOT_EXC_MATCH", Arg::JumpTo, |_| 2, |_| 0, Branch::MayJump { pops: 2, pushes: 0 }, Block::None, "Drops an exception type and a type above it; jumps if the first is not of the second."),
    row(Op::SetupFinally, "SETUP_FINALLY", Arg::JumpForward, |_| 0, |_| 0, Branch::Handler { pops: 0, pushes: 6 }, Block::Push, "Opens a block whose handler is at the target."),
    row(Op::LoadFast, "LOAD_FAST", Arg::Local, |_| 0, |_| 1, Branch::None, Block::None, "Pushes a local variable."),
    row(Op::StoreFast, "STORE_FAST", Arg::Local, |_| 1, |_| 0, Branch::None, Block::None, "Sets a local variable."),
    row(Op::DeleteFast, "DELETE_FAST", Arg::Local, |_| 0, |_| 0, Branch::None, Block::None, "Empties a local variable."),
    row(Op::RaiseVarargs, "RAISE_VARARGS", Arg::Raise, |a| a, |_| 0, Branch::Ends, Block::None, "Raises: again (0), the exception on top (1), or the one below it with the top as its cause (2)."),
    row(Op::CallFunction, "CALL_FUNCTION", Arg::Count, |a| a + 1, |_| 1, Branch::None, Block::None, "Calls the object below the positional arguments; the argument is their number."),
    row(Op::MakeFunction, "MAKE_FUNCTION", Arg::MakeFunction, |a| 2 + (a & 15).count_ones() as u64, |_| 1, Branch::None, Block::None, "Makes a function of a code object, with its qualified name on top; the flags say what is below."),
    row(Op::BuildSlice, "BUILD_SLICE", Arg::Slice, |a| if a == 3 { 3 } else { 2 }, |_| 1, Branch::None, Block::None, "Makes a slice of two or three items."),
    row(Op::LoadClosure, "LOAD_CLOSURE", Arg::Cell, |_| 0, |_| 1, Branch::None, Block::None, "Pushes the cell of a variable."),
    row(Op::LoadDeref, "LOAD_DEREF", Arg::Cell, |_| 0, |_| 1, Branch::None, Block::None, "Pushes the value in a cell."),
    row(Op::StoreDeref, "STORE_DEREF", Arg::Cell, |_| 1, |_| 0, Branch::None, Block::None, "Sets the value in a cell."),
    row(Op::DeleteDeref, "DELETE_DEREF", Arg::Cell, |_| 0, |_| 0, Branch::None, Block::None, "Empties a cell."),
    row(Op::CallFunctionKw, "CALL_FUNCTION_KW", Arg::Count, |a| a + 2, |_| 1, Branch::None, Block::None, "Calls with as many arguments as the argument says; a tuple on top names the last of them."),
    row(Op::CallFunctionEx, "CALL_FUNCTION_EX", Arg::CallEx, |a| 2 + (a & 1), |_| 1, Branch::None, Block::None, "Calls with a sequence of arguments and, if bit 0 is set, a mapping on top."),
    row(Op::SetupWith, "SETUP_WITH", Arg::JumpForward, |_| 1, |_| 2, Branch::Handler { pops: 1, pushes: 7 }, Block::Push, "Enters a context manager: pushes its exit function, opens a block, pushes the result of entering."),
    row(Op::ExtendedArg, "EXTENDED_ARG", Arg::Extended, |_| 0, |_| 0, Branch::None, Block::None, "Gives the next instruction's argument a higher byte."),
    row(Op::ListAppend, "LIST_APPEND", Arg::Depth, |a| a + 1, |a| a, Branch::None, Block::None, "Appends the top item to the list at the depth of the argument."),
    row(Op::SetAdd, "SET_ADD", Arg::Depth, |a| a + 1, |a| a, Branch::None, Block::None, "Adds the top item to the set at the depth of the argument."),
    row(Op::MapAdd, "MAP_ADD", Arg::Depth, |a| a + 2, |a| a, Branch::None, Block::None, "Enters a key and the value above it into the dict at the depth of the argument."),
    row(Op::LoadClassderef, "LOAD_CLASSDEREF", Arg::Cell, |_| 0, |_| 1, Branch::None, Block::None, "Pushes the value of a name in the class body, else the value in the cell."),
    row(Op::SetupAsyncWith, "SETUP_ASYNC_WITH", Arg::JumpForward, |_| 1, |_| 1, Branch::Handler { pops: 1, pushes: 6 }, Block::Push, "Opens a block below the result of entering an asynchronous context manager."),
    row(Op::FormatValue, "FORMAT_VALUE", Arg::Format, |a| 1 + ((a >> 2) & 1), |_| 1, Branch::None, Block::None, "Formats an item for an f-string, by the specification on top if there is one."),
    row(Op::BuildConstKeyMap, "BUILD_CONST_KEY_MAP", Arg::Count, |a| a + 1, |_| 1, Branch::None, Block::None, "Makes a dict of values and of the tuple of their keys on top; the argument is the number of values."),
    row(Op::BuildString, "BUILD_STRING", Arg::Count, |a| a, |_| 1, Branch::None, Block::None, "Joins strings; the argument is their number."),
    row(Op::LoadMethod, "LOAD_METHOD", Arg::Name, |_| 1, |_| 2, Branch::None, Block::None, "Pushes a method and its object, or nothing and an attribute."),
    row(Op::CallMethod, "CALL_METHOD", Arg::Count, |a| a + 2, |_| 1, Branch::None, Block::None, "Calls the method that LOAD_METHOD pushed; the argument is the number of positional arguments."),
    row(Op::ListExtend, "LIST_EXTEND", Arg::Depth, |a| a + 1, |a| a, Branch::None, Block::None, "Extends the list at the depth of the argument by the items of the top item."),
    row(Op::SetUpdate, "SET_UPDATE", Arg::Depth, |a| a + 1, |a| a, Branch::None, Block::None, "Adds the items of the top item to the set at the depth of the argument."),
    row(Op::DictMerge, "DICT_MERGE", Arg::Depth, |a| a + 3, |a| a + 2, Branch::None, Block::None, "Adds a mapping to the dict at the depth of the argument; a repeated key is an error of the call below."),
    row(Op::DictUpdate, "DICT_UPDATE", Arg::Depth, |a| a + 1, |a| a, Branch::None, Block::None, "Adds a mapping to the dict at the depth of the argument; its values replace those of equal keys."),
];

/// The rows by opcode: one more than the index into [`TABLE`], or 0 for an undefined opcode.
static BY_BYTE: [u8; 256] = {
    let mut rows = [0; 256];
    let mut at = 0;
    while at < TABLE.len() {
        rows[TABLE[at].op as usize] = at as u8 + 1;
        at += 1;
    }
    rows
};

impl Op {
    /// Returns the operation with this opcode, if it is defined.
    pub fn from_byte(byte: u8) -> Option<Op> {
        let row = usize::from(BY_BYTE[usize::from(byte)]).checked_sub(1)?;
        Some(TABLE[row].op)
    }

    /// Returns the operation with this name, in any case.
    pub fn from_mnemonic(name: &str) -> Option<Op> {
        let row = TABLE
            .iter()
            .find(|row| row.mnemonic.eq_ignore_ascii_case(name))?;
        Some(row.op)
    }

    /// Returns the row of the operation in the table.
    pub fn row(self) -> &'static Row {
        &TABLE[usize::from(BY_BYTE[usize::from(self as u8)]) - 1]
    }

    /// Returns the name of the operation, such as `LOAD_CONST`.
    pub fn mnemonic(self) -> &'static str {
        self.row().mnemonic
    }

    /// Returns the prefix of its clauses: `py.load_const` for `[py.load_const.1]`.
    pub fn clause(self) -> String {
        format!("py.{}", self.mnemonic().to_ascii_lowercase())
    }

    /// Returns the meaning of its argument.
    pub fn arg(self) -> Arg {
        self.row().arg
    }

    /// Returns by how much the stack grows, as CPython's `dis.stack_effect` does, if control goes to
    /// the target (`jump` is true) or to the next instruction (`jump` is false).
    pub fn stack_effect(self, arg: u32, jump: bool) -> i64 {
        let row = self.row();
        let (pops, pushes) = match row.branch {
            Branch::MayJump { pops, pushes } | Branch::Handler { pops, pushes } if jump => {
                (pops, pushes)
            }
            _ => ((row.pops)(arg.into()), (row.pushes)(arg.into())),
        };
        pushes as i64 - pops as i64
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mnemonic())
    }
}
