//! Knowing the kinds of variables must not change what a program does.
//!
//! Every program is run twice: as it is, and followed by assignments that never execute but give
//! each variable a value of another type. In the second run no kind is known, so every instruction
//! takes the general path.

use proptest::prelude::*;
use std::fmt::Write as _;
use vm_base::{Ending, Limits, MemoryHost};
use vm_sc::{self as sc, Fault, Options, Program};

/// What a run shows: its output, its ending, the instruction where it stopped, and the number of
/// executed instructions.
type Seen = (String, Ending<(), Fault>, Option<usize>, u64);

const VARIABLES: [&str; 7] = ["a", "b", "c", "i", "j", "x", "y"];

fn load(text: &str) -> Program {
    match sc::load_bytes("p.sca", text, &Options::default()) {
        Ok(program) => program,
        Err(wrong) => panic!("{text}\n{wrong:?}"),
    }
}

/// Returns everything about a run but the ast instruction where it stopped.
fn run(program: &Program, limits: &Limits) -> Seen {
    let mut host = MemoryHost::default();
    let outcome = sc::run(program, &mut host, limits);
    let output = String::from_utf8_lossy(&host.output).into_owned();
    let at = outcome.at().map(|pc| pc.instruction);
    (output, outcome.ending, at, outcome.steps)
}

/// Checks that the program behaves the same with and without known kinds, wherever its fuel or
/// memory ends.
#[track_caller]
fn check_same(text: &str, most: u64) -> Seen {
    let mut spoiled = format!("{text}goto away\n");
    for name in VARIABLES {
        let _ = writeln!(spoiled, "{name} = nil");
    }
    spoiled.push_str("label away\n");
    let (program, spoiled) = (load(text), load(&spoiled));
    let fuel = |fuel| Limits {
        fuel: Some(fuel),
        ..Limits::default()
    };
    let whole = run(&program, &fuel(most));
    let runs = (0..whole.3)
        .map(fuel)
        .chain((0..150).step_by(8).map(|heap_bytes| Limits {
            heap_bytes,
            ..fuel(whole.3.saturating_sub(1))
        }));
    for limits in runs {
        assert_eq!(
            run(&program, &limits),
            run(&spoiled, &limits),
            "{limits:?}\n{text}"
        );
    }
    let other = run(&spoiled, &fuel(most + 2));
    if matches!(whole.1, Ending::Faulted(_)) {
        assert_eq!(whole, other, "{text}");
    } else if whole.1 == Ending::Returned(()) {
        assert_eq!((&whole.0, &whole.1), (&other.0, &other.1), "{text}");
    }
    whole
}

#[track_caller]
fn check(text: &str, output: &str, fault: Option<(&str, usize)>) {
    let (found, ending, at, _) = check_same(text, 5000);
    let found_fault = match &ending {
        Ending::Faulted(fault) => Some((fault.code(), at.expect("a fault has a place"))),
        _ => None,
    };
    assert_eq!(found_fault, fault, "{text}");
    assert!(fault.is_some() || ending == Ending::Returned(()), "{text}");
    assert_eq!(found, output, "{text}");
}

#[test]
fn variables_of_mixed_kinds() {
    check(
        "a = 1\nb = a * 2.5\na = a + 1\nprint(a, b)\n",
        "2 2.5\n",
        None,
    );
    check(
        "a = 1\nprint(a + 1)\na = 1.5\nprint(a + 1)\n",
        "2\n2.5\n",
        None,
    );
    check(
        "for i = 0 to 3\n a = i\n i = 0.5\n b = a + i\n print(b)\nend\n",
        "0.5\n1.5\n2.5\n",
        None,
    );
    check(
        "for i = 0 to 3\n i = i * 10\n print(i)\nend\nprint(i)\n",
        "0\n10\n20\n20\n",
        None,
    );
    check(
        "a = \"x\"\nb = len(a + a) * 3\nprint(a, b, b < 6, b == 6.0)\n",
        "x 6 0b 1b\n",
        None,
    );
    check(
        "a = 7\nb = int(\"3\")\nc = a % b\nx = float(c) / 2\nprint(c, x, -c, -x)\n",
        "1 0.5 -1 -0.5\n",
        None,
    );
    check(
        "x = 0.0\nwhile x < 3\n x = x + 1\n y = x * x + x\n print(y)\nend\n",
        "2.0\n6.0\n12.0\n",
        None,
    );
    check(
        "for i = 0 to 2\n for j = i to 3\n  for i = 7 to 9\n  end\n  print(i, j)\n end\nend\n",
        "8 0\n8 1\n8 2\n8 1\n8 2\n",
        None,
    );
}

#[test]
fn unset_numbers() {
    check("a = a + 1\n", "", Some(("unset-variable", 0)));
    check(
        "for i = 0 to 1\n a = b\n b = 1\nend\n",
        "",
        Some(("unset-variable", 1)),
    );
    check(
        "while 1 < 2\n stop\n i = 1\nend\nprint(1)\na = i\n",
        "1\n",
        Some(("unset-variable", 5)),
    );
    check(
        "for i = 0 to 0\nend\na = 1 + i * 2\n",
        "",
        Some(("unset-variable", 2)),
    );
    check(
        "a = 1\ngoto on\nb = 1\nlabel on\nc = a + 1 / 0 + b\n",
        "",
        Some(("divide-by-zero", 4)),
    );
    check(
        "a = 1\ngoto on\nb = 1\nlabel on\nc = a + b + 1 / 0\n",
        "",
        Some(("unset-variable", 4)),
    );
    check("a = b\n", "", Some(("unset-variable", 0)));
    check("a = b\nb = a\n", "", Some(("unset-variable", 0)));
}

#[test]
fn overflow_inside_a_superinstruction() {
    let most = i64::MAX;
    let three = |body: &str| format!("a = {most}\nb = 3\nc = 2\nj = 0\n{body}print(j)\n");
    check(&three("j = a * b + c\n"), "", Some(("overflow", 4)));
    check(&three("j = c * b + a\n"), "", Some(("overflow", 4)));
    check(&three("j = (a + b) % c\n"), "", Some(("overflow", 4)));
    check(&three("j = (c * b + a) % 7\n"), "", Some(("overflow", 4)));
    check(
        &three("j = (c + b) % (b - 3)\n"),
        "",
        Some(("divide-by-zero", 4)),
    );
    check(&three("j = a + b - b\n"), "", Some(("overflow", 4)));
    check(&three("j = b + c + a\n"), "", Some(("overflow", 4)));
    check(
        &three("for i = 0 to 4\n a = a + i\nend\n"),
        "",
        Some(("overflow", 5)),
    );
    check(
        &three("b = a - 1\nwhile b < a\n b = b + c\nend\n"),
        "",
        Some(("overflow", 6)),
    );
    check(&three("j = (0 - a - 2) % 5\n"), "", Some(("overflow", 4)));
    check(&three("j = (0 - a - 1) % -1\n"), "", Some(("overflow", 4)));
}

#[test]
fn remainders_of_all_sizes() {
    let sizes = [
        0,
        1,
        2,
        1008,
        1009,
        u32::MAX as i64 - 1,
        u32::MAX as i64,
        1 << 32,
        i64::MAX,
    ];
    for divisor in [
        1,
        2,
        3,
        7,
        10,
        1009,
        65536,
        u32::MAX as i64,
        1 << 32,
        i64::MAX,
        -1,
        -7,
    ] {
        let mut text = String::from("b = 0\nc = 0\n");
        let mut output = String::new();
        for number in sizes.iter().flat_map(|&size| [size, -size]) {
            let _ = writeln!(
                text,
                "a = {number}\nb = a % {divisor}\nc = (a + 0) % {divisor}\nx = (a * 1 + 0) % {divisor}\nx = (a * 1 + 0) % {divisor}\nprint(b, c, x)"
            );
            let rest = number % divisor;
            let _ = writeln!(output, "{rest} {rest} {rest}");
        }
        check(&text, &output, None);
    }
}

#[test]
fn frames_of_more_than_256_slots() {
    let mut text = String::new();
    for n in 0..300 {
        let _ = writeln!(text, "v{n} = {n}");
    }
    text.push_str(
        "a = 0\nfor i = 0 to 20\n a = (a * 3 + i) % 1009\n b = a + v299 - i\nend\nprint(a, b)\n",
    );
    let (mut a, mut b) = (0, 0);
    for i in 0..20 {
        a = (a * 3 + i) % 1009;
        b = a + 299 - i;
    }
    check(&text, &format!("{a} {b}\n"), None);
}

/// Generates programs from numbers, until there are none left.
struct Writer<'a> {
    numbers: std::slice::Iter<'a, u32>,
    text: String,
    labels: u32,
}

impl Writer<'_> {
    fn below(&mut self, limit: usize) -> usize {
        self.numbers
            .next()
            .map_or(0, |&number| number as usize % limit)
    }

    fn variable(&mut self) -> &'static str {
        VARIABLES[self.below(VARIABLES.len())]
    }

    fn expression(&mut self, deep: u32) -> String {
        const LEAVES: [&str; 12] = [
            "0",
            "1",
            "2",
            "3",
            "7",
            "-1",
            "9223372036854775807",
            "4294967296",
            "0.5",
            "2.0",
            "len(\"ab\")",
            "\"s\"",
        ];
        match self.below(if deep == 0 { 5 } else { 14 }) {
            0..3 => self.variable().to_owned(),
            3 | 4 => {
                let leaf = self.below(40);
                LEAVES[if leaf < LEAVES.len() { leaf } else { leaf % 5 }].to_owned()
            }
            5 => format!("(-{})", self.expression(deep - 1)),
            6 => format!("int({})", self.expression(deep - 1)),
            _ => {
                let left = self.expression(deep - 1);
                let operator = ["+", "+", "-", "*", "%", "/"][self.below(6)];
                format!("({left} {operator} {})", self.expression(deep - 1))
            }
        }
    }

    fn comparison(&mut self) -> String {
        let left = self.expression(1);
        let operator = ["<", "<=", ">", ">=", "==", "!="][self.below(6)];
        format!("{left} {operator} {}", self.expression(1))
    }

    fn statements(&mut self, deep: u32) {
        for _ in 0..1 + self.below(5) {
            let line = match self.below(if deep == 3 { 7 } else { 11 }) {
                0..4 => format!("{} = {}", self.variable(), self.expression(3)),
                4 => format!("print({}, {})", self.variable(), self.comparison()),
                5 if deep > 0 => ["stop", "proceed"][self.below(2)].to_owned(),
                5 | 6 => {
                    self.labels += 1;
                    let label = self.labels;
                    let test = self.comparison();
                    let _ = writeln!(self.text, "while {test}\ngoto l{label}\nend");
                    let line = format!("{} = {}", self.variable(), self.expression(1));
                    format!("{line}\nlabel l{label}")
                }
                kind => {
                    let head = match kind {
                        7 | 8 => format!(
                            "for {} = {} to {}",
                            self.variable(),
                            self.below(3),
                            self.expression(1)
                        ),
                        _ => format!("while {}", self.comparison()),
                    };
                    let _ = writeln!(self.text, "{head}");
                    self.statements(deep + 1);
                    "end".to_owned()
                }
            };
            let _ = writeln!(self.text, "{line}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn known_kinds_change_nothing(numbers in prop::collection::vec(any::<u32>(), 0..200)) {
        let (numbers, text, labels) = (numbers.iter(), String::new(), 0);
        let mut writer = Writer { numbers, text, labels };
        for name in VARIABLES {
            match writer.below(4) {
                0 | 1 => writer.text += &format!("{name} = {}\n", writer.numbers.len() % 9),
                2 => writer.text += &format!("{name} = {}.5\n", writer.numbers.len() % 9),
                _ => {}
            }
        }
        writer.statements(0);
        check_same(&writer.text, 400);
    }
}
