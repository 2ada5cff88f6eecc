//! What an external engine can and cannot do. What it lacks is not asked of it, and is reported as
//! not compared.

use super::local::needs_extensions;
use super::lower::lower;
use crate::case::Case;
use crate::compare::NotCompared;
use crate::engine::{Expectation, Observation};
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
    /// It reports which fault stopped a program.
    pub faults: bool,
    /// It reports where a program was stopped.
    pub at: bool,
    /// It reports a program's value.
    pub value: bool,
    /// Groups of faults that it does not distinguish.
    pub faults_alike: Vec<Vec<String>>,
    /// Its own names of faults and limits, and the codes that the specification has for them.
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

/// The capabilities that a server's hello or a settings file declares. What is `None` is not
/// mentioned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Declared {
    /// See [`Capabilities::machines`]; names that are not known here are ignored.
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
    /// Takes over what is declared; what is not mentioned stays as it was.
    pub fn apply(&mut self, declared: &Declared) {
        if let Some(names) = &declared.machines {
            let known = names.iter().filter_map(|name| Machine::from_name(name));
            self.machines = Some(known.collect());
        }
        if let Some(limits) = &declared.limits {
            self.limits.clone_from(limits);
        }
        for (declared, capability) in [
            (declared.extensions, &mut self.extensions),
            (declared.text_form, &mut self.text_form),
            (declared.faults, &mut self.faults),
            (declared.at, &mut self.at),
            (declared.value, &mut self.value),
        ] {
            *capability = declared.unwrap_or(*capability);
        }
    }

    /// Returns true if the engine has a machine, as far as is known.
    pub fn has(&self, machine: Machine) -> bool {
        let machines = self.machines.as_ref();
        machines.is_none_or(|machines| machines.contains(&machine))
    }

    /// Returns an error if a case does not apply to an engine that runs each program in a process of
    /// its own, of which only the output and the exit status are seen.
    pub fn check_one_shot(
        &self,
        case: &Case,
        expectation: Expectation<'_>,
    ) -> Result<(), NotCompared> {
        let row = case.machine.row();
        refuse(!self.has(case.machine), NotCompared::Machine)?;
        refuse(expectation.is_about_limits(case), NotCompared::Limits)?;
        refuse(has_other_root(case), NotCompared::Root)?;
        refuse(uses(case, row.own_layout), NotCompared::Layout)?;
        refuse(uses(case, row.debugger), NotCompared::Debugger)?;
        self.check_format(case)
    }

    /// Returns an error if a case does not apply to an engine that speaks the line protocol.
    pub fn check_serving(
        &self,
        case: &Case,
        expectation: Expectation<'_>,
    ) -> Result<(), NotCompared> {
        refuse(!self.has(case.machine), NotCompared::Machine)?;
        refuse(has_other_root(case), NotCompared::Root)?;
        refuse(!self.enforces(case, expectation), NotCompared::Limits)?;
        self.check_format(case)
    }

    /// Returns an error if the engine does not read the form in which the case is.
    fn check_format(&self, case: &Case) -> Result<(), NotCompared> {
        refuse(case.strict && self.extensions, NotCompared::Strict)?;
        let foreign = !self.extensions && !case.strict && needs_extensions(case);
        refuse(foreign, NotCompared::Extensions)?;
        let text_only = !self.text_form && lower(case).is_none();
        refuse(text_only, NotCompared::TextForm)
    }

    /// Returns true if the engine enforces every limit that the case sets, and the one that is
    /// expected to end it.
    fn enforces(&self, case: &Case, expectation: Expectation<'_>) -> bool {
        let expected = expectation.observation();
        let ends = |code| expected.is_some_and(|seen| seen.fault.as_deref() == Some(code));
        let mut limits = case.limits;
        let set = limits.fields().into_iter().zip(LIMITS);
        let mut needed = set.filter(|((_, most), (_, code))| most.is_some() || ends(code));
        needed.all(|((name, _), _)| self.limits.iter().any(|known| known == name))
    }

    /// Returns an observation with the specification's code in place of the engine's own name of a
    /// fault.
    pub fn translate(&self, mut found: Observation) -> Observation {
        let fault = found.fault.as_ref();
        if let Some(code) = fault.and_then(|name| self.fault_map.get(name)) {
            found.fault = Some(code.clone());
        }
        found
    }

    /// Returns an observation without what the engine does not report.
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

    /// Returns descriptions of what is left out of every comparison.
    pub fn not_compared(&self) -> Vec<String> {
        let reported = [
            (self.faults, "which fault it was"),
            (self.at, "where it was stopped"),
            (self.value, "the program's value"),
        ];
        let missing = reported.into_iter().filter(|(reported, _)| !reported);
        let alike = self.faults_alike.iter();
        missing
            .map(|(_, what)| what.to_owned())
            .chain(alike.map(|group| format!("which of {}", group.join(", "))))
            .collect()
    }
}

fn refuse(is_so: bool, reason: NotCompared) -> Result<(), NotCompared> {
    match is_so {
        true => Err(reason),
        false => Ok(()),
    }
}

/// Returns true if the root is not the entry's folder, which only the flag `--root` can express.
fn has_other_root(case: &Case) -> bool {
    case.root && case.entry.contains('/')
}

/// Returns true if a line of the program begins with that instruction.
pub fn uses(case: &Case, mnemonic: Option<&str>) -> bool {
    let Some(mnemonic) = mnemonic else {
        return false;
    };
    let begins = |line: &[u8]| {
        let rest = line.trim_ascii_start().strip_prefix(mnemonic.as_bytes());
        rest.is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace))
    };
    case.files
        .values()
        .any(|bytes| bytes.split(|&byte| byte == b'\n').any(begins))
}

#[cfg(test)]
mod tests {
    use super::{Capabilities, uses};
    use crate::case::Case;
    use crate::compare::NotCompared;
    use crate::engine::{Ending, Expectation, Observation};
    use crate::machine::Machine;

    fn program(text: &str) -> Case {
        Case::single(Machine::Mmm, "main.mmm", text)
    }

    #[track_caller]
    fn check_uses(text: &str, mnemonic: &str, expected: bool) {
        assert_eq!(uses(&program(text), Some(mnemonic)), expected);
    }

    #[test]
    fn an_instruction_is_found_only_at_the_start_of_a_line() {
        let dump = "function main\r\n\tstack_dump\r\nend";
        check_uses(dump, "stack_dump", true);
        check_uses("breakpoint", "breakpoint", true);
        let others = "# stack_dump\nstack_dumps\nstring \"stack_dump\"";
        check_uses(others, "stack_dump", false);
    }

    #[track_caller]
    fn check_one_shot(case: &Case, expectation: Expectation<'_>, expected: Option<NotCompared>) {
        let applies = Capabilities::default().check_one_shot(case, expectation);
        assert_eq!(applies.err(), expected, "{expectation:?}");
    }

    #[test]
    fn an_engine_without_limits_is_not_asked_about_them() {
        let (limited, returned) = (Ending::Limited, Ending::Returned);
        let [limited, returned] = [limited, returned].map(Observation::of);
        let about = Some(NotCompared::Limits);
        let mut case = program("");
        check_one_shot(&case, Expectation::Recorded(&limited), about);
        check_one_shot(&case, Expectation::Computed(&limited), about);
        check_one_shot(&case, Expectation::Recorded(&returned), None);
        case.limits.fuel = Some(3);
        check_one_shot(&case, Expectation::Recorded(&returned), about);
        // The limits of a generated program only make sure that it ends.
        check_one_shot(&case, Expectation::Computed(&returned), None);
        check_one_shot(&case, Expectation::Unknown, None);
    }
}
