//! Steps on the limits that a case sets. A run that a limit ends is as long as the limit allows: to
//! make it shorter, the program and the limit must become smaller together.

use super::Size;
use super::step::{Step, Steps};
use crate::case::Case;

/// All values of a limit up to this one are tried, and so is all fuel for at most this many
/// instructions.
const MAX_SMALL: u64 = 6;

/// Lowers limits, by much first.
pub(super) fn smaller(case: &Case) -> Steps<'_> {
    let mut limits = case.limits;
    let set = limits.fields().map(|(_, field)| *field);
    let set = set.into_iter().zip(0..);
    Box::new(set.flat_map(move |(limit, index): (Option<u64>, u64)| {
        let values = limit.into_iter().flat_map(lower_values);
        values.zip(0..).map(move |(value, place): (u64, u64)| {
            Step::new(index << 32 | place, move || {
                let mut candidate = case.clone();
                let fields = candidate.limits.fields();
                let (_, field) = fields.into_iter().nth(index as usize)?;
                *field = Some(value);
                Some(candidate)
            })
        })
    }))
}

/// Returns values below `limit`: small ones first, then larger and larger ones.
fn lower_values(limit: u64) -> impl Iterator<Item = u64> {
    let distances = std::iter::successors(Some(limit / 2), |distance| Some(distance / 2));
    let distances = distances.take_while(|&distance| distance > 0);
    let near = distances.map(move |distance| limit - distance);
    let near = near.filter(|&value| value > MAX_SMALL);
    (0..limit.min(MAX_SMALL + 1)).chain(near)
}

/// Returns a candidate, and the same with the fuel lowered by the number of removed instructions;
/// if few instructions are left, with every amount of fuel that may be right.
pub(super) fn with_less_fuel(
    case: &Case,
    candidate: Case,
    generic: bool,
) -> impl Iterator<Item = Case> + use<> {
    let amounts = lower_fuel(case, &candidate, generic).into_iter();
    let whole = candidate.clone();
    let with_less = amounts.map(move |fuel| {
        let mut case = whole.clone();
        case.limits.fuel = Some(fuel);
        case
    });
    std::iter::once(candidate).chain(with_less)
}

/// Returns the amounts of fuel to try for a candidate, besides the one that it has.
fn lower_fuel(case: &Case, candidate: &Case, generic: bool) -> Vec<u64> {
    let Some(fuel) = candidate
        .limits
        .fuel
        .filter(|_| candidate.limits == case.limits)
    else {
        return Vec::new();
    };
    let count = |case| Size::of(case, generic).instructions;
    let (Some(before), Some(after)) = (count(case), count(candidate)) else {
        return Vec::new();
    };
    let removed = before.saturating_sub(after);
    let mut values: Vec<u64> = match (removed, after) {
        (0, _) => Vec::new(),
        (_, 0..=MAX_SMALL) => (0..=after + 1).collect(),
        _ => Vec::new(),
    };
    values.extend(
        fuel.checked_sub(removed)
            .filter(|value| !values.contains(value)),
    );
    values.retain(|&value| value < fuel);
    values
}

#[cfg(test)]
mod tests {
    use super::lower_values;

    #[test]
    fn values_below_a_limit() {
        let all = |limit| lower_values(limit).collect::<Vec<u64>>();
        assert!(all(0).is_empty());
        assert_eq!(all(3), [0, 1, 2]);
        assert_eq!(all(100), [0, 1, 2, 3, 4, 5, 6, 50, 75, 88, 94, 97, 99]);
    }
}
