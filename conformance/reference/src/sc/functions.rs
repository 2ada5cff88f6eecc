//! The host's functions that take one value.

use super::stop::{BAD_VALUE, Done, TYPE_MISMATCH};
use super::value::Value;
use crate::observe::Observer;
use crate::quirks::sc::Quirk;

/// Calls a function of the host that takes one value.
pub(super) fn function(name: &str, value: Value, obs: impl Observer<Quirk>) -> Done<Value> {
    match (name, value) {
        ("str", Value::Str(text)) => {
            obs.holds("sc.func.str.1");
            match obs.has_quirk(Quirk::StrOfStrQuoted) {
                true => Ok(Value::Str(format!("\"{text}\"").into())),
                false => Ok(Value::Str(text)),
            }
        }
        ("str", value) => {
            let text = value.to_text(obs);
            obs.holds("sc.func.str.1");
            Ok(Value::Str(text.into()))
        }
        ("type", value) => {
            obs.holds("sc.func.type.1");
            let kind = match value.type_name() {
                "bool" if obs.has_quirk(Quirk::TypeBoolean) => "boolean",
                "nil" if obs.has_quirk(Quirk::TypeNull) => "null",
                kind => kind,
            };
            Ok(Value::Str(kind.into()))
        }
        ("len", Value::Str(text)) => {
            obs.holds("sc.func.len.1");
            let length = match () {
                () if obs.has_quirk(Quirk::LenOfBytes) => text.len(),
                () if obs.has_quirk(Quirk::LenOfUtf16) => text.encode_utf16().count(),
                () => text.chars().count(),
            };
            Ok(Value::Int(length as i64))
        }
        ("len", value) if obs.has_quirk(Quirk::LenOfAnything) => {
            Ok(Value::Int(value.to_text(obs).chars().count() as i64))
        }
        ("len", _) => Err(obs.breaks("sc.func.len.1", TYPE_MISMATCH)),
        ("int", value) => to_int(value, obs),
        (_, value) => to_float(value, obs),
    }
}

/// Calls `int`.
fn to_int(value: Value, obs: impl Observer<Quirk>) -> Done<Value> {
    match value {
        Value::Int(value) => {
            obs.holds("sc.func.int.1");
            Ok(Value::Int(value))
        }
        Value::Float(value) => {
            let whole = match () {
                () if obs.has_quirk(Quirk::IntRounds) => value.round(),
                () if obs.has_quirk(Quirk::IntFloors) => value.floor(),
                () => value.trunc(),
            };
            if obs.has_quirk(Quirk::IntOfFloatSaturates) {
                return Ok(Value::Int(whole as i64));
            }
            // The conversion of NaN is 0.
            match i64::try_from(whole as i128) {
                Ok(whole) if !value.is_nan() => {
                    obs.holds("sc.func.int.1");
                    Ok(Value::Int(whole))
                }
                _ => Err(obs.breaks("sc.func.int.2", BAD_VALUE)),
            }
        }
        Value::Str(text) => {
            let text = match obs.has_quirk(Quirk::IntTrimsStr) {
                true => text.trim(),
                false => &text,
            };
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            let well_formed = all_digits(digits) && !digits.is_empty();
            let number: Option<i64> = text.parse().ok().filter(|_| well_formed);
            obs.boundary_if("sc.func.int.3", || {
                matches!(number, Some(i64::MIN | i64::MAX))
            });
            if text.starts_with('+') && obs.has_quirk(Quirk::IntPlusRefused) {
                return Err(BAD_VALUE);
            }
            match number {
                Some(number) => {
                    obs.holds("sc.func.int.3");
                    Ok(Value::Int(number))
                }
                None if obs.has_quirk(Quirk::IntOfFloatStr) && is_float(text) => {
                    to_int(Value::Float(text.parse().unwrap_or(0.0)), obs)
                }
                None if obs.has_quirk(Quirk::IntOfNoNumberZero) => Ok(Value::Int(0)),
                None => Err(obs.breaks("sc.func.int.3", BAD_VALUE)),
            }
        }
        Value::Bool(value) if obs.has_quirk(Quirk::IntOfBool) => Ok(Value::Int(value.into())),
        _ => Err(obs.breaks("sc.func.int.4", TYPE_MISMATCH)),
    }
}

/// Calls `float`.
fn to_float(value: Value, obs: impl Observer<Quirk>) -> Done<Value> {
    match value {
        Value::Float(value) => {
            obs.holds("sc.func.float.1");
            Ok(Value::Float(value))
        }
        Value::Int(value) => {
            obs.holds("sc.func.float.1");
            match obs.has_quirk(Quirk::FloatOfIntSingle) {
                true => Ok(Value::Float(f64::from(value as f32))),
                false => Ok(Value::Float(value as f64)),
            }
        }
        Value::Str(text) => {
            let text = match obs.has_quirk(Quirk::FloatTrimsStr) {
                true => text.trim(),
                false => &text,
            };
            let word = || !text.contains(|c: char| c.is_ascii_digit());
            let well_formed = is_float(text) || obs.has_quirk(Quirk::FloatOfWords) && word();
            let refused = text.ends_with('.') && obs.has_quirk(Quirk::FloatPointLast)
                || text.starts_with('.') && obs.has_quirk(Quirk::FloatPointFirst);
            let value: Option<f64> = text.parse().ok().filter(|_| well_formed && !refused);
            let extreme = value.is_some_and(|value| value.is_infinite() || value == 0.0);
            obs.holds_if("sc.func.float.3", || value.is_some());
            if extreme && value != Some(0.0) && obs.has_quirk(Quirk::FloatTooLargeBad) {
                return Err(BAD_VALUE);
            }
            obs.check("sc.func.float.2", value.is_some());
            value.map(Value::Float).ok_or(BAD_VALUE)
        }
        Value::Bool(value) if obs.has_quirk(Quirk::FloatOfBool) => {
            Ok(Value::Float(f64::from(u8::from(value))))
        }
        _ => Err(obs.breaks("sc.func.float.4", TYPE_MISMATCH)),
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns true for an optional sign, digits with an optional fraction, and an optional exponent.
pub(super) fn is_float(text: &str) -> bool {
    let unsigned = |text: &'_ str| text.strip_prefix(['+', '-']).unwrap_or(text).to_owned();
    let text = unsigned(text).replace('E', "e");
    let (number, exponent) = match text.split_once('e') {
        Some((number, exponent)) => (number, unsigned(exponent)),
        None => (text.as_str(), "0".to_owned()),
    };
    let digits = number.replacen('.', "", 1);
    [digits, exponent]
        .iter()
        .all(|text| !text.is_empty() && all_digits(text))
}
