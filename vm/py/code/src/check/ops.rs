//! The instructions that do more than take so many objects and leave so many.

use super::flow::{Act, At, Block, Body, Fault, Flow, HANDLED, Kind, Result, Seen, State, pair};
use super::words::too_few;
use super::{MOST_BLOCKS, words};
use crate::insn::Op;
use crate::object::{Object, flags};

/// Whether it may stand where the exception state does not lie in its place: it cannot raise.
pub(super) fn keeps_shaken(opcode: u8) -> bool {
    const QUIET: [u8; 4] = [
        Op::RotTwo as u8,
        Op::RotThree as u8,
        Op::RotFour as u8,
        Op::PopExcept as u8,
    ];
    QUIET.contains(&opcode)
}

impl<'a> Flow<'a> {
    /// Whether control goes on behind it.
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
            Act::Rotate(many) => self.rotate(at, many.into())?,
            Act::Duplicate(many) => self.duplicate(at, many.into())?,
            Act::Peek => {
                self.look(at, 1)?;
                at.state.depth += 1;
            }
            Act::AddTo(items) => self.add_to(at, items, arg)?,
            Act::Merge => {
                self.add_to(at, 1, arg)?;
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
                names_of_arguments(self, body, at, arg)?;
                self.take(at, to + 2)?;
                at.state.depth += 1;
            }
            Act::MakeFunction => {
                function(self, body, at, arg)?;
                self.take(at, u64::from(arg.count_ones()) + 2)?;
                at.state.depth += 1;
            }
            Act::ClassVariable => {
                class_variable(body, arg)?;
                at.state.depth += 1;
            }
            Act::Yield(pops) => {
                if body.code.flags & SUSPENDS == 0 {
                    let found = Fault::new("only a generator or coroutine can yield");
                    return Err(found.help("set GENERATOR, COROUTINE or ASYNC_GENERATOR"));
                }
                self.take(at, pops.into())?;
                at.state.depth += 1;
            }
            Act::ForIter => {
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
            Act::PopJump(pops) => {
                self.take(at, pops.into())?;
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
                self.ends(body, at, act, arg)?;
                return Ok(false);
            }
            Act::Prefix => {}
        }
        Ok(true)
    }

    /// What control does not go on behind.
    fn ends(&mut self, body: &mut Body<'a>, at: &mut At, act: Act, arg: u32) -> Result<()> {
        match act {
            Act::JumpTo => self.jump(body, at, arg.into(), at.state),
            Act::JumpForward => {
                let target = u64::from(at.offset) + 2 + u64::from(arg);
                self.jump(body, at, target, at.state)
            }
            Act::Reraise => self.exception(at),
            Act::Raise => self.take(at, arg.into()),
            _ => {
                self.take(at, 1)?;
                if let Some((Block { handler: None, .. }, _)) = self.blocks.pop(at.state.blocks) {
                    let message = "it returns from inside a handler that POP_EXCEPT has not left";
                    self.warnings.push((at.offset, message));
                }
                Ok(())
            }
        }
    }

    /// Moves the top item below the next `many - 1`.
    fn rotate(&mut self, at: &mut At, many: u32) -> Result<()> {
        if many > at.state.depth - at.floor {
            return Err(too_few(at, many.into()));
        }
        let lowest = at.state.depth - many;
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
        self.retop(at);
        at.shaken = !self.restorable(at);
        Ok(())
    }

    /// Whether the innermost handler, if there is one, finds the state that it has to restore.
    fn restorable(&self, at: &At) -> bool {
        match self.blocks.pop(at.state.blocks) {
            Some((
                Block {
                    handler: None,
                    level,
                },
                _,
            )) => {
                let mut kinds = (level..).zip(&HANDLED[..3]);
                kinds.all(|(slot, &kind)| self.kind(at, slot) == Some(kind))
            }
            _ => true,
        }
    }

    fn duplicate(&mut self, at: &mut At, many: u32) -> Result<()> {
        for down in (1..=many).rev() {
            self.look(at, down)?;
        }
        at.state.depth += many;
        Ok(())
    }

    /// Takes `items` off and adds them to a container `arg` further down.
    fn add_to(&self, at: &mut At, items: u8, arg: u32) -> Result<()> {
        if arg == 0 {
            return Err(Fault::new("the container's depth counts from 1, and is 0"));
        }
        self.take(at, items.into())?;
        self.look(at, arg)
    }

    /// Takes off what LOAD_METHOD put below; an object does as well.
    fn take_method(&self, at: &mut At) -> Result<()> {
        if at.state.depth == at.floor {
            return Err(too_few(at, 1));
        }
        if self.kind(at, at.state.depth - 1) != Some(Kind::Method) {
            return self.take(at, 1);
        }
        at.state.depth -= 1;
        if let Some((_, below)) = self.specials.pop(at.state.specials) {
            at.state.specials = below;
        }
        self.retop(at);
        Ok(())
    }

    fn pop_block(&mut self, at: &mut At) -> Result<()> {
        at.state.blocks = match self.blocks.pop(at.state.blocks) {
            Some((block, rest)) if block.handler.is_some() => rest,
            Some(_) => {
                let found = Fault::new("the innermost block is that of a handler");
                return Err(found.help("POP_EXCEPT leaves a handler"));
            }
            None => return Err(Fault::new("there is no block to remove")),
        };
        self.refloor(at);
        Ok(())
    }

    /// Opens a block.
    fn setup(&mut self, body: &mut Body<'a>, at: &mut At, act: Act, target: u64) -> Result<()> {
        if act != Act::SetupFinally {
            self.take(at, 1)?;
        }
        if act == Act::SetupWith {
            // The exit function takes the manager's place, and stays below the block.
            at.state.depth += 1;
        }
        let level = at.state.depth;
        let outer = at.state.blocks;
        let handler = Some(u32::try_from(target).unwrap_or(u32::MAX));
        at.state.blocks = self.blocks.push(outer, Block { handler, level });
        body.most_blocks = body.most_blocks.max(self.blocks.len(at.state.blocks));
        if body.most_blocks > MOST_BLOCKS {
            let message = format!("the block stack becomes more than {MOST_BLOCKS} deep");
            return Err(Fault::new(message).help("CPython ends itself there"));
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
        self.refloor(at);
        Ok(())
    }

    /// Takes three items of these kinds off.
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
        self.retop(at);
        true
    }

    /// Takes an exception off that a handler was entered with.
    fn exception(&self, at: &mut At) -> Result<()> {
        if at.state.depth - at.floor < 3 {
            return Err(too_few(at, 3));
        }
        match self.take_three(at, &HANDLED[3..]) {
            true => Ok(()),
            false => {
                let found = Fault::new("the three top items are not an exception");
                Err(found.help("they must be the traceback, value and type a handler began with"))
            }
        }
    }

    /// The innermost block's level, if it is a handler's, and the blocks around it.
    fn handler(&mut self, at: &At) -> Result<(u32, State)> {
        match self.blocks.pop(at.state.blocks) {
            Some((
                Block {
                    handler: None,
                    level,
                },
                blocks,
            )) => Ok((level, State { blocks, ..at.state })),
            Some(_) => Err(Fault::new("the innermost block is not that of a handler")
                .help("POP_BLOCK removes it")),
            None => Err(Fault::new("no handler is running, and no block is open")),
        }
    }

    fn pop_except(&mut self, at: &mut At) -> Result<()> {
        let (_, outer) = self.handler(at)?;
        if !self.take_three(at, &HANDLED[..3]) {
            let found = Fault::new("the three top items are not the exception state to restore");
            return Err(found.help("take off what lies above them first"));
        }
        at.state.blocks = outer.blocks;
        at.shaken = false;
        self.refloor(at);
        Ok(())
    }

    fn end_async_for(&mut self, at: &mut At, arg: u32) -> Result<()> {
        if arg != 0 {
            let found = Fault::new(format!("its argument is {arg}, and must be 0"));
            return Err(found.help("CPython would jump by as many bytes"));
        }
        let (level, outer) = self.handler(at)?;
        self.exception(at)?;
        if at.state.depth != level + 3 {
            let many = at.state.depth - level - 3;
            let message =
                format!("{many} items lie between the exception and the state to restore");
            return Err(Fault::new(message));
        }
        if !self.take_three(at, &HANDLED[..3]) {
            return Err(Fault::new(
                "the exception state to restore is not in its place",
            ));
        }
        at.state.blocks = outer.blocks;
        self.refloor(at);
        self.take(at, 1)
    }

    /// Tells how two paths to one instruction differ.
    #[cold]
    pub(super) fn disagreement(
        &self,
        body: &Body<'a>,
        from: u32,
        to: u32,
        state: State,
        seen: Seen,
    ) -> Box<Fault> {
        let of = |offset| words::place(self.pool, body.code, offset);
        let (here, there) = (state, seen.state);
        let ways = |one: String, other: String| {
            format!(
                "it is reached from {} with {other}, from {} with {one}",
                of(seen.from),
                of(from)
            )
        };
        let message = if here.depth != there.depth {
            ways(words::items(here.depth), words::items(there.depth))
        } else if here.blocks != there.blocks {
            let tell = |state: State| self.blocks_in_words(state);
            ways(tell(here), tell(there))
        } else {
            ways("other items in place".to_owned(), "these".to_owned())
        };
        let mut found = Fault::new("the paths that meet here differ").note(message);
        found.at = Some(to);
        found
    }

    fn blocks_in_words(&self, state: State) -> String {
        let mut list = state.blocks;
        let mut told = Vec::new();
        while let Some((block, below)) = self.blocks.pop(list) {
            told.push(match block.handler {
                Some(handler) => format!("a block handled at {handler}"),
                None => format!("a handler at depth {}", block.level),
            });
            list = below;
        }
        match told.is_empty() {
            true => "no block".to_owned(),
            false => told.join(" in "),
        }
    }
}

const SUSPENDS: u32 = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;

/// LOAD_CLASSDEREF looks into the local namespace first.
fn class_variable(body: &Body<'_>, arg: u32) -> Result<()> {
    const FUNCTION: u32 = flags::OPTIMIZED | flags::NEWLOCALS;
    if arg < body.cellvars {
        return Err(Fault::new(
            "it takes a variable of co_freevars, and this is of co_cellvars",
        ));
    }
    if body.code.flags & FUNCTION == FUNCTION {
        let message = "a function has no local namespace for it to look into";
        return Err(Fault::new(message).help("LOAD_DEREF does not look there"));
    }
    Ok(())
}

/// The instruction before `start`, if it was executed right before it: opcode, argument, start.
fn before(body: &Body<'_>, at: &At, start: u32) -> Option<(u8, u32, u32)> {
    let mut from = start.checked_sub(2).filter(|&from| from >= at.began)?;
    let &[opcode, low] = pair(body.bytes, from)?;
    let mut arg = u32::from(low);
    let mut shift = 8;
    while from >= at.began + 2
        && let Some(&[prefix, byte]) = pair(body.bytes, from - 2)
        && prefix == Op::ExtendedArg as u8
    {
        arg |= u32::from(byte).checked_shl(shift).unwrap_or(0);
        shift += 8;
        from -= 2;
    }
    Some((opcode, arg, from))
}

/// The constant that was pushed right before `start`, and where that began.
fn constant<'a>(
    flow: &Flow<'a>,
    body: &Body<'a>,
    at: &At,
    start: u32,
) -> Option<(&'a Object, u32)> {
    let (opcode, arg, start) = before(body, at, start)?;
    let &id = body.consts.get(arg as usize)?;
    (opcode == Op::LoadConst as u8).then(|| (flow.pool.get(id), start))
}

/// CPython takes the names on top for a tuple of at most as many strings as there are arguments.
fn names_of_arguments(flow: &Flow<'_>, body: &Body<'_>, at: &At, arg: u32) -> Result<()> {
    let Some((object, _)) = constant(flow, body, at, at.start) else {
        return Ok(());
    };
    match object {
        Object::Tuple(names) if names.len() > arg as usize => Err(Fault::new(format!(
            "{} arguments have names, and there are {arg}",
            names.len()
        ))),
        Object::Tuple(names) if names.iter().all(|&name| flow.pool.str(name).is_some()) => Ok(()),
        Object::Tuple(_) => Err(Fault::new("the names of arguments must be strings")),
        _ => Err(Fault::new(format!(
            "the names of arguments must be a tuple, and are {}",
            object.kind()
        ))),
    }
}

/// CPython takes what lies there for a code object, and its closure for one that fits.
fn function(flow: &Flow<'_>, body: &Body<'_>, at: &At, arg: u32) -> Result<()> {
    let Some((name, start)) = constant(flow, body, at, at.start) else {
        return Ok(());
    };
    if !matches!(name, Object::Str(_)) {
        let message = format!(
            "the function's name must be a string, and is {}",
            name.kind()
        );
        return Err(Fault::new(message));
    }
    let Some((object, start)) = constant(flow, body, at, start) else {
        return Ok(());
    };
    let Object::Code(code) = object else {
        let message = format!(
            "a function is made of a code object, not of {}",
            object.kind()
        );
        return Err(Fault::new(message));
    };
    let wanted = flow.pool.tuple(code.freevars).map_or(0, <[_]>::len);
    let given = match before(body, at, start) {
        _ if arg & 8 == 0 => 0,
        Some((opcode, count, _)) if opcode == Op::BuildTuple as u8 => count as usize,
        _ => return Ok(()),
    };
    if given == wanted {
        return Ok(());
    }
    let message =
        format!("the code object has {wanted} free variables, and the closure {given} cells");
    Err(Fault::new(message).help("CPython would read beyond the closure"))
}
