//! Exceptions on their way: handlers, and what a traceback says.

use super::frame::{Exit, Frame, Then};
use crate::object::{GenState, Obj, Traceback};
use crate::value::{R, Raise, Value};
use crate::vm::Vm;

impl Vm {
    /// Looks for a handler of the exception that is on its way, in frames down to number `entry`.
    pub(super) fn unwind(&mut self, entry: usize) -> R<()> {
        loop {
            if self.limited.is_some() || self.host_failed.is_some() {
                while self.frames.len() > entry {
                    self.frames.pop();
                }
                return Err(Raise);
            }
            let Some(frame) = self.frames.last() else {
                return Err(Raise);
            };
            let pc = frame.pc;
            let lowered = frame.lowered.clone();
            self.steps += u64::from(lowered.costs.get(pc).copied().unwrap_or(0));
            if !std::mem::take(&mut self.reraised) {
                self.add_traceback();
            }
            if self.handler(&lowered, pc) {
                self.drain();
                return Ok(());
            }
            let last = self.frames.len() - 1 == entry;
            self.leave_with_exception(lowered.registers as usize);
            if last {
                return Err(Raise);
            }
            self.drain();
        }
    }

    /// Goes to the handler of the topmost frame, if it has one.
    fn handler(&mut self, lowered: &crate::code::Lowered, pc: usize) -> bool {
        let base = self.frames[self.frames.len() - 1].base;
        let mut top = base + lowered.registers as usize;
        let mut at = lowered.blocks.get(pc).copied().unwrap_or(0);
        while at != 0 {
            let block = lowered.block_table[at as usize];
            let level = base + block.level as usize;
            match block.handler {
                None => {
                    let saved = self.regs[level + 1];
                    self.set_handling(saved);
                    self.clear_range(level, top);
                }
                Some(handler) => {
                    self.clear_range(level, top);
                    self.enter_handler(level, handler);
                    return true;
                }
            }
            top = level;
            at = block.outer;
        }
        false
    }

    fn clear_range(&mut self, from: usize, to: usize) {
        for at in (from..to).rev() {
            if let Value::Obj(_) = self.regs[at] {
                self.clear(at);
            }
        }
    }

    /// Saves the exception that is handled, and puts the new one in place.
    fn enter_handler(&mut self, level: usize, handler: u32) {
        let saved = *self.handling.last().unwrap_or(&Value::Unset);
        let (kind, traceback) = self.exc_triple(saved);
        self.put(level, traceback);
        self.put(level + 1, saved);
        self.put(level + 2, kind);
        let exc = self.raised;
        let (kind, traceback) = self.exc_triple(exc);
        self.put(level + 3, traceback);
        self.put(level + 4, exc);
        self.put(level + 5, kind);
        self.set_handling(exc);
        self.take_raised();
        if let Some(frame) = self.frames.last_mut() {
            frame.pc = handler as usize;
        }
    }

    /// Returns class and traceback of an exception, or two Nones.
    pub(crate) fn exc_triple(&self, exc: Value) -> (Value, Value) {
        match self.as_exc(exc) {
            None => (Value::None, Value::None),
            Some(parts) => (
                Value::Obj(self.class_of(exc)),
                parts.traceback.or(Value::None),
            ),
        }
    }

    /// Says which exception is being handled.
    pub(crate) fn set_handling(&mut self, exc: Value) {
        self.heap.inc(exc);
        if let Some(place) = self.handling.last_mut() {
            let old = std::mem::replace(place, exc);
            self.heap.dec(old);
        }
    }

    /// Adds the topmost frame to the traceback of the exception on its way.
    fn add_traceback(&mut self) {
        let index = self.frames.len() - 1;
        let frame = self.frame_object(index);
        let lasti = i64::from(self.frame_offset(index));
        let line = self.frame_line(index);
        let exc = self.raised;
        let next = self
            .as_exc(exc)
            .map_or(Value::None, |exc| exc.traceback.or(Value::None));
        let parts = Traceback {
            next,
            frame,
            lasti,
            line,
        };
        let traceback = self.new_obj(self.types.traceback, Obj::Traceback(Box::new(parts)));
        self.exc_field(exc, traceback, |exc| &mut exc.traceback);
    }

    /// Leaves the topmost frame with the exception that is on its way.
    fn leave_with_exception(&mut self, registers: usize) {
        let Some(generator) = self.frames.last().and_then(|frame| frame.generator) else {
            if let Some(frame) = self.pop_frame(registers) {
                self.heap.dec(frame.keep);
            }
            return;
        };
        let base = self.frames[self.frames.len() - 1].base;
        let frame = self.pop_frame(registers);
        self.clear_range(base, base + registers);
        self.end_generator(generator);
        self.stop_iteration_in_generator(generator);
        // A coroutine that another awaits raises at the await.
        drop::<Option<Frame>>(frame);
        self.heap.dec(Value::Obj(generator));
    }

    /// Marks a generator as finished, and takes off what it was handling.
    pub(super) fn end_generator(&mut self, generator: crate::value::Ref) {
        let handled = self.handling.pop().unwrap_or(Value::Unset);
        self.heap.dec(handled);
        if let Obj::Generator(parts) = self.heap.get_mut(generator) {
            parts.state = GenState::Finished;
            let old = std::mem::replace(&mut parts.frame, Value::None);
            self.heap.dec(old);
        }
    }

    /// A StopIteration that leaves a generator becomes a RuntimeError.
    fn stop_iteration_in_generator(&mut self, generator: crate::value::Ref) {
        use crate::object::GenKind;
        let Obj::Generator(parts) = self.heap.get(generator) else {
            return;
        };
        let (kind, exc) = (parts.kind, self.raised);
        let name = match kind {
            GenKind::Generator => "generator",
            GenKind::Coroutine => "coroutine",
            GenKind::AsyncGenerator => "async generator",
        };
        let what = if self.is_instance(exc, self.exc.stop_iteration) {
            "StopIteration"
        } else if kind == GenKind::AsyncGenerator
            && self.is_instance(exc, self.exc.stop_async_iteration)
        {
            "StopAsyncIteration"
        } else {
            return;
        };
        let message = self.str(&format!("{name} raised {what}"));
        let class = self.exc.runtime_error;
        let error = crate::types::exceptions::make(self, class, vec![message]);
        self.exc_field(error, exc, |exc| &mut exc.cause);
        self.exc_field(error, exc, |exc| &mut exc.context);
        if let Some(Obj::Exc(parts)) = error.obj().map(|handle| self.heap.get_mut(handle)) {
            parts.suppress = true;
        }
        self.set_raised(error);
    }

    /// Runs the frame that was pushed last, for a native function.
    pub(crate) fn run_nested(&mut self) -> R<Exit> {
        self.native_depth += 1;
        let entry = self.frames.len() - 1;
        debug_assert_eq!(self.frames[entry].then, Then::Entry);
        let epoch = self.heap.enter();
        let result = self.run(entry);
        self.heap.leave(epoch);
        self.native_depth -= 1;
        result
    }
}
