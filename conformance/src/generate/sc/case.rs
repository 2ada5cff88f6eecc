//! The case of a program, and the words in it.

use super::Builder;
use super::file::{File, Insn, Op};
use super::tables::*;
use crate::case::Case;
use crate::generate::Aim;
use crate::generate::entropy::Dice;
use crate::machine::Machine;

impl Builder {
    /// Returns the program as a case.
    pub(super) fn finish(&mut self, aim: Aim, last: &mut Dice) -> Case {
        self.count_words();
        let mut file = std::mem::take(&mut self.file);
        // A faulty machine may run forever: the limits end it soon.
        let mut limits = self.limits;
        limits.fuel.get_or_insert(4 * self.work + 20_000);
        limits.output_bytes.get_or_insert(1 << 20);
        limits.heap_bytes.get_or_insert(1 << 20);
        let (name, bytes) = match aim {
            Aim::Refused => ("main.sc", self.refused_file(file, last)),
            _ if self.style.text => ("main.sca", self.text_of(&file).into_bytes()),
            _ => {
                self.lay_out(&mut file);
                ("main.sc", file.encode())
            }
        };
        Case {
            name: "generated".to_owned(),
            limits,
            strict: self.strict || aim == Aim::Wild && self.layout_choice(8) == 0,
            ..Case::single(Machine::Sc, name, bytes)
        }
    }

    /// Counts the words of the instructions and expressions.
    fn count_words(&mut self) {
        let insn = |insn: &Insn, file: &File| match *insn {
            Insn::Pass => 0,
            Insn::For(_) => 1,
            Insn::While(_) => 2,
            Insn::End(_) => 3,
            Insn::Jump(to) => match file.insns.get(to as usize) {
                Some(Insn::End(_)) => 5,
                _ => 4,
            },
            Insn::Goto(_) => 6,
            Insn::Eval(_) => 7,
            Insn::Set(..) => 8,
            Insn::Label(_) => 9,
        };
        let file = &self.file;
        self.words
            .extend(file.insns.iter().map(|each| insn(each, file)));
        for op in file.asts.iter().flat_map(|ast| &ast.ops) {
            let place = match *op {
                Op::Var(_) => 0,
                Op::Const(_) => 1,
                Op::Call(name, _) => {
                    let name = file.text(name);
                    let at = FUNCTIONS.iter().position(|known| Some(*known) == name);
                    self.words.extend(at.map(|at| (FIRST_FUNCTION + at) as u16));
                    2
                }
                Op::Operator(byte) => PUSHES.len() + usize::from(byte - ADD),
            };
            self.words.push((FIRST_OPERATION + place) as u16);
        }
    }
}
