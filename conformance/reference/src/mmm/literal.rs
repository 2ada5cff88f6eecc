//! Literals: from the operand of an instruction to a value.

use super::value::Value;
use crate::observe::Observer;
use crate::quirks::mmm::Quirk;

/// Returns the value that a literal instruction pushes; `None` if its operand is malformed.
pub(super) fn literal(mnemonic: &str, operand: &str, obs: impl Observer<Quirk>) -> Option<Value> {
    let (clause, value) = match mnemonic {
        "bool" => ("mmm.bool.1", bool_literal(operand, obs)),
        "string" if operand.starts_with('\'') && obs.has_quirk(Quirk::StringTakesChar) => {
            ("mmm.string.1", char_as_str(operand, obs))
        }
        "string" => ("mmm.string.1", str_literal(operand, obs)),
        "int" if operand.starts_with("0b") && obs.has_quirk(Quirk::IntTakesByte) => {
            ("mmm.int.1", byte_as_int(operand, obs))
        }
        "int" => ("mmm.int.1", int_literal(operand, obs)),
        "float" => ("mmm.float.1", float_literal(operand, obs)),
        "char" => ("mmm.char.1", char_literal(operand, obs)),
        "byte" => ("mmm.byte.1", byte_literal(operand, obs)),
        _ => ("mmm.constexpr.1", constexpr(operand, obs)),
    };
    obs.check(clause, value.is_some());
    value
}

/// Reads a literal of any type. Its first characters say which type it can be; only a number can be
/// of two.
fn constexpr(text: &str, obs: impl Observer<Quirk>) -> Option<Value> {
    obs.holds("mmm.constexpr.2");
    if obs.has_quirk(Quirk::ConstexprFloatFirst)
        && let Some(value) = float_literal(text, obs)
    {
        return Some(value);
    }
    if text.starts_with('"') {
        return str_literal(text, obs);
    }
    if text.starts_with("0b") && !obs.has_quirk(Quirk::ConstexprWithoutByte) {
        return byte_literal(text, obs);
    }
    if text.starts_with('\'') {
        return char_literal(text, obs);
    }
    if is_digits(unsigned(text)) {
        let int = int_literal(text, obs);
        return match obs.check("mmm.constexpr.3", int.is_some()) {
            false if obs.has_quirk(Quirk::ConstexprGrowsFloat) => float_literal(text, obs),
            _ => int,
        };
    }
    match text.starts_with(['t', 'f', 'T', 'F']) {
        true => bool_literal(text, obs),
        false => float_literal(text, obs),
    }
}

fn char_as_str(text: &str, obs: impl Observer<Quirk>) -> Option<Value> {
    match char_literal(text, obs) {
        Some(Value::Char(c)) => Some(Value::Str(c.into())),
        _ => None,
    }
}

/// Returns a text without its sign.
fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn bool_literal(text: &str, obs: impl Observer<Quirk>) -> Option<Value> {
    let found = match text {
        "true" => Some(true),
        "false" => Some(false),
        "True" if obs.has_quirk(Quirk::BoolCapitals) => Some(true),
        "False" if obs.has_quirk(Quirk::BoolCapitals) => Some(false),
        "1" if obs.has_quirk(Quirk::BoolDigits) => Some(true),
        "0" if obs.has_quirk(Quirk::BoolDigits) => Some(false),
        _ => None,
    };
    obs.check("mmm.literal.bool.1", found.is_some());
    found.map(Value::Bool)
}

fn int_literal(text: &str, obs: impl Observer<Quirk>) -> Option<Value> {
    let digits = unsigned(text);
    if obs.has_quirk(Quirk::IntPlusRefused) && text.starts_with('+') {
        return None;
    }
    if obs.has_quirk(Quirk::IntUnderscores) && digits.contains('_') {
        return text.replace('_', "").parse().ok().map(Value::Int);
    }
    if obs.has_quirk(Quirk::IntHexadecimal) && digits.starts_with("0x") {
        return i32::from_str_radix(&digits[2..], 16).ok().map(Value::Int);
    }
    if !obs.check("mmm.literal.int.1", is_digits(digits)) {
        obs.breaks("mmm.literal.int.4", ());
        return None;
    }
    let zeros = digits.len() > 1 && digits.starts_with('0');
    obs.holds_if("mmm.literal.int.3", || zeros || text == "-0");
    if zeros && obs.has_quirk(Quirk::IntOctal) {
        return i32::from_str_radix(digits, 8).ok().map(Value::Int);
    }
    let value: Option<i32> = text.parse().ok();
    obs.check("mmm.literal.int.2", value.is_some());
    obs.boundary_if("mmm.literal.int.2", || {
        matches!(value, Some(i32::MIN | i32::MAX))
    });
    let wide = || text.parse::<i64>().unwrap_or(i64::MAX);
    match value {
        None if obs.has_quirk(Quirk::IntClamps) => Some(Value::Int(
            wide().clamp(i32::MIN.into(), i32::MAX.into()) as i32,
        )),
        None if obs.has_quirk(Quirk::IntLiteralWraps) => Some(Value::Int(wide() as i32)),
        Some(i32::MIN) if obs.has_quirk(Quirk::IntLeastRefused) => None,
        value => value.map(Value::Int),
    }
}

fn byte_as_int(text: &str, obs: impl Observer<Quirk>) -> Option<Value> {
    match byte_literal(text, obs) {
        Some(Value::Byte(value)) => Some(Value::Int(value.into())),
        _ => None,
    }
}

fn byte_literal(text: &str, obs: impl Observer<Quirk>) -> Option<Value> {
    let upper = text
        .strip_prefix("0B")
        .filter(|_| obs.has_quirk(Quirk::ByteCapital));
    let Some(digits) = upper.or(text.strip_prefix("0b")) else {
        obs.breaks("mmm.literal.byte.1", ());
        return obs.breaks("mmm.literal.byte.3", None);
    };
    let binary = digits.bytes().all(|digit| digit == b'0' || digit == b'1');
    let well_formed = binary && (!digits.is_empty() || obs.has_quirk(Quirk::ByteEmpty));
    if !obs.check("mmm.literal.byte.1", well_formed) {
        return None;
    }
    if obs.has_quirk(Quirk::ByteOfEightDigits) && digits.len() > 8 {
        return None;
    }
    let mut value: u8 = 0;
    for digit in digits.bytes() {
        value = match value.checked_mul(2) {
            Some(twice) => twice + (digit - b'0'),
            None if obs.has_quirk(Quirk::ByteLiteralWraps) => (value << 1) + (digit - b'0'),
            None => return obs.breaks("mmm.literal.byte.2", None),
        };
    }
    obs.holds("mmm.literal.byte.2");
    obs.boundary_if("mmm.literal.byte.2", || value == 255);
    Some(Value::Byte(value))
}

fn float_literal(text: &str, obs: impl Observer<Quirk>) -> Option<Value> {
    let number = unsigned(text);
    let (mantissa, exponent) = match number.find(['e', 'E']) {
        Some(at) => (&number[..at], Some(&number[at + 1..])),
        None => (number, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let well_formed =
        digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    if !obs.check("mmm.literal.float.1", well_formed) {
        let word = matches!(&*number.to_ascii_lowercase(), "inf" | "infinity" | "nan");
        if word && obs.has_quirk(Quirk::FloatWords) {
            return text.parse().ok().map(Value::Float);
        }
        return match word {
            true => obs.breaks("mmm.literal.float.7", None),
            false => None,
        };
    }
    if let Some(exponent) = exponent
        && !obs.check("mmm.literal.float.2", is_digits(unsigned(exponent)))
    {
        return None;
    }
    let point = || mantissa.contains('.');
    let refused = obs.has_quirk(Quirk::FloatPointLast) && mantissa.ends_with('.')
        || obs.has_quirk(Quirk::FloatPointFirst) && mantissa.starts_with('.')
        || obs.has_quirk(Quirk::FloatNeedsPoint) && !point() && exponent.is_none()
        || obs.has_quirk(Quirk::FloatExponentCapital) && number.contains('E')
        || obs.has_quirk(Quirk::FloatExponentPlus)
            && exponent.is_some_and(|text| text.starts_with('+'));
    if refused {
        return None;
    }
    let mut value: f64 = text.parse().ok()?;
    obs.holds("mmm.literal.float.3");
    obs.holds_if("mmm.literal.float.5", || !point() && exponent.is_none());
    obs.holds_if("mmm.literal.float.6", || {
        value == 0.0 && value.is_sign_negative()
    });
    let nonzero = || mantissa.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    obs.holds_if("mmm.literal.float.4", || {
        value.is_infinite() || value == 0.0 && nonzero()
    });
    obs.boundary_if("mmm.literal.float.4", || value.abs() == f64::MAX);
    if value.is_infinite() && obs.has_quirk(Quirk::FloatTooLargeRefused) {
        return None;
    }
    if obs.has_quirk(Quirk::FloatOfSinglePrecision) {
        value = f64::from(value as f32);
    }
    if value == 0.0 && obs.has_quirk(Quirk::FloatMinusZeroLost) {
        value = 0.0;
    }
    Some(Value::Float(value))
}

fn char_literal(text: &str, obs: impl Observer<Quirk>) -> Option<Value> {
    let quote = match text.starts_with('"') && obs.has_quirk(Quirk::CharDoubleQuoted) {
        true => '"',
        false => '\'',
    };
    let inner = text
        .strip_prefix(quote)
        .and_then(|text| text.strip_suffix(quote));
    let found = inner.and_then(|inner| character(inner, '\'', obs));
    let one =
        found.is_some_and(|(_, rest)| rest.is_empty() || obs.has_quirk(Quirk::CharFirstOfMany));
    obs.check("mmm.literal.char.1", one);
    obs.holds_if("mmm.literal.char.3", || {
        one && text.len() > 3 && text.contains("\\'")
    });
    if !one && found.is_some() {
        obs.breaks("mmm.literal.char.2", ());
    }
    found.filter(|_| one).map(|(c, _)| Value::Char(c))
}

fn str_literal(text: &str, obs: impl Observer<Quirk>) -> Option<Value> {
    let tail = || text.rfind('"').map_or("", |at| &text[..=at]);
    let text = match obs.has_quirk(Quirk::LiteralTailIgnored) && text.starts_with('"') {
        true => tail(),
        false => text,
    };
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let Some(mut inner) = inner else {
        if text.starts_with('"') {
            obs.breaks("mmm.literal.whole.1", ());
        }
        return obs.breaks("mmm.literal.string.1", None);
    };
    if inner.is_empty() && obs.has_quirk(Quirk::StrNeverEmpty) {
        return None;
    }
    let special = || inner.chars().any(|c| c < ' ' || !c.is_ascii());
    obs.holds_if("mmm.literal.string.3", special);
    if obs.has_quirk(Quirk::StrControlsRefused) && inner.contains(|c: char| c < ' ') {
        return None;
    }
    let mut value = String::with_capacity(inner.len());
    while !inner.is_empty() {
        let Some((c, rest)) = character(inner, '"', obs) else {
            return obs.breaks("mmm.literal.string.1", None);
        };
        value.push(c);
        inner = rest;
    }
    obs.holds("mmm.literal.string.1");
    obs.holds_if("mmm.literal.string.2", || value.contains('"'));
    Some(Value::Str(value))
}

/// Splits the text between two quotes into its first character and the rest.
fn character(text: &str, quote: char, obs: impl Observer<Quirk>) -> Option<(char, &str)> {
    let mut chars = text.chars();
    let c = match chars.next()? {
        '\\' => return escape(chars.as_str(), obs),
        '\'' if quote == '\'' && obs.has_quirk(Quirk::CharQuoteBare) => '\'',
        '"' if quote == '"' && obs.has_quirk(Quirk::StrQuoteBare) => '"',
        '\'' if quote == '\'' => return obs.breaks("mmm.literal.char.3", None),
        '"' if quote == '"' => {
            obs.breaks("mmm.literal.whole.1", ());
            return obs.breaks("mmm.literal.string.2", None);
        }
        c => c,
    };
    Some((c, chars.as_str()))
}

/// Returns the character of an escape and the text after it; `text` begins after the backslash.
fn escape(text: &str, obs: impl Observer<Quirk>) -> Option<(char, &str)> {
    let mut chars = text.chars();
    let c = match chars.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '\\' => '\\',
        '"' => '"',
        '\'' if !obs.has_quirk(Quirk::EscapeSingleQuoteUnknown) => '\'',
        '0' if !obs.has_quirk(Quirk::EscapeZeroUnknown) => '\0',
        'u' => return unicode(chars.as_str(), obs),
        'x' if obs.has_quirk(Quirk::EscapeHexadecimal) => {
            let digits = chars.as_str().get(..2)?;
            let c = u8::from_str_radix(digits, 16).ok()?;
            return Some((c.into(), &chars.as_str()[2..]));
        }
        c if obs.has_quirk(Quirk::EscapeUnknownTaken) => c,
        _ => return obs.breaks("mmm.literal.escape.2", None),
    };
    obs.holds("mmm.literal.escape.1");
    Some((c, chars.as_str()))
}

/// Returns the character of a `\u{…}` and the text after it; `text` begins after the `u`.
fn unicode(text: &str, obs: impl Observer<Quirk>) -> Option<(char, &str)> {
    let Some((digits, rest)) = text.strip_prefix('{').and_then(|text| text.split_once('}')) else {
        if obs.has_quirk(Quirk::UnicodeWithoutBraces) {
            let c = u32::from_str_radix(text.get(..4)?, 16).ok()?;
            return Some((char::from_u32(c)?, &text[4..]));
        }
        return obs.breaks("mmm.literal.unicode.3", None);
    };
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let max_digits = match () {
        () if obs.has_quirk(Quirk::UnicodeOfFourDigits) => 4,
        () if obs.has_quirk(Quirk::UnicodeOfAnyLength) => 8,
        () => 6,
    };
    let well_formed = hexadecimal && !digits.is_empty() && digits.len() <= max_digits;
    if !obs.check("mmm.literal.unicode.1", well_formed) {
        return None;
    }
    obs.boundary_if("mmm.literal.unicode.1", || {
        digits.len() == 6 || digits.len() == 1
    });
    if obs.has_quirk(Quirk::UnicodeLowerCase)
        && digits.bytes().any(|byte| byte.is_ascii_uppercase())
    {
        return None;
    }
    let code = u32::from_str_radix(digits, 16).ok()?;
    obs.boundary_if("mmm.literal.unicode.2", || {
        [0xd7ff, 0xe000, 0x10_ffff].contains(&code)
    });
    match char::from_u32(code) {
        Some(c) => {
            obs.holds("mmm.literal.unicode.2");
            Some((c, rest))
        }
        None if obs.has_quirk(Quirk::UnicodeSurrogatesReplaced) => Some(('\u{fffd}', rest)),
        None => obs.breaks("mmm.literal.unicode.2", None),
    }
}

/// Returns true for one or more decimal digits.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
