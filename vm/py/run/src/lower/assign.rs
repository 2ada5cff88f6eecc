//! Which locals certainly have a value.

use super::{Word, ends};
use crate::code::Code;
use crate::floor::insn::Op;

/// Sets of locals.
type Locals = Vec<u64>;

/// Returns, for each instruction where paths meet, the locals that have a value on all of them.
pub(super) fn assigned(code: &Code, words: &[Word]) -> Vec<Option<Locals>> {
    let width = code.varnames.len().div_ceil(64);
    let mut known: Vec<Option<Locals>> = vec![None; words.len()];
    let mut first = vec![0; width];
    let parameters = code.parameters().min(code.varnames.len());
    for (local, name) in code.varnames[..parameters].iter().enumerate() {
        // A parameter that is a cell moves there.
        if !code.cellvars.iter().any(|cell| cell.is(*name)) {
            first[local / 64] |= 1 << (local % 64);
        }
    }
    let mut deleted = vec![0; width];
    for word in words.iter().filter(|word| word.op == Op::DeleteFast) {
        let local = word.arg as usize;
        deleted[local / 64] |= 1 << (local % 64);
    }
    let mut todo = Vec::new();
    merge(&mut known, &mut todo, 0, &first);
    while let Some(at) = todo.pop() {
        path(words, at, &mut known, &mut todo, &deleted);
    }
    known
}

/// Follows one path to where it ends or meets another.
fn path(
    words: &[Word],
    start: usize,
    known: &mut [Option<Locals>],
    todo: &mut Vec<usize>,
    deleted: &[u64],
) {
    let Some(mut set) = known[start].clone() else {
        return;
    };
    let mut at = start;
    while let Some(word) = words.get(at) {
        if at != start && word.leader {
            merge(known, todo, at, &set);
            return;
        }
        let local = word.arg as usize;
        match word.op {
            Op::LoadFast | Op::StoreFast => set[local / 64] |= 1 << (local % 64),
            Op::DeleteFast => set[local / 64] &= !(1 << (local % 64)),
            _ => {}
        }
        if let Some(to) = word.target {
            match word.op {
                Op::SetupFinally | Op::SetupWith | Op::SetupAsyncWith => {
                    let kept: Locals = set.iter().zip(deleted).map(|(s, d)| s & !d).collect();
                    merge(known, todo, to as usize, &kept);
                }
                _ => merge(known, todo, to as usize, &set),
            }
        }
        if ends(word.op) {
            return;
        }
        at += 1;
    }
}

fn merge(known: &mut [Option<Locals>], todo: &mut Vec<usize>, at: usize, set: &[u64]) {
    let Some(place) = known.get_mut(at) else {
        return;
    };
    match place {
        None => *place = Some(set.to_vec()),
        Some(old) => {
            let new: Locals = old.iter().zip(set).map(|(a, b)| a & b).collect();
            if new == *old {
                return;
            }
            *old = new;
        }
    }
    todo.push(at);
}
