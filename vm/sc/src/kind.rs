//! The kinds that places of the frame have.

use super::file::ConstantRef;

/// What a place of the frame holds, whenever it holds anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Values of any type.
    Any,
    /// Int, and nothing else.
    Int,
    /// Float, and nothing else.
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
