//! The names that a process of `python3.9 -m py_compile` holds when it compiles.
//!
//! An object of the process's own is marked in the file that it writes. The lists were recorded
//! from CPython 3.9.2 by compiling each candidate once and looking at its mark.

use crate::names::FastSet;
use std::sync::OnceLock;

static HELD: &str = include_str!("held.txt");
/// What is held in addition once a source has had an identifier that is not ASCII.
static HELD_WITH_UNICODEDATA: &str = include_str!("held_unicodedata.txt");

fn set(text: &'static str) -> FastSet<&'static [u8]> {
    text.lines().map(str::as_bytes).collect()
}

/// Whether a name is held.
pub(crate) fn is_held(name: &[u8], unicodedata: bool) -> bool {
    static PLAIN: OnceLock<FastSet<&[u8]>> = OnceLock::new();
    static MORE: OnceLock<FastSet<&[u8]>> = OnceLock::new();
    is_single(name)
        || PLAIN.get_or_init(|| set(HELD)).contains(name)
        || unicodedata
            && MORE
                .get_or_init(|| set(HELD_WITH_UNICODEDATA))
                .contains(name)
}

/// Whether there is one object for all strings of this text: one character of Latin-1, or none.
pub(crate) fn is_single(text: &[u8]) -> bool {
    matches!(text, [] | [0..0x80] | [0xc2 | 0xc3, _])
}
