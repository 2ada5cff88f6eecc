//! What the instructions do, a family a file.

pub(super) mod arith;
pub(super) mod dump;
