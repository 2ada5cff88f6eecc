//! The arguments of a call.

use super::{Parse, Parser, Stop};
use crate::ast::{Comp, Ctx, ExprId, ExprKind, Exprs, Keyword, Run};
use crate::token::Kind;

/// What arguments may still come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Positional,
    Keyword,
    Mapping,
}

impl Parser<'_> {
    pub(super) fn call(&mut self, func: ExprId) -> Parse<ExprKind> {
        let open = self.pos;
        self.bump();
        if self.eat(Kind::RParen) {
            return Ok(ExprKind::Call {
                func,
                args: Exprs::default(),
                keywords: Run::default(),
            });
        }
        // A generator expression that is the only argument shares the parentheses.
        if self.kind() != Kind::Star
            && self.kind() != Kind::DoubleStar
            && self.kind_after(1) != Kind::Equal
        {
            let first = self.named_expression()?;
            if self.begins_clause() {
                let only = self.comprehension(Comp::Generator, first, None, open)?;
                let args = self.unit.ast.list(&[only]);
                let keywords = Run::default();
                return Ok(ExprKind::Call {
                    func,
                    args,
                    keywords,
                });
            }
            let (args, keywords) = self.arguments(Some(first))?;
            return Ok(ExprKind::Call {
                func,
                args,
                keywords,
            });
        }
        let (args, keywords) = self.arguments(None)?;
        Ok(ExprKind::Call {
            func,
            args,
            keywords,
        })
    }

    /// Parses arguments up to the parenthesis that closes them; `first` was parsed already.
    pub(super) fn arguments(&mut self, first: Option<ExprId>) -> Parse<(Exprs, Run)> {
        let from = self.scratch.len();
        let mut keywords: Vec<Keyword> = Vec::new();
        let mut stage = Stage::Positional;
        if let Some(first) = first {
            self.scratch.push(first);
            if self.kind() != Kind::RParen {
                self.expect(Kind::Comma)?;
            }
        }
        while self.kind() != Kind::RParen {
            self.argument(&mut stage, &mut keywords)?;
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        self.expect(Kind::RParen)?;
        let args = self.unit.ast.list(&self.scratch[from..]);
        self.scratch.truncate(from);
        let keywords = Run::push(&mut self.unit.ast.keywords, &keywords);
        Ok((args, keywords))
    }

    fn argument(&mut self, stage: &mut Stage, keywords: &mut Vec<Keyword>) -> Parse<()> {
        let start = self.pos;
        let at = self.token();
        let mut add = |arg, value| {
            keywords.push(Keyword {
                arg,
                value,
                col: at.col as u32,
            });
        };
        match self.kind() {
            Kind::Star => {
                if *stage == Stage::Mapping {
                    return Err(Stop::Reject);
                }
                self.bump();
                let value = self.expression()?;
                let ctx = Ctx::Load;
                let item = self.node(ExprKind::Starred { value, ctx }, start);
                self.scratch.push(item);
            }
            Kind::DoubleStar => {
                *stage = Stage::Mapping;
                self.bump();
                let value = self.expression()?;
                add(None, value);
            }
            Kind::Name if self.kind_after(1) == Kind::Equal => {
                if *stage == Stage::Positional {
                    *stage = Stage::Keyword;
                }
                let name = self.name()?;
                self.bump();
                let value = self.expression()?;
                add(Some(name), value);
            }
            _ => {
                if *stage != Stage::Positional {
                    return Err(Stop::Reject);
                }
                let value = self.named_expression()?;
                if self.kind() == Kind::Equal {
                    return Err(Stop::Reject);
                }
                self.scratch.push(value);
            }
        }
        Ok(())
    }
}
