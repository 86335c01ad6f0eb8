//! The case names the status, or a list of them, and the answer has another one. It is the plainest finding there is, so it
//! stays silent where another rule says more about the same status: `redirect-answered`, `unauthenticated-accepted`,
//! `credential-not-checked`, `foreign-object-reachable`, `repeat-accepted`, `switching-protocols-unasked`. Of several
//! requests sent at once each answer is given the expectation that it meets, in any order; what is left over is one
//! finding.
//!
//! The body is then held against the response object of the status that came, if the document has one, by shape: the
//! example that the case names belongs to the status that did not come.
//!
//! **Why it matters.** Clients branch on the status first. A 204 for an object that does not exist hides a typing error; a
//! 404 for one that does makes a client give up or try forever.
//!
//! **Deviates**, where the case expects 404:
//!
//! ```http
//! HTTP/1.1 204 No Content
//! ```
//!
//! **Conforms.**
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Type: application/json
//! ```
//!
//! **Limits.** The finding's origin is the document where the document decides: in a case of the core profile that expects
//! a documented status, and where the status that came is none that the document lists although an expected one is. Else
//! it is the suite, which knows more of the API than the document says. A repeated DELETE, for example, may be answered as
//! the server likes in HTTP (RFC 9110 §9.2.2 asks for the same effect, not for the same answer); that it is a 404 is the
//! document's word.
//!
//! **Clause.** OpenAPI 3.0, Responses Object: the documented responses are the operation's answers.

use super::held::{Held, Standing};
use super::{Checked, Evidence, Role, shown};
use crate::case::{Expectation, Profile, Statuses};
use crate::finding::Finding;
use crate::location::Anchor;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "status-unexpected",
    summary: "The answer has another status than the case names",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Responses Object",
    since: "0.1.0",
    source: include_str!("status_unexpected.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    let checked = evidence.over("no judged answer has a status", |held, findings| {
        let Some(status) = held.status else {
            return false;
        };
        match (held.standing, held.expectation) {
            (Standing::Unexpected, Some(expectation)) => {
                let expected = shown::statuses(expectation, held.operation);
                let message = format!("the answer is {status} instead of {expected}");
                let mut finding = held.finding(&RULE, message).compared(expected, status.to_string());
                finding.spec = Some(expected_anchor(held, expectation));
                findings.push(finding.origin(origin(evidence, held, expectation, status)));
            }
            (Standing::UnexpectedAmong, _) => findings.push(among(evidence, held)),
            _ => {}
        }
        true
    });
    with_calls(evidence, checked)
}

/// Where the document describes the status that should have come, else the operation.
fn expected_anchor(held: &Held<'_>, expectation: &Expectation) -> Anchor {
    let response = expectation.single_status().and_then(|status| held.operation.response(status));
    response.map_or(&held.operation.anchor, |response| &response.anchor).clone()
}

/// Who decides that the status is wrong.
fn origin(evidence: &Evidence<'_>, held: &Held<'_>, expectation: &Expectation, came: u16) -> Origin {
    let documented = |status: u16| held.operation.response(status).is_some();
    let expects_documented = match &expectation.status {
        Statuses::OneOf(list) => list.iter().any(|status| documented(*status)),
        Statuses::Documented => true,
    };
    let decided = expects_documented && (evidence.case.profile == Profile::Core || !documented(came));
    if decided { Origin::Document } else { Origin::Suite }
}

/// One finding for all answers of a step whose expectations may be met in any order.
fn among(evidence: &Evidence<'_>, held: &Held<'_>) -> Finding {
    let expected: Vec<String> = held
        .taken
        .step
        .expect
        .all()
        .iter()
        .map(|expectation| one_of(&shown::statuses(expectation, held.operation)))
        .collect();
    let of_step = |role: &Role| match (role, &held.taken.role) {
        (Role::Judged { step: a, .. }, Role::Judged { step: b, .. }) => a == b,
        _ => false,
    };
    // Which of them came first says nothing, and must not make two findings of one.
    let mut came: Vec<String> = evidence
        .steps
        .iter()
        .filter(|taken| of_step(&taken.role))
        .map(|taken| taken.exchange.answer.status().map_or_else(|| "no answer".to_owned(), |status| status.to_string()))
        .collect();
    came.sort();
    let (expected, came) = (expected.join(" and "), came.join(" and "));
    let message =
        format!("{} requests sent at once were answered {came} instead of {expected}", held.taken.step.at_once);
    let finding = held.finding(&RULE, message).compared(format!("{expected}, in any order"), came);
    // How many may be answered so the suite alone knows; that none may be is the document's word.
    let unlisted = held.status.filter(|status| held.operation.response(*status).is_none());
    let origin = match (unlisted, held.taken.step.expect.all().first()) {
        (Some(status), Some(expectation)) => origin(evidence, held, expectation, status),
        _ => Origin::Suite,
    };
    finding.case(held.suite.place(held.taken.step.span)).origin(origin)
}

/// Choices in brackets, so that they can stand in a list.
fn one_of(statuses: &str) -> String {
    if statuses.contains(" or ") { format!("({statuses})") } else { statuses.to_owned() }
}

/// A `call` of the case is no operation of the document: its status is the suite's matter, and so is silence.
fn with_calls(evidence: &Evidence<'_>, checked: Checked) -> Checked {
    let mut findings = Vec::new();
    let mut applies = false;
    for (index, taken) in evidence.steps.iter().enumerate() {
        let (Role::Called { .. }, Some(expectation)) = (&taken.role, taken.step.expect.all().first()) else {
            continue;
        };
        let Statuses::OneOf(list) = &expectation.status else {
            continue;
        };
        applies = true;
        let status = taken.exchange.answer.status();
        if status.is_some_and(|status| list.contains(&status)) {
            continue;
        }
        let expected = list.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
        let came = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        findings.push(
            Finding::new(&RULE, format!("the call is answered {came} instead of {expected}"))
                .compared(expected, came)
                .origin(Origin::Suite)
                .step(index)
                .case(evidence.suite.place(expectation.span)),
        );
    }
    match checked {
        checked if !applies => checked,
        Checked::NotApplicable(_) => Checked::Findings(findings),
        Checked::Findings(mut judged) => {
            judged.extend(findings);
            Checked::Findings(judged)
        }
    }
}
