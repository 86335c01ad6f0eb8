#![no_main]

#[path = "../../tests/support/holds.rs"]
mod holds;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // Whether another judge was asked matters only to whoever counts.
    holds::judge(data);
});
