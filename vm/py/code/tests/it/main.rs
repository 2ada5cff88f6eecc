//! Integration tests, in one binary.

mod check;
mod marshal;
mod properties;
