//! Reads objects.
//!
//! Objects whose parts are still being read are on an explicit stack, so that nesting does not use
//! Rust's stack. Their parts so far are on another stack, so that a count in a file alone does not
//! cause an allocation.

use super::hashable::{Checker, Unhashable};
use super::{FLAG, LONG_SHIFT, MAX_DEPTH};
use crate::object::{Bytes, Code, Id, Ids, Node, Object, Pool, Str};
use num_bigint::{BigInt, Sign};
use std::ops::Range;
use std::sync::Arc;
use vm_base::{Diagnostic, LoadError, Place};

type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// The objects that [`read`] found.
#[derive(Clone, Debug)]
pub struct Marshalled {
    /// The objects.
    pub pool: Pool,
    /// The object that contains the others.
    pub root: Id,
    /// The offset of each object's type code in the file, by id.
    pub offsets: Vec<u32>,
    /// The offset of the end of the object.
    pub end: usize,
}

/// Reads the object at offset `start` in `bytes`. Bytes after it are ignored, as in CPython.
///
/// `name` is the name of the file in messages.
///
/// # Errors
///
/// Returns an error that says what is wrong at which byte, and in which object.
///
/// ```
/// use vm_py_code::marshal;
/// let bytes = b")\x02z\x02hir\x00\x00\x00\x00";
/// let refused = marshal::read("x", bytes, 0).unwrap_err();
/// let message = &refused.diagnostics()[0].message;
/// assert_eq!(message, "reference to object 0, but no object is flagged before this one");
/// let found = marshal::read("x", b")\x02\xfa\x02hir\x00\x00\x00\x00", 0).unwrap();
/// let items = found.pool.tuple(found.root).unwrap();
/// assert_eq!(items[0], items[1]);
/// ```
pub fn read(name: &str, bytes: &[u8], start: usize) -> std::result::Result<Marshalled, LoadError> {
    let mut reader = Reader {
        name,
        bytes,
        whole: Arc::new(bytes.to_vec()),
        at: start.min(bytes.len()),
        pool: Pool::with_capacity(bytes.len() / 24),
        offsets: Vec::with_capacity(bytes.len() / 24),
        refs: Vec::with_capacity(bytes.len() / 64),
        items: Vec::with_capacity(64),
        frames: Vec::with_capacity(16),
        singletons: [None; 5],
        checker: Checker::default(),
        refers_to_open: false,
    };
    if i32::try_from(bytes.len()).is_err() {
        let message = "the file has 2 GiB or more, which is more than CPython can read";
        return Err(reader.error(message, 0..0, "").into());
    }
    let root = reader.run().map_err(|error| *error)?;
    Ok(Marshalled {
        pool: reader.pool,
        root,
        offsets: reader.offsets,
        end: reader.at,
    })
}

/// The state of reading a file.
struct Reader<'a> {
    name: &'a str,
    bytes: &'a [u8],
    /// A copy of the bytes that long strings share.
    whole: Arc<Vec<u8>>,
    at: usize,
    pool: Pool,
    offsets: Vec<u32>,
    /// The flagged objects, in the order of their type codes.
    refs: Vec<Id>,
    /// The parts of the open objects.
    items: Vec<Id>,
    frames: Vec<Frame>,
    /// `None`, `False`, `True`, `Ellipsis` and `StopIteration`, each of which is one object.
    singletons: [Option<Id>; 5],
    checker: Checker,
    /// Whether an object contains itself.
    refers_to_open: bool,
}

/// The number of an object that cannot be referred to until all of its parts are read.
const PENDING: Id = Id(u32::MAX);

/// An object whose parts are being read.
struct Frame {
    id: Id,
    kind: Kind,
    /// The number of parts that are still to be read; `u32::MAX` for a dict, which has no count.
    left: u32,
    /// The index of its first part in `items`.
    base: u32,
    /// Its reference number, if it cannot be referred to until all of its parts are read.
    number: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tuple,
    List,
    Dict,
    Set,
    FrozenSet,
    Code,
}

impl Kind {
    fn noun(self) -> &'static str {
        match self {
            Kind::Tuple => "tuple",
            Kind::List => "list",
            Kind::Dict => "dict",
            Kind::Set => "set",
            Kind::FrozenSet => "frozenset",
            Kind::Code => "code object",
        }
    }
}

/// The fields of a code object that are objects, in the order of the file.
const FIELDS: [&str; 9] = [
    "co_code",
    "co_consts",
    "co_names",
    "co_varnames",
    "co_freevars",
    "co_cellvars",
    "co_filename",
    "co_name",
    "co_lnotab",
];

/// The result of reading one type code.
enum Step {
    /// The object, with all of its parts.
    Complete(Id),
    /// The parts of an object follow.
    Open,
    /// The end of a dict.
    Null,
}

impl<'a> Reader<'a> {
    #[cold]
    fn error(&self, message: impl Into<String>, range: Range<usize>, label: &str) -> Diagnostic {
        let place = Place::in_bytes(self.name, self.bytes, range, label);
        let found = Diagnostic::error(message).at(place);
        match self.context() {
            Some(context) => found.note(context),
            None => found,
        }
    }

    /// Describes the objects that are being read.
    fn context(&self) -> Option<String> {
        let of = |frame: &Frame| {
            let at = self.offsets[frame.id.0 as usize];
            format!("the {} at byte {at}", frame.kind.noun())
        };
        let (frame, around) = self.frames.split_last()?;
        let read = self.items.len() - frame.base as usize;
        let part = match frame.kind {
            Kind::Code => FIELDS[read.min(8)].to_owned(),
            Kind::Dict => format!("{} {}", ["key", "value"][read % 2], read / 2),
            _ => format!("item {read}"),
        };
        let mut text = format!("in {part} of {}", of(frame));
        if let Some(code) = around.iter().rev().find(|frame| frame.kind == Kind::Code) {
            text += &format!(", in {}", of(code));
        }
        Some(text)
    }

    #[cold]
    fn ends(&self, what: &str, wanted: u64) -> Box<Diagnostic> {
        let left = self.bytes.len() - self.at;
        let message = match what {
            "object" => "the file ends where an object is expected".to_owned(),
            _ => {
                let the = if what.starts_with("co_") { "" } else { "the " };
                format!(
                    "the file ends inside {the}{what}, which needs {wanted} more bytes; {left} are left"
                )
            }
        };
        let found = self.error(message, self.at..self.bytes.len(), what);
        Box::new(found.help("the file is cut short, or a count before this place is too large"))
    }

    #[inline]
    fn take<const N: usize>(&mut self, what: &str) -> Result<[u8; N]> {
        match self.bytes[self.at..].first_chunk::<N>() {
            Some(chunk) => {
                self.at += N;
                Ok(*chunk)
            }
            None => Err(self.ends(what, N as u64)),
        }
    }

    #[inline]
    fn int(&mut self, what: &str) -> Result<i32> {
        Ok(i32::from_le_bytes(self.take(what)?))
    }

    /// Reads a number of parts or bytes, each of which takes at least one byte of the file.
    #[inline]
    fn count(&mut self, what: &str) -> Result<u32> {
        let at = self.at;
        let count = self.int(what)?;
        match u32::try_from(count) {
            Ok(count) if count as usize <= self.bytes.len() - self.at => Ok(count),
            Ok(count) => Err(self.ends(what, count.into())),
            Err(_) => {
                let message = format!("the size of the {what} is negative: {count}");
                Err(Box::new(self.error(message, at..at + 4, "size")))
            }
        }
    }

    #[inline]
    fn slice(&mut self, len: usize, what: &str) -> Result<&'a [u8]> {
        match self.bytes[self.at..].get(..len) {
            Some(slice) => {
                self.at += len;
                Ok(slice)
            }
            None => Err(self.ends(what, len as u64)),
        }
    }

    fn run(&mut self) -> Result<Id> {
        loop {
            let mut id = match self.object()? {
                Step::Complete(id) => id,
                Step::Open => continue,
                Step::Null => match self.frames.last() {
                    Some(frame) if frame.kind == Kind::Dict => self.close()?,
                    _ => {
                        let message = "expected an object, found the end of a dict ('0')";
                        let at = self.at - 1..self.at;
                        let found = self.error(message, at, "not an object");
                        return Err(Box::new(found.help("only a dict ends with '0'")));
                    }
                },
            };
            loop {
                let Some(frame) = self.frames.last_mut() else {
                    return Ok(id);
                };
                self.items.push(id);
                frame.left -= 1;
                if frame.left > 0 {
                    if frame.left == 1 && frame.kind == Kind::Code {
                        let id = frame.id;
                        let line = self.int("co_firstlineno")?;
                        if let Object::Code(code) = &mut self.pool.node_mut(id).object {
                            code.firstlineno = line;
                        }
                    }
                    break;
                }
                id = self.close()?;
            }
        }
    }

    /// Adds an object that is complete, or that can be referred to before it is.
    #[inline(always)]
    fn add(&mut self, object: Object, flagged: bool, at: usize) -> Id {
        let id = self.pool.push(Node { object, flagged });
        self.offsets.push(at as u32);
        if flagged {
            self.refs.push(id);
        }
        id
    }

    fn singleton(&mut self, index: usize, object: Object, at: usize) -> Step {
        if let Some(id) = self.singletons[index] {
            return Step::Complete(id);
        }
        let id = self.add(object, false, at);
        self.singletons[index] = Some(id);
        Step::Complete(id)
    }

    fn object(&mut self) -> Result<Step> {
        let at = self.at;
        let [byte] = self.take("object")?;
        if self.frames.len() >= MAX_DEPTH {
            let message = format!("objects are nested more than {MAX_DEPTH} deep");
            return Err(Box::new(self.error(message, at..at + 1, "nested too deep")));
        }
        let flagged = byte & FLAG != 0;
        let object = match byte & !FLAG {
            b'0' => return Ok(Step::Null),
            b'N' => return Ok(self.singleton(0, Object::None, at)),
            b'F' => return Ok(self.singleton(1, Object::Bool(false), at)),
            b'T' => return Ok(self.singleton(2, Object::Bool(true), at)),
            b'.' => return Ok(self.singleton(3, Object::Ellipsis, at)),
            b'S' => return Ok(self.singleton(4, Object::StopIteration, at)),
            b'r' => return self.reference(at),
            b')' => {
                let [count] = self.take("tuple's size")?;
                return self.open(Kind::Tuple, count.into(), flagged, at);
            }
            b'(' => {
                let count = self.count("tuple")?;
                return self.open(Kind::Tuple, count, flagged, at);
            }
            b'[' => {
                let count = self.count("list")?;
                return self.open(Kind::List, count, flagged, at);
            }
            b'<' => {
                let count = self.count("set")?;
                return self.open(Kind::Set, count, flagged, at);
            }
            b'>' => {
                let count = self.count("frozenset")?;
                return self.open(Kind::FrozenSet, count, flagged, at);
            }
            b'{' => return self.open(Kind::Dict, u32::MAX, flagged, at),
            b'c' => return self.code(flagged, at),
            code @ (b'Z' | b'z') => {
                let interned = code == b'Z';
                let [len] = self.take("string's size")?;
                if let Some(bytes) = Bytes::ascii(&self.bytes[self.at..], len) {
                    self.at += usize::from(len);
                    let object = Object::Str(Str { bytes, interned });
                    return Ok(Step::Complete(self.add(object, flagged, at)));
                }
                self.slice(len.into(), "string")?;
                self.latin1(len.into(), interned)
            }
            b'A' => self.long_ascii(true)?,
            b'a' => self.long_ascii(false)?,
            b't' => self.unicode(true)?,
            b'u' => self.unicode(false)?,
            b's' => {
                let count = self.count("bytes")?;
                self.slice(count as usize, "bytes")?;
                Object::Bytes(self.last(count as usize))
            }
            b'i' => Object::Int(self.int("integer")?.into()),
            b'I' => Object::Int(i64::from_le_bytes(self.take("integer")?)),
            b'l' => self.long()?,
            b'g' => Object::Float(f64::from_le_bytes(self.take("float")?)),
            b'f' => Object::Float(self.text_float()?),
            b'y' => {
                let real = f64::from_le_bytes(self.take("complex number")?);
                let imaginary = f64::from_le_bytes(self.take("complex number")?);
                Object::Complex(real, imaginary)
            }
            b'x' => Object::Complex(self.text_float()?, self.text_float()?),
            code => {
                let message = match code {
                    0x20..0x7f => format!("unknown type code '{}'", char::from(code)),
                    _ => format!("unknown type code {code:#04x}"),
                };
                return Err(Box::new(self.error(message, at..at + 1, "type code")));
            }
        };
        Ok(Step::Complete(self.add(object, flagged, at)))
    }

    fn reference(&mut self, at: usize) -> Result<Step> {
        let number = self.int("reference")?;
        let known = self.refs.len();
        let id = usize::try_from(number)
            .ok()
            .and_then(|number| self.refs.get(number).copied());
        match id {
            Some(PENDING) => {
                let message = format!("object {number} refers to itself");
                let found = self.error(message, at..at + 5, "inside the object");
                Err(Box::new(
                    found.help("a code object or a frozenset cannot contain itself"),
                ))
            }
            Some(id) => {
                self.refers_to_open |= self.pool.is_open(id);
                Ok(Step::Complete(id))
            }
            None => {
                let why = match known {
                    0 => "no object is flagged before this one".to_owned(),
                    1 => "only object 0 is flagged before this one".to_owned(),
                    _ => format!("objects 0 to {} are flagged before this one", known - 1),
                };
                let message = format!("reference to object {number}, but {why}");
                Err(Box::new(self.error(message, at..at + 5, "reference")))
            }
        }
    }

    /// Begins an object with `count` parts.
    fn open(&mut self, kind: Kind, count: u32, flagged: bool, at: usize) -> Result<Step> {
        if count == 0 {
            let object = match kind {
                Kind::Tuple => Object::Tuple(Ids::default()),
                Kind::List => Object::List(Ids::default()),
                Kind::Set => Object::Set(Ids::default()),
                Kind::FrozenSet | Kind::Dict | Kind::Code => Object::FrozenSet(Ids::default()),
            };
            return Ok(Step::Complete(self.add(object, flagged, at)));
        }
        let number = self.refs.len() as u32;
        let id = self.add(Object::None, flagged, at);
        let pending = flagged && kind == Kind::FrozenSet;
        if pending {
            self.refs[number as usize] = PENDING;
        }
        self.push(id, kind, count, pending.then_some(number));
        Ok(Step::Open)
    }

    fn push(&mut self, id: Id, kind: Kind, left: u32, number: Option<u32>) {
        self.frames.push(Frame {
            id,
            kind,
            left,
            base: self.items.len() as u32,
            number,
        });
    }

    fn code(&mut self, flagged: bool, at: usize) -> Result<Step> {
        let mut fields = [0; 6];
        let names = [
            "co_argcount",
            "co_posonlyargcount",
            "co_kwonlyargcount",
            "co_nlocals",
            "co_stacksize",
            "co_flags",
        ];
        for (field, name) in fields.iter_mut().zip(names) {
            let at = self.at;
            let value = self.int(name)?;
            *field = match u32::try_from(value) {
                Ok(value) => value,
                Err(_) => {
                    let message = format!("{name} is negative: {value}");
                    return Err(Box::new(self.error(message, at..at + 4, name)));
                }
            };
        }
        let [
            argcount,
            posonlyargcount,
            kwonlyargcount,
            nlocals,
            stacksize,
            flags,
        ] = fields;
        let number = self.refs.len() as u32;
        let code = Box::new(Code {
            argcount,
            posonlyargcount,
            kwonlyargcount,
            nlocals,
            stacksize,
            flags,
            code: PENDING,
            consts: PENDING,
            names: PENDING,
            varnames: PENDING,
            freevars: PENDING,
            cellvars: PENDING,
            filename: PENDING,
            name: PENDING,
            firstlineno: 0,
            lnotab: PENDING,
        });
        let id = self.add(Object::Code(code), flagged, at);
        if flagged {
            self.refs[number as usize] = PENDING;
        }
        self.push(
            id,
            Kind::Code,
            FIELDS.len() as u32,
            flagged.then_some(number),
        );
        Ok(Step::Open)
    }

    fn long_ascii(&mut self, interned: bool) -> Result<Object> {
        let len = self.count("string")?;
        self.slice(len as usize, "string")?;
        Ok(self.latin1(len as usize, interned))
    }

    fn unicode(&mut self, interned: bool) -> Result<Object> {
        let len = self.count("string")?;
        let start = self.at;
        let bytes = self.slice(len as usize, "string")?;
        if let Err(bad) = Str::validate(bytes) {
            let message = "the string is not UTF-8 (with surrogates)";
            let at = start + bad;
            return Err(Box::new(self.error(message, at..at + 1, "ill-formed")));
        }
        Ok(Object::Str(Str {
            bytes: self.last(len as usize),
            interned,
        }))
    }

    /// Returns the last `len` bytes.
    #[inline]
    fn last(&self, len: usize) -> Bytes {
        Bytes::part(&self.whole, self.at - len, len)
    }

    /// Returns the last `len` bytes as a string. Each byte is a character; CPython does not check
    /// that they are ASCII.
    fn latin1(&self, len: usize, interned: bool) -> Object {
        let bytes = &self.bytes[self.at - len..self.at];
        let bytes = if bytes.is_ascii() {
            self.last(len)
        } else {
            let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
            text.into_bytes().into()
        };
        Object::Str(Str { bytes, interned })
    }

    fn long(&mut self) -> Result<Object> {
        let at = self.at;
        let count = self.int("long integer")?;
        let len = count.unsigned_abs() as usize;
        let start = self.at;
        // CPython refuses the one count that has no negation, too.
        if count == i32::MIN || 2 * len > self.bytes.len() - start {
            return match count {
                i32::MIN => {
                    let message = "the size of the long integer is out of range";
                    Err(Box::new(self.error(message, at..at + 4, "size")))
                }
                _ => Err(self.ends("long integer", 2 * len as u64)),
            };
        }
        let digits = self.slice(2 * len, "long integer")?.chunks_exact(2);
        let digits = digits.map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        if let Some(bad) = digits.clone().position(|digit| digit >> LONG_SHIFT != 0) {
            let message = format!("a digit of the long integer has more than {LONG_SHIFT} bits");
            let at = start + 2 * bad;
            return Err(Box::new(self.error(message, at..at + 2, "digit")));
        }
        if digits.clone().next_back() == Some(0) {
            let message = "the highest digit of the long integer is zero";
            return Err(Box::new(self.error(
                message,
                self.at - 2..self.at,
                "not normalized",
            )));
        }
        Ok(integer(count < 0, digits))
    }

    fn text_float(&mut self) -> Result<f64> {
        let [len] = self.take("float's size")?;
        let start = self.at;
        let whole = self.slice(len.into(), "float")?;
        // CPython reads the text as a C string, which ends at a zero byte.
        let text = whole.split(|&byte| byte == 0).next().unwrap_or(&[]);
        let value = str::from_utf8(text).ok().and_then(|text| text.parse().ok());
        value.ok_or_else(|| {
            let shown = String::from_utf8_lossy(text);
            let message = format!("the text of the float is not a number: '{shown}'");
            Box::new(self.error(message, start..start + whole.len(), "not a number"))
        })
    }

    /// Completes the innermost open object.
    fn close(&mut self) -> Result<Id> {
        let Some(frame) = self.frames.pop() else {
            unreachable!("an object is open")
        };
        let id = frame.id;
        let parts = &self.items[frame.base as usize..];
        let object = match frame.kind {
            Kind::Tuple => Object::Tuple(parts.into()),
            Kind::List => Object::List(parts.into()),
            Kind::Set | Kind::FrozenSet => {
                for &part in parts {
                    if let Err(why) = self.checker.hashable(&self.pool, part) {
                        return Err(self.unhashable(&frame, part, why));
                    }
                }
                match frame.kind {
                    Kind::Set => Object::Set(parts.into()),
                    _ => Object::FrozenSet(parts.into()),
                }
            }
            Kind::Dict => {
                // A key without a value is dropped.
                let pairs: Box<[_]> = parts
                    .chunks_exact(2)
                    .map(|pair| (pair[0], pair[1]))
                    .collect();
                for &(key, _) in &pairs {
                    if let Err(why) = self.checker.hashable(&self.pool, key) {
                        return Err(self.unhashable(&frame, key, why));
                    }
                }
                Object::Dict(pairs)
            }
            Kind::Code => {
                let parts: [Id; 9] = parts.try_into().unwrap_or([PENDING; 9]);
                self.close_code(id, parts)?;
                self.items.truncate(frame.base as usize);
                if let Some(number) = frame.number {
                    self.refs[number as usize] = id;
                }
                return Ok(id);
            }
        };
        self.items.truncate(frame.base as usize);
        self.pool.node_mut(id).object = object;
        if let Some(number) = frame.number {
            self.refs[number as usize] = id;
        }
        Ok(id)
    }

    #[cold]
    fn unhashable(&self, frame: &Frame, part: Id, why: Unhashable) -> Box<Diagnostic> {
        let place = if frame.kind == Kind::Dict {
            "a key of the dict"
        } else {
            "an item of the set"
        };
        let message = match why {
            Unhashable::Kind(kind) => {
                format!("{place} cannot be hashed: it is or contains a {kind}")
            }
            Unhashable::Cycle => {
                format!("{place} cannot be hashed: it contains a tuple that contains itself")
            }
        };
        let at = self.offsets[part.0 as usize] as usize;
        let found = self.error(message, at..at + 1, "this object");
        Box::new(found.note(format!(
            "the {} begins at byte {}",
            frame.kind.noun(),
            self.offsets[frame.id.0 as usize]
        )))
    }

    /// Completes a code object, with the checks of CPython's constructor.
    fn close_code(&mut self, id: Id, parts: [Id; 9]) -> Result<()> {
        let [
            code,
            consts,
            names,
            varnames,
            freevars,
            cellvars,
            filename,
            name,
            lnotab,
        ] = parts;
        for (part, field) in parts.into_iter().zip(FIELDS) {
            let object = self.pool.get(part);
            let (fits, wanted) = match field {
                "co_code" | "co_lnotab" => (matches!(object, Object::Bytes(_)), "bytes"),
                "co_filename" | "co_name" => (matches!(object, Object::Str(_)), "a string"),
                "co_consts" => (matches!(object, Object::Tuple(_)), "a tuple"),
                _ => (self.pool.is_strings(part), "a tuple of strings"),
            };
            if !fits {
                let message = match self.pool.is_open(part) {
                    true => format!("{field} is a tuple that contains the code object"),
                    false => format!("{field} must be {wanted}, but is {}", object.kind()),
                };
                return Err(self.bad_code(id, part, message));
            }
        }
        if self.refers_to_open && self.checker.constants(&self.pool, consts).is_err() {
            let message = "co_consts contains a tuple that contains itself";
            return Err(self.bad_code(id, consts, message.to_owned()));
        }
        let locals = self.pool.tuple(varnames).map_or(0, <[Id]>::len) as u64;
        let Object::Code(whole) = &mut self.pool.node_mut(id).object else {
            unreachable!("a frame of kind Code has a code object")
        };
        whole.code = code;
        whole.consts = consts;
        whole.names = names;
        whole.varnames = varnames;
        whole.freevars = freevars;
        whole.cellvars = cellvars;
        whole.filename = filename;
        whole.name = name;
        whole.lnotab = lnotab;
        let all = whole.parameters();
        let message = if whole.posonlyargcount > whole.argcount {
            format!(
                "co_posonlyargcount is {}, which is more than co_argcount, {}",
                whole.posonlyargcount, whole.argcount
            )
        } else if all > locals {
            format!("the code object has {all} parameters, but co_varnames has {locals} names")
        } else {
            return Ok(());
        };
        Err(self.bad_code(id, id, message))
    }

    #[cold]
    fn bad_code(&self, id: Id, part: Id, message: String) -> Box<Diagnostic> {
        let at = self.offsets[part.0 as usize] as usize;
        let found = self.error(message, at..at + 1, "this object");
        Box::new(found.note(format!(
            "the code object begins at byte {}",
            self.offsets[id.0 as usize]
        )))
    }
}

/// Returns the integer with these digits of 15 bits, the lowest first.
fn integer(
    negative: bool,
    digits: impl DoubleEndedIterator<Item = u16> + ExactSizeIterator,
) -> Object {
    if digits.len() <= 4 {
        let size = digits
            .rev()
            .fold(0, |value, digit| value << LONG_SHIFT | i64::from(digit));
        return Object::Int(if negative { -size } else { size });
    }
    let mut words = Vec::with_capacity(digits.len() * 15 / 32 + 1);
    let (mut word, mut bits) = (0u64, 0);
    for digit in digits {
        word |= u64::from(digit) << bits;
        bits += LONG_SHIFT;
        if bits >= 32 {
            words.push(word as u32);
            word >>= 32;
            bits -= 32;
        }
    }
    words.push(word as u32);
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    let value = BigInt::from_slice(sign, &words);
    match i64::try_from(&value) {
        Ok(value) => Object::Int(value),
        Err(_) => Object::Long(Box::new(value)),
    }
}
