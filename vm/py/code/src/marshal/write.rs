//! Writes objects.

use super::{FLAG, LONG_SHIFT};
use crate::object::{Id, Object, Pool, Str};
use num_bigint::{BigInt, Sign};

/// Returns the bytes of an object and of all its parts.
///
/// An object that occurs more than once is flagged, and written as a reference after its first
/// occurrence. An object that occurs once is flagged if it is marked. `None`, booleans, `Ellipsis`
/// and `StopIteration` are never flagged.
///
/// A code object or frozenset that is a part of itself can be written, and so can objects that are
/// nested more than 2000 deep, but they cannot be read.
///
/// ```
/// use vm_py_code::marshal;
/// use vm_py_code::object::{Object, Pool};
///
/// let mut pool = Pool::new();
/// let number = pool.add(Object::Int(3));
/// assert_eq!(marshal::write(&pool, number), b"i\x03\0\0\0");
/// ```
///
/// # Panics
///
/// Panics if a string, a collection or an integer takes 2 GiB or more.
pub fn write(pool: &Pool, root: Id) -> Vec<u8> {
    let mut writer = Writer {
        pool,
        out: Vec::with_capacity(12 * pool.len()),
        shared: shared(pool, root),
        numbers: vec![UNSEEN; pool.len()],
        next: 0,
        tasks: vec![Task::Object(root)],
    };
    while let Some(task) = writer.tasks.pop() {
        match task {
            Task::Object(id) => writer.object(id),
            Task::Int(value) => writer.int(value),
            Task::Null => writer.out.push(b'0'),
        }
    }
    writer.out
}

enum Task {
    Object(Id),
    Int(i32),
    Null,
}

struct Writer<'a> {
    pool: &'a Pool,
    out: Vec<u8>,
    shared: Vec<bool>,
    /// The number of each object that can be referred to, or [`UNSEEN`].
    numbers: Vec<u32>,
    next: u32,
    tasks: Vec<Task>,
}

const UNSEEN: u32 = u32::MAX;

/// Returns for each object whether it occurs more than once.
fn shared(pool: &Pool, root: Id) -> Vec<bool> {
    let mut seen = vec![false; pool.len()];
    let mut shared = vec![false; pool.len()];
    let mut todo = vec![root];
    while let Some(id) = todo.pop() {
        let at = id.0 as usize;
        if seen[at] {
            shared[at] = true;
        } else {
            seen[at] = true;
            pool.get(id).each_part(|part| todo.push(part));
        }
    }
    shared
}

impl Writer<'_> {
    fn int(&mut self, value: i32) {
        self.out.extend(value.to_le_bytes());
    }

    fn size(&mut self, size: usize) {
        self.int(i32::try_from(size).expect("less than 2 GiB"));
    }

    fn object(&mut self, id: Id) {
        let at = id.0 as usize;
        let node = self.pool.node(id);
        let simple = match node.object {
            Object::None => Some(b'N'),
            Object::Bool(false) => Some(b'F'),
            Object::Bool(true) => Some(b'T'),
            Object::Ellipsis => Some(b'.'),
            Object::StopIteration => Some(b'S'),
            _ => None,
        };
        if let Some(code) = simple {
            return self.out.push(code);
        }
        let mut flag = 0;
        if node.flagged || self.shared[at] {
            if self.numbers[at] != UNSEEN {
                self.out.push(b'r');
                let number = self.numbers[at];
                return self.out.extend(number.to_le_bytes());
            }
            self.numbers[at] = self.next;
            self.next += 1;
            flag = FLAG;
        }
        self.unshared(&node.object, flag);
    }

    fn unshared(&mut self, object: &Object, flag: u8) {
        match object {
            Object::None | Object::Bool(_) | Object::Ellipsis | Object::StopIteration => {
                unreachable!("written already")
            }
            Object::Int(value) => match i32::try_from(*value) {
                Ok(value) => {
                    self.out.push(b'i' | flag);
                    self.int(value);
                }
                Err(_) => self.long(&BigInt::from(*value), flag),
            },
            Object::Long(value) => self.long(value, flag),
            Object::Float(value) => {
                self.out.push(b'g' | flag);
                self.out.extend(value.to_le_bytes());
            }
            Object::Complex(real, imaginary) => {
                self.out.push(b'y' | flag);
                self.out.extend(real.to_le_bytes());
                self.out.extend(imaginary.to_le_bytes());
            }
            Object::Bytes(bytes) => {
                self.out.push(b's' | flag);
                self.size(bytes.len());
                self.out.extend_from_slice(bytes);
            }
            Object::Str(text) => self.text(text, flag),
            Object::Tuple(items) => match u8::try_from(items.len()) {
                Ok(len) => {
                    self.out.extend([b')' | flag, len]);
                    self.parts(object);
                }
                Err(_) => self.counted(b'(' | flag, items.len(), object),
            },
            Object::List(items) => self.counted(b'[' | flag, items.len(), object),
            Object::Set(items) => self.counted(b'<' | flag, items.len(), object),
            Object::FrozenSet(items) => self.counted(b'>' | flag, items.len(), object),
            Object::Dict(_) => {
                self.out.push(b'{' | flag);
                self.tasks.push(Task::Null);
                self.parts(object);
            }
            Object::Code(code) => {
                self.out.push(b'c' | flag);
                for field in [
                    code.argcount,
                    code.posonlyargcount,
                    code.kwonlyargcount,
                    code.nlocals,
                    code.stacksize,
                    code.flags,
                ] {
                    self.out.extend(field.to_le_bytes());
                }
                self.tasks.push(Task::Object(code.lnotab));
                self.tasks.push(Task::Int(code.firstlineno));
                let parts = code.parts_before_line().map(Task::Object);
                self.tasks.extend(parts.into_iter().rev());
            }
        }
    }

    fn counted(&mut self, code: u8, count: usize, object: &Object) {
        self.out.push(code);
        self.size(count);
        self.parts(object);
    }

    /// Schedules the parts to be written, the first of them next.
    fn parts(&mut self, object: &Object) {
        let from = self.tasks.len();
        object.each_part(|part| self.tasks.push(Task::Object(part)));
        self.tasks[from..].reverse();
    }

    fn text(&mut self, text: &Str, flag: u8) {
        let len = text.bytes.len();
        let [plain, interned] = match text.bytes.is_ascii() {
            true if len < 256 => [b'z', b'Z'],
            true => [b'a', b'A'],
            false => [b'u', b't'],
        };
        let code = if text.interned { interned } else { plain };
        self.out.push(code | flag);
        match u8::try_from(len) {
            Ok(len) if plain == b'z' => self.out.push(len),
            _ => self.size(len),
        }
        self.out.extend_from_slice(&text.bytes);
    }

    fn long(&mut self, value: &BigInt, flag: u8) {
        let size = usize::try_from(value.bits()).unwrap_or(usize::MAX);
        let count = size.div_ceil(LONG_SHIFT as usize);
        self.out.push(b'l' | flag);
        let size = i32::try_from(count).expect("less than 2 GiB");
        self.int(if value.sign() == Sign::Minus {
            -size
        } else {
            size
        });
        let (mut rest, mut bits) = (0u64, 0);
        let mut left = count;
        let mut digit = |rest: u64| {
            self.out.extend(((rest & 0x7fff) as u16).to_le_bytes());
        };
        for word in value.iter_u32_digits() {
            rest |= u64::from(word) << bits;
            bits += 32;
            while bits >= LONG_SHIFT && left > 0 {
                digit(rest);
                rest >>= LONG_SHIFT;
                bits -= LONG_SHIFT;
                left -= 1;
            }
        }
        if left > 0 {
            digit(rest);
        }
    }
}
