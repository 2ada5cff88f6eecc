//! `list`.

use super::number::comparisons;
use super::sequence::{Key, key, range, span, times};
use crate::native::{Kw, Native, Sig, TypeDef, f, kw};
use crate::object::{Iter, Obj};
use crate::rinsn::Cmp;
use crate::value::{R, Raise, Value};
use crate::vm::Vm;

pub(crate) static LIST: TypeDef = TypeDef {
    name: "list",
    methods: METHODS,
    new: Some(new),
    basetype: true,
    unhashable: true,
    doc: "Built-in mutable sequence.\n\nIf no argument is given, the constructor creates a new empty list.\nThe argument must be an iterable if specified.",
    ..TypeDef::BLANK
};

const METHODS: &[Native] = &[
    kw("__init__", init),
    f("__repr__", Sig::None, |vm, a| {
        super::sequence::repr(vm, a[0], "[", "]")
    }),
    f("__len__", Sig::None, |vm, a| Ok(Value::from(len(vm, a[0])))),
    f("__getitem__", Sig::One, getitem),
    f("__setitem__", Sig::Pos(2, 2), setitem),
    f("__delitem__", Sig::One, delitem),
    f("__contains__", Sig::One, |vm, a| {
        let stop = usize::MAX;
        Ok(Value::bool(
            super::sequence::find(vm, a[0], a[1], 0, stop)?.is_some(),
        ))
    }),
    f("__iter__", Sig::None, |vm, a| {
        let iter = Iter::Index { of: a[0], at: 0 };
        Ok(vm.new_obj(vm.types.list_iterator, Obj::Iter(Box::new(iter))))
    }),
    f("__reversed__", Sig::None, |vm, a| {
        let iter = Iter::Reversed {
            of: a[0],
            at: len(vm, a[0]),
        };
        Ok(vm.new_obj(vm.types.list_reverse_iterator, Obj::Iter(Box::new(iter))))
    }),
    f("__add__", Sig::One, add),
    f("__iadd__", Sig::One, |vm, a| {
        extend(vm, a[0], a[1])?;
        Ok(a[0])
    }),
    f("__mul__", Sig::One, mul),
    f("__rmul__", Sig::One, mul),
    f("__imul__", Sig::One, imul),
    f("__lt__", Sig::One, lt),
    f("__le__", Sig::One, le),
    f("__eq__", Sig::One, eq),
    f("__ne__", Sig::One, ne),
    f("__gt__", Sig::One, gt),
    f("__ge__", Sig::One, ge),
    f("append", Sig::One, |vm, a| {
        vm.list_push(a[0], a[1]);
        Ok(Value::None)
    }),
    f("extend", Sig::One, |vm, a| {
        extend(vm, a[0], a[1])?;
        Ok(Value::None)
    }),
    f("insert", Sig::Pos(2, 2), insert),
    f("pop", Sig::Pos(0, 1), pop),
    f("remove", Sig::One, remove),
    f("clear", Sig::None, |vm, a| {
        replace(vm, a[0], Vec::new());
        Ok(Value::None)
    }),
    f("copy", Sig::None, |vm, a| {
        let items = items(vm, a[0]);
        vm.work(items.len())?;
        Ok(vm.list(items))
    }),
    f("count", Sig::One, super::sequence::count),
    f("index", Sig::Pos(1, 3), index),
    f("reverse", Sig::None, |vm, a| {
        let work = len(vm, a[0]);
        vm.work(work)?;
        if let Some(items) = vm.list_mut(a[0]) {
            items.reverse();
        }
        Ok(Value::None)
    }),
    kw("sort", sort),
    f("__class_getitem__", Sig::One, |vm, a| {
        super::generic::alias(vm, a[0], a[1])
    })
    .class(),
];

pub(crate) fn items(vm: &Vm, list: Value) -> Vec<Value> {
    vm.as_list(list).cloned().unwrap_or_default()
}

fn len(vm: &Vm, list: Value) -> usize {
    vm.as_list(list).map_or(0, Vec::len)
}

/// Gives a list other items.
pub(crate) fn replace(vm: &mut Vm, list: Value, items: Vec<Value>) {
    items.iter().for_each(|&item| vm.heap.inc(item));
    let bytes = items.capacity() * 16;
    let Some(place) = vm.list_mut(list) else {
        return;
    };
    let old = std::mem::replace(place, items);
    vm.heap.charge(bytes);
    vm.heap.refund(old.capacity() * 16);
    old.into_iter().for_each(|item| vm.heap.dec(item));
}

fn new(vm: &mut Vm, class: Value, _: &[Value], _: Kw<'_>) -> R {
    let Some(class) = vm.as_class(class) else {
        return Err(Raise);
    };
    Ok(vm.instance(class, Obj::List(Vec::new())))
}

fn init(vm: &mut Vm, args: &[Value], kw: Kw<'_>) -> R {
    if !kw.is_empty() && vm.class_of(args[0]) == vm.types.list {
        return Err(vm.type_error("list() takes no keyword arguments"));
    }
    if args.len() > 2 {
        let message = format!("list expected at most 1 argument, got {}", args.len() - 1);
        return Err(vm.type_error(message));
    }
    if len(vm, args[0]) > 0 {
        replace(vm, args[0], Vec::new());
    }
    if let Some(&iterable) = args.get(1) {
        extend(vm, args[0], iterable)?;
    }
    Ok(Value::None)
}

/// Appends all items of an iterable.
pub(crate) fn extend(vm: &mut Vm, list: Value, iterable: Value) -> R<()> {
    let class = vm.class_of(iterable);
    if class == vm.types.list || class == vm.types.tuple {
        let more = vm.items(iterable).unwrap_or(&[]).to_vec();
        vm.room(more.len() * 16)?;
        more.iter().for_each(|&item| vm.heap.inc(item));
        let Some(items) = vm.list_mut(list) else {
            return Ok(());
        };
        let before = items.capacity();
        items.extend(more);
        let grown = items.capacity() - before;
        vm.heap.charge(grown * 16);
        return Ok(());
    }
    let iterator = vm.iter(iterable)?;
    while let Some(item) = vm.next_value(iterator)? {
        vm.list_push(list, item);
        vm.work(64)?;
        if vm.heap.over {
            return Err(vm.limit(crate::floor::Limit::MemoryLimit));
        }
    }
    Ok(())
}

fn getitem(vm: &mut Vm, a: &[Value]) -> R {
    match key(vm, a[1], len(vm, a[0]), "list index")? {
        Key::At(at) => Ok(vm
            .as_list(a[0])
            .and_then(|items| items.get(at))
            .copied()
            .unwrap_or(Value::None)),
        Key::Slice(span) => {
            vm.work(span.count)?;
            let items = vm.as_list(a[0]).map_or(Vec::new(), |items| {
                span.indices()
                    .filter_map(|at| items.get(at).copied())
                    .collect()
            });
            Ok(vm.list(items))
        }
    }
}

fn setitem(vm: &mut Vm, a: &[Value]) -> R {
    if let Obj::Slice(_) = vm.obj(a[1]) {
        set_slice(vm, a[0], a[1], a[2])?;
        return Ok(Value::None);
    }
    let Key::At(at) = key(vm, a[1], len(vm, a[0]), "list assignment index")? else {
        return Ok(Value::None);
    };
    vm.heap.inc(a[2]);
    let old = vm.list_mut(a[0]).map_or(Value::Unset, |items| {
        std::mem::replace(&mut items[at], a[2])
    });
    vm.heap.dec(old);
    Ok(Value::None)
}

fn set_slice(vm: &mut Vm, list: Value, slice: Value, value: Value) -> R<()> {
    let iterable =
        vm.special(value, vm.names.iter).is_some() || vm.special(value, vm.names.getitem).is_some();
    let first = span(vm, slice, len(vm, list))?;
    if !iterable {
        return Err(vm.type_error(if first.step == 1 {
            "can only assign an iterable"
        } else {
            "must assign iterable to extended slice"
        }));
    }
    let new = vm.list_of(value)?;
    let span = span(vm, slice, len(vm, list))?;
    let mut items = items(vm, list);
    vm.room((items.len() + new.len()) * 16)?;
    if span.step == 1 {
        let start = span.start as usize;
        let stop = start + span.count;
        items.splice(start..stop, new);
    } else {
        if new.len() != span.count {
            return Err(vm.value_error(format!(
                "attempt to assign sequence of size {} to extended slice of size {}",
                new.len(),
                span.count
            )));
        }
        for (at, item) in span.indices().zip(new) {
            items[at] = item;
        }
    }
    replace(vm, list, items);
    Ok(())
}

fn delitem(vm: &mut Vm, a: &[Value]) -> R {
    match key(vm, a[1], len(vm, a[0]), "list assignment index")? {
        Key::At(at) => {
            let rest = len(vm, a[0]) - at;
            vm.work(rest)?;
            let old = vm
                .list_mut(a[0])
                .map_or(Value::Unset, |items| items.remove(at));
            vm.heap.dec(old);
        }
        Key::Slice(span) => {
            let mut gone = vec![false; len(vm, a[0])];
            span.indices().for_each(|at| gone[at] = true);
            let old = items(vm, a[0]);
            let kept = old
                .into_iter()
                .zip(gone)
                .filter(|(_, gone)| !gone)
                .map(|(item, _)| item);
            let kept = kept.collect();
            replace(vm, a[0], kept);
        }
    }
    Ok(Value::None)
}

fn add(vm: &mut Vm, a: &[Value]) -> R {
    let Some(other) = vm.as_list(a[1]) else {
        let kind = vm.type_name(a[1]);
        return Err(vm.type_error(format!(
            "can only concatenate list (not \"{kind}\") to list"
        )));
    };
    let all = [&items(vm, a[0])[..], other].concat();
    vm.room(all.len() * 16)?;
    Ok(vm.list(all))
}

fn mul(vm: &mut Vm, a: &[Value]) -> R {
    let count = times(vm, a[1], len(vm, a[0]), 16)?;
    let all = items(vm, a[0]).repeat(count);
    Ok(vm.list(all))
}

fn imul(vm: &mut Vm, a: &[Value]) -> R {
    let count = times(vm, a[1], len(vm, a[0]), 16)?;
    let all = items(vm, a[0]).repeat(count);
    replace(vm, a[0], all);
    Ok(a[0])
}

fn compare(vm: &mut Vm, op: Cmp, a: Value, b: Value) -> R {
    if vm.as_list(b).is_none() {
        return Ok(Value::NotImplemented);
    }
    super::sequence::compare(vm, op, a, b)
}

comparisons!(compare);

fn insert(vm: &mut Vm, a: &[Value]) -> R {
    let index = vm.size_arg(a[1])?;
    let len = len(vm, a[0]);
    let at = if index < 0 {
        index.saturating_add(len as i64).max(0)
    } else {
        index
    };
    let at = (at as usize).min(len);
    vm.work(len - at)?;
    vm.heap.inc(a[2]);
    if let Some(items) = vm.list_mut(a[0]) {
        let before = items.capacity();
        items.insert(at, a[2]);
        let grown = items.capacity() - before;
        vm.heap.charge(grown * 16);
    }
    Ok(Value::None)
}

fn pop(vm: &mut Vm, a: &[Value]) -> R {
    let index = match a.get(1) {
        Some(&index) => vm.index_size(index)?,
        None => -1,
    };
    let len = len(vm, a[0]);
    if len == 0 {
        return Err(vm.index_error("pop from empty list"));
    }
    let Some(at) = super::sequence::at(index, len) else {
        return Err(vm.index_error("pop index out of range"));
    };
    vm.work(len - at)?;
    let item = vm
        .list_mut(a[0])
        .map_or(Value::None, |items| items.remove(at));
    vm.heap.dec(item);
    Ok(item)
}

fn remove(vm: &mut Vm, a: &[Value]) -> R {
    let Some(at) = super::sequence::find(vm, a[0], a[1], 0, usize::MAX)? else {
        return Err(vm.value_error("list.remove(x): x not in list"));
    };
    if at < len(vm, a[0]) {
        let old = vm
            .list_mut(a[0])
            .map_or(Value::Unset, |items| items.remove(at));
        vm.heap.dec(old);
    }
    Ok(Value::None)
}

fn index(vm: &mut Vm, a: &[Value]) -> R {
    let (start, stop) = range(vm, &a[2..], len(vm, a[0]))?;
    match super::sequence::find(vm, a[0], a[1], start, stop)? {
        Some(at) => Ok(Value::from(at)),
        None => {
            let shown = vm.repr(a[1])?;
            let shown = vm.shown(shown);
            Err(vm.value_error(format!("{shown} is not in list")))
        }
    }
}

fn sort(vm: &mut Vm, args: &[Value], kw: Kw<'_>) -> R {
    if args.len() > 1 {
        return Err(vm.type_error("sort() takes no positional arguments"));
    }
    let params = crate::native::Params {
        names: &["key", "reverse"],
        required: 0,
        positional: 0,
    };
    let a = vm.bind_params("sort", params, &[], kw)?;
    let reverse = !a[1].is_unset() && {
        let flag = vm.index(a[1])?;
        vm.truth(flag)?
    };
    let old = items(vm, args[0]);
    // The list is empty while it is sorted; a list of our own keeps the items.
    let held = vm.list(old.clone());
    vm.heap.inc(held);
    replace(vm, args[0], Vec::new());
    let result = super::sort::sort(vm, old.clone(), a[0].or(Value::None), reverse);
    let changed = len(vm, args[0]) > 0
        || vm
            .as_list(args[0])
            .is_some_and(|items| items.capacity() > 0);
    let sorted = match &result {
        Ok(sorted) => sorted.clone(),
        Err((_, partly)) => partly.clone(),
    };
    replace(vm, args[0], sorted);
    vm.heap.dec(held);
    match result {
        Err((raise, _)) => Err(raise),
        Ok(_) if changed => Err(vm.value_error("list modified during sort")),
        Ok(_) => Ok(Value::None),
    }
}
