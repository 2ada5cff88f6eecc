//! Tracebacks as CPython prints them.

use crate::object::Obj;
use crate::value::{Raise, Value};
use crate::vm::Vm;
use std::rc::Rc;

/// Equal lines after these many are counted.
const RECURSIVE_CUTOFF: usize = 3;

/// Returns a line of a source file that lies under the root, stripped.
pub(crate) fn source_line(vm: &mut Vm, file: &str, line: i64) -> Option<String> {
    let lines = match vm.source.get(file) {
        Some(known) => known.clone(),
        None => {
            let path = vm.script.source_path(file);
            let bytes = path.and_then(|path| vm.link.read(&path, 64 << 20));
            let lines = bytes.map(|bytes| {
                Rc::new(
                    bytes
                        .split(|&byte| byte == b'\n')
                        .map(<[u8]>::to_vec)
                        .collect(),
                )
            });
            vm.source.insert(file.to_owned(), lines.clone());
            lines
        }
    }?;
    let at = usize::try_from(line.checked_sub(1)?).ok()?;
    let text = String::from_utf8_lossy(lines.get(at)?).into_owned();
    let text = text
        .trim_matches([' ', '\t', '\x0c', '\r', '\n'])
        .to_owned();
    (!text.is_empty()).then_some(text)
}

/// Writes an exception with all that led to it.
pub(crate) fn exception(vm: &mut Vm, exc: Value, out: &mut String) {
    // Each is written after those that led to it.
    let mut chain = vec![(exc, "")];
    let mut seen = vec![exc];
    let mut at = exc;
    while let Some(parts) = vm.as_exc(at) {
        let (cause, context, suppress) = (parts.cause, parts.context, parts.suppress);
        let (next, words) = if !cause.is_unset() {
            (
                cause,
                "\nThe above exception was the direct cause of the following exception:\n\n",
            )
        } else if !context.is_unset() && !suppress {
            (
                context,
                "\nDuring handling of the above exception, another exception occurred:\n\n",
            )
        } else {
            break;
        };
        if seen.iter().any(|known| known.is(next)) || chain.len() > 100_000 {
            break;
        }
        chain.push((next, words));
        seen.push(next);
        at = next;
    }
    for (index, (exc, _)) in chain.iter().enumerate().rev() {
        exception_only_chainless(vm, *exc, out);
        if index > 0 {
            out.push_str(chain[index].1);
        }
    }
}

/// Writes an exception without what led to it.
pub(crate) fn exception_only_chainless(vm: &mut Vm, exc: Value, out: &mut String) {
    let traceback = vm.as_exc(exc).map_or(Value::Unset, |exc| exc.traceback);
    if let Obj::Traceback(_) = vm.obj(traceback) {
        out.push_str("Traceback (most recent call last):\n");
        frames(vm, traceback, out);
    }
    last_lines(vm, exc, out);
}

/// Writes the lines of a traceback.
fn frames(vm: &mut Vm, traceback: Value, out: &mut String) {
    let mut rows = Vec::new();
    let mut at = traceback;
    while let Obj::Traceback(parts) = vm.obj(at) {
        let (frame, line, next) = (parts.frame, parts.line, parts.next);
        let code = match vm.obj(frame) {
            Obj::Frame(frame) => vm.code_of(frame.code),
            _ => None,
        };
        if let Some(code) = code {
            rows.push((vm.shown(code.filename), line, vm.shown(code.name)));
        }
        at = next;
    }
    if rows.len() > 1000 {
        rows.drain(..rows.len() - 1000);
    }
    let mut repeats = 0;
    for at in 0..rows.len() {
        let same = at > 0 && rows[at] == rows[at - 1];
        if !same {
            repeated(repeats, out);
            repeats = 0;
        }
        repeats += 1;
        if repeats <= RECURSIVE_CUTOFF {
            let (file, line, name) = rows[at].clone();
            out.push_str(&format!("  File \"{file}\", line {line}, in {name}\n"));
            if let Some(text) = source_line(vm, &file, line) {
                out.push_str(&format!("    {text}\n"));
            }
        }
    }
    repeated(repeats, out);
}

fn repeated(repeats: usize, out: &mut String) {
    if repeats > RECURSIVE_CUTOFF {
        let more = repeats - RECURSIVE_CUTOFF;
        let s = if more == 1 { "" } else { "s" };
        out.push_str(&format!("  [Previous line repeated {more} more time{s}]\n"));
    }
}

/// Writes the class and message of an exception.
fn last_lines(vm: &mut Vm, exc: Value, out: &mut String) {
    let class = vm.class_of(exc);
    let syntax = vm.is_subclass(class, vm.exc.syntax_error);
    let mut message = None;
    if syntax {
        message = syntax_lines(vm, exc, out);
    }
    let module = vm.names.module;
    let name = vm
        .class_name(class)
        .rsplit('.')
        .next()
        .unwrap_or("")
        .to_owned();
    let module = match vm.get_attr_opt(Value::Obj(class), module) {
        Ok(Some(module)) if vm.as_str(module).is_some() => vm.shown(module),
        _ => {
            vm.take_raised();
            "<unknown>".to_owned()
        }
    };
    if module == "builtins" {
        out.push_str(&name);
    } else {
        out.push_str(&format!("{module}.{name}"));
    }
    let text = match message {
        Some(message) => Some(message),
        None => match vm.str_of(exc) {
            Ok(text) => Some(vm.shown(text)),
            Err(Raise) => {
                vm.take_raised();
                None
            }
        },
    };
    match text {
        None => out.push_str(": <exception str() failed>"),
        Some(text) if text.is_empty() => {}
        Some(text) => out.push_str(&format!(": {text}")),
    }
    out.push('\n');
}

/// Writes where a SyntaxError is; returns its message.
fn syntax_lines(vm: &mut Vm, exc: Value, out: &mut String) -> Option<String> {
    use crate::types::exceptions::field;
    let [message, file, line, offset, text] = [0, 1, 2, 3, 4].map(|at| field(vm, exc, at));
    let line = crate::types::int::to_i64(vm, line)?;
    let file = if file.is_none() {
        "<string>".to_owned()
    } else {
        vm.text_of(file)
    };
    out.push_str(&format!("  File \"{file}\", line {line}\n"));
    if let Some(source) = vm.as_str(text).map(|text| text.shown().into_owned()) {
        let source = source.trim_end_matches('\n');
        let trimmed = source.trim_start_matches([' ', '\t', '\x0c']);
        out.push_str(&format!("    {trimmed}\n"));
        if let Some(offset) = crate::types::int::to_i64(vm, offset) {
            let skipped = (source.len() - trimmed.len()) as i64;
            let at = usize::try_from(offset - 1 - skipped).unwrap_or(0);
            out.push_str(&format!("    {}^\n", " ".repeat(at)));
        }
    }
    Some(vm.text_of(message))
}

impl Vm {
    /// Writes to the standard error.
    pub(crate) fn complain(&mut self, bytes: &[u8]) {
        // What was printed before comes first.
        let _ = self.flush();
        self.link.complain(bytes.to_vec());
    }

    /// Writes text to the standard error as its encoding does: what UTF-8 has no form for becomes
    /// an escape.
    pub(crate) fn complain_text(&mut self, bytes: &[u8]) {
        match str::from_utf8(bytes) {
            Ok(_) => self.complain(bytes),
            Err(_) => {
                let mut out = Vec::new();
                for point in crate::text::Text::new(bytes).iter() {
                    match char::from_u32(point) {
                        Some(_) => crate::text::push_point(&mut out, point),
                        None => out.extend(format!("\\u{point:04x}").bytes()),
                    }
                }
                self.complain(&out);
            }
        }
    }
}
