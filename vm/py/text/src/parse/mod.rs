//! Text to [`Unit`].

mod directive;
pub(super) mod operand;

use super::line::{Line, Unclosed, lines};
use super::unit::{Args, CodeObject, Const, Item, Operand, Said, Unit, What, is_main};
use super::words::{Word, Words};
use super::wrong::{Wrong, diagnostics};
use operand::Piece;
use std::collections::{HashMap, HashSet};
use vm_base::{Diagnostic, LineIndex, Span, closest};
use vm_py_code::insn::{Arg, Op};

/// Reads a text; `file` is what messages call it.
pub fn parse(file: &str, text: &str) -> Result<Unit, Vec<Diagnostic>> {
    let mut parser = Parser {
        words: Words::new(),
        unit: Unit::default(),
        open: Vec::new(),
        defined: HashMap::new(),
        wanted: Vec::new(),
        words_for_values: Vec::new(),
        nowhere: Vec::new(),
        wrong: Vec::new(),
    };
    for line in lines(text) {
        match line {
            Ok(line) => parser.line(line),
            Err(Unclosed(span)) => {
                let wrong = Wrong::new(span, "the quote is not closed", "it begins here");
                parser
                    .wrong
                    .push(wrong.help("a string ends on the line it begins on"));
            }
        }
    }
    parser.finish(file, text)
}

/// A code object that waits for its `END`.
struct Open {
    /// Its index in the unit.
    index: usize,
    /// What may still come.
    stage: Stage,
    labels: HashMap<String, Span>,
    /// Jumps, to look their labels up at the end: the index of the item.
    jumps: Vec<usize>,
    /// How parameters are given from here on.
    giving: Giving,
    /// Whether something said which lines the source has.
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
enum Giving {
    ByPosition,
    ByName,
    Nothing,
}

struct Parser {
    words: Words,
    unit: Unit,
    open: Vec<Open>,
    /// Where the objects' labels stand.
    defined: HashMap<String, Span>,
    /// Constants that are no literals, and why not.
    wanted: Vec<(String, Wrong)>,
    /// Where words of ours stand for values that Python has no literal for: object and item. They
    /// may be names of objects as well.
    words_for_values: Vec<(usize, usize)>,
    /// Labels that an object does not have: its index, where a jump names it, the label.
    nowhere: Vec<(usize, Span, String)>,
    wrong: Vec<Wrong>,
}

impl Parser {
    fn line(&mut self, line: Line) {
        let Some(word) = self.words.find(line.word) else {
            let message = format!("there is no instruction '{}'", line.word);
            // It takes time to find what was meant, and nobody reads of so many.
            let look = self.wrong.len() < MOST_LOOKED_UP;
            let near = look.then(|| closest(line.word, Words::all())).flatten();
            self.wrong
                .push(Wrong::new(line.word_span, message, "unknown").meant(near));
            // What follows is to be read as if the line had been right.
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
            _ if self.open.is_empty() => {
                Err(
                    Wrong::new(line.word_span, "this stands in no object", "outside")
                        .help("instructions stand between DEFINE and END"),
                )
            }
            Word::End => self.end(operand),
            Word::AddArg => self.add_arg(line, operand),
            Word::Label => self.label(line, operand),
            Word::Line => self.line_event(line, operand),
            Word::Bytes => self.bytes(line, operand),
            Word::Op(op) => self.insn(op, line, operand),
        };
        if let Err(wrong) = found {
            self.wrong.push(wrong);
        }
    }

    fn define(&mut self, operand: Piece) -> Result<(), Wrong> {
        let label = label_text(operand, "DEFINE")?;
        if self.open.len() >= MOST_OPEN {
            let message = format!("'{label}' is defined too deep in others");
            return Err(Wrong::new(operand.span, message, "this one")
                .note(format!("up to {MOST_OPEN} stand in each other"))
                .help("objects can as well stand beside each other"));
        }
        if let Some(above) = self.open.last_mut() {
            above.stage = Stage::Body;
        }
        // The module is the same whatever its case.
        let key = if is_main(&label) {
            "main".into()
        } else {
            label.clone()
        };
        let wrong = self.defined.contains_key(&key).then(|| {
            let first = if is_main(&label) {
                "the module is"
            } else {
                "it is"
            };
            Wrong::new(operand.span, format!("'{label}' is defined twice"), "again")
                .note(format!("{first} defined above already"))
                .help("NAME gives an object another name than the one it is defined under")
        });
        self.defined.entry(key).or_insert(operand.span);
        self.open.push(Open {
            index: self.unit.objects.len(),
            stage: Stage::Head,
            labels: HashMap::new(),
            jumps: Vec::new(),
            giving: Giving::ByPosition,
            has_lines: false,
        });
        self.unit.objects.push(CodeObject {
            label,
            args: Args::default(),
            items: Vec::new(),
            said: Said::default(),
            span: operand.span,
        });
        wrong.map_or(Ok(()), Err)
    }

    fn end(&mut self, operand: Piece) -> Result<(), Wrong> {
        if let Some(open) = self.open.pop() {
            self.look_up(open);
        }
        match operand.text {
            "" => Ok(()),
            text if operand::number(text).is_some() => Ok(()),
            _ => Err(Wrong::new(operand.span, "END takes nothing", "not this")),
        }
    }

    /// Looks up the labels that an object's jumps name.
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
            self.nowhere
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

    fn label(&mut self, line: Line, operand: Piece) -> Result<(), Wrong> {
        let label = label_text(operand, "LABEL")?;
        self.item(What::Label(label.clone()), line);
        let Some(open) = self.open.last_mut() else {
            return Ok(());
        };
        match open.labels.insert(label.clone(), operand.span) {
            None => Ok(()),
            Some(_) => Err(Wrong::new(
                operand.span,
                format!("the label '{label}' stands twice in one object"),
                "again",
            )),
        }
    }

    fn line_event(&mut self, line: Line, operand: Piece) -> Result<(), Wrong> {
        let number = operand::integer(operand.text)
            .ok_or_else(|| Wrong::new(operand.span, "LINE takes a line's number", "no number"))?;
        if let Some(open) = self.open.last_mut() {
            open.has_lines = true;
        }
        self.item(What::Line(number), line);
        Ok(())
    }

    fn bytes(&mut self, line: Line, operand: Piece) -> Result<(), Wrong> {
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
            Wrong::new(operand.span, "BYTES takes bytes", "not these")
                .help("each is two hexadecimal digits: BYTES 09 00")
        })?;
        self.item(What::Bytes(bytes), line);
        Ok(())
    }

    fn insn(&mut self, op: Op, line: Line, piece: Piece) -> Result<(), Wrong> {
        let (op, operand) = match self.operand(op, piece) {
            Ok(found) => (op, found),
            Err(Failed::Operator(op, number)) => (op, Operand::Number(number)),
            Err(Failed::Wrong(wrong)) => {
                self.item(What::Insn(op, Operand::None), line);
                return Err(wrong);
            }
        };
        if let (Operand::Label(_), Some(open)) = (&operand, self.open.last_mut()) {
            open.jumps.push(self.unit.objects[open.index].items.len());
        }
        self.item(What::Insn(op, operand), line);
        Ok(())
    }

    fn operand(&mut self, op: Op, piece: Piece) -> Result<Operand, Failed> {
        let index = piece.text.strip_prefix('@').map(|_| piece.behind(1));
        let index = match (index, op.arg()) {
            (Some(index), Arg::Const | Arg::Name | Arg::Local | Arg::Cell)
            | (Some(index), Arg::JumpTo | Arg::JumpForward) => {
                let number = operand::number(index.text);
                Some(number.ok_or_else(|| {
                    Wrong::new(piece.span, "an index is expected", "no number")
                        .help("it is from @0 to @4294967295")
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
                        return Err(Wrong::new(piece.span, message, "not this").into());
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

    /// A literal, or else the name of an object, which may be defined later.
    fn constant(&mut self, piece: Piece, taker: &str) -> Result<Const, Wrong> {
        if piece.text.is_empty() {
            let message = format!("{taker} takes a constant");
            return Err(Wrong::new(piece.span, message, "nothing stands here")
                .help("a Python literal, or the name of an object"));
        }
        match operand::value(&mut self.unit.pool, piece) {
            Ok(value) => {
                if let Some(open) = self.open.last().filter(|_| is_word(piece.text)) {
                    let item = self.unit.objects[open.index].items.len();
                    self.words_for_values.push((open.index, item));
                }
                Ok(Const::Value(value))
            }
            Err(wrong) => {
                self.wanted.push((piece.text.to_owned(), wrong));
                Ok(Const::Object(piece.text.to_owned()))
            }
        }
    }

    /// The object that is open, and its index.
    fn innermost(&mut self) -> Option<(&mut Open, &mut CodeObject)> {
        let open = self.open.last_mut()?;
        let object = &mut self.unit.objects[open.index];
        Some((open, object))
    }

    fn finish(mut self, file: &str, text: &str) -> Result<Unit, Vec<Diagnostic>> {
        while let Some(open) = self.open.pop() {
            let object = &self.unit.objects[open.index];
            let message = format!("'{}' has no END", object.label);
            self.wrong.push(
                Wrong::new(object.span, message, "it begins here")
                    .help("a line END closes each DEFINE"),
            );
            self.look_up(open);
        }
        let wanted = std::mem::take(&mut self.wanted);
        let labels: HashSet<&str> = self.unit.objects.iter().map(|o| &*o.label).collect();
        let wanted = wanted
            .into_iter()
            .filter(|(name, _)| !labels.contains(&**name));
        let wrong: Vec<Wrong> = wanted
            .take(MOST_LOOKED_UP)
            .map(|(name, wrong)| self.no_constant(&name, wrong))
            .collect();
        self.wrong.extend(wrong);
        let nowhere = std::mem::take(&mut self.nowhere);
        let nowhere = nowhere.iter().take(MOST_LOOKED_UP);
        let nowhere =
            nowhere.map(|(index, span, label)| no_label(&self.unit, *index, *span, label));
        self.wrong.extend(nowhere);
        if self.unit.main().is_none() {
            let span = Span::new(text.len(), text.len());
            self.wrong.push(
                Wrong::new(span, "no object is called 'main'", "the text ends here")
                    .help("the module is the object that 'DEFINE main' begins"),
            );
        }
        if !self.wrong.is_empty() {
            return Err(diagnostics(self.wrong, file, text));
        }
        self.prefer_objects(text);
        self.count_lines(text);
        Ok(self.unit)
    }

    /// Takes words that are no literals of Python's own for objects, if there are such objects.
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

    /// What to say of a constant that is neither a literal nor an object.
    fn no_constant(&self, name: &str, wrong: Wrong) -> Wrong {
        if !operand::is_bare(name) {
            return wrong;
        }
        let labels = self.unit.objects.iter().map(|object| &*object.label);
        let message = format!("there is no object '{name}'");
        let words = ["None", "True", "False", "Ellipsis"];
        let word = words
            .into_iter()
            .find(|word| word.eq_ignore_ascii_case(name));
        Wrong::new(wrong.span, message, "neither an object nor a literal")
            .meant(word.or_else(|| closest(name, labels)))
    }

    /// Where an object does not say which lines it comes from, it comes from those of this text.
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

/// Most objects that wait for their `END`: the lines of each go over all those within it.
const MOST_OPEN: usize = 900;

/// Names beyond this are not looked up to find what was meant.
const MOST_LOOKED_UP: usize = 20;

/// What to say of a label that an object does not have.
fn no_label(unit: &Unit, index: usize, span: Span, label: &str) -> Wrong {
    let object = &unit.objects[index];
    let message = format!("there is no label '{label}' in '{}'", object.label);
    let near = closest(label, labels(object));
    let wrong = Wrong::new(span, message, "not here").meant(near);
    let other = unit
        .objects
        .iter()
        .find(|object| labels(object).any(|other| other == label));
    match other {
        Some(other) => wrong.note(format!(
            "there is one in '{}', but a jump stays in its code object",
            other.label
        )),
        None => wrong,
    }
}

fn labels(object: &CodeObject) -> impl Iterator<Item = &str> {
    object.items.iter().filter_map(|item| match &item.what {
        What::Label(label) => Some(&**label),
        What::Line(_) | What::Insn(..) | What::Bytes(_) => None,
    })
}

/// Why an operand is not taken as it is.
enum Failed {
    Wrong(Wrong),
    /// The operator belongs to another operation.
    Operator(Op, u32),
}

impl From<Wrong> for Failed {
    fn from(wrong: Wrong) -> Failed {
        Failed::Wrong(wrong)
    }
}

/// Whether a literal is a word that Python does not take for one.
fn is_word(text: &str) -> bool {
    operand::is_bare(text) && !matches!(text, "None" | "True" | "False" | "..." | "Ellipsis")
}

/// The name of a label or an object: the whole operand, or a string.
fn label_text(piece: Piece, taker: &str) -> Result<String, Wrong> {
    if piece.text.is_empty() {
        let message = format!("{taker} takes a name");
        return Err(Wrong::new(piece.span, message, "nothing stands here"));
    }
    if !piece.text.starts_with(['\'', '"']) {
        return Ok(piece.text.to_owned());
    }
    let text = operand::string(piece)?;
    match text.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(Wrong::new(
            piece.span,
            "a label holds no surrogates",
            "such",
        )),
    }
}
