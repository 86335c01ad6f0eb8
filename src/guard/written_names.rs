//! The names that the requests of the suites write: a name in the path, query, fields or body of a POST, PUT or PATCH may
//! exist afterwards. So a literal with such a name cannot pass as the name of something that does not exist.

use std::collections::HashSet;

use crate::suite::has_no_id_mark;

/// The longest name, in bytes. A longer word is content.
const LONGEST: usize = 256;

/// Names that requests of the loaded suites write. Upper and lower case do not matter, as for the most lenient server.
#[derive(Debug, Default)]
pub struct WrittenNames {
    names: HashSet<Box<str>>,
    /// Texts that say that they are not ids, with values of the run in the gaps between the pieces.
    patterns: HashSet<Vec<Box<str>>>,
}

impl WrittenNames {
    /// Adds a text: as a whole, and every word in it.
    pub fn add(&mut self, text: &str) {
        let text = text.trim().to_lowercase();
        let words = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~')));
        let all = std::iter::once(text.as_str()).chain(words);
        self.names.extend(all.filter(|word| !word.is_empty() && word.len() <= LONGEST).map(Box::from));
    }

    /// Adds a text with values of the run between the pieces.
    pub fn add_with_gaps(&mut self, pieces: &[&str]) {
        for piece in pieces {
            self.add(piece);
        }
        // `no-such-{{user}}` makes such a name. `{{user}}-job` does not make `no-such-job`, so it is left out.
        if pieces.len() > 1 && pieces.first().is_some_and(|first| has_no_id_mark(first)) {
            self.patterns.insert(pieces.iter().map(|piece| piece.to_lowercase().into()).collect());
        }
    }

    /// Whether a decoded value is one of the names. `known` recognises values of the run, which may stand in the gaps.
    pub(super) fn has(&self, value: &str, known: impl Fn(&str) -> bool) -> bool {
        let value = value.trim().to_lowercase();
        self.names.contains(value.as_str()) || self.patterns.iter().any(|pieces| fits(&value, pieces, &known))
    }
}

/// Whether a text consists of these pieces with values of the run between them.
fn fits(text: &str, pieces: &[Box<str>], known: &impl Fn(&str) -> bool) -> bool {
    let Some((first, others)) = pieces.split_first() else { return false };
    let Some((last, between)) = others.split_last() else { return *text == **first };
    let Some(mut rest) = text.strip_prefix(&**first) else { return false };
    for piece in between {
        let Some((gap, after)) = rest.split_once(&**piece) else { return false };
        if !known(gap) {
            return false;
        }
        rest = after;
    }
    rest.strip_suffix(&**last).is_some_and(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_in_whatever_was_written() {
        let mut written = WrittenNames::default();
        written.add("buckets/No-Such-Bucket, and more");
        written.add_with_gaps(&["no-such-", "-end"]);
        written.add_with_gaps(&["", "-job"]);
        written.add_with_gaps(&["not-a-", "-", ""]);
        let known = |gap: &str| matches!(gap, "7" | "user-8");
        for name in
            ["no-such-bucket", "NO-SUCH-BUCKET", "buckets", "no-such-7-end", "No-Such-User-8-end", "not-a-7-user-8"]
        {
            assert!(written.has(name, known), "{name}");
        }
        for name in
            ["no-such-job", "7-job", "no-such-7-ends", "no-such-end", "no-such-9-end", "not-a-9-7", "bucket", ""]
        {
            assert!(!written.has(name, known), "{name}");
        }
    }
}
