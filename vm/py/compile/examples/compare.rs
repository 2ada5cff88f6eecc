//! Compiles every file of a folder and compares each with the `.pyc` file that CPython 3.9 made.
//!
//! ```text
//! cargo run --release -p mmm-vm-py-compile --example compare -- SOURCES REFERENCES [OPTIMIZE] [-v] [--eval|--single] [--string|--text]
//! ```
//!
//! SOURCES is a folder of `.py` files; REFERENCES holds, at the same relative paths, what
//! `py_compile.compile(source, cfile=…, dfile=…)` wrote: `X.pyc`, or `X.err` with the exception's
//! type, message, line, offset and text, one to a line, each as `repr` shows it.

use std::path::{Path, PathBuf};
use vm_py_code::pyc::Pyc;
use vm_py_compile::{Mode, Options, compile};
use vm_py_text::cpython_dis;

#[derive(Default)]
struct Counts {
    identical: usize,
    flags_differ: usize,
    differ: usize,
    errors_equal: usize,
    errors_differ: usize,
    refused: usize,
    missing: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [sources, references, rest @ ..] = &arguments[..] else {
        eprintln!("usage: compare SOURCES REFERENCES [OPTIMIZE] [-v]");
        std::process::exit(2);
    };
    let verbose = rest.iter().any(|word| word == "-v");
    let optimize = rest.iter().find_map(|word| word.parse().ok()).unwrap_or(0);
    let has = |word: &str| rest.iter().any(|other| other == word);
    let base = Options {
        optimize,
        readable: !has("--string") && !has("--text"),
        is_text: has("--text"),
        mode: match (has("--eval"), has("--single")) {
            (true, _) => Mode::Eval,
            (_, true) => Mode::Single,
            _ => Mode::Exec,
        },
        ..Options::default()
    };
    let mut counts = Counts::default();
    let mut files = Vec::new();
    find(Path::new(sources), &mut files);
    files.sort();
    for file in &files {
        let Ok(relative) = file.strip_prefix(sources) else {
            continue;
        };
        let reference = Path::new(references).join(relative);
        one(file, &reference, &base, verbose, &mut counts);
    }
    println!(
        "{} files: {} identical, {} equal but for sharing and marks, {} differ, {} refused wrongly; \
         errors: {} equal, {} differ; {} without reference",
        files.len(),
        counts.identical,
        counts.flags_differ,
        counts.differ,
        counts.refused,
        counts.errors_equal,
        counts.errors_differ,
        counts.missing
    );
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

fn one(file: &Path, reference: &Path, base: &Options, verbose: bool, counts: &mut Counts) {
    let name = file.display().to_string();
    let Ok(source) = std::fs::read(file) else {
        return;
    };
    let mut options = base.clone();
    if options.readable {
        options.filename.clone_from(&name);
    }
    let ours = compile(&source, &options);
    let theirs = std::fs::read(reference.with_extension("pyc"));
    let error = std::fs::read_to_string(reference.with_extension("err"));
    match (ours, theirs, error) {
        (Ok(ours), Ok(theirs), _) => {
            let header = vm_py_code::pyc::Header::read("", &theirs);
            let Ok(header) = header else { return };
            let ours = ours.into_pyc(header);
            let bytes = ours.write();
            if bytes == theirs {
                counts.identical += 1;
                return;
            }
            let Ok(theirs) = Pyc::read(&name, &theirs) else {
                return;
            };
            let (a, b) = (text(&ours), text(&theirs));
            if a == b {
                counts.flags_differ += 1;
                if verbose {
                    println!("sharing or marks: {name}");
                    if let Ok(ours) = Pyc::read(&name, &bytes) {
                        show_marks(&ours, &theirs);
                    }
                }
                return;
            }
            counts.differ += 1;
            println!("differs: {name}");
            difference(&a, &b);
        }
        (Err(ours), _, Ok(theirs)) => {
            let ours = describe(&ours);
            if ours == theirs {
                counts.errors_equal += 1;
                return;
            }
            counts.errors_differ += 1;
            println!(
                "error differs: {name}\n  ours:   {}\n  theirs: {}",
                ours.replace('\n', " | "),
                theirs.replace('\n', " | ")
            );
        }
        (Ok(_), Err(_), Ok(theirs)) => {
            counts.errors_differ += 1;
            println!(
                "accepted wrongly: {name}\n  theirs: {}",
                theirs.replace('\n', " | ")
            );
        }
        (Err(ours), Ok(_), _) => {
            counts.refused += 1;
            println!(
                "refused wrongly: {name}: {}",
                describe(&ours).replace('\n', " | ")
            );
        }
        _ => counts.missing += 1,
    }
}

/// An error as the reference writes it.
fn describe(error: &vm_py_compile::Error) -> String {
    let quote = |text: &str| {
        let mut pool = vm_py_code::object::Pool::new();
        let text = vm_py_code::object::Str::new(text);
        let id = pool.add(vm_py_code::object::Object::Str(text));
        vm_py_text::repr::repr(&pool, id)
    };
    let mut out = format!("{}\n{}\n", error.kind.name(), quote(&error.message));
    if error.kind.is_syntax() {
        match &error.position {
            Some(position) => out.push_str(&format!(
                "{}\n{}\n{}\n",
                position.line,
                position.offset,
                position.text.as_deref().map_or("None".into(), quote)
            )),
            None => out.push_str("None\nNone\nNone\n"),
        }
    }
    out
}

/// Everything of a file but sharing and marks.
fn text(pyc: &Pyc) -> String {
    let mut out = String::new();
    let _ = cpython_dis::write(&pyc.pool, pyc.code, &mut out);
    let mut todo = vec![pyc.code];
    while let Some(id) = todo.pop() {
        let Some(code) = pyc.pool.code(id) else {
            continue;
        };
        let show = |id| vm_py_text::repr::repr(&pyc.pool, id);
        out.push_str(&format!(
            "CODE {} args {}/{}/{} locals {} stack {} flags {:#x} first {}\n names {}\n vars {}\n free {}\n cells {}\n lines {}\n code {}\n",
            show(code.name), code.argcount, code.posonlyargcount, code.kwonlyargcount, code.nlocals,
            code.stacksize, code.flags, code.firstlineno, show(code.names), show(code.varnames),
            show(code.freevars), show(code.cellvars), show(code.lnotab), show(code.code),
        ));
        for &item in pyc.pool.tuple(code.consts).unwrap_or(&[]) {
            match pyc.pool.code(item) {
                Some(_) => todo.push(item),
                None => out.push_str(&format!(" const {}\n", show(item))),
            }
        }
    }
    // Addresses of code objects are numbers of nodes.
    let mut plain = String::new();
    for line in out.lines() {
        match line.find(" at 0x").or(line.find(" at 0")) {
            Some(at) => {
                let rest = &line[at + 4..];
                let end = rest.find([',', '>']).unwrap_or(rest.len());
                plain.push_str(&line[..at]);
                plain.push_str(&rest[end..]);
            }
            None => plain.push_str(line),
        }
        plain.push('\n');
    }
    plain
}

fn difference(ours: &str, theirs: &str) {
    let (a, b): (Vec<&str>, Vec<&str>) = (ours.lines().collect(), theirs.lines().collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    for line in &a[same.saturating_sub(4)..same] {
        println!("    {line}");
    }
    for line in a.iter().skip(same).take(3) {
        println!("  - {}", clip(line));
    }
    for line in b.iter().skip(same).take(3) {
        println!("  + {}", clip(line));
    }
}

fn clip(line: &str) -> String {
    line.chars().take(300).collect()
}

/// Shows the first objects, in the order of writing, that are marked or shared differently.
fn show_marks(ours: &Pyc, theirs: &Pyc) {
    let mut todo = vec![(ours.code, theirs.code)];
    let mut seen = std::collections::HashMap::new();
    let mut back = std::collections::HashMap::new();
    let mut shown = 0;
    while let Some((a, b)) = todo.pop() {
        let first = seen.insert(a, b);
        let other = back.insert(b, a);
        let repr = |pyc: &Pyc, id| clip(&vm_py_text::repr::repr(&pyc.pool, id));
        if first.is_some_and(|first| first != b) || other.is_some_and(|other| other != a) {
            println!(
                "    shared differently: {} (ours again: {}, theirs again: {})",
                repr(ours, a),
                first.is_some(),
                other.is_some()
            );
            shown += 1;
        }
        if first.is_some() {
            continue;
        }
        let (x, y) = (ours.pool.node(a), theirs.pool.node(b));
        let interned = |object: &vm_py_code::object::Object| matches!(object, vm_py_code::object::Object::Str(text) if text.interned);
        if x.flagged != y.flagged {
            println!(
                "    marked: ours {}, theirs {}: {}",
                x.flagged,
                y.flagged,
                repr(ours, a)
            );
            shown += 1;
        }
        if interned(&x.object) != interned(&y.object) {
            println!(
                "    interned: ours {}: {}",
                interned(&x.object),
                repr(ours, a)
            );
            shown += 1;
        }
        if shown > 4 {
            return;
        }
        let (mut left, mut right) = (Vec::new(), Vec::new());
        x.object.each_part(|part| left.push(part));
        y.object.each_part(|part| right.push(part));
        todo.extend(left.into_iter().zip(right).rev());
    }
}
