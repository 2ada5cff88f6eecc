//! The command line.

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
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(Run),
    Check(Check),
    Dis(Dis),
    Asm(Asm),
    Conform(Conform),
    Fuzz(Fuzz),
    Gen(Gen),
    Reduce(Reduce),
    /// Run programs for somebody else: requests on stdin, answers on stdout, a JSON object a line
    #[command(after_help = "\
A request (on one line) and its answer:
  {\"id\": 1, \"machine\": \"mmm\", \"entry\": \"main.mmm\",
   \"files\": {\"main.mmm\": \"function main\\nend\\n\"}}
  {\"id\":1,\"output\":\"\",\"ending\":\"returned\",\"value\":null,\"fault\":null,\"at\":null}

Binary files go into \"files_base64\". \"limits\" may hold fuel, call_depth,
output_bytes and heap_bytes. The entry's folder is the root.
{\"id\": 2, \"hello\": 1} asks for version and machines. A request that makes no
sense is answered {\"id\", \"error\"}; the end of input ends the service.

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
  mmm dis messy.mmm -o tidy.mmm")]
pub(crate) struct Dis {
    /// The program's file
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Write to a file instead of stdout
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) kind: Kind,
}

/// Assemble a program's text to its binary form
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mmm asm program.sca -o program.sc")]
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

/// Run the conformance corpus, on our own machines or on somebody else's VM
#[derive(Debug, Args)]
#[command(after_help = "\
--vm starts COMMAND for each case, with the program's file in place of {file}.
Exit status 0 means that it returned, another that it faulted or was refused;
stdout is compared byte for byte. --vm-serve starts COMMAND once and speaks JSON
lines with it (see mmm serve --help); endings, faults, values and places are
compared too. COMMAND is split into words as a shell does, but without one.

Examples:
  mmm conform                                our own machines
  mmm conform --vm './my-vm {file}'          a process for each program
  mmm conform --vm-serve './my-vm --serve'   one process for all
  mmm conform --machine mmm --filter printn --vm 'python3 vm.py {file}'

Exit status: 0 everything compared agrees; 1 something differs; 2 the VM cannot
be started.")]
pub(crate) struct Conform {
    /// Only this machine's cases
    #[arg(long, value_name = "NAME", value_parser = machine())]
    pub(crate) machine: Option<Machine>,
    #[command(flatten)]
    pub(crate) vm: Vm,
    /// Only cases whose name (machine/topic/name) contains this
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
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
}

/// Somebody else's VM.
#[derive(Debug, Args)]
pub(crate) struct Vm {
    /// A VM to start for each program, with {file} where the program's file goes
    #[arg(long, value_name = "COMMAND", value_hint = ValueHint::CommandString)]
    pub(crate) vm: Option<String>,
    /// A VM to start once, which speaks the line protocol
    #[arg(long, value_name = "COMMAND", conflicts_with = "vm", value_hint = ValueHint::CommandString)]
    pub(crate) vm_serve: Option<String>,
    /// How long a VM may take over one program
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Duration,
}

/// Look for disagreements: random programs on a machine and on its reference evaluator
#[derive(Debug, Args)]
#[command(after_help = "\
A program on which they disagree is reduced and saved as a case, ready for the
corpus, with what each of the two saw. The same seed gives the same programs
everywhere. An interrupt (Ctrl-C) ends the campaign with its report.

Examples:
  mmm fuzz --machine mmm                     for a minute
  mmm fuzz --machine mmm --runs 1_000_000 --seed 7
  mmm fuzz --machine mmm --shard 1/4         the first quarter of the programs
  mmm fuzz --machine mmm --vm-serve './my-vm --serve'

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
    /// Run only part I of N of the programs: 1/4, 2/4, 3/4, 4/4
    #[arg(long, value_name = "I/N", value_parser = shard, default_value = "1/1", hide_default_value = true)]
    pub(crate) shard: Shard,
    /// Only programs that end in this fault or limit, or in: return, refused, wild
    #[arg(long, value_name = "ENDING")]
    pub(crate) aim: Option<String>,
    /// Damaged binary files in place of programs: what loads, and does it come back (sc)
    #[arg(long, conflicts_with_all = ["aim", "vm", "vm_serve"])]
    pub(crate) mutated: bool,
    /// The folder to save disagreements under
    #[arg(long, value_name = "DIR", default_value = "findings", value_hint = ValueHint::DirPath)]
    pub(crate) findings: PathBuf,
    #[command(flatten)]
    pub(crate) vm: Vm,
}

/// Make a random program
#[derive(Debug, Args)]
#[command(after_help = "\
The same seed and number give the same program everywhere: the one that
mmm fuzz runs.

Examples:
  mmm gen --seed 7
  mmm gen --seed 7 --number 1234 -o found    write its files into the folder found
  mmm gen --aim divide-by-zero               one that ends in this fault")]
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
disagree; with --vm or --vm-serve, one on which that VM and the reference do;
with --interesting, one for which COMMAND ends with exit status 0.

Examples:
  mmm reduce found/main.mmm -o small
  mmm reduce main.mmm --vm './my-vm {file}'
  mmm reduce main.mmm --interesting 'grep -q bin_op {file}'")]
pub(crate) struct Reduce {
    /// The program's file; the files that it calls are made smaller too
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The folder that paths beginning with / start at [default: the file's own folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) root: Option<PathBuf>,
    /// A command that ends with exit status 0 if the program in {file} is interesting
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["vm", "vm_serve"], value_hint = ValueHint::CommandString)]
    pub(crate) interesting: Option<String>,
    #[command(flatten)]
    pub(crate) vm: Vm,
    /// Write its files into a folder instead of printing them
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) kind: Kind,
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
