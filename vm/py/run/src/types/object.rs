//! `object`.

use crate::native::{Kw, Native, Sig, TypeDef, f, get_set, kw};
use crate::object::{NativeKind, Obj};
use crate::value::{R, Raise, Ref, Value};
use crate::vm::Vm;

pub(crate) static OBJECT: TypeDef = TypeDef {
    name: "object",
    methods: METHODS,
    getsets: &[get_set(
        "__class__",
        |vm, this| Ok(Value::Obj(vm.class_of(this))),
        set_class,
    )],
    new: Some(new),
    basetype: true,
    solid: false,
    doc: "The base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\ninstance that has no instance attributes and cannot be given any.\n",
    ..TypeDef::BLANK
};

const METHODS: &[Native] = &[
    kw("__init__", init),
    f("__repr__", Sig::None, |vm, a| vm.default_repr(a[0])),
    f("__str__", Sig::None, |vm, a| vm.repr(a[0])),
    f("__hash__", Sig::None, |vm, a| {
        Ok(Value::Int(vm.identity_hash(a[0])))
    }),
    f("__eq__", Sig::One, |_, a| {
        Ok(if a[0].is(a[1]) {
            Value::True
        } else {
            Value::NotImplemented
        })
    }),
    f("__ne__", Sig::One, ne),
    f("__lt__", Sig::One, |_, _| Ok(Value::NotImplemented)),
    f("__le__", Sig::One, |_, _| Ok(Value::NotImplemented)),
    f("__gt__", Sig::One, |_, _| Ok(Value::NotImplemented)),
    f("__ge__", Sig::One, |_, _| Ok(Value::NotImplemented)),
    f("__getattribute__", Sig::One, |vm, a| {
        let name = attr_name(vm, a[1])?;
        vm.generic_attr(a[0], name)
    }),
    f("__setattr__", Sig::Pos(2, 2), |vm, a| {
        let name = attr_name(vm, a[1])?;
        vm.default_set_attr(a[0], name, a[2])?;
        Ok(Value::None)
    }),
    f("__delattr__", Sig::One, |vm, a| {
        let name = attr_name(vm, a[1])?;
        vm.default_set_attr(a[0], name, Value::Unset)?;
        Ok(Value::None)
    }),
    f("__format__", Sig::One, |vm, a| {
        let Some(spec) = vm.as_str(a[1]) else {
            let kind = vm.type_name(a[1]);
            return Err(vm.type_error(format!("__format__() argument must be str, not {kind}")));
        };
        if spec.len() > 0 {
            let kind = vm.type_name(a[0]);
            return Err(vm.type_error(format!(
                "unsupported format string passed to {kind}.__format__"
            )));
        }
        vm.str_of(a[0])
    }),
    f("__sizeof__", Sig::None, |_, _| Ok(Value::Int(16))),
    f("__dir__", Sig::None, dir),
    f("__reduce__", Sig::None, reduce),
    f("__reduce_ex__", Sig::One, reduce_ex),
    kw("__init_subclass__", |vm, args, kw| {
        if !kw.is_empty() || args.len() > 1 {
            let name = vm
                .as_class(args[0])
                .map_or(String::new(), |class| vm.class_name(class).to_owned());
            return Err(vm.type_error(format!(
                "{name}.__init_subclass__() takes no keyword arguments"
            )));
        }
        Ok(Value::None)
    })
    .class(),
    kw("__subclasshook__", |_, _, _| Ok(Value::NotImplemented)).class(),
];

/// Returns an attribute's name, interned.
pub(crate) fn attr_name(vm: &mut Vm, name: Value) -> R {
    if vm.as_str(name).is_none() {
        let kind = vm.type_name(name);
        return Err(vm.type_error(format!("attribute name must be string, not '{kind}'")));
    }
    Ok(vm.interned(name))
}

fn ne(vm: &mut Vm, a: &[Value]) -> R {
    let eq = vm.names.eq;
    match vm.call_special(a[0], eq, &[a[1]]) {
        Some(result) => {
            let result = result?;
            if result.is_not_implemented() {
                return Ok(result);
            }
            Ok(Value::bool(!vm.truth(result)?))
        }
        None => Ok(Value::NotImplemented),
    }
}

fn init(vm: &mut Vm, args: &[Value], kw: Kw<'_>) -> R {
    let class = vm.class_of(args[0]);
    if args.len() > 1 || !kw.is_empty() {
        let init = vm.names.init;
        let own = vm
            .lookup(class, init)
            .is_some_and(|init| !vm.is_object_init(init));
        if own {
            return Err(vm.type_error(
                "object.__init__() takes exactly one argument (the instance to initialize)",
            ));
        }
        let new = vm.names.new;
        if vm
            .lookup(class, new)
            .is_some_and(|new| vm.is_object_new(new))
        {
            let name = vm.class_name(class).to_owned();
            return Err(vm.type_error(format!(
                "{name}.__init__() takes exactly one argument (the instance to initialize)"
            )));
        }
    }
    Ok(Value::None)
}

/// Checks the arguments of a class that has `__init__` of `object`.
pub(crate) fn check_arguments(vm: &mut Vm, class: Ref, args: &[Value], kw: Kw<'_>) -> R<()> {
    let new = vm.names.new;
    let plain = vm
        .lookup(class, new)
        .is_some_and(|new| vm.is_object_new(new));
    if plain && (!args.is_empty() || !kw.is_empty()) {
        let name = vm.class_name(class).to_owned();
        return Err(vm.type_error(format!("{name}() takes no arguments")));
    }
    Ok(())
}

fn new(vm: &mut Vm, class: Value, args: &[Value], kw: Kw<'_>) -> R {
    let Some(class) = vm.as_class(class) else {
        return Err(Raise);
    };
    if !args.is_empty() || !kw.is_empty() {
        let names = vm.names;
        let own_new = vm
            .lookup(class, names.new)
            .is_some_and(|new| !vm.is_object_new(new));
        if own_new {
            let message = "object.__new__() takes exactly one argument (the type to instantiate)";
            return Err(vm.type_error(message));
        }
        if vm
            .lookup(class, names.init)
            .is_some_and(|init| vm.is_object_init(init))
        {
            let name = vm.class_name(class).to_owned();
            return Err(vm.type_error(format!("{name}() takes no arguments")));
        }
    }
    if vm.is_abstract(class) {
        return Err(abstract_error(vm, class));
    }
    Ok(vm.instance(class, Obj::Plain))
}

fn abstract_error(vm: &mut Vm, class: Ref) -> Raise {
    let name = vm.names.abstractmethods;
    let methods = vm.type_attr(class, name).unwrap_or(Value::Unset);
    let mut names: Vec<String> = vm
        .list_of(methods)
        .unwrap_or_default()
        .into_iter()
        .map(|name| vm.shown(name))
        .collect();
    names.sort();
    let s = if names.len() == 1 { "" } else { "s" };
    let class = vm.class_name(class).to_owned();
    vm.type_error(format!(
        "Can't instantiate abstract class {class} with abstract method{s} {}",
        names.join(", ")
    ))
}

fn set_class(vm: &mut Vm, this: Value, class: Value) -> R<()> {
    if class.is_unset() {
        return Err(vm.type_error("can't delete __class__ attribute"));
    }
    let Some(new) = vm.as_class(class) else {
        let kind = vm.type_name(class);
        return Err(vm.type_error(format!(
            "__class__ must be set to a class, not '{kind}' object"
        )));
    };
    let old = vm.class_of(this);
    let movable = |vm: &Vm, class: Ref| vm.class(class).heap;
    let module = vm.is_subclass(new, vm.types.module) && vm.is_subclass(old, vm.types.module);
    let heap = movable(vm, new) && movable(vm, old);
    if !heap && !module {
        let message = "__class__ assignment only supported for heap types or ModuleType subclasses";
        return Err(vm.type_error(message));
    }
    let (a, b) = (vm.class(old), vm.class(new));
    let same = std::ptr::eq(a.def, b.def) && a.slots == b.slots && a.has_dict == b.has_dict;
    if !same {
        let (a, b) = (b.name.clone(), a.name.clone());
        return Err(vm.type_error(format!(
            "__class__ assignment: '{a}' object layout differs from '{b}'"
        )));
    }
    if let Value::Obj(handle) = this {
        vm.heap.set_class(handle, new);
    }
    Ok(())
}

fn dir(vm: &mut Vm, a: &[Value]) -> R {
    let mut names = Vec::new();
    if let Value::Obj(handle) = a[0]
        && vm.heap.attrs(handle).is_some()
        && vm.class(vm.class_of(a[0])).has_dict
    {
        let dict = vm.make_dict(handle);
        names.extend(vm.dict_pairs(dict).into_iter().map(|(key, _)| key));
    }
    let class = vm.class_of(a[0]);
    for class in vm.class(class).mro.clone() {
        names.extend(vm.class(class).dict.iter().map(|entry| entry.key));
    }
    let set = vm.set_of(&names, false)?;
    let items = vm.list_of(set)?;
    Ok(vm.list(items))
}

fn reduce(vm: &mut Vm, a: &[Value]) -> R {
    reduce_ex(vm, &[a[0], Value::Int(0)])
}

/// What `copy` and `pickle` need: how to make the object again.
fn reduce_ex(vm: &mut Vm, a: &[Value]) -> R {
    let reduce = vm.intern("__reduce__");
    let class = vm.class_of(a[0]);
    if let Some(method) = vm.lookup(class, reduce)
        && !matches!(vm.obj(method), Obj::Native(native) if native.owner == Some(vm.types.object))
    {
        return vm.call_bound(method, a[0], &[]);
    }
    let name = vm.intern("copyreg");
    let module = crate::import::import_module(vm, name)?;
    if matches!(a[1], Value::Int(2..)) {
        let name = vm.intern("__reduce_ex__");
        if let Some(method) = vm.get_attr_opt(module, name)? {
            return vm.call(method, &[a[0], a[1]], &[]);
        }
        return reduce_new(vm, module, a[0]);
    }
    let name = vm.intern("_reduce_ex");
    let f = vm.get_attr(module, name)?;
    vm.call(f, &[a[0], a[1]], &[])
}

fn reduce_new(vm: &mut Vm, copyreg: Value, object: Value) -> R {
    let name = vm.intern("__newobj__");
    let newobj = vm.get_attr(copyreg, name)?;
    let class = Value::Obj(vm.class_of(object));
    let mut args = vec![class];
    let name = vm.intern("__getnewargs__");
    if let Some(result) = vm.call_special(object, name, &[]) {
        let result = result?;
        args.extend(vm.list_of(result)?);
    }
    let args = vm.tuple(args);
    let name = vm.intern("__getstate__");
    let state = match vm.get_attr_opt(object, name)? {
        Some(method) => vm.call(method, &[], &[])?,
        None => match object {
            Value::Obj(handle) if vm.class(vm.class_of(object)).has_dict => {
                let dict = vm.make_dict(handle);
                if vm.truth(dict)? { dict } else { Value::None }
            }
            _ => Value::None,
        },
    };
    let items = |vm: &mut Vm, value: Value| vm.iter(value);
    let list = if vm.as_list(object).is_some() {
        items(vm, object)?
    } else {
        Value::None
    };
    let dict = if vm.as_dict(object).is_some() {
        let pairs = super::dict::view(vm, object, crate::object::View::Items);
        items(vm, pairs)?
    } else {
        Value::None
    };
    Ok(vm.tuple(vec![newobj, args, state, list, dict]))
}

impl Vm {
    /// Whether a `__new__` is that of `object`.
    pub(crate) fn is_object_new(&self, new: Value) -> bool {
        match self.obj(new) {
            Obj::Native(native) => {
                native.kind == NativeKind::Bound && native.this.is(Value::Obj(self.types.object))
            }
            _ => false,
        }
    }

    /// Whether an `__init__` is that of `object`.
    pub(crate) fn is_object_init(&self, init: Value) -> bool {
        match self.obj(init) {
            Obj::Native(native) => native.owner == Some(self.types.object),
            _ => false,
        }
    }

    /// Whether a class has abstract methods.
    pub(crate) fn is_abstract(&mut self, class: Ref) -> bool {
        let name = self.names.abstractmethods;
        if !self.class(class).heap {
            return false;
        }
        match self.class_dict_get(class, self.as_str(name).map_or(0, |text| text.hash()), name) {
            Some(methods) => self.truth(methods).unwrap_or(false),
            None => false,
        }
    }

    /// What `object.__repr__` returns.
    pub(crate) fn default_repr(&mut self, value: Value) -> R {
        let class = self.class_of(value);
        let name = super::type_::full_name(self, class);
        let address = self.id(value);
        Ok(self.str(&format!("<{name} object at {address:#x}>")))
    }
}
