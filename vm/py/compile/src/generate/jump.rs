//! Conditions that decide where control goes.

use super::Generator;
use crate::ast::{Block, Compare, ExprId, ExprKind, Exprs, Run, Unary};
use crate::blocks::BlockId;
use crate::constant::Value;
use crate::error::Result;
use crate::fold;
use crate::upstream::Op;

impl Generator<'_> {
    /// Jumps to `next` if the expression is as `condition` says.
    pub(super) fn jump_if(&mut self, id: ExprId, next: BlockId, condition: bool) -> Result<()> {
        match self.unit.ast[id].kind {
            ExprKind::UnaryOp {
                op: Unary::Not,
                operand,
            } => return self.jump_if(operand, next, !condition),
            ExprKind::BoolOp { is_or, values } => {
                return self.jump_if_any(is_or, values, next, condition);
            }
            ExprKind::IfExp { test, body, orelse } => {
                let end = self.new_block();
                let other = self.new_block();
                self.jump_if(test, other, false)?;
                self.jump_if(body, next, condition)?;
                self.jump(Op::JumpForward, end)?;
                self.use_block(other);
                self.jump_if(orelse, next, condition)?;
                self.use_block(end);
                return Ok(());
            }
            ExprKind::Compare {
                left,
                ops,
                comparators,
            } if ops.len > 1 => {
                return self.jump_if_chain(left, ops, comparators, next, condition);
            }
            _ => {}
        }
        self.expr(id)?;
        self.jump(pop_jump(condition), next)
    }

    fn jump_if_any(
        &mut self,
        is_or: bool,
        values: Exprs,
        next: BlockId,
        condition: bool,
    ) -> Result<()> {
        let other = match is_or == condition {
            true => next,
            false => self.new_block(),
        };
        let last = values.len() - 1;
        for at in 0..last {
            let value = self.unit.ast.item(values, at);
            self.jump_if(value, other, is_or)?;
        }
        let value = self.unit.ast.item(values, last);
        self.jump_if(value, next, condition)?;
        if other != next {
            self.use_block(other);
        }
        Ok(())
    }

    fn jump_if_chain(
        &mut self,
        left: ExprId,
        ops: Run,
        comparators: Exprs,
        next: BlockId,
        condition: bool,
    ) -> Result<()> {
        self.check_compare(left, ops, comparators);
        let cleanup = self.new_block();
        self.expr(left)?;
        let last = ops.len - 1;
        for at in 0..last {
            let value = self.unit.ast.item(comparators, at);
            self.expr(value)?;
            self.op(Op::DupTop)?;
            self.op(Op::RotThree)?;
            self.compare_op(self.unit.ast.compares[(ops.start + at) as usize])?;
            self.jump(Op::PopJumpIfFalse, cleanup)?;
            self.next_block();
        }
        let value = self.unit.ast.item(comparators, last);
        self.expr(value)?;
        self.compare_op(self.unit.ast.compares[(ops.start + last) as usize])?;
        self.jump(pop_jump(condition), next)?;
        let end = self.new_block();
        self.jump(Op::JumpForward, end)?;
        self.use_block(cleanup);
        self.op(Op::PopTop)?;
        if !condition {
            self.jump(Op::JumpForward, next)?;
        }
        self.use_block(end);
        Ok(())
    }

    pub(super) fn compare_op(&mut self, op: Compare) -> Result<()> {
        let (op, arg) = match op {
            Compare::Lt => (Op::CompareOp, 0),
            Compare::LtE => (Op::CompareOp, 1),
            Compare::Eq => (Op::CompareOp, 2),
            Compare::NotEq => (Op::CompareOp, 3),
            Compare::Gt => (Op::CompareOp, 4),
            Compare::GtE => (Op::CompareOp, 5),
            Compare::Is => (Op::IsOp, 0),
            Compare::IsNot => (Op::IsOp, 1),
            Compare::In => (Op::ContainsOp, 0),
            Compare::NotIn => (Op::ContainsOp, 1),
        };
        self.op_arg(op, arg)
    }

    /// Warns of `is` with a literal.
    pub(super) fn check_compare(&mut self, left: ExprId, ops: Run, comparators: Exprs) {
        let mut before = self.is_argument(left);
        for at in 0..ops.len {
            let after = self.is_argument(self.unit.ast.item(comparators, at));
            let op = self.unit.ast.compares[(ops.start + at) as usize];
            if let (Compare::Is | Compare::IsNot, false) = (op, before && after) {
                self.warn(match op {
                    Compare::Is => "\"is\" with a literal. Did you mean \"==\"?",
                    _ => "\"is not\" with a literal. Did you mean \"!=\"?",
                });
                return;
            }
            before = after;
        }
    }

    /// Whether `is` makes sense of it: not of constants, but of the named ones.
    fn is_argument(&self, id: ExprId) -> bool {
        fold::value(&self.unit.ast, id).is_none_or(|value| {
            matches!(
                self.unit.consts.get(value),
                Value::None | Value::Bool(_) | Value::Ellipsis
            )
        })
    }

    pub(super) fn if_stmt(&mut self, test: ExprId, body: Block, orelse: Block) -> Result<()> {
        let end = self.new_block();
        match self.known_truth(test) {
            Some(false) => {
                self.check_only(body)?;
                self.block(orelse)?;
            }
            Some(true) => {
                self.block(body)?;
                self.check_only(orelse)?;
            }
            None => {
                let next = match orelse.is_empty() {
                    true => end,
                    false => self.new_block(),
                };
                self.jump_if(test, next, false)?;
                self.block(body)?;
                if !orelse.is_empty() {
                    self.jump(Op::JumpForward, end)?;
                    self.use_block(next);
                    self.block(orelse)?;
                }
            }
        }
        self.use_block(end);
        Ok(())
    }

    /// Whether an expression is always true or always false, if it is a constant.
    pub(super) fn known_truth(&self, id: ExprId) -> Option<bool> {
        let value = fold::value(&self.unit.ast, id)?;
        Some(self.unit.consts.is_true(value))
    }
}

fn pop_jump(condition: bool) -> Op {
    match condition {
        true => Op::PopJumpIfTrue,
        false => Op::PopJumpIfFalse,
    }
}
