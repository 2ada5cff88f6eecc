//! Leaving constructs early: `return`, `break` and `continue`.

use super::Generator;
use crate::ast::Ctx;
use crate::blocks::FrameBlock;
use crate::constant::ConstId;
use crate::error::Result;
use crate::upstream::Op;

impl Generator<'_> {
    /// Leaves one construct. The item on top of the stack stays if `keep` is set.
    fn unwind(&mut self, frame: FrameBlock, keep: bool) -> Result<()> {
        match frame {
            FrameBlock::While { .. } => {}
            FrameBlock::For { .. } | FrameBlock::PopValue => {
                if keep {
                    self.op(Op::RotTwo)?;
                }
                self.op(Op::PopTop)?;
            }
            FrameBlock::Except => self.op(Op::PopBlock)?,
            FrameBlock::FinallyTry(body) => {
                self.op(Op::PopBlock)?;
                if keep {
                    self.push_frame(FrameBlock::PopValue)?;
                }
                let line = self.u.line;
                self.block(body)?;
                self.u.line = line;
                if keep {
                    self.pop_frame();
                }
            }
            FrameBlock::FinallyEnd => {
                if keep {
                    self.op(Op::RotFour)?;
                }
                for _ in 0..3 {
                    self.op(Op::PopTop)?;
                }
                if keep {
                    self.op(Op::RotFour)?;
                }
                self.op(Op::PopExcept)?;
            }
            FrameBlock::With { is_async } => {
                self.op(Op::PopBlock)?;
                if keep {
                    self.op(Op::RotTwo)?;
                }
                self.exit_with_nones()?;
                if is_async {
                    self.await_top()?;
                }
                self.op(Op::PopTop)?;
            }
            FrameBlock::HandlerCleanup(name) => {
                if name.is_some() {
                    self.op(Op::PopBlock)?;
                }
                if keep {
                    self.op(Op::RotFour)?;
                }
                self.op(Op::PopExcept)?;
                if let Some(name) = name {
                    self.load_const(ConstId::NONE)?;
                    self.variable(name, Ctx::Store)?;
                    self.variable(name, Ctx::Del)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn exit_with_nones(&mut self) -> Result<()> {
        self.load_const(ConstId::NONE)?;
        self.op(Op::DupTop)?;
        self.op(Op::DupTop)?;
        self.op_arg(Op::CallFunction, 3)
    }

    pub(super) fn await_top(&mut self) -> Result<()> {
        self.op(Op::GetAwaitable)?;
        self.load_const(ConstId::NONE)?;
        self.op(Op::YieldFrom)
    }

    /// Leaves all constructs of the function.
    pub(super) fn unwind_all(&mut self, keep: bool) -> Result<()> {
        let frames = self.u.frames.clone();
        while let Some(frame) = self.u.frames.pop() {
            self.unwind(frame, keep)?;
        }
        self.u.frames = frames;
        Ok(())
    }

    /// Leaves the constructs within the innermost loop; returns the loop.
    fn unwind_to_loop(&mut self) -> Result<Option<FrameBlock>> {
        let frames = self.u.frames.clone();
        let mut found = None;
        while let Some(&frame) = self.u.frames.last() {
            if let FrameBlock::While { .. } | FrameBlock::For { .. } = frame {
                found = Some(frame);
                break;
            }
            self.u.frames.pop();
            self.unwind(frame, false)?;
        }
        self.u.frames = frames;
        Ok(found)
    }

    pub(super) fn break_stmt(&mut self) -> Result<()> {
        match self.unwind_to_loop()? {
            Some(frame @ (FrameBlock::While { exit, .. } | FrameBlock::For { exit, .. })) => {
                self.unwind(frame, false)?;
                self.jump(Op::JumpAbsolute, exit)
            }
            _ => Err(self.error("'break' outside loop")),
        }
    }

    pub(super) fn continue_stmt(&mut self) -> Result<()> {
        match self.unwind_to_loop()? {
            Some(FrameBlock::While { start, .. } | FrameBlock::For { start, .. }) => {
                self.jump(Op::JumpAbsolute, start)
            }
            _ => Err(self.error("'continue' not properly in loop")),
        }
    }
}
