//! `gc`.

use crate::native::{ModuleDef, Sig, f, params};
use crate::value::Value;

pub(crate) static GC: ModuleDef = ModuleDef {
    name: "gc",
    doc: "This module provides access to the garbage collector for reference cycles.",
    functions: &[
        f("collect", params(&["generation"], 0), |vm, _| {
            Ok(Value::from(vm.collect()))
        }),
        f("enable", Sig::None, |_, _| Ok(Value::None)),
        f("disable", Sig::None, |_, _| Ok(Value::None)),
        f("isenabled", Sig::None, |_, _| Ok(Value::True)),
        f("freeze", Sig::None, |_, _| Ok(Value::None)),
        f("unfreeze", Sig::None, |_, _| Ok(Value::None)),
        f("get_count", Sig::None, |vm, _| {
            Ok(vm.tuple(vec![Value::Int(0); 3]))
        }),
        f("get_threshold", Sig::None, |vm, _| {
            Ok(vm.tuple(vec![Value::Int(700), Value::Int(10), Value::Int(10)]))
        }),
        f("set_threshold", Sig::Pos(1, 3), |_, _| Ok(Value::None)),
        f("get_debug", Sig::None, |_, _| Ok(Value::Int(0))),
        f("set_debug", Sig::One, |_, _| Ok(Value::None)),
        f("is_tracked", Sig::One, |vm, a| {
            Ok(Value::bool(vm.obj(a[0]).is_container()))
        }),
    ],
    init: |vm, module| {
        let garbage = vm.list(Vec::new());
        super::constant(vm, module, "garbage", garbage);
        let callbacks = vm.list(Vec::new());
        super::constant(vm, module, "callbacks", callbacks);
        Ok(())
    },
};
