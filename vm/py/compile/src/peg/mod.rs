//! CPython's grammar, for what is wrong with a source.
//!
//! Which error is reported, and where, depends on the order in which CPython's parser tries its
//! rules: an error without a rule of its own lies at the last token that any rule has looked at.
//! So the grammar is interpreted here as CPython's parser goes through it.

mod call;
mod engine;
mod grammar;
mod strings;

use crate::error::{Failure, Kind as ErrorKind, Position, Spot};
use crate::lex::{LexError, Lexer};
use crate::parse::Mode;
use crate::source::line_of;
use crate::token::{Kind, Token};
use engine::Engine;

/// A source that is wrong.
pub(crate) struct Source<'s> {
    pub(crate) text: &'s [u8],
    /// The lines of its file.
    pub(crate) raw: &'s [u8],
    pub(crate) tokens: &'s [Token],
    /// The first token of a statement before which nothing is wrong.
    pub(crate) from: usize,
    pub(crate) error: Option<&'s LexError>,
    pub(crate) mode: Mode,
    pub(crate) barry: bool,
    /// Whether errors show the lines of a file, not what the tokenizer has read.
    pub(crate) readable: bool,
    /// Whether columns are counted in characters.
    pub(crate) declared: bool,
}

/// Finds out what is wrong with a source that `parse` refuses.
pub(crate) fn explain(source: &Source) -> Box<Failure> {
    let rule = match source.mode {
        Mode::Exec => "file",
        Mode::Eval => "eval",
        Mode::Single => "interactive",
    };
    explain_within(source, rule)
        .unwrap_or_else(|| Failure::plain(ErrorKind::SystemError, "the parsers disagree"))
}

/// Finds out what is wrong with a source, read as a rule says; `None` if nothing is.
fn explain_within(source: &Source, rule: &str) -> Option<Box<Failure>> {
    let mut engine = Engine::new(source.text, source.tokens);
    engine.barry = source.barry;
    let found = engine.run(rule, source.from);
    if engine.too_deep {
        return Some(Failure::plain(
            ErrorKind::RecursionError,
            "maximum recursion depth exceeded during compilation",
        ));
    }
    let fill = engine.fill;
    if let Some(mut failure) = engine.error.take() {
        settle(source, &mut failure, fill);
        return Some(failure);
    }
    if engine.broken {
        return Some(tokenizer_failure(source, fill));
    }
    if found.is_some() {
        return None;
    }
    let reader = reader_at(source, fill);
    let (kind, message) = match engine.last_kind() {
        _ if reader.at_end => (ErrorKind::SyntaxError, "unexpected EOF while parsing"),
        Kind::Indent => (ErrorKind::IndentationError, "unexpected indent"),
        Kind::Dedent => (ErrorKind::IndentationError, "unexpected unindent"),
        _ => (ErrorKind::SyntaxError, "invalid syntax"),
    };
    let mut failure = Box::new(Failure {
        kind,
        message: message.to_owned(),
        spot: Spot::Token(fill.saturating_sub(1)),
    });
    settle(source, &mut failure, fill);
    Some(failure)
}

/// Refuses text after the statement that Python's prompt takes.
pub(crate) fn check_single(source: &Source, taken: usize) -> Option<Box<Failure>> {
    let reader = reader_at(source, taken);
    let rest = &source.text[reader.buf.min(source.text.len())..];
    let end = rest.iter().position(|&byte| byte == b'\n')?;
    let quoted = rest[..end].iter().any(|byte| matches!(byte, b'"' | b'\''));
    if quoted || end > 0 && rest[end - 1] == b'\\' {
        return None;
    }
    let mut after = rest[end..].split(|&byte| byte == b'\n');
    let is_more = |line: &[u8]| {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\x0c');
        let first = line.iter().find(|byte| !blank(byte));
        first.is_some_and(|&byte| byte != b'#')
    };
    if !after.any(is_more) {
        return None;
    }
    let mut failure = Box::new(Failure {
        kind: ErrorKind::SyntaxError,
        message: "multiple statements found while compiling a single statement".to_owned(),
        spot: Spot::Token(taken.saturating_sub(1)),
    });
    settle(source, &mut failure, taken);
    Some(failure)
}

/// Returns the tokenizer as it is after `fill` tokens.
fn reader_at<'s>(source: &Source<'s>, fill: usize) -> Lexer<'s> {
    let mut reader = Lexer::new(source.text);
    for _ in 0..fill {
        let token = reader.next();
        if let Kind::EndMarker | Kind::Error = token.kind {
            break;
        }
    }
    reader
}

/// The error that the tokenizer has met.
fn tokenizer_failure(source: &Source, fill: usize) -> Box<Failure> {
    let reader = reader_at(source, fill);
    let missing = LexError::EndOfFile;
    let error = source.error.unwrap_or(&missing);
    let (kind, message) = error.message();
    let mut failure = Box::new(Failure {
        kind,
        message,
        spot: Spot::Token(fill.saturating_sub(1)),
    });
    // In a formatted string lines are counted from the literal's.
    let shift = source
        .tokens
        .first()
        .map_or(0, |token| token.line.saturating_sub(1));
    match error {
        LexError::Here(_) => {
            let end = reader.line_end();
            let line = &source.text[reader.line_start..end];
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let before = &source.text[reader.line_start..reader.cur];
            failure.spot = Spot::Tokenizer(Position {
                line: reader.line,
                offset: String::from_utf8_lossy(before).chars().count() as i64,
                text: Some(String::from_utf8_lossy(line).into_owned()),
            });
        }
        LexError::TabSpace | LexError::TooDeep | LexError::Continuation => {
            let line = reader.line + shift;
            failure.spot = Spot::Exact(Position {
                line,
                offset: 0,
                text: match source.readable {
                    true => line_of(source.raw, line),
                    false => None,
                },
            });
        }
        _ => {}
    }
    settle(source, &mut failure, fill);
    failure
}

/// Finds the line, column and text of an error.
fn settle(source: &Source, failure: &mut Failure, fill: usize) {
    let reader = reader_at(source, fill);
    let (line, col) = match failure.spot {
        Spot::Token(at) => {
            let token = source.tokens.get(at);
            let line = token.map_or(0, |token| token.line);
            let col = match token {
                Some(token) if token.col >= 0 => i64::from(token.col) + 1,
                _ => reader.cur as i64 - reader.buf as i64,
            };
            (line, col)
        }
        Spot::Bytes(line, col) => (line, col),
        _ => return,
    };
    let text = match source.readable && source.mode == Mode::Exec {
        true => line_of(source.raw, line),
        false => None,
    };
    let text = text.unwrap_or_else(|| {
        let read = &source.text[reader.buf..reader.line_end().max(reader.buf)];
        String::from_utf8_lossy(read).into_owned()
    });
    let offset = match source.declared {
        true => characters(&text, col),
        false => col,
    };
    failure.spot = Spot::Exact(Position {
        line,
        offset,
        text: Some(text),
    });
}

/// Returns how many characters the first `col` bytes of a line begin.
fn characters(line: &str, col: i64) -> i64 {
    let Ok(bytes) = usize::try_from(col) else {
        return col;
    };
    let beyond = bytes.saturating_sub(line.len()) as i64;
    let within = line
        .char_indices()
        .take_while(|&(at, _)| at < bytes)
        .count();
    within as i64 + beyond
}
