//! Python literals: parsing text to objects, and printing objects as text that parses to the same.
//!
//! [`parse`] accepts what Python's `ast.literal_eval` accepts, except `\N{…}`, with the same meaning.
//! It accepts more, so that every object that can be marshalled has a text:
//!
//! | text | object |
//! |---|---|
//! | `0x1.8p3`, `float.fromhex('0x1.8p3')` | a float in hexadecimal |
//! | `inf`, `-inf`, `nan`, `-nan`, `float('nan')` | floats without digits |
//! | `nan(0x7ff8000000000001)` | a NaN by all of its bits |
//! | `complex(-0.0, 1.0)` | a complex number with any parts |
//! | `frozenset({1, 2})`, `set()` | sets, with items in that order |
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

use crate::repr::{MAX_BYTES, Style, write};
use vm_base::Span;
use vm_py_code::object::{Id, Pool};

/// The reason why a text is not a literal, at a part of the text.
pub type LiteralError = vm_base::Problem<Span>;

/// Parses `text`, which must be one literal, and adds its object to `pool`.
///
/// # Errors
///
/// Returns an error with the part of the text that is wrong.
pub fn parse(pool: &mut Pool, text: &str) -> Result<Id, LiteralError> {
    parse::parse(pool, text)
}

/// Returns a literal that [`parse`] parses to the same object.
///
/// Returns `None` for an object that is or contains a code object, that contains itself, or whose
/// text is longer than [`MAX_BYTES`].
pub fn print(pool: &Pool, id: Id) -> Option<String> {
    let mut out = String::new();
    write(pool, id, Style::Literal, MAX_BYTES, &mut out).ok()?;
    Some(out)
}
