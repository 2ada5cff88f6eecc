//! Warnings: which are shown, and how.

use crate::value::{R, Ref, Value};
use crate::vm::Vm;

/// Warns of something at the topmost frame's line.
pub(crate) fn warn(vm: &mut Vm, class: Ref, message: &str) -> R<()> {
    let index = vm.frames.len().wrapping_sub(1);
    let text = vm.str(message);
    warn_at(vm, class, text, index)
}

/// Warns of something at an active frame's line.
pub(crate) fn warn_at(vm: &mut Vm, class: Ref, text: Value, index: usize) -> R<()> {
    let name = vm.intern("warnings");
    if let Some(module) = vm.dict_get_str(vm.modules, name) {
        let warn = vm.intern("warn");
        if let Some(f) = vm.get_attr_opt(module, warn)?
            && vm.function(f).is_some()
        {
            return vm.call(f, &[text, Value::Obj(class)], &[]).map(|_| ());
        }
    }
    let (file, line, main) = match vm.frame_code(index) {
        Some(code) => {
            let globals = Value::Obj(vm.frames[index].globals);
            let name = vm.names.name;
            let module = vm.dict_get_str(globals, name).unwrap_or(Value::None);
            (
                vm.shown(code.filename),
                vm.frame_line(index),
                vm.shown(module) == "__main__",
            )
        }
        None => ("sys".to_owned(), 1, false),
    };
    let exc = vm.exc;
    let silent = [
        exc.pending_deprecation_warning,
        exc.import_warning,
        exc.resource_warning,
    ];
    if silent.iter().any(|&silent| vm.is_subclass(class, silent)) {
        return Ok(());
    }
    if vm.is_subclass(class, exc.deprecation_warning) && !main {
        return Ok(());
    }
    let category = Value::Obj(class);
    let shown = vm.text_of(text);
    let known = vm.warned.clone();
    for (of, at, other) in known {
        if of.is(category) && at == line && vm.shown(other) == shown {
            return Ok(());
        }
    }
    let kept = vm.str(&shown);
    vm.heap.inc(kept);
    vm.heap.inc(category);
    vm.warned.push((category, line, kept));
    let kind = vm.class_name(class).to_owned();
    let mut out = format!("{file}:{line}: {kind}: {shown}\n");
    if let Some(source) = crate::trace::source_line(vm, &file, line) {
        out.push_str(&format!("  {source}\n"));
    }
    vm.complain(out.as_bytes());
    Ok(())
}
