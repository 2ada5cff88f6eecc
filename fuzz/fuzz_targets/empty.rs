//! Nothing: how fast libFuzzer itself is, to measure the others beside.
#![no_main]

libfuzzer_sys::fuzz_target!(|_data: &[u8]| {});
