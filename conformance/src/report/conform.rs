//! The report on a run of the corpus, for a terminal.

use super::paint::{Paint, counted, grouped, wrapped};
use super::visible::{line, visible};
use crate::compare::{Difference, Kind};
use crate::conform::{
    CaseReport, ClauseReport, Reason, Report, Score, Tally, TopicReport, Verdict,
};
use crate::engine::Observation;
use crate::machine::Machine;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// If at most this many cases fail, all of them are shown in full.
const MAX_ALL_FULL: usize = 3;
/// Of more failing cases, this many are shown in full, each with another clause.
const MAX_FULL: usize = 2;
/// The number of further failing cases that get a line each.
const MAX_LINES: usize = 10;
/// The number of failing clauses whose text is shown.
const MAX_TEXTS: usize = 4;
/// The number of further failing clauses that get a line each.
const MAX_COUNTS: usize = 6;
/// The maximal number of failing clauses that are named.
pub const MAX_CLAUSES: usize = 60;
/// The maximal width of an engine's name in a table.
const MAX_NAME_WIDTH: usize = 30;
/// The width of lines with several topics, and of texts.
const WIDTH: usize = 78;

/// How to reproduce a case that differs.
#[derive(Clone, Debug)]
pub struct Advice {
    /// The command that runs it again.
    pub rerun: String,
    /// The path of its program, if it was written to a file.
    pub program: Option<String>,
}

/// Returns the whole report. `advice` returns how to reproduce a case.
pub fn conform_text(
    report: &Report,
    advice: impl Fn(&CaseReport) -> Advice,
    paint: Paint,
) -> String {
    let machines: Vec<&str> = report.machines.iter().map(|each| each.name()).collect();
    let mut out = format!(
        "{} of {} on {}\n",
        counted(report.cases.len(), "case"),
        listed(&machines),
        line(&report.engine.to_string())
    );
    // If a VM runs nothing, topics and clauses say nothing about it.
    let common = common_result(report);
    let ran = report.cases.iter().any(|case| case.found.is_some());
    let begun = ran || report.stopped.is_none();
    if begun && !common.as_ref().is_some_and(|common| common.none_ran) {
        for &machine in &report.machines {
            let _ = writeln!(out, "\n{}", paint.strong(machine.name()));
            out += &topics(report, machine, paint);
        }
        out += &clauses(report, paint);
    }
    out += &failures(report, advice, paint);
    out.push('\n');
    out += &reasons(report);
    if !report.not_compared_fields.is_empty() {
        let _ = writeln!(
            out,
            "left out of every comparison: {}",
            line(&report.not_compared_fields.join(", "))
        );
    }
    if let Some(common) = &common {
        let _ = writeln!(out, "{}", paint.bad(&common.sentence));
    }
    if let Some(why) = &report.stopped {
        let _ = writeln!(out, "{}", paint.bad(&visible(why.as_bytes())));
    }
    for &machine in &report.machines {
        out += &clauses_line(report, machine, paint);
    }
    let tally = tally_line(&report.tally());
    let tally = match report.passes() {
        true => paint.good(&tally),
        false => paint.bad(&tally),
    };
    let seconds = format!("({:.1} s)", report.elapsed.as_secs_f64());
    let _ = writeln!(out, "{tally}  {}", paint.dim(&seconds));
    out
}

/// Joins names: `a`, `a and b`, `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => names.concat(),
    }
}

/// The results of one engine, for a table of several.
pub struct Standing {
    engine: String,
    tally: Tally,
    /// The clauses that it conforms to, that it fails, and that were not compared.
    clauses: [usize; 3],
    passes: bool,
}

impl Standing {
    /// Returns the results of the engine of a report.
    pub fn of(report: &Report) -> Standing {
        let verdicts = [Verdict::Conforms, Verdict::Fails, Verdict::NotCompared];
        Standing {
            engine: report.engine.short().to_owned(),
            tally: report.tally(),
            clauses: verdicts.map(|verdict| report.clauses_that("", verdict)),
            passes: report.passes(),
        }
    }
}

/// Returns a table of several engines, a line each.
pub fn standings_table(rows: &[Standing], paint: Paint) -> String {
    let name = |row: &Standing| {
        line(&row.engine)
            .chars()
            .take(MAX_NAME_WIDTH)
            .collect::<String>()
    };
    let width = rows.iter().map(|row| name(row).chars().count()).max();
    let width = width.unwrap_or(0).max("engine".len());
    let heads = "  conforms    fails  not compared     agree    differ  not compared";
    let mut out = format!("\n    {:width$}  {:>37}  {:>32}\n", "", "clauses", "cases");
    let _ = writeln!(
        out,
        "    {}{heads}",
        paint.strong(&format!("{:width$}", "engine"))
    );
    for row in rows {
        let [good, bad, unseen] = row.clauses;
        let mark = match row.passes {
            true => paint.good("✓"),
            false => paint.bad("✗"),
        };
        let _ = writeln!(
            out,
            "  {mark} {:width$}  {good:>8} {bad:>8}  {unseen:>12}  {:>8}  {:>8}  {:>12}",
            name(row),
            row.tally.agree + row.tally.known,
            row.tally.differ + row.tally.unexpected,
            row.tally.not_compared,
        );
    }
    out
}

/// A result that all programs have in common.
struct Common {
    sentence: String,
    /// True if no program was run to an end.
    none_ran: bool,
}

/// Returns the result that all programs have in common, if they have one and it is a bad one.
fn common_result(report: &Report) -> Option<Common> {
    let mut all = report.cases.iter().filter_map(|case| case.found.as_ref());
    let first = all.next()?;
    let detail = first.detail.as_deref().filter(|_| !report.passes())?;
    let count = 1 + all.clone().count();
    let none_ran = first.ending.is_odd() && all.clone().all(|found| found.ending.is_odd());
    // Further lines are the VM's standard error, which differs from program to program.
    let message = detail.lines().next().unwrap_or("");
    let begins = |detail: &Option<String>| {
        let detail = detail.as_deref().unwrap_or("");
        detail.lines().next().unwrap_or("") == message
    };
    let same = all.all(|found| found.ending == first.ending && begins(&found.detail));
    let ending = first.ending.name();
    let message = line(message);
    let sentence = match (same && count > 2, none_ran) {
        (true, _) => format!("all {count} programs had the same result: {ending}: {message}"),
        (false, true) => format!("none of {count} programs ran to its end"),
        (false, false) => return None,
    };
    Some(Common { sentence, none_ran })
}

/// Returns the line that sums up cases.
pub fn tally_line(tally: &Tally) -> String {
    let number = |count: usize| grouped(count as u64);
    let mut line = format!(
        "{} agree, {} differ, {} not compared",
        number(tally.agree),
        number(tally.differ),
        number(tally.not_compared)
    );
    if tally.known > 0 {
        let _ = write!(line, ", {} differ as expected", number(tally.known));
    }
    if tally.unexpected > 0 {
        let count = number(tally.unexpected);
        let _ = write!(
            line,
            ", {count} agree although they were expected to differ"
        );
    }
    line
}

/// Returns the line that sums up a machine's clauses.
fn clauses_line(report: &Report, machine: Machine, paint: Paint) -> String {
    let prefix = format!("{machine}.");
    let count = |verdict| report.clauses_that(&prefix, verdict);
    let (good, bad, not_compared) = (
        count(Verdict::Conforms),
        count(Verdict::Fails),
        count(Verdict::NotCompared),
    );
    let mut line = format!(
        "{machine}: conforms to {good} of {}",
        counted(good + bad + not_compared, "clause")
    );
    if not_compared > 0 {
        let _ = write!(line, "; {not_compared} not compared");
    }
    if bad > 0 {
        let failing = ranked(report).into_iter();
        let mut ids = failing.filter(|clause| clause.id.starts_with(&prefix));
        let named: Vec<String> = ids
            .by_ref()
            .take(3)
            .map(|each| format!("[{}]", each.id))
            .collect();
        let more = if ids.next().is_some() { " …" } else { "" };
        let _ = write!(line, "; {bad} not: {}{more}", named.join(" "));
    }
    match bad {
        0 => paint.good(&line) + "\n",
        _ => paint.bad(&line) + "\n",
    }
}

/// Returns the topics of a machine: those that agree in columns, those with other results on a line
/// each, those without any compared case in one line.
fn topics(report: &Report, machine: Machine, paint: Paint) -> String {
    let mine = || {
        report
            .topics
            .iter()
            .filter(|topic| topic.machine == machine)
    };
    let names = mine().map(|topic| topic.name.chars().count());
    let width = names.max().unwrap_or(0);
    let cell = |topic: &TopicReport| {
        let mark = match topic.verdict {
            Verdict::NotCompared => paint.dim("–"),
            Verdict::Conforms => paint.good("✓"),
            Verdict::Fails => paint.bad("✗"),
        };
        let agree = topic.tally.agree + topic.tally.unexpected;
        format!("  {mark} {:<width$} {agree:>4}", line(&topic.name))
    };
    let (not_compared, compared): (Vec<_>, Vec<_>) =
        mine().partition(|topic| topic.tally.not_compared == topic.tally.all());
    let (agreeing, others): (Vec<_>, Vec<_>) = compared
        .into_iter()
        .partition(|topic| topic.tally.agree == topic.tally.all());
    let mut out = String::new();
    let columns = (WIDTH / (width + 9)).max(1);
    for row in agreeing.chunks(columns) {
        let cells: Vec<String> = row.iter().map(|topic| cell(topic)).collect();
        let _ = writeln!(out, "{}", cells.join(""));
    }
    for topic in others {
        let rest = other_results(&topic.tally, paint);
        let _ = writeln!(out, "{}{rest}", cell(topic));
    }
    out + &not_compared_topics(&not_compared, paint)
}

/// Returns the topics without any compared case, in one line.
fn not_compared_topics(topics: &[&TopicReport], paint: Paint) -> String {
    let [first, .., last] = topics else {
        return topics.iter().fold(String::new(), |out, topic| {
            let cases = counted(topic.tally.all(), "case");
            out + &format!(
                "  {} {}: {cases}, none compared\n",
                paint.dim("–"),
                line(&topic.name)
            )
        });
    };
    let cases = topics.iter().map(|topic| topic.tally.all()).sum();
    let (topics, cases) = (counted(topics.len(), "topic"), counted(cases, "case"));
    let names = line(&format!("{} to {}", first.name, last.name));
    format!(
        "  {} {topics} without compared cases, {names}: {cases}\n",
        paint.dim("–")
    )
}

/// Returns the counts of a tally except that of agreement.
fn other_results(tally: &Tally, paint: Paint) -> String {
    let counts = [
        (tally.differ, "differ"),
        (tally.unexpected, "agree unexpectedly"),
        (tally.known, "differ as expected"),
        (tally.not_compared, "not compared"),
    ];
    let mut out = String::new();
    for (at, (count, words)) in counts.into_iter().enumerate() {
        let text = format!("{count} {words}");
        match (count, at) {
            (0, _) => {}
            (_, 0 | 1) => out += &format!("  {}", paint.bad(&text)),
            _ => out += &format!("  {}", paint.dim(&text)),
        }
    }
    out
}

/// Returns the failing clauses, the most certain first: those with the largest share of differing
/// cases, where seven of eight cases count more than one of one.
fn ranked(report: &Report) -> Vec<&ClauseReport> {
    let failing = |clause: &&ClauseReport| clause.verdict == Verdict::Fails;
    let mut clauses: Vec<&ClauseReport> = report.clauses.iter().filter(failing).collect();
    let share = |clause: &ClauseReport| {
        let compared = clause.tally.all() - clause.tally.not_compared;
        clause.failing.len() * 1000 / (compared + 1)
    };
    clauses.sort_by_key(|clause| std::cmp::Reverse(share(clause)));
    clauses
}

/// Returns the failing clauses: the first with their text, then a line each, then names.
fn clauses(report: &Report, paint: Paint) -> String {
    let failing = ranked(report);
    if failing.is_empty() {
        return String::new();
    }
    let title = format!("does not conform to {}", counted(failing.len(), "clause"));
    let mut out = format!("\n{}\n", paint.strong(&title));
    for (at, clause) in failing.iter().enumerate().take(MAX_TEXTS + MAX_COUNTS) {
        let compared = clause.tally.all() - clause.tally.not_compared;
        let count = match clause.failing.len() == compared {
            true => format!("all {} differ", counted(compared, "case")),
            false => format!("{} of {compared} cases differ", clause.failing.len()),
        };
        let count = count.replace("all 1 case differ", "its only case differs");
        let id = format!("[{}]", clause.id);
        let _ = writeln!(
            out,
            "  {} {}  {}",
            paint.bad("✗"),
            paint.strong(&id),
            paint.dim(&count)
        );
        if !clause.text.is_empty() && at < MAX_TEXTS {
            for line in wrapped(&clause.text, WIDTH) {
                let _ = writeln!(out, "      {line}");
            }
        }
    }
    let rest = failing
        .iter()
        .take(MAX_CLAUSES)
        .skip(MAX_TEXTS + MAX_COUNTS);
    let rest: Vec<String> = rest.map(|clause| format!("[{}]", clause.id)).collect();
    for line in wrapped(&rest.join(" "), WIDTH) {
        let _ = writeln!(out, "  {line}");
    }
    out + &and_more(&failing, MAX_CLAUSES, |clause| format!("[{}]", clause.id))
}

/// Returns the failing cases: what each shows, the first difference, and how to reproduce it.
pub fn failures(report: &Report, advice: impl Fn(&CaseReport) -> Advice, paint: Paint) -> String {
    let mut out = String::new();
    let failing = report.cases.iter().filter(|case| case.score.fails());
    let failing: Vec<&CaseReport> = failing.collect();
    let (mut shown, mut rest) = (0, Vec::new());
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for &case in &failing {
        // Two cases of one clause mostly show the same.
        let is_new = !case.clauses().all(|clause| seen.contains(clause));
        if failing.len() > MAX_ALL_FULL && (shown == MAX_FULL || !is_new) {
            rest.push(case);
            continue;
        }
        shown += 1;
        seen.extend(case.clauses());
        failure(&mut out, case, &advice(case), paint);
    }
    if rest.is_empty() {
        return out;
    }
    let _ = writeln!(out, "\nand {} more:", rest.len());
    let names: Vec<String> = rest
        .iter()
        .take(MAX_LINES)
        .map(|case| line(&case.name))
        .collect();
    let width = names.iter().map(|name| name.chars().count()).max();
    let width = width.unwrap_or(0);
    for (case, name) in rest.iter().zip(&names) {
        let room = (WIDTH + 2).saturating_sub(width + 6).max(20);
        let _ = writeln!(
            out,
            "  {} {name:<width$}  {}",
            paint.bad("✗"),
            paint.dim(&in_short(case, room))
        );
    }
    out + &and_more(&rest, MAX_LINES, |case| line(&case.name))
}

/// Returns the failure of a case in at most `room` characters.
fn in_short(case: &CaseReport, room: usize) -> String {
    let words = match (&case.score, &case.found) {
        (Score::UnexpectedPass, _) => "agrees unexpectedly".to_owned(),
        (_, Some(found)) if found.ending.is_odd() => found.ending.name().to_owned(),
        (score, _) => match score.difference() {
            Some(Difference {
                kind: Kind::Output, ..
            }) => "prints something else".to_owned(),
            Some(difference) => format!(
                "{} {}, not {}",
                difference.kind.name(),
                difference.found,
                difference.expected
            ),
            None => String::new(),
        },
    };
    let words = line(&words);
    match words.chars().count() <= room {
        true => words,
        false => words.chars().take(room - 1).chain(['…']).collect(),
    }
}

/// Returns the line after the first `shown` items of a list that is longer.
fn and_more<T>(all: &[T], shown: usize, name: impl Fn(&T) -> String) -> String {
    match all.get(shown..) {
        None | Some([]) => String::new(),
        Some([last]) => format!("  … and {}\n", name(last)),
        Some(rest) => format!("  … and {} more: --html FILE shows all\n", rest.len()),
    }
}

/// Adds a failing case in full.
fn failure(out: &mut String, case: &CaseReport, advice: &Advice, paint: Paint) {
    let name = line(&case.name);
    let _ = writeln!(out, "\n{} {}", paint.bad("✗"), paint.strong(&name));
    let mut row = |key: &str, value: &str| {
        let value = visible(value.as_bytes());
        let mut lines = value.lines();
        let first = lines.next().unwrap_or("");
        let _ = writeln!(out, "    {} {first}", paint.dim(&format!("{key:<9}")));
        for line in lines {
            let _ = writeln!(out, "              {line}");
        }
    };
    if !case.about.is_empty() {
        row("about", &case.about.join("\n"));
    }
    let clauses: Vec<&str> = case.clauses().collect();
    if !clauses.is_empty() {
        row("clauses", &clauses.join(" "));
    }
    match &case.score {
        Score::Differs {
            difference,
            detail,
            nondeterministic,
        } => {
            let kind = difference.kind.name();
            let why = |seen: Option<&Observation>| match difference.kind {
                Kind::Ending => seen.and_then(fault_and_place).unwrap_or_default(),
                Kind::Fault | Kind::Output | Kind::Value | Kind::At => String::new(),
            };
            let expected = why(Some(&case.expected));
            row(
                "expected",
                &format!("{kind} {}{expected}", difference.expected),
            );
            let found = why(case.found.as_ref());
            row("found", &format!("{kind} {}{found}", difference.found));
            if let Some(retry) = nondeterministic {
                row("retried", retry);
            }
            if let Some(detail) = detail {
                row("message", detail);
            }
        }
        Score::UnexpectedPass => row(
            "agrees",
            "although the VM's settings expect it to differ: remove it from the expected failures",
        ),
        Score::Agrees | Score::KnownFailure { .. } | Score::NotCompared { .. } => {}
    }
    if let Some(program) = &advice.program {
        row("program", program);
    }
    row("rerun", &advice.rerun);
}

/// Returns the fault or limit that ended a run, and its place.
fn fault_and_place(seen: &Observation) -> Option<String> {
    let fault = seen.fault.as_ref()?;
    Some(match &seen.at {
        Some(at) => format!(": {fault} at {at}"),
        None => format!(": {fault}"),
    })
}

/// Returns why cases were not compared, and how many for each reason.
fn reasons(report: &Report) -> String {
    let count = |reason: Reason| {
        let same = |case: &&CaseReport| case.score == Score::NotCompared { reason };
        report.cases.iter().filter(same).count()
    };
    let reasons: Vec<String> = Reason::ALL
        .into_iter()
        .map(|reason| (reason, count(reason)))
        .filter(|&(_, count)| count > 0)
        .map(|(reason, count)| format!("{} {reason}", counted(count, "case")))
        .collect();
    match reasons.is_empty() {
        true => String::new(),
        false => format!("not compared: {}\n", reasons.join(", ")),
    }
}
