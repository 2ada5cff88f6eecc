//! Tests of the productions with the opcode table, and of programs with the verifier.

use super::grammar::{EXPRESSIONS, GUARDED, STATEMENTS};
use super::{GENERATOR, ending, generate};
use crate::engine::Ending;
use crate::generate::{Aim, Entropy};
use vm::py::insn::{Arg, Branch, Op, TABLE};
use vm::py::pyc::Pyc;

/// Returns the effect of a part of a production on the depth of the stack; `None` if control does not
/// continue after it.
fn effect(part: &str) -> Option<i64> {
    let (word, operand) = part.split_once(' ').unwrap_or((part, ""));
    Some(match word {
        "LABEL" | "BYTES" | "@turns" | "@define" | "@play" | "@many" | "@blocks" => 0,
        "<statements>" | "<statement>" | "@delete" | "@caught" | "@unary" | "EXTENDED_ARG" => 0,
        "@load" | "@builtin" | "@helper" | "@call" | "@generate" | "@await" | "@coroutine" => 1,
        "@class" | "@failure" => 1,
        "@store" | "@links" | "@compare" | "@is" | "@in" => -1,
        _ if word.starts_with('<') => 1,
        // The other families consist of binary operators.
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

/// Returns the depth of the stack after a production, and checks that jumps agree with the depth at
/// their targets.
fn depth_after(text: &str) -> i64 {
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
            assert_eq!(depth_after(row.text), 1, "{name}: {}", row.text);
        }
        let first = rows[0].text;
        assert!(
            !first.contains('<'),
            "{name}: the first production is {first}"
        );
    }
    for row in &STATEMENTS {
        let depth = depth_after(row.text);
        assert!(matches!(depth, 0 | i64::MIN), "{depth}: {}", row.text);
    }
    assert_eq!(depth_after(GUARDED), 0);
}

/// Assembles and verifies a program, and returns the binary file.
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
        let min = if at < TABLE.len() { 20 } else { 1 };
        assert!(count >= min, "{name}: {count}");
    }
}

#[test]
fn programs_are_short() {
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
fn the_text_of_a_binary_file_assembles_to_that_file() {
    for number in 0..300 {
        let generated = generate(Entropy::seeded(3, number), Aim::Any);
        let binary = verified(&generated.case.files["main.cpyasm"]);
        let pyc = Pyc::read("main.pyc", &binary).expect("it is verified");
        let text = vm::py::text::disassemble(&pyc);
        assert_eq!(verified(text.as_bytes()), binary, "{text}");
    }
}

#[test]
fn a_seed_gives_the_same_program_each_time() {
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
fn a_program_expects_the_fault_that_it_aims_at() {
    for code in ending::CODES {
        for number in 0..20 {
            let generated = generate(Entropy::seeded(6, number), Aim::Fault(code));
            assert_eq!(generated.expected.and_then(|seen| seen.fault), Some(code));
            verified(&generated.case.files["main.cpyasm"]);
        }
    }
}
