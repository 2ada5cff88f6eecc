//! Functions, classes and lambdas.

use super::Generator;
use crate::ast::{Ctx, ExprId, Exprs, Param, Params};
use crate::blocks::ScopeKind;
use crate::constant::{ConstId, Value};
use crate::error::Result;
use crate::fold::doc;
use crate::names::Sym;
use crate::symtable::Place;
use crate::upstream::Op;

/// What a function is made with, as the argument of MAKE_FUNCTION.
const DEFAULTS: u32 = 1;
const KW_DEFAULTS: u32 = 2;
const ANNOTATIONS: u32 = 4;
const CLOSURE: u32 = 8;

impl Generator<'_> {
    pub(super) fn exprs(&mut self, row: Exprs) -> Result<()> {
        for at in 0..row.len() {
            let id = self.unit.ast.item(row, at);
            self.expr(id)?;
        }
        Ok(())
    }

    /// The line of a definition is that of its first decorator.
    fn first_line(&self, decorators: Exprs, line: u32) -> u32 {
        match decorators.is_empty() {
            true => line,
            false => self.unit.ast[self.unit.ast.item(decorators, 0)].line,
        }
    }

    pub(super) fn function(&mut self, index: u32, line: u32) -> Result<()> {
        let function = self.unit.ast.functions[index as usize];
        let params = self.unit.ast.params[function.params as usize].clone();
        self.check_params(&params)?;
        self.exprs(function.decorators)?;
        let first_line = self.first_line(function.decorators, line);
        let mut made = self.defaults(&params)?;
        if self.annotations(&params, function.returns)? {
            made |= ANNOTATIONS;
        }
        let kind = match function.is_async {
            true => ScopeKind::AsyncFunction,
            false => ScopeKind::Function,
        };
        let scope = self.table.function(index);
        self.enter(kind, function.name, scope, first_line);
        let docstring = match self.settings.optimize < 2 {
            true => doc(self.unit, function.body),
            false => None,
        };
        self.add_const(docstring.unwrap_or(ConstId::NONE));
        self.count_params(&params);
        self.block(function.body)?;
        let (code, qualname) = self.leave(true)?;
        self.make_function(code, made, qualname, scope)?;
        for _ in 0..function.decorators.len() {
            self.op_arg(Op::CallFunction, 1)?;
        }
        self.variable(function.name, Ctx::Store)
    }

    fn count_params(&mut self, params: &Params) {
        self.u.argcount = params.args.len() as u32;
        self.u.posonlyargcount = params.posonly.len() as u32;
        self.u.kwonlyargcount = params.kwonly.len() as u32;
    }

    fn check_params(&self, params: &Params) -> Result<()> {
        let plain = params
            .posonly
            .iter()
            .chain(&params.args)
            .chain(&params.vararg);
        for param in plain.chain(&params.kwonly).chain(&params.kwarg) {
            self.forbid(param.name, Ctx::Store)?;
        }
        Ok(())
    }

    fn defaults(&mut self, params: &Params) -> Result<u32> {
        let mut made = 0;
        if !params.defaults.is_empty() {
            for &default in &params.defaults {
                self.expr(default)?;
            }
            self.op_arg(Op::BuildTuple, params.defaults.len() as u32)?;
            made |= DEFAULTS;
        }
        let mut names = Vec::new();
        for (param, &default) in params.kwonly.iter().zip(&params.kw_defaults) {
            if let Some(default) = default {
                names.push(self.unit.names.mangle(self.u.private, param.name));
                self.expr(default)?;
            }
        }
        if !names.is_empty() {
            self.key_map(&names)?;
            made |= KW_DEFAULTS;
        }
        Ok(made)
    }

    /// Makes a dict of what was pushed, with these keys.
    pub(super) fn key_map(&mut self, names: &[Sym]) -> Result<()> {
        self.load_names(names)?;
        self.op_arg(Op::BuildConstKeyMap, names.len() as u32)
    }

    /// Loads a tuple of names.
    pub(super) fn load_names(&mut self, names: &[Sym]) -> Result<()> {
        let keys: Vec<_> = names
            .iter()
            .map(|&name| self.unit.consts.str(name))
            .collect();
        let keys = self.unit.consts.tuple(&keys);
        self.load_named(keys)
    }

    fn annotations(&mut self, params: &Params, returns: Option<ExprId>) -> Result<bool> {
        let mut names = Vec::new();
        let plain = params
            .args
            .iter()
            .chain(&params.posonly)
            .chain(&params.vararg);
        let all: Vec<Param> = plain
            .chain(&params.kwonly)
            .chain(&params.kwarg)
            .copied()
            .collect();
        let returned = Param {
            name: Sym::RETURN,
            annotation: returns,
        };
        for param in all.into_iter().chain([returned]) {
            if let Some(annotation) = param.annotation {
                self.annotation(annotation)?;
                names.push(self.unit.names.mangle(self.u.private, param.name));
            }
        }
        if !names.is_empty() {
            self.key_map(&names)?;
        }
        Ok(!names.is_empty())
    }

    /// Makes a function of a code object whose scope is `scope`.
    pub(super) fn make_function(
        &mut self,
        code: u32,
        made: u32,
        qualname: Sym,
        scope: u32,
    ) -> Result<()> {
        let mut made = made;
        let class_free = crate::symtable::def::FREE_CLASS;
        let free = self
            .table
            .sorted(&self.unit.names, scope, Place::Free, class_free);
        if !free.is_empty() {
            for &name in &free {
                let index = self.closure_index(name);
                self.op_arg(Op::LoadClosure, index)?;
            }
            made |= CLOSURE;
            self.op_arg(Op::BuildTuple, free.len() as u32)?;
        }
        if self.silent == 0 {
            let value = self.unit.consts.add(Value::Code(code));
            self.load_const(value)?;
        }
        self.load_qualname(qualname)?;
        self.op_arg(Op::MakeFunction, made)
    }

    /// Loads a qualified name, which is the name itself at the top.
    fn load_qualname(&mut self, qualname: Sym) -> Result<()> {
        let value = self.unit.consts.str(qualname);
        let own = Sym::is_scope_name(qualname) || self.unit.names.is_identifier(qualname);
        match own {
            true => self.load_named(value),
            false => self.load_const(value),
        }
    }

    /// Returns the index of the cell that a function within this one takes.
    fn closure_index(&self, name: Sym) -> u32 {
        let class = self.u.kind == ScopeKind::Class && name == Sym::CLASS;
        let is_cell = class || self.table.place(self.u.scope, name) == Place::Cell;
        let found = match is_cell {
            true => self.u.cell(name),
            false => self.u.free(name),
        };
        found.unwrap_or(0)
    }

    pub(super) fn class(&mut self, index: u32, line: u32) -> Result<()> {
        let class = self.unit.ast.classes[index as usize];
        self.exprs(class.decorators)?;
        let first_line = self.first_line(class.decorators, line);
        let scope = self.table.class(index);
        self.enter(ScopeKind::Class, class.name, scope, first_line);
        self.u.private = Some(class.name);
        self.variable(Sym::NAME, Ctx::Load)?;
        self.variable(Sym::MODULE_NAME, Ctx::Store)?;
        self.load_qualname(self.u.qualname)?;
        self.variable(Sym::QUALNAME, Ctx::Store)?;
        self.body(class.body)?;
        if self.table.scopes[scope as usize].needs_class_closure {
            let index = self.u.cell(Sym::CLASS).unwrap_or(0);
            self.op_arg(Op::LoadClosure, index)?;
            self.op(Op::DupTop)?;
            self.variable(Sym::CLASSCELL, Ctx::Store)?;
        } else {
            self.load_const(ConstId::NONE)?;
        }
        self.op(Op::ReturnValue)?;
        let (code, _) = self.leave(true)?;
        self.op(Op::LoadBuildClass)?;
        self.make_function(code, 0, class.name, scope)?;
        self.load_qualname(class.name)?;
        self.arguments(2, class.bases, class.keywords)?;
        for _ in 0..class.decorators.len() {
            self.op_arg(Op::CallFunction, 1)?;
        }
        self.variable(class.name, Ctx::Store)
    }

    pub(super) fn lambda(&mut self, id: ExprId, params: u32, body: ExprId) -> Result<()> {
        let params = self.unit.ast.params[params as usize].clone();
        self.check_params(&params)?;
        let made = self.defaults(&params)?;
        let scope = self.table.expr(id);
        let line = self.unit.ast[id].line;
        self.enter(ScopeKind::Lambda, Sym::LAMBDA, scope, line);
        self.add_const(ConstId::NONE);
        self.count_params(&params);
        self.expr(body)?;
        let generator = self.table.scopes[scope as usize].generator;
        if !generator {
            self.op(Op::ReturnValue)?;
        }
        let (code, qualname) = self.leave(!generator)?;
        self.make_function(code, made, qualname, scope)
    }
}
