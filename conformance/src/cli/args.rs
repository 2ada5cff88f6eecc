//! The command line.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use conformance::campaign::Shard;
use conformance::machine::Machine;
use std::path::PathBuf;
use std::time::Duration;
use vm::base::Limits;

/// Run stack-machine bytecode, and test VMs against their specification
#[derive(Debug, Parser)]
#[command(
    name = "mmm",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "\
Without a command, mmm runs the conformance corpus and a short fuzzing campaign
on its own machines.

Examples:
  mmm run hello.mmm                          run a program
  mmm check src/*.mmm                        find mistakes without running
  mmm conform --vm './my-vm {file}'          test another VM
  mmm conform --vm-serve './my-vm --serve'   the same, in one process

Exit status: 0 success; 1 the program faulted, or a check failed; 2 bad usage or
unusable input."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) reports: Reports,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(Run),
    Check(Check),
    Dis(Dis),
    Asm(Asm),
    Macro(Macro),
    Conform(Conform),
    Fuzz(Fuzz),
    Merge(Merge),
    Coverage(Coverage),
    Gen(Gen),
    Reduce(Reduce),
    Teeth(Teeth),
    /// Run programs on request: JSON lines on stdin and stdout
    #[command(after_long_help = "\
Reads one request per line from stdin and writes one answer per line to stdout.
A request (here on two lines) and its answer:
  {\"id\": 1, \"machine\": \"mmm\", \"entry\": \"main.mmm\",
   \"files\": {\"main.mmm\": \"function main\\nend\\n\"}}
  {\"id\":1,\"output\":\"\",\"ending\":\"returned\",\"value\":null,\"fault\":null,\"at\":null}

Binary files go into \"files_base64\". \"limits\" may hold fuel, call_depth,
output_bytes and heap_bytes. The entry's folder is the root. \"trace\": 10 also
returns the first ten steps. {\"id\": 2, \"hello\": 1} returns the version and the
capabilities. The answer to a malformed request is {\"id\", \"error\"}. The server
exits at the end of its input. conformance/spec/protocol.md describes the whole
protocol.

Examples:
  mmm serve < requests.jsonl > answers.jsonl
  mmm conform --vm-serve 'mmm serve'")]
    Serve,
    /// Print a completion script for a shell
    #[command(after_long_help = "\
Examples:
  mmm completions bash > ~/.local/share/bash-completion/completions/mmm
  mmm completions fish > ~/.config/fish/completions/mmm.fish
  mmm completions zsh > ~/.zfunc/_mmm")]
    Completions {
        /// The shell to complete in
        shell: Shell,
    },
}

/// Run a program
#[derive(Debug, Args)]
#[command(after_long_help = "\
The program's output goes to stdout, everything else to stderr. A `breakpoint`
instruction opens a debugger, which reads commands from stdin.

Examples:
  mmm run hello.mmm
  mmm run --root . app/main.mmm              /lib/x.mmm#f is ./lib/x.mmm
  mmm run --fuel 1_000_000 loop.mmm          stop after a million instructions
  mmm run --json hello.mmm | jq .ending      one JSON object, for tools
  mmm run --packed fuzz/artifacts/loader/crash-1234   an input of a fuzz target

  mmm run app.pyc -- one two                 a Python program and its arguments

Exit status: 0 the program returned; 1 a fault or a limit ended it; 2 it could
not be loaded. A Python program that ends has its own.")]
pub(crate) struct Run {
    /// The program's file
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The root folder of the program's files [default: the file's own folder]
    ///
    /// Paths that begin with / start there. No file outside of it is opened.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) root: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    /// Print one JSON object instead of the output
    ///
    /// Its fields are output, ending, value, fault and at. The debugger does not open.
    #[arg(long)]
    pub(crate) json: bool,
    /// Report how many instructions ran
    #[arg(long)]
    pub(crate) steps: bool,
    /// Read several files from this one, each after a line `#! file NAME`
    ///
    /// `mmm gen` prints programs in this form, and fuzz targets read it.
    #[arg(long, conflicts_with = "root")]
    pub(crate) packed: bool,
    #[command(flatten)]
    pub(crate) kind: Kind,
    /// The arguments of a Python program, after --
    #[arg(last = true, value_name = "ARGUMENT")]
    pub(crate) arguments: Vec<String>,
}

/// The kind of a program's file.
#[derive(Debug, Args)]
pub(crate) struct Kind {
    /// The machine [default: by the file's content or its extension]
    #[arg(long, value_name = "NAME", value_parser = machine())]
    pub(crate) machine: Option<Machine>,
    /// Reject the project's extensions of the file format (sc)
    #[arg(long)]
    pub(crate) strict: bool,
}

/// The limits of a run.
#[derive(Debug, Args)]
pub(crate) struct LimitArgs {
    /// Execute at most N instructions [default: no limit]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    fuel: Option<u64>,
    /// Nest calls at most N deep [default: 100_000]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    max_depth: Option<u64>,
    /// Print at most this many bytes [default: no limit]
    #[arg(long, value_name = "BYTES", value_parser = number, allow_negative_numbers = true)]
    max_output: Option<u64>,
    /// Use at most this much memory for values and calls [default: 1_073_741_824]
    #[arg(long, value_name = "BYTES", value_parser = number, allow_negative_numbers = true)]
    max_memory: Option<u64>,
    /// Read at most this many bytes, all files together [default: 268_435_456]
    #[arg(long, value_name = "BYTES", value_parser = number, allow_negative_numbers = true)]
    max_source: Option<u64>,
    /// Read at most N files [default: 10_000]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    max_files: Option<u64>,
}

impl LimitArgs {
    /// Returns the limits that the flags set; the defaults of the command line for the others.
    pub(crate) fn limits(&self) -> Limits {
        let own = Limits::default();
        Limits {
            fuel: self.fuel.or(own.fuel),
            call_depth: self.max_depth.unwrap_or(own.call_depth),
            output_bytes: self.max_output.or(own.output_bytes),
            heap_bytes: self.max_memory.unwrap_or(own.heap_bytes),
            source_bytes: self.max_source.unwrap_or(own.source_bytes),
            files: self.max_files.unwrap_or(own.files),
        }
    }
}

/// Find mistakes in programs without running them
#[derive(Debug, Args)]
#[command(after_long_help = "\
Reports what keeps a program from loading, and what would end it with a fault:
malformed literals, calls of files or functions that do not exist.

Examples:
  mmm check hello.mmm
  mmm check --json src/*.mmm                 one JSON object per file

Exit status: 0 no findings; 1 a program would fault; 2 a file does not load.")]
pub(crate) struct Check {
    /// The programs' files
    #[arg(required = true, value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// The root folder of the programs' files [default: each file's own folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) root: Option<PathBuf>,
    /// Print one JSON object per file
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) kind: Kind,
}

/// Print a program's canonical text
#[derive(Debug, Args)]
#[command(after_long_help = "\
Prints the loaded program as text: the entry file, then each file that it calls
after a line with its name.

Examples:
  mmm dis program.sc
  mmm dis messy.mmm -o tidy.mmm
  mmm dis module.pyc --object Class.method   one code object of a file
  mmm dis --verify __pycache__ lib           check that assembling restores them
  mmm dis --like-python module.pyc           as CPython's own dis prints it
  mmm dis --json module.pyc | jq .header     the whole file as JSON")]
pub(crate) struct Dis {
    /// The program's file
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Write to a file instead of stdout
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Print only the code object of this qualified name (.pyc)
    #[arg(long, value_name = "NAME", conflicts_with_all = ["like_python", "json"])]
    pub(crate) object: Option<String>,
    /// Check that disassembling and assembling restores every byte of files and folders (.pyc)
    #[arg(long, conflicts_with_all = ["output", "object", "like_python", "json"])]
    pub(crate) verify: bool,
    /// More files and folders to verify
    #[arg(value_name = "PATH", requires = "verify", value_hint = ValueHint::AnyPath)]
    pub(crate) more: Vec<PathBuf>,
    /// Print the same as the dis module of CPython 3.9 (.pyc)
    ///
    /// Sets are in the order of PYTHONHASHSEED=0. Code objects have numbers instead of addresses.
    #[arg(long, conflicts_with_all = ["json", "machine", "strict"])]
    like_python: bool,
    /// Print one JSON object: header, code objects, instructions (.pyc)
    #[arg(long, conflicts_with_all = ["machine", "strict"])]
    json: bool,
    #[command(flatten)]
    pub(crate) kind: Kind,
}

/// The form of a listing that does not assemble again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The output of CPython's own `dis`.
    LikePython,
    /// One JSON object.
    Json,
}

impl Dis {
    /// Returns the form of the listing; `None` for the text that assembles again.
    pub(crate) fn form(&self) -> Option<Form> {
        match (self.like_python, self.json) {
            (true, _) => Some(Form::LikePython),
            (_, true) => Some(Form::Json),
            (false, false) => None,
        }
    }
}

/// Assemble a program's text into its binary form
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mmm asm program.sca -o program.sc
  mmm asm module.cpyasm -o module.pyc     then python3.9 module.pyc")]
pub(crate) struct Asm {
    /// The text file to assemble
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The binary file to write
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) kind: Kind,
}

/// Transform Python bytecode with a macro
#[derive(Debug, Args)]
#[command(after_long_help = "\
Reads a .pyc or .cpyasm file, changes its instructions, and writes the result to
the file of -o: as text if its name ends in .cpyasm, else as bytecode.

Examples:
  mmm macro --list                           list the macros
  mmm macro goto                             describe one, with an example
  mmm macro goto app.pyc -o jumps.pyc
  mmm macro const app.pyc -o fast.pyc --set DEBUG=False --set LIMIT=100
  mmm macro param app.pyc -o app2.pyc --function area --set scale=1
  mmm macro unused app.pyc                   labels and names that nothing uses")]
pub(crate) struct Macro {
    /// The name of the macro
    #[arg(required_unless_present = "list")]
    pub(crate) name: Option<String>,
    /// The file to change
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    /// The file to write
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Change only code objects with this label or name
    #[arg(long, value_name = "NAME")]
    pub(crate) function: Option<String>,
    /// A name for the macro to act on, and its value, a Python literal; may be repeated
    #[arg(long, value_name = "NAME[=VALUE]", value_parser = setting)]
    pub(crate) set: Vec<(String, Option<String>)>,
    /// List the macros
    #[arg(long)]
    pub(crate) list: bool,
}

/// Parses a name, and a value after `=` if there is one.
fn setting(text: &str) -> Result<(String, Option<String>), String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim().to_owned())),
        None => (text.trim(), None),
    };
    match name.is_empty() {
        true => Err("a name is missing before '='".into()),
        false => Ok((name.to_owned(), value)),
    }
}

/// Run the conformance corpus on our machines or on other VMs
#[derive(Debug, Args)]
#[command(after_long_help = "\
--vm runs COMMAND once for each case, with the program's file in place of {file}.
Exit status 0 means that the program returned, any other that it faulted or was
refused; stdout is compared byte for byte. --vm-serve starts COMMAND once and
sends it requests as JSON lines (see mmm serve --help); endings, faults, values
and positions are compared too. COMMAND is split into words as a shell would,
but no shell runs. Declare what a VM does not support in mmm.toml; such cases are
reported as not compared:

  [engine.mine]
  serve = './my-vm --serve'       # or: command = './my-vm {file}'
  machine = 'mmm'
  limits = ['fuel']               # it enforces only this limit
  skip = ['call/*']
  expected_failures = ['ret/two']

Examples:
  mmm conform                                our own machines
  mmm conform --vm './my-vm {file}'          a process for each program
  mmm conform --vm-serve './my-vm --serve'   one process for all programs
  mmm conform --engine mine                  an engine of mmm.toml
  mmm conform --engine mine --vm './other {file}' --html both.html
                                             two VMs side by side
  mmm conform --clause mmm.ret --fail-fast --vm './my-vm {file}'
  mmm conform --machine mmm --filter printn --vm 'python3 vm.py {file}'

Exit status: 0 everything that was compared agrees; 1 something differs, or
nothing could be compared; 2 the VM does not start.")]
pub(crate) struct Conform {
    /// Run only the cases of this machine
    #[arg(long, value_name = "NAME", value_parser = machine())]
    pub(crate) machine: Option<Machine>,
    #[command(flatten)]
    pub(crate) vms: Vms,
    /// Run only cases whose name (machine/topic/name) contains TEXT
    ///
    /// If TEXT contains a *, it is a pattern for the whole name, and * matches anything: 'ret/*'.
    /// The machine may be left out.
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Run only cases that show this clause or group of clauses; may be repeated
    ///
    /// mmm.ret.1 is one clause, mmm.ret are all clauses about `ret`.
    #[arg(long, value_name = "ID")]
    pub(crate) clause: Vec<String>,
    /// Run N cases at a time [default: the number of processors]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Stop after the first case that fails
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// Run the cases in this folder instead of the embedded corpus
    ///
    /// Recorded outcomes are found by the names of the cases.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) corpus: Option<PathBuf>,
    /// Write the programs that differ into a folder, to run them by hand
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) save: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reports: Reports,
}

/// Reports in addition to the text on the terminal.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reports")]
pub(crate) struct Reports {
    /// Write a JSON report to FILE [default: stdout]
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", value_hint = ValueHint::FilePath)]
    pub(crate) json: Option<PathBuf>,
    /// Write a JUnit XML report, for CI servers, to FILE [default: stdout]
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", value_hint = ValueHint::FilePath)]
    pub(crate) junit: Option<PathBuf>,
    /// Write an HTML report, one page without external resources, to FILE [default: stdout]
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", value_hint = ValueHint::FilePath)]
    pub(crate) html: Option<PathBuf>,
}

/// The VM to test; our own machines if no flag names one.
#[derive(Clone, Debug, Args)]
#[command(group = clap::ArgGroup::new("by_name").multiple(true))]
pub(crate) struct Vm {
    /// The command of a VM that runs one program, {file}, and exits
    #[arg(long, value_name = "COMMAND", value_hint = ValueHint::CommandString)]
    pub(crate) vm: Option<String>,
    /// The command of a VM that speaks the line protocol on stdin and stdout
    #[arg(long, value_name = "COMMAND", conflicts_with = "vm", value_hint = ValueHint::CommandString)]
    pub(crate) vm_serve: Option<String>,
    /// The name of a VM in mmm.toml
    #[arg(long, value_name = "NAME", group = "by_name", conflicts_with_all = ["vm", "vm_serve"])]
    pub(crate) engine: Option<String>,
    /// The file that describes VMs [default: mmm.toml in the current folder]
    #[arg(long, value_name = "FILE", requires = "by_name", value_hint = ValueHint::FilePath)]
    pub(crate) engines: Option<PathBuf>,
    /// Stop a VM that takes longer for one program [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,
    /// Limit the memory of a VM's process, in MiB [default: 4096]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1 << 24))]
    pub(crate) memory: Option<u64>,
}

/// Run random programs and report where engines disagree
#[derive(Debug, Args)]
#[command(after_long_help = "\
Compares our machine and every VM that is named with the reference evaluator. If
three or more engines run, the report says which one is alone. A program on which
they disagree is reduced and saved as a case for the corpus, with the result of
each engine. Disagreements of the same kind, at the same instruction and clause,
are one finding. Once there is a finding, the last fifth of the time, at most one
minute, is reserved for reduction.

py has no reference evaluator yet, so name at least two engines. The first
--engine (otherwise the first VM) is the oracle, and findings are grouped by
their visible difference only.

A seed gives the same programs on every computer. An interrupt (Ctrl-C) ends the
campaign with its report; --resume continues it. The parts of a campaign
(--shard) can run anywhere, each with its own folder; `mmm merge` combines their
findings.

Examples:
  mmm fuzz --machine mmm                     for a minute
  mmm fuzz --machine mmm --runs 1_000_000 --seed 7
  mmm fuzz --machine mmm --vm-serve './my-vm --serve' --vm './other {file}'
  mmm fuzz --machine py --engine cpython --vm './my-vm {file}'
  mmm fuzz --resume findings                 continue after an interrupt
  mmm fuzz --machine mmm --seed 7 --runs 1_000_000 --shard 1/4 --findings out/1

Exit status: 0 no disagreements; 1 disagreements found (the report names the
folder); 2 the campaign could not run.")]
pub(crate) struct Fuzz {
    /// The machine [default: each in turn]
    #[arg(long, value_name = "NAME", value_parser = machine())]
    pub(crate) machine: Option<Machine>,
    /// Run for this long [default: 60, without --runs]
    #[arg(long, value_name = "N", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) seconds: Option<Duration>,
    /// Run N programs
    #[arg(long, value_name = "N", conflicts_with = "seconds", value_parser = number, allow_negative_numbers = true)]
    pub(crate) runs: Option<u64>,
    /// The seed of the programs [default: a new one each time]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,
    /// Run N programs at a time [default: the number of processors]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Run only part I of N of the programs
    ///
    /// The parts are 1/4, 2/4, 3/4 and 4/4; 0/4 is the same as 4/4.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(crate) shard: Option<Shard>,
    /// Run only programs that end in this fault or limit, or in: return, refused, wild
    #[arg(long, value_name = "ENDING")]
    pub(crate) aim: Option<String>,
    /// Check damaged binary files instead: what loads must survive a round trip (sc)
    #[arg(long, conflicts_with_all = ["aim", "vm", "vm_serve", "engine", "without_ours"])]
    pub(crate) mutated: bool,
    /// End the campaign at N different findings
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) max_findings: u16,
    /// The folder for the findings and the state of the campaign
    #[arg(long, value_name = "DIR", default_value = "findings", value_hint = ValueHint::DirPath)]
    pub(crate) findings: PathBuf,
    /// Continue the campaign in this folder
    ///
    /// If there is none, --machine and --seed begin one there.
    #[arg(long, value_name = "DIR", conflicts_with = "findings", value_hint = ValueHint::DirPath)]
    pub(crate) resume: Option<PathBuf>,
    /// Also print histograms of the programs: instructions, endings, faults
    #[arg(long)]
    pub(crate) histograms: bool,
    #[command(flatten)]
    pub(crate) engines: Engines,
    #[command(flatten)]
    pub(crate) reports: Reports,
}

/// The engines of a campaign besides the reference evaluator.
#[derive(Clone, Debug, Args)]
pub(crate) struct Engines {
    #[command(flatten)]
    pub(crate) vms: Vms,
    /// Do not run our own machine
    #[arg(long)]
    pub(crate) without_ours: bool,
}

/// The VMs to test.
#[derive(Clone, Debug, Args)]
pub(crate) struct Vms {
    /// The command of a VM that runs one program, {file}, and exits; may be repeated
    #[arg(long, value_name = "COMMAND", value_hint = ValueHint::CommandString)]
    pub(crate) vm: Vec<String>,
    /// The command of a VM that speaks the line protocol on stdin and stdout; may be repeated
    #[arg(long, value_name = "COMMAND", value_hint = ValueHint::CommandString)]
    pub(crate) vm_serve: Vec<String>,
    /// The name of a VM in mmm.toml; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) engine: Vec<String>,
    /// The file that describes VMs [default: mmm.toml in the current folder]
    #[arg(long, value_name = "FILE", requires = "engine", value_hint = ValueHint::FilePath)]
    pub(crate) engines: Option<PathBuf>,
    /// Stop a VM that takes longer for one program [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,
    /// Limit the memory of a VM's process, in MiB [default: 4096]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1 << 24))]
    pub(crate) memory: Option<u64>,
}

impl Vms {
    /// Returns each VM with the settings that all share.
    pub(crate) fn each(&self) -> Vec<Vm> {
        let named = self.engine.iter().map(|name| Vm {
            engine: Some(name.clone()),
            engines: self.engines.clone(),
            ..self.ours()
        });
        let one_shot = self.vm.iter().map(|command| Vm {
            vm: Some(command.clone()),
            ..self.ours()
        });
        let serving = self.vm_serve.iter().map(|command| Vm {
            vm_serve: Some(command.clone()),
            ..self.ours()
        });
        one_shot.chain(serving).chain(named).collect()
    }

    /// Returns the shared settings without a VM, which means our own machines.
    pub(crate) fn ours(&self) -> Vm {
        Vm {
            vm: None,
            vm_serve: None,
            engine: None,
            engines: None,
            timeout: self.timeout,
            memory: self.memory,
        }
    }
}

/// Merge the parts of a campaign
#[derive(Debug, Args)]
#[command(after_long_help = "\
Takes the folders that `mmm fuzz --shard I/N --findings DIR` wrote. Adds their
counts, and keeps the smallest program of each finding. Folders with different
seeds, machines, versions or engines cannot be merged.

Examples:
  mmm merge out/1 out/2 out/3 out/4 -o findings
  mmm merge out/* -o findings

Exit status: 0 no disagreements; 1 disagreements found; 2 the folders cannot be
merged.")]
pub(crate) struct Merge {
    /// The folders of the parts
    #[arg(required = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) folders: Vec<PathBuf>,
    /// The folder to write the merged campaign to
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) output: PathBuf,
    /// Also print histograms of the programs: instructions, endings, faults
    #[arg(long)]
    pub(crate) histograms: bool,
}

/// Measure how much of the specifications the corpus and generated programs cover
#[derive(Debug, Args)]
#[command(after_long_help = "\
A clause is seen to hold, to be violated (the program is refused or faults), or
at the boundary of what it allows. The headers of cases claim this; the reference
evaluator reports which clauses it applied, on cases and on generated programs.

The recorded minimum is conformance/coverage-floor.txt. The report lists what was
reached before and is not reached any more.

Examples:
  mmm coverage
  mmm coverage --machine sc --histograms     with histograms of the programs
  mmm coverage --programs 0                  the corpus only
  mmm coverage --raise                       in a checkout: record new coverage

Exit status: 0 nothing is below the recorded minimum; 1 something is.")]
pub(crate) struct Coverage {
    /// The machine [default: each in turn]
    #[arg(long, value_name = "NAME", value_parser = machine())]
    pub(crate) machine: Option<Machine>,
    /// Generate N programs
    #[arg(long, value_name = "N", default_value_t = conformance::coverage::PROGRAMS, value_parser = number, allow_negative_numbers = true)]
    pub(crate) programs: u64,
    /// The seed of the programs
    #[arg(long, value_name = "N", default_value_t = conformance::coverage::SEED, value_parser = number, allow_negative_numbers = true)]
    pub(crate) seed: u64,
    /// Run N programs at a time [default: the number of processors]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Also print histograms of the programs: instructions, operands, endings, lengths
    #[arg(long)]
    pub(crate) histograms: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Add new coverage to the recorded minimum; nothing is ever removed from it
    #[arg(long)]
    pub(crate) raise: bool,
    /// The file of the recorded minimum [default: the embedded one]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) floor: Option<PathBuf>,
}

/// Generate a random program
#[derive(Debug, Args)]
#[command(after_long_help = "\
A seed and a number give the same program on every computer: the one that
mmm fuzz runs.

Examples:
  mmm gen --seed 7
  mmm gen --seed 7 --number 1234 -o found    write its files into the folder found
  mmm gen --aim divide-by-zero               a program that ends in this fault
  mmm gen --machine py --aim KeyError        CPython 3.9 bytecode, as text")]
pub(crate) struct Gen {
    /// The machine
    #[arg(long, value_name = "NAME", default_value = "mmm", value_parser = machine())]
    pub(crate) machine: Machine,
    /// The seed [default: a new one each time]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,
    /// The number of the program
    #[arg(long, value_name = "N", default_value = "0", value_parser = number, allow_negative_numbers = true)]
    pub(crate) number: u64,
    /// How the program ends: a fault or a limit, or return, refused or wild
    #[arg(long, value_name = "ENDING")]
    pub(crate) aim: Option<String>,
    /// Write the files into a folder instead of printing them
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) output: Option<PathBuf>,
}

/// Reduce a program while it stays interesting
#[derive(Debug, Args)]
#[command(after_long_help = "\
By default a program is interesting if our machine and the reference evaluator
disagree on it. With --vm, --vm-serve or --engine: if that VM and the reference
disagree (or that VM and --against). With --crash-of COMMAND: if COMMAND exits
with a non-zero status, is killed or hangs. With --interesting COMMAND: if
COMMAND exits with status 0. A smaller program must be interesting in the same
way: the same disagreement, the same signal or exit status, the same message of a
panic or sanitizer.

Removes files, functions, loops, blocks, instructions together with the code that
produces their operands, subexpressions and characters; for input that is not a
program: lines, words, characters and bytes. Lowers limits. Ends when nothing
more can be removed. The result does not depend on --jobs. An interrupt (Ctrl-C)
ends the reduction with the smallest program so far.

Examples:
  mmm reduce found/main.mmm -o small
  mmm reduce main.mmm --vm './my-vm {file}'
  mmm reduce main.sc --vm-serve './my-vm --serve' --seconds 60
  mmm reduce crash-1234 --packed --crash-of 'target/debug/loader {file}'
  mmm reduce crash-1234 --crash-of './decoder {file}' --timeout 2
  mmm reduce main.mmm --interesting 'grep -q bin_op'
  mmm reduce app.pyc --vm './my-vm {file}' --against 'python3.9 {file}'

A COMMAND of --interesting without {file} gets the file as its last argument.

Exit status: 0 the program was reduced; 2 it is not interesting, or not every
time.")]
pub(crate) struct Reduce {
    /// The program's file; the files that it calls are reduced too
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The root folder of the program's files [default: the file's own folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) root: Option<PathBuf>,
    /// Keep what makes this command fail, crash or hang; {file} is the program
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["vm", "vm_serve", "engine", "interesting"], value_hint = ValueHint::CommandString)]
    pub(crate) crash_of: Option<String>,
    /// Keep what makes this command exit with status 0; {file} is the program
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["vm", "vm_serve", "engine"], value_hint = ValueHint::CommandString)]
    pub(crate) interesting: Option<String>,
    /// Compare with this VM instead of the reference: a command with {file}, or a name in mmm.toml
    #[arg(long, value_name = "COMMAND|NAME", group = "by_name", conflicts_with_all = ["crash_of", "interesting"], value_hint = ValueHint::CommandString)]
    pub(crate) against: Option<String>,
    /// Read several files from this one, each after a line '#! file NAME'
    ///
    /// Fuzz targets read this form.
    #[arg(long, conflicts_with = "root")]
    pub(crate) packed: bool,
    /// Stop after this long [default: no limit]
    #[arg(long, value_name = "N", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) seconds: Option<Duration>,
    /// Run N candidates at a time [default: the number of processors; 1 with --interesting]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Try at most N smaller programs [default: no limit]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    pub(crate) tries: Option<u64>,
    #[command(flatten)]
    pub(crate) vm: Vm,
    /// Write the files into a folder instead of printing them
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) kind: Kind,
}

/// Mutation testing of the suite: does it detect known mistakes, and how soon?
#[derive(Debug, Args)]
#[command(after_long_help = "\
The reference evaluators can imitate about a hundred mistakes of implementers,
called quirks, each against one clause of the specification. For each quirk, the
table shows the first case of the corpus that detects it (and how many do), how
many programs and how long a campaign takes to find it, and how many instructions
the reduced program has.

Examples:
  mmm teeth                                  all quirks, a second each
  mmm teeth --seconds 0                      the corpus only
  mmm teeth --machine mmm --quirk int-wraps --seconds 10

Exit status: 0 the corpus detects every quirk; 1 it does not.")]
pub(crate) struct Teeth {
    /// The machine [default: each in turn]
    #[arg(long, value_name = "NAME", value_parser = machine())]
    pub(crate) machine: Option<Machine>,
    /// Test only this quirk, by its name in the table; may be repeated
    #[arg(long = "quirk", value_name = "NAME")]
    pub(crate) quirks: Vec<String>,
    /// Run a campaign of this length for each; 0 runs none
    #[arg(long, value_name = "N", default_value = "1", value_parser = seconds_or_none, allow_negative_numbers = true)]
    pub(crate) seconds: Duration,
    /// The seed of the programs
    #[arg(long, value_name = "N", default_value = "1", value_parser = number, allow_negative_numbers = true)]
    pub(crate) seed: u64,
    /// Run N programs at a time [default: the number of processors]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Print one JSON object per quirk
    #[arg(long)]
    pub(crate) json: bool,
}

/// Parses the name of a machine; clap suggests similar ones.
fn machine() -> impl TypedValueParser<Value = Machine> {
    let names = Machine::ALL.map(Machine::name);
    PossibleValuesParser::new(names).try_map(|name| {
        Machine::from_name(&name).ok_or_else(|| format!("there is no machine '{name}'"))
    })
}

/// Parses a whole number, with or without `_` between its digits.
fn number(text: &str) -> Result<u64, String> {
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("expected a whole number, such as 1000 or 1_000_000".to_owned());
    }
    digits
        .parse()
        .map_err(|_| format!("the largest number is {}", u64::MAX))
}

/// Parses one part of several: `1/4` to `4/4`. `0/4` to `3/4` name the same parts.
fn shard(text: &str) -> Result<Shard, String> {
    let read = |part: &str| part.parse::<u64>().ok();
    let parts = text.split_once('/');
    let parts = parts.and_then(|(index, count)| Some((read(index)?, read(count)?)));
    match parts {
        Some((index, count)) if count > 0 && index <= count => Ok(Shard {
            index: index % count,
            count,
        }),
        _ => Err("expected a part and the number of parts, such as 1/4".to_owned()),
    }
}

/// Parses a time in seconds, which may be 0.
fn seconds_or_none(text: &str) -> Result<Duration, String> {
    match text {
        "0" => Ok(Duration::ZERO),
        text => seconds(text),
    }
}

/// Parses a time in seconds, with or without a fraction.
fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|time| !time.is_zero() && time.as_secs() <= 86_400)
        .ok_or_else(|| "expected a time in seconds, such as 10 or 0.5, at most a day".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Cli, number};
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn numbers_may_have_underscores() {
        assert_eq!(number("1_000"), Ok(1000));
        assert!(number("-1").is_err());
        assert!(number("").is_err());
        assert!(number("18446744073709551616").is_err());
    }
}
