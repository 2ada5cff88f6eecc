//! What the fuzz targets do with an input. Each takes any bytes whatever, and panics if it finds
//! something; whatever crashes it is a program file that `mmm run` takes and the corpus can keep.

use crate::campaign::mutation;
use crate::case::{Case, CaseLimits};
use crate::compare::{Verdict, exactly, within_limits};
use crate::engine::{Ending, Engine};
use crate::engines::local::Local;
use crate::engines::reference::Reference;
use crate::generate::case_from_text;
use crate::generate::mmm::mutate::mutate_mmm;
use crate::generate::py::mutate::{mutate_cpyasm, mutate_pyc};
use crate::generate::sc::mutate::mutate_sc;
use crate::machine::Machine;
use vm::py::pyc::{MAGIC, Pyc};
use vm::py::text;
use vm::py::walk::walk;

/// Enough for a program to do something, and little enough for a fuzzer to wait for.
const LIMITS: CaseLimits = CaseLimits {
    fuel: Some(20_000),
    call_depth: None,
    output_bytes: Some(1 << 16),
    heap_bytes: Some(1 << 20),
};

/// Any bytes as source files: loading and running them ends, in an outcome or a refusal.
pub fn loader(data: &[u8]) {
    let case = case_from_text(Machine::Mmm, data);
    let seen = Local.observe(&case);
    assert_ne!(seen.ending, Ending::Garbled, "{seen:?}");
}

/// Any bytes as a file of the machine that its first bytes name, or else as text.
pub fn decoder(data: &[u8]) {
    match Machine::of_file("", data) {
        Some(Machine::Sc) => mutation::check(data, true),
        Some(Machine::Py) => pyc(data),
        Some(Machine::Mmm) | None => text_roundtrip(data),
    }
}

/// A `.pyc` file: what was read and written reads and writes as the same; what the verifier accepts
/// harms no machine, whichever way it goes.
pub fn pyc(data: &[u8]) {
    let Ok(pyc) = Pyc::read("fuzz.pyc", data) else {
        return;
    };
    let written = pyc.write();
    match Pyc::read("fuzz.pyc", &written) {
        Ok(again) => assert_eq!(again.write(), written),
        // A dict's last key without a value is dropped; what it held may now lie deeper.
        Err(refused) => assert!(
            refused.message.contains("deep in each other"),
            "{refused:?}"
        ),
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

/// Any bytes as text of the Python machine: what assembles is a file that reads as it was written,
/// and comes apart into text that stands for the same bytes.
pub fn py_asm(data: &[u8]) {
    if let Ok(assembled) = text::assemble("fuzz.cpyasm", data) {
        let bytes = assembled.write();
        py_there_and_back(&bytes);
        pyc(&bytes);
    }
}

/// A `.pyc` file, taken apart and put together again, is the same bytes, and so is its text.
pub fn py_roundtrip(data: &[u8]) {
    match Machine::of_file("", data) {
        Some(Machine::Py) => py_there_and_back(data),
        Some(Machine::Mmm | Machine::Sc) | None => py_asm(data),
    }
}

fn py_there_and_back(bytes: &[u8]) {
    let Ok(pyc) = Pyc::read("fuzz.pyc", bytes) else {
        return;
    };
    let written = pyc.write();
    // A few files have no text, and say why.
    let Ok(unit) = text::lift(pyc) else {
        return;
    };
    let printed = text::print(&unit);
    match text::assemble("fuzz.cpyasm", printed.as_bytes()) {
        Ok(again) => assert!(
            again.write() == written,
            "comes back as other bytes:\n{printed}"
        ),
        Err(errors) => panic!("what was printed does not assemble: {errors:?}\n{printed}"),
    }
}

/// A program on the machine and on its reference: they see the same.
pub fn mmm_diff(data: &[u8]) {
    let case = case_from_text(Machine::Mmm, data);
    let expected = Reference.observe(&case);
    let found = Local.observe(&case);
    if let Verdict::Diverge(difference) = within_limits(&expected, &found) {
        panic!("{difference:?}\nreference: {expected:?}\nmachine: {found:?}");
    }
}

/// A program of the binary machine, in bytes or in text, on it and on its reference.
pub fn sc_diff(data: &[u8]) {
    let name = match data.starts_with(b".Sc.") {
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

/// What was parsed and printed parses as the same, and prints the same again; what was assembled
/// and taken apart assembles to the same bytes.
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
        Err(errors) => panic!("what was printed does not parse: {errors:?}\n{printed}"),
    };
    assert_eq!(vm::mmm::print(&again), printed);
    // Debug tells floats apart by every bit that matters, and NaN is no literal.
    assert_eq!(format!("{:?}", file.insns), format!("{:?}", again.insns));
    assert_eq!(file.pool, again.pool);
}

/// A fuzzer's own change: the buffer, how much of it is the input, how large that may become; how
/// large it became.
type Bytewise = fn(&mut [u8], usize, usize) -> usize;

/// Changes program text as a fuzzer wants it: mostly as text that makes sense, now and then as
/// bytes, by `bytewise` (libFuzzer's own).
pub fn mutate_text(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    bytewise: Bytewise,
) -> usize {
    match is_for_bytes(seed) {
        true => bytewise(data, size, max_size),
        false => mutate_mmm(data, size, max_size, seed),
    }
}

/// The same for a binary file: mostly field by field, so that it stays a file.
pub fn mutate_binary(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    bytewise: Bytewise,
) -> usize {
    changed(data, size, max_size, seed, bytewise, mutate_sc)
}

/// The same for a `.pyc` file, and for what stands for one as text.
pub fn mutate_python(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    bytewise: Bytewise,
) -> usize {
    changed(data, size, max_size, seed, bytewise, mutate_cpyasm)
}

/// One change in four is.
fn is_for_bytes(seed: u32) -> bool {
    seed.is_multiple_of(4)
}

/// Changes a `.pyc` file as one, and what is none by `otherwise`.
fn changed(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    bytewise: Bytewise,
    otherwise: fn(&mut [u8], usize, usize, u32) -> usize,
) -> usize {
    match is_for_bytes(seed) {
        true => bytewise(data, size, max_size),
        false if data[..size].starts_with(&MAGIC) => mutate_pyc(data, size, max_size, seed),
        false => otherwise(data, size, max_size, seed),
    }
}
