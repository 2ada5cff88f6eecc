//! What is wrong, in the disassembly's own terms.

use super::Problem;
use super::flow::{At, Body, Fault, Kind};
use crate::insn::{Arg, COMPARISONS, Op};
use crate::lnotab;
use crate::object::{Code, Id, Object, Pool, flags};
use crate::wordcode::{self, Insn};
use std::collections::HashMap;
use vm_base::Level;

pub(super) fn items(many: impl Into<u64>) -> String {
    match many.into() {
        0 => "no item".to_owned(),
        1 => "1 item".to_owned(),
        many => format!("{many} items"),
    }
}

#[cold]
pub(super) fn too_few(at: &At, wanted: u64) -> Box<Fault> {
    let depth = at.state.depth;
    if wanted <= depth.into() {
        let inside = depth - at.floor;
        let message = format!(
            "it takes {}, and the innermost block has {} of its own",
            items(wanted),
            items(inside)
        );
        return Fault::new(message)
            .help("what lay there when the block was opened stays until it is left");
    }
    Fault::new(format!(
        "it needs {}, and the stack has {}",
        items(wanted),
        items(depth)
    ))
}

#[cold]
pub(super) fn too_deep(body: &Body<'_>, depth: u64) -> Box<Fault> {
    let size = body.code.stacksize;
    let message = format!("the stack becomes {depth} deep, and co_stacksize is {size}");
    Fault::new(message).help("CPython would write beyond its stack")
}

#[cold]
pub(super) fn no_object(kind: Kind) -> Box<Fault> {
    match kind {
        Kind::Method => Fault::new("it takes what LOAD_METHOD left for CALL_METHOD")
            .help("there may be nothing there: only ROT_TWO and its like may move it"),
        _ => Fault::new("it takes a part of the exception state that POP_EXCEPT restores")
            .help("there may be nothing there: only ROT_FOUR and its like may move it"),
    }
}

#[cold]
pub(super) fn out_of_range(body: &Body<'_>, opcode: u8, arg: u32) -> Box<Fault> {
    let Some(op) = Op::from_byte(opcode) else {
        return Fault::new(format!("no instruction has opcode {opcode}"));
    };
    let of = |what: &str, limit: usize| match body.limits[limit] {
        0 => format!("{what} is empty, and {arg} is asked of it"),
        1 => format!("{what} has 1 item, number 0, and {arg} is asked of it"),
        many => format!(
            "{what} has {many} items, the last of them {}, and {arg} is asked of it",
            many - 1
        ),
    };
    let message = match op.arg() {
        Arg::Const => of("co_consts", 1),
        Arg::Name => of("co_names", 2),
        Arg::Local => of("co_varnames", 3),
        Arg::Cell => of("co_cellvars with co_freevars", 4),
        Arg::Compare => format!("no comparison has the number {arg}: they go up to 5"),
        Arg::Is | Arg::Contains => format!("it takes 0 or, for the opposite, 1; not {arg}"),
        Arg::CallEx => format!("it takes 0 or, with keyword arguments, 1; not {arg}"),
        Arg::Raise => format!("it raises with up to 2 items, not {arg}"),
        Arg::Slice => format!("a slice is built of 2 or 3 items, not of {arg}"),
        Arg::MakeFunction => format!("its flags go up to 15, and are {arg}"),
        Arg::Format => format!("its flags go up to 7, and are {arg}"),
        Arg::None
        | Arg::JumpTo
        | Arg::JumpForward
        | Arg::Count
        | Arg::Depth
        | Arg::Unpack
        | Arg::Extended => format!("its argument {arg} is out of range"),
    };
    Fault::new(message)
}

/// The line that an offset comes from.
pub(super) fn line(pool: &Pool, code: &Code, offset: u32) -> i64 {
    let table = pool.bytes(code.lnotab).unwrap_or(&[]);
    lnotab::line_at(table, code.firstlineno, offset.into())
}

/// `line 12 (at 34)`.
pub(super) fn place(pool: &Pool, code: &Code, offset: u32) -> String {
    format!("line {} (at {offset})", line(pool, code, offset))
}

/// The instruction whose prefixes or opcode lie at an offset, as text.
pub(super) fn instruction(pool: &Pool, code: &Code, offset: u32) -> String {
    let bytes = pool.bytes(code.code).unwrap_or(&[]);
    // Of many prefixes the last ones count.
    let is_prefix = |at: &u32| bytes.get(*at as usize) == Some(&(Op::ExtendedArg as u8));
    let prefixes = (1..=u32::from(wordcode::MOST_PREFIXES))
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

fn text(pool: &Pool, code: &Code, insn: Insn) -> String {
    let arg = insn.arg;
    let item = |tuple: Id, at: u32| pool.tuple(tuple)?.get(at as usize).copied();
    let named = |tuple: Id, at: u32| {
        let text = pool.str(item(tuple, at)?)?;
        Some(String::from_utf8_lossy(&text.bytes).into_owned())
    };
    let cells = pool.tuple(code.cellvars).map_or(0, <[Id]>::len) as u32;
    let meant = match insn.op.arg() {
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
    match meant {
        Some(meant) => format!("{} {arg} ({meant})", insn.op),
        None => format!("{} {arg}", insn.op),
    }
}

/// A constant in a few words.
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

fn name(pool: &Pool, code: &Code) -> String {
    pool.str(code.name).map_or(String::new(), |text| {
        String::from_utf8_lossy(&text.bytes).into_owned()
    })
}

/// What a code object is called with those that it lies in: `f.<locals>.g`.
///
/// It is taken from where the objects lie among each other's constants, since 3.9 does not write
/// it down.
pub(crate) fn qualname(pool: &Pool, id: Id) -> String {
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
    // A name is told by at most so many others: they may be in a circle.
    for _ in 0..20 {
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

/// Tells what is wrong with one code object.
pub(super) struct Teller<'a> {
    pub(super) pool: &'a Pool,
    pub(super) id: Id,
    pub(super) code: &'a Code,
}

impl Teller<'_> {
    fn problem(&self, level: Level, offset: Option<u32>, message: String) -> Problem {
        Problem {
            level,
            code: self.id,
            object: qualname(self.pool, self.id),
            offset,
            line: offset.map(|offset| line(self.pool, self.code, offset)),
            instruction: offset.map(|offset| instruction(self.pool, self.code, offset)),
            message,
            notes: Vec::new(),
            help: None,
        }
    }

    /// Something that is wrong with the object as a whole.
    pub(super) fn whole(&self, message: String) -> Problem {
        self.problem(Level::Error, None, message)
    }

    pub(super) fn warning(&self, offset: u32, message: &str) -> Problem {
        self.problem(Level::Warning, Some(offset), message.to_owned())
    }

    pub(super) fn fault(&self, offset: u32, fault: Fault) -> Problem {
        Problem {
            notes: fault.notes,
            help: fault.help.map(str::to_owned),
            ..self.problem(Level::Error, Some(offset), fault.message)
        }
    }
}
