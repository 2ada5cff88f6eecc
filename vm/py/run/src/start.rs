//! Starting a run, and ending it.

use crate::STACK_BYTES;
use crate::floor::{Host, Limit, Limits, Program};
use crate::host::{Link, serve};
use crate::import::Script;
use crate::value::{R, Raise, Value};
use crate::vm::Vm;
use std::sync::mpsc::channel;

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The exit status that `python3.9` would have.
    pub status: i32,
    /// The name of the class of the exception that ended the program, if one did.
    pub exception: Option<String>,
    /// Where it was raised: file, qualified name, line.
    pub at: Option<(String, String, i64)>,
    /// The limit that ended the run, if one did.
    pub limit: Option<Limit>,
    /// The first MiB of what the program wrote to its standard error, tracebacks included.
    pub stderr: Vec<u8>,
    /// Why the host did not take output any more.
    pub host_error: Option<String>,
    /// How many bytecode instructions were executed, work in built-in functions included.
    pub steps: u64,
}

/// Runs a program. `entry` is its file's path under the host's root; `args` become `sys.argv[1:]`.
pub fn run(
    program: &Program,
    entry: &str,
    args: &[String],
    host: &mut dyn Host,
    limits: &Limits,
) -> Outcome {
    let (requests, served) = channel();
    let (answers, replies) = channel();
    let link = Link { requests, replies };
    let script = Script::new(entry, args);
    let mut stderr = Vec::new();
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK_BYTES);
        let thread = builder.spawn_scoped(scope, move || {
            let mut vm = Vm::new(limits, link, script);
            main(&mut vm, program)
        });
        let mut outcome = match thread {
            Ok(thread) => {
                serve(host, &served, &answers, &mut stderr);
                match thread.join() {
                    Ok(outcome) => outcome,
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Err(error) => Outcome {
                status: 1,
                host_error: Some(format!("cannot start a thread: {error}")),
                ..Outcome::default()
            },
        };
        outcome.stderr = std::mem::take(&mut stderr);
        outcome
    })
}

fn main(vm: &mut Vm, program: &Program) -> Outcome {
    let mut outcome = Outcome::default();
    let result = start(vm, program);
    if result.is_err() && vm.limited.is_none() && vm.host_failed.is_none() {
        uncaught(vm, &mut outcome);
    }
    if vm.limited.is_none() && vm.host_failed.is_none() {
        finish(vm);
    }
    let _ = vm.flush();
    outcome.limit = vm.limited;
    outcome.host_error = vm.host_failed.clone();
    if outcome.limit.is_some() || outcome.host_error.is_some() {
        outcome.status = 1;
    }
    outcome.steps = vm.steps;
    outcome
}

/// Runs the module `__main__`.
fn start(vm: &mut Vm, program: &Program) -> R {
    let code = crate::code::load(vm, program.pool(), program.code())?;
    vm.heap.inc(code);
    let class = vm.types.module;
    let module = crate::types::internal::new_module(vm, class);
    let Value::Obj(handle) = module else {
        return Err(Raise);
    };
    let names = vm.names;
    crate::types::internal::init_module(vm, handle, names.main, Value::None);
    let dict = vm.make_dict(handle);
    let modules = vm.modules;
    vm.dict_set_str(modules, names.main, module);
    vm.dict_set_str(dict, names.builtins, Value::Obj(vm.builtins));
    let builtins = vm.intern("builtins");
    if let Some(module) = vm.dict_get_str(modules, builtins) {
        vm.dict_set_str(dict, names.builtins, module);
    }
    let script = vm.script.clone();
    let file = vm.str(&script.entry);
    vm.dict_set_str(dict, names.file, file);
    vm.dict_set_str(dict, names.cached, Value::None);
    let mut argv = vec![file];
    argv.extend(script.argv.iter().map(|arg| vm.str(arg)));
    let argv = vm.list(argv);
    let folder = vm.str(&script.folder);
    let path = vm.list(vec![folder]);
    for (name, value) in [(names.argv, argv), (names.path_plain, path)] {
        if let Value::Obj(sys) = vm.sys {
            vm.set_instance_attr(sys, name, value);
        }
    }
    crate::import::run_code(vm, code, dict, dict)
}

/// Reports the exception that ended the program.
fn uncaught(vm: &mut Vm, outcome: &mut Outcome) {
    let exc = vm.raised;
    if vm.is_instance(exc, vm.exc.system_exit) {
        let exc = vm.take_raised();
        let code = crate::types::exceptions::field(vm, exc, 0);
        outcome.status = match code {
            Value::None => 0,
            code if crate::types::int::is_int(vm, code) => {
                crate::types::int::to_i64(vm, code).map_or(255, |code| (code & 0xff) as i32)
            }
            code => {
                let text = vm.text_of(code);
                vm.complain_text(format!("{text}\n").as_bytes());
                1
            }
        };
        if outcome.status != 0 {
            outcome.exception = Some("SystemExit".to_owned());
        }
        return;
    }
    outcome.status = 1;
    outcome.exception = Some(vm.type_name(exc));
    outcome.at = origin(vm, exc);
    let exc = vm.take_raised();
    vm.heap.inc(exc);
    let hook = vm.names.excepthook;
    let sys = vm.sys;
    let found = vm.instance_attr(sys, hook);
    let (kind, traceback) = vm.exc_triple(exc);
    match found {
        Some(hook) => {
            if vm.call(hook, &[kind, exc, traceback], &[]).is_err() && vm.limited.is_none() {
                let second = vm.take_raised();
                vm.heap.inc(second);
                let mut text = "Error in sys.excepthook:\n".to_owned();
                crate::trace::exception(vm, second, &mut text);
                text.push_str("\nOriginal exception was:\n");
                crate::trace::exception(vm, exc, &mut text);
                vm.complain_text(text.as_bytes());
                vm.heap.dec(second);
            }
        }
        None => {
            let mut text = "sys.excepthook is missing\n".to_owned();
            crate::trace::exception(vm, exc, &mut text);
            vm.complain_text(text.as_bytes());
        }
    }
    vm.heap.dec(exc);
    vm.drain();
}

/// Returns where an exception was raised.
fn origin(vm: &mut Vm, exc: Value) -> Option<(String, String, i64)> {
    use crate::object::Obj;
    let mut at = vm.as_exc(exc)?.traceback;
    let mut found = None;
    while let Obj::Traceback(parts) = vm.obj(at) {
        if let Obj::Frame(frame) = vm.obj(parts.frame)
            && let Some(code) = vm.code_of(frame.code)
        {
            found = Some((vm.shown(code.filename), vm.shown(code.name), parts.line));
        }
        at = parts.next;
    }
    found
}

/// Ends the program as CPython does: exit functions, modules, cycles.
fn finish(vm: &mut Vm) {
    while let Some(f) = vm.exit_functions.pop() {
        if vm.call(f, &[], &[]).is_err() {
            vm.unraisable(f);
        }
        vm.heap.dec(f);
    }
    vm.collect();
    let main = vm.names.main;
    let modules = vm.modules;
    let found = vm.dict_get_str(modules, main);
    if let Some(Value::Obj(module)) = found {
        let dict = vm.make_dict(module);
        clear_names(vm, dict);
    }
    vm.drain();
    vm.collect();
    vm.drain();
}

/// Sets a module's names to None: those with one underscore first, then all others.
fn clear_names(vm: &mut Vm, dict: Value) {
    for underscore in [true, false] {
        for (key, value) in vm.dict_pairs(dict) {
            let Some(text) = vm.as_str(key) else { continue };
            let bytes = text.bytes();
            let one = bytes.first() == Some(&b'_') && bytes.get(1) != Some(&b'_');
            let fits = if underscore {
                one
            } else {
                bytes != b"__builtins__"
            };
            if fits && !value.is_none() {
                vm.dict_set_str(dict, key, Value::None);
                vm.drain();
            }
        }
    }
}
