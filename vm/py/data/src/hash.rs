//! The hashes of Python's built-in values.
//!
//! CPython mixes a secret into the hashes of strings and bytes. Here the secret is 0, as with
//! `PYTHONHASHSEED=0`.
//!
//! ```
//! use vm_py_data::hash;
//!
//! assert_eq!(hash::float(1e300), 1224995262755759164);
//! assert_eq!(hash::tuple([hash::int(1), hash::int(2)]), -3550055125485641917);
//! ```

use crate::Str;
use num_bigint::{BigInt, Sign};

/// The hash of `None`.
///
/// CPython derives it from the address of the object, so each build has its own. This is that of
/// Debian's 3.9.2 for x86-64, which is loaded at a fixed address.
pub const NONE: i64 = 591726;

/// The hash of `Ellipsis`, which CPython derives as it does that of `None`.
pub const ELLIPSIS: i64 = 587132;

/// The modulus of the hashes of numbers.
const PRIME: u64 = (1 << 61) - 1;

/// Returns `hash`, or -2 in place of -1, which CPython reserves for errors.
pub fn valid(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

/// Returns the hash of a number whose size modulo [`PRIME`] is `size`.
fn signed(size: u64, negative: bool) -> i64 {
    valid(if negative {
        -(size as i64)
    } else {
        size as i64
    })
}

/// Returns the hash of an integer, or of a bool as 0 or 1.
pub fn int(value: i64) -> i64 {
    signed(value.unsigned_abs() % PRIME, value < 0)
}

/// Returns the hash of an integer of any size.
pub fn big_int(value: &BigInt) -> i64 {
    let size = value.magnitude() % PRIME;
    let size = size.iter_u64_digits().next().unwrap_or(0);
    signed(size, value.sign() == Sign::Minus)
}

/// Returns the hash of a float, which equals that of an integer of the same value.
pub fn float(value: f64) -> i64 {
    if value.is_nan() {
        return 0;
    }
    let negative = value.is_sign_negative();
    if value.is_infinite() {
        return signed(314_159, negative);
    }
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64;
    let digits = bits & ((1 << 52) - 1);
    let (digits, exponent) = match exponent {
        0 => (digits, -1074),
        _ => (digits | 1 << 52, exponent - 1075),
    };
    // Multiplying by a power of two modulo the prime rotates the 61 bits.
    let turn = exponent.rem_euclid(61);
    let turned = (digits << turn & PRIME) | (u128::from(digits) << turn >> 61) as u64;
    signed(turned % PRIME, negative)
}

/// Returns the hash of a complex number.
pub fn complex(real: f64, imaginary: f64) -> i64 {
    let imaginary = (float(imaginary) as u64).wrapping_mul(1_000_003);
    valid((float(real) as u64).wrapping_add(imaginary) as i64)
}

/// Returns the hash of a tuple whose items have these hashes.
pub fn tuple(hashes: impl IntoIterator<Item = i64>) -> i64 {
    const FIRST: u64 = 11_400_714_785_074_694_791;
    const SECOND: u64 = 14_029_467_366_897_019_727;
    const FIFTH: u64 = 2_870_177_450_012_600_261;
    let (mut sum, mut count) = (FIFTH, 0u64);
    for hash in hashes {
        sum = sum
            .wrapping_add((hash as u64).wrapping_mul(SECOND))
            .rotate_left(31)
            .wrapping_mul(FIRST);
        count += 1;
    }
    match sum.wrapping_add(count ^ (FIFTH ^ 3_527_539)) as i64 {
        -1 => 1_546_275_796,
        hash => hash,
    }
}

/// Returns the hash of a frozenset whose items, each of them once, have these hashes.
pub fn frozenset(hashes: impl IntoIterator<Item = i64>) -> i64 {
    let shuffle = |hash: u64| ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167);
    let (mut sum, mut count) = (0, 0u64);
    for hash in hashes {
        sum ^= shuffle(hash as u64);
        count += 1;
    }
    sum ^= (count + 1).wrapping_mul(1_927_868_237);
    sum ^= (sum >> 11) ^ (sum >> 25);
    match sum.wrapping_mul(69_069).wrapping_add(907_133_923) as i64 {
        -1 => 590_923_713,
        hash => hash,
    }
}

/// Returns the hash of a string.
///
/// CPython hashes the string as it stores it: one, two or four bytes for each code point,
/// according to the largest of them.
pub fn str(text: &Str) -> i64 {
    if text.bytes.is_ascii() {
        return bytes(&text.bytes);
    }
    let points = text.code_points();
    bytes(&match text.code_points().max().unwrap_or(0) {
        0..0x100 => points.map(|point| point as u8).collect::<Vec<u8>>(),
        0x100..0x1_0000 => points
            .flat_map(|point| (point as u16).to_le_bytes())
            .collect(),
        _ => points.flat_map(u32::to_le_bytes).collect(),
    })
}

/// Returns the hash of bytes: SipHash-2-4 with a key of zeros, and 0 for no bytes.
pub fn bytes(bytes: &[u8]) -> i64 {
    if bytes.is_empty() {
        return 0;
    }
    let mut v: [u64; 4] = [
        0x736f_6d65_7073_6575,
        0x646f_7261_6e64_6f6d,
        0x6c79_6765_6e65_7261,
        0x7465_6462_7974_6573,
    ];
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = (bytes.len() as u64) << 56;
    for (at, &byte) in rest.iter().enumerate() {
        last |= u64::from(byte) << (8 * at);
    }
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    for word in words.chain([last]) {
        v[3] ^= word;
        mix(&mut v, 2);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    mix(&mut v, 4);
    valid((v[0] ^ v[1] ^ v[2] ^ v[3]) as i64)
}

/// Applies rounds of SipHash to its state.
fn mix(v: &mut [u64; 4], rounds: u32) {
    for _ in 0..rounds {
        v[0] = v[0].wrapping_add(v[1]);
        v[2] = v[2].wrapping_add(v[3]);
        v[1] = v[1].rotate_left(13) ^ v[0];
        v[3] = v[3].rotate_left(16) ^ v[2];
        v[0] = v[0].rotate_left(32);
        v[2] = v[2].wrapping_add(v[1]);
        v[0] = v[0].wrapping_add(v[3]);
        v[1] = v[1].rotate_left(17) ^ v[2];
        v[3] = v[3].rotate_left(21) ^ v[0];
        v[2] = v[2].rotate_left(32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The values are those of `hash` in CPython 3.9.2 with `PYTHONHASHSEED=0`.
    #[test]
    fn hashes_are_those_of_cpython() {
        assert_eq!(int(-1), -2);
        assert_eq!(int(i64::MIN), -4);
        assert_eq!(big_int(&(BigInt::from(10).pow(40))), 1388497483929617590);
        assert_eq!(float(-0.5), -1152921504606846976);
        assert_eq!(float(f64::NEG_INFINITY), -314159);
        assert_eq!(complex(1.5, -2.0), 1152921504604846971);
        assert_eq!(tuple([]), 5740354900026072187);
        assert_eq!(frozenset([]), 133146708735736);
        assert_eq!(frozenset([int(1), int(2)]), -1826646154956904602);
        assert_eq!(str(&Str::new("")), 0);
        assert_eq!(str(&Str::new("abc")), 4596069200710135518);
        assert_eq!(str(&Str::new("caf\u{e9}")), -1432176324953013652);
        assert_eq!(str(&Str::new("\u{3b1}")), 6955786551737292849);
        assert_eq!(str(&Str::new("\u{1f600}")), 2694534307785527896);
        assert_eq!(bytes(b"12345678"), 6766637294834280856);
    }
}
