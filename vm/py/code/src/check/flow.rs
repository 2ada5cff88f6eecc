//! Every path through one code object: how deep its stacks are, and what lies where.
//!
//! A state is kept for each instruction that is reached. All paths to an instruction must agree on
//! it, so each is looked at once.

use super::ops::keeps_shaken;
use super::stack::{List, Lists};
use super::words::Teller;
use super::words::{no_object, out_of_range, too_deep, too_few};
use super::{Problem, Shape};
use crate::insn::{Arg, Op};
use crate::object::{Code, Id, Pool};
use std::sync::LazyLock;

/// What lies in a slot and is not an ordinary object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// What `LOAD_METHOD` puts below: a method, or nothing at all.
    Method,
    /// The exception state to be restored: it may be nothing at all.
    SavedTraceback,
    SavedValue,
    SavedType,
    /// The exception that a handler was entered with; these are objects too.
    Traceback,
    Value,
    Type,
}

use Kind::*;

impl Kind {
    /// Whether any instruction may have it.
    pub(super) fn is_object(self) -> bool {
        matches!(self, Traceback | Value | Type)
    }
}

/// What a handler finds on the stack, the lowest first.
pub(super) const HANDLED: [Kind; 6] = [
    SavedTraceback,
    SavedValue,
    SavedType,
    Traceback,
    Value,
    Type,
];

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Special {
    pub(super) slot: u32,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Block {
    /// Where the handler begins; none for the block of a handler that is running.
    pub(super) handler: Option<u32>,
    pub(super) level: u32,
}

/// What is known before an instruction.
///
/// The depth, which changes most, is the last: eight bytes and four are copied, and a processor
/// waits long to read eight of which it has just written four.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub(super) struct State {
    pub(super) specials: List,
    pub(super) blocks: List,
    pub(super) depth: u32,
}

#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) state: State,
    /// The instruction by which it was first reached.
    pub(super) from: u32,
}

const UNSEEN: Seen = Seen {
    state: State {
        depth: u32::MAX,
        specials: List::EMPTY,
        blocks: List::EMPTY,
    },
    from: 0,
};

/// How an operation is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Undefined,
    /// Takes so many, and so many more for each that its argument counts; leaves so many, and
    /// goes on behind itself.
    Plain,
    /// Takes and leaves as many as its argument says in another way, and goes on behind itself.
    Counted,
    /// Anything else.
    Special(Act),
}

/// What an operation does that is neither.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Moves the top item below so many less one.
    Rotate(u8),
    /// Pushes so many again.
    Duplicate(u8),
    /// Pushes something that it gets of the top item.
    Peek,
    /// Takes so many items and adds them to a container further down.
    AddTo(u8),
    Merge,
    LoadMethod,
    CallMethod,
    CallNamed,
    MakeFunction,
    ClassVariable,
    /// Takes so many items, and suspends.
    Yield(u8),
    ForIter,
    JumpTo,
    JumpForward,
    JumpOrPop,
    /// Takes so many items, and may jump.
    PopJump(u8),
    SetupFinally,
    SetupWith,
    SetupAsyncWith,
    PopBlock,
    PopExcept,
    Reraise,
    WithExceptStart,
    EndAsyncFor,
    Raise,
    Return,
    /// A prefix, which is never looked at by itself.
    Prefix,
}

/// A row of the opcode table, as this needs it.
#[derive(Clone, Copy)]
struct Quick {
    class: Class,
    pops: u8,
    /// How many more it takes for each that its argument counts.
    each: u8,
    pushes: u8,
    /// Which of [`Flow::limits`] its argument must be below.
    limit: u8,
}

impl Quick {
    /// How many objects it takes, if it is plain.
    #[inline]
    fn takes(self, arg: u32) -> u64 {
        u64::from(self.pops) + u64::from(self.each) * u64::from(arg)
    }
}

static QUICK: LazyLock<[Quick; 256]> = LazyLock::new(|| {
    let quick = |byte| {
        let Some(op) = Op::from_byte(byte as u8) else {
            return Quick {
                class: Class::Undefined,
                pops: 0,
                each: 0,
                pushes: 0,
                limit: 0,
            };
        };
        let row = op.row();
        let class = class(op);
        let counts = match class {
            Class::Plain => {
                let pops = (row.pops)(0);
                [pops, (row.pops)(1) - pops, (row.pushes)(0)]
            }
            Class::Undefined | Class::Counted | Class::Special(_) => [0; 3],
        };
        let [pops, each, pushes] = counts.map(|count| count as u8);
        Quick {
            class,
            pops,
            each,
            pushes,
            limit: limit(row.arg) as u8,
        }
    };
    std::array::from_fn(quick)
});

#[rustfmt::skip]
fn class(op: Op) -> Class {
    match op {
        Op::PopTop | Op::Nop | Op::UnaryPositive | Op::UnaryNegative | Op::UnaryNot
        | Op::UnaryInvert | Op::BinaryMatrixMultiply | Op::InplaceMatrixMultiply
        | Op::BinaryPower | Op::BinaryMultiply | Op::BinaryModulo | Op::BinaryAdd
        | Op::BinarySubtract | Op::BinarySubscr | Op::BinaryFloorDivide | Op::BinaryTrueDivide
        | Op::InplaceFloorDivide | Op::InplaceTrueDivide | Op::GetAiter | Op::BeforeAsyncWith
        | Op::InplaceAdd | Op::InplaceSubtract | Op::InplaceMultiply | Op::InplaceModulo
        | Op::StoreSubscr | Op::DeleteSubscr | Op::BinaryLshift | Op::BinaryRshift
        | Op::BinaryAnd | Op::BinaryXor | Op::BinaryOr | Op::InplacePower | Op::GetIter
        | Op::GetYieldFromIter | Op::PrintExpr | Op::LoadBuildClass | Op::GetAwaitable
        | Op::LoadAssertionError | Op::InplaceLshift | Op::InplaceRshift | Op::InplaceAnd
        | Op::InplaceXor | Op::InplaceOr | Op::ListToTuple | Op::ImportStar
        | Op::SetupAnnotations | Op::StoreName | Op::DeleteName | Op::StoreAttr | Op::DeleteAttr
        | Op::StoreGlobal | Op::DeleteGlobal | Op::LoadConst | Op::LoadName | Op::LoadAttr
        | Op::CompareOp | Op::ImportName | Op::LoadGlobal | Op::IsOp | Op::ContainsOp
        | Op::LoadFast | Op::StoreFast | Op::DeleteFast | Op::LoadClosure | Op::LoadDeref
        | Op::StoreDeref | Op::DeleteDeref | Op::BuildTuple | Op::BuildList | Op::BuildSet
        | Op::BuildMap | Op::BuildConstKeyMap | Op::BuildString | Op::CallFunction => Class::Plain,
        Op::UnpackSequence | Op::UnpackEx | Op::BuildSlice | Op::CallFunctionEx
        | Op::FormatValue => Class::Counted,
        Op::RotTwo => Class::Special(Act::Rotate(2)),
        Op::RotThree => Class::Special(Act::Rotate(3)),
        Op::RotFour => Class::Special(Act::Rotate(4)),
        Op::DupTop => Class::Special(Act::Duplicate(1)),
        Op::DupTopTwo => Class::Special(Act::Duplicate(2)),
        Op::GetAnext | Op::ImportFrom => Class::Special(Act::Peek),
        Op::ListAppend | Op::SetAdd | Op::ListExtend | Op::SetUpdate | Op::DictUpdate => Class::Special(Act::AddTo(1)),
        Op::MapAdd => Class::Special(Act::AddTo(2)),
        Op::DictMerge => Class::Special(Act::Merge),
        Op::LoadMethod => Class::Special(Act::LoadMethod),
        Op::CallMethod => Class::Special(Act::CallMethod),
        Op::CallFunctionKw => Class::Special(Act::CallNamed),
        Op::MakeFunction => Class::Special(Act::MakeFunction),
        Op::LoadClassderef => Class::Special(Act::ClassVariable),
        Op::YieldValue => Class::Special(Act::Yield(1)),
        Op::YieldFrom => Class::Special(Act::Yield(2)),
        Op::ForIter => Class::Special(Act::ForIter),
        Op::JumpAbsolute => Class::Special(Act::JumpTo),
        Op::JumpForward => Class::Special(Act::JumpForward),
        Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop => Class::Special(Act::JumpOrPop),
        Op::PopJumpIfFalse | Op::PopJumpIfTrue => Class::Special(Act::PopJump(1)),
        Op::JumpIfNotExcMatch => Class::Special(Act::PopJump(2)),
        Op::SetupFinally => Class::Special(Act::SetupFinally),
        Op::SetupWith => Class::Special(Act::SetupWith),
        Op::SetupAsyncWith => Class::Special(Act::SetupAsyncWith),
        Op::PopBlock => Class::Special(Act::PopBlock),
        Op::PopExcept => Class::Special(Act::PopExcept),
        Op::Reraise => Class::Special(Act::Reraise),
        Op::WithExceptStart => Class::Special(Act::WithExceptStart),
        Op::EndAsyncFor => Class::Special(Act::EndAsyncFor),
        Op::RaiseVarargs => Class::Special(Act::Raise),
        Op::ReturnValue => Class::Special(Act::Return),
        Op::ExtendedArg => Class::Special(Act::Prefix),
    }
}

/// Limits of arguments, by their place in [`Flow::limits`].
fn limit(arg: Arg) -> usize {
    match arg {
        Arg::None
        | Arg::JumpTo
        | Arg::JumpForward
        | Arg::Count
        | Arg::Depth
        | Arg::Unpack
        | Arg::Slice
        | Arg::Extended => 0,
        Arg::Const => 1,
        Arg::Name => 2,
        Arg::Local => 3,
        Arg::Cell => 4,
        Arg::Compare => 5,
        Arg::Is | Arg::Contains | Arg::CallEx => 6,
        Arg::Raise => 7,
        Arg::MakeFunction => 8,
        Arg::Format => 9,
    }
}

/// What is wrong with an instruction, before it is told where.
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) notes: Vec<String>,
    pub(super) help: Option<&'static str>,
    /// Where, if not where the walk stands.
    pub(super) at: Option<u32>,
}

impl Fault {
    #[cold]
    pub(super) fn new(message: impl Into<String>) -> Box<Fault> {
        Box::new(Fault {
            message: message.into(),
            notes: Vec::new(),
            help: None,
            at: None,
        })
    }

    pub(super) fn note(mut self: Box<Fault>, note: impl Into<String>) -> Box<Fault> {
        self.notes.push(note.into());
        self
    }

    pub(super) fn help(mut self: Box<Fault>, help: &'static str) -> Box<Fault> {
        self.help = Some(help);
        self
    }
}

pub(super) type Result<T> = std::result::Result<T, Box<Fault>>;

/// What is the same for every code object, and room that they share.
pub(super) struct Flow<'a> {
    pub(super) pool: &'a Pool,
    pub(super) specials: Lists<Special>,
    pub(super) blocks: Lists<Block>,
    /// By the place of the first prefix, halved.
    pub(super) seen: Vec<Seen>,
    pub(super) todo: Vec<u32>,
    pub(super) warnings: Vec<(u32, &'static str)>,
}

/// One code object.
pub(super) struct Body<'a> {
    pub(super) code: &'a Code,
    pub(super) bytes: &'a [u8],
    pub(super) consts: &'a [Id],
    pub(super) limits: [u32; 10],
    pub(super) cellvars: u32,
    /// The deepest that the data stack becomes, and the block stack.
    pub(super) most: u32,
    pub(super) most_blocks: u32,
}

/// Where the walk stands.
pub(super) struct At {
    pub(super) state: State,
    /// No instruction may take from below this: the innermost block's level.
    pub(super) floor: u32,
    /// One more than the highest special slot.
    pub(super) top: u32,
    /// What the innermost handler must restore does not lie in its place.
    pub(super) shaken: bool,
    /// Where this walk began: what lies between was executed one after another.
    pub(super) began: u32,
    /// Where the first prefix lies.
    pub(super) start: u32,
    pub(super) offset: u32,
}

const NO_SPECIAL: Special = Special {
    slot: 0,
    kind: Method,
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

    /// Looks at a code object; what is odd in it is added to `warnings`.
    pub(super) fn check(
        &mut self,
        id: Id,
        code: &'a Code,
        warnings: &mut Vec<Problem>,
    ) -> std::result::Result<Shape, Box<Problem>> {
        let pool = self.pool;
        let count = |id| pool.tuple(id).map_or(0, <[Id]>::len) as u32;
        let cellvars = count(code.cellvars);
        let cells = cellvars.saturating_add(count(code.freevars));
        let (consts, names) = (count(code.consts), count(code.names));
        let mut body = Body {
            code,
            bytes: pool.bytes(code.code).unwrap_or(&[]),
            consts: pool.tuple(code.consts).unwrap_or(&[]),
            limits: [u32::MAX, consts, names, code.nlocals, cells, 6, 2, 3, 16, 8],
            cellvars,
            most: 0,
            most_blocks: 0,
        };
        self.specials.clear(NO_SPECIAL);
        self.blocks.clear(NO_BLOCK);
        self.seen.clear();
        self.seen.resize(body.bytes.len() / 2, UNSEEN);
        self.todo.clear();
        self.warnings.clear();
        let found = self.walk(&mut body);
        let teller = Teller { pool, id, code };
        for (offset, message) in self.warnings.drain(..) {
            warnings.push(teller.warning(offset, message));
        }
        match found {
            Ok(()) => Ok(Shape {
                code: id,
                depth: body.most,
                blocks: body.most_blocks,
            }),
            Err((offset, fault)) => Err(Box::new(teller.fault(fault.at.unwrap_or(offset), *fault))),
        }
    }

    fn walk(&mut self, body: &mut Body<'a>) -> std::result::Result<(), (u32, Box<Fault>)> {
        if self.seen.is_empty() {
            return Err((0, Fault::new("there is no instruction")));
        }
        self.seen[0].state.depth = 0;
        self.todo.push(0);
        while let Some(unit) = self.todo.pop() {
            let mut at = At {
                state: self.seen[unit as usize].state,
                floor: 0,
                top: 0,
                shaken: false,
                began: 2 * unit,
                start: 2 * unit,
                offset: 2 * unit,
            };
            self.refloor(&mut at);
            self.retop(&mut at);
            if let Err(fault) = self.run(body, &mut at) {
                return Err((at.offset, fault));
            }
        }
        Ok(())
    }

    /// From an instruction on to where the path ends or joins one that was seen.
    fn run(&mut self, body: &mut Body<'a>, at: &mut At) -> Result<()> {
        let quick = &*QUICK;
        let bytes = body.bytes;
        loop {
            self.straight(body, at, quick);
            let Some(&[mut opcode, low]) = pair(bytes, at.offset) else {
                break;
            };
            let mut arg = u32::from(low);
            at.start = at.offset;
            while opcode == Op::ExtendedArg as u8 {
                at.offset += 2;
                let Some(&[next, low]) = pair(bytes, at.offset) else {
                    return Err(Fault::new("the code ends behind a prefix"));
                };
                opcode = next;
                arg = arg << 8 | u32::from(low);
            }
            let row = quick[usize::from(opcode)];
            if arg >= body.limits[usize::from(row.limit)] {
                return Err(out_of_range(body, opcode, arg));
            }
            if at.shaken && !keeps_shaken(opcode) {
                return Err(Fault::new(
                    "if this raises, the exception state cannot be restored: its three items \
                     do not lie where the handler found them",
                ));
            }
            match row.class {
                Class::Plain => {
                    self.take(at, row.takes(arg))?;
                    at.state.depth += u32::from(row.pushes);
                }
                Class::Counted => self.counted(body, at, opcode, arg)?,
                Class::Special(act) => {
                    if !self.special(body, at, act, arg)? {
                        return self.measure(body, at.state.depth);
                    }
                }
                Class::Undefined => {
                    return Err(Fault::new(format!("no instruction has opcode {opcode}")));
                }
            }
            self.measure(body, at.state.depth)?;
            at.offset += 2;
            let unit = at.offset as usize / 2;
            match self.seen.get_mut(unit) {
                Some(seen) if seen.state.depth == u32::MAX => {
                    *seen = Seen {
                        state: at.state,
                        from: at.start,
                    };
                }
                Some(_) => return self.agrees(body, at.start, at.offset, at.state),
                None => break,
            }
        }
        at.offset = at.start;
        let found = Fault::new("control goes on behind the end of the code");
        Err(found.help("end it in RETURN_VALUE, in a jump, or by raising"))
    }

    /// Past instructions that only take and leave objects and are in order, which is most code, up
    /// to one of which more is to be said. It does nothing that [`Flow::run`] would not.
    fn straight(&mut self, body: &mut Body<'a>, at: &mut At, quick: &[Quick; 256]) {
        if at.shaken {
            return;
        }
        let mut state = at.state;
        let mut most = body.most;
        // Below lies what is a block's, or may be no object.
        let floor = at.floor.max(at.top);
        let unit = at.offset as usize / 2;
        let (pairs, _) = body.bytes.as_chunks();
        let pairs = pairs.get(unit..).unwrap_or(&[]);
        let next = self.seen.get_mut(unit + 1..).unwrap_or(&mut []);
        for (&[opcode, arg], next) in pairs.iter().zip(next) {
            let row = quick[usize::from(opcode)];
            let arg = u32::from(arg);
            let takes = row.takes(arg) as u32;
            if row.class != Class::Plain
                || arg >= body.limits[usize::from(row.limit)]
                || takes > state.depth - floor
                || next.state.depth != u32::MAX
            {
                break;
            }
            let depth = state.depth - takes + u32::from(row.pushes);
            if depth > body.code.stacksize {
                break;
            }
            state.depth = depth;
            most = most.max(depth);
            *next = Seen {
                state,
                from: at.offset,
            };
            at.offset += 2;
        }
        at.state = state;
        body.most = most;
    }

    /// Notes how deep the stack is, here or in a handler.
    #[inline]
    pub(super) fn measure(&self, body: &mut Body<'a>, depth: u32) -> Result<()> {
        if depth <= body.most {
            return Ok(());
        }
        body.most = depth;
        if depth <= body.code.stacksize {
            return Ok(());
        }
        Err(too_deep(body, depth.into()))
    }

    /// Takes so many objects off.
    #[inline]
    pub(super) fn take(&self, at: &mut At, pops: u64) -> Result<()> {
        let state = &mut at.state;
        if pops > u64::from(state.depth - at.floor) {
            return Err(too_few(at, pops));
        }
        state.depth -= pops as u32;
        if at.top > state.depth {
            return self.take_specials(at);
        }
        Ok(())
    }

    /// Leaves so many objects; that they are not too many is measured afterwards.
    pub(super) fn give(&self, body: &Body<'a>, at: &mut At, pushes: u64) -> Result<()> {
        let depth = u64::from(at.state.depth) + pushes;
        at.state.depth = match u32::try_from(depth) {
            Ok(depth) if depth < u32::MAX => depth,
            _ => return Err(too_deep(body, depth)),
        };
        Ok(())
    }

    /// Takes and leaves as many as the argument says.
    fn counted(&mut self, body: &Body<'a>, at: &mut At, opcode: u8, arg: u32) -> Result<()> {
        let Some(op) = Op::from_byte(opcode) else {
            return Ok(());
        };
        if op == Op::BuildSlice && arg != 2 && arg != 3 {
            return Err(Fault::new(format!(
                "a slice is built of 2 or 3 items, not of {arg}"
            )));
        }
        let row = op.row();
        self.take(at, (row.pops)(arg.into()))?;
        self.give(body, at, (row.pushes)(arg.into()))
    }

    /// Takes the special items off that lie above the depth.
    pub(super) fn take_specials(&self, at: &mut At) -> Result<()> {
        while let Some((special, below)) = self.specials.pop(at.state.specials) {
            if special.slot < at.state.depth {
                break;
            }
            if !special.kind.is_object() {
                return Err(no_object(special.kind));
            }
            at.state.specials = below;
        }
        self.retop(at);
        Ok(())
    }

    pub(super) fn retop(&self, at: &mut At) {
        let top = self.specials.pop(at.state.specials);
        at.top = top.map_or(0, |(special, _)| special.slot + 1);
    }

    pub(super) fn refloor(&self, at: &mut At) {
        let inner = self.blocks.pop(at.state.blocks);
        at.floor = inner.map_or(0, |(block, _)| block.level);
    }

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

    /// What lies in a slot.
    pub(super) fn kind(&self, at: &At, slot: u32) -> Option<Kind> {
        if slot >= at.top {
            return None;
        }
        let found = self
            .specials
            .find(at.state.specials, |special| special.slot > slot)?;
        (found.slot == slot).then_some(found.kind)
    }

    /// Demands an object so far below the top, 1 being the top; it stays there.
    pub(super) fn look(&self, at: &At, down: u32) -> Result<()> {
        if down == 0 || down > at.state.depth {
            return Err(too_few(at, down.into()));
        }
        match self.kind(at, at.state.depth - down) {
            Some(kind) if !kind.is_object() => Err(no_object(kind)),
            _ => Ok(()),
        }
    }

    /// A jump, or a handler's place.
    pub(super) fn jump(
        &mut self,
        body: &mut Body<'a>,
        at: &At,
        target: u64,
        state: State,
    ) -> Result<()> {
        self.measure(body, state.depth)?;
        let unit = target / 2;
        let Some(seen) = usize::try_from(unit)
            .ok()
            .and_then(|unit| self.seen.get_mut(unit))
        else {
            let found = Fault::new(format!("it leads to {target}, out of the code"));
            return Err(found.note(format!("the code has {} bytes", body.bytes.len())));
        };
        let target = target as u32;
        if !target.is_multiple_of(2) || target > 0 && bytes_prefix(body.bytes, target - 2) {
            let message = format!("it leads to {target}, into the middle of an instruction");
            return Err(Fault::new(message));
        }
        if seen.state.depth != u32::MAX {
            return self.agrees(body, at.start, target, state);
        }
        *seen = Seen {
            state,
            from: at.start,
        };
        self.todo.push(target / 2);
        Ok(())
    }

    /// Whether an instruction is reached as it was before.
    #[inline]
    pub(super) fn agrees(&self, body: &Body<'a>, from: u32, to: u32, state: State) -> Result<()> {
        let seen = self.seen[to as usize / 2];
        if seen.state == state {
            return Ok(());
        }
        Err(self.disagreement(body, from, to, state, seen))
    }
}

/// The instruction at an offset: opcode and low byte of its argument.
#[inline]
pub(super) fn pair(bytes: &[u8], offset: u32) -> Option<&[u8; 2]> {
    bytes.get(offset as usize..)?.first_chunk()
}

fn bytes_prefix(bytes: &[u8], offset: u32) -> bool {
    pair(bytes, offset).is_some_and(|pair| pair[0] == Op::ExtendedArg as u8)
}
