//! The escapes of Python's string literals.

use crate::{Codec, CodecError};
use vm_py_unicode::{lookup, wtf8};

/// Returns the number that the hexadecimal digits at the start of `bytes` write, up to `most` of
/// them, and how many there are.
fn hexadecimal(bytes: &[u8], most: usize) -> (u32, usize) {
    let digits = bytes.iter().take(most);
    let digits = digits.map_while(|&byte| char::from(byte).to_digit(16));
    digits.fold((0, 0), |(number, count), digit| {
        (number << 4 | digit, count + 1)
    })
}

pub(crate) fn decode(
    bytes: &[u8],
    mut at: usize,
    complete: bool,
    out: &mut Vec<u8>,
) -> Result<usize, CodecError> {
    let codec = Codec::UnicodeEscape;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'\\' {
            wtf8::push(u32::from(byte), out);
            at += 1;
            continue;
        }
        // An escape that the end cuts off may go on.
        let cut = |end: usize, reason| match complete || end < bytes.len() {
            true => Err(codec.error(at, end, reason)),
            false => Ok(at),
        };
        let Some(&kind) = bytes.get(at + 1) else {
            return cut(at + 1, "\\ at end of string");
        };
        let rest = &bytes[at + 2..];
        let simple = match kind {
            b'\n' => None,
            b'\\' | b'\'' | b'"' => Some(kind),
            b'b' => Some(8),
            b't' => Some(9),
            b'n' => Some(10),
            b'r' => Some(13),
            b'f' => Some(12),
            b'v' => Some(11),
            b'a' => Some(7),
            b'0'..=b'7' => {
                let digits = rest.iter().take(2).take_while(|b| matches!(b, b'0'..=b'7'));
                let first = u32::from(kind - b'0');
                let (point, count) = digits.fold((first, 0), |(point, count), &digit| {
                    (point << 3 | u32::from(digit - b'0'), count + 1)
                });
                wtf8::push(point, out);
                at += 2 + count;
                continue;
            }
            b'x' | b'u' | b'U' => {
                let (most, reason) = match kind {
                    b'x' => (2, "truncated \\xXX escape"),
                    b'u' => (4, "truncated \\uXXXX escape"),
                    _ => (8, "truncated \\UXXXXXXXX escape"),
                };
                let (point, count) = hexadecimal(rest, most);
                let end = at + 2 + count;
                if count < most {
                    return cut(end, reason);
                }
                if point > 0x10_ffff {
                    return Err(codec.error(at, end, "illegal Unicode character"));
                }
                wtf8::push(point, out);
                at = end;
                continue;
            }
            b'N' => {
                let malformed = "malformed \\N character escape";
                if rest.first() != Some(&b'{') {
                    return cut(at + 2, malformed);
                }
                let Some(length) = rest.iter().position(|&byte| byte == b'}') else {
                    return cut(bytes.len(), malformed);
                };
                let end = at + 3 + length;
                let name = &rest[1..length];
                if name.is_empty() {
                    return Err(codec.error(at, end - 1, malformed));
                }
                let found = std::str::from_utf8(name).ok().and_then(lookup);
                let Some(found) = found else {
                    return Err(codec.error(at, end, "unknown Unicode character name"));
                };
                wtf8::push(u32::from(found), out);
                at = end;
                continue;
            }
            _ => {
                out.push(b'\\');
                wtf8::push(u32::from(kind), out);
                at += 2;
                continue;
            }
        };
        out.extend(simple);
        at += 2;
    }
    Ok(at)
}

pub(crate) fn decode_raw(
    bytes: &[u8],
    mut at: usize,
    complete: bool,
    out: &mut Vec<u8>,
) -> Result<usize, CodecError> {
    let codec = Codec::RawUnicodeEscape;
    while let Some(&byte) = bytes.get(at) {
        let kind = bytes.get(at + 1).copied();
        if byte == b'\\' && kind.is_none() && !complete {
            return Ok(at);
        }
        let (most, reason) = match kind {
            Some(b'u') if byte == b'\\' => (4, "truncated \\uXXXX escape"),
            Some(b'U') if byte == b'\\' => (8, "truncated \\UXXXXXXXX escape"),
            _ => {
                wtf8::push(u32::from(byte), out);
                at += 1;
                // A backslash takes the next byte along.
                if byte == b'\\'
                    && let Some(kind) = kind
                {
                    wtf8::push(u32::from(kind), out);
                    at += 1;
                }
                continue;
            }
        };
        let (point, count) = hexadecimal(&bytes[at + 2..], most);
        let end = at + 2 + count;
        if count < most {
            return match complete || end < bytes.len() {
                true => Err(codec.error(at, end, reason)),
                false => Ok(at),
            };
        }
        if point > 0x10_ffff {
            return Err(codec.error(at, end, "\\Uxxxxxxxx out of range"));
        }
        wtf8::push(point, out);
        at = end;
    }
    Ok(at)
}

pub(crate) fn push(point: u32, out: &mut Vec<u8>) {
    match point {
        0x5c => out.extend(b"\\\\"),
        9 => out.extend(b"\\t"),
        10 => out.extend(b"\\n"),
        13 => out.extend(b"\\r"),
        0x20..0x7f => out.push(point as u8),
        0..0x100 => out.extend(format!("\\x{point:02x}").into_bytes()),
        _ => push_wide(point, out),
    }
}

pub(crate) fn push_raw(point: u32, out: &mut Vec<u8>) {
    match u8::try_from(point) {
        Ok(byte) => out.push(byte),
        Err(_) => push_wide(point, out),
    }
}

fn push_wide(point: u32, out: &mut Vec<u8>) {
    out.extend(match point {
        0..0x1_0000 => format!("\\u{point:04x}").into_bytes(),
        _ => format!("\\U{point:08x}").into_bytes(),
    });
}
