//! Arithmetic and logic.

use super::compare::{comparison, equality};
use super::program::{NEG, NOT};
use super::stop::{Done, Stop, TYPE_MISMATCH};
use super::value::Value;
use crate::observe::Observer;
use crate::quirks::sc::Quirk;

/// Returns an Int, or the fault of a result that does not fit one.
fn int(result: Option<i64>) -> Done<Value> {
    result.map(Value::Int).ok_or(Stop::Fault("overflow"))
}

/// Returns the result of `not` or `neg`.
pub(super) fn unary(operator: u8, value: Value, obs: impl Observer<Quirk>) -> Done<Value> {
    match (operator, value) {
        (NOT, Value::Bool(value)) => {
            obs.holds("sc.ast.not.1");
            Ok(Value::Bool(!value))
        }
        (NOT, value) if obs.has_quirk(Quirk::NotOfAnything) => {
            Ok(Value::Bool(matches!(value, Value::Nil | Value::Int(0))))
        }
        (NEG, Value::Int(i64::MIN)) if obs.has_quirk(Quirk::NegWraps) => Ok(Value::Int(i64::MIN)),
        (NEG, Value::Int(value)) => {
            obs.check("sc.ast.neg.1", value != i64::MIN);
            obs.boundary_if("sc.ast.neg.1", || value == i64::MAX);
            int(value.checked_neg())
        }
        (NEG, Value::Float(value)) => {
            obs.holds("sc.ast.neg.2");
            match obs.has_quirk(Quirk::NegFromZero) {
                true => Ok(Value::Float(0.0 - value)),
                false => Ok(Value::Float(-value)),
            }
        }
        (NOT, _) => Err(obs.breaks("sc.ast.not.1", TYPE_MISMATCH)),
        _ => Err(obs.breaks("sc.ast.neg.3", TYPE_MISMATCH)),
    }
}

/// Returns three clauses about an operator: what it does with Ints, what it does with a Float, and
/// which operands it does not take.
fn clauses(operator: u8) -> [&'static str; 3] {
    match operator {
        0x03 => ["sc.ast.add.1", "sc.ast.add.2", "sc.ast.add.4"],
        0x04 => ["sc.ast.mul.1", "sc.ast.mul.2", "sc.ast.mul.3"],
        0x05 => ["sc.ast.sub.1", "sc.ast.sub.2", "sc.ast.sub.3"],
        0x06 => ["sc.ast.div.1", "sc.ast.div.3", "sc.ast.div.4"],
        0x07 => ["sc.ast.mod.1", "sc.ast.mod.3", "sc.ast.mod.4"],

        0x0f => ["sc.ast.and.1", "sc.ast.or.2", "sc.ast.and.1"],
        _ => ["sc.ast.or.1", "sc.ast.or.2", "sc.ast.or.1"],
    }
}

/// Returns the result of an operator of two operands.
pub(super) fn binary(
    operator: u8,
    left: Value,
    right: Value,
    obs: impl Observer<Quirk>,
) -> Done<Value> {
    use Value::{Bool, Float, Int, Str};
    match operator {
        0x08 | 0x09 => return equality(operator, &left, &right, obs),
        0x0a..=0x0d => return comparison(operator, &left, &right, obs),
        _ => {}
    }
    let [_, with_float, other] = clauses(operator);
    let mixed = |left: f64, right: f64| {
        obs.holds("sc.value.mixed.1");
        match (
            obs.has_quirk(Quirk::MixedMismatch),
            obs.has_quirk(Quirk::MixedTruncates),
        ) {
            (true, _) => Err(TYPE_MISMATCH),
            (_, true) => ints(operator, left as i64, right as i64, obs),
            (false, false) => floats(operator, left, right, obs),
        }
    };
    match (operator, left, right) {
        (0x03, Str(left), Str(right)) => {
            obs.holds("sc.ast.add.3");
            match obs.has_quirk(Quirk::StrJoinsBackwards) {
                true => Ok(Str([right, left].concat().into())),
                false => Ok(Str([left, right].concat().into())),
            }
        }
        (0x03, Str(left), right) if obs.has_quirk(Quirk::StrJoinsAnything) => {
            Ok(Str(format!("{left}{}", right.to_text(obs)).into()))
        }
        (0x0f, Bool(false), right) if obs.has_quirk(Quirk::AndStopsEarly) => {
            drop(right);
            Ok(Bool(false))
        }
        (0x10, Bool(true), right) if obs.has_quirk(Quirk::OrStopsEarly) => {
            drop(right);
            Ok(Bool(true))
        }
        (0x0f, Bool(left), Bool(right)) => {
            obs.holds("sc.ast.and.1");
            obs.holds("sc.ast.or.2");
            Ok(Bool(left && right))
        }
        (0x10, Bool(left), Bool(right)) => {
            obs.holds("sc.ast.or.1");
            obs.holds("sc.ast.or.2");
            Ok(Bool(if obs.has_quirk(Quirk::OrIsExclusive) {
                left ^ right
            } else {
                left || right
            }))
        }
        (0x03..=0x05, Bool(left), Int(right)) if obs.has_quirk(Quirk::BoolIsNumber) => {
            ints(operator, left.into(), right, obs)
        }
        (0x03..=0x07, Int(left), Int(right)) => ints(operator, left, right, obs),
        (0x03..=0x07, Int(left), Float(right)) => mixed(left as f64, right),
        (0x03..=0x07, Float(left), Int(right)) => mixed(left, right as f64),
        (0x03..=0x07, Float(left), Float(right)) => {
            obs.holds(with_float);
            floats(operator, left, right, obs)
        }
        (0x06 | 0x07, _, Int(0)) => match obs.has_quirk(Quirk::ZeroBeforeType) {
            true => Err(Stop::Fault("divide-by-zero")),
            false => {
                obs.breaks("sc.fault.order.1", ());
                Err(obs.breaks(other, TYPE_MISMATCH))
            }
        },
        _ => Err(obs.breaks(other, TYPE_MISMATCH)),
    }
}

/// Computes with two Ints.
fn ints(operator: u8, left: i64, right: i64, obs: impl Observer<Quirk>) -> Done<Value> {
    let [clause, ..] = clauses(operator);
    if matches!(operator, 0x06 | 0x07) {
        return quotient(operator, left, right, obs);
    }
    let (exact, wrapped) = match operator {
        0x03 => (left.checked_add(right), left.wrapping_add(right)),
        0x04 => (left.checked_mul(right), left.wrapping_mul(right)),
        _ => (left.checked_sub(right), left.wrapping_sub(right)),
    };
    obs.check(clause, exact.is_some());
    obs.boundary_if(clause, || matches!(exact, Some(i64::MIN | i64::MAX)));
    let wraps = match operator {
        0x03 => obs.has_quirk(Quirk::AddWraps),
        0x04 => obs.has_quirk(Quirk::MulWraps),
        _ => obs.has_quirk(Quirk::SubWraps),
    };
    match exact {
        None if wraps => Ok(Value::Int(wrapped)),
        None if obs.has_quirk(Quirk::IntSaturates) && operator == 0x03 => {
            Ok(Value::Int(left.saturating_add(right)))
        }
        None if obs.has_quirk(Quirk::IntGrowsFloat) && operator == 0x04 => {
            Ok(Value::Float(left as f64 * right as f64))
        }
        exact => int(exact),
    }
}

/// Computes `div` or `mod` of two Ints.
fn quotient(operator: u8, left: i64, right: i64, obs: impl Observer<Quirk>) -> Done<Value> {
    let [clause, ..] = clauses(operator);
    let divides = operator == 0x06;
    if right == 0 {
        return match divides && obs.has_quirk(Quirk::DivByZeroInfinite) {
            true => Ok(Value::Float(left as f64 / 0.0)),
            false => Err(obs.breaks(clause, Stop::Fault("divide-by-zero"))),
        };
    }
    let beyond = if divides {
        "sc.ast.div.2"
    } else {
        "sc.ast.mod.2"
    };
    obs.boundary_if(beyond, || left == i64::MIN || right == -1);
    if left == i64::MIN && right == -1 {
        return match divides {
            true if obs.has_quirk(Quirk::DivLeastWraps) => Ok(Value::Int(i64::MIN)),
            false if obs.has_quirk(Quirk::ModLeastZero) => Ok(Value::Int(0)),
            _ => Err(obs.breaks(beyond, Stop::Fault("overflow"))),
        };
    }
    obs.holds(clause);
    let (quotient, rest) = (left / right, left % right);
    let floors = rest != 0 && (rest < 0) != (right < 0);
    Ok(match divides {
        true if obs.has_quirk(Quirk::DivGivesFloat) && rest != 0 => {
            Value::Float(left as f64 / right as f64)
        }
        true if obs.has_quirk(Quirk::DivFloors) && floors => Value::Int(quotient - 1),
        true => Value::Int(quotient),
        false if obs.has_quirk(Quirk::ModFloors) && floors => Value::Int(rest + right),
        false if obs.has_quirk(Quirk::ModPositive) => Value::Int(left.rem_euclid(right)),
        false => Value::Int(rest),
    })
}

/// Computes with two Floats.
fn floats(operator: u8, left: f64, right: f64, obs: impl Observer<Quirk>) -> Done<Value> {
    let [_, clause, _] = clauses(operator);
    obs.holds(clause);
    obs.holds("sc.value.float.1");
    let value = match operator {
        0x03 => left + right,
        0x04 => left * right,
        0x05 => left - right,
        0x06 if right == 0.0 && obs.has_quirk(Quirk::FloatZeroFaults) => {
            return Err(Stop::Fault("divide-by-zero"));
        }
        0x06 => left / right,
        _ if right == 0.0 && obs.has_quirk(Quirk::FloatRestZeroFaults) => {
            return Err(Stop::Fault("divide-by-zero"));
        }
        _ if obs.has_quirk(Quirk::FloatModFloors) && left.is_finite() && right.is_finite() => {
            left - right * (left / right).floor()
        }
        _ => left % right,
    };
    let negative_zero = value == 0.0 && value.is_sign_negative();
    obs.holds_if("sc.value.float.2", || negative_zero);
    let overflows = value.is_infinite() && left.is_finite() && right.is_finite();
    if overflows && right != 0.0 && obs.has_quirk(Quirk::FloatOverflows) {
        return Err(Stop::Fault("overflow"));
    }
    if negative_zero && obs.has_quirk(Quirk::MinusZeroLost) {
        return Ok(Value::Float(0.0));
    }
    if value.is_subnormal() && obs.has_quirk(Quirk::SubnormalsLost) {
        return Ok(Value::Float(0.0));
    }
    Ok(Value::Float(value))
}
