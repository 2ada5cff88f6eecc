//! `_weakref`: references that keep nothing alive.

use crate::native::{ModuleDef, Sig, TypeDef, f, get, kw};
use crate::object::{Foreign, Obj};
use crate::value::{Ref, Value};
use crate::vm::Vm;
use std::any::Any;

pub(crate) static WEAKREF: ModuleDef = ModuleDef {
    name: "_weakref",
    doc: "Weak-reference support module.",
    functions: &[
        f("getweakrefcount", Sig::One, |vm, a| {
            let count = a[0]
                .obj()
                .and_then(|handle| vm.weak.get(&handle.at))
                .map_or(0, Vec::len);
            Ok(Value::from(count))
        }),
        f("getweakrefs", Sig::One, |vm, a| {
            let found = a[0].obj().and_then(|handle| vm.weak.get(&handle.at));
            let found = found.map_or(Vec::new(), |refs| {
                refs.iter().map(|&r| Value::Obj(r)).collect()
            });
            Ok(vm.list(found))
        }),
        f("_remove_dead_weakref", Sig::Pos(2, 2), |vm, a| {
            if let Some(found) = vm.dict_get(a[0], a[1])?
                && vm
                    .foreign::<Weak>(found)
                    .is_some_and(|weak| weak.target.is_none())
            {
                vm.dict_remove(a[0], a[1])?;
            }
            Ok(Value::None)
        }),
    ],
    init: |vm, module| {
        let class = class(vm);
        for name in ["ref", "ReferenceType"] {
            super::constant(vm, module, name, Value::Obj(class));
        }
        Ok(())
    },
};

static REF: TypeDef = TypeDef {
    name: "weakref",
    methods: &[
        kw("__init__", |_, _, _| Ok(Value::None)),
        kw("__call__", |vm, args, _| Ok(target(vm, args[0]))),
        f("__repr__", Sig::None, |vm, a| {
            let (found, id) = (target(vm, a[0]), vm.id(a[0]));
            let text = if found.is_none() {
                format!("<weakref at {id:#x}; dead>")
            } else {
                let (kind, at) = (vm.type_name(found), vm.id(found));
                format!("<weakref at {id:#x}; to '{kind}' at {at:#x}>")
            };
            Ok(vm.str(&text))
        }),
        f("__eq__", Sig::One, |vm, a| {
            if vm.foreign::<Weak>(a[1]).is_none() {
                return Ok(Value::NotImplemented);
            }
            let (x, y) = (target(vm, a[0]), target(vm, a[1]));
            if x.is_none() || y.is_none() {
                return Ok(Value::bool(a[0].is(a[1])));
            }
            vm.compare(crate::rinsn::Cmp::Eq, x, y)
        }),
        f("__hash__", Sig::None, |vm, a| {
            if let Some(hash) = vm.foreign::<Weak>(a[0]).and_then(|weak| weak.hash) {
                return Ok(Value::Int(hash));
            }
            let found = target(vm, a[0]);
            if found.is_none() {
                return Err(vm.type_error("weak object has gone away"));
            }
            let hash = vm.hash(found)?;
            if let Some(weak) = vm.foreign_mut::<Weak>(a[0]) {
                weak.hash = Some(hash);
            }
            Ok(Value::Int(hash))
        }),
    ],
    getsets: &[get("__callback__", |vm, this| {
        Ok(vm
            .foreign::<Weak>(this)
            .map_or(Value::None, |weak| weak.callback))
    })],
    new: Some(|vm, class, args, _| {
        let (of, callback) = match *args {
            [of] => (of, Value::None),
            [of, callback] => (of, callback),
            _ => {
                let message = format!("__new__ expected at least 1 argument, got {}", args.len());
                return Err(vm.type_error(message));
            }
        };
        let known = vm.class_of(of);
        let Value::Obj(handle) = of else {
            return Err(refuse(vm, of));
        };
        if !vm.class(known).has_weak {
            return Err(refuse(vm, of));
        }
        let Some(class) = vm.as_class(class) else {
            return Err(crate::value::Raise);
        };
        let plain = callback.is_none() && !vm.class(class).heap;
        let old = vm.weak.get(&handle.at).cloned().unwrap_or_default();
        for other in old {
            let other = Value::Obj(other);
            if plain
                && vm
                    .foreign::<Weak>(other)
                    .is_some_and(|weak| weak.callback.is_none())
            {
                return Ok(other);
            }
        }
        let weak = Weak {
            target: Some(handle),
            callback,
            hash: None,
        };
        let made = vm.instance(class, Obj::Foreign(Box::new(weak)));
        if let Value::Obj(own) = made {
            vm.weak.entry(handle.at).or_default().push(own);
            vm.heap.mark_weak(handle, true);
            // Its own end takes it out of the list.
            vm.heap.mark_weak(own, true);
        }
        Ok(made)
    }),
    basetype: true,
    weak: true,
    ..TypeDef::BLANK
};

/// Returns `weakref.ref`.
pub(crate) fn class(vm: &mut Vm) -> Ref {
    crate::types::extra(vm, &REF, None)
}

fn refuse(vm: &mut Vm, of: Value) -> crate::value::Raise {
    let kind = vm.type_name(of);
    vm.type_error(format!("cannot create weak reference to '{kind}' object"))
}

/// A weak reference.
#[derive(Debug)]
struct Weak {
    /// What it refers to, which it does not count.
    target: Option<Ref>,
    callback: Value,
    hash: Option<i64>,
}

impl Foreign for Weak {
    fn trace(&self, each: &mut dyn FnMut(Value)) {
        each(self.callback);
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

fn target(vm: &Vm, weak: Value) -> Value {
    vm.foreign::<Weak>(weak)
        .and_then(|weak| weak.target)
        .map_or(Value::None, Value::Obj)
}

/// Clears references to an object that is gone, then calls their callbacks.
pub(crate) fn clear(vm: &mut Vm, refs: Vec<Ref>) {
    let mut calls = Vec::new();
    for weak in refs.into_iter().rev() {
        let value = Value::Obj(weak);
        if let Some(parts) = vm.foreign_mut::<Weak>(value) {
            parts.target = None;
            if !parts.callback.is_none() {
                calls.push((value, parts.callback));
            }
        }
    }
    for &(weak, callback) in &calls {
        vm.heap.inc(weak);
        vm.heap.inc(callback);
    }
    for (weak, callback) in calls {
        vm.quietly(|vm| {
            if vm.call(callback, &[weak], &[]).is_err() {
                vm.unraisable(callback);
            }
        });
        vm.heap.dec(weak);
        vm.heap.dec(callback);
    }
}

/// Forgets a weak reference that is gone itself.
pub(crate) fn forget(vm: &mut Vm, weak: Ref) {
    let value = Value::Obj(weak);
    let Some(target) = vm.foreign::<Weak>(value).and_then(|weak| weak.target) else {
        return;
    };
    if let Some(refs) = vm.weak.get_mut(&target.at) {
        refs.retain(|&other| other != weak);
        if refs.is_empty() {
            vm.weak.remove(&target.at);
            vm.heap.mark_weak(target, false);
        }
    }
}
