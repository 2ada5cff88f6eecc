//! `float`.

use super::number::{Num, arith, comparisons, num, operators, to_float};
use crate::native::{Kw, Native, Sig, TypeDef, f, get, kw};
use crate::object::Obj;
use crate::rinsn::{Bin, Cmp};
use crate::value::{R, Value};
use crate::vm::Vm;
use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::ToPrimitive as _;

pub(crate) static FLOAT: TypeDef = TypeDef {
    name: "float",
    methods: METHODS,
    getsets: &[
        get("real", |vm, this| plain(vm, &[this])),
        get("imag", |_, _| Ok(Value::Float(0.0))),
    ],
    new: Some(new),
    basetype: true,
    doc: "Convert a string or number to a floating point number, if possible.",
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
    f("__floordiv__", Sig::One, floordiv),
    f("__rfloordiv__", Sig::One, rfloordiv),
    f("__mod__", Sig::One, modulo),
    f("__rmod__", Sig::One, rmodulo),
    f("__pow__", Sig::Pos(1, 2), pow),
    f("__rpow__", Sig::Pos(1, 2), rpow),
    f("__divmod__", Sig::One, |vm, a| divmod(vm, a[0], a[1])),
    f("__rdivmod__", Sig::One, |vm, a| divmod(vm, a[1], a[0])),
    f("__neg__", Sig::None, |vm, a| {
        Ok(Value::Float(-value(vm, a[0])))
    }),
    f("__pos__", Sig::None, plain),
    f("__abs__", Sig::None, |vm, a| {
        Ok(Value::Float(value(vm, a[0]).abs()))
    }),
    f("__bool__", Sig::None, |vm, a| {
        Ok(Value::bool(value(vm, a[0]) != 0.0))
    }),
    f("__int__", Sig::None, |vm, a| {
        super::int::of_float(vm, value(vm, a[0]))
    }),
    f("__trunc__", Sig::None, |vm, a| {
        super::int::of_float(vm, value(vm, a[0]))
    }),
    f("__floor__", Sig::None, |vm, a| {
        super::int::of_float(vm, value(vm, a[0]).floor())
    }),
    f("__ceil__", Sig::None, |vm, a| {
        super::int::of_float(vm, value(vm, a[0]).ceil())
    }),
    f("__float__", Sig::None, plain),
    f("__round__", Sig::Pos(0, 1), round),
    f("__hash__", Sig::None, |vm, a| {
        Ok(Value::Int(crate::hash::float(value(vm, a[0]))))
    }),
    f("__repr__", Sig::None, repr),
    f("__format__", Sig::One, |vm, a| {
        crate::format::format_number(vm, a[0], a[1])
    }),
    f("__lt__", Sig::One, lt),
    f("__le__", Sig::One, le),
    f("__eq__", Sig::One, eq),
    f("__ne__", Sig::One, ne),
    f("__gt__", Sig::One, gt),
    f("__ge__", Sig::One, ge),
    f("__getnewargs__", Sig::None, |vm, a| {
        let value = plain(vm, a)?;
        Ok(vm.tuple(vec![value]))
    }),
    f("is_integer", Sig::None, |vm, a| {
        let value = value(vm, a[0]);
        Ok(Value::bool(value.is_finite() && value.fract() == 0.0))
    }),
    f("conjugate", Sig::None, plain),
    f("as_integer_ratio", Sig::None, as_integer_ratio),
    f("hex", Sig::None, hex),
    f("fromhex", Sig::One, fromhex).class(),
    kw(
        "__getformat__",
        |vm, _, _| Ok(vm.str("IEEE, little-endian")),
    )
    .class(),
];

/// Returns the float that a value is.
pub(crate) fn value(vm: &Vm, value: Value) -> f64 {
    match num(vm, value) {
        Some(Num::Float(value)) => value,
        _ => 0.0,
    }
}

fn plain(vm: &mut Vm, a: &[Value]) -> R {
    Ok(Value::Float(value(vm, a[0])))
}

fn operate(vm: &mut Vm, op: Bin, a: Value, b: Value) -> R {
    match (num(vm, a), num(vm, b)) {
        (Some(Num::Complex(..)), _) | (_, Some(Num::Complex(..)) | None) | (None, _) => {
            Ok(Value::NotImplemented)
        }
        (Some(x), Some(y)) => arith(vm, op, x, y),
    }
}

operators! { operate;
    Add add radd;
    Sub sub rsub;
    Mul mul rmul;
    TrueDiv truediv rtruediv;
    FloorDiv floordiv rfloordiv;
    Mod modulo rmodulo;
}

fn compare(vm: &mut Vm, op: Cmp, a: Value, b: Value) -> R {
    match (num(vm, a), num(vm, b)) {
        (Some(x), Some(y)) => {
            Ok(super::number::compare(op, &x, &y).map_or(Value::NotImplemented, Value::bool))
        }
        _ => Ok(Value::NotImplemented),
    }
}

comparisons!(compare);

fn pow(vm: &mut Vm, a: &[Value]) -> R {
    power(vm, a[0], a[1], a.get(2))
}

fn rpow(vm: &mut Vm, a: &[Value]) -> R {
    power(vm, a[1], a[0], a.get(2))
}

fn power(vm: &mut Vm, a: Value, b: Value, modulus: Option<&Value>) -> R {
    if modulus.is_some_and(|modulus| !modulus.is_none()) {
        return Err(
            vm.type_error("pow() 3rd argument not allowed unless all arguments are integers")
        );
    }
    operate(vm, Bin::Pow, a, b)
}

fn divmod(vm: &mut Vm, a: Value, b: Value) -> R {
    let (Some(x), Some(y)) = (num(vm, a), num(vm, b)) else {
        return Ok(Value::NotImplemented);
    };
    if matches!((&x, &y), (Num::Complex(..), _) | (_, Num::Complex(..))) {
        return Ok(Value::NotImplemented);
    }
    let (x, y) = (to_float(vm, &x)?, to_float(vm, &y)?);
    if y == 0.0 {
        return Err(vm.raise(vm.exc.zero_division_error, "float divmod()"));
    }
    let (quotient, rest) = super::number::div_mod(x, y);
    Ok(vm.tuple(vec![Value::Float(quotient), Value::Float(rest)]))
}

fn repr(vm: &mut Vm, a: &[Value]) -> R {
    let text = crate::floor::float::repr(value(vm, a[0]));
    Ok(vm.str(&text))
}

fn round(vm: &mut Vm, a: &[Value]) -> R {
    let x = value(vm, a[0]);
    let Some(&digits) = a.get(1).filter(|digits| !digits.is_none()) else {
        let rounded = x.round_ties_even();
        return super::int::of_float(vm, rounded);
    };
    let digits = vm.index_size(digits)?;
    if !x.is_finite() || digits > 323 {
        return Ok(Value::Float(x));
    }
    if digits < -308 {
        return Ok(Value::Float(0f64.copysign(x)));
    }
    let rounded = if digits >= 0 {
        format!("{:.*}", digits as usize, x).parse().unwrap_or(x)
    } else {
        let unit = BigInt::from(10).pow(-digits as u32);
        let twice = super::number::big_of(x.abs());
        let (quotient, rest) = twice.div_mod_floor(&unit);
        let fract = x.abs().fract() != 0.0;
        let double = &rest * 2;
        let up = double > unit || double == unit && (fract || quotient.is_odd());
        let whole = (quotient + i32::from(up)) * unit;
        whole.to_f64().unwrap_or(f64::INFINITY).copysign(x)
    };
    if f64::is_infinite(rounded) {
        return Err(vm.overflow_error("rounded value too large to represent"));
    }
    Ok(Value::Float(rounded))
}

fn as_integer_ratio(vm: &mut Vm, a: &[Value]) -> R {
    let x = value(vm, a[0]);
    if x.is_nan() {
        return Err(vm.value_error("cannot convert NaN to integer ratio"));
    }
    if x.is_infinite() {
        return Err(vm.overflow_error("cannot convert Infinity to integer ratio"));
    }
    let (top, bottom) = ratio(x);
    let (top, bottom) = (vm.big(top), vm.big(bottom));
    Ok(vm.tuple(vec![top, bottom]))
}

/// Returns a finite float as a fraction in lowest terms.
pub(crate) fn ratio(x: f64) -> (BigInt, BigInt) {
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64;
    let digits = bits & ((1 << 52) - 1);
    let (digits, exponent) = match exponent {
        0 => (digits, -1074),
        _ => (digits | 1 << 52, exponent - 1075),
    };
    if digits == 0 {
        return (BigInt::from(0), BigInt::from(1));
    }
    let zeros = i64::from(digits.trailing_zeros());
    let (digits, exponent) = (digits >> zeros, exponent + zeros);
    let size = BigInt::from(digits) * if x < 0.0 { -1 } else { 1 };
    if exponent >= 0 {
        (size << exponent as u64, BigInt::from(1))
    } else {
        (size, BigInt::from(1) << (-exponent) as u64)
    }
}

fn hex(vm: &mut Vm, a: &[Value]) -> R {
    let x = value(vm, a[0]);
    if !x.is_finite() {
        return repr(vm, a);
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64;
    let digits = bits & ((1 << 52) - 1);
    let text = match (exponent, digits) {
        (0, 0) => format!("{sign}0x0.0p+0"),
        (0, _) => format!("{sign}0x0.{digits:013x}p-1022"),
        _ => format!("{sign}0x1.{digits:013x}p{:+}", exponent - 1023),
    };
    Ok(vm.str(&text))
}

fn fromhex(vm: &mut Vm, a: &[Value]) -> R {
    use crate::floor::float::{HexError, from_hex};
    let Some(text) = vm.as_str(a[1]).map(|text| text.shown().into_owned()) else {
        let kind = vm.type_name(a[1]);
        return Err(vm.type_error(format!("fromhex() argument must be str, not {kind}")));
    };
    match from_hex(text.trim()) {
        Ok(value) if a[0].is(Value::Obj(vm.types.float)) => Ok(Value::Float(value)),
        Ok(value) => vm.call(a[0], &[Value::Float(value)], &[]),
        Err(HexError::Malformed) => {
            Err(vm.value_error("invalid hexadecimal floating-point string"))
        }
        Err(_) => Err(vm.overflow_error("hexadecimal value too large to represent as a float")),
    }
}

fn new(vm: &mut Vm, class: Value, args: &[Value], kw: Kw<'_>) -> R {
    if !kw.is_empty() {
        return Err(vm.type_error("float() takes no keyword arguments"));
    }
    let value = match args {
        [] => 0.0,
        [value] => convert(vm, *value)?,
        _ => {
            let message = format!("float expected at most 1 argument, got {}", args.len());
            return Err(vm.type_error(message));
        }
    };
    match vm.as_class(class) {
        Some(class) if class != vm.types.float => Ok(vm.instance(class, Obj::Float(value))),
        _ => Ok(Value::Float(value)),
    }
}

/// `float(value)`.
pub(crate) fn convert(vm: &mut Vm, value: Value) -> R<f64> {
    match vm.obj(value) {
        Obj::Str(text) => {
            let text = super::int::ascii_digits(text);
            return parse(vm, value, text.as_deref());
        }
        Obj::Bytes(_) | Obj::ByteArray(_) => {
            let bytes = vm.as_bytes(value).unwrap_or(&[]);
            let text: String = bytes.iter().map(|&byte| byte as char).collect();
            return parse(vm, value, Some(&text));
        }
        _ => {}
    }
    real(vm, value, |kind| {
        format!("float() argument must be a string or a number, not '{kind}'")
    })
}

/// Returns a real number as a float, as `math` and `%f` take one.
pub(crate) fn real(vm: &mut Vm, value: Value, message: impl Fn(&str) -> String) -> R<f64> {
    match value {
        Value::Float(value) => return Ok(value),
        Value::Int(value) => return Ok(value as f64),
        _ => {}
    }
    let (float, index) = (vm.names.float_, vm.names.index);
    let kind = vm.type_name(value);
    if let Some(result) = vm.call_special(value, float, &[]) {
        let result = result?;
        return match num(vm, result) {
            Some(Num::Float(value)) => Ok(value),
            _ => {
                let found = vm.type_name(result);
                Err(vm.type_error(format!(
                    "{kind}.__float__ returned non-float (type {found})"
                )))
            }
        };
    }
    if vm.special(value, index).is_some() {
        let index = vm.index(value)?;
        let number = num(vm, index).unwrap_or(Num::Small(0));
        return to_float(vm, &number);
    }
    Err(vm.type_error(message(&kind)))
}

/// A float for `%f`.
pub(crate) fn float_arg(vm: &mut Vm, value: Value, is_bytes: bool) -> R<f64> {
    if is_bytes {
        return real(vm, value, |kind| {
            format!("float argument required, not {kind}")
        });
    }
    real(vm, value, |kind| format!("must be real number, not {kind}"))
}

fn parse(vm: &mut Vm, value: Value, text: Option<&str>) -> R<f64> {
    if let Some(found) =
        text.and_then(|text| parse_text(text.trim_matches(|c| matches!(c, ' ' | '\t'..='\r'))))
    {
        return Ok(found);
    }
    let shown = vm.repr(value)?;
    let shown = vm.shown(shown);
    Err(vm.value_error(format!("could not convert string to float: {shown}")))
}

/// Parses a float as Python's `float` does.
pub(crate) fn parse_text(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    let (sign, word) = match lower.as_bytes().first() {
        Some(b'-') => (-1.0, &lower[1..]),
        Some(b'+') => (1.0, &lower[1..]),
        _ => (1.0, &lower[..]),
    };
    match word {
        "inf" | "infinity" => return Some(sign * f64::INFINITY),
        "nan" => return Some(f64::NAN.copysign(sign)),
        _ => {}
    }
    let bytes = word.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let fits = bytes.iter().enumerate().all(|(at, &byte)| match byte {
        b'0'..=b'9' | b'.' | b'e' | b'+' | b'-' => true,
        b'_' => at > 0 && digit(at - 1) && digit(at + 1),
        _ => false,
    });
    if !fits || !word.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let plain: String = word.chars().filter(|&c| c != '_').collect();
    plain.parse::<f64>().ok().map(|value| sign * value)
}
