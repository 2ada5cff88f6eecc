//! The walk that emits register code.

use super::{Word, blank, ends};
use crate::code::{Block, Code};
use crate::floor::insn::Op;
use crate::rinsn::{Bin, FREE_A, FREE_B, FREE_C, IN_PLACE, Insn, Rop};
use crate::value::Value;

/// What lies in a slot of the abstract stack.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    /// What a local or cell register holds.
    Local(u32),
    Const(u32),
    /// What its own register holds.
    Temp,
}

/// The state of the walk, and what it emitted.
pub(super) struct Emitter<'a> {
    code: &'a Code,
    words: &'a [Word],
    assigned: Vec<Option<Vec<u64>>>,
    temps: u32,
    stack: Vec<Entry>,
    /// Locals that have a value here.
    bound: Vec<u64>,
    /// Whether this place is reached from above.
    alive: bool,
    /// The word that is lowered, and how many were since the last charge.
    word: usize,
    cost: u32,
    /// Where the code of each word begins.
    places: Vec<u32>,
    /// Jumps: instruction, whether its target is `c`, word.
    jumps: Vec<(u32, bool, u32)>,
    /// The instruction that made the top of the stack, if it is the last one.
    producer: Option<u32>,
    pub(super) insns: Vec<Insn>,
    pub(super) offsets: Vec<u32>,
    pub(super) costs: Vec<u32>,
    pub(super) blocks: Vec<u32>,
    pub(super) block_table: Vec<Block>,
    pub(super) caches: usize,
}

impl<'a> Emitter<'a> {
    pub(super) fn new(
        code: &'a Code,
        words: &'a [Word],
        assigned: Vec<Option<Vec<u64>>>,
        temps: u32,
        block_table: Vec<Block>,
    ) -> Emitter<'a> {
        Emitter {
            code,
            words,
            assigned,
            temps,
            stack: Vec::new(),
            bound: Vec::new(),
            alive: false,
            word: 0,
            cost: 0,
            places: vec![0; words.len()],
            jumps: Vec::new(),
            producer: None,
            insns: Vec::new(),
            offsets: Vec::new(),
            costs: Vec::new(),
            blocks: Vec::new(),
            block_table,
            // The first cache stands for none.
            caches: 1,
        }
    }

    pub(super) fn run(&mut self) {
        for at in 0..self.words.len() {
            let word = self.words[at];
            let Some(depth) = word.depth else { continue };
            if word.leader || at == 0 {
                if self.alive {
                    self.flush(0);
                    if self.cost > 0 {
                        self.emit(blank(Rop::Charge));
                        self.cost = 0;
                    }
                }
                self.stack = vec![Entry::Temp; depth as usize];
                self.bound = self.assigned[at].clone().unwrap_or_default();
                self.producer = None;
                self.cost = 0;
                self.alive = true;
            }
            self.word = at;
            self.places[at] = self.insns.len() as u32;
            self.cost += 1;
            self.lower(word);
            if ends(word.op) {
                self.alive = false;
            }
        }
        for &(at, in_c, to) in &self.jumps {
            let place = self.places[to as usize];
            let insn = &mut self.insns[at as usize];
            if in_c {
                insn.c = place;
            } else {
                insn.a = place;
            }
        }
        for block in &mut self.block_table {
            block.handler = block.handler.map(|word| self.places[word as usize]);
        }
    }

    /// The register of a slot of the stack.
    fn slot(&self, index: usize) -> u32 {
        self.temps + index as u32
    }

    /// The register that the next push goes to.
    fn next(&self) -> u32 {
        self.slot(self.stack.len())
    }

    fn emit(&mut self, insn: Insn) -> u32 {
        let word = &self.words[self.word];
        self.insns.push(insn);
        self.offsets.push(word.offset);
        self.costs.push(self.cost);
        self.blocks.push(word.block);
        self.producer = None;
        (self.insns.len() - 1) as u32
    }

    /// Emits what pushes its result.
    fn produce(&mut self, mut insn: Insn) {
        insn.a = self.next();
        let at = self.emit(insn);
        self.stack.push(Entry::Temp);
        self.producer = Some(at);
    }

    /// Puts a pending entry into its register.
    fn settle(&mut self, index: usize) {
        let a = self.slot(index);
        match self.stack[index] {
            Entry::Temp => return,
            Entry::Local(b) => self.emit(Insn {
                a,
                b,
                ..blank(Rop::Copy)
            }),
            Entry::Const(b) => self.emit(Insn {
                a,
                b,
                ..blank(Rop::Const)
            }),
        };
        self.stack[index] = Entry::Temp;
    }

    /// Puts all entries from an index on into their registers.
    fn flush(&mut self, from: usize) {
        (from..self.stack.len()).for_each(|index| self.settle(index));
    }

    /// The same for the `count` top entries; returns the first one's register.
    fn flush_top(&mut self, count: u32) -> u32 {
        let from = self.stack.len().saturating_sub(count as usize);
        self.flush(from);
        self.slot(from)
    }

    /// Takes the `count` top entries off, which lie in their registers.
    fn drop_top(&mut self, count: u32) -> u32 {
        let first = self.flush_top(count);
        let rest = self.stack.len().saturating_sub(count as usize);
        self.stack.truncate(rest);
        first
    }

    /// Takes the top entry off; returns its register, and whether that is given up.
    fn operand(&mut self) -> (u32, bool) {
        let index = self.stack.len().saturating_sub(1);
        if matches!(self.stack.last(), Some(Entry::Const(_))) {
            self.settle(index);
        }
        match self.stack.pop() {
            Some(Entry::Local(local)) => (local, false),
            _ => (self.slot(index), true),
        }
    }

    /// The same for an operand `b`.
    fn operand_b(&mut self) -> Insn {
        let (b, free) = self.operand();
        Insn {
            b,
            free: if free { FREE_B } else { 0 },
            ..blank(Rop::Pop)
        }
    }

    /// Takes two entries off: `b` below `c`.
    fn operands(&mut self) -> Insn {
        // A constant below is put in place first, as its register is the lower one.
        let below = self.stack.len().saturating_sub(2);
        if matches!(self.stack.get(below), Some(Entry::Const(_))) {
            self.settle(below);
        }
        let (c, free_c) = self.operand();
        let (b, free_b) = self.operand();
        let free = if free_b { FREE_B } else { 0 } | if free_c { FREE_C } else { 0 };
        Insn {
            b,
            c,
            free,
            ..blank(Rop::Pop)
        }
    }

    /// The top entry, if it is a small integer constant.
    fn immediate(&self) -> Option<i32> {
        match self.stack.last() {
            Some(&Entry::Const(index)) => match self.code.consts.get(index as usize) {
                Some(&Value::Int(value)) => i32::try_from(value).ok(),
                _ => None,
            },
            _ => None,
        }
    }

    fn cache(&mut self) -> u16 {
        match u16::try_from(self.caches) {
            Ok(cache) => {
                self.caches += 1;
                cache
            }
            Err(_) => 0,
        }
    }

    fn jump(&mut self, insn: Insn, in_c: bool) {
        let to = self.words[self.word].target.unwrap_or(0);
        let at = self.emit(insn);
        self.jumps.push((at, in_c, to));
        self.cost = 0;
    }

    fn lower(&mut self, word: Word) {
        let arg = word.arg;
        match word.op {
            Op::Nop | Op::ExtendedArg | Op::PopBlock => {}
            Op::LoadFast => self.load_fast(arg),
            Op::LoadConst => self.stack.push(Entry::Const(arg)),
            Op::LoadClosure => {
                let register = self.code.varnames.len() as u32 + arg;
                self.stack.push(Entry::Local(register));
            }
            Op::StoreFast => self.store_fast(arg),
            Op::DeleteFast => {
                self.spill(arg);
                self.emit(Insn {
                    a: arg,
                    ..blank(Rop::DeleteFast)
                });
                self.bound[arg as usize / 64] &= !(1 << (arg % 64));
            }
            Op::PopTop => {
                if let Some(Entry::Temp) = self.stack.pop() {
                    let a = self.next();
                    self.emit(Insn {
                        a,
                        ..blank(Rop::Pop)
                    });
                }
            }
            Op::RotTwo | Op::RotThree | Op::RotFour => self.rotate(word.op),
            Op::DupTop => self.duplicate(1),
            Op::DupTopTwo => self.duplicate(2),
            Op::SetupFinally => self.flush(0),
            Op::CompareOp | Op::IsOp | Op::ContainsOp => self.compare(word.op, arg),
            Op::PopJumpIfFalse | Op::PopJumpIfTrue => self.branch(word.op),
            Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop => {
                self.flush(0);
                let b = self.slot(self.stack.len().saturating_sub(1));
                let op = match word.op {
                    Op::JumpIfTrueOrPop => Rop::JumpIfTOrPop,
                    _ => Rop::JumpIfFOrPop,
                };
                self.jump(Insn { b, ..blank(op) }, false);
                self.stack.pop();
            }
            Op::JumpIfNotExcMatch => {
                self.flush(0);
                let insn = self.operands();
                self.jump(
                    Insn {
                        op: Rop::JumpIfNotExc,
                        ..insn
                    },
                    false,
                );
            }
            Op::JumpForward | Op::JumpAbsolute => {
                self.flush(0);
                self.jump(blank(Rop::Jump), false);
            }
            Op::ForIter => {
                self.flush(0);
                let a = self.next();
                self.jump(
                    Insn {
                        a,
                        b: a - 1,
                        ..blank(Rop::ForIter)
                    },
                    true,
                );
                self.stack.push(Entry::Temp);
                self.producer = Some((self.insns.len() - 1) as u32);
            }
            Op::ReturnValue => {
                let insn = self.operand_b();
                let a = self.next();
                self.emit(Insn {
                    op: Rop::Return,
                    a,
                    ..insn
                });
                self.cost = 0;
            }
            op => match binary(op) {
                Some(x) => self.binary(x),
                None => self.plain(word, arg),
            },
        }
    }

    fn load_fast(&mut self, local: u32) {
        let (word, bit) = (local as usize / 64, 1u64 << (local % 64));
        if self.bound[word] & bit == 0 {
            self.emit(Insn {
                a: local,
                ..blank(Rop::CheckBound)
            });
            self.bound[word] |= bit;
        }
        self.stack.push(Entry::Local(local));
    }

    /// Puts pending uses of a local into their registers, before it changes.
    fn spill(&mut self, local: u32) {
        for index in 0..self.stack.len() {
            if self.stack[index] == Entry::Local(local) {
                self.settle(index);
            }
        }
    }

    fn store_fast(&mut self, local: u32) {
        let Some(top) = self.stack.pop() else { return };
        let b = self.next();
        let pending = self.stack.contains(&Entry::Local(local));
        let producer = self.producer.filter(|_| top == Entry::Temp && !pending);
        self.spill(local);
        match (top, producer) {
            (Entry::Temp, Some(at)) => {
                self.insns[at as usize].a = local;
                self.producer = None;
            }
            (Entry::Temp, None) => {
                self.emit(Insn {
                    a: local,
                    b,
                    ..blank(Rop::Move)
                });
            }
            (Entry::Local(b), _) if b != local => {
                self.emit(Insn {
                    a: local,
                    b,
                    ..blank(Rop::Copy)
                });
            }
            (Entry::Local(_), _) => {}
            (Entry::Const(b), _) => {
                self.emit(Insn {
                    a: local,
                    b,
                    ..blank(Rop::Const)
                });
            }
        }
        self.bound[local as usize / 64] |= 1 << (local % 64);
    }

    fn rotate(&mut self, op: Op) {
        let (count, rop) = match op {
            Op::RotTwo => (2, Rop::Rot2),
            Op::RotThree => (3, Rop::Rot3),
            _ => (4, Rop::Rot4),
        };
        let from = self.stack.len().saturating_sub(count);
        if self.stack[from..].contains(&Entry::Temp) {
            self.flush(from);
            let a = self.slot(from);
            self.emit(Insn { a, ..blank(rop) });
        } else {
            self.stack[from..].rotate_right(1);
        }
    }

    fn duplicate(&mut self, count: usize) {
        let from = self.stack.len().saturating_sub(count);
        for index in from..from + count {
            let entry = self.stack[index];
            if entry == Entry::Temp {
                let (a, b) = (self.next(), self.slot(index));
                self.emit(Insn {
                    a,
                    b,
                    ..blank(Rop::Copy)
                });
            }
            self.stack.push(entry);
        }
    }

    fn binary(&mut self, x: u16) {
        if let Some(value) = self.immediate() {
            self.stack.pop();
            let insn = self.operand_b();
            let op = match Bin::of(x) {
                Bin::Add => Rop::AddI,
                Bin::Sub => Rop::SubI,
                _ => Rop::BinaryI,
            };
            return self.produce(Insn {
                op,
                x,
                c: value as u32,
                ..insn
            });
        }
        let insn = self.operands();
        let op = match Bin::of(x) {
            Bin::Add => Rop::Add,
            Bin::Sub => Rop::Sub,
            Bin::Mul => Rop::Mul,
            _ => Rop::Binary,
        };
        self.produce(Insn { op, x, ..insn });
    }

    fn compare(&mut self, op: Op, arg: u32) {
        let x = arg as u16;
        if let (Op::CompareOp, Some(value)) = (op, self.immediate()) {
            self.stack.pop();
            let insn = self.operand_b();
            return self.produce(Insn {
                op: Rop::CompareI,
                x,
                c: value as u32,
                ..insn
            });
        }
        let insn = self.operands();
        let op = match op {
            Op::CompareOp => Rop::Compare,
            Op::IsOp => Rop::Is,
            _ => Rop::Contains,
        };
        self.produce(Insn { op, x, ..insn });
    }

    fn branch(&mut self, op: Op) {
        let truth = op == Op::PopJumpIfTrue;
        let below = self.stack.len().saturating_sub(1);
        let settled = self.stack[..below]
            .iter()
            .all(|&entry| entry == Entry::Temp);
        if let Some(at) = self.producer.filter(|_| settled) {
            let fused = match (self.insns[at as usize].op, truth) {
                (Rop::Compare, false) => Some(Rop::CmpJumpF),
                (Rop::Compare, true) => Some(Rop::CmpJumpT),
                (Rop::CompareI, false) => Some(Rop::CmpIJumpF),
                (Rop::CompareI, true) => Some(Rop::CmpIJumpT),
                _ => None,
            };
            if let (Some(op), Some(to)) = (fused, self.words[self.word].target) {
                self.insns[at as usize].op = op;
                self.costs[at as usize] = self.cost;
                self.jumps.push((at, false, to));
                self.stack.pop();
                self.producer = None;
                self.cost = 0;
                return;
            }
        }
        let top = self.stack.len().saturating_sub(1);
        if matches!(self.stack.last(), Some(Entry::Const(_))) {
            self.settle(top);
        }
        for index in 0..top {
            self.settle(index);
        }
        let insn = self.operand_b();
        let op = if truth { Rop::JumpIfT } else { Rop::JumpIfF };
        self.jump(Insn { op, ..insn }, false);
    }

    /// Instructions that need no care of their own.
    fn plain(&mut self, word: Word, arg: u32) {
        match word.op {
            Op::LoadGlobal => {
                let x = self.cache();
                self.produce(Insn {
                    c: arg,
                    x,
                    ..blank(Rop::Global)
                });
            }
            Op::LoadName => self.produce(Insn {
                c: arg,
                ..blank(Rop::Name)
            }),
            Op::LoadDeref => self.produce(Insn {
                b: arg,
                ..blank(Rop::Deref)
            }),
            Op::LoadClassderef => self.produce(Insn {
                b: arg,
                ..blank(Rop::ClassDeref)
            }),
            Op::LoadAttr => {
                let insn = self.operand_b();
                let x = self.cache();
                self.produce(Insn {
                    op: Rop::Attr,
                    c: arg,
                    x,
                    ..insn
                });
            }
            Op::LoadMethod => {
                let insn = self.operand_b();
                let (a, x) = (self.next(), self.cache());
                self.emit(Insn {
                    op: Rop::Method,
                    a,
                    c: arg,
                    x,
                    ..insn
                });
                self.stack.extend([Entry::Temp, Entry::Temp]);
            }
            Op::BinarySubscr => {
                let insn = self.operands();
                self.produce(Insn {
                    op: Rop::Subscr,
                    ..insn
                });
            }
            Op::UnaryPositive | Op::UnaryNegative | Op::UnaryNot | Op::UnaryInvert => {
                let insn = self.operand_b();
                let x = word.op as u16;
                self.produce(Insn {
                    op: Rop::Unary,
                    x,
                    ..insn
                });
            }
            Op::StoreSubscr => {
                // The value, the container, the key on top.
                let insn = self.operands();
                let (a, free) = self.operand();
                let free = insn.free | if free { FREE_A } else { 0 };
                self.emit(Insn {
                    op: Rop::StoreSubscr,
                    a,
                    free,
                    ..insn
                });
            }
            Op::StoreAttr => {
                let (b, free_b) = self.operand();
                let (a, free_a) = self.operand();
                let free = if free_b { FREE_B } else { 0 } | if free_a { FREE_A } else { 0 };
                let x = self.cache();
                self.emit(Insn {
                    op: Rop::StoreAttr,
                    a,
                    b,
                    c: arg,
                    free,
                    x,
                });
            }
            Op::DeleteSubscr => {
                let insn = self.operands();
                self.emit(Insn {
                    op: Rop::DeleteSubscr,
                    ..insn
                });
            }
            _ => self.stores(word, arg),
        }
    }

    /// Instructions that store or delete names, add to containers, or suspend.
    fn stores(&mut self, word: Word, arg: u32) {
        match word.op {
            Op::StoreName => self.consume(Rop::StoreName, arg),
            Op::StoreGlobal => self.consume(Rop::StoreGlobal, arg),
            Op::StoreDeref => self.consume(Rop::StoreDeref, arg),
            Op::DeleteAttr => self.consume(Rop::DeleteAttr, arg),
            Op::DeleteName => self.bare(Rop::DeleteName, arg),
            Op::DeleteGlobal => self.bare(Rop::DeleteGlobal, arg),
            Op::DeleteDeref => self.bare(Rop::DeleteDeref, arg),
            Op::ListAppend => self.add_to(Rop::ListAppend, 1, arg),
            Op::SetAdd => self.add_to(Rop::SetAdd, 1, arg),
            Op::MapAdd => self.add_to(Rop::MapAdd, 2, arg),
            Op::ListExtend => self.add_to(Rop::ListExtend, 1, arg),
            Op::SetUpdate => self.add_to(Rop::SetUpdate, 1, arg),
            Op::DictUpdate => self.add_to(Rop::DictUpdate, 1, arg),
            Op::DictMerge => self.add_to(Rop::DictMerge, 1, arg),
            Op::YieldValue => {
                self.flush(0);
                self.stacked(Rop::Yield, 1, 1, arg);
                self.cost = 0;
            }
            Op::YieldFrom => {
                self.flush(0);
                self.stacked(Rop::YieldFrom, 2, 1, arg);
                self.cost = 0;
            }
            op => self.by_table(op, arg),
        }
    }

    /// Emits what takes one operand and pushes nothing; `c` is its argument.
    fn consume(&mut self, op: Rop, c: u32) {
        let insn = self.operand_b();
        self.emit(Insn { op, c, ..insn });
    }

    /// Emits what has nothing to do with the stack.
    fn bare(&mut self, op: Rop, c: u32) {
        self.emit(Insn { c, ..blank(op) });
    }

    /// Emits what adds items to the container in `a`.
    fn add_to(&mut self, op: Rop, items: u32, depth: u32) {
        self.flush_top(items + depth);
        let b = self.drop_top(items);
        let a = self.next() - depth;
        self.emit(Insn { a, b, ..blank(op) });
    }

    /// Emits what works on the top of the stack in place: takes `pops`, leaves `pushes`; `a` is
    /// the first register that it takes, `b` their number.
    fn stacked(&mut self, op: Rop, pops: u32, pushes: usize, c: u32) {
        let a = self.drop_top(pops);
        self.emit(Insn {
            a,
            b: pops,
            c,
            ..blank(op)
        });
        self.stack.extend(std::iter::repeat_n(Entry::Temp, pushes));
    }

    fn by_table(&mut self, op: Op, arg: u32) {
        let row = op.row();
        let (pops, pushes) = (
            (row.pops)(arg.into()) as u32,
            (row.pushes)(arg.into()) as usize,
        );
        let Some(rop) = stacked(op) else { return };
        if matches!(op, Op::SetupWith | Op::SetupAsyncWith) {
            self.flush(0);
        }
        if op == Op::SetupAsyncWith {
            return;
        }
        match op {
            // These look at what they leave.
            Op::WithExceptStart => {
                self.flush_top(7);
                self.produce(blank(rop));
            }
            Op::GetAnext | Op::ImportFrom => {
                let b = self.flush_top(1);
                self.produce(Insn {
                    b,
                    c: arg,
                    ..blank(rop)
                });
            }
            _ => self.stacked(rop, pops, pushes, arg),
        }
    }
}

/// What an instruction becomes that works on the top of the stack in place.
fn stacked(op: Op) -> Option<Rop> {
    Some(match op {
        Op::CallFunction => Rop::Call,
        Op::CallMethod => Rop::CallMethod,
        Op::CallFunctionKw => Rop::CallKw,
        Op::CallFunctionEx => Rop::CallEx,
        Op::MakeFunction => Rop::MakeFunction,
        Op::LoadBuildClass => Rop::BuildClass,
        Op::GetIter => Rop::Iter,
        Op::GetYieldFromIter => Rop::YieldFromIter,
        Op::BuildTuple => Rop::BuildTuple,
        Op::BuildList => Rop::BuildList,
        Op::BuildSet => Rop::BuildSet,
        Op::BuildMap => Rop::BuildMap,
        Op::BuildConstKeyMap => Rop::BuildConstKeyMap,
        Op::BuildString => Rop::BuildString,
        Op::BuildSlice => Rop::BuildSlice,
        Op::ListToTuple => Rop::ListToTuple,
        Op::UnpackSequence => Rop::Unpack,
        Op::UnpackEx => Rop::UnpackEx,
        Op::FormatValue => Rop::Format,
        Op::PopExcept => Rop::PopExcept,
        Op::Reraise => Rop::Reraise,
        Op::RaiseVarargs => Rop::Raise,
        Op::SetupWith | Op::SetupAsyncWith => Rop::SetupWith,
        Op::WithExceptStart => Rop::WithExceptStart,
        Op::BeforeAsyncWith => Rop::BeforeAsyncWith,
        Op::EndAsyncFor => Rop::EndAsyncFor,
        Op::GetAiter => Rop::Aiter,
        Op::GetAnext => Rop::Anext,
        Op::GetAwaitable => Rop::Awaitable,
        Op::ImportName => Rop::ImportName,
        Op::ImportFrom => Rop::ImportFrom,
        Op::ImportStar => Rop::ImportStar,
        Op::PrintExpr => Rop::PrintExpr,
        Op::SetupAnnotations => Rop::SetupAnnotations,
        Op::LoadAssertionError => Rop::AssertionError,
        _ => return None,
    })
}

/// The operator of a binary instruction.
fn binary(op: Op) -> Option<u16> {
    let (bin, in_place) = match op {
        Op::BinaryAdd => (Bin::Add, 0),
        Op::BinarySubtract => (Bin::Sub, 0),
        Op::BinaryMultiply => (Bin::Mul, 0),
        Op::BinaryMatrixMultiply => (Bin::MatMul, 0),
        Op::BinaryTrueDivide => (Bin::TrueDiv, 0),
        Op::BinaryFloorDivide => (Bin::FloorDiv, 0),
        Op::BinaryModulo => (Bin::Mod, 0),
        Op::BinaryPower => (Bin::Pow, 0),
        Op::BinaryLshift => (Bin::LShift, 0),
        Op::BinaryRshift => (Bin::RShift, 0),
        Op::BinaryAnd => (Bin::And, 0),
        Op::BinaryXor => (Bin::Xor, 0),
        Op::BinaryOr => (Bin::Or, 0),
        Op::InplaceAdd => (Bin::Add, IN_PLACE),
        Op::InplaceSubtract => (Bin::Sub, IN_PLACE),
        Op::InplaceMultiply => (Bin::Mul, IN_PLACE),
        Op::InplaceMatrixMultiply => (Bin::MatMul, IN_PLACE),
        Op::InplaceTrueDivide => (Bin::TrueDiv, IN_PLACE),
        Op::InplaceFloorDivide => (Bin::FloorDiv, IN_PLACE),
        Op::InplaceModulo => (Bin::Mod, IN_PLACE),
        Op::InplacePower => (Bin::Pow, IN_PLACE),
        Op::InplaceLshift => (Bin::LShift, IN_PLACE),
        Op::InplaceRshift => (Bin::RShift, IN_PLACE),
        Op::InplaceAnd => (Bin::And, IN_PLACE),
        Op::InplaceXor => (Bin::Xor, IN_PLACE),
        Op::InplaceOr => (Bin::Or, IN_PLACE),
        _ => return None,
    };
    Some(bin as u16 | in_place)
}
