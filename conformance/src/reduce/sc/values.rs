//! Steps on constants and names, and on constants and asts that are unused.

use super::{steps, stored};
use crate::case::Case;
use crate::generate::sc::file::{Ast, Constant, File, Insn, Op, STORED, canonical};
use crate::reduce::step::{Step, Steps};
use crate::reduce::weight;
use std::rc::Rc;

/// Returns the file that a step made; if the file was canonical before, it is made canonical again.
pub(super) fn normalized(before: &File, after: File) -> File {
    match canonical(before) == *before {
        true => canonical(&after),
        false => after,
    }
}

/// Removes unused constants and asts, one by one: some may matter although they are unused.
pub(super) fn unused(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        let constants = view.file.constants.len();
        let all = constants + view.file.asts.len();
        (0..all).map(move |at| {
            let view = Rc::clone(&view);
            Step::new(at as u64, move || {
                let mut file = view.file.clone();
                match at.checked_sub(constants) {
                    None => remove_constant(&mut file, at)?,
                    Some(ast) => remove_ast(&mut file, ast)?,
                }
                view.with(&file)
            })
        })
    })
}

/// Removes a constant; `None` if it is used.
fn remove_constant(file: &mut File, at: usize) -> Option<()> {
    file.constants.remove(at);
    let index = STORED + at as u64;
    let mut used = false;
    let mut moved = |name: Option<&mut u64>| {
        if let Some(name) = name {
            used |= *name == index;
            *name -= u64::from(*name > index);
        }
    };
    let ops = file.asts.iter_mut().flat_map(|ast| &mut ast.ops);
    ops.for_each(|op| moved(op.constant()));
    let insns = file.insns.iter_mut();
    insns.for_each(|insn| moved(insn.constant()));
    (!used).then_some(())
}

/// Removes an ast; `None` if it is used.
fn remove_ast(file: &mut File, at: usize) -> Option<()> {
    file.asts.remove(at);
    let mut used = false;
    for index in file.insns.iter_mut().flat_map(Insn::asts) {
        used |= *index == at as u64;
        *index -= u64::from(*index > at as u64);
    }
    (!used).then_some(())
}

/// The functions of every host, whose names are not changed.
const FUNCTIONS: [&str; 6] = ["print", "str", "len", "type", "int", "float"];

/// Makes constants and names plainer.
pub(super) fn constants(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        let names = names(&view.file);
        (0..view.file.constants.len()).flat_map(move |at| {
            let constant = &view.file.constants[at];
            let plainer = match constant {
                Constant::Str(text) if names.contains(&(STORED + at as u64)) => {
                    plainer_names(&view.file, text)
                }
                _ => plainer(constant),
            };
            let view = Rc::clone(&view);
            plainer.enumerate().map(move |(index, constant)| {
                let view = Rc::clone(&view);
                Step::new((at as u64) << 32 | index as u64, move || {
                    let mut file = view.file.clone();
                    file.constants[at] = constant;
                    view.with(&normalized(&view.file, file))
                })
            })
        })
    })
}

/// Constants, produced one by one.
type Constants = Box<dyn Iterator<Item = Constant>>;

/// Returns the indices of the constants that are names.
fn names(file: &File) -> Vec<u64> {
    let mut insns = file.insns.clone();
    let mut names: Vec<u64> = insns
        .iter_mut()
        .filter_map(|insn| insn.constant().copied())
        .collect();
    for op in file.asts.iter().flat_map(|ast| &ast.ops) {
        match *op {
            Op::Var(name) | Op::Call(name, _) => names.push(name),
            Op::Const(_) | Op::Operator(_) => {}
        }
    }
    names
}

/// Returns plainer names for a variable or label.
fn plainer_names(file: &File, text: &str) -> Constants {
    if FUNCTIONS.contains(&text) {
        return Box::new(std::iter::empty());
    }
    let free = |name: &String| {
        let name = Constant::Str(name.clone());
        !file.constants.contains(&name)
    };
    let letter = ('a'..='z').map(String::from).find(free);
    let letter = letter.filter(|letter| weight::text(letter) < weight::text(text));
    // A name of one letter is short enough.
    let short = text.len() < 2;
    let others = weight::simpler(text).map(|(_, text)| text);
    let others = others.filter(move |text| !short && !text.is_empty());
    Box::new(letter.into_iter().chain(others).map(Constant::Str))
}

/// Returns constants that are nearer to zero, rounder, or shorter.
fn plainer(constant: &Constant) -> Constants {
    match constant {
        Constant::Int(value) => {
            let known = [0, 1, -1, i64::MAX, i64::MIN, value / 2];
            let shorter = weight::simpler(&value.to_string());
            let shorter = shorter.filter_map(|(_, text)| text.parse().ok());
            Box::new(known.into_iter().chain(shorter).map(Constant::Int))
        }
        Constant::Float(bits) => {
            let value = f64::from_bits(*bits);
            let known = [0.0, 1.0, -1.0, 0.5, value.trunc(), f64::INFINITY, f64::NAN];
            let shorter = weight::simpler(&float_text(*bits)).filter_map(|(_, text)| {
                let digits =
                    text.starts_with(['-', '.']) || text.starts_with(|c: char| c.is_ascii_digit());
                text.parse::<f64>().ok().filter(|_| digits)
            });
            let all = known.into_iter().chain(shorter);
            Box::new(all.map(|value| Constant::Float(value.to_bits())))
        }
        Constant::Str(text) => {
            let shorter = weight::simpler(text);
            Box::new(shorter.map(|(_, text)| Constant::Str(text)))
        }
    }
}

/// Returns the shortest text of a Float; for a NaN that has no text, its bits.
pub(super) fn float_text(bits: u64) -> String {
    let value = f64::from_bits(bits);
    if value.is_nan() && bits != f64::NAN.to_bits() {
        return format!("nan {bits:x}");
    }
    let (plain, exponent) = (value.to_string(), format!("{value:e}"));
    match plain.len() <= exponent.len() {
        true => plain,
        false => exponent,
    }
}

/// Makes asts declare the height that their stacks need.
pub(super) fn lengths(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        (0..view.file.asts.len()).map(move |at| {
            let view = Rc::clone(&view);
            Step::new(at as u64, move || {
                let mut file = view.file.clone();
                file.asts[at] = Ast::new(file.asts[at].ops.clone());
                view.with(&file)
            })
        })
    })
}

/// Returns the index of the constant that prints as `text`. A Str that prints like another value is
/// taken for that value.
pub(super) fn of_value(file: &mut File, text: &str) -> u64 {
    match text {
        "nil" => 0,
        "0b" => 2,
        "1b" => 3,
        _ => {
            let quoted = text
                .strip_prefix('"')
                .and_then(|text| text.strip_suffix('"'));
            let number = text.starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
                || matches!(text, "inf" | "NaN");
            let constant = match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(value), _) if number && !text.starts_with('+') => Constant::Int(value),
                (_, Ok(value)) if number => Constant::Float(value.to_bits()),
                _ => Constant::Str(quoted.unwrap_or(text).to_owned()),
            };
            stored(file, constant)
        }
    }
}
