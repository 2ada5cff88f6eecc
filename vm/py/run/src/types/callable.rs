//! Functions, methods, and what native functions are as objects.

use super::type_::{instance_dict, set_instance_dict};
use crate::native::{GetSet, Kw, Native, Sig, TypeDef, f, get, get_set, kw};
use crate::object::{Function, NativeKind, NativeObj, Obj};
use crate::value::{R, Raise, Value};
use crate::vm::Vm;

pub(crate) static FUNCTION: TypeDef = TypeDef {
    name: "function",
    methods: &[
        f("__repr__", Sig::None, |vm, a| {
            let name = vm
                .function(a[0])
                .map_or(Value::Unset, |function| function.qualname);
            let (name, id) = (vm.shown(name), vm.id(a[0]));
            Ok(vm.str(&format!("<function {name} at {id:#x}>")))
        }),
        f("__get__", Sig::Pos(1, 2), descriptor_get),
        kw("__call__", |vm, args, kw| vm.call(args[0], &args[1..], kw)),
    ],
    getsets: FUNCTION_GETSETS,
    new: Some(new_function),
    dict: true,
    weak: true,
    doc: "Create a function object.",
    ..TypeDef::BLANK
};

/// What `__get__` of functions does.
fn descriptor_get(vm: &mut Vm, a: &[Value]) -> R {
    let class = a.get(2).copied().unwrap_or(Value::None);
    let this = if a[1].is_none() && !class.is_none() {
        Value::Unset
    } else {
        a[1]
    };
    vm.bind(a[0], this, class)
}

const FUNCTION_GETSETS: &[GetSet] = &[
    get_set("__dict__", instance_dict, set_instance_dict),
    get_set(
        "__name__",
        |vm, this| Ok(field(vm, this, |f| f.name)),
        |vm, this, value| set_str(vm, this, value, "__name__", |f| &mut f.name),
    ),
    get_set(
        "__qualname__",
        |vm, this| Ok(field(vm, this, |f| f.qualname)),
        |vm, this, value| set_str(vm, this, value, "__qualname__", |f| &mut f.qualname),
    ),
    get_set(
        "__module__",
        |vm, this| Ok(field(vm, this, |f| f.module)),
        |vm, this, value| set(vm, this, value.or(Value::None), |f| &mut f.module),
    ),
    get_set(
        "__doc__",
        |vm, this| Ok(field(vm, this, |f| f.doc)),
        |vm, this, value| set(vm, this, value.or(Value::None), |f| &mut f.doc),
    ),
    get_set(
        "__defaults__",
        |vm, this| Ok(field(vm, this, |f| f.defaults).or(Value::None)),
        |vm, this, value| {
            let value = if value.is_none() { Value::Unset } else { value };
            if !value.is_unset() && vm.as_tuple(value).is_none() {
                return Err(vm.type_error("__defaults__ must be set to a tuple object"));
            }
            set(vm, this, value, |f| &mut f.defaults)
        },
    ),
    get_set(
        "__kwdefaults__",
        |vm, this| Ok(field(vm, this, |f| f.kwdefaults).or(Value::None)),
        |vm, this, value| {
            let value = if value.is_none() { Value::Unset } else { value };
            if !value.is_unset() && vm.as_dict(value).is_none() {
                return Err(vm.type_error("__kwdefaults__ must be set to a dict object"));
            }
            set(vm, this, value, |f| &mut f.kwdefaults)
        },
    ),
    get_set(
        "__annotations__",
        |vm, this| {
            let found = field(vm, this, |f| f.annotations);
            if !found.is_unset() {
                return Ok(found);
            }
            let dict = vm.dict();
            set(vm, this, dict, |f| &mut f.annotations)?;
            Ok(dict)
        },
        |vm, this, value| set(vm, this, value, |f| &mut f.annotations),
    ),
    get_set(
        "__code__",
        |vm, this| Ok(field(vm, this, |f| f.code_obj)),
        set_code,
    ),
    get("__closure__", |vm, this| {
        Ok(field(vm, this, |f| f.closure).or(Value::None))
    }),
    get("__globals__", |vm, this| {
        Ok(field(vm, this, |f| Value::Obj(f.globals)))
    }),
    get("__builtins__", |vm, this| {
        Ok(field(vm, this, |f| Value::Obj(f.builtins)))
    }),
];

fn field(vm: &Vm, this: Value, field: fn(&Function) -> Value) -> Value {
    vm.function(this).map_or(Value::None, field)
}

fn set(vm: &mut Vm, this: Value, value: Value, field: fn(&mut Function) -> &mut Value) -> R<()> {
    vm.heap.inc(value);
    if let Some(Obj::Function(function)) = this.obj().map(|handle| vm.heap.get_mut(handle)) {
        let old = std::mem::replace(field(function), value);
        vm.heap.dec(old);
    }
    Ok(())
}

fn set_str(
    vm: &mut Vm,
    this: Value,
    value: Value,
    name: &str,
    field: fn(&mut Function) -> &mut Value,
) -> R<()> {
    if vm.as_str(value).is_none() {
        return Err(vm.type_error(format!("{name} must be set to a string object")));
    }
    set(vm, this, value, field)
}

fn set_code(vm: &mut Vm, this: Value, value: Value) -> R<()> {
    let Obj::Code(code) = vm.obj(value) else {
        return Err(vm.type_error("__code__ must be set to a code object"));
    };
    let code = code.clone();
    let closure = field(vm, this, |f| f.closure);
    let free = vm.as_tuple(closure).map_or(0, <[Value]>::len);
    if code.freevars.len() != free {
        let (name, wanted) = (field(vm, this, |f| f.name), code.freevars.len());
        let name = vm.shown(name);
        return Err(vm.value_error(format!(
            "{name}() requires a code object with {free} free vars, not {wanted}"
        )));
    }
    let simple = Vm::is_simple(&code);
    if let Some(Obj::Function(function)) = this.obj().map(|handle| vm.heap.get_mut(handle)) {
        function.code = code;
        function.simple = simple;
    }
    set(vm, this, value, |f| &mut f.code_obj)
}

fn new_function(vm: &mut Vm, _: Value, args: &[Value], kw: Kw<'_>) -> R {
    let params = crate::native::Params {
        names: &["code", "globals", "name", "argdefs", "closure"],
        required: 2,
        positional: 5,
    };
    let a = vm.bind_params("function", params, args, kw)?;
    let Obj::Code(code) = vm.obj(a[0]) else {
        let kind = vm.type_name(a[0]);
        return Err(vm.type_error(format!(
            "function() argument 'code' must be code, not {kind}"
        )));
    };
    let code = code.clone();
    let Some(globals) = vm.as_dict(a[1]).and(a[1].obj()) else {
        let kind = vm.type_name(a[1]);
        return Err(vm.type_error(format!(
            "function() argument 'globals' must be dict, not {kind}"
        )));
    };
    let none = |value: Value| if value.is_none() { Value::Unset } else { value };
    let (defaults, closure) = (none(a[3]), none(a[4]));
    let free = vm.as_tuple(closure).map_or(0, <[Value]>::len);
    if free != code.freevars.len() {
        let (name, wanted) = (vm.shown(code.name), code.freevars.len());
        return Err(vm.value_error(format!(
            "{name} requires closure of length {wanted}, not {free}"
        )));
    }
    for cell in super::tuple::items(vm, closure) {
        if !matches!(vm.obj(cell), Obj::Cell(_)) {
            let kind = vm.type_name(cell);
            return Err(vm.type_error(format!("arg 5 (closure) expected cell, found {kind}")));
        }
    }
    let name = if none(a[2]).is_unset() {
        code.name
    } else {
        a[2]
    };
    let builtins = crate::import::builtins_of(vm, a[1]);
    let key = vm.names.name;
    let module = vm.dict_get_str(a[1], key).unwrap_or(Value::None);
    let doc = code
        .consts
        .first()
        .copied()
        .filter(|&doc| vm.as_str(doc).is_some());
    let function = Function {
        simple: Vm::is_simple(&code),
        name,
        qualname: name,
        code,
        code_obj: a[0],
        globals,
        builtins,
        module,
        doc: doc.unwrap_or(Value::None),
        defaults,
        kwdefaults: Value::Unset,
        closure,
        annotations: Value::Unset,
    };
    Ok(vm.instance(vm.types.function, Obj::Function(Box::new(function))))
}

pub(crate) static METHOD: TypeDef = TypeDef {
    name: "method",
    methods: &[
        f("__repr__", Sig::None, method_repr),
        f("__eq__", Sig::One, |vm, a| same_method(vm, a, false)),
        f("__ne__", Sig::One, |vm, a| same_method(vm, a, true)),
        f("__hash__", Sig::None, |vm, a| {
            let [function, this] = method_parts(vm, a[0]);
            Ok(Value::Int(vm.identity_hash(this) ^ vm.hash(function)?))
        }),
        f("__getattribute__", Sig::One, |vm, a| {
            let class = vm.class_of(a[0]);
            if vm.lookup(class, a[1]).is_some() {
                return vm.generic_attr(a[0], a[1]);
            }
            let [function, _] = method_parts(vm, a[0]);
            vm.get_attr(function, a[1])
        }),
        f("__get__", Sig::Pos(1, 2), |_, a| Ok(a[0])),
        kw("__call__", |vm, args, kw| vm.call(args[0], &args[1..], kw)),
    ],
    getsets: &[
        get("__func__", |vm, this| Ok(method_parts(vm, this)[0])),
        get("__self__", |vm, this| Ok(method_parts(vm, this)[1])),
        get("__doc__", |vm, this| {
            let [function, _] = method_parts(vm, this);
            let name = vm.names.doc;
            vm.get_attr(function, name)
        }),
    ],
    new: Some(|vm, _, args, kw| {
        super::str_methods::no_kw(vm, "method", kw)?;
        let [function, this] = *args else {
            let message = format!("method expected 2 arguments, got {}", args.len());
            return Err(vm.type_error(message));
        };
        if !crate::modules::builtins::is_callable(vm, function) {
            return Err(vm.type_error("first argument must be callable"));
        }
        if this.is_none() {
            return Err(vm.type_error("self must not be None"));
        }
        Ok(vm.new_obj(vm.types.method, Obj::Method(Box::new([function, this]))))
    }),
    weak: true,
    doc: "method(function, instance)\n\nCreate a bound instance method object.",
    ..TypeDef::BLANK
};

pub(crate) fn method_parts(vm: &Vm, value: Value) -> [Value; 2] {
    match vm.obj(value) {
        Obj::Method(parts) => **parts,
        _ => [Value::None; 2],
    }
}

fn method_repr(vm: &mut Vm, a: &[Value]) -> R {
    let [function, this] = method_parts(vm, a[0]);
    let (qualname, name) = (vm.names.qualname, vm.names.name);
    let found = match vm.get_attr_opt(function, qualname)? {
        Some(found) => Some(found),
        None => vm.get_attr_opt(function, name)?,
    };
    let name = match found {
        Some(found) if vm.as_str(found).is_some() => vm.shown(found),
        _ => "?".to_owned(),
    };
    let this = vm.repr(this)?;
    let this = vm.shown(this);
    Ok(vm.str(&format!("<bound method {name} of {this}>")))
}

fn same_method(vm: &mut Vm, a: &[Value], negate: bool) -> R {
    if !matches!(vm.obj(a[1]), Obj::Method(_)) {
        return Ok(Value::NotImplemented);
    }
    let ([f, this], [g, other]) = (method_parts(vm, a[0]), method_parts(vm, a[1]));
    Ok(Value::bool((this.is(other) && vm.equal(f, g)?) != negate))
}

pub(crate) static BUILTIN: TypeDef = TypeDef {
    name: "builtin_function_or_method",
    methods: NATIVE_METHODS,
    getsets: NATIVE_GETSETS,
    weak: true,
    ..TypeDef::BLANK
};

pub(crate) static METHOD_DESCRIPTOR: TypeDef = TypeDef {
    name: "method_descriptor",
    methods: NATIVE_METHODS,
    getsets: NATIVE_GETSETS,
    ..TypeDef::BLANK
};

pub(crate) static WRAPPER_DESCRIPTOR: TypeDef = TypeDef {
    name: "wrapper_descriptor",
    methods: NATIVE_METHODS,
    getsets: NATIVE_GETSETS,
    ..TypeDef::BLANK
};

pub(crate) static METHOD_WRAPPER: TypeDef = TypeDef {
    name: "method-wrapper",
    methods: NATIVE_METHODS,
    getsets: NATIVE_GETSETS,
    ..TypeDef::BLANK
};

pub(crate) static CLASS_METHOD_DESCRIPTOR: TypeDef = TypeDef {
    name: "classmethod_descriptor",
    methods: NATIVE_METHODS,
    getsets: NATIVE_GETSETS,
    ..TypeDef::BLANK
};

const NATIVE_METHODS: &[Native] = &[
    f("__repr__", Sig::None, native_repr),
    f("__eq__", Sig::One, |vm, a| {
        let (Some(x), Some(y)) = (native(vm, a[0]), native(vm, a[1])) else {
            return Ok(Value::NotImplemented);
        };
        let same = std::ptr::eq(x.row, y.row) && x.this.is(y.this) && x.owner == y.owner;
        Ok(if same {
            Value::True
        } else {
            Value::NotImplemented
        })
    }),
    f("__hash__", Sig::None, |vm, a| {
        let Some(native) = native(vm, a[0]) else {
            return Err(Raise);
        };
        let row = std::ptr::from_ref(native.row) as usize as i64;
        Ok(Value::Int(vm.identity_hash(native.this) ^ row))
    }),
    f("__get__", Sig::Pos(1, 2), descriptor_get),
    kw("__call__", |vm, args, kw| vm.call(args[0], &args[1..], kw)),
];

const NATIVE_GETSETS: &[GetSet] = &[
    get("__name__", |vm, this| {
        let name = native(vm, this).map_or("", |native| native.row.name);
        Ok(vm.intern(name))
    }),
    get("__qualname__", |vm, this| {
        let Some(found) = native(vm, this) else {
            return Err(Raise);
        };
        let name = native_qualname(vm, found);
        Ok(vm.str(&name))
    }),
    get("__doc__", |vm, this| {
        let doc = native(vm, this).map_or("", |native| native.row.doc);
        if doc.is_empty() {
            Ok(Value::None)
        } else {
            Ok(vm.str(doc))
        }
    }),
    get("__self__", |vm, this| {
        let Some(found) = native(vm, this) else {
            return Err(Raise);
        };
        if matches!(
            found.kind,
            NativeKind::Method | NativeKind::Slot | NativeKind::Class
        ) {
            let name = vm.intern("__self__");
            return Err(vm.no_attribute(this, name));
        }
        Ok(found.this.or(Value::None))
    }),
    get("__objclass__", |vm, this| {
        let Some(found) = native(vm, this) else {
            return Err(Raise);
        };
        match found.owner {
            Some(owner) if found.kind != NativeKind::Bound => Ok(Value::Obj(owner)),
            _ => {
                let name = vm.intern("__objclass__");
                Err(vm.no_attribute(this, name))
            }
        }
    }),
    get("__module__", |vm, this| {
        let Some(found) = native(vm, this) else {
            return Err(Raise);
        };
        if found.kind == NativeKind::Function && !found.this.is_unset() {
            let name = vm.names.name;
            return Ok(vm.get_attr_opt(found.this, name)?.unwrap_or(Value::None));
        }
        if found.kind == NativeKind::Bound {
            return Ok(Value::None);
        }
        let name = vm.names.module;
        Err(vm.no_attribute(this, name))
    }),
    get("__text_signature__", |_, _| Ok(Value::None)),
];

pub(crate) fn native(vm: &Vm, value: Value) -> Option<NativeObj> {
    match vm.obj(value) {
        Obj::Native(native) => Some(**native),
        _ => None,
    }
}

fn native_qualname(vm: &Vm, native: NativeObj) -> String {
    match native.owner {
        Some(owner) => {
            let owner = match native.kind {
                NativeKind::Bound if native.row.name != "__new__" => {
                    vm.as_class(native.this).unwrap_or(vm.class_of(native.this))
                }
                _ => owner,
            };
            format!("{}.{}", vm.class_name(owner), native.row.name)
        }
        None => native.row.name.to_owned(),
    }
}

fn native_repr(vm: &mut Vm, a: &[Value]) -> R {
    let Some(found) = native(vm, a[0]) else {
        return Err(Raise);
    };
    let name = found.row.name;
    let text = match (found.kind, found.owner) {
        (NativeKind::Method, Some(owner)) => {
            format!("<method '{name}' of '{}' objects>", vm.class_name(owner))
        }
        (NativeKind::Class, Some(owner)) => {
            format!("<method '{name}' of '{}' objects>", vm.class_name(owner))
        }
        (NativeKind::Slot, Some(owner)) => {
            format!(
                "<slot wrapper '{name}' of '{}' objects>",
                vm.class_name(owner)
            )
        }
        (NativeKind::Bound, _) => {
            let (kind, id) = (vm.type_name(found.this), vm.id(found.this));
            if vm.class_of(a[0]) == vm.types.method_wrapper {
                format!("<method-wrapper '{name}' of {kind} object at {id:#x}>")
            } else {
                format!("<built-in method {name} of {kind} object at {id:#x}>")
            }
        }
        _ => format!("<built-in function {name}>"),
    };
    Ok(vm.str(&text))
}
