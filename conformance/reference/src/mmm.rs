//! The `.mmm` machine by its specification, line by line.
//!
//! An operand stays text until its instruction runs; a call stays a name. Nothing here recurses.

mod text;
mod value;

use super::ReferenceRun;
use super::observe::{Evidence, Unwatched, Watch};
use super::quirks::mmm::Quirk;
use mmm_case::Case;
use mmm_case::{Ending, Observation, Step};
use std::fmt::Write as _;
use text::{Content, Instruction, Source, Text};
use value::{Value, arithmetic, literal};
use vm_base::Limits;

/// Bytes that an item on a stack takes, and an active call too.
const UNIT: u64 = 16;

/// Runs a case.
pub fn read(case: &Case) -> ReferenceRun {
    watched(case, Unwatched)
}

/// Runs a case while somebody watches.
pub(super) fn watched(case: &Case, w: impl Watch<Quirk>) -> ReferenceRun {
    match Source::gather(case, w) {
        Ok(files) => Run::new(&files, case.limits(), w).finish(),
        Err(why) => {
            w.breaks("mmm.load.refuse.1", ());
            w.breaks("mmm.load.report.1", ());
            w.breaks("mmm.observe.refused.1", ());
            let ending = match w.quirk(Quirk::RefusedFaults) {
                true => Ending::Faulted,
                false => Ending::Refused,
            };
            ReferenceRun {
                seen: Observation::of(ending).with_detail(why),
                steps: 0,
            }
        }
    }
}

// -------------------------------------------------------------------------------------- running

/// An active call.
struct Call<'a> {
    file: usize,
    function: &'a str,
    /// The line it is at: an index into its file's lines.
    at: usize,
    stack: Vec<Value>,
}

/// Why an instruction did not do its work.
enum Stop {
    Fault(&'static str),
    Limit(&'static str),
    /// The program is over; its value.
    Over(Option<Value>),
}

struct Run<'a, W> {
    sources: &'a [Source<'a>],
    limits: Limits,
    /// The active calls, innermost last; never empty.
    calls: Vec<Call<'a>>,
    /// Items on all the stacks.
    items: u64,
    /// Calls that were ever begun.
    begun: u64,
    output: String,
    steps: u64,
    w: W,
}

impl<'a, W: Watch<Quirk>> Run<'a, W> {
    fn new(sources: &'a [Source<'a>], limits: Limits, w: W) -> Run<'a, W> {
        let mut run = Run {
            sources,
            limits,
            calls: Vec::new(),
            items: 0,
            begun: 1,
            output: String::new(),
            steps: 0,
            w,
        };
        w.holds("mmm.function.main.3");
        let main = run.text(0).functions.get("main").copied();
        let at = match w.quirk(Quirk::StartsAtTheTop) {
            true => 0,
            // There is one, but for a quirk.
            false => main.unwrap_or(0),
        };
        run.calls.push(Call {
            file: 0,
            function: "main",
            at,
            stack: Vec::new(),
        });
        run
    }

    fn finish(mut self) -> ReferenceRun {
        let w = self.w;
        let stop = loop {
            match self.step() {
                Ok(()) => {}
                Err(Stop::Fault(_)) if self.calls.len() > 1 && w.quirk(Quirk::FaultEndsOneCall) => {
                    let _ = self.leave(None);
                }
                Err(stop) => break stop,
            }
        };
        let (ending, fault, value) = match stop {
            Stop::Fault(code) => (Ending::Faulted, Some(code), None),
            Stop::Limit(code) if w.quirk(Quirk::LimitIsFault) => {
                (Ending::Faulted, Some(code), None)
            }
            Stop::Limit(code) => (Ending::Limited, Some(code), None),
            Stop::Over(value) => (Ending::Returned, None, value),
        };
        w.mark(
            match ending {
                Ending::Faulted => "mmm.observe.faulted.1",
                Ending::Limited => "mmm.observe.limited.1",
                _ => "mmm.observe.returned.1",
            },
            if fault.is_some() {
                Evidence::Breaks
            } else {
                Evidence::Holds
            },
        );
        w.holds_if("mmm.observe.value.1", || value.is_some());
        if fault.is_some() {
            w.breaks("mmm.observe.at.1", ());
            w.breaks("mmm.observe.at.2", ());
            w.breaks("mmm.fault.stop.1", ());
            if !self.output.is_empty() {
                w.breaks("mmm.fault.kept.1", ());
            }
            if w.quirk(Quirk::FaultTakesOutput) {
                self.output.clear();
            }
        }
        let at = match w.quirk(Quirk::PlaceOfOutermost) {
            true => 0,
            false => self.calls.len() - 1,
        };
        let at = fault.map(|_| self.place(&self.calls[at]));
        ReferenceRun {
            seen: Observation {
                output: self.output.into_bytes(),
                ending,
                value: value.map(|value| match value {
                    Value::Str(text) if w.quirk(Quirk::ValueOfStrBare) => text,
                    value => value.printed(w),
                }),
                fault: fault.map(str::to_owned),
                at,
                detail: None,
            },
            steps: self.steps,
        }
    }

    /// The lines of a file that is known to have loaded.
    fn text(&self, file: usize) -> &'a Text<'a> {
        match &self.sources[file].content {
            Content::Good(text) => text,
            Content::Unreadable | Content::Bad => unreachable!("only what has loaded is called"),
        }
    }

    fn place(&self, call: &Call) -> String {
        let mut line = self.text(call.file).lines[call.at].number;
        if self.w.quirk(Quirk::LinesFromZero) {
            line -= 1;
        }
        let file = &self.sources[call.file].name;
        format!("{file}#{}:{line}", call.function)
    }

    /// Runs one instruction and goes on to the next.
    fn step(&mut self) -> Result<(), Stop> {
        let w = self.w;
        let here = &self.calls[self.calls.len() - 1];
        let instruction = &self.text(here.file).lines[here.at].instruction;
        let ends = matches!(instruction, Instruction::End);
        if ends && !w.quirk(Quirk::EndTakesFuel) {
            return self.end();
        }
        let fuel = match w.quirk(Quirk::FuelLastsLonger) {
            true => self.limits.fuel.map(|fuel| fuel.saturating_add(1)),
            false => self.limits.fuel,
        };
        let lacks = fuel.is_some_and(|fuel| self.steps >= fuel);
        if lacks && !w.quirk(Quirk::FuelAskedLast) {
            w.breaks("mmm.limit.fuel.3", ());
            return Err(Stop::Limit(w.breaks("mmm.limit.fuel.1", "out-of-fuel")));
        }
        self.steps += 1;
        w.step(|| self.seen());
        w.holds("mmm.limit.fuel.1");
        w.holds("mmm.instruction.order.1");
        w.edge_if("mmm.limit.fuel.1", || fuel == Some(self.steps));
        let done = match ends {
            true => self.end(),
            false => self.execute(instruction),
        };
        match lacks && done.is_ok() {
            true => Err(Stop::Limit("out-of-fuel")),
            false => done,
        }
    }

    /// What a trace shows of this moment.
    fn seen(&self) -> Step {
        let here = &self.calls[self.calls.len() - 1];
        let items = here.stack.iter();
        Step {
            at: self.place(here),
            state: items.map(|item| item.printed(Unwatched)).collect(),
        }
    }

    fn execute(&mut self, instruction: &Instruction<'a>) -> Result<(), Stop> {
        let w = self.w;
        match *instruction {
            Instruction::End => {}
            Instruction::Nop => w.holds("mmm.nop.1"),
            Instruction::Breakpoint => {
                w.holds("mmm.breakpoint.1");
                if w.quirk(Quirk::BreakpointQuits) {
                    return Err(Stop::Fault("quit"));
                }
            }
            Instruction::Literal(mnemonic, operand) => {
                if w.quirk(Quirk::MemoryBeforeLiteral) && self.full() {
                    return Err(Stop::Limit("memory-limit"));
                }
                let Some(value) = literal(mnemonic, operand, w) else {
                    if self.full() {
                        w.breaks("mmm.fault.order.3", ());
                    }
                    return Err(Stop::Fault(w.breaks("mmm.literal.when.1", "bad-literal")));
                };
                w.holds("mmm.value.type.1");
                self.push(value)?;
            }
            Instruction::StackSize => {
                w.holds("mmm.stack_size.1");
                w.holds_if("mmm.stack_size.2", || self.begun > self.calls.len() as u64);
                let here = &self.calls[self.calls.len() - 1];
                let size = match () {
                    () if w.quirk(Quirk::StackSizeOfItems) => here.stack.len(),
                    () if w.quirk(Quirk::StackSizeFromZero) => self.calls.len() - 1,
                    () if w.quirk(Quirk::StackSizeOfAllCalls) => self.begun as usize,
                    () => self.calls.len(),
                };
                self.push(Value::Int(size as i32))?;
            }
            Instruction::Pop => {
                let stack = self.stack();
                if !w.shows("mmm.pop.2", !stack.is_empty()) {
                    match w.quirk(Quirk::PopOfNothing) {
                        true => {
                            self.go_on();
                            return Ok(());
                        }
                        false => return Err(Stop::Fault("stack-size")),
                    }
                }
                w.holds("mmm.pop.1");
                match w.quirk(Quirk::PopTakesOldest) {
                    true => drop(stack.remove(0)),
                    false => drop(stack.pop()),
                }
                self.gone(1);
            }
            Instruction::Void => {
                w.holds("mmm.void.1");
                if w.quirk(Quirk::VoidNeedsItem) && self.stack().is_empty() {
                    return Err(Stop::Fault("stack-size"));
                }
                let stays = usize::from(w.quirk(Quirk::VoidLeavesOldest));
                let stack = self.stack();
                let gone = stack.drain(stays.min(stack.len())..).count();
                self.gone(gone as u64);
            }
            Instruction::BinOp(operator) => self.bin_op(operator)?,
            Instruction::PrintAll => self.print_all()?,
            Instruction::PrintOne(index) => self.print_one(index)?,
            Instruction::StackDump => {
                w.holds("mmm.stack_dump.1");
                w.holds("mmm.stack_dump.2");
                let before = self.output.len();
                let text = self.dump();
                self.output.push_str(&text);
                w.holds("mmm.stack_dump.3");
                if !w.quirk(Quirk::DumpUncounted) {
                    self.keep_output(before)?;
                }
                if w.quirk(Quirk::DumpTakesItems) {
                    self.stack().clear();
                }
            }
            Instruction::Call { file, name, .. } => return self.call(file, name),
            Instruction::Ret => return self.ret(),
        }
        self.go_on();
        Ok(())
    }

    /// The local stack.
    fn stack(&mut self) -> &mut Vec<Value> {
        let last = self.calls.len() - 1;
        &mut self.calls[last].stack
    }

    fn go_on(&mut self) {
        let last = self.calls.len() - 1;
        self.calls[last].at += 1;
    }

    /// Whether one more item or call would take too many bytes.
    fn full(&self) -> bool {
        let w = self.w;
        let mut units = self.items + self.calls.len() as u64 + 1;
        if w.quirk(Quirk::MemoryWithoutMain) {
            units -= 1;
        }
        let mut bytes = units * UNIT;
        if w.quirk(Quirk::MemoryOfStr) {
            let items = self.calls.iter().flat_map(|call| &call.stack);
            let text = items.map(|item| match item {
                Value::Str(text) => text.len() as u64,
                _ => 0,
            });
            bytes += text.sum::<u64>();
        }
        w.edge_if("mmm.limit.memory.1", || bytes == self.limits.heap_bytes);
        !w.shows("mmm.limit.memory.1", bytes <= self.limits.heap_bytes)
    }

    /// Counts items that are no longer there.
    fn gone(&mut self, items: u64) {
        self.w.holds("mmm.limit.memory.2");
        if !self.w.quirk(Quirk::MemoryNeverFreed) {
            self.items -= items;
        }
    }

    fn push(&mut self, value: Value) -> Result<(), Stop> {
        if self.full() {
            return Err(Stop::Limit("memory-limit"));
        }
        self.w.holds("mmm.value.stack.3");
        self.stack().push(value);
        self.items += 1;
        Ok(())
    }

    fn bin_op(&mut self, operator: u8) -> Result<(), Stop> {
        let w = self.w;
        let stack = self.stack();
        if stack.len() > 2 && w.quirk(Quirk::BinOpOfNewest) {
            w.breaks("mmm.bin_op.stack.1", ());
        } else if !w.shows("mmm.bin_op.stack.1", stack.len() == 2) {
            return Err(Stop::Fault("stack-size"));
        }
        let below = stack.len() - 2;
        let [left, right] = match w.quirk(Quirk::BinOpReversed) {
            true => [&stack[below + 1], &stack[below]],
            false => [&stack[below], &stack[below + 1]],
        };
        let value = arithmetic(operator, left, right, w).map_err(Stop::Fault)?;
        w.holds("mmm.bin_op.stack.2");
        w.holds("mmm.bin_op.stack.3");
        if w.quirk(Quirk::BinOpKeepsItems) {
            return self.push(value);
        }
        stack.truncate(below);
        stack.push(value);
        self.gone(1);
        Ok(())
    }

    fn print_all(&mut self) -> Result<(), Stop> {
        let w = self.w;
        let before = self.output.len();
        let stack = &mut self.calls.last_mut().expect("there is a call").stack;
        w.holds_if("mmm.printn.all.1", || !stack.is_empty());
        w.holds_if("mmm.printn.all.2", || stack.is_empty());
        w.holds("mmm.printn.stack.1");
        if w.quirk(Quirk::PrintNewestFirst) {
            stack.reverse();
        }
        let between = if w.quirk(Quirk::PrintBlanksBetween) {
            " "
        } else {
            ", "
        };
        for (index, value) in stack.iter().enumerate() {
            self.output.push_str(if index > 0 { between } else { "" });
            value.print(&mut self.output, w);
        }
        if w.quirk(Quirk::PrintNewestFirst) {
            stack.reverse();
        }
        if !stack.is_empty() || w.quirk(Quirk::PrintEmptyLine) {
            self.output.push('\n');
        }
        self.keep_output(before)?;
        self.printed();
        Ok(())
    }

    fn print_one(&mut self, index: &str) -> Result<(), Stop> {
        let w = self.w;
        let before = self.output.len();
        let stack = &self.calls[self.calls.len() - 1].stack;
        let index: Option<usize> = index.parse().ok();
        let index = match index {
            Some(index) if w.quirk(Quirk::PrintFromNewest) => stack
                .len()
                .checked_sub(1)
                .and_then(|last| last.checked_sub(index)),
            Some(index) if w.quirk(Quirk::PrintFromOne) => index.checked_sub(1),
            index => index,
        };
        let full = self.limits.output_bytes == Some(before as u64);
        if full && w.quirk(Quirk::OutputBeforeRange) {
            return Err(Stop::Limit("output-limit"));
        }
        let value = index.and_then(|index| stack.get(index));
        w.shows("mmm.printn.index.2", value.is_some());
        w.edge_if("mmm.printn.index.2", || {
            index.is_some_and(|index| index.checked_add(1) == Some(stack.len()))
        });
        let Some(value) = value else {
            if full {
                w.breaks("mmm.fault.order.2", ());
            }
            return match w.quirk(Quirk::PrintRangeSilent) {
                true => Ok(()),
                false => Err(Stop::Fault("out-of-range")),
            };
        };
        w.holds("mmm.printn.index.1");
        w.holds("mmm.printn.stack.1");
        value.print(&mut self.output, w);
        self.output.push('\n');
        self.keep_output(before)?;
        self.printed();
        Ok(())
    }

    /// What a print does to the stack: nothing.
    fn printed(&mut self) {
        if self.w.quirk(Quirk::PrintTakesItems) {
            let gone = self.stack().drain(..).count();
            self.gone(gone as u64);
        }
    }

    /// Takes back what was printed since `before`, if it is too much.
    fn keep_output(&mut self, before: usize) -> Result<(), Stop> {
        let w = self.w;
        let Some(most) = self.limits.output_bytes else {
            return Ok(());
        };
        let length = match w.quirk(Quirk::OutputOfCharacters) {
            true => self.output.chars().count() as u64,
            false => self.output.len() as u64,
        };
        w.holds("mmm.limit.output.2");
        w.edge_if("mmm.limit.output.1", || length == most);
        let exact = length == most && length > 0 && w.quirk(Quirk::OutputNeverFull);
        if !w.shows("mmm.limit.output.1", length <= most) || exact {
            let kept = match w.quirk(Quirk::OutputCutOff) {
                true => fitting(&self.output, most as usize),
                false => before,
            };
            self.output.truncate(kept);
            return Err(Stop::Limit("output-limit"));
        }
        Ok(())
    }

    fn call(&mut self, file: Option<usize>, name: &'a str) -> Result<(), Stop> {
        let w = self.w;
        let depth = self.calls.len() as u64;
        let most = match w.quirk(Quirk::DepthWithoutMain) {
            true => self.limits.call_depth.saturating_add(1),
            false => self.limits.call_depth,
        };
        let active = match w.quirk(Quirk::DepthNeverFalls) {
            true => self.begun,
            false => depth,
        };
        let too_deep = active >= most;
        if too_deep && w.quirk(Quirk::DepthBeforeLookup) {
            return Err(Stop::Limit("call-depth"));
        }
        let Some(file) = file else {
            return Err(self.lacking("mmm.path.climb.1", "file-access", too_deep));
        };
        let text = match &self.sources[file].content {
            Content::Unreadable => {
                return Err(self.lacking("mmm.path.file.1", "file-access", too_deep));
            }
            Content::Bad => return Err(self.lacking("mmm.load.bad.1", "bad-file", too_deep)),
            Content::Good(text) => text,
        };
        w.holds("mmm.path.file.1");
        w.holds("mmm.load.bad.1");
        let found = match text.functions.get(name) {
            None if w.quirk(Quirk::FunctionNamesAnyCase) => {
                let mut all = text.functions.iter();
                all.find(|(other, _)| other.eq_ignore_ascii_case(name))
                    .map(|(_, start)| start)
            }
            Some(_) if name == "main" && w.quirk(Quirk::MainUncallable) => None,
            found => found,
        };
        let Some(&at) = found else {
            if w.quirk(Quirk::UnknownCallIgnored) {
                self.go_on();
                return Ok(());
            }
            if text
                .functions
                .keys()
                .any(|other| other.eq_ignore_ascii_case(name))
            {
                w.breaks("mmm.function.name.2", ());
            }
            return Err(self.lacking("mmm.call.unknown.1", "unknown-function", too_deep));
        };
        w.holds("mmm.call.unknown.1");
        w.holds("mmm.call.when.1");
        w.edge_if("mmm.limit.depth.1", || depth + 1 == self.limits.call_depth);
        if !w.shows("mmm.limit.depth.1", !too_deep) {
            let active = self.calls.iter();
            if active
                .into_iter()
                .any(|call| call.file == file && call.function == name)
            {
                w.breaks("mmm.call.run.3", ());
                w.breaks("mmm.limit.depth.4", ());
            }
            if self.limits.call_depth == 0 {
                w.breaks("mmm.limit.depth.3", ());
            }
            return Err(Stop::Limit("call-depth"));
        }
        w.holds_if("mmm.limit.depth.2", || self.begun > depth);
        if self.full() {
            return Err(Stop::Limit("memory-limit"));
        }
        let here = &mut self.calls[depth as usize - 1];
        w.holds_if("mmm.call.run.2", || here.file == file);
        w.holds("mmm.value.stack.1");
        if w.quirk(Quirk::CallNeedsEmptyStack) && !here.stack.is_empty() {
            return Err(Stop::Fault("stack-size"));
        }
        let stack = match w.quirk(Quirk::CallPassesStack) {
            true => here.stack.clone(),
            false => Vec::new(),
        };
        if w.quirk(Quirk::CallEmptiesStack) {
            here.stack.clear();
        }
        self.items += stack.len() as u64;
        self.begun += 1;
        self.calls.push(Call {
            file,
            function: name,
            at,
            stack,
        });
        w.holds("mmm.call.run.1");
        Ok(())
    }

    /// The fault of a call that lacks something.
    fn lacking(&self, clause: &'static str, code: &'static str, too_deep: bool) -> Stop {
        self.w.breaks("mmm.call.when.1", ());
        if too_deep {
            self.w.breaks("mmm.call.order.1", ());
        }
        Stop::Fault(self.w.breaks(clause, code))
    }

    fn ret(&mut self) -> Result<(), Stop> {
        let w = self.w;
        let items = self.stack().len();
        let enough = match items {
            0 => w.quirk(Quirk::RetOfNothing),
            1 => true,
            _ => w.quirk(Quirk::RetTakesNewest),
        };
        if !w.shows("mmm.ret.1", items == 1) && !enough {
            return Err(Stop::Fault("stack-size"));
        }
        w.holds("mmm.ret.3");
        w.holds("mmm.ret.4");
        let value = self.stack().pop();
        self.gone(u64::from(value.is_some()));
        if self.calls.len() > 1 {
            w.holds("mmm.ret.2");
            w.holds("mmm.value.stack.2");
            let lost = w.quirk(Quirk::RetLosesValue)
                || w.quirk(Quirk::RetOfNumbersOnly)
                    && matches!(value, Some(Value::Bool(_) | Value::Str(_) | Value::Char(_)));
            return self.leave(value.filter(|_| !lost));
        }
        w.holds("mmm.ret.5");
        if w.quirk(Quirk::RetInMainFaults) {
            return Err(Stop::Fault("stack-size"));
        }
        self.leave(value.filter(|_| !w.quirk(Quirk::RetInMainHasNone)))
    }

    /// Reaches an `end`.
    fn end(&mut self) -> Result<(), Stop> {
        let w = self.w;
        w.holds("mmm.limit.fuel.2");
        w.edge_if("mmm.limit.fuel.2", || self.limits.fuel == Some(self.steps));
        let here = &self.calls[self.calls.len() - 1];
        let functions = &self.text(here.file).functions;
        let empty = || functions.get(here.function) == Some(&here.at);
        w.holds_if("mmm.function.empty.1", empty);
        if w.quirk(Quirk::EmptyFunctionFaults) && empty() {
            return Err(Stop::Fault("unknown-function"));
        }
        let first = self.calls.len() == 1;
        w.holds(if first { "mmm.end.3" } else { "mmm.end.1" });
        w.holds_if("mmm.end.2", || !here.stack.is_empty());
        let returns = match first {
            true => w.quirk(Quirk::EndOfMainReturns),
            false => w.quirk(Quirk::EndReturnsNewest),
        };
        if returns && let Some(value) = self.stack().pop() {
            self.gone(1);
            return self.leave(Some(value));
        }
        let spills = w.quirk(Quirk::EndLeavesItems);
        let left = match spills && !first {
            true => std::mem::take(self.stack()),
            false => Vec::new(),
        };
        self.leave(None)?;
        self.stack().extend(left);
        Ok(())
    }

    /// Ends the innermost call; its value, if any, is the caller's.
    fn leave(&mut self, value: Option<Value>) -> Result<(), Stop> {
        if self.calls.len() == 1 {
            return Err(Stop::Over(value));
        }
        if let Some(call) = self.calls.pop() {
            self.gone(call.stack.len() as u64);
        }
        if let Some(value) = value {
            self.stack().push(value);
            self.items += 1;
        }
        self.go_on();
        Ok(())
    }

    /// What `stack_dump` prints.
    fn dump(&self) -> String {
        const INNERMOST: usize = 56;
        const OUTERMOST: usize = 8;
        let here = &self.calls[self.calls.len() - 1];
        let mut out = format!("stack_dump in {}\ncalls:\n", here.function);
        let left_out = match self.calls.len() > INNERMOST + OUTERMOST {
            true => INNERMOST..self.calls.len() - OUTERMOST,
            false => 0..0,
        };
        for (index, call) in self.calls.iter().rev().enumerate() {
            if !left_out.contains(&index) {
                let _ = writeln!(out, "  {}", self.place(call));
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
            value.print(&mut out, self.w);
            out.push('\n');
        }
        out
    }
}

/// How many bytes of whole characters begin a text of more than `most` bytes.
fn fitting(text: &str, most: usize) -> usize {
    let whole = |&at: &usize| text.is_char_boundary(at);
    (0..=most).rev().find(whole).unwrap_or(0)
}

#[cfg(test)]
mod tests;
