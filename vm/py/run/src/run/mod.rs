//! The loop: frames, calls, unwinding.
//!
//! One `match` over register instructions. What is common and short is in it; everything else is
//! a function that returns whether the topmost frame is another now.

pub(crate) mod bind;
pub(crate) mod call;
pub(crate) mod finalize;
pub(crate) mod frame;
pub(crate) mod generator;
mod handlers;
mod names;
mod unwind;

use crate::code::{Cache, Lowered};
use crate::floor::Limit;
use crate::object::Obj;
use crate::rinsn::{Bin, Cmp, FREE_B, FREE_C, Insn, Rop};
use crate::value::{R, Raise, Value};
use crate::vm::Vm;
use frame::Exit;

/// Does an instruction out of line.
macro_rules! slow {
    ($vm:ident, $pc:ident, $result:expr) => {{
        let top = $vm.frames.len() - 1;
        $vm.frames[top].pc = $pc;
        match $result {
            Ok(Go::Next) => $pc += 1,
            Ok(Go::Jump(to)) => $pc = to as usize,
            Ok(Go::Frame) => return Ok(None),
            Ok(Go::Exit(exit)) => return Ok(Some(exit)),
            Err(Raise) => return Err(Raise),
        }
        if $vm.heap.has_notes() || $vm.heap.over {
            $vm.between()?;
        }
    }};
}

/// Charges what a block costs.
macro_rules! charge {
    ($vm:ident, $code:ident, $pc:ident) => {
        $vm.steps += u64::from($code.costs[$pc]);
        if $vm.steps > $vm.fuel {
            return Err($vm.limit(Limit::OutOfFuel));
        }
    };
}

/// Sets a register to a value that carries a count.
macro_rules! replace {
    ($vm:ident, $pc:ident, $at:expr, $value:expr) => {{
        let old = std::mem::replace(&mut $vm.regs[$at], $value);
        $pc += 1;
        if let Value::Obj(_) = old {
            $vm.heap.dec(old);
            $vm.settle_notes($pc)?;
        }
    }};
}

/// Sets a register.
macro_rules! set {
    ($vm:ident, $pc:ident, $at:expr, $value:expr) => {{
        let value = $value;
        $vm.heap.inc(value);
        replace!($vm, $pc, $at, value);
    }};
}

/// Sets a register that holds no object to a number, or does the instruction out of line.
macro_rules! plain {
    ($vm:ident, $pc:ident, $at:expr, $value:expr, $slow:expr) => {
        match $value {
            Some(value) if !matches!($vm.regs[$at], Value::Obj(_)) => {
                $vm.regs[$at] = value;
                $pc += 1;
            }
            _ => slow!($vm, $pc, $slow),
        }
    };
}

/// Jumps if a comparison of two small ints is as asked for, or does the instruction out of line.
macro_rules! compare {
    ($vm:ident, $pc:ident, $insn:ident, $left:expr, $right:expr, $truth:expr, $slow:expr) => {
        if let (Value::Int(left), Value::Int(right)) = ($left, $right) {
            let jumps = Cmp::of($insn.x).holds(left, right) == $truth;
            $pc = if jumps { $insn.a as usize } else { $pc + 1 };
        } else {
            slow!($vm, $pc, $slow);
        }
    };
}

/// Sets a register to what was taken out of `b`, and gives that up.
macro_rules! taken {
    ($vm:ident, $pc:ident, $insn:ident, $base:ident, $value:expr) => {{
        $vm.heap.inc($value);
        let old = std::mem::replace(&mut $vm.regs[$base + $insn.a as usize], $value);
        if $insn.free & FREE_B != 0 && $insn.a != $insn.b {
            $vm.clear($base + $insn.b as usize);
        }
        $vm.heap.dec(old);
        $pc += 1;
        $vm.settle_notes($pc)?;
    }};
}

impl Vm {
    /// Runs until the frame number `entry` ends, or yields.
    pub(crate) fn run(&mut self, entry: usize) -> R<Exit> {
        loop {
            let Some(frame) = self.frames.last() else {
                return Err(Raise);
            };
            let lowered = frame.lowered.clone();
            let (base, pc) = (frame.base, frame.pc);
            match self.execute(&lowered, base, pc) {
                Ok(None) => {}
                Ok(Some(exit)) => return Ok(exit),
                Err(Raise) => self.unwind(entry)?,
            }
        }
    }

    /// Runs the topmost frame until another is.
    #[inline(never)]
    fn execute(&mut self, code: &Lowered, base: usize, mut pc: usize) -> R<Option<Exit>> {
        loop {
            let insn = code.insns[pc];
            let (a, b, c) = (
                base + insn.a as usize,
                base + insn.b as usize,
                base + insn.c as usize,
            );
            match insn.op {
                Rop::Add | Rop::Sub | Rop::Mul => {
                    let value = fast_binary(insn.op, self.regs[b], self.regs[c]);
                    plain!(self, pc, a, value, self.do_binary(insn, base));
                }
                Rop::AddI | Rop::SubI | Rop::BinaryI => {
                    let value = fast_immediate(insn, self.regs[b]);
                    plain!(self, pc, a, value, self.do_binary_i(insn, base));
                }
                Rop::Binary => {
                    let value = fast_ints(insn.x, self.regs[b], self.regs[c]);
                    plain!(self, pc, a, value, self.do_binary(insn, base));
                }
                Rop::CmpIJumpF | Rop::CmpIJumpT => {
                    charge!(self, code, pc);
                    let right = Value::Int(i64::from(insn.c as i32));
                    let truth = insn.op == Rop::CmpIJumpT;
                    let slow = |vm: &mut Vm| vm.do_cmp_i_jump(insn, base);
                    compare!(self, pc, insn, self.regs[b], right, truth, slow(self));
                }
                Rop::CmpJumpF | Rop::CmpJumpT => {
                    charge!(self, code, pc);
                    let truth = insn.op == Rop::CmpJumpT;
                    let (left, right) = (self.regs[b], self.regs[c]);
                    let slow = |vm: &mut Vm| vm.do_cmp_jump(insn, base);
                    compare!(self, pc, insn, left, right, truth, slow(self));
                }
                Rop::Jump | Rop::Charge => {
                    charge!(self, code, pc);
                    pc = if insn.op == Rop::Jump {
                        insn.a as usize
                    } else {
                        pc + 1
                    };
                }
                Rop::JumpIfT | Rop::JumpIfF => {
                    charge!(self, code, pc);
                    match self.regs[b] {
                        Value::True if insn.op == Rop::JumpIfT => pc = insn.a as usize,
                        Value::False if insn.op == Rop::JumpIfF => pc = insn.a as usize,
                        Value::True | Value::False => pc += 1,
                        _ => slow!(self, pc, self.do_jump_if(insn, base)),
                    }
                }
                Rop::Const => set!(self, pc, a, code.consts[insn.b as usize]),
                Rop::Copy => set!(self, pc, a, self.regs[b]),
                Rop::Move => {
                    let value = std::mem::replace(&mut self.regs[b], Value::Unset);
                    replace!(self, pc, a, value);
                }
                Rop::Pop => replace!(self, pc, a, Value::Unset),
                Rop::CheckBound if !self.regs[a].is_unset() => pc += 1,
                Rop::Attr => {
                    let cache = code.caches[usize::from(insn.x)].get();
                    match self.cached_attr(cache, self.regs[b]) {
                        Some(value) => taken!(self, pc, insn, base, value),
                        None => slow!(self, pc, self.do_attr(code, insn, base)),
                    }
                }
                Rop::Subscr => match self.fast_item(self.regs[b], self.regs[c]) {
                    Some(value) => taken!(self, pc, insn, base, value),
                    None => slow!(self, pc, self.do_subscr(insn, base)),
                },
                Rop::Global => match self.cached_global(code, insn) {
                    Some(value) => set!(self, pc, a, value),
                    None => slow!(self, pc, self.do_global(code, insn, base)),
                },
                Rop::StoreSubscr if self.fast_store_item(insn, base) => {
                    pc += 1;
                    self.settle_notes(pc)?;
                }
                Rop::ForIter => {
                    charge!(self, code, pc);
                    match self.fast_next(self.regs[b]) {
                        Some(next) => set!(self, pc, a, next),
                        None => slow!(self, pc, self.do_for_iter(insn, base)),
                    }
                }
                Rop::Call => slow!(self, pc, self.do_call(insn, base)),
                Rop::Return => {
                    charge!(self, code, pc);
                    slow!(self, pc, self.do_return(insn, base));
                }
                _ => slow!(self, pc, self.step(code, insn, base)),
            }
            #[cfg(feature = "stress")]
            self.stress(pc)?;
        }
    }

    /// Frees what an instruction left without a count.
    #[inline(always)]
    fn settle_notes(&mut self, pc: usize) -> R<()> {
        if self.heap.has_notes() {
            let top = self.frames.len() - 1;
            self.frames[top].pc = pc.saturating_sub(1);
            self.between()?;
        }
        Ok(())
    }

    /// What is done between two instructions.
    #[inline(never)]
    pub(crate) fn between(&mut self) -> R<()> {
        self.drain();
        if self.heap.wants_collection() {
            self.collect();
        }
        if self.heap.over {
            self.collect();
            self.heap.over = self.heap.would_exceed(0);
            if self.heap.over {
                return Err(self.limit(Limit::MemoryLimit));
            }
        }
        Ok(())
    }

    /// Gives a register up.
    #[inline]
    pub(crate) fn clear(&mut self, at: usize) {
        let old = std::mem::replace(&mut self.regs[at], Value::Unset);
        self.heap.dec(old);
    }

    /// Sets a register.
    #[inline]
    pub(crate) fn put(&mut self, at: usize, value: Value) {
        self.heap.inc(value);
        let old = std::mem::replace(&mut self.regs[at], value);
        self.heap.dec(old);
    }

    /// Sets the result of an instruction, and gives up its operands.
    #[inline]
    fn finish(&mut self, insn: Insn, base: usize, value: Value) {
        self.put(base + insn.a as usize, value);
        if insn.free & FREE_C != 0 && insn.a != insn.c {
            self.clear(base + insn.c as usize);
        }
        if insn.free & FREE_B != 0 && insn.a != insn.b {
            self.clear(base + insn.b as usize);
        }
    }

    /// Returns the attribute that a cache leads to.
    #[inline(always)]
    fn cached_attr(&self, cache: Cache, object: Value) -> Option<Value> {
        let Value::Obj(handle) = object else {
            return None;
        };
        if self.heap.class_at(handle) != cache.class || cache.version != self.version {
            return None;
        }
        let attrs = self.heap.attrs(handle)?;
        if attrs.shape != cache.shape || attrs.dict.is_some() {
            return None;
        }
        attrs.values.get(cache.index as usize).copied()
    }

    /// Returns an item of a list or tuple by a small index.
    #[inline(always)]
    fn fast_item(&self, container: Value, index: Value) -> Option<Value> {
        let (Value::Obj(handle), Value::Int(index)) = (container, index) else {
            return None;
        };
        match self.heap.get(handle) {
            Obj::List(items) if self.heap.class_at(handle) == self.types.list.at => {
                items.get(usize::try_from(index).ok()?).copied()
            }
            Obj::Tuple(items) if self.heap.class_at(handle) == self.types.tuple.at => {
                items.get(usize::try_from(index).ok()?).copied()
            }
            _ => None,
        }
    }

    #[inline(always)]
    fn fast_store_item(&mut self, insn: Insn, base: usize) -> bool {
        let container = self.regs[base + insn.b as usize];
        let (Value::Obj(handle), Value::Int(index)) =
            (container, self.regs[base + insn.c as usize])
        else {
            return false;
        };
        if self.heap.class_at(handle) != self.types.list.at || index < 0 {
            return false;
        }
        let value = self.regs[base + insn.a as usize];
        self.heap.inc(value);
        let old = match self.heap.get_mut(handle) {
            Obj::List(items) => match items.get_mut(index as usize) {
                Some(place) => std::mem::replace(place, value),
                None => {
                    self.heap.dec(value);
                    return false;
                }
            },
            _ => {
                self.heap.dec(value);
                return false;
            }
        };
        self.heap.dec(old);
        self.free_operands(insn, base);
        true
    }

    /// Gives up all operands of an instruction that writes no register.
    #[inline]
    fn free_operands(&mut self, insn: Insn, base: usize) {
        if insn.free & crate::rinsn::FREE_A != 0 {
            self.clear(base + insn.a as usize);
        }
        if insn.free & FREE_B != 0 {
            self.clear(base + insn.b as usize);
        }
        if insn.free & FREE_C != 0 {
            self.clear(base + insn.c as usize);
        }
    }

    /// Returns the next item of the commonest iterators.
    #[inline(always)]
    fn fast_next(&mut self, iterator: Value) -> Option<Value> {
        use crate::object::Iter;
        let Value::Obj(handle) = iterator else {
            return None;
        };
        let Obj::Iter(iter) = self.heap.get_mut(handle) else {
            return None;
        };
        match &mut **iter {
            Iter::Range { at, left, step } => {
                if *left == 0 {
                    return None;
                }
                *left -= 1;
                let value = *at;
                *at = at.wrapping_add(*step);
                Some(Value::Int(value))
            }
            Iter::Index { of, at } => {
                let (of, index) = (*of, *at);
                let value = match self.obj(of) {
                    Obj::List(items) => items.get(index).copied()?,
                    Obj::Tuple(items) => items.get(index).copied()?,
                    _ => return None,
                };
                if let Obj::Iter(iter) = self.heap.get_mut(handle)
                    && let Iter::Index { at, .. } = &mut **iter
                {
                    *at += 1;
                }
                Some(value)
            }
            _ => None,
        }
    }

    /// Returns from the topmost frame.
    #[inline(never)]
    fn do_return(&mut self, insn: Insn, base: usize) -> R<Go> {
        let at = base + insn.b as usize;
        let value = if insn.free & FREE_B != 0 {
            std::mem::replace(&mut self.regs[at], Value::Unset)
        } else {
            let value = self.regs[at];
            self.heap.inc(value);
            value
        };
        // The value carries a count of its own from here on.
        self.deliver(insn.a as usize, value)
    }

    /// Takes the topmost frame off, and hands its result on. The value carries a count.
    fn deliver(&mut self, registers: usize, value: Value) -> R<Go> {
        use frame::Then;
        if self
            .frames
            .last()
            .is_some_and(|frame| frame.generator.is_some())
        {
            return self.generator_returns(value);
        }
        let Some(frame) = self.pop_frame(registers) else {
            return Err(Raise);
        };
        match frame.then {
            Then::Store => {
                let old = std::mem::replace(&mut self.regs[frame.ret], value);
                self.heap.dec(old);
                self.clear_args(frame.ret, frame.args);
                self.resume_caller();
                Ok(Go::Frame)
            }
            Then::Entry => {
                self.drain();
                self.heap.dec(value);
                Ok(Go::Exit(Exit::Return(value)))
            }
            Then::Init => {
                let made = frame.keep;
                if !value.is_none() {
                    let name = self.type_name(value);
                    self.heap.dec(value);
                    self.heap.dec(made);
                    return Err(
                        self.type_error(format!("__init__() should return None, not '{name}'"))
                    );
                }
                let old = std::mem::replace(&mut self.regs[frame.ret], made);
                self.heap.dec(old);
                self.clear_args(frame.ret, frame.args);
                self.resume_caller();
                Ok(Go::Frame)
            }
            Then::ForIter | Then::YieldFrom => {
                self.heap.dec(value);
                self.clear_args(frame.ret, frame.args);
                self.resume_caller();
                Ok(Go::Frame)
            }
        }
    }

    #[inline]
    fn clear_args(&mut self, ret: usize, args: u32) {
        for at in ret + 1..=ret + args as usize {
            if let Value::Obj(_) = self.regs[at] {
                self.clear(at);
            }
        }
    }

    /// Lets the topmost frame go on after its call.
    #[inline]
    fn resume_caller(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.pc += 1;
        }
        if self.heap.has_notes() {
            self.drain();
        }
    }

    /// Collects and checks everything, to find a wrong count early.
    #[cfg(feature = "stress")]
    fn stress(&mut self, pc: usize) -> R<()> {
        let top = self.frames.len() - 1;
        self.frames[top].pc = pc;
        if self.heap.has_notes() {
            self.between()?;
        }
        if self.steps % 61 == 0 {
            self.collect();
        }
        Ok(())
    }
}

/// Where the loop goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Go {
    Next,
    Jump(u32),
    /// In another frame, or this one at another place.
    Frame,
    Exit(Exit),
}

/// Adds, subtracts or multiplies two small ints or two floats.
#[inline(always)]
fn fast_binary(op: Rop, a: Value, b: Value) -> Option<Value> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => match op {
            Rop::Add => a.checked_add(b),
            Rop::Sub => a.checked_sub(b),
            _ => a.checked_mul(b),
        }
        .map(Value::Int),
        (Value::Float(a), Value::Float(b)) => Some(Value::Float(match op {
            Rop::Add => a + b,
            Rop::Sub => a - b,
            _ => a * b,
        })),
        _ => None,
    }
}

/// Combines a small int with the number in an instruction.
#[inline(always)]
fn fast_immediate(insn: Insn, a: Value) -> Option<Value> {
    let Value::Int(a) = a else { return None };
    let by = i64::from(insn.c as i32);
    match insn.op {
        Rop::AddI => a.checked_add(by),
        Rop::SubI => a.checked_sub(by),
        _ => fast_int(Bin::of(insn.x), a, by),
    }
    .map(Value::Int)
}

/// Combines two small ints.
#[inline(always)]
fn fast_ints(x: u16, a: Value, b: Value) -> Option<Value> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => fast_int(Bin::of(x), a, b).map(Value::Int),
        _ => None,
    }
}

/// Combines two small ints where the result is a small int.
#[inline(always)]
pub(crate) fn fast_int(op: Bin, a: i64, b: i64) -> Option<i64> {
    match op {
        Bin::Add => a.checked_add(b),
        Bin::Sub => a.checked_sub(b),
        Bin::Mul => a.checked_mul(b),
        Bin::And => Some(a & b),
        Bin::Or => Some(a | b),
        Bin::Xor => Some(a ^ b),
        Bin::Mod if b > 0 => Some(a.rem_euclid(b)),
        Bin::FloorDiv if b > 0 => Some(a.div_euclid(b)),
        Bin::RShift if (0..64).contains(&b) => Some(a >> b),
        Bin::LShift if (0..63).contains(&b) && (a << b) >> b == a => Some(a << b),
        _ => None,
    }
}
