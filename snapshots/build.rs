//! Embeds the snapshots: writes a table of their names and texts.

use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut rows = Vec::new();
    for machine in ["mmm", "sc", "py"] {
        println!("cargo::rerun-if-changed={machine}");
        collect(&root.join(machine), &root, &mut rows);
    }
    rows.sort();
    let table = format!("&[\n{}]\n", rows.concat());
    fs::write(out.join("table.rs"), table).expect("the table can be written");
}

/// Adds a row for each snapshot in `folder` and its subfolders.
fn collect(folder: &Path, root: &Path, rows: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, root, rows);
        } else if path.extension().is_some_and(|ending| ending == "snap") {
            let name = path
                .strip_prefix(root)
                .expect("it is in the package")
                .with_extension("");
            let name = name.to_string_lossy().replace('\\', "/");
            rows.push(format!("({name:?}, include_str!({path:?})),\n"));
        }
    }
}
