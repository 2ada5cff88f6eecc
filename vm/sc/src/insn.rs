//! Tables of the format: instructions, ast instructions, operators, constants and faults.
//!
//! The decoder, the encoder, the text form, the checker, generators and the documentation all take
//! the format from these tables.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use vm_base::FaultCode;

/// The first four bytes of a file.
pub const MAGIC: [u8; 4] = *b".Sc.";
/// The bytes that end each of the three sections.
pub const SECTION_END: [u8; 6] = [0; 6];
/// The text of the implied Str constant.
pub const IMPLIED_NAME: &str = "$i";
/// The number of implied constants, which is also the index of the first stored one.
pub const IMPLIED: u64 = 4;
/// The index of the implied constant nil.
pub const NIL: u64 = 0;
/// The index of the implied constant `$i`.
pub const DOLLAR_I: u64 = 1;
/// The index of the implied constant false.
pub const FALSE: u64 = 2;
/// The index of the implied constant true.
pub const TRUE: u64 = 3;

/// A row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name in the documentation.
    pub name: &'static str,
    /// The bytes that identify it.
    pub bytes: &'static [u8],
    /// The 64-bit fields that follow these bytes.
    pub fields: &'static [Field],
    /// True if the seed document does not define it; strict mode refuses it.
    pub extension: bool,
    /// The fuel that it costs by itself.
    pub fuel: u64,
    /// The topic of the specification that defines it.
    pub clause: &'static str,
    /// What it does, in a line.
    pub doc: &'static str,
}

/// A 64-bit field of an instruction or ast instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name of the field.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// The index of a Str constant.
    Name,
    /// The index of any constant.
    Constant,
    /// The index of an ast.
    Ast,
    /// The index of an instruction.
    Instruction,
    /// A number of items.
    Count,
}

const fn field(name: &'static str, kind: FieldKind) -> Field {
    Field { name, kind }
}

/// An instruction. Its fields are indices as they are in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insn {
    /// Does nothing.
    Pass,
    /// Begins a counting loop.
    For {
        /// The variable's name, a Str constant.
        var: u64,
        /// The ast of the first value.
        start: u64,
        /// The ast of the value that ends the loop.
        stop: u64,
        /// The END of the loop.
        end: u64,
    },
    /// Begins a loop with a condition.
    While {
        /// The ast of the condition.
        cond: u64,
        /// The END of the loop.
        end: u64,
    },
    /// Ends the body of a loop.
    End {
        /// The FOR or WHILE of the loop.
        head: u64,
    },
    /// PROCEED if `to` begins a loop, STOP if it ends one.
    Jump {
        /// The FOR or WHILE, or the END, of the loop.
        to: u64,
    },
    /// Continues at a label.
    Goto {
        /// The label's name, a Str constant.
        name: u64,
    },
    /// Evaluates an ast and drops its value.
    Eval {
        /// The ast of the value.
        ast: u64,
    },
    /// Assigns to a variable.
    Set {
        /// The variable's name, a Str constant.
        name: u64,
        /// The ast of its value.
        ast: u64,
    },
    /// Is a label that GOTO can name.
    Label {
        /// The label's name, a Str constant.
        name: u64,
    },
}

/// The instructions. PROCEED and STOP have the same bytes; the instruction that the field names
/// distinguishes them.
pub const INSNS: [Row; 10] = [
    Row {
        name: "PASS",
        bytes: &[0x00],
        fields: &[],
        extension: false,
        fuel: 1,
        clause: "sc.insn.pass",
        doc: "does nothing",
    },
    Row {
        name: "FOR",
        bytes: &[0x01, 0x00],
        fields: &[
            field("variable name", FieldKind::Name),
            field("start ast", FieldKind::Ast),
            field("end ast", FieldKind::Ast),
            field("END_FOR index", FieldKind::Instruction),
        ],
        extension: false,
        fuel: 1,
        clause: "sc.insn.for",
        doc: "counts a variable from start up to, and not including, end",
    },
    Row {
        name: "WHILE",
        bytes: &[0x01, 0x01],
        fields: &[
            field("condition ast", FieldKind::Ast),
            field("END_WHILE index", FieldKind::Instruction),
        ],
        extension: false,
        fuel: 1,
        clause: "sc.insn.while",
        doc: "runs its body as long as the condition is true",
    },
    Row {
        name: "END",
        bytes: &[0x02],
        fields: &[field("loop index", FieldKind::Instruction)],
        extension: false,
        fuel: 1,
        clause: "sc.insn.end",
        doc: "ends the body of the loop that the index names (END_FOR, END_WHILE)",
    },
    Row {
        name: "PROCEED",
        bytes: &[0x03, 0x01],
        fields: &[field("loop or END index", FieldKind::Instruction)],
        extension: false,
        fuel: 1,
        clause: "sc.insn.proceed",
        doc: "goes on with the next turn of an enclosing loop, whose FOR or WHILE the index names",
    },
    Row {
        name: "STOP",
        bytes: &[0x03, 0x01],
        fields: &[field("loop or END index", FieldKind::Instruction)],
        extension: false,
        fuel: 1,
        clause: "sc.insn.stop",
        doc: "leaves an enclosing loop, whose END the index names",
    },
    Row {
        name: "GOTO",
        bytes: &[0x03, 0x00],
        fields: &[field("label name", FieldKind::Name)],
        extension: false,
        fuel: 1,
        clause: "sc.insn.goto",
        doc: "goes on at a label",
    },
    Row {
        name: "EVAL",
        bytes: &[0x04],
        fields: &[field("ast", FieldKind::Ast)],
        extension: true,
        fuel: 1,
        clause: "sc.insn.eval",
        doc: "evaluates an ast and drops its value",
    },
    Row {
        name: "SET",
        bytes: &[0x05],
        fields: &[
            field("variable name", FieldKind::Name),
            field("ast", FieldKind::Ast),
        ],
        extension: true,
        fuel: 1,
        clause: "sc.insn.set",
        doc: "evaluates an ast and assigns its value to a variable",
    },
    Row {
        name: "LABEL",
        bytes: &[0x06],
        fields: &[field("label name", FieldKind::Name)],
        extension: true,
        fuel: 1,
        clause: "sc.insn.label",
        doc: "is a place that GOTO can name",
    },
];

impl Insn {
    /// Returns its row of [`INSNS`]. For every jump this is PROCEED; [`crate::File::row`]
    /// distinguishes STOP.
    pub fn row(&self) -> &'static Row {
        &INSNS[match self {
            Insn::Pass => 0,
            Insn::For { .. } => 1,
            Insn::While { .. } => 2,
            Insn::End { .. } => 3,
            Insn::Jump { .. } => 4,
            Insn::Goto { .. } => 6,
            Insn::Eval { .. } => 7,
            Insn::Set { .. } => 8,
            Insn::Label { .. } => 9,
        }]
    }

    /// Returns the values of its fields, in the order of the file, followed by zeros.
    pub fn fields(&self) -> [u64; 4] {
        match *self {
            Insn::Pass => [0; 4],
            Insn::For {
                var,
                start,
                stop,
                end,
            } => [var, start, stop, end],
            Insn::While { cond, end } => [cond, end, 0, 0],
            Insn::End { head } => [head, 0, 0, 0],
            Insn::Jump { to } => [to, 0, 0, 0],
            Insn::Goto { name } | Insn::Label { name } => [name, 0, 0, 0],
            Insn::Eval { ast } => [ast, 0, 0, 0],
            Insn::Set { name, ast } => [name, ast, 0, 0],
        }
    }

    /// Returns the index of the END that it names, if it begins a loop.
    pub fn loop_end(&self) -> Option<u64> {
        match *self {
            Insn::For { end, .. } | Insn::While { end, .. } => Some(end),
            Insn::Pass
            | Insn::End { .. }
            | Insn::Jump { .. }
            | Insn::Goto { .. }
            | Insn::Eval { .. }
            | Insn::Set { .. }
            | Insn::Label { .. } => None,
        }
    }

    /// Returns the index of the instruction that begins the loop, if it is an END.
    pub fn loop_head(&self) -> Option<u64> {
        match *self {
            Insn::End { head } => Some(head),
            Insn::Pass
            | Insn::For { .. }
            | Insn::While { .. }
            | Insn::Jump { .. }
            | Insn::Goto { .. }
            | Insn::Eval { .. }
            | Insn::Set { .. }
            | Insn::Label { .. } => None,
        }
    }

    /// Returns the indices of the asts that it evaluates, in the order of evaluation.
    pub fn asts(&self) -> impl Iterator<Item = u64> + use<> {
        let (first, second) = match *self {
            Insn::For { start, stop, .. } => (Some(start), Some(stop)),
            Insn::While { cond, .. } => (Some(cond), None),
            Insn::Eval { ast } | Insn::Set { ast, .. } => (Some(ast), None),
            Insn::Pass
            | Insn::End { .. }
            | Insn::Jump { .. }
            | Insn::Goto { .. }
            | Insn::Label { .. } => (None, None),
        };
        first.into_iter().chain(second)
    }
}

/// An ast instruction, which works on the stack of its ast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Pushes the value of a variable, whose name is a Str constant.
    PushVar(u64),
    /// Pushes a constant.
    PushConst(u64),
    /// Calls a host function with the topmost items, and pushes its result.
    Call {
        /// The function's name, a Str constant.
        name: u64,
        /// The number of arguments; the first argument is on top.
        argc: u64,
    },
    /// Replaces the topmost one or two items with the result of an operator.
    Operate(Operator),
}

/// The ast instructions that push or call; [`OPERATORS`] has the others.
pub const PUSHES: [Row; 3] = [
    Row {
        name: "push variable",
        bytes: &[0x01, 0x01],
        fields: &[field("variable name", FieldKind::Name)],
        extension: false,
        fuel: 1,
        clause: "sc.ast.var",
        doc: "pushes a variable's value",
    },
    Row {
        name: "push constant",
        bytes: &[0x01, 0x02],
        fields: &[field("constant", FieldKind::Constant)],
        extension: false,
        fuel: 1,
        clause: "sc.ast.const",
        doc: "pushes a constant",
    },
    Row {
        name: "call",
        bytes: &[0x02],
        fields: &[
            field("function name", FieldKind::Name),
            field("number of arguments", FieldKind::Count),
        ],
        extension: false,
        fuel: 1,
        clause: "sc.ast.call",
        doc: "calls a function of the host on the topmost items, the first argument on top",
    },
];

impl Op {
    /// Returns its row of [`PUSHES`] or [`OPERATORS`].
    pub fn row(&self) -> &'static Row {
        match self {
            Op::PushVar(_) => &PUSHES[0],
            Op::PushConst(_) => &PUSHES[1],
            Op::Call { .. } => &PUSHES[2],
            Op::Operate(operator) => &operator.entry().row,
        }
    }

    /// Returns the values of its fields, in the order of the file, followed by zeros.
    pub fn fields(&self) -> [u64; 2] {
        match *self {
            Op::PushVar(index) | Op::PushConst(index) => [index, 0],
            Op::Call { name, argc } => [name, argc],
            Op::Operate(_) => [0; 2],
        }
    }

    /// Returns the number of items that it takes from the stack.
    pub fn takes(&self) -> u64 {
        match *self {
            Op::PushVar(_) | Op::PushConst(_) => 0,
            Op::Call { argc, .. } => argc,
            Op::Operate(operator) => operator.takes(),
        }
    }
}

/// An operator of an ast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "OPERATORS documents each")]
pub enum Operator {
    Add,
    Mul,
    Sub,
    Div,
    Mod,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Not,
    And,
    Or,
    Neg,
}

/// An operator with its symbol, precedence and row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorEntry {
    /// The operator.
    pub operator: Operator,
    /// The symbol in the text form.
    pub symbol: &'static str,
    /// The precedence in the text form; a higher number binds tighter.
    pub binds: u8,
    /// The row of the table.
    pub row: Row,
}

const fn entry(
    operator: Operator,
    symbol: &'static str,
    binds: u8,
    bytes: &'static [u8],
    names: (&'static str, &'static str),
    doc: &'static str,
) -> OperatorEntry {
    let row = Row {
        name: names.0,
        bytes,
        fields: &[],
        extension: bytes[0] > 0x05,
        fuel: 1,
        clause: names.1,
        doc,
    };
    OperatorEntry {
        operator,
        symbol,
        binds,
        row,
    }
}

/// The precedence of names, literals and calls.
pub const BINDS_ATOM: u8 = 8;

/// The operators, in the order of their bytes.
#[rustfmt::skip]
pub const OPERATORS: [OperatorEntry; 15] = [
    entry(Operator::Add, "+", 5, &[0x03], ("add", "sc.ast.add"), "sum of numbers; joins two Str"),
    entry(Operator::Mul, "*", 6, &[0x04], ("mul", "sc.ast.mul"), "product of numbers"),
    entry(Operator::Sub, "-", 5, &[0x05], ("sub", "sc.ast.sub"), "difference of numbers"),
    entry(Operator::Div, "/", 6, &[0x06], ("div", "sc.ast.div"), "quotient of numbers; of two Int truncated"),
    entry(Operator::Mod, "%", 6, &[0x07], ("mod", "sc.ast.mod"), "remainder, with the dividend's sign"),
    entry(Operator::Eq, "==", 4, &[0x08], ("eq", "sc.ast.eq"), "whether two items are equal"),
    entry(Operator::Ne, "!=", 4, &[0x09], ("ne", "sc.ast.ne"), "whether two items differ"),
    entry(Operator::Lt, "<", 4, &[0x0a], ("lt", "sc.ast.lt"), "whether the left of two numbers or Str is less"),
    entry(Operator::Le, "<=", 4, &[0x0b], ("le", "sc.ast.le"), "whether it is less or equal"),
    entry(Operator::Gt, ">", 4, &[0x0c], ("gt", "sc.ast.gt"), "whether it is greater"),
    entry(Operator::Ge, ">=", 4, &[0x0d], ("ge", "sc.ast.ge"), "whether it is greater or equal"),
    entry(Operator::Not, "not", 3, &[0x0e], ("not", "sc.ast.not"), "the other Bool"),
    entry(Operator::And, "and", 2, &[0x0f], ("and", "sc.ast.and"), "whether both Bool are true; both are evaluated"),
    entry(Operator::Or, "or", 1, &[0x10], ("or", "sc.ast.or"), "whether either Bool is true; both are evaluated"),
    entry(Operator::Neg, "-", 7, &[0x11], ("neg", "sc.ast.neg"), "the number with the other sign"),
];

impl Operator {
    /// Returns the operator with this byte.
    pub fn from_byte(byte: u8) -> Option<Operator> {
        let at = usize::from(byte).checked_sub(0x03)?;
        OPERATORS.get(at).map(|entry| entry.operator)
    }

    /// Returns its byte.
    pub fn byte(self) -> u8 {
        self as u8 + 0x03
    }

    /// Returns its entry of [`OPERATORS`].
    pub fn entry(self) -> &'static OperatorEntry {
        &OPERATORS[self as usize]
    }

    /// Returns the number of items that it takes from the stack.
    pub fn takes(self) -> u64 {
        match self {
            Operator::Not | Operator::Neg => 1,
            Operator::Add
            | Operator::Mul
            | Operator::Sub
            | Operator::Div
            | Operator::Mod
            | Operator::Eq
            | Operator::Ne
            | Operator::Lt
            | Operator::Le
            | Operator::Gt
            | Operator::Ge
            | Operator::And
            | Operator::Or => 2,
        }
    }
}

/// The kinds of stored constants.
pub const CONSTANTS: [Row; 3] = [
    Row {
        name: "Int",
        bytes: &[0x49],
        fields: &[],
        extension: false,
        fuel: 0,
        clause: "sc.const.int",
        doc: "64 bits, two's complement",
    },
    Row {
        name: "Str",
        bytes: &[0x53],
        fields: &[],
        extension: false,
        fuel: 0,
        clause: "sc.const.str",
        doc: "UTF-8 up to a zero byte",
    },
    Row {
        name: "Float",
        bytes: &[0x46],
        fields: &[],
        extension: false,
        fuel: 0,
        clause: "sc.const.float",
        doc: "the bits of a 64-bit float",
    },
];

/// The reason why an instruction failed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// The operator, loop or function is not defined for a value of this type.
    TypeMismatch,
    /// An Int result does not fit 64 bits.
    Overflow,
    /// An Int was divided by zero.
    DivideByZero,
    /// A variable was read before it was set.
    UnsetVariable,
    /// The host has no function with this name.
    UnknownFunction,
    /// The function was called with another number of arguments than it takes.
    Arity,
    /// An argument has the right type and cannot be converted to a number.
    BadValue,
    /// A fault of a function that the embedder added; its code.
    Host(Cow<'static, str>),
}

impl Fault {
    /// All faults of the machine itself.
    pub const ALL: [Fault; 7] = [
        Fault::TypeMismatch,
        Fault::Overflow,
        Fault::DivideByZero,
        Fault::UnsetVariable,
        Fault::UnknownFunction,
        Fault::Arity,
        Fault::BadValue,
    ];

    /// Returns the code, a short name that never changes.
    pub fn code(&self) -> &str {
        match self {
            Fault::TypeMismatch => "type-mismatch",
            Fault::Overflow => "overflow",
            Fault::DivideByZero => "divide-by-zero",
            Fault::UnsetVariable => "unset-variable",
            Fault::UnknownFunction => "unknown-function",
            Fault::Arity => "arity",
            Fault::BadValue => "bad-value",
            Fault::Host(code) => code,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::TypeMismatch => "the operation is not defined for a value of this type",
            Fault::Overflow => "the result does not fit an Int",
            Fault::DivideByZero => "an Int cannot be divided by zero",
            Fault::UnsetVariable => "a variable is read before it is set",
            Fault::UnknownFunction => "the host has no function with this name",
            Fault::Arity => "the function takes a different number of arguments",
            Fault::BadValue => "the argument cannot be converted to a number",
            Fault::Host(_) => "a function of the host failed",
        })
    }
}

impl Error for Fault {}

impl FaultCode for Fault {
    fn code(&self) -> &str {
        Fault::code(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{OPERATORS, Operator};

    #[test]
    fn operators_are_in_the_order_of_their_bytes() {
        for (at, entry) in OPERATORS.iter().enumerate() {
            assert_eq!(entry.operator as usize, at);
            assert_eq!(entry.row.bytes, [entry.operator.byte()]);
            assert_eq!(
                Operator::from_byte(entry.operator.byte()),
                Some(entry.operator)
            );
        }
        assert_eq!(Operator::from_byte(0x02), None);
        assert_eq!(Operator::from_byte(0x12), None);
    }
}
