//! Decodes the bytes of a file.
//!
//! Whether its indices are valid is left to the checker.

use super::file::{Ast, Constant, File};
use super::insn::{CONSTANTS, INSNS, Insn, MAGIC, OPERATORS, Op, Operator, PUSHES, SECTION_END};
use std::ops::Range;
use vm_base::{Diagnostic, Place};

/// The capacity of a list before its items are decoded, however large its count is.
const INITIAL_CAPACITY: u64 = 64;

type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// Decodes a file.
pub(super) fn decode(name: &str, bytes: &[u8]) -> Result<File> {
    let mut reader = Reader {
        name,
        bytes,
        at: 0,
        section: "header",
        item: None,
        part: None,
    };
    reader.magic()?;
    reader.section = "constants";
    let constants = reader.list("number of constants", Reader::constant)?;
    reader.end()?;
    reader.section = "asts";
    let asts = reader.list("number of asts", Reader::ast)?;
    reader.end()?;
    reader.section = "instructions";
    let instructions = reader.list("number of instructions", Reader::insn)?;
    reader.end()?;
    if reader.at < bytes.len() {
        let rest = bytes.len() - reader.at;
        let message = format!("{rest} bytes follow the end of the instructions section");
        let found = reader.error(message, reader.at..bytes.len(), "trailing bytes");
        return Err(Box::new(
            found.help("cut the file here, or correct the number of instructions"),
        ));
    }
    Ok(File {
        constants,
        asts,
        instructions,
    })
}

/// The position of the decoder, and the item that it decodes.
struct Reader<'a> {
    name: &'a str,
    bytes: &'a [u8],
    at: usize,
    section: &'static str,
    item: Option<u64>,
    part: Option<u64>,
}

impl<'a> Reader<'a> {
    #[cold]
    fn error(&self, message: impl Into<String>, range: Range<usize>, label: &str) -> Diagnostic {
        let place = Place::in_bytes(self.name, self.bytes, range, label);
        let mut context = format!("in the {} section", self.section);
        if let Some(item) = self.item {
            let what = self.section.trim_end_matches('s');
            context += &format!(", {what} {item}");
        }
        if let Some(part) = self.part {
            context += &format!(", ast instruction {part}");
        }
        Diagnostic::error(message).at(place).note(context)
    }

    #[cold]
    fn unexpected_end(&self, field: &str, wanted: usize) -> Box<Diagnostic> {
        let left = self.bytes.len() - self.at;
        let message = format!(
            "the file ends inside the {field}: {wanted} bytes are needed and {left} are left"
        );
        let found = self.error(message, self.at..self.bytes.len(), field);
        Box::new(found.help("the file is cut short, or a count before this place is too large"))
    }

    #[inline]
    fn take<const N: usize>(&mut self, field: &str) -> Result<[u8; N]> {
        match self.bytes[self.at..].first_chunk::<N>() {
            Some(chunk) => {
                self.at += N;
                Ok(*chunk)
            }
            None => Err(self.unexpected_end(field, N)),
        }
    }

    #[inline]
    fn byte(&mut self, field: &str) -> Result<u8> {
        Ok(self.take::<1>(field)?[0])
    }

    #[inline]
    fn word(&mut self, field: &str) -> Result<u64> {
        Ok(u64::from_le_bytes(self.take(field)?))
    }

    fn magic(&mut self) -> Result<()> {
        if self.bytes.starts_with(&MAGIC) {
            self.at = MAGIC.len();
            return Ok(());
        }
        let message = "this is not a .Sc. file: it does not begin with its magic number";
        let shown = 0..self.bytes.len().min(MAGIC.len());
        let found = self.error(message, shown, "magic number");
        Err(Box::new(found.help(
            "a .Sc. file begins with 2e 53 63 2e; text is named *.sca",
        )))
    }

    fn list<T>(
        &mut self,
        count: &str,
        mut item: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.item = None;
        let count = self.word(count)?;
        let mut items = Vec::with_capacity(count.min(INITIAL_CAPACITY) as usize);
        for number in 0..count {
            self.item = Some(number);
            items.push(item(self)?);
        }
        self.item = None;
        Ok(items)
    }

    fn end(&mut self) -> Result<()> {
        let start = self.at;
        let found: [u8; SECTION_END.len()] = self.take("end of the section")?;
        if found == SECTION_END {
            return Ok(());
        }
        let message = format!(
            "the {} section does not end with six zero bytes",
            self.section
        );
        let place = start..self.at;
        let found = self.error(message, place, "end of the section");
        Err(Box::new(
            found.help(format!("check the number of {}", self.section)),
        ))
    }

    #[cold]
    fn unknown(&self, what: &str, from: usize, known: &str) -> Box<Diagnostic> {
        let tag: Vec<String> = self.bytes[from..self.at]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let message = format!("unknown {what} {}", tag.join(" "));
        let found = self.error(message, from..self.at, what);
        Box::new(found.help(format!("expected one of: {known}")))
    }

    fn constant(&mut self) -> Result<Constant> {
        let [int, string, float] = CONSTANTS;
        let from = self.at;
        let tag = self.byte("constant's tag")?;
        if tag == int.bytes[0] {
            Ok(Constant::Int(self.word("Int")? as i64))
        } else if tag == string.bytes[0] {
            self.string().map(Constant::Str)
        } else if tag == float.bytes[0] {
            Ok(Constant::Float(self.word("Float")?))
        } else {
            Err(self.unknown("constant's tag", from, "49 (Int), 53 (Str), 46 (Float)"))
        }
    }

    fn string(&mut self) -> Result<String> {
        let rest = &self.bytes[self.at..];
        let Some(length) = rest.iter().position(|&byte| byte == 0) else {
            let message = "the file ends inside a Str: no zero byte ends it";
            let found = self.error(message, self.at..self.bytes.len(), "Str");
            return Err(Box::new(found.help("a Str is UTF-8 and ends with 00")));
        };
        match std::str::from_utf8(&rest[..length]) {
            Ok(text) => {
                self.at += length + 1;
                Ok(text.to_owned())
            }
            Err(error) => {
                let start = self.at + error.valid_up_to();
                let wrong = error
                    .error_len()
                    .unwrap_or(length - error.valid_up_to())
                    .max(1);
                let message = "a Str is not UTF-8";
                let found = self.error(message, start..start + wrong, "Str");
                Err(Box::new(found))
            }
        }
    }

    fn ast(&mut self) -> Result<Ast> {
        let stack_max = self.word("stack max length")?;
        let count = self.word("number of ast instructions")?;
        let mut ops = Vec::with_capacity(count.min(INITIAL_CAPACITY) as usize);
        for number in 0..count {
            self.part = Some(number);
            ops.push(self.op()?);
        }
        self.part = None;
        Ok(Ast { stack_max, ops })
    }

    #[inline]
    fn op(&mut self) -> Result<Op> {
        let from = self.at;
        let tag = self.byte("ast instruction's tag")?;
        if let Some(operator) = Operator::from_byte(tag) {
            return Ok(Op::Operate(operator));
        }
        match tag {
            0x01 => match self.byte("kind of push")? {
                0x01 => Ok(Op::PushVar(self.word(PUSHES[0].fields[0].name)?)),
                0x02 => Ok(Op::PushConst(self.word(PUSHES[1].fields[0].name)?)),
                _ => Err(self.unknown("kind of push", from, "01 01 (variable), 01 02 (constant)")),
            },
            0x02 => Ok(Op::Call {
                name: self.word(PUSHES[2].fields[0].name)?,
                argc: self.word(PUSHES[2].fields[1].name)?,
            }),
            _ => {
                let last = OPERATORS[OPERATORS.len() - 1].operator.byte();
                let known = format!("01 (push), 02 (call), 03 to {last:02x} (operators)");
                Err(self.unknown("ast instruction", from, &known))
            }
        }
    }

    fn insn(&mut self) -> Result<Insn> {
        let from = self.at;
        let fields = |at: usize, field: usize| INSNS[at].fields[field].name;
        match self.byte("instruction's tag")? {
            0x00 => Ok(Insn::Pass),
            0x01 => match self.byte("kind of loop")? {
                0x00 => Ok(Insn::For {
                    var: self.word(fields(1, 0))?,
                    start: self.word(fields(1, 1))?,
                    stop: self.word(fields(1, 2))?,
                    end: self.word(fields(1, 3))?,
                }),
                0x01 => Ok(Insn::While {
                    cond: self.word(fields(2, 0))?,
                    end: self.word(fields(2, 1))?,
                }),
                _ => Err(self.unknown("kind of loop", from, "01 00 (FOR), 01 01 (WHILE)")),
            },
            0x02 => Ok(Insn::End {
                head: self.word(fields(3, 0))?,
            }),
            0x03 => match self.byte("kind of jump")? {
                0x01 => Ok(Insn::Jump {
                    to: self.word(fields(4, 0))?,
                }),
                0x00 => Ok(Insn::Goto {
                    name: self.word(fields(6, 0))?,
                }),
                _ => Err(self.unknown("kind of jump", from, "03 00 (GOTO), 03 01 (PROCEED, STOP)")),
            },
            0x04 => Ok(Insn::Eval {
                ast: self.word(fields(7, 0))?,
            }),
            0x05 => Ok(Insn::Set {
                name: self.word(fields(8, 0))?,
                ast: self.word(fields(8, 1))?,
            }),
            0x06 => Ok(Insn::Label {
                name: self.word(fields(9, 0))?,
            }),
            _ => Err(self.unknown(
                "instruction",
                from,
                "00 PASS, 01 FOR/WHILE, 02 END, 03 jumps, 04 EVAL, 05 SET, 06 LABEL",
            )),
        }
    }
}
