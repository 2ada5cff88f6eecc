//! `complex`.

use super::number::{Num, num, operators, to_float};
use crate::native::{Kw, Native, Sig, TypeDef, f, get};
use crate::object::Obj;
use crate::rinsn::Bin;
use crate::value::{R, Value};
use crate::vm::Vm;

pub(crate) static COMPLEX: TypeDef = TypeDef {
    name: "complex",
    methods: METHODS,
    getsets: &[
        get("real", |vm, this| Ok(Value::Float(parts(vm, this).0))),
        get("imag", |vm, this| Ok(Value::Float(parts(vm, this).1))),
    ],
    new: Some(new),
    basetype: true,
    doc: "Create a complex number from a real part and an optional imaginary part.\n\nThis is equivalent to (real + imag*1j) where imag defaults to 0.",
    ..TypeDef::BLANK
};

const METHODS: &[Native] = &[
    f("__add__", Sig::One, add),
    f("__radd__", Sig::One, radd),
    f("__sub__", Sig::One, sub),
    f("__rsub__", Sig::One, rsub),
    f("__mul__", Sig::One, mul),
    f("__rmul__", Sig::One, rmul),
    f("__truediv__", Sig::One, truediv),
    f("__rtruediv__", Sig::One, rtruediv),
    f("__floordiv__", Sig::One, no_floor),
    f("__rfloordiv__", Sig::One, no_floor),
    f("__mod__", Sig::One, no_mod),
    f("__rmod__", Sig::One, no_mod),
    f("__divmod__", Sig::One, no_floor),
    f("__rdivmod__", Sig::One, no_floor),
    f("__int__", Sig::None, |vm, _| {
        Err(vm.type_error("can't convert complex to int"))
    }),
    f("__float__", Sig::None, |vm, _| {
        Err(vm.type_error("can't convert complex to float"))
    }),
    f("__pow__", Sig::Pos(1, 2), |vm, a| {
        power(vm, a[0], a[1], a.get(2))
    }),
    f("__rpow__", Sig::Pos(1, 2), |vm, a| {
        power(vm, a[1], a[0], a.get(2))
    }),
    f("__neg__", Sig::None, |vm, a| {
        let (real, imaginary) = parts(vm, a[0]);
        Ok(vm.complex(-real, -imaginary))
    }),
    f("__pos__", Sig::None, |vm, a| {
        let (real, imaginary) = parts(vm, a[0]);
        Ok(vm.complex(real, imaginary))
    }),
    f("__abs__", Sig::None, |vm, a| {
        let (real, imaginary) = parts(vm, a[0]);
        let size = real.hypot(imaginary);
        if size.is_infinite() && real.is_finite() && imaginary.is_finite() {
            return Err(vm.overflow_error("absolute value too large"));
        }
        Ok(Value::Float(size))
    }),
    f("__bool__", Sig::None, |vm, a| {
        let (real, imaginary) = parts(vm, a[0]);
        Ok(Value::bool(real != 0.0 || imaginary != 0.0))
    }),
    f("__hash__", Sig::None, |vm, a| {
        let (real, imaginary) = parts(vm, a[0]);
        Ok(Value::Int(crate::hash::complex(real, imaginary)))
    }),
    f("__repr__", Sig::None, repr),
    f("__format__", Sig::One, |vm, a| {
        crate::format::format_number(vm, a[0], a[1])
    }),
    f("__eq__", Sig::One, |vm, a| equal(vm, a[0], a[1], false)),
    f("__ne__", Sig::One, |vm, a| equal(vm, a[0], a[1], true)),
    f("__lt__", Sig::One, |_, _| Ok(Value::NotImplemented)),
    f("__le__", Sig::One, |_, _| Ok(Value::NotImplemented)),
    f("__gt__", Sig::One, |_, _| Ok(Value::NotImplemented)),
    f("__ge__", Sig::One, |_, _| Ok(Value::NotImplemented)),
    f("__getnewargs__", Sig::None, |vm, a| {
        let (real, imaginary) = parts(vm, a[0]);
        Ok(vm.tuple(vec![Value::Float(real), Value::Float(imaginary)]))
    }),
    f("conjugate", Sig::None, |vm, a| {
        let (real, imaginary) = parts(vm, a[0]);
        Ok(vm.complex(real, -imaginary))
    }),
];

pub(crate) fn parts(vm: &Vm, value: Value) -> (f64, f64) {
    match num(vm, value) {
        Some(Num::Complex(real, imaginary)) => (real, imaginary),
        Some(Num::Float(real)) => (real, 0.0),
        _ => (0.0, 0.0),
    }
}

fn operate(vm: &mut Vm, bin: Bin, a: Value, b: Value) -> R {
    match (num(vm, a), num(vm, b)) {
        (Some(x), Some(y)) => super::number::arith(vm, bin, x, y),
        _ => Ok(Value::NotImplemented),
    }
}

operators! { operate;
    Add add radd;
    Sub sub rsub;
    Mul mul rmul;
    TrueDiv truediv rtruediv;
}

fn no_floor(vm: &mut Vm, _: &[Value]) -> R {
    Err(vm.type_error("can't take floor of complex number."))
}

fn no_mod(vm: &mut Vm, _: &[Value]) -> R {
    Err(vm.type_error("can't mod complex numbers."))
}

fn power(vm: &mut Vm, a: Value, b: Value, modulus: Option<&Value>) -> R {
    if modulus.is_some_and(|modulus| !modulus.is_none()) {
        return Err(vm.value_error("complex modulo"));
    }
    operate(vm, Bin::Pow, a, b)
}

/// Combines two complex numbers.
pub(crate) fn op(vm: &mut Vm, op: Bin, (a, b): (f64, f64), (c, d): (f64, f64)) -> R {
    let (real, imaginary) = match op {
        Bin::Add => (a + c, b + d),
        Bin::Sub => (a - c, b - d),
        Bin::Mul => (a * c - b * d, a * d + b * c),
        Bin::TrueDiv => match quotient((a, b), (c, d)) {
            Some(found) => found,
            None => {
                return Err(vm.raise(vm.exc.zero_division_error, "complex division by zero"));
            }
        },
        Bin::Pow => return pow(vm, (a, b), (c, d)),
        Bin::FloorDiv => return Err(vm.type_error("can't take floor of complex number.")),
        Bin::Mod => return Err(vm.type_error("can't mod complex numbers.")),
        _ => return Ok(Value::NotImplemented),
    };
    Ok(vm.complex(real, imaginary))
}

fn quotient((a, b): (f64, f64), (c, d): (f64, f64)) -> Option<(f64, f64)> {
    if c.abs() >= d.abs() {
        if c == 0.0 && d == 0.0 {
            return None;
        }
        let ratio = d / c;
        let bottom = c + d * ratio;
        Some(((a + b * ratio) / bottom, (b - a * ratio) / bottom))
    } else if d.abs() >= c.abs() {
        let ratio = c / d;
        let bottom = c * ratio + d;
        Some(((a * ratio + b) / bottom, (b * ratio - a) / bottom))
    } else {
        Some((f64::NAN, f64::NAN))
    }
}

fn pow(vm: &mut Vm, (a, b): (f64, f64), (c, d): (f64, f64)) -> R {
    if c == 0.0 && d == 0.0 {
        return Ok(vm.complex(1.0, 0.0));
    }
    if a == 0.0 && b == 0.0 {
        if d != 0.0 || c < 0.0 {
            let message = "0.0 to a negative or complex power";
            return Err(vm.raise(vm.exc.zero_division_error, message));
        }
        return Ok(vm.complex(0.0, 0.0));
    }
    let whole = c.trunc();
    let (real, imaginary) = if d == 0.0 && whole == c && whole.abs() <= 100.0 {
        int_power((a, b), whole as i64)
    } else {
        let size = a.hypot(b);
        let angle = b.atan2(a);
        let mut length = size.powf(c);
        let mut turned = angle * c;
        if d != 0.0 {
            length /= (angle * d).exp();
            turned += d * size.ln();
        }
        (length * turned.cos(), length * turned.sin())
    };
    if !real.is_finite() || !imaginary.is_finite() {
        return Err(vm.overflow_error("complex exponentiation"));
    }
    Ok(vm.complex(real, imaginary))
}

fn int_power(x: (f64, f64), power: i64) -> (f64, f64) {
    let times = |(a, b): (f64, f64), (c, d): (f64, f64)| (a * c - b * d, a * d + b * c);
    let mut result = (1.0, 0.0);
    let mut factor = x;
    let mut left = power.unsigned_abs();
    let mut mask = 1u64;
    let count = left;
    while mask > 0 && count >= mask {
        if count & mask != 0 {
            result = times(result, factor);
        }
        mask <<= 1;
        factor = times(factor, factor);
        left >>= 1;
    }
    let _ = left;
    if power < 0 {
        quotient((1.0, 0.0), result).unwrap_or((f64::NAN, f64::NAN))
    } else {
        result
    }
}

fn repr(vm: &mut Vm, a: &[Value]) -> R {
    use crate::floor::float::short;
    let (real, imaginary) = parts(vm, a[0]);
    let text = if real == 0.0 && real.is_sign_positive() {
        format!("{}j", short(imaginary))
    } else {
        let shown = short(imaginary);
        let sign = if shown.starts_with('-') { "" } else { "+" };
        format!("({}{sign}{shown}j)", short(real))
    };
    Ok(vm.str(&text))
}

fn equal(vm: &mut Vm, a: Value, b: Value, negate: bool) -> R {
    let (real, imaginary) = parts(vm, a);
    let same = match num(vm, b) {
        Some(Num::Complex(c, d)) => real == c && imaginary == d,
        Some(other) => {
            imaginary == 0.0
                && super::number::compare(crate::rinsn::Cmp::Eq, &Num::Float(real), &other)
                    .unwrap_or(false)
        }
        None => return Ok(Value::NotImplemented),
    };
    Ok(Value::bool(same != negate))
}

fn new(vm: &mut Vm, class: Value, args: &[Value], kw: Kw<'_>) -> R {
    let params = crate::native::Params {
        names: &["real", "imag"],
        required: 0,
        positional: 2,
    };
    let a = vm.bind_params("complex", params, args, kw)?;
    let (mut real, mut imaginary) = (0.0, 0.0);
    if vm.as_str(a[0]).is_some() {
        if !a[1].is_unset() {
            return Err(vm.type_error("complex() can't take second arg if first is a string"));
        }
        (real, imaginary) = parse(vm, a[0])?;
    } else {
        if vm.as_str(a[1]).is_some() {
            return Err(vm.type_error("complex() second arg can't be a string"));
        }
        if !a[0].is_unset() {
            (real, imaginary) = convert(vm, a[0], "first argument must be a string or a number")?;
        }
        if !a[1].is_unset() {
            let (c, d) = convert(vm, a[1], "second argument must be a number")?;
            real -= d;
            imaginary += c;
        }
    }
    match vm.as_class(class) {
        Some(class) if class != vm.types.complex => {
            Ok(vm.instance(class, Obj::Complex(real, imaginary)))
        }
        _ => Ok(vm.complex(real, imaginary)),
    }
}

/// Returns a number as a complex one.
pub(crate) fn convert(vm: &mut Vm, value: Value, message: &str) -> R<(f64, f64)> {
    let complex = vm.names.complex_;
    if let Some(result) = vm.call_special(value, complex, &[]) {
        let result = result?;
        return match num(vm, result) {
            Some(Num::Complex(real, imaginary)) => Ok((real, imaginary)),
            _ => Err(vm.type_error("__complex__ should return a complex object")),
        };
    }
    match num(vm, value) {
        Some(Num::Complex(real, imaginary)) => Ok((real, imaginary)),
        Some(number) => Ok((to_float(vm, &number)?, 0.0)),
        None => {
            let real = super::float::real(vm, value, |kind| {
                format!("complex() {message}, not '{kind}'")
            })?;
            Ok((real, 0.0))
        }
    }
}

fn parse(vm: &mut Vm, value: Value) -> R<(f64, f64)> {
    let text = vm
        .as_str(value)
        .and_then(super::int::ascii_digits)
        .unwrap_or_default();
    let mut text = text.trim();
    if let Some(inner) = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'))
    {
        text = inner.trim();
    }
    parse_text(text).ok_or_else(|| vm.value_error("complex() arg is a malformed string"))
}

fn parse_text(text: &str) -> Option<(f64, f64)> {
    let number = super::float::parse_text;
    let Some(head) = text.strip_suffix(['j', 'J']) else {
        return Some((number(text)?, 0.0));
    };
    let bytes = head.as_bytes();
    // The sign between the parts is the last one that no exponent holds.
    let split = (1..bytes.len())
        .rev()
        .find(|&at| matches!(bytes[at], b'+' | b'-') && !matches!(bytes[at - 1], b'e' | b'E'));
    let unit = |text: &str| match text {
        "" | "+" => Some(1.0),
        "-" => Some(-1.0),
        _ => number(text),
    };
    match split {
        Some(at) => Some((number(&head[..at])?, unit(&head[at..])?)),
        None => Some((0.0, unit(head)?)),
    }
}
