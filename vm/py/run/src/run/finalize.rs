//! What happens to an object that nothing refers to: finalizers, weak references, freeing.

use crate::object::{GenKind, GenState, Obj};
use crate::value::{R, Raise, Ref, Value};
use crate::vm::Vm;

impl Vm {
    /// Frees objects that nothing refers to, and what that leaves.
    #[inline]
    pub(crate) fn drain(&mut self) {
        while let Some(handle) = self.heap.next_dead() {
            if self.needs_care(handle) && !self.finalize(handle) {
                continue;
            }
            self.heap.release(handle);
        }
    }

    /// Whether more is to be done than freeing.
    #[inline(always)]
    fn needs_care(&mut self, handle: Ref) -> bool {
        match self.heap.get(handle) {
            Obj::Str(_) | Obj::Tuple(_) | Obj::Big(_) => self.heap.has_weak(handle),
            Obj::Generator(parts) => {
                parts.state == GenState::Suspended
                    || parts.kind == GenKind::Coroutine
                    || self.heap.has_weak(handle)
            }
            Obj::Type(_) => true,
            _ => {
                if self.heap.has_weak(handle) {
                    return true;
                }
                let class = self.heap.class(handle);
                let parts = self.class(class);
                if !parts.heap {
                    return false;
                }
                let hooks = parts.hooks;
                if hooks.version == self.version {
                    hooks.del
                } else {
                    self.hooks(class).del
                }
            }
        }
    }

    /// Runs an object's finalizer; returns whether it is still dead.
    #[cold]
    fn finalize(&mut self, handle: Ref) -> bool {
        let value = Value::Obj(handle);
        self.heap.inc(value);
        self.run_finalizer(handle);
        if self.heap.has_weak(handle) && self.heap.count(handle) == 1 {
            self.clear_weak(handle);
        }
        if let Obj::Type(class) = self.heap.get(handle) {
            self.version = self.version.wrapping_add(1);
            let bases = class.bases.clone();
            for base in bases {
                self.class_mut(base)
                    .subclasses
                    .retain(|&class| class != handle);
            }
        }
        let dead = self.heap.count(handle) == 1;
        self.heap.dec(value);
        // `dec` notes it again; it is freed right away, if at all.
        if dead {
            while let Some(next) = self.heap.next_dead() {
                if next == handle {
                    return true;
                }
                if self.needs_care(next) && !self.finalize(next) {
                    continue;
                }
                self.heap.release(next);
            }
        }
        false
    }

    /// Calls `__del__`, or closes a generator, once.
    pub(crate) fn run_finalizer(&mut self, handle: Ref) {
        if self.limited.is_some() {
            return;
        }
        let value = Value::Obj(handle);
        if let Obj::Generator(parts) = self.heap.get(handle) {
            let (kind, state) = (parts.kind, parts.state);
            if !self.heap.finalize_once(handle) {
                self.finalize_generator(handle, kind, state);
            }
            return;
        }
        let class = self.heap.class(handle);
        if !self.class(class).heap {
            return;
        }
        let del = self.names.del;
        let Some(method) = self.lookup(class, del) else {
            return;
        };
        if self.heap.finalize_once(handle) {
            return;
        }
        self.quietly(|vm| {
            if vm.call_bound(method, value, &[]).is_err() {
                vm.unraisable(method);
            }
        });
    }

    /// Runs something apart from the exception that is on its way.
    pub(crate) fn quietly(&mut self, act: impl FnOnce(&mut Vm)) {
        let raised = self.raised;
        let reraised = std::mem::take(&mut self.reraised);
        self.heap.inc(raised);
        self.take_raised();
        let epoch = self.heap.enter();
        act(self);
        self.heap.leave(epoch);
        if self.limited.is_none() {
            self.set_raised(raised);
        }
        self.heap.dec(raised);
        self.reraised = reraised;
    }

    fn finalize_generator(&mut self, handle: Ref, kind: GenKind, state: GenState) {
        if kind == GenKind::Coroutine && state == GenState::Created {
            let Obj::Generator(parts) = self.heap.get(handle) else {
                return;
            };
            let name = self.shown(parts.qualname);
            self.quietly(|vm| {
                let message = format!("coroutine '{name}' was never awaited");
                let class = vm.exc.runtime_warning;
                // CPython imports `warnings` then, which makes it collect cycles.
                vm.heap.ask_collection();
                match crate::warn::warn(vm, class, &message) {
                    Ok(()) => vm.complain(
                        b"RuntimeWarning: Enable tracemalloc to get the object allocation traceback\n",
                    ),
                    Err(Raise) => vm.unraisable(Value::Obj(handle)),
                }
            });
            return;
        }
        if state != GenState::Suspended {
            return;
        }
        if kind == GenKind::AsyncGenerator {
            let Obj::Generator(parts) = self.heap.get(handle) else {
                return;
            };
            let (finalizer, closed) = (parts.finalizer, parts.closed);
            if !finalizer.is_unset() && !finalizer.is_none() && !closed {
                self.quietly(|vm| {
                    if vm.call(finalizer, &[Value::Obj(handle)], &[]).is_err() {
                        vm.unraisable(Value::Obj(handle));
                    }
                });
                return;
            }
        }
        self.quietly(|vm| {
            if vm.close_generator(handle).is_err() {
                vm.unraisable(Value::Obj(handle));
            }
        });
    }

    /// Reports an exception that nothing can catch, and drops it.
    pub(crate) fn unraisable(&mut self, of: Value) {
        if self.limited.is_some() {
            return;
        }
        let exc = self.take_raised();
        self.heap.inc(exc);
        let shown = match self.repr(of) {
            Ok(text) => self.shown(text),
            Err(Raise) => {
                self.take_raised();
                "<object repr() failed>".to_owned()
            }
        };
        let mut text = format!("Exception ignored in: {shown}\n");
        crate::trace::exception_only_chainless(self, exc, &mut text);
        self.complain(text.as_bytes());
        self.heap.dec(exc);
    }

    /// Clears weak references to an object, and calls their callbacks.
    fn clear_weak(&mut self, handle: Ref) {
        crate::modules::weakref::forget(self, handle);
        let refs = self.weak.remove(&handle.at).unwrap_or_default();
        self.heap.mark_weak(handle, false);
        crate::modules::weakref::clear(self, refs);
    }

    /// Returns a list's items to nothing: collects cycles.
    pub(crate) fn collect(&mut self) -> usize {
        self.drain();
        let found = self.find_unreachable();
        let count = found.len();
        // Finalizers first; what they bring back to life is not freed.
        for &handle in &found {
            self.heap.inc(Value::Obj(handle));
        }
        let mut resurrects = false;
        for &handle in &found {
            if self.needs_care(handle) {
                if self.heap.has_weak(handle) {
                    self.clear_weak(handle);
                }
                resurrects = true;
                self.run_finalizer(handle);
            }
        }
        let dead = if resurrects {
            self.find_unreachable()
        } else {
            found.clone()
        };
        let known: std::collections::HashSet<Ref> = found.iter().copied().collect();
        for handle in dead.into_iter().filter(|handle| known.contains(handle)) {
            self.heap.unlink(handle);
        }
        for &handle in &found {
            self.heap.dec(Value::Obj(handle));
        }
        self.heap.collected();
        while let Some(handle) = self.heap.next_dead() {
            self.heap.release(handle);
        }
        count
    }

    fn find_unreachable(&mut self) -> Vec<Ref> {
        let mut roots: Vec<Value> = Vec::new();
        let end = self.free_register().min(self.regs.len());
        roots.extend_from_slice(&self.regs[..end]);
        roots.extend_from_slice(&self.handling);
        roots.extend([
            self.raised,
            self.modules,
            self.sys,
            Value::Obj(self.builtins),
        ]);
        roots.extend_from_slice(&self.exit_functions);
        roots.extend(self.interned.values().map(|&text| Value::Obj(text)));
        roots.extend(self.extra_types.values().map(|&class| Value::Obj(class)));
        roots.extend(self.repr_active.iter().map(|&object| Value::Obj(object)));
        for frame in &self.frames {
            roots.extend([frame.func, frame.locals, frame.keep]);
            roots.extend([Value::Obj(frame.globals), Value::Obj(frame.builtins)]);
            roots.extend(frame.obj.map(Value::Obj));
            roots.extend(frame.generator.map(Value::Obj));
        }
        for (category, _, text) in &self.warned {
            roots.extend([*category, *text]);
        }
        self.heap.unreachable(&roots)
    }

    /// Refuses to nest native calls too deep.
    pub(crate) fn native_guard(&mut self, place: &str) -> R<()> {
        if self.native_depth > crate::MOST_NATIVE_DEPTH {
            return Err(self.too_deep(place));
        }
        Ok(())
    }

    /// Refuses to nest Python calls too deep.
    #[inline]
    pub(crate) fn check_depth(&mut self, place: &str) -> R<()> {
        if self.depth >= self.recursion_limit {
            return Err(self.too_deep(place));
        }
        Ok(())
    }

    #[cold]
    fn too_deep(&mut self, place: &str) -> Raise {
        let message = format!("maximum recursion depth exceeded{place}");
        // What makes the exception may need some room.
        self.raise(self.exc.recursion_error, message)
    }

    /// Runs something one level deeper, as CPython's C functions count it.
    pub(crate) fn deeper<T>(&mut self, place: &str, act: impl FnOnce(&mut Vm) -> R<T>) -> R<T> {
        self.check_depth(place)?;
        self.native_guard(place)?;
        self.depth += 1;
        self.native_depth += 1;
        let result = act(self);
        self.depth -= 1;
        self.native_depth -= 1;
        result
    }
}
