//! Checks that instructions find items of the kinds that they need.
//!
//! CPython does not check that `LIST_EXTEND` has a list, `FOR_ITER` and `YIELD_FROM` an iterator,
//! `MAKE_FUNCTION` a code object with a closure that fits, and `CALL_FUNCTION_KW` a tuple of
//! names. Here an item is of a known kind if an instruction pushed it that pushes nothing else, and
//! if all paths agree on it.
//!
//! A comprehension gets its iterator as the parameter `.0`. A function whose code iterates over
//! `.0` can therefore only be called, by `CALL_FUNCTION 1` with an item from `GET_ITER`.
//!
//! This runs after [`super::flow`] has accepted the code object, and relies on the depths that it
//! found.

use super::messages::fault;
use super::plist::{List, Lists};
use super::state::{Body, Needs, Seen, pair};
use super::table::CHECKS;
use super::{Fault, Result};
use crate::insn::{Arg, Branch, Op};
use crate::object::{Id, Object, Pool, flags};
use std::collections::HashSet;

/// The kind of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    List,
    Set,
    Dict,
    Tuple,
    /// A constant tuple of this many strings.
    Names(u32),
    /// A tuple of this many cells.
    Cells(u32),
    Cell,
    /// A constant string.
    Str,
    /// A constant code object.
    Code(Id),
    /// An item from `GET_ITER`.
    Iterator,
    /// An item that `YIELD_FROM` can delegate to.
    Awaitable,
    /// The parameter `.0` of a comprehension.
    Parameter,
    /// A function that iterates over its parameter `.0`.
    Comprehension,
}

impl Kind {
    fn is_tuple(self) -> bool {
        matches!(self, Kind::Tuple | Kind::Names(_) | Kind::Cells(_))
    }

    /// Returns the kind of an item that is of one of two kinds, if it has one.
    fn join(self, other: Kind) -> Option<Kind> {
        match (self, other) {
            _ if self == other => Some(self),
            _ if self.is_tuple() && other.is_tuple() => Some(Kind::Tuple),
            (Kind::Iterator | Kind::Awaitable, Kind::Iterator | Kind::Awaitable) => {
                Some(Kind::Awaitable)
            }
            _ => None,
        }
    }
}

/// The flags of code in which `GET_YIELD_FROM_ITER` takes a coroutine.
const COROUTINES: u32 = flags::COROUTINE | flags::ITERABLE_COROUTINE;

/// A slot whose item is of a known kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Known {
    slot: u32,
    kind: Kind,
}

const NOTHING_KNOWN: Known = Known {
    slot: 0,
    kind: Kind::Tuple,
};

/// The kinds before the instructions of a code object.
pub(super) struct Kinds<'a> {
    pool: &'a Pool,
    lists: Lists<Known>,
    /// The known slots before each instruction, by its offset, halved; `None` if it is not
    /// reached.
    before: Vec<Option<List>>,
    todo: Vec<u32>,
    /// The number of steps that may still be taken.
    steps: usize,
    /// The code objects that iterate over their parameter `.0`.
    comprehensions: HashSet<Id>,
    /// Whether to check also what only a debug build of CPython does.
    strict: bool,
}

/// The code object that is checked.
struct Walk<'b, 'a> {
    body: &'b Body<'a>,
    needs: Needs,
    seen: &'b [Seen],
    /// Whether local variable 0 is the parameter `.0` and is never set.
    has_parameter: bool,
    /// Whether the code object iterates over `.0`.
    iterates: bool,
}

/// An instruction with the known slots before it.
struct Step {
    op: Op,
    arg: u32,
    /// The offset of its opcode.
    offset: u32,
    /// The depth of the stack before it.
    depth: u32,
    list: List,
}

impl<'a> Kinds<'a> {
    pub(super) fn new(pool: &'a Pool, strict: bool) -> Kinds<'a> {
        Kinds {
            pool,
            lists: Lists::new(NOTHING_KNOWN),
            before: Vec::new(),
            todo: Vec::new(),
            steps: 0,
            comprehensions: HashSet::new(),
            strict,
        }
    }

    /// Records whether a code object iterates over its parameter `.0`. This must be done for all
    /// code objects with such a parameter before any is checked.
    pub(super) fn find_comprehension(
        &mut self,
        id: Id,
        body: &Body<'a>,
        needs: Needs,
        seen: &[Seen],
    ) {
        let mut walk = Walk::new(self.pool, body, needs, seen);
        if walk.has_parameter {
            // An error is found again, and reported, when the code object is checked.
            let _ = self.walk(&mut walk);
            if walk.iterates {
                self.comprehensions.insert(id);
            }
        }
    }

    /// Checks a code object; an error has the offset of the instruction.
    pub(super) fn check(
        &mut self,
        body: &Body<'a>,
        needs: Needs,
        seen: &[Seen],
    ) -> std::result::Result<(), (u32, Box<Fault>)> {
        self.walk(&mut Walk::new(self.pool, body, needs, seen))
    }

    fn walk(&mut self, walk: &mut Walk<'_, 'a>) -> std::result::Result<(), (u32, Box<Fault>)> {
        self.lists.clear(NOTHING_KNOWN);
        self.before.clear();
        self.before.resize(walk.seen.len(), None);
        self.todo.clear();
        // Paths meet often only in code that no compiler makes.
        self.steps = (1 << 16) + 16 * walk.seen.len();
        self.reach(0, List::EMPTY).map_err(|fault| (0, fault))?;
        while let Some(unit) = self.todo.pop() {
            self.run(walk, 2 * unit)?;
        }
        Ok(())
    }

    /// Walks from an instruction to the end of its path, or to where nothing new is known.
    fn run(
        &mut self,
        walk: &mut Walk<'_, 'a>,
        mut start: u32,
    ) -> std::result::Result<(), (u32, Box<Fault>)> {
        loop {
            start = self.skip_plain(walk, start);
            let unit = start as usize / 2;
            let (Some(Some(list)), Some(seen)) = (self.before.get(unit), walk.seen.get(unit))
            else {
                return Ok(());
            };
            let (list, depth) = (*list, seen.state.depth);
            let Some((op, arg, offset)) = fetch(walk.body.bytes, start) else {
                return Ok(());
            };
            let step = Step {
                op,
                arg,
                offset,
                depth,
                list,
            };
            let at = |fault| (offset, fault);
            self.count().map_err(at)?;
            let after = self.step(walk, &step).map_err(at)?;
            if matches!(op.row().branch, Branch::Ends | Branch::Jumps) {
                return Ok(());
            }
            start = offset + 2;
            if !self.meet(start, after).map_err(at)? {
                return Ok(());
            }
        }
    }

    /// Skips instructions that neither use nor push an item of a known kind, which most code
    /// consists of. Returns the offset of the first instruction that is not skipped.
    fn skip_plain(&mut self, walk: &Walk<'_, 'a>, start: u32) -> u32 {
        let first = start as usize / 2;
        let Some(&Some(list)) = self.before.get(first) else {
            return start;
        };
        let top = self.lists.pop(list);
        let top = top.map_or(0, |(known, _)| known.slot + 1);
        let (pairs, _) = walk.body.bytes.as_chunks();
        let checks = &*CHECKS;
        let mut unit = first;
        while let (Some(&[opcode, arg]), Some(seen)) = (pairs.get(unit), walk.seen.get(unit)) {
            let check = checks[usize::from(opcode)];
            let depth = u64::from(seen.state.depth);
            let takes = check.takes(arg.into());
            if !check.is_kindless
                || takes + u64::from(top) > depth
                || walk.pushes_known(self.pool, opcode, arg.into())
            {
                break;
            }
            match self.before.get_mut(unit + 1) {
                Some(next @ None) => *next = Some(list),
                _ => break,
            }
            unit += 1;
        }
        2 * unit as u32
    }

    /// Counts a step.
    fn count(&mut self) -> Result<()> {
        match self.steps.checked_sub(1) {
            Some(left) => self.steps = left,
            None => return Err(fault("too many paths meet in this code to verify it").into()),
        }
        Ok(())
    }

    /// Adds a path to an instruction, to be walked from if it brings anything new.
    fn reach(&mut self, offset: u32, list: List) -> Result<()> {
        if self.meet(offset, list)? {
            self.todo.push(offset / 2);
        }
        Ok(())
    }

    /// Joins a path with those that reached an instruction before; returns true if less is known
    /// now, or the instruction was not reached before.
    fn meet(&mut self, offset: u32, list: List) -> Result<bool> {
        let unit = offset as usize / 2;
        let known = match self.before.get(unit) {
            Some(&Some(known)) => known,
            Some(None) => {
                self.before[unit] = Some(list);
                return Ok(true);
            }
            None => return Ok(false),
        };
        let joined = self.join(known, list)?;
        self.before[unit] = Some(joined);
        Ok(joined != known)
    }

    /// Returns what is known on both of two paths.
    fn join(&mut self, mut left: List, mut right: List) -> Result<List> {
        let mut kept = Vec::new();
        while left != right {
            self.count()?;
            let (first, second) = (self.lists.pop(left), self.lists.pop(right));
            let slot = |entry: Option<(Known, List)>| entry.map(|(known, _)| known.slot);
            let kind = match (first, second) {
                (Some((one, below)), Some((other, beneath))) if one.slot == other.slot => {
                    (left, right) = (below, beneath);
                    match one.kind.join(other.kind) {
                        Some(kind) => {
                            kept.push(Known { kind, ..one });
                            continue;
                        }
                        None => [one.kind, other.kind],
                    }
                }
                (Some((one, below)), _) if slot(first) > slot(second) => {
                    left = below;
                    [one.kind; 2]
                }
                (_, Some((other, beneath))) => {
                    right = beneath;
                    [other.kind; 2]
                }
                _ => break,
            };
            if kind.contains(&Kind::Comprehension) {
                return Err(misused());
            }
        }
        for known in kept.into_iter().rev() {
            left = self.lists.push(left, known);
        }
        Ok(left)
    }

    /// Returns the kind of the item in a slot, if it is known.
    fn kind(&self, list: List, slot: u32) -> Option<Kind> {
        let found = self.lists.find(list, |known| known.slot > slot)?;
        (found.slot == slot).then_some(found.kind)
    }

    /// Forgets the slots from `slot` on, whose items are used.
    fn forget(&self, mut list: List, slot: u32) -> Result<List> {
        while let Some((known, below)) = self.lists.pop(list) {
            if known.slot < slot {
                break;
            }
            if known.kind == Kind::Comprehension {
                return Err(misused());
            }
            list = below;
        }
        Ok(list)
    }

    /// Applies an instruction, reaches its jump target, and returns what is known after it.
    fn step(&mut self, walk: &mut Walk<'_, 'a>, step: &Step) -> Result<List> {
        let Step { op, arg, depth, .. } = *step;
        let pops = (op.row().pops)(arg.into());
        let base = depth.saturating_sub(u32::try_from(pops).unwrap_or(u32::MAX));
        match op {
            Op::LoadConst => {
                let kind = walk.constant(self.pool, arg);
                Ok(self.with(step.list, depth, kind))
            }
            Op::LoadFast => {
                let kind = (arg == 0 && walk.has_parameter).then_some(Kind::Parameter);
                Ok(self.with(step.list, depth, kind))
            }
            Op::LoadClosure => Ok(self.with(step.list, depth, Some(Kind::Cell))),
            Op::BuildList => self.replace(step, base, Kind::List),
            Op::BuildSet => self.replace(step, base, Kind::Set),
            Op::BuildMap | Op::BuildConstKeyMap => self.replace(step, base, Kind::Dict),
            Op::BuildTuple => {
                let cells = arg > 0 && self.are_cells(step.list, base, depth);
                let kind = if cells { Kind::Cells(arg) } else { Kind::Tuple };
                self.replace(step, base, kind)
            }
            Op::ListToTuple => self.replace(step, base, Kind::Tuple),
            Op::GetIter => self.replace(step, base, Kind::Iterator),
            // Only in a coroutine does it let one pass; elsewhere it makes an iterator.
            Op::GetYieldFromIter if walk.body.code.flags & COROUTINES == 0 => {
                self.replace(step, base, Kind::Iterator)
            }
            Op::GetYieldFromIter | Op::GetAwaitable => self.replace(step, base, Kind::Awaitable),
            Op::GetAnext => Ok(self.with(step.list, depth, Some(Kind::Awaitable))),
            Op::PopTop => Ok(self.drop_top(step.list, base)),
            Op::RotTwo | Op::RotThree | Op::RotFour => Ok(self.rotate(step.list, base, depth)),
            Op::DupTop | Op::DupTopTwo => Ok(self.duplicate(step.list, base, depth)),
            Op::ListAppend
            | Op::SetAdd
            | Op::MapAdd
            | Op::ListExtend
            | Op::SetUpdate
            | Op::DictUpdate
            | Op::DictMerge => self.add_to(step),
            Op::ForIter | Op::YieldFrom => self.iterate(walk, step),
            Op::MakeFunction => self.make_function(step, base),
            Op::CallFunction => self.call(step, base),
            Op::CallFunctionKw => self.call_named(step, base),
            Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop => {
                self.reach(arg, step.list)?;
                self.forget(step.list, base)
            }
            Op::SetupFinally | Op::SetupWith | Op::SetupAsyncWith => {
                let list = self.forget(step.list, base)?;
                self.reach(step.target(), list)?;
                Ok(list)
            }
            _ => {
                let list = self.forget(step.list, base)?;
                match op.row().branch {
                    Branch::None | Branch::Ends => {}
                    Branch::Jumps | Branch::MayJump { .. } | Branch::Handler { .. } => {
                        self.reach(step.target(), list)?;
                    }
                }
                Ok(list)
            }
        }
    }

    /// Returns what is known after an item of this kind is pushed to a slot.
    fn with(&mut self, list: List, slot: u32, kind: Option<Kind>) -> List {
        match kind {
            Some(kind) => self.lists.push(list, Known { slot, kind }),
            None => list,
        }
    }

    /// Returns what is known after the items from `base` on are replaced by one of this kind.
    fn replace(&mut self, step: &Step, base: u32, kind: Kind) -> Result<List> {
        let list = self.forget(step.list, base)?;
        Ok(self.with(list, base, Some(kind)))
    }

    /// Returns what is known after the items from `base` on are discarded.
    fn drop_top(&self, mut list: List, base: u32) -> List {
        while let Some((known, below)) = self.lists.pop(list)
            && known.slot >= base
        {
            list = below;
        }
        list
    }

    /// Returns true if the items from `base` to `depth` are cells.
    fn are_cells(&self, mut list: List, base: u32, depth: u32) -> bool {
        (base..depth).rev().all(|slot| {
            let top = self.lists.pop(list);
            top.is_some_and(|(known, below)| {
                list = below;
                known.slot == slot && known.kind == Kind::Cell
            })
        })
    }

    fn rotate(&mut self, list: List, base: u32, depth: u32) -> List {
        let mut kinds: Vec<Option<Kind>> =
            (base..depth).map(|slot| self.kind(list, slot)).collect();
        if kinds.iter().all(Option::is_none) {
            return list;
        }
        kinds.rotate_right(1);
        let mut list = self.drop_top(list, base);
        for (slot, kind) in (base..).zip(kinds) {
            list = self.with(list, slot, kind);
        }
        list
    }

    fn duplicate(&mut self, mut list: List, base: u32, depth: u32) -> List {
        let kinds: Vec<Option<Kind>> = (base..depth).map(|slot| self.kind(list, slot)).collect();
        for (slot, kind) in (depth..).zip(kinds) {
            list = self.with(list, slot, kind);
        }
        list
    }

    /// Checks an instruction that adds the top items to a container further down.
    fn add_to(&mut self, step: &Step) -> Result<List> {
        let count = if step.op == Op::MapAdd { 2 } else { 1 };
        let top = step.depth.saturating_sub(count);
        let list = self.forget(step.list, top)?;
        let kind = self.kind(list, top.saturating_sub(step.arg));
        let (wanted, noun) = match step.op {
            Op::ListAppend | Op::ListExtend => (Kind::List, "list"),
            Op::SetAdd | Op::SetUpdate => (Kind::Set, "set"),
            _ => (Kind::Dict, "dict"),
        };
        if kind == Some(wanted) || step.op != Op::ListExtend && !self.strict {
            return Ok(list);
        }
        let message = format!("the container at depth {} must be a {noun}", step.arg);
        let makers = match wanted {
            Kind::List => "BUILD_LIST",
            Kind::Set => "BUILD_SET",
            _ => "BUILD_MAP and BUILD_CONST_KEY_MAP",
        };
        let verb = if wanted == Kind::Dict {
            "push"
        } else {
            "pushes"
        };
        Err(fault(message).help(format!("{makers} {verb} one")).into())
    }

    /// Checks `FOR_ITER` or `YIELD_FROM`.
    fn iterate(&mut self, walk: &mut Walk<'_, 'a>, step: &Step) -> Result<List> {
        let for_iter = step.op == Op::ForIter;
        let slot = step.depth.saturating_sub(if for_iter { 1 } else { 2 });
        match self.kind(step.list, slot) {
            Some(Kind::Iterator) => {}
            Some(Kind::Awaitable) if !for_iter => {}
            Some(Kind::Parameter) => walk.iterates = true,
            _ if for_iter => {
                return Err(fault("the top item must be an iterator from GET_ITER")
                    .help("put GET_ITER before the loop")
                    .into());
            }
            _ => {
                let message = "the item below the top must be an iterator that can be delegated to";
                let help = "put GET_YIELD_FROM_ITER, GET_AWAITABLE or GET_ITER before it";
                return Err(fault(message).help(help).into());
            }
        }
        let list = self.forget(step.list, slot)?;
        if for_iter {
            self.reach(step.target(), list)?;
            return Ok(step.list);
        }
        Ok(list)
    }

    /// Checks `MAKE_FUNCTION`.
    fn make_function(&mut self, step: &Step, base: u32) -> Result<List> {
        let mut slot = step.depth;
        let mut next = |wanted: bool| {
            slot -= u32::from(wanted);
            wanted.then(|| self.kind(step.list, slot))
        };
        if next(true) != Some(Some(Kind::Str)) {
            let help = "put a LOAD_CONST of the qualified name before it";
            return Err(fault("the name of the function must be a constant string")
                .help(help)
                .into());
        }
        let Some(Some(Kind::Code(id))) = next(true) else {
            let help = "put a LOAD_CONST of the code object before that of the name";
            return Err(
                fault("the item below the name must be a constant code object")
                    .help(help)
                    .into(),
            );
        };
        let code = self.pool.code(id);
        let free = code.map_or(0, |code| {
            self.pool.tuple(code.freevars).map_or(0, <[Id]>::len)
        });
        let closure = next(step.arg & 8 != 0);
        match closure {
            None if free == 0 => {}
            Some(Some(Kind::Cells(count))) if count as usize == free => {}
            _ => {
                let plural = if free == 1 { "" } else { "s" };
                let message = match closure {
                    _ if free == 0 => "the code object has no free variables, but the function \
                                       is made with a closure"
                        .to_owned(),
                    None => format!(
                        "the code object has {free} free variable{plural}, but the function is \
                         made without a closure"
                    ),
                    Some(_) => format!("the closure must be a tuple of {free} cell{plural}"),
                };
                let help = "make the closure with as many LOAD_CLOSUREs as the code object has \
                            free variables, and BUILD_TUPLE";
                return Err(fault(message).help(help).into());
            }
        }
        for (flag, what) in [(4, "annotations"), (2, "keyword-only defaults")] {
            let kind = next(step.arg & flag != 0);
            if self.strict && kind.is_some_and(|kind| kind != Some(Kind::Dict)) {
                return Err(fault(format!("the {what} must be a dict")).into());
            }
        }
        if next(step.arg & 1 != 0).is_some_and(|kind| !kind.is_some_and(Kind::is_tuple)) {
            return Err(fault("the defaults must be a tuple")
                .help("BUILD_TUPLE and LOAD_CONST push one")
                .into());
        }
        let list = self.forget(step.list, base)?;
        let kind = self
            .comprehensions
            .contains(&id)
            .then_some(Kind::Comprehension);
        Ok(self.with(list, base, kind))
    }

    /// Checks `CALL_FUNCTION`, which is the only instruction that may use a comprehension.
    fn call(&mut self, step: &Step, base: u32) -> Result<List> {
        let is_comprehension = step.arg == 1
            && self.kind(step.list, base) == Some(Kind::Comprehension)
            && self.kind(step.list, base + 1) == Some(Kind::Iterator);
        match is_comprehension {
            true => Ok(self.drop_top(step.list, base)),
            false => self.forget(step.list, base),
        }
    }

    /// Checks `CALL_FUNCTION_KW`.
    fn call_named(&mut self, step: &Step, base: u32) -> Result<List> {
        match self.kind(step.list, step.depth.saturating_sub(1)) {
            Some(Kind::Names(count)) if count <= step.arg => self.forget(step.list, base),
            Some(Kind::Names(count)) => {
                let message = format!("{count} names for {} arguments", step.arg);
                let help = "CPython would read below the arguments";
                Err(fault(message).help(help).into())
            }
            _ => Err(fault("the top item must be a constant tuple of strings")
                .help("put a LOAD_CONST of the names before it")
                .into()),
        }
    }
}

/// Returns the fault of a comprehension that is used in another way than by a call.
#[cold]
fn misused() -> Box<Fault> {
    fault("a function that iterates over its parameter `.0` can only be called")
        .help("call it by CALL_FUNCTION 1, with an iterator from GET_ITER")
        .into()
}

impl<'b, 'a> Walk<'b, 'a> {
    fn new(pool: &Pool, body: &'b Body<'a>, needs: Needs, seen: &'b [Seen]) -> Walk<'b, 'a> {
        let (pairs, _) = body.bytes.as_chunks::<2>();
        let is_set = |pair: &[u8; 2]| {
            pair[1] == 0 && [Op::StoreFast as u8, Op::DeleteFast as u8].contains(&pair[0])
        };
        Walk {
            body,
            needs,
            seen,
            has_parameter: has_parameter(pool, body) && !pairs.iter().any(is_set),
            iterates: false,
        }
    }

    /// Returns true if an instruction loads an item of a known kind.
    fn pushes_known(&self, pool: &Pool, opcode: u8, arg: u32) -> bool {
        match opcode {
            _ if opcode == Op::LoadConst as u8 => self.constant(pool, arg).is_some(),
            _ if opcode == Op::LoadFast as u8 => arg == 0 && self.has_parameter,
            _ => false,
        }
    }

    /// Returns the kind of a constant, if it is one that an instruction needs.
    fn constant(&self, pool: &Pool, index: u32) -> Option<Kind> {
        let &id = self.body.consts.get(index as usize)?;
        match pool.get(id) {
            Object::Str(_) if self.needs.functions => Some(Kind::Str),
            Object::Code(_) if self.needs.functions => Some(Kind::Code(id)),
            Object::Tuple(items) if self.needs.names || self.needs.functions => {
                let count = u32::try_from(items.len()).ok()?;
                Some(match pool.is_strings(id) {
                    true => Kind::Names(count),
                    false => Kind::Tuple,
                })
            }
            Object::List(_) => Some(Kind::List),
            Object::Set(_) => Some(Kind::Set),
            Object::Dict(_) => Some(Kind::Dict),
            _ => None,
        }
    }
}

/// Returns true if the first parameter of a code object is `.0`.
pub(super) fn has_parameter(pool: &Pool, body: &Body<'_>) -> bool {
    let names = pool.tuple(body.code.varnames).unwrap_or(&[]);
    let first = names.first().and_then(|&name| pool.str(name));
    body.code.argcount > 0 && first.is_some_and(|name| &*name.bytes == b".0")
}

impl Step {
    /// Returns the offset of the jump target or handler, which is inside the code.
    fn target(&self) -> u32 {
        match self.op.row().arg {
            Arg::JumpForward => self.offset + 2 + self.arg,
            _ => self.arg,
        }
    }
}

/// Returns the operation, argument and offset of the instruction whose first prefix is at `start`.
fn fetch(bytes: &[u8], start: u32) -> Option<(Op, u32, u32)> {
    let mut offset = start;
    let mut arg = 0;
    loop {
        let &[opcode, low] = pair(bytes, offset)?;
        arg = arg << 8 | u32::from(low);
        if opcode != Op::ExtendedArg as u8 {
            return Some((Op::from_byte(opcode)?, arg, offset));
        }
        offset += 2;
    }
}
