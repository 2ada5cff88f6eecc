//! The report on a campaign, for a terminal.

use super::paint::{Paint, counted, grouped};
use super::visible::line;
use crate::campaign::{Finding, Progress, ReductionProgress, SUBSTANTIAL_STEPS, Summary};
use crate::compare::Difference;
use crate::machine::Machine;
use std::fmt::Write as _;
use std::time::Duration;

/// The maximal width of a bar.
const BAR_WIDTH: u64 = 40;
/// The number of boundaries that are named, from the rarest.
const RAREST: usize = 5;
/// The maximal number of findings that are shown.
const MAX_FINDINGS: usize = 16;

/// Returns the report on a campaign, on one screen: what was found and how much was run. With
/// `histograms`, it begins with what the programs consisted of and how they ended.
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
    let (mark, verdict) = match summary.passes() {
        true => (paint.good("✓"), verdict),
        false => (paint.bad("✗"), paint.bad(&verdict)),
    };
    let _ = writeln!(out, "{mark} {machine}: {}, {verdict}", amount(summary));
    findings(&mut out, summary, paint);
    let figures = figures(machine, summary);
    if !figures.is_empty() {
        let _ = writeln!(out, "  {}", paint.dim(&figures.join("; ")));
    }
    out
}

/// Returns the result in a few words.
fn verdict(summary: &Summary) -> String {
    match (summary.disagreements, summary.findings.len()) {
        (0, _) if summary.programs == 0 => "nothing was compared".to_owned(),
        (0, _) => "no disagreement".to_owned(),
        (programs, found) => format!(
            "{} disagreed: {}",
            grouped(programs),
            counted(found, "finding")
        ),
    }
}

/// Returns how many programs were run, and in how much time.
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

/// Returns further figures.
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
    if summary.sampled > 0 && !summary.clauses.is_empty() {
        let sampled = match summary.sampled == summary.programs {
            true => String::new(),
            false => format!(" (in {} of the programs)", grouped(summary.sampled)),
        };
        figures.push(format!("{} clauses{sampled}", summary.clauses.len()));
    }
    // Only a reference counts steps.
    if summary.loaded.is_none() && machine.has_reference() {
        let share = share(summary.substantial);
        figures.push(format!(
            "{share:.0}% with {SUBSTANTIAL_STEPS} steps or more"
        ));
    }
    if summary.not_portable > 0 {
        let skipped = grouped(summary.not_portable);
        figures.push(format!("{skipped} skipped (output not portable)"));
    }
    if summary.inconclusive > 0 {
        figures.push(format!(
            "{} ended by a limit",
            grouped(summary.inconclusive)
        ));
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

/// Adds a table of counts with bars.
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
        // A count that is not zero has a bar.
        let bar = count.saturating_mul(BAR_WIDTH).div_ceil(most);
        let bar = "#".repeat(bar.min(BAR_WIDTH) as usize);
        let row = format!(
            "  {:<width$}  {:>digits$}  {bar}",
            line(name),
            grouped(*count)
        );
        let _ = writeln!(out, "{}", row.trim_end());
    }
    out.push('\n');
}

/// Adds the boundaries that were reached least often.
fn boundaries(out: &mut String, rows: &[(String, u64)]) {
    let mut rows: Vec<&(String, u64)> = rows.iter().collect();
    rows.sort_by_key(|(_, count)| *count);
    let reached = rows.iter().filter(|(_, count)| *count > 0).count();
    let _ = writeln!(
        out,
        "boundaries: {reached} of {} reached; least often:",
        rows.len()
    );
    for (name, count) in rows.iter().take(RAREST) {
        let _ = writeln!(out, "  {:>7}  {}", grouped(*count), name.escape_debug());
    }
    out.push('\n');
}

/// Adds the findings: where each is, what differs, and where it was saved.
fn findings(out: &mut String, summary: &Summary, paint: Paint) {
    for finding in summary.findings.iter().take(MAX_FINDINGS) {
        let instruction = &finding.identity.instruction;
        let mut place = Vec::new();
        if !instruction.is_empty() {
            place.push(format!("at {}", line(instruction)));
        }
        if !finding.clause.is_empty() {
            place.push(format!("[{}]", line(&finding.clause)));
        }
        let place = match place.is_empty() {
            true => String::new(),
            false => format!("{}: ", paint.strong(&place.join(" "))),
        };
        let _ = writeln!(out, "\n  {place}{}", line(&finding.groups.to_string()));
        let _ = writeln!(out, "    {}", difference(finding));
        let _ = writeln!(out, "    {}", paint.dim(&details(finding)));
    }
    let more = summary.findings.len().saturating_sub(MAX_FINDINGS);
    if more > 0 {
        let _ = writeln!(out, "\n  … and {} more", counted(more, "finding"));
    }
    if !summary.findings.is_empty() {
        out.push('\n');
    }
}

/// Returns where a finding was saved, how large it is, and how often it occurred.
fn details(finding: &Finding) -> String {
    let mut details = match &finding.folder {
        Some(folder) => {
            let page = folder.join("FINDING.md").display().to_string();
            format!("{}, ", line(&page))
        }
        None => String::new(),
    };
    let unit = finding.case.machine.row().unit.name();
    details += &counted(finding.size() as usize, unit);
    details += match (finding.reproducible, finding.reduced) {
        (false, _) => ", not reproducible",
        (true, true) => "",
        (true, false) => ", not fully reduced",
    };
    if finding.occurrences > 1 {
        details += &format!(
            "; {} in the same way",
            counted(finding.occurrences as usize - 1, "other program")
        );
    }
    details
}

/// Returns the difference between the oracle and an engine, in one line.
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
    let (oracle, engine) = (line(&finding.oracle()), line(engine));
    // The message of a crash says more than that there was one.
    match finding.identity.kind.strip_prefix(found.as_str()) {
        Some(message) if message.starts_with(": ") => format!(
            "{oracle} says {}, {engine} {}{}",
            line(expected),
            line(found),
            line(message)
        ),
        _ => {
            let (expected, found) = around_difference(&line(expected), &line(found));
            format!(
                "{}: {oracle} says {expected}, {engine} says {found}",
                kind.name()
            )
        }
    }
}

/// Returns two texts, each cut to the part where they differ.
fn around_difference(left: &str, right: &str) -> (String, String) {
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
        let after = if rest.count() > LENGTH { "…" } else { "" };
        format!("{before}{shown}{after}")
    };
    (cut(left), cut(right))
}

/// Returns how far a campaign is, in one line.
pub fn progress_text(machine: Machine, progress: &Progress) -> String {
    let mut line = format!("{machine}: {} programs", grouped(progress.programs));
    let findings = counted(progress.findings as usize, "finding");
    match progress.reducing {
        Some(ReductionProgress { done, all, tried }) => {
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
    // A narrow terminal cuts the end of the line, so the least important figures come last.
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

/// Returns a number of programs a second, with a decimal if it is small.
fn rate(rate: f64) -> String {
    match rate < 9.95 {
        true => format!("{rate:.1}"),
        false => grouped(rate.round() as u64),
    }
}

/// Returns a time as `0:05`, `12:34` or `1:02:03`.
fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
