//! Classes of constants that the compiler would merge: those of the same type and value.

use num_bigint::BigInt;
use std::collections::{HashMap, HashSet};
use vm_py_code::object::{Bytes, Id, Object, Pool};

/// The number of a class of equal constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Class(pub(crate) u32);

/// What distinguishes a class from others. Floats are compared by their bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    None,
    Bool(bool),
    Ellipsis,
    StopIteration,
    Int(i64),
    Long(Box<BigInt>),
    Float(u64),
    Complex(u64, u64),
    Bytes(Bytes),
    Str(Bytes),
    Tuple(Box<[Class]>),
    List(Box<[Class]>),
    Dict(Box<[Class]>),
    Set(Box<[Class]>),
    FrozenSet(Box<[Class]>),
    /// An object that contains a code object or itself, and so has no text.
    Odd(Id),
}

impl Value {
    /// Returns the classes of its parts.
    pub(crate) fn items(&self) -> &[Class] {
        match self {
            Value::Tuple(items)
            | Value::List(items)
            | Value::Dict(items)
            | Value::Set(items)
            | Value::FrozenSet(items) => items,
            _ => &[],
        }
    }
}

/// Sorts the constants of a pool into classes.
#[derive(Default)]
pub(crate) struct Values {
    by_value: HashMap<Value, Class>,
    values: Vec<Value>,
    /// The approximate length of each as text.
    lengths: Vec<u64>,
    /// The class of each object that is known.
    known: Vec<Option<Class>>,
}

enum Step {
    Enter(Id),
    Leave(Id),
}

impl Values {
    /// Returns the class of an object. All calls must pass the same pool.
    pub(crate) fn class(&mut self, pool: &Pool, id: Id) -> Class {
        if self.known.len() < pool.len() {
            self.known.resize(pool.len(), None);
        }
        let mut open = HashSet::new();
        let mut todo = vec![Step::Enter(id)];
        while let Some(step) = todo.pop() {
            match step {
                Step::Enter(id) if self.known[id.0 as usize].is_some() => {}
                Step::Enter(id) => {
                    let object = pool.get(id);
                    if items(object).is_empty() {
                        self.classify(pool, id);
                        continue;
                    }
                    // An object that contains itself is not known yet where it does.
                    if !open.insert(id) {
                        continue;
                    }
                    todo.push(Step::Leave(id));
                    let items = items(object);
                    todo.extend(items.into_iter().rev().map(Step::Enter));
                }
                Step::Leave(id) => {
                    open.remove(&id);
                    self.classify(pool, id);
                }
            }
        }
        self.known[id.0 as usize].unwrap_or(Class(0))
    }

    /// Returns the value of a class.
    pub(crate) fn value(&self, class: Class) -> &Value {
        &self.values[class.0 as usize]
    }

    /// Returns the approximate length of a class as text, which is huge if parts are shared.
    pub(crate) fn length(&self, class: Class) -> u64 {
        self.lengths[class.0 as usize]
    }

    fn classify(&mut self, pool: &Pool, id: Id) {
        let object = pool.get(id);
        let sound = |class: &Class| !matches!(self.value(*class), Value::Odd(_));
        let classes: Option<Box<[Class]>> = items(object)
            .into_iter()
            .map(|id| self.known[id.0 as usize].filter(sound))
            .collect();
        let value = match (object, classes) {
            (Object::Tuple(_), Some(items)) => Value::Tuple(items),
            (Object::List(_), Some(items)) => Value::List(items),
            (Object::Dict(_), Some(items)) => Value::Dict(items),
            (Object::Set(_), Some(items)) => Value::Set(items),
            (Object::FrozenSet(_), Some(items)) => Value::FrozenSet(items),
            (object, _) => leaf(object).unwrap_or(Value::Odd(id)),
        };
        let class = self.of(value);
        self.known[id.0 as usize] = Some(class);
    }

    /// Returns the class of a value.
    pub(crate) fn of(&mut self, value: Value) -> Class {
        if let Some(&class) = self.by_value.get(&value) {
            return class;
        }
        let class = Class(self.values.len() as u32);
        let items = value.items().iter();
        let within = items.map(|item| self.lengths[item.0 as usize].saturating_add(2));
        let own = match &value {
            Value::Bytes(bytes) | Value::Str(bytes) => bytes.len() as u64,
            Value::Long(value) => value.bits() / 4,
            _ => 2,
        };
        self.lengths.push(within.fold(own, u64::saturating_add));
        self.values.push(value.clone());
        self.by_value.insert(value, class);
        class
    }
}

/// Returns the parts of a constant.
fn items(object: &Object) -> Vec<Id> {
    match object {
        Object::Tuple(items)
        | Object::List(items)
        | Object::Set(items)
        | Object::FrozenSet(items) => items.to_vec(),
        Object::Dict(pairs) => pairs.iter().flat_map(|&(k, v)| [k, v]).collect(),
        _ => Vec::new(),
    }
}

fn leaf(object: &Object) -> Option<Value> {
    Some(match object {
        Object::None => Value::None,
        Object::Bool(value) => Value::Bool(*value),
        Object::Ellipsis => Value::Ellipsis,
        Object::StopIteration => Value::StopIteration,
        Object::Int(value) => Value::Int(*value),
        Object::Long(value) => Value::Long(value.clone()),
        Object::Float(value) => Value::Float(value.to_bits()),
        Object::Complex(real, imaginary) => Value::Complex(real.to_bits(), imaginary.to_bits()),
        Object::Bytes(bytes) => Value::Bytes(bytes.clone()),
        Object::Str(text) => Value::Str(text.bytes.clone()),
        Object::Tuple(_)
        | Object::List(_)
        | Object::Dict(_)
        | Object::Set(_)
        | Object::FrozenSet(_)
        | Object::Code(_) => return None,
    })
}
