//! Anything that cannot be taken apart any better: lines, words and letters of text, or bytes.

use super::weight::{self, Weight};
use super::{Form, Step, Steps, files, limits};
use crate::case::Case;
use std::ops::Range;
use std::rc::Rc;

/// Text or bytes of any kind.
pub(super) static FORM: Form = Form {
    weigh,
    sound: |_| true,
    passes: &[
        files::settings,
        limits::smaller,
        files::drop_files,
        files::move_home,
        lines,
        words,
        letters,
    ],
};

/// A place behind those of all [`ranges`].
pub(super) const LAST: u64 = 1 << 40;

/// Runs of so many neighbours are taken away at every place, larger ones only side by side.
const NEIGHBOURS: usize = 3;

/// What to leave out of a sequence of that length: all of it, halves, quarters, and so on, in the
/// end each few neighbours. Each has its place.
pub(super) fn ranges(count: usize) -> impl Iterator<Item = (u64, Range<usize>)> {
    let largest = count.checked_ilog2().map_or(0, |log| 1 << log);
    let sizes = std::iter::successors(Some(largest), |size: &usize| Some(size / 2));
    let sizes = sizes.take_while(|&size| size > NEIGHBOURS);
    let place = |size: usize, at: usize| {
        let rank = u64::from(size.leading_zeros()) * 4 + (NEIGHBOURS.saturating_sub(size)) as u64;
        rank << 32 | at as u64
    };
    let apart = sizes.flat_map(move |size| {
        let starts = (0..count).step_by(size);
        starts.map(move |at| (place(size, at), at..(at + size).min(count)))
    });
    let neighbours = (1..=NEIGHBOURS.min(count))
        .rev()
        .flat_map(move |size| (0..=count - size).map(move |at| (place(size, at), at..at + size)));
    apart.chain(neighbours)
}

fn weigh(case: &Case) -> Weight {
    let mut weight = Weight::of(case, 0);
    for bytes in case.files.values() {
        weight.lines += bytes.len() as u64;
        weight.words += weight::bytes(bytes);
    }
    weight
}

/// The case with other bytes in one of its files.
pub(super) fn with(case: &Case, name: &str, bytes: Vec<u8>) -> Case {
    let mut case = case.clone();
    case.files.insert(name.to_owned(), bytes);
    case
}

/// Leaves out runs of the parts that a file consists of.
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

/// Runs of lines.
pub(super) fn lines(case: &Case) -> Steps<'_> {
    without(case, |bytes| {
        bytes.split_inclusive(|&b| b == b'\n').collect()
    })
}

/// Runs of words, which are letters and digits, or anything else one by one.
pub(super) fn words(case: &Case) -> Steps<'_> {
    without(case, |bytes| {
        let wordlike = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        bytes
            .chunk_by(|&a, &b| wordlike(a) && wordlike(b))
            .collect()
    })
}

/// Letters, or bytes of what is no text.
pub(super) fn letters(case: &Case) -> Steps<'_> {
    let files = case.files.iter().zip(0..);
    Box::new(files.flat_map(move |((name, bytes), index): (_, u64)| {
        let put = move |place: u64, bytes: Vec<u8>| {
            Step::new(index << 48 | place, move || Some(with(case, name, bytes)))
        };
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                let texts = weight::simpler(text);
                Box::new(texts.map(move |(place, text)| put(place, text.into_bytes()))) as Steps
            }
            Err(_) => Box::new(simpler_bytes(bytes).map(move |(place, bytes)| put(place, bytes))),
        }
    }))
}

/// Bytes with some left out, or with plainer ones in the place of others.
pub(super) fn simpler_bytes(bytes: &[u8]) -> impl Iterator<Item = (u64, Vec<u8>)> + use<> {
    let bytes: Rc<[u8]> = Rc::from(bytes);
    let whole = Rc::clone(&bytes);
    let shorter = ranges(bytes.len()).map(move |(place, range)| {
        let kept = [&whole[..range.start], &whole[range.end..]];
        (place, kept.concat())
    });
    let plainer = (0..bytes.len()).flat_map(move |at| {
        let bytes = Rc::clone(&bytes);
        let weight = weight::bytes(&bytes[at..=at]);
        let others = [0, b'0', b'a'].into_iter();
        let others = others.filter(move |other| weight::bytes(&[*other]) < weight);
        others.map(move |other| {
            let mut bytes = bytes.to_vec();
            bytes[at] = other;
            (LAST + at as u64, bytes)
        })
    });
    shorter.chain(plainer)
}
