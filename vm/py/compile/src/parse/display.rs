//! Parentheses, lists, sets, dicts and comprehensions.

use super::{Parse, Parser, Stop};
use crate::ast::{Clause, Comp, Ctx, ExprId, ExprKind, OptExprs, Run};
use crate::token::Kind;

impl Parser<'_> {
    /// Whether a clause of a comprehension begins here.
    pub(super) fn begins_clause(&self) -> bool {
        self.kind() == Kind::For || self.kind() == Kind::Async && self.kind_after(1) == Kind::For
    }

    pub(super) fn parenthesis(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        self.bump();
        if self.kind() == Kind::RParen {
            let from = self.scratch.len();
            self.bump();
            return Ok(self.tuple(start, from));
        }
        if self.kind() == Kind::Yield {
            let value = self.yield_expr()?;
            self.expect(Kind::RParen)?;
            return Ok(value);
        }
        let unpacked = self.kind() == Kind::Star;
        let first = self.star_named_expression()?;
        if !unpacked {
            if self.eat(Kind::RParen) {
                return Ok(first);
            }
            if self.begins_clause() {
                return self.comprehension(Comp::Generator, first, None, start);
            }
        }
        let from = self.scratch.len();
        self.scratch.push(first);
        if self.kind() != Kind::Comma {
            return Err(Stop::Reject);
        }
        self.more_items(Kind::RParen)?;
        Ok(self.tuple(start, from))
    }

    /// Parses a comma and an item as long as there are any, and what closes them.
    fn more_items(&mut self, closing: Kind) -> Parse<()> {
        while self.eat(Kind::Comma) {
            if self.kind() == closing {
                break;
            }
            let next = self.star_named_expression()?;
            self.scratch.push(next);
        }
        self.expect(closing)
    }

    pub(super) fn bracket(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        self.bump();
        let from = self.scratch.len();
        if !self.eat(Kind::RBracket) {
            let unpacked = self.kind() == Kind::Star;
            let first = self.star_named_expression()?;
            if !unpacked && self.begins_clause() {
                return self.comprehension(Comp::List, first, None, start);
            }
            self.scratch.push(first);
            self.more_items(Kind::RBracket)?;
        }
        let elts = self.unit.ast.list(&self.scratch[from..]);
        self.scratch.truncate(from);
        let ctx = Ctx::Load;
        Ok(self.node(ExprKind::List { elts, ctx }, start))
    }

    pub(super) fn brace(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        self.bump();
        match self.kind() {
            Kind::RBrace | Kind::DoubleStar => return self.dict(start),
            _ => {}
        }
        let unpacked = self.kind() == Kind::Star;
        let named = self.kind_after(1) == Kind::ColonEqual;
        let first = self.star_named_expression()?;
        if !unpacked && !named && self.kind() == Kind::Colon {
            return self.dict_or_comprehension(first, start);
        }
        if !unpacked && self.begins_clause() {
            return self.comprehension(Comp::Set, first, None, start);
        }
        let from = self.scratch.len();
        self.scratch.push(first);
        self.more_items(Kind::RBrace)?;
        let elts = self.unit.ast.list(&self.scratch[from..]);
        self.scratch.truncate(from);
        Ok(self.node(ExprKind::Set(elts), start))
    }

    fn dict_or_comprehension(&mut self, key: ExprId, start: usize) -> Parse<ExprId> {
        self.expect(Kind::Colon)?;
        let value = self.expression()?;
        if self.begins_clause() {
            return self.comprehension(Comp::Dict, key, Some(value), start);
        }
        let mut keys = vec![Some(key)];
        let from = self.scratch.len();
        self.scratch.push(value);
        if self.eat(Kind::Comma) {
            self.pairs(&mut keys)?;
        }
        self.finish_dict(&keys, from, start)
    }

    fn dict(&mut self, start: usize) -> Parse<ExprId> {
        let mut keys = Vec::new();
        let from = self.scratch.len();
        self.pairs(&mut keys)?;
        self.finish_dict(&keys, from, start)
    }

    /// Parses pairs up to the brace that closes them.
    fn pairs(&mut self, keys: &mut Vec<Option<ExprId>>) -> Parse<()> {
        while self.kind() != Kind::RBrace {
            let value = if self.eat(Kind::DoubleStar) {
                keys.push(None);
                self.bitwise_or()?
            } else {
                let key = self.expression()?;
                keys.push(Some(key));
                self.expect(Kind::Colon)?;
                self.expression()?
            };
            self.scratch.push(value);
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        Ok(())
    }

    fn finish_dict(&mut self, keys: &[Option<ExprId>], from: usize, start: usize) -> Parse<ExprId> {
        self.expect(Kind::RBrace)?;
        let keys: OptExprs = self.unit.ast.opt_list(keys);
        let values = self.unit.ast.list(&self.scratch[from..]);
        self.scratch.truncate(from);
        Ok(self.node(ExprKind::Dict { keys, values }, start))
    }

    /// Parses the clauses of a comprehension and the bracket that closes it.
    pub(super) fn comprehension(
        &mut self,
        kind: Comp,
        elt: ExprId,
        value: Option<ExprId>,
        start: usize,
    ) -> Parse<ExprId> {
        let mut clauses = Vec::new();
        while self.begins_clause() {
            clauses.push(self.clause()?);
        }
        self.expect(match kind {
            Comp::Generator => Kind::RParen,
            Comp::List => Kind::RBracket,
            Comp::Set | Comp::Dict => Kind::RBrace,
        })?;
        let clauses = Run::push(&mut self.unit.ast.clauses, &clauses);
        let kind = ExprKind::Comp {
            kind,
            elt,
            value,
            clauses,
        };
        Ok(self.node(kind, start))
    }

    fn clause(&mut self) -> Parse<Clause> {
        let is_async = self.eat(Kind::Async);
        self.expect(Kind::For)?;
        let target = self.star_targets()?;
        self.expect(Kind::In)?;
        let iter = self.disjunction()?;
        let from = self.scratch.len();
        while self.eat(Kind::If) {
            let test = self.disjunction()?;
            self.scratch.push(test);
        }
        let ifs = self.unit.ast.list(&self.scratch[from..]);
        self.scratch.truncate(from);
        Ok(Clause {
            is_async,
            target,
            iter,
            ifs,
        })
    }
}
