//! The constants of an object for which the assembler would choose another index.

use super::order::{Places, places};
use super::{Found, text};
use crate::assemble::layout::{self, Entry};
use crate::assemble::shape::{Labels, Shape};
use crate::assemble::values::{Class, Value, Values};
use crate::unit::{CodeObject, Const, Doc, Operand, What};
use std::collections::{HashMap, HashSet};
use vm_base::Diagnostic;
use vm_py_code::insn::Arg;
use vm_py_code::object::{Code, Id, Object, Pool, Str};

/// The constants of an object.
pub(super) struct Constants<'a> {
    pub(super) pool: &'a Pool,
    pub(super) found: &'a Found,
    pub(super) labels: &'a Labels<'a>,
    pub(super) values: &'a mut Values,
    pub(super) code: &'a Code,
    /// The arguments of the object's instructions, by item.
    pub(super) arguments: HashMap<usize, u32>,
}

impl Constants<'_> {
    /// Adds the properties that the assembler would not choose.
    pub(super) fn add(
        &mut self,
        object: &mut CodeObject,
        shape: &Shape,
    ) -> Result<(), Box<Diagnostic>> {
        let actual = self.actual(&object.label)?;
        let name = text(self.pool, self.code.name).unwrap_or_else(|| Str::new(""));
        let none = Entry::Value(self.values.of(Value::None));
        if layout::has_doc(shape, &name) && actual.first() != Some(&none) {
            object.said.doc = match self.ids().first() {
                Some(&id) if matches!(self.pool.get(id), Object::Str(_)) => Doc::Text(id),
                _ => Doc::Absent,
            };
        }
        let mut shape = shape.clone();
        loop {
            // Tuples of defaults with an entry of their own are not found by their value.
            let (own, bad) = self.own_entries(object, &shape, &actual);
            let mut table = actual.clone();
            for (&item, &(at, class)) in &own {
                table[at as usize] = Entry::Folded(class, item);
            }
            let (pool, labels) = (self.pool, self.labels);
            let wanted = layout::consts(pool, self.values, labels, object, &shape, &name);
            let order = places(&table, wanted.iter().copied(), 0);
            let missing = wanted.iter().any(|entry| !order.index.contains_key(entry));
            let misplaced = order
                .placed
                .iter()
                .filter_map(|&at| match table[at as usize] {
                    Entry::Folded(_, item) => Some(item),
                    Entry::Value(_) | Entry::Object(_) => None,
                });
            let mut bad: HashSet<usize> = bad.into_iter().chain(misplaced).collect();
            if missing && bad.is_empty() {
                bad = own.keys().copied().collect();
            }
            if bad.is_empty() {
                self.write(object, &table, &order);
                return Ok(());
            }
            // These are written as indices, and need no entry of their own.
            shape.folded.retain(|item| !bad.contains(item));
            for item in bad {
                if let What::Insn(_, operand) = &mut object.items[item].what {
                    *operand = Operand::Number(self.argument(item));
                }
            }
        }
    }

    fn ids(&self) -> &[Id] {
        self.pool.tuple(self.code.consts).unwrap_or_default()
    }

    fn argument(&self, item: usize) -> u32 {
        self.arguments.get(&item).copied().unwrap_or(0)
    }

    /// Returns the entries of the table.
    fn actual(&mut self, label: &str) -> Result<Vec<Entry>, Box<Diagnostic>> {
        let ids = self.pool.tuple(self.code.consts).unwrap_or_default();
        ids.iter()
            .map(|id| match self.found.by_id.get(id) {
                Some(&index) => Ok(Entry::Object(index)),
                None => {
                    let class = self.values.class(self.pool, *id);
                    match self.values.value(class) {
                        Value::Odd(_) => Err(Box::new(Diagnostic::error(format!(
                            "'{label}' cannot be disassembled: one of its constants contains itself, or code"
                        )))),
                        _ => Ok(Entry::Value(class)),
                    }
                }
            })
            .collect()
    }

    /// Returns the tuples of defaults with an entry of their own, by item, and the items of the
    /// others.
    fn own_entries(
        &self,
        object: &CodeObject,
        shape: &Shape,
        actual: &[Entry],
    ) -> (HashMap<usize, (u32, Class)>, Vec<usize>) {
        let mut own = HashMap::new();
        let mut bad = Vec::new();
        if shape.folded.is_empty() {
            return (own, bad);
        }
        let mut taken = HashSet::new();
        let folded: HashSet<usize> = shape.folded.iter().copied().collect();
        let arguments = self.arguments.iter();
        let elsewhere: HashSet<u32> = arguments
            .filter(|&(item, _)| match object.items[*item].what {
                What::Insn(op, _) => op.arg() == Arg::Const && !folded.contains(item),
                What::Label(_) | What::Line(_) | What::Bytes(_) => false,
            })
            .map(|(_, &at)| at)
            .collect();
        let there: HashSet<Entry> = actual.iter().copied().collect();
        for &item in &shape.folded {
            let at = self.argument(item);
            let Some(&Entry::Value(class)) = actual.get(at as usize) else {
                bad.push(item);
                continue;
            };
            let parts = self.values.value(class).items();
            let known = parts
                .iter()
                .all(|&part| there.contains(&Entry::Value(part)));
            if known && !elsewhere.contains(&at) && taken.insert(at) {
                own.insert(item, (at, class));
            } else {
                bad.push(item);
            }
        }
        (own, bad)
    }

    /// Adds directives, and replaces values that do not lead to their index by the index.
    fn write(&mut self, object: &mut CodeObject, table: &[Entry], order: &Places<Entry>) {
        let placed = order.placed.iter().map(|&at| {
            let constant = match table[at as usize] {
                Entry::Object(index) => Const::Object(self.found.labels[index].clone()),
                Entry::Value(_) | Entry::Folded(..) => Const::Value(self.ids()[at as usize]),
            };
            (at, constant)
        });
        object.said.consts = placed.collect();
        for (at, item) in object.items.iter_mut().enumerate() {
            let What::Insn(_, operand) = &mut item.what else {
                continue;
            };
            let (Operand::Const(constant), Some(&argument)) = (&*operand, self.arguments.get(&at))
            else {
                continue;
            };
            let own = table.get(argument as usize);
            if matches!(own, Some(Entry::Folded(_, item)) if *item == at) {
                continue;
            }
            let entry = layout::entry(self.pool, self.values, self.labels, constant);
            if entry.and_then(|entry| order.index.get(&entry)) != Some(&argument) {
                *operand = Operand::Number(argument);
            }
        }
    }
}
