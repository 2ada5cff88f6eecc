//! Reports in files: what other programs and browsers make of them.

use crate::common::Folder;

use crate::common::sample::{HOSTILE, whole};
use conformance::report::html::html;
use conformance::report::json::json;
use conformance::report::junit::junit;
use roxmltree::{Document, Node};
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn the_json_report_holds_everything() {
    let document: Value = serde_json::from_str(&json(&whole())).expect("it is JSON");
    assert_eq!(document["format"], 1);
    assert_eq!(document["passes"], false);
    let run = &document["conformance"][0];
    assert_eq!(run["cases"].as_array().map(Vec::len), Some(7));
    assert_eq!(run["cases"][1]["score"], "differs");
    assert_eq!(run["cases"][1]["difference"]["found"], HOSTILE);
    let clauses = run["clauses"].as_array().expect("clauses");
    assert!(clauses.iter().any(|clause| clause["verdict"] == "fails"));
    let campaign = &document["campaigns"][0];
    assert_eq!(campaign["findings"][0]["number"], 1234);
    assert_eq!(campaign["endings"]["faulted"], 5000);
}

fn children<'a>(node: Node<'a, 'a>, name: &'a str) -> Vec<Node<'a, 'a>> {
    let elements = node.children().filter(Node::is_element);
    elements
        .filter(|child| child.tag_name().name() == name)
        .collect()
}

#[test]
fn the_junit_report_counts_what_it_holds() {
    let text = junit(&whole());
    let document = Document::parse(&text).expect("it is XML");
    let suites = children(document.root_element(), "testsuite");
    let names: Vec<_> = suites.iter().map(|suite| suite.attribute("name")).collect();
    let expected = ["mmm.limit", "mmm.printn", "mmm.ret", "mmm.campaign"];
    assert_eq!(names, expected.map(Some));
    for (number, suite) in suites.iter().enumerate() {
        assert_eq!(suite.attribute("id"), Some(&*number.to_string()));
        let tests = children(*suite, "testcase");
        let of = |name: &str| {
            tests
                .iter()
                .map(|test| children(*test, name).len())
                .sum::<usize>()
        };
        for (attribute, count) in [
            ("tests", tests.len()),
            ("failures", of("failure")),
            ("errors", of("error")),
            ("skipped", of("skipped")),
        ] {
            assert_eq!(
                suite.attribute(attribute),
                Some(&*count.to_string()),
                "{attribute}"
            );
        }
    }
    let ret = &suites[2];
    let totals = ["tests", "failures", "errors", "skipped"].map(|name| ret.attribute(name));
    assert_eq!(totals, ["4", "1", "1", "1"].map(Some));
}

#[test]
fn the_junit_report_is_valid_where_xmllint_can_tell() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/junit.xsd");
    let child = Command::new("xmllint")
        .args(["--noout", "--schema", schema, "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            println!("skipped: xmllint does not start ({error}); apt-get install libxml2-utils");
            return;
        }
    };
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(junit(&whole()).as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_page_takes_nothing_for_markup_and_asks_for_nothing() {
    let page = html(&whole());
    for markup in ["<img", "onerror=\"", "</script></pre>", "]]>"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("\\u{1b}</i>[2J<i class=\"esc\">\\xff</i>"));
    assert!(page.contains("\\u{202e}"));
    assert!(!page.contains(|c: char| c.is_control() && c != '\n' && c != '\t'));
    // Nothing that a browser would fetch, and no style that the policy would refuse.
    for reference in ["src=", "http:", "https:", "url(", "@import", "style=\""] {
        let outside = page.replace(&*escaped(HOSTILE), "");
        assert!(!outside.contains(reference), "{reference}");
    }
    // A flood is cut, with a word.
    assert!(page.contains("more of the found one are not shown"));
    assert!(page.len() < 300_000, "{}", page.len());
}

fn escaped(text: &str) -> String {
    conformance::report::visible::escaped(text)
}

/// A VM that prints what it should not, in every program.
const SHOUTING: &str = "#!/bin/sh\n\"$1\" run \"$2\" && echo '<b>HA</b>'\n";

#[test]
fn reports_are_written_where_they_are_asked_for() {
    let folder = Folder::of(&[("shouting.sh", SHOUTING)]);
    let vm = format!("--vm 'sh shouting.sh {} {{file}}'", crate::common::MMM);
    let line = format!("conform --machine mmm --filter mmm/ret/ {vm}");
    let seen = folder.run(&format!("{line} --html page.html --junit out.xml --json"));
    assert_eq!(seen.status, Some(1), "{seen:#?}");
    // The text for a person does not stand among the lines of a report.
    let document: Value = serde_json::from_str(&seen.out).expect("it is JSON and nothing else");
    assert!(seen.err.contains("clauses"), "{}", seen.err);
    assert_eq!(document["conformance"][0]["machines"][0], "mmm");
    let command = document["command"].as_str().unwrap();
    assert!(
        command.starts_with("mmm conform --machine mmm"),
        "{command}"
    );
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let page = read("page.html");
    assert!(page.contains("&lt;b&gt;HA&lt;/b&gt;") && !page.contains("<b>HA"));
    let xml = read("out.xml");
    let suites = Document::parse(&xml).expect("it is XML");
    assert_eq!(children(suites.root_element(), "testsuite").len(), 1);

    let seen =
        folder.run("fuzz --machine mmm --runs 500 --seed 3 --jobs 1 --junit=- --html page.html");
    let suites = Document::parse(&seen.out).expect("it is XML and nothing else");
    let suite = children(suites.root_element(), "testsuite")[0];
    assert_eq!(suite.attribute("failures"), Some("0"));
    let page = read("page.html");
    assert!(page.contains("No disagreement") && page.contains("Clauses reached"));
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_the_run() {
    let folder = Folder::of(&[]);
    let seen = folder.run("conform --machine mmm --html nowhere/page.html");
    seen.is(2, "", "cannot write the report 'nowhere/page.html'");
    let seen = folder.run("conform --machine mmm --html a --json a");
    seen.is(2, "", "two reports go to 'a'");
}
