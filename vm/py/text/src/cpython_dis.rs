//! Listings as Python 3.9's own `dis` prints them.

use crate::repr;
use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt::{self, Write};
use vm_py_code::insn::{Arg, COMPARISONS, HAVE_ARGUMENT, Op};
use vm_py_code::lnotab;
use vm_py_code::object::{Code, Id, Pool};

/// The greatest number of bytes of a listing. Objects that share parts can have long listings.
pub const MAX_BYTES: usize = 1 << 30;

/// The reason why a listing is incomplete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Python's `dis` raises an exception here.
    Raises {
        /// The name of the code object.
        name: String,
        /// The offset of the instruction.
        offset: usize,
        /// What is wrong with the instruction.
        message: String,
    },
    /// The listing is longer than [`MAX_BYTES`].
    TooLong,
    /// The writer failed.
    Write,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Raises {
                name,
                offset,
                message,
            } => write!(f, "in '{name}' at {offset}: {message}"),
            Stop::TooLong => write!(f, "the text is longer than {MAX_BYTES} bytes"),
            Stop::Write => f.write_str("the text cannot be written"),
        }
    }
}

impl Error for Stop {}

/// Writes what `dis.dis(code)` prints for a code object and those inside it.
///
/// The text is the same, except that this writes the number of a code object instead of its address,
/// which differs in each process. Sets are in the order that they have with `PYTHONHASHSEED=0`. An
/// object that is not a code object has no listing.
///
/// # Errors
///
/// Returns an error where `dis` raises an exception, after writing what `dis` prints before that;
/// if the listing is too long; and if `out` fails.
pub fn write(pool: &Pool, id: Id, out: &mut dyn Write) -> Result<(), Stop> {
    let mut out = Limited::new(out, MAX_BYTES);
    // The code objects around the next one, each with an index in its constants.
    let mut path: Vec<(&[Id], usize)> = Vec::new();
    let Some(code) = pool.code(id) else {
        return Ok(());
    };
    listing(pool, code, &mut out)?;
    path.push((pool.tuple(code.consts).unwrap_or(&[]), 0));
    while let Some((consts, next)) = path.last_mut() {
        let Some(&id) = consts.get(*next) else {
            path.pop();
            continue;
        };
        *next += 1;
        if let Some(code) = pool.code(id) {
            out.text("\nDisassembly of ")?;
            out.text(&repr::code(pool, id, code))?;
            out.text(":\n")?;
            listing(pool, code, &mut out)?;
            path.push((pool.tuple(code.consts).unwrap_or(&[]), 0));
        }
    }
    Ok(())
}

/// A writer with a limit.
pub(super) struct Limited<'a> {
    out: &'a mut dyn Write,
    left: usize,
}

impl<'a> Limited<'a> {
    pub(super) fn new(out: &'a mut dyn Write, left: usize) -> Limited<'a> {
        Limited { out, left }
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), Stop> {
        self.left = self.left.checked_sub(text.len()).ok_or(Stop::TooLong)?;
        self.out.write_str(text).map_err(|fmt::Error| Stop::Write)
    }
}

/// An instruction as `dis` decodes it. A prefix is an instruction, and its argument is added to that
/// of the next instruction that has one.
struct DisInsn {
    offset: usize,
    opcode: u8,
    arg: Option<u128>,
}

/// Returns all instructions. The error is the offset of an instruction with a missing byte or an
/// argument that is too long, with a message.
fn decode(code: &[u8]) -> Result<Vec<DisInsn>, (usize, &'static str)> {
    let mut found = Vec::with_capacity(code.len() / 2);
    let mut higher = 0;
    for (at, bytes) in code.chunks(2).enumerate() {
        let offset = 2 * at;
        let opcode = bytes[0];
        let mut arg = None;
        if opcode >= HAVE_ARGUMENT {
            let low = bytes
                .get(1)
                .ok_or((offset, "the code ends inside the instruction"))?;
            let whole = u128::from(*low) | higher;
            higher = 0;
            if opcode == Op::ExtendedArg as u8 {
                if whole >> 120 != 0 {
                    return Err((offset, "the argument has more than 128 bits"));
                }
                higher = whole << 8;
            }
            arg = Some(whole);
        }
        found.push(DisInsn {
            offset,
            opcode,
            arg,
        });
    }
    Ok(found)
}

/// Returns the number of characters of a number.
fn width(number: i128) -> usize {
    number.to_string().len()
}

/// Writes the listing of one code object.
fn listing(pool: &Pool, code: &Code, out: &mut Limited) -> Result<(), Stop> {
    let bytes = pool.bytes(code.code).unwrap_or(&[]);
    let raises = |(offset, message): (usize, &str)| Stop::Raises {
        name: pool
            .str(code.name)
            .map_or_else(String::new, |name| name.shown().into_owned()),
        offset,
        message: message.to_owned(),
    };
    let table = pool.bytes(code.lnotab).unwrap_or(&[]);
    let starts: HashMap<u64, i64> = lnotab::starts(table, code.firstlineno, bytes.len())
        .into_iter()
        .map(|start| (start.offset, start.line))
        .collect();
    let last_line = starts.values().copied().max().unwrap_or(0);
    let line_width = match last_line {
        1000.. => width(last_line.into()),
        _ => 3,
    };
    let last_offset = bytes.len() as i128 - 2;
    let offset_width = match last_offset {
        10_000.. => width(last_offset),
        _ => 4,
    };
    let insns = decode(bytes).map_err(raises)?;
    let targets: HashSet<u128> = insns.iter().filter_map(target).collect();
    let mut line = String::new();
    for insn in &insns {
        line.clear();
        let meaning =
            meaning(pool, code, insn).map_err(|message| raises((insn.offset, message)))?;
        let start = starts.get(&(insn.offset as u64));
        if start.is_some() && insn.offset > 0 {
            line.push('\n');
        }
        // Writing to a String cannot fail.
        let _ = match start {
            Some(start) => write!(line, "{start:line_width$}"),
            None => write!(line, "{:line_width$}", ""),
        };
        let mark = match targets.contains(&(insn.offset as u128)) {
            true => ">>",
            false => "  ",
        };
        let _ = write!(line, "     {mark} {:offset_width$} ", insn.offset);
        let _ = match Op::from_byte(insn.opcode) {
            Some(op) => write!(line, "{:20}", op.mnemonic()),
            None => write!(line, "{:20}", format!("<{}>", insn.opcode)),
        };
        if let Some(arg) = insn.arg {
            let _ = write!(line, " {arg:5}");
        }
        out.text(line.trim_end())?;
        if !meaning.is_empty() {
            out.text(" (")?;
            out.text(&meaning)?;
            out.text(")")?;
        }
        out.text("\n")?;
    }
    Ok(())
}

/// Returns the offset of the jump target.
fn target(insn: &DisInsn) -> Option<u128> {
    let arg = insn.arg?;
    match Op::from_byte(insn.opcode)?.arg() {
        Arg::JumpTo => Some(arg),
        Arg::JumpForward => arg.checked_add(insn.offset as u128 + 2),
        _ => None,
    }
}

/// Returns the text in parentheses after an argument.
fn meaning(pool: &Pool, code: &Code, insn: &DisInsn) -> Result<String, &'static str> {
    let (Some(op), Some(arg)) = (Op::from_byte(insn.opcode), insn.arg) else {
        return Ok(String::new());
    };
    let index = usize::try_from(arg).unwrap_or(usize::MAX);
    let name = |tuple: Id, index: usize| {
        let id = pool.tuple(tuple)?.get(index)?;
        Some(pool.str(*id)?.shown().into_owned())
    };
    Ok(match op.arg() {
        Arg::Const => {
            let id = pool.tuple(code.consts).unwrap_or(&[]).get(index);
            repr::repr(pool, *id.ok_or("there is no constant with this index")?)
        }
        Arg::Name => name(code.names, index).ok_or("there is no name with this index")?,
        Arg::Local => name(code.varnames, index).ok_or("there is no variable with this index")?,
        Arg::Cell => {
            let cells = pool.tuple(code.cellvars).unwrap_or(&[]).len();
            let found = match index.checked_sub(cells) {
                None => name(code.cellvars, index),
                Some(index) => name(code.freevars, index),
            };
            found.ok_or("there is no cell with this index")?
        }
        Arg::JumpForward => format!("to {}", insn.offset as u128 + 2 + arg),
        Arg::Compare => {
            let operator = COMPARISONS.get(index);
            (*operator.ok_or("there is no comparison with this index")?).to_owned()
        }
        Arg::Format => {
            let conversion = ["", "str", "repr", "ascii"][index & 3];
            match (conversion, index & 4 != 0) {
                (_, false) => conversion.to_owned(),
                ("", true) => "with format".to_owned(),
                (_, true) => format!("{conversion}, with format"),
            }
        }
        Arg::MakeFunction => {
            let parts = ["defaults", "kwdefaults", "annotations", "closure"];
            let given = (0..4).filter(|bit| index >> bit & 1 == 1);
            given.map(|bit| parts[bit]).collect::<Vec<_>>().join(", ")
        }
        Arg::None
        | Arg::JumpTo
        | Arg::Count
        | Arg::Depth
        | Arg::Unpack
        | Arg::Is
        | Arg::Contains
        | Arg::Raise
        | Arg::Slice
        | Arg::CallEx
        | Arg::Extended => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::literal;
    use vm_py_code::object::Object;

    /// Returns the listing of code with the constant `'a'` and the variable `b`, and why it stops.
    fn listed(code: &[u8], table: &[u8]) -> (String, Result<(), Stop>) {
        let mut pool = Pool::new();
        let mut add = |text: &str| literal::parse(&mut pool, text).unwrap();
        let (consts, varnames, none) = (add("('a',)"), add("('b',)"), add("()"));
        let (filename, name) = (add("'f.py'"), add("'f'"));
        let code = pool.add(Object::Bytes(code.into()));
        let lnotab = pool.add(Object::Bytes(table.into()));
        let id = pool.add(Object::Code(Box::new(Code {
            argcount: 0,
            posonlyargcount: 0,
            kwonlyargcount: 0,
            nlocals: 1,
            stacksize: 1,
            flags: 0,
            code,
            consts,
            names: none,
            varnames,
            freevars: none,
            cellvars: none,
            filename,
            name,
            firstlineno: 7,
            lnotab,
        })));
        let mut out = String::new();
        let end = write(&pool, id, &mut out);
        (out, end)
    }

    #[track_caller]
    fn check(code: &[u8], shown: &str) {
        assert_eq!(listed(code, &[]), (shown.into(), Ok(())));
    }

    #[track_caller]
    fn check_raises(code: &[u8], shown: &str, offset: usize, message: &str) {
        let (name, message) = ("f".into(), message.into());
        let stop = Stop::Raises {
            name,
            offset,
            message,
        };
        assert_eq!(listed(code, &[]), (shown.into(), Err(stop)));
    }

    #[test]
    fn odd_code() {
        check(&[], "");
        check(&[0, 0], "  7           0 <0>\n");
        check(&[200, 5], "  7           0 <200>                    5\n");
        // A prefix waits for an instruction that has an argument.
        check(
            &[144, 1, 9, 0, 131, 2],
            "  7           0 EXTENDED_ARG             1\n              2 NOP\n\
             \x20             4 CALL_FUNCTION          258\n",
        );
        check(&[113, 0], "  7     >>    0 JUMP_ABSOLUTE            0\n");
        check(
            &[155, 14],
            "  7           0 FORMAT_VALUE            14 (repr, with format)\n",
        );
        check(&[9], "  7           0 NOP\n");
        assert_eq!(
            listed(&[9, 0, 9, 0], &[2, 250]).0,
            "  7           0 NOP\n\n  1           2 NOP\n"
        );
    }

    #[test]
    fn a_listing_stops_where_dis_raises() {
        check_raises(&[100], "", 0, "the code ends inside the instruction");
        check_raises(&[9, 0, 124], "", 2, "the code ends inside the instruction");
        check_raises(
            &[9, 0, 100, 1],
            "  7           0 NOP\n",
            2,
            "there is no constant with this index",
        );
        check_raises(&[101, 0], "", 0, "there is no name with this index");
        check_raises(&[124, 1], "", 0, "there is no variable with this index");
        check_raises(&[136, 0], "", 0, "there is no cell with this index");
        check_raises(&[107, 6], "", 0, "there is no comparison with this index");
        let too_long = [[144, 1]; 17].concat();
        check_raises(&too_long, "", 30, "the argument has more than 128 bits");
    }
}
