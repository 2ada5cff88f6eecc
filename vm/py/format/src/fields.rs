//! The replacement fields of `str.format`.

use crate::spec::number;
use crate::{FormatError, wtf8};
use std::ops::Range;

/// A piece of a format string: literal text, and the field that follows it, if one does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where the literal text is; a doubled brace counts once.
    pub literal: Range<usize>,
    /// The field.
    pub field: Option<Field>,
}

/// A replacement field: `{name!conversion:spec}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Where the name is.
    pub name: Range<usize>,
    /// The conversion's code point.
    pub conversion: Option<u32>,
    /// Where the specification is; empty if there is none.
    pub spec: Range<usize>,
    /// True if the specification has fields of its own.
    pub nested: bool,
}

/// The pieces of a format string, from left to right.
#[derive(Clone, Debug)]
pub struct Pieces<'t> {
    text: &'t [u8],
    at: usize,
}

/// Returns the pieces of a format string.
///
/// ```
/// use vm_py_format::fields::pieces;
///
/// let text = b"a{b!r:>{w}}c";
/// let found: Vec<_> = pieces(text).collect::<Result<_, _>>().unwrap();
/// let field = found[0].field.clone().unwrap();
/// assert_eq!(&text[field.name], b"b");
/// assert_eq!(&text[field.spec], b">{w}");
/// assert!(field.nested);
/// assert_eq!(&text[found[1].literal.clone()], b"c");
/// ```
pub fn pieces(text: &[u8]) -> Pieces<'_> {
    Pieces { text, at: 0 }
}

impl Iterator for Pieces<'_> {
    type Item = Result<Piece, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.text.len() {
            return None;
        }
        let found = self.piece();
        if found.is_err() {
            self.at = self.text.len();
        }
        Some(found)
    }
}

impl Pieces<'_> {
    fn piece(&mut self) -> Result<Piece, FormatError> {
        let start = self.at;
        let brace = self.text[start..]
            .iter()
            .position(|b| matches!(b, b'{' | b'}'));
        let Some(brace) = brace.map(|brace| start + brace) else {
            self.at = self.text.len();
            return Ok(Piece {
                literal: start..self.at,
                field: None,
            });
        };
        self.at = brace + 1;
        let next = self.text.get(self.at).copied();
        let mark = self.text[brace];
        if next == Some(mark) {
            self.at += 1;
            return Ok(Piece {
                literal: start..brace + 1,
                field: None,
            });
        }
        if mark == b'}' {
            return FormatError::value("Single '}' encountered in format string");
        }
        if next.is_none() {
            return FormatError::value("Single '{' encountered in format string");
        }
        Ok(Piece {
            literal: start..brace,
            field: Some(self.field()?),
        })
    }

    fn byte(&mut self) -> Option<u8> {
        let found = self.text.get(self.at).copied();
        self.at += usize::from(found.is_some());
        found
    }

    fn field(&mut self) -> Result<Field, FormatError> {
        let start = self.at;
        let mut in_brackets = false;
        let end = loop {
            match self.byte() {
                Some(b'{') => return FormatError::value("unexpected '{' in field name"),
                Some(b'[') => in_brackets = true,
                Some(b']') => in_brackets = false,
                Some(end @ (b'}' | b':' | b'!')) if !in_brackets => break end,
                Some(_) => {}
                None => return FormatError::value("expected '}' before end of string"),
            }
        };
        let mut field = Field {
            name: start..self.at - 1,
            conversion: None,
            spec: self.at..self.at,
            nested: false,
        };
        if end == b'}' {
            return Ok(field);
        }
        if end == b'!' {
            let Some((conversion, length)) = wtf8::first(&self.text[self.at..]) else {
                return FormatError::value("end of string while looking for conversion specifier");
            };
            field.conversion = Some(conversion);
            self.at += length;
            match self.byte() {
                Some(b'}') => {
                    field.spec = self.at..self.at;
                    return Ok(field);
                }
                Some(b':') => {}
                Some(_) => {
                    return FormatError::value("expected ':' after conversion specifier");
                }
                None => return FormatError::value("unmatched '{' in format spec"),
            }
        }
        self.spec(&mut field)?;
        Ok(field)
    }

    fn spec(&mut self, field: &mut Field) -> Result<(), FormatError> {
        let start = self.at;
        let mut open = 1;
        loop {
            match self.byte() {
                Some(b'{') => {
                    field.nested = true;
                    open += 1;
                }
                Some(b'}') => {
                    open -= 1;
                    if open == 0 {
                        field.spec = start..self.at - 1;
                        return Ok(());
                    }
                }
                Some(_) => {}
                None => return FormatError::value("unmatched '{' in format spec"),
            }
        }
    }
}

/// What a field's name begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    /// A positional argument.
    Index(usize),
    /// A keyword argument, by where its name is in the field's name.
    Name(Range<usize>),
}

/// A step from an object to one of its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// An attribute, by where its name is.
    Attribute(Range<usize>),
    /// An item by number.
    Index(usize),
    /// An item by key, by where the key is.
    Key(Range<usize>),
}

/// Numbers fields without a name, and refuses a mixture with numbered ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbering {
    manual: Option<bool>,
    next: usize,
}

impl Numbering {
    fn index(&mut self, given: Option<usize>) -> Result<usize, FormatError> {
        let manual = *self.manual.get_or_insert(given.is_some());
        match given {
            Some(index) if manual => Ok(index),
            None if !manual => {
                self.next += 1;
                Ok(self.next - 1)
            }
            None => FormatError::value(
                "cannot switch from manual field specification to automatic field numbering",
            ),
            Some(_) => FormatError::value(
                "cannot switch from automatic field numbering to manual field specification",
            ),
        }
    }
}

/// Returns what a field's name begins with, and where its steps begin.
///
/// `numbering` is `None` where a field without a name has an empty name, as in
/// `_string.formatter_field_name_split`.
pub fn first(
    name: &[u8],
    numbering: Option<&mut Numbering>,
) -> Result<(First, usize), FormatError> {
    let end = name.iter().position(|b| matches!(b, b'.' | b'['));
    let end = end.unwrap_or(name.len());
    let head = &name[..end];
    let index = match number(head)? {
        (Some(index), length) if length == head.len() => Some(index),
        _ => None,
    };
    let first = match (numbering, index) {
        (Some(numbering), _) if head.is_empty() || index.is_some() => {
            First::Index(numbering.index(index)?)
        }
        (None, Some(index)) => First::Index(index),
        _ => First::Name(0..end),
    };
    Ok((first, end))
}

/// Returns the step of a field's name that begins at `at`, and where the next one begins; `None` at
/// the end.
pub fn step(name: &[u8], at: usize) -> Result<Option<(Step, usize)>, FormatError> {
    let Some(&mark) = name.get(at) else {
        return Ok(None);
    };
    let start = at + 1;
    let rest = &name[start..];
    let (step, next) = match mark {
        b'.' => {
            let end = rest.iter().position(|b| matches!(b, b'.' | b'['));
            let end = start + end.unwrap_or(rest.len());
            (Step::Attribute(start..end), end)
        }
        b'[' => {
            let Some(end) = rest.iter().position(|&b| b == b']') else {
                return FormatError::value("Missing ']' in format string");
            };
            let end = start + end;
            let step = match number(&name[start..end])? {
                (Some(index), length) if length == end - start => Step::Index(index),
                _ => Step::Key(start..end),
            };
            (step, end + 1)
        }
        _ => {
            return FormatError::value("Only '.' or '[' may follow ']' in format field specifier");
        }
    };
    match &step {
        Step::Attribute(name) | Step::Key(name) if name.is_empty() => {
            FormatError::value("Empty attribute in format string")
        }
        _ => Ok(Some((step, next))),
    }
}

/// Returns the error for a conversion other than `r`, `s` and `a`.
pub fn unknown_conversion(conversion: u32) -> FormatError {
    let shown = match conversion {
        33..127 => char::from(conversion as u8).to_string(),
        _ => format!("\\x{conversion:x}"),
    };
    FormatError {
        kind: crate::Kind::Value,
        message: format!("Unknown conversion specifier {shown}"),
    }
}
