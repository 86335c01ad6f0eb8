#![no_main]

#[path = "../../tests/support/holds.rs"]
mod holds;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // Only the seeded test counts how often another judge was asked.
    holds::judge(data);
});
