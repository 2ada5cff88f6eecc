//! A finding as files: a case that the corpus can keep, and a page that tells of it.

use super::{Finding, Options};
use crate::case::Case;
use crate::engine::Observation;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Saves a finding in a folder of its own under `under`; the folder.
pub(super) fn save(options: &Options, finding: &Finding, under: &Path) -> io::Result<PathBuf> {
    let name = format!("{}-{}-{}", options.machine, options.seed, finding.number);
    let folder = under.join(&name);
    // What an earlier campaign left there is of another build.
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let header = header(options, finding);
    let case = &finding.case;
    let alone = case.files.len() == 1 && !case.entry.contains('/');
    let files = match alone {
        true => folder.clone(),
        false => folder.join(format!("{name}.case")),
    };
    for (file, bytes) in &case.files {
        let path = files.join(file);
        fs::create_dir_all(path.parent().unwrap_or(&files))?;
        match alone && holds_header(bytes) {
            true => fs::write(&path, [commented(&header).as_bytes(), bytes].concat())?,
            false => fs::write(&path, bytes)?,
        }
    }
    match alone {
        true if holds_header(&case.files[&case.entry]) => {}
        true => fs::write(files.join(format!("{}.header", case.entry)), header)?,
        false => fs::write(files.join("case.header"), header + &whereabouts(case))?,
    }
    fs::write(folder.join("FINDING.md"), page(options, finding))?;
    Ok(folder)
}

/// True if comments can stand above the file's first line.
fn holds_header(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| !text.starts_with('\u{feff}'))
}

/// The header of the case, without what makes it a comment.
fn header(options: &Options, finding: &Finding) -> String {
    let mut header = format!(
        "Found by a campaign of seed {}, program {}.\n",
        options.seed, finding.number
    );
    if finding.case.strict {
        header.push_str("strict: yes\n");
    }
    let mut limits = finding.case.limits;
    let set = limits.fields();
    let set = set
        .iter()
        .filter_map(|(name, value)| Some(format!(" {name}={}", (**value)?)));
    let set: String = set.collect();
    if !set.is_empty() {
        let _ = writeln!(header, "limits:{set}");
    }
    header
}

fn commented(header: &str) -> String {
    header.lines().map(|line| format!("# {line}\n")).collect()
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
         reduced here. Lines are counted without the header that the saved case has.\n\n",
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
