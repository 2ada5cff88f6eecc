//! Prints a parsed program and parses the text, which gives the same program.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzzing::roundtrip(data));

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    conformance::fuzzing::mutate_text(data, size, max_size, seed, libfuzzer_sys::fuzzer_mutate)
});
