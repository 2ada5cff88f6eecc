//! What the operators do, whatever they are given. The numbers' fast ways are in [`super::run`].

mod arith;
mod text;

pub(super) use arith::{add, and, div, modulo, mul, neg, not, or, sub};
pub(super) use text::{Heap, Output};
