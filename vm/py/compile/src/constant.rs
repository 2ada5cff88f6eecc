//! Constants, one for each type and value.

use crate::names::{FastMap, Names, Sym};
use crate::upstream::{Str, hash, int, set_order};
use num_bigint::{BigInt, Sign};

/// A constant of [`Consts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ConstId(pub(crate) u32);

/// What a constant is. Floats go by their bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    None,
    Bool(bool),
    Ellipsis,
    Int(i64),
    /// One that does not fit an `i64`.
    Long(Box<BigInt>),
    Float(u64),
    Complex(u64, u64),
    Bytes(Box<[u8]>),
    Str(Sym),
    Tuple(Box<[ConstId]>),
    FrozenSet(Box<[ConstId]>),
    /// A code object, by its number.
    Code(u32),
}

/// The constants of one compilation.
pub(crate) struct Consts {
    values: Vec<Value>,
    by_value: FastMap<Value, ConstId>,
    /// Items of frozensets in the order in which a set has them.
    orders: FastMap<ConstId, Box<[ConstId]>>,
    strings: Vec<Option<ConstId>>,
    /// Which strings among those that code loads were identifiers when it first did, by number.
    named: FastMap<ConstId, bool>,
}

impl ConstId {
    pub(crate) const NONE: ConstId = ConstId(0);
    pub(crate) const TRUE: ConstId = ConstId(1);
    pub(crate) const FALSE: ConstId = ConstId(2);
    pub(crate) const ELLIPSIS: ConstId = ConstId(3);
}

impl Consts {
    pub(crate) fn new() -> Consts {
        let mut consts = Consts {
            values: Vec::new(),
            by_value: FastMap::default(),
            orders: FastMap::default(),
            strings: Vec::new(),
            named: FastMap::default(),
        };
        for value in [
            Value::None,
            Value::Bool(true),
            Value::Bool(false),
            Value::Ellipsis,
        ] {
            consts.add(value);
        }
        consts
    }

    /// Returns the constant of a value. A frozenset is made by [`Consts::frozenset`].
    pub(crate) fn add(&mut self, value: Value) -> ConstId {
        if let Value::Str(text) = value {
            return self.str(text);
        }
        // No NaN equals another.
        let is_nan = |bits: &u64| f64::from_bits(*bits).is_nan();
        let alone = match &value {
            Value::Float(bits) => is_nan(bits),
            Value::Complex(real, imaginary) => is_nan(real) || is_nan(imaginary),
            _ => false,
        };
        if !alone && let Some(&id) = self.by_value.get(&value) {
            return id;
        }
        let id = ConstId(self.values.len() as u32);
        self.values.push(value.clone());
        self.by_value.insert(value, id);
        id
    }

    /// Returns the constant of a string.
    pub(crate) fn str(&mut self, text: Sym) -> ConstId {
        let at = text.0 as usize;
        if at >= self.strings.len() {
            self.strings.resize(2 * at + 64, None);
        }
        if let Some(id) = self.strings[at] {
            return id;
        }
        let id = ConstId(self.values.len() as u32);
        self.values.push(Value::Str(text));
        self.strings[at] = Some(id);
        id
    }

    /// Returns the constant of an integer.
    pub(crate) fn int(&mut self, value: BigInt) -> ConstId {
        self.add(match i64::try_from(&value) {
            Ok(value) => Value::Int(value),
            Err(_) => Value::Long(Box::new(value)),
        })
    }

    /// Returns the constant of a tuple.
    pub(crate) fn tuple(&mut self, items: &[ConstId]) -> ConstId {
        self.add(Value::Tuple(items.into()))
    }

    /// Returns the constant of a frozenset of these items.
    pub(crate) fn frozenset(&mut self, names: &Names, items: &[ConstId]) -> Option<ConstId> {
        // CPython makes the set, and then another one of its items in their order.
        let once = self.set_of(names, items)?;
        let order: Box<[ConstId]> = self.set_of(names, &once)?.into();
        let mut sorted = order.clone();
        sorted.sort();
        let id = self.add(Value::FrozenSet(sorted));
        self.orders.entry(id).or_insert(order);
        Some(id)
    }

    /// Returns the items of a set in the order in which it has them.
    fn set_of(&self, names: &Names, items: &[ConstId]) -> Option<Vec<ConstId>> {
        let hashes: Vec<i64> = items.iter().map(|&item| self.hash(names, item)).collect();
        let order = set_order(&hashes, |left, right| self.equal(items[left], items[right]))?;
        Some(order.into_iter().map(|index| items[index]).collect())
    }

    /// Returns the order of a frozenset's items after it was made again of them.
    pub(crate) fn set_again(&self, names: &Names, id: ConstId) -> Option<Vec<ConstId>> {
        self.set_of(names, self.set_items(id))
    }

    /// Returns what a constant is.
    pub(crate) fn get(&self, id: ConstId) -> &Value {
        &self.values[id.0 as usize]
    }

    /// Returns the items of a frozenset in the order in which a set has them.
    pub(crate) fn set_items(&self, id: ConstId) -> &[ConstId] {
        match (self.orders.get(&id), self.get(id)) {
            (Some(order), _) => order,
            (None, Value::FrozenSet(items)) => items,
            _ => &[],
        }
    }

    /// Notes that code loads a constant, whose strings are identifiers or literals.
    pub(crate) fn load(&mut self, id: ConstId, named: bool) {
        match self.get(id) {
            Value::Str(_) => {
                self.named.entry(id).or_insert(named);
            }
            Value::Tuple(items) | Value::FrozenSet(items) => {
                for item in items.clone() {
                    self.load(item, named);
                }
            }
            _ => {}
        }
    }

    /// Whether a string was an identifier when code first loaded it.
    pub(crate) fn is_named(&self, id: ConstId) -> bool {
        self.named.get(&id).is_some_and(|&named| named)
    }

    /// Returns how many there are; their numbers are below that.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Returns Python's hash of a constant. Tuples nest no deeper than the source has them.
    fn hash(&self, names: &Names, id: ConstId) -> i64 {
        match self.get(id) {
            Value::None | Value::Code(_) => hash::NONE,
            Value::Ellipsis => hash::ELLIPSIS,
            Value::Bool(value) => hash::int(i64::from(*value)),
            Value::Int(value) => hash::int(*value),
            Value::Long(value) => hash::big_int(value),
            Value::Float(bits) => hash::float(f64::from_bits(*bits)),
            Value::Complex(real, imaginary) => {
                hash::complex(f64::from_bits(*real), f64::from_bits(*imaginary))
            }
            Value::Bytes(bytes) => hash::bytes(bytes),
            Value::Str(text) => hash::str(&Str {
                bytes: names.get(*text).into(),
                interned: false,
            }),
            Value::Tuple(items) => hash::tuple(items.iter().map(|&item| self.hash(names, item))),
            Value::FrozenSet(items) => {
                hash::frozenset(items.iter().map(|&item| self.hash(names, item)))
            }
        }
    }

    /// Whether Python finds two constants equal.
    fn equal(&self, left: ConstId, right: ConstId) -> bool {
        if left == right {
            return true;
        }
        match (self.get(left), self.get(right)) {
            (Value::Tuple(a), Value::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| self.equal(a, b))
            }
            (a, b) => match (whole(a), whole(b)) {
                (Some(a), Some(b)) => a == b,
                (None, None) => parts(a).is_some_and(|a| Some(a) == parts(b)),
                _ => false,
            },
        }
    }

    /// Whether Python finds it true.
    pub(crate) fn is_true(&self, id: ConstId) -> bool {
        match self.get(id) {
            Value::None => false,
            Value::Bool(value) => *value,
            Value::Ellipsis | Value::Code(_) => true,
            Value::Int(value) => *value != 0,
            Value::Long(value) => value.sign() != Sign::NoSign,
            Value::Float(bits) => f64::from_bits(*bits) != 0.0,
            Value::Complex(real, imaginary) => {
                f64::from_bits(*real) != 0.0 || f64::from_bits(*imaginary) != 0.0
            }
            Value::Bytes(bytes) => !bytes.is_empty(),
            Value::Str(text) => *text != Sym::EMPTY,
            Value::Tuple(items) | Value::FrozenSet(items) => !items.is_empty(),
        }
    }
}

/// Returns the value of a number that is whole.
fn whole(value: &Value) -> Option<BigInt> {
    match value {
        Value::Bool(value) => Some(BigInt::from(u8::from(*value))),
        Value::Int(value) => Some(BigInt::from(*value)),
        Value::Long(value) => Some((**value).clone()),
        Value::Float(bits) => int::from_float(f64::from_bits(*bits)),
        Value::Complex(real, imaginary) if f64::from_bits(*imaginary) == 0.0 => {
            int::from_float(f64::from_bits(*real))
        }
        _ => None,
    }
}

/// Returns the parts of a number that is not whole.
fn parts(value: &Value) -> Option<(f64, f64)> {
    match value {
        Value::Float(bits) => Some((f64::from_bits(*bits), 0.0)),
        Value::Complex(real, imaginary) => {
            Some((f64::from_bits(*real), f64::from_bits(*imaginary)))
        }
        _ => None,
    }
}
