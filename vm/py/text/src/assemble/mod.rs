//! The assembler: [`Unit`] to the objects of a `.pyc` file.

mod code;
pub(super) mod layout;
pub(super) mod shape;
pub(super) mod share;
pub(super) mod values;

use super::problems::{Problem, problem};
use super::unit::{CodeObject, Const, Item, Operand, Unit, What, is_main};
use code::Part;
use layout::{Entry, NoPlace, Table};
use shape::{Kind, Labels, Shape};
use values::{Value, Values};
use vm_base::Span;
use vm_py_code::insn::{Arg, Op};
use vm_py_code::marshal::MAX_DEPTH;
use vm_py_code::object::{Code, Id, Object, Pool, Str, flags};
use vm_py_code::pyc::Pyc;

/// The parts of a code object, without how they are shared with others.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub(super) argcount: u32,
    pub(super) posonlyargcount: u32,
    pub(super) kwonlyargcount: u32,
    pub(super) nlocals: u32,
    pub(super) stacksize: u32,
    pub(super) flags: u32,
    pub(super) code: Box<[u8]>,
    pub(super) consts: Vec<Entry>,
    pub(super) names: Vec<Str>,
    pub(super) varnames: Vec<Str>,
    pub(super) freevars: Vec<Str>,
    pub(super) cellvars: Vec<Str>,
    pub(super) file: Str,
    pub(super) name: Str,
    pub(super) firstlineno: i32,
    pub(super) lnotab: Box<[u8]>,
}

/// What is known about a unit before its objects are assembled.
pub(super) struct Whole<'u> {
    pub(super) unit: &'u Unit,
    pub(super) labels: Labels<'u>,
    pub(super) shapes: Vec<Shape>,
    pub(super) values: Values,
}

/// Assembles a unit. `file` is `co_filename` if the unit does not give it.
pub(super) fn assemble(unit: &Unit, file: &str) -> Result<Pyc, Vec<Problem>> {
    let mut whole = Whole::new(unit);
    let Some(main) = unit
        .objects
        .iter()
        .position(|object| is_main(&object.label))
    else {
        let message = "no object is labelled 'main'";
        return Err(vec![problem(Span::default(), message, "")]);
    };
    check_cycles(&whole)?;
    let mut problems = Vec::new();
    let mut parts = Vec::with_capacity(unit.objects.len());
    for index in 0..unit.objects.len() {
        match whole.parts(index, file) {
            Ok(found) => parts.push(found),
            Err(found) => problems.extend(found),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let (pool, code) = share::pool(&whole, &parts, main);
    check_depth(&pool, code, unit.objects[main].span)?;
    Ok(Pyc {
        header: unit.header,
        pool,
        code,
        offsets: Vec::new(),
    })
}

/// Returns the places in the text of instructions of the objects that were assembled from a unit.
pub(super) fn spans(
    unit: &Unit,
    pool: &Pool,
    places: impl Iterator<Item = (Id, Option<u32>)>,
) -> Vec<Option<Span>> {
    let mut whole = Whole::new(unit);
    places
        .map(|(id, offset)| {
            let code = pool.code(id)?;
            (0..unit.objects.len()).find_map(|index| whole.span(index, pool, code, offset))
        })
        .collect()
}

impl<'u> Whole<'u> {
    pub(super) fn new(unit: &'u Unit) -> Whole<'u> {
        let labels = shape::labels(unit);
        let shapes = shape::shapes(unit, &labels);
        Whole {
            unit,
            labels,
            shapes,
            values: Values::default(),
        }
    }

    /// Returns `co_name` of an object.
    pub(super) fn name(&self, index: usize) -> Str {
        let object = &self.unit.objects[index];
        object
            .said
            .name
            .clone()
            .unwrap_or_else(|| name_of(&object.label))
    }

    /// Returns the parts of an object.
    pub(super) fn parts(&mut self, index: usize, file: &str) -> Result<Parts, Vec<Problem>> {
        let object = &self.unit.objects[index];
        let name = self.name(index);
        let tables = self.tables(index, &name).map_err(|problem| vec![problem])?;
        let parts = self.arguments(index, &tables)?;
        let code = code::encode(&object.items, &parts)?;
        let said = &object.said;
        let firstlineno = said.first_line.unwrap_or_else(|| first_line(object));
        let lnotab = match &said.line_table {
            Some(table) => table.clone(),
            None => code::line_table(&object.items, &code.offsets, firstlineno)
                .map_err(|problem| vec![problem])?
                .into(),
        };
        let stacksize = said.stack_size.unwrap_or_else(|| {
            let folded = self.folded(&tables);
            code::stack_size(&parts, &code.offsets, &folded)
        });
        let flags = self.flags(index, &tables) | said.flags_on;
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let args = &object.args;
        Ok(Parts {
            argcount: count(args.by_position()),
            posonlyargcount: count(args.positional_only.len()),
            kwonlyargcount: count(args.keyword_only.len()),
            nlocals: said
                .locals_count
                .unwrap_or(count(tables.locals.entries.len())),
            stacksize,
            flags: flags & !said.flags_off,
            code: code.bytes.into(),
            consts: tables.consts.entries,
            names: tables.names.entries,
            varnames: tables.locals.entries,
            freevars: tables.frees,
            cellvars: tables.cells,
            file: match said.file.as_ref().or(self.unit.file.as_ref()) {
                Some(file) => file.clone(),
                None => Str::new(file),
            },
            name,
            firstlineno,
            lnotab,
        })
    }

    /// Returns the place of an instruction, if `code` was assembled from this object.
    fn span(
        &mut self,
        index: usize,
        pool: &Pool,
        code: &Code,
        offset: Option<u32>,
    ) -> Option<Span> {
        let object = &self.unit.objects[index];
        let name = self.name(index);
        let first = object.said.first_line;
        if pool.str(code.name)?.bytes != name.bytes
            || first.unwrap_or_else(|| first_line(object)) != code.firstlineno
        {
            return None;
        }
        let tables = self.tables(index, &name).ok()?;
        let parts = self.arguments(index, &tables).ok()?;
        let found = code::encode(&object.items, &parts).ok()?;
        if pool.bytes(code.code)? != found.bytes {
            return None;
        }
        let item = offset.and_then(|offset| {
            // Several items may begin there; only the last one has bytes.
            let next = found.offsets.partition_point(|&start| start <= offset);
            object.items.get(next.checked_sub(1)?)
        });
        Some(item.map_or(object.span, |item| item.span))
    }

    fn tables(&mut self, index: usize, name: &Str) -> Result<Tables, Problem> {
        let (unit, shape) = (self.unit, &self.shapes[index]);
        let object = &unit.objects[index];
        let said = &object.said;
        let labels = &self.labels;
        let pool = &unit.pool;
        let placed: Vec<(u32, Entry)> = said
            .consts
            .iter()
            .filter_map(|(at, constant)| {
                let entry = layout::entry(pool, &mut self.values, labels, constant)?;
                Some((*at, entry))
            })
            .collect();
        let wanted = layout::consts(pool, &mut self.values, labels, object, shape, name);
        let no_place = |what: &str| {
            let what = what.to_owned();
            move |none: NoPlace| {
                let message = match none.twice {
                    true => format!("two directives give {what} the index {}", none.index),
                    false => format!(
                        "the index {} of {what} is too large: there are {} in all",
                        none.index, none.len
                    ),
                };
                problem(object.span, message, "in this object")
            }
        };
        let locals = object.args.in_order().cloned().enumerate();
        let mut locals: Vec<(u32, Str)> = locals.map(|(at, name)| (at as u32, name)).collect();
        locals.extend(said.locals.iter().cloned());
        let names = |arg| layout::names(object, arg).cloned();
        let (cells, frees) = layout::cells(object, shape);
        Ok(Tables {
            consts: Table::new(wanted, &placed).map_err(no_place("a constant"))?,
            names: Table::new(names(Arg::Name), &said.names).map_err(no_place("a name"))?,
            locals: Table::new(names(Arg::Local), &locals).map_err(no_place("a variable"))?,
            cells,
            frees,
        })
    }

    /// Returns the arguments as numbers, except those of jumps.
    fn arguments(&mut self, index: usize, tables: &Tables) -> Result<Vec<Part<'u>>, Vec<Problem>> {
        let object = &self.unit.objects[index];
        let labels = code::labels(object);
        let in_cells = tables.in_cells();
        let mut folded = self.shapes[index].folded.iter().copied().peekable();
        let mut problems = Vec::new();
        let mut parts = Vec::with_capacity(object.items.len());
        for (at, item) in object.items.iter().enumerate() {
            let (op, operand) = match &item.what {
                What::Insn(op, operand) => (*op, operand),
                What::Bytes(bytes) => {
                    parts.push(Part::Bytes(bytes));
                    continue;
                }
                What::Label(_) | What::Line(_) => {
                    parts.push(Part::Nothing);
                    continue;
                }
            };
            while folded.next_if(|&item| item < at).is_some() {}
            let number = match operand {
                Operand::None => Some(0),
                Operand::Number(number) => Some(*number),
                Operand::Const(constant) => {
                    let pool = &self.unit.pool;
                    layout::entry(pool, &mut self.values, &self.labels, constant).and_then(
                        |entry| match entry {
                            Entry::Value(class) if folded.peek() == Some(&at) => {
                                let own = tables.consts.find(&Entry::Folded(class, at));
                                own.or_else(|| tables.consts.find(&entry))
                            }
                            entry => tables.consts.find(&entry),
                        },
                    )
                }
                Operand::Name(name) => match op.arg() {
                    Arg::Local => tables.locals.find(name),
                    Arg::Cell => in_cells.get(name).copied(),
                    _ => tables.names.find(name),
                },
                Operand::Label(label) => {
                    match labels.get(&**label) {
                        Some(&target) => parts.push(Part::Jump(op, target)),
                        None => problems.push(unknown_label(item, label)),
                    }
                    continue;
                }
            };
            match number {
                Some(number) => parts.push(Part::Fixed(op, number)),
                None => problems.push(unknown_operand(item, op)),
            }
        }
        match problems.is_empty() {
            true => Ok(parts),
            false => Err(problems),
        }
    }

    /// Returns the items that push a tuple which the compiler folded, with its number of items.
    fn folded(&self, tables: &Tables) -> Vec<(usize, u32)> {
        let mut found: Vec<(usize, u32)> = tables
            .consts
            .entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Folded(class, item) => match self.values.value(*class) {
                    Value::Tuple(items) => Some((*item, items.len() as u32)),
                    _ => None,
                },
                Entry::Value(_) | Entry::Object(_) => None,
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// Returns `co_flags`, apart from the flags that the unit gives.
    fn flags(&self, index: usize, tables: &Tables) -> u32 {
        let object = &self.unit.objects[index];
        let shape = &self.shapes[index];
        let mut found = self.unit.future;
        if tables.cells.is_empty() && tables.frees.is_empty() {
            found |= flags::NOFREE;
        }
        if shape.kind != Kind::Function {
            return found;
        }
        found |= flags::NEWLOCALS;
        if !layout::by_name(object) {
            found |= flags::OPTIMIZED;
        }
        let mut set = |is: bool, flag: u32| found |= if is { flag } else { 0 };
        set(shape.nested, flags::NESTED);
        set(object.args.rest.is_some(), flags::VARARGS);
        set(object.args.keywords.is_some(), flags::VARKEYWORDS);
        let yields = layout::has(object, |op| op == Op::YieldValue);
        let delegates = layout::has(object, |op| op == Op::YieldFrom);
        let awaits = layout::has(object, |op| {
            matches!(
                op,
                Op::GetAwaitable
                    | Op::GetAnext
                    | Op::BeforeAsyncWith
                    | Op::SetupAsyncWith
                    | Op::EndAsyncFor
            )
        });
        set(awaits && yields, flags::ASYNC_GENERATOR);
        set(awaits && !yields, flags::COROUTINE);
        // An object with one of these flags is not a generator as well.
        let other = flags::COROUTINE | flags::ASYNC_GENERATOR;
        let other = awaits || object.said.flags_on & other != 0;
        set(!other && (yields || delegates), flags::GENERATOR);
        found
    }
}

/// The tables of a code object.
struct Tables {
    consts: Table<Entry>,
    names: Table<Str>,
    locals: Table<Str>,
    cells: Vec<Str>,
    frees: Vec<Str>,
}

impl Tables {
    /// Returns the indices of the variables in cells.
    fn in_cells(&self) -> std::collections::HashMap<&Str, u32> {
        let mut found = std::collections::HashMap::new();
        for (at, name) in self.cells.iter().chain(&self.frees).enumerate() {
            found.entry(name).or_insert(at as u32);
        }
        found
    }
}

/// Returns the name of an object with this label.
pub(super) fn name_of(label: &str) -> Str {
    Str::new(if is_main(label) { "<module>" } else { label })
}

/// Returns the number in the first `LINE` of an object, or 1.
pub(super) fn first_line(object: &CodeObject) -> i32 {
    let lines = object.items.iter().find_map(|item| match item.what {
        What::Line(line) => i32::try_from(line).ok(),
        What::Label(_) | What::Insn(..) | What::Bytes(_) => None,
    });
    lines.unwrap_or(1)
}

fn unknown_label(item: &Item, label: &str) -> Problem {
    let message = format!("unknown label '{label}' in this object");
    problem(item.operand_span, message, "unknown")
}

fn unknown_operand(item: &Item, op: Op) -> Problem {
    let message = format!("the tables of the object do not have this operand of {op}");
    problem(item.operand_span, message, "missing in the tables")
        .help("if there are CELLS and FREES, they must list all variables in cells")
}

/// The greatest depth to which code objects are nested. Each takes two of the 2000 levels of
/// CPython, and some levels are left for constants.
const MAX_NESTED: usize = 900;

/// Checks that constants are not nested too deep to be read.
fn check_depth(pool: &Pool, main: Id, span: Span) -> Result<(), Vec<Problem>> {
    // The parts of an object were added to the pool before it.
    let mut depths: Vec<usize> = Vec::with_capacity(pool.len());
    for at in 0..pool.len() as u32 {
        let depth = |id: &Id| depths.get(id.0 as usize).copied().unwrap_or(0);
        let within = match pool.get(Id(at)) {
            Object::Tuple(items)
            | Object::List(items)
            | Object::Set(items)
            | Object::FrozenSet(items) => items.iter().map(depth).max(),
            Object::Dict(pairs) => pairs.iter().flat_map(|(k, v)| [depth(k), depth(v)]).max(),
            Object::Code(code) => Some(depth(&code.consts).max(2)),
            _ => None,
        };
        depths.push(within.unwrap_or(0) + 1);
    }
    match depths.get(main.0 as usize) {
        Some(&depth) if depth > MAX_DEPTH => {
            let message = format!(
                "the constants of the module are nested more than {MAX_DEPTH} deep, which Python \
                 cannot read"
            );
            Err(vec![problem(span, message, "this object")])
        }
        _ => Ok(()),
    }
}

/// Checks that code objects do not contain themselves and are not nested too deep to be read.
fn check_cycles(whole: &Whole) -> Result<(), Vec<Problem>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Open,
        Done,
    }
    let mut seen = vec![Seen::No; whole.shapes.len()];
    for start in 0..whole.shapes.len() {
        if seen[start] != Seen::No {
            continue;
        }
        seen[start] = Seen::Open;
        let mut path = vec![(start, 0)];
        while let Some((index, next)) = path.last_mut() {
            let index = *index;
            let Some(&load) = whole.loads(index).get(*next) else {
                seen[index] = Seen::Done;
                path.pop();
                continue;
            };
            *next += 1;
            match seen[load] {
                Seen::No if path.len() >= MAX_NESTED => {
                    let object = &whole.unit.objects[load];
                    let message = format!(
                        "'{}' is nested more than {MAX_NESTED} deep in other objects",
                        object.label
                    );
                    return Err(vec![problem(object.span, message, "this object")]);
                }
                Seen::No => {
                    seen[load] = Seen::Open;
                    path.push((load, 0));
                }
                Seen::Open => return Err(vec![cycle(whole, index, load)]),
                Seen::Done => {}
            }
        }
    }
    Ok(())
}

impl Whole<'_> {
    /// Returns the code objects among the constants of an object.
    fn loads(&self, index: usize) -> &[usize] {
        &self.shapes[index].loads
    }
}

/// Returns the problem of two objects that contain each other.
fn cycle(whole: &Whole, index: usize, load: usize) -> Problem {
    let objects = &whole.unit.objects;
    let (object, loaded) = (&objects[index], &objects[load]);
    let item = object.items.iter().find(|item| match &item.what {
        What::Insn(_, Operand::Const(Const::Object(label))) => *label == loaded.label,
        _ => false,
    });
    let span = item.map_or(object.span, |item| item.operand_span);
    let message = match index == load {
        true => format!("'{}' cannot be a constant of itself", object.label),
        false => format!(
            "'{}' and '{}' cannot be constants of each other",
            loaded.label, object.label
        ),
    };
    problem(span, message, "this constant")
        .help("load the function by its name, with LOAD_GLOBAL or LOAD_NAME")
}
