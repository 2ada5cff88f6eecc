//! What must hold of a program before it runs: indices, loops, labels and jumps.

use super::decode::Loaded;
use super::program::{Instruction, Program};
use crate::observe::Observer;
use crate::quirks::sc::Quirk;
use std::collections::BTreeMap;

impl<'a> Program<'a> {
    /// Checks that the asts and names of all instructions are there.
    pub(super) fn check_indices(&self, obs: impl Observer<Quirk>) -> Loaded<()> {
        let ast = |index: usize| {
            let there = index < self.asts.len();
            obs.boundary_if("sc.ast.index.1", || {
                index.checked_add(1) == Some(self.asts.len())
            });
            match obs.check("sc.ast.index.1", there) || obs.has_quirk(Quirk::AstsBeyondNil) {
                true => Ok(()),
                false => Err("there is no such ast"),
            }
        };
        let name = |index: usize| self.check_name(index, obs);
        for instruction in &self.instructions {
            match *instruction {
                Instruction::For {
                    var, start, stop, ..
                } => {
                    name(var)?;
                    ast(start)?;
                    ast(stop)?;
                }
                Instruction::While { cond, .. } => ast(cond)?,
                Instruction::Eval(index) => ast(index)?,
                Instruction::Set(variable, index) => {
                    name(variable)?;
                    ast(index)?;
                }
                Instruction::Goto(label) | Instruction::Label(label) => name(label)?,
                Instruction::Pass | Instruction::End(_) | Instruction::Jump(_) => {}
            }
        }
        Ok(())
    }

    /// Checks that loops are nested, and that each names its END and the END its loop; collects the
    /// labels.
    pub(super) fn check_loops(&mut self, obs: impl Observer<Quirk>) -> Loaded<()> {
        let mut open = Vec::new();
        for at in 0..self.instructions.len() {
            match self.instructions[at] {
                Instruction::For { .. } | Instruction::While { .. } => {
                    obs.holds_if("sc.loop.nest.1", || !open.is_empty());
                    obs.holds_if("sc.loop.nest.2", || open.len() > 2);
                    if open.len() >= 16 && obs.has_quirk(Quirk::LoopsNestSixteenDeep) {
                        return Err("loops nest too deep");
                    }
                    open.push(at);
                }
                Instruction::End(head) => {
                    let innermost = open.pop() == Some(head);
                    let named_back = self.end_of(head) == Some(at);
                    if !innermost {
                        obs.breaks("sc.loop.nest.1", ());
                    }
                    if !named_back {
                        obs.breaks("sc.loop.pair.2", ());
                    }
                    obs.check("sc.insn.index.1", head < self.instructions.len());
                    if !obs.check("sc.loop.pair.1", innermost && named_back) {
                        return Err("a loop and its END do not name each other");
                    }
                    obs.holds_if("sc.loop.body.1", || head + 1 == at);
                    if head + 1 == at && obs.has_quirk(Quirk::BodyNeverEmpty) {
                        return Err("a loop has no body");
                    }
                }
                Instruction::Label(name) => self.label(name, at, obs)?,
                _ => {}
            }
        }
        match open.is_empty() {
            true => Ok(()),
            false => Err(obs.breaks("sc.loop.pair.1", "a loop has no END")),
        }
    }

    /// Adds a label, whose name must be new.
    fn label(&mut self, name: usize, at: usize, obs: impl Observer<Quirk>) -> Loaded<()> {
        let name = self.name(name);
        let other = self.labels.get(&name).copied();
        if !obs.check("sc.insn.label.2", other.is_none()) {
            if obs.has_quirk(Quirk::FirstOfTwoLabels) {
                return Ok(());
            }
            if !obs.has_quirk(Quirk::LastOfTwoLabels) {
                return Err("there are two labels of one name");
            }
        }
        self.labels.insert(name, at);
        if !obs.is_active() {
            return Ok(());
        }
        let same = |other: usize| self.name(other) == name;
        let mut instructions = self.instructions.iter();
        let used =
            instructions.any(|insn| matches!(*insn, Instruction::Goto(other) if same(other)));
        obs.holds_if("sc.insn.label.3", || !used);
        if !used && obs.has_quirk(Quirk::LabelsMustBeUsed) {
            return Err("nothing goes to a label");
        }
        let shared = self.instructions.iter().any(|insn| match *insn {
            Instruction::Set(other, _) | Instruction::For { var: other, .. } => same(other),
            _ => false,
        });
        obs.holds_if("sc.const.name.4", || shared);
        match shared && obs.has_quirk(Quirk::OneNameOneThing) {
            true => Err("a label is named like a variable"),
            false => Ok(()),
        }
    }

    /// Checks that PROCEED and STOP name a loop around them, and that GOTO enters no loop.
    pub(super) fn check_jumps(&self, obs: impl Observer<Quirk>) -> Loaded<()> {
        let mut open: Vec<usize> = Vec::new();
        // The innermost loop around each label.
        let mut loop_of_label = BTreeMap::new();
        for (at, instruction) in self.instructions.iter().enumerate() {
            match *instruction {
                Instruction::For { .. } | Instruction::While { .. } => open.push(at),
                Instruction::End(_) => drop(open.pop()),
                Instruction::Label(_) => drop(loop_of_label.insert(at, open.last().copied())),
                _ => {}
            }
        }
        let is_inside =
            |at: usize, head: usize| head < at && self.end_of(head).is_some_and(|end| at < end);
        for (at, instruction) in self.instructions.iter().enumerate() {
            match *instruction {
                Instruction::Jump(to) => {
                    let (head, clause) = match self.instructions.get(to) {
                        Some(Instruction::End(head)) => (*head, "sc.insn.stop.2"),
                        Some(Instruction::For { .. } | Instruction::While { .. }) => {
                            (to, "sc.insn.proceed.2")
                        }
                        Some(_) => (to, "sc.insn.stop.3"),
                        None => (to, "sc.insn.index.1"),
                    };
                    if !obs.check(clause, is_inside(at, head)) {
                        return Err("a jump is not in the loop that it names");
                    }
                    obs.boundary_if(clause, || {
                        head + 1 == at || Some(at + 1) == self.end_of(head)
                    });
                }
                Instruction::Goto(name) => {
                    let Some(&label) = self.labels.get(&self.name(name)) else {
                        if obs.has_quirk(Quirk::GotoNowherePasses) {
                            continue;
                        }
                        return Err(obs.breaks("sc.insn.goto.2", "there is no such label"));
                    };
                    obs.holds("sc.insn.goto.2");
                    let enters = loop_of_label[&label].is_some_and(|head| !is_inside(at, head));
                    if !obs.check("sc.insn.goto.3", !enters)
                        && !obs.has_quirk(Quirk::GotoEntersLoops)
                    {
                        return Err("a goto enters a loop");
                    }
                    if label < at && obs.has_quirk(Quirk::GotoForwardOnly) {
                        return Err("a goto goes back");
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}
