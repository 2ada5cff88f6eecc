//! What runs cases.

pub mod local;
