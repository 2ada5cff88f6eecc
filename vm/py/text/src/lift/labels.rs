//! Labels that describe the purpose of jump targets.

use std::collections::{BTreeMap, HashMap};
use vm_py_code::insn::{Arg, Op};
use vm_py_code::wordcode::Insn;

/// The purpose of a jump target; the more specific ones come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Purpose {
    Except,
    Finally,
    Exit,
    Loop,
    Done,
    Otherwise,
    End,
}

impl Purpose {
    fn text(self) -> &'static str {
        match self {
            Purpose::Except => "except",
            Purpose::Finally => "finally",
            Purpose::Exit => "exit",
            Purpose::Loop => "loop",
            Purpose::Done => "done",
            Purpose::Otherwise => "else",
            Purpose::End => "end",
        }
    }
}

/// Returns labels for jump targets, by offset. `is_place` says whether an offset can have a label.
pub(super) fn labels(insns: &[Insn], is_place: impl Fn(u64) -> bool) -> HashMap<u64, String> {
    let at: HashMap<u64, usize> = insns
        .iter()
        .enumerate()
        .map(|(index, insn)| (u64::from(insn.start()), index))
        .collect();
    let mut purposes: BTreeMap<u64, Purpose> = BTreeMap::new();
    for insn in insns {
        let Some(target) = insn.target().filter(|&target| is_place(target)) else {
            continue;
        };
        let there = at.get(&target).map_or(&[][..], |&index| &insns[index..]);
        let found = purpose(*insn, target, there);
        let known = purposes.entry(target).or_insert(found);
        *known = (*known).min(found);
    }
    let mut counts: HashMap<Purpose, u32> = HashMap::new();
    for purpose in purposes.values() {
        *counts.entry(*purpose).or_default() += 1;
    }
    let mut numbers: HashMap<Purpose, u32> = HashMap::new();
    let named = purposes.into_iter().map(|(offset, purpose)| {
        let number = numbers.entry(purpose).or_default();
        *number += 1;
        let text = purpose.text();
        let label = match counts[&purpose] {
            1 => text.to_owned(),
            _ => format!("{text}_{number}"),
        };
        (offset, label)
    });
    named.collect()
}

/// Returns the purpose of a jump target, from the jump and the instructions at the target.
fn purpose(jump: Insn, target: u64, there: &[Insn]) -> Purpose {
    let begins = |ops: &[Op]| {
        let there = there.iter().map(|insn| insn.op);
        there.take(ops.len()).eq(ops.iter().copied())
    };
    match jump.op {
        Op::SetupWith | Op::SetupAsyncWith => Purpose::Exit,
        Op::SetupFinally
            if begins(&[Op::DupTop])
                || begins(&[Op::PopTop, Op::PopTop, Op::PopTop])
                || begins(&[Op::PopTop, Op::StoreFast])
                || begins(&[Op::PopTop, Op::StoreName]) =>
        {
            Purpose::Except
        }
        Op::SetupFinally if begins(&[Op::EndAsyncFor]) => Purpose::Done,
        Op::SetupFinally => Purpose::Finally,
        Op::JumpIfNotExcMatch if begins(&[Op::DupTop]) => Purpose::Except,
        Op::JumpIfNotExcMatch if begins(&[Op::PopTop, Op::PopTop, Op::PopTop]) => Purpose::Except,
        Op::ForIter => Purpose::Done,
        _ if target <= u64::from(jump.offset) => Purpose::Loop,
        Op::JumpForward | Op::JumpAbsolute => Purpose::End,
        Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop => Purpose::End,
        _ if jump.op.arg() == Arg::JumpTo => Purpose::Otherwise,
        _ => Purpose::End,
    }
}
