//! Steps inside functions: statements, trees of instructions, calls, operands.

use super::extract::Trace;
use super::flow::{Flow, Type};
use super::literals::{of_value, plainest};
use super::names::moved;
use super::source::{Function, Kind, Line, Source};
use super::within;
use crate::case::Case;
use crate::reduce::generic::simpler_bytes;
use crate::reduce::ranges::ranges;
use crate::reduce::step::{Step, Steps};
use crate::reduce::weight;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A function and the flow of values in it.
struct Body<'a> {
    source: Rc<Source<'a>>,
    function: Function,
    flow: Flow,
}

impl<'a> Body<'a> {
    /// Returns the functions of a case, each with its index.
    fn all(case: &'a Case) -> impl Iterator<Item = (usize, Rc<Body<'a>>)> {
        let source = Rc::new(Source::of(case));
        (0..source.functions.len()).map(move |number| {
            let function = source.functions[number].clone();
            let flow = Flow::of(&source, function.file, source.body(&function));
            let source = Rc::clone(&source);
            let body = Body {
                source,
                function,
                flow,
            };
            (number, Rc::new(body))
        })
    }

    fn lines(&self) -> &[Rc<Line>] {
        self.source.body(&self.function)
    }

    /// Returns the case with other lines as this body.
    fn with(&self, lines: &[Rc<Line>]) -> Case {
        self.source
            .splice(self.function.file, self.function.body(), lines)
    }

    /// Returns the case with `by` in the place of one instruction, and without those in `removed`.
    fn replace(&self, at: usize, by: &[Rc<Line>], removed: &BTreeSet<usize>) -> Case {
        let mut lines = Vec::with_capacity(self.lines().len());
        for (index, line) in self.lines().iter().enumerate() {
            if index == at {
                lines.extend_from_slice(by);
            } else if !removed.contains(&index) {
                lines.push(Rc::clone(line));
            }
        }
        self.with(&lines)
    }
}

/// Removes functions and files that are no longer called.
fn pruned(case: Case) -> Option<Case> {
    Some(Source::of(&case).pruned().unwrap_or(case))
}

/// Removes runs of statements: lines between two points at which the stack is empty.
pub(super) fn statements(case: &Case) -> Steps<'_> {
    Box::new(Body::all(case).flat_map(|(number, body)| {
        let mut starts = body.flow.statements();
        starts.push(body.lines().len());
        ranges(starts.len() - 1).map(move |(place, range)| {
            let lines = starts[range.start]..starts[range.end];
            let body = Rc::clone(&body);
            Step::new(within(number, place), move || {
                let kept = [&body.lines()[..lines.start], &body.lines()[lines.end..]];
                Some(body.with(&kept.concat()))
            })
        })
    }))
}

/// Keeps an instruction with all those that produce its operands, and removes the others of its
/// function.
pub(super) fn slices(case: &Case) -> Steps<'_> {
    Box::new(Body::all(case).flat_map(|(number, body)| {
        let count = body.lines().len();
        (0..count).map(move |back| {
            let body = Rc::clone(&body);
            Step::new(within(number, back as u64), move || {
                let tree = body.flow.tree(count - 1 - back);
                let kept: Vec<_> = tree
                    .iter()
                    .map(|&at| Rc::clone(&body.lines()[at]))
                    .collect();
                Some(body.with(&kept))
            })
        })
    }))
}

/// Removes trees of instructions: those that produce an item, together with the one that uses it.
pub(super) fn trees(case: &Case) -> Steps<'_> {
    Box::new(Body::all(case).flat_map(|(number, body)| {
        (0..body.lines().len()).flat_map(move |back| {
            let body = Rc::clone(&body);
            let at = body.lines().len() - 1 - back;
            let uses = body.flow.uses(at).to_vec();
            let place = within(number, (back as u64) << 8);
            // Removes the whole tree; the instruction and one operand; one operand only.
            let whole = {
                let body = Rc::clone(&body);
                Step::new(place, move || {
                    let removed = body.flow.tree(at);
                    Some(body.replace(usize::MAX, &[], &removed))
                })
            };
            let parts = uses
                .into_iter()
                .enumerate()
                .flat_map(move |(index, operand)| {
                    let place = place + 1 + (index as u64).min(100) * 2;
                    let with_user = {
                        let body = Rc::clone(&body);
                        Step::new(place, move || {
                            let mut removed = body.flow.tree(operand);
                            removed.insert(at);
                            Some(body.replace(usize::MAX, &[], &removed))
                        })
                    };
                    let body = Rc::clone(&body);
                    let operand_only = Step::new(place + 1, move || {
                        let removed = body.flow.tree(operand);
                        Some(body.replace(usize::MAX, &[], &removed))
                    });
                    [with_user, operand_only]
                });
            [whole].into_iter().chain(parts)
        })
    }))
}

/// Replaces a call by the callee's body.
pub(super) fn inline(case: &Case) -> Steps<'_> {
    Box::new(Body::all(case).flat_map(|(number, body)| {
        (0..body.lines().len()).filter_map(move |at| {
            let callee = body.source.callee(body.function.file, &body.lines()[at])?;
            let body = Rc::clone(&body);
            Some(Step::new(within(number, at as u64), move || {
                let source = &body.source;
                let callee = &source.functions[callee];
                let lines = source.body(callee);
                let returned = lines.iter().position(|line| line.is("ret"));
                let lines = &lines[..returned.unwrap_or(lines.len())];
                let lines = moved(source, callee.file, lines);
                pruned(body.replace(at, &lines, &BTreeSet::new()))
            }))
        })
    }))
}

/// Replaces the instructions that produce a value by a literal: of the value that was seen in the
/// trace, or a plain one of its type or of any type.
pub(super) fn literals(case: &Case) -> Steps<'_> {
    let trace = Rc::new(Trace::of(case));
    Box::new(Body::all(case).flat_map(move |(number, body)| {
        let trace = Rc::clone(&trace);
        (0..body.lines().len()).flat_map(move |at| {
            let candidates = match body.flow.has_result(at) {
                true => replacements(&body, at, &trace),
                false => Vec::new(),
            };
            let body = Rc::clone(&body);
            candidates
                .into_iter()
                .enumerate()
                .map(move |(index, line)| {
                    let body = Rc::clone(&body);
                    Step::new(within(number, (at as u64) << 8 | index as u64), move || {
                        let removed = body.flow.tree(at);
                        pruned(body.replace(at, &[line], &removed))
                    })
                })
        })
    }))
}

/// Returns the literals that may replace an instruction and those that produce its operands.
fn replacements(body: &Body, at: usize, trace: &Trace) -> Vec<Rc<Line>> {
    const MAX_REPLACEMENTS: usize = 200;
    let of = body.flow.result_type(at);
    let seen = trace.value_after(&body.source, &body.function, at);
    let seen = seen.into_iter().flat_map(|text| of_value(text, of));
    let same = of.into_iter().flat_map(plainest);
    // If the type of an operation's result is known, literals of other types are unlikely to help.
    let more = match (of, body.flow.uses(at)) {
        (Some(_), [_, ..]) => 0,
        (Some(_), []) => 1,
        (None, _) => 2,
    };
    let others = Type::ALL.into_iter().filter(|&other| Some(other) != of);
    let others = others.flat_map(|other| plainest(other).take(more));
    let retyped = match body.lines()[at].insn_parts() {
        Some(("constexpr", operand)) => of.map(|of| Line::insn(of.mnemonic(), operand)),
        _ => None,
    };
    let mut found: Vec<Rc<Line>> = Vec::new();
    for line in seen.chain(retyped).chain(same).chain(others) {
        if !found.contains(&line) && line != body.lines()[at] {
            found.push(line);
        }
    }
    found.truncate(MAX_REPLACEMENTS);
    found
}

/// Simplifies operators, indices, literals, unknown words and anything else in a line.
pub(super) fn operands(case: &Case) -> Steps<'_> {
    let source = Rc::new(Source::of(case));
    Box::new((0..source.files.len()).flat_map(move |file| {
        let source = Rc::clone(&source);
        (0..source.lines(file).len()).flat_map(move |at| {
            let source = Rc::clone(&source);
            let lines = simpler_lines(&source, file, &source.lines(file)[at]);
            lines.enumerate().map(move |(index, line)| {
                let source = Rc::clone(&source);
                let place = within(file, (at as u64) << 16 | (index as u64).min(0xffff));
                Step::new(place, move || {
                    Some(source.splice(file, at..at + 1, &[line]))
                })
            })
        })
    }))
}

/// Returns simpler lines to put in the place of one.
fn simpler_lines(source: &Source, file: usize, line: &Line) -> Box<dyn Iterator<Item = Rc<Line>>> {
    match &line.kind {
        Kind::Blank | Kind::End => Box::new(std::iter::empty()),
        Kind::Other => {
            let lines = simpler_bytes(&line.raw);
            Box::new(lines.map(|(_, raw)| Rc::new(Line::read(&raw))))
        }
        // The names of functions that are called are changed together with the calls.
        Kind::Function(name) => Box::new(texts(name).map(|name| Line::new(Kind::Function(name)))),
        Kind::Insn(mnemonic, operand) => {
            let fixed: &[&str] = match mnemonic.as_str() {
                "bin_op" => &["+", "-", "*", "/"],
                "printn" => &["*", "0"],
                "call" => match source.target(file, operand) {
                    Some((_, Some(_))) => return Box::new(std::iter::empty()),
                    _ => &[],
                },
                _ => &[],
            };
            let fixed = fixed.iter().map({
                let mnemonic = mnemonic.clone();
                move |operand| Line::insn(&mnemonic, operand)
            });
            let (open, inner, close) = quoted(operand).unwrap_or(("", operand, ""));
            let (open, close) = (open.to_owned(), close.to_owned());
            let operands = texts(inner).map({
                let mnemonic = mnemonic.clone();
                move |inner| Line::insn(&mnemonic, &format!("{open}{inner}{close}"))
            });
            let known = vm::mmm::insn::Op::from_mnemonic(mnemonic.as_bytes()).is_some();
            let words = texts(mnemonic).filter(move |word| !known && !word.is_empty());
            let operand = operand.clone();
            let words = words.map(move |word| Line::insn(&word, &operand));
            Box::new(fixed.chain(operands).chain(words))
        }
    }
}

/// Splits an operand in quotes into the opening quote, the text and the closing quote.
fn quoted(operand: &str) -> Option<(&str, &str, &str)> {
    let ends = |quote: char| operand.starts_with(quote) && operand.ends_with(quote);
    let inner = operand.get(1..operand.len().checked_sub(1)?)?;
    (ends('"') || ends('\'')).then_some((&operand[..1], inner, &operand[..1]))
}

fn texts(text: &str) -> impl Iterator<Item = String> + use<> {
    weight::simpler(text).map(|(_, text)| text)
}
