//! `cargo bench -p mmm-vm-mmm --bench mmm` measures loading and running `.mmm` programs next to the
//! simplest loop that does comparable work. Times vary: compare the ratios.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;
use vm_base::{Limits, MemoryHost};
use vm_mmm::{self as mmm, Outcome};

fn main() {
    let text = arithmetic(400_000);
    loading("straight-line arithmetic", &text);
    loading("calls, strings, floats and comments", &mixed(100_000));

    println!("run");
    let (time, outcome) = run(&text);
    row(
        "straight-line arithmetic",
        time * 1e9 / outcome.steps as f64,
        "ns/instruction",
        None,
    );
    let (time, outcome) = run(&tree(25));
    let calls = (outcome.steps / 2) as f64;
    row(
        "a tree of calls, 25 deep",
        time * 1e9 / calls,
        "ns/call",
        None,
    );
}

/// Measures loading a text, next to the simplest loop over it.
fn loading(what: &str, text: &str) {
    let megabytes = text.len() as f64 / 1e6;
    let plain = fastest(|| simplest_loop(text));
    let mut host = MemoryHost::new([("main.mmm", text)]);
    let time = fastest(|| load(&mut host));
    println!("load: {megabytes:.1} MB of {what}");
    row("simplest loop", megabytes / plain, "MB/s", None);
    row("mmm::load", megabytes / time, "MB/s", Some(plain / time));
}

fn row(what: &str, figure: f64, unit: &str, ratio: Option<f64>) {
    let ratio = ratio.map_or(String::new(), |ratio| {
        format!("  {ratio:.2} of the simplest loop")
    });
    println!("  {what:<28} {figure:>8.1} {unit}{ratio}");
}

/// Returns the least time of several measurements, in seconds.
fn fastest<T>(mut work: impl FnMut() -> T) -> f64 {
    let tries = (0..7).map(|_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed().as_secs_f64()
    });
    tries.fold(f64::INFINITY, f64::min)
}

fn load(host: &mut MemoryHost) -> mmm::Program {
    mmm::load(host, "main.mmm", &Limits::default()).expect("it loads")
}

fn run(text: &str) -> (f64, Outcome) {
    let mut host = MemoryHost::new([("main.mmm", text)]);
    let program = load(&mut host);
    let outcome = mmm::run(&program, &mut host, &Limits::default());
    let time = fastest(|| mmm::run(&program, &mut host, &Limits::default()));
    (time, outcome)
}

/// Splits lines, matches the mnemonic and parses an integer. It is not inlined, so that it is the
/// same code wherever it is called.
#[inline(never)]
fn simplest_loop(text: &str) -> i64 {
    let mut sum = 0;
    for line in text.lines() {
        let mut words = line.split(' ').filter(|word| !word.is_empty());
        match words.next() {
            Some("int") => {
                sum += words
                    .next()
                    .and_then(|word| word.parse::<i64>().ok())
                    .unwrap_or(0)
            }
            Some("bin_op") => sum += 1,
            Some("pop") => sum += 2,
            _ => {}
        }
    }
    sum
}

fn arithmetic(rounds: u32) -> String {
    let mut text = String::from("function main\n");
    for round in 0..rounds {
        let _ = writeln!(
            text,
            "    int {}\n    int {}\n    bin_op +\n    pop",
            round * 3,
            round % 1000
        );
    }
    text + "end\n"
}

fn mixed(rounds: u32) -> String {
    let mut text = String::from("function f\nend\nfunction main\n");
    for round in 0..rounds {
        let _ = writeln!(
            text,
            "    call main.mmm#f\n    string \"round {round}\"  # a comment"
        );
        let _ = writeln!(
            text,
            "    constexpr {round}.5\n    constexpr 0b101\n    void\n"
        );
    }
    text + "end\n"
}

/// Returns a program in which f0 calls f1 twice, f1 calls f2 twice, and so on.
fn tree(depth: u32) -> String {
    let mut text = String::from("function main\n call main.mmm#f0\nend\n");
    for level in 0..depth {
        let next = level + 1;
        let _ = writeln!(
            text,
            "function f{level}\n call main.mmm#f{next}\n call main.mmm#f{next}\nend"
        );
    }
    let _ = writeln!(text, "function f{depth}\n nop\nend");
    text
}
