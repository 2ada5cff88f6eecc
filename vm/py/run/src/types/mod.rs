//! Built-in types: a file each, a table of rows each.

pub(crate) mod bytes;
pub(crate) mod callable;
pub(crate) mod complex;
pub(crate) mod descriptor;
pub(crate) mod dict;
pub(crate) mod exceptions;
pub(crate) mod float;
pub(crate) mod generator;
pub(crate) mod generic;
pub(crate) mod int;
pub(crate) mod internal;
pub(crate) mod iterators;
pub(crate) mod list;
pub(crate) mod namespace;
pub(crate) mod number;
pub(crate) mod object;
pub(crate) mod range;
pub(crate) mod sequence;
pub(crate) mod set;
pub(crate) mod slice;
pub(crate) mod sort;
pub(crate) mod str;
pub(crate) mod str_methods;
pub(crate) mod tuple;
pub(crate) mod type_;

use crate::heap::Heap;
use crate::names::Names;
use crate::native::{How, Native, TypeDef, is_slot};
use crate::object::{Hooks, NativeKind, NativeObj, Obj, Type};
use crate::text::Text;
use crate::value::{Ref, Value};
use crate::vm::Vm;
use std::collections::HashMap;

macro_rules! types {
    ($($field:ident $def:path, $base:ident;)*) => {
        /// The built-in types.
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct Types { $(pub(crate) $field: Ref,)* }

        impl Types {
            fn alloc(heap: &mut Heap) -> Types {
                let meta = Ref { at: 0, generation: 0 };
                Types { $($field: heap.alloc(meta, Obj::Plain),)* }
            }

            fn rows(&self) -> Vec<(Ref, &'static TypeDef, Ref)> {
                vec![$((self.$field, &$def, self.$base),)*]
            }
        }
    };
}

// `type` is the first, for it is the class of all of them.
types! {
    type_ type_::TYPE, object;
    object object::OBJECT, object;
    str str::STR, object;
    int int::INT, object;
    bool_ int::BOOL, int;
    float float::FLOAT, object;
    complex complex::COMPLEX, object;
    bytes bytes::BYTES, object;
    bytearray bytes::BYTEARRAY, object;
    tuple tuple::TUPLE, object;
    list list::LIST, object;
    dict dict::DICT, object;
    set set::SET, object;
    frozenset set::FROZENSET, object;
    range range::RANGE, object;
    slice slice::SLICE, object;
    none internal::NONE, object;
    ellipsis internal::ELLIPSIS, object;
    not_implemented internal::NOT_IMPLEMENTED, object;
    function callable::FUNCTION, object;
    method callable::METHOD, object;
    builtin callable::BUILTIN, object;
    method_descriptor callable::METHOD_DESCRIPTOR, object;
    wrapper_descriptor callable::WRAPPER_DESCRIPTOR, object;
    method_wrapper callable::METHOD_WRAPPER, object;
    class_method_descriptor callable::CLASS_METHOD_DESCRIPTOR, object;
    getset_descriptor descriptor::GETSET, object;
    member_descriptor descriptor::MEMBER, object;
    property descriptor::PROPERTY, object;
    class_method descriptor::CLASS_METHOD, object;
    static_method descriptor::STATIC_METHOD, object;
    mapping_proxy descriptor::MAPPING_PROXY, object;
    super_ descriptor::SUPER, object;
    module internal::MODULE, object;
    code internal::CODE, object;
    frame internal::FRAME, object;
    traceback internal::TRACEBACK, object;
    cell internal::CELL, object;
    generator generator::GENERATOR, object;
    coroutine generator::COROUTINE, object;
    async_generator generator::ASYNC_GENERATOR, object;
    async_wrapped generator::ASYNC_WRAPPED, object;
    async_send generator::ASYNC_SEND, object;
    async_throw generator::ASYNC_THROW, object;
    coroutine_wrapper generator::COROUTINE_WRAPPER, object;
    iterator iterators::ITERATOR, object;
    list_iterator iterators::LIST_ITERATOR, object;
    list_reverse_iterator iterators::LIST_REVERSE_ITERATOR, object;
    tuple_iterator iterators::TUPLE_ITERATOR, object;
    str_iterator iterators::STR_ITERATOR, object;
    bytes_iterator iterators::BYTES_ITERATOR, object;
    bytearray_iterator iterators::BYTEARRAY_ITERATOR, object;
    range_iterator iterators::RANGE_ITERATOR, object;
    big_range_iterator iterators::BIG_RANGE_ITERATOR, object;
    dict_key_iterator iterators::DICT_KEY_ITERATOR, object;
    dict_value_iterator iterators::DICT_VALUE_ITERATOR, object;
    dict_item_iterator iterators::DICT_ITEM_ITERATOR, object;
    dict_reverse_key_iterator iterators::DICT_REVERSE_KEY_ITERATOR, object;
    dict_reverse_value_iterator iterators::DICT_REVERSE_VALUE_ITERATOR, object;
    dict_reverse_item_iterator iterators::DICT_REVERSE_ITEM_ITERATOR, object;
    set_iterator iterators::SET_ITERATOR, object;
    callable_iterator iterators::CALLABLE_ITERATOR, object;
    enumerate iterators::ENUMERATE, object;
    zip iterators::ZIP, object;
    map iterators::MAP, object;
    filter iterators::FILTER, object;
    reversed iterators::REVERSED, object;
    dict_keys dict::DICT_KEYS, object;
    dict_values dict::DICT_VALUES, object;
    dict_items dict::DICT_ITEMS, object;
    generic_alias generic::ALIAS, object;
    namespace namespace::NAMESPACE, object;
}

macro_rules! exceptions {
    ($($field:ident $name:literal $base:ident $def:ident;)*) => {
        /// The built-in exceptions.
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct Excs { $(pub(crate) $field: Ref,)* }

        impl Excs {
            fn alloc(heap: &mut Heap) -> Excs {
                let meta = Ref { at: 0, generation: 0 };
                Excs { $($field: heap.alloc(meta, Obj::Plain),)* }
            }

            /// Returns names, classes and bases.
            pub(crate) fn rows(&self, object: Ref) -> Vec<(&'static str, Ref, Ref, &'static TypeDef)> {
                let _ = object;
                vec![$(($name, self.$field, self.$base, &exceptions::$def),)*]
            }
        }
    };
}

exceptions! {
    base_exception "BaseException" base_exception BASE;
    system_exit "SystemExit" base_exception SYSTEM_EXIT;
    keyboard_interrupt "KeyboardInterrupt" base_exception BASE;
    generator_exit "GeneratorExit" base_exception BASE;
    exception "Exception" base_exception BASE;
    stop_iteration "StopIteration" exception STOP_ITERATION;
    stop_async_iteration "StopAsyncIteration" exception BASE;
    arithmetic_error "ArithmeticError" exception BASE;
    floating_point_error "FloatingPointError" arithmetic_error BASE;
    overflow_error "OverflowError" arithmetic_error BASE;
    zero_division_error "ZeroDivisionError" arithmetic_error BASE;
    assertion_error "AssertionError" exception BASE;
    attribute_error "AttributeError" exception BASE;
    buffer_error "BufferError" exception BASE;
    eof_error "EOFError" exception BASE;
    import_error "ImportError" exception IMPORT_ERROR;
    module_not_found_error "ModuleNotFoundError" import_error IMPORT_ERROR;
    lookup_error "LookupError" exception BASE;
    index_error "IndexError" lookup_error BASE;
    key_error "KeyError" lookup_error KEY_ERROR;
    memory_error "MemoryError" exception BASE;
    name_error "NameError" exception BASE;
    unbound_local_error "UnboundLocalError" name_error BASE;
    os_error "OSError" exception OS_ERROR;
    blocking_io_error "BlockingIOError" os_error OS_ERROR;
    child_process_error "ChildProcessError" os_error OS_ERROR;
    connection_error "ConnectionError" os_error OS_ERROR;
    broken_pipe_error "BrokenPipeError" connection_error OS_ERROR;
    connection_aborted_error "ConnectionAbortedError" connection_error OS_ERROR;
    connection_refused_error "ConnectionRefusedError" connection_error OS_ERROR;
    connection_reset_error "ConnectionResetError" connection_error OS_ERROR;
    file_exists_error "FileExistsError" os_error OS_ERROR;
    file_not_found_error "FileNotFoundError" os_error OS_ERROR;
    interrupted_error "InterruptedError" os_error OS_ERROR;
    is_a_directory_error "IsADirectoryError" os_error OS_ERROR;
    not_a_directory_error "NotADirectoryError" os_error OS_ERROR;
    permission_error "PermissionError" os_error OS_ERROR;
    process_lookup_error "ProcessLookupError" os_error OS_ERROR;
    timeout_error "TimeoutError" os_error OS_ERROR;
    reference_error "ReferenceError" exception BASE;
    runtime_error "RuntimeError" exception BASE;
    not_implemented_error "NotImplementedError" runtime_error BASE;
    recursion_error "RecursionError" runtime_error BASE;
    syntax_error "SyntaxError" exception SYNTAX_ERROR;
    indentation_error "IndentationError" syntax_error SYNTAX_ERROR;
    tab_error "TabError" indentation_error SYNTAX_ERROR;
    system_error "SystemError" exception BASE;
    type_error "TypeError" exception BASE;
    value_error "ValueError" exception BASE;
    unicode_error "UnicodeError" value_error BASE;
    unicode_decode_error "UnicodeDecodeError" unicode_error UNICODE_DECODE;
    unicode_encode_error "UnicodeEncodeError" unicode_error UNICODE_ENCODE;
    unicode_translate_error "UnicodeTranslateError" unicode_error UNICODE_TRANSLATE;
    warning "Warning" exception BASE;
    deprecation_warning "DeprecationWarning" warning BASE;
    pending_deprecation_warning "PendingDeprecationWarning" warning BASE;
    runtime_warning "RuntimeWarning" warning BASE;
    syntax_warning "SyntaxWarning" warning BASE;
    user_warning "UserWarning" warning BASE;
    future_warning "FutureWarning" warning BASE;
    import_warning "ImportWarning" warning BASE;
    unicode_warning "UnicodeWarning" warning BASE;
    bytes_warning "BytesWarning" warning BASE;
    resource_warning "ResourceWarning" warning BASE;
}

/// Makes the types, without their methods, and the names.
pub(crate) fn bootstrap(heap: &mut Heap) -> (HashMap<Box<[u8]>, Ref>, Names, Types, Excs) {
    let types = Types::alloc(heap);
    let exc = Excs::alloc(heap);
    let mut interned = HashMap::new();
    let names = Names::new(|text| {
        let known = interned.entry(text.as_bytes().into()).or_insert_with(|| {
            let new = Text::new(text.as_bytes());
            new.interned.set(true);
            heap.alloc(types.str, Obj::Str(Box::new(new)))
        });
        Value::Obj(*known)
    });
    for (class, def, base) in types.rows() {
        let base = (class != types.object).then_some(base);
        let class_obj = new_type(heap, class, def.name, base, def);
        *heap.get_mut(class) = class_obj;
    }
    for (name, class, base, def) in exc.rows(types.object) {
        let base = if class == exc.base_exception {
            types.object
        } else {
            base
        };
        let class_obj = new_type(heap, class, name, Some(base), def);
        *heap.get_mut(class) = class_obj;
    }
    (interned, names, types, exc)
}

fn new_type(
    heap: &mut Heap,
    class: Ref,
    name: &str,
    base: Option<Ref>,
    def: &'static TypeDef,
) -> Obj {
    let mut mro = vec![class];
    if let Some(base) = base {
        // A base may come later in the table; its own order is completed by its base's then.
        match heap.get(base) {
            Obj::Type(base) => mro.extend(&base.mro),
            _ => mro.push(base),
        }
        if let Obj::Type(base) = heap.get_mut(base) {
            base.subclasses.push(class);
        }
    }
    Obj::Type(Box::new(Type {
        name: name.to_owned(),
        bases: base.into_iter().collect(),
        base,
        mro,
        dict: crate::dict::Dict::default(),
        def,
        heap: false,
        has_dict: def.dict,
        has_weak: def.weak,
        slots: 0,
        own_slots: 0,
        subclasses: Vec::new(),
        hooks: Hooks::default(),
    }))
}

/// Gives the types their methods.
pub(crate) fn fill(vm: &mut Vm) {
    let types = vm.types;
    let object = types.object;
    for (class, _, _) in types.rows() {
        if class != object && !vm.class(class).mro.contains(&object) {
            vm.class_mut(class).mro.push(object);
        }
    }
    for (class, def, _) in types.rows() {
        fill_type(vm, class, def);
    }
    for (_, class, base, def) in vm.exc.rows(object) {
        let same = class != vm.exc.base_exception && vm.class(base).def.name == def.name;
        if same {
            let name = vm.names.doc;
            vm.class_set(class, name, Value::None);
        } else {
            fill_type(vm, class, def);
        }
    }
}

/// Gives a type the methods of its rows.
pub(crate) fn fill_type(vm: &mut Vm, class: Ref, def: &'static TypeDef) {
    for row in def.methods {
        let name = vm.intern(row.name);
        let value = method(vm, class, row);
        vm.class_set(class, name, value);
    }
    for row in def.getsets {
        let name = vm.intern(row.name);
        let class_of = vm.types.getset_descriptor;
        let value = vm.new_obj(class_of, Obj::GetSet(row, class));
        vm.class_set(class, name, value);
    }
    if def.new.is_some() {
        let name = vm.names.new;
        let native = NativeObj {
            row: &type_::NEW_ROW,
            owner: Some(class),
            this: Value::Obj(class),
            kind: NativeKind::Bound,
        };
        let value = vm.new_obj(vm.types.builtin, Obj::Native(Box::new(native)));
        vm.class_set(class, name, value);
    }
    if def.unhashable {
        let name = vm.names.hash;
        vm.class_set(class, name, Value::None);
    }
    if def.getsets.iter().all(|row| row.name != "__doc__") {
        let name = vm.names.doc;
        let doc = if def.doc.is_empty() {
            Value::None
        } else {
            vm.str(def.doc)
        };
        vm.class_set(class, name, doc);
    }
}

/// Whether a type has an operator's method as an ordinary one.
fn coexists(def: &TypeDef, name: &str) -> bool {
    match name {
        "__getitem__" => matches!(def.name, "list" | "dict"),
        "__contains__" => matches!(def.name, "dict" | "set" | "frozenset"),
        _ => false,
    }
}

fn method(vm: &mut Vm, class: Ref, row: &'static Native) -> Value {
    let (kind, of) = match row.how {
        How::Class => (NativeKind::Class, vm.types.class_method_descriptor),
        How::Static => (NativeKind::Static, vm.types.builtin),
        How::Method if is_slot(row.name) && !coexists(vm.class(class).def, row.name) => {
            (NativeKind::Slot, vm.types.wrapper_descriptor)
        }
        How::Method => (NativeKind::Method, vm.types.method_descriptor),
    };
    let native = NativeObj {
        row,
        owner: Some(class),
        this: Value::Unset,
        kind,
    };
    let value = vm.new_obj(of, Obj::Native(Box::new(native)));
    if row.how == How::Static {
        return vm.new_obj(vm.types.static_method, Obj::Wrapped(value));
    }
    value
}

/// Makes a type that a module defines for itself, once.
pub(crate) fn extra(vm: &mut Vm, def: &'static TypeDef, base: Option<Ref>) -> Ref {
    let key = std::ptr::from_ref(def) as usize;
    if let Some(&known) = vm.extra_types.get(&key) {
        return known;
    }
    let meta = vm.types.type_;
    let class = vm.heap.alloc(meta, Obj::Plain);
    let base = base.unwrap_or(vm.types.object);
    let made = new_type(&mut vm.heap, class, def.name, Some(base), def);
    made.trace(&mut |value| vm.heap.inc(value));
    *vm.heap.get_mut(class) = made;
    vm.heap.inc(Value::Obj(class));
    vm.extra_types.insert(key, class);
    fill_type(vm, class, def);
    class
}

/// Makes a native function of a module.
pub(crate) fn function(vm: &mut Vm, row: &'static Native, module: Value) -> Value {
    let native = NativeObj {
        row,
        owner: None,
        this: module,
        kind: NativeKind::Function,
    };
    vm.new_obj(vm.types.builtin, Obj::Native(Box::new(native)))
}
