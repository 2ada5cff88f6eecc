//! Arithmetic: what `bin_op` does.

use super::value::Value;
use crate::observe::Observer;
use crate::quirks::mmm::Quirk;

/// Returns the result of `bin_op` on two items, or its fault.
pub(super) fn arithmetic(
    operator: u8,
    left: &Value,
    right: &Value,
    obs: impl Observer<Quirk>,
) -> Result<Value, &'static str> {
    use Value::{Byte, Float, Int, Str};
    let float = |left, right| {
        obs.holds("mmm.bin_op.type.2");
        floats(operator, left, right, obs)
    };
    let widened = |left: f64, right: f64| {
        obs.holds("mmm.bin_op.mixed.2");
        match obs.has_quirk(Quirk::MixedFloatMismatch) {
            true => Err("type-mismatch"),
            false => float(left, right),
        }
    };
    let mixed = |left: i64, right: i64| {
        obs.holds("mmm.bin_op.mixed.1");
        match (
            ints(operator, left, right, obs)?,
            obs.has_quirk(Quirk::MixedByteStays),
        ) {
            (Int(value), true) => Ok(u8::try_from(value).map_or(Int(value), Byte)),
            (value, _) => Ok(value),
        }
    };
    match (left, right) {
        (&Float(left), &Float(right)) => float(left, right),
        (&Float(left), &Int(right)) => widened(left, f64::from(right)),
        (&Float(left), &Byte(right)) => widened(left, f64::from(right)),
        (&Int(left), &Float(right)) => widened(f64::from(left), right),
        (&Byte(left), &Float(right)) => widened(f64::from(left), right),
        (&Int(left), &Int(right)) => ints(operator, left.into(), right.into(), obs),
        (&Int(left), &Byte(right)) => mixed(left.into(), right.into()),
        (&Byte(left), &Int(right)) => mixed(left.into(), right.into()),
        (&Byte(left), &Byte(right)) => bytes(operator, left.into(), right.into(), obs),
        (Str(left), Str(right)) if operator == b'+' && obs.has_quirk(Quirk::StrJoins) => {
            Ok(Str(format!("{left}{right}")))
        }
        (&Value::Bool(left), &Int(right)) if obs.has_quirk(Quirk::BoolIsNumber) => {
            ints(operator, left.into(), right.into(), obs)
        }
        (&Value::Char(left), &Int(right)) if obs.has_quirk(Quirk::CharIsNumber) => {
            ints(operator, i64::from(u32::from(left)), right.into(), obs)
        }
        (_, Int(0)) if matches!(operator, b'/' | b'%') => {
            obs.breaks("mmm.bin_op.type.1", ());
            match obs.has_quirk(Quirk::ZeroBeforeType) {
                true => Err("divide-by-zero"),
                false => Err(obs.breaks("mmm.fault.order.1", "type-mismatch")),
            }
        }
        _ => Err(obs.breaks("mmm.bin_op.type.1", "type-mismatch")),
    }
}

/// Computes with two Floats.
fn floats(
    operator: u8,
    left: f64,
    right: f64,
    obs: impl Observer<Quirk>,
) -> Result<Value, &'static str> {
    obs.holds("mmm.bin_op.type.1");
    let value = match operator {
        b'+' => left + right,
        b'-' => left - right,
        b'*' => left * right,
        b'/' if right == 0.0 && obs.has_quirk(Quirk::FloatZeroFaults) => {
            return Err("divide-by-zero");
        }
        b'/' => left / right,
        _ => {
            let special = left.is_infinite() || right == 0.0 || right.is_infinite();
            obs.holds_if("mmm.bin_op.float.4", || special);
            obs.holds_if("mmm.bin_op.float.3", || !special);
            match special {
                true if obs.has_quirk(Quirk::FloatRestOfInfinity) => {
                    left - right * (left / right).trunc()
                }
                true => left % right,
                false if obs.has_quirk(Quirk::FloatRestFloors) => {
                    left - right * (left / right).floor()
                }
                false => left % right,
            }
        }
    };
    obs.holds_if("mmm.bin_op.float.1", || operator != b'%');
    let odd = left.is_finite() && right.is_finite() && !value.is_finite();
    obs.holds_if("mmm.bin_op.float.2", || odd);
    obs.holds_if("mmm.bin_op.float.5", || left.is_nan() || right.is_nan());
    let negative_zero = value == 0.0 && value.is_sign_negative();
    obs.holds_if("mmm.bin_op.float.6", || negative_zero);
    if odd && value.is_infinite() && right != 0.0 && obs.has_quirk(Quirk::FloatOverflows) {
        return Err("overflow");
    }
    if negative_zero && obs.has_quirk(Quirk::MinusZeroLost) {
        return Ok(Value::Float(0.0));
    }
    if value.is_subnormal() && obs.has_quirk(Quirk::SubnormalsLost) {
        return Ok(Value::Float(0.0));
    }
    if obs.has_quirk(Quirk::FloatResultSingle) {
        return Ok(Value::Float(f64::from(value as f32)));
    }
    Ok(Value::Float(value))
}

/// Computes with two Ints.
fn ints(
    operator: u8,
    left: i64,
    right: i64,
    obs: impl Observer<Quirk>,
) -> Result<Value, &'static str> {
    obs.holds("mmm.bin_op.type.1");
    let least = i64::from(i32::MIN);
    let division = matches!(operator, b'/' | b'%');
    if division && left == least && right == -1 {
        if obs.has_quirk(Quirk::LeastRestZero) && operator == b'%' {
            return Ok(Value::Int(0));
        }
        if obs.has_quirk(Quirk::LeastQuotientWraps) && operator == b'/' {
            return Ok(Value::Int(i32::MIN));
        }
        return Err(obs.breaks("mmm.bin_op.int.5", "overflow"));
    }
    if division && !obs.check("mmm.bin_op.int.4", right != 0) {
        return match obs.has_quirk(Quirk::IntZeroGivesZero) {
            true => Ok(Value::Int(0)),
            false => Err("divide-by-zero"),
        };
    }
    let wide = match operator {
        b'/' if obs.has_quirk(Quirk::IntQuotientFloors) => {
            (left as f64 / right as f64).floor() as i64
        }
        b'%' if obs.has_quirk(Quirk::IntRestFloors) => (left % right + right) % right,
        b'%' if obs.has_quirk(Quirk::IntRestPositive) => left.rem_euclid(right),
        _ => whole(operator, left, right),
    };
    let value = i32::try_from(wide);
    match operator {
        b'/' => {
            obs.holds("mmm.bin_op.int.2");
            obs.boundary_if("mmm.bin_op.int.5", || left == least || right == -1);
        }
        b'%' => {
            obs.holds("mmm.bin_op.int.3");
            obs.boundary_if("mmm.bin_op.int.5", || left == least || right == -1);
        }
        _ => {
            obs.check("mmm.bin_op.int.1", value.is_ok());
            obs.boundary_if("mmm.bin_op.int.1", || {
                matches!(value, Ok(i32::MIN | i32::MAX))
            });
        }
    }
    match value {
        Ok(value) => Ok(Value::Int(value)),
        Err(_) if obs.has_quirk(Quirk::IntWraps) => Ok(Value::Int(wide as i32)),
        Err(_) if obs.has_quirk(Quirk::IntSaturates) => Ok(Value::Int(match wide < 0 {
            true => i32::MIN,
            false => i32::MAX,
        })),
        Err(_) if obs.has_quirk(Quirk::IntGrowsFloat) => Ok(Value::Float(wide as f64)),
        Err(_) => Err("overflow"),
    }
}

/// Computes with two Bytes.
fn bytes(
    operator: u8,
    left: i64,
    right: i64,
    obs: impl Observer<Quirk>,
) -> Result<Value, &'static str> {
    obs.holds("mmm.bin_op.type.1");
    obs.holds("mmm.bin_op.type.2");
    let clause = match operator {
        b'/' | b'%' => "mmm.bin_op.byte.2",
        _ => "mmm.bin_op.byte.1",
    };
    if matches!(operator, b'/' | b'%') && right == 0 {
        return match obs.has_quirk(Quirk::ByteZeroGivesZero) {
            true => Ok(Value::Byte(0)),
            false => Err(obs.breaks(clause, "divide-by-zero")),
        };
    }
    let wide = whole(operator, left, right);
    if obs.has_quirk(Quirk::BytesGiveInt) {
        return Ok(Value::Int(wide as i32));
    }
    let value = u8::try_from(wide);
    obs.check(clause, value.is_ok());
    obs.boundary_if(clause, || matches!(value, Ok(0 | 255)));
    match value {
        Ok(value) => Ok(Value::Byte(value)),
        Err(_) if obs.has_quirk(Quirk::ByteWraps) => Ok(Value::Byte(wide as u8)),
        Err(_) if obs.has_quirk(Quirk::ByteSaturates) => Ok(Value::Byte(wide.clamp(0, 255) as u8)),
        Err(_) => Err("overflow"),
    }
}

/// Computes in 64 bits, wide enough for any two 32-bit numbers. The right operand of `/` and `%` is
/// not zero.
fn whole(operator: u8, left: i64, right: i64) -> i64 {
    match operator {
        b'+' => left + right,
        b'-' => left - right,
        b'*' => left * right,
        b'/' => left / right,
        _ => left % right,
    }
}
