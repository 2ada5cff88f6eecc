//! The slow path: every instruction of the flat code, on values of any type.

use super::arith;
use super::compiled::{Compiled, Counter};
use super::functions::Function;
use super::heap::Heap;
use super::insn::Fault;
use super::ir::{Code, CodeIndex, NONE, Slot};
use super::kind::Kind;
use super::output::Output;
use super::stop::{Stop, charge_text};
use super::value::{Text, Value};
use std::cmp::Ordering;
use vm_base::{Host, Limits};

/// How the main loop was left.
pub(super) enum Exit {
    /// The program ended.
    Finished,
    /// The block that begins at `pc` costs more than the fuel that is left.
    Short,
    /// A fault, a limit or the host stopped the run.
    Stopped(Box<Stop>),
}

/// A slot of the frame; `None` is a variable that is not set.
pub(super) type Cell = Option<Value>;

/// The position of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    /// The index of the next instruction of the code.
    pub(super) pc: usize,
    /// The index at which a shared ast returns.
    pub(super) back: usize,
    /// The fuel that is left.
    pub(super) fuel: u64,
}

/// What instructions use besides the frame.
pub(super) struct World<'p, 'h> {
    pub(super) compiled: &'p Compiled,
    first_temporary: Slot,
    heap: Heap,
    output: Output<'h>,
    arguments: Vec<Value>,
    /// What is counted for the variable whose text was taken, until it is assigned.
    taken: u64,
}

impl<'p, 'h> World<'p, 'h> {
    /// Returns the state at the beginning of a run.
    pub(super) fn new(compiled: &'p Compiled, host: &'h mut dyn Host, limits: &Limits) -> Self {
        World {
            compiled,
            first_temporary: compiled.first_temporary(),
            heap: Heap::new(limits.heap_bytes),
            output: Output::new(host, limits.output_bytes),
            arguments: Vec::new(),
            taken: 0,
        }
    }
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

/// Returns how many bytes a comparison of two values reads, if they are texts.
fn compared_bytes(left: &Value, right: &Value) -> u64 {
    left.text_bytes().min(right.text_bytes())
}

/// Returns the number in a slot as it is kept in the array of numbers.
pub(super) fn bits(cell: &Cell) -> i64 {
    match cell {
        Some(Value::Int(value)) => *value,
        Some(Value::Float(value)) => value.to_bits() as i64,
        Some(Value::Nil | Value::Bool(_) | Value::Str(_)) | None => 0,
    }
}

impl World<'_, '_> {
    /// Executes one instruction of the flat code, whatever the frame holds.
    #[inline(never)]
    pub(super) fn step(
        &mut self,
        frame: &mut [Cell],
        numbers: &mut [i64],
        at: &mut At,
        op: Code,
    ) -> Result<(), Exit> {
        let (reads, writes) = op.slots();
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

    /// Copies the number of a slot of known kind into its cell, if the slot is set.
    #[inline]
    pub(super) fn fetch(&self, frame: &mut [Cell], numbers: &[i64], slot: Slot) {
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

    /// Copies the number of a slot of known kind from its cell.
    #[inline]
    fn leave(&self, frame: &[Cell], numbers: &mut [i64], slot: Slot) {
        if slot != NONE && self.compiled.kind(slot) != Kind::Any {
            numbers[slot as usize] = bits(&frame[slot as usize]);
        }
    }

    /// Executes an instruction on the cells alone.
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
            Code::IfLt { a, b, .. } => self.less(frame, &mut at.fuel, a, b),
            Code::IfLe { a, b, .. } => self.less_or_equal(frame, &mut at.fuel, a, b),
            Code::IfEq { a, b, .. } => self.equal(frame, &mut at.fuel, a, b),
            Code::IfNe { a, b, .. } => {
                let equal = self.equal(frame, &mut at.fuel, a, b);
                equal.map(|equal| !equal)
            }
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
            | Code::Call { .. } => self.value(frame, &mut at.fuel, op).map(|()| false),
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

    /// Begins a FOR; returns where to continue if it has no iterations.
    fn first_turn(
        &mut self,
        frame: &mut [Cell],
        numbers: &mut [i64],
        (start, stop): (Slot, Slot),
        counter: u32,
    ) -> Done<Option<CodeIndex>> {
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

    /// Begins the next iteration of a FOR, if there is one.
    fn next_turn(
        &mut self,
        frame: &mut [Cell],
        numbers: &mut [i64],
        counter: u32,
        var: Slot,
    ) -> Done<bool> {
        let count = self.compiled.counters[counter as usize].count as usize;
        // This cannot overflow: the counter of the last iteration was below the end.
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
    fn value(&mut self, frame: &mut [Cell], fuel: &mut u64, op: Code) -> Done {
        match op {
            Code::CheckSet { slot } => set(frame, slot).map(drop),
            Code::Move { dst, from } => self.copy(frame, dst, from),
            Code::Drop { slot } => {
                self.consume(frame, slot);
                Ok(())
            }
            Code::Add { dst, a, b } => self.add(frame, fuel, dst, (a, b), false),
            Code::AddTaking { dst, a, b } => self.add(frame, fuel, dst, (a, b), true),
            Code::Sub { dst, a, b } => self.binary(frame, dst, a, b, arith::sub),
            Code::Mul { dst, a, b } => self.binary(frame, dst, a, b, arith::mul),
            Code::Div { dst, a, b } => self.binary(frame, dst, a, b, arith::div),
            Code::Mod { dst, a, b } => self.binary(frame, dst, a, b, arith::modulo),
            Code::Lt { dst, a, b } => {
                let holds = self.less(frame, fuel, a, b)?;
                self.put(frame, dst, Value::Bool(holds))
            }
            Code::Le { dst, a, b } => {
                let holds = self.less_or_equal(frame, fuel, a, b)?;
                self.put(frame, dst, Value::Bool(holds))
            }
            Code::Eq { dst, a, b } => {
                let holds = self.equal(frame, fuel, a, b)?;
                self.put(frame, dst, Value::Bool(holds))
            }
            Code::Ne { dst, a, b } => {
                let holds = !self.equal(frame, fuel, a, b)?;
                self.put(frame, dst, Value::Bool(holds))
            }
            Code::And { dst, a, b } => self.binary(frame, dst, a, b, arith::and),
            Code::Or { dst, a, b } => self.binary(frame, dst, a, b, arith::or),
            Code::Not { dst, a } => self.unary(frame, dst, a, arith::not),
            Code::Neg { dst, a } => self.unary(frame, dst, a, arith::neg),
            Code::Call { dst, site } => self.call(frame, fuel, dst, site),
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
    fn less(&mut self, frame: &mut [Cell], fuel: &mut u64, a: Slot, b: Slot) -> Done<bool> {
        match (&frame[a as usize], &frame[b as usize]) {
            (Some(Value::Int(a)), Some(Value::Int(b))) => Ok(a < b),
            (Some(Value::Float(a)), Some(Value::Float(b))) => Ok(a < b),
            _ => self
                .order(frame, fuel, a, b)
                .map(|order| order == Some(Ordering::Less)),
        }
    }

    #[inline(always)]
    fn less_or_equal(
        &mut self,
        frame: &mut [Cell],
        fuel: &mut u64,
        a: Slot,
        b: Slot,
    ) -> Done<bool> {
        match (&frame[a as usize], &frame[b as usize]) {
            (Some(Value::Int(a)), Some(Value::Int(b))) => Ok(a <= b),
            (Some(Value::Float(a)), Some(Value::Float(b))) => Ok(a <= b),
            _ => self
                .order(frame, fuel, a, b)
                .map(|order| order.is_some_and(Ordering::is_le)),
        }
    }

    #[inline(always)]
    fn equal(&mut self, frame: &mut [Cell], fuel: &mut u64, a: Slot, b: Slot) -> Done<bool> {
        match ints(frame, a, b) {
            Some((a, b)) => Ok(a == b),
            None => self.equal_any(frame, fuel, a, b),
        }
    }

    /// Writes a value that is not a Str; cheap if the slot holds a value of the same type already.
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

    /// Writes any value, and counts the memory that it takes and that the old value releases.
    fn store(&mut self, frame: &mut [Cell], dst: Slot, value: Value) -> Done {
        let old = &mut frame[dst as usize];
        let new = Some(value);
        if dst < self.first_temporary {
            // If the text of the variable was taken, its old size is still counted.
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

    /// Releases the text of an operand that is a temporary.
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
    fn add(
        &mut self,
        frame: &mut [Cell],
        fuel: &mut u64,
        dst: Slot,
        (a, b): (Slot, Slot),
        taking: bool,
    ) -> Done {
        let (Value::Str(left), Value::Str(right)) = (set(frame, a)?, set(frame, b)?) else {
            return self.binary(frame, dst, a, b, arith::add);
        };
        let length = left.len() as u64 + right.len() as u64;
        charge_text(fuel, length)?;
        self.heap.check(length)?;
        // A text that nothing reads afterwards grows in place.
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
    fn order(
        &mut self,
        frame: &mut [Cell],
        fuel: &mut u64,
        a: Slot,
        b: Slot,
    ) -> Done<Option<Ordering>> {
        let (left, right) = (set(frame, a)?, set(frame, b)?);
        charge_text(fuel, compared_bytes(left, right))?;
        let order = left.order(right)?;
        self.consume(frame, a);
        self.consume(frame, b);
        Ok(order)
    }

    #[inline(never)]
    fn equal_any(&mut self, frame: &mut [Cell], fuel: &mut u64, a: Slot, b: Slot) -> Done<bool> {
        let (left, right) = (set(frame, a)?, set(frame, b)?);
        charge_text(fuel, compared_bytes(left, right))?;
        let equal = left.equals(right);
        self.consume(frame, a);
        self.consume(frame, b);
        Ok(equal)
    }

    fn call(&mut self, frame: &mut [Cell], fuel: &mut u64, dst: Slot, site: u32) -> Done {
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
        // Each argument was checked when it was pushed.
        let values = arguments
            .iter()
            .filter_map(|&slot| frame[slot as usize].as_ref());
        let value = match function {
            Function::Print => {
                let length = self.output.line_length(values.clone());
                charge_text(fuel, length)?;
                self.output.print(values, length)?;
                Value::Nil
            }
            Function::Plain(plain) => {
                let argument = set(frame, arguments[0])?;
                if plain.reads_text {
                    charge_text(fuel, argument.text_bytes())?;
                }
                let value = (plain.function)(argument)?;
                if argument.text_bytes() == 0 {
                    charge_text(fuel, value.text_bytes())?;
                }
                value
            }
            Function::Native(_, function) => {
                charge_text(fuel, values.clone().map(Value::text_bytes).sum())?;
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
