//! The engines of a campaign besides the reference evaluator.

use super::args::{self, Engines};
use super::subject::{subject, unfit};
use conformance::campaign::{Contender, REFERENCE};
use conformance::conform::start;
use conformance::engine::EngineName;
use conformance::engines::EngineSpec;
use conformance::machine::Machine;
use std::path::Path;
use vm::base::Diagnostic;

/// The name of our own machine in campaigns.
const OURS: &str = "mmm";

/// An engine of a campaign, with its name there.
#[derive(Clone)]
pub(crate) struct CampaignEngine {
    name: String,
    subject: EngineSpec,
    /// The flag that names it; empty for our own machine.
    flag: String,
    /// The flags that configure it.
    more: Vec<String>,
}

impl CampaignEngine {
    /// Returns our own machine.
    pub(crate) fn ours() -> CampaignEngine {
        CampaignEngine {
            name: OURS.to_owned(),
            subject: EngineSpec::Ours,
            flag: String::new(),
            more: Vec::new(),
        }
    }

    /// Returns true for our own machine.
    pub(crate) fn is_ours(&self) -> bool {
        matches!(self.subject, EngineSpec::Ours)
    }

    /// Returns its name, and the flags that select it in other commands.
    pub(crate) fn command(&self) -> (String, String) {
        let flags: Vec<&str> = std::iter::once(&self.flag)
            .chain(&self.more)
            .map(String::as_str)
            .collect();
        (self.name.clone(), flags.join(" "))
    }

    /// Returns true if it runs programs of that machine, as far as is known.
    pub(crate) fn has(&self, machine: Machine) -> bool {
        self.subject.has(machine)
    }

    /// Returns the engine, ready to run programs.
    pub(crate) fn contender(&self) -> Contender {
        Contender::named(&self.name, self.subject.engine())
    }
}

/// Starts the engines that the flags name. Each has to pass the smoke test of at least one of these
/// machines.
pub(crate) fn start_all(
    args: &Engines,
    machines: &[Machine],
) -> Result<Vec<CampaignEngine>, Diagnostic> {
    let mut found = match args.without_ours {
        true => Vec::new(),
        false => vec![CampaignEngine::ours()],
    };
    for vm in args.vms.each() {
        let mut subject = subject(&vm)?;
        start(&mut subject, machines).map_err(unfit)?;
        let command = vm.vm.as_ref().or(vm.vm_serve.as_ref());
        let name = match (&vm.engine, command) {
            (Some(name), _) => name.clone(),
            (None, command) => name_of(command.map_or("", String::as_str)),
        };
        found.push(CampaignEngine {
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
        true => Err(Diagnostic::error(
            "there is no engine to compare with the reference evaluator",
        )
        .help("name a VM: --vm './my-vm {file}', or omit --without-ours")),
        false => Ok(found),
    }
}

/// Returns a name for the engine of a command: that of its program or script, not of the
/// script's interpreter.
fn name_of(command: &str) -> String {
    let words = shell_words::split(command).unwrap_or_default();
    let script = words.iter().find(|word| Path::new(word).is_file());
    let word = script.or(words.first()).map_or("vm", String::as_str);
    let stem = Path::new(word).file_stem().and_then(|stem| stem.to_str());
    stem.filter(|stem| !stem.is_empty())
        .unwrap_or("vm")
        .to_owned()
}

/// Returns the name, with a number after it if another engine has that name.
fn unused(name: &str, others: &[CampaignEngine]) -> String {
    let taken = |name: &str| {
        [OURS, REFERENCE, "generator"].contains(&name)
            || others.iter().any(|other| other.name == name)
    };
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// Returns the name of all of them in reports.
pub(crate) fn all_of(engines: &[CampaignEngine]) -> EngineName {
    if let [engine] = engines {
        return engine.subject.name();
    }
    let names: Vec<&str> = engines.iter().map(|engine| engine.name.as_str()).collect();
    EngineName {
        name: names.join(", "),
        command: None,
    }
}

/// Returns true if no flag names or configures an engine.
pub(crate) fn is_default(args: &Engines) -> bool {
    let named = [&args.vms.vm, &args.vms.vm_serve, &args.vms.engine];
    named.iter().all(|list| list.is_empty()) && flags(args, &[]).is_empty()
}

/// Returns the flags that name and configure these engines, as typed in a shell.
pub(crate) fn flags(args: &Engines, engines: &[CampaignEngine]) -> Vec<String> {
    let others = engines.iter().filter(|engine| !engine.is_ours());
    let mut flags: Vec<String> = others.map(|engine| engine.flag.clone()).collect();
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

/// Returns the flags that configure all of them.
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
