//! What the objects of a file are to each other: which is a class's body, which a function within
//! which, and which variables are handed down. It is read off the places that load an object and
//! make a function of it.

use crate::unit::{CodeObject, Const, Operand, Unit, What, is_main};
use std::collections::{HashMap, HashSet};
use vm_py_code::insn::{Arg, Branch, Op};
use vm_py_code::object::{Object, Str};

/// The kind of a code object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    Module,
    Class,
    #[default]
    Function,
}

/// What the code shows about a code object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    pub(crate) kind: Kind,
    /// The first object that loads it.
    pub(crate) parent: Option<usize>,
    /// Whether it is nested in a function.
    pub(crate) nested: bool,
    /// The variables whose cells are in its closure.
    pub(crate) given: Option<Vec<Str>>,
    /// Whether it is made with a closure.
    pub(crate) closure: bool,
    /// The items that load a tuple of defaults of a function.
    pub(crate) folded: Vec<usize>,
    /// The code objects that it loads.
    pub(crate) loads: Vec<usize>,
    /// The variables in cells that it uses, in the order of their first use.
    pub(crate) in_cells: Vec<Str>,
}

/// The indices of code objects, by their labels.
pub(crate) type Labels<'u> = HashMap<&'u str, usize>;

/// Returns the indices of the code objects of a unit.
pub(crate) fn labels(unit: &Unit) -> Labels<'_> {
    let objects = unit.objects.iter().enumerate();
    objects
        .map(|(index, object)| (&*object.label, index))
        .collect()
}

/// Returns what the code shows about each code object.
pub(crate) fn shapes(unit: &Unit, labels: &Labels) -> Vec<Shape> {
    let mut shapes = vec![Shape::default(); unit.objects.len()];
    for (index, object) in unit.objects.iter().enumerate() {
        if is_main(&object.label) {
            shapes[index].kind = Kind::Module;
        }
        read(unit, labels, index, object, &mut shapes);
    }
    for shape in &mut shapes {
        shape.folded.sort_unstable();
    }
    // Parents come first, because their kind decides about their parts.
    let main = unit
        .objects
        .iter()
        .position(|object| is_main(&object.label));
    let mut seen = vec![false; shapes.len()];
    let mut todo: Vec<usize> = main.into_iter().collect();
    main.into_iter().for_each(|main| seen[main] = true);
    while let Some(index) = todo.pop() {
        let within = shapes[index].nested || shapes[index].kind == Kind::Function;
        let from = todo.len();
        for load in shapes[index].loads.clone() {
            if !std::mem::replace(&mut seen[load], true) {
                shapes[load].parent = Some(index);
                shapes[load].nested = within;
                todo.push(load);
            }
        }
        todo[from..].reverse();
    }
    guess_closures(&mut shapes);
    shapes
}

/// Guesses the closures that are not visible as tuples of cells: the variables of the parent that
/// the object uses.
fn guess_closures(shapes: &mut [Shape]) {
    for index in 0..shapes.len() {
        let shape = &shapes[index];
        let Some(parent) = shape
            .parent
            .filter(|_| shape.closure && shape.given.is_none())
        else {
            continue;
        };
        let above: HashSet<&Str> = shapes[parent].in_cells.iter().collect();
        let mut given: Vec<Str> = shape
            .in_cells
            .iter()
            .filter(|name| above.contains(name))
            .cloned()
            .collect();
        given.sort();
        shapes[index].given = Some(given);
    }
}

/// An instruction and the index of its item.
type Insn<'u> = (usize, Op, &'u Operand);

/// Records what an object shows about itself and about the objects that it loads.
fn read(unit: &Unit, labels: &Labels, index: usize, object: &CodeObject, shapes: &mut [Shape]) {
    let insns: Vec<Insn> = object
        .items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| match &item.what {
            What::Insn(op, operand) => Some((at, *op, operand)),
            What::Label(_) | What::Line(_) | What::Bytes(_) => None,
        })
        .collect();
    for (_, constant) in &object.said.consts {
        if let Const::Object(label) = constant {
            shapes[index].loads.extend(labels.get(&**label));
        }
    }
    let mut known = HashSet::new();
    for (at, &(_, op, operand)) in insns.iter().enumerate() {
        match operand {
            Operand::Name(name) if op.arg() == Arg::Cell && known.insert(name) => {
                shapes[index].in_cells.push(name.clone());
            }
            Operand::Const(Const::Object(label)) => {
                let Some(&loaded) = labels.get(&**label) else {
                    continue;
                };
                shapes[index].loads.push(loaded);
                if let Some((Op::MakeFunction, Operand::Number(flags))) =
                    insns.get(at + 2).map(|&(_, op, operand)| (op, operand))
                {
                    let made = made(unit, &insns[..at], *flags);
                    let shape = &mut shapes[loaded];
                    if made.class && shape.kind == Kind::Function {
                        shape.kind = Kind::Class;
                    }
                    shape.closure |= flags & 8 != 0;
                    if shape.given.is_none() {
                        shape.given = made.given;
                    }
                    shapes[index].folded.extend(made.folded);
                }
            }
            _ => {}
        }
    }
}

/// What the instructions before a `MAKE_FUNCTION` show.
#[derive(Default)]
struct Made {
    class: bool,
    given: Option<Vec<Str>>,
    folded: Option<usize>,
}

/// Looks back from the instruction that loads the code object.
fn made(unit: &Unit, before: &[Insn], flags: u32) -> Made {
    let mut made = Made::default();
    let mut end = before.len();
    if flags & 8 != 0 {
        let Some(start) = item_start(before, end) else {
            return made;
        };
        made.given = cells(&before[start..end]);
        end = start;
    }
    made.class = matches!(before[..end].last(), Some((_, Op::LoadBuildClass, _)));
    for flag in [4, 2] {
        if flags & flag != 0 {
            let Some(start) = item_start(before, end) else {
                return made;
            };
            end = start;
        }
    }
    if flags & 1 != 0
        && let Some(&(item, Op::LoadConst, Operand::Const(Const::Value(value)))) =
            before[..end].last()
        && let Object::Tuple(items) = unit.pool.get(*value)
        && !items.is_empty()
    {
        made.folded = Some(item);
    }
    made
}

/// Returns the variables of instructions that make a tuple of cells.
fn cells(insns: &[Insn]) -> Option<Vec<Str>> {
    let (&(_, last, count), cells) = insns.split_last()?;
    if last != Op::BuildTuple || *count != Operand::Number(cells.len() as u32) {
        return None;
    }
    cells
        .iter()
        .map(|&(_, op, operand)| match operand {
            Operand::Name(name) if op == Op::LoadClosure => Some(name.clone()),
            _ => None,
        })
        .collect()
}

/// The greatest number of instructions that are searched for the origin of an item.
const MAX_DISTANCE: usize = 1000;

/// Returns the index of the first instruction of those that push the item on top at `end`, if no
/// other path leads there.
fn item_start(insns: &[Insn], end: usize) -> Option<usize> {
    let mut needed = 1;
    let back = insns[..end].iter().enumerate().rev();
    for (at, &(_, op, operand)) in back.take(MAX_DISTANCE) {
        let row = op.row();
        if row.branch != Branch::None {
            return None;
        }
        let arg = match operand {
            Operand::Number(number) => u64::from(*number),
            Operand::None | Operand::Const(_) | Operand::Name(_) | Operand::Label(_) => 0,
        };
        let (pops, pushes) = ((row.pops)(arg), (row.pushes)(arg));
        if pushes > needed {
            return None;
        }
        needed = needed - pushes + pops;
        if needed == 0 {
            return Some(at);
        }
    }
    None
}
