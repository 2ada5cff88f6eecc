//! `mmm fuzz`, `mmm merge` and `mmm gen`.

use super::args::{Fuzz, Gen, Merge};
use super::console::{Output, Status};
use super::deliver::deliver;
use super::interrupt::stop_gently;
use super::progress::Progress;
use super::reports::Reports;
use super::rivals::{Rival, all_of, rivals, told};
use conformance::campaign::{self, Contender, Options, Shard, State, Summary};
use conformance::engines::load::MACHINES;
use conformance::generate::{self, Aim, Entropy, Generator};
use conformance::machine::Machine;
use conformance::report::campaign::{campaign_text, progress_text};
use conformance::report::paint::counted;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};
use vm::base::{Diagnostic, closest};

/// How long a campaign looks if nobody says.
const A_MINUTE: Duration = Duration::from_secs(60);

/// A campaign that is to be run.
struct Planned {
    options: Options,
    /// Where it was when it was put away, if it was begun before.
    state: Option<State>,
    rivals: Vec<Rival>,
    /// The folder of its findings.
    folder: PathBuf,
}

pub(crate) fn fuzz(args: &Fuzz) -> Result<Status, Diagnostic> {
    let planned = match &args.resume {
        Some(folder) => resumed(args, folder)?,
        None => begun(args, &args.findings)?,
    };
    let mut reports = Reports::open(&args.reports)?;
    let mut out = reports.output();
    let mut worst = Status::Fine;
    for planned in planned {
        let options = &planned.options;
        let summary = run(options, planned.state.as_ref(), &planned.rivals)?;
        let text = campaign_text(&summary) + &what_next(&planned, &summary);
        if out.write_all(text.as_bytes()).is_err() {
            break;
        }
        if summary.disagreements > 0 {
            worst = Status::Found;
        }
        let (machine, seed) = (options.machine, options.seed);
        let engine = all_of(&planned.rivals);
        reports.campaign(machine, seed, engine, again(options, &summary), summary);
        if options.stop.load(Ordering::Relaxed) {
            break;
        }
    }
    reports.write(out.finish(worst))
}

/// The campaigns that the flags describe, from their beginning.
fn begun(args: &Fuzz, folder: &Path) -> Result<Vec<Planned>, Diagnostic> {
    let machines = match args.machine {
        Some(machine) => vec![machine],
        None if args.mutated => vec![Machine::Sc],
        None => generated().collect(),
    };
    for &machine in &machines {
        has_campaigns(machine)?;
    }
    let rivals = rivals(&args.rivals)?;
    let seed = args.seed.unwrap_or_else(new_seed);
    let plan = |machine| {
        Ok(Planned {
            options: Options {
                aim: aim(machine, args.aim.as_deref())?,
                shard: args.shard.unwrap_or(Shard::WHOLE),
                runs: args.runs,
                time: args.seconds.or(args.runs.is_none().then_some(A_MINUTE)),
                mutated: args.mutated,
                ..options(args, machine, seed, &rivals, folder)
            },
            state: None,
            rivals: rivals.clone(),
            folder: folder.to_owned(),
        })
    };
    machines.into_iter().map(plan).collect()
}

/// What is the same for a campaign that begins and one that goes on.
fn options(args: &Fuzz, machine: Machine, seed: u64, rivals: &[Rival], folder: &Path) -> Options {
    Options {
        jobs: args.jobs.map_or_else(processors, usize::from),
        portable: rivals.iter().any(|rival| !rival.is_ours()),
        most_findings: usize::from(args.max_findings),
        flags: told(&args.rivals),
        findings: Some(folder.to_owned()),
        // Where nobody named a folder, none is left behind for nothing.
        keep_state: args.resume.is_some() || folder != Path::new("findings"),
        stop: stop_gently(),
        ..Options::new(machine, seed, 0)
    }
}

/// The campaigns in a folder, to be gone on with.
fn resumed(args: &Fuzz, folder: &Path) -> Result<Vec<Planned>, Diagnostic> {
    let shown = folder.display();
    let states = State::read_all(folder)
        .map_err(|error| Diagnostic::error(format!("cannot go on with '{shown}': {error}")))?;
    let chosen = |state: &State| {
        args.machine
            .is_none_or(|machine| state.machine() == Some(machine))
    };
    let states: Vec<State> = states.into_iter().filter(chosen).collect();
    if states.is_empty() && args.machine.is_some() && args.seed.is_some() {
        return begun(args, folder);
    }
    if states.is_empty() {
        return Err(Diagnostic::error(format!(
            "there is no campaign in '{shown}' to go on with"
        ))
        .help("name the folder that an earlier one was told by --findings, or say --machine and --seed to begin one there"));
    }
    let mut planned = Vec::new();
    for state in states {
        planned.push(go_on(args, folder, state)?);
    }
    Ok(planned)
}

/// One campaign, to be gone on with. What the flags say again has to be what they said before.
fn go_on(args: &Fuzz, folder: &Path, state: State) -> Result<Planned, Diagnostic> {
    let shown = folder.display();
    let unfit = |why: String| {
        Diagnostic::error(format!("cannot go on with '{shown}': {why}"))
            .help("--findings names the folder of a new campaign")
    };
    let machine = state
        .machine()
        .ok_or_else(|| unfit("it is of no machine".to_owned()))?;
    let settings = &state.settings;
    let [part] = &state.parts[..] else {
        return Err(unfit(
            "it was merged from several parts; go on with each of those".to_owned(),
        ));
    };
    let differs = |what: &str, was: String| Err(unfit(format!("it has another {what}: {was}")));
    if args.seed.is_some_and(|seed| seed != settings.seed) {
        return differs("seed", settings.seed.to_string());
    }
    if args.shard.is_some_and(|shard| shard != part.shard()) {
        return differs("part", part.shard().to_string());
    }
    if args.aim.is_some() && args.aim != settings.aim {
        return differs(
            "aim",
            settings.aim.clone().unwrap_or_else(|| "any".to_owned()),
        );
    }
    let flags = match told(&args.rivals) {
        flags if flags.is_empty() => settings.engines.clone(),
        flags => flags,
    };
    let rivals = rivals(&super::rivals::read(&flags)?)?;
    let options = Options {
        aim: aim(machine, settings.aim.as_deref())?,
        shard: part.shard(),
        runs: args.runs.or(part.runs.filter(|_| args.seconds.is_none())),
        time: match args.seconds {
            Some(more) => Some(state.elapsed() + more),
            None => part.time.filter(|_| args.runs.is_none()),
        },
        mutated: settings.mutated,
        portable: settings.portable,
        flags,
        ..options(args, machine, settings.seed, &rivals, folder)
    };
    Ok(Planned {
        options,
        state: Some(state),
        rivals,
        folder: folder.to_owned(),
    })
}

/// The generator of a machine's programs.
fn generator(machine: Machine) -> Result<&'static Generator, Diagnostic> {
    generate::generator(machine)
        .ok_or_else(|| Diagnostic::error(format!("no programs of {machine} can be generated yet")))
}

/// Whether there are campaigns with a machine's programs: what is seen of them is compared with
/// what its reference evaluator sees.
fn has_campaigns(machine: Machine) -> Result<(), Diagnostic> {
    if generated().any(|known| known == machine) {
        return Ok(());
    }
    let known: Vec<&str> = generated().map(Machine::name).collect();
    Err(
        Diagnostic::error(format!("there are no campaigns with {machine} programs yet: nothing tells what they have to do, as {machine} has no reference evaluator"))
            .note(format!("there are campaigns with programs of {}", known.join(", ")))
            .help(format!("its programs can be run on any two VMs one by one: mmm gen --machine {machine} --seed 1 --number 0 -o DIR; and the corpus, whose outcomes are CPython's, judges a VM: mmm conform --machine {machine} --vm 'COMMAND {{file}}'")),
    )
}

/// The machines that there are campaigns with.
pub(crate) fn generated() -> impl Iterator<Item = Machine> {
    let known =
        |machine: &Machine| machine.has_reference() && generate::generator(*machine).is_some();
    MACHINES.into_iter().filter(known)
}

/// Runs a campaign, or goes on with one, while it tells how far it is.
pub(crate) fn run(
    options: &Options,
    state: Option<&State>,
    rivals: &[Rival],
) -> Result<Summary, Diagnostic> {
    let progress = Progress::with_lines();
    let engines = || {
        Ok(rivals
            .iter()
            .map(Rival::contender)
            .collect::<Vec<Contender>>())
    };
    let mut show = |so_far: &campaign::Progress| {
        progress.show(|| progress_text(options.machine, so_far));
    };
    let summary = match state {
        Some(state) => campaign::resume(options, state, &engines, &mut show),
        None => campaign::run(options, &engines, &mut show),
    };
    summary.map_err(|error: io::Error| {
        let failed = Diagnostic::error(format!("the campaign cannot go on: {error}"));
        match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::Unsupported => failed,
            _ => failed.help("can its findings be written? --findings DIR names another folder"),
        }
    })
}

/// How to run the same programs again, and how to go on.
fn what_next(planned: &Planned, summary: &Summary) -> String {
    let Planned {
        options, folder, ..
    } = planned;
    let quote = |text: &str| shell_words::quote(text).into_owned();
    let folder = quote(&folder.display().to_string());
    let mut text = format!("again: {}\n", again(options, summary));
    if summary.unfinished {
        let full = summary.findings.len() >= options.most_findings;
        let more = match full {
            true => format!(" --max-findings {}", options.most_findings * 2),
            false => String::new(),
        };
        let why = match full {
            true => format!(
                "it ended at {}; ",
                counted(summary.findings.len(), "different finding")
            ),
            false => String::new(),
        };
        text += &format!("{why}to go on: mmm fuzz --resume {folder}{more}\n");
    }
    text
}

/// How to run the same programs again.
fn again(options: &Options, summary: &Summary) -> String {
    let Options {
        machine,
        seed,
        shard,
        ..
    } = options;
    let mut command = format!("mmm fuzz --machine {machine} --seed {seed}");
    let ran = summary.programs + summary.left_out;
    let runs = options.runs.unwrap_or(ran.saturating_mul(shard.count));
    command += &format!(" --runs {runs}");
    if shard.count > 1 {
        command += &format!(" --shard {shard}");
    }
    if let Some(aim) = options.aim.name() {
        command += &format!(" --aim {aim}");
    }
    if options.mutated {
        command += " --mutated";
    }
    for flag in &options.flags {
        command += &format!(" {flag}");
    }
    command
}

pub(crate) fn merge(args: &Merge) -> Result<Status, Diagnostic> {
    let mut by_machine: Vec<(Machine, Vec<(PathBuf, State)>)> = Vec::new();
    for folder in &args.folders {
        let shown = folder.display();
        let states = State::read_all(folder)
            .map_err(|error| Diagnostic::error(format!("cannot read '{shown}': {error}")))?;
        if states.is_empty() {
            return Err(
                Diagnostic::error(format!("there is no campaign in '{shown}'"))
                    .help("name folders that campaigns were told by --findings"),
            );
        }
        for state in states {
            let Some(machine) = state.machine() else {
                return Err(Diagnostic::error(format!("'{shown}' is of no machine")));
            };
            let place = (folder.clone(), state);
            match by_machine.iter_mut().find(|(known, _)| *known == machine) {
                Some((_, states)) => states.push(place),
                None => by_machine.push((machine, vec![place])),
            }
        }
    }
    // A folder without some machine that others have is of another campaign.
    if let Some((_, few)) = by_machine
        .iter()
        .find(|(_, states)| states.len() != args.folders.len())
    {
        let here: Vec<&PathBuf> = few.iter().map(|(place, _)| place).collect();
        let other = args.folders.iter().find(|folder| !here.contains(folder));
        return Err(Diagnostic::error(format!(
            "'{}' and '{}' are campaigns of different machines",
            few[0].0.display(),
            other.unwrap_or(&args.folders[0]).display()
        )));
    }
    let mut out = Output::to_stdout();
    let mut worst = Status::Fine;
    for (_, states) in by_machine {
        let merged = campaign::merge(&states, &args.output).map_err(Diagnostic::error)?;
        if merged.summary.disagreements > 0 {
            worst = Status::Found;
        }
        let mut text = campaign_text(&merged.summary);
        text += &format!(
            "{} in '{}'",
            counted(states.len(), "folder"),
            args.output.display()
        );
        if !merged.missing.is_empty() {
            let missing = merged.missing.iter();
            let missing: Vec<String> = missing.map(Shard::to_string).collect();
            text += &format!("; not there: part {}", missing.join(", "));
        }
        if merged.unfinished > 0 {
            let verb = if merged.unfinished == 1 {
                "has"
            } else {
                "have"
            };
            text += &format!(
                "; {} {verb} programs left to run",
                counted(merged.unfinished, "part")
            );
        }
        if out.write_all((text + "\n").as_bytes()).is_err() {
            break;
        }
    }
    Ok(out.finish(worst))
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
    Aim::from_name(generator, name).ok_or_else(|| {
        let name = name.unwrap_or_default();
        let all = Aim::names(generator);
        let unknown = Diagnostic::error(format!("no program of {machine} ends in '{name}'"))
            .note(format!("there are: {}", all.join(", ")));
        match closest(name, all) {
            Some(near) => unknown.help(format!("did you mean '{near}'?")),
            None => unknown,
        }
    })
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
