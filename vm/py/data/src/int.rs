//! Integers of any size: as decimal digits and as floats.

use crate::float::scale;
use num_bigint::{BigInt, BigUint, Sign};

/// Returns the number that decimal digits stand for; other characters count as zeros.
///
/// It takes less than quadratic time.
///
/// ```
/// assert_eq!(vm_py_data::int::from_decimal("1200").to_string(), "1200");
/// ```
pub fn from_decimal(digits: &str) -> BigUint {
    const PART_DIGITS: usize = 512;
    if let Ok(small) = digits.parse::<u64>() {
        return small.into();
    }
    let mut parts: Vec<BigUint> = digits
        .as_bytes()
        .rchunks(PART_DIGITS)
        .map(|part| BigUint::parse_bytes(part, 10).unwrap_or_default())
        .collect();
    let mut unit = BigUint::from(10u8).pow(PART_DIGITS as u32);
    // Halves are joined: a product for each digit would take quadratic time.
    while parts.len() > 1 {
        parts = parts
            .chunks(2)
            .map(|pair| match pair {
                [low, high] => low + high * &unit,
                _ => pair[0].clone(),
            })
            .collect();
        if parts.len() > 1 {
            unit = &unit * &unit;
        }
    }
    parts.pop().unwrap_or_default()
}

/// Returns the float nearest to an integer, the even one of two; `None` if no float is so large.
///
/// ```
/// use num_bigint::BigInt;
/// use vm_py_data::int::to_float;
///
/// assert_eq!(to_float(&((BigInt::from(1) << 64) + 1)), Some(18446744073709551616.0));
/// assert_eq!(to_float(&(BigInt::from(1) << 1024)), None);
/// ```
pub fn to_float(value: &BigInt) -> Option<f64> {
    let size = value.magnitude();
    let below = size.bits().saturating_sub(64);
    let top = (size >> below).iter_u64_digits().next().unwrap_or(0);
    let rest = size.trailing_zeros().is_some_and(|zeros| zeros < below);
    let size = scale(top, rest, below as i64).ok()?;
    Some(if value.sign() == Sign::Minus {
        -size
    } else {
        size
    })
}

/// Returns the integer that a float is equal to; `None` if it has a fraction or is not finite.
///
/// ```
/// use vm_py_data::int::from_float;
///
/// assert_eq!(from_float(-3.0), Some((-3).into()));
/// assert_eq!(from_float(0.5), None);
/// ```
pub fn from_float(value: f64) -> Option<BigInt> {
    if !value.is_finite() || value.fract() != 0.0 {
        return None;
    }
    if value.abs() < 9e15 {
        return Some(BigInt::from(value as i64));
    }
    let bits = value.to_bits();
    let digits = BigInt::from(bits & ((1 << 52) - 1) | 1 << 52);
    let size = digits << ((bits >> 52 & 0x7ff) - 1075);
    Some(if value < 0.0 { -size } else { size })
}
