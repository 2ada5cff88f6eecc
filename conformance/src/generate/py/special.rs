//! The special parts of productions, which begin with `@`.

use super::code::Role;
use super::{Depth, MAX_DEPTH, Writer, grammar};
use crate::generate::entropy::Dice;
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

impl Writer {
    /// Writes the code of an `@word`.
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
            "play" => self.random_ops(dice, depth),
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

    /// Loads a helper.
    fn helper(&mut self, name: &str) {
        self.helpers.need(name);
        self.emit(self.code.load_builtin(), name);
    }

    /// Writes code with a deep stack, long enough that arguments and jumps need EXTENDED_ARG.
    fn many(&mut self, dice: &mut Dice) {
        let items = [3, 40, 150, 256, 300][dice.below(5)];
        let labels = self.code.next_label();
        self.write("<condition>", dice, MAX_DEPTH);
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

    /// Writes nested blocks; each handler raises again what it caught.
    fn blocks(&mut self, dice: &mut Dice, depth: Depth) {
        let labels = self.code.next_label();
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
