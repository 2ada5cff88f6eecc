//! Statements with blocks.

use super::{Parse, Parser, Stop};
use crate::ast::{Block, Class, ExprId, Exprs, Function, Handler, Run, StmtId, StmtKind, WithItem};
use crate::token::{Kind, Token};

impl Parser<'_> {
    /// Parses a statement, or the simple ones of a line; returns whether it has a block.
    pub(super) fn statement(&mut self) -> Parse<bool> {
        let at = self.token();
        let kind = match at.kind {
            Kind::If => self.if_statement()?,
            Kind::Def | Kind::Class | Kind::At => self.definition()?,
            Kind::For => self.for_statement(false)?,
            Kind::With => self.with_statement(false)?,
            Kind::Try => self.try_statement()?,
            Kind::While => self.while_statement()?,
            Kind::Async => match self.kind_after(1) {
                Kind::For => {
                    self.bump();
                    self.for_statement(true)?
                }
                Kind::With => {
                    self.bump();
                    self.with_statement(true)?
                }
                _ => self.definition()?,
            },
            _ => {
                self.simple_line()?;
                return Ok(false);
            }
        };
        if let StmtKind::Function(_) | StmtKind::Class(_) = kind {
            // A decorated one begins at its own keyword.
            return Ok(true);
        }
        self.push(kind, at);
        Ok(true)
    }

    fn push(&mut self, kind: StmtKind, at: Token) -> StmtId {
        let id = self.unit.ast.stmt(kind, at.line, at.col as u32);
        self.stmts.push(id);
        id
    }

    /// Parses a colon and a block.
    fn colon_block(&mut self) -> Parse<Block> {
        self.expect(Kind::Colon)?;
        let from = self.stmts.len();
        if !self.eat(Kind::Newline) {
            self.simple_line()?;
            return Ok(self.take_block(from));
        }
        self.expect(Kind::Indent)?;
        self.enter()?;
        while !self.eat(Kind::Dedent) {
            self.statement()?;
        }
        self.leave();
        Ok(self.take_block(from))
    }

    fn else_block(&mut self) -> Parse<Block> {
        match self.eat(Kind::Else) {
            true => self.colon_block(),
            false => Ok(Block::default()),
        }
    }

    fn if_statement(&mut self) -> Parse<StmtKind> {
        let mut arms: Vec<(Token, ExprId, Block)> = Vec::new();
        loop {
            let at = self.token();
            self.bump();
            let test = self.named_expression()?;
            let body = self.colon_block()?;
            arms.push((at, test, body));
            if self.kind() != Kind::Elif {
                break;
            }
        }
        let mut orelse = self.else_block()?;
        while let Some((at, test, body)) = arms.pop() {
            let kind = StmtKind::If { test, body, orelse };
            if arms.is_empty() {
                return Ok(kind);
            }
            let id = self.unit.ast.stmt(kind, at.line, at.col as u32);
            orelse = self.unit.ast.block(&[id]);
        }
        Err(Stop::Reject)
    }

    fn while_statement(&mut self) -> Parse<StmtKind> {
        self.bump();
        let test = self.named_expression()?;
        let body = self.colon_block()?;
        let orelse = self.else_block()?;
        Ok(StmtKind::While { test, body, orelse })
    }

    fn for_statement(&mut self, is_async: bool) -> Parse<StmtKind> {
        self.bump();
        let target = self.star_targets()?;
        self.expect(Kind::In)?;
        let iter = self.star_expressions()?;
        let body = self.colon_block()?;
        let orelse = self.else_block()?;
        Ok(StmtKind::For {
            is_async,
            target,
            iter,
            body,
            orelse,
        })
    }

    fn with_statement(&mut self, is_async: bool) -> Parse<StmtKind> {
        self.bump();
        let start = self.pos;
        let found = match self.parenthesized_items() {
            true => {
                let (warned, kept) = (self.unit.warnings.len(), self.scratch.len());
                let depth = self.depth;
                let found = self.with_items(true);
                if found == Err(Stop::Reject) {
                    self.pos = start;
                    self.depth = depth;
                    self.scratch.truncate(kept);
                    self.unit.warnings.truncate(warned);
                }
                found
            }
            false => Err(Stop::Reject),
        };
        let items = match found {
            Err(Stop::Reject) => self.with_items(false)?,
            found => found?,
        };
        let body = self.colon_block()?;
        Ok(StmtKind::With {
            is_async,
            items,
            body,
        })
    }

    /// Whether there are parentheses here that a colon follows.
    fn parenthesized_items(&self) -> bool {
        if self.kind() != Kind::LParen {
            return false;
        }
        let mut open = 0;
        for (at, token) in self.tokens[self.pos..].iter().enumerate() {
            match token.kind {
                Kind::LParen | Kind::LBracket | Kind::LBrace => open += 1,
                Kind::RParen | Kind::RBracket | Kind::RBrace => {
                    open -= 1;
                    if open == 0 {
                        return self.kind_after(at + 1) == Kind::Colon;
                    }
                }
                _ => {}
            }
        }
        false
    }

    fn with_items(&mut self, closed: bool) -> Parse<Run> {
        let mut items = Vec::new();
        if closed {
            self.expect(Kind::LParen)?;
        }
        loop {
            let context = self.expression()?;
            let vars = match self.eat(Kind::As) {
                true => Some(self.star_target()?),
                false => None,
            };
            items.push(WithItem { context, vars });
            if !self.eat(Kind::Comma) || closed && self.kind() == Kind::RParen {
                break;
            }
        }
        if closed {
            self.expect(Kind::RParen)?;
            if self.kind() != Kind::Colon {
                return Err(Stop::Reject);
            }
        }
        Ok(Run::push(&mut self.unit.ast.items, &items))
    }

    fn try_statement(&mut self) -> Parse<StmtKind> {
        self.bump();
        let body = self.colon_block()?;
        let mut handlers = Vec::new();
        while self.kind() == Kind::Except {
            let at = self.token();
            self.bump();
            let (mut class, mut name) = (None, None);
            if self.kind() != Kind::Colon {
                class = Some(self.expression()?);
                if self.eat(Kind::As) {
                    name = Some(self.name()?);
                }
            }
            let body = self.colon_block()?;
            handlers.push(Handler {
                class,
                name,
                body,
                line: at.line,
                col: at.col as u32,
            });
        }
        let mut orelse = Block::default();
        if !handlers.is_empty() {
            orelse = self.else_block()?;
        }
        let mut finalbody = Block::default();
        if self.eat(Kind::Finally) {
            finalbody = self.colon_block()?;
        } else if handlers.is_empty() {
            return Err(Stop::Reject);
        }
        let handlers = Run::push(&mut self.unit.ast.handlers, &handlers);
        Ok(StmtKind::Try {
            body,
            handlers,
            orelse,
            finalbody,
        })
    }

    /// Parses a function or a class with its decorators, and puts it among the statements.
    fn definition(&mut self) -> Parse<StmtKind> {
        let from = self.scratch.len();
        while self.eat(Kind::At) {
            let decorator = self.named_expression()?;
            self.scratch.push(decorator);
            self.expect(Kind::Newline)?;
        }
        let decorators = self.unit.ast.list(&self.scratch[from..]);
        self.scratch.truncate(from);
        let at = self.token();
        let kind = match at.kind {
            Kind::Class => self.class(decorators)?,
            _ => self.function(decorators)?,
        };
        self.push(kind, at);
        Ok(kind)
    }

    fn function(&mut self, decorators: Exprs) -> Parse<StmtKind> {
        let is_async = self.eat(Kind::Async);
        self.expect(Kind::Def)?;
        let name = self.name()?;
        self.expect(Kind::LParen)?;
        let params = self.params(Kind::RParen)?;
        self.expect(Kind::RParen)?;
        let returns = match self.eat(Kind::RArrow) {
            true => Some(self.annotation()?),
            false => None,
        };
        let body = self.colon_block()?;
        self.unit.ast.functions.push(Function {
            is_async,
            name,
            params,
            body,
            decorators,
            returns,
        });
        let index = self.unit.ast.functions.len() as u32 - 1;
        Ok(StmtKind::Function(index))
    }

    fn class(&mut self, decorators: Exprs) -> Parse<StmtKind> {
        self.bump();
        let name = self.name()?;
        let (mut bases, mut keywords) = (Exprs::default(), Run::default());
        if self.eat(Kind::LParen) {
            (bases, keywords) = self.arguments(None)?;
        }
        let body = self.colon_block()?;
        self.unit.ast.classes.push(Class {
            name,
            bases,
            keywords,
            body,
            decorators,
        });
        let index = self.unit.ast.classes.len() as u32 - 1;
        Ok(StmtKind::Class(index))
    }
}
