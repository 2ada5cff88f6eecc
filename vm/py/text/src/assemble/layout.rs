//! The order of constants, names and variables in the tables of a code object.
//!
//! It is the order of the compiler: entries are in the order of their first use, apart from those
//! with a given index. Directives give the index where a file differs from this order.

use super::shape::{Kind, Shape};
use super::values::{Class, Value, Values};
use crate::unit::{CodeObject, Const, Doc, Operand, What};
use std::collections::HashMap;
use std::hash::Hash;
use vm_py_code::insn::{Arg, Op};
use vm_py_code::object::{Pool, Str};

/// An entry of `co_consts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Entry {
    Value(Class),
    /// A code object of the unit.
    Object(usize),
    /// A folded tuple of defaults, which is not shared with equal constants; the compiler adds it
    /// last.
    Folded(Class, usize),
}

/// A table, with the indices of its entries.
#[derive(Clone, Debug)]
pub(crate) struct Table<T> {
    pub(crate) entries: Vec<T>,
    pub(crate) index: HashMap<T, u32>,
}

/// An index that is too large for a table, or given twice.
pub(crate) struct NoPlace {
    pub(crate) index: u32,
    pub(crate) len: usize,
    pub(crate) twice: bool,
}

impl<T: Clone + Eq + Hash> Table<T> {
    /// Returns the table of the `wanted` entries in their order, around those with a given index.
    pub(crate) fn new(
        wanted: impl IntoIterator<Item = T>,
        placed: &[(u32, T)],
    ) -> Result<Table<T>, NoPlace> {
        let mut index: HashMap<T, u32> = HashMap::new();
        for (at, entry) in placed {
            // A text means the first of several equal entries.
            let known = index.entry(entry.clone()).or_insert(*at);
            *known = (*known).min(*at);
        }
        let mut loose: Vec<T> = Vec::new();
        for entry in wanted {
            if !index.contains_key(&entry) {
                index.insert(entry.clone(), 0);
                loose.push(entry);
            }
        }
        let len = loose.len() + placed.len();
        let mut entries: Vec<Option<T>> = vec![None; len];
        for (at, entry) in placed {
            let slot = entries.get_mut(*at as usize);
            match slot {
                Some(slot @ None) => *slot = Some(entry.clone()),
                slot => {
                    return Err(NoPlace {
                        index: *at,
                        len,
                        twice: slot.is_some(),
                    });
                }
            }
        }
        let mut loose = loose.into_iter();
        let mut table = Vec::with_capacity(len);
        for (at, slot) in entries.into_iter().enumerate() {
            let Some(entry) = slot.or_else(|| {
                let entry = loose.next()?;
                index.insert(entry.clone(), at as u32);
                Some(entry)
            }) else {
                continue;
            };
            table.push(entry);
        }
        Ok(Table {
            entries: table,
            index,
        })
    }

    pub(crate) fn find(&self, entry: &T) -> Option<u32> {
        self.index.get(entry).copied()
    }
}

/// The names of functions without a docstring.
const COMPREHENSIONS: [&[u8]; 4] = [b"<listcomp>", b"<setcomp>", b"<dictcomp>", b"<genexpr>"];

/// Returns true if the first constant is the docstring or `None` by default.
pub(crate) fn has_doc(shape: &Shape, name: &Str) -> bool {
    shape.kind == Kind::Function && !COMPREHENSIONS.contains(&&*name.bytes)
}

/// Returns the entry of a constant.
pub(crate) fn entry(
    pool: &Pool,
    values: &mut Values,
    labels: &super::shape::Labels,
    constant: &Const,
) -> Option<Entry> {
    Some(match constant {
        Const::Value(id) => Entry::Value(values.class(pool, *id)),
        Const::Object(label) => Entry::Object(*labels.get(&**label)?),
    })
}

/// Returns the constants of an object in order, as if none had a given index.
pub(crate) fn consts(
    pool: &Pool,
    values: &mut Values,
    labels: &super::shape::Labels,
    object: &CodeObject,
    shape: &Shape,
    name: &Str,
) -> Vec<Entry> {
    let mut wanted = Vec::new();
    match object.said.doc {
        Doc::Unsaid if has_doc(shape, name) => wanted.push(Entry::Value(values.of(Value::None))),
        Doc::Unsaid | Doc::Absent => {}
        Doc::Text(id) => wanted.push(Entry::Value(values.class(pool, id))),
    }
    let mut last = Vec::new();
    let mut folded = shape.folded.iter().copied().peekable();
    for (at, item) in object.items.iter().enumerate() {
        let What::Insn(_, Operand::Const(constant)) = &item.what else {
            continue;
        };
        let Some(entry) = entry(pool, values, labels, constant) else {
            continue;
        };
        while folded.next_if(|&item| item < at).is_some() {}
        match entry {
            Entry::Value(class) if folded.next_if_eq(&at).is_some() => {
                if let Value::Tuple(items) = values.value(class) {
                    wanted.extend(items.iter().map(|&item| Entry::Value(item)));
                }
                last.push(Entry::Folded(class, at));
            }
            entry => wanted.push(entry),
        }
    }
    wanted.extend(last);
    wanted
}

/// Returns the names that instructions with such an argument use, in order.
pub(crate) fn names(object: &CodeObject, arg: Arg) -> impl Iterator<Item = &Str> {
    object
        .items
        .iter()
        .filter_map(move |item| match &item.what {
            What::Insn(op, Operand::Name(name)) if op.arg() == arg => Some(name),
            _ => None,
        })
}

/// Returns `co_cellvars` and `co_freevars`.
pub(crate) fn cells(object: &CodeObject, shape: &Shape) -> (Vec<Str>, Vec<Str>) {
    let frees = match (&object.said.frees, &shape.given) {
        (Some(frees), _) | (None, Some(frees)) => frees.clone(),
        (None, None) => Vec::new(),
    };
    let cells = object.said.cells.clone().unwrap_or_else(|| {
        let free: std::collections::HashSet<&Str> = frees.iter().collect();
        let own = shape.in_cells.iter().filter(|name| !free.contains(name));
        let mut cells: Vec<Str> = own.cloned().collect();
        cells.sort();
        cells
    });
    (cells, frees)
}

/// Returns true if an object has an instruction that needs a local namespace.
pub(crate) fn by_name(object: &CodeObject) -> bool {
    has(object, |op| {
        matches!(
            op,
            Op::LoadName
                | Op::StoreName
                | Op::DeleteName
                | Op::LoadClassderef
                | Op::SetupAnnotations
                | Op::ImportStar
        )
    })
}

/// Returns true if an object has an instruction for which `is` is true.
pub(crate) fn has(object: &CodeObject, is: impl Fn(Op) -> bool) -> bool {
    object
        .items
        .iter()
        .any(|item| matches!(item.what, What::Insn(op, _) if is(op)))
}
