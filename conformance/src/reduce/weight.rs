//! The weight of a case, which every step lessens, and texts that weigh less than another.

use super::ranges::{AFTER_RANGES, ranges};
use crate::case::Case;
use std::rc::Rc;

/// The weight of a case. Weights are compared field by field, in the order of the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Weight {
    /// The form of the files: 0 for the most readable one.
    pub(super) form: u8,
    /// The number of files.
    pub(super) files: u64,
    /// The number of limits, folders and other settings.
    pub(super) settings: u64,
    /// The number of lines, or what the form counts instead.
    pub(super) lines: u64,
    /// The weight of the words in the lines, and of the limits.
    pub(super) words: u64,
    /// How far the layout is from the plain one.
    pub(super) layout: u64,
}

impl Weight {
    /// Returns the part of a case's weight that is the same for all forms.
    pub(super) fn of(case: &Case, form: u8) -> Weight {
        let mut limits = case.limits;
        let set: Vec<u64> = limits
            .fields()
            .into_iter()
            .filter_map(|(_, field)| *field)
            .collect();
        let limits: u64 = set.iter().map(|&limit| limit.min(1 << 40)).sum();
        let folders = case.entry.matches('/').count();
        let names: usize = case.files.keys().map(String::len).sum();
        Weight {
            form,
            files: case.files.len() as u64,
            settings: (set.len() + folders) as u64 + u64::from(case.strict) + u64::from(case.root),
            words: names as u64 + limits,
            ..Weight::default()
        }
    }
}

/// Returns the weight of a character, without that of its bytes: plain ones weigh less.
fn character(c: char) -> u64 {
    match c {
        '0' | 'a' => 0,
        '1' => 1,
        '2'..='9' | 'b'..='z' => 2,
        'A'..='Z' | ' ' => 3,
        '!'..='~' => 4,
        'é' => 5,
        _ => 6,
    }
}

/// Returns the weight of a text, mostly that of its length.
pub(super) fn text(text: &str) -> u64 {
    text.chars()
        .map(|c| 8 * c.len_utf8() as u64 + character(c))
        .sum()
}

/// Returns the weight of bytes, which may be text.
pub(super) fn bytes(bytes: &[u8]) -> u64 {
    match std::str::from_utf8(bytes) {
        Ok(known) => text(known),
        Err(_) => bytes.iter().map(|&b| 8 + byte(b)).sum(),
    }
}

/// Returns the weight of a byte that is not part of text.
fn byte(byte: u8) -> u64 {
    match byte {
        0 => 0,
        _ if byte.is_ascii() => 1 + character(char::from(byte)),
        _ => 9,
    }
}

/// Returns the weight of a literal. The least and the largest Int weigh less than their digits do:
/// they are the obvious numbers at a boundary.
pub(super) fn number(text: &str) -> u64 {
    match text {
        "2147483647" | "9223372036854775807" => 40,
        "-2147483648" | "-9223372036854775808" => 44,
        _ => self::text(text),
    }
}

/// Returns texts that are a little simpler, each with its place: without some characters, or with a
/// plainer one in the place of another. They are produced one by one, since a text can be long.
pub(super) fn simpler(text: &str) -> impl Iterator<Item = (u64, String)> + use<> {
    let text: Rc<str> = Rc::from(text);
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let starts = characters.iter().map(|&(at, _)| at);
    let offsets: Vec<usize> = starts.chain([text.len()]).collect();
    let whole = Rc::clone(&text);
    let shorter = ranges(characters.len()).map(move |(place, range)| {
        let (from, to) = (offsets[range.start], offsets[range.end]);
        (place, [&whole[..from], &whole[to..]].concat())
    });
    let characters = characters.into_iter().enumerate();
    let plainer = characters.flat_map(move |(index, (at, c))| {
        let others = ['0', 'a', '1', 'é'].into_iter();
        let weight = |c: char| c.len_utf8() as u64 * 8 + character(c);
        let others = others.filter(move |&other| weight(other) < weight(c) && fits(c, other));
        let text = Rc::clone(&text);
        others.map(move |other| {
            let rest = &text[at + c.len_utf8()..];
            let place = AFTER_RANGES + index as u64;
            (place, format!("{}{other}{rest}", &text[..at]))
        })
    });
    shorter.chain(plainer)
}

/// Returns true if `other` is worth a try in the place of `c`: digits for digits, letters for
/// letters.
fn fits(c: char, other: char) -> bool {
    match c {
        '0'..='9' => other.is_ascii_digit(),
        'é' | 'a'..='z' | 'A'..='Z' => other == 'a',
        '!'..='~' => false,
        _ => !other.is_ascii_digit(),
    }
}
