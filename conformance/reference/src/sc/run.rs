//! The run of a program: fuel, loops, jumps and variables.

use super::program::{Instruction, Name, Program};
use super::stop::{Done, Stop, TYPE_MISMATCH};
use super::value::Value;
use crate::ReferenceRun;
use crate::observe::{Evidence, NoObserver, Observer};
use crate::quirks::sc::Quirk;
use mmm_case::{Ending, Observation, Step};
use std::collections::BTreeMap;
use vm_base::Limits;

/// The heap bytes of a variable, without the text in it.
const UNIT: u64 = 16;

/// How many bytes of text an operation reads or writes for one unit of fuel.
const BYTES_FOR_FUEL: u64 = 64;

/// A value on an ast's stack.
pub(super) struct Item {
    pub(super) value: Value,
    /// The heap bytes of its text, if the ast itself made it.
    pub(super) held: u64,
}

/// A running program.
pub(super) struct Run<'p, 'a, O> {
    pub(super) program: &'p Program<'a>,
    name: &'p str,
    pub(super) limits: Limits,
    pub(super) constants: Vec<Value>,
    pub(super) variables: BTreeMap<Name<'a>, Value>,
    /// The counter and the end of each FOR that was entered.
    turns: BTreeMap<usize, (i64, i64)>,
    pub(super) stack: Vec<Item>,
    /// The fuel that is left.
    fuel: u64,
    /// The heap bytes in use: a unit for each variable that is set, the text in it, and the text on
    /// the stack that the ast made.
    pub(super) held: u64,
    pub(super) output: Vec<u8>,
    /// The END or PROCEED that led back to the WHILE in execution, if one did.
    from: Option<usize>,
    /// The values of asts, for the quirk that evaluates each ast only once.
    pub(super) evaluated: BTreeMap<usize, Value>,
    pub(super) obs: O,
}

impl<'p, 'a, O: Observer<Quirk>> Run<'p, 'a, O> {
    /// Returns a run that is about to execute the first instruction.
    pub(super) fn new(program: &'p Program<'a>, limits: Limits, obs: O) -> Run<'p, 'a, O> {
        let longer = u64::from(obs.has_quirk(Quirk::FuelLastsLonger));
        Run {
            program,
            name: "",
            fuel: limits
                .fuel
                .map_or(u64::MAX, |fuel| fuel.saturating_add(longer)),
            limits,
            constants: program.constants.iter().map(Value::new).collect(),
            variables: BTreeMap::new(),
            turns: BTreeMap::new(),
            stack: Vec::new(),
            held: 0,
            output: Vec::new(),
            from: None,
            evaluated: BTreeMap::new(),
            obs,
        }
    }

    /// Runs the program to its end. `name` is the name of its file.
    pub(super) fn execute(mut self, name: &'p str) -> ReferenceRun {
        let obs = self.obs;
        self.name = name;
        let fuel = self.fuel;
        let count = self.program.instructions.len();
        let count = match obs.has_quirk(Quirk::LastNeverRuns) {
            true => count.saturating_sub(1),
            false => count,
        };
        let mut at = 0;
        let stop = loop {
            let Some(instruction) = self.program.instructions[..count].get(at) else {
                break self.reach_end();
            };
            match self.step(at, *instruction) {
                Ok(next) => {
                    let again = obs.is_active() && next < at && self.program.is_while(next);
                    self.from = again.then_some(at);
                    at = next;
                }
                Err(stop) => break Some(stop),
            }
        };
        let (ending, code) = match stop {
            None => (Ending::Returned, None),
            Some(Stop::Fault(code)) => (Ending::Faulted, Some(code)),
            Some(Stop::Limit(code)) if obs.has_quirk(Quirk::LimitIsFault) => {
                (Ending::Faulted, Some(code))
            }
            Some(Stop::Limit(code)) => (Ending::Limited, Some(code)),
        };
        obs.record(
            match ending {
                Ending::Faulted => "sc.observe.faulted.1",
                Ending::Limited => "sc.observe.limited.1",
                _ => "sc.observe.returned.1",
            },
            if code.is_some() {
                Evidence::Breaks
            } else {
                Evidence::Holds
            },
        );
        if code.is_some() {
            obs.breaks("sc.observe.at.1", ());
            obs.breaks("sc.observe.at.2", ());
            obs.breaks("sc.fault.stop.1", ());
            if !self.output.is_empty() {
                obs.breaks("sc.fault.kept.1", ());
            }
            if obs.has_quirk(Quirk::FaultTakesOutput) {
                self.output.clear();
            }
        }
        at += usize::from(obs.has_quirk(Quirk::PlacesFromOne));
        if let Some(from) = self.from
            && obs.has_quirk(Quirk::PlaceOfEnd)
        {
            at = from;
        }
        ReferenceRun {
            observation: Observation {
                output: self.output,
                fault: code.map(str::to_owned),
                at: code.map(|_| format!("{name}:{at}")),
                ..Observation::of(ending)
            },
            steps: fuel - self.fuel,
        }
    }

    /// Reaches the end of the program. Only a quirk stops there.
    fn reach_end(&self) -> Option<Stop> {
        let obs = self.obs;
        obs.holds("sc.limit.fuel.4");
        obs.boundary_if("sc.limit.fuel.1", || self.fuel == 0);
        obs.holds_if("sc.file.empty.1", || self.program.instructions.is_empty());
        let out_of_fuel = self.fuel == 0 && obs.has_quirk(Quirk::EndTakesFuel);
        out_of_fuel.then_some(Stop::Limit("out-of-fuel"))
    }

    /// Takes the fuel for an instruction that evaluates these asts, before it does anything.
    fn charge(&mut self, at: usize, asts: &[usize]) -> Done<()> {
        let obs = self.obs;
        let asts = asts.iter().map(|&ast| self.program.ast_length(ast));
        let mut cost = 1 + asts.sum::<u64>();
        let instruction = self.program.instructions[at];
        match instruction {
            _ if obs.has_quirk(Quirk::AstsTakeNoFuel) => cost = 1,
            Instruction::While { .. }
                if self.from.is_some() && obs.has_quirk(Quirk::WhileTakesFuelOnce) =>
            {
                cost -= 1;
            }
            Instruction::Label(_) if obs.has_quirk(Quirk::LabelTakesNoFuel) => cost = 0,
            Instruction::For { .. } if obs.has_quirk(Quirk::ForTakesOneFuel) => cost = 1,
            _ => {}
        }
        let clause = match instruction {
            Instruction::For { .. } => "sc.limit.fuel.2",
            Instruction::While { .. } => "sc.limit.fuel.3",
            Instruction::End(head) if self.program.is_while(head) => "sc.limit.fuel.3",
            Instruction::Eval(_) | Instruction::Set(..) => "sc.limit.fuel.1",
            _ => "sc.limit.fuel.4",
        };
        match self.fuel.checked_sub(cost) {
            Some(fuel) => self.fuel = fuel,
            None if self.fuel > 0 && obs.has_quirk(Quirk::FuelRunsOutLate) => self.fuel = 0,
            None => {
                obs.breaks("sc.limit.fuel.5", ());
                if clause == "sc.limit.fuel.3" {
                    obs.breaks(clause, ());
                }
                return Err(obs.breaks("sc.limit.fuel.1", Stop::Limit("out-of-fuel")));
            }
        }
        obs.record_step(|| self.trace_step(at));
        obs.holds(clause);
        obs.holds("sc.insn.order.1");
        obs.boundary_if("sc.limit.fuel.1", || self.fuel == 0);
        Ok(())
    }

    /// Takes the fuel for an operation that reads or writes `bytes` bytes of text.
    pub(super) fn charge_text(&mut self, bytes: usize) -> Done<()> {
        let obs = self.obs;
        let cost = match obs.has_quirk(Quirk::TextTakesNoFuel) {
            true => 0,
            false => bytes as u64 / BYTES_FOR_FUEL,
        };
        obs.holds_if("sc.limit.fuel.6", || cost > 0);
        match self.fuel.checked_sub(cost) {
            Some(fuel) => {
                self.fuel = fuel;
                obs.boundary_if("sc.limit.fuel.6", || cost > 0 && fuel == 0);
                Ok(())
            }
            None => Err(obs.breaks("sc.limit.fuel.6", Stop::Limit("out-of-fuel"))),
        }
    }

    /// Returns what a trace shows before an instruction: where it is, and all variables.
    fn trace_step(&self, at: usize) -> Step {
        let variables = self.variables.iter();
        let shown =
            variables.map(|((_, name), value)| format!("{name}={}", value.to_text(NoObserver)));
        Step {
            at: format!("{}:{at}", self.name),
            state: shown.collect(),
        }
    }

    /// Executes an instruction; returns the index of the next.
    fn step(&mut self, at: usize, instruction: Instruction) -> Done<usize> {
        let obs = self.obs;
        match instruction {
            Instruction::Pass => {
                self.charge(at, &[])?;
                obs.holds("sc.insn.pass.1");
                Ok(at + 1)
            }
            Instruction::Label(_) => {
                self.charge(at, &[])?;
                obs.holds("sc.insn.label.1");
                Ok(at + 1)
            }
            Instruction::For {
                var,
                start,
                stop,
                end,
            } => {
                self.charge(at, &[start, stop])?;
                self.begin_for(at, var, [start, stop], end)
            }
            Instruction::While { cond, end } => {
                self.charge(at, &[cond])?;
                obs.holds("sc.insn.while.1");
                if self.from.is_none() && obs.has_quirk(Quirk::WhileTestsLast) {
                    return Ok(at + 1);
                }
                self.evaluate(cond)?;
                match self.pop() {
                    Value::Bool(true) => Ok(at + 1),
                    Value::Bool(false) => Ok(end + 1),
                    Value::Int(value) if obs.has_quirk(Quirk::WhileOfInt) => match value {
                        0 => Ok(end + 1),
                        _ => Ok(at + 1),
                    },
                    _ => Err(obs.breaks("sc.insn.while.2", TYPE_MISMATCH)),
                }
            }
            Instruction::End(head) => {
                self.charge(at, &[])?;
                obs.holds("sc.insn.end.1");
                self.proceed(head)
            }
            Instruction::Jump(to) => {
                self.charge(at, &[])?;
                self.jump(at, to)
            }
            Instruction::Goto(name) => {
                self.charge(at, &[])?;
                obs.holds("sc.insn.goto.1");
                obs.holds("sc.insn.goto.4");
                // Only a quirk loads a GOTO without its label.
                let label = self.program.labels.get(&self.program.name(name));
                Ok(label.copied().unwrap_or(at + 1))
            }
            Instruction::Eval(ast) => {
                self.charge(at, &[ast])?;
                self.evaluate(ast)?;
                obs.holds("sc.insn.eval.1");
                let value = self.pop();
                if obs.has_quirk(Quirk::EvalPrints) && value != Value::Nil {
                    self.print(&[value])?;
                }
                Ok(at + 1)
            }
            Instruction::Set(name, ast) => {
                self.charge(at, &[ast])?;
                self.evaluate(ast)?;
                obs.holds("sc.insn.set.1");
                let value = self.pop();
                self.assign(name, value)?;
                Ok(at + 1)
            }
        }
    }

    /// Enters a FOR; returns the index of the next instruction.
    fn begin_for(&mut self, at: usize, var: usize, asts: [usize; 2], end: usize) -> Done<usize> {
        let obs = self.obs;
        obs.holds("sc.insn.for.1");
        obs.holds_if("sc.insn.for.8", || self.turns.contains_key(&at));
        if obs.has_quirk(Quirk::ForGoesOn) && self.turns.contains_key(&at) {
            return self.proceed(at);
        }
        let backwards = obs.has_quirk(Quirk::ForEvaluatesEndFirst);
        let [first, second] = match backwards {
            true => [asts[1], asts[0]],
            false => asts,
        };
        self.evaluate(first)?;
        // The first value stays on the stack, and its text counts as heap bytes there.
        let value = self.stack.last().map(|item| &item.value);
        if obs.has_quirk(Quirk::ForChecksStartFirst) && !matches!(value, Some(Value::Int(_))) {
            return Err(TYPE_MISMATCH);
        }
        self.evaluate(second)?;
        let (stop, start) = match (self.pop(), self.pop()) {
            (stop, start) if backwards => (start, stop),
            (stop, start) => (stop, start),
        };
        let (stop, start) = match (stop, start) {
            (Value::Int(stop), Value::Int(start)) => (stop, start),
            (Value::Float(stop), Value::Int(start)) if obs.has_quirk(Quirk::ForOfFloats) => {
                (stop as i64, start)
            }
            _ => return Err(obs.breaks("sc.insn.for.2", TYPE_MISMATCH)),
        };
        obs.holds("sc.insn.for.2");
        obs.holds_if("sc.insn.for.7", || stop == i64::MAX || start == i64::MIN);
        obs.boundary_if("sc.insn.for.3", || {
            start < stop && start.checked_add(1) == Some(stop)
        });
        obs.boundary_if("sc.insn.for.4", || start == stop);
        if obs.has_quirk(Quirk::ForCountsTurns) && stop.checked_sub(start).is_none() {
            return Err(Stop::Fault("overflow"));
        }
        let stop = match obs.has_quirk(Quirk::ForIncludesEnd) {
            true => stop.saturating_add(1),
            false => stop,
        };
        if start >= stop {
            obs.holds("sc.insn.for.4");
            if obs.has_quirk(Quirk::ForAlwaysAssigns) {
                self.assign(var, Value::Int(start))?;
            }
            return Ok(end + 1);
        }
        obs.holds("sc.insn.for.3");
        self.turns.insert(at, (start, stop));
        self.assign(var, Value::Int(start))?;
        Ok(at + 1)
    }

    /// Executes a PROCEED or STOP; returns the index of the next instruction.
    fn jump(&mut self, at: usize, to: usize) -> Done<usize> {
        let obs = self.obs;
        match self.program.instructions[to] {
            Instruction::End(head) => {
                obs.holds("sc.insn.stop.1");
                if obs.has_quirk(Quirk::StopSetsEnd)
                    && let Instruction::For { var, .. } = self.program.instructions[head]
                    && let Some(&(_, stop)) = self.turns.get(&head)
                {
                    self.assign(var, Value::Int(stop))?;
                }
                match obs.has_quirk(Quirk::StopLeavesInnermost) {
                    true => Ok(self.program.innermost_end(at).unwrap_or(to) + 1),
                    false => Ok(to + 1),
                }
            }
            Instruction::For { end, .. } | Instruction::While { end, .. }
                if obs.has_quirk(Quirk::ProceedLeaves) =>
            {
                Ok(end + 1)
            }
            _ => {
                obs.holds("sc.insn.proceed.1");
                self.proceed(to)
            }
        }
    }

    /// Begins the next turn of a loop; returns the index of the next instruction. A WHILE tests its
    /// condition again, and takes fuel again.
    fn proceed(&mut self, head: usize) -> Done<usize> {
        let obs = self.obs;
        let Instruction::For { var, stop, end, .. } = self.program.instructions[head] else {
            return Ok(head);
        };
        // Only a quirk gets into a FOR without entering it.
        let (mut counter, mut last) = self.turns.get(&head).copied().unwrap_or((0, 0));
        obs.holds("sc.insn.for.5");
        if obs.has_quirk(Quirk::ForCountsInVariable)
            && let Some(Value::Int(value)) = self.variables.get(&self.program.name(var))
        {
            counter = *value;
        }
        if obs.has_quirk(Quirk::ForEvaluatesEndAgain) {
            self.evaluate(stop)?;
            if let Value::Int(value) = self.pop() {
                last = value;
            }
        }
        if counter.saturating_add(1) >= last {
            obs.holds("sc.insn.for.6");
            if obs.has_quirk(Quirk::ForLeavesEnd) {
                self.assign(var, Value::Int(last))?;
            }
            if obs.has_quirk(Quirk::ForVariableGone)
                && let Some(old) = self.variables.remove(&self.program.name(var))
            {
                self.held -= UNIT + old.text_bytes();
            }
            return Ok(end + 1);
        }
        obs.holds("sc.insn.for.3");
        self.turns.insert(head, (counter + 1, last));
        self.assign(var, Value::Int(counter + 1))?;
        Ok(head + 1)
    }

    /// Checks that `bytes` more heap bytes do not exceed the limit.
    pub(super) fn check_room(&self, bytes: u64) -> Done<()> {
        let held = self.held.checked_add(bytes);
        let fits = held.is_some_and(|held| held <= self.limits.heap_bytes);
        self.obs
            .boundary_if("sc.limit.memory.1", || held == Some(self.limits.heap_bytes));
        match self.obs.check("sc.limit.memory.1", fits) {
            true => Ok(()),
            false => Err(Stop::Limit("memory-limit")),
        }
    }

    /// Assigns a value to the variable whose name is this constant.
    fn assign(&mut self, name: usize, value: Value) -> Done<()> {
        let obs = self.obs;
        let name = self.program.name(name);
        let old = self.variables.get(&name);
        if let Some(old) = old
            && old.type_name() != value.type_name()
            && obs.has_quirk(Quirk::VariableKeepsType)
        {
            return Err(TYPE_MISMATCH);
        }
        let freed = old.map_or(0, |old| UNIT + old.text_bytes());
        obs.holds("sc.value.variable.2");
        obs.holds_if("sc.value.variable.1", || old.is_some());
        obs.holds_if("sc.limit.memory.3", || old.is_some());
        let bytes = match obs.has_quirk(Quirk::VariablesTakeNoUnit) && freed == 0 {
            true => value.text_bytes(),
            false => UNIT + value.text_bytes(),
        };
        if obs.has_quirk(Quirk::OldValueCounts) {
            self.check_room(bytes)?;
        }
        self.held = self.held.saturating_sub(freed);
        self.check_room(bytes)?;
        self.held += bytes;
        self.variables.insert(name, value);
        Ok(())
    }
}
