//! The data of Python 3.9 that its file formats, its compiler and its interpreter share.
//!
//! - [`Str`]: strings of any code points; [`quote`]: how `repr` writes strings and bytes.
//! - [`float`] and [`int`]: numbers as text, and one as the other.
//! - [`hash`]: the hashes of built-in values; [`set_order`]: the order of a set's items.
//! - [`SmallSlice`]: owned slices that are stored in place if they are short.

pub mod float;
pub mod hash;
pub mod int;
mod printable;
pub mod quote;
mod set_order;
mod small_slice;
mod str;

pub use printable::is_printable;
pub use set_order::set_order;
pub use small_slice::{Bytes, SmallSlice};
pub use str::{Str, push_code_point};
