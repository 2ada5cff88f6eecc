//! `builtins`.

use crate::native::{Kw, ModuleDef, Native, Params, Sig, f, kw, params};
use crate::object::Obj;
use crate::rinsn::Bin;
use crate::value::{R, Raise, Value};
use crate::vm::Vm;

static BUILTINS: ModuleDef = ModuleDef {
    name: "builtins",
    doc: "Built-in functions, exceptions, and other objects.\n\nNoteworthy: None is the `nil' object; Ellipsis represents `...' in slices.",
    functions: ROWS,
    init: |_, _| Ok(()),
};

const ROWS: &[Native] = &[
    kw("__build_class__", build_class),
    kw("__import__", crate::import::builtin_import),
    f("abs", Sig::One, |vm, a| {
        let name = vm.names.abs;
        match vm.call_special(a[0], name, &[]) {
            Some(result) => result,
            None => {
                let kind = vm.type_name(a[0]);
                Err(vm.type_error(format!("bad operand type for abs(): '{kind}'")))
            }
        }
    }),
    f("all", Sig::One, |vm, a| quantify(vm, a[0], false)),
    f("any", Sig::One, |vm, a| quantify(vm, a[0], true)),
    f("ascii", Sig::One, |vm, a| vm.ascii(a[0])),
    f("bin", Sig::One, |vm, a| radix(vm, a[0], 2, "0b")),
    f("oct", Sig::One, |vm, a| radix(vm, a[0], 8, "0o")),
    f("hex", Sig::One, |vm, a| radix(vm, a[0], 16, "0x")),
    f("callable", Sig::One, |vm, a| {
        Ok(Value::bool(is_callable(vm, a[0])))
    }),
    f("chr", Sig::One, chr),
    f("ord", Sig::One, ord),
    kw("compile", |vm, _, _| Err(no_compiler(vm))),
    f("delattr", Sig::Pos(2, 2), |vm, a| {
        let name = attr_name(vm, a[1], "delattr")?;
        vm.delete_attr(a[0], name)?;
        Ok(Value::None)
    }),
    f("dir", Sig::Pos(0, 1), dir),
    f("divmod", Sig::Pos(2, 2), divmod),
    f("eval", Sig::Pos(1, 3), |vm, a| execute(vm, a, true)),
    f("exec", Sig::Pos(1, 3), |vm, a| {
        execute(vm, a, false)?;
        Ok(Value::None)
    }),
    f("format", Sig::Pos(1, 2), |vm, a| {
        let spec = a.get(1).copied().unwrap_or(vm.names.empty);
        if vm.as_str(spec).is_none() {
            let kind = vm.type_name(spec);
            return Err(vm.type_error(format!("format() argument 2 must be str, not {kind}")));
        }
        vm.format(a[0], spec)
    }),
    f("getattr", Sig::Pos(2, 3), |vm, a| {
        let name = attr_name(vm, a[1], "getattr")?;
        match a.get(2) {
            Some(&default) => Ok(vm.get_attr_opt(a[0], name)?.unwrap_or(default)),
            None => vm.get_attr(a[0], name),
        }
    }),
    f("globals", Sig::None, |vm, _| {
        Ok(vm
            .frames
            .last()
            .map_or(Value::None, |frame| Value::Obj(frame.globals)))
    }),
    f("hasattr", Sig::Pos(2, 2), |vm, a| {
        let name = attr_name(vm, a[1], "hasattr")?;
        Ok(Value::bool(vm.get_attr_opt(a[0], name)?.is_some()))
    }),
    f("hash", Sig::One, |vm, a| vm.hash(a[0]).map(Value::Int)),
    f("id", Sig::One, |vm, a| Ok(Value::Int(vm.id(a[0])))),
    f("input", Sig::Pos(0, 1), input),
    f("isinstance", Sig::Pos(2, 2), |vm, a| {
        isinstance(vm, a[0], a[1]).map(Value::bool)
    }),
    f("issubclass", Sig::Pos(2, 2), |vm, a| {
        issubclass(vm, a[0], a[1]).map(Value::bool)
    }),
    f("iter", Sig::Pos(1, 2), |vm, a| match a.get(1) {
        None => vm.iter(a[0]),
        Some(&sentinel) => {
            if !is_callable(vm, a[0]) {
                return Err(vm.type_error("iter(v, w): v must be callable"));
            }
            let iter = crate::object::Iter::Callable { f: a[0], sentinel };
            Ok(vm.new_obj(vm.types.callable_iterator, Obj::Iter(Box::new(iter))))
        }
    }),
    f("len", Sig::One, |vm, a| vm.len(a[0]).map(Value::from)),
    f("locals", Sig::None, |vm, _| match vm.frames.len() {
        0 => Ok(Value::None),
        count => vm.frame_locals(count - 1),
    }),
    kw("max", |vm, args, kw| extreme(vm, args, kw, "max")),
    kw("min", |vm, args, kw| extreme(vm, args, kw, "min")),
    f("next", Sig::Pos(1, 2), next),
    f("pow", params(&["base", "exp", "mod"], 2), pow),
    kw("print", print),
    f("repr", Sig::One, |vm, a| vm.repr(a[0])),
    f("round", params(&["number", "ndigits"], 1), |vm, a| {
        let name = vm.names.round;
        let args = if a[1].or(Value::None).is_none() {
            &a[..0]
        } else {
            &a[1..2]
        };
        match vm.call_special(a[0], name, args) {
            Some(result) => result,
            None => {
                let kind = vm.type_name(a[0]);
                Err(vm.type_error(format!("type {kind} doesn't define __round__ method")))
            }
        }
    }),
    f("setattr", Sig::Pos(3, 3), |vm, a| {
        let name = attr_name(vm, a[1], "setattr")?;
        vm.set_attr(a[0], name, a[2])?;
        Ok(Value::None)
    }),
    kw("sorted", sorted),
    f("sum", params(&["iterable", "start"], 1), sum),
    f("vars", Sig::Pos(0, 1), |vm, a| match a.first() {
        None => vm.frame_locals(vm.frames.len() - 1),
        Some(&of) => {
            let name = vm.names.dict;
            match vm.get_attr_opt(of, name)? {
                Some(dict) => Ok(dict),
                None => Err(vm.type_error("vars() argument must have __dict__ attribute")),
            }
        }
    }),
];

/// Makes the module.
pub(crate) fn start(vm: &mut Vm) {
    let module = super::blank(vm, "builtins", BUILTINS.doc);
    // Its dict is the one that frames look in.
    if let Value::Obj(handle) = module {
        let old = vm.make_dict(handle);
        let dict = Value::Obj(vm.builtins);
        for (key, value) in vm.dict_pairs(old) {
            vm.dict_set_str(dict, key, value);
        }
        vm.heap.inc(dict);
        if let Some(attrs) = vm.heap.attrs_mut(handle) {
            attrs.dict = dict.obj();
        }
        vm.heap.dec(old);
    }
    super::fill(vm, module, &BUILTINS);
    let t = vm.types;
    let classes = [
        ("object", t.object),
        ("type", t.type_),
        ("int", t.int),
        ("bool", t.bool_),
        ("float", t.float),
        ("complex", t.complex),
        ("str", t.str),
        ("bytes", t.bytes),
        ("bytearray", t.bytearray),
        ("tuple", t.tuple),
        ("list", t.list),
        ("dict", t.dict),
        ("set", t.set),
        ("frozenset", t.frozenset),
        ("range", t.range),
        ("slice", t.slice),
        ("property", t.property),
        ("classmethod", t.class_method),
        ("staticmethod", t.static_method),
        ("super", t.super_),
        ("enumerate", t.enumerate),
        ("zip", t.zip),
        ("map", t.map),
        ("filter", t.filter),
        ("reversed", t.reversed),
    ];
    for (name, class) in classes {
        super::constant(vm, module, name, Value::Obj(class));
    }
    for (name, class, _, _) in vm.exc.rows(t.object) {
        super::constant(vm, module, name, Value::Obj(class));
    }
    for (name, class) in [
        ("EnvironmentError", vm.exc.os_error),
        ("IOError", vm.exc.os_error),
    ] {
        super::constant(vm, module, name, Value::Obj(class));
    }
    let constants = [
        ("None", Value::None),
        ("True", Value::True),
        ("False", Value::False),
        ("Ellipsis", Value::Ellipsis),
        ("NotImplemented", Value::NotImplemented),
        ("__debug__", Value::True),
    ];
    for (name, value) in constants {
        super::constant(vm, module, name, value);
    }
    let name = vm.intern("builtins");
    let modules = vm.modules;
    vm.dict_set_str(modules, name, module);
}

fn attr_name(vm: &mut Vm, name: Value, of: &str) -> R {
    if vm.as_str(name).is_none() {
        return Err(vm.type_error(format!("{of}(): attribute name must be string")));
    }
    Ok(vm.interned(name))
}

fn no_compiler(vm: &mut Vm) -> Raise {
    let message = "source code cannot be compiled: this machine runs bytecode only";
    vm.raise(vm.exc.not_implemented_error, message)
}

pub(crate) fn is_callable(vm: &mut Vm, value: Value) -> bool {
    let call = vm.names.call;
    matches!(
        vm.obj(value),
        Obj::Function(_) | Obj::Native(_) | Obj::Method(_) | Obj::Type(_)
    ) || vm.special(value, call).is_some()
}

fn quantify(vm: &mut Vm, iterable: Value, any: bool) -> R {
    let iterator = vm.iter(iterable)?;
    while let Some(item) = vm.next_value(iterator)? {
        vm.work(64)?;
        if vm.truth(item)? == any {
            return Ok(Value::bool(any));
        }
    }
    Ok(Value::bool(!any))
}

fn radix(vm: &mut Vm, value: Value, base: u32, prefix: &str) -> R {
    let index = vm.index(value)?;
    let big = crate::types::int::to_big(vm, index).unwrap_or_default();
    vm.work(big.bits() as usize / 4)?;
    let sign = if big.sign() == num_bigint::Sign::Minus {
        "-"
    } else {
        ""
    };
    let digits = big.magnitude().to_str_radix(base);
    Ok(vm.str(&format!("{sign}{prefix}{digits}")))
}

fn chr(vm: &mut Vm, a: &[Value]) -> R {
    if !vm.has_index(a[0]) {
        let kind = vm.type_name(a[0]);
        return Err(vm.type_error(format!("an integer is required (got type {kind})")));
    }
    let index = vm.index(a[0])?;
    match crate::types::int::to_i64(vm, index) {
        Some(point) if (0..0x11_0000).contains(&point) => {
            Ok(crate::types::str::character(vm, point as u32))
        }
        Some(point) if i32::try_from(point).is_ok() => {
            Err(vm.value_error("chr() arg not in range(0x110000)"))
        }
        Some(point) if point < 0 => {
            Err(vm.overflow_error("Python int too large to convert to C int"))
        }
        _ => Err(vm.overflow_error("Python int too large to convert to C int")),
    }
}

fn ord(vm: &mut Vm, a: &[Value]) -> R {
    let (len, point) = if let Some(text) = vm.as_str(a[0]) {
        (text.len(), text.iter().next().unwrap_or(0))
    } else if let Some(bytes) = vm.as_bytes(a[0]) {
        (bytes.len(), bytes.first().copied().unwrap_or(0).into())
    } else {
        let kind = vm.type_name(a[0]);
        return Err(vm.type_error(format!(
            "ord() expected string of length 1, but {kind} found"
        )));
    };
    if len == 1 {
        return Ok(Value::Int(point.into()));
    }
    Err(vm.type_error(format!(
        "ord() expected a character, but string of length {len} found"
    )))
}

fn dir(vm: &mut Vm, a: &[Value]) -> R {
    let names = match a.first() {
        None => {
            let locals = vm.frame_locals(vm.frames.len() - 1)?;
            vm.list_of(locals)?
        }
        Some(&of) => {
            let name = vm.names.dir;
            match vm.call_special(of, name, &[]) {
                Some(result) => {
                    let result = result?;
                    vm.list_of(result)?
                }
                None => Vec::new(),
            }
        }
    };
    match crate::types::sort::sort(vm, names, Value::None, false) {
        Ok(names) => Ok(vm.list(names)),
        Err((raise, _)) => Err(raise),
    }
}

fn divmod(vm: &mut Vm, a: &[Value]) -> R {
    let (name, reflected) = (vm.names.divmod, vm.names.rdivmod);
    let result = vm.binary_methods(Bin::FloorDiv, name, reflected, a[0], a[1])?;
    if result.is_not_implemented() {
        let (x, y) = (vm.type_name(a[0]), vm.type_name(a[1]));
        return Err(vm.type_error(format!(
            "unsupported operand type(s) for divmod(): '{x}' and '{y}'"
        )));
    }
    Ok(result)
}

fn pow(vm: &mut Vm, a: &[Value]) -> R {
    let modulus = a[2].or(Value::None);
    if modulus.is_none() {
        return vm.binary_op(Bin::Pow, false, a[0], a[1]);
    }
    let name = vm.names.pow;
    if let Some(result) = vm.call_special(a[0], name, &[a[1], modulus]) {
        let result = result?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    let [x, y, z] = [a[0], a[1], modulus].map(|value| vm.type_name(value));
    Err(vm.type_error(format!(
        "unsupported operand type(s) for pow(): '{x}', '{y}', '{z}'"
    )))
}

/// Runs a code object.
fn execute(vm: &mut Vm, a: &[Value], eval: bool) -> R {
    let name = if eval { "eval" } else { "exec" };
    let mut globals = a.get(1).copied().unwrap_or(Value::None);
    let mut locals = a.get(2).copied().unwrap_or(Value::None);
    if !globals.is_none() && vm.as_dict(globals).is_none() {
        let kind = vm.type_name(globals);
        return Err(vm.type_error(if eval {
            "globals must be a dict".to_owned()
        } else {
            format!("{name}() globals must be a dict, not {kind}")
        }));
    }
    if globals.is_none() {
        globals = vm
            .frames
            .last()
            .map_or(Value::None, |frame| Value::Obj(frame.globals));
        if locals.is_none() {
            locals = vm.frame_locals(vm.frames.len() - 1)?;
        }
    } else if locals.is_none() {
        locals = globals;
    }
    let Obj::Code(code) = vm.obj(a[0]) else {
        if vm.as_str(a[0]).is_some() || vm.as_bytes(a[0]).is_some() {
            return Err(no_compiler(vm));
        }
        return Err(vm.type_error(format!(
            "{name}() arg 1 must be a string, bytes or code object"
        )));
    };
    if !code.freevars.is_empty() {
        return Err(vm.type_error(format!(
            "code object passed to {name}() may not contain free variables"
        )));
    }
    let key = vm.names.builtins;
    if vm.dict_get_str(globals, key).is_none() {
        let builtins = vm.frames.last().map_or(vm.builtins, |frame| frame.builtins);
        vm.dict_set_str(globals, key, Value::Obj(builtins));
    }
    crate::import::run_code(vm, a[0], globals, locals)
}

fn input(vm: &mut Vm, a: &[Value]) -> R {
    if let Some(&prompt) = a.first() {
        let text = vm.str_of(prompt)?;
        write_out(vm, text)?;
    }
    vm.flush()?;
    match vm.link.line() {
        Some(mut line) => {
            if line.last() == Some(&b'\n') {
                line.pop();
            }
            Ok(vm.str_bytes(line))
        }
        None => Err(vm.raise(vm.exc.eof_error, "EOF when reading a line")),
    }
}

/// What `type.__instancecheck__` does.
pub(crate) fn default_isinstance(vm: &mut Vm, value: Value, class: Value) -> R<bool> {
    let Some(of) = vm.as_class(class) else {
        return bases_check(vm, value, class);
    };
    if vm.is_instance(value, of) {
        return Ok(true);
    }
    let name = vm.names.class;
    match vm.get_attr_opt(value, name)? {
        Some(found) => Ok(vm
            .as_class(found)
            .is_some_and(|found| vm.is_subclass(found, of))),
        None => Ok(false),
    }
}

fn bases_check(vm: &mut Vm, value: Value, class: Value) -> R<bool> {
    let bases = vm.names.bases;
    let fits = match vm.get_attr_opt(class, bases)? {
        Some(bases) => vm.as_tuple(bases).is_some(),
        None => false,
    };
    if !fits {
        return Err(vm.type_error("isinstance() arg 2 must be a type or tuple of types"));
    }
    let name = vm.names.class;
    match vm.get_attr_opt(value, name)? {
        Some(found) => abstract_subclass(vm, found, class),
        None => Ok(false),
    }
}

/// Follows `__bases__` of an object that is not a class.
fn abstract_subclass(vm: &mut Vm, derived: Value, class: Value) -> R<bool> {
    let bases = vm.names.bases;
    let mut todo = vec![derived];
    let mut steps = 0;
    while let Some(at) = todo.pop() {
        if at.is(class) {
            return Ok(true);
        }
        steps += 1;
        vm.work(64)?;
        if steps > 100_000 {
            break;
        }
        if let Some(found) = vm.get_attr_opt(at, bases)? {
            todo.extend(vm.as_tuple(found).unwrap_or(&[]).iter().rev());
        }
    }
    Ok(false)
}

/// What `type.__subclasscheck__` does.
pub(crate) fn default_issubclass(vm: &mut Vm, derived: Value, class: Value) -> R<bool> {
    if let (Some(derived), Some(class)) = (vm.as_class(derived), vm.as_class(class)) {
        return Ok(vm.is_subclass(derived, class));
    }
    let bases = vm.names.bases;
    let is_class = |vm: &mut Vm, value: Value| -> R<bool> {
        Ok(match vm.get_attr_opt(value, bases)? {
            Some(bases) => vm.as_tuple(bases).is_some(),
            None => false,
        })
    };
    if !is_class(vm, derived)? {
        return Err(vm.type_error("issubclass() arg 1 must be a class"));
    }
    if !is_class(vm, class)? {
        return Err(vm.type_error("issubclass() arg 2 must be a class or tuple of classes"));
    }
    abstract_subclass(vm, derived, class)
}

/// `isinstance(value, class)`.
pub(crate) fn isinstance(vm: &mut Vm, value: Value, class: Value) -> R<bool> {
    if vm.class_of(class) == vm.types.type_ {
        return default_isinstance(vm, value, class);
    }
    if let Some(classes) = vm.as_tuple(class).map(<[Value]>::to_vec) {
        return vm.deeper(" in __instancecheck__", |vm| {
            for class in classes {
                if isinstance(vm, value, class)? {
                    return Ok(true);
                }
            }
            Ok(false)
        });
    }
    if Value::Obj(vm.class_of(value)).is(class) {
        return Ok(true);
    }
    let name = vm.names.instancecheck;
    match vm.call_special(class, name, &[value]) {
        Some(result) => {
            let result = result?;
            vm.truth(result)
        }
        None => default_isinstance(vm, value, class),
    }
}

/// `issubclass(derived, class)`.
pub(crate) fn issubclass(vm: &mut Vm, derived: Value, class: Value) -> R<bool> {
    if let Some(classes) = vm.as_tuple(class).map(<[Value]>::to_vec) {
        return vm.deeper(" in __subclasscheck__", |vm| {
            for class in classes {
                if issubclass(vm, derived, class)? {
                    return Ok(true);
                }
            }
            Ok(false)
        });
    }
    let name = vm.names.subclasscheck;
    match vm.call_special(class, name, &[derived]) {
        Some(result) => {
            let result = result?;
            vm.truth(result)
        }
        None => default_issubclass(vm, derived, class),
    }
}

fn extreme(vm: &mut Vm, args: &[Value], kw: Kw<'_>, name: &str) -> R {
    if args.is_empty() {
        return Err(vm.type_error(format!("{name} expected at least 1 argument, got 0")));
    }
    let names = Params {
        names: &["key", "default"],
        required: 0,
        positional: 0,
    };
    let a = vm.bind_params(name, names, &[], kw)?;
    let key = if a[0].or(Value::None).is_none() {
        None
    } else {
        Some(a[0])
    };
    if args.len() > 1 && !a[1].is_unset() {
        return Err(vm.type_error(format!(
            "Cannot specify a default for {name}() with multiple positional arguments"
        )));
    }
    let iterator = if let [only] = *args {
        Some(vm.iter(only)?)
    } else {
        None
    };
    let mut rest = args.iter();
    let mut best: Option<(Value, Value)> = None;
    loop {
        let item = match iterator {
            Some(iterator) => vm.next_value(iterator)?,
            None => rest.next().copied(),
        };
        let Some(item) = item else { break };
        vm.work(64)?;
        let weight = match key {
            Some(key) => vm.call(key, &[item], &[])?,
            None => item,
        };
        let better = match best {
            None => true,
            Some((_, other)) if name == "max" => {
                let result = vm.compare(crate::rinsn::Cmp::Gt, weight, other)?;
                vm.truth(result)?
            }
            Some((_, other)) => vm.less(weight, other)?,
        };
        if better {
            best = Some((item, weight));
        }
    }
    match best {
        Some((item, _)) => Ok(item),
        None if !a[1].is_unset() => Ok(a[1]),
        None => Err(vm.value_error(format!("{name}() arg is an empty sequence"))),
    }
}

fn next(vm: &mut Vm, a: &[Value]) -> R {
    let next = vm.names.next;
    if vm.special(a[0], next).is_none() {
        let kind = vm.type_name(a[0]);
        return Err(vm.type_error(format!("'{kind}' object is not an iterator")));
    }
    match a.get(1) {
        None => match vm.obj(a[0]) {
            Obj::Generator(_) => {
                let method = vm.special(a[0], next).unwrap_or(Value::None);
                vm.call_bound(method, a[0], &[])
            }
            _ => vm.next_raising(a[0]),
        },
        Some(&default) => Ok(vm.next_value(a[0])?.unwrap_or(default)),
    }
}

fn sorted(vm: &mut Vm, args: &[Value], kw: Kw<'_>) -> R {
    let [iterable] = *args else {
        let message = format!("sorted expected 1 argument, got {}", args.len());
        return Err(vm.type_error(message));
    };
    let items = vm.list_of(iterable)?;
    let list = vm.list(items);
    let sort = vm.names.sort;
    let method = vm.get_attr(list, sort)?;
    vm.call(method, &[], kw)?;
    Ok(list)
}

fn sum(vm: &mut Vm, a: &[Value]) -> R {
    let iterator = vm.iter(a[0])?;
    let mut total = a[1].or(Value::Int(0));
    let refused = match vm.obj(total) {
        Obj::Str(_) => Some("sum() can't sum strings [use ''.join(seq) instead]"),
        Obj::Bytes(_) => Some("sum() can't sum bytes [use b''.join(seq) instead]"),
        Obj::ByteArray(_) => Some("sum() can't sum bytearray [use b''.join(seq) instead]"),
        _ => None,
    };
    if let Some(message) = refused {
        return Err(vm.type_error(message));
    }
    while let Some(item) = vm.next_value(iterator)? {
        vm.work(64)?;
        total = vm.binary_op(Bin::Add, false, total, item)?;
    }
    Ok(total)
}

fn print(vm: &mut Vm, args: &[Value], kw: Kw<'_>) -> R {
    let names = Params {
        names: &["sep", "end", "file", "flush"],
        required: 0,
        positional: 0,
    };
    let a = vm.bind_params("print", names, &[], kw)?;
    for (at, name) in [(0, "sep"), (1, "end")] {
        if !a[at].or(Value::None).is_none() && vm.as_str(a[at]).is_none() {
            let kind = vm.type_name(a[at]);
            return Err(vm.type_error(format!("{name} must be None or a string, not {kind}")));
        }
    }
    let mut file = a[2].or(Value::None);
    if file.is_none() {
        let stdout = vm.names.stdout;
        file = match vm.get_attr_opt(vm.sys, stdout)? {
            Some(file) => file,
            None => return Err(vm.raise(vm.exc.runtime_error, "lost sys.stdout")),
        };
        if file.is_none() {
            return Ok(Value::None);
        }
    }
    let plain = super::sys::is_stdout(vm, file);
    let (sep, end) = (a[0].or(Value::None), a[1].or(Value::None));
    for (at, &arg) in args.iter().enumerate() {
        if at > 0 {
            let sep = if sep.is_none() { vm.intern(" ") } else { sep };
            emit(vm, file, plain, sep)?;
        }
        let text = vm.str_of(arg)?;
        emit(vm, file, plain, text)?;
    }
    let end = if end.is_none() { vm.intern("\n") } else { end };
    emit(vm, file, plain, end)?;
    if vm.truth(a[3].or(Value::None))? {
        let flush = vm.names.flush;
        vm.call_method(file, flush, &[])?;
    }
    Ok(Value::None)
}

fn emit(vm: &mut Vm, file: Value, plain: bool, text: Value) -> R<()> {
    if plain {
        return write_out(vm, text);
    }
    let write = vm.names.write;
    vm.call_method(file, write, &[text]).map(|_| ())
}

/// Writes a string to the standard output.
pub(crate) fn write_out(vm: &mut Vm, text: Value) -> R<()> {
    let Some(inner) = vm.as_str(text) else {
        return Ok(());
    };
    if inner.as_str().is_none() {
        // Raises as a strict encoder does.
        crate::types::bytes::encode(vm, &[text, Value::Unset, Value::Unset])?;
        return Ok(());
    }
    let bytes = inner.bytes().to_vec();
    vm.write(&bytes)
}

fn build_class(vm: &mut Vm, args: &[Value], kw: Kw<'_>) -> R {
    let [body, name, given @ ..] = args else {
        return Err(vm.type_error("__build_class__: not enough arguments"));
    };
    if vm.function(*body).is_none() {
        return Err(vm.type_error("__build_class__: func must be a function"));
    }
    if vm.as_str(*name).is_none() {
        return Err(vm.type_error("__build_class__: name is not a string"));
    }
    let bases = resolve_bases(vm, given)?;
    let metaclass = vm.names.metaclass;
    let explicit = kw
        .iter()
        .find(|&&(name, _)| vm.same_str(name, metaclass))
        .map(|&(_, meta)| meta);
    let kw: Vec<(Value, Value)> = kw
        .iter()
        .copied()
        .filter(|&(name, _)| !vm.same_str(name, metaclass))
        .collect();
    let mut meta = match explicit {
        Some(meta) => meta,
        None => match bases.first() {
            Some(&base) => Value::Obj(vm.class_of(base)),
            None => Value::Obj(vm.types.type_),
        },
    };
    if let Some(class) = vm.as_class(meta) {
        meta = Value::Obj(crate::types::type_::winner(vm, class, &bases)?);
    }
    let tuple = vm.tuple(bases.clone());
    let prepare = vm.names.prepare;
    let plain = meta.is(Value::Obj(vm.types.type_));
    let namespace = match if plain {
        None
    } else {
        vm.get_attr_opt(meta, prepare)?
    } {
        None => vm.dict(),
        Some(method) => vm.call(method, &[*name, tuple], &kw)?,
    };
    if vm.as_dict(namespace).is_none() && vm.special(namespace, vm.names.getitem).is_none() {
        let (meta_name, kind) = (class_name_of(vm, meta), vm.type_name(namespace));
        return Err(vm.type_error(format!(
            "{meta_name}.__prepare__() must return a mapping, not {kind}"
        )));
    }
    // All of these are held by a list while the body runs.
    let held = vm.list(vec![namespace, tuple, meta]);
    vm.heap.inc(held);
    let result = class_of_body(
        vm,
        *body,
        *name,
        (tuple, given, &bases),
        namespace,
        meta,
        &kw,
    );
    vm.heap.dec(held);
    result
}

fn class_name_of(vm: &mut Vm, meta: Value) -> String {
    match vm.as_class(meta) {
        Some(class) => vm.class_name(class).to_owned(),
        None => "<metaclass>".to_owned(),
    }
}

fn class_of_body(
    vm: &mut Vm,
    body: Value,
    name: Value,
    (tuple, given, bases): (Value, &[Value], &[Value]),
    namespace: Value,
    meta: Value,
    kw: Kw<'_>,
) -> R {
    let cell = crate::import::run_class_body(vm, body, namespace)?;
    let changed = given.len() != bases.len() || given.iter().zip(bases).any(|(a, b)| !a.is(*b));
    if changed {
        let (key, original) = (vm.names.orig_bases, vm.tuple(given.to_vec()));
        vm.set_item(namespace, key, original)?;
    }
    vm.heap.inc(cell);
    let class = vm.call(meta, &[name, tuple, namespace], kw);
    let checked = class.and_then(|class| check_cell(vm, name, cell, class));
    vm.heap.dec(cell);
    checked
}

/// Checks that the class's cell has the class.
fn check_cell(vm: &mut Vm, name: Value, cell: Value, class: Value) -> R {
    let (Obj::Cell(found), true) = (vm.obj(cell), vm.as_class(class).is_some()) else {
        return Ok(class);
    };
    let found = *found;
    if found.is(class) {
        return Ok(class);
    }
    let shown = vm.repr(name)?;
    let shown = vm.shown(shown);
    if found.is_unset() {
        let message = format!(
            "__class__ not set defining {shown} as {}. Was __classcell__ propagated to type.__new__?",
            vm.text_of(class)
        );
        return Err(vm.raise(vm.exc.runtime_error, message));
    }
    let message = format!(
        "__class__ set to {} defining {shown} as {}",
        vm.text_of(found),
        vm.text_of(class)
    );
    Err(vm.type_error(message))
}

fn resolve_bases(vm: &mut Vm, given: &[Value]) -> R<Vec<Value>> {
    let mut bases = Vec::new();
    let original = vm.tuple(given.to_vec());
    for &base in given {
        if vm.as_class(base).is_some() {
            bases.push(base);
            continue;
        }
        let name = vm.names.mro_entries;
        match vm.get_attr_opt(base, name)? {
            None => bases.push(base),
            Some(method) => {
                let entries = vm.call(method, &[original], &[])?;
                let Some(entries) = vm.as_tuple(entries) else {
                    return Err(vm.type_error("__mro_entries__ must return a tuple"));
                };
                bases.extend_from_slice(entries);
            }
        }
    }
    Ok(bases)
}
