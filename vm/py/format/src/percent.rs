//! The directives of `%`.
//!
//! [`next`] finds a directive; the caller fetches its arguments, `*` included, and hands the number
//! to [`Directive::integer`] or [`Directive::float`], or a text to [`Directive::text`].

use crate::layout::Padding;
use crate::{FormatError, Integer, Style, float_text, wtf8};
use std::ops::Range;

/// A width or a precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// A number in the directive.
    Number(usize),
    /// `*`: an argument, which the caller fetches.
    Argument,
}

/// A directive: `%(key)flags width .precision code`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Where the key is.
    pub key: Option<Range<usize>>,
    /// `-`: the padding follows.
    pub left: bool,
    /// `+`: a sign for every number.
    pub plus: bool,
    /// A blank: room for a sign.
    pub blank: bool,
    /// `#`: the alternate form.
    pub alternate: bool,
    /// `0`: padding of zeros after the sign.
    pub zero: bool,
    /// The least width.
    pub width: Option<Count>,
    /// The precision.
    pub precision: Option<Count>,
    /// The code's code point.
    pub code: u32,
    /// Where the code is, counted in code points.
    pub index: usize,
    /// Where the text goes on after the directive, in bytes.
    pub end: usize,
}

/// A cursor in a format.
struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl Cursor<'_> {
    /// Returns the next code point, or an error at the end of the format.
    fn next(&mut self) -> Result<u32, FormatError> {
        let Some((point, length)) = wtf8::first(&self.text[self.at..]) else {
            return FormatError::value("incomplete format");
        };
        self.at += length;
        Ok(point)
    }

    /// Reads the digits that begin with `point`; returns their number and the code point after
    /// them.
    fn digits(
        &mut self,
        mut point: u32,
        most: usize,
        word: &str,
    ) -> Result<(usize, u32), FormatError> {
        let mut found = 0;
        while let digit @ 0..10 = point.wrapping_sub(u32::from(b'0')) {
            let digit = digit as usize;
            if found > (most - digit) / 10 {
                return FormatError::value(format!("{word} too big"));
            }
            found = found * 10 + digit;
            point = self.next()?;
        }
        Ok((found, point))
    }

    fn key(&mut self) -> Result<Range<usize>, FormatError> {
        let start = self.at;
        let mut open = 1;
        for (at, &byte) in self.text[start..].iter().enumerate() {
            match byte {
                b'(' => open += 1,
                b')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                self.at = start + at + 1;
                return Ok(start..start + at);
            }
        }
        FormatError::value("incomplete format key")
    }
}

/// Returns the directive whose `%` is at byte `percent` of `text`.
///
/// ```
/// use vm_py_format::{Integer, percent};
///
/// let directive = percent::next(b"%+06d", 0).unwrap();
/// let mut out = Vec::new();
/// directive.integer(Integer::Small(42), 6, None, &mut out);
/// assert_eq!(out, b"+00042");
/// ```
pub fn next(text: &[u8], percent: usize) -> Result<Directive, FormatError> {
    let mut cursor = Cursor {
        text,
        at: percent + 1,
    };
    let mut found = Directive {
        key: None,
        left: false,
        plus: false,
        blank: false,
        alternate: false,
        zero: false,
        width: None,
        precision: None,
        code: 0,
        index: 0,
        end: 0,
    };
    let mut point = cursor.next()?;
    if point == u32::from('(') {
        found.key = Some(cursor.key()?);
        point = cursor.next()?;
    }
    loop {
        match char::from_u32(point) {
            Some('-') => found.left = true,
            Some('+') => found.plus = true,
            Some(' ') => found.blank = true,
            Some('#') => found.alternate = true,
            Some('0') => found.zero = true,
            _ => break,
        }
        point = cursor.next()?;
    }
    if point == u32::from('*') {
        found.width = Some(Count::Argument);
        point = cursor.next()?;
    } else if (u32::from(b'0')..=u32::from(b'9')).contains(&point) {
        let (width, after) = cursor.digits(point, i64::MAX as usize, "width")?;
        found.width = Some(Count::Number(width));
        point = after;
    }
    if point == u32::from('.') {
        point = cursor.next()?;
        if point == u32::from('*') {
            found.precision = Some(Count::Argument);
            point = cursor.next()?;
        } else {
            let (precision, after) = cursor.digits(point, i32::MAX as usize, "precision")?;
            found.precision = Some(Count::Number(precision));
            point = after;
        }
    }
    // A length modifier of C means nothing.
    if matches!(char::from_u32(point), Some('h' | 'l' | 'L')) {
        point = cursor.next()?;
    }
    let length = if point < 0x80 { 1 } else { wtf8_length(point) };
    found.code = point;
    found.end = cursor.at;
    found.index = wtf8::length(&text[..cursor.at - length]);
    Ok(found)
}

fn wtf8_length(point: u32) -> usize {
    let mut out = Vec::new();
    wtf8::push(point, &mut out);
    out.len()
}

impl Directive {
    /// Returns the error for a code that is not known.
    pub fn unknown_code(&self) -> FormatError {
        let shown = match self.code {
            31..127 => char::from(self.code as u8),
            _ => '?',
        };
        FormatError {
            kind: crate::Kind::Value,
            message: format!(
                "unsupported format character '{shown}' (0x{:x}) at index {}",
                self.code, self.index
            ),
        }
    }

    fn code(&self) -> char {
        char::from_u32(self.code).unwrap_or('\u{fffd}')
    }

    /// Appends a text for the codes `s`, `r`, `a` and `c`. A precision cuts the text, but for `c`.
    pub fn text(&self, text: &[u8], width: usize, precision: Option<usize>, out: &mut Vec<u8>) {
        let length = wtf8::length(text);
        let kept = match self.code() {
            'c' => length,
            _ => precision.map_or(length, |most| most.min(length)),
        };
        let end = wtf8::points(text)
            .nth(kept)
            .map_or(text.len(), |(at, _)| at);
        self.padding(width, false)
            .pad(kept, out, |out| out.extend_from_slice(&text[..end]));
    }

    /// Appends an int for the codes `d`, `i`, `u`, `o`, `x` and `X`.
    pub fn integer(
        &self,
        value: Integer<'_>,
        width: usize,
        precision: Option<usize>,
        out: &mut Vec<u8>,
    ) {
        let (base, prefix) = match self.code() {
            'o' => (8, "0o"),
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            _ => (10, ""),
        };
        let mut digits = value.digits(base);
        if self.code() == 'X' {
            digits.make_ascii_uppercase();
        }
        if let Some(precision) = precision {
            digits.insert_str(0, &"0".repeat(precision.saturating_sub(digits.len())));
        }
        let prefix = if self.alternate { prefix } else { "" };
        self.number(value.is_negative(), prefix, &digits, width, out);
    }

    /// Appends a float for the codes `e`, `f`, `g`, `E`, `F` and `G`.
    pub fn float(&self, value: f64, width: usize, precision: Option<usize>, out: &mut Vec<u8>) {
        let style = Style {
            code: self.code().to_ascii_lowercase(),
            precision: precision.unwrap_or(6),
            alternate: self.alternate,
            dot_zero: false,
            upper: self.code().is_ascii_uppercase(),
        };
        let text = float_text(value, &style);
        let digits = text.strip_prefix('-');
        self.number(digits.is_some(), "", digits.unwrap_or(&text), width, out);
    }

    fn padding(&self, width: usize, zeros: bool) -> Padding {
        Padding {
            fill: u32::from(if zeros { '0' } else { ' ' }),
            align: if self.left { b'<' } else { b'>' },
            width,
        }
    }

    fn number(&self, negative: bool, prefix: &str, digits: &str, width: usize, out: &mut Vec<u8>) {
        let sign = match (negative, self.plus, self.blank) {
            (true, ..) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            _ => "",
        };
        let length = sign.len() + prefix.len() + digits.len();
        let zeros = match self.zero && !self.left {
            true => width.saturating_sub(length),
            false => 0,
        };
        self.padding(width, false).pad(length + zeros, out, |out| {
            out.extend_from_slice(sign.as_bytes());
            out.extend_from_slice(prefix.as_bytes());
            out.resize(out.len() + zeros, b'0');
            out.extend_from_slice(digits.as_bytes());
        });
    }
}
