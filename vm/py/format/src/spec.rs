//! The mini-language of format specifications.

use crate::layout::{Grouping, Padding, Parts};
use crate::{FormatError, Integer, Style, float_text, wtf8};
use vm_py_unicode::decimal;

/// A format specification: `[[fill]align][sign][#][0][width][grouping][.precision][type]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    fill: Option<u32>,
    align: Option<u8>,
    sign: Option<u8>,
    alternate: bool,
    width: Option<usize>,
    separator: Option<char>,
    precision: Option<usize>,
    code: Option<u32>,
}

/// Returns the number at the start of `bytes`, in digits of any script, and its length in bytes;
/// the number is `None` if there is no digit.
pub(crate) fn number(bytes: &[u8]) -> Result<(Option<usize>, usize), FormatError> {
    let mut found: Option<usize> = None;
    for (at, point) in wtf8::points(bytes) {
        let Some(digit) = decimal(point) else {
            return Ok((found, at));
        };
        let before = found.unwrap_or(0) as i64;
        if before > (i64::MAX - i64::from(digit)) / 10 {
            return FormatError::value("Too many decimal digits in format string");
        }
        found = Some((before * 10 + i64::from(digit)) as usize);
    }
    Ok((found, bytes.len()))
}

fn is_align(point: u32) -> bool {
    matches!(u8::try_from(point), Ok(b'<' | b'>' | b'=' | b'^'))
}

/// Returns a character as CPython's messages about format codes show it.
fn shown(point: u32) -> String {
    match point {
        33..128 => char::from(point as u8).to_string(),
        _ => format!("\\x{point:x}"),
    }
}

impl Spec {
    /// Parses a specification.
    pub fn parse(text: &[u8]) -> Result<Spec, FormatError> {
        let mut rest = text;
        let mut spec = Spec {
            fill: None,
            align: None,
            sign: None,
            alternate: false,
            width: None,
            separator: None,
            precision: None,
            code: None,
        };
        if let Some((first, length)) = wtf8::first(rest) {
            match wtf8::first(&rest[length..]) {
                Some((second, _)) if is_align(second) => {
                    (spec.fill, spec.align) = (Some(first), Some(second as u8));
                    rest = &rest[length + 1..];
                }
                _ if is_align(first) => {
                    spec.align = Some(first as u8);
                    rest = &rest[1..];
                }
                _ => {}
            }
        }
        if let Some(&sign @ (b' ' | b'+' | b'-')) = rest.first() {
            spec.sign = Some(sign);
            rest = &rest[1..];
        }
        if let Some(after) = rest.strip_prefix(b"#") {
            spec.alternate = true;
            rest = after;
        }
        if spec.fill.is_none()
            && let Some(after) = rest.strip_prefix(b"0")
        {
            spec.fill = Some(u32::from(b'0'));
            spec.align = spec.align.or(Some(b'='));
            rest = after;
        }
        let (width, length) = number(rest)?;
        spec.width = width;
        rest = spec.parse_separator(&rest[length..])?;
        if let Some(after) = rest.strip_prefix(b".") {
            let (precision, length) = number(after)?;
            if precision.is_none() {
                return FormatError::value("Format specifier missing precision");
            }
            spec.precision = precision;
            rest = &after[length..];
        }
        if let Some((code, length)) = wtf8::first(rest) {
            if length < rest.len() {
                return FormatError::value("Invalid format specifier");
            }
            spec.code = Some(code);
        }
        spec.check_separator()?;
        Ok(spec)
    }

    fn parse_separator<'t>(&mut self, mut rest: &'t [u8]) -> Result<&'t [u8], FormatError> {
        let both = "Cannot specify both ',' and '_'.";
        if let Some(after) = rest.strip_prefix(b",") {
            self.separator = Some(',');
            rest = after;
        }
        if let Some(after) = rest.strip_prefix(b"_") {
            if self.separator.is_some() {
                return FormatError::value(both);
            }
            self.separator = Some('_');
            rest = after;
        }
        match rest.first() {
            Some(b',') if self.separator == Some('_') => FormatError::value(both),
            _ => Ok(rest),
        }
    }

    /// Refuses a separator with a code that does not group digits. Which codes do without a type
    /// is the same for all types.
    fn check_separator(&self) -> Result<(), FormatError> {
        let (Some(separator), Some(code)) = (self.separator, self.code) else {
            return Ok(());
        };
        match (char::from_u32(code), separator) {
            (Some('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F'), _) => Ok(()),
            (Some('b' | 'o' | 'x' | 'X'), '_') => Ok(()),
            _ => refuse_separator(separator, code),
        }
    }

    fn unknown<T>(&self, code: u32, type_name: &str) -> Result<T, FormatError> {
        FormatError::value(format!(
            "Unknown format code '{}' for object of type '{type_name}'",
            shown(code)
        ))
    }

    fn padding(&self, align: u8) -> Padding {
        Padding {
            fill: self.fill.unwrap_or(u32::from(' ')),
            align: self.align.unwrap_or(align),
            width: self.width.unwrap_or(0),
        }
    }

    fn grouping(&self) -> Option<Grouping> {
        let code = self.code.and_then(char::from_u32);
        let size = match code {
            Some('b' | 'o' | 'x' | 'X') => 4,
            _ => 3,
        };
        self.separator.map(|separator| Grouping { separator, size })
    }

    fn sign_of(&self, negative: bool) -> Option<char> {
        match (negative, self.sign) {
            (true, _) => Some('-'),
            (false, Some(b'+')) => Some('+'),
            (false, Some(b' ')) => Some(' '),
            (false, _) => None,
        }
    }

    /// Appends a str. `type_name` is the name of the object's type, for messages.
    pub fn format_str(
        &self,
        text: &[u8],
        type_name: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), FormatError> {
        match self.code {
            None => {
                if let Some(separator) = self.separator {
                    return refuse_separator(separator, u32::from('s'));
                }
            }
            Some(code) if code == u32::from('s') => {}
            Some(code) => return self.unknown(code, type_name),
        }
        if self.sign.is_some() {
            return FormatError::value("Sign not allowed in string format specifier");
        }
        if self.alternate {
            return FormatError::value("Alternate form (#) not allowed in string format specifier");
        }
        if self.align == Some(b'=') {
            return FormatError::value("'=' alignment not allowed in string format specifier");
        }
        let length = wtf8::length(text);
        let kept = self.precision.map_or(length, |most| most.min(length));
        let end = wtf8::points(text)
            .nth(kept)
            .map_or(text.len(), |(at, _)| at);
        self.padding(b'<')
            .pad(kept, out, |out| out.extend_from_slice(&text[..end]));
        Ok(())
    }

    /// Returns true if the code asks for an int to be formatted as a float.
    pub fn is_float_code(&self) -> bool {
        matches!(
            self.code.and_then(char::from_u32),
            Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%')
        )
    }

    /// Appends an int. If [`Spec::is_float_code`], the int must be converted to a float first and
    /// formatted as one.
    pub fn format_int(
        &self,
        value: Integer<'_>,
        type_name: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), FormatError> {
        let code = match self.code.map(|code| (code, char::from_u32(code))) {
            None => 'd',
            Some((_, Some(code @ ('b' | 'c' | 'd' | 'o' | 'x' | 'X' | 'n')))) => code,
            Some((code, _)) => return self.unknown(code, type_name),
        };
        if self.precision.is_some() {
            return FormatError::value("Precision not allowed in integer format specifier");
        }
        if code == 'c' {
            return self.format_character(value, out);
        }
        let (base, prefix) = match code {
            'b' => (2, "0b"),
            'o' => (8, "0o"),
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            _ => (10, ""),
        };
        let mut digits = value.digits(base);
        if code == 'X' {
            digits.make_ascii_uppercase();
        }
        let parts = Parts {
            sign: self.sign_of(value.is_negative()),
            prefix: if self.alternate { prefix } else { "" },
            digits: &digits,
            rest: "",
        };
        self.padding(b'>').number(&parts, self.grouping(), out);
        Ok(())
    }

    fn format_character(&self, value: Integer<'_>, out: &mut Vec<u8>) -> Result<(), FormatError> {
        if self.sign.is_some() {
            return FormatError::value("Sign not allowed with integer format specifier 'c'");
        }
        if self.alternate {
            return FormatError::value(
                "Alternate form (#) not allowed with integer format specifier 'c'",
            );
        }
        let point = match value {
            Integer::Small(value @ 0..0x11_0000) => value as u32,
            Integer::Small(_) => {
                return FormatError::overflow("%c arg not in range(0x110000)");
            }
            Integer::Big(_) => {
                return FormatError::overflow("Python int too large to convert to C long");
            }
        };
        let mut padding = self.padding(b'>');
        // There is no sign to put the padding after.
        if padding.align == b'=' {
            padding.align = b'>';
        }
        padding.pad(1, out, |out| wtf8::push(point, out));
        Ok(())
    }

    /// Returns the style of a float or of a part of a complex number, and whether it is a
    /// percentage.
    fn style(&self, code: Option<char>, dot_zero: bool) -> Result<(Style, bool), FormatError> {
        if self.precision.is_some_and(|most| most > i32::MAX as usize) {
            return FormatError::value("precision too big");
        }
        let upper = matches!(code, Some('E' | 'F' | 'G'));
        let lower = code.map(|code| code.to_ascii_lowercase());
        let code = match (lower, self.precision) {
            (Some('n'), _) | (None, Some(_)) => 'g',
            (None, None) => 'r',
            (Some('%'), _) => 'f',
            (Some(code), _) => code,
        };
        let style = Style {
            code,
            precision: self.precision.unwrap_or(6),
            alternate: self.alternate,
            dot_zero: dot_zero && lower.is_none(),
            upper,
        };
        Ok((style, lower == Some('%')))
    }

    /// Appends a float.
    pub fn format_float(
        &self,
        value: f64,
        type_name: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), FormatError> {
        let code = match self.code.map(|code| (code, char::from_u32(code))) {
            None => None,
            Some((_, Some(code @ ('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%')))) => Some(code),
            Some((code, _)) => return self.unknown(code, type_name),
        };
        let (style, percent) = self.style(code, true)?;
        let value = if percent { value * 100.0 } else { value };
        let mut text = float_text(value, &style);
        if percent {
            text.push('%');
        }
        self.number_text(&text, &self.padding(b'>'), self.sign_of(false), out);
        Ok(())
    }

    /// Appends the text of a float; `sign` is for one that has none.
    fn number_text(&self, text: &str, padding: &Padding, sign: Option<char>, out: &mut Vec<u8>) {
        let (sign, text) = match text.strip_prefix('-') {
            Some(text) => (Some('-'), text),
            None => (sign, text),
        };
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (digits, rest) = text.split_at(end);
        let parts = Parts {
            sign,
            prefix: "",
            digits,
            rest,
        };
        padding.number(&parts, self.grouping(), out);
    }

    /// Appends a complex number.
    pub fn format_complex(
        &self,
        real: f64,
        imaginary: f64,
        type_name: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), FormatError> {
        let code = match self.code.map(|code| (code, char::from_u32(code))) {
            None => None,
            Some((_, Some(code @ ('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n')))) => Some(code),
            Some((code, _)) => return self.unknown(code, type_name),
        };
        let (style, _) = self.style(code, false)?;
        if self.fill == Some(u32::from('0')) {
            return FormatError::value("Zero padding is not allowed in complex format specifier");
        }
        if self.align == Some(b'=') {
            return FormatError::value(
                "'=' alignment flag is not allowed in complex format specifier",
            );
        }
        let skips_real = code.is_none() && real == 0.0 && real.is_sign_positive();
        let parenthesised = code.is_none() && !skips_real;
        let none = Padding {
            fill: u32::from(' '),
            align: b'<',
            width: 0,
        };
        let mut text = Vec::new();
        if parenthesised {
            text.push(b'(');
        }
        let mut sign = self.sign_of(false);
        if !skips_real {
            self.number_text(&float_text(real, &style), &none, sign, &mut text);
            sign = Some('+');
        }
        self.number_text(&float_text(imaginary, &style), &none, sign, &mut text);
        text.push(b'j');
        if parenthesised {
            text.push(b')');
        }
        self.padding(b'>')
            .pad(text.len(), out, |out| out.extend_from_slice(&text));
        Ok(())
    }
}

fn refuse_separator<T>(separator: char, code: u32) -> Result<T, FormatError> {
    FormatError::value(format!(
        "Cannot specify '{separator}' with '{}'.",
        shown(code)
    ))
}
