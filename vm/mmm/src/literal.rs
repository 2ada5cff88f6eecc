//! Reads literals, and prints them so that they read back the same.

use super::insn::LiteralKind;
use super::value::{Text, Value};
use std::fmt::Write as _;

/// Reads a word as a literal of `kind`, and appends the text of a Str to `pool`. Returns `None` if
/// the literal is malformed.
pub(super) fn parse_literal(kind: LiteralKind, word: &str, pool: &mut String) -> Option<Value> {
    match kind {
        LiteralKind::Any => parse_any(word, pool),
        LiteralKind::Bool => parse_bool(word).map(Value::Bool),
        LiteralKind::Str => parse_str(word, pool).map(Value::Str),
        LiteralKind::Int => parse_int(word.as_bytes()).map(Value::Int),
        LiteralKind::Float => parse_float(word).map(Value::Float),
        LiteralKind::Char => parse_char(word).map(Value::Char),
        LiteralKind::Byte => parse_byte(word.as_bytes()).map(Value::Byte),
    }
}

/// Appends the literal in the form that `constexpr` reads back.
pub(super) fn print_literal(value: Value, pool: &str, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = match value {
        Value::Bool(value) => write!(out, "{value}"),
        Value::Int(value) => write!(out, "{value}"),
        Value::Byte(value) => write!(out, "0b{value:b}"),
        Value::Float(value) if value.is_infinite() => {
            write!(out, "{}1e999", if value < 0.0 { "-" } else { "" })
        }
        // `{:?}` always prints a fraction or an exponent, so the result is not an Int.
        Value::Float(value) => write!(out, "{value:?}"),
        Value::Char(value) => {
            out.push('\'');
            escape(value, '\'', out);
            out.push('\'');
            Ok(())
        }
        Value::Str(text) => {
            out.push('"');
            text.of(pool).chars().for_each(|c| escape(c, '"', out));
            out.push('"');
            Ok(())
        }
    };
}

/// Reads a literal of any type. Its first character decides between the types.
fn parse_any(word: &str, pool: &mut String) -> Option<Value> {
    let bytes = word.as_bytes();
    match bytes.first()? {
        b'"' => parse_str(word, pool).map(Value::Str),
        b'\'' => parse_char(word).map(Value::Char),
        b't' | b'f' => parse_bool(word).map(Value::Bool),
        b'0' if bytes.get(1) == Some(&b'b') => parse_byte(bytes).map(Value::Byte),
        _ => match parse_int(bytes) {
            Some(value) => Some(Value::Int(value)),
            None if unsigned(bytes).iter().all(u8::is_ascii_digit) => None,
            None => parse_float(word).map(Value::Float),
        },
    }
}

fn parse_bool(word: &str) -> Option<bool> {
    match word {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Returns the word without its sign.
fn unsigned(word: &[u8]) -> &[u8] {
    match word {
        [b'-' | b'+', digits @ ..] => digits,
        _ => word,
    }
}

fn parse_int(word: &[u8]) -> Option<i32> {
    let digits = unsigned(word);
    if digits.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        // A value beyond i32 stays beyond it, and never overflows i64.
        value = (value * 10 + i64::from(digit - b'0')).min(1 << 40);
    }
    i32::try_from(if word[0] == b'-' { -value } else { value }).ok()
}

fn parse_byte(word: &[u8]) -> Option<u8> {
    let digits = word.strip_prefix(b"0b")?;
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u8, |value, &digit| match digit {
        b'0' | b'1' if value < 128 => Some(value << 1 | (digit - b'0')),
        _ => None,
    })
}

/// Reads a sign, digits with an optional fraction, and an optional exponent.
fn parse_float(word: &str) -> Option<f64> {
    let rest = unsigned(word.as_bytes());
    let (whole, rest) = digits(rest);
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => digits(rest),
        _ => (0, rest),
    };
    let rest = match rest {
        [b'e' | b'E', exponent @ ..] => match digits(unsigned(exponent)) {
            (0, _) => return None,
            (_, rest) => rest,
        },
        _ => rest,
    };
    if whole + fraction == 0 || !rest.is_empty() {
        return None;
    }
    word.parse().ok()
}

/// Returns the number of leading digits, and what follows them.
fn digits(text: &[u8]) -> (usize, &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count, &text[count..])
}

fn parse_char(word: &str) -> Option<char> {
    let inner = inside(word, '\'')?;
    let (c, rest) = next_char(inner, '\'')?;
    rest.is_empty().then_some(c)
}

fn parse_str(word: &str, pool: &mut String) -> Option<Text> {
    let inner = inside(word, '"')?;
    let start = pool.len();
    if !inner.bytes().any(|byte| byte == b'\\' || byte == b'"') {
        pool.push_str(inner);
    } else {
        let mut rest = inner;
        while !rest.is_empty() {
            let Some((c, after)) = next_char(rest, '"') else {
                pool.truncate(start);
                return None;
            };
            pool.push(c);
            rest = after;
        }
    }
    Some(Text {
        start: start as u32,
        len: (pool.len() - start) as u32,
    })
}

/// Returns the text between two quotes.
fn inside(word: &str, quote: char) -> Option<&str> {
    word.strip_prefix(quote)?.strip_suffix(quote)
}

/// Returns the first character or escape of `text`, and what follows it; `None` if it is malformed.
fn next_char(text: &str, quote: char) -> Option<(char, &str)> {
    let mut chars = text.chars();
    let c = match chars.next()? {
        c if c == quote => return None,
        '\\' => match chars.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '\\' => '\\',
            '"' => '"',
            '\'' => '\'',
            '0' => '\0',
            'u' => {
                let (digits, rest) = chars.as_str().strip_prefix('{')?.split_once('}')?;
                let plain = (1..=6).contains(&digits.len())
                    && digits.bytes().all(|b| b.is_ascii_hexdigit());
                let code = plain.then(|| u32::from_str_radix(digits, 16).ok())??;
                return Some((char::from_u32(code)?, rest));
            }
            _ => return None,
        },
        c => c,
    };
    Some((c, chars.as_str()))
}

/// Appends a character so that it reads back inside `quote`s and is visible.
fn escape(c: char, quote: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\0' => out.push_str("\\0"),
        '\\' => out.push_str("\\\\"),
        _ if c == quote => {
            out.push('\\');
            out.push(c);
        }
        _ if c.is_control() || c == '\u{feff}' => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: LiteralKind, word: &str, printed: Option<&str>) {
        let mut pool = String::new();
        let found = parse_literal(kind, word, &mut pool).map(|literal| {
            let mut out = String::new();
            print_literal(literal, &pool, &mut out);
            out
        });
        assert_eq!(found.as_deref(), printed, "{word}");
    }

    #[test]
    fn any_literal() {
        use LiteralKind::Any;
        check(Any, "true", Some("true"));
        check(Any, "True", None);
        check(Any, "+5", Some("5"));
        check(Any, "-0", Some("0"));
        check(Any, "2147483647", Some("2147483647"));
        check(Any, "-2147483648", Some("-2147483648"));
        check(Any, "2147483648", None);
        check(Any, "99999999999999999999999999", None);
        check(Any, "5.", Some("5.0"));
        check(Any, ".5", Some("0.5"));
        check(Any, "-0.", Some("-0.0"));
        check(Any, "1e400", Some("1e999"));
        check(Any, "-1E+400", Some("-1e999"));
        for none in [
            ".", "e5", "1e", "1e+", "inf", "nan", "1_0", "0x1", "", "-", "+", "1.5f", "--1", "١",
        ] {
            check(Any, none, None);
        }
        check(Any, "0b101", Some("0b101"));
        check(Any, "0b0000000011111111", Some("0b11111111"));
        for none in ["0b", "0b100000000", "0b2", "-0b1", "0B1"] {
            check(Any, none, None);
        }
    }

    #[test]
    fn quoted_literals() {
        use LiteralKind::Any;
        check(Any, "\"\"", Some("\"\""));
        check(
            Any,
            r#""a\n\r\t\\\"\'\0\u{41}\u{7F}'""#,
            Some(r#""a\n\r\t\\\"'\0A\u{7f}'""#),
        );
        check(Any, "'@'", Some("'@'"));
        check(Any, "'\"'", Some("'\"'"));
        check(Any, r"'\''", Some(r"'\''"));
        check(Any, r"'\u{10ffff}'", Some("'\u{10ffff}'"));
        for none in [
            "''",
            "'ab'",
            "'''",
            r"'\'",
            r#""\q""#,
            r#""\""#,
            "\"a\"b",
            "\"a\"\"",
            r"'\u{d800}'",
            r"'\u{}'",
            r"'\u41'",
            r"'\u{0000041}'",
            r"'\u{110000}'",
            r"'\u{+41}'",
            "\"",
            "'",
        ] {
            check(Any, none, None);
        }
    }

    #[test]
    fn a_typed_literal_has_one_type() {
        check(LiteralKind::Float, "5", Some("5.0"));
        check(LiteralKind::Float, "99999999999", Some("99999999999.0"));
        check(LiteralKind::Int, "5.0", None);
        check(LiteralKind::Byte, "5", None);
        check(LiteralKind::Str, "'a'", None);
        check(LiteralKind::Char, "\"a\"", None);
        check(LiteralKind::Bool, "1", None);
    }
}
