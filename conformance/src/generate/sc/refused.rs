//! Files that are refused. The ways to break a file are numbered as in [`REFUSALS`].

use super::Builder;
use super::file::{Ast, Constant, File, Insn, Op, Part, STORED, Scan};
use super::tables::*;
use crate::generate::entropy::Dice;

impl Builder {
    /// Returns the bytes of a file with one error.
    pub(super) fn refused_file(&mut self, mut file: File, dice: &mut Dice) -> Vec<u8> {
        let how = dice.below(REFUSALS.len());
        self.word(FIRST_REFUSAL + how);
        let asts = file.asts.len();
        if asts == 0 {
            file.asts.push(Ast::new(vec![Op::Const(0)]));
        }
        let at = dice.below(file.asts.len());
        let past = [0, 1, u64::MAX / 2][dice.below(3)];
        let ast = &mut file.asts[at];
        match how {
            0..=9 | 23 | 25 | 26 => return break_bytes(file.encode(), how, dice),
            24 => return break_bytes(File::default().encode(), how, dice),
            27 => {
                self.strict = true;
                file = File::default();
                file.constants.push(Constant::Str("a".to_owned()));
                file.insns = vec![Insn::Goto(STORED), Insn::Label(STORED)];
            }
            10 => ast.max_height = Ast::new(ast.ops.clone()).max_height - 1,
            11 => ast.ops.clear(),
            12 => {
                ast.ops.push(Op::Const(0));
                ast.max_height = u64::MAX;
            }
            13 => ast
                .ops
                .insert(0, Op::Operator([ADD, NOT, OR, NEG][dice.below(4)])),
            14 => ast.ops.push(Op::Call(1, 2 + past)),
            15 => ast.ops[0] = Op::Const(file.constants.len() as u64 + 4 + past),
            16 => {
                let ast = file.asts.len() as u64 + past;
                let insn = [Insn::Eval(ast), Insn::Set(1, ast)][dice.below(2)];
                file.insns.push(insn);
            }
            17 => {
                let name = [0, 2, 3, file.constant_count() + past][dice.below(4)];
                let insns = [Insn::Label(name), Insn::Goto(name), Insn::Set(name, 0)];
                file.insns.push(insns[dice.below(3)]);
            }
            _ => break_loops(&mut file, how, dice),
        }
        file.encode()
    }
}

/// Breaks a loop, a jump, a label or a goto.
fn break_loops(file: &mut File, how: usize, dice: &mut Dice) {
    let here = file.insns.len() as u64;
    let mut heads = Vec::new();
    for (at, insn) in file.insns.iter().enumerate() {
        if matches!(insn, Insn::For(_) | Insn::While(_)) {
            heads.push(at);
        }
    }
    let head = (!heads.is_empty()).then(|| heads[dice.below(heads.len().max(1))]);
    file.constants.push(Constant::Str("nowhere".to_owned()));
    let name = file.constant_count() - 1;
    match (how, head) {
        (18, Some(head)) if dice.one_in(2) => {
            if let Some(end) = file.insns[head].target() {
                *end = [*end + 1, head as u64, u64::MAX][dice.below(3)];
            }
        }
        (18, _) => file
            .insns
            .push(Insn::End([0, here, u64::MAX][dice.below(3)])),
        (19, Some(head)) if dice.one_in(2) => file.insns.push(Insn::Jump(head as u64)),
        (19, _) => file
            .insns
            .push(Insn::Jump([here, here + 1, u64::MAX][dice.below(3)])),
        (20, _) => file.insns.push(Insn::Goto(name)),
        (21, _) => file.insns.extend([Insn::Label(name), Insn::Label(name)]),
        _ => file.insns.extend([
            Insn::Goto(name),
            Insn::While([0, here + 3]),
            Insn::Label(name),
            Insn::End(here + 1),
        ]),
    }
}

/// Breaks bytes that are not an index. If the file has no part of the wanted kind, appends bytes
/// instead.
fn break_bytes(mut bytes: Vec<u8>, how: usize, dice: &mut Dice) -> Vec<u8> {
    let scan = Scan::of(&bytes);
    let (third, half) = (dice.below(3), dice.one_in(2));
    let mut any = |items: &[(u32, u32)]| match items.len() {
        0 => None,
        count => Some(items[dice.below(count)].0 as usize),
    };
    let of = |wanted: fn(Part) -> bool| -> Vec<(u32, u32)> {
        let parts = scan.parts.iter();
        let parts = parts.filter(|(part, from, to)| wanted(*part) && from < to);
        parts.map(|&(_, from, to)| (from, to)).collect()
    };
    let (at, byte) = match how {
        0 => {
            bytes.truncate(dice.below(bytes.len()));
            return bytes;
        }
        2 => (Some(dice.below(4)), 0x2f),
        3 => (any(&of(|part| part == Part::End)), 1),
        4 => (any(&scan.items[0]), [0, 0x4a, 0xff][dice.below(3)]),
        5 => (any(&scan.ops), [0, 0x12, 0xff][dice.below(3)]),
        6 => {
            let byte = [7, 0x49, 0xff][third];
            let passes = with_byte(&bytes, &scan.items[2], 0);
            match passes.is_empty() {
                true => (any(&scan.items[2]), byte),
                false => (any(&passes), byte),
            }
        }
        7 => (any(&of(|part| part == Part::Text)), 0xff),
        23 => {
            bytes.truncate(bytes.len() - 6);
            return bytes;
        }
        25 => {
            let at = any(&scan.items[0]);
            (at, at.map_or(0, |at| bytes[at].to_ascii_lowercase()))
        }
        26 if half => {
            let pushes = with_byte(&bytes, &scan.ops, 1);
            (any(&pushes).map(|at| at + 1), 3)
        }
        26 => {
            let jumps = with_byte(&bytes, &scan.items[2], 3);
            (any(&jumps).map(|at| at + 1), 2)
        }
        8 | 9 | 24 => {
            let counts = of(|part| matches!(part, Part::Count(_)));
            let section = dice.below(3);
            let at = counts[section].0 as usize;
            let count = scan.items[section].len() as u64;
            let wrong = match how {
                24 => 1 << 63,
                8 => count + [1, 2, 1 << 60][dice.below(3)],
                _ if count > 0 => count - 1,
                _ => count + 1,
            };
            bytes[at..at + 8].copy_from_slice(&wrong.to_le_bytes());
            return bytes;
        }
        _ => (None, 0),
    };
    match at {
        Some(at) => bytes[at] = byte,
        None => bytes.extend_from_slice(&[0, 0, 1][..1 + dice.below(3)]),
    }
    bytes
}

/// Returns the items that begin with this byte.
fn with_byte(bytes: &[u8], items: &[(u32, u32)], byte: u8) -> Vec<(u32, u32)> {
    let begins = |item: &&(u32, u32)| bytes[item.0 as usize] == byte;
    items.iter().filter(begins).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::super::file::Section;
    use super::*;

    #[test]
    fn every_section_has_a_count_to_break() {
        let scan = Scan::of(&File::default().encode());
        let counts = scan.parts.iter().filter_map(|&(part, ..)| match part {
            Part::Count(section) => Some(section),
            _ => None,
        });
        let all = [Section::Constants, Section::Asts, Section::Insns];
        assert_eq!(counts.collect::<Vec<_>>(), all);
        assert!(scan.whole);
    }
}
