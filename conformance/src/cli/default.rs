//! `mmm` without a command: the corpus and a short campaign, on our own machines.

use super::args;
use super::conform::{judge, with_expectations};
use super::console::{Status, look};
use super::engines::CampaignEngine;
use super::fuzz;
use super::reports::Reports;
use conformance::campaign::{Options, Summary};
use conformance::case::Case;
use conformance::conform::{self, CaseReport, Report};
use conformance::corpus;
use conformance::engines::EngineSpec;
use conformance::machine::Machine;
use conformance::report::conform::{Advice, failures};
use conformance::report::paint::{Paint, counted, grouped};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;
use vm::base::Diagnostic;

/// The command that runs a case again, without its name.
const RERUN: &str = "mmm conform --filter";
/// How long the campaign of each machine runs.
const CAMPAIGN_TIME: Duration = Duration::from_secs(5);

/// Runs `mmm` without a command.
pub(crate) fn run_all(args: &args::Reports) -> Result<Status, Diagnostic> {
    let mut reports = Reports::open(args)?;
    let mut out = reports.output();
    let paint = Paint(look(&io::stdout()));
    let mut worst = Status::Fine;
    let mut print = |text: &str| {
        // The output keeps its error. The exit status does not depend on a closed pipe.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    };
    print(&format!(
        "{}\n",
        paint.strong("conformance: recorded outcomes, on our own machines")
    ));
    let all = corpus::embedded();
    for machine in Machine::ALL {
        let of_machine = |case: &&Case| case.machine == machine;
        let cases: Vec<Case> = all.iter().filter(of_machine).cloned().collect();
        if cases.is_empty() {
            continue;
        }
        let (report, text) = conformance(machine, cases, paint)?;
        if !report.passes() {
            worst = Status::Found;
        }
        print(&text);
        reports.conformance(report, RERUN.to_owned());
    }
    let seed = fuzz::new_seed();
    let title = format!("campaign: random programs, machine against reference, seed {seed}");
    print(&format!("\n{}\n", paint.strong(&title)));
    for machine in fuzz::default_machines() {
        let options = Options {
            jobs: fuzz::processors(),
            runs: None,
            time: Some(CAMPAIGN_TIME),
            findings: Some(PathBuf::from("findings")),
            ..Options::new(machine, seed, 0)
        };
        let summary = fuzz::run(&options, None, &[CampaignEngine::ours()])?;
        if !summary.passes() {
            worst = Status::Found;
        }
        print(&campaign(machine, &summary, paint));
        let again = format!(
            "mmm fuzz --machine {machine} --seed {seed} --runs {}",
            summary.programs
        );
        reports.campaign(machine, seed, EngineSpec::Ours.name(), again, summary);
    }
    print(&next_steps(worst, paint));
    reports.write(out.finish(worst))
}

/// Runs a machine's cases; returns the report, and its text: one line, and the cases that differ.
fn conformance(
    machine: Machine,
    cases: Vec<Case>,
    paint: Paint,
) -> Result<(Report, String), Diagnostic> {
    let cases = with_expectations(cases);
    let options = conform::Options {
        jobs: fuzz::processors(),
        ..Default::default()
    };
    let report = judge(&cases, &EngineSpec::Ours, &options)?;
    let seconds = report.elapsed.as_secs_f64();
    let tally = report.tally();
    let mut figures = format!(
        "{} in {}, {} agree, {} differ",
        counted(cases.len(), "case"),
        counted(report.topics.len(), "topic"),
        grouped(tally.agree as u64),
        grouped(tally.differ as u64)
    );
    if tally.not_compared > 0 {
        let only = match machine.is_executed() {
            true => "not compared",
            false => "only loaded",
        };
        figures += &format!(", {} {only}", grouped(tally.not_compared as u64));
    }
    let mut text = line(machine, tally.differ == 0, &figures, seconds, paint);
    let advice = |case: &CaseReport| Advice {
        rerun: format!("{RERUN} {}", case.name),
        program: None,
    };
    text += &failures(&report, advice, paint);
    Ok((report, text))
}

/// Returns a line about a machine's campaign, and the files of its findings.
fn campaign(machine: Machine, summary: &Summary, paint: Paint) -> String {
    let seconds = summary.elapsed.as_secs_f64();
    let figures = format!(
        "{} programs, {} a second, {} disagree",
        grouped(summary.programs),
        grouped(summary.rate() as u64),
        grouped(summary.disagreements)
    );
    let mut text = line(machine, summary.passes(), &figures, seconds, paint);
    for finding in &summary.findings {
        if let Some(folder) = &finding.folder {
            text += &format!("        {}/FINDING.md\n", folder.display());
        }
    }
    text
}

fn line(machine: Machine, good: bool, figures: &str, seconds: f64, paint: Paint) -> String {
    let mark = match good {
        true => paint.good("✓"),
        false => paint.bad("✗"),
    };
    let time = paint.dim(&format!("({seconds:.1} s)"));
    format!("  {mark} {:<4} {figures}  {time}\n", machine.name())
}

/// Returns the verdict, and commands to continue with.
fn next_steps(worst: Status, paint: Paint) -> String {
    let (verdict, rows) = match worst {
        Status::Fine => (
            paint.good("everything agrees"),
            [
                ("mmm conform --vm './your-vm {file}'", "test your own VM"),
                ("mmm fuzz --seconds 600", "run a longer campaign"),
                ("mmm run FILE", "run a program"),
                ("mmm --help", "all commands"),
            ],
        ),
        Status::Found | Status::Unusable => (
            paint.bad("not everything agrees"),
            [
                ("mmm conform --save DIR", "write the programs that differ"),
                ("mmm run FILE", "run one of them"),
                ("mmm reduce FILE", "reduce one of them"),
                ("mmm --help", "all commands"),
            ],
        ),
    };
    let mut text = format!("\n{verdict}; next:\n");
    for (command, what) in rows {
        text += &format!("  {command:<38} {}\n", paint.dim(what));
    }
    text
}
