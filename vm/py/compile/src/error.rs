//! Errors and warnings, as CPython words and places them.

use std::fmt;

/// The exception's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named as Python names them")]
pub enum Kind {
    SyntaxError,
    IndentationError,
    TabError,
    RecursionError,
    ValueError,
    OverflowError,
    MemoryError,
    SystemError,
}

impl Kind {
    /// Returns the type's name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::SyntaxError => "SyntaxError",
            Kind::IndentationError => "IndentationError",
            Kind::TabError => "TabError",
            Kind::RecursionError => "RecursionError",
            Kind::ValueError => "ValueError",
            Kind::OverflowError => "OverflowError",
            Kind::MemoryError => "MemoryError",
            Kind::SystemError => "SystemError",
        }
    }

    /// Whether it is `SyntaxError` or a subclass of it, which have a place.
    pub fn is_syntax(self) -> bool {
        matches!(
            self,
            Kind::SyntaxError | Kind::IndentationError | Kind::TabError
        )
    }
}

/// Where a `SyntaxError` lies: its attributes `lineno`, `offset` and `text`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1; CPython has 0 and -1 for some errors.
    pub offset: i64,
    /// The line's text, if CPython has it.
    pub text: Option<String>,
}

/// Why there is no code: an exception that CPython's `compile` raises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The exception's type.
    pub kind: Kind,
    /// Its message.
    pub message: String,
    /// The file's name, as the caller gave it.
    pub filename: String,
    /// Its place; `None` if it has none.
    pub position: Option<Position>,
}

/// The place of an error, before the line's text is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// It has none.
    Nowhere,
    /// A line and an offset that is reported unchanged.
    At(u32, i64),
    /// The same, of the code generator.
    Generated(u32, i64),
    /// As it is.
    Exact(Position),
    /// The tokenizer's own place, whatever text it reads.
    Tokenizer(Position),
    /// A token, by its index.
    Token(usize),
    /// A line and a column in bytes, from 1, which is reported in characters.
    Bytes(u32, i64),
}

/// An error within the compiler.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    pub(crate) spot: Spot,
}

/// The result of a step of the compiler. Failures are boxed, for results are passed often.
pub(crate) type Result<T> = std::result::Result<T, Box<Failure>>;

impl Failure {
    /// A `SyntaxError` at a line and an `offset` that is taken as it is.
    pub(crate) fn syntax(message: impl Into<String>, line: u32, offset: i64) -> Box<Failure> {
        Box::new(Failure {
            kind: Kind::SyntaxError,
            message: message.into(),
            spot: Spot::At(line, offset),
        })
    }

    /// An error without a place.
    pub(crate) fn plain(kind: Kind, message: impl Into<String>) -> Box<Failure> {
        Box::new(Failure {
            kind,
            message: message.into(),
            spot: Spot::Nowhere,
        })
    }
}

/// A warning's category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named as Python names them")]
pub enum Category {
    SyntaxWarning,
    DeprecationWarning,
}

/// Something that CPython warns of and compiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Its category.
    pub category: Category,
    /// Its message.
    pub message: String,
    /// The line that it is about.
    pub line: u32,
}

impl fmt::Display for Error {
    /// Writes what the end of CPython's traceback shows: file, line, text, caret and message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = &self.position {
            writeln!(f, "  File \"{}\", line {}", self.filename, position.line)?;
            if let Some(text) = &position.text {
                caret(f, text, position.offset)?;
            }
        }
        let name = self.kind.name();
        match self.message.is_empty() {
            true => write!(f, "{name}"),
            false => write!(f, "{name}: {}", self.message),
        }
    }
}

/// Writes the last line of a text without the text's indentation, and a caret under the column.
fn caret(f: &mut fmt::Formatter<'_>, text: &str, offset: i64) -> fmt::Result {
    let stripped = text.trim_start_matches([' ', '\t', '\x0c']);
    let mut offset = offset - 1 - (text.len() - stripped.len()) as i64;
    let whole = stripped.strip_suffix('\n').unwrap_or(stripped);
    // CPython counts bytes here, and takes the column for one.
    offset = offset.min(whole.len() as i64);
    let start = whole.rfind('\n').map_or(0, |last| last + 1);
    offset -= start as i64;
    writeln!(f, "    {}", &whole[start..])?;
    if offset >= 0 {
        writeln!(f, "    {:>width$}", "^", width = offset as usize + 1)?;
    }
    Ok(())
}

impl std::error::Error for Error {}
