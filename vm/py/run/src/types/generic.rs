//! `types.GenericAlias`.

use crate::native::{Sig, TypeDef, f, get};
use crate::object::{Foreign, Obj};
use crate::value::{R, Value};
use crate::vm::Vm;
use std::any::Any;

pub(crate) static ALIAS: TypeDef = TypeDef {
    name: "types.GenericAlias",
    module: "types",
    methods: &[
        f("__repr__", Sig::None, repr),
        f("__getitem__", Sig::One, |vm, a| {
            let [origin, _] = parts(vm, a[0]);
            alias(vm, origin, a[1])
        }),
        f("__getattribute__", Sig::One, getattribute),
        f("__mro_entries__", Sig::One, |vm, a| {
            let [origin, _] = parts(vm, a[0]);
            Ok(vm.tuple(vec![origin]))
        }),
        f("__eq__", Sig::One, |vm, a| {
            if vm.foreign::<Alias>(a[1]).is_none() {
                return Ok(Value::NotImplemented);
            }
            let ([a, b], [c, d]) = (parts(vm, a[0]), parts(vm, a[1]));
            Ok(Value::bool(vm.equal(a, c)? && vm.equal(b, d)?))
        }),
        f("__hash__", Sig::None, |vm, a| {
            let [origin, args] = parts(vm, a[0]);
            Ok(Value::Int(vm.hash(origin)? ^ vm.hash(args)?))
        }),
        crate::native::kw("__call__", |vm, args, kw| {
            let [origin, _] = parts(vm, args[0]);
            let made = vm.call(origin, &args[1..], kw)?;
            let name = vm.intern("__orig_class__");
            if vm.set_attr(made, name, args[0]).is_err() {
                vm.take_raised();
            }
            Ok(made)
        }),
    ],
    new: Some(new),
    basetype: true,
    getsets: &[
        get("__origin__", |vm, this| Ok(parts(vm, this)[0])),
        get("__args__", |vm, this| Ok(parts(vm, this)[1])),
        get("__parameters__", |vm, _| Ok(vm.tuple(Vec::new()))),
    ],
    ..TypeDef::BLANK
};

/// `list[int]`: origin and arguments.
#[derive(Debug)]
struct Alias([Value; 2]);

impl Foreign for Alias {
    fn trace(&self, each: &mut dyn FnMut(Value)) {
        self.0.iter().for_each(|&value| each(value));
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

fn parts(vm: &Vm, value: Value) -> [Value; 2] {
    vm.foreign::<Alias>(value)
        .map_or([Value::None; 2], |alias| alias.0)
}

fn new(vm: &mut Vm, class: Value, args: &[Value], kw: crate::native::Kw<'_>) -> R {
    super::str_methods::no_kw(vm, "GenericAlias", kw)?;
    let [origin, args] = *args else {
        let message = format!("GenericAlias expected 2 arguments, got {}", args.len());
        return Err(vm.type_error(message));
    };
    let args = if vm.as_tuple(args).is_some() {
        args
    } else {
        vm.tuple(vec![args])
    };
    let Some(class) = vm.as_class(class) else {
        return Err(crate::value::Raise);
    };
    Ok(vm.instance(class, Obj::Foreign(Box::new(Alias([origin, args])))))
}

/// Makes `origin[args]`.
pub(crate) fn alias(vm: &mut Vm, origin: Value, args: Value) -> R {
    let args = if vm.as_tuple(args).is_some() {
        args
    } else {
        vm.tuple(vec![args])
    };
    Ok(vm.new_obj(
        vm.types.generic_alias,
        Obj::Foreign(Box::new(Alias([origin, args]))),
    ))
}

fn shown(vm: &mut Vm, value: Value) -> R<String> {
    if matches!(value, Value::Ellipsis) {
        return Ok("...".to_owned());
    }
    if let Some(class) = vm.as_class(value) {
        return Ok(super::type_::full_name(vm, class));
    }
    let text = vm.repr(value)?;
    Ok(vm.shown(text))
}

fn repr(vm: &mut Vm, a: &[Value]) -> R {
    let [origin, args] = parts(vm, a[0]);
    let origin = shown(vm, origin)?;
    let mut names = Vec::new();
    for arg in super::tuple::items(vm, args) {
        names.push(shown(vm, arg)?);
    }
    let list = if names.is_empty() {
        "()".to_owned()
    } else {
        names.join(", ")
    };
    Ok(vm.str(&format!("{origin}[{list}]")))
}

fn getattribute(vm: &mut Vm, a: &[Value]) -> R {
    let name = vm.shown(a[1]);
    let own = [
        "__origin__",
        "__args__",
        "__parameters__",
        "__mro_entries__",
        "__reduce_ex__",
        "__reduce__",
        "__copy__",
        "__deepcopy__",
    ];
    if name.starts_with("__") && own.contains(&&name[..]) {
        return vm.generic_attr(a[0], a[1]);
    }
    if name == "__class__" {
        return vm.generic_attr(a[0], a[1]);
    }
    let [origin, _] = parts(vm, a[0]);
    vm.get_attr(origin, a[1])
}
