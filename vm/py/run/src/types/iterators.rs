//! Iterators of built-in types, `enumerate`, `zip`, `map`, `filter`, `reversed`.

use crate::native::{Kw, Native, Sig, TypeDef, f};
use crate::object::{Iter, Obj, View};
use crate::rinsn::Bin;
use crate::value::{R, Raise, Value};
use crate::vm::Vm;

const ROWS: &[Native] = &[
    f("__iter__", Sig::None, |_, a| Ok(a[0])),
    f("__next__", Sig::None, |vm, a| vm.next_raising(a[0])),
    f("__length_hint__", Sig::None, |vm, a| {
        Ok(Value::from(hint(vm, a[0])))
    }),
    f("__reduce__", Sig::None, reduce),
    f("__setstate__", Sig::One, |vm, a| {
        let state = vm.index_size(a[1])?;
        let Value::Obj(handle) = a[0] else {
            return Err(Raise);
        };
        if let Obj::Iter(iter) = vm.heap.get_mut(handle)
            && let Iter::Index { at, .. } = &mut **iter
        {
            *at = usize::try_from(state).unwrap_or(0);
        }
        Ok(Value::None)
    }),
];

const fn plain(name: &'static str) -> TypeDef {
    TypeDef {
        name,
        methods: ROWS,
        ..TypeDef::BLANK
    }
}

pub(crate) static ITERATOR: TypeDef = plain("iterator");
pub(crate) static LIST_ITERATOR: TypeDef = plain("list_iterator");
pub(crate) static LIST_REVERSE_ITERATOR: TypeDef = plain("list_reverseiterator");
pub(crate) static TUPLE_ITERATOR: TypeDef = plain("tuple_iterator");
pub(crate) static STR_ITERATOR: TypeDef = plain("str_iterator");
pub(crate) static BYTES_ITERATOR: TypeDef = plain("bytes_iterator");
pub(crate) static BYTEARRAY_ITERATOR: TypeDef = plain("bytearray_iterator");
pub(crate) static RANGE_ITERATOR: TypeDef = plain("range_iterator");
pub(crate) static BIG_RANGE_ITERATOR: TypeDef = plain("longrange_iterator");
pub(crate) static DICT_KEY_ITERATOR: TypeDef = plain("dict_keyiterator");
pub(crate) static DICT_VALUE_ITERATOR: TypeDef = plain("dict_valueiterator");
pub(crate) static DICT_ITEM_ITERATOR: TypeDef = plain("dict_itemiterator");
pub(crate) static DICT_REVERSE_KEY_ITERATOR: TypeDef = plain("dict_reversekeyiterator");
pub(crate) static DICT_REVERSE_VALUE_ITERATOR: TypeDef = plain("dict_reversevalueiterator");
pub(crate) static DICT_REVERSE_ITEM_ITERATOR: TypeDef = plain("dict_reverseitemiterator");
pub(crate) static SET_ITERATOR: TypeDef = plain("set_iterator");
pub(crate) static CALLABLE_ITERATOR: TypeDef = plain("callable_iterator");

const BASIC: &[Native] = &[ROWS[0], ROWS[1]];

pub(crate) static ENUMERATE: TypeDef = TypeDef {
    name: "enumerate",
    methods: BASIC,
    new: Some(new_enumerate),
    basetype: true,
    doc: "Return an enumerate object.\n\n  iterable\n    an object supporting iteration\n\nThe enumerate object yields pairs containing a count (from start, which\ndefaults to zero) and a value yielded by the iterable argument.\n\nenumerate is useful for obtaining an indexed list:\n    (0, seq[0]), (1, seq[1]), (2, seq[2]), ...",
    ..TypeDef::BLANK
};

fn new_enumerate(vm: &mut Vm, class: Value, args: &[Value], kw: Kw<'_>) -> R {
    let params = crate::native::Params {
        names: &["iterable", "start"],
        required: 1,
        positional: 2,
    };
    let a = vm.bind_params("enumerate", params, args, kw)?;
    let at = if a[1].is_unset() {
        Value::Int(0)
    } else {
        vm.index(a[1])?
    };
    let of = vm.iter(a[0])?;
    make(vm, class, Iter::Enumerate { of, at })
}

pub(crate) static ZIP: TypeDef = TypeDef {
    name: "zip",
    methods: BASIC,
    new: Some(|vm, class, args, kw| {
        super::str_methods::no_kw(vm, "zip", kw)?;
        let of = args
            .iter()
            .map(|&arg| vm.iter(arg))
            .collect::<R<Vec<Value>>>()?;
        make(vm, class, Iter::Zip { of })
    }),
    basetype: true,
    doc: "zip(*iterables) --> A zip object yielding tuples until an input is exhausted.\n\n   >>> list(zip('abcdefg', range(3), range(4)))\n   [('a', 0, 0), ('b', 1, 1), ('c', 2, 2)]\n\nThe zip object yields n-length tuples, where n is the number of iterables\npassed as positional arguments to zip().  The i-th element in every tuple\ncomes from the i-th iterable argument to zip().  This continues until the\nshortest argument is exhausted.",
    ..TypeDef::BLANK
};

pub(crate) static MAP: TypeDef = TypeDef {
    name: "map",
    methods: BASIC,
    new: Some(|vm, class, args, kw| {
        super::str_methods::no_kw(vm, "map", kw)?;
        let Some((&f, rest)) = args.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            return Err(vm.type_error("map() must have at least two arguments."));
        };
        let of = rest
            .iter()
            .map(|&arg| vm.iter(arg))
            .collect::<R<Vec<Value>>>()?;
        make(vm, class, Iter::Map { f, of })
    }),
    basetype: true,
    doc: "map(func, *iterables) --> map object\n\nMake an iterator that computes the function using arguments from\neach of the iterables.  Stops when the shortest iterable is exhausted.",
    ..TypeDef::BLANK
};

pub(crate) static FILTER: TypeDef = TypeDef {
    name: "filter",
    methods: BASIC,
    new: Some(|vm, class, args, kw| {
        super::str_methods::no_kw(vm, "filter", kw)?;
        let [f, iterable] = *args else {
            let message = format!("filter expected 2 arguments, got {}", args.len());
            return Err(vm.type_error(message));
        };
        let of = vm.iter(iterable)?;
        make(vm, class, Iter::Filter { f, of })
    }),
    basetype: true,
    doc: "filter(function or None, iterable) --> filter object\n\nReturn an iterator yielding those items of iterable for which function(item)\nis true. If function is None, return the items that are true.",
    ..TypeDef::BLANK
};

pub(crate) static REVERSED: TypeDef = TypeDef {
    name: "reversed",
    methods: ROWS,
    new: Some(|vm, class, args, kw| {
        super::str_methods::no_kw(vm, "reversed", kw)?;
        let [of] = *args else {
            let message = format!("reversed expected 1 argument, got {}", args.len());
            return Err(vm.type_error(message));
        };
        let name = vm.names.reversed;
        match vm.special(of, name) {
            Some(Value::None) => {}
            Some(method) => return vm.call_bound(method, of, &[]),
            None if vm.special(of, vm.names.getitem).is_some()
                && vm.special(of, vm.names.len).is_some()
                && vm.as_dict(of).is_none() =>
            {
                let at = vm.len(of)?;
                return make(vm, class, Iter::Reversed { of, at });
            }
            None => {}
        }
        let kind = vm.type_name(of);
        Err(vm.type_error(format!("'{kind}' object is not reversible")))
    }),
    basetype: true,
    doc: "Return a reverse iterator over the values of the given sequence.",
    ..TypeDef::BLANK
};

fn make(vm: &mut Vm, class: Value, iter: Iter) -> R {
    let Some(class) = vm.as_class(class) else {
        return Err(Raise);
    };
    Ok(vm.instance(class, Obj::Iter(Box::new(iter))))
}

fn hint(vm: &mut Vm, iterator: Value) -> usize {
    let Obj::Iter(iter) = vm.obj(iterator) else {
        return 0;
    };
    match **iter {
        Iter::Range { left, .. } => left as usize,
        Iter::Index { of, at } => vm.len(of).unwrap_or(0).saturating_sub(at),
        Iter::Reversed { at, .. } => at,
        Iter::Dict { left, .. } | Iter::Set { left, .. } => left,
        _ => 0,
    }
}

fn reduce(vm: &mut Vm, a: &[Value]) -> R {
    let items = vm.list_of(a[0])?;
    let list = vm.list(items);
    let name = vm.intern("iter");
    let builtins = Value::Obj(vm.builtins);
    let iter = vm.dict_get_str(builtins, name).unwrap_or(Value::None);
    let args = vm.tuple(vec![list]);
    Ok(vm.tuple(vec![iter, args]))
}

/// Returns the item of a sequence by index, if there is one.
fn item(vm: &mut Vm, of: Value, at: usize) -> Option<Value> {
    match vm.obj(of) {
        Obj::List(items) => items.get(at).copied(),
        Obj::Tuple(items) => items.get(at).copied(),
        Obj::Bytes(bytes) => bytes.get(at).map(|&byte| Value::Int(byte.into())),
        Obj::ByteArray(bytes) => bytes.get(at).map(|&byte| Value::Int(byte.into())),
        Obj::Str(text) if at < text.len() => {
            let point = text.get(at);
            Some(super::str::character(vm, point))
        }
        _ => None,
    }
}

/// Replaces what an iterator iterates over by nothing.
fn exhaust(vm: &mut Vm, iterator: Value) {
    let Value::Obj(handle) = iterator else { return };
    let Obj::Iter(iter) = vm.heap.get_mut(handle) else {
        return;
    };
    let old = std::mem::replace(
        &mut **iter,
        Iter::Range {
            at: 0,
            left: 0,
            step: 1,
        },
    );
    let held = match old {
        Iter::Index { of, .. }
        | Iter::Reversed { of, .. }
        | Iter::Sequence { of, .. }
        | Iter::Dict { of, .. }
        | Iter::Set { of, .. } => [of, Value::Unset],
        Iter::Callable { f, sentinel } => [f, sentinel],
        other => {
            **iter = other;
            return;
        }
    };
    held.iter().for_each(|&value| vm.heap.dec(value));
}

fn change(vm: &mut Vm, iterator: Value, act: impl FnOnce(&mut Iter)) {
    if let Some(Obj::Iter(iter)) = iterator.obj().map(|handle| vm.heap.get_mut(handle)) {
        act(iter);
    }
}

/// The next item of a built-in iterator.
pub(crate) fn next(vm: &mut Vm, iterator: Value) -> R<Option<Value>> {
    let Obj::Iter(iter) = vm.obj(iterator) else {
        return Ok(None);
    };
    match **iter {
        Iter::Range { at, left, step } => {
            if left == 0 {
                return Ok(None);
            }
            change(vm, iterator, |iter| {
                *iter = Iter::Range {
                    at: at.wrapping_add(step),
                    left: left - 1,
                    step,
                };
            });
            Ok(Some(Value::Int(at)))
        }
        Iter::Index { of, at } => {
            let found = item(vm, of, at);
            match found {
                Some(_) => change(vm, iterator, |iter| *iter = Iter::Index { of, at: at + 1 }),
                None => exhaust(vm, iterator),
            }
            Ok(found)
        }
        Iter::Reversed { of, at } => {
            let Some(next) = at.checked_sub(1) else {
                exhaust(vm, iterator);
                return Ok(None);
            };
            let found = match item(vm, of, next) {
                Some(found) => Some(found),
                None if vm.items(of).is_some() => None,
                None => Some(vm.get_item(of, Value::from(next))?),
            };
            change(vm, iterator, |iter| *iter = Iter::Reversed { of, at: next });
            if found.is_none() {
                exhaust(vm, iterator);
            }
            Ok(found)
        }
        Iter::Sequence { of, at } => match vm.get_item(of, Value::Int(at)) {
            Ok(found) => {
                change(vm, iterator, |iter| {
                    *iter = Iter::Sequence { of, at: at + 1 }
                });
                Ok(Some(found))
            }
            Err(Raise) => {
                let ended = vm.catch(vm.exc.index_error).is_some()
                    || vm.catch(vm.exc.stop_iteration).is_some();
                if !ended {
                    return Err(Raise);
                }
                exhaust(vm, iterator);
                Ok(None)
            }
        },
        Iter::Callable { f, sentinel } => {
            let result = match vm.call(f, &[], &[]) {
                Ok(result) => result,
                Err(Raise) => {
                    if vm.catch(vm.exc.stop_iteration).is_none() {
                        return Err(Raise);
                    }
                    exhaust(vm, iterator);
                    return Ok(None);
                }
            };
            if vm.equal(sentinel, result)? {
                exhaust(vm, iterator);
                return Ok(None);
            }
            Ok(Some(result))
        }
        Iter::BigRange { .. } => super::range::next_big(vm, iterator),
        Iter::Dict { .. } => next_dict(vm, iterator),
        Iter::Set { .. } => next_set(vm, iterator),
        _ => next_combined(vm, iterator),
    }
}

fn next_dict(vm: &mut Vm, iterator: Value) -> R<Option<Value>> {
    let Obj::Iter(iter) = vm.obj(iterator) else {
        return Ok(None);
    };
    let Iter::Dict {
        of,
        view,
        at,
        len,
        left,
        back,
    } = **iter
    else {
        return Ok(None);
    };
    let Some(dict) = vm.as_dict(of) else {
        return Ok(None);
    };
    if dict.len() != len {
        // Once said, it is said again at each step.
        change(vm, iterator, |iter| {
            *iter = Iter::Dict {
                of,
                view,
                at,
                len: usize::MAX,
                left,
                back,
            };
        });
        let message = "dictionary changed size during iteration";
        return Err(vm.raise(vm.exc.runtime_error, message));
    }
    let entries = dict.entries();
    let found = if back {
        entries[..at.min(entries.len())]
            .iter()
            .rposition(|entry| !entry.key.is_unset())
    } else {
        let rest = entries.get(at..).unwrap_or(&[]);
        rest.iter()
            .position(|entry| !entry.key.is_unset())
            .map(|found| at + found)
    };
    let Some(found) = found else {
        exhaust(vm, iterator);
        return Ok(None);
    };
    if left == 0 {
        let message = "dictionary keys changed during iteration";
        return Err(vm.raise(vm.exc.runtime_error, message));
    }
    let entry = entries[found];
    let at = if back { found } else { found + 1 };
    change(vm, iterator, |iter| {
        *iter = Iter::Dict {
            of,
            view,
            at,
            len,
            left: left - 1,
            back,
        }
    });
    Ok(Some(match view {
        View::Keys => entry.key,
        View::Values => entry.value,
        View::Items => vm.tuple(vec![entry.key, entry.value]),
    }))
}

fn next_set(vm: &mut Vm, iterator: Value) -> R<Option<Value>> {
    let Obj::Iter(iter) = vm.obj(iterator) else {
        return Ok(None);
    };
    let Iter::Set { of, at, len, left } = **iter else {
        return Ok(None);
    };
    let Some(set) = vm.as_set(of) else {
        return Ok(None);
    };
    if set.len() != len {
        change(vm, iterator, |iter| {
            *iter = Iter::Set {
                of,
                at,
                len: usize::MAX,
                left,
            }
        });
        let message = "Set changed size during iteration";
        return Err(vm.raise(vm.exc.runtime_error, message));
    }
    let rest = set.slots().get(at..).unwrap_or(&[]);
    let Some(found) = rest.iter().position(|slot| !slot.key.is_unset()) else {
        exhaust(vm, iterator);
        return Ok(None);
    };
    let key = rest[found].key;
    let left = left.saturating_sub(1);
    change(vm, iterator, |iter| {
        *iter = Iter::Set {
            of,
            at: at + found + 1,
            len,
            left,
        }
    });
    Ok(Some(key))
}

fn next_combined(vm: &mut Vm, iterator: Value) -> R<Option<Value>> {
    let Obj::Iter(iter) = vm.obj(iterator) else {
        return Ok(None);
    };
    match &**iter {
        Iter::Enumerate { of, at } => {
            let (of, at) = (*of, *at);
            let Some(item) = vm.next_value(of)? else {
                return Ok(None);
            };
            let after = vm.binary_op(Bin::Add, false, at, Value::Int(1))?;
            vm.heap.inc(after);
            change(vm, iterator, |iter| {
                *iter = Iter::Enumerate { of, at: after }
            });
            vm.heap.dec(at);
            Ok(Some(vm.tuple(vec![at, item])))
        }
        Iter::Zip { of } => {
            let of = of.clone();
            let mut items = Vec::with_capacity(of.len());
            for &iterator in &of {
                match vm.next_value(iterator)? {
                    Some(item) => items.push(item),
                    None => return Ok(None),
                }
            }
            Ok((!items.is_empty()).then(|| vm.tuple(items)))
        }
        Iter::Map { f, of } => {
            let (f, of) = (*f, of.clone());
            let mut items = Vec::with_capacity(of.len());
            for &iterator in &of {
                match vm.next_value(iterator)? {
                    Some(item) => items.push(item),
                    None => return Ok(None),
                }
            }
            vm.call(f, &items, &[]).map(Some)
        }
        Iter::Filter { f, of } => {
            let (f, of) = (*f, *of);
            while let Some(item) = vm.next_value(of)? {
                vm.work(64)?;
                let keep = if f.is_none() || f.is(Value::Obj(vm.types.bool_)) {
                    item
                } else {
                    vm.call(f, &[item], &[])?
                };
                if vm.truth(keep)? {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        }
        Iter::Await { .. } | Iter::AsyncStep { .. } => send(vm, iterator, Value::None).map(Some),
        _ => Ok(None),
    }
}

/// Sends a value to what `await` iterates over.
pub(crate) fn send(vm: &mut Vm, iterator: Value, sent: Value) -> R {
    let Obj::Iter(iter) = vm.obj(iterator) else {
        return Err(Raise);
    };
    match **iter {
        Iter::Await { of } => match vm.send(of, sent)? {
            crate::run::generator::Step::Yield(value) => Ok(value),
            crate::run::generator::Step::Return(value) => Err(super::generator::stop(vm, value)),
        },
        Iter::AsyncStep { .. } => super::generator::send_step(vm, iterator, sent),
        _ => {
            let kind = vm.type_name(iterator);
            let message = format!("'{kind}' object has no attribute 'send'");
            Err(vm.raise(vm.exc.attribute_error, message))
        }
    }
}
