//! Functions to find and to make instructions.

use super::MacroError;
use std::collections::HashSet;
use vm_py_code::insn::{Arg, Op};
use vm_py_code::object::{Object, Pool, Str};
use vm_py_text::unit::{CodeObject, Const, Item, Operand, Unit, What};

/// Returns the indices of `count` instructions from item `at` on, if only source lines are between
/// them, so that no jump can lead there.
pub fn run(items: &[Item], at: usize, count: usize) -> Option<Vec<usize>> {
    let mut found = Vec::with_capacity(count);
    for (index, item) in items.iter().enumerate().skip(at) {
        if found.len() == count {
            break;
        }
        match item.what {
            What::Insn(..) => found.push(index),
            What::Line(_) if !found.is_empty() => {}
            What::Line(_) | What::Label(_) | What::Bytes(_) => return None,
        }
    }
    (found.len() == count).then_some(found)
}

/// Returns the indices of `count` instructions that end with item `at`, if only source lines are
/// between them.
pub fn run_before(items: &[Item], at: usize, count: usize) -> Option<Vec<usize>> {
    let mut found = Vec::with_capacity(count);
    for (index, item) in items[..=at].iter().enumerate().rev() {
        if found.len() == count {
            break;
        }
        match item.what {
            What::Insn(..) => found.push(index),
            What::Line(_) if !found.is_empty() => {}
            What::Line(_) | What::Label(_) | What::Bytes(_) => return None,
        }
    }
    found.reverse();
    (found.len() == count).then_some(found)
}

/// Returns the operation of an item if it is an instruction.
pub fn op(item: &Item) -> Option<Op> {
    match item.what {
        What::Insn(op, _) => Some(op),
        What::Label(_) | What::Line(_) | What::Bytes(_) => None,
    }
}

/// Returns the operand of an instruction if it is a name.
pub fn name(item: &Item) -> Option<&str> {
    match &item.what {
        What::Insn(_, Operand::Name(name)) => name.as_str(),
        _ => None,
    }
}

/// Returns the operand of an instruction if it is a number.
pub fn number(item: &Item) -> Option<u32> {
    match &item.what {
        What::Insn(_, Operand::Number(number)) => Some(*number),
        _ => None,
    }
}

/// Returns the constant that an instruction loads.
pub fn constant(item: &Item) -> Option<&Const> {
    match &item.what {
        What::Insn(Op::LoadConst, Operand::Const(constant)) => Some(constant),
        _ => None,
    }
}

/// Returns the constant that an instruction loads if it is a string.
pub fn text<'a>(pool: &'a Pool, item: &Item) -> Option<&'a str> {
    match constant(item)? {
        Const::Value(id) => pool.str(*id)?.as_str(),
        Const::Object(_) => None,
    }
}

/// Returns the label that an instruction jumps to.
pub fn target(item: &Item) -> Option<&str> {
    match &item.what {
        What::Insn(_, Operand::Label(label)) => Some(label),
        _ => None,
    }
}

/// Returns true if an instruction loads the global name `wanted`.
pub fn is_global(item: &Item, wanted: &str) -> bool {
    matches!(op(item), Some(Op::LoadGlobal | Op::LoadName)) && name(item) == Some(wanted)
}

/// Returns an instruction without an operand.
pub fn plain(op: Op) -> Item {
    Item::insn(op, Operand::None)
}

/// Returns an instruction with a number.
pub fn counted(op: Op, number: u32) -> Item {
    Item::insn(op, Operand::Number(number))
}

/// Returns an instruction with a name.
pub fn named(op: Op, name: &str) -> Item {
    Item::insn(op, Operand::Name(Str::new(name)))
}

/// Returns an instruction that jumps to a label.
pub fn jump(op: Op, label: &str) -> Item {
    Item::insn(op, Operand::Label(label.to_owned()))
}

/// Returns a label.
pub fn label(label: &str) -> Item {
    Item::new(What::Label(label.to_owned()))
}

/// Returns an instruction that loads a constant, which is added to `pool`.
pub fn load(pool: &mut Pool, object: Object) -> Item {
    let id = pool.add(object);
    Item::insn(Op::LoadConst, Operand::Const(Const::Value(id)))
}

/// Returns a label that `object` does not have: `stem`, or `stem` and a number.
///
/// ```
/// use vm_py_macros::rewrite::{label, unused_label};
/// use vm_py_text::unit::CodeObject;
/// let mut object = CodeObject::default();
/// assert_eq!(unused_label(&object, "loop"), "loop");
/// object.items.push(label("loop"));
/// assert_eq!(unused_label(&object, "loop"), "loop2");
/// ```
pub fn unused_label(object: &CodeObject, stem: &str) -> String {
    unused_word(stem, &labels(object))
}

/// Returns a name that no instruction or parameter of `object` has.
pub fn unused_name(object: &CodeObject, stem: &str) -> String {
    let names = object.items.iter().filter_map(name);
    let parameters = object.args.in_order().filter_map(Str::as_str);
    unused_word(stem, &names.chain(parameters).collect())
}

fn labels(object: &CodeObject) -> HashSet<&str> {
    let labels = object.items.iter().filter_map(|item| match &item.what {
        What::Label(label) => Some(&**label),
        What::Line(_) | What::Insn(..) | What::Bytes(_) => None,
    });
    labels.collect()
}

fn unused_word(stem: &str, used: &HashSet<&str>) -> String {
    let numbered = (2..).map(|number| format!("{stem}{number}"));
    std::iter::once(stem.to_owned())
        .chain(numbered)
        .find(|word| !used.contains(&**word))
        .unwrap_or_default()
}

/// Removes the properties of an object that depend on its instructions, such as sizes, tables and
/// indices, so that the assembler chooses them again.
///
/// # Errors
///
/// Returns an error if the object jumps to offsets, which would be those of other instructions after
/// a change.
pub fn loosen(unit: &mut Unit, index: usize) -> Result<(), MacroError> {
    let object = &mut unit.objects[index];
    let numbered = object.items.iter().filter(|item| number(item).is_some());
    let numbered: Vec<Arg> = numbered.filter_map(op).map(Op::arg).collect();
    let by_number = |arg: Arg| numbered.contains(&arg);
    if by_number(Arg::JumpTo) || by_number(Arg::JumpForward) {
        let message = format!(
            "'{}' jumps to offsets, which a change would move",
            object.label
        );
        return Err(MacroError::new(message).help("jump to labels instead"));
    }
    drop_idle_lines(&mut object.items);
    let said = &mut object.said;
    said.stack_size = None;
    said.locals_count = None;
    said.line_table = None;
    // Constants and names that are used by their index stay there.
    if !by_number(Arg::Const) {
        said.consts.clear();
    }
    if !by_number(Arg::Name) {
        said.names.clear();
    }
    if !by_number(Arg::Local) {
        said.locals.clear();
    }
    // These refer to objects of the file by number, which changes.
    unit.share.edits.clear();
    Ok(())
}

/// Removes source lines without instructions.
fn drop_idle_lines(items: &mut Vec<Item>) {
    let mut idle = vec![false; items.len()];
    let mut last: Option<usize> = None;
    for (at, item) in items.iter().enumerate() {
        match item.what {
            What::Line(_) => {
                if let Some(last) = last.replace(at) {
                    idle[last] = true;
                }
            }
            What::Insn(..) | What::Bytes(_) => last = None,
            What::Label(_) => {}
        }
    }
    let mut idle = idle.into_iter();
    items.retain(|_| !idle.next().unwrap_or(false));
}

/// Removes the objects that no other object loads.
pub fn sweep(unit: &mut Unit) {
    let mut reached: HashSet<String> = HashSet::new();
    let mut todo: Vec<String> = unit
        .main()
        .map(|main| main.label.clone())
        .into_iter()
        .collect();
    while let Some(label) = todo.pop() {
        if !reached.insert(label.clone()) {
            continue;
        }
        let Some(object) = unit.object(&label) else {
            continue;
        };
        let loaded = object.items.iter().filter_map(constant);
        let pinned = object.said.consts.iter().map(|(_, constant)| constant);
        todo.extend(loaded.chain(pinned).filter_map(|constant| match constant {
            Const::Object(label) => Some(label.clone()),
            Const::Value(_) => None,
        }));
    }
    unit.objects
        .retain(|object| reached.contains(&object.label));
}

/// Returns true if the number of an instruction has the bit `bit`.
pub fn has_flag(item: &Item, bit: u32) -> bool {
    number(item).is_some_and(|number| number & bit != 0)
}
