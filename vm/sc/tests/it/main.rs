//! Integration tests, in one binary.

mod kinds;
mod load;
mod properties;
mod run;
