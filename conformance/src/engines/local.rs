//! Our own machines as an engine.

use crate::case::Case;
use crate::engine::{Ending, Engine, Observation};
use crate::machine::Machine;
use std::io;
use vm::base::{self, Diagnostic, Host, Look, ReadError};

/// Our own machines, in this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Local;

impl Engine for Local {
    fn name(&self) -> &str {
        "vm"
    }

    fn observe(&mut self, case: &Case) -> Observation {
        match case.machine {
            Machine::Mmm => mmm(case),
            Machine::Sc | Machine::Py => Observation::of(Ending::Garbled)
                .with_detail(format!("there is no machine {} here", case.machine)),
        }
    }
}

fn mmm(case: &Case) -> Observation {
    let limits = case.limits();
    let mut host = CaseHost::new(case);
    match vm::mmm::load(&mut host, case.rooted_entry(), &limits) {
        Ok(program) => {
            let outcome = vm::mmm::run(&program, &mut host, &limits);
            observation(outcome, host.output)
        }
        Err(diagnostics) => refused(&diagnostics),
    }
}

/// What an outcome looks like from outside.
fn observation(outcome: base::Outcome, output: Vec<u8>) -> Observation {
    let (ending, detail) = match &outcome.ending {
        base::Ending::Returned => (Ending::Returned, None),
        base::Ending::Faulted(_) => (Ending::Faulted, None),
        base::Ending::Limited(_) => (Ending::Limited, None),
        base::Ending::Host(why) => (Ending::Garbled, Some(why.clone())),
    };
    Observation {
        output,
        ending,
        fault: outcome.fault().map(str::to_owned),
        value: outcome.value,
        at: outcome.at,
        detail,
    }
}

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
