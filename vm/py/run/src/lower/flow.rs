//! How deep the stack is before each instruction, and in which blocks it lies.

use super::{NO_BLOCK, Word, ends};
use crate::code::Block;
use crate::floor::insn::{self, Branch, Op};
use std::collections::HashMap;

/// What the walk found.
pub(super) struct Flow {
    /// Blocks; their handlers are indices of words still.
    pub(super) blocks: Vec<Block>,
    pub(super) depth: u32,
}

/// Walks every path once.
pub(super) fn flow(words: &mut [Word], temps: u32) -> Flow {
    let mut walk = Walk {
        blocks: vec![NO_BLOCK],
        known: HashMap::new(),
        most: 0,
        temps,
    };
    let mut todo = vec![(0u32, 0u32, 0u32)];
    while let Some((at, depth, block)) = todo.pop() {
        walk.path(words, at as usize, depth, block, &mut todo);
    }
    Flow {
        blocks: walk.blocks,
        depth: walk.most,
    }
}

struct Walk {
    blocks: Vec<Block>,
    known: HashMap<(Option<u32>, u32, u32), u32>,
    most: u32,
    temps: u32,
}

impl Walk {
    fn block(&mut self, handler: Option<u32>, depth: u32, outer: u32) -> u32 {
        let level = self.temps + depth;
        let next = self.blocks.len() as u32;
        let found = *self.known.entry((handler, level, outer)).or_insert(next);
        if found == next {
            self.blocks.push(Block {
                handler,
                level,
                outer,
            });
        }
        found
    }

    fn path(
        &mut self,
        words: &mut [Word],
        mut at: usize,
        mut depth: u32,
        mut block: u32,
        todo: &mut Vec<(u32, u32, u32)>,
    ) {
        while let Some(word) = words.get_mut(at) {
            if word.depth.is_some() {
                return;
            }
            word.depth = Some(depth);
            word.block = block;
            let word = *word;
            let row = word.op.row();
            let arg = u64::from(word.arg);
            let after =
                |pops: u64, pushes: u64| (u64::from(depth) + pushes).saturating_sub(pops) as u32;
            let next = after((row.pops)(arg), (row.pushes)(arg));
            match (row.branch, word.target) {
                (Branch::MayJump { pops, pushes }, Some(to)) => {
                    todo.push((to, after(pops, pushes), block));
                }
                (Branch::Jumps, Some(to)) => todo.push((to, next, block)),
                (Branch::Handler { .. }, Some(to)) => {
                    let level = match word.op {
                        Op::SetupFinally => depth,
                        _ => next.saturating_sub(1),
                    };
                    let handled = self.block(None, level, block);
                    todo.push((to, level + 6, handled));
                    self.most = self.most.max(level + 6);
                    block = self.block(Some(to), level, block);
                }
                _ => {}
            }
            if !matches!(row.block, insn::Block::None | insn::Block::Push) {
                block = self.blocks[block as usize].outer;
            }
            self.most = self.most.max(next).max(depth);
            if ends(word.op) {
                return;
            }
            depth = next;
            at += 1;
        }
    }
}
