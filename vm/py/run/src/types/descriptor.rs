//! Descriptors: properties, class methods, static methods, slots; `super`; mapping proxies.

use super::type_::{instance_dict, set_instance_dict};
use crate::native::{GetSet, Kw, Native, Sig, TypeDef, f, get, get_set, kw, params};
use crate::object::{Obj, View};
use crate::value::{R, Raise, Ref, Value};
use crate::vm::Vm;

pub(crate) static GETSET: TypeDef = TypeDef {
    name: "getset_descriptor",
    methods: ROWS,
    getsets: NAMES,
    ..TypeDef::BLANK
};

pub(crate) static MEMBER: TypeDef = TypeDef {
    name: "member_descriptor",
    methods: ROWS,
    getsets: NAMES,
    ..TypeDef::BLANK
};

const ROWS: &[Native] = &[
    f("__repr__", Sig::None, |vm, a| {
        let (name, owner) = parts(vm, a[0]);
        let (name, owner) = (vm.shown(name), vm.class_name(owner).to_owned());
        let what = if let Obj::Member(_) = vm.obj(a[0]) {
            "member"
        } else {
            "attribute"
        };
        Ok(vm.str(&format!("<{what} '{name}' of '{owner}' objects>")))
    }),
    f("__get__", Sig::Pos(1, 2), |vm, a| {
        let class = a.get(2).copied().unwrap_or(Value::None);
        let this = if a[1].is_none() { Value::Unset } else { a[1] };
        vm.bind(a[0], this, class)
    }),
    f("__set__", Sig::Pos(2, 2), |vm, a| {
        let (name, _) = parts(vm, a[0]);
        vm.default_set_attr(a[1], name, a[2])?;
        Ok(Value::None)
    }),
    f("__delete__", Sig::One, |vm, a| {
        let (name, _) = parts(vm, a[0]);
        vm.default_set_attr(a[1], name, Value::Unset)?;
        Ok(Value::None)
    }),
];

const NAMES: &[GetSet] = &[
    get("__name__", |vm, this| Ok(parts(vm, this).0)),
    get("__objclass__", |vm, this| Ok(Value::Obj(parts(vm, this).1))),
    get("__doc__", |_, _| Ok(Value::None)),
    get("__qualname__", |vm, this| {
        let (name, owner) = parts(vm, this);
        let text = format!("{}.{}", vm.class_name(owner), vm.shown(name));
        Ok(vm.str(&text))
    }),
];

fn parts(vm: &mut Vm, value: Value) -> (Value, Ref) {
    match vm.obj(value) {
        Obj::Member(member) => (member.name, member.owner),
        Obj::GetSet(row, owner) => {
            let (name, owner) = (row.name, *owner);
            (vm.intern(name), owner)
        }
        _ => (Value::None, vm.types.object),
    }
}

pub(crate) static PROPERTY: TypeDef = TypeDef {
    name: "property",
    methods: &[
        kw("__init__", property_init),
        f("__get__", Sig::Pos(1, 2), |vm, a| {
            let this = if a[1].is_none() { Value::Unset } else { a[1] };
            vm.bind(a[0], this, a.get(2).copied().unwrap_or(Value::None))
        }),
        f("__set__", Sig::Pos(2, 2), |vm, a| {
            property_set(vm, a[0], a[1], a[2])
        }),
        f("__delete__", Sig::One, |vm, a| {
            property_set(vm, a[0], a[1], Value::Unset)
        }),
        f("getter", Sig::One, |vm, a| with(vm, a, 0)),
        f("setter", Sig::One, |vm, a| with(vm, a, 1)),
        f("deleter", Sig::One, |vm, a| with(vm, a, 2)),
    ],
    getsets: &[
        get("fget", |vm, this| Ok(property(vm, this)[0])),
        get("fset", |vm, this| Ok(property(vm, this)[1])),
        get("fdel", |vm, this| Ok(property(vm, this)[2])),
        get_set(
            "__doc__",
            |vm, this| Ok(property(vm, this)[3]),
            |vm, this, value| {
                set_property(vm, this, 3, value.or(Value::None));
                Ok(())
            },
        ),
        get("__isabstractmethod__", |vm, this| {
            let name = vm.names.isabstract;
            for part in &property(vm, this)[..3] {
                if let Some(found) = vm.get_attr_opt(*part, name)?
                    && vm.truth(found)?
                {
                    return Ok(Value::True);
                }
            }
            Ok(Value::False)
        }),
    ],
    new: Some(|vm, class, _, _| {
        let Some(class) = vm.as_class(class) else {
            return Err(Raise);
        };
        Ok(vm.instance(class, Obj::Property(Box::new([Value::None; 4]))))
    }),
    basetype: true,
    doc: "Property attribute.\n\n  fget\n    function to be used for getting an attribute value\n  fset\n    function to be used for setting an attribute value\n  fdel\n    function to be used for del'ing an attribute\n  doc\n    docstring\n\nTypical use is to define a managed attribute x:\n\nclass C(object):\n    def getx(self): return self._x\n    def setx(self, value): self._x = value\n    def delx(self): del self._x\n    x = property(getx, setx, delx, \"I'm the 'x' property.\")\n\nDecorators make defining new properties or modifying existing ones easy:\n\nclass C(object):\n    @property\n    def x(self):\n        \"I am the 'x' property.\"\n        return self._x\n    @x.setter\n    def x(self, value):\n        self._x = value\n    @x.deleter\n    def x(self):\n        del self._x",
    ..TypeDef::BLANK
};

fn property(vm: &Vm, this: Value) -> [Value; 4] {
    match vm.obj(this) {
        Obj::Property(parts) => **parts,
        _ => [Value::None; 4],
    }
}

fn set_property(vm: &mut Vm, this: Value, at: usize, value: Value) {
    vm.heap.inc(value);
    if let Some(Obj::Property(parts)) = this.obj().map(|handle| vm.heap.get_mut(handle)) {
        let old = std::mem::replace(&mut parts[at], value);
        vm.heap.dec(old);
    }
}

fn property_init(vm: &mut Vm, args: &[Value], kw: Kw<'_>) -> R {
    let Sig::Params(names) = params(&["fget", "fset", "fdel", "doc"], 0) else {
        return Err(Raise);
    };
    let a = vm.bind_params("property", names, &args[1..], kw)?;
    for (at, &value) in a.iter().enumerate().take(3) {
        set_property(vm, args[0], at, value.or(Value::None));
    }
    let mut doc = a[3].or(Value::None);
    if doc.is_none() && !a[0].or(Value::None).is_none() {
        let name = vm.names.doc;
        doc = vm.get_attr_opt(a[0], name)?.unwrap_or(Value::None);
        if vm.class_of(args[0]) != vm.types.property && !doc.is_none() {
            // A class derived from property may have `__doc__` of its own.
            if let Value::Obj(handle) = args[0]
                && vm.heap.attrs(handle).is_some()
            {
                vm.set_instance_attr(handle, name, doc);
            }
        }
    }
    set_property(vm, args[0], 3, doc);
    Ok(Value::None)
}

fn property_set(vm: &mut Vm, this: Value, object: Value, value: Value) -> R {
    let [_, setter, deleter, _] = property(vm, this);
    let (f, args, message) = if value.is_unset() {
        (deleter, vec![object], "can't delete attribute")
    } else {
        (setter, vec![object, value], "can't set attribute")
    };
    if f.is_none() {
        return Err(vm.raise(vm.exc.attribute_error, message));
    }
    vm.call(f, &args, &[])?;
    Ok(Value::None)
}

/// A copy of a property with another function.
fn with(vm: &mut Vm, a: &[Value], at: usize) -> R {
    let mut parts = property(vm, a[0]);
    parts[at] = a[1];
    let class = Value::Obj(vm.class_of(a[0]));
    // The doc string of the getter is found again.
    let inherited = {
        let name = vm.names.doc;
        let getter = property(vm, a[0])[0];
        let doc = if getter.is_none() {
            None
        } else {
            vm.get_attr_opt(getter, name)?
        };
        doc.is_some_and(|doc| doc.is(parts[3]))
    };
    let doc = if inherited { Value::None } else { parts[3] };
    vm.call(class, &[parts[0], parts[1], parts[2], doc], &[])
}

pub(crate) static CLASS_METHOD: TypeDef = TypeDef {
    name: "classmethod",
    methods: WRAPPER,
    getsets: WRAPPED,
    new: Some(new_wrapper),
    basetype: true,
    dict: true,
    doc: "classmethod(function) -> method\n\nConvert a function to be a class method.",
    ..TypeDef::BLANK
};

pub(crate) static STATIC_METHOD: TypeDef = TypeDef {
    name: "staticmethod",
    methods: WRAPPER,
    getsets: WRAPPED,
    new: Some(new_wrapper),
    basetype: true,
    dict: true,
    doc: "staticmethod(function) -> method\n\nConvert a function to be a static method.",
    ..TypeDef::BLANK
};

const WRAPPER: &[Native] = &[
    kw("__init__", |vm, args, kw| {
        let name = vm.type_name(args[0]);
        super::str_methods::no_kw(vm, &name, kw)?;
        if args.len() != 2 {
            let message = format!("{name} expected 1 argument, got {}", args.len() - 1);
            return Err(vm.type_error(message));
        }
        vm.heap.inc(args[1]);
        if let Some(Obj::Wrapped(inner)) = args[0].obj().map(|handle| vm.heap.get_mut(handle)) {
            let old = std::mem::replace(inner, args[1]);
            vm.heap.dec(old);
        }
        Ok(Value::None)
    }),
    f("__get__", Sig::Pos(1, 2), |vm, a| {
        let class = match a.get(2) {
            Some(&class) if !class.is_none() => class,
            _ => Value::Obj(vm.class_of(a[1])),
        };
        vm.bind(a[0], a[1], class)
    }),
];

const WRAPPED: &[GetSet] = &[
    get("__func__", |vm, this| Ok(wrapped(vm, this))),
    get_set("__dict__", instance_dict, set_instance_dict),
    get("__isabstractmethod__", |vm, this| {
        let (inner, name) = (wrapped(vm, this), vm.names.isabstract);
        let found = vm.get_attr_opt(inner, name)?;
        Ok(Value::bool(match found {
            Some(found) => vm.truth(found)?,
            None => false,
        }))
    }),
];

pub(crate) fn wrapped(vm: &Vm, this: Value) -> Value {
    match vm.obj(this) {
        Obj::Wrapped(inner) => *inner,
        _ => Value::None,
    }
}

fn new_wrapper(vm: &mut Vm, class: Value, _: &[Value], _: Kw<'_>) -> R {
    let Some(class) = vm.as_class(class) else {
        return Err(Raise);
    };
    Ok(vm.instance(class, Obj::Wrapped(Value::None)))
}

pub(crate) static SUPER: TypeDef = TypeDef {
    name: "super",
    methods: &[
        kw("__init__", super_init),
        f("__repr__", Sig::None, |vm, a| {
            let [of, this, _] = super_parts(vm, a[0]);
            let of = vm
                .as_class(of)
                .map_or(String::new(), |of| vm.class_name(of).to_owned());
            let object = if this.is_unset() {
                "NULL".to_owned()
            } else {
                format!("<{} object>", vm.type_name(this))
            };
            Ok(vm.str(&format!("<super: <class '{of}'>, {object}>")))
        }),
        f("__get__", Sig::Pos(1, 2), |vm, a| {
            let [of, this, _] = super_parts(vm, a[0]);
            if a[1].is_none() || !this.is_unset() {
                return Ok(a[0]);
            }
            let class = Value::Obj(vm.class_of(a[0]));
            vm.call(class, &[of, a[1]], &[])
        }),
    ],
    getsets: &[
        get("__thisclass__", |vm, this| Ok(super_parts(vm, this)[0])),
        get("__self__", |vm, this| {
            Ok(super_parts(vm, this)[1].or(Value::None))
        }),
        get("__self_class__", |vm, this| {
            Ok(super_parts(vm, this)[2].or(Value::None))
        }),
    ],
    new: Some(|vm, class, _, _| {
        let Some(class) = vm.as_class(class) else {
            return Err(Raise);
        };
        Ok(vm.instance(class, Obj::Super(Box::new([Value::Unset; 3]))))
    }),
    basetype: true,
    doc: "super() -> same as super(__class__, <first argument>)\nsuper(type) -> unbound super object\nsuper(type, obj) -> bound super object; requires isinstance(obj, type)\nsuper(type, type2) -> bound super object; requires issubclass(type2, type)\nTypical use to call a cooperative superclass method:\nclass C(B):\n    def meth(self, arg):\n        super().meth(arg)\nThis works for class methods too:\nclass C(B):\n    @classmethod\n    def cmeth(cls, arg):\n        super().cmeth(arg)\n",
    ..TypeDef::BLANK
};

fn super_parts(vm: &Vm, this: Value) -> [Value; 3] {
    match vm.obj(this) {
        Obj::Super(parts) => **parts,
        _ => [Value::Unset; 3],
    }
}

fn super_init(vm: &mut Vm, args: &[Value], kw: Kw<'_>) -> R {
    super::str_methods::no_kw(vm, "super", kw)?;
    let (of, this) = match *args {
        [_] => implied(vm)?,
        [_, of] => (of, Value::None),
        [_, of, this] => (of, this),
        _ => {
            let message = format!("super expected at most 2 arguments, got {}", args.len() - 1);
            return Err(vm.type_error(message));
        }
    };
    let Some(class) = vm.as_class(of) else {
        let kind = vm.type_name(of);
        return Err(vm.type_error(format!("super() argument 1 must be type, not {kind}")));
    };
    let (mut this, mut start) = (this, Value::Unset);
    if this.is_none() {
        this = Value::Unset;
    } else {
        start = start_of(vm, class, this)?;
    }
    let parts = [of, this, start];
    parts.iter().for_each(|&part| vm.heap.inc(part));
    if let Some(Obj::Super(place)) = args[0].obj().map(|handle| vm.heap.get_mut(handle)) {
        let old = std::mem::replace(&mut **place, parts);
        old.iter().for_each(|&part| vm.heap.dec(part));
    }
    Ok(Value::None)
}

/// Returns the class whose order `super` follows.
fn start_of(vm: &mut Vm, class: Ref, this: Value) -> R {
    if let Some(other) = vm.as_class(this)
        && vm.is_subclass(other, class)
    {
        return Ok(this);
    }
    let of = vm.class_of(this);
    if vm.is_subclass(of, class) {
        return Ok(Value::Obj(of));
    }
    let name = vm.names.class;
    if let Some(found) = vm.get_attr_opt(this, name)?
        && let Some(found) = vm.as_class(found)
        && vm.is_subclass(found, class)
    {
        return Ok(Value::Obj(found));
    }
    Err(vm.type_error("super(type, obj): obj must be an instance or subtype of type"))
}

/// The class and the object that `super()` means in the topmost frame.
fn implied(vm: &mut Vm) -> R<(Value, Value)> {
    let index = vm.frames.len().wrapping_sub(1);
    let Some(code) = vm.frame_code(index) else {
        return Err(vm.raise(vm.exc.runtime_error, "super(): no current frame"));
    };
    if code.argcount == 0 {
        return Err(vm.raise(vm.exc.runtime_error, "super(): no arguments"));
    }
    let frame = &vm.frames[index];
    let (base, lowered) = (frame.base, frame.lowered.clone());
    let mut this = vm.regs[base];
    let cell_value = |vm: &Vm, at: usize| match vm.obj(vm.regs[base + lowered.cells as usize + at])
    {
        Obj::Cell(value) => *value,
        _ => Value::Unset,
    };
    if this.is_unset() {
        for &(cell, local) in &lowered.cell_args {
            if local == 0 {
                this = cell_value(vm, cell as usize);
            }
        }
    }
    if this.is_unset() {
        return Err(vm.raise(vm.exc.runtime_error, "super(): arg[0] deleted"));
    }
    let name = vm.names.class;
    let Some(at) = code.freevars.iter().position(|&free| free.is(name)) else {
        return Err(vm.raise(vm.exc.runtime_error, "super(): __class__ cell not found"));
    };
    let class = cell_value(vm, code.cellvars.len() + at);
    if class.is_unset() {
        return Err(vm.raise(vm.exc.runtime_error, "super(): empty __class__ cell"));
    }
    Ok((class, this))
}

pub(crate) static MAPPING_PROXY: TypeDef = TypeDef {
    name: "mappingproxy",
    methods: PROXY,
    new: Some(|vm, _, args, kw| {
        let Sig::Params(names) = params(&["mapping"], 1) else {
            return Err(Raise);
        };
        let a = vm.bind_params("mappingproxy", names, args, kw)?;
        if vm.special(a[0], vm.names.getitem).is_none() || vm.items(a[0]).is_some() {
            let kind = vm.type_name(a[0]);
            return Err(vm.type_error(format!(
                "mappingproxy() argument must be a mapping, not {kind}"
            )));
        }
        Ok(vm.new_obj(vm.types.mapping_proxy, Obj::Wrapped(a[0])))
    }),
    unhashable: true,
    ..TypeDef::BLANK
};

const PROXY: &[Native] = &[
    f("__repr__", Sig::None, |vm, a| {
        let dict = proxied(vm, a[0])?;
        let text = vm.repr(dict)?;
        let text = vm.shown(text);
        Ok(vm.str(&format!("mappingproxy({text})")))
    }),
    f("__len__", Sig::None, |vm, a| {
        let dict = proxied(vm, a[0])?;
        vm.len(dict).map(Value::from)
    }),
    f("__getitem__", Sig::One, |vm, a| {
        let dict = proxied(vm, a[0])?;
        vm.get_item(dict, a[1])
    }),
    f("__contains__", Sig::One, |vm, a| {
        let dict = proxied(vm, a[0])?;
        vm.contains(dict, a[1]).map(Value::bool)
    }),
    f("__iter__", Sig::None, |vm, a| {
        let dict = proxied(vm, a[0])?;
        vm.iter(dict)
    }),
    f("__eq__", Sig::One, |vm, a| {
        let dict = proxied(vm, a[0])?;
        let other = if vm.class_of(a[1]) == vm.types.mapping_proxy {
            proxied(vm, a[1])?
        } else {
            a[1]
        };
        vm.compare(crate::rinsn::Cmp::Eq, dict, other)
    }),
    f("__or__", Sig::One, |vm, a| {
        let dict = proxied(vm, a[0])?;
        vm.binary_op(crate::rinsn::Bin::Or, false, dict, a[1])
    }),
    f("get", Sig::Pos(1, 2), |vm, a| {
        let dict = proxied(vm, a[0])?;
        let name = vm.names.get_plain;
        vm.call_method(dict, name, &a[1..])
    }),
    f("keys", Sig::None, |vm, a| view(vm, a[0], View::Keys)),
    f("values", Sig::None, |vm, a| view(vm, a[0], View::Values)),
    f("items", Sig::None, |vm, a| view(vm, a[0], View::Items)),
    f("copy", Sig::None, |vm, a| {
        let dict = proxied(vm, a[0])?;
        let name = vm.names.copy;
        vm.call_method(dict, name, &[])
    }),
];

fn view(vm: &mut Vm, proxy: Value, view: View) -> R {
    let dict = proxied(vm, proxy)?;
    if vm.as_dict(dict).is_some() {
        return Ok(super::dict::view(vm, dict, view));
    }
    let name = match view {
        View::Keys => vm.names.keys,
        View::Values => vm.names.values,
        View::Items => vm.names.items,
    };
    vm.call_method(dict, name, &[])
}

/// Returns the mapping that a proxy shows; of a class, a copy of its dict.
fn proxied(vm: &mut Vm, proxy: Value) -> R {
    let inner = wrapped(vm, proxy);
    let Some(class) = vm.as_class(inner) else {
        return Ok(inner);
    };
    let dict = vm.dict();
    let entries: Vec<(Value, Value)> = vm
        .class(class)
        .dict
        .iter()
        .map(|entry| (entry.key, entry.value))
        .collect();
    for (key, value) in entries {
        vm.dict_set(dict, key, value)?;
    }
    Ok(dict)
}
