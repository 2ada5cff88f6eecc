//! A finding as files: a case that the corpus can keep, and a page that tells of it.

use super::page::page;
use super::{Finding, Options};
use crate::case::Case;
use crate::machine::Machine;
use crate::reference::Evidence;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The name of the page.
const PAGE: &str = "FINDING.md";

/// The case under a finding's name, saying where it comes from.
pub(super) fn named(options: &Options, number: u64, mut case: Case) -> Case {
    let seed = options.seed;
    case.name = format!("{}-{seed}-{number}", options.machine);
    let about = format!("Found by a campaign of seed {seed}, program {number}.");
    case.header.about = vec![about];
    case
}

/// The case with the clause that it is about in its header; how it shows it, if it does.
pub(super) fn with_clause(mut case: Case, clause: &str, how: Option<Evidence>) -> Case {
    let header = &mut case.header;
    let list = match how {
        Some(Evidence::Holds) => &mut header.holds,
        Some(Evidence::Breaks) => &mut header.breaks,
        Some(Evidence::Boundary) => &mut header.boundary,
        None => return case,
    };
    if !list.iter().any(|known| known == clause) {
        list.push(clause.to_owned());
    }
    case
}

/// The folder of a machine's campaign in a folder of findings: the cases in it stand where those
/// of a corpus stand.
pub(super) fn place(findings: &Path, machine: Machine) -> PathBuf {
    findings.join(machine.name())
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

/// Saves a finding, whose case is named, in a folder of its own; the folder.
pub(super) fn save(options: &Options, finding: &Finding, findings: &Path) -> io::Result<PathBuf> {
    let folder = place(findings, finding.case.machine).join(&finding.case.name);
    match write(options, finding, &folder) {
        Ok(()) => Ok(folder),
        Err(error) => Err(of_path(&folder, &error)),
    }
}

/// An error with the path that it is about.
pub(super) fn of_path(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("'{}': {error}", path.display()))
}

fn write(options: &Options, finding: &Finding, folder: &Path) -> io::Result<()> {
    let case = &finding.case;
    // What an earlier session left there may have had other files.
    if folder.join(PAGE).is_file() {
        fs::remove_dir_all(folder)?;
    }
    let one_file = case.files[&case.entry].starts_with(commented(case).as_bytes());
    let files = match one_file {
        true => folder.to_owned(),
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
    fs::write(folder.join(PAGE), page(options, finding, folder))
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
