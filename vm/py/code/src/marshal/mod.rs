//! CPython's marshal format, version 4, as 3.9 reads and writes it.
//!
//! [`read`] accepts every type code that 3.9 accepts, including those that it no longer writes
//! (floats as text, 64-bit integers, long forms of short objects), and refuses what 3.9 refuses.
//! [`write()`] uses only the forms that 3.9 writes, so that a file of CPython's own comes back byte
//! for byte.
//!
//! # Where it is stricter than CPython
//!
//! A tuple can contain itself. CPython crashes if such a tuple is a constant of a code object, an
//! item of a set or a key of a dict; here it is an error. A file of 2 GiB or more is an error too.

mod hashable;
mod read;
mod write;

pub use read::{Marshalled, read};
pub use write::write;

/// The greatest depth to which objects may be nested.
pub const MAX_DEPTH: usize = 2000;

/// The bit of a type code that gives the object a number, counting from 0, to refer to it.
const FLAG: u8 = 0x80;

/// The number of bits of a long integer in each digit of two bytes.
const LONG_SHIFT: u32 = 15;
