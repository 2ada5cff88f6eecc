//! The words at the beginning of lines, and the words for numbers.

use std::collections::HashMap;
use vm_py_code::insn::{COMPARISONS, Op, TABLE};

/// The first word of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// An instruction.
    Op(Op),
    /// The beginning of a code object.
    Define,
    /// The end of a code object.
    End,
    /// A parameter.
    AddArg,
    /// A jump target.
    Label,
    /// The source line of the instructions after it.
    Line,
    /// Bytes that are not an instruction.
    Bytes,
    /// A property of the code object or the file.
    Directive(Directive),
}

/// A property of a code object or of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    /// `co_name`.
    Name,
    /// `co_filename` of the code object, or of all.
    File,
    /// `co_firstlineno`.
    FirstLine,
    /// The first constant of a function.
    Doc,
    /// `co_flags`.
    Flags,
    /// `co_stacksize`.
    StackSize,
    /// `co_nlocals`.
    LocalsCount,
    /// `co_cellvars`.
    Cells,
    /// `co_freevars`.
    Frees,
    /// A constant and its index.
    ConstAt,
    /// A name and its index.
    NameAt,
    /// A variable and its index.
    LocalAt,
    /// `co_lnotab`.
    LineTable,
    /// The header of the `.pyc` file.
    Header,
    /// The features that the file imports from `__future__`.
    Future,
    /// A difference of the graph of objects from the assembler's default.
    Share,
}

/// All first words except the instructions.
pub(super) const WORDS: [(&str, Word); 22] = [
    ("DEFINE", Word::Define),
    ("END", Word::End),
    ("ADD_ARG", Word::AddArg),
    ("LABEL", Word::Label),
    ("LINE", Word::Line),
    ("BYTES", Word::Bytes),
    ("NAME", Word::Directive(Directive::Name)),
    ("FILE", Word::Directive(Directive::File)),
    ("FIRST_LINE", Word::Directive(Directive::FirstLine)),
    ("DOC", Word::Directive(Directive::Doc)),
    ("FLAGS", Word::Directive(Directive::Flags)),
    ("STACK_SIZE", Word::Directive(Directive::StackSize)),
    ("LOCALS_COUNT", Word::Directive(Directive::LocalsCount)),
    ("CELLS", Word::Directive(Directive::Cells)),
    ("FREES", Word::Directive(Directive::Frees)),
    ("CONST_AT", Word::Directive(Directive::ConstAt)),
    ("NAME_AT", Word::Directive(Directive::NameAt)),
    ("LOCAL_AT", Word::Directive(Directive::LocalAt)),
    ("LINE_TABLE", Word::Directive(Directive::LineTable)),
    ("HEADER", Word::Directive(Directive::Header)),
    ("FUTURE", Word::Directive(Directive::Future)),
    ("SHARE", Word::Directive(Directive::Share)),
];

/// A table to find first words, in any case.
pub(super) struct Words(HashMap<&'static str, Word>);

impl Words {
    pub(super) fn new() -> Words {
        let ops = TABLE.iter().map(|row| (row.mnemonic, Word::Op(row.op)));
        Words(WORDS.into_iter().chain(ops).collect())
    }

    pub(super) fn find(&self, word: &str) -> Option<Word> {
        if let Some(&found) = self.0.get(word) {
            return Some(found);
        }
        // All words are shorter, but a line can be long.
        if word.len() > 40 {
            return None;
        }
        self.0.get(&*word.to_ascii_uppercase()).copied()
    }

    /// Returns all words, for suggestions.
    pub(super) fn all() -> impl Iterator<Item = &'static str> {
        let ops = TABLE.iter().map(|row| row.mnemonic);
        WORDS.iter().map(|&(word, _)| word).chain(ops)
    }
}

/// Returns the operation that has this operator, and the argument that means it.
pub(super) fn operator(text: &str) -> Option<(Op, u32)> {
    let mut words = text.split_ascii_whitespace();
    let (first, second) = (words.next()?, words.next());
    if words.next().is_some() {
        return None;
    }
    let is = |word: &str, expected: &str| word.eq_ignore_ascii_case(expected);
    match second {
        None if is(first, "is") => Some((Op::IsOp, 0)),
        None if is(first, "in") => Some((Op::ContainsOp, 0)),
        None => {
            let index = COMPARISONS.iter().position(|&sign| sign == first)?;
            Some((Op::CompareOp, index as u32))
        }
        Some(not) if is(first, "is") && is(not, "not") => Some((Op::IsOp, 1)),
        Some(within) if is(first, "not") && is(within, "in") => Some((Op::ContainsOp, 1)),
        Some(_) => None,
    }
}

/// Returns the operator that an operation's argument means.
pub(super) fn operator_text(op: Op, arg: u32) -> Option<&'static str> {
    match (op, arg) {
        (Op::IsOp, 0) => Some("is"),
        (Op::IsOp, 1) => Some("is not"),
        (Op::ContainsOp, 0) => Some("in"),
        (Op::ContainsOp, 1) => Some("not in"),
        (Op::CompareOp, arg) => COMPARISONS.get(arg as usize).copied(),
        _ => None,
    }
}

/// Returns the words for bits of an operation's argument.
pub(super) fn bits(op: Op) -> &'static [(&'static str, u32)] {
    match op {
        Op::MakeFunction => &[
            ("defaults", 1),
            ("kwdefaults", 2),
            ("annotations", 4),
            ("closure", 8),
        ],
        Op::FormatValue => &[("!s", 1), ("!r", 2), ("!a", 3), ("spec", 4)],
        Op::CallFunctionEx => &[("kwargs", 1)],
        _ => &[],
    }
}
