//! The loop: executes flat code.

use super::compile::{Code, Compiled, Counter, Literal, NONE, Slot};
use super::functions::Function;
use super::insn::Fault;
use super::ops::{self, Heap, Output};
use super::value::{Text, Value};
use crate::base::{Host, Limit, Limits};
use std::cmp::Ordering;
use std::io;
use std::ops::{Add, Div, Mul, Rem, Sub};

/// A place of the frame; `None` is a variable never set.
type Cell = Option<Value>;

/// Why a run is over before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// An instruction could not do its work.
    Fault(Fault),
    /// A limit was reached.
    Limit(Limit),
    /// The host would not take the output.
    Host(io::Error),
}

impl Stop {
    pub(super) fn host(error: io::Error) -> Box<Stop> {
        Box::new(Stop::Host(error))
    }
}

impl From<Fault> for Box<Stop> {
    #[cold]
    fn from(fault: Fault) -> Box<Stop> {
        Box::new(Stop::Fault(fault))
    }
}

/// Where and why the loop was left.
pub(super) enum Exit {
    /// The program is over.
    Finished,
    /// The block that begins at `pc` costs more fuel than there is.
    Short,
    /// Something else stopped it.
    Stopped(Box<Stop>),
}

/// A run that is under way.
pub(super) struct Run<'p, 'h> {
    frame: Vec<Cell>,
    /// For each FOR, its hidden counter and where it ends.
    counters: Vec<(i64, i64)>,
    world: World<'p, 'h>,
    /// Where the loop was left.
    pub(super) pc: usize,
    /// Where the ast that is compiled once goes back to.
    pub(super) back: usize,
    /// What is left of the fuel.
    pub(super) fuel: u64,
}

impl<'p, 'h> Run<'p, 'h> {
    pub(super) fn new(compiled: &'p Compiled, host: &'h mut dyn Host, limits: &Limits) -> Self {
        let literals = compiled.literals.iter().map(|literal| {
            Some(match literal {
                Literal::Nil => Value::Nil,
                Literal::Bool(value) => Value::Bool(*value),
                Literal::Int(value) => Value::Int(*value),
                Literal::Float(value) => Value::Float(*value),
                Literal::Str(text) => Value::Str(text.as_str().into()),
            })
        });
        let variables = std::iter::repeat_n(None, compiled.variables as usize);
        let temporaries = std::iter::repeat_n(Some(Value::Nil), compiled.temporaries as usize);
        Run {
            frame: variables.chain(literals).chain(temporaries).collect(),
            counters: vec![(0, 0); compiled.counters.len()],
            world: World {
                compiled,
                first_temporary: compiled.first_temporary(),
                heap: Heap::new(limits.heap_bytes),
                output: Output::new(host, limits.output_bytes),
                arguments: Vec::new(),
            },
            pc: 0,
            back: 0,
            fuel: limits.fuel.unwrap_or(u64::MAX),
        }
    }

    /// Runs `code`, which is the compiled code but for a stop planted in it, from `self.pc`.
    ///
    /// Here are the ways that numbers take; whatever does not fit them falls through to
    /// [`World::any`].
    pub(super) fn execute(&mut self, code: &[Code]) -> Exit {
        let frame = &mut self.frame[..];
        let counters = &mut self.counters[..];
        let world = &mut self.world;
        let mut fuel = self.fuel;
        let mut pc = self.pc;
        let mut back = self.back;
        macro_rules! leave {
            ($exit:expr, $pc:expr) => {{
                self.fuel = fuel;
                self.pc = $pc;
                self.back = back;
                return $exit;
            }};
        }
        macro_rules! branch {
            ($holds:expr, $cost:expr, $to:expr) => {{
                match $holds {
                    Ok(true) => {
                        pc = $to as usize;
                        match fuel.checked_sub(u64::from($cost)) {
                            Some(left) => fuel = left,
                            None => leave!(Exit::Short, pc - 1),
                        }
                    }
                    Ok(false) => pc += 1,
                    Err(stop) => leave!(Exit::Stopped(stop), pc),
                }
                continue;
            }};
        }
        macro_rules! numbers {
            ($dst:ident, $a:ident, $b:ident, $ints:expr, $floats:expr) => {
                match (&frame[$a as usize], &frame[$b as usize]) {
                    (Some(Value::Int(x)), Some(Value::Int(y))) => {
                        if let Some(z) = $ints(*x, *y)
                            && let Some(Value::Int(old)) = &mut frame[$dst as usize]
                        {
                            *old = z;
                            pc += 1;
                            continue;
                        }
                    }
                    (Some(Value::Float(x)), Some(Value::Float(y))) => {
                        let z = $floats(*x, *y);
                        if let Some(Value::Float(old)) = &mut frame[$dst as usize] {
                            *old = z;
                            pc += 1;
                            continue;
                        }
                    }
                    _ => {}
                }
            };
        }
        loop {
            let op = code[pc];
            match op {
                Code::Charge { cost } => match fuel.checked_sub(cost) {
                    Some(left) => {
                        fuel = left;
                        pc += 1;
                        continue;
                    }
                    None => leave!(Exit::Short, pc),
                },
                Code::OutOfFuel => {
                    leave!(Exit::Stopped(Box::new(Stop::Limit(Limit::OutOfFuel))), pc)
                }
                Code::Finish => leave!(Exit::Finished, pc),
                Code::Gosub { to } => {
                    back = pc + 1;
                    pc = to as usize;
                    continue;
                }
                Code::Return => {
                    pc = back;
                    continue;
                }
                Code::Jump { to } => {
                    pc = to as usize;
                    continue;
                }
                Code::Add { dst, a, b } => numbers!(dst, a, b, i64::checked_add, f64::add),
                Code::Sub { dst, a, b } => numbers!(dst, a, b, i64::checked_sub, f64::sub),
                Code::Mul { dst, a, b } => numbers!(dst, a, b, i64::checked_mul, f64::mul),
                Code::Div { dst, a, b } => numbers!(dst, a, b, i64::checked_div, f64::div),
                Code::Mod { dst, a, b } => numbers!(dst, a, b, i64::checked_rem, f64::rem),
                Code::ForNext {
                    cost,
                    counter,
                    var,
                    to,
                } => {
                    let (count, end) = &mut counters[counter as usize];
                    // The turn that ends here had a counter below `end`.
                    *count = count.wrapping_add(1);
                    let holds = match (*count < *end, &mut frame[var as usize]) {
                        (false, _) => Ok(false),
                        (true, Some(Value::Int(old))) => {
                            *old = *count;
                            Ok(true)
                        }
                        (true, _) => {
                            let next = Value::Int(*count);
                            world.store(frame, var, next).map(|()| true)
                        }
                    };
                    branch!(holds, cost, to)
                }
                Code::IfLt { cost, a, b, to } => branch!(world.less(frame, a, b), cost, to),
                Code::IfLe { cost, a, b, to } => {
                    branch!(world.less_or_equal(frame, a, b), cost, to)
                }
                Code::IfEq { cost, a, b, to } => branch!(world.equal(frame, a, b), cost, to),
                Code::IfNe { cost, a, b, to } => {
                    branch!(world.equal(frame, a, b).map(|equal| !equal), cost, to)
                }
                Code::If { cost, a, to } => branch!(truth(frame, a), cost, to),
                Code::ForEnter {
                    start,
                    stop,
                    counter,
                } => match ints(frame, start, stop) {
                    Some((from, to)) => {
                        let Counter { var, exit } = world.compiled.counters[counter as usize];
                        if from >= to {
                            pc = exit as usize;
                            continue;
                        }
                        counters[counter as usize] = (from, to);
                        match world.store(frame, var, Value::Int(from)) {
                            Ok(()) => pc += 1,
                            Err(stop) => leave!(Exit::Stopped(stop), pc),
                        }
                        continue;
                    }
                    None => leave!(Exit::Stopped(Fault::TypeMismatch.into()), pc),
                },
                Code::CheckSet { .. }
                | Code::Move { .. }
                | Code::Drop { .. }
                | Code::Lt { .. }
                | Code::Le { .. }
                | Code::Eq { .. }
                | Code::Ne { .. }
                | Code::And { .. }
                | Code::Or { .. }
                | Code::Not { .. }
                | Code::Neg { .. }
                | Code::Call { .. } => {}
            }
            match world.any(frame, op) {
                Ok(()) => pc += 1,
                Err(stop) => leave!(Exit::Stopped(stop), pc),
            }
        }
    }
}

/// What the loop's instructions need besides the frame.
struct World<'p, 'h> {
    compiled: &'p Compiled,
    first_temporary: Slot,
    heap: Heap,
    output: Output<'h>,
    arguments: Vec<Value>,
}

type Done<T = ()> = Result<T, Box<Stop>>;

#[inline(always)]
fn set(frame: &[Cell], slot: Slot) -> Done<&Value> {
    match &frame[slot as usize] {
        Some(value) => Ok(value),
        None => Err(Fault::UnsetVariable.into()),
    }
}

#[inline(always)]
fn ints(frame: &[Cell], a: Slot, b: Slot) -> Option<(i64, i64)> {
    match (&frame[a as usize], &frame[b as usize]) {
        (Some(Value::Int(a)), Some(Value::Int(b))) => Some((*a, *b)),
        _ => None,
    }
}

#[inline(always)]
fn truth(frame: &[Cell], slot: Slot) -> Done<bool> {
    match &frame[slot as usize] {
        Some(Value::Bool(value)) => Ok(*value),
        Some(_) => Err(Fault::TypeMismatch.into()),
        None => Err(Fault::UnsetVariable.into()),
    }
}

impl World<'_, '_> {
    /// Does what an instruction of the code does to the frame, whatever lies there.
    #[inline(never)]
    fn any(&mut self, frame: &mut [Cell], op: Code) -> Done {
        match op {
            Code::CheckSet { slot } => set(frame, slot).map(drop),
            Code::Move { dst, from } => self.copy(frame, dst, from),
            Code::Drop { slot } => {
                self.consume(frame, slot);
                Ok(())
            }
            Code::Add { dst, a, b } => self.add(frame, dst, a, b),
            Code::Sub { dst, a, b } => self.binary(frame, dst, a, b, ops::sub),
            Code::Mul { dst, a, b } => self.binary(frame, dst, a, b, ops::mul),
            Code::Div { dst, a, b } => self.binary(frame, dst, a, b, ops::div),
            Code::Mod { dst, a, b } => self.binary(frame, dst, a, b, ops::modulo),
            Code::Lt { dst, a, b } => {
                let holds = self.less(frame, a, b)?;
                self.put(frame, dst, Value::Bool(holds))
            }
            Code::Le { dst, a, b } => {
                let holds = self.less_or_equal(frame, a, b)?;
                self.put(frame, dst, Value::Bool(holds))
            }
            Code::Eq { dst, a, b } => {
                let holds = self.equal(frame, a, b)?;
                self.put(frame, dst, Value::Bool(holds))
            }
            Code::Ne { dst, a, b } => {
                let holds = !self.equal(frame, a, b)?;
                self.put(frame, dst, Value::Bool(holds))
            }
            Code::And { dst, a, b } => self.binary(frame, dst, a, b, ops::and),
            Code::Or { dst, a, b } => self.binary(frame, dst, a, b, ops::or),
            Code::Not { dst, a } => self.unary(frame, dst, a, ops::not),
            Code::Neg { dst, a } => self.unary(frame, dst, a, ops::neg),
            Code::Call { dst, site } => self.call(frame, dst, site),
            Code::Charge { .. }
            | Code::OutOfFuel
            | Code::Finish
            | Code::Gosub { .. }
            | Code::Return
            | Code::ForEnter { .. }
            | Code::ForNext { .. }
            | Code::Jump { .. }
            | Code::If { .. }
            | Code::IfLt { .. }
            | Code::IfLe { .. }
            | Code::IfEq { .. }
            | Code::IfNe { .. } => unreachable!("the loop itself knows where to go"),
        }
    }

    #[inline(always)]
    fn less(&mut self, frame: &mut [Cell], a: Slot, b: Slot) -> Done<bool> {
        match (&frame[a as usize], &frame[b as usize]) {
            (Some(Value::Int(a)), Some(Value::Int(b))) => Ok(a < b),
            (Some(Value::Float(a)), Some(Value::Float(b))) => Ok(a < b),
            _ => self
                .order(frame, a, b)
                .map(|order| order == Some(Ordering::Less)),
        }
    }

    #[inline(always)]
    fn less_or_equal(&mut self, frame: &mut [Cell], a: Slot, b: Slot) -> Done<bool> {
        match (&frame[a as usize], &frame[b as usize]) {
            (Some(Value::Int(a)), Some(Value::Int(b))) => Ok(a <= b),
            (Some(Value::Float(a)), Some(Value::Float(b))) => Ok(a <= b),
            _ => self
                .order(frame, a, b)
                .map(|order| order.is_some_and(Ordering::is_le)),
        }
    }

    #[inline(always)]
    fn equal(&mut self, frame: &mut [Cell], a: Slot, b: Slot) -> Done<bool> {
        match ints(frame, a, b) {
            Some((a, b)) => Ok(a == b),
            None => self.equal_any(frame, a, b),
        }
    }

    /// Puts a value without text into a place: cheap where one without text lies already.
    #[inline(always)]
    fn put(&mut self, frame: &mut [Cell], dst: Slot, value: Value) -> Done {
        let cell = &mut frame[dst as usize];
        match (cell, value) {
            (Some(Value::Int(old)), Value::Int(new)) => *old = new,
            (Some(Value::Float(old)), Value::Float(new)) => *old = new,
            (Some(Value::Bool(old)), Value::Bool(new)) => *old = new,
            (_, value) => return self.store(frame, dst, value),
        }
        Ok(())
    }

    /// Puts any value into a place, and counts what memory that takes or sets free.
    fn store(&mut self, frame: &mut [Cell], dst: Slot, value: Value) -> Done {
        let old = &mut frame[dst as usize];
        let new = Some(value);
        if dst < self.first_temporary {
            self.heap.give(Heap::of_variable(old));
            self.heap.take(Heap::of_variable(&new))?;
        } else if let Some(value) = &new {
            self.heap.take(value.text_bytes())?;
        }
        *old = new;
        Ok(())
    }

    /// Takes an operand off the stack: if it is a temporary with text, that is set free.
    #[inline]
    fn consume(&mut self, frame: &mut [Cell], slot: Slot) {
        if slot >= self.first_temporary
            && let cell @ Some(Value::Str(_)) = &mut frame[slot as usize]
        {
            self.heap.give(cell.as_ref().map_or(0, Value::text_bytes));
            *cell = Some(Value::Nil);
        }
    }

    fn copy(&mut self, frame: &mut [Cell], dst: Slot, from: Slot) -> Done {
        match &frame[from as usize] {
            Some(Value::Int(value)) => {
                let value = Value::Int(*value);
                self.put(frame, dst, value)
            }
            Some(Value::Float(value)) => {
                let value = Value::Float(*value);
                self.put(frame, dst, value)
            }
            Some(value) => {
                let value = value.clone();
                self.consume(frame, from);
                self.store(frame, dst, value)
            }
            None => Err(Fault::UnsetVariable.into()),
        }
    }

    #[inline(never)]
    fn binary(
        &mut self,
        frame: &mut [Cell],
        dst: Slot,
        a: Slot,
        b: Slot,
        operator: fn(&Value, &Value) -> Result<Value, Fault>,
    ) -> Done {
        let value = operator(set(frame, a)?, set(frame, b)?)?;
        self.put(frame, dst, value)
    }

    #[inline(never)]
    fn unary(
        &mut self,
        frame: &mut [Cell],
        dst: Slot,
        a: Slot,
        operator: fn(&Value) -> Result<Value, Fault>,
    ) -> Done {
        let value = operator(set(frame, a)?)?;
        self.put(frame, dst, value)
    }

    #[inline(never)]
    fn add(&mut self, frame: &mut [Cell], dst: Slot, a: Slot, b: Slot) -> Done {
        let (Value::Str(left), Value::Str(right)) = (set(frame, a)?, set(frame, b)?) else {
            return self.binary(frame, dst, a, b, ops::add);
        };
        let length = left.len() as u64 + right.len() as u64;
        self.heap.check(length)?;
        // What nobody reads afterwards grows in place.
        let joined = if a != b && (a == dst || a >= self.first_temporary) {
            let right = right.clone();
            let cell = &mut frame[a as usize];
            self.heap.give(match a < self.first_temporary {
                true => Heap::of_variable(cell),
                false => cell.as_ref().map_or(0, Value::text_bytes),
            });
            let mut text = match cell.take() {
                Some(Value::Str(text)) => text,
                _ => Text::default(),
            };
            if a >= self.first_temporary {
                *cell = Some(Value::Nil);
            }
            text.push(&right);
            text
        } else {
            Text::join(left, right)
        };
        self.consume(frame, a);
        self.consume(frame, b);
        self.store(frame, dst, Value::Str(joined))
    }

    #[inline(never)]
    fn order(&mut self, frame: &mut [Cell], a: Slot, b: Slot) -> Done<Option<Ordering>> {
        let order = set(frame, a)?.order(set(frame, b)?)?;
        self.consume(frame, a);
        self.consume(frame, b);
        Ok(order)
    }

    #[inline(never)]
    fn equal_any(&mut self, frame: &mut [Cell], a: Slot, b: Slot) -> Done<bool> {
        let equal = set(frame, a)?.equals(set(frame, b)?);
        self.consume(frame, a);
        self.consume(frame, b);
        Ok(equal)
    }

    fn call(&mut self, frame: &mut [Cell], dst: Slot, site: u32) -> Done {
        let site = &self.compiled.sites[site as usize];
        let range = site.arguments.start as usize..site.arguments.end as usize;
        let arguments = &self.compiled.arguments[range];
        let Some(function) = site.function else {
            return Err(Fault::UnknownFunction.into());
        };
        let function = &self.compiled.functions[function];
        if !function.arity().takes(arguments.len()) {
            return Err(Fault::Arity.into());
        }
        // Every argument was checked to be set when it was pushed.
        let values = arguments
            .iter()
            .filter_map(|&slot| frame[slot as usize].as_ref());
        let value = match function {
            Function::Print => {
                self.output.print(values)?;
                Value::Nil
            }
            Function::Plain(function) => function(set(frame, arguments[0])?)?,
            Function::Native(_, function) => {
                self.arguments.extend(values.cloned());
                let value = function(&self.arguments);
                self.arguments.clear();
                value?
            }
        };
        self.heap.check(value.text_bytes())?;
        for &slot in arguments {
            self.consume(frame, slot);
        }
        match dst {
            NONE => Ok(()),
            _ => self.store(frame, dst, value),
        }
    }
}
