//! Differences of a file's graph of objects from the assembler's default: finds and applies them.

use super::unit::{Edit, How, Share};
use std::collections::{HashMap, HashSet};
use vm_py_code::object::{Id, Object, Pool, Str};

/// Returns the parts of an object, in the order of the file.
fn parts(object: &Object) -> Vec<Id> {
    let mut parts = Vec::new();
    object.each_part(|part| parts.push(part));
    parts
}

/// Replaces a part of an object.
fn replace(object: &mut Object, part: usize, id: Id) {
    let slot = match object {
        Object::Tuple(items)
        | Object::List(items)
        | Object::Set(items)
        | Object::FrozenSet(items) => items.get_mut(part),
        Object::Dict(pairs) => pairs.get_mut(part / 2).map(|(key, value)| match part % 2 {
            0 => key,
            _ => value,
        }),
        Object::Code(code) => [
            &mut code.code,
            &mut code.consts,
            &mut code.names,
            &mut code.varnames,
            &mut code.freevars,
            &mut code.cellvars,
            &mut code.filename,
            &mut code.name,
            &mut code.lnotab,
        ]
        .into_iter()
        .nth(part),
        _ => None,
    };
    if let Some(slot) = slot {
        *slot = id;
    }
}

/// Returns true if there is only one such object in a file, which has no mark.
fn is_simple(object: &Object) -> bool {
    matches!(
        object,
        Object::None | Object::Bool(_) | Object::Ellipsis | Object::StopIteration
    )
}

/// Returns true if two objects are alike, apart from their parts.
fn alike(one: &Object, other: &Object) -> bool {
    match (one, other) {
        (Object::Int(one), Object::Int(other)) => one == other,
        (Object::Long(one), Object::Long(other)) => one == other,
        (Object::Float(one), Object::Float(other)) => one.to_bits() == other.to_bits(),
        (Object::Complex(a, b), Object::Complex(c, d)) => {
            a.to_bits() == c.to_bits() && b.to_bits() == d.to_bits()
        }
        (Object::Bytes(one), Object::Bytes(other)) => one == other,
        (Object::Str(one), Object::Str(other)) => one.bytes == other.bytes,
        (Object::Bool(one), Object::Bool(other)) => one == other,
        (one, other) => {
            std::mem::discriminant(one) == std::mem::discriminant(other)
                && parts(one).len() == parts(other).len()
        }
    }
}

/// Copies an object, with the same parts.
fn copy(pool: &mut Pool, id: Id) -> Id {
    let node = pool.node(id).clone();
    let copy = pool.add(node.object);
    pool.node_mut(copy).flagged = node.flagged;
    copy
}

/// A part of an object; `None` for the root.
type Slot = Option<(Id, usize)>;

/// Schedules the parts of an object to be visited, the first of them next.
fn schedule<T>(todo: &mut Vec<T>, parts: &[Id], each: impl Fn(usize, Id) -> T) {
    let parts = parts.iter().enumerate().rev();
    todo.extend(parts.map(|(part, &id)| each(part, id)));
}

/// Applies edits to the objects below `root`. Edits that do not fit the objects are ignored, because
/// the text may have changed since they were found.
pub(super) fn apply(pool: &mut Pool, root: Id, edits: &[Edit]) {
    if edits.is_empty() {
        return;
    }
    let mut by_place: HashMap<u32, Vec<How>> = HashMap::new();
    for edit in edits {
        by_place.entry(edit.at).or_default().push(edit.how);
    }
    let mut seen: HashSet<Id> = HashSet::new();
    let mut places: Vec<Id> = Vec::new();
    let mut compared = 0;
    let mut todo: Vec<(Slot, Id)> = vec![(None, root)];
    while let Some((slot, mut id)) = todo.pop() {
        if is_simple(pool.get(id)) {
            continue;
        }
        let place = places.len() as u32;
        for how in by_place.get(&place).into_iter().flatten() {
            let new = match *how {
                How::Own => copy(pool, id),
                How::Is(before) => match places.get(before as usize) {
                    Some(&before) if same(pool, before, id, &mut compared) => before,
                    _ => id,
                },
                How::Marked | How::Unmarked => {
                    pool.node_mut(id).flagged = *how == How::Marked;
                    id
                }
                How::Interned | How::Plain => {
                    if let Object::Str(text) = &mut pool.node_mut(id).object {
                        text.interned = *how == How::Interned;
                    }
                    id
                }
            };
            if let (Some((whole, part)), true) = (slot, new != id) {
                replace(&mut pool.node_mut(whole).object, part, new);
                id = new;
            }
        }
        places.push(id);
        if seen.insert(id) {
            let parts = parts(pool.get(id));
            schedule(&mut todo, &parts, |part, part_id| {
                (Some((id, part)), part_id)
            });
        }
    }
}

/// The greatest number of pairs of objects that are compared for the edits of a file.
const MAX_COMPARED: usize = 1 << 22;

/// Returns true if two objects are alike, with all of their parts.
fn same(pool: &Pool, one: Id, other: Id, compared: &mut usize) -> bool {
    let mut todo = vec![(one, other)];
    while let Some((one, other)) = todo.pop() {
        if one == other {
            continue;
        }
        *compared += 1;
        let (one, other) = (pool.get(one), pool.get(other));
        if !alike(one, other) || *compared > MAX_COMPARED {
            return false;
        }
        todo.extend(parts(one).into_iter().zip(parts(other)));
    }
    true
}

/// Returns the edits that turn the graph `made` into `wanted`; `None` if they differ in more than
/// sharing and marks.
pub(super) fn differences(wanted: (&Pool, Id), made: (Pool, Id)) -> Option<Vec<Edit>> {
    let (wanted, wanted_root) = wanted;
    let (mut made, made_root) = made;
    let shared = shared(wanted, wanted_root);
    let mut edits = Vec::new();
    let mut matched: HashMap<Id, (Id, u32)> = HashMap::new();
    let mut taken: HashSet<Id> = HashSet::new();
    let mut place = 0;
    let mut todo: Vec<(Slot, Id, Id)> = vec![(None, wanted_root, made_root)];
    while let Some((slot, want, mut have)) = todo.pop() {
        if !alike(wanted.get(want), made.get(have)) {
            return None;
        }
        if is_simple(wanted.get(want)) {
            continue;
        }
        let at = place;
        place += 1;
        let mut edit = |how| edits.push(Edit { at, how });
        let put = |made: &mut Pool, id: Id| {
            if let Some((whole, part)) = slot {
                replace(&mut made.node_mut(whole).object, part, id);
            }
        };
        if let Some(&(match_, first)) = matched.get(&want) {
            if have != match_ {
                edit(How::Is(first));
                put(&mut made, match_);
            }
            continue;
        }
        if !taken.insert(have) {
            edit(How::Own);
            have = copy(&mut made, have);
            taken.insert(have);
            put(&mut made, have);
        }
        matched.insert(want, (have, at));
        let (flagged, is) = (wanted.node(want).flagged, made.node(have).flagged);
        // A later place that needs a copy of its own gets the changed object.
        if flagged != is && !shared.contains(&want) {
            edit(if flagged { How::Marked } else { How::Unmarked });
            made.node_mut(have).flagged = flagged;
        }
        if let (Object::Str(want), Object::Str(have)) =
            (wanted.get(want), &mut made.node_mut(have).object)
            && want.interned != have.interned
        {
            edit(if want.interned {
                How::Interned
            } else {
                How::Plain
            });
            have.interned = want.interned;
        }
        let parts_wanted = parts(wanted.get(want));
        let parts_made = parts(made.get(have));
        let pairs = parts_wanted.into_iter().zip(parts_made).enumerate();
        let from = todo.len();
        todo.extend(pairs.map(|(part, (want, have_part))| (Some((have, part)), want, have_part)));
        todo[from..].reverse();
    }
    Some(edits)
}

/// Returns the objects that occur more than once.
fn shared(pool: &Pool, root: Id) -> HashSet<Id> {
    let mut seen = HashSet::new();
    let mut shared = HashSet::new();
    let mut todo = vec![root];
    while let Some(id) = todo.pop() {
        match seen.insert(id) {
            true => todo.extend(parts(pool.get(id))),
            false => {
                shared.insert(id);
            }
        }
    }
    shared
}

/// Returns the strings of a file that differ from `expected`, which says whether a string is
/// interned and whether the process held it.
pub(super) fn strings(pool: &Pool, root: Id, expected: impl Fn(&Str) -> (bool, bool)) -> Share {
    let shared = shared(pool, root);
    let mut found = Share::default();
    let mut seen = HashSet::new();
    let mut files = HashSet::new();
    let mut names = HashSet::new();
    let mut constants = Vec::new();
    let mut todo = vec![root];
    while let Some(id) = todo.pop() {
        if !seen.insert(id) {
            continue;
        }
        match pool.get(id) {
            Object::Str(text) => constants.push((id, text)),
            object => {
                if let Object::Code(code) = object {
                    files.insert(code.filename);
                    names.insert(code.name);
                    let tables = [code.names, code.varnames, code.freevars, code.cellvars];
                    let tables = tables.into_iter().filter_map(|id| pool.tuple(id));
                    names.extend(tables.flatten());
                }
                let parts = parts(object);
                schedule(&mut todo, &parts, |_, id| id);
            }
        }
    }
    for (id, text) in constants {
        let plain = Str {
            bytes: text.bytes.clone(),
            interned: false,
        };
        let (interned, held) = expected(&plain);
        if files.contains(&id) {
            continue;
        }
        if !names.contains(&id) && text.interned != interned {
            let list = if text.interned {
                &mut found.interned
            } else {
                &mut found.plain
            };
            list.push(plain.clone());
        }
        let flagged = pool.node(id).flagged;
        if !shared.contains(&id) && text.interned && flagged != held {
            let list = if flagged {
                &mut found.held
            } else {
                &mut found.unheld
            };
            list.push(plain);
        }
    }
    found
}
