//! From the bytes of a file to a program.

use super::program::{Constant, Instruction, NEG, NOT, Program, Step};
use crate::observe::Observer;
use crate::quirks::sc::Quirk;
use std::collections::BTreeMap;

/// Something read from a file, or why the file does not load.
pub(super) type Loaded<T> = Result<T, &'static str>;

const BAD_NAME: &str = "a name is not a Str constant";

/// The bytes of a file that are not read yet, and the observer.
struct Bytes<'a, O>(&'a [u8], O);

impl<'a, O: Observer<Quirk>> Bytes<'a, O> {
    /// Reads `count` bytes.
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

    /// Reads a field of 64 bits.
    fn word(&mut self) -> Loaded<u64> {
        let bytes = self.take(8)?;
        self.1.holds("sc.file.word.1");
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |word, &byte| word << 8 | u64::from(byte)))
    }

    /// Reads a count.
    fn count(&mut self) -> Loaded<u64> {
        let count = self.word()?;
        if count >= 1 << 63 {
            self.1.breaks("sc.file.word.2", ());
            if self.1.has_quirk(Quirk::CountsSigned) {
                return Ok(0);
            }
        }
        Ok(count)
    }

    /// Reads an index. One that does not fit a `usize` is out of range anyway.
    fn index(&mut self) -> Loaded<usize> {
        let mut index = self.word()?;
        if self.1.has_quirk(Quirk::IndicesCut) {
            index &= 0xffff_ffff;
        }
        Ok(usize::try_from(index).unwrap_or(usize::MAX))
    }

    fn float(&mut self) -> Loaded<f64> {
        let obs = self.1;
        let word = self.word()?;
        let value = match obs.has_quirk(Quirk::FloatsBigEndian) {
            true => f64::from_bits(word.swap_bytes()),
            false => f64::from_bits(word),
        };
        obs.holds("sc.const.float.1");
        match value.is_nan() && obs.has_quirk(Quirk::NanRefused) {
            true => Err("a Float is not a number"),
            false => Ok(value),
        }
    }

    fn int(&mut self) -> Loaded<i64> {
        let obs = self.1;
        let value = self.word()? as i64;
        obs.holds("sc.const.int.1");
        obs.boundary_if("sc.const.int.1", || matches!(value, i64::MIN | i64::MAX));
        match obs.has_quirk(Quirk::IntsOf32Bits) {
            true => Ok(i64::from(value as i32)),
            false => Ok(value),
        }
    }

    /// Reads a Str up to the zero that ends it.
    fn text(&mut self) -> Loaded<&'a str> {
        let obs = self.1;
        let length = self.0.iter().position(|&byte| byte == 0);
        let Some(length) = length else {
            return Err(obs.breaks("sc.const.str.1", "a Str has no end"));
        };
        let text = self.take(length)?;
        self.byte()?;
        obs.holds("sc.const.str.1");
        if text.is_empty() && obs.has_quirk(Quirk::StrNeverEmpty) {
            return Err("a Str is empty");
        }
        obs.holds_if("sc.const.str.3", || !text.is_ascii() || text.is_empty());
        match std::str::from_utf8(text) {
            Ok(text) => {
                obs.holds("sc.const.str.2");
                Ok(text)
            }
            Err(error) if obs.has_quirk(Quirk::StrCutOff) => {
                Ok(std::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or(""))
            }
            Err(_) => Err(obs.breaks("sc.const.str.2", "a Str is not UTF-8")),
        }
    }

    /// Reads the six zeros that end a section.
    fn end(&mut self) -> Loaded<()> {
        let obs = self.1;
        if self.0.is_empty() && obs.has_quirk(Quirk::LastEndMissing) {
            return Ok(());
        }
        if self.0.len() < 6 {
            obs.breaks("sc.file.section.1", ());
            obs.breaks("sc.file.end.1", ());
        }
        let zeros = self.take(6)? == [0; 6];
        if !obs.check("sc.file.end.1", zeros) {
            obs.breaks("sc.file.count.2", ());
            if !obs.has_quirk(Quirk::EndsUnchecked) {
                return Err("a section does not end in six zeros");
            }
        }
        obs.holds("sc.file.section.2");
        Ok(())
    }

    /// Returns true if the end of a section is next.
    fn at_end(&self) -> bool {
        self.0.starts_with(&[0; 6])
    }
}

impl<'a> Program<'a> {
    /// Decodes a file and checks it.
    pub(super) fn load(file: &'a [u8], obs: impl Observer<Quirk>) -> Loaded<Program<'a>> {
        let mut bytes = Bytes(file, obs);
        let magic = bytes.take(4)?;
        let loose = obs.has_quirk(Quirk::MagicOfThree) && magic[..3] == *b".Sc";
        if !obs.check("sc.file.magic.1", magic == b".Sc." || loose) {
            return Err("the magic number is wrong");
        }
        let (no, yes) = match obs.has_quirk(Quirk::BoolsExchanged) {
            true => (Constant::Bool(true), Constant::Bool(false)),
            false => (Constant::Bool(false), Constant::Bool(true)),
        };
        let mut program = Program {
            constants: vec![Constant::Nil, Constant::Str("$i"), no, yes],
            asts: Vec::new(),
            instructions: Vec::new(),
            labels: BTreeMap::new(),
            by_index: obs.has_quirk(Quirk::NamesByIndex),
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
                obs.breaks("sc.file.count.1", ());
            }
            program.instructions.push(instruction(&mut bytes)?);
        }
        bytes.end()?;
        let zeros = bytes.0.iter().all(|&byte| byte == 0);
        let trails = !bytes.0.is_empty();
        let passes = obs.has_quirk(Quirk::TrailingIgnored)
            || zeros && obs.has_quirk(Quirk::TrailingZerosIgnored);
        if trails && !passes {
            return Err(obs.breaks("sc.file.trailing.1", "something follows the end"));
        }
        obs.holds("sc.file.section.1");
        if program.instructions.is_empty() && obs.has_quirk(Quirk::EmptyRefused) {
            return Err("there are no instructions");
        }
        program.check_indices(obs)?;
        program.check_loops(obs)?;
        program.check_jumps(obs)?;
        Ok(program)
    }

    /// Reads the stored constants.
    fn read_constants(&mut self, bytes: &mut Bytes<'a, impl Observer<Quirk>>) -> Loaded<()> {
        let obs = bytes.1;
        let count = bytes.count()?;
        let count = match obs.has_quirk(Quirk::ImpliedCounted) {
            true => count.saturating_sub(4),
            false => count,
        };
        let mut read = 0;
        let mut seen = Vec::new();
        while read < count || obs.has_quirk(Quirk::FurtherConstantsTaken) && !bytes.at_end() {
            if obs.is_active() && read < count && bytes.at_end() {
                obs.breaks("sc.file.count.1", ());
                if obs.has_quirk(Quirk::FewerConstantsTaken) {
                    break;
                }
            }
            read += 1;
            let mut tag = bytes.byte()?;
            if obs.has_quirk(Quirk::TagsAnyCase) {
                tag = tag.to_ascii_uppercase();
            }
            let constant = match tag {
                0x49 => Constant::Int(bytes.int()?),
                0x53 => Constant::Str(bytes.text()?),
                0x46 => Constant::Float(bytes.float()?),
                _ => {
                    let why = "there is no constant of this tag";
                    return Err(obs.breaks("sc.const.tag.1", why));
                }
            };
            obs.holds("sc.const.tag.1");
            obs.holds("sc.const.index.1");
            if obs.has_quirk(Quirk::ConstantsOnlyOnce) {
                if seen.contains(&constant) {
                    return Err("a constant is there twice");
                }
                seen.push(constant);
            }
            self.constants.push(constant);
        }
        Ok(())
    }

    /// Reads an ast and checks its stack.
    fn ast(&self, bytes: &mut Bytes<impl Observer<Quirk>>) -> Loaded<Vec<Step>> {
        let obs = bytes.1;
        let declared = bytes.word()?;
        let count = bytes.count()?;
        // The count may be wrong: it does not decide how much memory is reserved.
        let mut steps = Vec::with_capacity(count.min(16) as usize);
        let mut height: u64 = 0;
        let mut highest = 0;
        for _ in 0..count {
            let (step, taken) = self.step(bytes)?;
            if let Step::Constant(index) = step {
                let there = index < self.constants.len();
                obs.boundary_if("sc.const.index.2", || {
                    index.checked_add(1) == Some(self.constants.len())
                });
                if !obs.check("sc.const.index.2", there)
                    && !obs.has_quirk(Quirk::ConstantsBeyondNil)
                {
                    return Err("there is no such constant");
                }
            }
            let nil = taken <= 2 && obs.has_quirk(Quirk::UnderrunIsNil);
            if !obs.check("sc.ast.stack.1", taken <= height) && !nil {
                return Err("an ast under-runs its stack");
            }
            height = height.saturating_sub(taken) + 1;
            highest = highest.max(height);
            obs.boundary_if("sc.ast.stack.2", || height == declared);
            let more = u64::from(obs.has_quirk(Quirk::AstStackOneMore));
            if !obs.check("sc.ast.stack.2", height <= declared)
                && height > declared.saturating_add(more)
                && !obs.has_quirk(Quirk::AstStackUnchecked)
            {
                return Err("an ast grows higher than it says");
            }
            steps.push(step);
        }
        obs.holds("sc.ast.form.1");
        obs.holds_if("sc.ast.stack.3", || declared > highest);
        if declared > highest && obs.has_quirk(Quirk::AstStackExact) {
            return Err("an ast does not grow as high as it says");
        }
        let passes = match height {
            0 => obs.has_quirk(Quirk::AstEmptyIsNil),
            _ => obs.has_quirk(Quirk::AstEndsHigh),
        };
        match obs.check("sc.ast.stack.4", height == 1) || passes {
            true => Ok(steps),
            false => Err("an ast does not end with one item"),
        }
    }

    /// Reads an ast instruction; returns it with the number of items that it takes.
    fn step(&self, bytes: &mut Bytes<impl Observer<Quirk>>) -> Loaded<(Step, u64)> {
        let obs = bytes.1;
        let found = match bytes.byte()? {
            0x01 => match bytes.byte()? {
                0x01 => (Step::Variable(self.name_index(bytes)?), 0),
                0x02 => (Step::Constant(bytes.index()?), 0),
                _ if obs.has_quirk(Quirk::PushesOthers) => (Step::Constant(bytes.index()?), 0),
                _ => return Err(obs.breaks("sc.ast.known.1", "there is no such push")),
            },
            0x02 => {
                let name = self.name_index(bytes)?;
                let arguments = bytes.word()?;
                (Step::Call(name, arguments as usize), arguments)
            }
            unary @ (NOT | NEG) => (Step::Operator(unary), 1),
            binary @ 0x03..=0x10 => (Step::Operator(binary), 2),
            _ => return Err(obs.breaks("sc.ast.known.1", "there is no such ast instruction")),
        };
        obs.holds("sc.ast.known.1");
        Ok(found)
    }

    /// Reads the index of a name.
    fn name_index(&self, bytes: &mut Bytes<impl Observer<Quirk>>) -> Loaded<usize> {
        let index = bytes.index()?;
        self.check_name(index, bytes.1)?;
        Ok(index)
    }

    /// Checks that a constant is a name.
    pub(super) fn check_name(&self, index: usize, obs: impl Observer<Quirk>) -> Loaded<()> {
        match self.constants.get(index) {
            Some(Constant::Str("")) if obs.has_quirk(Quirk::NamesNeverEmpty) => Err(BAD_NAME),
            Some(Constant::Str(text)) => {
                obs.holds("sc.const.name.1");
                obs.holds_if("sc.const.name.2", || text.is_empty());
                Ok(())
            }
            Some(_) if obs.has_quirk(Quirk::NamesOfAnyConstant) => Ok(()),
            Some(_) => Err(obs.breaks("sc.const.name.1", BAD_NAME)),
            None => Err(obs.breaks("sc.const.index.2", BAD_NAME)),
        }
    }
}

/// Reads an instruction.
fn instruction(bytes: &mut Bytes<impl Observer<Quirk>>) -> Loaded<Instruction> {
    let obs = bytes.1;
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
            _ => return Err(obs.breaks("sc.insn.known.1", "there is no such loop")),
        },
        0x02 => Instruction::End(bytes.index()?),
        0x03 => match bytes.byte()? {
            0x00 => Instruction::Goto(bytes.index()?),
            0x01 => Instruction::Jump(bytes.index()?),
            _ if obs.has_quirk(Quirk::JumpsOthers) => Instruction::Jump(bytes.index()?),
            _ => return Err(obs.breaks("sc.insn.known.1", "there is no such jump")),
        },
        0x04 => Instruction::Eval(bytes.index()?),
        0x05 => Instruction::Set(bytes.index()?, bytes.index()?),
        0x06 => Instruction::Label(bytes.index()?),
        _ if obs.has_quirk(Quirk::UnknownPasses) => Instruction::Pass,
        _ => return Err(obs.breaks("sc.insn.known.1", "there is no such instruction")),
    };
    obs.holds("sc.insn.known.1");
    Ok(found)
}
