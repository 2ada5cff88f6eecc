//! Finds the entries of a table that need a directive with their index.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// The entries of a table that are not in the order of their first use.
pub(super) struct Places<T> {
    /// The index of each entry: the first of several that are equal.
    pub(super) index: HashMap<T, u32>,
    /// The indices that need a directive.
    pub(super) placed: Vec<u32>,
}

/// Compares a table with the entries in the order of their use. The first `fixed` entries never
/// need a directive.
pub(super) fn places<T: Clone + Eq + Hash>(
    actual: &[T],
    wanted: impl IntoIterator<Item = T>,
    fixed: usize,
) -> Places<T> {
    let mut index: HashMap<T, u32> = HashMap::with_capacity(actual.len());
    let mut twice = HashSet::new();
    for (at, entry) in actual.iter().enumerate() {
        if let Some(&first) = index.get(entry) {
            twice.insert(first);
        } else {
            index.insert(entry.clone(), at as u32);
        }
    }
    let mut seen: HashSet<u32> = HashSet::new();
    let mut order = Vec::new();
    for entry in wanted {
        // Entries that occur twice need a directive each.
        if let Some(&at) = index.get(&entry)
            && at as usize >= fixed
            && !twice.contains(&at)
            && seen.insert(at)
        {
            order.push(at);
        }
    }
    let increasing: HashSet<u32> = increasing(&order).into_iter().collect();
    let placed = (fixed..actual.len())
        .map(|at| at as u32)
        .filter(|at| !increasing.contains(at))
        .collect();
    Places { index, placed }
}

/// Returns a longest increasing subsequence of `order`.
fn increasing(order: &[u32]) -> Vec<u32> {
    // By length, the place of the least end of an increasing subsequence; and the place before
    // each place.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(order.len());
    for (place, &at) in order.iter().enumerate() {
        let len = ends.partition_point(|&end| order[end] < at);
        before.push(len.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(len) {
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    let mut found = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(place) = next {
        found.push(order[place]);
        next = before[place];
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(actual: &str, wanted: &str, fixed: usize, placed: &[u32]) {
        let actual: Vec<char> = actual.chars().collect();
        assert_eq!(places(&actual, wanted.chars(), fixed).placed, placed);
    }

    #[test]
    fn only_entries_out_of_order_are_placed() {
        check("abcd", "abcd", 0, &[]);
        check("abcd", "aabcacd", 0, &[]);
        check("abcd", "acd", 0, &[1]);
        check("abcd", "bcda", 0, &[0]);
        check("abcd", "dcba", 0, &[1, 2, 3]);
        check("xaybz", "ab", 0, &[0, 2, 4]);
        check("xyab", "yab", 2, &[]);
        check("aba", "ab", 0, &[0, 2]);
        check("", "q", 0, &[]);
    }
}
