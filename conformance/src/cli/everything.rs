//! `mmm` alone: does everything here hold? The corpus, then a short campaign, on our own machines.

use super::conform::{held, judge};
use super::console::{Output, Status, look};
use super::fuzz;
use conformance::campaign::{Options, Summary};
use conformance::case::Case;
use conformance::conform::{self, CaseReport, Subject};
use conformance::corpus;
use conformance::engines::load::MACHINES;
use conformance::machine::Machine;
use conformance::report::conform::{Advice, failures};
use conformance::report::paint::{Paint, counted, grouped};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;
use vm::base::Diagnostic;

/// How long the campaign of one machine is.
const SHORT: Duration = Duration::from_secs(5);

pub(crate) fn everything() -> Result<Status, Diagnostic> {
    let mut out = Output::to_stdout();
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
    for machine in MACHINES {
        let of_machine = |case: &&Case| case.machine == machine;
        let cases: Vec<Case> = all.iter().filter(of_machine).cloned().collect();
        if cases.is_empty() {
            continue;
        }
        let (good, text) = conformance(machine, cases, paint)?;
        worst = worst.max(if good { Status::Fine } else { Status::Found });
        say(&text);
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
        let summary = fuzz::run(&options, &Subject::Ours)?;
        if summary.disagreements > 0 {
            worst = Status::Found;
        }
        say(&campaign(machine, &summary, paint));
    }
    say(&next(worst, paint));
    Ok(out.finish(worst))
}

/// A machine's line on its cases, and more about those that differ.
fn conformance(
    machine: Machine,
    cases: Vec<Case>,
    paint: Paint,
) -> Result<(bool, String), Diagnostic> {
    let cases = held(cases);
    let options = conform::Options {
        jobs: fuzz::processors(),
        fail_fast: false,
    };
    let report = judge(&cases, &Subject::Ours, &options)?;
    let seconds = report.elapsed.as_secs_f64();
    let tally = report.tally();
    let figures = format!(
        "{} in {}, {} agree, {} differ",
        counted(cases.len(), "case"),
        counted(report.topics.len(), "topic"),
        grouped(tally.agree as u64),
        grouped(tally.differ as u64)
    );
    let mut text = line(machine, tally.differ == 0, &figures, seconds, paint);
    let advice = |case: &CaseReport| Advice {
        again: format!("mmm conform --filter {}", case.name),
        program: None,
    };
    text += &failures(&report, advice, paint);
    Ok((tally.differ == 0, text))
}

/// A machine's line on its campaign, and where to look for what disagrees.
fn campaign(machine: Machine, summary: &Summary, paint: Paint) -> String {
    let seconds = summary.elapsed.as_secs_f64();
    let figures = format!(
        "{} programs, {} a second, {} disagree",
        grouped(summary.programs),
        grouped((summary.programs as f64 / seconds.max(1e-9)) as u64),
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
