//! Python's built-in codecs, and the formats of its module `struct`.
//!
//! Strings are bytes of UTF-8 in which a surrogate is written like any other code point.
//!
//! [`decode`] and [`encode`] work until an error or the end. An error says which part is at fault
//! and why, in CPython's words; after an error handler has decided, they are called again with the
//! position at which to go on.
//!
//! ```
//! use vm_py_codec::{Codec, decode};
//!
//! let mut text = Vec::new();
//! let error = decode(Codec::Utf8, b"ab\xff", 0, true, &mut text).unwrap_err();
//! assert_eq!((error.start, error.end), (2, 3));
//! assert_eq!(error.reason, "invalid start byte");
//! assert_eq!(text, b"ab");
//! ```

mod escape;
pub mod structs;
mod utf;

use std::error::Error;
use std::fmt;
use vm_py_unicode::wtf8;

/// A codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Codec {
    /// UTF-8.
    Utf8,
    /// UTF-16 of a byte order; see [`byte_order`] for a mark.
    Utf16(Order),
    /// UTF-32 of a byte order.
    Utf32(Order),
    /// ASCII.
    Ascii,
    /// Latin-1: code points below 256.
    Latin1,
    /// The escapes of a Python string literal.
    UnicodeEscape,
    /// Only `\uXXXX` and `\UXXXXXXXX`; other bytes are Latin-1.
    RawUnicodeEscape,
}

/// A byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The least significant byte first.
    Little,
    /// The most significant byte first.
    Big,
}

/// A part of the input that a codec cannot take.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodecError {
    /// The name that the exception gives the codec.
    pub encoding: &'static str,
    /// Where the part starts: a byte when decoding, a code point when encoding.
    pub start: usize,
    /// Where the part ends.
    pub end: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "'{}' codec: {} from {} to {}",
            self.encoding, self.reason, self.start, self.end
        )
    }
}

impl Error for CodecError {}

impl Codec {
    /// Returns the name that exceptions give the codec.
    pub fn name(self) -> &'static str {
        match self {
            Codec::Utf8 => "utf-8",
            Codec::Utf16(Order::Little) => "utf-16-le",
            Codec::Utf16(Order::Big) => "utf-16-be",
            Codec::Utf32(Order::Little) => "utf-32-le",
            Codec::Utf32(Order::Big) => "utf-32-be",
            Codec::Ascii => "ascii",
            Codec::Latin1 => "latin-1",
            Codec::UnicodeEscape => "unicodeescape",
            Codec::RawUnicodeEscape => "rawunicodeescape",
        }
    }

    fn error(self, start: usize, end: usize, reason: &'static str) -> CodecError {
        CodecError {
            encoding: self.name(),
            start,
            end,
            reason,
        }
    }
}

/// Returns the byte order that a mark at the start of UTF-16 (`width` 2) or UTF-32 (`width` 4)
/// says.
pub fn byte_order(bytes: &[u8], width: usize) -> Option<Order> {
    let mark = bytes.get(..width)?;
    match (width, mark) {
        (2, [0xff, 0xfe]) | (4, [0xff, 0xfe, 0, 0]) => Some(Order::Little),
        (2, [0xfe, 0xff]) | (4, [0, 0, 0xfe, 0xff]) => Some(Order::Big),
        _ => None,
    }
}

/// Decodes `bytes` from the byte `at` on, appends the text to `out`, and returns how many bytes of
/// the whole are decoded. Unless the input is `complete`, a part that may go on is left over.
pub fn decode(
    codec: Codec,
    bytes: &[u8],
    at: usize,
    complete: bool,
    out: &mut Vec<u8>,
) -> Result<usize, CodecError> {
    match codec {
        Codec::Utf8 => utf::decode_8(bytes, at, complete, out),
        Codec::Utf16(order) => utf::decode_16(order, bytes, at, complete, out),
        Codec::Utf32(order) => utf::decode_32(order, bytes, at, complete, out),
        Codec::Ascii => {
            for (index, &byte) in bytes.iter().enumerate().skip(at) {
                if byte >= 0x80 {
                    let reason = "ordinal not in range(128)";
                    return Err(codec.error(index, index + 1, reason));
                }
                out.push(byte);
            }
            Ok(bytes.len())
        }
        Codec::Latin1 => {
            let rest = bytes.get(at..).unwrap_or(&[]);
            rest.iter()
                .for_each(|&byte| wtf8::push(u32::from(byte), out));
            Ok(bytes.len())
        }
        Codec::UnicodeEscape => escape::decode(bytes, at, complete, out),
        Codec::RawUnicodeEscape => escape::decode_raw(bytes, at, complete, out),
    }
}

/// A place in a string: a byte and the number of the code point there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The byte.
    pub byte: usize,
    /// The code point.
    pub point: usize,
}

/// Encodes `text` from a position on, and appends the bytes to `out`.
pub fn encode(
    codec: Codec,
    text: &[u8],
    at: Position,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    let rest = text.get(at.byte..).unwrap_or(&[]);
    let mut points = wtf8::points(rest).map(|(_, point)| point).enumerate();
    while let Some((index, point)) = points.next() {
        let Err(reason) = encode_point(codec, point, out) else {
            continue;
        };
        // What follows and is at fault too is reported with it.
        let mut also = 0;
        if !matches!(codec, Codec::Utf16(_) | Codec::Utf32(_)) {
            let mut ignored = Vec::new();
            let mut faulty = |point| encode_point(codec, point, &mut ignored).is_err();
            also = points.take_while(|&(_, point)| faulty(point)).count();
        }
        let start = at.point + index;
        return Err(codec.error(start, start + 1 + also, reason));
    }
    Ok(())
}

/// Appends one code point, or says why it cannot be encoded.
fn encode_point(codec: Codec, point: u32, out: &mut Vec<u8>) -> Result<(), &'static str> {
    let is_surrogate = (0xd800..0xe000).contains(&point);
    match codec {
        Codec::Utf8 | Codec::Utf16(_) | Codec::Utf32(_) if is_surrogate => {
            return Err("surrogates not allowed");
        }
        Codec::Utf8 => wtf8::push(point, out),
        Codec::Utf16(order) => utf::push_16(order, point, out),
        Codec::Utf32(Order::Little) => out.extend(point.to_le_bytes()),
        Codec::Utf32(Order::Big) => out.extend(point.to_be_bytes()),
        Codec::Ascii if point >= 0x80 => return Err("ordinal not in range(128)"),
        Codec::Latin1 if point >= 0x100 => return Err("ordinal not in range(256)"),
        Codec::Ascii | Codec::Latin1 => out.push(point as u8),
        Codec::UnicodeEscape => escape::push(point, out),
        Codec::RawUnicodeEscape => escape::push_raw(point, out),
    }
    Ok(())
}
