//! Strings as Python has them.

use crate::Bytes;
use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// A Python string: any sequence of code points, surrogates included.
///
/// ```
/// use vm_py_data::Str;
///
/// let text = Str::from_code_points([0x41, 0xd800]).unwrap();
/// assert_eq!(text.as_str(), None);
/// assert_eq!(text.shown(), "A\\ud800");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Str {
    /// The text in UTF-8, with a surrogate written like any other code point, in three bytes
    /// (Python's `surrogatepass`).
    pub bytes: Bytes,
    /// Whether the string is interned.
    pub interned: bool,
}

impl Str {
    /// Checks that `bytes` can be those of a string.
    ///
    /// The error is the offset of the first byte that cannot.
    pub fn validate(bytes: &[u8]) -> Result<(), usize> {
        let mut at = 0;
        loop {
            match str::from_utf8(&bytes[at..]) {
                Ok(_) => return Ok(()),
                Err(bad) => at += bad.valid_up_to(),
            }
            match bytes[at..] {
                [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..] => at += 3,
                _ => return Err(at),
            }
        }
    }

    /// Returns the string of a text, not interned.
    pub fn new(text: &str) -> Str {
        Str {
            bytes: text.as_bytes().into(),
            interned: false,
        }
    }

    /// Returns the string with these code points, not interned; `None` if one is above U+10FFFF.
    pub fn from_code_points(points: impl IntoIterator<Item = u32>) -> Option<Str> {
        let mut bytes = Vec::new();
        for point in points {
            push_code_point(point, &mut bytes)?;
        }
        Some(Str {
            bytes: bytes.into(),
            interned: false,
        })
    }

    /// Returns the text, or `None` if the string contains a surrogate.
    pub fn as_str(&self) -> Option<&str> {
        str::from_utf8(&self.bytes).ok()
    }

    /// Returns the code points in their order.
    pub fn code_points(&self) -> impl Iterator<Item = u32> + '_ {
        let mut bytes = self.bytes.iter().map(|&byte| u32::from(byte));
        std::iter::from_fn(move || {
            let first = bytes.next()?;
            let (mut point, more) = match first {
                0..0x80 => (first, 0),
                0x80..0xe0 => (first & 0x1f, 1),
                0xe0..0xf0 => (first & 0xf, 2),
                _ => (first & 7, 3),
            };
            for _ in 0..more {
                point = point << 6 | bytes.next().unwrap_or(0) & 0x3f;
            }
            Some(point)
        })
    }
}

impl Str {
    /// Returns the text, with each surrogate written as the escape that Python uses for it.
    pub fn shown(&self) -> Cow<'_, str> {
        if let Some(text) = self.as_str() {
            return text.into();
        }
        let mut out = String::new();
        for point in self.code_points() {
            // Writing to a String cannot fail.
            let _ = match char::from_u32(point) {
                Some(c) => write!(out, "{c}"),
                None => write!(out, "\\u{point:04x}"),
            };
        }
        out.into()
    }
}

/// Appends a code point to the bytes of a [`Str`]; returns `None` if it is above U+10FFFF.
pub fn push_code_point(point: u32, out: &mut Vec<u8>) -> Option<()> {
    let tail = |shift: u32| 0x80 | (point >> shift & 0x3f) as u8;
    match point {
        0..0x80 => out.push(point as u8),
        0x80..0x800 => out.extend([0xc0 | (point >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => out.extend([0xe0 | (point >> 12) as u8, tail(6), tail(0)]),
        0x1_0000..0x11_0000 => {
            out.extend([0xf0 | (point >> 18) as u8, tail(12), tail(6), tail(0)]);
        }
        _ => return None,
    }
    Some(())
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.bytes))
    }
}
