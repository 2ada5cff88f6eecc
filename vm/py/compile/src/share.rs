//! Code objects to marshalled objects: which are one object, and which are marked.
//!
//! CPython's marshal marks an object if anything else refers to it when it is written: another
//! part of the file, or the process itself, which holds small integers, empty tuples, single
//! characters and the names that it uses.

use crate::assemble::{CodeObject, Entry};
use crate::constant::{ConstId, Consts, Value};
use crate::held::{is_held, is_single};
use crate::names::{FastMap, Names, Sym};
use crate::upstream::{Code, Id, Object, Pool, Str};

/// Makes the objects of a file, and returns the module's code among them.
pub(crate) fn pool(
    names: &Names,
    consts: &Consts,
    codes: &[CodeObject],
    main: u32,
    filename: &str,
) -> (Pool, Id) {
    let mut pool = Pool::new();
    let file = pool.add(Object::Str(Str::new(filename)));
    pool.node_mut(file).flagged = true;
    let mut sharing = Sharing {
        names,
        consts,
        pool,
        file,
        interned: vec![None; names.len()],
        constants: vec![None; consts.len()],
        tuples: FastMap::default(),
        short: FastMap::default(),
        texts: vec![Text::Free; names.len()],
        held: vec![None; names.len()],
        codes: Vec::with_capacity(codes.len()),
    };
    for code in codes {
        let id = sharing.code(code);
        sharing.codes.push(id);
    }
    let main = sharing.codes.get(main as usize).copied().unwrap_or(Id(0));
    let mut pool = sharing.pool;
    pool.node_mut(main).flagged = true;
    (pool, main)
}

/// An item of a tuple of constants or names.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Item {
    Const(ConstId),
    Name(Sym),
}

struct Sharing<'s> {
    names: &'s Names,
    consts: &'s Consts,
    pool: Pool,
    file: Id,
    /// Interned strings and single characters, by text.
    interned: Vec<Option<Id>>,
    constants: Vec<Option<Id>>,
    /// Tuples by what they hold; each is one object.
    tuples: FastMap<Vec<Item>, Id>,
    /// Bytes of which there is one object for each value.
    short: FastMap<Vec<u8>, Id>,
    /// What CPython's table of interned strings has for a text when it makes a code object.
    texts: Vec<Text>,
    /// Which names the process holds, as far as it was asked.
    held: Vec<Option<bool>>,
    codes: Vec<Id>,
}

/// What is interned for a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    /// Nothing yet.
    Free,
    /// An identifier.
    Name,
    /// The constant itself.
    Constant,
}

/// Whether a constant is interned, because it could be a name.
fn is_interned(text: &[u8]) -> bool {
    let like_a_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text.iter().all(like_a_name) || ODD_NAMES.contains(&text)
}

/// Characters that the process has interned.
const ODD_NAMES: [&[u8]; 3] = [b"\n", b"*", b"."];

impl Sharing<'_> {
    fn add(&mut self, object: Object, flagged: bool) -> Id {
        let id = self.pool.add(object);
        self.pool.node_mut(id).flagged = flagged;
        id
    }

    fn code(&mut self, code: &CodeObject) -> Id {
        let bytecode = self.bytes(&code.code);
        for names in [&code.names, &code.varnames, &code.freevars, &code.cellvars] {
            for &name in names {
                if self.text(name) == Text::Free {
                    self.texts[name.0 as usize] = Text::Name;
                }
            }
        }
        let consts = self.entries(&code.consts);
        let object = Code {
            argcount: code.argcount,
            posonlyargcount: code.posonlyargcount,
            kwonlyargcount: code.kwonlyargcount,
            nlocals: code.varnames.len() as u32,
            stacksize: code.stacksize,
            flags: code.flags,
            code: bytecode,
            consts,
            names: self.name_tuple(&code.names),
            varnames: self.name_tuple(&code.varnames),
            freevars: self.name_tuple(&code.freevars),
            cellvars: self.name_tuple(&code.cellvars),
            filename: self.file,
            name: self.name(code.name),
            firstlineno: code.first_line as i32,
            lnotab: self.bytes(&code.lnotab),
        };
        self.add(Object::Code(Box::new(object)), false)
    }

    /// Whether the process holds a name.
    fn is_held(&mut self, name: Sym) -> bool {
        let names = self.names;
        *self.held[name.0 as usize]
            .get_or_insert_with(|| is_held(names.get(name), names.is_beyond_ascii()))
    }

    fn text(&mut self, name: Sym) -> Text {
        let found = self.texts[name.0 as usize];
        if found != Text::Free {
            return found;
        }
        match self.names.is_identifier(name) || self.is_held(name) {
            true => Text::Name,
            false => Text::Free,
        }
    }

    /// Interns the strings of a constant as CPython does when it makes a code object. Returns
    /// whether one of them had to be replaced by another object.
    fn intern(&mut self, id: ConstId) -> bool {
        let consts = self.consts;
        match consts.get(id) {
            Value::Str(text) => {
                let bytes = self.names.get(*text);
                let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
                if !bytes.iter().all(plain) || is_single(bytes) || consts.is_named(id) {
                    return false;
                }
                match self.text(*text) {
                    Text::Free => {
                        self.texts[text.0 as usize] = Text::Constant;
                        false
                    }
                    Text::Name => true,
                    Text::Constant => false,
                }
            }
            Value::Tuple(items) => {
                for &item in items {
                    self.intern(item);
                }
                false
            }
            Value::FrozenSet(items) => {
                let mut replaced = false;
                for &item in items {
                    replaced |= self.intern(item);
                }
                replaced
            }
            _ => false,
        }
    }

    /// A frozenset that CPython made again of its items, for some had to be replaced.
    fn set_again(&mut self, id: ConstId) -> Option<Id> {
        let order = self.consts.set_again(self.names, id)?;
        let items = order.iter().map(|&item| self.constant(item)).collect();
        Some(self.add(Object::FrozenSet(items), false))
    }

    fn bytes(&mut self, bytes: &[u8]) -> Id {
        if bytes.len() > 1 {
            return self.add(Object::Bytes(bytes.into()), false);
        }
        if let Some(&id) = self.short.get(bytes) {
            return id;
        }
        let id = self.add(Object::Bytes(bytes.into()), true);
        self.short.insert(bytes.to_vec(), id);
        id
    }

    /// An interned string.
    fn name(&mut self, name: Sym) -> Id {
        let id = self.single(name);
        if let Object::Str(text) = &mut self.pool.node_mut(id).object {
            text.interned = true;
        }
        id
    }

    fn single(&mut self, name: Sym) -> Id {
        if let Some(id) = self.interned[name.0 as usize] {
            return id;
        }
        let held = self.is_held(name);
        let text = self.names.get(name);
        let object = Object::Str(Str {
            bytes: text.into(),
            interned: is_interned(text),
        });
        let id = self.add(object, held);
        self.interned[name.0 as usize] = Some(id);
        id
    }

    fn tuple(&mut self, key: Vec<Item>, items: Vec<Id>) -> Id {
        let empty = items.is_empty();
        let id = self.add(Object::Tuple(items.into()), empty);
        self.tuples.insert(key, id);
        id
    }

    fn name_tuple(&mut self, names: &[Sym]) -> Id {
        // A string that is a constant, too, has a tuple in common with a name.
        let key: Vec<Item> = names.iter().map(|&name| Item::Name(name)).collect();
        if let Some(&id) = self.tuples.get(&key) {
            return id;
        }
        let items = names.iter().map(|&name| self.name(name)).collect();
        self.tuple(key, items)
    }

    fn key(&self, items: impl Iterator<Item = ConstId>) -> Vec<Item> {
        items
            .map(|item| match self.consts.get(item) {
                Value::Str(text) => Item::Name(*text),
                _ => Item::Const(item),
            })
            .collect()
    }

    fn entries(&mut self, entries: &[Entry]) -> Id {
        let items: Vec<Id> = entries
            .iter()
            .map(|&entry| match entry {
                Entry::Shared(value) => {
                    let replaced = self.intern(value);
                    let again = match self.consts.get(value) {
                        Value::FrozenSet(_) if replaced => self.set_again(value),
                        _ => None,
                    };
                    again.unwrap_or_else(|| self.constant(value))
                }
                Entry::Folded(value) => self.folded(value),
            })
            .collect();
        let key = self.key(entries.iter().map(|entry| entry.value()));
        match self.tuples.get(&key) {
            Some(&id) => id,
            None => self.tuple(key, items),
        }
    }

    /// A tuple that is not shared, of items that may be.
    fn folded(&mut self, value: ConstId) -> Id {
        let consts = self.consts;
        let Value::Tuple(items) = consts.get(value) else {
            return self.constant(value);
        };
        let items = items.iter().map(|&item| self.constant(item)).collect();
        self.add(Object::Tuple(items), false)
    }

    /// The one object of a constant. Tuples nest no deeper than the source has them.
    fn constant(&mut self, value: ConstId) -> Id {
        if let Some(id) = self.constants[value.0 as usize] {
            return id;
        }
        let id = self.new_constant(value);
        self.constants[value.0 as usize] = Some(id);
        id
    }

    fn new_constant(&mut self, id: ConstId) -> Id {
        let consts = self.consts;
        let object = match consts.get(id) {
            Value::None => Object::None,
            Value::Bool(value) => Object::Bool(*value),
            Value::Ellipsis => Object::Ellipsis,
            Value::Int(value) => {
                return self.add(Object::Int(*value), (-5..=256).contains(value));
            }
            Value::Long(value) => Object::Long(value.clone()),
            Value::Float(bits) => Object::Float(f64::from_bits(*bits)),
            Value::Complex(real, imaginary) => {
                Object::Complex(f64::from_bits(*real), f64::from_bits(*imaginary))
            }
            Value::Bytes(bytes) => return self.bytes(bytes),
            Value::Str(text) => {
                let bytes = self.names.get(*text);
                if is_interned(bytes) || is_single(bytes) {
                    return self.single(*text);
                }
                if consts.is_named(id) {
                    return self.name(*text);
                }
                Object::Str(Str {
                    bytes: bytes.into(),
                    interned: false,
                })
            }
            Value::Tuple(items) => {
                let key = self.key(items.iter().copied());
                if let Some(&id) = self.tuples.get(&key) {
                    return id;
                }
                let items = items.iter().map(|&item| self.constant(item)).collect();
                return self.tuple(key, items);
            }
            Value::FrozenSet(_) => {
                let items = consts.set_items(id).iter();
                Object::FrozenSet(items.map(|&item| self.constant(item)).collect())
            }
            Value::Code(index) => return self.codes[*index as usize],
        };
        self.add(object, false)
    }
}
