//! The interpreter: frames and the main loop.

use super::debugger::{self, Pause};
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
/// stack before it. What the program prints is discarded, and no debugger is opened. The trace ends
/// early when the values in it take more than [`Limits::MAX_TRACE_BYTES`].
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
    // No call is at depth 0, so the debugger never stops here.
    machine.stepping = Some(Pause::AtDepth(0));
    machine.record = Some(Record {
        max_steps,
        bytes_left: Limits::MAX_TRACE_BYTES,
        steps: Vec::new(),
    });
    let stop = machine.execute::<true>();
    let steps = machine.record.map_or(Vec::new(), |record| record.steps);
    Trace::new(steps, !matches!(stop, Stop::Switch))
}

/// How many bytes an item or an active call counts for.
const SLOT: u64 = 16;

/// How many calls of a deep stack are listed from the innermost on.
const MAX_INNER_CALLS: usize = 56;

/// How many calls of a deep stack are listed up to the outermost.
const MAX_OUTER_CALLS: usize = 8;

/// Output is buffered up to this many bytes.
const MAX_BUFFERED: usize = 8 << 10;

/// A print of more bytes than this is not held in memory as a whole.
const LARGE_PRINT: usize = 256 << 10;

struct Machine<'a> {
    program: &'a Program,
    host: &'a mut dyn Host,
    /// The local stacks of all active calls, one above the other.
    stack: Vec<Value>,
    /// The calls that wait for another call.
    frames: Vec<Frame>,
    /// Where the local stack of the innermost call begins.
    base: usize,
    /// The instruction that runs, or that runs next.
    at: u32,
    fuel: u64,
    most_frames: u64,
    most_slots: u64,
    output: Meter,
    /// Output that was not written to the host yet.
    buffer: Vec<u8>,
    /// When to pause next; set while the debugger steps.
    stepping: Option<Pause>,
    /// The steps so far; set while they are recorded.
    record: Option<Record>,
}

/// The steps of a run.
struct Record {
    max_steps: usize,
    bytes_left: u64,
    steps: Vec<Step<Pc, Vec<Value>>>,
}

/// A call that waits for another call.
#[derive(Clone, Copy)]
struct Frame {
    /// The instruction after its `call`.
    resume: u32,
    /// Where its local stack begins. Only the heap limit keeps this below 2^32, so it is not
    /// narrowed.
    base: usize,
}

/// Why the loop ended.
enum Stop {
    Returned(Option<Value>),
    Faulted(Fault, Option<String>),
    Limited(Limit),
    Host(std::io::Error),
    /// The debugger starts or stops stepping, which needs the other loop.
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
    /// Runs until something stops it. What every iteration uses is kept in local variables, and
    /// written back before anything else reads it.
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
                        stop!(self.wrong_size("pop", "at least 1 item", base));
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
                        stop!(self.wrong_size("ret", "exactly 1 item", base));
                    };
                    // The value is already where the caller's newest item belongs.
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
                Insn::End => unreachable!("handled above"),
            }
            at += 1;
        }
    }

    #[inline]
    fn bin_op(&mut self, op: Arith, base: usize) -> Result<(), Stop> {
        let &[left, right] = &self.stack[base..] else {
            return Err(self.wrong_size("bin_op", "exactly 2 items", base));
        };
        match arith(op, left, right) {
            Ok(value) => {
                self.stack.truncate(base + 1);
                self.stack[base] = value;
                Ok(())
            }
            Err(fault) => Err(self.failed(op, left, right, fault)),
        }
    }

    /// Executes an instruction that takes more than a few machine instructions.
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
            | Insn::End => unreachable!("the main loop executes these itself"),
        }
    }

    /// Returns true if one more item or call would exceed the heap limit.
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
            // The words of the source, because a very large index is stored as `u32::MAX`.
            let (_, written) = self.program.words(self.at);
            let written: String = written.chars().take(40).collect();
            let detail = format!("there is no item {written}; the local stack holds {held}");
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

    /// Prints `pieces` pieces, or nothing if the output limit does not allow for all of them. A
    /// local stack can hold one long text many times, so the whole may not fit in memory. In this
    /// case each piece is formatted twice: to measure it, and to write it.
    fn print(&mut self, pieces: usize, piece: impl Fn(usize, &mut Vec<u8>)) -> Result<(), Stop> {
        let start = self.buffer.len();
        let mut nth = 0;
        while nth < pieces && self.buffer.len() - start < LARGE_PRINT {
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

    /// Takes the bytes of the buffer after `start` from the output limit, or removes them.
    fn printed(&mut self, start: usize) -> Result<(), Stop> {
        let amount = self.buffer.len() - start;
        if !self.output.take(amount as u64) {
            self.buffer.truncate(start);
            return Err(Stop::Limited(Limit::OutputLimit));
        }
        match self.buffer.len() >= MAX_BUFFERED {
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
    fn wrong_size(&self, op: &str, needed: &str, base: usize) -> Stop {
        let held = counted(self.stack.len() - base);
        let detail = format!("'{op}' needs {needed} on the local stack, which holds {held}");
        Stop::Faulted(Fault::StackSize, Some(detail))
    }

    #[cold]
    fn failed(&self, op: Arith, left: Value, right: Value, fault: Fault) -> Stop {
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

    /// Opens the debugger, if there is one, and does what its user chooses.
    #[cold]
    fn breakpoint(&mut self) -> Option<Stop> {
        if let Err(error) = self.flush() {
            return Some(Stop::Host(error));
        }
        if self.record.is_some() {
            return None;
        }
        let view = debugger::View {
            program: self.program,
            calls: &self.calls(),
            stack: &self.stack[self.base..],
        };
        let port = self.host.debugger()?;
        match debugger::session(&view, port) {
            debugger::Choice::Quit => {
                let detail = "the program was ended in the debugger".to_owned();
                Some(Stop::Faulted(Fault::Quit, Some(detail)))
            }
            debugger::Choice::Run(stepping) => {
                self.stepping = stepping;
                None
            }
        }
    }

    /// Records a step, or opens the debugger if it is due, before an instruction runs.
    fn pause(&mut self) -> Option<Stop> {
        if let Some(record) = &mut self.record {
            let items = &self.stack[self.base..];
            let texts = items.iter().map(|item| match item {
                Value::Str(text) => u64::from(text.len),
                _ => 0,
            });
            let bytes = SLOT * (items.len() as u64 + 1) + texts.sum::<u64>();
            if record.steps.len() >= record.max_steps || bytes > record.bytes_left {
                return Some(Stop::Switch);
            }
            record.bytes_left -= bytes;
            // An instruction without fuel does not run.
            if self.fuel > 0 {
                record.steps.push(Step {
                    at: Pc(self.at),
                    state: items.to_vec(),
                });
            }
        }
        let depth = self.frames.len() as u64 + 1;
        let due = match self.stepping {
            None => return Some(Stop::Switch),
            Some(Pause::Step) => true,
            Some(Pause::AtDepth(most)) => depth <= most,
        };
        // A breakpoint opens the debugger itself.
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
            Stop::Switch => unreachable!("the caller continues with the other loop"),
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
        0 => "no items".to_owned(),
        1 => "1 item".to_owned(),
        _ => format!("{items} items"),
    }
}
