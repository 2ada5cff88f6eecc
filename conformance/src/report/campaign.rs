//! The report on a campaign.

use super::paint::{Paint, counted, grouped};
use crate::campaign::{A_WHILE, Finding, Progress, Shrinking, Summary};
use crate::compare::Difference;
use crate::machine::Machine;
use std::fmt::Write as _;
use std::time::Duration;

/// Columns of the bars.
const BAR: u64 = 40;
/// How many of the boundaries are named, from the rarest.
const RAREST: usize = 5;
/// The most findings that are shown.
const SHOWN: usize = 16;

/// A campaign as a person reads it, on one screen: what was found, and how much was done. With
/// `histograms`, before it, what the programs were made of and how they ended.
pub fn campaign_text(
    machine: Machine,
    summary: &Summary,
    histograms: bool,
    paint: Paint,
) -> String {
    let mut out = String::new();
    if histograms {
        all_histograms(&mut out, summary);
    }
    let verdict = verdict(summary);
    let (mark, verdict) = match summary.disagreements {
        0 => (paint.good("✓"), verdict),
        _ => (paint.bad("✗"), paint.bad(&verdict)),
    };
    let _ = writeln!(out, "{mark} {machine}: {}, {verdict}", amount(summary));
    findings(&mut out, summary, paint);
    let figures = figures(machine, summary);
    if !figures.is_empty() {
        let _ = writeln!(out, "  {}", paint.dim(&figures.join("; ")));
    }
    out
}

fn verdict(summary: &Summary) -> String {
    match (summary.disagreements, summary.findings.len()) {
        (0, _) => "no disagreement".to_owned(),
        (programs, found) => format!(
            "{} disagreed: {}",
            grouped(programs),
            counted(found, "finding")
        ),
    }
}

/// How many programs there were, in how much time.
fn amount(summary: &Summary) -> String {
    let seconds = summary.elapsed.as_secs_f64();
    let programs = grouped(summary.programs);
    let what = match (summary.loaded, summary.programs) {
        (None, 1) => "program",
        (None, _) => "programs",
        (Some(_), _) => "damaged files",
    };
    let rate = rate(summary.rate());
    format!("{programs} {what} in {seconds:.1} s ({rate} a second)")
}

/// What else is worth a word.
fn figures(machine: Machine, summary: &Summary) -> Vec<String> {
    let share = |count: u64| count as f64 * 100.0 / summary.programs.max(1) as f64;
    let mut figures = Vec::new();
    match summary.loaded {
        Some(loaded) => figures.push(format!("{:.1}% load", share(loaded))),
        None => {
            let met = summary.mnemonics.iter().filter(|(_, count)| *count > 0);
            figures.push(format!(
                "{} of {} instructions",
                met.count(),
                summary.mnemonics.len()
            ));
        }
    }
    if summary.marked > 0 && !summary.clauses.is_empty() {
        let asked = match summary.marked == summary.programs {
            true => String::new(),
            false => format!(" (by {} of them)", grouped(summary.marked)),
        };
        figures.push(format!("{} clauses{asked}", summary.clauses.len()));
    }
    // Steps are what a reference counts.
    if summary.loaded.is_none() && machine.has_reference() {
        let share = share(summary.substantial);
        figures.push(format!("{share:.0}% of {A_WHILE} steps or more"));
    }
    if summary.left_out > 0 {
        let left_out = grouped(summary.left_out);
        figures.push(format!("{left_out} left out (not portable)"));
    }
    if summary.inconclusive > 0 {
        figures.push(format!("{} at a limit", grouped(summary.inconclusive)));
    }
    figures
}

fn all_histograms(out: &mut String, summary: &Summary) {
    let endings: Vec<(String, u64)> = summary
        .endings
        .iter()
        .map(|(ending, &count)| (ending.name().to_owned(), count))
        .collect();
    let faults: Vec<(String, u64)> = summary
        .faults
        .iter()
        .map(|(fault, &count)| (fault.clone(), count))
        .collect();
    histogram(out, "instructions", &summary.mnemonics);
    histogram(out, "endings", &endings);
    histogram(out, "faults and limits", &faults);
    if !summary.boundaries.is_empty() {
        boundaries(out, &summary.boundaries);
    }
}

pub(super) fn histogram(out: &mut String, title: &str, rows: &[(String, u64)]) {
    if rows.is_empty() {
        return;
    }
    let most = rows
        .iter()
        .map(|&(_, count)| count)
        .max()
        .unwrap_or(0)
        .max(1);
    let width = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0);
    let digits = grouped(most).chars().count();
    let _ = writeln!(out, "{title}");
    for (name, count) in rows {
        // What is there at all is seen.
        let bar = "#".repeat((count * BAR).div_ceil(most) as usize);
        let row = format!("  {name:<width$}  {:>digits$}  {bar}", grouped(*count));
        let _ = writeln!(out, "{}", row.trim_end());
    }
    out.push('\n');
}

fn boundaries(out: &mut String, rows: &[(String, u64)]) {
    let mut rows: Vec<&(String, u64)> = rows.iter().collect();
    rows.sort_by_key(|(_, count)| *count);
    let reached = rows.iter().filter(|(_, count)| *count > 0).count();
    let _ = writeln!(
        out,
        "boundaries: {reached} of {} reached, these least often:",
        rows.len()
    );
    for (name, count) in rows.iter().take(RAREST) {
        let _ = writeln!(out, "  {:>7}  {}", grouped(*count), name.escape_debug());
    }
    out.push('\n');
}

fn findings(out: &mut String, summary: &Summary, paint: Paint) {
    for finding in summary.findings.iter().take(SHOWN) {
        let about: Vec<String> = [
            (!finding.identity.instruction.is_empty())
                .then(|| format!("at {}", finding.identity.instruction)),
            (!finding.clause.is_empty()).then(|| format!("[{}]", finding.clause)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let about = match about.is_empty() {
            true => String::new(),
            false => format!("{}: ", paint.strong(&about.join(" "))),
        };
        let _ = writeln!(out, "\n  {about}{}", finding.camps);
        let _ = writeln!(out, "    {}", difference(finding));
        let mut whereabouts = match &finding.folder {
            Some(folder) => format!("{}, ", folder.join("FINDING.md").display()),
            None => String::new(),
        };
        let unit = match finding.case.machine {
            Machine::Py => "byte",
            Machine::Mmm | Machine::Sc => "instruction",
        };
        whereabouts += &counted(finding.size() as usize, unit);
        whereabouts += match (finding.steady, finding.reduced) {
            (false, _) => ", not the same when run again",
            (true, true) => "",
            (true, false) => ", not fully reduced",
        };
        if finding.times > 1 {
            whereabouts += &format!("; {} more like it", grouped(finding.times - 1));
        }
        let _ = writeln!(out, "    {}", paint.dim(&whereabouts));
    }
    let more = summary.findings.len().saturating_sub(SHOWN);
    if more > 0 {
        let _ = writeln!(out, "\n  … and {} more", counted(more, "finding"));
    }
    if !summary.findings.is_empty() {
        out.push('\n');
    }
}

/// In what an engine differs from the reference, in a line.
fn difference(finding: &Finding) -> String {
    let Finding {
        difference:
            Difference {
                kind,
                expected,
                found,
            },
        engine,
        ..
    } = finding;
    // What it died of says more than that it did.
    let norm = finding.norm();
    match finding.identity.kind.strip_prefix(found.as_str()) {
        Some(words) if words.starts_with(": ") => {
            format!("{norm} says {expected}, {engine} {found}{words}")
        }
        _ => {
            let (expected, found) = around(expected, found);
            format!(
                "{}: {norm} says {expected}, {engine} says {found}",
                kind.name()
            )
        }
    }
}

/// Two texts, each cut down to where they differ.
fn around(left: &str, right: &str) -> (String, String) {
    const BEFORE: usize = 24;
    const LENGTH: usize = 56;
    let same = left.chars().zip(right.chars()).take_while(|(a, b)| a == b);
    let start = match same.count().checked_sub(BEFORE) {
        Some(start) if left.chars().count().max(right.chars().count()) > LENGTH => start,
        _ => 0,
    };
    let cut = |text: &str| {
        let rest = text.chars().skip(start);
        let shown: String = rest.clone().take(LENGTH).collect();
        let before = if start > 0 { "…" } else { "" };
        let behind = if rest.count() > LENGTH { "…" } else { "" };
        format!("{before}{shown}{behind}")
    };
    (cut(left), cut(right))
}

/// How far a campaign is, in a line.
pub fn progress_text(machine: Machine, progress: &Progress) -> String {
    let mut line = format!("{machine}: {} programs", grouped(progress.programs));
    let findings = counted(progress.findings as usize, "finding");
    match progress.reducing {
        Some(Shrinking { done, all, tried }) => {
            let _ = write!(
                line,
                "; {findings}, {done} of {all} reduced, {} tried",
                grouped(tried)
            );
        }
        None => {
            let rate = rate(progress.rate);
            let _ = write!(line, ", {rate} a second; {findings}");
        }
    }
    // A line at a narrow terminal loses its end: what is told last is told best without.
    if let Some(left) = progress.left.filter(|left| left.as_secs() < 1_000_000) {
        let _ = write!(line, "; {} left", time(left));
    }
    if progress.reducing.is_none() {
        for ((met, all), what) in [
            (progress.instructions, "instructions"),
            (progress.clauses, "clauses"),
        ] {
            if met > 0 {
                let _ = write!(line, "; {met} of {all} {what}");
            }
        }
    }
    line
}

/// Programs a second; a VM that takes long over one makes few.
fn rate(rate: f64) -> String {
    match rate < 9.95 {
        true => format!("{rate:.1}"),
        false => grouped(rate.round() as u64),
    }
}

/// `0:05`, `12:34`, `1:02:03`.
fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
