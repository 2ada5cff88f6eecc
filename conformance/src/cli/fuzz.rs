//! `mmm fuzz` and `mmm gen`.

use super::args::{Fuzz, Gen};
use super::console::Status;
use super::deliver::deliver;
use super::interrupt::stop_gently;
use super::progress::Progress;
use super::reports::Reports;
use super::subject::{flags, not_started, subject};
use conformance::campaign::{self, Options, Summary};
use conformance::conform::{Subject, comparison, engine, start};
use conformance::engines::load::{self, MACHINES};
use conformance::generate::{self, Aim, Entropy, Generator};
use conformance::machine::Machine;
use conformance::report::campaign::campaign_text;
use conformance::report::paint::grouped;
use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};
use vm::base::{Diagnostic, closest};

/// How long a campaign looks if nobody says.
const A_MINUTE: Duration = Duration::from_secs(60);

pub(crate) fn fuzz(args: &Fuzz) -> Result<Status, Diagnostic> {
    let machines = match args.machine {
        Some(machine) => vec![machine],
        None if args.mutated => vec![Machine::Sc],
        None => generated().collect(),
    };
    let subject = subject(&args.vm)?;
    start(&subject).map_err(not_started)?;
    let seed = args.seed.unwrap_or_else(new_seed);
    let mut reports = Reports::open(&args.reports)?;
    let mut out = reports.output();
    let mut worst = Status::Fine;
    for &machine in &machines {
        let time = args.seconds.or(args.runs.is_none().then_some(A_MINUTE));
        let options = Options {
            aim: aim(machine, args.aim.as_deref())?,
            shard: args.shard,
            jobs: args.jobs.map_or_else(processors, usize::from),
            runs: args.runs,
            time,
            compare: comparison(&subject),
            mutated: args.mutated,
            portable: !matches!(subject, Subject::Ours),
            findings: Some(args.findings.clone()),
            stop: stop_gently(),
            ..Options::new(machine, seed, 0)
        };
        let summary = run(&options, &subject)?;
        let again = again(args, machine, seed, &summary);
        let text = format!("{}again: {again}\n", campaign_text(&summary));
        if out.write_all(text.as_bytes()).is_err() {
            break;
        }
        if summary.disagreements > 0 {
            worst = Status::Found;
        }
        reports.campaign(machine, seed, subject.name(), again, summary);
        if options.stop.load(Ordering::Relaxed) {
            break;
        }
    }
    reports.write(out.finish(worst))
}

/// The generator of a machine's programs.
fn generator(machine: Machine) -> Result<&'static Generator, Diagnostic> {
    if !MACHINES.contains(&machine) {
        return Err(load::absent(machine));
    }
    generate::generator(machine).ok_or_else(|| {
        let names: Vec<&str> = generated().map(Machine::name).collect();
        Diagnostic::error(format!("no programs of {machine} can be generated yet"))
            .help(format!("there are generators for: {}", names.join(", ")))
    })
}

/// The machines whose programs can be generated.
pub(crate) fn generated() -> impl Iterator<Item = Machine> {
    let known = |machine: &Machine| generate::generator(*machine).is_some();
    MACHINES.into_iter().filter(known)
}

/// Runs a campaign under a progress line.
pub(crate) fn run(options: &Options, subject: &Subject) -> Result<Summary, Diagnostic> {
    let progress = Progress::new();
    let engines = || Ok(vec![engine(subject)]);
    campaign::run(options, &engines, &mut |so_far| {
        progress.show(|| {
            let seconds = so_far.elapsed.as_secs_f64();
            let rate = (so_far.programs as f64 / seconds.max(1e-9)) as u64;
            format!(
                "{}: {} programs, {} a second, {} disagree, {seconds:.0} s",
                options.machine,
                grouped(so_far.programs),
                grouped(rate),
                grouped(so_far.disagreements)
            )
        });
    })
    .map_err(|error| {
        Diagnostic::error(format!("the campaign cannot go on: {error}"))
            .help("can its findings be written? --findings DIR names another folder")
    })
}

/// How to run the same programs again.
fn again(args: &Fuzz, machine: Machine, seed: u64, summary: &Summary) -> String {
    let mut command = format!("mmm fuzz --machine {machine} --seed {seed}");
    let runs = args.runs.unwrap_or(summary.programs + summary.left_out);
    command += &match args.shard.count {
        1 => format!(" --runs {runs}"),
        count => format!(
            " --runs {} --shard {}/{count}",
            args.runs.unwrap_or(runs.saturating_mul(count)),
            args.shard.index,
        ),
    };
    if let Some(aim) = &args.aim {
        command += &format!(" --aim {aim}");
    }
    if args.mutated {
        command += " --mutated";
    }
    command + &flags(&args.vm)
}

pub(crate) fn gen_program(args: &Gen) -> Result<Status, Diagnostic> {
    let machine = args.machine;
    let aim = aim(machine, args.aim.as_deref())?;
    let generator = generator(machine)?;
    let seed = args.seed.unwrap_or_else(new_seed);
    let generated = (generator.generate)(Entropy::seeded(seed, args.number), aim);
    if args.seed.is_none() {
        let _ = writeln!(std::io::stderr(), "seed {seed}");
    }
    Ok(deliver(&generated.case, args.output.as_deref()))
}

/// The ending that is meant.
fn aim(machine: Machine, name: Option<&str>) -> Result<Aim, Diagnostic> {
    let generator = generator(machine)?;
    let others = ["return", "refused", "wild"];
    let codes = generator.faults;
    match name {
        None => Ok(Aim::Any),
        Some("return") => Ok(Aim::Return),
        Some("refused") => Ok(Aim::Refused),
        Some("wild") => Ok(Aim::Wild),
        Some(name) => match codes.iter().find(|&&code| code == name) {
            Some(code) => Ok(Aim::Fault(code)),
            None => {
                let all: Vec<&str> = codes.iter().copied().chain(others).collect();
                let unknown =
                    Diagnostic::error(format!("no program of {machine} ends in '{name}'"))
                        .note(format!("there are: {}", all.join(", ")));
                Err(match closest(name, all) {
                    Some(near) => unknown.help(format!("did you mean '{near}'?")),
                    None => unknown,
                })
            }
        },
    }
}

/// A seed that nobody chose.
pub(crate) fn new_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    // Short enough to be typed again.
    now.map_or(0, |now| now.as_micros() as u64 % 1_000_000_000)
}

/// How many things to do at a time if nobody says.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
