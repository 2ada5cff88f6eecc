//! Calls.

use super::Generator;
use super::display::TUPLE;
use crate::ast::{Ctx, ExprId, ExprKind, Exprs, Run};
use crate::error::Result;
use crate::names::{FastMap, Sym};
use crate::upstream::Op;

impl Generator<'_> {
    pub(super) fn call(&mut self, func: ExprId, args: Exprs, keywords: Run) -> Result<()> {
        if let ExprKind::Attribute {
            value,
            attr,
            ctx: Ctx::Load,
        } = self.unit.ast[func].kind
            && keywords.is_empty()
            && !self.any_starred(args)
        {
            self.expr(value)?;
            self.op_name(Op::LoadMethod, attr)?;
            self.exprs(args)?;
            return self.op_arg(Op::CallMethod, args.len());
        }
        self.check_called(func);
        self.expr(func)?;
        self.arguments(0, args, keywords)
    }

    fn any_starred(&self, args: Exprs) -> bool {
        let ast = &self.unit.ast;
        ast.items_of(args)
            .any(|id| matches!(ast[id].kind, ExprKind::Starred { .. }))
    }

    /// Refuses a keyword that is given twice.
    fn check_keywords(&mut self, keywords: Run) -> Result<()> {
        let all = &self.unit.ast.keywords[keywords.range()];
        if all.iter().all(|keyword| keyword.arg != Some(Sym::DEBUG)) && all.len() < 2 {
            return Ok(());
        }
        // The first of a pair decides, and its nearest follower.
        let mut next: FastMap<Sym, usize> = FastMap::default();
        let mut repeated = vec![None; all.len()];
        for (at, keyword) in all.iter().enumerate().rev() {
            if let Some(arg) = keyword.arg {
                repeated[at] = next.insert(arg, at);
            }
        }
        for (at, other) in keywords.range().zip(repeated) {
            let keyword = self.unit.ast.keywords[at];
            let Some(arg) = keyword.arg else { continue };
            self.forbid(arg, Ctx::Store)?;
            if let Some(other) = other {
                let other = self.unit.ast.keywords[keywords.range().start + other];
                self.u.col = other.col;
                let name = self.unit.names.show(arg);
                return Err(self.error(format!("keyword argument repeated: {name}")));
            }
        }
        Ok(())
    }

    /// Pushes arguments and calls; `pushed` arguments lie on the stack already.
    pub(super) fn arguments(&mut self, pushed: u32, args: Exprs, keywords: Run) -> Result<()> {
        self.check_keywords(keywords)?;
        let mapping = self.unit.ast.keywords[keywords.range()]
            .iter()
            .any(|keyword| keyword.arg.is_none());
        if mapping || self.any_starred(args) {
            return self.unpacked_arguments(pushed, args, keywords);
        }
        self.exprs(args)?;
        if keywords.is_empty() {
            return self.op_arg(Op::CallFunction, pushed + args.len());
        }
        let names = self.push_values(keywords.range())?;
        self.load_names(&names)?;
        self.op_arg(Op::CallFunctionKw, pushed + args.len() + keywords.len)
    }

    /// Pushes the values of keywords; returns their names.
    fn push_values(&mut self, range: std::ops::Range<usize>) -> Result<Vec<Sym>> {
        let mut names = Vec::new();
        for at in range {
            let keyword = self.unit.ast.keywords[at];
            self.expr(keyword.value)?;
            names.extend(keyword.arg);
        }
        Ok(names)
    }

    fn unpacked_arguments(&mut self, pushed: u32, args: Exprs, keywords: Run) -> Result<()> {
        let only = (pushed == 0 && args.len() == 1).then(|| self.unit.ast.item(args, 0));
        let unpacked = only.and_then(|id| match self.unit.ast[id].kind {
            ExprKind::Starred { value, .. } => Some(value),
            _ => None,
        });
        match unpacked {
            Some(value) => self.expr(value)?,
            None => self.collect(args, pushed, TUPLE)?,
        }
        let mut have_dict = false;
        let mut from = keywords.range().start;
        for at in keywords.range() {
            let keyword = self.unit.ast.keywords[at];
            if keyword.arg.is_some() {
                continue;
            }
            if from < at {
                self.named_arguments(from..at)?;
                self.merge(&mut have_dict)?;
            }
            from = at + 1;
            if !have_dict {
                self.op_arg(Op::BuildMap, 0)?;
                have_dict = true;
            }
            self.expr(keyword.value)?;
            self.op_arg(Op::DictMerge, 1)?;
        }
        if from < keywords.range().end {
            self.named_arguments(from..keywords.range().end)?;
            self.merge(&mut have_dict)?;
        }
        self.op_arg(Op::CallFunctionEx, u32::from(!keywords.is_empty()))
    }

    fn merge(&mut self, have_dict: &mut bool) -> Result<()> {
        match std::mem::replace(have_dict, true) {
            true => self.op_arg(Op::DictMerge, 1),
            false => Ok(()),
        }
    }

    /// Builds a dict of keywords.
    fn named_arguments(&mut self, range: std::ops::Range<usize>) -> Result<()> {
        if range.len() > 1 {
            let names = self.push_values(range)?;
            return self.key_map(&names);
        }
        let keyword = self.unit.ast.keywords[range.start];
        if let Some(arg) = keyword.arg {
            let value = self.unit.consts.str(arg);
            self.load_named(value)?;
        }
        self.expr(keyword.value)?;
        self.op_arg(Op::BuildMap, 1)
    }
}
