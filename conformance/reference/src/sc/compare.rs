//! Equality and order.

use super::stop::{Done, TYPE_MISMATCH};
use super::value::Value;
use crate::observe::Observer;
use crate::quirks::sc::Quirk;
use std::cmp::Ordering;

/// Returns the result of `eq` or `ne`.
pub(super) fn equality(
    operator: u8,
    left: &Value,
    right: &Value,
    obs: impl Observer<Quirk>,
) -> Done<Value> {
    obs.holds_if("sc.ast.ne.1", || operator == 0x09);
    if obs.has_quirk(Quirk::EqTypesMismatch) && left.type_name() != right.type_name() {
        return Err(TYPE_MISMATCH);
    }
    let equal = equal(left, right, obs);
    let unordered = matches!(left, Value::Float(left) if left.is_nan())
        || matches!(right, Value::Float(right) if right.is_nan());
    if unordered && operator == 0x09 && obs.has_quirk(Quirk::NeOfNanFalse) {
        return Ok(Value::Bool(false));
    }
    Ok(Value::Bool(equal == (operator == 0x08)))
}

/// Returns true if two values are equal.
fn equal(left: &Value, right: &Value, obs: impl Observer<Quirk>) -> bool {
    use Value::{Bool, Float, Int, Nil, Str};
    match (left, right) {
        (Int(int), Float(float)) | (Float(float), Int(int)) => {
            obs.holds("sc.ast.eq.2");
            obs.holds_if("sc.ast.eq.3", || float.is_nan());
            obs.boundary_if("sc.ast.eq.2", || float.abs() >= 2f64.powi(53));
            match (
                obs.has_quirk(Quirk::EqAsFloats),
                obs.has_quirk(Quirk::EqNeverMixed),
            ) {
                (true, _) => *int as f64 == *float,
                (_, true) => false,
                (false, false) => mixed_order(*int, *float) == Some(Ordering::Equal),
            }
        }
        (Float(left), Float(right)) => {
            obs.holds("sc.ast.eq.3");
            match (
                obs.has_quirk(Quirk::EqOfNan),
                obs.has_quirk(Quirk::EqOfBits),
            ) {
                (true, _) => left == right || left.is_nan() && right.is_nan(),
                (_, true) => !left.is_nan() && left.to_bits() == right.to_bits(),
                (false, false) => left == right,
            }
        }
        (Bool(bool), Int(int)) | (Int(int), Bool(bool)) if obs.has_quirk(Quirk::EqOfBoolAndInt) => {
            i64::from(*bool) == *int
        }
        (Nil, Nil) if obs.has_quirk(Quirk::NilNeverEqual) => false,
        (Str(left), Str(right)) if obs.has_quirk(Quirk::EqOfStrLength) => left.len() == right.len(),
        _ => {
            let clause = match left.type_name() == right.type_name() {
                true => "sc.ast.eq.4",
                false => "sc.ast.eq.1",
            };
            obs.holds(clause);
            left == right
        }
    }
}

/// Returns three clauses about an operator: how it orders numbers, how it orders texts, and which
/// operands it does not take.
fn clauses(operator: u8) -> [&'static str; 3] {
    match operator {
        0x0a => ["sc.ast.lt.1", "sc.ast.lt.2", "sc.ast.lt.3"],
        0x0b => ["sc.ast.le.1", "sc.ast.le.1", "sc.ast.le.2"],
        0x0c => ["sc.ast.gt.1", "sc.ast.gt.1", "sc.ast.gt.2"],
        _ => ["sc.ast.ge.1", "sc.ast.ge.1", "sc.ast.ge.2"],
    }
}

/// Returns the result of `lt`, `le`, `gt` or `ge`.
pub(super) fn comparison(
    operator: u8,
    left: &Value,
    right: &Value,
    obs: impl Observer<Quirk>,
) -> Done<Value> {
    let order = order(operator, left, right, obs)?;
    Ok(Value::Bool(match (operator, order) {
        (0x0b, None) => obs.has_quirk(Quirk::LeIsNotGt),
        (0x0d, None) => obs.has_quirk(Quirk::GeIsNotLt),
        (_, None) => false,
        (0x0a, Some(order)) => order == Ordering::Less,
        (0x0b, Some(order)) if obs.has_quirk(Quirk::LeIsLt) => order == Ordering::Less,
        (0x0b, Some(order)) => order != Ordering::Greater,
        (0x0c, Some(order)) if obs.has_quirk(Quirk::GtIsGe) => order != Ordering::Less,
        (0x0c, Some(order)) => order == Ordering::Greater,
        (_, Some(order)) => order != Ordering::Less,
    }))
}

/// Returns the order of two numbers or two texts; `None` if one of them is NaN.
fn order(
    operator: u8,
    left: &Value,
    right: &Value,
    obs: impl Observer<Quirk>,
) -> Done<Option<Ordering>> {
    use Value::{Bool, Float, Int, Str};
    let [numbers, texts, other] = clauses(operator);
    let found = match (left, right) {
        (Str(left), Str(right)) => {
            obs.holds(texts);
            let by_length = left.len().cmp(&right.len());
            let order = left.as_bytes().cmp(right.as_bytes());
            return Ok(Some(match () {
                () if obs.has_quirk(Quirk::StrOrderByLength) => by_length.then(order),
                () if obs.has_quirk(Quirk::StrOrderOfUtf16) => {
                    left.encode_utf16().cmp(right.encode_utf16())
                }
                () => order,
            }));
        }
        (Bool(left), Bool(right)) if obs.has_quirk(Quirk::BoolsInOrder) => Some(left.cmp(right)),
        (Int(left), Int(right)) => Some(left.cmp(right)),
        (Float(left), Float(right)) => left.partial_cmp(right),
        (Int(left), Float(right)) if obs.has_quirk(Quirk::OrderAsFloats) => {
            (*left as f64).partial_cmp(right)
        }
        (Int(left), Float(right)) => mixed_order(*left, *right),
        (Float(left), Int(right)) => mixed_order(*right, *left).map(Ordering::reverse),
        _ => return Err(obs.breaks(other, TYPE_MISMATCH)),
    };
    obs.holds(numbers);
    Ok(found)
}

/// Returns the order of an Int and a Float by their exact values: neither is converted to the other's
/// type.
pub(super) fn mixed_order(int: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // A Float outside the range of i128 becomes its least or greatest, which is on the same side.
    let below = float.floor();
    let order = i128::from(int).cmp(&(below as i128));
    Some(match order {
        Ordering::Equal if below < float => Ordering::Less,
        order => order,
    })
}
