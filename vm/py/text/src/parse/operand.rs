//! Operands: numbers, names, operators, flags.

use super::super::keywords;
use super::super::line::{is_blank, past_quote};
use super::super::problems::{Problem, problem, suggest};
use crate::literal;
use vm_base::Span;
use vm_py_code::insn::{Arg, Op};
use vm_py_code::object::{Object, Pool, Str, flags};

/// A part of a line with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'t> {
    pub(super) text: &'t str,
    pub(super) span: Span,
}

impl<'t> Piece<'t> {
    /// Returns the part from `start` to `end`, without surrounding blanks.
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

    /// Returns the part after the first `bytes` bytes.
    pub(super) fn after(self, bytes: usize) -> Piece<'t> {
        self.part(bytes, self.text.len())
    }

    /// Returns the first word and the rest.
    pub(super) fn first(self) -> (Piece<'t>, Piece<'t>) {
        let end = self.text.find(is_blank).unwrap_or(self.text.len());
        (self.part(0, end), self.after(end))
    }

    /// Returns the parts between its commas.
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
        let last = self.after(start);
        if !(last.text.is_empty() && found.is_empty()) {
            found.push(last);
        }
        found
    }
}

/// Parses a number without a sign, as Python does.
pub(super) fn number(text: &str) -> Option<u32> {
    u32::try_from(integer(text)?).ok()
}

/// Parses a number with or without a sign, as Python does.
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

/// Returns true if a name can be written without quotes.
pub(crate) fn is_bare(name: &str) -> bool {
    let letter = |c: char| c.is_alphabetic() || matches!(c, '_' | '.' | '<' | '>');
    let more = |c: char| {
        letter(c) || c.is_alphanumeric() || !(c.is_ascii() || c.is_whitespace() || c.is_control())
    };
    name.starts_with(letter) && name.chars().all(more)
}

/// Parses a Python name: bare or as a string; `what` is what messages call it.
pub(super) fn name(piece: Piece, what: &str) -> Result<Str, Problem> {
    if piece.text.starts_with(['\'', '"']) {
        return string(piece);
    }
    if is_bare(piece.text) {
        return Ok(Str::new(piece.text));
    }
    let expected = |label: &str| problem(piece.span, format!("expected {what}"), label);
    Err(if piece.text.is_empty() {
        expected("missing")
    } else if let Some(index) = number(piece.text) {
        expected("a number").help(format!("write an index as '@{index}'"))
    } else if piece.text.contains(is_blank) {
        expected("more than one word").help("put a name with blanks in quotes")
    } else {
        expected("not a name").help("put a name with such characters in quotes")
    })
}

/// Parses a string literal.
pub(super) fn string(piece: Piece) -> Result<Str, Problem> {
    let mut pool = Pool::new();
    let id = value(&mut pool, piece)?;
    match pool.get(id) {
        Object::Str(text) => Ok(text.clone()),
        _ => Err(problem(piece.span, "expected a string", "not a string")),
    }
}

/// Parses a literal.
pub(super) fn value(pool: &mut Pool, piece: Piece) -> Result<vm_py_code::object::Id, Problem> {
    literal::parse(pool, piece.text).map_err(|error| {
        let start = piece.span.start as usize;
        let span = Span::new(
            start + error.at.start as usize,
            start + error.at.end as usize,
        );
        error.map(|_| span)
    })
}

/// Returns the operation and the argument that an operation with an operator means.
pub(super) fn operator(op: Op, piece: Piece) -> Result<(Op, u32), Problem> {
    if let Some(number) = number(piece.text.strip_prefix('@').unwrap_or(piece.text)) {
        return Ok((op, number));
    }
    let quoted = match piece.text.starts_with(['\'', '"']) {
        true => Some(string(piece)?),
        false => None,
    };
    let text = quoted.as_ref().and_then(Str::as_str).unwrap_or(piece.text);
    // In earlier versions, COMPARE_OP had all of the operators.
    if let Some((meant, arg)) = keywords::operator(text)
        && (meant == op || op == Op::CompareOp)
    {
        return Ok((meant, arg));
    }
    let expected = match op {
        Op::IsOp => "'is' or 'is not'",
        Op::ContainsOp => "'in' or 'not in'",
        _ => "one of < <= == != > >= in, not in, is, is not",
    };
    let found = problem(
        piece.span,
        format!("{op} takes an operator"),
        "not its operator",
    )
    .help(format!("write {expected}"));
    Err(match keywords::operator(text) {
        Some((meant, _)) => found.help(format!("the instruction with this operator is {meant}")),
        None if text.eq_ignore_ascii_case("exception match") => {
            found.help("replace it and the jump after it by JUMP_IF_NOT_EXC_MATCH")
        }
        None => found,
    })
}

/// Parses a number, or words for its bits.
pub(super) fn plain(op: Op, piece: Piece) -> Result<u32, Problem> {
    if let Some(number) = number(piece.text) {
        return Ok(number);
    }
    let bits = keywords::bits(op);
    let expected = |label: &str| {
        let problem = problem(piece.span, format!("{op} takes a number"), label);
        if bits.is_empty() {
            return problem;
        }
        let words: Vec<&str> = bits.iter().map(|&(word, _)| word).collect();
        problem.help(format!("write a number, or words: {}", words.join(", ")))
    };
    if piece.text.is_empty() {
        return Err(expected("missing"));
    }
    if integer(piece.text).is_some() {
        return Err(expected("not from 0 to 4294967295"));
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
            None => return Err(expected("not a number")),
        }
    }
    Ok(found)
}

/// Parses flags by name and number; returns those to set and those to clear.
pub(super) fn flag_words(piece: Piece) -> Result<(u32, u32), Problem> {
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
                let problem = problem(word.span, "unknown flag", "unknown");
                return Err(suggest(problem, vm_base::closest(name, names)));
            }
        };
    }
    Ok((on, off))
}

/// The features of `__future__` that set a flag.
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

/// Parses features of `__future__`.
pub(super) fn futures(piece: Piece) -> Result<u32, Problem> {
    let mut found = 0;
    for name in piece.list() {
        let feature = FUTURES.iter().find(|(feature, _)| *feature == name.text);
        let Some((_, bit)) = feature else {
            let known = FUTURES.iter().map(|&(feature, _)| feature);
            let problem = problem(name.span, "unknown feature of __future__", "unknown");
            return Err(suggest(problem, vm_base::closest(name.text, known)));
        };
        found |= bit;
    }
    Ok(found)
}
