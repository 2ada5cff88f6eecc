//! UTF-8, UTF-16 and UTF-32.

use crate::{Codec, CodecError, Order};
use vm_py_unicode::wtf8;

/// The bytes that may follow a lead byte, and how many do.
fn continuation(lead: u8) -> Option<(usize, std::ops::RangeInclusive<u8>)> {
    match lead {
        0xc2..=0xdf => Some((1, 0x80..=0xbf)),
        0xe0 => Some((2, 0xa0..=0xbf)),
        0xed => Some((2, 0x80..=0x9f)),
        0xe1..=0xef => Some((2, 0x80..=0xbf)),
        0xf0 => Some((3, 0x90..=0xbf)),
        0xf1..=0xf3 => Some((3, 0x80..=0xbf)),
        0xf4 => Some((3, 0x80..=0x8f)),
        _ => None,
    }
}

pub(crate) fn decode_8(
    bytes: &[u8],
    mut at: usize,
    complete: bool,
    out: &mut Vec<u8>,
) -> Result<usize, CodecError> {
    let codec = Codec::Utf8;
    while let Some(&lead) = bytes.get(at) {
        if lead < 0x80 {
            let rest = &bytes[at..];
            let run = rest.iter().position(|&byte| byte >= 0x80);
            let run = run.unwrap_or(rest.len());
            out.extend_from_slice(&rest[..run]);
            at += run;
            continue;
        }
        let Some((count, first)) = continuation(lead) else {
            return Err(codec.error(at, at + 1, "invalid start byte"));
        };
        for nth in 1..=count {
            let Some(&next) = bytes.get(at + nth) else {
                return match complete {
                    true => Err(codec.error(at, bytes.len(), "unexpected end of data")),
                    false => Ok(at),
                };
            };
            let fits = match nth {
                1 => first.contains(&next),
                _ => next & 0xc0 == 0x80,
            };
            // Half a surrogate is left over, so that an error handler can see the whole of it.
            if lead == 0xed && next & 0xc0 == 0x80 && at + 2 == bytes.len() && !complete {
                return Ok(at);
            }
            if !fits {
                return Err(codec.error(at, at + nth, "invalid continuation byte"));
            }
        }
        out.extend_from_slice(&bytes[at..=at + count]);
        at += count + 1;
    }
    Ok(at)
}

fn unit_16(order: Order, pair: &[u8]) -> u32 {
    let pair = [pair[0], pair[1]];
    u32::from(match order {
        Order::Little => u16::from_le_bytes(pair),
        Order::Big => u16::from_be_bytes(pair),
    })
}

pub(crate) fn decode_16(
    order: Order,
    bytes: &[u8],
    mut at: usize,
    complete: bool,
    out: &mut Vec<u8>,
) -> Result<usize, CodecError> {
    let codec = Codec::Utf16(order);
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest.len() < 2 {
            return match complete {
                true => Err(codec.error(at, at + 1, "truncated data")),
                false => Ok(at),
            };
        }
        let unit = unit_16(order, rest);
        match unit {
            0xdc00..0xe000 => return Err(codec.error(at, at + 2, "illegal encoding")),
            0xd800..0xdc00 if rest.len() < 4 => {
                return match complete {
                    true => Err(codec.error(at, bytes.len(), "unexpected end of data")),
                    false => Ok(at),
                };
            }
            0xd800..0xdc00 => {
                let low = unit_16(order, &rest[2..]);
                if !(0xdc00..0xe000).contains(&low) {
                    return Err(codec.error(at, at + 2, "illegal UTF-16 surrogate"));
                }
                let point = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                wtf8::push(point, out);
                at += 4;
            }
            _ => {
                wtf8::push(unit, out);
                at += 2;
            }
        }
    }
    Ok(at)
}

pub(crate) fn push_16(order: Order, point: u32, out: &mut Vec<u8>) {
    let mut push = |unit: u32| {
        out.extend(match order {
            Order::Little => (unit as u16).to_le_bytes(),
            Order::Big => (unit as u16).to_be_bytes(),
        });
    };
    match point.checked_sub(0x1_0000) {
        None => push(point),
        Some(rest) => {
            push(0xd800 + (rest >> 10));
            push(0xdc00 + (rest & 0x3ff));
        }
    }
}

pub(crate) fn decode_32(
    order: Order,
    bytes: &[u8],
    mut at: usize,
    complete: bool,
    out: &mut Vec<u8>,
) -> Result<usize, CodecError> {
    let codec = Codec::Utf32(order);
    while at < bytes.len() {
        let Some(&unit) = bytes[at..].first_chunk::<4>() else {
            return match complete {
                true => Err(codec.error(at, bytes.len(), "truncated data")),
                false => Ok(at),
            };
        };
        let point = match order {
            Order::Little => u32::from_le_bytes(unit),
            Order::Big => u32::from_be_bytes(unit),
        };
        if (0xd800..0xe000).contains(&point) {
            let reason = "code point in surrogate code point range(0xd800, 0xe000)";
            return Err(codec.error(at, at + 4, reason));
        }
        if point > 0x10_ffff {
            return Err(codec.error(at, at + 4, "code point not in range(0x110000)"));
        }
        wtf8::push(point, out);
        at += 4;
    }
    Ok(at)
}
