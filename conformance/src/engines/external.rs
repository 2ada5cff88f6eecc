//! External VMs: a process for each program, or one that serves many programs.

use super::capabilities::{Capabilities, Declared, uses};
use super::cleanup;
use super::lower::{Lowered, lower};
use super::process::{Caps, CommandLine, Process, Pumped, describe};
use super::protocol::{self, Answer, Request};
use crate::case::{Case, CaseLimits};
use crate::compare::{self, NotCompared, Verdict};
use crate::engine::{Ending, Engine, Expectation, Observation, Placement, StartError, Step};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use vm::base::resolve;

/// How long a server that closed its output may take to exit.
const EXIT_TIME: Duration = Duration::from_secs(1);

/// The settings of an external VM: how it is started, what it may use, and what it can do.
///
/// ```
/// use conformance::engines::external::ExternalVm;
/// use conformance::engines::process::CommandLine;
/// use std::time::Duration;
///
/// let mut external = ExternalVm::new(CommandLine::parse("./my-vm {file}")?);
/// external.timeout = Duration::from_secs(2);
/// # Ok::<(), conformance::engine::StartError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ExternalVm {
    /// Its name in reports; may be empty.
    pub name: String,
    /// How it is started.
    pub command: CommandLine,
    /// How long a program may take.
    pub timeout: Duration,
    /// How many bytes of memory each of its processes may use.
    pub memory: Option<u64>,
    /// How many bytes a program may print.
    pub output: usize,
    /// A server is asked for its capabilities before anything else.
    pub hello: bool,
    /// What it can do.
    pub capabilities: Capabilities,
}

impl ExternalVm {
    /// Returns the settings of a VM with that command that can do everything. A program may take 10 s,
    /// 4 GiB of memory and 64 MiB of output.
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

    /// Returns the processor time that a process may take. It does not replace wall-clock time: it only
    /// ends a child that escaped. A VM of several threads uses it up faster.
    fn processor_time(&self) -> u64 {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        (self.timeout.as_secs() + 1).saturating_mul(processors as u64 + 1)
    }

    /// Returns the case in the form that this VM reads.
    pub(crate) fn lowered<'a>(&self, case: &'a Case) -> Lowered<'a> {
        let lowered = match self.capabilities.text_form {
            true => None,
            false => lower(case),
        };
        lowered.unwrap_or_else(|| Lowered::as_it_is(case))
    }

    /// Adds a remark if the VM may have died because of our cap on its memory.
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
    settings: ExternalVm,
}

/// A VM that is started once and speaks the line protocol.
#[derive(Debug)]
pub struct Serving {
    settings: ExternalVm,
    process: Option<Process>,
    next_id: u64,
}

/// The observation of a server that did not answer properly.
type Bad = Box<Observation>;

impl OneShot {
    /// Returns an engine with these settings; it starts a process when it runs a program.
    pub fn new(settings: ExternalVm) -> OneShot {
        OneShot { settings }
    }

    fn caps(&self) -> Caps {
        Caps {
            memory: self.settings.memory,
            processor_seconds: Some(self.settings.processor_time()),
        }
    }

    fn late(&self) -> Observation {
        late(self.settings.timeout)
    }
}

impl Engine for OneShot {
    fn name(&self) -> &str {
        "vm"
    }

    fn applies(&self, case: &Case, expectation: Expectation<'_>) -> Result<(), NotCompared> {
        let capabilities = &self.settings.capabilities;
        capabilities.check_one_shot(case, expectation)
    }

    fn run(&mut self, case: &Case) -> Result<Observation, StartError> {
        let handed = self.settings.lowered(case);
        let folder = match lay_out(&handed.case) {
            Ok(folder) => folder,
            Err(error) => {
                return Err(StartError::new(
                    format!("cannot write the program's files: {error}"),
                    "is there room in the folder for temporary files?",
                ));
            }
        };
        let file = folder.0.path().join(&handed.case.entry);
        let file = file.to_str().ok_or_else(|| {
            StartError::new(
                "the folder for temporary files has a name that is not UTF-8",
                "set TMPDIR to another folder",
            )
        })?;
        let deadline = Instant::now() + self.settings.timeout;
        let mut process = Process::start(&self.settings.command, Some(file), self.caps())?;
        let most = self.settings.output;
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
        let mut seen = with_stderr(seen, &process);
        if pumped != Pumped::Flooded {
            seen.output = std::mem::take(&mut process.output);
        }
        Ok(self.settings.explained(seen))
    }

    fn compare(&self, _case: &Case, expected: &Observation, found: &Observation) -> Verdict {
        by_status(expected, found)
    }

    fn placement(&self) -> Placement {
        Placement::OneShot
    }

    fn set_timeout(&mut self, timeout: Duration) {
        self.settings.timeout = timeout;
    }
}

impl Serving {
    /// Returns an engine with these settings; it starts a process when it runs a program.
    pub fn new(settings: ExternalVm) -> Serving {
        Serving {
            settings,
            process: None,
            next_id: 1,
        }
    }

    /// Asks the server for its capabilities.
    ///
    /// # Errors
    ///
    /// Returns an error if the server does not start or its answer is not a hello.
    pub fn greet(&mut self) -> Result<Declared, StartError> {
        let command = self.settings.command.to_string();
        let refused = |why: &str, said: &str| {
            let message = format!("'{command}' does not say what it can do: {why}");
            let help = match said.is_empty() {
                true => {
                    "if it knows no hello, leave that out of its settings, and say there what it \
                     can do"
                        .to_owned()
                }
                false => format!("what it said on its standard error:\n{said}"),
            };
            StartError::new(message, help)
        };
        let line = self.exchange(&|id| protocol::hello_line(id))?;
        let (id, line) = line.map_err(|bad| {
            let detail = bad.detail.as_deref().unwrap_or("");
            let (why, said) = detail.split_once('\n').unwrap_or((detail, ""));
            refused(why, said)
        })?;
        protocol::read_hello(&line, id).map_err(|why| refused(&why, ""))
    }

    /// Sends a request and returns the answer.
    fn ask(&mut self, request: &Request<'_>) -> Result<Result<Answer, Bad>, StartError> {
        let (id, line) = match self.exchange(&|id| protocol::request_line(id, request))? {
            Ok(sent) => sent,
            Err(bad) => return Ok(Err(bad)),
        };
        Ok(protocol::read_answer(&line, id).map_err(|why| {
            let bad = Observation::of(Ending::Garbled).with_detail(why);
            // A server that does so is not trusted with the next request.
            Box::new(match self.process.take() {
                Some(process) => with_stderr(bad, &process),
                None => bad,
            })
        }))
    }

    /// Sends a line and waits for an answer of one line; returns the id that was sent and the answer.
    fn exchange(
        &mut self,
        line: &dyn Fn(u64) -> Vec<u8>,
    ) -> Result<Result<(u64, Vec<u8>), Bad>, StartError> {
        let mut process = match self.process.take() {
            Some(process) => process,
            None => {
                let caps = Caps {
                    memory: self.settings.memory,
                    processor_seconds: None,
                };
                Process::start(&self.settings.command, None, caps)?
            }
        };
        let id = self.next_id;
        self.next_id += 1;
        let deadline = Instant::now() + self.settings.timeout;
        let most = self.settings.output;
        let pumped = process.pump(&line(id), deadline, most, |byte| byte == b'\n');
        let seen = match pumped {
            Pumped::Enough => {
                let end = process.output.iter().position(|&byte| byte == b'\n');
                let rest = process.output.split_off(end.map_or(0, |end| end + 1));
                let line = std::mem::replace(&mut process.output, rest);
                self.process = Some(process);
                return Ok(Ok((id, line)));
            }
            Pumped::Late => late(self.settings.timeout),
            Pumped::Flooded => Observation::of(Ending::Garbled).with_detail(format!(
                "wrote more than {} without ending its line",
                mebibytes(most)
            )),
            // All that is left is its exit status, if it exits soon.
            Pumped::Ended => {
                let what = match process.finish(Instant::now() + EXIT_TIME) {
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
        Ok(Err(Box::new(with_stderr(seen, &process))))
    }
}

impl Engine for Serving {
    fn name(&self) -> &str {
        "vm"
    }

    fn applies(&self, case: &Case, expectation: Expectation<'_>) -> Result<(), NotCompared> {
        let capabilities = &self.settings.capabilities;
        capabilities.check_serving(case, expectation)
    }

    /// Runs a case. A VM that does not answer properly is started anew for the next case.
    fn run(&mut self, case: &Case) -> Result<Observation, StartError> {
        let handed = self.settings.lowered(case);
        let answer = self.ask(&Request::of(&handed.case))?;
        let capabilities = &self.settings.capabilities;
        Ok(match answer {
            Ok(answer) => {
                let seen = handed.raise(answer.seen);
                capabilities.visible(capabilities.translate(seen))
            }
            Err(bad) => self.settings.explained(*bad),
        })
    }

    fn compare(&self, case: &Case, expected: &Observation, found: &Observation) -> Verdict {
        let expected = self.settings.capabilities.visible(expected.clone());
        by_answer(case, &expected, found)
    }

    fn placement(&self) -> Placement {
        Placement::Serving
    }

    fn restart(&mut self) {
        self.process = None;
    }

    fn set_timeout(&mut self, timeout: Duration) {
        self.settings.timeout = timeout;
    }

    fn trace(&mut self, case: &Case, max_steps: usize) -> Option<Vec<Step>> {
        let handed = self.settings.lowered(case);
        let request = Request {
            trace: Some(max_steps),
            ..Request::of(&handed.case)
        };
        let answer = self.ask(&request).ok()?.ok()?;
        let mut steps = answer.trace?;
        steps.truncate(max_steps);
        Some(handed.raise_steps(steps))
    }
}

/// Compares an observation with one of which only the output and the exit status were seen.
fn by_status(expected: &Observation, found: &Observation) -> Verdict {
    let limited = [expected.ending, found.ending].contains(&Ending::Limited);
    let visible = Observation {
        output: expected.output.clone(),
        ..Observation::of(match expected.ending {
            Ending::Refused => Ending::Faulted,
            ending => ending,
        })
    };
    let mut verdict = match limited {
        true => compare::within_limits(&visible, found),
        false => compare::exactly(&visible, found),
    };
    if let Verdict::Diverge(difference) = &mut verdict
        && difference.kind == compare::Kind::Ending
    {
        let status = match expected.ending {
            Ending::Returned => "returned (exit status 0)",
            Ending::Refused => "refused (exit status other than 0)",
            _ => "faulted (exit status other than 0)",
        };
        difference.expected = status.to_owned();
    }
    verdict
}

/// Compares an observation with an answer of the protocol's.
fn by_answer(case: &Case, expected: &Observation, found: &Observation) -> Verdict {
    let ended = matches!(found.ending, Ending::Returned | Ending::Faulted);
    if ended && uses(case, case.machine.row().own_layout) {
        // The output cannot be judged, but everything else can.
        let mut expected = expected.clone();
        expected.output.clone_from(&found.output);
        return match compare::exactly(&expected, found) {
            Verdict::Agree => Verdict::Inconclusive(NotCompared::Layout),
            verdict => verdict,
        };
    }
    let exact = compare::exactly(expected, found);
    let limited = [expected.ending, found.ending].contains(&Ending::Limited);
    match exact == Verdict::Agree || !limited || counts_the_same(case) {
        true => exact,
        false => compare::within_limits(expected, found),
    }
}

/// Returns true if a case sets limits, and only such that count the same on every engine. An engine
/// sets those that it is not asked for as it likes.
fn counts_the_same(case: &Case) -> bool {
    let mut limits = case.limits;
    let set = limits
        .fields()
        .into_iter()
        .filter(|(_, most)| most.is_some());
    let comparable = case.machine.row().comparable_limits;
    let mut names = set.map(|(name, _)| name);
    case.limits != CaseLimits::default() && names.all(|name| comparable.contains(&name))
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

/// Adds what the process wrote to its standard error.
fn with_stderr(mut seen: Observation, process: &Process) -> Observation {
    let excerpt = process.stderr_excerpt();
    if !excerpt.is_empty() {
        let detail = seen.detail.get_or_insert_default();
        if !detail.is_empty() {
            detail.push('\n');
        }
        detail.push_str(&excerpt);
    }
    seen
}

/// A temporary folder, which is removed when this is dropped.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    /// Returns its path.
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

/// Writes the files of a case into a fresh folder.
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

#[cfg(test)]
mod tests {
    use super::{by_answer, by_status};
    use crate::case::Case;
    use crate::compare::Verdict;
    use crate::engine::{Ending, Observation};
    use crate::machine::Machine;

    #[track_caller]
    fn check_status(expected: Ending, found: Ending, agrees: bool) {
        let found = by_status(&Observation::of(expected), &Observation::of(found));
        assert_eq!(found == Verdict::Agree, agrees, "{found:?}");
    }

    #[test]
    fn a_process_is_compared_by_its_exit_status() {
        check_status(Ending::Returned, Ending::Returned, true);
        check_status(Ending::Faulted, Ending::Faulted, true);
        check_status(Ending::Refused, Ending::Faulted, true);
        check_status(Ending::Refused, Ending::Returned, false);
        check_status(Ending::Refused, Ending::Crashed, false);
        check_status(Ending::Faulted, Ending::Crashed, false);
        check_status(Ending::Returned, Ending::Hung, false);
    }

    #[test]
    fn a_limit_is_compared_only_where_it_counts_the_same() {
        let [limited, returned] = [Ending::Limited, Ending::Returned].map(Observation::of);
        let mut case = Case::single(Machine::Mmm, "main.mmm", "");
        let verdict = by_answer(&case, &returned, &limited);
        assert!(matches!(verdict, Verdict::Inconclusive(_)), "{verdict:?}");
        case.limits.fuel = Some(3);
        let verdict = by_answer(&case, &limited, &returned);
        assert!(matches!(verdict, Verdict::Diverge(_)), "{verdict:?}");
        case.limits.heap_bytes = Some(3);
        let verdict = by_answer(&case, &limited, &returned);
        assert!(matches!(verdict, Verdict::Inconclusive(_)), "{verdict:?}");
    }
}
