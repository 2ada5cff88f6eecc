//! The code of a scope while it is made: blocks of instructions, and the tables that they index.

use crate::ast::Block;
use crate::names::{FastMap, Sym};
use crate::upstream::Op;

/// A block of instructions, by its number in its unit.
pub(crate) type BlockId = u32;
/// No block.
pub(crate) const NO_BLOCK: BlockId = u32::MAX;
/// Most blocks of the kind of `try` and `for` within each other.
pub(crate) const MOST_FRAMES: usize = 20;

/// An instruction; a jump's argument is found when blocks are put together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instr {
    pub(crate) op: Op,
    pub(crate) arg: u32,
    pub(crate) target: BlockId,
    pub(crate) line: u32,
}

/// Instructions that are entered at the first only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BasicBlock {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The block that follows, where control falls out of this one.
    pub(crate) next: BlockId,
    pub(crate) has_return: bool,
}

/// What code is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    Module,
    Class,
    Function,
    AsyncFunction,
    Lambda,
    Comprehension,
}

/// A construct that has to be left in order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FrameBlock {
    While { start: BlockId, exit: BlockId },
    For { start: BlockId, exit: BlockId },
    Except,
    FinallyTry(Block),
    FinallyEnd,
    With { is_async: bool },
    HandlerCleanup(Option<Sym>),
    PopValue,
}

/// Numbers in the order of their first use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    pub(crate) items: Vec<u32>,
    index: FastMap<u32, u32>,
}

/// Up to this many are looked through.
const FEW: usize = 12;

impl Order {
    /// Returns the place of an item; it gets the next one if it is new.
    pub(crate) fn add(&mut self, item: u32) -> u32 {
        let next = self.items.len();
        if next <= FEW {
            if let Some(at) = self.items.iter().position(|&other| other == item) {
                return at as u32;
            }
            self.items.push(item);
            if next == FEW {
                let items = self.items.iter().enumerate();
                self.index = items.map(|(at, &item)| (item, at as u32)).collect();
            }
            return next as u32;
        }
        let at = *self.index.entry(item).or_insert(next as u32);
        if at as usize == next {
            self.items.push(item);
        }
        at
    }
}

/// Lists that are empty and have room.
#[derive(Debug, Default)]
pub(crate) struct Spare {
    blocks: Vec<BasicBlock>,
    instrs: Vec<Instr>,
}

/// The code of a scope.
#[derive(Debug)]
pub(crate) struct CodeUnit {
    pub(crate) kind: ScopeKind,
    pub(crate) name: Sym,
    pub(crate) qualname: Sym,
    pub(crate) scope: u32,
    /// The class whose private names are meant.
    pub(crate) private: Option<Sym>,
    pub(crate) consts: Order,
    pub(crate) names: Order,
    pub(crate) varnames: Order,
    pub(crate) cellvars: Vec<Sym>,
    pub(crate) freevars: Vec<Sym>,
    pub(crate) argcount: u32,
    pub(crate) posonlyargcount: u32,
    pub(crate) kwonlyargcount: u32,
    pub(crate) first_line: u32,
    pub(crate) line: u32,
    pub(crate) col: u32,
    pub(crate) blocks: Vec<BasicBlock>,
    pub(crate) instrs: Vec<Instr>,
    pub(crate) current: BlockId,
    pub(crate) frames: Vec<FrameBlock>,
}

impl CodeUnit {
    pub(crate) fn new(
        kind: ScopeKind,
        name: Sym,
        scope: u32,
        first_line: u32,
        spare: Spare,
    ) -> CodeUnit {
        let mut unit = CodeUnit {
            kind,
            name,
            qualname: name,
            scope,
            private: None,
            consts: Order::default(),
            names: Order::default(),
            varnames: Order::default(),
            cellvars: Vec::new(),
            freevars: Vec::new(),
            argcount: 0,
            posonlyargcount: 0,
            kwonlyargcount: 0,
            first_line,
            line: 0,
            col: 0,
            blocks: spare.blocks,
            instrs: spare.instrs,
            current: 0,
            frames: Vec::new(),
        };
        unit.new_block();
        unit
    }

    /// Returns its lists, empty.
    pub(crate) fn into_spare(mut self) -> Spare {
        self.blocks.clear();
        self.instrs.clear();
        Spare {
            blocks: self.blocks,
            instrs: self.instrs,
        }
    }

    pub(crate) fn new_block(&mut self) -> BlockId {
        self.blocks.push(BasicBlock {
            start: 0,
            end: 0,
            next: NO_BLOCK,
            has_return: false,
        });
        self.blocks.len() as u32 - 1
    }

    /// Goes on in a block, into which control falls.
    pub(crate) fn use_block(&mut self, block: BlockId) {
        self.close();
        self.blocks[self.current as usize].next = block;
        self.current = block;
        self.blocks[block as usize].start = self.instrs.len() as u32;
    }

    /// Notes where the current block ends.
    pub(crate) fn close(&mut self) {
        self.blocks[self.current as usize].end = self.instrs.len() as u32;
    }

    pub(crate) fn emit(&mut self, op: Op, arg: u32) {
        if op == Op::ReturnValue {
            self.blocks[self.current as usize].has_return = true;
        }
        self.push(op, arg, NO_BLOCK);
    }

    pub(crate) fn emit_jump(&mut self, op: Op, target: BlockId) {
        self.push(op, 0, target);
    }

    fn push(&mut self, op: Op, arg: u32, target: BlockId) {
        self.instrs.push(Instr {
            op,
            arg,
            target,
            line: self.line,
        });
    }

    /// Returns the index of a variable of the unit's own among cells.
    pub(crate) fn cell(&self, name: Sym) -> Option<u32> {
        let at = self.cellvars.iter().position(|&other| other == name)?;
        Some(at as u32)
    }

    /// Returns the index of a variable from around the unit among cells.
    pub(crate) fn free(&self, name: Sym) -> Option<u32> {
        let at = self.freevars.iter().position(|&other| other == name)?;
        Some((self.cellvars.len() + at) as u32)
    }
}
