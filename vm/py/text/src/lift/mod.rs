//! The disassembler: the objects of a `.pyc` file to [`Unit`].
//!
//! What the assembler would choose by itself is left out: every table, flag and number is compared
//! with the assembler's default.

mod consts;
mod labels;
mod order;

use super::assemble::layout;
use super::assemble::shape::{Labels, Shape};
use super::assemble::share::{is_held, is_interned};
use super::assemble::values::Values;
use super::assemble::{Parts, Whole, assemble, name_of};
use super::parse::operand::is_bare;
use super::print;
use super::sharing;
use super::unit::{Args, CodeObject, Const, Item, Operand, Said, Share, Unit, What, is_main};
use crate::literal;
use crate::repr;
use consts::Constants;
use order::places;
use std::collections::{HashMap, HashSet};
use vm_base::{Diagnostic, Span};
use vm_py_code::insn::{Arg, Op};
use vm_py_code::lnotab;
use vm_py_code::object::{Code, Id, Pool, Str, flags};
use vm_py_code::pyc::Pyc;
use vm_py_code::wordcode::{self, Insn, Oddity};

/// The flags that `from __future__ import` sets.
const FUTURE: u32 = flags::FUTURE_DIVISION
    | flags::FUTURE_ABSOLUTE_IMPORT
    | flags::FUTURE_WITH_STATEMENT
    | flags::FUTURE_PRINT_FUNCTION
    | flags::FUTURE_UNICODE_LITERALS
    | flags::FUTURE_BARRY_AS_BDFL
    | flags::FUTURE_GENERATOR_STOP
    | flags::FUTURE_ANNOTATIONS;

/// Lifts a file so that it can be changed: all jumps go to labels, and prefixes are left out that
/// instructions do not need.
pub(super) fn lift_to_change(pyc: Pyc) -> Result<Unit, Box<Diagnostic>> {
    let (mut unit, found, _) = begin(pyc)?;
    compare(&mut unit, &found);
    Ok(unit)
}

/// Returns the objects of a file with their tables.
fn begin(pyc: Pyc) -> Result<(Unit, Found, Id), Box<Diagnostic>> {
    let Pyc {
        header, pool, code, ..
    } = pyc;
    let found = Found::new(&pool, code);
    let mut unit = Unit {
        header,
        file: None,
        future: 0,
        share: Share::default(),
        objects: Vec::new(),
        pool,
    };
    let Some(main) = unit.pool.code(code) else {
        return Err(Box::new(Diagnostic::error(
            "the file contains no code object",
        )));
    };
    unit.file = text(&unit.pool, main.filename);
    unit.future = main.flags & FUTURE;
    for (id, label) in found.codes.iter().zip(&found.labels) {
        if let Some(code) = unit.pool.code(*id) {
            let object = object(&unit, &found, code, label.clone(), Jumps::ToLabels)?;
            unit.objects.push(object);
        }
    }
    let all: Vec<usize> = (0..unit.objects.len()).collect();
    add_tables(&mut unit, &found, &all)?;
    not_too_long(&unit)?;
    Ok((unit, found, code))
}

/// Checks that constants are not too long as text: they can share parts.
fn not_too_long(unit: &Unit) -> Result<(), Box<Diagnostic>> {
    let mut values = Values::default();
    let mut left = repr::MAX_BYTES as u64;
    for object in &unit.objects {
        let used = object.items.iter().filter_map(|item| match &item.what {
            What::Insn(_, Operand::Const(constant)) => Some(constant),
            _ => None,
        });
        let placed = object.said.consts.iter().map(|(_, constant)| constant);
        for constant in used.chain(placed) {
            if let Const::Value(id) = constant {
                let class = values.class(&unit.pool, *id);
                left = left.checked_sub(values.length(class)).ok_or_else(|| {
                    let message = format!(
                        "'{}' cannot be disassembled: its constants are too long as text, \
                         because they share parts",
                        object.label
                    );
                    Box::new(Diagnostic::error(message))
                })?;
            }
        }
    }
    Ok(())
}

/// Lifts a file.
pub(super) fn lift(pyc: Pyc) -> Result<Unit, Box<Diagnostic>> {
    let (mut unit, found, code) = begin(pyc)?;
    let different = compare(&mut unit, &found);
    if !different.is_empty() {
        for &index in &different {
            if let Some(code) = unit.pool.code(found.codes[index]) {
                let label = found.labels[index].clone();
                unit.objects[index] = object(&unit, &found, code, label, Jumps::AsNumbers)?;
            }
        }
        add_tables(&mut unit, &found, &different)?;
        compare(&mut unit, &found);
    }
    unit.share = sharing::strings(&unit.pool, code, |text| {
        (is_interned(&text.bytes), is_held(&text.bytes))
    });
    // The other differences depend on these strings.
    let made = assemble(&unit, "").map_err(|problems| match problems.first() {
        None => differs(),
        Some(problem) => {
            let message = format!("the file cannot be disassembled: {}", problem.message);
            Box::new(Diagnostic::error(message))
        }
    })?;
    let edits = sharing::differences((&unit.pool, code), (made.pool, made.code));
    unit.share.edits = edits.ok_or_else(differs)?;
    Ok(unit)
}

/// Returns the labels of the code objects, from `main` on.
pub(super) fn labels(pool: &Pool, main: Id) -> Vec<(Id, String)> {
    let found = Found::new(pool, main);
    found.codes.into_iter().zip(found.labels).collect()
}

/// The greatest number of characters of an instruction's text.
const MAX_INSN_CHARS: usize = 100;

/// Returns the instruction at an offset as text.
pub(super) fn instruction(pool: &Pool, id: Id, offset: u32) -> Option<String> {
    let code = pool.code(id)?;
    let found = Found::of_one(pool, code);
    let bytes = pool.bytes(code.code)?;
    let insns: Vec<Insn> = wordcode::decode(bytes).filter_map(Result::ok).collect();
    let insn = insns
        .iter()
        .find(|insn| (insn.start()..insn.end()).contains(&offset))?;
    let starts: HashSet<u64> = insns.iter().map(|insn| insn.start().into()).collect();
    let end = bytes.len() as u64;
    let targets = labels::labels(&insns, |place| place == end || starts.contains(&place));
    let operands = Operands::new(pool, &found, code, &targets, Jumps::ToLabels);
    let item = Item::insn(insn.op, operands.of(*insn));
    let text = print::text_of(pool, &item);
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    Some(match text.char_indices().nth(MAX_INSN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    })
}

/// Returns the error for a file whose text assembles to another file.
fn differs() -> Box<Diagnostic> {
    let message = "the file cannot be disassembled: its text would assemble to another file";
    Box::new(Diagnostic::error(message).note("this is an error in the disassembler"))
}

/// The code objects of a file.
struct Found {
    /// The code objects, each before those that it loads.
    codes: Vec<Id>,
    labels: Vec<String>,
    by_id: HashMap<Id, usize>,
}

impl Found {
    /// Returns only the code objects that `code` loads itself, labelled by their names.
    fn of_one(pool: &Pool, code: &Code) -> Found {
        let consts = pool.tuple(code.consts).unwrap_or_default().iter().copied();
        let codes: Vec<Id> = consts.filter(|&id| pool.code(id).is_some()).collect();
        let name = |id: &Id| pool.code(*id).and_then(|code| text(pool, code.name));
        Found {
            labels: codes
                .iter()
                .map(|id| path(None, name(id).as_ref()))
                .collect(),
            by_id: codes.iter().enumerate().map(|(at, &id)| (id, at)).collect(),
            codes,
        }
    }

    fn new(pool: &Pool, main: Id) -> Found {
        let mut found = Found {
            codes: Vec::new(),
            labels: Vec::new(),
            by_id: HashMap::new(),
        };
        let mut taken: HashSet<String> = HashSet::new();
        let mut again: HashMap<String, u32> = HashMap::new();
        let mut todo = vec![(main, None::<usize>)];
        while let Some((id, parent)) = todo.pop() {
            let Some(code) = pool.code(id) else {
                continue;
            };
            let index = found.codes.len();
            if found.by_id.contains_key(&id) {
                continue;
            }
            found.by_id.insert(id, index);
            let label = match parent {
                None => "main".into(),
                Some(parent) => {
                    let above = (!is_main(&found.labels[parent])).then(|| &*found.labels[parent]);
                    let wish = path(above, text(pool, code.name).as_ref());
                    unused(wish, &taken, &mut again)
                }
            };
            taken.insert(label.clone());
            found.codes.push(id);
            found.labels.push(label);
            let consts = pool.tuple(code.consts).unwrap_or_default();
            let codes = consts.iter().rev().filter(|&&id| pool.code(id).is_some());
            todo.extend(codes.map(|&id| (id, Some(index))));
        }
        found
    }
}

/// The greatest number of characters of a label: objects can be nested deep.
const MAX_LABEL_CHARS: usize = 200;

/// Returns the name of an object after the label of the object that contains it.
fn path(above: Option<&str>, name: Option<&Str>) -> String {
    let name = name.map_or("_".into(), |name| {
        String::from_utf8_lossy(&name.bytes).into_owned()
    });
    let name: String = name
        .chars()
        .take(MAX_LABEL_CHARS)
        .map(|c| if is_bare(&format!("_{c}")) { c } else { '_' })
        .collect();
    let whole = match above {
        Some(above) => format!("{above}.{name}"),
        None => name,
    };
    match whole.char_indices().rev().nth(MAX_LABEL_CHARS) {
        Some((from, _)) => format!("_{}", &whole[from..]),
        None => whole,
    }
}

/// Returns a label like `wish` that is not taken, not that of the module, and not a literal.
fn unused(wish: String, taken: &HashSet<String>, again: &mut HashMap<String, u32>) -> String {
    let usable = |label: &str| {
        is_bare(&label.replace(':', "_"))
            && !taken.contains(label)
            && !is_main(label)
            && literal::parse(&mut Pool::new(), label).is_err()
    };
    if usable(&wish) {
        return wish;
    }
    let wish = if is_bare(&wish) {
        wish
    } else {
        format!("_{wish}")
    };
    let number = again.entry(wish.clone()).or_insert(1);
    loop {
        *number += 1;
        let label = format!("{wish}:{number}");
        if usable(&label) {
            return label;
        }
    }
}

/// Returns a string without its mark, as it is in units.
fn text(pool: &Pool, id: Id) -> Option<Str> {
    let found = pool.str(id)?;
    Some(Str {
        bytes: found.bytes.clone(),
        interned: false,
    })
}

/// Returns the strings of a tuple.
fn texts(pool: &Pool, id: Id) -> Vec<Str> {
    let items = pool.tuple(id).unwrap_or_default();
    items.iter().filter_map(|&id| text(pool, id)).collect()
}

/// How the operands of jumps are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Jumps {
    ToLabels,
    /// As numbers, for code with more prefixes than it needs.
    AsNumbers,
}

/// Returns an object with its instructions, and without the properties of its tables.
fn object(
    unit: &Unit,
    found: &Found,
    code: &Code,
    label: String,
    jumps: Jumps,
) -> Result<CodeObject, Box<Diagnostic>> {
    let pool = &unit.pool;
    let bytes = pool.bytes(code.code).unwrap_or_default();
    let parts: Vec<Result<Insn, Oddity>> = wordcode::decode(bytes).collect();
    let insns: Vec<Insn> = parts.iter().filter_map(|part| part.ok()).collect();
    let mut starts: HashSet<u64> = parts
        .iter()
        .map(|part| match part {
            Ok(insn) => insn.start().into(),
            Err(oddity) => oddity.offset().into(),
        })
        .collect();
    starts.insert(bytes.len() as u64);
    let targets = match jumps {
        Jumps::ToLabels => labels::labels(&insns, |place| starts.contains(&place)),
        Jumps::AsNumbers => HashMap::new(),
    };
    let mut said = Said::default();
    let table = pool.bytes(code.lnotab).unwrap_or_default();
    let mut changes = lnotab::changes(table, code.firstlineno);
    let whole = changes.iter().all(|change| starts.contains(&change.offset))
        && lnotab::encode(&changes, code.firstlineno).is_ok_and(|again| again == table);
    if !whole {
        said.line_table = Some(table.into());
        changes.clear();
    }
    let mut changes = changes.into_iter().peekable();
    let mut items = Vec::with_capacity(insns.len() * 3 / 2);
    let operands = Operands::new(pool, found, code, &targets, jumps);
    let mut place = |offset: u64, items: &mut Vec<Item>| {
        if let Some(label) = targets.get(&offset) {
            items.push(Item::new(What::Label(label.clone())));
        }
        while let Some(change) = changes.next_if(|change| change.offset <= offset) {
            items.push(Item::new(What::Line(change.line)));
        }
    };
    for part in parts {
        match part {
            Ok(insn) => {
                place(insn.start().into(), &mut items);
                let needed = wordcode::prefixes(insn.arg);
                for _ in needed..insn.extended {
                    items.push(Item::insn(Op::ExtendedArg, Operand::Number(0)));
                }
                items.push(Item::insn(insn.op, operands.of(insn)));
            }
            Err(oddity) => {
                place(oddity.offset().into(), &mut items);
                let mut bytes = Vec::new();
                oddity.write(&mut bytes);
                items.push(Item::new(What::Bytes(bytes.into())));
            }
        }
    }
    place(bytes.len() as u64, &mut items);
    said.first_line = Some(code.firstlineno);
    let name = text(pool, code.name).unwrap_or_else(|| Str::new(""));
    said.name = (name != name_of(&label)).then_some(name);
    said.file = text(pool, code.filename).filter(|file| Some(file) != unit.file.as_ref());
    Ok(CodeObject {
        args: args(pool, code, &label)?,
        label,
        items,
        said,
        span: Span::default(),
    })
}

/// The operands that arguments mean.
struct Operands<'a> {
    consts: &'a [Id],
    names: Vec<Str>,
    locals: Vec<Str>,
    cells: Vec<Str>,
    found: &'a Found,
    targets: &'a HashMap<u64, String>,
    jumps: Jumps,
}

impl<'a> Operands<'a> {
    fn new(
        pool: &'a Pool,
        found: &'a Found,
        code: &Code,
        targets: &'a HashMap<u64, String>,
        jumps: Jumps,
    ) -> Operands<'a> {
        let mut cells = texts(pool, code.cellvars);
        cells.extend(texts(pool, code.freevars));
        Operands {
            consts: pool.tuple(code.consts).unwrap_or_default(),
            names: texts(pool, code.names),
            locals: texts(pool, code.varnames),
            cells,
            found,
            targets,
            jumps,
        }
    }

    fn of(&self, insn: Insn) -> Operand {
        let index = insn.arg as usize;
        let name = |names: &[Str]| names.get(index).cloned().map(Operand::Name);
        let found = match insn.op.arg() {
            Arg::None if insn.arg == 0 => Some(Operand::None),
            Arg::Const => self.consts.get(index).map(|id| {
                Operand::Const(match self.found.by_id.get(id) {
                    Some(&code) => Const::Object(self.found.labels[code].clone()),
                    None => Const::Value(*id),
                })
            }),
            Arg::Name => name(&self.names),
            Arg::Local => name(&self.locals),
            Arg::Cell => name(&self.cells),
            Arg::JumpTo | Arg::JumpForward if self.jumps == Jumps::ToLabels => {
                let label = insn.target().and_then(|target| self.targets.get(&target));
                label.cloned().map(Operand::Label)
            }
            _ => None,
        };
        found.unwrap_or(Operand::Number(insn.arg))
    }
}

/// Returns the parameters of a code object.
fn args(pool: &Pool, code: &Code, label: &str) -> Result<Args, Box<Diagnostic>> {
    let mut names = texts(pool, code.varnames).into_iter();
    let few = || {
        Box::new(Diagnostic::error(format!(
            "'{label}' cannot be disassembled: it has more parameters than names of variables"
        )))
    };
    let mut take = |count: u32| -> Result<Vec<Str>, Box<Diagnostic>> {
        let mut taken = Vec::new();
        for _ in 0..count {
            taken.push(names.next().ok_or_else(few)?);
        }
        Ok(taken)
    };
    let positional = code.argcount.checked_sub(code.posonlyargcount);
    let one = |flag: u32| u32::from(code.flags & flag != 0);
    Ok(Args {
        positional_only: take(code.posonlyargcount)?,
        positional: take(positional.ok_or_else(few)?)?,
        keyword_only: take(code.kwonlyargcount)?,
        rest: take(one(flags::VARARGS))?.pop(),
        keywords: take(one(flags::VARKEYWORDS))?.pop(),
    })
}

/// Adds properties to objects for the tables that the assembler would not choose.
fn add_tables(unit: &mut Unit, found: &Found, which: &[usize]) -> Result<(), Box<Diagnostic>> {
    let mut values = Values::default();
    let labels: Labels = found
        .labels
        .iter()
        .enumerate()
        .map(|(i, l)| (&**l, i))
        .collect();
    let shapes = super::assemble::shape::shapes(unit, &labels);
    for &index in which {
        let shape = &shapes[index];
        let Some(code) = unit.pool.code(found.codes[index]).cloned() else {
            continue;
        };
        let pool = &unit.pool;
        let object = &mut unit.objects[index];
        cells(pool, &code, object, shape);
        names(pool, &code, object);
        let mut constants = Constants {
            pool,
            found,
            labels: &labels,
            values: &mut values,
            code: &code,
            arguments: arguments(pool, &code, object),
        };
        constants.add(object, shape)?;
    }
    Ok(())
}

/// Adds the properties of the tables of cells.
fn cells(pool: &Pool, code: &Code, object: &mut CodeObject, shape: &Shape) {
    let (frees, cells) = (texts(pool, code.freevars), texts(pool, code.cellvars));
    if layout::cells(object, shape).1 != frees {
        object.said.frees = Some(frees.clone());
    }
    if layout::cells(object, shape).0 != cells {
        object.said.cells = Some(cells.clone());
    }
    let mut index: HashMap<Str, u32> = HashMap::new();
    for (at, name) in cells.into_iter().chain(frees).enumerate() {
        index.entry(name).or_insert(at as u32);
    }
    by_index(pool, code, object, Arg::Cell, &index);
}

/// Adds the properties of the tables of names and variables.
fn names(pool: &Pool, code: &Code, object: &mut CodeObject) {
    let names = texts(pool, code.names);
    let found = places(&names, layout::names(object, Arg::Name).cloned(), 0);
    let at = |names: &[Str], at: u32| (at, names[at as usize].clone());
    object.said.names = found.placed.iter().map(|&i| at(&names, i)).collect();
    by_index(pool, code, object, Arg::Name, &found.index);
    let locals = texts(pool, code.varnames);
    let args = object.args.in_order().count();
    let found = places(&locals, layout::names(object, Arg::Local).cloned(), args);
    object.said.locals = found.placed.iter().map(|&i| at(&locals, i)).collect();
    by_index(pool, code, object, Arg::Local, &found.index);
}

/// Returns the arguments of an object's instructions, by item.
fn arguments(pool: &Pool, code: &Code, object: &CodeObject) -> HashMap<usize, u32> {
    let bytes = pool.bytes(code.code).unwrap_or_default();
    let insns = wordcode::decode(bytes).filter_map(Result::ok);
    let mut items = object
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| matches!(item.what, What::Insn(..)));
    let mut found = HashMap::new();
    for insn in insns {
        for _ in wordcode::prefixes(insn.arg)..insn.extended {
            items.next();
        }
        if let Some((at, _)) = items.next() {
            found.insert(at, insn.arg);
        }
    }
    found
}

/// Replaces names that do not lead to the index in the instruction by that index.
fn by_index(
    pool: &Pool,
    code: &Code,
    object: &mut CodeObject,
    arg: Arg,
    index: &HashMap<Str, u32>,
) {
    // Only names that occur twice can lead to another index.
    let tables = match arg {
        Arg::Name => pool.tuple(code.names).map_or(0, <[Id]>::len),
        Arg::Local => pool.tuple(code.varnames).map_or(0, <[Id]>::len),
        _ => {
            let cells = pool.tuple(code.cellvars).map_or(0, <[Id]>::len);
            cells + pool.tuple(code.freevars).map_or(0, <[Id]>::len)
        }
    };
    if index.len() == tables {
        return;
    }
    let arguments = arguments(pool, code, object);
    for (at, item) in object.items.iter_mut().enumerate() {
        if let What::Insn(op, operand) = &mut item.what
            && op.arg() == arg
            && let Operand::Name(name) = operand
            && index.get(name) != arguments.get(&at)
        {
            *operand = Operand::Number(arguments.get(&at).copied().unwrap_or(0));
        }
    }
}

/// Assembles each object again and adds properties for what differs. Returns the indices of the
/// objects whose code differs.
fn compare(unit: &mut Unit, found: &Found) -> Vec<usize> {
    let mut different = Vec::new();
    let mut corrections = Vec::new();
    let mut whole = Whole::new(unit);
    for (index, &id) in found.codes.iter().enumerate() {
        let Some(code) = unit.pool.code(id) else {
            continue;
        };
        let bytes = unit.pool.bytes(code.code).unwrap_or_default();
        match whole.parts(index, "") {
            Ok(parts) => {
                if *parts.code != *bytes {
                    different.push(index);
                }
                corrections.push((index, code, parts));
            }
            Err(_) => different.push(index),
        }
    }
    let corrections: Vec<_> = corrections
        .into_iter()
        .map(|(index, code, parts)| (index, correction(code, &parts)))
        .collect();
    for (index, correct) in corrections {
        correct(&mut unit.objects[index].said);
    }
    different
}

/// Returns the change of properties that corrects the numbers of an object's parts.
fn correction(code: &Code, parts: &Parts) -> impl FnOnce(&mut Said) + use<> {
    let (mut on, mut off) = (code.flags & !parts.flags, parts.flags & !code.flags);
    if on & (flags::COROUTINE | flags::ASYNC_GENERATOR) != 0 {
        // With one of these flags, the assembler does not choose GENERATOR.
        on |= code.flags & flags::GENERATOR;
        off &= !flags::GENERATOR;
    }
    let stack = (code.stacksize != parts.stacksize).then_some(code.stacksize);
    let locals = (code.nlocals != parts.nlocals).then_some(code.nlocals);
    move |said| {
        said.flags_on |= on;
        said.flags_off |= off;
        said.stack_size = stack.or(said.stack_size);
        said.locals_count = locals.or(said.locals_count);
    }
}
