//! A program as its file holds it.

use crate::observe::Observer;
use crate::quirks::sc::Quirk;
use std::collections::BTreeMap;

/// A name, which is identified by its text. The number is 0, except for the quirk that identifies
/// names by the indices of their constants.
pub(super) type Name<'a> = (usize, &'a str);

/// The content of a file.
#[derive(Debug)]
pub(super) struct Program<'a> {
    pub(super) constants: Vec<Constant<'a>>,
    pub(super) asts: Vec<Vec<Step>>,
    pub(super) instructions: Vec<Instruction>,
    /// The index of each label's instruction.
    pub(super) labels: BTreeMap<Name<'a>, usize>,
    /// True if names are identified by the indices of their constants, which is a quirk.
    pub(super) by_index: bool,
}

/// A constant, implied or stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Constant<'a> {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'a str),
}

/// An ast instruction. Variables, constants and functions are indices of constants.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Variable(usize),
    Constant(usize),
    Call(usize, usize),
    /// An operator, by its byte.
    Operator(u8),
}

/// An instruction. Its fields are the indices that the file stores.
#[derive(Clone, Copy, Debug)]
pub(super) enum Instruction {
    Pass,
    For {
        var: usize,
        start: usize,
        stop: usize,
        end: usize,
    },
    While {
        cond: usize,
        end: usize,
    },
    End(usize),
    Jump(usize),
    Goto(usize),
    Eval(usize),
    Set(usize, usize),
    Label(usize),
}

pub(super) const NOT: u8 = 0x0e;
pub(super) const NEG: u8 = 0x11;

impl<'a> Program<'a> {
    /// Returns true if the program has anything that strict loading refuses: the operators from DIV
    /// on, EVAL, SET or LABEL.
    pub(super) fn is_extended(&self, obs: impl Observer<Quirk>) -> bool {
        if obs.has_quirk(Quirk::StrictIgnored) {
            return false;
        }
        let first = if obs.has_quirk(Quirk::StrictRefusesSub) {
            0x05
        } else {
            0x06
        };
        let mut steps = self.asts.iter().flatten();
        let mut instructions = self.instructions.iter();
        let sub = steps
            .clone()
            .any(|step| matches!(step, Step::Operator(0x05)));
        obs.holds_if("sc.strict.sub.1", || sub);
        let label_too = !obs.has_quirk(Quirk::StrictTakesLabels);
        let operator = |step: &Step| matches!(*step, Step::Operator(byte) if byte >= first);
        let extended = steps.any(operator)
            || instructions.any(|instruction| {
                use Instruction::{Eval, Label, Set};
                matches!(instruction, Eval(_) | Set(..))
                    || label_too && matches!(instruction, Label(_))
            });
        if extended {
            obs.breaks("sc.strict.refuse.2", ());
            if !self.labels.is_empty() {
                obs.breaks("sc.strict.goto.1", ());
            }
        }
        !obs.check("sc.strict.refuse.1", !extended)
    }

    /// Returns the text of a name.
    pub(super) fn text(&self, index: usize) -> &'a str {
        match self.constants[index] {
            Constant::Str(text) => text,
            _ => "", // Only a quirk loads a name that is not a Str.
        }
    }

    /// Returns a name.
    pub(super) fn name(&self, index: usize) -> Name<'a> {
        let number = if self.by_index { index } else { 0 };
        (number, self.text(index))
    }

    /// Returns the number of ast instructions of an ast.
    pub(super) fn ast_length(&self, ast: usize) -> u64 {
        self.asts.get(ast).map_or(0, Vec::len) as u64
    }

    /// Returns true if an ast calls a function that the host does not have.
    pub(super) fn calls_unknown(&self, ast: usize) -> bool {
        let known = ["print", "str", "len", "type", "int", "float"];
        let mut steps = self.asts[ast].iter();
        steps.any(|step| matches!(*step, Step::Call(name, _) if !known.contains(&self.text(name))))
    }

    /// Returns true if the instruction at this index is a WHILE.
    pub(super) fn is_while(&self, index: usize) -> bool {
        matches!(
            self.instructions.get(index),
            Some(Instruction::While { .. })
        )
    }

    /// Returns the index of the END of the innermost loop around an instruction.
    pub(super) fn innermost_end(&self, at: usize) -> Option<usize> {
        let ends = (0..at).filter_map(|head| self.end_of(head));
        ends.filter(|&end| at < end).min()
    }

    /// Returns the index of the END that a FOR or WHILE names.
    pub(super) fn end_of(&self, head: usize) -> Option<usize> {
        match self.instructions.get(head) {
            Some(Instruction::For { end, .. } | Instruction::While { end, .. }) => Some(*end),
            _ => None,
        }
    }
}
