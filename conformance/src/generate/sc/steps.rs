//! Instructions, and the steps that are made of them.

use super::expr::MAX_TEXT_LENGTH;
use super::file::{Ast, Constant, Insn, Op};
use super::tables::*;
use super::{ANY, Builder, COUNTERS, MAX_DEPTH, Step, VARIABLES, Variable};
use crate::generate::entropy::Dice;

impl Builder {
    /// Adds an instruction, and returns its index.
    pub(super) fn emit(&mut self, insn: Insn) -> usize {
        let mut cost = 1;
        let mut asts = insn;
        for ast in asts.asts() {
            cost += self.file.asts[*ast as usize].ops.len() as u64;
        }
        self.work += cost * self.turns;
        if self.blocks.is_empty() {
            self.min_fuel += cost;
        }
        self.file.insns.push(insn);
        self.file.insns.len() - 1
    }

    /// Returns the ast of the expression that was written.
    pub(super) fn ast(&mut self) -> u64 {
        let ops = std::mem::take(&mut self.ops);
        let needs = std::mem::take(&mut self.needs);
        if self.style.shared
            && let Some(at) = self.file.asts.iter().position(|ast| ast.ops == ops)
        {
            self.shape("shared ast");
            return at as u64;
        }
        self.file.asts.push(Ast::new(ops));
        let index = self.file.asts.len() as u64 - 1;
        self.asts.push((index, needs));
        index
    }

    /// Returns an ast of the expression that was written, which nothing else evaluates.
    pub(super) fn private_ast(&mut self) -> u64 {
        self.needs = 0;
        let ops = std::mem::take(&mut self.ops);
        self.file.asts.push(Ast::new(ops));
        self.file.asts.len() as u64 - 1
    }

    /// Assigns the expression that was written to a variable.
    pub(super) fn set(&mut self, variable: usize) {
        let ast = self.ast();
        let name = self.variable_name(variable);
        self.emit(Insn::Set(name, ast));
        self.set |= 1 << variable;
    }

    /// Evaluates the expression that was written.
    pub(super) fn evaluate(&mut self) {
        let ast = self.ast();
        self.emit(Insn::Eval(ast));
    }

    /// Writes a step, with the instructions that make it valid here.
    pub(super) fn step(&mut self, step: Step, dice: &mut Dice) {
        if self.work < self.max_work && self.file.insns.len() < self.max_insns {
            self.lower(step, dice);
        }
        while let Some(block) = self.blocks.last_mut() {
            match block.left.checked_sub(1) {
                Some(left) => {
                    block.left = left;
                    break;
                }
                None => self.close(),
            }
        }
    }

    pub(super) fn lower(&mut self, step: Step, dice: &mut Dice) {
        let depth = [1, 2, 0, 1, 3][dice.below(5)];
        match step {
            Step::Assign => self.assign(dice, depth),
            Step::Print => self.print_statement(dice, depth),
            Step::Evaluate => {
                self.any(dice, depth);
                self.evaluate();
            }
            Step::Boundary => self.boundary_expression(dice),
            Step::Chain => {
                self.chain(dice);
                match dice.below(3) {
                    0 => self.set(4),
                    1 => self.evaluate(),
                    _ => {
                        self.call("print", 1);
                        self.evaluate();
                    }
                }
            }
            Step::Reuse => self.reuse_ast(dice),
            Step::For | Step::While | Step::If | Step::GotoBack
                if self.blocks.len() >= MAX_DEPTH =>
            {
                self.print_statement(dice, depth);
            }
            Step::For => self.open_for(dice),
            Step::While => self.open_while(dice),
            Step::If => self.open_if(dice, depth),
            Step::GotoBack => self.open_goto_back(dice),
            Step::GotoOut => self.goto_out(dice),
            Step::LeaveLoop => self.leave_loop(dice),
            Step::Pass => {
                self.emit(Insn::Pass);
            }
            Step::Label => {
                let name = self.new_label();
                self.emit(Insn::Label(name));
            }
            Step::LateSet => self.late_set(dice),
            Step::Close => match self.blocks.is_empty() {
                true => self.assign(dice, depth),
                false => self.close(),
            },
        }
    }

    pub(super) fn assign(&mut self, dice: &mut Dice, depth: u32) {
        let variable = dice.below(COUNTERS);
        match VARIABLES[variable] {
            Variable::Int(low, high) => {
                let _ = self.int_within((low, high), dice, depth);
            }
            Variable::Bool => self.bool(dice, depth),
            Variable::Float => self.float(dice, depth),
            Variable::Text => {
                let max_length = self.text(dice, depth);
                if max_length > MAX_TEXT_LENGTH {
                    self.ops.clear();
                    self.push_text("long");
                }
            }
            Variable::Growing | Variable::Any | Variable::Counter => {
                self.any(dice, depth);
                return self.set(ANY);
            }
        }
        self.set(variable);
    }

    pub(super) fn print_statement(&mut self, dice: &mut Dice, depth: u32) {
        let arguments = self.print(dice, depth);
        if self.blocks.is_empty() {
            self.min_output += arguments.max(1);
        }
        self.evaluate();
    }

    /// Prints or assigns the result of an expression at a boundary.
    pub(super) fn boundary_expression(&mut self, dice: &mut Dice) {
        let index = dice.below(BOUNDARY_EXPRESSIONS.len());
        self.word(FIRST_BOUNDARY + index);
        self.tokens(BOUNDARY_EXPRESSIONS[index], dice);
        if dice.one_in(4) {
            let ast = self.private_ast();
            let name = self.variable_name(ANY);
            self.emit(Insn::Set(name, ast));
            self.set |= 1 << ANY;
        } else {
            self.call("print", 1);
            if self.blocks.is_empty() {
                self.min_output += 1;
            }
            let ast = self.private_ast();
            self.emit(Insn::Eval(ast));
        }
    }

    /// Writes an expression from a table. Some of its operands are read from variables, which a
    /// machine may treat differently.
    pub(super) fn tokens(&mut self, tokens: &[Token], dice: &mut Dice) {
        let unset = UNSET[dice.below(UNSET.len())];
        let mut ops = std::mem::take(&mut self.ops);
        for token in tokens {
            match *token {
                Token::I(value) => self.push_int(value),
                Token::F(value) => self.push(Constant::Float(value.to_bits())),
                Token::S(text) => self.push_text(text),
                Token::B(value) => self.push_bool(value),
                Token::N => self.push_nil(),
                Token::U => {
                    let name = self.name(unset);
                    self.ops.push(Op::Var(name));
                }
                Token::O(byte) => self.operator(byte),
                Token::C(name, count) => self.call(name, count),
            }
            let literal = matches!(self.ops.last(), Some(Op::Const(_)));
            if literal && dice.one_in(4) {
                let name = self.name(["v", "w", "v1", "v2", "v3"][ops.len().min(4)]);
                let ast = self.private_ast();
                self.emit(Insn::Set(name, ast));
                self.ops.push(Op::Var(name));
            }
            ops.append(&mut self.ops);
        }
        self.ops = ops;
    }

    /// Evaluates an ast again.
    pub(super) fn reuse_ast(&mut self, dice: &mut Dice) {
        let set = self.set;
        let can = |&&(_, needs): &&(u64, u32)| needs & !set == 0;
        let count = self.asts.iter().filter(can).count();
        if count == 0 {
            return self.assign(dice, 1);
        }
        let found = self.asts.iter().filter(can).nth(dice.below(count));
        let ast = found.map_or(0, |&(ast, _)| ast);
        self.shape("shared ast");
        match dice.one_in(2) {
            true => {
                self.emit(Insn::Eval(ast));
            }
            false => {
                let name = self.variable_name(ANY);
                self.emit(Insn::Set(name, ast));
                self.set |= 1 << ANY;
            }
        }
    }
}
