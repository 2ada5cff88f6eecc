//! Classes and their methods.

use super::code::Role;
use super::tables::VARIABLES;
use super::{Depth, MAX_DEPTH, Writer};
use crate::generate::entropy::Dice;

impl Writer {
    /// Makes a class. `call` pushes the bases and calls the function that builds the class.
    pub(super) fn class(&mut self, class: &str, call: &str, dice: &mut Dice, depth: Depth) {
        if self.outer.len() >= 3 {
            return self.emit("LOAD_CONST", "None");
        }
        let body = self.begin(Role::Class, dice);
        self.emit("LOAD_NAME", "__name__");
        self.emit("STORE_NAME", "__module__");
        self.emit("LOAD_CONST", &format!("'{class}'"));
        self.emit("STORE_NAME", "__qualname__");
        for _ in 0..1 + dice.below(5) {
            if self.code.free != 0 && dice.one_in(2) {
                self.write("@load outer; STORE_NAME $attribute", dice, MAX_DEPTH);
                continue;
            }
            match dice.below(6) {
                0 | 1 => self.write("<small scalar>; STORE_NAME $attribute", dice, MAX_DEPTH),
                2 => self.method("f", dice),
                5 => self.body(1, dice),
                _ => {
                    let special = super::choice("special", dice);
                    self.method(special, dice);
                }
            }
        }
        self.emit("LOAD_CONST", "None");
        self.emit("RETURN_VALUE", "");
        let (_, free, cost) = self.end(String::new());
        self.code.cost += cost * self.turns;
        self.emit("LOAD_BUILD_CLASS", "");
        self.closure(free);
        self.emit("LOAD_CONST", &body);
        self.emit("LOAD_CONST", &format!("'{class}'"));
        self.emit("MAKE_FUNCTION", if free == 0 { "0" } else { "8" });
        self.emit("LOAD_CONST", &format!("'{class}'"));
        self.write(call, dice, depth);
    }

    /// Makes a method in the body of a class, with the parameters that its operator passes.
    fn method(&mut self, called: &str, dice: &mut Dice) {
        const UNARY: [&str; 6] = [
            "__neg__",
            "__pos__",
            "__invert__",
            "__bool__",
            "__len__",
            "__index__",
        ];
        let name = self.begin(Role::Function, dice);
        self.code.directive("ADD_ARG self");
        let more = match called {
            "__setitem__" => &["a", "b"][..],
            _ if UNARY.contains(&called) => &[],
            _ => &["a"],
        };
        for parameter in more {
            self.code.directive(&format!("ADD_ARG {parameter}"));
            if let Some(at) = VARIABLES.iter().position(|(other, _)| other == parameter) {
                self.code.set |= 1 << at;
            }
        }
        match dice.below(4) {
            0 => self.write(
                "LOAD_FAST self; LOAD_ATTR $attribute; PRINT_EXPR",
                dice,
                MAX_DEPTH,
            ),
            1 => self.write(
                "<small scalar>; LOAD_FAST self; STORE_ATTR $attribute",
                dice,
                MAX_DEPTH,
            ),
            2 => self.body(1, dice),
            _ => {}
        }
        self.write("<small scalar>; RETURN_VALUE", dice, MAX_DEPTH);
        let (name, free, _) = self.end(name);
        self.make(&name, free, 0, dice, MAX_DEPTH);
        self.emit("STORE_NAME", called);
    }
}
