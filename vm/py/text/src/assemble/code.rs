//! Instructions to bytes: arguments as numbers, jumps, prefixes, lines, and how deep the stack gets.

use crate::unit::{CodeObject, Item, What};
use crate::wrong::Wrong;
use std::collections::HashMap;
use vm_py_code::insn::{Arg, Branch, Op};
use vm_py_code::lnotab::{self, Change, Refusal};
use vm_py_code::wordcode::{self, MOST_PREFIXES};

/// Rounds in which jumps get the prefixes they need; then all get what they could need.
const ROUNDS: usize = 32;

/// What an item is in the code.
#[derive(Clone, Copy)]
pub(super) enum Part<'u> {
    Fixed(Op, u32),
    /// A jump to an item.
    Jump(Op, usize),
    Bytes(&'u [u8]),
    Nothing,
}

/// Where a label stands, by item.
pub(super) fn labels(object: &CodeObject) -> HashMap<&str, usize> {
    let items = object.items.iter().enumerate();
    items
        .filter_map(|(at, item)| match &item.what {
            What::Label(label) => Some((&**label, at)),
            What::Line(_) | What::Insn(..) | What::Bytes(_) => None,
        })
        .collect()
}

/// An object's code.
pub(super) struct Code {
    pub(super) bytes: Vec<u8>,
    /// Where each item begins, and where the last one ends.
    pub(super) offsets: Vec<u32>,
}

/// Puts the parts together; there is one for each item.
pub(super) fn encode(items: &[Item], parts: &[Part]) -> Result<Code, Vec<Wrong>> {
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
                // In the end a jump gets what one through all of the code would need.
                let needed = match round > ROUNDS {
                    true => wordcode::prefixes(end.saturating_mul(4)),
                    false => wordcode::prefixes(jump(*op, at, *target, &offsets).unwrap_or(0)),
                };
                if needed > prefixes[at] {
                    prefixes[at] = needed.min(MOST_PREFIXES);
                    grown = true;
                }
            }
        }
        if !grown {
            break offsets;
        }
    };
    let mut bytes = Vec::with_capacity(offsets.last().copied().unwrap_or(0) as usize);
    let mut wrong = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        match *part {
            Part::Fixed(op, arg) => wordcode::write(op, arg, prefixes[at], &mut bytes),
            Part::Jump(op, target) => match jump(op, at, target, &offsets) {
                Some(arg) => wordcode::write(op, arg, prefixes[at], &mut bytes),
                None => wrong.push(backwards(op, &items[at])),
            },
            Part::Bytes(raw) => bytes.extend_from_slice(raw),
            Part::Nothing => {}
        }
    }
    match wrong.is_empty() {
        true => Ok(Code { bytes, offsets }),
        false => Err(wrong),
    }
}

fn backwards(op: Op, item: &Item) -> Wrong {
    let wrong = Wrong::new(
        item.operand_span,
        format!("{op} only goes forwards"),
        "this label stands before it",
    );
    match op {
        Op::JumpForward => wrong.help("JUMP_ABSOLUTE goes anywhere"),
        _ => wrong,
    }
}

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

/// The argument of a jump; `None` if it would have to be negative.
fn jump(op: Op, at: usize, target: usize, offsets: &[u32]) -> Option<u32> {
    match op.arg() {
        // The next item begins where this one ends.
        Arg::JumpForward => offsets[target].checked_sub(offsets[at + 1]),
        _ => Some(offsets[target]),
    }
}

/// The line table.
pub(super) fn line_table(items: &[Item], offsets: &[u32], first: i32) -> Result<Vec<u8>, Wrong> {
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
    lnotab::encode(&changes, first).map_err(|refusal| match refusal {
        Refusal::Backwards(index) | Refusal::TooLong(index) => Wrong::new(
            spans[index],
            "this line is too far from the one before it",
            "a table of lines would get too long",
        ),
    })
}

/// The item at which a jump by a number arrives.
fn fixed_target(op: Op, arg: u32, at: usize, offsets: &[u32]) -> Option<usize> {
    let offset = match op.arg() {
        Arg::JumpTo => arg,
        Arg::JumpForward => offsets[at + 1].checked_add(arg)?,
        _ => return None,
    };
    let first = offsets.partition_point(|&start| start < offset);
    (offsets.get(first) == Some(&offset)).then_some(first)
}

/// How deep the stack gets, as the compiler finds it: along every way from the start, with an
/// instruction's effect as `dis.stack_effect` has it. A place that is reached with several depths
/// is followed with the first of them.
pub(super) fn stack_size(parts: &[Part], offsets: &[u32], folded: &[(usize, u32)]) -> u32 {
    let mut seen = vec![false; parts.len() + 1];
    let mut most: i64 = 0;
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
                most = most.max(there);
                todo.push((target, there));
            }
            if let Ok(found) = folded.binary_search_by_key(&at, |&(item, _)| item) {
                // Its items were pushed one by one once.
                most = most.max(depth + i64::from(folded[found].1));
            }
            depth += op.stack_effect(arg, false);
            most = most.max(depth);
            if matches!(op.row().branch, Branch::Ends | Branch::Jumps) {
                break;
            }
            at += 1;
        }
    }
    u32::try_from(most.clamp(0, i64::from(i32::MAX))).unwrap_or(0)
}
