//! The command line.

use super::python::Form;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use conformance::campaign::Shard;
use conformance::machine::Machine;
use std::path::PathBuf;
use std::time::Duration;
use vm::base::Limits;

/// Runs stack-machine bytecode, and holds the VMs that do so to their specification.
#[derive(Debug, Parser)]
#[command(
    name = "mmm",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "\
Without a command, the conformance suite and a short campaign run on our own
machines.

Examples:
  mmm run hello.mmm                          run a program
  mmm check src/*.mmm                        find mistakes without running
  mmm conform --vm './my-vm {file}'          judge somebody else's VM
  mmm conform --vm-serve './my-vm --serve'   the same, in one process

Exit status: 0 fine; 1 the program faulted, or something was found;
2 bad usage or unusable input."
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
    /// Run programs for somebody else: requests on stdin, answers on stdout, a JSON object a line
    #[command(after_help = "\
A request (on one line) and its answer:
  {\"id\": 1, \"machine\": \"mmm\", \"entry\": \"main.mmm\",
   \"files\": {\"main.mmm\": \"function main\\nend\\n\"}}
  {\"id\":1,\"output\":\"\",\"ending\":\"returned\",\"value\":null,\"fault\":null,\"at\":null}

Binary files go into \"files_base64\". \"limits\" may hold fuel, call_depth,
output_bytes and heap_bytes. The entry's folder is the root.
\"trace\": 10 asks for the first ten steps, too. {\"id\": 2, \"hello\": 1} asks for
version and capabilities. A request that makes no sense is answered
{\"id\", \"error\"}; the end of input ends the service. The whole protocol is in
conformance/spec/protocol.md.

Examples:
  mmm serve < requests.jsonl > answers.jsonl
  mmm conform --vm-serve 'mmm serve'")]
    Serve,
    /// Print a script that completes mmm's commands in a shell
    #[command(after_help = "\
Examples:
  mmm completions bash > ~/.local/share/bash-completion/completions/mmm
  mmm completions fish > ~/.config/fish/completions/mmm.fish
  mmm completions zsh > ~/.zfunc/_mmm")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// Run a program
#[derive(Debug, Args)]
#[command(after_help = "\
What the program prints goes to stdout, everything else to stderr. A program
that comes to a `breakpoint` opens a debugger, which reads stdin.

Examples:
  mmm run hello.mmm
  mmm run --root . app/main.mmm              /lib/x.mmm#f is ./lib/x.mmm
  mmm run --fuel 1_000_000 loop.mmm          stop after a million instructions
  mmm run --json hello.mmm | jq .ending      one JSON object, for tools
  mmm run --packed fuzz/artifacts/loader/crash-1234   what a fuzz target found

Exit status: 0 it returned; 1 a fault or a limit ended it; 2 it was not loaded.")]
pub(crate) struct Run {
    /// The program's file
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The folder that paths beginning with / start at, and that no path leads out of [default:
    /// the file's own folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) root: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    /// Print one JSON object instead: output, ending, value, fault, at; no debugger
    #[arg(long)]
    pub(crate) json: bool,
    /// Say at the end how many instructions ran
    #[arg(long)]
    pub(crate) steps: bool,
    /// The file holds several, each behind a line `#! file NAME`, as `mmm gen` prints them and fuzz
    /// targets take them
    #[arg(long, conflicts_with = "root")]
    pub(crate) packed: bool,
    #[command(flatten)]
    pub(crate) kind: Kind,
}

/// What a file is, where the file does not say.
#[derive(Debug, Args)]
pub(crate) struct Kind {
    /// The machine, where neither the file's content nor its ending says
    #[arg(long, value_name = "NAME", value_parser = machine())]
    pub(crate) machine: Option<Machine>,
    /// Refuse extensions of the machine's format (sc has some)
    #[arg(long)]
    pub(crate) strict: bool,
}

/// What a program may use up.
#[derive(Debug, Args)]
pub(crate) struct LimitArgs {
    /// Most instructions to execute [default: no limit]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    fuel: Option<u64>,
    /// Deepest nesting of calls [default: 100_000]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    max_depth: Option<u64>,
    /// Most bytes to print [default: no limit]
    #[arg(long, value_name = "BYTES", value_parser = number, allow_negative_numbers = true)]
    max_output: Option<u64>,
    /// Most bytes of values and calls [default: 1_073_741_824]
    #[arg(long, value_name = "BYTES", value_parser = number, allow_negative_numbers = true)]
    max_memory: Option<u64>,
    /// Most bytes of source, all files together [default: 268_435_456]
    #[arg(long, value_name = "BYTES", value_parser = number, allow_negative_numbers = true)]
    max_source: Option<u64>,
    /// Most files to read [default: 10_000]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    max_files: Option<u64>,
}

impl LimitArgs {
    /// The limits that were asked for, over a person's own.
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
#[command(after_help = "\
Finds what keeps a program from loading, and what would stop it if it came
there: malformed literals, calls of files or functions that do not exist.

Examples:
  mmm check hello.mmm
  mmm check --json src/*.mmm                 one JSON object a file

Exit status: 0 nothing found; 1 something would stop a program; 2 a file does
not load.")]
pub(crate) struct Check {
    /// The programs' files
    #[arg(required = true, value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// The folder that paths beginning with / start at [default: each file's own folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) root: Option<PathBuf>,
    /// Print one JSON object a file
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) kind: Kind,
}

/// Print a program's canonical text
#[derive(Debug, Args)]
#[command(after_help = "\
Prints what was loaded: the entry file, then each file that it calls behind a
line with its name.

Examples:
  mmm dis program.sc
  mmm dis messy.mmm -o tidy.mmm
  mmm dis module.pyc --object Class.method   one code object of a file
  mmm dis --verify __pycache__ lib           assemble again and compare
  mmm dis --like-python module.pyc           as Python's own dis prints it
  mmm dis --json module.pyc | jq .header     everything that is in the file")]
pub(crate) struct Dis {
    /// The program's file
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Write to a file instead of stdout
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Of a .pyc: print one code object only, by its qualified name
    #[arg(long, value_name = "NAME", conflicts_with_all = ["like_python", "json"])]
    pub(crate) object: Option<String>,
    /// Take every .pyc in files and folders apart, assemble it again, and compare; print counts
    #[arg(long, conflicts_with_all = ["output", "object", "like_python", "json"])]
    pub(crate) verify: bool,
    /// More files and folders to verify
    #[arg(value_name = "PATH", requires = "verify", value_hint = ValueHint::AnyPath)]
    pub(crate) more: Vec<PathBuf>,
    /// Of a .pyc: print what python3.9's own dis does, sets in the order of PYTHONHASHSEED=0, the
    /// numbers of code objects in place of their addresses
    #[arg(long, conflicts_with_all = ["json", "machine", "strict"])]
    like_python: bool,
    /// Of a .pyc: print one JSON object, with header, code objects and instructions
    #[arg(long, conflicts_with_all = ["machine", "strict"])]
    json: bool,
    #[command(flatten)]
    pub(crate) kind: Kind,
}

impl Dis {
    /// Which listing it is to be, if not the text.
    pub(crate) fn form(&self) -> Option<Form> {
        match (self.like_python, self.json) {
            (true, _) => Some(Form::LikePython),
            (_, true) => Some(Form::Json),
            (false, false) => None,
        }
    }
}

/// Assemble a program's text to its binary form
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mmm asm program.sca -o program.sc
  mmm asm module.cpyasm -o module.pyc     then python3.9 module.pyc")]
pub(crate) struct Asm {
    /// The text
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The binary file to write
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) kind: Kind,
}

/// Change Python bytecode by a macro
#[derive(Debug, Args)]
#[command(after_help = "\
Takes a .pyc or .cpyasm file apart, changes its instructions, and puts it
together again; -o writes text if the name ends in .cpyasm, bytecode if not.

Examples:
  mmm macro --list                           the macros that there are
  mmm macro goto                             what one acts on, with an example
  mmm macro goto app.pyc -o jumps.pyc
  mmm macro const app.pyc -o fast.pyc --set DEBUG=False --set LIMIT=100
  mmm macro param app.pyc -o app2.pyc --function area --set scale=1
  mmm macro unused app.pyc                   labels and names that nothing uses")]
pub(crate) struct Macro {
    /// The macro
    #[arg(required_unless_present = "list")]
    pub(crate) name: Option<String>,
    /// The file to change
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    /// The changed file
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Change only the code objects of this label or name
    #[arg(long, value_name = "NAME")]
    pub(crate) function: Option<String>,
    /// A name that the macro is to act on, and the Python literal for it
    #[arg(long, value_name = "NAME[=VALUE]", value_parser = setting)]
    pub(crate) set: Vec<(String, Option<String>)>,
    /// Print the macros that there are
    #[arg(long)]
    pub(crate) list: bool,
}

/// A name, and a value behind `=` or none.
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

/// Run the conformance corpus, on our own machines or on somebody else's VM
#[derive(Debug, Args)]
#[command(after_help = "\
--vm starts COMMAND for each case, with the program's file in place of {file}.
Exit status 0 means that it returned, another that it faulted or was refused;
stdout is compared byte for byte. --vm-serve starts COMMAND once and speaks JSON
lines with it (see mmm serve --help); endings, faults, values and places are
compared too. COMMAND is split into words as a shell does, but without one.
What a VM cannot do is said once, in mmm.toml, and reported as not compared:

  [engine.mine]
  serve = './my-vm --serve'       # or: command = './my-vm {file}'
  machine = 'mmm'
  limits = ['fuel']               # of the limits it enforces only this
  skip = ['call/*']
  expected_failures = ['ret/two']

Examples:
  mmm conform                                our own machines
  mmm conform --vm './my-vm {file}'          a process for each program
  mmm conform --vm-serve './my-vm --serve'   one process for all
  mmm conform --engine mine                  as mmm.toml says
  mmm conform --engine mine --vm './other {file}' --html both.html
                                             several, beside each other
  mmm conform --clause mmm.ret --fail-fast --vm './my-vm {file}'
  mmm conform --machine mmm --filter printn --vm 'python3 vm.py {file}'

Exit status: 0 everything compared agrees; 1 something differs, or nothing could
be compared; 2 the VM does not start.")]
pub(crate) struct Conform {
    /// Only this machine's cases
    #[arg(long, value_name = "NAME", value_parser = machine())]
    pub(crate) machine: Option<Machine>,
    #[command(flatten)]
    pub(crate) vms: Vms,
    /// Only cases whose name (machine/topic/name) contains this, or is like this if there is a *
    /// in it, which stands for anything: 'ret/*'
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Only cases that show this clause of the specification, or one that begins so: mmm.ret.1,
    /// mmm.ret; may be given again
    #[arg(long, value_name = "ID")]
    pub(crate) clause: Vec<String>,
    /// How many cases run at a time [default: one a processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Stop after the first case that fails
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// A folder of cases to run instead of the corpus that is built in; recorded outcomes are
    /// looked up by the cases' names
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) corpus: Option<PathBuf>,
    /// Write the programs that differ into a folder, to be run by hand
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) save: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reports: Reports,
}

/// Reports besides the one for the terminal.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reports")]
pub(crate) struct Reports {
    /// Write everything as JSON into FILE; without FILE, or as -, to stdout
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", value_hint = ValueHint::FilePath)]
    pub(crate) json: Option<PathBuf>,
    /// Write the XML that CI servers read (JUnit's)
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", value_hint = ValueHint::FilePath)]
    pub(crate) junit: Option<PathBuf>,
    /// Write a page to be looked at and shown around: one file, needs no network
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", value_hint = ValueHint::FilePath)]
    pub(crate) html: Option<PathBuf>,
}

/// Somebody else's VM.
#[derive(Clone, Debug, Args)]
#[command(group = clap::ArgGroup::new("by_name").multiple(true))]
pub(crate) struct Vm {
    /// A VM to start for each program, with {file} where the program's file goes
    #[arg(long, value_name = "COMMAND", value_hint = ValueHint::CommandString)]
    pub(crate) vm: Option<String>,
    /// A VM to start once, which speaks the line protocol
    #[arg(long, value_name = "COMMAND", conflicts_with = "vm", value_hint = ValueHint::CommandString)]
    pub(crate) vm_serve: Option<String>,
    /// A VM by its name in mmm.toml
    #[arg(long, value_name = "NAME", group = "by_name", conflicts_with_all = ["vm", "vm_serve"])]
    pub(crate) engine: Option<String>,
    /// The file that names engines [default: mmm.toml in the current folder]
    #[arg(long, value_name = "FILE", requires = "by_name", value_hint = ValueHint::FilePath)]
    pub(crate) engines: Option<PathBuf>,
    /// How long a VM may take over one program [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,
    /// How much memory a VM's process may write to, in MiB [default: 4096]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1 << 24))]
    pub(crate) memory: Option<u64>,
}

/// Look for disagreements: random programs on a machine, on its reference evaluator and on others
#[derive(Debug, Args)]
#[command(after_help = "\
All engines that are named are compared with the reference evaluator, and our
own machine too; if there are three or more, the report says who is alone. A
program on which they disagree is reduced and saved as a case, ready for the
corpus, with what each of them saw. Disagreements at the same instruction and
clause, and in the same way, are one finding. When something is found, the last
fifth of the time is for making it smaller.

py has no reference evaluator yet: of two engines or more the first --engine, or
else the first VM, is the norm, and findings differ by what is seen alone.

The same seed gives the same programs everywhere. An interrupt (Ctrl-C) ends the
campaign with its report; --resume goes on with the programs not yet done. Parts
may run anywhere, each with a folder of its own; `mmm merge` unites what they
found.

Examples:
  mmm fuzz --machine mmm                     for a minute
  mmm fuzz --machine mmm --runs 1_000_000 --seed 7
  mmm fuzz --machine mmm --vm-serve './my-vm --serve' --vm './other {file}'
  mmm fuzz --machine py --engine cpython --vm './my-vm {file}'
  mmm fuzz --resume findings                 go on after an interrupt
  mmm fuzz --machine mmm --seed 7 --runs 1_000_000 --shard 1/4 --findings out/1

Exit status: 0 no disagreement; 1 some, and where they are saved is told; 2 it
could not run.")]
pub(crate) struct Fuzz {
    /// The machine [default: each in turn]
    #[arg(long, value_name = "NAME", value_parser = machine())]
    pub(crate) machine: Option<Machine>,
    /// How long to look [default: 60, if no --runs are given]
    #[arg(long, value_name = "N", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) seconds: Option<Duration>,
    /// How many programs to run
    #[arg(long, value_name = "N", conflicts_with = "seconds", value_parser = number, allow_negative_numbers = true)]
    pub(crate) runs: Option<u64>,
    /// Where the programs come from [default: a new one each time]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,
    /// How many programs run at a time [default: one a processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Run only part I of N of the programs: 1/4, 2/4, 3/4, 4/4 (0/4 is 4/4)
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(crate) shard: Option<Shard>,
    /// Only programs that end in this fault or limit, or in: return, refused, wild
    #[arg(long, value_name = "ENDING")]
    pub(crate) aim: Option<String>,
    /// Damaged binary files in place of programs: what loads, and does it come back (sc)
    #[arg(long, conflicts_with_all = ["aim", "vm", "vm_serve", "engine", "without_ours"])]
    pub(crate) mutated: bool,
    /// End when there are so many different findings
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) max_findings: u16,
    /// The folder to save findings under, and where the campaign stands
    #[arg(long, value_name = "DIR", default_value = "findings", value_hint = ValueHint::DirPath)]
    pub(crate) findings: PathBuf,
    /// Go on with the campaign whose findings are in this folder; begin it there if --machine and
    /// --seed are given and there is none
    #[arg(long, value_name = "DIR", conflicts_with = "findings", value_hint = ValueHint::DirPath)]
    pub(crate) resume: Option<PathBuf>,
    /// Tell what the programs are made of, too: instructions, endings, faults
    #[arg(long)]
    pub(crate) histograms: bool,
    #[command(flatten)]
    pub(crate) rivals: Rivals,
    #[command(flatten)]
    pub(crate) reports: Reports,
}

/// Somebody else's VMs, and whether our own machine is among them.
#[derive(Clone, Debug, Args)]
pub(crate) struct Rivals {
    #[command(flatten)]
    pub(crate) vms: Vms,
    /// Leave our own machine out
    #[arg(long)]
    pub(crate) without_ours: bool,
}

/// Somebody else's VMs.
#[derive(Clone, Debug, Args)]
pub(crate) struct Vms {
    /// A VM to start for each program, with {file} where the program's file goes (may be repeated)
    #[arg(long, value_name = "COMMAND", value_hint = ValueHint::CommandString)]
    pub(crate) vm: Vec<String>,
    /// A VM to start once, which speaks the line protocol (may be repeated)
    #[arg(long, value_name = "COMMAND", value_hint = ValueHint::CommandString)]
    pub(crate) vm_serve: Vec<String>,
    /// A VM by its name in mmm.toml (may be repeated)
    #[arg(long, value_name = "NAME")]
    pub(crate) engine: Vec<String>,
    /// The file that names engines [default: mmm.toml in the current folder]
    #[arg(long, value_name = "FILE", requires = "engine", value_hint = ValueHint::FilePath)]
    pub(crate) engines: Option<PathBuf>,
    /// How long a VM may take over one program [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,
    /// How much memory a VM's process may write to, in MiB [default: 4096]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1 << 24))]
    pub(crate) memory: Option<u64>,
}

impl Vms {
    /// Each by itself, with the settings that all share.
    pub(crate) fn each(&self) -> Vec<Vm> {
        let named = self.engine.iter().map(|name| Vm {
            engine: Some(name.clone()),
            engines: self.engines.clone(),
            ..self.nobody()
        });
        let one_shot = self.vm.iter().map(|command| Vm {
            vm: Some(command.clone()),
            ..self.nobody()
        });
        let serving = self.vm_serve.iter().map(|command| Vm {
            vm_serve: Some(command.clone()),
            ..self.nobody()
        });
        one_shot.chain(serving).chain(named).collect()
    }

    /// What means our own machines.
    pub(crate) fn nobody(&self) -> Vm {
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

/// Unite what the parts of a campaign found
#[derive(Debug, Args)]
#[command(after_help = "\
The folders are those that `mmm fuzz --shard I/N --findings DIR` left. Counts
are added; findings that are the same become one, with the smallest program.
Folders of different seeds, machines, versions or engines are refused.

Examples:
  mmm merge out/1 out/2 out/3 out/4 -o findings
  mmm merge out/* -o findings

Exit status: 0 no disagreement in any; 1 some; 2 they cannot be merged.")]
pub(crate) struct Merge {
    /// The folders of the parts
    #[arg(required = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) folders: Vec<PathBuf>,
    /// The folder to write the whole into
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) output: PathBuf,
    /// Tell what the programs were made of, too: instructions, endings, faults
    #[arg(long)]
    pub(crate) histograms: bool,
}

/// Tell what of the specifications the corpus and a campaign show, and hold it to the floor
#[derive(Debug, Args)]
#[command(after_help = "\
A clause is shown to hold, to be violated (the program is refused or stopped for
it), or at the very boundary of what it allows. Cases claim it in their headers;
the reference evaluator tells which clauses it really applied, for them and for
generated programs.

What was reached once is on the floor (conformance/coverage-floor.txt); what falls
below it is named.

Examples:
  mmm coverage
  mmm coverage --machine sc --histograms     what the generator makes, too
  mmm coverage --programs 0                  the corpus alone
  mmm coverage --raise                       in a checkout: keep what is new

Exit status: 0 the floor is held; 1 something fell below it.")]
pub(crate) struct Coverage {
    /// The machine [default: each in turn]
    #[arg(long, value_name = "NAME", value_parser = machine())]
    pub(crate) machine: Option<Machine>,
    /// How many programs to generate
    #[arg(long, value_name = "N", default_value_t = conformance::coverage::PROGRAMS, value_parser = number, allow_negative_numbers = true)]
    pub(crate) programs: u64,
    /// Where they come from
    #[arg(long, value_name = "N", default_value_t = conformance::coverage::SEED, value_parser = number, allow_negative_numbers = true)]
    pub(crate) seed: u64,
    /// How many programs run at a time [default: one a processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Tell what the programs are made of: instructions, operands, endings, lengths
    #[arg(long)]
    pub(crate) histograms: bool,
    /// Print everything as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Add what is reached beyond the floor to it; nothing is ever taken off
    #[arg(long)]
    pub(crate) raise: bool,
    /// The floor's file [default: the one that is built in]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) floor: Option<PathBuf>,
}

/// Make a random program
#[derive(Debug, Args)]
#[command(after_help = "\
The same seed and number give the same program everywhere: the one that
mmm fuzz runs.

Examples:
  mmm gen --seed 7
  mmm gen --seed 7 --number 1234 -o found    write its files into the folder found
  mmm gen --aim divide-by-zero               one that ends in this fault
  mmm gen --machine py --aim KeyError        one of CPython 3.9's bytecode, in text")]
pub(crate) struct Gen {
    /// The machine
    #[arg(long, value_name = "NAME", default_value = "mmm", value_parser = machine())]
    pub(crate) machine: Machine,
    /// Where the program comes from [default: a new one each time]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,
    /// Which of the seed's programs
    #[arg(long, value_name = "N", default_value = "0", value_parser = number, allow_negative_numbers = true)]
    pub(crate) number: u64,
    /// The fault or limit that it ends in, or: return, refused, wild
    #[arg(long, value_name = "ENDING")]
    pub(crate) aim: Option<String>,
    /// Write its files into a folder instead of printing them
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) output: Option<PathBuf>,
}

/// Make a program smaller while it stays interesting
#[derive(Debug, Args)]
#[command(after_help = "\
Interesting is a program on which our machine and its reference evaluator
disagree; with --vm, --vm-serve or --engine, one on which that VM and the
reference do, or that VM and the one of --against; with --crash-of, one over which COMMAND does not end with exit
status 0; with --interesting, one over which COMMAND does. It stays interesting
in the same way: the same disagreement, the same signal or exit status, the same
words of a panic or sanitizer.

What is taken away is files, functions, loops, blocks, instructions with whatever
makes their operands, parts of expressions, letters; of what is no program, lines,
words, letters and bytes. Limits become smaller. It ends when none of it can be
taken away any more. The result does not depend on --jobs. An interrupt (Ctrl-C)
ends it with the smallest program so far.

Examples:
  mmm reduce found/main.mmm -o small
  mmm reduce main.mmm --vm './my-vm {file}'
  mmm reduce main.sc --vm-serve './my-vm --serve' --seconds 60
  mmm reduce crash-1234 --packed --crash-of 'target/debug/loader {file}'
  mmm reduce crash-1234 --crash-of './decoder {file}' --timeout 2
  mmm reduce main.mmm --interesting 'grep -q bin_op'
  mmm reduce app.pyc --vm './my-vm {file}' --against 'python3.9 {file}'

The file is the last word of a COMMAND of --interesting that has no {file}.

Exit status: 0 it is as small as it can be, or as the bounds let it become;
2 it is not interesting, or only now and then.")]
pub(crate) struct Reduce {
    /// The program's file; the files that it calls are made smaller too
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The folder that paths beginning with / start at [default: the file's own folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) root: Option<PathBuf>,
    /// A command that the program in {file} kills, makes fail or makes hang
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["vm", "vm_serve", "engine", "interesting"], value_hint = ValueHint::CommandString)]
    pub(crate) crash_of: Option<String>,
    /// A command that ends with exit status 0 if the program in {file} is interesting
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["vm", "vm_serve", "engine"], value_hint = ValueHint::CommandString)]
    pub(crate) interesting: Option<String>,
    /// A VM to compare with in place of the reference: a command with {file}, or a name in mmm.toml
    #[arg(long, value_name = "COMMAND|NAME", group = "by_name", conflicts_with_all = ["crash_of", "interesting"], value_hint = ValueHint::CommandString)]
    pub(crate) against: Option<String>,
    /// The file holds several, behind lines '#! file NAME', as what fuzz targets find
    #[arg(long, conflicts_with = "root")]
    pub(crate) packed: bool,
    /// How long to go on [default: to the end]
    #[arg(long, value_name = "N", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) seconds: Option<Duration>,
    /// How many candidates run at a time [default: one a processor; 1 for --interesting]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// How many smaller programs to try [default: as many as there are]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    pub(crate) tries: Option<u64>,
    #[command(flatten)]
    pub(crate) vm: Vm,
    /// Write its files into a folder instead of printing them
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) kind: Kind,
}

/// Find known mistakes: does the corpus notice each, and how soon does a campaign?
#[derive(Debug, Args)]
#[command(after_help = "\
The reference evaluators can make some hundred mistakes that implementers make,
each against one clause of the specification. The table shows of each by which
case of the corpus it is noticed (and by how many), after how many programs and
how long a campaign finds it from nothing, and how many instructions are left
of the program that showed it.

Examples:
  mmm teeth                                  all of them, a second each
  mmm teeth --seconds 0                      the corpus alone
  mmm teeth --machine mmm --quirk int-wraps --seconds 10

Exit status: 0 the corpus notices all of them; 1 it does not.")]
pub(crate) struct Teeth {
    /// The machine [default: each in turn]
    #[arg(long, value_name = "NAME", value_parser = machine())]
    pub(crate) machine: Option<Machine>,
    /// Only this mistake, by its name in the table; may be repeated
    #[arg(long = "quirk", value_name = "NAME")]
    pub(crate) quirks: Vec<String>,
    /// How long a campaign looks for each; 0 is not at all
    #[arg(long, value_name = "N", default_value = "1", value_parser = seconds_or_none, allow_negative_numbers = true)]
    pub(crate) seconds: Duration,
    /// Where the programs come from
    #[arg(long, value_name = "N", default_value = "1", value_parser = number, allow_negative_numbers = true)]
    pub(crate) seed: u64,
    /// How many programs run at a time [default: one a processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Print a JSON object for each mistake, a line each
    #[arg(long)]
    pub(crate) json: bool,
}

/// A machine by its name; clap suggests the nearest one.
fn machine() -> impl TypedValueParser<Value = Machine> {
    let names = Machine::ALL.map(Machine::name);
    PossibleValuesParser::new(names).try_map(|name| {
        Machine::from_name(&name).ok_or_else(|| format!("there is no machine '{name}'"))
    })
}

/// A whole number, with `_` between digits if one likes.
fn number(text: &str) -> Result<u64, String> {
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("a whole number is expected, such as 1000 or 1_000_000".to_owned());
    }
    digits
        .parse()
        .map_err(|_| format!("the most is {}", u64::MAX))
}

/// A part of several: `1/4` to `4/4`. Who counts from 0 means the same parts by `0/4` to `3/4`.
fn shard(text: &str) -> Result<Shard, String> {
    let read = |part: &str| part.parse::<u64>().ok();
    let parts = text.split_once('/');
    let parts = parts.and_then(|(index, count)| Some((read(index)?, read(count)?)));
    match parts {
        Some((index, count)) if count > 0 && index <= count => Ok(Shard {
            index: index % count,
            count,
        }),
        _ => Err("a part and how many there are is expected, such as 1/4".to_owned()),
    }
}

/// A time in seconds, or none at all.
fn seconds_or_none(text: &str) -> Result<Duration, String> {
    match text {
        "0" => Ok(Duration::ZERO),
        text => seconds(text),
    }
}

/// A time in seconds, perhaps with a fraction.
fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|time| !time.is_zero() && time.as_secs() <= 86_400)
        .ok_or_else(|| "a time in seconds is expected, such as 10 or 0.5, at most a day".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Cli, number};
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
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
