//! Disassembles a `.pyc` file and assembles the text, which restores its bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzzing::py_roundtrip(data));

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    conformance::fuzzing::mutate_python(data, size, max_size, seed, libfuzzer_sys::fuzzer_mutate)
});
