//! The layout of a file: the order of constants and asts, copies, unused parts.

use super::file::{Ast, Constant, File, Op, STORED};
use super::{Builder, Dice};

/// The layout of a file.
pub(super) struct Style {
    /// The file is text.
    pub(super) text: bool,
    /// Some constants are stored more than once.
    pub(super) copies: bool,
    /// Equal asts are stored once.
    pub(super) shared: bool,
    /// Some NaNs differ only in their bits.
    pub(super) odd: bool,
    /// Constants and asts are in random order.
    shuffled: bool,
    /// Some constants and asts are unused.
    spare: bool,
    /// Some asts declare more stack than they need.
    loose: bool,
}

impl Style {
    pub(super) fn new(dice: &mut Dice) -> Style {
        let bits = dice.below(64);
        let bit = |at: usize| bits >> at & 1 == 1;
        Style {
            text: dice.one_in(20),
            copies: bit(0) && bit(1),
            shared: bit(2),
            odd: bit(3),
            shuffled: bit(4) && bit(1),
            spare: bit(5) && bit(1),
            loose: bit(5) && bit(3),
        }
    }
}

impl Builder {
    /// Changes the layout of a file to the program's style.
    pub(super) fn lay_out(&mut self, file: &mut File) {
        if self.style.spare {
            file.constants.push(Constant::Str("spare".to_owned()));
            file.constants
                .push(Constant::Int(self.layout_choice(100) as i64));
            file.asts
                .push(Ast::new(vec![Op::Const(self.layout_choice(4))]));
        }
        if self.style.loose {
            for ast in &mut file.asts {
                ast.max_height = match self.layout_choice(8) {
                    0 => u64::MAX,
                    1 => ast.max_height + 1,
                    2 => ast.max_height + 1000,
                    _ => ast.max_height,
                };
            }
        }
        if self.style.shuffled {
            self.shuffle(file);
        }
    }

    /// Returns a random permutation of `count` items: the new index of each.
    fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for at in (1..count).rev() {
            order.swap(at, self.layout_choice(at as u64 + 1) as usize);
        }
        order
    }

    fn shuffle(&mut self, file: &mut File) {
        let constants = self.order(file.constants.len());
        let asts = self.order(file.asts.len());
        let moved = |index: &mut u64| {
            if let Some(at) = index.checked_sub(STORED) {
                *index = STORED + constants[at as usize] as u64;
            }
        };
        for op in file.asts.iter_mut().flat_map(|ast| &mut ast.ops) {
            op.constant().into_iter().for_each(moved);
        }
        for insn in &mut file.insns {
            insn.constant().into_iter().for_each(moved);
            insn.asts()
                .for_each(|ast| *ast = asts[*ast as usize] as u64);
        }
        file.constants = permuted(std::mem::take(&mut file.constants), &constants);
        file.asts = permuted(std::mem::take(&mut file.asts), &asts);
    }
}

fn permuted<T>(items: Vec<T>, order: &[usize]) -> Vec<T> {
    let mut placed: Vec<(usize, T)> = order.iter().copied().zip(items).collect();
    placed.sort_unstable_by_key(|(at, _)| *at);
    placed.into_iter().map(|(_, item)| item).collect()
}
