//! The table of clauses: the verdict of each engine, and how often cases and programs show each.

use super::anchors::{case_id, clause_id, has_clauses};
use super::markup::{code, mark};
use crate::conform::{ClauseReport, Verdict};
use crate::machine::Machine;
use crate::report::paint::grouped;
use crate::report::results::Results;
use crate::report::visible::escaped;
use crate::spec::{self, Shown};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The maximal number of failing cases that a row names.
const MAX_NAMES: usize = 4;

/// How a program can show a clause.
const KINDS: [&str; 3] = ["holds", "violated", "boundary"];
const COLUMN: &str = "<th scope=\"col\" role=\"columnheader\"";

/// The content of a cell without anything to show.
const NONE: &str = "<span aria-hidden=\"true\">·</span><span class=\"unseen\">none</span>";

/// A clause with its results.
struct Row<'a> {
    id: String,
    text: String,
    /// The topics of the cases that show it, as `machine/topic`.
    topics: BTreeSet<String>,
    /// Its verdict in each run of the corpus.
    verdicts: BTreeMap<usize, &'a ClauseReport>,
    /// The number of cases that show it to hold, to be violated, and at its boundary.
    shown: [usize; 3],
    /// The same for programs of campaigns.
    campaign: [u64; 3],
}

/// Returns the table of all clauses.
pub(super) fn section(results: &Results) -> String {
    if !has_clauses(results) {
        return String::new();
    }
    let rows = rows(results);
    let sampled: u64 = results.campaigns.iter().map(|of| of.summary.sampled).sum();
    // One column for each engine; runs of the same engine on other machines share it.
    let engines = results.engines();
    let mut out = String::from(
        "<section aria-labelledby=\"clauses\"><h2 id=\"clauses\" tabindex=\"-1\">Clauses</h2>\n<p>",
    );
    if !results.conformance.is_empty() {
        out += "For each clause of the specification: whether the VM conforms to it, and how many \
                cases show it to hold, to be violated, and at its boundary. ";
    }
    if sampled > 0 {
        let _ = write!(
            out,
            "The columns of the campaign count generated programs; the clauses of {} of them were \
             recorded. ",
            grouped(sampled)
        );
    }
    out += "A dot means none. The filters above also apply here.</p>\n\
            <p class=\"count\" id=\"clauses-count\" role=\"status\"></p>\n\
            <table class=\"matrix\" role=\"table\" data-list=\"clauses\"><caption class=\"unseen\">\
            Verdicts and coverage of the clauses</caption><thead role=\"rowgroup\"><tr role=\"row\">\
            <th scope=\"col\" role=\"columnheader\">Clause</th>";
    for engine in &engines {
        let _ = match engines.len() {
            1 => write!(out, "{COLUMN}>Verdict</th>"),
            _ => write!(out, "{COLUMN}>{}</th>", escaped(engine)),
        };
    }
    let mut columns = Vec::new();
    if !results.conformance.is_empty() {
        columns.extend(KINDS.map(str::to_owned));
    }
    if sampled > 0 {
        columns.extend(KINDS.map(|kind| format!("campaign {kind}")));
    }
    for column in columns {
        let _ = write!(out, "{COLUMN} class=\"number\">{column}</th>");
    }
    out += "</tr></thead><tbody role=\"rowgroup\">\n";
    let possible = possible(&rows);
    for row in &rows {
        out += &line(results, row, &engines, possible.get(&*row.id));
    }
    out + "</tbody></table></section>\n"
}

/// Returns a row for each clause.
fn rows(results: &Results) -> Vec<Row<'_>> {
    let runs = &results.conformance;
    let mut rows: Vec<Row> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let row = |id: &str, text: &str| Row {
        id: id.to_owned(),
        text: text.to_owned(),
        topics: BTreeSet::new(),
        verdicts: BTreeMap::new(),
        shown: [0; 3],
        campaign: [0; 3],
    };
    for (at, run) in runs.iter().enumerate() {
        for clause in &run.report.clauses {
            let place = *places.entry(clause.id.clone()).or_insert_with(|| {
                rows.push(row(&clause.id, &clause.text));
                rows.len() - 1
            });
            rows[place].verdicts.insert(at, clause);
        }
    }
    // All runs have the same cases, so each clause is counted in the first run that has it.
    for (at, run) in runs.iter().enumerate() {
        for case in &run.report.cases {
            let lists = [&case.holds, &case.breaks, &case.boundary];
            for (kind, ids) in lists.into_iter().enumerate() {
                for id in ids {
                    let row = places.get(id).map(|&place| &mut rows[place]);
                    if let Some(row) = row.filter(|row| row.verdicts.keys().next() == Some(&at)) {
                        row.shown[kind] += 1;
                        row.topics
                            .insert(format!("{}/{}", case.machine, case.topic));
                    }
                }
            }
        }
    }
    for campaign in results.campaigns.iter().filter(|of| of.summary.sampled > 0) {
        for clause in spec::clauses(campaign.machine).unwrap_or_default() {
            let place = *places.entry(clause.id.clone()).or_insert_with(|| {
                rows.push(row(&clause.id, &clause.text));
                rows.len() - 1
            });
            let counts = campaign.summary.clauses.get(&clause.id);
            for (sum, count) in rows[place]
                .campaign
                .iter_mut()
                .zip(counts.into_iter().flatten())
            {
                *sum += count;
            }
            rows[place]
                .topics
                .insert(format!("{}/campaign", campaign.machine));
        }
    }
    rows
}

/// Returns how programs can show each clause.
fn possible(rows: &[Row]) -> BTreeMap<String, Shown> {
    let of = |row: &&Row, machine: Machine| row.id.starts_with(&format!("{machine}."));
    let machines = Machine::ALL.into_iter();
    let machines = machines.filter(|&machine| rows.iter().any(|row| of(&row, machine)));
    machines
        .flat_map(|machine| spec::clauses(machine).unwrap_or_default())
        .map(|clause| (clause.id, clause.shown))
        .collect()
}

/// Returns the row of a clause.
fn line(results: &Results, row: &Row, engines: &[&str], possible: Option<&Shown>) -> String {
    let verdicts = row.verdicts.values();
    let worst = verdicts
        .map(|clause| clause.verdict)
        .max_by_key(|verdict| match verdict {
            Verdict::Conforms => 1,
            Verdict::NotCompared => 0,
            Verdict::Fails => 2,
        });
    let words = match worst {
        Some(Verdict::Fails) => "differs wrong",
        Some(Verdict::Conforms) => "agrees",
        Some(Verdict::NotCompared) | None => "not-compared",
    };
    let topics: Vec<&str> = row.topics.iter().map(String::as_str).collect();
    let engines_of = |fails: bool| {
        let of = row.verdicts.iter();
        let of = of.filter(|(_, clause)| !fails || clause.verdict == Verdict::Fails);
        let names = of.map(|(&at, _)| results.conformance[at].report.engine.short());
        escaped(&names.collect::<Vec<_>>().join("\n"))
    };
    let mut out = format!(
        "<tr role=\"row\" id=\"{}\" tabindex=\"-1\" data-verdict=\"{words}\" data-topic=\"{}\" data-engine=\"{}\" \
         data-failing=\"{}\"><th scope=\"row\" role=\"rowheader\">\
         <span class=\"id\">{}</span> <span class=\"text\">{}</span>",
        clause_id(&row.id),
        escaped(&topics.join("\n")),
        engines_of(false),
        engines_of(true),
        escaped(&row.id),
        with_code(&row.text)
    );
    out += &failing(results, row);
    out += "</th>";
    for engine in engines {
        let of_engine = |(at, _): &(&usize, &&ClauseReport)| {
            results.conformance[**at].report.engine.short() == *engine
        };
        let verdict = row.verdicts.iter().find(of_engine);
        let mark = match verdict.map(|(_, clause)| clause.verdict) {
            Some(Verdict::Conforms) => mark("good", "✓", "conforms"),
            Some(Verdict::Fails) => mark("bad", "✗", "fails"),
            Some(Verdict::NotCompared) => mark("idle", "–", "not compared"),
            None => String::new(),
        };
        let _ = match engines.len() {
            1 => write!(out, "<td role=\"cell\">{mark}</td>"),
            _ => write!(
                out,
                "<td role=\"cell\" data-label=\"{}\">{mark}</td>",
                escaped(engine)
            ),
        };
    }
    let can = match possible {
        Some(Shown::HoldsOnly) => [true, false],
        Some(Shown::BreaksOnly) => [false, true],
        Some(Shown::Not(_)) => [false, false],
        Some(Shown::Both) | None => [true, true],
    };
    // Cases have to show what they can; campaigns do not.
    let mut cells: Vec<(bool, String, u64)> = Vec::new();
    if !results.conformance.is_empty() {
        let shown = row.shown.iter().enumerate();
        cells.extend(shown.map(|(kind, &count)| {
            let required = can.get(kind) == Some(&true);
            (required, KINDS[kind].to_owned(), count as u64)
        }));
    }
    if results.campaigns.iter().any(|of| of.summary.sampled > 0) {
        let shown = row.campaign.iter().enumerate();
        let label = |kind: usize| format!("campaign {}", KINDS[kind]);
        cells.extend(shown.map(|(kind, &count)| (false, label(kind), count)));
    }
    for (required, label, count) in cells {
        let (class, text) = match (count, required) {
            (0, true) => (" hole", "0".to_owned()),
            (0, false) => (" soft", NONE.to_owned()),
            _ => ("", grouped(count)),
        };
        let _ = write!(
            out,
            "<td role=\"cell\" class=\"number{class}\" data-label=\"{label}\">{text}</td>"
        );
    }
    out + "</tr>\n"
}

/// Returns a clause's text, with parts between backquotes as code.
fn with_code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| match at % 2 {
            0 => escaped(part),
            _ => code(part),
        })
        .collect()
}

/// Returns links to the failing cases of each engine.
fn failing(results: &Results, row: &Row) -> String {
    let mut out = String::new();
    let several = results.engines().len() > 1;
    for (at, clause) in &row.verdicts {
        for (number, name) in clause.failing.iter().enumerate() {
            let engine = results.conformance[*at].report.engine.short();
            let _ = match (number, several) {
                (0, false) => write!(out, "<br>Fails in "),
                (0, true) => write!(out, "<br>{} fails in ", escaped(engine)),
                (1..MAX_NAMES, _) => write!(out, ", "),
                (MAX_NAMES, _) => write!(out, ", and {} more", clause.failing.len() - MAX_NAMES),
                _ => Ok(()),
            };
            if number < MAX_NAMES {
                let id = case_id(*at, name);
                let _ = write!(out, "<a href=\"#{id}\">{}</a>", escaped(name));
            }
        }
    }
    out
}
