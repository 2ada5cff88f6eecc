//! `stack_dump`: its layout is this project's own.

use crate::program::{Pc, Program};
use crate::value::Value;
use std::io::Write as _;
use vm_base::CallStack;

/// Writes what `stack_dump` prints before the items.
pub(crate) fn head(program: &Program, calls: &CallStack<Pc>, empty: bool, out: &mut Vec<u8>) {
    // Writing to a Vec cannot fail.
    let _ = writeln!(
        out,
        "stack_dump in {}",
        program.location(calls.inner[0]).function
    );
    let _ = writeln!(out, "calls:");
    call_lines(program, calls, out);
    let _ = writeln!(out, "stack:{}", if empty { " empty" } else { "" });
}

/// Writes the active calls, one a line.
pub(crate) fn call_lines(program: &Program, calls: &CallStack<Pc>, out: &mut Vec<u8>) {
    for line in program.call_lines(calls) {
        let _ = writeln!(out, "  {line}");
    }
}

/// Writes an item of a local stack, with its number and type.
pub(crate) fn item(program: &Program, nth: usize, value: Value, out: &mut Vec<u8>) {
    let _ = write!(out, "  {nth}: {} ", value.type_name());
    value.print(&program.pool, out);
    out.push(b'\n');
}
