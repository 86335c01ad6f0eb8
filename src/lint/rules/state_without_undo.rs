//! A provider state makes objects, but does not say how to remove them.
//!
//! **Why it matters.** Every run leaves objects on the target, one for each case and repetition. If the state has neither
//! `undo` nor `exists`, the run also cannot find out whether the object of a case still exists.
//!
//! **Deviates.**
//!
//! ```yaml
//! states:
//!   thing: {call: POST /things, expect: 201, capture: {id: /id}}
//! ```
//!
//! **Conforms.** The same with `undo: {call: "DELETE /things/{{id}}", expect: 204}`.
//!
//! **Limits.** Only a run can show whether `undo` works. Every report lists the objects that it could not remove
//! (`left_behind`).
//!
//! **Clause.** The duty of a suite: it removes what it makes.

use crate::finding::Finding;
use crate::lint::subject::{Subject, quoted};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "state-without-undo",
    summary: "The objects of a state are never removed",
    level: Level::Should,
    origin: Origin::Suite,
    clause: "the suite, states",
    since: "0.1.0",
    source: include_str!("state_without_undo.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for suite in &subject.suites {
        for state in suite.states.iter().filter(|state| state.undo.is_none()) {
            let mut message =
                format!("the state {} has no `undo`, so its objects are never removed", quoted(&state.name));
            if state.exists.is_none() {
                message += ", and no `exists`, so the run cannot find out whether they exist";
            }
            findings.push(Finding::new(&RULE, message).case(suite.place(state.span)));
        }
    }
    findings
}
