//! The ending of a program: the code that leads to the intended fault, limit or return.

use super::file::{Constant, File, Insn, Op};
use super::tables::*;
use super::{ANY, Builder, Dice, GROWING};
use crate::engine::Ending;
use crate::generate::{Aim, Expected};

/// The codes that a program can aim at: faults, then limits.
pub(super) const CODES: [&str; 10] = [
    "type-mismatch",
    "overflow",
    "divide-by-zero",
    "unset-variable",
    "unknown-function",
    "arity",
    "bad-value",
    "out-of-fuel",
    "output-limit",
    "memory-limit",
];
const FAULTS: usize = 7;

/// Returns a random aim.
pub(super) fn choose_aim(dice: &mut Dice) -> Aim {
    match dice.below(100) {
        0..45 => Aim::Return,
        45..68 => Aim::Fault(CODES[dice.below(FAULTS)]),
        68..80 => Aim::Fault(CODES[FAULTS + dice.below(CODES.len() - FAULTS)]),
        80..97 => Aim::Wild,
        _ => Aim::Refused,
    }
}

impl Builder {
    /// Writes the end of the program, so that it ends as intended.
    pub(super) fn write_ending(&mut self, aim: Aim, dice: &mut Dice) -> Option<Expected> {
        let expect = |ending, fault| Some(Expected { ending, fault });
        match aim {
            Aim::Wild => {
                self.wild(dice);
                None
            }
            Aim::Refused => expect(Ending::Refused, None),
            Aim::Fault(code) if CODES[..FAULTS].contains(&code) => {
                self.fault(code, dice);
                expect(Ending::Faulted, Some(code))
            }
            Aim::Fault(code) if CODES.contains(&code) => {
                self.limit(code, dice);
                expect(Ending::Limited, Some(code))
            }
            Aim::Any | Aim::Return | Aim::Fault(_) => {
                match dice.below(60) {
                    58 => self.clear(),
                    59 => self.strict_program(dice),
                    _ => {}
                }
                expect(Ending::Returned, None)
            }
        }
    }

    /// Starts again with an empty file.
    pub(super) fn clear(&mut self) {
        self.file = File::default();
        self.names.fill(0);
    }

    /// Writes a program without extensions, which is loaded strictly.
    pub(super) fn strict_program(&mut self, dice: &mut Dice) {
        self.clear();
        self.strict = true;
        let name = self.variable_name(2);
        self.push_text("x");
        self.call("print", 1);
        self.call("str", 1);
        self.call("len", 1);
        self.push_int(dice.below(4) as i64);
        self.operator([ADD, MUL, SUB][dice.below(3)]);
        let (first, last) = (self.private_ast(), self.literal(3));
        let head = self.emit(Insn::For([name, first, last, 0]));
        self.emit(Insn::Pass);
        self.end(head);
    }

    /// Returns an ast of one constant.
    pub(super) fn literal(&mut self, value: i64) -> u64 {
        self.push_int(value);
        self.private_ast()
    }

    /// Evaluates the expression that was written, once.
    pub(super) fn evaluate_private(&mut self) {
        let ast = self.private_ast();
        self.emit(Insn::Eval(ast));
    }

    pub(super) fn print_int(&mut self, value: i64) {
        self.push_int(value);
        self.call("print", 1);
        self.evaluate_private();
    }

    /// Writes code that faults, perhaps in a later turn of a loop.
    fn fault(&mut self, code: &'static str, dice: &mut Dice) {
        let turn = dice.below(4) as i64;
        if !dice.one_in(3) {
            self.write_fault(code, dice);
        } else {
            let name = self.variable_name(2);
            let (first, last) = (self.literal(0), self.literal(4));
            let head = self.emit(Insn::For([name, first, last, 0]));
            self.ops.push(Op::Var(name));
            self.push_int(turn);
            self.operator(EQ);
            let cond = self.private_ast();
            let test = self.emit(Insn::While([cond, 0]));
            self.write_fault(code, dice);
            self.end(test);
            self.ops.push(Op::Var(name));
            self.call("print", 1);
            self.evaluate_private();
            self.end(head);
        }
        self.print_int(0);
    }

    /// Writes instructions that fault.
    fn write_fault(&mut self, code: &'static str, dice: &mut Dice) {
        if code == "type-mismatch" && dice.one_in(5) {
            return self.bad_loop(dice);
        }
        if code == "unset-variable" && dice.one_in(3) {
            return self.set_on_other_path(dice);
        }
        let is = |&&(_, &(known, _)): &&(usize, &(&str, _))| known == code;
        let found: Vec<(usize, _)> = FAULTY_EXPRESSIONS
            .iter()
            .enumerate()
            .filter(|each| is(&each))
            .collect();
        let (index, (_, tokens)) = found[dice.below(found.len())];
        self.word(FIRST_FAULTY + index);
        let name = self.variable_name(5);
        match dice.below(10) {
            0 => {
                self.tokens(tokens, dice);
                self.evaluate_private();
            }
            1 => {
                self.tokens(tokens, dice);
                let ast = self.private_ast();
                self.emit(Insn::Set(name, ast));
            }
            2 => {
                self.tokens(tokens, dice);
                self.call("print", 1);
                self.evaluate_private();
            }
            3 => {
                self.push_int(1);
                self.tokens(tokens, dice);
                self.call("print", 2);
                self.evaluate_private();
            }
            4 => {
                self.tokens(tokens, dice);
                self.push_text("x");
                self.call("print", 1);
                self.call("print", 2);
                self.evaluate_private();
            }
            5 => {
                self.tokens(tokens, dice);
                self.push_int(1);
                self.operator(EQ);
                self.evaluate_private();
            }
            6 => {
                self.push_text("first");
                self.call("print", 1);
                self.tokens(tokens, dice);
                self.operator(NE);
                self.evaluate_private();
            }
            7 => {
                self.tokens(tokens, dice);
                let first = self.private_ast();
                let last = self.literal(3);
                let head = self.emit(Insn::For([name, first, last, 0]));
                self.end(head);
            }
            8 => {
                self.push_text("start");
                self.call("print", 1);
                self.call("str", 1);
                self.call("len", 1);
                let first = self.private_ast();
                self.tokens(tokens, dice);
                let last = self.private_ast();
                let head = self.emit(Insn::For([name, first, last, 0]));
                self.end(head);
            }
            _ => {
                self.tokens(tokens, dice);
                let cond = self.private_ast();
                let head = self.emit(Insn::While([cond, 0]));
                self.end(head);
            }
        }
    }

    /// Writes a loop whose bounds or condition have a wrong type.
    fn bad_loop(&mut self, dice: &mut Dice) {
        let way = dice.below(3);
        let what = dice.below(4);
        match what {
            0 => self.push_nil(),
            1 => self.push(Constant::Float(1.0f64.to_bits())),
            2 => self.push_text("1"),
            _ if way == 2 => self.push_int(1),
            _ => self.push_bool(true),
        }
        let bad = self.private_ast();
        let good = self.literal(0);
        let name = self.variable_name(5);
        let head = self.emit(match way {
            0 => Insn::For([name, bad, good, 0]),
            1 => Insn::For([name, good, bad, 0]),
            _ => Insn::While([bad, 0]),
        });
        self.end(head);
    }

    /// Sets a variable on a path that is not taken, and reads it.
    pub(super) fn set_on_other_path(&mut self, dice: &mut Dice) {
        let unset = self.name("unset");
        let name = self.variable_name(2);
        let way = dice.below(7);
        let one = self.literal(1);
        let (first, last) = (self.literal(0), self.literal(i64::from(way != 0)));
        let set = Insn::Set(unset, one);
        match way {
            1 => {
                self.push_bool(false);
                let cond = self.private_ast();
                let head = self.emit(Insn::While([cond, 0]));
                self.emit(set);
                self.end(head);
            }
            2 => {
                let label = self.new_label();
                self.emit(Insn::Goto(label));
                self.emit(set);
                self.emit(Insn::Label(label));
            }
            3 => {
                let head = self.emit(Insn::For([unset, last, first, 0]));
                self.end(head);
            }
            _ => {
                // A loop without turns, or with a jump before the assignment.
                let head = self.emit(Insn::For([name, first, last, 0]));
                let label = (way == 6).then(|| self.new_label());
                let jump = match label {
                    Some(label) => self.emit(Insn::Goto(label)),
                    None => self.emit(Insn::Jump(head as u64)),
                };
                self.emit(set);
                let end = self.end(head);
                if way == 4 {
                    self.file.insns[jump] = Insn::Jump(end);
                }
                if let Some(label) = label {
                    self.emit(Insn::Label(label));
                }
            }
        }
        self.ops.push(Op::Var(unset));
        match dice.below(3) {
            0 => {
                self.call("print", 1);
                self.evaluate_private();
            }
            1 => self.evaluate_private(),
            _ => {
                self.push_int(1);
                self.operator(ADD);
                let ast = self.private_ast();
                self.emit(Insn::Set(unset, ast));
            }
        }
    }

    /// Sets a limit that the program exceeds, perhaps after adding a loop that never ends.
    fn limit(&mut self, code: &str, dice: &mut Dice) {
        let straight = dice.one_in(2);
        let below = |bound: u64, dice: &mut Dice| Some(dice.below(bound as usize) as u64);
        match code {
            "out-of-fuel" if straight && self.min_fuel > 0 => {
                self.limits.fuel = below(self.min_fuel, dice);
            }
            "out-of-fuel" => {
                self.endless(dice);
                self.limits.fuel = below(600, dice);
            }
            "output-limit" if straight && self.min_output > 0 => {
                self.limits.output_bytes = below(self.min_output, dice);
            }
            "output-limit" => {
                self.endless_loop(|builder| builder.print_int(i64::MIN));
                self.limits.output_bytes = below(500, dice);
            }
            _ if straight && self.set != 0 => {
                self.limits.heap_bytes = below(16 * u64::from(self.set.count_ones()), dice);
            }
            _ => {
                self.push_text("grow");
                self.set(GROWING);
                let way = dice.below(4);
                self.endless_loop(|builder| {
                    builder.push_variable(GROWING);
                    match way {
                        0 => builder.push_variable(GROWING),
                        1 => {
                            builder.push_variable(GROWING);
                            builder.call("str", 1);
                        }
                        _ => builder.push_text("more"),
                    }
                    builder.operator(ADD);
                    if way == 3 {
                        builder.push_variable(GROWING);
                        builder.operator(ADD);
                    }
                    builder.set(GROWING);
                });
                self.limits.heap_bytes = below(3000, dice);
            }
        }
    }

    pub(super) fn endless_loop(&mut self, body: impl FnOnce(&mut Builder)) {
        self.push_bool(true);
        let cond = self.private_ast();
        let head = self.emit(Insn::While([cond, 0]));
        body(self);
        self.end(head);
    }

    pub(super) fn endless(&mut self, dice: &mut Dice) {
        match dice.below(6) {
            0 => self.endless_loop(|_| ()),
            1 => {
                let label = self.new_label();
                self.emit(Insn::Label(label));
                self.emit(Insn::Goto(label));
            }
            2 => {
                let name = self.variable_name(5);
                let (first, last) = (self.literal(i64::MIN), self.literal(i64::MAX));
                let head = self.emit(Insn::For([name, first, last, 0]));
                self.emit(Insn::Pass);
                self.end(head);
            }
            3 => self.endless_loop(|builder| {
                let head = builder.file.insns.len() as u64 - 1;
                builder.emit(Insn::Jump(head));
                builder.emit(Insn::Pass);
            }),
            4 => self.endless_loop(|builder| {
                let name = builder.variable_name(5);
                let (first, last) = (builder.literal(0), builder.literal(3));
                let head = builder.emit(Insn::For([name, first, last, 0]));
                builder.ops.push(Op::Var(name));
                builder.call("print", 1);
                builder.evaluate_private();
                builder.end(head);
            }),
            _ => {
                let name = self.variable_name(ANY);
                let zero = self.literal(0);
                self.emit(Insn::Set(name, zero));
                self.endless_loop(|builder| {
                    builder.chain(&mut Dice::new(Default::default()));
                    let ast = builder.private_ast();
                    builder.emit(Insn::Set(name, ast));
                    builder.emit(Insn::Eval(ast));
                });
            }
        }
    }
}
