//! What can be assigned to and deleted.

use super::{Parse, Parser, Stop};
use crate::ast::{Ctx, ExprId, ExprKind};
use crate::token::Kind;

impl Parser<'_> {
    /// Parses the targets of a `for`: one, or a tuple of them.
    pub(super) fn star_targets(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        let first = self.star_target()?;
        if self.kind() != Kind::Comma {
            return Ok(first);
        }
        let from = self.scratch.len();
        self.scratch.push(first);
        while self.eat(Kind::Comma) {
            if !self.begins_expression() {
                break;
            }
            let next = self.star_target()?;
            self.scratch.push(next);
        }
        let elts = self.unit.ast.list(&self.scratch[from..]);
        self.scratch.truncate(from);
        let ctx = Ctx::Store;
        Ok(self.node(ExprKind::Tuple { elts, ctx }, start))
    }

    /// Parses one target, which may take what is left over.
    pub(super) fn star_target(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        if self.eat(Kind::Star) {
            let value = self.primary()?;
            self.assign_to(value, Ctx::Store)?;
            let ctx = Ctx::Store;
            return Ok(self.node(ExprKind::Starred { value, ctx }, start));
        }
        let target = self.primary()?;
        self.assign_to(target, Ctx::Store)?;
        Ok(target)
    }

    /// Makes a target of an expression, if it can be one.
    pub(super) fn assign_to(&mut self, target: ExprId, as_ctx: Ctx) -> Parse<()> {
        let from = self.scratch.len();
        self.scratch.push(target);
        while self.scratch.len() > from {
            let Some(id) = self.scratch.pop() else { break };
            let mut kind = self.unit.ast[id].kind;
            match &mut kind {
                ExprKind::Name { ctx, .. }
                | ExprKind::Attribute { ctx, .. }
                | ExprKind::Subscript { ctx, .. } => *ctx = as_ctx,
                ExprKind::Starred { value, ctx } if as_ctx == Ctx::Store => {
                    *ctx = as_ctx;
                    self.scratch.push(*value);
                }
                ExprKind::List { elts, ctx } | ExprKind::Tuple { elts, ctx } => {
                    *ctx = as_ctx;
                    self.scratch.extend(self.unit.ast.items_of(*elts));
                }
                _ => return Err(Stop::Reject),
            }
            self.unit.ast[id].kind = kind;
        }
        Ok(())
    }

    /// Whether it is a single target: a variable, an attribute or an item.
    pub(super) fn is_single_target(&self, id: ExprId) -> bool {
        matches!(
            self.unit.ast[id].kind,
            ExprKind::Name { .. } | ExprKind::Attribute { .. } | ExprKind::Subscript { .. }
        )
    }
}
