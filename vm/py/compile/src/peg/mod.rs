//! CPython's grammar, for what is wrong with a source.

use crate::error::{Failure, Kind, Spot};
use crate::lex::LexError;
use crate::parse::Mode;
use crate::token::Token;

/// Finds out what is wrong with a source that `parse` refuses.
pub(crate) fn explain(
    _text: &[u8],
    tokens: &[Token],
    _error: Option<&LexError>,
    _mode: Mode,
) -> Box<Failure> {
    let last = tokens.last();
    Box::new(Failure {
        kind: Kind::SyntaxError,
        message: "invalid syntax".into(),
        spot: Spot::At(last.map_or(0, |token| token.line), 0),
    })
}
