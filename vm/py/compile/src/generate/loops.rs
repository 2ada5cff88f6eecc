//! Loops.

use super::Generator;
use crate::ast::{Block, ExprId};
use crate::blocks::{FrameBlock, NO_BLOCK, ScopeKind};
use crate::constant::ConstId;
use crate::error::Result;
use crate::upstream::Op;

impl Generator<'_> {
    pub(super) fn for_stmt(
        &mut self,
        target: ExprId,
        iter: ExprId,
        body: Block,
        orelse: Block,
    ) -> Result<()> {
        let start = self.new_block();
        let cleanup = self.new_block();
        let exit = self.new_block();
        self.push_frame(FrameBlock::For { start, exit })?;
        self.expr(iter)?;
        self.op(Op::GetIter)?;
        self.use_block(start);
        self.jump(Op::ForIter, cleanup)?;
        self.expr(target)?;
        self.block(body)?;
        self.jump(Op::JumpAbsolute, start)?;
        self.use_block(cleanup);
        self.pop_frame();
        self.block(orelse)?;
        self.use_block(exit);
        Ok(())
    }

    pub(super) fn async_for(
        &mut self,
        target: ExprId,
        iter: ExprId,
        body: Block,
        orelse: Block,
    ) -> Result<()> {
        self.needs_async("'async for' outside async function")?;
        let start = self.new_block();
        let except = self.new_block();
        let exit = self.new_block();
        self.expr(iter)?;
        self.op(Op::GetAiter)?;
        self.use_block(start);
        self.push_frame(FrameBlock::For { start, exit })?;
        self.jump(Op::SetupFinally, except)?;
        self.op(Op::GetAnext)?;
        self.load_const(ConstId::NONE)?;
        self.op(Op::YieldFrom)?;
        self.op(Op::PopBlock)?;
        self.expr(target)?;
        self.block(body)?;
        self.jump(Op::JumpAbsolute, start)?;
        self.pop_frame();
        self.use_block(except);
        self.op(Op::EndAsyncFor)?;
        self.block(orelse)?;
        self.use_block(exit);
        Ok(())
    }

    /// Refuses what only an `async def` may hold.
    pub(super) fn needs_async(&mut self, message: &str) -> Result<()> {
        if self.is_top_level_await() {
            self.table.scopes[self.u.scope as usize].coroutine = true;
        } else if self.u.kind != ScopeKind::AsyncFunction {
            return Err(self.error(message));
        }
        Ok(())
    }

    pub(super) fn while_stmt(&mut self, test: ExprId, body: Block, orelse: Block) -> Result<()> {
        let truth = self.known_truth(test);
        if truth == Some(false) {
            self.silent += 1;
            self.push_frame(FrameBlock::While {
                start: NO_BLOCK,
                exit: NO_BLOCK,
            })?;
            self.block(body)?;
            self.pop_frame();
            self.silent -= 1;
            return self.block(orelse);
        }
        let start = self.new_block();
        let exit = self.new_block();
        let anchor = truth.is_none().then(|| self.new_block());
        if !orelse.is_empty() {
            self.new_block();
        }
        self.use_block(start);
        self.push_frame(FrameBlock::While { start, exit })?;
        if let Some(anchor) = anchor {
            self.jump_if(test, anchor, false)?;
        }
        self.block(body)?;
        self.jump(Op::JumpAbsolute, start)?;
        if let Some(anchor) = anchor {
            self.use_block(anchor);
        }
        self.pop_frame();
        self.block(orelse)?;
        self.use_block(exit);
        Ok(())
    }
}
