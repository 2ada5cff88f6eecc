//! Instructions that find names: globals, locals of modules and classes, cells.

use super::Go;
use crate::code::{Cache, Lowered};
use crate::floor::flags;
use crate::object::Obj;
use crate::rinsn::Insn;
use crate::value::{R, Raise, Value};
use crate::vm::Vm;

/// In [`Cache::class`]: the entry is one of the builtins.
const IN_BUILTINS: u32 = 1;

impl Vm {
    /// Returns the global that a cache leads to.
    #[inline(always)]
    pub(super) fn cached_global(&self, code: &Lowered, insn: Insn) -> Option<Value> {
        let cache = code.caches[usize::from(insn.x)].get();
        let frame = self.frames.last()?;
        let Obj::Dict(globals) = self.heap.get(frame.globals) else {
            return None;
        };
        let name = code.names[insn.c as usize];
        if cache.class != IN_BUILTINS {
            let entry = globals.entries().get(cache.index as usize)?;
            return entry.key.is(name).then_some(entry.value);
        }
        if globals.version != cache.version {
            return None;
        }
        let Obj::Dict(builtins) = self.heap.get(frame.builtins) else {
            return None;
        };
        let entry = builtins.entries().get(cache.index as usize)?;
        entry.key.is(name).then_some(entry.value)
    }

    pub(super) fn do_global(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        let name = code.names[insn.c as usize];
        let top = &self.frames[self.frames.len() - 1];
        let (globals, builtins) = (top.globals, top.builtins);
        let hash = self.as_str(name).map_or(0, crate::text::Text::hash);
        let mut found = None;
        if let Obj::Dict(dict) = self.heap.get(globals) {
            let version = dict.version;
            if let Some(at) = self.find_str(dict, hash, name) {
                found = Some((
                    dict.entries()[at].value,
                    Cache {
                        index: at as u32,
                        ..Cache::default()
                    },
                ));
            } else if let Obj::Dict(dict) = self.heap.get(builtins)
                && let Some(at) = self.find_str(dict, hash, name)
            {
                let cache = Cache {
                    class: IN_BUILTINS,
                    version,
                    index: at as u32,
                    ..Cache::default()
                };
                found = Some((dict.entries()[at].value, cache));
            }
        }
        let Some((value, cache)) = found else {
            return Err(self.name_error(name));
        };
        if insn.x > 0 {
            code.caches[usize::from(insn.x)].set(cache);
        }
        self.put(base + insn.a as usize, value);
        Ok(Go::Next)
    }

    #[cold]
    pub(crate) fn name_error(&mut self, name: Value) -> Raise {
        let name = self.shown(name);
        self.raise(self.exc.name_error, format!("name '{name}' is not defined"))
    }

    fn top_locals(&mut self) -> R {
        let top = &self.frames[self.frames.len() - 1];
        match top.locals.set() {
            Some(locals) => Ok(locals),
            None => {
                let message = "no locals found";
                Err(self.raise(self.exc.system_error, message))
            }
        }
    }

    /// Finds a name in the namespace of a module or class.
    pub(super) fn do_name(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        let name = code.names[insn.c as usize];
        let locals = self.top_locals()?;
        let found = self.namespace_get(locals, name)?;
        let value = match found {
            Some(value) => value,
            None => self.global(name)?,
        };
        self.put(base + insn.a as usize, value);
        Ok(Go::Next)
    }

    fn global(&mut self, name: Value) -> R {
        let top = &self.frames[self.frames.len() - 1];
        let (globals, builtins) = (Value::Obj(top.globals), Value::Obj(top.builtins));
        if let Some(value) = self.dict_get_str(globals, name) {
            return Ok(value);
        }
        match self.dict_get_str(builtins, name) {
            Some(value) => Ok(value),
            None => Err(self.name_error(name)),
        }
    }

    /// Looks a name up in a namespace, which may be any mapping.
    fn namespace_get(&mut self, locals: Value, name: Value) -> R<Option<Value>> {
        if self.class_of(locals) == self.types.dict {
            return Ok(self.dict_get_str(locals, name));
        }
        match self.get_item(locals, name) {
            Ok(value) => Ok(Some(value)),
            Err(Raise) => match self.catch(self.exc.key_error) {
                Some(_) => Ok(None),
                None => Err(Raise),
            },
        }
    }

    pub(super) fn do_store_name(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        let name = code.names[insn.c as usize];
        let locals = self.top_locals()?;
        let value = self.regs[base + insn.b as usize];
        if self.class_of(locals) == self.types.dict {
            self.dict_set_str(locals, name, value);
        } else {
            self.set_item(locals, name, value)?;
        }
        self.free_operands(
            Insn {
                free: insn.free & crate::rinsn::FREE_B,
                ..insn
            },
            base,
        );
        Ok(Go::Next)
    }

    pub(super) fn do_delete_name(&mut self, code: &Lowered, insn: Insn) -> R<Go> {
        let name = code.names[insn.c as usize];
        let locals = self.top_locals()?;
        match self.delete_item(locals, name) {
            Ok(()) => Ok(Go::Next),
            Err(Raise) => match self.catch(self.exc.key_error) {
                Some(_) => Err(self.name_error(name)),
                None => Err(Raise),
            },
        }
    }

    pub(super) fn do_store_global(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        let globals = self.frames[self.frames.len() - 1].globals;
        let value = self.regs[base + insn.b as usize];
        self.dict_set_str(Value::Obj(globals), code.names[insn.c as usize], value);
        self.free_operands(
            Insn {
                free: insn.free & crate::rinsn::FREE_B,
                ..insn
            },
            base,
        );
        Ok(Go::Next)
    }

    pub(super) fn do_delete_global(&mut self, code: &Lowered, insn: Insn) -> R<Go> {
        let globals = self.frames[self.frames.len() - 1].globals;
        let name = code.names[insn.c as usize];
        match self.dict_remove(Value::Obj(globals), name)? {
            Some(_) => Ok(Go::Next),
            None => Err(self.name_error(name)),
        }
    }

    /// Returns the value of a cell.
    fn cell_value(&self, cell: Value) -> Value {
        match self.obj(cell) {
            Obj::Cell(value) => *value,
            _ => Value::Unset,
        }
    }

    pub(crate) fn set_cell(&mut self, cell: Value, value: Value) {
        self.heap.inc(value);
        if let Some(Obj::Cell(place)) = cell.obj().map(|handle| self.heap.get_mut(handle)) {
            let old = std::mem::replace(place, value);
            self.heap.dec(old);
        }
    }

    /// Returns the name of a cell variable.
    fn cell_name(&self, index: u32) -> (Value, bool) {
        let code = self.frame_code(self.frames.len() - 1);
        let Some(code) = code else {
            return (Value::Unset, false);
        };
        let own = code.cellvars.len();
        match code.cellvars.get(index as usize) {
            Some(&name) => (name, false),
            None => {
                let name = code.freevars.get(index as usize - own);
                (name.copied().unwrap_or(Value::Unset), true)
            }
        }
    }

    #[cold]
    fn empty_cell(&mut self, index: u32) -> Raise {
        let (name, free) = self.cell_name(index);
        let name = self.shown(name);
        if free {
            let message =
                format!("free variable '{name}' referenced before assignment in enclosing scope");
            return self.raise(self.exc.name_error, message);
        }
        let message = format!("local variable '{name}' referenced before assignment");
        self.raise(self.exc.unbound_local_error, message)
    }

    pub(super) fn do_deref(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        let cell = self.regs[base + (code.cells + insn.b) as usize];
        let value = self.cell_value(cell);
        if value.is_unset() {
            return Err(self.empty_cell(insn.b));
        }
        self.put(base + insn.a as usize, value);
        Ok(Go::Next)
    }

    pub(super) fn do_class_deref(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        let (name, _) = self.cell_name(insn.b);
        let locals = self.top_locals()?;
        match self.namespace_get(locals, name)? {
            Some(value) => {
                self.put(base + insn.a as usize, value);
                Ok(Go::Next)
            }
            None => self.do_deref(code, insn, base),
        }
    }

    pub(super) fn do_store_deref(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        let cell = self.regs[base + (code.cells + insn.c) as usize];
        let value = self.regs[base + insn.b as usize];
        self.set_cell(cell, value);
        self.free_operands(
            Insn {
                free: insn.free & crate::rinsn::FREE_B,
                ..insn
            },
            base,
        );
        Ok(Go::Next)
    }

    pub(super) fn do_delete_deref(&mut self, code: &Lowered, insn: Insn, base: usize) -> R<Go> {
        let cell = self.regs[base + (code.cells + insn.c) as usize];
        if self.cell_value(cell).is_unset() {
            return Err(self.empty_cell(insn.c));
        }
        self.set_cell(cell, Value::Unset);
        Ok(Go::Next)
    }

    #[cold]
    pub(super) fn unbound_local(&mut self, local: u32) -> Raise {
        let code = self.frame_code(self.frames.len() - 1);
        let name = code.map_or(Value::Unset, |code| code.varnames[local as usize]);
        let name = self.shown(name);
        let message = format!("local variable '{name}' referenced before assignment");
        self.raise(self.exc.unbound_local_error, message)
    }

    pub(super) fn do_setup_annotations(&mut self) -> R<Go> {
        let locals = self.top_locals()?;
        let name = self.names.annotations;
        if self.namespace_get(locals, name)?.is_none() {
            let dict = self.dict();
            self.set_item(locals, name, dict)?;
        }
        Ok(Go::Next)
    }

    /// Returns the variables of an active frame as a dict, as `locals()` does.
    pub(crate) fn frame_locals(&mut self, index: usize) -> R {
        let frame = &self.frames[index];
        if let Some(locals) = frame.locals.set() {
            let optimized = self
                .frame_code(index)
                .is_some_and(|code| code.has(flags::OPTIMIZED));
            if !optimized {
                return Ok(locals);
            }
        }
        let (base, temps) = (frame.base, frame.lowered.temps as usize);
        let registers = self.regs[base..base + temps].to_vec();
        let Some(code) = self.frame_code(index) else {
            return Err(Raise);
        };
        let object = self.frame_object(index);
        let known = match self.obj(object) {
            Obj::Frame(frame) => frame.locals.set(),
            _ => None,
        };
        let dict = match known {
            Some(dict) => dict,
            None => {
                let dict = self.dict();
                self.heap.inc(dict);
                if let Some(Obj::Frame(frame)) =
                    object.obj().map(|handle| self.heap.get_mut(handle))
                {
                    frame.locals = dict;
                }
                dict
            }
        };
        self.fill_locals(dict, &code, &registers)?;
        Ok(dict)
    }

    /// Writes the values of locals and cells to a dict.
    pub(crate) fn fill_locals(
        &mut self,
        dict: Value,
        code: &crate::code::Code,
        registers: &[Value],
    ) -> R<()> {
        let names = code
            .varnames
            .iter()
            .chain(&code.cellvars)
            .chain(&code.freevars);
        let locals = code.varnames.len();
        let pairs: Vec<(usize, Value)> = names.copied().enumerate().collect();
        for (at, name) in pairs {
            let mut value = registers.get(at).copied().unwrap_or(Value::Unset);
            if at >= locals {
                value = self.cell_value(value);
            }
            if value.is_unset() {
                if !code.cellvars.iter().any(|cell| cell.is(name)) || at >= locals {
                    self.dict_remove(dict, name)?;
                }
            } else {
                self.dict_set(dict, name, value)?;
            }
        }
        Ok(())
    }
}
