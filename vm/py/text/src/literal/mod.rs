//! Python's literals: text to objects, and objects to text that reads back the same.
//!
//! What Python's `ast.literal_eval` takes is taken, with the same meaning, but for `\N{…}`. More
//! is, so that every object that can be marshalled has a text:
//!
//! | text | object |
//! |---|---|
//! | `0x1.8p3`, `float.fromhex('0x1.8p3')` | a float by its bits |
//! | `inf`, `-inf`, `nan`, `-nan`, `float('nan')` | floats that have no digits |
//! | `nan(0x7ff8000000000001)` | a NaN by all of its bits |
//! | `complex(-0.0, 1.0)` | a complex number, whatever its parts |
//! | `frozenset({1, 2})`, `set()` | sets, in that order |
//! | `StopIteration` | the class |
//!
//! ```
//! use vm_py_text::literal;
//! use vm_py_code::object::Pool;
//! use vm_py_text::repr::repr;
//! let mut pool = Pool::new();
//! let id = literal::parse(&mut pool, r#"(1_000, 'a' "b", -0x1p-1, b'\0', (2+3j))"#).unwrap();
//! assert_eq!(repr(&pool, id), r"(1000, 'ab', -0.5, b'\x00', (2+3j))");
//! assert_eq!(literal::print(&pool, id).unwrap(), repr(&pool, id));
//!
//! let error = literal::parse(&mut pool, "(1, 2").unwrap_err();
//! assert_eq!(error.message, "the '(' is not closed");
//! ```

mod lex;
mod parse;

use crate::repr::{MOST, Style, write};
use vm_base::Span;
use vm_py_code::object::{Id, Pool};

/// Why a text is no literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiteralError {
    /// The part of the text that is meant.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// Reads a literal, the whole of `text`, and puts its object into `pool`.
pub fn parse(pool: &mut Pool, text: &str) -> Result<Id, LiteralError> {
    parse::parse(pool, text)
}

/// Writes an object so that [`parse`] reads the same one. `None` if it is a code object or has one
/// within it, if it holds itself, or if its text were longer than [`MOST`] bytes.
pub fn print(pool: &Pool, id: Id) -> Option<String> {
    let mut out = String::new();
    write(pool, id, Style::Literal, MOST, &mut out).ok()?;
    Some(out)
}
