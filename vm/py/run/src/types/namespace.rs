//! `types.SimpleNamespace`.

use super::type_::{instance_dict, set_instance_dict};
use crate::native::{Sig, TypeDef, f, get_set, kw};
use crate::value::{R, Raise, Value};
use crate::vm::Vm;

pub(crate) static NAMESPACE: TypeDef = TypeDef {
    name: "types.SimpleNamespace",
    module: "types",
    methods: &[
        kw("__init__", |vm, args, kw| {
            if args.len() > 1 {
                return Err(vm.type_error("no positional arguments expected"));
            }
            let Value::Obj(handle) = args[0] else {
                return Err(Raise);
            };
            for &(name, value) in kw {
                vm.set_instance_attr(handle, name, value);
            }
            Ok(Value::None)
        }),
        f("__repr__", Sig::None, repr),
        f("__eq__", Sig::One, |vm, a| {
            if !vm.is_instance(a[1], vm.types.namespace) {
                return Ok(Value::NotImplemented);
            }
            let (x, y) = (instance_dict(vm, a[0])?, instance_dict(vm, a[1])?);
            super::dict::same(vm, x, y).map(Value::bool)
        }),
    ],
    getsets: &[get_set("__dict__", instance_dict, set_instance_dict)],
    new: Some(|vm, class, _, _| match vm.as_class(class) {
        Some(class) => Ok(vm.instance(class, crate::object::Obj::Plain)),
        None => Err(Raise),
    }),
    basetype: true,
    dict: true,
    unhashable: true,
    doc: "A simple attribute-based namespace.\n\nSimpleNamespace(**kwargs)",
    ..TypeDef::BLANK
};

fn repr(vm: &mut Vm, a: &[Value]) -> R {
    let Value::Obj(handle) = a[0] else {
        return Err(Raise);
    };
    let class = vm.class_of(a[0]);
    let name = if class == vm.types.namespace {
        "namespace".to_owned()
    } else {
        vm.class_name(class).to_owned()
    };
    if vm.repr_active.contains(&handle) {
        return Ok(vm.str(&format!("{name}(...)")));
    }
    vm.repr_active.push(handle);
    let result = fields(vm, a[0]);
    vm.repr_active.pop();
    let text = format!("{name}({})", result?);
    Ok(vm.str(&text))
}

fn fields(vm: &mut Vm, this: Value) -> R<String> {
    let dict = instance_dict(vm, this)?;
    let mut shown = Vec::new();
    for (key, value) in vm.dict_pairs(dict) {
        let text = vm.repr(value)?;
        shown.push(format!("{}={}", vm.shown(key), vm.shown(text)));
    }
    Ok(shown.join(", "))
}

/// Makes a namespace of these attributes.
pub(crate) fn make(vm: &mut Vm, fields: &[(&str, Value)]) -> Value {
    let made = vm.instance(vm.types.namespace, crate::object::Obj::Plain);
    if let Value::Obj(handle) = made {
        for &(name, value) in fields {
            let name = vm.intern(name);
            vm.set_instance_attr(handle, name, value);
        }
    }
    made
}
