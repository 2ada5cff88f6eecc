//! What sequences share: indices, slices, repetition, comparison.

use crate::object::Obj;
use crate::rinsn::Cmp;
use crate::value::{R, Value};
use crate::vm::Vm;

/// A subscript of a sequence.
pub(crate) enum Key {
    At(usize),
    Slice(Span),
}

/// The indices of a slice: start, step, how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: i64,
    pub(crate) stop: i64,
    pub(crate) step: i64,
    pub(crate) count: usize,
}

impl Span {
    pub(crate) fn indices(self) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.count as i64).map(move |at| (self.start + at * self.step) as usize)
    }
}

/// Returns what a subscript means for a sequence of a length; IndexError says `what`.
pub(crate) fn key(vm: &mut Vm, key: Value, len: usize, what: &str) -> R<Key> {
    if let Obj::Slice(_) = vm.obj(key) {
        return span(vm, key, len).map(Key::Slice);
    }
    if !vm.has_index(key) {
        let kind = vm.type_name(key);
        let name = what.split(' ').next().unwrap_or("");
        let message = match name {
            "string" => "string indices must be integers".to_owned(),
            "bytes" | "byte" => format!("byte indices must be integers or slices, not {kind}"),
            "index" | "bytearray" => {
                format!("bytearray indices must be integers or slices, not {kind}")
            }
            _ => format!("{name} indices must be integers or slices, not {kind}"),
        };
        return Err(vm.type_error(message));
    }
    let index = vm.index_size(key)?;
    match at(index, len) {
        Some(at) => Ok(Key::At(at)),
        None if what == "byte index" => Err(vm.index_error("index out of range")),
        None => Err(vm.index_error(format!("{what} out of range"))),
    }
}

/// Returns an index that may count from the end.
pub(crate) fn at(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index + len as i64 } else { index };
    usize::try_from(index).ok().filter(|&index| index < len)
}

/// Returns the indices of a slice in a sequence of a length.
pub(crate) fn span(vm: &mut Vm, slice: Value, len: usize) -> R<Span> {
    let Obj::Slice(parts) = vm.obj(slice) else {
        return Err(crate::value::Raise);
    };
    let [start, stop, step] = **parts;
    let step = if step.is_none() {
        1
    } else {
        slice_index(vm, step)?
    };
    if step == 0 {
        return Err(vm.value_error("slice step cannot be zero"));
    }
    let step = step.max(-i64::MAX);
    let len = len as i64;
    let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
    let mut clip = |value: Value, default: i64| -> R<i64> {
        if value.is_none() {
            return Ok(default);
        }
        let index = slice_index(vm, value)?;
        let index = if index < 0 {
            index.saturating_add(len)
        } else {
            index
        };
        Ok(index.clamp(low, high))
    };
    let start = clip(start, if step < 0 { high } else { low })?;
    let stop = clip(stop, if step < 0 { low } else { high })?;
    let count = if step > 0 && start < stop {
        (stop - start - 1) / step + 1
    } else if step < 0 && stop < start {
        (start - stop - 1) / -step + 1
    } else {
        0
    };
    Ok(Span {
        start,
        stop,
        step,
        count: count as usize,
    })
}

/// Returns a part of a slice, clipped to a machine word.
pub(crate) fn slice_index(vm: &mut Vm, value: Value) -> R<i64> {
    if !vm.has_index(value) {
        let message = "slice indices must be integers or None or have an __index__ method";
        return Err(vm.type_error(message));
    }
    let index = vm.index(value)?;
    Ok(match super::int::to_i64(vm, index) {
        Some(index) => index,
        None => {
            let negative = super::int::to_big(vm, index)
                .is_some_and(|big| big.sign() == num_bigint::Sign::Minus);
            if negative { i64::MIN } else { i64::MAX }
        }
    })
}

/// Start and stop of `index`, `find` and the like, in a sequence of a length.
pub(crate) fn range(vm: &mut Vm, a: &[Value], len: usize) -> R<(usize, usize)> {
    let mut part = |value: Option<&Value>, default: usize| -> R<i64> {
        match value {
            Some(&value) if !value.is_none() && !value.is_unset() => slice_index(vm, value),
            _ => Ok(default as i64),
        }
    };
    let (start, stop) = (part(a.first(), 0)?, part(a.get(1), len)?);
    let fix = |index: i64| {
        let index = if index < 0 {
            index.saturating_add(len as i64).max(0)
        } else {
            index
        };
        index as usize
    };
    Ok((fix(start), fix(stop).min(len)))
}

/// Returns how often a sequence of a length is repeated, after checking the size.
pub(crate) fn times(vm: &mut Vm, count: Value, len: usize, item: usize) -> R<usize> {
    let count = vm.index(count)?;
    let count = match super::int::to_i64(vm, count) {
        Some(count) => count.max(0) as usize,
        None => {
            return Err(vm.overflow_error("cannot fit 'int' into an index-sized integer"));
        }
    };
    match len
        .checked_mul(count)
        .and_then(|items| items.checked_mul(item))
    {
        Some(bytes) if bytes <= isize::MAX as usize => vm.room(bytes)?,
        _ => return Err(vm.memory_error()),
    }
    Ok(count)
}

/// Compares two lists or two tuples item by item.
pub(crate) fn compare(vm: &mut Vm, op: Cmp, a: Value, b: Value) -> R {
    let (x, y) = (
        vm.items(a).map_or(0, <[Value]>::len),
        vm.items(b).map_or(0, <[Value]>::len),
    );
    if x != y && matches!(op, Cmp::Eq | Cmp::Ne) && vm.as_list(a).is_some() {
        return Ok(Value::bool(op == Cmp::Ne));
    }
    let mut at = 0;
    loop {
        let pair = (
            vm.items(a).and_then(|items| items.get(at)).copied(),
            vm.items(b).and_then(|items| items.get(at)).copied(),
        );
        let (Some(item), Some(other)) = pair else {
            break;
        };
        if !vm.equal(item, other)? {
            return match op {
                Cmp::Eq => Ok(Value::False),
                Cmp::Ne => Ok(Value::True),
                _ => vm.compare(op, item, other),
            };
        }
        at += 1;
        vm.work(8)?;
    }
    let (x, y) = (
        vm.items(a).map_or(0, <[Value]>::len),
        vm.items(b).map_or(0, <[Value]>::len),
    );
    Ok(Value::bool(op.holds(x, y)))
}

/// Finds an item of a list or tuple.
pub(crate) fn find(
    vm: &mut Vm,
    of: Value,
    item: Value,
    start: usize,
    stop: usize,
) -> R<Option<usize>> {
    let mut at = start;
    while at < stop {
        let Some(other) = vm.items(of).and_then(|items| items.get(at)).copied() else {
            break;
        };
        vm.work(1)?;
        if vm.equal(other, item)? {
            return Ok(Some(at));
        }
        at += 1;
    }
    Ok(None)
}

/// Counts an item in a list or tuple.
pub(crate) fn count(vm: &mut Vm, a: &[Value]) -> R {
    let (mut at, mut count) = (0, 0);
    while let Some(other) = vm.items(a[0]).and_then(|items| items.get(at)).copied() {
        count += i64::from(vm.equal(other, a[1])?);
        at += 1;
    }
    vm.work(at)?;
    Ok(Value::Int(count))
}

/// `repr` of the items between two brackets.
pub(crate) fn repr(vm: &mut Vm, of: Value, open: &str, close: &str) -> R {
    let Value::Obj(handle) = of else {
        return Err(crate::value::Raise);
    };
    if vm.repr_active.contains(&handle) {
        return Ok(vm.str(&format!("{open}...{close}")));
    }
    vm.repr_active.push(handle);
    let result = repr_items(vm, of);
    vm.repr_active.pop();
    let mut text = result?;
    if open == "(" && vm.items(of).map_or(0, <[Value]>::len) == 1 {
        text.push(b',');
    }
    let bytes = [open.as_bytes(), &text, close.as_bytes()].concat();
    Ok(vm.str_bytes(bytes))
}

fn repr_items(vm: &mut Vm, of: Value) -> R<Vec<u8>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(item) = vm.items(of).and_then(|items| items.get(at)).copied() {
        if at > 0 {
            out.extend_from_slice(b", ");
        }
        let text = vm.repr(item)?;
        out.extend_from_slice(vm.as_str(text).map_or(&[][..], |text| text.bytes()));
        vm.room(out.len())?;
        at += 1;
    }
    Ok(out)
}
