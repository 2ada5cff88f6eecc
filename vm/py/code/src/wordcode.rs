//! The bytes of `co_code`: two for each instruction, its opcode and a byte of its argument.
//!
//! Higher bytes of an argument stand before it in `EXTENDED_ARG` prefixes. [`decode`] takes any
//! bytes: what is no instruction is an [`Oddity`] at its place, and decoding goes on behind it.
//! What [`decode`] gives, [`Insn::write`] and [`Oddity::write`] turn back into the same bytes.

use super::insn::{Arg, Op};
use std::fmt;

/// An instruction in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insn {
    /// Where its opcode lies, behind its prefixes.
    pub offset: u32,
    /// What it does.
    pub op: Op,
    /// Its argument with what the prefixes add. Operations without one have it too: the byte is
    /// there, and means nothing.
    pub arg: u32,
    /// How many prefixes it has, needed or not: 3 at most.
    pub extended: u8,
}

/// What is no instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// No operation has this number.
    Undefined {
        /// Where it lies.
        offset: u32,
        /// The number.
        opcode: u8,
        /// The byte behind it.
        arg: u8,
    },
    /// The code ends with half an instruction.
    Half {
        /// Where it lies.
        offset: u32,
        /// The byte that is there.
        opcode: u8,
    },
}

/// Most prefixes that matter; an argument has 32 bits.
pub const MOST_PREFIXES: u8 = 3;

/// Iterates over the instructions of `code`.
///
/// A prefix that belongs to no instruction (the fourth last and those before it; any before the
/// end of the code or an [`Oddity`]) is an instruction of its own, which does nothing.
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

/// The iterator that [`decode`] gives.
#[derive(Clone, Debug)]
pub struct Decode<'a> {
    code: &'a [u8],
    at: usize,
}

impl Decode<'_> {
    /// How many prefixes stand at `self.at`, counting no further than one too many.
    fn prefixes(&self) -> usize {
        self.code[self.at..]
            .chunks_exact(2)
            .take(usize::from(MOST_PREFIXES) + 1)
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
            Some(op) if prefixes <= usize::from(MOST_PREFIXES) => {
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
    /// Where its first prefix lies, or itself if it has none.
    pub fn start(self) -> u32 {
        self.offset.saturating_sub(2 * u32::from(self.extended))
    }

    /// Where the next instruction begins.
    pub fn end(self) -> u32 {
        self.offset.saturating_add(2)
    }

    /// Where it may go on but at the next instruction: the target of a jump, or a handler.
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

    /// Appends its bytes, with as many prefixes as it has or its argument needs.
    pub fn write(self, out: &mut Vec<u8>) {
        write(self.op, self.arg, self.extended, out);
    }
}

impl Oddity {
    /// Where it lies.
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
            Oddity::Undefined { opcode, .. } => write!(f, "no instruction has opcode {opcode}"),
            Oddity::Half { .. } => f.write_str("the code ends with half an instruction"),
        }
    }
}

/// How many prefixes an argument needs.
pub fn prefixes(arg: u32) -> u8 {
    match arg {
        0..=0xff => 0,
        0x100..=0xffff => 1,
        0x1_0000..=0xff_ffff => 2,
        0x100_0000.. => 3,
    }
}

/// Appends an instruction with at least `extended` prefixes, 3 at most.
pub fn write(op: Op, arg: u32, extended: u8, out: &mut Vec<u8>) {
    let extended = extended.min(MOST_PREFIXES).max(prefixes(arg));
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
    fn prefixes_belong_to_the_instruction_behind_them() {
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
    fn what_is_no_instruction_is_told_and_passed() {
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
            &[
                "0 EXTENDED_ARG 1+0",
                "2 no instruction has opcode 0",
                "4 NOP 0+0",
            ],
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
