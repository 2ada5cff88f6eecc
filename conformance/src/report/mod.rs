//! What a person reads of a run.

pub mod campaign;
