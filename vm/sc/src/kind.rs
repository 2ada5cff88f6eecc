//! Static types of the frame's slots.

use super::file::ConstantRef;

/// What the compiler knows about the values in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A value of any type.
    Any,
    /// Always an Int.
    Int,
    /// Always a Float.
    Float,
}

impl Kind {
    pub(super) fn of_constant(constant: ConstantRef) -> Kind {
        match constant {
            ConstantRef::Int(_) => Kind::Int,
            ConstantRef::Float(_) => Kind::Float,
            ConstantRef::Nil | ConstantRef::Bool(_) | ConstantRef::Str(_) => Kind::Any,
        }
    }
}
