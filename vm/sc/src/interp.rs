//! The interpreter: a run with its frame.

use super::compiled::{Compiled, Literal};
use super::dispatch::dispatch;
use super::quicken::{QuickCode, SMALL_FRAME};
use super::value::Value;
use super::world::{At, Cell, Exit, World, bits};
use vm_base::{Host, Limits};

/// A run of a program.
pub(super) struct Run<'p, 'h> {
    frame: Vec<Cell>,
    /// The numbers in the slots of known kind; a Float as its bits. The cell of such a slot only
    /// says whether it is set, and holds the value only during a step.
    numbers: Vec<i64>,
    quick: &'p QuickCode,
    world: World<'p, 'h>,
}

impl<'p, 'h> Run<'p, 'h> {
    pub(super) fn new(
        compiled: &'p Compiled,
        quick: &'p QuickCode,
        host: &'h mut dyn Host,
        limits: &Limits,
    ) -> Self {
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
        let places = compiled.slots().max(SMALL_FRAME);
        frame.resize(places, Some(Value::Nil));
        let mut numbers: Vec<i64> = frame.iter().map(bits).collect();
        numbers.resize(places, 0);
        Run {
            frame,
            numbers,
            quick,
            world: World::new(compiled, host, limits),
        }
    }

    /// Runs from `at` until the program ends or something stops it.
    pub(super) fn execute(&mut self, at: &mut At) -> Exit {
        match self.quick {
            QuickCode::Small(code) => match self.numbers.first_chunk_mut::<SMALL_FRAME>() {
                Some(numbers) => dispatch(code, numbers, &mut self.frame, &mut self.world, at),
                None => unreachable!("a frame has at least SMALL_FRAME slots"),
            },
            QuickCode::Large(code) => {
                let numbers = &mut self.numbers[..];
                dispatch::<u32>(code, numbers, &mut self.frame, &mut self.world, at)
            }
        }
    }

    /// Returns the values of the variables, by slot.
    pub(super) fn variables(&mut self) -> &[Cell] {
        let variables = self.world.compiled.variables;
        for slot in 0..variables {
            self.world.fetch(&mut self.frame, &self.numbers, slot);
        }
        &self.frame[..variables as usize]
    }

    /// Runs from `at` as far as the code at `end`, instruction by instruction. Returns how it was
    /// left before that.
    pub(super) fn execute_until(&mut self, end: Option<usize>, at: &mut At) -> Option<Exit> {
        while Some(at.pc) != end {
            let op = self.world.compiled.code[at.pc];
            let (frame, numbers) = (&mut self.frame, &mut self.numbers);
            if let Err(exit) = self.world.step(frame, numbers, at, op) {
                return Some(exit);
            }
        }
        None
    }
}
