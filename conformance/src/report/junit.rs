//! The XML that CI servers read, in the part that their schemas have in common.
//!
//! There is no one schema: Ant's requires what Jenkins's leaves open and refuses what Jenkins's
//! allows. What is written here is valid by both (`tests/junit.xsd` is what they share). A topic is
//! a suite, a case a test; a campaign is a suite, each of its findings a test.

use super::paint::counted;
use super::results::{Campaign, Conformance, Results, finding_name};
use super::visible::{cut, escaped, visible};
use crate::campaign::Finding;
use crate::compare::Difference;
use crate::conform::{CaseReport, Score, TopicReport};
use crate::engine::Observation;
use std::fmt::Write as _;
use std::time::Duration;

/// Bytes told of an output or a file.
const TOLD: usize = 4 << 10;

/// The document.
pub fn junit(whole: &Results) -> String {
    let mut suites = Vec::new();
    for run in &whole.conformance {
        // Readers know a test by its class and name: two VMs must not have the same.
        let before = match whole.engines().len() {
            0 | 1 => String::new(),
            _ => format!("{}.", class_name(run.report.engine.short())),
        };
        let topics = run.report.topics.iter();
        suites.extend(topics.map(|topic| of_topic(run, topic, &before)));
    }
    suites.extend(whole.campaigns.iter().map(of_campaign));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (number, suite) in suites.iter().enumerate() {
        write_suite(&mut out, number, suite, &whole.timestamp());
    }
    out + "</testsuites>\n"
}

struct Suite {
    name: String,
    engine: String,
    properties: Vec<(&'static str, String)>,
    elapsed: Duration,
    tests: Vec<Test>,
}

struct Test {
    class: String,
    name: String,
    elapsed: Duration,
    result: Outcome,
}

enum Outcome {
    Passed,
    Skipped(String),
    /// It did something else: of which kind, in a line, in full.
    Failed(&'static str, String, String),
    /// It did nothing that could be compared: it crashed, hung or answered garbage.
    Broke(&'static str, String, String),
}

/// A name without what has a meaning in the names of classes.
fn class_name(name: &str) -> String {
    let plain = |c: char| match c.is_alphanumeric() || "_-".contains(c) {
        true => c,
        false => '_',
    };
    name.chars().map(plain).collect()
}

fn of_topic(run: &Conformance, topic: &TopicReport, before: &str) -> Suite {
    let cases = run.report.cases.iter();
    let cases = cases.filter(|case| case.machine == topic.machine && case.topic == topic.name);
    let tests: Vec<Test> = cases.map(|case| of_case(run, case, before)).collect();
    Suite {
        name: format!("{before}{}.{}", topic.machine, topic.name),
        engine: run.report.engine.to_string(),
        properties: vec![("machine", topic.machine.to_string())],
        elapsed: tests.iter().map(|test| test.elapsed).sum(),
        tests,
    }
}

fn of_case(run: &Conformance, case: &CaseReport, before: &str) -> Test {
    let result = match &case.score {
        Score::Agrees => Outcome::Passed,
        Score::NotCompared { reason } => Outcome::Skipped(format!("not compared: {reason}")),
        Score::KnownFailure { difference } => {
            Outcome::Skipped(format!("known to differ: {}", line(difference)))
        }
        Score::UnexpectedPass => Outcome::Failed(
            "unexpected-pass",
            "it agrees, though it is expected to fail: take it off the expected failures"
                .to_owned(),
            String::new(),
        ),
        Score::Differs {
            difference, detail, ..
        } => {
            let mut text = String::new();
            for about in &case.about {
                let _ = writeln!(text, "{about}");
            }
            let clauses: Vec<&str> = case.clauses().collect();
            let _ = writeln!(text, "clauses: {}", clauses.join(" "));
            if let Some(found) = &case.found {
                seen(&mut text, &case.expected, found);
            }
            if let Some(detail) = detail {
                let _ = writeln!(text, "\nthe VM: {}", told(detail.as_bytes()));
            }
            let name = shell_words::quote(&case.name);
            let _ = writeln!(text, "\nagain: {} {name}", run.again);
            outcome(difference, case.found.as_ref(), text)
        }
    };
    Test {
        class: format!("{before}{}.{}", case.machine, case.topic),
        name: case
            .name
            .rsplit('/')
            .next()
            .unwrap_or(&case.name)
            .to_owned(),
        elapsed: case.elapsed,
        result,
    }
}

fn of_campaign(campaign: &Campaign) -> Suite {
    let summary = &campaign.summary;
    let class = format!("{}.campaign", campaign.machine);
    let test = |name: String, elapsed, result| Test {
        class: class.clone(),
        name,
        elapsed,
        result,
    };
    let mut tests = vec![test(
        format!("{} programs", summary.programs),
        summary.elapsed,
        match summary.disagreements {
            0 => Outcome::Passed,
            many => Outcome::Failed(
                "disagreement",
                format!("{} disagreed", counted(many as usize, "program")),
                format!("again: {}\n", campaign.again),
            ),
        },
    )];
    let named = |finding: &Finding| {
        let name = finding_name(finding).to_owned();
        test(name, Duration::ZERO, of_finding(finding))
    };
    tests.extend(summary.findings.iter().map(named));
    Suite {
        name: class.clone(),
        engine: campaign.engine.to_string(),
        properties: vec![
            ("machine", campaign.machine.to_string()),
            ("seed", campaign.seed.to_string()),
        ],
        elapsed: summary.elapsed,
        tests,
    }
}

fn of_finding(finding: &Finding) -> Outcome {
    let identity = &finding.identity;
    let mut text = format!("{}.\n", finding.camps);
    for (what, value) in [
        ("instruction", &identity.instruction),
        ("clause", &finding.clause),
    ] {
        if !value.is_empty() {
            let _ = writeln!(text, "{what}: {}", told(value.as_bytes()));
        }
    }
    for (name, bytes) in &finding.case.files {
        let _ = writeln!(text, "{name}:\n{}", told(bytes));
    }
    seen(&mut text, &finding.expected, &finding.found);
    outcome(&finding.difference, Some(&finding.found), text)
}

fn outcome(difference: &Difference, found: Option<&Observation>, text: String) -> Outcome {
    match found.map(|found| found.ending) {
        Some(ending) if ending.is_odd() => Outcome::Broke(ending.name(), line(difference), text),
        _ => Outcome::Failed(difference.kind.name(), line(difference), text),
    }
}

fn line(difference: &Difference) -> String {
    format!(
        "{}: expected {}, found {}",
        difference.kind.name(),
        difference.expected,
        difference.found
    )
}

fn seen(text: &mut String, expected: &Observation, found: &Observation) {
    for (whom, seen) in [("expected", expected), ("found", found)] {
        let _ = writeln!(text, "\n{whom}: {}", seen.ending.name());
        for (key, value) in [
            ("fault", &seen.fault),
            ("value", &seen.value),
            ("at", &seen.at),
        ] {
            if let Some(value) = value {
                let _ = writeln!(text, "{key}: {}", told(value.as_bytes()));
            }
        }
        if !seen.output.is_empty() {
            let _ = writeln!(text, "output:\n{}", told(&seen.output));
        }
    }
}

/// Bytes with nothing unseen, and a word if there are more.
fn told(bytes: &[u8]) -> String {
    match cut(bytes, TOLD) {
        (all, 0) => visible(all),
        (shown, left) => format!("{}\n… {left} bytes more are not shown", visible(shown)),
    }
}

fn write_suite(out: &mut String, number: usize, suite: &Suite, when: &str) {
    let count =
        |of: fn(&Outcome) -> bool| suite.tests.iter().filter(|test| of(&test.result)).count();
    let _ = writeln!(
        out,
        "<testsuite id=\"{number}\" name=\"{}\" package=\"{}\" hostname=\"localhost\" \
         timestamp=\"{when}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\">",
        escaped(&suite.name),
        escaped(&suite.engine),
        suite.tests.len(),
        count(|result| matches!(result, Outcome::Failed(..))),
        count(|result| matches!(result, Outcome::Broke(..))),
        count(|result| matches!(result, Outcome::Skipped(_))),
        seconds(suite.elapsed),
    );
    out.push_str("<properties>\n");
    let engine = ("engine", suite.engine.clone());
    for (name, value) in [engine].iter().chain(&suite.properties) {
        let _ = writeln!(
            out,
            "<property name=\"{name}\" value=\"{}\"/>",
            escaped(value)
        );
    }
    out.push_str("</properties>\n");
    for test in &suite.tests {
        let _ = write!(
            out,
            "<testcase classname=\"{}\" name=\"{}\" time=\"{}\"",
            escaped(&test.class),
            escaped(&test.name),
            seconds(test.elapsed)
        );
        let mut element = |name: &str, kind: &str, message: &str, text: &str| {
            let _ = writeln!(
                out,
                "><{name} type=\"{kind}\" message=\"{}\">{}</{name}></testcase>",
                escaped(message),
                escaped(text)
            );
        };
        match &test.result {
            Outcome::Passed => out.push_str("/>\n"),
            Outcome::Failed(kind, message, text) => element("failure", kind, message, text),
            Outcome::Broke(kind, message, text) => element("error", kind, message, text),
            Outcome::Skipped(why) => {
                let _ = writeln!(out, "><skipped>{}</skipped></testcase>", escaped(why));
            }
        }
    }
    out.push_str("<system-out></system-out><system-err></system-err>\n</testsuite>\n");
}

fn seconds(time: Duration) -> String {
    format!("{:.6}", time.as_secs_f64())
}
