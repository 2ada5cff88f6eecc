//! Blocks to code objects: their order, jumps, the stack's depth, the line table.

use crate::blocks::{BlockId, CodeUnit, Instr, NO_BLOCK};
use crate::constant::{ConstId, Consts};
use crate::error::{Failure, Kind, Result};
use crate::names::Sym;
use crate::peephole;
use crate::upstream::Op;

/// A constant of a code object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Entry {
    /// The one object of its value.
    Shared(ConstId),
    /// A tuple that was folded late, and is an object of its own.
    Folded(ConstId),
}

impl Entry {
    pub(crate) fn value(self) -> ConstId {
        match self {
            Entry::Shared(value) | Entry::Folded(value) => value,
        }
    }
}

/// A finished code object.
#[derive(Clone, Debug)]
pub(crate) struct CodeObject {
    pub(crate) name: Sym,
    pub(crate) argcount: u32,
    pub(crate) posonlyargcount: u32,
    pub(crate) kwonlyargcount: u32,
    pub(crate) stacksize: u32,
    pub(crate) flags: u32,
    pub(crate) first_line: u32,
    pub(crate) code: Vec<u8>,
    pub(crate) consts: Vec<Entry>,
    pub(crate) names: Vec<Sym>,
    pub(crate) varnames: Vec<Sym>,
    pub(crate) freevars: Vec<Sym>,
    pub(crate) cellvars: Vec<Sym>,
    pub(crate) lnotab: Vec<u8>,
}

impl CodeObject {
    /// Whether CPython finds two code objects equal: they become one constant.
    pub(crate) fn is_same(&self, other: &CodeObject) -> bool {
        let same_consts = || {
            let values = |entries: &[Entry]| entries.iter().map(|entry| entry.value()).collect();
            let (a, b): (Vec<ConstId>, Vec<ConstId>) =
                (values(&self.consts), values(&other.consts));
            a == b
        };
        self.first_line == other.first_line
            && self.name == other.name
            && self.argcount == other.argcount
            && self.posonlyargcount == other.posonlyargcount
            && self.kwonlyargcount == other.kwonlyargcount
            && self.flags == other.flags
            && self.code == other.code
            && self.names == other.names
            && self.varnames == other.varnames
            && self.freevars == other.freevars
            && self.cellvars == other.cellvars
            && same_consts()
    }
}

/// Most rounds in which jumps get the size that they need.
const MOST_ROUNDS: u32 = 1000;

/// Room that is used again for each code object.
#[derive(Default)]
pub(crate) struct Scratch {
    order: Vec<BlockId>,
    seen: Vec<bool>,
    waiting: Vec<BlockId>,
    walks: Vec<Walk>,
    offsets: Vec<u32>,
    depths: Vec<i64>,
    words: peephole::Room,
}

/// Puts the blocks of a unit together.
pub(crate) fn assemble(
    unit: &mut CodeUnit,
    consts: &mut Consts,
    flags: u32,
    scratch: &mut Scratch,
) -> Result<CodeObject> {
    if unit.first_line == 0 {
        let entry = unit.blocks[0];
        let first = &unit.instrs[entry.start as usize..entry.end as usize];
        unit.first_line = first.first().map_or(0, |instr| instr.line).max(1);
    }
    order(unit, scratch);
    resolve_jumps(unit, scratch)?;
    let (mut code, mut lnotab) = emit(unit, &scratch.order);
    let mut entries: Vec<Entry> = unit
        .consts
        .items
        .iter()
        .map(|&value| Entry::Shared(ConstId(value)))
        .collect();
    peephole::optimize(
        &mut code,
        &mut lnotab,
        &mut entries,
        consts,
        &mut scratch.words,
    );
    let stacksize = stack_depth(unit, scratch);
    let syms = |items: &[u32]| items.iter().map(|&item| Sym(item)).collect();
    Ok(CodeObject {
        name: unit.name,
        argcount: unit.argcount + unit.posonlyargcount,
        posonlyargcount: unit.posonlyargcount,
        kwonlyargcount: unit.kwonlyargcount,
        stacksize,
        flags,
        first_line: unit.first_line,
        code,
        consts: entries,
        names: syms(&unit.names.items),
        varnames: syms(&unit.varnames.items),
        freevars: unit.freevars.clone(),
        cellvars: unit.cellvars.clone(),
        lnotab,
    })
}

fn instrs(unit: &CodeUnit, block: BlockId) -> std::ops::Range<usize> {
    let block = unit.blocks[block as usize];
    block.start as usize..block.end as usize
}

/// Blocks that wait in [`order`], as CPython's recursion has them.
struct Walk {
    /// Where the blocks of this call begin among those that wait.
    base: usize,
    block: BlockId,
    next: usize,
}

/// Finds the order of the blocks that can be reached: a reversed post-order.
fn order(unit: &CodeUnit, scratch: &mut Scratch) {
    let Scratch {
        order,
        seen,
        waiting,
        walks,
        ..
    } = scratch;
    order.clear();
    waiting.clear();
    walks.clear();
    seen.clear();
    seen.resize(unit.blocks.len(), false);
    let mut push_chain = |first: BlockId, waiting: &mut Vec<BlockId>| {
        let mut block = first;
        while block != NO_BLOCK && !std::mem::replace(&mut seen[block as usize], true) {
            waiting.push(block);
            block = unit.blocks[block as usize].next;
        }
    };
    push_chain(0, waiting);
    walks.push(Walk {
        base: 0,
        block: NO_BLOCK,
        next: 0,
    });
    'walk: while let Some(walk) = walks.last_mut() {
        if walk.block == NO_BLOCK {
            if waiting.len() == walk.base {
                walks.pop();
                continue;
            }
            walk.block = waiting.pop().unwrap_or(0);
            walk.next = instrs(unit, walk.block).start;
        }
        let end = instrs(unit, walk.block).end;
        while walk.next < end {
            let target = unit.instrs[walk.next].target;
            walk.next += 1;
            if target == NO_BLOCK {
                continue;
            }
            let base = waiting.len();
            push_chain(target, waiting);
            if waiting.len() > base {
                walks.push(Walk {
                    base,
                    block: NO_BLOCK,
                    next: 0,
                });
                continue 'walk;
            }
        }
        order.push(walk.block);
        walk.block = NO_BLOCK;
    }
    order.reverse();
}

/// Whether the argument counts from the next instruction.
fn is_relative(op: Op) -> bool {
    matches!(
        op,
        Op::ForIter | Op::JumpForward | Op::SetupFinally | Op::SetupWith | Op::SetupAsyncWith
    )
}

/// How many code units an argument takes.
fn size(arg: u32) -> u32 {
    u32::from(vm_prefixes(arg)) + 1
}

fn vm_prefixes(arg: u32) -> u8 {
    match arg {
        0..=0xff => 0,
        0x100..=0xffff => 1,
        0x1_0000..=0xff_ffff => 2,
        _ => 3,
    }
}

fn resolve_jumps(unit: &mut CodeUnit, scratch: &mut Scratch) -> Result<()> {
    let (order, offsets) = (&scratch.order, &mut scratch.offsets);
    offsets.clear();
    offsets.resize(unit.blocks.len(), 0);
    for _ in 0..MOST_ROUNDS {
        let mut total = 0u32;
        for &block in order {
            offsets[block as usize] = total;
            let sizes = unit.instrs[instrs(unit, block)].iter();
            total += sizes.map(|instr| size(instr.arg)).sum::<u32>();
        }
        let mut again = false;
        for &block in order {
            let mut at = offsets[block as usize];
            for index in instrs(unit, block) {
                let instr = &mut unit.instrs[index];
                let before = size(instr.arg);
                at += before;
                if instr.target == NO_BLOCK {
                    continue;
                }
                let target = offsets[instr.target as usize];
                let units = match is_relative(instr.op) {
                    true => target.wrapping_sub(at),
                    false => target,
                };
                instr.arg = units.wrapping_mul(2);
                again |= size(instr.arg) != before;
            }
        }
        if !again {
            return Ok(());
        }
    }
    Err(Failure::plain(Kind::MemoryError, ""))
}

fn emit(unit: &CodeUnit, order: &[BlockId]) -> (Vec<u8>, Vec<u8>) {
    let mut code = Vec::with_capacity(unit.instrs.len() * 2 + 16);
    let mut lines = Lines {
        table: Vec::new(),
        line: unit.first_line,
        offset: 0,
    };
    for &block in order {
        for instr in &unit.instrs[instrs(unit, block)] {
            if instr.line != 0 {
                lines.add(instr.line, code.len());
            }
            write(&mut code, instr);
        }
    }
    (code, lines.table)
}

fn write(code: &mut Vec<u8>, instr: &Instr) {
    let bytes = instr.arg.to_be_bytes();
    for &byte in &bytes[3 - usize::from(vm_prefixes(instr.arg))..3] {
        code.extend([Op::ExtendedArg as u8, byte]);
    }
    code.extend([instr.op as u8, bytes[3]]);
}

/// The line table while it is made.
struct Lines {
    table: Vec<u8>,
    line: u32,
    offset: usize,
}

impl Lines {
    fn add(&mut self, line: u32, offset: usize) {
        let mut lines = i64::from(line) - i64::from(self.line);
        if lines == 0 {
            return;
        }
        let mut bytes = offset - self.offset;
        if bytes > 255 {
            let skips = bytes / 255;
            for _ in 0..skips {
                self.table.extend([255, 0]);
            }
            bytes -= skips * 255;
        }
        let step: i64 = if lines < 0 { -128 } else { 127 };
        if !(-128..=127).contains(&lines) {
            let steps = lines / step;
            lines -= steps * step;
            for _ in 0..steps {
                self.table.extend([bytes as u8, step as i8 as u8]);
                bytes = 0;
            }
        }
        self.table.extend([bytes as u8, lines as i8 as u8]);
        self.line = line;
        self.offset = offset;
    }
}

/// Deeper than this a block is not looked at again.
const DEEP: i64 = 100;

/// The deepest that the stack gets, as CPython finds it.
fn stack_depth(unit: &CodeUnit, scratch: &mut Scratch) -> u32 {
    let (depths, waiting) = (&mut scratch.depths, &mut scratch.waiting);
    depths.clear();
    depths.resize(unit.blocks.len(), i64::MIN);
    waiting.clear();
    let mut most = 0;
    let push = |block: BlockId, depth: i64, depths: &mut [i64], waiting: &mut Vec<BlockId>| {
        let known = &mut depths[block as usize];
        if *known < depth && *known < DEEP {
            *known = depth;
            waiting.push(block);
        }
    };
    push(0, 0, depths, waiting);
    while let Some(block) = waiting.pop() {
        let mut depth = depths[block as usize];
        let mut next = unit.blocks[block as usize].next;
        for instr in &unit.instrs[instrs(unit, block)] {
            let after = depth + effect(instr.op, instr.arg, false);
            most = most.max(after);
            if instr.target != NO_BLOCK {
                let there = depth + effect(instr.op, instr.arg, true);
                most = most.max(there);
                push(instr.target, there, depths, waiting);
            }
            depth = after;
            if let Op::JumpAbsolute
            | Op::JumpForward
            | Op::ReturnValue
            | Op::RaiseVarargs
            | Op::Reraise = instr.op
            {
                next = NO_BLOCK;
                break;
            }
        }
        if next != NO_BLOCK {
            push(next, depth, depths, waiting);
        }
    }
    u32::try_from(most).unwrap_or(0)
}

fn effect(op: Op, arg: u32, jump: bool) -> i64 {
    op.stack_effect(arg, jump)
}
