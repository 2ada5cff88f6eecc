//! Integration tests, in one binary.

mod macros;
