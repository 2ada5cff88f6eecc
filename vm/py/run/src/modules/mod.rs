//! Native modules: a file each, a table of rows each.

pub(crate) mod builtins;
pub(crate) mod errno;
pub(crate) mod gc;
pub(crate) mod itertools;
pub(crate) mod marshal;
pub(crate) mod math;
pub(crate) mod sys;
pub(crate) mod time;
pub(crate) mod weakref;

use crate::native::ModuleDef;
use crate::value::{R, Value};
use crate::vm::Vm;

/// The modules that an import makes when it is asked for them.
static MODULES: &[&ModuleDef] = &[
    &errno::ERRNO,
    &gc::GC,
    &itertools::ITERTOOLS,
    &marshal::MARSHAL,
    &math::MATH,
    &time::TIME,
    &weakref::WEAKREF,
];

/// Names of all native modules.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ["sys", "builtins"]
        .into_iter()
        .chain(MODULES.iter().map(|def| def.name))
}

/// Makes the modules that are always there.
pub(crate) fn start(vm: &mut Vm) {
    let modules = vm.dict();
    vm.heap.inc(modules);
    vm.modules = modules;
    builtins::start(vm);
    sys::start(vm);
}

/// Makes a native module, if there is one of that name.
pub(crate) fn make(vm: &mut Vm, name: &str) -> R<Option<Value>> {
    let Some(def) = MODULES.iter().find(|def| def.name == name) else {
        return Ok(None);
    };
    let module = blank(vm, def.name, def.doc);
    fill(vm, module, def);
    (def.init)(vm, module)?;
    Ok(Some(module))
}

/// Makes a module with a name.
pub(crate) fn blank(vm: &mut Vm, name: &str, doc: &str) -> Value {
    let class = vm.types.module;
    let module = crate::types::internal::new_module(vm, class);
    let (text, doc) = (
        vm.intern(name),
        if doc.is_empty() {
            Value::None
        } else {
            vm.str(doc)
        },
    );
    if let Value::Obj(handle) = module {
        crate::types::internal::init_module(vm, handle, text, doc);
    }
    let package = vm.names.package;
    let empty = vm.names.empty;
    set(vm, module, package, empty);
    module
}

/// Sets an attribute of a module.
pub(crate) fn set(vm: &mut Vm, module: Value, name: Value, value: Value) {
    if let Value::Obj(handle) = module {
        vm.set_instance_attr(handle, name, value);
    }
}

/// Gives a module its functions.
pub(crate) fn fill(vm: &mut Vm, module: Value, def: &'static ModuleDef) {
    for row in def.functions {
        let name = vm.intern(row.name);
        let f = crate::types::function(vm, row, module);
        set(vm, module, name, f);
    }
}

/// Sets a constant of a module.
pub(crate) fn constant(vm: &mut Vm, module: Value, name: &str, value: Value) {
    let name = vm.intern(name);
    set(vm, module, name, value);
}
