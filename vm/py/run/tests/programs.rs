//! Runs the programs of `programs/` and compares with what CPython 3.9 did (see `record.py`).

use std::fs;
use std::path::Path;
use vm_base::{Limits, MemoryHost};

#[test]
fn programs_do_what_they_do_on_cpython() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let only = std::env::var("CASE").unwrap_or_default();
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            name.strip_suffix(".pyc").map(str::to_owned)
        })
        .filter(|name| name.contains(&only))
        .collect();
    names.sort();
    let files: Vec<(String, Vec<u8>)> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    let mut wrong = 0;
    for name in names {
        let recorded = |ending: &str| {
            String::from_utf8(fs::read(folder.join(format!("{name}{ending}"))).unwrap_or_default())
                .unwrap()
        };
        let entry = format!("{name}.pyc");
        let bytes = fs::read(folder.join(&entry)).unwrap();
        let program = vm_py_run::load_bytes(&entry, &bytes).unwrap();
        let mut host = MemoryHost::new(files.clone());
        let outcome = vm_py_run::run(&program, &entry, &[], &mut host, &Limits::default());
        let output = String::from_utf8(host.output).unwrap();
        let stderr = String::from_utf8(outcome.stderr).unwrap();
        let status = recorded(".status").trim().parse().unwrap_or(0);
        for (what, found, wanted) in [
            ("stdout", &output, &recorded(".out")),
            ("stderr", &stderr, &recorded(".err")),
        ] {
            let different = found
                .lines()
                .zip(wanted.lines())
                .find(|(found, wanted)| found != wanted);
            if let Some((found, wanted)) = different {
                println!("{name}: {what}\n  wanted {wanted}\n  found  {found}");
                wrong += 1;
            } else if found != wanted {
                println!(
                    "{name}: {what} has {} bytes, not {}",
                    found.len(),
                    wanted.len()
                );
                wrong += 1;
            }
        }
        if outcome.status != status {
            println!("{name}: status {} instead of {status}", outcome.status);
            wrong += 1;
        }
    }
    assert_eq!(wrong, 0);
}
