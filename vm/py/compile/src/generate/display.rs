//! Tuples, lists, sets and dicts.

use super::Generator;
use crate::ast::{Ctx, ExprId, ExprKind, Exprs, OptExprs};
use crate::constant::ConstId;
use crate::error::Result;
use crate::fold;
use crate::upstream::Op;

/// How a collection is built.
#[derive(Clone, Copy)]
pub(super) struct Build {
    make: Op,
    add: Op,
    extend: Op,
    /// Whether a tuple is wanted.
    tuple: bool,
}

pub(super) const TUPLE: Build = Build {
    make: Op::BuildList,
    add: Op::ListAppend,
    extend: Op::ListExtend,
    tuple: true,
};
const LIST: Build = Build {
    tuple: false,
    ..TUPLE
};
const SET: Build = Build {
    make: Op::BuildSet,
    add: Op::SetAdd,
    extend: Op::SetUpdate,
    tuple: false,
};

/// Most pairs of a dict that are pushed at once.
const MOST_PAIRS: u32 = 0xffff;

impl Generator<'_> {
    pub(super) fn sequence(&mut self, elts: Exprs, ctx: Ctx, tuple: bool) -> Result<()> {
        match ctx {
            Ctx::Store => self.unpack(elts),
            Ctx::Load => self.collect(elts, 0, if tuple { TUPLE } else { LIST }),
            Ctx::Del => self.exprs(elts),
        }
    }

    pub(super) fn set(&mut self, elts: Exprs) -> Result<()> {
        self.collect(elts, 0, SET)
    }

    fn starred(&self, id: ExprId) -> Option<ExprId> {
        match self.unit.ast[id].kind {
            ExprKind::Starred { value, .. } => Some(value),
            _ => None,
        }
    }

    fn constants(&self, elts: Exprs) -> Option<Vec<ConstId>> {
        let ast = &self.unit.ast;
        ast.items_of(elts).map(|id| fold::value(ast, id)).collect()
    }

    /// Builds a collection of expressions; `pushed` items lie on the stack already.
    pub(super) fn collect(&mut self, elts: Exprs, pushed: u32, build: Build) -> Result<()> {
        if elts.len() > 2
            && let Some(items) = self.constants(elts)
        {
            return self.collect_constants(&items, pushed, build);
        }
        let unpacked = |id| self.starred(id).is_some();
        let any = self.unit.ast.items_of(elts).any(unpacked);
        if !any {
            self.exprs(elts)?;
            let op = if build.tuple {
                Op::BuildTuple
            } else {
                build.make
            };
            return self.op_arg(op, elts.len() + pushed);
        }
        let mut seen = false;
        for at in 0..elts.len() {
            let item = self.unit.ast.item(elts, at);
            if let Some(value) = self.starred(item) {
                if !std::mem::replace(&mut seen, true) {
                    self.op_arg(build.make, at + pushed)?;
                }
                self.expr(value)?;
                self.op_arg(build.extend, 1)?;
            } else {
                self.expr(item)?;
                if seen {
                    self.op_arg(build.add, 1)?;
                }
            }
        }
        match build.tuple {
            true => self.op(Op::ListToTuple),
            false => Ok(()),
        }
    }

    fn collect_constants(&mut self, items: &[ConstId], pushed: u32, build: Build) -> Result<()> {
        if build.tuple {
            let tuple = self.unit.consts.tuple(items);
            return self.load_const(tuple);
        }
        let set = match build.add == Op::SetAdd {
            true => self.unit.consts.frozenset(&self.unit.names, items),
            false => None,
        };
        let whole = match set {
            Some(set) => set,
            None => self.unit.consts.tuple(items),
        };
        self.op_arg(build.make, pushed)?;
        self.load_const(whole)?;
        self.op_arg(build.extend, 1)
    }

    /// Assigns the items of what is on top of the stack.
    fn unpack(&mut self, elts: Exprs) -> Result<()> {
        let count = elts.len();
        let mut seen = false;
        for at in 0..count {
            let item = self.unit.ast.item(elts, at);
            if self.starred(item).is_none() {
                continue;
            }
            if std::mem::replace(&mut seen, true) {
                return Err(self.error("multiple starred expressions in assignment"));
            }
            let after = count - at - 1;
            if at >= 1 << 8 || after >= i32::MAX as u32 >> 8 {
                return Err(self.error("too many expressions in star-unpacking assignment"));
            }
            self.op_arg(Op::UnpackEx, at + (after << 8))?;
        }
        if !seen {
            self.op_arg(Op::UnpackSequence, count)?;
        }
        for at in 0..count {
            let item = self.unit.ast.item(elts, at);
            let target = self.starred(item).unwrap_or(item);
            self.expr(target)?;
        }
        Ok(())
    }

    /// Builds a dict of pairs that are not unpacked.
    fn pairs(&mut self, keys: OptExprs, values: Exprs, from: u32, to: u32) -> Result<()> {
        let constants: Option<Vec<ConstId>> = (from..to)
            .map(|at| {
                let key = self.unit.ast.opt_item(keys, at)?;
                fold::value(&self.unit.ast, key)
            })
            .collect();
        if let Some(constants) = constants.filter(|_| to - from > 1) {
            for at in from..to {
                let value = self.unit.ast.item(values, at);
                self.expr(value)?;
            }
            let tuple = self.unit.consts.tuple(&constants);
            self.load_const(tuple)?;
            return self.op_arg(Op::BuildConstKeyMap, to - from);
        }
        for at in from..to {
            if let Some(key) = self.unit.ast.opt_item(keys, at) {
                self.expr(key)?;
            }
            let value = self.unit.ast.item(values, at);
            self.expr(value)?;
        }
        self.op_arg(Op::BuildMap, to - from)
    }

    pub(super) fn dict(&mut self, keys: OptExprs, values: Exprs) -> Result<()> {
        let count = values.len();
        let mut have_dict = false;
        // How many pairs wait to be built.
        let mut waiting = 0;
        for at in 0..count {
            if self.unit.ast.opt_item(keys, at).is_none() {
                if waiting > 0 {
                    self.pairs(keys, values, at - waiting, at)?;
                    self.update(&mut have_dict)?;
                    waiting = 0;
                }
                if !have_dict {
                    self.op_arg(Op::BuildMap, 0)?;
                    have_dict = true;
                }
                let value = self.unit.ast.item(values, at);
                self.expr(value)?;
                self.op_arg(Op::DictUpdate, 1)?;
            } else if waiting == MOST_PAIRS {
                self.pairs(keys, values, at - waiting, at + 1)?;
                self.update(&mut have_dict)?;
                waiting = 0;
            } else {
                waiting += 1;
            }
        }
        if waiting > 0 {
            self.pairs(keys, values, count - waiting, count)?;
            self.update(&mut have_dict)?;
        }
        match have_dict {
            true => Ok(()),
            false => self.op_arg(Op::BuildMap, 0),
        }
    }

    /// Puts a new dict into the one below it, if there is one.
    fn update(&mut self, have_dict: &mut bool) -> Result<()> {
        match std::mem::replace(have_dict, true) {
            true => self.op_arg(Op::DictUpdate, 1),
            false => Ok(()),
        }
    }
}
