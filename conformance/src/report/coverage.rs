//! The report on coverage.

use super::campaign::histogram;
use super::paint::{Paint, counted, grouped, wrapped};
use crate::coverage::{ClauseCoverage, Counts, Coverage, KINDS, Missing, Reached};
use crate::machine::Machine;
use std::fmt::Write as _;

/// Names told of a list.
const TOLD: usize = 6;
/// How wide the sentences are.
const WIDTH: usize = 78;

/// What is shown of a machine's specification, on one screen; with `histograms`, what the
/// generator made besides.
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
    let referred = coverage.machine.has_reference();
    let places = if referred { &places[..] } else { &places[..1] };
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
    if !referred {
        let _ = writeln!(
            out,
            "\nthere is no reference evaluator of {}: what cases claim is all that is known",
            coverage.machine
        );
        if histograms {
            made_text(&mut out, coverage);
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
    for (who, counts) in [("cases are", places[1].1), ("the campaign is", places[2].1)] {
        if coverage.programs == 0 && who == "the campaign is" {
            continue;
        }
        for kind in 0..2 {
            unseen(&mut out, coverage, who, kind, counts);
        }
    }
    unconfirmed(&mut out, coverage);
    if histograms {
        made_text(&mut out, coverage);
    }
    out
}

/// What the generator made.
fn made_text(out: &mut String, coverage: &Coverage) {
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
    let operands = match coverage.machine {
        Machine::Mmm | Machine::Sc => "operands at a boundary",
        Machine::Py => "ways to write something",
    };
    histogram(out, "instructions in programs", &made.mnemonics);
    histogram(out, operands, &made.boundaries);
    histogram(out, "endings", &endings);
    histogram(out, "instructions of a program", &lengths);
    // Without a reference, nobody counts these.
    if !steps.is_empty() {
        histogram(out, "instructions it executes", &steps);
    }
}

type Place = (&'static str, fn(&ClauseCoverage) -> &Counts);

/// `168 of 168`: how many clauses are shown so, of those that can be.
fn cell(coverage: &Coverage, kind: usize, counts: fn(&ClauseCoverage) -> &Counts) -> String {
    let can = |clause: &&ClauseCoverage| clause.possible.get(kind).copied().unwrap_or(false);
    let shown = coverage
        .clauses
        .iter()
        .filter(|clause| counts(clause)[kind] > 0);
    let shown_of = coverage.clauses.iter().filter(can);
    let good = shown_of.clone().filter(|clause| counts(clause)[kind] > 0);
    // No case has to be at a boundary.
    match kind {
        2 => shown.count().to_string(),
        _ => format!("{} of {}", good.count(), shown_of.count()),
    }
}

fn reached(out: &mut String, title: &str, list: &[Reached], campaign: bool) {
    let by = |of: fn(&Reached) -> u64| list.iter().filter(|reached| of(reached) > 0).count();
    let cases = by(|reached| reached.corpus);
    let mut line = format!("{title}: {cases} of {} by cases", list.len());
    if campaign {
        line += &format!(", {} by the campaign", by(|reached| reached.campaign));
        let lacking = list.iter().filter(|reached| reached.campaign == 0);
        let names: Vec<&str> = lacking.map(|reached| &*reached.name).collect();
        if !names.is_empty() {
            line += &format!("; not: {}", some(&names));
        }
    }
    sentence(out, &line);
}

/// The clauses that could be shown and, as far as the reference tells, are not.
fn unseen(
    out: &mut String,
    coverage: &Coverage,
    who: &str,
    kind: usize,
    counts: fn(&ClauseCoverage) -> &Counts,
) {
    let lacking = coverage.clauses.iter();
    let lacking = lacking.filter(|clause| clause.possible[kind] && counts(clause)[kind] == 0);
    let names: Vec<&str> = lacking.map(|clause| &*clause.id).collect();
    if !names.is_empty() {
        let what = ["these to hold", "these to be violated"][kind];
        sentence(
            out,
            &format!("{who} not seen to show {what}: {}", some(&names)),
        );
    }
}

fn unconfirmed(out: &mut String, coverage: &Coverage) {
    let claims = &coverage.unconfirmed;
    if claims.is_empty() {
        return;
    }
    let never = claims.iter().filter(|claim| !claim.otherwise).count();
    sentence(
        out,
        &format!(
            "not confirmed by the reference: {} of cases, {} of them on clauses it never applied \
             there",
            counted(claims.len(), "claim"),
            grouped(never as u64),
        ),
    );
}

/// A sentence in lines, of which all but the first are set in.
fn sentence(out: &mut String, text: &str) {
    *out += &wrapped(text, WIDTH).join("\n  ");
    out.push('\n');
}

/// The first of some names, and how many more there are.
fn some(names: &[&str]) -> String {
    let told = names[..names.len().min(TOLD)].join(" ");
    match names.len().saturating_sub(TOLD) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

/// What fell below the floor.
pub fn fallen_text(missing: &[Missing], paint: Paint) -> String {
    let mut out = String::new();
    for Missing { about, facts } in missing {
        let bad = paint.bad("✗ below the floor:");
        let _ = writeln!(out, "{bad} {about} {}", facts.join(" "));
    }
    out
}
