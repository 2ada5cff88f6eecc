//! The name and the header of a finding's case.

use crate::case::Case;
use crate::machine::Machine;
use crate::reference::Evidence;

/// Returns the name of a finding: `mmm-7-1234` for program 1234 of seed 7. It is also the name of
/// the finding's folder, so it never depends on anything that a file or an engine says.
pub(super) fn name(machine: Machine, seed: u64, number: u64) -> String {
    format!("{machine}-{seed}-{number}")
}

/// Returns the case with a finding's name, and with its origin in the header.
pub(super) fn named(seed: u64, number: u64, mut case: Case) -> Case {
    case.name = name(case.machine, seed, number);
    case.header.about = vec![format!(
        "Found by a campaign of seed {seed}, program {number}."
    )];
    case
}

/// Returns the case with its clause in the header, under how the program shows it.
pub(super) fn with_clause(mut case: Case, clause: &str, evidence: Option<Evidence>) -> Case {
    let header = &mut case.header;
    let list = match evidence {
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

/// Returns the case as one file under the case's name, with the header in comments at its top.
/// `None` if the case has several files, or a file that cannot have such comments.
pub(super) fn as_one_file(case: &Case) -> Option<Case> {
    let bytes = case.files.get(&case.entry)?;
    let text = std::str::from_utf8(bytes).ok()?;
    // A program that names its own file would no longer find itself.
    let is_fixed =
        text.starts_with('\u{feff}') || text.starts_with(".Sc.") || text.contains(&case.entry);
    if is_fixed || case.files.len() > 1 || case.entry.contains('/') {
        return None;
    }
    let entry = one_file_entry(case);
    Some(Case {
        files: [(entry.clone(), (header_comments(case) + text).into_bytes())].into(),
        entry,
        ..case.clone()
    })
}

/// Returns true if the case is what [`as_one_file`] makes.
pub(super) fn is_one_file(case: &Case) -> bool {
    let is_commented = |bytes: &Vec<u8>| bytes.starts_with(header_comments(case).as_bytes());
    case.files.len() == 1
        && case.entry == one_file_entry(case)
        && case.files.get(&case.entry).is_some_and(is_commented)
}

/// Returns the name of the only file of a finding.
fn one_file_entry(case: &Case) -> String {
    format!("{}.{}", case.name, case.machine.row().text_ending)
}

/// Returns the header as comments of a program.
fn header_comments(case: &Case) -> String {
    let header = case.header_text();
    header.lines().map(|line| format!("# {line}\n")).collect()
}
