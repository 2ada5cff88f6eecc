//! The matrix: each clause, what each engine makes of it, and what of it the corpus shows.

use super::{cases, code, mark};
use crate::conform::{ClauseReport, Verdict};
use crate::machine::Machine;
use crate::report::paint::grouped;
use crate::report::results::{Campaign, Results};
use crate::report::visible::escaped;
use crate::spec::{self, Shown};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Failing cases that a row names.
const NAMED: usize = 4;

/// What a case can show of a clause.
const KINDS: [&str; 3] = ["holds", "violated", "edge"];
const COLUMN: &str = "<th scope=\"col\" role=\"columnheader\"";

/// Said where there is nothing to show.
const NONE: &str = "<span aria-hidden=\"true\">·</span><span class=\"unseen\">none</span>";

/// What links to a clause lead to.
pub(super) fn id(clause: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let name = clause.chars().map(|c| if plain(c) { c } else { '_' });
    format!("clause-{}", name.collect::<String>())
}

/// A clause on every engine.
struct Row<'a> {
    id: String,
    text: String,
    /// The topics of the cases that show it, `machine/topic`.
    topics: BTreeSet<String>,
    /// By run of the corpus.
    verdicts: BTreeMap<usize, &'a ClauseReport>,
    /// Cases that show it to hold, to be violated, and at its boundary.
    shown: [usize; 3],
    /// Programs of campaigns that show the same.
    campaign: [u64; 3],
}

/// Whether there are clauses to tell of.
pub(super) fn any(whole: &Results) -> bool {
    let mut campaigns = whole.campaigns.iter();
    !whole.conformance.is_empty() || campaigns.any(|campaign| campaign.summary.marked > 0)
}

/// Whether the table has the clauses of a machine.
pub(super) fn has(whole: &Results, machine: Machine) -> bool {
    let asked = |campaign: &Campaign| campaign.machine == machine && campaign.summary.marked > 0;
    whole.campaigns.iter().any(asked)
}

/// The table of all clauses.
pub(super) fn section(whole: &Results) -> String {
    if !any(whole) {
        return String::new();
    }
    let rows = rows(whole);
    let marked: u64 = whole.campaigns.iter().map(|of| of.summary.marked).sum();
    // One column for each engine; runs of the same engine on other machines share it.
    let engines = whole.engines();
    let mut out = String::from(
        "<section aria-labelledby=\"clauses\"><h2 id=\"clauses\" tabindex=\"-1\">Clauses</h2>\n<p>",
    );
    if !whole.conformance.is_empty() {
        out += "Each clause of the specification, whether the VM does what it says, and how many \
                programs of the corpus show it to hold, to be violated, and at the very edge of what \
                it allows. ";
    }
    if marked > 0 {
        let _ = write!(
            out,
            "The columns of the campaign count generated programs: {} of them were asked which \
             clauses they show. ",
            grouped(marked)
        );
    }
    out += "A dot stands where nothing is shown. The filters above count here, too.</p>\n\
            <p class=\"count\" id=\"clauses-count\" role=\"status\"></p>\n\
            <table class=\"matrix\" role=\"table\" data-list=\"clauses\"><caption class=\"unseen\">\
            Clauses by engine and coverage</caption><thead role=\"rowgroup\"><tr role=\"row\">\
            <th scope=\"col\" role=\"columnheader\">Clause</th>";
    for engine in &engines {
        let _ = match engines.len() {
            1 => write!(out, "{COLUMN}>Verdict</th>"),
            _ => write!(out, "{COLUMN}>{}</th>", escaped(engine)),
        };
    }
    let mut columns = Vec::new();
    if !whole.conformance.is_empty() {
        columns.extend(KINDS.map(str::to_owned));
    }
    if marked > 0 {
        columns.extend(KINDS.map(|kind| format!("campaign {kind}")));
    }
    for column in columns {
        let _ = write!(out, "{COLUMN} class=\"number\">{column}</th>");
    }
    out += "</tr></thead><tbody role=\"rowgroup\">\n";
    let wanted = wanted(&rows);
    for row in &rows {
        out += &line(whole, row, &engines, wanted.get(&*row.id));
    }
    out + "</tbody></table></section>\n"
}

fn rows(whole: &Results) -> Vec<Row<'_>> {
    let runs = &whole.conformance;
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
    // What the corpus shows is the same for all; the first run that has a clause tells it.
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
    for campaign in whole.campaigns.iter().filter(|of| of.summary.marked > 0) {
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

/// What programs can show of each clause.
fn wanted(rows: &[Row]) -> BTreeMap<String, Shown> {
    let of = |row: &&Row, machine: Machine| row.id.starts_with(&format!("{machine}."));
    let machines = Machine::ALL.into_iter();
    let machines = machines.filter(|&machine| rows.iter().any(|row| of(&row, machine)));
    machines
        .flat_map(|machine| spec::clauses(machine).unwrap_or_default())
        .map(|clause| (clause.id, clause.shown))
        .collect()
}

fn line(whole: &Results, row: &Row, engines: &[&str], wanted: Option<&Shown>) -> String {
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
    let who = |fails: bool| {
        let of = row.verdicts.iter();
        let of = of.filter(|(_, clause)| !fails || clause.verdict == Verdict::Fails);
        let names = of.map(|(&at, _)| whole.conformance[at].report.engine.short());
        escaped(&names.collect::<Vec<_>>().join("\n"))
    };
    let mut out = format!(
        "<tr role=\"row\" id=\"{}\" tabindex=\"-1\" data-verdict=\"{words}\" data-topic=\"{}\" data-engine=\"{}\" \
         data-failing=\"{}\"><th scope=\"row\" role=\"rowheader\">\
         <span class=\"id\">{}</span> <span class=\"text\">{}</span>",
        id(&row.id),
        escaped(&topics.join("\n")),
        who(false),
        who(true),
        escaped(&row.id),
        with_code(&row.text)
    );
    out += &failing(whole, row);
    out += "</th>";
    for engine in engines {
        let of_engine = |(at, _): &(&usize, &&ClauseReport)| {
            whole.conformance[**at].report.engine.short() == *engine
        };
        let told = row.verdicts.iter().find(of_engine);
        let mark = match told.map(|(_, clause)| clause.verdict) {
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
    let can = match wanted {
        Some(Shown::HoldsOnly) => [true, false],
        Some(Shown::BreaksOnly) => [false, true],
        Some(Shown::Not(_)) => [false, false],
        Some(Shown::Both) | None => [true, true],
    };
    // A campaign owes nothing to any clause.
    let mut cells: Vec<(bool, String, u64)> = Vec::new();
    if !whole.conformance.is_empty() {
        let shown = row.shown.iter().enumerate();
        cells.extend(shown.map(|(kind, &count)| {
            let owed = can.get(kind) == Some(&true);
            (owed, KINDS[kind].to_owned(), count as u64)
        }));
    }
    if whole.campaigns.iter().any(|of| of.summary.marked > 0) {
        let shown = row.campaign.iter().enumerate();
        let label = |kind: usize| format!("campaign {}", KINDS[kind]);
        cells.extend(shown.map(|(kind, &count)| (false, label(kind), count)));
    }
    for (owed, label, count) in cells {
        let (class, text) = match (count, owed) {
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

/// A clause's text, in which what stands between backquotes is code.
fn with_code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| match at % 2 {
            0 => escaped(part),
            _ => code(part),
        })
        .collect()
}

/// Links to the cases that fail, on each engine.
fn failing(whole: &Results, row: &Row) -> String {
    let mut out = String::new();
    let several = whole.engines().len() > 1;
    for (at, clause) in &row.verdicts {
        for (number, name) in clause.failing.iter().enumerate() {
            let engine = whole.conformance[*at].report.engine.short();
            let _ = match (number, several) {
                (0, false) => write!(out, "<br>Fails in "),
                (0, true) => write!(out, "<br>{} fails in ", escaped(engine)),
                (1..NAMED, _) => write!(out, ", "),
                (NAMED, _) => write!(out, ", and {} more", clause.failing.len() - NAMED),
                _ => Ok(()),
            };
            if number < NAMED {
                let id = cases::id(*at, name);
                let _ = write!(out, "<a href=\"#{id}\">{}</a>", escaped(name));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn links_are_plain() {
        assert_eq!(super::id("mmm.ret.1"), "clause-mmm.ret.1");
        assert_eq!(super::id("\"><b>"), "clause-___b_");
    }
}
