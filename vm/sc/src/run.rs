//! Runs a program, and finds the instruction at which its fuel ends.

use super::compile::variables;
use super::insn::Insn;
use super::interp::Run;
use super::ir::{Code, NONE};
use super::program::{Outcome, Pc, Program, Trace};
use super::stop::Stop;
use super::world::{At, Exit};
use vm_base::{CallStack, Ending, Host, Limit, Limits, MemoryHost, Step};

/// Runs a program until it ends, faults or reaches a limit.
pub fn run(program: &Program, host: &mut dyn Host, limits: &Limits) -> Outcome {
    let mut run = Run::new(&program.compiled, &program.quick, host, limits);
    let Left {
        place,
        exit,
        spent,
        end_of_fuel,
    } = program.go(&mut run, limits.fuel.unwrap_or(u64::MAX));
    let Exit::Stopped(stop) = exit else {
        return Outcome::new(Ending::Returned(()), CallStack::empty(), spent);
    };
    let origin = program.compiled.origin[place.pc];
    let (pc, unpaid) = match (&*stop, end_of_fuel) {
        (Stop::Limit(Limit::OutOfFuel), Some(insn)) => (Pc::of(insn), program.cost(insn)),
        _ => {
            let instruction = program.instruction_at(place.pc, place.back);
            let ast_op = (origin.op != NONE).then_some((origin.ast as usize, origin.op as usize));
            (
                Pc {
                    instruction,
                    ast_op,
                },
                0,
            )
        }
    };
    let ending = match *stop {
        Stop::Fault(fault) => Ending::Faulted(fault),
        Stop::Limit(limit) => Ending::Limited(limit),
        Stop::Host(error) => Ending::Host(error.into()),
    };
    let steps = spent - unpaid - program.rest_of_block(pc.instruction);
    Outcome::new(ending, CallStack::from(vec![pc]), steps)
}

/// Runs a program for at most `max_steps` instructions, and returns each of them with the variables
/// that are set before it, in the order of their names. What the program prints is discarded.
///
/// Each step is found by running the program with exactly enough fuel to reach it. The trace is
/// therefore made by the ordinary main loop, not by an instrumented copy. A function that the
/// embedder added is called again for each step.
///
/// ```
/// use vm_base::{Limits, MemoryHost};
/// let program = vm_sc::load_bytes("a.sca", "x = 1 + 2\nprint(x)\n", &Default::default()).unwrap();
/// let trace = vm_sc::trace(&program, &mut MemoryHost::default(), &Limits::default(), 100);
/// let step = &trace.steps[1];
/// assert_eq!(program.location(step.at).to_string(), "a.sca:1");
/// assert!(matches!(step.state[..], [("x", vm_sc::Value::Int(3))]));
/// ```
pub fn trace<'p>(
    program: &'p Program,
    _host: &mut dyn Host,
    limits: &Limits,
    max_steps: usize,
) -> Trace<'p> {
    let names = variables(&program.file);
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|&at| names[at]);
    let mut steps = Vec::new();
    let mut fuel = 0;
    loop {
        let mut discarding = MemoryHost::default();
        let mut run = Run::new(&program.compiled, &program.quick, &mut discarding, limits);
        let Some(insn) = program.go(&mut run, fuel).end() else {
            return Trace::new(steps, true);
        };
        let all = fuel + program.cost(insn);
        if limits.fuel.is_some_and(|limit| all > limit) {
            return Trace::new(steps, true);
        }
        if steps.len() >= max_steps {
            return Trace::new(steps, false);
        }
        let cells = run.variables();
        let set = |&at: &usize| Some((names[at], cells[at].clone()?));
        steps.push(Step {
            at: Pc::of(insn),
            state: order.iter().filter_map(set).collect(),
        });
        fuel = all;
    }
}

/// How a run was left.
struct Left {
    place: At,
    exit: Exit,
    /// The fuel that was taken.
    spent: u64,
    /// The first instruction that the fuel does not pay for, if its block was reached.
    end_of_fuel: Option<usize>,
}

impl Left {
    /// Returns the instruction that the fuel does not pay for, if this ended the run.
    fn end(&self) -> Option<usize> {
        match &self.exit {
            Exit::Stopped(stop) if matches!(**stop, Stop::Limit(Limit::OutOfFuel)) => {
                self.end_of_fuel
            }
            Exit::Stopped(_) | Exit::Finished | Exit::Short => None,
        }
    }
}

/// A block that the fuel does not pay for.
struct Short {
    /// The first instruction that the fuel does not pay for.
    insn: usize,
    /// The index of its code.
    pc: usize,
    /// The cost of the whole block.
    block: u64,
}

impl Program {
    /// Runs the program from its beginning.
    fn go(&self, run: &mut Run, all: u64) -> Left {
        let mut place = At {
            pc: 0,
            back: 0,
            fuel: all,
        };
        let mut exit = run.execute(&mut place);
        let mut spent = all - place.fuel;
        let mut end_of_fuel = None;
        if let Exit::Short = exit {
            // The fuel pays for the first instructions of the block only, and ends among them. A
            // block has no jumps, so the run reaches this place unless something else stops it.
            let short = self.short(place.pc, place.fuel);
            place.fuel = short.block;
            spent += short.block;
            end_of_fuel = Some(short.insn);
            exit = run.execute_until(short.pc, &mut place);
        }
        Left {
            place,
            exit,
            spent,
            end_of_fuel,
        }
    }

    /// Returns the instruction to which a piece of code belongs; `back` is where a shared ast
    /// returns.
    fn instruction_at(&self, pc: usize, back: usize) -> usize {
        match self.compiled.origin[pc].insn {
            NONE => self.compiled.origin[back - 1].insn as usize,
            insn => insn as usize,
        }
    }

    fn cost(&self, insn: usize) -> u64 {
        self.file.cost(&self.file.instructions[insn])
    }

    /// Returns the WHILE whose condition is tested right after an instruction, if there is one.
    fn test_after(&self, insn: usize) -> Option<usize> {
        let item = self.file.instructions[insn];
        let head = if let Insn::Jump { to } = item {
            to
        } else {
            item.loop_head()?
        };
        let is_while = matches!(self.file.instruction(head), Some(Insn::While { .. }));
        is_while.then_some(head as usize)
    }

    /// Returns the next instruction of the same block.
    fn next_in_block(&self, insn: usize) -> Option<usize> {
        match self.file.instructions[insn] {
            Insn::Pass | Insn::Eval { .. } | Insn::Set { .. } | Insn::Label { .. } => {}
            Insn::For { .. }
            | Insn::While { .. }
            | Insn::End { .. }
            | Insn::Jump { .. }
            | Insn::Goto { .. } => return None,
        }
        let next = insn + 1;
        let begin = *self.compiled.begins.get(next)? as usize;
        let is_charge = matches!(self.compiled.code[begin - 1], Code::Charge { .. });
        let begins_block = is_charge && self.compiled.origin[begin - 1].insn as usize == next;
        (!begins_block).then_some(next)
    }

    /// Returns the cost of what follows an instruction and was paid for together with it.
    fn rest_of_block(&self, insn: usize) -> u64 {
        let mut cost = 0;
        let mut at = insn;
        while let Some(next) = self.next_in_block(at) {
            cost += self.cost(next);
            at = next;
        }
        cost + self.test_after(at).map_or(0, |head| self.cost(head))
    }

    /// Finds the instruction at which `fuel` ends in the block that begins at `pc`.
    fn short(&self, pc: usize, fuel: u64) -> Short {
        let mut at = self.compiled.origin[pc].insn as usize;
        let block = self.cost(at) + self.rest_of_block(at);
        let mut left = fuel;
        loop {
            let begin = self.compiled.begins[at] as usize;
            let short = |insn, pc| Short { insn, pc, block };
            match left.checked_sub(self.cost(at)) {
                Some(rest) => left = rest,
                None => return short(at, begin),
            }
            match (self.next_in_block(at), self.test_after(at)) {
                (Some(next), _) => at = next,
                (None, Some(head)) => return short(head, begin),
                (None, None) => unreachable!("the fuel does not pay for the block"),
            }
        }
    }
}
