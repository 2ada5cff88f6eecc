//! Runs the corpus and compares with what CPython printed, as the snapshots have it.

use std::fs;
use std::path::{Path, PathBuf};
use vm_base::{Limits, MemoryHost};

/// What CPython did.
#[derive(Debug, Default, PartialEq)]
struct Expected {
    ending: String,
    fault: String,
    line: String,
    output: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// Files by name.
type Files = Vec<(String, Vec<u8>)>;

/// Returns the cases: name, entry file, files.
fn cases(folder: &Path, prefix: &str, found: &mut Vec<(String, Files)>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.ends_with(".case") {
            cases(&path, &format!("{prefix}{name}/"), found);
        } else if path.is_dir() {
            let mut files = Vec::new();
            tree(&path, "", &mut files);
            found.push((format!("{prefix}{name}"), files));
        } else if name.ends_with(".cpyasm") || name.ends_with(".pyc") {
            found.push((
                format!("{prefix}{name}"),
                vec![(name, fs::read(&path).unwrap())],
            ));
        }
    }
}

fn tree(folder: &Path, prefix: &str, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            tree(&path, &format!("{prefix}{name}/"), files);
        } else {
            files.push((format!("{prefix}{name}"), fs::read(&path).unwrap()));
        }
    }
}

fn expected(name: &str) -> Option<Expected> {
    let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
    let text = fs::read_to_string(root().join(format!("snapshots/py/{name}.snap"))).ok()?;
    let mut parts = text.splitn(3, "---\n");
    let body = parts.nth(2)?;
    let mut found = Expected::default();
    for line in body.lines() {
        if line.starts_with("=== ") {
            break;
        } else if let Some(ending) = line.strip_prefix("ending: ") {
            found.ending = ending.to_owned();
        } else if let Some(fault) = line.strip_prefix("fault: ") {
            found.fault = fault.to_owned();
        } else if let Some(at) = line.strip_prefix("at: ") {
            found.line = at.rsplit(':').next().unwrap_or("").to_owned();
        } else if let Some(text) = line.strip_prefix('|') {
            let text = text.strip_prefix(' ').unwrap_or(text);
            found.output.push_str(&text.replace("\\\\", "\\"));
            found.output.push('\n');
        }
    }
    (found.ending != "refused").then_some(found)
}

fn run(files: &[(String, Vec<u8>)]) -> Option<(Expected, String)> {
    let names = ["main.cpyasm", "main.pyc"];
    let entry = match files {
        [(name, _)] => name.as_str(),
        _ => files
            .iter()
            .map(|(name, _)| name.as_str())
            .find(|name| names.contains(name))
            .or_else(|| {
                files
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .find(|name| name.ends_with(".pyc"))
            })?,
    };
    let bytes = &files.iter().find(|(name, _)| name == entry)?.1;
    let program = vm_py_run::load_bytes(entry, bytes).ok()?;
    let mut host = MemoryHost::new(files.iter().cloned());
    let limits = Limits {
        fuel: Some(50_000_000),
        ..Limits::default()
    };
    let outcome = vm_py_run::run(&program, entry, &[], &mut host, &limits);
    let fault = outcome.exception.clone().unwrap_or_default();
    let ending = if outcome.limit.is_some() {
        "limited"
    } else if fault.is_empty() {
        "returned"
    } else {
        "faulted"
    };
    let line = outcome
        .at
        .map_or(String::new(), |(_, _, line)| line.to_string());
    let mut output = String::from_utf8_lossy(&host.output).into_owned();
    if !output.is_empty() && !output.ends_with('\n') {
        output.push('\n');
    }
    let got = Expected {
        ending: ending.to_owned(),
        fault,
        line,
        output,
    };
    Some((got, String::from_utf8_lossy(&outcome.stderr).into_owned()))
}

#[test]
fn corpus_agrees_with_cpython() {
    let mut found = Vec::new();
    cases(&root().join("conformance/corpus/py"), "", &mut found);
    let only = std::env::var("CASE").unwrap_or_default();
    // These import `os`, which only the library of CPython has.
    let needs_library = [
        "cpython/annotations.case",
        "import_name/first_package.cpyasm",
    ];
    let (mut agree, mut differ) = (0, 0);
    for (name, files) in found {
        let Some(wanted) =
            expected(&name).filter(|_| name.contains(&only) && !needs_library.contains(&&name[..]))
        else {
            continue;
        };
        match run(&files) {
            Some((got, _)) if got == wanted => agree += 1,
            Some((got, stderr)) => {
                differ += 1;
                println!(
                    "DIFFER {name}\n  wanted {wanted:?}\n  got    {got:?}\n  {}",
                    stderr.trim_end().replace('\n', "\n  ")
                );
            }
            None => {
                differ += 1;
                println!("REFUSED {name}");
            }
        }
    }
    println!("{agree} agree, {differ} differ");
    assert_eq!(differ, 0);
}
