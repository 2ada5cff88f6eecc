//! The parser: text to [`Unit`].

mod directive;
pub(super) mod operand;

use super::keywords::{Word, Words};
use super::line::{Line, Unclosed, lines};
use super::problems::{Problem, load_error, problem, suggest};
use super::unit::{Args, CodeObject, Const, Item, Operand, Said, Unit, What, is_main};
use operand::Piece;
use std::collections::{HashMap, HashSet};
use vm_base::{LineIndex, LoadError, Span, closest};
use vm_py_code::insn::{Arg, Op};

/// Parses a text. `file` is the name of the file in messages.
///
/// # Errors
///
/// Returns an error with everything that is wrong in the text, up to 20 problems.
pub fn parse(file: &str, text: &str) -> Result<Unit, LoadError> {
    let mut parser = Parser {
        words: Words::new(),
        unit: Unit::default(),
        open: Vec::new(),
        defined: HashMap::new(),
        wanted: Vec::new(),
        words_for_values: Vec::new(),
        unknown_labels: Vec::new(),
        problems: Vec::new(),
    };
    for line in lines(text) {
        match line {
            Ok(line) => parser.line(line),
            Err(Unclosed(span)) => {
                let problem = problem(span, "the quote is not closed", "it begins here");
                parser
                    .problems
                    .push(problem.help("a string must end on the line on which it begins"));
            }
        }
    }
    parser.finish(file, text)
}

/// A code object before its `END`.
struct Open {
    /// Its index in the unit.
    index: usize,
    /// Which lines may follow.
    stage: Stage,
    labels: HashMap<String, Span>,
    /// The items that are jumps, whose labels are looked up at the end.
    jumps: Vec<usize>,
    /// How the next parameters are passed.
    passing: Passing,
    /// Whether the text gives source lines.
    has_lines: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Parameters and directives.
    Head,
    /// Labels and instructions.
    Body,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Passing {
    ByPosition,
    ByName,
    Nothing,
}

struct Parser {
    words: Words,
    unit: Unit,
    open: Vec<Open>,
    /// The places of the labels of code objects.
    defined: HashMap<String, Span>,
    /// Constants that are not literals, and why not.
    wanted: Vec<(String, Problem)>,
    /// The object and item of constants such as `inf`, which are not literals in Python and may be
    /// names of code objects instead.
    words_for_values: Vec<(usize, usize)>,
    /// Unknown labels: the index of the object, the place in the jump and the label.
    unknown_labels: Vec<(usize, Span, String)>,
    problems: Vec<Problem>,
}

impl Parser {
    fn line(&mut self, line: Line) {
        let Some(word) = self.words.find(line.word) else {
            let message = format!("unknown instruction '{}'", line.word);
            // Finding suggestions takes time, and the first ones are enough.
            let look = self.problems.len() < MAX_SUGGESTIONS;
            let near = look.then(|| closest(line.word, Words::all())).flatten();
            self.problems
                .push(suggest(problem(line.word_span, message, "unknown"), near));
            // The next lines are read as if this one were correct.
            if let Some(open) = self.open.last_mut() {
                open.stage = Stage::Body;
            }
            return;
        };
        let operand = Piece {
            text: line.operand,
            span: line.operand_span,
        };
        let found = match word {
            Word::Define => self.define(operand),
            Word::Directive(directive) => self.directive(directive, line, operand),
            _ if self.open.is_empty() => Err(problem(
                line.word_span,
                "this line is outside of an object",
                "outside",
            )
            .help("put instructions between DEFINE and END")),
            Word::End => self.end(operand),
            Word::AddArg => self.add_arg(line, operand),
            Word::Label => self.label(line, operand),
            Word::Line => self.line_event(line, operand),
            Word::Bytes => self.bytes(line, operand),
            Word::Op(op) => self.insn(op, line, operand),
        };
        if let Err(problem) = found {
            self.problems.push(problem);
        }
    }

    fn define(&mut self, operand: Piece) -> Result<(), Problem> {
        let label = label_text(operand, "DEFINE")?;
        if self.open.len() >= MAX_OPEN {
            let message = format!("'{label}' is nested in more than {MAX_OPEN} other objects");
            return Err(problem(operand.span, message, "this object")
                .help("put the object beside the others: its place does not matter"));
        }
        if let Some(above) = self.open.last_mut() {
            above.stage = Stage::Body;
        }
        // The label of the module may be in any case.
        let key = if is_main(&label) {
            "main".into()
        } else {
            label.clone()
        };
        let twice = self.defined.contains_key(&key).then(|| {
            let message = format!("'{label}' is defined twice");
            problem(operand.span, message, "second definition")
                .help("use another label, and NAME to give the object its name")
        });
        self.defined.entry(key).or_insert(operand.span);
        self.open.push(Open {
            index: self.unit.objects.len(),
            stage: Stage::Head,
            labels: HashMap::new(),
            jumps: Vec::new(),
            passing: Passing::ByPosition,
            has_lines: false,
        });
        self.unit.objects.push(CodeObject {
            label,
            args: Args::default(),
            items: Vec::new(),
            said: Said::default(),
            span: operand.span,
        });
        twice.map_or(Ok(()), Err)
    }

    fn end(&mut self, operand: Piece) -> Result<(), Problem> {
        if let Some(open) = self.open.pop() {
            self.look_up(open);
        }
        match operand.text {
            "" => Ok(()),
            text if operand::number(text).is_some() => Ok(()),
            _ => Err(problem(operand.span, "END takes no operand", "unexpected")),
        }
    }

    /// Looks up the labels of an object's jumps.
    fn look_up(&mut self, open: Open) {
        let object = &mut self.unit.objects[open.index];
        for index in open.jumps {
            let item = &mut object.items[index];
            let What::Insn(_, operand @ Operand::Label(_)) = &mut item.what else {
                continue;
            };
            let Operand::Label(label) = &*operand else {
                continue;
            };
            if open.labels.contains_key(label) {
                continue;
            }
            if let Some(number) = operand::number(label) {
                *operand = Operand::Number(number);
                continue;
            }
            self.unknown_labels
                .push((open.index, item.operand_span, label.clone()));
        }
        if open.has_lines {
            object.said.first_line = object.said.first_line.or_else(|| {
                object.items.iter().find_map(|item| match item.what {
                    What::Line(line) => i32::try_from(line).ok(),
                    _ => None,
                })
            });
        }
    }

    fn item(&mut self, what: What, line: Line) {
        if let Some(open) = self.open.last_mut() {
            open.stage = Stage::Body;
            self.unit.objects[open.index].items.push(Item {
                what,
                span: line.word_span,
                operand_span: line.operand_span,
            });
        }
    }

    fn label(&mut self, line: Line, operand: Piece) -> Result<(), Problem> {
        let label = label_text(operand, "LABEL")?;
        self.item(What::Label(label.clone()), line);
        let Some(open) = self.open.last_mut() else {
            return Ok(());
        };
        match open.labels.insert(label.clone(), operand.span) {
            None => Ok(()),
            Some(_) => Err(problem(
                operand.span,
                format!("label '{label}' is defined twice in one object"),
                "second definition",
            )),
        }
    }

    fn line_event(&mut self, line: Line, operand: Piece) -> Result<(), Problem> {
        let number = operand::integer(operand.text).ok_or_else(|| {
            problem(
                operand.span,
                "LINE takes the number of a line",
                "not a number",
            )
        })?;
        if let Some(open) = self.open.last_mut() {
            open.has_lines = true;
        }
        self.item(What::Line(number), line);
        Ok(())
    }

    fn bytes(&mut self, line: Line, operand: Piece) -> Result<(), Problem> {
        let bytes = operand
            .text
            .split_ascii_whitespace()
            .map(|byte| {
                u8::from_str_radix(byte, 16)
                    .ok()
                    .filter(|_| byte.len() == 2)
            })
            .collect::<Option<Box<[u8]>>>()
            .filter(|bytes| !bytes.is_empty());
        let bytes = bytes.ok_or_else(|| {
            problem(operand.span, "BYTES takes bytes", "not bytes")
                .help("write two hexadecimal digits for each: BYTES 09 00")
        })?;
        self.item(What::Bytes(bytes), line);
        Ok(())
    }

    fn insn(&mut self, op: Op, line: Line, piece: Piece) -> Result<(), Problem> {
        let (op, operand) = match self.operand(op, piece) {
            Ok(found) => (op, found),
            Err(Failed::Operator(op, number)) => (op, Operand::Number(number)),
            Err(Failed::Problem(problem)) => {
                self.item(What::Insn(op, Operand::None), line);
                return Err(problem);
            }
        };
        if let (Operand::Label(_), Some(open)) = (&operand, self.open.last_mut()) {
            open.jumps.push(self.unit.objects[open.index].items.len());
        }
        self.item(What::Insn(op, operand), line);
        Ok(())
    }

    fn operand(&mut self, op: Op, piece: Piece) -> Result<Operand, Failed> {
        let index = piece.text.strip_prefix('@').map(|_| piece.after(1));
        let index = match (index, op.arg()) {
            (Some(index), Arg::Const | Arg::Name | Arg::Local | Arg::Cell)
            | (Some(index), Arg::JumpTo | Arg::JumpForward) => {
                let number = operand::number(index.text);
                Some(number.ok_or_else(|| {
                    problem(piece.span, "expected an index", "not a number")
                        .help("an index is from @0 to @4294967295")
                })?)
            }
            _ => None,
        };
        if let Some(index) = index {
            return Ok(Operand::Number(index));
        }
        Ok(match op.arg() {
            Arg::None => match piece.text {
                "" => Operand::None,
                text => match operand::number(text) {
                    Some(0) => Operand::None,
                    Some(number) => Operand::Number(number),
                    None => {
                        let message = format!("{op} takes no argument");
                        return Err(problem(piece.span, message, "unexpected").into());
                    }
                },
            },
            Arg::Const => Operand::Const(self.constant(piece, op.mnemonic())?),
            Arg::Name => Operand::Name(operand::name(piece, "a name")?),
            Arg::Local => Operand::Name(operand::name(piece, "a variable's name")?),
            Arg::Cell => Operand::Name(operand::name(piece, "a variable's name")?),
            Arg::JumpTo | Arg::JumpForward => Operand::Label(label_text(piece, op.mnemonic())?),
            Arg::Compare | Arg::Is | Arg::Contains => {
                let (meant, number) = operand::operator(op, piece)?;
                if meant != op {
                    return Err(Failed::Operator(meant, number));
                }
                Operand::Number(number)
            }
            Arg::Count
            | Arg::Depth
            | Arg::Unpack
            | Arg::Raise
            | Arg::MakeFunction
            | Arg::Slice
            | Arg::CallEx
            | Arg::Format
            | Arg::Extended => Operand::Number(operand::plain(op, piece)?),
        })
    }

    /// Parses a literal, or else the name of a code object, which may be defined later.
    fn constant(&mut self, piece: Piece, taker: &str) -> Result<Const, Problem> {
        if piece.text.is_empty() {
            let message = format!("{taker} takes a constant");
            return Err(problem(piece.span, message, "missing")
                .help("write a Python literal, or the name of an object"));
        }
        match operand::value(&mut self.unit.pool, piece) {
            Ok(value) => {
                if let Some(open) = self.open.last().filter(|_| is_word(piece.text)) {
                    let item = self.unit.objects[open.index].items.len();
                    self.words_for_values.push((open.index, item));
                }
                Ok(Const::Value(value))
            }
            Err(problem) => {
                self.wanted.push((piece.text.to_owned(), problem));
                Ok(Const::Object(piece.text.to_owned()))
            }
        }
    }

    /// Returns the innermost object before its `END`.
    fn innermost(&mut self) -> Option<(&mut Open, &mut CodeObject)> {
        let open = self.open.last_mut()?;
        let object = &mut self.unit.objects[open.index];
        Some((open, object))
    }

    fn finish(mut self, file: &str, text: &str) -> Result<Unit, LoadError> {
        while let Some(open) = self.open.pop() {
            let object = &self.unit.objects[open.index];
            let message = format!("'{}' has no END", object.label);
            self.problems.push(
                problem(object.span, message, "it begins here")
                    .help("end each DEFINE with a line END"),
            );
            self.look_up(open);
        }
        let wanted = std::mem::take(&mut self.wanted);
        let labels: HashSet<&str> = self.unit.objects.iter().map(|o| &*o.label).collect();
        let wanted = wanted
            .into_iter()
            .filter(|(name, _)| !labels.contains(&**name));
        let found: Vec<Problem> = wanted
            .take(MAX_SUGGESTIONS)
            .map(|(name, problem)| self.unknown_constant(&name, problem))
            .collect();
        self.problems.extend(found);
        let unknown_labels = std::mem::take(&mut self.unknown_labels);
        let unknown_labels = unknown_labels.iter().take(MAX_SUGGESTIONS);
        let unknown_labels = unknown_labels
            .map(|(index, span, label)| unknown_label(&self.unit, *index, *span, label));
        self.problems.extend(unknown_labels);
        if self.unit.main().is_none() {
            let span = Span::new(text.len(), text.len());
            self.problems.push(
                problem(span, "no object is labelled 'main'", "the text ends here")
                    .help("begin the module with 'DEFINE main'"),
            );
        }
        if !self.problems.is_empty() {
            return Err(load_error(self.problems, file, text));
        }
        self.prefer_objects(text);
        self.count_lines(text);
        Ok(self.unit)
    }

    /// Turns constants such as `inf` into code objects, if there are objects of that name.
    fn prefer_objects(&mut self, text: &str) {
        for &(object, item) in &self.words_for_values {
            let word = match self.unit.objects[object].items.get(item) {
                Some(item) => item.operand_span.of(text),
                None => continue,
            };
            if !self.defined.contains_key(word) {
                continue;
            }
            if let What::Insn(_, operand) = &mut self.unit.objects[object].items[item].what {
                *operand = Operand::Const(Const::Object(word.to_owned()));
            }
        }
    }

    /// Returns the problem of a constant that is neither a literal nor an object.
    fn unknown_constant(&self, name: &str, not_literal: Problem) -> Problem {
        if !operand::is_bare(name) {
            return not_literal;
        }
        let labels = self.unit.objects.iter().map(|object| &*object.label);
        let message = format!("unknown object '{name}'");
        let words = ["None", "True", "False", "Ellipsis"];
        let word = words
            .into_iter()
            .find(|word| word.eq_ignore_ascii_case(name));
        let problem = problem(not_literal.at, message, "neither an object nor a literal");
        suggest(problem, word.or_else(|| closest(name, labels)))
    }

    /// Gives objects without source lines the lines of this text.
    fn count_lines(&mut self, text: &str) {
        let index = LineIndex::new(text);
        for object in &mut self.unit.objects {
            if object.said.first_line.is_some() || object.said.line_table.is_some() {
                continue;
            }
            object.said.first_line = i32::try_from(index.line(object.span.start)).ok();
            let items = std::mem::take(&mut object.items);
            let mut last = None;
            for item in items {
                if let What::Insn(..) | What::Bytes(_) = item.what {
                    let line = index.line(item.span.start);
                    if last.replace(line) != Some(line) {
                        object.items.push(Item {
                            what: What::Line(line.into()),
                            ..item
                        });
                    }
                }
                object.items.push(item);
            }
        }
    }
}

/// The greatest number of objects that are nested in the text.
const MAX_OPEN: usize = 900;

/// The greatest number of problems with a suggestion.
const MAX_SUGGESTIONS: usize = 20;

/// Returns the problem of a label that an object does not have.
fn unknown_label(unit: &Unit, index: usize, span: Span, label: &str) -> Problem {
    let object = &unit.objects[index];
    let message = format!("unknown label '{label}' in '{}'", object.label);
    let near = closest(label, labels(object));
    let problem = suggest(problem(span, message, "unknown"), near);
    let other = unit
        .objects
        .iter()
        .find(|object| labels(object).any(|other| other == label));
    match other {
        Some(other) => problem.help(format!(
            "'{}' has such a label, but a jump cannot leave its code object",
            other.label
        )),
        None => problem,
    }
}

fn labels(object: &CodeObject) -> impl Iterator<Item = &str> {
    object.items.iter().filter_map(|item| match &item.what {
        What::Label(label) => Some(&**label),
        What::Line(_) | What::Insn(..) | What::Bytes(_) => None,
    })
}

/// The reason why an operation does not take its operand.
enum Failed {
    Problem(Problem),
    /// The operator is that of another operation.
    Operator(Op, u32),
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Failed {
        Failed::Problem(problem)
    }
}

/// Returns true if a literal is a word that is not a literal in Python.
fn is_word(text: &str) -> bool {
    operand::is_bare(text) && !matches!(text, "None" | "True" | "False" | "..." | "Ellipsis")
}

/// Returns the name of a label or an object: the whole operand, or the contents of a string.
fn label_text(piece: Piece, taker: &str) -> Result<String, Problem> {
    if piece.text.is_empty() {
        let message = format!("{taker} takes a name");
        return Err(problem(piece.span, message, "missing"));
    }
    if !piece.text.starts_with(['\'', '"']) {
        return Ok(piece.text.to_owned());
    }
    let text = operand::string(piece)?;
    match text.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(problem(
            piece.span,
            "a label cannot contain surrogates",
            "with surrogates",
        )),
    }
}
