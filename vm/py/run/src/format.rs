//! `format`, `str.format` and `%`: values for the formatting crate.

use crate::floor::format::{FormatError, Integer, Kind, Spec, fields, percent};
use crate::native::Kw;
use crate::object::Obj;
use crate::types::number::{Num, num, to_float};
use crate::value::{R, Raise, Value};
use crate::vm::Vm;

/// Raises what a format that is wrong raises.
fn raise(vm: &mut Vm, error: FormatError) -> Raise {
    match error.kind {
        Kind::Type => vm.type_error(error.message),
        Kind::Overflow => vm.overflow_error(error.message),
        _ => vm.value_error(error.message),
    }
}

/// Returns a specification's bytes.
fn spec_of(vm: &mut Vm, spec: Value, what: &str) -> R<Vec<u8>> {
    match vm.as_str(spec) {
        Some(text) => Ok(text.bytes().to_vec()),
        None => {
            let kind = vm.type_name(spec);
            Err(vm.type_error(format!("{what} argument must be str, not {kind}")))
        }
    }
}

/// `__format__` of numbers.
pub(crate) fn format_number(vm: &mut Vm, value: Value, spec: Value) -> R {
    let spec = spec_of(vm, spec, "__format__()")?;
    if spec.is_empty() {
        return vm.str_of(value);
    }
    let parsed = Spec::parse(&spec).map_err(|error| raise(vm, error))?;
    let name = vm.type_name(value);
    let mut out = Vec::new();
    let Some(number) = num(vm, value) else {
        return Ok(value);
    };
    let result = match &number {
        Num::Small(_) | Num::Big(_) if parsed.is_float_code() => {
            let float = to_float(vm, &number)?;
            parsed.format_float(float, &name, &mut out)
        }
        Num::Small(small) => parsed.format_int(Integer::Small(*small), &name, &mut out),
        Num::Big(big) => {
            vm.work(big.bits() as usize)?;
            parsed.format_int(Integer::Big(big), &name, &mut out)
        }
        Num::Float(float) => parsed.format_float(*float, &name, &mut out),
        Num::Complex(real, imaginary) => parsed.format_complex(*real, *imaginary, &name, &mut out),
    };
    result.map_err(|error| raise(vm, error))?;
    vm.room(out.len())?;
    Ok(vm.str_bytes(out))
}

/// `__format__` of strings.
pub(crate) fn format_str(vm: &mut Vm, value: Value, spec: Value) -> R {
    let spec = spec_of(vm, spec, "__format__()")?;
    if spec.is_empty() {
        return vm.str_of(value);
    }
    let parsed = Spec::parse(&spec).map_err(|error| raise(vm, error))?;
    let name = vm.type_name(value);
    let text = vm
        .as_str(value)
        .map_or(Vec::new(), |text| text.bytes().to_vec());
    let mut out = Vec::new();
    parsed
        .format_str(&text, &name, &mut out)
        .map_err(|error| raise(vm, error))?;
    vm.room(out.len())?;
    Ok(vm.str_bytes(out))
}

impl Vm {
    /// `format(value, spec)`.
    pub(crate) fn format(&mut self, value: Value, spec: Value) -> R {
        let name = self.names.format;
        match self.call_special(value, name, &[spec]) {
            Some(result) => {
                let result = result?;
                if self.as_str(result).is_some() {
                    return Ok(result);
                }
                let kind = self.type_name(result);
                Err(self.type_error(format!("__format__ must return a str, not {kind}")))
            }
            None => {
                let kind = self.type_name(value);
                Err(self.type_error(format!("Type {kind} doesn't define __format__")))
            }
        }
    }
}

/// Where `str.format` finds its arguments.
enum Args<'a> {
    Call(&'a [Value], Kw<'a>),
    Mapping(Value),
}

/// `str.format(*args, **kw)`.
pub(crate) fn str_format(vm: &mut Vm, text: Value, args: &[Value], kw: Kw<'_>) -> R {
    let bytes = vm
        .as_str(text)
        .map_or(Vec::new(), |text| text.bytes().to_vec());
    let mut numbering = fields::Numbering::default();
    let out = expand(vm, &bytes, &Args::Call(args, kw), &mut numbering, 2)?;
    Ok(vm.str_bytes(out))
}

/// `str.format_map(mapping)`.
pub(crate) fn format_map(vm: &mut Vm, text: Value, mapping: Value) -> R {
    let bytes = vm
        .as_str(text)
        .map_or(Vec::new(), |text| text.bytes().to_vec());
    let mut numbering = fields::Numbering::default();
    let out = expand(vm, &bytes, &Args::Mapping(mapping), &mut numbering, 2)?;
    Ok(vm.str_bytes(out))
}

fn expand(
    vm: &mut Vm,
    text: &[u8],
    args: &Args<'_>,
    numbering: &mut fields::Numbering,
    depth: u32,
) -> R<Vec<u8>> {
    if depth == 0 {
        return Err(vm.value_error("Max string recursion exceeded"));
    }
    let mut out = Vec::new();
    for piece in fields::pieces(text) {
        let piece = piece.map_err(|error| raise(vm, error))?;
        out.extend_from_slice(&text[piece.literal]);
        let Some(field) = piece.field else { continue };
        let mut value = field_value(vm, &text[field.name], args, numbering)?;
        value = match field.conversion.map(|point| (point, char::from_u32(point))) {
            None => value,
            Some((_, Some('r'))) => vm.repr(value)?,
            Some((_, Some('s'))) => vm.str_of(value)?,
            Some((_, Some('a'))) => vm.ascii(value)?,
            Some((point, _)) => return Err(raise(vm, fields::unknown_conversion(point))),
        };
        let mut spec = text[field.spec].to_vec();
        if field.nested {
            spec = expand(vm, &spec, args, numbering, depth - 1)?;
        }
        let spec = vm.str_bytes(spec);
        let shown = vm.format(value, spec)?;
        let bytes = vm.as_str(shown).map_or(&[][..], |text| text.bytes());
        out.extend_from_slice(bytes);
        let size = out.len();
        vm.room(size)?;
    }
    Ok(out)
}

fn field_value(vm: &mut Vm, name: &[u8], args: &Args<'_>, numbering: &mut fields::Numbering) -> R {
    let (first, mut at) = fields::first(name, Some(numbering)).map_err(|error| raise(vm, error))?;
    let mut value = match first {
        fields::First::Index(index) => match args {
            Args::Call(args, _) => match args.get(index) {
                Some(&value) => value,
                None => {
                    return Err(vm.index_error(format!(
                        "Replacement index {index} out of range for positional args tuple"
                    )));
                }
            },
            Args::Mapping(_) => {
                return Err(vm.value_error("Format string contains positional fields"));
            }
        },
        fields::First::Name(range) => {
            let key = vm.str_bytes(name[range].to_vec());
            match args {
                Args::Call(_, kw) => match kw.iter().find(|&&(name, _)| vm.same_str(name, key)) {
                    Some(&(_, value)) => value,
                    None => return Err(vm.key_error(key)),
                },
                Args::Mapping(mapping) => vm.get_item(*mapping, key)?,
            }
        }
    };
    while let Some((step, next)) = fields::step(name, at).map_err(|error| raise(vm, error))? {
        value = match step {
            fields::Step::Attribute(range) => {
                let name = vm.intern_bytes(&name[range]);
                vm.get_attr(value, name)?
            }
            fields::Step::Index(index) => vm.get_item(value, Value::from(index))?,
            fields::Step::Key(range) => {
                let key = vm.str_bytes(name[range].to_vec());
                vm.get_item(value, key)?
            }
        };
        at = next;
    }
    Ok(value)
}

/// Where `%` stands among its arguments.
struct Cursor {
    values: Vec<Value>,
    next: usize,
    mapping: Option<Value>,
    /// Whether a key was used.
    keyed: bool,
}

impl Cursor {
    fn take(&mut self, vm: &mut Vm) -> R {
        match self.values.get(self.next) {
            Some(&value) => {
                self.next += 1;
                Ok(value)
            }
            None => Err(vm.type_error("not enough arguments for format string")),
        }
    }
}

/// `text % args` for str, and for bytes.
pub(crate) fn percent(vm: &mut Vm, text: &[u8], args: Value, is_bytes: bool) -> R<Vec<u8>> {
    let tuple = vm.as_tuple(args).map(<[Value]>::to_vec);
    let is_tuple = tuple.is_some();
    let getitem = vm.names.getitem;
    let mapping = !is_tuple && vm.as_str(args).is_none() && vm.special(args, getitem).is_some();
    let mut cursor = Cursor {
        values: tuple.unwrap_or_else(|| vec![args]),
        next: 0,
        mapping: mapping.then_some(args),
        keyed: false,
    };
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].iter().position(|&byte| byte == b'%') {
        out.extend_from_slice(&text[at..at + found]);
        let directive = percent::next(text, at + found).map_err(|error| raise(vm, error))?;
        at = directive.end;
        directive_text(vm, text, &directive, &mut cursor, is_bytes, &mut out)?;
        let size = out.len();
        vm.room(size)?;
    }
    out.extend_from_slice(&text[at..]);
    if cursor.next < cursor.values.len() && !cursor.keyed && cursor.mapping.is_none() {
        let what = if is_bytes { "bytes" } else { "string" };
        return Err(vm.type_error(format!(
            "not all arguments converted during {what} formatting"
        )));
    }
    Ok(out)
}

fn directive_text(
    vm: &mut Vm,
    text: &[u8],
    directive: &percent::Directive,
    cursor: &mut Cursor,
    is_bytes: bool,
    out: &mut Vec<u8>,
) -> R<()> {
    let mut keyed = None;
    if let Some(range) = &directive.key {
        let Some(mapping) = cursor.mapping else {
            return Err(vm.type_error("format requires a mapping"));
        };
        let key = text[range.clone()].to_vec();
        let key = if is_bytes {
            vm.bytes(key)
        } else {
            vm.str_bytes(key)
        };
        keyed = Some(vm.get_item(mapping, key)?);
        cursor.keyed = true;
    }
    let (width, left) = match directive.width {
        Some(percent::Count::Argument) => {
            let value = cursor.take(vm)?;
            let count = star(vm, value, "width")?;
            (count.unsigned_abs() as usize, count < 0)
        }
        Some(percent::Count::Number(count)) => (count, false),
        None => (0, false),
    };
    let precision = match directive.precision {
        Some(percent::Count::Argument) => {
            let value = cursor.take(vm)?;
            Some(star(vm, value, "precision")?.max(0) as usize)
        }
        Some(percent::Count::Number(count)) => Some(count),
        None => None,
    };
    vm.room(width.max(precision.unwrap_or(0)))?;
    let mut directive = directive.clone();
    directive.left |= left;
    let code = char::from_u32(directive.code).unwrap_or('?');
    if code == '%' {
        out.push(b'%');
        return Ok(());
    }
    let value = match keyed {
        Some(value) => value,
        None => cursor.take(vm)?,
    };
    convert(
        vm,
        &directive,
        code,
        value,
        (width, precision, is_bytes),
        out,
    )
}

fn star(vm: &mut Vm, value: Value, what: &str) -> R<i64> {
    if !crate::types::int::is_int(vm, value) {
        return Err(vm.type_error("* wants int"));
    }
    match crate::types::int::to_i64(vm, value) {
        Some(count) if what == "precision" && i32::try_from(count).is_err() => {
            Err(vm.overflow_error("Python int too large to convert to C int"))
        }
        Some(count) => Ok(count),
        None => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
    }
}

fn convert(
    vm: &mut Vm,
    directive: &percent::Directive,
    code: char,
    value: Value,
    (width, precision, is_bytes): (usize, Option<usize>, bool),
    out: &mut Vec<u8>,
) -> R<()> {
    match code {
        's' | 'r' | 'a' | 'b' if is_bytes => {
            let shown = if matches!(code, 's' | 'b') {
                crate::types::bytes::percent_bytes(vm, value)?
            } else {
                let shown = vm.ascii(value)?;
                vm.as_str(shown)
                    .map_or(Vec::new(), |text| text.bytes().to_vec())
            };
            directive.text(&shown, width, precision, out);
        }
        's' | 'r' | 'a' => {
            let shown = match code {
                's' => vm.str_of(value)?,
                'r' => vm.repr(value)?,
                _ => vm.ascii(value)?,
            };
            let shown = vm
                .as_str(shown)
                .map_or(Vec::new(), |text| text.bytes().to_vec());
            directive.text(&shown, width, precision, out);
        }
        'c' => {
            let shown = character(vm, value, is_bytes)?;
            directive.text(&shown, width, precision, out);
        }
        'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
            let value = integer(vm, value, code)?;
            match num(vm, value) {
                Some(Num::Small(small)) => {
                    directive.integer(Integer::Small(small), width, precision, out);
                }
                Some(Num::Big(big)) => {
                    vm.work(big.bits() as usize)?;
                    directive.integer(Integer::Big(&big), width, precision, out);
                }
                _ => {}
            }
        }
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
            let value = crate::types::float::float_arg(vm, value, is_bytes)?;
            directive.float(value, width, precision, out);
        }
        _ => return Err(raise(vm, directive.unknown_code())),
    }
    Ok(())
}

fn character(vm: &mut Vm, value: Value, is_bytes: bool) -> R<Vec<u8>> {
    if let Some(text) = vm.as_str(value)
        && !is_bytes
    {
        if text.len() == 1 {
            return Ok(text.bytes().to_vec());
        }
        return Err(vm.type_error("%c requires int or char"));
    }
    if let Some(bytes) = vm.as_bytes(value)
        && is_bytes
        && bytes.len() == 1
    {
        return Ok(bytes.to_vec());
    }
    if !vm.has_index(value) {
        let message = if is_bytes {
            "%c requires an integer in range(256) or a single byte"
        } else {
            "%c requires int or char"
        };
        return Err(vm.type_error(message));
    }
    let point = vm.index(value)?;
    let most = if is_bytes { 256 } else { 0x11_0000 };
    match crate::types::int::to_i64(vm, point) {
        Some(point) if (0..most).contains(&point) => {
            let mut bytes = Vec::new();
            if is_bytes {
                bytes.push(point as u8);
            } else {
                crate::text::push_point(&mut bytes, point as u32);
            }
            Ok(bytes)
        }
        _ if is_bytes => Err(vm.overflow_error("%c arg not in range(256)")),
        _ => Err(vm.overflow_error("%c arg not in range(0x110000)")),
    }
}

fn integer(vm: &mut Vm, value: Value, code: char) -> R {
    if crate::types::int::is_int(vm, value) {
        return Ok(value);
    }
    let kind = vm.type_name(value);
    if matches!(code, 'x' | 'X' | 'o') {
        if vm.has_index(value) {
            return vm.index(value);
        }
        return Err(vm.type_error(format!(
            "%{code} format: an integer is required, not {kind}"
        )));
    }
    let is_number = !matches!(
        vm.obj(value),
        Obj::Str(_) | Obj::Bytes(_) | Obj::ByteArray(_)
    ) && {
        let (int, index) = (vm.names.int_, vm.names.index);
        vm.special(value, int).is_some() || vm.special(value, index).is_some()
    };
    if is_number {
        return crate::types::int::convert(vm, value);
    }
    Err(vm.type_error(format!("%{code} format: a number is required, not {kind}")))
}
