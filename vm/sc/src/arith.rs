//! Arithmetic and logic, on any values.

use super::insn::Fault;
use super::value::Value;

/// Two numbers after conversion to a common type.
enum Pair {
    Ints(i64, i64),
    Floats(f64, f64),
}

fn numbers(a: &Value, b: &Value) -> Result<Pair, Fault> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Ok(Pair::Ints(*a, *b)),
        (Value::Int(a), Value::Float(b)) => Ok(Pair::Floats(*a as f64, *b)),
        (Value::Float(a), Value::Int(b)) => Ok(Pair::Floats(*a, *b as f64)),
        (Value::Float(a), Value::Float(b)) => Ok(Pair::Floats(*a, *b)),
        _ => Err(Fault::TypeMismatch),
    }
}

fn int(result: Option<i64>) -> Result<Value, Fault> {
    result.map(Value::Int).ok_or(Fault::Overflow)
}

/// Adds two numbers. Strs are joined elsewhere, because that takes memory.
pub(super) fn add(a: &Value, b: &Value) -> Result<Value, Fault> {
    match numbers(a, b)? {
        Pair::Ints(a, b) => int(a.checked_add(b)),
        Pair::Floats(a, b) => Ok(Value::Float(a + b)),
    }
}

pub(super) fn sub(a: &Value, b: &Value) -> Result<Value, Fault> {
    match numbers(a, b)? {
        Pair::Ints(a, b) => int(a.checked_sub(b)),
        Pair::Floats(a, b) => Ok(Value::Float(a - b)),
    }
}

pub(super) fn mul(a: &Value, b: &Value) -> Result<Value, Fault> {
    match numbers(a, b)? {
        Pair::Ints(a, b) => int(a.checked_mul(b)),
        Pair::Floats(a, b) => Ok(Value::Float(a * b)),
    }
}

pub(super) fn div(a: &Value, b: &Value) -> Result<Value, Fault> {
    match numbers(a, b)? {
        Pair::Ints(_, 0) => Err(Fault::DivideByZero),
        Pair::Ints(a, b) => int(a.checked_div(b)),
        Pair::Floats(a, b) => Ok(Value::Float(a / b)),
    }
}

pub(super) fn modulo(a: &Value, b: &Value) -> Result<Value, Fault> {
    match numbers(a, b)? {
        Pair::Ints(_, 0) => Err(Fault::DivideByZero),
        Pair::Ints(a, b) => int(a.checked_rem(b)),
        Pair::Floats(a, b) => Ok(Value::Float(a % b)),
    }
}

pub(super) fn neg(a: &Value) -> Result<Value, Fault> {
    match a {
        Value::Int(a) => int(a.checked_neg()),
        Value::Float(a) => Ok(Value::Float(-a)),
        Value::Nil | Value::Bool(_) | Value::Str(_) => Err(Fault::TypeMismatch),
    }
}

pub(super) fn not(a: &Value) -> Result<Value, Fault> {
    match a {
        Value::Bool(a) => Ok(Value::Bool(!a)),
        Value::Nil | Value::Int(_) | Value::Float(_) | Value::Str(_) => Err(Fault::TypeMismatch),
    }
}

fn bools(a: &Value, b: &Value) -> Result<(bool, bool), Fault> {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Ok((*a, *b)),
        _ => Err(Fault::TypeMismatch),
    }
}

pub(super) fn and(a: &Value, b: &Value) -> Result<Value, Fault> {
    let (a, b) = bools(a, b)?;
    Ok(Value::Bool(a && b))
}

pub(super) fn or(a: &Value, b: &Value) -> Result<Value, Fault> {
    let (a, b) = bools(a, b)?;
    Ok(Value::Bool(a || b))
}
