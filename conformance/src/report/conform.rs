//! The report on a run of the corpus.

use super::paint::{Paint, counted, grouped};
use crate::case::Case;
use crate::conform::{Reason, Score};
use crate::engine::Observation;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How many failures are told in full; the others are named.
const TOLD: usize = 20;

/// How many cases came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// They did what was recorded.
    pub agree: usize,
    /// They did something else.
    pub differ: usize,
    /// They were not compared.
    pub not_compared: usize,
}

impl Tally {
    /// Counts scores.
    pub fn of<'a>(scores: impl IntoIterator<Item = &'a Score>) -> Tally {
        let mut tally = Tally::default();
        for score in scores {
            tally.add(score);
        }
        tally
    }

    fn add(&mut self, score: &Score) {
        match score {
            Score::Agrees => self.agree += 1,
            Score::Differs { .. } => self.differ += 1,
            Score::NotCompared(_) => self.not_compared += 1,
        }
    }

    /// The line that sums up.
    pub fn line(&self) -> String {
        format!(
            "{} agree, {} differ, {} not compared",
            grouped(self.agree as u64),
            grouped(self.differ as u64),
            grouped(self.not_compared as u64)
        )
    }
}

/// One line a topic: how many of its cases agree.
pub fn topics(cases: &[(Case, Observation)], scores: &[Score], paint: Paint) -> String {
    let mut topics: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
    for ((case, _), score) in cases.iter().zip(scores) {
        let topic = topic(&case.name);
        let key = (case.machine.name(), topic);
        topics.entry(key).or_default().add(score);
    }
    let width = topics.keys().map(|(_, topic)| topic.chars().count()).max();
    let width = width.unwrap_or(0);
    let mut out = String::new();
    let mut last = "";
    for ((machine, topic), tally) in topics {
        if machine != last {
            let _ = writeln!(out, "{}", paint.strong(machine));
            last = machine;
        }
        let mark = match (tally.differ, tally.agree) {
            (0, 0) => paint.dim("–"),
            (0, _) => paint.good("✓"),
            _ => paint.bad("✗"),
        };
        let _ = write!(out, "  {mark} {topic:<width$} {:>5}", tally.agree);
        if tally.differ > 0 {
            let _ = write!(out, "  {}", paint.bad(&format!("{} differ", tally.differ)));
        }
        if tally.not_compared > 0 {
            let told = format!("{} not compared", tally.not_compared);
            let _ = write!(out, "  {}", paint.dim(&told));
        }
        out.push('\n');
    }
    out
}

/// What can be done about a case that differs.
#[derive(Clone, Debug)]
pub struct Advice {
    /// The command that runs it again.
    pub again: String,
    /// Where its program lies, if it was written somewhere.
    pub program: Option<String>,
}

/// The cases that differ: what each shows, the first difference, what to do about it (`advice`
/// gives it for the case's place in `cases`).
pub fn failures(
    cases: &[(Case, Observation)],
    scores: &[Score],
    advice: impl Fn(usize) -> Advice,
    paint: Paint,
) -> String {
    let mut out = String::new();
    let mut untold = Vec::new();
    let mut told = 0;
    for (at, ((case, _), score)) in cases.iter().zip(scores).enumerate() {
        let Score::Differs { difference, detail } = score else {
            continue;
        };
        if told == TOLD {
            untold.push(case.name.as_str());
            continue;
        }
        told += 1;
        let _ = writeln!(out, "\n{} {}", paint.bad("✗"), paint.strong(&case.name));
        let mut row = |key: &str, value: &str| {
            let mut lines = value.lines();
            let first = lines.next().unwrap_or("");
            let _ = writeln!(out, "    {} {first}", paint.dim(&format!("{key:<9}")));
            for line in lines {
                let _ = writeln!(out, "              {line}");
            }
        };
        if !case.header.about.is_empty() {
            row("about", &case.header.about.join("\n"));
        }
        let clauses: Vec<&str> = case.header.clauses().collect();
        if !clauses.is_empty() {
            row("clauses", &clauses.join(" "));
        }
        let kind = difference.kind.name();
        row("expected", &format!("{kind} {}", difference.expected));
        row("found", &format!("{kind} {}", difference.found));
        if let Some(detail) = detail {
            row("the VM", &printable(detail));
        }
        let advice = advice(at);
        if let Some(program) = advice.program {
            row("program", &program);
        }
        row("again", &advice.again);
    }
    if !untold.is_empty() {
        let _ = writeln!(out, "\nand {} more:", untold.len());
        for name in untold {
            let _ = writeln!(out, "  {} {name}", paint.bad("✗"));
        }
    }
    out
}

/// Why cases were not compared, and how many for each reason; nothing if all were.
pub fn reasons(scores: &[Score]) -> String {
    let of = |reason: Reason| {
        let same = |score: &&Score| **score == Score::NotCompared(reason);
        scores.iter().filter(same).count()
    };
    let told: Vec<String> = Reason::ALL
        .into_iter()
        .map(|reason| (reason, of(reason)))
        .filter(|&(_, count)| count > 0)
        .map(|(reason, count)| format!("{} {reason}", counted(count, "case")))
        .collect();
    match told.is_empty() {
        true => String::new(),
        false => format!("not compared: {}\n", told.join(", ")),
    }
}

/// The second part of `machine/topic/name`.
fn topic(name: &str) -> &str {
    name.split('/').nth(1).unwrap_or("")
}

/// A stranger's words, without what could play with the terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => '\n',
            '\t' => ' ',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}
