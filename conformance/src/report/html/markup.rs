//! Small pieces of HTML.

use crate::report::visible::{Piece, escaped, pieces, push_escaped};
use std::fmt::Write as _;

/// Returns text as code.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// Returns a sign and a word on a coloured ground.
pub(super) fn mark(class: &str, sign: &str, word: &str) -> String {
    format!("<span class=\"mark {class}\">{sign} <span class=\"word\">{word}</span></span>")
}

/// Adds a name and a value to a list of facts.
pub(super) fn push_fact(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, "<dt>{name}</dt><dd>{value}</dd>");
}

/// Returns bytes as text of the page; what would be invisible is an escape that stands out.
pub(super) fn visible_text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for piece in pieces(bytes) {
        match piece {
            Piece::Plain(plain) => push_escaped(&mut out, plain),
            Piece::Hidden(_) | Piece::Byte(_) => {
                let _ = write!(out, "<i class=\"esc\">{}</i>", piece.escaped());
            }
        }
    }
    out
}
