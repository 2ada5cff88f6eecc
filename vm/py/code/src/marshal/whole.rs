//! Whether objects can be hashed, and whether tuples hold themselves.

use crate::object::{Id, Object, Pool};
use std::collections::HashMap;

/// Why an object cannot be hashed, or is no constant.
pub(super) enum Trouble {
    /// It is or holds one of these.
    Unhashable(&'static str),
    /// It holds itself, or something that is not whole yet.
    Circle,
}

/// Walks over objects; what was found good is not walked again.
#[derive(Default)]
pub(super) struct Walk {
    hashable: HashMap<Id, State>,
    constants: HashMap<Id, State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Entered,
    Good,
}

enum Task {
    Enter(Id),
    Leave(Id),
}

impl Walk {
    /// An object that is to be an item of a set or a key of a dict.
    pub(super) fn hashable(&mut self, pool: &Pool, id: Id) -> Result<(), Trouble> {
        walk(&mut self.hashable, pool, id, |object, parts| {
            match object {
                Object::Tuple(items) => parts.extend(items),
                Object::List(_) => return Err(Trouble::Unhashable("list")),
                Object::Dict(_) => return Err(Trouble::Unhashable("dict")),
                Object::Set(_) => return Err(Trouble::Unhashable("set")),
                Object::Code(code) => parts.push(code.consts),
                _ => {}
            }
            Ok(())
        })
    }

    /// The constants of a code object, which CPython's constructor walks over.
    pub(super) fn constants(&mut self, pool: &Pool, id: Id) -> Result<(), Trouble> {
        walk(&mut self.constants, pool, id, |object, parts| {
            if let Object::Tuple(items) | Object::FrozenSet(items) = object {
                parts.extend(items);
            }
            Ok(())
        })
    }
}

fn walk(
    states: &mut HashMap<Id, State>,
    pool: &Pool,
    id: Id,
    parts_of: impl Fn(&Object, &mut Vec<Id>) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let mut tasks = vec![Task::Enter(id)];
    let mut parts = Vec::new();
    while let Some(task) = tasks.pop() {
        let id = match task {
            Task::Enter(id) => id,
            Task::Leave(id) => {
                states.insert(id, State::Good);
                continue;
            }
        };
        if pool.is_open(id) {
            return Err(Trouble::Circle);
        }
        parts_of(pool.get(id), &mut parts)?;
        if parts.is_empty() {
            continue;
        }
        match states.get(&id) {
            Some(State::Good) => parts.clear(),
            Some(State::Entered) => return Err(Trouble::Circle),
            None => {
                states.insert(id, State::Entered);
                tasks.push(Task::Leave(id));
                tasks.extend(parts.drain(..).map(Task::Enter));
            }
        }
    }
    Ok(())
}
