//! The state of a run, and what everything asks of it.

use crate::code::Code;
use crate::dict::Dict;
use crate::floor::{Limit, Limits};
use crate::heap::Heap;
use crate::host::Link;
use crate::names::Names;
use crate::object::{Attrs, Exc, Obj, Type};
use crate::run::frame::Frame;
use crate::text::Text;
use crate::types::{Excs, Types};
use crate::value::{R, Raise, Ref, Value};
use num_bigint::BigInt;
use std::collections::HashMap;
use std::rc::Rc;

/// A run.
#[derive(Debug)]
pub(crate) struct Vm {
    pub(crate) heap: Heap,
    pub(crate) names: Names,
    pub(crate) types: Types,
    pub(crate) exc: Excs,
    /// Registers of all active frames, one window after another.
    pub(crate) regs: Vec<Value>,
    pub(crate) frames: Vec<Frame>,
    /// Exceptions being handled: one for the main program and each generator that runs.
    pub(crate) handling: Vec<Value>,
    /// The exception that is on its way.
    pub(crate) raised: Value,
    /// Whether it is raised again: the frame adds no line to its traceback.
    pub(crate) reraised: bool,
    /// The limit that ends the run, if one does.
    pub(crate) limited: Option<Limit>,
    /// Whether the host would not take output any more.
    pub(crate) host_failed: Option<String>,
    pub(crate) interned: HashMap<Box<[u8]>, Ref>,
    pub(crate) shapes: crate::shape::Shapes,
    /// Changes whenever a class changes.
    pub(crate) version: u32,
    methods: Vec<Method>,
    pub(crate) steps: u64,
    pub(crate) fuel: u64,
    pub(crate) depth: usize,
    pub(crate) recursion_limit: usize,
    pub(crate) native_depth: usize,
    /// Objects whose repr is being made.
    pub(crate) repr_active: Vec<Ref>,
    pub(crate) builtins: Ref,
    pub(crate) modules: Value,
    pub(crate) sys: Value,
    pub(crate) out: Vec<u8>,
    pub(crate) out_left: u64,
    pub(crate) link: Link,
    pub(crate) limits: Limits,
    pub(crate) script: crate::import::Script,
    /// Weak references by the slot that they refer to.
    pub(crate) weak: HashMap<u32, Vec<Ref>>,
    pub(crate) source: HashMap<String, Option<Rc<Vec<Vec<u8>>>>>,
    pub(crate) warned: Vec<(Value, i64, Value)>,
    pub(crate) exit_functions: Vec<Value>,
    /// The small types that modules make for themselves, by the address of their definition.
    pub(crate) extra_types: HashMap<usize, Ref>,
}

/// An entry of the cache of method lookups.
#[derive(Clone, Copy, Debug)]
struct Method {
    class: u32,
    name: u32,
    version: u32,
    value: Value,
}

const METHODS: usize = 4096;

impl Vm {
    pub(crate) fn new(limits: &Limits, link: Link, script: crate::import::Script) -> Vm {
        let heap_bytes = usize::try_from(limits.heap_bytes).unwrap_or(usize::MAX);
        let mut heap = Heap::new(usize::MAX);
        let (mut interned, names, types, exc) = crate::types::bootstrap(&mut heap);
        let builtins = heap.alloc(types.dict, Obj::Dict(Box::default()));
        interned.shrink_to_fit();
        let none = Method {
            class: u32::MAX,
            name: 0,
            version: 0,
            value: Value::Unset,
        };
        let mut vm = Vm {
            heap,
            names,
            types,
            exc,
            regs: vec![Value::Unset; 1 << 14],
            frames: Vec::with_capacity(256),
            handling: vec![Value::Unset],
            raised: Value::Unset,
            reraised: false,
            limited: None,
            host_failed: None,
            interned,
            shapes: crate::shape::Shapes::new(),
            version: 1,
            methods: vec![none; METHODS],
            steps: 0,
            fuel: limits.fuel.unwrap_or(u64::MAX),
            depth: 0,
            recursion_limit: 1000.min(usize::try_from(limits.call_depth).unwrap_or(1000)),
            native_depth: 0,
            repr_active: Vec::new(),
            builtins,
            modules: Value::Unset,
            sys: Value::Unset,
            out: Vec::new(),
            out_left: limits.output_bytes.unwrap_or(u64::MAX),
            link,
            limits: limits.clone(),
            script,
            weak: HashMap::new(),
            source: HashMap::new(),
            warned: Vec::new(),
            exit_functions: Vec::new(),
            extra_types: HashMap::new(),
        };
        vm.heap.inc(Value::Obj(builtins));
        crate::types::fill(&mut vm);
        crate::modules::start(&mut vm);
        vm.heap.seal();
        vm.heap.limit = heap_bytes;
        vm
    }

    // Objects.

    /// Returns an object's contents; those of a value that is not an object are `Free`.
    #[inline(always)]
    pub(crate) fn obj(&self, value: Value) -> &Obj {
        const FREE: &Obj = &Obj::Free;
        match value {
            Value::Obj(handle) => self.heap.get(handle),
            _ => FREE,
        }
    }

    #[inline(always)]
    pub(crate) fn class_of(&self, value: Value) -> Ref {
        match value {
            Value::Obj(handle) => self.heap.class(handle),
            Value::Int(_) => self.types.int,
            Value::Float(_) => self.types.float,
            Value::None | Value::Unset => self.types.none,
            Value::True | Value::False => self.types.bool_,
            Value::NotImplemented => self.types.not_implemented,
            Value::Ellipsis => self.types.ellipsis,
        }
    }

    #[inline]
    pub(crate) fn new_obj(&mut self, class: Ref, obj: Obj) -> Value {
        Value::Obj(self.heap.alloc(class, obj))
    }

    /// Makes an object of a class that may be derived from the one that says what it contains.
    pub(crate) fn instance(&mut self, class: Ref, obj: Obj) -> Value {
        let attrs = self.fresh_attrs(class);
        Value::Obj(self.heap.alloc_with(class, obj, attrs))
    }

    /// Returns the attributes of a new object.
    #[inline]
    pub(crate) fn fresh_attrs(&self, class: Ref) -> Option<Box<Attrs>> {
        let class = self.class(class);
        (class.has_dict || class.slots > 0).then(|| {
            Box::new(Attrs {
                slots: vec![Value::Unset; class.slots as usize],
                ..Attrs::default()
            })
        })
    }

    /// Returns a class that is known to be one.
    #[inline(always)]
    pub(crate) fn class(&self, class: Ref) -> &Type {
        match self.heap.get(class) {
            Obj::Type(class) => class,
            other => unreachable!("not a class: {other:?}"),
        }
    }

    pub(crate) fn class_mut(&mut self, class: Ref) -> &mut Type {
        match self.heap.get_mut(class) {
            Obj::Type(class) => class,
            other => unreachable!("not a class: {other:?}"),
        }
    }

    /// Returns the class that a value is, if it is one.
    #[inline]
    pub(crate) fn as_class(&self, value: Value) -> Option<Ref> {
        match value {
            Value::Obj(handle) if matches!(self.heap.get(handle), Obj::Type(_)) => Some(handle),
            _ => None,
        }
    }

    pub(crate) fn class_name(&self, class: Ref) -> &str {
        &self.class(class).name
    }

    /// Returns the name of a value's class.
    pub(crate) fn type_name(&self, value: Value) -> String {
        self.class(self.class_of(value)).name.clone()
    }

    /// Whether a class is another or derives from it.
    #[inline]
    pub(crate) fn is_subclass(&self, class: Ref, of: Ref) -> bool {
        class == of || self.class(class).mro.contains(&of)
    }

    /// Whether a value is an instance of a class, by its type alone.
    #[inline]
    pub(crate) fn is_instance(&self, value: Value, of: Ref) -> bool {
        let class = self.class_of(value);
        class == of || self.is_subclass(class, of)
    }

    pub(crate) fn as_str(&self, value: Value) -> Option<&Text> {
        match self.obj(value) {
            Obj::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a string's text, with escapes for surrogates; empty if it is none.
    pub(crate) fn shown(&self, value: Value) -> String {
        self.as_str(value)
            .map_or(String::new(), |text| text.shown().into_owned())
    }

    pub(crate) fn as_list(&self, value: Value) -> Option<&Vec<Value>> {
        match self.obj(value) {
            Obj::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn list_mut(&mut self, value: Value) -> Option<&mut Vec<Value>> {
        match value {
            Value::Obj(handle) => match self.heap.get_mut(handle) {
                Obj::List(items) => Some(items),
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn as_tuple(&self, value: Value) -> Option<&[Value]> {
        match self.obj(value) {
            Obj::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the items of a list or tuple.
    pub(crate) fn items(&self, value: Value) -> Option<&[Value]> {
        match self.obj(value) {
            Obj::Tuple(items) => Some(items),
            Obj::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn as_dict(&self, value: Value) -> Option<&Dict> {
        match self.obj(value) {
            Obj::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// Returns the bytes of a bytes or bytearray.
    pub(crate) fn as_bytes(&self, value: Value) -> Option<&[u8]> {
        match self.obj(value) {
            Obj::Bytes(bytes) => Some(bytes),
            Obj::ByteArray(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn as_exc(&self, value: Value) -> Option<&Exc> {
        match self.obj(value) {
            Obj::Exc(exc) => Some(exc),
            _ => None,
        }
    }

    /// Returns a foreign object's contents, if they are a `T`.
    pub(crate) fn foreign<T: crate::object::Foreign>(&self, value: Value) -> Option<&T> {
        match self.obj(value) {
            Obj::Foreign(foreign) => foreign.as_any().downcast_ref(),
            _ => None,
        }
    }

    pub(crate) fn foreign_mut<T: crate::object::Foreign>(
        &mut self,
        value: Value,
    ) -> Option<&mut T> {
        match self.heap.get_mut(value.obj()?) {
            Obj::Foreign(foreign) => foreign.as_any_mut().downcast_mut(),
            _ => None,
        }
    }

    // New values.

    /// Makes an int of any size.
    pub(crate) fn big(&mut self, value: BigInt) -> Value {
        match i64::try_from(&value) {
            Ok(small) => Value::Int(small),
            Err(_) => self.new_obj(self.types.int, Obj::Big(Box::new(value))),
        }
    }

    pub(crate) fn complex(&mut self, real: f64, imaginary: f64) -> Value {
        self.new_obj(self.types.complex, Obj::Complex(real, imaginary))
    }

    pub(crate) fn str(&mut self, text: &str) -> Value {
        self.str_bytes(text.as_bytes().to_vec())
    }

    pub(crate) fn str_bytes(&mut self, bytes: Vec<u8>) -> Value {
        if bytes.is_empty() {
            return self.names.empty;
        }
        self.text(Text::new(bytes))
    }

    pub(crate) fn text(&mut self, text: Text) -> Value {
        self.new_obj(self.types.str, Obj::Str(Box::new(text)))
    }

    pub(crate) fn intern(&mut self, text: &str) -> Value {
        self.intern_bytes(text.as_bytes())
    }

    pub(crate) fn intern_bytes(&mut self, bytes: &[u8]) -> Value {
        if let Some(&known) = self.interned.get(bytes) {
            return Value::Obj(known);
        }
        let text = Text::new(bytes);
        text.interned.set(true);
        let handle = self.heap.alloc(self.types.str, Obj::Str(Box::new(text)));
        self.heap.inc(Value::Obj(handle));
        self.interned.insert(bytes.into(), handle);
        Value::Obj(handle)
    }

    /// Returns the interned string that is equal to a string.
    pub(crate) fn interned(&mut self, value: Value) -> Value {
        match self.obj(value) {
            Obj::Str(text) if !text.interned.get() => {
                let bytes = text.bytes().to_vec();
                self.intern_bytes(&bytes)
            }
            _ => value,
        }
    }

    pub(crate) fn bytes(&mut self, bytes: Vec<u8>) -> Value {
        self.new_obj(self.types.bytes, Obj::Bytes(bytes.into()))
    }

    pub(crate) fn tuple(&mut self, items: Vec<Value>) -> Value {
        self.new_obj(self.types.tuple, Obj::Tuple(items.into()))
    }

    pub(crate) fn list(&mut self, items: Vec<Value>) -> Value {
        self.new_obj(self.types.list, Obj::List(items))
    }

    pub(crate) fn dict(&mut self) -> Value {
        self.new_obj(self.types.dict, Obj::Dict(Box::default()))
    }

    pub(crate) fn cell(&mut self, value: Value) -> Value {
        self.new_obj(self.types.cell, Obj::Cell(value))
    }

    pub(crate) fn code(&mut self, code: Code) -> Value {
        self.new_obj(self.types.code, Obj::Code(Rc::new(code)))
    }

    pub(crate) fn list_push(&mut self, list: Value, item: Value) {
        self.heap.inc(item);
        if let Some(items) = self.list_mut(list) {
            let before = items.capacity();
            items.push(item);
            let grown = items.capacity() - before;
            if grown > 0 {
                self.heap.charge(grown * size_of::<Value>());
            }
        }
    }

    // Errors.

    /// Raises an exception of a class with one argument, a message.
    #[cold]
    pub(crate) fn raise(&mut self, class: Ref, message: impl AsRef<str>) -> Raise {
        let message = self.str(message.as_ref());
        self.raise_with(class, vec![message])
    }

    /// Raises an exception of a class with these arguments.
    #[cold]
    pub(crate) fn raise_with(&mut self, class: Ref, args: Vec<Value>) -> Raise {
        let exc = crate::types::exceptions::make(self, class, args);
        self.throw(exc)
    }

    /// Raises an exception object: sets its context, and puts it on its way.
    #[cold]
    pub(crate) fn throw(&mut self, exc: Value) -> Raise {
        let handled = self.topmost();
        if !handled.is_unset() && !handled.is(exc) {
            self.set_context(exc, handled);
        }
        self.set_raised(exc);
        Raise
    }

    pub(crate) fn set_raised(&mut self, exc: Value) {
        self.heap.inc(exc);
        let old = std::mem::replace(&mut self.raised, exc);
        self.heap.dec(old);
    }

    /// Takes the exception that is on its way. It is left with no count of its own.
    pub(crate) fn take_raised(&mut self) -> Value {
        let exc = std::mem::replace(&mut self.raised, Value::Unset);
        self.heap.dec(exc);
        self.reraised = false;
        exc
    }

    fn set_context(&mut self, exc: Value, handled: Value) {
        // A cycle is cut where it would close.
        let mut at = handled;
        for _ in 0..1_000_000 {
            let Some(context) = self.as_exc(at).map(|exc| exc.context) else {
                break;
            };
            if context.is(exc) {
                self.exc_field(at, Value::Unset, |exc| &mut exc.context);
                break;
            }
            if context.is_unset() {
                break;
            }
            at = context;
        }
        self.exc_field(exc, handled, |exc| &mut exc.context);
    }

    /// Sets a field of an exception.
    pub(crate) fn exc_field(
        &mut self,
        exc: Value,
        value: Value,
        field: fn(&mut Exc) -> &mut Value,
    ) {
        if let Some(Obj::Exc(exc)) = exc.obj().map(|handle| self.heap.get_mut(handle)) {
            let old = std::mem::replace(field(exc), value);
            self.heap.inc(value);
            self.heap.dec(old);
        }
    }

    /// Returns the exception that is being handled, or unset.
    pub(crate) fn topmost(&self) -> Value {
        let mut found = self.handling.iter().rev().filter(|value| !value.is_unset());
        found.next().copied().unwrap_or(Value::Unset)
    }

    #[cold]
    pub(crate) fn type_error(&mut self, message: impl AsRef<str>) -> Raise {
        self.raise(self.exc.type_error, message)
    }

    #[cold]
    pub(crate) fn value_error(&mut self, message: impl AsRef<str>) -> Raise {
        self.raise(self.exc.value_error, message)
    }

    #[cold]
    pub(crate) fn index_error(&mut self, message: impl AsRef<str>) -> Raise {
        self.raise(self.exc.index_error, message)
    }

    #[cold]
    pub(crate) fn overflow_error(&mut self, message: impl AsRef<str>) -> Raise {
        self.raise(self.exc.overflow_error, message)
    }

    #[cold]
    pub(crate) fn key_error(&mut self, key: Value) -> Raise {
        self.raise_with(self.exc.key_error, vec![key])
    }

    #[cold]
    pub(crate) fn memory_error(&mut self) -> Raise {
        self.raise_with(self.exc.memory_error, Vec::new())
    }

    /// Ends the run at a limit.
    #[cold]
    pub(crate) fn limit(&mut self, limit: Limit) -> Raise {
        self.limited.get_or_insert(limit);
        Raise
    }

    /// Whether the exception on its way is of a class; takes it if so.
    pub(crate) fn catch(&mut self, class: Ref) -> Option<Value> {
        if self.limited.is_some() || self.raised.is_unset() {
            return None;
        }
        let found = self.is_instance(self.raised, class);
        found.then(|| self.take_raised())
    }

    /// Charges fuel for work on `items` items or bytes.
    #[inline]
    pub(crate) fn work(&mut self, items: usize) -> R<()> {
        self.steps += items as u64 / 64;
        if self.steps > self.fuel {
            Err(self.limit(Limit::OutOfFuel))
        } else {
            Ok(())
        }
    }

    /// Refuses to make an object of `bytes` bytes if they would exceed the limit.
    pub(crate) fn room(&mut self, bytes: usize) -> R<()> {
        if bytes > isize::MAX as usize {
            return Err(self.memory_error());
        }
        if self.heap.would_exceed(bytes) {
            return Err(self.limit(Limit::MemoryLimit));
        }
        self.work(bytes)
    }

    // Lookup in classes.

    /// Finds a name in a class or its bases.
    #[inline]
    pub(crate) fn lookup(&mut self, class: Ref, name: Value) -> Option<Value> {
        let Value::Obj(text) = name else { return None };
        let at = (class.at as usize)
            .wrapping_mul(31)
            .wrapping_add(text.at as usize)
            % METHODS;
        let entry = &self.methods[at];
        if entry.class == class.at && entry.name == text.at && entry.version == self.version {
            return entry.value.set();
        }
        self.lookup_slow(class, name, text.at, at)
    }

    #[inline(never)]
    fn lookup_slow(&mut self, class: Ref, name: Value, text: u32, at: usize) -> Option<Value> {
        let found = self.find_in_mro(class, name);
        // Only interned names can be distinguished by their number.
        if self.as_str(name).is_some_and(|text| text.interned.get()) {
            let value = found.unwrap_or(Value::Unset);
            self.methods[at] = Method {
                class: class.at,
                name: text,
                version: self.version,
                value,
            };
        }
        found
    }

    fn find_in_mro(&self, class: Ref, name: Value) -> Option<Value> {
        let hash = self.as_str(name)?.hash();
        self.class(class)
            .mro
            .iter()
            .find_map(|&class| self.class_dict_get(class, hash, name))
    }

    /// Finds a name in a class's own dict.
    pub(crate) fn class_dict_get(&self, class: Ref, hash: i64, name: Value) -> Option<Value> {
        let dict = &self.class(class).dict;
        self.find_str(dict, hash, name)
            .map(|at| dict.entries()[at].value)
    }

    /// Finds a string among the keys of a dict.
    #[inline]
    pub(crate) fn find_str(&self, dict: &Dict, hash: i64, name: Value) -> Option<usize> {
        let mut state = crate::dict::Probe::new();
        while let Some(at) = dict.probe(hash, &mut state) {
            let key = dict.entries()[at].key;
            if key.is(name) {
                return Some(at);
            }
            if let (Some(a), Some(b)) = (self.as_str(key), self.as_str(name))
                && a.bytes() == b.bytes()
            {
                return Some(at);
            }
        }
        None
    }

    /// Sets a name in a class's own dict.
    pub(crate) fn class_set(&mut self, class: Ref, name: Value, value: Value) {
        self.version = self.version.wrapping_add(1);
        let Some(hash) = self.as_str(name).map(Text::hash) else {
            return;
        };
        self.heap.inc(value);
        let found = self.find_str(&self.class(class).dict, hash, name);
        match found {
            Some(at) => {
                let old = self.class_mut(class).dict.replace(at, value);
                self.heap.dec(old);
            }
            None => {
                self.heap.inc(name);
                self.class_mut(class).dict.push(hash, name, value);
            }
        }
    }

    /// Removes a name from a class's own dict.
    pub(crate) fn class_delete(&mut self, class: Ref, name: Value) -> bool {
        self.version = self.version.wrapping_add(1);
        let Some(hash) = self.as_str(name).map(Text::hash) else {
            return false;
        };
        let Some(at) = self.find_str(&self.class(class).dict, hash, name) else {
            return false;
        };
        let entry = self.class_mut(class).dict.remove(at);
        self.heap.dec(entry.key);
        self.heap.dec(entry.value);
        true
    }

    /// Finds a special method of a value's class.
    #[inline]
    pub(crate) fn special(&mut self, value: Value, name: Value) -> Option<Value> {
        let class = self.class_of(value);
        self.lookup(class, name)
    }

    /// Calls a special method of a value, if its class has it.
    pub(crate) fn call_special(&mut self, value: Value, name: Value, args: &[Value]) -> Option<R> {
        let method = self.special(value, name)?;
        Some(self.call_bound(method, value, args))
    }

    /// Calls what was found in a class with an object, as a method of it.
    pub(crate) fn call_bound(&mut self, method: Value, this: Value, args: &[Value]) -> R {
        use crate::object::NativeKind;
        let unbound = match self.obj(method) {
            Obj::Function(_) => true,
            Obj::Native(native) => matches!(native.kind, NativeKind::Method | NativeKind::Slot),
            _ => false,
        };
        match unbound {
            true if args.len() < 4 => {
                let mut all = [this; 4];
                all[1..=args.len()].copy_from_slice(args);
                self.call(method, &all[..=args.len()], &[])
            }
            true => {
                let mut all = Vec::with_capacity(args.len() + 1);
                all.push(this);
                all.extend_from_slice(args);
                self.call(method, &all, &[])
            }
            false => {
                let class = self.class_of(this);
                let bound = self.bind(method, this, Value::Obj(class))?;
                self.call(bound, args, &[])
            }
        }
    }
}
