//! Lowering of cases from text to binary. The text form of a binary format is this project's own, so
//! external VMs are handed the binary file.

use super::machines::{self, LoadOptions};
use crate::case::Case;
use crate::engine::{Observation, Step};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A case in binary form, and the previous names of its files.
#[derive(Clone, Debug)]
pub struct Lowered<'a> {
    /// The case in binary form.
    pub case: Cow<'a, Case>,
    names: BTreeMap<String, String>,
}

/// Returns the case with every text file assembled; `None` if one of them does not assemble, so the
/// case is about the text form itself.
pub fn lower(case: &Case) -> Option<Lowered<'_>> {
    let mut lowered = Lowered::as_it_is(case);
    let row = case.machine.row();
    let Some(binary) = row.binary else {
        return Some(lowered);
    };
    let loading = LoadOptions {
        machine: case.machine,
        // A program that is refused by a strict load has a binary form, too.
        strict: false,
        limits: case.limits(),
    };
    for (name, bytes) in &case.files {
        let stem = name.strip_suffix(row.text_ending);
        let Some(stem) = stem.and_then(|stem| stem.strip_suffix('.')) else {
            continue;
        };
        // A binary file may have any name.
        let bytes = match case.machine.is_binary(bytes) {
            true => bytes.clone(),
            false => machines::assemble(name, bytes, &loading).ok()?,
        };
        let new = format!("{stem}.{}", binary.ending);
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
    /// Returns the case unchanged.
    pub fn as_it_is(case: &'a Case) -> Lowered<'a> {
        Lowered {
            case: Cow::Borrowed(case),
            names: BTreeMap::new(),
        }
    }

    /// Returns an observation of the binary case with the previous names of the files.
    pub fn raise(&self, mut seen: Observation) -> Observation {
        seen.at = seen.at.map(|at| self.raise_place(at));
        seen
    }

    /// Returns steps of the binary case with the previous names of the files.
    pub fn raise_steps(&self, mut steps: Vec<Step>) -> Vec<Step> {
        for step in &mut steps {
            step.at = self.raise_place(std::mem::take(&mut step.at));
        }
        steps
    }

    /// Renames the file at the beginning of a place. It is relative to the root.
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
    fn a_text_is_assembled_and_places_name_the_text() {
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
