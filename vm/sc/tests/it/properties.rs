//! Properties of all files of the `.Sc.` machine, checked on random ones.

use proptest::prelude::*;
use vm_base::{Limit, Limits, MemoryHost};
use vm_sc::{self as sc, Ast, Constant, File, Insn, Op, Operator, Options, Outcome};

/// The numbers from which a file is built, until there are none left.
struct Supply<'a>(std::slice::Iter<'a, u32>);

impl Supply<'_> {
    fn below(&mut self, limit: u64) -> u64 {
        self.0.next().map_or(0, |&number| u64::from(number) % limit)
    }

    fn spent(&self) -> bool {
        self.0.len() == 0
    }
}

const TEXTS: [&str; 14] = [
    "",
    "a",
    "b",
    "x y",
    "for",
    "$i",
    "é\u{301}",
    "\n\t\\\"`'",
    "print",
    "str",
    "int",
    "0b",
    "\u{1}\u{feff}\u{202e}",
    "1e5",
];

const FLOATS: [u64; 9] = [
    0,
    1 << 63,
    0x3ff8_0000_0000_0000,
    0x7ff0_0000_0000_0000,
    0xfff0_0000_0000_0000,
    0x7ff8_0000_0000_0001,
    0xfff4_0000_0000_0000,
    1,
    0x4340_0000_0000_0001,
];

/// Builds a valid file that uses the freedom of the format.
fn build(numbers: &[u32]) -> File {
    let mut supply = Supply(numbers.iter());
    let mut file = File::default();
    for _ in 0..supply.below(12) {
        file.constants.push(match supply.below(3) {
            0 => Constant::Int([0, 1, 2, -1, -5, i64::MIN, i64::MAX][supply.below(7) as usize]),
            1 => Constant::Float(FLOATS[supply.below(9) as usize]),
            _ => Constant::Str(TEXTS[supply.below(14) as usize].to_owned()),
        });
    }
    for _ in 0..1 + supply.below(8) {
        let ast = build_ast(&file, &mut supply);
        file.asts.push(ast);
    }
    build_body(&mut file, &mut supply, &mut Vec::new());
    add_gotos(&mut file, &mut supply);
    file
}

fn name(file: &File, supply: &mut Supply) -> u64 {
    let names: Vec<u64> = (0..file.constant_count())
        .filter(|&index| file.name(index).is_some())
        .collect();
    names[supply.below(names.len() as u64) as usize]
}

fn build_ast(file: &File, supply: &mut Supply) -> Ast {
    let mut ops = Vec::new();
    let mut depth = 0;
    let length = supply.below(24);
    while ops.len() < length as usize || depth != 1 {
        let wind_up = ops.len() >= length as usize && depth > 1;
        let op = match supply.below(6) {
            0 | 1 if !wind_up => Op::PushConst(supply.below(file.constant_count())),
            2 if !wind_up => Op::PushVar(name(file, supply)),
            3 => Op::Call {
                name: name(file, supply),
                argc: supply.below(depth.min(4) + 1),
            },
            _ if depth >= 2 => Op::Operate(sc::insn::OPERATORS[supply.below(15) as usize].operator),
            _ => Op::PushConst(supply.below(file.constant_count())),
        };
        depth = depth - op.takes() + 1;
        ops.push(op);
        if supply.spent() && depth > 1 {
            ops.push(Op::Operate(Operator::Add));
            depth -= 1;
        }
    }
    let mut ast = Ast::new(ops);
    if supply.below(4) == 0 {
        ast.stack_max = ast
            .stack_max
            .saturating_add([1, 7, u64::MAX][supply.below(3) as usize]);
    }
    ast
}

fn build_body(file: &mut File, supply: &mut Supply, open: &mut Vec<usize>) {
    let mut left = 30;
    while left > 0 && !supply.spent() {
        left -= 1;
        let asts = file.asts.len() as u64;
        let here = file.instructions.len();
        let insn = match supply.below(12) {
            0 => Insn::Pass,
            1 | 2 => {
                open.push(here);
                let (start, stop) = (supply.below(asts), supply.below(asts));
                let var = name(file, supply);
                Insn::For {
                    var,
                    start,
                    stop,
                    end: 0,
                }
            }
            3 | 4 => {
                open.push(here);
                Insn::While {
                    cond: supply.below(asts),
                    end: 0,
                }
            }
            5 | 6 if !open.is_empty() => {
                close(file, open);
                continue;
            }
            // A STOP names the loop's beginning until the loop is closed.
            7 if !open.is_empty() => Insn::Jump {
                to: open[supply.below(open.len() as u64) as usize] as u64,
            },
            8 => Insn::Eval {
                ast: supply.below(asts),
            },
            _ => Insn::Set {
                name: name(file, supply),
                ast: supply.below(asts),
            },
        };
        file.instructions.push(insn);
    }
    while !open.is_empty() {
        close(file, open);
    }
    for at in 0..file.instructions.len() {
        if let Insn::Jump { to } = file.instructions[at]
            && supply.below(2) == 0
            && let Insn::For { end, .. } | Insn::While { end, .. } = file.instructions[to as usize]
        {
            file.instructions[at] = Insn::Jump { to: end };
        }
    }
}

fn close(file: &mut File, open: &mut Vec<usize>) {
    let here = file.instructions.len() as u64;
    if let Some(head) = open.pop() {
        if let Insn::For { end, .. } | Insn::While { end, .. } = &mut file.instructions[head] {
            *end = here;
        }
        file.instructions.push(Insn::End { head: head as u64 });
    }
}

/// Replaces some instructions by labels and gotos, if the file still loads.
fn add_gotos(file: &mut File, supply: &mut Supply) {
    for at in 0..file.instructions.len() {
        if !matches!(file.instructions[at], Insn::Pass | Insn::Set { .. }) {
            continue;
        }
        let name = name(file, supply);
        let before = file.instructions[at];
        file.instructions[at] = match supply.below(3) {
            0 => Insn::Label { name },
            1 => Insn::Goto { name },
            _ => continue,
        };
        if sc::decode("f", &sc::encode(file), false).is_err() {
            file.instructions[at] = before;
        }
    }
}

fn run(file: &File, limits: &Limits) -> (Vec<u8>, Outcome) {
    let program = sc::load_bytes("f.sc", sc::encode(file), &Options::default()).unwrap();
    let mut host = MemoryHost::default();
    let outcome = sc::run(&program, &mut host, limits);
    if !outcome.is_returned() {
        assert!(program.explain(&outcome).is_some());
    }
    program.findings();
    (host.output, outcome)
}

fn numbers() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<u32>(), 0..400)
}

fn fuel(fuel: u64) -> Limits {
    Limits {
        fuel: Some(fuel),
        heap_bytes: 1 << 16,
        ..Limits::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_and_text_round_trip(numbers in numbers()) {
        let file = build(&numbers);
        let bytes = sc::encode(&file);
        prop_assert_eq!(&sc::decode("f.sc", &bytes, false).unwrap(), &file);
        let text = sc::disassemble("f.sc", &bytes).unwrap();
        let again = sc::assemble("f.sca", &text);
        prop_assert_eq!(again.as_ref().ok(), Some(&bytes), "{}\n{:?}", text, again);
        // The disassembled text is canonical.
        prop_assert_eq!(sc::disassemble("f.sca", text.as_bytes()).unwrap(), text);
    }

    #[test]
    fn a_run_with_less_fuel_is_a_prefix(numbers in numbers(), cut in 0.0..1.0f64) {
        let file = build(&numbers);
        let (output, outcome) = run(&file, &fuel(2000));
        prop_assert!(outcome.steps <= 2000);
        // An operation on a text can need more than its instruction.
        let is_text = |outcome: &Outcome| outcome.at().is_some_and(|pc| pc.ast_op.is_some());
        if outcome.limit() == Some(Limit::OutOfFuel) {
            let needs = file.cost(&file.instructions[outcome.at().unwrap().instruction]);
            prop_assert!(is_text(&outcome) || outcome.steps + needs > 2000);
        } else {
            let (same, exact) = run(&file, &fuel(outcome.steps));
            prop_assert_eq!((&same, &exact), (&output, &outcome));
        }
        let part = (outcome.steps as f64 * cut) as u64;
        if part < outcome.steps {
            let (less, cut) = run(&file, &fuel(part));
            prop_assert!(output.starts_with(&less));
            prop_assert_eq!(cut.limit(), Some(Limit::OutOfFuel));
            let needs = file.cost(&file.instructions[cut.at().unwrap().instruction]);
            prop_assert!(cut.steps <= part && (is_text(&cut) || cut.steps + needs > part));
        }
    }

    #[test]
    fn damaged_files_are_refused_or_run(
        numbers in numbers(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = sc::encode(&build(&numbers));
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cut {
            bytes.truncate(length.index(bytes.len()));
        }
        match sc::load_bytes("f.sc", bytes.clone(), &Options::default()) {
            Err(error) => prop_assert!(!error.diagnostics().is_empty()),
            Ok(program) => {
                sc::run(&program, &mut MemoryHost::default(), &fuel(1000));
                prop_assert_eq!(sc::assemble("f", &program.listing()).unwrap(), bytes);
            }
        }
    }

    #[test]
    fn damaged_texts_are_refused_or_assembled(
        numbers in numbers(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), "[ -~é\n]"), 1..6),
    ) {
        let mut text: Vec<char> = sc::disassemble("f", &sc::encode(&build(&numbers))).unwrap().chars().collect();
        for (at, new) in changes {
            if !text.is_empty() {
                let at = at.index(text.len());
                text[at] = new.chars().next().unwrap_or(' ');
            }
        }
        let text: String = text.into_iter().collect();
        if let Ok(bytes) = sc::assemble("f", &text) {
            let again = sc::disassemble("f", &bytes).unwrap();
            prop_assert_eq!(sc::assemble("f", &again).unwrap(), bytes);
        }
    }
}
