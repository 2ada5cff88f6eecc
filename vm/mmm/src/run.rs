//! Frames and the loop.

use super::debug;
use super::insn::{Arith, Fault, Insn};
use super::ops::{arith::arith, dump};
use super::program::{Outcome, Pc, Program, Trace};
use super::value::Value;
use vm_base::{CallStack, Ending, Host, Limit, Limits, Meter, Step};

/// Runs a program from `main` to its end.
pub fn run(program: &Program, host: &mut dyn Host, limits: &Limits) -> Outcome {
    let mut machine = Machine::new(program, host, limits);
    let fuel = machine.fuel;
    let stop = loop {
        let stop = match machine.stepping {
            None => machine.execute::<false>(),
            Some(_) => machine.execute::<true>(),
        };
        if !matches!(stop, Stop::Switch) {
            break stop;
        }
    };
    machine.outcome(stop, fuel)
}

/// Runs a program for at most `max_steps` instructions, and returns each of them with the local
/// stack before it. What the program prints is discarded, and no debugger is opened.
///
/// ```
/// use vm_base::{Limits, MemoryHost};
/// let source = "function main\n  int 40\n  int 2\n  bin_op +\nend\n";
/// let mut host = MemoryHost::new([("a.mmm", source)]);
/// let program = vm_mmm::load(&mut host, "a.mmm", &Limits::default()).unwrap();
/// let trace = vm_mmm::trace(&program, &mut host, &Limits::default(), 100);
/// let step = &trace.steps[2];
/// assert_eq!(program.location(step.at).to_string(), "a.mmm#main:4");
/// assert!(matches!(step.state[..], [vm_mmm::Value::Int(40), vm_mmm::Value::Int(2)]));
/// assert!(trace.is_complete);
/// ```
pub fn trace(program: &Program, host: &mut dyn Host, limits: &Limits, max_steps: usize) -> Trace {
    let mut machine = Machine::new(program, host, limits);
    // Nothing runs at a depth of none, so nobody is asked anything.
    machine.stepping = Some(debug::Pause::AtDepth(0));
    machine.record = Some(Record {
        max_steps,
        steps: Vec::new(),
    });
    let stop = machine.execute::<true>();
    let steps = machine.record.map_or(Vec::new(), |record| record.steps);
    Trace::new(steps, !matches!(stop, Stop::Switch))
}

/// What an item or an active call counts for in bytes.
const SLOT: u64 = 16;

/// How many calls of a deep stack are listed from the innermost on.
const MAX_INNER_CALLS: usize = 56;

/// How many calls of a deep stack are listed up to the outermost.
const MAX_OUTER_CALLS: usize = 8;

/// So many bytes of output are held back before the host gets them.
const BUFFER: usize = 8 << 10;

/// A print of more bytes than this is not held in memory whole.
const LARGE: usize = 256 << 10;

struct Machine<'a> {
    program: &'a Program,
    host: &'a mut dyn Host,
    /// The local stacks of all active calls, one on another.
    stack: Vec<Value>,
    /// The calls that wait for another.
    frames: Vec<Frame>,
    /// Where the local stack of the innermost call begins.
    base: usize,
    /// The instruction that runs, or runs next.
    at: u32,
    fuel: u64,
    most_frames: u64,
    most_slots: u64,
    output: Meter,
    /// Output that the host did not get yet.
    buffer: Vec<u8>,
    /// Set while a person goes step by step.
    stepping: Option<debug::Pause>,
    /// Set while steps are recorded.
    record: Option<Record>,
}

/// The steps of a run.
struct Record {
    max_steps: usize,
    steps: Vec<Step<Pc, Vec<Value>>>,
}

/// A call that waits for another one.
#[derive(Clone, Copy)]
struct Frame {
    /// The instruction behind its `call`.
    resume: u32,
    /// Where its local stack begins. The heap limit keeps this within 32 bits only in practice,
    /// so it is not narrowed.
    base: usize,
}

/// Why the loop was left.
enum Stop {
    Returned(Option<Value>),
    Faulted(Fault, Option<String>),
    Limited(Limit),
    Host(std::io::Error),
    /// The debugger begins or ends to go step by step.
    Switch,
}

impl<'a> Machine<'a> {
    fn new(program: &'a Program, host: &'a mut dyn Host, limits: &Limits) -> Machine<'a> {
        Machine {
            program,
            host,
            stack: Vec::new(),
            frames: Vec::new(),
            base: 0,
            at: program.main,
            fuel: limits.fuel.unwrap_or(u64::MAX),
            most_frames: limits.call_depth.saturating_sub(1),
            most_slots: limits.heap_bytes / SLOT,
            output: Meter::new(limits.output_bytes),
            buffer: Vec::new(),
            stepping: None,
            record: None,
        }
    }
}

impl Machine<'_> {
    /// Runs until something stops it. What the loop touches at every turn lives in locals; they
    /// are handed back before anything else looks.
    fn execute<const STEP: bool>(&mut self) -> Stop {
        let code = self.program.code.as_slice();
        let mut at = self.at as usize;
        let mut base = self.base;
        let mut fuel = self.fuel;
        macro_rules! stop {
            ($stop:expr) => {{
                (self.at, self.base, self.fuel) = (at as u32, base, fuel);
                return $stop;
            }};
        }
        loop {
            let insn = code[at];
            if let Insn::End = insn {
                let Some(frame) = self.frames.pop() else {
                    stop!(Stop::Returned(None));
                };
                self.stack.truncate(base);
                at = frame.resume as usize;
                base = frame.base;
                continue;
            }
            if STEP {
                (self.at, self.base, self.fuel) = (at as u32, base, fuel);
                if let Some(stop) = self.pause() {
                    return stop;
                }
            }
            if fuel == 0 {
                stop!(Stop::Limited(Limit::OutOfFuel));
            }
            fuel -= 1;
            match insn {
                Insn::Push(value) => {
                    if self.full() {
                        stop!(Stop::Limited(Limit::MemoryLimit));
                    }
                    self.stack.push(value);
                }
                Insn::BinOp(op) => {
                    if let Err(stop) = self.bin_op(op, base) {
                        stop!(stop);
                    }
                }
                Insn::Pop => {
                    if self.stack.len() == base {
                        stop!(self.wrong_size("pop", "at least 1", base));
                    }
                    self.stack.pop();
                }
                Insn::Nop => {}
                Insn::Void => self.stack.truncate(base),
                Insn::Call(target) => {
                    if self.frames.len() as u64 >= self.most_frames {
                        stop!(Stop::Limited(Limit::CallDepth));
                    }
                    if self.full() {
                        stop!(Stop::Limited(Limit::MemoryLimit));
                    }
                    self.frames.push(Frame {
                        resume: at as u32 + 1,
                        base,
                    });
                    base = self.stack.len();
                    at = target as usize;
                    continue;
                }
                Insn::Ret => {
                    let &[value] = &self.stack[base..] else {
                        stop!(self.wrong_size("ret", "exactly 1", base));
                    };
                    // The value stands where the caller's newest item belongs.
                    let Some(frame) = self.frames.pop() else {
                        stop!(Stop::Returned(Some(value)));
                    };
                    at = frame.resume as usize;
                    base = frame.base;
                    continue;
                }
                Insn::StackSize
                | Insn::PrintAll
                | Insn::Print(_)
                | Insn::StackDump
                | Insn::Breakpoint
                | Insn::Fail(_) => {
                    (self.at, self.base, self.fuel) = (at as u32, base, fuel);
                    if let Err(stop) = self.rare(insn) {
                        return stop;
                    }
                    if STEP != self.stepping.is_some() {
                        self.at += 1;
                        return Stop::Switch;
                    }
                }
                Insn::End => unreachable!("looked at above"),
            }
            at += 1;
        }
    }

    #[inline]
    fn bin_op(&mut self, op: Arith, base: usize) -> Result<(), Stop> {
        let &[left, right] = &self.stack[base..] else {
            return Err(self.wrong_size("bin_op", "exactly 2", base));
        };
        match arith(op, left, right) {
            Ok(value) => {
                self.stack.truncate(base + 1);
                self.stack[base] = value;
                Ok(())
            }
            Err(fault) => Err(self.in_vain(op, left, right, fault)),
        }
    }

    /// The instructions that do more than a few machine instructions' work.
    #[inline(never)]
    fn rare(&mut self, insn: Insn) -> Result<(), Stop> {
        match insn {
            Insn::StackSize => {
                if self.full() {
                    return Err(Stop::Limited(Limit::MemoryLimit));
                }
                let depth = i32::try_from(self.frames.len() + 1).unwrap_or(i32::MAX);
                self.stack.push(Value::Int(depth));
                Ok(())
            }
            Insn::PrintAll => self.print_all(),
            Insn::Print(index) => self.print_item(index),
            Insn::StackDump => self.print_dump(),
            Insn::Breakpoint => self.breakpoint().map_or(Ok(()), Err),
            Insn::Fail(fault) => Err(Stop::Faulted(fault, None)),
            Insn::Push(_)
            | Insn::Pop
            | Insn::BinOp(_)
            | Insn::Nop
            | Insn::Void
            | Insn::Ret
            | Insn::Call(_)
            | Insn::End => unreachable!("the loop does these itself"),
        }
    }

    /// Whether one item or call more would be too much.
    #[inline]
    fn full(&self) -> bool {
        (self.stack.len() + self.frames.len()) as u64 + 2 > self.most_slots
    }

    /// Prints all items of the local stack.
    fn print_all(&mut self) -> Result<(), Stop> {
        let stack = std::mem::take(&mut self.stack);
        let items = &stack[self.base..];
        let pool = self.program.pool.as_str();
        let printed = self.print(items.len(), |nth, out| {
            if nth > 0 {
                out.extend_from_slice(b", ");
            }
            items[nth].print(pool, out);
            if nth + 1 == items.len() {
                out.push(b'\n');
            }
        });
        self.stack = stack;
        printed
    }

    /// Prints item `index` of the local stack.
    fn print_item(&mut self, index: u32) -> Result<(), Stop> {
        let items = &self.stack[self.base..];
        let Some(&item) = items.get(index as usize) else {
            let held = counted(items.len());
            // As it was written: `index` may stand for a larger one.
            let (_, written) = self.program.words(self.at);
            let written: String = written.chars().take(40).collect();
            let detail = format!("there is no item {written}; the stack holds {held}");
            return Err(Stop::Faulted(Fault::OutOfRange, Some(detail)));
        };
        let pool = self.program.pool.as_str();
        self.print(1, |_, out| {
            item.print(pool, out);
            out.push(b'\n');
        })
    }

    /// Prints what `stack_dump` shows.
    fn print_dump(&mut self) -> Result<(), Stop> {
        let calls = self.calls();
        let stack = std::mem::take(&mut self.stack);
        let items = &stack[self.base..];
        let program = self.program;
        let printed = self.print(items.len() + 1, |nth, out| match nth {
            0 => dump::head(program, &calls, items.is_empty(), out),
            _ => dump::item(program, nth - 1, items[nth - 1], out),
        });
        self.stack = stack;
        printed
    }

    /// Prints something in `pieces`, all of it or nothing. A local stack can hold one long text
    /// many times, so that the whole is not always to be held in memory: then it is made twice,
    /// to be measured and to be handed on.
    fn print(&mut self, pieces: usize, piece: impl Fn(usize, &mut Vec<u8>)) -> Result<(), Stop> {
        let start = self.buffer.len();
        let mut nth = 0;
        while nth < pieces && self.buffer.len() - start < LARGE {
            piece(nth, &mut self.buffer);
            nth += 1;
        }
        if nth == pieces {
            return self.printed(start);
        }
        self.buffer.truncate(start);
        if let Some(left) = self.output.left() {
            let mut scratch = Vec::new();
            let mut total: u64 = 0;
            for nth in 0..pieces {
                scratch.clear();
                piece(nth, &mut scratch);
                total += scratch.len() as u64;
                if total > left {
                    return Err(Stop::Limited(Limit::OutputLimit));
                }
            }
        }
        for nth in 0..pieces {
            let start = self.buffer.len();
            piece(nth, &mut self.buffer);
            self.printed(start)?;
        }
        Ok(())
    }

    /// Counts what was just put into the buffer behind `start`, or takes it back.
    fn printed(&mut self, start: usize) -> Result<(), Stop> {
        let amount = self.buffer.len() - start;
        if !self.output.take(amount as u64) {
            self.buffer.truncate(start);
            return Err(Stop::Limited(Limit::OutputLimit));
        }
        match self.buffer.len() >= BUFFER {
            true => self.flush().map_err(Stop::Host),
            false => Ok(()),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if !self.buffer.is_empty() {
            if self.record.is_none() {
                self.host.write(&self.buffer)?;
            }
            self.buffer.clear();
        }
        Ok(())
    }

    /// Returns the active calls.
    fn calls(&self) -> CallStack<Pc> {
        let callers = self.frames.iter().rev().map(|frame| Pc(frame.resume - 1));
        let all = std::iter::once(Pc(self.at)).chain(callers);
        let depth = self.frames.len() + 1;
        match depth.checked_sub(MAX_INNER_CALLS + MAX_OUTER_CALLS) {
            None | Some(0) => CallStack::from(all.collect::<Vec<Pc>>()),
            Some(omitted) => CallStack {
                inner: all.clone().take(MAX_INNER_CALLS).collect(),
                omitted: omitted as u64,
                outer: all.skip(depth - MAX_OUTER_CALLS).collect(),
            },
        }
    }

    #[cold]
    fn wrong_size(&self, who: &str, wanted: &str, base: usize) -> Stop {
        let held = counted(self.stack.len() - base);
        let detail = format!("{who} needs {wanted} on its stack; it holds {held}");
        Stop::Faulted(Fault::StackSize, Some(detail))
    }

    #[cold]
    fn in_vain(&self, op: Arith, left: Value, right: Value, fault: Fault) -> Stop {
        let show = |value: Value| {
            let text = value.printed(&self.program.pool);
            let cut: String = text.chars().take(40).collect();
            let more = if cut.len() < text.len() { "…" } else { "" };
            format!("{} {cut}{more}", value.type_name())
        };
        let operation = format!("{} {} {}", show(left), op.symbol(), show(right));
        let detail = match fault {
            Fault::Overflow => format!("{operation} does not fit"),
            Fault::DivideByZero => format!("{operation} divides by zero"),
            _ => format!("{operation} is not defined"),
        };
        Stop::Faulted(fault, Some(detail))
    }

    /// Asks the person at the debugger, if there is one, what to do.
    #[cold]
    fn breakpoint(&mut self) -> Option<Stop> {
        if let Err(error) = self.flush() {
            return Some(Stop::Host(error));
        }
        if self.record.is_some() {
            return None;
        }
        let view = debug::View {
            program: self.program,
            calls: &self.calls(),
            stack: &self.stack[self.base..],
        };
        let port = self.host.debugger()?;
        match debug::session(&view, port) {
            debug::Choice::Quit => {
                let detail = "ended at the debugger".to_owned();
                Some(Stop::Faulted(Fault::Quit, Some(detail)))
            }
            debug::Choice::Run(stepping) => {
                self.stepping = stepping;
                None
            }
        }
    }

    /// Stops before an instruction while a person goes step by step, if it is time to.
    fn pause(&mut self) -> Option<Stop> {
        if let Some(record) = &mut self.record {
            if record.steps.len() >= record.max_steps {
                return Some(Stop::Switch);
            }
            // What cannot be paid for does not run.
            if self.fuel > 0 {
                record.steps.push(Step {
                    at: Pc(self.at),
                    state: self.stack[self.base..].to_vec(),
                });
            }
        }
        let depth = self.frames.len() as u64 + 1;
        let due = match self.stepping {
            None => return Some(Stop::Switch),
            Some(debug::Pause::Step) => true,
            Some(debug::Pause::AtDepth(most)) => depth <= most,
        };
        // A breakpoint stops by itself.
        if !due || matches!(self.program.code[self.at as usize], Insn::Breakpoint) {
            return None;
        }
        self.breakpoint()
            .or_else(|| self.stepping.is_none().then_some(Stop::Switch))
    }

    fn outcome(mut self, stop: Stop, fuel: u64) -> Outcome {
        let calls = match stop {
            Stop::Returned(_) => CallStack::empty(),
            _ => self.calls(),
        };
        let (mut ending, detail) = match stop {
            Stop::Returned(value) => (Ending::Returned(value), None),
            Stop::Faulted(fault, detail) => (Ending::Faulted(fault), detail),
            Stop::Limited(limit) => (Ending::Limited(limit), None),
            Stop::Host(error) => (Ending::Host(error.into()), None),
            Stop::Switch => unreachable!("the caller goes on"),
        };
        if let Err(error) = self.flush() {
            ending = Ending::Host(error.into());
        }
        let mut outcome = Outcome::new(ending, calls, fuel - self.fuel);
        outcome.detail = detail;
        outcome
    }
}

fn counted(items: usize) -> String {
    match items {
        0 => "none".to_owned(),
        1 => "1 item".to_owned(),
        _ => format!("{items} items"),
    }
}
