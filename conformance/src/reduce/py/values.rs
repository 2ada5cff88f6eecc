//! Steps on the operands of instructions: constants, variables and labels.

use super::{View, steps, value_weight, within};
use crate::case::Case;
use crate::reduce::step::{Step, Steps};
use crate::reduce::weight;
use std::collections::BTreeSet;
use std::rc::Rc;
use vm::py::literal;
use vm::py::object::{Id, Object, Pool, Str};
use vm::py::text::unit::{Args, Const, Operand, Unit, What};

/// Replaces constants by plainer ones: other literals, or the same with less in it.
pub(super) fn constants(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        let objects = 0..view.unit.objects.len();
        objects.flat_map(move |object| {
            let view = Rc::clone(&view);
            let count = view.unit.objects[object].items.len();
            (0..count).flat_map(move |at| plainer(&view, object, at))
        })
    })
}

/// Returns the steps that replace the constant of an instruction.
fn plainer<'a>(view: &Rc<View<'a>>, object: usize, at: usize) -> Steps<'a> {
    let pool = &view.unit.pool;
    let known = match &view.unit.objects[object].items[at].what {
        What::Insn(_, Operand::Const(Const::Value(id))) => *id,
        _ => return Box::new(std::iter::empty()),
    };
    let Some(text) =
        literal::print(pool, known).filter(|_| !matches!(pool.get(known), Object::None))
    else {
        return Box::new(std::iter::empty());
    };
    let view = Rc::clone(view);
    let weight = value_weight(pool, known);
    let first = ["None", "0", "1", "''", "b''", "()", "True", "0.0", "1.0"].map(str::to_owned);
    let parts = parts(pool, known).into_iter();
    let shorter = weight::simpler(&text).map(|(_, text)| text);
    let all = first.into_iter().chain(parts).chain(shorter);
    let all = all.enumerate().map(move |(index, text)| {
        let view = Rc::clone(&view);
        let place = within(object, (at as u64) << 20 | (index as u64).min(0xf_ffff));
        Step::new(place, move || {
            let mut unit = view.unit.clone();
            let id = literal::parse(&mut unit.pool, &text).ok()?;
            if value_weight(&unit.pool, id) >= weight {
                return None;
            }
            let What::Insn(_, operand) = &mut unit.objects[object].items[at].what else {
                return None;
            };
            *operand = Operand::Const(Const::Value(id));
            view.with(unit)
        })
    });
    Box::new(all)
}

/// Returns the parts of a constant, and the constant without each of its parts.
fn parts(pool: &Pool, id: Id) -> Vec<String> {
    let (items, open, close) = match pool.get(id) {
        Object::Tuple(items) => (items, "(", ",)"),
        Object::FrozenSet(items) => (items, "frozenset({", "})"),
        _ => return Vec::new(),
    };
    let texts: Option<Vec<String>> = items
        .iter()
        .map(|&item| literal::print(pool, item))
        .collect();
    let Some(texts) = texts else {
        return Vec::new();
    };
    let fewer = (0..texts.len()).filter(|_| texts.len() > 1).map(|removed| {
        let kept = texts.iter().enumerate().filter(|(at, _)| *at != removed);
        let kept: Vec<&str> = kept.map(|(_, text)| text.as_str()).collect();
        format!("{open}{}{close}", kept.join(", "))
    });
    fewer.chain(texts.iter().cloned()).collect()
}

/// Shortens the names of variables, code objects and labels.
pub(super) fn names(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        let known = Names::of(&view.unit);
        let taken: BTreeSet<String> = known.all.clone();
        let free = ('a'..='z')
            .map(String::from)
            .find(|name| !taken.contains(name));
        let all = known
            .ours
            .into_iter()
            .filter(|name| name.chars().count() > 1);
        let variables = all.zip(0..).filter_map({
            let view = Rc::clone(&view);
            move |(name, place): (String, u64)| {
                let (view, by) = (Rc::clone(&view), free.clone()?);
                Some(Step::new(place, move || {
                    view.with(renamed(&view.unit, &name, &by))
                }))
            }
        });
        let labels = (0..view.unit.objects.len()).map(move |object| {
            let view = Rc::clone(&view);
            Step::new(within(1, object as u64), move || {
                let mut unit = view.unit.clone();
                relabel(&mut unit, object);
                view.with(unit)
            })
        });
        variables.chain(labels)
    })
}

/// The names in a unit.
struct Names {
    all: BTreeSet<String>,
    /// Those that the program itself defines.
    ours: BTreeSet<String>,
}

impl Names {
    fn of(unit: &Unit) -> Names {
        let mut names = Names {
            all: BTreeSet::new(),
            ours: BTreeSet::new(),
        };
        for object in &unit.objects {
            let args = object.args.in_order().filter_map(Str::as_str);
            names.ours.extend(args.map(str::to_owned));
            names.ours.insert(object.label.clone());
            for item in &object.items {
                let What::Insn(op, Operand::Name(name)) = &item.what else {
                    continue;
                };
                let Some(name) = name.as_str() else {
                    continue;
                };
                names.all.insert(name.to_owned());
                if op.mnemonic().starts_with("STORE") {
                    names.ours.insert(name.to_owned());
                }
            }
        }
        names.ours.remove("main");
        names.all.extend(names.ours.iter().cloned());
        names
    }
}

/// Returns the unit with `by` in the place of a name.
fn renamed(unit: &Unit, name: &str, by: &str) -> Unit {
    let mut unit = unit.clone();
    let new = Str::new(by);
    let rename = |known: &mut Str| {
        if known.as_str() == Some(name) {
            *known = new.clone();
        }
    };
    for object in &mut unit.objects {
        if object.label == name {
            by.clone_into(&mut object.label);
        }
        let Args {
            positional_only,
            positional,
            rest,
            keyword_only,
            keywords,
        } = &mut object.args;
        let listed = positional_only.iter_mut().chain(positional);
        let listed = listed.chain(rest).chain(keyword_only).chain(keywords);
        listed.for_each(rename);
        let said = [&mut object.said.cells, &mut object.said.frees];
        said.into_iter().flatten().flatten().for_each(rename);
        for item in &mut object.items {
            match &mut item.what {
                What::Insn(_, Operand::Name(known)) => rename(known),
                What::Insn(_, Operand::Const(Const::Object(label))) if label == name => {
                    by.clone_into(label);
                }
                _ => {}
            }
        }
    }
    unit
}

/// Gives the labels of a code object short names.
fn relabel(unit: &mut Unit, object: usize) {
    let mut labels: Vec<String> = Vec::new();
    let items = &mut unit.objects[object].items;
    for item in items.iter() {
        if let What::Label(label) = &item.what {
            labels.push(label.clone());
        }
    }
    let new = |label: &str| {
        let at = labels.iter().position(|known| known == label)?;
        let letter = char::from(b'a' + (at % 26) as u8);
        Some(match at / 26 {
            0 => letter.to_string(),
            more => format!("{letter}{more}"),
        })
    };
    for item in items.iter_mut() {
        let (What::Label(label) | What::Insn(_, Operand::Label(label))) = &mut item.what else {
            continue;
        };
        if let Some(by) = new(label) {
            *label = by;
        }
    }
}
