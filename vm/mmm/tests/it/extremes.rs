//! Very large programs end, and end as the specification says.

use std::fmt::Write as _;
use vm_base::{Limit, Limits, MemoryHost};
use vm_mmm::{self as mmm, Outcome};

fn run_files(files: Vec<(String, String)>, limits: &Limits) -> Outcome {
    let mut host = MemoryHost::new(files);
    let program = mmm::load(&mut host, "main.mmm", limits).expect("it loads");
    mmm::run(&program, &mut host, limits)
}

fn run(text: String) -> Outcome {
    run_files(vec![("main.mmm".to_owned(), text)], &Limits::default())
}

#[track_caller]
fn check_refused(text: String, message: &str) {
    let mut host = MemoryHost::new([("main.mmm", text)]);
    let error = mmm::load(&mut host, "main.mmm", &Limits::default()).expect_err("it is refused");
    let shown = error.diagnostics()[0].render(vm_base::ColorChoice::Never);
    assert!(shown.contains(message) && shown.len() < 1000, "{shown}");
}

#[test]
fn a_million_lines() {
    let mut text = "int 1\npop\n".repeat(500_000);
    text = format!("function main\n{text}end\n");
    assert_eq!(run(text).steps, 1_000_000);
    // Of a million errors, only a few are reported.
    let mut host = MemoryHost::new([("main.mmm", "x\n".repeat(1_000_000))]);
    let error = mmm::load(&mut host, "main.mmm", &Limits::default()).expect_err("it is refused");
    assert!(error.diagnostics().len() < 30);
}

#[test]
fn a_line_of_a_hundred_megabytes() {
    let long = "x".repeat(100_000_000);
    check_refused(
        format!("function main\n{long}\nend"),
        "unknown instruction 'xxxx",
    );
    check_refused(
        format!("function main\nint 1 {long}\nend"),
        "one operand too many",
    );
    check_refused(format!("function main\nstring \"{long}\nend"), "not closed");
    check_refused(long.clone(), "unknown instruction");
    let outcome = run(format!(
        "function main\nnop # {long}\nstring \"{long}\"\npop\nend"
    ));
    assert!(outcome.is_returned());
    let outcome = run(format!("function main\nint {long}\nend"));
    assert_eq!(outcome.fault(), Some(&mmm::Fault::BadLiteral));
}

#[test]
fn a_hundred_thousand_functions_that_call_each_other() {
    let mut text = String::from("function main\ncall main.mmm#f0\nend\n");
    for number in 0..100_000 {
        let _ = writeln!(
            text,
            "function f{number}\ncall main.mmm#f{}\nend",
            number + 1
        );
    }
    text += "function f100000\nend\n";
    let limits = Limits {
        call_depth: 1_000_000,
        ..Limits::default()
    };
    let outcome = run_files(vec![("main.mmm".to_owned(), text)], &limits);
    assert_eq!((outcome.is_returned(), outcome.steps), (true, 100_001));
}

#[test]
fn recursion_a_million_deep() {
    let limits = Limits {
        call_depth: 1_000_000,
        ..Limits::default()
    };
    let text = "function main\nint 1\ncall main.mmm#main\nend\n".to_owned();
    let outcome = run_files(vec![("main.mmm".to_owned(), text)], &limits);
    assert_eq!(outcome.limit(), Some(Limit::CallDepth));
    let calls = &outcome.calls;
    assert_eq!(calls.depth(), 1_000_000);
    assert_eq!(calls.inner.len() + calls.outer.len(), 64);
}

#[test]
fn recursion_without_a_limit_on_depth_ends_in_one_on_memory() {
    let limits = Limits {
        call_depth: u64::MAX,
        heap_bytes: 100 << 20,
        ..Limits::default()
    };
    let text = "function main\ncall main.mmm#main\nend\n".to_owned();
    let outcome = run_files(vec![("main.mmm".to_owned(), text)], &limits);
    assert_eq!(outcome.limit(), Some(Limit::MemoryLimit));
}

#[test]
fn files_that_call_each_other_in_a_circle() {
    let file = |number: u32| {
        let next = (number + 1) % 1000;
        (
            format!("f{number}.mmm"),
            format!("function f\ncall f{next}.mmm#f\nend\n"),
        )
    };
    let mut files: Vec<_> = (0..1000).map(file).collect();
    files.push((
        "main.mmm".to_owned(),
        "function main\ncall f0.mmm#f\nend\n".to_owned(),
    ));
    let outcome = run_files(files, &Limits::default());
    assert_eq!(outcome.limit(), Some(Limit::CallDepth));
}

#[test]
fn more_files_or_source_than_allowed_refuse_the_program() {
    let files = [
        ("main.mmm", "function main\ncall a.mmm#f\nend\n"),
        ("a.mmm", "function f\ncall b.mmm#f\nend\n"),
        ("b.mmm", "function f\nend\n"),
    ];
    let all: u64 = files.iter().map(|(_, text)| text.len() as u64).sum();
    let load = |limits: Limits| mmm::load(&mut MemoryHost::new(files), "main.mmm", &limits).is_ok();
    let limits = Limits::default();
    assert!(load(Limits {
        source_bytes: all,
        ..limits.clone()
    }));
    assert!(!load(Limits {
        source_bytes: all - 1,
        ..limits.clone()
    }));
    assert!(load(Limits {
        files: 3,
        ..limits.clone()
    }));
    assert!(!load(Limits { files: 2, ..limits }));
}

#[test]
fn a_print_larger_than_memory_stops_at_the_limit() {
    // The local stack holds two hundred copies of a megabyte.
    let long = "x".repeat(1_000_000);
    let text = format!(
        "function main\n{}printn *\nend\nfunction f\nstring \"{long}\"\nret\nend\n",
        "call main.mmm#f\n".repeat(200)
    );
    let limits = Limits {
        output_bytes: Some(50_000_000),
        ..Limits::default()
    };
    let outcome = run_files(vec![("main.mmm".to_owned(), text.clone())], &limits);
    assert_eq!(outcome.limit(), Some(Limit::OutputLimit));
    let exact = 200 * 1_000_002 + 199 * 2 + 1;
    for (most, limit) in [(exact, None), (exact - 1, Some(Limit::OutputLimit))] {
        let limits = Limits {
            output_bytes: Some(most),
            ..Limits::default()
        };
        let outcome = run_files(vec![("main.mmm".to_owned(), text.clone())], &limits);
        assert_eq!(outcome.limit(), limit);
        assert_eq!(outcome.is_returned(), limit.is_none());
    }
}
