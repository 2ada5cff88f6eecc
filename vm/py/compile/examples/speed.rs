//! Compiles every file of a folder on one core and prints how long it takes:
//! `cargo run --release -p mmm-vm-py-compile --example speed -- FOLDER [ROUNDS]`.

use std::path::{Path, PathBuf};
use std::time::Instant;
use vm_py_code::pyc::Header;
use vm_py_compile::{Options, compile};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".into());
    let rounds: u32 = arguments
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or(1);
    let mut files = Vec::new();
    find(Path::new(&folder), &mut files);
    files.sort();
    let sources: Vec<_> = files
        .iter()
        .filter_map(|file| Some((file.display().to_string(), std::fs::read(file).ok()?)))
        .collect();
    for _ in 0..rounds {
        let start = Instant::now();
        let (mut read, mut written, mut failed) = (0, 0, 0);
        for (name, source) in &sources {
            let options = Options {
                filename: name.clone(),
                ..Options::default()
            };
            let header = Header::Timestamp {
                mtime: 0,
                size: source.len() as u32,
            };
            match compile(source, &options) {
                Ok(compiled) => {
                    read += source.len();
                    written += compiled.into_pyc(header).write().len();
                }
                Err(_) => failed += 1,
            }
        }
        println!(
            "{} files, {read} bytes read, {written} written, {failed} refused: {:.2} s",
            sources.len(),
            start.elapsed().as_secs_f64()
        );
    }
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "py") {
            files.push(path);
        }
    }
}
