//! Values, and how they print.

use crate::observe::Observer;
use crate::quirks::mmm::Quirk;
use std::fmt::Write as _;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Bool(bool),
    Str(String),
    Int(i32),
    Float(f64),
    Char(char),
    Byte(u8),
}

impl Value {
    /// Returns the name of its type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Value::Bool(_) => "Bool",
            Value::Str(_) => "Str",
            Value::Int(_) => "Int",
            Value::Float(_) => "Float",
            Value::Char(_) => "Char",
            Value::Byte(_) => "Byte",
        }
    }

    /// Appends its printed form to `out`.
    pub(super) fn print(&self, out: &mut String, obs: impl Observer<Quirk>) {
        obs.holds("mmm.print.text.1");
        let _ = match self {
            Value::Bool(value) => {
                obs.holds("mmm.print.bool.1");
                match (value, obs.has_quirk(Quirk::PrintBoolCapital)) {
                    (true, true) => write!(out, "True"),
                    (false, true) => write!(out, "False"),
                    (value, false) => write!(out, "{value}"),
                }
            }
            Value::Int(value) => {
                obs.holds("mmm.print.int.1");
                obs.boundary_if("mmm.print.int.1", || *value == i32::MIN);
                match obs.has_quirk(Quirk::PrintIntUnsigned) {
                    true => write!(out, "{}", *value as u32),
                    false => write!(out, "{value}"),
                }
            }
            Value::Float(value) => print_float(*value, out, obs),
            Value::Char(value) => {
                obs.holds("mmm.print.char.1");
                match obs.has_quirk(Quirk::PrintCharQuoted) {
                    true => write!(out, "'{value}'"),
                    false => write!(out, "{value}"),
                }
            }
            Value::Byte(value) => {
                obs.holds("mmm.print.byte.1");
                match (
                    obs.has_quirk(Quirk::PrintByteFull),
                    obs.has_quirk(Quirk::PrintByteDecimal),
                ) {
                    (true, _) => write!(out, "0b{value:08b}"),
                    (_, true) => write!(out, "{value}"),
                    (false, false) => write!(out, "0b{value:b}"),
                }
            }
            Value::Str(value) => print_str(value, out, obs),
        };
    }

    /// Returns its printed form.
    pub(super) fn to_text(&self, obs: impl Observer<Quirk>) -> String {
        let mut out = String::new();
        self.print(&mut out, obs);
        out
    }
}

fn print_float(value: f64, out: &mut String, obs: impl Observer<Quirk>) -> std::fmt::Result {
    let size = value.abs();
    obs.holds_if("mmm.print.float.1", || value.is_finite());
    obs.holds_if("mmm.print.float.2", || size >= 1e16 && value.is_finite());
    obs.holds_if("mmm.print.float.2", || size < 1e-5 && size > 0.0);
    obs.holds_if("mmm.print.float.3", || size < 1.0 || value == value.trunc());
    let negative_zero = size == 0.0 && value.is_sign_negative();
    obs.holds_if("mmm.print.float.4", || negative_zero || !value.is_finite());
    let form = || shortest(value);
    if obs.has_quirk(Quirk::PrintFloatShort) && value.is_finite() && form().len() > 8 {
        return write!(
            out,
            "{}",
            format!("{value:.6}")
                .trim_end_matches('0')
                .trim_end_matches('.')
        );
    }
    if obs.has_quirk(Quirk::PrintFloatExponent) && value.is_finite() && size >= 1e16 {
        return write!(out, "{value:e}");
    }
    if obs.has_quirk(Quirk::PrintFloatPoint) && value.is_finite() && !form().contains('.') {
        return write!(out, "{value}.0");
    }
    if obs.has_quirk(Quirk::PrintFloatBarePoint) && size < 1.0 && size > 0.0 {
        return write!(out, "{}", form().replacen("0.", ".", 1));
    }
    if obs.has_quirk(Quirk::PrintMinusZeroLost) && negative_zero {
        return write!(out, "0");
    }
    if obs.has_quirk(Quirk::PrintNanSmall) && value.is_nan() {
        return write!(out, "nan");
    }
    if obs.has_quirk(Quirk::PrintInfinityLong) && value.is_infinite() {
        return write!(out, "{}", form().replace("inf", "Infinity"));
    }
    write!(out, "{}", form())
}

/// Returns the shortest decimal number that reads back as the same Float: of two that are equally
/// near, the one whose last digit is even.
fn shortest(value: f64) -> String {
    let text = value.to_string();
    let decimals = text
        .split_once('.')
        .map_or(0, |(_, decimals)| decimals.len());
    // Correct rounding to as many decimals differs only for ties, and where the nearest number is
    // already another Float.
    let even = format!("{value:.decimals$}");
    match decimals > 0 && even.parse() == Ok(value) {
        true => even,
        false => text,
    }
}

fn print_str(text: &str, out: &mut String, obs: impl Observer<Quirk>) -> std::fmt::Result {
    obs.holds("mmm.print.string.1");
    if obs.has_quirk(Quirk::PrintStrBare) {
        return write!(out, "{text}");
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' if obs.has_quirk(Quirk::PrintTabBare) => out.push('\t'),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\0' if obs.has_quirk(Quirk::PrintZeroShort) => out.push_str("\\0"),
            '\u{80}'..='\u{9f}' if obs.has_quirk(Quirk::PrintLateControlsBare) => out.push(c),
            c if c.is_control() => {
                obs.holds("mmm.print.string.2");
                obs.boundary_if("mmm.print.string.2", || {
                    matches!(c, '\u{1f}' | '\u{9f}' | '\0')
                });
                match obs.has_quirk(Quirk::PrintUnicodePadded) {
                    true => write!(out, "\\u{{{:04x}}}", u32::from(c))?,
                    false => write!(out, "\\u{{{:x}}}", u32::from(c))?,
                }
            }
            '\'' if obs.has_quirk(Quirk::PrintSingleQuoteEscaped) => out.push_str("\\'"),
            c if !c.is_ascii() && obs.has_quirk(Quirk::PrintOthersEscaped) => {
                write!(out, "\\u{{{:x}}}", u32::from(c))?;
            }
            c => {
                obs.holds_if("mmm.print.string.3", || c == '\'' || !c.is_ascii());
                out.push(c);
            }
        }
    }
    out.push('"');
    Ok(())
}
