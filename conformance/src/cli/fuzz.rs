//! `mmm fuzz`, `mmm merge` and `mmm gen`.

use super::args::{Fuzz, Gen, Merge, Rivals};
use super::console::{Output, Status, look};
use super::engines::{Rival, all_of, is_silent, rivals, told};
use super::interrupt::stop_gently;
use super::output::deliver;
use super::progress::Progress;
use super::reports::Reports;
use conformance::campaign::{self, Contender, Options, Shard, State, Summary};
use conformance::engines::cleanup::end_processes;
use conformance::engines::machines::MACHINES;
use conformance::generate::{self, Aim, Entropy, Generator};
use conformance::machine::Machine;
use conformance::report::campaign::{campaign_text, progress_text};
use conformance::report::paint::{Paint, counted};
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
    let paint = Paint(look(&io::stdout()));
    let mut worst = Status::Fine;
    let mut unsaved = None;
    for planned in planned {
        let options = &planned.options;
        let summary = run(options, planned.state.as_ref(), &planned.rivals)?;
        let machine = options.machine;
        let text = campaign_text(machine, &summary, args.histograms, paint);
        let text = text + &what_next(&planned, &summary, paint);
        if out.write_all(text.as_bytes()).is_err() {
            break;
        }
        if summary.disagreements > 0 {
            worst = Status::Found;
        }
        unsaved = unsaved.or_else(|| summary.unsaved.clone());
        let seed = options.seed;
        let engine = all_of(&planned.rivals);
        reports.campaign(machine, seed, engine, again(options, &summary), summary);
        if options.stop.load(Ordering::Relaxed) {
            break;
        }
    }
    let status = reports.write(out.finish(worst))?;
    match unsaved {
        Some(why) => Err(unwritable(&why)),
        None => Ok(status),
    }
}

fn unwritable(why: &str) -> Diagnostic {
    Diagnostic::error(format!("not all of the findings could be saved: {why}"))
        .help("is there room, and may it be written to? --findings DIR names another folder")
}

/// The campaigns that the flags describe, from their beginning.
fn begun(args: &Fuzz, folder: &Path) -> Result<Vec<Planned>, Diagnostic> {
    let machines = match args.machine {
        Some(machine) => vec![machine],
        None if args.mutated => vec![Machine::Sc],
        None => generated().collect(),
    };
    let all = parties(&args.rivals, &machines)?;
    let seed = args.seed.unwrap_or_else(new_seed);
    let plan = |machine| {
        let rivals: Vec<Rival> = all
            .iter()
            .filter(|rival| rival.has(machine))
            .cloned()
            .collect();
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
            rivals,
            folder: folder.to_owned(),
        })
    };
    // Where strangers are named, a machine that none of them has is not what was asked for.
    let is_stranger = |rival: &&Rival| !rival.is_ours();
    let wanted = |machine: &Machine| {
        all.iter().all(Rival::is_ours)
            || all
                .iter()
                .filter(is_stranger)
                .any(|rival| rival.has(*machine))
    };
    machines.into_iter().filter(wanted).map(plan).collect()
}

/// What is the same for a campaign that begins and one that goes on.
fn options(args: &Fuzz, machine: Machine, seed: u64, rivals: &[Rival], folder: &Path) -> Options {
    Options {
        jobs: args.jobs.map_or_else(processors, usize::from),
        portable: rivals.iter().any(|rival| !rival.is_ours()),
        most_findings: usize::from(args.max_findings),
        flags: told(&args.rivals, rivals),
        commands: rivals.iter().map(Rival::command).collect(),
        findings: Some(folder.to_owned()),
        // Where nobody named a folder, none is left behind for nothing.
        keep_state: args.resume.is_some() || folder != Path::new("findings"),
        stop: stop_gently(),
        hurry: end_processes,
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
    let said = match is_silent(&args.rivals) {
        true => super::engines::read(&settings.engines)?,
        false => args.rivals.clone(),
    };
    let rivals = parties(&said, &[machine])?;
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
        flags: told(&said, &rivals),
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

/// Those who take part. Of a machine without a reference evaluator the first is the norm: one that
/// is named by --engine, if there is one.
fn parties(args: &Rivals, machines: &[Machine]) -> Result<Vec<Rival>, Diagnostic> {
    let alone = machines.iter().find(|machine| !machine.has_reference());
    let Some(machine) = alone else {
        return rivals(args, machines);
    };
    let strangers = Rivals {
        without_ours: true,
        ..args.clone()
    };
    if args.vms.each().len() < 2 {
        return Err(Diagnostic::error(format!(
            "nothing tells what {machine} programs have to do: {machine} has no reference evaluator yet, and no machine of ours"
        ))
        .note("a campaign compares engines with each other; the first --engine, or else the first VM, is the norm")
        .help(format!("name two or more: mmm fuzz --machine {machine} --engines FILE --engine cpython --vm 'COMMAND {{file}}'")));
    }
    let mut rivals = rivals(&strangers, machines)?;
    // Those that are named by --engine come last.
    rivals.rotate_right(args.vms.engine.len());
    Ok(rivals)
}

/// The machines that there are campaigns with when nobody else is named.
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
    summary.map_err(|error: io::Error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::Unsupported => {
            Diagnostic::error(format!("the campaign cannot go on: {error}"))
        }
        _ => unwritable(&error.to_string()),
    })
}

/// How to run the same programs again, and how to go on.
fn what_next(planned: &Planned, summary: &Summary, paint: Paint) -> String {
    let Planned {
        options, folder, ..
    } = planned;
    let folder = shell_words::quote(&folder.display().to_string()).into_owned();
    let mut text = format!("  {} {}\n", paint.dim("again:"), again(options, summary));
    let left = summary.findings.iter().filter(|finding| !finding.reduced);
    let left = left.count();
    let full = summary.unfinished && summary.findings.len() >= options.most_findings;
    let (why, more) = match (full, left) {
        (true, _) => {
            let most = options.most_findings;
            let why = format!("ended at {}", counted(most, "finding"));
            (why, format!(" --max-findings {}", most * 2))
        }
        (false, 1..) if !summary.unfinished => {
            let what = counted(left, "finding");
            let why = format!("{what} not fully reduced");
            (why, " --seconds 60".to_owned())
        }
        _ if summary.unfinished => ("not at its end".to_owned(), String::new()),
        _ => return text,
    };
    let to_go_on = paint.dim(&format!("{why}, to go on:"));
    text += &format!("  {to_go_on} mmm fuzz --resume {folder}{more}\n");
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
    // Of one that went on there may be more than were asked for last.
    let all = ran.saturating_mul(shard.count);
    let runs = options.runs.map_or(all, |runs| match shard.count {
        1 => runs.max(ran),
        _ => runs,
    });
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
    let paint = Paint(look(&io::stdout()));
    for (machine, states) in by_machine {
        let merged = campaign::merge(&states, &args.output).map_err(Diagnostic::error)?;
        if merged.summary.disagreements > 0 {
            worst = Status::Found;
        }
        let mut text = campaign_text(machine, &merged.summary, args.histograms, paint);
        text += &format!(
            "  {} in '{}'",
            counted(states.len(), "folder"),
            args.output.display()
        );
        if !merged.missing.is_empty() {
            let missing = merged.missing.iter();
            let missing: Vec<String> = missing.map(Shard::to_string).collect();
            let parts = if missing.len() == 1 { "part" } else { "parts" };
            text += &format!("; not there: {parts} {}", missing.join(", "));
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
