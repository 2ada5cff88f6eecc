//! String and bytes literals.

use super::fstring::{Pieces, Sink};
use super::{Parse, Parser, Stop};
use crate::ast::{ExprId, ExprKind};
use crate::constant::Value;
use crate::source::utf8_message;
use crate::token::{Kind, Token};

/// A literal's parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Literal<'s> {
    pub(crate) is_bytes: bool,
    pub(crate) is_raw: bool,
    pub(crate) is_format: bool,
    /// What is between the quotes.
    pub(crate) body: &'s [u8],
}

/// Takes a literal apart; the tokenizer has found it to be one.
pub(crate) fn split(text: &[u8]) -> Literal<'_> {
    let quote = text.iter().position(|byte| matches!(byte, b'"' | b'\''));
    let (prefix, rest) = text.split_at(quote.unwrap_or(0));
    let has = |letter: u8| {
        prefix
            .iter()
            .any(|byte| byte.to_ascii_lowercase() == letter)
    };
    let triple = rest.len() >= 6 && rest[1] == rest[0] && rest[2] == rest[0];
    let around = if triple { 3 } else { 1 };
    Literal {
        is_bytes: has(b'b'),
        is_raw: has(b'r'),
        is_format: has(b'f'),
        body: rest.get(around..rest.len() - around).unwrap_or(b""),
    }
}

/// What is wrong within a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StringError {
    Unicode(String),
    Value(String),
}

/// Decodes the body of a literal. The second result is the first escape that Python does not
/// have, by its letter.
pub(crate) fn decode(
    body: &[u8],
    is_bytes: bool,
    is_raw: bool,
) -> Result<(Vec<u8>, Option<u8>), StringError> {
    if is_bytes {
        return match is_raw || !body.contains(&b'\\') {
            true => Ok((body.to_vec(), None)),
            false => decode_bytes(body),
        };
    }
    if is_raw || !body.contains(&b'\\') {
        return match str::from_utf8(body) {
            Ok(_) => Ok((body.to_vec(), None)),
            Err(error) => Err(StringError::Unicode(utf8_message(body, &error))),
        };
    }
    let mut decoder = Decoder {
        body,
        at: 0,
        shown: 0,
        out: Vec::with_capacity(body.len()),
        invalid: None,
    };
    decoder.run()?;
    Ok((decoder.out, decoder.invalid))
}

struct Decoder<'s> {
    body: &'s [u8],
    at: usize,
    /// Where CPython is: it has written what is not ASCII as ten ASCII characters.
    shown: usize,
    out: Vec<u8>,
    invalid: Option<u8>,
}

impl Decoder<'_> {
    fn run(&mut self) -> Result<(), StringError> {
        while let Some(&byte) = self.body.get(self.at) {
            match byte {
                b'\\' => self.escape()?,
                0..0x80 => {
                    self.out.push(byte);
                    self.at += 1;
                    self.shown += 1;
                }
                _ => self.unicode()?,
            }
        }
        Ok(())
    }

    /// Takes a run of what is not ASCII.
    fn unicode(&mut self) -> Result<(), StringError> {
        let rest = &self.body[self.at..];
        let length = rest.iter().position(u8::is_ascii).unwrap_or(rest.len());
        let run = &rest[..length];
        match str::from_utf8(run) {
            Ok(text) => self.shown += 10 * text.chars().count(),
            Err(error) => return Err(StringError::Unicode(utf8_message(run, &error))),
        }
        self.out.extend_from_slice(run);
        self.at += length;
        Ok(())
    }

    fn escape(&mut self) -> Result<(), StringError> {
        let start = self.shown;
        self.at += 1;
        self.shown += 1;
        let Some(&letter) = self.body.get(self.at).filter(|byte| byte.is_ascii()) else {
            // Followed by nothing that could be escaped it is itself.
            self.out.push(b'\\');
            self.shown += 5;
            return Ok(());
        };
        self.at += 1;
        self.shown += 1;
        match letter {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => self.out.push(letter),
            b'b' => self.out.push(8),
            b'f' => self.out.push(12),
            b't' => self.out.push(b'\t'),
            b'n' => self.out.push(b'\n'),
            b'r' => self.out.push(b'\r'),
            b'v' => self.out.push(11),
            b'a' => self.out.push(7),
            b'0'..=b'7' => {
                let mut point = u32::from(letter - b'0');
                for _ in 0..2 {
                    let Some(&digit @ b'0'..=b'7') = self.body.get(self.at) else {
                        break;
                    };
                    point = point * 8 + u32::from(digit - b'0');
                    self.at += 1;
                    self.shown += 1;
                }
                self.push(point);
            }
            b'x' => self.hex(2, start, "truncated \\xXX escape")?,
            b'u' => self.hex(4, start, "truncated \\uXXXX escape")?,
            b'U' => self.hex(8, start, "truncated \\UXXXXXXXX escape")?,
            b'N' => self.named(start)?,
            _ => {
                self.invalid.get_or_insert(letter);
                self.out.extend([b'\\', letter]);
            }
        }
        Ok(())
    }

    fn hex(&mut self, count: usize, start: usize, message: &str) -> Result<(), StringError> {
        let mut point: u32 = 0;
        for _ in 0..count {
            let digit = self
                .body
                .get(self.at)
                .map(|&byte| char::from(byte).to_digit(16));
            let Some(Some(digit)) = digit else {
                return Err(self.wrong(start, message));
            };
            point = point << 4 | digit;
            self.at += 1;
            self.shown += 1;
        }
        if point > 0x10_ffff {
            return Err(self.wrong(start, "illegal Unicode character"));
        }
        self.push(point);
        Ok(())
    }

    fn named(&mut self, start: usize) -> Result<(), StringError> {
        let malformed = "malformed \\N character escape";
        if self.body.get(self.at) != Some(&b'{') {
            return Err(self.wrong(start, malformed));
        }
        self.at += 1;
        self.shown += 1;
        let from = self.at;
        while let Some(&byte) = self.body.get(self.at)
            && byte != b'}'
        {
            self.at += 1;
            self.shown += match byte {
                0..0x80 => 1,
                0x80..0xc0 => 0,
                _ => 10,
            };
        }
        let name = &self.body[from..self.at];
        if self.at == self.body.len() || name.is_empty() {
            return Err(self.wrong(start, malformed));
        }
        self.at += 1;
        self.shown += 1;
        let name = str::from_utf8(name).ok();
        match name.and_then(crate::upstream::unicode::lookup) {
            Some(c) => self.push(u32::from(c)),
            None => return Err(self.wrong(start, "unknown Unicode character name")),
        }
        Ok(())
    }

    fn push(&mut self, point: u32) {
        match char::from_u32(point) {
            Some(c) => {
                let mut buffer = [0; 4];
                self.out
                    .extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
            }
            None => self.out.extend([
                0xe0 | (point >> 12) as u8,
                0x80 | (point >> 6 & 0x3f) as u8,
                0x80 | (point & 0x3f) as u8,
            ]),
        }
    }

    fn wrong(&self, start: usize, message: &str) -> StringError {
        let last = self.shown - 1;
        let place = match last == start {
            true => format!("byte 0x5c in position {start}"),
            false => format!("bytes in position {start}-{last}"),
        };
        StringError::Unicode(format!(
            "'unicodeescape' codec can't decode {place}: {message}"
        ))
    }
}

fn decode_bytes(body: &[u8]) -> Result<(Vec<u8>, Option<u8>), StringError> {
    let mut out = Vec::with_capacity(body.len());
    let mut invalid = None;
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        at += 1;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some(&letter) = body.get(at) else { break };
        at += 1;
        match letter {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => out.push(letter),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b't' => out.push(b'\t'),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b'v' => out.push(11),
            b'a' => out.push(7),
            b'0'..=b'7' => {
                let mut value = u32::from(letter - b'0');
                for _ in 0..2 {
                    let Some(&digit @ b'0'..=b'7') = body.get(at) else {
                        break;
                    };
                    value = value * 8 + u32::from(digit - b'0');
                    at += 1;
                }
                out.push(value as u8);
            }
            b'x' => {
                let digit = |at: usize| body.get(at).and_then(|&b| char::from(b).to_digit(16));
                let (Some(high), Some(low)) = (digit(at), digit(at + 1)) else {
                    let message = format!("invalid \\x escape at position {}", at - 2);
                    return Err(StringError::Value(message));
                };
                out.push((high << 4 | low) as u8);
                at += 2;
            }
            _ => {
                invalid.get_or_insert(letter);
                out.extend([b'\\', letter]);
            }
        }
    }
    Ok((out, invalid))
}

impl Parser<'_> {
    /// Parses string literals in a row, which are one.
    pub(super) fn strings(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        let first = split(self.text_of(self.token()));
        if self.kind_after(1) != Kind::String && !first.is_format {
            let value = self.plain(first, self.token().line)?;
            self.bump();
            return Ok(self.string_node(value, start));
        }
        while self.kind() == Kind::String {
            self.bump();
        }
        let tokens = &self.tokens[start..self.pos];
        if first.is_bytes {
            let mut all = Vec::new();
            for &token in tokens {
                let literal = split(self.text_of(token));
                if !literal.is_bytes || !literal.body.is_ascii() {
                    return Err(Stop::Reject);
                }
                all.extend(self.decoded(literal, token.line)?);
            }
            let value = self.unit.consts.add(Value::Bytes(all.into()));
            return Ok(self.constant(value, start));
        }
        self.joined(tokens, start)
    }

    fn string_node(&mut self, value: crate::constant::ConstId, start: usize) -> ExprId {
        let u_prefix = self.text[self.tokens[start].start as usize] == b'u';
        self.node(ExprKind::Constant { value, u_prefix }, start)
    }

    /// Returns the constant of a literal that stands alone.
    fn plain(&mut self, literal: Literal, line: u32) -> Parse<crate::constant::ConstId> {
        if literal.is_bytes {
            if !literal.body.is_ascii() {
                return Err(Stop::Reject);
            }
            let bytes = self.decoded(literal, line)?;
            return Ok(self.unit.consts.add(Value::Bytes(bytes.into())));
        }
        let simple = literal.is_raw || !literal.body.contains(&b'\\');
        let text = match simple && (literal.body.is_ascii() || str::from_utf8(literal.body).is_ok())
        {
            true => self.unit.names.intern(literal.body),
            false => {
                let text = self.decoded(literal, line)?;
                self.unit.names.intern(&text)
            }
        };
        Ok(self.unit.consts.str(text))
    }

    fn decoded(&mut self, literal: Literal, line: u32) -> Parse<Vec<u8>> {
        let found = decode(literal.body, literal.is_bytes, literal.is_raw);
        let (text, invalid) = found.map_err(|_| Stop::Reject)?;
        if let Some(letter) = invalid {
            self.warn_escape(letter, line);
        }
        Ok(text)
    }

    fn warn_escape(&mut self, letter: u8, line: u32) {
        let message = format!("invalid escape sequence \\{}", letter as char);
        self.warn(message, line);
    }

    /// Puts literals together of which some may be formatted.
    fn joined(&mut self, tokens: &[Token], start: usize) -> Parse<ExprId> {
        let mut pieces = Pieces::default();
        for (at, &token) in tokens.iter().enumerate() {
            let literal = split(self.text_of(token));
            if literal.is_bytes {
                return Err(Stop::Reject);
            }
            if !literal.is_format {
                let text = self.decoded(literal, token.line)?;
                pieces.text(&text);
                continue;
            }
            let mut maker = Maker {
                parser: self,
                start,
                own: start + at,
                token,
                stack: vec![pieces],
            };
            super::fstring::scan(&mut maker, literal.body, literal.is_raw)?;
            pieces = maker.stack.pop().unwrap_or_default();
        }
        if !pieces.formatted {
            let text = self.unit.names.intern(&pieces.last);
            let value = self.unit.consts.str(text);
            return Ok(self.string_node(value, start));
        }
        self.flush(&mut pieces, start);
        Ok(self.joined_node(&pieces, start))
    }

    /// Makes a constant of the text that was gathered.
    fn flush(&mut self, pieces: &mut Pieces, start: usize) {
        if !pieces.last.is_empty() {
            let text = self.unit.names.intern(&pieces.last);
            pieces.last.clear();
            let value = self.unit.consts.str(text);
            let node = self.string_node(value, start);
            pieces.values.push(node);
        }
    }

    fn joined_node(&mut self, pieces: &Pieces, start: usize) -> ExprId {
        let values = self.unit.ast.list(&pieces.values);
        self.node(ExprKind::Joined(values), start)
    }
}

/// Makes nodes of a formatted string's parts.
struct Maker<'m, 'p> {
    parser: &'m mut Parser<'p>,
    /// The first literal of the row.
    start: usize,
    /// The literal, by its token's index.
    own: usize,
    token: Token,
    /// The string, and the specification that is being read.
    stack: Vec<Pieces>,
}

impl Sink for Maker<'_, '_> {
    type Error = Stop;
    type Expr = ExprId;

    fn begin(&mut self) {
        if let Some(pieces) = self.stack.last_mut() {
            pieces.formatted = true;
        }
    }

    fn literal(&mut self, body: &[u8], is_raw: bool) -> Parse<()> {
        let (text, invalid) = decode(body, false, is_raw).map_err(|_| Stop::Reject)?;
        if let Some(letter) = invalid {
            self.parser.warn_escape(letter, self.token.line);
        }
        self.text(&text);
        Ok(())
    }

    fn text(&mut self, text: &[u8]) {
        if let Some(pieces) = self.stack.last_mut() {
            pieces.text(text);
        }
    }

    fn brace_escape(&mut self) {
        self.parser.warn_escape(b'{', self.token.line);
    }

    fn expression(&mut self, body: &[u8]) -> Parse<ExprId> {
        self.parser.embedded(self.token, body)
    }

    fn begin_spec(&mut self) {
        self.stack.push(Pieces {
            formatted: true,
            ..Pieces::default()
        });
    }

    fn end_spec(&mut self) -> ExprId {
        let mut pieces = self.stack.pop().unwrap_or_default();
        let parser = &mut *self.parser;
        // It begins at its own literal, not at the first of the row.
        parser.flush(&mut pieces, self.own);
        parser.joined_node(&pieces, self.own)
    }

    fn formatted(&mut self, value: ExprId, conversion: u8, spec: Option<ExprId>) {
        let kind = ExprKind::Formatted {
            value,
            conversion,
            spec,
        };
        let node = self.parser.node(kind, self.start);
        let Some(mut pieces) = self.stack.pop() else {
            return;
        };
        self.parser.flush(&mut pieces, self.start);
        pieces.values.push(node);
        self.stack.push(pieces);
    }

    fn wrong(&mut self, _: String) -> Stop {
        Stop::Reject
    }
}
