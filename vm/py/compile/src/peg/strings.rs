//! What is wrong with string literals.

use super::engine::Engine;
use super::grammar::NodeKind;
use super::{Source, explain_within};
use crate::error::{Failure, Spot};
use crate::parse::{
    Mode, Reading, Sink, StringError, decode, expression_place, parenthesized, place, scan, split,
};
use crate::token::Token;

impl Engine<'_> {
    /// Decodes literals in a row; `None` if there is an error.
    pub(super) fn decode_strings(&mut self, start: usize, count: usize) -> Option<NodeKind> {
        let mut formatted = false;
        let mut is_bytes = None;
        for at in start..start + count {
            let token = self.tokens[at];
            let text = self.text;
            let literal = split(&text[token.start as usize..token.end as usize]);
            if literal.is_bytes && !literal.body.is_ascii() {
                self.raise("bytes can only contain ASCII literal characters.");
                return None;
            }
            if !literal.is_format
                && let Err(error) = decode(literal.body, literal.is_bytes, literal.is_raw)
            {
                self.raise_string(error);
                return None;
            }
            if is_bytes.is_some_and(|before| before != literal.is_bytes) {
                self.raise("cannot mix bytes and nonbytes literals");
                return None;
            }
            is_bytes = Some(literal.is_bytes);
            if literal.is_format {
                formatted = true;
                let mut checker = Checker {
                    engine: self,
                    token,
                };
                if scan(&mut checker, literal.body, literal.is_raw).is_err() {
                    return None;
                }
            }
        }
        Some(NodeKind::Other(match formatted {
            true => "f-string expression",
            false => "literal",
        }))
    }

    fn raise_string(&mut self, error: StringError) {
        match error {
            StringError::Unicode(text) => self.raise(&format!("(unicode error) {text}")),
            StringError::Value(text) => self.raise(&format!("(value error) {text}")),
        }
    }
}

/// Finds what is wrong within a formatted string. The error is the engine's.
struct Checker<'c, 'e> {
    engine: &'c mut Engine<'e>,
    token: Token,
}

impl Sink for Checker<'_, '_> {
    type Error = ();
    type Expr = ();

    fn begin(&mut self) {}

    fn literal(&mut self, body: &[u8], is_raw: bool) -> Result<(), ()> {
        decode(body, false, is_raw).map(|_| ()).map_err(|error| {
            self.engine.raise_string(error);
        })
    }

    fn text(&mut self, _: &[u8]) {}

    fn brace_escape(&mut self) {}

    fn expression(&mut self, body: &[u8]) -> Result<(), ()> {
        let engine = &mut *self.engine;
        let literal = &engine.text[self.token.start as usize..self.token.end as usize];
        let text = parenthesized(body);
        let (mut tokens, error) = crate::parse::tokens(&text, Reading::Whole);
        let found = expression_place(literal, body);
        place(&mut tokens, self.token, found);
        let source = Source {
            text: &text,
            raw: &text,
            tokens: &tokens,
            from: 0,
            error: error.as_ref(),
            mode: Mode::Exec,
            barry: engine.barry,
            readable: false,
            declared: false,
        };
        match explain_within(&source, "fstring") {
            None => Ok(()),
            Some(failure) => {
                let kind = failure.kind;
                let mut failure = failure;
                if kind.is_syntax() {
                    move_within(&mut failure, self.token, found);
                }
                engine.error = Some(failure);
                Err(())
            }
        }
    }

    fn begin_spec(&mut self) {}

    fn end_spec(&mut self) {}

    fn formatted(&mut self, (): (), _: u8, _: Option<()>) {}

    fn wrong(&mut self, message: String) {
        self.engine.raise(&message);
    }
}

/// Words an error within an expression as CPython does, and places it.
fn move_within(failure: &mut Failure, literal: Token, found: (u32, u32)) {
    if matches!(failure.spot, Spot::Exact(_)) {
        failure.message = format!("f-string: {}", failure.message);
    }
    if let Spot::Exact(position) = &mut failure.spot {
        // Columns count within the expression.
        let shift = i64::from(literal.col) + i64::from(found.1);
        if position.line == literal.line + found.0 {
            position.offset -= shift;
        }
    }
}
