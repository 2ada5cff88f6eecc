//! What a person reads of a run.

pub mod campaign;
pub mod conform;
pub mod paint;
