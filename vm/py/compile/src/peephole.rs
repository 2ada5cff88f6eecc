//! CPython's last optimizations, on finished code.

use crate::assemble::Entry;
use crate::constant::{ConstId, Consts};
use crate::upstream::Op;

/// A code unit: opcode and argument.
type Word = [u8; 2];

const NOP: Word = [Op::Nop as u8, Op::Nop as u8];

const UNCONDITIONAL: u8 = 1;
const CONDITIONAL: u8 = 2;
const ABSOLUTE: u8 = 4;
const RELATIVE: u8 = 8;

/// What kinds of jump each opcode is.
static JUMPS: [u8; 256] = {
    let mut jumps = [0; 256];
    jumps[Op::JumpAbsolute as usize] = UNCONDITIONAL | ABSOLUTE;
    jumps[Op::JumpForward as usize] = UNCONDITIONAL | RELATIVE;
    jumps[Op::PopJumpIfFalse as usize] = CONDITIONAL | ABSOLUTE;
    jumps[Op::PopJumpIfTrue as usize] = CONDITIONAL | ABSOLUTE;
    jumps[Op::JumpIfFalseOrPop as usize] = CONDITIONAL | ABSOLUTE;
    jumps[Op::JumpIfTrueOrPop as usize] = CONDITIONAL | ABSOLUTE;
    jumps[Op::JumpIfNotExcMatch as usize] = ABSOLUTE;
    jumps[Op::ForIter as usize] = RELATIVE;
    jumps[Op::SetupFinally as usize] = RELATIVE;
    jumps[Op::SetupWith as usize] = RELATIVE;
    jumps[Op::SetupAsyncWith as usize] = RELATIVE;
    jumps
};

fn is_unconditional(op: u8) -> bool {
    JUMPS[usize::from(op)] & UNCONDITIONAL != 0
}

fn is_conditional(op: u8) -> bool {
    JUMPS[usize::from(op)] & CONDITIONAL != 0
}

fn is_absolute(op: u8) -> bool {
    JUMPS[usize::from(op)] & ABSOLUTE != 0
}

fn is_relative(op: u8) -> bool {
    JUMPS[usize::from(op)] & RELATIVE != 0
}

fn jumps_on_true(op: u8) -> bool {
    op == Op::PopJumpIfTrue as u8 || op == Op::JumpIfTrueOrPop as u8
}

fn size(arg: u32) -> usize {
    match arg {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xff_ffff => 3,
        _ => 4,
    }
}

const EXTENDED: u8 = Op::ExtendedArg as u8;

/// Room that is used again for each code object.
#[derive(Default)]
pub(crate) struct Room {
    words: Vec<Word>,
    blocks: Vec<u32>,
    out: Vec<u8>,
}

struct Optimizer<'o> {
    code: Vec<Word>,
    /// By code unit: which block it is in; later, where it went.
    blocks: Vec<u32>,
    entries: &'o mut Vec<Entry>,
    consts: &'o mut Consts,
}

/// Optimizes code, and changes its line table and constants accordingly.
pub(crate) fn optimize(
    code: &mut Vec<u8>,
    lnotab: &mut [u8],
    entries: &mut Vec<Entry>,
    consts: &mut Consts,
    room: &mut Room,
) {
    if lnotab.iter().step_by(2).any(|&bytes| bytes == 255) {
        return;
    }
    room.words.clear();
    room.words.extend_from_slice(code.as_chunks::<2>().0);
    let mut optimizer = Optimizer {
        blocks: std::mem::take(&mut room.blocks),
        code: std::mem::take(&mut room.words),
        entries,
        consts,
    };
    optimizer.mark_blocks();
    optimizer.rewrite();
    optimizer.fix_lines(lnotab);
    room.out.clear();
    if optimizer.compact(&mut room.out).is_some() {
        code.clear();
        code.extend_from_slice(&room.out);
    }
    room.blocks = optimizer.blocks;
    room.words = optimizer.code;
}

impl Optimizer<'_> {
    fn op(&self, at: usize) -> u8 {
        self.code.get(at).map_or(0, |word| word[0])
    }

    /// Returns the first instruction at or after `at` that is not a prefix.
    fn find_op(&self, mut at: usize) -> usize {
        while self.op(at) == EXTENDED {
            at += 1;
        }
        at
    }

    fn arg(&self, at: usize) -> u32 {
        let mut arg = u32::from(self.code[at][1]);
        for more in 1..=3 {
            match at.checked_sub(more) {
                Some(before) if self.op(before) == EXTENDED => {
                    arg |= u32::from(self.code[before][1]) << (8 * more);
                }
                _ => break,
            }
        }
        arg
    }

    fn target(&self, at: usize) -> usize {
        let arg = self.arg(at) as usize / 2;
        match is_absolute(self.op(at)) {
            true => arg,
            false => arg + at + 1,
        }
    }

    fn mark_blocks(&mut self) {
        let mut starts = std::mem::take(&mut self.blocks);
        starts.clear();
        starts.resize(self.code.len(), 0);
        for at in 0..self.code.len() {
            let op = self.op(at);
            if is_absolute(op) || is_relative(op) {
                let target = self.target(at);
                if let Some(start) = starts.get_mut(target) {
                    *start = 1;
                }
            }
        }
        let mut block = 0;
        for start in &mut starts {
            block += *start;
            *start = block;
        }
        self.blocks = starts;
    }

    fn same_block(&self, a: usize, b: usize) -> bool {
        self.blocks.get(a) == self.blocks.get(b)
    }

    fn fill(&mut self, from: usize, to: usize) {
        self.code[from..to].fill(NOP);
    }

    fn write(&mut self, at: usize, op: u8, arg: u32, count: usize) {
        let bytes = arg.to_be_bytes();
        for index in 0..count {
            let byte = bytes[4 - count + index];
            let last = index + 1 == count;
            self.code[at + index] = [if last { op } else { EXTENDED }, byte];
        }
    }

    /// Changes an argument if there is room; returns where the instruction is then.
    fn set_arg(&mut self, at: usize, arg: u32) -> Option<usize> {
        let old = self.arg(at);
        if old == arg {
            return Some(at);
        }
        let (before, after) = (size(old), size(arg));
        if before < after {
            return None;
        }
        let op = self.op(at);
        let start = at + 1 - before;
        self.write(start, op, arg, after);
        self.fill(start + after, at + 1);
        Some(start + after - 1)
    }

    /// Writes an instruction at the end of a room, if it has room for it.
    fn copy_to_end(&mut self, start: usize, op: u8, arg: u32, end: usize) {
        let count = size(arg);
        if start + count <= end {
            self.write(end - count, op, arg, count);
            self.fill(start, end - count);
        }
    }

    fn rewrite(&mut self) {
        // How many constants in a row were loaded.
        let mut run = 0;
        let mut at = self.find_op(0);
        while at < self.code.len() {
            let mut start = at;
            while start >= 1 && self.op(start - 1) == EXTENDED {
                start -= 1;
            }
            let mut next = self.find_op(at + 1);
            let before = std::mem::take(&mut run);
            let op = self.op(at);
            if op == Op::LoadConst as u8 {
                run = before + 1;
                if self.op(next) == Op::PopJumpIfFalse as u8 && self.same_block(start, at + 1) {
                    let value = self.entries[self.arg(at) as usize].value();
                    if self.consts.is_true(value) {
                        self.fill(start, next + 1);
                        run = 0;
                    }
                }
            } else if op == Op::BuildTuple as u8 {
                self.build_tuple(start, at, next, before);
            } else if op == Op::JumpIfFalseOrPop as u8 || op == Op::JumpIfTrueOrPop as u8 {
                match self.or_pop(at, op) {
                    Some(changed) => next = changed,
                    None => self.thread_jump(start, at),
                }
            } else if is_conditional(op) || is_unconditional(op) {
                self.thread_jump(start, at);
            } else if op == Op::ReturnValue as u8
                && let Some(after) = self.drop_unreachable(at)
            {
                next = after;
            }
            at = next;
        }
    }

    fn build_tuple(&mut self, start: usize, at: usize, next: usize, run: usize) {
        let count = self.arg(at) as usize;
        if count > 0 && run >= count {
            let first = self.nth_constant(start, count);
            if self.same_block(first, start) {
                return self.fold_tuple(first, at + 1, count);
            }
        }
        if self.op(next) != Op::UnpackSequence as u8
            || !self.same_block(start, at + 1)
            || count != self.arg(next) as usize
        {
            return;
        }
        match count {
            0 | 1 => self.fill(start, next + 1),
            2 => {
                self.code[start] = [Op::RotTwo as u8, 0];
                self.fill(start + 1, next + 1);
            }
            3 => {
                self.code[start] = [Op::RotThree as u8, 0];
                self.code[start + 1] = [Op::RotTwo as u8, 0];
                self.fill(start + 2, next + 1);
            }
            _ => {}
        }
    }

    /// Where the last `count` constants begin to be loaded.
    fn nth_constant(&self, before: usize, count: usize) -> usize {
        let mut at = before;
        let mut left = count;
        while at > 0 {
            at -= 1;
            if self.op(at) == Op::LoadConst as u8 {
                left -= 1;
                if left == 0 {
                    break;
                }
            }
        }
        while at > 0 && self.op(at - 1) == EXTENDED {
            at -= 1;
        }
        at
    }

    fn fold_tuple(&mut self, first: usize, end: usize, count: usize) {
        let mut items: Vec<ConstId> = Vec::with_capacity(count);
        let mut at = first;
        for _ in 0..count {
            at = self.find_op(at);
            items.push(self.entries[self.arg(at) as usize].value());
            at += 1;
        }
        let value = self.consts.tuple(&items);
        let index = self.entries.len() as u32;
        self.entries.push(Entry::Folded(value));
        self.copy_to_end(first, Op::LoadConst as u8, index, end);
    }

    /// Makes a jump whose target tests the same again go further; returns where to go on.
    fn or_pop(&mut self, at: usize, op: u8) -> Option<usize> {
        let target = self.find_op(self.arg(at) as usize / 2);
        let mut then = self.op(target);
        if !is_conditional(then) {
            return None;
        }
        let changed = if jumps_on_true(then) == jumps_on_true(op) {
            let arg = self.arg(target);
            self.set_arg(at, arg)
        } else {
            then = match op == Op::JumpIfTrueOrPop as u8 {
                true => Op::PopJumpIfTrue as u8,
                false => Op::PopJumpIfFalse as u8,
            };
            self.set_arg(at, (target as u32 + 1) * 2)
        };
        let changed = changed?;
        self.code[changed][0] = then;
        Some(changed)
    }

    /// Makes a jump to a jump go to where that one goes.
    fn thread_jump(&mut self, start: usize, at: usize) {
        let mut op = self.op(at);
        let target = self.find_op(self.target(at));
        let there = self.op(target);
        if is_unconditional(op) && there == Op::ReturnValue as u8 {
            self.code[start] = [Op::ReturnValue as u8, 0];
            self.fill(start + 1, at + 1);
        } else if is_unconditional(there) {
            let further = self.target(target);
            if op == Op::JumpForward as u8 {
                op = Op::JumpAbsolute as u8;
            }
            self.copy_to_end(start, op, further as u32 * 2, at + 1);
        }
    }

    /// Drops what follows a return in its block; returns where to go on.
    fn drop_unreachable(&mut self, at: usize) -> Option<usize> {
        let mut end = at + 1;
        while end < self.code.len() && self.same_block(at, end) {
            // These help to find where blocks end.
            let op = self.op(end);
            if op == Op::SetupFinally as u8 || op == Op::Reraise as u8 {
                while end > at + 1 && self.op(end - 1) == EXTENDED {
                    end -= 1;
                }
                break;
            }
            end += 1;
        }
        if end == at + 1 {
            return None;
        }
        self.fill(at + 1, end);
        Some(self.find_op(end))
    }

    fn fix_lines(&mut self, lnotab: &mut [u8]) {
        let mut nops = 0;
        for at in 0..self.code.len() {
            self.blocks[at] = (at - nops) as u32;
            if self.op(at) == Op::Nop as u8 {
                nops += 1;
            }
        }
        let (mut offset, mut last) = (0, 0);
        for pair in lnotab.chunks_exact_mut(2) {
            offset += usize::from(pair[0]);
            let moved = self.blocks.get(offset / 2).copied().unwrap_or(0) * 2;
            pair[0] = moved.wrapping_sub(last) as u8;
            last = moved;
        }
    }

    /// Takes NOPs out; `None` if an argument got too large.
    fn compact(&self, out: &mut Vec<u8>) -> Option<()> {
        let moved = |at: usize| self.blocks.get(at).copied().unwrap_or(0);
        let mut at = 0;
        while at < self.code.len() {
            let start = at;
            at = self.find_op(at);
            if at >= self.code.len() {
                break;
            }
            let mut arg = 0;
            for word in &self.code[start..=at] {
                arg = arg << 8 | u32::from(word[1]);
            }
            let op = self.op(at);
            if op == Op::Nop as u8 {
                at += 1;
                continue;
            }
            if is_absolute(op) {
                arg = moved(arg as usize / 2) * 2;
            } else if is_relative(op) {
                let target = moved(arg as usize / 2 + at + 1);
                arg = target
                    .wrapping_sub(moved(at))
                    .wrapping_sub(1)
                    .wrapping_mul(2);
            }
            let count = at + 1 - start;
            if size(arg) > count || count > 4 {
                return None;
            }
            let bytes = arg.to_be_bytes();
            for index in 0..count {
                let last = index + 1 == count;
                out.extend([if last { op } else { EXTENDED }, bytes[4 - count + index]]);
            }
            at += 1;
        }
        Some(())
    }
}
