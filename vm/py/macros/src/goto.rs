//! The macro `goto`: turns statements into jumps.

use super::flow::Flow;
use super::rewrite::{self, is_global, jump, label, loosen, plain};
use super::{MacroError, Request};
use std::collections::HashMap;
use std::ops::Range;
use vm_py_code::insn::Op;
use vm_py_code::object::Pool;
use vm_py_text::unit::{CodeObject, Item, Unit, What};

pub(super) const EXAMPLE: &str = "\
def count(n):                       def count(n):
    label('again')                      LABEL again
    n -= 1                              n -= 1
    if n > 0:              becomes      if n > 0:
        goto('again')                       JUMP_ABSOLUTE again
    return n                            return n

`label .again` and `goto .again` do as well; the source needs no definition of
either name. A goto may leave loops, but enter none, and neither enter nor leave
a try or with block. A label directly behind a return is lost: the compiler
drops code that nothing comes to.";

/// The kind of a statement.
enum Said {
    Label(String),
    Goto(String),
}

/// A statement: its first item, the item after it, its kind and its label.
struct Statement {
    start: usize,
    end: usize,
    said: Said,
}

/// Turns `goto('x')` and `goto .x` into jumps to `label('x')` and `label .x` of the same function.
///
/// Returns the number of statements.
///
/// # Errors
///
/// Returns an error if a label is missing or occurs twice, or if a jump would enter a loop or a
/// block.
///
/// ```
/// use vm_py_macros::{Request, goto};
/// use vm_py_text::{parse, print};
/// let mut unit = parse("a.cpyasm", "\
/// DEFINE main
///     LOAD_NAME goto
///     LOAD_CONST 'end'
///     CALL_FUNCTION 1
///     POP_TOP
///     LOAD_NAME label
///     LOAD_CONST 'end'
///     CALL_FUNCTION 1
///     POP_TOP
///     LOAD_CONST None
///     RETURN_VALUE
/// END
/// ").unwrap();
/// assert_eq!(goto(&mut unit, &Request::default()), Ok(2));
/// let words: Vec<String> = print(&unit).split_whitespace().map(str::to_owned).collect();
/// let text = words.join(" ");
/// assert!(text.contains("JUMP_ABSOLUTE end"), "{text}");
/// assert!(text.contains("LABEL end LINE 10 LOAD_CONST None"), "{text}");
/// ```
pub fn goto(unit: &mut Unit, request: &Request) -> Result<usize, MacroError> {
    let mut changed = 0;
    for index in request.objects(unit)? {
        let object = &unit.objects[index];
        let statements = statements(&unit.pool, object);
        if !statements.is_empty() {
            changed += statements.len();
            let items = rewrite(object, &statements)?;
            unit.objects[index].items = items;
            loosen(unit, index)?;
        }
    }
    Ok(changed)
}

fn statements(pool: &Pool, object: &CodeObject) -> Vec<Statement> {
    let items = &object.items;
    let mut found = Vec::new();
    for start in 0..items.len() {
        let is_goto = is_global(&items[start], "goto");
        if !is_goto && !is_global(&items[start], "label") {
            continue;
        }
        let Some((name, last)) = called(pool, items, start).or_else(|| dotted(items, start)) else {
            continue;
        };
        found.push(Statement {
            start,
            end: last + 1,
            said: if is_goto {
                Said::Goto(name)
            } else {
                Said::Label(name)
            },
        });
    }
    found
}

/// Matches `goto('x')`; returns the name and the last item.
fn called(pool: &Pool, items: &[Item], start: usize) -> Option<(String, usize)> {
    let run = rewrite::run(items, start, 4)?;
    let name = rewrite::text(pool, &items[run[1]])?;
    let call = &items[run[2]];
    let is_call = rewrite::op(call) == Some(Op::CallFunction) && rewrite::number(call) == Some(1);
    let dropped = rewrite::op(&items[run[3]]) == Some(Op::PopTop);
    (is_call && dropped).then(|| (name.to_owned(), run[3]))
}

/// Matches `goto .x`; returns the name and the last item.
fn dotted(items: &[Item], start: usize) -> Option<(String, usize)> {
    let run = rewrite::run(items, start, 3)?;
    let attribute = &items[run[1]];
    let is_attribute = rewrite::op(attribute) == Some(Op::LoadAttr);
    let dropped = rewrite::op(&items[run[2]]) == Some(Op::PopTop);
    let name = rewrite::name(attribute)?;
    (is_attribute && dropped).then(|| (name.to_owned(), run[2]))
}

fn rewrite(object: &CodeObject, statements: &[Statement]) -> Result<Vec<Item>, MacroError> {
    let flow = Flow::of(object);
    let loops = loops(&object.items);
    let mut labels: HashMap<&str, (usize, String)> = HashMap::new();
    let mut places = object.clone();
    for statement in statements {
        if let Said::Label(name) = &statement.said {
            let unused = rewrite::unused_label(&places, name);
            places.items.push(label(&unused));
            if labels.insert(name, (statement.end, unused)).is_some() {
                let message = format!("'{}' has two labels '{name}'", object.label);
                return Err(MacroError::new(message));
            }
        }
    }
    let mut items = Vec::with_capacity(object.items.len());
    let mut from = 0;
    for statement in statements {
        items.extend_from_slice(&object.items[from..statement.start]);
        // The source lines of the statement stay with its replacement.
        let within = &object.items[statement.start..statement.end];
        items.extend(
            within
                .iter()
                .filter(|item| matches!(item.what, What::Line(_)))
                .cloned(),
        );
        from = statement.end;
        match &statement.said {
            Said::Label(name) => items.push(label(&labels[&**name].1)),
            Said::Goto(name) => {
                let (there, target) = labels.get(&**name).ok_or_else(|| missing(object, name))?;
                let pops = pops(&flow, &loops, statement.start, *there).map_err(|why| {
                    MacroError::new(format!("goto '{name}' in '{}' {why}", object.label))
                })?;
                items.extend((0..pops).map(|_| plain(Op::PopTop)));
                items.push(jump(Op::JumpAbsolute, target));
            }
        }
    }
    items.extend_from_slice(&object.items[from..]);
    Ok(items)
}

fn missing(object: &CodeObject, name: &str) -> MacroError {
    MacroError::new(format!("'{}' has no label '{name}'", object.label)).help(
        "write label('…') as a statement of the same function, not directly after a return: \
         the compiler drops what nothing comes to",
    )
}

/// Returns the items of each loop over an iterator.
fn loops(items: &[Item]) -> Vec<Range<usize>> {
    let place = |name: &str| {
        let is = |item: &Item| matches!(&item.what, What::Label(label) if label == name);
        items.iter().position(is)
    };
    let next = items.iter().enumerate();
    next.filter(|(_, item)| rewrite::op(item) == Some(Op::ForIter))
        .filter_map(|(at, item)| Some(at..place(rewrite::target(item)?)?))
        .collect()
}

/// Returns how many iterators of loops a jump leaves on the stack. The error says why the jump is not
/// possible.
fn pops(flow: &Flow, loops: &[Range<usize>], from: usize, to: usize) -> Result<i64, &'static str> {
    // Loops after each other have their iterators in the same slot.
    if loops
        .iter()
        .any(|turn| turn.contains(&to) && !turn.contains(&from))
    {
        return Err("enters a loop");
    }
    let (Some(from), Some(to)) = (flow.state(from), flow.state(to)) else {
        return Err("cannot be followed");
    };
    match from.depth - to.depth {
        _ if from.blocks != to.blocks => Err("enters or leaves a try or with block"),
        ..0 => Err("enters a loop"),
        pops => Ok(pops),
    }
}
