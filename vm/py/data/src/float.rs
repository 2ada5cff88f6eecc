//! Floats as text, as Python writes and parses them.

use std::error::Error;
use std::fmt::{self, Write as _};

/// Returns the `repr` of a float: the shortest digits that parse to the same float, `inf` or `nan`.
///
/// ```
/// use vm_py_data::float::repr;
/// assert_eq!(repr(5.0), "5.0");
/// assert_eq!(repr(1e16), "1e+16");
/// assert_eq!(repr(0.00001), "1e-05");
/// assert_eq!(repr(1855514808195110.25), "1855514808195110.2");
/// ```
pub fn repr(value: f64) -> String {
    let mut text = short(value);
    if value.is_finite() && !text.contains(['.', 'e']) {
        text.push_str(".0");
    }
    text
}

/// Returns the `repr` of a float without a `.0`, as in a complex number.
pub fn short(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value.is_infinite() {
        return format!("{sign}inf");
    }
    let scientific = shortest(value.abs());
    let (digits, exponent) = split(&scientific);
    let mut out = String::from(sign);
    // The number of digits before the point.
    let point = exponent + 1;
    let count = digits.len() as i32;
    if (-3..=0).contains(&point) {
        out.push_str("0.");
        out.extend((point..0).map(|_| '0'));
        out.push_str(&digits);
    } else if (1..=16).contains(&point) {
        let whole = point.min(count) as usize;
        out.push_str(&digits[..whole]);
        out.extend((count..point).map(|_| '0'));
        if count > point {
            out.push('.');
            out.push_str(&digits[whole..]);
        }
    } else {
        out.push_str(&digits[..1]);
        if count > 1 {
            out.push('.');
            out.push_str(&digits[1..]);
        }
        let sign = if exponent < 0 { '-' } else { '+' };
        // Writing to a String cannot fail.
        let _ = write!(out, "e{sign}{:02}", exponent.abs());
    }
    out
}

/// Returns the `repr` of a complex number, which omits a real part of positive zero.
///
/// ```
/// use vm_py_data::float::complex_repr;
/// assert_eq!(complex_repr(0.0, 2.0), "2j");
/// assert_eq!(complex_repr(-0.0, -2.0), "(-0-2j)");
/// ```
pub fn complex_repr(real: f64, imaginary: f64) -> String {
    if real.to_bits() == 0 {
        return format!("{}j", short(imaginary));
    }
    let imaginary = short(imaginary);
    let sign = if imaginary.starts_with('-') { "" } else { "+" };
    format!("({}{sign}{imaginary}j)", short(real))
}

/// Returns the shortest digits, as `d.ddde±x`. Of two that are equally near, Rust chooses the upper
/// and Python the even one.
fn shortest(value: f64) -> String {
    let found = format!("{value:e}");
    let places = split(&found).0.len() - 1;
    let nearest = format!("{value:.places$e}");
    if nearest.parse() == Ok(value) {
        nearest
    } else {
        found
    }
}

/// Returns the digits without a point, and the exponent of the first one.
fn split(scientific: &str) -> (String, i32) {
    let (digits, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let digits = digits.chars().filter(|&c| c != '.').collect();
    (digits, exponent.parse().unwrap_or(0))
}

/// The reason why a text is not a hexadecimal float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HexError {
    /// The text has another form.
    Malformed,
    /// The number is larger than every float.
    TooLarge,
}

impl Error for HexError {}

impl fmt::Display for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HexError::Malformed => "not a hexadecimal float such as 0x1.8p3",
            HexError::TooLarge => "the number is too large for a float",
        })
    }
}

/// Parses what Python's `float.fromhex` parses: `0x1.8p3`, `-1.8`, `.8p-2`, `inf`, `nan`.
///
/// # Errors
///
/// Returns an error if the text has another form or the number is too large.
///
/// ```
/// use vm_py_data::float::from_hex;
/// assert_eq!(from_hex("0x1.8p3"), Ok(12.0));
/// ```
pub fn from_hex(text: &str) -> Result<f64, HexError> {
    let text = text.trim_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let (negative, text) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let size = match special(text) {
        Some(value) => value,
        None => hex(text)?,
    };
    Ok(if negative { -size } else { size })
}

/// Returns the value of `inf`, `infinity` or `nan`, in any case.
pub fn special(text: &str) -> Option<f64> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("inf") || is("infinity") {
        Some(f64::INFINITY)
    } else {
        is("nan").then_some(f64::NAN)
    }
}

/// Parses a hexadecimal float without a sign.
fn hex(text: &str) -> Result<f64, HexError> {
    let text = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => &text[2..],
        _ => text,
    };
    let (digits, exponent) = match text.find(['p', 'P']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    if whole.len() + fraction.len() == 0 || !plain(whole) || !plain(fraction) {
        return Err(HexError::Malformed);
    }
    let exponent = exponent.map_or(Ok(0), decimal)?;
    // The first 64 significant bits, and whether any other bit is set.
    let mut bits: u64 = 0;
    let mut sticky = false;
    let mut low = exponent.saturating_sub(4 * fraction.len() as i64);
    for digit in whole.chars().chain(fraction.chars()) {
        let digit = u64::from(digit.to_digit(16).unwrap_or(0));
        if bits >> 60 == 0 {
            bits = bits << 4 | digit;
        } else {
            sticky |= digit != 0;
            low = low.saturating_add(4);
        }
    }
    scale(bits, sticky, low)
}

/// Parses an exponent; one that is far out of range is limited.
fn decimal(text: &str) -> Result<i64, HexError> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(HexError::Malformed);
    }
    let size = digits.iter().fold(0i64, |size, digit| {
        (size * 10 + i64::from(digit - b'0')).min(i64::MAX / 20)
    });
    Ok(if negative { -size } else { size })
}

/// Returns `bits * 2**low`, rounded to the nearest float, and to the even one of two. `sticky` says
/// that the exact number is a little larger.
///
/// # Errors
///
/// Returns an error if the number is too large.
pub fn scale(bits: u64, sticky: bool, low: i64) -> Result<f64, HexError> {
    if bits == 0 {
        return Ok(0.0);
    }
    let width = 64 - i64::from(bits.leading_zeros());
    let top = low.saturating_add(width);
    if top > 1024 {
        return Err(HexError::TooLarge);
    }
    // The lowest bit of the result: 53 bits down, but not below that of the least float.
    let unit = (top - 53).max(-1074);
    let drop = unit.saturating_sub(low);
    if drop > 64 {
        return Ok(0.0);
    }
    let (mut kept, rest, half) = if drop <= 0 {
        (u128::from(bits) << -drop, 0, 1)
    } else {
        let bits = u128::from(bits);
        (bits >> drop, bits & ((1 << drop) - 1), 1 << (drop - 1))
    };
    let up = rest > half || rest == half && (sticky || kept & 1 == 1);
    kept += u128::from(up && drop > 0);
    // Both factors are floats, and the product is exact unless it is too large.
    let value = (kept as f64) * power(unit);
    if value.is_infinite() {
        return Err(HexError::TooLarge);
    }
    Ok(value)
}

/// Returns `2**exponent`, for an exponent that a float can have.
fn power(exponent: i64) -> f64 {
    if exponent < -1022 {
        f64::from_bits(1 << (exponent + 1074))
    } else {
        f64::from_bits(((exponent + 1023) as u64) << 52)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_exponents() {
        for (value, shown) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (123.456, "123.456"),
            (1e15, "1000000000000000.0"),
            (9999999999999998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1e22, "1e+22"),
            (0.0001, "0.0001"),
            (0.00012, "0.00012"),
            (0.00001, "1e-05"),
            (1.5e-10, "1.5e-10"),
            (1e100, "1e+100"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
            (-f64::NAN, "nan"),
            (9007199254740993.0, "9007199254740992.0"),
        ] {
            assert_eq!(repr(value), shown);
        }
    }

    #[track_caller]
    fn check_hex(text: &str, value: Result<f64, HexError>) {
        let bits = |value: Result<f64, HexError>| value.map(f64::to_bits);
        assert_eq!(bits(from_hex(text)), bits(value), "{text}");
    }

    #[test]
    fn hexadecimal() {
        check_hex("0x1.8p3", Ok(12.0));
        check_hex(" -0X.8P+1\n", Ok(-1.0));
        check_hex("ff", Ok(255.0));
        check_hex("-0", Ok(-0.0));
        check_hex("0x0p99999999999999999999", Ok(0.0));
        check_hex("-Infinity", Ok(f64::NEG_INFINITY));
        check_hex("0x1p-1074", Ok(5e-324));
        check_hex("0x1p-1075", Ok(0.0));
        check_hex("0x1.0000000000000000000000000000001p-1075", Ok(5e-324));
        check_hex("0x3p-1075", Ok(1e-323));
        check_hex("0x1.fffffffffffffp1023", Ok(f64::MAX));
        check_hex("0x1.fffffffffffff7ffffffffffp1023", Ok(f64::MAX));
        check_hex("0x1.fffffffffffff8p1023", Err(HexError::TooLarge));
        check_hex("0x1p1024", Err(HexError::TooLarge));
        check_hex("0x1.00000000000008p0", Ok(1.0));
        check_hex(
            "0x1.000000000000080000000000000000000001p0",
            Ok(1.0 + f64::EPSILON),
        );
        check_hex("0x1.00000000000018p0", Ok(1.0 + 2.0 * f64::EPSILON));
        for bad in [
            "", "0x", ".", "0x.p1", "0x1p", "0x1p+", "1_0", "g", "--1", "0x1.8.p3", "é",
        ] {
            check_hex(bad, Err(HexError::Malformed));
        }
    }
}
