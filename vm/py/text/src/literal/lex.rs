//! The tokens of a literal: numbers, strings, names and punctuation.

use super::LiteralError;
use num_bigint::{BigInt, BigUint};
use vm_base::Span;
use vm_py_code::object::Object;
use vm_py_data::{float, int};

/// A token and its place.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) token: Token,
    pub(super) span: Span,
}

#[derive(Clone, Debug)]
pub(super) enum Token {
    /// An integer, or a float.
    Number(Object),
    /// An imaginary number, without its `j`.
    Imaginary(f64),
    /// A string, with surrogates in three bytes.
    Str(Vec<u8>),
    Bytes(Vec<u8>),
    /// A name, which may contain dots.
    Name,
    /// `...`.
    Ellipsis,
    /// One of `()[]{},:+-`.
    Mark(u8),
    End,
}

pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Lexer<'a> {
        Lexer { text, at: 0 }
    }

    /// Returns the byte `ahead` bytes after the current one, or 0 after the end.
    fn peek(&self, ahead: usize) -> u8 {
        let bytes = self.text.as_bytes();
        bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn word(&self, start: usize, token: Token) -> Word {
        Word {
            token,
            span: Span::new(start, self.at),
        }
    }

    fn error(&self, start: usize, message: impl Into<String>) -> LiteralError {
        // An error without a length is at the character at `at`.
        let rest = &self.text[self.at..];
        let next = rest.chars().next().map_or(0, char::len_utf8);
        let end = if self.at > start {
            self.at
        } else {
            self.at + next
        };
        LiteralError::new(Span::new(start, end), message)
    }

    /// Returns the next token.
    pub(super) fn next(&mut self) -> Result<Word, LiteralError> {
        while matches!(self.peek(0), b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
            && self.at < self.text.len()
        {
            self.at += 1;
        }
        let start = self.at;
        if start == self.text.len() {
            return Ok(self.word(start, Token::End));
        }
        match self.peek(0) {
            mark @ (b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b':' | b'+' | b'-') => {
                self.at += 1;
                Ok(self.word(start, Token::Mark(mark)))
            }
            b'.' if self.peek(1) == b'.' && self.peek(2) == b'.' => {
                self.at += 3;
                Ok(self.word(start, Token::Ellipsis))
            }
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_ascii_digit() => self.number(),
            b'\'' | b'"' => self.string(start, ""),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.name(),
            _ => {
                let c = self.text[start..].chars().next().unwrap_or(' ');
                Err(self.error(start, format!("unexpected {c:?} in a literal")))
            }
        }
    }

    /// Reads a name, or a string if the name is its prefix.
    fn name(&mut self) -> Result<Word, LiteralError> {
        let start = self.at;
        let rest = &self.text[start..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.');
        let name = &rest[..end.unwrap_or(rest.len())];
        if name.is_empty() {
            return Err(self.error(start, "unexpected character in a literal"));
        }
        self.at += name.len();
        if !matches!(self.peek(0), b'\'' | b'"') {
            return Ok(self.word(start, Token::Name));
        }
        let prefix = name.to_ascii_lowercase();
        match prefix.as_str() {
            "r" | "u" | "b" | "br" | "rb" => self.string(start, &prefix),
            "f" | "fr" | "rf" => Err(self
                .error(start, "an f-string is not a literal")
                .help("build it with FORMAT_VALUE and BUILD_STRING")),
            _ => Err(self
                .error(start, format!("'{name}' is not a prefix of strings"))
                .help("the prefixes are r, b, u, br and rb")),
        }
    }

    /// Skips digits of a base, with single underscores between them; returns false if there are none.
    fn digits(&mut self, base: u32) -> bool {
        let is = |byte: u8| char::from(byte).is_digit(base);
        if !is(self.peek(0)) {
            return false;
        }
        while is(self.peek(0)) || self.peek(0) == b'_' && is(self.peek(1)) {
            self.at += 1;
        }
        true
    }

    fn number(&mut self) -> Result<Word, LiteralError> {
        let start = self.at;
        let base = match (self.peek(0), self.peek(1)) {
            (b'0', b'x' | b'X') => 16,
            (b'0', b'o' | b'O') => 8,
            (b'0', b'b' | b'B') => 2,
            _ => 10,
        };
        let token = if base == 10 {
            self.decimal_number(start)?
        } else {
            self.based(start, base)?
        };
        let next = self.text[self.at..].chars().next();
        if let Some(c) = next.filter(|&c| c.is_alphanumeric() || matches!(c, '_' | '.')) {
            self.at += c.len_utf8();
            let number = &self.text[start..self.at];
            return Err(self.error(start, format!("'{number}' is not a number")));
        }
        Ok(self.word(start, token))
    }

    /// Reads a number such as `0x1f`, `0o17`, `0b11` or `0x1.8p3`.
    fn based(&mut self, start: usize, base: u32) -> Result<Token, LiteralError> {
        self.at += 2;
        if self.peek(0) == b'_' {
            self.at += 1;
        }
        let digits = self.digits(base);
        if base == 16 && matches!(self.peek(0), b'.' | b'p' | b'P') {
            return self.hex_float(start);
        }
        if !digits {
            let number = &self.text[start..self.at];
            return Err(self.error(start, format!("'{number}' has no digits")));
        }
        let digits = self.text[start + 2..self.at].replace('_', "");
        let value = BigUint::parse_bytes(digits.as_bytes(), base).unwrap_or_default();
        Ok(Token::Number(integer(value.into())))
    }

    fn hex_float(&mut self, start: usize) -> Result<Token, LiteralError> {
        if self.peek(0) == b'.' {
            self.at += 1;
            self.digits(16);
        }
        if matches!(self.peek(0), b'p' | b'P') {
            self.at += 1;
            if matches!(self.peek(0), b'+' | b'-') {
                self.at += 1;
            }
            self.digits(10);
        }
        let text = self.text[start..self.at].replace('_', "");
        match float::from_hex(&text) {
            Ok(value) => Ok(Token::Number(Object::Float(value))),
            Err(error) => Err(self.error(start, error.to_string())),
        }
    }

    fn decimal_number(&mut self, start: usize) -> Result<Token, LiteralError> {
        self.digits(10);
        let whole = self.at;
        if self.peek(0) == b'.' {
            self.at += 1;
            self.digits(10);
        }
        let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
        if matches!(self.peek(0), b'e' | b'E') && self.peek(1 + sign).is_ascii_digit() {
            self.at += 1 + sign;
            self.digits(10);
        }
        let text = self.text[start..self.at].replace('_', "");
        let float = text.parse().unwrap_or(f64::NAN);
        if matches!(self.peek(0), b'j' | b'J') {
            self.at += 1;
            return Ok(Token::Imaginary(float));
        }
        if self.at > whole {
            return Ok(Token::Number(Object::Float(float)));
        }
        if text.len() > 1 && text.starts_with('0') && text.bytes().any(|digit| digit != b'0') {
            return Err(self
                .error(start, "a decimal integer cannot begin with 0")
                .help("write an octal number with 0o"));
        }
        Ok(Token::Number(integer(int::from_decimal(&text).into())))
    }

    /// Reads a string from its quote on; `prefix` is its prefix in lower case.
    fn string(&mut self, start: usize, prefix: &str) -> Result<Word, LiteralError> {
        let raw = prefix.contains('r');
        let bytes = prefix.contains('b');
        let quote = self.peek(0);
        let triple = self.peek(1) == quote && self.peek(2) == quote;
        let length = if triple { 3 } else { 1 };
        self.at += length;
        let mut out = Vec::new();
        loop {
            let at = self.at;
            let c = self.text[at..].chars().next();
            match c {
                None | Some('\n') if c.is_none() || !triple => {
                    return Err(self.error(start, "the string is not closed"));
                }
                _ if self.closes(quote, length) => break,
                Some('\\') if raw => {
                    // The backslash is kept, and so is a quote after it.
                    out.push(b'\\');
                    self.at += 1;
                    if matches!(self.peek(0), b'\\' | b'\'' | b'"') {
                        out.push(self.peek(0));
                        self.at += 1;
                    }
                }
                Some('\\') => self.escape(bytes, &mut out)?,
                Some(c) => {
                    self.at += c.len_utf8();
                    if bytes && !c.is_ascii() {
                        return Err(self
                            .error(at, format!("bytes cannot contain {c:?}"))
                            .help("write the bytes as \\xhh"));
                    }
                    out.extend(self.text[at..self.at].bytes());
                }
                None => break,
            }
        }
        self.at += length;
        let token = if bytes {
            Token::Bytes(out)
        } else {
            Token::Str(out)
        };
        Ok(self.word(start, token))
    }

    fn closes(&self, quote: u8, length: usize) -> bool {
        (0..length).all(|ahead| self.peek(ahead) == quote)
    }

    /// Reads an escape, from its backslash on.
    fn escape(&mut self, bytes: bool, out: &mut Vec<u8>) -> Result<(), LiteralError> {
        let start = self.at;
        let letter = self.peek(1);
        self.at += 2;
        let plain = match letter {
            b'\n' => return Ok(()),
            b'\\' | b'\'' | b'"' => letter,
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            b'0'..=b'7' => {
                let mut point = u32::from(letter - b'0');
                for _ in 0..2 {
                    if let digit @ b'0'..=b'7' = self.peek(0) {
                        point = point * 8 + u32::from(digit - b'0');
                        self.at += 1;
                    }
                }
                push(point, bytes, out);
                return Ok(());
            }
            b'x' => return self.hex_escape(start, 2, bytes, out),
            b'u' if !bytes => return self.hex_escape(start, 4, bytes, out),
            b'U' if !bytes => return self.hex_escape(start, 8, bytes, out),
            b'N' if !bytes => {
                return Err(self
                    .error(start, "names of characters are not supported")
                    .help("write the code point as \\xhh, \\uhhhh or \\Uhhhhhhhh"));
            }
            // Python keeps an unknown escape; the character after the backslash may be longer than
            // a byte.
            _ => {
                self.at = start + 1;
                b'\\'
            }
        };
        out.push(plain);
        Ok(())
    }

    fn hex_escape(
        &mut self,
        start: usize,
        count: usize,
        bytes: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), LiteralError> {
        let mut point: u32 = 0;
        for _ in 0..count {
            match char::from(self.peek(0)).to_digit(16) {
                Some(digit) => point = point << 4 | digit,
                None => {
                    let letter = char::from(self.text.as_bytes()[start + 1]);
                    let message = format!("\\{letter} needs {count} hexadecimal digits");
                    return Err(self.error(start, message));
                }
            }
            self.at += 1;
        }
        if point > 0x10_ffff {
            return Err(self.error(start, "characters end at \\U0010ffff"));
        }
        push(point, bytes, out);
        Ok(())
    }
}

/// Appends a code point, or its lowest byte.
fn push(point: u32, bytes: bool, out: &mut Vec<u8>) {
    let tail = |shift: u32| 0x80 | (point >> shift & 0x3f) as u8;
    match point {
        _ if bytes => out.push(point as u8),
        0..0x80 => out.push(point as u8),
        0x80..0x800 => out.extend([0xc0 | (point >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => out.extend([0xe0 | (point >> 12) as u8, tail(6), tail(0)]),
        _ => out.extend([0xf0 | (point >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}

/// Returns the object of an integer.
pub(super) fn integer(value: BigInt) -> Object {
    match i64::try_from(&value) {
        Ok(small) => Object::Int(small),
        Err(_) => Object::Long(Box::new(value)),
    }
}
