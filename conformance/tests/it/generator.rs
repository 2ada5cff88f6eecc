//! What generated programs are like.

use conformance::case::Case;
use conformance::engine::Ending;
use conformance::engines::local::Local;
use conformance::generate::{Aim, Entropy, Expected, Generated, generator};
use conformance::machine::Machine;
use conformance::reference;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn generate(entropy: Entropy, aim: Aim) -> Generated {
    let generator = generator(Machine::Mmm).expect("there is one");
    (generator.generate)(entropy, aim)
}

/// The program as a person would read it.
fn show(case: &Case) -> String {
    let mut text = format!(
        "entry {} root {} {:?}\n",
        case.entry, case.root, case.limits
    );
    for (name, bytes) in &case.files {
        text += &format!("--- {name}\n{}", String::from_utf8_lossy(bytes));
    }
    text
}

/// The reference sees what the generator foresaw, and our machine what the reference saw.
#[track_caller]
fn check(generated: &Generated) {
    let case = &generated.case;
    let expected = reference::run(case).observation;
    if let Some(Expected { ending, fault }) = generated.expected {
        assert_eq!(
            (expected.ending, expected.fault.as_deref()),
            (ending, fault),
            "{:?}\n{}",
            expected.detail,
            show(case)
        );
    }
    let mut found = Local.observe(case);
    found.detail.clone_from(&expected.detail);
    assert_eq!(found, expected, "{}", show(case));
}

#[test]
fn seeded_programs_end_as_foreseen() {
    for number in 0..20_000 {
        check(&generate(Entropy::seeded(1, number), Aim::Any));
    }
}

#[test]
fn every_aim_is_met() {
    let faults = generator(Machine::Mmm).expect("there is one").faults;
    let faults = faults.iter().map(|&fault| Aim::Fault(fault));
    for aim in faults.chain([Aim::Return, Aim::Refused]) {
        for number in 0..500 {
            check(&generate(Entropy::seeded(2, number), aim));
        }
    }
}

#[test]
fn most_programs_run_a_while() {
    let total = 5_000;
    let good = (0..total)
        .map(|number| reference::run(&generate(Entropy::seeded(3, number), Aim::Any).case))
        .filter(|read| read.steps >= 10 && read.observation.ending != Ending::Refused)
        .count();
    assert!(good * 10 >= total as usize * 9, "{good} of {total}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn any_atoms_make_a_program_that_ends_as_foreseen(
        atoms in prop::collection::vec(any::<u64>(), 0..40)
    ) {
        check(&generate(Entropy::from_atoms(&atoms), Aim::Any));
    }
}

#[test]
fn every_word_fault_and_limit_is_reached() {
    let generator = generator(Machine::Mmm).expect("there is one");
    let words = (generator.words)();
    let mut counts = vec![0; words.len()];
    let mut faults: BTreeMap<String, u32> = BTreeMap::new();
    for number in 0..20_000 {
        let generated = generate(Entropy::seeded(4, number), Aim::Any);
        for word in generated.words {
            counts[usize::from(word)] += 1;
        }
        if let Some(fault) = reference::run(&generated.case).observation.fault {
            *faults.entry(fault).or_default() += 1;
        }
    }
    for (index, (word, count)) in words.iter().zip(counts).enumerate() {
        let floor = if index < generator.mnemonics {
            2_000
        } else {
            3
        };
        assert!(count >= floor, "{word}: {count}");
    }
    for &fault in generator.faults {
        let count = faults.get(fault).copied().unwrap_or(0);
        assert!(count >= 200, "{fault}: {count}");
    }
}

#[test]
fn the_mnemonics_are_those_of_the_machine() {
    let generator = generator(Machine::Mmm).expect("there is one");
    let words = (generator.words)();
    let mut known: Vec<&str> = words[..generator.mnemonics]
        .iter()
        .map(String::as_str)
        .collect();
    let mut of_the_machine = vm::mmm::insn::TABLE.each_ref().map(|info| info.mnemonic);
    known.sort_unstable();
    of_the_machine.sort_unstable();
    assert_eq!(known, of_the_machine);
    let faults = vm::mmm::Fault::ALL.iter().map(|fault| fault.code());
    for fault in faults.filter(|&fault| fault != "quit") {
        assert!(generator.faults.contains(&fault), "{fault}");
    }
}
