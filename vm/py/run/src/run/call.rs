//! Calls.

use super::Go;
use super::frame::{Exit, Frame, Then};
use crate::floor::flags;
use crate::native::{Body, Kw, New, Params, Sig};
use crate::object::{NativeKind, NativeObj, Obj};
use crate::rinsn::Insn;
use crate::value::{R, Raise, Ref, Value};
use crate::vm::Vm;
use std::rc::Rc;

/// What decides whether a call needs no binding.
const PLAIN: u32 = flags::OPTIMIZED | flags::NEWLOCALS;
const SUSPENDS: u32 = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;

impl Vm {
    /// Calls anything, from a native function.
    pub(crate) fn call(&mut self, f: Value, args: &[Value], kw: Kw<'_>) -> R {
        match self.obj(f) {
            Obj::Function(_) => self.call_function(f, args, kw),
            Obj::Native(native) => {
                let native = **native;
                self.call_native(native, args, kw)
            }
            Obj::Method(parts) => {
                let [function, this] = **parts;
                let mut all = Vec::with_capacity(args.len() + 1);
                all.push(this);
                all.extend_from_slice(args);
                self.call(function, &all, kw)
            }
            Obj::Type(_) => {
                let Value::Obj(class) = f else {
                    return Err(Raise);
                };
                self.call_type(class, args, kw)
            }
            _ => {
                let call = self.names.call;
                let Some(method) = self.special(f, call) else {
                    let name = self.type_name(f);
                    return Err(self.type_error(format!("'{name}' object is not callable")));
                };
                self.deeper(" while calling a Python object", |vm| {
                    let class = vm.class_of(f);
                    let bound = vm.bind(method, f, Value::Obj(class))?;
                    vm.call(bound, args, kw)
                })
            }
        }
    }

    /// Calls a method by its name.
    pub(crate) fn call_method(&mut self, object: Value, name: Value, args: &[Value]) -> R {
        let method = self.get_attr(object, name)?;
        self.call(method, args, &[])
    }

    /// Calls a Python function, from a native function.
    fn call_function(&mut self, f: Value, args: &[Value], kw: Kw<'_>) -> R {
        self.native_guard("")?;
        if let Some(generator) = self.push_function(f, args, kw, Then::Entry, 0, 0)? {
            return Ok(generator);
        }
        match self.run_nested()? {
            Exit::Return(value) | Exit::Yield(value) => Ok(value),
        }
    }

    /// Sets a call of a Python function up: pushes its frame, or returns the generator it makes.
    pub(crate) fn push_function(
        &mut self,
        f: Value,
        args: &[Value],
        kw: Kw<'_>,
        then: Then,
        ret: usize,
        arg_registers: u32,
    ) -> R<Option<Value>> {
        let Some(function) = self.function(f) else {
            return Err(Raise);
        };
        let (globals, builtins) = (function.globals, function.builtins);
        let (code, closure) = (function.code.clone(), function.closure);
        let lowered = code.lowered().clone();
        let base = self.free_register();
        self.need_registers(base + lowered.registers as usize)?;
        if kw.is_empty()
            && args.len() == code.argcount as usize
            && code.kwonly == 0
            && !code.has(flags::VARARGS | flags::VARKEYWORDS)
        {
            for (at, &value) in args.iter().enumerate() {
                self.heap.inc(value);
                self.regs[base + at] = value;
            }
            for register in &mut self.regs[base + args.len()..base + lowered.cells as usize] {
                *register = Value::Unset;
            }
        } else {
            for register in &mut self.regs[base..base + lowered.cells as usize] {
                *register = Value::Unset;
            }
            self.bind_arguments(f, &code, base, args, kw)?;
        }
        self.make_cells(&lowered, base, closure);
        if code.has(SUSPENDS) {
            return self.make_generator(f, &code, base).map(Some);
        }
        let locals = if code.has(flags::NEWLOCALS) && code.has(flags::OPTIMIZED) {
            Value::Unset
        } else if code.has(flags::NEWLOCALS) {
            self.dict()
        } else {
            Value::Obj(globals)
        };
        let frame = Frame {
            lowered,
            base,
            pc: 0,
            func: f,
            globals,
            builtins,
            locals,
            then,
            ret,
            args: arg_registers,
            keep: Value::Unset,
            obj: None,
            generator: None,
        };
        self.push_frame(frame)?;
        Ok(None)
    }

    /// Pushes a frame whose registers are set up.
    pub(crate) fn push_frame(&mut self, frame: Frame) -> R<()> {
        if self.depth >= self.recursion_limit {
            for at in frame.base..frame.base + frame.lowered.temps as usize {
                self.clear(at);
            }
            self.check_depth("")?;
        }
        self.heap.inc(frame.func);
        self.heap.inc(frame.locals);
        self.depth += 1;
        let lowered = self.careful(frame.lowered);
        self.frames.push(Frame { lowered, ..frame });
        Ok(())
    }

    /// Returns the code for a frame: the careful one if it is as deep as may be.
    #[inline]
    fn careful(&self, lowered: Rc<crate::code::Lowered>) -> Rc<crate::code::Lowered> {
        if self.depth < self.recursion_limit {
            lowered
        } else {
            Rc::new(lowered.careful())
        }
    }

    /// Makes the cells of a frame.
    #[inline]
    pub(crate) fn make_cells(
        &mut self,
        lowered: &crate::code::Lowered,
        base: usize,
        closure: Value,
    ) {
        let (cells, temps) = (lowered.cells as usize, lowered.temps as usize);
        if cells == temps {
            return;
        }
        let free = self.as_tuple(closure).map_or(0, <[Value]>::len);
        let own = (temps - cells).saturating_sub(free);
        for at in 0..own {
            let mut value = Value::Unset;
            for &(cell, local) in &lowered.cell_args {
                if cell as usize == at {
                    value = std::mem::replace(&mut self.regs[base + local as usize], Value::Unset);
                }
            }
            let cell = self.cell(value);
            self.heap.dec(value);
            self.heap.inc(cell);
            self.regs[base + cells + at] = cell;
        }
        for at in 0..free {
            let cell = self
                .as_tuple(closure)
                .map_or(Value::Unset, |cells| cells[at]);
            self.heap.inc(cell);
            self.regs[base + cells + own + at] = cell;
        }
    }

    /// `CALL_FUNCTION`: `r[a]` is called with the `c` registers after it.
    #[inline(never)]
    pub(super) fn do_call(&mut self, insn: Insn, base: usize) -> R<Go> {
        let at = base + insn.a as usize;
        self.call_in_place(at, at, insn.c as usize, insn.c)
    }

    /// `CALL_METHOD`: what [`crate::rinsn::Rop::Method`] left, and `c` arguments.
    #[inline(never)]
    pub(super) fn do_call_method(&mut self, insn: Insn, base: usize) -> R<Go> {
        let at = base + insn.a as usize;
        let count = insn.c as usize;
        if self.regs[at].is_unset() {
            self.call_in_place(at + 1, at, count, insn.c + 1)
        } else {
            self.call_in_place(at, at, count + 1, insn.c + 1)
        }
    }

    /// Calls `regs[f]` with the `count` registers after it. The result goes to `ret`, and the
    /// `args` registers after that are given up.
    fn call_in_place(&mut self, f: usize, ret: usize, count: usize, args: u32) -> R<Go> {
        let function = self.regs[f];
        let first = f + 1;
        match self.obj(function) {
            Obj::Function(parts) if parts.simple && parts.code.argcount as usize == count => {
                let (globals, builtins) = (parts.globals, parts.builtins);
                let (lowered, closure) = (parts.code.lowered().clone(), parts.closure);
                self.push_simple(
                    function,
                    (globals, builtins),
                    lowered,
                    closure,
                    first,
                    count,
                )?;
                if let Some(frame) = self.frames.last_mut() {
                    frame.ret = ret;
                    frame.args = args;
                }
                Ok(Go::Frame)
            }
            Obj::Function(_) => {
                let all = self.regs[first..first + count].to_vec();
                match self.push_function(function, &all, &[], Then::Store, ret, args)? {
                    None => Ok(Go::Frame),
                    Some(generator) => Ok(self.called(ret, args, generator)),
                }
            }
            Obj::Native(native) => {
                let native = **native;
                let value = self.native_in_place(native, first, count)?;
                Ok(self.called(ret, args, value))
            }
            Obj::Method(parts) => {
                let [inner, this] = **parts;
                let mut all = vec![this];
                all.extend_from_slice(&self.regs[first..first + count]);
                if let Obj::Function(_) = self.obj(inner) {
                    return match self.push_function(inner, &all, &[], Then::Store, ret, args)? {
                        None => Ok(Go::Frame),
                        Some(generator) => Ok(self.called(ret, args, generator)),
                    };
                }
                let value = self.call(inner, &all, &[])?;
                Ok(self.called(ret, args, value))
            }
            Obj::Type(_) => {
                let Value::Obj(class) = function else {
                    return Err(Raise);
                };
                if class == self.types.str && count == 1 {
                    let value = self.regs[first];
                    let text = self.counted(|vm| vm.str_of(value))?;
                    return Ok(self.called(ret, args, text));
                }
                let all = self.regs[first..first + count].to_vec();
                if let Some(go) = self.construct(class, &all, ret, args)? {
                    return Ok(go);
                }
                let value = self.call_type(class, &all, &[])?;
                Ok(self.called(ret, args, value))
            }
            _ => {
                let all = self.regs[first..first + count].to_vec();
                let value = self.call(function, &all, &[])?;
                Ok(self.called(ret, args, value))
            }
        }
    }

    /// Puts the result of a call in its place, and gives up its arguments.
    #[inline]
    fn called(&mut self, ret: usize, args: u32, value: Value) -> Go {
        self.put(ret, value);
        for at in ret + 1..=ret + args as usize {
            if let Value::Obj(_) = self.regs[at] {
                self.clear(at);
            }
        }
        Go::Next
    }

    /// Pushes the frame of a function that takes just its arguments.
    #[inline]
    fn push_simple(
        &mut self,
        func: Value,
        (globals, builtins): (Ref, Ref),
        lowered: Rc<crate::code::Lowered>,
        closure: Value,
        first: usize,
        count: usize,
    ) -> R<()> {
        self.check_depth("")?;
        let base = self.free_register();
        self.need_registers(base + lowered.registers as usize)?;
        for at in 0..count {
            let value = self.regs[first + at];
            self.heap.inc(value);
            self.regs[base + at] = value;
        }
        for register in &mut self.regs[base + count..base + lowered.cells as usize] {
            *register = Value::Unset;
        }
        if lowered.cells != lowered.temps {
            self.make_cells(&lowered, base, closure);
        }
        self.heap.inc(func);
        self.depth += 1;
        let lowered = self.careful(lowered);
        self.frames.push(Frame {
            lowered,
            base,
            pc: 0,
            func,
            globals,
            builtins,
            locals: Value::Unset,
            then: Then::Store,
            ret: 0,
            args: 0,
            keep: Value::Unset,
            obj: None,
            generator: None,
        });
        Ok(())
    }

    /// Constructs an instance of a class whose `__init__` is Python's, in a frame of its own.
    fn construct(&mut self, class: Ref, args: &[Value], ret: usize, count: u32) -> R<Option<Go>> {
        if self.heap.class(class) != self.types.type_ || !self.class(class).heap {
            return Ok(None);
        }
        let (new, init) = (self.names.new, self.names.init);
        let plain = self
            .lookup(class, new)
            .is_some_and(|new| self.is_object_new(new));
        let Some(init) = self.lookup(class, init) else {
            return Ok(None);
        };
        if !plain || self.function(init).is_none() || self.is_abstract(class) {
            return Ok(None);
        }
        let made = self.instance(class, Obj::Plain);
        let mut all = Vec::with_capacity(args.len() + 1);
        all.push(made);
        all.extend_from_slice(args);
        // A native call would count it; an error leaves the instance to the zero-count list.
        if self
            .push_function(init, &all, &[], Then::Init, ret, count)?
            .is_some()
        {
            return Err(self.type_error("__init__() should return None, not 'generator'"));
        }
        self.heap.inc(made);
        if let Some(frame) = self.frames.last_mut() {
            frame.keep = made;
        }
        Ok(Some(Go::Frame))
    }

    /// Calls a class: makes an instance.
    pub(crate) fn call_type(&mut self, class: Ref, args: &[Value], kw: Kw<'_>) -> R {
        if class == self.types.type_ && args.len() == 1 && kw.is_empty() {
            return Ok(Value::Obj(self.class_of(args[0])));
        }
        let meta = self.heap.class(class);
        if meta != self.types.type_ {
            let call = self.names.call;
            if let Some(method) = self.lookup(meta, call)
                && !matches!(self.obj(method), Obj::Native(_))
            {
                let bound = self.bind(method, Value::Obj(class), Value::Obj(meta))?;
                return self.call(bound, args, kw);
            }
        }
        self.type_call(class, args, kw)
    }

    /// What `type.__call__` does.
    pub(crate) fn type_call(&mut self, class: Ref, args: &[Value], kw: Kw<'_>) -> R {
        let t = &self.types;
        // CPython calls these without counting a level.
        if [t.list, t.tuple, t.dict, t.set, t.frozenset, t.range].contains(&class) {
            return self.make_instance(class, args, kw);
        }
        self.deeper(" while calling a Python object", |vm| {
            vm.make_instance(class, args, kw)
        })
    }

    fn make_instance(&mut self, class: Ref, args: &[Value], kw: Kw<'_>) -> R {
        if let (false, Some(new)) = (self.class(class).heap, self.class(class).def.new) {
            let init = self.names.init;
            let plain = match self.lookup(class, init) {
                Some(init) => self.is_object_init(init),
                None => true,
            };
            // An exception's `__init__` sets the same again.
            if plain
                || std::ptr::eq(self.class(class).def, &crate::types::exceptions::BASE)
                    && kw.is_empty()
            {
                return new(self, Value::Obj(class), args, kw);
            }
        }
        if class == self.types.type_ && args.len() == 1 && kw.is_empty() {
            return Ok(Value::Obj(self.class_of(args[0])));
        }
        let (new, init) = (self.names.new, self.names.init);
        let Some(new) = self.lookup(class, new) else {
            let name = self.class_name(class).to_owned();
            return Err(self.type_error(format!("cannot create '{name}' instances")));
        };
        let made = if let (Obj::Native(_), None) = (self.obj(new), self.class(class).def.new) {
            let name = crate::types::type_::full_name(self, class);
            return Err(self.type_error(format!("cannot create '{name}' instances")));
        } else if let Some(own) = self.own_new(class, new) {
            own(self, Value::Obj(class), args, kw)?
        } else {
            let mut all = Vec::with_capacity(args.len() + 1);
            all.push(Value::Obj(class));
            all.extend_from_slice(args);
            let new = self.unwrap_static(new);
            self.call(new, &all, kw)?
        };
        if !self.is_instance(made, class) {
            return Ok(made);
        }
        let made_class = self.class_of(made);
        if let Some(method) = self.lookup(made_class, init)
            && !self.is_object_init(method)
        {
            // What an exception's `__new__` set, its `__init__` sets again.
            if kw.is_empty()
                && matches!(self.obj(method), Obj::Native(native)
                    if native.owner == Some(self.exc.base_exception))
            {
                return Ok(made);
            }
            let mut all = vec![made];
            all.extend_from_slice(args);
            let unbound = match self.obj(method) {
                Obj::Function(_) => true,
                Obj::Native(native) => native.kind == NativeKind::Slot,
                _ => false,
            };
            let result = if unbound {
                self.call(method, &all, kw)?
            } else {
                let bound = self.bind(method, made, Value::Obj(made_class))?;
                self.call(bound, args, kw)?
            };
            if !result.is_none() {
                let name = self.type_name(result);
                return Err(self.type_error(format!("__init__() should return None, not '{name}'")));
            }
        } else if self.class(class).heap {
            crate::types::object::check_arguments(self, class, args, kw)?;
        }
        Ok(made)
    }

    /// Returns the function that a class's `__new__` calls, if it is the built-in one of the type
    /// that says what instances contain.
    fn own_new(&self, class: Ref, new: Value) -> Option<New> {
        let Obj::Native(native) = self.obj(new) else {
            return None;
        };
        let Value::Obj(of) = native.this else {
            return None;
        };
        let same = std::ptr::eq(native.row, &crate::types::type_::NEW_ROW)
            && std::ptr::eq(self.class(of).def, self.class(class).def);
        if same {
            self.class(class).def.new
        } else {
            None
        }
    }

    /// Returns what a static method wraps.
    fn unwrap_static(&self, value: Value) -> Value {
        match self.obj(value) {
            Obj::Wrapped(inner) if self.is_instance(value, self.types.static_method) => *inner,
            _ => value,
        }
    }

    /// Calls a native function with arguments in registers.
    fn native_in_place(&mut self, native: NativeObj, first: usize, count: usize) -> R {
        if let (Body::Plain(body), Sig::One, true) = (
            native.row.body,
            native.row.sig,
            matches!(native.kind, NativeKind::Function) && count == 1,
        ) {
            let args = [self.regs[first]];
            return self.counted(|vm| body(vm, &args));
        }
        if count <= 4 {
            let mut args = [Value::Unset; 4];
            args[..count].copy_from_slice(&self.regs[first..first + count]);
            return self.call_native(native, &args[..count], &[]);
        }
        let args = self.regs[first..first + count].to_vec();
        self.call_native(native, &args, &[])
    }

    /// Calls a native function.
    pub(crate) fn call_native(&mut self, native: NativeObj, args: &[Value], kw: Kw<'_>) -> R {
        match native.kind {
            NativeKind::Slot => {
                self.check_self(native, args)?;
                self.call_row(native, args, 1, kw)
            }
            NativeKind::Method => {
                self.check_self(native, args)?;
                self.counted(|vm| vm.call_row(native, args, 1, kw))
            }
            NativeKind::Function | NativeKind::Static | NativeKind::Class => {
                self.counted(|vm| vm.call_row(native, args, 0, kw))
            }
            NativeKind::Bound if args.len() < 8 => {
                let mut all = [Value::Unset; 8];
                all[0] = native.this;
                all[1..=args.len()].copy_from_slice(args);
                self.counted(|vm| vm.call_row(native, &all[..=args.len()], 1, kw))
            }
            NativeKind::Bound => {
                let mut all = vec![native.this];
                all.extend_from_slice(args);
                self.counted(|vm| vm.call_row(native, &all, 1, kw))
            }
        }
    }

    /// Checks the object that a method of a type is called with.
    fn check_self(&mut self, native: NativeObj, args: &[Value]) -> R<()> {
        let (Some(owner), name) = (native.owner, native.row.name) else {
            return Ok(());
        };
        let Some(&this) = args.first() else {
            let owner = self.class_name(owner).to_owned();
            return Err(self.type_error(match native.kind {
                NativeKind::Slot => {
                    format!("descriptor '{name}' of '{owner}' object needs an argument")
                }
                _ => format!("unbound method {owner}.{name}() needs an argument"),
            }));
        };
        if self.is_instance(this, owner) {
            return Ok(());
        }
        let (owner, found) = (self.class_name(owner).to_owned(), self.type_name(this));
        Err(self.type_error(match native.kind {
            NativeKind::Slot => {
                format!("descriptor '{name}' requires a '{owner}' object but received a '{found}'")
            }
            _ => format!(
                "descriptor '{name}' for '{owner}' objects doesn't apply to a '{found}' object"
            ),
        }))
    }

    /// Binds arguments after the first `skip` ones as a row says, and calls it.
    fn call_row(&mut self, native: NativeObj, args: &[Value], skip: usize, kw: Kw<'_>) -> R {
        let row = native.row;
        let given = args.len() - skip;
        match (row.sig, row.body) {
            (Sig::Any, Body::Kw(body)) => return body(self, args, kw),
            (Sig::Params(params), Body::Plain(body)) => {
                let bound = self.bind_params(row.name, params, &args[skip..], kw)?;
                if skip == 0 {
                    return body(self, &bound);
                }
                let mut all = vec![args[0]];
                all.extend(bound);
                return body(self, &all);
            }
            _ => {}
        }
        if !kw.is_empty() && !matches!((row.sig, row.body), (_, Body::Kw(_))) {
            let name = self.native_qualname(native);
            return Err(self.type_error(format!("{name}() takes no keyword arguments")));
        }
        let fits = match row.sig {
            Sig::None => given == 0,
            Sig::One => given == 1,
            Sig::Pos(least, most) | Sig::Parse(least, most) => (least..=most).contains(&given),
            Sig::Params(_) | Sig::Any => true,
        };
        if !fits {
            return Err(self.wrong_count(native, given));
        }
        match row.body {
            Body::Plain(body) => body(self, args),
            Body::Kw(body) => body(self, args, kw),
        }
    }

    /// Calls a native function one level deeper.
    #[inline]
    fn counted(&mut self, act: impl FnOnce(&mut Vm) -> R) -> R {
        if self.depth >= self.recursion_limit {
            self.check_depth(" while calling a Python object")?;
        }
        self.depth += 1;
        let result = act(self);
        self.depth -= 1;
        result
    }

    /// Returns the name of a native function in messages: `list.append`, `len`.
    fn native_qualname(&self, native: NativeObj) -> String {
        match (native.owner, native.kind) {
            (Some(owner), NativeKind::Method | NativeKind::Bound | NativeKind::Class)
                if native.row.how != crate::native::How::Static =>
            {
                format!("{}.{}", self.class_name(owner), native.row.name)
            }
            _ => native.row.name.to_owned(),
        }
    }

    #[cold]
    fn wrong_count(&mut self, native: NativeObj, given: usize) -> Raise {
        let name = self.native_qualname(native);
        let plain = native.row.name;
        let slot = crate::native::is_slot(plain)
            && native.owner.is_some()
            && !(native.kind == NativeKind::Method);
        let message = match native.row.sig {
            Sig::None if slot => format!("expected 0 arguments, got {given}"),
            Sig::One if slot => format!("expected 1 argument, got {given}"),
            Sig::Pos(least, most) if slot && least == most => {
                format!("expected {least} arguments, got {given}")
            }
            Sig::None => format!("{name}() takes no arguments ({given} given)"),
            Sig::One => format!("{name}() takes exactly one argument ({given} given)"),
            Sig::Pos(least, most) => {
                let s = |count: usize| if count == 1 { "" } else { "s" };
                let (how, count) = if least == most {
                    ("", least)
                } else if given < least {
                    ("at least ", least)
                } else {
                    ("at most ", most)
                };
                format!(
                    "{plain} expected {how}{count} argument{}, got {given}",
                    s(count)
                )
            }
            Sig::Parse(least, most) => {
                let (how, count) = if least == most {
                    ("exactly", least)
                } else if given < least {
                    ("at least", least)
                } else {
                    ("at most", most)
                };
                let s = if count == 1 { "" } else { "s" };
                format!("{plain}() takes {how} {count} argument{s} ({given} given)")
            }
            Sig::Params(_) | Sig::Any => String::new(),
        };
        self.type_error(message)
    }

    /// Binds arguments of a native function to its parameters; one not given is unset.
    pub(crate) fn bind_params(
        &mut self,
        name: &str,
        params: Params,
        args: &[Value],
        kw: Kw<'_>,
    ) -> R<Vec<Value>> {
        let s = |count: usize| if count == 1 { "" } else { "s" };
        let total = params.names.len();
        let given = args.len() + kw.len();
        if args.len() > params.positional || given > total {
            let (most, what, count) = if given > total && params.positional == total {
                let what = if kw.is_empty() && !params.names.iter().all(|name| !name.is_empty()) {
                    "positional "
                } else {
                    ""
                };
                (total, what, given)
            } else {
                (params.positional, "positional ", args.len())
            };
            let how = if params.required == most && most == total {
                "exactly"
            } else {
                "at most"
            };
            return Err(self.type_error(format!(
                "{name}() takes {how} {most} {what}argument{} ({count} given)",
                s(most)
            )));
        }
        let mut bound = vec![Value::Unset; total];
        bound[..args.len()].copy_from_slice(args);
        for &(key, value) in kw {
            let key = self.shown(key);
            let at = params
                .names
                .iter()
                .position(|&name| name == key && !name.is_empty());
            match at {
                Some(at) if bound[at].is_unset() => bound[at] = value,
                Some(at) => {
                    return Err(self.type_error(format!(
                        "argument for {name}() given by name ('{key}') and position ({})",
                        at + 1
                    )));
                }
                None => {
                    return Err(self.type_error(format!(
                        "'{key}' is an invalid keyword argument for {name}()"
                    )));
                }
            }
        }
        if let Some(at) = (0..params.required).find(|&at| bound[at].is_unset()) {
            let (parameter, place) = (params.names[at], at + 1);
            if parameter.is_empty() {
                let how = if params.required == total {
                    "exactly"
                } else {
                    "at least"
                };
                return Err(self.type_error(format!(
                    "{name}() takes {how} {} positional argument{} ({} given)",
                    params.required,
                    s(params.required),
                    args.len()
                )));
            }
            return Err(self.type_error(format!(
                "{name}() missing required argument '{parameter}' (pos {place})"
            )));
        }
        Ok(bound)
    }

    /// `CALL_FUNCTION_KW`: function, arguments, a tuple of the last ones' names.
    #[inline(never)]
    pub(super) fn do_call_kw(&mut self, insn: Insn, base: usize) -> R<Go> {
        let at = base + insn.a as usize;
        let total = insn.c as usize;
        let names = self.regs[at + total + 1];
        let names = self.as_tuple(names).unwrap_or(&[]).to_vec();
        let positional = total.saturating_sub(names.len());
        let args = self.regs[at + 1..at + 1 + positional].to_vec();
        let values = self.regs[at + 1 + positional..at + 1 + total].to_vec();
        let kw: Vec<(Value, Value)> = names.into_iter().zip(values).collect();
        self.call_gathered(at, &args, &kw, insn.c + 1)
    }

    /// Calls `regs[at]` with gathered arguments.
    fn call_gathered(&mut self, at: usize, args: &[Value], kw: Kw<'_>, registers: u32) -> R<Go> {
        let mut function = self.regs[at];
        let mut all = Vec::new();
        let mut args = args;
        if let Obj::Method(parts) = self.obj(function) {
            let [inner, this] = **parts;
            function = inner;
            all.push(this);
            all.extend_from_slice(args);
            args = &all;
        }
        if let Obj::Function(_) = self.obj(function) {
            return match self.push_function(function, args, kw, Then::Store, at, registers)? {
                None => Ok(Go::Frame),
                Some(generator) => Ok(self.called(at, registers, generator)),
            };
        }
        let value = self.call(function, args, kw)?;
        Ok(self.called(at, registers, value))
    }

    /// `CALL_FUNCTION_EX`: function, iterable, perhaps a mapping.
    #[inline(never)]
    pub(super) fn do_call_ex(&mut self, insn: Insn, base: usize) -> R<Go> {
        let at = base + insn.a as usize;
        let function = self.regs[at];
        let mut kw = Vec::new();
        if insn.c & 1 != 0 {
            kw = self.star_star(function, self.regs[at + 2])?;
        }
        let star = self.regs[at + 1];
        let args = match self.as_tuple(star) {
            Some(items) if self.class_of(star) == self.types.tuple => items.to_vec(),
            _ => {
                if self.special(star, self.names.iter).is_none()
                    && self.special(star, self.names.getitem).is_none()
                {
                    let (name, found) = (self.function_name(function), self.type_name(star));
                    return Err(self.type_error(format!(
                        "{name} argument after * must be an iterable, not {found}"
                    )));
                }
                self.list_of(star)?
            }
        };
        self.call_gathered(at, &args, &kw, insn.b - 1)
    }

    /// Returns the items of a mapping of named arguments.
    fn star_star(&mut self, function: Value, mapping: Value) -> R<Vec<(Value, Value)>> {
        let mut found = Vec::new();
        if let Some(dict) = self.as_dict(mapping) {
            found.extend(dict.iter().map(|entry| (entry.key, entry.value)));
        } else {
            let keys = self.names.keys;
            if self.get_attr_opt(mapping, keys)?.is_none() {
                let (name, kind) = (self.function_name(function), self.type_name(mapping));
                return Err(self.type_error(format!(
                    "{name} argument after ** must be a mapping, not {kind}"
                )));
            }
            let keys = self.call_method(mapping, keys, &[])?;
            for key in self.list_of(keys)? {
                let value = self.get_item(mapping, key)?;
                found.push((key, value));
            }
        }
        if found.iter().any(|&(key, _)| self.as_str(key).is_none()) {
            return Err(self.type_error("keywords must be strings"));
        }
        Ok(found)
    }

    /// Returns the name of a callable in messages about `*` and `**`.
    pub(crate) fn function_name(&mut self, function: Value) -> String {
        let qualname = self.names.qualname;
        let Ok(Some(found)) = self.get_attr_opt(function, qualname) else {
            self.take_raised();
            return self.text_of(function);
        };
        let name = self.shown(found);
        let module = self.names.module;
        match self.get_attr_opt(function, module) {
            Ok(Some(module)) if self.as_str(module).is_some() => {
                let module = self.shown(module);
                if module == "builtins" {
                    format!("{name}()")
                } else {
                    format!("{module}.{name}()")
                }
            }
            _ => {
                self.take_raised();
                format!("{name}()")
            }
        }
    }

    /// Whether a function's call needs no binding if the number of arguments fits.
    pub(crate) fn is_simple(code: &crate::code::Code) -> bool {
        code.flags & PLAIN == PLAIN
            && code.kwonly == 0
            && !code.has(flags::VARARGS | flags::VARKEYWORDS | SUSPENDS)
    }
}
