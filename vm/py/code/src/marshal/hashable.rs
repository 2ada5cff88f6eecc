//! Checks that objects can be hashed and that tuples do not contain themselves.

use crate::object::{Id, Object, Pool};
use std::collections::HashMap;

/// The reason why an object cannot be hashed, or cannot be a constant.
pub(super) enum Unhashable {
    /// The object is of this kind, or contains an object of this kind.
    Kind(&'static str),
    /// The object contains itself, or an object whose parts are still being read.
    Cycle,
}

/// Checks objects and remembers which ones passed.
#[derive(Default)]
pub(super) struct Checker {
    hashable: HashMap<Id, State>,
    constants: HashMap<Id, State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Entered,
    Passed,
}

enum Task {
    Enter(Id),
    Leave(Id),
}

impl Checker {
    /// Checks an object that is to be an item of a set or a key of a dict.
    pub(super) fn hashable(&mut self, pool: &Pool, id: Id) -> Result<(), Unhashable> {
        traverse(&mut self.hashable, pool, id, |object, parts| {
            match object {
                Object::Tuple(items) => parts.extend(items),
                Object::List(_) => return Err(Unhashable::Kind("list")),
                Object::Dict(_) => return Err(Unhashable::Kind("dict")),
                Object::Set(_) => return Err(Unhashable::Kind("set")),
                Object::Code(code) => parts.push(code.consts),
                _ => {}
            }
            Ok(())
        })
    }

    /// Checks the constants of a code object, which CPython's constructor traverses.
    pub(super) fn constants(&mut self, pool: &Pool, id: Id) -> Result<(), Unhashable> {
        traverse(&mut self.constants, pool, id, |object, parts| {
            if let Object::Tuple(items) | Object::FrozenSet(items) = object {
                parts.extend(items);
            }
            Ok(())
        })
    }
}

/// Checks an object and the parts that `parts_of` returns, in depth-first order.
fn traverse(
    states: &mut HashMap<Id, State>,
    pool: &Pool,
    id: Id,
    parts_of: impl Fn(&Object, &mut Vec<Id>) -> Result<(), Unhashable>,
) -> Result<(), Unhashable> {
    let mut tasks = vec![Task::Enter(id)];
    let mut parts = Vec::new();
    while let Some(task) = tasks.pop() {
        let id = match task {
            Task::Enter(id) => id,
            Task::Leave(id) => {
                states.insert(id, State::Passed);
                continue;
            }
        };
        if pool.is_open(id) {
            return Err(Unhashable::Cycle);
        }
        parts_of(pool.get(id), &mut parts)?;
        if parts.is_empty() {
            continue;
        }
        match states.get(&id) {
            Some(State::Passed) => parts.clear(),
            Some(State::Entered) => return Err(Unhashable::Cycle),
            None => {
                states.insert(id, State::Entered);
                tasks.push(Task::Leave(id));
                tasks.extend(parts.drain(..).map(Task::Enter));
            }
        }
    }
    Ok(())
}
