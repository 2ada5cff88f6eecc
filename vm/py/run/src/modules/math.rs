//! `math`.

use crate::native::{ModuleDef, Native, Sig, f};
use crate::types::number::{Num, num};
use crate::value::{R, Value};
use crate::vm::Vm;

pub(crate) static MATH: ModuleDef = ModuleDef {
    name: "math",
    doc: "This module provides access to the mathematical functions\ndefined by the C standard.",
    functions: ROWS,
    init: |vm, module| {
        super::constant(vm, module, "pi", Value::Float(std::f64::consts::PI));
        super::constant(vm, module, "e", Value::Float(std::f64::consts::E));
        super::constant(vm, module, "tau", Value::Float(std::f64::consts::TAU));
        super::constant(vm, module, "inf", Value::Float(f64::INFINITY));
        super::constant(vm, module, "nan", Value::Float(f64::NAN));
        Ok(())
    },
};

const ROWS: &[Native] = &[
    f("sqrt", Sig::One, |vm, a| unary(vm, a[0], f64::sqrt)),
    f("sin", Sig::One, |vm, a| unary(vm, a[0], f64::sin)),
    f("cos", Sig::One, |vm, a| unary(vm, a[0], f64::cos)),
    f("tan", Sig::One, |vm, a| unary(vm, a[0], f64::tan)),
    f("atan", Sig::One, |vm, a| unary(vm, a[0], f64::atan)),
    f("asin", Sig::One, |vm, a| unary(vm, a[0], f64::asin)),
    f("acos", Sig::One, |vm, a| unary(vm, a[0], f64::acos)),
    f("exp", Sig::One, |vm, a| unary(vm, a[0], f64::exp)),
    f("fabs", Sig::One, |vm, a| unary(vm, a[0], f64::abs)),
    f("degrees", Sig::One, |vm, a| {
        unary(vm, a[0], f64::to_degrees)
    }),
    f("radians", Sig::One, |vm, a| {
        unary(vm, a[0], f64::to_radians)
    }),
    f("log2", Sig::One, |vm, a| log(vm, a[0], f64::log2)),
    f("log10", Sig::One, |vm, a| log(vm, a[0], f64::log10)),
    f("log", Sig::Pos(1, 2), |vm, a| {
        let top = log(vm, a[0], f64::ln)?;
        match a.get(1) {
            None => Ok(top),
            Some(&base) => {
                let bottom = log(vm, base, f64::ln)?;
                vm.binary_op(crate::rinsn::Bin::TrueDiv, false, top, bottom)
            }
        }
    }),
    f("atan2", Sig::Pos(2, 2), |vm, a| {
        let (y, x) = (real(vm, a[0])?, real(vm, a[1])?);
        Ok(Value::Float(y.atan2(x)))
    }),
    f("pow", Sig::Pos(2, 2), |vm, a| {
        let (x, y) = (real(vm, a[0])?, real(vm, a[1])?);
        let found = x.powf(y);
        check(vm, found, x.is_finite() && y.is_finite())
    }),
    f("fmod", Sig::Pos(2, 2), |vm, a| {
        let (x, y) = (real(vm, a[0])?, real(vm, a[1])?);
        let found = x % y;
        check(vm, found, !x.is_nan() && !y.is_nan())
    }),
    f("copysign", Sig::Pos(2, 2), |vm, a| {
        let (x, y) = (real(vm, a[0])?, real(vm, a[1])?);
        Ok(Value::Float(x.copysign(y)))
    }),
    f("hypot", Sig::Pos(0, usize::MAX), |vm, a| {
        let mut sum = 0f64;
        for &value in a {
            sum = sum.hypot(real(vm, value)?);
        }
        Ok(Value::Float(sum))
    }),
    f("floor", Sig::One, |vm, a| {
        rounded(vm, a[0], "__floor__", f64::floor)
    }),
    f("ceil", Sig::One, |vm, a| {
        rounded(vm, a[0], "__ceil__", f64::ceil)
    }),
    f("trunc", Sig::One, |vm, a| {
        let name = vm.names.trunc;
        match vm.call_special(a[0], name, &[]) {
            Some(result) => result,
            None => {
                let kind = vm.type_name(a[0]);
                Err(vm.type_error(format!("type {kind} doesn't define __trunc__ method")))
            }
        }
    }),
    f("isnan", Sig::One, |vm, a| {
        Ok(Value::bool(real(vm, a[0])?.is_nan()))
    }),
    f("isinf", Sig::One, |vm, a| {
        Ok(Value::bool(real(vm, a[0])?.is_infinite()))
    }),
    f("isfinite", Sig::One, |vm, a| {
        Ok(Value::bool(real(vm, a[0])?.is_finite()))
    }),
    f("gcd", Sig::Pos(0, usize::MAX), |vm, a| {
        use num_integer::Integer as _;
        let mut found = num_bigint::BigInt::from(0);
        for &value in a {
            let index = vm.index(value)?;
            found = found.gcd(&crate::types::int::to_big(vm, index).unwrap_or_default());
        }
        Ok(vm.big(found))
    }),
    f("factorial", Sig::One, |vm, a| {
        let index = vm.index(a[0])?;
        let Some(count) = crate::types::int::to_i64(vm, index) else {
            let message = "factorial() argument should not exceed 9223372036854775807";
            return Err(vm.overflow_error(message));
        };
        if count < 0 {
            return Err(vm.value_error("factorial() not defined for negative values"));
        }
        let mut product = num_bigint::BigInt::from(1);
        for factor in 2..=count {
            vm.work(product.bits() as usize / 8 + 64)?;
            product *= factor;
        }
        Ok(vm.big(product))
    }),
    f("isqrt", Sig::One, |vm, a| {
        let index = vm.index(a[0])?;
        let value = crate::types::int::to_big(vm, index).unwrap_or_default();
        if value.sign() == num_bigint::Sign::Minus {
            return Err(vm.value_error("isqrt() argument must be nonnegative"));
        }
        Ok(vm.big(value.sqrt()))
    }),
];

fn real(vm: &mut Vm, value: Value) -> R<f64> {
    crate::types::float::real(vm, value, |kind| format!("must be real number, not {kind}"))
}

fn check(vm: &mut Vm, found: f64, finite: bool) -> R {
    if finite && found.is_nan() {
        return Err(vm.value_error("math domain error"));
    }
    if finite && found.is_infinite() {
        return Err(vm.overflow_error("math range error"));
    }
    Ok(Value::Float(found))
}

fn unary(vm: &mut Vm, value: Value, of: fn(f64) -> f64) -> R {
    let x = real(vm, value)?;
    if x.is_infinite() && of(x).is_nan() {
        return Err(vm.value_error("math domain error"));
    }
    check(vm, of(x), x.is_finite())
}

fn log(vm: &mut Vm, value: Value, of: fn(f64) -> f64) -> R {
    if let Some(Num::Big(big)) = num(vm, value)
        && big.sign() == num_bigint::Sign::Plus
    {
        // Too large for a float, perhaps: its exponent is taken apart.
        let shift = big.bits().saturating_sub(64);
        let (_, high) = (big.clone() >> shift).to_u64_digits();
        let top = high.first().copied().unwrap_or(1) as f64;
        return Ok(Value::Float(of(top) + shift as f64 * of(2.0)));
    }
    let x = real(vm, value)?;
    if x <= 0.0 {
        return Err(vm.value_error("math domain error"));
    }
    Ok(Value::Float(of(x)))
}

fn rounded(vm: &mut Vm, value: Value, name: &str, of: fn(f64) -> f64) -> R {
    let name = vm.intern(name);
    if let Some(result) = vm.call_special(value, name, &[]) {
        return result;
    }
    let x = real(vm, value)?;
    crate::types::int::of_float(vm, of(x))
}
