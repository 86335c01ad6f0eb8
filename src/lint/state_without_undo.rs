//! A provider state makes objects and does not say how to remove them.
//!
//! **Why it matters.** Every run leaves something behind on the target, one object for each case and repetition.
//! Without `undo`, and without `exists`, nothing tells either whether an object that a case was given is gone or still
//! there.
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
//! **Limits.** Whether `undo` does what it says is seen at a target only; what it could not remove is in every report
//! (`left_behind`).
//!
//! **Clause.** The suite's own duty: what was made is undone.

use super::{Subject, quoted};
use crate::finding::Finding;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "state-without-undo",
    summary: "What a state makes is never removed",
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
                format!("the state {} has no `undo`, so what is made for it is never removed", quoted(&state.name));
            if state.exists.is_none() {
                message += ", and without `exists` nobody looks whether it is there";
            }
            findings.push(Finding::new(&RULE, message).case(suite.place(state.span)));
        }
    }
    findings
}
