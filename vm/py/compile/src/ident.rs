//! Characters of identifiers.

use crate::ident_table::{MORE, START};
use unicode_normalization::{UnicodeNormalization, is_nfkc};

fn within(table: &[(u32, u32)], c: char) -> bool {
    let point = u32::from(c);
    let after = table.partition_point(|&(_, last)| last < point);
    table.get(after).is_some_and(|&(first, _)| first <= point)
}

/// Whether an identifier can begin with it.
pub(crate) fn is_start(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '_' => true,
        _ => !c.is_ascii() && within(&START, c),
    }
}

/// Whether an identifier can go on with it.
pub(crate) fn is_continue(c: char) -> bool {
    is_start(c) || c.is_ascii_digit() || within(&MORE, c)
}

/// Whether Python prints it as it is.
pub(crate) fn is_printable(c: char) -> bool {
    crate::upstream::is_printable(u32::from(c))
}

/// Returns the normal form of an identifier if it has another one.
pub(crate) fn normalized(text: &str) -> Option<String> {
    match is_nfkc(text) {
        true => None,
        false => Some(text.nfkc().collect()),
    }
}
