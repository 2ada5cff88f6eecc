//! Macros on bytecode.
//!
//! Each program in `tests/data/macros` has a source, the `.pyc` file that Python 3.9 made from it (by
//! the script beside the folder), the output of the changed file (`.txt`), and the listing of the
//! changed file (`.after`), which is written again if `MMM_RECORD` is set. If the variable
//! `MMM_PYTHON39` names a Python 3.9, it runs the changed files.

use std::path::PathBuf;
use std::process::Command;
use vm_py_code::check::check as verify;
use vm_py_code::pyc::Pyc;
use vm_py_macros::{self as macros, Request, Unused, pairs};
use vm_py_text::cpython_dis;
use vm_py_text::unit::Unit;
use vm_py_text::{assemble_unit, lift_to_change, parse};

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/macros"))
}

/// Returns the file with this name, lifted.
fn lifted(name: &str) -> Unit {
    let bytes = std::fs::read(folder().join(name).with_extension("pyc")).unwrap();
    lift_to_change(Pyc::read(name, &bytes).unwrap()).unwrap()
}

fn request(function: Option<&str>, set: &[(&str, &str)]) -> Request {
    let set = set.iter().map(|&(name, value)| {
        let value = (!value.is_empty()).then(|| value.to_owned());
        (name.to_owned(), value)
    });
    Request {
        function: function.map(str::to_owned),
        set: set.collect(),
    }
}

/// Returns what Python prints when it runs a file, if there is a Python.
fn real(pyc: &[u8]) -> Option<String> {
    let Some(python) = std::env::var_os("MMM_PYTHON39") else {
        println!("not run: MMM_PYTHON39 does not name a Python 3.9");
        return None;
    };
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let file = format!("mmm-macro-{}-{count}.pyc", std::process::id());
    let file = std::env::temp_dir().join(file);
    std::fs::write(&file, pyc).unwrap();
    let output = Command::new(python)
        .arg(&file)
        .output()
        .expect("MMM_PYTHON39 can be run");
    std::fs::remove_file(&file).unwrap();
    let text = [output.stdout, output.stderr].concat();
    Some(String::from_utf8(text).unwrap())
}

#[track_caller]
fn check(name: &str, known: &str, function: Option<&str>, set: &[(&str, &str)], places: usize) {
    let mut unit = lifted(name);
    let known = macros::find(known).unwrap();
    let changed = (known.apply)(&mut unit, &request(function, set)).unwrap();
    assert_eq!(changed, places, "{name}");
    let pyc = assemble_unit(&unit, name).unwrap();
    let bytes = pyc.write();
    assert!(verify(&pyc.pool, pyc.code).is_ok(), "{name} is verified");
    let mut listing = String::new();
    cpython_dis::write(&pyc.pool, pyc.code, &mut listing).unwrap();
    let after = folder().join(name).with_extension("after");
    if std::env::var_os("MMM_RECORD").is_some() {
        std::fs::write(&after, &listing).unwrap();
    }
    assert_eq!(listing, std::fs::read_to_string(after).unwrap(), "{name}");
    let printed = std::fs::read_to_string(folder().join(name).with_extension("txt")).unwrap();
    if let Some(found) = real(&bytes) {
        assert_eq!(found, printed, "{name}");
    }
}

#[test]
fn jumps() {
    check("goto", "goto", None, &[], 12);
}

#[test]
fn constants() {
    let set = [
        ("DEBUG", "False"),
        ("PI", "3.0"),
        ("LIMIT", "3"),
        ("NAMES", "('a', 'b')"),
    ];
    check("const", "const", None, &set, 8);
}

#[test]
fn a_parameter() {
    check("param", "param", Some("area"), &[("scale", "1")], 2);
}

#[test]
fn c_like_loops() {
    check("c_for", "c-for", None, &[], 5);
}

#[test]
fn a_trace_of_calls() {
    check("trace", "trace", None, &[], 6);
}

#[track_caller]
fn check_refused(name: &str, known: &str, request: &Request, message: &str) {
    let mut unit = lifted(name);
    let error = (macros::find(known).unwrap().apply)(&mut unit, request).unwrap_err();
    let shown = error.diagnostic().render(vm_base::ColorChoice::Never);
    assert!(shown.contains(message), "{shown}");
}

#[test]
fn errors_say_what_to_do() {
    let set = |set: &[(&str, &str)]| request(None, set);
    let none = set(&[]);
    check_refused("const", "const", &none, "write --set NAME=VALUE");
    check_refused("const", "const", &set(&[("X", "")]), "'X' has no value");
    check_refused(
        "const",
        "const",
        &set(&[("X", "(1")]),
        "X=(1: the '(' is not closed",
    );
    check_refused("goto", "const", &set(&[("k", "1")]), "sets 'k' itself");
    check_refused("param", "param", &set(&[("scale", "1")]), "--function NAME");
    let on = |function, set: &[(&str, &str)]| request(Some(function), set);
    check_refused("param", "param", &on("area", &[]), "--set NAME");
    check_refused(
        "param",
        "param",
        &on("aera", &[("x", "1")]),
        "did you mean 'area'?",
    );
    check_refused(
        "param",
        "param",
        &on("area", &[("w", "1")]),
        "is already a variable of 'area'",
    );
    check_refused(
        "param",
        "param",
        &on("area", &[("scale", "")]),
        "with defaults",
    );
    check_refused(
        "param",
        "param",
        &on("main", &[("scale", "1")]),
        "a module has no parameters",
    );
    check_refused(
        "trace",
        "trace",
        &on("Class", &[]),
        "not modules or class bodies",
    );
}

/// Returns a function with this body.
fn function(body: &str) -> Unit {
    let text = format!(
        "DEFINE main\nLOAD_CONST f\nLOAD_CONST 'f'\nMAKE_FUNCTION 0\nSTORE_NAME f\n\
         LOAD_CONST None\nRETURN_VALUE\nEND\nDEFINE f\nADD_ARG x\n{body}\
         LOAD_CONST None\nRETURN_VALUE\nEND\n"
    );
    parse("f.cpyasm", &text).unwrap()
}

#[track_caller]
fn check_goto(body: &str, message: &str) {
    let call =
        |word: &str| format!("LOAD_GLOBAL {word}\nLOAD_CONST 'x'\nCALL_FUNCTION 1\nPOP_TOP\n");
    let body = body
        .replace("goto\n", &call("goto"))
        .replace("label\n", &call("label"));
    let error = macros::goto(&mut function(&body), &Request::default()).unwrap_err();
    assert!(error.message.contains(message), "{error:?}");
}

#[test]
fn a_goto_stays_in_its_block() {
    check_goto("goto\n", "'f' has no label 'x'");
    check_goto("label\nlabel\n", "two labels 'x'");
    check_goto(
        "goto\nLOAD_FAST x\nGET_ITER\nLABEL a\nFOR_ITER b\nPOP_TOP\nlabel\nJUMP_ABSOLUTE a\nLABEL b\n",
        "enters a loop",
    );
    let side = |body: &str, name: &str| {
        format!(
            "LOAD_FAST x\nGET_ITER\nLABEL {name}\nFOR_ITER {name}_end\nPOP_TOP\n{body}\
             JUMP_ABSOLUTE {name}\nLABEL {name}_end\n"
        )
    };
    let beside = side("goto\n", "a") + &side("label\n", "b");
    check_goto(&beside, "enters a loop");
    check_goto(
        "SETUP_FINALLY a\ngoto\nPOP_BLOCK\nJUMP_FORWARD b\nLABEL a\nPOP_TOP\nPOP_TOP\nPOP_TOP\n\
         POP_EXCEPT\nLABEL b\nlabel\n",
        "enters or leaves a try or with block",
    );
}

#[test]
fn a_macro_on_pairs() {
    let mut unit = lifted("trace");
    let apart = pairs::take_apart(&unit, "main").unwrap();
    assert!(apart[0].is("define") && apart.last().unwrap().is("end"));
    assert_eq!(pairs::take_apart(&unit, "nothing"), None);
    let before = assemble_unit(&unit, "trace").unwrap();
    pairs::edit(&mut unit, "main", |_| {}).unwrap();
    let after = assemble_unit(&unit, "trace").unwrap();
    let listing = |pyc: &Pyc| {
        let mut out = String::new();
        cpython_dis::write(&pyc.pool, pyc.code, &mut out).unwrap();
        let parts = out
            .split(" at 0x")
            .map(|part| part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
        parts.collect::<String>()
    };
    assert_eq!(listing(&after), listing(&before));

    // Adds 1 to each number.
    pairs::edit(&mut unit, "main", |pairs| {
        for pair in pairs.iter_mut().filter(|pair| pair.is("load_const")) {
            if let Ok(number) = pair.argument.parse::<i64>() {
                pair.argument = (number + 1).to_string();
            }
        }
    })
    .unwrap();
    let errors = pairs::edit(&mut unit, "main", |pairs| {
        pairs[4].word = "LOAD_CONTS".into()
    });
    let shown = errors.unwrap_err().to_string();
    assert!(shown.contains("did you mean 'LOAD_CONST'?"), "{shown}");
}

#[test]
fn unused_names_and_labels() {
    let unit = function(
        "LABEL a\nLOAD_CONST 1\nSTORE_FAST y\nLOAD_CONST 1\nSTORE_FAST z\nLOAD_FAST z\nPOP_TOP\n",
    );
    let object = || "f".to_owned();
    assert_eq!(
        macros::unused(&unit),
        [
            Unused::Label {
                object: object(),
                label: "a".into()
            },
            Unused::Variable {
                object: object(),
                name: "y".into()
            },
            Unused::Parameter {
                object: object(),
                name: "x".into()
            },
        ]
    );
}
