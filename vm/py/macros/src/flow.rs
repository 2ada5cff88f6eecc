//! The state of the stacks at each instruction.

use super::rewrite;
use std::collections::HashMap;
use vm_py_code::insn::{Block, Branch};
use vm_py_text::unit::{CodeObject, Item, Operand, What};

/// The state before an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The depth of the data stack.
    pub depth: i64,
    /// The number of the block stack: 0 is empty, and equal numbers are equal stacks.
    pub blocks: u32,
}

/// The states before the items of an object and at its end.
#[derive(Clone, Debug)]
pub struct Flow {
    states: Vec<Option<State>>,
    /// The block stacks: the number of the stack without the innermost block, and the item that
    /// opened that block.
    stacks: Vec<(u32, usize)>,
}

impl Flow {
    /// Computes the states from the first item on. Unreachable code counts as reached from the item
    /// before it, which is how source is nested.
    pub fn of(object: &CodeObject) -> Flow {
        let items = &object.items;
        let labels: HashMap<&str, usize> = items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| match &item.what {
                What::Label(label) => Some((&**label, index)),
                What::Line(_) | What::Insn(..) | What::Bytes(_) => None,
            })
            .collect();
        let mut flow = Flow {
            states: vec![None; items.len() + 1],
            stacks: vec![(0, usize::MAX)],
        };
        let start = State {
            depth: 0,
            blocks: 0,
        };
        let mut todo = vec![(0, start)];
        for at in 0..items.len() {
            if flow.states[at].is_none() && at > 0 {
                let (next, _) = flow.after(items, at - 1, &labels);
                todo.extend(next.map(|state| (at, state)));
            }
            while let Some((index, state)) = todo.pop() {
                if flow.states[index].is_some() {
                    continue;
                }
                flow.states[index] = Some(state);
                if index == items.len() {
                    continue;
                }
                let goes_on = rewrite::op(&items[index])
                    .is_none_or(|op| !matches!(op.row().branch, Branch::Jumps | Branch::Ends));
                let (next, target) = flow.after(items, index, &labels);
                todo.extend(target);
                todo.extend(next.filter(|_| goes_on).map(|state| (index + 1, state)));
            }
        }
        flow
    }

    /// Returns the state before an item, if it is reached.
    pub fn state(&self, at: usize) -> Option<State> {
        self.states.get(at).copied().flatten()
    }

    /// Returns the states after an item: for the next item and for its jump target.
    fn after(
        &mut self,
        items: &[Item],
        at: usize,
        labels: &HashMap<&str, usize>,
    ) -> (Option<State>, Option<(usize, State)>) {
        let Some(state) = self.states[at] else {
            return (None, None);
        };
        let What::Insn(op, operand) = &items[at].what else {
            return (Some(state), None);
        };
        let arg = match operand {
            Operand::Number(number) => *number,
            Operand::None | Operand::Const(_) | Operand::Name(_) | Operand::Label(_) => 0,
        };
        let row = op.row();
        let outer = self.stacks[state.blocks as usize].0;
        let inner = |flow: &mut Flow| flow.open(state.blocks, at);
        let blocks = match row.block {
            Block::None => state.blocks,
            Block::Push => inner(self),
            Block::Pop | Block::PopHandler => outer,
        };
        // The block of a handler replaces the one that it handles.
        let blocks_there = match row.branch {
            Branch::Handler { .. } => self.open(state.blocks, usize::MAX - at),
            Branch::None | Branch::MayJump { .. } | Branch::Jumps | Branch::Ends => blocks,
        };
        let changed = |jump: bool| (state.depth + op.stack_effect(arg, jump)).max(0);
        let next = State {
            depth: changed(false),
            blocks,
        };
        let there = State {
            depth: changed(true),
            blocks: blocks_there,
        };
        let target = match operand {
            Operand::Label(label) => labels.get(&**label).map(|&index| (index, there)),
            _ => None,
        };
        (Some(next), target)
    }

    fn open(&mut self, within: u32, by: usize) -> u32 {
        let known = self.stacks.iter().position(|&stack| stack == (within, by));
        known.unwrap_or_else(|| {
            self.stacks.push((within, by));
            self.stacks.len() - 1
        }) as u32
    }
}
