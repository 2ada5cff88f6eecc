//! Exceptions.

use super::type_::{instance_dict, set_instance_dict};
use crate::native::{GetSet, Kw, Native, Sig, TypeDef, f, get_set, kw};
use crate::object::{Exc, Obj};
use crate::value::{R, Raise, Ref, Value};
use crate::vm::Vm;

const ROWS: [Native; 6] = [
    kw("__init__", |vm, args, kw| {
        if !kw.is_empty() {
            let name = vm.type_name(args[0]);
            return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
        }
        let tuple = vm.tuple(args[1..].to_vec());
        vm.exc_field(args[0], tuple, |exc| &mut exc.args);
        fill(vm, args[0], &args[1..]);
        Ok(Value::None)
    }),
    f("__repr__", Sig::None, |vm, a| {
        let args = args_of(vm, a[0]);
        let class = vm.type_name(a[0]);
        let name = class.rsplit('.').next().unwrap_or("").to_owned();
        let text = match args[..] {
            [only] => {
                let text = vm.repr(only)?;
                format!("({})", vm.shown(text))
            }
            _ => {
                let tuple = vm.tuple(args);
                let text = vm.repr(tuple)?;
                vm.shown(text)
            }
        };
        Ok(vm.str(&format!("{name}{text}")))
    }),
    f("__str__", Sig::None, |vm, a| message(vm, a[0])),
    f("with_traceback", Sig::One, |vm, a| {
        set_traceback(vm, a[0], a[1])?;
        Ok(a[0])
    }),
    f("__setstate__", Sig::One, |vm, a| {
        if !a[1].is_none() {
            for (key, value) in vm.dict_pairs(a[1]) {
                vm.set_attr(a[0], key, value)?;
            }
        }
        Ok(Value::None)
    }),
    f("__reduce__", Sig::None, |vm, a| {
        let class = Value::Obj(vm.class_of(a[0]));
        let args = vm.as_exc(a[0]).map_or(Value::None, |exc| exc.args);
        let dict = instance_dict(vm, a[0])?;
        let mut parts = vec![class, args];
        if vm.truth(dict)? {
            parts.push(dict);
        }
        Ok(vm.tuple(parts))
    }),
];

const METHODS: &[Native] = &[ROWS[0], ROWS[1], ROWS[2], ROWS[3], ROWS[4], ROWS[5]];

const GETSETS: &[GetSet] = &[
    get_set("__dict__", instance_dict, set_instance_dict),
    get_set(
        "args",
        |vm, this| Ok(exc(vm, this)?.args),
        |vm, this, value| {
            let items = vm.list_of(value)?;
            let tuple = vm.tuple(items);
            vm.exc_field(this, tuple, |exc| &mut exc.args);
            Ok(())
        },
    ),
    get_set(
        "__traceback__",
        |vm, this| Ok(exc(vm, this)?.traceback.or(Value::None)),
        set_traceback,
    ),
    get_set(
        "__context__",
        |vm, this| Ok(exc(vm, this)?.context.or(Value::None)),
        |vm, this, value| {
            let value = chain(vm, value, "context")?;
            vm.exc_field(this, value, |exc| &mut exc.context);
            Ok(())
        },
    ),
    get_set(
        "__cause__",
        |vm, this| Ok(exc(vm, this)?.cause.or(Value::None)),
        |vm, this, value| {
            let value = chain(vm, value, "cause")?;
            vm.exc_field(this, value, |exc| &mut exc.cause);
            if let Some(Obj::Exc(exc)) = this.obj().map(|handle| vm.heap.get_mut(handle)) {
                exc.suppress = true;
            }
            Ok(())
        },
    ),
    get_set(
        "__suppress_context__",
        |vm, this| Ok(Value::bool(exc(vm, this)?.suppress)),
        |vm, this, value| {
            let truth = vm.truth(value)?;
            if let Some(Obj::Exc(exc)) = this.obj().map(|handle| vm.heap.get_mut(handle)) {
                exc.suppress = truth;
            }
            Ok(())
        },
    ),
];

const fn class(methods: &'static [Native], getsets: &'static [GetSet]) -> TypeDef {
    TypeDef {
        name: "",
        methods,
        getsets,
        new: Some(new),
        basetype: true,
        dict: true,
        ..TypeDef::BLANK
    }
}

pub(crate) static BASE: TypeDef = TypeDef {
    name: "base",
    solid: true,
    ..class(METHODS, GETSETS)
};

macro_rules! fields {
    ($($at:literal $name:literal),*) => {
        &[$(get_set($name, |vm, this| Ok(field(vm, this, $at)), |vm, this, value| {
            set_field(vm, this, $at, value);
            Ok(())
        })),*]
    };
}

pub(crate) static SYSTEM_EXIT: TypeDef = TypeDef {
    name: "exit",
    ..class(&[], fields!(0 "code"))
};
pub(crate) static STOP_ITERATION: TypeDef = TypeDef {
    name: "stop",
    ..class(&[], fields!(0 "value"))
};
pub(crate) static IMPORT_ERROR: TypeDef = TypeDef {
    name: "import",
    ..class(
        &[
            kw("__init__", |vm, args, kw| {
                let tuple = vm.tuple(args[1..].to_vec());
                vm.exc_field(args[0], tuple, |exc| &mut exc.args);
                fill(vm, args[0], &args[1..]);
                for &(key, value) in kw {
                    match &vm.shown(key)[..] {
                        "name" => set_field(vm, args[0], 1, value),
                        "path" => set_field(vm, args[0], 2, value),
                        other => {
                            return Err(vm.type_error(format!(
                                "'{other}' is an invalid keyword argument for ImportError"
                            )));
                        }
                    }
                }
                Ok(Value::None)
            }),
            f("__str__", Sig::None, |vm, a| {
                let message = field(vm, a[0], 0);
                if vm.as_str(message).is_some() {
                    Ok(message)
                } else {
                    self::message(vm, a[0])
                }
            }),
        ],
        fields!(0 "msg", 1 "name", 2 "path"),
    )
};
pub(crate) static KEY_ERROR: TypeDef = TypeDef {
    name: "key",
    ..class(
        &[f(
            "__str__",
            Sig::None,
            |vm, a| match args_of(vm, a[0])[..] {
                [only] => vm.repr(only),
                _ => message(vm, a[0]),
            },
        )],
        &[],
    )
};
pub(crate) static OS_ERROR: TypeDef = TypeDef {
    name: "os",
    ..class(
        &[f("__str__", Sig::None, |vm, a| {
            let [errno, text, file, _, other] = [0, 1, 2, 3, 4].map(|at| field(vm, a[0], at));
            if errno.is_none() && text.is_none() {
                return message(vm, a[0]);
            }
            let mut shown = format!("[Errno {}] {}", vm.text_of(errno), vm.text_of(text));
            if !file.is_none() {
                let name = vm.repr(file)?;
                shown.push_str(&format!(": {}", vm.shown(name)));
            }
            if !other.is_none() {
                let name = vm.repr(other)?;
                shown.push_str(&format!(" -> {}", vm.shown(name)));
            }
            Ok(vm.str(&shown))
        })],
        fields!(0 "errno", 1 "strerror", 2 "filename", 4 "filename2"),
    )
};
pub(crate) static SYNTAX_ERROR: TypeDef = TypeDef {
    name: "syntax",
    ..class(
        &[f("__str__", Sig::None, |vm, a| {
            let [text, file, line] = [0, 1, 2].map(|at| field(vm, a[0], at));
            let shown = vm.text_of(text);
            let name = vm.as_str(file).map(|file| file.shown().into_owned());
            let name = name.map(|name| name.rsplit('/').next().unwrap_or("").to_owned());
            let line = super::int::to_i64(vm, line).filter(|_| !line.is_none());
            let shown = match (name, line) {
                (Some(name), Some(line)) => format!("{shown} ({name}, line {line})"),
                (Some(name), None) => format!("{shown} ({name})"),
                (None, Some(line)) => format!("{shown} (line {line})"),
                (None, None) => shown,
            };
            Ok(vm.str(&shown))
        })],
        fields!(0 "msg", 1 "filename", 2 "lineno", 3 "offset", 4 "text", 5 "print_file_and_line"),
    )
};
pub(crate) static UNICODE_ENCODE: TypeDef = TypeDef {
    name: "encode",
    ..class(
        &[f("__str__", Sig::None, |vm, a| {
            codec_message(vm, a[0], "encode")
        })],
        fields!(0 "encoding", 1 "object", 2 "start", 3 "end", 4 "reason"),
    )
};
pub(crate) static UNICODE_DECODE: TypeDef = TypeDef {
    name: "decode",
    ..class(
        &[f("__str__", Sig::None, |vm, a| {
            codec_message(vm, a[0], "decode")
        })],
        fields!(0 "encoding", 1 "object", 2 "start", 3 "end", 4 "reason"),
    )
};
pub(crate) static UNICODE_TRANSLATE: TypeDef = TypeDef {
    name: "translate",
    ..class(
        &[f("__str__", Sig::None, |vm, a| {
            codec_message(vm, a[0], "translate")
        })],
        fields!(1 "object", 2 "start", 3 "end", 4 "reason"),
    )
};

fn exc(vm: &Vm, this: Value) -> R<&Exc> {
    vm.as_exc(this).ok_or(Raise)
}

pub(crate) fn args_of(vm: &Vm, this: Value) -> Vec<Value> {
    vm.as_exc(this)
        .and_then(|exc| vm.as_tuple(exc.args))
        .unwrap_or(&[])
        .to_vec()
}

/// `str` of an exception as BaseException has it.
fn message(vm: &mut Vm, this: Value) -> R {
    match args_of(vm, this)[..] {
        [] => Ok(vm.names.empty),
        [only] => vm.str_of(only),
        _ => {
            let tuple = vm.as_exc(this).map_or(Value::None, |exc| exc.args);
            vm.str_of(tuple)
        }
    }
}

pub(crate) fn field(vm: &Vm, this: Value, at: usize) -> Value {
    let fields = vm.as_exc(this).map_or(&[][..], |exc| &exc.fields);
    fields
        .get(at)
        .copied()
        .unwrap_or(Value::None)
        .or(Value::None)
}

pub(crate) fn set_field(vm: &mut Vm, this: Value, at: usize, value: Value) {
    vm.heap.inc(value);
    let Some(Obj::Exc(exc)) = this.obj().map(|handle| vm.heap.get_mut(handle)) else {
        return;
    };
    if exc.fields.len() <= at {
        exc.fields.resize(at + 1, Value::Unset);
    }
    let old = std::mem::replace(&mut exc.fields[at], value);
    vm.heap.dec(old);
}

fn chain(vm: &mut Vm, value: Value, what: &str) -> R {
    if value.is_none() {
        return Ok(Value::Unset);
    }
    if vm.is_instance(value, vm.exc.base_exception) {
        return Ok(value);
    }
    Err(vm.type_error(format!(
        "exception {what} must be None or derive from BaseException"
    )))
}

fn set_traceback(vm: &mut Vm, this: Value, value: Value) -> R<()> {
    let value = if value.is_none() { Value::Unset } else { value };
    if !value.is_unset() && !matches!(vm.obj(value), Obj::Traceback(_)) {
        return Err(vm.type_error("__traceback__ must be a traceback or None"));
    }
    vm.exc_field(this, value, |exc| &mut exc.traceback);
    Ok(())
}

fn blank(args: Value) -> Exc {
    Exc {
        args,
        traceback: Value::Unset,
        context: Value::Unset,
        cause: Value::Unset,
        suppress: false,
        fields: Vec::new(),
    }
}

fn new(vm: &mut Vm, class: Value, args: &[Value], _: Kw<'_>) -> R {
    let Some(mut class) = vm.as_class(class) else {
        return Err(Raise);
    };
    if class == vm.exc.os_error && args.len() > 1 {
        class = os_class(vm, args[0]).unwrap_or(class);
    }
    let tuple = vm.tuple(args.to_vec());
    let made = vm.instance(class, Obj::Exc(Box::new(blank(tuple))));
    fill(vm, made, args);
    Ok(made)
}

/// Returns the class that an error number has.
fn os_class(vm: &Vm, errno: Value) -> Option<Ref> {
    let exc = &vm.exc;
    Some(match super::int::to_i64(vm, errno)? {
        1 | 13 => exc.permission_error,
        2 => exc.file_not_found_error,
        3 => exc.process_lookup_error,
        4 => exc.interrupted_error,
        10 => exc.child_process_error,
        11 | 114 | 115 => exc.blocking_io_error,
        17 => exc.file_exists_error,
        20 => exc.not_a_directory_error,
        21 => exc.is_a_directory_error,
        32 | 108 => exc.broken_pipe_error,
        103 => exc.connection_aborted_error,
        104 => exc.connection_reset_error,
        110 => exc.timeout_error,
        111 => exc.connection_refused_error,
        _ => return None,
    })
}

/// Sets the fields that arguments mean.
fn fill(vm: &mut Vm, exc: Value, args: &[Value]) {
    let class = vm.class_of(exc);
    let def = vm.class(class).def;
    match def.name {
        "stop" => set_field(vm, exc, 0, args.first().copied().unwrap_or(Value::None)),
        "exit" => {
            let code = match args {
                [] => Value::None,
                [only] => *only,
                _ => vm.tuple(args.to_vec()),
            };
            set_field(vm, exc, 0, code);
        }
        "import" => {
            let message = if args.len() == 1 {
                args[0]
            } else {
                Value::None
            };
            set_field(vm, exc, 0, message);
        }
        "os" if (2..=5).contains(&args.len()) => {
            for (at, &arg) in args.iter().enumerate() {
                set_field(vm, exc, at, arg);
            }
            if args.len() > 2 {
                let tuple = vm.tuple(args[..2].to_vec());
                vm.exc_field(exc, tuple, |exc| &mut exc.args);
            }
        }
        "syntax" => {
            if let Some(&message) = args.first() {
                set_field(vm, exc, 0, message);
            }
            if let [_, rest] = *args {
                for (at, item) in super::tuple::items(vm, rest)
                    .into_iter()
                    .take(4)
                    .enumerate()
                {
                    set_field(vm, exc, at + 1, item);
                }
            }
        }
        "encode" | "decode" if args.len() == 5 => {
            for (at, &arg) in args.iter().enumerate() {
                set_field(vm, exc, at, arg);
            }
        }
        "translate" if args.len() == 4 => {
            for (at, &arg) in args.iter().enumerate() {
                set_field(vm, exc, at + 1, arg);
            }
        }
        _ => {}
    }
}

/// Makes an exception of a built-in class.
pub(crate) fn make(vm: &mut Vm, class: Ref, args: Vec<Value>) -> Value {
    let class = if class == vm.exc.os_error && args.len() > 1 {
        os_class(vm, args[0]).unwrap_or(class)
    } else {
        class
    };
    let tuple = vm.tuple(args.clone());
    let made = vm.instance(class, Obj::Exc(Box::new(blank(tuple))));
    fill(vm, made, &args);
    made
}

fn codec_message(vm: &mut Vm, this: Value, what: &str) -> R {
    let [encoding, object, start, end, reason] = [0, 1, 2, 3, 4].map(|at| field(vm, this, at));
    if object.is_none() {
        return Ok(vm.names.empty);
    }
    let start = super::int::to_i64(vm, start).unwrap_or(0);
    let end = super::int::to_i64(vm, end).unwrap_or(0);
    let (encoding, reason) = (vm.text_of(encoding), vm.text_of(reason));
    let prefix = if what == "translate" {
        "can't translate".to_owned()
    } else {
        format!("'{encoding}' codec can't {what}")
    };
    let one = end == start + 1;
    let text = match vm.obj(object) {
        Obj::Str(text) if one => {
            let point = if (start as usize) < text.len() {
                text.get(start as usize)
            } else {
                0
            };
            let shown = match point {
                0..0x100 => format!("\\x{point:02x}"),
                0x100..0x1_0000 => format!("\\u{point:04x}"),
                _ => format!("\\U{point:08x}"),
            };
            format!("{prefix} character '{shown}' in position {start}: {reason}")
        }
        Obj::Str(_) => format!(
            "{prefix} characters in position {start}-{}: {reason}",
            end - 1
        ),
        _ if one => {
            let byte = vm
                .as_bytes(object)
                .and_then(|bytes| bytes.get(start as usize))
                .copied();
            format!(
                "{prefix} byte 0x{:02x} in position {start}: {reason}",
                byte.unwrap_or(0)
            )
        }
        _ => format!("{prefix} bytes in position {start}-{}: {reason}", end - 1),
    };
    Ok(vm.str(&text))
}
