//! The run of a program: its calls, its stacks, and every instruction in turn.

use super::arithmetic::arithmetic;
use super::instruction::Instruction;
use super::literal::literal;
use super::source::{Content, Source};
use super::text::Text;
use super::value::Value;
use crate::ReferenceRun;
use crate::observe::{Evidence, NoObserver, Observer};
use crate::quirks::mmm::Quirk;
use mmm_case::{Ending, Observation, Step};
use vm_base::Limits;

/// The heap bytes of an item on a stack, and of an active call.
const UNIT: u64 = 16;

/// An active call.
pub(super) struct Call<'a> {
    /// The index of its file.
    pub(super) file: usize,
    pub(super) function: &'a str,
    /// The current line, as an index into the lines of its file.
    pub(super) at: usize,
    pub(super) stack: Vec<Value>,
}

/// Why a run ends.
pub(super) enum Stop {
    Fault(&'static str),
    Limit(&'static str),
    /// The program returned, with this value.
    Returned(Option<Value>),
}

/// A running program.
pub(super) struct Run<'a, O> {
    pub(super) sources: &'a [Source<'a>],
    pub(super) limits: Limits,
    /// The active calls, innermost last; never empty.
    pub(super) calls: Vec<Call<'a>>,
    /// The number of items on all stacks together.
    pub(super) items: u64,
    /// The number of calls that have started, including those that have ended.
    pub(super) calls_started: u64,
    pub(super) output: String,
    /// The number of instructions that have executed.
    pub(super) steps: u64,
    pub(super) obs: O,
}

impl<'a, O: Observer<Quirk>> Run<'a, O> {
    /// Returns a run that is about to execute the entry's `main`.
    pub(super) fn new(sources: &'a [Source<'a>], limits: Limits, obs: O) -> Run<'a, O> {
        let mut run = Run {
            sources,
            limits,
            calls: Vec::new(),
            items: 0,
            calls_started: 1,
            output: String::new(),
            steps: 0,
            obs,
        };
        obs.holds("mmm.function.main.3");
        let main = run.text(0).functions.get("main").copied();
        let at = match obs.has_quirk(Quirk::StartsAtTheTop) {
            true => 0,
            // Only a quirk accepts an entry without `main`.
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

    /// Runs the program to its end.
    pub(super) fn finish(mut self) -> ReferenceRun {
        let obs = self.obs;
        let stop = loop {
            match self.step() {
                Ok(()) => {}
                Err(Stop::Fault(_))
                    if self.calls.len() > 1 && obs.has_quirk(Quirk::FaultEndsOneCall) =>
                {
                    let _ = self.leave(None);
                }
                Err(stop) => break stop,
            }
        };
        let (ending, fault, value) = match stop {
            Stop::Fault(code) => (Ending::Faulted, Some(code), None),
            Stop::Limit(code) if obs.has_quirk(Quirk::LimitIsFault) => {
                (Ending::Faulted, Some(code), None)
            }
            Stop::Limit(code) => (Ending::Limited, Some(code), None),
            Stop::Returned(value) => (Ending::Returned, None, value),
        };
        obs.record(
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
        obs.holds_if("mmm.observe.value.1", || value.is_some());
        if fault.is_some() {
            obs.breaks("mmm.observe.at.1", ());
            obs.breaks("mmm.observe.at.2", ());
            obs.breaks("mmm.fault.stop.1", ());
            if !self.output.is_empty() {
                obs.breaks("mmm.fault.kept.1", ());
            }
            if obs.has_quirk(Quirk::FaultTakesOutput) {
                self.output.clear();
            }
        }
        let at = match obs.has_quirk(Quirk::PlaceOfOutermost) {
            true => 0,
            false => self.calls.len() - 1,
        };
        let at = fault.map(|_| self.location(&self.calls[at]));
        ReferenceRun {
            observation: Observation {
                output: self.output.into_bytes(),
                ending,
                value: value.map(|value| match value {
                    Value::Str(text) if obs.has_quirk(Quirk::ValueOfStrBare) => text,
                    value => value.to_text(obs),
                }),
                fault: fault.map(str::to_owned),
                at,
                detail: None,
            },
            steps: self.steps,
        }
    }

    /// Returns the text of a file that is known to have loaded.
    pub(super) fn text(&self, file: usize) -> &'a Text<'a> {
        match &self.sources[file].content {
            Content::Good(text) => text,
            Content::Unreadable | Content::Bad => unreachable!("only loaded files are called"),
        }
    }

    /// Returns where a call is, as `file#function:line`.
    pub(super) fn location(&self, call: &Call) -> String {
        let mut line = self.text(call.file).lines[call.at].number;
        if self.obs.has_quirk(Quirk::LinesFromZero) {
            line -= 1;
        }
        let file = &self.sources[call.file].name;
        format!("{file}#{}:{line}", call.function)
    }

    /// Executes one instruction and moves to the next.
    pub(super) fn step(&mut self) -> Result<(), Stop> {
        let obs = self.obs;
        let here = &self.calls[self.calls.len() - 1];
        let instruction = &self.text(here.file).lines[here.at].instruction;
        let ends = matches!(instruction, Instruction::End);
        if ends && !obs.has_quirk(Quirk::EndTakesFuel) {
            return self.end();
        }
        let fuel = match obs.has_quirk(Quirk::FuelLastsLonger) {
            true => self.limits.fuel.map(|fuel| fuel.saturating_add(1)),
            false => self.limits.fuel,
        };
        let out_of_fuel = fuel.is_some_and(|fuel| self.steps >= fuel);
        if out_of_fuel && !obs.has_quirk(Quirk::FuelAskedLast) {
            obs.breaks("mmm.limit.fuel.3", ());
            return Err(Stop::Limit(obs.breaks("mmm.limit.fuel.1", "out-of-fuel")));
        }
        self.steps += 1;
        obs.record_step(|| self.trace_step());
        obs.holds("mmm.limit.fuel.1");
        obs.holds("mmm.instruction.order.1");
        obs.boundary_if("mmm.limit.fuel.1", || fuel == Some(self.steps));
        let result = match ends {
            true => self.end(),
            false => self.execute(instruction),
        };
        match out_of_fuel && result.is_ok() {
            true => Err(Stop::Limit("out-of-fuel")),
            false => result,
        }
    }

    /// Returns what a trace shows before the current instruction: where it is, and its local stack.
    pub(super) fn trace_step(&self) -> Step {
        let here = &self.calls[self.calls.len() - 1];
        let items = here.stack.iter();
        Step {
            at: self.location(here),
            state: items.map(|item| item.to_text(NoObserver)).collect(),
        }
    }

    /// Executes an instruction other than `end`.
    pub(super) fn execute(&mut self, instruction: &Instruction<'a>) -> Result<(), Stop> {
        let obs = self.obs;
        match *instruction {
            Instruction::End => {}
            Instruction::Nop => obs.holds("mmm.nop.1"),
            Instruction::Breakpoint => {
                obs.holds("mmm.breakpoint.1");
                if obs.has_quirk(Quirk::BreakpointQuits) {
                    return Err(Stop::Fault("quit"));
                }
            }
            Instruction::Literal(mnemonic, operand) => {
                if obs.has_quirk(Quirk::MemoryBeforeLiteral) && self.is_full() {
                    return Err(Stop::Limit("memory-limit"));
                }
                let Some(value) = literal(mnemonic, operand, obs) else {
                    if self.is_full() {
                        obs.breaks("mmm.fault.order.3", ());
                    }
                    return Err(Stop::Fault(obs.breaks("mmm.literal.when.1", "bad-literal")));
                };
                obs.holds("mmm.value.type.1");
                self.push(value)?;
            }
            Instruction::StackSize => {
                obs.holds("mmm.stack_size.1");
                obs.holds_if("mmm.stack_size.2", || {
                    self.calls_started > self.calls.len() as u64
                });
                let here = &self.calls[self.calls.len() - 1];
                let size = match () {
                    () if obs.has_quirk(Quirk::StackSizeOfItems) => here.stack.len(),
                    () if obs.has_quirk(Quirk::StackSizeFromZero) => self.calls.len() - 1,
                    () if obs.has_quirk(Quirk::StackSizeOfAllCalls) => self.calls_started as usize,
                    () => self.calls.len(),
                };
                self.push(Value::Int(size as i32))?;
            }
            Instruction::Pop => {
                let stack = self.stack();
                if !obs.check("mmm.pop.2", !stack.is_empty()) {
                    match obs.has_quirk(Quirk::PopOfNothing) {
                        true => {
                            self.advance();
                            return Ok(());
                        }
                        false => return Err(Stop::Fault("stack-size")),
                    }
                }
                obs.holds("mmm.pop.1");
                match obs.has_quirk(Quirk::PopTakesOldest) {
                    true => drop(stack.remove(0)),
                    false => drop(stack.pop()),
                }
                self.release(1);
            }
            Instruction::Void => {
                obs.holds("mmm.void.1");
                if obs.has_quirk(Quirk::VoidNeedsItem) && self.stack().is_empty() {
                    return Err(Stop::Fault("stack-size"));
                }
                let kept = usize::from(obs.has_quirk(Quirk::VoidLeavesOldest));
                let stack = self.stack();
                let removed = stack.drain(kept.min(stack.len())..).count();
                self.release(removed as u64);
            }
            Instruction::BinOp(operator) => self.bin_op(operator)?,
            Instruction::PrintAll => self.print_all()?,
            Instruction::PrintOne(index) => self.print_one(index)?,
            Instruction::StackDump => {
                obs.holds("mmm.stack_dump.1");
                obs.holds("mmm.stack_dump.2");
                let before = self.output.len();
                let text = self.dump();
                self.output.push_str(&text);
                obs.holds("mmm.stack_dump.3");
                if !obs.has_quirk(Quirk::DumpUncounted) {
                    self.check_output(before)?;
                }
                if obs.has_quirk(Quirk::DumpTakesItems) {
                    self.stack().clear();
                }
            }
            Instruction::Call { file, name, .. } => return self.call(file, name),
            Instruction::Ret => return self.ret(),
        }
        self.advance();
        Ok(())
    }

    /// Returns the local stack.
    pub(super) fn stack(&mut self) -> &mut Vec<Value> {
        let last = self.calls.len() - 1;
        &mut self.calls[last].stack
    }

    /// Moves to the next line.
    pub(super) fn advance(&mut self) {
        let last = self.calls.len() - 1;
        self.calls[last].at += 1;
    }

    /// Returns true if one more item or call would exceed the limit on heap bytes.
    pub(super) fn is_full(&self) -> bool {
        let obs = self.obs;
        let mut units = self.items + self.calls.len() as u64 + 1;
        if obs.has_quirk(Quirk::MemoryWithoutMain) {
            units -= 1;
        }
        let mut bytes = units * UNIT;
        if obs.has_quirk(Quirk::MemoryOfStr) {
            let items = self.calls.iter().flat_map(|call| &call.stack);
            let text = items.map(|item| match item {
                Value::Str(text) => text.len() as u64,
                _ => 0,
            });
            bytes += text.sum::<u64>();
        }
        obs.boundary_if("mmm.limit.memory.1", || bytes == self.limits.heap_bytes);
        !obs.check("mmm.limit.memory.1", bytes <= self.limits.heap_bytes)
    }

    /// Records that `items` items were removed from a stack.
    pub(super) fn release(&mut self, items: u64) {
        self.obs.holds("mmm.limit.memory.2");
        if !self.obs.has_quirk(Quirk::MemoryNeverFreed) {
            self.items -= items;
        }
    }

    /// Pushes a value on the local stack.
    pub(super) fn push(&mut self, value: Value) -> Result<(), Stop> {
        if self.is_full() {
            return Err(Stop::Limit("memory-limit"));
        }
        self.obs.holds("mmm.value.stack.3");
        self.stack().push(value);
        self.items += 1;
        Ok(())
    }

    /// Replaces the two items of the local stack by the result of an operator.
    pub(super) fn bin_op(&mut self, operator: u8) -> Result<(), Stop> {
        let obs = self.obs;
        let stack = self.stack();
        if stack.len() > 2 && obs.has_quirk(Quirk::BinOpOfNewest) {
            obs.breaks("mmm.bin_op.stack.1", ());
        } else if !obs.check("mmm.bin_op.stack.1", stack.len() == 2) {
            return Err(Stop::Fault("stack-size"));
        }
        let below = stack.len() - 2;
        let [left, right] = match obs.has_quirk(Quirk::BinOpReversed) {
            true => [&stack[below + 1], &stack[below]],
            false => [&stack[below], &stack[below + 1]],
        };
        let value = arithmetic(operator, left, right, obs).map_err(Stop::Fault)?;
        obs.holds("mmm.bin_op.stack.2");
        obs.holds("mmm.bin_op.stack.3");
        if obs.has_quirk(Quirk::BinOpKeepsItems) {
            return self.push(value);
        }
        stack.truncate(below);
        stack.push(value);
        self.release(1);
        Ok(())
    }
}
