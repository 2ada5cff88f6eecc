//! Expressions.

use super::Generator;
use crate::ast::{Ctx, ExprId, ExprKind, Exprs, Operator, Run, Unary};
use crate::blocks::ScopeKind;
use crate::constant::{ConstId, Value};
use crate::error::Result;
use crate::upstream::Op;

fn binary(op: Operator) -> Op {
    match op {
        Operator::Add => Op::BinaryAdd,
        Operator::Sub => Op::BinarySubtract,
        Operator::Mult => Op::BinaryMultiply,
        Operator::MatMult => Op::BinaryMatrixMultiply,
        Operator::Div => Op::BinaryTrueDivide,
        Operator::Mod => Op::BinaryModulo,
        Operator::Pow => Op::BinaryPower,
        Operator::LShift => Op::BinaryLshift,
        Operator::RShift => Op::BinaryRshift,
        Operator::BitOr => Op::BinaryOr,
        Operator::BitXor => Op::BinaryXor,
        Operator::BitAnd => Op::BinaryAnd,
        Operator::FloorDiv => Op::BinaryFloorDivide,
    }
}

fn unary(op: Unary) -> Op {
    match op {
        Unary::Invert => Op::UnaryInvert,
        Unary::Not => Op::UnaryNot,
        Unary::Plus => Op::UnaryPositive,
        Unary::Minus => Op::UnaryNegative,
    }
}

impl Generator<'_> {
    pub(super) fn expr(&mut self, id: ExprId) -> Result<()> {
        let (line, col) = (self.u.line, self.u.col);
        let expr = self.unit.ast[id];
        self.u.line = expr.line;
        self.u.col = expr.col;
        self.expr_here(id, expr.kind)?;
        self.u.line = line;
        self.u.col = col;
        Ok(())
    }

    fn expr_here(&mut self, id: ExprId, kind: ExprKind) -> Result<()> {
        match kind {
            ExprKind::Name { id, ctx } => self.variable(id, ctx),
            ExprKind::Constant { value, .. } => self.load_const(value),
            ExprKind::Attribute { value, attr, ctx } => self.attribute(value, attr, ctx),
            ExprKind::Call {
                func,
                args,
                keywords,
            } => self.call(func, args, keywords),
            ExprKind::BinOp { left, op, right } => {
                self.expr(left)?;
                self.expr(right)?;
                self.op(binary(op))
            }
            ExprKind::UnaryOp { op, operand } => {
                self.expr(operand)?;
                self.op(unary(op))
            }
            ExprKind::Subscript { value, index, ctx } => self.subscript(value, index, ctx),
            ExprKind::BoolOp { is_or, values } => self.bool_op(is_or, values),
            ExprKind::Compare {
                left,
                ops,
                comparators,
            } => self.compare(left, ops, comparators),
            ExprKind::Tuple { elts, ctx } => self.sequence(elts, ctx, true),
            ExprKind::List { elts, ctx } => self.sequence(elts, ctx, false),
            ExprKind::Set(elts) => self.set(elts),
            ExprKind::Dict { keys, values } => self.dict(keys, values),
            ExprKind::Named { target, value } => {
                self.expr(value)?;
                self.op(Op::DupTop)?;
                self.expr(target)
            }
            ExprKind::Lambda { params, body } => self.lambda(id, params, body),
            ExprKind::IfExp { test, body, orelse } => {
                let end = self.new_block();
                let next = self.new_block();
                self.jump_if(test, next, false)?;
                self.expr(body)?;
                self.jump(Op::JumpForward, end)?;
                self.use_block(next);
                self.expr(orelse)?;
                self.use_block(end);
                Ok(())
            }
            ExprKind::Comp {
                kind,
                elt,
                value,
                clauses,
            } => self.comprehension(id, kind, elt, value, clauses),
            ExprKind::Yield(value) => self.yield_expr(value),
            ExprKind::YieldFrom(value) => self.yield_from(value),
            ExprKind::Await(value) => self.await_expr(value),
            ExprKind::Joined(values) => {
                self.exprs(values)?;
                match values.len() {
                    1 => Ok(()),
                    count => self.op_arg(Op::BuildString, count),
                }
            }
            ExprKind::Formatted {
                value,
                conversion,
                spec,
            } => self.formatted(value, conversion, spec),
            ExprKind::Starred { ctx, .. } => Err(self.error(match ctx {
                Ctx::Store => "starred assignment target must be in a list or tuple",
                _ => "can't use starred expression here",
            })),
            ExprKind::Slice { lower, upper, step } => self.slice(lower, upper, step),
        }
    }

    fn attribute(&mut self, value: ExprId, attr: crate::names::Sym, ctx: Ctx) -> Result<()> {
        self.expr(value)?;
        match ctx {
            Ctx::Load => self.op_name(Op::LoadAttr, attr),
            Ctx::Store => {
                self.forbid(attr, ctx)?;
                self.op_name(Op::StoreAttr, attr)
            }
            Ctx::Del => self.op_name(Op::DeleteAttr, attr),
        }
    }

    fn bool_op(&mut self, is_or: bool, values: Exprs) -> Result<()> {
        let end = self.new_block();
        let op = match is_or {
            true => Op::JumpIfTrueOrPop,
            false => Op::JumpIfFalseOrPop,
        };
        for at in 0..values.len() {
            let value = self.unit.ast.item(values, at);
            self.expr(value)?;
            if at + 1 < values.len() {
                self.jump(op, end)?;
            }
        }
        self.use_block(end);
        Ok(())
    }

    fn compare(&mut self, left: ExprId, ops: Run, comparators: Exprs) -> Result<()> {
        self.check_compare(left, ops, comparators);
        self.expr(left)?;
        let op = |this: &Self, at: u32| this.unit.ast.compares[(ops.start + at) as usize];
        let last = ops.len - 1;
        if last == 0 {
            let right = self.unit.ast.item(comparators, 0);
            self.expr(right)?;
            return self.compare_op(op(self, 0));
        }
        let cleanup = self.new_block();
        for at in 0..last {
            let right = self.unit.ast.item(comparators, at);
            self.expr(right)?;
            self.op(Op::DupTop)?;
            self.op(Op::RotThree)?;
            self.compare_op(op(self, at))?;
            self.jump(Op::JumpIfFalseOrPop, cleanup)?;
            self.next_block();
        }
        let right = self.unit.ast.item(comparators, last);
        self.expr(right)?;
        self.compare_op(op(self, last))?;
        let end = self.new_block();
        self.jump(Op::JumpForward, end)?;
        self.use_block(cleanup);
        self.op(Op::RotTwo)?;
        self.op(Op::PopTop)?;
        self.use_block(end);
        Ok(())
    }

    fn yield_expr(&mut self, value: Option<ExprId>) -> Result<()> {
        if !self.in_function() {
            return Err(self.error("'yield' outside function"));
        }
        match value {
            Some(value) => self.expr(value)?,
            None => self.load_const(ConstId::NONE)?,
        }
        self.op(Op::YieldValue)
    }

    fn yield_from(&mut self, value: ExprId) -> Result<()> {
        if !self.in_function() {
            return Err(self.error("'yield' outside function"));
        }
        if self.u.kind == ScopeKind::AsyncFunction {
            return Err(self.error("'yield from' inside async function"));
        }
        self.expr(value)?;
        self.op(Op::GetYieldFromIter)?;
        self.load_const(ConstId::NONE)?;
        self.op(Op::YieldFrom)
    }

    fn await_expr(&mut self, value: ExprId) -> Result<()> {
        if !self.is_top_level_await() {
            if !self.in_function() {
                return Err(self.error("'await' outside function"));
            }
            if !matches!(
                self.u.kind,
                ScopeKind::AsyncFunction | ScopeKind::Comprehension
            ) {
                return Err(self.error("'await' outside async function"));
            }
        }
        self.expr(value)?;
        self.await_top()
    }

    fn formatted(&mut self, value: ExprId, conversion: u8, spec: Option<ExprId>) -> Result<()> {
        self.expr(value)?;
        let mut how = match conversion {
            b's' => 1,
            b'r' => 2,
            b'a' => 3,
            _ => 0,
        };
        if let Some(spec) = spec {
            self.expr(spec)?;
            how |= 4;
        }
        self.op_arg(Op::FormatValue, how)
    }

    fn slice(
        &mut self,
        lower: Option<ExprId>,
        upper: Option<ExprId>,
        step: Option<ExprId>,
    ) -> Result<()> {
        for part in [lower, upper] {
            match part {
                Some(part) => self.expr(part)?,
                None => self.load_const(ConstId::NONE)?,
            }
        }
        let mut count = 2;
        if let Some(step) = step {
            self.expr(step)?;
            count = 3;
        }
        self.op_arg(Op::BuildSlice, count)
    }

    fn subscript(&mut self, value: ExprId, index: ExprId, ctx: Ctx) -> Result<()> {
        if ctx == Ctx::Load {
            self.check_subscripted(value);
            self.check_index(value, index);
        }
        self.expr(value)?;
        self.expr(index)?;
        self.op(match ctx {
            Ctx::Load => Op::BinarySubscr,
            Ctx::Store => Op::StoreSubscr,
            Ctx::Del => Op::DeleteSubscr,
        })
    }

    /// Returns the name of an expression's type, if it is plain from its form.
    fn type_name(&self, id: ExprId) -> Option<&'static str> {
        use crate::ast::Comp;
        Some(match self.unit.ast[id].kind {
            ExprKind::Tuple { .. } => "tuple",
            ExprKind::List { .. } => "list",
            ExprKind::Dict { .. } => "dict",
            ExprKind::Set(_) => "set",
            ExprKind::Comp { kind, .. } => match kind {
                Comp::List => "list",
                Comp::Dict => "dict",
                Comp::Set => "set",
                Comp::Generator => "generator",
            },
            ExprKind::Lambda { .. } => "function",
            ExprKind::Joined(_) | ExprKind::Formatted { .. } => "str",
            ExprKind::Constant { value, .. } => match self.unit.consts.get(value) {
                Value::None => "NoneType",
                Value::Bool(_) => "bool",
                Value::Ellipsis => "ellipsis",
                Value::Int(_) | Value::Long(_) => "int",
                Value::Float(_) => "float",
                Value::Complex(..) => "complex",
                Value::Bytes(_) => "bytes",
                Value::Str(_) => "str",
                Value::Tuple(_) => "tuple",
                Value::FrozenSet(_) => "frozenset",
                Value::Code(_) => "code",
            },
            _ => return None,
        })
    }

    /// Warns of a call of what cannot be called.
    pub(super) fn check_called(&mut self, id: ExprId) {
        if let ExprKind::Lambda { .. } = self.unit.ast[id].kind {
            return;
        }
        if let Some(name) = self.type_name(id) {
            self.warn(format!(
                "'{name}' object is not callable; perhaps you missed a comma?"
            ));
        }
    }

    fn check_subscripted(&mut self, id: ExprId) {
        use crate::ast::Comp;
        let wrong = match self.unit.ast[id].kind {
            ExprKind::Constant { value, .. } => matches!(
                self.unit.consts.get(value),
                Value::None
                    | Value::Ellipsis
                    | Value::Bool(_)
                    | Value::Int(_)
                    | Value::Long(_)
                    | Value::Float(_)
                    | Value::Complex(..)
                    | Value::FrozenSet(_)
            ),
            ExprKind::Set(_) | ExprKind::Lambda { .. } => true,
            ExprKind::Comp { kind, .. } => matches!(kind, Comp::Set | Comp::Generator),
            _ => false,
        };
        if let (true, Some(name)) = (wrong, self.type_name(id)) {
            self.warn(format!(
                "'{name}' object is not subscriptable; perhaps you missed a comma?"
            ));
        }
    }

    fn check_index(&mut self, object: ExprId, index: ExprId) {
        use crate::ast::Comp;
        let Some(index_name) = self.type_name(index) else {
            return;
        };
        if let "int" | "bool" = index_name {
            return;
        }
        let indexed = match self.unit.ast[object].kind {
            ExprKind::Constant { value, .. } => matches!(
                self.unit.consts.get(value),
                Value::Str(_) | Value::Bytes(_) | Value::Tuple(_)
            ),
            ExprKind::Tuple { .. }
            | ExprKind::List { .. }
            | ExprKind::Joined(_)
            | ExprKind::Formatted { .. } => true,
            ExprKind::Comp { kind, .. } => kind == Comp::List,
            _ => false,
        };
        if let (true, Some(name)) = (indexed, self.type_name(object)) {
            self.warn(format!(
                "{name} indices must be integers or slices, not {index_name}; \
                 perhaps you missed a comma?"
            ));
        }
    }
}
