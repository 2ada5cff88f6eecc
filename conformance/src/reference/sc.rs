//! The `.Sc.` machine by its specification, byte by byte.
//!
//! Asts are walked as the file has them, with a stack of values; an instruction is found by its
//! index, a variable by its name. Nothing here recurses.

mod decode;

use super::Reading;
use crate::case::Case;
use crate::engine::{Ending, Observation};
use decode::{Constant, Instruction, NEG, NOT, Program, Step};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;
use vm::base::Limits;

/// Bytes that a variable takes, besides the text in it.
const UNIT: u64 = 16;

/// Runs a case, whose entry is in binary.
pub fn read(case: &Case) -> Reading {
    let name = case.rooted_entry();
    let limits = case.limits();
    let refused = |why: &str| Reading {
        seen: Observation::of(Ending::Refused).with_detail(format!("{name}: {why}")),
        steps: 0,
    };
    let Some(bytes) = case.files.get(&case.entry) else {
        return refused("there is no such file");
    };
    if bytes.len() as u64 > limits.source_bytes() {
        return refused("it is longer than the limit");
    }
    match Program::load(bytes) {
        Ok(program) if case.strict && program.is_extended() => refused("it has extensions"),
        Ok(program) => Run::new(&program, limits).execute(name),
        Err(why) => refused(why),
    }
}

/// Whether a file loads; or why not.
pub fn check(bytes: &[u8]) -> Result<(), &'static str> {
    Program::load(bytes).map(drop)
}

// --------------------------------------------------------------------------------------- values

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Rc<str>),
}

impl Value {
    fn new(constant: &Constant) -> Value {
        match *constant {
            Constant::Nil => Value::Nil,
            Constant::Bool(value) => Value::Bool(value),
            Constant::Int(value) => Value::Int(value),
            Constant::Float(value) => Value::Float(value),
            Constant::Str(text) => Value::Str(text.into()),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Value::Nil => "nil",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
        }
    }

    /// The bytes of its text.
    fn bytes(&self) -> u64 {
        match self {
            Value::Str(text) => text.len() as u64,
            _ => 0,
        }
    }

    fn form(&self) -> String {
        match self {
            Value::Nil => "nil".to_owned(),
            Value::Bool(true) => "1b".to_owned(),
            Value::Bool(false) => "0b".to_owned(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => {
                let mut form = value.to_string();
                if value.is_finite() && !form.contains('.') {
                    form += ".0";
                }
                form
            }
            Value::Str(text) => text.to_string(),
        }
    }
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

fn int(result: Option<i64>) -> Done<Value> {
    result.map(Value::Int).ok_or(Stop::Fault("overflow"))
}

fn unary(operator: u8, value: Value) -> Done<Value> {
    match (operator, value) {
        (NOT, Value::Bool(value)) => Ok(Value::Bool(!value)),
        (NEG, Value::Int(value)) => int(value.checked_neg()),
        (NEG, Value::Float(value)) => Ok(Value::Float(-value)),
        _ => Err(TYPE_MISMATCH),
    }
}

fn binary(operator: u8, left: Value, right: Value) -> Done<Value> {
    match operator {
        0x08 => return Ok(Value::Bool(equal(&left, &right))),
        0x09 => return Ok(Value::Bool(!equal(&left, &right))),
        0x0a..=0x0d => {
            let order = order(&left, &right)?;
            return Ok(Value::Bool(match (operator, order) {
                (_, None) => false,
                (0x0a, Some(order)) => order == Ordering::Less,
                (0x0b, Some(order)) => order != Ordering::Greater,
                (0x0c, Some(order)) => order == Ordering::Greater,
                (_, Some(order)) => order != Ordering::Less,
            }));
        }
        _ => {}
    }
    match (operator, left, right) {
        (0x03, Value::Str(left), Value::Str(right)) => {
            Ok(Value::Str([left, right].concat().into()))
        }
        (0x0f, Value::Bool(left), Value::Bool(right)) => Ok(Value::Bool(left && right)),
        (0x10, Value::Bool(left), Value::Bool(right)) => Ok(Value::Bool(left || right)),
        (0x03..=0x07, Value::Int(left), Value::Int(right)) => ints(operator, left, right),
        (0x03..=0x07, Value::Int(left), Value::Float(right)) => {
            floats(operator, left as f64, right)
        }
        (0x03..=0x07, Value::Float(left), Value::Int(right)) => {
            floats(operator, left, right as f64)
        }
        (0x03..=0x07, Value::Float(left), Value::Float(right)) => floats(operator, left, right),
        _ => Err(TYPE_MISMATCH),
    }
}

fn ints(operator: u8, left: i64, right: i64) -> Done<Value> {
    match operator {
        0x03 => int(left.checked_add(right)),
        0x04 => int(left.checked_mul(right)),
        0x05 => int(left.checked_sub(right)),
        _ if right == 0 => Err(Stop::Fault("divide-by-zero")),
        0x06 => int(left.checked_div(right)),
        _ => int(left.checked_rem(right)),
    }
}

fn floats(operator: u8, left: f64, right: f64) -> Done<Value> {
    Ok(Value::Float(match operator {
        0x03 => left + right,
        0x04 => left * right,
        0x05 => left - right,
        0x06 => left / right,
        _ => left % right,
    }))
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(int), Value::Float(float)) | (Value::Float(float), Value::Int(int)) => {
            mixed_order(*int, *float) == Some(Ordering::Equal)
        }
        _ => left == right,
    }
}

/// The order of two numbers (none with NaN) or of two texts.
fn order(left: &Value, right: &Value) -> Done<Option<Ordering>> {
    match (left, right) {
        (Value::Str(left), Value::Str(right)) => Ok(Some(left.as_bytes().cmp(right.as_bytes()))),
        (Value::Int(left), Value::Int(right)) => Ok(Some(left.cmp(right))),
        (Value::Float(left), Value::Float(right)) => Ok(left.partial_cmp(right)),
        (Value::Int(left), Value::Float(right)) => Ok(mixed_order(*left, *right)),
        (Value::Float(left), Value::Int(right)) => {
            Ok(mixed_order(*right, *left).map(Ordering::reverse))
        }
        _ => Err(TYPE_MISMATCH),
    }
}

/// The order of an Int and a Float by what they are, not by what one becomes as the other.
fn mixed_order(int: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // What lies outside of i128 is infinite here, and on the same side.
    let below = float.floor();
    let order = i128::from(int).cmp(&(below as i128));
    Some(match order {
        Ordering::Equal if below < float => Ordering::Less,
        order => order,
    })
}

/// A function of the host that takes one value.
fn function(name: &str, value: Value) -> Done<Value> {
    match (name, value) {
        ("str", value @ Value::Str(_)) => Ok(value),
        ("str", value) => Ok(Value::Str(value.form().into())),
        ("type", value) => Ok(Value::Str(value.kind().into())),
        ("len", Value::Str(text)) => Ok(Value::Int(text.chars().count() as i64)),
        ("int", value @ Value::Int(_)) => Ok(value),
        ("int", Value::Float(value)) => {
            // NaN would become 0.
            let whole = value.trunc() as i128;
            match i64::try_from(whole) {
                Ok(whole) if !value.is_nan() => Ok(Value::Int(whole)),
                _ => Err(BAD_VALUE),
            }
        }
        ("int", Value::Str(text)) => {
            let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
            match all_digits(digits) && !digits.is_empty() {
                true => text.parse().map(Value::Int).map_err(|_| BAD_VALUE),
                false => Err(BAD_VALUE),
            }
        }
        ("float", value @ Value::Float(_)) => Ok(value),
        ("float", Value::Int(value)) => Ok(Value::Float(value as f64)),
        ("float", Value::Str(text)) => match is_float(&text) {
            true => text.parse().map(Value::Float).map_err(|_| BAD_VALUE),
            false => Err(BAD_VALUE),
        },
        _ => Err(TYPE_MISMATCH),
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An optional sign, digits with an optional fraction, an optional exponent.
fn is_float(text: &str) -> bool {
    let unsigned = |text: &'_ str| text.strip_prefix(['+', '-']).unwrap_or(text).to_owned();
    let text = unsigned(text).replace('E', "e");
    let (number, exponent) = match text.split_once('e') {
        Some((number, exponent)) => (number, unsigned(exponent)),
        None => (text.as_str(), "0".to_owned()),
    };
    let digits = number.replacen('.', "", 1);
    [digits, exponent]
        .iter()
        .all(|text| !text.is_empty() && all_digits(text))
}

// ------------------------------------------------------------------------------------------ run

/// A value on an ast's stack.
struct Item {
    value: Value,
    /// The bytes of text that it holds, if the ast itself has made it.
    held: u64,
}

struct Run<'p, 'a> {
    program: &'p Program<'a>,
    limits: Limits,
    constants: Vec<Value>,
    variables: BTreeMap<&'a str, Value>,
    /// For each FOR that was entered, the counter and where it ends.
    turns: BTreeMap<usize, (i64, i64)>,
    stack: Vec<Item>,
    fuel: u64,
    /// Bytes held: a unit for each variable that is set, the text in it, and the text on the stack
    /// that the ast has made.
    held: u64,
    output: Vec<u8>,
}

impl<'p, 'a> Run<'p, 'a> {
    fn new(program: &'p Program<'a>, limits: Limits) -> Run<'p, 'a> {
        Run {
            program,
            fuel: limits.fuel.unwrap_or(u64::MAX),
            limits,
            constants: program.constants.iter().map(Value::new).collect(),
            variables: BTreeMap::new(),
            turns: BTreeMap::new(),
            stack: Vec::new(),
            held: 0,
            output: Vec::new(),
        }
    }

    fn execute(mut self, name: &str) -> Reading {
        let fuel = self.fuel;
        let mut at = 0;
        let stop = loop {
            let Some(instruction) = self.program.instructions.get(at) else {
                break None;
            };
            match self.step(at, *instruction) {
                Ok(next) => at = next,
                Err(stop) => break Some(stop),
            }
        };
        let (ending, code) = match stop {
            None => (Ending::Returned, None),
            Some(Stop::Fault(code)) => (Ending::Faulted, Some(code)),
            Some(Stop::Limit(code)) => (Ending::Limited, Some(code)),
        };
        Reading {
            seen: Observation {
                output: self.output,
                fault: code.map(str::to_owned),
                at: code.map(|_| format!("{name}:{at}")),
                ..Observation::of(ending)
            },
            steps: fuel - self.fuel,
        }
    }

    /// Takes the fuel for an instruction that evaluates these asts, before it does anything.
    fn charge(&mut self, asts: &[usize]) -> Done<()> {
        let asts = asts.iter().map(|&ast| self.program.asts[ast].len() as u64);
        let cost = 1 + asts.sum::<u64>();
        self.fuel = self
            .fuel
            .checked_sub(cost)
            .ok_or(Stop::Limit("out-of-fuel"))?;
        Ok(())
    }

    /// Executes an instruction; the index of the next.
    fn step(&mut self, at: usize, instruction: Instruction) -> Done<usize> {
        match instruction {
            Instruction::Pass | Instruction::Label(_) => {
                self.charge(&[])?;
                Ok(at + 1)
            }
            Instruction::For {
                var,
                start,
                stop,
                end,
            } => {
                self.charge(&[start, stop])?;
                self.evaluate(start)?;
                self.evaluate(stop)?;
                match (self.pop(), self.pop()) {
                    (Value::Int(stop), Value::Int(start)) if start < stop => {
                        self.turns.insert(at, (start, stop));
                        self.assign(var, Value::Int(start))?;
                        Ok(at + 1)
                    }
                    (Value::Int(_), Value::Int(_)) => Ok(end + 1),
                    _ => Err(TYPE_MISMATCH),
                }
            }
            Instruction::While { cond, end } => {
                self.charge(&[cond])?;
                self.evaluate(cond)?;
                match self.pop() {
                    Value::Bool(true) => Ok(at + 1),
                    Value::Bool(false) => Ok(end + 1),
                    _ => Err(TYPE_MISMATCH),
                }
            }
            Instruction::End(head) => {
                self.charge(&[])?;
                self.proceed(head)
            }
            Instruction::Jump(to) => {
                self.charge(&[])?;
                match self.program.instructions[to] {
                    Instruction::End(_) => Ok(to + 1),
                    _ => self.proceed(to),
                }
            }
            Instruction::Goto(name) => {
                self.charge(&[])?;
                Ok(self.program.labels[self.program.text(name)])
            }
            Instruction::Eval(ast) => {
                self.charge(&[ast])?;
                self.evaluate(ast)?;
                self.pop();
                Ok(at + 1)
            }
            Instruction::Set(name, ast) => {
                self.charge(&[ast])?;
                self.evaluate(ast)?;
                let value = self.pop();
                self.assign(name, value)?;
                Ok(at + 1)
            }
        }
    }

    /// Goes on with a loop's next turn. A WHILE tests its condition again, and is charged again.
    fn proceed(&mut self, head: usize) -> Done<usize> {
        let Instruction::For { var, end, .. } = self.program.instructions[head] else {
            return Ok(head);
        };
        let (counter, stop) = self.turns[&head];
        if counter + 1 >= stop {
            return Ok(end + 1);
        }
        self.turns.insert(head, (counter + 1, stop));
        self.assign(var, Value::Int(counter + 1))?;
        Ok(head + 1)
    }

    /// Refuses to hold `bytes` more if that is too much.
    fn room(&self, bytes: u64) -> Done<()> {
        match self.held.checked_add(bytes) {
            Some(held) if held <= self.limits.heap_bytes => Ok(()),
            _ => Err(Stop::Limit("memory-limit")),
        }
    }

    fn assign(&mut self, name: usize, value: Value) -> Done<()> {
        let name = self.program.text(name);
        if let Some(old) = self.variables.get(name) {
            self.held -= UNIT + old.bytes();
        }
        let bytes = UNIT + value.bytes();
        self.room(bytes)?;
        self.held += bytes;
        self.variables.insert(name, value);
        Ok(())
    }

    /// Pushes something that lies in a variable or a constant.
    fn push(&mut self, value: Value) {
        self.stack.push(Item { value, held: 0 });
    }

    fn pop(&mut self) -> Value {
        let item = self.stack.pop().expect("asts were checked");
        self.held -= item.held;
        item.value
    }

    /// Evaluates an ast, and leaves its value on the stack.
    fn evaluate(&mut self, ast: usize) -> Done<()> {
        let program = self.program;
        for step in &program.asts[ast] {
            let taken = match *step {
                Step::Variable(name) => {
                    let value = self.variables.get(program.text(name));
                    let value = value.ok_or(Stop::Fault("unset-variable"))?.clone();
                    self.push(value);
                    continue;
                }
                Step::Constant(index) => {
                    self.push(self.constants[index].clone());
                    continue;
                }
                Step::Call(_, count) => count,
                Step::Operator(NOT | NEG) => 1,
                Step::Operator(_) => 2,
            };
            // What is made must find room beside what it is made from.
            let below = self.stack.len() - taken;
            let operands = &self.stack[below..];
            let held: u64 = operands.iter().map(|item| item.held).sum();
            let operand = |at: usize| operands[at].value.clone();
            let value = match *step {
                Step::Operator(operator @ (NOT | NEG)) => unary(operator, operand(0))?,
                Step::Operator(operator) => {
                    let (left, right) = (operand(0), operand(1));
                    if let (0x03, Value::Str(left), Value::Str(right)) = (operator, &left, &right) {
                        self.room((left.len() + right.len()) as u64)?;
                    }
                    binary(operator, left, right)?
                }
                // The first argument is on top.
                Step::Call(name, count) => {
                    let arguments = (0..count).rev().map(operand).collect();
                    self.call(program.text(name), arguments)?
                }
                Step::Variable(_) | Step::Constant(_) => continue,
            };
            let bytes = value.bytes();
            self.room(bytes)?;
            self.held = self.held - held + bytes;
            self.stack.truncate(below);
            self.stack.push(Item { value, held: bytes });
        }
        Ok(())
    }

    fn call(&mut self, name: &str, mut arguments: Vec<Value>) -> Done<Value> {
        match (name, arguments.len()) {
            ("print", _) => {
                self.print(&arguments)?;
                Ok(Value::Nil)
            }
            ("str" | "len" | "type" | "int" | "float", 1) => function(name, arguments.remove(0)),
            ("str" | "len" | "type" | "int" | "float", _) => Err(Stop::Fault("arity")),
            _ => Err(Stop::Fault("unknown-function")),
        }
    }

    /// Prints all of a line, or nothing.
    fn print(&mut self, arguments: &[Value]) -> Done<()> {
        let before = self.output.len();
        for (number, argument) in arguments.iter().enumerate() {
            if number > 0 {
                self.output.push(b' ');
            }
            match argument {
                Value::Str(text) => self.write(before, text)?,
                other => self.write(before, &other.form())?,
            }
        }
        self.write(before, "\n")
    }

    /// Writes a part of a line that began at `before`.
    fn write(&mut self, before: usize, text: &str) -> Done<()> {
        let length = (self.output.len() + text.len()) as u64;
        if self.limits.output_bytes.is_some_and(|most| length > most) {
            self.output.truncate(before);
            return Err(Stop::Limit("output-limit"));
        }
        self.output.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
