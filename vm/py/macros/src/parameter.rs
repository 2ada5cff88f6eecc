//! The macro `param`: turns a global name into a parameter.

use super::rewrite::{self, has_flag, is_global, load, loosen, named, plain};
use super::{MacroError, Request};
use vm_py_code::insn::Op;
use vm_py_code::object::{Id, Object, Pool, Str};
use vm_py_text::unit::{Const, Item, Operand, Unit, What, is_main};

pub(super) const EXAMPLE: &str = "\
mmm macro param app.pyc -o app2.pyc --function area --set scale=1

def area(w, h):                     def area(w, h, scale=1):
    return w * h * scale   becomes      return w * h * scale

The parameter comes last of those that are given by position. Without a value
it has no default, and every call must give it.";

/// Adds the name in [`Request::set`] as a parameter to the requested function, with its value as the
/// default. Where the function reads the global of that name, it then reads the parameter.
///
/// Returns the number of places that are changed.
///
/// # Errors
///
/// Returns an error if the request does not name one function and one name, or if the function
/// cannot have that parameter.
///
/// ```
/// use vm_py_macros::{Request, parameter};
/// use vm_py_text::{parse, print};
/// let mut unit = parse("a.cpyasm", "\
/// DEFINE main
///     LOAD_CONST f
///     LOAD_CONST 'f'
///     MAKE_FUNCTION 0
///     LOAD_CONST 5
///     CALL_FUNCTION 1
///     RETURN_VALUE
/// END
/// DEFINE f
///     LOAD_GLOBAL scale
///     RETURN_VALUE
/// END
/// ").unwrap();
/// let set = vec![("scale".to_owned(), None)];
/// let request = Request { function: Some("f".into()), set };
/// assert_eq!(parameter(&mut unit, &request), Ok(2));
/// let text = print(&unit);
/// assert!(text.contains("ADD_ARG") && text.contains("LOAD_FAST"), "{text}");
/// ```
pub fn parameter(unit: &mut Unit, request: &Request) -> Result<usize, MacroError> {
    let [index] = request.objects(unit)?[..] else {
        return Err(MacroError::new("no function is given")
            .help("write --function NAME; use labels for functions with the same name"));
    };
    let [(name, default)] = request.values(&mut unit.pool)?[..] else {
        return Err(MacroError::new("no name is given")
            .help("write --set NAME, or --set NAME=VALUE with a default"));
    };
    let object = &mut unit.objects[index];
    let shown = object.label.clone();
    if is_main(&shown) {
        return Err(
            MacroError::new("a module has no parameters").help("name a function with --function")
        );
    }
    let own = |item: &Item| {
        rewrite::name(item) == Some(name)
            && !is_global(item, name)
            && is_variable(rewrite::op(item))
    };
    if object.items.iter().any(own) || object.args.in_order().any(|arg| arg.as_str() == Some(name))
    {
        return Err(MacroError::new(format!(
            "'{name}' is already a variable of '{shown}'"
        )));
    }
    let mut changed = 0;
    for item in &mut object.items {
        if is_global(item, name) {
            *item = named(Op::LoadFast, name);
            changed += 1;
        }
    }
    object.args.positional.push(Str::new(name));
    loosen(unit, index)?;
    for maker_index in 0..unit.objects.len() {
        let maker = &mut unit.objects[maker_index];
        let makes = made(&maker.items, &shown);
        for &at in makes.iter().rev() {
            let has_defaults = has_flag(&maker.items[at], 1);
            let Some(default) = default else {
                if has_defaults {
                    let message = format!("'{name}' follows parameters of '{shown}' with defaults");
                    return Err(MacroError::new(message)
                        .help(format!("give it a default: --set {name}=VALUE")));
                }
                continue;
            };
            let more = with_default(&mut unit.pool, default, has_defaults);
            maker.items.splice(at + 1..at + 1, more);
        }
        if !makes.is_empty() {
            loosen(unit, maker_index)?;
        }
    }
    Ok(changed + 1)
}

/// Returns true if the name of an operation is a variable of the function, or a name that it sets.
fn is_variable(op: Option<Op>) -> bool {
    use Op::{DeleteGlobal, DeleteName, StoreGlobal, StoreName};
    use vm_py_code::insn::Arg;
    op.is_some_and(|op| {
        matches!(op.arg(), Arg::Local | Arg::Cell)
            || matches!(op, StoreGlobal | StoreName | DeleteGlobal | DeleteName)
    })
}

/// Returns the items that make a function of the object with this label.
pub(super) fn made(items: &[Item], label: &str) -> Vec<usize> {
    let made = items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| match &item.what {
            What::Insn(Op::LoadConst, Operand::Const(Const::Object(object))) if object == label => {
                let run = rewrite::run(items, at, 3)?;
                (rewrite::op(&items[run[2]]) == Some(Op::MakeFunction)).then_some(run[2])
            }
            _ => None,
        });
    made.collect()
}

/// Returns instructions that add a default to the function on top of the stack.
fn with_default(pool: &mut Pool, default: Id, has_defaults: bool) -> Vec<Item> {
    let tuple = load(pool, Object::Tuple([default].into()));
    let mut items = vec![plain(Op::DupTop)];
    if has_defaults {
        items.push(plain(Op::DupTop));
        items.push(named(Op::LoadAttr, "__defaults__"));
        items.push(tuple);
        items.push(plain(Op::BinaryAdd));
    } else {
        items.push(tuple);
    }
    items.push(plain(Op::RotTwo));
    items.push(named(Op::StoreAttr, "__defaults__"));
    items
}
