//! Integration tests, in one binary.

mod listings;
mod literals;
mod objects;
mod text;
