//! Assembles any text of the Python machine, disassembles the result, and assembles that.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzzing::py_asm(data));

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    conformance::fuzzing::mutate_python(data, size, max_size, seed, libfuzzer_sys::fuzzer_mutate)
});
