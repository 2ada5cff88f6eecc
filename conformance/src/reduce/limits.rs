//! Steps on the limits that a case sets. A run that a limit ends is long because the limit is
//! large: it gets no shorter unless both become less.

use super::{Size, Step, Steps};
use crate::case::Case;

/// Small limits are all tried; so many instructions are few.
const FEW: u64 = 6;

/// Makes limits smaller, by much first.
pub(super) fn smaller(case: &Case) -> Steps<'_> {
    let mut limits = case.limits;
    let set = limits.fields().map(|(_, field)| *field);
    let set = set.into_iter().zip(0..);
    Box::new(set.flat_map(move |(most, index): (Option<u64>, u64)| {
        let values = most.into_iter().flat_map(less);
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

/// Numbers below another: small ones, then ever larger ones.
fn less(most: u64) -> impl Iterator<Item = u64> {
    let off = std::iter::successors(Some(most / 2), |off| Some(off / 2));
    let near = off.take_while(|&off| off > 0).map(move |off| most - off);
    let near = near.filter(|&value| value > FEW);
    (0..most.min(FEW + 1)).chain(near)
}

/// A candidate, and the same with as much less fuel as it has fewer instructions; where few are
/// left, with any that may be the right one.
pub(super) fn with_less(
    case: &Case,
    candidate: Case,
    plain: bool,
) -> impl Iterator<Item = Case> + use<> {
    let less = fuel(case, &candidate, plain).into_iter();
    let whole = candidate.clone();
    let less = less.map(move |fuel| {
        let mut case = whole.clone();
        case.limits.fuel = Some(fuel);
        case
    });
    std::iter::once(candidate).chain(less)
}

fn fuel(case: &Case, candidate: &Case, plain: bool) -> Vec<u64> {
    let Some(fuel) = candidate
        .limits
        .fuel
        .filter(|_| candidate.limits == case.limits)
    else {
        return Vec::new();
    };
    let count = |case| Size::of(case, plain).instructions;
    let (Some(before), Some(after)) = (count(case), count(candidate)) else {
        return Vec::new();
    };
    let gone = before.saturating_sub(after);
    let mut values: Vec<u64> = match (gone, after) {
        (0, _) => Vec::new(),
        (_, 0..=FEW) => (0..=after + 1).collect(),
        _ => Vec::new(),
    };
    values.extend(
        fuel.checked_sub(gone)
            .filter(|value| !values.contains(value)),
    );
    values.retain(|&value| value < fuel);
    values
}

#[cfg(test)]
mod tests {
    use super::less;

    #[test]
    fn values_below_a_limit() {
        let all = |most| less(most).collect::<Vec<u64>>();
        assert!(all(0).is_empty());
        assert_eq!(all(3), [0, 1, 2]);
        assert_eq!(all(100), [0, 1, 2, 3, 4, 5, 6, 50, 75, 88, 94, 97, 99]);
    }
}
