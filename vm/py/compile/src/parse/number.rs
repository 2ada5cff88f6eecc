//! Numbers.

use super::{Parse, Parser};
use crate::ast::ExprId;
use crate::constant::Value;
use crate::upstream::int;
use num_bigint::BigInt;

/// What a number's text means.
pub(crate) enum Number {
    Int(i64),
    Long(BigInt),
    Float(f64),
    Imaginary(f64),
}

impl Parser<'_> {
    pub(super) fn number(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        let text = self.text_of(self.token());
        self.bump();
        let value = match number(text) {
            Number::Int(value) => self.unit.consts.add(Value::Int(value)),
            Number::Long(value) => self.unit.consts.int(value),
            Number::Float(value) => self.unit.consts.add(Value::Float(value.to_bits())),
            Number::Imaginary(value) => self.unit.consts.add(Value::Complex(0, value.to_bits())),
        };
        Ok(self.constant(value, start))
    }
}

/// Returns what a number's text means; the tokenizer has found it to be one.
pub(crate) fn number(text: &[u8]) -> Number {
    // Most are short and decimal.
    if text.len() <= 18 && text.iter().all(u8::is_ascii_digit) {
        let digits = text.iter();
        return Number::Int(digits.fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0')));
    }
    let plain: Vec<u8> = text.iter().copied().filter(|&byte| byte != b'_').collect();
    let based = match plain.get(1) {
        Some(b'x' | b'X') => Some(16),
        Some(b'o' | b'O') => Some(8),
        Some(b'b' | b'B') => Some(2),
        _ => None,
    };
    if let Some(radix) = based {
        let digits = &plain[2..];
        let text = str::from_utf8(digits).unwrap_or("0");
        return match i64::from_str_radix(text, radix) {
            Ok(value) => Number::Int(value),
            Err(_) => Number::Long(BigInt::parse_bytes(digits, radix).unwrap_or_default()),
        };
    }
    let (digits, imaginary) = match plain.split_last() {
        Some((b'j' | b'J', digits)) => (digits, true),
        _ => (&plain[..], false),
    };
    let text = str::from_utf8(digits).unwrap_or("0");
    if imaginary {
        return Number::Imaginary(text.parse().unwrap_or(0.0));
    }
    if !digits.iter().all(u8::is_ascii_digit) {
        return Number::Float(text.parse().unwrap_or(0.0));
    }
    match text.parse() {
        Ok(value) => Number::Int(value),
        Err(_) => Number::Long(BigInt::from(int::from_decimal(text))),
    }
}
