//! The evaluation of an ast on its stack, and the calls in it.

use super::functions::function;
use super::operators::{binary, unary};
use super::program::{NEG, NOT, Step};
use super::run::{Item, Run};
use super::stop::{Done, Stop};
use super::value::Value;
use crate::observe::{NoObserver, Observer};
use crate::quirks::sc::Quirk;

impl<O: Observer<Quirk>> Run<'_, '_, O> {
    /// Pushes the value of a variable or a constant.
    fn push(&mut self, value: Value) {
        let held = match self.obs.has_quirk(Quirk::ConstantsCount) {
            true => value.text_bytes(),
            false => 0,
        };
        self.held += held;
        self.stack.push(Item { value, held });
    }

    /// Removes the topmost value from the stack of an ast, and returns it.
    pub(super) fn pop(&mut self) -> Value {
        let item = self.stack.pop().expect("asts are checked when they load");
        self.held = self.held.saturating_sub(item.held);
        item.value
    }

    /// Evaluates an ast and leaves its value on the stack.
    pub(super) fn evaluate(&mut self, ast: usize) -> Done<()> {
        let (program, obs) = (self.program, self.obs);
        obs.holds("sc.ast.order.1");
        obs.holds("sc.ast.use.2");
        if obs.has_quirk(Quirk::AstsEvaluatedOnce)
            && let Some(value) = self.evaluated.get(&ast)
        {
            let value = value.clone();
            self.push(value);
            return Ok(());
        }
        if obs.has_quirk(Quirk::FunctionsLookedUpFirst) && program.calls_unknown(ast) {
            return Err(Stop::Fault("unknown-function"));
        }
        let base = self.stack.len();
        for step in program.asts.get(ast).map_or(&[][..], |steps| steps) {
            let taken = match *step {
                Step::Variable(name) => {
                    let value = self.variables.get(&program.name(name));
                    if !obs.check("sc.ast.var.1", value.is_some())
                        && !obs.has_quirk(Quirk::UnsetIsNil)
                    {
                        return Err(Stop::Fault("unset-variable"));
                    }
                    let value = value.cloned().unwrap_or(Value::Nil);
                    self.push(value);
                    continue;
                }
                Step::Constant(index) => {
                    obs.holds("sc.ast.const.1");
                    obs.holds_if("sc.const.implied.1", || index < 4);
                    // Only a quirk loads an ast that names a missing constant.
                    let value = self.constants.get(index).cloned().unwrap_or(Value::Nil);
                    self.push(value);
                    continue;
                }
                Step::Call(_, count) => count,
                Step::Operator(NOT | NEG) => 1,
                Step::Operator(_) => 2,
            };
            while self.stack.len() < base + taken && obs.has_quirk(Quirk::UnderrunIsNil) {
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
            self.push(Value::Nil); // Only a quirk loads an empty ast.
        }
        if obs.has_quirk(Quirk::AstEndsHigh) {
            self.stack.drain(base..self.stack.len() - 1);
        }
        if obs.has_quirk(Quirk::AstsEvaluatedOnce) {
            let value = self.stack[base].value.clone();
            self.evaluated.insert(ast, value);
        }
        Ok(())
    }

    /// Replaces the topmost `taken` items by the result of an operator or function.
    fn apply(&mut self, step: Step, taken: usize) -> Done<()> {
        let (program, obs) = (self.program, self.obs);
        let below = self.stack.len() - taken;
        let operands = &self.stack[below..];
        let held: u64 = operands.iter().map(|item| item.held).sum();
        let operand = |at: usize| operands[at].value.clone();
        // The result needs room while its operands are still there.
        let freed = if obs.has_quirk(Quirk::OperandsForgotten) {
            held
        } else {
            0
        };
        obs.holds_if("sc.limit.memory.2", || held > 0);
        let value = match step {
            Step::Operator(operator @ (NOT | NEG)) => unary(operator, operand(0), obs)?,
            Step::Operator(operator) => {
                let (left, right) = match obs.has_quirk(Quirk::OperandsSwapped) {
                    true => (operand(1), operand(0)),
                    false => (operand(0), operand(1)),
                };
                match (operator, &left, &right) {
                    (0x03, Value::Str(left), Value::Str(right)) => {
                        let length = left.len() + right.len();
                        self.charge_text(length)?;
                        self.check_room((length as u64).saturating_sub(freed))?;
                    }
                    (0x08..=0x0d, Value::Str(left), Value::Str(right)) => {
                        self.charge_text(left.len().min(right.len()))?;
                    }
                    _ => {}
                }
                binary(operator, left, right, obs)?
            }
            // The first argument is on top.
            Step::Call(name, count) => {
                obs.holds("sc.ast.call.1");
                obs.holds_if("sc.ast.call.2", || count > 1);
                let arguments = match obs.has_quirk(Quirk::ArgumentsBackwards) {
                    true => (0..count).map(operand).collect(),
                    false => (0..count).rev().map(operand).collect(),
                };
                self.call(program.text(name), arguments)?
            }
            Step::Variable(_) | Step::Constant(_) => return Ok(()),
        };
        let bytes = match obs.has_quirk(Quirk::MadeTextUncounted) {
            true => 0,
            false => value.text_bytes(),
        };
        self.check_room(bytes.saturating_sub(freed))?;
        self.held = self.held.saturating_sub(held) + bytes;
        self.stack.truncate(below);
        self.stack.push(Item { value, held: bytes });
        Ok(())
    }

    /// Calls a function of the host.
    fn call(&mut self, name: &str, mut arguments: Vec<Value>) -> Done<Value> {
        let obs = self.obs;
        match name {
            "print" => {
                self.print(&arguments)?;
                Ok(match obs.has_quirk(Quirk::PrintReturnsCount) {
                    true => Value::Int(arguments.len() as i64),
                    false => Value::Nil,
                })
            }
            "str" | "len" | "type" | "int" | "float" => {
                if arguments.is_empty() && obs.has_quirk(Quirk::MissingArgumentIsNil) {
                    arguments.push(Value::Nil);
                }
                obs.check("sc.func.arity.1", arguments.len() == 1);
                if arguments.len() != 1 {
                    if arguments.len() > 1 && obs.has_quirk(Quirk::FurtherArgumentsIgnored) {
                        return function(name, arguments.remove(0), obs);
                    }
                    if !arguments.is_empty() && obs.has_quirk(Quirk::TypeBeforeArity) {
                        function(name, arguments.remove(0), obs)?;
                    }
                    obs.breaks("sc.ast.call.5", ());
                    return Err(obs.breaks("sc.ast.call.4", Stop::Fault("arity")));
                }
                let argument = arguments.remove(0);
                if let ("str" | "len" | "int" | "float", Value::Str(text)) = (name, &argument) {
                    self.charge_text(text.len())?;
                    return function(name, argument, obs);
                }
                let value = function(name, argument, obs)?;
                if let ("str", Value::Str(text)) = (name, &value) {
                    self.charge_text(text.len())?;
                }
                Ok(value)
            }
            _ if obs.has_quirk(Quirk::UnknownFunctionIsNil) => Ok(Value::Nil),
            _ => {
                obs.breaks("sc.ast.call.5", ());
                Err(obs.breaks("sc.ast.call.3", Stop::Fault("unknown-function")))
            }
        }
    }

    /// Prints its arguments as a line; if they exceed the limit on output, prints nothing.
    pub(super) fn print(&mut self, arguments: &[Value]) -> Done<()> {
        let obs = self.obs;
        obs.holds_if("sc.func.print.1", || !arguments.is_empty());
        obs.holds_if("sc.func.print.2", || arguments.is_empty());
        obs.holds("sc.func.arity.1");
        obs.holds("sc.print.text.1");
        if arguments.is_empty() && obs.has_quirk(Quirk::PrintNothing) {
            return Ok(());
        }
        let length = |argument: &Value| match argument {
            Value::Str(text) => text.len(),
            other => other.to_text(NoObserver).len(),
        };
        // The items, the blanks between them, and the newline.
        let lengths: usize = arguments.iter().map(length).sum();
        self.charge_text(lengths + arguments.len().max(1))?;
        let before = self.output.len();
        for (number, argument) in arguments.iter().enumerate() {
            if number > 0 {
                self.output.push(if obs.has_quirk(Quirk::PrintTabs) {
                    b'\t'
                } else {
                    b' '
                });
            }
            match argument {
                Value::Str(text) if !obs.has_quirk(Quirk::StrEscapes) => {
                    self.write(before, text)?
                }
                other => self.write(before, &other.to_text(obs))?,
            }
        }
        self.write(before, "\n")?;
        obs.holds("sc.limit.output.1");
        obs.holds("sc.limit.output.2");
        let limit = self.limits.output_bytes;
        obs.boundary_if("sc.limit.output.1", || {
            limit == Some(self.output.len() as u64)
        });
        Ok(())
    }

    /// Writes a part of a line. If it exceeds the limit on output, removes the whole line, which
    /// began when the output had `before` bytes.
    fn write(&mut self, before: usize, text: &str) -> Done<()> {
        let obs = self.obs;
        let length = match obs.has_quirk(Quirk::OutputOfCharacters) {
            true => {
                let written = String::from_utf8_lossy(&self.output);
                (written.chars().count() + text.chars().count()) as u64
            }
            false => (self.output.len() + text.len()) as u64,
        };
        let longer = u64::from(obs.has_quirk(Quirk::OutputNeverFull));
        if self
            .limits
            .output_bytes
            .is_some_and(|limit| length + longer > limit)
        {
            if !obs.has_quirk(Quirk::OutputCutOff) {
                self.output.truncate(before);
            }
            return Err(obs.breaks("sc.limit.output.1", Stop::Limit("output-limit")));
        }
        self.output.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
