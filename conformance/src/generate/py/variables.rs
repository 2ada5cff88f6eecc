//! Access to variables.

use super::code::{Role, name, of_kind};
use super::tables::{Kind, VARIABLES};
use super::{MAX_DEPTH, Writer};
use crate::generate::entropy::Dice;

impl Writer {
    /// Returns the variables that are set here, on most paths.
    fn set_here(&self) -> u32 {
        let module = self.outer.first().unwrap_or(&self.code).set;
        let code = &self.code;
        match code.role {
            Role::Module => code.set,
            Role::Class => module,
            _ => code.set & !code.global | module & code.global | code.free,
        }
    }

    /// Returns one of these variables.
    fn variable(&self, bits: u32, dice: &mut Dice) -> Option<usize> {
        let all: Vec<usize> = (0..VARIABLES.len())
            .filter(|at| bits >> at & 1 == 1)
            .collect();
        all.get(dice.below(all.len())).copied()
    }

    /// Loads a variable of a kind, most of the time one that is set.
    pub(super) fn load(&mut self, kind: &str, dice: &mut Dice) {
        if kind == "outer" {
            return match self.variable(self.code.free, dice) {
                Some(variable) => self.emit("LOAD_CLASSDEREF", name(variable)),
                None => self.emit("LOAD_CONST", "None"),
            };
        }
        let Some(kind) = kind_of(kind) else { return };
        let of_kind = of_kind(kind);
        let any = dice.one_in(40);
        let set = if any { u32::MAX } else { self.set_here() };
        if let Some(variable) = self.variable(of_kind & set, dice) {
            let [load, ..] = self.code.access(variable);
            return self.emit(load, name(variable));
        }
        // There is no such variable: this loads a similar value.
        let instead = match kind {
            Kind::Int => "LOAD_CONST $int",
            Kind::Float => "LOAD_CONST $float",
            Kind::Str => "LOAD_CONST $str",
            Kind::Scalar => "LOAD_CONST $scalar",
            Kind::Tuple => "LOAD_CONST $tuple",
            Kind::List => "BUILD_LIST 0; LOAD_CONST (1, 2, 3); LIST_EXTEND 1",
            Kind::Dict => {
                "LOAD_CONST 1; LOAD_CONST 2; LOAD_CONST ('k', 'a'); BUILD_CONST_KEY_MAP 2"
            }
            Kind::Generator => "LOAD_NAME g",
            Kind::Object => "LOAD_NAME o",
        };
        self.write(instead, dice, MAX_DEPTH);
    }

    /// Stores the item on top of the stack in a variable of a kind.
    pub(super) fn store(&mut self, kind: &str, dice: &mut Dice) {
        if kind == "caught" {
            let store = ["STORE_NAME", "STORE_FAST"][usize::from(self.code.role.is_function())];
            return self.emit(store, "e");
        }
        let Some(kind) = kind_of(kind) else { return };
        let can = (0..VARIABLES.len()).filter(|&at| self.code.has(at));
        let can: u32 = can.map(|at| 1 << at).sum();
        let Some(variable) = self.variable(of_kind(kind) & can, dice) else {
            return self.emit("POP_TOP", "");
        };
        let [_, store, _] = self.code.access(variable);
        let store = match store {
            "STORE_NAME" if self.code.role == Role::Module && dice.one_in(6) => "STORE_GLOBAL",
            store => store,
        };
        self.emit(store, name(variable));
        self.code.set |= 1 << variable;
    }

    /// Deletes a variable of a kind.
    pub(super) fn delete(&mut self, kind: &str, dice: &mut Dice) {
        if kind == "caught" {
            let delete = ["DELETE_NAME", "DELETE_FAST"][usize::from(self.code.role.is_function())];
            return self.emit(delete, "e");
        }
        let here = match kind_of(kind) {
            Some(kind) => of_kind(kind) & self.set_here(),
            // A variable that closures share.
            None => self.code.cells | self.code.free,
        };
        match self.variable(here, dice) {
            Some(variable) => {
                let [_, _, delete] = self.code.access(variable);
                self.emit(delete, name(variable));
                self.code.set &= !(1 << variable);
                if let Some(module) = self.outer.first_mut() {
                    module.set &= !(self.code.global & 1 << variable);
                }
            }
            None => self.emit("DELETE_GLOBAL", "p"),
        }
    }
}

/// Returns the kind of variables that a word names.
fn kind_of(word: &str) -> Option<Kind> {
    Some(match word {
        "int" => Kind::Int,
        "float" => Kind::Float,
        "str" => Kind::Str,
        "scalar" => Kind::Scalar,
        "list" => Kind::List,
        "tuple" => Kind::Tuple,
        "dict" => Kind::Dict,
        "generator" => Kind::Generator,
        "object" => Kind::Object,
        _ => return None,
    })
}
