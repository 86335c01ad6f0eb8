//! What looking for secrets costs in the texts of a hostile server.

use std::time::Instant;

use super::Secrets;
use super::search::STEPS;

/// As many secrets as a large suite may have, all with one beginning, as keys of one product have.
fn fifty() -> Secrets {
    let mut secrets = Secrets::none();
    for number in 0..50 {
        secrets.add(
            &format!("key {number}"),
            &format!("app-Key/of+a \"{number:02}\" \\ product&more {:08x}", number * 7919),
        );
    }
    secrets
}

/// Texts that make a search go far and find nothing, each about as long as it is asked to be.
fn hostile(length: usize) -> Vec<(&'static str, Vec<u8>)> {
    let near = "app-Key/of+a \"07\" \\ product&more 0000d874";
    let each = |write: &dyn Fn(char) -> String| near.chars().fold(String::new(), |text, c| text + &write(c));
    let percent = each(&|c| format!("%{:02x}", u32::from(c)));
    let json = each(&|c| format!("\\u{:04x}", u32::from(c)));
    let html = each(&|c| format!("&#{};", u32::from(c)));
    let mixed = each(&|c| if c == '\\' { "\\\\".to_owned() } else { format!("\\u{:04x}", u32::from(c)) });
    [
        ("JSON escapes", "\\u001b".to_owned()),
        ("percent signs", "%25".to_owned()),
        ("backslashes", "\\".to_owned()),
        ("half references", "&#x".to_owned()),
        ("plus signs and spaces", "+ %20".to_owned()),
        ("the common beginning", "app-".to_owned()),
        ("the common beginning, percent-encoded", "%61%70%70%2d".to_owned()),
        ("a near miss", near.to_owned()),
        ("a near miss, percent-encoded", percent),
        ("a near miss in JSON", json),
        ("a near miss in HTML", html),
        ("a near miss, escaped twice", mixed),
        ("its base64", "YXBwLUtleS9vZithICI".to_owned()),
        ("its digits", "6170702d4b65792f6f66".to_owned()),
        ("plain text", "The quick brown fox jumps over the lazy dog, \"id\": 12345, ".to_owned()),
    ]
    .map(|(what, part)| (what, part.bytes().cycle().take(length).collect()))
    .into()
}

#[test]
fn work_grows_with_the_text_and_not_with_what_it_is_made_of() {
    /// How many bytes are compared for one of the text at most: a near miss is read about twice, escapes in two ways.
    const MOST: u64 = 8;
    let secrets = fifty();
    let steps = |text: &[u8]| {
        STEPS.set(0);
        assert!(secrets.find(text).ranges.is_empty());
        STEPS.get()
    };
    for ((what, small), (_, large)) in hostile(8 * 1024).iter().zip(hostile(32 * 1024)) {
        let (few, many) = (steps(small), steps(&large));
        assert!(many <= few * 4 + few / 10 + 64, "{what}: {few} steps became {many}");
        assert!(many <= MOST * large.len() as u64, "{what}: {many} steps for {} bytes", large.len());
    }
    // Ten times as many secrets with the same beginning cost the same.
    let mut many = Secrets::none();
    for number in 0..500 {
        many.add("k", &format!("app-Key/of+a \"{number:03}\" \\ product&more"));
    }
    for (what, text) in hostile(8 * 1024) {
        STEPS.set(0);
        many.find(&text);
        assert!(STEPS.get() <= MOST * text.len() as u64, "{what}: {} steps", STEPS.get());
    }
}

#[test]
fn what_could_be_read_in_many_ways_is_read_in_some() {
    // Each pair of backslashes may be one or two of the value's.
    let mut secrets = Secrets::none();
    secrets.add("k", &format!("{}end", "\\".repeat(64)));
    STEPS.set(0);
    let text = "\\".repeat(4 * 1024).into_bytes();
    assert!(secrets.find(&text).ranges.is_empty());
    assert!(STEPS.get() <= 64 * 2 * 64 * text.len() as u64, "{} steps", STEPS.get());
}

/// Prints what a mebibyte of each text costs: `cargo test --lib --release secret::cost -- --ignored --nocapture`.
#[test]
#[ignore = "it measures, and proves nothing"]
#[allow(clippy::print_stdout, reason = "its figures are what it is for")]
fn what_a_mebibyte_costs() {
    let secrets = fifty();
    let small = hostile(256 * 1024);
    for ((what, small), (_, large)) in small.iter().zip(hostile(1024 * 1024)) {
        let time = |text: &[u8]| {
            let start = Instant::now();
            assert!(secrets.find(text).ranges.is_empty(), "{what}");
            start.elapsed()
        };
        let (small, large) = (time(small), time(&large));
        println!("{what:40} {large:9.1?}, {:.1} times a quarter of it", large.as_secs_f64() / small.as_secs_f64());
    }
}
