//! Steps on files of any kind: lines, words and characters of text, or bytes.

use super::ranges::{AFTER_RANGES, ranges};
use super::step::{Form, Step, Steps};
use super::weight::{self, Weight};
use super::{files, limits};
use crate::case::Case;
use std::rc::Rc;

/// Text or bytes of any kind.
pub(super) static FORM: Form = Form {
    weigh,
    is_sound: |_| true,
    passes: &[
        files::settings,
        limits::smaller,
        files::remove_files,
        files::move_to_root,
        lines,
        words,
        characters,
    ],
};

fn weigh(case: &Case) -> Weight {
    let mut weight = Weight::of(case, 0);
    for bytes in case.files.values() {
        weight.lines += bytes.len() as u64;
        weight.words += weight::bytes(bytes);
    }
    weight
}

/// Returns the case with other bytes in one of its files.
pub(super) fn with(case: &Case, name: &str, bytes: Vec<u8>) -> Case {
    let mut case = case.clone();
    case.files.insert(name.to_owned(), bytes);
    case
}

/// Removes runs of the parts that a file consists of.
fn without<'a>(case: &'a Case, parts: fn(&[u8]) -> Vec<&[u8]>) -> Steps<'a> {
    let files = case.files.iter().zip(0..);
    Box::new(files.flat_map(move |((name, bytes), index): (_, u64)| {
        let parts = parts(bytes);
        ranges(parts.len()).map(move |(place, range)| {
            let kept = [&parts[..range.start], &parts[range.end..]];
            let kept: Vec<&[u8]> = kept.concat();
            Step::new(index << 48 | place, move || {
                Some(with(case, name, kept.concat()))
            })
        })
    }))
}

/// Removes runs of lines.
pub(super) fn lines(case: &Case) -> Steps<'_> {
    without(case, |bytes| {
        bytes.split_inclusive(|&b| b == b'\n').collect()
    })
}

/// Removes runs of words: letters and digits together, and anything else one by one.
pub(super) fn words(case: &Case) -> Steps<'_> {
    without(case, |bytes| {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        bytes.chunk_by(|&a, &b| is_word(a) && is_word(b)).collect()
    })
}

/// Removes or replaces characters of text, or bytes of anything else.
pub(super) fn characters(case: &Case) -> Steps<'_> {
    let files = case.files.iter().zip(0..);
    Box::new(files.flat_map(move |((name, bytes), index): (_, u64)| {
        let step = move |place: u64, bytes: Vec<u8>| {
            Step::new(index << 48 | place, move || Some(with(case, name, bytes)))
        };
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                let texts = weight::simpler(text);
                Box::new(texts.map(move |(place, text)| step(place, text.into_bytes()))) as Steps
            }
            Err(_) => Box::new(simpler_bytes(bytes).map(move |(place, bytes)| step(place, bytes))),
        }
    }))
}

/// Returns the bytes without some of them, or with simpler ones in the place of others.
pub(super) fn simpler_bytes(bytes: &[u8]) -> impl Iterator<Item = (u64, Vec<u8>)> + use<> {
    let bytes: Rc<[u8]> = Rc::from(bytes);
    let whole = Rc::clone(&bytes);
    let shorter = ranges(bytes.len()).map(move |(place, range)| {
        let kept = [&whole[..range.start], &whole[range.end..]];
        (place, kept.concat())
    });
    let replaced = (0..bytes.len()).flat_map(move |at| {
        let bytes = Rc::clone(&bytes);
        let weight = weight::bytes(&bytes[at..=at]);
        let others = [0, b'0', b'a'].into_iter();
        let others = others.filter(move |other| weight::bytes(&[*other]) < weight);
        others.map(move |other| {
            let mut bytes = bytes.to_vec();
            bytes[at] = other;
            (AFTER_RANGES + at as u64, bytes)
        })
    });
    shorter.chain(replaced)
}
