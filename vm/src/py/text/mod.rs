//! The text form of `.pyc` files, `*.cpyasm`.

pub mod unit;
