//! The macro `trace`: writes a line at each call.

use super::rewrite::{self, counted, load, loosen, named, plain};
use super::{MacroError, Request};
use std::collections::HashMap;
use vm_py_code::insn::Op;
use vm_py_code::object::{Object, Str};
use vm_py_text::unit::{Const, Item, Unit, What};

pub(super) const EXAMPLE: &str = "\
def f(x):                           def f(x):
    return x + 1           becomes      sys.stderr.write('call f\\n')
                                        return x + 1

Every function of the file is traced, methods and lambdas too; comprehensions
only where --function names one. A generator writes its line when it is first
asked for a value.";

/// Makes each function write `call` and its qualified name to standard error when it is called.
///
/// Returns the number of functions.
///
/// # Errors
///
/// Returns an error if there is no such function.
///
/// ```
/// use vm_py_macros::{Request, trace};
/// use vm_py_text::{parse, print};
/// let mut unit = parse("a.cpyasm", "\
/// DEFINE main
///     LOAD_CONST f
///     LOAD_CONST 'f'
///     MAKE_FUNCTION 0
///     CALL_FUNCTION 0
///     RETURN_VALUE
/// END
/// DEFINE f
///     LOAD_CONST None
///     RETURN_VALUE
/// END
/// ").unwrap();
/// assert_eq!(trace(&mut unit, &Request::default()), Ok(1));
/// assert!(print(&unit).contains("'call f\\n'"));
/// ```
pub fn trace(unit: &mut Unit, request: &Request) -> Result<usize, MacroError> {
    let functions = functions(unit);
    let mut changed = 0;
    for index in request.objects(unit)? {
        let label = &unit.objects[index].label;
        let Some(name) = functions.get(label) else {
            continue;
        };
        let comprehension = ["<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"];
        if request.function.is_none() && comprehension.iter().any(|last| name.ends_with(last)) {
            continue;
        }
        let line = Object::Str(Str::new(&format!("call {name}\n")));
        let pool = &mut unit.pool;
        let begin = [
            load(pool, Object::Int(0)),
            load(pool, Object::None),
            named(Op::ImportName, "sys"),
            named(Op::LoadAttr, "stderr"),
            named(Op::LoadMethod, "write"),
            load(pool, line),
            counted(Op::CallMethod, 1),
            plain(Op::PopTop),
        ];
        let object = &mut unit.objects[index];
        let lines = object.items.iter();
        let at = lines
            .take_while(|item| matches!(item.what, What::Line(_)))
            .count();
        object.items.splice(at..at, begin);
        loosen(unit, index)?;
        changed += 1;
    }
    if changed == 0 && request.function.is_some() {
        return Err(
            MacroError::new("no instruction makes a function of that code object")
                .help("only functions can be traced, not modules or class bodies"),
        );
    }
    Ok(changed)
}

/// Returns the qualified names of functions by the labels of their objects, without class bodies.
fn functions(unit: &Unit) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for object in &unit.objects {
        let mut class = false;
        for (at, item) in object.items.iter().enumerate() {
            match rewrite::op(item) {
                Some(Op::LoadBuildClass) => class = true,
                Some(Op::MakeFunction) if !std::mem::take(&mut class) => {
                    found.extend(made(unit, &object.items, at));
                }
                _ => {}
            }
        }
    }
    found
}

/// Returns the label and the qualified name of the function that an item makes.
fn made(unit: &Unit, items: &[Item], at: usize) -> Option<(String, String)> {
    let run = rewrite::run_before(items, at, 3)?;
    let Const::Object(label) = rewrite::constant(&items[run[0]])? else {
        return None;
    };
    let name = rewrite::text(&unit.pool, &items[run[1]])?;
    Some((label.clone(), name.to_owned()))
}
