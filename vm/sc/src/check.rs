//! Checks whether a file may run: one pass over each ast, and one over the instructions.

use super::file::{Ast, File, Spot};
use super::insn::{FieldKind, Insn, Op};
use std::collections::HashMap;
use vm_base::Problem;

/// Only this many problems of a file are reported.
const MAX_PROBLEMS: usize = 20;

/// The instruction of each label, by the label's text.
pub(super) type Labels<'f> = HashMap<&'f str, usize>;

/// Checks a file and returns its labels; `strict` refuses what the seed document does not define.
pub(super) fn check(file: &File, strict: bool) -> Result<Labels<'_>, Vec<Problem<Spot>>> {
    let mut checker = Checker {
        file,
        problems: Vec::new(),
        labels: HashMap::new(),
        loops: Vec::new(),
        within: Vec::new(),
        jumps: Vec::new(),
    };
    if strict {
        checker.extensions();
    }
    for (index, ast) in file.asts.iter().enumerate() {
        if checker.full() {
            break;
        }
        checker.ast(index, ast);
    }
    checker.instructions();
    checker.jumps();
    match checker.problems.is_empty() {
        true => Ok(checker.labels),
        false => {
            checker.problems.truncate(MAX_PROBLEMS);
            Err(checker.problems)
        }
    }
}

struct Checker<'f> {
    file: &'f File,
    problems: Vec<Problem<Spot>>,
    labels: Labels<'f>,
    /// The FOR and WHILE instructions of the open loops.
    loops: Vec<usize>,
    /// Each label, with the innermost loop around it.
    within: Vec<(usize, Option<usize>)>,
    /// The jumps and gotos, which are checked after all loops and labels are known.
    jumps: Vec<usize>,
}

impl<'f> Checker<'f> {
    fn full(&self) -> bool {
        self.problems.len() >= MAX_PROBLEMS
    }

    #[cold]
    fn report(&mut self, spot: Spot, message: impl Into<String>, label: &str, help: &str) {
        let problem = Problem::new(spot, message).label(label);
        self.problems.push(match help {
            "" => problem,
            help => problem.help(help),
        });
    }

    fn extensions(&mut self) {
        let file = self.file;
        let asts = file.asts.iter().enumerate().flat_map(|(ast, item)| {
            item.ops.iter().enumerate().map(move |(op, item)| {
                let field = None;
                (Spot::Op { ast, op, field }, item.row())
            })
        });
        let insns = file.instructions.iter().enumerate().map(|(insn, item)| {
            let field = None;
            (Spot::Insn { insn, field }, item.row())
        });
        for (spot, row) in asts
            .chain(insns)
            .filter(|(_, row)| row.extension)
            .take(MAX_PROBLEMS)
        {
            let message = format!(
                "'{}' is an extension, and strict mode refuses those",
                row.name
            );
            self.report(spot, message, "extension", "load it without strict mode");
        }
    }

    /// Checks that an index is in range and names what it should.
    fn index(&mut self, spot: Spot, what: &str, kind: FieldKind, index: u64) {
        let file = self.file;
        let (count, things) = match kind {
            FieldKind::Name | FieldKind::Constant => (file.constant_count(), "constants"),
            FieldKind::Ast => (file.asts.len() as u64, "asts"),
            FieldKind::Instruction => (file.instructions.len() as u64, "instructions"),
            FieldKind::Count => return,
        };
        if index >= count {
            let message = format!("{what} {index} is out of range: there are {count} {things}");
            self.report(spot, message, what, "indices count from 0");
        } else if kind == FieldKind::Name && file.name(index).is_none() {
            let message = format!("{what} {index} is not a Str constant");
            self.report(spot, message, what, "names are Str constants");
        }
    }

    fn ast(&mut self, ast: usize, item: &Ast) {
        let before = self.problems.len();
        let mut depth: u64 = 0;
        for (number, op) in item.ops.iter().enumerate() {
            let spot = |field| Spot::Op {
                ast,
                op: number,
                field,
            };
            match *op {
                Op::PushVar(index) => {
                    if !self.is_name(index) {
                        self.index(spot(Some(0)), "variable name", FieldKind::Name, index);
                    }
                }
                Op::PushConst(index) => {
                    if index >= self.file.constant_count() {
                        self.index(spot(Some(0)), "constant", FieldKind::Constant, index);
                    }
                }
                Op::Call { name, .. } => {
                    if !self.is_name(name) {
                        self.index(spot(Some(0)), "function name", FieldKind::Name, name);
                    }
                }
                Op::Operate(_) => {}
            }
            let Some(left) = depth.checked_sub(op.takes()) else {
                let message = format!(
                    "'{}' takes {} items and the stack holds {depth}",
                    op.row().name,
                    op.takes()
                );
                self.report(
                    spot(None),
                    message,
                    "under-runs the stack",
                    "push the operands first",
                );
                return;
            };
            depth = left + 1;
            if depth > item.stack_max {
                let message = format!(
                    "the ast declares a stack of {} and grows higher",
                    item.stack_max
                );
                self.report(
                    spot(None),
                    message,
                    "one item too many",
                    "declare a longer stack",
                );
                return;
            }
            if self.problems.len() > before {
                return;
            }
        }
        if depth != 1 {
            let message = format!("the ast ends with {depth} items on its stack instead of one");
            self.report(Spot::Ast(ast), message, "this ast", "");
        }
    }

    #[inline]
    fn is_name(&self, index: u64) -> bool {
        self.file.name(index).is_some()
    }

    fn instructions(&mut self) {
        let file = self.file;
        for (insn, item) in file.instructions.iter().enumerate() {
            if self.full() {
                return;
            }
            for (at, (field, value)) in item.row().fields.iter().zip(item.fields()).enumerate() {
                let field_spot = Spot::Insn {
                    insn,
                    field: Some(at),
                };
                self.index(field_spot, field.name, field.kind, value);
            }
            match *item {
                Insn::For { end, .. } => self.opens(insn, end, 3),
                Insn::While { end, .. } => self.opens(insn, end, 1),
                Insn::End { head } => self.ends(insn, head),
                Insn::Jump { .. } | Insn::Goto { .. } => self.jumps.push(insn),
                Insn::Label { name } => self.label(insn, name),
                Insn::Pass | Insn::Eval { .. } | Insn::Set { .. } => {}
            }
        }
    }

    fn opens(&mut self, insn: usize, end: u64, field: usize) {
        let spot = Spot::Insn {
            insn,
            field: Some(field),
        };
        match self.file.instruction(end).map(Insn::loop_head) {
            Some(Some(head)) if head == insn as u64 && end > insn as u64 => {}
            Some(Some(head)) if head == insn as u64 => {
                let message = format!("loop {insn} ends before it begins, at instruction {end}");
                self.report(spot, message, "END index", "put END after the loop's body");
            }
            Some(Some(head)) => {
                let message = format!("loop {insn} names END {end}, which names {head}");
                self.report(
                    spot,
                    message,
                    "END index",
                    "a loop and its END name each other",
                );
            }
            Some(None) => {
                let message = format!("loop {insn} names instruction {end}, which is not an END");
                self.report(
                    spot,
                    message,
                    "END index",
                    "a loop and its END name each other",
                );
            }
            None => {}
        }
        self.loops.push(insn);
    }

    fn ends(&mut self, insn: usize, head: u64) {
        let spot = Spot::Insn {
            insn,
            field: Some(0),
        };
        let names_back = match self.file.instruction(head).map(Insn::loop_end) {
            Some(Some(end)) => end == insn as u64,
            Some(None) => {
                let message = format!("END {insn} names instruction {head}, which is not a loop");
                self.report(spot, message, "loop index", "name the loop's FOR or WHILE");
                return;
            }
            None => return,
        };
        if !names_back {
            let message = format!("END {insn} names loop {head}, which has another END");
            self.report(
                spot,
                message,
                "loop index",
                "a loop and its END name each other",
            );
        } else if self.loops.last().is_none_or(|&open| open as u64 != head) {
            let message = match self.loops.last() {
                Some(open) => {
                    format!("END {insn} ends loop {head} while loop {open} inside is open")
                }
                None => format!("END {insn} ends loop {head}, which is not open"),
            };
            self.report(spot, message, "loop index", "end the inner loop first");
        } else {
            self.loops.pop();
        }
    }

    fn label(&mut self, insn: usize, name: u64) {
        let Some(text) = self.file.name(name) else {
            return;
        };
        let inside = self.loops.last().copied();
        match self.labels.insert(text, self.within.len()) {
            None => self.within.push((insn, inside)),
            Some(first) => {
                let message = format!(
                    "label {text:?} is defined twice, first at instruction {}",
                    self.within[first].0
                );
                self.labels.insert(text, first);
                let spot = Spot::Insn {
                    insn,
                    field: Some(0),
                };
                self.report(
                    spot,
                    message,
                    "second label of this name",
                    "rename one of them",
                );
            }
        }
    }

    /// Returns true if an instruction is in the body of the loop that begins at `head`.
    fn encloses(&self, head: u64, insn: usize) -> bool {
        let end = self.file.instruction(head).and_then(Insn::loop_end);
        end.is_some_and(|end| head < insn as u64 && (insn as u64) < end)
    }

    fn jumps(&mut self) {
        for insn in std::mem::take(&mut self.jumps) {
            if self.full() {
                break;
            }
            let spot = Spot::Insn {
                insn,
                field: Some(0),
            };
            if let Insn::Jump { to } = self.file.instructions[insn] {
                self.jump(insn, to, spot);
            } else if let Insn::Goto { name } = self.file.instructions[insn] {
                self.goto(insn, name, spot);
            }
        }
        if self.problems.is_empty() {
            for at in self.labels.values_mut() {
                *at = self.within[*at].0;
            }
        }
    }

    fn jump(&mut self, insn: usize, to: u64, spot: Spot) {
        let Some(item) = self.file.instruction(to) else {
            return;
        };
        let (word, head) = match (item.loop_end(), item.loop_head()) {
            (Some(_), _) => ("PROCEED", to),
            (_, Some(head)) => ("STOP", head),
            (None, None) => {
                let message =
                    format!("the jump names instruction {to}, which does not begin or end a loop");
                let help = "name a FOR or WHILE to proceed, an END to stop";
                return self.report(spot, message, "loop or END index", help);
            }
        };
        if !self.encloses(head, insn) {
            let message = format!("{word} names loop {head}, which does not enclose it");
            let help = "PROCEED and STOP name an enclosing loop";
            self.report(spot, message, "loop or END index", help);
        }
    }

    fn goto(&mut self, insn: usize, name: u64, spot: Spot) {
        let Some(text) = self.file.name(name) else {
            return;
        };
        let Some(&at) = self.labels.get(text) else {
            let message = format!("there is no label {text:?}");
            // In the order of the file, so that the suggestion is deterministic.
            let labels = self.within.iter().filter_map(|&(label, _)| {
                let Insn::Label { name } = self.file.instructions[label] else {
                    return None;
                };
                self.file.name(name)
            });
            let near = vm_base::closest(text, labels);
            let help = near.map_or(String::new(), |near| format!("did you mean {near:?}?"));
            return self.report(spot, message, "label name", &help);
        };
        let (label, inside) = self.within[at];
        if let Some(head) = inside
            && !self.encloses(head as u64, insn)
        {
            let message = format!(
                "GOTO would enter loop {head}: label {text:?} at instruction {label} is inside it"
            );
            let help = "a GOTO may leave loops but not enter one";
            self.report(spot, message, "label name", help);
        }
    }
}
