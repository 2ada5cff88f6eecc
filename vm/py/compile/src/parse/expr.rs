//! Expressions, without displays and calls.

use super::{Parse, Parser, Stop};
use crate::ast::{Compare, Ctx, ExprId, ExprKind, Operator, Run, Unary};
use crate::constant::ConstId;
use crate::token::Kind;

/// The operator of a token between two operands, and how tightly it binds.
fn binary(kind: Kind) -> Option<(Operator, u8)> {
    Some(match kind {
        Kind::VBar => (Operator::BitOr, 1),
        Kind::Circumflex => (Operator::BitXor, 2),
        Kind::Amper => (Operator::BitAnd, 3),
        Kind::LeftShift => (Operator::LShift, 4),
        Kind::RightShift => (Operator::RShift, 4),
        Kind::Plus => (Operator::Add, 5),
        Kind::Minus => (Operator::Sub, 5),
        Kind::Star => (Operator::Mult, 6),
        Kind::Slash => (Operator::Div, 6),
        Kind::DoubleSlash => (Operator::FloorDiv, 6),
        Kind::Percent => (Operator::Mod, 6),
        Kind::At => (Operator::MatMult, 6),
        _ => return None,
    })
}

impl Parser<'_> {
    /// Parses expressions and unpacked ones; a tuple if there is a comma.
    pub(super) fn star_expressions(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        let first = self.star_expression()?;
        if self.kind() != Kind::Comma {
            return Ok(first);
        }
        let from = self.scratch.len();
        self.scratch.push(first);
        while self.eat(Kind::Comma) {
            if !self.begins_expression() {
                break;
            }
            let next = self.star_expression()?;
            self.scratch.push(next);
        }
        Ok(self.tuple(start, from))
    }

    fn star_expression(&mut self) -> Parse<ExprId> {
        match self.kind() {
            Kind::Star => self.starred(),
            _ => self.expression(),
        }
    }

    /// Parses `*` and what is unpacked.
    pub(super) fn starred(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        self.expect(Kind::Star)?;
        let value = self.bitwise_or()?;
        let ctx = Ctx::Load;
        Ok(self.node(ExprKind::Starred { value, ctx }, start))
    }

    /// Parses an item of a display, which may be unpacked.
    pub(super) fn star_named_expression(&mut self) -> Parse<ExprId> {
        match self.kind() {
            Kind::Star => self.starred(),
            _ => self.named_expression(),
        }
    }

    pub(super) fn named_expression(&mut self) -> Parse<ExprId> {
        if self.kind() == Kind::Name && self.kind_after(1) == Kind::ColonEqual {
            let start = self.pos;
            let id = self.name()?;
            let ctx = Ctx::Store;
            let target = self.node(ExprKind::Name { id, ctx }, start);
            self.bump();
            let from = self.unit.ast.exprs.len() as u32;
            let value = self.expression()?;
            let to = self.unit.ast.exprs.len() as u32;
            self.unit.ast.unfolded.push((from, to));
            return Ok(self.node(ExprKind::Named { target, value }, start));
        }
        let value = self.expression()?;
        match self.kind() {
            Kind::ColonEqual => Err(Stop::Reject),
            _ => Ok(value),
        }
    }

    /// Parses a `yield`.
    pub(super) fn yield_expr(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        self.expect(Kind::Yield)?;
        if self.eat(Kind::From) {
            let value = self.expression()?;
            return Ok(self.node(ExprKind::YieldFrom(value), start));
        }
        let value = match self.begins_expression() {
            true => Some(self.star_expressions()?),
            false => None,
        };
        Ok(self.node(ExprKind::Yield(value), start))
    }

    /// Whether an expression, or an unpacked one, can begin here.
    pub(super) fn begins_expression(&self) -> bool {
        matches!(
            self.kind(),
            Kind::Name
                | Kind::Number
                | Kind::String
                | Kind::LParen
                | Kind::LBracket
                | Kind::LBrace
                | Kind::Plus
                | Kind::Minus
                | Kind::Tilde
                | Kind::Star
                | Kind::Ellipsis
                | Kind::Await
                | Kind::False
                | Kind::None
                | Kind::True
                | Kind::Lambda
                | Kind::Not
                | Kind::PegParser
        )
    }

    pub(super) fn expression(&mut self) -> Parse<ExprId> {
        self.enter()?;
        let found = self.expression_within()?;
        self.leave();
        Ok(found)
    }

    fn expression_within(&mut self) -> Parse<ExprId> {
        if self.kind() == Kind::Lambda {
            return self.lambda();
        }
        let start = self.pos;
        let body = self.disjunction()?;
        if !self.eat(Kind::If) {
            return Ok(body);
        }
        let test = self.disjunction()?;
        self.expect(Kind::Else)?;
        let orelse = self.expression()?;
        Ok(self.node(ExprKind::IfExp { test, body, orelse }, start))
    }

    fn lambda(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        self.bump();
        let params = self.params(Kind::Colon)?;
        self.expect(Kind::Colon)?;
        let body = self.expression()?;
        Ok(self.node(ExprKind::Lambda { params, body }, start))
    }

    pub(super) fn disjunction(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        let first = self.conjunction()?;
        if self.kind() != Kind::Or {
            return Ok(first);
        }
        let from = self.scratch.len();
        self.scratch.push(first);
        while self.eat(Kind::Or) {
            let next = self.conjunction()?;
            self.scratch.push(next);
        }
        Ok(self.bool_op(true, start, from))
    }

    fn conjunction(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        let first = self.inversion()?;
        if self.kind() != Kind::And {
            return Ok(first);
        }
        let from = self.scratch.len();
        self.scratch.push(first);
        while self.eat(Kind::And) {
            let next = self.inversion()?;
            self.scratch.push(next);
        }
        Ok(self.bool_op(false, start, from))
    }

    fn bool_op(&mut self, is_or: bool, start: usize, from: usize) -> ExprId {
        let values = self.unit.ast.list(&self.scratch[from..]);
        self.scratch.truncate(from);
        self.node(ExprKind::BoolOp { is_or, values }, start)
    }

    fn inversion(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        while self.eat(Kind::Not) {}
        let nots = self.pos - start;
        let mut value = self.comparison()?;
        for at in (start..start + nots).rev() {
            let (op, operand) = (Unary::Not, value);
            value = self.node(ExprKind::UnaryOp { op, operand }, at);
        }
        Ok(value)
    }

    fn comparison(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        let left = self.bitwise_or()?;
        let Some(first) = self.compare_op()? else {
            return Ok(left);
        };
        let from = self.scratch.len();
        let right = self.bitwise_or()?;
        let mut ops = vec![first];
        self.scratch.push(right);
        while let Some(op) = self.compare_op()? {
            ops.push(op);
            let right = self.bitwise_or()?;
            self.scratch.push(right);
        }
        let comparators = self.unit.ast.list(&self.scratch[from..]);
        self.scratch.truncate(from);
        let ops = Run::push(&mut self.unit.ast.compares, &ops);
        let kind = ExprKind::Compare {
            left,
            ops,
            comparators,
        };
        Ok(self.node(kind, start))
    }

    fn compare_op(&mut self) -> Parse<Option<Compare>> {
        let op = match self.kind() {
            Kind::EqEqual => Compare::Eq,
            Kind::NotEqual => {
                let barry = self.text_of(self.token()) == b"<>";
                if barry != self.unit.barry {
                    return Err(Stop::Reject);
                }
                Compare::NotEq
            }
            Kind::LessEqual => Compare::LtE,
            Kind::Less => Compare::Lt,
            Kind::GreaterEqual => Compare::GtE,
            Kind::Greater => Compare::Gt,
            Kind::In => Compare::In,
            Kind::Not if self.kind_after(1) == Kind::In => {
                self.bump();
                Compare::NotIn
            }
            Kind::Is if self.kind_after(1) == Kind::Not => {
                self.bump();
                Compare::IsNot
            }
            Kind::Is => Compare::Is,
            _ => return Ok(None),
        };
        self.bump();
        Ok(Some(op))
    }

    pub(super) fn bitwise_or(&mut self) -> Parse<ExprId> {
        self.operators(1)
    }

    /// Parses operands and operators that bind at least as tightly as `least`.
    fn operators(&mut self, least: u8) -> Parse<ExprId> {
        let start = self.pos;
        let mut left = self.factor()?;
        while let Some((op, tight)) = binary(self.kind())
            && tight >= least
        {
            self.bump();
            let right = match binary(self.kind_after(1)) {
                // Most often the operand is one token, and nothing binds it tighter.
                Some((_, next)) if next <= tight && self.is_simple() => self.atom()?,
                _ => self.operators(tight + 1)?,
            };
            left = self.node(ExprKind::BinOp { left, op, right }, start);
        }
        Ok(left)
    }

    fn is_simple(&self) -> bool {
        matches!(self.kind(), Kind::Name | Kind::Number)
    }

    fn factor(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        while let Kind::Plus | Kind::Minus | Kind::Tilde = self.kind() {
            self.bump();
        }
        let signs = self.pos - start;
        let mut value = self.power()?;
        for at in (start..start + signs).rev() {
            let op = match self.tokens[at].kind {
                Kind::Plus => Unary::Plus,
                Kind::Minus => Unary::Minus,
                _ => Unary::Invert,
            };
            let operand = value;
            value = self.node(ExprKind::UnaryOp { op, operand }, at);
        }
        Ok(value)
    }

    fn power(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        let left = match self.eat(Kind::Await) {
            true => {
                let value = self.primary()?;
                self.node(ExprKind::Await(value), start)
            }
            false => self.primary()?,
        };
        if !self.eat(Kind::DoubleStar) {
            return Ok(left);
        }
        self.enter()?;
        let right = self.factor()?;
        self.leave();
        let op = Operator::Pow;
        Ok(self.node(ExprKind::BinOp { left, op, right }, start))
    }

    /// Parses an atom and what follows it: attributes, calls, subscripts.
    pub(super) fn primary(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        let mut value = self.atom()?;
        let ctx = Ctx::Load;
        loop {
            let kind = match self.kind() {
                Kind::Dot => {
                    self.bump();
                    let attr = self.name()?;
                    ExprKind::Attribute { value, attr, ctx }
                }
                Kind::LParen => self.call(value)?,
                Kind::LBracket => {
                    self.bump();
                    let index = self.slices()?;
                    self.expect(Kind::RBracket)?;
                    ExprKind::Subscript { value, index, ctx }
                }
                _ => return Ok(value),
            };
            value = self.node(kind, start);
        }
    }

    fn slices(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        let first = self.slice()?;
        if self.kind() != Kind::Comma {
            return Ok(first);
        }
        let from = self.scratch.len();
        self.scratch.push(first);
        while self.eat(Kind::Comma) {
            if self.kind() == Kind::RBracket {
                break;
            }
            let next = self.slice()?;
            self.scratch.push(next);
        }
        Ok(self.tuple(start, from))
    }

    fn slice(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        let lower = match self.kind() {
            Kind::Colon => None,
            _ => Some(self.expression()?),
        };
        if !self.eat(Kind::Colon) {
            return lower.ok_or(Stop::Reject);
        }
        let upper = self.slice_part()?;
        let step = match self.eat(Kind::Colon) {
            true => self.slice_part()?,
            false => None,
        };
        Ok(self.node(ExprKind::Slice { lower, upper, step }, start))
    }

    fn slice_part(&mut self) -> Parse<Option<ExprId>> {
        match self.kind() {
            Kind::Colon | Kind::Comma | Kind::RBracket => Ok(None),
            _ => self.expression().map(Some),
        }
    }

    fn atom(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        let value = match self.kind() {
            Kind::Name => {
                let id = self.name()?;
                let ctx = Ctx::Load;
                return Ok(self.node(ExprKind::Name { id, ctx }, start));
            }
            Kind::Number => return self.number(),
            Kind::String => return self.strings(),
            Kind::LParen => return self.parenthesis(),
            Kind::LBracket => return self.bracket(),
            Kind::LBrace => return self.brace(),
            Kind::True => ConstId::TRUE,
            Kind::False => ConstId::FALSE,
            Kind::None => ConstId::NONE,
            Kind::Ellipsis => ConstId::ELLIPSIS,
            _ => return Err(Stop::Reject),
        };
        self.bump();
        Ok(self.constant(value, start))
    }

    pub(super) fn constant(&mut self, value: ConstId, start: usize) -> ExprId {
        let u_prefix = false;
        self.node(ExprKind::Constant { value, u_prefix }, start)
    }
}
