//! Times sources that are made to be hard: `cargo run --release --example hostile [COUNT]`.

use std::time::Instant;
use vm_py_compile::{Options, compile};

fn main() {
    let count = std::env::args().nth(1).and_then(|word| word.parse().ok());
    let count: usize = count.unwrap_or(1_000_000);
    let cases = [first_half(count), second_half(count)].concat();
    for (name, source) in cases {
        let start = Instant::now();
        let found = compile(source.as_bytes(), &Options::default());
        let time = start.elapsed();
        let outcome = match &found {
            Ok(compiled) => format!("{} objects", compiled.pool.len()),
            Err(error) => format!(
                "{}: {}",
                error.kind.name(),
                error.message.chars().take(50).collect::<String>()
            ),
        };
        println!(
            "{:>8.1} ms  {:>8} KiB  {name}: {outcome}",
            time.as_secs_f64() * 1e3,
            source.len() / 1024
        );
    }
}

fn nested_finally(depth: usize) -> String {
    let mut out = String::new();
    for at in 0..depth {
        let blanks = " ".repeat(at);
        out += &format!("{blanks}try: a\n{blanks}finally:\n");
    }
    out + &format!("{}a\n", " ".repeat(depth))
}

/// Returns sources of one kind of repetition each.
fn first_half(count: usize) -> Vec<(&'static str, String)> {
    let elifs = format!("if a: pass\n{}", "elif a: pass\n".repeat(count));
    vec![
        ("open brackets", "(".repeat(count)),
        ("open brackets, mixed", "([{".repeat(count / 3)),
        ("closed brackets", ")".repeat(count)),
        ("elif", elifs),
        ("a + a + …", format!("{}a\n", "a+".repeat(count))),
        ("1 + 1 + …", format!("{}1\n", "1+".repeat(count))),
        ("a ** a ** …", format!("{}a\n", "a**".repeat(count))),
        ("not not …", format!("{}a\n", "not ".repeat(count))),
        ("- - …", format!("{}1\n", "-".repeat(count))),
        (
            "lambda: lambda: …",
            format!("{}a\n", "lambda:".repeat(count)),
        ),
        (
            "a if a else …",
            format!("{}a\n", "a if a else ".repeat(count)),
        ),
        ("a.a.a …", format!("a{}\n", ".a".repeat(count))),
        ("a()() …", format!("a{}\n", "()".repeat(count))),
        ("a = a = …", format!("{}a\n", "a=".repeat(count))),
        ("[1, 1, …]", format!("[{}]\n", "1,".repeat(count))),
        ("[a, a, …]", format!("[{}]\n", "a,".repeat(count))),
        ("[a, a, … wrong", format!("[{} b c]\n", "a,".repeat(count))),
        ("f(a, a, …)", format!("f({})\n", "a,".repeat(count))),
        (
            "f(k1=1, k2=…)",
            format!(
                "f({})\n",
                (0..count).map(|at| format!("k{at}=1,")).collect::<String>()
            ),
        ),
        (
            "{1: 1, …}",
            format!(
                "{{{}}}\n",
                (0..count).map(|at| format!("{at}:1,")).collect::<String>()
            ),
        ),
        ("a < a < …", format!("{}a\n", "a<".repeat(count))),
        ("a and a and …", format!("{}a\n", "a and ".repeat(count))),
        ("statements", "a = 1\n".repeat(count)),
        (
            "statements, the last wrong",
            format!("{}a b\n", "a = 1\n".repeat(count)),
        ),
        (
            "functions",
            (0..count / 10)
                .map(|at| format!("def f{at}(): return {at}\n"))
                .collect(),
        ),
        ("names", (0..count).map(|at| format!("a{at}\n")).collect()),
        ("decimal digits", format!("{}\n", "7".repeat(count))),
        ("hexadecimal digits", format!("0x{}\n", "f".repeat(count))),
        ("string", format!("'{}'\n", "a".repeat(count))),
        ("strings in a row", format!("({})\n", "'a' ".repeat(count))),
        ("formatted string", format!("f'{}'\n", "{a}".repeat(count))),
        ("formatted strings", "f'{a}{b!r:{c}}'\n".repeat(count / 10)),
        (
            "comprehension clauses",
            format!("[a {}]\n", "for a in a ".repeat(count / 10)),
        ),
        (
            "decorators",
            format!("{}def f(): pass\n", "@a\n".repeat(count)),
        ),
        (
            "parameters",
            format!(
                "def f({}): pass\n",
                (0..count).map(|at| format!("a{at},")).collect::<String>()
            ),
        ),
    ]
}

/// Returns more of them.
fn second_half(count: usize) -> Vec<(&'static str, String)> {
    vec![
        (
            "wrong parameters",
            format!(
                "def f({} a b): pass\n",
                (0..count).map(|at| format!("a{at},")).collect::<String>()
            ),
        ),
        (
            "global",
            format!(
                "global {}\n",
                (0..count)
                    .map(|at| format!("a{at}"))
                    .collect::<Vec<_>>()
                    .join(",")
            ),
        ),
        (
            "indents",
            (0..99)
                .map(|at| format!("{}if a:\n", " ".repeat(at)))
                .collect::<String>()
                + &format!("{}pass\n", " ".repeat(99)),
        ),
        (
            "wrong indents",
            (0..120)
                .map(|at| format!("{}if a:\n", " ".repeat(at)))
                .collect::<String>(),
        ),
        ("nested finally", nested_finally(18)),
        (
            "nested parentheses",
            format!("{}a{}\n", "(".repeat(199), ")".repeat(199)),
        ),
        (
            "nested brackets, wrong",
            format!("{}a b{}\n", "[(".repeat(99), ")]".repeat(99)),
        ),
        (
            "nested dicts, wrong",
            format!("{}a b{}\n", "{a:(".repeat(99), ")}".repeat(99)),
        ),
        (
            "nested calls, wrong",
            format!("{}a b{}\n", "f(".repeat(199), ")".repeat(199)),
        ),
        (
            "nested lambdas, wrong",
            format!("{}a b{}\n", "(lambda a=".repeat(150), ":1)".repeat(150)),
        ),
        (
            "nested functions",
            (0..20)
                .map(|at| format!("{}def f{at}(a{at}):\n", " ".repeat(at)))
                .collect::<String>()
                + &format!("{}return a0\n", " ".repeat(20)),
        ),
        ("newlines", "\n".repeat(count)),
        ("backslashes", "\\\n".repeat(count)),
        ("semicolons", ";".repeat(count)),
        ("unclosed string", format!("'''{}", "a\n".repeat(count))),
        ("imports", "import a.b.c as d\n".repeat(count / 10)),
        (
            "jumps",
            format!("while a:\n{}", "  if a: break\n".repeat(count / 10)),
        ),
        (
            "frozenset",
            format!(
                "a in {{{}}}\n",
                (0..count).map(|at| format!("{at},")).collect::<String>()
            ),
        ),
    ]
}
