//! `tuple`.

use super::number::comparisons;
use super::sequence::{Key, key, range, times};
use crate::native::{Kw, Native, Sig, TypeDef, f};
use crate::object::{Iter, Obj};
use crate::rinsn::Cmp;
use crate::value::{R, Raise, Value};
use crate::vm::Vm;

pub(crate) static TUPLE: TypeDef = TypeDef {
    name: "tuple",
    methods: METHODS,
    new: Some(new),
    basetype: true,
    doc: "Built-in immutable sequence.\n\nIf no argument is given, the constructor returns an empty tuple.\nIf iterable is specified the tuple is initialized from iterable's items.\n\nIf the argument is a tuple, the return value is the same object.",
    ..TypeDef::BLANK
};

const METHODS: &[Native] = &[
    f("__repr__", Sig::None, |vm, a| {
        super::sequence::repr(vm, a[0], "(", ")")
    }),
    f("__len__", Sig::None, |vm, a| Ok(Value::from(len(vm, a[0])))),
    f("__getitem__", Sig::One, getitem),
    f("__contains__", Sig::One, |vm, a| {
        Ok(Value::bool(
            super::sequence::find(vm, a[0], a[1], 0, usize::MAX)?.is_some(),
        ))
    }),
    f("__iter__", Sig::None, |vm, a| {
        let iter = Iter::Index { of: a[0], at: 0 };
        Ok(vm.new_obj(vm.types.tuple_iterator, Obj::Iter(Box::new(iter))))
    }),
    f("__add__", Sig::One, add),
    f("__mul__", Sig::One, mul),
    f("__rmul__", Sig::One, mul),
    f("__hash__", Sig::None, hash),
    f("__lt__", Sig::One, lt),
    f("__le__", Sig::One, le),
    f("__eq__", Sig::One, eq),
    f("__ne__", Sig::One, ne),
    f("__gt__", Sig::One, gt),
    f("__ge__", Sig::One, ge),
    f("count", Sig::One, super::sequence::count),
    f("index", Sig::Pos(1, 3), index),
    f("__getnewargs__", Sig::None, |vm, a| {
        let items = items(vm, a[0]);
        let inner = vm.tuple(items);
        Ok(vm.tuple(vec![inner]))
    }),
    f("__class_getitem__", Sig::One, |vm, a| {
        super::generic::alias(vm, a[0], a[1])
    })
    .class(),
];

pub(crate) fn items(vm: &Vm, tuple: Value) -> Vec<Value> {
    vm.as_tuple(tuple).unwrap_or(&[]).to_vec()
}

fn len(vm: &Vm, tuple: Value) -> usize {
    vm.as_tuple(tuple).map_or(0, <[Value]>::len)
}

fn new(vm: &mut Vm, class: Value, args: &[Value], kw: Kw<'_>) -> R {
    let Some(class) = vm.as_class(class) else {
        return Err(Raise);
    };
    if !kw.is_empty() {
        return Err(vm.type_error("tuple() takes no keyword arguments"));
    }
    let items = match args {
        [] => Vec::new(),
        [iterable] => {
            if class == vm.types.tuple && vm.class_of(*iterable) == class {
                return Ok(*iterable);
            }
            vm.list_of(*iterable)?
        }
        _ => {
            let message = format!("tuple expected at most 1 argument, got {}", args.len());
            return Err(vm.type_error(message));
        }
    };
    vm.work(items.len())?;
    Ok(vm.instance(class, Obj::Tuple(items.into())))
}

fn getitem(vm: &mut Vm, a: &[Value]) -> R {
    match key(vm, a[1], len(vm, a[0]), "tuple index")? {
        Key::At(at) => Ok(vm.as_tuple(a[0]).map_or(Value::None, |items| items[at])),
        Key::Slice(span) => {
            if span.step == 1 && span.count == len(vm, a[0]) && vm.class_of(a[0]) == vm.types.tuple
            {
                return Ok(a[0]);
            }
            vm.work(span.count)?;
            let items = vm.as_tuple(a[0]).unwrap_or(&[]);
            let part = span.indices().map(|at| items[at]).collect();
            Ok(vm.tuple(part))
        }
    }
}

fn add(vm: &mut Vm, a: &[Value]) -> R {
    let Some(other) = vm.as_tuple(a[1]) else {
        let kind = vm.type_name(a[1]);
        return Err(vm.type_error(format!(
            "can only concatenate tuple (not \"{kind}\") to tuple"
        )));
    };
    let all = [&items(vm, a[0])[..], other].concat();
    vm.room(all.len() * 16)?;
    Ok(vm.tuple(all))
}

fn mul(vm: &mut Vm, a: &[Value]) -> R {
    let count = times(vm, a[1], len(vm, a[0]), 16)?;
    let all = items(vm, a[0]).repeat(count);
    Ok(vm.tuple(all))
}

fn hash(vm: &mut Vm, a: &[Value]) -> R {
    let items = items(vm, a[0]);
    vm.work(items.len())?;
    let hashes = vm.deeper("", |vm| {
        items
            .iter()
            .map(|&item| vm.hash(item))
            .collect::<R<Vec<i64>>>()
    })?;
    Ok(Value::Int(crate::hash::tuple(&hashes)))
}

fn compare(vm: &mut Vm, op: Cmp, a: Value, b: Value) -> R {
    if vm.as_tuple(b).is_none() {
        return Ok(Value::NotImplemented);
    }
    super::sequence::compare(vm, op, a, b)
}

comparisons!(compare);

fn index(vm: &mut Vm, a: &[Value]) -> R {
    let (start, stop) = range(vm, &a[2..], len(vm, a[0]))?;
    match super::sequence::find(vm, a[0], a[1], start, stop)? {
        Some(at) => Ok(Value::from(at)),
        None => Err(vm.value_error("tuple.index(x): x not in tuple")),
    }
}
