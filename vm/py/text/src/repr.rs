//! Objects as text: as Python's `repr` writes them, and as [`super::literal`] reads them.

use crate::set_items::set_items;
use num_bigint::BigInt;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;
use vm_py_code::object::{Code, Id, Object, Pool};
use vm_py_data::{float, quote};

/// Most bytes of text that [`repr`] and [`super::literal::print`] make of one object. Objects that
/// share parts can be far longer as text than they are.
pub const MOST: usize = 1 << 26;

/// What Python 3.9's `repr` says of an object, as it does with `PYTHONHASHSEED=0`, which the order
/// of sets hangs on; it stops, with `…`, behind [`MOST`] bytes.
///
/// Where Python says at which address a code object lies, this says the number of its node, which
/// tells it apart from others as well.
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
    if let Err(stop) = write(pool, id, Style::Repr, MOST, &mut out) {
        debug_assert_eq!(stop, Stop::TooLong);
        out.push('…');
    }
    out
}

/// `repr` of a code object that is the node `id`.
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

/// How objects are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// As `repr` does.
    Repr,
    /// So that it reads back as the same object.
    Literal,
}

/// Why an object was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It takes more text than is allowed.
    TooLong,
    /// It is a code object, or holds itself: nothing that a literal can say.
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
    /// The next item, and what stands before it.
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

/// Appends an object to `out`, which may grow to about `most` bytes.
pub(crate) fn write(
    pool: &Pool,
    id: Id,
    style: Style,
    most: usize,
    out: &mut String,
) -> Result<(), Stop> {
    let mut path: Vec<Open> = Vec::new();
    let mut within = HashSet::new();
    let mut item = Some(id);
    loop {
        if let Some(id) = item {
            if within.contains(&id) {
                again(pool.get(id), style, out)?;
            } else if let Some(open) = open(pool, id, style, out)? {
                within.insert(id);
                path.push(open);
            }
        }
        if out.len() > most {
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

/// Writes a container that is being written already.
fn again(object: &Object, style: Style, out: &mut String) -> Result<(), Stop> {
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

/// Writes what holds nothing, or the beginning of what does.
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

/// Bits beyond which a literal is hexadecimal: nobody reads it, and decimal digits take time.
const LONG_BITS: u64 = 4096;

fn long(value: &BigInt, style: Style, out: &mut String) {
    let _ = match style {
        Style::Literal if value.bits() > LONG_BITS => write!(out, "{value:#x}"),
        _ => write!(out, "{value}"),
    };
}

/// `nan` alone is the usual one; others show all their bits.
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

/// As Python's own notation where that means the same object, signs of noughts and all; as a call
/// of `complex` where it does not.
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
