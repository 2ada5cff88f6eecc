//! Statements of one line.

use super::{Parse, Parser, Stop};
use crate::ast::{Ctx, ExprId, ExprKind, Operator, StmtKind};
use crate::token::Kind;

/// The operator of an augmented assignment.
fn augmented(kind: Kind) -> Option<Operator> {
    Some(match kind {
        Kind::PlusEqual => Operator::Add,
        Kind::MinusEqual => Operator::Sub,
        Kind::StarEqual => Operator::Mult,
        Kind::AtEqual => Operator::MatMult,
        Kind::SlashEqual => Operator::Div,
        Kind::PercentEqual => Operator::Mod,
        Kind::AmperEqual => Operator::BitAnd,
        Kind::VBarEqual => Operator::BitOr,
        Kind::CircumflexEqual => Operator::BitXor,
        Kind::LeftShiftEqual => Operator::LShift,
        Kind::RightShiftEqual => Operator::RShift,
        Kind::DoubleStarEqual => Operator::Pow,
        Kind::DoubleSlashEqual => Operator::FloorDiv,
        _ => return None,
    })
}

impl Parser<'_> {
    /// Parses the statements of a line, and its end.
    pub(super) fn simple_line(&mut self) -> Parse<()> {
        loop {
            let at = self.token();
            let kind = self.small()?;
            let id = self.unit.ast.stmt(kind, at.line, at.col as u32);
            self.stmts.push(id);
            if !self.eat(Kind::Semi) || self.kind() == Kind::Newline {
                break;
            }
        }
        self.expect(Kind::Newline)
    }

    fn small(&mut self) -> Parse<StmtKind> {
        match self.kind() {
            Kind::Return => {
                self.bump();
                let value = match self.begins_expression() {
                    true => Some(self.star_expressions()?),
                    false => None,
                };
                Ok(StmtKind::Return(value))
            }
            Kind::Import => self.import_name(),
            Kind::From => self.import_from(),
            Kind::Raise => self.raise(),
            Kind::Pass => self.word(StmtKind::Pass),
            Kind::Break => self.word(StmtKind::Break),
            Kind::Continue => self.word(StmtKind::Continue),
            Kind::Del => self.delete(),
            Kind::Yield => self.yield_expr().map(StmtKind::Expr),
            Kind::Assert => self.assert(),
            Kind::Global => self.declared().map(StmtKind::Global),
            Kind::Nonlocal => self.declared().map(StmtKind::Nonlocal),
            _ => self.expression_or_assignment(),
        }
    }

    fn word(&mut self, kind: StmtKind) -> Parse<StmtKind> {
        self.bump();
        Ok(kind)
    }

    fn raise(&mut self) -> Parse<StmtKind> {
        self.bump();
        let (mut exc, mut cause) = (None, None);
        if self.begins_expression() {
            exc = Some(self.expression()?);
            if self.eat(Kind::From) {
                cause = Some(self.expression()?);
            }
        }
        Ok(StmtKind::Raise { exc, cause })
    }

    fn assert(&mut self) -> Parse<StmtKind> {
        self.bump();
        let test = self.expression()?;
        let msg = match self.eat(Kind::Comma) {
            true => Some(self.expression()?),
            false => None,
        };
        Ok(StmtKind::Assert { test, msg })
    }

    fn delete(&mut self) -> Parse<StmtKind> {
        self.bump();
        let from = self.scratch.len();
        loop {
            let target = self.primary()?;
            self.assign_to(target, Ctx::Del)?;
            self.scratch.push(target);
            if !self.eat(Kind::Comma) || matches!(self.kind(), Kind::Newline | Kind::Semi) {
                break;
            }
        }
        if !matches!(self.kind(), Kind::Newline | Kind::Semi) {
            return Err(Stop::Reject);
        }
        let targets = self.unit.ast.list(&self.scratch[from..]);
        self.scratch.truncate(from);
        Ok(StmtKind::Delete(targets))
    }

    fn expression_or_assignment(&mut self) -> Parse<StmtKind> {
        let named = self.kind() == Kind::Name && self.kind_after(1) == Kind::Colon;
        let first = self.star_expressions()?;
        if let Some(op) = augmented(self.kind()) {
            return self.aug_assign(first, op);
        }
        match self.kind() {
            Kind::Colon => self.ann_assign(first, named),
            Kind::Equal => self.assign(first),
            _ => Ok(StmtKind::Expr(first)),
        }
    }

    fn aug_assign(&mut self, target: ExprId, op: Operator) -> Parse<StmtKind> {
        if !self.is_single_target(target) {
            return Err(Stop::Reject);
        }
        self.assign_to(target, Ctx::Store)?;
        self.bump();
        let value = self.right_side()?;
        Ok(StmtKind::AugAssign { target, op, value })
    }

    /// Parses what is assigned.
    fn right_side(&mut self) -> Parse<ExprId> {
        match self.kind() {
            Kind::Yield => self.yield_expr(),
            _ => self.star_expressions(),
        }
    }

    fn ann_assign(&mut self, target: ExprId, simple: bool) -> Parse<StmtKind> {
        if !self.is_single_target(target) {
            return Err(Stop::Reject);
        }
        self.assign_to(target, Ctx::Store)?;
        self.bump();
        let annotation = self.annotation()?;
        let value = match self.eat(Kind::Equal) {
            true => Some(self.right_side()?),
            false => None,
        };
        Ok(StmtKind::AnnAssign {
            target,
            annotation,
            value,
            simple,
        })
    }

    fn assign(&mut self, first: ExprId) -> Parse<StmtKind> {
        let from = self.scratch.len();
        let mut value = first;
        while self.eat(Kind::Equal) {
            self.assign_to(value, Ctx::Store)?;
            self.scratch.push(value);
            value = self.right_side()?;
        }
        let targets = self.unit.ast.list(&self.scratch[from..]);
        self.scratch.truncate(from);
        if let ExprKind::Starred { .. } = self.unit.ast[value].kind {
            // It is a tuple that is meant; the compiler says so.
        }
        Ok(StmtKind::Assign { targets, value })
    }
}
