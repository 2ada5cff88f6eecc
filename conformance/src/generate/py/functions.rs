//! Functions: how they are made and called.

use super::code::{Code, Role, name};
use super::tables::VARIABLES;
use super::{Depth, MAX_COST, MAX_DEPTH, Writer};
use crate::generate::entropy::Dice;

/// A function of the module.
pub(super) struct Callable {
    name: String,
    shape: usize,
    cost: u64,
}

/// The parameters of a function.
struct Shape {
    /// The operands of `ADD_ARG`.
    lines: &'static [&'static str],
    /// The code that pushes the defaults and annotations for `MAKE_FUNCTION`.
    below: &'static str,
    /// The flags of `MAKE_FUNCTION` for them.
    flags: u64,
    /// The calls of [`CALLS`] that fit.
    fitting: &'static [usize],
}

const fn shape(
    lines: &'static [&'static str],
    flags: u64,
    below: &'static str,
    fitting: &'static [usize],
) -> Shape {
    Shape {
        lines,
        below,
        flags,
        fitting,
    }
}

#[rustfmt::skip]
static SHAPES: [Shape; 11] = [
    shape(&[], 0, "", &[0]),
    shape(&["a"], 0, "", &[1, 5]),
    shape(&["a", "b"], 0, "", &[2, 4, 6, 12]),
    shape(&["a", "b"], 1, "LOAD_CONST $tuple", &[0, 1, 2, 4, 6]),
    shape(&["a", "b"], 1, "<small scalar>; BUILD_TUPLE 1", &[1, 2, 4]),
    shape(&["a", "*", "k"], 2, "<small scalar>; LOAD_CONST ('k',); BUILD_CONST_KEY_MAP 1", &[1, 7]),
    shape(&["a", "*", "k"], 0, "", &[7]),
    shape(&["a", "*rest", "**more"], 0, "", &[1, 2, 3, 7, 8, 9, 10, 11]),
    shape(&["a", "/", "b"], 0, "", &[2, 4]),
    shape(&["a", "*rest"], 4, "LOAD_CONST 'int'; LOAD_CONST ('a',); BUILD_CONST_KEY_MAP 1", &[1, 2, 3, 8]),
    shape(&["a", "*rest", "k", "**more"], 3, "LOAD_CONST (1,); LOAD_CONST 2; LOAD_CONST ('k',); BUILD_CONST_KEY_MAP 1", &[0, 1, 2, 3, 7, 10]),
];

/// The ways to call the function on top of the stack.
const CALLS: [&str; 14] = [
    "CALL_FUNCTION 0",
    "<small scalar>; CALL_FUNCTION 1",
    "<small scalar>; <small scalar>; CALL_FUNCTION 2",
    "<small scalar>; <small scalar>; <small scalar>; CALL_FUNCTION 3",
    "<small scalar>; <small scalar>; LOAD_CONST ('b',); CALL_FUNCTION_KW 2",
    "<small scalar>; LOAD_CONST ('a',); CALL_FUNCTION_KW 1",
    "<small scalar>; <small scalar>; LOAD_CONST ('b', 'a'); CALL_FUNCTION_KW 2",
    "<small scalar>; <small scalar>; LOAD_CONST ('k',); CALL_FUNCTION_KW 2",
    "LOAD_CONST $tuple; CALL_FUNCTION_EX 0",
    "LOAD_CONST $tuple; <dict>; CALL_FUNCTION_EX 1",
    "<small list>; BUILD_MAP 0; <dict>; DICT_MERGE 1; CALL_FUNCTION_EX 1",
    "<small scalar>; <small scalar>; <small scalar>; LOAD_CONST ('k', 'other'); CALL_FUNCTION_KW 3",
    "<small scalar>; <small scalar>; BUILD_TUPLE 2; CALL_FUNCTION_EX 0",
    "<small scalar>; CALL_FUNCTION_EX 0",
];

impl Writer {
    /// Calls a function of the module, most of the time with fitting arguments.
    pub(super) fn call(&mut self, dice: &mut Dice, depth: Depth) {
        let turns = self.turns;
        let cheap: Vec<usize> = (0..self.functions.len())
            .filter(|&at| self.functions[at].cost * turns <= MAX_COST)
            .collect();
        let Some(&at) = cheap.get(dice.below(cheap.len())) else {
            return self.write("LOAD_CONST $scalar", dice, depth);
        };
        let Callable { name, shape, cost } = &self.functions[at];
        let (name, shape) = (name.clone(), *shape);
        self.code.cost += cost * turns;
        self.emit("LOAD_GLOBAL", &name);
        self.arguments(shape, dice, depth);
    }

    /// Pushes arguments and calls the function below them.
    pub(super) fn arguments(&mut self, shape: usize, dice: &mut Dice, depth: Depth) {
        let fitting = SHAPES[shape].fitting;
        let call = match dice.one_in(8) {
            true => dice.below(CALLS.len()),
            false => fitting[dice.below(fitting.len())],
        };
        let inner = Depth {
            expression: depth.expression.saturating_sub(1),
            ..depth
        };
        self.write(CALLS[call], dice, inner);
    }

    /// Makes a function. The module keeps it for later calls; other code calls it at once.
    pub(super) fn define(&mut self, dice: &mut Dice, depth: Depth) {
        if self.outer.len() >= 3 {
            return self.emit("NOP", "");
        }
        let shape = dice.below(SHAPES.len());
        let (name, free, cost) = self.function(Role::Function, shape, dice);
        self.make(&name, free, shape, dice, depth);
        if self.code.role == Role::Module {
            self.emit("STORE_NAME", &name);
            return self.functions.push(Callable { name, shape, cost });
        }
        self.code.cost += cost * self.turns;
        self.arguments(shape, dice, depth);
        self.emit("PRINT_EXPR", "");
    }

    /// Makes the function of a generator or coroutine and calls it, without arguments.
    pub(super) fn make_and_call(&mut self, role: Role, dice: &mut Dice, depth: Depth) {
        if self.outer.len() >= 3 {
            return self.emit("LOAD_CONST", "None");
        }
        let (name, free, cost) = self.function(role, 0, dice);
        self.make(&name, free, 0, dice, depth);
        self.emit("CALL_FUNCTION", "0");
        self.code.cost += cost * self.turns;
    }

    /// Writes a production as the body of a function that is called at once.
    pub(super) fn write_in_function(&mut self, text: &str, dice: &mut Dice) {
        let name = self.begin(Role::Function, dice);
        if text.contains("ASYNC") || text.contains("AWAIT") {
            self.code.directive("FLAGS -COROUTINE");
        }
        self.write(text, dice, MAX_DEPTH);
        self.write("LOAD_CONST None; RETURN_VALUE", dice, MAX_DEPTH);
        let (name, free, _) = self.end(name);
        self.make(&name, free, 0, dice, MAX_DEPTH);
        self.write("CALL_FUNCTION 0; POP_TOP", dice, MAX_DEPTH);
    }

    /// Writes the code of a function. Returns its name, its free variables and its cost.
    pub(super) fn function(
        &mut self,
        role: Role,
        shape: usize,
        dice: &mut Dice,
    ) -> (String, u32, u64) {
        let name = self.begin(role, dice);
        for &line in SHAPES[shape].lines {
            self.code.directive(&format!("ADD_ARG {line}"));
            let parameter = line.trim_start_matches('*');
            if let Some(at) = VARIABLES.iter().position(|(other, _)| *other == parameter) {
                self.code.set |= 1 << at;
                self.code.global &= !(1 << at);
            }
        }
        match role {
            Role::Generator => self.write("<small scalar>; YIELD_VALUE; POP_TOP", dice, MAX_DEPTH),
            Role::Coroutine => self.code.directive("FLAGS COROUTINE"),
            Role::Function | Role::Class | Role::Module => {}
        }
        self.body(1 + dice.below(3), dice);
        self.write("<small scalar>; RETURN_VALUE", dice, MAX_DEPTH);
        self.end(name)
    }

    /// Begins a code object inside the one that is being written. Returns its name.
    pub(super) fn begin(&mut self, role: Role, dice: &mut Dice) -> String {
        self.made += 1;
        let name = format!("f{}", self.made);
        let mut code = Code::new(role, name.clone());
        let shared = self.code.cells | self.code.free;
        if role.is_function() {
            // Only some of the first variables are global or shared.
            code.global = dice.below(1 << 13) as u32 & dice.below(1 << 13) as u32;
            code.cells = (1 << dice.below(13)) * u32::from(dice.one_in(2));
            code.cells |= (1 << dice.below(13)) * u32::from(dice.one_in(3));
        }
        code.free = shared & if dice.one_in(4) { 0 } else { u32::MAX };
        code.cells &= !code.free;
        self.outer.push(std::mem::replace(&mut self.code, code));
        name
    }

    /// Writes statements as a body.
    pub(super) fn body(&mut self, statements: usize, dice: &mut Dice) {
        let turns = std::mem::replace(&mut self.turns, 1);
        let depth = Depth {
            expression: 2,
            statement: 2,
            strict: false,
        };
        for _ in 0..statements {
            self.statement(dice, depth, true);
        }
        self.turns = turns;
    }

    /// Ends a code object. Returns its name, its free variables and its cost.
    pub(super) fn end(&mut self, name: String) -> (String, u32, u64) {
        let Some(outer) = self.outer.pop() else {
            return (name, 0, 0);
        };
        let code = std::mem::replace(&mut self.code, outer);
        let (free, cost) = (code.free, code.cost);
        self.objects += &code.finish();
        (name, free, cost)
    }

    /// Makes a function of a code object.
    pub(super) fn make(
        &mut self,
        name: &str,
        free: u32,
        shape: usize,
        dice: &mut Dice,
        depth: Depth,
    ) {
        let Shape { below, flags, .. } = SHAPES[shape];
        if !below.is_empty() {
            self.write(below, dice, depth);
        }
        self.closure(free);
        self.emit("LOAD_CONST", name);
        self.emit("LOAD_CONST", &format!("'{name}'"));
        let flags = flags | if free == 0 { 0 } else { 8 };
        self.emit("MAKE_FUNCTION", &flags.to_string());
    }

    /// Pushes the tuple of the cells that a code object shares with this one, if there are any.
    pub(super) fn closure(&mut self, free: u32) {
        let shared: Vec<usize> = (0..VARIABLES.len())
            .filter(|at| free >> at & 1 == 1)
            .collect();
        for &variable in &shared {
            self.emit("LOAD_CLOSURE", name(variable));
        }
        if !shared.is_empty() {
            self.emit("BUILD_TUPLE", &shared.len().to_string());
        }
    }
}
