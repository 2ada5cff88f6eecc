//! Calls and returns.

use super::run::{Call, Run, Stop};
use super::source::Content;
use super::value::Value;
use crate::observe::Observer;
use crate::quirks::mmm::Quirk;

impl<'a, O: Observer<Quirk>> Run<'a, O> {
    /// Calls a function of a file. There is no `file` if the path climbs above the root.
    pub(super) fn call(&mut self, file: Option<usize>, name: &'a str) -> Result<(), Stop> {
        let obs = self.obs;
        let depth = self.calls.len() as u64;
        let limit = match obs.has_quirk(Quirk::DepthWithoutMain) {
            true => self.limits.call_depth.saturating_add(1),
            false => self.limits.call_depth,
        };
        let active = match obs.has_quirk(Quirk::DepthNeverFalls) {
            true => self.calls_started,
            false => depth,
        };
        let too_deep = active >= limit;
        if too_deep && obs.has_quirk(Quirk::DepthBeforeLookup) {
            return Err(Stop::Limit("call-depth"));
        }
        let Some(file) = file else {
            return Err(self.lookup_fault("mmm.path.climb.1", "file-access", too_deep));
        };
        let text = match &self.sources[file].content {
            Content::Unreadable => {
                return Err(self.lookup_fault("mmm.path.file.1", "file-access", too_deep));
            }
            Content::Bad => return Err(self.lookup_fault("mmm.load.bad.1", "bad-file", too_deep)),
            Content::Good(text) => text,
        };
        obs.holds("mmm.path.file.1");
        obs.holds("mmm.load.bad.1");
        let found = match text.functions.get(name) {
            None if obs.has_quirk(Quirk::FunctionNamesAnyCase) => {
                let mut all = text.functions.iter();
                all.find(|(other, _)| other.eq_ignore_ascii_case(name))
                    .map(|(_, start)| start)
            }
            Some(_) if name == "main" && obs.has_quirk(Quirk::MainUncallable) => None,
            found => found,
        };
        let Some(&at) = found else {
            if obs.has_quirk(Quirk::UnknownCallIgnored) {
                self.advance();
                return Ok(());
            }
            if text
                .functions
                .keys()
                .any(|other| other.eq_ignore_ascii_case(name))
            {
                obs.breaks("mmm.function.name.2", ());
            }
            return Err(self.lookup_fault("mmm.call.unknown.1", "unknown-function", too_deep));
        };
        obs.holds("mmm.call.unknown.1");
        obs.holds("mmm.call.when.1");
        obs.boundary_if("mmm.limit.depth.1", || depth + 1 == self.limits.call_depth);
        if !obs.check("mmm.limit.depth.1", !too_deep) {
            let active = self.calls.iter();
            if active
                .into_iter()
                .any(|call| call.file == file && call.function == name)
            {
                obs.breaks("mmm.call.run.3", ());
                obs.breaks("mmm.limit.depth.4", ());
            }
            if self.limits.call_depth == 0 {
                obs.breaks("mmm.limit.depth.3", ());
            }
            return Err(Stop::Limit("call-depth"));
        }
        obs.holds_if("mmm.limit.depth.2", || self.calls_started > depth);
        if self.is_full() {
            return Err(Stop::Limit("memory-limit"));
        }
        let here = &mut self.calls[depth as usize - 1];
        obs.holds_if("mmm.call.run.2", || here.file == file);
        obs.holds("mmm.value.stack.1");
        if obs.has_quirk(Quirk::CallNeedsEmptyStack) && !here.stack.is_empty() {
            return Err(Stop::Fault("stack-size"));
        }
        let stack = match obs.has_quirk(Quirk::CallPassesStack) {
            true => here.stack.clone(),
            false => Vec::new(),
        };
        if obs.has_quirk(Quirk::CallEmptiesStack) {
            here.stack.clear();
        }
        self.items += stack.len() as u64;
        self.calls_started += 1;
        self.calls.push(Call {
            file,
            function: name,
            at,
            stack,
        });
        obs.holds("mmm.call.run.1");
        Ok(())
    }

    /// Returns the fault of a call whose file or function is not found.
    fn lookup_fault(&self, clause: &'static str, code: &'static str, too_deep: bool) -> Stop {
        self.obs.breaks("mmm.call.when.1", ());
        if too_deep {
            self.obs.breaks("mmm.call.order.1", ());
        }
        Stop::Fault(self.obs.breaks(clause, code))
    }

    /// Returns from a call with the only item of the local stack.
    pub(super) fn ret(&mut self) -> Result<(), Stop> {
        let obs = self.obs;
        let items = self.stack().len();
        let enough = match items {
            0 => obs.has_quirk(Quirk::RetOfNothing),
            1 => true,
            _ => obs.has_quirk(Quirk::RetTakesNewest),
        };
        if !obs.check("mmm.ret.1", items == 1) && !enough {
            return Err(Stop::Fault("stack-size"));
        }
        obs.holds("mmm.ret.3");
        obs.holds("mmm.ret.4");
        let value = self.stack().pop();
        self.release(u64::from(value.is_some()));
        if self.calls.len() > 1 {
            obs.holds("mmm.ret.2");
            obs.holds("mmm.value.stack.2");
            let lost = obs.has_quirk(Quirk::RetLosesValue)
                || obs.has_quirk(Quirk::RetOfNumbersOnly)
                    && matches!(value, Some(Value::Bool(_) | Value::Str(_) | Value::Char(_)));
            return self.leave(value.filter(|_| !lost));
        }
        obs.holds("mmm.ret.5");
        if obs.has_quirk(Quirk::RetInMainFaults) {
            return Err(Stop::Fault("stack-size"));
        }
        self.leave(value.filter(|_| !obs.has_quirk(Quirk::RetInMainHasNone)))
    }

    /// Returns from a call at its `end`, without a value.
    pub(super) fn end(&mut self) -> Result<(), Stop> {
        let obs = self.obs;
        obs.holds("mmm.limit.fuel.2");
        obs.boundary_if("mmm.limit.fuel.2", || self.limits.fuel == Some(self.steps));
        let here = &self.calls[self.calls.len() - 1];
        let functions = &self.text(here.file).functions;
        let empty = || functions.get(here.function) == Some(&here.at);
        obs.holds_if("mmm.function.empty.1", empty);
        if obs.has_quirk(Quirk::EmptyFunctionFaults) && empty() {
            return Err(Stop::Fault("unknown-function"));
        }
        let first = self.calls.len() == 1;
        obs.holds(if first { "mmm.end.3" } else { "mmm.end.1" });
        obs.holds_if("mmm.end.2", || !here.stack.is_empty());
        let returns = match first {
            true => obs.has_quirk(Quirk::EndOfMainReturns),
            false => obs.has_quirk(Quirk::EndReturnsNewest),
        };
        if returns && let Some(value) = self.stack().pop() {
            self.release(1);
            return self.leave(Some(value));
        }
        let spills = obs.has_quirk(Quirk::EndLeavesItems);
        let spilled = match spills && !first {
            true => std::mem::take(self.stack()),
            false => Vec::new(),
        };
        self.leave(None)?;
        self.stack().extend(spilled);
        Ok(())
    }

    /// Ends the innermost call and pushes its value, if any, on the caller's stack.
    pub(super) fn leave(&mut self, value: Option<Value>) -> Result<(), Stop> {
        if self.calls.len() == 1 {
            return Err(Stop::Returned(value));
        }
        if let Some(call) = self.calls.pop() {
            self.release(call.stack.len() as u64);
        }
        if let Some(value) = value {
            self.stack().push(value);
            self.items += 1;
        }
        self.advance();
        Ok(())
    }
}
