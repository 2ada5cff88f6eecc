//! Integration tests, in one binary.

mod load;
