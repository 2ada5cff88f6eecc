//! Values: how they are reckoned with, compared and printed, and the host's functions.

use super::super::observe::Watch;
use super::super::quirks::sc::Quirk;
use super::decode::{Constant, NEG, NOT};
use super::{BAD_VALUE, Done, Stop, TYPE_MISMATCH};
use std::cmp::Ordering;
use std::rc::Rc;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Rc<str>),
}

impl Value {
    pub(super) fn new(constant: &Constant) -> Value {
        match *constant {
            Constant::Nil => Value::Nil,
            Constant::Bool(value) => Value::Bool(value),
            Constant::Int(value) => Value::Int(value),
            Constant::Float(value) => Value::Float(value),
            Constant::Str(text) => Value::Str(text.into()),
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Nil => "nil",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
        }
    }

    /// The bytes of its text.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Value::Str(text) => text.len() as u64,
            _ => 0,
        }
    }

    pub(super) fn form(&self, w: impl Watch<Quirk>) -> String {
        match self {
            Value::Nil => {
                w.holds("sc.print.nil.1");
                if w.quirk(Quirk::NilIsNone) {
                    "None"
                } else {
                    "nil"
                }
                .to_owned()
            }
            Value::Bool(value) => {
                w.holds("sc.print.bool.1");
                match (value, w.quirk(Quirk::BoolInWords)) {
                    (true, false) => "1b".to_owned(),
                    (false, false) => "0b".to_owned(),
                    (value, true) => value.to_string(),
                }
            }
            Value::Int(value) => {
                w.holds("sc.print.int.1");
                w.edge_if("sc.print.int.1", || *value == i64::MIN);
                match w.quirk(Quirk::IntPrintsUnsigned) {
                    true => (*value as u64).to_string(),
                    false => value.to_string(),
                }
            }
            Value::Float(value) => float_form(*value, w),
            Value::Str(text) => {
                w.holds("sc.print.str.1");
                match w.quirk(Quirk::StrEscapes) {
                    true => text.escape_default().to_string(),
                    false => text.to_string(),
                }
            }
        }
    }
}

fn float_form(value: f64, w: impl Watch<Quirk>) -> String {
    let mut form = value.to_string();
    let whole = value.is_finite() && !form.contains('.');
    let negative_zero = value == 0.0 && value.is_sign_negative();
    w.holds_if("sc.print.float.1", || value.is_finite());
    w.holds_if("sc.print.float.2", || whole || value.abs() < 1.0);
    w.holds_if("sc.print.float.3", || negative_zero || !value.is_finite());
    if w.quirk(Quirk::FloatExponent) && whole && value.abs() >= 1e16 {
        return format!("{value:e}");
    }
    if w.quirk(Quirk::FloatShort) && !whole && value.is_finite() {
        return format!("{value:.6}").trim_end_matches('0').to_owned();
    }
    if w.quirk(Quirk::FloatMinusZeroLost) && negative_zero {
        return "0.0".to_owned();
    }
    if w.quirk(Quirk::NanSmall) && value.is_nan() {
        return "nan".to_owned();
    }
    if w.quirk(Quirk::InfinityLong) && value.is_infinite() {
        return form.replace("inf", "Infinity");
    }
    if whole && !w.quirk(Quirk::FloatWithoutPoint) {
        form += ".0";
    }
    form
}

// ------------------------------------------------------------------------------------ operators

fn int(result: Option<i64>) -> Done<Value> {
    result.map(Value::Int).ok_or(Stop::Fault("overflow"))
}

pub(super) fn unary(operator: u8, value: Value, w: impl Watch<Quirk>) -> Done<Value> {
    match (operator, value) {
        (NOT, Value::Bool(value)) => {
            w.holds("sc.ast.not.1");
            Ok(Value::Bool(!value))
        }
        (NOT, value) if w.quirk(Quirk::NotOfAnything) => {
            Ok(Value::Bool(matches!(value, Value::Nil | Value::Int(0))))
        }
        (NEG, Value::Int(i64::MIN)) if w.quirk(Quirk::NegWraps) => Ok(Value::Int(i64::MIN)),
        (NEG, Value::Int(value)) => {
            w.shows("sc.ast.neg.1", value != i64::MIN);
            w.edge_if("sc.ast.neg.1", || value == i64::MAX);
            int(value.checked_neg())
        }
        (NEG, Value::Float(value)) => {
            w.holds("sc.ast.neg.2");
            match w.quirk(Quirk::NegFromZero) {
                true => Ok(Value::Float(0.0 - value)),
                false => Ok(Value::Float(-value)),
            }
        }
        (NOT, _) => Err(w.breaks("sc.ast.not.1", TYPE_MISMATCH)),
        _ => Err(w.breaks("sc.ast.neg.3", TYPE_MISMATCH)),
    }
}

/// The clause that says what an operator does with Ints, one that says what it does with a Float,
/// and the one that says what it does not take.
fn clauses(operator: u8) -> [&'static str; 3] {
    match operator {
        0x03 => ["sc.ast.add.1", "sc.ast.add.2", "sc.ast.add.4"],
        0x04 => ["sc.ast.mul.1", "sc.ast.mul.2", "sc.ast.mul.3"],
        0x05 => ["sc.ast.sub.1", "sc.ast.sub.2", "sc.ast.sub.3"],
        0x06 => ["sc.ast.div.1", "sc.ast.div.3", "sc.ast.div.4"],
        0x07 => ["sc.ast.mod.1", "sc.ast.mod.3", "sc.ast.mod.4"],
        0x0a => ["sc.ast.lt.1", "sc.ast.lt.2", "sc.ast.lt.3"],
        0x0b => ["sc.ast.le.1", "sc.ast.le.1", "sc.ast.le.2"],
        0x0c => ["sc.ast.gt.1", "sc.ast.gt.1", "sc.ast.gt.2"],
        0x0d => ["sc.ast.ge.1", "sc.ast.ge.1", "sc.ast.ge.2"],
        0x0f => ["sc.ast.and.1", "sc.ast.or.2", "sc.ast.and.1"],
        _ => ["sc.ast.or.1", "sc.ast.or.2", "sc.ast.or.1"],
    }
}

pub(super) fn binary(operator: u8, left: Value, right: Value, w: impl Watch<Quirk>) -> Done<Value> {
    use Value::{Bool, Float, Int, Str};
    match operator {
        0x08 | 0x09 => return equality(operator, &left, &right, w),
        0x0a..=0x0d => return comparison(operator, &left, &right, w),
        _ => {}
    }
    let [_, with_float, other] = clauses(operator);
    let mixed = |left: f64, right: f64| {
        w.holds("sc.value.mixed.1");
        match (
            w.quirk(Quirk::MixedMismatch),
            w.quirk(Quirk::MixedTruncates),
        ) {
            (true, _) => Err(TYPE_MISMATCH),
            (_, true) => ints(operator, left as i64, right as i64, w),
            (false, false) => floats(operator, left, right, w),
        }
    };
    match (operator, left, right) {
        (0x03, Str(left), Str(right)) => {
            w.holds("sc.ast.add.3");
            match w.quirk(Quirk::StrJoinsBackwards) {
                true => Ok(Str([right, left].concat().into())),
                false => Ok(Str([left, right].concat().into())),
            }
        }
        (0x03, Str(left), right) if w.quirk(Quirk::StrJoinsAnything) => {
            Ok(Str(format!("{left}{}", right.form(w)).into()))
        }
        (0x0f, Bool(false), right) if w.quirk(Quirk::AndStopsEarly) => {
            drop(right);
            Ok(Bool(false))
        }
        (0x10, Bool(true), right) if w.quirk(Quirk::OrStopsEarly) => {
            drop(right);
            Ok(Bool(true))
        }
        (0x0f, Bool(left), Bool(right)) => {
            w.holds("sc.ast.and.1");
            w.holds("sc.ast.or.2");
            Ok(Bool(left && right))
        }
        (0x10, Bool(left), Bool(right)) => {
            w.holds("sc.ast.or.1");
            w.holds("sc.ast.or.2");
            Ok(Bool(if w.quirk(Quirk::OrIsExclusive) {
                left ^ right
            } else {
                left || right
            }))
        }
        (0x03..=0x05, Bool(left), Int(right)) if w.quirk(Quirk::BoolIsNumber) => {
            ints(operator, left.into(), right, w)
        }
        (0x03..=0x07, Int(left), Int(right)) => ints(operator, left, right, w),
        (0x03..=0x07, Int(left), Float(right)) => mixed(left as f64, right),
        (0x03..=0x07, Float(left), Int(right)) => mixed(left, right as f64),
        (0x03..=0x07, Float(left), Float(right)) => {
            w.holds(with_float);
            floats(operator, left, right, w)
        }
        (0x06 | 0x07, _, Int(0)) => match w.quirk(Quirk::ZeroBeforeType) {
            true => Err(Stop::Fault("divide-by-zero")),
            false => {
                w.breaks("sc.fault.order.1", ());
                Err(w.breaks(other, TYPE_MISMATCH))
            }
        },
        _ => Err(w.breaks(other, TYPE_MISMATCH)),
    }
}

fn ints(operator: u8, left: i64, right: i64, w: impl Watch<Quirk>) -> Done<Value> {
    let [clause, ..] = clauses(operator);
    if matches!(operator, 0x06 | 0x07) {
        return quotient(operator, left, right, w);
    }
    let (exact, wrapped) = match operator {
        0x03 => (left.checked_add(right), left.wrapping_add(right)),
        0x04 => (left.checked_mul(right), left.wrapping_mul(right)),
        _ => (left.checked_sub(right), left.wrapping_sub(right)),
    };
    w.shows(clause, exact.is_some());
    w.edge_if(clause, || matches!(exact, Some(i64::MIN | i64::MAX)));
    let wraps = match operator {
        0x03 => w.quirk(Quirk::AddWraps),
        0x04 => w.quirk(Quirk::MulWraps),
        _ => w.quirk(Quirk::SubWraps),
    };
    match exact {
        None if wraps => Ok(Value::Int(wrapped)),
        None if w.quirk(Quirk::IntSaturates) && operator == 0x03 => {
            Ok(Value::Int(left.saturating_add(right)))
        }
        None if w.quirk(Quirk::IntGrowsFloat) && operator == 0x04 => {
            Ok(Value::Float(left as f64 * right as f64))
        }
        exact => int(exact),
    }
}

/// `div` and `mod` of Ints.
fn quotient(operator: u8, left: i64, right: i64, w: impl Watch<Quirk>) -> Done<Value> {
    let [clause, ..] = clauses(operator);
    let divides = operator == 0x06;
    if right == 0 {
        return match divides && w.quirk(Quirk::DivByZeroInfinite) {
            true => Ok(Value::Float(left as f64 / 0.0)),
            false => Err(w.breaks(clause, Stop::Fault("divide-by-zero"))),
        };
    }
    let beyond = if divides {
        "sc.ast.div.2"
    } else {
        "sc.ast.mod.2"
    };
    w.edge_if(beyond, || left == i64::MIN || right == -1);
    if left == i64::MIN && right == -1 {
        return match divides {
            true if w.quirk(Quirk::DivLeastWraps) => Ok(Value::Int(i64::MIN)),
            false if w.quirk(Quirk::ModLeastZero) => Ok(Value::Int(0)),
            _ => Err(w.breaks(beyond, Stop::Fault("overflow"))),
        };
    }
    w.holds(clause);
    let (quotient, rest) = (left / right, left % right);
    let floors = rest != 0 && (rest < 0) != (right < 0);
    Ok(match divides {
        true if w.quirk(Quirk::DivGivesFloat) && rest != 0 => {
            Value::Float(left as f64 / right as f64)
        }
        true if w.quirk(Quirk::DivFloors) && floors => Value::Int(quotient - 1),
        true => Value::Int(quotient),
        false if w.quirk(Quirk::ModFloors) && floors => Value::Int(rest + right),
        false if w.quirk(Quirk::ModPositive) => Value::Int(left.rem_euclid(right)),
        false => Value::Int(rest),
    })
}

fn floats(operator: u8, left: f64, right: f64, w: impl Watch<Quirk>) -> Done<Value> {
    let [_, clause, _] = clauses(operator);
    w.holds(clause);
    w.holds("sc.value.float.1");
    let value = match operator {
        0x03 => left + right,
        0x04 => left * right,
        0x05 => left - right,
        0x06 if right == 0.0 && w.quirk(Quirk::FloatZeroFaults) => {
            return Err(Stop::Fault("divide-by-zero"));
        }
        0x06 => left / right,
        _ if right == 0.0 && w.quirk(Quirk::FloatRestZeroFaults) => {
            return Err(Stop::Fault("divide-by-zero"));
        }
        _ if w.quirk(Quirk::FloatModFloors) && left.is_finite() && right.is_finite() => {
            left - right * (left / right).floor()
        }
        _ => left % right,
    };
    let negative_zero = value == 0.0 && value.is_sign_negative();
    w.holds_if("sc.value.float.2", || negative_zero);
    let overflows = value.is_infinite() && left.is_finite() && right.is_finite();
    if overflows && right != 0.0 && w.quirk(Quirk::FloatOverflows) {
        return Err(Stop::Fault("overflow"));
    }
    if negative_zero && w.quirk(Quirk::MinusZeroLost) {
        return Ok(Value::Float(0.0));
    }
    if value.is_subnormal() && w.quirk(Quirk::SubnormalsLost) {
        return Ok(Value::Float(0.0));
    }
    Ok(Value::Float(value))
}

// ------------------------------------------------------------------------------------ comparing

fn equality(operator: u8, left: &Value, right: &Value, w: impl Watch<Quirk>) -> Done<Value> {
    w.holds_if("sc.ast.ne.1", || operator == 0x09);
    if w.quirk(Quirk::EqTypesMismatch) && left.kind() != right.kind() {
        return Err(TYPE_MISMATCH);
    }
    let equal = equal(left, right, w);
    let unordered = matches!(left, Value::Float(left) if left.is_nan())
        || matches!(right, Value::Float(right) if right.is_nan());
    if unordered && operator == 0x09 && w.quirk(Quirk::NeOfNanFalse) {
        return Ok(Value::Bool(false));
    }
    Ok(Value::Bool(equal == (operator == 0x08)))
}

fn equal(left: &Value, right: &Value, w: impl Watch<Quirk>) -> bool {
    use Value::{Bool, Float, Int, Nil, Str};
    match (left, right) {
        (Int(int), Float(float)) | (Float(float), Int(int)) => {
            w.holds("sc.ast.eq.2");
            w.holds_if("sc.ast.eq.3", || float.is_nan());
            w.edge_if("sc.ast.eq.2", || float.abs() >= 2f64.powi(53));
            match (w.quirk(Quirk::EqAsFloats), w.quirk(Quirk::EqNeverMixed)) {
                (true, _) => *int as f64 == *float,
                (_, true) => false,
                (false, false) => mixed_order(*int, *float) == Some(Ordering::Equal),
            }
        }
        (Float(left), Float(right)) => {
            w.holds("sc.ast.eq.3");
            match (w.quirk(Quirk::EqOfNan), w.quirk(Quirk::EqOfBits)) {
                (true, _) => left == right || left.is_nan() && right.is_nan(),
                (_, true) => !left.is_nan() && left.to_bits() == right.to_bits(),
                (false, false) => left == right,
            }
        }
        (Bool(bool), Int(int)) | (Int(int), Bool(bool)) if w.quirk(Quirk::EqOfBoolAndInt) => {
            i64::from(*bool) == *int
        }
        (Nil, Nil) if w.quirk(Quirk::NilNeverEqual) => false,
        (Str(left), Str(right)) if w.quirk(Quirk::EqOfStrLength) => left.len() == right.len(),
        _ => {
            let clause = match left.kind() == right.kind() {
                true => "sc.ast.eq.4",
                false => "sc.ast.eq.1",
            };
            w.holds(clause);
            left == right
        }
    }
}

fn comparison(operator: u8, left: &Value, right: &Value, w: impl Watch<Quirk>) -> Done<Value> {
    let order = order(operator, left, right, w)?;
    Ok(Value::Bool(match (operator, order) {
        (0x0b, None) => w.quirk(Quirk::LeIsNotGt),
        (0x0d, None) => w.quirk(Quirk::GeIsNotLt),
        (_, None) => false,
        (0x0a, Some(order)) => order == Ordering::Less,
        (0x0b, Some(order)) if w.quirk(Quirk::LeIsLt) => order == Ordering::Less,
        (0x0b, Some(order)) => order != Ordering::Greater,
        (0x0c, Some(order)) if w.quirk(Quirk::GtIsGe) => order != Ordering::Less,
        (0x0c, Some(order)) => order == Ordering::Greater,
        (_, Some(order)) => order != Ordering::Less,
    }))
}

/// The order of two numbers (none with NaN) or of two texts.
fn order(
    operator: u8,
    left: &Value,
    right: &Value,
    w: impl Watch<Quirk>,
) -> Done<Option<Ordering>> {
    use Value::{Bool, Float, Int, Str};
    let [numbers, texts, other] = clauses(operator);
    let found = match (left, right) {
        (Str(left), Str(right)) => {
            w.holds(texts);
            let by_length = left.len().cmp(&right.len());
            let order = left.as_bytes().cmp(right.as_bytes());
            return Ok(Some(match () {
                () if w.quirk(Quirk::StrOrderByLength) => by_length.then(order),
                () if w.quirk(Quirk::StrOrderOfUtf16) => {
                    left.encode_utf16().cmp(right.encode_utf16())
                }
                () => order,
            }));
        }
        (Bool(left), Bool(right)) if w.quirk(Quirk::BoolsInOrder) => Some(left.cmp(right)),
        (Int(left), Int(right)) => Some(left.cmp(right)),
        (Float(left), Float(right)) => left.partial_cmp(right),
        (Int(left), Float(right)) if w.quirk(Quirk::OrderAsFloats) => {
            (*left as f64).partial_cmp(right)
        }
        (Int(left), Float(right)) => mixed_order(*left, *right),
        (Float(left), Int(right)) => mixed_order(*right, *left).map(Ordering::reverse),
        _ => return Err(w.breaks(other, TYPE_MISMATCH)),
    };
    w.holds(numbers);
    Ok(found)
}

/// The order of an Int and a Float by what they are, not by what one becomes as the other.
pub(super) fn mixed_order(int: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // What lies outside of i128 is infinite here, and on the same side.
    let below = float.floor();
    let order = i128::from(int).cmp(&(below as i128));
    Some(match order {
        Ordering::Equal if below < float => Ordering::Less,
        order => order,
    })
}

// ------------------------------------------------------------------------------------ functions

/// A function of the host that takes one value.
pub(super) fn function(name: &str, value: Value, w: impl Watch<Quirk>) -> Done<Value> {
    match (name, value) {
        ("str", Value::Str(text)) => {
            w.holds("sc.func.str.1");
            match w.quirk(Quirk::StrOfStrQuoted) {
                true => Ok(Value::Str(format!("\"{text}\"").into())),
                false => Ok(Value::Str(text)),
            }
        }
        ("str", value) => {
            let form = value.form(w);
            w.holds("sc.func.str.1");
            Ok(Value::Str(form.into()))
        }
        ("type", value) => {
            w.holds("sc.func.type.1");
            let kind = match value.kind() {
                "bool" if w.quirk(Quirk::TypeBoolean) => "boolean",
                "nil" if w.quirk(Quirk::TypeNull) => "null",
                kind => kind,
            };
            Ok(Value::Str(kind.into()))
        }
        ("len", Value::Str(text)) => {
            w.holds("sc.func.len.1");
            let length = match () {
                () if w.quirk(Quirk::LenOfBytes) => text.len(),
                () if w.quirk(Quirk::LenOfUtf16) => text.encode_utf16().count(),
                () => text.chars().count(),
            };
            Ok(Value::Int(length as i64))
        }
        ("len", value) if w.quirk(Quirk::LenOfAnything) => {
            Ok(Value::Int(value.form(w).chars().count() as i64))
        }
        ("len", _) => Err(w.breaks("sc.func.len.1", TYPE_MISMATCH)),
        ("int", value) => to_int(value, w),
        (_, value) => to_float(value, w),
    }
}

fn to_int(value: Value, w: impl Watch<Quirk>) -> Done<Value> {
    match value {
        Value::Int(value) => {
            w.holds("sc.func.int.1");
            Ok(Value::Int(value))
        }
        Value::Float(value) => {
            let whole = match () {
                () if w.quirk(Quirk::IntRounds) => value.round(),
                () if w.quirk(Quirk::IntFloors) => value.floor(),
                () => value.trunc(),
            };
            if w.quirk(Quirk::IntOfFloatSaturates) {
                return Ok(Value::Int(whole as i64));
            }
            // NaN would become 0.
            match i64::try_from(whole as i128) {
                Ok(whole) if !value.is_nan() => {
                    w.holds("sc.func.int.1");
                    Ok(Value::Int(whole))
                }
                _ => Err(w.breaks("sc.func.int.2", BAD_VALUE)),
            }
        }
        Value::Str(text) => {
            let text = match w.quirk(Quirk::IntTrimsStr) {
                true => text.trim(),
                false => &text,
            };
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            let well_formed = all_digits(digits) && !digits.is_empty();
            let number: Option<i64> = text.parse().ok().filter(|_| well_formed);
            w.edge_if("sc.func.int.3", || {
                matches!(number, Some(i64::MIN | i64::MAX))
            });
            if text.starts_with('+') && w.quirk(Quirk::IntPlusRefused) {
                return Err(BAD_VALUE);
            }
            match number {
                Some(number) => {
                    w.holds("sc.func.int.3");
                    Ok(Value::Int(number))
                }
                None if w.quirk(Quirk::IntOfFloatStr) && is_float(text) => {
                    to_int(Value::Float(text.parse().unwrap_or(0.0)), w)
                }
                None if w.quirk(Quirk::IntOfNoNumberZero) => Ok(Value::Int(0)),
                None => Err(w.breaks("sc.func.int.3", BAD_VALUE)),
            }
        }
        Value::Bool(value) if w.quirk(Quirk::IntOfBool) => Ok(Value::Int(value.into())),
        _ => Err(w.breaks("sc.func.int.4", TYPE_MISMATCH)),
    }
}

fn to_float(value: Value, w: impl Watch<Quirk>) -> Done<Value> {
    match value {
        Value::Float(value) => {
            w.holds("sc.func.float.1");
            Ok(Value::Float(value))
        }
        Value::Int(value) => {
            w.holds("sc.func.float.1");
            match w.quirk(Quirk::FloatOfIntSingle) {
                true => Ok(Value::Float(f64::from(value as f32))),
                false => Ok(Value::Float(value as f64)),
            }
        }
        Value::Str(text) => {
            let text = match w.quirk(Quirk::FloatTrimsStr) {
                true => text.trim(),
                false => &text,
            };
            let word = || !text.contains(|c: char| c.is_ascii_digit());
            let well_formed = is_float(text) || w.quirk(Quirk::FloatOfWords) && word();
            let refused = text.ends_with('.') && w.quirk(Quirk::FloatPointLast)
                || text.starts_with('.') && w.quirk(Quirk::FloatPointFirst);
            let value: Option<f64> = text.parse().ok().filter(|_| well_formed && !refused);
            let extreme = value.is_some_and(|value| value.is_infinite() || value == 0.0);
            w.holds_if("sc.func.float.3", || value.is_some());
            if extreme && value != Some(0.0) && w.quirk(Quirk::FloatTooLargeBad) {
                return Err(BAD_VALUE);
            }
            w.shows("sc.func.float.2", value.is_some());
            value.map(Value::Float).ok_or(BAD_VALUE)
        }
        Value::Bool(value) if w.quirk(Quirk::FloatOfBool) => {
            Ok(Value::Float(f64::from(u8::from(value))))
        }
        _ => Err(w.breaks("sc.func.float.4", TYPE_MISMATCH)),
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An optional sign, digits with an optional fraction, an optional exponent.
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
