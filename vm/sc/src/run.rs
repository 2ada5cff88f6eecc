//! Runs a program, and finds the instruction at which its fuel ends.

use super::compile::variables;
use super::heap::Heap;
use super::insn::{Fault, Insn};
use super::interp::Run;
use super::ir::{Code, NONE};
use super::program::{Outcome, Pc, Program, Trace};
use super::stop::Stop;
use super::world::{At, Exit};
use std::io;
use vm_base::{CallStack, Ending, Host, Limit, Limits, MemoryHost, Step};

/// Runs a program until it ends, faults or reaches a limit.
pub fn run(program: &Program, host: &mut dyn Host, limits: &Limits) -> Outcome {
    let mut run = Run::new(&program.compiled, &program.quick, host, limits);
    let fuel = limits.fuel.unwrap_or(u64::MAX);
    let end = program.go(&mut run, fuel);
    let steps = fuel - end.fuel;
    match end.stop {
        None => Outcome::new(Ending::Returned(()), CallStack::empty(), steps),
        Some((pc, why)) => {
            let ending = match why {
                Why::Fault(fault) => Ending::Faulted(fault),
                Why::Limit(limit) => Ending::Limited(limit),
                Why::Fuel { .. } => Ending::Limited(Limit::OutOfFuel),
                Why::Host(error) => Ending::Host(error.into()),
            };
            Outcome::new(ending, CallStack::from(vec![pc]), steps)
        }
    }
}

/// Runs a program for at most `max_steps` instructions, and returns each of them with the variables
/// that are set before it, in the order of their names. What the program prints is discarded.
///
/// Each step is found by running the program with exactly enough fuel to reach it. The trace is
/// therefore made by the ordinary main loop, not by an instrumented copy. A function that the
/// embedder added is called again for each step. The trace ends early when the values in it take
/// more than [`Limits::MAX_TRACE_BYTES`].
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
    let mut bytes_left = Limits::MAX_TRACE_BYTES;
    let mut fuel = 0;
    loop {
        let mut discarding = MemoryHost::default();
        let mut run = Run::new(&program.compiled, &program.quick, &mut discarding, limits);
        let end = program.go(&mut run, fuel);
        let Some((pc, Why::Fuel { missing })) = end.stop else {
            return Trace::new(steps, true);
        };
        let more = fuel.saturating_add(missing);
        if limits.fuel.is_some_and(|limit| more > limit) {
            return Trace::new(steps, true);
        }
        fuel = more;
        if pc.ast_op.is_some() {
            // An operation on a text lacked fuel: its instruction is in the trace already.
            continue;
        }
        let cells = run.variables();
        let bytes: u64 = cells.iter().map(Heap::of_variable).sum();
        if steps.len() >= max_steps || bytes > bytes_left {
            return Trace::new(steps, false);
        }
        bytes_left -= bytes;
        let set = |&at: &usize| Some((names[at], cells[at].clone()?));
        steps.push(Step {
            at: pc,
            state: order.iter().filter_map(set).collect(),
        });
    }
}

/// How a run ended.
struct End {
    /// Where and why it stopped; `None` if it reached its end.
    stop: Option<(Pc, Why)>,
    /// The fuel that is left, as if each instruction had paid for itself alone.
    fuel: u64,
}

/// Why a run stopped.
enum Why {
    Fault(Fault),
    Limit(Limit),
    /// It lacked fuel: this much for the instruction, or for the operation on a text.
    Fuel {
        missing: u64,
    },
    Host(io::Error),
}

impl Program {
    /// Runs the program from its beginning.
    fn go(&self, run: &mut Run, fuel: u64) -> End {
        let mut place = At {
            pc: 0,
            back: 0,
            fuel,
        };
        match run.execute(&mut place) {
            Exit::Finished => End {
                stop: None,
                fuel: place.fuel,
            },
            Exit::Short => {
                let first = self.enter_block(&mut place);
                self.finish_block(run, &mut place, first, false)
            }
            Exit::Stopped(stop) => {
                // The block has paid for the instructions that follow in it.
                let pc = self.pc(&place);
                place.fuel += self.rest_of_block(pc.instruction);
                match Why::from_stop(*stop, place.fuel) {
                    Some(why) => End {
                        stop: Some((pc, why)),
                        fuel: place.fuel,
                    },
                    None => self.finish_block(run, &mut place, pc.instruction, true),
                }
            }
        }
    }

    /// Moves from the Charge of a block to its code, and returns its first instruction.
    fn enter_block(&self, place: &mut At) -> usize {
        let first = self.compiled.origin[place.pc].insn as usize;
        place.pc = self.compiled.begins[first] as usize;
        first
    }

    /// Runs a block that the fuel does not pay for, from instruction `insn` on, which is paid for
    /// already or not. Each instruction pays for itself, and one of them lacks fuel, unless
    /// something else stops the run before.
    fn finish_block(
        &self,
        run: &mut Run,
        place: &mut At,
        mut insn: usize,
        mut is_paid: bool,
    ) -> End {
        loop {
            if !is_paid {
                let cost = self.cost(insn);
                let Some(left) = place.fuel.checked_sub(cost) else {
                    let missing = cost - place.fuel;
                    return End {
                        stop: Some((Pc::of(insn), Why::Fuel { missing })),
                        fuel: place.fuel,
                    };
                };
                place.fuel = left;
            }
            let next = self.next_in_block(insn);
            if next.is_none()
                && let Some(head) = self.test_after(insn)
            {
                (insn, is_paid) = (head, false);
                continue;
            }
            let end = next.map(|next| self.compiled.begins[next] as usize);
            match run.execute_until(end, place) {
                None => insn = next.unwrap_or(insn),
                Some(Exit::Short) => insn = self.enter_block(place),
                Some(Exit::Finished) => {
                    return End {
                        stop: None,
                        fuel: place.fuel,
                    };
                }
                Some(Exit::Stopped(stop)) => {
                    let why = Why::from_stop(*stop, place.fuel);
                    let why = why.unwrap_or(Why::Fuel { missing: 0 });
                    return End {
                        stop: Some((self.pc(place), why)),
                        fuel: place.fuel,
                    };
                }
            }
            is_paid = false;
        }
    }

    /// Returns the instruction, and the ast instruction if it is in one, that a run is at.
    fn pc(&self, place: &At) -> Pc {
        let origin = self.compiled.origin[place.pc];
        Pc {
            instruction: self.instruction_at(place.pc, place.back),
            ast_op: (origin.op != NONE).then_some((origin.ast as usize, origin.op as usize)),
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
}

impl Why {
    /// Returns why a run stopped with this fuel left; `None` if the fuel is enough after all.
    fn from_stop(stop: Stop, fuel: u64) -> Option<Why> {
        match stop {
            Stop::Fault(fault) => Some(Why::Fault(fault)),
            Stop::Limit(limit) => Some(Why::Limit(limit)),
            Stop::Host(error) => Some(Why::Host(error)),
            Stop::Short { cost } => {
                let missing = cost.checked_sub(fuel).filter(|&missing| missing > 0);
                missing.map(|missing| Why::Fuel { missing })
            }
        }
    }
}
