//! A code object with what is known about its stacks.

use super::View;
use crate::case::Case;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;
use vm::py::insn::{Branch, Op};
use vm::py::macros::edit;
use vm::py::macros::flow::{Flow, State};
use vm::py::text::unit::{CodeObject, Const, Item, Operand, What};

/// A code object of a view.
pub(super) struct Body<'a> {
    pub(super) view: Rc<View<'a>>,
    /// The index of the code object.
    pub(super) number: usize,
    flow: Flow,
}

impl<'a> Body<'a> {
    pub(super) fn new(view: Rc<View<'a>>, number: usize) -> Body<'a> {
        let flow = Flow::of(&view.unit.objects[number]);
        Body { view, number, flow }
    }

    pub(super) fn object(&self) -> &CodeObject {
        &self.view.unit.objects[self.number]
    }

    pub(super) fn items(&self) -> &[Item] {
        &self.object().items
    }

    /// Returns the state of the stacks before an item; `None` if it is unreachable.
    pub(super) fn state(&self, at: usize) -> Option<State> {
        self.flow.state(at)
    }

    /// Returns how many items an instruction pops, and how many it pushes.
    pub(super) fn effect(&self, at: usize) -> (i64, i64) {
        match &self.items()[at].what {
            What::Insn(op, operand) => {
                let arg = number(operand);
                let row = op.row();
                ((row.pops)(arg) as i64, (row.pushes)(arg) as i64)
            }
            What::Label(_) | What::Line(_) | What::Bytes(_) => (0, 0),
        }
    }

    /// Returns where the code begins that produces the operands of an instruction. From there on, the
    /// items below the operands are not touched.
    pub(super) fn start(&self, at: usize) -> Option<usize> {
        let here = self.state(at)?;
        self.depth_before(at, here.depth - self.effect(at).0)
    }

    /// Returns the last index up to `at` where the stack has this depth, and not less after it.
    fn depth_before(&self, at: usize, depth: i64) -> Option<usize> {
        let blocks = self.state(at)?.blocks;
        let mut back = (0..=at).rev();
        let found = back.find(|&place| self.state(place).is_some_and(|s| s.depth <= depth))?;
        let state = self.state(found)?;
        (state.depth == depth && state.blocks == blocks).then_some(found)
    }

    /// Returns the code that produces each operand of an instruction, the lowest operand first.
    pub(super) fn operands(&self, at: usize) -> Option<Vec<Range<usize>>> {
        let here = self.state(at)?;
        let mut end = at;
        let mut found = Vec::new();
        for depth in (here.depth - self.effect(at).0..here.depth).rev() {
            let start = self.depth_before(end.checked_sub(1)?, depth)?;
            found.push(start..end);
            end = start;
        }
        found.reverse();
        Some(found)
    }

    /// Returns the case with `by` in the place of some items. Labels that are needed elsewhere are
    /// kept.
    pub(super) fn replace(&self, range: Range<usize>, by: &[Item]) -> Option<Case> {
        self.replace_all(&[(range, by.to_vec())])
    }

    /// Does the same for several ranges in ascending order.
    pub(super) fn replace_all(&self, changes: &[(Range<usize>, Vec<Item>)]) -> Option<Case> {
        let items = self.items();
        let mut made = Vec::with_capacity(items.len());
        let mut at = 0;
        for (range, by) in changes {
            made.extend_from_slice(items.get(at..range.start)?);
            let labels = items[range.clone()].iter();
            made.extend(labels.filter(|item| is_label(item)).cloned());
            made.extend_from_slice(by);
            at = range.end;
        }
        made.extend_from_slice(&items[at..]);
        drop_labels(&mut made);
        self.view.with_items(self.number, made)
    }
}

/// Returns the argument of an operand that is a number; 0 for other operands.
pub(super) fn number(operand: &Operand) -> u64 {
    match operand {
        Operand::Number(number) => u64::from(*number),
        Operand::None | Operand::Const(_) | Operand::Name(_) | Operand::Label(_) => 0,
    }
}

fn is_label(item: &Item) -> bool {
    matches!(item.what, What::Label(_))
}

/// Returns true if an item is part of the code.
pub(super) fn is_code(item: &Item) -> bool {
    matches!(item.what, What::Insn(..) | What::Bytes(_))
}

/// Returns the label of the code object that an instruction loads.
pub(super) fn loads(item: &Item) -> Option<&str> {
    match edit::constant(item)? {
        Const::Object(label) => Some(label),
        Const::Value(_) => None,
    }
}

/// Removes labels that are not the target of a jump.
fn drop_labels(items: &mut Vec<Item>) {
    let targets = items.iter().filter_map(edit::target).map(str::to_owned);
    let targets: HashSet<String> = targets.collect();
    items.retain(|item| match &item.what {
        What::Label(label) => targets.contains(label),
        What::Line(_) | What::Insn(..) | What::Bytes(_) => true,
    });
}

/// Removes unreachable code, and labels that are not the target of a jump. Does nothing if the target
/// of a jump is a number.
pub(super) fn sweep(items: &mut Vec<Item>) {
    let by_number = |item: &Item| {
        edit::op(item).is_some_and(|op| op.row().branch != Branch::None && has_target(op))
            && edit::target(item).is_none()
    };
    if items.iter().any(by_number) {
        return;
    }
    let labels: HashMap<&str, usize> = items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| match &item.what {
            What::Label(label) => Some((label.as_str(), at)),
            What::Line(_) | What::Insn(..) | What::Bytes(_) => None,
        })
        .collect();
    let mut reached = vec![false; items.len()];
    let mut todo = vec![0];
    while let Some(mut at) = todo.pop() {
        while at < items.len() && !std::mem::replace(&mut reached[at], true) {
            todo.extend(edit::target(&items[at]).and_then(|label| labels.get(label)));
            let branch = edit::op(&items[at]).map(|op| op.row().branch);
            if matches!(branch, Some(Branch::Jumps | Branch::Ends)) {
                break;
            }
            at += 1;
        }
    }
    let mut reached = reached.into_iter();
    items.retain(|item| reached.next().unwrap_or(true) || !is_code(item));
    drop_labels(items);
}

/// Returns true if an operation has a jump target.
fn has_target(op: Op) -> bool {
    !matches!(op.row().branch, Branch::None | Branch::Ends)
}
