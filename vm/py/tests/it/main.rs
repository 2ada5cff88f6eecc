//! Integration tests, in one binary.

mod check;
mod listings;
mod literals;
mod macros;
mod marshal;
mod objects;
mod properties;
mod text;
