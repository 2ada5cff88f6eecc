//! Integration tests, in one binary.

mod dir_host;
mod extremes;
