//! What a person reads of a run.

pub mod conform;
pub mod paint;
