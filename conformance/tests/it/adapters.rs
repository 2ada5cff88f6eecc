//! The protocol as it is written down, and the sample adapters that speak it.

use crate::common::{Folder, MMM, Seen};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn adapter(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters");
    folder.join(name).display().to_string()
}

/// Says that a test has nothing to test here. A test's own output is not shown; this is.
fn skip(what: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {what}");
}

/// Whether a program is here and says so.
fn there_is(program: &str, arguments: &[&str], word: &str) -> bool {
    let output = Command::new(program).args(arguments).output();
    output.is_ok_and(|output| {
        output.status.success() && String::from_utf8_lossy(&output.stdout).contains(word)
    })
}

/// The answers of a server to lines of requests.
fn answers(command: &mut Command, requests: &str) -> Vec<Value> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let requests = requests.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(requests.as_bytes()));
    let output = Seen::from(child.wait_with_output().unwrap());
    writer.join().unwrap().unwrap();
    let lines = output.out.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Requests and answers of the document, in order.
fn examples() -> (String, Vec<Value>) {
    let document = include_str!("../../spec/protocol.md");
    let marked = |mark: char| {
        let lines = document.lines();
        lines.filter_map(move |line| line.strip_prefix(mark)?.strip_prefix(' '))
    };
    let requests = marked('→').map(|line| format!("{line}\n")).collect();
    let answers = marked('←').map(|line| serde_json::from_str(line).unwrap());
    (requests, answers.collect())
}

#[test]
fn the_protocol_s_examples_are_true() {
    let (requests, expected) = examples();
    assert!(expected.len() >= 9, "{expected:?}");
    let mut found = answers(Command::new(MMM).arg("serve"), &requests);
    for (found, expected) in found.iter_mut().zip(&expected) {
        // A machine more is no other protocol.
        if let Some(machines) = found.get_mut("machines").and_then(Value::as_array_mut) {
            machines.retain(|name| name != "py");
        }
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

/// Judges an engine: everything that is compared agrees, and that is most.
#[track_caller]
fn check_conforms(flags: &str, at_least: &str) {
    let seen = Folder::of(&[]).run(&format!("conform {flags}"));
    assert_eq!((seen.status, seen.err.as_str()), (Some(0), ""), "{seen:#?}");
    assert!(seen.out.contains(at_least), "{at_least:?}: {seen:#?}");
}

fn has_python3() -> bool {
    let there = there_is("python3", &["--version"], "Python 3");
    if !there {
        skip("no python3 is here");
    }
    there
}

/// Judges an engine of the sample settings, whose commands are for the top of a checkout.
#[track_caller]
fn check_by_name(name: &str, [from, to]: [&str; 2], standing: &str) {
    let settings = std::fs::read_to_string(adapter("mmm.toml")).unwrap();
    let folder = Folder::of(&[("mmm.toml", &settings.replace(from, to))]);
    let settings = folder.path().join("mmm.toml");
    let mut mmm = folder.mmm();
    mmm.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap());
    mmm.args(["conform", "--engine", name, "--engines"]);
    let seen = Seen::from(mmm.arg(settings).output().unwrap());
    assert_eq!((seen.status, seen.err.as_str()), (Some(0), ""), "{seen:#?}");
    assert!(seen.out.contains(standing), "{standing:?}: {seen:#?}");
}

#[test]
fn the_machine_in_python_conforms_by_name() {
    if has_python3() {
        check_by_name("tiny", ["", ""], "mmm: conforms to 187 of 190 clauses");
    }
}

#[test]
fn cpython_conforms_by_name() {
    if let Some(python) = python39() {
        check_by_name("cpython", ["python3.9", &python], ", 3 differ as expected");
    }
}

#[test]
fn the_machine_in_python_conforms() {
    if has_python3() {
        let adapter = adapter("tiny_mmm.py");
        check_conforms(
            &format!("--machine mmm --vm-serve 'python3 -B {adapter} --serve'"),
            "mmm: conforms to 187 of 190 clauses; 3 not compared",
        );
        check_conforms(
            &format!("--filter mmm/call --vm 'python3 -B {adapter} {{file}}'"),
            "0 differ",
        );
    }
}

#[test]
fn the_machine_in_python_speaks_the_protocol() {
    if !has_python3() {
        return;
    }
    let (requests, expected) = examples();
    let mut command = Command::new("python3");
    let command = command.args(["-B", &adapter("tiny_mmm.py"), "--serve"]);
    let found = answers(command, &requests);
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        // How it calls itself and words its errors is its own affair, and it has one machine only.
        let own = |answer: &Value| answer.get("error").is_some() || answer.get("hello").is_some();
        assert!(own(found) || found == expected, "{found} {expected}");
        assert_eq!(found["id"], expected["id"]);
    }
}

#[test]
fn the_adapter_in_rust_conforms() {
    // Cargo builds it with all tests, but not with this one alone.
    let adapter = Path::new(MMM).with_file_name("examples").join("adapter");
    let adapter = adapter.display().to_string();
    match Path::new(&adapter).is_file() {
        true => {
            // It has no py, and is not judged by it whether it says so or not.
            let uncompared = " cases for a machine that the VM does not have";
            check_conforms(&format!("--vm-serve '{adapter}'"), uncompared);
            check_by_name(
                "rust",
                ["target/debug/examples/adapter", &adapter],
                uncompared,
            );
        }
        false => skip("the example 'adapter' is not built (cargo build --example adapter)"),
    }
}

/// CPython 3.9, where there is one.
fn python39() -> Option<String> {
    let python = std::env::var("PYTHON39").unwrap_or_else(|_| "python3.9".to_owned());
    let there = there_is(&python, &["--version"], "Python 3.9.");
    if !there {
        skip("no CPython 3.9 is here (PYTHON39 names one)");
    }
    there.then_some(python)
}

/// A `.pyc` file of a program, in base64.
fn compiled(python: &str, source: &str) -> String {
    let folder = Folder::of(&[("main.py", source)]);
    let script = "import py_compile; py_compile.compile('main.py', 'main.pyc', doraise=True)";
    let mut command = Command::new(python);
    let status = command.args(["-c", script]).current_dir(folder.path());
    assert!(status.status().unwrap().success());
    let file: PathBuf = folder.path().join("main.pyc");
    data_encoding::BASE64.encode(&std::fs::read(file).unwrap())
}

#[test]
fn the_adapter_for_cpython_tells_what_happens() {
    let Some(python) = python39() else { return };
    let raising = "def f():\n    class A:\n        def g(self):\n            1 / 0\n    A().g()\n\nprint('é')\nf()\n";
    let programs = [
        (
            "print('hi')\n",
            json!({"output": "hi\n", "ending": "returned"}),
        ),
        (
            raising,
            json!({"output": "é\n", "ending": "faulted", "fault": "ZeroDivisionError",
                "at": "main.py#f.<locals>.A.g:4"}),
        ),
        (
            "import sys\nsys.exit(3)\n",
            json!({"output": "", "ending": "faulted", "fault": "SystemExit",
                "at": "main.py#<module>:2"}),
        ),
        (
            "raise SystemExit\n",
            json!({"output": "", "ending": "returned"}),
        ),
        (
            "print(1, flush=True)\nwhile True: pass\n",
            json!({"output": "1\n", "ending": "limited", "fault": "out-of-fuel"}),
        ),
        (
            "while True: print('x' * 9999)\n",
            json!({"ending": "limited", "fault": "output-limit"}),
        ),
        (
            "import os\nos.abort()\n",
            json!({"error": "CPython was killed by signal 6"}),
        ),
    ];
    let request = |file: &str| {
        let files = json!({ "main.pyc": file });
        json!({"id": 1, "machine": "py", "entry": "main.pyc", "files_base64": files})
    };
    let mut requests: String = programs
        .iter()
        .map(|(source, _)| format!("{}\n", request(&compiled(&python, source))))
        .collect();
    requests += &format!("{}\n", request("AAAA"));
    let mut command = Command::new(&python);
    command.arg("-B").arg(adapter("cpython39.py"));
    let found = answers(command.env("ADAPTER_SECONDS", "1.5"), &requests);
    assert_eq!(found.len(), programs.len() + 1);
    assert_eq!(found.last().unwrap()["ending"], "refused");
    for (found, (source, expected)) in found.iter().zip(&programs) {
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&found[key], value, "{key} of {source}: {found:.300}");
        }
    }
}

#[test]
fn adapters_are_short() {
    for name in [
        "tiny_mmm.py",
        "cpython39.py",
        "cpython39_child.py",
        "../examples/adapter.rs",
    ] {
        let text = std::fs::read_to_string(adapter(name)).unwrap();
        assert!(text.lines().count() < 100, "{name}");
    }
}
