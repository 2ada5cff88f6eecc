//! `stack_dump`: its layout is this project's own.

use crate::mmm::program::{Program, TRACE_INNER};
use crate::mmm::value::Value;
use std::io::Write as _;

/// What `stack_dump` prints. `trace` has the active calls, innermost first, and `hidden` calls are
/// left out of it behind the first [`TRACE_INNER`].
pub(in crate::mmm) fn dump(
    program: &Program,
    trace: &[u32],
    hidden: u64,
    stack: &[Value],
    out: &mut Vec<u8>,
) {
    // Writing to a Vec cannot fail.
    let _ = writeln!(out, "stack_dump in {}", program.function_name(trace[0]));
    let _ = writeln!(out, "calls:");
    calls(program, trace, hidden, out);
    if stack.is_empty() {
        let _ = writeln!(out, "stack: empty");
        return;
    }
    let _ = writeln!(out, "stack:");
    items(program, stack, out);
}

/// The active calls, one a line.
pub(in crate::mmm) fn calls(program: &Program, trace: &[u32], hidden: u64, out: &mut Vec<u8>) {
    for (nth, &at) in trace.iter().enumerate() {
        if hidden > 0 && nth == TRACE_INNER {
            let _ = writeln!(out, "  … {hidden} more …");
        }
        let _ = writeln!(out, "  {}", program.where_is(at));
    }
}

/// The items of a local stack, one a line, the oldest first.
pub(in crate::mmm) fn items(program: &Program, stack: &[Value], out: &mut Vec<u8>) {
    for (nth, value) in stack.iter().enumerate() {
        let _ = write!(out, "  {nth}: {} ", value.type_name());
        value.print(&program.pool, out);
        out.push(b'\n');
    }
}
