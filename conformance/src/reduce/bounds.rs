//! Limits for candidates that set none of their own: one that loops forever, because of what was
//! removed, must not do so for long.

use crate::case::Case;

/// Enough for a program with loops to show what is interesting about it.
pub(super) const FUEL: u64 = 20_000;
const HEAP_BYTES: u64 = 1 << 20;
/// Without a limit, a loop that prints a long text would take seconds.
const OUTPUT_BYTES: u64 = 1 << 20;

/// Returns the case with these limits where it sets none.
pub(super) fn bounded(case: &Case) -> Case {
    let mut case = case.clone();
    case.limits.fuel.get_or_insert(FUEL);
    case.limits.heap_bytes.get_or_insert(HEAP_BYTES);
    case.limits.output_bytes.get_or_insert(OUTPUT_BYTES);
    case
}

/// Returns the case without those of its limits that [`bounded`] would set anyway.
pub(super) fn unbounded(case: &Case) -> Case {
    let mut case = case.clone();
    let limits = &mut case.limits;
    limits.fuel = limits.fuel.filter(|&fuel| fuel != FUEL);
    limits.heap_bytes = limits.heap_bytes.filter(|&bytes| bytes != HEAP_BYTES);
    limits.output_bytes = limits.output_bytes.filter(|&bytes| bytes != OUTPUT_BYTES);
    case
}
