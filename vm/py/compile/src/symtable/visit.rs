//! Walks over the tree and notes what is said of each name.

use super::{Block, Scope, Table, def};
use crate::ast::{Ctx, ExprId, ExprKind, Function, Param, Params, Run, StmtId, StmtKind};
use crate::error::{Failure, Kind, Result};
use crate::names::{FastMap, Sym};
use crate::parse::Unit;

/// How deep the walk may go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depth {
    /// How deep it is.
    pub(crate) now: u32,
    /// Beyond this there is an error.
    pub(crate) most: u32,
    /// Beyond this the stack at hand is too small.
    pub(crate) shallow: u32,
}

/// What is compiled.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Root {
    Module(crate::ast::Block),
    Expression(ExprId),
}

/// Builds the table. `None` means that the stack at hand is too small.
pub(crate) fn build(unit: &mut Unit, root: Root, depth: Depth) -> Result<Option<Table>> {
    let mut builder = Builder {
        table: Table {
            scopes: Vec::new(),
            index: FastMap::default(),
            functions: vec![0; unit.ast.functions.len()],
            classes: vec![0; unit.ast.classes.len()],
            exprs: FastMap::default(),
        },
        unit,
        current: 0,
        class: None,
        depth,
        too_deep: false,
    };
    builder.enter(Block::Module, 0, 0);
    let found = match root {
        Root::Module(body) => builder.block(body),
        Root::Expression(id) => builder.expr(id),
    };
    if builder.too_deep {
        return Ok(None);
    }
    found?;
    let Builder {
        mut table, unit, ..
    } = builder;
    table.analyze(&unit.names)?;
    Ok(Some(table))
}

struct Builder<'u> {
    table: Table,
    unit: &'u mut Unit,
    current: u32,
    class: Option<Sym>,
    depth: Depth,
    too_deep: bool,
}

impl Builder<'_> {
    fn scope(&mut self) -> &mut Scope {
        &mut self.table.scopes[self.current as usize]
    }

    fn enter(&mut self, block: Block, line: u32, col: u32) -> u32 {
        let id = self.table.scopes.len() as u32;
        let outer = self.table.scopes.get(self.current as usize);
        let nested = outer.is_some_and(|outer| outer.nested || outer.block == Block::Function);
        let comp_iter_expr = outer.map_or(0, |outer| outer.comp_iter_expr);
        self.table.scopes.push(Scope {
            block,
            parent: (id > 0).then_some(self.current),
            line,
            col,
            symbols: Vec::new(),
            varnames: Vec::new(),
            nested,
            generator: false,
            coroutine: false,
            comprehension: false,
            varargs: false,
            varkeywords: false,
            needs_class_closure: false,
            comp_iter_target: false,
            comp_iter_expr,
            directives: Vec::new(),
        });
        self.current = id;
        id
    }

    fn leave(&mut self) {
        self.current = self.scope().parent.unwrap_or(0);
    }

    fn deeper(&mut self) -> Result<()> {
        self.depth.now += 1;
        if self.depth.now > self.depth.most {
            let message = "maximum recursion depth exceeded during compilation";
            return Err(Failure::plain(Kind::RecursionError, message));
        }
        if self.depth.now > self.depth.shallow {
            self.too_deep = true;
            return Err(Failure::plain(Kind::RecursionError, ""));
        }
        Ok(())
    }

    fn mangle(&mut self, name: Sym) -> Sym {
        self.unit.names.mangle(self.class, name)
    }

    fn define(&mut self, name: Sym, flag: u16) -> Result<()> {
        self.define_in(name, flag, self.current)
    }

    fn define_in(&mut self, name: Sym, flag: u16, at: u32) -> Result<()> {
        let mangled = self.mangle(name);
        let slot = self.table.slot(at, mangled);
        let scope = &self.table.scopes[at as usize];
        let mut flags = scope.symbols[slot].flags;
        let (line, offset) = (scope.line, i64::from(scope.col) + 1);
        if flag & flags & def::PARAM != 0 {
            let name = self.unit.names.show(name);
            let message = format!("duplicate argument '{name}' in function definition");
            return Err(Failure::syntax(message, line, offset));
        }
        flags |= flag;
        if scope.comp_iter_target {
            if flags & (def::GLOBAL | def::NONLOCAL) != 0 {
                let name = self.unit.names.show(name);
                let message = format!(
                    "comprehension inner loop cannot rebind assignment expression target '{name}'"
                );
                return Err(Failure::syntax(message, line, offset));
            }
            flags |= def::COMP_ITER;
        }
        self.table.scopes[at as usize].symbols[slot].flags = flags;
        if flag & def::PARAM != 0 {
            self.table.scopes[at as usize].varnames.push(mangled);
        } else if flag & def::GLOBAL != 0 {
            let flags = self.table.flags(0, mangled) | flag;
            self.table.set(0, mangled, flags);
        }
        Ok(())
    }

    fn record(&mut self, name: Sym, line: u32, col: u32) {
        let mangled = self.mangle(name);
        self.scope().directives.push((mangled, line, col));
    }

    fn block(&mut self, block: crate::ast::Block) -> Result<()> {
        for at in block.0.range() {
            let id = self.unit.ast.stmt_at(at);
            self.stmt(id)?;
        }
        Ok(())
    }

    fn exprs(&mut self, row: crate::ast::Exprs) -> Result<()> {
        for at in 0..row.len() {
            let id = self.unit.ast.item(row, at);
            self.expr(id)?;
        }
        Ok(())
    }

    fn option(&mut self, id: Option<ExprId>) -> Result<()> {
        id.map_or(Ok(()), |id| self.expr(id))
    }

    fn stmt(&mut self, id: StmtId) -> Result<()> {
        self.deeper()?;
        let stmt = self.unit.ast.at(id);
        match stmt.kind {
            StmtKind::Function(index) => self.function(index, stmt.line, stmt.col)?,
            StmtKind::Class(index) => self.class(index, stmt.line, stmt.col)?,
            StmtKind::Return(value) => self.option(value)?,
            StmtKind::Delete(targets) => self.exprs(targets)?,
            StmtKind::Assign { targets, value } => {
                self.exprs(targets)?;
                self.expr(value)?;
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target)?;
                self.expr(value)?;
            }
            StmtKind::AnnAssign { .. } => self.ann_assign(id)?,
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.expr(target)?;
                self.expr(iter)?;
                self.block(body)?;
                self.block(orelse)?;
            }
            StmtKind::While { test, body, orelse } | StmtKind::If { test, body, orelse } => {
                self.expr(test)?;
                self.block(body)?;
                self.block(orelse)?;
            }
            StmtKind::With { items, body, .. } => {
                for at in items.range() {
                    let item = self.unit.ast.items[at];
                    self.expr(item.context)?;
                    self.option(item.vars)?;
                }
                self.block(body)?;
            }
            StmtKind::Raise { exc, cause } => {
                self.option(exc)?;
                self.option(cause)?;
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                self.block(body)?;
                self.block(orelse)?;
                self.handlers(handlers)?;
                self.block(finalbody)?;
            }
            StmtKind::Assert { test, msg } => {
                self.expr(test)?;
                self.option(msg)?;
            }
            StmtKind::Import(names) | StmtKind::ImportFrom { names, .. } => self.aliases(names)?,
            StmtKind::Global(names) => self.declare(names, def::GLOBAL, stmt.line, stmt.col)?,
            StmtKind::Nonlocal(names) => {
                self.declare(names, def::NONLOCAL, stmt.line, stmt.col)?;
            }
            StmtKind::Expr(value) => self.expr(value)?,
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => {}
        }
        self.depth.now -= 1;
        Ok(())
    }

    fn handlers(&mut self, handlers: Run) -> Result<()> {
        for at in handlers.range() {
            let handler = self.unit.ast.handlers[at];
            self.option(handler.class)?;
            if let Some(name) = handler.name {
                self.define(name, def::LOCAL)?;
            }
            self.block(handler.body)?;
        }
        Ok(())
    }

    fn ann_assign(&mut self, id: StmtId) -> Result<()> {
        let stmt = self.unit.ast.at(id);
        let StmtKind::AnnAssign {
            target,
            annotation,
            value,
            simple,
        } = stmt.kind
        else {
            return Ok(());
        };
        if let ExprKind::Name { id: name, .. } = self.unit.ast[target].kind {
            let mangled = self.mangle(name);
            let flags = self.table.flags(self.current, mangled);
            if flags & (def::GLOBAL | def::NONLOCAL) != 0 && self.current != 0 && simple {
                let name = self.unit.names.show(name);
                let what = match flags & def::GLOBAL != 0 {
                    true => "global",
                    false => "nonlocal",
                };
                let message = format!("annotated name '{name}' can't be {what}");
                let offset = i64::from(stmt.col) + 1;
                return Err(Failure::syntax(message, stmt.line, offset));
            }
            if simple {
                self.define(name, def::ANNOT | def::LOCAL)?;
            } else if value.is_some() {
                self.define(name, def::LOCAL)?;
            }
        } else {
            self.expr(target)?;
        }
        self.expr(annotation)?;
        self.option(value)
    }

    fn declare(&mut self, names: Run, flag: u16, line: u32, col: u32) -> Result<()> {
        let word = match flag {
            def::GLOBAL => "global",
            _ => "nonlocal",
        };
        for at in names.range() {
            let name = self.unit.ast.names[at];
            let mangled = self.mangle(name);
            let flags = self.table.flags(self.current, mangled);
            let shown = || self.unit.names.show(name);
            let message = if flags & def::PARAM != 0 {
                format!("name '{}' is parameter and {word}", shown())
            } else if flags & def::USE != 0 {
                format!("name '{}' is used prior to {word} declaration", shown())
            } else if flags & def::ANNOT != 0 {
                format!("annotated name '{}' can't be {word}", shown())
            } else if flags & def::LOCAL != 0 {
                format!(
                    "name '{}' is assigned to before {word} declaration",
                    shown()
                )
            } else {
                self.define(name, flag)?;
                self.record(name, line, col);
                continue;
            };
            return Err(Failure::syntax(message, line, i64::from(col) + 1));
        }
        Ok(())
    }

    fn aliases(&mut self, names: Run) -> Result<()> {
        for at in names.range() {
            let alias = self.unit.ast.aliases[at];
            let name = alias.asname.unwrap_or(alias.name);
            if name == Sym::STAR {
                let scope = self.scope();
                if scope.block != Block::Module {
                    let (line, offset) = (scope.line, i64::from(scope.col) + 1);
                    let message = "import * only allowed at module level";
                    return Err(Failure::syntax(message, line, offset));
                }
                continue;
            }
            let stored = first_part(&mut self.unit.names, name);
            self.define(stored, def::IMPORT)?;
        }
        Ok(())
    }

    fn function(&mut self, index: u32, line: u32, col: u32) -> Result<()> {
        let function: Function = self.unit.ast.functions[index as usize];
        self.define(function.name, def::LOCAL)?;
        let params = std::mem::take(&mut self.unit.ast.params[function.params as usize]);
        let found = self.defaults_and_annotations(&params, function.returns);
        self.unit.ast.params[function.params as usize] = params;
        found?;
        self.exprs(function.decorators)?;
        let scope = self.enter(Block::Function, line, col);
        self.table.functions[index as usize] = scope;
        self.scope().coroutine = function.is_async;
        self.params(function.params)?;
        self.block(function.body)?;
        self.leave();
        Ok(())
    }

    fn defaults_and_annotations(&mut self, params: &Params, returns: Option<ExprId>) -> Result<()> {
        self.defaults(params)?;
        for param in params.posonly.iter().chain(&params.args) {
            self.option(param.annotation)?;
        }
        for param in params
            .vararg
            .iter()
            .chain(&params.kwarg)
            .chain(&params.kwonly)
        {
            self.option(param.annotation)?;
        }
        self.option(returns)
    }

    fn defaults(&mut self, params: &Params) -> Result<()> {
        for &default in &params.defaults {
            self.expr(default)?;
        }
        for &default in &params.kw_defaults {
            self.option(default)?;
        }
        Ok(())
    }

    fn params(&mut self, index: u32) -> Result<()> {
        let params = &self.unit.ast.params[index as usize];
        let (vararg, kwarg) = (params.vararg, params.kwarg);
        let plain = params.posonly.iter().chain(&params.args);
        let named: Vec<Param> = plain.chain(&params.kwonly).copied().collect();
        for param in named {
            self.define(param.name, def::PARAM)?;
        }
        if let Some(param) = vararg {
            self.define(param.name, def::PARAM)?;
            self.scope().varargs = true;
        }
        if let Some(param) = kwarg {
            self.define(param.name, def::PARAM)?;
            self.scope().varkeywords = true;
        }
        Ok(())
    }

    fn class(&mut self, index: u32, line: u32, col: u32) -> Result<()> {
        let class = self.unit.ast.classes[index as usize];
        self.define(class.name, def::LOCAL)?;
        self.exprs(class.bases)?;
        self.keywords(class.keywords)?;
        self.exprs(class.decorators)?;
        let scope = self.enter(Block::Class, line, col);
        self.table.classes[index as usize] = scope;
        let outer = self.class.replace(class.name);
        self.block(class.body)?;
        self.class = outer;
        self.leave();
        Ok(())
    }

    fn keywords(&mut self, keywords: Run) -> Result<()> {
        for at in keywords.range() {
            let value = self.unit.ast.keywords[at].value;
            self.expr(value)?;
        }
        Ok(())
    }

    fn expr(&mut self, id: ExprId) -> Result<()> {
        self.deeper()?;
        let expr = self.unit.ast[id];
        match expr.kind {
            ExprKind::Name { id, ctx } => self.name(id, ctx)?,
            ExprKind::Constant { .. } => {}
            ExprKind::Attribute { value, .. }
            | ExprKind::Starred { value, .. }
            | ExprKind::UnaryOp { operand: value, .. } => self.expr(value)?,
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                self.expr(func)?;
                self.exprs(args)?;
                self.keywords(keywords)?;
            }
            ExprKind::BoolOp { values, .. } => self.exprs(values)?,
            ExprKind::BinOp { left, right, .. } => {
                self.expr(left)?;
                self.expr(right)?;
            }
            ExprKind::Subscript { value, index, .. } => {
                self.expr(value)?;
                self.expr(index)?;
            }
            ExprKind::Compare {
                left, comparators, ..
            } => {
                self.expr(left)?;
                self.exprs(comparators)?;
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.expr(test)?;
                self.expr(body)?;
                self.expr(orelse)?;
            }
            ExprKind::Dict { keys, values } => {
                for at in 0..keys.0.len {
                    let key = self.unit.ast.opt_item(keys, at);
                    self.option(key)?;
                }
                self.exprs(values)?;
            }
            ExprKind::Set(elts)
            | ExprKind::Joined(elts)
            | ExprKind::List { elts, .. }
            | ExprKind::Tuple { elts, .. } => self.exprs(elts)?,
            ExprKind::Slice { lower, upper, step } => {
                self.option(lower)?;
                self.option(upper)?;
                self.option(step)?;
            }
            ExprKind::Formatted { value, spec, .. } => {
                self.expr(value)?;
                self.option(spec)?;
            }
            ExprKind::Named { target, value } => {
                self.named(id, target)?;
                self.expr(value)?;
                self.expr(target)?;
            }
            ExprKind::Lambda { params, body } => {
                self.lambda(id, params, body)?;
            }
            ExprKind::Comp { .. } => self.comprehension(id)?,
            ExprKind::Yield(value) => {
                self.option(value)?;
                self.scope().generator = true;
            }
            ExprKind::YieldFrom(value) => {
                self.expr(value)?;
                self.scope().generator = true;
            }
            ExprKind::Await(value) => {
                self.expr(value)?;
                self.scope().coroutine = true;
            }
        }
        self.depth.now -= 1;
        Ok(())
    }

    fn name(&mut self, name: Sym, ctx: Ctx) -> Result<()> {
        let load = ctx == Ctx::Load;
        self.define(name, if load { def::USE } else { def::LOCAL })?;
        if load && name == Sym::SUPER && self.scope().block == Block::Function {
            self.define(Sym::CLASS, def::USE)?;
        }
        Ok(())
    }

    fn lambda(&mut self, id: ExprId, params: u32, body: ExprId) -> Result<()> {
        let expr = self.unit.ast[id];
        let taken = std::mem::take(&mut self.unit.ast.params[params as usize]);
        let found = self.defaults(&taken);
        self.unit.ast.params[params as usize] = taken;
        found?;
        let scope = self.enter(Block::Function, expr.line, expr.col);
        self.table.exprs.insert(id, scope);
        self.params(params)?;
        self.expr(body)?;
        self.leave();
        Ok(())
    }

    /// Notes the target of a named expression in the scope that it belongs to.
    fn named(&mut self, id: ExprId, target: ExprId) -> Result<()> {
        if self.scope().comp_iter_expr > 0 {
            let at = self.unit.ast[id];
            let message =
                "assignment expression cannot be used in a comprehension iterable expression";
            return Err(Failure::syntax(message, at.line, i64::from(at.col)));
        }
        if !self.scope().comprehension {
            return Ok(());
        }
        let at = self.unit.ast[target];
        let ExprKind::Name { id: name, .. } = at.kind else {
            return Ok(());
        };
        let mut scope = self.current;
        loop {
            let (block, comprehension) = {
                let scope = &self.table.scopes[scope as usize];
                (scope.block, scope.comprehension)
            };
            let flags = self.table.flags(scope, name);
            if comprehension {
                if flags & def::COMP_ITER != 0 {
                    let name = self.unit.names.show(name);
                    let message = format!(
                        "assignment expression cannot rebind comprehension iteration \
                         variable '{name}'"
                    );
                    return Err(Failure::syntax(message, at.line, i64::from(at.col)));
                }
                scope = self.table.scopes[scope as usize].parent.unwrap_or(0);
                continue;
            }
            let (here, there) = match block {
                Block::Function if flags & def::GLOBAL != 0 => (def::GLOBAL, def::LOCAL),
                Block::Function => (def::NONLOCAL, def::LOCAL),
                Block::Module => (def::GLOBAL, def::GLOBAL),
                Block::Class => {
                    let message = "assignment expression within a comprehension cannot be used \
                                   in a class body";
                    return Err(Failure::syntax(message, at.line, i64::from(at.col)));
                }
            };
            self.define(name, here)?;
            self.record(name, at.line, at.col);
            return self.define_in(name, there, scope);
        }
    }

    fn comprehension(&mut self, id: ExprId) -> Result<()> {
        let expr = self.unit.ast[id];
        let ExprKind::Comp {
            kind,
            elt,
            value,
            clauses,
        } = expr.kind
        else {
            return Ok(());
        };
        let first = self.unit.ast.clauses[clauses.start as usize];
        self.scope().comp_iter_expr += 1;
        self.expr(first.iter)?;
        self.scope().comp_iter_expr -= 1;
        let scope = self.enter(Block::Function, expr.line, expr.col);
        self.table.exprs.insert(id, scope);
        if first.is_async {
            self.scope().coroutine = true;
        }
        self.scope().comprehension = true;
        self.define(Sym::DOT_ZERO, def::PARAM)?;
        self.target(first.target)?;
        self.exprs(first.ifs)?;
        for at in clauses.range().skip(1) {
            let clause = self.unit.ast.clauses[at];
            self.target(clause.target)?;
            self.scope().comp_iter_expr += 1;
            self.expr(clause.iter)?;
            self.scope().comp_iter_expr -= 1;
            self.exprs(clause.ifs)?;
            if clause.is_async {
                self.scope().coroutine = true;
            }
        }
        self.option(value)?;
        self.expr(elt)?;
        if self.scope().generator {
            let what = match kind {
                crate::ast::Comp::Generator => "generator expression",
                crate::ast::Comp::List => "list comprehension",
                crate::ast::Comp::Set => "set comprehension",
                crate::ast::Comp::Dict => "dict comprehension",
            };
            let message = format!("'yield' inside {what}");
            let offset = i64::from(expr.col) + 1;
            return Err(Failure::syntax(message, expr.line, offset));
        }
        self.scope().generator = kind == crate::ast::Comp::Generator;
        self.leave();
        Ok(())
    }

    fn target(&mut self, target: ExprId) -> Result<()> {
        self.scope().comp_iter_target = true;
        self.expr(target)?;
        self.scope().comp_iter_target = false;
        Ok(())
    }
}

/// Returns a dotted name up to its first dot.
pub(crate) fn first_part(names: &mut crate::names::Names, name: Sym) -> Sym {
    let text = names.get(name);
    match text.iter().position(|&byte| byte == b'.') {
        Some(dot) => {
            let first = text[..dot].to_vec();
            names.intern(&first)
        }
        None => name,
    }
}
