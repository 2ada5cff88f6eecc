//! Walks along every path through a code object.
//!
//! All paths to an instruction must arrive in the same state, so each instruction is visited once.

use super::messages::{Reporter, fault, out_of_range, undefined};
use super::ops::may_be_shaken;
use super::state::{At, Body, Flow, Needs, Seen, pair};
use super::table::{CHECKS, Check, Class};
use super::{Fault, Finding, Result, Shape};
use crate::insn::Op;
use crate::object::{Code, Id};

impl<'a> Flow<'a> {
    /// Checks a code object and appends to `warnings`.
    ///
    /// Returns what it needs to run, and which of its instructions need items of certain kinds.
    pub(super) fn check(
        &mut self,
        id: Id,
        code: &'a Code,
        warnings: &mut Vec<Finding>,
    ) -> std::result::Result<(Shape, Needs), Box<Finding>> {
        let mut body = Body::new(self.pool, code);
        self.clear(&body);
        let result = self.walk(&mut body);
        let reporter = Reporter {
            pool: self.pool,
            id,
            code,
        };
        for (offset, message) in self.warnings.drain(..) {
            warnings.push(reporter.warning(offset, message));
        }
        match result {
            Ok(()) => {
                let shape = Shape {
                    code: id,
                    depth: body.max_depth,
                    blocks: body.max_blocks,
                };
                Ok((shape, body.needs))
            }
            Err((offset, fault)) => Err(Box::new(reporter.fault(offset, *fault))),
        }
    }

    /// Walks along every path; an error has the offset of the current instruction.
    fn walk(&mut self, body: &mut Body<'a>) -> std::result::Result<(), (u32, Box<Fault>)> {
        if self.seen.is_empty() {
            return Err((0, fault("there is no instruction").into()));
        }
        self.seen[0].state.depth = 0;
        self.todo.push(0);
        while let Some(unit) = self.todo.pop() {
            let mut at = At {
                state: self.seen[unit as usize].state,
                floor: 0,
                top: 0,
                shaken: false,
                start: 2 * unit,
                offset: 2 * unit,
            };
            self.update_floor(&mut at);
            self.update_top(&mut at);
            if let Err(fault) = self.run(body, &mut at) {
                return Err((at.offset, fault));
            }
        }
        Ok(())
    }

    /// Walks from an instruction to the end of its path, or to an instruction that was visited.
    fn run(&mut self, body: &mut Body<'a>, at: &mut At) -> Result<()> {
        let checks = &*CHECKS;
        let bytes = body.bytes;
        loop {
            self.run_plain(body, at, checks);
            let Some(&[mut opcode, low]) = pair(bytes, at.offset) else {
                break;
            };
            let mut arg = u32::from(low);
            at.start = at.offset;
            while opcode == Op::ExtendedArg as u8 {
                at.offset += 2;
                let Some(&[next, low]) = pair(bytes, at.offset) else {
                    return Err(fault("the code ends after a prefix").into());
                };
                opcode = next;
                arg = arg << 8 | u32::from(low);
            }
            let check = checks[usize::from(opcode)];
            let limit = body.limits[usize::from(check.limit)];
            if arg >= limit {
                return Err(out_of_range(opcode, arg, limit));
            }
            if at.shaken && !may_be_shaken(opcode) {
                let message = "the exception state to restore is out of place, and this may raise";
                let help = "put its three items back where the handler found them";
                return Err(fault(message).help(help).into());
            }
            match check.class {
                Class::Plain => {
                    self.take(at, check.takes(arg))?;
                    at.state.depth += u32::from(check.pushes);
                }
                Class::Counted => self.counted(body, at, opcode, arg)?,
                Class::Special(act) => {
                    if !self.special(body, at, act, arg)? {
                        return body.measure(at.state.depth);
                    }
                }
                Class::Undefined => return Err(undefined(opcode)),
            }
            body.measure(at.state.depth)?;
            at.offset += 2;
            let unit = at.offset as usize / 2;
            match self.seen.get_mut(unit) {
                Some(seen) if !seen.is_reached() => {
                    *seen = Seen {
                        state: at.state,
                        from: at.start,
                    };
                }
                Some(_) => return self.agree(body, at.start, at.offset, at.state),
                None => break,
            }
        }
        at.offset = at.start;
        Err(fault("control reaches the end of the code")
            .help("end it with RETURN_VALUE, with a jump, or by raising")
            .into())
    }

    /// Skips instructions that only take and push objects and are correct, which most code
    /// consists of. It accepts nothing that [`Flow::run`] would not.
    fn run_plain(&mut self, body: &mut Body<'a>, at: &mut At, checks: &[Check; 256]) {
        if at.shaken {
            return;
        }
        let mut state = at.state;
        let mut max_depth = body.max_depth;
        // The items below belong to a block, or may be no objects.
        let floor = at.floor.max(at.top);
        let unit = at.offset as usize / 2;
        let (pairs, _) = body.bytes.as_chunks();
        let pairs = pairs.get(unit..).unwrap_or(&[]);
        let next = self.seen.get_mut(unit + 1..).unwrap_or(&mut []);
        for (&[opcode, arg], next) in pairs.iter().zip(next) {
            let check = checks[usize::from(opcode)];
            let arg = u32::from(arg);
            let takes = check.takes(arg) as u32;
            if check.class != Class::Plain
                || arg >= body.limits[usize::from(check.limit)]
                || takes > state.depth - floor
                || next.is_reached()
            {
                break;
            }
            let depth = state.depth - takes + u32::from(check.pushes);
            if depth > body.code.stacksize {
                break;
            }
            state.depth = depth;
            max_depth = max_depth.max(depth);
            *next = Seen {
                state,
                from: at.offset,
            };
            at.offset += 2;
        }
        at.state = state;
        body.max_depth = max_depth;
    }
}
