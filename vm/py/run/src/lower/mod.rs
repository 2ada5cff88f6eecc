//! Stack code to register code.
//!
//! Slot k of the data stack is the register after the locals, the cells and the k slots below it.
//! Within a basic block an abstract stack holds what was loaded but not yet needed: a local, a
//! constant. It becomes an operand of the instruction that takes it, or is copied to its register
//! where paths meet. The code was verified: depths and blocks agree on all paths.

mod assign;
mod emit;
mod flow;

use crate::code::{Block, Cache, Code, Lowered};
use crate::floor::{insn, wordcode};
use crate::rinsn::{Insn, Rop};
use std::cell::Cell;

/// An instruction of the bytecode that some path reaches, or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub(crate) offset: u32,
    pub(crate) op: insn::Op,
    pub(crate) arg: u32,
    /// The index of the instruction that it may go to, or of a handler.
    pub(crate) target: Option<u32>,
    /// Whether something jumps here.
    pub(crate) leader: bool,
    /// The depth of the stack before it; none if it is not reached.
    pub(crate) depth: Option<u32>,
    pub(crate) block: u32,
}

/// Makes register code.
pub(crate) fn lower(code: &Code) -> Lowered {
    let mut words = decode(&code.bytes);
    let cells = code.varnames.len() as u32;
    let temps = cells + (code.cellvars.len() + code.freevars.len()) as u32;
    let flow = flow::flow(&mut words, temps);
    let assigned = assign::assigned(code, &words);
    let mut emitter = emit::Emitter::new(code, &words, assigned, temps, flow.blocks);
    emitter.run();
    let emit::Emitter {
        insns,
        offsets,
        costs,
        blocks,
        block_table,
        caches,
        ..
    } = emitter;
    Lowered {
        insns,
        offsets,
        costs,
        blocks,
        block_table,
        caches: vec![Cell::new(Cache::default()); caches],
        registers: temps + flow.depth + 2,
        cells,
        temps,
        consts: code.consts.clone(),
        names: code.names.clone(),
        cell_args: cell_args(code),
    }
}

/// Which cells are parameters.
fn cell_args(code: &Code) -> Vec<(u32, u32)> {
    let parameters = &code.varnames[..code.parameters().min(code.varnames.len())];
    let mut found = Vec::new();
    for (cell, &name) in code.cellvars.iter().enumerate() {
        if let Some(local) = parameters.iter().position(|&other| other.is(name)) {
            found.push((cell as u32, local as u32));
        }
    }
    found
}

fn decode(bytes: &[u8]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut index = vec![u32::MAX; bytes.len() / 2 + 1];
    for insn in wordcode::decode(bytes).flatten() {
        index[insn.start() as usize / 2] = words.len() as u32;
        words.push(Word {
            offset: insn.offset,
            op: insn.op,
            arg: insn.arg,
            target: insn.target().and_then(|target| u32::try_from(target).ok()),
            leader: false,
            depth: None,
            block: 0,
        });
    }
    for at in 0..words.len() {
        let to = words[at]
            .target
            .and_then(|to| index.get(to as usize / 2).copied());
        words[at].target = to.filter(|&to| (to as usize) < words.len());
        if let Some(to) = words[at].target {
            words[to as usize].leader = true;
        }
    }
    words
}

/// Whether control does not go on after it.
pub(crate) fn ends(op: insn::Op) -> bool {
    use insn::Op;
    matches!(
        op,
        Op::JumpForward | Op::JumpAbsolute | Op::ReturnValue | Op::RaiseVarargs | Op::Reraise
    )
}

/// An instruction without operands.
pub(crate) const fn blank(op: Rop) -> Insn {
    Insn {
        op,
        free: 0,
        x: 0,
        a: 0,
        b: 0,
        c: 0,
    }
}

/// The table of blocks, whose first row stands for none.
pub(crate) const NO_BLOCK: Block = Block {
    handler: None,
    level: 0,
    outer: 0,
};
