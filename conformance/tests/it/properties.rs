//! What holds of every program, tried on generated ones.

use conformance::case::Case;
use conformance::compare;
use conformance::engine::{Ending, Engine, Observation};
use conformance::engines::local::Local;
use conformance::engines::reference::Reference;
use conformance::generate::{Aim, Entropy, generator};
use conformance::machine::Machine;
use proptest::prelude::*;

fn program(atoms: &[u64], aim: Aim) -> Case {
    let generator = generator(Machine::Mmm).expect("there is one");
    (generator.generate)(Entropy::from_atoms(atoms), aim).case
}

fn atoms() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(any::<u64>(), 3..30)
}

/// The case with every file changed.
fn with_texts(case: &Case, change: impl Fn(&str) -> String) -> Case {
    let mut changed = case.clone();
    for bytes in changed.files.values_mut() {
        if let Ok(text) = std::str::from_utf8(bytes) {
            *bytes = change(text).into_bytes();
        }
    }
    changed
}

/// The file as our machine prints it; as it is, if it does not load.
fn canonical(text: &str) -> String {
    match vm::mmm::parse("x", text.to_owned()) {
        Ok(file) => vm::mmm::print(&file),
        Err(_) => text.to_owned(),
    }
}

/// What does not depend on where lines stand. Dumps show lines.
fn without_lines(seen: Observation) -> Observation {
    let place = |at: String| at.rsplit_once(':').map(|(place, _)| place.to_owned());
    let output = String::from_utf8_lossy(&seen.output).into_owned();
    let output = output
        .lines()
        .filter(|line| !line.starts_with("  "))
        .map(|line| format!("{line}\n"));
    Observation {
        at: seen.at.and_then(place),
        output: output.collect::<String>().into_bytes(),
        detail: None,
        ..seen
    }
}

/// Both engines: what is a property of one and not of the other is a disagreement, too.
fn engines() -> [Box<dyn Engine>; 2] {
    [Box::new(Local), Box::new(Reference)]
}

/// A failure shrinks to a few atoms: those belong into a test of their own, not into a file.
fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(300)
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn more_fuel_only_goes_on(atoms in atoms(), fuel in 0u64..60) {
        let mut case = program(&atoms, Aim::Any);
        for mut engine in engines() {
            case.limits.fuel = Some(fuel);
            let short = engine.run(&case).unwrap();
            case.limits.fuel = Some(fuel + 1);
            let long = engine.run(&case).unwrap();
            prop_assert!(long.output.starts_with(&short.output));
            if short.fault.as_deref() != Some("out-of-fuel") {
                prop_assert_eq!(short, long);
            }
        }
    }

    #[test]
    fn line_endings_and_comments_say_nothing(atoms in atoms()) {
        let case = program(&atoms, Aim::Any);
        let changed = [
            with_texts(&case, |text| text.replace("\r\n", "\n")),
            with_texts(&case, |text| text.replace("\r\n", "\n").replace('\n', "\r\n")),
            with_texts(&case, |text| text.replace("\r\n", "\n").replace('\n', " # end\n")),
            with_texts(&case, |text| text.replace("\r\n", "\n").replace('\n', "\t\r\n")),
        ];
        for mut engine in engines() {
            let expected = engine.run(&case).unwrap();
            for changed in &changed {
                let found = engine.run(changed).unwrap();
                prop_assert_eq!(compare::exactly(&expected, &found), compare::Verdict::Agree, "{:?} {:?}", case, changed);
            }
        }
    }

    #[test]
    fn printing_and_parsing_again_changes_nothing(atoms in atoms()) {
        let case = program(&atoms, Aim::Return);
        let printed = with_texts(&case, canonical);
        for (name, bytes) in &printed.files {
            let text = String::from_utf8_lossy(bytes).into_owned();
            prop_assert_eq!(canonical(&text), text, "{}", name);
        }
        for mut engine in engines() {
            let expected = without_lines(engine.run(&case).unwrap());
            prop_assert_eq!(without_lines(engine.run(&printed).unwrap()), expected);
        }
    }

    #[test]
    fn the_order_of_functions_says_nothing(atoms in atoms()) {
        let case = program(&atoms, Aim::Any);
        let turned = with_texts(&case, |text| match vm::mmm::parse("x", text.to_owned()) {
            Ok(file) => {
                let mut functions = vec![String::new()];
                for line in vm::mmm::print(&file).lines() {
                    let last = functions.len() - 1;
                    functions[last] += &format!("{line}\n");
                    if line == "end" {
                        functions.push(String::new());
                    }
                }
                functions.reverse();
                functions.concat()
            }
            Err(_) => text.to_owned(),
        });
        for mut engine in engines() {
            let expected = without_lines(engine.run(&case).unwrap());
            prop_assert_eq!(without_lines(engine.run(&turned).unwrap()), expected);
        }
    }

    #[test]
    fn any_text_has_one_outcome(text in "(function main\n)?([a-z_]{0,10} ?[\"'#\\\\a0-9.*+ -]{0,6}\r?\n){0,6}(end)?") {
        let case = Case::single(Machine::Mmm, "main.mmm", text);
        let [mut vm, mut reference] = engines();
        let (found, expected) = (vm.run(&case).unwrap(), reference.run(&case).unwrap());
        prop_assert_eq!(compare::exactly(&expected, &found), compare::Verdict::Agree);
        prop_assert_ne!(found.ending, Ending::Garbled);
    }
}
