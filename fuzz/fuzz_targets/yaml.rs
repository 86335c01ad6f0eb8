#![no_main]

#[path = "../../tests/support/holds.rs"]
mod holds;

libfuzzer_sys::fuzz_target!(|text: &str| holds::yaml_text(text));
