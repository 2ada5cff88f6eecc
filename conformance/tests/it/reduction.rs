//! What the reducer promises: that nothing can be taken away from its results, that they are the
//! same each time, that no candidate runs twice, and that findings become small.
//!
//! `cargo test -p mmm-conformance --test it reduction:: -- --nocapture` prints the sizes.

use conformance::case::{Case, CaseLimits};
use conformance::compare::{Difference, Kind, Verdict, within_limits};
use conformance::engine::{Ending, Observation};
use conformance::engines::reference::lowered;
use conformance::generate::sc::file::{Constant, File, Insn, Op};
use conformance::generate::{Aim, Entropy, generator};
use conformance::machine::Machine;
use conformance::reduce::{
    Options, Predicate, Size, neighbours, reduce, reduce_together, reduce_with,
};
use conformance::reference;
use std::collections::HashSet;
use vm::py::insn::Op as PyOp;
use vm::py::object::Id;
use vm::py::pyc::Pyc;
use vm::py::wordcode::decode;

/// A way to get a program wrong, by taking it for another one.
enum Mistake {
    /// Of the lines of an `mmm` program: mnemonic and operand become others.
    Line(fn(&str, &str) -> Option<String>),
    /// Of what a file of the sc machine holds.
    File(fn(&mut File)),
    /// Of what comes of it.
    Outcome(fn(&mut Observation)),
}

use Mistake::{File as OfFile, Line as OfLine, Outcome as OfOutcome};

/// How the reference with a mistake sees a case.
fn mistaken(case: &Case, mistake: &Mistake) -> Observation {
    match mistake {
        Mistake::Outcome(change) => {
            let mut seen = reference::run(&assembled(case)).observation;
            change(&mut seen);
            seen
        }
        Mistake::Line(change) => {
            let mut case = case.clone();
            for bytes in case.files.values_mut() {
                let Ok(text) = std::str::from_utf8(bytes) else {
                    continue;
                };
                let lines = text.lines().map(|line| {
                    let (mnemonic, operand) =
                        line.trim().split_once(' ').unwrap_or((line.trim(), ""));
                    change(mnemonic, operand).unwrap_or_else(|| line.to_owned())
                });
                *bytes = lines.collect::<Vec<String>>().join("\n").into_bytes();
            }
            reference::run(&case).observation
        }
        Mistake::File(change) => {
            let mut case = assembled(case);
            if let Some(bytes) = case.files.get_mut(&case.entry)
                && let Some(mut file) = File::decode(bytes)
            {
                change(&mut file);
                *bytes = file.encode();
            }
            reference::run(&case).observation
        }
    }
}

fn assembled(case: &Case) -> Case {
    lowered(case).map_or_else(|_| case.clone(), |case| case.into_owned())
}

/// In what way the mistake shows: what differs, and how each of the two ends, if it shows in that.
type Way = (Kind, Option<[(Ending, Option<String>); 2]>);

fn disagreement(case: &Case, mistake: &Mistake) -> Option<Way> {
    let mut case = assembled(case);
    // What is taken away may be the end of a loop.
    case.limits.fuel.get_or_insert(20_000);
    let expected = reference::run(&case).observation;
    let found = mistaken(&case, mistake);
    let ends = [&expected, &found].map(|seen| (seen.ending, seen.fault.clone()));
    let tells = ends[0] != ends[1] && ends.iter().all(|(ending, _)| *ending != Ending::Limited);
    match within_limits(&expected, &found) {
        Verdict::Diverge(Difference { kind, .. }) => Some((kind, tells.then_some(ends))),
        Verdict::Agree | Verdict::Inconclusive(_) => None,
    }
}

/// The first programs of a seed that show a mistake.
fn findings(machine: Machine, mistake: &Mistake, count: usize) -> Vec<(Case, Way)> {
    let generator = generator(machine).expect("there is a generator");
    let cases = (0..20_000).map(|number| {
        let generated = (generator.generate)(Entropy::seeded(3, number), Aim::Any);
        generated.case
    });
    let shown = cases.filter_map(|case| disagreement(&case, mistake).map(|way| (case, way)));
    shown.take(count).collect()
}

fn word(mnemonic: &str, operand: &str, by: &str) -> Option<String> {
    let is = |(known, wanted): (&str, &str)| known == mnemonic && wanted == operand;
    let (from, to) = by.split_once(" => ")?;
    is(from.split_once(' ').unwrap_or((from, ""))).then(|| to.to_owned())
}

const MMM: &[(&str, Mistake)] = &[
    ("- adds", OfLine(|m, o| word(m, o, "bin_op - => bin_op +"))),
    ("* adds", OfLine(|m, o| word(m, o, "bin_op * => bin_op +"))),
    ("/ is %", OfLine(|m, o| word(m, o, "bin_op / => bin_op %"))),
    ("% is /", OfLine(|m, o| word(m, o, "bin_op % => bin_op /"))),
    (
        "void does nothing",
        OfLine(|m, o| word(m, o, "void => nop")),
    ),
    ("pop empties", OfLine(|m, o| word(m, o, "pop => void"))),
    ("ret does nothing", OfLine(|m, o| word(m, o, "ret => nop"))),
    (
        "the stack has size 1",
        OfLine(|m, o| word(m, o, "stack_size => int 1")),
    ),
    (
        "printn 0 prints all",
        OfLine(|m, o| word(m, o, "printn 0 => printn *")),
    ),
    (
        "printn * prints one",
        OfLine(|m, o| word(m, o, "printn * => printn 0")),
    ),
    (
        "calls do nothing",
        OfLine(|m, _| (m == "call").then(|| "nop".to_owned())),
    ),
    (
        "a Float is whole",
        OfLine(|m, o| {
            let value = o.parse::<f64>().ok().filter(|_| m == "float")?;
            value
                .is_finite()
                .then(|| format!("float {:.0}", value.trunc()))
        }),
    ),
    (
        "a Byte has seven bits",
        OfLine(|m, o| {
            let value = u8::from_str_radix(o.strip_prefix("0b")?, 2).ok()?;
            Some(format!("{m} 0b{:b}", value & 127))
        }),
    ),
    (
        "a Str ends at a backslash",
        OfLine(|m, o| {
            let (head, _) = o.split_once('\\').filter(|_| m == "string")?;
            Some(format!("string {head}\""))
        }),
    ),
    (
        "an Int is never the least",
        OfLine(|m, o| {
            let least = m == "int" && o == "-2147483648";
            least.then(|| "int -2147483647".to_owned())
        }),
    ),
    ("no overflow", OfOutcome(|seen| forget(seen, "overflow"))),
    (
        "no mismatch",
        OfOutcome(|seen| forget(seen, "type-mismatch")),
    ),
    (
        "any stack will do",
        OfOutcome(|seen| forget(seen, "stack-size")),
    ),
    (
        "any index will do",
        OfOutcome(|seen| forget(seen, "out-of-range")),
    ),
    (
        "any literal will do",
        OfOutcome(|seen| forget(seen, "bad-literal")),
    ),
    (
        "bad files are missing",
        OfOutcome(|seen| rename(seen, "bad-file", "file-access")),
    ),
    (
        "unknown is missing",
        OfOutcome(|seen| rename(seen, "unknown-function", "file-access")),
    ),
];

fn forget(seen: &mut Observation, fault: &str) {
    if seen.fault.as_deref() == Some(fault) {
        seen.ending = Ending::Returned;
        seen.fault = None;
    }
}

fn rename(seen: &mut Observation, fault: &str, other: &str) {
    if seen.fault.as_deref() == Some(fault) {
        seen.fault = Some(other.to_owned());
    }
}

/// Takes one operator for another.
fn operators(file: &mut File, from: u8, to: u8) {
    for op in file.asts.iter_mut().flat_map(|ast| &mut ast.ops) {
        if *op == Op::Operator(from) {
            *op = Op::Operator(to);
        }
    }
}

fn jumps(file: &mut File, stop_only: bool) {
    for at in 0..file.insns.len() {
        if let Insn::Jump(to) = file.insns[at] {
            file.insns[at] = match file.insns.get_mut(to as usize) {
                Some(Insn::End(head)) if stop_only => Insn::Jump(*head),
                Some(head) if !stop_only => Insn::Jump(head.target().map_or(to, |end| *end)),
                _ => Insn::Jump(to),
            };
        }
    }
}

fn constants(file: &mut File, change: fn(&mut Constant)) {
    file.constants.iter_mut().for_each(change);
}

fn loops(file: &mut File, change: fn(&mut [u64; 4])) {
    for insn in &mut file.insns {
        if let Insn::For(fields) = insn {
            change(fields);
        }
    }
}

const SC: &[(&str, Mistake)] = &[
    ("sub adds", OfFile(|file| operators(file, 0x05, 0x03))),
    ("mul adds", OfFile(|file| operators(file, 0x04, 0x03))),
    ("div is mod", OfFile(|file| operators(file, 0x06, 0x07))),
    ("mod is div", OfFile(|file| operators(file, 0x07, 0x06))),
    ("lt is le", OfFile(|file| operators(file, 0x0a, 0x0b))),
    ("le is lt", OfFile(|file| operators(file, 0x0b, 0x0a))),
    ("gt is ge", OfFile(|file| operators(file, 0x0c, 0x0d))),
    ("ge is gt", OfFile(|file| operators(file, 0x0d, 0x0c))),
    ("eq is ge", OfFile(|file| operators(file, 0x08, 0x0d))),
    ("and is or", OfFile(|file| operators(file, 0x0f, 0x10))),
    ("or is and", OfFile(|file| operators(file, 0x10, 0x0f))),
    ("stop proceeds", OfFile(|file| jumps(file, true))),
    ("proceed stops", OfFile(|file| jumps(file, false))),
    (
        "for ends at once",
        OfFile(|file| loops(file, |fields| fields[2] = fields[1])),
    ),
    (
        "for starts at its end",
        OfFile(|file| loops(file, |fields| fields.swap(1, 2))),
    ),
    (
        "no negative zero",
        OfFile(|file| {
            constants(file, |constant| {
                if *constant == Constant::Float(1 << 63) {
                    *constant = Constant::Float(0);
                }
            })
        }),
    ),
    (
        "ints have 63 bits",
        OfFile(|file| {
            constants(file, |constant| {
                if let Constant::Int(value) = constant {
                    *value = *value << 1 >> 1;
                }
            })
        }),
    ),
    (
        "texts are ASCII",
        OfFile(|file| {
            constants(file, |constant| {
                if let Constant::Str(text) = constant {
                    *text = text.replace(|c: char| !c.is_ascii(), "?");
                }
            })
        }),
    ),
    ("no overflow", OfOutcome(|seen| forget(seen, "overflow"))),
    (
        "no mismatch",
        OfOutcome(|seen| forget(seen, "type-mismatch")),
    ),
    ("no zero", OfOutcome(|seen| forget(seen, "divide-by-zero"))),
    (
        "unset is nil",
        OfOutcome(|seen| forget(seen, "unset-variable")),
    ),
    ("any arity will do", OfOutcome(|seen| forget(seen, "arity"))),
    (
        "any text is a number",
        OfOutcome(|seen| forget(seen, "bad-value")),
    ),
];

/// Reduces findings of every mistake, and looks at what they become.
#[track_caller]
fn check_findings(machine: Machine, mistakes: &[(&str, Mistake)], most: f64) {
    const EACH: usize = 2;
    let mut sizes = Vec::new();
    let mut tries = Vec::new();
    for (name, mistake) in mistakes {
        let found = findings(machine, mistake, EACH);
        assert!(!found.is_empty(), "{name}: no program shows it");
        for (case, way) in found {
            let same = |case: &Case| disagreement(case, mistake).as_ref() == Some(&way);
            let mut run = HashSet::new();
            let mut interesting = |case: &Case| {
                let candidate = (case.files.clone(), format!("{:?}", case.limits));
                assert!(run.insert(candidate), "{name}: a candidate runs twice");
                same(case)
            };
            let mut quiet = |_: conformance::reduce::Progress| {};
            let reduced = reduce_with(&case, &Options::default(), &mut interesting, &mut quiet);
            let reduced = reduced.expect("it disagrees");
            let small = &reduced.case;
            let size = Size::of(small, false).instructions.expect("a program");
            let text = String::from_utf8_lossy(&small.files[&small.entry]).into_owned();
            println!(
                "{name}: {size} instructions, {} tries\n{text}",
                reduced.tried
            );
            sizes.push(size as f64);
            tries.push(reduced.tried as f64);
            assert_eq!(
                reduce(&case, &mut |case| same(case)).as_ref(),
                Some(small),
                "{name}"
            );
            let left = neighbours(small, false).find(|case| same(case));
            assert_eq!(left, None, "{name}: it is not minimal:\n{text}");
        }
    }
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    println!(
        "{machine}: {} findings, on average {:.1} instructions after {:.0} tries",
        sizes.len(),
        mean(&sizes),
        mean(&tries)
    );
    assert!(mean(&sizes) <= most, "{sizes:?}");
}

#[test]
fn findings_of_mmm_become_small() {
    check_findings(Machine::Mmm, MMM, 6.0);
}

#[test]
fn findings_of_sc_become_small() {
    check_findings(Machine::Sc, SC, 6.0);
}

/// The first cases of the corpus that load and have an operation, and the operation.
fn with_operations() -> Vec<(Case, PyOp)> {
    let cases = conformance::corpus::embedded().into_iter();
    let cases = cases.filter(|case| case.machine == Machine::Py);
    let mut known = HashSet::new();
    let mut found = Vec::new();
    for case in cases.filter(|case| operations(case).is_some()) {
        for op in operations(&case).into_iter().flatten() {
            if known.insert(op) {
                found.push((case.clone(), op));
            }
        }
    }
    found
}

/// The operations in the code objects of a program that loads, the text or binary form of one.
fn operations(case: &Case) -> Option<Vec<PyOp>> {
    let bytes = case.files.get(&case.entry)?;
    let pyc = match case.entry.ends_with(".pyc") {
        true => Pyc::read("", bytes).ok()?,
        false => vm::py::text::assemble("", bytes).ok()?,
    };
    let (pool, main) = (&pyc.pool, pyc.code);
    vm::py::check::check(pool, main).ok()?;
    let codes = (0..pool.len() as u32).filter_map(|id| pool.code(Id(id)));
    let insns = codes.flat_map(|code| decode(pool.bytes(code.code).unwrap_or_default()));
    Some(insns.filter_map(|insn| Some(insn.ok()?.op)).collect())
}

#[test]
fn python_becomes_small_and_stays_valid() {
    let mut sizes = Vec::new();
    for (number, (case, op)) in with_operations().into_iter().enumerate() {
        // Binary files as well as text.
        let case = match number % 2 {
            0 => assembled(&case),
            _ => case,
        };
        let has = |case: &Case| {
            let found = operations(case).expect("only what loads is run");
            found.contains(&op)
        };
        let mut run = HashSet::new();
        let mut interesting = |case: &Case| {
            assert!(
                run.insert((case.files.clone(), format!("{:?}", case.limits))),
                "{op}: a candidate runs twice"
            );
            has(case)
        };
        let mut quiet = |_: conformance::reduce::Progress| {};
        let reduced = reduce_with(&case, &Options::default(), &mut interesting, &mut quiet);
        let small = reduced.expect("it has the operation").case;
        let size = Size::of(&small, false).instructions.expect("a program");
        println!(
            "{op}: {size} instructions, {} tries, {}",
            run.len(),
            small.entry
        );
        sizes.push(size as f64);
        let form = |case: &Case| case.entry.rsplit_once('.').map(|(_, form)| form.to_owned());
        assert_eq!(form(&small), form(&case));
        let left = neighbours(&small, false).find(|case| has(case));
        assert_eq!(left, None, "{op}: it is not minimal: {small:?}");
    }
    let mean = sizes.iter().sum::<f64>() / sizes.len() as f64;
    println!(
        "py: {} programs, on average {mean:.1} instructions",
        sizes.len()
    );
    assert!(sizes.len() > 100 && mean <= 8.0, "{sizes:?}");
}

#[test]
fn how_many_judges_there_are_makes_no_difference() {
    for (machine, mistakes) in [(Machine::Mmm, &MMM[..3]), (Machine::Sc, &SC[..3])] {
        for (number, (name, mistake)) in mistakes.iter().enumerate() {
            let (case, way) = findings(machine, mistake, 1).remove(0);
            let alone = reduce_with(
                &case,
                &Options::default(),
                &mut |case| disagreement(case, mistake).as_ref() == Some(&way),
                &mut |_| {},
            );
            let alone = alone.expect("it disagrees");
            let hire = || -> Predicate {
                let way = way.clone();
                Box::new(move |case| {
                    disagreement(case, &mistakes_of(machine)[number].1) == Some(way.clone())
                })
            };
            let together =
                reduce_together(&case, &Options::default(), 5, &hire, &mut |_| {}).expect(name);
            assert_eq!(together.case, alone.case, "{name}");
            assert_eq!(together.tried, alone.tried, "{name}");
        }
    }
}

fn mistakes_of(machine: Machine) -> &'static [(&'static str, Mistake)] {
    match machine {
        Machine::Mmm => MMM,
        Machine::Sc | Machine::Py => SC,
    }
}

/// What becomes of a program whose run a limit ends.
#[test]
fn limits_become_small_with_the_program() {
    let lines = "    int 7\n    printn *\n    void\n".repeat(9);
    let text = format!("function main\n{lines}end\n");
    let mut case = Case::single(Machine::Mmm, "main.mmm", text);
    case.limits.fuel = Some(19);
    let mut limited = |case: &Case| {
        let seen = reference::run(case).observation;
        let more = reference::run(&Case {
            limits: CaseLimits {
                fuel: case.limits.fuel.map(|fuel| fuel + 1),
                ..case.limits
            },
            ..case.clone()
        });
        seen.ending == Ending::Limited && more.observation.output != seen.output
    };
    let small = reduce(&case, &mut limited).expect("one more would print");
    assert_eq!(Size::of(&small, false).instructions, Some(2), "{small:?}");
    assert_eq!(small.limits.fuel, Some(1));
}
