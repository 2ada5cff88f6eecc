//! Operands: numbers, names, operators, flags.

use super::super::line::{is_blank, past_quote};
use super::super::words;
use super::super::wrong::Wrong;
use crate::literal;
use vm_base::Span;
use vm_py_code::insn::{Arg, Op};
use vm_py_code::object::{Object, Pool, Str, flags};

/// A part of a line and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'t> {
    pub(super) text: &'t str,
    pub(super) span: Span,
}

impl<'t> Piece<'t> {
    /// The part of it that begins at `start` and ends at `end`, without blanks around it.
    fn part(self, start: usize, end: usize) -> Piece<'t> {
        let part = &self.text[start..end];
        let from = start + part.len() - part.trim_start_matches(is_blank).len();
        let text = part.trim_matches(is_blank);
        let at = self.span.start as usize + from;
        Piece {
            text,
            span: Span::new(at, at + text.len()),
        }
    }

    /// Without its first `bytes` bytes.
    pub(super) fn behind(self, bytes: usize) -> Piece<'t> {
        self.part(bytes, self.text.len())
    }

    /// Its first word, and the rest.
    pub(super) fn first(self) -> (Piece<'t>, Piece<'t>) {
        let end = self.text.find(is_blank).unwrap_or(self.text.len());
        (self.part(0, end), self.behind(end))
    }

    /// What stands between its commas.
    pub(super) fn list(self) -> Vec<Piece<'t>> {
        let bytes = self.text.as_bytes();
        let (mut found, mut start, mut at) = (Vec::new(), 0, 0);
        while at < bytes.len() {
            match bytes[at] {
                b'\'' | b'"' => at = past_quote(bytes, at).unwrap_or(bytes.len()),
                b',' => {
                    found.push(self.part(start, at));
                    at += 1;
                    start = at;
                }
                _ => at += 1,
            }
        }
        let last = self.behind(start);
        if !(last.text.is_empty() && found.is_empty()) {
            found.push(last);
        }
        found
    }
}

/// A number without a sign, as Python writes integers.
pub(super) fn number(text: &str) -> Option<u32> {
    u32::try_from(integer(text)?).ok()
}

/// A number with a sign or without.
pub(super) fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) || text.len() > 40 {
        return None;
    }
    let mut pool = Pool::new();
    let id = literal::parse(&mut pool, text).ok()?;
    match pool.get(id) {
        Object::Int(value) => Some(*value),
        _ => None,
    }
}

/// Whether a name can stand without quotes.
pub(crate) fn is_bare(name: &str) -> bool {
    let letter = |c: char| c.is_alphabetic() || matches!(c, '_' | '.' | '<' | '>');
    let more = |c: char| {
        letter(c) || c.is_alphanumeric() || !(c.is_ascii() || c.is_whitespace() || c.is_control())
    };
    name.starts_with(letter) && name.chars().all(more)
}

/// A name of Python's: bare, or a string.
pub(super) fn name(piece: Piece, what: &str) -> Result<Str, Wrong> {
    if piece.text.starts_with(['\'', '"']) {
        return string(piece);
    }
    if is_bare(piece.text) {
        return Ok(Str::new(piece.text));
    }
    let wrong = |label: &str| Wrong::new(piece.span, format!("{what} is expected"), label);
    Err(if piece.text.is_empty() {
        wrong("nothing stands here")
    } else if let Some(index) = number(piece.text) {
        wrong("a number").help(format!("an index is written '@{index}'"))
    } else if piece.text.contains(is_blank) {
        wrong("more than one word").help("a name with blanks in it stands in quotes")
    } else {
        wrong("no name").help("a name with such characters stands in quotes")
    })
}

/// A string literal.
pub(super) fn string(piece: Piece) -> Result<Str, Wrong> {
    let mut pool = Pool::new();
    let id = value(&mut pool, piece)?;
    match pool.get(id) {
        Object::Str(text) => Ok(text.clone()),
        _ => Err(Wrong::new(piece.span, "a string is expected", "no string")),
    }
}

/// A literal.
pub(super) fn value(pool: &mut Pool, piece: Piece) -> Result<vm_py_code::object::Id, Wrong> {
    literal::parse(pool, piece.text).map_err(|error| {
        let start = piece.span.start as usize;
        let span = Span::new(
            start + error.span.start as usize,
            start + error.span.end as usize,
        );
        let wrong = Wrong::new(span, error.message, "");
        match error.help {
            Some(help) => wrong.help(help),
            None => wrong,
        }
    })
}

/// The operation and the number that are meant by an operation with an operator.
pub(super) fn operator(op: Op, piece: Piece) -> Result<(Op, u32), Wrong> {
    if let Some(number) = number(piece.text.strip_prefix('@').unwrap_or(piece.text)) {
        return Ok((op, number));
    }
    let quoted = match piece.text.starts_with(['\'', '"']) {
        true => Some(string(piece)?),
        false => None,
    };
    let text = quoted.as_ref().and_then(Str::as_str).unwrap_or(piece.text);
    // COMPARE_OP had all of the operators once, and is written with them still.
    if let Some((meant, arg)) = words::operator(text)
        && (meant == op || op == Op::CompareOp)
    {
        return Ok((meant, arg));
    }
    let expected = match op {
        Op::IsOp => "'is' or 'is not'",
        Op::ContainsOp => "'in' or 'not in'",
        _ => "one of < <= == != > >= in, not in, is, is not",
    };
    let wrong = Wrong::new(piece.span, format!("{op} takes an operator"), "not this")
        .help(format!("it is {expected}"));
    Err(match words::operator(text) {
        Some((meant, _)) => wrong.help(format!("the instruction with this operator is {meant}")),
        None if text.eq_ignore_ascii_case("exception match") => {
            wrong.help("write JUMP_IF_NOT_EXC_MATCH in place of it and the jump behind it")
        }
        None => wrong,
    })
}

/// A number, or words for its bits.
pub(super) fn plain(op: Op, piece: Piece) -> Result<u32, Wrong> {
    if let Some(number) = number(piece.text) {
        return Ok(number);
    }
    let bits = words::bits(op);
    let wrong = |label: &str| {
        let wrong = Wrong::new(piece.span, format!("{op} takes a number"), label);
        if bits.is_empty() {
            return wrong;
        }
        let words: Vec<&str> = bits.iter().map(|&(word, _)| word).collect();
        wrong.help(format!("or words: {}", words.join(", ")))
    };
    if piece.text.is_empty() {
        return Err(wrong("nothing stands here"));
    }
    if integer(piece.text).is_some() {
        return Err(wrong("it is from 0 to 4294967295"));
    }
    if op.arg() == Arg::Unpack
        && let [before, after] = piece.list()[..]
        && let (Some(before @ 0..=0xff), Some(after @ 0..=0xff_ffff)) =
            (number(before.text), number(after.text))
    {
        return Ok(before | after << 8);
    }
    let mut found = 0;
    for word in piece.text.split([' ', '\t', ',', '|', '+']) {
        let bit = bits.iter().find(|(known, _)| {
            word.eq_ignore_ascii_case(known) || known.strip_prefix('!') == Some(word)
        });
        match bit {
            Some((_, bit)) => found |= bit,
            None if word.is_empty() => {}
            None => return Err(wrong("no number")),
        }
    }
    Ok(found)
}

/// Flags by name and number: those that are set, and those that are not.
pub(super) fn flag_words(piece: Piece) -> Result<(u32, u32), Wrong> {
    let (mut on, mut off) = (0, 0);
    let mut rest = piece;
    while !rest.text.is_empty() {
        let (word, more) = rest.first();
        rest = more;
        let name = word.text.trim_end_matches(',');
        let (which, name) = match name.strip_prefix('-') {
            Some(name) => (&mut off, name),
            None => (&mut on, name.strip_prefix('+').unwrap_or(name)),
        };
        let known = flags::NAMES
            .iter()
            .find(|(_, known)| known.eq_ignore_ascii_case(name));
        *which |= match (known, number(name)) {
            (Some(&(bit, _)), _) | (None, Some(bit)) => bit,
            (None, None) => {
                let names = flags::NAMES.iter().map(|&(_, known)| known);
                return Err(Wrong::new(word.span, "no such flag", "unknown")
                    .meant(vm_base::closest(name, names)));
            }
        };
    }
    Ok((on, off))
}

/// What can be imported from `__future__` and leaves a flag.
pub(crate) const FUTURES: [(&str, u32); 8] = [
    ("division", flags::FUTURE_DIVISION),
    ("absolute_import", flags::FUTURE_ABSOLUTE_IMPORT),
    ("with_statement", flags::FUTURE_WITH_STATEMENT),
    ("print_function", flags::FUTURE_PRINT_FUNCTION),
    ("unicode_literals", flags::FUTURE_UNICODE_LITERALS),
    ("barry_as_FLUFL", flags::FUTURE_BARRY_AS_BDFL),
    ("generator_stop", flags::FUTURE_GENERATOR_STOP),
    ("annotations", flags::FUTURE_ANNOTATIONS),
];

/// Features of `__future__`.
pub(super) fn futures(piece: Piece) -> Result<u32, Wrong> {
    let mut found = 0;
    for name in piece.list() {
        let feature = FUTURES.iter().find(|(feature, _)| *feature == name.text);
        let Some((_, bit)) = feature else {
            let known = FUTURES.iter().map(|&(feature, _)| feature);
            return Err(Wrong::new(name.span, "no feature of __future__", "unknown")
                .meant(vm_base::closest(name.text, known)));
        };
        found |= bit;
    }
    Ok(found)
}
