//! Cases as strangers take them: the text form of a binary format is this project's own, so what
//! they are handed is the binary file.

use super::machines::{self, LoadOptions};
use crate::case::Case;
use crate::engine::{Observation, Step};
use crate::machine::Machine;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A case in binary form, and what its files were called before.
#[derive(Clone, Debug)]
pub struct Lowered<'a> {
    /// The case to hand over.
    pub case: Cow<'a, Case>,
    names: BTreeMap<String, String>,
}

/// The endings of a machine's text form and of its binary form, if it has both.
fn endings(machine: Machine) -> Option<(&'static str, &'static str)> {
    match machine {
        Machine::Mmm => None,
        Machine::Sc => Some((".sca", ".sc")),
        Machine::Py => Some((".cpyasm", ".pyc")),
    }
}

/// The case with every file in text form assembled; `None` if one of them cannot be, so that it
/// is about the text form itself.
pub fn lower(case: &Case) -> Option<Lowered<'_>> {
    let mut lowered = Lowered::as_it_is(case);
    let Some((text, binary)) = endings(case.machine) else {
        return Some(lowered);
    };
    let loading = LoadOptions {
        machine: case.machine,
        // What a strict machine refuses has a binary form too.
        strict: false,
        limits: case.limits(),
    };
    for (name, bytes) in &case.files {
        let Some(stem) = name.strip_suffix(text) else {
            continue;
        };
        // A binary file is one whatever its name says.
        let bytes = match Machine::of_file("", bytes) == Some(case.machine) {
            true => bytes.clone(),
            false => machines::assemble(name, bytes, &loading).ok()?,
        };
        let new = format!("{stem}{binary}");
        if case.files.contains_key(&new) {
            return None;
        }
        let changed = lowered.case.to_mut();
        changed.files.remove(name);
        changed.files.insert(new.clone(), bytes);
        if changed.entry == *name {
            changed.entry.clone_from(&new);
        }
        lowered.names.insert(new, name.clone());
    }
    Some(lowered)
}

impl<'a> Lowered<'a> {
    /// The case with nothing changed.
    pub fn as_it_is(case: &'a Case) -> Lowered<'a> {
        Lowered {
            case: Cow::Borrowed(case),
            names: BTreeMap::new(),
        }
    }

    /// What was seen of the run, with the names that the files had before.
    pub fn raise(&self, mut seen: Observation) -> Observation {
        seen.at = seen.at.map(|at| self.raise_place(at));
        seen
    }

    /// The steps of the run, with the names that the files had before.
    pub fn raise_steps(&self, mut steps: Vec<Step>) -> Vec<Step> {
        for step in &mut steps {
            step.at = self.raise_place(std::mem::take(&mut step.at));
        }
        steps
    }

    /// A place names its file relative to the root, and something behind that.
    fn raise_place(&self, at: String) -> String {
        let prefix = self.case.root_prefix();
        for (new, old) in &self.names {
            let rooted = |name: &'_ str| name.strip_prefix(prefix).map(str::to_owned);
            if let (Some(new), Some(old)) = (rooted(new), rooted(old))
                && let Some(rest) = at.strip_prefix(&new)
                && rest.starts_with([':', '#'])
            {
                return old + rest;
            }
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::lower;
    use crate::case::Case;
    use crate::engine::{Ending, Observation};
    use crate::machine::Machine;

    #[test]
    fn a_text_form_is_assembled_and_its_places_come_back() {
        let case = Case::single(Machine::Sc, "main.sca", "");
        let lowered = lower(&case).expect("an empty program assembles");
        assert_eq!(lowered.case.entry, "main.sc");
        assert!(lowered.case.files["main.sc"].starts_with(b".Sc."));
        let seen = Observation {
            at: Some("main.sc:3".to_owned()),
            ..Observation::of(Ending::Faulted)
        };
        assert_eq!(lowered.raise(seen).at.as_deref(), Some("main.sca:3"));
        assert!(lower(&Case::single(Machine::Sc, "main.sca", "(")).is_none());
        let text = Case::single(Machine::Mmm, "a.mmm", "x");
        assert_eq!(*lower(&text).expect("it is as it is").case, text);
    }
}
