//! Random instructions on the items of the stack, as no compiler would write them.

use super::{Depth, Writer};
use crate::generate::Dice;
use vm::py::insn::{Arg, COMPARISONS, Op, Row, TABLE};

/// How large an item of the stack is at most.
#[derive(Clone, Copy, Debug, Default)]
struct Item {
    /// The bits of it, or of an item in it, if that is an int.
    bits: u32,
    /// The size of anything else.
    size: u64,
}

/// The bits and the size of an item at most.
const MAX_SIZE: u64 = 4096;

/// The items to begin with.
#[rustfmt::skip]
const LEAVES: [(&str, Item); 9] = [
    ("LOAD_CONST $small", Item { bits: 3, size: 0 }),
    ("LOAD_CONST $int", Item { bits: 128, size: 0 }),
    ("LOAD_CONST $str", Item { bits: 0, size: 9 }),
    ("LOAD_CONST $float", Item { bits: 0, size: 0 }),
    ("LOAD_CONST $scalar", Item { bits: 2, size: 3 }),
    ("LOAD_CONST $tuple", Item { bits: 3, size: 9 }),
    ("@load int", Item { bits: 128, size: 0 }),
    ("@load str", Item { bits: 0, size: 64 }),
    ("@load scalar", Item { bits: 128, size: 64 }),
];

impl Writer {
    /// Pushes a few items, runs random instructions on them, and prints or drops the items that are
    /// left.
    pub(super) fn random_ops(&mut self, dice: &mut Dice, depth: Depth) {
        let mut stack = Vec::new();
        for _ in 0..1 + dice.below(5) {
            let (text, item) = LEAVES[dice.below(LEAVES.len())];
            self.write(text, dice, depth);
            stack.push(item);
        }
        for _ in 0..1 + dice.below(9) {
            self.random_op(&mut stack, dice);
        }
        while stack.pop().is_some() {
            let shown = dice.below(3) > 0;
            self.emit(if shown { "PRINT_EXPR" } else { "POP_TOP" }, "");
        }
    }

    /// Writes one of the instructions that the items allow.
    fn random_op(&mut self, stack: &mut Vec<Item>, dice: &mut Dice) {
        let possible: Vec<(&Row, u64, Vec<Item>)> = TABLE
            .iter()
            .filter_map(|row| {
                let arg = argument(row, dice)?;
                let takes = (row.pops)(arg) as usize;
                let at = stack.len().checked_sub(takes)?;
                let left = results(row, &stack[at..])?;
                debug_assert_eq!(left.len() as u64, (row.pushes)(arg), "{}", row.mnemonic);
                Some((row, arg, left))
            })
            .collect();
        let Some((row, arg, left)) = possible.get(dice.below(possible.len())) else {
            return;
        };
        let operand = match row.arg {
            Arg::None => String::new(),
            Arg::Compare => COMPARISONS[*arg as usize].to_owned(),
            _ => arg.to_string(),
        };
        stack.truncate(stack.len() - (row.pops)(*arg) as usize);
        stack.extend(left);
        self.emit(row.mnemonic, &operand);
    }
}

/// Returns an argument for an instruction that works on items; `None` for other instructions.
fn argument(row: &Row, dice: &mut Dice) -> Option<u64> {
    match row.op {
        Op::BuildTuple | Op::BuildList => Some(1 + dice.below(3) as u64),
        Op::BuildSlice => Some(2 + dice.below(2) as u64),
        Op::CompareOp => Some(dice.below(COMPARISONS.len()) as u64),
        Op::ContainsOp => Some(dice.below(2) as u64),
        Op::FormatValue => Some(dice.below(4) as u64),
        _ => (row.arg == Arg::None).then_some(0),
    }
}

/// Returns the items that an instruction pushes after popping `items`; `None` if one could become too
/// large, or if the instruction does anything else.
fn results(row: &Row, items: &[Item]) -> Option<Vec<Item>> {
    let bits = items.iter().map(|item| item.bits).max().unwrap_or(0);
    let size = items.iter().map(|item| item.size).sum::<u64>();
    let one = |bits: u32, size: u64| {
        let fits = u64::from(bits) <= MAX_SIZE && size <= MAX_SIZE;
        fits.then(|| vec![Item { bits, size }])
    };
    let rotated = || {
        let mut items = items.to_vec();
        items.rotate_right(1);
        Some(items)
    };
    match row.op {
        Op::Nop => Some(Vec::new()),
        Op::PopTop => Some(Vec::new()),
        Op::RotTwo | Op::RotThree | Op::RotFour => rotated(),
        Op::DupTop | Op::DupTopTwo => Some(items.repeat(2)),
        Op::UnaryNot | Op::CompareOp | Op::ContainsOp => one(1, 0),
        Op::BuildTuple | Op::BuildList | Op::BuildSlice => one(bits, size + 3),
        Op::FormatValue => one(0, 4 * size + u64::from(bits) + 24),
        Op::BinarySubscr => one(bits, size),
        _ if row.mnemonic.starts_with("UNARY_") => one(bits + 1, size),
        _ if row.mnemonic.starts_with("BINARY_") => operate(row, items, bits, size, one),
        // An item that is changed in place may be on the stack twice, so it must not grow much.
        Op::InplaceMultiply if size > 0 => None,
        _ if row.mnemonic.starts_with("INPLACE_") => operate(row, items, bits, size, one),
        _ => None,
    }
}

/// Returns the result of a binary operator.
fn operate(
    row: &Row,
    items: &[Item],
    bits: u32,
    size: u64,
    one: impl Fn(u32, u64) -> Option<Vec<Item>>,
) -> Option<Vec<Item>> {
    let &[left, right] = items else {
        return None;
    };
    match row.op {
        Op::BinaryMultiply | Op::InplaceMultiply => {
            let times = |item: Item, by: Item| match item.size {
                0 => Some(0),
                size => (by.bits < 8).then(|| size << by.bits),
            };
            let size = times(left, right)?.max(times(right, left)?);
            one(left.bits + right.bits, size)
        }
        Op::BinaryPower | Op::InplacePower if right.bits <= 4 => one(left.bits << right.bits, size),
        Op::BinaryLshift | Op::InplaceLshift if right.bits <= 4 => {
            one(left.bits + (1 << right.bits), size)
        }
        Op::BinaryPower | Op::InplacePower | Op::BinaryLshift | Op::InplaceLshift => None,
        // The left one may be a str with placeholders for the right one.
        Op::BinaryModulo | Op::InplaceModulo => one(bits, 8 * size + u64::from(bits)),
        _ => one(bits + 1, size),
    }
}
