//! Our own machines as an engine.

use super::machines::{self, LoadOptions};
use crate::case::Case;
use crate::engine::{Ending, Engine, Observation, Step};
use crate::record::{Record, hexadecimal};
use std::io;
use vm::base::{self, Diagnostic, Host, Look, Outcome, ReadError};

/// Our own machines, in this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Local;

impl Engine for Local {
    fn name(&self) -> &str {
        "vm"
    }

    fn observe(&mut self, case: &Case) -> Observation {
        let loading = loading(case);
        let mut host = CaseHost::new(case);
        match machines::load(&mut host, case.rooted_entry(), &loading) {
            Ok(program) => match program.run(&mut host, &loading.limits) {
                Some(outcome) => observation(outcome, host.output),
                None => Observation::of(Ending::Loaded),
            },
            Err(diagnostics) => refused(&diagnostics),
        }
    }

    fn trace(&mut self, case: &Case, most: usize) -> Option<Vec<Step>> {
        let loading = loading(case);
        let mut host = CaseHost::new(case);
        // What is refused has no steps.
        let Ok(program) = machines::load(&mut host, case.rooted_entry(), &loading) else {
            return Some(Vec::new());
        };
        let steps = program.trace(&mut host, &loading.limits, most)?;
        let same = |step: base::Step| Step {
            at: step.at,
            state: step.state,
        };
        Some(steps.into_iter().map(same).collect())
    }
}

/// How a case wants to be loaded.
fn loading(case: &Case) -> LoadOptions {
    LoadOptions {
        machine: case.machine,
        strict: case.strict,
        limits: case.limits(),
    }
}

/// Runs a case on our machine, and keeps what it has to say to a person too.
pub fn record(case: &Case) -> Record {
    let loading = loading(case);
    let mut host = CaseHost::new(case);
    let (seen, listing, said) = match machines::load(&mut host, case.rooted_entry(), &loading) {
        Ok(program) => {
            let mut said = program.findings();
            let seen = match program.run(&mut host, &loading.limits) {
                Some(outcome) => {
                    said.extend(program.explain(&outcome));
                    observation(outcome, host.output)
                }
                None => Observation::of(Ending::Loaded),
            };
            (seen, program.listing(), said)
        }
        Err(diagnostics) => (refused(&[]), String::new(), diagnostics),
    };
    let diagnostics = said.iter().map(|each| each.render(Look::Plain)).collect();
    let bytes = match case.files.get(&case.entry) {
        Some(bytes) if case.entry.ends_with(".sc") || case.entry.ends_with(".pyc") => {
            hexadecimal(bytes)
        }
        _ => String::new(),
    };
    Record {
        seen,
        listing,
        diagnostics,
        bytes,
    }
}

/// Whether a program loads.
pub fn loads(case: &Case) -> bool {
    machines::load(
        &mut CaseHost::new(case),
        case.rooted_entry(),
        &loading(case),
    )
    .is_ok()
}

/// Whether a program loads only because extensions of its machine's format are taken.
pub fn needs_extensions(case: &Case) -> bool {
    let loads = |strict| {
        let loading = LoadOptions {
            strict,
            ..loading(case)
        };
        machines::load(&mut CaseHost::new(case), case.rooted_entry(), &loading).is_ok()
    };
    !loads(true) && loads(false)
}

/// What an outcome looks like from outside.
fn observation(outcome: Outcome, output: Vec<u8>) -> Observation {
    Observation {
        output,
        ending: ending(&outcome),
        fault: outcome.fault().map(str::to_owned),
        value: outcome.value,
        at: outcome.at,
        detail: match outcome.ending {
            base::Ending::Host(why) => Some(why),
            base::Ending::Returned | base::Ending::Faulted(_) | base::Ending::Limited(_) => None,
        },
    }
}

/// How an outcome is called from outside.
pub fn ending(outcome: &Outcome) -> Ending {
    match outcome.ending {
        base::Ending::Returned => Ending::Returned,
        base::Ending::Faulted(_) => Ending::Faulted,
        base::Ending::Limited(_) => Ending::Limited,
        // Nobody took what it printed: no fault of the program's.
        base::Ending::Host(_) => Ending::Garbled,
    }
}

/// What a program that does not load looks like from outside.
fn refused(diagnostics: &[Diagnostic]) -> Observation {
    let rendered = diagnostics.iter().map(|each| each.render(Look::Plain));
    Observation::of(Ending::Refused).with_detail(rendered.collect::<String>())
}

/// A host that reads a case's files where they are.
struct CaseHost<'a> {
    case: &'a Case,
    output: Vec<u8>,
}

impl<'a> CaseHost<'a> {
    fn new(case: &'a Case) -> CaseHost<'a> {
        CaseHost {
            case,
            output: Vec::new(),
        }
    }
}

impl Host for CaseHost<'_> {
    fn read(&mut self, path: &str, most: u64) -> Result<Vec<u8>, ReadError> {
        let found = match self.case.root_prefix() {
            "" => self.case.files.get(path),
            prefix => self.case.files.get(&format!("{prefix}{path}")),
        };
        match found {
            Some(bytes) if bytes.len() as u64 > most => Err(ReadError::TooLong),
            Some(bytes) => Ok(bytes.clone()),
            None => Err(ReadError::Denied("there is no such file".to_owned())),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.extend_from_slice(bytes);
        Ok(())
    }
}
