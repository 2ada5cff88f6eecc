//! CPython's marshal format, version 4, as 3.9 reads and writes it.
//!
//! [`read`] takes every type code that 3.9 takes, also those that it no longer writes (text
//! floats, 64-bit integers, long forms of what is short), and refuses what it refuses.
//! [`write()`] gives the one form that 3.9 writes, so that a file of CPython's own comes back byte
//! for byte.
//!
//! # Where it is stricter than CPython
//!
//! A tuple may hold itself; CPython dies of one among a code object's constants, in a set or as
//! a key of a dict. That is an error here. So is a file of 2 GiB or more.

mod read;
mod whole;
mod write;

pub use read::{Marshalled, read};
pub use write::write;

/// How deep objects may lie in each other.
pub const MOST_DEPTH: usize = 2000;

/// Set in a type code: the object may be referred to by a number, counting from 0.
const FLAG: u8 = 0x80;

/// The bits of a long integer that two bytes hold.
const LONG_SHIFT: u32 = 15;
