//! What Python computes with constants.

use crate::ast::{Operator, Unary};
use crate::constant::{ConstId, Consts, Value};
use crate::names::{Names, Sym};
use crate::upstream::int::to_float;
use num_bigint::{BigInt, Sign};

/// Most bits of an integer that folding makes.
const MOST_BITS: u64 = 128;
/// Most items of a collection.
const MOST_ITEMS: i64 = 256;
/// Most characters of a string.
const MOST_CHARS: i64 = 4096;
/// Most items of a collection and those within it.
const MOST_TOTAL: i64 = 1024;

/// A number.
#[derive(Clone)]
enum Number {
    Int(BigInt),
    Float(f64),
    Complex(f64, f64),
}

fn number(value: &Value) -> Option<Number> {
    Some(match value {
        Value::Bool(value) => Number::Int(BigInt::from(u8::from(*value))),
        Value::Int(value) => Number::Int(BigInt::from(*value)),
        Value::Long(value) => Number::Int((**value).clone()),
        Value::Float(bits) => Number::Float(f64::from_bits(*bits)),
        Value::Complex(real, imaginary) => {
            Number::Complex(f64::from_bits(*real), f64::from_bits(*imaginary))
        }
        _ => return None,
    })
}

/// Returns the result of an operator, unless it raises or is not folded.
pub(crate) fn unary(consts: &mut Consts, op: Unary, operand: ConstId) -> Option<ConstId> {
    if op == Unary::Not {
        return Some(match consts.is_true(operand) {
            true => ConstId::FALSE,
            false => ConstId::TRUE,
        });
    }
    let value = number(consts.get(operand))?;
    let result = match (op, value) {
        (Unary::Plus, value) => value,
        (Unary::Minus, Number::Int(value)) => Number::Int(-value),
        (Unary::Minus, Number::Float(value)) => Number::Float(-value),
        (Unary::Minus, Number::Complex(real, imaginary)) => Number::Complex(-real, -imaginary),
        (Unary::Invert, Number::Int(value)) => Number::Int(!value),
        _ => return None,
    };
    Some(add(consts, result))
}

fn add(consts: &mut Consts, number: Number) -> ConstId {
    match number {
        Number::Int(value) => consts.int(value),
        Number::Float(value) => consts.add(Value::Float(value.to_bits())),
        Number::Complex(real, imaginary) => {
            consts.add(Value::Complex(real.to_bits(), imaginary.to_bits()))
        }
    }
}

/// Returns the result of an operator, unless it raises or is not folded.
pub(crate) fn binary(
    names: &mut Names,
    consts: &mut Consts,
    op: Operator,
    left: ConstId,
    right: ConstId,
) -> Option<ConstId> {
    if let (Some(a), Some(b)) = (number(consts.get(left)), number(consts.get(right))) {
        if let (Value::Bool(a), Value::Bool(b)) = (consts.get(left), consts.get(right)) {
            let result = match op {
                Operator::BitAnd => a & b,
                Operator::BitOr => a | b,
                Operator::BitXor => a ^ b,
                _ => {
                    return numbers(
                        consts,
                        op,
                        number(&Value::Bool(*a))?,
                        number(&Value::Bool(*b))?,
                    );
                }
            };
            return Some(consts.add(Value::Bool(result)));
        }
        return numbers(consts, op, a, b);
    }
    match op {
        Operator::Add => concatenate(names, consts, left, right),
        Operator::Mult => match (consts.get(left), consts.get(right)) {
            (Value::Bool(_) | Value::Int(_), _) => repeat(names, consts, left, right),
            (_, Value::Bool(_) | Value::Int(_)) => repeat(names, consts, right, left),
            _ => None,
        },
        _ => None,
    }
}

fn concatenate(
    names: &mut Names,
    consts: &mut Consts,
    left: ConstId,
    right: ConstId,
) -> Option<ConstId> {
    Some(match (consts.get(left), consts.get(right)) {
        (Value::Str(a), Value::Str(b)) => {
            let text = [names.get(*a), names.get(*b)].concat();
            let text = names.intern(&text);
            consts.str(text)
        }
        (Value::Bytes(a), Value::Bytes(b)) => {
            let bytes = [&a[..], &b[..]].concat();
            consts.add(Value::Bytes(bytes.into()))
        }
        (Value::Tuple(a), Value::Tuple(b)) => {
            let items = [&a[..], &b[..]].concat();
            consts.tuple(&items)
        }
        _ => return None,
    })
}

/// How much of `limit` is left after the items of a collection and those within them.
fn complexity(consts: &Consts, id: ConstId, limit: i64) -> i64 {
    let mut left = limit;
    let mut todo = vec![id];
    while let Some(id) = todo.pop() {
        if let Value::Tuple(items) | Value::FrozenSet(items) = consts.get(id) {
            left -= items.len() as i64;
            if left < 0 {
                return left;
            }
            todo.extend(items);
        }
    }
    left
}

fn repeat(
    names: &mut Names,
    consts: &mut Consts,
    times: ConstId,
    what: ConstId,
) -> Option<ConstId> {
    let times = match consts.get(times) {
        Value::Bool(value) => i64::from(*value),
        Value::Int(value) => *value,
        _ => return None,
    };
    let fits = |size: usize, most: i64| size == 0 || times >= 0 && times <= most / size as i64;
    let count = usize::try_from(times).unwrap_or(0);
    Some(match consts.get(what) {
        Value::Str(text) => {
            let text = names.get(*text);
            let chars = text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
            if !fits(chars, MOST_CHARS) {
                return None;
            }
            let text = if text.is_empty() {
                Vec::new()
            } else {
                text.repeat(count)
            };
            let text = names.intern(&text);
            consts.str(text)
        }
        Value::Bytes(bytes) => {
            if !fits(bytes.len(), MOST_CHARS) {
                return None;
            }
            let bytes = if bytes.is_empty() {
                Vec::new()
            } else {
                bytes.repeat(count)
            };
            consts.add(Value::Bytes(bytes.into()))
        }
        Value::Tuple(items) => {
            if !fits(items.len(), MOST_ITEMS) {
                return None;
            }
            if items.is_empty() {
                return Some(what);
            }
            if times > 0 && complexity(consts, what, MOST_TOTAL / times) < 0 {
                return None;
            }
            let items = items.repeat(count);
            consts.tuple(&items)
        }
        _ => return None,
    })
}

/// Returns an item of a constant, unless there is none.
pub(crate) fn item(
    names: &mut Names,
    consts: &mut Consts,
    object: ConstId,
    index: ConstId,
) -> Option<ConstId> {
    let index = match consts.get(index) {
        Value::Bool(value) => i64::from(*value),
        Value::Int(value) => *value,
        _ => return None,
    };
    let at = |length: usize| {
        let at = if index < 0 {
            index.checked_add(length as i64)?
        } else {
            index
        };
        usize::try_from(at).ok().filter(|&at| at < length)
    };
    match consts.get(object) {
        Value::Tuple(items) => Some(items[at(items.len())?]),
        Value::Bytes(bytes) => {
            let byte = bytes[at(bytes.len())?];
            Some(consts.add(Value::Int(byte.into())))
        }
        Value::Str(text) => {
            let text = names.get(*text);
            let starts: Vec<usize> = (0..text.len())
                .filter(|&at| text[at] & 0xc0 != 0x80)
                .collect();
            let at = at(starts.len())?;
            let end = starts.get(at + 1).copied().unwrap_or(text.len());
            let one = text[starts[at]..end].to_vec();
            let one: Sym = names.intern(&one);
            Some(consts.str(one))
        }
        _ => None,
    }
}

fn numbers(consts: &mut Consts, op: Operator, left: Number, right: Number) -> Option<ConstId> {
    let result = match (left, right) {
        (Number::Int(a), Number::Int(b)) => ints(op, &a, &b)?,
        (Number::Complex(a, b), right) => {
            let (c, d) = as_complex(right)?;
            complex(op, (a, b), (c, d))?
        }
        (left, Number::Complex(c, d)) => {
            let (a, b) = as_complex(left)?;
            complex(op, (a, b), (c, d))?
        }
        (left, right) => floats(op, as_float(left)?, as_float(right)?)?,
    };
    Some(add(consts, result))
}

fn as_float(value: Number) -> Option<f64> {
    match value {
        Number::Int(value) => to_float(&value),
        Number::Float(value) => Some(value),
        Number::Complex(..) => None,
    }
}

fn as_complex(value: Number) -> Option<(f64, f64)> {
    match value {
        Number::Complex(real, imaginary) => Some((real, imaginary)),
        other => Some((as_float(other)?, 0.0)),
    }
}

/// The float nearest to a quotient.
fn ratio(left: &BigInt, right: &BigInt) -> Option<f64> {
    let (a, b) = (left.magnitude(), right.magnitude());
    if b.bits() == 0 {
        return None;
    }
    if a.bits() == 0 {
        return Some(
            if left.sign() == Sign::NoSign && right.sign() == Sign::Minus {
                -0.0
            } else {
                0.0
            },
        );
    }
    // A quotient of 64 bits or 65, and whether anything is left over.
    let shift = a.bits() as i64 - b.bits() as i64 - 64;
    let (top, bottom) = match shift < 0 {
        true => (a << (-shift) as u64, b.clone()),
        false => (a.clone(), b << shift as u64),
    };
    let quotient = &top / &bottom;
    let mut sticky = &quotient * &bottom != top;
    let mut low = shift;
    let mut bits = quotient;
    while bits.bits() > 64 {
        sticky |= bits.bit(0);
        bits >>= 1;
        low += 1;
    }
    let bits = bits.iter_u64_digits().next().unwrap_or(0);
    let size = crate::upstream::float::scale(bits, sticky, low).ok()?;
    Some(if left.sign() == right.sign() {
        size
    } else {
        -size
    })
}

/// Rounds towards minus infinity.
fn floor_div(a: &BigInt, b: &BigInt) -> Option<(BigInt, BigInt)> {
    if b.sign() == Sign::NoSign {
        return None;
    }
    let (mut quotient, mut rest) = (a / b, a % b);
    if rest.sign() != Sign::NoSign && rest.sign() != b.sign() {
        quotient -= 1;
        rest += b;
    }
    Some((quotient, rest))
}

fn ints(op: Operator, a: &BigInt, b: &BigInt) -> Option<Number> {
    let zero = |value: &BigInt| value.sign() == Sign::NoSign;
    let nonzero = !zero(a) && !zero(b);
    Some(Number::Int(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => {
            if nonzero && a.bits() + b.bits() > MOST_BITS {
                return None;
            }
            a * b
        }
        Operator::Div => {
            if zero(b) {
                return None;
            }
            return ratio(a, b).map(Number::Float);
        }
        Operator::FloorDiv => floor_div(a, b)?.0,
        Operator::Mod => floor_div(a, b)?.1,
        Operator::Pow => {
            if b.sign() == Sign::Minus {
                return float_power(to_float(a)?, to_float(b)?);
            }
            let power = u64::try_from(b).ok()?;
            if nonzero && a.bits() > MOST_BITS / power {
                return None;
            }
            match (zero(a), power) {
                (_, 0) => BigInt::from(1),
                (true, _) => BigInt::from(0),
                _ => a.pow(u32::try_from(power).ok()?),
            }
        }
        Operator::LShift => {
            let by = shift(b)?;
            if nonzero && (by > MOST_BITS || a.bits() > MOST_BITS - by) {
                return None;
            }
            if zero(a) { BigInt::from(0) } else { a << by }
        }
        Operator::RShift => {
            let by = shift(b)?;
            if by > a.bits() {
                BigInt::from(if a.sign() == Sign::Minus { -1 } else { 0 })
            } else {
                a >> by
            }
        }
        Operator::BitOr => a | b,
        Operator::BitXor => a ^ b,
        Operator::BitAnd => a & b,
        Operator::MatMult => return None,
    }))
}

fn shift(by: &BigInt) -> Option<u64> {
    match by.sign() {
        Sign::Minus => None,
        _ => Some(u64::try_from(by).unwrap_or(u64::MAX)),
    }
}

fn floats(op: Operator, a: f64, b: f64) -> Option<Number> {
    Some(Number::Float(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div if b != 0.0 => a / b,
        Operator::FloorDiv if b != 0.0 => div_mod(a, b).0,
        Operator::Mod if b != 0.0 => div_mod(a, b).1,
        Operator::Pow => return float_power(a, b),
        _ => return None,
    }))
}

/// Python's floor division of floats, and what is left over.
fn div_mod(a: f64, b: f64) -> (f64, f64) {
    let mut rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != 0.0 {
        if (b < 0.0) != (rest < 0.0) {
            rest += b;
            quotient -= 1.0;
        }
    } else {
        rest = 0f64.copysign(b);
    }
    let floor = if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 {
            floor + 1.0
        } else {
            floor
        }
    } else {
        0f64.copysign(a / b)
    };
    (floor, rest)
}

fn float_power(a: f64, b: f64) -> Option<Number> {
    if b == 0.0 {
        return Some(Number::Float(1.0));
    }
    if a == 0.0 && b < 0.0 {
        return None;
    }
    if a < 0.0 && a.is_finite() && b.is_finite() && b.floor() != b {
        return complex(Operator::Pow, (a, 0.0), (b, 0.0));
    }
    let result = a.powf(b);
    let overflow = result.is_infinite() && a.is_finite() && b.is_finite();
    (!overflow).then_some(Number::Float(result))
}

type Pair = (f64, f64);

fn times(a: Pair, b: Pair) -> Pair {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

fn quotient(a: Pair, b: Pair) -> Option<Pair> {
    let (real, imaginary) = (b.0.abs(), b.1.abs());
    if real >= imaginary {
        if real == 0.0 {
            return None;
        }
        let ratio = b.1 / b.0;
        let bottom = b.0 + b.1 * ratio;
        Some(((a.0 + a.1 * ratio) / bottom, (a.1 - a.0 * ratio) / bottom))
    } else if imaginary >= real {
        let ratio = b.0 / b.1;
        let bottom = b.0 * ratio + b.1;
        Some(((a.0 * ratio + a.1) / bottom, (a.1 * ratio - a.0) / bottom))
    } else {
        Some((f64::NAN, f64::NAN))
    }
}

fn complex(op: Operator, a: Pair, b: Pair) -> Option<Number> {
    let (real, imaginary) = match op {
        Operator::Add => (a.0 + b.0, a.1 + b.1),
        Operator::Sub => (a.0 - b.0, a.1 - b.1),
        Operator::Mult => times(a, b),
        Operator::Div => quotient(a, b)?,
        Operator::Pow => complex_power(a, b)?,
        _ => return None,
    };
    Some(Number::Complex(real, imaginary))
}

fn complex_power(a: Pair, b: Pair) -> Option<Pair> {
    let whole = b.0 as i64;
    let result = if b.1 == 0.0 && b.0 == whole as f64 && whole.abs() <= 100 {
        match whole > 0 {
            true => unsigned_power(a, whole as u64),
            false => quotient((1.0, 0.0), unsigned_power(a, whole.unsigned_abs()))?,
        }
    } else {
        polar_power(a, b)?
    };
    let overflow = (result.0.is_infinite() || result.1.is_infinite())
        && [a.0, a.1, b.0, b.1].iter().all(|part| part.is_finite());
    (!overflow).then_some(result)
}

fn unsigned_power(a: Pair, power: u64) -> Pair {
    let mut result = (1.0, 0.0);
    let mut square = a;
    let mut mask = 1;
    while mask > 0 && power >= mask {
        if power & mask != 0 {
            result = times(result, square);
        }
        mask <<= 1;
        square = times(square, square);
    }
    result
}

fn polar_power(a: Pair, b: Pair) -> Option<Pair> {
    if b == (0.0, 0.0) {
        return Some((1.0, 0.0));
    }
    if a == (0.0, 0.0) {
        return (b.1 == 0.0 && b.0 >= 0.0).then_some((0.0, 0.0));
    }
    let size = a.0.hypot(a.1);
    let mut length = size.powf(b.0);
    let angle = a.1.atan2(a.0);
    let mut phase = angle * b.0;
    if b.1 != 0.0 {
        length /= (angle * b.1).exp();
        phase += b.1 * size.ln();
    }
    Some((length * phase.cos(), length * phase.sin()))
}
