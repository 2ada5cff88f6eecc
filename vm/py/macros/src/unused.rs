//! Definitions without uses.

use super::rewrite;
use std::collections::HashSet;
use vm_py_code::insn::{Arg, Op};
use vm_py_text::unit::{Const, Unit, What, is_main};

/// A definition without uses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unused {
    /// A code object that no other code object loads.
    Object {
        /// Its label.
        object: String,
    },
    /// A label without a jump to it.
    Label {
        /// The code object.
        object: String,
        /// The label.
        label: String,
    },
    /// A local variable that is set but not read.
    Variable {
        /// The code object.
        object: String,
        /// The variable.
        name: String,
    },
    /// A parameter that is not read.
    Parameter {
        /// The code object.
        object: String,
        /// The parameter.
        name: String,
    },
}

/// Returns the labels, local variables, parameters and code objects without uses, sorted.
///
/// ```
/// use vm_py_macros::{Unused, unused};
/// use vm_py_text::parse;
/// let text = "\
/// DEFINE main
///     LABEL lost
///     LOAD_CONST None
///     RETURN_VALUE
/// END
/// ";
/// let unit = parse("a.cpyasm", text).unwrap();
/// let label = Unused::Label { object: "main".into(), label: "lost".into() };
/// assert_eq!(unused(&unit), [label]);
/// ```
pub fn unused(unit: &Unit) -> Vec<Unused> {
    let mut found = Vec::new();
    let mut loaded = HashSet::new();
    for object in &unit.objects {
        let constants = object.items.iter().filter_map(rewrite::constant);
        let pinned = object.said.consts.iter().map(|(_, constant)| constant);
        loaded.extend(
            constants
                .chain(pinned)
                .filter_map(|constant| match constant {
                    Const::Object(label) => Some(&**label),
                    Const::Value(_) => None,
                }),
        );
    }
    for object in &unit.objects {
        let name = || object.label.clone();
        if !is_main(&object.label) && !loaded.contains(&*object.label) {
            found.push(Unused::Object { object: name() });
        }
        let targets: HashSet<&str> = object.items.iter().filter_map(rewrite::target).collect();
        let (mut set, mut read) = (HashSet::new(), HashSet::new());
        for item in &object.items {
            match &item.what {
                What::Label(label) if !targets.contains(&**label) => found.push(Unused::Label {
                    object: name(),
                    label: label.clone(),
                }),
                What::Insn(op, _) if matches!(op.arg(), Arg::Local | Arg::Cell) => {
                    let of = match op {
                        Op::StoreFast | Op::StoreDeref => &mut set,
                        _ => &mut read,
                    };
                    of.extend(rewrite::name(item));
                }
                What::Label(_) | What::Line(_) | What::Insn(..) | What::Bytes(_) => {}
            }
        }
        let parameters = object.args.in_order().filter_map(|name| name.as_str());
        let parameters: HashSet<&str> = parameters.collect();
        let lost = set.union(&parameters).filter(|name| !read.contains(*name));
        found.extend(lost.map(|&lost| {
            let (object, name) = (name(), lost.to_owned());
            match parameters.contains(lost) {
                true => Unused::Parameter { object, name },
                false => Unused::Variable { object, name },
            }
        }));
    }
    found.sort();
    found
}
