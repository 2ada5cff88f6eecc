//! The files that the `.Sc.` machine refuses, and their diagnostics.

use vm_base::{ColorChoice, Position};
use vm_sc::{self as sc, Ast, Constant, File, Insn, Op, Operator, Options};

/// Returns a file with an item of every kind.
fn sample() -> Vec<u8> {
    let text = "x = 1 + 2.5\nfor i = 0 to 3\n proceed\n stop\n goto l\n print(x)\nend\n\
                while x == nil\nend\nlabel l\npass\n";
    sc::assemble("sample.sca", text).unwrap()
}

/// Checks that the bytes are refused at `offset` with a message that contains `message`.
#[track_caller]
fn check_bytes(bytes: &[u8], offset: u64, message: &str) {
    let wrong = sc::decode("f.sc", bytes, false).unwrap_err();
    let place = wrong.diagnostics()[0].place.as_ref().unwrap();
    assert!(
        wrong.diagnostics()[0].message.contains(message),
        "{:?}",
        wrong.diagnostics()[0]
    );
    assert_eq!(
        place.position,
        Position::Offset(offset),
        "{:?}",
        wrong.diagnostics()[0]
    );
}

#[test]
fn every_cut_is_refused() {
    let bytes = sample();
    assert!(sc::decode("f.sc", &bytes, false).is_ok());
    for length in 0..bytes.len() {
        assert!(
            sc::decode("f.sc", &bytes[..length], false).is_err(),
            "{length}"
        );
    }
    let mut longer = bytes.clone();
    longer.push(0);
    check_bytes(&longer, bytes.len() as u64, "1 bytes follow");
}

#[test]
fn an_error_names_the_offset() {
    let empty = sc::encode(&File::default());
    assert_eq!(empty.len(), 4 + 3 * 14);
    check_bytes(b"", 0, "magic");
    check_bytes(b".Sd.", 0, "magic");
    let with = |at: usize, new: &[u8]| {
        let mut bytes = empty.clone();
        bytes.splice(at..at + new.len().min(1), new.iter().copied());
        bytes
    };
    check_bytes(&with(4, &[1]), 12, "unknown constant's tag 00");
    check_bytes(&with(12, &[7]), 12, "the constants section does not end");
    check_bytes(&with(4, &[255]), 12, "unknown constant's tag");
    check_bytes(&with(26, &[9]), 26, "the asts section does not end");
    check_bytes(
        &with(32, &[1]),
        41,
        "the file ends inside the end of the section",
    );
    check_bytes(
        &with(32, &[7]),
        46,
        "the file ends inside the instruction's tag",
    );
    let huge = [&b".Sc."[..], &[0xff; 8], &[0x53]].concat();
    check_bytes(&huge, 13, "no zero byte ends it");
    let not_utf8 = [&b".Sc."[..], &[1, 0, 0, 0, 0, 0, 0, 0], b"Sab\xffc\0"].concat();
    check_bytes(&not_utf8, 15, "not UTF-8");
}

/// Returns a file with two constants (4 is `x`, 5 is 7), these asts and these instructions.
fn file(asts: &[(u64, &[Op])], instructions: &[Insn]) -> File {
    File {
        constants: vec![Constant::Str("x".to_owned()), Constant::Int(7)],
        asts: asts
            .iter()
            .map(|&(stack_max, ops)| Ast {
                stack_max,
                ops: ops.to_vec(),
            })
            .collect(),
        instructions: instructions.to_vec(),
    }
}

#[track_caller]
fn check_file(file: &File, message: &str) {
    let wrong = match sc::decode("f.sc", &sc::encode(file), false) {
        Ok(_) => panic!("it loads, and should not: {message}"),
        Err(wrong) => wrong,
    };
    assert!(
        wrong
            .diagnostics()
            .iter()
            .any(|wrong| wrong.message.contains(message)),
        "{wrong:?}"
    );
}

#[test]
fn asts_are_checked() {
    const PUSH: Op = Op::PushConst(5);
    const ADD: Op = Op::Operate(Operator::Add);
    for (ast, message) in [
        ((0, &[][..]), "items on its stack instead of one"),
        ((0, &[PUSH]), "declares a stack of 0"),
        ((1, &[PUSH, PUSH, ADD]), "declares a stack of 1"),
        ((2, &[PUSH, PUSH]), "ends with 2 items"),
        ((1, &[PUSH, ADD]), "takes 2 items and the stack holds 1"),
        ((1, &[Op::Operate(Operator::Neg)]), "takes 1 items"),
        ((1, &[Op::PushConst(6)]), "there are 6 constants"),
        ((1, &[Op::PushConst(u64::MAX)]), "there are 6 constants"),
        ((1, &[Op::PushVar(5)]), "not a Str constant"),
        ((1, &[Op::PushVar(0)]), "not a Str constant"),
        ((1, &[Op::PushVar(2)]), "not a Str constant"),
        ((1, &[Op::PushVar(6)]), "out of range"),
        ((1, &[Op::Call { name: 5, argc: 0 }]), "not a Str constant"),
        ((1, &[Op::Call { name: 4, argc: 1 }]), "takes 1 items"),
        (
            (
                1,
                &[Op::Call {
                    name: 4,
                    argc: u64::MAX,
                }],
            ),
            "the stack holds 0",
        ),
    ] {
        check_file(&file(&[ast], &[]), message);
    }
    let odd = file(
        &[
            (u64::MAX, &[Op::PushVar(1)]),
            (1, &[Op::Call { name: 1, argc: 0 }]),
        ],
        &[],
    );
    assert!(sc::decode("f", &sc::encode(&odd), true).is_ok());
}

#[test]
fn instructions_are_checked() {
    let while_to = |end| Insn::While { cond: 0, end };
    let for_to = |end| Insn::For {
        var: 4,
        start: 0,
        stop: 0,
        end,
    };
    let end = |head| Insn::End { head };
    let jump = |to| Insn::Jump { to };
    let (goto, label) = (Insn::Goto { name: 4 }, Insn::Label { name: 4 });
    for (insns, message) in [
        (&[while_to(1)][..], "END_WHILE index 1 is out of range"),
        (&[while_to(1), Insn::Pass], "which is not an END"),
        (&[while_to(2), end(0), Insn::Pass], "which is not an END"),
        (&[end(0)], "which is not a loop"),
        (&[end(1)], "loop index 1 is out of range"),
        (&[end(1), for_to(0)], "ends before it begins"),
        (
            &[while_to(2), while_to(3), end(0), end(1)],
            "while loop 1 inside is open",
        ),
        (&[while_to(2), while_to(2), end(1)], "which names 1"),
        (&[while_to(1), end(0), end(0)], "which has another END"),
        (&[jump(0)], "does not begin or end a loop"),
        (&[jump(9)], "out of range"),
        (&[while_to(1), end(0), jump(0)], "PROCEED names loop 0"),
        (&[while_to(1), end(0), jump(1)], "STOP names loop 0"),
        (&[jump(1), while_to(2), end(1)], "does not enclose it"),
        (&[goto], "there is no label \"x\""),
        (&[Insn::Goto { name: 5 }], "not a Str constant"),
        (&[Insn::Label { name: 2 }], "not a Str constant"),
        (&[label, label], "defined twice, first at instruction 0"),
        (&[goto, while_to(3), label, end(1)], "would enter loop 1"),
        (
            &[while_to(2), goto, end(0), while_to(5), label, end(3)],
            "would enter loop 3",
        ),
        (&[Insn::Eval { ast: 1 }], "there are 1 asts"),
        (&[Insn::Set { name: 0, ast: 0 }], "not a Str constant"),
        (
            &[
                Insn::For {
                    var: 5,
                    start: 0,
                    stop: 0,
                    end: 1,
                },
                end(0),
            ],
            "not a Str",
        ),
        (
            &[
                Insn::For {
                    var: 4,
                    start: 9,
                    stop: 0,
                    end: 1,
                },
                end(0),
            ],
            "start ast 9",
        ),
        (
            &[
                Insn::For {
                    var: 4,
                    start: 0,
                    stop: 9,
                    end: 1,
                },
                end(0),
            ],
            "end ast 9",
        ),
    ] {
        check_file(&file(&[(1, &[Op::PushConst(3)])], insns), message);
    }
    let fine = [while_to(4), for_to(3), goto, end(1), end(0), label];
    let fine = file(&[(1, &[Op::PushConst(3)])], &fine);
    assert!(sc::decode("f", &sc::encode(&fine), false).is_ok());
}

#[test]
fn labels_are_identified_by_their_text() {
    let mut file = file(&[], &[Insn::Label { name: 4 }, Insn::Label { name: 6 }]);
    file.constants.push(Constant::Str("x".to_owned()));
    check_file(&file, "defined twice");
    file.instructions[0] = Insn::Goto { name: 4 };
    assert!(sc::decode("f", &sc::encode(&file), false).is_ok());
}

#[test]
fn strict_mode_refuses_extensions_by_name() {
    let strict = Options {
        strict: true,
        ..Options::default()
    };
    for (text, name) in [
        ("x = 1", "'SET'"),
        ("1", "'EVAL'"),
        ("label l", "'LABEL'"),
        (".ast 1 / 2", "'div'"),
        (".ast 1 % 2", "'mod'"),
        (".ast 1 == 2", "'eq'"),
        (".ast not true", "'not'"),
        (".ast -x", "'neg'"),
    ] {
        for source in [text.as_bytes().to_vec(), sc::assemble("f", text).unwrap()] {
            let wrong = sc::load_bytes("f.sca", source, &strict).unwrap_err();
            assert!(wrong.diagnostics()[0].message.contains(name), "{wrong:?}");
        }
    }
    let seeds_own = "for i = 1 + 2 to 3 * 4 - f(x)\nwhile i\nstop\nend\nproceed\nend\npass";
    assert!(sc::load_bytes("f.sca", seeds_own, &strict).is_ok());
}

#[track_caller]
fn check_text(text: &str, shown: &str) {
    let wrong = sc::assemble("f.sca", text).unwrap_err();
    let found: String = wrong
        .diagnostics()
        .iter()
        .map(|wrong| wrong.render(ColorChoice::Never))
        .collect();
    assert_eq!(found, shown);
}

#[test]
fn an_error_shows_the_line() {
    check_text(
        "x = (1 + 2\n",
        "error: the parenthesis is never closed\n --> f.sca:1:5\n  |\n1 | x = (1 + 2\n  |     ^ opened here\n  = help: close it with ')' on the same line\n",
    );
    check_text(
        "while x\n  y = 9223372036854775808\n",
        "error: the Int does not fit 64 bits\n --> f.sca:2:7\n  |\n2 |   y = 9223372036854775808\n  |       ^^^^^^^^^^^^^^^^^^^ too large\n  = help: write it with '.0' to make it a Float\n\
         error: the loop is never ended\n --> f.sca:1:1\n  |\n1 | while x\n  | ^^^^^^^ begins here\n  = help: add 'end' after its body\n",
    );
    check_text(
        "goto nowhere\nlabel nowhre",
        "error: there is no label \"nowhere\"\n --> f.sca:1:1\n  |\n1 | goto nowhere\n  | ^^^^^^^^^^^^ label name\n  = help: did you mean \"nowhre\"?\n",
    );
}

/// Checks the first error of `text`: its message contains `message`, and it is at line 1, column
/// `column`.
#[track_caller]
fn check_wrong(text: &str, column: u32, message: &str) {
    let wrong = sc::assemble("f.sca", text).unwrap_err();
    assert!(
        wrong.diagnostics()[0].message.contains(message),
        "{text}: {:?}",
        wrong.diagnostics()[0]
    );
    let position = wrong.diagnostics()[0].place.as_ref().unwrap().position;
    assert_eq!(position, Position::Line { line: 1, column }, "{text}");
}

#[test]
fn malformed_lines() {
    for (text, column, message) in [
        ("end", 1, "no open loop"),
        ("stop", 1, "no loop around"),
        ("proceed", 1, "no loop around"),
        ("while true\nend\nx = ", 1, ""),
        ("x = 1 2", 7, "should end here"),
        ("x = 1)", 6, "no '(' for this"),
        ("x = 1, 2", 6, "only allowed between the arguments"),
        ("x = (1, 2)", 7, "only allowed between the arguments"),
        ("x = f(1,)", 9, "expected an expression"),
        ("x = 1 +", 8, "expected an expression"),
        ("x = for", 5, "expected an expression"),
        ("for = 1", 5, "a variable's name"),
        ("for i 1", 7, "expected '='"),
        ("for i = 1", 10, "expected 'to'"),
        ("goto 5", 6, "a label's name"),
        ("x = \"a", 5, "never closed"),
        ("x = `a", 5, "never closed"),
        ("x = \"\\q\"", 6, "unknown escape"),
        ("x = \"\\u{d800}\"", 6, "malformed escape"),
        ("x = \"\\u{0}\"", 5, "zero character"),
        ("x = \"\\0\"", 5, "zero character"),
        ("x = 5x", 5, "malformed number"),
        ("x = 1e", 5, "malformed number"),
        ("x = 0f12", 5, "malformed bits"),
        ("x = 0b101", 5, "malformed number"),
        ("x = -9223372036854775809", 5, "does not fit"),
        ("x = 1 ? 2", 7, "unexpected character"),
        (".const nil", 8, "cannot be stored"),
        (".const x", 8, "expected "),
        (".thing", 1, "unknown directive"),
        ("x = &0", 5, "no ast 0"),
        ("x = y@4", 5, "constant 4 has another value"),
        ("x = {1} 1 + 2", 13, "declares a stack of 1"),
    ] {
        if !message.is_empty() {
            check_wrong(text, column, message);
        }
    }
}

/// Checks that the text is its own canonical form.
#[track_caller]
fn check_canonical(text: &str) {
    let bytes = sc::assemble("f.sca", text).unwrap();
    assert_eq!(sc::disassemble("f.sc", &bytes).unwrap(), text);
}

#[test]
fn the_canonical_form_is_as_people_write() {
    for line in [
        "x = a + b * 2",
        "x = (a + b) * 2",
        "x = a - (b - c) - d",
        "x = a / (b * c)",
        "x = -a * -b",
        "x = -(a * b)",
        "x = -(5) + -5 - -5",
        "x = --a",
        "x = not a == b and not (c or d)",
        "x = (not a) == b",
        "x = a == (not b)",
        "x = a < b == (b < c)",
        "x = a < b == c",
        "print(f(), g(1, 2.5, \"a\\n\\\"#\\u{1}\"), nil, true, false)",
        "`for` = `a b`(`\\``)",
        "$i = $i + 1",
        "x = 1e999 + -1e999 + 0f7ff8000000000001 + -0.0 + 1e300 + 5e-324",
        "x = -9223372036854775808",
        "x = {7} 1",
        "goto é\nlabel é",
        "for i = 0 to 3\n    pass\nend",
        "loop0: for i = 0 to 3\n    while a\n        stop loop0\n        proceed loop0\n        stop\n    end\nend",
        "x = a\ny = &0",
        ".ast x\nx = 1",
        ".const 1\n.const 1\n.const \"x\"\nx = 1@5 + 1",
    ] {
        check_canonical(&format!("{line}\n"));
    }
    check_canonical("");
}

#[test]
fn nesting_may_be_deep() {
    let deep = 50_000;
    let parenthesised = format!("x = {}1{}\n", "(".repeat(deep), ")".repeat(deep));
    assert!(sc::assemble("f", &parenthesised).is_ok());
    for text in [
        format!("x = {}a\n", "not ".repeat(deep)),
        format!("x = {}a{}\n", "f(".repeat(deep), ")".repeat(deep)),
        format!("x = {}a{}\n", "a - (".repeat(deep), " - a)".repeat(deep)),
        format!("x = {}a{}\n", "f(1, ".repeat(deep), ", 2)".repeat(deep)),
    ] {
        let bytes = sc::assemble("f", &text).unwrap();
        assert!(sc::load_bytes("f.sc", bytes.clone(), &Options::default()).is_ok());
        let again = sc::disassemble("f.sc", &bytes).unwrap();
        assert_eq!(sc::assemble("f", &again).unwrap(), bytes);
    }
    let loops = format!("{}{}", "while a\n".repeat(deep), "end\n".repeat(deep));
    let bytes = sc::assemble("f", &loops).unwrap();
    let again = sc::disassemble("f.sc", &bytes).unwrap();
    assert_eq!(sc::assemble("f", &again).unwrap(), bytes);
    assert!(sc::load_bytes("f.sc", bytes, &Options::default()).is_ok());
}
