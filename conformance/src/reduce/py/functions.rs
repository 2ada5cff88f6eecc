//! Steps on whole code objects: they are removed, become the module, or become part of their callers.

use super::body::{Body, loads};
use super::{View, body_steps, steps, within};
use crate::case::Case;
use crate::reduce::ranges::ranges;
use crate::reduce::step::{Step, Steps};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use vm::py::insn::Op;
use vm::py::macros::edit;
use vm::py::object::{Object, Str};
use vm::py::text::unit::{CodeObject, Item, Operand, What, is_main};

/// Removes code objects, and replaces the functions that are made of them by `None`; or removes the
/// bodies of code objects, so that they only return.
pub(super) fn remove_objects(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        let count = view.unit.objects.len();
        let all = Rc::clone(&view);
        let removed = ranges(count).map(move |(place, range)| {
            let view = Rc::clone(&all);
            Step::new(place, move || without(&view, &range))
        });
        let empty = (0..count).map(move |object| {
            let view = Rc::clone(&view);
            Step::new(within(1, object as u64), move || {
                let mut unit = view.unit.clone();
                let items = vec![
                    edit::load(&mut unit.pool, Object::None),
                    edit::plain(Op::ReturnValue),
                ];
                unit.objects[object].items = items;
                view.with(unit)
            })
        });
        removed.chain(empty)
    })
}

fn without(view: &Rc<View>, range: &Range<usize>) -> Option<Case> {
    let objects = &view.unit.objects;
    let removed: Vec<&str> = objects[range.clone()]
        .iter()
        .map(|object| object.label.as_str())
        .filter(|label| !is_main(label))
        .collect();
    if removed.is_empty() {
        return None;
    }
    let mut unit = view.unit.clone();
    let none = edit::load(&mut unit.pool, Object::None);
    for (number, object) in objects.iter().enumerate() {
        if !object.items.iter().any(|item| loads(item).is_some()) {
            continue;
        }
        let body = Body::new(Rc::clone(view), number);
        let mut items = Vec::new();
        for (at, item) in body.items().iter().enumerate() {
            let load = match edit::op(item) {
                // The name is on top of the code object.
                Some(Op::MakeFunction) => body.operands(at).and_then(|operands| {
                    let code = operands.len().checked_sub(2)?;
                    let code = operands[code].start;
                    Some((operands[0].start, code))
                }),
                _ => None,
            };
            if let Some((start, code)) = load
                && loads(&body.items()[code]).is_some_and(|label| removed.contains(&label))
            {
                // Since `start`, one item was added for each item of the body.
                let kept = items.len().checked_sub(at - start)?;
                items.truncate(kept);
                items.push(none.clone());
            } else {
                items.push(item.clone());
            }
        }
        let loads_removed = |item: &Item| loads(item).is_some_and(|label| removed.contains(&label));
        for item in items.iter_mut().filter(|item| loads_removed(item)) {
            *item = none.clone();
        }
        unit.objects[number].items = items;
    }
    unit.objects
        .retain(|object| !removed.contains(&object.label.as_str()));
    view.with(unit)
}

/// Makes another code object the module.
pub(super) fn promote(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        (0..view.unit.objects.len()).map(move |object| {
            let view = Rc::clone(&view);
            Step::new(object as u64, move || {
                let mut unit = view.unit.clone();
                let main = unit
                    .objects
                    .iter()
                    .position(|object| is_main(&object.label))?;
                if main == object {
                    return None;
                }
                unit.objects[main].items = unit.objects[object].items.clone();
                unit.objects.remove(object);
                view.with(unit)
            })
        })
    })
}

/// Replaces a call by the body of the function, or the code that makes a function by its body, which
/// then runs at once.
pub(super) fn inline(case: &Case) -> Steps<'_> {
    body_steps(case, |body| {
        let count = body.items().len();
        (0..count).flat_map(move |at| {
            let body = Rc::clone(&body);
            let place = within(body.number, at as u64);
            [inlined, made_here].into_iter().map(move |way| {
                let body = Rc::clone(&body);
                Step::new(place, move || way(&body, at))
            })
        })
    })
}

/// Returns the code object that a name is bound to, if there is only one of that name.
fn bound<'u>(view: &'u View, name: &str) -> Option<&'u CodeObject> {
    let objects = view.unit.objects.iter();
    let mut found = objects.filter(|object| {
        let last = object.label.rsplit('.').next().unwrap_or_default();
        !is_main(&object.label) && last == name
    });
    let one = found.next()?;
    found.next().is_none().then_some(one)
}

fn inlined(body: &Body, at: usize) -> Option<Case> {
    if edit::op(&body.items()[at]) != Some(Op::CallFunction) {
        return None;
    }
    let operands = body.operands(at)?;
    let (callee, arguments) = operands.split_first()?;
    let callee = match &body.items()[callee.clone()] {
        [load] => bound(&body.view, edit::name(load)?)?,
        // The function is made where it is called.
        [.., _] => made_at(body, callee.end - 1)?,
        [] => return None,
    };
    let by = spliced(body, callee, arguments.len())?;
    // The arguments stay on the stack.
    let start = operands[0].clone();
    body.replace_all(&[(start, Vec::new()), (at..at + 1, by)])
}

fn made_here(body: &Body, at: usize) -> Option<Case> {
    let by = spliced(body, made_at(body, at)?, 0)?;
    body.replace(body.start(at)?..at + 1, &by)
}

/// Returns the code object that an instruction makes a function of.
fn made_at<'u>(body: &'u Body, at: usize) -> Option<&'u CodeObject> {
    if edit::op(&body.items()[at]) != Some(Op::MakeFunction) {
        return None;
    }
    let operands = body.operands(at)?;
    let code = operands.len().checked_sub(2)?;
    let label = loads(&body.items()[operands[code].start])?;
    body.view
        .unit
        .objects
        .iter()
        .find(|object| object.label == label)
}

/// Returns the items of a function, changed to take its arguments from the stack and to leave its
/// result there.
fn spliced(body: &Body, callee: &CodeObject, arguments: usize) -> Option<Vec<Item>> {
    let args = &callee.args;
    let plain = args.keyword_only.is_empty() && args.rest.is_none() && args.keywords.is_none();
    if !plain && arguments > 0 || arguments > args.by_position() {
        return None;
    }
    let names: Vec<&Str> = args.in_order().collect();
    let fast = |item: &Item| matches!(edit::op(item), Some(Op::LoadFast | Op::StoreFast));
    // The caller has its variables in a namespace or in slots.
    let named = is_main(&body.object().label) || !body.items().iter().any(fast);
    let mut items: Vec<Item> = names[..arguments]
        .iter()
        .rev()
        .map(|name| Item::insn(Op::StoreFast, Operand::Name((*name).clone())))
        .collect();
    let labels: HashMap<&str, String> = callee
        .items
        .iter()
        .filter_map(|item| match &item.what {
            What::Label(label) => Some(label.as_str()),
            What::Line(_) | What::Insn(..) | What::Bytes(_) => None,
        })
        .map(|label| {
            (
                label,
                edit::unused_label(body.object(), &format!("{label}_")),
            )
        })
        .collect();
    let end = edit::unused_label(body.object(), "end_");
    for item in &callee.items {
        let what = match &item.what {
            What::Label(label) => What::Label(labels.get(label.as_str())?.clone()),
            What::Insn(Op::ReturnValue, _) => {
                What::Insn(Op::JumpForward, Operand::Label(end.clone()))
            }
            What::Insn(op, Operand::Label(label)) => {
                What::Insn(*op, Operand::Label(labels.get(label.as_str())?.clone()))
            }
            other => other.clone(),
        };
        items.push(Item::new(what));
    }
    if items.last().and_then(edit::op) == Some(Op::JumpForward) {
        items.pop();
    }
    for item in items.iter_mut().filter(|_| named) {
        if let What::Insn(op, _) = &mut item.what {
            *op = match *op {
                Op::LoadFast => Op::LoadName,
                Op::StoreFast => Op::StoreName,
                Op::DeleteFast => Op::DeleteName,
                other => other,
            };
        }
    }
    items.push(edit::label(&end));
    Some(items)
}

/// Removes parameters, with or without the arguments that calls pass for them.
pub(super) fn parameters(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        (0..view.unit.objects.len()).flat_map(move |object| {
            let view = Rc::clone(&view);
            let count = view.unit.objects[object].args.in_order().count();
            (0..count).flat_map(move |index| {
                let view = Rc::clone(&view);
                [true, false].into_iter().map(move |calls| {
                    let view = Rc::clone(&view);
                    let place = within(object, index as u64);
                    Step::new(place, move || {
                        without_parameter(&view, object, index, calls)
                    })
                })
            })
        })
    })
}

fn without_parameter(view: &Rc<View>, object: usize, index: usize, calls: bool) -> Option<Case> {
    let mut unit = view.unit.clone();
    let callee = &view.unit.objects[object];
    let by_position = callee.args.by_position();
    let args = &mut unit.objects[object].args;
    let only = args.positional_only.len();
    let by_name = by_position + args.keyword_only.len();
    match index {
        _ if index < only => drop(args.positional_only.remove(index)),
        _ if index < by_position => drop(args.positional.remove(index - only)),
        _ if index < by_name => drop(args.keyword_only.remove(index - by_position)),
        _ if index == by_name && args.rest.is_some() => args.rest = None,
        _ => args.keywords = None,
    }
    if !calls {
        return view.with(unit);
    }
    let name = callee.label.rsplit('.').next()?;
    for number in 0..view.unit.objects.len() {
        let body = Body::new(Rc::clone(view), number);
        let mut removed: Vec<Range<usize>> = Vec::new();
        let mut counts: HashMap<usize, u32> = HashMap::new();
        for (at, item) in body.items().iter().enumerate() {
            if edit::op(item) != Some(Op::CallFunction) {
                continue;
            }
            let Some(operands) = body.operands(at) else {
                continue;
            };
            let load = operands[0].clone();
            let named = load.len() == 1 && edit::name(&body.items()[load.start]) == Some(name);
            if let Some(operand) = operands.get(index + 1).filter(|_| named) {
                removed.push(operand.clone());
                counts.insert(at, operands.len() as u32 - 2);
            }
        }
        let items = body.items().iter().enumerate();
        let items = items.filter(|(at, _)| !removed.iter().any(|range| range.contains(at)));
        let items = items.map(|(at, item)| match counts.get(&at) {
            Some(&count) => edit::counted(Op::CallFunction, count),
            None => item.clone(),
        });
        unit.objects[number].items = items.collect();
    }
    view.with(unit)
}
