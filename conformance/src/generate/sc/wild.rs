//! Wild programs, whose ending is unknown.

use super::Builder;
use super::file::{Ast, Constant, Insn, Op};
use super::tables::*;
use crate::case::CaseLimits;
use crate::generate::entropy::Dice;

impl Builder {
    /// Changes the body at random, or writes a random file instead; sets limits, since the program may
    /// not end.
    pub(super) fn wild(&mut self, dice: &mut Dice) {
        if dice.one_in(3) {
            self.clear();
            self.random_file(dice);
        } else {
            for _ in 0..1 + dice.below(4) {
                self.change(dice);
            }
        }
        let mut limit = |low: usize, high: usize| {
            let bound = if dice.one_in(4) { low } else { high };
            Some(dice.below(bound) as u64)
        };
        self.limits = CaseLimits {
            fuel: limit(100, 700),
            output_bytes: limit(300, 1 << 14),
            heap_bytes: limit(400, 1 << 14),
            ..CaseLimits::default()
        };
    }

    /// Changes a constant, an instruction or an ast instruction, so that the file still loads.
    fn change(&mut self, dice: &mut Dice) {
        let name = self.some_name(dice);
        let constants = self.file.constant_count() as usize;
        let way = dice.below(5);
        if way == 0 && !self.file.constants.is_empty() {
            let at = dice.below(self.file.constants.len());
            match &mut self.file.constants[at] {
                Constant::Int(value) => *value = INTS[dice.below(INTS.len())],
                Constant::Float(bits) => *bits = FLOATS[dice.below(FLOATS.len())].to_bits(),
                Constant::Str(_) => {}
            }
        } else if way == 1 && !self.file.insns.is_empty() {
            let asts = self.file.asts.len();
            let at = dice.below(self.file.insns.len());
            let insn = &mut self.file.insns[at];
            match insn {
                Insn::Eval(ast) => *insn = Insn::Set(name, *ast),
                Insn::Set(variable, _) | Insn::For([variable, ..]) => *variable = name,
                Insn::While([ast, _]) => *ast = dice.below(asts) as u64,
                Insn::Pass | Insn::End(_) | Insn::Jump(_) | Insn::Goto(_) | Insn::Label(_) => {}
            }
        } else if !self.file.asts.is_empty() {
            let at = dice.below(self.file.asts.len());
            let ops = &mut self.file.asts[at].ops;
            let at = dice.below(ops.len());
            match &mut ops[at] {
                Op::Var(index) | Op::Call(index, _) => *index = name,
                Op::Const(index) => *index = dice.below(constants) as u64,
                Op::Operator(byte @ (NOT | NEG)) => *byte = [NEG, NOT][dice.below(2)],
                Op::Operator(byte) => *byte = ADD + dice.below(11) as u8,
            }
        }
    }

    /// Returns a constant that is a name.
    fn some_name(&mut self, dice: &mut Dice) -> u64 {
        let is = |&index: &u64| self.file.text(index).is_some();
        let names: Vec<u64> = (0..self.file.constant_count()).filter(is).collect();
        names[dice.below(names.len())]
    }

    /// Writes random constants, asts and instructions, with loops properly nested.
    fn random_file(&mut self, dice: &mut Dice) {
        for _ in 0..2 + dice.below(8) {
            let constant = match dice.below(4) {
                0 => Constant::Int(INTS[dice.below(INTS.len())]),
                1 => Constant::Float(FLOATS[dice.below(FLOATS.len())].to_bits()),
                2 => Constant::Str(FUNCTIONS[dice.below(FUNCTIONS.len())].to_owned()),
                _ => Constant::Str(STRS[dice.below(STRS.len())].to_owned()),
            };
            self.file.constants.push(constant);
        }
        for _ in 0..1 + dice.below(6) {
            self.random_ast(dice);
        }
        let mut open: Vec<usize> = Vec::new();
        for _ in 0..3 + dice.below(14) {
            let asts = self.file.asts.len();
            let ast = dice.below(asts) as u64;
            let name = self.some_name(dice);
            match dice.below(12) {
                0 | 1 => open.push(self.emit(Insn::For([name, ast, dice.below(asts) as u64, 0]))),
                2 => open.push(self.emit(Insn::While([ast, 0]))),
                3 if !open.is_empty() => {
                    let head = open[dice.below(open.len())];
                    self.emit(Insn::Jump(head as u64));
                }
                4 | 5 => {
                    if let Some(head) = open.pop() {
                        self.end(head);
                    }
                }
                6 => {
                    let label = self.new_label();
                    self.emit(Insn::Label(label));
                    if dice.one_in(2) {
                        self.emit(Insn::Goto(label));
                    }
                }
                7 | 8 => {
                    self.emit(Insn::Eval(ast));
                }
                _ => {
                    self.emit(Insn::Set(name, ast));
                }
            }
        }
        while let Some(head) = open.pop() {
            self.end(head);
        }
        // Some jumps to a loop become jumps to its END.
        for at in 0..self.file.insns.len() {
            if let Insn::Jump(to) = self.file.insns[at]
                && let Some(&mut end) = self.file.insns[to as usize].target()
                && dice.one_in(2)
            {
                self.file.insns[at] = Insn::Jump(end);
            }
        }
    }

    /// Writes a random ast whose stack is valid.
    fn random_ast(&mut self, dice: &mut Dice) {
        let mut ops: Vec<Op> = Vec::new();
        let mut height = 0;
        let length = dice.below(10);
        while ops.len() < length || height != 1 {
            let constants = self.file.constant_count() as usize;
            let down = ops.len() >= length && height > 1;
            let op = match dice.below(6) {
                0 | 1 if !down => Op::Const(dice.below(constants) as u64),
                2 if !down => Op::Var(self.some_name(dice)),
                3 => Op::Call(self.some_name(dice), dice.below(height.min(3) + 1) as u64),
                4 if height > 0 => Op::Operator([NOT, NEG][dice.below(2)]),
                _ if height > 1 => Op::Operator(ADD + dice.below(11) as u8),
                _ => Op::Const(dice.below(constants) as u64),
            };
            // A call without arguments would not lower the stack.
            let op = match op {
                Op::Call(name, 0) if down => Op::Call(name, 2),
                op => op,
            };
            height = height + 1 - op.takes() as usize;
            ops.push(op);
        }
        self.file.asts.push(Ast::new(ops));
    }
}
