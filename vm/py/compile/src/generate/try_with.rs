//! `try` and `with`.

use super::Generator;
use crate::ast::{Block, Ctx, Handler, Run};
use crate::blocks::{BlockId, FrameBlock};
use crate::constant::ConstId;
use crate::error::Result;
use crate::names::Sym;
use crate::upstream::Op;

impl Generator<'_> {
    pub(super) fn try_stmt(
        &mut self,
        body: Block,
        handlers: Run,
        orelse: Block,
        finalbody: Block,
    ) -> Result<()> {
        match finalbody.is_empty() {
            true => self.try_except(body, handlers, orelse),
            false => self.try_finally(body, handlers, orelse, finalbody),
        }
    }

    fn try_finally(
        &mut self,
        body: Block,
        handlers: Run,
        orelse: Block,
        finalbody: Block,
    ) -> Result<()> {
        let start = self.new_block();
        let end = self.new_block();
        let exit = self.new_block();
        self.jump(Op::SetupFinally, end)?;
        self.use_block(start);
        self.push_frame(FrameBlock::FinallyTry(finalbody))?;
        match handlers.is_empty() {
            true => self.block(body)?,
            false => self.try_except(body, handlers, orelse)?,
        }
        self.op(Op::PopBlock)?;
        self.pop_frame();
        self.block(finalbody)?;
        self.jump(Op::JumpForward, exit)?;
        self.use_block(end);
        self.push_frame(FrameBlock::FinallyEnd)?;
        self.block(finalbody)?;
        self.pop_frame();
        self.op(Op::Reraise)?;
        self.use_block(exit);
        Ok(())
    }

    fn try_except(&mut self, body: Block, handlers: Run, orelse: Block) -> Result<()> {
        let start = self.new_block();
        let mut except = self.new_block();
        let otherwise = self.new_block();
        let end = self.new_block();
        self.jump(Op::SetupFinally, except)?;
        self.use_block(start);
        self.push_frame(FrameBlock::Except)?;
        self.block(body)?;
        self.op(Op::PopBlock)?;
        self.pop_frame();
        self.jump(Op::JumpForward, otherwise)?;
        self.use_block(except);
        for at in handlers.range() {
            let handler = self.unit.ast.handlers[at];
            if handler.class.is_none() && at + 1 < handlers.range().end {
                return Err(self.error("default 'except:' must be last"));
            }
            self.u.line = handler.line;
            self.u.col = handler.col;
            except = self.new_block();
            self.handler(handler, except, end)?;
            self.use_block(except);
        }
        self.op(Op::Reraise)?;
        self.use_block(otherwise);
        self.block(orelse)?;
        self.use_block(end);
        Ok(())
    }

    fn handler(&mut self, handler: Handler, except: BlockId, end: BlockId) -> Result<()> {
        if let Some(class) = handler.class {
            self.op(Op::DupTop)?;
            self.expr(class)?;
            self.jump(Op::JumpIfNotExcMatch, except)?;
        }
        self.op(Op::PopTop)?;
        if let Some(name) = handler.name {
            return self.named_handler(handler, name, end);
        }
        let body = self.new_block();
        self.op(Op::PopTop)?;
        self.op(Op::PopTop)?;
        self.use_block(body);
        self.push_frame(FrameBlock::HandlerCleanup(None))?;
        self.block(handler.body)?;
        self.pop_frame();
        self.op(Op::PopExcept)?;
        self.jump(Op::JumpForward, end)
    }

    fn named_handler(&mut self, handler: Handler, name: Sym, end: BlockId) -> Result<()> {
        let cleanup = self.new_block();
        let body = self.new_block();
        self.variable(name, Ctx::Store)?;
        self.op(Op::PopTop)?;
        self.jump(Op::SetupFinally, cleanup)?;
        self.use_block(body);
        self.push_frame(FrameBlock::HandlerCleanup(Some(name)))?;
        self.block(handler.body)?;
        self.pop_frame();
        self.op(Op::PopBlock)?;
        self.op(Op::PopExcept)?;
        self.clear(name)?;
        self.jump(Op::JumpForward, end)?;
        self.use_block(cleanup);
        self.clear(name)?;
        self.op(Op::Reraise)
    }

    /// Unbinds the variable of a handler, which may be unbound already.
    fn clear(&mut self, name: Sym) -> Result<()> {
        self.load_const(ConstId::NONE)?;
        self.variable(name, Ctx::Store)?;
        self.variable(name, Ctx::Del)
    }

    pub(super) fn with(&mut self, is_async: bool, items: Run, body: Block) -> Result<()> {
        // The managers' blocks, outermost first: where each handler is, and where it goes on.
        let mut open: Vec<(BlockId, BlockId)> = Vec::new();
        for at in items.range() {
            if is_async {
                self.needs_async("'async with' outside async function")?;
            }
            let item = self.unit.ast.items[at];
            let block = self.new_block();
            let last = self.new_block();
            let exit = self.new_block();
            self.expr(item.context)?;
            if is_async {
                self.op(Op::BeforeAsyncWith)?;
                self.await_top()?;
                self.jump(Op::SetupAsyncWith, last)?;
            } else {
                self.jump(Op::SetupWith, last)?;
            }
            self.use_block(block);
            self.push_frame(FrameBlock::With { is_async })?;
            match item.vars {
                Some(vars) => self.expr(vars)?,
                None => self.op(Op::PopTop)?,
            }
            open.push((last, exit));
        }
        self.block(body)?;
        while let Some((last, exit)) = open.pop() {
            self.end_with(is_async, last, exit)?;
        }
        Ok(())
    }

    fn end_with(&mut self, is_async: bool, last: BlockId, exit: BlockId) -> Result<()> {
        self.op(Op::PopBlock)?;
        self.pop_frame();
        self.exit_with_nones()?;
        if is_async {
            self.await_top()?;
        }
        self.op(Op::PopTop)?;
        match is_async {
            true => self.jump(Op::JumpAbsolute, exit)?,
            false => self.jump(Op::JumpForward, exit)?,
        }
        self.use_block(last);
        self.op(Op::WithExceptStart)?;
        if is_async {
            self.await_top()?;
        }
        let suppressed = self.new_block();
        self.jump(Op::PopJumpIfTrue, suppressed)?;
        self.op(Op::Reraise)?;
        self.use_block(suppressed);
        for _ in 0..3 {
            self.op(Op::PopTop)?;
        }
        self.op(Op::PopExcept)?;
        self.op(Op::PopTop)?;
        self.use_block(exit);
        Ok(())
    }
}
