//! In which order an object's constants, names and variables stand in their tables.
//!
//! It is the compiler's: what comes first in the code stands first, but for what has a place of
//! its own. Where the tables of a file differ from this, directives say so.

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
    /// An object of the unit.
    Object(usize),
    /// A tuple of defaults that is no other constant, however equal: the compiler makes it last.
    Folded(Class, usize),
}

/// A table: entries, and where to find them.
#[derive(Clone, Debug)]
pub(crate) struct Table<T> {
    pub(crate) entries: Vec<T>,
    pub(crate) index: HashMap<T, u32>,
}

/// A directive gives an entry a place that the table does not have.
pub(crate) struct NoPlace {
    pub(crate) index: u32,
    pub(crate) len: usize,
    pub(crate) twice: bool,
}

impl<T: Clone + Eq + Hash> Table<T> {
    /// The table of `wanted` entries in their order, around those that have a place.
    pub(crate) fn new(
        wanted: impl IntoIterator<Item = T>,
        placed: &[(u32, T)],
    ) -> Result<Table<T>, NoPlace> {
        let mut index: HashMap<T, u32> = HashMap::new();
        for (at, entry) in placed {
            // The first of several equal ones is the one that is meant by its text.
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

/// Names of what is a function and has no place for a text that describes it.
const COMPREHENSIONS: [&[u8]; 4] = [b"<listcomp>", b"<setcomp>", b"<dictcomp>", b"<genexpr>"];

/// Whether an object's constants begin with its text or `None`, if nothing else is said.
pub(crate) fn has_doc(shape: &Shape, name: &Str) -> bool {
    shape.kind == Kind::Function && !COMPREHENSIONS.contains(&&*name.bytes)
}

/// The entry of an instruction that loads a constant.
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

/// What an object's constants are if nothing has a place: entries in order.
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

/// The names that instructions with such an argument use, in their order.
pub(crate) fn names(object: &CodeObject, arg: Arg) -> impl Iterator<Item = &Str> {
    object
        .items
        .iter()
        .filter_map(move |item| match &item.what {
            What::Insn(op, Operand::Name(name)) if op.arg() == arg => Some(name),
            _ => None,
        })
}

/// `co_cellvars` and `co_freevars`, if nothing else is said.
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

/// Whether it needs a namespace: instructions of names are there.
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

/// Whether an object has such an instruction.
pub(crate) fn has(object: &CodeObject, is: impl Fn(Op) -> bool) -> bool {
    object
        .items
        .iter()
        .any(|item| matches!(item.what, What::Insn(op, _) if is(op)))
}
