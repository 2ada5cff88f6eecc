//! Case: full mappings, and the rule of the final sigma.

use crate::{has, tables};

/// The characters that a case mapping gives for one: one to three of them.
#[derive(Clone, Debug)]
pub struct Mapping(Inner);

#[derive(Clone, Debug)]
enum Inner {
    One(Option<u32>),
    Several(std::slice::Iter<'static, u32>),
}

impl Iterator for Mapping {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        match &mut self.0 {
            Inner::One(point) => point.take(),
            Inner::Several(points) => points.next().copied(),
        }
    }
}

/// First and last code point, step, and distance of a run that a mapping moves.
type Run = (u32, u32, u8, i32);

fn map(runs: &[Run], several: &[(u32, &'static [u32])], point: u32) -> Mapping {
    if let Ok(found) = several.binary_search_by_key(&point, |&(from, _)| from) {
        return Mapping(Inner::Several(several[found].1.iter()));
    }
    let after = runs.partition_point(|&(first, ..)| first <= point);
    // Runs of every second code point may overlap, two at a time.
    let found = runs[after.saturating_sub(2)..after]
        .iter()
        .find(|&&(first, last, step, _)| {
            point <= last && (point - first).is_multiple_of(u32::from(step))
        });
    let to = found.map_or(point, |&(.., distance)| point.wrapping_add_signed(distance));
    Mapping(Inner::One(Some(to)))
}

/// Returns the uppercase form of a character, as `str.upper` has it.
pub fn to_upper(point: u32) -> Mapping {
    map(tables::UPPER, tables::UPPER_SEVERAL, point)
}

/// Returns the lowercase form of a character. For U+03A3 in a word, see [`lower_sigma`].
pub fn to_lower(point: u32) -> Mapping {
    map(tables::LOWER, tables::LOWER_SEVERAL, point)
}

/// Returns the titlecase form of a character, as `str.title` and `str.capitalize` have it.
pub fn to_title(point: u32) -> Mapping {
    map(tables::TITLE, tables::TITLE_SEVERAL, point)
}

/// Returns the form of a character that `str.casefold` compares by.
pub fn fold_case(point: u32) -> Mapping {
    map(tables::CASEFOLD, tables::CASEFOLD_SEVERAL, point)
}

/// Returns true if the character has case: uppercase, lowercase or titlecase.
pub fn is_cased(point: u32) -> bool {
    has(tables::CASED, point)
}

/// Returns true if the character is skipped when the surroundings of a sigma are looked at.
pub fn is_case_ignorable(point: u32) -> bool {
    has(tables::CASE_IGNORABLE, point)
}

/// Returns the lowercase form of U+03A3 at `index` of `text`: U+03C2 at the end of a word, else
/// U+03C3.
///
/// # Panics
///
/// If `index` is beyond the end of `text`.
pub fn lower_sigma(text: &[u32], index: usize) -> u32 {
    let cased = |point: Option<&u32>| point.is_some_and(|&point| is_cased(point));
    let before = text[..index].iter().rev();
    let after = text[index + 1..].iter();
    let is_final = cased(before.clone().find(|&&point| !is_case_ignorable(point)))
        && !cased(after.clone().find(|&&point| !is_case_ignorable(point)));
    if is_final { 0x3c2 } else { 0x3c3 }
}
