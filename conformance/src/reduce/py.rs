//! The steps of the `py` machine, on the code objects that a file holds, names and labels in their
//! places: [`Unit`] is what both forms of a file are taken apart into, and put together of again.
//! A file stays in the form in which it came.
//!
//! What a step leaves unreached goes with it, if there was nothing unreached before. Whether stack
//! and blocks are still in order is the verifier's to say: what it refuses is not run, unless the
//! whole is about a file that it refuses.
//!
//! A text that does not assemble is only lines and letters here, and a file that cannot be taken
//! apart is only bytes.

mod body;
mod code;
mod functions;
mod values;

use super::weight::{self, Weight};
use super::{Form, Step, Steps, files, generic, limits};
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

/// Steps on what a file holds.
const PASSES: &[super::Pass] = &[
    tidy,
    files::settings,
    limits::smaller,
    files::drop_files,
    files::move_home,
    functions::drop_objects,
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
    said,
];

/// Text.
static TEXT: Form = Form {
    weigh: |case| weigh(case, 0),
    sound,
    passes: PASSES,
};

/// Text that does not assemble.
static LOOSE: Form = Form {
    weigh: |case| Weight {
        form: 1,
        ..(generic::FORM.weigh)(case)
    },
    sound,
    passes: generic::FORM.passes,
};

/// A `.pyc` file.
static BINARY: Form = Form {
    weigh: |case| weigh(case, 2),
    sound,
    passes: PASSES,
};

/// Bytes that begin like one, and are none.
static BYTES: Form = Form {
    weigh: |case| Weight {
        form: 3,
        ..(generic::FORM.weigh)(case)
    },
    sound,
    passes: generic::FORM.passes,
};

/// How a case is taken apart.
pub(super) fn form(case: &Case) -> &'static Form {
    match (View::unit(case), is_binary(case)) {
        (Some(_), true) => &BINARY,
        (Some(_), false) => &TEXT,
        (None, true) => &BYTES,
        (None, false) => &LOOSE,
    }
}

/// How many instructions a program has, in all of its code objects.
pub(super) fn instructions(case: &Case) -> Option<u64> {
    let unit = View::unit(case)?;
    let items = unit.objects.iter().flat_map(|object| &object.items);
    Some(items.filter(|item| edit::op(item).is_some()).count() as u64)
}

/// Whether a case loads.
fn sound(case: &Case) -> bool {
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

/// A case whose entry was taken apart.
struct View<'a> {
    case: &'a Case,
    unit: Unit,
    /// Nothing is there that is not reached.
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
        unit.objects.iter_mut().for_each(uncount);
        Some(unit)
    }

    fn of(case: &'a Case) -> Option<View<'a>> {
        let unit = View::unit(case)?;
        let swept = !sweep(&mut unit.clone());
        Some(View { case, unit, swept })
    }

    /// The case with another unit in its place.
    fn with(&self, mut unit: Unit) -> Option<Case> {
        if self.swept {
            sweep(&mut unit);
        }
        // It counts objects that are others now.
        unit.share.edits.clear();
        let bytes = match is_binary(self.case) {
            true => assemble_unit(&unit, "").ok()?.write(),
            false => print(&unit).into_bytes(),
        };
        Some(generic::with(self.case, &self.case.entry, bytes))
    }

    /// The case with other items in one of its objects.
    fn with_items(&self, object: usize, items: Vec<Item>) -> Option<Case> {
        let mut unit = self.unit.clone();
        unit.objects[object].items = items;
        self.with(unit)
    }
}

/// The steps that one function makes of a view, none of a case that has none.
fn steps<'a, S>(case: &'a Case, of: impl FnOnce(Rc<View<'a>>) -> S) -> Steps<'a>
where
    S: Iterator<Item = Step<'a>> + 'a,
{
    match View::of(case) {
        Some(view) => Box::new(of(Rc::new(view))),
        None => Box::new(std::iter::empty()),
    }
}

/// The steps that one function makes of each code object.
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

/// Puts the place of an object in front of a place in it.
fn within(object: usize, place: u64) -> u64 {
    (object as u64) << 44 | place
}

/// Forgets the lines of an object whose text says nothing of them: they are those of the text.
fn uncount(object: &mut CodeObject) {
    let pairs = object.items.windows(2);
    let counted =
        |pair: &[Item]| matches!(pair[0].what, What::Line(_)) && pair[0].span == pair[1].span;
    if pairs.into_iter().any(counted) {
        drop_lines(object);
        object.said.first_line = None;
    }
}

fn drop_lines(object: &mut CodeObject) {
    object
        .items
        .retain(|item| !matches!(item.what, What::Line(_)));
}

/// Takes out what is not reached: instructions, labels, whole objects. True if there was anything.
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

/// Says no more than has to be said, lines and sizes least of all; or sweeps only.
fn tidy(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        let plainest = Rc::clone(&view);
        let plainest = Step::new(0, move || {
            let mut unit = plainest.unit.clone();
            unsay(&mut unit);
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

fn unsay(unit: &mut Unit) {
    unit.header = Header::Timestamp { mtime: 0, size: 0 };
    unit.file = None;
    unit.future = 0;
    unit.share = Share::default();
    for object in &mut unit.objects {
        let said = std::mem::take(&mut object.said);
        // These make an object what it is.
        object.said.flags_on = said.flags_on;
        object.said.flags_off = said.flags_off;
        object.said.doc = said.doc;
        object
            .items
            .retain(|item| !matches!(item.what, What::Line(_)));
    }
}

/// Ways to say less of an object.
const UNSAID: [fn(&mut Said); 12] = [
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

/// Leaves out one thing that is said.
fn said(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        let whole: [fn(&mut Unit); 4] = [
            |unit| unit.header = Header::Timestamp { mtime: 0, size: 0 },
            |unit| unit.file = None,
            |unit| unit.future = 0,
            |unit| unit.share = Share::default(),
        ];
        let file = Rc::clone(&view);
        let whole = whole.into_iter().zip(0..).map(move |(unsay, place)| {
            let view = Rc::clone(&file);
            Step::new(place, move || {
                let mut unit = view.unit.clone();
                unsay(&mut unit);
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
            UNSAID.into_iter().zip(0..).map(move |(unsay, place)| {
                let view = Rc::clone(&view);
                Step::new(within(object + 2, place), move || {
                    let mut unit = view.unit.clone();
                    unsay(&mut unit.objects[object].said);
                    view.with(unit)
                })
            })
        });
        let whole = whole.chain(lines);
        whole.chain(each)
    })
}

/// The case without the line that is said at a place; behind the last place, without any in the
/// object, nor the first.
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

/// How much there is to a file, for a reader.
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
    weight.words += unit.file.as_ref().map_or(0, text);
    for object in &unit.objects {
        weight.lines += object
            .items
            .iter()
            .map(|item| line(item, &unit.pool))
            .sum::<u64>();
        weight.lines += 40 * (1 + object.args.in_order().count() as u64);
        weight.words += words(&unit.pool, object);
    }
    if is_binary(case) {
        weight.layout = case.files[&case.entry].len() as u64;
    }
    weight
}

fn line(item: &Item, pool: &Pool) -> u64 {
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

fn words(pool: &Pool, object: &CodeObject) -> u64 {
    let said = &object.said;
    let constants = said
        .consts
        .iter()
        .map(|(_, value)| 50 + constant(pool, value));
    let names = said.names.iter().chain(&said.locals);
    let names = names.map(|(_, name)| 50 + text(name));
    let lists = said.cells.iter().chain(&said.frees);
    let lists = lists.map(|list| 50 + list.iter().map(text).sum::<u64>());
    let sizes = [said.stack_size, said.locals_count];
    let sizes = sizes.iter().flatten().map(|size| 50 + u64::from(*size));
    let doc = match said.doc {
        Doc::Unsaid => 0,
        Doc::Absent => 10,
        Doc::Text(id) => 50 + value(pool, id),
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
            Operand::Name(name) => text(name),
            Operand::Const(known) => constant(pool, known),
        },
    });
    let parameters = object.args.in_order().map(text);
    let flags = said.flags_on.count_ones() + said.flags_off.count_ones();
    let table = said
        .line_table
        .as_ref()
        .map_or(0, |table| 50 + table.len() as u64);
    let name = said
        .name
        .iter()
        .chain(&said.file)
        .map(|name| 20 + text(name));
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

fn constant(pool: &Pool, constant: &Const) -> u64 {
    match constant {
        Const::Value(id) => value(pool, *id),
        Const::Object(label) => weight::text(label),
    }
}

/// A literal weighs what its text does; `None` is the plainest of all.
fn value(pool: &Pool, id: Id) -> u64 {
    match pool.get(id) {
        Object::None => 0,
        _ => literal::print(pool, id).map_or(1 << 20, |text| 8 + weight::number(&text)),
    }
}

fn text(text: &Str) -> u64 {
    weight::bytes(&text.bytes)
}
