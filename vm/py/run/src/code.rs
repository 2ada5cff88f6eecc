//! Code objects as the VM runs them.

use crate::rinsn::Insn;
use crate::value::{R, Value};
use crate::vm::Vm;
use std::cell::{Cell, OnceCell};
use std::rc::Rc;

/// A code object.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) argcount: u32,
    pub(crate) posonly: u32,
    pub(crate) kwonly: u32,
    pub(crate) stacksize: u32,
    pub(crate) flags: u32,
    pub(crate) bytes: Vec<u8>,
    pub(crate) consts: Vec<Value>,
    pub(crate) names: Vec<Value>,
    pub(crate) varnames: Vec<Value>,
    pub(crate) freevars: Vec<Value>,
    pub(crate) cellvars: Vec<Value>,
    pub(crate) filename: Value,
    pub(crate) name: Value,
    pub(crate) firstlineno: i32,
    pub(crate) lnotab: Vec<u8>,
    lowered: OnceCell<Rc<Lowered>>,
}

/// A code object's register code.
#[derive(Clone, Debug)]
pub(crate) struct Lowered {
    pub(crate) insns: Vec<Insn>,
    /// For each instruction, the offset of the bytecode that it came from.
    pub(crate) offsets: Vec<u32>,
    /// For each, how many bytecodes were executed since the last charge.
    pub(crate) costs: Vec<u32>,
    /// For each, the innermost block around it; 0 is none.
    pub(crate) blocks: Vec<u32>,
    pub(crate) block_table: Vec<Block>,
    pub(crate) caches: Vec<Cell<Cache>>,
    /// How many registers: locals, cells, stack.
    pub(crate) registers: u32,
    /// The first register of cells, and of the stack.
    pub(crate) cells: u32,
    pub(crate) temps: u32,
    pub(crate) consts: Vec<Value>,
    pub(crate) names: Vec<Value>,
    /// Which cell variables are also parameters: cell, local.
    pub(crate) cell_args: Vec<(u32, u32)>,
}

impl Lowered {
    /// Returns the same code without the comparisons that the loop does itself.
    #[cold]
    pub(crate) fn careful(&self) -> Lowered {
        use crate::rinsn::Rop;
        let slow = |insn: &Insn| {
            let op = match insn.op {
                Rop::CmpJumpF => Rop::SlowCmpJumpF,
                Rop::CmpJumpT => Rop::SlowCmpJumpT,
                Rop::CmpIJumpF => Rop::SlowCmpIJumpF,
                Rop::CmpIJumpT => Rop::SlowCmpIJumpT,
                other => other,
            };
            Insn { op, ..*insn }
        };
        Lowered {
            insns: self.insns.iter().map(slow).collect(),
            ..self.clone()
        }
    }
}

/// A block of the block stack, known before the code runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// Where the handler begins; none for the block of a handler that runs.
    pub(crate) handler: Option<u32>,
    /// The register where the stack ends outside it.
    pub(crate) level: u32,
    /// The block around it; 0 is none.
    pub(crate) outer: u32,
}

/// What an instruction remembers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cache {
    pub(crate) class: u32,
    pub(crate) version: u32,
    pub(crate) shape: u32,
    pub(crate) index: u32,
    /// The shape after the attribute was set.
    pub(crate) next: u32,
}

/// The parts that a code object is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) argcount: u32,
    pub(crate) posonly: u32,
    pub(crate) kwonly: u32,
    pub(crate) stacksize: u32,
    pub(crate) flags: u32,
    pub(crate) bytes: Vec<u8>,
    pub(crate) consts: Vec<Value>,
    pub(crate) names: Vec<Value>,
    pub(crate) varnames: Vec<Value>,
    pub(crate) freevars: Vec<Value>,
    pub(crate) cellvars: Vec<Value>,
    pub(crate) filename: Value,
    pub(crate) name: Value,
    pub(crate) firstlineno: i32,
    pub(crate) lnotab: Vec<u8>,
}

impl Code {
    pub(crate) fn new(parts: Parts) -> Code {
        Code {
            argcount: parts.argcount,
            posonly: parts.posonly,
            kwonly: parts.kwonly,
            stacksize: parts.stacksize,
            flags: if parts.freevars.is_empty() && parts.cellvars.is_empty() {
                parts.flags | crate::floor::flags::NOFREE
            } else {
                parts.flags & !crate::floor::flags::NOFREE
            },
            bytes: parts.bytes,
            consts: parts.consts,
            names: parts.names,
            varnames: parts.varnames,
            freevars: parts.freevars,
            cellvars: parts.cellvars,
            filename: parts.filename,
            name: parts.name,
            firstlineno: parts.firstlineno,
            lnotab: parts.lnotab,
            lowered: OnceCell::new(),
        }
    }

    pub(crate) fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// Returns how many parameters it has, `*args` and `**kwargs` included.
    pub(crate) fn parameters(&self) -> usize {
        use crate::floor::flags;
        (self.argcount + self.kwonly) as usize
            + usize::from(self.has(flags::VARARGS))
            + usize::from(self.has(flags::VARKEYWORDS))
    }

    /// Returns its register code, made at the first call.
    #[inline]
    pub(crate) fn lowered(&self) -> &Rc<Lowered> {
        self.lowered
            .get_or_init(|| Rc::new(crate::lower::lower(self)))
    }

    /// Returns the line of the bytecode at an offset.
    pub(crate) fn line(&self, offset: u32) -> i64 {
        crate::floor::lnotab::line_at(&self.lnotab, self.firstlineno, offset.into())
    }

    pub(crate) fn trace(&self, each: &mut dyn FnMut(Value)) {
        let lists = [
            &self.consts,
            &self.names,
            &self.varnames,
            &self.freevars,
            &self.cellvars,
        ];
        lists.into_iter().flatten().for_each(|&value| each(value));
        each(self.filename);
        each(self.name);
    }

    pub(crate) fn bytes(&self) -> usize {
        let lists = [
            &self.consts,
            &self.names,
            &self.varnames,
            &self.freevars,
            &self.cellvars,
        ];
        let values: usize = lists.into_iter().map(Vec::len).sum();
        size_of::<Code>() + self.bytes.len() * 16 + self.lnotab.len() + values * 16
    }
}

/// Makes values of a file's objects.
pub(crate) fn load(vm: &mut Vm, pool: &crate::floor::Pool, id: crate::floor::Id) -> R {
    let mut loader = Loader {
        known: vec![Value::Unset; pool.len()],
        pool,
    };
    loader.value(vm, id)
}

struct Loader<'a> {
    pool: &'a crate::floor::Pool,
    known: Vec<Value>,
}

use crate::floor::{Id, Object};

impl Loader<'_> {
    /// The value of an object. Marshal data nests to 2000 at most, and so does this.
    fn value(&mut self, vm: &mut Vm, id: Id) -> R {
        let known = self.known[id.0 as usize];
        if !known.is_unset() {
            return Ok(known);
        }
        let pool = self.pool;
        let value = match pool.get(id) {
            Object::None => Value::None,
            Object::Bool(truth) => Value::bool(*truth),
            Object::Ellipsis => Value::Ellipsis,
            Object::StopIteration => Value::Obj(vm.exc.stop_iteration),
            Object::Int(value) => Value::Int(*value),
            Object::Long(value) => vm.big((**value).clone()),
            Object::Float(value) => Value::Float(*value),
            Object::Complex(real, imaginary) => vm.complex(*real, *imaginary),
            Object::Bytes(bytes) => vm.bytes(bytes.to_vec()),
            Object::Str(text) if text.interned => vm.intern_bytes(&text.bytes),
            Object::Str(text) => vm.str_bytes(text.bytes.to_vec()),
            Object::Tuple(items) => {
                let items = self.values(vm, items)?;
                vm.tuple(items)
            }
            Object::List(items) => {
                let list = vm.list(Vec::new());
                self.known[id.0 as usize] = list;
                for item in self.values(vm, items)? {
                    vm.list_push(list, item);
                }
                list
            }
            Object::Dict(pairs) => {
                let dict = vm.dict();
                self.known[id.0 as usize] = dict;
                for &(key, value) in pairs {
                    let (key, value) = (self.value(vm, key)?, self.value(vm, value)?);
                    vm.dict_set(dict, key, value)?;
                }
                dict
            }
            Object::Set(items) => {
                let items = self.values(vm, items)?;
                vm.set_of(&items, false)?
            }
            Object::FrozenSet(items) => {
                let items = self.values(vm, items)?;
                vm.set_of(&items, true)?
            }
            Object::Code(code) => self.code(vm, code)?,
        };
        self.known[id.0 as usize] = value;
        Ok(value)
    }

    fn values(&mut self, vm: &mut Vm, ids: &[Id]) -> R<Vec<Value>> {
        ids.iter().map(|&id| self.value(vm, id)).collect()
    }

    fn tuple(&mut self, vm: &mut Vm, id: Id) -> R<Vec<Value>> {
        let pool = self.pool;
        self.values(vm, pool.tuple(id).unwrap_or(&[]))
    }

    fn names(&mut self, vm: &mut Vm, id: Id) -> Vec<Value> {
        let pool = self.pool;
        let names = pool.tuple(id).unwrap_or(&[]);
        names
            .iter()
            .map(|&name| {
                pool.str(name)
                    .map_or(Value::None, |text| vm.intern_bytes(&text.bytes))
            })
            .collect()
    }

    fn code(&mut self, vm: &mut Vm, code: &crate::floor::RawCode) -> R {
        let pool = self.pool;
        let parts = Parts {
            argcount: code.argcount,
            posonly: code.posonlyargcount,
            kwonly: code.kwonlyargcount,
            stacksize: code.stacksize,
            flags: code.flags,
            bytes: pool.bytes(code.code).unwrap_or(&[]).to_vec(),
            consts: self.tuple(vm, code.consts)?,
            names: self.names(vm, code.names),
            varnames: self.names(vm, code.varnames),
            freevars: self.names(vm, code.freevars),
            cellvars: self.names(vm, code.cellvars),
            filename: self.value(vm, code.filename)?,
            name: self.value(vm, code.name)?,
            firstlineno: code.firstlineno,
            lnotab: pool.bytes(code.lnotab).unwrap_or(&[]).to_vec(),
        };
        Ok(vm.code(Code::new(parts)))
    }
}
