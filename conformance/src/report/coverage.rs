//! The report on coverage.

use super::campaign::histogram;
use super::paint::{Paint, counted, grouped, wrapped};
use crate::coverage::{ClauseCoverage, Counts, Coverage, KINDS, Missing, Reached};
use std::fmt::Write as _;

/// The maximal number of names of a list.
const MAX_NAMES: usize = 6;
/// The width of lines.
const WIDTH: usize = 78;

/// Returns which clauses of a machine's specification are shown, on one screen; with `histograms`,
/// also what the generated programs consist of.
pub fn coverage_text(coverage: &Coverage, histograms: bool, paint: Paint) -> String {
    let mut out = format!(
        "{} {}, {}, {} generated with seed {}\n\n",
        paint.strong(coverage.machine.name()),
        counted(coverage.clauses.len(), "clause"),
        counted(coverage.cases as usize, "case"),
        counted(coverage.programs as usize, "program"),
        coverage.seed
    );
    let heads = ["hold", "violated", "at a boundary"];
    let _ = writeln!(
        out,
        "{}",
        paint.dim(&format!(
            "{:24}{:>11}{:>11}{:>15}",
            "clauses that", heads[0], heads[1], heads[2]
        ))
    );
    let places: [Place; 3] = [
        ("cases claim to show", |clause| &clause.claimed),
        ("cases show", |clause| &clause.applied),
        ("the campaign shows", |clause| &clause.campaign),
    ];
    let has_reference = coverage.machine.has_reference();
    let places = match has_reference {
        true => &places[..],
        false => &places[..1],
    };
    for &(name, counts) in places {
        if coverage.programs == 0 && name == "the campaign shows" {
            continue;
        }
        let cells: Vec<String> = (0..KINDS.len())
            .map(|kind| cell(coverage, kind, counts))
            .collect();
        let _ = writeln!(
            out,
            "{name:24}{:>11}{:>11}{:>15}",
            cells[0], cells[1], cells[2]
        );
    }
    if !has_reference {
        let _ = writeln!(
            out,
            "\n{} has no reference evaluator, so only the claims of cases are known",
            coverage.machine
        );
        if histograms {
            generated(&mut out, coverage);
        }
        return out;
    }
    out.push('\n');
    reached(
        &mut out,
        "instructions",
        &coverage.instructions,
        coverage.programs > 0,
    );
    reached(
        &mut out,
        "faults and limits",
        &coverage.faults,
        coverage.programs > 0,
    );
    for (who, counts) in [
        ("cases do", places[1].1),
        ("the campaign does", places[2].1),
    ] {
        if coverage.programs == 0 && who == "the campaign does" {
            continue;
        }
        for kind in 0..2 {
            not_shown(&mut out, coverage, who, kind, counts);
        }
    }
    unconfirmed(&mut out, coverage);
    if histograms {
        generated(&mut out, coverage);
    }
    out
}

/// Adds histograms of the generated programs.
fn generated(out: &mut String, coverage: &Coverage) {
    out.push('\n');
    let made = &coverage.made;
    let endings: Vec<(String, u64)> = made
        .endings
        .iter()
        .map(|(&ending, &count)| (ending.to_owned(), count))
        .collect();
    let upto = |(&most, &count): (&u64, &u64)| (format!("up to {}", grouped(most)), count);
    let lengths: Vec<(String, u64)> = made.lengths.iter().map(upto).collect();
    let steps: Vec<(String, u64)> = made.steps.iter().map(upto).collect();
    let operands = coverage.machine.row().boundaries;
    histogram(out, "instructions in programs", &made.mnemonics);
    histogram(out, operands, &made.boundaries);
    histogram(out, "endings", &endings);
    histogram(out, "instructions in a program", &lengths);
    // Only a reference counts these.
    if !steps.is_empty() {
        histogram(out, "instructions executed by a program", &steps);
    }
}

type Place = (&'static str, fn(&ClauseCoverage) -> &Counts);

/// Returns how many clauses are shown in this way, of those that can be: `168 of 168`.
fn cell(coverage: &Coverage, kind: usize, counts: fn(&ClauseCoverage) -> &Counts) -> String {
    let can = |clause: &&ClauseCoverage| clause.possible.get(kind).copied().unwrap_or(false);
    let shown = coverage
        .clauses
        .iter()
        .filter(|clause| counts(clause)[kind] > 0);
    let shown_of = coverage.clauses.iter().filter(can);
    let good = shown_of.clone().filter(|clause| counts(clause)[kind] > 0);
    // No clause has to be shown at its boundary.
    match kind {
        2 => shown.count().to_string(),
        _ => format!("{} of {}", good.count(), shown_of.count()),
    }
}

/// Adds how many items of a list are reached, and which the campaign does not reach.
fn reached(out: &mut String, title: &str, list: &[Reached], campaign: bool) {
    let by = |of: fn(&Reached) -> u64| list.iter().filter(|reached| of(reached) > 0).count();
    let cases = by(|reached| reached.corpus);
    let mut line = format!("{title}: {cases} of {} by cases", list.len());
    if campaign {
        line += &format!(", {} by the campaign", by(|reached| reached.campaign));
        let missing = list.iter().filter(|reached| reached.campaign == 0);
        let names: Vec<&str> = missing.map(|reached| &*reached.name).collect();
        if !names.is_empty() {
            line += &format!("; not: {}", some(&names));
        }
    }
    sentence(out, &line);
}

/// Adds the clauses that could be shown in a way and, according to the reference, are not.
fn not_shown(
    out: &mut String,
    coverage: &Coverage,
    who: &str,
    kind: usize,
    counts: fn(&ClauseCoverage) -> &Counts,
) {
    let missing = coverage.clauses.iter();
    let missing = missing.filter(|clause| clause.possible[kind] && counts(clause)[kind] == 0);
    let names: Vec<&str> = missing.map(|clause| &*clause.id).collect();
    if !names.is_empty() {
        let what = ["hold", "violated"][kind];
        sentence(out, &format!("{who} not show {what}: {}", some(&names)));
    }
}

/// Adds the claims of cases that the reference does not confirm.
fn unconfirmed(out: &mut String, coverage: &Coverage) {
    let claims = &coverage.unconfirmed;
    if claims.is_empty() {
        return;
    }
    let never = claims.iter().filter(|claim| !claim.otherwise).count();
    sentence(
        out,
        &format!(
            "not confirmed by the reference: {} of cases, {} of them about clauses that it did not \
             apply",
            counted(claims.len(), "claim"),
            grouped(never as u64),
        ),
    );
}

/// Adds a sentence in lines, all but the first of them indented.
fn sentence(out: &mut String, text: &str) {
    *out += &wrapped(text, WIDTH).join("\n  ");
    out.push('\n');
}

/// Joins the first names, and says how many more there are.
fn some(names: &[&str]) -> String {
    let first = names[..names.len().min(MAX_NAMES)].join(" ");
    match names.len().saturating_sub(MAX_NAMES) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// Returns what is below the recorded floor.
pub fn fallen_text(missing: &[Missing], paint: Paint) -> String {
    let mut out = String::new();
    for Missing { about, facts } in missing {
        let bad = paint.bad("✗ below the floor:");
        let _ = writeln!(out, "{bad} {about} {}", facts.join(" "));
    }
    out
}
