//! Unicode 13.0 as CPython 3.9 has it.
//!
//! All functions take code points as `u32`, because a Python string may hold surrogates. A number
//! above U+10FFFF has the properties of an unassigned code point.
//!
//! ```
//! use vm_py_unicode as unicode;
//!
//! assert!(unicode::is_identifier_start('é' as u32));
//! assert_eq!(unicode::category(0xd800), "Cs");
//! assert_eq!(unicode::numeric('½' as u32), Some(0.5));
//! assert_eq!(unicode::lookup("GREEK SMALL LETTER ALPHA"), Some('α'));
//! ```

mod case;
mod names;
mod normal;
#[rustfmt::skip]
mod tables;
pub mod wtf8;

pub use case::{
    Mapping, fold_case, is_case_ignorable, is_cased, lower_sigma, to_lower, to_title, to_upper,
};
pub use names::{lookup, name};
pub use normal::{Form, combining, decomposition, is_normalized, normalize};

/// Returns true if `point` is past an odd number of the places where a property changes.
fn has(changes: &[u32], point: u32) -> bool {
    changes.partition_point(|&change| change <= point) % 2 == 1
}

/// Returns the name of the class in whose run `point` is.
fn class(names: &'static [&'static str], runs: &[(u32, u8)], point: u32) -> &'static str {
    let run = runs.partition_point(|&(first, _)| first <= point.min(0x10_ffff));
    names[usize::from(runs[run - 1].1)]
}

/// Returns the general category, such as `Lu`; `Cn` if the code point is not assigned.
pub fn category(point: u32) -> &'static str {
    if point > 0x10_ffff {
        return "Cn";
    }
    class(tables::CATEGORY_NAMES, tables::CATEGORY, point)
}

/// Returns the bidirectional class, such as `AL`; empty if the code point is not assigned.
pub fn bidirectional(point: u32) -> &'static str {
    class(tables::BIDIRECTIONAL_NAMES, tables::BIDIRECTIONAL, point)
}

/// Returns the East Asian width, such as `W`.
pub fn east_asian_width(point: u32) -> &'static str {
    class(
        tables::EAST_ASIAN_WIDTH_NAMES,
        tables::EAST_ASIAN_WIDTH,
        point,
    )
}

/// Returns true if the character is mirrored in bidirectional text.
pub fn is_mirrored(point: u32) -> bool {
    has(tables::MIRRORED, point)
}

/// Returns true for a letter, as `str.isalpha` does for one character.
pub fn is_alphabetic(point: u32) -> bool {
    match char::from_u32(point) {
        Some(c) if c.is_ascii() => c.is_ascii_alphabetic(),
        _ => matches!(category(point), "Lm" | "Lt" | "Lu" | "Ll" | "Lo"),
    }
}

/// Returns true for a letter or a number, as `str.isalnum` does for one character.
pub fn is_alphanumeric(point: u32) -> bool {
    is_alphabetic(point) || numeric(point).is_some()
}

/// Returns true for a lowercase character, as `str.islower` does for one character.
pub fn is_lowercase(point: u32) -> bool {
    has(tables::LOWERCASE, point)
}

/// Returns true for an uppercase character, as `str.isupper` does for one character.
pub fn is_uppercase(point: u32) -> bool {
    has(tables::UPPERCASE, point)
}

/// Returns true for a titlecase letter, such as U+01C5.
pub fn is_titlecase(point: u32) -> bool {
    category(point) == "Lt"
}

/// Returns true for white space, as `str.isspace` and `str.split` see it.
pub fn is_space(point: u32) -> bool {
    match point {
        0..0x80 => matches!(point, 9..=13 | 28..=32),
        _ => has(tables::SPACE, point),
    }
}

/// Returns true if `repr` shows the character itself.
pub fn is_printable(point: u32) -> bool {
    match point {
        0..0x7f => point >= 0x20,
        _ => has(tables::PRINTABLE, point),
    }
}

/// Returns true if `str.splitlines` ends a line at the character.
pub fn is_line_break(point: u32) -> bool {
    has(tables::LINE_BREAK, point)
}

/// Returns true if an identifier can begin with the character, `_` included.
pub fn is_identifier_start(point: u32) -> bool {
    has(tables::XID_START, point)
}

/// Returns true if an identifier can go on with the character.
pub fn is_identifier_continue(point: u32) -> bool {
    has(tables::XID_CONTINUE, point)
}

/// Returns the value of a decimal digit of any script, as `int` reads it.
pub fn decimal(point: u32) -> Option<u32> {
    let run = tables::DECIMAL_ZEROS.partition_point(|&zero| zero <= point);
    let digit = point - tables::DECIMAL_ZEROS.get(run.checked_sub(1)?)?;
    (digit < 10).then_some(digit)
}

/// Returns the value of a digit, superscripts and the like included.
pub fn digit(point: u32) -> Option<u32> {
    let other = tables::DIGITS.binary_search_by_key(&point, |&(digit, _)| digit);
    decimal(point).or_else(|| Some(u32::from(tables::DIGITS[other.ok()?].1)))
}

/// Returns the value of a number, fractions and the like included.
pub fn numeric(point: u32) -> Option<f64> {
    let other = tables::NUMERIC.binary_search_by_key(&point, |&(number, _)| number);
    let decimal = decimal(point).map(f64::from);
    decimal.or_else(|| Some(tables::NUMERIC[other.ok()?].1))
}
