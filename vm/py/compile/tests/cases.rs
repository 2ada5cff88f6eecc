//! Every case of `cases/` compiles to what CPython 3.9.2 made of it.
//!
//! `record.py` has recorded that; no Python is needed here.

use std::fmt::Write as _;
use std::path::Path;
use vm_py_code::insn::{HAVE_ARGUMENT, Op};
use vm_py_code::object::{Id, Object, Pool};
use vm_py_compile::{Compiled, Error, Mode, Options, Warning, compile};

#[test]
fn cases_compile_as_cpython_compiles_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let entries = std::fs::read_dir(&folder).expect("the folder of cases is there");
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_none_or(|ending| ending != "py") {
            continue;
        }
        count += 1;
        let expected = std::fs::read(path.with_extension("txt"));
        let expected = String::from_utf8_lossy(&expected.expect("a recorded case")).into_owned();
        let found = outcome(&path);
        if found != expected {
            wrong.push(format!(
                "{}\n{}",
                path.display(),
                difference(&found, &expected)
            ));
        }
    }
    assert!(count > 30, "{count} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn difference(found: &str, expected: &str) -> String {
    let mut lines = found.lines().zip(expected.lines());
    let same = lines.by_ref().take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("(end)").to_owned();
    format!(
        "  line {}\n  found:    {}\n  expected: {}",
        same + 1,
        line(found),
        line(expected)
    )
}

/// What becomes of a case, in the form of the record.
fn outcome(path: &Path) -> String {
    let source = std::fs::read(path).expect("a readable case");
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let option = |word: &str| {
        let first = source.split(|&byte| byte == b'\n').next()?;
        let first = String::from_utf8_lossy(first).into_owned();
        Some(
            first
                .strip_prefix("# ")?
                .strip_prefix(word)?
                .strip_prefix(": ")?
                .to_owned(),
        )
    };
    let options = Options {
        filename: name.unwrap_or_default(),
        mode: match option("mode").as_deref() {
            Some("eval") => Mode::Eval,
            Some("single") => Mode::Single,
            _ => Mode::Exec,
        },
        optimize: option("optimize").map_or(0, |text| text.parse().unwrap_or(0)),
        readable: true,
        ..Options::default()
    };
    match compile(&source, &options) {
        Ok(compiled) => {
            let mut out = String::new();
            for Warning {
                category,
                message,
                line,
            } in &compiled.warnings
            {
                let line = format!("WARNING {category:?} line {line}: {message}\n");
                if !out.contains(&line) {
                    out.push_str(&line);
                }
            }
            listing(&compiled, compiled.code, &mut out);
            out
        }
        Err(error) => shown_error(&error),
    }
}

fn shown_error(error: &Error) -> String {
    let quote = |text: &str| vm_py_code::object::Str::new(text).repr();
    let mut out = format!("ERROR {}\n  {}\n", error.kind.name(), quote(&error.message));
    if error.kind.is_syntax() {
        let none = || "None".to_owned();
        let position = error.position.as_ref();
        let line = position.map_or_else(none, |position| position.line.to_string());
        let offset = position.map_or_else(none, |position| position.offset.to_string());
        let text = position.and_then(|position| position.text.as_deref());
        let text = text.map_or_else(none, quote);
        let _ = write!(out, "  line {line} offset {offset}\n  text {text}\n");
    }
    out
}

fn listing(compiled: &Compiled, id: Id, out: &mut String) {
    let pool = &compiled.pool;
    let code = pool.code(id).expect("a code object");
    let name = pool.str(code.name).expect("a name");
    let _ = writeln!(out, "CODE {}", name.shown());
    for (field, value) in [
        // CPython counts positional-only arguments in both.
        ("argcount", code.argcount),
        ("posonlyargcount", code.posonlyargcount),
        ("kwonlyargcount", code.kwonlyargcount),
        ("nlocals", code.nlocals),
        ("stacksize", code.stacksize),
        ("flags", code.flags),
    ] {
        let _ = writeln!(out, "  {field} {value}");
    }
    let _ = writeln!(out, "  firstlineno {}", code.firstlineno);
    for (field, tuple) in [
        ("names", code.names),
        ("varnames", code.varnames),
        ("freevars", code.freevars),
        ("cellvars", code.cellvars),
    ] {
        let _ = writeln!(out, "  {field} {}", shown(pool, tuple));
    }
    let lnotab = pool.bytes(code.lnotab).unwrap_or(&[]);
    let hex: String = lnotab.iter().map(|byte| format!("{byte:02x}")).collect();
    let _ = writeln!(out, "  lnotab {hex}");
    let _ = writeln!(out, "  consts");
    let consts = pool.tuple(code.consts).unwrap_or(&[]);
    for &item in consts {
        let _ = writeln!(out, "    {}", shown(pool, item));
    }
    let _ = writeln!(out, "  code");
    let raw = pool.bytes(code.code).unwrap_or(&[]);
    for (index, pair) in raw.chunks_exact(2).enumerate() {
        let op = Op::from_byte(pair[0]).map_or("?", Op::mnemonic);
        let offset = 2 * index;
        let _ = match pair[0] >= HAVE_ARGUMENT {
            true => writeln!(out, "    {offset} {op} {}", pair[1]),
            false => writeln!(out, "    {offset} {op}"),
        };
    }
    for &item in consts {
        if pool.code(item).is_some() {
            listing(compiled, item, out);
        }
    }
}

/// Shows an object as `record.py` does.
fn shown(pool: &Pool, id: Id) -> String {
    let row = |items: &[Id]| {
        let items: Vec<String> = items.iter().map(|&item| shown(pool, item)).collect();
        items.join(", ")
    };
    match pool.get(id) {
        Object::Tuple(items) => {
            let comma = if items.len() == 1 { "," } else { "" };
            format!("({}{comma})", row(items))
        }
        Object::FrozenSet(items) => format!("frozenset({{{}}})", row(items)),
        Object::Code(code) => {
            let name = pool.str(code.name).expect("a name");
            format!("<code {}>", name.shown())
        }
        _ => vm_py_text::repr::repr(pool, id),
    }
}

#[test]
fn the_verifier_accepts_what_compiles() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let entries = std::fs::read_dir(&folder).expect("the folder of cases is there");
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_none_or(|ending| ending != "py") {
            continue;
        }
        let source = std::fs::read(&path).expect("a readable case");
        if let Ok(compiled) = compile(&source, &Options::default()) {
            let found = vm_py_code::check::check(&compiled.pool, compiled.code);
            assert!(found.is_ok(), "{}: {:?}", path.display(), found.err());
        }
    }
}
