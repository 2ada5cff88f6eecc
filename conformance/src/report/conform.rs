//! The report on a run of the corpus, for a terminal.

use super::paint::{Paint, counted, grouped, wrapped};
use crate::compare::{Difference, Kind};
use crate::conform::{
    CaseReport, ClauseReport, Reason, Report, Score, Tally, TopicReport, Verdict,
};
use crate::engine::Observation;
use crate::machine::Machine;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// If so few cases fail, all of them are told in full; of more, so many, each of a clause of its own.
const FEW: usize = 3;
const FULL: usize = 2;

/// How many more get a line each; and how many clauses get their sentence, a line, and are named.
const LINES: usize = 10;
const SENTENCES: usize = 4;
const COUNTED: usize = 6;
/// That many clauses are named at most; a VM that fails more fails everywhere.
pub const NAMED: usize = 60;

/// How much of an engine's name a table takes.
const NAME: usize = 30;

/// How wide the topics of which there is little to tell may be beside each other.
const WIDTH: usize = 78;

/// What can be done about a case that differs.
#[derive(Clone, Debug)]
pub struct Advice {
    /// The command that runs it again.
    pub again: String,
    /// Where its program lies, if it was written somewhere.
    pub program: Option<String>,
}

/// The whole report. `advice` says what to do about a case.
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
        report.engine
    );
    // Of a VM that runs nothing there is nothing to tell about topics and clauses.
    let same = one_fate(report);
    let ran = report.cases.iter().any(|case| case.found.is_some());
    let begun = ran || report.stopped.is_none();
    if begun && !same.as_ref().is_some_and(|fate| fate.hopeless) {
        for &machine in &report.machines {
            let _ = writeln!(out, "\n{}", paint.strong(machine.name()));
            out += &topics(report, machine, paint);
        }
        out += &clauses(report, paint);
    }
    out += &failures(report, advice, paint);
    out.push('\n');
    out += &reasons(report);
    if !report.blind.is_empty() {
        let _ = writeln!(
            out,
            "left out of every comparison: {}",
            report.blind.join(", ")
        );
    }
    if let Some(fate) = &same {
        let _ = writeln!(out, "{}", paint.bad(&fate.words));
    }
    if let Some(why) = &report.stopped {
        let _ = writeln!(out, "{}", paint.bad(&printable(why)));
    }
    for &machine in &report.machines {
        out += &standing(report, machine, paint);
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

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => names.concat(),
    }
}

/// Where an engine stands, beside others.
pub struct Standing {
    engine: String,
    tally: Tally,
    /// Clauses that it conforms to, fails, and that were not compared.
    clauses: [usize; 3],
    passes: bool,
}

impl Standing {
    /// Where the engine of a report stands.
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

/// A table of several engines, a line each.
pub fn beside_each_other(rows: &[Standing], paint: Paint) -> String {
    let name = |row: &Standing| {
        printable(&row.engine)
            .chars()
            .take(NAME)
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

/// What became of every program alike.
struct Fate {
    words: String,
    /// None of them was run properly.
    hopeless: bool,
}

/// Says what became of every program that the VM was asked to run, if that is always the same and
/// nothing good.
fn one_fate(report: &Report) -> Option<Fate> {
    let mut asked = report.cases.iter().filter_map(|case| case.found.as_ref());
    let first = asked.next()?;
    let detail = first.detail.as_deref().filter(|_| !report.passes())?;
    let count = 1 + asked.clone().count();
    let hopeless = first.ending.is_odd() && asked.clone().all(|found| found.ending.is_odd());
    // What a VM says on stderr besides differs with the program.
    let line = detail.lines().next().unwrap_or("");
    let begins = |detail: &Option<String>| {
        let detail = detail.as_deref().unwrap_or("");
        detail.lines().next().unwrap_or("") == line
    };
    let same = asked.all(|found| found.ending == first.ending && begins(&found.detail));
    let ending = first.ending.name();
    let line = printable(line);
    let words = match (same && count > 2, hopeless) {
        (true, _) => format!("each of {count} programs came to the same: {ending}: {line}"),
        (false, true) => format!("none of {count} programs was run to an end"),
        (false, false) => return None,
    };
    Some(Fate { words, hopeless })
}

/// The line that sums up cases.
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
        let _ = write!(line, ", {count} agree though expected to differ");
    }
    line
}

/// The line that sums up a machine's clauses.
fn standing(report: &Report, machine: Machine, paint: Paint) -> String {
    let prefix = format!("{machine}.");
    let count = |verdict| report.clauses_that(&prefix, verdict);
    let (good, bad, unseen) = (
        count(Verdict::Conforms),
        count(Verdict::Fails),
        count(Verdict::NotCompared),
    );
    let mut line = format!(
        "{machine}: conforms to {good} of {}",
        counted(good + bad + unseen, "clause")
    );
    if unseen > 0 {
        let _ = write!(line, "; {unseen} not compared");
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

/// The topics of a machine: those of which there is something to tell on a line each, those that
/// agree beside each other, those of which nothing is known in one line.
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
        format!("  {mark} {:<width$} {agree:>4}", topic.name)
    };
    let (unseen, seen): (Vec<_>, Vec<_>) =
        mine().partition(|topic| topic.tally.not_compared == topic.tally.all());
    let (quiet, telling): (Vec<_>, Vec<_>) = seen
        .into_iter()
        .partition(|topic| topic.tally.agree == topic.tally.all());
    let mut out = String::new();
    let columns = (WIDTH / (width + 9)).max(1);
    for row in quiet.chunks(columns) {
        let cells: Vec<String> = row.iter().map(|topic| cell(topic)).collect();
        let _ = writeln!(out, "{}", cells.join(""));
    }
    for topic in telling {
        let _ = writeln!(
            out,
            "{}{}",
            cell(topic),
            beside_agreement(&topic.tally, paint)
        );
    }
    out + &uncompared(&unseen, paint)
}

/// The topics of which nothing was compared.
fn uncompared(topics: &[&TopicReport], paint: Paint) -> String {
    let [first, .., last] = topics else {
        return topics.iter().fold(String::new(), |out, topic| {
            let cases = counted(topic.tally.all(), "case");
            out + &format!(
                "  {} {}: {cases}, none compared\n",
                paint.dim("–"),
                topic.name
            )
        });
    };
    let cases = topics.iter().map(|topic| topic.tally.all()).sum();
    let (topics, cases) = (counted(topics.len(), "topic"), counted(cases, "case"));
    let line = format!(
        "{topics} of which no case is compared, {} to {}: {cases}",
        first.name, last.name
    );
    format!("  {} {line}\n", paint.dim("–"))
}

/// What else there is in a tally than agreement.
fn beside_agreement(tally: &Tally, paint: Paint) -> String {
    let mut out = String::new();
    let mut tell = |count: usize, text: &str| {
        if count > 0 {
            out += &format!("  {text}");
        }
    };
    tell(
        tally.differ,
        &paint.bad(&format!("{} differ", tally.differ)),
    );
    let unexpected = format!("{} agree unexpectedly", tally.unexpected);
    tell(tally.unexpected, &paint.bad(&unexpected));
    let known = format!("{} differ as expected", tally.known);
    tell(tally.known, &paint.dim(&known));
    let unseen = format!("{} not compared", tally.not_compared);
    tell(tally.not_compared, &paint.dim(&unseen));
    out
}

/// The failing clauses: first those of which most of the cases differ, and then more of them. Of
/// one case that differs less follows than of seven in eight.
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

/// What the failing clauses say.
fn clauses(report: &Report, paint: Paint) -> String {
    let failing = ranked(report);
    if failing.is_empty() {
        return String::new();
    }
    let title = format!("does not conform to {}", counted(failing.len(), "clause"));
    let mut out = format!("\n{}\n", paint.strong(&title));
    for (at, clause) in failing.iter().enumerate().take(SENTENCES + COUNTED) {
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
        if !clause.text.is_empty() && at < SENTENCES {
            for line in wrapped(&clause.text, WIDTH) {
                let _ = writeln!(out, "      {line}");
            }
        }
    }
    let rest = failing.iter().take(NAMED).skip(SENTENCES + COUNTED);
    let rest: Vec<String> = rest.map(|clause| format!("[{}]", clause.id)).collect();
    for line in wrapped(&rest.join(" "), WIDTH) {
        let _ = writeln!(out, "  {line}");
    }
    out + &and_more(&failing, NAMED, |clause| format!("[{}]", clause.id))
}

/// The cases that fail: what each shows, the first difference, what to do about it.
pub fn failures(report: &Report, advice: impl Fn(&CaseReport) -> Advice, paint: Paint) -> String {
    let mut out = String::new();
    let failing = report.cases.iter().filter(|case| case.score.fails());
    let failing: Vec<&CaseReport> = failing.collect();
    let (mut told, mut untold) = (0, Vec::new());
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for &case in &failing {
        // Two cases of one clause mostly say the same.
        let new = !case.clauses().all(|clause| seen.contains(clause));
        if failing.len() > FEW && (told == FULL || !new) {
            untold.push(case);
            continue;
        }
        told += 1;
        seen.extend(case.clauses());
        failure(&mut out, case, advice(case), paint);
    }
    if untold.is_empty() {
        return out;
    }
    let _ = writeln!(out, "\nand {} more:", untold.len());
    let names = untold
        .iter()
        .take(LINES)
        .map(|case| case.name.chars().count());
    let width = names.max().unwrap_or(0);
    for case in untold.iter().take(LINES) {
        let room = (WIDTH + 2).saturating_sub(width + 6).max(20);
        let _ = writeln!(
            out,
            "  {} {:<width$}  {}",
            paint.bad("✗"),
            case.name,
            paint.dim(&in_short(case, room))
        );
    }
    out + &and_more(&untold, LINES, |case| case.name.clone())
}

/// What a failure comes to, in so many characters.
fn in_short(case: &CaseReport, room: usize) -> String {
    let words = match (&case.score, &case.found) {
        (Score::UnexpectedPass, _) => "agrees, unexpectedly".to_owned(),
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
    let words = printable(words.lines().next().unwrap_or(""));
    match words.chars().count() <= room {
        true => words,
        false => words.chars().take(room - 1).chain(['…']).collect(),
    }
}

/// Where a list of things that were told begins to be too long.
fn and_more<T>(all: &[T], told: usize, name: impl Fn(&T) -> String) -> String {
    match all.get(told..) {
        None | Some([]) => String::new(),
        Some([last]) => format!("  … and {}\n", name(last)),
        Some(rest) => format!("  … and {} more: --html FILE shows all\n", rest.len()),
    }
}

fn failure(out: &mut String, case: &CaseReport, advice: Advice, paint: Paint) {
    let _ = writeln!(out, "\n{} {}", paint.bad("✗"), paint.strong(&case.name));
    let mut row = |key: &str, value: &str| {
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
            flickers,
        } => {
            let kind = difference.kind.name();
            let why = |seen: Option<&Observation>| match difference.kind {
                Kind::Ending => seen.and_then(why_it_stopped).unwrap_or_default(),
                Kind::Fault | Kind::Output | Kind::Value | Kind::At => String::new(),
            };
            let expected = format!(
                "{kind} {}{}",
                difference.expected,
                why(Some(&case.expected))
            );
            row("expected", &expected);
            let found = format!("{kind} {}{}", difference.found, why(case.found.as_ref()));
            row("found", &printable(&found));
            if let Some(again) = flickers {
                row("flickers", &printable(again));
            }
            if let Some(detail) = detail {
                row("the VM", &printable(detail));
            }
        }
        Score::UnexpectedPass => row(
            "agrees",
            "though it is among the expected failures of the VM's settings: strike it out there",
        ),
        Score::Agrees | Score::KnownFailure { .. } | Score::NotCompared { .. } => {}
    }
    if let Some(program) = advice.program {
        row("program", &program);
    }
    row("again", &advice.again);
}

/// The code of a fault or limit, and where that was.
fn why_it_stopped(seen: &Observation) -> Option<String> {
    let fault = seen.fault.as_ref()?;
    Some(match &seen.at {
        Some(at) => format!(": {fault} at {at}"),
        None => format!(": {fault}"),
    })
}

/// Why cases were not compared, and how many for each reason; nothing if all were.
fn reasons(report: &Report) -> String {
    let of = |reason: Reason| {
        let same = |case: &&CaseReport| case.score == Score::NotCompared { reason };
        report.cases.iter().filter(same).count()
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
