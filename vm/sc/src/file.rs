//! The parts of a file, and their encoding.

use super::insn::{self, IMPLIED, IMPLIED_NAME, Insn, Op, Row};
use std::ops::Range;

/// The contents of a file, section by section. [`decode`](crate::decode) returns one, and
/// [`encode`] takes one; an encoded file need not be valid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The stored constants; the first of them has index 4, after the implied ones.
    pub constants: Vec<Constant>,
    /// The asts.
    pub asts: Vec<Ast>,
    /// The instructions.
    pub instructions: Vec<Insn>,
}

/// A stored constant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Constant {
    /// An Int.
    Int(i64),
    /// A Str without zero bytes.
    Str(String),
    /// The bits of a Float.
    Float(u64),
}

/// An expression in postfix order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ast {
    /// The declared length of its stack.
    pub stack_max: u64,
    /// The ast instructions.
    pub ops: Vec<Op>,
}

/// A constant, implied or stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConstantRef<'a> {
    /// nil.
    Nil,
    /// false or true.
    Bool(bool),
    /// An Int.
    Int(i64),
    /// A Str.
    Str(&'a str),
    /// The bits of a Float.
    Float(u64),
}

impl Constant {
    /// Returns the constant as a reference.
    pub fn borrow(&self) -> ConstantRef<'_> {
        match self {
            Constant::Int(int) => ConstantRef::Int(*int),
            Constant::Str(text) => ConstantRef::Str(text),
            Constant::Float(bits) => ConstantRef::Float(*bits),
        }
    }
}

impl Ast {
    /// Returns an ast that declares the stack length it needs.
    pub fn new(ops: Vec<Op>) -> Ast {
        let mut ast = Ast { stack_max: 0, ops };
        ast.stack_max = ast.needs();
        ast
    }

    /// Returns the stack length that the ast needs.
    pub fn needs(&self) -> u64 {
        let mut depth: u64 = 0;
        let mut highest = 0;
        for op in &self.ops {
            depth = depth.saturating_sub(op.takes()) + 1;
            highest = highest.max(depth);
        }
        highest
    }
}

impl File {
    /// Returns the number of constants, implied ones included.
    pub fn constant_count(&self) -> u64 {
        IMPLIED + self.constants.len() as u64
    }

    /// Returns the constant with this index.
    pub fn constant(&self, index: u64) -> Option<ConstantRef<'_>> {
        match index {
            insn::NIL => Some(ConstantRef::Nil),
            insn::DOLLAR_I => Some(ConstantRef::Str(IMPLIED_NAME)),
            insn::FALSE => Some(ConstantRef::Bool(false)),
            insn::TRUE => Some(ConstantRef::Bool(true)),
            _ => get(&self.constants, index - IMPLIED).map(Constant::borrow),
        }
    }

    /// Returns the text of the Str constant with this index.
    pub fn name(&self, index: u64) -> Option<&str> {
        match self.constant(index) {
            Some(ConstantRef::Str(text)) => Some(text),
            _ => None,
        }
    }

    /// Returns the ast with this index.
    pub fn ast(&self, index: u64) -> Option<&Ast> {
        get(&self.asts, index)
    }

    /// Returns the instruction with this index.
    pub fn instruction(&self, index: u64) -> Option<&Insn> {
        get(&self.instructions, index)
    }

    /// Returns the row of [`insn::INSNS`] for an instruction of this file; PROCEED and STOP are
    /// distinguished.
    pub fn row(&self, insn: &Insn) -> &'static Row {
        if let Insn::Jump { to } = insn
            && self.instruction(*to).and_then(Insn::loop_head).is_some()
        {
            return &insn::INSNS[5];
        }
        insn.row()
    }

    /// Returns the fuel that an instruction costs without its operations on texts: one, and one for each ast instruction of the
    /// asts that it evaluates.
    pub fn cost(&self, insn: &Insn) -> u64 {
        let asts = insn.asts().filter_map(|ast| self.ast(ast));
        // Every ast instruction costs one, so their number is enough.
        insn.row().fuel + asts.map(|ast| ast.ops.len() as u64).sum::<u64>()
    }
}

fn get<T>(items: &[T], index: u64) -> Option<&T> {
    items.get(usize::try_from(index).ok()?)
}

/// Encodes a file.
///
/// # Panics
/// If a Str constant contains a zero byte, which the format cannot represent.
pub fn encode(file: &File) -> Vec<u8> {
    let mut out = insn::MAGIC.to_vec();
    put(&mut out, file.constants.len() as u64);
    for constant in &file.constants {
        match constant {
            Constant::Int(int) => {
                out.extend_from_slice(insn::CONSTANTS[0].bytes);
                out.extend_from_slice(&int.to_le_bytes());
            }
            Constant::Str(text) => {
                assert!(!text.contains('\0'), "a Str constant holds no zero byte");
                out.extend_from_slice(insn::CONSTANTS[1].bytes);
                out.extend_from_slice(text.as_bytes());
                out.push(0);
            }
            Constant::Float(bits) => {
                out.extend_from_slice(insn::CONSTANTS[2].bytes);
                put(&mut out, *bits);
            }
        }
    }
    out.extend_from_slice(&insn::SECTION_END);
    put(&mut out, file.asts.len() as u64);
    for ast in &file.asts {
        put(&mut out, ast.stack_max);
        put(&mut out, ast.ops.len() as u64);
        for op in &ast.ops {
            put_row(&mut out, op.row(), &op.fields());
        }
    }
    out.extend_from_slice(&insn::SECTION_END);
    put(&mut out, file.instructions.len() as u64);
    for insn in &file.instructions {
        put_row(&mut out, insn.row(), &insn.fields());
    }
    out.extend_from_slice(&insn::SECTION_END);
    out
}

fn put(out: &mut Vec<u8>, word: u64) {
    out.extend_from_slice(&word.to_le_bytes());
}

fn put_row(out: &mut Vec<u8>, row: &Row, fields: &[u64]) {
    out.extend_from_slice(row.bytes);
    for field in &fields[..row.fields.len()] {
        put(out, *field);
    }
}

/// A place in the contents of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The declared stack length of an ast.
    StackMax(usize),
    /// A whole ast.
    Ast(usize),
    /// An ast instruction, or a field of one.
    Op {
        /// The ast.
        ast: usize,
        /// The ast instruction in it.
        op: usize,
        /// The field; `None` means the bytes that identify the ast instruction.
        field: Option<usize>,
    },
    /// An instruction, or a field of one.
    Insn {
        /// The instruction.
        insn: usize,
        /// The field; `None` means the bytes that identify the instruction.
        field: Option<usize>,
    },
}

impl File {
    /// Returns the range of bytes of the encoded file that a spot covers.
    pub fn range(&self, spot: Spot) -> Range<usize> {
        const WORD: usize = 8;
        let mut at = insn::MAGIC.len() + WORD;
        for constant in &self.constants {
            at += match constant {
                Constant::Int(_) | Constant::Float(_) => 1 + WORD,
                Constant::Str(text) => text.len() + 2,
            };
        }
        at += insn::SECTION_END.len() + WORD;
        let size = |row: &Row| row.bytes.len() + row.fields.len() * WORD;
        let part = |at: usize, row: &Row, field: Option<usize>| match field {
            Some(field) => {
                let start = at + row.bytes.len() + field * WORD;
                start..start + WORD
            }
            None => at..at + row.bytes.len(),
        };
        for (index, ast) in self.asts.iter().enumerate() {
            match spot {
                Spot::StackMax(meant) if meant == index => return at..at + WORD,
                Spot::Ast(meant) if meant == index => return at..at + 2 * WORD,
                _ => at += 2 * WORD,
            }
            for (number, op) in ast.ops.iter().enumerate() {
                match spot {
                    Spot::Op { ast, op: n, field } if (ast, n) == (index, number) => {
                        return part(at, op.row(), field);
                    }
                    _ => at += size(op.row()),
                }
            }
        }
        at += insn::SECTION_END.len() + WORD;
        for (index, insn) in self.instructions.iter().enumerate() {
            match spot {
                Spot::Insn { insn: meant, field } if meant == index => {
                    return part(at, insn.row(), field);
                }
                _ => at += size(insn.row()),
            }
        }
        at..at
    }
}
