//! Reads the tokens of a line one by one.

use super::lex::{KEYWORDS, Kind, Token};
use crate::constants::Constants;
use crate::file::ConstantRef;
use std::borrow::Cow;
use vm_base::{Problem, Span};

/// The tokens of a line, and a position among them.
pub(super) struct Line<'l, 't> {
    pub(super) tokens: &'l [Token<'t>],
    pub(super) at: usize,
    /// The span after the last token.
    pub(super) end: Span,
}

impl<'t> Line<'_, 't> {
    pub(super) fn peek(&self) -> Option<&Token<'t>> {
        self.tokens.get(self.at)
    }

    pub(super) fn second(&self) -> Option<&Token<'t>> {
        self.tokens.get(self.at + 1)
    }

    pub(super) fn skip(&mut self) {
        self.at += 1;
    }

    pub(super) fn sign(&mut self, sign: &'static str) -> bool {
        let there = self
            .peek()
            .is_some_and(|token| token.kind == Kind::Sign(sign));
        self.at += usize::from(there);
        there
    }

    pub(super) fn word(&mut self, word: &'static str) -> bool {
        let there = self
            .peek()
            .is_some_and(|token| token.kind == Kind::Word(word));
        self.at += usize::from(there);
        there
    }

    /// Returns the span from the beginning of `from` to the end of the last token that was read.
    pub(super) fn up_to(&self, from: Span) -> Span {
        let last = self.tokens[..self.at].last();
        Span {
            start: from.start,
            end: last.map_or(from.end, |token| token.span.end),
        }
    }

    pub(super) fn expected(&self, what: &str) -> Problem<Span> {
        let span = self.peek().map_or(self.end, |token| token.span);
        let found = Problem::new(span, format!("expected {what}")).label(format!("not {what}"));
        match self.peek() {
            Some(Token {
                kind: Kind::Word(word),
                ..
            }) if KEYWORDS.contains(word) => found.help(format!(
                "'{word}' is a keyword; write `{word}` to use it as a name"
            )),
            _ => found,
        }
    }

    pub(super) fn needs_sign(&mut self, sign: &'static str) -> Result<(), Problem<Span>> {
        match self.sign(sign) {
            true => Ok(()),
            false => Err(self.expected(&format!("'{sign}'"))),
        }
    }

    pub(super) fn number(&mut self, what: &str) -> Result<u64, Problem<Span>> {
        match self.peek() {
            Some(Token {
                kind: Kind::Int(number),
                ..
            }) => {
                let number = *number;
                self.skip();
                Ok(number)
            }
            _ => Err(self.expected(what)),
        }
    }

    /// Reads `@N`, if it is here.
    pub(super) fn constant_index(&mut self) -> Result<Option<u64>, Problem<Span>> {
        match self.sign("@") {
            true => self.number("the index of a constant").map(Some),
            false => Ok(None),
        }
    }

    /// Reads a name.
    pub(super) fn name(&mut self, what: &str) -> Result<Named<'t>, Problem<Span>> {
        let Some(Token { kind, span }) = self.peek() else {
            return Err(self.expected(what));
        };
        let (text, span) = match kind {
            Kind::Word(word) if !KEYWORDS.contains(word) => (Cow::Borrowed(*word), *span),
            Kind::Name(name) => (name.clone(), *span),
            _ => return Err(self.expected(what)),
        };
        self.skip();
        let fixed = self.constant_index()?;
        Ok(Named { text, span, fixed })
    }

    pub(super) fn ends(&self) -> Result<(), Problem<Span>> {
        match self.peek() {
            None => Ok(()),
            Some(token) => {
                let message = "the line should end here";
                Err(Problem::new(token.span, message)
                    .label("left over")
                    .help("one statement a line; a comment begins with '#'"))
            }
        }
    }
}

/// A name, with the index of its constant if the text states it.
#[derive(Clone, Debug)]
pub(super) struct Named<'t> {
    text: Cow<'t, str>,
    span: Span,
    fixed: Option<u64>,
}

impl Named<'_> {
    pub(super) fn index(&self, constants: &mut Constants) -> Result<u64, Problem<Span>> {
        let constant = ConstantRef::Str(&self.text);
        match self.fixed {
            None => Ok(constants.index(constant)),
            Some(index) => fixed(constants, constant, index, self.span),
        }
    }
}

/// Returns the index that the text states, if it is an index of this constant.
pub(super) fn fixed(
    constants: &Constants,
    constant: ConstantRef,
    index: u64,
    span: Span,
) -> Result<u64, Problem<Span>> {
    if constants.get(index) == Some(constant) {
        return Ok(index);
    }
    let message = format!("constant {index} has another value");
    Err(Problem::new(span, message)
        .label("another constant")
        .help("'@' names a constant that a .const line above has stored"))
}
