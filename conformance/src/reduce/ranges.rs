//! Ranges to remove from a sequence, as delta debugging tries them.

use std::ops::Range;

/// A place after those of all [`ranges`].
pub(super) const AFTER_RANGES: u64 = 1 << 40;

/// Ranges of at most this size begin at every index; larger ones lie side by side.
const MAX_OVERLAPPING: usize = 3;

/// Returns the ranges to remove from a sequence of `count` items, each with its place: all of it,
/// halves, quarters and so on, and in the end every few neighbours.
pub(super) fn ranges(count: usize) -> impl Iterator<Item = (u64, Range<usize>)> {
    let largest = count.checked_ilog2().map_or(0, |log| 1 << log);
    let sizes = std::iter::successors(Some(largest), |size: &usize| Some(size / 2));
    let sizes = sizes.take_while(|&size| size > MAX_OVERLAPPING);
    let place = |size: usize, at: usize| {
        let smaller = MAX_OVERLAPPING.saturating_sub(size) as u64;
        let rank = u64::from(size.leading_zeros()) * 4 + smaller;
        rank << 32 | at as u64
    };
    let side_by_side = sizes.flat_map(move |size| {
        let starts = (0..count).step_by(size);
        starts.map(move |at| (place(size, at), at..(at + size).min(count)))
    });
    let overlapping = (1..=MAX_OVERLAPPING.min(count))
        .rev()
        .flat_map(move |size| (0..=count - size).map(move |at| (place(size, at), at..at + size)));
    side_by_side.chain(overlapping)
}
