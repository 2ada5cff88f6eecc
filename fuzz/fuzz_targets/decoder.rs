//! Any bytes as a binary or text file of any machine.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzzing::decoder(data));
