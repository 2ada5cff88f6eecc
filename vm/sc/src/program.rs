//! A program that may run, and what can be told of it and of its runs.

use super::check::check;
use super::code::{Code, Compiled, NONE};
use super::compile::{compile, variables};
use super::decode::decode as take_apart;
use super::file::{File, Spot, encode};
use super::functions::{Arity, Functions};
use super::insn::{Fault, Insn, Op};
use super::parse::{self, Places};
use super::print::{print, print_expression};
use super::run::{At, Exit, Run, Stop};
use super::value::Value;
use std::fmt;
use vm_base::{
    CallStack, Diagnostic, Ending, Host, Limit, Limits, LoadError, MemoryHost, Place, Problem,
    ReadError, Step,
};

/// How a file is to be loaded.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Refuses the extensions: only what the seed document defines is taken.
    pub strict: bool,
    /// The functions that the program can call.
    pub functions: Functions,
}

/// The result of a run of a [`Program`].
pub type Outcome = vm_base::Outcome<(), Fault, Pc>;

/// The first steps of a run of a [`Program`], each with the variables that are set and their
/// values, in the order of their names.
pub type Trace<'p> = vm_base::Trace<Pc, Vec<(&'p str, Value)>>;

/// An instruction of a [`Program`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pc {
    /// The index of the instruction.
    pub instruction: usize,
    /// If it was stopped inside an ast: the index of the ast, and that of the ast instruction
    /// in it.
    pub ast_op: Option<(usize, usize)>,
}

impl Pc {
    /// Returns the beginning of an instruction.
    fn of(instruction: usize) -> Pc {
        Pc {
            instruction,
            ast_op: None,
        }
    }
}

/// The place of an instruction. Its `Display` form is `file:instruction`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Location<'p> {
    /// The file's name, relative to the root.
    pub file: &'p str,
    /// The index of the instruction.
    pub instruction: usize,
}

impl fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.instruction)
    }
}

/// A checked program.
#[derive(Clone, Debug)]
pub struct Program {
    name: String,
    source: Source,
    file: File,
    compiled: Compiled,
    functions: Functions,
}

/// What a program was made from.
#[derive(Clone, Debug)]
enum Source {
    Binary(Vec<u8>),
    Text(String, Places),
}

impl Source {
    fn place(&self, name: &str, file: &File, spot: Spot, label: &str) -> Place {
        match self {
            Source::Binary(bytes) => Place::in_bytes(name, bytes, file.range(spot), label),
            Source::Text(text, places) => Place::in_text(name, text, places.span(spot), label),
        }
    }

    fn error(&self, name: &str, file: &File, problems: Vec<Problem<Spot>>) -> LoadError {
        let diagnostic = |problem: Problem<Spot>| {
            let spot = problem.at;
            let found = problem.diagnostic(|spot, label| self.place(name, file, spot, label));
            match self {
                Source::Binary(_) => found.note(whereabouts(file, spot)),
                Source::Text(..) => found,
            }
        };
        LoadError::new(problems.into_iter().map(diagnostic).collect())
    }
}

/// A spot in words.
fn whereabouts(file: &File, spot: Spot) -> String {
    match spot {
        Spot::StackMax(ast) | Spot::Ast(ast) => format!("in the asts section, ast {ast}"),
        Spot::Op { ast, op, .. } => {
            let row = file.asts[ast].ops[op].row();
            format!(
                "in the asts section, ast {ast}, ast instruction {op} ({})",
                row.name
            )
        }
        Spot::Insn { insn, .. } => {
            let row = file.row(&file.instructions[insn]);
            format!(
                "in the instructions section, instruction {insn} ({})",
                row.name
            )
        }
    }
}

/// Whether a file is the binary form: by its magic number, or by a name that says so.
fn is_binary(name: &str, bytes: &[u8]) -> bool {
    bytes.starts_with(&super::insn::MAGIC) || name.ends_with(".sc")
}

fn read_source(name: &str, bytes: Vec<u8>) -> Result<(File, Source), LoadError> {
    if is_binary(name, &bytes) {
        let file = take_apart(name, &bytes).map_err(|found| *found)?;
        return Ok((file, Source::Binary(bytes)));
    }
    match String::from_utf8(bytes) {
        Ok(text) => {
            let assembled = parse::parse(name, &text)?;
            Ok((assembled.file, Source::Text(text, assembled.places)))
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            let place = Place::in_bytes(name, bytes, at..at + 1, "not UTF-8");
            let message = "this is neither a .Sc. file nor text: it is not UTF-8";
            let help = "a .Sc. file begins with 2e 53 63 2e; a text is UTF-8";
            Err(Diagnostic::error(message).at(place).help(help).into())
        }
    }
}

/// Loads a program: the binary form by its magic number or a name that ends in `.sc`, text
/// otherwise.
///
/// ```
/// use vm_base::{Limits, MemoryHost};
/// use vm_sc as sc;
///
/// let text = "for i = 0 to 3\n    print(i, i * i)\nend\n";
/// let mut host = MemoryHost::new([("squares.sca", text)]);
/// let limits = Limits::default();
/// let program = sc::load(&mut host, "squares.sca", &limits).unwrap();
/// sc::run(&program, &mut host, &limits);
/// assert_eq!(host.output, b"0 0\n1 1\n2 4\n");
/// ```
pub fn load(host: &mut dyn Host, entry: &str, limits: &Limits) -> Result<Program, LoadError> {
    load_with(host, entry, &Options::default(), limits)
}

/// Loads a program as [`load`] does, with other functions than the default ones or without the
/// extensions.
pub fn load_with(
    host: &mut dyn Host,
    entry: &str,
    options: &Options,
    limits: &Limits,
) -> Result<Program, LoadError> {
    let max_bytes = limits.source_bytes();
    let bytes = host.read(entry, max_bytes).map_err(|error| match error {
        ReadError::TooLong => Diagnostic::error(format!(
            "{entry} is longer than the limit of {max_bytes} bytes"
        )),
        ReadError::Denied(why) => Diagnostic::error(format!("cannot read {entry}: {why}")),
    })?;
    load_bytes(entry, bytes, options)
}

/// Loads a program from what a file holds.
pub fn load_bytes(
    name: &str,
    bytes: impl Into<Vec<u8>>,
    options: &Options,
) -> Result<Program, LoadError> {
    let (file, source) = read_source(name, bytes.into())?;
    let labels = match check(&file, options.strict) {
        Ok(labels) => labels,
        Err(problems) => return Err(source.error(name, &file, problems)),
    };
    let Some(compiled) = compile(&file, &labels, &options.functions) else {
        return Err(Diagnostic::error(format!("{name} is too large to be run")).into());
    };
    Ok(Program {
        name: name.to_owned(),
        source,
        compiled,
        functions: options.functions.clone(),
        file,
    })
}

/// Checks what a file holds without making a program of it.
fn checked(name: &str, bytes: Vec<u8>, strict: bool) -> Result<File, LoadError> {
    let (file, source) = read_source(name, bytes)?;
    match check(&file, strict) {
        Ok(_) => Ok(file),
        Err(problems) => Err(source.error(name, &file, problems)),
    }
}

/// Takes a binary file apart and checks it.
pub fn decode(name: &str, bytes: &[u8], strict: bool) -> Result<File, LoadError> {
    let file = take_apart(name, bytes).map_err(|found| *found)?;
    match check(&file, strict) {
        Ok(_) => Ok(file),
        Err(problems) => {
            let source = Source::Binary(bytes.to_vec());
            Err(source.error(name, &file, problems))
        }
    }
}

/// Turns text into the bytes of a `.sc` file.
///
/// ```
/// let bytes = vm_sc::assemble("a.sca", "x = 1 + 2\n").unwrap();
/// assert!(bytes.starts_with(b".Sc."));
/// assert_eq!(vm_sc::disassemble("a.sc", &bytes).unwrap(), "x = 1 + 2\n");
/// ```
pub fn assemble(name: &str, text: &str) -> Result<Vec<u8>, LoadError> {
    let assembled = parse::parse(name, text)?;
    let source = Source::Text(text.to_owned(), assembled.places);
    match check(&assembled.file, false) {
        Ok(_) => Ok(encode(&assembled.file)),
        Err(problems) => Err(source.error(name, &assembled.file, problems)),
    }
}

/// Turns the bytes of a `.sc` file into text that assembles to the same bytes. Text is read and
/// printed in its canonical form.
pub fn disassemble(name: &str, bytes: &[u8]) -> Result<String, LoadError> {
    checked(name, bytes.to_vec(), false).map(|file| print(&file))
}

/// Runs a program to its end, or to a fault or limit.
pub fn run(program: &Program, host: &mut dyn Host, limits: &Limits) -> Outcome {
    let mut run = Run::new(&program.compiled, host, limits);
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
/// therefore made by the ordinary interpreter loop, not by an instrumented copy. A function of the
/// host's own is called anew for each step that follows it.
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
        let mut run = Run::new(&program.compiled, &mut discarding, limits);
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

/// How the machine was left.
struct Left {
    place: At,
    exit: Exit,
    /// The fuel that was taken.
    spent: u64,
    /// The first instruction that the fuel does not reach, if it came to the block of that.
    end_of_fuel: Option<usize>,
}

impl Left {
    /// The instruction that the fuel did not pay for, if that is what ended it.
    fn end(&self) -> Option<usize> {
        match &self.exit {
            Exit::Stopped(stop) if matches!(**stop, Stop::Limit(Limit::OutOfFuel)) => {
                self.end_of_fuel
            }
            Exit::Stopped(_) | Exit::Finished | Exit::Short => None,
        }
    }
}

/// A block that cannot be paid for.
struct Short {
    /// The first instruction that the fuel does not reach.
    insn: usize,
    /// Where its code begins.
    pc: usize,
    /// What the whole block costs.
    block: u64,
}

impl Program {
    /// The name it was loaded by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file taken apart.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Its canonical text.
    pub fn listing(&self) -> String {
        print(&self.file)
    }

    /// Returns the place of an instruction.
    pub fn location(&self, pc: Pc) -> Location<'_> {
        Location {
            file: &self.name,
            instruction: pc.instruction,
        }
    }

    /// Runs from the beginning.
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
            // The fuel pays only for the beginning of the block: it ends there. A block
            // is straight, so the run comes there if nothing else stops it.
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

    /// The instruction that a piece of code belongs to; `back` is where a shared ast returns to.
    fn instruction_at(&self, pc: usize, back: usize) -> usize {
        match self.compiled.origin[pc].insn {
            NONE => self.compiled.origin[back - 1].insn as usize,
            insn => insn as usize,
        }
    }

    fn cost(&self, insn: usize) -> u64 {
        self.file.cost(&self.file.instructions[insn])
    }

    /// The WHILE whose condition is tested right after an instruction, if it ends there.
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

    /// The instruction that follows in the same block.
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

    /// What the instructions behind one cost, as far as they were paid for with it.
    fn rest_of_block(&self, insn: usize) -> u64 {
        let mut cost = 0;
        let mut at = insn;
        while let Some(next) = self.next_in_block(at) {
            cost += self.cost(next);
            at = next;
        }
        cost + self.test_after(at).map_or(0, |head| self.cost(head))
    }

    /// Finds where `fuel` ends in the block that begins at `pc`.
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

    /// Calls that would fault if the program came to them, whatever the values: functions that
    /// the host does not have, or that take another number of arguments.
    pub fn findings(&self) -> Vec<Diagnostic> {
        const MOST: usize = 50;
        let mut found = Vec::new();
        for (ast, item) in self.file.asts.iter().enumerate() {
            for (op, item) in item.ops.iter().enumerate() {
                let Op::Call { name, argc } = *item else {
                    continue;
                };
                let name = self.file.name(name).unwrap_or_default();
                let (message, help) = match self.functions.arity(name) {
                    Some(arity) if arity.takes(argc as usize) => continue,
                    Some(Arity::Any) => continue,
                    Some(Arity::Exactly(count)) => (
                        format!("function {name:?} takes {count} arguments and is given {argc}"),
                        None,
                    ),
                    None => (
                        format!("the host has no function {name:?}"),
                        vm_base::closest(name, self.functions.names())
                            .map(|near| format!("did you mean '{near}'?")),
                    ),
                };
                let field = None;
                let spot = Spot::Op { ast, op, field };
                let place = self.source.place(&self.name, &self.file, spot, "this call");
                let mut warning = Diagnostic::warning(message).at(place);
                warning.help = help;
                found.push(warning);
                if found.len() == MOST {
                    return found;
                }
            }
        }
        found
    }

    /// Returns a diagnostic that says why a run was stopped, and where; `None` if the program
    /// returned, or if it was the host that stopped it.
    pub fn explain(&self, outcome: &Outcome) -> Option<Diagnostic> {
        let message = match &outcome.ending {
            Ending::Returned(()) | Ending::Host(_) => return None,
            Ending::Faulted(fault) => format!("fault {}: {fault}", fault.code()),
            Ending::Limited(limit) => {
                format!("limit {}: {}", limit.code(), limit_reason(*limit))
            }
        };
        let Pc {
            instruction: insn,
            ast_op,
        } = *outcome.at()?;
        let row = self.file.row(self.file.instructions.get(insn)?);
        let field = None;
        let spot = match (&self.source, ast_op) {
            (Source::Text(..), Some((ast, op))) => Spot::Op { ast, op, field },
            _ => Spot::Insn { insn, field },
        };
        let label = match spot {
            Spot::Op { ast, op, .. } => self.file.asts.get(ast)?.ops.get(op)?.row().name,
            _ => row.name,
        };
        let place = self.source.place(&self.name, &self.file, spot, label);
        let mut found = Diagnostic::error(message).at(place);
        let Some((ast, op)) = ast_op else {
            return Some(found.note(format!("at instruction {insn} ({})", row.name)));
        };
        let item = self.file.asts.get(ast)?;
        let op_item = *item.ops.get(op)?;
        if let Some(about) = self.about(outcome.fault(), op_item) {
            found = found.note(about);
        }
        found = found.note(format!("at instruction {insn} ({})", row.name));
        if let Source::Binary(_) = self.source
            && item.ops.len() <= MAX_SHOWN_OPS
        {
            let mut text = String::new();
            print_expression(&self.file, item, None, &mut text);
            found = found.note(format!("in ast {ast}: {text}"));
        }
        Some(found.note(format!(
            "at its ast instruction {op} ({})",
            op_item.row().name
        )))
    }

    /// Returns which variable or function a fault is about.
    fn about(&self, fault: Option<&Fault>, op: Op) -> Option<String> {
        let shown = |name| {
            self.file
                .name(name)
                .map(|name| name.chars().take(60).collect::<String>())
        };
        match (fault?, op) {
            (Fault::UnsetVariable, Op::PushVar(name)) => {
                Some(format!("the variable is '{}'", shown(name)?))
            }
            (Fault::UnknownFunction, Op::Call { name, .. }) => {
                let name = shown(name)?;
                let near = vm_base::closest(&name, self.functions.names());
                let hint = near.map_or(String::new(), |near| format!("; did you mean '{near}'?"));
                Some(format!("the function is '{name}'{hint}"))
            }
            (Fault::Arity | Fault::TypeMismatch | Fault::BadValue, Op::Call { name, argc }) => {
                let arguments = if argc == 1 { "argument" } else { "arguments" };
                Some(format!(
                    "the call is of '{}' with {argc} {arguments}",
                    shown(name)?
                ))
            }
            _ => None,
        }
    }
}

/// Expressions of more ast instructions are not shown in a diagnostic.
const MAX_SHOWN_OPS: usize = 60;

/// Returns what a limit means for the instruction that reached it.
fn limit_reason(limit: Limit) -> &'static str {
    match limit {
        Limit::OutOfFuel => "the program may not run longer",
        Limit::OutputLimit => "the program may not print more",
        Limit::MemoryLimit => "the program may not hold more text and variables",
        Limit::CallDepth => "calls may not nest deeper",
    }
}
