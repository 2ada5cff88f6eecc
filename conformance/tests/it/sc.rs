//! What generated programs of the `.Sc.` machine are like, and what holds of every file.

use conformance::case::Case;
use conformance::compare::{Verdict, exactly};
use conformance::engine::Ending;
use conformance::engines::local::Local;
use conformance::engines::reference;
use conformance::generate::sc::binary;
use conformance::generate::sc::file::File;
use conformance::generate::sc::mutate::Base;
use conformance::generate::{Aim, Entropy, Expected, Generated, generator};
use conformance::machine::Machine;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn generate(entropy: Entropy, aim: Aim) -> Generated {
    let generator = generator(Machine::Sc).expect("there is one");
    (generator.generate)(entropy, aim)
}

/// The program as a person would read it.
fn show(case: &Case) -> String {
    let (name, bytes) = case.files.first_key_value().expect("a file");
    let text = match bytes.starts_with(b".Sc.") {
        true => vm::sc::disassemble(name, bytes).unwrap_or_else(|_| format!("{bytes:02x?}")),
        false => String::from_utf8_lossy(bytes).into_owned(),
    };
    let lines = text.lines().enumerate();
    let numbered = lines.map(|(at, line)| format!("{at:4} {line}\n"));
    format!("{:?}\n{}", case.limits, numbered.collect::<String>())
}

/// The reference sees what the generator foresaw, and our machine what the reference saw.
#[track_caller]
fn check(generated: &Generated) {
    let case = &generated.case;
    let expected = reference::read(case).observation;
    if let Some(Expected { ending, fault }) = generated.expected {
        assert_eq!(
            (expected.ending, expected.fault.as_deref()),
            (ending, fault),
            "{:?} {:?}\n{}",
            expected.detail,
            expected.at,
            show(case)
        );
    }
    let found = Local.observe(case);
    let verdict = exactly(&expected, &found);
    assert_eq!(verdict, Verdict::Agree, "{}", show(case));
}

#[test]
fn seeded_programs_end_as_foreseen() {
    for number in 0..20_000 {
        check(&generate(Entropy::seeded(1, number), Aim::Any));
    }
}

#[test]
fn every_aim_is_met() {
    let faults = generator(Machine::Sc).expect("there is one").faults;
    let faults = faults.iter().map(|&fault| Aim::Fault(fault));
    for aim in faults.chain([Aim::Return, Aim::Refused, Aim::Wild]) {
        for number in 0..1000 {
            check(&generate(Entropy::seeded(2, number), aim));
        }
    }
}

#[test]
fn most_programs_run_a_while() {
    let total = 5_000;
    let good = (0..total)
        .map(|number| reference::read(&generate(Entropy::seeded(3, number), Aim::Any).case))
        .filter(|read| read.steps >= 10 && read.observation.ending != Ending::Refused)
        .count();
    assert!(good * 10 >= total as usize * 8, "{good} of {total}");
}

#[test]
fn programs_are_made_of_everything() {
    let generator = generator(Machine::Sc).expect("there is one");
    let words = (generator.words)();
    let mut counts = vec![0; words.len()];
    let mut faults: BTreeMap<String, u32> = BTreeMap::new();
    let total = 30_000;
    for number in 0..total {
        let generated = generate(Entropy::seeded(4, number), Aim::Any);
        for word in generated.words {
            counts[usize::from(word)] += 1;
        }
        if let Some(fault) = reference::read(&generated.case).observation.fault {
            *faults.entry(fault).or_default() += 1;
        }
    }
    for (at, (word, &count)) in words.iter().zip(&counts).enumerate() {
        let floor = if at < generator.mnemonics {
            total / 50
        } else {
            10
        };
        assert!(count >= floor, "{word}: {count} in {total} programs");
    }
    for fault in generator.faults {
        let count = faults.get(*fault).copied().unwrap_or(0);
        assert!(u64::from(count) >= total / 100, "{fault}: {count}");
    }
}

#[test]
fn files_are_encoded_as_the_machine_encodes_them() {
    for number in 0..3000 {
        let bytes = binary(5, number * 10);
        if let Ok(file) = vm::sc::decode("x.sc", &bytes, false) {
            assert_eq!(vm::sc::encode(&file), bytes);
            let own = File::decode(&bytes).expect("it is whole");
            assert_eq!(own.encode(), bytes);
        }
    }
}

#[test]
fn mutants_load_on_both_or_on_neither_and_come_back() {
    let mut bytes = Vec::new();
    for number in 0..300 {
        let base = Base::new(binary(6, number * 10));
        for seed in 0..200 {
            base.mutant(seed, &mut bytes);
            conformance::campaign::mutation::check(&bytes, seed % 8 == 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(500)
    })]

    #[test]
    fn any_atoms_make_a_program_that_ends_as_foreseen(
        atoms in prop::collection::vec(any::<u64>(), 0..40)
    ) {
        check(&generate(Entropy::from_atoms(&atoms), Aim::Any));
    }
}
