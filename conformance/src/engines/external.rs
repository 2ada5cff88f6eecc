//! Somebody else's VM: a process for each program, or one that serves.

use super::leftovers;
use super::process::{CommandLine, Process, Pumped, StartError, describe};
use super::protocol;
use crate::case::Case;
use crate::engine::{Ending, Engine, Observation};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use vm::base::resolve;

/// More than this a VM may not print in one run.
const MOST_OUTPUT: usize = 64 << 20;

/// How long a server that closed its output may take to end.
const PARTING: Duration = Duration::from_secs(1);

/// What every engine of somebody else's is asked for.
#[derive(Clone, Debug)]
pub struct Foreign {
    /// What reports call it; may be empty.
    pub name: String,
    /// How it is started.
    pub command: CommandLine,
    /// How long one program may take.
    pub timeout: Duration,
}

/// A VM that is started anew for each program.
#[derive(Debug)]
pub struct OneShot {
    foreign: Foreign,
}

/// A VM that is started once and speaks the line protocol.
#[derive(Debug)]
pub struct Serving {
    foreign: Foreign,
    process: Option<Process>,
    next_id: u64,
}

impl OneShot {
    /// An engine of that command.
    pub fn new(foreign: Foreign) -> OneShot {
        OneShot { foreign }
    }

    /// Runs a case, if the VM can be started at all.
    pub fn try_observe(&mut self, case: &Case) -> Result<Observation, StartError> {
        let folder = match lay_out(case) {
            Ok(folder) => folder,
            Err(error) => {
                return Err(StartError {
                    message: format!("cannot write the program's files: {error}"),
                    help: "is there room in the folder for temporary files?".to_owned(),
                });
            }
        };
        let file = folder.0.path().join(&case.entry);
        let file = file.to_str().ok_or_else(|| StartError {
            message: "the folder for temporary files has a name that is not UTF-8".to_owned(),
            help: "set TMPDIR to another folder".to_owned(),
        })?;
        let deadline = Instant::now() + self.foreign.timeout;
        let mut process = Process::start(&self.foreign.command, Some(file))?;
        let pumped = process.pump(&[], deadline, MOST_OUTPUT, |_| false);
        let seen = match pumped {
            Pumped::Flooded => Observation::of(Ending::Garbled).with_detail(format!(
                "printed more than {} MiB and was stopped",
                MOST_OUTPUT >> 20
            )),
            Pumped::Late => self.late(),
            Pumped::Ended | Pumped::Enough => match process.finish(deadline) {
                None => self.late(),
                Some(status) if status.success() => Observation::of(Ending::Returned),
                Some(status) => {
                    let ending = match status.code() {
                        Some(_) => Ending::Faulted,
                        None => Ending::Crashed,
                    };
                    Observation::of(ending).with_detail(describe(status))
                }
            },
        };
        let mut seen = with_complaint(seen, &process);
        if pumped != Pumped::Flooded {
            seen.output = std::mem::take(&mut process.output);
        }
        Ok(seen)
    }

    fn late(&self) -> Observation {
        late(self.foreign.timeout)
    }
}

impl Engine for OneShot {
    fn name(&self) -> &str {
        "vm"
    }

    fn observe(&mut self, case: &Case) -> Observation {
        self.try_observe(case).unwrap_or_else(not_started)
    }
}

impl Serving {
    /// An engine of that command.
    pub fn new(foreign: Foreign) -> Serving {
        Serving {
            foreign,
            process: None,
            next_id: 1,
        }
    }

    /// Runs a case, if the VM can be started at all. A VM that fails to answer properly is
    /// started anew for the next case.
    pub fn try_observe(&mut self, case: &Case) -> Result<Observation, StartError> {
        let mut process = match self.process.take() {
            Some(process) => process,
            None => Process::start(&self.foreign.command, None)?,
        };
        let id = self.next_id;
        self.next_id += 1;
        let mut request = Vec::new();
        if let Err(error) = protocol::write_request(&mut request, id, case) {
            let why = format!("the request cannot be written: {error}");
            return Ok(Observation::of(Ending::Garbled).with_detail(why));
        }
        let deadline = Instant::now() + self.foreign.timeout;
        let pumped = process.pump(&request, deadline, MOST_OUTPUT, |byte| byte == b'\n');
        let seen = match pumped {
            Pumped::Enough => {
                let end = process.output.iter().position(|&byte| byte == b'\n');
                let rest = process.output.split_off(end.map_or(0, |end| end + 1));
                let line = std::mem::replace(&mut process.output, rest);
                match protocol::read_answer(&line, id) {
                    Ok(seen) => {
                        self.process = Some(process);
                        return Ok(seen);
                    }
                    Err(error) => Observation::of(Ending::Garbled).with_detail(error),
                }
            }
            Pumped::Late => late(self.foreign.timeout),
            Pumped::Flooded => Observation::of(Ending::Garbled).with_detail(format!(
                "wrote more than {} MiB without ending its line",
                MOST_OUTPUT >> 20
            )),
            // Nothing is left to wait for but its status, if it has one soon.
            Pumped::Ended => match process.finish(Instant::now() + PARTING) {
                Some(status) => Observation::of(Ending::Crashed)
                    .with_detail(format!("ended instead of answering: {}", describe(status))),
                None => Observation::of(Ending::Crashed)
                    .with_detail("closed its standard output instead of answering"),
            },
        };
        Ok(with_complaint(seen, &process))
    }
}

impl Engine for Serving {
    fn name(&self) -> &str {
        "vm"
    }

    fn observe(&mut self, case: &Case) -> Observation {
        self.try_observe(case).unwrap_or_else(not_started)
    }
}

fn late(timeout: Duration) -> Observation {
    Observation::of(Ending::Hung).with_detail(format!(
        "was not done after {} s and was stopped",
        timeout.as_secs_f64()
    ))
}

fn not_started(error: StartError) -> Observation {
    Observation::of(Ending::Crashed).with_detail(format!("{}; {}", error.message, error.help))
}

/// Adds what the process said on its standard error.
fn with_complaint(mut seen: Observation, process: &Process) -> Observation {
    let complaint = process.complaint();
    if !complaint.is_empty() {
        let detail = seen.detail.get_or_insert_default();
        if !detail.is_empty() {
            detail.push('\n');
        }
        detail.push_str(&complaint);
    }
    seen
}

/// A folder that is gone when dropped.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> std::io::Result<Folder> {
        let mut left = leftovers::left();
        let folder = tempfile::Builder::new().prefix("mmm-").tempdir()?;
        left.folders.push(folder.path().to_owned());
        Ok(Folder(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let path = self.0.path();
        leftovers::left().folders.retain(|folder| folder != path);
    }
}

/// Writes a case's files into a fresh folder.
fn lay_out(case: &Case) -> std::io::Result<Folder> {
    let folder = Folder::new()?;
    for (name, bytes) in &case.files {
        let name = resolve("", name)
            .ok_or_else(|| std::io::Error::other(format!("'{name}' leads out of the folder")))?;
        let path = folder.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        fs::write(path, bytes)?;
    }
    Ok(folder)
}
