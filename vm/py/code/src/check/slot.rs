//! Stack slots whose contents are not ordinary objects.

/// The contents of such a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// The lower item of `LOAD_METHOD`: a method, or no object.
    Method,
    /// A part of the exception state to be restored, which may be no object.
    SavedTraceback,
    SavedValue,
    SavedType,
    /// A part of the exception for which a handler was entered. It is an object.
    Traceback,
    Value,
    Type,
}

use Kind::*;

impl Kind {
    /// Returns true if any instruction may take the item.
    pub(super) fn is_object(self) -> bool {
        matches!(self, Traceback | Value | Type)
    }
}

/// The items that are pushed for a handler, the lowest first.
pub(super) const HANDLED: [Kind; 6] = [
    SavedTraceback,
    SavedValue,
    SavedType,
    Traceback,
    Value,
    Type,
];

/// A slot with its contents.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Special {
    pub(super) slot: u32,
    pub(super) kind: Kind,
}
