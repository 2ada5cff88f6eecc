//! The state before an instruction, and how the stacks change.

use super::messages::{fault, items, no_object, place, too_deep, too_few};
use super::plist::{List, Lists};
use super::slot::{HANDLED, Kind, Special};
use super::{Fault, Result};
use crate::insn::Op;
use crate::object::{Code, Id, Pool};

/// A block of the block stack.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Block {
    /// The offset of the handler; `None` for the block of a handler that is running.
    pub(super) handler: Option<u32>,
    /// The depth of the data stack when the block was opened.
    pub(super) level: u32,
}

/// What is known before an instruction.
///
/// The depth, which changes most often, is the last field: the others are copied as eight bytes,
/// and a processor stalls on reading eight bytes of which it has just written four.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub(super) struct State {
    pub(super) specials: List,
    pub(super) blocks: List,
    pub(super) depth: u32,
}

/// The state before an instruction that is reached.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) state: State,
    /// The offset of the instruction from which it was first reached.
    pub(super) from: u32,
}

impl Seen {
    /// The state before an instruction that is not reached yet.
    pub(super) const UNREACHED: Seen = Seen {
        state: State {
            depth: u32::MAX,
            specials: List::EMPTY,
            blocks: List::EMPTY,
        },
        from: 0,
    };

    /// Returns true if the instruction is reached.
    #[inline]
    pub(super) fn is_reached(&self) -> bool {
        self.state.depth != u32::MAX
    }
}

/// Kinds of instructions that make [`super::kinds`] necessary.
#[derive(Clone, Copy, Default)]
pub(super) struct Needs {
    /// An instruction needs an item of a certain kind.
    pub(super) kinds: bool,
    /// There is a `MAKE_FUNCTION`.
    pub(super) functions: bool,
    /// There is a `CALL_FUNCTION_KW`.
    pub(super) names: bool,
}

/// The code object that is checked.
pub(super) struct Body<'a> {
    pub(super) code: &'a Code,
    pub(super) bytes: &'a [u8],
    pub(super) consts: &'a [Id],
    /// What arguments must be below, by [`super::table::Check::limit`].
    pub(super) limits: [u32; 10],
    /// The number of `co_cellvars`.
    pub(super) cellvars: u32,
    /// The greatest depths of the data stack and of the block stack.
    pub(super) max_depth: u32,
    pub(super) max_blocks: u32,
    pub(super) needs: Needs,
}

impl<'a> Body<'a> {
    pub(super) fn new(pool: &'a Pool, code: &'a Code) -> Body<'a> {
        let count = |id| pool.tuple(id).map_or(0, <[Id]>::len) as u32;
        let cellvars = count(code.cellvars);
        let cells = cellvars.saturating_add(count(code.freevars));
        let (consts, names) = (count(code.consts), count(code.names));
        Body {
            code,
            bytes: pool.bytes(code.code).unwrap_or(&[]),
            consts: pool.tuple(code.consts).unwrap_or(&[]),
            limits: [u32::MAX, consts, names, code.nlocals, cells, 6, 2, 3, 16, 8],
            cellvars,
            max_depth: 0,
            max_blocks: 0,
            needs: Needs::default(),
        }
    }

    /// Records how deep the stack is, here or in a handler.
    #[inline]
    pub(super) fn measure(&mut self, depth: u32) -> Result<()> {
        if depth <= self.max_depth {
            return Ok(());
        }
        self.max_depth = depth;
        if depth <= self.code.stacksize {
            return Ok(());
        }
        Err(too_deep(self.code.stacksize, depth.into()))
    }
}

/// The current instruction of the walk, and the state before it.
pub(super) struct At {
    pub(super) state: State,
    /// The level of the innermost block, below which no instruction may take.
    pub(super) floor: u32,
    /// One more than the highest special slot.
    pub(super) top: u32,
    /// Whether the items that the innermost handler must restore are out of place.
    pub(super) shaken: bool,
    /// The offset of its first prefix.
    pub(super) start: u32,
    /// The offset of its opcode.
    pub(super) offset: u32,
}

/// The tables that the walks through all code objects share.
pub(super) struct Flow<'a> {
    pub(super) pool: &'a Pool,
    pub(super) specials: Lists<Special>,
    pub(super) blocks: Lists<Block>,
    /// The states before the instructions, by the offset of the first prefix, halved.
    pub(super) seen: Vec<Seen>,
    /// Instructions that are reached and not yet walked from, as indices into `seen`.
    pub(super) todo: Vec<u32>,
    pub(super) warnings: Vec<(u32, &'static str)>,
}

const NO_SPECIAL: Special = Special {
    slot: 0,
    kind: Kind::Method,
};

const NO_BLOCK: Block = Block {
    handler: None,
    level: 0,
};

impl<'a> Flow<'a> {
    pub(super) fn new(pool: &'a Pool) -> Flow<'a> {
        Flow {
            pool,
            specials: Lists::new(NO_SPECIAL),
            blocks: Lists::new(NO_BLOCK),
            seen: Vec::with_capacity(1024),
            todo: Vec::with_capacity(32),
            warnings: Vec::new(),
        }
    }

    /// Forgets everything about the code object before this one.
    pub(super) fn clear(&mut self, body: &Body<'_>) {
        self.specials.clear(NO_SPECIAL);
        self.blocks.clear(NO_BLOCK);
        self.seen.clear();
        self.seen.resize(body.bytes.len() / 2, Seen::UNREACHED);
        self.todo.clear();
        self.warnings.clear();
    }

    /// Takes `count` objects from the stack.
    #[inline]
    pub(super) fn take(&self, at: &mut At, count: u64) -> Result<()> {
        let state = &mut at.state;
        if count > u64::from(state.depth - at.floor) {
            return Err(too_few(state.depth, at.floor, count));
        }
        state.depth -= count as u32;
        if at.top > state.depth {
            return self.take_specials(at);
        }
        Ok(())
    }

    /// Removes the special items above the depth, which must be objects.
    fn take_specials(&self, at: &mut At) -> Result<()> {
        while let Some((special, below)) = self.specials.pop(at.state.specials) {
            if special.slot < at.state.depth {
                break;
            }
            if !special.kind.is_object() {
                return Err(no_object(special.kind));
            }
            at.state.specials = below;
        }
        self.update_top(at);
        Ok(())
    }

    /// Pushes `count` objects. [`Body::measure`] checks afterwards that they fit.
    pub(super) fn give(&self, body: &Body<'a>, at: &mut At, count: u64) -> Result<()> {
        let depth = u64::from(at.state.depth) + count;
        at.state.depth = match u32::try_from(depth) {
            Ok(depth) if depth < u32::MAX => depth,
            _ => return Err(too_deep(body.code.stacksize, depth)),
        };
        Ok(())
    }

    /// Sets [`At::top`] after a change of the special items.
    pub(super) fn update_top(&self, at: &mut At) {
        let top = self.specials.pop(at.state.specials);
        at.top = top.map_or(0, |(special, _)| special.slot + 1);
    }

    /// Sets [`At::floor`] after a change of the blocks.
    pub(super) fn update_floor(&self, at: &mut At) {
        let inner = self.blocks.pop(at.state.blocks);
        at.floor = inner.map_or(0, |(block, _)| block.level);
    }

    /// Pushes an object, or a special item.
    pub(super) fn push(&mut self, at: &mut At, kind: Option<Kind>) {
        if let Some(kind) = kind {
            let slot = at.state.depth;
            at.state.specials = self
                .specials
                .push(at.state.specials, Special { slot, kind });
            at.top = slot + 1;
        }
        at.state.depth += 1;
    }

    /// Returns the kind of a slot if it is special.
    pub(super) fn kind(&self, at: &At, slot: u32) -> Option<Kind> {
        if slot >= at.top {
            return None;
        }
        let found = self
            .specials
            .find(at.state.specials, |special| special.slot > slot)?;
        (found.slot == slot).then_some(found.kind)
    }

    /// Checks that there is an object at depth `down`, where 1 is the top; it stays there.
    pub(super) fn look(&self, at: &At, down: u32) -> Result<()> {
        if down == 0 || down > at.state.depth {
            return Err(too_few(at.state.depth, at.floor, down.into()));
        }
        match self.kind(at, at.state.depth - down) {
            Some(kind) if !kind.is_object() => Err(no_object(kind)),
            _ => Ok(()),
        }
    }

    /// Returns true if the innermost handler, if there is one, finds the state to restore.
    pub(super) fn is_restorable(&self, at: &At) -> bool {
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

    /// Adds a path from the current instruction to a jump target or handler.
    pub(super) fn jump(
        &mut self,
        body: &mut Body<'a>,
        at: &At,
        target: u64,
        state: State,
    ) -> Result<()> {
        body.measure(state.depth)?;
        let unit = usize::try_from(target / 2).ok();
        let Some(seen) = unit.and_then(|unit| self.seen.get_mut(unit)) else {
            let size = body.bytes.len();
            let message = format!("leads to {target}, but the code has {size} bytes");
            return Err(fault(message).into());
        };
        let target = target as u32;
        if !target.is_multiple_of(2) || target > 0 && is_prefix(body.bytes, target - 2) {
            let message = format!("leads to {target}, which is inside an instruction");
            return Err(fault(message).into());
        }
        if seen.is_reached() {
            return self.agree(body, at.start, target, state);
        }
        *seen = Seen {
            state,
            from: at.start,
        };
        self.todo.push(target / 2);
        Ok(())
    }

    /// Checks that the instruction at `to` is reached in the same state as before.
    #[inline]
    pub(super) fn agree(&self, body: &Body<'a>, from: u32, to: u32, state: State) -> Result<()> {
        let seen = self.seen[to as usize / 2];
        if seen.state == state {
            return Ok(());
        }
        Err(self.disagreement(body, from, to, state, seen))
    }

    /// Returns the fault of two paths that meet in different states.
    #[cold]
    fn disagreement(
        &self,
        body: &Body<'a>,
        from: u32,
        to: u32,
        state: State,
        seen: Seen,
    ) -> Box<Fault> {
        let [first, second] = [seen.from, from].map(|offset| place(self.pool, body.code, offset));
        let other = seen.state;
        let message = if state.depth != other.depth {
            let [this, that] = [state.depth, other.depth].map(items);
            format!(
                "paths with different stacks meet here: {that} from {first}, {this} from {second}"
            )
        } else if state.blocks != other.blocks {
            let [this, that] = [state, other].map(|state| self.describe_blocks(state));
            format!(
                "paths with different blocks meet here: {that} from {first}, {this} from {second}"
            )
        } else {
            format!(
                "paths meet here, from {first} and from {second}, with items for CALL_METHOD or \
                 POP_EXCEPT in different places"
            )
        };
        Box::new(Fault::new(Some(to), message))
    }

    /// Returns the block stack in words.
    fn describe_blocks(&self, state: State) -> String {
        let mut list = state.blocks;
        let mut blocks = Vec::new();
        while let Some((block, below)) = self.blocks.pop(list) {
            blocks.push(match block.handler {
                Some(handler) => format!("a block handled at {handler}"),
                None => format!("a handler at depth {}", block.level),
            });
            list = below;
        }
        match blocks.is_empty() {
            true => "no block".to_owned(),
            false => blocks.join(" in "),
        }
    }
}

/// Returns the opcode and the low byte of the argument of the instruction at an offset.
#[inline]
pub(super) fn pair(bytes: &[u8], offset: u32) -> Option<&[u8; 2]> {
    bytes.get(offset as usize..)?.first_chunk()
}

/// Returns true if there is an `EXTENDED_ARG` at an offset.
fn is_prefix(bytes: &[u8], offset: u32) -> bool {
    pair(bytes, offset).is_some_and(|pair| pair[0] == Op::ExtendedArg as u8)
}
