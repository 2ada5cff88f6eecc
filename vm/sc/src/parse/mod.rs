//! Assembles a text to a [`File`], and records the spans of its parts.

mod expr;
mod lex;
mod line;

use super::constants::Constants;
use super::file::{Ast, ConstantRef, File, Spot};
use super::insn::Insn;
use expr::{Expression, expression, literal};
pub(super) use lex::{KEYWORDS, begins_name, continues_name};
use lex::{Kind, Token, tokens};
use line::Line;
use std::collections::HashMap;
use vm_base::{Diagnostic, LoadError, Place, Problem, Span, closest};

/// Only this many problems of a text are reported.
const MAX_PROBLEMS: usize = 20;

/// An assembled text.
pub(super) struct Assembled {
    pub(super) file: File,
    pub(super) places: Places,
}

/// The span of each part of a file in the text.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    insns: Vec<Span>,
    asts: Vec<AstPlaces>,
}

#[derive(Clone, Debug)]
struct AstPlaces {
    whole: Span,
    ops: Vec<Span>,
}

impl Places {
    pub(super) fn span(&self, spot: Spot) -> Span {
        let found = match spot {
            Spot::StackMax(ast) | Spot::Ast(ast) => self.asts.get(ast).map(|ast| ast.whole),
            Spot::Op { ast, op, .. } => self.asts.get(ast).map(|ast| match ast.ops.get(op) {
                Some(span) => *span,
                None => ast.whole,
            }),
            Spot::Insn { insn, .. } => self.insns.get(insn).copied(),
        };
        found.unwrap_or_default()
    }
}

/// Assembles a text.
pub(super) fn parse(name: &str, text: &str) -> Result<Assembled, LoadError> {
    let mut parser = Parser {
        file: File::default(),
        places: Places::default(),
        constants: Constants::new(),
        open: Vec::new(),
        by_name: HashMap::new(),
        problems: Vec::new(),
    };
    parser.text(text);
    if parser.problems.is_empty() {
        parser.file.constants = parser.constants.into_stored();
        return Ok(Assembled {
            file: parser.file,
            places: parser.places,
        });
    }
    let problems = parser.problems.into_iter();
    let diagnostics = problems
        .map(|problem| problem.diagnostic(|span, label| Place::in_text(name, text, span, label)));
    Err(diagnostics.collect::<Vec<Diagnostic>>().into())
}

/// A loop whose `end` was not read yet.
struct Open {
    insn: usize,
    name: Option<String>,
    span: Span,
    /// The `stop` instructions of the loop, which do not have their index yet.
    stops: Vec<usize>,
}

struct Parser {
    file: File,
    places: Places,
    constants: Constants,
    open: Vec<Open>,
    /// For each name of an open loop, the indices of its loops in `open`.
    by_name: HashMap<String, Vec<usize>>,
    problems: Vec<Problem<Span>>,
}

impl Parser {
    fn text(&mut self, text: &str) {
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let mark = if start == 0 && line.starts_with('\u{feff}') {
                '\u{feff}'.len_utf8()
            } else {
                0
            };
            let bare = line.strip_suffix('\n').unwrap_or(line);
            let bare = bare.strip_suffix('\r').unwrap_or(bare);
            if let Err(wrong) = self.line(&bare[mark..], start + mark) {
                self.problems.push(wrong);
            }
            if self.problems.len() >= MAX_PROBLEMS {
                return;
            }
            start += line.len();
        }
        for open in std::mem::take(&mut self.open) {
            let found = Problem::new(open.span, "the loop is never ended").label("begins here");
            self.problems.push(found.help("add 'end' after its body"));
        }
        self.problems.truncate(MAX_PROBLEMS);
    }

    fn line(&mut self, text: &str, start: usize) -> Result<(), Problem<Span>> {
        let mut list = Vec::new();
        tokens(text, start, &mut list)?;
        let (Some(first), Some(last)) = (list.first(), list.last()) else {
            return Ok(());
        };
        let whole = Span {
            start: first.span.start,
            end: last.span.end,
        };
        let mut line = Line {
            tokens: &list,
            at: 0,
            end: Span::new(last.span.end as usize, last.span.end as usize + 1),
        };
        self.statement(&mut line, whole)
    }

    fn add(&mut self, insn: Insn, span: Span) {
        self.file.instructions.push(insn);
        self.places.insns.push(span);
    }

    fn statement(&mut self, line: &mut Line, whole: Span) -> Result<(), Problem<Span>> {
        let first = line.tokens[0].kind.clone();
        match first {
            Kind::Directive(".const") => {
                line.skip();
                let Some((literal, span)) = literal(line)? else {
                    return Err(line.expected("an Int, a Float or a Str"));
                };
                line.ends()?;
                match literal.constant() {
                    ConstantRef::Nil | ConstantRef::Bool(_) => {
                        let message = "nil, false and true are implied and cannot be stored";
                        return Err(Problem::new(span, message).label("not an Int, Float or Str"));
                    }
                    constant => self.constants.add(constant),
                };
            }
            Kind::Directive(".ast") => {
                line.skip();
                self.new_ast(line)?;
                line.ends()?;
            }
            Kind::Directive(word) => {
                let found =
                    Problem::new(line.tokens[0].span, format!("unknown directive '{word}'"));
                return Err(found.help("the directives are .const and .ast"));
            }
            Kind::Word("pass") => {
                line.skip();
                line.ends()?;
                self.add(Insn::Pass, whole);
            }
            Kind::Word("end") => {
                line.skip();
                // The loop ends even if the line has an error, so that nothing else is reported for
                // it.
                self.end(whole)?;
                line.ends()?;
            }
            Kind::Word("proceed") => self.leave(line, whole, false)?,
            Kind::Word("stop") => self.leave(line, whole, true)?,
            Kind::Word("goto") | Kind::Word("label") => {
                line.skip();
                let name = line.name("a label's name")?.index(&mut self.constants)?;
                line.ends()?;
                let goto = first == Kind::Word("goto");
                self.add(
                    if goto {
                        Insn::Goto { name }
                    } else {
                        Insn::Label { name }
                    },
                    whole,
                );
            }
            Kind::Word("for") | Kind::Word("while") => self.begin(line, None, whole)?,
            Kind::Word(name) if line.second().is_some_and(|t| t.kind == Kind::Sign(":")) => {
                if KEYWORDS.contains(&name) {
                    let message = format!("'{name}' is a keyword and cannot name a loop");
                    let found = Problem::new(line.tokens[0].span, message).label("not a name");
                    line.at += 2;
                    // The loop begins even if the line has an error, so that its `end` is not an
                    // error.
                    self.begin(line, None, whole)?;
                    return Err(found);
                }
                line.at += 2;
                self.begin(line, Some(name), whole)?;
            }
            _ => self.set_or_eval(line, whole)?,
        }
        Ok(())
    }

    fn set_or_eval(&mut self, line: &mut Line, whole: Span) -> Result<(), Problem<Span>> {
        let assigned = match (line.peek().map(|token| &token.kind), line.second()) {
            (Some(Kind::Word(_) | Kind::Name(_)), Some(second)) => match second.kind {
                Kind::Sign("=") => true,
                Kind::Sign("@") => line
                    .tokens
                    .get(3)
                    .is_some_and(|token| token.kind == Kind::Sign("=")),
                _ => false,
            },
            _ => false,
        };
        if assigned {
            let name = line.name("a variable's name")?.index(&mut self.constants)?;
            line.needs_sign("=")?;
            let ast = self.ast(line)?;
            line.ends()?;
            self.add(Insn::Set { name, ast }, whole);
            return Ok(());
        }
        let word = match (line.peek(), line.second()) {
            (
                Some(Token {
                    kind: Kind::Word(word),
                    ..
                }),
                Some(Token { kind, .. }),
            ) if !matches!(kind, Kind::Sign(_)) => Some(*word),
            _ => None,
        };
        let read = self.ast(line).and_then(|ast| line.ends().map(|()| ast));
        let wrong = match read {
            Ok(ast) => {
                self.add(Insn::Eval { ast }, whole);
                return Ok(());
            }
            Err(wrong) => wrong,
        };
        let statements = KEYWORDS.iter().copied().take(9);
        let near = word.and_then(|word| closest(&word.to_lowercase(), statements));
        Err(match near {
            Some(word) => wrong.help(format!("did you mean '{word}'?")),
            None => wrong,
        })
    }

    /// Reads `&N`, an existing ast, or an expression.
    fn ast(&mut self, line: &mut Line) -> Result<u64, Problem<Span>> {
        let from = line.peek().map_or(line.end, |token| token.span);
        if !line.sign("&") {
            return self.new_ast(line);
        }
        let index = line.number("the index of an ast")?;
        let count = self.file.asts.len() as u64;
        if index >= count {
            let message = format!("there is no ast {index} yet: there are {count}");
            let found = Problem::new(line.up_to(from), message).label("not there");
            return Err(found.help("'&' names an ast of a line above, counted from 0"));
        }
        Ok(index)
    }

    fn new_ast(&mut self, line: &mut Line) -> Result<u64, Problem<Span>> {
        let declared = match line.sign("{") {
            true => {
                let declared = line.number("a stack length")?;
                line.needs_sign("}")?;
                Some(declared)
            }
            false => None,
        };
        let read: Expression = expression(line)?;
        let (ops, spans) = read.ops(&mut self.constants)?;
        let mut ast = Ast::new(ops);
        ast.stack_max = declared.unwrap_or(ast.stack_max);
        self.file.asts.push(ast);
        self.places.asts.push(AstPlaces {
            whole: read.span,
            ops: spans,
        });
        Ok(self.file.asts.len() as u64 - 1)
    }

    fn begin(
        &mut self,
        line: &mut Line,
        name: Option<&str>,
        span: Span,
    ) -> Result<(), Problem<Span>> {
        // An error in the line leaves the loop open, so that its `end` is not an error.
        let insn = self.file.instructions.len();
        let is_for = line.word("for");
        if !is_for && !line.word("while") {
            return Err(line.expected("'for' or 'while'"));
        }
        if let Some(name) = name {
            let places = self.by_name.entry(name.to_owned()).or_default();
            places.push(self.open.len());
        }
        self.open.push(Open {
            insn,
            name: name.map(str::to_owned),
            span,
            stops: Vec::new(),
        });
        self.add(Insn::Pass, span);
        self.file.instructions[insn] = if is_for {
            let var = line.name("a variable's name")?.index(&mut self.constants)?;
            line.needs_sign("=")?;
            let start = self.ast(line)?;
            if !line.word("to") {
                return Err(line.expected("'to'"));
            }
            let stop = self.ast(line)?;
            Insn::For {
                var,
                start,
                stop,
                end: 0,
            }
        } else {
            let cond = self.ast(line)?;
            Insn::While { cond, end: 0 }
        };
        line.ends()
    }

    fn end(&mut self, span: Span) -> Result<(), Problem<Span>> {
        let Some(open) = self.open.pop() else {
            let found = Problem::new(span, "there is no open loop to end").label("ends nothing");
            return Err(found.help("a loop begins with 'for' or 'while'"));
        };
        if let Some(name) = &open.name
            && let Some(places) = self.by_name.get_mut(name)
        {
            places.pop();
        }
        let here = self.file.instructions.len() as u64;
        match &mut self.file.instructions[open.insn] {
            Insn::For { end, .. } | Insn::While { end, .. } => *end = here,
            // The line that begins the loop has an error, which is reported already.
            _ => {}
        }
        for stop in open.stops {
            self.file.instructions[stop] = Insn::Jump { to: here };
        }
        let head = open.insn as u64;
        self.add(Insn::End { head }, span);
        Ok(())
    }

    fn leave(&mut self, line: &mut Line, span: Span, stop: bool) -> Result<(), Problem<Span>> {
        line.skip();
        let at = match line.peek() {
            None => self.open.len().checked_sub(1),
            Some(token) => {
                let Kind::Word(name) = token.kind else {
                    return Err(line.expected("a loop's name"));
                };
                let places = self.by_name.get(name);
                let Some(at) = places.and_then(|places| places.last()) else {
                    let message = format!("there is no open loop named '{name}'");
                    let found = Problem::new(token.span, message).label("not a loop around this");
                    let names = self.open.iter().filter_map(|open| open.name.as_deref());
                    return Err(match closest(name, names) {
                        Some(near) => found.help(format!("did you mean '{near}'?")),
                        None => found.help(format!("name a loop as in '{name}: while …'")),
                    });
                };
                line.skip();
                Some(*at)
            }
        };
        line.ends()?;
        let Some(at) = at else {
            return Err(
                Problem::new(span, "there is no loop around this").label("outside of loops")
            );
        };
        let head = self.open[at].insn as u64;
        self.add(Insn::Jump { to: head }, span);
        if stop {
            // It names the loop's end, whose index is not known yet.
            let here = self.file.instructions.len() - 1;
            self.open[at].stops.push(here);
        }
        Ok(())
    }
}
