//! `stack_dump`: its layout is this project's own.

use crate::program::{Program, TRACE_INNER};
use crate::value::Value;
use std::io::Write as _;

/// What `stack_dump` prints before the items. `trace` has the active calls, innermost first, and
/// `hidden` calls are left out of it behind the first [`TRACE_INNER`].
pub(crate) fn head(program: &Program, trace: &[u32], hidden: u64, empty: bool, out: &mut Vec<u8>) {
    // Writing to a Vec cannot fail.
    let _ = writeln!(out, "stack_dump in {}", program.function_name(trace[0]));
    let _ = writeln!(out, "calls:");
    calls(program, trace, hidden, out);
    let _ = writeln!(out, "stack:{}", if empty { " empty" } else { "" });
}

/// The active calls, one a line.
pub(crate) fn calls(program: &Program, trace: &[u32], hidden: u64, out: &mut Vec<u8>) {
    for (nth, &at) in trace.iter().enumerate() {
        if hidden > 0 && nth == TRACE_INNER {
            let _ = writeln!(out, "  … {hidden} more …");
        }
        let _ = writeln!(out, "  {}", program.where_is(at));
    }
}

/// An item of a local stack, with its number and type.
pub(crate) fn item(program: &Program, nth: usize, value: Value, out: &mut Vec<u8>) {
    let _ = write!(out, "  {nth}: {} ", value.type_name());
    value.print(&program.pool, out);
    out.push(b'\n');
}
