//! The instruction table, which the parser, the printer, the generator and the documentation share.

use super::value::Value;
use std::error::Error;
use std::fmt;
use vm_base::FaultCode;

/// The operation of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs, reason = "the table below documents each")]
pub enum Op {
    Constexpr,
    StackDump,
    Pop,
    BinOp,
    Nop,
    Bool,
    String,
    Int,
    Float,
    Char,
    Byte,
    Void,
    Breakpoint,
    Ret,
    Printn,
    Call,
    StackSize,
}

/// What follows a mnemonic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperandKind {
    /// Nothing.
    None,
    /// A literal of this kind.
    Literal(LiteralKind),
    /// One of [`Arith`].
    Arith,
    /// `*` or an index.
    Item,
    /// `PATH#NAME`.
    Function,
}

/// The literals that an instruction accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named for the types")]
pub enum LiteralKind {
    Any,
    Bool,
    Str,
    Int,
    Float,
    Char,
    Byte,
}

impl LiteralKind {
    /// Returns the name of the type; `None` for [`LiteralKind::Any`].
    pub fn type_name(self) -> Option<&'static str> {
        match self {
            LiteralKind::Any => None,
            LiteralKind::Bool => Some("Bool"),
            LiteralKind::Str => Some("Str"),
            LiteralKind::Int => Some("Int"),
            LiteralKind::Float => Some("Float"),
            LiteralKind::Char => Some("Char"),
            LiteralKind::Byte => Some("Byte"),
        }
    }
}

/// An operator of `bin_op`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named for what they do")]
pub enum Arith {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

impl Arith {
    /// All operators.
    pub const ALL: [Arith; 5] = [Arith::Add, Arith::Sub, Arith::Mul, Arith::Div, Arith::Rem];

    /// Returns the symbol in the source.
    pub fn symbol(self) -> &'static str {
        match self {
            Arith::Add => "+",
            Arith::Sub => "-",
            Arith::Mul => "*",
            Arith::Div => "/",
            Arith::Rem => "%",
        }
    }
}

/// The reason why an instruction failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// The local stack holds too few or too many items.
    StackSize,
    /// The literal is malformed, or not of the type that the instruction pushes.
    BadLiteral,
    /// The result does not fit its type.
    Overflow,
    /// An Int or Byte was divided by zero.
    DivideByZero,
    /// The operation is not defined on these types.
    TypeMismatch,
    /// There is no item with this index.
    OutOfRange,
    /// The called file does not exist or may not be read.
    FileAccess,
    /// The called file does not load.
    BadFile,
    /// The called file has no such function.
    UnknownFunction,
    /// The user of the debugger ended the program.
    Quit,
}

impl Fault {
    /// All faults.
    pub const ALL: [Fault; 10] = [
        Fault::StackSize,
        Fault::BadLiteral,
        Fault::Overflow,
        Fault::DivideByZero,
        Fault::TypeMismatch,
        Fault::OutOfRange,
        Fault::FileAccess,
        Fault::BadFile,
        Fault::UnknownFunction,
        Fault::Quit,
    ];

    /// Returns the code, a short name that never changes.
    pub fn code(self) -> &'static str {
        match self {
            Fault::StackSize => "stack-size",
            Fault::BadLiteral => "bad-literal",
            Fault::Overflow => "overflow",
            Fault::DivideByZero => "divide-by-zero",
            Fault::TypeMismatch => "type-mismatch",
            Fault::OutOfRange => "out-of-range",
            Fault::FileAccess => "file-access",
            Fault::BadFile => "bad-file",
            Fault::UnknownFunction => "unknown-function",
            Fault::Quit => "quit",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::StackSize => "the local stack holds too few or too many items",
            Fault::BadLiteral => "the literal is malformed or of another type",
            Fault::Overflow => "the result does not fit its type",
            Fault::DivideByZero => "an Int or Byte is divided by zero",
            Fault::TypeMismatch => "the operation is not defined on these types",
            Fault::OutOfRange => "there is no item with this index",
            Fault::FileAccess => "the called file cannot be read",
            Fault::BadFile => "the called file does not load",
            Fault::UnknownFunction => "the called file has no such function",
            Fault::Quit => "the program was ended in the debugger",
        })
    }
}

impl Error for Fault {}

impl FaultCode for Fault {
    fn code(&self) -> &str {
        Fault::code(*self)
    }
}

/// An instruction in executable form, with its operand. Its source form is in the source.
#[derive(Clone, Copy, Debug)]
pub enum Insn {
    /// `constexpr` or a typed literal, well-formed.
    Push(Value),
    /// `pop`
    Pop,
    /// `bin_op`
    BinOp(Arith),
    /// `nop`
    Nop,
    /// `void`
    Void,
    /// `breakpoint`
    Breakpoint,
    /// `ret`
    Ret,
    /// `printn *`
    PrintAll,
    /// `printn N`; `u32::MAX` also stands for all larger numbers.
    Print(u32),
    /// `call`. In a [`File`](crate::File) this is the index of the call, in a program the index of
    /// the function's first instruction.
    Call(u32),
    /// `stack_size`
    StackSize,
    /// `stack_dump`
    StackDump,
    /// The end of a function, which costs nothing.
    End,
    /// An instruction that is known to fail when it is reached.
    Fail(Fault),
}

/// A row of the instruction table.
#[derive(Debug)]
pub struct Info {
    /// The operation.
    pub op: Op,
    /// The mnemonic.
    pub mnemonic: &'static str,
    /// What follows the mnemonic.
    pub operand: OperandKind,
    /// How many items the local stack must hold.
    pub needs: Needs,
    /// The effect on the local stack, oldest item first.
    pub effect: &'static str,
    /// The faults that it can end in; limits are not listed.
    pub faults: &'static [Fault],
    /// The topic of the specification that defines it.
    pub clause: &'static str,
    /// What it does, in a line.
    pub doc: &'static str,
}

/// How many items the local stack must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Any number.
    Any,
    /// This many or more.
    AtLeast(u8),
    /// Exactly this many.
    Exactly(u8),
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Needs::Any => f.write_str("any"),
            Needs::AtLeast(n) => write!(f, "≥ {n}"),
            Needs::Exactly(n) => write!(f, "exactly {n}"),
        }
    }
}

impl Op {
    /// Returns the row of the operation.
    pub fn info(self) -> &'static Info {
        &TABLE[self as usize]
    }

    /// Returns the operation with this mnemonic.
    pub fn from_mnemonic(word: &[u8]) -> Option<Op> {
        // The length alone distinguishes most mnemonics.
        let op = match word.len() {
            3 => match word[0] {
                b'p' => Op::Pop,
                b'n' => Op::Nop,
                b'i' => Op::Int,
                b'r' => Op::Ret,
                _ => return None,
            },
            4 => match (word[0], word[1]) {
                (b'c', b'a') => Op::Call,
                (b'c', _) => Op::Char,
                (b'b', b'o') => Op::Bool,
                (b'b', _) => Op::Byte,
                (b'v', _) => Op::Void,
                _ => return None,
            },
            5 => Op::Float,
            6 => match word[0] {
                b'p' => Op::Printn,
                b's' => Op::String,
                b'b' => Op::BinOp,
                _ => return None,
            },
            9 => Op::Constexpr,
            10 => match word[6] {
                b's' => Op::StackSize,
                b'd' => Op::StackDump,
                _ => Op::Breakpoint,
            },
            _ => return None,
        };
        (op.info().mnemonic.as_bytes() == word).then_some(op)
    }
}

impl Info {
    /// Returns the form of the operand, as documentation shows it.
    pub fn operand_form(&self) -> &'static str {
        match self.operand {
            OperandKind::None => "",
            OperandKind::Literal(LiteralKind::Any) => "LITERAL",
            OperandKind::Literal(kind) => kind.type_name().unwrap_or_default(),
            OperandKind::Arith => "+ | - | * | / | %",
            OperandKind::Item => "* | INDEX",
            OperandKind::Function => "PATH#NAME",
        }
    }

    /// Returns an example of the instruction, with an operand.
    pub fn example(&self) -> String {
        let operand = match self.operand {
            OperandKind::None => return self.mnemonic.to_owned(),
            OperandKind::Literal(LiteralKind::Any | LiteralKind::Int) => "5",
            OperandKind::Literal(LiteralKind::Bool) => "true",
            OperandKind::Literal(LiteralKind::Str) => "\"text\"",
            OperandKind::Literal(LiteralKind::Float) => "4.5",
            OperandKind::Literal(LiteralKind::Char) => "'@'",
            OperandKind::Literal(LiteralKind::Byte) => "0b101",
            OperandKind::Arith => "+",
            OperandKind::Item => "*",
            OperandKind::Function => "lib.mmm#name",
        };
        format!("{} {operand}", self.mnemonic)
    }
}

const fn literal(
    op: Op,
    mnemonic: &'static str,
    kind: LiteralKind,
    clause: &'static str,
    doc: &'static str,
) -> Info {
    Info {
        op,
        mnemonic,
        operand: OperandKind::Literal(kind),
        needs: Needs::Any,
        effect: "→ value",
        faults: &[Fault::BadLiteral],
        clause,
        doc,
    }
}

const fn plain(
    op: Op,
    mnemonic: &'static str,
    effect: &'static str,
    clause: &'static str,
    doc: &'static str,
) -> Info {
    Info {
        op,
        mnemonic,
        operand: OperandKind::None,
        needs: Needs::Any,
        effect,
        faults: &[],
        clause,
        doc,
    }
}

/// All instructions, in the order of [`Op`].
pub static TABLE: [Info; 17] = [
    literal(
        Op::Constexpr,
        "constexpr",
        LiteralKind::Any,
        "mmm.constexpr",
        "Pushes a literal of whichever type it is.",
    ),
    plain(
        Op::StackDump,
        "stack_dump",
        "unchanged",
        "mmm.stack_dump",
        "Prints the function, the call stack and the local stack.",
    ),
    Info {
        needs: Needs::AtLeast(1),
        faults: &[Fault::StackSize],
        ..plain(Op::Pop, "pop", "a →", "mmm.pop", "Drops the newest item.")
    },
    Info {
        op: Op::BinOp,
        mnemonic: "bin_op",
        operand: OperandKind::Arith,
        needs: Needs::Exactly(2),
        effect: "a b → a∘b",
        faults: &[
            Fault::StackSize,
            Fault::TypeMismatch,
            Fault::Overflow,
            Fault::DivideByZero,
        ],
        clause: "mmm.bin_op",
        doc: "Replaces the only two items by the result of arithmetic on them; the left one is the older.",
    },
    plain(Op::Nop, "nop", "unchanged", "mmm.nop", "Does nothing."),
    literal(
        Op::Bool,
        "bool",
        LiteralKind::Bool,
        "mmm.bool",
        "Pushes a Bool.",
    ),
    literal(
        Op::String,
        "string",
        LiteralKind::Str,
        "mmm.string",
        "Pushes a Str.",
    ),
    literal(
        Op::Int,
        "int",
        LiteralKind::Int,
        "mmm.int",
        "Pushes an Int.",
    ),
    literal(
        Op::Float,
        "float",
        LiteralKind::Float,
        "mmm.float",
        "Pushes a Float.",
    ),
    literal(
        Op::Char,
        "char",
        LiteralKind::Char,
        "mmm.char",
        "Pushes a Char.",
    ),
    literal(
        Op::Byte,
        "byte",
        LiteralKind::Byte,
        "mmm.byte",
        "Pushes a Byte.",
    ),
    plain(Op::Void, "void", "… →", "mmm.void", "Drops all items."),
    Info {
        faults: &[Fault::Quit],
        ..plain(
            Op::Breakpoint,
            "breakpoint",
            "unchanged",
            "mmm.breakpoint",
            "Stops in the debugger, if there is one.",
        )
    },
    Info {
        needs: Needs::Exactly(1),
        faults: &[Fault::StackSize],
        ..plain(
            Op::Ret,
            "ret",
            "a →, and → a for the caller",
            "mmm.ret",
            "Returns the only item to the caller.",
        )
    },
    Info {
        op: Op::Printn,
        mnemonic: "printn",
        operand: OperandKind::Item,
        needs: Needs::Any,
        effect: "unchanged",
        faults: &[Fault::OutOfRange],
        clause: "mmm.printn",
        doc: "Prints all items, or the one of that index counted from the oldest.",
    },
    Info {
        op: Op::Call,
        mnemonic: "call",
        operand: OperandKind::Function,
        needs: Needs::Any,
        effect: "→ value, if one is returned",
        faults: &[Fault::FileAccess, Fault::BadFile, Fault::UnknownFunction],
        clause: "mmm.call",
        doc: "Calls a function with an empty local stack of its own.",
    },
    plain(
        Op::StackSize,
        "stack_size",
        "→ Int",
        "mmm.stack_size",
        "Pushes the number of active calls.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_operations() {
        for (at, info) in TABLE.iter().enumerate() {
            assert_eq!(info.op as usize, at, "{}", info.mnemonic);
        }
    }

    #[test]
    fn every_mnemonic_is_found_and_nothing_else_is() {
        for info in &TABLE {
            assert_eq!(Op::from_mnemonic(info.mnemonic.as_bytes()), Some(info.op));
        }
        for word in [
            "",
            "po",
            "pap",
            "Pop",
            "POP",
            "popp",
            "breakpoints",
            "stack_side",
            "function",
            "end",
            "xxxxx",
        ] {
            assert_eq!(Op::from_mnemonic(word.as_bytes()), None, "{word}");
        }
    }
}
