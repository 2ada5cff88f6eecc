//! The bytes of a file, and what must hold of them before it runs.

use super::super::observe::Watch;
use super::super::quirks::sc::Quirk;
use std::collections::BTreeMap;

/// What tells names apart: their texts. (The number in front is 0, but for a quirk.)
pub(super) type Name<'a> = (usize, &'a str);

/// A file that may run.
#[derive(Debug)]
pub(super) struct Program<'a> {
    pub(super) constants: Vec<Constant<'a>>,
    pub(super) asts: Vec<Vec<Step>>,
    pub(super) instructions: Vec<Instruction>,
    /// Where each label stands.
    pub(super) labels: BTreeMap<Name<'a>, usize>,
    /// True if names are told apart by their indices, which is a quirk.
    by_index: bool,
}

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
    /// Its byte.
    Operator(u8),
}

/// An instruction. Every field is an index as the file has it.
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

type Loaded<T> = Result<T, &'static str>;

const NO_NAME: &str = "a name is not a Str constant";

struct Bytes<'a, W>(&'a [u8], W);

impl<'a, W: Watch<Quirk>> Bytes<'a, W> {
    fn take(&mut self, count: usize) -> Loaded<&'a [u8]> {
        match self.0.split_at_checked(count) {
            Some((taken, rest)) => {
                self.0 = rest;
                Ok(taken)
            }
            None => Err(self.1.breaks("sc.file.short.1", "the file ends early")),
        }
    }

    fn byte(&mut self) -> Loaded<u8> {
        Ok(self.take(1)?[0])
    }

    fn word(&mut self) -> Loaded<u64> {
        let bytes = self.take(8)?;
        self.1.holds("sc.file.word.1");
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |word, &byte| word << 8 | u64::from(byte)))
    }

    /// A count.
    fn count(&mut self) -> Loaded<u64> {
        let count = self.word()?;
        if count >= 1 << 63 {
            self.1.breaks("sc.file.word.2", ());
            if self.1.quirk(Quirk::CountsSigned) {
                return Ok(0);
            }
        }
        Ok(count)
    }

    /// An index. Where a `usize` is narrower, none that fits the file is cut.
    fn index(&mut self) -> Loaded<usize> {
        let mut index = self.word()?;
        if self.1.quirk(Quirk::IndicesCut) {
            index &= 0xffff_ffff;
        }
        Ok(usize::try_from(index).unwrap_or(usize::MAX))
    }

    fn float(&mut self) -> Loaded<f64> {
        let w = self.1;
        let word = self.word()?;
        let value = match w.quirk(Quirk::FloatsBigEndian) {
            true => f64::from_bits(word.swap_bytes()),
            false => f64::from_bits(word),
        };
        w.holds("sc.const.float.1");
        match value.is_nan() && w.quirk(Quirk::NanRefused) {
            true => Err("a Float is no number"),
            false => Ok(value),
        }
    }

    fn int(&mut self) -> Loaded<i64> {
        let w = self.1;
        let value = self.word()? as i64;
        w.holds("sc.const.int.1");
        w.edge_if("sc.const.int.1", || matches!(value, i64::MIN | i64::MAX));
        match w.quirk(Quirk::IntsOf32Bits) {
            true => Ok(i64::from(value as i32)),
            false => Ok(value),
        }
    }

    fn text(&mut self) -> Loaded<&'a str> {
        let w = self.1;
        let length = self.0.iter().position(|&byte| byte == 0);
        let Some(length) = length else {
            return Err(w.breaks("sc.const.str.1", "a Str has no end"));
        };
        let text = self.take(length)?;
        self.byte()?;
        w.holds("sc.const.str.1");
        if text.is_empty() && w.quirk(Quirk::StrNeverEmpty) {
            return Err("a Str is empty");
        }
        w.holds_if("sc.const.str.3", || !text.is_ascii() || text.is_empty());
        match std::str::from_utf8(text) {
            Ok(text) => {
                w.holds("sc.const.str.2");
                Ok(text)
            }
            Err(error) if w.quirk(Quirk::StrCutOff) => {
                Ok(std::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or(""))
            }
            Err(_) => Err(w.breaks("sc.const.str.2", "a Str is not UTF-8")),
        }
    }

    /// Ends a section.
    fn end(&mut self) -> Loaded<()> {
        let w = self.1;
        if self.0.is_empty() && w.quirk(Quirk::LastEndMissing) {
            return Ok(());
        }
        if self.0.len() < 6 {
            w.breaks("sc.file.section.1", ());
            w.breaks("sc.file.end.1", ());
        }
        let zeros = self.take(6)? == [0; 6];
        if !w.shows("sc.file.end.1", zeros) {
            w.breaks("sc.file.count.2", ());
            if !w.quirk(Quirk::EndsUnchecked) {
                return Err("a section does not end in six zeros");
            }
        }
        w.holds("sc.file.section.2");
        Ok(())
    }

    /// Whether the end of a section is next.
    fn at_end(&self) -> bool {
        self.0.starts_with(&[0; 6])
    }
}

impl<'a> Program<'a> {
    /// Whether it has anything that a strict reader refuses: all from DIV on, EVAL, SET, LABEL.
    pub(super) fn is_extended(&self, w: impl Watch<Quirk>) -> bool {
        if w.quirk(Quirk::StrictIgnored) {
            return false;
        }
        let first = if w.quirk(Quirk::StrictRefusesSub) {
            0x05
        } else {
            0x06
        };
        let mut steps = self.asts.iter().flatten();
        let mut instructions = self.instructions.iter();
        let sub = steps
            .clone()
            .any(|step| matches!(step, Step::Operator(0x05)));
        w.holds_if("sc.strict.sub.1", || sub);
        let label_too = !w.quirk(Quirk::StrictTakesLabels);
        let operator = |step: &Step| matches!(*step, Step::Operator(byte) if byte >= first);
        let extended = steps.any(operator)
            || instructions.any(|instruction| {
                use Instruction::{Eval, Label, Set};
                matches!(instruction, Eval(_) | Set(..))
                    || label_too && matches!(instruction, Label(_))
            });
        if extended {
            w.breaks("sc.strict.refuse.2", ());
            if !self.labels.is_empty() {
                w.breaks("sc.strict.goto.1", ());
            }
        }
        !w.shows("sc.strict.refuse.1", !extended)
    }

    /// Takes a file apart, and checks it.
    pub(super) fn load(file: &'a [u8], w: impl Watch<Quirk>) -> Loaded<Program<'a>> {
        let mut bytes = Bytes(file, w);
        let magic = bytes.take(4)?;
        let loose = w.quirk(Quirk::MagicOfThree) && magic[..3] == *b".Sc";
        if !w.shows("sc.file.magic.1", magic == b".Sc." || loose) {
            return Err("the magic number is another");
        }
        let (no, yes) = match w.quirk(Quirk::BoolsExchanged) {
            true => (Constant::Bool(true), Constant::Bool(false)),
            false => (Constant::Bool(false), Constant::Bool(true)),
        };
        let mut program = Program {
            constants: vec![Constant::Nil, Constant::Str("$i"), no, yes],
            asts: Vec::new(),
            instructions: Vec::new(),
            labels: BTreeMap::new(),
            by_index: w.quirk(Quirk::NamesByIndex),
        };
        program.read_constants(&mut bytes)?;
        bytes.end()?;
        for _ in 0..bytes.count()? {
            let ast = program.ast(&mut bytes)?;
            program.asts.push(ast);
        }
        bytes.end()?;
        for _ in 0..bytes.count()? {
            if bytes.0.is_empty() {
                w.breaks("sc.file.count.1", ());
            }
            program.instructions.push(instruction(&mut bytes)?);
        }
        bytes.end()?;
        let zeros = bytes.0.iter().all(|&byte| byte == 0);
        let trails = !bytes.0.is_empty();
        let passes =
            w.quirk(Quirk::TrailingIgnored) || zeros && w.quirk(Quirk::TrailingZerosIgnored);
        if trails && !passes {
            return Err(w.breaks("sc.file.trailing.1", "something follows the end"));
        }
        w.holds("sc.file.section.1");
        if program.instructions.is_empty() && w.quirk(Quirk::EmptyRefused) {
            return Err("there are no instructions");
        }
        program.check_indices(w)?;
        program.check_loops(w)?;
        program.check_jumps(w)?;
        Ok(program)
    }

    fn read_constants(&mut self, bytes: &mut Bytes<'a, impl Watch<Quirk>>) -> Loaded<()> {
        let w = bytes.1;
        let count = bytes.count()?;
        let count = match w.quirk(Quirk::ImpliedCounted) {
            true => count.saturating_sub(4),
            false => count,
        };
        let mut read = 0;
        let mut seen = Vec::new();
        while read < count || w.quirk(Quirk::FurtherConstantsTaken) && !bytes.at_end() {
            if w.watches() && read < count && bytes.at_end() {
                w.breaks("sc.file.count.1", ());
                if w.quirk(Quirk::FewerConstantsTaken) {
                    break;
                }
            }
            read += 1;
            let mut tag = bytes.byte()?;
            if w.quirk(Quirk::TagsAnyCase) {
                tag = tag.to_ascii_uppercase();
            }
            let constant = match tag {
                0x49 => Constant::Int(bytes.int()?),
                0x53 => Constant::Str(bytes.text()?),
                0x46 => Constant::Float(bytes.float()?),
                _ => {
                    let why = "there is no constant of this tag";
                    return Err(w.breaks("sc.const.tag.1", why));
                }
            };
            w.holds("sc.const.tag.1");
            w.holds("sc.const.index.1");
            if w.quirk(Quirk::ConstantsOnlyOnce) {
                if seen.contains(&constant) {
                    return Err("a constant is there twice");
                }
                seen.push(constant);
            }
            self.constants.push(constant);
        }
        Ok(())
    }

    fn ast(&self, bytes: &mut Bytes<impl Watch<Quirk>>) -> Loaded<Vec<Step>> {
        let w = bytes.1;
        let most = bytes.word()?;
        let count = bytes.count()?;
        let mut steps = Vec::with_capacity(count.min(16) as usize);
        let mut height: u64 = 0;
        let mut highest = 0;
        for _ in 0..count {
            let (step, taken) = self.step(bytes)?;
            if let Step::Constant(index) = step {
                let there = index < self.constants.len();
                w.edge_if("sc.const.index.2", || {
                    index.checked_add(1) == Some(self.constants.len())
                });
                if !w.shows("sc.const.index.2", there) && !w.quirk(Quirk::ConstantsBeyondNil) {
                    return Err("there is no such constant");
                }
            }
            let nil = taken <= 2 && w.quirk(Quirk::UnderrunIsNil);
            if !w.shows("sc.ast.stack.1", taken <= height) && !nil {
                return Err("an ast under-runs its stack");
            }
            height = height.saturating_sub(taken) + 1;
            highest = highest.max(height);
            w.edge_if("sc.ast.stack.2", || height == most);
            let more = u64::from(w.quirk(Quirk::AstStackOneMore));
            if !w.shows("sc.ast.stack.2", height <= most)
                && height > most.saturating_add(more)
                && !w.quirk(Quirk::AstStackUnchecked)
            {
                return Err("an ast grows higher than it says");
            }
            steps.push(step);
        }
        w.holds("sc.ast.form.1");
        w.holds_if("sc.ast.stack.3", || most > highest);
        if most > highest && w.quirk(Quirk::AstStackExact) {
            return Err("an ast does not grow as high as it says");
        }
        let passes = match height {
            0 => w.quirk(Quirk::AstEmptyIsNil),
            _ => w.quirk(Quirk::AstEndsHigh),
        };
        match w.shows("sc.ast.stack.4", height == 1) || passes {
            true => Ok(steps),
            false => Err("an ast does not end with one item"),
        }
    }

    /// Reads an ast instruction; with it, how many items it takes.
    fn step(&self, bytes: &mut Bytes<impl Watch<Quirk>>) -> Loaded<(Step, u64)> {
        let w = bytes.1;
        let found = match bytes.byte()? {
            0x01 => match bytes.byte()? {
                0x01 => (Step::Variable(self.name_index(bytes)?), 0),
                0x02 => (Step::Constant(bytes.index()?), 0),
                _ if w.quirk(Quirk::PushesOthers) => (Step::Constant(bytes.index()?), 0),
                _ => return Err(w.breaks("sc.ast.known.1", "there is no such push")),
            },
            0x02 => {
                let name = self.name_index(bytes)?;
                let arguments = bytes.word()?;
                (Step::Call(name, arguments as usize), arguments)
            }
            unary @ (NOT | NEG) => (Step::Operator(unary), 1),
            binary @ 0x03..=0x10 => (Step::Operator(binary), 2),
            _ => return Err(w.breaks("sc.ast.known.1", "there is no such ast instruction")),
        };
        w.holds("sc.ast.known.1");
        Ok(found)
    }

    /// Reads the index of a name.
    fn name_index(&self, bytes: &mut Bytes<impl Watch<Quirk>>) -> Loaded<usize> {
        let index = bytes.index()?;
        self.check_name(index, bytes.1)?;
        Ok(index)
    }

    fn check_name(&self, index: usize, w: impl Watch<Quirk>) -> Loaded<()> {
        match self.constants.get(index) {
            Some(Constant::Str("")) if w.quirk(Quirk::NamesNeverEmpty) => Err(NO_NAME),
            Some(Constant::Str(text)) => {
                w.holds("sc.const.name.1");
                w.holds_if("sc.const.name.2", || text.is_empty());
                Ok(())
            }
            Some(_) if w.quirk(Quirk::NamesOfAnyConstant) => Ok(()),
            Some(_) => Err(w.breaks("sc.const.name.1", NO_NAME)),
            None => Err(w.breaks("sc.const.index.2", NO_NAME)),
        }
    }

    /// The text of a name.
    pub(super) fn text(&self, index: usize) -> &'a str {
        match self.constants[index] {
            Constant::Str(text) => text,
            _ => "", // For a quirk only: names were checked.
        }
    }

    /// A name.
    pub(super) fn name(&self, index: usize) -> Name<'a> {
        let number = if self.by_index { index } else { 0 };
        (number, self.text(index))
    }

    /// How many ast instructions an ast has.
    pub(super) fn ast_length(&self, ast: usize) -> u64 {
        self.asts.get(ast).map_or(0, Vec::len) as u64
    }

    /// Whether an ast calls a function that the host does not have.
    pub(super) fn calls_unknown(&self, ast: usize) -> bool {
        let known = ["print", "str", "len", "type", "int", "float"];
        let mut steps = self.asts[ast].iter();
        steps.any(|step| matches!(*step, Step::Call(name, _) if !known.contains(&self.text(name))))
    }

    pub(super) fn is_while(&self, index: usize) -> bool {
        matches!(
            self.instructions.get(index),
            Some(Instruction::While { .. })
        )
    }

    /// The END of the innermost loop around an instruction.
    pub(super) fn innermost_end(&self, at: usize) -> Option<usize> {
        let ends = (0..at).filter_map(|head| self.end_of(head));
        ends.filter(|&end| at < end).min()
    }

    fn check_indices(&self, w: impl Watch<Quirk>) -> Loaded<()> {
        let ast = |index: usize| {
            let there = index < self.asts.len();
            w.edge_if("sc.ast.index.1", || {
                index.checked_add(1) == Some(self.asts.len())
            });
            match w.shows("sc.ast.index.1", there) || w.quirk(Quirk::AstsBeyondNil) {
                true => Ok(()),
                false => Err("there is no such ast"),
            }
        };
        let name = |index: usize| self.check_name(index, w);
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

    /// The END that a FOR or WHILE names.
    fn end_of(&self, head: usize) -> Option<usize> {
        match self.instructions.get(head) {
            Some(Instruction::For { end, .. } | Instruction::While { end, .. }) => Some(*end),
            _ => None,
        }
    }

    fn check_loops(&mut self, w: impl Watch<Quirk>) -> Loaded<()> {
        let mut open = Vec::new();
        for at in 0..self.instructions.len() {
            match self.instructions[at] {
                Instruction::For { .. } | Instruction::While { .. } => {
                    w.holds_if("sc.loop.nest.1", || !open.is_empty());
                    w.holds_if("sc.loop.nest.2", || open.len() > 2);
                    if open.len() >= 16 && w.quirk(Quirk::LoopsNestSixteenDeep) {
                        return Err("loops nest too deep");
                    }
                    open.push(at);
                }
                Instruction::End(head) => {
                    let innermost = open.pop() == Some(head);
                    let named_back = self.end_of(head) == Some(at);
                    if !innermost {
                        w.breaks("sc.loop.nest.1", ());
                    }
                    if !named_back {
                        w.breaks("sc.loop.pair.2", ());
                    }
                    w.shows("sc.insn.index.1", head < self.instructions.len());
                    if !w.shows("sc.loop.pair.1", innermost && named_back) {
                        return Err("a loop and its END do not name each other");
                    }
                    w.holds_if("sc.loop.body.1", || head + 1 == at);
                    if head + 1 == at && w.quirk(Quirk::BodyNeverEmpty) {
                        return Err("a loop has no body");
                    }
                }
                Instruction::Label(name) => self.label(name, at, w)?,
                _ => {}
            }
        }
        match open.is_empty() {
            true => Ok(()),
            false => Err(w.breaks("sc.loop.pair.1", "a loop has no END")),
        }
    }

    fn label(&mut self, name: usize, at: usize, w: impl Watch<Quirk>) -> Loaded<()> {
        let name = self.name(name);
        let other = self.labels.get(&name).copied();
        if !w.shows("sc.insn.label.2", other.is_none()) {
            if w.quirk(Quirk::FirstOfTwoLabels) {
                return Ok(());
            }
            if !w.quirk(Quirk::LastOfTwoLabels) {
                return Err("there are two labels of one name");
            }
        }
        self.labels.insert(name, at);
        if !w.watches() {
            return Ok(());
        }
        let same = |other: usize| self.name(other) == name;
        let mut instructions = self.instructions.iter();
        let used =
            instructions.any(|insn| matches!(*insn, Instruction::Goto(other) if same(other)));
        w.holds_if("sc.insn.label.3", || !used);
        if !used && w.quirk(Quirk::LabelsMustBeUsed) {
            return Err("nothing goes to a label");
        }
        let shared = self.instructions.iter().any(|insn| match *insn {
            Instruction::Set(other, _) | Instruction::For { var: other, .. } => same(other),
            _ => false,
        });
        w.holds_if("sc.const.name.4", || shared);
        match shared && w.quirk(Quirk::OneNameOneThing) {
            true => Err("a label is named like a variable"),
            false => Ok(()),
        }
    }

    /// Jumps lead only to loops that they stand in, and gotos to labels that stand in no others.
    fn check_jumps(&self, w: impl Watch<Quirk>) -> Loaded<()> {
        let mut open: Vec<usize> = Vec::new();
        // The innermost loop of each label.
        let mut homes = BTreeMap::new();
        for (at, instruction) in self.instructions.iter().enumerate() {
            match *instruction {
                Instruction::For { .. } | Instruction::While { .. } => open.push(at),
                Instruction::End(_) => drop(open.pop()),
                Instruction::Label(_) => drop(homes.insert(at, open.last().copied())),
                _ => {}
            }
        }
        let stands_in =
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
                    if !w.shows(clause, stands_in(at, head)) {
                        return Err("a jump is not in the loop that it names");
                    }
                    w.edge_if(clause, || {
                        head + 1 == at || Some(at + 1) == self.end_of(head)
                    });
                }
                Instruction::Goto(name) => {
                    let Some(&label) = self.labels.get(&self.name(name)) else {
                        if w.quirk(Quirk::GotoNowherePasses) {
                            continue;
                        }
                        return Err(w.breaks("sc.insn.goto.2", "there is no such label"));
                    };
                    w.holds("sc.insn.goto.2");
                    let enters = homes[&label].is_some_and(|head| !stands_in(at, head));
                    if !w.shows("sc.insn.goto.3", !enters) && !w.quirk(Quirk::GotoEntersLoops) {
                        return Err("a goto enters a loop");
                    }
                    if label < at && w.quirk(Quirk::GotoForwardOnly) {
                        return Err("a goto goes back");
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn instruction(bytes: &mut Bytes<impl Watch<Quirk>>) -> Loaded<Instruction> {
    let w = bytes.1;
    let found = match bytes.byte()? {
        0x00 => Instruction::Pass,
        0x01 => match bytes.byte()? {
            0x00 => Instruction::For {
                var: bytes.index()?,
                start: bytes.index()?,
                stop: bytes.index()?,
                end: bytes.index()?,
            },
            0x01 => Instruction::While {
                cond: bytes.index()?,
                end: bytes.index()?,
            },
            _ => return Err(w.breaks("sc.insn.known.1", "there is no such loop")),
        },
        0x02 => Instruction::End(bytes.index()?),
        0x03 => match bytes.byte()? {
            0x00 => Instruction::Goto(bytes.index()?),
            0x01 => Instruction::Jump(bytes.index()?),
            _ if w.quirk(Quirk::JumpsOthers) => Instruction::Jump(bytes.index()?),
            _ => return Err(w.breaks("sc.insn.known.1", "there is no such jump")),
        },
        0x04 => Instruction::Eval(bytes.index()?),
        0x05 => Instruction::Set(bytes.index()?, bytes.index()?),
        0x06 => Instruction::Label(bytes.index()?),
        _ if w.quirk(Quirk::UnknownPasses) => Instruction::Pass,
        _ => return Err(w.breaks("sc.insn.known.1", "there is no such instruction")),
    };
    w.holds("sc.insn.known.1");
    Ok(found)
}
