//! Steps on instructions: runs of them, trees, branches, blocks.

use super::body::{Body, is_code, number};
use super::{body_steps, within};
use crate::case::Case;
use crate::reduce::ranges::ranges;
use crate::reduce::step::{Step, Steps};
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use vm::py::insn::{Arg, Branch, Op};
use vm::py::macros::edit;
use vm::py::object::Object;
use vm::py::text::unit::{Item, Operand, What};

/// The number of instructions from which on a run is large.
const MIN_LARGE: usize = 64;

/// Removes large runs, before the slower passes.
pub(super) fn large_runs(case: &Case) -> Steps<'_> {
    body_steps(case, |body| runs_of(body, MIN_LARGE))
}

/// Removes runs of instructions between two places with the same state of the stacks.
pub(super) fn runs(case: &Case) -> Steps<'_> {
    body_steps(case, |body| runs_of(body, 1))
}

/// Removes runs of at least `min_length` instructions between two places with the same state of the
/// stacks.
fn runs_of<'a>(body: Rc<Body<'a>>, min_length: usize) -> impl Iterator<Item = Step<'a>> {
    let mut places: BTreeMap<(i64, u32), Vec<usize>> = BTreeMap::new();
    let items = body.items();
    for at in 0..=items.len() {
        if let Some(state) = body.state(at)
            && items.get(at).is_none_or(is_code)
        {
            let key = (state.depth, state.blocks);
            places.entry(key).or_default().push(at);
        }
    }
    places
        .into_values()
        .zip(0..)
        .flat_map(move |(places, group): (Vec<usize>, u64)| {
            let places = Rc::new(places);
            let body = Rc::clone(&body);
            let object = body.number;
            let runs = ranges(places.len() - 1);
            let runs = runs.filter(move |(_, range)| range.len() >= min_length);
            runs.map(move |(place, range)| {
                let range = places[range.start]..places[range.end];
                let body = Rc::clone(&body);
                // The large runs of all groups come before the small ones of any group.
                let place = (place >> 32) << 36 | group.min(255) << 28 | place & 0xfff_ffff;
                Step::new(within(object, place), move || body.replace(range, &[]))
            })
        })
}

/// Replaces the code that produces an item by `None` or by one of its operands.
pub(super) fn trees(case: &Case) -> Steps<'_> {
    body_steps(case, |body| {
        let count = body.items().len();
        (0..count).flat_map(move |back| {
            // Outer trees end after inner ones.
            let at = count - 1 - back;
            tree(&body, at).into_iter().zip(0..).map({
                let body = Rc::clone(&body);
                move |(change, variant): (Change, u64)| {
                    let body = Rc::clone(&body);
                    let place = within(body.number, (back as u64) << 8 | variant.min(255));
                    Step::new(place, move || change.make(&body))
                }
            })
        })
    })
}

/// A change of a tree.
enum Change {
    /// Replaces a range by this number of `None`s.
    Nones(Range<usize>, i64),
    /// Replaces a range by one of its parts.
    Part(Range<usize>, Range<usize>),
    /// Removes a range, which produces an operand of the instruction at the index, and changes the
    /// argument of that instruction.
    Less(Range<usize>, usize, u32),
    /// Replaces a range by other instructions.
    Items(Range<usize>, Vec<Item>),
}

impl Change {
    /// Returns the changed case.
    fn make(self, body: &Body) -> Option<Case> {
        match self {
            Change::Nones(range, count) => {
                let mut unit = body.view.unit.clone();
                let load = edit::load(&mut unit.pool, Object::None);
                let items = body.items();
                let labels = items[range.clone()].iter();
                let labels = labels.filter(|item| matches!(item.what, What::Label(_)));
                let by = labels.cloned().chain((0..count).map(|_| load.clone()));
                let made = items[..range.start].iter().cloned().chain(by);
                unit.objects[body.number].items =
                    made.chain(items[range.end..].iter().cloned()).collect();
                body.view.with(unit)
            }
            Change::Part(range, part) => body.replace(range, &body.items()[part]),
            Change::Less(operand, at, number) => {
                let What::Insn(op, _) = body.items()[at].what else {
                    return None;
                };
                let fewer = edit::counted(op, number);
                body.replace_all(&[(operand, Vec::new()), (at..at + 1, vec![fewer])])
            }
            Change::Items(range, by) => body.replace(range, &by),
        }
    }
}

/// Returns the changes of the tree that ends with an instruction.
fn tree(body: &Body, at: usize) -> Vec<Change> {
    let item = &body.items()[at];
    let Some(op) = edit::op(item) else {
        return Vec::new();
    };
    let (Some(start), (takes, leaves)) = (body.start(at), body.effect(at)) else {
        return Vec::new();
    };
    let whole = start..at + 1;
    let mut changes = Vec::new();
    if matches!(op.row().branch, Branch::None) && (1..=2).contains(&leaves) {
        changes.push(Change::Nones(whole.clone(), leaves));
    }
    if takes == 0 {
        return changes;
    }
    let Some(operands) = body.operands(at) else {
        return changes;
    };
    for operand in operands.iter().rev() {
        match leaves {
            1 => changes.push(Change::Part(whole.clone(), operand.clone())),
            // The operand is popped instead of used.
            0 if op != Op::PopTop && takes == 1 => {
                let by = [&body.items()[operand.clone()], &[edit::plain(Op::PopTop)]].concat();
                changes.push(Change::Items(whole.clone(), by));
            }
            _ => {}
        }
    }
    if let (Op::MakeFunction, What::Insn(_, Operand::Number(flags))) = (op, &item.what) {
        let bits = [1, 2, 4, 8].into_iter().filter(|bit| flags & bit != 0);
        let less = bits.zip(&operands);
        changes.extend(less.map(|(bit, operand)| Change::Less(operand.clone(), at, flags & !bit)));
    }
    // The argument of calls and displays is the number of their operands.
    let each = match op {
        Op::BuildMap => 2,
        _ => 1,
    };
    if let What::Insn(_, Operand::Number(count @ 1..)) = item.what
        && op.arg() == Arg::Count
        && !matches!(op, Op::BuildConstKeyMap | Op::CallFunctionKw)
    {
        let counted = operands.len().saturating_sub(each * count as usize);
        for pair in operands[counted..].chunks(each).rev() {
            let operand = pair[0].start..pair[pair.len() - 1].end;
            changes.push(Change::Less(operand, at, count - 1));
        }
    }
    changes
}

/// Makes conditional jumps jump always or never, and loops run once.
pub(super) fn branches(case: &Case) -> Steps<'_> {
    body_steps(case, |body| {
        let count = body.items().len();
        (0..count).flat_map(move |at| {
            let body = Rc::clone(&body);
            let place = within(body.number, at as u64);
            branch(&body, at).into_iter().map(move |changes| {
                let body = Rc::clone(&body);
                Step::new(place, move || body.replace_all(&changes))
            })
        })
    })
}

type Changes = Vec<(Range<usize>, Vec<Item>)>;

/// Returns the changes of a conditional jump.
fn branch(body: &Body, at: usize) -> Vec<Changes> {
    let item = &body.items()[at];
    let (Some(op), Some(label)) = (edit::op(item), edit::target(item)) else {
        return Vec::new();
    };
    let here = at..at + 1;
    let pops = |count: u64| vec![edit::plain(Op::PopTop); count as usize];
    let jump = edit::jump(Op::JumpForward, label);
    let Branch::MayJump {
        pops: taken,
        pushes,
    } = op.row().branch
    else {
        return Vec::new();
    };
    match op {
        Op::ForIter => {
            let never = vec![(here.clone(), [pops(1), vec![jump]].concat())];
            vec![never, once(body, at, label)]
        }
        _ => {
            let falls = (op.row().pops)(0).saturating_sub((op.row().pushes)(0));
            let jumps = [pops(taken.saturating_sub(pushes)), vec![jump]].concat();
            vec![vec![(here.clone(), pops(falls))], vec![(here, jumps)]]
        }
    }
}

/// Returns the changes that make the body of a loop run once, on a copy of the iterator.
fn once(body: &Body, at: usize, end: &str) -> Changes {
    let items = body.items();
    let before = items[..at].iter().rev().take_while(|item| !is_code(item));
    let heads: Vec<&str> = before
        .filter_map(|item| match &item.what {
            What::Label(label) => Some(label.as_str()),
            What::Line(_) | What::Insn(..) | What::Bytes(_) => None,
        })
        .collect();
    let mut changes: Changes = vec![(at..at + 1, vec![edit::plain(Op::DupTop)])];
    for (place, item) in items.iter().enumerate().skip(at + 1) {
        if edit::op(item) == Some(Op::JumpAbsolute)
            && edit::target(item).is_some_and(|label| heads.contains(&label))
        {
            let by = vec![edit::plain(Op::PopTop), edit::jump(Op::JumpForward, end)];
            changes.push((place..place + 1, by));
        }
    }
    changes
}

/// Removes blocks, but not the code in them.
pub(super) fn blocks(case: &Case) -> Steps<'_> {
    body_steps(case, |body| {
        let count = body.items().len();
        (0..count).map(move |at| {
            let body = Rc::clone(&body);
            Step::new(within(body.number, at as u64), move || {
                let op = edit::op(&body.items()[at])?;
                let inner = body.state(at + 1)?.blocks;
                let opened: Vec<Item> = match op {
                    Op::SetupFinally => Vec::new(),
                    Op::SetupWith => vec![edit::plain(Op::DupTop)],
                    _ => return None,
                };
                let mut changes = vec![(at..at + 1, opened)];
                for (place, item) in body.items().iter().enumerate().skip(at + 1) {
                    let ends = edit::op(item) == Some(Op::PopBlock)
                        && body.state(place).is_some_and(|state| state.blocks == inner);
                    if ends {
                        changes.push((place..place + 1, Vec::new()));
                    }
                }
                body.replace_all(&changes)
            })
        })
    })
}

/// Replaces operations by plainer ones that pop and push as many items.
pub(super) fn operations(case: &Case) -> Steps<'_> {
    body_steps(case, |body| {
        let count = body.items().len();
        (0..count).flat_map(move |at| {
            let body = Rc::clone(&body);
            let place = within(body.number, at as u64);
            plainer(&body.items()[at]).into_iter().map(move |by| {
                let body = Rc::clone(&body);
                Step::new(place, move || body.replace(at..at + 1, &[by]))
            })
        })
    })
}

fn plainer(item: &Item) -> Vec<Item> {
    let What::Insn(op, operand) = &item.what else {
        return Vec::new();
    };
    let name = match operand {
        Operand::Name(name) => name.as_str(),
        _ => None,
    };
    let row = op.row();
    let binary = (row.pops)(0) == 2 && (row.pushes)(0) == 1 && row.arg == Arg::None;
    match (op, name) {
        (Op::LoadGlobal | Op::LoadDeref | Op::LoadClassderef, Some(name)) => {
            vec![edit::named(Op::LoadName, name)]
        }
        (Op::StoreGlobal | Op::StoreDeref, Some(name)) => vec![edit::named(Op::StoreName, name)],
        (Op::JumpAbsolute, _) => match operand {
            Operand::Label(label) => vec![edit::jump(Op::JumpForward, label)],
            _ => Vec::new(),
        },
        _ if binary && row.branch == Branch::None && *op != Op::BinaryAdd => {
            vec![edit::plain(Op::BinaryAdd)]
        }
        _ => match (op.arg(), number(operand)) {
            (
                Arg::Is | Arg::Contains | Arg::Compare | Arg::Raise | Arg::Format | Arg::CallEx,
                n,
            ) => {
                let less = [0, n / 2, n.saturating_sub(1)].into_iter();
                let less = less.filter(|&less| less < n);
                less.map(|less| edit::counted(*op, less as u32)).collect()
            }
            _ => Vec::new(),
        },
    }
}
