//! The bytes of a file, and what must hold of them before it runs.

use std::collections::BTreeMap;

/// A file that may run.
#[derive(Debug)]
pub(super) struct Program<'a> {
    pub(super) constants: Vec<Constant<'a>>,
    pub(super) asts: Vec<Vec<Step>>,
    pub(super) instructions: Vec<Instruction>,
    /// Where each label stands.
    pub(super) labels: BTreeMap<&'a str, usize>,
}

#[derive(Clone, Copy, Debug)]
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

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Loaded<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or("the file ends early")?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Loaded<u8> {
        Ok(self.take(1)?[0])
    }

    fn word(&mut self) -> Loaded<u64> {
        let bytes = self.take(8)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |word, &byte| word << 8 | u64::from(byte)))
    }

    /// A count or an index. Where a `usize` is narrower, none that fits the file is cut.
    fn index(&mut self) -> Loaded<usize> {
        Ok(usize::try_from(self.word()?).unwrap_or(usize::MAX))
    }

    fn text(&mut self) -> Loaded<&'a str> {
        let length = self.0.iter().position(|&byte| byte == 0);
        let text = self.take(length.ok_or("a Str has no end")?)?;
        self.byte()?;
        std::str::from_utf8(text).map_err(|_| "a Str is not UTF-8")
    }

    /// Ends a section.
    fn end(&mut self) -> Loaded<()> {
        match self.take(6)? {
            [0, 0, 0, 0, 0, 0] => Ok(()),
            _ => Err("a section does not end in six zeros"),
        }
    }
}

impl<'a> Program<'a> {
    /// Whether it has anything that a strict reader refuses: all from DIV on, EVAL, SET, LABEL.
    pub(super) fn is_extended(&self) -> bool {
        let steps = self.asts.iter().flatten();
        let mut instructions = self.instructions.iter();
        steps
            .into_iter()
            .any(|step| matches!(step, Step::Operator(0x06..)))
            || instructions.any(|instruction| {
                use Instruction::{Eval, Label, Set};
                matches!(instruction, Eval(_) | Set(..) | Label(_))
            })
    }

    /// Takes a file apart, and checks it.
    pub(super) fn load(file: &'a [u8]) -> Loaded<Program<'a>> {
        let mut bytes = Bytes(file);
        if bytes.take(4)? != b".Sc." {
            return Err("the magic number is another");
        }
        let mut program = Program {
            constants: vec![
                Constant::Nil,
                Constant::Str("$i"),
                Constant::Bool(false),
                Constant::Bool(true),
            ],
            asts: Vec::new(),
            instructions: Vec::new(),
            labels: BTreeMap::new(),
        };
        for _ in 0..bytes.word()? {
            program.constants.push(match bytes.byte()? {
                0x49 => Constant::Int(bytes.word()? as i64),
                0x53 => Constant::Str(bytes.text()?),
                0x46 => Constant::Float(f64::from_bits(bytes.word()?)),
                _ => return Err("there is no constant of this tag"),
            });
        }
        bytes.end()?;
        for _ in 0..bytes.word()? {
            let ast = program.ast(&mut bytes)?;
            program.asts.push(ast);
        }
        bytes.end()?;
        for _ in 0..bytes.word()? {
            program.instructions.push(instruction(&mut bytes)?);
        }
        bytes.end()?;
        if !bytes.0.is_empty() {
            return Err("something follows the end");
        }
        program.check_indices()?;
        program.check_loops()?;
        program.check_jumps()?;
        Ok(program)
    }

    fn ast(&self, bytes: &mut Bytes) -> Loaded<Vec<Step>> {
        let most = bytes.word()?;
        let count = bytes.word()?;
        let mut steps = Vec::with_capacity(count.min(16) as usize);
        let mut height: u64 = 0;
        for _ in 0..count {
            let (step, taken) = match bytes.byte()? {
                0x01 => match bytes.byte()? {
                    0x01 => (Step::Variable(self.name(bytes)?), 0),
                    0x02 => (Step::Constant(bytes.index()?), 0),
                    _ => return Err("there is no such push"),
                },
                0x02 => {
                    let name = self.name(bytes)?;
                    let arguments = bytes.word()?;
                    (Step::Call(name, arguments as usize), arguments)
                }
                unary @ (NOT | NEG) => (Step::Operator(unary), 1),
                binary @ 0x03..=0x10 => (Step::Operator(binary), 2),
                _ => return Err("there is no such ast instruction"),
            };
            if let Step::Constant(index) = step
                && index >= self.constants.len()
            {
                return Err("there is no such constant");
            }
            height = height
                .checked_sub(taken)
                .ok_or("an ast under-runs its stack")?
                + 1;
            if height > most {
                return Err("an ast grows higher than it says");
            }
            steps.push(step);
        }
        match height {
            1 => Ok(steps),
            _ => Err("an ast does not end with one item"),
        }
    }

    /// Reads the index of a name.
    fn name(&self, bytes: &mut Bytes) -> Loaded<usize> {
        let index = bytes.index()?;
        self.check_name(index)?;
        Ok(index)
    }

    fn check_name(&self, index: usize) -> Loaded<()> {
        match self.constants.get(index) {
            Some(Constant::Str(_)) => Ok(()),
            _ => Err("a name is not a Str constant"),
        }
    }

    /// The text of a name.
    pub(super) fn text(&self, index: usize) -> &'a str {
        match self.constants[index] {
            Constant::Str(text) => text,
            _ => unreachable!("names were checked"),
        }
    }

    fn check_indices(&self) -> Loaded<()> {
        let ast = |index: usize| match index < self.asts.len() {
            true => Ok(()),
            false => Err("there is no such ast"),
        };
        for instruction in &self.instructions {
            match *instruction {
                Instruction::For {
                    var, start, stop, ..
                } => {
                    self.check_name(var)?;
                    ast(start)?;
                    ast(stop)?;
                }
                Instruction::While { cond, .. } => ast(cond)?,
                Instruction::Eval(index) => ast(index)?,
                Instruction::Set(name, index) => {
                    self.check_name(name)?;
                    ast(index)?;
                }
                Instruction::Goto(name) | Instruction::Label(name) => self.check_name(name)?,
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

    fn check_loops(&mut self) -> Loaded<()> {
        let mut open = Vec::new();
        for at in 0..self.instructions.len() {
            match self.instructions[at] {
                Instruction::For { .. } | Instruction::While { .. } => open.push(at),
                Instruction::End(head) => {
                    let innermost = open.pop() == Some(head);
                    if !innermost || self.end_of(head) != Some(at) {
                        return Err("a loop and its END do not name each other");
                    }
                }
                Instruction::Label(name) => {
                    let other = self.labels.insert(self.text(name), at);
                    if other.is_some() {
                        return Err("there are two labels of one name");
                    }
                }
                _ => {}
            }
        }
        match open.is_empty() {
            true => Ok(()),
            false => Err("a loop has no END"),
        }
    }

    /// Jumps lead only to loops that they stand in, and gotos to labels that stand in no others.
    fn check_jumps(&self) -> Loaded<()> {
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
                    let head = match self.instructions.get(to) {
                        Some(Instruction::End(head)) => *head,
                        _ => to,
                    };
                    if !stands_in(at, head) {
                        return Err("a jump is not in the loop that it names");
                    }
                }
                Instruction::Goto(name) => {
                    let label = self.labels.get(self.text(name));
                    let label = label.ok_or("there is no such label")?;
                    if homes[label].is_some_and(|head| !stands_in(at, head)) {
                        return Err("a goto enters a loop");
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn instruction(bytes: &mut Bytes) -> Loaded<Instruction> {
    Ok(match bytes.byte()? {
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
            _ => return Err("there is no such loop"),
        },
        0x02 => Instruction::End(bytes.index()?),
        0x03 => match bytes.byte()? {
            0x00 => Instruction::Goto(bytes.index()?),
            0x01 => Instruction::Jump(bytes.index()?),
            _ => return Err("there is no such jump"),
        },
        0x04 => Instruction::Eval(bytes.index()?),
        0x05 => Instruction::Set(bytes.index()?, bytes.index()?),
        0x06 => Instruction::Label(bytes.index()?),
        _ => return Err("there is no such instruction"),
    })
}
