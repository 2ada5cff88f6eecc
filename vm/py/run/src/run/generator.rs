//! Generators, coroutines and asynchronous generators.

use super::Go;
use super::frame::{Exit, Frame, Then};
use crate::code::Code;
use crate::floor::flags;
use crate::object::{GenKind, GenState, Generator, Obj};
use crate::rinsn::{Insn, Rop};
use crate::value::{R, Raise, Ref, Value};
use crate::vm::Vm;
use std::rc::Rc;

/// What a resumed generator gave.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Yield(Value),
    Return(Value),
}

impl Vm {
    /// Makes a generator of the frame that was set up at `base`, whose registers it takes.
    pub(crate) fn make_generator(&mut self, func: Value, code: &Rc<Code>, base: usize) -> R {
        let Some(function) = self.function(func) else {
            return Err(Raise);
        };
        let (globals, builtins) = (function.globals, function.builtins);
        let (name, qualname) = (function.name, function.qualname);
        let (kind, class) = if code.has(flags::COROUTINE) {
            (GenKind::Coroutine, self.types.coroutine)
        } else if code.has(flags::ASYNC_GENERATOR) {
            (GenKind::AsyncGenerator, self.types.async_generator)
        } else {
            (GenKind::Generator, self.types.generator)
        };
        let count = code.lowered().registers as usize;
        let registers = self.regs[base..base + count].to_vec();
        let parts = Generator {
            kind,
            state: GenState::Created,
            func,
            code: code.clone(),
            globals,
            builtins,
            name,
            qualname,
            registers,
            pc: 0,
            handling: Value::Unset,
            frame: Value::Unset,
            closed: false,
            running_async: false,
            hooked: false,
            finalizer: Value::Unset,
        };
        let made = self.new_obj(class, Obj::Generator(Box::new(parts)));
        // The generator counts them itself.
        for at in base..base + count {
            if let Value::Obj(_) = self.regs[at] {
                self.clear(at);
            }
        }
        Ok(made)
    }

    /// Pushes a generator's frame, which goes on where it stopped. `sent` is what it is sent, or
    /// unset to raise the exception that is on its way in it.
    pub(crate) fn push_generator(
        &mut self,
        generator: Ref,
        sent: Value,
        then: Then,
        ret: usize,
    ) -> R<()> {
        self.check_depth("")?;
        let base = self.free_register();
        let Obj::Generator(parts) = self.heap.get(generator) else {
            return Err(Raise);
        };
        let lowered = parts.code.lowered().clone();
        let (func, globals, builtins, pc) = (parts.func, parts.globals, parts.builtins, parts.pc);
        self.need_registers(base + lowered.registers as usize)?;
        let Obj::Generator(parts) = self.heap.get_mut(generator) else {
            return Err(Raise);
        };
        let created = parts.state == GenState::Created;
        parts.state = GenState::Running;
        let registers = std::mem::take(&mut parts.registers);
        let handling = std::mem::replace(&mut parts.handling, Value::Unset);
        self.regs[base..base + registers.len()].copy_from_slice(&registers);
        let Obj::Generator(parts) = self.heap.get_mut(generator) else {
            return Err(Raise);
        };
        // Its room is kept for the next time.
        parts.registers = registers;
        parts.registers.clear();
        let mut pc = pc as usize;
        if !created && !sent.is_unset() {
            let insn = lowered.insns[pc];
            let at = base + insn.a as usize;
            if insn.op == Rop::Yield {
                self.put(at, sent);
                pc += 1;
            } else {
                self.put(at + 1, sent);
            }
        }
        self.handling.push(handling);
        self.heap.inc(func);
        self.heap.inc(Value::Obj(generator));
        self.depth += 1;
        self.frames.push(Frame {
            lowered,
            base,
            pc,
            func,
            globals,
            builtins,
            locals: Value::Unset,
            then,
            ret,
            args: 0,
            keep: Value::Unset,
            obj: None,
            generator: Some(generator),
        });
        Ok(())
    }

    /// Suspends the topmost frame, a generator's, and hands a value on, which carries a count.
    pub(super) fn yield_value(&mut self, value: Value) -> R<Go> {
        loop {
            let Some(frame) = self.frames.last() else {
                return Err(Raise);
            };
            let (base, pc) = (frame.base, frame.pc);
            let count = frame.lowered.registers as usize;
            let Some(frame) = self.pop_frame(0) else {
                return Err(Raise);
            };
            let Some(generator) = frame.generator else {
                return Err(Raise);
            };
            let handling = self.handling.pop().unwrap_or(Value::Unset);
            if let Obj::Generator(parts) = self.heap.get_mut(generator) {
                parts.state = GenState::Suspended;
                parts.pc = pc as u32;
                parts.handling = handling;
                parts.registers.clear();
                parts
                    .registers
                    .extend_from_slice(&self.regs[base..base + count]);
            }
            for register in &mut self.regs[base..base + count] {
                *register = Value::Unset;
            }
            self.heap.dec(Value::Obj(generator));
            match frame.then {
                // The caller delegates: it yields the same.
                Then::YieldFrom => {}
                Then::Entry => {
                    self.drain_but(value);
                    return Ok(Go::Exit(Exit::Yield(value)));
                }
                _ => {
                    let old = std::mem::replace(&mut self.regs[frame.ret], value);
                    self.heap.dec(old);
                    self.resume_caller();
                    return Ok(Go::Frame);
                }
            }
        }
    }

    /// Drains, while a value that carries a count is kept; then gives that count up.
    fn drain_but(&mut self, value: Value) {
        self.drain();
        self.heap.dec(value);
    }

    /// Ends the topmost frame, a generator's, with a value that carries a count.
    pub(super) fn generator_returns(&mut self, value: Value) -> R<Go> {
        let Some(frame) = self.frames.last() else {
            return Err(Raise);
        };
        let (base, count) = (frame.base, frame.lowered.registers as usize);
        let Some(frame) = self.pop_frame(0) else {
            return Err(Raise);
        };
        let Some(generator) = frame.generator else {
            return Err(Raise);
        };
        for at in base..base + count {
            if let Value::Obj(_) = self.regs[at] {
                self.clear(at);
            }
        }
        self.end_generator(generator);
        self.heap.dec(Value::Obj(generator));
        match frame.then {
            Then::Entry => {
                self.drain_but(value);
                Ok(Go::Exit(Exit::Return(value)))
            }
            Then::ForIter => {
                self.heap.dec(value);
                self.exhausted();
                Ok(Go::Frame)
            }
            _ => {
                let old = std::mem::replace(&mut self.regs[frame.ret], value);
                self.heap.dec(old);
                self.resume_caller();
                Ok(Go::Frame)
            }
        }
    }

    /// Ends the loop of the topmost frame, whose iterator is exhausted.
    fn exhausted(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            let insn = frame.lowered.insns[frame.pc];
            frame.pc = insn.c as usize;
            let at = frame.base + insn.b as usize;
            self.clear(at);
        }
        self.drain();
    }

    /// The next item of a loop.
    #[inline(never)]
    pub(super) fn do_for_iter(&mut self, insn: Insn, base: usize) -> R<Go> {
        let iterator = self.regs[base + insn.b as usize];
        if let Value::Obj(handle) = iterator
            && let Obj::Generator(parts) = self.heap.get(handle)
            && parts.kind == GenKind::Generator
            && matches!(parts.state, GenState::Created | GenState::Suspended)
        {
            let ret = base + insn.a as usize;
            self.push_generator(handle, Value::None, Then::ForIter, ret)?;
            return Ok(Go::Frame);
        }
        match self.next_value(iterator)? {
            Some(value) => {
                self.put(base + insn.a as usize, value);
                Ok(Go::Next)
            }
            None => {
                self.clear(base + insn.b as usize);
                Ok(Go::Jump(insn.c))
            }
        }
    }

    #[inline(never)]
    pub(super) fn do_yield(&mut self, insn: Insn, base: usize) -> R<Go> {
        self.steps += 1;
        let at = base + insn.a as usize;
        let mut value = std::mem::replace(&mut self.regs[at], Value::Unset);
        let generator = self.frames.last().and_then(|frame| frame.generator);
        let kind = match generator.map(|generator| self.heap.get(generator)) {
            Some(Obj::Generator(parts)) => parts.kind,
            _ => GenKind::Generator,
        };
        if kind == GenKind::AsyncGenerator {
            let wrapped = self.new_obj(self.types.async_wrapped, Obj::Wrapped(value));
            self.heap.inc(wrapped);
            self.heap.dec(value);
            value = wrapped;
        }
        self.yield_value(value)
    }

    /// One step of a delegation: `r[a]` is the iterator, `r[a+1]` is what it is sent.
    #[inline(never)]
    pub(super) fn do_yield_from(&mut self, insn: Insn, base: usize) -> R<Go> {
        self.steps += 1;
        let at = base + insn.a as usize;
        let (iterator, sent) = (self.regs[at], self.regs[at + 1]);
        if let Value::Obj(handle) = iterator
            && let Obj::Generator(parts) = self.heap.get(handle)
            && parts.kind != GenKind::AsyncGenerator
            && matches!(parts.state, GenState::Created | GenState::Suspended)
        {
            self.check_first_send(handle, sent)?;
            self.push_generator(handle, sent, Then::YieldFrom, at)?;
            // It took what it is sent.
            self.clear(at + 1);
            return Ok(Go::Frame);
        }
        let step = self.send(iterator, sent);
        self.clear(at + 1);
        match step? {
            Step::Yield(value) => {
                self.heap.inc(value);
                self.yield_value(value)
            }
            Step::Return(value) => {
                self.put(at, value);
                Ok(Go::Next)
            }
        }
    }

    fn check_first_send(&mut self, generator: Ref, sent: Value) -> R<()> {
        let Obj::Generator(parts) = self.heap.get(generator) else {
            return Ok(());
        };
        if parts.state == GenState::Created && !sent.is_none() {
            let kind = kind_name(parts.kind);
            return Err(self.type_error(format!(
                "can't send non-None value to a just-started {kind}"
            )));
        }
        Ok(())
    }

    /// Sends a value to an iterator of any kind; None asks for the next item.
    pub(crate) fn send(&mut self, iterator: Value, sent: Value) -> R<Step> {
        if let Value::Obj(handle) = iterator
            && let Obj::Generator(_) = self.heap.get(handle)
        {
            return self.resume(handle, sent);
        }
        let result = if sent.is_none() {
            self.next_raising(iterator)
        } else if let Obj::Iter(_) = self.obj(iterator) {
            crate::types::iterators::send(self, iterator, sent)
        } else {
            let send = self.names.send;
            self.call_method(iterator, send, &[sent])
        };
        match result {
            Ok(value) => Ok(Step::Yield(value)),
            Err(Raise) => match self.catch(self.exc.stop_iteration) {
                Some(stop) => Ok(Step::Return(self.stop_value(stop))),
                None => Err(Raise),
            },
        }
    }

    /// Returns the value that a StopIteration carries.
    pub(crate) fn stop_value(&self, stop: Value) -> Value {
        let fields = self.as_exc(stop).map_or(&[][..], |exc| &exc.fields);
        fields
            .first()
            .copied()
            .unwrap_or(Value::None)
            .or(Value::None)
    }

    /// Resumes a generator with a value, for a native function.
    pub(crate) fn resume(&mut self, generator: Ref, sent: Value) -> R<Step> {
        let Obj::Generator(parts) = self.heap.get(generator) else {
            return Err(Raise);
        };
        let kind = parts.kind;
        match parts.state {
            GenState::Running => {
                let kind = kind_name(kind);
                Err(self.value_error(format!("{kind} already executing")))
            }
            GenState::Finished if kind == GenKind::Coroutine => Err(self.raise(
                self.exc.runtime_error,
                "cannot reuse already awaited coroutine",
            )),
            GenState::Finished => Ok(Step::Return(Value::None)),
            GenState::Created | GenState::Suspended => {
                self.check_first_send(generator, sent)?;
                self.native_guard("")?;
                self.push_generator(generator, sent, Then::Entry, 0)?;
                self.step_of()
            }
        }
    }

    fn step_of(&mut self) -> R<Step> {
        match self.run_nested()? {
            Exit::Yield(value) => Ok(Step::Yield(value)),
            Exit::Return(value) => Ok(Step::Return(value)),
        }
    }

    /// Raises an exception in a generator, where it stopped.
    pub(crate) fn throw_into(&mut self, generator: Ref, exc: Value) -> R<Step> {
        let Obj::Generator(parts) = self.heap.get(generator) else {
            return Err(Raise);
        };
        match (parts.state, parts.kind) {
            (GenState::Running, kind) => {
                let kind = kind_name(kind);
                return Err(self.value_error(format!("{kind} already executing")));
            }
            (GenState::Finished, GenKind::Coroutine) => {
                return Err(self.raise(
                    self.exc.runtime_error,
                    "cannot reuse already awaited coroutine",
                ));
            }
            (GenState::Finished, _) => {
                self.set_raised(exc);
                return Err(Raise);
            }
            (GenState::Created, _) => {
                self.set_raised(exc);
                self.native_guard("")?;
                self.push_generator(generator, Value::Unset, Then::Entry, 0)?;
                return self.raise_in_top();
            }
            (GenState::Suspended, _) => {}
        }
        self.native_guard("")?;
        if let Some(inner) = self.delegate(generator) {
            return self.throw_into_delegate(generator, inner, exc);
        }
        self.push_generator(generator, Value::Unset, Then::Entry, 0)?;
        self.context_of_top(exc);
        self.raise_in_top()
    }

    /// Puts an exception on its way in the topmost frame, with what that handles as its context.
    fn context_of_top(&mut self, exc: Value) {
        let _ = self.throw(exc);
    }

    /// Runs the topmost frame from the exception on that is on its way.
    fn raise_in_top(&mut self) -> R<Step> {
        let entry = self.frames.len() - 1;
        self.native_depth += 1;
        let epoch = self.heap.enter();
        let result = match self.unwind(entry) {
            Ok(()) => self.run(entry),
            Err(Raise) => Err(Raise),
        };
        self.heap.leave(epoch);
        self.native_depth -= 1;
        match result? {
            Exit::Yield(value) => Ok(Step::Yield(value)),
            Exit::Return(value) => Ok(Step::Return(value)),
        }
    }

    /// Returns what a suspended generator delegates to.
    pub(crate) fn delegate(&self, generator: Ref) -> Option<Value> {
        let Obj::Generator(parts) = self.heap.get(generator) else {
            return None;
        };
        if parts.state != GenState::Suspended {
            return None;
        }
        let insn = parts.code.lowered().insns[parts.pc as usize];
        (insn.op == Rop::YieldFrom).then(|| parts.registers[insn.a as usize])
    }

    fn throw_into_delegate(&mut self, generator: Ref, inner: Value, exc: Value) -> R<Step> {
        let exits = self.is_instance(exc, self.exc.generator_exit);
        self.set_generator_state(generator, GenState::Running);
        let result = if exits {
            self.close_iterator(inner).map(|()| None)
        } else {
            self.throw_into_iterator(inner, exc)
        };
        self.set_generator_state(generator, GenState::Suspended);
        match result {
            Ok(Some(Step::Yield(value))) => Ok(Step::Yield(value)),
            // The delegate ended: the generator goes on after it.
            Ok(Some(Step::Return(value))) => {
                self.push_generator(generator, Value::Unset, Then::Entry, 0)?;
                let top = self.frames.len() - 1;
                let frame = &mut self.frames[top];
                let at = frame.base + frame.lowered.insns[frame.pc].a as usize;
                frame.pc += 1;
                self.put(at, value);
                self.step_of()
            }
            // It cannot be thrown into, or is closed: the exception is raised here.
            Ok(None) => {
                self.push_generator(generator, Value::Unset, Then::Entry, 0)?;
                self.context_of_top(exc);
                self.raise_in_top()
            }
            Err(Raise) => {
                let raised = self.raised;
                self.push_generator(generator, Value::Unset, Then::Entry, 0)?;
                self.set_raised(raised);
                self.raise_in_top()
            }
        }
    }

    fn set_generator_state(&mut self, generator: Ref, state: GenState) {
        if let Obj::Generator(parts) = self.heap.get_mut(generator) {
            parts.state = state;
        }
    }

    /// Throws into an iterator; none if it cannot be thrown into.
    fn throw_into_iterator(&mut self, inner: Value, exc: Value) -> R<Option<Step>> {
        if let Value::Obj(handle) = inner
            && let Obj::Generator(_) = self.heap.get(handle)
        {
            return match self.throw_into(handle, exc) {
                Ok(step) => Ok(Some(step)),
                Err(Raise) => self.stopped(),
            };
        }
        let throw = self.names.throw;
        let Some(method) = self.get_attr_opt(inner, throw)? else {
            return Ok(None);
        };
        let class = Value::Obj(self.class_of(exc));
        match self.call(method, &[class, exc], &[]) {
            Ok(value) => Ok(Some(Step::Yield(value))),
            Err(Raise) => self.stopped(),
        }
    }

    fn stopped(&mut self) -> R<Option<Step>> {
        match self.catch(self.exc.stop_iteration) {
            Some(stop) => Ok(Some(Step::Return(self.stop_value(stop)))),
            None => Err(Raise),
        }
    }

    fn close_iterator(&mut self, inner: Value) -> R<()> {
        if let Value::Obj(handle) = inner
            && let Obj::Generator(_) = self.heap.get(handle)
        {
            return self.close_generator(handle);
        }
        let close = self.names.close;
        if let Some(method) = self.get_attr_opt(inner, close)? {
            self.call(method, &[], &[])?;
        }
        Ok(())
    }

    /// Closes a generator.
    pub(crate) fn close_generator(&mut self, generator: Ref) -> R<()> {
        let Obj::Generator(parts) = self.heap.get(generator) else {
            return Ok(());
        };
        let kind = parts.kind;
        match parts.state {
            GenState::Finished => return Ok(()),
            GenState::Created => {
                self.discard_generator(generator);
                return Ok(());
            }
            _ => {}
        }
        let class = self.exc.generator_exit;
        let exc = crate::types::exceptions::make(self, class, Vec::new());
        match self.throw_into(generator, exc) {
            Ok(Step::Return(_)) => Ok(()),
            Ok(Step::Yield(_)) => {
                let kind = kind_name(kind);
                let message = format!("{kind} ignored GeneratorExit");
                Err(self.raise(self.exc.runtime_error, message))
            }
            Err(Raise) => {
                let ended = self.catch(self.exc.stop_iteration).is_some()
                    || self.catch(self.exc.generator_exit).is_some();
                if ended { Ok(()) } else { Err(Raise) }
            }
        }
    }

    /// Ends a generator that never began.
    pub(crate) fn discard_generator(&mut self, generator: Ref) {
        if let Obj::Generator(parts) = self.heap.get_mut(generator) {
            parts.state = GenState::Finished;
            for value in std::mem::take(&mut parts.registers) {
                self.heap.dec(value);
            }
        }
    }
}

pub(crate) fn kind_name(kind: GenKind) -> &'static str {
    match kind {
        GenKind::Generator => "generator",
        GenKind::Coroutine => "coroutine",
        GenKind::AsyncGenerator => "async generator",
    }
}
