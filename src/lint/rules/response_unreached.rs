//! The document lists a response of an operation that cases use, but no case expects it.
//!
//! **Why it matters.** This response is never judged: it may be wrong or not exist at all, and every run is still green.
//!
//! **Deviates.** An operation that documents 204, 400 and 404, and cases that expect 204 and 404.
//!
//! **Conforms.** A case for each of them; a list such as `expect: [204, 404]` counts for both.
//!
//! **Limits.** `expect: documented` counts for none, unless the operation has a single response. The level is `note` for
//! responses that a request cannot cause at will: 429, 5xx, classes and `default`. Operations that no case uses are left
//! out. Suites that were not loaded do not count.
//!
//! **Clause.** OpenAPI 3.0, Responses Object: it lists the expected responses of the operation.

use std::collections::{BTreeMap, HashSet};

use crate::finding::Finding;
use crate::lint::subject::{Subject, operation};
use crate::rule::{Level, Origin, Rule};
use crate::spec::StatusPattern;
use crate::suite::Statuses;

pub(super) static RULE: Rule = Rule {
    id: "response-unreached",
    summary: "No case expects a response that is documented",
    level: Level::Should,
    origin: Origin::Suite,
    clause: "OpenAPI 3.0 Responses Object",
    since: "0.1.0",
    source: include_str!("response_unreached.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    // The place of the operation is the key: two operations may have the same title.
    let mut asked: BTreeMap<(usize, &str), HashSet<&str>> = BTreeMap::new();
    for step in subject.cases().flat_map(|(_, case)| &case.steps) {
        let Some(operation) = operation(subject.document, step) else { continue };
        let reached = asked.entry((operation.anchor.line, &operation.anchor.pointer)).or_default();
        for expectation in step.expect.all() {
            match (&expectation.status, &*operation.responses) {
                (Statuses::OneOf(statuses), _) => {
                    let responses = statuses.iter().filter_map(|status| operation.response(*status));
                    reached.extend(responses.map(|response| response.key.as_str()));
                }
                (Statuses::Documented, [only]) => {
                    reached.insert(&only.key);
                }
                (Statuses::Documented, _) => {}
            }
        }
    }
    let mut findings = Vec::new();
    for (operation, response) in subject.responses() {
        let Some(reached) = asked.get(&(operation.anchor.line, &*operation.anchor.pointer)) else { continue };
        if reached.contains(response.key.as_str()) {
            continue;
        }
        let level = match response.status {
            StatusPattern::Exact(status) if status != 429 && status < 500 => Level::Should,
            _ => Level::Note,
        };
        let message = format!("no case expects the {} response that {} documents", response.key, operation.title());
        findings.push(Finding::new(&RULE, message).level(level).spec(&response.anchor));
    }
    findings
}
