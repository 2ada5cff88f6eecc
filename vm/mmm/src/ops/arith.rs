//! `bin_op`.

use crate::insn::{Arith, Fault};
use crate::value::Value;

/// `left ∘ right`.
#[inline]
pub(crate) fn arith(op: Arith, left: Value, right: Value) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => int(op, a, b).map(Value::Int),
        (Value::Float(a), Value::Float(b)) => Ok(Value::Float(float(op, a, b))),
        (Value::Byte(a), Value::Byte(b)) => byte(op, a, b).map(Value::Byte),
        (Value::Int(a), Value::Byte(b)) => int(op, a, i32::from(b)).map(Value::Int),
        (Value::Byte(a), Value::Int(b)) => int(op, i32::from(a), b).map(Value::Int),
        _ => match (widened(left), widened(right)) {
            (Some(a), Some(b)) => Ok(Value::Float(float(op, a, b))),
            _ => Err(Fault::TypeMismatch),
        },
    }
}

/// A number as a Float.
fn widened(value: Value) -> Option<f64> {
    match value {
        Value::Int(value) => Some(f64::from(value)),
        Value::Byte(value) => Some(f64::from(value)),
        Value::Float(value) => Some(value),
        Value::Bool(_) | Value::Str(_) | Value::Char(_) => None,
    }
}

#[inline]
fn int(op: Arith, a: i32, b: i32) -> Result<i32, Fault> {
    let result = match op {
        Arith::Add => a.checked_add(b),
        Arith::Sub => a.checked_sub(b),
        Arith::Mul => a.checked_mul(b),
        Arith::Div | Arith::Rem if b == 0 => return Err(Fault::DivideByZero),
        Arith::Div => a.checked_div(b),
        Arith::Rem => a.checked_rem(b),
    };
    result.ok_or(Fault::Overflow)
}

fn byte(op: Arith, a: u8, b: u8) -> Result<u8, Fault> {
    let result = match op {
        Arith::Add => a.checked_add(b),
        Arith::Sub => a.checked_sub(b),
        Arith::Mul => a.checked_mul(b),
        Arith::Div => return a.checked_div(b).ok_or(Fault::DivideByZero),
        Arith::Rem => return a.checked_rem(b).ok_or(Fault::DivideByZero),
    };
    result.ok_or(Fault::Overflow)
}

#[inline]
fn float(op: Arith, a: f64, b: f64) -> f64 {
    match op {
        Arith::Add => a + b,
        Arith::Sub => a - b,
        Arith::Mul => a * b,
        Arith::Div => a / b,
        Arith::Rem => a % b,
    }
}
