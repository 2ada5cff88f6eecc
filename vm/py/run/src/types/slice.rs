//! `slice`.

use super::number::comparisons;
use crate::native::{GetSet, Kw, Sig, TypeDef, f, get};
use crate::object::Obj;
use crate::rinsn::Cmp;
use crate::value::{R, Value};
use crate::vm::Vm;

pub(crate) static SLICE: TypeDef = TypeDef {
    name: "slice",
    methods: &[
        f("__repr__", Sig::None, repr),
        f("__eq__", Sig::One, eq),
        f("__ne__", Sig::One, ne),
        f("__lt__", Sig::One, lt),
        f("__le__", Sig::One, le),
        f("__gt__", Sig::One, gt),
        f("__ge__", Sig::One, ge),
        f("indices", Sig::One, indices),
    ],
    getsets: GETSETS,
    new: Some(new),
    unhashable: true,
    doc: "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.  This is used for extended slicing (e.g. a[0:10:2]).",
    ..TypeDef::BLANK
};

const GETSETS: &[GetSet] = &[
    get("start", |vm, this| Ok(parts(vm, this)[0])),
    get("stop", |vm, this| Ok(parts(vm, this)[1])),
    get("step", |vm, this| Ok(parts(vm, this)[2])),
];

fn parts(vm: &Vm, value: Value) -> [Value; 3] {
    match vm.obj(value) {
        Obj::Slice(parts) => **parts,
        _ => [Value::None; 3],
    }
}

fn new(vm: &mut Vm, _: Value, args: &[Value], kw: Kw<'_>) -> R {
    if !kw.is_empty() {
        return Err(vm.type_error("slice() takes no keyword arguments"));
    }
    let parts = match *args {
        [stop] => [Value::None, stop, Value::None],
        [start, stop] => [start, stop, Value::None],
        [start, stop, step] => [start, stop, step],
        [] => return Err(vm.type_error("slice expected at least 1 argument, got 0")),
        _ => {
            let message = format!("slice expected at most 3 arguments, got {}", args.len());
            return Err(vm.type_error(message));
        }
    };
    Ok(vm.new_obj(vm.types.slice, Obj::Slice(Box::new(parts))))
}

fn repr(vm: &mut Vm, a: &[Value]) -> R {
    let mut shown = Vec::new();
    for part in parts(vm, a[0]) {
        let text = vm.repr(part)?;
        shown.push(vm.shown(text));
    }
    Ok(vm.str(&format!("slice({})", shown.join(", "))))
}

fn compare(vm: &mut Vm, op: Cmp, a: Value, b: Value) -> R {
    if !matches!(vm.obj(b), Obj::Slice(_)) {
        return Ok(Value::NotImplemented);
    }
    let (x, y) = (
        vm.tuple(parts(vm, a).to_vec()),
        vm.tuple(parts(vm, b).to_vec()),
    );
    super::sequence::compare(vm, op, x, y)
}

comparisons!(compare);

fn indices(vm: &mut Vm, a: &[Value]) -> R {
    let len = vm.index(a[1])?;
    let Some(len) = super::int::to_i64(vm, len) else {
        return Err(vm.overflow_error("slice.indices() of a length that large"));
    };
    let Ok(len) = usize::try_from(len) else {
        return Err(vm.value_error("length should not be negative"));
    };
    let span = super::sequence::span(vm, a[0], len)?;
    Ok(vm.tuple(vec![
        Value::Int(span.start),
        Value::Int(span.stop),
        Value::Int(span.step),
    ]))
}
