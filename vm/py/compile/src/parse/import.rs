//! `import` and `from … import`.

use super::{Parse, Parser, Stop};
use crate::ast::{Alias, Run, StmtKind};
use crate::names::Sym;
use crate::token::Kind;

impl Parser<'_> {
    pub(super) fn import_name(&mut self) -> Parse<StmtKind> {
        self.bump();
        let mut aliases = Vec::new();
        loop {
            let name = self.dotted_name()?;
            let asname = self.as_name()?;
            aliases.push(Alias { name, asname });
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        let run = Run::push(&mut self.unit.ast.aliases, &aliases);
        Ok(StmtKind::Import(run))
    }

    fn as_name(&mut self) -> Parse<Option<Sym>> {
        match self.eat(Kind::As) {
            true => self.name().map(Some),
            false => Ok(None),
        }
    }

    fn dotted_name(&mut self) -> Parse<Sym> {
        let first = self.name()?;
        if self.kind() != Kind::Dot {
            return Ok(first);
        }
        let mut text = self.unit.names.get(first).to_vec();
        while self.eat(Kind::Dot) {
            let next = self.name()?;
            text.push(b'.');
            text.extend_from_slice(self.unit.names.get(next));
        }
        Ok(self.unit.names.identifier(&text))
    }

    pub(super) fn import_from(&mut self) -> Parse<StmtKind> {
        self.bump();
        let mut level = 0;
        loop {
            level += match self.kind() {
                Kind::Dot => 1,
                Kind::Ellipsis => 3,
                _ => break,
            };
            self.bump();
        }
        let module = match self.kind() {
            Kind::Import if level > 0 => None,
            _ => Some(self.dotted_name()?),
        };
        self.expect(Kind::Import)?;
        let mut aliases = Vec::new();
        if self.eat(Kind::Star) {
            aliases.push(Alias {
                name: Sym::STAR,
                asname: None,
            });
        } else {
            let closed = self.eat(Kind::LParen);
            loop {
                let name = self.name()?;
                let asname = self.as_name()?;
                aliases.push(Alias { name, asname });
                if !self.eat(Kind::Comma) || closed && self.kind() == Kind::RParen {
                    break;
                }
            }
            if closed {
                self.expect(Kind::RParen)?;
            }
        }
        let names = Run::push(&mut self.unit.ast.aliases, &aliases);
        Ok(StmtKind::ImportFrom {
            module,
            names,
            level,
        })
    }

    /// Parses the names of a `global` or `nonlocal`.
    pub(super) fn declared(&mut self) -> Parse<Run> {
        self.bump();
        let mut names = Vec::new();
        loop {
            names.push(self.name()?);
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        if names.is_empty() {
            return Err(Stop::Reject);
        }
        Ok(Run::push(&mut self.unit.ast.names, &names))
    }
}
