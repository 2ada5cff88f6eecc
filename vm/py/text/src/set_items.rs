//! The order of the items of a set constant.

use num_bigint::BigInt;
use std::collections::{HashMap, HashSet};
use vm_py_code::object::{Id, Object, Pool};
use vm_py_data::{hash, int, set_order};

/// The number of items of one hash that an item is compared with.
const MAX_COMPARED: usize = 64;

/// Returns the items of a set in the order in which Python 3.9 iterates over it if they were added
/// in the order of `items`; of equal items the first.
///
/// Returns `None` if an item has no hash that is known, such as a list or a code object.
pub(crate) fn set_items(pool: &Pool, items: &[Id]) -> Option<Vec<Id>> {
    let mut known = Hashes::default();
    let hashes: Option<Vec<i64>> = items.iter().map(|&item| known.of(pool, item)).collect();
    let order = set_order(&hashes?, |left, right| {
        equal(pool, items[left], items[right])
    })?;
    Some(order.into_iter().map(|index| items[index]).collect())
}

/// The hashes of objects that are known.
#[derive(Default)]
struct Hashes(HashMap<Id, i64>);

impl Hashes {
    /// Returns the hash of an object, if it has one that is known.
    fn of(&mut self, pool: &Pool, id: Id) -> Option<i64> {
        let mut path = vec![(id, 0)];
        // An object that can be hashed contains no list, and so does not contain itself.
        while let Some((id, next)) = path.pop() {
            if self.0.contains_key(&id) {
                continue;
            }
            let items = match pool.get(id) {
                Object::Tuple(items) | Object::FrozenSet(items) => &items[..],
                other => {
                    self.0.insert(id, leaf(other)?);
                    continue;
                }
            };
            if let Some(&item) = items.get(next) {
                path.push((id, next + 1));
                path.push((item, 0));
                continue;
            }
            let hash = match pool.get(id) {
                Object::Tuple(_) => hash::tuple(items.iter().map(|item| self.0[item])),
                _ => hash::frozenset(self.distinct(pool, items)),
            };
            self.0.insert(id, hash);
        }
        self.0.get(&id).copied()
    }

    /// Returns the hashes of items, of equal items once.
    fn distinct(&self, pool: &Pool, items: &[Id]) -> Vec<i64> {
        let mut seen: HashMap<i64, Vec<Id>> = HashMap::new();
        let mut found = Vec::new();
        for &item in items {
            let hash = self.0[&item];
            let others = seen.entry(hash).or_default();
            // Hashes can be chosen to be the same: then equal items may count twice.
            let mut compared = others.iter().take(MAX_COMPARED);
            if !compared.any(|&other| equal(pool, item, other)) {
                others.push(item);
                found.push(hash);
            }
        }
        found
    }
}

/// Returns the hash of an object without items, if it has one.
fn leaf(object: &Object) -> Option<i64> {
    Some(match object {
        Object::Bool(value) => hash::int(i64::from(*value)),
        Object::Int(value) => hash::int(*value),
        Object::Long(value) => hash::big_int(value),
        Object::Float(value) => hash::float(*value),
        Object::Complex(real, imaginary) => hash::complex(*real, *imaginary),
        Object::Bytes(bytes) => hash::bytes(bytes),
        Object::Str(text) => hash::str(text),
        Object::None => hash::NONE,
        Object::Ellipsis => hash::ELLIPSIS,
        Object::StopIteration
        | Object::Tuple(_)
        | Object::List(_)
        | Object::Dict(_)
        | Object::Set(_)
        | Object::FrozenSet(_)
        | Object::Code(_) => return None,
    })
}

/// Returns true if two objects with the same hash are equal in Python.
fn equal(pool: &Pool, left: Id, right: Id) -> bool {
    let mut todo = vec![(left, right)];
    let mut done = HashSet::new();
    while let Some((left, right)) = todo.pop() {
        if left == right || !done.insert((left, right)) {
            continue;
        }
        let same = match (pool.get(left), pool.get(right)) {
            (Object::Tuple(a), Object::Tuple(b)) => {
                todo.extend(a.iter().copied().zip(b.iter().copied()));
                a.len() == b.len()
            }
            // Python would compare the items of sets with the same hash and number of items.
            (Object::FrozenSet(a), Object::FrozenSet(b)) => a.len() == b.len(),
            (Object::Str(a), Object::Str(b)) => a.bytes == b.bytes,
            (Object::Bytes(a), Object::Bytes(b)) => a == b,
            (Object::None, Object::None) | (Object::Ellipsis, Object::Ellipsis) => true,
            (a, b) => match (number(a), number(b)) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            },
        };
        if !same {
            return false;
        }
    }
    true
}

/// The value of a number: exact if it is whole, its real and imaginary part otherwise.
#[derive(PartialEq)]
enum Number {
    Whole(BigInt),
    Other(f64, f64),
}

/// Returns the value of an object that is a number.
fn number(object: &Object) -> Option<Number> {
    let of_float = |value: f64| match int::from_float(value) {
        Some(whole) => Number::Whole(whole),
        None => Number::Other(value, 0.0),
    };
    Some(match object {
        Object::Bool(value) => Number::Whole(BigInt::from(u8::from(*value))),
        Object::Int(value) => Number::Whole(BigInt::from(*value)),
        Object::Long(value) => Number::Whole((**value).clone()),
        Object::Float(value) => of_float(*value),
        Object::Complex(real, imaginary) if *imaginary == 0.0 => of_float(*real),
        Object::Complex(real, imaginary) => Number::Other(*real, *imaginary),
        Object::None
        | Object::Ellipsis
        | Object::StopIteration
        | Object::Bytes(_)
        | Object::Str(_)
        | Object::Tuple(_)
        | Object::List(_)
        | Object::Dict(_)
        | Object::Set(_)
        | Object::FrozenSet(_)
        | Object::Code(_) => return None,
    })
}
