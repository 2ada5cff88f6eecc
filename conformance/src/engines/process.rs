//! A child process with bounds: waiting for it and reading its output are limited, and it leaves no
//! children behind, as it leads a process group that is killed as a whole.

use super::cleanup;
use crate::engine::StartError;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::fmt;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long to wait for the pipes before looking at the process itself: it may have exited while a
/// child of its own still holds the pipes.
const POLL_TIME: Duration = Duration::from_millis(50);

/// The most bytes of standard error that are kept: enough for a sanitizer's report.
const MAX_STDERR: usize = 1 << 16;

/// A command, split into words as a shell does, but without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    text: String,
    words: Vec<String>,
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl CommandLine {
    /// The placeholder for the program's file.
    pub const FILE: &'static str = "{file}";

    /// Splits a command into words as a shell does, quotes and backslashes included. Variables, pipes
    /// and the like have no meaning.
    ///
    /// # Errors
    ///
    /// Returns an error if the command is empty or a quote is not closed.
    ///
    /// ```
    /// use conformance::engines::process::CommandLine;
    /// assert!(CommandLine::parse("python3 'my vm.py' {file}").is_ok());
    /// assert!(CommandLine::parse("'unclosed").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<CommandLine, StartError> {
        let words = shell_words::split(text).map_err(|_| {
            StartError::new(
                format!("a quote is not closed in the command: {text}"),
                "close the quote, or put a backslash before it",
            )
        })?;
        match words.first() {
            Some(program) if !program.is_empty() => Ok(CommandLine {
                text: text.to_owned(),
                words,
            }),
            _ => Err(StartError::new(
                "the command is empty",
                "name a program to start, as in --vm './my-vm {file}'",
            )),
        }
    }

    /// Returns true if the command contains `{file}`.
    pub fn takes_file(&self) -> bool {
        self.words[1..]
            .iter()
            .any(|word| word.contains(CommandLine::FILE))
    }

    /// Returns the command, ready to start, with `file` in place of every `{file}`.
    fn command(&self, file: Option<&str>) -> Command {
        let mut command = Command::new(&self.words[0]);
        for word in &self.words[1..] {
            match file {
                Some(file) => command.arg(word.replace(CommandLine::FILE, file)),
                None => command.arg(word),
            };
        }
        command
    }

    /// Explains why the operating system did not start the command.
    fn explain(&self, error: &io::Error) -> StartError {
        let program = &self.words[0];
        let help = match error.kind() {
            io::ErrorKind::NotFound if program.contains('/') => {
                let script = PathBuf::from(program).is_file();
                match script {
                    true => "the interpreter that its first line names is missing".to_owned(),
                    false => "check the path; it is taken from the current directory".to_owned(),
                }
            }
            io::ErrorKind::NotFound if PathBuf::from(program).is_file() => {
                format!("a file of that name is here; did you mean './{program}'?")
            }
            io::ErrorKind::NotFound => {
                "no such program is in PATH; check its name or give its path".to_owned()
            }
            io::ErrorKind::PermissionDenied => {
                format!("make it executable: chmod +x {program}")
            }
            _ if error.raw_os_error() == Some(8) => {
                "it is not a program; does a script's first line begin with '#!'?".to_owned()
            }
            _ => "see if it starts by hand".to_owned(),
        };
        let why = error.to_string();
        let why = why.split(" (os error").next().unwrap_or(&why);
        StartError::new(format!("cannot start '{program}': {why}"), help)
    }
}

/// What a process and each of its children may use. The operating system stops those that use more.
#[derive(Clone, Copy, Debug, Default)]
pub struct Caps {
    /// Bytes of writable memory of each process. Memory that is only reserved, as many virtual
    /// machines do, does not count.
    pub memory: Option<u64>,
    /// Seconds of processor time of each process.
    pub processor_seconds: Option<u64>,
}

impl Caps {
    /// Sets the caps of a process that has just started.
    #[cfg(target_os = "linux")]
    fn set(self, pid: Pid) {
        use rustix::process::{Resource, Rlimit, prlimit};
        let caps = [
            (Resource::Data, self.memory),
            (Resource::Cpu, self.processor_seconds),
            // A crash is reported in words; no memory is dumped to the disk.
            (Resource::Core, Some(0)),
        ];
        for (resource, most) in caps {
            let limit = Rlimit {
                current: most,
                maximum: most,
            };
            if most.is_some() {
                // It may be over already, or have set a lower one.
                let _ = prlimit(Some(pid), resource, limit);
            }
        }
    }

    /// Does nothing: on other systems, caps cannot be set from outside. Time and output are limited
    /// anyway.
    #[cfg(not(target_os = "linux"))]
    fn set(self, _pid: Pid) {}
}

/// A running child process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    group: Pid,
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    /// What it printed and has not been consumed yet.
    pub output: Vec<u8>,
    stderr_tail: Vec<u8>,
    reaped: bool,
}

/// Why [`Process::pump`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pumped {
    /// The output contains what was waited for.
    Enough,
    /// The output has ended.
    Ended,
    /// The deadline has passed.
    Late,
    /// The output is longer than allowed.
    Flooded,
}

impl Process {
    /// Starts a command. With a `file`, its standard input is empty; without one, it is a pipe.
    ///
    /// # Errors
    ///
    /// Returns an error if the command cannot be started.
    pub fn start(
        line: &CommandLine,
        file: Option<&str>,
        caps: Caps,
    ) -> Result<Process, StartError> {
        let mut command = line.command(file);
        command
            .process_group(0)
            .stdin(match file {
                Some(_) => Stdio::null(),
                None => Stdio::piped(),
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut left = cleanup::left();
        let mut child = command.spawn().map_err(|error| line.explain(&error))?;
        let group = Pid::from_child(&child);
        left.groups.push(group);
        drop(left);
        caps.set(group);
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let process = Process {
            group,
            child,
            stdin,
            stdout,
            stderr,
            output: Vec::new(),
            stderr_tail: Vec::new(),
            reaped: false,
        };
        process.unblock().map_err(|error| {
            StartError::new(
                format!("cannot talk to '{}': {error}", line.words[0]),
                "try again",
            )
        })?;
        Ok(process)
    }

    /// Makes reading and writing the pipes non-blocking.
    fn unblock(&self) -> io::Result<()> {
        let fds: [Option<BorrowedFd<'_>>; 3] = [
            self.stdin.as_ref().map(AsFd::as_fd),
            self.stdout.as_ref().map(AsFd::as_fd),
            self.stderr.as_ref().map(AsFd::as_fd),
        ];
        for fd in fds.into_iter().flatten() {
            rustix::io::ioctl_fionbio(fd, true)?;
        }
        Ok(())
    }

    /// Writes `input` and collects output, until a byte of the output satisfies `enough`, the output
    /// ends or exceeds `max_bytes`, or the deadline passes.
    pub fn pump(
        &mut self,
        mut input: &[u8],
        deadline: Instant,
        max_bytes: usize,
        enough: impl Fn(u8) -> bool,
    ) -> Pumped {
        let mut seen = 0;
        loop {
            if self.output[seen..].iter().any(|&byte| enough(byte)) {
                return Pumped::Enough;
            }
            seen = self.output.len();
            if seen > max_bytes {
                return Pumped::Flooded;
            }
            if self.stdout.is_none() {
                return Pumped::Ended;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Pumped::Late;
            }
            // Its children must not go on printing; what was printed can still be read.
            let gone = self.has_exited();
            if gone {
                let _ = kill_process_group(self.group, Signal::KILL);
            }
            let time = if gone {
                Duration::ZERO
            } else {
                left.min(POLL_TIME)
            };
            let moved = self.step(&mut input, time);
            if gone && !moved {
                return Pumped::Ended;
            }
        }
    }

    /// Waits until a pipe is ready, and reads or writes it. Returns false if none was ready in `time`.
    fn step(&mut self, input: &mut &[u8], time: Duration) -> bool {
        let ready = match self.poll(!input.is_empty(), time) {
            Ok(ready) => ready,
            Err(_) => return false,
        };
        let [to_write, to_read, complaint] = ready;
        if to_write && let Some(stdin) = &mut self.stdin {
            match stdin.write(input) {
                Ok(written) => *input = &input[written..],
                Err(error) if is_passing(&error) => {}
                // The process no longer reads its input, but may still write.
                Err(_) => {
                    *input = &[];
                    self.stdin = None;
                }
            }
        }
        if to_read
            && let Some(stdout) = &mut self.stdout
            && !read_some(stdout, &mut self.output)
        {
            self.stdout = None;
        }
        if complaint && let Some(stderr) = &mut self.stderr {
            let open = read_some(stderr, &mut self.stderr_tail);
            let surplus = self.stderr_tail.len().saturating_sub(MAX_STDERR);
            self.stderr_tail.drain(..surplus);
            if !open {
                self.stderr = None;
            }
        }
        to_write || to_read || complaint
    }

    /// Returns which of the pipes (input if there is any to write, output, errors) are ready.
    fn poll(&self, writing: bool, time: Duration) -> io::Result<[bool; 3]> {
        let mut fds = Vec::with_capacity(3);
        let stdin = self.stdin.as_ref().filter(|_| writing);
        fds.extend(stdin.map(|fd| PollFd::new(fd, PollFlags::OUT)));
        fds.extend(
            self.stdout
                .as_ref()
                .map(|fd| PollFd::new(fd, PollFlags::IN)),
        );
        fds.extend(
            self.stderr
                .as_ref()
                .map(|fd| PollFd::new(fd, PollFlags::IN)),
        );
        let time = Timespec {
            tv_sec: time.as_secs() as i64,
            tv_nsec: i64::from(time.subsec_nanos()),
        };
        match poll(&mut fds, Some(&time)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        let present = [
            stdin.is_some(),
            self.stdout.is_some(),
            self.stderr.is_some(),
        ];
        Ok(present.map(|present| present && ready.next().unwrap_or(false)))
    }

    /// Returns true if the process itself has exited. It is not reaped here, so that the number of its
    /// group is not used again.
    fn has_exited(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        self.reaped || !matches!(waitid(WaitId::Pid(self.group), options), Ok(None))
    }

    /// Waits for the process to exit after its output has ended; returns `None` if it has not exited by
    /// the deadline. Its group is killed in either case.
    pub fn finish(&mut self, deadline: Instant) -> Option<ExitStatus> {
        let mut pause = Duration::from_micros(50);
        while !self.has_exited() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                self.kill();
                return None;
            }
            match self.stderr {
                Some(_) => _ = self.step(&mut &[][..], pause.min(left)),
                None => std::thread::sleep(pause.min(left)),
            }
            pause = (pause * 2).min(Duration::from_millis(10));
        }
        let status = self.kill();
        while self.stderr.is_some() && self.step(&mut &[][..], Duration::ZERO) {}
        status
    }

    /// Kills the whole group.
    fn kill(&mut self) -> Option<ExitStatus> {
        if self.reaped {
            return None;
        }
        // An error means that no process of the group is left.
        let _ = kill_process_group(self.group, Signal::KILL);
        self.reaped = true;
        // From here on, the number may be used again.
        cleanup::left().groups.retain(|&group| group != self.group);
        self.child.wait().ok()
    }

    /// Returns the end of what it wrote to its standard error, as far as that was read.
    pub fn errors(&self) -> &[u8] {
        &self.stderr_tail
    }

    /// Returns what it wrote to its standard error for a report: if that is long, the first and the
    /// last lines of what was kept.
    pub fn stderr_excerpt(&self) -> String {
        const FIRST: usize = 6;
        const LAST: usize = 6;
        const LENGTH: usize = 200;
        let text = String::from_utf8_lossy(&self.stderr_tail);
        let cut = |line: &str| line.chars().take(LENGTH).collect::<String>();
        let mut lines: Vec<String> = text.trim_end().lines().map(cut).collect();
        if lines.len() > FIRST + LAST {
            let surplus = FIRST..lines.len() - LAST;
            lines.splice(surplus, ["…".to_owned()]);
        }
        lines.join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Reads what is available; returns false at the end.
fn read_some(from: &mut impl Read, into: &mut Vec<u8>) -> bool {
    let mut chunk = [0; 1 << 16];
    match from.read(&mut chunk) {
        Ok(0) => false,
        Ok(length) => {
            into.extend_from_slice(&chunk[..length]);
            true
        }
        Err(error) => is_passing(&error),
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

/// Describes the exit status of a process that failed.
pub fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(127), _) => "exit status 127 (in a shell: command not found)".to_owned(),
        (Some(126), _) => "exit status 126 (in a shell: not executable)".to_owned(),
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => match signal_name(signal) {
            Some(name) => format!("killed by signal {signal} ({name})"),
            None => format!("killed by signal {signal}"),
        },
        (None, None) => "ended in a way unknown".to_owned(),
    }
}

fn signal_name(signal: i32) -> Option<&'static str> {
    const NAMED: [(Signal, &str); 9] = [
        (Signal::SEGV, "segmentation fault"),
        (Signal::ABORT, "abort"),
        (Signal::BUS, "bus error"),
        (Signal::ILL, "illegal instruction"),
        (Signal::FPE, "arithmetic error"),
        (Signal::KILL, "kill"),
        (Signal::TERM, "termination"),
        (Signal::PIPE, "broken pipe"),
        (Signal::TRAP, "trap"),
    ];
    NAMED
        .iter()
        .find(|(named, _)| named.as_raw() == signal)
        .map(|&(_, name)| name)
}
