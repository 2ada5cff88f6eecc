//! Formats, held to what CPython 3.9 makes of them.
//!
//! `tests/record.py` records; `FORMATS=FILE cargo test -p mmm-vm-py-format` checks another file of
//! the same form.

use num_bigint::BigInt;
use vm_py_format::{FormatError, Integer, Kind, Spec, fields, percent, wtf8};

/// Returns the text of an ASCII literal of Python's.
fn text(literal: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = &literal[1..literal.len() - 1];
    while let Some(c) = rest.chars().next() {
        rest = &rest[1..];
        if c != '\\' {
            wtf8::push(u32::from(c), &mut out);
            continue;
        }
        let (escape, after) = rest.split_at(1);
        let digits = match escape {
            "x" => 2,
            "u" => 4,
            "U" => 8,
            _ => 0,
        };
        let point = match escape {
            "n" => 10,
            "t" => 9,
            "r" => 13,
            "x" | "u" | "U" => u32::from_str_radix(&after[..digits], 16).expect("digits"),
            other => u32::from(other.as_bytes()[0]),
        };
        wtf8::push(point, &mut out);
        rest = &after[digits..];
    }
    out
}

fn float(hex: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(hex, 16).expect("the bits of a float"))
}

/// Appends what a recorded operation gives.
fn run(kind: &str, value: &str, format: &[u8], out: &mut Vec<u8>) -> Result<(), FormatError> {
    let big: BigInt = value.parse().unwrap_or_default();
    let integer = match i64::try_from(&big) {
        Ok(small) => Integer::Small(small),
        Err(_) => Integer::Big(&big),
    };
    if let Some(kind) = kind.strip_prefix('%') {
        return directives(kind, value, integer, format, out);
    }
    let spec = Spec::parse(format)?;
    match kind {
        "int" => spec.format_int(integer, "int", out),
        "float" => spec.format_float(float(value), "float", out),
        "str" => spec.format_str(&text(value), "str", out),
        _ => {
            let (real, imaginary) = value.split_once(' ').expect("two floats");
            spec.format_complex(float(real), float(imaginary), "complex", out)
        }
    }
}

fn directives(
    kind: &str,
    value: &str,
    integer: Integer<'_>,
    format: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), FormatError> {
    let mut at = 0;
    while at < format.len() {
        if format[at] != b'%' {
            out.push(format[at]);
            at += 1;
            continue;
        }
        let directive = percent::next(format, at)?;
        at = directive.end;
        let count = |count: Option<percent::Count>| match count {
            Some(percent::Count::Number(number)) => Some(number),
            _ => None,
        };
        let width = count(directive.width).unwrap_or(0);
        let precision = count(directive.precision);
        match (char::from_u32(directive.code), kind) {
            (Some('%'), _) => out.push(b'%'),
            (Some('s'), "str") => directive.text(&text(value), width, precision, out),
            (Some('d' | 'i' | 'u' | 'o' | 'x' | 'X'), "int") => {
                directive.integer(integer, width, precision, out);
            }
            (Some('e' | 'E' | 'f' | 'F' | 'g' | 'G'), "float") => {
                directive.float(float(value), width, precision, out);
            }
            _ => return Err(directive.unknown_code()),
        }
    }
    Ok(())
}

/// Returns a text as Python's `ascii` shows it, without its quotes; the quotes are not compared.
fn ascii(text: &[u8]) -> String {
    let mut out = String::new();
    for (_, point) in wtf8::points(text) {
        match point {
            0x20..0x7f if point != u32::from('\\') => out.push(char::from(point as u8)),
            92 => out.push_str("\\\\"),
            0..0x100 => out.push_str(&format!("\\x{point:02x}")),
            0x100..0x1_0000 => out.push_str(&format!("\\u{point:04x}")),
            _ => out.push_str(&format!("\\U{point:08x}")),
        }
    }
    out
}

#[test]
fn formats_are_those_of_cpython() {
    let recorded = include_str!("../data/recorded.txt").to_owned();
    let recorded = match std::env::var("FORMATS") {
        Ok(file) => std::fs::read_to_string(file).expect("the file of FORMATS"),
        Err(_) => recorded,
    };
    let mut wrong = Vec::new();
    for line in recorded.lines() {
        let [kind, value, format, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("a line has four parts: {line}");
        };
        let mut out = Vec::new();
        let found = match run(kind, value, &text(format), &mut out) {
            Ok(()) => ascii(&out),
            Err(error) => match error.kind {
                Kind::Overflow => format!("OverflowError: {error}"),
                _ => format!("ValueError: {error}"),
            },
        };
        let expected = expected
            .strip_prefix('\'')
            .and_then(|text| text.strip_suffix('\''))
            .unwrap_or(expected);
        if found != expected {
            wrong.push(format!("{line}\n  found {found}"));
        }
    }
    let shown = wrong.iter().take(20).map(String::as_str);
    let shown: Vec<&str> = shown.collect();
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        shown.join("\n")
    );
}

#[track_caller]
fn check_pieces(format: &str, expected: &str) {
    let shown: Vec<String> = fields::pieces(format.as_bytes())
        .map(|piece| match piece {
            Err(error) => format!("error {error}"),
            Ok(piece) => {
                let literal = &format[piece.literal];
                match piece.field {
                    None => format!("'{literal}'"),
                    Some(field) => format!(
                        "'{literal}' {{{}!{}:{}}}",
                        &format[field.name],
                        field.conversion.and_then(char::from_u32).unwrap_or('-'),
                        &format[field.spec]
                    ),
                }
            }
        })
        .collect();
    assert_eq!(shown.join(" "), expected, "{format}");
}

#[test]
fn a_format_string_falls_into_pieces() {
    check_pieces("", "");
    check_pieces("a", "'a'");
    check_pieces("{}", "'' {!-:}");
    check_pieces("a{{b}}c", "'a{' 'b}' 'c'");
    check_pieces("{a.b[c}d]!r:>{w}}x", "'' {a.b[c}d]!r:>{w}} 'x'");
    check_pieces("{a!r}", "'' {a!r:}");
    check_pieces("{", "error Single '{' encountered in format string");
    check_pieces("a}", "error Single '}' encountered in format string");
    check_pieces("{a", "error expected '}' before end of string");
    check_pieces("{a{", "error unexpected '{' in field name");
    check_pieces(
        "{a!",
        "error end of string while looking for conversion specifier",
    );
    check_pieces("{a!rx}", "error expected ':' after conversion specifier");
    check_pieces("{a:{b}", "error unmatched '{' in format spec");
}

#[track_caller]
fn check_steps(name: &str, expected: &str) {
    let mut numbering = fields::Numbering::default();
    let bytes = name.as_bytes();
    let mut shown = Vec::new();
    let mut at = match fields::first(bytes, Some(&mut numbering)) {
        Ok((first, at)) => {
            shown.push(format!("{first:?}"));
            at
        }
        Err(error) => return assert_eq!(error.message, expected),
    };
    loop {
        match fields::step(bytes, at) {
            Ok(None) => break,
            Ok(Some((step, next))) => {
                shown.push(format!("{step:?}"));
                at = next;
            }
            Err(error) => {
                shown.push(error.message);
                break;
            }
        }
    }
    assert_eq!(shown.join(" "), expected, "{name}");
}

#[test]
fn a_field_name_falls_into_steps() {
    check_steps("", "Index(0)");
    check_steps("7", "Index(7)");
    check_steps("a.b[0][k]", "Name(0..1) Attribute(2..3) Index(0) Key(7..8)");
    check_steps("a.", "Name(0..1) Empty attribute in format string");
    check_steps("a[]", "Name(0..1) Empty attribute in format string");
    check_steps("a[b", "Name(0..1) Missing ']' in format string");
    check_steps(
        "a[b]c",
        "Name(0..1) Key(2..3) Only '.' or '[' may follow ']' in format field specifier",
    );
    check_steps(
        "99999999999999999999",
        "Too many decimal digits in format string",
    );
}

#[track_caller]
fn check_directive_error(format: &str, message: &str) {
    let error = percent::next(format.as_bytes(), 0).expect_err(format);
    assert_eq!(error.message, message);
}

#[test]
fn a_directive_that_is_not_complete_is_an_error() {
    check_directive_error("%", "incomplete format");
    check_directive_error("%(a", "incomplete format key");
    check_directive_error("%(a)", "incomplete format");
    check_directive_error("%5", "incomplete format");
    check_directive_error("%99999999999999999999d", "width too big");
    check_directive_error("%.99999999999d", "precision too big");
    let unknown = percent::next("é%y".as_bytes(), 2).expect("a directive");
    let message = "unsupported format character 'y' (0x79) at index 2";
    assert_eq!(unknown.unknown_code().message, message);
}
