//! The bodies of the fuzz targets. Each takes arbitrary bytes, and panics if it finds a bug. An input
//! that makes one panic is a program file, which `mmm run` can run and the corpus can keep.

use crate::campaign::mutation;
use crate::case::{Case, CaseLimits};
use crate::compare::{Verdict, exactly, within_limits};
use crate::engine::Ending;
use crate::engines::local::Local;
use crate::engines::reference::Reference;
use crate::generate::case_from_text;
use crate::generate::mmm::mutate::mutate_mmm;
use crate::generate::py::mutate::{mutate_cpyasm, mutate_pyc};
use crate::generate::sc::mutate::mutate_sc;
use crate::machine::Machine;
use mmm_reference_walk::walk;
use vm::py::pyc::Pyc;
use vm::py::text;

/// Limits that let a program do something, in a time for which a fuzzer can wait.
const LIMITS: CaseLimits = CaseLimits {
    fuel: Some(20_000),
    call_depth: None,
    output_bytes: Some(1 << 16),
    heap_bytes: Some(1 << 20),
};

/// Loads and runs bytes as source files.
///
/// # Panics
///
/// Panics if the machine's output is not accepted.
pub fn loader(data: &[u8]) {
    let case = case_from_text(Machine::Mmm, data);
    let seen = Local.observe(&case);
    assert_ne!(seen.ending, Ending::Garbled, "{seen:?}");
}

/// Decodes bytes as a file of the machine that the first bytes name, or otherwise as text, and encodes
/// it again.
///
/// # Panics
///
/// Panics if the bytes are different afterwards, or the machine and its reference disagree.
pub fn decoder(data: &[u8]) {
    match Machine::of_file("", data) {
        Some(Machine::Sc) => mutation::check(data, true),
        Some(Machine::Py) => pyc(data),
        Some(Machine::Mmm) | None => text_roundtrip(data),
    }
}

/// Reads bytes as a `.pyc` file, writes them, and walks random paths through verified code.
///
/// # Panics
///
/// Panics if the file changes when it is written and read again, or if a path of verified code uses
/// what does not exist.
pub fn pyc(data: &[u8]) {
    let Ok(pyc) = Pyc::read("fuzz.pyc", data) else {
        return;
    };
    let written = pyc.write();
    match Pyc::read("fuzz.pyc", &written) {
        Ok(again) => assert_eq!(again.write(), written),
        // A dict's last key without a value is dropped, so its parts may now be nested deeper.
        Err(refused) => assert!(refused.to_string().contains("nested"), "{refused:?}"),
    }
    let Ok(program) = vm::py::load_bytes("fuzz.pyc", data) else {
        return;
    };
    let mut state = data.iter().fold(1u64, |state, &byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    for shape in program.shapes.iter().take(100) {
        for _ in 0..8 {
            let way = walk(program.pool(), shape.code, 500, &mut random);
            assert_eq!(way, Ok(()), "{shape:?}");
        }
    }
}

/// Assembles bytes as text of the Python machine, and checks the file as [`pyc`] does.
///
/// # Panics
///
/// Panics if the disassembled file does not assemble to the same bytes.
pub fn py_asm(data: &[u8]) {
    if let Ok(assembled) = text::assemble("fuzz.cpyasm", data) {
        let bytes = assembled.write();
        check_round_trip(&bytes);
        pyc(&bytes);
    }
}

/// Disassembles bytes as a `.pyc` file and assembles the text again; assembles other bytes first.
///
/// # Panics
///
/// Panics if the bytes are different afterwards.
pub fn py_roundtrip(data: &[u8]) {
    match Machine::of_file("", data) {
        Some(Machine::Py) => check_round_trip(data),
        Some(Machine::Mmm | Machine::Sc) | None => py_asm(data),
    }
}

fn check_round_trip(bytes: &[u8]) {
    let Ok(pyc) = Pyc::read("fuzz.pyc", bytes) else {
        return;
    };
    let written = pyc.write();
    // A few files have no text form.
    let Ok(unit) = text::lift(pyc) else {
        return;
    };
    let printed = text::print(&unit);
    match text::assemble("fuzz.cpyasm", printed.as_bytes()) {
        Ok(again) => assert!(
            again.write() == written,
            "the text assembles to other bytes:\n{printed}"
        ),
        Err(errors) => panic!("the text does not assemble: {errors:?}\n{printed}"),
    }
}

/// Runs a text program on the machine and on its reference evaluator.
///
/// # Panics
///
/// Panics if their observations differ.
pub fn mmm_diff(data: &[u8]) {
    let case = case_from_text(Machine::Mmm, data);
    let expected = Reference.observe(&case);
    let found = Local.observe(&case);
    if let Verdict::Diverge(difference) = within_limits(&expected, &found) {
        panic!("{difference:?}\nreference: {expected:?}\nmachine: {found:?}");
    }
}

/// Runs a program of the `.Sc.` machine, binary or text, on the machine and on its reference evaluator.
///
/// # Panics
///
/// Panics if their observations differ.
pub fn sc_diff(data: &[u8]) {
    let name = match Machine::Sc.is_binary(data) {
        true => "main.sc",
        false => "main.sca",
    };
    let case = Case {
        limits: LIMITS,
        ..Case::single(Machine::Sc, name, data)
    };
    let expected = Reference.observe(&case);
    let found = Local.observe(&case);
    if let Verdict::Diverge(difference) = exactly(&expected, &found) {
        panic!("{difference:?}\nreference: {expected:?}\nmachine: {found:?}");
    }
}

/// Parses and prints bytes as a text program, and assembles and disassembles them as text of the
/// `.Sc.` machine.
///
/// # Panics
///
/// Panics if the program is different afterwards.
pub fn roundtrip(data: &[u8]) {
    text_roundtrip(data);
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(bytes) = vm::sc::assemble("fuzz.sca", text) {
        mutation::check(&bytes, true);
    }
}

fn text_roundtrip(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let Ok(file) = vm::mmm::parse("fuzz.mmm", text.to_owned()) else {
        return;
    };
    let printed = vm::mmm::print(&file);
    let again = match vm::mmm::parse("fuzz.mmm", printed.clone()) {
        Ok(again) => again,
        Err(errors) => panic!("the printed text does not parse: {errors:?}\n{printed}"),
    };
    assert_eq!(vm::mmm::print(&again), printed);
    // The debug form distinguishes all floats that a literal can have.
    assert_eq!(format!("{:?}", file.insns), format!("{:?}", again.insns));
    assert_eq!(file.pool, again.pool);
}

/// A fuzzer's own mutator: takes the buffer, the size of the input in it, and the largest size that the
/// input may have; returns the new size.
type Bytewise = fn(&mut [u8], usize, usize) -> usize;

/// Mutates the text of a program, mostly to another program, and one time in four by `bytewise`
/// (libFuzzer's own mutator). Returns the new size.
pub fn mutate_text(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    bytewise: Bytewise,
) -> usize {
    match is_bytewise(seed) {
        true => bytewise(data, size, max_size),
        false => mutate_mmm(data, size, max_size, seed),
    }
}

/// Mutates a binary file, mostly a field of it, so that it remains a file. Returns the new size.
pub fn mutate_binary(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    bytewise: Bytewise,
) -> usize {
    mutate(data, size, max_size, seed, bytewise, mutate_sc)
}

/// Mutates a `.pyc` file, or the text of one. Returns the new size.
pub fn mutate_python(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    bytewise: Bytewise,
) -> usize {
    mutate(data, size, max_size, seed, bytewise, mutate_cpyasm)
}

/// Returns true for one mutation in four.
fn is_bytewise(seed: u32) -> bool {
    seed.is_multiple_of(4)
}

/// Mutates a `.pyc` file as such, and other bytes by `otherwise`.
fn mutate(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    bytewise: Bytewise,
    otherwise: fn(&mut [u8], usize, usize, u32) -> usize,
) -> usize {
    match is_bytewise(seed) {
        true => bytewise(data, size, max_size),
        false if Machine::Py.is_binary(&data[..size]) => mutate_pyc(data, size, max_size, seed),
        false => otherwise(data, size, max_size, seed),
    }
}
