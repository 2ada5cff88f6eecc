//! Values: how they are written in a program, how they print, how they are reckoned with.

use super::super::observe::Watch;
use super::super::quirks::mmm::Quirk;
use super::text::digits_only;
use std::fmt::Write as _;

#[derive(Clone, Debug)]
pub(super) enum Value {
    Bool(bool),
    Str(String),
    Int(i32),
    Float(f64),
    Char(char),
    Byte(u8),
}

// ------------------------------------------------------------------------------------- literals

/// The value that a literal instruction pushes; none if its operand is malformed.
pub(super) fn literal(mnemonic: &str, operand: &str, w: impl Watch<Quirk>) -> Option<Value> {
    let (clause, value) = match mnemonic {
        "bool" => ("mmm.bool.1", bool_literal(operand, w)),
        "string" if operand.starts_with('\'') && w.quirk(Quirk::StringTakesChar) => {
            ("mmm.string.1", char_as_str(operand, w))
        }
        "string" => ("mmm.string.1", str_literal(operand, w)),
        "int" if operand.starts_with("0b") && w.quirk(Quirk::IntTakesByte) => {
            ("mmm.int.1", byte_as_int(operand, w))
        }
        "int" => ("mmm.int.1", int_literal(operand, w)),
        "float" => ("mmm.float.1", float_literal(operand, w)),
        "char" => ("mmm.char.1", char_literal(operand, w)),
        "byte" => ("mmm.byte.1", byte_literal(operand, w)),
        _ => ("mmm.constexpr.1", constexpr(operand, w)),
    };
    w.shows(clause, value.is_some());
    value
}

/// The beginning of a literal tells of which type it can be; only a number can be of two.
fn constexpr(text: &str, w: impl Watch<Quirk>) -> Option<Value> {
    w.holds("mmm.constexpr.2");
    if w.quirk(Quirk::ConstexprFloatFirst)
        && let Some(value) = float_literal(text, w)
    {
        return Some(value);
    }
    if text.starts_with('"') {
        return str_literal(text, w);
    }
    if text.starts_with("0b") && !w.quirk(Quirk::ConstexprWithoutByte) {
        return byte_literal(text, w);
    }
    if text.starts_with('\'') {
        return char_literal(text, w);
    }
    if digits_only(unsigned(text)) {
        let int = int_literal(text, w);
        return match w.shows("mmm.constexpr.3", int.is_some()) {
            false if w.quirk(Quirk::ConstexprGrowsFloat) => float_literal(text, w),
            _ => int,
        };
    }
    match text.starts_with(['t', 'f', 'T', 'F']) {
        true => bool_literal(text, w),
        false => float_literal(text, w),
    }
}

fn char_as_str(text: &str, w: impl Watch<Quirk>) -> Option<Value> {
    match char_literal(text, w) {
        Some(Value::Char(c)) => Some(Value::Str(c.into())),
        _ => None,
    }
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn bool_literal(text: &str, w: impl Watch<Quirk>) -> Option<Value> {
    let found = match text {
        "true" => Some(true),
        "false" => Some(false),
        "True" if w.quirk(Quirk::BoolCapitals) => Some(true),
        "False" if w.quirk(Quirk::BoolCapitals) => Some(false),
        "1" if w.quirk(Quirk::BoolDigits) => Some(true),
        "0" if w.quirk(Quirk::BoolDigits) => Some(false),
        _ => None,
    };
    w.shows("mmm.literal.bool.1", found.is_some());
    found.map(Value::Bool)
}

fn int_literal(text: &str, w: impl Watch<Quirk>) -> Option<Value> {
    let digits = unsigned(text);
    if w.quirk(Quirk::IntPlusRefused) && text.starts_with('+') {
        return None;
    }
    if w.quirk(Quirk::IntUnderscores) && digits.contains('_') {
        return text.replace('_', "").parse().ok().map(Value::Int);
    }
    if w.quirk(Quirk::IntHexadecimal) && digits.starts_with("0x") {
        return i32::from_str_radix(&digits[2..], 16).ok().map(Value::Int);
    }
    if !w.shows("mmm.literal.int.1", digits_only(digits)) {
        w.breaks("mmm.literal.int.4", ());
        return None;
    }
    let zeros = digits.len() > 1 && digits.starts_with('0');
    w.holds_if("mmm.literal.int.3", || zeros || text == "-0");
    if zeros && w.quirk(Quirk::IntOctal) {
        return i32::from_str_radix(digits, 8).ok().map(Value::Int);
    }
    let value: Option<i32> = text.parse().ok();
    w.shows("mmm.literal.int.2", value.is_some());
    w.edge_if("mmm.literal.int.2", || {
        matches!(value, Some(i32::MIN | i32::MAX))
    });
    let wide = || text.parse::<i64>().unwrap_or(i64::MAX);
    match value {
        None if w.quirk(Quirk::IntClamps) => Some(Value::Int(
            wide().clamp(i32::MIN.into(), i32::MAX.into()) as i32,
        )),
        None if w.quirk(Quirk::IntLiteralWraps) => Some(Value::Int(wide() as i32)),
        Some(i32::MIN) if w.quirk(Quirk::IntLeastRefused) => None,
        value => value.map(Value::Int),
    }
}

fn byte_as_int(text: &str, w: impl Watch<Quirk>) -> Option<Value> {
    match byte_literal(text, w) {
        Some(Value::Byte(value)) => Some(Value::Int(value.into())),
        _ => None,
    }
}

fn byte_literal(text: &str, w: impl Watch<Quirk>) -> Option<Value> {
    let upper = text
        .strip_prefix("0B")
        .filter(|_| w.quirk(Quirk::ByteCapital));
    let Some(digits) = upper.or(text.strip_prefix("0b")) else {
        w.breaks("mmm.literal.byte.1", ());
        return w.breaks("mmm.literal.byte.3", None);
    };
    let binary = digits.bytes().all(|digit| digit == b'0' || digit == b'1');
    let well_formed = binary && (!digits.is_empty() || w.quirk(Quirk::ByteEmpty));
    if !w.shows("mmm.literal.byte.1", well_formed) {
        return None;
    }
    if w.quirk(Quirk::ByteOfEightDigits) && digits.len() > 8 {
        return None;
    }
    let mut value: u8 = 0;
    for digit in digits.bytes() {
        value = match value.checked_mul(2) {
            Some(twice) => twice + (digit - b'0'),
            None if w.quirk(Quirk::ByteLiteralWraps) => (value << 1) + (digit - b'0'),
            None => return w.breaks("mmm.literal.byte.2", None),
        };
    }
    w.holds("mmm.literal.byte.2");
    w.edge_if("mmm.literal.byte.2", || value == 255);
    Some(Value::Byte(value))
}

fn float_literal(text: &str, w: impl Watch<Quirk>) -> Option<Value> {
    let number = unsigned(text);
    let (mantissa, exponent) = match number.find(['e', 'E']) {
        Some(at) => (&number[..at], Some(&number[at + 1..])),
        None => (number, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let well_formed =
        digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    if !w.shows("mmm.literal.float.1", well_formed) {
        let word = matches!(&*number.to_ascii_lowercase(), "inf" | "infinity" | "nan");
        if word && w.quirk(Quirk::FloatWords) {
            return text.parse().ok().map(Value::Float);
        }
        return match word {
            true => w.breaks("mmm.literal.float.7", None),
            false => None,
        };
    }
    if let Some(exponent) = exponent
        && !w.shows("mmm.literal.float.2", digits_only(unsigned(exponent)))
    {
        return None;
    }
    let point = || mantissa.contains('.');
    let refused = w.quirk(Quirk::FloatPointLast) && mantissa.ends_with('.')
        || w.quirk(Quirk::FloatPointFirst) && mantissa.starts_with('.')
        || w.quirk(Quirk::FloatNeedsPoint) && !point() && exponent.is_none()
        || w.quirk(Quirk::FloatExponentCapital) && number.contains('E')
        || w.quirk(Quirk::FloatExponentPlus) && exponent.is_some_and(|text| text.starts_with('+'));
    if refused {
        return None;
    }
    let mut value: f64 = text.parse().ok()?;
    w.holds("mmm.literal.float.3");
    w.holds_if("mmm.literal.float.5", || !point() && exponent.is_none());
    w.holds_if("mmm.literal.float.6", || {
        value == 0.0 && value.is_sign_negative()
    });
    let nonzero = || mantissa.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    w.holds_if("mmm.literal.float.4", || {
        value.is_infinite() || value == 0.0 && nonzero()
    });
    w.edge_if("mmm.literal.float.4", || value.abs() == f64::MAX);
    if value.is_infinite() && w.quirk(Quirk::FloatTooLargeRefused) {
        return None;
    }
    if w.quirk(Quirk::FloatOfSinglePrecision) {
        value = f64::from(value as f32);
    }
    if value == 0.0 && w.quirk(Quirk::FloatMinusZeroLost) {
        value = 0.0;
    }
    Some(Value::Float(value))
}

fn char_literal(text: &str, w: impl Watch<Quirk>) -> Option<Value> {
    let quote = match text.starts_with('"') && w.quirk(Quirk::CharDoubleQuoted) {
        true => '"',
        false => '\'',
    };
    let inner = text
        .strip_prefix(quote)
        .and_then(|text| text.strip_suffix(quote));
    let found = inner.and_then(|inner| character(inner, '\'', w));
    let one = found.is_some_and(|(_, rest)| rest.is_empty() || w.quirk(Quirk::CharFirstOfMany));
    w.shows("mmm.literal.char.1", one);
    w.holds_if("mmm.literal.char.3", || {
        one && text.len() > 3 && text.contains("\\'")
    });
    if !one && found.is_some() {
        w.breaks("mmm.literal.char.2", ());
    }
    found.filter(|_| one).map(|(c, _)| Value::Char(c))
}

fn str_literal(text: &str, w: impl Watch<Quirk>) -> Option<Value> {
    let tail = || text.rfind('"').map_or("", |at| &text[..=at]);
    let text = match w.quirk(Quirk::LiteralTailIgnored) && text.starts_with('"') {
        true => tail(),
        false => text,
    };
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let Some(mut inner) = inner else {
        if text.starts_with('"') {
            w.breaks("mmm.literal.whole.1", ());
        }
        return w.breaks("mmm.literal.string.1", None);
    };
    if inner.is_empty() && w.quirk(Quirk::StrNeverEmpty) {
        return None;
    }
    let special = || inner.chars().any(|c| c < ' ' || !c.is_ascii());
    w.holds_if("mmm.literal.string.3", special);
    if w.quirk(Quirk::StrControlsRefused) && inner.contains(|c: char| c < ' ') {
        return None;
    }
    let mut value = String::with_capacity(inner.len());
    while !inner.is_empty() {
        let Some((c, rest)) = character(inner, '"', w) else {
            return w.breaks("mmm.literal.string.1", None);
        };
        value.push(c);
        inner = rest;
    }
    w.holds("mmm.literal.string.1");
    w.holds_if("mmm.literal.string.2", || value.contains('"'));
    Some(Value::Str(value))
}

/// The first character of what stands between two quotes, and the rest.
fn character(text: &str, quote: char, w: impl Watch<Quirk>) -> Option<(char, &str)> {
    let mut chars = text.chars();
    let c = match chars.next()? {
        '\\' => return escape(chars.as_str(), w),
        '\'' if quote == '\'' && w.quirk(Quirk::CharQuoteBare) => '\'',
        '"' if quote == '"' && w.quirk(Quirk::StrQuoteBare) => '"',
        '\'' if quote == '\'' => return w.breaks("mmm.literal.char.3", None),
        '"' if quote == '"' => {
            w.breaks("mmm.literal.whole.1", ());
            return w.breaks("mmm.literal.string.2", None);
        }
        c => c,
    };
    Some((c, chars.as_str()))
}

/// The character of an escape, which begins behind its backslash, and the rest.
fn escape(text: &str, w: impl Watch<Quirk>) -> Option<(char, &str)> {
    let mut chars = text.chars();
    let c = match chars.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '\\' => '\\',
        '"' => '"',
        '\'' if !w.quirk(Quirk::EscapeSingleQuoteUnknown) => '\'',
        '0' if !w.quirk(Quirk::EscapeZeroUnknown) => '\0',
        'u' => return unicode(chars.as_str(), w),
        'x' if w.quirk(Quirk::EscapeHexadecimal) => {
            let digits = chars.as_str().get(..2)?;
            let c = u8::from_str_radix(digits, 16).ok()?;
            return Some((c.into(), &chars.as_str()[2..]));
        }
        c if w.quirk(Quirk::EscapeUnknownTaken) => c,
        _ => return w.breaks("mmm.literal.escape.2", None),
    };
    w.holds("mmm.literal.escape.1");
    Some((c, chars.as_str()))
}

/// The character of a `\u{…}`, which begins behind the `u`, and the rest.
fn unicode(text: &str, w: impl Watch<Quirk>) -> Option<(char, &str)> {
    let Some((digits, rest)) = text.strip_prefix('{').and_then(|text| text.split_once('}')) else {
        if w.quirk(Quirk::UnicodeWithoutBraces) {
            let c = u32::from_str_radix(text.get(..4)?, 16).ok()?;
            return Some((char::from_u32(c)?, &text[4..]));
        }
        return w.breaks("mmm.literal.unicode.3", None);
    };
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let most = if w.quirk(Quirk::UnicodeOfFourDigits) {
        4
    } else {
        6
    };
    let most = if w.quirk(Quirk::UnicodeOfAnyLength) {
        8
    } else {
        most
    };
    let well_formed = hexadecimal && !digits.is_empty() && digits.len() <= most;
    if !w.shows("mmm.literal.unicode.1", well_formed) {
        return None;
    }
    w.edge_if("mmm.literal.unicode.1", || {
        digits.len() == 6 || digits.len() == 1
    });
    if w.quirk(Quirk::UnicodeLowerCase) && digits.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let code = u32::from_str_radix(digits, 16).ok()?;
    w.edge_if("mmm.literal.unicode.2", || {
        [0xd7ff, 0xe000, 0x10_ffff].contains(&code)
    });
    match char::from_u32(code) {
        Some(c) => {
            w.holds("mmm.literal.unicode.2");
            Some((c, rest))
        }
        None if w.quirk(Quirk::UnicodeSurrogatesReplaced) => Some(('\u{fffd}', rest)),
        None => w.breaks("mmm.literal.unicode.2", None),
    }
}

// ------------------------------------------------------------------------------------- printing

impl Value {
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Value::Bool(_) => "Bool",
            Value::Str(_) => "Str",
            Value::Int(_) => "Int",
            Value::Float(_) => "Float",
            Value::Char(_) => "Char",
            Value::Byte(_) => "Byte",
        }
    }

    /// Appends its printing form.
    pub(super) fn print(&self, out: &mut String, w: impl Watch<Quirk>) {
        w.holds("mmm.print.text.1");
        let _ = match self {
            Value::Bool(value) => {
                w.holds("mmm.print.bool.1");
                match (value, w.quirk(Quirk::PrintBoolCapital)) {
                    (true, true) => write!(out, "True"),
                    (false, true) => write!(out, "False"),
                    (value, false) => write!(out, "{value}"),
                }
            }
            Value::Int(value) => {
                w.holds("mmm.print.int.1");
                w.edge_if("mmm.print.int.1", || *value == i32::MIN);
                match w.quirk(Quirk::PrintIntUnsigned) {
                    true => write!(out, "{}", *value as u32),
                    false => write!(out, "{value}"),
                }
            }
            Value::Float(value) => print_float(*value, out, w),
            Value::Char(value) => {
                w.holds("mmm.print.char.1");
                match w.quirk(Quirk::PrintCharQuoted) {
                    true => write!(out, "'{value}'"),
                    false => write!(out, "{value}"),
                }
            }
            Value::Byte(value) => {
                w.holds("mmm.print.byte.1");
                match (
                    w.quirk(Quirk::PrintByteFull),
                    w.quirk(Quirk::PrintByteDecimal),
                ) {
                    (true, _) => write!(out, "0b{value:08b}"),
                    (_, true) => write!(out, "{value}"),
                    (false, false) => write!(out, "0b{value:b}"),
                }
            }
            Value::Str(value) => print_str(value, out, w),
        };
    }

    pub(super) fn printed(&self, w: impl Watch<Quirk>) -> String {
        let mut out = String::new();
        self.print(&mut out, w);
        out
    }
}

fn print_float(value: f64, out: &mut String, w: impl Watch<Quirk>) -> std::fmt::Result {
    let size = value.abs();
    w.holds_if("mmm.print.float.1", || value.is_finite());
    w.holds_if("mmm.print.float.2", || size >= 1e16 && value.is_finite());
    w.holds_if("mmm.print.float.2", || size < 1e-5 && size > 0.0);
    w.holds_if("mmm.print.float.3", || size < 1.0 || value == value.trunc());
    let negative_zero = size == 0.0 && value.is_sign_negative();
    w.holds_if("mmm.print.float.4", || negative_zero || !value.is_finite());
    let form = || value.to_string();
    if w.quirk(Quirk::PrintFloatShort) && value.is_finite() && form().len() > 8 {
        return write!(
            out,
            "{}",
            format!("{value:.6}")
                .trim_end_matches('0')
                .trim_end_matches('.')
        );
    }
    if w.quirk(Quirk::PrintFloatExponent) && value.is_finite() && size >= 1e16 {
        return write!(out, "{value:e}");
    }
    if w.quirk(Quirk::PrintFloatPoint) && value.is_finite() && !form().contains('.') {
        return write!(out, "{value}.0");
    }
    if w.quirk(Quirk::PrintFloatBarePoint) && size < 1.0 && size > 0.0 {
        return write!(out, "{}", form().replacen("0.", ".", 1));
    }
    if w.quirk(Quirk::PrintMinusZeroLost) && negative_zero {
        return write!(out, "0");
    }
    if w.quirk(Quirk::PrintNanSmall) && value.is_nan() {
        return write!(out, "nan");
    }
    if w.quirk(Quirk::PrintInfinityLong) && value.is_infinite() {
        return write!(out, "{}", form().replace("inf", "Infinity"));
    }
    write!(out, "{value}")
}

fn print_str(text: &str, out: &mut String, w: impl Watch<Quirk>) -> std::fmt::Result {
    w.holds("mmm.print.string.1");
    if w.quirk(Quirk::PrintStrBare) {
        return write!(out, "{text}");
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' if w.quirk(Quirk::PrintTabBare) => out.push('\t'),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\0' if w.quirk(Quirk::PrintZeroShort) => out.push_str("\\0"),
            '\u{80}'..='\u{9f}' if w.quirk(Quirk::PrintLateControlsBare) => out.push(c),
            c if c.is_control() => {
                w.holds("mmm.print.string.2");
                w.edge_if("mmm.print.string.2", || {
                    matches!(c, '\u{1f}' | '\u{9f}' | '\0')
                });
                match w.quirk(Quirk::PrintUnicodePadded) {
                    true => write!(out, "\\u{{{:04x}}}", u32::from(c))?,
                    false => write!(out, "\\u{{{:x}}}", u32::from(c))?,
                }
            }
            '\'' if w.quirk(Quirk::PrintSingleQuoteEscaped) => out.push_str("\\'"),
            c if !c.is_ascii() && w.quirk(Quirk::PrintOthersEscaped) => {
                write!(out, "\\u{{{:x}}}", u32::from(c))?;
            }
            c => {
                w.holds_if("mmm.print.string.3", || c == '\'' || !c.is_ascii());
                out.push(c);
            }
        }
    }
    out.push('"');
    Ok(())
}

// ----------------------------------------------------------------------------------- arithmetic

/// What `bin_op` makes of two items, or its fault.
pub(super) fn arithmetic(
    operator: u8,
    left: &Value,
    right: &Value,
    w: impl Watch<Quirk>,
) -> Result<Value, &'static str> {
    use Value::{Byte, Float, Int, Str};
    let float = |left, right| {
        w.holds("mmm.bin_op.type.2");
        floats(operator, left, right, w)
    };
    let widened = |left: f64, right: f64| {
        w.holds("mmm.bin_op.mixed.2");
        match w.quirk(Quirk::MixedFloatMismatch) {
            true => Err("type-mismatch"),
            false => float(left, right),
        }
    };
    let mixed = |left: i64, right: i64| {
        w.holds("mmm.bin_op.mixed.1");
        match (
            ints(operator, left, right, w)?,
            w.quirk(Quirk::MixedByteStays),
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
        (&Int(left), &Int(right)) => ints(operator, left.into(), right.into(), w),
        (&Int(left), &Byte(right)) => mixed(left.into(), right.into()),
        (&Byte(left), &Int(right)) => mixed(left.into(), right.into()),
        (&Byte(left), &Byte(right)) => bytes(operator, left.into(), right.into(), w),
        (Str(left), Str(right)) if operator == b'+' && w.quirk(Quirk::StrJoins) => {
            Ok(Str(format!("{left}{right}")))
        }
        (&Value::Bool(left), &Int(right)) if w.quirk(Quirk::BoolIsNumber) => {
            ints(operator, left.into(), right.into(), w)
        }
        (&Value::Char(left), &Int(right)) if w.quirk(Quirk::CharIsNumber) => {
            ints(operator, i64::from(u32::from(left)), right.into(), w)
        }
        (_, Int(0)) if matches!(operator, b'/' | b'%') => {
            w.breaks("mmm.bin_op.type.1", ());
            match w.quirk(Quirk::ZeroBeforeType) {
                true => Err("divide-by-zero"),
                false => Err(w.breaks("mmm.fault.order.1", "type-mismatch")),
            }
        }
        _ => Err(w.breaks("mmm.bin_op.type.1", "type-mismatch")),
    }
}

fn floats(
    operator: u8,
    left: f64,
    right: f64,
    w: impl Watch<Quirk>,
) -> Result<Value, &'static str> {
    w.holds("mmm.bin_op.type.1");
    let value = match operator {
        b'+' => left + right,
        b'-' => left - right,
        b'*' => left * right,
        b'/' if right == 0.0 && w.quirk(Quirk::FloatZeroFaults) => return Err("divide-by-zero"),
        b'/' => left / right,
        _ => {
            let special = left.is_infinite() || right == 0.0 || right.is_infinite();
            w.holds_if("mmm.bin_op.float.4", || special);
            w.holds_if("mmm.bin_op.float.3", || !special);
            match special {
                true if w.quirk(Quirk::FloatRestOfInfinity) => {
                    left - right * (left / right).trunc()
                }
                true => left % right,
                false if w.quirk(Quirk::FloatRestFloors) => left - right * (left / right).floor(),
                false => left % right,
            }
        }
    };
    w.holds_if("mmm.bin_op.float.1", || operator != b'%');
    let odd = left.is_finite() && right.is_finite() && !value.is_finite();
    w.holds_if("mmm.bin_op.float.2", || odd);
    w.holds_if("mmm.bin_op.float.5", || left.is_nan() || right.is_nan());
    let negative_zero = value == 0.0 && value.is_sign_negative();
    w.holds_if("mmm.bin_op.float.6", || negative_zero);
    if odd && value.is_infinite() && right != 0.0 && w.quirk(Quirk::FloatOverflows) {
        return Err("overflow");
    }
    if negative_zero && w.quirk(Quirk::MinusZeroLost) {
        return Ok(Value::Float(0.0));
    }
    if value.is_subnormal() && w.quirk(Quirk::SubnormalsLost) {
        return Ok(Value::Float(0.0));
    }
    if w.quirk(Quirk::FloatResultSingle) {
        return Ok(Value::Float(f64::from(value as f32)));
    }
    Ok(Value::Float(value))
}

fn ints(operator: u8, left: i64, right: i64, w: impl Watch<Quirk>) -> Result<Value, &'static str> {
    w.holds("mmm.bin_op.type.1");
    let least = i64::from(i32::MIN);
    let division = matches!(operator, b'/' | b'%');
    if division && left == least && right == -1 {
        if w.quirk(Quirk::LeastRestZero) && operator == b'%' {
            return Ok(Value::Int(0));
        }
        if w.quirk(Quirk::LeastQuotientWraps) && operator == b'/' {
            return Ok(Value::Int(i32::MIN));
        }
        return Err(w.breaks("mmm.bin_op.int.5", "overflow"));
    }
    if division && !w.shows("mmm.bin_op.int.4", right != 0) {
        return match w.quirk(Quirk::IntZeroGivesZero) {
            true => Ok(Value::Int(0)),
            false => Err("divide-by-zero"),
        };
    }
    let wide = match operator {
        b'/' if w.quirk(Quirk::IntQuotientFloors) => (left as f64 / right as f64).floor() as i64,
        b'%' if w.quirk(Quirk::IntRestFloors) => (left % right + right) % right,
        b'%' if w.quirk(Quirk::IntRestPositive) => left.rem_euclid(right),
        _ => whole(operator, left, right),
    };
    let value = i32::try_from(wide);
    match operator {
        b'/' => {
            w.holds("mmm.bin_op.int.2");
            w.edge_if("mmm.bin_op.int.5", || left == least || right == -1);
        }
        b'%' => {
            w.holds("mmm.bin_op.int.3");
            w.edge_if("mmm.bin_op.int.5", || left == least || right == -1);
        }
        _ => {
            w.shows("mmm.bin_op.int.1", value.is_ok());
            w.edge_if("mmm.bin_op.int.1", || {
                matches!(value, Ok(i32::MIN | i32::MAX))
            });
        }
    }
    match value {
        Ok(value) => Ok(Value::Int(value)),
        Err(_) if w.quirk(Quirk::IntWraps) => Ok(Value::Int(wide as i32)),
        Err(_) if w.quirk(Quirk::IntSaturates) => Ok(Value::Int(match wide < 0 {
            true => i32::MIN,
            false => i32::MAX,
        })),
        Err(_) if w.quirk(Quirk::IntGrowsFloat) => Ok(Value::Float(wide as f64)),
        Err(_) => Err("overflow"),
    }
}

fn bytes(operator: u8, left: i64, right: i64, w: impl Watch<Quirk>) -> Result<Value, &'static str> {
    w.holds("mmm.bin_op.type.1");
    w.holds("mmm.bin_op.type.2");
    let clause = match operator {
        b'/' | b'%' => "mmm.bin_op.byte.2",
        _ => "mmm.bin_op.byte.1",
    };
    if matches!(operator, b'/' | b'%') && right == 0 {
        return match w.quirk(Quirk::ByteZeroGivesZero) {
            true => Ok(Value::Byte(0)),
            false => Err(w.breaks(clause, "divide-by-zero")),
        };
    }
    let wide = whole(operator, left, right);
    if w.quirk(Quirk::BytesGiveInt) {
        return Ok(Value::Int(wide as i32));
    }
    let value = u8::try_from(wide);
    w.shows(clause, value.is_ok());
    w.edge_if(clause, || matches!(value, Ok(0 | 255)));
    match value {
        Ok(value) => Ok(Value::Byte(value)),
        Err(_) if w.quirk(Quirk::ByteWraps) => Ok(Value::Byte(wide as u8)),
        Err(_) if w.quirk(Quirk::ByteSaturates) => Ok(Value::Byte(wide.clamp(0, 255) as u8)),
        Err(_) => Err("overflow"),
    }
}

/// Arithmetic wide enough for any two 32-bit numbers; nothing is divided by zero.
fn whole(operator: u8, left: i64, right: i64) -> i64 {
    match operator {
        b'+' => left + right,
        b'-' => left - right,
        b'*' => left * right,
        b'/' => left / right,
        _ => left % right,
    }
}
