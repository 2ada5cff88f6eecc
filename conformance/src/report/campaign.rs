//! The report on a campaign.

use super::paint::{counted, grouped};
use crate::campaign::{A_WHILE, Finding, Progress, Summary};
use crate::machine::Machine;
use std::fmt::Write as _;
use std::time::Duration;

/// Columns of the bars.
const BAR: u64 = 40;
/// How many of the boundaries are named, from the rarest.
const RAREST: usize = 5;

/// A campaign as a person reads it: what the programs were made of, how they ended, what was
/// found.
pub fn campaign_text(summary: &Summary) -> String {
    let mut out = String::new();
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
    histogram(&mut out, "instructions", &summary.mnemonics);
    histogram(&mut out, "endings", &endings);
    histogram(&mut out, "faults and limits", &faults);
    if !summary.boundaries.is_empty() {
        boundaries(&mut out, &summary.boundaries);
    }
    let programs = summary.programs;
    let seconds = summary.elapsed.as_secs_f64();
    let rate = (programs as f64 / seconds.max(1e-9)).round() as u64;
    let share = |count: u64| count as f64 * 100.0 / programs.max(1) as f64;
    let _ = match summary.loaded {
        Some(loaded) => writeln!(
            out,
            "{} damaged files in {seconds:.1} s, {} a second; {:.1}% load",
            grouped(programs),
            grouped(rate),
            share(loaded),
        ),
        None => writeln!(
            out,
            "{} programs in {seconds:.1} s, {} a second; {:.1}% ran {A_WHILE} instructions or more",
            grouped(programs),
            grouped(rate),
            share(summary.substantial),
        ),
    };
    if summary.left_out > 0 {
        let left_out = grouped(summary.left_out);
        let _ = writeln!(
            out,
            "{left_out} programs were left out: their output is not portable"
        );
    }
    if summary.inconclusive > 0 {
        let _ = writeln!(
            out,
            "{} comparisons came to a limit",
            grouped(summary.inconclusive)
        );
    }
    if summary.marked > 0 && !summary.clauses.is_empty() {
        let _ = writeln!(
            out,
            "{} clauses applied by the {} programs that were asked",
            summary.clauses.len(),
            grouped(summary.marked)
        );
    }
    findings(&mut out, summary);
    out
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

fn findings(out: &mut String, summary: &Summary) {
    if summary.findings.is_empty() {
        out.push_str("no disagreement\n");
        return;
    }
    let programs = counted(summary.disagreements as usize, "program");
    let _ = writeln!(out, "{programs} disagreed:");
    for finding in &summary.findings {
        let Finding {
            difference,
            identity,
            ..
        } = finding;
        let about: Vec<String> = [
            (!identity.instruction.is_empty()).then(|| format!("at {}", identity.instruction)),
            (!identity.clause.is_empty()).then(|| format!("[{}]", identity.clause)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let about = match about.is_empty() {
            true => String::new(),
            false => format!(" {}", about.join(" ")),
        };
        let _ = writeln!(
            out,
            "  program {} ({} like it){about}: {}",
            finding.number,
            finding.times - 1,
            identity.camps,
        );
        let _ = writeln!(
            out,
            "    {}: the reference says {}, {} says {}",
            difference.kind.name(),
            difference.expected,
            finding.engine,
            difference.found,
        );
        if let Some(folder) = &finding.folder {
            let _ = writeln!(out, "    {}", folder.display());
        }
    }
}

/// How far a campaign is, in a line.
pub fn progress_text(machine: Machine, progress: &Progress) -> String {
    let mut line = format!("{machine}: {} programs", grouped(progress.programs));
    if let (nth @ 1.., all) = progress.reducing {
        let _ = write!(line, "; reducing finding {nth} of {all}");
        return line;
    }
    let _ = write!(line, ", {} a second", grouped(progress.rate as u64));
    let (met, all) = progress.instructions;
    if met > 0 {
        let _ = write!(line, "; {met} of {all} instructions");
    }
    let (applied, all) = progress.clauses;
    if applied > 0 {
        let _ = write!(line, ", {applied} of {all} clauses");
    }
    let findings = counted(progress.findings as usize, "finding");
    let _ = write!(line, "; {findings}");
    if let Some(left) = progress.left.filter(|left| left.as_secs() < 1_000_000) {
        let _ = write!(line, "; {} left", time(left));
    }
    line
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
