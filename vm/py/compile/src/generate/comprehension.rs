//! Comprehensions and generator expressions.

use super::Generator;
use crate::ast::{Clause, Comp, ExprId, ExprKind, Run};
use crate::blocks::{BlockId, ScopeKind};
use crate::constant::ConstId;
use crate::error::Result;
use crate::names::Sym;
use crate::upstream::Op;

/// What a comprehension makes, and of what.
#[derive(Clone, Copy)]
struct Made {
    kind: Comp,
    elt: ExprId,
    value: Option<ExprId>,
}

/// A clause whose code is open.
enum Open {
    /// It has no loop of its own: its variable is assigned the one item that there is.
    Assigned { cleanup: BlockId },
    Sync {
        start: BlockId,
        cleanup: BlockId,
        anchor: BlockId,
    },
    Async {
        start: BlockId,
        cleanup: BlockId,
        except: BlockId,
    },
}

impl Generator<'_> {
    pub(super) fn comprehension(
        &mut self,
        id: ExprId,
        kind: Comp,
        elt: ExprId,
        value: Option<ExprId>,
        clauses: Run,
    ) -> Result<()> {
        let awaits = self.is_top_level_await();
        let in_coroutine = self.table.scopes[self.u.scope as usize].coroutine;
        let scope = self.table.expr(id);
        let line = self.unit.ast[id].line;
        let (name, build) = match kind {
            Comp::Generator => (Sym::GENEXPR, None),
            Comp::List => (Sym::LISTCOMP, Some(Op::BuildList)),
            Comp::Set => (Sym::SETCOMP, Some(Op::BuildSet)),
            Comp::Dict => (Sym::DICTCOMP, Some(Op::BuildMap)),
        };
        let first = self.unit.ast.clauses[clauses.start as usize];
        self.enter(ScopeKind::Comprehension, name, scope, line);
        let is_async = self.table.scopes[scope as usize].coroutine;
        if is_async && !in_coroutine && kind != Comp::Generator && !awaits {
            return Err(
                self.error("asynchronous comprehension outside of an asynchronous function")
            );
        }
        if let Some(op) = build {
            self.op_arg(op, 0)?;
        }
        self.clauses(clauses, Made { kind, elt, value })?;
        if kind != Comp::Generator {
            self.op(Op::ReturnValue)?;
        }
        let (code, qualname) = self.leave(true)?;
        if awaits && is_async {
            self.table.scopes[self.u.scope as usize].coroutine = true;
        }
        self.make_function(code, 0, qualname, scope)?;
        self.expr(first.iter)?;
        self.op(match first.is_async {
            true => Op::GetAiter,
            false => Op::GetIter,
        })?;
        self.op_arg(Op::CallFunction, 1)?;
        if is_async && kind != Comp::Generator {
            self.await_top()?;
        }
        Ok(())
    }

    fn clauses(&mut self, clauses: Run, made: Made) -> Result<()> {
        let mut open = Vec::new();
        let mut depth = 0;
        for (index, at) in clauses.range().enumerate() {
            let clause = self.unit.ast.clauses[at];
            let entered = match clause.is_async {
                true => self.async_clause(clause, index == 0)?,
                false => self.clause(clause, index == 0)?,
            };
            depth += u32::from(!matches!(entered, Open::Assigned { .. }));
            open.push(entered);
        }
        self.element(made, depth)?;
        // The innermost one, if it is not asynchronous, has a block of its own here.
        if !matches!(open.last(), Some(Open::Async { .. })) {
            self.next_block();
        }
        while let Some(entered) = open.pop() {
            match entered {
                Open::Assigned { cleanup } => self.use_block(cleanup),
                Open::Sync {
                    start,
                    cleanup,
                    anchor,
                } => {
                    self.use_block(cleanup);
                    self.jump(Op::JumpAbsolute, start)?;
                    self.use_block(anchor);
                }
                Open::Async {
                    start,
                    cleanup,
                    except,
                } => {
                    self.use_block(cleanup);
                    self.jump(Op::JumpAbsolute, start)?;
                    self.use_block(except);
                    self.op(Op::EndAsyncFor)?;
                }
            }
        }
        Ok(())
    }

    fn clause(&mut self, clause: Clause, outermost: bool) -> Result<Open> {
        let start = self.new_block();
        let cleanup = self.new_block();
        let anchor = self.new_block();
        let mut assigned = false;
        if outermost {
            self.u.argcount = 1;
            self.op_arg(Op::LoadFast, 0)?;
        } else if let Some(only) = self.only_item(clause.iter) {
            self.expr(only)?;
            assigned = true;
        } else {
            self.expr(clause.iter)?;
            self.op(Op::GetIter)?;
        }
        if !assigned {
            self.use_block(start);
            self.jump(Op::ForIter, anchor)?;
            self.next_block();
        }
        self.expr(clause.target)?;
        self.conditions(clause, cleanup)?;
        Ok(match assigned {
            true => Open::Assigned { cleanup },
            false => Open::Sync {
                start,
                cleanup,
                anchor,
            },
        })
    }

    /// The item of a list or tuple of one.
    fn only_item(&self, iter: ExprId) -> Option<ExprId> {
        let (ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. }) = self.unit.ast[iter].kind
        else {
            return None;
        };
        if elts.len() != 1 {
            return None;
        }
        let only = self.unit.ast.item(elts, 0);
        match self.unit.ast[only].kind {
            ExprKind::Starred { .. } => None,
            _ => Some(only),
        }
    }

    fn async_clause(&mut self, clause: Clause, outermost: bool) -> Result<Open> {
        let start = self.new_block();
        let except = self.new_block();
        let cleanup = self.new_block();
        if outermost {
            self.u.argcount = 1;
            self.op_arg(Op::LoadFast, 0)?;
        } else {
            self.expr(clause.iter)?;
            self.op(Op::GetAiter)?;
        }
        self.use_block(start);
        self.jump(Op::SetupFinally, except)?;
        self.op(Op::GetAnext)?;
        self.load_const(ConstId::NONE)?;
        self.op(Op::YieldFrom)?;
        self.op(Op::PopBlock)?;
        self.expr(clause.target)?;
        self.conditions(clause, cleanup)?;
        Ok(Open::Async {
            start,
            cleanup,
            except,
        })
    }

    fn conditions(&mut self, clause: Clause, cleanup: BlockId) -> Result<()> {
        for at in 0..clause.ifs.len() {
            let test = self.unit.ast.item(clause.ifs, at);
            self.jump_if(test, cleanup, false)?;
            self.next_block();
        }
        Ok(())
    }

    fn element(&mut self, made: Made, depth: u32) -> Result<()> {
        self.expr(made.elt)?;
        match made.kind {
            Comp::Generator => {
                self.op(Op::YieldValue)?;
                self.op(Op::PopTop)
            }
            Comp::List => self.op_arg(Op::ListAppend, depth + 1),
            Comp::Set => self.op_arg(Op::SetAdd, depth + 1),
            Comp::Dict => {
                if let Some(value) = made.value {
                    self.expr(value)?;
                }
                self.op_arg(Op::MapAdd, depth + 1)
            }
        }
    }
}
