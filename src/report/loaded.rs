//! What was loaded: the ids of the cases (`list`), and documents and suites with what is odd about them (`lint`).

use std::fmt::Write as _;

use super::printable::line;
use crate::case::{Case, Suite};

/// The longest text that is shown, in characters.
const TEXT: usize = 600;

/// The ids of cases, one a line.
pub fn list<'a>(cases: impl IntoIterator<Item = &'a Case>) -> String {
    cases.into_iter().fold(String::new(), |out, case| out + &line(&case.id, TEXT) + "\n")
}

/// Documents and suites that load and fit each other: what they are, and what their authors should know.
pub fn lint(suites: &[Suite]) -> String {
    let mut out = String::new();
    for (index, suite) in suites.iter().enumerate() {
        let document = &suite.document;
        let file = line(document.source.name(), TEXT);
        let seen = suites[..index].iter().any(|other| other.document.source.name() == document.source.name());
        if !seen {
            let _ = writeln!(
                out,
                "document {file}: {} {}, OpenAPI {}, {}",
                line(&document.title, TEXT),
                line(&document.version, TEXT),
                line(&document.openapi, TEXT),
                count(document.operations.len(), "operation")
            );
            for remark in &document.remarks {
                let _ = writeln!(
                    out,
                    "  remark: {}\n    --> {file}:{}  {}",
                    line(&remark.message, TEXT),
                    remark.anchor.line,
                    line(&format!("#{}", remark.anchor.pointer), TEXT)
                );
            }
        }
        let _ = writeln!(
            out,
            "suite {}: {} of {}, {}",
            line(suite.source.name(), TEXT),
            line(&suite.operation().title(), TEXT),
            file,
            count(suite.cases.len(), "case")
        );
        for state in suite.states.iter().filter(|state| state.undo.is_none()) {
            let _ = writeln!(
                out,
                "  remark: the state `{}` has no `undo`, so what is made for it is never removed\n    --> {}",
                line(&state.name, TEXT),
                line(&suite.place(state.span).to_string(), TEXT)
            );
        }
    }
    let cases = suites.iter().map(|suite| suite.cases.len()).sum();
    let _ = writeln!(out, "{}, {}: all load and fit", count(suites.len(), "suite"), count(cases, "case"));
    out
}

fn count(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
