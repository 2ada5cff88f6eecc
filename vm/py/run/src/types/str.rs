//! `str`: the type, and what text is as Python shows it.

use super::number::comparisons;
use super::sequence::{Key, key, times};
use crate::floor::unicode;
use crate::native::{Kw, Native, Sig, TypeDef, f};
use crate::object::{Iter, Obj};
use crate::rinsn::Cmp;
use crate::text::{Text, push_point};
use crate::value::{R, Raise, Value};
use crate::vm::Vm;

pub(crate) static STR: TypeDef = TypeDef {
    name: "str",
    methods: METHODS,
    new: Some(new),
    basetype: true,
    doc: "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nCreate a new string object from the given object. If encoding or\nerrors is specified, then the object must expose a data buffer\nthat will be decoded using the given encoding and error handler.\nOtherwise, returns the result of object.__str__() (if defined)\nor repr(object).\nencoding defaults to sys.getdefaultencoding().\nerrors defaults to 'strict'.",
    ..TypeDef::BLANK
};

use super::str_methods as m;

const METHODS: &[Native] = &[
    f("__repr__", Sig::None, repr),
    f("__str__", Sig::None, |vm, a| Ok(exact(vm, a[0]))),
    f("__len__", Sig::None, |vm, a| Ok(Value::from(len(vm, a[0])))),
    f("__hash__", Sig::None, |vm, a| {
        Ok(Value::Int(vm.as_str(a[0]).map_or(0, Text::hash)))
    }),
    f("__getitem__", Sig::One, getitem),
    f("__contains__", Sig::One, contains),
    f("__iter__", Sig::None, |vm, a| {
        let iter = Iter::Index { of: a[0], at: 0 };
        Ok(vm.new_obj(vm.types.str_iterator, Obj::Iter(Box::new(iter))))
    }),
    f("__add__", Sig::One, add),
    f("__mul__", Sig::One, mul),
    f("__rmul__", Sig::One, mul),
    f("__mod__", Sig::One, modulo),
    f("__rmod__", Sig::One, |vm, a| {
        if vm.as_str(a[1]).is_none() {
            return Ok(Value::NotImplemented);
        }
        modulo(vm, &[a[1], a[0]])
    }),
    f("__lt__", Sig::One, lt),
    f("__le__", Sig::One, le),
    f("__eq__", Sig::One, eq),
    f("__ne__", Sig::One, ne),
    f("__gt__", Sig::One, gt),
    f("__ge__", Sig::One, ge),
    f("__format__", Sig::One, |vm, a| {
        crate::format::format_str(vm, a[0], a[1])
    }),
    f("__getnewargs__", Sig::None, |vm, a| {
        let text = exact(vm, a[0]);
        Ok(vm.tuple(vec![text]))
    }),
    m::ROWS[0],
    m::ROWS[1],
    m::ROWS[2],
    m::ROWS[3],
    m::ROWS[4],
    m::ROWS[5],
    m::ROWS[6],
    m::ROWS[7],
    m::ROWS[8],
    m::ROWS[9],
    m::ROWS[10],
    m::ROWS[11],
    m::ROWS[12],
    m::ROWS[13],
    m::ROWS[14],
    m::ROWS[15],
    m::ROWS[16],
    m::ROWS[17],
    m::ROWS[18],
    m::ROWS[19],
    m::ROWS[20],
    m::ROWS[21],
    m::ROWS[22],
    m::ROWS[23],
    m::ROWS[24],
    m::ROWS[25],
    m::ROWS[26],
    m::ROWS[27],
    m::ROWS[28],
    m::ROWS[29],
    m::ROWS[30],
    m::ROWS[31],
    m::ROWS[32],
    m::ROWS[33],
    m::ROWS[34],
    m::ROWS[35],
    m::ROWS[36],
    m::ROWS[37],
    m::ROWS[38],
    m::ROWS[39],
    m::ROWS[40],
    m::ROWS[41],
    m::ROWS[42],
    m::ROWS[43],
    m::ROWS[44],
    m::ROWS[45],
    m::ROWS[46],
];

fn len(vm: &Vm, value: Value) -> usize {
    vm.as_str(value).map_or(0, Text::len)
}

/// Returns a string of the class `str` itself.
pub(crate) fn exact(vm: &mut Vm, value: Value) -> Value {
    if vm.class_of(value) == vm.types.str {
        return value;
    }
    let bytes = vm
        .as_str(value)
        .map_or(Vec::new(), |text| text.bytes().to_vec());
    vm.str_bytes(bytes)
}

fn new(vm: &mut Vm, class: Value, args: &[Value], kw: Kw<'_>) -> R {
    let Some(class) = vm.as_class(class) else {
        return Err(Raise);
    };
    let params = crate::native::Params {
        names: &["object", "encoding", "errors"],
        required: 0,
        positional: 3,
    };
    let a = vm.bind_params("str", params, args, kw)?;
    let text = if a[0].is_unset() {
        vm.names.empty
    } else if a[1].is_unset() && a[2].is_unset() {
        vm.str_of(a[0])?
    } else {
        if vm.as_str(a[0]).is_some() {
            return Err(vm.type_error("decoding str is not supported"));
        }
        if vm.as_bytes(a[0]).is_none() {
            let kind = vm.type_name(a[0]);
            return Err(vm.type_error(format!(
                "decoding to str: need a bytes-like object, {kind} found"
            )));
        }
        super::bytes::decode(vm, &[a[0], a[1], a[2]])?
    };
    if class == vm.types.str {
        return Ok(text);
    }
    let bytes = vm
        .as_str(text)
        .map_or(Vec::new(), |text| text.bytes().to_vec());
    Ok(vm.instance(class, Obj::Str(Box::new(Text::new(bytes)))))
}

fn getitem(vm: &mut Vm, a: &[Value]) -> R {
    match key(vm, a[1], len(vm, a[0]), "string index")? {
        Key::At(at) => {
            let point = vm.as_str(a[0]).map_or(0, |text| text.get(at));
            Ok(character(vm, point))
        }
        Key::Slice(span) => {
            vm.work(span.count)?;
            if span.step == 1 && span.count == len(vm, a[0]) && vm.class_of(a[0]) == vm.types.str {
                return Ok(a[0]);
            }
            let Some(text) = vm.as_str(a[0]) else {
                return Err(Raise);
            };
            let part = if span.step == 1 {
                let start = span.start as usize;
                text.part(start, start + span.count)
            } else {
                Text::from_points(span.indices().map(|at| text.get(at)))
            };
            Ok(if part.len() == 0 {
                vm.names.empty
            } else {
                vm.text(part)
            })
        }
    }
}

/// Returns a string of one character.
pub(crate) fn character(vm: &mut Vm, point: u32) -> Value {
    let mut bytes = Vec::new();
    push_point(&mut bytes, point);
    if point < 256 {
        vm.intern_bytes(&bytes)
    } else {
        vm.str_bytes(bytes)
    }
}

/// Returns where one string of bytes is in another.
pub(crate) fn find_bytes(text: &[u8], part: &[u8]) -> Option<usize> {
    match part {
        [] => Some(0),
        [byte] => text.iter().position(|other| other == byte),
        [first, ..] => {
            let last = text.len().checked_sub(part.len())?;
            let mut at = 0;
            while at <= last {
                at += text[at..=last].iter().position(|byte| byte == first)?;
                if &text[at..at + part.len()] == part {
                    return Some(at);
                }
                at += 1;
            }
            None
        }
    }
}

fn contains(vm: &mut Vm, a: &[Value]) -> R {
    let (Some(text), Some(part)) = (vm.as_str(a[0]), vm.as_str(a[1])) else {
        let kind = vm.type_name(a[1]);
        return Err(vm.type_error(format!(
            "'in <string>' requires string as left operand, not {kind}"
        )));
    };
    let (size, found) = (
        text.bytes().len(),
        find_bytes(text.bytes(), part.bytes()).is_some(),
    );
    vm.work(size)?;
    Ok(Value::bool(found))
}

fn add(vm: &mut Vm, a: &[Value]) -> R {
    let (Some(x), Some(y)) = (vm.as_str(a[0]), vm.as_str(a[1])) else {
        let kind = vm.type_name(a[1]);
        return Err(vm.type_error(format!("can only concatenate str (not \"{kind}\") to str")));
    };
    let bytes = [x.bytes(), y.bytes()].concat();
    vm.room(bytes.len())?;
    Ok(vm.str_bytes(bytes))
}

fn mul(vm: &mut Vm, a: &[Value]) -> R {
    let size = vm.as_str(a[0]).map_or(0, |text| text.bytes().len());
    let count = times(vm, a[1], size, 1)?;
    let bytes = vm
        .as_str(a[0])
        .map_or(Vec::new(), |text| text.bytes().repeat(count));
    Ok(vm.str_bytes(bytes))
}

fn modulo(vm: &mut Vm, a: &[Value]) -> R {
    let Some(text) = vm.as_str(a[0]).map(|text| text.bytes().to_vec()) else {
        return Ok(Value::NotImplemented);
    };
    let bytes = crate::format::percent(vm, &text, a[1], false)?;
    Ok(vm.str_bytes(bytes))
}

fn compare(vm: &mut Vm, op: Cmp, a: Value, b: Value) -> R {
    match (vm.as_str(a), vm.as_str(b)) {
        (Some(x), Some(y)) => Ok(Value::bool(op.fits(x.bytes().cmp(y.bytes())))),
        _ => Ok(Value::NotImplemented),
    }
}

comparisons!(compare);

fn repr(vm: &mut Vm, a: &[Value]) -> R {
    let Some(text) = vm.as_str(a[0]) else {
        return Err(Raise);
    };
    let bytes = quoted(text, false);
    vm.room(bytes.len())?;
    Ok(vm.str_bytes(bytes))
}

/// Returns a string in quotes; all but ASCII escaped if asked for.
fn quoted(text: &Text, ascii: bool) -> Vec<u8> {
    let bytes = text.bytes();
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        b'"'
    } else {
        b'\''
    };
    let mut out = vec![quote];
    for point in text.iter() {
        escape(point, quote, ascii, &mut out);
    }
    out.push(quote);
    out
}

fn escape(point: u32, quote: u8, ascii: bool, out: &mut Vec<u8>) {
    match point {
        0x09 => out.extend(b"\\t"),
        0x0a => out.extend(b"\\n"),
        0x0d => out.extend(b"\\r"),
        0x5c => out.extend(b"\\\\"),
        _ if point == u32::from(quote) => out.extend([b'\\', quote]),
        0x20..0x7f => out.push(point as u8),
        _ if point >= 0x80 && !ascii && unicode::is_printable(point) => push_point(out, point),
        _ => out.extend(escaped(point).bytes()),
    }
}

/// Returns the escape of a code point.
pub(crate) fn escaped(point: u32) -> String {
    match point {
        0..0x100 => format!("\\x{point:02x}"),
        0x100..0x1_0000 => format!("\\u{point:04x}"),
        _ => format!("\\U{point:08x}"),
    }
}

/// Returns text with all but ASCII escaped.
pub(crate) fn ascii_only(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for point in Text::new(bytes).iter() {
        if point < 0x80 {
            out.push(point as u8);
        } else {
            out.extend(escaped(point).bytes());
        }
    }
    out
}

impl Vm {
    /// `str(value)`.
    pub(crate) fn str_of(&mut self, value: Value) -> R {
        let class = self.class_of(value);
        if class == self.types.str {
            return Ok(value);
        }
        if let Value::Int(value) = value {
            return Ok(self.str(&value.to_string()));
        }
        let name = self.names.str;
        let result = match self.lookup(class, name) {
            Some(method) => self.deeper(" while getting the str of an object", |vm| {
                vm.call_bound(method, value, &[])
            })?,
            None => return self.repr(value),
        };
        if self.as_str(result).is_some() {
            return Ok(result);
        }
        let kind = self.type_name(result);
        Err(self.type_error(format!("__str__ returned non-string (type {kind})")))
    }

    /// `repr(value)`.
    pub(crate) fn repr(&mut self, value: Value) -> R {
        if let Value::Int(value) = value {
            return Ok(self.str(&value.to_string()));
        }
        let name = self.names.repr;
        let class = self.class_of(value);
        let Some(method) = self.lookup(class, name) else {
            return self.default_repr(value);
        };
        let result = self.deeper(" while getting the repr of an object", |vm| {
            vm.call_bound(method, value, &[])
        })?;
        if self.as_str(result).is_some() {
            return Ok(result);
        }
        let kind = self.type_name(result);
        Err(self.type_error(format!("__repr__ returned non-string (type {kind})")))
    }

    /// `ascii(value)`.
    pub(crate) fn ascii(&mut self, value: Value) -> R {
        let text = self.repr(value)?;
        match self.as_str(text) {
            Some(inner) if !inner.is_ascii() => {
                let bytes = ascii_only(inner.bytes());
                Ok(self.str_bytes(bytes))
            }
            _ => Ok(text),
        }
    }

    /// Returns `str(value)` as text; an error in it becomes a placeholder.
    pub(crate) fn text_of(&mut self, value: Value) -> String {
        match self.str_of(value) {
            Ok(text) => self.shown(text),
            Err(Raise) => {
                self.take_raised();
                "<object str() failed>".to_owned()
            }
        }
    }
}
