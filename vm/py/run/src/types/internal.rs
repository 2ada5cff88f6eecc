//! Types that programs meet but rarely make: None, modules, code, frames, tracebacks, cells.

use super::type_::instance_dict;
use crate::code::Code;
use crate::native::{GetSet, Sig, TypeDef, f, get, get_set, kw};
use crate::object::{Attrs, FrameObj, Obj, Traceback};
use crate::value::{R, Raise, Value};
use crate::vm::Vm;
use std::rc::Rc;

pub(crate) static NONE: TypeDef = TypeDef {
    name: "NoneType",
    methods: &[
        f("__repr__", Sig::None, |vm, _| Ok(vm.intern("None"))),
        f("__bool__", Sig::None, |_, _| Ok(Value::False)),
        f("__hash__", Sig::None, |_, _| Ok(Value::Int(591_726))),
    ],
    new: Some(|vm, _, args, kw| {
        if !args.is_empty() || !kw.is_empty() {
            return Err(vm.type_error("NoneType takes no arguments"));
        }
        Ok(Value::None)
    }),
    ..TypeDef::BLANK
};

pub(crate) static ELLIPSIS: TypeDef = TypeDef {
    name: "ellipsis",
    methods: &[
        f("__repr__", Sig::None, |vm, _| Ok(vm.intern("Ellipsis"))),
        f("__hash__", Sig::None, |_, _| Ok(Value::Int(587_132))),
        f("__reduce__", Sig::None, |vm, _| Ok(vm.intern("Ellipsis"))),
    ],
    new: Some(|vm, _, args, kw| {
        if !args.is_empty() || !kw.is_empty() {
            return Err(vm.type_error("EllipsisType takes no arguments"));
        }
        Ok(Value::Ellipsis)
    }),
    ..TypeDef::BLANK
};

pub(crate) static NOT_IMPLEMENTED: TypeDef = TypeDef {
    name: "NotImplementedType",
    methods: &[
        f("__repr__", Sig::None, |vm, _| {
            Ok(vm.intern("NotImplemented"))
        }),
        f("__reduce__", Sig::None, |vm, _| {
            Ok(vm.intern("NotImplemented"))
        }),
    ],
    new: Some(|vm, _, args, kw| {
        if !args.is_empty() || !kw.is_empty() {
            return Err(vm.type_error("NotImplementedType takes no arguments"));
        }
        Ok(Value::NotImplemented)
    }),
    ..TypeDef::BLANK
};

pub(crate) static MODULE: TypeDef = TypeDef {
    name: "module",
    methods: &[
        kw("__init__", |vm, args, kw| {
            let Sig::Params(names) = crate::native::params(&["name", "doc"], 1) else {
                return Err(Raise);
            };
            let a = vm.bind_params("module", names, &args[1..], kw)?;
            if vm.as_str(a[0]).is_none() {
                let kind = vm.type_name(a[0]);
                return Err(
                    vm.type_error(format!("module() argument 'name' must be str, not {kind}"))
                );
            }
            let Value::Obj(handle) = args[0] else {
                return Err(Raise);
            };
            init_module(vm, handle, a[0], a[1].or(Value::None));
            Ok(Value::None)
        }),
        f("__repr__", Sig::None, |vm, a| {
            crate::import::module_repr(vm, a[0])
        }),
        f("__dir__", Sig::None, |vm, a| {
            let dict = instance_dict(vm, a[0])?;
            let name = vm.names.dir;
            if let Some(hook) = vm.dict_get_str(dict, name) {
                return vm.call(hook, &[], &[]);
            }
            let names = vm
                .dict_pairs(dict)
                .into_iter()
                .map(|(key, _)| key)
                .collect();
            Ok(vm.list(names))
        }),
    ],
    getsets: &[get("__dict__", instance_dict)],
    new: Some(|vm, class, _, _| {
        let Some(class) = vm.as_class(class) else {
            return Err(Raise);
        };
        Ok(new_module(vm, class))
    }),
    basetype: true,
    dict: true,
    weak: true,
    doc: "Create a module object.\n\nThe name must be a string; the optional docstring can have any type.",
    ..TypeDef::BLANK
};

/// Makes a module without a name.
pub(crate) fn new_module(vm: &mut Vm, class: crate::value::Ref) -> Value {
    let dict = vm.dict();
    let slots = vec![Value::Unset; vm.class(class).slots as usize];
    let attrs = Attrs {
        dict: dict.obj(),
        slots,
        ..Attrs::default()
    };
    Value::Obj(vm.heap.alloc_with(class, Obj::Plain, Some(Box::new(attrs))))
}

/// Gives a module its first attributes.
pub(crate) fn init_module(vm: &mut Vm, handle: crate::value::Ref, name: Value, doc: Value) {
    let dict = vm.make_dict(handle);
    let names = vm.names;
    for (key, value) in [
        (names.name, name),
        (names.doc, doc),
        (names.package, Value::None),
        (names.loader, Value::None),
        (names.spec, Value::None),
    ] {
        vm.dict_set_str(dict, key, value);
    }
}

pub(crate) static CELL: TypeDef = TypeDef {
    name: "cell",
    methods: &[f("__repr__", Sig::None, |vm, a| {
        let id = vm.id(a[0]);
        let text = match vm.obj(a[0]) {
            Obj::Cell(Value::Unset) => format!("<cell at {id:#x}: empty>"),
            Obj::Cell(value) => {
                let value = *value;
                let (kind, inner) = (vm.type_name(value), vm.id(value));
                format!("<cell at {id:#x}: {kind} object at {inner:#x}>")
            }
            _ => String::new(),
        };
        Ok(vm.str(&text))
    })],
    getsets: &[get_set(
        "cell_contents",
        |vm, this| match vm.obj(this) {
            Obj::Cell(value) if !value.is_unset() => Ok(*value),
            _ => Err(vm.value_error("Cell is empty")),
        },
        |vm, this, value| {
            vm.set_cell(this, value);
            Ok(())
        },
    )],
    new: Some(|vm, _, args, _| {
        if args.len() > 1 {
            let message = format!("cell expected at most 1 argument, got {}", args.len());
            return Err(vm.type_error(message));
        }
        Ok(vm.cell(args.first().copied().unwrap_or(Value::Unset)))
    }),
    ..TypeDef::BLANK
};

pub(crate) static CODE: TypeDef = TypeDef {
    name: "code",
    methods: &[
        f("__repr__", Sig::None, |vm, a| {
            let Some(code) = code(vm, a[0]) else {
                return Err(Raise);
            };
            let (name, file, id) = (vm.shown(code.name), vm.shown(code.filename), vm.id(a[0]));
            let line = if code.firstlineno == 0 {
                -1
            } else {
                code.firstlineno
            };
            Ok(vm.str(&format!(
                "<code object {name} at {id:#x}, file \"{file}\", line {line}>"
            )))
        }),
        f("__eq__", Sig::One, |vm, a| {
            if a[0].is(a[1]) {
                return Ok(Value::True);
            }
            let (Some(x), Some(y)) = (code(vm, a[0]), code(vm, a[1])) else {
                return Ok(Value::NotImplemented);
            };
            let same = x.bytes == y.bytes
                && x.firstlineno == y.firstlineno
                && x.argcount == y.argcount
                && vm.same_str(x.name, y.name)
                && x.consts.len() == y.consts.len();
            if !same {
                return Ok(Value::False);
            }
            for (&x, &y) in x.consts.iter().zip(&y.consts) {
                if !vm.equal(x, y)? {
                    return Ok(Value::False);
                }
            }
            Ok(Value::True)
        }),
        f("__hash__", Sig::None, |vm, a| {
            let Some(code) = code(vm, a[0]) else {
                return Err(Raise);
            };
            Ok(Value::Int(crate::hash::bytes(&code.bytes)))
        }),
        kw("replace", replace),
    ],
    getsets: CODE_GETSETS,
    weak: true,
    ..TypeDef::BLANK
};

fn code(vm: &Vm, value: Value) -> Option<Rc<Code>> {
    match vm.obj(value) {
        Obj::Code(code) => Some(code.clone()),
        _ => None,
    }
}

fn number(vm: &Vm, this: Value, of: fn(&Code) -> i64) -> R {
    code(vm, this)
        .map(|code| Value::Int(of(&code)))
        .ok_or(Raise)
}

fn names(vm: &mut Vm, this: Value, of: fn(&Code) -> &Vec<Value>) -> R {
    let Some(code) = code(vm, this) else {
        return Err(Raise);
    };
    let items = of(&code).clone();
    Ok(vm.tuple(items))
}

const CODE_GETSETS: &[GetSet] = &[
    get("co_argcount", |vm, this| {
        number(vm, this, |code| code.argcount.into())
    }),
    get("co_posonlyargcount", |vm, this| {
        number(vm, this, |code| code.posonly.into())
    }),
    get("co_kwonlyargcount", |vm, this| {
        number(vm, this, |code| code.kwonly.into())
    }),
    get("co_nlocals", |vm, this| {
        number(vm, this, |code| code.varnames.len() as i64)
    }),
    get("co_stacksize", |vm, this| {
        number(vm, this, |code| code.stacksize.into())
    }),
    get("co_flags", |vm, this| {
        number(vm, this, |code| code.flags.into())
    }),
    get("co_firstlineno", |vm, this| {
        number(vm, this, |code| code.firstlineno.into())
    }),
    get("co_code", |vm, this| {
        let Some(code) = code(vm, this) else {
            return Err(Raise);
        };
        let bytes = code.bytes.clone();
        Ok(vm.bytes(bytes))
    }),
    get("co_lnotab", |vm, this| {
        let Some(code) = code(vm, this) else {
            return Err(Raise);
        };
        let bytes = code.lnotab.clone();
        Ok(vm.bytes(bytes))
    }),
    get("co_consts", |vm, this| names(vm, this, |code| &code.consts)),
    get("co_names", |vm, this| names(vm, this, |code| &code.names)),
    get("co_varnames", |vm, this| {
        names(vm, this, |code| &code.varnames)
    }),
    get("co_freevars", |vm, this| {
        names(vm, this, |code| &code.freevars)
    }),
    get("co_cellvars", |vm, this| {
        names(vm, this, |code| &code.cellvars)
    }),
    get("co_filename", |vm, this| {
        code(vm, this).map(|code| code.filename).ok_or(Raise)
    }),
    get("co_name", |vm, this| {
        code(vm, this).map(|code| code.name).ok_or(Raise)
    }),
];

fn replace(vm: &mut Vm, args: &[Value], kw: crate::native::Kw<'_>) -> R {
    let Some(old) = code(vm, args[0]) else {
        return Err(Raise);
    };
    let mut parts = crate::code::Parts {
        argcount: old.argcount,
        posonly: old.posonly,
        kwonly: old.kwonly,
        stacksize: old.stacksize,
        flags: old.flags,
        bytes: old.bytes.clone(),
        consts: old.consts.clone(),
        names: old.names.clone(),
        varnames: old.varnames.clone(),
        freevars: old.freevars.clone(),
        cellvars: old.cellvars.clone(),
        filename: old.filename,
        name: old.name,
        firstlineno: old.firstlineno,
        lnotab: old.lnotab.clone(),
    };
    for &(key, value) in kw {
        match &vm.shown(key)[..] {
            "co_name" => parts.name = value,
            "co_filename" => parts.filename = value,
            "co_firstlineno" => {
                parts.firstlineno = i32::try_from(vm.index_size(value)?).unwrap_or(0);
            }
            "co_flags" => parts.flags = vm.index_size(value)? as u32,
            "co_lnotab" => parts.lnotab = vm.as_bytes(value).unwrap_or(&[]).to_vec(),
            other => {
                return Err(vm.type_error(format!(
                    "'{other}' is an invalid keyword argument for replace()"
                )));
            }
        }
    }
    Ok(vm.code(Code::new(parts)))
}

pub(crate) static FRAME: TypeDef = TypeDef {
    name: "frame",
    methods: &[
        f("__repr__", Sig::None, |vm, a| {
            let code = match vm.obj(a[0]) {
                Obj::Frame(frame) => frame.code,
                _ => Value::None,
            };
            let line = line(vm, a[0])?;
            let line = vm.repr(line)?;
            let (id, line) = (vm.id(a[0]), vm.shown(line));
            let code = vm.code_of(code);
            let (file, name) = code.map_or((Value::Unset, Value::Unset), |code| {
                (code.filename, code.name)
            });
            let (file, name) = (vm.shown(file), vm.shown(name));
            Ok(vm.str(&format!(
                "<frame at {id:#x}, file '{file}', line {line}, code {name}>"
            )))
        }),
        f("clear", Sig::None, |vm, a| {
            if with_frame(vm, a[0], |frame| frame.active)?.is_some() {
                return Err(vm.raise(vm.exc.runtime_error, "cannot clear an executing frame"));
            }
            if let Some(Obj::Frame(frame)) = a[0].obj().map(|handle| vm.heap.get_mut(handle)) {
                let old = std::mem::take(&mut frame.registers);
                old.into_iter().for_each(|value| vm.heap.dec(value));
            }
            Ok(Value::None)
        }),
    ],
    getsets: &[
        get("f_back", |vm, this| {
            match with_frame(vm, this, |frame| frame.active)? {
                Some(0) => Ok(Value::None),
                Some(index) => Ok(vm.frame_object(index - 1)),
                None => with_frame(vm, this, |frame| frame.back),
            }
        }),
        get("f_code", |vm, this| {
            with_frame(vm, this, |frame| frame.code)
        }),
        get("f_globals", |vm, this| {
            with_frame(vm, this, |frame| Value::Obj(frame.globals))
        }),
        get("f_builtins", |vm, this| {
            with_frame(vm, this, |frame| Value::Obj(frame.builtins))
        }),
        get("f_lineno", line),
        get("f_lasti", |vm, this| {
            match with_frame(vm, this, |frame| frame.active)? {
                Some(index) => Ok(Value::Int(vm.frame_offset(index).into())),
                None => with_frame(vm, this, |frame| Value::Int(frame.lasti.into())),
            }
        }),
        get("f_locals", |vm, this| {
            if let Some(index) = with_frame(vm, this, |frame| frame.active)? {
                return vm.frame_locals(index);
            }
            let code = with_frame(vm, this, |frame| frame.code)?;
            let known = with_frame(vm, this, |frame| frame.locals)?;
            let dict = if known.is_unset() { vm.dict() } else { known };
            let registers = with_frame(vm, this, |frame| frame.registers.clone())?;
            if let Some(code) = vm.code_of(code)
                && code.has(crate::floor::flags::OPTIMIZED)
            {
                vm.fill_locals(dict, &code, &registers)?;
            }
            Ok(dict)
        }),
        get_set("f_trace", |_, _| Ok(Value::None), |_, _, _| Ok(())),
        get_set("f_trace_lines", |_, _| Ok(Value::True), |_, _, _| Ok(())),
    ],
    ..TypeDef::BLANK
};

fn with_frame<T>(vm: &Vm, this: Value, of: impl FnOnce(&FrameObj) -> T) -> R<T> {
    match vm.obj(this) {
        Obj::Frame(frame) => Ok(of(frame)),
        _ => Err(Raise),
    }
}

fn line(vm: &mut Vm, this: Value) -> R {
    match with_frame(vm, this, |frame| frame.active)? {
        Some(index) => Ok(Value::Int(vm.frame_line(index))),
        None => with_frame(vm, this, |frame| Value::Int(frame.line)),
    }
}

pub(crate) static TRACEBACK: TypeDef = TypeDef {
    name: "traceback",
    getsets: &[
        get_set(
            "tb_next",
            |vm, this| traceback(vm, this, |parts| parts.next),
            |vm, this, value| {
                vm.heap.inc(value);
                if let Some(Obj::Traceback(parts)) =
                    this.obj().map(|handle| vm.heap.get_mut(handle))
                {
                    let old = std::mem::replace(&mut parts.next, value);
                    vm.heap.dec(old);
                }
                Ok(())
            },
        ),
        get("tb_frame", |vm, this| {
            traceback(vm, this, |parts| parts.frame)
        }),
        get("tb_lasti", |vm, this| {
            traceback(vm, this, |parts| Value::Int(parts.lasti))
        }),
        get("tb_lineno", |vm, this| {
            traceback(vm, this, |parts| Value::Int(parts.line))
        }),
    ],
    methods: &[f("__dir__", Sig::None, |vm, _| {
        let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"].map(|name| vm.intern(name));
        Ok(vm.list(names.to_vec()))
    })],
    new: Some(|vm, _, args, kw| {
        let Sig::Params(names) =
            crate::native::params(&["tb_next", "tb_frame", "tb_lasti", "tb_lineno"], 4)
        else {
            return Err(Raise);
        };
        let a = vm.bind_params("traceback", names, args, kw)?;
        let (lasti, line) = (vm.index_size(a[2])?, vm.index_size(a[3])?);
        let parts = Traceback {
            next: a[0],
            frame: a[1],
            lasti,
            line,
        };
        Ok(vm.new_obj(vm.types.traceback, Obj::Traceback(Box::new(parts))))
    }),
    ..TypeDef::BLANK
};

fn traceback(vm: &Vm, this: Value, of: fn(&Traceback) -> Value) -> R {
    match vm.obj(this) {
        Obj::Traceback(parts) => Ok(of(parts)),
        _ => Err(Raise),
    }
}
