//! What came of `clean`, for people: a line each, what is left last. And which journals there are.

use std::fmt::Write as _;
use std::path::Path;

use crate::object::journal::FoundJournal;
use crate::outcome::{CleanUpResult, Cleaned, LeftBehind, Remnant};
use crate::printable::escaped_line;

/// How much of an id, a name or a user is shown, in characters.
const NAME: usize = 100;
/// How much of a sentence is shown.
const SENTENCE: usize = 500;

/// The whole of what `clean` prints.
pub fn cleaned(cleaned: &Cleaned) -> String {
    let Cleaned { run, started, target, journal, remnants, interrupted } = cleaned;
    let mut page = format!(
        "target: {}\njournal: {}, of the run {} that began on {}\n\n",
        escaped_line(target, SENTENCE),
        escaped_line(journal, SENTENCE),
        escaped_line(run, NAME),
        escaped_line(started, NAME)
    );
    let mut count = |word: &str, wanted: fn(&CleanUpResult) -> bool| {
        let some: Vec<&Remnant> = remnants.iter().filter(|one| wanted(&one.result)).collect();
        for one in &some {
            page.push_str(&remnant_line(word, one));
        }
        some.len()
    };
    let removed = count("removed", |result| *result == CleanUpResult::Removed);
    let gone = count("gone already", |result| *result == CleanUpResult::Gone);
    let left = count("LEFT", |result| matches!(result, CleanUpResult::Left(_)));
    let mut sums = vec![format!("{removed} removed")];
    sums.extend((gone > 0).then(|| format!("{gone} gone already")));
    sums.extend((left > 0).then(|| format!("{left} left")));
    let blank = if remnants.is_empty() { "" } else { "\n" };
    let word = if *interrupted { "interrupted: " } else { "" };
    let end = if left > 0 {
        format!("the journal stays; once what is left is gone, remove {}", escaped_line(journal, SENTENCE))
    } else {
        "nothing is left, and the journal is removed".to_owned()
    };
    page + blank + word + &sums.join(", ") + "\n" + &end + "\n"
}

/// The journals in a folder, a line each, and how to remove what they list.
pub fn journals(folder: &Path, found: &[FoundJournal]) -> String {
    let folder = escaped_line(&folder.display().to_string(), SENTENCE);
    if found.is_empty() {
        return format!(
            "no journal of a run that has ended is in {folder}; a run with --journal or CONFORMANT_JOURNAL keeps its journal \
             where that says\n"
        );
    }
    let mut page = format!("journals of runs that have ended, in {folder}:\n");
    for FoundJournal { path, target, started, listed } in found {
        let objects = if *listed == 1 { "1 object" } else { &format!("{listed} objects") };
        let _ = writeln!(
            page,
            "  {}: {objects}, made on {} at {}",
            escaped_line(&path.display().to_string(), SENTENCE),
            escaped_line(started, NAME),
            escaped_line(target, SENTENCE)
        );
    }
    page + "to remove what a journal lists, run `conformant clean FILE` with the suites, the target and the keys of its run\n"
}

fn remnant_line(word: &str, one: &Remnant) -> String {
    let Remnant { state, id, user, case, result } = one;
    let id = id.as_ref().map_or_else(|| "with an unknown id".to_owned(), |id| escaped_line(id, NAME));
    let (state, user, case) =
        (escaped_line(state, NAME), escaped_line(user, NAME), escaped_line(LeftBehind::purpose(case), NAME));
    let reason = match result {
        CleanUpResult::Left(reason) => format!(": {}", escaped_line(reason, SENTENCE)),
        CleanUpResult::Removed | CleanUpResult::Gone => String::new(),
    };
    format!("  {word:12}  {state} {id} of {user} ({case}){reason}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_became_of_each() {
        let one = |id: Option<&str>, result| Remnant {
            state: "job".to_owned(),
            id: id.map(str::to_owned),
            user: "me".to_owned(),
            case: "jobs/cancel".to_owned(),
            result,
        };
        let mut all = Cleaned {
            run: "abc".to_owned(),
            started: "2026-01-31".to_owned(),
            target: "http://x.test".to_owned(),
            journal: "a.journal".to_owned(),
            remnants: vec![
                one(None, CleanUpResult::Left("nobody\nsaid".to_owned())),
                one(Some("\u{1b}[2J1"), CleanUpResult::Removed),
                one(Some("2"), CleanUpResult::Gone),
            ],
            interrupted: false,
        };
        let page = "target: http://x.test\njournal: a.journal, of the run abc that began on 2026-01-31\n\n  \
                    removed       job \\x1b[2J1 of me (jobs/cancel)\n  gone already  job 2 of me (jobs/cancel)\n  \
                    LEFT          job with an unknown id of me (jobs/cancel): nobody\\nsaid\n\n1 removed, 1 gone already, 1 \
                    left\nthe journal stays; once what is left is gone, remove a.journal\n";
        assert_eq!(cleaned(&all), page);
        assert_eq!(all.exit().code(), 3);
        all.remnants.remove(0);
        assert!(
            cleaned(&all).ends_with("\n\n1 removed, 1 gone already\nnothing is left, and the journal is removed\n")
        );
        assert_eq!(all.exit().code(), 0);
        all.interrupted = true;
        assert_eq!(all.exit().code(), 130);
    }
}
