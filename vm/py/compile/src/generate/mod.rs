//! Code generation: the tree to blocks of instructions, as CPython's compiler emits them.

mod call;
mod comprehension;
mod display;
mod expr;
mod function;
mod import;
mod jump;
mod loops;
mod stmt;
mod try_with;
mod unwind;

use crate::assemble::{self, CodeObject, Scratch};
use crate::ast::{Block, Ctx, ExprId};
use crate::blocks::{BlockId, CodeUnit, FrameBlock, ScopeKind, Spare};
use crate::constant::{ConstId, Value};
use crate::error::{Category, Failure, Kind, Result, Spot, Warning};
use crate::fold::doc;
use crate::future::Future;
use crate::names::{FastMap, Sym};
use crate::parse::Unit;
use crate::symtable::{Place, Table};
use crate::upstream::Op;
use crate::upstream::object::flags;

/// Most instructions of a source, those of blocks that are compiled several times included.
const MOST_INSTRUCTIONS: u64 = 1 << 26;

/// What is generated.
pub(crate) struct Generated {
    pub(crate) codes: Vec<CodeObject>,
    /// The module's code, among them.
    pub(crate) main: u32,
}

/// How code is generated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) optimize: u8,
    /// Flags that all code objects have.
    pub(crate) inherited: u32,
    pub(crate) future: Future,
    pub(crate) interactive: bool,
    pub(crate) top_level_await: bool,
}

/// What is generated from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Root {
    Module(Block),
    Interactive(Block),
    Expression(ExprId),
}

pub(crate) struct Generator<'u> {
    unit: &'u mut Unit,
    table: Table,
    settings: Settings,
    units: Vec<CodeUnit>,
    /// The unit that is being compiled.
    u: CodeUnit,
    /// Not 0 while code is only checked.
    silent: u32,
    codes: Vec<CodeObject>,
    /// Code objects by their first lines.
    by_line: FastMap<u32, Vec<u32>>,
    steps: u64,
    scratch: Scratch,
    /// Lists of units that are done, to be filled again.
    spare: Vec<Spare>,
}

/// Generates the code of a source.
pub(crate) fn generate(
    unit: &mut Unit,
    table: Table,
    settings: Settings,
    root: Root,
) -> Result<Generated> {
    let mut generator = Generator {
        unit,
        table,
        settings,
        units: Vec::new(),
        u: CodeUnit::new(ScopeKind::Module, Sym::MODULE, 0, 0, Spare::default()),
        silent: 0,
        codes: Vec::new(),
        by_line: FastMap::default(),
        steps: 0,
        scratch: Scratch::default(),
        spare: Vec::new(),
    };
    generator.prepare_scope(0);
    let add_none = match root {
        Root::Module(body) => {
            generator.body(body)?;
            true
        }
        Root::Interactive(body) => {
            if generator.has_annotations(body) {
                generator.op(Op::SetupAnnotations)?;
            }
            generator.block(body)?;
            true
        }
        Root::Expression(id) => {
            generator.expr(id)?;
            false
        }
    };
    let main = generator.finish(add_none)?;
    Ok(Generated {
        codes: generator.codes,
        main,
    })
}

impl Generator<'_> {
    /// Fills the variables of the unit from its scope.
    fn prepare_scope(&mut self, scope: u32) {
        self.u.scope = scope;
        let table = &self.table;
        let entry = &table.scopes[scope as usize];
        for &name in &entry.varnames {
            self.u.varnames.add(name.0);
        }
        self.u.cellvars = table.sorted(&self.unit.names, scope, Place::Cell, 0);
        if entry.needs_class_closure {
            self.u.cellvars.push(Sym::CLASS);
        }
        let class_free = crate::symtable::def::FREE_CLASS;
        self.u.freevars = table.sorted(&self.unit.names, scope, Place::Free, class_free);
    }

    /// Begins the code of a scope within the current one.
    fn enter(&mut self, kind: ScopeKind, name: Sym, scope: u32, line: u32) {
        let private = self.u.private;
        let spare = self.spare.pop().unwrap_or_default();
        let unit = CodeUnit::new(kind, name, scope, line, spare);
        let outer = std::mem::replace(&mut self.u, unit);
        self.units.push(outer);
        self.u.private = private;
        self.prepare_scope(scope);
        self.u.qualname = self.qualname();
    }

    fn qualname(&mut self) -> Sym {
        let name = self.u.name;
        let [_, .., parent] = &self.units[..] else {
            return name;
        };
        let mut around = self.unit.names.get(parent.qualname).to_vec();
        if let ScopeKind::Function | ScopeKind::AsyncFunction | ScopeKind::Class = self.u.kind {
            let mangled = self.unit.names.mangle(parent.private, name);
            if self.table.place(parent.scope, mangled) == Place::GlobalExplicit {
                return name;
            }
        }
        if let ScopeKind::Function | ScopeKind::AsyncFunction | ScopeKind::Lambda = parent.kind {
            around.extend(b".<locals>");
        }
        around.push(b'.');
        around.extend_from_slice(self.unit.names.get(name));
        self.unit.names.intern(&around)
    }

    /// Ends the code of the scope; returns its number and its qualified name.
    fn leave(&mut self, add_none: bool) -> Result<(u32, Sym)> {
        let qualname = self.u.qualname;
        let code = self.finish(add_none)?;
        if let Some(outer) = self.units.pop() {
            let done = std::mem::replace(&mut self.u, outer);
            self.spare.push(done.into_spare());
        }
        Ok((code, qualname))
    }

    /// Makes the unit a code object.
    fn finish(&mut self, add_none: bool) -> Result<u32> {
        if !self.u.blocks[self.u.current as usize].has_return {
            self.next_block();
            if add_none {
                self.load_const(ConstId::NONE)?;
            }
            self.op(Op::ReturnValue)?;
        }
        self.u.close();
        let flags = self.code_flags();
        if self.silent > 0 {
            // Nothing refers to it.
            return Ok(0);
        }
        let code =
            assemble::assemble(&mut self.u, &mut self.unit.consts, flags, &mut self.scratch)?;
        let next = self.codes.len() as u32;
        // Equal ones begin in one line.
        let alike = self.by_line.entry(code.first_line).or_default();
        let mut alike_codes = alike.iter().copied();
        let same = alike_codes.find(|&index| self.codes[index as usize].is_same(&code));
        if let Some(index) = same {
            return Ok(index);
        }
        alike.push(next);
        self.codes.push(code);
        Ok(next)
    }

    fn code_flags(&self) -> u32 {
        let scope = &self.table.scopes[self.u.scope as usize];
        let mut found = self.settings.inherited;
        let mut set = |condition: bool, flag: u32| found |= if condition { flag } else { 0 };
        if scope.block == crate::symtable::Block::Function {
            set(true, flags::NEWLOCALS | flags::OPTIMIZED);
            set(scope.nested, flags::NESTED);
            set(scope.generator && !scope.coroutine, flags::GENERATOR);
            set(!scope.generator && scope.coroutine, flags::COROUTINE);
            set(scope.generator && scope.coroutine, flags::ASYNC_GENERATOR);
            set(scope.varargs, flags::VARARGS);
            set(scope.varkeywords, flags::VARKEYWORDS);
        }
        let awaits = self.is_top_level_await() && scope.coroutine && !scope.generator;
        set(awaits, flags::COROUTINE);
        let free = self.u.cellvars.is_empty() && self.u.freevars.is_empty();
        set(free, flags::NOFREE);
        found
    }

    fn is_top_level_await(&self) -> bool {
        let scope = &self.table.scopes[self.u.scope as usize];
        self.settings.top_level_await && scope.block == crate::symtable::Block::Module
    }

    fn in_function(&self) -> bool {
        let scope = &self.table.scopes[self.u.scope as usize];
        scope.block == crate::symtable::Block::Function
    }

    fn new_block(&mut self) -> BlockId {
        self.u.new_block()
    }

    fn use_block(&mut self, block: BlockId) {
        self.u.use_block(block);
    }

    fn next_block(&mut self) {
        let block = self.u.new_block();
        self.u.use_block(block);
    }

    fn step(&mut self) -> Result<()> {
        self.steps += 1;
        match self.steps > MOST_INSTRUCTIONS {
            true => Err(Failure::plain(Kind::MemoryError, "")),
            false => Ok(()),
        }
    }

    fn op(&mut self, op: Op) -> Result<()> {
        self.op_arg(op, 0)
    }

    fn op_arg(&mut self, op: Op, arg: u32) -> Result<()> {
        self.step()?;
        if self.silent == 0 {
            self.u.emit(op, arg);
        }
        Ok(())
    }

    fn jump(&mut self, op: Op, target: BlockId) -> Result<()> {
        self.step()?;
        if self.silent == 0 {
            self.u.emit_jump(op, target);
        }
        Ok(())
    }

    fn load_const(&mut self, value: ConstId) -> Result<()> {
        let index = self.add_const(value);
        self.op_arg(Op::LoadConst, index)
    }

    fn add_const(&mut self, value: ConstId) -> u32 {
        if self.silent > 0 {
            return 0;
        }
        if self.may_hold_text(value) {
            self.unit.consts.load(value, false);
        }
        self.u.consts.add(value.0)
    }

    fn may_hold_text(&self, value: ConstId) -> bool {
        matches!(
            self.unit.consts.get(value),
            Value::Str(_) | Value::Tuple(_) | Value::FrozenSet(_)
        )
    }

    fn load_str(&mut self, text: Sym) -> Result<()> {
        let value = self.unit.consts.str(text);
        self.load_const(value)
    }

    /// Loads a name of the source as a constant, or a tuple of names.
    fn load_named(&mut self, value: ConstId) -> Result<()> {
        if self.silent == 0 {
            self.unit.consts.load(value, true);
        }
        self.load_const(value)
    }

    fn load_int(&mut self, value: i64) -> Result<()> {
        let value = self.unit.consts.add(Value::Int(value));
        self.load_const(value)
    }

    /// Emits an instruction that names an attribute, a global or a module.
    fn op_name(&mut self, op: Op, name: Sym) -> Result<()> {
        if self.silent > 0 {
            return Ok(());
        }
        let mangled = self.unit.names.mangle(self.u.private, name);
        let index = self.u.names.add(mangled.0);
        self.op_arg(op, index)
    }

    /// Emits the access to a variable.
    fn variable(&mut self, name: Sym, ctx: Ctx) -> Result<()> {
        self.forbid(name, ctx)?;
        let mangled = self.unit.names.mangle(self.u.private, name);
        let place = self.table.place(self.u.scope, mangled);
        let scope = &self.table.scopes[self.u.scope as usize];
        let function = scope.block == crate::symtable::Block::Function;
        let class = scope.block == crate::symtable::Block::Class;
        let pick = |load, store, delete| match ctx {
            Ctx::Load => load,
            Ctx::Store => store,
            Ctx::Del => delete,
        };
        let op = match place {
            Place::Free | Place::Cell => {
                let load = if class {
                    Op::LoadClassderef
                } else {
                    Op::LoadDeref
                };
                let op = pick(load, Op::StoreDeref, Op::DeleteDeref);
                let index = match place {
                    Place::Cell => self.u.cell(mangled),
                    _ => self.u.free(mangled),
                };
                return self.op_arg(op, index.unwrap_or(0));
            }
            Place::Local if function => {
                let op = pick(Op::LoadFast, Op::StoreFast, Op::DeleteFast);
                if self.silent > 0 {
                    return Ok(());
                }
                let index = self.u.varnames.add(mangled.0);
                return self.op_arg(op, index);
            }
            Place::GlobalImplicit if function => {
                pick(Op::LoadGlobal, Op::StoreGlobal, Op::DeleteGlobal)
            }
            Place::GlobalExplicit => pick(Op::LoadGlobal, Op::StoreGlobal, Op::DeleteGlobal),
            _ => pick(Op::LoadName, Op::StoreName, Op::DeleteName),
        };
        let index = self.u.names.add(mangled.0);
        self.op_arg(op, index)
    }

    fn forbid(&self, name: Sym, ctx: Ctx) -> Result<()> {
        match ctx == Ctx::Store && name == Sym::DEBUG {
            true => Err(self.error("cannot assign to __debug__")),
            false => Ok(()),
        }
    }

    /// An error at the current place.
    fn error(&self, message: impl Into<String>) -> Box<Failure> {
        let (line, offset) = (self.u.line, i64::from(self.u.col) + 1);
        Box::new(Failure {
            kind: Kind::SyntaxError,
            message: message.into(),
            spot: Spot::Generated(line, offset),
        })
    }

    fn warn(&mut self, message: impl Into<String>) {
        let warning = Warning {
            category: Category::SyntaxWarning,
            message: message.into(),
            line: self.u.line,
        };
        // A block that is compiled twice is warned of once.
        if !self.unit.warnings.contains(&warning) {
            self.unit.warnings.push(warning);
        }
    }

    fn push_frame(&mut self, frame: FrameBlock) -> Result<()> {
        if self.u.frames.len() >= crate::blocks::MOST_FRAMES {
            return Err(self.error("too many statically nested blocks"));
        }
        self.u.frames.push(frame);
        Ok(())
    }

    fn pop_frame(&mut self) {
        self.u.frames.pop();
    }

    /// Compiles the body of a module or class, its docstring first.
    fn body(&mut self, body: Block) -> Result<()> {
        if self.u.kind == ScopeKind::Module
            && let Some(&first) = self.unit.ast.stmts_of(body).first()
        {
            let stmt = self.unit.ast.at(first);
            self.u.line = stmt.line;
            self.u.col = stmt.col;
        }
        if self.has_annotations(body) {
            self.op(Op::SetupAnnotations)?;
        }
        let mut rest = body.0.range();
        if self.settings.optimize < 2 && doc(self.unit, body).is_some() {
            let first = self.unit.ast.at(self.unit.ast.stmt_at(rest.start));
            if let crate::ast::StmtKind::Expr(value) = first.kind {
                self.expr(value)?;
            }
            self.variable(Sym::DOC, Ctx::Store)?;
            rest.start += 1;
        }
        for at in rest {
            let id = self.unit.ast.stmt_at(at);
            self.stmt(id)?;
        }
        Ok(())
    }

    /// Compiles statements.
    fn block(&mut self, block: Block) -> Result<()> {
        for at in block.0.range() {
            let id = self.unit.ast.stmt_at(at);
            self.stmt(id)?;
        }
        Ok(())
    }

    /// Compiles statements for their errors alone.
    fn check_only(&mut self, block: Block) -> Result<()> {
        self.silent += 1;
        self.block(block)?;
        self.silent -= 1;
        Ok(())
    }

    /// Whether a variable is annotated in a body, not in functions and classes within it.
    fn has_annotations(&self, body: Block) -> bool {
        use crate::ast::StmtKind;
        let ast = &self.unit.ast;
        let mut todo = vec![body];
        while let Some(block) = todo.pop() {
            for &id in ast.stmts_of(block) {
                match ast.at(id).kind {
                    StmtKind::AnnAssign { .. } => return true,
                    StmtKind::For { body, orelse, .. }
                    | StmtKind::While { body, orelse, .. }
                    | StmtKind::If { body, orelse, .. } => todo.extend([body, orelse]),
                    StmtKind::With { body, .. } => todo.push(body),
                    StmtKind::Try {
                        body,
                        handlers,
                        orelse,
                        finalbody,
                    } => {
                        todo.extend([body, orelse, finalbody]);
                        let handlers = &ast.handlers[handlers.range()];
                        todo.extend(handlers.iter().map(|handler| handler.body));
                    }
                    _ => {}
                }
            }
        }
        false
    }
}
