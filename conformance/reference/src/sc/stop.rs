//! Why a run stops early.

/// Why a run ends before its last instruction.
#[derive(Debug, PartialEq)]
pub(super) enum Stop {
    Fault(&'static str),
    Limit(&'static str),
}

/// The result of something that can stop the run.
pub(super) type Done<T> = Result<T, Stop>;

pub(super) const TYPE_MISMATCH: Stop = Stop::Fault("type-mismatch");
pub(super) const BAD_VALUE: Stop = Stop::Fault("bad-value");
