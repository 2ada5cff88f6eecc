//! The list of programs: the cases of the corpus and the findings of campaigns, with filters.

use super::anchors::{case_id, clause_id};
use super::findings;
use super::markup::{code, mark};
use super::program::{Sides, difference_sentence, differs_word, message};
use crate::conform::{CaseReport, Score};
use crate::engine::Observation;
use crate::report::results::{Conformance, Results};
use crate::report::visible::escaped;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A page of this size names further programs without showing them.
const MAX_PAGE_BYTES: usize = 24 << 20;

/// Returns the filters and the list of all programs.
pub(super) fn section(results: &Results) -> String {
    let mut out = String::from(
        "<section aria-labelledby=\"cases\"><h2 id=\"cases\" tabindex=\"-1\">Programs</h2>\n",
    );
    out += &filters(results);
    out += "<p class=\"count\" id=\"programs-count\" role=\"status\"></p>\n\
            <ul class=\"cases\" data-list=\"programs\">\n";
    for (at, campaign) in results.campaigns.iter().enumerate() {
        for number in 0..campaign.summary.findings.len() {
            out += &findings::item(results, campaign, at, number);
        }
    }
    for (at, run) in results.conformance.iter().enumerate() {
        // Cases that need attention come first.
        let (first, rest): (Vec<&CaseReport>, Vec<&CaseReport>) =
            run.report.cases.iter().partition(|case| has_details(case));
        for case in first.into_iter().chain(rest) {
            let shown = out.len() < MAX_PAGE_BYTES;
            out += &item(results, run, case, &case_id(at, &case.name), shown);
        }
    }
    out + "</ul></section>\n"
}

/// Returns true for a case with a result that needs attention.
fn has_details(case: &CaseReport) -> bool {
    !matches!(case.score, Score::Agrees | Score::NotCompared { .. })
}

fn filters(results: &Results) -> String {
    let mut topics: BTreeSet<String> = BTreeSet::new();
    for run in &results.conformance {
        let topic = |case: &CaseReport| format!("{}/{}", case.machine, case.topic);
        topics.extend(run.report.cases.iter().map(topic));
    }
    let campaigns = results.campaigns.iter();
    topics.extend(campaigns.map(|campaign| format!("{}/campaign", campaign.machine)));
    let topics: String = topics
        .iter()
        .map(|topic| format!("<option>{}</option>", escaped(topic)))
        .collect();
    // If there are failures, they are shown first.
    let fails = !results.passes();
    let verdicts: String = [
        ("", "Any verdict"),
        ("wrong", "Needs attention"),
        ("differs", "Differs"),
        ("known", "Differs as expected"),
        ("unexpected", "Agrees unexpectedly"),
        ("not-compared", "Not compared"),
        ("agrees", "Agrees"),
    ]
    .iter()
    .map(|(value, name)| {
        let chosen = if fails && *value == "wrong" {
            " selected"
        } else {
            ""
        };
        format!("<option value=\"{value}\"{chosen}>{name}</option>")
    })
    .collect();
    let names = results.engines();
    let many = if names.len() > 1 { " many" } else { "" };
    let engines = match names.len() {
        0 | 1 => String::new(),
        _ => {
            let names = names.iter().map(|name| escaped(name));
            let options = names.map(|name| format!("<option>{name}</option>"));
            format!(
                "<div><label for=\"f-engine\">VM</label><select id=\"f-engine\">\
                 <option value=\"\">Any VM</option>{}</select></div>",
                options.collect::<String>()
            )
        }
    };
    format!(
        "<div class=\"filters{many}\" role=\"search\" aria-label=\"Programs and clauses\">\
         <div><label for=\"f-text\">Text <span class=\"key\" aria-hidden=\"true\">(press /)</span></label>\
         <input id=\"f-text\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"></div>\
         <div><label for=\"f-verdict\">Verdict</label><select id=\"f-verdict\">{verdicts}</select></div>\
         <div><label for=\"f-topic\">Topic</label><select id=\"f-topic\">\
         <option value=\"\">Any topic</option>{topics}</select></div>{engines}\
         <div><button type=\"button\" id=\"f-reset\">Show all</button></div></div>\n"
    )
}

/// Returns the verdict as words for the filter, and as a mark.
fn verdict(score: &Score, found: Option<&Observation>) -> (&'static str, String) {
    match score {
        Score::Agrees => ("agrees", mark("good", "✓", "agrees")),
        Score::Differs { .. } => ("differs wrong", mark("bad", "✗", differs_word(found))),
        Score::KnownFailure { .. } => ("known", mark("warn", "≠", "differs as expected")),
        Score::UnexpectedPass => ("unexpected wrong", mark("bad", "!", "agrees unexpectedly")),
        Score::NotCompared { .. } => ("not-compared", mark("idle", "–", "not compared")),
    }
}

/// Returns a case. If the page is too large already, its program and outputs are not `shown`.
fn item(results: &Results, run: &Conformance, case: &CaseReport, id: &str, shown: bool) -> String {
    let (words, mark) = verdict(&case.score, case.found.as_ref());
    let engine = escaped(run.report.engine.short());
    let mut out = format!(
        "<li id=\"{id}\" tabindex=\"-1\" data-verdict=\"{words}\" data-topic=\"{}/{}\" \
         data-engine=\"{engine}\">",
        case.machine,
        escaped(&case.topic)
    );
    let engine = match results.engines().len() {
        0 | 1 => String::new(),
        _ => format!(" <span class=\"engine\">{engine}</span>"),
    };
    let head = format!(
        "{mark}{engine} <span class=\"name\">{}</span> <span class=\"about\">{}</span>",
        escaped(&case.name),
        escaped(&case.about.join(" "))
    );
    let Some(found) = case.found.as_ref().filter(|_| has_details(case)) else {
        let why = match &case.score {
            Score::NotCompared { reason } => {
                format!(
                    " <span class=\"about\">({})</span>",
                    escaped(&reason.to_string())
                )
            }
            _ => String::new(),
        };
        let _ = writeln!(out, "<div class=\"row\">{head}{why}</div></li>");
        return out;
    };
    let _ = write!(
        out,
        "<details><summary>{head}</summary><div class=\"body\">"
    );
    if let Some(difference) = case.score.difference() {
        out += &difference_sentence(difference);
    }
    if let Score::Differs {
        detail,
        nondeterministic,
        ..
    } = &case.score
    {
        if let Some(retry) = nondeterministic {
            let _ = write!(
                out,
                "<p>The same program, run again: {}</p>",
                escaped(retry)
            );
        }
        if let Some(detail) = detail {
            out += &message(detail);
        }
    }
    match shown {
        false => {
            out += "<p class=\"soft\">The program and its outputs are left out because the page \
                    would be too large.</p>";
        }
        true => {
            out += &clauses(case);
            let sides = Sides {
                case: &case.case,
                expected: &case.expected,
                found,
                cut_bytes: case.found_left_out,
                has_all_fields: run.report.not_compared_fields.is_empty(),
            };
            out += &sides.html(results.listing);
        }
    }
    let rerun = format!("{} {}", run.rerun, shell_words::quote(&case.name));
    let _ = writeln!(
        out,
        "<h4>Run again</h4><p>{}</p></div></details></li>",
        code(&rerun)
    );
    out
}

/// Returns the clauses that a case shows, with links.
fn clauses(case: &CaseReport) -> String {
    let mut out = String::from("<h4>Clauses</h4><ul class=\"clauses\">");
    for (how, ids) in [
        ("holds", &case.holds),
        ("is violated", &case.breaks),
        ("is shown at its boundary", &case.boundary),
    ] {
        for id in ids {
            let _ = write!(
                out,
                "<li><a href=\"#{}\">[{}]</a> {how}</li>",
                clause_id(id),
                escaped(id)
            );
        }
    }
    out + "</ul>"
}
