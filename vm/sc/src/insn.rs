//! The tables: instructions, ast instructions, operators, constants and faults.
//!
//! Pure data. The decoder, the encoder, the text form, the checker and whoever generates or
//! documents programs read the format from here.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use vm_base::FaultCode;

/// The first four bytes of a file.
pub const MAGIC: [u8; 4] = *b".Sc.";
/// What ends each of the three sections.
pub const SECTION_END: [u8; 6] = [0; 6];
/// The text of the implied Str constant.
pub const IMPLIED_NAME: &str = "$i";
/// How many constants are implied; the first stored one has this index.
pub const IMPLIED: u64 = 4;
/// The implied constant nil.
pub const NIL: u64 = 0;
/// The implied constant `$i`.
pub const DOLLAR_I: u64 = 1;
/// The implied constant false.
pub const FALSE: u64 = 2;
/// The implied constant true.
pub const TRUE: u64 = 3;

/// One line of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// What people call it.
    pub name: &'static str,
    /// The bytes that it begins with.
    pub bytes: &'static [u8],
    /// The 64-bit fields that follow.
    pub fields: &'static [Field],
    /// Whether the seed document lacks it; strict mode refuses those.
    pub extension: bool,
    /// The fuel it costs by itself.
    pub fuel: u64,
    /// The clause of the specification.
    pub clause: &'static str,
    /// What it does, in a line.
    pub doc: &'static str,
}

/// A 64-bit field of an instruction or ast instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it is, for people.
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
    /// A number of things.
    Count,
}

const fn field(name: &'static str, kind: FieldKind) -> Field {
    Field { name, kind }
}

/// An instruction. Every field is an index as the file has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insn {
    /// Does nothing.
    Pass,
    /// Begins a counting loop.
    For {
        /// The variable's name, a constant.
        var: u64,
        /// The ast of the first value.
        start: u64,
        /// The ast of the value that ends the loop.
        stop: u64,
        /// The instruction that ends the loop's body.
        end: u64,
    },
    /// Begins a loop with a condition.
    While {
        /// The ast of the condition.
        cond: u64,
        /// The instruction that ends the loop's body.
        end: u64,
    },
    /// Ends the body of the loop that begins at `head`.
    End {
        /// The instruction that begins the loop.
        head: u64,
    },
    /// PROCEED if `to` is the beginning of a loop, STOP if it is an end.
    Jump {
        /// The loop's beginning or end.
        to: u64,
    },
    /// Goes to a label.
    Goto {
        /// The label's name, a constant.
        name: u64,
    },
    /// Evaluates an ast and drops its value.
    Eval {
        /// The ast.
        ast: u64,
    },
    /// Assigns to a variable.
    Set {
        /// The variable's name, a constant.
        name: u64,
        /// The ast of its value.
        ast: u64,
    },
    /// A place to go to.
    Label {
        /// Its name, a constant.
        name: u64,
    },
}

/// The instructions. PROCEED and STOP share their bytes: what the field names tells them apart.
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
    /// Its line of [`INSNS`]; a jump is told as PROCEED (see [`crate::File::row`]).
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

    /// The values of its fields, in the order of the file; those beyond the row's are zero.
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

    /// The END that it names, if it begins a loop.
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

    /// The beginning of the loop that it ends, if it is an END.
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

    /// The asts that it evaluates, in that order.
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

/// An ast instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Pushes a variable's value; its name is a constant.
    PushVar(u64),
    /// Pushes a constant.
    PushConst(u64),
    /// Calls a host function on the topmost items and pushes its result.
    Call {
        /// The function's name, a constant.
        name: u64,
        /// How many arguments; the first one is on top.
        argc: u64,
    },
    /// Works on the topmost one or two items.
    Operate(Operator),
}

/// The ast instructions that push or call; the others are [`OPERATORS`].
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
    /// Its line of [`PUSHES`] or [`OPERATORS`].
    pub fn row(&self) -> &'static Row {
        match self {
            Op::PushVar(_) => &PUSHES[0],
            Op::PushConst(_) => &PUSHES[1],
            Op::Call { .. } => &PUSHES[2],
            Op::Operate(operator) => &operator.entry().row,
        }
    }

    /// The values of its fields, in the order of the file; those beyond the row's are zero.
    pub fn fields(&self) -> [u64; 2] {
        match *self {
            Op::PushVar(index) | Op::PushConst(index) => [index, 0],
            Op::Call { name, argc } => [name, argc],
            Op::Operate(_) => [0; 2],
        }
    }

    /// How many items it takes.
    pub fn takes(&self) -> u64 {
        match *self {
            Op::PushVar(_) | Op::PushConst(_) => 0,
            Op::Call { argc, .. } => argc,
            Op::Operate(operator) => operator.takes(),
        }
    }
}

/// An operator of asts.
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

/// What there is to know of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorEntry {
    /// The operator.
    pub operator: Operator,
    /// How the text form writes it.
    pub symbol: &'static str,
    /// How tightly it binds in the text form.
    pub binds: u8,
    /// Its encoding and documentation.
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

/// How tightly names, literals and calls bind.
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
    /// The operator of that byte.
    pub fn from_byte(byte: u8) -> Option<Operator> {
        let at = usize::from(byte).checked_sub(0x03)?;
        OPERATORS.get(at).map(|entry| entry.operator)
    }

    /// Its byte.
    pub fn byte(self) -> u8 {
        self as u8 + 0x03
    }

    /// Its line of [`OPERATORS`].
    pub fn entry(self) -> &'static OperatorEntry {
        &OPERATORS[self as usize]
    }

    /// How many items it takes.
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

/// Why an instruction could not do its work.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// Operands of a type that the operator, loop or function does not take.
    TypeMismatch,
    /// An Int result outside 64 bits.
    Overflow,
    /// An Int divided by zero.
    DivideByZero,
    /// A variable was read that was never set.
    UnsetVariable,
    /// A call to a function that the host does not have.
    UnknownFunction,
    /// A call with the wrong number of arguments.
    Arity,
    /// An argument of the right type that is no number.
    BadValue,
    /// A fault of an embedder's own function; its code.
    Host(Cow<'static, str>),
}

impl Fault {
    /// All of the machine's own.
    pub const ALL: [Fault; 7] = [
        Fault::TypeMismatch,
        Fault::Overflow,
        Fault::DivideByZero,
        Fault::UnsetVariable,
        Fault::UnknownFunction,
        Fault::Arity,
        Fault::BadValue,
    ];

    /// The code that observations carry.
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
            Fault::TypeMismatch => "a value here is of a type that does not go with this",
            Fault::Overflow => "the result does not fit an Int",
            Fault::DivideByZero => "an Int cannot be divided by zero",
            Fault::UnsetVariable => "a variable is read before anything was assigned to it",
            Fault::UnknownFunction => "the host has no function of this name",
            Fault::Arity => "the function takes another number of arguments",
            Fault::BadValue => "the argument is no number that fits",
            Fault::Host(_) => "a function of the host could not do its work",
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
    fn the_operators_stand_in_the_order_of_their_bytes() {
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
