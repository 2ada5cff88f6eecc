//! Generators, coroutines, asynchronous generators, and what awaiting needs.

use crate::floor::{Op, flags};
use crate::native::{GetSet, Native, Sig, TypeDef, f, get, get_set};
use crate::object::{AsyncKind, GenKind, GenState, Generator, Iter, Obj};
use crate::run::generator::Step;
use crate::value::{R, Raise, Ref, Value};
use crate::vm::Vm;

const SHARED: [Native; 4] = [
    f("send", Sig::One, |vm, a| {
        let handle = handle(a[0])?;
        let step = vm.resume(handle, a[1]);
        finish(vm, step)
    }),
    f("throw", Sig::Pos(1, 3), |vm, a| {
        let exc = thrown(vm, &a[1..])?;
        let handle = handle(a[0])?;
        let step = vm.throw_into(handle, exc);
        finish(vm, step)
    }),
    f("close", Sig::None, |vm, a| {
        let handle = handle(a[0])?;
        vm.close_generator(handle)?;
        Ok(Value::None)
    }),
    f("__repr__", Sig::None, |vm, a| {
        let name = with(vm, a[0], |parts| parts.qualname)?;
        let kind = with(vm, a[0], |parts| parts.kind)?;
        let word = match kind {
            GenKind::Generator => "generator",
            GenKind::Coroutine => "coroutine",
            GenKind::AsyncGenerator => "async_generator",
        };
        let (name, id) = (vm.shown(name), vm.id(a[0]));
        Ok(vm.str(&format!("<{word} object {name} at {id:#x}>")))
    }),
];

pub(crate) static GENERATOR: TypeDef = TypeDef {
    name: "generator",
    methods: &[
        SHARED[0],
        SHARED[1],
        SHARED[2],
        SHARED[3],
        f("__iter__", Sig::None, |_, a| Ok(a[0])),
        f("__next__", Sig::None, |vm, a| {
            let handle = handle(a[0])?;
            let step = vm.resume(handle, Value::None);
            finish(vm, step)
        }),
    ],
    getsets: &[
        NAMES[0],
        NAMES[1],
        get("gi_frame", frame),
        get("gi_running", running),
        get("gi_code", code),
        get("gi_yieldfrom", delegate),
    ],
    weak: true,
    ..TypeDef::BLANK
};

pub(crate) static COROUTINE: TypeDef = TypeDef {
    name: "coroutine",
    methods: &[
        SHARED[0],
        SHARED[1],
        SHARED[2],
        SHARED[3],
        f("__await__", Sig::None, |vm, a| {
            let iter = Iter::Await { of: a[0] };
            Ok(vm.new_obj(vm.types.coroutine_wrapper, Obj::Iter(Box::new(iter))))
        }),
    ],
    getsets: &[
        NAMES[0],
        NAMES[1],
        get("cr_frame", frame),
        get("cr_running", running),
        get("cr_code", code),
        get("cr_await", delegate),
        get("cr_origin", |_, _| Ok(Value::None)),
    ],
    weak: true,
    ..TypeDef::BLANK
};

pub(crate) static ASYNC_GENERATOR: TypeDef = TypeDef {
    name: "async_generator",
    methods: &[
        SHARED[3],
        f("__aiter__", Sig::None, |_, a| Ok(a[0])),
        f("__anext__", Sig::None, |vm, a| {
            step_object(vm, a[0], Value::None, AsyncKind::Send)
        }),
        f("asend", Sig::One, |vm, a| {
            step_object(vm, a[0], a[1], AsyncKind::Send)
        }),
        f("athrow", Sig::Pos(1, 3), |vm, a| {
            let args = vm.tuple(a[1..].to_vec());
            step_object(vm, a[0], args, AsyncKind::Throw)
        }),
        f("aclose", Sig::None, |vm, a| {
            step_object(vm, a[0], Value::None, AsyncKind::Close)
        }),
    ],
    getsets: &[
        NAMES[0],
        NAMES[1],
        get("ag_frame", frame),
        get("ag_running", |vm, this| {
            with(vm, this, |parts| Value::bool(parts.running_async))
        }),
        get("ag_code", code),
        get("ag_await", delegate),
    ],
    weak: true,
    ..TypeDef::BLANK
};

pub(crate) static ASYNC_WRAPPED: TypeDef = TypeDef {
    name: "async_generator_wrapped_value",
    ..TypeDef::BLANK
};

const STEP: [Native; 6] = [
    f("__await__", Sig::None, |_, a| Ok(a[0])),
    f("__iter__", Sig::None, |_, a| Ok(a[0])),
    f("__next__", Sig::None, |vm, a| vm.next_raising(a[0])),
    f("send", Sig::One, |vm, a| {
        super::iterators::send(vm, a[0], a[1])
    }),
    f("throw", Sig::Pos(1, 3), |vm, a| {
        let exc = thrown(vm, &a[1..])?;
        throw_step(vm, a[0], exc)
    }),
    f("close", Sig::None, |vm, a| {
        close_step(vm, a[0])?;
        Ok(Value::None)
    }),
];

pub(crate) static ASYNC_SEND: TypeDef = TypeDef {
    name: "async_generator_asend",
    methods: &STEP,
    ..TypeDef::BLANK
};
pub(crate) static ASYNC_THROW: TypeDef = TypeDef {
    name: "async_generator_athrow",
    methods: &STEP,
    ..TypeDef::BLANK
};
pub(crate) static COROUTINE_WRAPPER: TypeDef = TypeDef {
    name: "coroutine_wrapper",
    methods: &[STEP[1], STEP[2], STEP[3], STEP[4], STEP[5]],
    ..TypeDef::BLANK
};

const NAMES: [GetSet; 2] = [
    get_set(
        "__name__",
        |vm, this| with(vm, this, |parts| parts.name),
        |vm, this, value| set_name(vm, this, value, "__name__", |parts| &mut parts.name),
    ),
    get_set(
        "__qualname__",
        |vm, this| with(vm, this, |parts| parts.qualname),
        |vm, this, value| set_name(vm, this, value, "__qualname__", |parts| &mut parts.qualname),
    ),
];

fn set_name(
    vm: &mut Vm,
    this: Value,
    value: Value,
    what: &str,
    field: fn(&mut Generator) -> &mut Value,
) -> R<()> {
    if vm.as_str(value).is_none() {
        return Err(vm.type_error(format!("{what} must be set to a string object")));
    }
    vm.heap.inc(value);
    if let Some(Obj::Generator(parts)) = this.obj().map(|handle| vm.heap.get_mut(handle)) {
        let old = std::mem::replace(field(parts), value);
        vm.heap.dec(old);
    }
    Ok(())
}

fn handle(value: Value) -> R<Ref> {
    value.obj().ok_or(Raise)
}

fn with<T>(vm: &Vm, this: Value, of: impl FnOnce(&Generator) -> T) -> R<T> {
    match vm.obj(this) {
        Obj::Generator(parts) => Ok(of(parts)),
        _ => Err(Raise),
    }
}

fn running(vm: &mut Vm, this: Value) -> R {
    with(vm, this, |parts| {
        Value::bool(parts.state == GenState::Running)
    })
}

fn delegate(vm: &mut Vm, this: Value) -> R {
    Ok(vm.delegate(handle(this)?).unwrap_or(Value::None))
}

fn code(vm: &mut Vm, this: Value) -> R {
    let func = with(vm, this, |parts| parts.func)?;
    Ok(vm.function(func).map_or(func, |function| function.code_obj))
}

fn frame(vm: &mut Vm, this: Value) -> R {
    let state = with(vm, this, |parts| parts.state)?;
    if state == GenState::Finished {
        return Ok(Value::None);
    }
    let handle = handle(this)?;
    if state == GenState::Running
        && let Some(index) = vm
            .frames
            .iter()
            .position(|frame| frame.generator == Some(handle))
    {
        return Ok(vm.frame_object(index));
    }
    let code = code(vm, this)?;
    let Some(real) = vm.code_of(code) else {
        return Err(Raise);
    };
    let (globals, builtins, pc, registers) = with(vm, this, |parts| {
        (
            parts.globals,
            parts.builtins,
            parts.pc,
            parts.registers.clone(),
        )
    })?;
    let lowered = real.lowered().clone();
    let lasti = lowered.offsets.get(pc as usize).copied().unwrap_or(0);
    let line = if state == GenState::Created {
        real.firstlineno.into()
    } else {
        real.line(lasti)
    };
    let object = crate::object::FrameObj {
        active: None,
        code,
        globals,
        builtins,
        locals: Value::Unset,
        registers: registers[..lowered.temps as usize].to_vec(),
        back: Value::None,
        lasti,
        line,
    };
    Ok(vm.new_obj(vm.types.frame, Obj::Frame(Box::new(object))))
}

/// A step's result as a method returns it: a value, or StopIteration.
fn finish(vm: &mut Vm, step: R<Step>) -> R {
    match step? {
        Step::Yield(value) => Ok(value),
        Step::Return(value) => Err(stop(vm, value)),
    }
}

/// Raises StopIteration with a value.
pub(crate) fn stop(vm: &mut Vm, value: Value) -> Raise {
    let args = if value.is_none() {
        Vec::new()
    } else {
        vec![value]
    };
    vm.raise_with(vm.exc.stop_iteration, args)
}

/// Returns the exception that the arguments of `throw` mean.
fn thrown(vm: &mut Vm, args: &[Value]) -> R {
    let (kind, value) = (args[0], args.get(1).copied().unwrap_or(Value::None));
    let traceback = args.get(2).copied().unwrap_or(Value::None);
    if !traceback.is_none() && !matches!(vm.obj(traceback), Obj::Traceback(_)) {
        return Err(vm.type_error("throw() third argument must be a traceback object"));
    }
    let base = vm.exc.base_exception;
    let exc = if let Some(class) = vm
        .as_class(kind)
        .filter(|&class| vm.is_subclass(class, base))
    {
        if vm.is_instance(value, class) {
            value
        } else if value.is_none() {
            vm.call(kind, &[], &[])?
        } else if let Some(args) = vm.as_tuple(value).map(<[Value]>::to_vec) {
            vm.call(kind, &args, &[])?
        } else {
            vm.call(kind, &[value], &[])?
        }
    } else if vm.is_instance(kind, base) {
        if !value.is_none() {
            return Err(vm.type_error("instance exception may not have a separate value"));
        }
        kind
    } else {
        let found = vm.type_name(kind);
        return Err(vm.type_error(format!(
            "exceptions must be classes or instances deriving from BaseException, not {found}"
        )));
    };
    if !traceback.is_none() {
        vm.exc_field(exc, traceback, |exc| &mut exc.traceback);
    }
    Ok(exc)
}

fn step_object(vm: &mut Vm, of: Value, arg: Value, kind: AsyncKind) -> R {
    hook(vm, of)?;
    let class = if kind == AsyncKind::Send {
        vm.types.async_send
    } else {
        vm.types.async_throw
    };
    let iter = Iter::AsyncStep {
        of,
        arg,
        kind,
        state: 0,
    };
    Ok(vm.new_obj(class, Obj::Iter(Box::new(iter))))
}

/// Calls the hooks for a new asynchronous generator, once.
fn hook(vm: &mut Vm, of: Value) -> R<()> {
    let Value::Obj(handle) = of else {
        return Err(Raise);
    };
    let Obj::Generator(parts) = vm.heap.get_mut(handle) else {
        return Err(Raise);
    };
    if std::mem::replace(&mut parts.hooked, true) {
        return Ok(());
    }
    let (first, finalizer) = crate::modules::sys::asyncgen_hooks(vm);
    if !finalizer.is_none() {
        vm.heap.inc(finalizer);
        if let Obj::Generator(parts) = vm.heap.get_mut(handle) {
            parts.finalizer = finalizer;
        }
    }
    if !first.is_none() {
        vm.call(first, &[of], &[])?;
    }
    Ok(())
}

fn step_parts(vm: &Vm, step: Value) -> Option<(Value, Value, AsyncKind, u8)> {
    match vm.obj(step) {
        Obj::Iter(iter) => match **iter {
            Iter::AsyncStep {
                of,
                arg,
                kind,
                state,
            } => Some((of, arg, kind, state)),
            _ => None,
        },
        _ => None,
    }
}

fn set_step(vm: &mut Vm, step: Value, new: u8) {
    if let Some(Obj::Iter(iter)) = step.obj().map(|handle| vm.heap.get_mut(handle))
        && let Iter::AsyncStep { state, .. } = &mut **iter
    {
        *state = new;
    }
}

fn set_running(vm: &mut Vm, of: Value, running: bool) {
    if let Some(Obj::Generator(parts)) = of.obj().map(|handle| vm.heap.get_mut(handle)) {
        parts.running_async = running;
    }
}

/// Sends to a step of an asynchronous generator. Its states: 0 new, 1 begun, 2 done.
pub(crate) fn send_step(vm: &mut Vm, step: Value, sent: Value) -> R {
    let Some((of, arg, kind, state)) = step_parts(vm, step) else {
        return Err(Raise);
    };
    let what = if kind == AsyncKind::Send {
        "__anext__()/asend()"
    } else {
        "aclose()/athrow()"
    };
    if state == 2 {
        let message = format!("cannot reuse already awaited {what}");
        return Err(vm.raise(vm.exc.runtime_error, message));
    }
    let handle = handle(of)?;
    if state == 1 {
        let result = vm.resume(handle, sent);
        return unwrap_step(vm, step, of, kind, result);
    }
    if with(vm, of, |parts| parts.running_async)? {
        let name = match kind {
            AsyncKind::Send => "anext()",
            AsyncKind::Throw => "athrow()",
            AsyncKind::Close => "aclose()",
        };
        set_step(vm, step, 2);
        let message = format!("{name}: asynchronous generator is already running");
        return Err(vm.raise(vm.exc.runtime_error, message));
    }
    if kind != AsyncKind::Send && with(vm, of, |parts| parts.closed)? {
        set_step(vm, step, 2);
        return Err(if kind == AsyncKind::Close {
            stop(vm, Value::None)
        } else {
            vm.raise_with(vm.exc.stop_async_iteration, Vec::new())
        });
    }
    set_step(vm, step, 1);
    set_running(vm, of, true);
    let result = match kind {
        AsyncKind::Send => {
            let sent = if sent.is_none() { arg } else { sent };
            vm.resume(handle, sent)
        }
        AsyncKind::Close => {
            if let Obj::Generator(parts) = vm.heap.get_mut(handle) {
                parts.closed = true;
            }
            if with(vm, of, |parts| parts.state)? == GenState::Created {
                vm.discard_generator(handle);
            }
            let class = vm.exc.generator_exit;
            let exc = super::exceptions::make(vm, class, Vec::new());
            vm.throw_into(handle, exc)
        }
        AsyncKind::Throw => {
            let args = super::tuple::items(vm, arg);
            let exc = thrown(vm, &args)?;
            vm.throw_into(handle, exc)
        }
    };
    unwrap_step(vm, step, of, kind, result)
}

/// What a resumed asynchronous generator gave, as its step passes it on.
fn unwrap_step(vm: &mut Vm, step: Value, of: Value, kind: AsyncKind, result: R<Step>) -> R {
    let close = kind == AsyncKind::Close;
    match result {
        Ok(Step::Yield(value)) if vm.class_of(value) == vm.types.async_wrapped => {
            set_step(vm, step, 2);
            set_running(vm, of, false);
            if close {
                let message = "async generator ignored GeneratorExit";
                return Err(vm.raise(vm.exc.runtime_error, message));
            }
            let inner = super::descriptor::wrapped(vm, value);
            Err(stop_exact(vm, inner))
        }
        Ok(Step::Yield(value)) => Ok(value),
        Ok(Step::Return(_)) => {
            set_step(vm, step, 2);
            set_running(vm, of, false);
            set_closed(vm, of);
            Err(if close {
                stop(vm, Value::None)
            } else {
                vm.raise_with(vm.exc.stop_async_iteration, Vec::new())
            })
        }
        Err(Raise) => {
            set_step(vm, step, 2);
            set_running(vm, of, false);
            if vm.limited.is_some() {
                return Err(Raise);
            }
            let raised = vm.raised;
            let ended = vm.is_instance(raised, vm.exc.stop_async_iteration)
                || vm.is_instance(raised, vm.exc.generator_exit);
            if ended {
                set_closed(vm, of);
            }
            if close && ended {
                vm.take_raised();
                return Err(stop(vm, Value::None));
            }
            Err(Raise)
        }
    }
}

fn set_closed(vm: &mut Vm, of: Value) {
    if let Some(Obj::Generator(parts)) = of.obj().map(|handle| vm.heap.get_mut(handle)) {
        parts.closed = true;
    }
}

/// Raises StopIteration with just this value, None too.
fn stop_exact(vm: &mut Vm, value: Value) -> Raise {
    vm.raise_with(vm.exc.stop_iteration, vec![value])
}

fn throw_step(vm: &mut Vm, step: Value, exc: Value) -> R {
    if let Obj::Iter(iter) = vm.obj(step)
        && let Iter::Await { of } = **iter
    {
        let handle = handle(of)?;
        let result = vm.throw_into(handle, exc);
        return finish(vm, result);
    }
    let Some((of, _, kind, state)) = step_parts(vm, step) else {
        return Err(Raise);
    };
    if state == 2 {
        let what = if kind == AsyncKind::Send {
            "__anext__()/asend()"
        } else {
            "aclose()/athrow()"
        };
        let message = format!("cannot reuse already awaited {what}");
        return Err(vm.raise(vm.exc.runtime_error, message));
    }
    set_step(vm, step, 1);
    let handle = handle(of)?;
    let result = vm.throw_into(handle, exc);
    unwrap_step(vm, step, of, kind, result)
}

fn close_step(vm: &mut Vm, step: Value) -> R<()> {
    if let Obj::Iter(iter) = vm.obj(step)
        && let Iter::Await { of } = **iter
    {
        let handle = handle(of)?;
        return vm.close_generator(handle);
    }
    set_step(vm, step, 2);
    Ok(())
}

/// What `GET_AITER` does.
pub(crate) fn aiter(vm: &mut Vm, value: Value) -> R {
    let (aiter, anext) = (vm.names.aiter, vm.names.anext);
    let kind = vm.type_name(value);
    let Some(result) = vm.call_special(value, aiter, &[]) else {
        return Err(vm.type_error(format!(
            "'async for' requires an object with __aiter__ method, got {kind}"
        )));
    };
    let result = result?;
    if vm.special(result, anext).is_none() {
        let kind = vm.type_name(result);
        return Err(vm.type_error(format!(
            "'async for' received an object from __aiter__ that does not implement __anext__: {kind}"
        )));
    }
    Ok(result)
}

/// What `GET_ANEXT` does.
pub(crate) fn anext(vm: &mut Vm, value: Value) -> R {
    let anext = vm.names.anext;
    let kind = vm.type_name(value);
    let Some(result) = vm.call_special(value, anext, &[]) else {
        return Err(vm.type_error(format!(
            "'async for' requires an iterator with __anext__ method, got {kind}"
        )));
    };
    let result = result?;
    if vm.class_of(value) == vm.types.async_generator {
        return Ok(result);
    }
    match awaitable(vm, result, None) {
        Ok(found) => Ok(found),
        Err(Raise) => {
            if vm.limited.is_some() {
                return Err(Raise);
            }
            let cause = vm.take_raised();
            vm.heap.inc(cause);
            let kind = vm.type_name(result);
            let raise = vm.type_error(format!(
                "'async for' received an invalid object from __anext__: {kind}"
            ));
            let raised = vm.raised;
            vm.exc_field(raised, cause, |exc| &mut exc.cause);
            vm.exc_field(raised, cause, |exc| &mut exc.context);
            if let Some(Obj::Exc(exc)) = raised.obj().map(|handle| vm.heap.get_mut(handle)) {
                exc.suppress = true;
            }
            vm.heap.dec(cause);
            Err(raise)
        }
    }
}

/// Returns the iterator that awaiting a value needs.
pub(crate) fn awaitable(vm: &mut Vm, value: Value, before: Option<Op>) -> R {
    if let Obj::Generator(parts) = vm.obj(value) {
        let fits = parts.kind == GenKind::Coroutine || parts.code.has(flags::ITERABLE_COROUTINE);
        if parts.kind == GenKind::Coroutine && vm.delegate(handle(value)?).is_some() {
            let message = "coroutine is being awaited already";
            return Err(vm.raise(vm.exc.runtime_error, message));
        }
        if fits {
            return Ok(value);
        }
    }
    let name = vm.names.await_;
    let kind = vm.type_name(value);
    let Some(result) = vm.call_special(value, name, &[]) else {
        return Err(vm.type_error(match before {
            Some(Op::BeforeAsyncWith) => format!(
                "'async with' received an object from __aenter__ that does not implement \
                 __await__: {kind}"
            ),
            Some(Op::WithExceptStart | Op::CallFunction) if is_exit(vm) => format!(
                "'async with' received an object from __aexit__ that does not implement \
                 __await__: {kind}"
            ),
            Some(Op::WithExceptStart) => format!(
                "'async with' received an object from __aexit__ that does not implement \
                 __await__: {kind}"
            ),
            _ => format!("object {kind} can't be used in 'await' expression"),
        }));
    };
    let result = result?;
    if let Obj::Generator(parts) = vm.obj(result)
        && (parts.kind == GenKind::Coroutine || parts.code.has(flags::ITERABLE_COROUTINE))
    {
        return Err(vm.type_error("__await__() returned a coroutine"));
    }
    let next = vm.names.next;
    if vm.special(result, next).is_none() {
        let kind = vm.type_name(result);
        return Err(vm.type_error(format!(
            "__await__() returned non-iterator of type '{kind}'"
        )));
    }
    Ok(result)
}

/// Whether the topmost frame awaits what `__aexit__` returned after a block that ended well: it
/// calls that with three times None.
fn is_exit(vm: &Vm) -> bool {
    let top = vm.frames.len().wrapping_sub(1);
    let Some(code) = vm.frame_code(top) else {
        return false;
    };
    let at = vm.frame_offset(top) as usize;
    // LOAD_CONST None, DUP_TOP, DUP_TOP, CALL_FUNCTION 3, GET_AWAITABLE.
    at >= 6
        && code.bytes.get(at - 2..at) == Some(&[Op::CallFunction as u8, 3][..])
        && code.bytes.get(at - 4) == Some(&(Op::DupTop as u8))
        && code.bytes.get(at - 6) == Some(&(Op::DupTop as u8))
}
