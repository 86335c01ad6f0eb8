//! What was left behind, a line each, for a door that has no report to put it in.

use crate::outcome::LeftBehind;
use crate::printable::escaped_line;

/// How much of an id, a name or a user is shown, in characters.
const NAME: usize = 100;
/// How much of a sentence is shown.
const SENTENCE: usize = 500;

/// A line for each, which no text of a target can break.
pub fn left_behind_lines(left: &[LeftBehind]) -> String {
    left.iter().fold(String::new(), |text, one| {
        let LeftBehind { state, id, user, case, reason } = one;
        let id = if id.is_empty() { "with an unknown id".to_owned() } else { escaped_line(id, NAME) };
        let (state, user, case) =
            (escaped_line(state, NAME), escaped_line(user, NAME), escaped_line(LeftBehind::purpose(case), NAME));
        text + &format!("left behind: {state} {id} of {user} ({case}): {}\n", escaped_line(reason, SENTENCE))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_one_line() {
        let one = |id: &str| LeftBehind {
            state: "job".to_owned(),
            id: id.to_owned(),
            user: "me".to_owned(),
            case: "jobs/cancel".to_owned(),
            reason: "it answered\n500".to_owned(),
        };
        let text = left_behind_lines(&[one("a\u{1b}[2J\n::error::"), one("")]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines[0], "left behind: job a\\x1b[2J\\n::error:: of me (jobs/cancel): it answered\\n500");
        assert!(lines[1].starts_with("left behind: job with an unknown id of me"), "{text}");
    }
}
