//! The JUnit report, for CI servers.
//!
//! There is no one schema: Ant's requires what Jenkins's leaves open and refuses what Jenkins's
//! allows. This report is valid by both (`tests/junit.xsd` is what they have in common). A topic is
//! a suite and a case is a test. A campaign is a suite, too, and each of its findings is a test.

use super::paint::counted;
use super::results::{Campaign, Conformance, Results, finding_name};
use super::visible::{cut, escaped, visible};
use crate::campaign::Finding;
use crate::compare::Difference;
use crate::conform::{CaseReport, Score, TopicReport};
use crate::engine::Observation;
use std::fmt::Write as _;
use std::time::Duration;

/// The maximal number of bytes of an output or a file that are shown.
const MAX_BYTES: usize = 4 << 10;

/// Returns the document.
pub fn junit(results: &Results) -> String {
    let mut suites = Vec::new();
    for run in &results.conformance {
        // A test is known by its class and name, which two VMs must not have in common.
        let prefix = match results.engines().len() {
            0 | 1 => String::new(),
            _ => format!("{}.", class_name(run.report.engine.short())),
        };
        let topics = run.report.topics.iter();
        suites.extend(topics.map(|topic| topic_suite(run, topic, &prefix)));
    }
    suites.extend(results.campaigns.iter().map(campaign_suite));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (number, suite) in suites.iter().enumerate() {
        write_suite(&mut out, number, suite, &results.timestamp());
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
    /// Not compared; the reason.
    Skipped(String),
    /// A different result: its kind, a line about it, and all of it.
    Failed(&'static str, String, String),
    /// A crash, a hang or garbage, with the same fields.
    Broke(&'static str, String, String),
}

/// Returns a name without characters that have a meaning in the names of classes.
fn class_name(name: &str) -> String {
    let plain = |c: char| match c.is_alphanumeric() || "_-".contains(c) {
        true => c,
        false => '_',
    };
    name.chars().map(plain).collect()
}

fn topic_suite(run: &Conformance, topic: &TopicReport, prefix: &str) -> Suite {
    let cases = run.report.cases.iter();
    let cases = cases.filter(|case| case.machine == topic.machine && case.topic == topic.name);
    let tests: Vec<Test> = cases.map(|case| case_test(run, case, prefix)).collect();
    Suite {
        name: format!("{prefix}{}.{}", topic.machine, topic.name),
        engine: run.report.engine.to_string(),
        properties: vec![("machine", topic.machine.to_string())],
        elapsed: tests.iter().map(|test| test.elapsed).sum(),
        tests,
    }
}

fn case_test(run: &Conformance, case: &CaseReport, prefix: &str) -> Test {
    let result = match &case.score {
        Score::Agrees => Outcome::Passed,
        Score::NotCompared { reason } => Outcome::Skipped(format!("not compared: {reason}")),
        Score::KnownFailure { difference } => Outcome::Skipped(format!(
            "expected to differ: {}",
            difference_line(difference)
        )),
        Score::UnexpectedPass => Outcome::Failed(
            "unexpected-pass",
            "the VM agrees although it is expected to differ: remove the case from the expected \
             failures"
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
                observations(&mut text, &case.expected, found);
            }
            if let Some(detail) = detail {
                let _ = writeln!(text, "\nmessage: {}", shown(detail.as_bytes()));
            }
            let name = shell_words::quote(&case.name);
            let _ = writeln!(text, "\nrerun: {} {name}", run.rerun);
            outcome(difference, case.found.as_ref(), text)
        }
    };
    Test {
        class: format!("{prefix}{}.{}", case.machine, case.topic),
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

fn campaign_suite(campaign: &Campaign) -> Suite {
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
            0 if summary.programs == 0 => Outcome::Failed(
                "nothing-compared",
                "no program was run".to_owned(),
                format!("rerun: {}\n", campaign.rerun),
            ),
            0 => Outcome::Passed,
            many => Outcome::Failed(
                "disagreement",
                format!("{} disagreed", counted(many as usize, "program")),
                format!("rerun: {}\n", campaign.rerun),
            ),
        },
    )];
    let named = |finding: &Finding| {
        let name = finding_name(finding).to_owned();
        test(name, Duration::ZERO, finding_outcome(finding))
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

fn finding_outcome(finding: &Finding) -> Outcome {
    let identity = &finding.identity;
    let mut text = format!("{}.\n", finding.groups);
    for (what, value) in [
        ("instruction", &identity.instruction),
        ("clause", &finding.clause),
    ] {
        if !value.is_empty() {
            let _ = writeln!(text, "{what}: {}", shown(value.as_bytes()));
        }
    }
    for (name, bytes) in &finding.case.files {
        let _ = writeln!(text, "{name}:\n{}", shown(bytes));
    }
    observations(&mut text, &finding.expected, &finding.found);
    outcome(&finding.difference, Some(&finding.found), text)
}

/// Returns the outcome of a test that differs.
fn outcome(difference: &Difference, found: Option<&Observation>, text: String) -> Outcome {
    match found.map(|found| found.ending) {
        Some(ending) if ending.is_odd() => {
            Outcome::Broke(ending.name(), difference_line(difference), text)
        }
        _ => Outcome::Failed(difference.kind.name(), difference_line(difference), text),
    }
}

/// Returns a difference in one line.
fn difference_line(difference: &Difference) -> String {
    format!(
        "{}: expected {}, found {}",
        difference.kind.name(),
        difference.expected,
        difference.found
    )
}

/// Adds two observations.
fn observations(text: &mut String, expected: &Observation, found: &Observation) {
    for (name, seen) in [("expected", expected), ("found", found)] {
        let _ = writeln!(text, "\n{name}: {}", seen.ending.name());
        for (key, value) in [
            ("fault", &seen.fault),
            ("value", &seen.value),
            ("at", &seen.at),
        ] {
            if let Some(value) = value {
                let _ = writeln!(text, "{key}: {}", shown(value.as_bytes()));
            }
        }
        if !seen.output.is_empty() {
            let _ = writeln!(text, "output:\n{}", shown(&seen.output));
        }
    }
}

/// Returns bytes as visible text, cut with a note if there are more of them.
fn shown(bytes: &[u8]) -> String {
    match cut(bytes, MAX_BYTES) {
        (all, 0) => visible(all),
        (first, left) => format!("{}\n… {left} more bytes are not shown", visible(first)),
    }
}

fn write_suite(out: &mut String, number: usize, suite: &Suite, started_at: &str) {
    let count =
        |of: fn(&Outcome) -> bool| suite.tests.iter().filter(|test| of(&test.result)).count();
    let _ = writeln!(
        out,
        "<testsuite id=\"{number}\" name=\"{}\" package=\"{}\" hostname=\"localhost\" \
         timestamp=\"{started_at}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\">",
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
