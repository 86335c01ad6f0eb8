//! How many values a file may hold: each takes some hundred bytes of memory until it is decoded, however short it is
//! written.

/// How many values a text may hold. Large documents have one value in 30 bytes or more, and one in 20 without white space.
pub(crate) fn most_values(text: &str) -> usize {
    const ANY: usize = 150_000;
    const BYTES: usize = 32;
    const DENSE: usize = 17;
    (ANY + text.len() / BYTES).max(text.len() / DENSE)
}

/// The message and the help for a text with more values.
pub(super) fn too_many(most: usize) -> (String, &'static str) {
    (format!("the file holds more than {most} values"), "Split it, or leave out what is not needed here.")
}
