//! What lies in the heap.

use crate::code::Code;
use crate::dict::Dict;
use crate::native::{GetSet, Native, TypeDef};
use crate::set::Set;
use crate::text::Text;
use crate::value::{Ref, Value};
use num_bigint::BigInt;
use std::any::Any;
use std::rc::Rc;

/// An object's contents. Its class lies beside it in the heap's slot, its attributes do too.
#[derive(Debug, Default)]
pub(crate) enum Obj {
    /// Nothing: the slot is free.
    #[default]
    Free,
    /// An object without contents but its attributes.
    Plain,
    Str(Box<Text>),
    /// An int that does not fit a value, or of a class derived from `int`.
    Big(Box<BigInt>),
    /// A float of a class derived from `float`.
    Float(f64),
    Complex(f64, f64),
    Bytes(Box<[u8]>),
    ByteArray(Vec<u8>),
    Tuple(Box<[Value]>),
    List(Vec<Value>),
    Dict(Box<Dict>),
    /// A set or a frozenset.
    Set(Box<Set>),
    /// `range`: start, stop, step, as small ints or big ones.
    Range(Box<[Value; 3]>),
    Slice(Box<[Value; 3]>),
    Type(Box<Type>),
    Function(Box<Function>),
    Native(Box<NativeObj>),
    GetSet(&'static GetSet, Ref),
    Member(Box<Member>),
    /// A bound method: function and self.
    Method(Box<[Value; 2]>),
    /// Getter, setter, deleter, doc.
    Property(Box<[Value; 4]>),
    /// What a classmethod or staticmethod wraps, or a mappingproxy.
    Wrapped(Value),
    /// Type, object, type of the object.
    Super(Box<[Value; 3]>),
    Code(Rc<Code>),
    Frame(Box<FrameObj>),
    Traceback(Box<Traceback>),
    Generator(Box<Generator>),
    Exc(Box<Exc>),
    Cell(Value),
    Iter(Box<Iter>),
    /// A view of a dict.
    View(View, Ref),
    Foreign(Box<dyn Foreign>),
}

/// What a view shows of a dict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    Keys,
    Values,
    Items,
}

/// The contents of a type that a module defines for itself.
///
/// A type written outside the object model implements this, and gets at its contents through
/// [`crate::vm::Vm::foreign`] and [`crate::vm::Vm::foreign_mut`].
pub(crate) trait Foreign: Any + std::fmt::Debug {
    /// Calls `each` with every value that it holds, each as often as it holds it.
    fn trace(&self, each: &mut dyn FnMut(Value));
    /// Returns how many bytes it takes beyond its own size.
    fn bytes(&self) -> usize {
        0
    }
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

/// A class.
#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) name: String,
    pub(crate) bases: Vec<Ref>,
    /// The base that says how instances are laid out.
    pub(crate) base: Option<Ref>,
    pub(crate) mro: Vec<Ref>,
    pub(crate) dict: Dict,
    /// The built-in type that says what instances contain.
    pub(crate) def: &'static TypeDef,
    /// Whether a class statement made it.
    pub(crate) heap: bool,
    /// Whether instances have a `__dict__`, and may be referred to weakly.
    pub(crate) has_dict: bool,
    pub(crate) has_weak: bool,
    /// How many `__slots__` instances have, those of bases included.
    pub(crate) slots: u32,
    /// Those of its own.
    pub(crate) own_slots: u32,
    /// Direct subclasses; they are not counted.
    pub(crate) subclasses: Vec<Ref>,
    /// Whether a lookup finds these: `__del__`, `__getattribute__`, `__getattr__`, `__setattr__`.
    pub(crate) hooks: Hooks,
}

/// Special methods that are asked for often. Valid while the version is the VM's.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hooks {
    pub(crate) version: u32,
    pub(crate) del: bool,
    pub(crate) getattribute: bool,
    pub(crate) getattr: bool,
    pub(crate) setattr: bool,
    pub(crate) delattr: bool,
}

/// A Python function.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) code: Rc<Code>,
    pub(crate) code_obj: Value,
    pub(crate) globals: Ref,
    pub(crate) builtins: Ref,
    pub(crate) name: Value,
    pub(crate) qualname: Value,
    pub(crate) module: Value,
    pub(crate) doc: Value,
    /// A tuple, or unset.
    pub(crate) defaults: Value,
    /// A dict, or unset.
    pub(crate) kwdefaults: Value,
    /// A tuple of cells, or unset.
    pub(crate) closure: Value,
    /// A dict, or unset.
    pub(crate) annotations: Value,
    /// Whether a call with as many positional arguments as it has needs no more care.
    pub(crate) simple: bool,
}

/// A native function, bound or not, or a descriptor of one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NativeObj {
    pub(crate) row: &'static Native,
    /// The type whose method it is.
    pub(crate) owner: Option<Ref>,
    /// What it is bound to: an object, or a module.
    pub(crate) this: Value,
    pub(crate) kind: NativeKind,
}

/// What a native function is as an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NativeKind {
    /// A function of a module; `this` is not an argument.
    Function,
    /// A method that is bound to `this`.
    Bound,
    /// A method in its type's dict.
    Method,
    /// The same for an operator's method.
    Slot,
    /// A class method in its type's dict.
    Class,
    /// A static method, such as `__new__`.
    Static,
}

/// A descriptor for one of `__slots__`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) name: Value,
    pub(crate) owner: Ref,
    pub(crate) index: u32,
}

/// Attributes of an object.
#[derive(Debug, Default)]
pub(crate) struct Attrs {
    /// Which names its values have; meaningless once there is a dict.
    pub(crate) shape: u32,
    pub(crate) values: Vec<Value>,
    /// Values of `__slots__`.
    pub(crate) slots: Vec<Value>,
    /// The `__dict__`, once something asked for it.
    pub(crate) dict: Option<Ref>,
}

/// A frame as an object. While it runs, its registers are on the VM's stack.
#[derive(Debug)]
pub(crate) struct FrameObj {
    /// Its number among the active frames, while it is one of them.
    pub(crate) active: Option<usize>,
    pub(crate) code: Value,
    pub(crate) globals: Ref,
    pub(crate) builtins: Ref,
    /// The namespace of a module or class, or the dict that `locals()` gave.
    pub(crate) locals: Value,
    /// Locals and cells after it ended.
    pub(crate) registers: Vec<Value>,
    pub(crate) back: Value,
    pub(crate) lasti: u32,
    pub(crate) line: i64,
}

#[derive(Debug)]
pub(crate) struct Traceback {
    pub(crate) next: Value,
    pub(crate) frame: Value,
    pub(crate) lasti: i64,
    pub(crate) line: i64,
}

/// What a suspended function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GenKind {
    Generator,
    Coroutine,
    AsyncGenerator,
}

/// A generator, coroutine or asynchronous generator.
#[derive(Debug)]
pub(crate) struct Generator {
    pub(crate) kind: GenKind,
    pub(crate) state: GenState,
    /// The function, which keeps code and globals alive.
    pub(crate) func: Value,
    pub(crate) code: Rc<Code>,
    pub(crate) globals: Ref,
    pub(crate) builtins: Ref,
    pub(crate) name: Value,
    pub(crate) qualname: Value,
    /// Registers while it does not run.
    pub(crate) registers: Vec<Value>,
    pub(crate) pc: u32,
    /// The exception that it is handling, or unset.
    pub(crate) handling: Value,
    pub(crate) frame: Value,
    /// An asynchronous generator: whether it was closed, whether one of its methods runs.
    pub(crate) closed: bool,
    pub(crate) running_async: bool,
    pub(crate) hooked: bool,
    pub(crate) finalizer: Value,
}

/// Where a generator stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GenState {
    Created,
    Suspended,
    Running,
    Finished,
}

/// An exception.
#[derive(Debug)]
pub(crate) struct Exc {
    pub(crate) args: Value,
    pub(crate) traceback: Value,
    pub(crate) context: Value,
    pub(crate) cause: Value,
    pub(crate) suppress: bool,
    /// Fields that only some classes have, such as StopIteration's value.
    pub(crate) fields: Vec<Value>,
}

/// Iterators of built-in types.
#[derive(Debug)]
pub(crate) enum Iter {
    /// Over a list, tuple, str, bytes … by index; unset once exhausted.
    Index {
        of: Value,
        at: usize,
    },
    Reversed {
        of: Value,
        at: usize,
    },
    /// Over anything with `__getitem__`.
    Sequence {
        of: Value,
        at: i64,
    },
    /// Calls until a sentinel comes.
    Callable {
        f: Value,
        sentinel: Value,
    },
    Range {
        at: i64,
        left: u64,
        step: i64,
    },
    BigRange {
        at: Value,
        left: Value,
        step: Value,
    },
    Dict {
        of: Value,
        view: View,
        at: usize,
        len: usize,
        left: usize,
        back: bool,
    },
    Set {
        of: Value,
        at: usize,
        len: usize,
        left: usize,
    },
    Enumerate {
        of: Value,
        at: Value,
    },
    Zip {
        of: Vec<Value>,
    },
    Map {
        f: Value,
        of: Vec<Value>,
    },
    Filter {
        f: Value,
        of: Value,
    },
    /// What `await` of a coroutine, or a step of an asynchronous generator, iterates over.
    Await {
        of: Value,
    },
    AsyncStep {
        of: Value,
        arg: Value,
        kind: AsyncKind,
        state: u8,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AsyncKind {
    Send,
    Throw,
    Close,
}

fn all(values: &[Value], each: &mut dyn FnMut(Value)) {
    values.iter().for_each(|&value| each(value));
}

impl Obj {
    /// Calls `each` with every value that the object holds, each as often as it holds it.
    pub(crate) fn trace(&self, each: &mut dyn FnMut(Value)) {
        match self {
            Obj::Free
            | Obj::Plain
            | Obj::Str(_)
            | Obj::Big(_)
            | Obj::Float(_)
            | Obj::Complex(..)
            | Obj::Bytes(_)
            | Obj::ByteArray(_)
            | Obj::GetSet(..) => {}
            Obj::Tuple(items) => all(items, each),
            Obj::List(items) => all(items, each),
            Obj::Dict(dict) => trace_dict(dict, each),
            Obj::Set(set) => set.iter().for_each(|slot| each(slot.key)),
            Obj::Range(parts) | Obj::Slice(parts) | Obj::Super(parts) => all(&parts[..], each),
            Obj::Type(class) => class.trace(each),
            Obj::Function(function) => function.trace(each),
            Obj::Native(native) => each(native.this),
            Obj::Member(member) => each(member.name),
            Obj::Method(parts) => all(&parts[..], each),
            Obj::Property(parts) => all(&parts[..], each),
            Obj::Wrapped(value) | Obj::Cell(value) => each(*value),
            Obj::Code(code) => code.trace(each),
            Obj::Frame(frame) => frame.trace(each),
            Obj::Traceback(parts) => {
                each(parts.next);
                each(parts.frame);
            }
            Obj::Generator(generator) => generator.trace(each),
            Obj::Exc(exc) => {
                all(&[exc.args, exc.traceback, exc.context, exc.cause], each);
                all(&exc.fields, each);
            }
            Obj::Iter(iter) => iter.trace(each),
            Obj::View(_, dict) => each(Value::Obj(*dict)),
            Obj::Foreign(foreign) => foreign.trace(each),
        }
    }

    /// Returns how many bytes it takes beside its slot.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Obj::Free
            | Obj::Plain
            | Obj::Float(_)
            | Obj::Complex(..)
            | Obj::GetSet(..)
            | Obj::Wrapped(_)
            | Obj::Cell(_)
            | Obj::View(..) => 0,
            Obj::Str(text) => size_of::<Text>() + text.bytes().len(),
            Obj::Big(value) => 32 + value.bits() as usize / 8,
            Obj::Bytes(bytes) => bytes.len(),
            Obj::ByteArray(bytes) => bytes.capacity(),
            Obj::Tuple(items) => items.len() * size_of::<Value>(),
            Obj::List(items) => items.capacity() * size_of::<Value>(),
            Obj::Dict(dict) => size_of::<Dict>() + dict.bytes(),
            Obj::Set(set) => size_of::<Set>() + set.bytes(),
            Obj::Range(_) | Obj::Slice(_) | Obj::Super(_) => 48,
            Obj::Method(_) => 32,
            Obj::Property(_) => 64,
            Obj::Type(_) => 1024,
            Obj::Function(_) => size_of::<Function>(),
            Obj::Native(_) | Obj::Member(_) => 64,
            Obj::Code(code) => code.bytes(),
            Obj::Frame(frame) => size_of::<FrameObj>() + frame.registers.len() * 16,
            Obj::Traceback(_) => size_of::<Traceback>(),
            Obj::Generator(generator) => size_of::<Generator>() + generator.registers.len() * 16,
            Obj::Exc(exc) => size_of::<Exc>() + exc.fields.len() * 16,
            Obj::Iter(_) => size_of::<Iter>(),
            Obj::Foreign(foreign) => foreign.bytes(),
        }
    }

    /// Whether it can be part of a cycle.
    pub(crate) fn is_container(&self) -> bool {
        !matches!(
            self,
            Obj::Free
                | Obj::Str(_)
                | Obj::Big(_)
                | Obj::Float(_)
                | Obj::Complex(..)
                | Obj::Bytes(_)
                | Obj::ByteArray(_)
                | Obj::GetSet(..)
        )
    }
}

fn trace_dict(dict: &Dict, each: &mut dyn FnMut(Value)) {
    for entry in dict.iter() {
        each(entry.key);
        each(entry.value);
    }
}

impl Type {
    fn trace(&self, each: &mut dyn FnMut(Value)) {
        trace_dict(&self.dict, each);
        // The first of the order is the class itself, which does not count itself.
        self.mro
            .iter()
            .skip(1)
            .chain(&self.bases)
            .for_each(|&class| each(Value::Obj(class)));
    }
}

impl Function {
    fn trace(&self, each: &mut dyn FnMut(Value)) {
        let parts = [
            self.code_obj,
            Value::Obj(self.globals),
            Value::Obj(self.builtins),
            self.name,
            self.qualname,
            self.module,
            self.doc,
            self.defaults,
            self.kwdefaults,
            self.closure,
            self.annotations,
        ];
        all(&parts, each);
    }
}

impl FrameObj {
    fn trace(&self, each: &mut dyn FnMut(Value)) {
        let dicts = [Value::Obj(self.globals), Value::Obj(self.builtins)];
        all(&dicts, each);
        all(&[self.code, self.locals, self.back], each);
        all(&self.registers, each);
    }
}

impl Generator {
    fn trace(&self, each: &mut dyn FnMut(Value)) {
        all(&[self.func, self.name, self.qualname], each);
        all(&[self.handling, self.frame, self.finalizer], each);
        all(&[Value::Obj(self.globals), Value::Obj(self.builtins)], each);
        all(&self.registers, each);
    }
}

impl Iter {
    fn trace(&self, each: &mut dyn FnMut(Value)) {
        match self {
            Iter::Range { .. } => {}
            Iter::Index { of, .. }
            | Iter::Reversed { of, .. }
            | Iter::Sequence { of, .. }
            | Iter::Dict { of, .. }
            | Iter::Set { of, .. }
            | Iter::Await { of } => each(*of),
            Iter::Callable { f: a, sentinel: b }
            | Iter::Enumerate { of: a, at: b }
            | Iter::Filter { f: a, of: b }
            | Iter::AsyncStep { of: a, arg: b, .. } => all(&[*a, *b], each),
            Iter::BigRange { at, left, step } => all(&[*at, *left, *step], each),
            Iter::Zip { of } => all(of, each),
            Iter::Map { f, of } => {
                each(*f);
                all(of, each);
            }
        }
    }
}

impl Attrs {
    pub(crate) fn trace(&self, each: &mut dyn FnMut(Value)) {
        all(&self.values, each);
        all(&self.slots, each);
        if let Some(dict) = self.dict {
            each(Value::Obj(dict));
        }
    }
}
