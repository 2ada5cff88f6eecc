//! The `.Sc.` machine by its specification, byte by byte.
//!
//! Asts are walked as the file has them, with a stack of values; an instruction is found by its
//! index, a variable by its name. Nothing here recurses.

mod decode;
mod value;

use super::ReferenceRun;
use super::observe::{Evidence, Unwatched, Watch};
use super::quirks::sc::Quirk;
use decode::{Instruction, NEG, NOT, Name, Program, Step};
use mmm_case::Case;
use mmm_case::{Ending, Observation, Step as Moment};
use std::collections::BTreeMap;
use value::{Value, binary, function, unary};
use vm_base::Limits;

/// Bytes that a variable takes, besides the text in it.
const UNIT: u64 = 16;

/// Runs a case, whose entry is in binary.
pub fn read(case: &Case) -> ReferenceRun {
    watched(case, Unwatched)
}

/// Runs a case, whose entry is in binary, while somebody watches.
pub(super) fn watched(case: &Case, w: impl Watch<Quirk>) -> ReferenceRun {
    let name = case.rooted_entry();
    let limits = case.limits();
    let refused = |why: &str| {
        w.breaks("sc.observe.refused.1", ());
        let ending = match w.quirk(Quirk::RefusedFaults) {
            true => Ending::Faulted,
            false => Ending::Refused,
        };
        ReferenceRun {
            seen: Observation::of(ending).with_detail(format!("{name}: {why}")),
            steps: 0,
        }
    };
    let Some(bytes) = case.files.get(&case.entry) else {
        return refused("there is no such file");
    };
    if bytes.len() as u64 > limits.source_bytes() {
        return refused(w.breaks("sc.limit.source.1", "it is longer than the limit"));
    }
    match Program::load(bytes, w) {
        Ok(program) if case.strict && program.is_extended(w) => refused("it has extensions"),
        Ok(program) => Run::new(&program, limits, w).execute(name),
        Err(why) => refused(why),
    }
}

/// Whether a file loads; or why not.
pub fn check(bytes: &[u8]) -> Result<(), &'static str> {
    Program::load(bytes, Unwatched).map(drop)
}

/// Why a run stops early.
#[derive(Debug, PartialEq)]
enum Stop {
    Fault(&'static str),
    Limit(&'static str),
}

type Done<T> = Result<T, Stop>;

const TYPE_MISMATCH: Stop = Stop::Fault("type-mismatch");
const BAD_VALUE: Stop = Stop::Fault("bad-value");

/// A value on an ast's stack.
struct Item {
    value: Value,
    /// The bytes of text that it holds, if the ast itself has made it.
    held: u64,
}

struct Run<'p, 'a, W> {
    program: &'p Program<'a>,
    name: &'p str,
    limits: Limits,
    constants: Vec<Value>,
    variables: BTreeMap<Name<'a>, Value>,
    /// For each FOR that was entered, the counter and where it ends.
    turns: BTreeMap<usize, (i64, i64)>,
    stack: Vec<Item>,
    fuel: u64,
    /// Bytes held: a unit for each variable that is set, the text in it, and the text on the stack
    /// that the ast has made.
    held: u64,
    output: Vec<u8>,
    /// The END or PROCEED that the WHILE in execution was come to from, if there is one.
    from: Option<usize>,
    /// Values of asts, for a machine that evaluates each but once.
    evaluated: BTreeMap<usize, Value>,
    w: W,
}

impl<'p, 'a, W: Watch<Quirk>> Run<'p, 'a, W> {
    fn new(program: &'p Program<'a>, limits: Limits, w: W) -> Run<'p, 'a, W> {
        let longer = u64::from(w.quirk(Quirk::FuelLastsLonger));
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
            w,
        }
    }

    fn execute(mut self, name: &'p str) -> ReferenceRun {
        let w = self.w;
        self.name = name;
        let fuel = self.fuel;
        let count = self.program.instructions.len();
        let count = match w.quirk(Quirk::LastNeverRuns) {
            true => count.saturating_sub(1),
            false => count,
        };
        let mut at = 0;
        let stop = loop {
            let Some(instruction) = self.program.instructions[..count].get(at) else {
                break self.come_to_the_end();
            };
            match self.step(at, *instruction) {
                Ok(next) => {
                    let again = w.watches() && next < at && self.program.is_while(next);
                    self.from = again.then_some(at);
                    at = next;
                }
                Err(stop) => break Some(stop),
            }
        };
        let (ending, code) = match stop {
            None => (Ending::Returned, None),
            Some(Stop::Fault(code)) => (Ending::Faulted, Some(code)),
            Some(Stop::Limit(code)) if w.quirk(Quirk::LimitIsFault) => {
                (Ending::Faulted, Some(code))
            }
            Some(Stop::Limit(code)) => (Ending::Limited, Some(code)),
        };
        w.mark(
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
            w.breaks("sc.observe.at.1", ());
            w.breaks("sc.observe.at.2", ());
            w.breaks("sc.fault.stop.1", ());
            if !self.output.is_empty() {
                w.breaks("sc.fault.kept.1", ());
            }
            if w.quirk(Quirk::FaultTakesOutput) {
                self.output.clear();
            }
        }
        at += usize::from(w.quirk(Quirk::PlacesFromOne));
        if let Some(from) = self.from
            && w.quirk(Quirk::PlaceOfEnd)
        {
            at = from;
        }
        ReferenceRun {
            seen: Observation {
                output: self.output,
                fault: code.map(str::to_owned),
                at: code.map(|_| format!("{name}:{at}")),
                ..Observation::of(ending)
            },
            steps: fuel - self.fuel,
        }
    }

    /// What stops a program at its end: nothing.
    fn come_to_the_end(&self) -> Option<Stop> {
        let w = self.w;
        w.holds("sc.limit.fuel.4");
        w.edge_if("sc.limit.fuel.1", || self.fuel == 0);
        w.holds_if("sc.file.empty.1", || self.program.instructions.is_empty());
        let lacks = self.fuel == 0 && w.quirk(Quirk::EndTakesFuel);
        lacks.then_some(Stop::Limit("out-of-fuel"))
    }

    /// Takes the fuel for an instruction that evaluates these asts, before it does anything.
    fn charge(&mut self, at: usize, asts: &[usize]) -> Done<()> {
        let w = self.w;
        let asts = asts.iter().map(|&ast| self.program.ast_length(ast));
        let mut cost = 1 + asts.sum::<u64>();
        let instruction = self.program.instructions[at];
        match instruction {
            _ if w.quirk(Quirk::AstsTakeNoFuel) => cost = 1,
            Instruction::While { .. }
                if self.from.is_some() && w.quirk(Quirk::WhileTakesFuelOnce) =>
            {
                cost -= 1;
            }
            Instruction::Label(_) if w.quirk(Quirk::LabelTakesNoFuel) => cost = 0,
            Instruction::For { .. } if w.quirk(Quirk::ForTakesOneFuel) => cost = 1,
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
            None if self.fuel > 0 && w.quirk(Quirk::FuelRunsOutLate) => self.fuel = 0,
            None => {
                w.breaks("sc.limit.fuel.5", ());
                if clause == "sc.limit.fuel.3" {
                    w.breaks(clause, ());
                }
                return Err(w.breaks("sc.limit.fuel.1", Stop::Limit("out-of-fuel")));
            }
        }
        w.step(|| self.seen(at));
        w.holds(clause);
        w.holds("sc.insn.order.1");
        w.edge_if("sc.limit.fuel.1", || self.fuel == 0);
        Ok(())
    }

    /// What a trace shows of this moment.
    fn seen(&self, at: usize) -> Moment {
        let variables = self.variables.iter();
        let shown = variables.map(|((_, name), value)| format!("{name}={}", value.form(Unwatched)));
        Moment {
            at: format!("{}:{at}", self.name),
            state: shown.collect(),
        }
    }

    /// Executes an instruction; the index of the next.
    fn step(&mut self, at: usize, instruction: Instruction) -> Done<usize> {
        let w = self.w;
        match instruction {
            Instruction::Pass => {
                self.charge(at, &[])?;
                w.holds("sc.insn.pass.1");
                Ok(at + 1)
            }
            Instruction::Label(_) => {
                self.charge(at, &[])?;
                w.holds("sc.insn.label.1");
                Ok(at + 1)
            }
            Instruction::For {
                var,
                start,
                stop,
                end,
            } => {
                self.charge(at, &[start, stop])?;
                self.count(at, var, [start, stop], end)
            }
            Instruction::While { cond, end } => {
                self.charge(at, &[cond])?;
                w.holds("sc.insn.while.1");
                if self.from.is_none() && w.quirk(Quirk::WhileTestsLast) {
                    return Ok(at + 1);
                }
                self.evaluate(cond)?;
                match self.pop() {
                    Value::Bool(true) => Ok(at + 1),
                    Value::Bool(false) => Ok(end + 1),
                    Value::Int(value) if w.quirk(Quirk::WhileOfInt) => match value {
                        0 => Ok(end + 1),
                        _ => Ok(at + 1),
                    },
                    _ => Err(w.breaks("sc.insn.while.2", TYPE_MISMATCH)),
                }
            }
            Instruction::End(head) => {
                self.charge(at, &[])?;
                w.holds("sc.insn.end.1");
                self.proceed(head)
            }
            Instruction::Jump(to) => {
                self.charge(at, &[])?;
                self.jump(at, to)
            }
            Instruction::Goto(name) => {
                self.charge(at, &[])?;
                w.holds("sc.insn.goto.1");
                w.holds("sc.insn.goto.4");
                // There is one, but for a quirk.
                let label = self.program.labels.get(&self.program.name(name));
                Ok(label.copied().unwrap_or(at + 1))
            }
            Instruction::Eval(ast) => {
                self.charge(at, &[ast])?;
                self.evaluate(ast)?;
                w.holds("sc.insn.eval.1");
                let value = self.pop();
                if w.quirk(Quirk::EvalPrints) && value != Value::Nil {
                    self.print(&[value])?;
                }
                Ok(at + 1)
            }
            Instruction::Set(name, ast) => {
                self.charge(at, &[ast])?;
                self.evaluate(ast)?;
                w.holds("sc.insn.set.1");
                let value = self.pop();
                self.assign(name, value)?;
                Ok(at + 1)
            }
        }
    }

    /// Begins to count.
    fn count(&mut self, at: usize, var: usize, asts: [usize; 2], end: usize) -> Done<usize> {
        let w = self.w;
        w.holds("sc.insn.for.1");
        w.holds_if("sc.insn.for.8", || self.turns.contains_key(&at));
        if w.quirk(Quirk::ForGoesOn) && self.turns.contains_key(&at) {
            return self.proceed(at);
        }
        let backwards = w.quirk(Quirk::ForEvaluatesEndFirst);
        let [first, second] = match backwards {
            true => [asts[1], asts[0]],
            false => asts,
        };
        self.evaluate(first)?;
        // It stays on the stack, and counts there.
        let value = self.stack.last().map(|item| &item.value);
        if w.quirk(Quirk::ForChecksStartFirst) && !matches!(value, Some(Value::Int(_))) {
            return Err(TYPE_MISMATCH);
        }
        self.evaluate(second)?;
        let (stop, start) = match (self.pop(), self.pop()) {
            (stop, start) if backwards => (start, stop),
            (stop, start) => (stop, start),
        };
        let (stop, start) = match (stop, start) {
            (Value::Int(stop), Value::Int(start)) => (stop, start),
            (Value::Float(stop), Value::Int(start)) if w.quirk(Quirk::ForOfFloats) => {
                (stop as i64, start)
            }
            _ => return Err(w.breaks("sc.insn.for.2", TYPE_MISMATCH)),
        };
        w.holds("sc.insn.for.2");
        w.holds_if("sc.insn.for.7", || stop == i64::MAX || start == i64::MIN);
        w.edge_if("sc.insn.for.3", || {
            start < stop && start.checked_add(1) == Some(stop)
        });
        w.edge_if("sc.insn.for.4", || start == stop);
        if w.quirk(Quirk::ForCountsTurns) && stop.checked_sub(start).is_none() {
            return Err(Stop::Fault("overflow"));
        }
        let stop = match w.quirk(Quirk::ForIncludesEnd) {
            true => stop.saturating_add(1),
            false => stop,
        };
        if start >= stop {
            w.holds("sc.insn.for.4");
            if w.quirk(Quirk::ForAlwaysAssigns) {
                self.assign(var, Value::Int(start))?;
            }
            return Ok(end + 1);
        }
        w.holds("sc.insn.for.3");
        self.turns.insert(at, (start, stop));
        self.assign(var, Value::Int(start))?;
        Ok(at + 1)
    }

    /// PROCEED or STOP.
    fn jump(&mut self, at: usize, to: usize) -> Done<usize> {
        let w = self.w;
        match self.program.instructions[to] {
            Instruction::End(head) => {
                w.holds("sc.insn.stop.1");
                if w.quirk(Quirk::StopSetsEnd)
                    && let Instruction::For { var, .. } = self.program.instructions[head]
                    && let Some(&(_, stop)) = self.turns.get(&head)
                {
                    self.assign(var, Value::Int(stop))?;
                }
                match w.quirk(Quirk::StopLeavesInnermost) {
                    true => Ok(self.program.innermost_end(at).unwrap_or(to) + 1),
                    false => Ok(to + 1),
                }
            }
            Instruction::For { end, .. } | Instruction::While { end, .. }
                if w.quirk(Quirk::ProceedLeaves) =>
            {
                Ok(end + 1)
            }
            _ => {
                w.holds("sc.insn.proceed.1");
                self.proceed(to)
            }
        }
    }

    /// Goes on with a loop's next turn. A WHILE tests its condition again, and is charged again.
    fn proceed(&mut self, head: usize) -> Done<usize> {
        let w = self.w;
        let Instruction::For { var, stop, end, .. } = self.program.instructions[head] else {
            return Ok(head);
        };
        // It was entered, but for a quirk.
        let (mut counter, mut last) = self.turns.get(&head).copied().unwrap_or((0, 0));
        w.holds("sc.insn.for.5");
        if w.quirk(Quirk::ForCountsInVariable)
            && let Some(Value::Int(value)) = self.variables.get(&self.program.name(var))
        {
            counter = *value;
        }
        if w.quirk(Quirk::ForEvaluatesEndAgain) {
            self.evaluate(stop)?;
            if let Value::Int(value) = self.pop() {
                last = value;
            }
        }
        if counter.saturating_add(1) >= last {
            w.holds("sc.insn.for.6");
            if w.quirk(Quirk::ForLeavesEnd) {
                self.assign(var, Value::Int(last))?;
            }
            if w.quirk(Quirk::ForVariableGone)
                && let Some(old) = self.variables.remove(&self.program.name(var))
            {
                self.held -= UNIT + old.bytes();
            }
            return Ok(end + 1);
        }
        w.holds("sc.insn.for.3");
        self.turns.insert(head, (counter + 1, last));
        self.assign(var, Value::Int(counter + 1))?;
        Ok(head + 1)
    }

    /// Refuses to hold `bytes` more if that is too much.
    fn room(&self, bytes: u64) -> Done<()> {
        let held = self.held.checked_add(bytes);
        let fits = held.is_some_and(|held| held <= self.limits.heap_bytes);
        self.w
            .edge_if("sc.limit.memory.1", || held == Some(self.limits.heap_bytes));
        match self.w.shows("sc.limit.memory.1", fits) {
            true => Ok(()),
            false => Err(Stop::Limit("memory-limit")),
        }
    }

    fn assign(&mut self, name: usize, value: Value) -> Done<()> {
        let w = self.w;
        let name = self.program.name(name);
        let old = self.variables.get(&name);
        if let Some(old) = old
            && old.kind() != value.kind()
            && w.quirk(Quirk::VariableKeepsType)
        {
            return Err(TYPE_MISMATCH);
        }
        let freed = old.map_or(0, |old| UNIT + old.bytes());
        w.holds("sc.value.variable.2");
        w.holds_if("sc.value.variable.1", || old.is_some());
        w.holds_if("sc.limit.memory.3", || old.is_some());
        let bytes = match w.quirk(Quirk::VariablesTakeNoUnit) && freed == 0 {
            true => value.bytes(),
            false => UNIT + value.bytes(),
        };
        if w.quirk(Quirk::OldValueCounts) {
            self.room(bytes)?;
        }
        self.held = self.held.saturating_sub(freed);
        self.room(bytes)?;
        self.held += bytes;
        self.variables.insert(name, value);
        Ok(())
    }

    /// Pushes something that lies in a variable or a constant.
    fn push(&mut self, value: Value) {
        let held = match self.w.quirk(Quirk::ConstantsCount) {
            true => value.bytes(),
            false => 0,
        };
        self.held += held;
        self.stack.push(Item { value, held });
    }

    fn pop(&mut self) -> Value {
        let item = self.stack.pop().expect("asts were checked");
        self.held = self.held.saturating_sub(item.held);
        item.value
    }

    /// Evaluates an ast, and leaves its value on the stack.
    fn evaluate(&mut self, ast: usize) -> Done<()> {
        let (program, w) = (self.program, self.w);
        w.holds("sc.ast.order.1");
        w.holds("sc.ast.use.2");
        if w.quirk(Quirk::AstsEvaluatedOnce)
            && let Some(value) = self.evaluated.get(&ast)
        {
            let value = value.clone();
            self.push(value);
            return Ok(());
        }
        if w.quirk(Quirk::FunctionsLookedUpFirst) && program.calls_unknown(ast) {
            return Err(Stop::Fault("unknown-function"));
        }
        let base = self.stack.len();
        for step in program.asts.get(ast).map_or(&[][..], |steps| steps) {
            let taken = match *step {
                Step::Variable(name) => {
                    let value = self.variables.get(&program.name(name));
                    if !w.shows("sc.ast.var.1", value.is_some()) && !w.quirk(Quirk::UnsetIsNil) {
                        return Err(Stop::Fault("unset-variable"));
                    }
                    let value = value.cloned().unwrap_or(Value::Nil);
                    self.push(value);
                    continue;
                }
                Step::Constant(index) => {
                    w.holds("sc.ast.const.1");
                    w.holds_if("sc.const.implied.1", || index < 4);
                    // It is there, but for a quirk.
                    let value = self.constants.get(index).cloned().unwrap_or(Value::Nil);
                    self.push(value);
                    continue;
                }
                Step::Call(_, count) => count,
                Step::Operator(NOT | NEG) => 1,
                Step::Operator(_) => 2,
            };
            while self.stack.len() < base + taken && w.quirk(Quirk::UnderrunIsNil) {
                self.stack.insert(
                    base,
                    Item {
                        value: Value::Nil,
                        held: 0,
                    },
                );
            }
            self.apply(*step, taken)?;
        }
        if self.stack.len() == base {
            self.push(Value::Nil); // For quirks only: asts were checked.
        }
        if w.quirk(Quirk::AstEndsHigh) {
            self.stack.drain(base..self.stack.len() - 1);
        }
        if w.quirk(Quirk::AstsEvaluatedOnce) {
            let value = self.stack[base].value.clone();
            self.evaluated.insert(ast, value);
        }
        Ok(())
    }

    /// Puts what an operator or function makes in the place of the items that it takes.
    fn apply(&mut self, step: Step, taken: usize) -> Done<()> {
        let (program, w) = (self.program, self.w);
        let below = self.stack.len() - taken;
        let operands = &self.stack[below..];
        let held: u64 = operands.iter().map(|item| item.held).sum();
        let operand = |at: usize| operands[at].value.clone();
        // What is made must find room beside what it is made from.
        let beside = if w.quirk(Quirk::OperandsForgotten) {
            held
        } else {
            0
        };
        w.holds_if("sc.limit.memory.2", || held > 0);
        let value = match step {
            Step::Operator(operator @ (NOT | NEG)) => unary(operator, operand(0), w)?,
            Step::Operator(operator) => {
                let (left, right) = match w.quirk(Quirk::OperandsSwapped) {
                    true => (operand(1), operand(0)),
                    false => (operand(0), operand(1)),
                };
                if let (0x03, Value::Str(left), Value::Str(right)) = (operator, &left, &right) {
                    self.room(((left.len() + right.len()) as u64).saturating_sub(beside))?;
                }
                binary(operator, left, right, w)?
            }
            // The first argument is on top.
            Step::Call(name, count) => {
                w.holds("sc.ast.call.1");
                w.holds_if("sc.ast.call.2", || count > 1);
                let arguments = match w.quirk(Quirk::ArgumentsBackwards) {
                    true => (0..count).map(operand).collect(),
                    false => (0..count).rev().map(operand).collect(),
                };
                self.call(program.text(name), arguments)?
            }
            Step::Variable(_) | Step::Constant(_) => return Ok(()),
        };
        let bytes = match w.quirk(Quirk::MadeTextUncounted) {
            true => 0,
            false => value.bytes(),
        };
        self.room(bytes.saturating_sub(beside))?;
        self.held = self.held.saturating_sub(held) + bytes;
        self.stack.truncate(below);
        self.stack.push(Item { value, held: bytes });
        Ok(())
    }

    fn call(&mut self, name: &str, mut arguments: Vec<Value>) -> Done<Value> {
        let w = self.w;
        match name {
            "print" => {
                self.print(&arguments)?;
                Ok(match w.quirk(Quirk::PrintReturnsCount) {
                    true => Value::Int(arguments.len() as i64),
                    false => Value::Nil,
                })
            }
            "str" | "len" | "type" | "int" | "float" => {
                if arguments.is_empty() && w.quirk(Quirk::MissingArgumentIsNil) {
                    arguments.push(Value::Nil);
                }
                w.shows("sc.func.arity.1", arguments.len() == 1);
                if arguments.len() != 1 {
                    if arguments.len() > 1 && w.quirk(Quirk::FurtherArgumentsIgnored) {
                        return function(name, arguments.remove(0), w);
                    }
                    if !arguments.is_empty() && w.quirk(Quirk::TypeBeforeArity) {
                        function(name, arguments.remove(0), w)?;
                    }
                    w.breaks("sc.ast.call.5", ());
                    return Err(w.breaks("sc.ast.call.4", Stop::Fault("arity")));
                }
                function(name, arguments.remove(0), w)
            }
            _ if w.quirk(Quirk::UnknownFunctionIsNil) => Ok(Value::Nil),
            _ => {
                w.breaks("sc.ast.call.5", ());
                Err(w.breaks("sc.ast.call.3", Stop::Fault("unknown-function")))
            }
        }
    }

    /// Prints all of a line, or nothing.
    fn print(&mut self, arguments: &[Value]) -> Done<()> {
        let w = self.w;
        w.holds_if("sc.func.print.1", || !arguments.is_empty());
        w.holds_if("sc.func.print.2", || arguments.is_empty());
        w.holds("sc.func.arity.1");
        w.holds("sc.print.text.1");
        if arguments.is_empty() && w.quirk(Quirk::PrintNothing) {
            return Ok(());
        }
        let before = self.output.len();
        for (number, argument) in arguments.iter().enumerate() {
            if number > 0 {
                self.output.push(if w.quirk(Quirk::PrintTabs) {
                    b'\t'
                } else {
                    b' '
                });
            }
            match argument {
                Value::Str(text) if !w.quirk(Quirk::StrEscapes) => self.write(before, text)?,
                other => self.write(before, &other.form(w))?,
            }
        }
        self.write(before, "\n")?;
        w.holds("sc.limit.output.1");
        w.holds("sc.limit.output.2");
        let most = self.limits.output_bytes;
        w.edge_if("sc.limit.output.1", || {
            most == Some(self.output.len() as u64)
        });
        Ok(())
    }

    /// Writes a part of a line that began at `before`.
    fn write(&mut self, before: usize, text: &str) -> Done<()> {
        let w = self.w;
        let length = match w.quirk(Quirk::OutputOfCharacters) {
            true => {
                let written = String::from_utf8_lossy(&self.output);
                (written.chars().count() + text.chars().count()) as u64
            }
            false => (self.output.len() + text.len()) as u64,
        };
        let longer = u64::from(w.quirk(Quirk::OutputNeverFull));
        if self
            .limits
            .output_bytes
            .is_some_and(|most| length + longer > most)
        {
            if !w.quirk(Quirk::OutputCutOff) {
                self.output.truncate(before);
            }
            return Err(w.breaks("sc.limit.output.1", Stop::Limit("output-limit")));
        }
        self.output.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
