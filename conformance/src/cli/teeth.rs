//! `mmm teeth`: mutation testing of the suite.

use super::args::Teeth;
use super::console::{Output, Status};
use super::fuzz::processors;
use super::interrupt::stop_gently;
use super::progress::Progress;
use conformance::machine::Machine;
use conformance::reference::quirks::{self, Quirk};
use conformance::report::paint::grouped;
use conformance::teeth::{Bite, Found, Hunt, Jaw, hunt};
use serde::Serialize;
use std::io::Write;
use std::sync::atomic::Ordering;
use vm::base::{Diagnostic, closest};

/// A row of the table.
#[derive(Serialize)]
struct Row<'a> {
    machine: &'a str,
    quirk: &'a str,
    clause: &'a str,
    what: &'a str,
    /// The first case that detects it.
    case: Option<&'a str>,
    cases: usize,
    /// How many of these cases name its clause.
    naming: usize,
    programs: Option<u64>,
    seconds: Option<f64>,
    instructions: Option<u64>,
    /// The clause that the finding of the campaign names.
    blamed: Option<&'a str>,
    corpus_only: Option<&'a str>,
}

pub(crate) fn teeth(args: &Teeth) -> Result<Status, Diagnostic> {
    let chosen = chosen(args)?;
    let mut out = Output::to_stdout();
    let mut worst = Status::Fine;
    for machine in Machine::ALL {
        let mut quirks = chosen.iter().filter(|quirk| quirk.machine == machine);
        let Some(first) = quirks.next() else {
            continue;
        };
        let jaw = Jaw::new(machine);
        let mut rows = Vec::new();
        if !args.json {
            let head = head(machine, !args.seconds.is_zero());
            let _ = out.write_all(head.as_bytes());
        }
        for quirk in std::iter::once(first).chain(quirks) {
            let bite = jaw.bite(quirk);
            let found = found(quirk, args)?;
            let row = row(quirk, &bite, found.as_ref());
            let line = match args.json {
                true => serde_json::to_string(&row).unwrap_or_default() + "\n",
                false => text(&row, !args.seconds.is_zero()),
            };
            if out
                .write_all(line.as_bytes())
                .and_then(|()| out.flush())
                .is_err()
            {
                return Ok(out.finish(worst));
            }
            if row.cases == 0 {
                worst = Status::Found;
            }
            rows.push(Counts {
                cases: row.cases,
                blamed: row.blamed == Some(row.clause),
                found: row.programs.zip(row.seconds),
                instructions: row.instructions,
            });
            if stop_gently().load(Ordering::Relaxed) {
                break;
            }
        }
        if !args.json {
            let _ = out.write_all(sum(&rows, !args.seconds.is_zero()).as_bytes());
        }
    }
    Ok(out.finish(worst))
}

/// Returns the quirks to test.
fn chosen(args: &Teeth) -> Result<Vec<&'static Quirk>, Diagnostic> {
    let machines = Machine::ALL.into_iter();
    let machines = machines.filter(|machine| args.machine.is_none_or(|only| only == *machine));
    let all: Vec<&'static Quirk> = machines.flat_map(quirks::of).collect();
    if let (Some(machine), true) = (args.machine, all.is_empty()) {
        let what = format!("{machine} has no reference evaluator, so it has no quirks");
        let names: Vec<&str> = Machine::ALL
            .into_iter()
            .filter(|machine| machine.has_reference())
            .map(Machine::name)
            .collect();
        let names = names.join(", ");
        return Err(Diagnostic::error(what).help(format!("these machines have quirks: {names}")));
    }
    if args.quirks.is_empty() {
        return Ok(all);
    }
    for name in &args.quirks {
        if !all.iter().any(|quirk| quirk.name == *name) {
            let wrong = Diagnostic::error(format!("there is no quirk '{name}'"));
            let names = all.iter().map(|quirk| &*quirk.name);
            return Err(match closest(name, names) {
                Some(near) => wrong.help(format!("did you mean '{near}'?")),
                None => wrong.help("mmm teeth --seconds 0 lists them"),
            });
        }
    }
    let asked = |quirk: &&Quirk| args.quirks.contains(&quirk.name);
    Ok(all.into_iter().filter(asked).collect())
}

/// Runs a campaign that looks for a quirk.
fn found(quirk: &'static Quirk, args: &Teeth) -> Result<Option<Found>, Diagnostic> {
    if args.seconds.is_zero() {
        return Ok(None);
    }
    Progress::new().show(|| format!("{} {}", quirk.machine, quirk.name));
    let options = Hunt {
        seed: args.seed,
        runs: None,
        time: Some(args.seconds),
        jobs: args.jobs.map_or_else(processors, usize::from),
    };
    hunt(quirk, &options)
        .map_err(|error| Diagnostic::error(format!("the campaign cannot continue: {error}")))
}

fn row<'a>(quirk: &'a Quirk, bite: &Bite<'a>, found: Option<&'a Found>) -> Row<'a> {
    Row {
        machine: quirk.machine.name(),
        quirk: &quirk.name,
        clause: quirk.clause,
        what: quirk.description,
        case: bite.cases.first().copied(),
        cases: bite.cases.len(),
        naming: bite.naming,
        programs: found.map(|found| found.programs),
        seconds: found.map(|found| found.time.as_secs_f64()),
        instructions: found.and_then(|found| found.instructions),
        blamed: found.map(|found| &*found.blamed),
        corpus_only: quirk.corpus_only,
    }
}

fn head(machine: Machine, hunts: bool) -> String {
    let campaign = match hunts {
        true => format!("{:>10} {:>7} {:>5}  ", "programs", "seconds", "size"),
        false => String::new(),
    };
    format!(
        "{:<30} {:<26} {campaign}{}\n",
        format!("quirk of {machine}"),
        "clause",
        "detected by"
    )
}

fn text(row: &Row, hunts: bool) -> String {
    let campaign = match (hunts, row.programs, row.seconds) {
        (false, ..) => String::new(),
        (true, Some(programs), Some(seconds)) => {
            let size = row
                .instructions
                .map_or("?".to_owned(), |size| size.to_string());
            format!("{:>10} {seconds:>7.2} {size:>5}  ", grouped(programs))
        }
        _ if row.corpus_only.is_some() => format!("{:>24}  ", "by the corpus only"),
        _ => format!("{:>24}  ", "not found"),
    };
    let detected = match (row.case, row.cases) {
        (None, _) => "SURVIVES the corpus".to_owned(),
        (Some(case), 1) => case.to_owned(),
        (Some(case), cases) => format!("{case} and {} more", cases - 1),
    };
    format!(
        "{:<30} {:<26} {campaign}{detected}\n",
        row.quirk, row.clause
    )
}

/// The figures of a quirk for the summary.
struct Counts {
    cases: usize,
    /// The finding of the campaign names the clause that the quirk violates.
    blamed: bool,
    /// The number of programs and seconds until it was found.
    found: Option<(u64, f64)>,
    instructions: Option<u64>,
}

fn sum(rows: &[Counts], hunts: bool) -> String {
    let detected = rows.iter().filter(|row| row.cases > 0).count();
    let mut line = format!(
        "{detected} of {} quirks are detected by the corpus",
        rows.len()
    );
    if hunts {
        let found: Vec<(u64, f64)> = rows.iter().filter_map(|row| row.found).collect();
        let blamed = rows.iter().filter(|row| row.blamed).count();
        let mean = |sum: f64| sum / found.len().max(1) as f64;
        let mut programs: Vec<u64> = found.iter().map(|found| found.0).collect();
        programs.sort_unstable();
        let median = programs.get(programs.len() / 2).copied().unwrap_or(0);
        line += &format!(
            ", {} are found by a campaign, which names the violated clause in {blamed}; on average after {:.0} programs (median {}) and {:.2} s, reduced to {:.1} instructions",
            found.len(),
            mean(programs.iter().sum::<u64>() as f64),
            grouped(median),
            mean(found.iter().map(|found| found.1).sum()),
            mean(rows.iter().filter_map(|row| row.instructions).sum::<u64>() as f64),
        );
    }
    line + "\n\n"
}
