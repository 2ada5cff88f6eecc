//! Loaded programs: every call is resolved and every literal is read.

use super::insn::{Fault, Insn, LiteralKind, Op, OperandKind, TABLE};
use super::literal::parse_literal;
use super::parse::{parse, shown, written};
use super::print::print;
use super::value::Value;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use vm_base::{
    CallStack, Diagnostic, Ending, Level, Limit, LineIndex, LoadError, Place, Span, closest,
};

/// The result of a run of a [`Program`]; the value is that of `main`, if it returned one.
pub type Outcome = vm_base::Outcome<Option<Value>, Fault, Pc>;

/// The first steps of a run of a [`Program`], each with the local stack from the oldest item.
pub type Trace = vm_base::Trace<Pc, Vec<Value>>;

/// An instruction of a [`Program`], which [`Program::location`] finds in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pc(pub(super) u32);

/// The place of an instruction in the source. Its `Display` form is `file#function:line`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Location<'p> {
    /// The file's name, relative to the root.
    pub file: &'p str,
    /// The function.
    pub function: &'p str,
    /// The line in the file, counted from 1.
    pub line: u32,
}

impl fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}:{}", self.file, self.function, self.line)
    }
}

/// A loaded program.
#[derive(Debug)]
pub struct Program {
    pub(super) code: Vec<Insn>,
    /// The offset of each instruction in the source of its file.
    pub(super) places: Vec<u32>,
    pub(super) functions: Vec<Function>,
    pub(super) files: Vec<Source>,
    /// The text of all Str literals.
    pub(super) pool: String,
    /// The index of the first instruction of `main`.
    pub(super) main: u32,
}

/// Only this many findings of a program are reported one by one.
const MAX_FINDINGS: usize = 50;

/// A function; its code ends in [`Insn::End`].
#[derive(Debug)]
pub(super) struct Function {
    pub(super) file: u32,
    pub(super) name: Span,
    /// The index of its first instruction.
    pub(super) first: u32,
}

/// A file that the entry is or that a call names.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) state: State,
    lines: OnceLock<LineIndex>,
    /// True after a line was looked up once.
    asked: AtomicBool,
}

/// Whether a file is part of the program.
#[derive(Debug)]
pub(super) enum State {
    /// It is; its text.
    Loaded(String),
    /// It could not be read, for this reason.
    Unreadable(String),
    /// It does not load, for these reasons.
    Bad(LoadError),
}

impl Program {
    /// Returns the instructions that are known to fail if they are reached: malformed literals and
    /// calls that cannot succeed. If there are very many, the last finding is their number.
    pub fn findings(&self) -> Vec<Diagnostic> {
        let mut failing = self.failing();
        let first = failing.by_ref().take(MAX_FINDINGS);
        let mut findings: Vec<Diagnostic> =
            first.map(|(at, fault)| self.finding(at, fault)).collect();
        match failing.count() {
            0 => {}
            more => findings.push(Diagnostic::warning(format!("… and {more} more like these"))),
        }
        findings
    }

    fn failing(&self) -> impl Iterator<Item = (u32, Fault)> {
        self.code
            .iter()
            .enumerate()
            .filter_map(|(at, code)| match code {
                // Whether an index is out of range depends on the stack, not on the text.
                Insn::Fail(Fault::OutOfRange) => None,
                Insn::Fail(fault) => Some((at as u32, *fault)),
                _ => None,
            })
    }

    /// Returns the canonical text of all loaded files. The entry comes first, and each other file
    /// follows a comment `#! file NAME`.
    pub fn listing(&self) -> String {
        let mut out = String::new();
        for (at, file) in self.files.iter().enumerate() {
            let State::Loaded(text) = &file.state else {
                continue;
            };
            // The text was parsed when the program was loaded.
            let Ok(parsed) = parse(&*file.name, text.clone()) else {
                continue;
            };
            if at > 0 {
                out.push_str(&format!("\n#! file {}\n", file.name));
            }
            out.push_str(&print(&parsed));
        }
        out
    }

    /// Returns the place of an instruction in the source.
    ///
    /// # Panics
    /// If `pc` is an instruction of a longer program.
    pub fn location(&self, pc: Pc) -> Location<'_> {
        let function = self.function_of(pc.0);
        let file = &self.files[function.file as usize];
        Location {
            file: &file.name,
            function: function.name.of(file.text()),
            line: file.line(self.places[pc.0 as usize]),
        }
    }

    /// Returns the printing form of a value that a run of this program returned or held.
    ///
    /// # Panics
    /// If the value is a Str of another program.
    pub fn printed(&self, value: Value) -> String {
        value.printed(&self.pool)
    }

    /// Returns a diagnostic that says why a run was stopped, where, and which calls were active;
    /// `None` if the program returned, or if it was the host that stopped it.
    pub fn explain(&self, outcome: &Outcome) -> Option<Diagnostic> {
        let &Pc(at) = outcome.at()?;
        let mut shown = match &outcome.ending {
            Ending::Returned(_) | Ending::Host(_) => return None,
            Ending::Limited(limit) => {
                let why = limit_reason(*limit);
                Diagnostic::error(format!("limit {}: {why}", limit.code()))
            }
            Ending::Faulted(fault) => {
                let known = match self.code.get(at as usize) {
                    Some(Insn::Fail(known)) if known == fault => Some(self.finding(at, *fault)),
                    _ => None,
                };
                let mut shown = known.unwrap_or_else(|| {
                    let detail = outcome.detail.clone();
                    Diagnostic::error(detail.unwrap_or_else(|| fault.to_string()))
                });
                shown.level = Level::Error;
                shown.message = format!("fault {}: {}", fault.code(), shown.message);
                shown
            }
        };
        if shown.place.is_none() {
            shown.place = Some(self.place(at, "stopped here"));
        }
        let calls = self.call_lines(&outcome.calls).join("\n  ");
        Some(shown.note(format!("the calls, innermost first:\n  {calls}")))
    }

    /// Returns a line for each active call, innermost first.
    pub(super) fn call_lines(&self, calls: &CallStack<Pc>) -> Vec<String> {
        let named = |&pc: &Pc| self.location(pc).to_string();
        let mut lines: Vec<String> = calls.inner.iter().map(named).collect();
        if calls.omitted > 0 {
            lines.push(format!("… {} more …", calls.omitted));
        }
        lines.extend(calls.outer.iter().map(named));
        lines
    }

    fn finding(&self, at: u32, fault: Fault) -> Diagnostic {
        let (op, words) = self.words(at);
        let label = match fault {
            Fault::BadLiteral => "malformed",
            _ => "cannot be called",
        };
        let place = self.place(at, label);
        let message = match fault {
            Fault::BadLiteral => {
                let wanted = match op.info().operand {
                    OperandKind::Literal(kind) => kind.type_name(),
                    _ => None,
                };
                match wanted {
                    Some(name) => format!("{} is not a literal of type {name}", shown(words)),
                    None => format!("{} is not a literal", shown(words)),
                }
            }
            Fault::FileAccess => format!("the file of {} cannot be read", shown(words)),
            Fault::BadFile => format!("the file of {} does not load", shown(words)),
            Fault::UnknownFunction => format!("there is no function {}", shown(words)),
            _ => fault.code().to_owned(),
        };
        let shown = Diagnostic::warning(message).at(place);
        match fault {
            Fault::BadLiteral => match literal_help(op, words) {
                Some(help) => shown.help(help),
                None => shown,
            },
            _ => self.explain_call(at, words, shown),
        }
    }

    /// Adds the reason why a call cannot succeed.
    fn explain_call(&self, at: u32, words: &str, shown: Diagnostic) -> Diagnostic {
        let (path, name) = words.rsplit_once('#').unwrap_or((words, ""));
        let caller = &self.files[self.function_of(at).file as usize];
        let folder = caller
            .name
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        let Some(resolved) = vm_base::resolve(folder, path) else {
            return shown.note("the path climbs above the root directory");
        };
        let Some((number, file)) = self
            .files
            .iter()
            .enumerate()
            .find(|(_, file)| file.name == resolved)
        else {
            return shown;
        };
        match &file.state {
            State::Unreadable(why) => shown.note(format!("{}: {why}", file.name)),
            State::Bad(errors) => {
                let first = errors
                    .diagnostics()
                    .first()
                    .map(|error| error.render(vm_base::ColorChoice::Never));
                shown.note(first.unwrap_or_default().trim_end().to_owned())
            }
            State::Loaded(text) => {
                let names = self
                    .functions
                    .iter()
                    .filter(|function| function.file as usize == number);
                match closest(name, names.map(|function| function.name.of(text))) {
                    Some(near) => shown.help(format!("did you mean '{path}#{near}'?")),
                    None => shown.note(format!("{} has no function with this name", file.name)),
                }
            }
        }
    }

    /// Returns the source form of the instruction at `at`: its operation and the words of its
    /// operand.
    pub(super) fn words(&self, at: u32) -> (Op, &str) {
        let text = self.text_of(at);
        let (op, span) = written(text, self.places[at as usize]);
        (op, span.of(text))
    }

    /// Returns the place of an instruction's operand, or of the instruction if it has none.
    fn place(&self, at: u32, label: &str) -> Place {
        let file = &self.files[self.function_of(at).file as usize];
        let (_, span) = written(file.text(), self.places[at as usize]);
        Place::in_text(&*file.name, file.text(), span, label)
    }

    /// Returns the function that contains an instruction.
    pub(super) fn function_of(&self, at: u32) -> &Function {
        let after = self
            .functions
            .partition_point(|function| function.first <= at);
        &self.functions[after - 1]
    }

    fn text_of(&self, at: u32) -> &str {
        self.files[self.function_of(at).file as usize].text()
    }

    /// Returns the source lines around an instruction, whose own line is marked.
    pub(super) fn around(&self, at: u32, lines: u32) -> String {
        let file = &self.files[self.function_of(at).file as usize];
        let index = file.lines();
        let line = file.line(self.places[at as usize]);
        let first = line.saturating_sub(lines).max(1);
        let last = line.saturating_add(lines).min(index.count());
        let mut out = format!("{}\n", file.name);
        for number in first..=last {
            let text = &file.text()[index.range(file.text(), number)];
            let mark = if number == line { '>' } else { ' ' };
            let text: String = text.chars().take(120).collect();
            out.push_str(format!("{mark} {number:>4} | {text}").trim_end());
            out.push('\n');
        }
        out
    }
}

impl Source {
    pub(super) fn new(name: String, state: State) -> Source {
        Source {
            name,
            state,
            lines: OnceLock::new(),
            asked: AtomicBool::new(false),
        }
    }

    /// Returns its text, which is empty if the file is not part of the program.
    pub(super) fn text(&self) -> &str {
        match &self.state {
            State::Loaded(text) => text,
            State::Unreadable(_) | State::Bad(_) => "",
        }
    }

    /// Returns the line of an offset. Most runs need one line, for which an index does not pay.
    fn line(&self, place: u32) -> u32 {
        if self.asked.swap(true, Ordering::Relaxed) {
            return self.lines().line(place);
        }
        let before = &self.text().as_bytes()[..place as usize];
        before.iter().filter(|&&byte| byte == b'\n').count() as u32 + 1
    }

    fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(self.text()))
    }
}

/// Returns what a limit means for the instruction that reached it.
fn limit_reason(limit: Limit) -> &'static str {
    match limit {
        Limit::OutOfFuel => "no fuel is left for this instruction",
        Limit::CallDepth => "the calls would nest deeper than the limit",
        Limit::OutputLimit => "the output would exceed the limit",
        Limit::MemoryLimit => "the program would use more memory than the limit",
    }
}

/// Returns what the author of a malformed literal may have meant.
fn literal_help(op: Op, words: &str) -> Option<String> {
    let mut pool = String::new();
    if let Some(value) = parse_literal(LiteralKind::Any, words, &mut pool) {
        if let (Op::Byte, Value::Int(bits @ 0..=255)) = (op, value) {
            return Some(format!("a Byte is written in binary: 'byte 0b{bits:b}'"));
        }
        let name = value.type_name();
        let typed = TABLE.iter().find(|info| match info.operand {
            OperandKind::Literal(kind) => kind.type_name() == Some(name),
            _ => false,
        });
        return typed.map(|info| {
            let better = format!("{} {words}", info.mnemonic);
            format!("it is of type {name}: {}", shown(&better))
        });
    }
    let digits = words.trim_start_matches(['-', '+']);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(format!(
            "an Int is between {} and {}; write it with a '.' to make it a Float",
            i32::MIN,
            i32::MAX
        ));
    }
    if let Some(bits) = words.strip_prefix("0b") {
        return (bits.bytes().all(|bit| matches!(bit, b'0' | b'1')) && !bits.is_empty())
            .then(|| "a Byte is at most 0b11111111".to_owned());
    }
    match words.chars().next()? {
        '\'' => Some("a Char is one character or escape between single quotes".to_owned()),
        '"' => Some("the escapes are \\n \\r \\t \\\\ \\\" \\' \\0 \\u{…}".to_owned()),
        _ => match closest(words, ["true", "false"]) {
            Some(near) => Some(format!("did you mean '{near}'?")),
            None if matches!(op, Op::String | Op::Constexpr) => {
                Some("a Str is written in double quotes".to_owned())
            }
            None => None,
        },
    }
}
