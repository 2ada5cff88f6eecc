//! Instructions that the loop does not do itself.

use super::Go;
use crate::code::{Cache, Lowered};
use crate::object::{Function, NativeKind, Obj};
use crate::rinsn::{Bin, Cmp, IN_PLACE, Insn, Rop};
use crate::run::frame::Then;
use crate::value::{R, Raise, Value};
use crate::vm::Vm;

impl Vm {
    /// Does an instruction.
    #[rustfmt::skip]
    #[inline(never)]
    pub(super) fn step(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        let a = base + insn.a as usize;
        match insn.op {
            Rop::CheckBound => return Err(self.unbound_local(insn.a)),
            Rop::DeleteFast => {
                if self.regs[a].is_unset() {
                    return Err(self.unbound_local(insn.a));
                }
                self.clear(a);
            }
            Rop::Rot2 => self.regs[a..a + 2].rotate_right(1),
            Rop::Rot3 => self.regs[a..a + 3].rotate_right(1),
            Rop::Rot4 => self.regs[a..a + 4].rotate_right(1),
            Rop::Unary => {
                let value = self.unary(insn.x, self.regs[base + insn.b as usize])?;
                self.finish(insn, base, value);
            }
            Rop::Compare => {
                let (b, c) = (self.regs[base + insn.b as usize], self.regs[base + insn.c as usize]);
                let value = self.compare(Cmp::of(insn.x), b, c)?;
                self.finish(insn, base, value);
            }
            Rop::CompareI => {
                let c = Value::Int(i64::from(insn.c as i32));
                let value = self.compare(Cmp::of(insn.x), self.regs[base + insn.b as usize], c)?;
                self.finish_b(insn, base, value);
            }
            Rop::SlowCmpJumpF => return self.do_cmp_jump(Insn { op: Rop::CmpJumpF, ..insn }, base),
            Rop::SlowCmpJumpT => return self.do_cmp_jump(Insn { op: Rop::CmpJumpT, ..insn }, base),
            Rop::SlowCmpIJumpF => return self.do_cmp_i_jump(Insn { op: Rop::CmpIJumpF, ..insn }, base),
            Rop::SlowCmpIJumpT => return self.do_cmp_i_jump(Insn { op: Rop::CmpIJumpT, ..insn }, base),
            Rop::Is => {
                let same = self.regs[base + insn.b as usize].is(self.regs[base + insn.c as usize]);
                self.finish(insn, base, Value::bool(same == (insn.x == 0)));
            }
            Rop::Contains => {
                let (b, c) = (self.regs[base + insn.b as usize], self.regs[base + insn.c as usize]);
                let found = self.contains(c, b)?;
                self.finish(insn, base, Value::bool(found == (insn.x == 0)));
            }
            Rop::JumpIfTOrPop | Rop::JumpIfFOrPop => return self.do_jump_or_pop(code, insn, base),
            Rop::JumpIfNotExc => return self.do_jump_if_not_exc(code, insn, base),
            Rop::Name => return self.do_name(code, insn, base),
            Rop::StoreName => return self.do_store_name(code, insn, base),
            Rop::DeleteName => return self.do_delete_name(code, insn),
            Rop::StoreGlobal => return self.do_store_global(code, insn, base),
            Rop::DeleteGlobal => return self.do_delete_global(code, insn),
            Rop::Deref => return self.do_deref(code, insn, base),
            Rop::ClassDeref => return self.do_class_deref(code, insn, base),
            Rop::StoreDeref => return self.do_store_deref(code, insn, base),
            Rop::DeleteDeref => return self.do_delete_deref(code, insn, base),
            Rop::StoreAttr => return self.do_store_attr(code, insn, base),
            Rop::DeleteAttr => {
                let object = self.regs[base + insn.b as usize];
                self.delete_attr(object, code.names[insn.c as usize])?;
                self.free_b(insn, base);
            }
            Rop::Method => return self.do_method(code, insn, base),
            Rop::StoreSubscr => {
                let [value, container, key] = [insn.a, insn.b, insn.c].map(|r| self.regs[base + r as usize]);
                self.set_item(container, key, value)?;
                self.free_operands(insn, base);
            }
            Rop::DeleteSubscr => {
                let [container, key] = [insn.b, insn.c].map(|r| self.regs[base + r as usize]);
                self.delete_item(container, key)?;
                self.free_operands(insn, base);
            }
            Rop::CallMethod => return self.do_call_method(insn, base),
            Rop::CallKw => return self.do_call_kw(insn, base),
            Rop::CallEx => return self.do_call_ex(insn, base),
            Rop::MakeFunction => self.do_make_function(insn, base)?,
            Rop::BuildClass => {
                let name = self.names.build_class;
                let builtins = self.frames[self.frames.len() - 1].builtins;
                let Some(value) = self.dict_get_str(Value::Obj(builtins), name) else {
                    return Err(self.raise(self.exc.name_error, "__build_class__ not found"));
                };
                self.put(a, value);
            }
            Rop::Iter => {
                let value = self.iter(self.regs[a])?;
                self.put(a, value);
            }
            Rop::Yield => return self.do_yield(insn, base),
            Rop::YieldFrom => return self.do_yield_from(insn, base),
            Rop::YieldFromIter => {
                let value = self.yield_from_iter(self.regs[a])?;
                self.put(a, value);
            }
            _ => return self.step_builds(code, insn, base),
        }
        Ok(Go::Next)
    }

    /// Does an instruction: containers, exceptions, modules.
    #[rustfmt::skip]
    #[inline(never)]
    fn step_builds(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        let a = base + insn.a as usize;
        let b = base + insn.b as usize;
        match insn.op {
            Rop::BuildTuple => {
                let items = self.regs[a..a + insn.b as usize].to_vec();
                self.work(items.len())?;
                let value = self.tuple(items);
                self.built(a, insn.b, value);
            }
            Rop::BuildList => {
                let items = self.regs[a..a + insn.b as usize].to_vec();
                self.work(items.len())?;
                let value = self.list(items);
                self.built(a, insn.b, value);
            }
            Rop::BuildSet => {
                let items = self.regs[a..a + insn.b as usize].to_vec();
                let value = self.set_of(&items, false)?;
                self.built(a, insn.b, value);
            }
            Rop::BuildMap => {
                let items = self.regs[a..a + insn.b as usize].to_vec();
                let dict = self.dict();
                for pair in items.chunks_exact(2) {
                    self.dict_set(dict, pair[0], pair[1])?;
                }
                self.built(a, insn.b, dict);
            }
            Rop::BuildConstKeyMap => self.do_const_key_map(insn, a)?,
            Rop::BuildString => {
                let items = self.regs[a..a + insn.b as usize].to_vec();
                let mut bytes = Vec::new();
                for item in items {
                    bytes.extend_from_slice(self.as_str(item).map_or(&[][..], |text| text.bytes()));
                }
                self.room(bytes.len())?;
                let value = self.str_bytes(bytes);
                self.built(a, insn.b, value);
            }
            Rop::BuildSlice => {
                let step = if insn.b == 3 { self.regs[a + 2] } else { Value::None };
                let parts = [self.regs[a], self.regs[a + 1], step];
                let value = self.new_obj(self.types.slice, Obj::Slice(Box::new(parts)));
                self.built(a, insn.b, value);
            }
            Rop::ListAppend => {
                let item = self.regs[b];
                if self.as_list(self.regs[a]).is_none() {
                    return Err(self.bad_internal_call("listobject.c", 336));
                }
                self.list_push(self.regs[a], item);
                self.clear(b);
            }
            Rop::SetAdd => {
                if self.as_set(self.regs[a]).is_none() {
                    return Err(self.bad_internal_call("setobject.c", 2319));
                }
                self.set_add(self.regs[a], self.regs[b])?;
                self.clear(b);
            }
            Rop::MapAdd => {
                self.dict_set(self.regs[a], self.regs[b], self.regs[b + 1])?;
                self.clear(b);
                self.clear(b + 1);
            }
            Rop::ListExtend => self.do_list_extend(a, b)?,
            Rop::SetUpdate => {
                crate::types::set::update(self, self.regs[a], self.regs[b])?;
                self.clear(b);
            }
            Rop::DictUpdate => self.do_dict_update(a, b)?,
            Rop::DictMerge => self.do_dict_merge(a, b)?,
            Rop::ListToTuple => {
                let items = self.as_list(self.regs[a]).cloned().unwrap_or_default();
                let value = self.tuple(items);
                self.put(a, value);
            }
            Rop::Unpack => self.do_unpack(insn, a)?,
            Rop::UnpackEx => self.do_unpack_ex(insn, a)?,
            Rop::Format => self.do_format(insn, a)?,
            _ => return self.step_rest(code, insn, base),
        }
        Ok(Go::Next)
    }

    /// Does an instruction: exceptions, managers, modules.
    #[rustfmt::skip]
    fn step_rest(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        let a = base + insn.a as usize;
        let b = base + insn.b as usize;
        match insn.op {
            Rop::PopExcept => {
                let saved = self.regs[a + 1];
                self.set_handling(saved);
                for at in a..a + 3 {
                    self.clear(at);
                }
            }
            Rop::Reraise => {
                let (traceback, exc) = (self.regs[a], self.regs[a + 1]);
                let traceback = if traceback.is_none() { Value::Unset } else { traceback };
                self.exc_field(exc, traceback, |exc| &mut exc.traceback);
                self.set_raised(exc);
                self.reraised = true;
                return Err(Raise);
            }
            Rop::Raise => return Err(self.do_raise(insn, a)),
            Rop::SetupWith => self.do_setup_with(a)?,
            Rop::WithExceptStart => {
                let exit = self.regs[a - 7];
                let args = [self.regs[a - 1], self.regs[a - 2], self.regs[a - 3]];
                let value = self.call(exit, &args, &[])?;
                self.put(a, value);
            }
            Rop::BeforeAsyncWith | Rop::EndAsyncFor | Rop::Aiter | Rop::Anext | Rop::Awaitable => {
                return self.step_async(insn, a, b);
            }
            Rop::ImportName => {
                let (level, names) = (self.regs[a], self.regs[a + 1]);
                let value = crate::import::import_name(self, code.names[insn.c as usize], names, level)?;
                self.built(a, 2, value);
            }
            Rop::ImportFrom => {
                let value = crate::import::import_from(self, self.regs[b], code.names[insn.c as usize])?;
                self.put(a, value);
            }
            Rop::ImportStar => {
                crate::import::import_star(self, self.regs[a])?;
                self.clear(a);
            }
            Rop::PrintExpr => {
                let name = self.names.displayhook;
                let hook = self.get_attr_opt(self.sys, name)?;
                let Some(hook) = hook else {
                    return Err(self.raise(self.exc.runtime_error, "lost sys.displayhook"));
                };
                self.call(hook, &[self.regs[a]], &[])?;
                self.clear(a);
            }
            Rop::SetupAnnotations => return self.do_setup_annotations(),
            Rop::AssertionError => self.put(a, Value::Obj(self.exc.assertion_error)),
            other => {
                let message = format!("{other:?} is not an instruction of this place");
                return Err(self.raise(self.exc.system_error, message));
            }
        }
        Ok(Go::Next)
    }

    #[cold]
    fn bad_internal_call(&mut self, file: &str, line: u32) -> Raise {
        let message = format!("../Objects/{file}:{line}: bad argument to internal function");
        self.raise(self.exc.system_error, message)
    }

    /// Puts what was made of registers in the place of the first one.
    fn built(&mut self, a: usize, count: u32, value: Value) {
        self.heap.inc(value);
        for at in a..a + count as usize {
            if let Value::Obj(_) = self.regs[at] {
                self.clear(at);
            }
        }
        let old = std::mem::replace(&mut self.regs[a], value);
        self.heap.dec(old);
    }

    fn free_b(&mut self, insn: Insn, base: usize) {
        if insn.free & crate::rinsn::FREE_B != 0 {
            self.clear(base + insn.b as usize);
        }
    }

    /// The same as `finish` where `c` is a number.
    fn finish_b(&mut self, insn: Insn, base: usize, value: Value) {
        let free = insn.free & crate::rinsn::FREE_B;
        self.finish(Insn { free, ..insn }, base, value);
    }

    #[inline(never)]
    pub(super) fn do_binary(&mut self, insn: Insn, base: usize) -> R<Go> {
        let (b, c) = (
            self.regs[base + insn.b as usize],
            self.regs[base + insn.c as usize],
        );
        let value = self.binary_op(Bin::of(insn.x), insn.x & IN_PLACE != 0, b, c)?;
        self.finish(insn, base, value);
        Ok(Go::Next)
    }

    #[inline(never)]
    pub(super) fn do_binary_i(&mut self, insn: Insn, base: usize) -> R<Go> {
        let b = self.regs[base + insn.b as usize];
        let c = Value::Int(i64::from(insn.c as i32));
        let value = self.binary_op(Bin::of(insn.x), insn.x & IN_PLACE != 0, b, c)?;
        self.finish_b(insn, base, value);
        Ok(Go::Next)
    }

    #[inline(never)]
    pub(super) fn do_cmp_jump(&mut self, insn: Insn, base: usize) -> R<Go> {
        let (b, c) = (
            self.regs[base + insn.b as usize],
            self.regs[base + insn.c as usize],
        );
        let value = self.compare(Cmp::of(insn.x), b, c)?;
        let truth = self.truth(value)?;
        self.free_operands(
            Insn {
                free: insn.free & 3,
                ..insn
            },
            base,
        );
        Ok(if truth == (insn.op == Rop::CmpJumpT) {
            Go::Jump(insn.a)
        } else {
            Go::Next
        })
    }

    #[inline(never)]
    pub(super) fn do_cmp_i_jump(&mut self, insn: Insn, base: usize) -> R<Go> {
        let b = self.regs[base + insn.b as usize];
        let c = Value::Int(i64::from(insn.c as i32));
        let value = self.compare(Cmp::of(insn.x), b, c)?;
        let truth = self.truth(value)?;
        self.free_b(insn, base);
        Ok(if truth == (insn.op == Rop::CmpIJumpT) {
            Go::Jump(insn.a)
        } else {
            Go::Next
        })
    }

    #[inline(never)]
    pub(super) fn do_jump_if(&mut self, insn: Insn, base: usize) -> R<Go> {
        let truth = self.truth(self.regs[base + insn.b as usize])?;
        self.free_b(insn, base);
        Ok(if truth == (insn.op == Rop::JumpIfT) {
            Go::Jump(insn.a)
        } else {
            Go::Next
        })
    }

    fn charge(&mut self, code: &Lowered) -> R<()> {
        let pc = self.frames[self.frames.len() - 1].pc;
        self.steps += u64::from(code.costs[pc]);
        if self.steps > self.fuel {
            return Err(self.limit(crate::floor::Limit::OutOfFuel));
        }
        Ok(())
    }

    fn do_jump_or_pop(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        self.charge(code)?;
        let at = base + insn.b as usize;
        if self.truth(self.regs[at])? == (insn.op == Rop::JumpIfTOrPop) {
            return Ok(Go::Jump(insn.a));
        }
        self.clear(at);
        Ok(Go::Next)
    }

    fn do_jump_if_not_exc(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        self.charge(code)?;
        let (b, c) = (
            self.regs[base + insn.b as usize],
            self.regs[base + insn.c as usize],
        );
        let matches = self.exception_matches(b, c)?;
        self.free_operands(
            Insn {
                free: insn.free & 3,
                ..insn
            },
            base,
        );
        Ok(if matches { Go::Next } else { Go::Jump(insn.a) })
    }

    /// Whether an exception is of a class, or of one of a tuple of classes.
    pub(crate) fn exception_matches(&mut self, exc: Value, class: Value) -> R<bool> {
        let classes = self
            .as_tuple(class)
            .map_or_else(|| vec![class], <[Value]>::to_vec);
        let base = self.exc.base_exception;
        for &class in &classes {
            if !self
                .as_class(class)
                .is_some_and(|class| self.is_subclass(class, base))
            {
                let message =
                    "catching classes that do not inherit from BaseException is not allowed";
                return Err(self.type_error(message));
            }
        }
        let found = match self.as_class(exc) {
            Some(found) => found,
            None => self.class_of(exc),
        };
        let mut found_one = false;
        for class in classes.into_iter().filter_map(|class| self.as_class(class)) {
            found_one |= self.is_subclass(found, class);
        }
        Ok(found_one)
    }

    #[inline(never)]
    pub(super) fn do_subscr(&mut self, insn: Insn, base: usize) -> R<Go> {
        let (b, c) = (
            self.regs[base + insn.b as usize],
            self.regs[base + insn.c as usize],
        );
        let value = self.get_item(b, c)?;
        self.finish(insn, base, value);
        Ok(Go::Next)
    }

    /// `LOAD_ATTR`; a property's getter runs in a frame of its own.
    #[inline(never)]
    pub(super) fn do_attr(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        let object = self.regs[base + insn.b as usize];
        let name = code.names[insn.c as usize];
        if insn.x > 0 {
            self.learn_attr(code, insn, object, name);
        }
        let class = self.class_of(object);
        if self.class(class).heap
            && !self.hooks(class).getattribute
            && let Some(found) = self.lookup(class, name)
            && let Obj::Property(parts) = self.obj(found)
            && let getter = parts[0]
            && self.function(getter).is_some()
        {
            let a = base + insn.a as usize;
            let frame = self.push_function(getter, &[object], &[], Then::Store, a, 0)?;
            // The object is given up now; the frame holds it.
            if insn.free & crate::rinsn::FREE_B != 0 && insn.a != insn.b {
                self.clear(base + insn.b as usize);
            }
            return match frame {
                None => Ok(Go::Frame),
                Some(generator) => {
                    self.put(a, generator);
                    Ok(Go::Next)
                }
            };
        }
        let value = self.get_attr(object, name)?;
        self.finish_b(insn, base, value);
        Ok(Go::Next)
    }

    /// Notes where an instance has an attribute that nothing in its class hides.
    fn learn_attr(&mut self, code: &Lowered, insn: Insn, object: Value, name: Value) {
        let (Value::Obj(handle), Value::Obj(text)) = (object, name) else {
            return;
        };
        let class = self.heap.class(handle);
        if matches!(self.heap.get(handle), Obj::Type(_) | Obj::Super(_))
            || self.hooks(class).getattribute
        {
            return;
        }
        if let Some(found) = self.lookup(class, name)
            && self.is_data_descriptor(found)
        {
            return;
        }
        let Some(attrs) = self.heap.attrs(handle) else {
            return;
        };
        if attrs.dict.is_some() {
            return;
        }
        let shape = attrs.shape;
        let Some(index) = self.shapes.find(shape, text) else {
            return;
        };
        code.caches[usize::from(insn.x)].set(Cache {
            class: class.at,
            version: self.version,
            shape,
            index: index as u32,
            next: shape,
        });
    }

    /// Returns the shape of an object that has no dict.
    fn shape_of(&self, object: Value) -> Option<u32> {
        let attrs = self.heap.attrs(object.obj()?)?;
        attrs.dict.is_none().then_some(attrs.shape)
    }

    #[inline(never)]
    fn do_store_attr(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        let (value, object) = (
            self.regs[base + insn.a as usize],
            self.regs[base + insn.b as usize],
        );
        let cache = code.caches[usize::from(insn.x)].get();
        if let Value::Obj(handle) = object
            && self.heap.class_at(handle) == cache.class
            && cache.version == self.version
            && let Some(attrs) = self.heap.attrs_mut(handle)
            && attrs.shape == cache.shape
            && attrs.dict.is_none()
        {
            let at = cache.index as usize;
            let old = if at < attrs.values.len() {
                std::mem::replace(&mut attrs.values[at], value)
            } else {
                attrs.shape = cache.next;
                attrs.values.push(value);
                Value::Unset
            };
            self.heap.inc(value);
            self.heap.dec(old);
        } else {
            let name = code.names[insn.c as usize];
            let before = self.shape_of(object);
            self.set_attr(object, name, value)?;
            let class = self.class_of(object);
            if insn.x > 0 && !self.hooks(class).setattr {
                self.learn_attr(code, insn, object, name);
                let cache = &code.caches[usize::from(insn.x)];
                let learned = cache.get();
                if let Some(before) = before
                    && learned.class == class.at
                    && learned.version == self.version
                    && Some(learned.shape) == self.shape_of(object)
                {
                    cache.set(Cache {
                        shape: before,
                        ..learned
                    });
                }
            }
        }
        self.free_operands(
            Insn {
                free: insn.free & 5,
                ..insn
            },
            base,
        );
        Ok(Go::Next)
    }

    /// `LOAD_METHOD`: the function and its object, or nothing and the attribute.
    #[inline(never)]
    fn do_method(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        let object = self.regs[base + insn.b as usize];
        let name = code.names[insn.c as usize];
        let a = base + insn.a as usize;
        let found = self.method_of(object, name)?;
        // The object is counted up before its register is given up.
        self.heap.inc(object);
        if insn.free & crate::rinsn::FREE_B != 0 {
            self.clear(base + insn.b as usize);
        }
        match found {
            Ok(method) => {
                self.put(a, method);
                self.put(a + 1, object);
            }
            Err(value) => {
                self.clear(a);
                self.put(a + 1, value);
            }
        }
        self.heap.dec(object);
        Ok(Go::Next)
    }

    /// Returns a method that is not bound yet, or `Err` with an attribute.
    fn method_of(&mut self, object: Value, name: Value) -> R<Result<Value, Value>> {
        let class = self.class_of(object);
        let special = matches!(self.obj(object), Obj::Type(_) | Obj::Super(_))
            || self.class(class).heap && self.hooks(class).getattribute
            || class == self.types.module;
        if special {
            return self.get_attr(object, name).map(Err);
        }
        let Some(found) = self.lookup(class, name) else {
            return self.get_attr(object, name).map(Err);
        };
        let plain = match self.obj(found) {
            Obj::Function(_) => true,
            Obj::Native(native) => matches!(native.kind, NativeKind::Method | NativeKind::Slot),
            _ => false,
        };
        if !plain {
            return self.get_attr(object, name).map(Err);
        }
        match self.instance_attr(object, name) {
            Some(value) => Ok(Err(value)),
            None => Ok(Ok(found)),
        }
    }

    #[inline(never)]
    fn do_make_function(&mut self, insn: Insn, base: usize) -> R<()> {
        let a = base + insn.a as usize;
        let flags = insn.c;
        let mut at = a;
        let mut take = |flag: u32| {
            if flags & flag == 0 {
                return Value::Unset;
            }
            at += 1;
            self.regs[at - 1]
        };
        let [defaults, kwdefaults, annotations, closure] = [1, 2, 4, 8].map(&mut take);
        let (code_obj, qualname) = (self.regs[at], self.regs[at + 1]);
        let Obj::Code(code) = self.obj(code_obj) else {
            return Err(self.type_error("a function is made of a code object"));
        };
        let code = code.clone();
        let frame = &self.frames[self.frames.len() - 1];
        let (globals, builtins) = (frame.globals, frame.builtins);
        let doc = match code.consts.first() {
            Some(&doc) if self.as_str(doc).is_some() => doc,
            _ => Value::None,
        };
        let name = self.names.name;
        let module = self
            .dict_get_str(Value::Obj(globals), name)
            .unwrap_or(Value::None);
        let function = Function {
            simple: Vm::is_simple(&code),
            name: code.name,
            code,
            code_obj,
            globals,
            builtins,
            qualname,
            module,
            doc,
            defaults,
            kwdefaults,
            closure,
            annotations,
        };
        let value = self.instance(self.types.function, Obj::Function(Box::new(function)));
        self.built(a, insn.b, value);
        Ok(())
    }

    fn do_const_key_map(&mut self, insn: Insn, a: usize) -> R<()> {
        let count = insn.c as usize;
        let keys = self.regs[a + count];
        let keys = self.as_tuple(keys).unwrap_or(&[]).to_vec();
        if keys.len() != count {
            let message = "bad BUILD_CONST_KEY_MAP keys argument";
            return Err(self.raise(self.exc.system_error, message));
        }
        let dict = self.dict();
        for (at, key) in keys.into_iter().enumerate() {
            self.dict_set(dict, key, self.regs[a + at])?;
        }
        self.built(a, insn.b, dict);
        Ok(())
    }

    #[inline(never)]
    fn do_list_extend(&mut self, a: usize, b: usize) -> R<()> {
        let (list, iterable) = (self.regs[a], self.regs[b]);
        if let Err(Raise) = crate::types::list::extend(self, list, iterable) {
            let not_iterable = self.special(iterable, self.names.iter).is_none()
                && self.special(iterable, self.names.getitem).is_none();
            if not_iterable && self.catch(self.exc.type_error).is_some() {
                let name = self.type_name(iterable);
                return Err(
                    self.type_error(format!("Value after * must be an iterable, not {name}"))
                );
            }
            return Err(Raise);
        }
        self.clear(b);
        Ok(())
    }

    fn do_dict_update(&mut self, a: usize, b: usize) -> R<()> {
        let (dict, other) = (self.regs[a], self.regs[b]);
        if let Err(Raise) = crate::types::dict::merge(self, dict, other) {
            if self.catch(self.exc.attribute_error).is_some() {
                let name = self.type_name(other);
                return Err(self.type_error(format!("'{name}' object is not a mapping")));
            }
            return Err(Raise);
        }
        self.clear(b);
        Ok(())
    }

    fn do_dict_merge(&mut self, a: usize, b: usize) -> R<()> {
        let (dict, other) = (self.regs[a], self.regs[b]);
        // The function lies two below the dict.
        let function = self.regs[a - 2];
        let keys = if let Some(items) = self.as_dict(other) {
            items.iter().map(|entry| entry.key).collect()
        } else {
            let keys = self.names.keys;
            if self.get_attr_opt(other, keys)?.is_none() {
                let (name, kind) = (self.function_name(function), self.type_name(other));
                return Err(self.type_error(format!(
                    "{name} argument after ** must be a mapping, not {kind}"
                )));
            }
            let keys = self.call_method(other, keys, &[])?;
            self.list_of(keys)?
        };
        for key in keys {
            if self.dict_get(dict, key)?.is_some() {
                let name = self.function_name(function);
                if self.as_str(key).is_none() {
                    return Err(self.type_error(format!("{name} keywords must be strings")));
                }
                let key = self.shown(key);
                return Err(self.type_error(format!(
                    "{name} got multiple values for keyword argument '{key}'"
                )));
            }
            let value = self.get_item(other, key)?;
            self.dict_set(dict, key, value)?;
        }
        self.clear(b);
        Ok(())
    }

    /// Puts unpacked items into registers, the first on top.
    fn place(&mut self, a: usize, items: &[Value]) {
        items.iter().for_each(|&item| self.heap.inc(item));
        self.clear(a);
        for (at, &item) in items.iter().rev().enumerate() {
            let old = std::mem::replace(&mut self.regs[a + at], item);
            self.heap.dec(old);
        }
    }

    #[inline(never)]
    fn do_unpack(&mut self, insn: Insn, a: usize) -> R<()> {
        let value = self.regs[a];
        let count = insn.c as usize;
        let class = self.class_of(value);
        if (class == self.types.tuple || class == self.types.list)
            && let Some(items) = self.items(value)
            && items.len() == count
        {
            if count == 2 {
                let pair = [items[0], items[1]];
                self.place(a, &pair);
                return Ok(());
            }
            let items = items.to_vec();
            self.place(a, &items);
            return Ok(());
        }
        let items = self.unpack(value, count, None)?;
        self.place(a, &items);
        Ok(())
    }

    /// Takes `before` items of an iterable, and `after` ones after a list of all others.
    fn unpack(&mut self, value: Value, before: usize, after: Option<usize>) -> R<Vec<Value>> {
        let iterator = match self.iter(value) {
            Ok(iterator) => iterator,
            Err(Raise) => {
                let known = self.special(value, self.names.iter).is_some()
                    || self.special(value, self.names.getitem).is_some();
                if !known && self.catch(self.exc.type_error).is_some() {
                    let name = self.type_name(value);
                    return Err(
                        self.type_error(format!("cannot unpack non-iterable {name} object"))
                    );
                }
                return Err(Raise);
            }
        };
        let mut items = Vec::new();
        for got in 0..before {
            match self.next_value(iterator)? {
                Some(item) => items.push(item),
                None => {
                    let (least, expected) = match after {
                        Some(after) => ("at least ", before + after),
                        None => ("", before),
                    };
                    return Err(self.value_error(format!(
                        "not enough values to unpack (expected {least}{expected}, got {got})"
                    )));
                }
            }
        }
        let Some(after) = after else {
            if self.next_value(iterator)?.is_some() {
                return Err(
                    self.value_error(format!("too many values to unpack (expected {before})"))
                );
            }
            return Ok(items);
        };
        let mut rest = Vec::new();
        while let Some(item) = self.next_value(iterator)? {
            rest.push(item);
            self.work(64)?;
        }
        if rest.len() < after {
            return Err(self.value_error(format!(
                "not enough values to unpack (expected at least {}, got {})",
                before + after,
                before + rest.len()
            )));
        }
        let tail = rest.split_off(rest.len() - after);
        let list = self.list(rest);
        items.push(list);
        items.extend(tail);
        Ok(items)
    }

    fn do_unpack_ex(&mut self, insn: Insn, a: usize) -> R<()> {
        let (before, after) = ((insn.c & 0xff) as usize, (insn.c >> 8) as usize);
        let items = self.unpack(self.regs[a], before, Some(after))?;
        self.place(a, &items);
        Ok(())
    }

    /// `FORMAT_VALUE`.
    fn do_format(&mut self, insn: Insn, a: usize) -> R<()> {
        let mut value = self.regs[a];
        value = match insn.c & 3 {
            1 => self.str_of(value)?,
            2 => self.repr(value)?,
            3 => self.ascii(value)?,
            _ => value,
        };
        let spec = if insn.c & 4 != 0 {
            self.regs[a + 1]
        } else {
            self.names.empty
        };
        let exact = self.class_of(value) == self.types.str && insn.c & 4 == 0;
        let text = if exact {
            value
        } else {
            self.format(value, spec)?
        };
        self.built(a, insn.b, text);
        Ok(())
    }

    /// `RAISE_VARARGS`.
    fn do_raise(&mut self, insn: Insn, a: usize) -> Raise {
        if insn.c == 0 {
            let exc = self.topmost();
            if exc.is_unset() {
                return self.raise(self.exc.runtime_error, "No active exception to reraise");
            }
            self.set_raised(exc);
            self.reraised = true;
            return Raise;
        }
        let cause = if insn.c == 2 {
            Some(self.regs[a + 1])
        } else {
            None
        };
        self.raise_value(self.regs[a], cause)
    }

    /// What `raise` does with its one or two values.
    pub(crate) fn raise_value(&mut self, value: Value, cause: Option<Value>) -> Raise {
        let exc = match self.exception_of(value) {
            Ok(Some(exc)) => exc,
            Ok(None) => return self.type_error("exceptions must derive from BaseException"),
            Err(raise) => return raise,
        };
        if let Some(cause) = cause {
            let cause = if cause.is_none() {
                Value::Unset
            } else {
                match self.exception_of(cause) {
                    Ok(Some(cause)) => cause,
                    Ok(None) => {
                        let message = "exception causes must derive from BaseException";
                        return self.type_error(message);
                    }
                    Err(raise) => return raise,
                }
            };
            self.exc_field(exc, cause, |exc| &mut exc.cause);
            if let Some(Obj::Exc(parts)) = exc.obj().map(|handle| self.heap.get_mut(handle)) {
                parts.suppress = true;
            }
        }
        self.throw(exc)
    }

    /// Returns the exception that a value is, or that a class makes.
    pub(crate) fn exception_of(&mut self, value: Value) -> R<Option<Value>> {
        let base = self.exc.base_exception;
        if let Some(class) = self.as_class(value) {
            if !self.is_subclass(class, base) {
                return Ok(None);
            }
            let exc = self.call(value, &[], &[])?;
            if !self.is_instance(exc, base) {
                let (class, found) = (self.repr(value)?, self.repr_of_class(exc)?);
                let (class, found) = (self.shown(class), self.shown(found));
                return Err(self.type_error(format!(
                    "calling {class} should have returned an instance of BaseException, not {found}"
                )));
            }
            return Ok(Some(exc));
        }
        Ok(self.is_instance(value, base).then_some(value))
    }

    fn repr_of_class(&mut self, value: Value) -> R {
        let class = self.class_of(value);
        self.repr(Value::Obj(class))
    }

    /// `SETUP_WITH`: the manager becomes its exit function; what it gives on entry follows.
    fn do_setup_with(&mut self, a: usize) -> R<()> {
        let manager = self.regs[a];
        let (enter, exit) = (self.names.enter, self.names.exit);
        let Some(enter) = self.special(manager, enter) else {
            return Err(self.raise(self.exc.attribute_error, "__enter__"));
        };
        let Some(exit) = self.special(manager, exit) else {
            return Err(self.raise(self.exc.attribute_error, "__exit__"));
        };
        let class = Value::Obj(self.class_of(manager));
        let enter = self.bind(enter, manager, class)?;
        let exit = self.bind(exit, manager, class)?;
        self.heap.inc(enter);
        self.put(a, exit);
        let result = self.call(enter, &[], &[]);
        self.heap.dec(enter);
        self.put(a + 1, result?);
        Ok(())
    }

    #[inline(never)]
    fn step_async(&mut self, insn: Insn, a: usize, b: usize) -> R<Go> {
        match insn.op {
            Rop::BeforeAsyncWith => {
                let manager = self.regs[a];
                let (enter, exit) = (self.names.aenter, self.names.aexit);
                let Some(enter) = self.special(manager, enter) else {
                    return Err(self.raise(self.exc.attribute_error, "__aenter__"));
                };
                let Some(exit) = self.special(manager, exit) else {
                    return Err(self.raise(self.exc.attribute_error, "__aexit__"));
                };
                let class = Value::Obj(self.class_of(manager));
                let exit = self.bind(exit, manager, class)?;
                let enter = self.bind(enter, manager, class)?;
                self.put(a, exit);
                let result = self.call(enter, &[], &[])?;
                self.put(a + 1, result);
                Ok(Go::Next)
            }
            Rop::EndAsyncFor => {
                let exc = self.regs[a + 5];
                if self.is_instance(exc, self.exc.stop_async_iteration) {
                    let saved = self.regs[a + 2];
                    self.set_handling(saved);
                    for at in a..a + 7 {
                        self.clear(at);
                    }
                    return Ok(Go::Next);
                }
                self.set_raised(exc);
                self.reraised = true;
                Err(Raise)
            }
            Rop::Aiter => {
                let value = crate::types::generator::aiter(self, self.regs[a])?;
                self.put(a, value);
                Ok(Go::Next)
            }
            Rop::Anext => {
                let value = crate::types::generator::anext(self, self.regs[b])?;
                self.put(a, value);
                Ok(Go::Next)
            }
            _ => {
                let before = self.before_await();
                let value = crate::types::generator::awaitable(self, self.regs[a], before)?;
                self.put(a, value);
                Ok(Go::Next)
            }
        }
    }

    /// Returns the opcode before the topmost frame's, for messages about `async with`.
    fn before_await(&self) -> Option<crate::floor::Op> {
        let top = self.frames.len() - 1;
        let offset = self.frame_offset(top);
        let code = self.frame_code(top)?;
        crate::floor::Op::from_byte(*code.bytes.get((offset as usize).checked_sub(2)?)?)
    }
}
