//! `mmm coverage`.

use super::args::Coverage as Args;
use super::console::{Output, Status, look};
use super::fuzz::processors;
use conformance::coverage::{Coverage, Floor, PROGRAMS, measure};
use conformance::machine::Machine;
use conformance::report::coverage::{coverage_text, fallen_text};
use conformance::report::paint::{Paint, counted};
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;
use vm::base::Diagnostic;

/// The file of the recorded minimum in a checkout.
const FLOOR: &str = "conformance/coverage-floor.txt";

/// A machine's coverage as JSON, with what is below the recorded minimum.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    coverage: &'a Coverage,
    fallen: Vec<String>,
}

pub(crate) fn coverage(args: &Args) -> Result<Status, Diagnostic> {
    let path = args.floor.as_deref();
    let mut floor = match path {
        Some(path) => Floor::parse(&read(path)?),
        None => Floor::committed(),
    };
    let jobs = args.jobs.map_or_else(processors, usize::from);
    let machines = match args.machine {
        Some(machine) => vec![machine],
        None => Machine::ALL.to_vec(),
    };
    let measured: Vec<Coverage> = machines
        .iter()
        .filter_map(|&machine| {
            // Without a reference evaluator, programs are generated only for their histograms.
            let wanted = args.histograms || machine.has_reference();
            let programs = if wanted { args.programs } else { 0 };
            measure(machine, programs, args.seed, jobs)
        })
        .collect();
    if measured.is_empty() {
        let which = args.machine.map_or("any machine", Machine::name);
        return Err(Diagnostic::error(format!(
            "there is no specification of {which}"
        )));
    }
    let mut out = Output::to_stdout();
    let paint = Paint(look(&io::stdout()));
    let mut status = Status::Fine;
    let mut rows = Vec::new();
    let mut text = String::new();
    let mut added = 0;
    for coverage in &measured {
        let missing = floor.missing(coverage);
        if !missing.is_empty() {
            status = Status::Found;
        }
        text += &coverage_text(coverage, args.histograms, paint);
        text += &fallen_text(&missing, paint);
        text.push('\n');
        added += floor.raise(coverage);
        let fallen = missing
            .iter()
            .map(|missing| format!("{}: {}", missing.about, missing.facts.join(" ")));
        rows.push(Row {
            coverage,
            fallen: fallen.collect(),
        });
    }
    if args.json {
        let json = serde_json::to_string_pretty(&rows).unwrap_or_default();
        let _ = writeln!(out, "{json}");
    } else {
        text += &verdict(status, added, args, paint);
        let _ = out.write_all(text.as_bytes());
    }
    if args.raise {
        let path = path.unwrap_or(Path::new(FLOOR));
        std::fs::write(path, floor.to_text()).map_err(|error| {
            let what = format!(
                "cannot write the recorded minimum '{}': {error}",
                path.display()
            );
            Diagnostic::error(what)
                .help("use --raise in a checkout of the project, or name a file: --floor FILE")
        })?;
    }
    Ok(out.finish(status))
}

/// Compares the coverage with the recorded minimum, in words.
fn verdict(status: Status, added: usize, args: &Args, paint: Paint) -> String {
    let mut text = match status {
        Status::Fine => paint.good("coverage is at or above the recorded minimum"),
        Status::Found | Status::Unusable => paint.bad("coverage is below the recorded minimum"),
    };
    if args.programs < PROGRAMS {
        text += &format!(" (campaigns of fewer than {PROGRAMS} programs are not compared)");
    }
    if added > 0 {
        let new = counted(added, "fact");
        text += &match args.raise {
            true => format!("; {new} added"),
            false => format!("; {new} above it (--raise adds them)"),
        };
    }
    text + "\n"
}

fn read(path: &Path) -> Result<String, Diagnostic> {
    std::fs::read_to_string(path).map_err(|error| {
        Diagnostic::error(format!(
            "cannot read the recorded minimum '{}': {error}",
            path.display()
        ))
    })
}
