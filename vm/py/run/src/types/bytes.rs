//! `bytes` and `bytearray`, and the codecs between them and `str`.

use super::number::comparisons;
use super::sequence::{Key, key, range, times};
use super::str_methods::{replace_bytes, rfind_bytes, split_bytes};
use crate::native::{Kw, Native, Sig, TypeDef, f, kw, params};
use crate::object::{Iter, Obj};
use crate::rinsn::Cmp;
use crate::text::{Text, push_point};
use crate::value::{R, Raise, Ref, Value};
use crate::vm::Vm;

pub(crate) static BYTES: TypeDef = TypeDef {
    name: "bytes",
    methods: SHARED,
    new: Some(new),
    basetype: true,
    doc: "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\nbytes(int) -> bytes object of size given by the parameter initialized with null bytes\nbytes() -> empty bytes object\n\nConstruct an immutable array of bytes from:\n  - an iterable yielding integers in range(256)\n  - a text string encoded using the specified encoding\n  - any object implementing the buffer API.\n  - an integer",
    ..TypeDef::BLANK
};

pub(crate) static BYTEARRAY: TypeDef = TypeDef {
    name: "bytearray",
    methods: ARRAY,
    new: Some(new),
    basetype: true,
    unhashable: true,
    ..TypeDef::BLANK
};

const SHARED: &[Native] = &S;

const S: [Native; 41] = [
    f("__repr__", Sig::None, repr),
    f("__str__", Sig::None, repr),
    f("__len__", Sig::None, |vm, a| {
        Ok(Value::from(bytes(vm, a[0]).len()))
    }),
    f("__hash__", Sig::None, |vm, a| {
        Ok(Value::Int(crate::hash::bytes(bytes(vm, a[0]))))
    }),
    f("__getitem__", Sig::One, getitem),
    f("__contains__", Sig::One, contains),
    f("__iter__", Sig::None, |vm, a| {
        let iter = Iter::Index { of: a[0], at: 0 };
        let class = if matches!(vm.obj(a[0]), Obj::Bytes(_)) {
            vm.types.bytes_iterator
        } else {
            vm.types.bytearray_iterator
        };
        Ok(vm.new_obj(class, Obj::Iter(Box::new(iter))))
    }),
    f("__add__", Sig::One, add),
    f("__mul__", Sig::One, mul),
    f("__rmul__", Sig::One, mul),
    f("__mod__", Sig::One, |vm, a| {
        let text = bytes(vm, a[0]).to_vec();
        let out = crate::format::percent(vm, &text, a[1], true)?;
        Ok(like(vm, a[0], out))
    }),
    f("__lt__", Sig::One, lt),
    f("__le__", Sig::One, le),
    f("__eq__", Sig::One, eq),
    f("__ne__", Sig::One, ne),
    f("__gt__", Sig::One, gt),
    f("__ge__", Sig::One, ge),
    f("decode", params(&["encoding", "errors"], 0), decode),
    f("hex", params(&["sep", "bytes_per_sep"], 0), hex),
    f("fromhex", Sig::One, fromhex).class(),
    f("find", Sig::Parse(1, 3), |vm, a| {
        Ok(Value::Int(find(vm, a, false)?))
    }),
    f("rfind", Sig::Parse(1, 3), |vm, a| {
        Ok(Value::Int(find(vm, a, true)?))
    }),
    f("index", Sig::Parse(1, 3), |vm, a| index(vm, a, false)),
    f("rindex", Sig::Parse(1, 3), |vm, a| index(vm, a, true)),
    f("count", Sig::Parse(1, 3), count),
    f("startswith", Sig::Parse(1, 3), |vm, a| affix(vm, a, false)),
    f("endswith", Sig::Parse(1, 3), |vm, a| affix(vm, a, true)),
    f("join", Sig::One, join),
    f("split", params(&["sep", "maxsplit"], 0), |vm, a| {
        split(vm, a, false)
    }),
    f("rsplit", params(&["sep", "maxsplit"], 0), |vm, a| {
        split(vm, a, true)
    }),
    f("strip", Sig::Pos(0, 1), |vm, a| strip(vm, a, true, true)),
    f("lstrip", Sig::Pos(0, 1), |vm, a| strip(vm, a, true, false)),
    f("rstrip", Sig::Pos(0, 1), |vm, a| strip(vm, a, false, true)),
    f("replace", Sig::Pos(2, 3), replace),
    f("upper", Sig::None, |vm, a| {
        mapped(vm, a[0], u8::to_ascii_uppercase)
    }),
    f("lower", Sig::None, |vm, a| {
        mapped(vm, a[0], u8::to_ascii_lowercase)
    }),
    f("isdigit", Sig::None, |vm, a| {
        all(vm, a[0], u8::is_ascii_digit)
    }),
    f("isalpha", Sig::None, |vm, a| {
        all(vm, a[0], u8::is_ascii_alphabetic)
    }),
    f("isalnum", Sig::None, |vm, a| {
        all(vm, a[0], u8::is_ascii_alphanumeric)
    }),
    f("isspace", Sig::None, |vm, a| {
        all(vm, a[0], |byte| matches!(byte, b' ' | 9..=13))
    }),
    f("__getnewargs__", Sig::None, |vm, a| {
        let copy = bytes(vm, a[0]).to_vec();
        let copy = vm.bytes(copy);
        Ok(vm.tuple(vec![copy]))
    }),
];

const ARRAY: &[Native] = &[
    S[0],
    S[1],
    S[2],
    S[4],
    S[5],
    S[6],
    S[7],
    S[8],
    S[9],
    S[10],
    S[11],
    S[12],
    S[13],
    S[14],
    S[15],
    S[16],
    S[17],
    S[18],
    S[19],
    S[20],
    S[21],
    S[22],
    S[23],
    S[24],
    S[25],
    S[26],
    S[27],
    S[28],
    S[29],
    S[30],
    S[31],
    S[32],
    S[33],
    S[34],
    S[35],
    S[36],
    S[37],
    S[38],
    S[39],
    kw("__init__", init),
    f("__setitem__", Sig::Pos(2, 2), setitem),
    f("__delitem__", Sig::One, delitem),
    f("__iadd__", Sig::One, |vm, a| {
        let more = buffer(vm, a[1], |kind| format!("can't concat {kind} to bytearray"))?;
        edit(vm, a[0], |array| array.extend(more));
        Ok(a[0])
    }),
    f("append", Sig::One, |vm, a| {
        let byte = byte(vm, a[1])?;
        edit(vm, a[0], |array| array.push(byte));
        Ok(Value::None)
    }),
    f("extend", Sig::One, |vm, a| {
        let more = bytes_of(vm, a[1])?;
        edit(vm, a[0], |array| array.extend(more));
        Ok(Value::None)
    }),
    f("insert", Sig::Pos(2, 2), |vm, a| {
        let at = vm.size_arg(a[1])?;
        let byte = byte(vm, a[2])?;
        let len = bytes(vm, a[0]).len();
        let at = if at < 0 {
            at.saturating_add(len as i64).max(0)
        } else {
            at
        } as usize;
        edit(vm, a[0], |array| array.insert(at.min(len), byte));
        Ok(Value::None)
    }),
    f("pop", Sig::Pos(0, 1), |vm, a| {
        let at = match a.get(1) {
            Some(&at) => vm.index_size(at)?,
            None => -1,
        };
        let len = bytes(vm, a[0]).len();
        if len == 0 {
            return Err(vm.index_error("pop from empty bytearray"));
        }
        let Some(at) = super::sequence::at(at, len) else {
            return Err(vm.index_error("pop index out of range"));
        };
        let mut found = 0;
        edit(vm, a[0], |array| found = array.remove(at));
        Ok(Value::Int(found.into()))
    }),
    f("remove", Sig::One, |vm, a| {
        let byte = byte(vm, a[1])?;
        match bytes(vm, a[0]).iter().position(|&other| other == byte) {
            Some(at) => edit(vm, a[0], |array| {
                array.remove(at);
            }),
            None => return Err(vm.value_error("value not found in bytearray")),
        }
        Ok(Value::None)
    }),
    f("reverse", Sig::None, |vm, a| {
        edit(vm, a[0], |array| array.reverse());
        Ok(Value::None)
    }),
    f("clear", Sig::None, |vm, a| {
        edit(vm, a[0], Vec::clear);
        Ok(Value::None)
    }),
    f("copy", Sig::None, |vm, a| {
        let copy = bytes(vm, a[0]).to_vec();
        Ok(like(vm, a[0], copy))
    }),
];

fn bytes(vm: &Vm, value: Value) -> &[u8] {
    vm.as_bytes(value).unwrap_or(&[])
}

fn edit(vm: &mut Vm, array: Value, act: impl FnOnce(&mut Vec<u8>)) {
    if let Some(Obj::ByteArray(bytes)) = array.obj().map(|handle| vm.heap.get_mut(handle)) {
        let before = bytes.capacity();
        act(bytes);
        let after = bytes.capacity();
        vm.heap.charge(after);
        vm.heap.refund(before);
    }
}

/// Makes bytes of the kind that another object is.
fn like(vm: &mut Vm, other: Value, bytes: Vec<u8>) -> Value {
    if vm.is_instance(other, vm.types.bytearray) {
        return vm.new_obj(vm.types.bytearray, Obj::ByteArray(bytes));
    }
    vm.bytes(bytes)
}

fn byte(vm: &mut Vm, value: Value) -> R<u8> {
    let index = vm.index(value)?;
    match super::int::to_i64(vm, index).map(u8::try_from) {
        Some(Ok(byte)) => Ok(byte),
        _ => Err(vm.value_error("byte must be in range(0, 256)")),
    }
}

/// Returns the bytes that a bytes-like object or an iterable of ints holds.
pub(crate) fn bytes_of(vm: &mut Vm, value: Value) -> R<Vec<u8>> {
    if let Some(bytes) = vm.as_bytes(value) {
        return Ok(bytes.to_vec());
    }
    if vm.as_str(value).is_some() {
        return Err(vm.type_error("cannot convert 'str' object to bytes"));
    }
    if vm.special(value, vm.names.iter).is_none() && vm.special(value, vm.names.getitem).is_none() {
        let kind = vm.type_name(value);
        return Err(vm.type_error(format!("cannot convert '{kind}' object to bytes")));
    }
    let mut out = Vec::new();
    for item in vm.list_of(value)? {
        let index = vm.index(item)?;
        match super::int::to_i64(vm, index).map(u8::try_from) {
            Some(Ok(byte)) => out.push(byte),
            _ => return Err(vm.value_error("bytes must be in range(0, 256)")),
        }
    }
    Ok(out)
}

fn buffer(vm: &mut Vm, value: Value, message: impl Fn(&str) -> String) -> R<Vec<u8>> {
    match vm.as_bytes(value) {
        Some(bytes) => Ok(bytes.to_vec()),
        None => {
            let kind = vm.type_name(value);
            Err(vm.type_error(message(&kind)))
        }
    }
}

fn needs_buffer(kind: &str) -> String {
    format!("a bytes-like object is required, not '{kind}'")
}

/// `bytes % x` of `%s` and `%b`.
pub(crate) fn percent_bytes(vm: &mut Vm, value: Value) -> R<Vec<u8>> {
    if let Some(bytes) = vm.as_bytes(value) {
        return Ok(bytes.to_vec());
    }
    let name = vm.names.bytes;
    match vm.call_special(value, name, &[]) {
        Some(result) => {
            let result = result?;
            Ok(bytes(vm, result).to_vec())
        }
        None => {
            let kind = vm.type_name(value);
            Err(vm.type_error(format!(
                "%b requires a bytes-like object, or an object that implements __bytes__, not '{kind}'"
            )))
        }
    }
}

fn source(vm: &mut Vm, what: &str, args: &[Value], kw: Kw<'_>) -> R<Vec<u8>> {
    let names = crate::native::Params {
        names: &["source", "encoding", "errors"],
        required: 0,
        positional: 3,
    };
    let a = vm.bind_params(what, names, args, kw)?;
    if a[0].is_unset() {
        if !a[1].is_unset() || !a[2].is_unset() {
            let message = if a[1].is_unset() {
                "errors without a string argument"
            } else {
                "encoding without a string argument"
            };
            return Err(vm.type_error(message));
        }
        return Ok(Vec::new());
    }
    if vm.as_str(a[0]).is_some() {
        if a[1].is_unset() {
            return Err(vm.type_error("string argument without an encoding"));
        }
        let encoded = encode(vm, &[a[0], a[1], a[2]])?;
        return Ok(bytes(vm, encoded).to_vec());
    }
    if !a[1].is_unset() {
        return Err(vm.type_error("encoding without a string argument"));
    }
    let name = vm.names.bytes;
    if let Some(result) = vm.call_special(a[0], name, &[]) {
        let result = result?;
        let Some(found) = vm.as_bytes(result) else {
            let kind = vm.type_name(result);
            return Err(vm.type_error(format!("__bytes__ returned non-bytes (type {kind})")));
        };
        return Ok(found.to_vec());
    }
    if vm.as_bytes(a[0]).is_none() && vm.has_index(a[0]) {
        let count = vm.size_arg(a[0])?;
        let Ok(count) = usize::try_from(count) else {
            return Err(vm.value_error("negative count"));
        };
        vm.room(count)?;
        return Ok(vec![0; count]);
    }
    bytes_of(vm, a[0])
}

fn new(vm: &mut Vm, class: Value, args: &[Value], kw: Kw<'_>) -> R {
    let Some(class) = vm.as_class(class) else {
        return Err(Raise);
    };
    if vm.is_subclass(class, vm.types.bytearray) {
        return Ok(vm.instance(class, Obj::ByteArray(Vec::new())));
    }
    if let [only] = *args
        && class == vm.types.bytes
        && vm.class_of(only) == class
        && kw.is_empty()
    {
        return Ok(only);
    }
    let found = source(vm, "bytes", args, kw)?;
    Ok(vm.instance(class, Obj::Bytes(found.into())))
}

fn init(vm: &mut Vm, args: &[Value], kw: Kw<'_>) -> R {
    let found = source(vm, "bytearray", &args[1..], kw)?;
    edit(vm, args[0], |array| *array = found);
    Ok(Value::None)
}

/// Returns bytes as a literal.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    let mut out = format!("b{quote}");
    for &byte in bytes {
        match byte {
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\\' => out.push_str("\\\\"),
            _ if char::from(byte) == quote => out.extend(['\\', quote]),
            0x20..0x7f => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
    out
}

fn repr(vm: &mut Vm, a: &[Value]) -> R {
    let text = quoted(bytes(vm, a[0]));
    let text = match vm.obj(a[0]) {
        Obj::ByteArray(_) => format!("{}({text})", vm.type_name(a[0])),
        _ => text,
    };
    Ok(vm.str(&text))
}

fn getitem(vm: &mut Vm, a: &[Value]) -> R {
    let is_array = matches!(vm.obj(a[0]), Obj::ByteArray(_));
    let what = if is_array {
        "bytearray index"
    } else {
        "byte index"
    };
    match key(vm, a[1], bytes(vm, a[0]).len(), what)? {
        Key::At(at) => Ok(Value::Int(bytes(vm, a[0])[at].into())),
        Key::Slice(span) => {
            let all = bytes(vm, a[0]);
            let part: Vec<u8> = span.indices().map(|at| all[at]).collect();
            vm.work(part.len())?;
            Ok(like(vm, a[0], part))
        }
    }
}

fn setitem(vm: &mut Vm, a: &[Value]) -> R {
    let len = bytes(vm, a[0]).len();
    match key(vm, a[1], len, "bytearray index")? {
        Key::At(at) => {
            let byte = byte(vm, a[2])?;
            edit(vm, a[0], |array| array[at] = byte);
        }
        Key::Slice(span) => {
            let new = bytes_of(vm, a[2])?;
            if span.step == 1 {
                let start = span.start as usize;
                edit(vm, a[0], |array| {
                    array.splice(start..start + span.count, new);
                });
            } else if new.len() == span.count {
                edit(vm, a[0], |array| {
                    span.indices()
                        .zip(new)
                        .for_each(|(at, byte)| array[at] = byte);
                });
            } else {
                return Err(vm.value_error(format!(
                    "attempt to assign bytes of size {} to extended slice of size {}",
                    new.len(),
                    span.count
                )));
            }
        }
    }
    Ok(Value::None)
}

fn delitem(vm: &mut Vm, a: &[Value]) -> R {
    let len = bytes(vm, a[0]).len();
    match key(vm, a[1], len, "bytearray index")? {
        Key::At(at) => edit(vm, a[0], |array| {
            array.remove(at);
        }),
        Key::Slice(span) => {
            let mut gone = vec![false; len];
            span.indices().for_each(|at| gone[at] = true);
            let mut gone = gone.into_iter();
            edit(vm, a[0], |array| {
                array.retain(|_| !gone.next().unwrap_or(false))
            });
        }
    }
    Ok(Value::None)
}

/// A part to look for: bytes, or one byte.
fn part(vm: &mut Vm, value: Value) -> R<Vec<u8>> {
    if let Some(bytes) = vm.as_bytes(value) {
        return Ok(bytes.to_vec());
    }
    if vm.has_index(value) {
        return byte(vm, value).map(|byte| vec![byte]);
    }
    let kind = vm.type_name(value);
    Err(vm.type_error(format!(
        "argument should be integer or bytes-like object, not '{kind}'"
    )))
}

fn contains(vm: &mut Vm, a: &[Value]) -> R {
    if vm.as_bytes(a[1]).is_none() && !vm.has_index(a[1]) {
        let kind = vm.type_name(a[1]);
        return Err(vm.type_error(needs_buffer(&kind)));
    }
    let part = part(vm, a[1])?;
    Ok(Value::bool(
        super::str::find_bytes(bytes(vm, a[0]), &part).is_some(),
    ))
}

fn add(vm: &mut Vm, a: &[Value]) -> R {
    let (x, y) = (vm.type_name(a[0]), vm.type_name(a[1]));
    let more = buffer(vm, a[1], |_| format!("can't concat {y} to {x}"))?;
    let all = [bytes(vm, a[0]), &more].concat();
    vm.room(all.len())?;
    Ok(like(vm, a[0], all))
}

fn mul(vm: &mut Vm, a: &[Value]) -> R {
    let count = times(vm, a[1], bytes(vm, a[0]).len(), 1)?;
    let all = bytes(vm, a[0]).repeat(count);
    Ok(like(vm, a[0], all))
}

fn compare(vm: &mut Vm, op: Cmp, a: Value, b: Value) -> R {
    match (vm.as_bytes(a), vm.as_bytes(b)) {
        (Some(x), Some(y)) => Ok(Value::bool(op.fits(x.cmp(y)))),
        _ => Ok(Value::NotImplemented),
    }
}

comparisons!(compare);

fn hex(vm: &mut Vm, a: &[Value]) -> R {
    let text: Vec<String> = bytes(vm, a[0])
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let separator = match vm.as_str(a[1]) {
        Some(text) => text.shown().into_owned(),
        None => bytes(vm, a[1])
            .iter()
            .map(|&byte| char::from(byte))
            .collect(),
    };
    let group = if a[2].is_unset() {
        1
    } else {
        vm.index_size(a[2])?
    };
    if separator.is_empty() || group == 0 {
        return Ok(vm.str(&text.concat()));
    }
    let size = group.unsigned_abs() as usize;
    let groups: Vec<String> = if group > 0 {
        let first = text.len() % size;
        let (head, rest) = text.split_at(first);
        let head = (!head.is_empty()).then(|| head.concat());
        head.into_iter()
            .chain(rest.chunks(size).map(<[String]>::concat))
            .collect()
    } else {
        text.chunks(size).map(<[String]>::concat).collect()
    };
    Ok(vm.str(&groups.join(&separator)))
}

fn fromhex(vm: &mut Vm, a: &[Value]) -> R {
    let Some(text) = vm.as_str(a[1]).map(|text| text.shown().into_owned()) else {
        let kind = vm.type_name(a[1]);
        return Err(vm.type_error(format!("fromhex() argument must be str, not {kind}")));
    };
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if matches!(chars[at], ' ' | '\t'..='\r') {
            at += 1;
            continue;
        }
        for place in at..at + 2 {
            if !chars.get(place).is_some_and(char::is_ascii_hexdigit) {
                return Err(vm.value_error(format!(
                    "non-hexadecimal number found in fromhex() arg at position {place}"
                )));
            }
        }
        let digit = |at: usize| chars[at].to_digit(16).unwrap_or(0) as u8;
        out.push(digit(at) << 4 | digit(at + 1));
        at += 2;
    }
    let made = vm.bytes(out);
    if a[0].is(Value::Obj(vm.types.bytes)) {
        return Ok(made);
    }
    vm.call(a[0], &[made], &[])
}

fn find(vm: &mut Vm, a: &[Value], last: bool) -> R<i64> {
    let part = part(vm, a[1])?;
    let len = bytes(vm, a[0]).len();
    let (start, stop) = range(vm, &a[2..], len)?;
    if start > stop {
        return Ok(-1);
    }
    let text = &bytes(vm, a[0])[start..stop];
    let at = if last {
        rfind_bytes(text, &part)
    } else {
        super::str::find_bytes(text, &part)
    };
    Ok(at.map_or(-1, |at| (at + start) as i64))
}

fn index(vm: &mut Vm, a: &[Value], last: bool) -> R {
    match find(vm, a, last)? {
        -1 => Err(vm.value_error("subsection not found")),
        at => Ok(Value::Int(at)),
    }
}

fn count(vm: &mut Vm, a: &[Value]) -> R {
    let part = part(vm, a[1])?;
    let len = bytes(vm, a[0]).len();
    let (start, stop) = range(vm, &a[2..], len)?;
    if start > stop {
        return Ok(Value::Int(0));
    }
    let text = &bytes(vm, a[0])[start..stop];
    if part.is_empty() {
        return Ok(Value::from(text.len() + 1));
    }
    let (mut at, mut count) = (0, 0);
    while let Some(found) = super::str::find_bytes(&text[at..], &part) {
        count += 1;
        at += found + part.len();
    }
    Ok(Value::Int(count))
}

fn affix(vm: &mut Vm, a: &[Value], end: bool) -> R {
    let name = if end { "endswith" } else { "startswith" };
    let parts = vm
        .as_tuple(a[1])
        .map_or_else(|| vec![a[1]], <[Value]>::to_vec);
    let len = bytes(vm, a[0]).len();
    let (start, stop) = range(vm, &a[2..], len)?;
    for part in parts {
        let part = buffer(vm, part, |kind| {
            format!("{name} first arg must be bytes or a tuple of bytes, not {kind}")
        })?;
        if start > stop {
            continue;
        }
        let text = &bytes(vm, a[0])[start..stop];
        if if end {
            text.ends_with(&part)
        } else {
            text.starts_with(&part)
        } {
            return Ok(Value::True);
        }
    }
    Ok(Value::False)
}

fn join(vm: &mut Vm, a: &[Value]) -> R {
    let mut out = Vec::new();
    for (at, item) in vm.list_of(a[1])?.into_iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(bytes(vm, a[0]));
        }
        let more = buffer(vm, item, |kind| {
            format!("sequence item {at}: expected a bytes-like object, {kind} found")
        })?;
        out.extend(more);
    }
    vm.room(out.len())?;
    Ok(like(vm, a[0], out))
}

fn split(vm: &mut Vm, a: &[Value], last: bool) -> R {
    let most = if a[2].is_unset() {
        -1
    } else {
        vm.size_arg(a[2])?
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let text = bytes(vm, a[0]).to_vec();
    let parts = if a[1].is_unset() || a[1].is_none() {
        // The same as for a string of these characters, white space being ASCII's only.
        let shown: String = text.iter().map(|&byte| char::from(byte)).collect();
        split_blanks(&shown, most, last)
    } else {
        let separator = buffer(vm, a[1], needs_buffer)?;
        if separator.is_empty() {
            return Err(vm.value_error("empty separator"));
        }
        split_bytes(&text, &separator, most, last)
    };
    let items = parts.into_iter().map(|part| like(vm, a[0], part)).collect();
    Ok(vm.list(items))
}

fn split_blanks(text: &str, most: usize, last: bool) -> Vec<Vec<u8>> {
    let blank = |c: char| matches!(c, ' ' | '\t'..='\r');
    let latin = |text: &str| text.chars().map(|c| c as u8).collect::<Vec<u8>>();
    let mut parts = Vec::new();
    let mut rest = if last {
        text.trim_end_matches(blank)
    } else {
        text.trim_start_matches(blank)
    };
    while !rest.is_empty() && parts.len() < most {
        let cut = if last {
            rest.rfind(blank)
        } else {
            rest.find(blank)
        };
        let Some(at) = cut else {
            parts.push(latin(rest));
            rest = "";
            break;
        };
        if last {
            parts.push(latin(&rest[at + 1..]));
            rest = rest[..at].trim_end_matches(blank);
        } else {
            parts.push(latin(&rest[..at]));
            rest = rest[at..].trim_start_matches(blank);
        }
    }
    if !rest.is_empty() {
        parts.push(latin(if last {
            rest.trim_start_matches(blank)
        } else {
            rest
        }));
    }
    if last {
        parts.reverse();
    }
    parts
}

fn strip(vm: &mut Vm, a: &[Value], left: bool, right: bool) -> R {
    let set = match a.get(1) {
        Some(&set) if !set.is_none() => Some(buffer(vm, set, needs_buffer)?),
        _ => None,
    };
    let fits = |byte: &u8| match &set {
        Some(set) => set.contains(byte),
        None => matches!(byte, b' ' | 9..=13),
    };
    let text = bytes(vm, a[0]);
    let start = if left {
        text.iter().take_while(|byte| fits(byte)).count()
    } else {
        0
    };
    let mut end = text.len();
    while right && end > start && fits(&text[end - 1]) {
        end -= 1;
    }
    let part = text[start..end].to_vec();
    Ok(like(vm, a[0], part))
}

fn replace(vm: &mut Vm, a: &[Value]) -> R {
    let (old, new) = (
        buffer(vm, a[1], needs_buffer)?,
        buffer(vm, a[2], needs_buffer)?,
    );
    let most = match a.get(3) {
        Some(&count) => vm.size_arg(count)?,
        None => -1,
    };
    let text = bytes(vm, a[0]).to_vec();
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let out = replace_bytes(vm, &text, &old, &new, most, false)?.unwrap_or(text);
    Ok(like(vm, a[0], out))
}

fn mapped(vm: &mut Vm, value: Value, map: fn(&u8) -> u8) -> R {
    let out = bytes(vm, value).iter().map(map).collect();
    Ok(like(vm, value, out))
}

fn all(vm: &mut Vm, value: Value, fits: fn(&u8) -> bool) -> R {
    let text = bytes(vm, value);
    Ok(Value::bool(!text.is_empty() && text.iter().all(fits)))
}

/// A codec that this knows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Codec {
    Utf8,
    Ascii,
    Latin1,
}

fn codec(vm: &mut Vm, name: Value) -> R<Codec> {
    if name.is_unset() {
        return Ok(Codec::Utf8);
    }
    let Some(text) = vm.as_str(name) else {
        let kind = vm.type_name(name);
        return Err(vm.type_error(format!(
            "encode() argument 'encoding' must be str, not {kind}"
        )));
    };
    let shown = text.shown().into_owned();
    match &shown.to_ascii_lowercase().replace(['-', ' '], "_")[..] {
        "utf_8" | "utf8" | "u8" => Ok(Codec::Utf8),
        "ascii" | "us_ascii" => Ok(Codec::Ascii),
        "latin_1" | "latin1" | "iso_8859_1" | "iso8859_1" | "l1" => Ok(Codec::Latin1),
        _ => Err(vm.raise(vm.exc.lookup_error, format!("unknown encoding: {shown}"))),
    }
}

/// What is done where text cannot be converted.
fn handler(vm: &mut Vm, errors: Value) -> String {
    if errors.is_unset() {
        "strict".to_owned()
    } else {
        vm.shown(errors)
    }
}

fn error(
    vm: &mut Vm,
    class: Ref,
    codec: &str,
    object: Value,
    (from, to): (usize, usize),
    reason: &str,
) -> Raise {
    let codec = vm.str(codec);
    let reason = vm.str(reason);
    vm.raise_with(
        class,
        vec![codec, object, Value::from(from), Value::from(to), reason],
    )
}

/// `str.encode`.
pub(crate) fn encode(vm: &mut Vm, a: &[Value]) -> R {
    let codec = codec(vm, a[1])?;
    let errors = handler(vm, a[2]);
    let Some(text) = vm.as_str(a[0]) else {
        return Err(Raise);
    };
    let points: Vec<u32> = text.iter().collect();
    vm.work(points.len())?;
    let (name, most, reason) = match codec {
        Codec::Utf8 => ("utf-8", u32::MAX, "surrogates not allowed"),
        Codec::Ascii => ("ascii", 0x80, "ordinal not in range(128)"),
        Codec::Latin1 => ("latin-1", 0x100, "ordinal not in range(256)"),
    };
    let bad = |point: u32| {
        if codec == Codec::Utf8 {
            (0xd800..0xe000).contains(&point)
        } else {
            point >= most
        }
    };
    let mut out = Vec::new();
    let mut at = 0;
    while at < points.len() {
        let point = points[at];
        if !bad(point) {
            if codec == Codec::Utf8 {
                push_point(&mut out, point)
            } else {
                out.push(point as u8)
            }
            at += 1;
            continue;
        }
        let end = at + points[at..].iter().take_while(|&&point| bad(point)).count();
        match &errors[..] {
            "ignore" => {}
            "replace" => out.resize(out.len() + end - at, b'?'),
            "backslashreplace" => {
                for &point in &points[at..end] {
                    out.extend(super::str::escaped(point).bytes());
                }
            }
            "xmlcharrefreplace" => {
                for &point in &points[at..end] {
                    out.extend(format!("&#{point};").bytes());
                }
            }
            "surrogatepass" if codec == Codec::Utf8 => {
                points[at..end]
                    .iter()
                    .for_each(|&point| push_point(&mut out, point));
            }
            "surrogateescape"
                if points[at..end]
                    .iter()
                    .all(|&p| (0xdc80..0xdd00).contains(&p)) =>
            {
                out.extend(points[at..end].iter().map(|&point| point as u8));
            }
            "strict" | "surrogatepass" | "surrogateescape" => {
                return Err(error(
                    vm,
                    vm.exc.unicode_encode_error,
                    name,
                    a[0],
                    (at, end),
                    reason,
                ));
            }
            other => {
                let message = format!("unknown error handler name '{other}'");
                return Err(vm.raise(vm.exc.lookup_error, message));
            }
        }
        at = end;
    }
    Ok(vm.bytes(out))
}

/// `bytes.decode`.
pub(crate) fn decode(vm: &mut Vm, a: &[Value]) -> R {
    let codec = codec(vm, a[1])?;
    let errors = handler(vm, a[2]);
    let text = bytes(vm, a[0]).to_vec();
    vm.work(text.len())?;
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        if codec == Codec::Latin1 || byte < 0x80 {
            push_point(&mut out, byte.into());
            at += 1;
            continue;
        }
        let (end, reason) = match codec {
            Codec::Ascii => (at + 1, "ordinal not in range(128)"),
            _ => match sequence(&text[at..], errors == "surrogatepass") {
                Ok(length) => {
                    out.extend_from_slice(&text[at..at + length]);
                    at += length;
                    continue;
                }
                Err((length, reason)) => (at + length, reason),
            },
        };
        match &errors[..] {
            "ignore" => {}
            "replace" => push_point(&mut out, 0xfffd),
            "backslashreplace" => {
                text[at..end]
                    .iter()
                    .for_each(|byte| out.extend(format!("\\x{byte:02x}").bytes()));
            }
            "surrogateescape" => {
                text[at..end]
                    .iter()
                    .for_each(|&byte| push_point(&mut out, 0xdc00 + u32::from(byte)));
            }
            "strict" | "surrogatepass" => {
                let name = if codec == Codec::Ascii {
                    "ascii"
                } else {
                    "utf-8"
                };
                let object = vm.bytes(text);
                return Err(error(
                    vm,
                    vm.exc.unicode_decode_error,
                    name,
                    object,
                    (at, end),
                    reason,
                ));
            }
            other => {
                let message = format!("unknown error handler name '{other}'");
                return Err(vm.raise(vm.exc.lookup_error, message));
            }
        }
        at = end;
    }
    Ok(vm.text(Text::new(out)))
}

/// Returns the length of a UTF-8 sequence, or of what is wrong, and why.
fn sequence(bytes: &[u8], surrogates: bool) -> Result<usize, (usize, &'static str)> {
    let first = bytes[0];
    let (length, low, high) = match first {
        0xc2..=0xdf => (2, 0x80, 0xbf),
        0xe0 => (3, 0xa0, 0xbf),
        0xed if !surrogates => (3, 0x80, 0x9f),
        0xe1..=0xef => (3, 0x80, 0xbf),
        0xf0 => (4, 0x90, 0xbf),
        0xf1..=0xf3 => (4, 0x80, 0xbf),
        0xf4 => (4, 0x80, 0x8f),
        _ => return Err((1, "invalid start byte")),
    };
    for at in 1..length {
        let (low, high) = if at == 1 { (low, high) } else { (0x80, 0xbf) };
        match bytes.get(at) {
            None => return Err((at, "unexpected end of data")),
            Some(&byte) if byte < low || byte > high => {
                return Err((at, "invalid continuation byte"));
            }
            Some(_) => {}
        }
    }
    Ok(length)
}
