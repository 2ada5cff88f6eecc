//! Executes flat code: a run, and each instruction in full. The loop is [`super::fast`].

use super::code::{Code, Compiled, Counter, Kind, Literal, NONE, Pc, Slot};
use super::fast::fast;
use super::functions::Function;
use super::insn::Fault;
use super::ops::{self, Heap, Output};
use super::quick::{QuickCode, SMALL};
use super::value::{Text, Value};
use std::cmp::Ordering;
use std::io;
use vm_base::{Host, Limit, Limits};

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

/// A place of the frame; `None` is a variable never set.
pub(super) type Cell = Option<Value>;

/// A run that is under way.
pub(super) struct Run<'p, 'h> {
    frame: Vec<Cell>,
    /// What the places hold whose kind is known; a Float by its bits. Their cells tell only
    /// whether they are set, and have the value no longer than a step.
    numbers: Vec<i64>,
    world: World<'p, 'h>,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    /// The instruction of the code.
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
        let mut frame: Vec<Cell> = variables.chain(literals).collect();
        let places = compiled.places().max(SMALL);
        frame.resize(places, Some(Value::Nil));
        let mut numbers: Vec<i64> = frame.iter().map(bits).collect();
        numbers.resize(places, 0);
        Run {
            frame,
            numbers,
            world: World {
                compiled,
                first_temporary: compiled.first_temporary(),
                heap: Heap::new(limits.heap_bytes),
                output: Output::new(host, limits.output_bytes),
                arguments: Vec::new(),
                taken: 0,
            },
        }
    }

    /// Runs from `at` on.
    pub(super) fn execute(&mut self, at: &mut At) -> Exit {
        match &self.world.compiled.quick {
            QuickCode::Small(code) => match self.numbers.first_chunk_mut::<SMALL>() {
                Some(numbers) => fast(code, numbers, &mut self.frame, &mut self.world, at),
                None => unreachable!("a frame has at least so many places"),
            },
            QuickCode::Large(code) => {
                let numbers = &mut self.numbers[..];
                fast::<u32>(code, numbers, &mut self.frame, &mut self.world, at)
            }
        }
    }

    /// What the variables hold, by their places.
    pub(super) fn variables(&mut self) -> &[Cell] {
        let variables = self.world.compiled.variables;
        for slot in 0..variables {
            self.world.fetch(&mut self.frame, &self.numbers, slot);
        }
        &self.frame[..variables as usize]
    }

    /// Runs from `at` on, and has no more fuel when it comes to `end`.
    pub(super) fn execute_until(&mut self, end: usize, at: &mut At) -> Exit {
        while at.pc != end {
            let op = self.world.compiled.code[at.pc];
            let (frame, numbers) = (&mut self.frame, &mut self.numbers);
            if let Err(exit) = self.world.step(frame, numbers, at, op) {
                return exit;
            }
        }
        Exit::Stopped(Box::new(Stop::Limit(Limit::OutOfFuel)))
    }
}

/// What the loop's instructions need besides the frame.
pub(super) struct World<'p, 'h> {
    pub(super) compiled: &'p Compiled,
    first_temporary: Slot,
    heap: Heap,
    output: Output<'h>,
    arguments: Vec<Value>,
    /// What is counted for the variable whose text was taken and that will be assigned next.
    taken: u64,
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

/// A number as the frame keeps it apart.
fn bits(cell: &Cell) -> i64 {
    match cell {
        Some(Value::Int(value)) => *value,
        Some(Value::Float(value)) => value.to_bits() as i64,
        Some(Value::Nil | Value::Bool(_) | Value::Str(_)) | None => 0,
    }
}

impl World<'_, '_> {
    /// Executes one instruction of the flat code, whatever lies in the frame.
    #[inline(never)]
    pub(super) fn step(
        &mut self,
        frame: &mut [Cell],
        numbers: &mut [i64],
        at: &mut At,
        op: Code,
    ) -> Result<(), Exit> {
        let (reads, writes) = op.places();
        for slot in reads {
            self.fetch(frame, numbers, slot);
        }
        if let Code::Call { site, .. } = op {
            let site = &self.compiled.sites[site as usize];
            for at in site.arguments.clone() {
                self.fetch(frame, numbers, self.compiled.arguments[at as usize]);
            }
        }
        self.execute(frame, numbers, at, op)?;
        self.leave(frame, numbers, writes);
        Ok(())
    }

    /// Puts the number of a place whose kind is known into its cell, if it is set.
    #[inline]
    fn fetch(&self, frame: &mut [Cell], numbers: &[i64], slot: Slot) {
        if slot != NONE
            && let kind @ (Kind::Int | Kind::Float) = self.compiled.kind(slot)
            && let Some(value) = &mut frame[slot as usize]
        {
            let number = numbers[slot as usize];
            *value = match kind {
                Kind::Float => Value::Float(f64::from_bits(number as u64)),
                Kind::Int | Kind::Any => Value::Int(number),
            };
        }
    }

    /// Takes the number of a place whose kind is known from its cell.
    #[inline]
    fn leave(&self, frame: &[Cell], numbers: &mut [i64], slot: Slot) {
        if slot != NONE && self.compiled.kind(slot) != Kind::Any {
            numbers[slot as usize] = bits(&frame[slot as usize]);
        }
    }

    /// Executes an instruction by the cells alone.
    #[inline(always)]
    fn execute(
        &mut self,
        frame: &mut [Cell],
        numbers: &mut [i64],
        at: &mut At,
        op: Code,
    ) -> Result<(), Exit> {
        let holds = match op {
            Code::Charge { cost } => {
                let Some(left) = at.fuel.checked_sub(cost) else {
                    return Err(Exit::Short);
                };
                at.fuel = left;
                Ok(false)
            }
            Code::Finish => return Err(Exit::Finished),
            Code::Gosub { to } => {
                at.back = at.pc + 1;
                at.pc = to as usize;
                return Ok(());
            }
            Code::Return => {
                at.pc = at.back;
                return Ok(());
            }
            Code::Jump { to } => {
                at.pc = to as usize;
                return Ok(());
            }
            Code::ForEnter {
                start,
                stop,
                counter,
            } => match self.first_turn(frame, numbers, (start, stop), counter) {
                Ok(None) => Ok(false),
                Ok(Some(exit)) => {
                    at.pc = exit as usize;
                    return Ok(());
                }
                Err(stop) => Err(stop),
            },
            Code::ForNext { counter, var, .. } => self.next_turn(frame, numbers, counter, var),
            Code::If { a, .. } => truth(frame, a),
            Code::IfLt { a, b, .. } => self.less(frame, a, b),
            Code::IfLe { a, b, .. } => self.less_or_equal(frame, a, b),
            Code::IfEq { a, b, .. } => self.equal(frame, a, b),
            Code::IfNe { a, b, .. } => self.equal(frame, a, b).map(|equal| !equal),
            Code::CheckSet { .. }
            | Code::Move { .. }
            | Code::Drop { .. }
            | Code::Add { .. }
            | Code::AddTaking { .. }
            | Code::Sub { .. }
            | Code::Mul { .. }
            | Code::Div { .. }
            | Code::Mod { .. }
            | Code::Lt { .. }
            | Code::Le { .. }
            | Code::Eq { .. }
            | Code::Ne { .. }
            | Code::And { .. }
            | Code::Or { .. }
            | Code::Not { .. }
            | Code::Neg { .. }
            | Code::Call { .. } => self.value(frame, op).map(|()| false),
        };
        match (holds, op.turn()) {
            (Err(stop), _) => return Err(Exit::Stopped(stop)),
            (Ok(true), Some((cost, to))) => {
                at.pc = to as usize;
                let Some(left) = at.fuel.checked_sub(u64::from(cost)) else {
                    at.pc -= 1;
                    return Err(Exit::Short);
                };
                at.fuel = left;
            }
            (Ok(_), _) => at.pc += 1,
        }
        Ok(())
    }

    /// Begins a FOR; if it has no turn, says where it goes on.
    fn first_turn(
        &mut self,
        frame: &mut [Cell],
        numbers: &mut [i64],
        (start, stop): (Slot, Slot),
        counter: u32,
    ) -> Done<Option<Pc>> {
        let Counter { var, count, exit } = self.compiled.counters[counter as usize];
        let Some((from, to)) = ints(frame, start, stop) else {
            return Err(Fault::TypeMismatch.into());
        };
        if from >= to {
            return Ok(Some(exit));
        }
        numbers[count as usize] = from;
        numbers[count as usize + 1] = to;
        numbers[var as usize] = from;
        self.put(frame, var, Value::Int(from))?;
        Ok(None)
    }

    /// Begins the next turn of a FOR, if there is one.
    fn next_turn(
        &mut self,
        frame: &mut [Cell],
        numbers: &mut [i64],
        counter: u32,
        var: Slot,
    ) -> Done<bool> {
        let count = self.compiled.counters[counter as usize].count as usize;
        // The turn that ends here had a counter below the end.
        let next = numbers[count].wrapping_add(1);
        if next >= numbers[count + 1] {
            return Ok(false);
        }
        numbers[count] = next;
        numbers[var as usize] = next;
        self.put(frame, var, Value::Int(next))?;
        Ok(true)
    }

    /// Executes an instruction that only changes the frame.
    fn value(&mut self, frame: &mut [Cell], op: Code) -> Done {
        match op {
            Code::CheckSet { slot } => set(frame, slot).map(drop),
            Code::Move { dst, from } => self.copy(frame, dst, from),
            Code::Drop { slot } => {
                self.consume(frame, slot);
                Ok(())
            }
            Code::Add { dst, a, b } => self.add(frame, dst, a, b, false),
            Code::AddTaking { dst, a, b } => self.add(frame, dst, a, b, true),
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
            | Code::IfNe { .. } => unreachable!("this goes somewhere"),
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
            // Of a variable whose text was taken, all that it had is still counted.
            self.heap.give(match std::mem::take(&mut self.taken) {
                0 => Heap::of_variable(old),
                taken => taken,
            });
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
    fn add(&mut self, frame: &mut [Cell], dst: Slot, a: Slot, b: Slot, taking: bool) -> Done {
        let (Value::Str(left), Value::Str(right)) = (set(frame, a)?, set(frame, b)?) else {
            return self.binary(frame, dst, a, b, ops::add);
        };
        let length = left.len() as u64 + right.len() as u64;
        self.heap.check(length)?;
        // What nobody reads afterwards grows in place.
        let joined = if a != b && (taking || a == dst || a >= self.first_temporary) {
            let right = right.clone();
            let cell = &mut frame[a as usize];
            if a < self.first_temporary {
                self.taken = Heap::of_variable(cell);
            } else {
                self.heap.give(cell.as_ref().map_or(0, Value::text_bytes));
            }
            let mut text = match cell.replace(Value::Nil) {
                Some(Value::Str(text)) => text,
                _ => Text::default(),
            };
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
            Function::Plain(function, _) => function(set(frame, arguments[0])?)?,
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
