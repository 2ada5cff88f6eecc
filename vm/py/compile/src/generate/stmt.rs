//! Statements.

use super::Generator;
use crate::ast::{Ctx, ExprId, ExprKind, Operator, StmtId, StmtKind};
use crate::constant::ConstId;
use crate::error::Result;
use crate::names::Sym;
use crate::upstream::Op;
use crate::upstream::object::flags;

/// The instruction of an augmented assignment.
fn in_place(op: Operator) -> Op {
    match op {
        Operator::Add => Op::InplaceAdd,
        Operator::Sub => Op::InplaceSubtract,
        Operator::Mult => Op::InplaceMultiply,
        Operator::MatMult => Op::InplaceMatrixMultiply,
        Operator::Div => Op::InplaceTrueDivide,
        Operator::Mod => Op::InplaceModulo,
        Operator::Pow => Op::InplacePower,
        Operator::LShift => Op::InplaceLshift,
        Operator::RShift => Op::InplaceRshift,
        Operator::BitOr => Op::InplaceOr,
        Operator::BitXor => Op::InplaceXor,
        Operator::BitAnd => Op::InplaceAnd,
        Operator::FloorDiv => Op::InplaceFloorDivide,
    }
}

impl Generator<'_> {
    pub(super) fn stmt(&mut self, id: StmtId) -> Result<()> {
        self.step()?;
        let stmt = self.unit.ast.at(id);
        self.u.line = stmt.line;
        self.u.col = stmt.col;
        match stmt.kind {
            StmtKind::Function(index) => self.function(index, stmt.line),
            StmtKind::Class(index) => self.class(index, stmt.line),
            StmtKind::Return(value) => self.return_stmt(value),
            StmtKind::Delete(targets) => self.exprs(targets),
            StmtKind::Assign { targets, value } => {
                self.expr(value)?;
                for at in 0..targets.len() {
                    if at + 1 < targets.len() {
                        self.op(Op::DupTop)?;
                    }
                    let target = self.unit.ast.item(targets, at);
                    self.expr(target)?;
                }
                Ok(())
            }
            StmtKind::AugAssign { target, op, value } => self.aug_assign(target, op, value),
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
                simple,
            } => self.ann_assign(target, annotation, value, simple),
            StmtKind::For {
                is_async,
                target,
                iter,
                body,
                orelse,
            } => match is_async {
                true => self.async_for(target, iter, body, orelse),
                false => self.for_stmt(target, iter, body, orelse),
            },
            StmtKind::While { test, body, orelse } => self.while_stmt(test, body, orelse),
            StmtKind::If { test, body, orelse } => self.if_stmt(test, body, orelse),
            StmtKind::With {
                is_async,
                items,
                body,
            } => self.with(is_async, items, body),
            StmtKind::Raise { exc, cause } => {
                let parts = [exc, cause].into_iter().flatten();
                let mut count = 0;
                for part in parts {
                    self.expr(part)?;
                    count += 1;
                }
                self.op_arg(Op::RaiseVarargs, count)
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => self.try_stmt(body, handlers, orelse, finalbody),
            StmtKind::Assert { test, msg } => self.assert(test, msg),
            StmtKind::Import(names) => self.import(names),
            StmtKind::ImportFrom {
                module,
                names,
                level,
            } => self.import_from(module, names, level, stmt.line),
            StmtKind::Expr(value) => self.expr_stmt(value),
            StmtKind::Break => self.break_stmt(),
            StmtKind::Continue => self.continue_stmt(),
            StmtKind::Global(_) | StmtKind::Nonlocal(_) | StmtKind::Pass => Ok(()),
        }
    }

    fn expr_stmt(&mut self, value: ExprId) -> Result<()> {
        if self.settings.interactive && self.units.is_empty() {
            self.expr(value)?;
            return self.op(Op::PrintExpr);
        }
        if let ExprKind::Constant { .. } = self.unit.ast[value].kind {
            return Ok(());
        }
        self.expr(value)?;
        self.op(Op::PopTop)
    }

    fn return_stmt(&mut self, value: Option<ExprId>) -> Result<()> {
        if !self.in_function() {
            return Err(self.error("'return' outside function"));
        }
        let scope = &self.table.scopes[self.u.scope as usize];
        if value.is_some() && scope.coroutine && scope.generator {
            return Err(self.error("'return' with value in async generator"));
        }
        let constant = |id: ExprId| matches!(self.unit.ast[id].kind, ExprKind::Constant { .. });
        let kept = value.filter(|&id| !constant(id));
        if let Some(value) = kept {
            self.expr(value)?;
        }
        self.unwind_all(kept.is_some())?;
        match value {
            None => self.load_const(ConstId::NONE)?,
            Some(value) if kept.is_none() => self.expr(value)?,
            Some(_) => {}
        }
        self.op(Op::ReturnValue)
    }

    fn assert(&mut self, test: ExprId, msg: Option<ExprId>) -> Result<()> {
        if self.settings.optimize > 0 {
            return Ok(());
        }
        if self.is_full_tuple(test) {
            self.warn("assertion is always true, perhaps remove parentheses?");
        }
        let end = self.new_block();
        self.jump_if(test, end, true)?;
        self.op(Op::LoadAssertionError)?;
        if let Some(msg) = msg {
            self.expr(msg)?;
            self.op_arg(Op::CallFunction, 1)?;
        }
        self.op_arg(Op::RaiseVarargs, 1)?;
        self.use_block(end);
        Ok(())
    }

    /// Whether it is a tuple with items. CPython does not see that a constant is one.
    fn is_full_tuple(&self, id: ExprId) -> bool {
        match self.unit.ast[id].kind {
            ExprKind::Tuple { elts, .. } => !elts.is_empty(),
            _ => false,
        }
    }

    fn aug_assign(&mut self, target: ExprId, op: Operator, value: ExprId) -> Result<()> {
        let (line, col) = (self.u.line, self.u.col);
        let expr = self.unit.ast[target];
        self.u.line = expr.line;
        self.u.col = expr.col;
        match expr.kind {
            ExprKind::Attribute { value, attr, .. } => {
                self.expr(value)?;
                self.op(Op::DupTop)?;
                self.op_name(Op::LoadAttr, attr)?;
            }
            ExprKind::Subscript { value, index, .. } => {
                self.expr(value)?;
                self.expr(index)?;
                self.op(Op::DupTopTwo)?;
                self.op(Op::BinarySubscr)?;
            }
            ExprKind::Name { id, .. } => self.variable(id, Ctx::Load)?,
            _ => {}
        }
        self.u.line = line;
        self.u.col = col;
        self.expr(value)?;
        self.op(in_place(op))?;
        self.u.line = expr.line;
        self.u.col = expr.col;
        match expr.kind {
            ExprKind::Attribute { attr, .. } => {
                self.op(Op::RotTwo)?;
                self.op_name(Op::StoreAttr, attr)
            }
            ExprKind::Subscript { .. } => {
                self.op(Op::RotThree)?;
                self.op(Op::StoreSubscr)
            }
            ExprKind::Name { id, .. } => self.variable(id, Ctx::Store),
            _ => Ok(()),
        }
    }

    fn ann_assign(
        &mut self,
        target: ExprId,
        annotation: ExprId,
        value: Option<ExprId>,
        simple: bool,
    ) -> Result<()> {
        if let Some(value) = value {
            self.expr(value)?;
            self.expr(target)?;
        }
        let evaluated = !self.in_function();
        match self.unit.ast[target].kind {
            ExprKind::Name { id, .. } => {
                self.forbid(id, Ctx::Store)?;
                if simple && evaluated {
                    self.annotation(annotation)?;
                    self.op_name(Op::LoadName, Sym::ANNOTATIONS)?;
                    let mangled = self.unit.names.mangle(self.u.private, id);
                    let value = self.unit.consts.str(mangled);
                    match mangled == id {
                        true => self.load_named(value)?,
                        false => self.load_const(value)?,
                    }
                    self.op(Op::StoreSubscr)?;
                }
            }
            ExprKind::Attribute {
                value: object,
                attr,
                ..
            } => {
                self.forbid(attr, Ctx::Store)?;
                if value.is_none() {
                    self.check_evaluated(object)?;
                }
            }
            ExprKind::Subscript {
                value: object,
                index,
                ..
            } if value.is_none() => {
                self.check_evaluated(object)?;
                self.check_index_evaluated(index)?;
            }
            _ => {}
        }
        match !simple && evaluated {
            true => self.check_evaluated(annotation),
            false => Ok(()),
        }
    }

    /// Compiles an annotation, or its text where annotations are kept as text.
    pub(super) fn annotation(&mut self, annotation: ExprId) -> Result<()> {
        if self.settings.future.features & flags::FUTURE_ANNOTATIONS == 0 {
            return self.expr(annotation);
        }
        let text = crate::unparse::unparse(self.unit, annotation);
        let text = self.unit.names.intern(&text);
        self.load_str(text)
    }

    fn check_evaluated(&mut self, id: ExprId) -> Result<()> {
        self.expr(id)?;
        self.op(Op::PopTop)
    }

    fn check_index_evaluated(&mut self, id: ExprId) -> Result<()> {
        match self.unit.ast[id].kind {
            ExprKind::Slice { lower, upper, step } => {
                for part in [lower, upper, step].into_iter().flatten() {
                    self.check_evaluated(part)?;
                }
                Ok(())
            }
            ExprKind::Tuple { elts, .. } => {
                for at in 0..elts.len() {
                    let item = self.unit.ast.item(elts, at);
                    self.check_index_evaluated(item)?;
                }
                Ok(())
            }
            _ => self.check_evaluated(id),
        }
    }
}
