//! The constants of a text, in the order in which the assembler stores them. The disassembler uses
//! the same order to leave out what the assembler would choose.

use super::file::{Constant, ConstantRef};
use super::insn::{DOLLAR_I, FALSE, IMPLIED, IMPLIED_NAME, NIL, TRUE};
use std::collections::HashMap;

/// Constants in the order of their first use.
pub(super) struct Constants {
    stored: Vec<Constant>,
    texts: HashMap<String, u64>,
    ints: HashMap<i64, u64>,
    floats: HashMap<u64, u64>,
}

impl Constants {
    pub(super) fn new() -> Constants {
        Constants {
            stored: Vec::new(),
            texts: HashMap::from([(IMPLIED_NAME.to_owned(), DOLLAR_I)]),
            ints: HashMap::new(),
            floats: HashMap::new(),
        }
    }

    /// Returns the number of constants, implied ones included.
    pub(super) fn count(&self) -> u64 {
        IMPLIED + self.stored.len() as u64
    }

    /// Returns the index of the first constant with the same bits, if there is one.
    fn find(&self, constant: ConstantRef) -> Option<u64> {
        match constant {
            ConstantRef::Nil => Some(NIL),
            ConstantRef::Bool(false) => Some(FALSE),
            ConstantRef::Bool(true) => Some(TRUE),
            ConstantRef::Int(int) => self.ints.get(&int).copied(),
            ConstantRef::Str(text) => self.texts.get(text).copied(),
            ConstantRef::Float(bits) => self.floats.get(&bits).copied(),
        }
    }

    /// Returns the index of a constant, which is stored if necessary.
    pub(super) fn index(&mut self, constant: ConstantRef) -> u64 {
        match self.find(constant) {
            Some(index) => index,
            None => self.add(constant),
        }
    }

    /// Stores a constant, even if the same one is stored already. nil and Bools are implied and
    /// never stored.
    pub(super) fn add(&mut self, constant: ConstantRef) -> u64 {
        let index = self.count();
        match constant {
            ConstantRef::Nil => return NIL,
            ConstantRef::Bool(value) => return if value { TRUE } else { FALSE },
            ConstantRef::Int(int) => {
                self.ints.entry(int).or_insert(index);
                self.stored.push(Constant::Int(int));
            }
            ConstantRef::Str(text) => {
                if !self.texts.contains_key(text) {
                    self.texts.insert(text.to_owned(), index);
                }
                self.stored.push(Constant::Str(text.to_owned()));
            }
            ConstantRef::Float(bits) => {
                self.floats.entry(bits).or_insert(index);
                self.stored.push(Constant::Float(bits));
            }
        }
        index
    }

    /// Returns the constant with this index.
    pub(super) fn get(&self, index: u64) -> Option<ConstantRef<'_>> {
        if index == DOLLAR_I {
            return Some(ConstantRef::Str(IMPLIED_NAME));
        }
        let at = usize::try_from(index.checked_sub(IMPLIED)?).ok()?;
        self.stored.get(at).map(Constant::borrow)
    }

    pub(super) fn into_stored(self) -> Vec<Constant> {
        self.stored
    }
}
