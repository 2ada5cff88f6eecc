//! Sources that are made to be hard end in an error or in code: no panic, and no endless time.

use std::path::Path;
use vm_py_compile::{Kind, Mode, Options, compile};

const COUNT: usize = 3000;

#[track_caller]
fn check(source: &str, expected: &str) {
    let found = match compile(source.as_bytes(), &Options::default()) {
        Ok(_) => "compiles".to_owned(),
        Err(error) => format!("{}: {}", error.kind.name(), error.message),
    };
    let start: String = source.chars().take(40).collect();
    assert_eq!(found, expected, "{start}");
}

const DEEP: &str = "RecursionError: maximum recursion depth exceeded during compilation";
const INVALID: &str = "SyntaxError: invalid syntax";

#[test]
fn deep_sources_end_in_a_recursion_error() {
    for part in [
        "a+",
        "a**",
        "not ",
        "lambda:",
        "a if a else ",
        "lambda a=lambda:",
    ] {
        check(&format!("{}a\n", part.repeat(2 * COUNT)), DEEP);
    }
    check(&format!("a{}\n", ".a".repeat(COUNT)), DEEP);
    check(&format!("a{}\n", "()".repeat(COUNT)), DEEP);
    check(&format!("if a: b\n{}", "elif a: b\n".repeat(COUNT)), DEEP);
}

#[test]
fn long_sources_compile() {
    for part in ["a = a\n", "a = 'b' % c; d = {1: 2}\n", "@a\n", "\n"] {
        check(
            &format!("{}def f(): pass\n", part.repeat(COUNT)),
            "compiles",
        );
    }
    check(&format!("{}1\n", "1+".repeat(COUNT)), "compiles");
    check(&format!("{}1\n", "-".repeat(COUNT)), "compiles");
    check(&format!("[{}]\n", "a,".repeat(COUNT)), "compiles");
    check(&format!("{}\n", "7".repeat(COUNT)), "compiles");
    check(&format!("f'{}'\n", "{a!r}".repeat(COUNT)), "compiles");
    check(&format!("({})\n", "'a' ".repeat(COUNT)), "compiles");
    check(
        &format!("{}a{}\n", "(".repeat(199), ")".repeat(199)),
        "compiles",
    );
}

#[test]
fn long_sources_are_refused() {
    check(
        &"(".repeat(COUNT),
        "SyntaxError: too many nested parentheses",
    );
    check(
        &"\\\n".repeat(COUNT),
        "SyntaxError: unexpected EOF while parsing",
    );
    check(&format!("[{} b c]\n", "a,".repeat(COUNT)), INVALID);
    check(&format!("{}a b\n", "a = 1\n".repeat(COUNT)), INVALID);
    check(
        &format!("{}a b{}\n", "[(".repeat(99), ")]".repeat(99)),
        INVALID,
    );
    check(
        &format!("{}a b{}\n", "{a:(".repeat(99), ")}".repeat(99)),
        INVALID,
    );
    check(
        &format!("{}a b{}\n", "f(".repeat(199), ")".repeat(199)),
        INVALID,
    );
}

#[test]
fn both_parsers_agree_on_what_is_wrong_with_broken_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let entries = std::fs::read_dir(folder).expect("the folder of cases is there");
    let mut sources: Vec<Vec<u8>> = entries
        .filter_map(|entry| std::fs::read(entry.ok()?.path().with_extension("py")).ok())
        .filter(|source| source.len() < 1500)
        .collect();
    sources.sort();
    sources.dedup();
    let modes = [Mode::Exec, Mode::Eval, Mode::Single];
    for source in &sources {
        for step in 0..12 {
            let mut broken = source.clone();
            let at = step * 7919 % broken.len().max(1);
            match step % 3 {
                0 => broken.truncate(at),
                1 => {
                    broken.remove(at);
                }
                _ => broken.insert(at, b"()[]{}:,=*'\"\\\n "[step]),
            }
            let options = Options {
                mode: modes[step % 2 * (step % 3)],
                ..Options::default()
            };
            if let Err(error) = compile(&broken, &options) {
                let text = String::from_utf8_lossy(&broken).into_owned();
                assert_ne!(error.kind, Kind::SystemError, "{text}");
            }
        }
    }
}
