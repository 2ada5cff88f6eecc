//! The `.mmm` machine by its specification, line by line.
//!
//! An operand stays text until its instruction runs; a call stays a name. Nothing here recurses.

use super::Reading;
use crate::case::Case;
use crate::engine::{Ending, Observation};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use vm::base::Limits;

/// Bytes that an item on a stack takes, and an active call too.
const UNIT: u64 = 16;

/// Runs a case.
pub fn read(case: &Case) -> Reading {
    match Source::gather(case) {
        Ok(files) => Run::new(&files, case.limits()).finish(),
        Err(why) => Reading {
            seen: Observation::of(Ending::Refused).with_detail(why),
            steps: 0,
        },
    }
}

// ------------------------------------------------------------------------------------ the text

/// A file that is the entry, or that a call in a loaded file names.
struct Source<'a> {
    /// Its name relative to the root.
    name: String,
    content: Content<'a>,
}

enum Content<'a> {
    /// There is no such file, or it lies outside the root.
    Unreadable,
    /// It does not load.
    Bad,
    Good(Text<'a>),
}

/// The functions of a file, by name: where their first line stands in `lines`.
struct Text<'a> {
    functions: BTreeMap<&'a str, usize>,
    lines: Vec<Line<'a>>,
}

/// A line that holds an instruction (or `end`), without blanks and comments.
struct Line<'a> {
    number: u32,
    instruction: Instruction<'a>,
}

enum Instruction<'a> {
    /// `constexpr`, and those of one type: the mnemonic and the operand.
    Literal(&'a str, &'a str),
    StackDump,
    Pop,
    BinOp(u8),
    Nop,
    Void,
    Breakpoint,
    Ret,
    PrintAll,
    PrintOne(&'a str),
    Call {
        /// Which of the files, once they are gathered; none if it climbs above the root.
        file: Option<usize>,
        path: &'a str,
        name: &'a str,
    },
    StackSize,
    End,
}

impl<'a> Source<'a> {
    /// Reads the entry and every file that is called, or says why the program is refused.
    fn gather(case: &'a Case) -> Result<Vec<Source<'a>>, String> {
        let limits = case.limits();
        let mut sources = vec![Source {
            name: case.rooted_entry().to_owned(),
            content: Content::Unreadable,
        }];
        let (mut bytes_read, mut files_read) = (0, 0);
        let mut next = 0;
        while next < sources.len() {
            let name = sources[next].name.clone();
            let found = case.files.get(&format!("{}{name}", case.root_prefix()));
            let mut content = Content::Unreadable;
            if let Some(bytes) = found {
                bytes_read += bytes.len() as u64;
                files_read += 1;
                if bytes_read > limits.source_bytes() || files_read > limits.files {
                    return Err("there is more source than the limits allow".to_owned());
                }
                match Text::parse(bytes) {
                    Ok(text) => content = Content::Good(text),
                    Err(why) if next == 0 => return Err(format!("{name}:{why}")),
                    Err(_) => content = Content::Bad,
                }
            }
            if let Content::Good(text) = &mut content {
                let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
                for line in &mut text.lines {
                    if let Instruction::Call { file, path, .. } = &mut line.instruction {
                        *file = resolve(folder, path).map(|name| {
                            let known = sources.iter().position(|source| source.name == name);
                            known.unwrap_or_else(|| {
                                sources.push(Source {
                                    name,
                                    content: Content::Unreadable,
                                });
                                sources.len() - 1
                            })
                        });
                    }
                }
            }
            sources[next].content = content;
            next += 1;
        }
        match &sources[0].content {
            Content::Good(text) if text.functions.contains_key("main") => Ok(sources),
            Content::Good(_) => Err("the entry has no function main".to_owned()),
            Content::Unreadable | Content::Bad => Err("the entry cannot be read".to_owned()),
        }
    }
}

/// The name of the file that `path` leads to from `folder`, by names alone; none if it climbs
/// above the root or leads to no file.
fn resolve(folder: &str, path: &str) -> Option<String> {
    let mut reached = match path.starts_with('/') {
        true => String::new(),
        false => folder.to_owned(),
    };
    for name in path.split('/') {
        if name == ".." {
            if reached.is_empty() {
                return None;
            }
            reached.truncate(reached.rfind('/').unwrap_or(0));
        } else if !name.is_empty() && name != "." {
            if !reached.is_empty() {
                reached.push('/');
            }
            reached.push_str(name);
        }
    }
    (!reached.is_empty()).then_some(reached)
}

impl<'a> Text<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Text<'a>, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| " it is not UTF-8".to_owned())?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut functions = BTreeMap::new();
        let mut lines = Vec::with_capacity(bytes.len() / 16);
        let mut inside = false;
        let mut rest = text;
        let mut number = 0;
        while !rest.is_empty() {
            let (line, after) = before(rest, |byte| byte == b'\n');
            let line = match after.strip_prefix('\n') {
                Some(after) => {
                    rest = after;
                    line.strip_suffix('\r').unwrap_or(line)
                }
                None => std::mem::take(&mut rest),
            };
            number += 1;
            let because = |why: &str| format!("{number}: {why}");
            let Some((mnemonic, operand)) = words(line).map_err(because)? else {
                continue;
            };
            match (mnemonic, operand) {
                ("function", _) if inside => return Err(because("a function in a function")),
                ("function", Some(name)) if name.contains(['#', '"', '\'']) => {
                    return Err(because("this is no name"));
                }
                ("function", Some(name)) => {
                    if functions.insert(name, lines.len()).is_some() {
                        return Err(because("there are two functions of this name"));
                    }
                    inside = true;
                }
                ("function", None) => return Err(because("a function without a name")),
                _ if !inside => return Err(because("an instruction outside a function")),
                _ => {
                    let instruction = instruction(mnemonic, operand).map_err(because)?;
                    inside = !matches!(instruction, Instruction::End);
                    lines.push(Line {
                        number,
                        instruction,
                    });
                }
            }
        }
        match inside {
            true => Err(format!("{number}: a function has no end")),
            false => Ok(Text { functions, lines }),
        }
    }
}

/// The words of a line: a mnemonic and perhaps an operand. None on a line without any.
fn words(line: &str) -> Result<Option<(&str, Option<&str>)>, &'static str> {
    let line = after_blanks(line);
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (mnemonic, rest) = before(line, is_blank);
    let rest = after_blanks(rest);
    if rest.is_empty() || rest.starts_with('#') {
        return Ok(Some((mnemonic, None)));
    }
    let quoted = match rest.as_bytes()[0] {
        quote @ (b'"' | b'\'') => closing(rest, quote).ok_or("a quote is not closed")?,
        _ => 0,
    };
    let end = quoted + before(&rest[quoted..], is_blank).0.len();
    let (operand, rest) = rest.split_at(end);
    let rest = after_blanks(rest);
    match rest.is_empty() || rest.starts_with('#') {
        true => Ok(Some((mnemonic, Some(operand)))),
        false => Err("there is an operand too many"),
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn after_blanks(text: &str) -> &str {
    before(text, |byte| !is_blank(byte)).1
}

/// What stands before the first such ASCII character, and the rest.
fn before(text: &str, stop: impl Fn(u8) -> bool) -> (&str, &str) {
    text.split_at(text.bytes().position(stop).unwrap_or(text.len()))
}

/// Where the quote that opens `text` is closed: one past the closing quote.
fn closing(text: &str, quote: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            byte if byte == quote => return Some(at + 1),
            // No byte of a longer character is a quote or a backslash.
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

fn instruction<'a>(
    mnemonic: &'a str,
    operand: Option<&'a str>,
) -> Result<Instruction<'a>, &'static str> {
    let plain = |instruction| match operand {
        None => Ok(instruction),
        Some(_) => Err("there is an operand too many"),
    };
    let needed = || operand.ok_or("the operand is missing");
    match mnemonic {
        "constexpr" | "bool" | "string" | "int" | "float" | "char" | "byte" => {
            Ok(Instruction::Literal(mnemonic, needed()?))
        }
        "bin_op" => match needed()?.as_bytes() {
            &[operator] if b"+-*/%".contains(&operator) => Ok(Instruction::BinOp(operator)),
            _ => Err("this is no operator"),
        },
        "printn" => match needed()? {
            "*" => Ok(Instruction::PrintAll),
            index if digits_only(index) => Ok(Instruction::PrintOne(index)),
            _ => Err("this is no index"),
        },
        "call" => {
            let (path, name) = needed()?
                .rsplit_once('#')
                .ok_or("there is no # in the path")?;
            match path.is_empty() || name.is_empty() || path.starts_with(['"', '\'']) {
                true => Err("this is no path#name"),
                false => Ok(Instruction::Call {
                    file: None,
                    path,
                    name,
                }),
            }
        }
        "stack_dump" => plain(Instruction::StackDump),
        "pop" => plain(Instruction::Pop),
        "nop" => plain(Instruction::Nop),
        "void" => plain(Instruction::Void),
        "breakpoint" => plain(Instruction::Breakpoint),
        "ret" => plain(Instruction::Ret),
        "stack_size" => plain(Instruction::StackSize),
        "end" => plain(Instruction::End),
        _ => Err("there is no such instruction"),
    }
}

fn digits_only(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

// ------------------------------------------------------------------------------------- literals

#[derive(Debug)]
enum Value {
    Bool(bool),
    Str(String),
    Int(i32),
    Float(f64),
    Char(char),
    Byte(u8),
}

/// The value that a literal instruction pushes; none if its operand is malformed.
fn literal(mnemonic: &str, operand: &str) -> Option<Value> {
    match mnemonic {
        "bool" => bool_literal(operand),
        "string" => str_literal(operand),
        "int" => int_literal(operand),
        "float" => float_literal(operand),
        "char" => char_literal(operand),
        "byte" => byte_literal(operand),
        _ => str_literal(operand)
            .or_else(|| byte_literal(operand))
            .or_else(|| char_literal(operand))
            .or_else(|| int_literal(operand))
            .or_else(|| match digits_only(unsigned(operand)) {
                true => None,
                false => float_literal(operand),
            })
            .or_else(|| bool_literal(operand)),
    }
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn bool_literal(text: &str) -> Option<Value> {
    match text {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        _ => None,
    }
}

fn int_literal(text: &str) -> Option<Value> {
    match digits_only(unsigned(text)) {
        true => text.parse().ok().map(Value::Int),
        false => None,
    }
}

fn byte_literal(text: &str) -> Option<Value> {
    let digits = text.strip_prefix("0b")?;
    let mut value: u8 = 0;
    for digit in digits.bytes() {
        let bit = match digit {
            b'0' => 0,
            b'1' => 1,
            _ => return None,
        };
        value = value.checked_mul(2)?.checked_add(bit)?;
    }
    (!digits.is_empty()).then_some(Value::Byte(value))
}

fn float_literal(text: &str) -> Option<Value> {
    let number = unsigned(text);
    let (mantissa, exponent) = match number.find(['e', 'E']) {
        Some(at) => (&number[..at], Some(&number[at + 1..])),
        None => (number, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let well_formed = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| digits_only(unsigned(exponent)));
    match well_formed {
        true => text.parse().ok().map(Value::Float),
        false => None,
    }
}

fn char_literal(text: &str) -> Option<Value> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let (c, rest) = character(inner, '\'')?;
    rest.is_empty().then_some(Value::Char(c))
}

fn str_literal(text: &str) -> Option<Value> {
    let mut inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut value = String::with_capacity(inner.len());
    while !inner.is_empty() {
        let (c, rest) = character(inner, '"')?;
        value.push(c);
        inner = rest;
    }
    Some(Value::Str(value))
}

/// The first character of what stands between two quotes, and the rest.
fn character(text: &str, quote: char) -> Option<(char, &str)> {
    let mut chars = text.chars();
    let c = match chars.next()? {
        '\\' => match chars.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '\\' => '\\',
            '"' => '"',
            '\'' => '\'',
            '0' => '\0',
            'u' => {
                let (digits, rest) = chars.as_str().strip_prefix('{')?.split_once('}')?;
                let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                if !hexadecimal || digits.is_empty() || digits.len() > 6 {
                    return None;
                }
                let code = u32::from_str_radix(digits, 16).ok()?;
                return Some((char::from_u32(code)?, rest));
            }
            _ => return None,
        },
        c if c == quote => return None,
        c => c,
    };
    Some((c, chars.as_str()))
}

// --------------------------------------------------------------------------------------- values

impl Value {
    fn type_name(&self) -> &'static str {
        match self {
            Value::Bool(_) => "Bool",
            Value::Str(_) => "Str",
            Value::Int(_) => "Int",
            Value::Float(_) => "Float",
            Value::Char(_) => "Char",
            Value::Byte(_) => "Byte",
        }
    }

    /// Appends its printing form.
    fn print(&self, out: &mut String) {
        let _ = match self {
            Value::Bool(value) => write!(out, "{value}"),
            Value::Int(value) => write!(out, "{value}"),
            Value::Float(value) => write!(out, "{value}"),
            Value::Char(value) => write!(out, "{value}"),
            Value::Byte(value) => write!(out, "0b{value:b}"),
            Value::Str(value) => {
                out.push('"');
                for c in value.chars() {
                    match c {
                        '\n' => out.push_str("\\n"),
                        '\r' => out.push_str("\\r"),
                        '\t' => out.push_str("\\t"),
                        '\\' => out.push_str("\\\\"),
                        '"' => out.push_str("\\\""),
                        c if c.is_control() => {
                            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
                        }
                        c => out.push(c),
                    }
                }
                write!(out, "\"")
            }
        };
    }

    fn printed(&self) -> String {
        let mut out = String::new();
        self.print(&mut out);
        out
    }
}

/// What `bin_op` makes of two items, or its fault.
fn arithmetic(operator: u8, left: &Value, right: &Value) -> Result<Value, &'static str> {
    use Value::{Byte, Float, Int};
    match (left, right) {
        (&Float(left), &Float(right)) => Ok(floats(operator, left, right)),
        (&Float(left), &Int(right)) => Ok(floats(operator, left, f64::from(right))),
        (&Float(left), &Byte(right)) => Ok(floats(operator, left, f64::from(right))),
        (&Int(left), &Float(right)) => Ok(floats(operator, f64::from(left), right)),
        (&Byte(left), &Float(right)) => Ok(floats(operator, f64::from(left), right)),
        (&Int(left), &Int(right)) => ints(operator, left.into(), right.into()),
        (&Int(left), &Byte(right)) => ints(operator, left.into(), right.into()),
        (&Byte(left), &Int(right)) => ints(operator, left.into(), right.into()),
        (&Byte(left), &Byte(right)) => {
            let wide = whole(operator, left.into(), right.into())?;
            u8::try_from(wide).map(Byte).map_err(|_| "overflow")
        }
        _ => Err("type-mismatch"),
    }
}

fn floats(operator: u8, left: f64, right: f64) -> Value {
    Value::Float(match operator {
        b'+' => left + right,
        b'-' => left - right,
        b'*' => left * right,
        b'/' => left / right,
        _ => left % right,
    })
}

fn ints(operator: u8, left: i64, right: i64) -> Result<Value, &'static str> {
    let least = i64::from(i32::MIN);
    if operator == b'%' && left == least && right == -1 {
        return Err("overflow");
    }
    let wide = whole(operator, left, right)?;
    i32::try_from(wide).map(Value::Int).map_err(|_| "overflow")
}

/// Arithmetic wide enough for any two 32-bit numbers.
fn whole(operator: u8, left: i64, right: i64) -> Result<i64, &'static str> {
    match operator {
        b'+' => Ok(left + right),
        b'-' => Ok(left - right),
        b'*' => Ok(left * right),
        _ if right == 0 => Err("divide-by-zero"),
        b'/' => Ok(left / right),
        _ => Ok(left % right),
    }
}

// -------------------------------------------------------------------------------------- running

/// An active call.
struct Call<'a> {
    file: usize,
    function: &'a str,
    /// The line it is at: an index into its file's lines.
    at: usize,
    stack: Vec<Value>,
}

/// Why an instruction did not do its work.
enum Stop {
    Fault(&'static str),
    Limit(&'static str),
    /// The program is over; its value.
    Over(Option<Value>),
}

struct Run<'a> {
    sources: &'a [Source<'a>],
    limits: Limits,
    /// The active calls, innermost last; never empty.
    calls: Vec<Call<'a>>,
    /// Items on all the stacks.
    items: u64,
    output: String,
    steps: u64,
}

impl<'a> Run<'a> {
    fn new(sources: &'a [Source<'a>], limits: Limits) -> Run<'a> {
        let mut run = Run {
            sources,
            limits,
            calls: Vec::new(),
            items: 0,
            output: String::new(),
            steps: 0,
        };
        let start = run.text(0).functions["main"];
        run.calls.push(Call {
            file: 0,
            function: "main",
            at: start,
            stack: Vec::new(),
        });
        run
    }

    fn finish(mut self) -> Reading {
        let stop = loop {
            if let Err(stop) = self.step() {
                break stop;
            }
        };
        let (ending, fault, value) = match stop {
            Stop::Fault(code) => (Ending::Faulted, Some(code), None),
            Stop::Limit(code) => (Ending::Limited, Some(code), None),
            Stop::Over(value) => (Ending::Returned, None, value),
        };
        let at = fault.map(|_| self.place(&self.calls[self.calls.len() - 1]));
        Reading {
            seen: Observation {
                output: self.output.into_bytes(),
                ending,
                value: value.map(|value| value.printed()),
                fault: fault.map(str::to_owned),
                at,
                detail: None,
            },
            steps: self.steps,
        }
    }

    /// The lines of a file that is known to have loaded.
    fn text(&self, file: usize) -> &'a Text<'a> {
        match &self.sources[file].content {
            Content::Good(text) => text,
            Content::Unreadable | Content::Bad => unreachable!("only what has loaded is called"),
        }
    }

    fn place(&self, call: &Call) -> String {
        let line = self.text(call.file).lines[call.at].number;
        let file = &self.sources[call.file].name;
        format!("{file}#{}:{line}", call.function)
    }

    /// Runs one instruction and goes on to the next.
    fn step(&mut self) -> Result<(), Stop> {
        let here = &self.calls[self.calls.len() - 1];
        let instruction = &self.text(here.file).lines[here.at].instruction;
        if matches!(instruction, Instruction::End) {
            return self.leave(None);
        }
        if self.limits.fuel.is_some_and(|fuel| self.steps >= fuel) {
            return Err(Stop::Limit("out-of-fuel"));
        }
        self.steps += 1;
        let last = self.calls.len() - 1;
        let stack = &mut self.calls[last].stack;
        match *instruction {
            Instruction::End | Instruction::Nop | Instruction::Breakpoint => {}
            Instruction::Literal(mnemonic, operand) => {
                let value = literal(mnemonic, operand).ok_or(Stop::Fault("bad-literal"))?;
                self.push(value)?;
            }
            Instruction::StackSize => self.push(Value::Int(self.calls.len() as i32))?,
            Instruction::Pop => {
                stack.pop().ok_or(Stop::Fault("stack-size"))?;
                self.items -= 1;
            }
            Instruction::Void => {
                let gone = stack.drain(..).count();
                self.items -= gone as u64;
            }
            Instruction::BinOp(operator) => {
                let [left, right] = &stack[..] else {
                    return Err(Stop::Fault("stack-size"));
                };
                let value = arithmetic(operator, left, right).map_err(Stop::Fault)?;
                stack.clear();
                stack.push(value);
                self.items -= 1;
            }
            Instruction::PrintAll => {
                let before = self.output.len();
                for (index, value) in stack.iter().enumerate() {
                    self.output.push_str(if index > 0 { ", " } else { "" });
                    value.print(&mut self.output);
                }
                if !stack.is_empty() {
                    self.output.push('\n');
                }
                self.keep_output(before)?;
            }
            Instruction::PrintOne(index) => {
                let value = index.parse().ok().and_then(|index: usize| stack.get(index));
                let before = self.output.len();
                value
                    .ok_or(Stop::Fault("out-of-range"))?
                    .print(&mut self.output);
                self.output.push('\n');
                self.keep_output(before)?;
            }
            Instruction::StackDump => {
                let before = self.output.len();
                let text = self.dump();
                self.output.push_str(&text);
                self.keep_output(before)?;
            }
            Instruction::Call { file, name, .. } => return self.call(file, name),
            Instruction::Ret => {
                if stack.len() != 1 {
                    return Err(Stop::Fault("stack-size"));
                }
                let value = stack.pop();
                self.items -= 1;
                return self.leave(value);
            }
        }
        self.go_on();
        Ok(())
    }

    /// The local stack.
    fn stack(&mut self) -> &mut Vec<Value> {
        let last = self.calls.len() - 1;
        &mut self.calls[last].stack
    }

    fn go_on(&mut self) {
        let last = self.calls.len() - 1;
        self.calls[last].at += 1;
    }

    /// Whether one more item or call would take too many bytes.
    fn full(&self) -> bool {
        (self.items + self.calls.len() as u64 + 1) * UNIT > self.limits.heap_bytes
    }

    fn push(&mut self, value: Value) -> Result<(), Stop> {
        if self.full() {
            return Err(Stop::Limit("memory-limit"));
        }
        self.stack().push(value);
        self.items += 1;
        Ok(())
    }

    /// Takes back what was printed since `before`, if it is too much.
    fn keep_output(&mut self, before: usize) -> Result<(), Stop> {
        let length = self.output.len() as u64;
        if self.limits.output_bytes.is_some_and(|most| length > most) {
            self.output.truncate(before);
            return Err(Stop::Limit("output-limit"));
        }
        Ok(())
    }

    fn call(&mut self, file: Option<usize>, name: &'a str) -> Result<(), Stop> {
        let file = file.ok_or(Stop::Fault("file-access"))?;
        let text = match &self.sources[file].content {
            Content::Unreadable => return Err(Stop::Fault("file-access")),
            Content::Bad => return Err(Stop::Fault("bad-file")),
            Content::Good(text) => text,
        };
        let start = text.functions.get(name);
        let &start = start.ok_or(Stop::Fault("unknown-function"))?;
        if self.calls.len() as u64 >= self.limits.call_depth {
            return Err(Stop::Limit("call-depth"));
        }
        if self.full() {
            return Err(Stop::Limit("memory-limit"));
        }
        self.calls.push(Call {
            file,
            function: name,
            at: start,
            stack: Vec::new(),
        });
        Ok(())
    }

    /// Ends the innermost call; its value, if any, is the caller's.
    fn leave(&mut self, value: Option<Value>) -> Result<(), Stop> {
        if self.calls.len() == 1 {
            return Err(Stop::Over(value));
        }
        if let Some(call) = self.calls.pop() {
            self.items -= call.stack.len() as u64;
        }
        if let Some(value) = value {
            self.stack().push(value);
            self.items += 1;
        }
        self.go_on();
        Ok(())
    }

    /// What `stack_dump` prints.
    fn dump(&self) -> String {
        const INNERMOST: usize = 56;
        const OUTERMOST: usize = 8;
        let here = &self.calls[self.calls.len() - 1];
        let mut out = format!("stack_dump in {}\ncalls:\n", here.function);
        let left_out = match self.calls.len() > INNERMOST + OUTERMOST {
            true => INNERMOST..self.calls.len() - OUTERMOST,
            false => 0..0,
        };
        for (index, call) in self.calls.iter().rev().enumerate() {
            if !left_out.contains(&index) {
                let _ = writeln!(out, "  {}", self.place(call));
            } else if index == left_out.start {
                let _ = writeln!(out, "  … {} more …", left_out.len());
            }
        }
        if here.stack.is_empty() {
            out.push_str("stack: empty\n");
        } else {
            out.push_str("stack:\n");
        }
        for (index, value) in here.stack.iter().enumerate() {
            let _ = write!(out, "  {index}: {} ", value.type_name());
            value.print(&mut out);
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests;
