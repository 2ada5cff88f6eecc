//! Strings: any sequence of code points, surrogates too, as UTF-8 that may hold surrogates.

use std::cell::{Cell, OnceCell};

/// A string.
#[derive(Debug, Default)]
pub(crate) struct Text {
    bytes: Box<[u8]>,
    len: u32,
    pub(crate) interned: Cell<bool>,
    hash: Cell<i64>,
    /// The code points, once one was asked for by its index and they are not all ASCII.
    points: OnceCell<Box<[u32]>>,
}

impl Text {
    pub(crate) fn new(bytes: impl Into<Box<[u8]>>) -> Text {
        let bytes = bytes.into();
        let len = bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count() as u32;
        Text {
            bytes,
            len,
            ..Text::default()
        }
    }

    pub(crate) fn from_points(points: impl IntoIterator<Item = u32>) -> Text {
        let mut bytes = Vec::new();
        points
            .into_iter()
            .for_each(|point| push_point(&mut bytes, point));
        Text::new(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns how many code points it has.
    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    pub(crate) fn is_ascii(&self) -> bool {
        self.len as usize == self.bytes.len()
    }

    /// Returns it as text, if it holds no surrogate.
    pub(crate) fn as_str(&self) -> Option<&str> {
        str::from_utf8(&self.bytes).ok()
    }

    /// Returns it as text; a surrogate is shown as an escape.
    pub(crate) fn shown(&self) -> std::borrow::Cow<'_, str> {
        match self.as_str() {
            Some(text) => text.into(),
            None => self
                .iter()
                .map(|point| match char::from_u32(point) {
                    Some(c) => c.to_string(),
                    None => format!("\\u{point:04x}"),
                })
                .collect::<String>()
                .into(),
        }
    }

    pub(crate) fn iter(&self) -> Points<'_> {
        Points {
            bytes: &self.bytes,
            at: 0,
        }
    }

    fn points(&self) -> &[u32] {
        self.points.get_or_init(|| self.iter().collect())
    }

    /// Returns a code point by its index, which must be in range.
    pub(crate) fn get(&self, index: usize) -> u32 {
        if self.is_ascii() {
            u32::from(self.bytes[index])
        } else {
            self.points()[index]
        }
    }

    /// Returns a part, by indices that must be in range and in order.
    pub(crate) fn part(&self, from: usize, to: usize) -> Text {
        if self.is_ascii() {
            return Text::new(&self.bytes[from..to]);
        }
        Text::from_points(self.points()[from..to].iter().copied())
    }

    /// Returns where in the bytes a code point begins.
    pub(crate) fn offset(&self, index: usize) -> usize {
        if self.is_ascii() {
            return index;
        }
        self.points()[..index]
            .iter()
            .map(|&point| width(point))
            .sum()
    }

    /// Returns the hash, which is never 0 but of the empty string.
    pub(crate) fn hash(&self) -> i64 {
        if self.hash.get() == 0 && self.len > 0 {
            self.hash.set(crate::hash::text(self));
        }
        self.hash.get()
    }
}

/// Returns how many bytes a code point takes.
pub(crate) fn width(point: u32) -> usize {
    match point {
        0..0x80 => 1,
        0x80..0x800 => 2,
        0x800..0x1_0000 => 3,
        _ => 4,
    }
}

/// Appends a code point.
pub(crate) fn push_point(bytes: &mut Vec<u8>, point: u32) {
    let more = |shift: u32| (point >> shift & 0x3f | 0x80) as u8;
    match width(point) {
        1 => bytes.push(point as u8),
        2 => bytes.extend([(point >> 6 | 0xc0) as u8, more(0)]),
        3 => bytes.extend([(point >> 12 | 0xe0) as u8, more(6), more(0)]),
        _ => bytes.extend([(point >> 18 | 0xf0) as u8, more(12), more(6), more(0)]),
    }
}

/// Iterates over code points.
#[derive(Clone)]
pub(crate) struct Points<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iterator for Points<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        let first = u32::from(*self.bytes.get(self.at)?);
        self.at += 1;
        if first < 0x80 {
            return Some(first);
        }
        let (mut point, more) = match first {
            0x80..0xe0 => (first & 0x1f, 1),
            0xe0..0xf0 => (first & 0xf, 2),
            _ => (first & 7, 3),
        };
        for _ in 0..more {
            point = point << 6 | u32::from(self.bytes.get(self.at).copied().unwrap_or(0) & 0x3f);
            self.at += 1;
        }
        Some(point)
    }
}
