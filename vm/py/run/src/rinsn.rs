//! Register instructions: what bytecode is lowered to.

/// An instruction. What the operands mean depends on the operation; `a` is mostly the register
/// that it writes, `b` and `c` are those that it reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Insn {
    pub(crate) op: Rop,
    /// Which operands are temporaries that it gives up: bit 0 for `b`, bit 1 for `c`, bit 2 for
    /// `a` where that is read.
    pub(crate) free: u8,
    /// A small operand: an operator, a flag.
    pub(crate) x: u16,
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) c: u32,
}

/// Bits of [`Insn::free`].
pub(crate) const FREE_B: u8 = 1;
pub(crate) const FREE_C: u8 = 2;
pub(crate) const FREE_A: u8 = 4;

/// An operation. `r[a]` is register a, `k[a]` constant a, `n[a]` name a.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[rustfmt::skip]
pub(crate) enum Rop {
    /// r[a] = k[b].
    Const,
    /// r[a] = r[b]; b stays.
    Copy,
    /// r[a] = r[b]; b is given up.
    Move,
    /// Raises UnboundLocalError if r[a] is unset.
    CheckBound,
    DeleteFast,
    /// Gives r[a] up.
    Pop,
    Rot2, Rot3, Rot4,
    /// r[a] = r[b] + r[c] and so on; x is the operator, bit 8 in place.
    Add, Sub, Mul, Binary,
    /// r[a] = r[b] + c, c a signed number.
    AddI, SubI, BinaryI,
    Unary,
    /// r[a] = r[b] x r[c].
    Compare,
    CompareI,
    /// If not (r[b] x r[c]) goes to a.
    CmpJumpF, CmpJumpT,
    /// The same with a number c.
    CmpIJumpF, CmpIJumpT,
    /// The same where the frame is as deep as may be: a comparison is too deep.
    SlowCmpJumpF, SlowCmpJumpT, SlowCmpIJumpF, SlowCmpIJumpT,
    Is, Contains,
    Jump,
    /// Counts the instructions of a block that no jump ends.
    Charge,
    /// If r[b] is true (false) goes to a.
    JumpIfT, JumpIfF,
    /// The same; r[b] stays if it jumps.
    JumpIfTOrPop, JumpIfFOrPop,
    JumpIfNotExc,
    Global, StoreGlobal, DeleteGlobal,
    Name, StoreName, DeleteName,
    Deref, StoreDeref, DeleteDeref, ClassDeref,
    /// r[a] = r[b].n[c]; x is a cache.
    Attr, StoreAttr, DeleteAttr,
    /// r[a], r[a+1] = the method n[c] of r[b].
    Method,
    Subscr, StoreSubscr, DeleteSubscr,
    Call, CallMethod, CallKw, CallEx,
    MakeFunction, BuildClass,
    Return,
    Iter,
    /// r[a] = next of r[b], or goes to c.
    ForIter,
    Yield, YieldFrom, YieldFromIter,
    BuildTuple, BuildList, BuildSet, BuildMap, BuildConstKeyMap, BuildString, BuildSlice,
    ListAppend, SetAdd, MapAdd, ListExtend, SetUpdate, DictUpdate, DictMerge, ListToTuple,
    Unpack, UnpackEx,
    Format,
    PopExcept, Reraise, Raise, SetupWith, WithExceptStart,
    BeforeAsyncWith, EndAsyncFor, Aiter, Anext, Awaitable,
    ImportName, ImportFrom, ImportStar,
    PrintExpr, SetupAnnotations, AssertionError,
}

/// Operators of [`Rop::Binary`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Bin {
    Add,
    Sub,
    Mul,
    MatMul,
    TrueDiv,
    FloorDiv,
    Mod,
    Pow,
    LShift,
    RShift,
    And,
    Xor,
    Or,
}

impl Bin {
    pub(crate) const ALL: [Bin; 13] = [
        Bin::Add,
        Bin::Sub,
        Bin::Mul,
        Bin::MatMul,
        Bin::TrueDiv,
        Bin::FloorDiv,
        Bin::Mod,
        Bin::Pow,
        Bin::LShift,
        Bin::RShift,
        Bin::And,
        Bin::Xor,
        Bin::Or,
    ];

    pub(crate) fn of(x: u16) -> Bin {
        Bin::ALL[usize::from(x & 0xff)]
    }

    pub(crate) fn symbol(self) -> &'static str {
        [
            "+",
            "-",
            "*",
            "@",
            "/",
            "//",
            "%",
            "** or pow()",
            "<<",
            ">>",
            "&",
            "^",
            "|",
        ][self as usize]
    }
}

/// Set in [`Insn::x`] of an operator that works in place.
pub(crate) const IN_PLACE: u16 = 0x100;

/// Comparisons, numbered as CPython does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Cmp {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

impl Cmp {
    #[inline(always)]
    pub(crate) fn of(x: u16) -> Cmp {
        match x {
            0 => Cmp::Lt,
            1 => Cmp::Le,
            2 => Cmp::Eq,
            3 => Cmp::Ne,
            4 => Cmp::Gt,
            _ => Cmp::Ge,
        }
    }

    pub(crate) fn swapped(self) -> Cmp {
        [Cmp::Gt, Cmp::Ge, Cmp::Eq, Cmp::Ne, Cmp::Lt, Cmp::Le][self as usize]
    }

    pub(crate) fn symbol(self) -> &'static str {
        ["<", "<=", "==", "!=", ">", ">="][self as usize]
    }

    #[inline(always)]
    pub(crate) fn holds<T: PartialOrd>(self, a: T, b: T) -> bool {
        match self {
            Cmp::Lt => a < b,
            Cmp::Le => a <= b,
            Cmp::Eq => a == b,
            Cmp::Ne => a != b,
            Cmp::Gt => a > b,
            Cmp::Ge => a >= b,
        }
    }

    /// Says whether an ordering is what is asked for.
    pub(crate) fn fits(self, order: std::cmp::Ordering) -> bool {
        self.holds(order as i8, 0)
    }
}
