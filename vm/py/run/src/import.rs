//! Imports: modules under the root, native modules, and the code of both.

use crate::floor::flags;
use crate::native::Kw;
use crate::object::{Function, Obj};
use crate::run::frame::{Exit, Frame, Then};
use crate::value::{R, Raise, Ref, Value};
use crate::vm::Vm;
use std::rc::Rc;

/// Where the program is.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// The entry file, relative to the root.
    pub(crate) entry: String,
    /// Its folder, relative to the root; empty for the root.
    pub(crate) folder: String,
    pub(crate) argv: Vec<String>,
}

impl Script {
    pub(crate) fn new(entry: &str, argv: &[String]) -> Script {
        let folder = entry.rsplit_once('/').map_or("", |(folder, _)| folder);
        Script {
            entry: entry.to_owned(),
            folder: folder.to_owned(),
            argv: argv.to_vec(),
        }
    }

    /// Returns where a source file is that a code object names.
    pub(crate) fn source_path(&self, file: &str) -> Option<String> {
        let plain = !file.starts_with('<') && !file.starts_with('/') && !file.is_empty();
        let clean = plain && file.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !clean {
            return None;
        }
        Some(self.join(file))
    }

    fn join(&self, file: &str) -> String {
        if self.folder.is_empty() {
            file.to_owned()
        } else {
            format!("{}/{file}", self.folder)
        }
    }
}

/// Returns the builtins that a dict of globals names.
pub(crate) fn builtins_of(vm: &mut Vm, globals: Value) -> Ref {
    let key = vm.names.builtins;
    match vm.dict_get_str(globals, key) {
        Some(found) => match (vm.as_dict(found), found) {
            (Some(_), Value::Obj(handle)) => handle,
            (None, Value::Obj(handle)) if vm.is_instance(found, vm.types.module) => {
                vm.make_dict(handle).obj().unwrap_or(vm.builtins)
            }
            _ => vm.builtins,
        },
        None => vm.builtins,
    }
}

/// Runs a module's, class's or `exec`'s code.
pub(crate) fn run_code(vm: &mut Vm, code: Value, globals: Value, locals: Value) -> R {
    let Obj::Code(inner) = vm.obj(code) else {
        return Err(Raise);
    };
    let inner = inner.clone();
    vm.native_guard("")?;
    let builtins = builtins_of(vm, globals);
    let Value::Obj(globals_ref) = globals else {
        return Err(Raise);
    };
    if inner.has(flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR)
        || inner.parameters() > 0
    {
        // Such code is run as a function without arguments.
        let function = plain_function(vm, code, globals_ref, builtins);
        return vm.call(function, &[], &[]);
    }
    let lowered = inner.lowered().clone();
    let base = vm.free_register();
    vm.need_registers(base + lowered.registers as usize)?;
    for register in &mut vm.regs[base..base + lowered.cells as usize] {
        *register = Value::Unset;
    }
    vm.make_cells(&lowered, base, Value::Unset);
    // The dicts are kept by the frame's function; a code object keeps none.
    vm.heap.inc(globals);
    vm.heap.inc(code);
    let frame = Frame {
        lowered,
        base,
        pc: 0,
        func: code,
        globals: globals_ref,
        builtins,
        locals,
        then: Then::Entry,
        ret: 0,
        args: 0,
        keep: Value::Unset,
        obj: None,
        generator: None,
    };
    let result = vm.push_frame(frame).and_then(|()| vm.run_nested());
    vm.heap.dec(code);
    vm.heap.dec(globals);
    match result? {
        Exit::Return(value) | Exit::Yield(value) => Ok(value),
    }
}

fn plain_function(vm: &mut Vm, code: Value, globals: Ref, builtins: Ref) -> Value {
    let Obj::Code(inner) = vm.obj(code) else {
        return Value::None;
    };
    let inner = inner.clone();
    let function = Function {
        simple: Vm::is_simple(&inner),
        name: inner.name,
        qualname: inner.name,
        code: inner,
        code_obj: code,
        globals,
        builtins,
        module: Value::None,
        doc: Value::None,
        defaults: Value::Unset,
        kwdefaults: Value::Unset,
        closure: Value::Unset,
        annotations: Value::Unset,
    };
    vm.instance(vm.types.function, Obj::Function(Box::new(function)))
}

/// Runs a class's body; returns its cell, or None.
pub(crate) fn run_class_body(vm: &mut Vm, body: Value, namespace: Value) -> R {
    vm.native_guard("")?;
    let Some(function) = vm.function(body) else {
        return Err(Raise);
    };
    let (globals, builtins, closure) = (function.globals, function.builtins, function.closure);
    let code = function.code.clone();
    let lowered = code.lowered().clone();
    let base = vm.free_register();
    vm.need_registers(base + lowered.registers as usize)?;
    for register in &mut vm.regs[base..base + lowered.cells as usize] {
        *register = Value::Unset;
    }
    if code.parameters() > 0 {
        vm.bind_arguments(body, &code, base, &[], &[])?;
    }
    vm.make_cells(&lowered, base, closure);
    let frame = Frame {
        lowered: Rc::clone(&lowered),
        base,
        pc: 0,
        func: body,
        globals,
        builtins,
        locals: namespace,
        then: Then::Entry,
        ret: 0,
        args: 0,
        keep: Value::Unset,
        obj: None,
        generator: None,
    };
    vm.push_frame(frame)?;
    match vm.run_nested()? {
        Exit::Return(value) | Exit::Yield(value) => Ok(value),
    }
}

/// Whether a module's code has not ended yet.
pub(crate) fn is_initializing(vm: &mut Vm, module: Value) -> bool {
    let (spec, name) = (vm.names.spec, vm.names.initializing);
    let Some(spec) = vm.instance_attr(module, spec) else {
        return false;
    };
    match vm.get_attr_opt(spec, name) {
        Ok(Some(found)) => vm.truth(found).unwrap_or(false),
        _ => false,
    }
}

/// `repr` of a module.
pub(crate) fn module_repr(vm: &mut Vm, module: Value) -> R {
    let (name, file) = (vm.names.name, vm.names.file);
    let shown = match vm.instance_attr(module, name) {
        Some(found) => {
            let text = vm.repr(found)?;
            vm.shown(text)
        }
        None => "'?'".to_owned(),
    };
    let plain = shown.trim_matches('\'').to_owned();
    let text = if let Some(found) = vm.instance_attr(module, file) {
        let text = vm.repr(found)?;
        format!("<module {shown} from {}>", vm.shown(text))
    } else if crate::modules::names().any(|native| native == plain) {
        format!("<module {shown} (built-in)>")
    } else {
        format!("<module {shown}>")
    };
    Ok(vm.str(&text))
}

/// `IMPORT_NAME`.
pub(crate) fn import_name(vm: &mut Vm, name: Value, from: Value, level: Value) -> R {
    let key = vm.names.import;
    let top = vm.frames.len() - 1;
    let builtins = Value::Obj(vm.frames[top].builtins);
    let Some(f) = vm.dict_get_str(builtins, key) else {
        return Err(vm.raise(vm.exc.import_error, "__import__ not found"));
    };
    let globals = Value::Obj(vm.frames[top].globals);
    if let Obj::Native(_) = vm.obj(f) {
        let level = vm.index_size(level)?;
        return import(vm, name, globals, from, level);
    }
    let locals = vm.frames[top].locals.or(Value::None);
    vm.call(f, &[name, globals, locals, from, level], &[])
}

/// `__import__`.
pub(crate) fn builtin_import(vm: &mut Vm, args: &[Value], kw: Kw<'_>) -> R {
    let params = crate::native::Params {
        names: &["name", "globals", "locals", "fromlist", "level"],
        required: 1,
        positional: 5,
    };
    let a = vm.bind_params("__import__", params, args, kw)?;
    if vm.as_str(a[0]).is_none() {
        return Err(vm.type_error("module name must be a string"));
    }
    let level = if a[4].is_unset() {
        0
    } else {
        vm.index_size(a[4])?
    };
    import(vm, a[0], a[1].or(Value::None), a[3].or(Value::None), level)
}

fn import(vm: &mut Vm, name: Value, globals: Value, from: Value, level: i64) -> R {
    if level < 0 {
        return Err(vm.value_error("level must be >= 0"));
    }
    let shown = vm.shown(name);
    let absolute = if level > 0 {
        relative(vm, &shown, globals, level)?
    } else {
        if shown.is_empty() {
            return Err(vm.value_error("Empty module name"));
        }
        shown.clone()
    };
    let full = vm.intern(&absolute);
    let module = import_module(vm, full)?;
    if !vm.truth(from)? {
        if level == 0 || shown.is_empty() {
            let first = shown.split('.').next().unwrap_or("");
            if level == 0 && first.len() < shown.len() {
                let first = vm.intern(first);
                return import_module(vm, first);
            }
            return Ok(module);
        }
        let cut = shown.len() - shown.split('.').next().unwrap_or("").len();
        let first = vm.intern(&absolute[..absolute.len() - cut]);
        return import_module(vm, first);
    }
    let path = vm.names.path;
    if vm.get_attr_opt(module, path)?.is_some() {
        for item in vm.list_of(from)? {
            import_submodule(vm, module, &absolute, item)?;
        }
    }
    Ok(module)
}

/// Imports what a `from` names if it is a submodule.
fn import_submodule(vm: &mut Vm, module: Value, package: &str, item: Value) -> R<()> {
    if vm.as_str(item).is_none() {
        let kind = vm.type_name(item);
        return Err(vm.type_error(format!("Item in ``from list'' must be str, not {kind}")));
    }
    let shown = vm.shown(item);
    if shown == "*" {
        let all = vm.names.all;
        if let Some(names) = vm.get_attr_opt(module, all)? {
            for name in vm.list_of(names)? {
                if vm.as_str(name).is_some() {
                    import_submodule(vm, module, package, name)?;
                }
            }
        }
        return Ok(());
    }
    let name = vm.interned(item);
    if vm.get_attr_opt(module, name)?.is_none() {
        let full = vm.intern(&format!("{package}.{shown}"));
        if let Err(Raise) = import_module(vm, full)
            && vm.catch(vm.exc.module_not_found_error).is_none()
        {
            return Err(Raise);
        }
    }
    Ok(())
}

/// Returns the absolute name that a relative one means.
fn relative(vm: &mut Vm, name: &str, globals: Value, level: i64) -> R<String> {
    let names = vm.names;
    let mut package = vm
        .dict_get_str(globals, names.package)
        .unwrap_or(Value::None);
    if package.is_none() {
        package = vm.dict_get_str(globals, names.name).unwrap_or(Value::None);
        let shown = vm.shown(package);
        if vm.dict_get_str(globals, names.path).is_none() {
            let parent = shown.rsplit_once('.').map_or("", |(parent, _)| parent);
            package = vm.str(parent);
        }
    }
    let shown = vm.shown(package);
    if shown.is_empty() {
        let message = "attempted relative import with no known parent package";
        return Err(vm.raise(vm.exc.import_error, message));
    }
    let mut base = &shown[..];
    for _ in 1..level {
        match base.rsplit_once('.') {
            Some((parent, _)) => base = parent,
            None => {
                let message = "attempted relative import beyond top-level package";
                return Err(vm.raise(vm.exc.import_error, message));
            }
        }
    }
    Ok(if name.is_empty() {
        base.to_owned()
    } else {
        format!("{base}.{name}")
    })
}

/// Imports a module by its full name.
pub(crate) fn import_module(vm: &mut Vm, name: Value) -> R {
    let modules = vm.modules;
    if let Some(found) = vm.dict_get_str(modules, name) {
        if found.is_none() {
            let shown = vm.shown(name);
            let message = format!("import of {shown} halted; None in sys.modules");
            return Err(not_found(vm, message, name));
        }
        return Ok(found);
    }
    let shown = vm.shown(name);
    let parent = shown.rsplit_once('.');
    let mut folder = None;
    if let Some((parent, _)) = parent {
        let parent_name = vm.intern(parent);
        let package = import_module(vm, parent_name)?;
        if let Some(found) = vm.dict_get_str(modules, name) {
            return Ok(found);
        }
        let path = vm.names.path;
        let Some(path) = vm.get_attr_opt(package, path)? else {
            let message = format!("No module named '{shown}'; '{parent}' is not a package");
            return Err(not_found(vm, message, name));
        };
        let first = vm.list_of(path)?.first().copied();
        folder = Some(first.map_or(String::new(), |first| vm.shown(first)));
    } else if let Some(module) = crate::modules::make(vm, &shown)? {
        vm.dict_set_str(modules, name, module);
        return Ok(module);
    }
    let folder = folder.unwrap_or_else(|| vm.script.folder.clone());
    let last = shown.rsplit('.').next().unwrap_or("").to_owned();
    let Some((file, code, package)) = find(vm, &folder, &last)? else {
        return Err(not_found(vm, format!("No module named '{shown}'"), name));
    };
    let module = load(vm, name, &file, code, package.as_deref())?;
    if let Some((parent, last)) = parent {
        let (parent, last) = (vm.intern(parent), vm.intern(last));
        if let Some(package) = vm.dict_get_str(modules, parent) {
            vm.set_attr(package, last, module)?;
        }
    }
    Ok(module)
}

fn not_found(vm: &mut Vm, message: String, name: Value) -> Raise {
    let raise = vm.raise(vm.exc.module_not_found_error, message);
    let raised = vm.raised;
    crate::types::exceptions::set_field(vm, raised, 1, name);
    raise
}

/// Finds a module's file in a folder: its name, code, and its own folder if it is a package.
fn find(vm: &mut Vm, folder: &str, name: &str) -> R<Option<(String, Value, Option<String>)>> {
    let at = |file: String| {
        if folder.is_empty() {
            file
        } else {
            format!("{folder}/{file}")
        }
    };
    let package = at(name.to_owned());
    let tries = [
        (format!("{package}/__init__.pyc"), true),
        (
            format!("{package}/__pycache__/__init__.cpython-39.pyc"),
            true,
        ),
        (format!("{package}/__init__.cpyasm"), true),
        (format!("{package}.pyc"), false),
        (at(format!("__pycache__/{name}.cpython-39.pyc")), false),
        (format!("{package}.cpyasm"), false),
    ];
    let most = vm.limits.source_bytes();
    for (file, is_package) in tries {
        let Some(bytes) = vm.link.read(&file, most) else {
            continue;
        };
        let program = match crate::floor::load_bytes(&file, &bytes) {
            Ok(program) => program,
            Err(_) => {
                let message = format!("bad bytecode in '{file}'");
                return Err(vm.raise(vm.exc.import_error, message));
            }
        };
        let code = crate::code::load(vm, program.pool(), program.code())?;
        return Ok(Some((file, code, is_package.then_some(package))));
    }
    Ok(None)
}

/// Makes a module of its code, and runs that.
fn load(vm: &mut Vm, name: Value, file: &str, code: Value, package: Option<&str>) -> R {
    let module = {
        let class = vm.types.module;
        crate::types::internal::new_module(vm, class)
    };
    let Value::Obj(handle) = module else {
        return Err(Raise);
    };
    vm.heap.inc(code);
    crate::types::internal::init_module(vm, handle, name, Value::None);
    let names = vm.names;
    let shown = vm.shown(name);
    let parent = if package.is_some() {
        shown.clone()
    } else {
        shown
            .rsplit_once('.')
            .map_or(String::new(), |(parent, _)| parent.to_owned())
    };
    let (file, parent) = (vm.str(file), vm.str(&parent));
    let dict = vm.make_dict(handle);
    vm.dict_set_str(dict, names.file, file);
    vm.dict_set_str(dict, names.package, parent);
    vm.dict_set_str(dict, names.cached, file);
    vm.dict_set_str(dict, names.builtins, Value::Obj(vm.builtins));
    if let Some(folder) = package {
        let folder = vm.str(folder);
        let path = vm.list(vec![folder]);
        vm.dict_set_str(dict, names.path, path);
    }
    let spec = spec(vm, name);
    vm.dict_set_str(dict, names.spec, spec);
    let modules = vm.modules;
    vm.dict_set_str(modules, name, module);
    let result = run_code(vm, code, dict, dict);
    vm.heap.dec(code);
    if let Value::Obj(spec) = spec {
        vm.set_instance_attr(spec, names.initializing, Value::False);
    }
    if result.is_err() {
        vm.dict_remove_str(modules, name);
        return Err(Raise);
    }
    // The module may have put another in its place.
    Ok(vm.dict_get_str(modules, name).unwrap_or(module))
}

/// Makes what stands for a module's spec while it is initialized.
fn spec(vm: &mut Vm, name: Value) -> Value {
    let module = vm.types.module;
    let spec = crate::types::internal::new_module(vm, module);
    if let Value::Obj(handle) = spec {
        let names = vm.names;
        let plain = vm.intern("name");
        vm.set_instance_attr(handle, names.name, name);
        vm.set_instance_attr(handle, plain, name);
        vm.set_instance_attr(handle, names.initializing, Value::True);
    }
    spec
}

/// `IMPORT_FROM`.
pub(crate) fn import_from(vm: &mut Vm, module: Value, name: Value) -> R {
    if let Some(found) = vm.get_attr_opt(module, name)? {
        return Ok(found);
    }
    let (own, file) = (vm.names.name, vm.names.file);
    let package = vm
        .get_attr_opt(module, own)?
        .filter(|&name| vm.as_str(name).is_some());
    let shown = vm.shown(name);
    if let Some(package) = package {
        let full = format!("{}.{shown}", vm.shown(package));
        let full = vm.intern(&full);
        let modules = vm.modules;
        if let Some(found) = vm.dict_get_str(modules, full) {
            return Ok(found);
        }
    }
    let of = package.map_or("<unknown module name>".to_owned(), |package| {
        vm.shown(package)
    });
    let path = vm
        .get_attr_opt(module, file)?
        .filter(|&file| vm.as_str(file).is_some());
    let place = path.map_or("unknown location".to_owned(), |path| vm.shown(path));
    let message = if is_initializing(vm, module) {
        format!(
            "cannot import name '{shown}' from partially initialized module '{of}' (most likely \
             due to a circular import) ({place})"
        )
    } else {
        format!("cannot import name '{shown}' from '{of}' ({place})")
    };
    let raise = vm.raise(vm.exc.import_error, message);
    let raised = vm.raised;
    crate::types::exceptions::set_field(vm, raised, 1, package.unwrap_or(Value::None));
    crate::types::exceptions::set_field(vm, raised, 2, path.unwrap_or(Value::None));
    Err(raise)
}

/// `IMPORT_STAR`.
pub(crate) fn import_star(vm: &mut Vm, module: Value) -> R<()> {
    let names = vm.names;
    let top = vm.frames.len() - 1;
    let locals = match vm.frames[top].locals.set() {
        Some(locals) => locals,
        None => vm.frame_locals(top)?,
    };
    let (list, skip) = match vm.get_attr_opt(module, names.all)? {
        Some(all) => (vm.list_of(all)?, false),
        None => match vm.get_attr_opt(module, names.dict)? {
            Some(dict) => {
                let keys = vm.call_method(dict, names.keys, &[])?;
                (vm.list_of(keys)?, true)
            }
            None => {
                let message = "from-import-* object has no __dict__ and no __all__";
                return Err(vm.raise(vm.exc.import_error, message));
            }
        },
    };
    for name in list {
        if vm.as_str(name).is_none() {
            let kind = vm.type_name(name);
            let of = vm.get_attr_opt(module, names.name)?.unwrap_or(Value::None);
            let of = vm.text_of(of);
            let message = if skip {
                format!("Key in {of}.__dict__ must be str, not {kind}")
            } else {
                format!("Item in {of}.__all__ must be str, not {kind}")
            };
            return Err(vm.type_error(message));
        }
        if skip
            && vm
                .as_str(name)
                .is_some_and(|text| text.bytes().starts_with(b"_"))
        {
            continue;
        }
        let name = vm.interned(name);
        let value = vm.get_attr(module, name)?;
        vm.set_item(locals, name, value)?;
    }
    Ok(())
}

impl Vm {
    /// Removes a string key from a dict.
    pub(crate) fn dict_remove_str(&mut self, dict: Value, name: Value) {
        if self.dict_remove(dict, name).is_err() {
            self.take_raised();
        }
    }
}
