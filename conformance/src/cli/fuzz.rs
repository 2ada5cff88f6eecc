//! `mmm fuzz`, `mmm merge` and `mmm gen`.

use super::args::{Engines, Fuzz, Gen, Merge};
use super::console::{Output, Status, look};
use super::engines::{self, CampaignEngine, all_of, flags, is_default};
use super::interrupt::stop_gently;
use super::output::print_or_write;
use super::progress::Progress;
use super::reports::Reports;
use conformance::campaign::{self, Contender, Options, Shard, State, Summary};
use conformance::engines::cleanup::end_processes;
use conformance::generate::{self, Aim, Entropy, Generator};
use conformance::machine::Machine;
use conformance::report::campaign::{campaign_text, progress_text};
use conformance::report::paint::{Paint, counted};
use conformance::report::visible::line;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};
use vm::base::{Diagnostic, closest};

/// How long a campaign runs by default.
const DEFAULT_TIME: Duration = Duration::from_secs(60);

/// A campaign to run.
struct Planned {
    options: Options,
    /// The state to continue from, if it was begun before.
    state: Option<State>,
    engines: Vec<CampaignEngine>,
    /// The folder of its findings.
    folder: PathBuf,
}

pub(crate) fn fuzz(args: &Fuzz) -> Result<Status, Diagnostic> {
    let planned = match &args.resume {
        Some(folder) => resumed(args, folder)?,
        None => new_campaigns(args, &args.findings)?,
    };
    let mut reports = Reports::open(&args.reports)?;
    let mut out = reports.output();
    let paint = Paint(look(&io::stdout()));
    let mut worst = Status::Fine;
    let mut unsaved = None;
    for planned in planned {
        let options = &planned.options;
        let summary = run(options, planned.state.as_ref(), &planned.engines)?;
        let machine = options.machine;
        let text = campaign_text(machine, &summary, args.histograms, paint);
        let text = text + &what_next(&planned, &summary, paint);
        if out.write_all(text.as_bytes()).is_err() {
            break;
        }
        if !summary.passes() {
            worst = Status::Found;
        }
        unsaved = unsaved.or_else(|| summary.unsaved.clone());
        let seed = options.seed;
        let engine = all_of(&planned.engines);
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
    Diagnostic::error(format!("not all findings could be saved: {why}"))
        .help("check the free space and the permissions; --findings DIR names another folder")
}

/// Returns the new campaigns that the flags describe.
fn new_campaigns(args: &Fuzz, folder: &Path) -> Result<Vec<Planned>, Diagnostic> {
    let machines = match args.machine {
        Some(machine) => vec![machine],
        None if args.mutated => vec![Machine::Sc],
        None => default_machines().collect(),
    };
    let all = start_engines(&args.engines, &machines)?;
    let seed = args.seed.unwrap_or_else(new_seed);
    let plan = |machine| {
        let engines: Vec<CampaignEngine> = all
            .iter()
            .filter(|engine| engine.has(machine))
            .cloned()
            .collect();
        Ok(Planned {
            options: Options {
                aim: aim(machine, args.aim.as_deref())?,
                shard: args.shard.unwrap_or(Shard::WHOLE),
                runs: args.runs,
                time: args.seconds.or(args.runs.is_none().then_some(DEFAULT_TIME)),
                mutated: args.mutated,
                ..options(args, machine, seed, &engines, folder)
            },
            state: None,
            engines,
            folder: folder.to_owned(),
        })
    };
    // If VMs are named, only machines that one of them has are fuzzed.
    let is_other = |engine: &&CampaignEngine| !engine.is_ours();
    let wanted = |machine: &Machine| {
        all.iter().all(CampaignEngine::is_ours)
            || all
                .iter()
                .filter(is_other)
                .any(|engine| engine.has(*machine))
    };
    machines.into_iter().filter(wanted).map(plan).collect()
}

/// Returns the options that are the same for a new campaign and a continued one.
fn options(
    args: &Fuzz,
    machine: Machine,
    seed: u64,
    engines: &[CampaignEngine],
    folder: &Path,
) -> Options {
    Options {
        jobs: args.jobs.map_or_else(processors, usize::from),
        portable: engines.iter().any(|engine| !engine.is_ours()),
        max_findings: usize::from(args.max_findings),
        flags: flags(&args.engines, engines),
        engine_flags: engines.iter().map(CampaignEngine::command).collect(),
        findings: Some(folder.to_owned()),
        // Without a named folder, none is created unless there is something to save.
        keep_state: args.resume.is_some() || folder != Path::new("findings"),
        stop: stop_gently(),
        kill_engines: end_processes,
        ..Options::new(machine, seed, 0)
    }
}

/// Returns the campaigns in a folder, to be continued.
fn resumed(args: &Fuzz, folder: &Path) -> Result<Vec<Planned>, Diagnostic> {
    let shown = folder.display();
    let states = State::read_all(folder)
        .map_err(|error| Diagnostic::error(format!("cannot continue '{shown}': {error}")))?;
    let chosen = |state: &State| {
        args.machine
            .is_none_or(|machine| state.machine() == Some(machine))
    };
    let states: Vec<State> = states.into_iter().filter(chosen).collect();
    if states.is_empty() && args.machine.is_some() && args.seed.is_some() {
        return new_campaigns(args, folder);
    }
    if states.is_empty() {
        return Err(Diagnostic::error(format!(
            "there is no campaign in '{shown}' to continue"
        ))
        .help("name the folder of an earlier --findings, or add --machine and --seed to begin one there"));
    }
    let mut planned = Vec::new();
    for state in states {
        planned.push(continued(args, folder, state)?);
    }
    Ok(planned)
}

/// Returns one campaign, to be continued. Flags that are repeated must be as they were.
fn continued(args: &Fuzz, folder: &Path, state: State) -> Result<Planned, Diagnostic> {
    let shown = folder.display();
    let unfit = |why: String| {
        Diagnostic::error(format!("cannot continue '{shown}': {why}"))
            .help("to begin a new campaign, use --findings")
    };
    let machine = state
        .machine()
        .ok_or_else(|| unfit("its machine is unknown".to_owned()))?;
    let settings = &state.settings;
    let [part] = &state.parts[..] else {
        return Err(unfit(
            "it was merged from several parts; continue each of those".to_owned(),
        ));
    };
    let differs = |what: &str, was: String| Err(unfit(format!("its {what} is different: {was}")));
    if args.seed.is_some_and(|seed| seed != settings.seed) {
        return differs("seed", settings.seed.to_string());
    }
    if args.shard.is_some_and(|shard| shard != part.shard()) {
        return differs("part", part.shard().to_string());
    }
    if args.aim.is_some() && args.aim != settings.aim {
        return differs("aim", line(settings.aim.as_deref().unwrap_or("any")));
    }
    // A recorded command is data: only a command that was typed is started.
    if is_default(&args.engines) && !settings.engines.is_empty() {
        let flags = line(&settings.engines.join(" "));
        let folder = shell_words::quote(&shown.to_string()).into_owned();
        return Err(Diagnostic::error(format!(
            "cannot continue '{shown}' without its engines, because a recorded command is never started"
        ))
        .note(format!("the campaign was run with: {flags}"))
        .help(format!(
            "if you trust that, type it: mmm fuzz --resume {folder} {flags}"
        )));
    }
    let engines = start_engines(&args.engines, &[machine])?;
    let options = Options {
        aim: aim(machine, settings.aim.as_deref())?,
        shard: part.shard(),
        runs: args.runs.or(part.runs.filter(|_| args.seconds.is_none())),
        time: match args.seconds {
            Some(more) => Some(state.elapsed().saturating_add(more)),
            None => part.time.filter(|_| args.runs.is_none()),
        },
        mutated: settings.mutated,
        portable: settings.portable,
        flags: flags(&args.engines, &engines),
        ..options(args, machine, settings.seed, &engines, folder)
    };
    Ok(Planned {
        options,
        state: Some(state),
        engines,
        folder: folder.to_owned(),
    })
}

/// Returns the generator of a machine's programs.
fn generator(machine: Machine) -> Result<&'static Generator, Diagnostic> {
    generate::generator(machine).ok_or_else(|| {
        Diagnostic::error(format!("there is no generator of {machine} programs yet"))
    })
}

/// Starts the engines of a campaign. For a machine without a reference evaluator the first one is
/// the oracle: one that --engine names, if there is one.
fn start_engines(args: &Engines, machines: &[Machine]) -> Result<Vec<CampaignEngine>, Diagnostic> {
    let alone = machines.iter().find(|machine| !machine.has_reference());
    let Some(machine) = alone else {
        return engines::start_all(args, machines);
    };
    let others = Engines {
        without_ours: true,
        ..args.clone()
    };
    if args.vms.each().len() < 2 {
        return Err(Diagnostic::error(format!(
            "{machine} has no reference evaluator and no interpreter yet"
        ))
        .note("a campaign compares engines with each other; the first --engine, or else the first VM, is the oracle")
        .help(format!("name two engines or more: mmm fuzz --machine {machine} --engines FILE --engine cpython --vm 'COMMAND {{file}}'")));
    }
    let mut engines = engines::start_all(&others, machines)?;
    // Engines that --engine names are last in the list.
    engines.rotate_right(args.vms.engine.len());
    Ok(engines)
}

/// Returns the machines that are fuzzed by default.
pub(crate) fn default_machines() -> impl Iterator<Item = Machine> {
    let known =
        |machine: &Machine| machine.has_reference() && generate::generator(*machine).is_some();
    Machine::ALL.into_iter().filter(known)
}

/// Runs or continues a campaign, and shows its progress.
pub(crate) fn run(
    options: &Options,
    state: Option<&State>,
    engines: &[CampaignEngine],
) -> Result<Summary, Diagnostic> {
    let progress = Progress::with_lines();
    let engines = || {
        Ok(engines
            .iter()
            .map(CampaignEngine::contender)
            .collect::<Vec<Contender>>())
    };
    let mut show = |so_far: &campaign::Progress| {
        progress.show(|| progress_text(options.machine, so_far));
    };
    let summary = match state {
        Some(state) => campaign::resume(options, state, &engines, &mut show),
        None => campaign::run(options, &engines, &mut show),
    };
    summary.map_err(|error| match error {
        campaign::Error::Write { .. } => unwritable(&error.to_string()),
        _ => Diagnostic::error(format!("the campaign cannot be run: {error}")),
    })
}

/// Returns the commands that run the same programs again and that continue the campaign.
fn what_next(planned: &Planned, summary: &Summary, paint: Paint) -> String {
    let Planned {
        options, folder, ..
    } = planned;
    let folder = shell_words::quote(&folder.display().to_string()).into_owned();
    let mut text = format!("  {} {}\n", paint.dim("again:"), again(options, summary));
    let left = summary.findings.iter().filter(|finding| !finding.reduced);
    let left = left.count();
    let full = summary.unfinished && summary.findings.len() >= options.max_findings;
    let (why, more) = match (full, left) {
        (true, _) => {
            let max = options.max_findings;
            let why = format!("ended at {}", counted(max, "finding"));
            (why, format!(" --max-findings {}", max * 2))
        }
        (false, 1..) if !summary.unfinished => {
            let what = counted(left, "finding");
            let why = format!("{what} not fully reduced");
            (why, " --seconds 60".to_owned())
        }
        _ if summary.unfinished => ("not finished".to_owned(), String::new()),
        _ => return text,
    };
    let to_continue = paint.dim(&format!("{why}, to continue:"));
    let flags: String = options
        .flags
        .iter()
        .map(|flag| format!(" {flag}"))
        .collect();
    text += &format!("  {to_continue} mmm fuzz --resume {folder}{flags}{more}\n");
    text
}

/// Returns the command that runs the same programs again.
fn again(options: &Options, summary: &Summary) -> String {
    let Options {
        machine,
        seed,
        shard,
        ..
    } = options;
    let mut command = format!("mmm fuzz --machine {machine} --seed {seed}");
    let ran = summary.programs + summary.not_portable;
    // A continued campaign may have run more programs than its last --runs.
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
                    .help("name folders that campaigns wrote with --findings"),
            );
        }
        for state in states {
            let Some(machine) = state.machine() else {
                return Err(Diagnostic::error(format!(
                    "the machine of '{shown}' is unknown"
                )));
            };
            let place = (folder.clone(), state);
            match by_machine.iter_mut().find(|(known, _)| *known == machine) {
                Some((_, states)) => states.push(place),
                None => by_machine.push((machine, vec![place])),
            }
        }
    }
    // A folder without a machine that others have belongs to another campaign.
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
        let merged = campaign::merge(&states, &args.output)
            .map_err(|error| Diagnostic::error(error.to_string()))?;
        if !merged.summary.passes() {
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
            text += &format!("; missing: {parts} {}", missing.join(", "));
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
    Ok(print_or_write(&generated.case, args.output.as_deref()))
}

/// Returns the ending that programs are to have.
fn aim(machine: Machine, name: Option<&str>) -> Result<Aim, Diagnostic> {
    let generator = generator(machine)?;
    Aim::from_name(generator, name).ok_or_else(|| {
        let name = name.unwrap_or_default();
        let all = Aim::names(generator);
        let unknown =
            Diagnostic::error(format!("there is no ending '{name}' of {machine} programs"))
                .note(format!("the endings are: {}", all.join(", ")));
        match closest(name, all) {
            Some(near) => unknown.help(format!("did you mean '{near}'?")),
            None => unknown,
        }
    })
}

/// Returns a new seed.
pub(crate) fn new_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    // Short enough to type.
    now.map_or(0, |now| now.as_micros() as u64 % 1_000_000_000)
}

/// Returns the number of processors.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
