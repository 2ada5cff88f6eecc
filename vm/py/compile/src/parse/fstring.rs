//! Formatted strings: how they are taken apart.

use super::{Parse, Parser, Stop};
use crate::ast::ExprId;
use crate::lex::MOST_BRACKETS;
use crate::token::{Kind, Token};

/// A formatted string that is being put together.
#[derive(Default)]
pub(crate) struct Pieces {
    /// The text since the last expression.
    pub(super) last: Vec<u8>,
    pub(super) values: Vec<ExprId>,
    /// Whether any part of it is formatted.
    pub(super) formatted: bool,
}

impl Pieces {
    pub(super) fn text(&mut self, text: &[u8]) {
        self.last.extend_from_slice(text);
    }
}

/// Takes the parts of a formatted string.
pub(crate) trait Sink {
    type Error;
    type Expr;

    /// A formatted string or a specification begins.
    fn begin(&mut self);
    /// Text with escapes.
    fn literal(&mut self, body: &[u8], is_raw: bool) -> Result<(), Self::Error>;
    /// Text as it is.
    fn text(&mut self, text: &[u8]);
    /// A backslash before a brace, which does not escape it.
    fn brace_escape(&mut self);
    /// An expression.
    fn expression(&mut self, body: &[u8]) -> Result<Self::Expr, Self::Error>;
    /// A specification begins.
    fn begin_spec(&mut self);
    /// It ends.
    fn end_spec(&mut self) -> Self::Expr;
    /// An expression is complete; the text before it precedes it.
    fn formatted(&mut self, value: Self::Expr, conversion: u8, spec: Option<Self::Expr>);
    /// Something is wrong.
    fn wrong(&mut self, message: String) -> Self::Error;
}

/// Takes a formatted string apart.
pub(crate) fn scan<S: Sink>(sink: &mut S, body: &[u8], is_raw: bool) -> Result<(), S::Error> {
    let mut scanner = Scanner {
        sink,
        body,
        at: 0,
        is_raw,
    };
    scanner.string(0)?;
    match scanner.at < body.len().saturating_sub(1) {
        true => Err(scanner.wrong("unexpected end of string")),
        false => Ok(()),
    }
}

struct Scanner<'s, S> {
    sink: &'s mut S,
    body: &'s [u8],
    at: usize,
    is_raw: bool,
}

impl<S: Sink> Scanner<'_, S> {
    fn wrong(&mut self, message: &str) -> S::Error {
        self.sink.wrong(format!("f-string: {message}"))
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.body.get(self.at + ahead).copied()
    }

    /// Reads the string, or a specification if `level` is not 0.
    fn string(&mut self, level: u32) -> Result<(), S::Error> {
        self.sink.begin();
        loop {
            if self.literal(level)? {
                continue;
            }
            match self.byte(0) {
                None | Some(b'}') => break,
                Some(_) => self.replacement(level)?,
            }
        }
        if level > 0 && self.byte(0) != Some(b'}') {
            return Err(self.wrong("expecting '}'"));
        }
        Ok(())
    }

    /// Reads text up to a brace; returns whether it was a doubled one, which is text.
    fn literal(&mut self, level: u32) -> Result<bool, S::Error> {
        let start = self.at;
        let mut doubled = false;
        let mut end = self.body.len();
        while let Some(mut byte) = self.byte(0) {
            self.at += 1;
            if !self.is_raw && byte == b'\\' && self.at < self.body.len() {
                byte = self.body[self.at];
                self.at += 1;
                if byte == b'N' {
                    if self.byte(0) == Some(b'{') {
                        self.at += 1;
                        while let Some(within) = self.byte(0) {
                            self.at += 1;
                            if within == b'}' {
                                break;
                            }
                        }
                        continue;
                    }
                    // What follows is read as text by the next round.
                    self.at += usize::from(self.at < self.body.len());
                    end = self.at;
                    break;
                }
                if byte == b'{' {
                    self.sink.brace_escape();
                }
            }
            if byte != b'{' && byte != b'}' {
                continue;
            }
            if level == 0 {
                if self.byte(0) == Some(byte) {
                    end = self.at;
                    self.at += 1;
                    doubled = true;
                    break;
                }
                if byte == b'}' {
                    return Err(self.wrong("single '}' is not allowed"));
                }
            }
            self.at -= 1;
            end = self.at;
            break;
        }
        if start != end {
            let body = self.body;
            self.sink.literal(&body[start..end], self.is_raw)?;
        }
        Ok(doubled)
    }

    /// Reads an expression in braces.
    fn replacement(&mut self, level: u32) -> Result<(), S::Error> {
        if level >= 2 {
            return Err(self.wrong("expressions nested too deeply"));
        }
        self.at += 1;
        let start = self.at;
        self.find_end()?;
        let end = self.at;
        if self.at >= self.body.len() {
            return Err(self.wrong("expecting '}'"));
        }
        let body = self.body;
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c');
        if body[start..end].iter().all(blank) {
            return Err(self.wrong("empty expression not allowed"));
        }
        let value = self.sink.expression(&body[start..end])?;
        let mut shown = None;
        if self.byte(0) == Some(b'=') {
            self.at += 1;
            while let Some(b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c') = self.byte(0) {
                self.at += 1;
            }
            shown = Some(&body[start..self.at]);
        }
        let mut conversion = self.conversion()?;
        let mut spec = None;
        if self.at >= self.body.len() {
            return Err(self.wrong("expecting '}'"));
        }
        if self.byte(0) == Some(b':') {
            self.at += 1;
            if self.at >= self.body.len() {
                return Err(self.wrong("expecting '}'"));
            }
            self.sink.begin_spec();
            self.string(level + 1)?;
            spec = Some(self.sink.end_spec());
        }
        if self.byte(0) != Some(b'}') {
            return Err(self.wrong("expecting '}'"));
        }
        self.at += 1;
        if shown.is_some() && spec.is_none() && conversion == 0 {
            conversion = b'r';
        }
        if let Some(text) = shown {
            self.sink.text(text);
        }
        self.sink.formatted(value, conversion, spec);
        Ok(())
    }

    fn conversion(&mut self) -> Result<u8, S::Error> {
        if self.byte(0) != Some(b'!') {
            return Ok(0);
        }
        self.at += 1;
        let Some(letter) = self.byte(0) else {
            return Err(self.wrong("expecting '}'"));
        };
        self.at += 1;
        match letter {
            b's' | b'r' | b'a' => Ok(letter),
            _ => Err(self.wrong("invalid conversion character: expected 's', 'r', or 'a'")),
        }
    }

    /// Goes to the end of an expression.
    fn find_end(&mut self) -> Result<(), S::Error> {
        // The quotes of the string that it is in, and how many end it.
        let mut quote: Option<(u8, usize)> = None;
        let mut open: Vec<u8> = Vec::new();
        while let Some(byte) = self.byte(0) {
            if byte == b'\\' {
                return Err(self
                    .sink
                    .wrong("f-string expression part cannot include a backslash".to_owned()));
            }
            if let Some((ending, count)) = quote {
                if byte == ending {
                    let last = self.byte(1) == Some(byte) && self.byte(2) == Some(byte);
                    if count == 1 {
                        quote = None;
                    } else if last {
                        self.at += 2;
                        quote = None;
                    }
                }
                self.at += 1;
                continue;
            }
            match byte {
                b'\'' | b'"' => {
                    let triple = self.byte(1) == Some(byte) && self.byte(2) == Some(byte);
                    quote = Some((byte, if triple { 3 } else { 1 }));
                    self.at += if triple { 2 } else { 0 };
                }
                b'[' | b'{' | b'(' => {
                    if open.len() >= MOST_BRACKETS {
                        return Err(self.wrong("too many nested parenthesis"));
                    }
                    open.push(byte);
                }
                b'#' => {
                    let message = "f-string expression part cannot include '#'";
                    return Err(self.sink.wrong(message.to_owned()));
                }
                b'!' | b':' | b'}' | b'=' | b'>' | b'<' if open.is_empty() => {
                    if let Some(next) = self.byte(1) {
                        if next == b'=' && matches!(byte, b'!' | b'=' | b'<' | b'>') {
                            self.at += 2;
                            continue;
                        }
                        if matches!(byte, b'>' | b'<') {
                            self.at += 1;
                            continue;
                        }
                    }
                    break;
                }
                b']' | b'}' | b')' => self.close(byte, &mut open)?,
                _ => {}
            }
            self.at += 1;
        }
        if quote.is_some() {
            return Err(self.wrong("unterminated string"));
        }
        match open.last() {
            Some(&opening) => Err(self.wrong(&format!("unmatched '{}'", opening as char))),
            None => Ok(()),
        }
    }

    fn close(&mut self, closing: u8, open: &mut Vec<u8>) -> Result<(), S::Error> {
        let Some(opening) = open.pop() else {
            return Err(self.wrong(&format!("unmatched '{}'", closing as char)));
        };
        match (opening, closing) {
            (b'(', b')') | (b'[', b']') | (b'{', b'}') => Ok(()),
            _ => Err(self.wrong(&format!(
                "closing parenthesis '{}' does not match opening parenthesis '{}'",
                closing as char, opening as char
            ))),
        }
    }
}

/// A literal that is longer than this has its expressions placed at its start.
const MOST_SEARCHED: usize = 1 << 16;

/// Returns how many lines after the start of a literal an expression lies, and how many columns,
/// as CPython finds it: by looking for its text in braces.
pub(crate) fn expression_place(literal: &[u8], body: &[u8]) -> (u32, u32) {
    if literal.len() > MOST_SEARCHED {
        return (0, 0);
    }
    let mut wanted = vec![b'{'];
    wanted.extend_from_slice(body);
    wanted.push(b'}');
    let mut windows = literal.windows(wanted.len());
    let Some(at) = windows.position(|window| window == wanted) else {
        return (0, 0);
    };
    let before = &literal[..at];
    let lines = before.iter().filter(|&&byte| byte == b'\n').count() as u32;
    let after_blanks = literal[at + 1..]
        .iter()
        .find(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c'));
    let cols = match after_blanks {
        Some(b'\n' | b'}') => 0,
        _ => at - before.iter().rposition(|&byte| byte == b'\n').unwrap_or(0),
    };
    (lines, cols as u32)
}

/// Makes an expression of a formatted string a text of its own, in parentheses.
pub(crate) fn parenthesized(body: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(body.len() + 3);
    text.push(b'(');
    text.extend_from_slice(body);
    text.extend(b")\n");
    text
}

/// Moves the tokens of an expression in a formatted string to where it lies.
pub(crate) fn place(tokens: &mut [Token], literal: Token, place: (u32, u32)) {
    let (lines, cols) = place;
    for token in tokens {
        if token.line <= 1 && token.col >= 0 {
            token.col += literal.col + cols as i32;
        }
        token.line = (token.line + literal.line + lines).saturating_sub(1);
    }
}

impl Parser<'_> {
    /// Parses an expression of a formatted string.
    pub(super) fn embedded(&mut self, literal: Token, body: &[u8]) -> Parse<ExprId> {
        let text = parenthesized(body);
        let (mut tokens, error) = super::tokens(&text, super::Reading::Whole);
        let found = expression_place(self.text_of(literal), body);
        place(&mut tokens, literal, found);
        self.enter()?;
        let mut inner = Parser {
            text: &text,
            tokens: &tokens,
            pos: 0,
            statement_start: 0,
            unit: &mut *self.unit,
            depth: self.depth,
            scratch: Vec::new(),
            stmts: Vec::new(),
        };
        let found = inner.star_expressions()?;
        // CPython looks at the next token, too.
        let ends = inner.kind() != Kind::Error || error.is_none();
        self.leave();
        match ends {
            true => Ok(found),
            false => Err(Stop::Reject),
        }
    }
}
