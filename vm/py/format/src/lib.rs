//! Python's formatting, as CPython 3.9 does it.
//!
//! Strings are bytes of UTF-8 in which a surrogate is written like any other code point, in three
//! bytes, because Python's strings may hold surrogates.
//!
//! ```
//! use vm_py_format::{Integer, Spec};
//!
//! let spec = Spec::parse(b"+_x").unwrap();
//! let mut out = Vec::new();
//! spec.format_int(Integer::Small(1_234_567), "int", &mut out).unwrap();
//! assert_eq!(out, b"+12_d687");
//!
//! let error = Spec::parse(b".").unwrap_err();
//! assert_eq!(error.message, "Format specifier missing precision");
//! ```

pub mod fields;
mod float;
mod layout;
pub mod percent;
mod spec;

use num_bigint::BigInt;
use std::error::Error;
use std::fmt;

pub use float::{Style, float_text};
pub use spec::Spec;
pub use vm_py_unicode::wtf8;

/// An integer of any size.
#[derive(Clone, Copy, Debug)]
pub enum Integer<'a> {
    /// One that fits an `i64`.
    Small(i64),
    /// Any other.
    Big(&'a BigInt),
}

impl Integer<'_> {
    /// Returns true if the integer is below zero.
    pub fn is_negative(self) -> bool {
        match self {
            Integer::Small(value) => value < 0,
            Integer::Big(value) => value.sign() == num_bigint::Sign::Minus,
        }
    }

    /// Returns the digits of the absolute value in a base of 2, 8, 10 or 16, in lower case.
    pub fn digits(self, base: u32) -> String {
        match (self, base) {
            (Integer::Small(value), 2) => format!("{:b}", value.unsigned_abs()),
            (Integer::Small(value), 8) => format!("{:o}", value.unsigned_abs()),
            (Integer::Small(value), 16) => format!("{:x}", value.unsigned_abs()),
            (Integer::Small(value), _) => value.unsigned_abs().to_string(),
            (Integer::Big(value), base) => value.magnitude().to_str_radix(base),
        }
    }
}

/// The Python exception that a formatting error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `ValueError`.
    Value,
    /// `TypeError`.
    Type,
    /// `OverflowError`.
    Overflow,
}

/// An error in a format, with CPython's message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormatError {
    /// The exception.
    pub kind: Kind,
    /// Its message.
    pub message: String,
}

impl FormatError {
    pub(crate) fn value<T>(message: impl Into<String>) -> Result<T, FormatError> {
        Err(FormatError {
            kind: Kind::Value,
            message: message.into(),
        })
    }

    pub(crate) fn overflow<T>(message: impl Into<String>) -> Result<T, FormatError> {
        Err(FormatError {
            kind: Kind::Overflow,
            message: message.into(),
        })
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for FormatError {}
