//! Steps on the names of functions and files, and on the file that a function is in.

use super::source::{Function, Kind, Line, Source};
use super::within;
use crate::case::Case;
use crate::reduce::step::{Step, Steps};
use std::rc::Rc;

/// Returns the operand that calls a function of the file `path` from the file `from`.
fn operand(path: &str, from: &str, name: &str) -> String {
    let slash = if from.contains('/') { "/" } else { "" };
    format!("{slash}{path}#{name}")
}

/// Returns lines of the file `from` as they must be in the entry to call the same functions.
pub(super) fn moved(source: &Source, from: usize, lines: &[Rc<Line>]) -> Vec<Rc<Line>> {
    let entry = source.entry().filter(|&entry| entry != from);
    let home = entry.and_then(|entry| source.files[entry].0.as_deref());
    let Some(home) = home else {
        return lines.to_vec();
    };
    let changed = |line: &Rc<Line>| {
        let callee = &source.functions[source.callee(from, line)?];
        let path = source.files[callee.file].0.as_deref()?;
        Some(Line::insn("call", &operand(path, home, &callee.name)))
    };
    lines
        .iter()
        .map(|line| changed(line).unwrap_or_else(|| Rc::clone(line)))
        .collect()
}

/// Moves functions of other files into the entry.
pub(super) fn merge(case: &Case) -> Steps<'_> {
    let source = Rc::new(Source::of(case));
    Box::new((0..source.functions.len()).map(move |number| {
        let source = Rc::clone(&source);
        Step::new(number as u64, move || {
            let entry = source.entry()?;
            let function = &source.functions[number];
            if function.file == entry || !function.closed {
                return None;
            }
            let name = match source.find(entry, &function.name) {
                None => function.name.clone(),
                Some(_) => unused(&source, entry).next()?,
            };
            let home = source.files[entry].0.as_deref()?;
            let body = moved(&source, function.file, source.body(function));
            let mut lines = vec![Line::new(Kind::Function(name.clone()))];
            lines.extend(body);
            lines.push(Line::new(Kind::End));
            let calls = |from: &str| operand(home, from, &name);
            let case = redirected(&source, number, &calls, Some((entry, lines)))?;
            Source::of(&case).pruned()
        })
    }))
}

/// Returns the case with other operands in the calls of a function, and perhaps with more lines at
/// the end of a file.
fn redirected(
    source: &Source,
    number: usize,
    operand: &dyn Fn(&str) -> String,
    more: Option<(usize, Vec<Rc<Line>>)>,
) -> Option<Case> {
    let mut files = Vec::new();
    for (file, (path, lines)) in source.files.iter().enumerate() {
        let from = path.as_deref().unwrap_or_default();
        let mut lines: Vec<Rc<Line>> = lines.clone();
        if let Some((_, more)) = more.as_ref().filter(|(into, _)| *into == file) {
            lines.extend_from_slice(more);
        }
        for line in &mut lines {
            if source.callee(file, line) == Some(number) {
                *line = Line::insn("call", &operand(from));
            }
        }
        files.push((file, lines));
    }
    Some(source.with_files(files.iter().map(|(file, lines)| (*file, lines))))
}

/// Returns short names that no function of a file has.
fn unused<'a>(source: &'a Source, file: usize) -> impl Iterator<Item = String> + 'a {
    let names = ('f'..='z').map(String::from);
    let more = (0..).map(|number| format!("f{number}"));
    names
        .chain(more)
        .filter(move |name| source.find(file, name).is_none())
}

/// Shortens the names of functions and files, and the paths in calls.
pub(super) fn names(case: &Case) -> Steps<'_> {
    let source = Rc::new(Source::of(case));
    let functions = (0..source.functions.len()).flat_map({
        let source = Rc::clone(&source);
        move |number| {
            [true, false].map(|rename| {
                let source = Rc::clone(&source);
                Step::new(within(0, number as u64), move || match rename {
                    true => renamed(&source, number),
                    false => {
                        let Function { file, name, .. } = &source.functions[number];
                        let path = source.files[*file].0.clone()?;
                        redirected(&source, number, &|from| operand(&path, from, name), None)
                    }
                })
            })
        }
    });
    let files = case.files.keys().enumerate().map(move |(file, name)| {
        let source = Rc::clone(&source);
        Step::new(within(1, file as u64), move || {
            file_renamed(case, &source, file, name)
        })
    });
    Box::new(functions.chain(files))
}

/// Returns the case with a shorter name for a function other than `main`.
fn renamed(source: &Source, number: usize) -> Option<Case> {
    let Function {
        file, name, lines, ..
    } = &source.functions[number];
    if source.main() == Some(number) || name.chars().count() < 2 {
        return None;
    }
    let new = unused(source, *file).next()?;
    let path = source.files[*file].0.clone()?;
    let case = redirected(source, number, &|from| operand(&path, from, &new), None)?;
    let header = Line::new(Kind::Function(new.clone()));
    let source = Source::of(&case);
    Some(source.splice(*file, lines.start..lines.start + 1, &[header]))
}

/// Returns the case with a short name for a file, which moves to the root.
fn file_renamed(case: &Case, source: &Source, file: usize, name: &str) -> Option<Case> {
    let old = source.files[file].0.as_deref()?;
    if name == case.entry || old.len() <= "a.mmm".len() {
        return None;
    }
    let free = |name: &String| {
        !case
            .files
            .contains_key(&format!("{}{name}", case.root_prefix()))
    };
    let new = ('a'..='z')
        .map(|letter| format!("{letter}.mmm"))
        .find(free)?;
    let mut files = Vec::new();
    for (from, (path, lines)) in source.files.iter().enumerate() {
        // From its new folder, the file calls others by other paths.
        let mut lines = lines.clone();
        let home = if from == file { &new } else { path.as_ref()? };
        for line in &mut lines {
            let Some(callee) = source.callee(from, line) else {
                continue;
            };
            let callee = &source.functions[callee];
            if callee.file == file {
                *line = Line::insn("call", &operand(&new, home, &callee.name));
            } else if from == file {
                let path = source.files[callee.file].0.as_deref()?;
                *line = Line::insn("call", &operand(path, home, &callee.name));
            }
        }
        files.push((from, lines));
    }
    let mut case = source.with_files(files.iter().map(|(file, lines)| (*file, lines)));
    let bytes = case.files.remove(name)?;
    let name = format!("{}{new}", case.root_prefix());
    case.files.insert(name, bytes);
    Some(case)
}
