//! Loops that end, ifs and gotos that are written like loops, and the jumps out of them.

use super::expr::Range;
use super::file::{Constant, Insn, Op};
use super::tables::*;
use super::{Block, Builder, COUNTERS, Dice, GROWING, Kind, MAX_TURNS, VARIABLES, Variable};

impl Builder {
    // -------------------------------------------------------------------------------- loops

    /// Opens a block.
    pub(super) fn open(&mut self, kind: Kind, turns: u64, reserves: u32, dice: &mut Dice) {
        self.blocks.push(Block {
            kind,
            set: self.set,
            turns: self.turns,
            left: 1 + dice.below(5),
            reserves,
            stops: Vec::new(),
            labels: Vec::new(),
        });
        self.turns *= turns.max(1);
        self.reserved |= reserves;
    }

    /// Closes the innermost block.
    pub(super) fn close(&mut self) {
        if let Some(&Block {
            kind: Kind::If(_), ..
        }) = self.blocks.last()
        {
            self.jump_out(self.blocks.len() - 1);
        }
        if let Some(&Block {
            kind: Kind::Back(label, counter, turns),
            ..
        }) = self.blocks.last()
        {
            self.push_variable(counter);
            self.push_int(turns);
            self.operator(LT);
            let cond = self.ast();
            let head = self.emit(Insn::While([cond, 0]));
            self.emit(Insn::Goto(label));
            self.end(head);
        }
        // The END is written while the block is open, since it may never be reached.
        let end = match self.blocks.last() {
            Some(&Block {
                kind: Kind::Loop(head) | Kind::If(head),
                ..
            }) => self.end(head),
            _ => 0,
        };
        let Some(block) = self.blocks.pop() else {
            return;
        };
        for at in block.stops {
            self.file.insns[at] = Insn::Jump(end);
        }
        self.set = block.set;
        self.turns = block.turns;
        self.reserved &= !block.reserves;
        for label in block.labels {
            self.emit(Insn::Label(label));
        }
    }

    /// Writes the END of a loop.
    pub(super) fn end(&mut self, head: usize) -> u64 {
        let end = self.emit(Insn::End(head as u64)) as u64;
        if let Some(target) = self.file.insns[head].target() {
            *target = end;
        }
        end
    }

    /// Returns a number of turns that keeps the program short.
    pub(super) fn some_turns(&self, dice: &mut Dice) -> i64 {
        let max_turns = (MAX_TURNS / self.turns).clamp(1, 12);
        1 + dice.below(max_turns as usize) as i64
    }

    pub(super) fn open_for(&mut self, dice: &mut Dice) {
        let turns = self.some_turns(dice);
        let (shape, start, stop) = match dice.below(8) {
            0..=2 => {
                let start = dice.below(5) as i64 - 2;
                (0, start, start + turns)
            }
            3 | 4 => (1, -(turns / 2), turns - turns / 2),
            5 => (2, i64::MAX - turns, i64::MAX),
            6 => (3, i64::MIN, i64::MIN + turns),
            _ => {
                let (start, stop) =
                    [(0, 0), (i64::MAX, i64::MIN), (5, 4), (i64::MIN, i64::MIN)][dice.below(4)];
                (4, start, stop)
            }
        };
        self.word(FIRST_SHAPE + shape);
        let mut bound = |builder: &mut Builder, value: i64, range: Range| {
            match shape {
                1 => {
                    let _ = builder.int_within(range, dice, 2);
                }
                _ => builder.push_int(value),
            }
            builder.ast()
        };
        let first = bound(self, start, (start, 3));
        let last = bound(self, stop, (-3, stop));
        // The variable must be able to hold all values of the counter.
        let fits = |variable: &usize| match VARIABLES[*variable] {
            Variable::Int(low, high) => stop <= start || low <= start && stop - 1 <= high,
            _ => false,
        };
        let fit: Vec<usize> = (0..COUNTERS).filter(fits).collect();
        let var = fit[dice.below(fit.len())];
        let name = self.variable_name(var);
        let head = self.emit(Insn::For([name, first, last, 0]));
        self.open(Kind::Loop(head), turns as u64, 0, dice);
        self.set |= 1 << var;
    }

    /// Returns a counter that no open block reserves.
    pub(super) fn free_counter(&self) -> Option<usize> {
        (COUNTERS..VARIABLES.len()).find(|&counter| self.reserved >> counter & 1 == 0)
    }

    /// Writes `counter < limit`, or something equivalent.
    pub(super) fn compare(&mut self, counter: usize, up: bool, limit: i64, dice: &mut Dice) {
        let way = dice.below(5);
        let (less, not_less, turned) = if up { (LT, GE, GT) } else { (GT, LE, LT) };
        match way {
            0 => {
                self.push_int(limit);
                self.push_variable(counter);
                self.operator(turned);
            }
            _ => {
                self.push_variable(counter);
                match way {
                    1 => self.push(Constant::Float((limit as f64).to_bits())),
                    _ => self.push_int(limit),
                }
                match way {
                    2 => {
                        self.operator(not_less);
                        self.operator(NOT);
                    }
                    3 => self.operator(NE),
                    _ => self.operator(less),
                }
            }
        }
    }

    /// Adds to a counter.
    pub(super) fn count(&mut self, counter: usize, step: i64) {
        self.push_variable(counter);
        self.push_int(step.abs());
        self.operator(if step < 0 { SUB } else { ADD });
        self.set(counter);
    }

    pub(super) fn open_while(&mut self, dice: &mut Dice) {
        let turns = self.some_turns(dice);
        let way = dice.below(8);
        if (4..6).contains(&way) && self.reserved >> GROWING & 1 == 0 {
            return self.open_growing(way == 5, turns, dice);
        }
        let Some(counter) = self.free_counter() else {
            return self.print_statement(dice, 1);
        };
        let reserves = 1 << counter;
        let up = way != 3;
        match way {
            7 => self.push(Constant::Float(0.0f64.to_bits())),
            _ => self.push_int(if up { 0 } else { turns }),
        }
        self.set(counter);
        self.shape(match way {
            3 => "while: count down",
            6 => "while: for ever until stop",
            7 => "while: by halves",
            2 => "while: count and more",
            _ => "while: count up",
        });
        match way {
            6 => self.push_bool(true),
            7 => {
                self.push_variable(counter);
                self.push(Constant::Float((turns as f64 / 2.0 - 0.25).to_bits()));
                self.operator(LT);
            }
            2 => {
                self.bool(dice, 1);
                self.compare(counter, up, turns, dice);
                self.operator(AND);
            }
            _ => self.compare(counter, up, if up { turns } else { 0 }, dice),
        }
        let cond = self.ast();
        let head = self.emit(Insn::While([cond, 0]));
        self.open(Kind::Loop(head), turns as u64, reserves, dice);
        match way {
            7 => {
                self.push_variable(counter);
                self.push(Constant::Float(0.5f64.to_bits()));
                self.operator(ADD);
                self.set(counter);
            }
            _ => self.count(counter, if up { 1 } else { -1 }),
        }
        if way == 6 {
            self.compare(counter, true, turns, dice);
            let cond = {
                self.operator(NOT);
                self.ast()
            };
            let head = self.emit(Insn::While([cond, 0]));
            self.jump_out(self.blocks.len() - 1);
            self.end(head);
        }
    }

    /// Opens a loop in which a text grows or doubles.
    pub(super) fn open_growing(&mut self, doubles: bool, turns: i64, dice: &mut Dice) {
        self.push_text(if doubles { "ab" } else { "" });
        self.set(GROWING);
        self.push_variable(GROWING);
        self.call("len", 1);
        self.push_int(if doubles { 2 << turns.min(8) } else { turns });
        self.operator(LT);
        let cond = self.ast();
        let head = self.emit(Insn::While([cond, 0]));
        self.open(Kind::Loop(head), turns as u64, 1 << GROWING, dice);
        let piece = ["x", "é", "ab", "🦀"][dice.below(4)];
        self.push_variable(GROWING);
        match doubles {
            true => self.push_variable(GROWING),
            false => self.push_text(piece),
        }
        if !doubles && dice.one_in(3) {
            // With its operands exchanged, the sum grows at the front.
            let last = self.ops.len() - 1;
            self.ops.swap(last, last - 1);
        }
        self.operator(ADD);
        self.set(GROWING);
        self.shape(match doubles {
            true => "while: text doubles",
            false => "while: text grows",
        });
    }

    pub(super) fn open_if(&mut self, dice: &mut Dice, depth: u32) {
        self.shape("if");
        self.bool(dice, depth.max(1));
        let cond = self.ast();
        let head = self.emit(Insn::While([cond, 0]));
        self.open(Kind::If(head), 1, 0, dice);
    }

    pub(super) fn open_goto_back(&mut self, dice: &mut Dice) {
        let Some(counter) = self.free_counter() else {
            return self.print_statement(dice, 1);
        };
        self.shape("goto: backwards");
        let turns = self.some_turns(dice);
        self.push_int(0);
        self.set(counter);
        let label = self.new_label();
        self.emit(Insn::Label(label));
        self.open(
            Kind::Back(label, counter, turns),
            turns as u64,
            1 << counter,
            dice,
        );
        self.count(counter, 1);
    }

    /// Returns the name of a new label.
    pub(super) fn new_label(&mut self) -> u64 {
        let number = self.labels;
        self.labels += 1;
        match LABELS.get(number) {
            Some(name) => self.name(name),
            None => self.name(&format!("l{number}")),
        }
    }

    // -------------------------------------------------------------------------------- jumps

    /// Leaves a block with a STOP.
    pub(super) fn jump_out(&mut self, block: usize) {
        let at = self.emit(Insn::Jump(0));
        self.blocks[block].stops.push(at);
    }

    /// Writes code that runs if a condition holds; sometimes code that always runs, so that what
    /// follows is never reached.
    pub(super) fn conditionally(&mut self, dice: &mut Dice, what: impl FnOnce(&mut Builder)) {
        if dice.one_in(5) {
            return what(self);
        }
        self.bool(dice, 2);
        let cond = self.ast();
        let head = self.emit(Insn::While([cond, 0]));
        what(self);
        self.end(head);
    }

    /// Writes a PROCEED or STOP of a loop around here.
    pub(super) fn leave_loop(&mut self, dice: &mut Dice) {
        let is_loop = |block: &Block| matches!(block.kind, Kind::Loop(_) | Kind::If(_));
        let count = self.blocks.iter().filter(|block| is_loop(block)).count();
        if count == 0 {
            return self.assign(dice, 1);
        }
        // Inner loops are more likely.
        let nth = dice.below(count).max(dice.below(count));
        let mut found = (0..self.blocks.len()).filter(|&at| is_loop(&self.blocks[at]));
        let block = found.nth(nth).unwrap_or(0);
        let stop = dice.one_in(2);
        self.conditionally(dice, |builder| match builder.blocks[block].kind {
            Kind::Loop(head) if !stop => {
                builder.emit(Insn::Jump(head as u64));
            }
            _ => builder.jump_out(block),
        });
    }

    /// Writes a GOTO out of loops to a label after them.
    pub(super) fn goto_out(&mut self, dice: &mut Dice) {
        if self.blocks.is_empty() {
            return self.assign(dice, 1);
        }
        self.shape("goto: out of loops");
        let label = self.new_label();
        let block = dice.below(self.blocks.len());
        self.blocks[block].labels.push(label);
        self.conditionally(dice, |builder| {
            builder.emit(Insn::Goto(label));
        });
    }

    /// Writes a loop that reads a variable, in a later turn, before the instruction that sets it.
    pub(super) fn late_set(&mut self, dice: &mut Dice) {
        if self.work * 2 > self.max_work {
            return;
        }
        self.shape("late set");
        let min_fuel = self.min_fuel;
        let name = self.name(["late", "l", "$l"][self.labels.min(2)]);
        let loop_name = self.variable_name(2);
        let literal = |builder: &mut Builder, value: i64| {
            builder.push_int(value);
            builder.private_ast()
        };
        let (first, last) = (literal(self, 0), literal(self, 3));
        let head = self.emit(Insn::For([loop_name, first, last, 0]));
        self.ops.push(Op::Var(loop_name));
        self.push_int(1);
        self.operator(if dice.one_in(2) { GE } else { EQ });
        let cond = self.private_ast();
        let test = self.emit(Insn::While([cond, 0]));
        self.ops.push(Op::Var(name));
        self.call("print", 1);
        let print = self.private_ast();
        self.emit(Insn::Eval(print));
        let stop = self.emit(Insn::Jump(0));
        let end = self.end(test);
        self.file.insns[stop] = Insn::Jump(end);
        self.ops.push(Op::Var(loop_name));
        let ast = self.private_ast();
        self.emit(Insn::Set(name, ast));
        self.end(head);
        self.min_fuel = min_fuel;
    }
}
