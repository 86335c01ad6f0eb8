#![no_main]

#[path = "../../tests/support/holds.rs"]
mod holds;

libfuzzer_sys::fuzz_target!(|data: &[u8]| holds::json(data));
