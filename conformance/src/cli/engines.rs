//! Who takes part in a campaign beside the reference.

use super::args::{self, Rivals};
use super::subject::{subject, unfit};
use clap::Parser;
use conformance::campaign::{Contender, REFERENCE};
use conformance::conform::{EngineName, Subject, comparison, engine, start};
use conformance::machine::Machine;
use std::path::Path;
use vm::base::Diagnostic;

/// What campaigns call our own machine.
const OURS: &str = "mmm";

/// An engine under the name that a campaign calls it by.
#[derive(Clone)]
pub(crate) struct Rival {
    name: String,
    subject: Subject,
    /// The flag that names it; none for our own machine.
    flag: String,
    /// The flags that go with it.
    more: Vec<String>,
}

impl Rival {
    /// Our own machine.
    pub(crate) fn ours() -> Rival {
        Rival {
            name: OURS.to_owned(),
            subject: Subject::Ours,
            flag: String::new(),
            more: Vec::new(),
        }
    }

    pub(crate) fn is_ours(&self) -> bool {
        matches!(self.subject, Subject::Ours)
    }

    /// Its name, and the flags with which other commands take it.
    pub(crate) fn command(&self) -> (String, String) {
        let flags: Vec<&str> = std::iter::once(&self.flag)
            .chain(&self.more)
            .map(String::as_str)
            .collect();
        (self.name.clone(), flags.join(" "))
    }

    /// Whether it has that machine, as far as is known.
    pub(crate) fn has(&self, machine: Machine) -> bool {
        self.subject.has(machine)
    }

    /// The engine, ready to run programs.
    pub(crate) fn contender(&self) -> Contender {
        Contender::named(&self.name, engine(&self.subject), comparison(&self.subject))
    }
}

/// Those whom the flags name, if each runs the simplest programs of one of these machines at
/// least.
pub(crate) fn rivals(args: &Rivals, machines: &[Machine]) -> Result<Vec<Rival>, Diagnostic> {
    let mut found = match args.without_ours {
        true => Vec::new(),
        false => vec![Rival::ours()],
    };
    for vm in args.vms.each() {
        let mut subject = subject(&vm)?;
        start(&mut subject, machines).map_err(unfit)?;
        let command = vm.vm.as_ref().or(vm.vm_serve.as_ref());
        let name = match (&vm.engine, command) {
            (Some(name), _) => name.clone(),
            (None, command) => name_of(command.map_or("", String::as_str)),
        };
        found.push(Rival {
            name: unused(&name, &found),
            subject,
            flag: quoted("--vm", vm.vm.as_slice())
                .into_iter()
                .chain(quoted("--vm-serve", vm.vm_serve.as_slice()))
                .chain(quoted("--engine", vm.engine.as_slice()))
                .collect(),
            more: bounds(&args::Vms {
                engines: args.vms.engines.clone().filter(|_| vm.engine.is_some()),
                ..args.vms.clone()
            }),
        });
    }
    match found.is_empty() {
        true => Err(
            Diagnostic::error("nobody is left to compare with the reference")
                .help("name a VM: --vm './my-vm {file}', or leave --without-ours out"),
        ),
        false => Ok(found),
    }
}

/// What to call an engine of that command: the file that it is, and not the interpreter of it.
fn name_of(command: &str) -> String {
    let words = shell_words::split(command).unwrap_or_default();
    let script = words.iter().find(|word| Path::new(word).is_file());
    let word = script.or(words.first()).map_or("vm", String::as_str);
    let stem = Path::new(word).file_stem().and_then(|stem| stem.to_str());
    stem.filter(|stem| !stem.is_empty())
        .unwrap_or("vm")
        .to_owned()
}

/// The name, or with a number behind it if somebody has it.
fn unused(name: &str, others: &[Rival]) -> String {
    let taken = |name: &str| {
        [OURS, REFERENCE, "generator"].contains(&name)
            || others.iter().any(|other| other.name == name)
    };
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// What reports call all of them.
pub(crate) fn all_of(rivals: &[Rival]) -> EngineName {
    if let [rival] = rivals {
        return rival.subject.name();
    }
    let names: Vec<&str> = rivals.iter().map(|rival| rival.name.as_str()).collect();
    EngineName {
        name: names.join(", "),
        command: None,
    }
}

/// Whether nobody and nothing is named.
pub(crate) fn is_silent(args: &Rivals) -> bool {
    let named = [&args.vms.vm, &args.vms.vm_serve, &args.vms.engine];
    named.iter().all(|list| list.is_empty()) && told(args, &[]).is_empty()
}

/// The flags of these again, as they are typed.
pub(crate) fn told(args: &Rivals, rivals: &[Rival]) -> Vec<String> {
    let strangers = rivals.iter().filter(|rival| !rival.is_ours());
    let mut flags: Vec<String> = strangers.map(|rival| rival.flag.clone()).collect();
    if args.without_ours {
        flags.push("--without-ours".to_owned());
    }
    flags.extend(bounds(&args.vms));
    flags
}

fn quoted(flag: &str, values: &[String]) -> Vec<String> {
    let values = values.iter().map(|value| shell_words::quote(value));
    values.map(|value| format!("{flag} {value}")).collect()
}

/// The flags that are the same for all of them.
fn bounds(args: &args::Vms) -> Vec<String> {
    let file = args.engines.iter().map(|path| path.display().to_string());
    let mut flags = quoted("--engines", &file.collect::<Vec<_>>());
    if let Some(timeout) = args.timeout {
        flags.push(format!("--timeout {}", timeout.as_secs_f64()));
    }
    if let Some(memory) = args.memory {
        flags.push(format!("--memory {memory}"));
    }
    flags
}

/// The flags alone.
#[derive(Parser)]
#[command(no_binary_name = true)]
struct Flags {
    #[command(flatten)]
    rivals: Rivals,
}

/// Reads flags back that were told.
pub(crate) fn read(told: &[String]) -> Result<Rivals, Diagnostic> {
    let words = told
        .iter()
        .flat_map(|flag| shell_words::split(flag).unwrap_or_default());
    match Flags::try_parse_from(words) {
        Ok(flags) => Ok(flags.rivals),
        Err(_) => Err(
            Diagnostic::error("the engines of the campaign cannot be told any more")
                .help("name them again, as in the command that began it"),
        ),
    }
}
