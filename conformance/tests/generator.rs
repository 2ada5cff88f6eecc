//! What generated programs are like.

use conformance::case::Case;
use conformance::engine::{Ending, Engine};
use conformance::engines::local::Local;
use conformance::generate::{Aim, Entropy, Expected, Generated, generator};
use conformance::machine::Machine;
use conformance::reference;
use proptest::prelude::*;

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
    let expected = reference::read(case).seen;
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
        .map(|number| reference::read(&generate(Entropy::seeded(3, number), Aim::Any).case))
        .filter(|read| read.steps >= 10 && read.seen.ending != Ending::Refused)
        .count();
    assert!(good * 10 >= total as usize * 9, "{good} of {total}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_atoms_make_a_program_that_ends_as_foreseen(
        atoms in prop::collection::vec(any::<u64>(), 0..40)
    ) {
        check(&generate(Entropy::from_atoms(&atoms), Aim::Any));
    }
}
