//! Object sharing and marks, as in a file that CPython writes right after it compiled a module.
//!
//! CPython merges equal constants and tables, and interns names and constants that look like names.
//! It marks objects with another reference: from another part of the file, which the marshal writer
//! finds, or from the process itself, which holds small integers, empty tuples, single characters
//! and the names that it uses.

use super::layout::Entry;
use super::values::{Class, Value, Values};
use super::{Parts, Whole};
use crate::sharing;
use crate::unit::Share;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use vm_py_code::object::{Bytes, Code, Id, Ids, Object, Pool, Str};

/// The names that a process of CPython 3.9 holds when it compiles its first module.
static HELD: &str = include_str!("held.txt");

/// Returns true if a process holds a string before it compiles its first module.
pub(crate) fn is_held(name: &[u8]) -> bool {
    static NAMES: OnceLock<HashSet<&[u8]>> = OnceLock::new();
    let names = NAMES.get_or_init(|| HELD.lines().map(str::as_bytes).collect());
    is_single(name) || names.contains(name)
}

/// Interned strings that do not look like names.
const ODD_NAMES: [&[u8]; 8] = [
    b"\n",
    b"*",
    b".",
    b"<lambda>",
    b"<listcomp>",
    b"<setcomp>",
    b"<dictcomp>",
    b"<genexpr>",
];

/// Returns true if a constant string is interned: it looks like a name, or CPython itself interns it.
pub(crate) fn is_interned(text: &[u8]) -> bool {
    let like_a_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text.iter().all(like_a_name) || ODD_NAMES.contains(&text)
}

/// Returns true if all strings of this text are one object: a character of Latin-1, or none.
fn is_single(text: &[u8]) -> bool {
    matches!(text, [] | [0..0x80] | [0xc2 | 0xc3, _])
}

/// Returns the objects of a file, and the module among them.
pub(super) fn pool(whole: &Whole, parts: &[Parts], main: usize) -> (Pool, Id) {
    let mut sharing = Sharing {
        values: &whole.values,
        pool: Pool::new(),
        constants: HashMap::new(),
        names: HashMap::new(),
        tuples: HashMap::new(),
        files: HashMap::new(),
        short: HashMap::new(),
        code: vec![None; parts.len()],
        other: Other::new(&whole.unit.share),
    };
    let mut todo = vec![main];
    while let Some(&index) = todo.last() {
        if sharing.code[index].is_some() {
            todo.pop();
            continue;
        }
        let before = todo.len();
        let parts = &parts[index];
        todo.extend(parts.consts.iter().filter_map(|entry| match entry {
            Entry::Object(load) if sharing.code[*load].is_none() => Some(*load),
            Entry::Value(_) | Entry::Object(_) | Entry::Folded(..) => None,
        }));
        if todo.len() == before {
            sharing.object(index, parts);
            todo.pop();
        }
    }
    let main = sharing.code[main].unwrap_or(Id(0));
    let mut pool = sharing.pool;
    if !pool.is_empty() {
        pool.node_mut(main).flagged = true;
    }
    sharing::apply(&mut pool, main, &whole.unit.share.edits);
    (pool, main)
}

/// What the unit says about strings.
struct Other<'w> {
    held: HashMap<&'w [u8], bool>,
    interned: HashMap<&'w [u8], bool>,
}

impl<'w> Other<'w> {
    fn new(share: &'w Share) -> Other<'w> {
        let all = |yes: &'w [Str], no: &'w [Str]| {
            let yes = yes.iter().map(|text| (&*text.bytes, true));
            yes.chain(no.iter().map(|text| (&*text.bytes, false)))
                .collect()
        };
        Other {
            held: all(&share.held, &share.unheld),
            interned: all(&share.interned, &share.plain),
        }
    }

    fn is_interned(&self, text: &[u8]) -> bool {
        let said = self.interned.get(text).copied();
        said.unwrap_or_else(|| is_interned(text))
    }

    fn is_held(&self, text: &[u8]) -> bool {
        let said = self.held.get(text).copied();
        said.unwrap_or_else(|| is_held(text))
    }
}

struct Sharing<'w> {
    values: &'w Values,
    pool: Pool,
    constants: HashMap<Class, Id>,
    /// The interned strings and the single characters.
    names: HashMap<Bytes, Id>,
    tuples: HashMap<Ids, Id>,
    files: HashMap<Bytes, Id>,
    /// The bytes of which there is only one object for each value.
    short: HashMap<Bytes, Id>,
    /// The code objects, by index in the unit.
    code: Vec<Option<Id>>,
    other: Other<'w>,
}

impl Sharing<'_> {
    fn add(&mut self, object: Object, flagged: bool) -> Id {
        let id = self.pool.add(object);
        self.pool.node_mut(id).flagged = flagged;
        id
    }

    fn object(&mut self, index: usize, parts: &Parts) {
        let code = self.bytes(&parts.code);
        let consts: Ids = parts
            .consts
            .iter()
            .map(|entry| match entry {
                Entry::Value(class) => self.constant(*class),
                Entry::Object(load) => self.code[*load].unwrap_or(Id(0)),
                Entry::Folded(class, _) => self.folded(*class),
            })
            .collect();
        let code = Code {
            argcount: parts.argcount,
            posonlyargcount: parts.posonlyargcount,
            kwonlyargcount: parts.kwonlyargcount,
            nlocals: parts.nlocals,
            stacksize: parts.stacksize,
            flags: parts.flags,
            code,
            consts: self.tuple(consts),
            names: self.name_tuple(&parts.names),
            varnames: self.name_tuple(&parts.varnames),
            freevars: self.name_tuple(&parts.freevars),
            cellvars: self.name_tuple(&parts.cellvars),
            filename: self.file(&parts.file),
            name: self.name(&parts.name),
            firstlineno: parts.firstlineno,
            lnotab: self.bytes(&parts.lnotab),
        };
        self.code[index] = Some(self.add(Object::Code(Box::new(code)), false));
    }

    fn bytes(&mut self, bytes: &[u8]) -> Id {
        // Equal bytes of that length are one object everywhere.
        let short = bytes.len() <= 1;
        if let Some(&id) = self.short.get(bytes).filter(|_| short) {
            return id;
        }
        let id = self.add(Object::Bytes(bytes.into()), short);
        if short {
            self.short.insert(bytes.into(), id);
        }
        id
    }

    fn file(&mut self, file: &Str) -> Id {
        if let Some(&id) = self.files.get(&file.bytes) {
            return id;
        }
        let text = Str {
            bytes: file.bytes.clone(),
            interned: false,
        };
        let id = self.add(Object::Str(text), true);
        self.files.insert(file.bytes.clone(), id);
        id
    }

    /// Returns the object of an interned string or a single character.
    fn name(&mut self, name: &Str) -> Id {
        let id = self.single(&name.bytes);
        if let Object::Str(text) = &mut self.pool.node_mut(id).object {
            text.interned = true;
        }
        id
    }

    fn single(&mut self, text: &[u8]) -> Id {
        if let Some(&id) = self.names.get(text) {
            return id;
        }
        let object = Object::Str(Str {
            bytes: text.into(),
            interned: self.other.is_interned(text),
        });
        let id = self.add(object, self.other.is_held(text));
        self.names.insert(text.into(), id);
        id
    }

    fn name_tuple(&mut self, names: &[Str]) -> Id {
        let items = names.iter().map(|name| self.name(name)).collect();
        self.tuple(items)
    }

    fn tuple(&mut self, items: Ids) -> Id {
        if let Some(&id) = self.tuples.get(&items) {
            return id;
        }
        let id = self.add(Object::Tuple(items.clone()), items.is_empty());
        self.tuples.insert(items, id);
        id
    }

    /// Adds a tuple that is not shared, of items that may be.
    fn folded(&mut self, class: Class) -> Id {
        match self.values.value(class) {
            Value::Tuple(items) => {
                let items = items.iter().map(|&item| self.constant(item)).collect();
                self.add(Object::Tuple(items), false)
            }
            _ => self.constant(class),
        }
    }

    /// Returns the object of a constant.
    fn constant(&mut self, class: Class) -> Id {
        let mut todo = vec![class];
        while let Some(&class) = todo.last() {
            if self.constants.contains_key(&class) {
                todo.pop();
                continue;
            }
            let before = todo.len();
            let missing = self.values.value(class).items();
            let missing = missing
                .iter()
                .filter(|item| !self.constants.contains_key(item));
            todo.extend(missing);
            if todo.len() == before {
                let id = self.add_constant(class);
                self.constants.insert(class, id);
                todo.pop();
            }
        }
        self.constants[&class]
    }

    /// Adds a constant whose items are known.
    fn add_constant(&mut self, class: Class) -> Id {
        let value = self.values.value(class);
        let items: Ids = value
            .items()
            .iter()
            .map(|item| self.constants[item])
            .collect();
        let object = match value {
            Value::None => Object::None,
            Value::Bool(value) => Object::Bool(*value),
            Value::Ellipsis => Object::Ellipsis,
            Value::StopIteration => Object::StopIteration,
            Value::Int(value) => {
                return self.add(Object::Int(*value), (-5..=256).contains(value));
            }
            Value::Long(value) => Object::Long(value.clone()),
            Value::Float(bits) => Object::Float(f64::from_bits(*bits)),
            Value::Complex(real, imaginary) => {
                Object::Complex(f64::from_bits(*real), f64::from_bits(*imaginary))
            }
            Value::Bytes(bytes) => return self.bytes(bytes),
            Value::Str(text) if self.other.is_interned(text) || is_single(text) => {
                return self.single(text);
            }
            Value::Str(text) => Object::Str(Str {
                bytes: text.clone(),
                interned: false,
            }),
            Value::Tuple(_) => return self.tuple(items),
            Value::List(_) => Object::List(items),
            Value::Set(_) => Object::Set(items),
            Value::FrozenSet(_) => Object::FrozenSet(items),
            Value::Dict(_) => Object::Dict(items.chunks_exact(2).map(|p| (p[0], p[1])).collect()),
            Value::Odd(_) => Object::None,
        };
        self.add(object, false)
    }
}
