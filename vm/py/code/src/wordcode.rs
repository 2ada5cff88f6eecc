//! The bytes of `co_code`: two for each instruction, its opcode and a byte of its argument.
//!
//! The higher bytes of an argument are in `EXTENDED_ARG` prefixes before the instruction.
//! [`decode`] takes any bytes: bytes that are not an instruction are an [`Oddity`], and decoding
//! goes on after them. [`Insn::write`] and [`Oddity::write`] give back the bytes that [`decode`] read.

use super::insn::{Arg, Op};
use std::fmt;

/// An instruction at its offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insn {
    /// The offset of its opcode, which follows its prefixes.
    pub offset: u32,
    /// Its operation.
    pub op: Op,
    /// Its argument with the bytes of its prefixes. For operations without an argument, it means
    /// nothing.
    pub arg: u32,
    /// The number of its prefixes, needed or not: 3 at most.
    pub extended: u8,
}

/// Bytes that are not an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// An undefined opcode.
    Undefined {
        /// The offset of the opcode.
        offset: u32,
        /// The opcode.
        opcode: u8,
        /// The byte after it.
        arg: u8,
    },
    /// The code ends with half an instruction.
    Half {
        /// The offset of the byte.
        offset: u32,
        /// The byte.
        opcode: u8,
    },
}

/// The greatest number of prefixes that count; an argument has 32 bits.
pub const MAX_PREFIXES: u8 = 3;

/// Returns an iterator over the instructions of `code`.
///
/// Only the last three prefixes before an instruction belong to it. A prefix before those, before
/// an [`Oddity`] or at the end of the code is an instruction of its own, which does nothing.
///
/// ```
/// use vm_py_code::insn::Op;
/// use vm_py_code::wordcode::decode;
/// let code = [144, 1, 100, 2, 83, 0]; // EXTENDED_ARG 1, LOAD_CONST 2, RETURN_VALUE
/// let insns: Vec<_> = decode(&code).map(|insn| insn.unwrap()).collect();
/// assert_eq!(insns.len(), 2);
/// assert_eq!((insns[0].op, insns[0].arg), (Op::LoadConst, 258));
/// assert_eq!((insns[0].start(), insns[0].offset, insns[0].end()), (0, 2, 4));
/// ```
pub fn decode(code: &[u8]) -> Decode<'_> {
    Decode { code, at: 0 }
}

/// The iterator that [`decode`] returns.
#[derive(Clone, Debug)]
pub struct Decode<'a> {
    code: &'a [u8],
    at: usize,
}

impl Decode<'_> {
    /// Counts the prefixes at `self.at`, up to one more than [`MAX_PREFIXES`].
    fn prefixes(&self) -> usize {
        self.code[self.at..]
            .chunks_exact(2)
            .take(usize::from(MAX_PREFIXES) + 1)
            .take_while(|pair| pair[0] == Op::ExtendedArg as u8)
            .count()
    }
}

impl Iterator for Decode<'_> {
    type Item = Result<Insn, Oddity>;

    fn next(&mut self) -> Option<Self::Item> {
        let code = self.code;
        let start = self.at;
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let &[opcode, ref rest @ ..] = &code[start..] else {
            return None;
        };
        let Some(&first) = rest.first() else {
            self.at += 1;
            return Some(Err(Oddity::Half {
                offset: offset(start),
                opcode,
            }));
        };
        let Some(op) = Op::from_byte(opcode) else {
            self.at += 2;
            return Some(Err(Oddity::Undefined {
                offset: offset(start),
                opcode,
                arg: first,
            }));
        };
        let alone = Insn {
            offset: offset(start),
            op,
            arg: first.into(),
            extended: 0,
        };
        self.at += 2;
        if op != Op::ExtendedArg {
            return Some(Ok(alone));
        }
        self.at = start;
        let prefixes = self.prefixes();
        let at = start + 2 * prefixes;
        self.at += 2;
        let [opcode, last, ..] = code[at.min(code.len())..] else {
            return Some(Ok(alone));
        };
        match Op::from_byte(opcode) {
            Some(op) if prefixes <= usize::from(MAX_PREFIXES) => {
                self.at = at + 2;
                let bytes = code[start..at].chunks_exact(2).map(|pair| pair[1]);
                Some(Ok(Insn {
                    offset: offset(at),
                    op,
                    arg: bytes
                        .chain([last])
                        .fold(0, |arg, byte| arg << 8 | u32::from(byte)),
                    extended: prefixes as u8,
                }))
            }
            _ => Some(Ok(alone)),
        }
    }
}

impl Insn {
    /// Returns the offset of its first prefix, or of its opcode if it has none.
    pub fn start(self) -> u32 {
        self.offset.saturating_sub(2 * u32::from(self.extended))
    }

    /// Returns the offset of the next instruction.
    pub fn end(self) -> u32 {
        self.offset.saturating_add(2)
    }

    /// Returns the offset of the jump target or of the handler, if it has one.
    pub fn target(self) -> Option<u64> {
        match self.op.arg() {
            Arg::JumpTo => Some(self.arg.into()),
            Arg::JumpForward => Some(u64::from(self.offset) + 2 + u64::from(self.arg)),
            Arg::None
            | Arg::Const
            | Arg::Name
            | Arg::Local
            | Arg::Cell
            | Arg::Count
            | Arg::Depth
            | Arg::Unpack
            | Arg::Compare
            | Arg::Is
            | Arg::Contains
            | Arg::Raise
            | Arg::MakeFunction
            | Arg::Slice
            | Arg::CallEx
            | Arg::Format
            | Arg::Extended => None,
        }
    }

    /// Appends its bytes, with its own prefixes or more if the argument needs more.
    pub fn write(self, out: &mut Vec<u8>) {
        write(self.op, self.arg, self.extended, out);
    }
}

impl Oddity {
    /// Returns its offset.
    pub fn offset(self) -> u32 {
        match self {
            Oddity::Undefined { offset, .. } | Oddity::Half { offset, .. } => offset,
        }
    }

    /// Appends its bytes.
    pub fn write(self, out: &mut Vec<u8>) {
        match self {
            Oddity::Undefined { opcode, arg, .. } => out.extend([opcode, arg]),
            Oddity::Half { opcode, .. } => out.push(opcode),
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Oddity::Undefined { opcode, .. } => write!(f, "{opcode} is not an opcode"),
            Oddity::Half { .. } => f.write_str("the code ends with half an instruction"),
        }
    }
}

/// Returns how many prefixes an argument needs.
pub fn prefixes(arg: u32) -> u8 {
    match arg {
        0..=0xff => 0,
        0x100..=0xffff => 1,
        0x1_0000..=0xff_ffff => 2,
        0x100_0000.. => 3,
    }
}

/// Appends an instruction with `extended` prefixes, or more if its argument needs more; 3 at most.
pub fn write(op: Op, arg: u32, extended: u8, out: &mut Vec<u8>) {
    let extended = extended.min(MAX_PREFIXES).max(prefixes(arg));
    let bytes = arg.to_be_bytes();
    let (higher, last) = bytes.split_at(3);
    for &byte in &higher[3 - usize::from(extended)..] {
        out.extend([Op::ExtendedArg as u8, byte]);
    }
    out.extend([op as u8, last[0]]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &[u8], shown: &[&str]) {
        let found: Vec<String> = decode(code)
            .map(|item| match item {
                Ok(insn) => format!("{} {} {}+{}", insn.offset, insn.op, insn.arg, insn.extended),
                Err(oddity) => format!("{} {oddity}", oddity.offset()),
            })
            .collect();
        assert_eq!(found, shown, "{code:?}");
        let mut back = Vec::new();
        for item in decode(code) {
            match item {
                Ok(insn) => insn.write(&mut back),
                Err(oddity) => oddity.write(&mut back),
            }
        }
        assert_eq!(back, code);
    }

    #[test]
    fn prefixes_belong_to_the_instruction_after_them() {
        check(&[], &[]);
        check(
            &[100, 1, 83, 7],
            &["0 LOAD_CONST 1+0", "2 RETURN_VALUE 7+0"],
        );
        check(&[144, 0, 100, 1], &["2 LOAD_CONST 1+1"]);
        check(
            &[144, 255, 144, 254, 144, 253, 100, 252],
            &["6 LOAD_CONST 4294901244+3"],
        );
        check(&[144, 1, 9, 2], &["2 NOP 258+1"]);
    }

    #[test]
    fn bytes_that_are_not_an_instruction_are_kept() {
        check(
            &[144, 9, 144, 1, 144, 2, 144, 3, 100, 4],
            &["0 EXTENDED_ARG 9+0", "8 LOAD_CONST 16909060+3"],
        );
        check(&[144, 1], &["0 EXTENDED_ARG 1+0"]);
        check(
            &[144, 1, 144, 2, 100],
            &[
                "0 EXTENDED_ARG 1+0",
                "2 EXTENDED_ARG 2+0",
                "4 the code ends with half an instruction",
            ],
        );
        check(
            &[144, 1, 0, 5, 9, 0],
            &["0 EXTENDED_ARG 1+0", "2 0 is not an opcode", "4 NOP 0+0"],
        );
    }

    #[test]
    fn targets() {
        let target = |code: &[u8]| decode(code).next().unwrap().unwrap().target();
        assert_eq!(target(&[113, 8]), Some(8));
        assert_eq!(target(&[144, 1, 110, 0]), Some(260));
        assert_eq!(target(&[122, 0]), Some(2));
        assert_eq!(target(&[100, 0]), None);
    }
}
