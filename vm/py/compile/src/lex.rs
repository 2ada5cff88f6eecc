//! Source text to tokens, with CPython's errors.

use crate::error::Kind as ErrorKind;
use crate::ident;
use crate::token::{Kind, Token, keyword, operator};

/// Most brackets that may be open at once.
pub(crate) const MOST_BRACKETS: usize = 200;
/// Most levels of indentation, and one.
const MOST_INDENTS: usize = 100;

/// Why the tokenizer failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LexError {
    /// A message whose place is the tokenizer's own.
    Here(String),
    /// A string of three quotes that has no end.
    EndOfFileInString,
    /// A string that has no end.
    EndOfLineInString,
    /// The text ends after a backslash.
    EndOfFile,
    /// An indentation that none before it has.
    Dedent,
    /// Tabs and spaces whose order says different things.
    TabSpace,
    /// More levels of indentation than there may be.
    TooDeep,
    /// Something after a backslash that is not a newline.
    Continuation,
    /// Bytes that are not UTF-8 in an identifier.
    Decode(String),
}

/// Reads tokens off a text.
#[derive(Clone)]
pub(crate) struct Lexer<'s> {
    text: &'s [u8],
    /// The next byte.
    pub(crate) cur: usize,
    /// Where the current line starts.
    pub(crate) line_start: usize,
    /// The current line, from 1; 0 before the first.
    pub(crate) line: u32,
    /// Where the line of the current token's start begins.
    pub(crate) buf: usize,
    /// Whether the end was reached.
    pub(crate) at_end: bool,
    at_line_start: bool,
    indents: Vec<(usize, usize)>,
    pending: isize,
    brackets: Vec<(u8, u32)>,
    in_token: bool,
    pub(crate) error: Option<LexError>,
}

type Step = Result<Kind, LexError>;

impl<'s> Lexer<'s> {
    pub(crate) fn new(text: &'s [u8]) -> Lexer<'s> {
        Lexer {
            text,
            cur: 0,
            line_start: 0,
            line: 0,
            buf: 0,
            at_end: false,
            at_line_start: true,
            indents: vec![(0, 0)],
            pending: 0,
            brackets: Vec::new(),
            in_token: false,
            error: None,
        }
    }

    /// Returns the end of the line that was read last, with its newline.
    pub(crate) fn line_end(&self) -> usize {
        let rest = &self.text[self.line_start..];
        match rest.iter().position(|&byte| byte == b'\n') {
            Some(at) => self.line_start + at + 1,
            None => self.text.len(),
        }
    }

    /// Forgets the indentation; returns how many levels there were.
    pub(crate) fn drop_indents(&mut self) -> usize {
        let levels = self.indents.len() - 1;
        self.indents.truncate(1);
        levels
    }

    /// Notes that the byte at `self.cur` begins a line.
    fn new_line(&mut self) {
        if self.cur >= self.text.len() {
            self.at_end = true;
            return;
        }
        if !self.in_token {
            self.buf = self.cur;
        }
        self.line_start = self.cur;
        self.line += 1;
    }

    /// Returns the next byte without taking it; `None` at the end.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        if self.cur == 0 && self.line == 0 || self.cur > 0 && self.text[self.cur - 1] == b'\n' {
            if self.line == 0 || self.line_start != self.cur {
                self.new_line();
            }
        } else if self.cur >= self.text.len() {
            self.at_end = true;
        }
        self.text.get(self.cur).copied()
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text.get(self.cur + ahead).copied().unwrap_or(0)
    }

    /// Returns the next token.
    pub(crate) fn next(&mut self) -> Token {
        let mut start = None;
        let found = self.token(&mut start);
        self.in_token = false;
        let kind = match found {
            Ok(kind) => {
                // CPython looks at the byte after most tokens.
                let text = start.map_or(0, |(from, ..)| self.cur - from);
                let looks = match kind {
                    Kind::String => text == 2,
                    Kind::Newline | Kind::Ellipsis => false,
                    Kind::DoubleStarEqual | Kind::DoubleSlashEqual => false,
                    Kind::LeftShiftEqual | Kind::RightShiftEqual => false,
                    _ => true,
                };
                self.at_end |= start.is_some() && looks && self.cur >= self.text.len();
                kind
            }
            Err(error) => {
                // What has a message of its own lies at the token; else at the reader.
                start = None;
                self.error = Some(error);
                Kind::Error
            }
        };
        let (from, line, line_start) = start.unwrap_or((self.cur, self.line, self.line_start));
        let end = match kind {
            Kind::Newline => self.cur - 1,
            _ => self.cur,
        };
        Token {
            kind,
            start: from as u32,
            end: end as u32,
            line,
            col: match start {
                Some(_) => (from - line_start) as i32,
                None => -1,
            },
        }
    }

    fn token(&mut self, start: &mut Option<(usize, u32, usize)>) -> Step {
        let mut blank = false;
        loop {
            if std::mem::take(&mut self.at_line_start) {
                blank = self.indentation()?;
            }
            if self.pending != 0 {
                let kind = if self.pending < 0 {
                    Kind::Dedent
                } else {
                    Kind::Indent
                };
                self.pending -= self.pending.signum();
                return Ok(kind);
            }
            while let b' ' | b'\t' | b'\x0c' = self.byte(0) {
                self.cur += 1;
            }
            let from = (self.cur, self.line, self.line_start);
            if self.byte(0) == b'#' {
                let rest = &self.text[self.cur..];
                let length = rest.iter().position(|&byte| byte == b'\n');
                self.cur += length.unwrap_or(rest.len());
            }
            let Some(&first) = self.text.get(self.cur) else {
                self.at_end = true;
                return Ok(Kind::EndMarker);
            };
            if first == b'\n' {
                self.cur += 1;
                self.at_line_start = true;
                if std::mem::take(&mut blank) || !self.brackets.is_empty() {
                    continue;
                }
                *start = Some(from);
                return Ok(Kind::Newline);
            }
            if first == b'\\' {
                self.cur += 1;
                if self.peek() != Some(b'\n') {
                    self.cur += 1;
                    return Err(LexError::Continuation);
                }
                self.cur += 1;
                self.in_token = true;
                if self.peek().is_none() {
                    return Err(LexError::EndOfFile);
                }
                self.in_token = false;
                continue;
            }
            *start = Some(from);
            self.in_token = true;
            return self.visible(first);
        }
    }

    /// Measures a line's indentation; returns whether the line is blank.
    fn indentation(&mut self) -> Result<bool, LexError> {
        let (mut col, mut alt) = (0, 0);
        self.peek();
        loop {
            match self.byte(0) {
                b' ' => {
                    col += 1;
                    alt += 1;
                }
                b'\t' => {
                    col = (col / 8 + 1) * 8;
                    alt += 1;
                }
                b'\x0c' => {
                    col = 0;
                    alt = 0;
                }
                _ => break,
            }
            self.cur += 1;
        }
        if let Some(b'#' | b'\n' | b'\\') = self.peek() {
            return Ok(true);
        }
        if !self.brackets.is_empty() {
            return Ok(false);
        }
        let &(top, top_alt) = self.indents.last().unwrap_or(&(0, 0));
        if col == top {
            return match alt == top_alt {
                true => Ok(false),
                false => Err(self.tab_error()),
            };
        }
        if col > top {
            if self.indents.len() >= MOST_INDENTS {
                return Err(LexError::TooDeep);
            }
            if alt <= top_alt {
                return Err(self.tab_error());
            }
            self.pending += 1;
            self.indents.push((col, alt));
            return Ok(false);
        }
        while self.indents.len() > 1 && col < self.indents[self.indents.len() - 1].0 {
            self.pending -= 1;
            self.indents.pop();
        }
        let &(top, top_alt) = self.indents.last().unwrap_or(&(0, 0));
        if col != top {
            self.cur = self.line_end();
            return Err(LexError::Dedent);
        }
        match alt == top_alt {
            true => Ok(false),
            false => Err(self.tab_error()),
        }
    }

    fn tab_error(&mut self) -> LexError {
        self.cur = self.line_end();
        LexError::TabSpace
    }

    fn visible(&mut self, first: u8) -> Step {
        match first {
            b'0'..=b'9' => self.number(),
            b'.' if self.byte(1).is_ascii_digit() => {
                self.cur += 1;
                self.fraction()
            }
            b'"' | b'\'' => self.string(first),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(),
            _ => self.operator(first),
        }
    }

    fn word(&mut self) -> Step {
        let from = self.cur;
        let rest = &self.text[from..];
        let length = rest.iter().position(|&byte| !WORD[usize::from(byte)]);
        let text = &rest[..length.unwrap_or(rest.len())];
        self.cur += text.len();
        let ascii = text.is_ascii();
        if let quote @ (b'"' | b'\'') = self.byte(0)
            && is_prefix(text)
        {
            return self.string(quote);
        }
        if ascii {
            return Ok(keyword(text));
        }
        self.check_identifier(from)?;
        Ok(Kind::Name)
    }

    fn check_identifier(&mut self, from: usize) -> Result<(), LexError> {
        let bytes = &self.text[from..self.cur];
        let text = match str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let message = crate::source::utf8_message(bytes, &error);
                return Err(LexError::Decode(message));
            }
        };
        let mut chars = text.char_indices().enumerate();
        let wrong = chars.find(|&(index, (_, c))| match index {
            0 => !ident::is_start(c),
            _ => !ident::is_continue(c),
        });
        let Some((_, (at, c))) = wrong else {
            return Ok(());
        };
        if at + c.len_utf8() < text.len() {
            self.cur = from + at + c.len_utf8();
        }
        let point = u32::from(c);
        Err(LexError::Here(if ident::is_printable(c) {
            format!("invalid character '{c}' (U+{point:04X})")
        } else {
            format!("invalid non-printable character U+{point:04X}")
        }))
    }

    fn string(&mut self, quote: u8) -> Step {
        self.cur += 1;
        let triple = self.byte(0) == quote && self.byte(1) == quote;
        if triple {
            self.cur += 2;
        } else if self.byte(0) == quote {
            self.cur += 1;
            return Ok(Kind::String);
        }
        let mut seen = 0;
        let wanted = if triple { 3 } else { 1 };
        while seen < wanted {
            let rest = &self.text[self.cur..];
            let plain = |byte: &u8| !matches!(*byte, b'\n' | b'\\') && *byte != quote;
            let skipped = rest.iter().take_while(|byte| plain(byte)).count();
            if skipped > 0 {
                seen = 0;
                // The first byte of a line has to be looked at.
                self.peek();
                self.cur += skipped;
            }
            match self.peek() {
                None => {
                    return Err(match triple {
                        true => LexError::EndOfFileInString,
                        false => LexError::EndOfLineInString,
                    });
                }
                Some(b'\n') if !triple => {
                    self.cur += 1;
                    return Err(LexError::EndOfLineInString);
                }
                Some(byte) if byte == quote => {
                    seen += 1;
                    self.cur += 1;
                }
                Some(b'\\') => {
                    seen = 0;
                    self.cur += 1;
                    if self.peek().is_some() {
                        self.cur += 1;
                    }
                }
                Some(_) => {
                    seen = 0;
                    self.cur += 1;
                }
            }
        }
        Ok(Kind::String)
    }

    fn wrong(&self, message: impl Into<String>) -> LexError {
        LexError::Here(message.into())
    }

    fn number(&mut self) -> Step {
        if self.byte(0) != b'0' {
            self.decimal_tail()?;
            return self.after_whole();
        }
        self.cur += 1;
        match self.byte(0) {
            b'x' | b'X' => self.based(|byte| byte.is_ascii_hexdigit(), "hexadecimal"),
            b'o' | b'O' => self.based(|byte| matches!(byte, b'0'..=b'7'), "octal"),
            b'b' | b'B' => self.based(|byte| matches!(byte, b'0' | b'1'), "binary"),
            _ => self.zero(),
        }
    }

    /// A number that begins with `0x` and the like.
    fn based(&mut self, digit: fn(u8) -> bool, name: &str) -> Step {
        self.cur += 1;
        loop {
            if self.byte(0) == b'_' {
                self.cur += 1;
            }
            if !digit(self.byte(0)) {
                return Err(self.bad_digit(name));
            }
            while digit(self.byte(0)) {
                self.cur += 1;
            }
            if self.byte(0) != b'_' {
                break;
            }
        }
        if self.byte(0).is_ascii_digit() {
            let error = self.bad_digit(name);
            self.cur += 1;
            return Err(error);
        }
        Ok(Kind::Number)
    }

    fn bad_digit(&self, name: &str) -> LexError {
        let byte = self.byte(0);
        if byte.is_ascii_digit() && name != "hexadecimal" {
            return self.wrong(format!(
                "invalid digit '{}' in {name} literal",
                byte as char
            ));
        }
        self.wrong(format!("invalid {name} literal"))
    }

    /// A number that begins with 0, which was taken.
    fn zero(&mut self) -> Step {
        loop {
            if self.byte(0) == b'_' {
                self.cur += 1;
                if !self.byte(0).is_ascii_digit() {
                    return Err(self.wrong("invalid decimal literal"));
                }
            }
            if self.byte(0) != b'0' {
                break;
            }
            self.cur += 1;
        }
        let nonzero = self.byte(0).is_ascii_digit();
        if nonzero {
            self.decimal_tail()?;
        }
        if nonzero && !matches!(self.byte(0), b'.' | b'e' | b'E' | b'j' | b'J') {
            return Err(self.wrong(
                "leading zeros in decimal integer literals are not permitted; \
                 use an 0o prefix for octal integers",
            ));
        }
        self.after_whole()
    }

    fn decimal_tail(&mut self) -> Result<(), LexError> {
        loop {
            while self.byte(0).is_ascii_digit() {
                self.cur += 1;
            }
            if self.byte(0) != b'_' {
                return Ok(());
            }
            self.cur += 1;
            if !self.byte(0).is_ascii_digit() {
                return Err(self.wrong("invalid decimal literal"));
            }
        }
    }

    fn after_whole(&mut self) -> Step {
        if self.byte(0) == b'.' {
            self.cur += 1;
            return self.fraction();
        }
        self.exponent()
    }

    fn fraction(&mut self) -> Step {
        if self.byte(0).is_ascii_digit() {
            self.decimal_tail()?;
        }
        self.exponent()
    }

    fn exponent(&mut self) -> Step {
        if let b'e' | b'E' = self.byte(0) {
            match self.byte(1) {
                b'+' | b'-' => {
                    self.cur += 2;
                    if !self.byte(0).is_ascii_digit() {
                        return Err(self.wrong("invalid decimal literal"));
                    }
                }
                byte if byte.is_ascii_digit() => self.cur += 1,
                _ => return Ok(Kind::Number),
            }
            self.decimal_tail()?;
        }
        if let b'j' | b'J' = self.byte(0) {
            self.cur += 1;
        }
        Ok(Kind::Number)
    }

    fn operator(&mut self, first: u8) -> Step {
        let (kind, length) = operator(&self.text[self.cur..]);
        self.cur += length;
        match first {
            b'(' | b'[' | b'{' => {
                if self.brackets.len() >= MOST_BRACKETS {
                    return Err(self.wrong("too many nested parentheses"));
                }
                self.brackets.push((first, self.line));
            }
            b')' | b']' | b'}' => self.close(first)?,
            _ => {}
        }
        Ok(kind)
    }

    fn close(&mut self, closing: u8) -> Result<(), LexError> {
        let Some((opening, line)) = self.brackets.pop() else {
            return Err(self.wrong(format!("unmatched '{}'", closing as char)));
        };
        if let (b'(', b')') | (b'[', b']') | (b'{', b'}') = (opening, closing) {
            return Ok(());
        }
        let mut message = format!(
            "closing parenthesis '{}' does not match opening parenthesis '{}'",
            closing as char, opening as char
        );
        if line != self.line {
            message.push_str(&format!(" on line {line}"));
        }
        Err(self.wrong(message))
    }
}

/// The bytes of words: letters, digits, underscores and all that is not ASCII.
static WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let c = byte as u8;
        word[byte] = c.is_ascii_alphanumeric() || c == b'_' || c >= 0x80;
        byte += 1;
    }
    word
};

/// Whether a word before a quote is a string's prefix.
fn is_prefix(word: &[u8]) -> bool {
    let lower = |index: usize| word.get(index).map_or(0, u8::to_ascii_lowercase);
    match word.len() {
        1 => matches!(lower(0), b'b' | b'u' | b'r' | b'f'),
        2 => matches!(
            (lower(0), lower(1)),
            (b'b' | b'f', b'r') | (b'r', b'b' | b'f')
        ),
        _ => false,
    }
}

impl LexError {
    /// Returns the exception's type and its text.
    pub(crate) fn message(&self) -> (ErrorKind, String) {
        let (kind, text) = match self {
            LexError::Here(text) => (ErrorKind::SyntaxError, &**text),
            LexError::Decode(text) => {
                return (ErrorKind::SyntaxError, format!("(unicode error) {text}"));
            }
            LexError::EndOfFileInString => (
                ErrorKind::SyntaxError,
                "EOF while scanning triple-quoted string literal",
            ),
            LexError::EndOfLineInString => {
                (ErrorKind::SyntaxError, "EOL while scanning string literal")
            }
            LexError::EndOfFile => (ErrorKind::SyntaxError, "unexpected EOF while parsing"),
            LexError::Dedent => (
                ErrorKind::IndentationError,
                "unindent does not match any outer indentation level",
            ),
            LexError::TabSpace => (
                ErrorKind::TabError,
                "inconsistent use of tabs and spaces in indentation",
            ),
            LexError::TooDeep => (
                ErrorKind::IndentationError,
                "too many levels of indentation",
            ),
            LexError::Continuation => (
                ErrorKind::SyntaxError,
                "unexpected character after line continuation character",
            ),
        };
        (kind, text.to_owned())
    }
}
