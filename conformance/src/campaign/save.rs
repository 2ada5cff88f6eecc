//! A finding as files: a case that the corpus can keep, and a page that tells of it.

use super::{Finding, Options};
use crate::case::Case;
use crate::engine::Observation;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The case under a finding's name, saying where it comes from.
pub(super) fn named(options: &Options, number: u64, mut case: Case) -> Case {
    let seed = options.seed;
    case.name = format!("{}-{seed}-{number}", options.machine);
    let about = format!("Found by a campaign of seed {seed}, program {number}.");
    case.header.about = vec![about];
    case
}

/// The case as a file that bears its name and has its header above its first line; none if it has
/// several files, or one that cannot be so.
pub(super) fn as_one_file(case: &Case) -> Option<Case> {
    let bytes = &case.files[&case.entry];
    let text = std::str::from_utf8(bytes).ok()?;
    // One that names itself would no longer find itself.
    let fixed =
        text.starts_with('\u{feff}') || text.starts_with(".Sc.") || text.contains(&case.entry);
    if fixed || case.files.len() > 1 || case.entry.contains('/') {
        return None;
    }
    let entry = format!("{}.{}", case.name, case.machine.endings()[0]);
    Some(Case {
        files: [(entry.clone(), (commented(case) + text).into_bytes())].into(),
        entry,
        ..case.clone()
    })
}

/// The header as the first lines of a program.
fn commented(case: &Case) -> String {
    let header = case.header_text();
    header.lines().map(|line| format!("# {line}\n")).collect()
}

/// Saves a finding, whose case is named, in a folder of its own under `under`; the folder.
pub(super) fn save(options: &Options, finding: &Finding, under: &Path) -> io::Result<PathBuf> {
    let case = &finding.case;
    let folder = under.join(&case.name);
    let one_file = case.files[&case.entry].starts_with(commented(case).as_bytes());
    let files = match one_file {
        true => folder.clone(),
        false => folder.join(format!("{}.case", case.name)),
    };
    for (file, bytes) in &case.files {
        let path = files.join(file);
        fs::create_dir_all(path.parent().unwrap_or(&files))?;
        fs::write(&path, bytes)?;
    }
    if !one_file {
        let header = case.header_text() + &whereabouts(case);
        fs::write(files.join("case.header"), header)?;
    }
    fs::write(folder.join("FINDING.md"), page(options, finding))?;
    Ok(folder)
}

/// Where entry and root are, if not where they are by default.
fn whereabouts(case: &Case) -> String {
    let mut lines = String::new();
    if case.entry != format!("main.{}", case.machine.endings()[0]) {
        let _ = writeln!(lines, "entry: {}", case.entry);
    }
    if case.root && case.entry.contains('/') {
        lines.push_str("root: .\n");
    }
    lines
}

/// The page that tells of the finding.
fn page(options: &Options, finding: &Finding) -> String {
    let Finding {
        number,
        engine,
        difference,
        ..
    } = finding;
    let machine = options.machine;
    let seed = options.seed;
    let mut page = format!(
        "# {machine}: {engine} and the reference disagree\n\n\
         The {} differs first: the reference says `{}`, {engine} says `{}`.\n\
         Program {number} of seed {seed} disagreed, and {} more of the campaign in the same way; it is\n\
         reduced here.\n\n",
        difference.kind.name(),
        difference.expected,
        difference.found,
        finding.times - 1,
    );
    for (name, bytes) in &finding.case.files {
        let _ = write!(
            page,
            "`{name}`:\n\n{}\n",
            indented(&String::from_utf8_lossy(bytes))
        );
    }
    let _ = write!(
        page,
        "## Both observations\n\n{}\n",
        indented(&side_by_side(engine, &finding.expected, &finding.found))
    );
    for (who, seen) in [
        ("the reference", &finding.expected),
        (engine.as_str(), &finding.found),
    ] {
        if let Some(detail) = &seen.detail {
            let _ = write!(page, "In the words of {who}:\n\n{}\n", indented(detail));
        }
    }
    let _ = write!(
        page,
        "## What to do\n\n\
         Say which one is right by the specification, mend the other, write the clauses that this\n\
         shows into the header (`holds:`, `breaks:`, `boundary:`), and move it to the corpus, under\n\
         `conformance/corpus/{machine}/`.\n"
    );
    page
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

/// Two observations, each a column.
fn side_by_side(engine: &str, expected: &Observation, found: &Observation) -> String {
    let (left, right) = (expected.to_text(), found.to_text());
    let left: Vec<&str> = std::iter::once("reference").chain(left.lines()).collect();
    let right: Vec<&str> = std::iter::once(engine).chain(right.lines()).collect();
    let width = left
        .iter()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    for row in 0..left.len().max(right.len()) {
        let cell = |lines: &[&str]| {
            lines
                .get(row)
                .map_or(String::new(), |line| (*line).to_owned())
        };
        let (left, right) = (cell(&left), cell(&right));
        let mark = if row > 0 && left != right { '≠' } else { ' ' };
        let _ = writeln!(
            out,
            "{}",
            format!("{left:<width$} {mark} {right}").trim_end()
        );
    }
    out
}
