//! The corpus: cases in files, in the same order everywhere. A file that does not belong to a case is
//! an error.
//!
//! ```
//! use conformance::corpus;
//! use conformance::machine::Machine;
//!
//! let cases = corpus::embedded();
//! assert!(cases.iter().any(|case| case.machine == Machine::Mmm));
//! assert!(cases.is_sorted_by_key(|case| &case.name));
//! ```

use crate::case::{Case, Header};
use crate::machine::Machine;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::path::Path;
use walkdir::WalkDir;

/// The name and the bytes of every file of the corpus, as it was when this was built.
static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/corpus.rs"));

/// Files that are not a corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CorpusError {
    /// What is wrong, each with the path that it is about; at least one.
    pub problems: Vec<String>,
}

impl fmt::Display for CorpusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("; "))
    }
}

impl Error for CorpusError {}

/// Returns the corpus that this library was built with.
///
/// # Panics
///
/// Panics if a file of it does not belong to a case, which the project's own tests rule out.
pub fn embedded() -> Vec<Case> {
    let files = EMBEDDED
        .iter()
        .map(|&(name, bytes)| (name.to_owned(), bytes.to_vec()));
    match collect(files) {
        Ok(cases) => cases,
        Err(error) => panic!("the embedded corpus: {error}"),
    }
}

/// Reads the corpus in a folder. The folder may also be a part of a corpus: that of a machine, or that
/// of a topic in it.
///
/// # Errors
///
/// Returns an error if a file cannot be read or does not belong to a case.
pub fn read(folder: &Path) -> Result<Vec<Case>, CorpusError> {
    let wrong = |error: &dyn fmt::Display| CorpusError {
        problems: vec![format!("{}: {error}", folder.display())],
    };
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| wrong(&error))?;
        if !entry.file_type().is_file() {
            continue;
        }
        if NOT_CASES.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let name = entry
            .path()
            .strip_prefix(folder)
            .map_err(|error| wrong(&error))?;
        let bytes = std::fs::read(entry.path()).map_err(|error| wrong(&error))?;
        files.push((name.to_string_lossy().replace('\\', "/"), bytes));
    }
    let place = place(folder, &files);
    collect(
        files
            .into_iter()
            .map(|(name, bytes)| (place.clone() + &name, bytes)),
    )
}

/// Returns the path of a folder in its corpus: `mmm/` for the folder of that machine, `mmm/printn/`
/// for that of a topic in it; empty for a whole corpus.
fn place(folder: &Path, files: &[(String, Vec<u8>)]) -> String {
    let first = |name: &str| Machine::from_name(name.split('/').next().unwrap_or("")).is_some();
    if files.iter().any(|(name, _)| first(name)) {
        return String::new();
    }
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = |path: Option<&Path>| Some(path?.file_name()?.to_str()?.to_owned());
    let (topic, machine) = (name(Some(&real)), name(real.parent()));
    let is_machine = |name: &Option<String>| {
        name.as_deref()
            .is_some_and(|name| Machine::from_name(name).is_some())
    };
    match (machine, topic) {
        (Some(machine), Some(topic)) if is_machine(&Some(machine.clone())) => {
            format!("{machine}/{topic}/")
        }
        (_, Some(topic)) if is_machine(&Some(topic.clone())) => format!("{topic}/"),
        _ => String::new(),
    }
}

/// Files of a campaign that may be in a folder of cases.
const NOT_CASES: [&str; 2] = ["FINDING.md", "campaign.json"];

/// Makes cases of files named `machine/topic/…`; returns them sorted by name.
///
/// # Errors
///
/// Returns an error if a file does not belong to a case.
pub fn collect(
    files: impl IntoIterator<Item = (String, Vec<u8>)>,
) -> Result<Vec<Case>, CorpusError> {
    let mut headers = BTreeMap::new();
    let mut groups: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    let mut problems = Vec::new();
    for (path, bytes) in files {
        let (group, file) = match path.find(".case/") {
            Some(at) => path.split_at(at + ".case/".len()),
            None => path.split_at(path.rfind('/').map_or(0, |at| at + 1)),
        };
        if let Some(of) = path.strip_suffix(".header") {
            let of = of.strip_suffix("/case").unwrap_or(of);
            headers.insert(of.to_owned(), bytes);
        } else if group.ends_with(".case/") {
            let group = groups
                .entry(group.trim_end_matches('/').to_owned())
                .or_default();
            group.insert(file.to_owned(), bytes);
        } else {
            let file = file.to_owned();
            groups.insert(path, BTreeMap::from([(file, bytes)]));
        }
    }
    let mut cases: BTreeMap<String, Case> = BTreeMap::new();
    for (path, files) in groups {
        match case(&path, files, headers.remove(&path)) {
            Err(problem) => problems.push(format!("{path}: {problem}")),
            Ok(case) => {
                if let Some(other) = cases.insert(case.name.clone(), case) {
                    problems.push(format!("{path}: a second case named {}", other.name));
                }
            }
        }
    }
    problems.extend(
        headers
            .keys()
            .map(|of| format!("{of}.header: there is no case {of}")),
    );
    match problems.is_empty() {
        true => Ok(cases.into_values().collect()),
        false => Err(CorpusError { problems }),
    }
}

/// Makes a case of a file, or of a folder whose name ends in `.case`.
fn case(
    path: &str,
    files: BTreeMap<String, Vec<u8>>,
    header: Option<Vec<u8>>,
) -> Result<Case, String> {
    let parts: Vec<&str> = path.split('/').collect();
    let [machine, _, _] = parts[..] else {
        return Err("the path of a case is MACHINE/TOPIC/NAME".to_owned());
    };
    let machine =
        Machine::from_name(machine).ok_or("its first folder is not named after a machine")?;
    let entry = match path.ends_with(".case") {
        false => parts[2].to_owned(),
        true => {
            let entries = machine.endings().map(|ending| format!("main.{ending}"));
            let mut entries = entries.filter(|entry| files.contains_key(entry));
            entries.next().unwrap_or_default()
        }
    };
    let (name, ending) = path.rsplit_once('.').ok_or("its name has no ending")?;
    if ending != "case" && machine.endings().all(|known| known != ending) {
        return Err(format!("no file of {machine} ends in .{ending}"));
    }
    let mut case = Case {
        name: name.to_owned(),
        entry,
        files,
        ..Case::single(machine, "", "")
    };
    let text = match &header {
        Some(header) => String::from_utf8_lossy(header).into_owned(),
        None => comments(case.files.get(&case.entry).map_or(&[], Vec::as_slice)),
    };
    case.read_header(&text).map_err(|error| error.to_string())?;
    if !case.files.contains_key(&case.entry) {
        return Err("its entry is not among its files".to_owned());
    }
    if case.header == Header::default() {
        return Err("it has no header".to_owned());
    }
    Ok(case)
}

/// Returns the first comment lines of a program, without the `#`.
fn comments(program: &[u8]) -> String {
    let text = String::from_utf8_lossy(program);
    let lines = text.lines().map_while(|line| line.strip_prefix('#'));
    lines.map(|line| format!("{}\n", line.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::collect;

    #[track_caller]
    fn check(files: &[(&str, &str)], found: Result<&[&str], &str>) {
        let files = files
            .iter()
            .map(|&(name, text)| (name.to_owned(), text.into()));
        let names =
            collect(files).map(|cases| cases.into_iter().map(|case| case.name).collect::<Vec<_>>());
        match (names, found) {
            (Ok(names), Ok(found)) => assert_eq!(names, found),
            (Err(error), Err(found)) => {
                assert!(error.to_string().contains(found), "{error}")
            }
            (names, _) => panic!("{names:?}"),
        }
    }

    #[test]
    fn cases_are_files_and_folders() {
        check(&[("mmm/a/x.mmm", "# holds: mmm.a.1\n")], Ok(&["mmm/a/x"]));
        check(
            &[
                ("mmm/a/y.case/main.mmm", "# It calls.\n# holds: mmm.a.1\n"),
                ("mmm/a/y.case/lib/z.mmm", ""),
                ("mmm/a/x.mmm", "\u{feff}"),
                ("mmm/a/x.mmm.header", "holds: mmm.a.2\n"),
            ],
            Ok(&["mmm/a/x", "mmm/a/y"]),
        );
    }

    #[test]
    fn files_that_belong_to_no_case_are_refused() {
        check(&[("mmm/a/x.txt", "# x\n")], Err("ends in .txt"));
        check(&[("mmm/x.mmm", "# x\n")], Err("MACHINE/TOPIC/NAME"));
        check(
            &[("abc/a/x.mmm", "# x\n")],
            Err("not named after a machine"),
        );
        check(&[("mmm/a/x.mmm", "")], Err("no header"));
        check(
            &[("mmm/a/x.mmm.header", "holds: a\n")],
            Err("there is no case mmm/a/x.mmm"),
        );
        check(
            &[("mmm/a/x.case/lib.mmm", "# x\n")],
            Err("entry is not among"),
        );
        check(&[("mmm/a/x.mmm", "# limits: fuel=x\n")], Err("fuel=x"));
        check(
            &[
                ("sc/a/x.sca", "# holds: a\n"),
                ("sc/a/x.case/main.sca", "# holds: a\n"),
            ],
            Err("second case"),
        );
    }
}
