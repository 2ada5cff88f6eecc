//! Values and their printing form.

use std::io::Write as _;
use vm_base::ShortestFloat;

/// A value: an item of a local stack, or what a program returns. The text of a Str is in the
/// program's pool; [`Program::printed`](crate::Program::printed) prints any value.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "named for the types")]
pub enum Value {
    Bool(bool),
    Str(Text),
    Int(i32),
    Float(f64),
    Char(char),
    Byte(u8),
}

/// The text of a Str, as a part of a pool of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// The offset of the first byte.
    pub start: u32,
    /// The length in bytes.
    pub len: u32,
}

impl Text {
    /// Returns the text.
    ///
    /// # Panics
    /// If it is not a part of this pool.
    pub fn of(self, pool: &str) -> &str {
        &pool[self.start as usize..self.start as usize + self.len as usize]
    }

    /// Returns the same text in a pool with `base` more bytes before it.
    pub fn moved(self, base: u32) -> Text {
        Text {
            start: self.start + base,
            ..self
        }
    }
}

impl Value {
    /// Returns the name of the type.
    pub fn type_name(self) -> &'static str {
        match self {
            Value::Bool(_) => "Bool",
            Value::Str(_) => "Str",
            Value::Int(_) => "Int",
            Value::Float(_) => "Float",
            Value::Char(_) => "Char",
            Value::Byte(_) => "Byte",
        }
    }

    /// Appends the printing form.
    pub fn print(self, pool: &str, out: &mut Vec<u8>) {
        // Writing to a Vec cannot fail.
        let _ = match self {
            Value::Bool(value) => write!(out, "{value}"),
            Value::Int(value) => write!(out, "{value}"),
            Value::Float(value) => write!(out, "{}", ShortestFloat(value)),
            Value::Char(value) => write!(out, "{value}"),
            Value::Byte(value) => write!(out, "0b{value:b}"),
            Value::Str(text) => {
                print_str(text.of(pool), out);
                Ok(())
            }
        };
    }

    /// Returns the printing form.
    pub fn printed(self, pool: &str) -> String {
        let mut out = Vec::new();
        self.print(pool, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }
}

fn print_str(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut plain = 0;
    for (at, c) in text.char_indices() {
        if !(c.is_control() || matches!(c, '"' | '\\')) {
            continue;
        }
        out.extend_from_slice(&text.as_bytes()[plain..at]);
        plain = at + c.len_utf8();
        match c {
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            _ => out.extend_from_slice(format!("\\u{{{:x}}}", u32::from(c)).as_bytes()),
        }
    }
    out.extend_from_slice(&text.as_bytes()[plain..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: Value, pool: &str, printed: &str) {
        assert_eq!(value.printed(pool), printed);
    }

    #[track_caller]
    fn check_str(text: &str, printed: &str) {
        let all = Text {
            start: 0,
            len: text.len() as u32,
        };
        check(Value::Str(all), text, printed);
    }

    #[test]
    fn printing_form() {
        check(Value::Float(5.0), "", "5");
        check(Value::Float(-0.0), "", "-0");
        check(Value::Float(0.1 + 0.2), "", "0.30000000000000004");
        check(Value::Float(1e21), "", "1000000000000000000000");
        check(Value::Float(1e-7), "", "0.0000001");
        check(Value::Float(f64::NAN), "", "NaN");
        check(Value::Float(-f64::NAN), "", "NaN");
        check(Value::Float(f64::NEG_INFINITY), "", "-inf");
        check(Value::Byte(5), "", "0b101");
        check(Value::Byte(0), "", "0b0");
        check(Value::Char('\n'), "", "\n");
        check_str("", "\"\"");
        check_str(
            "a\"\\\n\r\t\0\u{7f}\u{9f}é'",
            "\"a\\\"\\\\\\n\\r\\t\\u{0}\\u{7f}\\u{9f}é'\"",
        );
    }
}
