//! The bytes of instructions: jumps, prefixes, the line table and the stack size.

use crate::problems::{Problem, problem};
use crate::unit::{CodeObject, Item, What};
use std::collections::HashMap;
use vm_base::Span;
use vm_py_code::insn::{Arg, Branch, Op};
use vm_py_code::lnotab::{self, Change, EncodeError};
use vm_py_code::wordcode::{self, MAX_PREFIXES};

/// The number of rounds in which jumps get the prefixes that they need. After these, jumps get the
/// prefixes that a jump through all of the code would need.
const MAX_ROUNDS: usize = 32;

/// An item as it is encoded.
#[derive(Clone, Copy)]
pub(super) enum Part<'u> {
    Fixed(Op, u32),
    /// A jump to an item.
    Jump(Op, usize),
    Bytes(&'u [u8]),
    Nothing,
}

/// Returns the labels of an object, with the indices of their items.
pub(super) fn labels(object: &CodeObject) -> HashMap<&str, usize> {
    let items = object.items.iter().enumerate();
    items
        .filter_map(|(at, item)| match &item.what {
            What::Label(label) => Some((&**label, at)),
            What::Line(_) | What::Insn(..) | What::Bytes(_) => None,
        })
        .collect()
}

/// The encoded code of an object.
pub(super) struct Code {
    pub(super) bytes: Vec<u8>,
    /// The offset of each item, and the end of the last one.
    pub(super) offsets: Vec<u32>,
}

/// Encodes the parts; there is one for each item.
pub(super) fn encode(items: &[Item], parts: &[Part]) -> Result<Code, Vec<Problem>> {
    let mut prefixes: Vec<u8> = parts
        .iter()
        .map(|part| match part {
            Part::Fixed(_, arg) => wordcode::prefixes(*arg),
            Part::Jump(..) | Part::Bytes(_) | Part::Nothing => 0,
        })
        .collect();
    let mut round = 0;
    let offsets = loop {
        let offsets = offsets(parts, &prefixes);
        round += 1;
        let end = offsets.last().copied().unwrap_or(0);
        let mut grown = false;
        for (at, part) in parts.iter().enumerate() {
            if let Part::Jump(op, target) = part {
                let needed = match round > MAX_ROUNDS {
                    true => wordcode::prefixes(end.saturating_mul(4)),
                    false => wordcode::prefixes(jump(*op, at, *target, &offsets).unwrap_or(0)),
                };
                if needed > prefixes[at] {
                    prefixes[at] = needed.min(MAX_PREFIXES);
                    grown = true;
                }
            }
        }
        if !grown {
            break offsets;
        }
    };
    let mut bytes = Vec::with_capacity(offsets.last().copied().unwrap_or(0) as usize);
    let mut problems = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        match *part {
            Part::Fixed(op, arg) => wordcode::write(op, arg, prefixes[at], &mut bytes),
            Part::Jump(op, target) => match jump(op, at, target, &offsets) {
                Some(arg) => wordcode::write(op, arg, prefixes[at], &mut bytes),
                None => problems.push(backwards(op, &items[at])),
            },
            Part::Bytes(raw) => bytes.extend_from_slice(raw),
            Part::Nothing => {}
        }
    }
    match problems.is_empty() {
        true => Ok(Code { bytes, offsets }),
        false => Err(problems),
    }
}

/// Returns the problem of a jump that would have to go backwards.
fn backwards(op: Op, item: &Item) -> Problem {
    let found = problem(
        item.operand_span,
        format!("{op} can only go forwards"),
        "this label is before it",
    );
    match op {
        Op::JumpForward => found.help("use JUMP_ABSOLUTE, which can go backwards"),
        _ => found,
    }
}

/// Returns the offset of each part, and the end of the last one.
fn offsets(parts: &[Part], prefixes: &[u8]) -> Vec<u32> {
    let mut at: u32 = 0;
    let mut offsets = Vec::with_capacity(parts.len() + 1);
    for (part, prefixes) in parts.iter().zip(prefixes) {
        offsets.push(at);
        at = at.saturating_add(match part {
            Part::Fixed(..) | Part::Jump(..) => 2 + 2 * u32::from(*prefixes),
            Part::Bytes(raw) => raw.len() as u32,
            Part::Nothing => 0,
        });
    }
    offsets.push(at);
    offsets
}

/// Returns the argument of a jump, or `None` if it would have to be negative.
fn jump(op: Op, at: usize, target: usize, offsets: &[u32]) -> Option<u32> {
    match op.arg() {
        // The next item begins where this one ends.
        Arg::JumpForward => offsets[target].checked_sub(offsets[at + 1]),
        _ => Some(offsets[target]),
    }
}

/// Returns the line table.
pub(super) fn line_table(items: &[Item], offsets: &[u32], first: i32) -> Result<Vec<u8>, Problem> {
    let (changes, spans): (Vec<Change>, Vec<_>) = items
        .iter()
        .zip(offsets)
        .filter_map(|(item, &offset)| match item.what {
            What::Line(line) => Some((
                Change {
                    offset: offset.into(),
                    line,
                },
                item.operand_span,
            )),
            What::Label(_) | What::Insn(..) | What::Bytes(_) => None,
        })
        .unzip();
    lnotab::encode(&changes, first).map_err(|error| match error {
        EncodeError::Backwards(index) | EncodeError::TooLong(index) => problem(
            spans[index],
            "this line is too far from the one before it",
            "the line table would become too long",
        ),
        _ => problem(Span::default(), error.to_string(), ""),
    })
}

/// Returns the item that a jump with a number leads to.
fn fixed_target(op: Op, arg: u32, at: usize, offsets: &[u32]) -> Option<usize> {
    let offset = match op.arg() {
        Arg::JumpTo => arg,
        Arg::JumpForward => offsets[at + 1].checked_add(arg)?,
        _ => return None,
    };
    let first = offsets.partition_point(|&start| start < offset);
    (offsets.get(first) == Some(&offset)).then_some(first)
}

/// Returns the stack size as the compiler computes it: along every path from the start, with the
/// effects of `dis.stack_effect`. An instruction that is reached with several depths counts with
/// the first of them.
pub(super) fn stack_size(parts: &[Part], offsets: &[u32], folded: &[(usize, u32)]) -> u32 {
    let mut seen = vec![false; parts.len() + 1];
    let mut max: i64 = 0;
    let mut todo = vec![(0, 0)];
    while let Some((mut at, mut depth)) = todo.pop() {
        while at < parts.len() && !std::mem::replace(&mut seen[at], true) {
            let (op, arg, target) = match parts[at] {
                Part::Fixed(op, arg) => (op, arg, fixed_target(op, arg, at, offsets)),
                Part::Jump(op, target) => (op, 0, Some(target)),
                Part::Bytes(_) | Part::Nothing => {
                    at += 1;
                    continue;
                }
            };
            if let Some(target) = target {
                let there = depth + op.stack_effect(arg, true);
                max = max.max(there);
                todo.push((target, there));
            }
            if let Ok(found) = folded.binary_search_by_key(&at, |&(item, _)| item) {
                // Before the compiler folded the tuple, its items were pushed one by one.
                max = max.max(depth + i64::from(folded[found].1));
            }
            depth += op.stack_effect(arg, false);
            max = max.max(depth);
            if matches!(op.row().branch, Branch::Ends | Branch::Jumps) {
                break;
            }
            at += 1;
        }
    }
    u32::try_from(max.clamp(0, i64::from(i32::MAX))).unwrap_or(0)
}
