//! Parses source text in one pass over its bytes.

use super::insn::{Arith, Fault, Insn, LiteralKind, Op, OperandKind, TABLE};
use super::literal::parse_literal;
use vm_base::{Diagnostic, LoadError, Place, Span, closest};

/// A parsed source file.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// Its name, relative to the root.
    pub name: String,
    /// Its text.
    pub source: String,
    /// Its functions, in order.
    pub functions: Vec<Function>,
    /// The instructions of all its functions, each function's followed by an [`Insn::End`].
    pub insns: Vec<Insn>,
    /// The offset of each instruction in the source.
    pub places: Vec<u32>,
    /// The calls, in order.
    pub calls: Vec<Call>,
    /// The text of its Str literals.
    pub pool: String,
}

/// A function of a file.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The span of its name in the source.
    pub name: Span,
    /// The index of its first instruction.
    pub first: u32,
    /// The index of its [`Insn::End`].
    pub end: u32,
}

/// A `call` of a file.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The index of the instruction.
    pub insn: u32,
    /// The span of the path, before the last `#`.
    pub path: Span,
    /// The span of the function's name, after the last `#`.
    pub name: Span,
}

/// Only this many errors of a file are reported.
const MAX_ERRORS: usize = 20;

/// Parses the text of a file. The error reports every line that is wrong, up to a limit.
///
/// ```
/// let file = vm_mmm::parse("a.mmm", "function main\n  printn *\nend\n".to_owned()).unwrap();
/// assert_eq!(vm_mmm::print(&file), "function main\n\tprintn *\nend\n");
/// let error = vm_mmm::parse("a.mmm", "function main\n  prntn *\nend\n".to_owned()).unwrap_err();
/// assert_eq!(error.diagnostics()[0].help.as_deref(), Some("did you mean 'printn'?"));
/// ```
pub fn parse(name: impl Into<String>, source: String) -> Result<File, LoadError> {
    let mut file = File {
        name: name.into(),
        // An estimate of the number of lines, to avoid copies while the tables grow.
        insns: Vec::with_capacity(source.len() / 12),
        places: Vec::with_capacity(source.len() / 12),
        ..File::default()
    };
    let mut parser = Parser {
        text: &source,
        bytes: source.as_bytes(),
        at: if source.starts_with('\u{feff}') { 3 } else { 0 },
        open: None,
        errors: Vec::new(),
        file: &mut file,
    };
    parser.run();
    let errors = parser.errors;
    if !errors.is_empty() {
        return Err(errors.into());
    }
    file.source = source;
    Ok(file)
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// The span of the name of the function that is being read.
    open: Option<Span>,
    errors: Vec<Diagnostic>,
    file: &'a mut File,
}

/// The result of parsing a line; the error is boxed to keep the result small.
type Line = Result<(), Box<Diagnostic>>;

impl<'a> Parser<'a> {
    fn run(&mut self) {
        while self.at < self.bytes.len() {
            if let Err(error) = self.line() {
                self.errors.push(*error);
                if self.errors.len() == MAX_ERRORS {
                    let enough =
                        format!("{}: too many errors; the rest is not shown", self.file.name);
                    self.errors.push(Diagnostic::error(enough));
                    return;
                }
                self.skip_line();
            }
        }
        self.no_two_of_a_name();
        if let Some(name) = self.open {
            let message = format!("function {} has no 'end'", shown(name.of(self.text)));
            self.errors.push(
                self.error(message, name, "begins here")
                    .help("write 'end' on a line of its own after its last instruction"),
            );
        }
    }

    /// Parses a line and its ending.
    fn line(&mut self) -> Line {
        self.blanks();
        if self.at_line_end() {
            self.skip_line();
            return Ok(());
        }
        let start = self.at;
        let word = self.word();
        match Op::from_mnemonic(word.as_bytes()) {
            Some(op) => self.insn(op, start)?,
            None if word == "function" => self.function(start)?,
            None if word == "end" => self.end(start)?,
            None => return Err(self.unknown(start, word)),
        }
        self.blanks();
        if !self.at_line_end() {
            return Err(self.surplus());
        }
        self.skip_line();
        Ok(())
    }

    #[inline]
    fn insn(&mut self, op: Op, start: usize) -> Line {
        if self.open.is_none() {
            return Err(self.outside(start));
        }
        let insn = match op {
            Op::Constexpr | Op::Bool | Op::String | Op::Int | Op::Float | Op::Char | Op::Byte => {
                self.literal(op, start)?
            }
            Op::BinOp => self.arith(start)?,
            Op::Printn => self.item(start)?,
            Op::Call => self.call(start)?,
            Op::StackDump => Insn::StackDump,
            Op::Pop => Insn::Pop,
            Op::Nop => Insn::Nop,
            Op::Void => Insn::Void,
            Op::Breakpoint => Insn::Breakpoint,
            Op::Ret => Insn::Ret,
            Op::StackSize => Insn::StackSize,
        };
        self.push(insn, start);
        Ok(())
    }

    #[inline]
    fn push(&mut self, insn: Insn, start: usize) {
        self.file.insns.push(insn);
        self.file.places.push(start as u32);
    }

    fn function(&mut self, start: usize) -> Line {
        if let Some(outer) = self.open {
            let message = format!("'function' inside function {}", shown(outer.of(self.text)));
            let error = self.error(message, Span::new(start, self.at), "functions do not nest");
            return Err(error.help("write 'end' before it").into());
        }
        let name = self.operand(start)?;
        let text = name.of(self.text);
        if let Some(c) = text.chars().find(|c| matches!(c, '#' | '"' | '\'')) {
            let message = format!("a function name cannot contain {c}");
            return Err(self.error(message, name, "not a name").into());
        }
        // A function with an error in its line is opened too, so that its lines are not errors as
        // well.
        self.open = Some(name);
        let first = self.file.insns.len() as u32;
        self.file.functions.push(Function {
            name,
            first,
            end: first,
        });
        Ok(())
    }

    /// Reports functions with the same name. Most files have few functions, for which sorting is
    /// faster than hashing.
    fn no_two_of_a_name(&mut self) {
        let mut names: Vec<Span> = self
            .file
            .functions
            .iter()
            .map(|function| function.name)
            .collect();
        names.sort_unstable_by_key(|name| (name.of(self.text), name.start));
        for pair in names.windows(2) {
            let (text, room) = (pair[1].of(self.text), self.errors.len() < MAX_ERRORS);
            if pair[0].of(self.text) != text || !room {
                continue;
            }
            let line = self.text[..pair[0].start as usize].matches('\n').count() + 1;
            let message = format!("function {} is defined twice", shown(text));
            let error = self.error(message, pair[1], "defined again here");
            self.errors
                .push(error.note(format!("the first definition is in line {line}")));
        }
    }

    fn end(&mut self, start: usize) -> Line {
        if self.open.take().is_none() {
            let error = self.error(
                "'end' without a function",
                Span::new(start, self.at),
                "ends nothing",
            );
            return Err(error
                .help("delete it, or write 'function NAME' above its instructions")
                .into());
        }
        let end = self.file.insns.len() as u32;
        if let Some(function) = self.file.functions.last_mut() {
            function.end = end;
        }
        self.push(Insn::End, start);
        Ok(())
    }

    #[inline]
    fn literal(&mut self, op: Op, start: usize) -> Result<Insn, Box<Diagnostic>> {
        let kind = match op.info().operand {
            OperandKind::Literal(kind) => kind,
            _ => LiteralKind::Any,
        };
        let word = self.operand(start)?.of(self.text);
        let value = parse_literal(kind, word, &mut self.file.pool);
        Ok(value.map_or(Insn::Fail(Fault::BadLiteral), Insn::Push))
    }

    fn arith(&mut self, start: usize) -> Result<Insn, Box<Diagnostic>> {
        let span = self.operand(start)?;
        let word = span.of(self.text);
        match Arith::ALL.into_iter().find(|arith| arith.symbol() == word) {
            Some(arith) => Ok(Insn::BinOp(arith)),
            None => {
                let message = format!("unknown operator {}", shown(word));
                let error = self.error(message, span, "not an operator");
                Err(error
                    .help("the operators are + - * / %, without quotes")
                    .into())
            }
        }
    }

    fn item(&mut self, start: usize) -> Result<Insn, Box<Diagnostic>> {
        let span = self.operand(start)?;
        let word = span.of(self.text);
        if word == "*" {
            return Ok(Insn::PrintAll);
        }
        if !word.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = format!("{} is not an index", shown(word));
            let error = self.error(message, span, "neither * nor decimal digits");
            return Err(error
                .help("'printn *' prints all items, 'printn 0' the oldest")
                .into());
        }
        Ok(Insn::Print(word.parse().unwrap_or(u32::MAX)))
    }

    fn call(&mut self, start: usize) -> Result<Insn, Box<Diagnostic>> {
        let span = self.operand(start)?;
        let word = span.of(self.text);
        if word.starts_with(['"', '\'']) {
            let error = self.error("the operand of 'call' is in quotes", span, "no quotes here");
            return Err(error.help("write PATH#NAME without quotes").into());
        }
        let (path, name) = match word.rsplit_once('#') {
            Some((path, name)) if !path.is_empty() && !name.is_empty() => (path, name),
            split => {
                let missing = match split {
                    None => "no '#' in it",
                    Some(("", _)) => "no path before the '#'",
                    Some(_) => "no name after the '#'",
                };
                let help = format!(
                    "write PATH#NAME; a function of this file is called as {}#NAME",
                    self.file.name.rsplit('/').next().unwrap_or_default()
                );
                let message = format!("{} does not name a function", shown(word));
                return Err(self.error(message, span, missing).help(help).into());
            }
        };
        let split = span.start as usize + path.len();
        let call = self.file.calls.len() as u32;
        self.file.calls.push(Call {
            insn: self.file.insns.len() as u32,
            path: Span::new(span.start as usize, split),
            name: Span::new(split + 1, split + 1 + name.len()),
        });
        Ok(Insn::Call(call))
    }

    /// Reads the operand of the instruction at `start`.
    #[inline]
    fn operand(&mut self, start: usize) -> Result<Span, Box<Diagnostic>> {
        let mnemonic = self.at;
        self.blanks();
        if self.at_line_end() {
            return Err(self.missing(Span::new(start, mnemonic)));
        }
        let begin = self.at;
        if let quote @ (b'"' | b'\'') = self.bytes[begin] {
            self.quoted(quote)?;
        }
        self.word();
        Ok(Span::new(begin, self.at))
    }

    /// Skips to after a closing quote.
    fn quoted(&mut self, quote: u8) -> Line {
        let begin = self.at;
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                Some(&byte) if byte == quote => break,
                Some(b'\\') if !self.newline(self.at + 1) => self.at += 2,
                Some(_) if !self.newline(self.at) => self.at += 1,
                _ => {
                    let quote = char::from(quote);
                    let end = self.at.min(self.bytes.len());
                    let error = self.error(
                        "the quote is not closed",
                        Span::new(begin, end),
                        "begins here",
                    );
                    return Err(error
                        .help(format!("write {quote} before the end of the line"))
                        .into());
                }
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Reads up to the next blank or the end of the line.
    #[inline]
    fn word(&mut self) -> &'a str {
        let start = self.at;
        while let Some(&byte) = self.bytes.get(self.at) {
            if byte <= b' ' && (matches!(byte, b' ' | b'\t') || self.newline(self.at)) {
                break;
            }
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    #[inline]
    fn blanks(&mut self) {
        while let Some(b' ' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    /// Returns true if a line ending begins at `at`.
    #[inline]
    fn newline(&self, at: usize) -> bool {
        match self.bytes.get(at) {
            Some(b'\n') => true,
            Some(b'\r') => self.bytes.get(at + 1) == Some(&b'\n'),
            _ => false,
        }
    }

    /// Returns true if only a comment is left of the line. To be called where a word could begin.
    #[inline]
    fn at_line_end(&self) -> bool {
        match self.bytes.get(self.at) {
            None | Some(b'#' | b'\n') => true,
            Some(b'\r') => self.newline(self.at),
            Some(_) => false,
        }
    }

    /// Skips to the beginning of the next line.
    #[inline]
    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        self.at = match rest.iter().position(|&byte| byte == b'\n') {
            Some(end) => self.at + end + 1,
            None => self.bytes.len(),
        };
    }

    fn error(&self, message: impl Into<String>, span: Span, label: &str) -> Diagnostic {
        Diagnostic::error(message).at(Place::in_text(&*self.file.name, self.text, span, label))
    }

    #[cold]
    fn unknown(&self, start: usize, word: &str) -> Box<Diagnostic> {
        let message = format!("unknown instruction {}", shown(word));
        let error = self.error(message, Span::new(start, self.at), "not an instruction");
        let words = TABLE
            .iter()
            .map(|info| info.mnemonic)
            .chain(["function", "end"]);
        Box::new(match closest(word, words) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error,
        })
    }

    #[cold]
    fn outside(&self, start: usize) -> Box<Diagnostic> {
        self.error(
            "the instruction is outside a function",
            Span::new(start, self.at),
            "not in a function",
        )
        .help("write 'function main' above it, and 'end' below")
        .into()
    }

    #[cold]
    fn missing(&self, mnemonic: Span) -> Box<Diagnostic> {
        let word = mnemonic.of(self.text);
        let (example, label) = match Op::from_mnemonic(word.as_bytes()).map(Op::info) {
            Some(info) => (info.example(), "needs an operand"),
            None => ("function main".to_owned(), "needs a name"),
        };
        self.error(format!("nothing follows '{word}'"), mnemonic, label)
            .help(format!("write it as in '{example}'"))
            .into()
    }

    #[cold]
    fn surplus(&mut self) -> Box<Diagnostic> {
        let begin = self.at;
        self.word();
        let word = &self.text[begin..self.at];
        let message = format!("{} is one operand too many", shown(word));
        let error = self.error(message, Span::new(begin, self.at), "unexpected");
        Box::new(
            error.help("write one instruction a line; a comment begins with '#' after a blank"),
        )
    }
}

/// Returns a word of the source in quotes, cut if it is very long.
pub(super) fn shown(word: &str) -> String {
    let (word, more) = match word.char_indices().nth(40) {
        Some((cut, _)) => (&word[..cut], "…"),
        None => (word, ""),
    };
    match word.contains('\'') {
        true => format!("`{word}{more}`"),
        false => format!("'{word}{more}'"),
    }
}

impl File {
    /// Returns the function's name.
    pub fn function_name(&self, function: &Function) -> &str {
        function.name.of(&self.source)
    }

    /// Returns the source form of an instruction other than [`Insn::End`]: its operation and the
    /// words of its operand.
    pub fn words(&self, insn: u32) -> (Op, &str) {
        let (op, operand) = written(&self.source, self.places[insn as usize]);
        (op, operand.of(&self.source))
    }
}

/// Returns the operation at offset `at`, which was parsed before, and the span of its operand.
pub(super) fn written(source: &str, at: u32) -> (Op, Span) {
    let word = source[at as usize..].split(['\n', '\r', ' ', '\t']).next();
    let op = word
        .and_then(|word| Op::from_mnemonic(word.as_bytes()))
        .unwrap_or(Op::Nop);
    (op, operand_span(source, at, op))
}

/// Returns the span of the operand of the instruction at offset `at`, or of the instruction if it
/// has no operand.
fn operand_span(source: &str, at: u32, op: Op) -> Span {
    let begin = at as usize;
    let mnemonic_end = begin + op.info().mnemonic.len();
    if op.info().operand == OperandKind::None {
        return Span::new(begin, mnemonic_end);
    }
    let line = match source[begin..].split_once('\n') {
        Some((line, _)) => line.strip_suffix('\r').unwrap_or(line),
        None => &source[begin..],
    };
    let rest = &line[mnemonic_end - begin..];
    let start = mnemonic_end + (rest.len() - rest.trim_start_matches([' ', '\t']).len());
    let operand = &source[start..begin + line.len()];
    let mut end = 0;
    if let Some(quote) = operand.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let mut escaped = false;
        let closing = operand.char_indices().skip(1).find(|&(_, c)| {
            let closes = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        // What follows the quote is part of the operand, up to the next blank.
        end = closing.map_or(operand.len(), |(at, _)| at);
    }
    let tail = &operand[end..];
    end += tail.find([' ', '\t']).unwrap_or(tail.len());
    Span::new(start, start + end)
}
