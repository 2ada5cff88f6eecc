//! Steps on what surrounds a program: its limits, its files, its folders.

use super::ranges::ranges;
use super::step::{Step, Steps};
use crate::case::Case;

/// Removes limits and strict loading.
pub(super) fn settings(case: &Case) -> Steps<'_> {
    let limits = (0..4).map(move |index: u64| {
        Step::new(index, move || {
            let mut candidate = case.clone();
            let fields = candidate.limits.fields();
            let (_, field) = fields.into_iter().nth(index as usize)?;
            field.take().map(|_| candidate)
        })
    });
    let strict = Step::new(4, move || {
        let mut candidate = case.clone();
        std::mem::take(&mut candidate.strict).then_some(candidate)
    });
    Box::new(limits.chain([strict]))
}

/// Removes files other than the entry.
pub(super) fn remove_files(case: &Case) -> Steps<'_> {
    let names: Vec<&String> = case
        .files
        .keys()
        .filter(|&name| *name != case.entry)
        .collect();
    Box::new(ranges(names.len()).map(move |(place, range)| {
        let names = names[range].to_vec();
        Step::new(place, move || {
            let mut candidate = case.clone();
            candidate.files.retain(|name, _| !names.contains(&name));
            Some(candidate)
        })
    }))
}

/// Moves the only file of a program out of its folders.
pub(super) fn move_to_root(case: &Case) -> Steps<'_> {
    let step = Step::new(0, move || {
        let mut candidate = case.clone();
        candidate.root = false;
        if let Some((_, name)) = case.entry.rsplit_once('/') {
            let text = candidate.files.remove(&case.entry)?;
            candidate.entry = name.to_owned();
            candidate.files.insert(candidate.entry.clone(), text);
        }
        let alone = candidate.files.len() == 1;
        (alone && (case.root || case.entry.contains('/'))).then_some(candidate)
    });
    Box::new([step].into_iter())
}
