//! The macro `c-for`: loops with a start, a condition and a step.

use super::rewrite::{self, is_global, jump, label, load, loosen, plain, sweep};
use super::{MacroError, Request};
use std::collections::HashMap;
use vm_py_code::insn::{Arg, Op};
use vm_py_code::object::Object;
use vm_py_text::unit::{CodeObject, Const, Item, Operand, Unit, What};

pub(super) const EXAMPLE: &str = "\
for i in c_for(1, lambda i: i < n, lambda i: i * 2):
    print(i)

becomes what C means by

for (i = 1; i < n; i = i * 2)
    print(i)

The lambdas take the loop's variable and nothing else, and are put in place: no
iterator, no calls. What the body does to the variable counts. break, continue,
else and return do what they do in any loop. c_for itself needs no definition.";

/// Turns loops over `c_for(start, condition, step)` into loops with the code of the two lambdas
/// inlined.
///
/// Returns the number of loops.
///
/// # Errors
///
/// Returns an error if the code of a lambda cannot be inlined.
///
/// ```
/// use vm_py_macros::{Request, c_for};
/// use vm_py_text::{parse, print};
/// let mut unit = parse("a.cpyasm", "\
/// DEFINE main
///     LOAD_NAME c_for
///     LOAD_CONST 0
///     LOAD_CONST test
///     LOAD_CONST '<lambda>'
///     MAKE_FUNCTION 0
///     LOAD_CONST step
///     LOAD_CONST '<lambda>'
///     MAKE_FUNCTION 0
///     CALL_FUNCTION 3
///     GET_ITER
///     LABEL loop
///     FOR_ITER end
///     STORE_NAME i
///     JUMP_ABSOLUTE loop
///     LABEL end
///     LOAD_CONST None
///     RETURN_VALUE
/// END
/// DEFINE test
///     ADD_ARG i
///     LOAD_FAST i
///     LOAD_CONST 10
///     COMPARE_OP <
///     RETURN_VALUE
/// END
/// DEFINE step
///     ADD_ARG i
///     LOAD_FAST i
///     LOAD_CONST 1
///     BINARY_ADD
///     RETURN_VALUE
/// END
/// ").unwrap();
/// assert_eq!(c_for(&mut unit, &Request::default()), Ok(1));
/// assert_eq!(unit.objects.len(), 1);
/// assert!(!print(&unit).contains("FOR_ITER"));
/// ```
pub fn c_for(unit: &mut Unit, request: &Request) -> Result<usize, MacroError> {
    let mut changed = 0;
    for index in request.objects(unit)? {
        // The last loop first, so that the items before it keep their indices.
        let object = &unit.objects[index];
        let loops: Vec<Loop> = (0..object.items.len())
            .rev()
            .filter_map(|at| find(object, at))
            .collect();
        for found in loops {
            let items = rewrite(unit, index, &found)?;
            unit.objects[index].items = items;
            loosen(unit, index)?;
            changed += 1;
        }
    }
    if changed > 0 {
        sweep(unit);
    }
    Ok(changed)
}

/// A loop, by its items.
struct Loop {
    /// The name `c_for`.
    name: usize,
    /// The first item of the lambdas, after the value of the start.
    lambdas: usize,
    /// The labels of the lambdas' objects.
    condition: String,
    step: String,
    /// The label of `FOR_ITER`, and the label of its jump target.
    top: Vec<usize>,
    end: String,
    /// `FOR_ITER`, and the item that sets the variable.
    next: usize,
    store: usize,
}

/// Returns the loop whose call of `c_for` is item `at`.
fn find(object: &CodeObject, at: usize) -> Option<Loop> {
    let items = &object.items;
    let is = |index: usize, op: Op| rewrite::op(&items[index]) == Some(op);
    if !is(at, Op::CallFunction) || rewrite::number(&items[at]) != Some(3) {
        return None;
    }
    let get_iter = rewrite::run(items, at, 2).filter(|run| is(run[1], Op::GetIter))?[1];
    let (step, before_step) = lambda(items, at.checked_sub(1)?)?;
    let (condition, lambdas) = lambda(items, before_step.checked_sub(1)?)?;
    let name = (0..lambdas)
        .rev()
        .find(|&index| is_global(&items[index], "c_for"))?;
    // Labels at the top of the loop, and source lines.
    let top: Vec<usize> = (get_iter + 1..items.len())
        .take_while(|&index| matches!(items[index].what, What::Label(_) | What::Line(_)))
        .collect();
    let next = get_iter + 1 + top.len();
    let run = rewrite::run(items, next, 2).filter(|run| is(run[0], Op::ForIter))?;
    Some(Loop {
        name,
        lambdas,
        condition,
        step,
        top,
        end: rewrite::target(&items[next])?.to_owned(),
        next,
        store: run[1],
    })
}

/// Returns the lambda that the last instruction up to item `end` makes: the label of its object, and
/// the first item that makes it.
fn lambda(items: &[Item], end: usize) -> Option<(String, usize)> {
    let end = (0..=end)
        .rev()
        .find(|&at| !matches!(items[at].what, What::Line(_)))?;
    let make = &items[end];
    let flags = rewrite::number(make).filter(|_| rewrite::op(make) == Some(Op::MakeFunction))?;
    let run = rewrite::run_before(items, end, 3)?;
    let Const::Object(label) = rewrite::constant(&items[run[0]])? else {
        return None;
    };
    let start = match flags {
        0 => run[0],
        8 => {
            let tuple = rewrite::run_before(items, run[0], 2)?[0];
            let build = &items[tuple];
            let count =
                rewrite::number(build).filter(|_| rewrite::op(build) == Some(Op::BuildTuple))?;
            let cells = rewrite::run_before(items, tuple, count as usize + 1)?;
            let closures = cells[..cells.len() - 1].iter();
            closures
                .clone()
                .all(|&cell| rewrite::op(&items[cell]) == Some(Op::LoadClosure))
                .then_some(cells[0])?
        }
        _ => return None,
    };
    Some((label.clone(), start))
}

fn rewrite(unit: &mut Unit, index: usize, found: &Loop) -> Result<Vec<Item>, MacroError> {
    let mut object = unit.objects[index].clone();
    let items = std::mem::take(&mut object.items);
    object.items = items.clone();
    let (store, get) = variable(&items[found.store]).ok_or_else(|| {
        MacroError::new(format!(
            "a loop over c_for in '{}' does not set a plain variable",
            object.label
        ))
        .help("write: for i in c_for(…)")
    })?;
    let mut fresh = |stem: &str| {
        let unused = rewrite::unused_label(&object, stem);
        object.items.push(label(&unused));
        unused
    };
    let (test, body) = (fresh("c_for_test"), fresh("c_for_body"));
    let mut inline = |unit: &Unit, lambda: &str| -> Result<Vec<Item>, MacroError> {
        let code = unit
            .object(lambda)
            .filter(|code| code.label != unit.objects[index].label);
        let code = code.ok_or_else(|| MacroError::new(format!("there is no object '{lambda}'")))?;
        inlined(code, &get, &mut fresh)
    };
    let condition = inline(unit, &found.condition)?;
    let step = inline(unit, &found.step)?;
    // The slot of the iterator is kept, because leaving the loop pops it.
    let filler = load(&mut unit.pool, Object::None);

    let mut out = items[..found.name].to_vec();
    out.extend_from_slice(&items[found.name + 1..found.lambdas]);
    out.push(store.clone());
    out.push(filler);
    out.push(jump(Op::JumpAbsolute, &test));
    out.extend(found.top.iter().map(|&at| items[at].clone()));
    out.extend(step);
    out.push(store);
    out.push(label(&test));
    out.extend(condition);
    out.push(jump(Op::PopJumpIfTrue, &body));
    out.push(plain(Op::PopTop));
    out.push(jump(Op::JumpAbsolute, &found.end));
    out.push(label(&body));
    out.extend_from_slice(&items[found.next + 1..found.store]);
    out.extend_from_slice(&items[found.store + 1..]);
    Ok(out)
}

/// Returns the instructions that set and get the variable, from the one that sets it.
fn variable(item: &Item) -> Option<(Item, Item)> {
    let get = match rewrite::op(item)? {
        Op::StoreFast => Op::LoadFast,
        Op::StoreName => Op::LoadName,
        Op::StoreGlobal => Op::LoadGlobal,
        Op::StoreDeref => Op::LoadDeref,
        _ => return None,
    };
    let What::Insn(_, operand) = &item.what else {
        return None;
    };
    Some((item.clone(), Item::insn(get, operand.clone())))
}

/// Returns the code of a lambda with `get` instead of its parameter, which leaves the value on the
/// stack.
fn inlined(
    code: &CodeObject,
    get: &Item,
    fresh: &mut impl FnMut(&str) -> String,
) -> Result<Vec<Item>, MacroError> {
    let refuse = |why: &str| MacroError::new(format!("'{}' cannot be inlined: {why}", code.label));
    let args = &code.args;
    let single = args.by_position() == 1 && args.in_order().count() == 1;
    let parameter = args.in_order().next().filter(|_| single);
    let parameter = parameter.ok_or_else(|| {
        refuse("its only parameter must be the variable of the loop").help("write: lambda i: …")
    })?;
    let mut renamed: HashMap<&str, String> = HashMap::new();
    for item in &code.items {
        if let What::Label(label) = &item.what {
            renamed.insert(label, fresh(label));
        }
    }
    let end = fresh("c_for_value");
    let mut out = Vec::new();
    for item in &code.items {
        match &item.what {
            What::Label(name) => out.push(label(&renamed[&**name])),
            // The source lines are those of the loop.
            What::Line(_) => {}
            What::Bytes(_) => return Err(refuse("it contains bytes that are not an instruction")),
            What::Insn(Op::ReturnValue, _) => out.push(jump(Op::JumpAbsolute, &end)),
            What::Insn(Op::LoadFast, Operand::Name(name)) if name == parameter => {
                out.push(get.clone());
            }
            What::Insn(op, operand) => {
                if op.arg() == Arg::Local || *op == Op::LoadClosure {
                    return Err(refuse("it has variables of its own"));
                }
                if matches!(op, Op::YieldValue | Op::YieldFrom) {
                    return Err(refuse("it yields"));
                }
                let operand = match operand {
                    Operand::Label(name) => Operand::Label(
                        renamed
                            .get(&**name)
                            .cloned()
                            .unwrap_or_else(|| name.clone()),
                    ),
                    other => other.clone(),
                };
                out.push(Item::insn(*op, operand));
            }
        }
    }
    // The last return needs no jump.
    if out.last().and_then(rewrite::target) == Some(&*end) {
        out.pop();
    }
    out.push(label(&end));
    Ok(out)
}
