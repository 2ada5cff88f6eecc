//! Values: 16 bytes, `Copy`, a tag as wide as its payload.

/// A handle: the number of a slot of the heap, and the generation of the object in it.
///
/// The generation tells a stale handle from a live one in debug and fuzz builds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Ref {
    pub(crate) at: u32,
    pub(crate) generation: u32,
}

/// A value.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub(crate) enum Value {
    /// No value: a local without one, an argument not given.
    Unset,
    None,
    NotImplemented,
    Ellipsis,
    False,
    True,
    Int(i64),
    Float(f64),
    Obj(Ref),
}

use Value::*;

impl Value {
    pub(crate) fn bool(truth: bool) -> Value {
        if truth { True } else { False }
    }

    #[inline(always)]
    pub(crate) fn is_unset(self) -> bool {
        matches!(self, Unset)
    }

    pub(crate) fn is_none(self) -> bool {
        matches!(self, None)
    }

    pub(crate) fn is_not_implemented(self) -> bool {
        matches!(self, NotImplemented)
    }

    /// Returns the value, unless it is unset.
    pub(crate) fn set(self) -> Option<Value> {
        if self.is_unset() {
            Option::None
        } else {
            Some(self)
        }
    }

    /// Returns the value, or another if it is unset.
    pub(crate) fn or(self, other: Value) -> Value {
        if self.is_unset() { other } else { self }
    }

    #[inline(always)]
    pub(crate) fn obj(self) -> Option<Ref> {
        match self {
            Obj(handle) => Some(handle),
            _ => Option::None,
        }
    }

    /// Python's `is`.
    #[inline]
    pub(crate) fn is(self, other: Value) -> bool {
        match (self, other) {
            (Int(a), Int(b)) => a == b,
            (Float(a), Float(b)) => a.to_bits() == b.to_bits(),
            (Obj(a), Obj(b)) => a == b,
            (a, b) => std::mem::discriminant(&a) == std::mem::discriminant(&b),
        }
    }

    /// Returns the integer that a small int or a bool is.
    #[inline]
    pub(crate) fn small(self) -> Option<i64> {
        match self {
            Int(value) => Some(value),
            False => Some(0),
            True => Some(1),
            _ => Option::None,
        }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::bool(truth)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Int(value)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Value {
        Int(value as i64)
    }
}

impl From<Ref> for Value {
    fn from(handle: Ref) -> Value {
        Obj(handle)
    }
}

/// An exception is on its way; the VM has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raise;

/// What most operations return.
pub(crate) type R<T = Value> = Result<T, Raise>;
