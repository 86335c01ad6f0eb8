//! The marks by which a literal in a path says that it is no id, such as `no-such-job`.

/// How such a literal begins, in lower case.
const MARKS: &[&str] = &[
    "not-a-",
    "not-an-",
    "not_a_",
    "not_an_",
    "no-such-",
    "no_such_",
    "does-not-exist",
    "does_not_exist",
    "nonexistent",
];

/// Whether a literal begins with such a mark.
pub fn has_no_id_mark(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    MARKS.iter().any(|mark| lower.starts_with(mark))
}
