//! The messages of the verifier, in the terms of the disassembly.

use super::slot::Kind;
use super::{Fault, Finding};
use crate::insn::{Arg, COMPARISONS, Op};
use crate::lnotab;
use crate::object::{Code, Id, Object, Pool, flags};
use crate::wordcode::{self, Insn};
use std::collections::HashMap;
use vm_base::Level;

/// The greatest number of outer code objects in a qualified name.
const MAX_OUTER: u32 = 20;

/// Returns a fault at the current instruction.
#[cold]
pub(super) fn fault(message: impl Into<String>) -> Fault {
    Fault::new(None, message)
}

/// Returns a number of items in words.
pub(super) fn items(count: impl Into<u64>) -> String {
    match count.into() {
        0 => "no items".to_owned(),
        1 => "1 item".to_owned(),
        count => format!("{count} items"),
    }
}

/// Returns the fault of an instruction that needs `wanted` items, of a stack with `depth` items
/// of which the innermost block found `floor`.
#[cold]
pub(super) fn too_few(depth: u32, floor: u32, wanted: u64) -> Box<Fault> {
    let wanted_items = items(wanted);
    if wanted > depth.into() {
        let found = items(depth);
        return fault(format!("needs {wanted_items}, but the stack has {found}")).into();
    }
    let inside = depth - floor;
    let verb = if inside == 1 { "is" } else { "are" };
    let message = format!(
        "takes {wanted_items}, but only {} {verb} above the innermost block",
        items(inside)
    );
    let help = "items below a block must stay on the stack until the block is left";
    fault(message).help(help).into()
}

/// Returns the fault of a stack that is deeper than `co_stacksize`.
#[cold]
pub(super) fn too_deep(stacksize: u32, depth: u64) -> Box<Fault> {
    let message = format!("the stack becomes {depth} deep, but co_stacksize is {stacksize}");
    let help = "CPython would write past the end of its stack";
    fault(message).help(help).into()
}

/// Returns the fault of an instruction that takes an item that may be no object.
#[cold]
pub(super) fn no_object(kind: Kind) -> Box<Fault> {
    match kind {
        Kind::Method => fault("takes the item that LOAD_METHOD left for CALL_METHOD")
            .help("the item may be no object: only ROT_TWO, ROT_THREE and ROT_FOUR may move it"),
        _ => fault("takes a part of the exception state that POP_EXCEPT restores")
            .help("the item may be no object: only ROT_TWO, ROT_THREE and ROT_FOUR may move it"),
    }
    .into()
}

/// Returns the fault of an undefined opcode.
#[cold]
pub(super) fn undefined(opcode: u8) -> Box<Fault> {
    fault(format!("{opcode} is not an opcode")).into()
}

/// Returns the fault of an argument that is not below its limit, which is a number of items for an
/// index.
#[cold]
pub(super) fn out_of_range(opcode: u8, arg: u32, limit: u32) -> Box<Fault> {
    let Some(op) = Op::from_byte(opcode) else {
        return undefined(opcode);
    };
    let index = |table: &str| match limit {
        0 => format!("index {arg} is out of range: {table} is empty"),
        _ => format!(
            "index {arg} is out of range: the last item of {table} is {}",
            limit - 1
        ),
    };
    let message = match op.arg() {
        Arg::Const => index("co_consts"),
        Arg::Name => index("co_names"),
        Arg::Local => index("co_varnames"),
        Arg::Cell => index("co_cellvars and co_freevars"),
        Arg::Compare => format!("{arg} is not a comparison: the last one is 5"),
        Arg::Is | Arg::Contains => {
            format!("the argument must be 0 or, for the opposite, 1, but is {arg}")
        }
        Arg::CallEx => {
            format!("the argument must be 0 or, with keyword arguments, 1, but is {arg}")
        }
        Arg::Raise => format!("the argument must be at most 2, but is {arg}"),
        Arg::Slice => format!("the argument must be 2 or 3, but is {arg}"),
        Arg::MakeFunction => format!("the flags must be at most 15, but are {arg}"),
        Arg::Format => format!("the flags must be at most 7, but are {arg}"),
        Arg::None
        | Arg::JumpTo
        | Arg::JumpForward
        | Arg::Count
        | Arg::Depth
        | Arg::Unpack
        | Arg::Extended => format!("the argument {arg} is out of range"),
    };
    fault(message).into()
}

/// Returns the line of an offset.
fn line(pool: &Pool, code: &Code, offset: u32) -> i64 {
    let table = pool.bytes(code.lnotab).unwrap_or(&[]);
    lnotab::line_at(table, code.firstlineno, offset.into())
}

/// Returns a place as text, such as `line 12 (at 34)`.
pub(super) fn place(pool: &Pool, code: &Code, offset: u32) -> String {
    format!("line {} (at {offset})", line(pool, code, offset))
}

/// Returns the instruction as text whose opcode, or one of whose prefixes, is at `offset`.
fn instruction(pool: &Pool, code: &Code, offset: u32) -> String {
    let bytes = pool.bytes(code.code).unwrap_or(&[]);
    // Only the last prefixes count.
    let is_prefix = |at: &u32| bytes.get(*at as usize) == Some(&(Op::ExtendedArg as u8));
    let prefixes = (1..=u32::from(wordcode::MAX_PREFIXES))
        .map_while(|back| offset.checked_sub(2 * back).filter(is_prefix));
    let offset = prefixes.last().unwrap_or(offset);
    let rest = bytes.get(offset as usize..).unwrap_or(&[]);
    match wordcode::decode(rest).next() {
        Some(Ok(insn)) => text(
            pool,
            code,
            Insn {
                offset: insn.offset + offset,
                ..insn
            },
        ),
        Some(Err(oddity)) => oddity.to_string(),
        None => "the end of the code".to_owned(),
    }
}

/// Returns an instruction as text, with the meaning of its argument.
fn text(pool: &Pool, code: &Code, insn: Insn) -> String {
    let arg = insn.arg;
    let item = |tuple: Id, at: u32| pool.tuple(tuple)?.get(at as usize).copied();
    let named = |tuple: Id, at: u32| {
        let text = pool.str(item(tuple, at)?)?;
        Some(String::from_utf8_lossy(&text.bytes).into_owned())
    };
    let cells = pool.tuple(code.cellvars).map_or(0, <[Id]>::len) as u32;
    let meaning = match insn.op.arg() {
        Arg::None => return insn.op.mnemonic().to_owned(),
        Arg::Const => item(code.consts, arg).map(|id| short(pool, id)),
        Arg::Name => named(code.names, arg),
        Arg::Local => named(code.varnames, arg),
        Arg::Cell if arg < cells => named(code.cellvars, arg),
        Arg::Cell => named(code.freevars, arg - cells),
        Arg::Compare => COMPARISONS.get(arg as usize).map(|text| (*text).to_owned()),
        Arg::JumpTo | Arg::JumpForward => insn.target().map(|target| format!("to {target}")),
        Arg::Is
        | Arg::Contains
        | Arg::Count
        | Arg::Depth
        | Arg::Unpack
        | Arg::Raise
        | Arg::MakeFunction
        | Arg::Slice
        | Arg::CallEx
        | Arg::Format
        | Arg::Extended => None,
    };
    match meaning {
        Some(meaning) => format!("{} {arg} ({meaning})", insn.op),
        None => format!("{} {arg}", insn.op),
    }
}

/// Returns a constant as a few words.
fn short(pool: &Pool, id: Id) -> String {
    match pool.get(id) {
        Object::Int(value) => value.to_string(),
        Object::Bool(true) => "True".to_owned(),
        Object::Bool(false) => "False".to_owned(),
        Object::Str(text) => {
            let text = String::from_utf8_lossy(&text.bytes);
            let start: String = text.chars().take(20).collect();
            match start.len() == text.len() {
                true => format!("{start:?}"),
                false => format!("{start:?}…"),
            }
        }
        Object::Code(code) => format!("the code object {}", name(pool, code)),
        other => other.kind().to_owned(),
    }
}

/// Returns the name of a code object.
fn name(pool: &Pool, code: &Code) -> String {
    pool.str(code.name).map_or(String::new(), |text| {
        String::from_utf8_lossy(&text.bytes).into_owned()
    })
}

/// Returns the qualified name of a code object, such as `f.<locals>.g`.
///
/// Code objects of 3.9 do not contain it. It is derived from which code object has which others
/// among its constants.
fn qualname(pool: &Pool, id: Id) -> String {
    let mut parents = HashMap::new();
    for at in 0..pool.len() as u32 {
        let Some(code) = pool.code(Id(at)) else {
            continue;
        };
        for &constant in pool.tuple(code.consts).unwrap_or(&[]) {
            if pool.code(constant).is_some() {
                parents.entry(constant).or_insert(Id(at));
            }
        }
    }
    let Some(code) = pool.code(id) else {
        return String::new();
    };
    let mut whole = name(pool, code);
    let mut inner = id;
    // Code objects may contain each other in a cycle.
    for _ in 0..MAX_OUTER {
        let Some(&outer) = parents.get(&inner) else {
            break;
        };
        let Some(code) = pool.code(outer) else {
            break;
        };
        if !parents.contains_key(&outer) && name(pool, code) == "<module>" {
            break;
        }
        const FUNCTION: u32 = flags::OPTIMIZED | flags::NEWLOCALS;
        let between = match code.flags & FUNCTION == FUNCTION {
            true => ".<locals>.",
            false => ".",
        };
        whole = name(pool, code) + between + &whole;
        inner = outer;
    }
    whole
}

/// Makes the findings about one code object.
pub(super) struct Reporter<'a> {
    pub(super) pool: &'a Pool,
    pub(super) id: Id,
    pub(super) code: &'a Code,
}

impl Reporter<'_> {
    fn finding(&self, level: Level, offset: Option<u32>, message: String) -> Finding {
        Finding {
            level,
            code: self.id,
            object: qualname(self.pool, self.id),
            offset,
            line: offset.map(|offset| line(self.pool, self.code, offset)),
            instruction: offset.map(|offset| instruction(self.pool, self.code, offset)),
            message,
            help: None,
        }
    }

    /// Returns an error in the code object as a whole.
    pub(super) fn object(&self, message: String) -> Finding {
        self.finding(Level::Error, None, message)
    }

    /// Returns a warning about the instruction at `offset`.
    pub(super) fn warning(&self, offset: u32, message: &str) -> Finding {
        self.finding(Level::Warning, Some(offset), message.to_owned())
    }

    /// Returns an error in an instruction: that of the fault, or else that at `offset`.
    pub(super) fn fault(&self, offset: u32, fault: Fault) -> Finding {
        let offset = fault.at.unwrap_or(offset);
        Finding {
            help: fault.help,
            ..self.finding(Level::Error, Some(offset), fault.message)
        }
    }
}
