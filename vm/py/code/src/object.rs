//! The objects of a `.pyc` file, constants and code objects, as a graph.
//!
//! An object that occurs twice is one node with two references, so that a file can be written
//! exactly as it was read. A list can contain itself, so code that walks the graph must not recurse.
//!
//! ```
//! use vm_py_code::object::{Object, Pool, Str};
//!
//! let mut pool = Pool::new();
//! let name = pool.add(Object::Str(Str::new("x")));
//! let names = pool.add(Object::Tuple([name, name].into()));
//! assert_eq!(pool.tuple(names), Some(&[name, name][..]));
//! assert_eq!(pool.get(name).kind(), "a string");
//! ```

use num_bigint::BigInt;
use vm_py_data::SmallSlice;
pub use vm_py_data::{Bytes, Str};

/// The items of a tuple, list or set; up to 5 are stored in place.
pub type Ids = SmallSlice<Id, 5>;

/// The number of an object in its [`Pool`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub u32);

/// The objects of a file, numbered from 0.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    nodes: Vec<Node>,
}

/// An object and its mark in the file.
#[derive(Clone, Debug)]
pub struct Node {
    /// The object.
    pub object: Object,
    /// Whether the file marks the object as one that can be referred to again. CPython marks an
    /// object if anything else referred to it when it was written.
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
    /// An integer that fits an `i64`.
    Int(i64),
    /// An integer that does not fit an `i64`.
    Long(Box<BigInt>),
    /// A float.
    Float(f64),
    /// A complex number: its real and its imaginary part.
    Complex(f64, f64),
    /// Bytes.
    Bytes(Bytes),
    /// A string.
    Str(Str),
    /// A tuple.
    Tuple(Ids),
    /// A list.
    List(Ids),
    /// A dict: its pairs of key and value, in order.
    Dict(Box<[(Id, Id)]>),
    /// A set: its items in the order of the file.
    Set(Ids),
    /// A frozenset: its items in the order of the file.
    FrozenSet(Ids),
    /// A code object.
    Code(Box<Code>),
}

/// A code object.
///
/// Fields that are objects in CPython are nodes of the pool, because they can be shared too.
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

/// The bits of [`Code::flags`].
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

    /// The flags that Python's `inspect` and `dis` name, with their names.
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
    /// Calls `each` with every part of the object, in the order in which a file has them.
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
    /// Returns how many local variables are parameters, `*args` and `**kwargs` included.
    pub fn parameters(&self) -> u64 {
        let stars = (self.flags & (flags::VARARGS | flags::VARKEYWORDS)).count_ones();
        u64::from(self.argcount) + u64::from(self.kwonlyargcount) + u64::from(stars)
    }

    /// Returns the parts that a file has before the number of the first line.
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
    /// Returns a pool without objects.
    pub fn new() -> Pool {
        Pool::default()
    }

    /// Adds an object without a mark and returns its number.
    ///
    /// # Panics
    ///
    /// Panics if the pool has 2^32 objects.
    pub fn add(&mut self, object: Object) -> Id {
        let id = u32::try_from(self.nodes.len()).expect("fewer than 2^32 objects");
        self.nodes.push(Node {
            object,
            flagged: false,
        });
        Id(id)
    }

    /// Returns a pool without objects and with room for `capacity` of them.
    pub(super) fn with_capacity(capacity: usize) -> Pool {
        Pool {
            nodes: Vec::with_capacity(capacity),
        }
    }

    /// Adds an object with its mark and returns its number. There must be fewer than 2^32.
    #[inline]
    pub(super) fn push(&mut self, node: Node) -> Id {
        let id = Id(self.nodes.len() as u32);
        self.nodes.push(node);
        id
    }

    /// Returns true if the parts of the object are still being read. Such an object is a flagged
    /// `None`, which no other object is.
    pub(super) fn is_open(&self, id: Id) -> bool {
        let node = self.node(id);
        node.flagged && matches!(node.object, Object::None)
    }

    /// Returns true if the object is a tuple of strings.
    #[inline]
    pub fn is_strings(&self, id: Id) -> bool {
        let all = |items: &[Id]| items.iter().all(|&item| self.str(item).is_some());
        self.tuple(id).is_some_and(all)
    }

    /// Returns the object.
    ///
    /// This and the methods below panic if the pool has no object of this number.
    #[inline]
    pub fn get(&self, id: Id) -> &Object {
        &self.node(id).object
    }

    /// Returns the object with its mark.
    #[inline]
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Returns the object with its mark, to be changed.
    #[inline]
    pub fn node_mut(&mut self, id: Id) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    /// Returns the number of objects; their ids are the numbers below it.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Returns true if there are no objects.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Returns the object if it is a code object.
    #[inline]
    pub fn code(&self, id: Id) -> Option<&Code> {
        match self.get(id) {
            Object::Code(code) => Some(code),
            _ => None,
        }
    }

    /// Returns the object if it is bytes.
    #[inline]
    pub fn bytes(&self, id: Id) -> Option<&[u8]> {
        match self.get(id) {
            Object::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Returns the object if it is a string.
    #[inline]
    pub fn str(&self, id: Id) -> Option<&Str> {
        match self.get(id) {
            Object::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the items of the object if it is a tuple.
    #[inline]
    pub fn tuple(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Object::Tuple(items) => Some(items),
            _ => None,
        }
    }
}

impl Object {
    /// Returns the kind of the object with an article, as messages name it.
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
