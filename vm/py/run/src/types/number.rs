//! Arithmetic of ints, floats and complex numbers.

use crate::object::Obj;
use crate::rinsn::{Bin, Cmp};
use crate::value::{R, Value};
use crate::vm::Vm;
use num_bigint::{BigInt, Sign};
use num_integer::Integer as _;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};

/// A number, widest last.
#[derive(Clone, Debug)]
pub(crate) enum Num {
    Small(i64),
    Big(BigInt),
    Float(f64),
    Complex(f64, f64),
}

/// Returns the number that a value is; those of derived classes too.
pub(crate) fn num(vm: &Vm, value: Value) -> Option<Num> {
    Some(match value {
        Value::Int(value) => Num::Small(value),
        Value::True => Num::Small(1),
        Value::False => Num::Small(0),
        Value::Float(value) => Num::Float(value),
        Value::Obj(handle) => match vm.heap.get(handle) {
            Obj::Big(value) => Num::Big((**value).clone()),
            Obj::Float(value) => Num::Float(*value),
            Obj::Complex(real, imaginary) => Num::Complex(*real, *imaginary),
            _ => return None,
        },
        _ => return None,
    })
}

/// Combines two numbers of built-in classes; none for anything else.
#[inline]
pub(crate) fn fast(vm: &mut Vm, op: Bin, a: Value, b: Value) -> Option<R> {
    if let (Value::Int(x), Value::Int(y)) = (a, b)
        && let Some(value) = crate::run::fast_int(op, x, y)
    {
        return Some(Ok(Value::Int(value)));
    }
    let plain = |vm: &Vm, value: Value| match value {
        Value::Int(_) | Value::Float(_) => true,
        Value::Obj(handle) => {
            let class = vm.heap.class(handle);
            class == vm.types.int || class == vm.types.complex
        }
        _ => false,
    };
    if !plain(vm, a) || !plain(vm, b) {
        return None;
    }
    let (Some(x), Some(y)) = (num(vm, a), num(vm, b)) else {
        return None;
    };
    match arith(vm, op, x, y) {
        Ok(Value::NotImplemented) => None,
        result => Some(result),
    }
}

impl Num {
    fn rank(&self) -> u8 {
        match self {
            Num::Small(_) | Num::Big(_) => 0,
            Num::Float(_) => 1,
            Num::Complex(..) => 2,
        }
    }

    fn big(self) -> BigInt {
        match self {
            Num::Small(value) => BigInt::from(value),
            Num::Big(value) => value,
            _ => BigInt::zero(),
        }
    }
}

/// Returns a number as a float; OverflowError if it is an int that is too large.
pub(crate) fn to_float(vm: &mut Vm, number: &Num) -> R<f64> {
    match number {
        Num::Small(value) => Ok(*value as f64),
        Num::Float(value) => Ok(*value),
        Num::Complex(real, _) => Ok(*real),
        Num::Big(value) => {
            let float = value.to_f64().unwrap_or(f64::INFINITY);
            if float.is_infinite() {
                return Err(vm.overflow_error("int too large to convert to float"));
            }
            Ok(float)
        }
    }
}

/// Combines two numbers; NotImplemented where their types have no such operator.
pub(crate) fn arith(vm: &mut Vm, op: Bin, a: Num, b: Num) -> R {
    match a.rank().max(b.rank()) {
        0 => int_op(vm, op, a, b),
        1 => {
            let (x, y) = (to_float(vm, &a)?, to_float(vm, &b)?);
            float_op(vm, op, x, y)
        }
        _ => {
            let pair = |vm: &mut Vm, n: &Num| -> R<(f64, f64)> {
                Ok(match n {
                    Num::Complex(real, imaginary) => (*real, *imaginary),
                    other => (to_float(vm, other)?, 0.0),
                })
            };
            let (x, y) = (pair(vm, &a)?, pair(vm, &b)?);
            super::complex::op(vm, op, x, y)
        }
    }
}

fn zero_division(vm: &mut Vm, message: &str) -> crate::value::Raise {
    vm.raise(vm.exc.zero_division_error, message)
}

/// The most bits that an int may have.
const MOST_BITS: u64 = 1 << 33;

fn int_op(vm: &mut Vm, op: Bin, a: Num, b: Num) -> R {
    if let (Num::Small(x), Num::Small(y)) = (&a, &b)
        && let Some(value) = small_op(op, *x, *y)
    {
        return Ok(Value::Int(value));
    }
    if op == Bin::TrueDiv {
        return true_div(vm, a, b);
    }
    if op == Bin::Pow {
        return pow(vm, a.big(), b.big());
    }
    let (x, y) = (a.big(), b.big());
    let bits = x.bits().max(y.bits()) as usize;
    if bits > 4096 {
        vm.work(bits / 8)?;
        if matches!(op, Bin::Mul | Bin::FloorDiv | Bin::Mod) {
            let (small, large) = (x.bits().min(y.bits()) / 64, bits as u64 / 64);
            let steps = large.saturating_mul(small.min(64 + small / 8));
            vm.work(usize::try_from(steps).unwrap_or(usize::MAX))?;
            vm.room(bits / 4)?;
        }
    }
    let value = match op {
        Bin::Add => x + y,
        Bin::Sub => x - y,
        Bin::Mul => x * y,
        Bin::FloorDiv | Bin::Mod => {
            if y.is_zero() {
                return Err(zero_division(vm, "integer division or modulo by zero"));
            }
            let (quotient, rest) = x.div_mod_floor(&y);
            if op == Bin::Mod { rest } else { quotient }
        }
        Bin::LShift | Bin::RShift => return shift(vm, op, x, y),
        Bin::And => x & y,
        Bin::Or => x | y,
        Bin::Xor => x ^ y,
        Bin::TrueDiv | Bin::Pow | Bin::MatMul => return Ok(Value::NotImplemented),
    };
    Ok(vm.big(value))
}

fn small_op(op: Bin, x: i64, y: i64) -> Option<i64> {
    match op {
        Bin::FloorDiv if y < 0 => {
            let quotient = x.checked_div(y)?;
            Some(if x % y != 0 && (x < 0) != (y < 0) {
                quotient - 1
            } else {
                quotient
            })
        }
        Bin::Mod if y < 0 => {
            let rest = x.checked_rem(y)?;
            Some(if rest > 0 { rest + y } else { rest })
        }
        Bin::Pow if (0..64).contains(&y) => x.checked_pow(y as u32),
        Bin::RShift if y >= 64 => Some(if x < 0 { -1 } else { 0 }),
        _ => crate::run::fast_int(op, x, y),
    }
}

fn shift(vm: &mut Vm, op: Bin, x: BigInt, y: BigInt) -> R {
    if y.is_negative() {
        return Err(vm.value_error("negative shift count"));
    }
    if x.is_zero() {
        return Ok(Value::Int(0));
    }
    match (op, y.to_u64()) {
        (Bin::LShift, Some(count)) if count < MOST_BITS => {
            vm.room(count as usize / 8)?;
            Ok(vm.big(x << count))
        }
        (Bin::LShift, Some(_)) if y.bits() < 64 => Err(vm.memory_error()),
        (Bin::LShift, _) => Err(vm.overflow_error("too many digits in integer")),
        (_, Some(count)) => Ok(vm.big(x >> count)),
        _ => Ok(Value::Int(if x.is_negative() { -1 } else { 0 })),
    }
}

fn pow(vm: &mut Vm, x: BigInt, y: BigInt) -> R {
    if y.is_negative() {
        let (a, b) = (to_float(vm, &Num::Big(x))?, to_float(vm, &Num::Big(y))?);
        return float_op(vm, Bin::Pow, a, b);
    }
    if x.is_zero() || x.magnitude() == &1u8.into() {
        let value = match (x.sign(), y.is_zero(), y.is_even()) {
            (_, true, _) => 1,
            (Sign::NoSign, ..) => 0,
            (Sign::Minus, _, false) => -1,
            _ => 1,
        };
        return Ok(Value::Int(value));
    }
    let bits = y
        .to_u64()
        .and_then(|y| y.checked_mul(x.bits()))
        .filter(|&bits| bits < MOST_BITS);
    let (Some(bits), Some(power)) = (bits, y.to_u32()) else {
        return Err(vm.memory_error());
    };
    vm.room(bits as usize / 8)?;
    let steps = (bits / 64).saturating_mul(64 + bits / 4096);
    vm.work(usize::try_from(steps).unwrap_or(usize::MAX))?;
    Ok(vm.big(x.pow(power)))
}

/// Divides two ints to the nearest float.
fn true_div(vm: &mut Vm, a: Num, b: Num) -> R {
    const EXACT: i64 = 1 << 53;
    if let (Num::Small(x), Num::Small(y)) = (&a, &b)
        && *y != 0
        && (-EXACT..=EXACT).contains(x)
        && (-EXACT..=EXACT).contains(y)
    {
        return Ok(Value::Float(*x as f64 / *y as f64));
    }
    let (x, y) = (a.big(), b.big());
    if y.is_zero() {
        return Err(zero_division(vm, "division by zero"));
    }
    match divide(&x, &y) {
        Some(value) => Ok(Value::Float(value)),
        None => Err(vm.overflow_error("integer division result too large for a float")),
    }
}

/// Divides two ints to the nearest float; none if it would be infinite.
pub(crate) fn divide(x: &BigInt, y: &BigInt) -> Option<f64> {
    if x.is_zero() {
        return Some(if y.is_negative() { -0.0 } else { 0.0 });
    }
    let negative = x.is_negative() != y.is_negative();
    let (x, y) = (x.magnitude(), y.magnitude());
    let shift = 66 - (x.bits() as i64 - y.bits() as i64);
    // No smaller than what the least float needs.
    let shift = shift.min(1140);
    let (quotient, rest) = if shift >= 0 {
        (x << shift as u64).div_rem(y)
    } else {
        x.div_rem(&(y << (-shift) as u64))
    };
    let mut bits = quotient;
    if !rest.is_zero() {
        bits |= num_bigint::BigUint::from(1u8);
    }
    let value = scale(&bits, -shift)?;
    Some(if negative { -value } else { value })
}

/// Returns a number times a power of two, rounded once; its lowest bit may be sticky.
fn scale(bits: &num_bigint::BigUint, exponent: i64) -> Option<f64> {
    let size = bits.bits() as i64;
    let top = size + exponent;
    if top > 1024 {
        return None;
    }
    let keep = 53.min(top + 1074);
    if keep < 0 {
        return Some(0.0);
    }
    let drop = size - keep;
    let (mut kept, half, rest) = if drop > 0 {
        let kept = bits >> drop as u64;
        let half = bits.bit(drop as u64 - 1);
        let rest = drop > 1
            && bits
                .trailing_zeros()
                .is_some_and(|zeros| (zeros as i64) < drop - 1);
        (kept.to_u64()?, half, rest)
    } else {
        ((bits << (-drop) as u64).to_u64()?, false, false)
    };
    if half && (rest || kept & 1 == 1) {
        kept += 1;
    }
    let value = kept as f64 * 2f64.powi(0);
    let power = exponent + drop;
    let value = ldexp(value, power);
    value.is_finite().then_some(value)
}

/// Returns a float times a power of two.
pub(crate) fn ldexp(mut value: f64, mut power: i64) -> f64 {
    while power > 1000 {
        value *= 2f64.powi(1000);
        power -= 1000;
        if value.is_infinite() {
            return value;
        }
    }
    if power < -1000 {
        // The first steps are exact; the last one rounds.
        let mut left = power;
        while left < -1021 && value.abs() >= 2f64.powi(-20) {
            let step = (-left - 53).min(500);
            if value.abs() * 2f64.powi(-step as i32) < f64::MIN_POSITIVE * 2f64.powi(53) {
                break;
            }
            value *= 2f64.powi(-step as i32);
            left += step;
        }
        while left < -1000 {
            value *= 2f64.powi(-1000);
            left += 1000;
        }
        return value * 2f64.powi(left as i32);
    }
    value * 2f64.powi(power as i32)
}

pub(crate) fn float_op(vm: &mut Vm, op: Bin, x: f64, y: f64) -> R {
    let value = match op {
        Bin::Add => x + y,
        Bin::Sub => x - y,
        Bin::Mul => x * y,
        Bin::TrueDiv if y == 0.0 => return Err(zero_division(vm, "float division by zero")),
        Bin::TrueDiv => x / y,
        Bin::FloorDiv if y == 0.0 => return Err(zero_division(vm, "float divmod()")),
        Bin::FloorDiv => div_mod(x, y).0,
        Bin::Mod if y == 0.0 => return Err(zero_division(vm, "float modulo")),
        Bin::Mod => div_mod(x, y).1,
        Bin::Pow => return float_pow(vm, x, y),
        _ => return Ok(Value::NotImplemented),
    };
    Ok(Value::Float(value))
}

/// Returns quotient and remainder as Python's `divmod` does for floats.
pub(crate) fn div_mod(x: f64, y: f64) -> (f64, f64) {
    let mut rest = x % y;
    let mut quotient = (x - rest) / y;
    if rest == 0.0 {
        rest = 0f64.copysign(y);
    } else if (y < 0.0) != (rest < 0.0) {
        rest += y;
        quotient -= 1.0;
    }
    let floor = if quotient == 0.0 {
        0f64.copysign(x / y)
    } else {
        let floor = quotient.floor();
        if quotient - floor > 0.5 {
            floor + 1.0
        } else {
            floor
        }
    };
    (floor, rest)
}

fn float_pow(vm: &mut Vm, x: f64, y: f64) -> R {
    if y == 0.0 || x == 1.0 {
        return Ok(Value::Float(1.0));
    }
    if x == 0.0 && y < 0.0 {
        return Err(zero_division(
            vm,
            "0.0 cannot be raised to a negative power",
        ));
    }
    if x < 0.0 && x.is_finite() && y.is_finite() && y.fract() != 0.0 {
        return super::complex::op(vm, Bin::Pow, (x, 0.0), (y, 0.0));
    }
    let value = x.powf(y);
    if value.is_infinite() && x.is_finite() && y.is_finite() {
        let text = vm.str("Numerical result out of range");
        return Err(vm.raise_with(vm.exc.overflow_error, vec![Value::Int(34), text]));
    }
    Ok(Value::Float(value))
}

/// Compares two numbers; returns `None` if one is not a real number.
pub(crate) fn compare(op: Cmp, a: &Num, b: &Num) -> Option<bool> {
    use std::cmp::Ordering;
    let order = match (a, b) {
        (Num::Small(a), Num::Small(b)) => Some(a.cmp(b)),
        (Num::Small(_) | Num::Big(_), Num::Small(_) | Num::Big(_)) => {
            Some(a.clone().big().cmp(&b.clone().big()))
        }
        (Num::Float(a), Num::Float(b)) => a.partial_cmp(b),
        (Num::Float(a), _) => int_order(*a, b)?,
        (_, Num::Float(b)) => int_order(*b, a)?.map(Ordering::reverse),
        _ => return None,
    };
    Some(match order {
        Some(order) => op.fits(order),
        None => op == Cmp::Ne,
    })
}

/// Compares a float with an int, exactly.
#[allow(
    clippy::option_option,
    reason = "outer: not an int; inner: not a number"
)]
fn int_order(a: f64, b: &Num) -> Option<Option<std::cmp::Ordering>> {
    let b = match b {
        Num::Small(b) => BigInt::from(*b),
        Num::Big(b) => b.clone(),
        _ => return None,
    };
    if a.is_nan() {
        return Some(None);
    }
    if a.is_infinite() {
        let greater = a > 0.0;
        return Some(Some(if greater {
            std::cmp::Ordering::Greater
        } else {
            std::cmp::Ordering::Less
        }));
    }
    let floor = big_of(a.floor());
    Some(Some(floor.cmp(&b).then(if a.fract() != 0.0 {
        std::cmp::Ordering::Greater
    } else {
        std::cmp::Ordering::Equal
    })))
}

/// Returns a finite float without its fraction as an int.
pub(crate) fn big_of(value: f64) -> BigInt {
    let value = value.trunc();
    if value.abs() < 9e15 {
        return BigInt::from(value as i64);
    }
    let bits = value.to_bits();
    let digits = BigInt::from(bits & ((1 << 52) - 1) | 1 << 52);
    let size = digits << ((bits >> 52 & 0x7ff) - 1075);
    if value < 0.0 { -size } else { size }
}

/// Methods of an operator: forward and reflected.
macro_rules! operators {
    ($operand:path; $($op:ident $name:ident $reflected:ident;)*) => {
        $(
            fn $name(vm: &mut crate::vm::Vm, a: &[crate::value::Value]) -> crate::value::R {
                $operand(vm, crate::rinsn::Bin::$op, a[0], a[1])
            }
            fn $reflected(vm: &mut crate::vm::Vm, a: &[crate::value::Value]) -> crate::value::R {
                $operand(vm, crate::rinsn::Bin::$op, a[1], a[0])
            }
        )*
    };
}
pub(crate) use operators;

/// Methods of the six comparisons.
macro_rules! comparisons {
    ($compare:path) => {
        fn lt(vm: &mut crate::vm::Vm, a: &[crate::value::Value]) -> crate::value::R {
            $compare(vm, crate::rinsn::Cmp::Lt, a[0], a[1])
        }
        fn le(vm: &mut crate::vm::Vm, a: &[crate::value::Value]) -> crate::value::R {
            $compare(vm, crate::rinsn::Cmp::Le, a[0], a[1])
        }
        fn eq(vm: &mut crate::vm::Vm, a: &[crate::value::Value]) -> crate::value::R {
            $compare(vm, crate::rinsn::Cmp::Eq, a[0], a[1])
        }
        fn ne(vm: &mut crate::vm::Vm, a: &[crate::value::Value]) -> crate::value::R {
            $compare(vm, crate::rinsn::Cmp::Ne, a[0], a[1])
        }
        fn gt(vm: &mut crate::vm::Vm, a: &[crate::value::Value]) -> crate::value::R {
            $compare(vm, crate::rinsn::Cmp::Gt, a[0], a[1])
        }
        fn ge(vm: &mut crate::vm::Vm, a: &[crate::value::Value]) -> crate::value::R {
            $compare(vm, crate::rinsn::Cmp::Ge, a[0], a[1])
        }
    };
}
pub(crate) use comparisons;
