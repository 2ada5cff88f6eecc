//! Changes of `.pyc` files and of their text that leave many of them valid, for fuzzers.

use super::super::{Atom, splitmix};
use vm::py::insn::TABLE;
use vm::py::object::{Code, Id, Object, Pool};
use vm::py::pyc::Pyc;

/// The smallest module, for an empty input.
const SMALLEST: &str = "DEFINE main\n    LOAD_CONST None\n    RETURN_VALUE\nEND\n";

/// Changes the text in the first `size` bytes of `data`, line by line, into one of at most `max_size`
/// bytes, and returns its size. A `fuzz_mutator!` calls this.
pub fn mutate_cpyasm(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut state = u64::from(seed) ^ 0x9a;
    let text = String::from_utf8_lossy(&data[..size.min(data.len())]).into_owned();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut first = Atom(splitmix(&mut state));
    if lines.is_empty() {
        lines = SMALLEST.lines().map(str::to_owned).collect();
    }
    for _ in 0..1 + first.below(3) {
        change_line(&mut lines, &mut Atom(splitmix(&mut state)));
    }
    fit(data, max_size, lines.join("\n").into_bytes())
}

fn change_line(lines: &mut Vec<String>, atom: &mut Atom) {
    if lines.is_empty() {
        lines.push("NOP".to_owned());
    }
    let (at, other) = (atom.below(lines.len()), atom.below(lines.len()));
    let split = |line: &str| -> (String, String) {
        let line = line.trim_start();
        let (word, operand) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        (word.to_owned(), operand.trim_start().to_owned())
    };
    match atom.below(8) {
        0 => {
            lines.remove(at);
        }
        1 => lines.insert(at, lines[other].clone()),
        2 => lines.swap(at, other),
        // Changes the mnemonic, or takes the operand of another line.
        3 | 4 => {
            let mnemonic = TABLE[atom.below(TABLE.len())].mnemonic;
            lines[at] = format!("{mnemonic} {}", split(&lines[at]).1);
        }
        5 => lines[at] = format!("{} {}", split(&lines[at]).0, split(&lines[other]).1),
        6 => {
            let operand = OPERANDS[atom.below(OPERANDS.len())];
            lines[at] = format!("{} {operand}", split(&lines[at]).0);
        }
        _ => lines.insert(at, EXTRAS[atom.below(EXTRAS.len())].to_owned()),
    }
}

/// Operands to try with any instruction.
const OPERANDS: &[&str] = &[
    "0",
    "1",
    "2",
    "255",
    "256",
    "65536",
    "4294967295",
    "@0",
    "@255",
    "x",
    "'x'",
    "''",
    "None",
    "True",
    "1.5",
    "nan",
    "-0.0",
    "0x1p-1074",
    "1e309",
    "2j",
    "1+2j",
    "b'\\xff'",
    "'\\ud800'",
    "(1, (2, ()))",
    "frozenset({1, 'a'})",
    "...",
    "[1, {2: 3}]",
    "main",
    "f",
    "loop",
    "not in",
    "<",
    "is",
    "*rest",
    "**more",
    "/",
    "*",
    "-NOFREE",
    "99999999999999999999999",
    "'''",
    "(((",
];

/// Lines to insert anywhere.
const EXTRAS: &[&str] = &[
    "DEFINE f",
    "DEFINE main",
    "END",
    "LABEL loop",
    "ADD_ARG a",
    "ADD_ARG *",
    "FLAGS COROUTINE",
    "FLAGS GENERATOR -NEWLOCALS",
    "LINE 1",
    "LINE -100",
    "FIRST_LINE 2147483647",
    "NAME x",
    "FILE 'x.py'",
    "CELLS x, y",
    "FREES x",
    "CONST_AT 3 'x'",
    "NAME_AT 2 y",
    "LOCAL_AT 1 z",
    "STACK_SIZE 0",
    "LOCALS_COUNT 7",
    "LINE_TABLE b'\\x00\\x01'",
    "BYTES 09 00",
    "DOC 'x'",
    "DOC",
    "HEADER 0 0",
    "FUTURE annotations",
    "SHARE @0 unmarked",
    "SHARE @1 own",
    "SHARE @2 plain",
    "LOAD_CONST f",
    "YIELD_VALUE",
    "JUMP_ABSOLUTE loop",
    "SETUP_FINALLY loop",
    "POP_BLOCK",
    "POP_EXCEPT",
    "LOAD_CLOSURE x",
    "EXTENDED_ARG 1",
];

/// Changes the `.pyc` file in the first `size` bytes of `data`, field by field of its code objects, into
/// one of at most `max_size` bytes, and returns its size. A `fuzz_mutator!` calls this.
pub fn mutate_pyc(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut state = u64::from(seed) ^ 0xc0;
    let read = Pyc::read("mutate.pyc", &data[..size.min(data.len())]);
    let made = || vm::py::text::assemble("mutate.cpyasm", SMALLEST.as_bytes());
    let Some(mut pyc) = read.ok().or_else(|| made().ok()) else {
        return size;
    };
    let codes: Vec<Id> = (0..pyc.pool.len() as u32)
        .map(Id)
        .filter(|&id| pyc.pool.code(id).is_some())
        .collect();
    let mut first = Atom(splitmix(&mut state));
    for _ in 0..1 + first.below(3) {
        let mut atom = Atom(splitmix(&mut state));
        let id = codes[atom.below(codes.len())];
        change_code(&mut pyc.pool, id, &mut atom);
    }
    fit(data, max_size, pyc.write())
}

fn change_code(pool: &mut Pool, id: Id, atom: &mut Atom) {
    let Some(code) = pool.code(id).cloned() else {
        return;
    };
    match atom.below(10) {
        0 => change_number(pool, id, atom),
        1 => {
            let from = [
                code.consts,
                code.names,
                code.varnames,
                code.cellvars,
                code.freevars,
            ];
            change_table(pool, from[atom.below(from.len())], atom);
        }
        2 => change_bytes(pool, code.lnotab, atom),
        _ => change_bytes(pool, code.code, atom),
    }
}

/// Changes, adds or removes an instruction or argument.
fn change_bytes(pool: &mut Pool, id: Id, atom: &mut Atom) {
    let Object::Bytes(bytes) = &mut pool.node_mut(id).object else {
        return;
    };
    let mut changed = bytes.to_vec();
    let at = 2 * atom.below(changed.len() / 2 + 1);
    let op = TABLE[atom.below(TABLE.len())].op as u8;
    let small = atom.below(6) as u8;
    match atom.below(5) {
        0 => {
            changed.splice(at..at, [op, small]);
        }
        1 if at < changed.len() => {
            changed.drain(at..(at + 2).min(changed.len()));
        }
        2 if at + 1 < changed.len() => changed[at + 1] = small,
        3 if at + 1 < changed.len() => changed[at + 1] = changed[at + 1].wrapping_add(2),
        _ if at < changed.len() => changed[at] = op,
        _ => changed.extend([op, small]),
    }
    *bytes = changed.into();
}

fn change_number(pool: &mut Pool, id: Id, atom: &mut Atom) {
    let Object::Code(code) = &mut pool.node_mut(id).object else {
        return;
    };
    let code: &mut Code = code;
    let number = [0, 1, 2, 5, 100, 1 << 20, i32::MAX as u32][atom.below(7)];
    match atom.below(8) {
        0 => code.argcount = number,
        1 => code.posonlyargcount = number,
        2 => code.kwonlyargcount = number,
        3 => code.nlocals = number,
        4 => code.stacksize = number,
        5 => code.stacksize = code.stacksize.wrapping_sub(1) & 0x7fff_ffff,
        6 => code.flags ^= 1 << atom.below(10),
        _ => code.firstlineno = number as i32,
    }
}

/// Removes, doubles or moves an item of a tuple.
fn change_table(pool: &mut Pool, id: Id, atom: &mut Atom) {
    let Object::Tuple(items) = &mut pool.node_mut(id).object else {
        return;
    };
    let mut changed = items.to_vec();
    if changed.is_empty() {
        return;
    }
    let at = atom.below(changed.len());
    match atom.below(3) {
        0 => {
            changed.remove(at);
        }
        1 => changed.push(changed[at]),
        _ => changed.swap(0, at),
    }
    *items = changed.into();
}

/// Writes as many bytes as fit to `data`, and returns their number.
fn fit(data: &mut [u8], max_size: usize, mut bytes: Vec<u8>) -> usize {
    bytes.truncate(max_size.min(data.len()));
    data[..bytes.len()].copy_from_slice(&bytes);
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutants_fit_the_buffer_and_many_still_load() {
        for mutate in [mutate_pyc, mutate_cpyasm] {
            let (mut data, mut size, mut loads) = (vec![0; 2000], 0, 0);
            for seed in 0..2000 {
                size = mutate(&mut data, size, 200 + seed as usize % 1800, seed);
                assert!(size <= 2000);
                loads += u32::from(vm::py::load_bytes("x", &data[..size]).is_ok());
                if seed % 3 == 0 {
                    size = 0;
                }
            }
            assert!((20..1980).contains(&loads), "{loads}");
        }
    }
}
