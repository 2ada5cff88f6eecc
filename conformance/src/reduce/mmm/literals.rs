//! Literals that replace the instructions that produce a value.

use super::flow::Type;
use super::source::Line;
use std::rc::Rc;

/// Returns the plainest literals of a type.
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

/// Returns the literals that print as `text`, of a type if it is known.
pub(super) fn of_value(text: &str, of: Option<Type>) -> Vec<Rc<Line>> {
    let mut found = Vec::new();
    let mut add = |literal_type: Type, operand: String| {
        if of.is_none_or(|of| of == literal_type) {
            found.push(Line::insn(literal_type.mnemonic(), &operand));
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
    let mut characters = text.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        add(
            Type::Char,
            match character {
                '\'' | '\\' => format!("'\\{character}'"),
                '\0'..='\x1f' | '\x7f' => format!("'\\u{{{:x}}}'", u32::from(character)),
                _ => format!("'{character}'"),
            },
        );
    }
    found
}
