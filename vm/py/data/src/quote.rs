//! Strings and bytes in quotes, as Python's `repr` writes them.

use crate::Str;
use crate::printable::is_printable;
use std::fmt::Write as _;

/// Returns the quote that `repr` puts around text, which contains the bytes that `has` accepts.
fn quote_for(has: impl Fn(u8) -> bool) -> char {
    if has(b'\'') && !has(b'"') { '"' } else { '\'' }
}

/// Appends the `repr` of bytes.
pub fn bytes(value: &[u8], out: &mut String) {
    let quote = quote_for(|quote| value.contains(&quote));
    out.push('b');
    out.push(quote);
    for &byte in value {
        if !short_escape(byte.into(), quote, out) {
            let _ = match byte {
                b' '..0x7f => write!(out, "{}", char::from(byte)),
                _ => write!(out, "\\x{byte:02x}"),
            };
        }
    }
    out.push(quote);
}

/// Appends the `repr` of a string, which reads back as the same string.
pub fn str(value: &Str, out: &mut String) {
    let quote = quote_for(|quote| value.bytes.contains(&quote));
    out.push(quote);
    for point in value.code_points() {
        if short_escape(point, quote, out) {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = match char::from_u32(point) {
            Some(c) if is_printable(point) => write!(out, "{c}"),
            _ if point < 0x100 => write!(out, "\\x{point:02x}"),
            _ if point < 0x1_0000 => write!(out, "\\u{point:04x}"),
            _ => write!(out, "\\U{point:08x}"),
        };
    }
    out.push(quote);
}

/// Appends the escape of two characters that `point` has, if it has one.
fn short_escape(point: u32, quote: char, out: &mut String) -> bool {
    let escaped = match point {
        0x09 => 't',
        0x0a => 'n',
        0x0d => 'r',
        0x5c => '\\',
        _ if point == quote as u32 => quote,
        _ => return false,
    };
    out.push('\\');
    out.push(escaped);
    true
}

impl Str {
    /// Returns the `repr` of the string.
    pub fn repr(&self) -> String {
        let mut out = String::new();
        str(self, &mut out);
        out
    }
}
