//! The productions against the opcode table, and programs against the verifier.

use super::grammar::{EXPRESSIONS, GUARDED, STATEMENTS};
use super::{GENERATOR, ending, generate};
use crate::engine::Ending;
use crate::generate::{Aim, Entropy};
use vm::py::insn::{Arg, Branch, Op, TABLE};
use vm::py::pyc::Pyc;

/// By how much an item of a production makes the stack deeper, where control goes on behind it.
fn effect(part: &str) -> Option<i64> {
    let (word, operand) = part.split_once(' ').unwrap_or((part, ""));
    Some(match word {
        "LABEL" | "BYTES" | "@turns" | "@define" | "@play" | "@many" | "@blocks" => 0,
        "<statements>" | "<statement>" | "@delete" | "@caught" | "@unary" | "EXTENDED_ARG" => 0,
        "@load" | "@builtin" | "@helper" | "@call" | "@generate" | "@await" | "@coroutine" => 1,
        "@class" | "@failure" => 1,
        "@store" | "@links" | "@compare" | "@is" | "@in" => -1,
        _ if word.starts_with('<') => 1,
        // The other families are of binary operators.
        _ if word.starts_with('@') => -1,
        _ => {
            let op = Op::from_mnemonic(word).unwrap_or_else(|| panic!("{part}"));
            let arg = match op.arg() {
                Arg::Format if operand == "$specified" => 4,
                Arg::Format => 0,
                _ => operand.parse().unwrap_or(0),
            };
            return (op.row().branch != Branch::Ends).then(|| op.stack_effect(arg, false));
        }
    })
}

/// How deep the stack is behind a production; what its jumps say is known where they go.
fn depth_behind(text: &str) -> i64 {
    let mut known = std::collections::BTreeMap::new();
    let mut depth = Some(0);
    for part in text.split("; ") {
        let (word, operand) = part.split_once(' ').unwrap_or((part, ""));
        if word == "LABEL" {
            depth = match (depth, known.get(operand)) {
                (Some(depth), Some(jumped)) => {
                    assert_eq!(depth, *jumped, "{part} in {text}");
                    Some(depth)
                }
                (depth, jumped) => depth.or(jumped.copied()),
            };
            continue;
        }
        let Some(before) = depth else { continue };
        assert!(before >= 0, "{part} in {text}");
        if let Some(op) = Op::from_mnemonic(word)
            && operand.starts_with('{')
        {
            let there = before + op.stack_effect(0, true);
            known.entry(operand).or_insert(there);
        }
        let jumps = matches!(word, "JUMP_FORWARD" | "JUMP_ABSOLUTE");
        depth = effect(part)
            .filter(|_| !jumps)
            .map(|effect| before + effect);
    }
    depth.unwrap_or(i64::MIN)
}

#[test]
fn an_expression_leaves_one_item_and_a_statement_none() {
    for (name, rows) in &EXPRESSIONS {
        for row in *rows {
            assert_eq!(depth_behind(row.text), 1, "{name}: {}", row.text);
        }
        assert!(!rows[0].text.contains('<'), "{name} begins with a leaf");
    }
    for row in &STATEMENTS {
        let behind = depth_behind(row.text);
        assert!(matches!(behind, 0 | i64::MIN), "{behind}: {}", row.text);
    }
    assert_eq!(depth_behind(GUARDED), 0);
}

/// Assembles and verifies a program; the binary file.
#[track_caller]
fn verified(text: &[u8]) -> Vec<u8> {
    let made = vm::py::assemble("main.cpyasm", text)
        .and_then(|binary| vm::py::load_bytes("main.pyc", &binary).map(|_| binary));
    made.unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(text)))
}

#[test]
fn programs_are_verified_and_reach_every_instruction_and_production() {
    let names = (GENERATOR.words)();
    let mut counts = vec![0; names.len()];
    for number in 0..4000 {
        let generated = generate(Entropy::seeded(1, number), Aim::Any);
        if number < 1000 {
            verified(&generated.case.files["main.cpyasm"]);
        }
        for word in generated.words {
            counts[usize::from(word)] += 1;
        }
    }
    for (at, (name, count)) in names.iter().zip(counts).enumerate() {
        let least = if at < TABLE.len() { 20 } else { 1 };
        assert!(count >= least, "{name}: {count}");
    }
}

#[test]
fn no_program_is_long() {
    let lines = |number| {
        let generated = generate(Entropy::seeded(2, number), Aim::Any);
        let text = &generated.case.files["main.cpyasm"];
        text.iter().filter(|&&byte| byte == b'\n').count()
    };
    let lines: Vec<usize> = (0..500).map(lines).collect();
    assert!(lines.iter().max() < Some(&4000));
    let mean = lines.iter().sum::<usize>() / lines.len();
    assert!((100..700).contains(&mean), "{mean}");
}

#[test]
fn what_a_binary_file_says_as_text_is_that_file() {
    for number in 0..300 {
        let generated = generate(Entropy::seeded(3, number), Aim::Any);
        let binary = verified(&generated.case.files["main.cpyasm"]);
        let pyc = Pyc::read("main.pyc", &binary).expect("it is verified");
        let text = vm::py::text::disassemble(&pyc);
        assert_eq!(verified(text.as_bytes()), binary, "{text}");
    }
}

#[test]
fn a_seed_gives_the_same_program_for_ever() {
    let one = || generate(Entropy::seeded(4, 5), Aim::Any);
    assert_eq!(one(), one());
    assert_ne!(one(), generate(Entropy::seeded(4, 6), Aim::Any));
}

#[test]
fn atoms_of_zero_are_the_plainest_program() {
    let generated = generate(Entropy::from_atoms(&[0; 8]), Aim::Any);
    verified(&generated.case.files["main.cpyasm"]);
    assert_eq!(
        generated.expected.map(|seen| seen.ending),
        Some(Ending::Returned)
    );
    assert!(generated.case.files["main.cpyasm"].len() < 2500);
}

#[test]
fn a_refused_program_is_refused() {
    for number in 0..200 {
        let generated = generate(Entropy::seeded(5, number), Aim::Refused);
        let text = &generated.case.files["main.cpyasm"];
        let loads = vm::py::assemble("main.cpyasm", text)
            .is_ok_and(|binary| vm::py::load_bytes("main.pyc", &binary).is_ok());
        assert!(!loads, "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn what_is_aimed_at_is_expected() {
    for code in ending::CODES {
        for number in 0..20 {
            let generated = generate(Entropy::seeded(6, number), Aim::Fault(code));
            assert_eq!(generated.expected.and_then(|seen| seen.fault), Some(code));
            verified(&generated.case.files["main.cpyasm"]);
        }
    }
}
