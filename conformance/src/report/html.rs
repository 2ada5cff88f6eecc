//! One HTML file for people: it needs no network, no server and no other file.
//!
//! The page is whole before its script runs; the script only filters. Whatever a VM printed goes
//! through [`visible`](super::visible) and is text wherever it lands. Should that ever fail, the
//! page's own policy lets no style and no script run but the two that are embedded here.

mod campaigns;
mod cases;
mod charts;
mod clauses;

use super::paint::{counted, grouped};
use super::visible::escaped;
use super::whole::{Conformance, Whole};
use crate::conform::{Tally, TopicReport, Verdict};
use std::fmt::Write as _;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");
/// SHA-256 of the two in base64, which the page's policy names. A test knows when they are stale.
const STYLE_HASH: &str = "P05IqhUqpW9T1X1JR9yhpbvcPpfxDmC0lFoPzEMYxWg=";
const SCRIPT_HASH: &str = "o85/A6XkUo6vzjKs9wNaanlowhYM8PsuI+oLZ7/EG6E=";

/// The page.
pub fn html(whole: &Whole) -> String {
    let title = title(whole);
    let mut out = head(&title);
    let _ = write!(
        out,
        "<header><h1>{}</h1>\n<p class=\"soft\">{} · <time datetime=\"{}Z\">{} UTC</time></p>\n{}</header>\n\
         <main id=\"main\">\n",
        escaped(&title),
        code(&whole.command),
        whole.timestamp(),
        whole.timestamp().replace('T', " "),
        nav(whole),
    );
    out += "<section aria-labelledby=\"verdict\"><h2 id=\"verdict\">Verdict</h2>\n<div class=\"cards\">\n";
    for run in &whole.conformance {
        out += &conformance_cards(run);
    }
    for campaign in &whole.campaigns {
        out += &campaigns::card(campaign);
    }
    out += "</div></section>\n";
    out += &campaigns::section(whole);
    out += &cases::section(whole);
    out += &clauses::section(whole);
    let _ = write!(
        out,
        "</main>\n<footer><p>Written by <code>mmm</code> {}. A case is a program of the corpus that \
         shows clauses of the specification; what it is held to was written down before any VM ran \
         it.</p></footer>\n<script>{SCRIPT}</script>\n</body></html>\n",
        env!("CARGO_PKG_VERSION")
    );
    out
}

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

fn title(whole: &Whole) -> String {
    let mut engines: Vec<String> = Vec::new();
    let runs = whole
        .conformance
        .iter()
        .map(|run| run.report.engine.to_string());
    let campaigns = whole.campaigns.iter().map(|of| of.engine.to_string());
    for engine in runs.chain(campaigns) {
        if !engines.contains(&engine) {
            engines.push(engine);
        }
    }
    let what = match (whole.conformance.is_empty(), whole.campaigns.is_empty()) {
        (false, false) => "Conformance and campaigns",
        (false, true) => "Conformance",
        (true, _) => "Campaign",
    };
    match engines.is_empty() {
        true => what.to_owned(),
        false => format!("{what}: {}", engines.join(", ")),
    }
}

fn nav(whole: &Whole) -> String {
    let mut out = String::from("<nav aria-label=\"On this page\"><ul>");
    let mut link = |to: &str, name: &str| {
        let _ = write!(out, "<li><a href=\"#{to}\">{name}</a></li>");
    };
    link("verdict", "Verdict");
    if !whole.campaigns.is_empty() {
        link("campaigns", "Campaigns");
    }
    link("cases", "Programs");
    if clauses::any(whole) {
        link("clauses", "Clauses");
    }
    out + "</ul></nav>\n"
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// A sign and a word on a coloured ground.
fn mark(class: &str, sign: &str, word: &str) -> String {
    format!("<span class=\"mark {class}\">{sign} <span class=\"word\">{word}</span></span>")
}

fn fact(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, "<dt>{name}</dt><dd>{value}</dd>");
}

/// One card a machine.
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
        let (class, verb) = match bad {
            0 => ("fine", "Conforms to"),
            _ => ("wrong", "Conforms to only"),
        };
        let _ = write!(
            out,
            "<section class=\"card\"><h3>{machine} <span class=\"soft\">on {}</span></h3>\
             <p class=\"headline {class}\">{verb} {good} of {}</p>{}<dl class=\"facts\">",
            escaped(&report.engine.to_string()),
            counted(all, "clause"),
            charts::bar(&[("fill-good", good), ("fill-bad", bad), ("fill-idle", none)]),
        );
        let figures = [
            ("Clauses it fails", bad),
            ("Clauses not compared", none),
            ("Cases that agree", tally.agree),
            ("Cases that differ", tally.differ),
            ("Known to differ", tally.known),
            ("Agree, unexpectedly", tally.unexpected),
            ("Cases not compared", tally.not_compared),
        ];
        for (name, count) in figures.into_iter().filter(|figure| figure.1 > 0) {
            fact(&mut out, name, &grouped(count as u64));
        }
        fact(
            &mut out,
            "Time",
            &charts::time(report.elapsed.as_secs_f64()),
        );
        for blind in &report.blind {
            fact(&mut out, "Not looked at", &escaped(blind));
        }
        if let Some(stopped) = &report.stopped {
            fact(&mut out, "Stopped early", &escaped(stopped));
        }
        out += "</dl>";
        let topics = report
            .topics
            .iter()
            .filter(|topic| topic.machine == machine);
        out += "<h4>Topics, and how many of their cases differ</h4><ul class=\"topics\">";
        for topic in topics {
            out += &topic_button(topic);
        }
        out += "</ul></section>\n";
    }
    out
}

fn topic_button(topic: &TopicReport) -> String {
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
        "<li><button type=\"button\" class=\"{class}\" data-choose=\"{machine}/{name}\">{sign} {name}{count}\
         <span class=\"unseen\"> {word}; show its programs</span></button></li>",
        machine = topic.machine,
    )
}

#[cfg(test)]
mod tests {
    use super::{SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH};
    use data_encoding::BASE64;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_policy_names_what_is_embedded() {
        let hash = |text: &str| BASE64.encode(&Sha256::digest(text));
        assert_eq!((STYLE_HASH, SCRIPT_HASH), (&*hash(STYLE), &*hash(SCRIPT)));
    }

    #[test]
    fn nothing_embedded_ends_its_element() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
        assert!(!SCRIPT.contains("<!--") && !SCRIPT.contains("innerHTML"));
    }
}
