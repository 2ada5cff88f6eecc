//! What a `.pyc` file holds: constants and code objects, as a graph.
//!
//! An object that occurs twice is one node that is named twice, so that a file can be written
//! again as it was read. A list can hold itself; nothing that walks the graph may recurse.

use num_bigint::BigInt;
use vm_py_data::SmallSlice;
pub use vm_py_data::{Bytes, Str};

/// The items of a tuple, list or set; up to 5 are stored in place.
pub type Ids = SmallSlice<Id, 5>;

/// An object of a [`Pool`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub u32);

/// The objects of a file.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    nodes: Vec<Node>,
}

/// An object and how it was marked in its file.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub object: Object,
    /// Whether its file says that it may be referred to again. CPython says so of an object that
    /// something else referred to when it was written.
    pub flagged: bool,
}

/// An object that can be marshalled.
#[derive(Clone, Debug)]
pub enum Object {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// `Ellipsis`.
    Ellipsis,
    /// `StopIteration`, the class.
    StopIteration,
    /// An integer that fits.
    Int(i64),
    /// One that does not fit an `i64`.
    Long(Box<BigInt>),
    /// A float.
    Float(f64),
    /// A complex number: real and imaginary part.
    Complex(f64, f64),
    /// Bytes.
    Bytes(Bytes),
    /// A string.
    Str(Str),
    /// A tuple.
    Tuple(Ids),
    /// A list.
    List(Ids),
    /// A dict, its pairs in their order.
    Dict(Box<[(Id, Id)]>),
    /// A set, in the order of its file.
    Set(Ids),
    /// A frozenset, in the order of its file.
    FrozenSet(Ids),
    /// A code object.
    Code(Box<Code>),
}

/// A code object. Fields that are objects are nodes, for CPython shares these too.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "named as CPython names them")]
pub struct Code {
    pub argcount: u32,
    pub posonlyargcount: u32,
    pub kwonlyargcount: u32,
    pub nlocals: u32,
    pub stacksize: u32,
    pub flags: u32,
    /// Bytes.
    pub code: Id,
    /// A tuple.
    pub consts: Id,
    /// A tuple of strings, as the next three are.
    pub names: Id,
    pub varnames: Id,
    pub freevars: Id,
    pub cellvars: Id,
    /// A string.
    pub filename: Id,
    /// A string.
    pub name: Id,
    pub firstlineno: i32,
    /// Bytes.
    pub lnotab: Id,
}

/// Bits of [`Code::flags`].
#[allow(missing_docs, reason = "named as CPython names them")]
pub mod flags {
    pub const OPTIMIZED: u32 = 0x1;
    pub const NEWLOCALS: u32 = 0x2;
    pub const VARARGS: u32 = 0x4;
    pub const VARKEYWORDS: u32 = 0x8;
    pub const NESTED: u32 = 0x10;
    pub const GENERATOR: u32 = 0x20;
    pub const NOFREE: u32 = 0x40;
    pub const COROUTINE: u32 = 0x80;
    pub const ITERABLE_COROUTINE: u32 = 0x100;
    pub const ASYNC_GENERATOR: u32 = 0x200;
    pub const FUTURE_DIVISION: u32 = 0x20000;
    pub const FUTURE_ABSOLUTE_IMPORT: u32 = 0x40000;
    pub const FUTURE_WITH_STATEMENT: u32 = 0x80000;
    pub const FUTURE_PRINT_FUNCTION: u32 = 0x100000;
    pub const FUTURE_UNICODE_LITERALS: u32 = 0x200000;
    pub const FUTURE_BARRY_AS_BDFL: u32 = 0x400000;
    pub const FUTURE_GENERATOR_STOP: u32 = 0x800000;
    pub const FUTURE_ANNOTATIONS: u32 = 0x1000000;

    /// Every flag with the name that Python's `inspect` and `dis` give it.
    pub const NAMES: [(u32, &str); 10] = [
        (OPTIMIZED, "OPTIMIZED"),
        (NEWLOCALS, "NEWLOCALS"),
        (VARARGS, "VARARGS"),
        (VARKEYWORDS, "VARKEYWORDS"),
        (NESTED, "NESTED"),
        (GENERATOR, "GENERATOR"),
        (NOFREE, "NOFREE"),
        (COROUTINE, "COROUTINE"),
        (ITERABLE_COROUTINE, "ITERABLE_COROUTINE"),
        (ASYNC_GENERATOR, "ASYNC_GENERATOR"),
    ];
}

impl Object {
    /// Calls `each` with every part, in the order in which they are written.
    pub fn each_part(&self, mut each: impl FnMut(Id)) {
        match self {
            Object::None
            | Object::Bool(_)
            | Object::Ellipsis
            | Object::StopIteration
            | Object::Int(_)
            | Object::Long(_)
            | Object::Float(_)
            | Object::Complex(..)
            | Object::Bytes(_)
            | Object::Str(_) => {}
            Object::Tuple(items)
            | Object::List(items)
            | Object::Set(items)
            | Object::FrozenSet(items) => items.iter().copied().for_each(each),
            Object::Dict(pairs) => pairs.iter().for_each(|&(key, value)| {
                each(key);
                each(value);
            }),
            Object::Code(code) => {
                code.parts_before_line().into_iter().for_each(&mut each);
                each(code.lnotab);
            }
        }
    }
}

impl Code {
    /// The parts that are written before the first line's number.
    pub(super) fn parts_before_line(&self) -> [Id; 8] {
        [
            self.code,
            self.consts,
            self.names,
            self.varnames,
            self.freevars,
            self.cellvars,
            self.filename,
            self.name,
        ]
    }
}

impl Pool {
    /// No objects.
    pub fn new() -> Pool {
        Pool::default()
    }

    /// Takes an object in, unflagged.
    ///
    /// # Panics
    ///
    /// Panics if there are 2^32 of them.
    pub fn add(&mut self, object: Object) -> Id {
        let id = u32::try_from(self.nodes.len()).expect("fewer than 2^32 objects");
        self.nodes.push(Node {
            object,
            flagged: false,
        });
        Id(id)
    }

    /// No objects, and room for so many.
    pub(super) fn with_capacity(many: usize) -> Pool {
        Pool {
            nodes: Vec::with_capacity(many),
        }
    }

    /// Takes an object in, marked or not. There must be fewer than 2^32.
    #[inline]
    pub(super) fn push(&mut self, node: Node) -> Id {
        let id = Id(self.nodes.len() as u32);
        self.nodes.push(node);
        id
    }

    /// Whether the object's parts are still being read: it stands there as a flagged `None`,
    /// which nothing else is.
    pub(super) fn is_open(&self, id: Id) -> bool {
        let node = self.node(id);
        node.flagged && matches!(node.object, Object::None)
    }

    /// Whether it is a tuple of nothing but strings.
    #[inline]
    pub fn is_strings(&self, id: Id) -> bool {
        let all = |items: &[Id]| items.iter().all(|&item| self.str(item).is_some());
        self.tuple(id).is_some_and(all)
    }

    /// The object.
    #[inline]
    pub fn get(&self, id: Id) -> &Object {
        &self.node(id).object
    }

    /// The object and its mark.
    #[inline]
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The same, to change it.
    #[inline]
    pub fn node_mut(&mut self, id: Id) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    /// How many objects there are; their ids are the numbers below.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The code object, if it is one.
    #[inline]
    pub fn code(&self, id: Id) -> Option<&Code> {
        match self.get(id) {
            Object::Code(code) => Some(code),
            _ => None,
        }
    }

    /// The bytes, if it is bytes.
    #[inline]
    pub fn bytes(&self, id: Id) -> Option<&[u8]> {
        match self.get(id) {
            Object::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The string, if it is one.
    #[inline]
    pub fn str(&self, id: Id) -> Option<&Str> {
        match self.get(id) {
            Object::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a tuple, if it is one.
    #[inline]
    pub fn tuple(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Object::Tuple(items) => Some(items),
            _ => None,
        }
    }
}

impl Object {
    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Object::None => "None",
            Object::Bool(_) => "a bool",
            Object::Ellipsis => "Ellipsis",
            Object::StopIteration => "StopIteration",
            Object::Int(_) | Object::Long(_) => "an int",
            Object::Float(_) => "a float",
            Object::Complex(..) => "a complex number",
            Object::Bytes(_) => "bytes",
            Object::Str(_) => "a string",
            Object::Tuple(_) => "a tuple",
            Object::List(_) => "a list",
            Object::Dict(_) => "a dict",
            Object::Set(_) => "a set",
            Object::FrozenSet(_) => "a frozenset",
            Object::Code(_) => "a code object",
        }
    }
}
