//! What is written for an `@word` of a production: variables in their scopes, functions, classes.

use super::code::{Code, Role, name, of_kind};
use super::grammar;
use super::tables::{Kind, VARIABLES};
use super::{DEEPEST, Depth, MOST_COST, Writer};
use crate::generate::Dice;
use vm::py::insn::{COMPARISONS, TABLE};

/// Families of instructions.
const FAMILIES: [(&str, &[&str]); 10] = [
    (
        "arithmetic",
        &[
            "BINARY_ADD",
            "BINARY_SUBTRACT",
            "BINARY_FLOOR_DIVIDE",
            "BINARY_MODULO",
            "INPLACE_ADD",
            "INPLACE_SUBTRACT",
            "INPLACE_FLOOR_DIVIDE",
            "INPLACE_MODULO",
        ],
    ),
    (
        "binary",
        &[
            "BINARY_ADD",
            "BINARY_SUBTRACT",
            "BINARY_FLOOR_DIVIDE",
            "BINARY_MODULO",
            "BINARY_AND",
            "BINARY_OR",
            "BINARY_XOR",
            "INPLACE_ADD",
            "INPLACE_SUBTRACT",
            "INPLACE_FLOOR_DIVIDE",
            "INPLACE_MODULO",
            "INPLACE_AND",
            "INPLACE_OR",
            "INPLACE_XOR",
        ],
    ),
    ("add", &["BINARY_ADD", "INPLACE_ADD"]),
    ("multiply", &["BINARY_MULTIPLY", "INPLACE_MULTIPLY"]),
    ("modulo", &["BINARY_MODULO", "INPLACE_MODULO"]),
    ("divide", &["BINARY_TRUE_DIVIDE", "INPLACE_TRUE_DIVIDE"]),
    (
        "shift",
        &[
            "BINARY_LSHIFT",
            "BINARY_RSHIFT",
            "INPLACE_LSHIFT",
            "INPLACE_RSHIFT",
        ],
    ),
    ("power", &["BINARY_POWER", "INPLACE_POWER"]),
    ("or", &["BINARY_OR", "INPLACE_OR"]),
    (
        "matrix",
        &["BINARY_MATRIX_MULTIPLY", "INPLACE_MATRIX_MULTIPLY"],
    ),
];

/// A function that the module has made.
pub(super) struct Callable {
    name: String,
    shape: usize,
    cost: u64,
}

/// What a function takes.
struct Shape {
    lines: &'static [&'static str],
    /// What is pushed for `MAKE_FUNCTION` below the closure, and its flags for that.
    below: &'static str,
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

/// How a function is called that lies on the stack.
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
    /// Writes what an `@word` stands for.
    pub(super) fn special(&mut self, word: &str, operand: &str, dice: &mut Dice, depth: Depth) {
        match word {
            "load" => self.load(operand, dice),
            "store" => self.store(operand, dice),
            "delete" => self.delete(operand, dice),
            "unary" => {
                let op = ["UNARY_NEGATIVE", "UNARY_POSITIVE", "UNARY_INVERT"][dice.below(3)];
                self.emit(op, "");
            }
            "compare" => self.emit("COMPARE_OP", COMPARISONS[dice.below(COMPARISONS.len())]),
            "is" => self.emit("IS_OP", ["0", "1"][dice.below(2)]),
            "in" => self.emit("CONTAINS_OP", ["0", "1"][dice.below(2)]),
            "anything" => {
                let binary =
                    |name: &str| name.starts_with("BINARY_") || name.starts_with("INPLACE_");
                let rows: Vec<_> = TABLE.iter().filter(|row| binary(row.mnemonic)).collect();
                self.emit(rows[dice.below(rows.len())].mnemonic, "");
            }
            "builtin" => {
                let name = match operand.strip_prefix('$') {
                    Some(word) => super::choice(word, dice),
                    None => operand,
                };
                self.emit(self.code.load_builtin(), name);
            }
            "helper" => self.helper(operand),
            "turns" => self.turns *= operand.parse().unwrap_or(1),
            "caught" => {
                for (mnemonic, operand) in grammar::CAUGHT {
                    self.emit(mnemonic, operand);
                }
            }
            "links" => {
                for (mnemonic, operand) in grammar::LINKS {
                    self.emit(mnemonic, operand);
                }
            }
            "play" => self.play(dice, depth),
            "many" => self.many(dice),
            "blocks" => self.blocks(dice, depth),
            "call" => self.call(dice, depth),
            "define" => self.define(dice, depth),
            "generate" => self.make_and_call(Role::Generator, dice, depth),
            "await" => self.make_and_call(Role::Coroutine, dice, depth),
            "coroutine" => {
                self.helper("R");
                self.make_and_call(Role::Coroutine, dice, depth);
                self.emit("CALL_FUNCTION", "1");
            }
            "class" => self.class("C", "CALL_FUNCTION 2", dice, depth),
            "failure" => {
                self.class("E", "@builtin $exception; CALL_FUNCTION 3", dice, depth);
                self.failure = true;
            }
            family => {
                let known = FAMILIES.iter().find(|(name, _)| *name == family);
                if let Some((_, among)) = known {
                    self.emit(among[dice.below(among.len())], "");
                }
            }
        }
    }

    fn helper(&mut self, name: &str) {
        self.helpers.need(name);
        self.emit(self.code.load_builtin(), name);
    }

    // ---------------------------------------------------------------------------- variables

    /// The variables that are set here, on most ways.
    fn set_here(&self) -> u32 {
        let module = self.outer.first().unwrap_or(&self.code).set;
        let code = &self.code;
        match code.role {
            Role::Module => code.set,
            Role::Class => module,
            _ => code.set & !code.global | module & code.global | code.free,
        }
    }

    /// A variable of that kind: one that is set, unless chance has it otherwise.
    fn variable(&self, bits: u32, dice: &mut Dice) -> Option<usize> {
        let all: Vec<usize> = (0..VARIABLES.len())
            .filter(|at| bits >> at & 1 == 1)
            .collect();
        all.get(dice.below(all.len())).copied()
    }

    fn load(&mut self, kind: &str, dice: &mut Dice) {
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
        // There is none: something like it.
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
        self.write(instead, dice, DEEPEST);
    }

    fn store(&mut self, kind: &str, dice: &mut Dice) {
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

    fn delete(&mut self, kind: &str, dice: &mut Dice) {
        if kind == "caught" {
            let delete = ["DELETE_NAME", "DELETE_FAST"][usize::from(self.code.role.is_function())];
            return self.emit(delete, "e");
        }
        let here = match kind_of(kind) {
            Some(kind) => of_kind(kind) & self.set_here(),
            // What closures share.
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

    // ---------------------------------------------------------------------------- functions

    /// Calls a function that there is, mostly with what it takes.
    fn call(&mut self, dice: &mut Dice, depth: Depth) {
        let turns = self.turns;
        let cheap: Vec<usize> = (0..self.functions.len())
            .filter(|&at| self.functions[at].cost * turns <= MOST_COST)
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

    fn arguments(&mut self, shape: usize, dice: &mut Dice, depth: Depth) {
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

    /// Makes a function: the module keeps it for calls to come, others call it at once.
    fn define(&mut self, dice: &mut Dice, depth: Depth) {
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

    /// Makes a generator or coroutine and calls it, without arguments.
    fn make_and_call(&mut self, role: Role, dice: &mut Dice, depth: Depth) {
        if self.outer.len() >= 3 {
            return self.emit("LOAD_CONST", "None");
        }
        let (name, free, cost) = self.function(role, 0, dice);
        self.make(&name, free, 0, dice, depth);
        self.emit("CALL_FUNCTION", "0");
        self.code.cost += cost * self.turns;
    }

    /// Writes this as the body of a function that is called at once.
    pub(super) fn write_in_function(&mut self, text: &str, dice: &mut Dice) {
        let name = self.begin(Role::Function, dice);
        if text.contains("ASYNC") || text.contains("AWAIT") {
            self.code.directive("FLAGS -COROUTINE");
        }
        self.write(text, dice, DEEPEST);
        self.write("LOAD_CONST None; RETURN_VALUE", dice, DEEPEST);
        let (name, free, _) = self.end(name);
        self.make(&name, free, 0, dice, DEEPEST);
        self.write("CALL_FUNCTION 0; POP_TOP", dice, DEEPEST);
    }

    /// Writes a function's code: its name, what it shares with what it is made in, its cost.
    fn function(&mut self, role: Role, shape: usize, dice: &mut Dice) -> (String, u32, u64) {
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
            Role::Generator => self.write("<small scalar>; YIELD_VALUE; POP_TOP", dice, DEEPEST),
            Role::Coroutine => self.code.directive("FLAGS COROUTINE"),
            Role::Function | Role::Class | Role::Module => {}
        }
        self.body(1 + dice.below(3), dice);
        self.write("<small scalar>; RETURN_VALUE", dice, DEEPEST);
        self.end(name)
    }

    /// Puts what is being written aside, for a code object in it.
    fn begin(&mut self, role: Role, dice: &mut Dice) -> String {
        self.made += 1;
        let name = format!("f{}", self.made);
        let mut code = Code::new(role, name.clone());
        let shared = self.code.cells | self.code.free;
        if role.is_function() {
            // Any of the first variables; the others are its own.
            code.global = dice.below(1 << 13) as u32 & dice.below(1 << 13) as u32;
            code.cells = (1 << dice.below(13)) * u32::from(dice.one_in(2));
            code.cells |= (1 << dice.below(13)) * u32::from(dice.one_in(3));
        }
        code.free = shared & if dice.one_in(4) { 0 } else { u32::MAX };
        code.cells &= !code.free;
        self.outer.push(std::mem::replace(&mut self.code, code));
        name
    }

    /// Some statements as a body.
    fn body(&mut self, statements: usize, dice: &mut Dice) {
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

    /// Comes back to what was put aside.
    fn end(&mut self, name: String) -> (String, u32, u64) {
        let Some(outer) = self.outer.pop() else {
            return (name, 0, 0);
        };
        let code = std::mem::replace(&mut self.code, outer);
        let (free, cost) = (code.free, code.cost);
        self.objects += &code.finish();
        (name, free, cost)
    }

    /// Makes a function of a code object.
    fn make(&mut self, name: &str, free: u32, shape: usize, dice: &mut Dice, depth: Depth) {
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

    /// Pushes the cells that a code object shares with this one, if it shares any.
    fn closure(&mut self, free: u32) {
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

    // ------------------------------------------------------------------------------ classes

    /// Makes a class; `call` ends that, with the bases.
    fn class(&mut self, class: &str, call: &str, dice: &mut Dice, depth: Depth) {
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
                self.write("@load outer; STORE_NAME $attribute", dice, DEEPEST);
                continue;
            }
            match dice.below(6) {
                0 | 1 => self.write("<small scalar>; STORE_NAME $attribute", dice, DEEPEST),
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

    /// Makes a method in the body of a class: of so many parameters as operators give it.
    fn method(&mut self, called: &str, dice: &mut Dice) {
        const ALONE: [&str; 6] = [
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
            _ if ALONE.contains(&called) => &[],
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
                DEEPEST,
            ),
            1 => self.write(
                "<small scalar>; LOAD_FAST self; STORE_ATTR $attribute",
                dice,
                DEEPEST,
            ),
            2 => self.body(1, dice),
            _ => {}
        }
        self.write("<small scalar>; RETURN_VALUE", dice, DEEPEST);
        let (name, free, _) = self.end(name);
        self.make(&name, free, 0, dice, DEEPEST);
        self.emit("STORE_NAME", called);
    }

    // ---------------------------------------------------------------------------- large ones

    /// A deep stack, in code so long that arguments and jumps need prefixes.
    fn many(&mut self, dice: &mut Dice) {
        let items = [3, 40, 150, 256, 300][dice.below(5)];
        let labels = self.code.labels();
        self.write("<condition>", dice, DEEPEST);
        self.emit("POP_JUMP_IF_FALSE", &format!("a{labels}"));
        for item in 0..items {
            self.emit("LOAD_CONST", &item.to_string());
        }
        let build = ["BUILD_LIST", "BUILD_TUPLE"][dice.below(2)];
        self.emit(build, &items.to_string());
        if dice.one_in(2) {
            self.emit("UNPACK_SEQUENCE", &items.to_string());
            self.emit(build, &items.to_string());
        }
        self.emit("DUP_TOP", "");
        self.emit("LOAD_CONST", &(items / 2).to_string());
        self.emit("BINARY_SUBSCR", "");
        self.emit("PRINT_EXPR", "");
        self.emit("POP_TOP", "");
        self.emit("LABEL", &format!("a{labels}"));
    }

    /// Blocks in blocks; each handler raises again what it caught.
    fn blocks(&mut self, dice: &mut Dice, depth: Depth) {
        let labels = self.code.labels();
        let deep = 2 + dice.below(7);
        for block in 0..deep {
            self.emit("SETUP_FINALLY", &format!("h{labels}_{block}"));
        }
        let inner = Depth {
            statement: 0,
            ..depth
        };
        self.statement(dice, inner, false);
        for _ in 0..deep {
            self.emit("POP_BLOCK", "");
        }
        self.emit("JUMP_FORWARD", &format!("e{labels}"));
        for block in (0..deep).rev() {
            self.emit("LABEL", &format!("h{labels}_{block}"));
            for (mnemonic, operand) in grammar::CAUGHT {
                self.emit(mnemonic, operand);
            }
            self.emit("RERAISE", "");
        }
        self.emit("LABEL", &format!("e{labels}"));
    }
}

/// The kind of variables that goes by a word.
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
