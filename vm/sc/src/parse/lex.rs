//! Splits a line of text into tokens.

use crate::value::parse_float;
use std::borrow::Cow;
use vm_base::{Problem, Span};

/// A token of a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'t> {
    /// A name or keyword.
    Word(&'t str),
    /// A name in backquotes.
    Name(Cow<'t, str>),
    /// A directive: `.const` or `.ast`.
    Directive(&'t str),
    Bool(bool),
    /// The digits of an Int; a sign before them is a separate token.
    Int(u64),
    /// The bits of a Float.
    Float(u64),
    /// The bits of a Float, written as such.
    Bits(u64),
    Str(Cow<'t, str>),
    Sign(&'static str),
}

/// Words that cannot be names without backquotes.
pub(crate) const KEYWORDS: [&str; 15] = [
    "pass", "for", "to", "while", "end", "proceed", "stop", "goto", "label", "nil", "true",
    "false", "not", "and", "or",
];

/// A symbol that begins another one comes after it.
const SIGNS: [&str; 20] = [
    "==", "!=", "<=", ">=", "<", ">", "=", "+", "-", "*", "/", "%", "(", ")", ",", ":", "@", "&",
    "{", "}",
];

/// Returns true if a name may begin with this character without backquotes.
pub(crate) fn begins_name(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '$'
}

/// Returns true if a name may continue with this character without backquotes.
pub(crate) fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Splits a line; `start` is its offset in the whole text.
pub(super) fn tokens<'t>(
    line: &'t str,
    start: usize,
    out: &mut Vec<Token<'t>>,
) -> Result<(), Problem<Span>> {
    let mut lexer = Lexer { line, start, at: 0 };
    out.clear();
    while let Some(token) = lexer.next()? {
        out.push(token);
    }
    Ok(())
}

struct Lexer<'t> {
    line: &'t str,
    start: usize,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn span(&self, from: usize) -> Span {
        Span::new(self.start + from, self.start + self.at)
    }

    fn skip(&mut self, keep: impl Fn(char) -> bool) -> &'t str {
        let rest = &self.line[self.at..];
        let length = rest.find(|c| !keep(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn next(&mut self) -> Result<Option<Token<'t>>, Problem<Span>> {
        self.skip(|c| c == ' ' || c == '\t');
        let from = self.at;
        let rest = &self.line[from..];
        let Some(first) = rest.chars().next() else {
            return Ok(None);
        };
        let second = rest[first.len_utf8()..].chars().next();
        let kind = match first {
            '#' => return Ok(None),
            '"' => Kind::Str(self.quoted('"')?),
            '`' => Kind::Name(self.quoted('`')?),
            '.' if second.is_some_and(|c| c.is_ascii_alphabetic()) => {
                self.at += 1;
                self.skip(continues_name);
                Kind::Directive(&self.line[from..self.at])
            }
            '0'..='9' | '.' => self.number()?,
            c if begins_name(c) => Kind::Word(self.skip(continues_name)),
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => {
                    self.at += sign.len();
                    Kind::Sign(sign)
                }
                None => {
                    self.at += first.len_utf8();
                    let message = format!("unexpected character {first:?}");
                    return Err(Problem::new(self.span(from), message).label("unexpected"));
                }
            },
        };
        let span = self.span(from);
        Ok(Some(Token { kind, span }))
    }

    fn number(&mut self) -> Result<Kind<'t>, Problem<Span>> {
        let from = self.at;
        self.skip(|c| c.is_ascii_digit());
        if self.line[self.at..].starts_with('.') {
            self.at += 1;
            self.skip(|c| c.is_ascii_digit());
        }
        let mantissa = self.at;
        let word = self.skip(continues_name);
        if (word == "e" || word == "E") && self.line[self.at..].starts_with(['+', '-']) {
            self.at += 1;
            self.skip(continues_name);
        }
        let whole = &self.line[from..self.at];
        let wrong = |message: &str| Problem::new(self.span(from), message).label("not a number");
        match whole {
            "0b" => return Ok(Kind::Bool(false)),
            "1b" => return Ok(Kind::Bool(true)),
            _ => {}
        }
        if let Some(bits) = whole.strip_prefix("0f") {
            let hexadecimal = bits.len() == 16 && bits.bytes().all(|b| b.is_ascii_hexdigit());
            return match u64::from_str_radix(bits, 16) {
                Ok(bits) if hexadecimal => Ok(Kind::Bits(bits)),
                _ => Err(wrong("malformed bits of a Float")
                    .help("write 0f and sixteen hexadecimal digits, as in 0f7ff8000000000001")),
            };
        }
        if whole.bytes().all(|byte| byte.is_ascii_digit()) {
            return match whole.parse() {
                Ok(int) => Ok(Kind::Int(int)),
                Err(_) => Err(too_large(self.span(from))),
            };
        }
        match parse_float(whole) {
            Some(float) => Ok(Kind::Float(float.to_bits())),
            None if mantissa < self.at => Err(wrong(&format!("malformed number '{whole}'"))
                .help("a name does not begin with a digit; 0b and 1b are false and true")),
            None => Err(wrong(&format!("malformed number '{whole}'"))),
        }
    }

    /// Reads up to the closing quote; a text without escapes is borrowed.
    fn quoted(&mut self, quote: char) -> Result<Cow<'t, str>, Problem<Span>> {
        let from = self.at;
        self.at += 1;
        let mut out = Cow::Borrowed("");
        loop {
            let plain = self.skip(|c| c != quote && c != '\\');
            if out.is_empty() {
                out = Cow::Borrowed(plain);
            } else {
                out.to_mut().push_str(plain);
            }
            if self.at == self.line.len() {
                let message = "the quote is never closed";
                let found = Problem::new(self.span(from), message).label("opened here");
                return Err(found.help(format!("close it with {quote} on the same line")));
            }
            if self.line[self.at..].starts_with(quote) {
                self.at += 1;
                return match out.contains('\0') {
                    true => Err(zero_in_str(self.span(from))),
                    false => Ok(out),
                };
            }
            let c = self.escape()?;
            out.to_mut().push(c);
        }
    }

    fn escape(&mut self) -> Result<char, Problem<Span>> {
        let from = self.at;
        let rest = &self.line[from + 1..];
        let first = rest.chars().next();
        self.at += 1 + first.map_or(0, char::len_utf8);
        let plain = match first {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('0') => '\0',
            Some(c @ ('\\' | '"' | '\'' | '`')) => c,
            Some('u') => {
                let digits = rest[1..]
                    .strip_prefix('{')
                    .and_then(|rest| rest.split_once('}'));
                let scalar = digits
                    .filter(|(digits, _)| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
                    .and_then(|(digits, _)| u32::from_str_radix(digits, 16).ok())
                    .and_then(char::from_u32);
                if let (Some(scalar), Some((digits, _))) = (scalar, digits) {
                    self.at += digits.len() + 2;
                    return Ok(scalar);
                }
                let found = Problem::new(self.span(from), "malformed escape").label("escape");
                return Err(found.help("write \\u{…} with the hexadecimal number of a character"));
            }
            _ => {
                let found = Problem::new(self.span(from), "unknown escape").label("escape");
                return Err(found.help("the escapes are \\n \\r \\t \\\\ \\\" \\' \\` and \\u{…}"));
            }
        };
        Ok(plain)
    }
}

/// Returns the problem of a zero character in a Str constant.
fn zero_in_str(span: Span) -> Problem<Span> {
    let message = "a Str constant cannot hold a zero character: a zero byte ends it";
    Problem::new(span, message).label("holds \\0")
}

/// Returns the problem of an Int that does not fit 64 bits.
pub(super) fn too_large(span: Span) -> Problem<Span> {
    Problem::new(span, "the Int does not fit 64 bits")
        .label("too large")
        .help("write it with '.0' to make it a Float")
}
