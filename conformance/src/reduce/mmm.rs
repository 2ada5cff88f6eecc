//! Steps on programs of the `mmm` machine: on functions, statements, trees of instructions and
//! operands.

mod code;
mod extract;
mod flow;
mod literals;
mod names;
mod source;

use super::ranges::ranges;
use super::step::{Form, Step, Steps};
use super::{files, limits};
use crate::case::Case;
use source::{Kind, Line, Source};
use std::rc::Rc;

/// Text of the machine, whether or not it loads.
pub(super) static FORM: Form = Form {
    weigh: source::weigh,
    is_sound: |_| true,
    passes: &[
        normalize,
        files::settings,
        limits::smaller,
        prune,
        promote,
        files::remove_files,
        files::move_to_root,
        remove_functions,
        code::statements,
        extract::instructions,
        code::slices,
        code::trees,
        runs,
        code::inline,
        code::literals,
        code::operands,
        names::merge,
        names::names,
        layout,
    ],
};

/// Returns the number of instructions of a program.
pub(super) fn instructions(case: &Case) -> u64 {
    let source = Source::of(case);
    let lines = source.files.iter().flat_map(|(_, lines)| lines);
    let is_counted = |line: &&Rc<Line>| matches!(line.kind, Kind::Insn(..) | Kind::Other);
    lines.filter(is_counted).count() as u64
}

/// Returns the place of a step from the part of the case that it is in and its place there.
fn within(part: usize, place: u64) -> u64 {
    (part as u64) << 42 | place
}

/// Gives all files the plain layout at once, or one file.
fn normalize(case: &Case) -> Steps<'_> {
    let source = Rc::new(Source::of(case));
    let all = {
        let source = Rc::clone(&source);
        Step::new(0, move || Some(plain(&source, 0..source.files.len())))
    };
    let each = (0..case.files.len()).map(move |file| {
        let source = Rc::clone(&source);
        Step::new(1 + file as u64, move || {
            Some(plain(&source, file..file + 1))
        })
    });
    Box::new([all].into_iter().chain(each))
}

/// Returns the case with the plain layout in some files.
fn plain(source: &Source, files: std::ops::Range<usize>) -> Case {
    let made: Vec<(usize, Vec<Rc<Line>>)> = files
        .map(|file| {
            let lines = source.lines(file).iter();
            let lines = lines.filter(|line| line.kind != Kind::Blank);
            let plainer = |line: &Rc<Line>| match line.kind {
                Kind::Other => Rc::clone(line),
                _ => Line::new(line.kind.clone()),
            };
            (file, lines.map(plainer).collect())
        })
        .collect();
    source.with_files(made.iter().map(|(file, lines)| (*file, lines)))
}

/// Removes functions and files that the program cannot reach.
fn prune(case: &Case) -> Steps<'_> {
    Box::new([Step::new(0, move || Source::of(case).pruned())].into_iter())
}

/// Makes another function the whole program.
fn promote(case: &Case) -> Steps<'_> {
    let source = Rc::new(Source::of(case));
    Box::new((0..source.functions.len()).map(move |at| {
        let source = Rc::clone(&source);
        Step::new(at as u64, move || {
            let main = source.main().filter(|&main| main != at)?;
            let function = &source.functions[at];
            let body = names::moved(&source, function.file, source.body(function));
            let main = &source.functions[main];
            let case = source.splice(main.file, main.body(), &body);
            Source::of(&case).pruned()
        })
    }))
}

/// Removes functions, with or without the calls to them.
fn remove_functions(case: &Case) -> Steps<'_> {
    let source = Rc::new(Source::of(case));
    Box::new(
        ranges(source.functions.len()).flat_map(move |(place, range)| {
            [true, false].map(|calls| {
                let (source, range) = (Rc::clone(&source), range.clone());
                Step::new(place, move || {
                    if !calls {
                        return Some(source.keeping(|function| !range.contains(&function)));
                    }
                    let left: Vec<(usize, Vec<&Rc<Line>>)> = (0..source.files.len())
                        .map(|file| {
                            let lines = source.lines(file).iter();
                            let is_kept = |line: &&Rc<Line>| {
                                let callee = source.callee(file, line);
                                callee.is_none_or(|callee| !range.contains(&callee))
                            };
                            (file, lines.filter(is_kept).collect())
                        })
                        .collect();
                    let case = source.with_files(left);
                    let kept = Source::of(&case).keeping(|function| !range.contains(&function));
                    Some(kept)
                })
            })
        }),
    )
}

/// Removes runs of lines, whatever they contain.
fn runs(case: &Case) -> Steps<'_> {
    let source = Rc::new(Source::of(case));
    Box::new((0..source.files.len()).flat_map(move |file| {
        let source = Rc::clone(&source);
        ranges(source.lines(file).len()).map(move |(place, range)| {
            let source = Rc::clone(&source);
            Step::new(within(file, place), move || {
                Some(source.splice(file, range, &[]))
            })
        })
    }))
}

/// Gives single lines the plain layout, and removes empty ones.
fn layout(case: &Case) -> Steps<'_> {
    let source = Rc::new(Source::of(case));
    Box::new((0..source.files.len()).flat_map(move |file| {
        let source = Rc::clone(&source);
        (0..source.lines(file).len()).filter_map(move |at| {
            let line = &source.lines(file)[at];
            let plain = line.plain();
            if plain == line.raw {
                return None;
            }
            let source = Rc::clone(&source);
            Some(Step::new(within(file, at as u64), move || {
                let line = &source.lines(file)[at];
                let plain = match line.kind {
                    Kind::Blank => Vec::new(),
                    _ => vec![Line::new(line.kind.clone())],
                };
                Some(source.splice(file, at..at + 1, &plain))
            }))
        })
    }))
}
