//! Literals to put in the place of whatever makes a value.

use super::flow::Type;
use super::source::Line;
use std::rc::Rc;

/// The plainest literals of a type.
pub(super) fn plainest(of: Type) -> impl Iterator<Item = Rc<Line>> {
    let operands: &[&str] = match of {
        Type::Int => &["0", "1", "-1", "2147483647", "-2147483648"],
        Type::Float => &["0", "1", "-1", ".5", "1e99", "1e999"],
        Type::Byte => &["0b0", "0b1", "0b11111111"],
        Type::Bool => &["false", "true"],
        Type::Str => &["\"\"", "\"a\""],
        Type::Char => &["'a'"],
    };
    operands
        .iter()
        .map(move |operand| Line::insn(of.mnemonic(), operand))
}

/// The literals that a value of that printing form may be, of a type that may be known.
pub(super) fn of_value(text: &str, of: Option<Type>) -> Vec<Rc<Line>> {
    let mut found = Vec::new();
    let mut add = |kind: Type, operand: String| {
        if of.is_none_or(|of| of == kind) {
            found.push(Line::insn(kind.mnemonic(), &operand));
        }
    };
    if text.starts_with('"') && text.len() > 1 {
        add(Type::Str, text.to_owned());
    }
    if matches!(text, "true" | "false") {
        add(Type::Bool, text.to_owned());
    }
    if text.starts_with("0b") {
        add(Type::Byte, text.to_owned());
    }
    if text.parse::<i32>().is_ok() && !text.starts_with('+') {
        add(Type::Int, text.to_owned());
    }
    match text {
        "inf" => add(Type::Float, "1e999".to_owned()),
        "-inf" => add(Type::Float, "-1e999".to_owned()),
        _ if text.bytes().all(|byte| b"0123456789.-".contains(&byte)) => {
            if let Ok(value) = text.parse::<f64>() {
                let shorter = format!("{value:e}");
                let shorter = shorter.strip_suffix("e0").unwrap_or(&shorter).to_owned();
                let plain = text.len() <= shorter.len();
                add(Type::Float, if plain { text.to_owned() } else { shorter });
            }
        }
        _ => {}
    }
    let mut letters = text.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        add(
            Type::Char,
            match letter {
                '\'' | '\\' => format!("'\\{letter}'"),
                '\0'..='\x1f' | '\x7f' => format!("'\\u{{{:x}}}'", u32::from(letter)),
                _ => format!("'{letter}'"),
            },
        );
    }
    found
}
