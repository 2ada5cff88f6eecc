//! `sys`, and the standard streams.

use crate::native::{ModuleDef, Native, Sig, TypeDef, f, get, kw};
use crate::object::{Foreign, Obj};
use crate::value::{R, Raise, Value};
use crate::vm::Vm;
use std::any::Any;

static SYS: ModuleDef = ModuleDef {
    name: "sys",
    doc: "This module provides access to some objects used or maintained by the\ninterpreter and to functions that interact strongly with the interpreter.",
    functions: ROWS,
    init: |_, _| Ok(()),
};

const ROWS: &[Native] = &[
    f("exit", Sig::Pos(0, 1), |vm, a| {
        Err(vm.raise_with(vm.exc.system_exit, a.to_vec()))
    }),
    f("exc_info", Sig::None, |vm, _| {
        let exc = vm.topmost();
        let (kind, traceback) = vm.exc_triple(exc);
        Ok(vm.tuple(vec![kind, exc.or(Value::None), traceback]))
    }),
    f("getrecursionlimit", Sig::None, |vm, _| {
        Ok(Value::from(vm.recursion_limit))
    }),
    f("setrecursionlimit", Sig::One, set_recursion_limit),
    f("_getframe", Sig::Pos(0, 1), |vm, a| {
        let depth = match a.first() {
            Some(&depth) => vm.index_size(depth)?.max(0) as usize,
            None => 0,
        };
        match vm.frames.len().checked_sub(depth + 1) {
            Some(index) => Ok(vm.frame_object(index)),
            None => Err(vm.value_error("call stack is not deep enough")),
        }
    }),
    f("getrefcount", Sig::One, |vm, a| {
        Ok(Value::Int(
            a[0].obj()
                .map_or(1, |handle| i64::from(vm.heap.count(handle)) + 1),
        ))
    }),
    f("getsizeof", Sig::Pos(1, 2), |vm, a| {
        Ok(Value::from(56 + vm.obj(a[0]).bytes()))
    }),
    f("intern", Sig::One, |vm, a| {
        if vm.as_str(a[0]).is_none() {
            let kind = vm.type_name(a[0]);
            return Err(vm.type_error(format!("intern() argument must be str, not {kind}")));
        }
        Ok(vm.interned(a[0]))
    }),
    f("getdefaultencoding", Sig::None, |vm, _| Ok(vm.str("utf-8"))),
    f("getfilesystemencoding", Sig::None, |vm, _| {
        Ok(vm.str("utf-8"))
    }),
    f("getfilesystemencodeerrors", Sig::None, |vm, _| {
        Ok(vm.str("surrogateescape"))
    }),
    f("is_finalizing", Sig::None, |_, _| Ok(Value::False)),
    f("gettrace", Sig::None, |_, _| Ok(Value::None)),
    f("settrace", Sig::One, |_, _| Ok(Value::None)),
    f("getprofile", Sig::None, |_, _| Ok(Value::None)),
    f("setprofile", Sig::One, |_, _| Ok(Value::None)),
    f("displayhook", Sig::One, displayhook),
    f("__displayhook__", Sig::One, displayhook),
    f("excepthook", Sig::Pos(3, 3), |vm, a| {
        let mut text = String::new();
        crate::trace::exception(vm, a[1], &mut text);
        vm.complain_text(text.as_bytes());
        Ok(Value::None)
    }),
    kw("set_asyncgen_hooks", |vm, args, kw| {
        let names = crate::native::Params {
            names: &["firstiter", "finalizer"],
            required: 0,
            positional: 2,
        };
        let a = vm.bind_params("set_asyncgen_hooks", names, args, kw)?;
        for (at, name) in [(0, "_firstiter"), (1, "_finalizer")] {
            if !a[at].is_unset() {
                super::constant(vm, vm.sys, name, a[at]);
            }
        }
        Ok(Value::None)
    }),
    f("get_asyncgen_hooks", Sig::None, |vm, _| {
        let (first, finalizer) = asyncgen_hooks(vm);
        Ok(vm.tuple(vec![first, finalizer]))
    }),
    f("get_coroutine_origin_tracking_depth", Sig::None, |_, _| {
        Ok(Value::Int(0))
    }),
    f("set_coroutine_origin_tracking_depth", Sig::One, |_, _| {
        Ok(Value::None)
    }),
];

/// Returns the hooks of asynchronous generators.
pub(crate) fn asyncgen_hooks(vm: &mut Vm) -> (Value, Value) {
    let mut hook = |name: &str| {
        let name = vm.intern(name);
        vm.instance_attr(vm.sys, name).unwrap_or(Value::None)
    };
    (hook("_firstiter"), hook("_finalizer"))
}

fn set_recursion_limit(vm: &mut Vm, a: &[Value]) -> R {
    let limit = vm.index(a[0])?;
    let limit = match crate::types::int::to_i64(vm, limit) {
        Some(limit) if i32::try_from(limit).is_ok() => limit,
        _ => return Err(vm.overflow_error("Python int too large to convert to C int")),
    };
    if limit < 1 {
        return Err(vm.value_error("recursion limit must be greater or equal than 1"));
    }
    if vm.depth >= limit as usize {
        let message = format!(
            "cannot set the recursion limit to {limit} at the recursion depth {}: the limit is too low",
            vm.depth
        );
        return Err(vm.raise(vm.exc.recursion_error, message));
    }
    let most = usize::try_from(vm.limits.call_depth).unwrap_or(usize::MAX);
    vm.recursion_limit = (limit as usize).min(most);
    Ok(Value::None)
}

fn displayhook(vm: &mut Vm, a: &[Value]) -> R {
    if a[0].is_none() {
        return Ok(Value::None);
    }
    let (underscore, builtins) = (vm.names.underscore, Value::Obj(vm.builtins));
    vm.dict_set_str(builtins, underscore, Value::None);
    let text = vm.repr(a[0])?;
    let newline = vm.intern("\n");
    let (stdout, write) = (vm.names.stdout, vm.names.write);
    let file = vm.get_attr(vm.sys, stdout)?;
    for part in [text, newline] {
        vm.call_method(file, write, &[part])?;
    }
    vm.dict_set_str(builtins, underscore, a[0]);
    Ok(Value::None)
}

/// A standard stream.
#[derive(Debug)]
struct Stream(u8);

impl Foreign for Stream {
    fn trace(&self, _: &mut dyn FnMut(Value)) {}
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

static STREAM: TypeDef = TypeDef {
    name: "_io.TextIOWrapper",
    methods: &[
        f("write", Sig::One, |vm, a| {
            let Some(text) = vm.as_str(a[1]) else {
                let kind = vm.type_name(a[1]);
                return Err(vm.type_error(format!("write() argument must be str, not {kind}")));
            };
            let (count, bytes) = (text.len(), text.bytes().to_vec());
            match stream(vm, a[0]) {
                1 => super::builtins::write_out(vm, a[1])?,
                2 => vm.complain_text(&bytes),
                _ => return Err(vm.raise(vm.exc.os_error, "not writable")),
            }
            Ok(Value::from(count))
        }),
        f("flush", Sig::None, |vm, a| {
            if stream(vm, a[0]) == 1 {
                vm.flush()?;
            }
            Ok(Value::None)
        }),
        f("isatty", Sig::None, |_, _| Ok(Value::False)),
        f("fileno", Sig::None, |vm, a| {
            Ok(Value::Int(stream(vm, a[0]).into()))
        }),
        f("readable", Sig::None, |vm, a| {
            Ok(Value::bool(stream(vm, a[0]) == 0))
        }),
        f("writable", Sig::None, |vm, a| {
            Ok(Value::bool(stream(vm, a[0]) != 0))
        }),
        f("close", Sig::None, |_, _| Ok(Value::None)),
        f("readline", Sig::Pos(0, 1), |vm, _| {
            let line = vm.link.line().unwrap_or_default();
            Ok(vm.str_bytes(line))
        }),
        f("read", Sig::Pos(0, 1), |vm, _| {
            let mut all = Vec::new();
            while let Some(line) = vm.link.line() {
                all.extend(line);
            }
            Ok(vm.str_bytes(all))
        }),
        f("__iter__", Sig::None, |_, a| Ok(a[0])),
        f("__next__", Sig::None, |vm, _| match vm.link.line() {
            Some(line) => Ok(vm.str_bytes(line)),
            None => Err(vm.raise_with(vm.exc.stop_iteration, Vec::new())),
        }),
        f("__enter__", Sig::None, |_, a| Ok(a[0])),
        f("__exit__", Sig::Pos(0, 3), |_, _| Ok(Value::None)),
        f("__repr__", Sig::None, |vm, a| {
            let (name, mode) = match stream(vm, a[0]) {
                0 => ("<stdin>", "r"),
                1 => ("<stdout>", "w"),
                _ => ("<stderr>", "w"),
            };
            Ok(vm.str(&format!(
                "<_io.TextIOWrapper name='{name}' mode='{mode}' encoding='utf-8'>"
            )))
        }),
    ],
    getsets: &[
        get("encoding", |vm, _| Ok(vm.str("utf-8"))),
        get("errors", |vm, this| {
            let name = if stream(vm, this) == 2 {
                "backslashreplace"
            } else {
                "strict"
            };
            Ok(vm.str(name))
        }),
        get("closed", |_, _| Ok(Value::False)),
        get("line_buffering", |_, _| Ok(Value::False)),
        get("name", |vm, this| {
            let name = ["<stdin>", "<stdout>", "<stderr>"][usize::from(stream(vm, this).min(2))];
            Ok(vm.str(name))
        }),
    ],
    dict: true,
    ..TypeDef::BLANK
};

fn stream(vm: &Vm, value: Value) -> u8 {
    vm.foreign::<Stream>(value).map_or(0, |stream| stream.0)
}

/// Whether a file is the standard output that the machine made.
pub(crate) fn is_stdout(vm: &Vm, file: Value) -> bool {
    vm.foreign::<Stream>(file)
        .is_some_and(|stream| stream.0 == 1)
}

/// Makes the module.
pub(crate) fn start(vm: &mut Vm) {
    let module = super::blank(vm, "sys", SYS.doc);
    vm.heap.inc(module);
    vm.sys = module;
    super::fill(vm, module, &SYS);
    let name = vm.intern("sys");
    let modules = vm.modules;
    vm.dict_set_str(modules, name, module);
    super::constant(vm, module, "modules", modules);
    let class = crate::types::extra(vm, &STREAM, None);
    for (at, name) in ["stdin", "stdout", "stderr"].into_iter().enumerate() {
        let file = vm.instance(class, Obj::Foreign(Box::new(Stream(at as u8))));
        super::constant(vm, module, name, file);
        super::constant(vm, module, &format!("__{name}__"), file);
    }
    for (name, text) in [
        (
            "version",
            "3.9.2 (default, Feb 28 2021, 17:03:44) \n[GCC 10.2.1 20210110]",
        ),
        ("platform", "linux"),
        ("byteorder", "little"),
        ("executable", ""),
        ("prefix", "/usr"),
        ("base_prefix", "/usr"),
        ("exec_prefix", "/usr"),
        ("base_exec_prefix", "/usr"),
        ("copyright", ""),
        ("platlibdir", "lib"),
        ("float_repr_style", "short"),
    ] {
        let text = vm.str(text);
        super::constant(vm, module, name, text);
    }
    let limits = [
        ("maxsize", i64::MAX),
        ("maxunicode", 0x10_ffff),
        ("hexversion", 0x0309_02f0),
        ("api_version", 1013),
    ];
    for (name, value) in limits {
        super::constant(vm, module, name, Value::Int(value));
    }
    super::constant(vm, module, "dont_write_bytecode", Value::True);
    super::constant(vm, module, "pycache_prefix", Value::None);
    let final_ = vm.str("final");
    let info = vec![
        Value::Int(3),
        Value::Int(9),
        Value::Int(2),
        final_,
        Value::Int(0),
    ];
    let info = vm.tuple(info);
    super::constant(vm, module, "version_info", info);
    implementation(vm, module, info);
    let names: Vec<Value> = super::names().map(|name| vm.intern(name)).collect();
    let names = vm.tuple(names);
    super::constant(vm, module, "builtin_module_names", names);
    for name in ["argv", "path", "warnoptions", "meta_path", "path_hooks"] {
        let list = vm.list(Vec::new());
        super::constant(vm, module, name, list);
    }
    let importers = vm.dict();
    super::constant(vm, module, "path_importer_cache", importers);
}

/// Sets `sys.implementation` and `sys.flags`.
fn implementation(vm: &mut Vm, module: Value, version: Value) {
    let (name, tag) = (vm.str("cpython"), vm.str("cpython-39"));
    let fields = [
        ("name", name),
        ("cache_tag", tag),
        ("version", version),
        ("hexversion", Value::Int(0x0309_02f0)),
    ];
    let made = crate::types::namespace::make(vm, &fields);
    super::constant(vm, module, "implementation", made);
    let zero = [
        "debug",
        "inspect",
        "interactive",
        "optimize",
        "dont_write_bytecode",
        "no_user_site",
        "no_site",
        "ignore_environment",
        "verbose",
        "bytes_warning",
        "quiet",
        "hash_randomization",
        "isolated",
        "utf8_mode",
    ];
    let mut fields: Vec<(&str, Value)> = zero.iter().map(|&name| (name, Value::Int(0))).collect();
    fields.push(("dev_mode", Value::False));
    let made = crate::types::namespace::make(vm, &fields);
    super::constant(vm, module, "flags", made);
}

impl Vm {
    /// Writes to the standard output.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> R<()> {
        self.work(bytes.len())?;
        match self.out_left.checked_sub(bytes.len() as u64) {
            Some(left) => self.out_left = left,
            None => return Err(self.limit(crate::floor::Limit::OutputLimit)),
        }
        self.out.extend_from_slice(bytes);
        if self.out.len() > 8192 {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Hands on what was written.
    pub(crate) fn flush(&mut self) -> R<()> {
        if self.out.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.out);
        match self.link.write(bytes) {
            Ok(()) => Ok(()),
            Err(message) => {
                self.host_failed.get_or_insert(message);
                Err(Raise)
            }
        }
    }
}
