//! `int` and `bool`.

use super::number::{Num, arith, comparisons, num, operators, to_float};
use crate::native::{GetSet, Kw, Native, Sig, TypeDef, f, get, kw, params_at};
use crate::object::Obj;
use crate::rinsn::{Bin, Cmp};
use crate::value::{R, Ref, Value};
use crate::vm::Vm;
use num_bigint::{BigInt, Sign};
use num_integer::Integer as _;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};

pub(crate) static INT: TypeDef = TypeDef {
    name: "int",
    methods: METHODS,
    getsets: GETSETS,
    new: Some(new),
    basetype: true,
    doc: "int([x]) -> integer\nint(x, base=10) -> integer\n\nConvert a number or string to an integer, or return 0 if no arguments\nare given.  If x is a number, return x.__int__().  For floating point\nnumbers, this truncates towards zero.\n\nIf x is not a number or if base is given, then x must be a string,\nbytes, or bytearray instance representing an integer literal in the\ngiven base.  The literal can be preceded by '+' or '-' and be surrounded\nby whitespace.  The base defaults to 10.  Valid bases are 0 and 2-36.\nBase 0 means to interpret the base from the string as an integer literal.\n>>> int('0b100', base=0)\n4",
    ..TypeDef::BLANK
};

pub(crate) static BOOL: TypeDef = TypeDef {
    name: "bool",
    methods: &[
        f("__repr__", Sig::None, bool_repr),
        f("__and__", Sig::One, bool_and),
        f("__rand__", Sig::One, bool_and),
        f("__or__", Sig::One, bool_or),
        f("__ror__", Sig::One, bool_or),
        f("__xor__", Sig::One, bool_xor),
        f("__rxor__", Sig::One, bool_xor),
    ],
    new: Some(bool_new),
    solid: false,
    doc: "bool(x) -> bool\n\nReturns True when the argument x is true, False otherwise.\nThe builtins True and False are the only two instances of the class bool.\nThe class bool is a subclass of the class int, and cannot be subclassed.",
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
    f("__lshift__", Sig::One, lshift),
    f("__rlshift__", Sig::One, rlshift),
    f("__rshift__", Sig::One, rshift),
    f("__rrshift__", Sig::One, rrshift),
    f("__and__", Sig::One, and),
    f("__rand__", Sig::One, rand),
    f("__or__", Sig::One, or),
    f("__ror__", Sig::One, ror),
    f("__xor__", Sig::One, xor),
    f("__rxor__", Sig::One, rxor),
    f("__divmod__", Sig::One, divmod),
    f("__rdivmod__", Sig::One, rdivmod),
    f("__neg__", Sig::None, neg),
    f("__pos__", Sig::None, pos),
    f("__abs__", Sig::None, abs),
    f("__invert__", Sig::None, invert),
    f("__bool__", Sig::None, truth),
    f("__int__", Sig::None, pos),
    f("__index__", Sig::None, pos),
    f("__float__", Sig::None, float),
    f("__trunc__", Sig::None, pos),
    f("__floor__", Sig::None, pos),
    f("__ceil__", Sig::None, pos),
    f("__round__", Sig::Pos(0, 1), round),
    f("__hash__", Sig::None, hash),
    f("__repr__", Sig::None, repr),
    f("__format__", Sig::One, format),
    f("__lt__", Sig::One, lt),
    f("__le__", Sig::One, le),
    f("__eq__", Sig::One, eq),
    f("__ne__", Sig::One, ne),
    f("__gt__", Sig::One, gt),
    f("__ge__", Sig::One, ge),
    f("__getnewargs__", Sig::None, getnewargs),
    f("bit_length", Sig::None, bit_length),
    f("conjugate", Sig::None, pos),
    f("as_integer_ratio", Sig::None, as_integer_ratio),
    f(
        "to_bytes",
        params_at(&["length", "byteorder", "signed"], 2, 2),
        to_bytes,
    ),
    kw("from_bytes", from_bytes).class(),
];

const GETSETS: &[GetSet] = &[
    get("real", |vm, this| pos(vm, &[this])),
    get("imag", |_, _| Ok(Value::Int(0))),
    get("numerator", |vm, this| pos(vm, &[this])),
    get("denominator", |_, _| Ok(Value::Int(1))),
];

/// Returns an int of any size.
pub(crate) fn to_big(vm: &Vm, value: Value) -> Option<BigInt> {
    match num(vm, value)? {
        Num::Small(value) => Some(BigInt::from(value)),
        Num::Big(value) => Some(value),
        _ => None,
    }
}

/// Returns an int that fits.
pub(crate) fn to_i64(vm: &Vm, value: Value) -> Option<i64> {
    match value {
        Value::Int(value) => Some(value),
        _ => match num(vm, value)? {
            Num::Small(value) => Some(value),
            Num::Big(value) => value.to_i64(),
            _ => None,
        },
    }
}

/// Whether a value is an int.
pub(crate) fn is_int(vm: &Vm, value: Value) -> bool {
    value.small().is_some() || matches!(vm.obj(value), Obj::Big(_))
}

fn operate(vm: &mut Vm, op: Bin, a: Value, b: Value) -> R {
    match (num(vm, a), num(vm, b)) {
        (Some(x @ (Num::Small(_) | Num::Big(_))), Some(y @ (Num::Small(_) | Num::Big(_)))) => {
            arith(vm, op, x, y)
        }
        _ => Ok(Value::NotImplemented),
    }
}

operators! { operate;
    Add add radd;
    Sub sub rsub;
    Mul mul rmul;
    TrueDiv truediv rtruediv;
    FloorDiv floordiv rfloordiv;
    Mod modulo rmodulo;
    LShift lshift rlshift;
    RShift rshift rrshift;
    And and rand;
    Or or ror;
    Xor xor rxor;
}

fn compare(vm: &mut Vm, op: Cmp, a: Value, b: Value) -> R {
    match (num(vm, a), num(vm, b)) {
        (Some(x), Some(y @ (Num::Small(_) | Num::Big(_)))) => {
            Ok(super::number::compare(op, &x, &y).map_or(Value::NotImplemented, Value::bool))
        }
        _ => Ok(Value::NotImplemented),
    }
}

comparisons!(compare);

fn pow(vm: &mut Vm, a: &[Value]) -> R {
    power(vm, a[0], a[1], a.get(2).copied().unwrap_or(Value::None))
}

fn rpow(vm: &mut Vm, a: &[Value]) -> R {
    power(vm, a[1], a[0], a.get(2).copied().unwrap_or(Value::None))
}

/// `pow(a, b, modulus)` of ints.
pub(crate) fn power(vm: &mut Vm, a: Value, b: Value, modulus: Value) -> R {
    if modulus.is_none() {
        return operate(vm, Bin::Pow, a, b);
    }
    let (Some(mut x), Some(mut y), Some(m)) = (to_big(vm, a), to_big(vm, b), to_big(vm, modulus))
    else {
        return Ok(Value::NotImplemented);
    };
    if m.is_zero() {
        return Err(vm.value_error("pow() 3rd argument cannot be 0"));
    }
    if y.is_negative() {
        let Some(inverse) = x.modinv(&m) else {
            return Err(vm.value_error("base is not invertible for the given modulus"));
        };
        x = inverse;
        y = -y;
    }
    let size = m.bits() / 64 + 1;
    let steps = size.saturating_mul(size).saturating_mul(y.bits() * 2 + 1);
    vm.work(usize::try_from(steps).unwrap_or(usize::MAX))?;
    Ok(vm.big(x.modpow(&y, &m)))
}

fn divmod(vm: &mut Vm, a: &[Value]) -> R {
    pair(vm, a[0], a[1])
}

fn rdivmod(vm: &mut Vm, a: &[Value]) -> R {
    pair(vm, a[1], a[0])
}

fn pair(vm: &mut Vm, a: Value, b: Value) -> R {
    let quotient = operate(vm, Bin::FloorDiv, a, b)?;
    if quotient.is_not_implemented() {
        return Ok(quotient);
    }
    let rest = operate(vm, Bin::Mod, a, b)?;
    Ok(vm.tuple(vec![quotient, rest]))
}

fn neg(vm: &mut Vm, a: &[Value]) -> R {
    operate(vm, Bin::Sub, Value::Int(0), a[0])
}

fn pos(vm: &mut Vm, a: &[Value]) -> R {
    Ok(plain(vm, a[0]))
}

/// Returns an int of the class `int` itself.
pub(crate) fn plain(vm: &mut Vm, value: Value) -> Value {
    if vm.class_of(value) == vm.types.int {
        return value;
    }
    match num(vm, value) {
        Some(Num::Small(value)) => Value::Int(value),
        Some(Num::Big(big)) => vm.big(big),
        _ => value,
    }
}

fn abs(vm: &mut Vm, a: &[Value]) -> R {
    let value = to_big(vm, a[0]).unwrap_or_default();
    Ok(vm.big(value.abs()))
}

fn invert(vm: &mut Vm, a: &[Value]) -> R {
    operate(vm, Bin::Sub, Value::Int(-1), a[0])
}

fn truth(vm: &mut Vm, a: &[Value]) -> R {
    Ok(Value::bool(!to_big(vm, a[0]).unwrap_or_default().is_zero()))
}

fn float(vm: &mut Vm, a: &[Value]) -> R {
    let number = num(vm, a[0]).unwrap_or(Num::Small(0));
    to_float(vm, &number).map(Value::Float)
}

fn round(vm: &mut Vm, a: &[Value]) -> R {
    let value = plain(vm, a[0]);
    let Some(&digits) = a.get(1) else {
        return Ok(value);
    };
    let digits = vm.index(digits)?;
    let Some(digits) = to_i64(vm, digits).filter(|&digits| digits < 0) else {
        return Ok(value);
    };
    let Ok(count) = u32::try_from(-digits) else {
        return Ok(Value::Int(0));
    };
    let value = to_big(vm, value).unwrap_or_default();
    if u64::from(count) > value.bits() / 3 + 1 {
        return Ok(Value::Int(0));
    }
    let unit = BigInt::from(10).pow(count);
    let (quotient, rest) = value.div_mod_floor(&unit);
    let twice = &rest * 2;
    let up = twice > unit || twice == unit && quotient.is_odd();
    Ok(vm.big((quotient + i32::from(up)) * unit))
}

fn hash(vm: &mut Vm, a: &[Value]) -> R {
    Ok(Value::Int(match num(vm, a[0]) {
        Some(Num::Small(value)) => crate::hash::int(value),
        Some(Num::Big(value)) => crate::hash::big(&value),
        _ => 0,
    }))
}

fn repr(vm: &mut Vm, a: &[Value]) -> R {
    let text = digits(vm, a[0])?;
    Ok(vm.str(&text))
}

/// Returns an int in decimal.
pub(crate) fn digits(vm: &mut Vm, value: Value) -> R<String> {
    match num(vm, value) {
        Some(Num::Small(value)) => Ok(value.to_string()),
        Some(Num::Big(value)) => {
            let words = value.bits() as usize / 64;
            vm.work(words.saturating_mul(words.min(1000)))?;
            Ok(value.to_string())
        }
        _ => Ok(String::new()),
    }
}

fn format(vm: &mut Vm, a: &[Value]) -> R {
    crate::format::format_number(vm, a[0], a[1])
}

fn getnewargs(vm: &mut Vm, a: &[Value]) -> R {
    let value = plain(vm, a[0]);
    Ok(vm.tuple(vec![value]))
}

fn bit_length(vm: &mut Vm, a: &[Value]) -> R {
    Ok(Value::Int(
        to_big(vm, a[0]).unwrap_or_default().bits() as i64
    ))
}

fn as_integer_ratio(vm: &mut Vm, a: &[Value]) -> R {
    let value = plain(vm, a[0]);
    Ok(vm.tuple(vec![value, Value::Int(1)]))
}

fn is_little(vm: &mut Vm, order: Value) -> R<bool> {
    let Some(order) = vm.as_str(order) else {
        let kind = vm.type_name(order);
        return Err(vm.type_error(format!(
            "to_bytes() argument 'byteorder' must be str, not {kind}"
        )));
    };
    match order.as_str() {
        Some("little") => Ok(true),
        Some("big") => Ok(false),
        _ => Err(vm.value_error("byteorder must be either 'little' or 'big'")),
    }
}

fn to_bytes(vm: &mut Vm, a: &[Value]) -> R {
    let length = vm.size_arg(a[1])?;
    let little = is_little(vm, a[2])?;
    let signed = !a[3].is_unset() && vm.truth(a[3])?;
    let value = to_big(vm, a[0]).unwrap_or_default();
    let Ok(length) = usize::try_from(length) else {
        return Err(vm.value_error("length argument must be non-negative"));
    };
    if value.is_negative() && !signed {
        return Err(vm.overflow_error("can't convert negative int to unsigned"));
    }
    vm.room(length)?;
    let mut bytes = if signed {
        value.to_signed_bytes_le()
    } else {
        value.magnitude().to_bytes_le()
    };
    if value.is_zero() {
        bytes.clear();
    }
    if bytes.len() > length {
        return Err(vm.overflow_error("int too big to convert"));
    }
    bytes.resize(length, if value.is_negative() { 0xff } else { 0 });
    if !little {
        bytes.reverse();
    }
    Ok(vm.bytes(bytes))
}

fn from_bytes(vm: &mut Vm, args: &[Value], kw: Kw<'_>) -> R {
    let params = crate::native::Params {
        names: &["bytes", "byteorder", "signed"],
        required: 2,
        positional: 2,
    };
    let a = vm.bind_params("from_bytes", params, &args[1..], kw)?;
    let mut bytes = super::bytes::bytes_of(vm, a[0])?;
    let little = is_little(vm, a[1])?;
    if !little {
        bytes.reverse();
    }
    let signed = !a[2].is_unset() && vm.truth(a[2])?;
    let value = if signed {
        BigInt::from_signed_bytes_le(&bytes)
    } else {
        BigInt::from_bytes_le(Sign::Plus, &bytes)
    };
    let value = vm.big(value);
    if args[0].is(Value::Obj(vm.types.int)) {
        return Ok(value);
    }
    vm.call(args[0], &[value], &[])
}

fn new(vm: &mut Vm, class: Value, args: &[Value], kw: Kw<'_>) -> R {
    let Some(class) = vm.as_class(class) else {
        return Err(crate::value::Raise);
    };
    let params = crate::native::Params {
        names: &["", "base"],
        required: 0,
        positional: 2,
    };
    let a = vm.bind_params("int", params, args, kw)?;
    let value = if a[0].is_unset() {
        if !a[1].is_unset() {
            return Err(vm.type_error("int() missing string argument"));
        }
        Value::Int(0)
    } else if a[1].is_unset() {
        convert(vm, a[0])?
    } else {
        with_base(vm, a[0], a[1])?
    };
    if class == vm.types.int {
        return Ok(value);
    }
    make(vm, class, value)
}

/// Makes an int of a derived class.
pub(crate) fn make(vm: &mut Vm, class: Ref, value: Value) -> R {
    let big = to_big(vm, value).unwrap_or_default();
    Ok(vm.instance(class, Obj::Big(Box::new(big))))
}

/// `int(value)`.
pub(crate) fn convert(vm: &mut Vm, value: Value) -> R {
    if is_int(vm, value) && !vm.class(vm.class_of(value)).heap {
        return Ok(plain(vm, value));
    }
    if let Value::Float(float) = value {
        return of_float(vm, float);
    }
    let (int, index, trunc) = (vm.names.int_, vm.names.index, vm.names.trunc);
    for (name, text) in [(int, "__int__"), (index, "__index__")] {
        if let Some(result) = vm.call_special(value, name, &[]) {
            let result = result?;
            if is_int(vm, result) {
                return Ok(plain(vm, result));
            }
            let kind = vm.type_name(result);
            return Err(vm.type_error(format!("{text} returned non-int (type {kind})")));
        }
    }
    if let Some(result) = vm.call_special(value, trunc, &[]) {
        let result = result?;
        if is_int(vm, result) {
            return Ok(plain(vm, result));
        }
        if !vm.has_index(result) {
            let kind = vm.type_name(result);
            return Err(vm.type_error(format!("__trunc__ returned non-Integral (type {kind})")));
        }
        return vm.index(result);
    }
    if vm.as_str(value).is_some() || vm.as_bytes(value).is_some() {
        return parse(vm, value, 10);
    }
    let kind = vm.type_name(value);
    Err(vm.type_error(format!(
        "int() argument must be a string, a bytes-like object or a number, not '{kind}'"
    )))
}

/// Returns a float without its fraction as an int.
pub(crate) fn of_float(vm: &mut Vm, float: f64) -> R {
    if float.is_nan() {
        return Err(vm.value_error("cannot convert float NaN to integer"));
    }
    if float.is_infinite() {
        return Err(vm.overflow_error("cannot convert float infinity to integer"));
    }
    Ok(vm.big(super::number::big_of(float)))
}

fn with_base(vm: &mut Vm, value: Value, base: Value) -> R {
    let base = vm.index_size(base)?;
    if base != 0 && !(2..=36).contains(&base) {
        return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0"));
    }
    if vm.as_str(value).is_none() && vm.as_bytes(value).is_none() {
        return Err(vm.type_error("int() can't convert non-string with explicit base"));
    }
    parse(vm, value, base as u32)
}

/// Parses a string or bytes.
fn parse(vm: &mut Vm, value: Value, base: u32) -> R {
    let text: Option<String> = match vm.obj(value) {
        Obj::Str(text) => ascii_digits(text),
        _ => vm
            .as_bytes(value)
            .map(|bytes| bytes.iter().map(|&b| b as char).collect()),
    };
    if let Some(text) = text {
        let size = text.len();
        vm.work(size.saturating_mul(size / 512 + 1))?;
        if let Some(found) = parse_digits(text.trim_matches(is_blank), base) {
            return Ok(vm.big(found));
        }
    }
    let shown = vm.repr(value)?;
    let shown = vm.shown(shown);
    let shown: String = shown.chars().take(200).collect();
    Err(vm.value_error(format!(
        "invalid literal for int() with base {base}: {shown}"
    )))
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// Returns a string with decimal digits of all scripts as ASCII; none if it has other characters.
pub(crate) fn ascii_digits(text: &crate::text::Text) -> Option<String> {
    use crate::floor::unicode;
    text.iter()
        .map(|point| match point {
            0..0x80 => char::from_u32(point),
            _ if unicode::is_space(point) => Some(' '),
            _ => unicode::decimal(point).and_then(|digit| char::from_digit(digit, 10)),
        })
        .collect()
}

fn parse_digits(text: &str, mut base: u32) -> Option<BigInt> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = rest.get(..2).map(str::to_ascii_lowercase);
    let prefix = match lower.as_deref() {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => 0,
    };
    let mut digits = rest;
    if prefix != 0 && (base == 0 || base == prefix) {
        base = prefix;
        digits = &rest[2..];
        digits = digits.strip_prefix('_').unwrap_or(digits);
    } else if base == 0 {
        base = 10;
        // A leading zero would be an octal number of old.
        if digits.starts_with('0') && digits.bytes().any(|b| b != b'0' && b != b'_') {
            return None;
        }
    }
    if digits.is_empty()
        || digits.starts_with('_')
        || digits.ends_with('_')
        || digits.contains("__")
        || !digits.chars().all(|c| c == '_' || c.is_digit(base))
    {
        return None;
    }
    let plain: Vec<u8> = digits.bytes().filter(|&b| b != b'_').collect();
    let value = BigInt::parse_bytes(&plain, base)?;
    Some(if negative { -value } else { value })
}

fn bool_new(vm: &mut Vm, _: Value, args: &[Value], kw: Kw<'_>) -> R {
    if !kw.is_empty() {
        return Err(vm.type_error("bool() takes no keyword arguments"));
    }
    match args {
        [] => Ok(Value::False),
        [value] => vm.truth(*value).map(Value::bool),
        _ => Err(vm.type_error(format!(
            "bool expected at most 1 argument, got {}",
            args.len()
        ))),
    }
}

fn bool_repr(_vm: &mut Vm, a: &[Value]) -> R {
    let vm = _vm;
    Ok(vm.intern(if matches!(a[0], Value::True) {
        "True"
    } else {
        "False"
    }))
}

fn bools(op: Bin, a: &[Value], vm: &mut Vm) -> R {
    match (a[0], a[1]) {
        (Value::True | Value::False, Value::True | Value::False) => {
            let (x, y) = (matches!(a[0], Value::True), matches!(a[1], Value::True));
            Ok(Value::bool(match op {
                Bin::And => x & y,
                Bin::Or => x | y,
                _ => x ^ y,
            }))
        }
        _ => operate(vm, op, a[0], a[1]),
    }
}

fn bool_and(vm: &mut Vm, a: &[Value]) -> R {
    bools(Bin::And, a, vm)
}

fn bool_or(vm: &mut Vm, a: &[Value]) -> R {
    bools(Bin::Or, a, vm)
}

fn bool_xor(vm: &mut Vm, a: &[Value]) -> R {
    bools(Bin::Xor, a, vm)
}
