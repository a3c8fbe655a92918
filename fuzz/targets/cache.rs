#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| purposelint_fuzz::cache::run(data));
