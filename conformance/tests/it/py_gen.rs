//! Generated programs of the Python machine on the real CPython 3.9, where the variable `PYTHON39`
//! names one: `PYTHON39=python3.9 cargo test --test it py_gen::`.

use conformance::engine::{Ending, Engine, Observation};
use conformance::engines::external::{ExternalVm, Serving};
use conformance::engines::process::CommandLine;
use conformance::generate::{Aim, Entropy, Expected, generator};
use conformance::machine::Machine;
use std::io::Write;
use std::path::Path;

/// How many programs are run, each twice.
const PROGRAMS: u64 = 150;

fn cpython() -> Option<Serving> {
    let Some(python) = std::env::var_os("PYTHON39") else {
        let _ = writeln!(
            std::io::stderr(),
            "skipped: PYTHON39 does not name a CPython 3.9"
        );
        return None;
    };
    let adapter = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/cpython39.py");
    let quote = |text: &str| shell_words::quote(text).into_owned();
    let command = format!(
        "{} -B {}",
        quote(&python.to_string_lossy()),
        quote(&adapter.display().to_string())
    );
    let command = CommandLine::parse(&command).expect("it is quoted");
    Some(Serving::new(ExternalVm::new(command)))
}

#[test]
fn generated_programs_end_on_the_real_cpython_as_foreseen_and_twice_the_same() {
    let Some(mut cpython) = cpython() else { return };
    let generator = generator(Machine::Py).expect("there is one");
    for number in 0..PROGRAMS {
        let generated = (generator.generate)(Entropy::seeded(7, number), Aim::Any);
        let seen: Vec<Observation> = (0..2)
            .map(|_| cpython.run(&generated.case).unwrap())
            .collect();
        let told = || {
            let text = &generated.case.files[&generated.case.entry];
            format!("{number}: {seen:#?}\n{}", String::from_utf8_lossy(text))
        };
        assert_eq!(seen[0], seen[1], "{}", told());
        let ending = seen[0].ending;
        assert!(
            matches!(ending, Ending::Returned | Ending::Faulted),
            "{}",
            told()
        );
        assert!(
            !String::from_utf8_lossy(&seen[0].output).contains(" at 0x"),
            "{}",
            told()
        );
        if let Some(Expected { ending, fault }) = generated.expected {
            assert_eq!(
                (seen[0].ending, seen[0].fault.as_deref()),
                (ending, fault),
                "{}",
                told()
            );
        }
    }
}
