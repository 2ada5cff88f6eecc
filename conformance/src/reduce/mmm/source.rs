//! A program of the `mmm` machine as lines, whether or not it loads.

use crate::case::Case;
use crate::reduce::weight::{self, Weight};
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;
use vm::base::resolve;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its bytes, with its ending.
    pub(super) raw: Vec<u8>,
    /// Its meaning.
    pub(super) kind: Kind,
}

/// The meaning of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing, or a comment.
    Blank,
    /// `function` and the name.
    Function(String),
    /// `end`
    End,
    /// A mnemonic, known or not, and its operand, which may be empty.
    Insn(String, String),
    /// Anything that cannot be parsed.
    Other,
}

impl Line {
    /// Reads a line.
    pub(super) fn read(raw: &[u8]) -> Line {
        let kind = match std::str::from_utf8(raw) {
            Ok(text) => Kind::read(text),
            Err(_) => Kind::Other,
        };
        Line {
            raw: raw.to_vec(),
            kind,
        }
    }

    /// Returns the plain line of a meaning.
    pub(super) fn new(kind: Kind) -> Rc<Line> {
        let mut line = Line {
            raw: Vec::new(),
            kind,
        };
        line.raw = line.plain();
        Rc::new(line)
    }

    /// Returns the plain line of an instruction.
    pub(super) fn insn(mnemonic: &str, operand: &str) -> Rc<Line> {
        Line::new(Kind::Insn(mnemonic.to_owned(), operand.to_owned()))
    }

    /// Returns its plain layout.
    pub(super) fn plain(&self) -> Vec<u8> {
        let text = match &self.kind {
            Kind::Blank => String::new(),
            Kind::Function(name) => format!("function {name}\n"),
            Kind::End => "end\n".to_owned(),
            Kind::Insn(mnemonic, operand) if operand.is_empty() => format!("    {mnemonic}\n"),
            Kind::Insn(mnemonic, operand) => format!("    {mnemonic} {operand}\n"),
            Kind::Other => return self.raw.clone(),
        };
        text.into_bytes()
    }

    /// Returns the mnemonic and the operand of an instruction.
    pub(super) fn insn_parts(&self) -> Option<(&str, &str)> {
        match &self.kind {
            Kind::Insn(mnemonic, operand) => Some((mnemonic, operand)),
            Kind::Blank | Kind::Function(_) | Kind::End | Kind::Other => None,
        }
    }

    /// Returns true for an instruction with this mnemonic.
    pub(super) fn is(&self, mnemonic: &str) -> bool {
        self.insn_parts()
            .is_some_and(|(known, _)| known == mnemonic)
    }

    fn words_weight(&self) -> u64 {
        match &self.kind {
            Kind::Blank => 0,
            Kind::Function(name) => weight::text(name),
            Kind::End => 1,
            Kind::Insn(mnemonic, operand) => insn_weight(mnemonic, operand),
            Kind::Other => 1000 + weight::bytes(&self.raw),
        }
    }

    fn layout_weight(&self) -> u64 {
        match self.raw == self.plain() {
            true => 0,
            false => 1 + self.raw.len() as u64,
        }
    }
}

impl Kind {
    fn read(text: &str) -> Kind {
        let blank = [' ', '\t'];
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text).trim_matches(blank);
        if text.is_empty() || text.starts_with('#') {
            return Kind::Blank;
        }
        let (first, rest) = text.split_once(blank).unwrap_or((text, ""));
        let rest = rest.trim_start_matches(blank);
        let (operand, rest) = rest.split_at(operand_length(rest));
        let rest = rest.trim_start_matches(blank);
        if !rest.is_empty() && !rest.starts_with('#') {
            return Kind::Other;
        }
        let operand = if operand.starts_with('#') {
            ""
        } else {
            operand
        };
        match first {
            "function" => Kind::Function(operand.to_owned()),
            "end" if operand.is_empty() => Kind::End,
            _ => Kind::Insn(first.to_owned(), operand.to_owned()),
        }
    }
}

/// Returns the length of the operand at the start of a text.
fn operand_length(text: &str) -> usize {
    let mut from = 0;
    if let Some(quote @ ('"' | '\'')) = text.chars().next() {
        let mut escaped = false;
        let closing = text.char_indices().skip(1).find(|&(_, c)| {
            let closes = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        from = closing.map_or(text.len(), |(at, _)| at);
    }
    let blank = text[from..].find([' ', '\t']);
    blank.map_or(text.len(), |at| from + at)
}

/// Returns the weight of an instruction: literals weigh least, a call weighs most of the instructions
/// that exist.
fn insn_weight(mnemonic: &str, operand: &str) -> u64 {
    let words = match (mnemonic, operand) {
        ("bool", "false") => 9,
        ("bool", "true") => 10,
        ("bin_op", operator) if operator.len() == 1 => {
            "+-*/%".find(operator).map_or(9, |at| at as u64)
        }
        ("printn", "*") => 0,
        _ => weight::number(operand),
    };
    words
        + match mnemonic {
            "nop" | "int" => 0,
            "float" => 2,
            "byte" => 4,
            "bool" => 6,
            "string" => 8,
            "char" => 10,
            "constexpr" => 12,
            "void" | "pop" | "ret" | "printn" | "bin_op" => 20,
            "stack_size" | "stack_dump" | "breakpoint" => 60,
            "call" => 200,
            _ => 300 + weight::text(mnemonic),
        }
}

/// A function of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Function {
    /// The index of its file.
    pub(super) file: usize,
    /// Its lines, from `function` to `end`.
    pub(super) lines: Range<usize>,
    /// Its name.
    pub(super) name: String,
    /// Whether it has an `end`.
    pub(super) closed: bool,
}

impl Function {
    /// Returns the lines between `function` and `end`.
    pub(super) fn body(&self) -> Range<usize> {
        self.lines.start + 1..self.lines.end - usize::from(self.closed)
    }
}

/// A parsed program.
pub(super) struct Source<'a> {
    case: &'a Case,
    /// The names of its files relative to the root, `None` for a file outside, and their lines.
    pub(super) files: Vec<(Option<String>, Vec<Rc<Line>>)>,
    /// Its functions, file by file.
    pub(super) functions: Vec<Function>,
}

impl<'a> Source<'a> {
    /// Parses a case.
    pub(super) fn of(case: &'a Case) -> Source<'a> {
        let prefix = case.root_prefix();
        let mut files = Vec::with_capacity(case.files.len());
        let mut functions = Vec::new();
        for (name, bytes) in &case.files {
            let lines = bytes.split_inclusive(|&byte| byte == b'\n');
            let mut lines: Vec<Line> = lines.map(Line::read).collect();
            without_mark(&mut lines);
            find_functions(files.len(), &lines, &mut functions);
            let lines = lines.into_iter().map(Rc::new).collect();
            files.push((name.strip_prefix(prefix).map(str::to_owned), lines));
        }
        Source {
            case,
            files,
            functions,
        }
    }

    /// Returns the lines of a file.
    pub(super) fn lines(&self, file: usize) -> &[Rc<Line>] {
        &self.files[file].1
    }

    /// Returns the lines of a function's body.
    pub(super) fn body(&self, function: &Function) -> &[Rc<Line>] {
        &self.lines(function.file)[function.body()]
    }

    /// Returns the index of the entry.
    pub(super) fn entry(&self) -> Option<usize> {
        self.case
            .files
            .keys()
            .position(|name| *name == self.case.entry)
    }

    /// Returns the function that is run.
    pub(super) fn main(&self) -> Option<usize> {
        let entry = self.entry()?;
        self.find(entry, "main")
    }

    /// Returns the function of a name in a file.
    pub(super) fn find(&self, file: usize, name: &str) -> Option<usize> {
        let is = |function: &Function| function.file == file && function.name == name;
        self.functions.iter().position(is)
    }

    /// Returns the file that the operand of a call in the file `from` leads to, and the function in
    /// it.
    pub(super) fn target(&self, from: usize, operand: &str) -> Option<(usize, Option<usize>)> {
        let (path, name) = operand.rsplit_once('#')?;
        let home = self.files[from].0.as_deref()?;
        let folder = home.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = resolve(folder, path)?;
        let file = self
            .files
            .iter()
            .position(|(name, _)| name.as_ref() == Some(&path))?;
        Some((file, self.find(file, name)))
    }

    /// Returns the function that an instruction of a file calls.
    pub(super) fn callee(&self, file: usize, line: &Line) -> Option<usize> {
        match line.insn_parts() {
            Some(("call", operand)) => self.target(file, operand)?.1,
            _ => None,
        }
    }

    /// Returns true if a call of the function leaves a value: it contains a `ret`.
    pub(super) fn returns(&self, function: usize) -> bool {
        let function = &self.functions[function];
        self.body(function).iter().any(|line| line.is("ret"))
    }

    /// Returns the case with `by` in the place of some lines of a file.
    pub(super) fn splice(&self, file: usize, lines: Range<usize>, by: &[Rc<Line>]) -> Case {
        let old = self.lines(file);
        let new = old[..lines.start].iter().chain(by).chain(&old[lines.end..]);
        self.with_files([(file, new)])
    }

    /// Returns the case with other lines in some files.
    pub(super) fn with_files<'l>(
        &self,
        files: impl IntoIterator<Item = (usize, impl IntoIterator<Item = &'l Rc<Line>>)>,
    ) -> Case {
        let mut case = self.case.clone();
        for (file, lines) in files {
            let mut text: Vec<u8> = Vec::new();
            for line in lines {
                // A line that was the last may have no ending.
                if text.last().is_some_and(|&byte| byte != b'\n') {
                    text.push(b'\n');
                }
                text.extend_from_slice(&line.raw);
            }
            if let Some(bytes) = case.files.values_mut().nth(file) {
                *bytes = text;
            }
        }
        case
    }

    /// Returns the functions that the program can reach.
    pub(super) fn reached(&self) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<usize> = self.main().into_iter().collect();
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                let function = &self.functions[next];
                let called = self.body(function).iter();
                open.extend(called.filter_map(|line| self.callee(function.file, line)));
            }
        }
        reached
    }

    /// Returns the case without the functions and files that the program cannot reach.
    pub(super) fn pruned(&self) -> Option<Case> {
        self.main()?;
        let reached = self.reached();
        let mut case = self.keeping(|function| reached.contains(&function));
        let used: BTreeSet<usize> = reached.iter().map(|&at| self.functions[at].file).collect();
        for (file, name) in self.case.files.keys().enumerate() {
            if !used.contains(&file) {
                case.files.remove(name);
            }
        }
        Some(case)
    }

    /// Returns the case with only some of its functions.
    pub(super) fn keeping(&self, keep: impl Fn(usize) -> bool) -> Case {
        let removed: Vec<&Function> = self
            .functions
            .iter()
            .enumerate()
            .filter(|&(at, _)| !keep(at))
            .map(|(_, function)| function)
            .collect();
        let left = (0..self.files.len()).map(|file| {
            let mut kept = vec![true; self.lines(file).len()];
            for function in removed.iter().filter(|function| function.file == file) {
                kept[function.lines.clone()].fill(false);
            }
            let lines = self.lines(file).iter().zip(kept);
            (file, lines.filter(|(_, kept)| *kept).map(|(line, _)| line))
        });
        self.with_files(left)
    }
}

/// Parses the first line without its byte order mark.
fn without_mark(lines: &mut [Line]) {
    if let Some(first) = lines.first_mut()
        && let Some(rest) = first.raw.strip_prefix(b"\xef\xbb\xbf")
    {
        first.kind = Line::read(rest).kind;
    }
}

/// Adds the functions of a file to `functions`.
fn find_functions(file: usize, lines: &[Line], functions: &mut Vec<Function>) {
    let mut open: Option<(usize, &String)> = None;
    for (at, line) in lines.iter().enumerate() {
        let is_end = line.kind == Kind::End;
        let begins = match &line.kind {
            Kind::Function(name) => Some(name),
            Kind::Blank | Kind::End | Kind::Insn(..) | Kind::Other => None,
        };
        if (is_end || begins.is_some())
            && let Some((start, name)) = open.take()
        {
            functions.push(Function {
                file,
                lines: start..at + usize::from(is_end),
                name: name.clone(),
                closed: is_end,
            });
        }
        open = begins.map(|name| (at, name)).or(open);
    }
    if let Some((start, name)) = open {
        functions.push(Function {
            file,
            lines: start..lines.len(),
            name: name.clone(),
            closed: false,
        });
    }
}

/// Returns the weight of a program.
pub(super) fn weigh(case: &Case) -> Weight {
    let mut weight = Weight::of(case, 0);
    for bytes in case.files.values() {
        let mut lines: Vec<Line> = bytes
            .split_inclusive(|&byte| byte == b'\n')
            .map(Line::read)
            .collect();
        without_mark(&mut lines);
        for line in &lines {
            weight.lines += u64::from(line.kind != Kind::Blank);
            weight.words += line.words_weight();
            weight.layout += line.layout_weight();
        }
    }
    weight
}
