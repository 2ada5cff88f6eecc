//! How much there is to a case: what every step has to lessen.

use super::generic::{LAST, ranges};
use crate::case::Case;
use std::rc::Rc;

/// The weight of a case; what stands first counts before all that follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Weight {
    /// What form it is in, the readable ones first.
    pub(super) form: u8,
    /// Files.
    pub(super) files: u64,
    /// Limits, strict loading, folders.
    pub(super) settings: u64,
    /// Lines, or what the form has in their place.
    pub(super) lines: u64,
    /// What the words in them weigh; and how large the limits are.
    pub(super) words: u64,
    /// Letters that are only there for looks, or the lack of them.
    pub(super) layout: u64,
}

impl Weight {
    /// What any form weighs of a case.
    pub(super) fn of(case: &Case, form: u8) -> Weight {
        let mut limits = case.limits;
        let set: Vec<u64> = limits
            .fields()
            .into_iter()
            .filter_map(|(_, field)| *field)
            .collect();
        let most: u64 = set.iter().map(|&most| most.min(1 << 40)).sum();
        let folders = case.entry.matches('/').count();
        let names: usize = case.files.keys().map(String::len).sum();
        Weight {
            form,
            files: case.files.len() as u64,
            settings: (set.len() + folders) as u64 + u64::from(case.strict) + u64::from(case.root),
            words: names as u64 + most,
            ..Weight::default()
        }
    }
}

/// What a letter weighs on top of its bytes: the plain ones less.
fn letter(c: char) -> u64 {
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

/// What a text weighs: its length first of all.
pub(super) fn text(text: &str) -> u64 {
    text.chars()
        .map(|c| 8 * c.len_utf8() as u64 + letter(c))
        .sum()
}

/// What bytes weigh that need not be text.
pub(super) fn bytes(bytes: &[u8]) -> u64 {
    match std::str::from_utf8(bytes) {
        Ok(known) => text(known),
        Err(_) => bytes.iter().map(|&b| 8 + byte(b)).sum(),
    }
}

fn byte(byte: u8) -> u64 {
    match byte {
        0 => 0,
        _ if byte.is_ascii() => 1 + letter(char::from(byte)),
        _ => 9,
    }
}

/// The least and the largest Int weigh less than their digits: they are what one would write.
pub(super) fn number(text: &str) -> u64 {
    match text {
        "2147483647" | "9223372036854775807" => 40,
        "-2147483648" | "-9223372036854775808" => 44,
        _ => self::text(text),
    }
}

/// Texts with a little less in them: without some of its letters, or with a plainer one in the
/// place of another. They are made one by one: a text can be long. Each has its place.
pub(super) fn simpler(text: &str) -> impl Iterator<Item = (u64, String)> + use<> {
    let text: Rc<str> = Rc::from(text);
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let starts = letters.iter().map(|&(at, _)| at);
    let offsets: Vec<usize> = starts.chain([text.len()]).collect();
    let whole = Rc::clone(&text);
    let shorter = ranges(letters.len()).map(move |(place, range)| {
        let (from, to) = (offsets[range.start], offsets[range.end]);
        (place, [&whole[..from], &whole[to..]].concat())
    });
    let letters = letters.into_iter().enumerate();
    let plainer = letters.flat_map(move |(index, (at, c))| {
        let others = ['0', 'a', '1', 'é'].into_iter();
        let weight = |c: char| c.len_utf8() as u64 * 8 + letter(c);
        let others = others.filter(move |&other| weight(other) < weight(c) && fits(c, other));
        let text = Rc::clone(&text);
        others.map(move |other| {
            let rest = &text[at + c.len_utf8()..];
            let place = LAST + index as u64;
            (place, format!("{}{other}{rest}", &text[..at]))
        })
    });
    shorter.chain(plainer)
}

/// Whether a letter is worth a try in the place of another: digits for digits, letters for
/// letters.
fn fits(c: char, other: char) -> bool {
    match c {
        '0'..='9' => other.is_ascii_digit(),
        'é' | 'a'..='z' | 'A'..='Z' => other == 'a',
        '!'..='~' => false,
        _ => !other.is_ascii_digit(),
    }
}
