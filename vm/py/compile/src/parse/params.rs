//! Parameters of functions and lambdas.

use super::{Parse, Parser, Stop};
use crate::ast::{Param, Params};
use crate::token::Kind;

impl Parser<'_> {
    /// Parses parameters up to `closing`, a parenthesis or a lambda's colon; returns their number.
    pub(super) fn params(&mut self, closing: Kind) -> Parse<u32> {
        let mut params = Params::default();
        let mut starred = false;
        while self.kind() != closing {
            match self.kind() {
                Kind::Slash => {
                    let early = starred || !params.posonly.is_empty() || params.args.is_empty();
                    if early {
                        return Err(Stop::Reject);
                    }
                    self.bump();
                    params.posonly = std::mem::take(&mut params.args);
                }
                Kind::DoubleStar => {
                    self.bump();
                    params.kwarg = Some(self.param(closing)?);
                    self.eat(Kind::Comma);
                    if self.kind() != closing {
                        return Err(Stop::Reject);
                    }
                    break;
                }
                Kind::Star => {
                    if std::mem::replace(&mut starred, true) {
                        return Err(Stop::Reject);
                    }
                    self.bump();
                    if self.kind() != Kind::Comma {
                        params.vararg = Some(self.param(closing)?);
                    } else if self.kind_after(1) != Kind::Name {
                        return Err(Stop::Reject);
                    }
                }
                _ => self.plain_param(&mut params, starred, closing)?,
            }
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        if self.kind() != closing {
            return Err(Stop::Reject);
        }
        self.unit.ast.params.push(params);
        Ok(self.unit.ast.params.len() as u32 - 1)
    }

    fn plain_param(&mut self, params: &mut Params, starred: bool, closing: Kind) -> Parse<()> {
        let param = self.param(closing)?;
        let default = match self.eat(Kind::Equal) {
            true => Some(self.expression()?),
            false => None,
        };
        if starred {
            params.kwonly.push(param);
            params.kw_defaults.push(default);
            return Ok(());
        }
        params.args.push(param);
        match default {
            Some(default) => params.defaults.push(default),
            None if !params.defaults.is_empty() => return Err(Stop::Reject),
            None => {}
        }
        Ok(())
    }

    fn param(&mut self, closing: Kind) -> Parse<Param> {
        let name = self.name()?;
        let mut annotation = None;
        if closing == Kind::RParen && self.eat(Kind::Colon) {
            annotation = Some(self.annotation()?);
        }
        Ok(Param { name, annotation })
    }

    /// Parses an annotation, and notes which nodes are its.
    pub(super) fn annotation(&mut self) -> Parse<crate::ast::ExprId> {
        let from = self.unit.ast.exprs.len() as u32;
        let found = self.expression()?;
        let to = self.unit.ast.exprs.len() as u32;
        self.unit.ast.annotations.push((from, to));
        Ok(found)
    }
}
