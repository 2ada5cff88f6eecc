//! The HTML report: one file that needs no network, no server and no other file.
//!
//! The page is complete before its script runs; the script only filters. All text of programs and
//! VMs goes through [`visible`](super::visible), so that it is text wherever it is. If that should
//! fail, the page's policy still allows only the style and the script that are embedded here.

mod anchors;
mod campaigns;
mod cases;
mod charts;
mod clauses;
mod findings;
mod markup;
mod program;

use super::paint::{counted, grouped};
use super::results::{Conformance, Results};
use super::visible::escaped;
use crate::conform::{EngineName, Report, Tally, TopicReport, Verdict};
use crate::machine::Machine;
use markup::{code, push_fact};
use std::fmt::Write as _;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");
/// The SHA-256 hashes of the two in base64, which the page's policy names. A test checks them.
const STYLE_HASH: &str = "6moWjh1iXgHbf8R6Q5cGfz8/ZE1yI+xkw8bxZqt1lnU=";
const SCRIPT_HASH: &str = "ymQ8zmA+KtyoAp4SYTLhO5fxUo/RN3i/0gMD6EwcoA4=";

/// Returns the page.
pub fn html(results: &Results) -> String {
    let title = title(results);
    let mut out = head(&title);
    let _ = write!(
        out,
        "<header><h1>{}</h1>\n<p class=\"soft\">{} · <time class=\"soft\" datetime=\"{}Z\">{} UTC</time></p>\n{}</header>\n\
         <main id=\"main\">\n",
        escaped(&title),
        code(&results.command),
        results.timestamp(),
        results.timestamp().replace('T', " "),
        nav(results),
    );
    out += "<section aria-labelledby=\"verdict\"><h2 id=\"verdict\">Verdict</h2>\n<div class=\"cards\">\n";
    for run in &results.conformance {
        out += &conformance_cards(run);
    }
    for campaign in &results.campaigns {
        out += &campaigns::card(campaign);
    }
    out += "</div></section>\n";
    out += &campaigns::section(results);
    out += &cases::section(results);
    out += &clauses::section(results);
    let _ = write!(
        out,
        "</main>\n<footer><p>Written by <code>mmm</code> {}. A case is a program of the corpus that \
         shows clauses of the specification. Its expected outcome was recorded before any VM ran \
         it.</p></footer>\n<script>{SCRIPT}</script>\n</body></html>\n",
        env!("CARGO_PKG_VERSION")
    );
    out
}

/// Returns the head of the page.
fn head(title: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\" class=\"no-script\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'sha256-{STYLE_HASH}'; script-src 'sha256-{SCRIPT_HASH}'; img-src data:; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<a class=\"skip\" href=\"#main\">Skip to the verdict</a>\n",
        escaped(title)
    )
}

/// Returns the title of the page.
fn title(results: &Results) -> String {
    let runs = results.conformance.iter().map(|run| &run.report.engine);
    let campaigns = results.campaigns.iter().map(|of| &of.engine);
    let mut all: Vec<&EngineName> = Vec::new();
    for engine in runs.chain(campaigns) {
        if !all.contains(&engine) {
            all.push(engine);
        }
    }
    // If there are several, their commands are in their cards.
    let engines = match &*all {
        [engine] => engine.to_string(),
        all => {
            let names: Vec<&str> = all.iter().map(|engine| engine.short()).collect();
            names.join(", ")
        }
    };
    let what = match (results.conformance.is_empty(), results.campaigns.is_empty()) {
        (false, false) => "Conformance and campaigns",
        (false, true) => "Conformance",
        (true, _) => "Campaign",
    };
    match engines.is_empty() {
        true => what.to_owned(),
        false => format!("{what}: {engines}"),
    }
}

/// Returns the links to the sections.
fn nav(results: &Results) -> String {
    let mut out = String::from("<nav aria-label=\"On this page\"><ul>");
    let mut link = |to: &str, name: &str| {
        let _ = write!(out, "<li><a href=\"#{to}\">{name}</a></li>");
    };
    link("verdict", "Verdict");
    if !results.campaigns.is_empty() {
        link("campaigns", "Campaigns");
    }
    link("cases", "Programs");
    if anchors::has_clauses(results) {
        link("clauses", "Clauses");
    }
    out + "</ul></nav>\n"
}

/// Returns a card for each machine of a run of the corpus.
fn conformance_cards(run: &Conformance) -> String {
    let report = &run.report;
    let mut out = String::new();
    for &machine in &report.machines {
        let prefix = format!("{machine}.");
        let of = |verdict| report.clauses_that(&prefix, verdict);
        let (good, bad, none) = (
            of(Verdict::Conforms),
            of(Verdict::Fails),
            of(Verdict::NotCompared),
        );
        let all = good + bad + none;
        let cases = report.cases.iter().filter(|case| case.machine == machine);
        let tally = Tally::of(cases.map(|case| &case.score));
        let (class, verdict) = match (bad, none) {
            (0, 0) => (
                "fine",
                format!("Conforms to all {}", counted(all, "clause")),
            ),
            (0, _) => (
                "part",
                format!("Conforms to {good} of {all} clauses; the others were not compared"),
            ),
            _ => (
                "wrong",
                format!("Fails {bad} of {}", counted(all, "clause")),
            ),
        };
        let _ = write!(
            out,
            "<section class=\"card\"><h3>{machine} <span class=\"soft\">on {}</span></h3>\
             <p class=\"headline {class}\">{verdict}</p>{}<dl class=\"facts\">",
            escaped(&report.engine.to_string()),
            charts::bar(&[("fill-good", good), ("fill-bad", bad), ("fill-idle", none)]),
        );
        let figures = [
            ("Clauses it conforms to", if bad > 0 { good } else { 0 }),
            ("Clauses not compared", none),
            ("Cases that agree", tally.agree),
            ("Cases that differ", tally.differ),
            ("Differ as expected", tally.known),
            ("Agree unexpectedly", tally.unexpected),
            ("Cases not compared", tally.not_compared),
        ];
        for (name, count) in figures.into_iter().filter(|figure| figure.1 > 0) {
            push_fact(&mut out, name, &grouped(count as u64));
        }
        push_fact(
            &mut out,
            "Time",
            &charts::time(report.elapsed.as_secs_f64()),
        );
        if !report.not_compared_fields.is_empty() {
            push_fact(
                &mut out,
                "Not compared",
                &escaped(&report.not_compared_fields.join(", ")),
            );
        }
        if let Some(stopped) = &report.stopped {
            push_fact(&mut out, "Stopped early", &escaped(stopped));
        }
        out += "</dl>";
        out += &topics(report, machine);
        out += "</section>\n";
    }
    out
}

/// Returns buttons that show the programs of a topic. Topics without compared cases are folded.
fn topics(report: &Report, machine: Machine) -> String {
    let mine = report.topics.iter();
    let mine = mine.filter(|topic| topic.machine == machine);
    let (compared, not_compared): (Vec<_>, Vec<_>) =
        mine.partition(|topic| topic.verdict != Verdict::NotCompared);
    let buttons = |topics: &[&TopicReport]| {
        let each = topics.iter().map(|topic| topic_button(topic, report));
        format!("<ul class=\"topics\">{}</ul>", each.collect::<String>())
    };
    let mut out = String::new();
    if !compared.is_empty() {
        out += "<h4>Topics, with the number of differing cases</h4>";
        out += &buttons(&compared);
    }
    if !not_compared.is_empty() {
        let _ = write!(
            out,
            "<details class=\"more\"><summary>{} without compared cases</summary>{}</details>",
            counted(not_compared.len(), "topic"),
            buttons(&not_compared)
        );
    }
    out
}

fn topic_button(topic: &TopicReport, report: &Report) -> String {
    let (class, sign, word) = match topic.verdict {
        Verdict::Conforms => ("good", "✓", "conforms"),
        Verdict::Fails => ("bad", "✗", "fails"),
        Verdict::NotCompared => ("idle", "–", "not compared"),
    };
    let count = match topic.tally.differ + topic.tally.known {
        0 => String::new(),
        differ => format!(" {differ}/{}", topic.tally.all()),
    };
    let name = escaped(&topic.name);
    format!(
        "<li><button type=\"button\" class=\"{class}\" data-choose=\"{machine}/{name}\" \
         data-engine=\"{engine}\">{sign} {name}{count}\
         <span class=\"unseen\"> {word}; show its programs</span></button></li>",
        machine = topic.machine,
        engine = escaped(report.engine.short()),
    )
}

#[cfg(test)]
mod tests {
    use super::{SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH};
    use data_encoding::BASE64;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_policy_has_the_hashes_of_style_and_script() {
        let hash = |text: &str| BASE64.encode(&Sha256::digest(text));
        assert_eq!((STYLE_HASH, SCRIPT_HASH), (&*hash(STYLE), &*hash(SCRIPT)));
    }

    #[test]
    fn nothing_embedded_ends_its_element() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
        assert!(!SCRIPT.contains("<!--") && !SCRIPT.contains("innerHTML"));
    }
}
