//! `set` and `frozenset`.

use crate::native::{Kw, Native, Sig, TypeDef, f, kw};
use crate::object::{Iter, Obj};
use crate::rinsn::Cmp;
use crate::value::{R, Raise, Ref, Value};
use crate::vm::Vm;

pub(crate) static SET: TypeDef = TypeDef {
    name: "set",
    methods: SET_METHODS,
    new: Some(new),
    basetype: true,
    unhashable: true,
    weak: true,
    doc: "set() -> new empty set object\nset(iterable) -> new set object\n\nBuild an unordered collection of unique elements.",
    ..TypeDef::BLANK
};

pub(crate) static FROZENSET: TypeDef = TypeDef {
    name: "frozenset",
    methods: FROZEN_METHODS,
    new: Some(new_frozen),
    basetype: true,
    weak: true,
    doc: "frozenset() -> empty frozenset object\nfrozenset(iterable) -> frozenset object\n\nBuild an immutable unordered collection of unique elements.",
    ..TypeDef::BLANK
};

const SHARED: [Native; 26] = [
    f("__repr__", Sig::None, repr),
    f("__len__", Sig::None, |vm, a| Ok(Value::from(len(vm, a[0])))),
    f("__contains__", Sig::One, contains),
    f("__iter__", Sig::None, |vm, a| {
        let len = len(vm, a[0]);
        let iter = Iter::Set {
            of: a[0],
            at: 0,
            len,
            left: len,
        };
        Ok(vm.new_obj(vm.types.set_iterator, Obj::Iter(Box::new(iter))))
    }),
    f("__and__", Sig::One, |vm, a| operator(vm, a, "intersection")),
    f("__rand__", Sig::One, |vm, a| {
        operator(vm, &[a[1], a[0]], "intersection")
    }),
    f("__or__", Sig::One, |vm, a| operator(vm, a, "union")),
    f("__ror__", Sig::One, |vm, a| {
        operator(vm, &[a[1], a[0]], "union")
    }),
    f("__sub__", Sig::One, |vm, a| operator(vm, a, "difference")),
    f("__rsub__", Sig::One, |vm, a| {
        operator(vm, &[a[1], a[0]], "difference")
    }),
    f("__xor__", Sig::One, |vm, a| {
        operator(vm, a, "symmetric_difference")
    }),
    f("__rxor__", Sig::One, |vm, a| {
        operator(vm, &[a[1], a[0]], "symmetric_difference")
    }),
    f("__eq__", Sig::One, |vm, a| compare(vm, Cmp::Eq, a)),
    f("__ne__", Sig::One, |vm, a| compare(vm, Cmp::Ne, a)),
    f("__lt__", Sig::One, |vm, a| compare(vm, Cmp::Lt, a)),
    f("__le__", Sig::One, |vm, a| compare(vm, Cmp::Le, a)),
    f("__gt__", Sig::One, |vm, a| compare(vm, Cmp::Gt, a)),
    f("__ge__", Sig::One, |vm, a| compare(vm, Cmp::Ge, a)),
    f("copy", Sig::None, |vm, a| {
        if vm.class_of(a[0]) == vm.types.frozenset {
            return Ok(a[0]);
        }
        Ok(copy(vm, a[0]))
    }),
    f("difference", Sig::Pos(0, usize::MAX), |vm, a| {
        many(vm, a, difference)
    }),
    f("intersection", Sig::Pos(0, usize::MAX), |vm, a| {
        many(vm, a, intersection)
    }),
    f("isdisjoint", Sig::One, isdisjoint),
    f("issubset", Sig::One, |vm, a| {
        let other = as_set(vm, a[1])?;
        Ok(Value::bool(subset(vm, a[0], other)?))
    }),
    f("issuperset", Sig::One, |vm, a| {
        let other = as_set(vm, a[1])?;
        Ok(Value::bool(subset(vm, other, a[0])?))
    }),
    f("symmetric_difference", Sig::One, |vm, a| {
        let new = as_new(vm, a[1], class_of(vm, a[0]))?;
        toggle(vm, new, a[0])?;
        Ok(new)
    }),
    f("union", Sig::Pos(0, usize::MAX), |vm, a| {
        let new = copy(vm, a[0]);
        for &other in &a[1..] {
            update(vm, new, other)?;
        }
        Ok(new)
    }),
];

const FROZEN_METHODS: &[Native] = &[
    SHARED[0],
    SHARED[1],
    SHARED[2],
    SHARED[3],
    SHARED[4],
    SHARED[5],
    SHARED[6],
    SHARED[7],
    SHARED[8],
    SHARED[9],
    SHARED[10],
    SHARED[11],
    SHARED[12],
    SHARED[13],
    SHARED[14],
    SHARED[15],
    SHARED[16],
    SHARED[17],
    SHARED[18],
    SHARED[19],
    SHARED[20],
    SHARED[21],
    SHARED[22],
    SHARED[23],
    SHARED[24],
    SHARED[25],
    f("__hash__", Sig::None, hash),
    f("__class_getitem__", Sig::One, |vm, a| {
        super::generic::alias(vm, a[0], a[1])
    })
    .class(),
    f("__reduce__", Sig::None, reduce),
];

const SET_METHODS: &[Native] = &[
    SHARED[0],
    SHARED[1],
    SHARED[2],
    SHARED[3],
    SHARED[4],
    SHARED[5],
    SHARED[6],
    SHARED[7],
    SHARED[8],
    SHARED[9],
    SHARED[10],
    SHARED[11],
    SHARED[12],
    SHARED[13],
    SHARED[14],
    SHARED[15],
    SHARED[16],
    SHARED[17],
    SHARED[18],
    SHARED[19],
    SHARED[20],
    SHARED[21],
    SHARED[22],
    SHARED[23],
    SHARED[24],
    SHARED[25],
    kw("__init__", init),
    f("__iand__", Sig::One, |vm, a| {
        in_place(vm, a, intersection_update)
    }),
    f("__ior__", Sig::One, |vm, a| in_place(vm, a, update)),
    f("__isub__", Sig::One, |vm, a| {
        in_place(vm, a, difference_update)
    }),
    f("__ixor__", Sig::One, |vm, a| in_place(vm, a, toggle_any)),
    f("add", Sig::One, |vm, a| {
        vm.set_add(a[0], a[1])?;
        Ok(Value::None)
    }),
    f("clear", Sig::None, |vm, a| {
        clear(vm, a[0]);
        Ok(Value::None)
    }),
    f("discard", Sig::One, |vm, a| {
        let key = hashable(vm, a[1])?;
        vm.set_discard(a[0], key)?;
        Ok(Value::None)
    }),
    f("remove", Sig::One, |vm, a| {
        let key = hashable(vm, a[1])?;
        if vm.set_discard(a[0], key)? {
            Ok(Value::None)
        } else {
            Err(vm.missing_key(a[1]))
        }
    }),
    f("pop", Sig::None, |vm, a| {
        match vm.set_mut(a[0]).and_then(|set| set.pop()) {
            Some(item) => {
                vm.heap.dec(item);
                Ok(item)
            }
            None => {
                let message = vm.str("pop from an empty set");
                Err(vm.key_error(message))
            }
        }
    }),
    f("update", Sig::Pos(0, usize::MAX), |vm, a| {
        each(vm, a, update)
    }),
    f("difference_update", Sig::Pos(0, usize::MAX), |vm, a| {
        each(vm, a, difference_update)
    }),
    f("intersection_update", Sig::Pos(0, usize::MAX), |vm, a| {
        let new = many(vm, a, intersection)?;
        swap(vm, a[0], new);
        Ok(Value::None)
    }),
    f("symmetric_difference_update", Sig::One, |vm, a| {
        each(vm, a, toggle_any)
    }),
    f("__class_getitem__", Sig::One, |vm, a| {
        super::generic::alias(vm, a[0], a[1])
    })
    .class(),
    f("__reduce__", Sig::None, reduce),
];

fn reduce(vm: &mut Vm, a: &[Value]) -> R {
    let items = vm
        .set_items(a[0])
        .into_iter()
        .map(|(item, _)| item)
        .collect();
    let items = vm.list(items);
    let args = vm.tuple(vec![items]);
    let class = Value::Obj(vm.class_of(a[0]));
    Ok(vm.tuple(vec![class, args, Value::None]))
}

fn len(vm: &Vm, set: Value) -> usize {
    vm.as_set(set).map_or(0, |set| set.len())
}

/// Returns the built-in class that a new set has: that of the left operand.
fn class_of(vm: &Vm, set: Value) -> Ref {
    if vm.is_instance(set, vm.types.frozenset) {
        vm.types.frozenset
    } else {
        vm.types.set
    }
}

fn empty(vm: &mut Vm, class: Ref) -> Value {
    vm.new_obj(class, Obj::Set(Box::default()))
}

fn new(vm: &mut Vm, class: Value, _: &[Value], _: Kw<'_>) -> R {
    let Some(class) = vm.as_class(class) else {
        return Err(Raise);
    };
    Ok(vm.instance(class, Obj::Set(Box::default())))
}

fn init(vm: &mut Vm, args: &[Value], kw: Kw<'_>) -> R {
    if !kw.is_empty() && vm.class_of(args[0]) == vm.types.set {
        return Err(vm.type_error("set() takes no keyword arguments"));
    }
    if args.len() > 2 {
        let message = format!("set expected at most 1 argument, got {}", args.len() - 1);
        return Err(vm.type_error(message));
    }
    clear(vm, args[0]);
    if let Some(&iterable) = args.get(1) {
        update(vm, args[0], iterable)?;
    }
    Ok(Value::None)
}

fn new_frozen(vm: &mut Vm, class: Value, args: &[Value], kw: Kw<'_>) -> R {
    let Some(class) = vm.as_class(class) else {
        return Err(Raise);
    };
    if !kw.is_empty() && class == vm.types.frozenset {
        return Err(vm.type_error("frozenset() takes no keyword arguments"));
    }
    match *args {
        [] => {}
        [iterable] => {
            if class == vm.types.frozenset && vm.class_of(iterable) == class {
                return Ok(iterable);
            }
            let set = vm.instance(class, Obj::Set(Box::default()));
            update(vm, set, iterable)?;
            return Ok(set);
        }
        _ => {
            let message = format!("frozenset expected at most 1 argument, got {}", args.len());
            return Err(vm.type_error(message));
        }
    }
    Ok(vm.instance(class, Obj::Set(Box::default())))
}

fn repr(vm: &mut Vm, a: &[Value]) -> R {
    let Value::Obj(handle) = a[0] else {
        return Err(Raise);
    };
    let class = vm.type_name(a[0]);
    if len(vm, a[0]) == 0 {
        return Ok(vm.str(&format!("{class}()")));
    }
    if vm.repr_active.contains(&handle) {
        return Ok(vm.str(&format!("{class}(...)")));
    }
    let items = vm
        .set_items(a[0])
        .into_iter()
        .map(|(item, _)| item)
        .collect();
    let list = vm.list(items);
    vm.repr_active.push(handle);
    let result = super::sequence::repr(vm, list, "{", "}");
    vm.repr_active.pop();
    let text = result?;
    if class == "set" {
        return Ok(text);
    }
    let text = vm.shown(text);
    Ok(vm.str(&format!("{class}({text})")))
}

/// A set is looked for as a frozenset.
fn hashable(vm: &mut Vm, key: Value) -> R {
    if vm.is_instance(key, vm.types.set) {
        let new = empty(vm, vm.types.frozenset);
        update(vm, new, key)?;
        return Ok(new);
    }
    Ok(key)
}

fn contains(vm: &mut Vm, a: &[Value]) -> R {
    let key = hashable(vm, a[1])?;
    Ok(Value::bool(vm.set_contains(a[0], key)?))
}

fn clear(vm: &mut Vm, set: Value) {
    let old = vm.set_mut(set).map_or(Vec::new(), |set| set.take());
    for slot in old {
        vm.heap.dec(slot.key);
    }
}

/// Copies a set.
fn copy(vm: &mut Vm, set: Value) -> Value {
    let class = class_of(vm, set);
    let new = empty(vm, class);
    add_set(vm, new, set);
    new
}

/// Adds the items of a set to an empty one as CPython does.
fn add_set(vm: &mut Vm, to: Value, from: Value) {
    let items = vm.set_items(from);
    for &(item, _) in &items {
        vm.heap.inc(item);
    }
    let Some(other) = vm.as_set(from).map(|set| set.same()) else {
        return;
    };
    if let Some(set) = vm.set_mut(to) {
        set.copy_into_empty(&other);
        let bytes = set.bytes();
        vm.heap.charge(bytes);
    }
}

/// Adds all items of an iterable to a set.
pub(crate) fn update(vm: &mut Vm, set: Value, other: Value) -> R<()> {
    if vm.as_set(other).is_some() {
        let virgin = vm.as_set(set).is_some_and(|set| set.is_virgin());
        if set.is(other) || len(vm, other) == 0 {
            return Ok(());
        }
        vm.work(len(vm, other))?;
        if virgin {
            add_set(vm, set, other);
            return Ok(());
        }
        let count = len(vm, other);
        if let Some(set) = vm.set_mut(set) {
            set.reserve_for(count);
        }
        for (item, hash) in vm.set_items(other) {
            vm.set_add_hashed(set, hash, item)?;
        }
        return Ok(());
    }
    if vm.as_dict(other).is_some() && vm.class_of(other) == vm.types.dict {
        let count = vm.as_dict(other).map_or(0, |dict| dict.len());
        if let Some(set) = vm.set_mut(set)
            && count > 0
        {
            set.reserve_for(count);
        }
        for (key, _) in vm.dict_pairs(other) {
            vm.set_add(set, key)?;
        }
        return Ok(());
    }
    let iterator = vm.iter(other)?;
    while let Some(item) = vm.next_value(iterator)? {
        vm.work(64)?;
        vm.set_add(set, item)?;
        if vm.heap.over {
            return Err(vm.limit(crate::floor::Limit::MemoryLimit));
        }
    }
    Ok(())
}

/// Returns a set of an iterable's items, or the set that it is.
fn as_set(vm: &mut Vm, value: Value) -> R {
    if vm.as_set(value).is_some() {
        Ok(value)
    } else {
        as_new(vm, value, vm.types.set)
    }
}

fn as_new(vm: &mut Vm, value: Value, class: Ref) -> R {
    let new = empty(vm, class);
    update(vm, new, value)?;
    Ok(new)
}

fn intersection(vm: &mut Vm, a: Value, b: Value) -> R {
    let new = empty(vm, class_of(vm, a));
    if a.is(b) {
        return Ok(copy(vm, a));
    }
    if vm.as_set(b).is_some() {
        let (large, small) = if len(vm, b) > len(vm, a) {
            (b, a)
        } else {
            (a, b)
        };
        for (item, hash) in vm.set_items(small) {
            vm.work(8)?;
            if vm.set_find(large, hash, item)?.is_ok() {
                vm.set_add_hashed(new, hash, item)?;
            }
        }
        return Ok(new);
    }
    let iterator = vm.iter(b)?;
    while let Some(item) = vm.next_value(iterator)? {
        vm.work(64)?;
        let hash = vm.hash(item)?;
        if vm.set_find(a, hash, item)?.is_ok() {
            vm.set_add_hashed(new, hash, item)?;
        }
    }
    Ok(new)
}

fn difference(vm: &mut Vm, a: Value, b: Value) -> R {
    if vm.as_set(b).is_none() && vm.as_dict(b).is_none() {
        let new = copy(vm, a);
        difference_update(vm, new, b)?;
        return Ok(new);
    }
    let other = vm.as_set(b).map_or_else(
        || vm.as_dict(b).map_or(0, |dict| dict.len()),
        |set| set.len(),
    );
    // A small set is taken out of a copy of a large one.
    if len(vm, a) >> 2 > other {
        let new = copy(vm, a);
        difference_update(vm, new, b)?;
        return Ok(new);
    }
    let new = empty(vm, class_of(vm, a));
    for (item, hash) in vm.set_items(a) {
        vm.work(8)?;
        let inside = if vm.as_set(b).is_some() {
            vm.set_find(b, hash, item)?.is_ok()
        } else {
            vm.dict_find(b, hash, item)?.is_some()
        };
        if !inside {
            vm.set_add_hashed(new, hash, item)?;
        }
    }
    Ok(new)
}

fn difference_update(vm: &mut Vm, a: Value, b: Value) -> R<()> {
    if a.is(b) {
        clear(vm, a);
        return Ok(());
    }
    for item in vm.list_of(b)? {
        vm.work(8)?;
        vm.set_discard(a, item)?;
    }
    Ok(())
}

fn intersection_update(vm: &mut Vm, a: Value, b: Value) -> R<()> {
    let new = intersection(vm, a, b)?;
    swap(vm, a, new);
    Ok(())
}

/// Exchanges the contents of two sets.
fn swap(vm: &mut Vm, a: Value, b: Value) {
    let Some(set) = vm.set_mut(a) else { return };
    let mut held = std::mem::take(set);
    if let Some(other) = vm.set_mut(b) {
        std::mem::swap(other, &mut held);
    }
    if let Some(set) = vm.set_mut(a) {
        let version = set.version.max(held.version) + 1;
        *set = held;
        set.version = version;
    }
}

/// Adds items of a set that are not there, and removes those that are.
fn toggle(vm: &mut Vm, a: Value, b: Value) -> R<()> {
    for (item, hash) in vm.set_items(b) {
        vm.work(8)?;
        match vm.set_find(a, hash, item)? {
            Ok(at) => {
                let old = vm.set_mut(a).map_or(Value::Unset, |set| set.remove(at));
                vm.heap.dec(old);
            }
            Err(_) => {
                vm.set_add_hashed(a, hash, item)?;
            }
        }
    }
    Ok(())
}

fn toggle_any(vm: &mut Vm, a: Value, b: Value) -> R<()> {
    if a.is(b) {
        clear(vm, a);
        return Ok(());
    }
    let other = as_set(vm, b)?;
    toggle(vm, a, other)
}

fn many(vm: &mut Vm, a: &[Value], act: fn(&mut Vm, Value, Value) -> R) -> R {
    let mut result = copy(vm, a[0]);
    for (at, &other) in a[1..].iter().enumerate() {
        let from = if at == 0 { a[0] } else { result };
        result = act(vm, from, other)?;
    }
    Ok(result)
}

fn each(vm: &mut Vm, a: &[Value], act: fn(&mut Vm, Value, Value) -> R<()>) -> R {
    for &other in &a[1..] {
        act(vm, a[0], other)?;
    }
    Ok(Value::None)
}

fn in_place(vm: &mut Vm, a: &[Value], act: fn(&mut Vm, Value, Value) -> R<()>) -> R {
    if vm.as_set(a[1]).is_none() {
        return Ok(Value::NotImplemented);
    }
    act(vm, a[0], a[1])?;
    Ok(a[0])
}

fn operator(vm: &mut Vm, a: &[Value], name: &str) -> R {
    if vm.as_set(a[0]).is_none() || vm.as_set(a[1]).is_none() {
        return Ok(Value::NotImplemented);
    }
    match name {
        "intersection" => intersection(vm, a[0], a[1]),
        "difference" => difference(vm, a[0], a[1]),
        "union" => {
            let new = copy(vm, a[0]);
            update(vm, new, a[1])?;
            Ok(new)
        }
        _ => {
            let new = as_new(vm, a[1], class_of(vm, a[0]))?;
            toggle(vm, new, a[0])?;
            Ok(new)
        }
    }
}

/// What the operators of dict views do.
pub(crate) fn combine(vm: &mut Vm, a: &[Value], name: &str) -> R {
    let new = if name == "intersection_update" {
        let left = as_new(vm, a[0], vm.types.set)?;
        return intersection(vm, left, a[1]);
    } else {
        as_new(vm, a[0], vm.types.set)?
    };
    match name {
        "update" => update(vm, new, a[1])?,
        "difference_update" => difference_update(vm, new, a[1])?,
        _ => toggle_any(vm, new, a[1])?,
    }
    Ok(new)
}

fn isdisjoint(vm: &mut Vm, a: &[Value]) -> R {
    if a[0].is(a[1]) {
        return Ok(Value::bool(len(vm, a[0]) == 0));
    }
    for item in vm.list_of(a[1])? {
        if vm.set_contains(a[0], item)? {
            return Ok(Value::False);
        }
    }
    Ok(Value::True)
}

fn subset(vm: &mut Vm, a: Value, b: Value) -> R<bool> {
    if len(vm, a) > len(vm, b) {
        return Ok(false);
    }
    for (item, hash) in vm.set_items(a) {
        vm.work(8)?;
        if vm.set_find(b, hash, item)?.is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(vm: &mut Vm, op: Cmp, a: &[Value]) -> R {
    if vm.as_set(a[1]).is_none() {
        return Ok(Value::NotImplemented);
    }
    let (n, m) = (len(vm, a[0]), len(vm, a[1]));
    Ok(Value::bool(match op {
        Cmp::Eq => n == m && subset(vm, a[0], a[1])?,
        Cmp::Ne => !(n == m && subset(vm, a[0], a[1])?),
        Cmp::Lt => n < m && subset(vm, a[0], a[1])?,
        Cmp::Le => subset(vm, a[0], a[1])?,
        Cmp::Gt => n > m && subset(vm, a[1], a[0])?,
        Cmp::Ge => subset(vm, a[1], a[0])?,
    }))
}

fn hash(vm: &mut Vm, a: &[Value]) -> R {
    if let Some(hash) = vm.as_set(a[0]).and_then(|set| set.hash) {
        return Ok(Value::Int(hash));
    }
    let hashes: Vec<i64> = vm
        .set_items(a[0])
        .into_iter()
        .map(|(_, hash)| hash)
        .collect();
    let hash = crate::hash::frozenset(&hashes);
    if let Some(set) = vm.set_mut(a[0]) {
        set.hash = Some(hash);
    }
    Ok(Value::Int(hash))
}
