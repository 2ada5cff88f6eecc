//! Our own machines as an engine.

use super::machines::{self, LoadOptions, Run};
use crate::case::Case;
use crate::engine::{Ending, Engine, Observation, StartError, Step};
use crate::record::{Record, hexadecimal};
use std::io;
use vm::base::{ColorChoice, Diagnostic, Host, ReadError};

/// Our own machines, in this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Local;

impl Local {
    /// Runs a case to its end. A program that does not load is refused; one of a machine that this
    /// build does not run is [loaded](Ending::Loaded).
    pub fn observe(&self, case: &Case) -> Observation {
        let loading = loading(case);
        let mut host = CaseHost::new(case);
        match machines::load(&mut host, case.rooted_entry(), &loading) {
            Ok(program) => match program.run(&mut host, &loading.limits) {
                Some(run) => observation(&run, host.output),
                None => Observation::of(Ending::Loaded),
            },
            Err(error) => refused(error.diagnostics()),
        }
    }
}

impl Engine for Local {
    fn name(&self) -> &str {
        "vm"
    }

    fn run(&mut self, case: &Case) -> Result<Observation, StartError> {
        Ok(self.observe(case))
    }

    fn trace(&mut self, case: &Case, max_steps: usize) -> Option<Vec<Step>> {
        let loading = loading(case);
        let mut host = CaseHost::new(case);
        // A program that is refused has no steps.
        let Ok(program) = machines::load(&mut host, case.rooted_entry(), &loading) else {
            return Some(Vec::new());
        };
        program.trace(&mut host, &loading.limits, max_steps)
    }
}

/// Returns the options with which a case is loaded.
fn loading(case: &Case) -> LoadOptions {
    LoadOptions {
        machine: case.machine,
        strict: case.strict,
        limits: case.limits(),
    }
}

/// Runs a case on our machine, and keeps the listing and the diagnostics too.
pub fn record(case: &Case) -> Record {
    let loading = loading(case);
    let mut host = CaseHost::new(case);
    let (seen, listing, said) = match machines::load(&mut host, case.rooted_entry(), &loading) {
        Ok(program) => {
            let mut said = program.findings();
            let seen = match program.run(&mut host, &loading.limits) {
                Some(run) => {
                    said.extend(run.explain());
                    observation(&run, host.output)
                }
                None => Observation::of(Ending::Loaded),
            };
            (seen, program.listing(), said)
        }
        Err(error) => (refused(&[]), String::new(), error.into_diagnostics()),
    };
    let diagnostics = said
        .iter()
        .map(|each| each.render(ColorChoice::Never))
        .collect();
    let bytes = match case.files.get(&case.entry) {
        Some(bytes) if case.machine.names_binary(&case.entry) => hexadecimal(bytes),
        _ => String::new(),
    };
    Record {
        seen,
        listing,
        diagnostics,
        bytes,
    }
}

/// Returns true if a program loads.
pub fn loads(case: &Case) -> bool {
    machines::load(
        &mut CaseHost::new(case),
        case.rooted_entry(),
        &loading(case),
    )
    .is_ok()
}

/// Returns true if a program loads only with the extensions of its machine's format.
pub fn needs_extensions(case: &Case) -> bool {
    if !case.machine.row().has_extensions {
        return false;
    }
    let loads = |strict| {
        let loading = LoadOptions {
            strict,
            ..loading(case)
        };
        machines::load(&mut CaseHost::new(case), case.rooted_entry(), &loading).is_ok()
    };
    !loads(true) && loads(false)
}

/// Returns what is observed of a run that printed `output`.
fn observation(run: &Run<'_>, output: Vec<u8>) -> Observation {
    let summary = run.summary();
    Observation {
        output,
        ending: summary.ending,
        fault: summary.fault,
        value: summary.value,
        at: summary.at,
        detail: summary.host_error.map(|error| error.to_string()),
    }
}

/// Returns what is observed of a program that does not load.
fn refused(diagnostics: &[Diagnostic]) -> Observation {
    let rendered = diagnostics
        .iter()
        .map(|each| each.render(ColorChoice::Never));
    Observation::of(Ending::Refused).with_detail(rendered.collect::<String>())
}

/// A host that reads the files of a case from memory.
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
    fn read(&mut self, path: &str, max_bytes: u64) -> Result<Vec<u8>, ReadError> {
        let found = match self.case.root_prefix() {
            "" => self.case.files.get(path),
            prefix => self.case.files.get(&format!("{prefix}{path}")),
        };
        match found {
            Some(bytes) if bytes.len() as u64 > max_bytes => Err(ReadError::TooLong),
            Some(bytes) => Ok(bytes.clone()),
            None => Err(ReadError::Denied("there is no such file".to_owned())),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.extend_from_slice(bytes);
        Ok(())
    }
}
