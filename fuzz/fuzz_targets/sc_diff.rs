//! Runs a binary program on the machine and on its reference evaluator, and compares.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzzing::sc_diff(data));

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    conformance::fuzzing::mutate_binary(data, size, max_size, seed, libfuzzer_sys::fuzzer_mutate)
});
