//! `mmm` alone: does everything here hold? The corpus, then a short campaign, on our own machines.

use super::args;
use super::conform::{held, judge};
use super::console::{Status, look};
use super::engines::Rival;
use super::fuzz;
use super::reports::Reports;
use conformance::campaign::{Options, Summary};
use conformance::case::Case;
use conformance::conform::{self, CaseReport, Report, Subject};
use conformance::corpus;
use conformance::engines::machines::MACHINES;
use conformance::machine::Machine;
use conformance::report::conform::{Advice, failures};
use conformance::report::paint::{Paint, counted, grouped};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;
use vm::base::Diagnostic;

/// How to run a case again, up to its name.
const AGAIN: &str = "mmm conform --filter";
/// How long the campaign of one machine is.
const SHORT: Duration = Duration::from_secs(5);

pub(crate) fn everything(args: &args::Reports) -> Result<Status, Diagnostic> {
    let mut reports = Reports::open(args)?;
    let mut out = reports.output();
    let paint = Paint(look(&io::stdout()));
    let mut worst = Status::Fine;
    let mut say = |text: &str| {
        // A reader who has gone away does not keep the work from being judged.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    };
    say(&format!(
        "{}\n",
        paint.strong("conformance: what is on record, on our own machines")
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
        say(&text);
        reports.conformance(report, AGAIN.to_owned());
    }
    let seed = fuzz::new_seed();
    let title = format!("campaign: random programs, machine against reference, seed {seed}");
    say(&format!("\n{}\n", paint.strong(&title)));
    for machine in fuzz::generated() {
        let options = Options {
            jobs: fuzz::processors(),
            runs: None,
            time: Some(SHORT),
            findings: Some(PathBuf::from("findings")),
            ..Options::new(machine, seed, 0)
        };
        let summary = fuzz::run(&options, None, &[Rival::ours()])?;
        if summary.disagreements > 0 {
            worst = Status::Found;
        }
        say(&campaign(machine, &summary, paint));
        let again = format!(
            "mmm fuzz --machine {machine} --seed {seed} --runs {}",
            summary.programs
        );
        reports.campaign(machine, seed, Subject::Ours.name(), again, summary);
    }
    say(&next(worst, paint));
    reports.write(out.finish(worst))
}

/// A machine's line on its cases, and more about those that differ.
fn conformance(
    machine: Machine,
    cases: Vec<Case>,
    paint: Paint,
) -> Result<(Report, String), Diagnostic> {
    let cases = held(cases);
    let options = conform::Options {
        jobs: fuzz::processors(),
        ..Default::default()
    };
    let report = judge(&cases, &Subject::Ours, &options)?;
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
        let only = match MACHINES.contains(&machine) {
            true => "not compared",
            false => "only loaded",
        };
        figures += &format!(", {} {only}", grouped(tally.not_compared as u64));
    }
    let mut text = line(machine, tally.differ == 0, &figures, seconds, paint);
    let advice = |case: &CaseReport| Advice {
        again: format!("{AGAIN} {}", case.name),
        program: None,
    };
    text += &failures(&report, advice, paint);
    Ok((report, text))
}

/// A machine's line on its campaign, and where to look for what disagrees.
fn campaign(machine: Machine, summary: &Summary, paint: Paint) -> String {
    let seconds = summary.elapsed.as_secs_f64();
    let figures = format!(
        "{} programs, {} a second, {} disagree",
        grouped(summary.programs),
        grouped(summary.rate() as u64),
        grouped(summary.disagreements)
    );
    let mut text = line(
        machine,
        summary.disagreements == 0,
        &figures,
        seconds,
        paint,
    );
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

/// What to do now.
fn next(worst: Status, paint: Paint) -> String {
    let (verdict, rows) = match worst {
        Status::Fine => (
            paint.good("everything agrees"),
            [
                (
                    "mmm conform --vm './your-vm {file}'",
                    "judge a VM of your own",
                ),
                ("mmm fuzz --seconds 600", "look for longer"),
                ("mmm run FILE", "run a program"),
                ("mmm --help", "everything else"),
            ],
        ),
        Status::Found | Status::Unusable => (
            paint.bad("not everything agrees"),
            [
                ("mmm conform --save DIR", "write the programs that differ"),
                ("mmm run FILE", "run one of them"),
                ("mmm reduce FILE", "make a program that disagrees smaller"),
                ("mmm --help", "everything else"),
            ],
        ),
    };
    let mut text = format!("\n{verdict}; next:\n");
    for (command, what) in rows {
        text += &format!("  {command:<38} {}\n", paint.dim(what));
    }
    text
}
