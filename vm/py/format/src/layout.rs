//! The layout of a number: sign, prefix, grouped digits, rest, and padding.

use crate::wtf8;

/// A number in its parts.
pub(crate) struct Parts<'a> {
    /// `-`, `+` or a blank, if there is one.
    pub(crate) sign: Option<char>,
    /// Such as `0x`.
    pub(crate) prefix: &'a str,
    /// The digits before the point, which are grouped.
    pub(crate) digits: &'a str,
    /// What follows the digits: point and fraction, exponent, `inf`, `%`.
    pub(crate) rest: &'a str,
}

/// How digits are grouped.
#[derive(Clone, Copy)]
pub(crate) struct Grouping {
    /// What separates groups.
    pub(crate) separator: char,
    /// How many digits a group has.
    pub(crate) size: usize,
}

/// Where a text is within its width.
pub(crate) struct Padding {
    /// The code point that fills.
    pub(crate) fill: u32,
    /// `<`, `>`, `^`, or `=` for after the sign.
    pub(crate) align: u8,
    /// The least width.
    pub(crate) width: usize,
}

fn repeat(fill: u32, count: usize, out: &mut Vec<u8>) {
    (0..count).for_each(|_| wtf8::push(fill, out));
}

impl Padding {
    /// Appends a text of `length` code points, which `write` appends, with its padding.
    pub(crate) fn pad(&self, length: usize, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        let missing = self.width.saturating_sub(length);
        let before = match self.align {
            b'<' => 0,
            b'^' => missing / 2,
            _ => missing,
        };
        repeat(self.fill, before, out);
        write(out);
        repeat(self.fill, missing - before, out);
    }

    /// Appends a number.
    pub(crate) fn number(&self, parts: &Parts<'_>, grouping: Option<Grouping>, out: &mut Vec<u8>) {
        let around = usize::from(parts.sign.is_some()) + parts.prefix.len() + parts.rest.len();
        let zeros = self.fill == u32::from('0') && self.align == b'=';
        let least = match zeros {
            true => self.width.saturating_sub(around),
            false => 0,
        };
        let digits = group(parts.digits, least, grouping);
        let length = around + digits.len();
        let head = |out: &mut Vec<u8>| {
            parts.sign.into_iter().for_each(|sign| out.push(sign as u8));
            out.extend_from_slice(parts.prefix.as_bytes());
        };
        let tail = |out: &mut Vec<u8>| {
            out.extend_from_slice(digits.as_bytes());
            out.extend_from_slice(parts.rest.as_bytes());
        };
        if self.align == b'=' {
            head(out);
            repeat(self.fill, self.width.saturating_sub(length), out);
            tail(out);
        } else {
            self.pad(length, out, |out| {
                head(out);
                tail(out);
            });
        }
    }
}

/// Returns digits in groups, with zeros in front so that they are at least `least` long. A
/// separator is never the first character.
fn group(digits: &str, least: usize, grouping: Option<Grouping>) -> String {
    if digits.is_empty() {
        return String::new();
    }
    let Some(Grouping { separator, size }) = grouping else {
        return format!("{}{digits}", "0".repeat(least.saturating_sub(digits.len())));
    };
    // Written from the last digit to the first.
    let mut reversed = String::with_capacity(digits.len().max(least) * 4 / 3 + 1);
    let mut rest = digits.bytes().rev();
    let mut count = 0;
    loop {
        let next = rest.next();
        if next.is_none() && reversed.len() >= least {
            break;
        }
        if count > 0 && count % size == 0 {
            reversed.push(separator);
        }
        reversed.push(char::from(next.unwrap_or(b'0')));
        count += 1;
    }
    reversed.chars().rev().collect()
}
