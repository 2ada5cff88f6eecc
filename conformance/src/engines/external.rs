//! Somebody else's VM: a process for each program, or one that serves.

use super::capabilities::{Capabilities, Said};
use super::cleanup;
use super::lower::{Lowered, lower};
use super::process::{Caps, CommandLine, Process, Pumped, StartError, describe};
use super::protocol::{self, Answer, Request};
use crate::case::Case;
use crate::engine::{Ending, Engine, Observation, Step};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use vm::base::resolve;

/// How long a server that closed its output may take to end.
const PARTING: Duration = Duration::from_secs(1);

/// An engine of somebody else's: how it is started, what it may take and what it can do.
#[derive(Clone, Debug)]
pub struct ExternalVm {
    /// What reports call it; may be empty.
    pub name: String,
    /// How it is started.
    pub command: CommandLine,
    /// How long one program may take.
    pub timeout: Duration,
    /// How many bytes of memory each of its processes may take.
    pub memory: Option<u64>,
    /// More bytes than this it may not print in one run.
    pub output: usize,
    /// Ask a server for its capabilities before anything else.
    pub hello: bool,
    /// What it can do.
    pub capabilities: Capabilities,
}

impl ExternalVm {
    /// An engine of that command that can do everything, with 10 s, 4 GiB of memory and 64 MiB
    /// of output for a program.
    pub fn new(command: CommandLine) -> ExternalVm {
        ExternalVm {
            name: String::new(),
            command,
            timeout: Duration::from_secs(10),
            memory: Some(4 << 30),
            output: 64 << 20,
            hello: false,
            capabilities: Capabilities::default(),
        }
    }

    /// Processor time is no substitute for time on the wall: it only ends what got away. A VM of
    /// several threads takes it faster.
    fn processor_time(&self) -> u64 {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        (self.timeout.as_secs() + 1).saturating_mul(processors as u64 + 1)
    }

    /// The case as this engine takes it.
    pub(crate) fn hand<'a>(&self, case: &'a Case) -> Lowered<'a> {
        let lowered = match self.capabilities.text_form {
            true => None,
            false => lower(case),
        };
        lowered.unwrap_or_else(|| Lowered::as_it_is(case))
    }

    /// More words for a person, where a cap of ours may be why it died.
    fn explained(&self, mut seen: Observation) -> Observation {
        let detail = seen.detail.as_deref().unwrap_or("").to_lowercase();
        let died = matches!(seen.ending, Ending::Crashed | Ending::Faulted);
        let of_memory = ["memory", "alloc"].iter().any(|word| detail.contains(word));
        if let Some(most) = self.memory.filter(|_| died && of_memory) {
            let most = format!("its memory is capped at {} MiB: see --memory", most >> 20);
            seen.detail = seen.detail.map(|detail| format!("{detail}\n({most})"));
        }
        seen
    }
}

/// A VM that is started anew for each program.
#[derive(Debug)]
pub struct OneShot {
    foreign: ExternalVm,
}

/// A VM that is started once and speaks the line protocol.
#[derive(Debug)]
pub struct Serving {
    foreign: ExternalVm,
    process: Option<Process>,
    next_id: u64,
}

/// What there was in place of an answer.
type Bad = Box<Observation>;

impl OneShot {
    /// An engine of that command.
    pub fn new(foreign: ExternalVm) -> OneShot {
        OneShot { foreign }
    }

    /// How it is started and what it can do.
    pub fn foreign(&self) -> &ExternalVm {
        &self.foreign
    }

    /// Changes how long a program may take from now on.
    pub fn be_patient(&mut self, timeout: Duration) {
        self.foreign.timeout = timeout;
    }

    /// Runs a case, if the VM can be started at all.
    pub fn try_observe(&mut self, case: &Case) -> Result<Observation, StartError> {
        let handed = self.foreign.hand(case);
        let folder = match lay_out(&handed.case) {
            Ok(folder) => folder,
            Err(error) => {
                return Err(StartError {
                    message: format!("cannot write the program's files: {error}"),
                    help: "is there room in the folder for temporary files?".to_owned(),
                });
            }
        };
        let file = folder.0.path().join(&handed.case.entry);
        let file = file.to_str().ok_or_else(|| StartError {
            message: "the folder for temporary files has a name that is not UTF-8".to_owned(),
            help: "set TMPDIR to another folder".to_owned(),
        })?;
        let deadline = Instant::now() + self.foreign.timeout;
        let mut process = Process::start(&self.foreign.command, Some(file), self.caps())?;
        let most = self.foreign.output;
        let pumped = process.pump(&[], deadline, most, |_| false);
        let seen = match pumped {
            Pumped::Flooded => Observation::of(Ending::Garbled).with_detail(format!(
                "printed more than {} and was stopped",
                mebibytes(most)
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
        Ok(self.foreign.explained(seen))
    }

    fn caps(&self) -> Caps {
        Caps {
            memory: self.foreign.memory,
            processor_seconds: Some(self.foreign.processor_time()),
        }
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
    pub fn new(foreign: ExternalVm) -> Serving {
        Serving {
            foreign,
            process: None,
            next_id: 1,
        }
    }

    /// Runs a case, if the VM can be started at all. A VM that fails to answer properly is
    /// started anew for the next case.
    pub fn try_observe(&mut self, case: &Case) -> Result<Observation, StartError> {
        let handed = self.foreign.hand(case);
        let answer = self.ask(&Request::of(&handed.case))?;
        Ok(match answer {
            Ok(answer) => {
                let seen = handed.raise(answer.seen);
                self.foreign.capabilities.translate(seen)
            }
            Err(bad) => self.foreign.explained(*bad),
        })
    }

    /// Asks the server what it can do.
    pub fn greet(&mut self) -> Result<Said, StartError> {
        let command = self.foreign.command.to_string();
        let refused = |why: &str, said: &str| StartError {
            message: format!("'{command}' does not say what it can do: {why}"),
            help: match said.is_empty() {
                true => {
                    "if it knows no hello, leave that out of its settings, and say there what it \
                     can do"
                        .to_owned()
                }
                false => format!("what it said on its standard error:\n{said}"),
            },
        };
        let line = self.exchange(&|id| protocol::hello_line(id))?;
        let (id, line) = line.map_err(|bad| {
            let detail = bad.detail.as_deref().unwrap_or("");
            let (why, said) = detail.split_once('\n').unwrap_or((detail, ""));
            refused(why, said)
        })?;
        protocol::read_hello(&line, id).map_err(|why| refused(&why, ""))
    }

    /// Ends the process: the next program has a fresh one.
    pub fn restart(&mut self) {
        self.process = None;
    }

    /// Changes how long a program may take from now on.
    pub fn be_patient(&mut self, timeout: Duration) {
        self.foreign.timeout = timeout;
    }

    /// How it is started and what it can do.
    pub fn foreign(&self) -> &ExternalVm {
        &self.foreign
    }

    /// Sends a request; the answer, or what there was in place of one.
    fn ask(&mut self, request: &Request<'_>) -> Result<Result<Answer, Bad>, StartError> {
        let (id, line) = match self.exchange(&|id| protocol::request_line(id, request))? {
            Ok(sent) => sent,
            Err(bad) => return Ok(Err(bad)),
        };
        Ok(protocol::read_answer(&line, id).map_err(|why| {
            let bad = Observation::of(Ending::Garbled).with_detail(why);
            // Who says such things once is not trusted with the next request.
            Box::new(match self.process.take() {
                Some(process) => with_complaint(bad, &process),
                None => bad,
            })
        }))
    }

    /// Sends a line and waits for one.
    fn exchange(
        &mut self,
        line: &dyn Fn(u64) -> Vec<u8>,
    ) -> Result<Result<(u64, Vec<u8>), Bad>, StartError> {
        let mut process = match self.process.take() {
            Some(process) => process,
            None => {
                let caps = Caps {
                    memory: self.foreign.memory,
                    processor_seconds: None,
                };
                Process::start(&self.foreign.command, None, caps)?
            }
        };
        let id = self.next_id;
        self.next_id += 1;
        let deadline = Instant::now() + self.foreign.timeout;
        let most = self.foreign.output;
        let pumped = process.pump(&line(id), deadline, most, |byte| byte == b'\n');
        let seen = match pumped {
            Pumped::Enough => {
                let end = process.output.iter().position(|&byte| byte == b'\n');
                let rest = process.output.split_off(end.map_or(0, |end| end + 1));
                let line = std::mem::replace(&mut process.output, rest);
                self.process = Some(process);
                return Ok(Ok((id, line)));
            }
            Pumped::Late => late(self.foreign.timeout),
            Pumped::Flooded => Observation::of(Ending::Garbled).with_detail(format!(
                "wrote more than {} without ending its line",
                mebibytes(most)
            )),
            // Nothing is left to wait for but its status, if it has one soon.
            Pumped::Ended => {
                let what = match process.finish(Instant::now() + PARTING) {
                    Some(status) => format!("ended instead of answering: {}", describe(status)),
                    None => "closed its standard output instead of answering".to_owned(),
                };
                Observation::of(Ending::Crashed).with_detail(match process.output.is_empty() {
                    true => what,
                    false => format!(
                        "{what}; it had written this without ending the line: {}",
                        protocol::excerpt(&process.output)
                    ),
                })
            }
        };
        Ok(Err(Box::new(with_complaint(seen, &process))))
    }
}

impl Engine for Serving {
    fn name(&self) -> &str {
        "vm"
    }

    fn observe(&mut self, case: &Case) -> Observation {
        self.try_observe(case).unwrap_or_else(not_started)
    }

    fn trace(&mut self, case: &Case, most: usize) -> Option<Vec<Step>> {
        let handed = self.foreign.hand(case);
        let request = Request {
            trace: Some(most),
            ..Request::of(&handed.case)
        };
        let answer = self.ask(&request).ok()?.ok()?;
        let mut steps = answer.trace?;
        steps.truncate(most);
        Some(handed.raise_steps(steps))
    }
}

fn late(timeout: Duration) -> Observation {
    Observation::of(Ending::Hung).with_detail(format!(
        "was not done after {} s and was stopped",
        timeout.as_secs_f64()
    ))
}

fn mebibytes(bytes: usize) -> String {
    match bytes >> 20 {
        0 => format!("{bytes} bytes"),
        mib => format!("{mib} MiB"),
    }
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
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    fn new() -> std::io::Result<Folder> {
        let mut left = cleanup::left();
        let folder = tempfile::Builder::new().prefix("mmm-").tempdir()?;
        left.folders.push(folder.path().to_owned());
        Ok(Folder(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let path = self.0.path();
        cleanup::left().folders.retain(|folder| folder != path);
    }
}

/// Writes a case's files into a fresh folder.
pub(crate) fn lay_out(case: &Case) -> std::io::Result<Folder> {
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
