//! Imports.

use super::Generator;
use crate::ast::{Ctx, Run};
use crate::constant::ConstId;
use crate::error::Result;
use crate::names::Sym;
use crate::symtable::first_part;
use crate::upstream::Op;

impl Generator<'_> {
    pub(super) fn import(&mut self, names: Run) -> Result<()> {
        for at in names.range() {
            let alias = self.unit.ast.aliases[at];
            self.load_int(0)?;
            self.load_const(ConstId::NONE)?;
            self.op_name(Op::ImportName, alias.name)?;
            match alias.asname {
                Some(asname) => self.import_as(alias.name, asname)?,
                None => {
                    let first = first_part(&mut self.unit.names, alias.name);
                    self.variable(first, Ctx::Store)?;
                }
            }
        }
        Ok(())
    }

    fn import_as(&mut self, name: Sym, asname: Sym) -> Result<()> {
        let text = self.unit.names.get(name).to_vec();
        let mut parts = text.split(|&byte| byte == b'.').skip(1).peekable();
        if parts.peek().is_none() {
            return self.variable(asname, Ctx::Store);
        }
        while let Some(part) = parts.next() {
            let part = self.unit.names.intern(part);
            // Parts of a module's name are not private names.
            if self.silent == 0 {
                let index = self.u.names.add(part.0);
                self.op_arg(Op::ImportFrom, index)?;
            }
            if parts.peek().is_some() {
                self.op(Op::RotTwo)?;
                self.op(Op::PopTop)?;
            }
        }
        self.variable(asname, Ctx::Store)?;
        self.op(Op::PopTop)
    }

    pub(super) fn import_from(
        &mut self,
        module: Option<Sym>,
        names: Run,
        level: u32,
        line: u32,
    ) -> Result<()> {
        self.load_int(level.into())?;
        if line > self.settings.future.line && module == Some(Sym::FUTURE) {
            return Err(
                self.error("from __future__ imports must occur at the beginning of the file")
            );
        }
        let mut items = Vec::new();
        for at in names.range() {
            let name = self.unit.ast.aliases[at].name;
            items.push(self.unit.consts.str(name));
        }
        let tuple = self.unit.consts.tuple(&items);
        self.load_named(tuple)?;
        self.op_name(Op::ImportName, module.unwrap_or(Sym::EMPTY))?;
        for at in names.range() {
            let alias = self.unit.ast.aliases[at];
            if alias.name == Sym::STAR {
                return self.op(Op::ImportStar);
            }
            self.op_name(Op::ImportFrom, alias.name)?;
            self.variable(alias.asname.unwrap_or(alias.name), Ctx::Store)?;
        }
        self.op(Op::PopTop)
    }
}
