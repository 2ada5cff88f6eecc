//! Embeds the corpus: writes a table of its files' names and bytes.

use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"))
        .join("corpus");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed=corpus");
    let mut rows = Vec::new();
    collect(&root, &root, &mut rows);
    rows.sort();
    let table = format!("&[\n{}]\n", rows.concat());
    fs::write(out.join("corpus.rs"), table).expect("the table can be written");
}

fn collect(folder: &Path, root: &Path, rows: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, root, rows);
        } else {
            let name = path.strip_prefix(root).expect("it is in the package");
            let name = name.to_string_lossy().replace('\\', "/");
            rows.push(format!("({name:?}, include_bytes!({path:?})),\n"));
        }
    }
}
