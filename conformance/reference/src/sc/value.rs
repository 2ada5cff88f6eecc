//! Values, and how they print.

use super::program::Constant;
use crate::observe::Observer;
use crate::quirks::sc::Quirk;
use std::rc::Rc;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Rc<str>),
}

impl Value {
    /// Returns the value of a constant.
    pub(super) fn new(constant: &Constant) -> Value {
        match *constant {
            Constant::Nil => Value::Nil,
            Constant::Bool(value) => Value::Bool(value),
            Constant::Int(value) => Value::Int(value),
            Constant::Float(value) => Value::Float(value),
            Constant::Str(text) => Value::Str(text.into()),
        }
    }

    /// Returns the name of its type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Value::Nil => "nil",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
        }
    }

    /// Returns the number of bytes of its text; 0 if it is not a Str.
    pub(super) fn text_bytes(&self) -> u64 {
        match self {
            Value::Str(text) => text.len() as u64,
            _ => 0,
        }
    }

    /// Returns its printed form.
    pub(super) fn to_text(&self, obs: impl Observer<Quirk>) -> String {
        match self {
            Value::Nil => {
                obs.holds("sc.print.nil.1");
                if obs.has_quirk(Quirk::NilIsNone) {
                    "None"
                } else {
                    "nil"
                }
                .to_owned()
            }
            Value::Bool(value) => {
                obs.holds("sc.print.bool.1");
                match (value, obs.has_quirk(Quirk::BoolInWords)) {
                    (true, false) => "1b".to_owned(),
                    (false, false) => "0b".to_owned(),
                    (value, true) => value.to_string(),
                }
            }
            Value::Int(value) => {
                obs.holds("sc.print.int.1");
                obs.boundary_if("sc.print.int.1", || *value == i64::MIN);
                match obs.has_quirk(Quirk::IntPrintsUnsigned) {
                    true => (*value as u64).to_string(),
                    false => value.to_string(),
                }
            }
            Value::Float(value) => float_text(*value, obs),
            Value::Str(text) => {
                obs.holds("sc.print.str.1");
                match obs.has_quirk(Quirk::StrEscapes) {
                    true => text.escape_default().to_string(),
                    false => text.to_string(),
                }
            }
        }
    }
}

/// Returns the shortest digits that read back as the same Float: of two numbers that are equally
/// near, the one whose last digit is even.
fn shortest(value: f64) -> String {
    let text = value.to_string();
    let Some((_, decimals)) = text.split_once('.') else {
        return text;
    };
    let digits = decimals.len();
    // This rounds ties to even, and can leave the narrower interval of a power of two.
    let rounded = format!("{value:.digits$}");
    if rounded.parse() == Ok(value) {
        rounded
    } else {
        text
    }
}

/// Returns the printed form of a Float.
fn float_text(value: f64, obs: impl Observer<Quirk>) -> String {
    let mut text = shortest(value);
    let whole = value.is_finite() && !text.contains('.');
    let negative_zero = value == 0.0 && value.is_sign_negative();
    obs.holds_if("sc.print.float.1", || value.is_finite());
    obs.holds_if("sc.print.float.2", || whole || value.abs() < 1.0);
    obs.holds_if("sc.print.float.3", || negative_zero || !value.is_finite());
    if obs.has_quirk(Quirk::FloatExponent) && whole && value.abs() >= 1e16 {
        return format!("{value:e}");
    }
    if obs.has_quirk(Quirk::FloatShort) && !whole && value.is_finite() {
        return format!("{value:.6}").trim_end_matches('0').to_owned();
    }
    if obs.has_quirk(Quirk::FloatMinusZeroLost) && negative_zero {
        return "0.0".to_owned();
    }
    if obs.has_quirk(Quirk::NanSmall) && value.is_nan() {
        return "nan".to_owned();
    }
    if obs.has_quirk(Quirk::InfinityLong) && value.is_infinite() {
        return text.replace("inf", "Infinity");
    }
    if whole && !obs.has_quirk(Quirk::FloatWithoutPoint) {
        text += ".0";
    }
    text
}
