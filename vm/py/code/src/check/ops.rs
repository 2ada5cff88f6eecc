//! The effects of instructions on the stacks.

use super::messages::{fault, items, too_few};
use super::slot::{HANDLED, Kind};
use super::state::{At, Block, Body, Flow, State};
use super::table::Act;
use super::{MAX_BLOCKS, Result};
use crate::insn::Op;
use crate::object::flags;

const SUSPENDS: u32 = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
const FUNCTION: u32 = flags::OPTIMIZED | flags::NEWLOCALS;

/// Returns true if an opcode is allowed while the exception state is out of place, because it
/// cannot raise.
pub(super) fn may_be_shaken(opcode: u8) -> bool {
    const QUIET: [u8; 4] = [
        Op::RotTwo as u8,
        Op::RotThree as u8,
        Op::RotFour as u8,
        Op::PopExcept as u8,
    ];
    QUIET.contains(&opcode)
}

impl<'a> Flow<'a> {
    /// Applies an instruction whose effect depends on its argument.
    pub(super) fn counted(
        &mut self,
        body: &Body<'a>,
        at: &mut At,
        opcode: u8,
        arg: u32,
    ) -> Result<()> {
        let Some(op) = Op::from_byte(opcode) else {
            return Ok(());
        };
        match op {
            Op::BuildSlice if arg != 2 && arg != 3 => {
                return Err(fault(format!("the argument must be 2 or 3, but is {arg}")).into());
            }
            Op::UnpackEx if i32::try_from(arg).is_err() => {
                let message = format!("the argument must be less than 2^31, but is {arg}");
                return Err(fault(message).help("CPython takes it for negative").into());
            }
            _ => {}
        }
        let row = op.row();
        self.take(at, (row.pops)(arg.into()))?;
        self.give(body, at, (row.pushes)(arg.into()))
    }

    /// Applies an instruction of its own kind; returns true if control goes on to the next one.
    pub(super) fn special(
        &mut self,
        body: &mut Body<'a>,
        at: &mut At,
        act: Act,
        arg: u32,
    ) -> Result<bool> {
        let to = u64::from(arg);
        let forward = u64::from(at.offset) + 2 + to;
        match act {
            Act::Rotate(count) => self.rotate(at, count.into())?,
            Act::Duplicate(count) => self.duplicate(at, count.into())?,
            Act::Peek => {
                self.look(at, 1)?;
                at.state.depth += 1;
            }
            Act::AddTo(count) => self.add_to(body, at, count, arg)?,
            Act::Merge => {
                self.add_to(body, at, 1, arg)?;
                // CPython names the callable in its error.
                self.look(at, arg.saturating_add(2))?;
            }
            Act::LoadMethod => {
                self.take(at, 1)?;
                self.push(at, Some(Kind::Method));
                at.state.depth += 1;
            }
            Act::CallMethod => {
                self.take(at, to + 1)?;
                self.take_method(at)?;
                at.state.depth += 1;
            }
            Act::CallNamed => {
                body.needs.kinds = true;
                body.needs.names = true;
                self.take(at, to + 2)?;
                at.state.depth += 1;
            }
            Act::MakeFunction => {
                body.needs.kinds = true;
                body.needs.functions = true;
                self.take(at, u64::from(arg.count_ones()) + 2)?;
                at.state.depth += 1;
            }
            Act::ClassVariable => {
                class_variable(body, arg)?;
                at.state.depth += 1;
            }
            Act::Yield(count) => {
                if body.code.flags & SUSPENDS == 0 {
                    return Err(fault("only a generator or a coroutine can yield")
                        .help("set the flag GENERATOR, COROUTINE or ASYNC_GENERATOR")
                        .into());
                }
                body.needs.kinds |= count == 2;
                self.take(at, count.into())?;
                at.state.depth += 1;
            }
            Act::ForIter => {
                body.needs.kinds = true;
                self.look(at, 1)?;
                let (before, top) = (at.state, at.top);
                self.take(at, 1)?;
                self.jump(body, at, forward, at.state)?;
                (at.state, at.top) = (before, top);
                at.state.depth += 1;
            }
            Act::JumpOrPop => {
                self.take(at, 1)?;
                let mut kept = at.state;
                kept.depth += 1;
                self.jump(body, at, to, kept)?;
            }
            Act::PopJump(count) => {
                self.take(at, count.into())?;
                self.jump(body, at, to, at.state)?;
            }
            Act::SetupFinally | Act::SetupWith | Act::SetupAsyncWith => {
                self.setup(body, at, act, forward)?;
            }
            Act::PopBlock => self.pop_block(at)?,
            Act::PopExcept => self.pop_except(at)?,
            Act::WithExceptStart => {
                for down in [1, 2, 3, 7] {
                    self.look(at, down)?;
                }
                at.state.depth += 1;
            }
            Act::EndAsyncFor => self.end_async_for(at, arg)?,
            Act::JumpTo | Act::JumpForward | Act::Reraise | Act::Raise | Act::Return => {
                self.end(body, at, act, arg)?;
                return Ok(false);
            }
            Act::Prefix => {}
        }
        Ok(true)
    }

    /// Applies an instruction from which control does not go on to the next one.
    fn end(&mut self, body: &mut Body<'a>, at: &mut At, act: Act, arg: u32) -> Result<()> {
        match act {
            Act::JumpTo => self.jump(body, at, arg.into(), at.state),
            Act::JumpForward => {
                let target = u64::from(at.offset) + 2 + u64::from(arg);
                self.jump(body, at, target, at.state)
            }
            Act::Reraise => self.take_exception(at),
            Act::Raise => self.take(at, arg.into()),
            _ => {
                self.take(at, 1)?;
                if let Some((Block { handler: None, .. }, _)) = self.blocks.pop(at.state.blocks) {
                    let message = "returns from inside a handler that POP_EXCEPT has not left";
                    self.warnings.push((at.offset, message));
                }
                Ok(())
            }
        }
    }

    /// Moves the top item below the next `count - 1`.
    fn rotate(&mut self, at: &mut At, count: u32) -> Result<()> {
        if count > at.state.depth - at.floor {
            return Err(too_few(at.state.depth, at.floor, count.into()));
        }
        let lowest = at.state.depth - count;
        if at.top <= lowest {
            return Ok(());
        }
        let mut kinds: Vec<Option<Kind>> = (lowest..at.state.depth)
            .map(|slot| self.kind(at, slot))
            .collect();
        kinds.rotate_right(1);
        while let Some((special, below)) = self.specials.pop(at.state.specials) {
            if special.slot < lowest {
                break;
            }
            at.state.specials = below;
        }
        at.state.depth = lowest;
        for kind in kinds {
            self.push(at, kind);
        }
        self.update_top(at);
        at.shaken = !self.is_restorable(at);
        Ok(())
    }

    /// Pushes the top `count` items again.
    fn duplicate(&mut self, at: &mut At, count: u32) -> Result<()> {
        for down in (1..=count).rev() {
            self.look(at, down)?;
        }
        at.state.depth += count;
        Ok(())
    }

    /// Takes `count` items and adds them to the container at depth `arg`.
    fn add_to(&self, body: &mut Body<'a>, at: &mut At, count: u8, arg: u32) -> Result<()> {
        body.needs.kinds = true;
        if arg == 0 {
            return Err(fault("the depth of the container counts from 1, but is 0").into());
        }
        self.take(at, count.into())?;
        self.look(at, arg)
    }

    /// Takes the item that `LOAD_METHOD` left for the method; an object is as good.
    fn take_method(&self, at: &mut At) -> Result<()> {
        if at.state.depth == at.floor {
            return Err(too_few(at.state.depth, at.floor, 1));
        }
        if self.kind(at, at.state.depth - 1) != Some(Kind::Method) {
            return self.take(at, 1);
        }
        at.state.depth -= 1;
        if let Some((_, below)) = self.specials.pop(at.state.specials) {
            at.state.specials = below;
        }
        self.update_top(at);
        Ok(())
    }

    /// Removes the innermost block, which must not belong to a handler.
    fn pop_block(&mut self, at: &mut At) -> Result<()> {
        at.state.blocks = match self.blocks.pop(at.state.blocks) {
            Some((block, rest)) if block.handler.is_some() => rest,
            Some(_) => {
                return Err(fault("the innermost block is that of a handler")
                    .help("POP_EXCEPT leaves a handler")
                    .into());
            }
            None => return Err(fault("no block is open").into()),
        };
        self.update_floor(at);
        Ok(())
    }

    /// Opens a block.
    fn setup(&mut self, body: &mut Body<'a>, at: &mut At, act: Act, target: u64) -> Result<()> {
        if act != Act::SetupFinally {
            self.take(at, 1)?;
        }
        if act == Act::SetupWith {
            // The exit function replaces the context manager, below the block.
            at.state.depth += 1;
        }
        let level = at.state.depth;
        let outer = at.state.blocks;
        let handler = Some(u32::try_from(target).unwrap_or(u32::MAX));
        at.state.blocks = self.blocks.push(outer, Block { handler, level });
        body.max_blocks = body.max_blocks.max(self.blocks.len(at.state.blocks));
        if body.max_blocks > MAX_BLOCKS {
            let message = format!("the block stack becomes more than {MAX_BLOCKS} deep");
            return Err(fault(message).help("CPython would abort").into());
        }
        let handled = Block {
            handler: None,
            level,
        };
        let mut inside = At {
            state: State {
                blocks: self.blocks.push(outer, handled),
                ..at.state
            },
            ..*at
        };
        for kind in HANDLED {
            self.push(&mut inside, Some(kind));
        }
        self.jump(body, at, target, inside.state)?;
        if act != Act::SetupFinally {
            at.state.depth += 1;
        }
        self.update_floor(at);
        Ok(())
    }

    /// Takes three items of these kinds; returns false, and takes none, if there are others.
    fn take_three(&self, at: &mut At, kinds: &[Kind]) -> bool {
        let depth = at.state.depth;
        if depth - at.floor < 3 {
            return false;
        }
        let mut slots = (depth - 3..).zip(kinds);
        if !slots.all(|(slot, &kind)| self.kind(at, slot) == Some(kind)) {
            return false;
        }
        for _ in 0..3 {
            if let Some((_, below)) = self.specials.pop(at.state.specials) {
                at.state.specials = below;
            }
        }
        at.state.depth -= 3;
        self.update_top(at);
        true
    }

    /// Takes the exception for which a handler was entered.
    fn take_exception(&self, at: &mut At) -> Result<()> {
        if at.state.depth - at.floor < 3 {
            return Err(too_few(at.state.depth, at.floor, 3));
        }
        match self.take_three(at, &HANDLED[3..]) {
            true => Ok(()),
            false => Err(fault("the three top items are not an exception")
                .help("they must be the traceback, value and type with which a handler begins")
                .into()),
        }
    }

    /// Returns the level of the innermost block, which must be a handler's, and the state without
    /// that block.
    fn handler(&mut self, at: &At) -> Result<(u32, State)> {
        match self.blocks.pop(at.state.blocks) {
            Some((
                Block {
                    handler: None,
                    level,
                },
                blocks,
            )) => Ok((level, State { blocks, ..at.state })),
            Some(_) => Err(fault("the innermost block is not that of a handler")
                .help("POP_BLOCK removes it")
                .into()),
            None => Err(fault("no handler is running").into()),
        }
    }

    /// Leaves a handler.
    fn pop_except(&mut self, at: &mut At) -> Result<()> {
        let (_, outer) = self.handler(at)?;
        if !self.take_three(at, &HANDLED[..3]) {
            return Err(
                fault("the three top items are not the exception state to restore")
                    .help("take the items above it from the stack first")
                    .into(),
            );
        }
        at.state.blocks = outer.blocks;
        at.shaken = false;
        self.update_floor(at);
        Ok(())
    }

    /// Ends an `async for`: takes the exception, the state to restore and the iterator.
    fn end_async_for(&mut self, at: &mut At, arg: u32) -> Result<()> {
        if arg != 0 {
            return Err(fault(format!("the argument must be 0, but is {arg}"))
                .help("CPython would jump by that number of bytes")
                .into());
        }
        let (level, outer) = self.handler(at)?;
        self.take_exception(at)?;
        if at.state.depth != level + 3 {
            let extra = items(at.state.depth - level - 3);
            let message = format!("{extra} between the exception and the state to restore");
            return Err(fault(message).into());
        }
        if !self.take_three(at, &HANDLED[..3]) {
            return Err(fault("the exception state to restore is out of place").into());
        }
        at.state.blocks = outer.blocks;
        self.update_floor(at);
        self.take(at, 1)
    }
}

/// Checks `LOAD_CLASSDEREF`, which looks into the local namespace first.
fn class_variable(body: &Body<'_>, arg: u32) -> Result<()> {
    if arg < body.cellvars {
        let message = "the variable must be one of co_freevars, but is one of co_cellvars";
        return Err(fault(message).into());
    }
    if body.code.flags & FUNCTION == FUNCTION {
        return Err(fault("a function has no local namespace to look into")
            .help("use LOAD_DEREF, which does not look there")
            .into());
    }
    Ok(())
}
