//! Characters of identifiers.

use crate::upstream::unicode::{self, Form};

/// Whether an identifier can begin with it.
pub(crate) fn is_start(c: char) -> bool {
    unicode::is_identifier_start(u32::from(c))
}

/// Whether an identifier can go on with it.
pub(crate) fn is_continue(c: char) -> bool {
    unicode::is_identifier_continue(u32::from(c))
}

/// Whether Python prints it as it is.
pub(crate) fn is_printable(c: char) -> bool {
    unicode::is_printable(u32::from(c))
}

/// Returns the normal form of an identifier if it has another one.
pub(crate) fn normalized(text: &str) -> Option<String> {
    let points: Vec<u32> = text.chars().map(u32::from).collect();
    if unicode::is_normalized(&points, Form::Nfkc) {
        return None;
    }
    let normal = unicode::normalize(&points, Form::Nfkc);
    Some(normal.into_iter().filter_map(char::from_u32).collect())
}
