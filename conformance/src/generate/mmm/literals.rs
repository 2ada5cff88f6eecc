//! Random literals.

use super::tables::{BOOLS, BYTE, CHAR, CHARS, FLOAT, INT, STRING};
use super::{Atom, Item};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns a random operand of a literal instruction, which `constexpr` takes too.
pub(super) fn random_literal(mnemonic: usize, atom: &mut Atom) -> (Cow<'static, str>, Item) {
    let value = atom.below(1 << 32) as u32 as i32 >> [28, 24, 16, 0][atom.below(4)];
    match mnemonic {
        INT => {
            let item = Item::Int(value.into(), value.into());
            (value.to_string().into(), item)
        }
        BYTE => (
            format!("0b{:b}", value as u8).into(),
            Item::Byte(value as u8),
        ),
        FLOAT => {
            let text = match atom.below(3) {
                0 => format!("{value}.{:03}", atom.below(1000)),
                1 => format!("{value}e{}", atom.below(40) as i32 - 20),
                // Up to seventeen digits and any exponent.
                _ => {
                    let bits = (value as u64) << 32 ^ atom.rest();
                    let float = f64::from_bits(bits);
                    match float.is_finite() {
                        true => format!("{float:e}")
                            .replacen('e', "e+", 1)
                            .replace("e+-", "e-"),
                        false => "1.5".to_owned(),
                    }
                }
            };
            (text.into(), Item::Float)
        }
        CHAR => {
            let c = char::from_u32(value as u32 % 0x11_0000).unwrap_or('x');
            (format!("'\\u{{{:x}}}'", u32::from(c)).into(), Item::Char)
        }
        STRING => {
            let mut text = "\"".to_owned();
            for _ in 0..atom.below(5) {
                match atom.below(3) {
                    0 => text.push((b'a' + atom.below(26) as u8) as char),
                    1 => {
                        let c = CHARS[atom.below(CHARS.len())];
                        match c {
                            "'\"'" => text.push_str("\\\""),
                            _ => text.push_str(&c[1..c.len() - 1]),
                        }
                    }
                    _ => {
                        let _ = write!(text, "\\u{{{:x}}}", atom.below(0x100));
                    }
                }
            }
            text.push('"');
            (text.into(), Item::Str)
        }
        _ => (BOOLS[atom.below(2)].into(), Item::Bool),
    }
}
