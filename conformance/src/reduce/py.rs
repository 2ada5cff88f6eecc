//! Steps on programs of the `py` machine: on the code objects of a file, with names and labels in
//! the place of numbers. Both forms of a file, binary and text, become a [`Unit`] and are written
//! again in the form that they had.
//!
//! If all code was reachable before a step, what it makes unreachable is removed too. The verifier
//! checks that the stack and the blocks are still in order: candidates that it rejects are not run,
//! unless it rejects the file to reduce as well.
//!
//! A text that does not assemble is reduced as lines and characters, and a binary file that cannot
//! be decoded as bytes.

mod body;
mod code;
mod functions;
mod values;

use super::step::{Form, Pass, Step, Steps};
use super::weight::{self, Weight};
use super::{files, generic, limits};
use crate::case::Case;
use body::Body;
use std::rc::Rc;
use vm::py::check::check;
use vm::py::insn::{Branch, Op};
use vm::py::literal;
use vm::py::macros::edit;
use vm::py::object::{Id, Object, Pool, Str};
use vm::py::pyc::{Header, MAGIC, Pyc};
use vm::py::text::unit::{CodeObject, Const, Doc, Item, Operand, Said, Share, Unit, What};
use vm::py::text::{assemble, assemble_unit, lift_to_change, parse, print};

/// The passes on the content of a file.
const PASSES: &[Pass] = &[
    normalize,
    files::settings,
    limits::smaller,
    files::remove_files,
    files::move_to_root,
    functions::remove_objects,
    code::large_runs,
    functions::promote,
    code::runs,
    code::trees,
    code::branches,
    code::blocks,
    functions::inline,
    functions::parameters,
    code::operations,
    values::constants,
    values::names,
    directives,
];

/// Text that assembles.
static TEXT: Form = Form {
    weigh: |case| weigh(case, 0),
    is_sound,
    passes: PASSES,
};

/// Text that does not assemble.
static OTHER_TEXT: Form = Form {
    weigh: |case| Weight {
        form: 1,
        ..(generic::FORM.weigh)(case)
    },
    is_sound,
    passes: generic::FORM.passes,
};

/// A binary file.
static BINARY: Form = Form {
    weigh: |case| weigh(case, 2),
    is_sound,
    passes: PASSES,
};

/// Bytes that begin like a binary file but cannot be decoded.
static BYTES: Form = Form {
    weigh: |case| Weight {
        form: 3,
        ..(generic::FORM.weigh)(case)
    },
    is_sound,
    passes: generic::FORM.passes,
};

/// Returns how to reduce a case.
pub(super) fn form(case: &Case) -> &'static Form {
    match (View::unit(case), is_binary(case)) {
        (Some(_), true) => &BINARY,
        (Some(_), false) => &TEXT,
        (None, true) => &BYTES,
        (None, false) => &OTHER_TEXT,
    }
}

/// Returns the number of instructions of a program, in all of its code objects.
pub(super) fn instructions(case: &Case) -> Option<u64> {
    let unit = View::unit(case)?;
    let items = unit.objects.iter().flat_map(|object| &object.items);
    Some(items.filter(|item| edit::op(item).is_some()).count() as u64)
}

/// Returns true if a case loads.
fn is_sound(case: &Case) -> bool {
    let Some(bytes) = case.files.get(&case.entry) else {
        return false;
    };
    let pyc = match is_binary(case) {
        true => Pyc::read(&case.entry, bytes).ok(),
        false => assemble(&case.entry, bytes).ok(),
    };
    pyc.is_some_and(|pyc| check(&pyc.pool, pyc.code).is_ok())
}

fn is_binary(case: &Case) -> bool {
    let bytes = case.files.get(&case.entry);
    case.entry.ends_with(".pyc") || bytes.is_some_and(|bytes| bytes.starts_with(&MAGIC))
}

/// A case whose entry is decoded.
struct View<'a> {
    case: &'a Case,
    unit: Unit,
    /// Whether all of it is reachable.
    swept: bool,
}

impl<'a> View<'a> {
    fn unit(case: &Case) -> Option<Unit> {
        let bytes = case.files.get(&case.entry)?;
        if is_binary(case) {
            return lift_to_change(Pyc::read(&case.entry, bytes).ok()?).ok();
        }
        let mut unit = parse(&case.entry, std::str::from_utf8(bytes).ok()?).ok()?;
        unit.main()?;
        unit.objects.iter_mut().for_each(drop_implied_lines);
        Some(unit)
    }

    fn of(case: &'a Case) -> Option<View<'a>> {
        let unit = View::unit(case)?;
        let swept = !sweep(&mut unit.clone());
        Some(View { case, unit, swept })
    }

    /// Returns the case with another unit as its entry.
    fn with(&self, mut unit: Unit) -> Option<Case> {
        if self.swept {
            sweep(&mut unit);
        }
        // These edits refer to objects by numbers that have changed.
        unit.share.edits.clear();
        let bytes = match is_binary(self.case) {
            true => assemble_unit(&unit, "").ok()?.write(),
            false => print(&unit).into_bytes(),
        };
        Some(generic::with(self.case, &self.case.entry, bytes))
    }

    /// Returns the case with other items in one of its code objects.
    fn with_items(&self, object: usize, items: Vec<Item>) -> Option<Case> {
        let mut unit = self.unit.clone();
        unit.objects[object].items = items;
        self.with(unit)
    }
}

/// Returns the steps that a function makes of a case's view; no steps if the entry cannot be decoded.
fn steps<'a, S>(case: &'a Case, of: impl FnOnce(Rc<View<'a>>) -> S) -> Steps<'a>
where
    S: Iterator<Item = Step<'a>> + 'a,
{
    match View::of(case) {
        Some(view) => Box::new(of(Rc::new(view))),
        None => Box::new(std::iter::empty()),
    }
}

/// Returns the steps that a function makes of each code object.
fn body_steps<'a, S>(case: &'a Case, of: impl Fn(Rc<Body<'a>>) -> S + 'a) -> Steps<'a>
where
    S: Iterator<Item = Step<'a>> + 'a,
{
    steps(case, |view| {
        (0..view.unit.objects.len()).flat_map(move |object| {
            let view = Rc::clone(&view);
            of(Rc::new(Body::new(view, object)))
        })
    })
}

/// Returns the place of a step from the code object that it is in and its place there.
fn within(object: usize, place: u64) -> u64 {
    (object as u64) << 44 | place
}

/// Drops the line numbers of a code object if they are those of its text, and not given by
/// directives.
fn drop_implied_lines(object: &mut CodeObject) {
    let pairs = object.items.windows(2);
    let is_implied =
        |pair: &[Item]| matches!(pair[0].what, What::Line(_)) && pair[0].span == pair[1].span;
    if pairs.into_iter().any(is_implied) {
        drop_lines(object);
        object.said.first_line = None;
    }
}

fn drop_lines(object: &mut CodeObject) {
    object
        .items
        .retain(|item| !matches!(item.what, What::Line(_)));
}

/// Removes unreachable instructions, labels and code objects. Returns true if there were any.
fn sweep(unit: &mut Unit) -> bool {
    let count = |unit: &Unit| {
        let items = unit.objects.iter().map(|object| object.items.len() + 1);
        items.sum::<usize>()
    };
    let before = count(unit);
    for object in &mut unit.objects {
        body::sweep(&mut object.items);
    }
    edit::sweep(unit);
    count(unit) != before
}

/// Removes all directives that are not needed, and what is unreachable; or only the latter.
fn normalize(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        let plainest = Rc::clone(&view);
        let plainest = Step::new(0, move || {
            let mut unit = plainest.unit.clone();
            drop_directives(&mut unit);
            sweep(&mut unit);
            plainest.with(unit)
        });
        let swept = Step::new(1, move || {
            let mut unit = view.unit.clone();
            sweep(&mut unit);
            view.with(unit)
        });
        [plainest, swept].into_iter()
    })
}

fn drop_directives(unit: &mut Unit) {
    unit.header = Header::Timestamp { mtime: 0, size: 0 };
    unit.file = None;
    unit.future = 0;
    unit.share = Share::default();
    for object in &mut unit.objects {
        let said = std::mem::take(&mut object.said);
        // These change what the code object is.
        object.said.flags_on = said.flags_on;
        object.said.flags_off = said.flags_off;
        object.said.doc = said.doc;
        object
            .items
            .retain(|item| !matches!(item.what, What::Line(_)));
    }
}

/// Each removes one kind of directive from a code object.
const DROP_DIRECTIVE: [fn(&mut Said); 12] = [
    |said| said.stack_size = None,
    |said| said.locals_count = None,
    |said| said.line_table = None,
    |said| said.consts.clear(),
    |said| said.names.clear(),
    |said| said.locals.clear(),
    |said| said.flags_on = 0,
    |said| said.flags_off = 0,
    |said| said.doc = Doc::Unsaid,
    |said| said.cells = None,
    |said| said.frees = None,
    |said| (said.name, said.file) = (None, None),
];

/// Removes directives one kind at a time.
fn directives(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        let whole: [fn(&mut Unit); 4] = [
            |unit| unit.header = Header::Timestamp { mtime: 0, size: 0 },
            |unit| unit.file = None,
            |unit| unit.future = 0,
            |unit| unit.share = Share::default(),
        ];
        let file = Rc::clone(&view);
        let whole = whole.into_iter().zip(0..).map(move |(drop, place)| {
            let view = Rc::clone(&file);
            Step::new(place, move || {
                let mut unit = view.unit.clone();
                drop(&mut unit);
                view.with(unit)
            })
        });
        let lined = Rc::clone(&view);
        let lines = (0..view.unit.objects.len()).flat_map(move |object| {
            let view = Rc::clone(&lined);
            let count = view.unit.objects[object].items.len();
            (0..=count).map(move |at| {
                let view = Rc::clone(&view);
                let place = within(1, (object as u64) << 24 | at as u64);
                Step::new(place, move || without_line(&view, object, at))
            })
        });
        let each = (0..view.unit.objects.len()).flat_map(move |object| {
            let view = Rc::clone(&view);
            DROP_DIRECTIVE
                .into_iter()
                .zip(0..)
                .map(move |(drop, place)| {
                    let view = Rc::clone(&view);
                    Step::new(within(object + 2, place), move || {
                        let mut unit = view.unit.clone();
                        drop(&mut unit.objects[object].said);
                        view.with(unit)
                    })
                })
        });
        let whole = whole.chain(lines);
        whole.chain(each)
    })
}

/// Returns the case without the line directive at an index; at the index after the last item,
/// without all line directives of the code object.
fn without_line(view: &View, object: usize, at: usize) -> Option<Case> {
    let mut unit = view.unit.clone();
    let changed = &mut unit.objects[object];
    match changed.items.get(at).map(|item| &item.what) {
        Some(What::Line(_)) => drop(changed.items.remove(at)),
        Some(_) => return None,
        None => {
            drop_lines(changed);
            changed.said.first_line = None;
        }
    }
    view.with(unit)
}

/// Returns the weight of a file for a reader.
fn weigh(case: &Case, form: u8) -> Weight {
    let mut weight = Weight::of(case, form);
    let Some(unit) = View::unit(case) else {
        return weight;
    };
    let header = unit.header != Header::Timestamp { mtime: 0, size: 0 };
    let share = &unit.share;
    let lists = [&share.held, &share.unheld, &share.interned, &share.plain];
    let shared = lists.iter().map(|list| list.len()).sum::<usize>() + share.edits.len();
    weight.words += u64::from(header) + shared as u64 + u64::from(unit.future);
    weight.words += unit.file.as_ref().map_or(0, str_weight);
    for object in &unit.objects {
        weight.lines += object
            .items
            .iter()
            .map(|item| item_weight(item, &unit.pool))
            .sum::<u64>();
        weight.lines += 40 * (1 + object.args.in_order().count() as u64);
        weight.words += words_weight(&unit.pool, object);
    }
    if is_binary(case) {
        weight.layout = case.files[&case.entry].len() as u64;
    }
    weight
}

/// Returns the weight of an item, without that of its operand.
fn item_weight(item: &Item, pool: &Pool) -> u64 {
    match &item.what {
        What::Label(_) => 10,
        What::Line(_) => 20,
        What::Bytes(bytes) => 110 + bytes.len() as u64,
        What::Insn(op, operand) => match (op, operand) {
            (Op::LoadConst, Operand::Const(Const::Value(id))) => match pool.get(*id) {
                Object::None => 90,
                _ => 92,
            },
            (Op::PopTop | Op::DupTop | Op::BinaryAdd | Op::JumpForward, _) => 94,
            (Op::JumpAbsolute, _) => 200,
            (Op::ForIter | Op::SetupFinally | Op::SetupWith | Op::SetupAsyncWith, _) => 300,
            (op, Operand::Label(_)) if op.row().branch != Branch::None => 200,
            (Op::StoreName | Op::StoreFast | Op::LoadName | Op::LoadFast, _) => 98,
            (_, Operand::Number(number)) => 100 + u64::from(*number).min(1 << 20),
            _ => 100,
        },
    }
}

/// Returns the weight of the names, operands and directives of a code object.
fn words_weight(pool: &Pool, object: &CodeObject) -> u64 {
    let said = &object.said;
    let constants = said
        .consts
        .iter()
        .map(|(_, value)| 50 + constant_weight(pool, value));
    let names = said.names.iter().chain(&said.locals);
    let names = names.map(|(_, name)| 50 + str_weight(name));
    let lists = said.cells.iter().chain(&said.frees);
    let lists = lists.map(|list| 50 + list.iter().map(str_weight).sum::<u64>());
    let sizes = [said.stack_size, said.locals_count];
    let sizes = sizes.iter().flatten().map(|size| 50 + u64::from(*size));
    let doc = match said.doc {
        Doc::Unsaid => 0,
        Doc::Absent => 10,
        Doc::Text(id) => 50 + value_weight(pool, id),
    };
    let first = said
        .first_line
        .map_or(0, |line| u64::from(line.unsigned_abs()));
    let operands = object.items.iter().map(|item| match &item.what {
        What::Label(name) => weight::text(name),
        What::Line(_) | What::Bytes(_) => 0,
        What::Insn(_, operand) => match operand {
            Operand::None | Operand::Number(_) => 0,
            Operand::Label(label) => weight::text(label),
            Operand::Name(name) => str_weight(name),
            Operand::Const(known) => constant_weight(pool, known),
        },
    });
    let parameters = object.args.in_order().map(str_weight);
    let flags = said.flags_on.count_ones() + said.flags_off.count_ones();
    let table = said
        .line_table
        .as_ref()
        .map_or(0, |table| 50 + table.len() as u64);
    let name = said
        .name
        .iter()
        .chain(&said.file)
        .map(|name| 20 + str_weight(name));
    constants.sum::<u64>()
        + names.sum::<u64>()
        + lists.sum::<u64>()
        + sizes.sum::<u64>()
        + operands.sum::<u64>()
        + parameters.sum::<u64>()
        + name.sum::<u64>()
        + (doc + first.saturating_sub(1) + u64::from(flags) + table)
        + weight::text(&object.label)
}

fn constant_weight(pool: &Pool, constant: &Const) -> u64 {
    match constant {
        Const::Value(id) => value_weight(pool, *id),
        Const::Object(label) => weight::text(label),
    }
}

/// Returns the weight of a literal: that of its text, or 0 for `None`.
fn value_weight(pool: &Pool, id: Id) -> u64 {
    match pool.get(id) {
        Object::None => 0,
        _ => literal::print(pool, id).map_or(1 << 20, |text| 8 + weight::number(&text)),
    }
}

fn str_weight(text: &Str) -> u64 {
    weight::bytes(&text.bytes)
}
