//! Hashes, as CPython computes them with `PYTHONHASHSEED=0`.

use crate::text::Text;
use num_bigint::{BigInt, Sign};

/// Hashes of numbers are remainders by this prime.
const PRIME: u64 = (1 << 61) - 1;

/// -1 means an error in CPython; -2 takes its place.
fn valid(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

#[inline]
pub(crate) fn int(value: i64) -> i64 {
    if (0..1 << 60).contains(&value) {
        return value;
    }
    let size = (value.unsigned_abs() % PRIME) as i64;
    valid(if value < 0 { -size } else { size })
}

pub(crate) fn big(value: &BigInt) -> i64 {
    let size = value.magnitude() % PRIME;
    let size = size.iter_u64_digits().next().unwrap_or(0) as i64;
    valid(if value.sign() == Sign::Minus {
        -size
    } else {
        size
    })
}

pub(crate) fn float(value: f64) -> i64 {
    if value.is_nan() {
        return 0;
    }
    let sign = if value.is_sign_negative() { -1 } else { 1 };
    if value.is_infinite() {
        return sign * 314_159;
    }
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64;
    let digits = bits & ((1 << 52) - 1);
    let (digits, exponent) = match exponent {
        0 => (digits, -1074),
        _ => (digits | 1 << 52, exponent - 1075),
    };
    // A power of two modulo the prime rotates the 61 bits.
    let turn = exponent.rem_euclid(61);
    let turned = (digits << turn & PRIME) | (u128::from(digits) << turn >> 61) as u64;
    valid(sign * (turned % PRIME) as i64)
}

pub(crate) fn complex(real: f64, imaginary: f64) -> i64 {
    let imaginary = (float(imaginary) as u64).wrapping_mul(1_000_003);
    valid((float(real) as u64).wrapping_add(imaginary) as i64)
}

pub(crate) fn tuple(hashes: &[i64]) -> i64 {
    const FIRST: u64 = 11_400_714_785_074_694_791;
    const SECOND: u64 = 14_029_467_366_897_019_727;
    const FIFTH: u64 = 2_870_177_450_012_600_261;
    let sum = hashes.iter().fold(FIFTH, |sum, &hash| {
        sum.wrapping_add((hash as u64).wrapping_mul(SECOND))
            .rotate_left(31)
            .wrapping_mul(FIRST)
    });
    match sum.wrapping_add(hashes.len() as u64 ^ (FIFTH ^ 3_527_539)) as i64 {
        -1 => 1_546_275_796,
        hash => hash,
    }
}

pub(crate) fn frozenset(hashes: &[i64]) -> i64 {
    let shuffle = |hash: u64| ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167);
    let mut sum = hashes
        .iter()
        .fold(0, |sum, &hash| sum ^ shuffle(hash as u64));
    sum ^= (hashes.len() as u64 + 1).wrapping_mul(1_927_868_237);
    sum ^= (sum >> 11) ^ (sum >> 25);
    match sum.wrapping_mul(69_069).wrapping_add(907_133_923) as i64 {
        -1 => 590_923_713,
        hash => hash,
    }
}

/// A string is hashed as CPython stores it: one, two or four bytes for each code point.
pub(crate) fn text(text: &Text) -> i64 {
    if text.is_ascii() {
        return bytes(text.bytes());
    }
    let most = text.iter().max().unwrap_or(0);
    let stored: Vec<u8> = match most {
        0..0x100 => text.iter().map(|point| point as u8).collect(),
        0x100..0x1_0000 => text
            .iter()
            .flat_map(|point| (point as u16).to_le_bytes())
            .collect(),
        _ => text.iter().flat_map(u32::to_le_bytes).collect(),
    };
    bytes(&stored)
}

/// SipHash-2-4 with a key of zeros.
pub(crate) fn bytes(bytes: &[u8]) -> i64 {
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
    for word in words
        .iter()
        .map(|word| u64::from_le_bytes(*word))
        .chain([last])
    {
        v[3] ^= word;
        mix(&mut v, 2);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    mix(&mut v, 4);
    valid((v[0] ^ v[1] ^ v[2] ^ v[3]) as i64)
}

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
