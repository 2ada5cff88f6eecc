//! `cargo bench -p mmm-conformance`: what a campaign and a fuzz target spend a program on.

use conformance::engines::{local::Local, reference::Reference};
use conformance::fuzzing;
use conformance::generate::{Aim, Entropy, generator};
use conformance::machine::Machine;
use std::hint::black_box;
use std::time::Instant;

fn main() {
    for machine in [Machine::Mmm, Machine::Sc] {
        campaign(machine);
    }
    println!("fuzz targets, without libFuzzer");
    for (name, input) in [
        ("nothing", ""),
        ("a line", "function main\n"),
        ("a program", "function main\nint 1\nprintn *\nend\n"),
    ] {
        let time = per_turn(200_000, |_| fuzzing::loader(input.as_bytes()));
        println!("  loader, {name:<18} {:>9.0} ns", time * 1e9);
    }
}

/// Generates programs, and runs them on the machine and on its reference.
fn campaign(machine: Machine) {
    let Some(generator) = generator(machine) else {
        return;
    };
    let runs = 20_000;
    let generate = |number| (generator.generate)(Entropy::seeded(1, number), Aim::Any).case;
    println!("campaign of {machine}, a program");
    let generating = per_turn(runs, |number| {
        black_box(generate(number));
    });
    let cases: Vec<_> = (0..runs).map(generate).collect();
    let running = per_turn(runs, |number| {
        black_box(Local.observe(&cases[number as usize]));
    });
    let reading = per_turn(runs, |number| {
        black_box(Reference.observe(&cases[number as usize]));
    });
    for (what, time) in [
        ("generate and print", generating),
        ("load and run", running),
        ("reference", reading),
        ("together", generating + running + reading),
    ] {
        println!(
            "  {what:<26} {:>9.0} ns  {:>9.0} a second",
            time * 1e9,
            1.0 / time
        );
    }
}

/// Seconds a turn, the least of several rounds.
fn per_turn(turns: u64, mut work: impl FnMut(u64)) -> f64 {
    let rounds = (0..5).map(|_| {
        let start = Instant::now();
        (0..turns).for_each(&mut work);
        start.elapsed().as_secs_f64() / turns as f64
    });
    rounds.fold(f64::INFINITY, f64::min)
}
