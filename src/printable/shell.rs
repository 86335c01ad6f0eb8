//! Words for a POSIX shell, so that a command that is printed can be copied.

use super::escaped_line;

/// The longest word, in characters: as long as a path may be. A longer one is cut, and shows it.
const MOST_OF_A_WORD: usize = 4096;

/// A word for a shell, in quotes where it needs them.
pub fn shell_word(text: &str) -> String {
    let text = escaped_line(text, MOST_OF_A_WORD);
    let plain = |c: char| c.is_ascii_alphanumeric() || ":/._-%,@=+".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// A header field with a secret value: the shell takes the value from a variable, and stops if that is not set.
pub fn secret_field(name: &str) -> String {
    let mut variable: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    if variable.starts_with(|c: char| c.is_ascii_digit()) {
        variable.insert(0, '_');
    }
    format!("{}\"${{{variable}:?}}\"", shell_word(&format!("{name}: ")))
}
