//! The macro `const`: replaces names by constants.

use super::rewrite::{self, is_global, jump, loosen};
use super::{MacroError, Request};
use std::collections::HashSet;
use vm_py_code::insn::{Branch, Op};
use vm_py_code::object::{Id, Object, Pool};
use vm_py_text::unit::{Const, Item, Operand, Unit, What};

pub(super) const EXAMPLE: &str = "\
mmm macro const app.pyc -o fast.pyc --set DEBUG=False --set LIMIT=100

def f(x):                           def f(x):
    if DEBUG:                           return x < 100
        log(x)             becomes
    return x < LIMIT

A name that a function sets for itself is a local variable, and left alone; one
that the module sets is refused unless its own code is left out with --function.";

/// Replaces loads of the global names in [`Request::set`] by constants, and removes branches that can
/// no longer be taken.
///
/// Returns the number of loads.
///
/// # Errors
///
/// Returns an error if no name or value is given, or if the code sets such a name.
///
/// ```
/// use vm_py_macros::{Request, constant};
/// use vm_py_text::{parse, print};
/// let mut unit = parse("a.cpyasm", "\
/// DEFINE main
///     LOAD_NAME DEBUG
///     POP_JUMP_IF_FALSE quiet
///     LOAD_NAME report
///     CALL_FUNCTION 0
///     POP_TOP
///     LABEL quiet
///     LOAD_CONST None
///     RETURN_VALUE
/// END
/// ").unwrap();
/// let set = vec![("DEBUG".to_owned(), Some("False".to_owned()))];
/// let request = Request { function: None, set };
/// assert_eq!(constant(&mut unit, &request), Ok(1));
/// assert!(!print(&unit).contains("report"));
/// ```
pub fn constant(unit: &mut Unit, request: &Request) -> Result<usize, MacroError> {
    let mut values = Vec::new();
    for (name, value) in request.values(&mut unit.pool)? {
        let wanted = || {
            MacroError::new(format!("'{name}' has no value"))
                .help(format!("write --set {name}=VALUE, with a Python literal"))
        };
        values.push((name, value.ok_or_else(wanted)?));
    }
    if values.is_empty() {
        return Err(MacroError::new("no name is given").help("write --set NAME=VALUE"));
    }
    let mut changed = 0;
    for index in request.objects(unit)? {
        let pool = &unit.pool;
        let object = &mut unit.objects[index];
        for &(name, value) in &values {
            let sets = |item: &&Item| {
                use Op::{DeleteGlobal, DeleteName, StoreGlobal, StoreName};
                let op = rewrite::op(item);
                rewrite::name(item) == Some(name)
                    && matches!(
                        op,
                        Some(StoreGlobal | StoreName | DeleteGlobal | DeleteName)
                    )
            };
            let reads = object.items.iter().filter(|item| is_global(item, name));
            let reads = reads.count();
            if reads > 0 && object.items.iter().any(|item| sets(&item)) {
                let message = format!("'{}' sets '{name}' itself", object.label);
                return Err(
                    MacroError::new(message).help("choose another function with --function")
                );
            }
            changed += reads;
            for item in &mut object.items {
                if is_global(item, name) {
                    item.what = What::Insn(Op::LoadConst, Operand::Const(Const::Value(value)));
                }
            }
        }
        let given: Vec<Id> = values.iter().map(|&(_, value)| value).collect();
        if decide(pool, &mut object.items, &given) {
            drop_unreached(&mut object.items);
        }
        loosen(unit, index)?;
    }
    Ok(changed)
}

/// Turns branches on the given constants into jumps, or removes them.
fn decide(pool: &Pool, items: &mut Vec<Item>, given: &[Id]) -> bool {
    let mut decided = false;
    for at in 0..items.len() {
        let Some(&Const::Value(id)) = rewrite::constant(&items[at]) else {
            continue;
        };
        let Some(run) = rewrite::run(items, at, 2).filter(|_| given.contains(&id)) else {
            continue;
        };
        let branch = &items[run[1]];
        let (Some(op), Some(target)) = (rewrite::op(branch), rewrite::target(branch)) else {
            continue;
        };
        let jumps_if = match op {
            Op::PopJumpIfFalse => false,
            Op::PopJumpIfTrue => true,
            _ => continue,
        };
        let taken = jump(Op::JumpAbsolute, target);
        // Otherwise only a line without instructions is left.
        items[run[1]] = match truth(pool.get(id)) == jumps_if {
            true => taken,
            false => rewrite::plain(Op::Nop),
        };
        items[at] = rewrite::plain(Op::Nop);
        decided = true;
    }
    if decided {
        items.retain(|item| rewrite::op(item) != Some(Op::Nop));
    }
    decided
}

/// Removes instructions that no path reaches, up to the next label with a jump to it.
fn drop_unreached(items: &mut Vec<Item>) {
    loop {
        let targets: HashSet<String> = items
            .iter()
            .filter_map(|item| rewrite::target(item).map(str::to_owned))
            .collect();
        let before = items.len();
        let mut reached = true;
        items.retain(|item| match &item.what {
            What::Label(label) => {
                reached |= targets.contains(label);
                reached
            }
            What::Line(_) => true,
            What::Bytes(_) => reached,
            What::Insn(op, _) => {
                let kept = reached;
                let branch = op.row().branch;
                reached &= !matches!(branch, Branch::Jumps | Branch::Ends);
                kept
            }
        });
        // A removed instruction may have been the last jump to a label.
        if items.len() == before {
            return;
        }
    }
}

/// Returns true if a constant is true in Python.
fn truth(object: &Object) -> bool {
    match object {
        Object::None => false,
        Object::Bool(value) => *value,
        Object::Int(value) => *value != 0,
        Object::Float(value) => *value != 0.0,
        Object::Complex(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
        Object::Bytes(bytes) => !bytes.is_empty(),
        Object::Str(text) => !text.bytes.is_empty(),
        Object::Tuple(items)
        | Object::List(items)
        | Object::Set(items)
        | Object::FrozenSet(items) => !items.is_empty(),
        Object::Dict(pairs) => !pairs.is_empty(),
        Object::Long(_) | Object::Ellipsis | Object::StopIteration | Object::Code(_) => true,
    }
}
