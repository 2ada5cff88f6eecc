//! The `.mmm` machine.
