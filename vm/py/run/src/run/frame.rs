//! Frames: calls that are active.

use crate::code::{Code, Lowered};
use crate::object::{FrameObj, Function, Obj};
use crate::value::{R, Ref, Value};
use crate::vm::Vm;
use std::rc::Rc;

/// What happens to a frame's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// A native function waits for it.
    Entry,
    /// It goes to the register `ret`, and `args` registers after it are given up.
    Store,
    /// It must be None; `keep` goes there instead.
    Init,
    /// A generator's item goes to `ret`; at its end the caller jumps.
    ForIter,
    /// A generator's item is yielded by the caller too; its value goes to `ret`.
    YieldFrom,
}

/// An active call.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) lowered: Rc<Lowered>,
    pub(crate) base: usize,
    /// The instruction that is executed.
    pub(crate) pc: usize,
    /// The function, or the code object of a module or class. Counted.
    pub(crate) func: Value,
    pub(crate) globals: Ref,
    pub(crate) builtins: Ref,
    /// The namespace of a module or class. Counted.
    pub(crate) locals: Value,
    pub(crate) then: Then,
    pub(crate) ret: usize,
    pub(crate) args: u32,
    /// The object that a constructor makes. Counted.
    pub(crate) keep: Value,
    /// Itself as an object, if something asked for it. Counted.
    pub(crate) obj: Option<Ref>,
    pub(crate) generator: Option<Ref>,
}

/// How a nested run ended. The value carries no count.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Exit {
    Return(Value),
    Yield(Value),
}

impl Vm {
    /// Returns the register after the topmost frame's.
    #[inline]
    pub(crate) fn free_register(&self) -> usize {
        self.frames
            .last()
            .map_or(0, |frame| frame.base + frame.lowered.registers as usize)
    }

    /// Sees to it that registers up to `end` exist.
    #[inline]
    pub(crate) fn need_registers(&mut self, end: usize) -> R<()> {
        if end > self.regs.len() {
            let more = end - self.regs.len();
            self.room(more * 16)?;
            self.heap.charge(more * 16);
            self.regs.resize(end * 3 / 2, Value::Unset);
        }
        Ok(())
    }

    pub(crate) fn function(&self, value: Value) -> Option<&Function> {
        match self.obj(value) {
            Obj::Function(function) => Some(function),
            _ => None,
        }
    }

    pub(crate) fn frame_code(&self, index: usize) -> Option<Rc<Code>> {
        self.code_of(self.frames.get(index)?.func)
    }

    /// Returns the code of a function or code object.
    pub(crate) fn code_of(&self, func: Value) -> Option<Rc<Code>> {
        match self.obj(func) {
            Obj::Function(function) => Some(function.code.clone()),
            Obj::Code(code) => Some(code.clone()),
            _ => None,
        }
    }

    /// Returns the line that an active frame is at.
    pub(crate) fn frame_line(&self, index: usize) -> i64 {
        let Some(code) = self.frame_code(index) else {
            return 0;
        };
        code.line(self.frame_offset(index))
    }

    pub(crate) fn frame_offset(&self, index: usize) -> u32 {
        let frame = &self.frames[index];
        frame.lowered.offsets.get(frame.pc).copied().unwrap_or(0)
    }

    /// Returns an active frame as an object.
    pub(crate) fn frame_object(&mut self, index: usize) -> Value {
        if let Some(obj) = self.frames[index].obj {
            return Value::Obj(obj);
        }
        let frame = &self.frames[index];
        let code = match self.obj(frame.func) {
            Obj::Function(function) => function.code_obj,
            _ => frame.func,
        };
        let object = FrameObj {
            active: Some(index),
            code,
            globals: frame.globals,
            builtins: frame.builtins,
            locals: frame.locals,
            registers: Vec::new(),
            back: Value::None,
            lasti: 0,
            line: 0,
        };
        let obj = self.new_obj(self.types.frame, Obj::Frame(Box::new(object)));
        self.heap.inc(obj);
        self.frames[index].obj = obj.obj();
        obj
    }

    /// Takes the topmost frame off. Its registers are given up, or kept by its object if
    /// something refers to that.
    pub(crate) fn pop_frame(&mut self, registers: usize) -> Option<Frame> {
        let mut frame = self.frames.pop()?;
        self.depth -= 1;
        if let Some(obj) = frame.obj.take() {
            self.leave_frame_object(&frame, obj);
        }
        if frame.generator.is_none() {
            for at in frame.base..frame.base + registers {
                if let Value::Obj(_) = self.regs[at] {
                    let old = std::mem::replace(&mut self.regs[at], Value::Unset);
                    self.heap.dec(old);
                }
            }
        }
        self.heap.dec(frame.func);
        self.heap.dec(frame.locals);
        Some(frame)
    }

    #[cold]
    fn leave_frame_object(&mut self, frame: &Frame, obj: Ref) {
        let held = self.heap.count(obj) > 1;
        let offset = frame.lowered.offsets.get(frame.pc).copied().unwrap_or(0);
        let line = self.code_of(frame.func).map_or(0, |code| code.line(offset));
        let mut registers = Vec::new();
        let mut back = Value::None;
        if held {
            let temps = frame.lowered.temps as usize;
            registers = self.regs[frame.base..frame.base + temps].to_vec();
            registers.iter().for_each(|&value| self.heap.inc(value));
            if !self.frames.is_empty() {
                back = self.frame_object(self.frames.len() - 1);
                self.heap.inc(back);
            }
        }
        if let Obj::Frame(object) = self.heap.get_mut(obj) {
            object.active = None;
            object.lasti = offset;
            object.line = line;
            object.registers = registers;
            object.back = back;
        }
        self.heap.dec(Value::Obj(obj));
    }
}
