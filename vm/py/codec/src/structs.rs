//! The formats of Python's module `struct`.
//!
//! ```
//! use vm_py_codec::structs::{Layout, Unpacked};
//!
//! let layout = Layout::parse(b"<hb").unwrap();
//! assert_eq!(layout.size(), 3);
//! let fields = layout.fields();
//! assert_eq!(fields[0].unpack(&[0xfe, 0xff, 7]), Unpacked::Int(-2));
//! assert_eq!(fields[1].unpack(&[0xfe, 0xff, 7]), Unpacked::Int(7));
//! ```

use num_bigint::BigInt;
use std::error::Error;
use std::fmt;

/// An error in a format or a value, with CPython's message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StructError {
    /// The message.
    pub message: String,
    /// True for an `OverflowError` instead of a `struct.error`.
    pub is_overflow: bool,
}

impl fmt::Display for StructError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for StructError {}

fn error<T>(message: impl Into<String>) -> Result<T, StructError> {
    Err(StructError {
        message: message.into(),
        is_overflow: false,
    })
}

/// The layout that a format describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    fields: Vec<Run>,
    size: usize,
    count: usize,
}

/// Items of one code that follow one another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    field: Field,
    count: usize,
}

/// An item of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The code, such as `h`.
    pub code: u8,
    /// Where the item is.
    pub offset: usize,
    /// How many bytes it has.
    pub size: usize,
    big: bool,
    native: bool,
}

/// The value of an item.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Unpacked<'b> {
    /// An integer with a sign, or without one if it fits.
    Int(i64),
    /// An integer without a sign.
    Unsigned(u64),
    /// A float.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// Bytes: of the codes `c`, `s` and `p`.
    Bytes(&'b [u8]),
}

/// Returns size and alignment of a code, natively or in the standard.
fn measures(code: u8, native: bool) -> Option<(usize, usize)> {
    let size = match code {
        b'x' | b'c' | b'b' | b'B' | b'?' | b's' | b'p' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' => 4 + 4 * usize::from(native),
        b'q' | b'Q' | b'd' => 8,
        b'n' | b'N' | b'P' if native => 8,
        _ => return None,
    };
    Some((size, size))
}

impl Layout {
    /// Parses a format.
    pub fn parse(format: &[u8]) -> Result<Layout, StructError> {
        let (big, native, aligned, mut rest) = match format.split_first() {
            Some((b'<', rest)) => (false, false, false, rest),
            Some((b'>' | b'!', rest)) => (true, false, false, rest),
            Some((b'=', rest)) => (false, false, false, rest),
            Some((b'@', rest)) => (false, true, true, rest),
            _ => (false, true, true, format),
        };
        let mut layout = Layout {
            fields: Vec::new(),
            size: 0,
            count: 0,
        };
        while let Some((&first, after)) = rest.split_first() {
            if first.is_ascii_whitespace() || first == 11 {
                rest = after;
                continue;
            }
            let (count, code, after) = count(rest)?;
            rest = after;
            let Some((size, alignment)) = measures(code, native) else {
                return error("bad char in struct format");
            };
            let too_long = || StructError {
                message: "total struct size too long".to_owned(),
                is_overflow: false,
            };
            if aligned && !matches!(code, b'x') {
                let start = layout.size.checked_next_multiple_of(alignment);
                layout.size = start.ok_or_else(too_long)?;
            }
            let bytes = count.checked_mul(size).ok_or_else(too_long)?;
            let end = layout.size.checked_add(bytes);
            let end = end.filter(|&end| i64::try_from(end).is_ok());
            let end = end.ok_or_else(too_long)?;
            let text = matches!(code, b's' | b'p');
            let field = Field {
                code,
                offset: layout.size,
                size: if text { count } else { size },
                big,
                native,
            };
            let items = match code {
                b'x' => 0,
                b's' | b'p' => 1,
                _ => count,
            };
            if items > 0 {
                let count = items;
                layout.fields.push(Run { field, count });
                layout.count += items;
            }
            layout.size = end;
        }
        Ok(layout)
    }

    /// Returns the number of bytes of the whole.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Returns the number of items, which may be far more than the format is long.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns the items one by one.
    pub fn iter(&self) -> impl Iterator<Item = Field> + '_ {
        self.fields.iter().flat_map(|run| {
            (0..run.count).map(|nth| Field {
                offset: run.field.offset + nth * run.field.size,
                ..run.field
            })
        })
    }

    /// Returns all items in a list.
    pub fn fields(&self) -> Vec<Field> {
        self.iter().collect()
    }
}

/// Reads the count and the code at the start of `format`.
fn count(format: &[u8]) -> Result<(usize, u8, &[u8]), StructError> {
    let end = format.iter().position(|byte| !byte.is_ascii_digit());
    let Some(end) = end else {
        return error("repeat count given without format specifier");
    };
    let (digits, rest) = format.split_at(end);
    let mut count: i64 = if digits.is_empty() { 1 } else { 0 };
    for digit in digits {
        let next = count.checked_mul(10);
        let next = next.and_then(|next| next.checked_add(i64::from(digit - b'0')));
        let Some(next) = next else {
            return error("total struct size too long");
        };
        count = next;
    }
    Ok((count as usize, rest[0], &rest[1..]))
}

/// The range of an integer code, with CPython's words for it.
fn range(field: &Field) -> (i128, i128, String) {
    let bits = 8 * field.size as u32;
    let signed = field.code.is_ascii_lowercase();
    let (least, most) = match signed {
        true => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
        false => (0, (1i128 << bits) - 1),
    };
    let words = match field.code {
        b'b' => "byte format requires -128 <= number <= 127".to_owned(),
        b'B' => "ubyte format requires 0 <= number <= 255".to_owned(),
        b'h' if !field.big => "short format requires (-0x7fff - 1) <= number <= 0x7fff".to_owned(),
        b'H' if !field.big => "ushort format requires 0 <= number <= (0x7fff * 2 + 1)".to_owned(),
        code => {
            let code = char::from(code);
            format!("'{code}' format requires {least} <= number <= {most}")
        }
    };
    (least, most, words)
}

impl Field {
    fn order(&self, little: &mut [u8]) {
        if self.big {
            little.reverse();
        }
    }

    /// Writes an integer at the item's place in `bytes`. `value` is `None` for one that fits
    /// neither an `i64` nor a `u64`.
    pub fn pack_int(&self, value: Option<i128>, bytes: &mut [u8]) -> Result<(), StructError> {
        if self.code == b'P' {
            let fits = |value: &i128| (i128::from(i64::MIN)..1 << 64).contains(value);
            let Some(value) = value.filter(fits) else {
                return error("int too large to convert");
            };
            return self.put(&(value as u64).to_le_bytes(), bytes);
        }
        let unsigned =
            matches!(self.code, b'I' | b'L' | b'Q' | b'N') || self.big && self.code == b'H';
        let (lowest, highest) = match unsigned {
            true => (0, i128::from(u64::MAX)),
            false => (i128::from(i64::MIN), i128::from(i64::MAX)),
        };
        let Some(value) = value.filter(|value| (lowest..=highest).contains(value)) else {
            return error(match self.code {
                b'q' | b'Q' if self.big => "int too large to convert",
                _ => "argument out of range",
            });
        };
        let (least, most, words) = range(self);
        if !(least..=most).contains(&value) {
            return error(words);
        }
        self.put(&value.to_le_bytes()[..self.size], bytes)
    }

    fn put(&self, little: &[u8], bytes: &mut [u8]) -> Result<(), StructError> {
        let place = bytes.get_mut(self.offset..self.offset + self.size);
        let Some(place) = place else {
            return error("the buffer is too short");
        };
        place.copy_from_slice(little);
        self.order(place);
        Ok(())
    }

    /// Writes a float at the item's place.
    pub fn pack_float(&self, value: f64, bytes: &mut [u8]) -> Result<(), StructError> {
        let too_large = |code: char| {
            Err(StructError {
                message: format!("float too large to pack with {code} format"),
                is_overflow: true,
            })
        };
        match self.code {
            b'e' => match half(value) {
                Some(bits) => self.put(&bits.to_le_bytes(), bytes),
                None => too_large('e'),
            },
            b'f' => {
                let single = value as f32;
                if single.is_infinite() && value.is_finite() && !self.native {
                    return too_large('f');
                }
                self.put(&single.to_le_bytes(), bytes)
            }
            _ => self.put(&value.to_le_bytes(), bytes),
        }
    }

    /// Writes a truth value at the item's place.
    pub fn pack_bool(&self, value: bool, bytes: &mut [u8]) -> Result<(), StructError> {
        self.put(&[u8::from(value)], bytes)
    }

    /// Writes bytes at the item's place, cut or filled with zeros.
    pub fn pack_bytes(&self, value: &[u8], bytes: &mut [u8]) -> Result<(), StructError> {
        if self.code == b'c' && value.len() != 1 {
            return error("char format requires a bytes object of length 1");
        }
        let place = bytes.get_mut(self.offset..self.offset + self.size);
        let Some(mut place) = place else {
            return error("the buffer is too short");
        };
        if self.code == b'p' {
            let Some((length, rest)) = place.split_first_mut() else {
                return Ok(());
            };
            *length = value.len().min(rest.len()).min(255) as u8;
            place = rest;
        }
        let kept = value.len().min(place.len());
        place[..kept].copy_from_slice(&value[..kept]);
        place[kept..].fill(0);
        Ok(())
    }

    /// Reads the item from `bytes`.
    ///
    /// # Panics
    ///
    /// If `bytes` is shorter than the layout.
    pub fn unpack<'b>(&self, bytes: &'b [u8]) -> Unpacked<'b> {
        let place = &bytes[self.offset..self.offset + self.size];
        let mut little = [0; 8];
        match self.code {
            b's' | b'c' => return Unpacked::Bytes(place),
            b'p' => {
                let length = place.first().map_or(0, |&length| usize::from(length));
                let end = (length + 1).min(place.len());
                return Unpacked::Bytes(place.get(1..end).unwrap_or(&[]));
            }
            b'?' => return Unpacked::Bool(place[0] != 0),
            _ => little[..self.size].copy_from_slice(place),
        }
        self.order(&mut little[..self.size]);
        let raw = u64::from_le_bytes(little);
        match self.code {
            b'e' => Unpacked::Float(from_half(raw as u16)),
            b'f' => Unpacked::Float(f64::from(f32::from_bits(raw as u32))),
            b'd' => Unpacked::Float(f64::from_bits(raw)),
            code if code.is_ascii_lowercase() => {
                let unused = 64 - 8 * self.size as u32;
                Unpacked::Int((raw as i64) << unused >> unused)
            }
            _ => i64::try_from(raw).map_or(Unpacked::Unsigned(raw), Unpacked::Int),
        }
    }
}

/// Returns the number that [`Field::pack_int`] takes for an integer.
pub fn packable(value: &BigInt) -> Option<i128> {
    i128::try_from(value).ok()
}

/// Returns the bits of the nearest half-precision float, ties to even; `None` if it is too large.
fn half(value: f64) -> Option<u16> {
    let sign = (value.to_bits() >> 48) as u16 & 0x8000;
    let size = value.abs();
    if size.is_nan() {
        return Some(sign | 0x7e00);
    }
    if size.is_infinite() {
        return Some(sign | 0x7c00);
    }
    // The distance of two neighbours, as a power of two: that of denormal numbers at least.
    let exponent = ((size.to_bits() >> 52) as i32 - 1023).max(-14);
    let units = (size * 2f64.powi(10 - exponent)).round_ties_even();
    let bits = match exponent {
        -14 => units as u32,
        _ => ((exponent + 14) as u32) * 1024 + units as u32,
    };
    (bits < 0x7c00).then_some(sign | bits as u16)
}

fn from_half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let size = match bits >> 10 & 0x1f {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1024.0 + fraction) * 2f64.powi(i32::from(exponent) - 25),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}
