//! How fast `.pyc` files are read, beside CPython's own `marshal.loads` in the same run.
//!
//! `PYC_FOLDER=… cargo bench -p mmm-vm-py --bench py` reads every `.pyc` below a folder; without it, a
//! small sample. A `python3.9` is the peer if there is one: `PYTHON39=…` names it. Times scatter:
//! read the ratios.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use vm_py::pyc::{HEADER_BYTES, Pyc};
use vm_py::{self as py, marshal};

/// How often each is measured; the best counts.
const TIMES: usize = 5;

fn main() {
    let folder = match std::env::var_os("PYC_FOLDER") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("text/tests/data"),
    };
    let mut files = Vec::new();
    collect(&folder, &mut files);
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let size = bytes as f64 / 1e6;
    // A small sample is read over and over, to be measurable.
    let turns = (20e6 / bytes.max(1) as f64).ceil().max(1.0) as usize;
    println!("{} files, {size:.2} MB", files.len());
    let rate = |what: &str, seconds: f64, ours: Option<f64>| {
        let rate = size * turns as f64 / seconds;
        let ratio = ours.map_or(String::new(), |ours| {
            format!("   {:>6.2} x ours", rate / ours)
        });
        println!("  {what:<28} {rate:>8.1} MB/s{ratio}");
        rate
    };
    let each = |run: &dyn Fn(&str, &[u8])| {
        best(|| {
            for _ in 0..turns {
                files.iter().for_each(|(name, bytes)| run(name, bytes));
            }
        })
    };
    let read = each(&|name, bytes| {
        black_box(marshal::read(name, black_box(bytes), HEADER_BYTES)).expect("a .pyc file");
    });
    rate("vm_py read", read, None);
    let load = each(&|name, bytes| {
        black_box(py::load_bytes(name, black_box(bytes))).expect("a .pyc file that verifies");
    });
    let ours = rate("vm_py read and verify", load, None);
    let pycs: Vec<Pyc> = files
        .iter()
        .map(|(name, bytes)| Pyc::read(name, bytes).expect("a .pyc file"))
        .collect();
    let write = best(|| {
        for _ in 0..turns {
            pycs.iter().for_each(|pyc| drop(black_box(pyc.write())));
        }
    });
    rate("vm_py write", write, None);
    let changed = pycs.iter().zip(&files);
    let changed = changed
        .filter(|(pyc, (_, bytes))| pyc.write() != *bytes)
        .count();
    println!(
        "  read and written again: {} the same, {changed} not",
        files.len() - changed
    );
    match peer(&folder, turns) {
        Ok(seconds) => {
            rate("CPython marshal.loads", seconds, Some(ours));
        }
        Err(why) => println!("  CPython marshal.loads         missing: {why}"),
    }
}

/// Seconds that this thread has been running: what others do meanwhile does not count, as it does
/// not by the peer's clock. Where the system does not tell, the time of day.
fn clock(start: Instant) -> f64 {
    let running = std::fs::read_to_string("/proc/thread-self/schedstat");
    let nanoseconds = running
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    match nanoseconds {
        Some(nanoseconds) => nanoseconds / 1e9,
        None => start.elapsed().as_secs_f64(),
    }
}

fn best(mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    let once = |_| {
        let before = clock(start);
        run();
        clock(start) - before
    };
    (0..TIMES).map(once).fold(f64::INFINITY, f64::min)
}

/// Collects every `.pyc` file below a folder, by its path.
fn collect(folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "pyc")
            && let Ok(bytes) = std::fs::read(&path)
        {
            files.push((path.display().to_string(), bytes));
        }
    }
}

/// Returns the seconds that CPython takes for the same files.
fn peer(folder: &Path, turns: usize) -> Result<f64, String> {
    let python = std::env::var_os("PYTHON39").unwrap_or_else(|| "python3.9".into());
    let script = format!(
        "import gc, marshal, pathlib, sys, time\n\
         files = [p.read_bytes()[16:] for p in pathlib.Path(sys.argv[1]).rglob('*.pyc')]\n\
         best = float('inf')\n\
         gc.disable()\n\
         for _ in range({TIMES}):\n\
         \x20   start = time.process_time()\n\
         \x20   for _ in range({turns}):\n\
         \x20       for file in files: marshal.loads(file)\n\
         \x20   best = min(best, time.process_time() - start)\n\
         print(best)\n"
    );
    let output = Command::new(&python)
        .arg("-c")
        .arg(script)
        .arg(folder)
        .output()
        .map_err(|error| format!("{}: {error}", python.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let wrong = |_| String::from_utf8_lossy(&output.stderr).into_owned();
    text.trim().parse().map_err(wrong)
}
