//! Instructions that print.

use super::run::{Run, Stop};
use crate::observe::Observer;
use crate::quirks::mmm::Quirk;
use std::fmt::Write as _;

impl<O: Observer<Quirk>> Run<'_, O> {
    /// Prints all items of the local stack on one line, the oldest first.
    pub(super) fn print_all(&mut self) -> Result<(), Stop> {
        let obs = self.obs;
        let before = self.output.len();
        let stack = &mut self.calls.last_mut().expect("a call is active").stack;
        obs.holds_if("mmm.printn.all.1", || !stack.is_empty());
        obs.holds_if("mmm.printn.all.2", || stack.is_empty());
        obs.holds("mmm.printn.stack.1");
        if obs.has_quirk(Quirk::PrintNewestFirst) {
            stack.reverse();
        }
        let between = if obs.has_quirk(Quirk::PrintBlanksBetween) {
            " "
        } else {
            ", "
        };
        for (index, value) in stack.iter().enumerate() {
            self.output.push_str(if index > 0 { between } else { "" });
            value.print(&mut self.output, obs);
        }
        if obs.has_quirk(Quirk::PrintNewestFirst) {
            stack.reverse();
        }
        if !stack.is_empty() || obs.has_quirk(Quirk::PrintEmptyLine) {
            self.output.push('\n');
        }
        self.check_output(before)?;
        self.after_print();
        Ok(())
    }

    /// Prints one item of the local stack; index 0 is the oldest.
    pub(super) fn print_one(&mut self, index: &str) -> Result<(), Stop> {
        let obs = self.obs;
        let before = self.output.len();
        let stack = &self.calls[self.calls.len() - 1].stack;
        let index: Option<usize> = index.parse().ok();
        let index = match index {
            Some(index) if obs.has_quirk(Quirk::PrintFromNewest) => stack
                .len()
                .checked_sub(1)
                .and_then(|last| last.checked_sub(index)),
            Some(index) if obs.has_quirk(Quirk::PrintFromOne) => index.checked_sub(1),
            index => index,
        };
        let full = self.limits.output_bytes == Some(before as u64);
        if full && obs.has_quirk(Quirk::OutputBeforeRange) {
            return Err(Stop::Limit("output-limit"));
        }
        let value = index.and_then(|index| stack.get(index));
        obs.check("mmm.printn.index.2", value.is_some());
        obs.boundary_if("mmm.printn.index.2", || {
            index.is_some_and(|index| index.checked_add(1) == Some(stack.len()))
        });
        let Some(value) = value else {
            if full {
                obs.breaks("mmm.fault.order.2", ());
            }
            return match obs.has_quirk(Quirk::PrintRangeSilent) {
                true => Ok(()),
                false => Err(Stop::Fault("out-of-range")),
            };
        };
        obs.holds("mmm.printn.index.1");
        obs.holds("mmm.printn.stack.1");
        value.print(&mut self.output, obs);
        self.output.push('\n');
        self.check_output(before)?;
        self.after_print();
        Ok(())
    }

    /// Leaves the stack as it is after a print.
    fn after_print(&mut self) {
        if self.obs.has_quirk(Quirk::PrintTakesItems) {
            let removed = self.stack().drain(..).count();
            self.release(removed as u64);
        }
    }

    /// Checks the limit on output. If it is exceeded, removes what was printed since the output had
    /// `before` bytes.
    pub(super) fn check_output(&mut self, before: usize) -> Result<(), Stop> {
        let obs = self.obs;
        let Some(limit) = self.limits.output_bytes else {
            return Ok(());
        };
        let length = match obs.has_quirk(Quirk::OutputOfCharacters) {
            true => self.output.chars().count() as u64,
            false => self.output.len() as u64,
        };
        obs.holds("mmm.limit.output.2");
        obs.boundary_if("mmm.limit.output.1", || length == limit);
        let exact = length == limit && length > 0 && obs.has_quirk(Quirk::OutputNeverFull);
        if !obs.check("mmm.limit.output.1", length <= limit) || exact {
            let kept = match obs.has_quirk(Quirk::OutputCutOff) {
                true => fitting_length(&self.output, limit as usize),
                false => before,
            };
            self.output.truncate(kept);
            return Err(Stop::Limit("output-limit"));
        }
        Ok(())
    }

    /// Returns what `stack_dump` prints: the active calls, innermost first, and the local stack.
    /// Of many calls, the middle ones are left out.
    pub(super) fn dump(&self) -> String {
        const MAX_INNERMOST: usize = 56;
        const MAX_OUTERMOST: usize = 8;
        let here = &self.calls[self.calls.len() - 1];
        let mut out = format!("stack_dump in {}\ncalls:\n", here.function);
        let left_out = match self.calls.len() > MAX_INNERMOST + MAX_OUTERMOST {
            true => MAX_INNERMOST..self.calls.len() - MAX_OUTERMOST,
            false => 0..0,
        };
        for (index, call) in self.calls.iter().rev().enumerate() {
            if !left_out.contains(&index) {
                let _ = writeln!(out, "  {}", self.location(call));
            } else if index == left_out.start {
                let _ = writeln!(out, "  … {} more …", left_out.len());
            }
        }
        if here.stack.is_empty() {
            out.push_str("stack: empty\n");
        } else {
            out.push_str("stack:\n");
        }
        for (index, value) in here.stack.iter().enumerate() {
            let _ = write!(out, "  {index}: {} ", value.type_name());
            value.print(&mut out, self.obs);
            out.push('\n');
        }
        out
    }
}

/// Returns the length of the longest prefix of whole characters with at most `limit` bytes; the
/// text is longer than that.
fn fitting_length(text: &str, limit: usize) -> usize {
    let is_whole = |&at: &usize| text.is_char_boundary(at);
    (0..=limit).rev().find(is_whole).unwrap_or(0)
}
