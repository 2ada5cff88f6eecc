//! `dict` and its views.

use crate::native::{Kw, Native, Sig, TypeDef, f, get, kw};
use crate::object::{Iter, Obj, View};
use crate::rinsn::Cmp;
use crate::value::{R, Raise, Ref, Value};
use crate::vm::Vm;

pub(crate) static DICT: TypeDef = TypeDef {
    name: "dict",
    methods: METHODS,
    new: Some(new),
    basetype: true,
    unhashable: true,
    doc: "dict() -> new empty dictionary\ndict(mapping) -> new dictionary initialized from a mapping object's\n    (key, value) pairs\ndict(iterable) -> new dictionary initialized as if via:\n    d = {}\n    for k, v in iterable:\n        d[k] = v\ndict(**kwargs) -> new dictionary initialized with the name=value pairs\n    in the keyword argument list.  For example:  dict(one=1, two=2)",
    ..TypeDef::BLANK
};

const METHODS: &[Native] = &[
    kw("__init__", init),
    f("__repr__", Sig::None, repr),
    f("__len__", Sig::None, |vm, a| {
        Ok(Value::from(vm.as_dict(a[0]).map_or(0, |dict| dict.len())))
    }),
    f("__getitem__", Sig::One, getitem),
    f("__setitem__", Sig::Pos(2, 2), |vm, a| {
        vm.dict_set(a[0], a[1], a[2])?;
        Ok(Value::None)
    }),
    f("__delitem__", Sig::One, |vm, a| {
        match vm.dict_remove(a[0], a[1])? {
            Some(_) => Ok(Value::None),
            None => Err(vm.missing_key(a[1])),
        }
    }),
    f("__contains__", Sig::One, |vm, a| {
        Ok(Value::bool(vm.dict_get(a[0], a[1])?.is_some()))
    }),
    f("__iter__", Sig::None, |vm, a| {
        Ok(iterator(vm, a[0], View::Keys, false))
    }),
    f("__reversed__", Sig::None, |vm, a| {
        Ok(iterator(vm, a[0], View::Keys, true))
    }),
    f("__eq__", Sig::One, |vm, a| equal(vm, a, false)),
    f("__ne__", Sig::One, |vm, a| equal(vm, a, true)),
    f("__lt__", Sig::One, |_, _| Ok(Value::NotImplemented)),
    f("__le__", Sig::One, |_, _| Ok(Value::NotImplemented)),
    f("__gt__", Sig::One, |_, _| Ok(Value::NotImplemented)),
    f("__ge__", Sig::One, |_, _| Ok(Value::NotImplemented)),
    f("__or__", Sig::One, or),
    f("__ror__", Sig::One, |vm, a| or(vm, &[a[1], a[0]])),
    f("__ior__", Sig::One, |vm, a| {
        update_from(vm, a[0], a[1])?;
        Ok(a[0])
    }),
    f("clear", Sig::None, |vm, a| {
        vm.dict_clear(a[0]);
        Ok(Value::None)
    }),
    f("copy", Sig::None, |vm, a| copy(vm, a[0])),
    f("fromkeys", Sig::Pos(1, 2), fromkeys).class(),
    f("get", Sig::Pos(1, 2), |vm, a| {
        let default = a.get(2).copied().unwrap_or(Value::None);
        Ok(vm.dict_get(a[0], a[1])?.unwrap_or(default))
    }),
    f("items", Sig::None, |vm, a| Ok(view(vm, a[0], View::Items))),
    f("keys", Sig::None, |vm, a| Ok(view(vm, a[0], View::Keys))),
    f("values", Sig::None, |vm, a| {
        Ok(view(vm, a[0], View::Values))
    }),
    f("pop", Sig::Pos(1, 2), |vm, a| {
        match vm.dict_remove(a[0], a[1])? {
            Some(value) => Ok(value),
            None => match a.get(2) {
                Some(&default) => Ok(default),
                None => Err(vm.missing_key(a[1])),
            },
        }
    }),
    f("popitem", Sig::None, popitem),
    f("setdefault", Sig::Pos(1, 2), |vm, a| {
        if let Some(value) = vm.dict_get(a[0], a[1])? {
            return Ok(value);
        }
        let default = a.get(2).copied().unwrap_or(Value::None);
        vm.dict_set(a[0], a[1], default)?;
        Ok(default)
    }),
    kw("update", |vm, args, kw| {
        update(vm, "update", args[0], &args[1..], kw)?;
        Ok(Value::None)
    }),
    f("__class_getitem__", Sig::One, |vm, a| {
        super::generic::alias(vm, a[0], a[1])
    })
    .class(),
];

fn new(vm: &mut Vm, class: Value, _: &[Value], _: Kw<'_>) -> R {
    let Some(class) = vm.as_class(class) else {
        return Err(Raise);
    };
    Ok(vm.instance(class, Obj::Dict(Box::default())))
}

fn init(vm: &mut Vm, args: &[Value], kw: Kw<'_>) -> R {
    update(vm, "dict", args[0], &args[1..], kw)?;
    Ok(Value::None)
}

fn update(vm: &mut Vm, name: &str, dict: Value, args: &[Value], kw: Kw<'_>) -> R<()> {
    if args.len() > 1 {
        let message = format!("{name} expected at most 1 argument, got {}", args.len());
        return Err(vm.type_error(message));
    }
    if let Some(&other) = args.first() {
        update_from(vm, dict, other)?;
    }
    for &(name, value) in kw {
        vm.dict_set(dict, name, value)?;
    }
    Ok(())
}

/// Updates from a mapping, or from pairs.
pub(crate) fn update_from(vm: &mut Vm, dict: Value, other: Value) -> R<()> {
    let keys = vm.names.keys;
    if vm.as_dict(other).is_some() || vm.get_attr_opt(other, keys)?.is_some() {
        return merge(vm, dict, other);
    }
    let iterator = vm.iter(other)?;
    let mut at = 0;
    while let Some(item) = vm.next_value(iterator)? {
        vm.work(64)?;
        let pair = match vm.list_of(item) {
            Ok(pair) => pair,
            Err(Raise) => {
                if vm.catch(vm.exc.type_error).is_some() {
                    return Err(vm.type_error(format!(
                        "cannot convert dictionary update sequence element #{at} to a sequence"
                    )));
                }
                return Err(Raise);
            }
        };
        let [key, value] = pair[..] else {
            return Err(vm.value_error(format!(
                "dictionary update sequence element #{at} has length {}; 2 is required",
                pair.len()
            )));
        };
        vm.dict_set(dict, key, value)?;
        at += 1;
    }
    Ok(())
}

/// Updates from a mapping.
pub(crate) fn merge(vm: &mut Vm, dict: Value, other: Value) -> R<()> {
    let plain = vm.as_dict(other).is_some() && {
        let class = vm.class_of(other);
        let iter = vm.names.iter;
        class == vm.types.dict
            || vm
                .lookup(class, iter)
                .is_some_and(|found| matches!(vm.obj(found), Obj::Native(_)))
    };
    if plain {
        for (key, value) in vm.dict_pairs(other) {
            vm.dict_set(dict, key, value)?;
        }
        return Ok(());
    }
    let keys = vm.names.keys;
    let keys = vm.call_method(other, keys, &[])?;
    let iterator = vm.iter(keys)?;
    while let Some(key) = vm.next_value(iterator)? {
        vm.work(64)?;
        let value = vm.get_item(other, key)?;
        vm.dict_set(dict, key, value)?;
    }
    Ok(())
}

fn repr(vm: &mut Vm, a: &[Value]) -> R {
    let Value::Obj(handle) = a[0] else {
        return Err(Raise);
    };
    if vm.repr_active.contains(&handle) {
        return Ok(vm.str("{...}"));
    }
    vm.repr_active.push(handle);
    let result = repr_pairs(vm, a[0]);
    vm.repr_active.pop();
    let text = result?;
    Ok(vm.str_bytes(text))
}

fn repr_pairs(vm: &mut Vm, dict: Value) -> R<Vec<u8>> {
    let mut out = vec![b'{'];
    for (at, (key, value)) in vm.dict_pairs(dict).into_iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(b", ");
        }
        let text = vm.repr(key)?;
        out.extend_from_slice(vm.as_str(text).map_or(&[][..], |text| text.bytes()));
        out.extend_from_slice(b": ");
        let text = vm.repr(value)?;
        out.extend_from_slice(vm.as_str(text).map_or(&[][..], |text| text.bytes()));
        vm.room(out.len())?;
    }
    out.push(b'}');
    Ok(out)
}

fn getitem(vm: &mut Vm, a: &[Value]) -> R {
    if let Some(value) = vm.dict_get(a[0], a[1])? {
        return Ok(value);
    }
    if vm.class_of(a[0]) != vm.types.dict {
        let missing = vm.names.missing;
        if let Some(result) = vm.call_special(a[0], missing, &[a[1]]) {
            return result;
        }
    }
    Err(vm.missing_key(a[1]))
}

/// Whether two dicts have the same items.
pub(crate) fn same(vm: &mut Vm, a: Value, b: Value) -> R<bool> {
    if vm.as_dict(a).map(|dict| dict.len()) != vm.as_dict(b).map(|dict| dict.len()) {
        return Ok(false);
    }
    for (key, value) in vm.dict_pairs(a) {
        vm.work(8)?;
        match vm.dict_get(b, key)? {
            Some(other) if vm.equal(value, other)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

fn equal(vm: &mut Vm, a: &[Value], negate: bool) -> R {
    if vm.as_dict(a[1]).is_none() {
        return Ok(Value::NotImplemented);
    }
    Ok(Value::bool(same(vm, a[0], a[1])? != negate))
}

/// Copies a dict.
pub(crate) fn copy(vm: &mut Vm, dict: Value) -> R {
    let table = vm.as_dict(dict).map(|dict| dict.copy()).unwrap_or_default();
    vm.work(table.len())?;
    Ok(vm.new_obj(vm.types.dict, Obj::Dict(Box::new(table))))
}

fn or(vm: &mut Vm, a: &[Value]) -> R {
    if vm.as_dict(a[0]).is_none() || vm.as_dict(a[1]).is_none() {
        return Ok(Value::NotImplemented);
    }
    let new = copy(vm, a[0])?;
    merge(vm, new, a[1])?;
    Ok(new)
}

fn fromkeys(vm: &mut Vm, a: &[Value]) -> R {
    let value = a.get(2).copied().unwrap_or(Value::None);
    let new = vm.call(a[0], &[], &[])?;
    for key in vm.list_of(a[1])? {
        if vm.class_of(new) == vm.types.dict {
            vm.dict_set(new, key, value)?;
        } else {
            vm.set_item(new, key, value)?;
        }
    }
    Ok(new)
}

fn popitem(vm: &mut Vm, a: &[Value]) -> R {
    let at = vm.as_dict(a[0]).and_then(|dict| {
        dict.entries()
            .iter()
            .rposition(|entry| !entry.key.is_unset())
    });
    match at.and_then(|at| vm.dict_remove_at(a[0], at)) {
        Some((key, value)) => Ok(vm.tuple(vec![key, value])),
        None => {
            let message = vm.str("popitem(): dictionary is empty");
            Err(vm.key_error(message))
        }
    }
}

/// Makes an iterator over a dict.
pub(crate) fn iterator(vm: &mut Vm, dict: Value, view: View, back: bool) -> Value {
    let (len, used) = vm
        .as_dict(dict)
        .map_or((0, 0), |dict| (dict.len(), dict.entries().len()));
    let class = match (view, back) {
        (View::Keys, false) => vm.types.dict_key_iterator,
        (View::Values, false) => vm.types.dict_value_iterator,
        (View::Items, false) => vm.types.dict_item_iterator,
        (View::Keys, true) => vm.types.dict_reverse_key_iterator,
        (View::Values, true) => vm.types.dict_reverse_value_iterator,
        (View::Items, true) => vm.types.dict_reverse_item_iterator,
    };
    let at = if back { used } else { 0 };
    let iter = Iter::Dict {
        of: dict,
        view,
        at,
        len,
        left: len,
        back,
    };
    vm.new_obj(class, Obj::Iter(Box::new(iter)))
}

/// Makes a view of a dict.
pub(crate) fn view(vm: &mut Vm, dict: Value, view: View) -> Value {
    let class = match view {
        View::Keys => vm.types.dict_keys,
        View::Values => vm.types.dict_values,
        View::Items => vm.types.dict_items,
    };
    vm.new_obj(class, Obj::View(view, Vm::dict_ref(dict)))
}

pub(crate) static DICT_KEYS: TypeDef = TypeDef {
    name: "dict_keys",
    methods: SET_VIEW,
    unhashable: true,
    getsets: &[get("mapping", mapping)],
    ..TypeDef::BLANK
};
pub(crate) static DICT_ITEMS: TypeDef = TypeDef {
    name: "dict_items",
    methods: SET_VIEW,
    unhashable: true,
    getsets: &[get("mapping", mapping)],
    ..TypeDef::BLANK
};
pub(crate) static DICT_VALUES: TypeDef = TypeDef {
    name: "dict_values",
    methods: &[VIEW[0], VIEW[1], VIEW[2], VIEW[3]],
    getsets: &[get("mapping", mapping)],
    ..TypeDef::BLANK
};

fn mapping(vm: &mut Vm, this: Value) -> R {
    let (_, dict) = parts(vm, this);
    Ok(vm.new_obj(vm.types.mapping_proxy, Obj::Wrapped(Value::Obj(dict))))
}

const VIEW: [Native; 4] = [
    f("__len__", Sig::None, |vm, a| {
        let (_, dict) = parts(vm, a[0]);
        Ok(Value::from(
            vm.as_dict(Value::Obj(dict)).map_or(0, |dict| dict.len()),
        ))
    }),
    f("__iter__", Sig::None, |vm, a| {
        let (view, dict) = parts(vm, a[0]);
        Ok(iterator(vm, Value::Obj(dict), view, false))
    }),
    f("__reversed__", Sig::None, |vm, a| {
        let (view, dict) = parts(vm, a[0]);
        Ok(iterator(vm, Value::Obj(dict), view, true))
    }),
    f("__repr__", Sig::None, |vm, a| {
        let name = vm.type_name(a[0]);
        let items = vm.list_of(a[0])?;
        let list = vm.list(items);
        let text = vm.repr(list)?;
        let text = vm.shown(text);
        Ok(vm.str(&format!("{name}({text})")))
    }),
];

const SET_VIEW: &[Native] = &[
    VIEW[0],
    VIEW[1],
    VIEW[2],
    VIEW[3],
    f("__contains__", Sig::One, |vm, a| {
        Ok(Value::bool(view_contains(vm, a[0], a[1])?))
    }),
    f("__and__", Sig::One, |vm, a| {
        super::set::combine(vm, a, "intersection_update")
    }),
    f("__rand__", Sig::One, |vm, a| {
        super::set::combine(vm, &[a[1], a[0]], "intersection_update")
    }),
    f("__or__", Sig::One, |vm, a| {
        super::set::combine(vm, a, "update")
    }),
    f("__ror__", Sig::One, |vm, a| {
        super::set::combine(vm, &[a[1], a[0]], "update")
    }),
    f("__sub__", Sig::One, |vm, a| {
        super::set::combine(vm, a, "difference_update")
    }),
    f("__rsub__", Sig::One, |vm, a| {
        super::set::combine(vm, &[a[1], a[0]], "difference_update")
    }),
    f("__xor__", Sig::One, |vm, a| {
        super::set::combine(vm, a, "symmetric_difference_update")
    }),
    f("__rxor__", Sig::One, |vm, a| {
        super::set::combine(vm, &[a[1], a[0]], "symmetric_difference_update")
    }),
    f("__eq__", Sig::One, |vm, a| compare_views(vm, Cmp::Eq, a)),
    f("__ne__", Sig::One, |vm, a| compare_views(vm, Cmp::Ne, a)),
    f("__lt__", Sig::One, |vm, a| compare_views(vm, Cmp::Lt, a)),
    f("__le__", Sig::One, |vm, a| compare_views(vm, Cmp::Le, a)),
    f("__gt__", Sig::One, |vm, a| compare_views(vm, Cmp::Gt, a)),
    f("__ge__", Sig::One, |vm, a| compare_views(vm, Cmp::Ge, a)),
    f("isdisjoint", Sig::One, |vm, a| {
        for item in vm.list_of(a[1])? {
            if view_contains(vm, a[0], item)? {
                return Ok(Value::False);
            }
        }
        Ok(Value::True)
    }),
];

fn parts(vm: &Vm, value: Value) -> (View, Ref) {
    match vm.obj(value) {
        Obj::View(view, dict) => (*view, *dict),
        _ => (View::Keys, vm.builtins),
    }
}

fn view_contains(vm: &mut Vm, view: Value, item: Value) -> R<bool> {
    let (kind, dict) = parts(vm, view);
    let dict = Value::Obj(dict);
    if kind == View::Keys {
        return Ok(vm.dict_get(dict, item)?.is_some());
    }
    let Some(&[key, value]) = vm.as_tuple(item) else {
        return Ok(false);
    };
    match vm.dict_get(dict, key)? {
        Some(found) => vm.equal(found, value),
        None => Ok(false),
    }
}

fn compare_views(vm: &mut Vm, op: Cmp, a: &[Value]) -> R {
    let fits =
        vm.as_set(a[1]).is_some() || matches!(vm.obj(a[1]), Obj::View(View::Keys | View::Items, _));
    if !fits {
        return Ok(Value::NotImplemented);
    }
    let (x, y) = (vm.list_of(a[0])?, vm.list_of(a[1])?);
    let all_in = |vm: &mut Vm, items: &[Value], of: Value| -> R<bool> {
        for &item in items {
            if !vm.contains(of, item)? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    let (n, m) = (x.len(), y.len());
    Ok(Value::bool(match op {
        Cmp::Eq => n == m && all_in(vm, &x, a[1])?,
        Cmp::Ne => !(n == m && all_in(vm, &x, a[1])?),
        Cmp::Lt => n < m && all_in(vm, &x, a[1])?,
        Cmp::Le => n <= m && all_in(vm, &x, a[1])?,
        Cmp::Gt => n > m && all_in(vm, &y, a[0])?,
        Cmp::Ge => n >= m && all_in(vm, &y, a[0])?,
    }))
}
