//! What an engine of somebody else's can and cannot do: what it lacks is not asked of it, and is
//! reported as not compared.

use crate::case::Case;
use crate::engine::Observation;
use crate::machine::Machine;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The limits: their names in requests, and the codes of runs that they end.
pub const LIMITS: [(&str, &str); 4] = [
    ("fuel", "out-of-fuel"),
    ("call_depth", "call-depth"),
    ("output_bytes", "output-limit"),
    ("heap_bytes", "memory-limit"),
];

/// What an engine can do. [`Capabilities::default`] is everything that is asked of a server, in the
/// words of the specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The machines that it has; `None` if it does not say.
    pub machines: Option<Vec<Machine>>,
    /// It knows the extensions of a machine's format.
    pub extensions: bool,
    /// It reads the text form of a binary format.
    pub text_form: bool,
    /// The limits that it enforces, by their names in requests.
    pub limits: Vec<String>,
    /// It tells which fault stopped a program.
    pub faults: bool,
    /// It tells where a program was stopped.
    pub at: bool,
    /// It tells a program's value.
    pub value: bool,
    /// Groups of faults that it does not tell from each other.
    pub faults_alike: Vec<Vec<String>>,
    /// Its own words for faults and limits, and what the specification calls them.
    pub fault_map: BTreeMap<String, String>,
}

impl Default for Capabilities {
    fn default() -> Capabilities {
        Capabilities {
            machines: None,
            extensions: true,
            text_form: false,
            limits: LIMITS.map(|(name, _)| name.to_owned()).to_vec(),
            faults: true,
            at: true,
            value: true,
            faults_alike: Vec::new(),
            fault_map: BTreeMap::new(),
        }
    }
}

/// What a server's hello or a file of settings says of an engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Said {
    /// See [`Capabilities::machines`]; names that are not known here are passed over.
    pub machines: Option<Vec<String>>,
    /// See [`Capabilities::extensions`].
    pub extensions: Option<bool>,
    /// See [`Capabilities::text_form`].
    pub text_form: Option<bool>,
    /// See [`Capabilities::limits`].
    pub limits: Option<Vec<String>>,
    /// See [`Capabilities::faults`].
    pub faults: Option<bool>,
    /// See [`Capabilities::at`].
    pub at: Option<bool>,
    /// See [`Capabilities::value`].
    pub value: Option<bool>,
}

impl Capabilities {
    /// Takes somebody's word for it; what is not mentioned stays as it was.
    pub fn apply(&mut self, said: &Said) {
        if let Some(names) = &said.machines {
            let known = names.iter().filter_map(|name| Machine::from_name(name));
            self.machines = Some(known.collect());
        }
        if let Some(limits) = &said.limits {
            self.limits.clone_from(limits);
        }
        for (said, ability) in [
            (said.extensions, &mut self.extensions),
            (said.text_form, &mut self.text_form),
            (said.faults, &mut self.faults),
            (said.at, &mut self.at),
            (said.value, &mut self.value),
        ] {
            *ability = said.unwrap_or(*ability);
        }
    }

    /// Whether it enforces every limit that a case sets, and the one that is to end it.
    pub fn enforces(&self, case: &Case, expected: &Observation) -> bool {
        let mut limits = case.limits;
        let set = limits.fields().into_iter().zip(LIMITS);
        let mut needed = set.filter(|((_, most), (_, code))| {
            most.is_some() || expected.fault.as_deref() == Some(code)
        });
        needed.all(|((name, _), _)| self.limits.iter().any(|known| known == name))
    }

    /// What it says, in the words of the specification.
    pub fn translate(&self, mut found: Observation) -> Observation {
        if let Some(ours) = found
            .fault
            .as_ref()
            .and_then(|code| self.fault_map.get(code))
        {
            found.fault = Some(ours.clone());
        }
        found
    }

    /// An observation without what this engine does not tell.
    pub fn visible(&self, mut seen: Observation) -> Observation {
        if !self.at {
            seen.at = None;
        }
        if !self.value {
            seen.value = None;
        }
        if !self.faults {
            seen.fault = None;
        }
        let group = |code: &String| self.faults_alike.iter().find(|group| group.contains(code));
        if let Some(group) = seen.fault.as_ref().and_then(group) {
            seen.fault = Some(group.join(" or "));
        }
        seen
    }

    /// What is left out of every comparison, in words.
    pub fn blind(&self) -> Vec<String> {
        let told = [
            (self.faults, "which fault it was"),
            (self.at, "where it was stopped"),
            (self.value, "the program's value"),
        ];
        let untold = told.into_iter().filter(|(told, _)| !told);
        let alike = self.faults_alike.iter();
        untold
            .map(|(_, what)| what.to_owned())
            .chain(alike.map(|group| format!("which of {}", group.join(", "))))
            .collect()
    }
}
