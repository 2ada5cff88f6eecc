//! Files of the Python machine, changed.

pub mod mutate;
