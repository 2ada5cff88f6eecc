//! Objects as text: as Python's `repr` writes them, and as [`crate::literal`] parses them.

use crate::set_items::set_items;
use num_bigint::BigInt;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;
use vm_py_code::object::{Code, Id, Object, Pool};
use vm_py_data::{float, quote};

/// The greatest number of bytes that [`repr`] and [`crate::literal::print`] return for an object.
/// Objects that share parts can be very long as text.
pub const MAX_BYTES: usize = 1 << 26;

/// Returns an object as Python 3.9's `repr` writes it with `PYTHONHASHSEED=0`, which determines the
/// order of sets. After [`MAX_BYTES`] bytes the text ends with `…`.
///
/// For a code object, Python writes its address, and this writes the number of its node.
///
/// ```
/// use vm_py_code::object::{Object, Pool, Str};
/// use vm_py_text::repr::repr;
/// let mut pool = Pool::new();
/// let text = pool.add(Object::Str(Str::new("it's\n")));
/// let tuple = pool.add(Object::Tuple([text].into()));
/// assert_eq!(repr(&pool, tuple), r#"("it's\n",)"#);
/// ```
pub fn repr(pool: &Pool, id: Id) -> String {
    let mut out = String::new();
    if let Err(stop) = write(pool, id, Style::Repr, MAX_BYTES, &mut out) {
        debug_assert_eq!(stop, Stop::TooLong);
        out.push('…');
    }
    out
}

/// Returns the `repr` of the code object with the number `id`.
pub fn code(pool: &Pool, id: Id, code: &Code) -> String {
    let text = |id| match pool.str(id) {
        Some(text) => text.shown(),
        None => "???".into(),
    };
    format!(
        "<code object {} at {:#x}, file \"{}\", line {}>",
        text(code.name),
        id.0,
        text(code.filename),
        // CPython says -1 for 0.
        match code.firstlineno {
            0 => -1,
            line => line,
        }
    )
}

/// The style in which an object is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// As `repr` writes it.
    Repr,
    /// As a literal that parses to the same object.
    Literal,
}

/// The reason why an object is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Its text is too long.
    TooLong,
    /// It is or contains a code object, or contains itself, and so has no literal.
    NoLiteral,
}

/// A container whose items are being written.
struct Open<'a> {
    id: Id,
    items: Items<'a>,
    next: usize,
    close: &'static str,
}

enum Items<'a> {
    Single(Cow<'a, [Id]>),
    Pairs(&'a [(Id, Id)]),
}

impl Open<'_> {
    /// Returns the next item, and the text before it.
    fn next(&mut self) -> Option<(Id, &'static str)> {
        let at = self.next;
        self.next += 1;
        match &self.items {
            Items::Single(items) => {
                let before = if at == 0 { "" } else { ", " };
                Some((*items.get(at)?, before))
            }
            Items::Pairs(pairs) => {
                let &(key, value) = pairs.get(at / 2)?;
                Some(match at {
                    0 => (key, ""),
                    _ if at.is_multiple_of(2) => (key, ", "),
                    _ => (value, ": "),
                })
            }
        }
    }
}

/// Appends an object to `out`, and stops soon after `max_bytes` bytes.
pub(crate) fn write(
    pool: &Pool,
    id: Id,
    style: Style,
    max_bytes: usize,
    out: &mut String,
) -> Result<(), Stop> {
    let mut path: Vec<Open> = Vec::new();
    let mut within = HashSet::new();
    let mut item = Some(id);
    loop {
        if let Some(id) = item {
            if within.contains(&id) {
                repeat(pool.get(id), style, out)?;
            } else if let Some(open) = open(pool, id, style, out)? {
                within.insert(id);
                path.push(open);
            }
        }
        if out.len() > max_bytes {
            return Err(Stop::TooLong);
        }
        let Some(innermost) = path.last_mut() else {
            return Ok(());
        };
        item = match innermost.next() {
            Some((id, before)) => {
                out.push_str(before);
                Some(id)
            }
            None => {
                out.push_str(innermost.close);
                within.remove(&innermost.id);
                path.pop();
                None
            }
        };
    }
}

/// Writes a container inside itself.
fn repeat(object: &Object, style: Style, out: &mut String) -> Result<(), Stop> {
    if style == Style::Literal {
        return Err(Stop::NoLiteral);
    }
    out.push_str(match object {
        Object::List(_) => "[...]",
        Object::Tuple(_) => "(...)",
        Object::FrozenSet(_) => "frozenset(...)",
        Object::Set(_) => "set(...)",
        _ => "{...}",
    });
    Ok(())
}

/// Writes an object without items, or the beginning of a container.
fn open<'a>(
    pool: &'a Pool,
    id: Id,
    style: Style,
    out: &mut String,
) -> Result<Option<Open<'a>>, Stop> {
    let set = |items: &'a [Id]| {
        let order = match style {
            Style::Repr => set_items(pool, items),
            Style::Literal => None,
        };
        Items::Single(order.map_or(items.into(), Cow::Owned))
    };
    let (start, items, close) = match pool.get(id) {
        Object::Tuple(items) => {
            let close = if items.len() == 1 { ",)" } else { ")" };
            ("(", Items::Single(items[..].into()), close)
        }
        Object::List(items) => ("[", Items::Single(items[..].into()), "]"),
        Object::Dict(pairs) => ("{", Items::Pairs(pairs), "}"),
        Object::Set(items) if items.is_empty() => ("set(", Items::Pairs(&[]), ")"),
        Object::Set(items) => ("{", set(items), "}"),
        Object::FrozenSet(items) if items.is_empty() => ("frozenset(", Items::Pairs(&[]), ")"),
        Object::FrozenSet(items) => ("frozenset({", set(items), "})"),
        Object::Code(object) => {
            if style == Style::Literal {
                return Err(Stop::NoLiteral);
            }
            out.push_str(&code(pool, id, object));
            return Ok(None);
        }
        leaf => {
            write_leaf(leaf, style, out);
            return Ok(None);
        }
    };
    out.push_str(start);
    Ok(Some(Open {
        id,
        items,
        next: 0,
        close,
    }))
}

/// Writes an object without items.
fn write_leaf(object: &Object, style: Style, out: &mut String) {
    match object {
        Object::None => out.push_str("None"),
        Object::Bool(true) => out.push_str("True"),
        Object::Bool(false) => out.push_str("False"),
        Object::Ellipsis => out.push_str("Ellipsis"),
        Object::StopIteration => out.push_str(match style {
            Style::Repr => "<class 'StopIteration'>",
            Style::Literal => "StopIteration",
        }),
        Object::Int(value) => {
            // Writing to a String cannot fail.
            let _ = write!(out, "{value}");
        }
        Object::Long(value) => long(value, style, out),
        Object::Float(value) => match style {
            Style::Repr => out.push_str(&float::repr(*value)),
            Style::Literal => float_literal(*value, out),
        },
        Object::Complex(real, imaginary) => match style {
            Style::Repr => out.push_str(&float::complex_repr(*real, *imaginary)),
            Style::Literal => complex_literal(*real, *imaginary, out),
        },
        Object::Bytes(value) => quote::bytes(value, out),
        Object::Str(value) => quote::str(value, out),
        Object::Tuple(_)
        | Object::List(_)
        | Object::Dict(_)
        | Object::Set(_)
        | Object::FrozenSet(_)
        | Object::Code(_) => {}
    }
}

/// The number of bits above which a literal is hexadecimal, because decimal digits take time.
const LONG_BITS: u64 = 4096;

fn long(value: &BigInt, style: Style, out: &mut String) {
    let _ = match style {
        Style::Literal if value.bits() > LONG_BITS => write!(out, "{value:#x}"),
        _ => write!(out, "{value}"),
    };
}

/// Writes a float as a literal. A NaN other than the usual one shows all of its bits.
fn float_literal(value: f64, out: &mut String) {
    const USUAL: u64 = 0x7ff8 << 48;
    if value.is_infinite() {
        out.push_str(if value < 0.0 { "-1e999" } else { "1e999" });
    } else if value.is_nan() {
        let _ = match value.to_bits() {
            USUAL => write!(out, "nan"),
            bits if bits == USUAL | 1 << 63 => write!(out, "-nan"),
            bits => write!(out, "nan({bits:#x})"),
        };
    } else {
        out.push_str(&float::repr(value));
    }
}

/// Writes a complex number as Python does if that means the same number, signs of zeros included,
/// and as a call of `complex` otherwise.
fn complex_literal(real: f64, imaginary: f64, out: &mut String) {
    let up = imaginary.is_sign_positive();
    let plain = |out: &mut String| {
        let size = imaginary.abs();
        out.push_str(&match size.is_infinite() {
            true => "1e999".into(),
            false => float::short(size),
        });
        out.push('j');
    };
    let known = !real.is_nan() && !imaginary.is_nan();
    if known && real == 0.0 && real.is_sign_positive() == up {
        out.push_str(if up { "" } else { "-" });
        plain(out);
    } else if known && real != 0.0 && real.is_finite() && (up || imaginary != 0.0) {
        out.push('(');
        out.push_str(&float::short(real));
        out.push(if up { '+' } else { '-' });
        plain(out);
        out.push(')');
    } else {
        out.push_str("complex(");
        float_literal(real, out);
        out.push_str(", ");
        float_literal(imaginary, out);
        out.push(')');
    }
}
