//! `range`.

use super::int::{to_big, to_i64};
use super::sequence::Span;
use crate::native::{GetSet, Kw, Native, Sig, TypeDef, f, get};
use crate::object::{Iter, Obj};
use crate::rinsn::Bin;
use crate::value::{R, Value};
use crate::vm::Vm;
use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};

pub(crate) static RANGE: TypeDef = TypeDef {
    name: "range",
    methods: METHODS,
    getsets: GETSETS,
    new: Some(new),
    doc: "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\nReturn an object that produces a sequence of integers from start (inclusive)\nto stop (exclusive) by step.  range(i, j) produces i, i+1, i+2, ..., j-1.\nstart defaults to 0, and stop is omitted!  range(4) produces 0, 1, 2, 3.\nThese are exactly the valid indices for a list of 4 elements.\nWhen step is given, it specifies the increment (or decrement).",
    ..TypeDef::BLANK
};

const METHODS: &[Native] = &[
    f("__repr__", Sig::None, repr),
    f("__len__", Sig::None, |vm, a| {
        let length = length(vm, a[0]);
        match length.to_i64() {
            Some(length) => Ok(Value::Int(length)),
            None => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
        }
    }),
    f("__bool__", Sig::None, |vm, a| {
        Ok(Value::bool(!length(vm, a[0]).is_zero()))
    }),
    f("__getitem__", Sig::One, getitem),
    f("__contains__", Sig::One, contains),
    f("__iter__", Sig::None, |vm, a| iter(vm, a[0], false)),
    f("__reversed__", Sig::None, |vm, a| iter(vm, a[0], true)),
    f("__eq__", Sig::One, |vm, a| equal(vm, a[0], a[1], false)),
    f("__ne__", Sig::One, |vm, a| equal(vm, a[0], a[1], true)),
    f("__hash__", Sig::None, hash),
    f("count", Sig::One, |vm, a| {
        let found = contains(vm, a)?;
        Ok(Value::Int(i64::from(matches!(found, Value::True))))
    }),
    f("index", Sig::One, index),
];

const GETSETS: &[GetSet] = &[
    get("start", |vm, this| Ok(parts(vm, this)[0])),
    get("stop", |vm, this| Ok(parts(vm, this)[1])),
    get("step", |vm, this| Ok(parts(vm, this)[2])),
];

fn parts(vm: &Vm, value: Value) -> [Value; 3] {
    match vm.obj(value) {
        Obj::Range(parts) => **parts,
        _ => [Value::Int(0); 3],
    }
}

fn bigs(vm: &Vm, value: Value) -> [BigInt; 3] {
    parts(vm, value).map(|part| to_big(vm, part).unwrap_or_default())
}

fn new(vm: &mut Vm, _: Value, args: &[Value], kw: Kw<'_>) -> R {
    if !kw.is_empty() {
        return Err(vm.type_error("range() takes no keyword arguments"));
    }
    let parts = match *args {
        [stop] => [Value::Int(0), vm.index(stop)?, Value::Int(1)],
        [start, stop] => [vm.index(start)?, vm.index(stop)?, Value::Int(1)],
        [start, stop, step] => [vm.index(start)?, vm.index(stop)?, vm.index(step)?],
        [] => return Err(vm.type_error("range expected at least 1 argument, got 0")),
        _ => {
            let message = format!("range expected at most 3 arguments, got {}", args.len());
            return Err(vm.type_error(message));
        }
    };
    let parts = parts.map(|part| super::int::plain(vm, part));
    if matches!(parts[2], Value::Int(0)) {
        return Err(vm.value_error("range() arg 3 must not be zero"));
    }
    Ok(vm.new_obj(vm.types.range, Obj::Range(Box::new(parts))))
}

fn length(vm: &Vm, value: Value) -> BigInt {
    let [start, stop, step] = bigs(vm, value);
    let distance = if step.is_negative() {
        &start - &stop
    } else {
        &stop - &start
    };
    if !distance.is_positive() {
        return BigInt::zero();
    }
    (distance - 1) / step.abs() + 1
}

fn repr(vm: &mut Vm, a: &[Value]) -> R {
    let [start, stop, step] = bigs(vm, a[0]);
    let text = if step == BigInt::from(1) {
        format!("range({start}, {stop})")
    } else {
        format!("range({start}, {stop}, {step})")
    };
    Ok(vm.str(&text))
}

fn getitem(vm: &mut Vm, a: &[Value]) -> R {
    let [start, _, step] = bigs(vm, a[0]);
    let length = length(vm, a[0]);
    if let Obj::Slice(_) = vm.obj(a[1]) {
        let Some(len) = length.to_usize() else {
            return Err(vm.overflow_error("a slice of a range that long"));
        };
        let Span {
            start: from,
            stop,
            step: by,
            ..
        } = super::sequence::span(vm, a[1], len)?;
        let new = [&start + &step * from, &start + &step * stop, &step * by];
        let parts = new.map(|part| vm.big(part));
        return Ok(vm.new_obj(vm.types.range, Obj::Range(Box::new(parts))));
    }
    if !vm.has_index(a[1]) {
        let kind = vm.type_name(a[1]);
        return Err(vm.type_error(format!(
            "range indices must be integers or slices, not {kind}"
        )));
    }
    let index = vm.index(a[1])?;
    let mut index = to_big(vm, index).unwrap_or_default();
    if index.is_negative() {
        index += &length;
    }
    if index.is_negative() || index >= length {
        return Err(vm.index_error("range object index out of range"));
    }
    Ok(vm.big(start + index * step))
}

fn contains(vm: &mut Vm, a: &[Value]) -> R {
    if !super::int::is_int(vm, a[1]) || vm.class(vm.class_of(a[1])).heap {
        let iterator = iter(vm, a[0], false)?;
        while let Some(item) = vm.next_value(iterator)? {
            vm.work(64)?;
            if vm.equal(item, a[1])? {
                return Ok(Value::True);
            }
        }
        return Ok(Value::False);
    }
    Ok(Value::bool(place(vm, a[0], a[1]).is_some()))
}

fn place(vm: &Vm, range: Value, value: Value) -> Option<BigInt> {
    let [start, stop, step] = bigs(vm, range);
    let value = to_big(vm, value)?;
    let inside = if step.is_negative() {
        value <= start && value > stop
    } else {
        value >= start && value < stop
    };
    let (at, rest) = (value - start).div_mod_floor(&step);
    (inside && rest.is_zero()).then_some(at)
}

fn index(vm: &mut Vm, a: &[Value]) -> R {
    if super::int::is_int(vm, a[1])
        && let Some(at) = place(vm, a[0], a[1])
    {
        return Ok(vm.big(at));
    }
    let shown = vm.repr(a[1])?;
    let shown = vm.shown(shown);
    Err(vm.value_error(format!("{shown} is not in range")))
}

/// Makes an iterator over a range, or backwards.
pub(crate) fn iter(vm: &mut Vm, range: Value, back: bool) -> R {
    let parts = parts(vm, range);
    let count = length(vm, range);
    let small = parts.map(|part| to_i64(vm, part));
    if let ([Some(start), Some(_), Some(step)], Some(left)) = (small, count.to_u64()) {
        let last = (left as i128 - 1) * i128::from(step) + i128::from(start);
        if let Ok(last) = i64::try_from(last)
            && let Some(back_step) = step.checked_neg()
        {
            let iter = if back {
                Iter::Range {
                    at: last,
                    left,
                    step: back_step,
                }
            } else {
                Iter::Range {
                    at: start,
                    left,
                    step,
                }
            };
            return Ok(vm.new_obj(vm.types.range_iterator, Obj::Iter(Box::new(iter))));
        }
        if left == 0 {
            let iter = Iter::Range {
                at: 0,
                left: 0,
                step: 1,
            };
            return Ok(vm.new_obj(vm.types.range_iterator, Obj::Iter(Box::new(iter))));
        }
    }
    let left = vm.big(count.clone());
    let (mut at, mut step) = (parts[0], parts[2]);
    if back {
        let [start, _, by] = bigs(vm, range);
        at = vm.big(start + (count - 1) * &by);
        step = vm.big(-by);
    }
    let iter = Iter::BigRange { at, left, step };
    Ok(vm.new_obj(vm.types.big_range_iterator, Obj::Iter(Box::new(iter))))
}

/// The next item of a range of big ints.
pub(crate) fn next_big(vm: &mut Vm, iterator: Value) -> R<Option<Value>> {
    let Obj::Iter(iter) = vm.obj(iterator) else {
        return Ok(None);
    };
    let Iter::BigRange { at, left, step } = **iter else {
        return Ok(None);
    };
    if matches!(left, Value::Int(0)) {
        return Ok(None);
    }
    let next = vm.binary_op(Bin::Add, false, at, step)?;
    let rest = vm.binary_op(Bin::Sub, false, left, Value::Int(1))?;
    vm.heap.inc(next);
    vm.heap.inc(rest);
    let Value::Obj(handle) = iterator else {
        return Ok(None);
    };
    if let Obj::Iter(iter) = vm.heap.get_mut(handle) {
        **iter = Iter::BigRange {
            at: next,
            left: rest,
            step,
        };
    }
    vm.heap.dec(at);
    vm.heap.dec(left);
    Ok(Some(at))
}

fn equal(vm: &mut Vm, a: Value, b: Value, negate: bool) -> R {
    if !matches!(vm.obj(b), Obj::Range(_)) {
        return Ok(Value::NotImplemented);
    }
    let ([start, _, step], [other_start, _, other_step]) = (bigs(vm, a), bigs(vm, b));
    let (n, m) = (length(vm, a), length(vm, b));
    let one = BigInt::from(1);
    let same = n == m && (n.is_zero() || start == other_start && (n == one || step == other_step));
    Ok(Value::bool(same != negate))
}

fn hash(vm: &mut Vm, a: &[Value]) -> R {
    let count = length(vm, a[0]);
    let [start, _, step] = parts(vm, a[0]);
    let one = BigInt::from(1);
    let parts = if count.is_zero() {
        [Value::None, Value::None]
    } else if count == one {
        [start, Value::None]
    } else {
        [start, step]
    };
    let count = vm.big(count);
    let tuple = vm.tuple(vec![count, parts[0], parts[1]]);
    vm.hash(tuple).map(Value::Int)
}
