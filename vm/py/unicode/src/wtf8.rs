//! UTF-8 in which a surrogate is written like any other code point.

/// Returns the first code point of `bytes` and its length, or `None` at the end.
///
/// Bytes that are not well formed give some code point; nothing panics.
pub fn first(bytes: &[u8]) -> Option<(u32, usize)> {
    let lead = *bytes.first()?;
    let (length, bits) = match lead {
        0..0x80 => return Some((u32::from(lead), 1)),
        0x80..0xe0 => (2, u32::from(lead & 0x1f)),
        0xe0..0xf0 => (3, u32::from(lead & 0x0f)),
        0xf0.. => (4, u32::from(lead & 0x07)),
    };
    let length = length.min(bytes.len());
    let rest = bytes[1..length].iter();
    let point = rest.fold(bits, |point, &byte| point << 6 | u32::from(byte & 0x3f));
    Some((point, length))
}

/// Returns the code points of `bytes`, each with its offset.
pub fn points(bytes: &[u8]) -> impl Iterator<Item = (usize, u32)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (point, length) = first(&bytes[at..])?;
        at += length;
        Some((at - length, point))
    })
}

/// Returns the number of code points.
pub fn length(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
}

/// Appends a code point.
pub fn push(point: u32, out: &mut Vec<u8>) {
    let tail = |shift: u32| 0x80 | (point >> shift & 0x3f) as u8;
    match point {
        0..0x80 => out.push(point as u8),
        0x80..0x800 => out.extend([0xc0 | (point >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => out.extend([0xe0 | (point >> 12) as u8, tail(6), tail(0)]),
        _ => out.extend([0xf0 | (point >> 18 & 7) as u8, tail(12), tail(6), tail(0)]),
    }
}
